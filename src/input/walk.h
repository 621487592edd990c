/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inputs behind the paths of a command line, one after the other, in a fixed order.
 *
 * Directories are entered in byte order of their names.  Symbolic links inside a tree are not followed: what they lead to is
 * either in the tree as well or is reported.  Directories named .git are passed over (git's own storage, not text), and so is
 * what .gitignore files name, unless the user has named it.
 */
#ifndef TT_INPUT_WALK_H
#define TT_INPUT_WALK_H

#include "base/buf.h"
#include "input/repository.h"

struct tt_walk_dir;

struct tt_walk {
    const struct tt_alloc *alloc;
    const char *const *paths; /* borrowed */
    size_t path_count;
    size_t path_next;
    struct tt_walk_dir *dirs; /* open directories, innermost last */
    size_t depth;
    struct tt_buf path;         /* of the item */
    bool no_ignore;             /* .gitignore files are not obeyed; the user of the walk sets it behind tt_walk_begin */
    uint64_t ignored;           /* names that were passed over so far; a directory is one */
    struct tt_repository above; /* of the directory named last: the patterns that it stands under */
};

struct tt_walk_item {
    struct tt_str uri;   /* NUL-terminated; borrowed until the next call.  "-" is standard input */
    bool from_tree;      /* met in a directory, not named by the user */
    const char *trouble; /* static; why this one cannot be read, or NULL */
};

/* A directory with trouble may have been entered nevertheless: its items follow. */

void tt_walk_begin(struct tt_walk *walk, const struct tt_alloc *alloc, const char *const *paths, size_t count);
void tt_walk_free(struct tt_walk *walk);

/* The next item; false at the end.  *status tells an end from a failure. */
bool tt_walk_next(struct tt_walk *walk, struct tt_walk_item *item, enum tt_status *status);

/* Words for an errno: static and free of the locale. */
const char *tt_input_errno(int error);

#endif
