/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Effects: which conditions change a column, when smaller ones do not already explain it.
 *
 * Input: columns.  Output: for each column and condition what was predicted from the smaller conditions, and whether the condition is an effect: it
 * has a value that was not predicted, and everything with one factor less was run.  A row of many factors is never an effect itself; it says
 * that one is hidden in it (sense_reduce.c).
 */
#include "probe/sense_parts.h"

/* The value that the condition is compared with: that of the baseline at its own instant. */
static uint32_t
base_value(const struct tt_sense_table *table, const struct tt_sense_column *column, const struct tt_sense_cond *cond)
{
    uint32_t base = cond->base == TT_SENSE_NONE ? TT_SENSE_MISSING : column->at[cond->base];
    if (base == TT_SENSE_MISSING && cond->condition.instant == TT_EDGE && cond->base == TT_SENSE_NONE) {
        base = table->noon == TT_SENSE_NONE ? TT_SENSE_MISSING : column->at[table->noon];
    }
    return base;
}

/* Is there a larger effect among subs that holds this one? */
static bool
is_within_other(const struct tt_sense_table *table, const struct tt_sense_column *column, const struct tt_sense_cond *cond,
                size_t at)
{
    uint32_t factors = table->conds[cond->subs[at]].factors;
    for (size_t i = at + 1; i < cond->sub_count; i++) {
        uint32_t other = table->conds[cond->subs[i]].factors;
        if (column->effect[cond->subs[i]] && (other & factors) == factors && other != factors) {
            return true;
        }
    }
    return false;
}

/* What the effects below the condition make of it; TT_SENSE_MIXED: they do not agree. */
static uint32_t
predict(const struct tt_sense_table *table, const struct tt_sense_column *column, const struct tt_sense_cond *cond)
{
    uint32_t value = TT_SENSE_MISSING;
    for (size_t i = 0; i < cond->sub_count; i++) {
        if (!column->effect[cond->subs[i]] || is_within_other(table, column, cond, i)) {
            continue;
        }
        uint32_t here = column->at[cond->subs[i]];
        if (value != TT_SENSE_MISSING && value != here) {
            return TT_SENSE_MIXED;
        }
        value = here;
    }
    return value == TT_SENSE_MISSING ? base_value(table, column, cond) : value;
}

/* Smaller conditions disagree: is it a value that none of them has? */
static bool
is_new(const struct tt_sense_table *table, const struct tt_sense_column *column, uint32_t number)
{
    const struct tt_sense_cond *cond = &table->conds[number];
    uint32_t value = column->at[number];
    if (column->predicted[number] != TT_SENSE_MIXED) {
        return value != column->predicted[number];
    }
    for (size_t i = 0; i < cond->sub_count; i++) {
        if (column->at[cond->subs[i]] == value) {
            return false;
        }
    }
    return value != base_value(table, column, cond);
}

static void
find_effects(const struct tt_sense_table *table, struct tt_sense_column *column)
{
    for (int size = 1; size < 32; size++) {
        for (size_t i = 0; i < table->cond_count; i++) {
            const struct tt_sense_cond *cond = &table->conds[i];
            if (__builtin_popcount(cond->factors) != size) {
                continue;
            }
            uint32_t value = column->at[i];
            column->predicted[i] = predict(table, column, cond);
            column->effect[i] = cond->minimal && cond->condition.instant != TT_REAL && value != TT_SENSE_MISSING &&
                                value != TT_SENSE_MIXED && column->predicted[i] != TT_SENSE_MISSING &&
                                is_new(table, column, (uint32_t) i) && base_value(table, column, cond) < TT_SENSE_RANDOM;
        }
    }
}

enum tt_status
tt_sense_make_effects(struct tt_sense *sense)
{
    struct tt_sense_table *table = &sense->table;
    for (size_t i = 0; i < table->column_count; i++) {
        struct tt_sense_column *column = &table->columns[i];
        column->effect = tt_sense_get(&sense->work, table->cond_count * sizeof(*column->effect));
        column->predicted = tt_sense_get(&sense->work, table->cond_count * sizeof(*column->predicted));
        if (!column->effect || !column->predicted) {
            return TT_E_MEMORY;
        }
        if (column->state != TT_STATE_VOLATILE) {
            find_effects(table, column);
        }
    }
    return TT_OK;
}
