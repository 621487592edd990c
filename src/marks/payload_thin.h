/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Symbols that say the same more than once.  Private to src/marks.
 */
#ifndef TT_MARKS_PAYLOAD_THIN_H
#define TT_MARKS_PAYLOAD_THIN_H

#include "base/arena.h"

struct tt_thin {
    const uint32_t *symbols; /* in the arena */
    size_t n;                /* 0: the symbols say everything once */
    const char *note;        /* static */
};

/* Leaves out of n symbols what only repeats others by one rule. */
enum tt_status tt_payload_thin(struct tt_arena *arena, const uint32_t *symbols, size_t n, struct tt_thin *out) TT_MUST_USE;

#endif
