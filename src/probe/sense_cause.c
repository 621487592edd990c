/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What should be run next: causes to be confirmed, crosses of factors with covert parts, and rows that hide something to be reduced.
 *
 * Input: the table.  Output: conditions.  Nothing is remembered between calls but how many runs were asked for: a reduction is worked out anew from
 * the runs that are there, and the first condition that it lacks is the answer.
 */
#include "base/limits.h"
#include "probe/sense_report.h"

#include <stdlib.h>

/* ---- causes ---- */

static bool is_covert(enum tt_probe_class class)
{
    return class >= TT_CLASS_C1;
}

/* Other words that only several factors together bring are no echo of any of them. */
static int
need_of(const struct tt_cause *cause)
{
    return is_covert(cause->worst) ? 2 : __builtin_popcount(cause->factors) > 1;
}

static int
by_need(const void *a, const void *b)
{
    const struct tt_cause *x = a, *y = b;
    if (x->repeats != y->repeats) {
        return x->repeats ? 1 : -1;
    }
    if (need_of(x) != need_of(y)) {
        return need_of(x) > need_of(y) ? -1 : 1;
    }
    if (x->identity != y->identity) {
        return x->identity ? -1 : 1;
    }
    if (x->worst != y->worst) {
        return x->worst > y->worst ? -1 : 1;
    }
    int one = __builtin_popcount(x->factors), two = __builtin_popcount(y->factors);
    if (one != two) {
        return one < two ? -1 : 1;
    }
    if (x->condition.instant != y->condition.instant) {
        return x->condition.instant < y->condition.instant ? -1 : 1;
    }
    int order = memcmp(x->condition.level, y->condition.level, sizeof(x->condition.level));
    return order < 0 ? 1 : order > 0 ? -1 : 0;
}

static bool
is_confirmed(const struct tt_sense *sense, const struct tt_sense_cond *cond)
{
    size_t base = cond->base == TT_SENSE_NONE ? 0 : sense->table.conds[cond->base].run_count;
    size_t need = cond->condition.instant == TT_NOON ? TT_PROBE_CONFIRM_A : TT_PROBE_CONFIRM_B;
    return base >= need && cond->run_count >= TT_PROBE_CONFIRM_B;
}

/* Adds what the condition does to all leaves. */
static enum tt_status
weigh(struct tt_sense *sense, uint32_t cond, struct tt_cause *cause)
{
    const struct tt_sense_cond *of = &sense->table.conds[cond];
    *cause = (struct tt_cause) {.condition = of->condition,
                                .factors = of->factors,
                                .identity = tt_sense_is_identity(sense, of->factors, &of->condition),
                                .confirmed = is_confirmed(sense, of),
                                .runs = (unsigned) of->run_count};
    for (size_t first = 0; first < sense->table.column_count;) {
        size_t end = tt_sense_site_end(sense, first);
        struct tt_sense_change change;
        bool any = false;
        for (size_t i = first; i < end; i++) {
            any = any || tt_sense_key(sense, &sense->table.columns[i], cond) != 0;
        }
        if (any) {
            TT_TRY(tt_sense_classify(sense, first, end, cond, of->factors, &change));
            for (size_t i = 0; i < change.count; i++) {
                enum tt_probe_class class = change.parts[i].class;
                cause->worst = class > cause->worst ? class : cause->worst;
            }
            cause->leaves++;
        }
        first = end;
    }
    return TT_OK;
}

/* Does every column that the condition changes have the same value under a cause before it? */
static bool
is_repeat(const struct tt_sense *sense, const struct tt_cause *causes, size_t count, uint32_t cond)
{
    for (size_t i = 0; i < sense->table.column_count; i++) {
        const struct tt_sense_column *column = &sense->table.columns[i];
        bool known = !tt_sense_key(sense, column, cond);
        for (size_t k = 0; k < count && !known; k++) {
            uint32_t other = tt_sense_find_cond(sense, &causes[k].condition);
            known = causes[k].factors == sense->table.conds[cond].factors && tt_sense_key(sense, column, other) &&
                    column->at[other] == column->at[cond];
        }
        if (!known) {
            return false;
        }
    }
    return true;
}

enum tt_status
tt_sense_causes(struct tt_sense *sense, const struct tt_cause **causes, size_t *count)
{
    TT_TRY(tt_sense_refresh(sense));
    tt_arena_reset(&sense->answer);
    struct tt_cause *list = tt_sense_get(&sense->answer, sense->table.cond_count * sizeof(*list));
    size_t n = 0;
    if (!list) {
        return TT_E_MEMORY;
    }
    for (size_t i = 0; i < sense->table.cond_count; i++) {
        TT_TRY(weigh(sense, (uint32_t) i, &list[n]));
        n += list[n].leaves > 0 && list[n].worst > TT_CLASS_TRANSPORT;
    }
    for (int round = 0; round < 2 && n > 0; round++) {
        qsort(list, n, sizeof(*list), by_need); /* what repeats depends on the order, and the order on it */
        for (size_t i = 0; i < n && round == 0; i++) {
            list[i].repeats = is_repeat(sense, list, i, tt_sense_find_cond(sense, &list[i].condition));
        }
    }
    *causes = list;
    *count = n;
    return TT_OK;
}

/* ---- crosses ---- */

/* Has the level covert parts, and are they others than those of the levels before it? */
static enum tt_status
is_representative(struct tt_sense *sense, size_t factor, uint8_t level, bool *out)
{
    const struct tt_sense_table *table = &sense->table;
    struct tt_condition condition = {.instant = TT_NOON};
    condition.level[factor] = level;
    uint32_t cond = tt_sense_find_cond(sense, &condition);
    *out = false;
    if (cond == TT_SENSE_NONE) {
        return TT_OK;
    }
    bool same_as[TT_PROBE_LEVELS_MAX] = {false}, any = false;
    memset(same_as, true, sizeof(same_as));
    for (size_t first = 0; first < table->column_count;) {
        size_t end = tt_sense_site_end(sense, first);
        struct tt_sense_change change = {.count = 0};
        bool touched = false;
        for (size_t i = first; i < end; i++) {
            touched = touched || tt_sense_key(sense, &table->columns[i], cond) != 0;
        }
        if (touched) {
            TT_TRY(tt_sense_classify(sense, first, end, cond, UINT32_C(1) << factor, &change));
        }
        for (size_t p = 0; p < change.count; p++) {
            for (size_t k = 0; is_covert(change.parts[p].class) && k < change.parts[p].count; k++) {
                const struct tt_sense_column *column = &table->columns[change.parts[p].columns[k]];
                any = true;
                for (uint8_t l = 1; l < level; l++) {
                    struct tt_condition other = {.instant = TT_NOON};
                    other.level[factor] = l;
                    uint32_t at = tt_sense_find_cond(sense, &other);
                    same_as[l] = same_as[l] && at != TT_SENSE_NONE && column->at[at] == column->at[cond];
                }
            }
        }
        first = end;
    }
    *out = any;
    for (uint8_t l = 1; l < level; l++) {
        *out = *out && !same_as[l];
    }
    return TT_OK;
}

struct cross {
    struct tt_condition *list;
    size_t count, max;
};

/* The cells of two factors that have no run. */
static void
cross_two(struct tt_sense *sense, const uint32_t *levels, size_t one, size_t two, struct cross *cross)
{
    for (uint8_t a = 1; a < TT_PROBE_LEVELS_MAX; a++) {
        for (uint8_t b = 1; b < TT_PROBE_LEVELS_MAX && cross->count < cross->max; b++) {
            struct tt_condition condition = {.instant = TT_NOON};
            condition.level[one] = a;
            condition.level[two] = b;
            if ((levels[one] >> a & 1) && (levels[two] >> b & 1) && tt_sense_find_cond(sense, &condition) == TT_SENSE_NONE) {
                cross->list[cross->count++] = condition;
            }
        }
    }
}

enum tt_status
tt_sense_crosses(struct tt_sense *sense, size_t max, const struct tt_condition **conditions, size_t *count)
{
    uint32_t levels[TT_PROBE_FACTORS_MAX] = {0};
    size_t factors = sense->design->factor_count;
    TT_TRY(tt_sense_refresh(sense));
    tt_arena_reset(&sense->answer);
    struct cross cross = {.list = tt_sense_get(&sense->answer, max * sizeof(*cross.list)), .max = max};
    if (!cross.list) {
        return TT_E_MEMORY;
    }
    for (size_t f = 0; f < factors; f++) {
        for (size_t l = 1; l < sense->design->factors[f].level_count && l < TT_PROBE_LEVELS_MAX; l++) {
            bool covert;
            TT_TRY(is_representative(sense, f, (uint8_t) l, &covert));
            levels[f] |= covert ? UINT32_C(1) << l : 0;
        }
    }
    /* Factors that tell people and places apart first, should there be too many cells. */
    for (int round = 0; round < 2; round++) {
        for (size_t one = 0; one < factors; one++) {
            for (size_t two = one + 1; two < factors; two++) {
                bool identity = sense->design->factors[one].identity && sense->design->factors[two].identity;
                if (identity == (round == 0)) {
                    cross_two(sense, levels, one, two, &cross);
                }
            }
        }
    }
    *conditions = cross.list;
    *count = cross.count;
    return TT_OK;
}
