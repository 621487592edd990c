/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folder of a gateway: configuration, secret, ledger, what it says about itself; and its rings in memory.
 *
 * One gateway runs on a folder: it holds a lock on gateway.pid for as long as it lives, so a lock that can be taken means that
 * none runs, whatever the file says.
 */
#ifndef TT_SERVE_STATE_H
#define TT_SERVE_STATE_H

#include "base/buf.h"
#include "serve/settings.h"

#include <sys/types.h>

#define TT_SERVE_PATH_MAX 4096

struct tt_serve_state {
    char path[TT_SERVE_PATH_MAX];
    char rings[128]; /* folder on tmpfs */
    int folder;      /* descriptor; -1: closed */
    int lock;        /* of gateway.pid; -1: not held */
    uid_t uid;       /* of the workers */
    gid_t gid;
    bool shared;  /* the workers are another user, who may pass through the folder */
    bool visited; /* by root, though it is another user's: what is written becomes that user's */
};

/*
 * Makes the folder and what belongs into it, and takes the lock.  TT_E_USAGE: message says what stands in the way: it is somebody else's, or a
 * gateway runs on it; TT_E_IO: the system refused.  Close in any case.
 */
enum tt_status tt_serve_state_begin(struct tt_serve_state *state, const struct tt_serve_settings *settings,
                                    struct tt_buf *message) TT_MUST_USE;

/* Opens an existing folder, to ask about the gateway on it. */
enum tt_status tt_serve_state_visit(struct tt_serve_state *state, const char *path, struct tt_buf *message) TT_MUST_USE;

/* Gives the rings' memory back; for when all that was in them is stored, and no worker runs. */
void tt_serve_state_drop_rings(struct tt_serve_state *state);

/* A folder of its own under a temporary name, for a check.  tt_serve_state_remove takes it away with all that is in it. */
enum tt_status tt_serve_state_scratch(struct tt_serve_state *state, const struct tt_serve_settings *settings,
                                      struct tt_buf *message) TT_MUST_USE;
void tt_serve_state_remove(struct tt_serve_state *state);

void tt_serve_state_close(struct tt_serve_state *state);

/* The process of the gateway that runs on the folder, or 0.  A pid that is used again by another process is not it. */
pid_t tt_serve_state_owner(const struct tt_serve_state *state);

/* Where the rings of a folder live. */
void tt_serve_rings_path(const char *folder, char *out, size_t size);

/*
 * How large a ring may be, so that those of this many workers fit twice into half of the memory for files: after a reload old workers keep theirs.
 * 0: as large as usual.
 */
size_t tt_serve_ring_size(unsigned workers);

/*
 * Files of the folder.  write: appears complete or not at all; for_workers: they may read it.  tell: the same for what is written again and again, but on
 * a full disk it is written over the last one, so that a full disk can be told of.  read: false when there is none, or it is too long.  rename and
 * remove are silent about what is not there.
 */
bool tt_serve_state_tell(const struct tt_serve_state *state, const char *name, struct tt_str bytes, bool for_workers);
bool tt_serve_state_write(const struct tt_serve_state *state, const char *name, struct tt_str bytes, bool for_workers);
bool tt_serve_state_read(const struct tt_serve_state *state, const char *name, struct tt_buf *out);
bool tt_serve_state_rename(const struct tt_serve_state *state, const char *from, const char *to);
void tt_serve_state_drop(const struct tt_serve_state *state, const char *name);

#endif
