/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan of a probe; see plan.h.
 *
 * In: a design and a seed.  Out: a growing list of runs in the caller's arena.  Order within a stage is random, so that what drifts with time
 * does not look like a level; the baseline comes again every ten runs.
 */
#include "probe/plan.h"

#include "probe/pairs.h"

#define BASELINES 6
#define BASELINES_QUICK 4
#define REAL_CLOCKS 2
#define REPEATS 2 /* runs of one level */
#define BASELINE_EVERY 10
#define DEEP_RUNS 12 /* of each level, and of the baseline */
#define ROWS_MAX 96  /* of the covering array */
#define SINGLES_MAX (TT_PROBE_FACTORS_MAX * TT_PROBE_LEVELS_MAX * REPEATS * 2 + REPEATS)

const char *
tt_stage_name(enum tt_stage stage)
{
    static const char *const names[TT_STAGES] = {"smoke",  "baseline", "real-clock", "single", "pair",
                                                 "reduce", "confirm",  "cross",      "split",  "deep"};
    return names[stage];
}

const char *
tt_instant_name(enum tt_instant instant)
{
    static const char *const names[TT_INSTANTS] = {"noon", "edge", "real"};
    return names[instant];
}

bool
tt_condition_equal(const struct tt_design *design, const struct tt_condition *a, const struct tt_condition *b)
{
    return a->instant == b->instant && a->source == b->source && memcmp(a->level, b->level, design->factor_count) == 0;
}

enum tt_status
tt_plan_init(struct tt_plan *plan, struct tt_arena *arena, const struct tt_design *design, enum tt_plan_depth depth,
             uint64_t seed)
{
    *plan = (struct tt_plan) {.arena = arena, .design = design, .depth = depth, .random = seed};
    plan->runs = tt_arena_get(arena, TT_PROBE_RUNS_MAX * sizeof(*plan->runs));
    return plan->runs ? TT_OK : TT_E_MEMORY;
}

enum tt_status
tt_plan_add(struct tt_plan *plan, enum tt_stage stage, const struct tt_condition *condition)
{
    if (plan->count == TT_PROBE_RUNS_MAX) {
        return TT_E_LIMIT;
    }
    plan->runs[plan->count] = (struct tt_run) {.number = (uint32_t) plan->count + 1, .stage = stage, .condition = *condition};
    plan->count++;
    return TT_OK;
}

static enum tt_status
add_baselines(struct tt_plan *plan, enum tt_stage stage, enum tt_instant instant, size_t n)
{
    struct tt_condition condition = {.instant = instant};
    for (size_t i = 0; i < n; i++) {
        TT_TRY(tt_plan_add(plan, stage, &condition));
    }
    return TT_OK;
}

enum tt_status
tt_plan_smoke(struct tt_plan *plan)
{
    return add_baselines(plan, TT_STAGE_SMOKE, TT_NOON, 1);
}

enum tt_status
tt_plan_baseline(struct tt_plan *plan)
{
    size_t n = plan->depth == TT_PLAN_QUICK ? BASELINES_QUICK : BASELINES;
    TT_TRY(add_baselines(plan, TT_STAGE_BASELINE, TT_NOON, n));
    return add_baselines(plan, TT_STAGE_REAL_CLOCK, TT_REAL, REAL_CLOCKS);
}

/* ---- one factor at a time ---- */

/* Does the factor move the local date? */
static bool
is_zone(const struct tt_factor *factor)
{
    for (size_t i = 0; i < factor->level_count; i++) {
        for (size_t k = 0; k < factor->levels[i].source_count; k++) {
            const struct tt_source *source = &factor->levels[i].sources[k];
            if (tt_str_eq(source->name, TT_STR("TZ")) || tt_str_eq(source->name, TT_STR("/etc/localtime"))) {
                return true;
            }
        }
    }
    return false;
}

static void
shuffle(struct tt_plan *plan, struct tt_condition *conditions, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t k = tt_probe_random_below(&plan->random, i);
        struct tt_condition kept = conditions[i - 1];
        conditions[i - 1] = conditions[k];
        conditions[k] = kept;
    }
}

/* Every level of a factor at an instant, REPEATS times each; returns how many were written. */
static size_t
write_levels(const struct tt_plan *plan, size_t factor, enum tt_instant instant, size_t repeats, struct tt_condition *out)
{
    size_t n = 0;
    for (size_t level = 1; level < plan->design->factors[factor].level_count; level++) {
        for (size_t i = 0; i < repeats && !(plan->unusable[factor] >> level & 1); i++) {
            out[n] = (struct tt_condition) {.instant = instant};
            out[n++].level[factor] = (uint8_t) level;
        }
    }
    return n;
}

/* Adds conditions in random order, with the baseline in between. */
static enum tt_status
add_shuffled(struct tt_plan *plan, enum tt_stage stage, struct tt_condition *conditions, size_t n)
{
    shuffle(plan, conditions, n);
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && i % BASELINE_EVERY == 0) {
            TT_TRY(add_baselines(plan, TT_STAGE_BASELINE, TT_NOON, 1));
        }
        TT_TRY(tt_plan_add(plan, stage, &conditions[i]));
    }
    return TT_OK;
}

enum tt_status
tt_plan_singles(struct tt_plan *plan)
{
    struct tt_condition *conditions = tt_arena_get(plan->arena, SINGLES_MAX * sizeof(*conditions));
    size_t n = 0;
    bool edge = false;
    if (!conditions) {
        return TT_E_MEMORY;
    }
    for (size_t f = 0; f < plan->design->factor_count; f++) {
        n += write_levels(plan, f, TT_NOON, REPEATS, conditions + n);
        if (is_zone(&plan->design->factors[f])) {
            n += write_levels(plan, f, TT_EDGE, REPEATS, conditions + n);
            edge = true;
        }
    }
    for (size_t i = 0; edge && i < REPEATS; i++) {
        conditions[n++] = (struct tt_condition) {.instant = TT_EDGE};
    }
    return add_shuffled(plan, TT_STAGE_SINGLE, conditions, n);
}

/* ---- pairs ---- */

static enum tt_status
cover(const struct tt_plan *plan, uint8_t (**rows)[TT_PROBE_FACTORS_MAX], size_t *count)
{
    struct tt_pairs pairs = {.factor_count = plan->design->factor_count};
    *rows = tt_arena_get(plan->arena, ROWS_MAX * sizeof(**rows));
    if (!*rows) {
        return TT_E_MEMORY;
    }
    for (size_t f = 0; f < pairs.factor_count; f++) {
        pairs.level_count[f] = (uint8_t) plan->design->factors[f].level_count;
        pairs.used[f] = (uint8_t) ~plan->unusable[f];
    }
    return tt_pairs_cover(plan->arena, &pairs, plan->random, *rows, ROWS_MAX, count);
}

enum tt_status
tt_plan_pairs(struct tt_plan *plan)
{
    uint8_t(*rows)[TT_PROBE_FACTORS_MAX] = NULL;
    size_t n = 0;
    if (plan->depth == TT_PLAN_QUICK || plan->design->factor_count < 2) {
        return TT_OK;
    }
    TT_TRY(cover(plan, &rows, &n));
    struct tt_condition *conditions = tt_arena_get(plan->arena, (n + 1) * sizeof(*conditions));
    if (!conditions) {
        return TT_E_MEMORY;
    }
    for (size_t i = 0; i < n; i++) {
        conditions[i] = (struct tt_condition) {.instant = TT_NOON};
        memcpy(conditions[i].level, rows[i], plan->design->factor_count);
    }
    return add_shuffled(plan, TT_STAGE_PAIR, conditions, n);
}

/* ---- what answers ask for ---- */

enum tt_status
tt_plan_confirm(struct tt_plan *plan, const struct tt_condition *condition)
{
    for (int i = 0; i < 2; i++) {
        TT_TRY(add_baselines(plan, TT_STAGE_CONFIRM, condition->instant, 1));
        TT_TRY(tt_plan_add(plan, TT_STAGE_CONFIRM, condition));
    }
    return TT_OK;
}

static bool
has_run(const struct tt_plan *plan, const struct tt_condition *condition)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (tt_condition_equal(plan->design, &plan->runs[i].condition, condition)) {
            return true;
        }
    }
    return false;
}

/* The next cell of a cross, counting like an odometer; false after the last. */
static bool
next_cell(const struct tt_plan *plan, uint32_t factors, struct tt_condition *cell)
{
    for (size_t f = 0; f < plan->design->factor_count; f++) {
        if (!(factors >> f & 1)) {
            continue;
        }
        if (++cell->level[f] < plan->design->factors[f].level_count) {
            return true;
        }
        cell->level[f] = 0;
    }
    return false;
}

enum tt_status
tt_plan_cross(struct tt_plan *plan, uint32_t factors)
{
    struct tt_condition cell = {.instant = TT_NOON};
    do {
        if (!has_run(plan, &cell)) {
            TT_TRY(tt_plan_add(plan, TT_STAGE_CROSS, &cell));
        }
    } while (next_cell(plan, factors, &cell));
    return TT_OK;
}

/* Identity-like factors with all their levels, others with one. */
static size_t
write_deep(const struct tt_plan *plan, struct tt_condition *out)
{
    size_t n = 0;
    for (size_t f = 0; f < plan->design->factor_count; f++) {
        size_t levels = write_levels(plan, f, TT_NOON, 1, out + n);
        n += plan->design->factors[f].identity ? levels : levels > 0;
    }
    return n;
}

/* In rounds: each level once in every round, in another order. */
enum tt_status
tt_plan_deep(struct tt_plan *plan)
{
    struct tt_condition *conditions = tt_arena_get(plan->arena, SINGLES_MAX * sizeof(*conditions));
    if (!conditions) {
        return TT_E_MEMORY;
    }
    size_t n = write_deep(plan, conditions);
    conditions[n++] = (struct tt_condition) {.instant = TT_NOON};
    for (int round = 0; round < DEEP_RUNS; round++) {
        shuffle(plan, conditions, n);
        for (size_t i = 0; i < n; i++) {
            TT_TRY(tt_plan_add(plan, TT_STAGE_DEEP, &conditions[i]));
        }
    }
    return TT_OK;
}

/* ---- totals ---- */

enum tt_status
tt_plan_count(const struct tt_plan *plan, size_t crosses, struct tt_plan_total *total)
{
    struct tt_plan whole;
    struct tt_arena arena;
    tt_arena_init(&arena, plan->arena->alloc, TT_PROBE_PLAN_MEMORY);
    enum tt_status status = tt_plan_init(&whole, &arena, plan->design, plan->depth, plan->random);
    if (status == TT_OK) {
        status = tt_plan_smoke(&whole);
    }
    if (status == TT_OK) {
        status = tt_plan_baseline(&whole);
    }
    if (status == TT_OK) {
        status = tt_plan_singles(&whole);
    }
    if (status == TT_OK) {
        status = tt_plan_pairs(&whole);
    }
    if (status == TT_OK && plan->depth == TT_PLAN_DEEP) {
        status = tt_plan_deep(&whole);
    }
    total->least = whole.count + crosses;
    size_t hits = TT_PROBE_HITS_MAX + TT_PROBE_HITS_MORE;
    total->most = total->least + TT_PROBE_REDUCE_MAX + 4 * hits + TT_PROBE_CROSS_MAX + TT_PROBE_SPLIT_MAX;
    tt_arena_free(&arena);
    return status;
}
