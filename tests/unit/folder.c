/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

void
folder_make(char path[FOLDER_PATH_MAX])
{
    const char *tmp = getenv("TMPDIR");
    assert_true(snprintf(path, FOLDER_PATH_MAX, "%s/telltale-test-XXXXXX", tmp ? tmp : "/tmp") < FOLDER_PATH_MAX);
    assert_non_null(mkdtemp(path));
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void) st;
    (void) type;
    (void) ftw;
    return remove(path);
}

int
folder_remove(const char *path)
{
    return nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
