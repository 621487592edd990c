/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Git indexes of any bytes.
 *
 * Properties: names are rising and not empty; each is found as tracked, and so is something inside of each folder on the way to it.
 */
#include "base/limits.h"
#include "input/git_index.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(condition)    \
    do {                    \
        if (!(condition)) { \
            abort();        \
        }                   \
    } while (0)

static void
check_name(const struct tt_git_index *index, struct tt_str name)
{
    CHECK(name.len > 0 && name.len <= TT_GIT_NAME_MAX);
    CHECK(tt_git_index_find(index, name) == TT_TRACKED_YES);
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '/') {
            CHECK(tt_git_index_find(index, tt_str_slice(name, 0, i)) != TT_TRACKED_NO);
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tt_git_index index;
    if (tt_git_index_read(&index, &tt_alloc_libc, tt_str_make(data, size)) != TT_OK) {
        return 0;
    }
    const char *before = NULL;
    for (size_t at = 0; at < index.names.len;) {
        const char *name = index.names.ptr + at;
        CHECK(!before || strcmp(before, name) < 0);
        check_name(&index, tt_str_cstr(name));
        before = name;
        at += strlen(name) + 1;
    }
    tt_git_index_free(&index);
    return 0;
}
