/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nginx's error log, read as it grows: what matters is counted, and the log is kept from filling the disk.
 */
#ifndef TT_SERVE_LOG_H
#define TT_SERVE_LOG_H

#include "serve/state.h"

struct tt_serve_log {
    uint64_t offset, inode;
    uint64_t temp_files; /* bodies that went through a file */
    uint64_t alerts;     /* lines of level alert, crit or emerg */
    uint64_t deaths;     /* of these, workers that did not end by themselves */
    char last[256];      /* of them */
    char kept[1024];     /* the beginning of an unfinished line */
    size_t kept_length;
};

/* Starts at the end of what is there. */
void tt_serve_log_begin(struct tt_serve_log *log, const struct tt_serve_state *state);

/* Reads what was added.  True: the log is over TT_SERVE_LOG_MAX and was renamed; nginx must open it anew. */
bool tt_serve_log_read(struct tt_serve_log *log, const struct tt_serve_state *state);

#endif
