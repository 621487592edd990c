/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which files a git repository tracks: the names in its index, and nothing else of it.
 */
#ifndef TT_INPUT_GIT_INDEX_H
#define TT_INPUT_GIT_INDEX_H

#include "base/buf.h"

/* A zeroed index has no names. */
struct tt_git_index {
    struct tt_buf names;  /* in order of bytes, each with a NUL behind it */
    struct tt_buf places; /* uint32_t: where each begins */
};

enum tt_tracked {
    TT_TRACKED_NO,
    TT_TRACKED_YES,    /* a file, or a repository inside this one */
    TT_TRACKED_INSIDE, /* a directory with tracked files in it */
};

/*
 * Reads the bytes of an index of version 2, 3 or 4; on failure there are no names.  TT_E_INPUT: it is none, or is damaged, or is split
 * over two files.  TT_E_LIMIT: its names are over TT_GIT_NAMES_MAX.
 */
enum tt_status tt_git_index_read(struct tt_git_index *index, const struct tt_alloc *alloc, struct tt_str bytes) TT_MUST_USE;
void tt_git_index_free(struct tt_git_index *index);

/* path: from the repository's root, without a slash at either end. */
enum tt_tracked tt_git_index_find(const struct tt_git_index *index, struct tt_str path);

#endif
