/* SPDX-License-Identifier: Apache-2.0 */
/* An empty folder of a test's own. */
#ifndef TT_TESTS_FOLDER_H
#define TT_TESTS_FOLDER_H

#include "test.h"

#define FOLDER_PATH_MAX 200

/* Makes it below TMPDIR, or /tmp, and writes its path; fails the test on trouble. */
void folder_make(char path[FOLDER_PATH_MAX]);

/* Removes it with all that is in it, and follows no links.  0, or -1. */
int folder_remove(const char *path);

#endif
