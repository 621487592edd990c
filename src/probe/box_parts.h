/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the box share: the two sides of its socket, and the parts of process 1.
 *
 * Everything here but the message runs in process 1 of the box, which is alone there until the client starts.  A step returns false when it failed; it
 * has then filled `message` by tt_box_fail, and process 1 sends it out and ends.
 */
#ifndef TT_PROBE_BOX_PARTS_H
#define TT_PROBE_BOX_PARTS_H

#include "probe/box.h"

#include <sched.h>

/* The number of the client's user and group, whoever runs telltale. */
#define TT_BOX_UID 1000

/* Where the machine's root and the replaced entries lie while the box is made; both are gone before the client starts. */
#define TT_BOX_OLD "/.old"
#define TT_BOX_LAYERS "/.layers"

enum tt_box_word {
    TT_BOX_SAYS_BEGIN, /* out to in: numbers of users are mapped */
    TT_BOX_SAYS_READY, /* in to out, with the sockets */
    TT_BOX_SAYS_FAILED,
    TT_BOX_SAYS_GO, /* out to in */
    TT_BOX_SAYS_ENDED,
};

struct tt_box_message {
    enum tt_box_word word;
    enum tt_status status; /* FAILED */
    struct tt_box_end end; /* ENDED */
    char text[TT_BOX_MESSAGE_MAX];
};

/* A folder or file of the machine that is shown.  `fd` was opened before the root changed. */
struct tt_box_tree {
    char path[TT_BOX_PATH_MAX];
    char link[256]; /* "/bin" may be a link on this machine: then only this is made */
    int fd;
    bool folder;
};

struct tt_box_inner {
    const struct tt_box_settings *settings; /* with the values behind 0 and NULL filled in */
    int control, out, err;
    pid_t caller; /* as the machine counts */
    bool user_namespace;
    int sockets[TT_BOX_PORTS + 1]; /* the listeners, then DNS */
    size_t tree_count;
    struct tt_box_tree *trees; /* TT_BOX_TREES_MAX; sorted by path */
    char name[8];              /* of process 1 */
    struct tt_box_message message;
};

/* The path with single slashes, and none at its end.  False: it is too long. */
bool tt_box_path_plain(char out[TT_BOX_PATH_MAX], const char *path);

/* "what: subject: reason of errno"; subject may be NULL, error 0.  Returns false. */
bool tt_box_fail(struct tt_box_inner *inner, enum tt_status status, const char *what, const char *subject, int error);

/* The whole of process 1; the caller ends the process with what it returns. */
int tt_box_inner_main(struct tt_box_inner *inner);

/* ---- box_trees.c: what is shown of the machine ---- */

/* Opens it, as the user who runs telltale. */
bool tt_box_trees_open(struct tt_box_inner *inner);

/* Shows it, with the entries that lie in layers. */
bool tt_box_trees_mount(struct tt_box_inner *inner);

/* The longest shown folder in which a path lies; NULL: none. */
const struct tt_box_tree *tt_box_tree_of(const struct tt_box_inner *inner, const char *path);

/* ---- box_root.c: the file system ---- */

/* Makes the new root, fills it and leaves the old one. */
bool tt_box_root_make(struct tt_box_inner *inner);

/* ---- box_files.c: entries ---- */

bool tt_box_folders_make(struct tt_box_inner *inner, char *path, bool last);
bool tt_box_files_write(struct tt_box_inner *inner);

/* ---- box_devices.c: /proc, /sys and /dev ---- */

bool tt_box_devices_make(struct tt_box_inner *inner);

/* ---- box_processors.c ---- */

/* The first that telltale may use; all of them where 0 are wanted. */
bool tt_box_processors(unsigned wanted, cpu_set_t *few);

/* Covers what would show others. */
bool tt_box_processors_show(struct tt_box_inner *inner);

/* ---- seal_network.c ---- */

/* Proves that there is no way out, then makes every address a local one and opens the listeners. */
bool tt_seal_network(struct tt_box_inner *inner);

/* Looks again, with the box's own /proc. */
bool tt_seal_network_check(struct tt_box_inner *inner);

/* ---- seal.c ---- */

bool tt_seal_privileges(struct tt_box_inner *inner);

/* In the client's process, before it starts. */
bool tt_seal_client(const struct tt_box_settings *settings, bool user_namespace);
bool tt_seal_filter(bool clock);

/* ---- box_run.c: one run of one command ---- */

struct tt_box_run {
    const char *const *argv; /* NULL: only the clock is tried; exits with 0 when it holds */
    int out, err;
    unsigned linger_ms;
};

void tt_box_run(struct tt_box_inner *inner, const struct tt_box_run *run, struct tt_box_end *end);

#endif
