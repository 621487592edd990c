/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line on a terminal that says how far long work has come.  Silent when standard error is no terminal.
 */
#ifndef TT_CLI_PROGRESS_H
#define TT_CLI_PROGRESS_H

#include "base/buf.h"

#include <stdio.h>

struct tt_progress_numbers {
    const char *noun; /* of what is counted; NULL: "file".  With one, time left stands in the place of bytes */
    uint64_t files_done, files_known;
    uint64_t left_ms; /* 0: not known */
    uint64_t bytes_done;
    bool known; /* files_known is final: a bar can be drawn */
};

struct tt_progress {
    FILE *to; /* NULL: silent */
    uint64_t begun_ms, drawn_ms;
    unsigned turn; /* of the spinner */
    bool visible;
};

/* wanted: --progress is not never.  Draws nothing yet. */
void tt_progress_begin(struct tt_progress *progress, FILE *to, bool wanted);

/* Draws the line, at most ten times a second. */
void tt_progress_show(struct tt_progress *progress, const struct tt_progress_numbers *numbers);

/* Erases the line, before other output goes to the terminal and at the end.  It comes back with the next tt_progress_show. */
void tt_progress_hide(struct tt_progress *progress);

/* The line's text, at most width columns, without control characters.  elapsed_ms is time since the begin. */
void tt_progress_line(struct tt_buf *out, const struct tt_progress_numbers *numbers, uint64_t elapsed_ms, unsigned turn,
                      size_t width);

#endif
