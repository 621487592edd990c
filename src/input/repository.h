/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The .gitignore files that a directory named by the user stands under: those of the directories above it, up to the root of its
 * git repository, and the repository's .git/info/exclude.  And the names that a repository tracks, which no pattern leaves out.
 */
#ifndef TT_INPUT_REPOSITORY_H
#define TT_INPUT_REPOSITORY_H

#include "base/buf.h"
#include "base/limits.h"
#include "input/git_index.h"
#include "input/ignore.h"

/* The names that a repository tracks, read when they are first asked for.  Starts zeroed. */
struct tt_tracked_names {
    bool asked;
    struct tt_git_index index;
};

/*
 * What the repository whose root is the directory root tracks of path.  *trouble is set when its index cannot be read (static words),
 * by the first call; its later ones know no name.
 */
enum tt_status tt_tracked_find(struct tt_tracked_names *names, const struct tt_alloc *alloc, struct tt_str root,
                               struct tt_str path, enum tt_tracked *tracked, const char **trouble) TT_MUST_USE;
void tt_tracked_free(struct tt_tracked_names *names);

struct tt_repository {
    const struct tt_alloc *alloc;
    struct tt_buf root; /* its path; empty: there is none above the named directory */
    struct tt_buf path; /* the named directory below the root, with a slash behind it; scratch behind its length */
    struct tt_tracked_names tracked;
    struct tt_repository_layer {
        struct tt_ignore_list list;
        size_t base; /* bytes of path that lead to its folder */
    } layers[TT_WALK_DEPTH_MAX];
    size_t count; /* outermost first */
};

/*
 * Reads what stands above the directory.  Nothing does when it is a repository's root, when it is in none, or when it is ignored
 * itself: the user has asked for it.  *trouble is set when a file could not be read (static words).
 */
enum tt_status tt_repository_open(struct tt_repository *repository, const struct tt_alloc *alloc, const char *directory,
                                  const char **trouble) TT_MUST_USE;
void tt_repository_close(struct tt_repository *repository);

/* path: below the named directory, without a slash at either end. */
enum tt_ignore_verdict tt_repository_judge(struct tt_repository *repository, struct tt_str path, bool directory);

/* The same of what the repository above tracks; see tt_tracked_find. */
enum tt_status tt_repository_tracked(struct tt_repository *repository, struct tt_str path, enum tt_tracked *tracked,
                                     const char **trouble) TT_MUST_USE;

/* The names of all files that tt_repository_open and tt_tracked_find would read for these paths, each with a NUL behind it: for the sandbox. */
enum tt_status tt_repository_files(struct tt_buf *names, const char *const *paths, size_t count) TT_MUST_USE;

/* Does the directory hold a repository?  Of submodules and work trees, .git is a file. */
bool tt_repository_is_root(const char *directory);

/* Reads a file of patterns; a missing one is an empty list.  *trouble as above; the list is empty then. */
enum tt_status tt_ignore_list_load(struct tt_ignore_list *list, const struct tt_alloc *alloc, const char *path,
                                   const char **trouble) TT_MUST_USE;

#endif
