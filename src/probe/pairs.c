/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Covering arrays; see pairs.h.
 *
 * Greedy: each row starts with a pair that is not covered yet, and every other factor then takes the level that covers most; of several
 * rows so made the best is taken, and of several arrays the shortest.  Every row covers at least one new pair, so the work ends.
 * In and out: numbers; the table of pairs lives in the caller's arena.
 */
#include "probe/pairs.h"

#define ROW_TRIES 20  /* candidates of one row */
#define ARRAY_TRIES 8 /* arrays, each from another seed */
#define CELLS ((size_t) TT_PROBE_FACTORS_MAX * TT_PROBE_LEVELS_MAX)

uint64_t
tt_probe_random(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

size_t
tt_probe_random_below(uint64_t *state, size_t n)
{
    return (size_t) (tt_probe_random(state) % n);
}

struct work {
    const struct tt_pairs *pairs;
    uint8_t *open; /* CELLS * CELLS: is this pair still to be covered? */
    size_t left;   /* how many are, each counted once */
    uint64_t random;
};

static size_t
cell(size_t factor, size_t level)
{
    return factor * TT_PROBE_LEVELS_MAX + level;
}

static bool
is_open(const struct work *work, size_t f, size_t a, size_t g, size_t b)
{
    return work->open[cell(f, a) * CELLS + cell(g, b)] != 0;
}

static void
set_open(struct work *work, size_t f, size_t a, size_t g, size_t b, bool open)
{
    work->open[cell(f, a) * CELLS + cell(g, b)] = open;
    work->open[cell(g, b) * CELLS + cell(f, a)] = open;
}

static bool
is_used(const struct tt_pairs *pairs, size_t factor, size_t level)
{
    return level < pairs->level_count[factor] && (level == 0 || (pairs->used[factor] >> level & 1));
}

static void
open_factors(struct work *work, size_t f, size_t g)
{
    for (size_t a = 0; a < TT_PROBE_LEVELS_MAX; a++) {
        for (size_t b = 0; b < TT_PROBE_LEVELS_MAX; b++) {
            if ((a || b) && is_used(work->pairs, f, a) && is_used(work->pairs, g, b)) {
                set_open(work, f, a, g, b, true);
                work->left++;
            }
        }
    }
}

static void
open_all(struct work *work)
{
    memset(work->open, 0, CELLS * CELLS);
    work->left = 0;
    for (size_t f = 0; f < work->pairs->factor_count; f++) {
        for (size_t g = f + 1; g < work->pairs->factor_count; g++) {
            open_factors(work, f, g);
        }
    }
}

/* How many open pairs level a of factor f makes with what is set of the row. */
static size_t
gain(const struct work *work, const uint8_t *row, const bool *set, size_t f, size_t a)
{
    size_t n = 0;
    for (size_t g = 0; g < work->pairs->factor_count; g++) {
        n += g != f && set[g] && is_open(work, f, a, g, row[g]);
    }
    return n;
}

static uint8_t
best_level(struct work *work, const uint8_t *row, const bool *set, size_t f)
{
    size_t best = 0, best_gain = 0, equal = 0;
    for (size_t a = 0; a < TT_PROBE_LEVELS_MAX; a++) {
        if (!is_used(work->pairs, f, a)) {
            continue;
        }
        size_t n = gain(work, row, set, f, a);
        /* Of equal ones any: the first would stand in most rows. */
        equal = n > best_gain ? 1 : equal + (n == best_gain);
        if (n > best_gain || (n == best_gain && tt_probe_random_below(&work->random, equal) == 0)) {
            best = a;
            best_gain = n;
        }
    }
    return (uint8_t) best;
}

/* The n-th open pair, as the start of a row. */
static void
start_row(const struct work *work, size_t n, uint8_t *row, bool *set)
{
    for (size_t i = 0; i < CELLS; i++) {
        for (size_t k = i + 1; k < CELLS; k++) {
            if (work->open[i * CELLS + k] && n-- == 0) {
                row[i / TT_PROBE_LEVELS_MAX] = (uint8_t) (i % TT_PROBE_LEVELS_MAX);
                row[k / TT_PROBE_LEVELS_MAX] = (uint8_t) (k % TT_PROBE_LEVELS_MAX);
                set[i / TT_PROBE_LEVELS_MAX] = set[k / TT_PROBE_LEVELS_MAX] = true;
                return;
            }
        }
    }
}

static void
shuffle(uint64_t *random, uint8_t *order, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t k = tt_probe_random_below(random, i);
        uint8_t kept = order[i - 1];
        order[i - 1] = order[k];
        order[k] = kept;
    }
}

static void
make_row(struct work *work, uint8_t *row)
{
    bool set[TT_PROBE_FACTORS_MAX] = {false};
    uint8_t order[TT_PROBE_FACTORS_MAX];
    size_t n = work->pairs->factor_count;
    for (size_t i = 0; i < n; i++) {
        order[i] = (uint8_t) i;
    }
    shuffle(&work->random, order, n);
    start_row(work, tt_probe_random_below(&work->random, work->left), row, set);
    for (size_t i = 0; i < n; i++) {
        size_t f = order[i];
        if (!set[f]) {
            row[f] = best_level(work, row, set, f);
            set[f] = true;
        }
    }
}

static size_t
covered(const struct work *work, const uint8_t *row)
{
    size_t n = 0;
    for (size_t f = 0; f < work->pairs->factor_count; f++) {
        for (size_t g = f + 1; g < work->pairs->factor_count; g++) {
            n += is_open(work, f, row[f], g, row[g]);
        }
    }
    return n;
}

static void
take_row(struct work *work, const uint8_t *row)
{
    work->left -= covered(work, row);
    for (size_t f = 0; f < work->pairs->factor_count; f++) {
        for (size_t g = f + 1; g < work->pairs->factor_count; g++) {
            set_open(work, f, row[f], g, row[g], false);
        }
    }
}

/* One array; false when it would need more rows than max. */
static bool
make_array(struct work *work, uint8_t (*rows)[TT_PROBE_FACTORS_MAX], size_t max, size_t *count)
{
    open_all(work);
    for (*count = 0; work->left > 0; (*count)++) {
        size_t best = 0;
        if (*count == max) {
            return false;
        }
        for (int i = 0; i < ROW_TRIES; i++) {
            uint8_t row[TT_PROBE_FACTORS_MAX] = {0};
            make_row(work, row);
            size_t n = covered(work, row);
            if (n > best) {
                best = n;
                memcpy(rows[*count], row, sizeof(row));
            }
        }
        take_row(work, rows[*count]);
    }
    return true;
}

enum tt_status
tt_pairs_cover(struct tt_arena *arena, const struct tt_pairs *pairs, uint64_t seed, uint8_t (*rows)[TT_PROBE_FACTORS_MAX],
               size_t row_max, size_t *row_count)
{
    struct work work = {.pairs = pairs, .open = tt_arena_get(arena, CELLS * CELLS), .random = seed};
    uint8_t(*other)[TT_PROBE_FACTORS_MAX] = tt_arena_get(arena, row_max * sizeof(*other));
    size_t best = row_max + 1;
    if (!work.open || !other) {
        return TT_E_MEMORY;
    }
    for (int i = 0; i < ARRAY_TRIES; i++) {
        size_t count = 0;
        if (make_array(&work, other, best - 1, &count)) {
            memcpy(rows, other, count * sizeof(*other));
            best = count;
        }
        if (best == 0) {
            break;
        }
    }
    *row_count = best > row_max ? 0 : best;
    return best > row_max ? TT_E_LIMIT : TT_OK;
}
