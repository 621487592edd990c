/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Covering arrays of strength two: few rows, in which every two levels of every two factors stand together at least once.
 */
#ifndef TT_PROBE_PAIRS_H
#define TT_PROBE_PAIRS_H

#include "base/arena.h"
#include "probe/design.h"

/* Levels that take part: bit L of used[F] is level L of factor F; bit 0 is always taken as set. */
struct tt_pairs {
    size_t factor_count;
    uint8_t level_count[TT_PROBE_FACTORS_MAX];
    uint8_t used[TT_PROBE_FACTORS_MAX]; /* TT_PROBE_LEVELS_MAX bits */
};

/*
 * Writes at most row_max rows, row_max * factor_count levels, to rows, and their number to *row_count.  The same seed gives the same rows.
 * Pairs of two baselines need no row.  TT_E_LIMIT: row_max rows are not enough.
 */
enum tt_status tt_pairs_cover(struct tt_arena *arena, const struct tt_pairs *pairs, uint64_t seed,
                              uint8_t (*rows)[TT_PROBE_FACTORS_MAX], size_t row_max, size_t *row_count) TT_MUST_USE;

/* A generator of numbers for plans (SplitMix64): small, and the same on every machine. */
uint64_t tt_probe_random(uint64_t *state);

/* A number below n, n > 0. */
size_t tt_probe_random_below(uint64_t *state, size_t n);

#endif
