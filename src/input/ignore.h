/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The patterns of one .gitignore file, with the meaning that gitignore(5) gives them.
 */
#ifndef TT_INPUT_IGNORE_H
#define TT_INPUT_IGNORE_H

#include "base/alloc.h"
#include "base/status.h"
#include "base/str.h"

struct tt_ignore_pattern;

/* A zeroed list is an empty one. */
struct tt_ignore_list {
    char *text; /* a copy of the file; the patterns are parts of it */
    size_t text_size;
    struct tt_ignore_pattern *patterns; /* in the order of the file */
    size_t count, room;
};

/* What a list says of a name. */
enum tt_ignore_verdict { TT_IGNORE_SILENT, TT_IGNORE_IGNORED, TT_IGNORE_KEPT };

/* Reads the patterns of a file; on failure the list is empty.  TT_E_LIMIT: it is over TT_IGNORE_FILE_MAX or TT_IGNORE_PATTERNS_MAX. */
enum tt_status tt_ignore_list_read(struct tt_ignore_list *list, const struct tt_alloc *alloc, struct tt_str file) TT_MUST_USE;
void tt_ignore_list_free(struct tt_ignore_list *list, const struct tt_alloc *alloc);

/*
 * The last pattern that fits decides.  path: relative to the folder of the .gitignore file, without a slash at either end.  A path over
 * TT_IGNORE_PATH_MAX is never ignored.
 */
enum tt_ignore_verdict tt_ignore_list_judge(const struct tt_ignore_list *list, struct tt_str path, bool directory);

#endif
