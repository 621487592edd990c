/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which runs a probe makes, in which order: the stages of docs/internals/probe.md.
 *
 * A plan grows stage by stage, for later stages depend on what earlier ones showed.  The same design, seed and answers give the same plan, which
 * is what makes a probe that was interrupted go on.
 */
#ifndef TT_PROBE_PLAN_H
#define TT_PROBE_PLAN_H

#include "base/arena.h"
#include "probe/design.h"

enum tt_plan_depth { TT_PLAN_QUICK, TT_PLAN_DEFAULT, TT_PLAN_DEEP };

struct tt_plan {
    struct tt_arena *arena;
    const struct tt_design *design;
    enum tt_plan_depth depth;
    uint64_t random;
    struct tt_run *runs; /* TT_PROBE_RUNS_MAX of them; runs[i].number is i + 1 */
    size_t count;
    uint8_t unusable[TT_PROBE_FACTORS_MAX]; /* bit L: no run of this level worked, so later stages leave it out */
};

/* What a plan comes to, before it starts. */
struct tt_plan_total {
    size_t least; /* if nothing depends on anything */
    size_t most;
};

enum tt_status tt_plan_init(struct tt_plan *plan, struct tt_arena *arena, const struct tt_design *design,
                            enum tt_plan_depth depth, uint64_t seed) TT_MUST_USE;

enum tt_status tt_plan_count(const struct tt_plan *plan, size_t crosses, struct tt_plan_total *total) TT_MUST_USE;

/*
 * Each adds the runs of a stage behind those that are there.  TT_E_LIMIT: TT_PROBE_RUNS_MAX are not enough.  random decides the order within a
 * stage.
 */
enum tt_status tt_plan_smoke(struct tt_plan *plan) TT_MUST_USE;
enum tt_status tt_plan_baseline(struct tt_plan *plan) TT_MUST_USE;
enum tt_status
tt_plan_singles(struct tt_plan *plan) TT_MUST_USE; /* each level twice, the baseline every ten runs, time zones also at EDGE */
enum tt_status tt_plan_pairs(struct tt_plan *plan) TT_MUST_USE;
enum tt_status tt_plan_cross(struct tt_plan *plan, uint32_t factors) TT_MUST_USE; /* every cell of their cross that has no run */
enum tt_status tt_plan_deep(struct tt_plan *plan) TT_MUST_USE;

/* A, B, A, B: the baseline at the condition's instant, and the condition. */
enum tt_status tt_plan_confirm(struct tt_plan *plan, const struct tt_condition *condition) TT_MUST_USE;
enum tt_status tt_plan_add(struct tt_plan *plan, enum tt_stage stage, const struct tt_condition *condition) TT_MUST_USE;

/* "single": of a stage, and "noon" of an instant; static. */
const char *tt_stage_name(enum tt_stage stage);
const char *tt_instant_name(enum tt_instant instant);

bool tt_condition_equal(const struct tt_design *design, const struct tt_condition *a, const struct tt_condition *b);

#endif
