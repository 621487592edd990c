/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reducing a row of many factors to the few that a difference needs.
 *
 * A target is a column that has, under a row, a value that no smaller condition predicts.  First the row is run again: what does not come again was
 * noise.  Then pairs of its levels are tried that no other run speaks against: with a covering array hardly any are left.  Then levels are taken
 * away, halves first (Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002).  Each answer that is needed and that no run
 * gives is the next run to make; when it is there, the same steps lead one further.
 */
#include "base/limits.h"
#include "probe/classify.h"
#include "probe/sense_report.h"

#define CHANCE_MAX 1e-5 /* that the runs of a condition agree; a probe has some hundred conditions and fields */
#define GUESSES_MAX 6   /* pairs that are tried before levels are taken away */

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_UNKNOWN };

struct target {
    const struct tt_sense *sense;
    const struct tt_sense_column *column;
    uint32_t cond;            /* the row */
    uint32_t value;           /* what it shows */
    struct tt_condition next; /* the run that an answer needs */
};

static struct tt_condition
with_factors(const struct target *target, uint32_t factors)
{
    struct tt_condition condition = target->sense->table.conds[target->cond].condition;
    for (size_t f = 0; f < target->sense->design->factor_count; f++) {
        condition.level[f] = factors >> f & 1 ? condition.level[f] : 0;
    }
    return condition;
}

/* Does the row's value stand there with these of its factors? */
static enum answer
ask(struct target *target, uint32_t factors)
{
    struct tt_condition condition = with_factors(target, factors);
    uint32_t cond = tt_sense_find_cond(target->sense, &condition);
    uint32_t value = cond == TT_SENSE_NONE ? TT_SENSE_MISSING : target->column->at[cond];
    if (cond == TT_SENSE_NONE) {
        target->next = condition;
        return ANSWER_UNKNOWN;
    }
    return value == target->value ? ANSWER_YES : ANSWER_NO;
}

/* Does some run have all of these levels and not the value? */
static bool
is_refuted(const struct target *target, uint32_t factors)
{
    const struct tt_sense_table *table = &target->sense->table;
    const struct tt_condition *row = &table->conds[target->cond].condition;
    for (size_t i = 0; i < table->cond_count; i++) {
        const struct tt_sense_cond *cond = &table->conds[i];
        bool has = cond->condition.instant == row->instant && (cond->factors & factors) == factors;
        for (size_t f = 0; f < target->sense->design->factor_count && has; f++) {
            has = !(factors >> f & 1) || cond->condition.level[f] == row->level[f];
        }
        if (has && target->column->at[i] != TT_SENSE_MISSING && target->column->at[i] != target->value) {
            return true;
        }
    }
    return false;
}

/* Pairs that nothing speaks against.  Yes: one of them is enough, and was run. */
static enum answer
try_pairs(struct target *target, uint32_t factors)
{
    unsigned tried = 0;
    for (uint32_t one = 0; one < 32; one++) {
        for (uint32_t two = one + 1; two < 32 && tried < GUESSES_MAX; two++) {
            uint32_t pair = UINT32_C(1) << one | UINT32_C(1) << two;
            if ((factors & pair) != pair) {
                continue;
            }
            struct tt_condition condition = with_factors(target, pair);
            bool known = tt_sense_find_cond(target->sense, &condition) != TT_SENSE_NONE;
            if (!known && is_refuted(target, pair)) {
                continue;
            }
            enum answer answer = ask(target, pair);
            if (answer != ANSWER_NO) {
                return answer;
            }
            tried += __builtin_popcount(factors) > 3; /* guesses that failed; with few factors all are tried */
        }
    }
    return ANSWER_NO;
}

/* The number-th of count parts of a set. */
static uint32_t
part_of(uint32_t factors, int number, int count)
{
    int size = __builtin_popcount(factors), at = 0;
    uint32_t part = 0;
    for (uint32_t f = 0; f < 32; f++) {
        if (factors >> f & 1) {
            if (at * count / size == number) {
                part |= UINT32_C(1) << f;
            }
            at++;
        }
    }
    return part;
}

/* Takes parts away as long as the value stays.  Unknown: a run is needed; else done, and the smallest set was run. */
static enum answer
take_away(struct target *target, uint32_t factors)
{
    int parts = 2;
    while (__builtin_popcount(factors) > 1) {
        bool less = false;
        for (int i = 0; i < parts && !less; i++) {
            uint32_t rest = factors & ~part_of(factors, i, parts);
            enum answer answer = rest ? ask(target, rest) : ANSWER_NO;
            if (answer == ANSWER_UNKNOWN) {
                return ANSWER_UNKNOWN;
            }
            if (answer == ANSWER_YES) {
                factors = rest;
                parts = parts > 2 ? parts - 1 : 2;
                less = true;
            }
        }
        if (!less) {
            if (parts >= __builtin_popcount(factors)) {
                break;
            }
            parts = 2 * parts < __builtin_popcount(factors) ? 2 * parts : __builtin_popcount(factors);
        }
    }
    return ANSWER_YES;
}

/* ---- targets ---- */

/* How many factors of the row change the leaf by themselves? */
static unsigned
count_touching(const struct tt_sense *sense, const struct tt_sense_column *column, const struct tt_sense_cond *row)
{
    const struct tt_sense_table *table = &sense->table;
    uint32_t factors = 0;
    for (size_t i = 0; i < table->column_count; i++) {
        const struct tt_sense_column *other = &table->columns[i];
        if (other->slot != column->slot || other->site != column->site) {
            continue;
        }
        for (size_t s = 0; s < row->sub_count; s++) {
            uint32_t own = table->conds[row->subs[s]].factors;
            factors |= other->effect[row->subs[s]] && __builtin_popcount(own) == 1 ? own : 0;
        }
    }
    return (unsigned) __builtin_popcount(factors);
}

/*
 * Is it worth while?  Where two factors write to one leaf, other words of it may stand anywhere; a sign that looks alike, or an order, does not come of
 * that.
 */
static bool
is_target(const struct tt_sense *sense, const struct tt_sense_column *column, uint32_t cond)
{
    const struct tt_sense_cond *row = &sense->table.conds[cond];
    uint32_t value = column->at[cond], predicted = column->predicted[cond];
    if (column->state == TT_STATE_VOLATILE || row->minimal || __builtin_popcount(row->factors) < 2 || value >= TT_SENSE_RANDOM ||
        predicted >= TT_SENSE_RANDOM || value == predicted || row->condition.instant != TT_NOON) {
        return false;
    }
    bool words = column->kind == TT_COLUMN_PRESENT || column->kind == TT_COLUMN_VARIANT ||
                 (column->kind == TT_COLUMN_TEXT &&
                  (tt_classify_has_words(tt_sense_text(sense, value)) || tt_classify_has_words(tt_sense_text(sense, predicted))));
    return !words || count_touching(sense, column, row) < 2;
}

/*
 * May the value be chance?  Then the condition is run again before anything is measured by it.  One run alone tells nothing; and of what is random two
 * may agree, above all where it is short: parts of two UUIDs are the same somewhere, or have no letters, in one probe of twenty.
 */
static bool
is_weak(const struct tt_sense *sense, const struct tt_sense_column *column, uint32_t cond)
{
    const struct tt_sense_cond *of = &sense->table.conds[cond];
    uint32_t value = column->at[cond];
    double chance = 1;
    size_t saying = 0;
    for (size_t i = 0; i < of->run_count; i++) {
        bool says = column->value[of->runs[i]] != TT_SENSE_MISSING;
        chance *= says && saying > 0 ? column->chance : 1;
        saying += says;
    }
    bool known = value == 0 || value >= TT_SENSE_RANDOM || (column->kind == TT_COLUMN_FRESH && tt_sense_is_rare(sense, value));
    return of->run_count < TT_PROBE_CONFIRM_B && (saying < 2 || (!known && chance > CHANCE_MAX));
}

/* The next run for a target, or no. */
static bool
step(const struct tt_sense *sense, const struct tt_sense_column *column, uint32_t cond, struct tt_condition *next)
{
    struct target target = {.sense = sense, .column = column, .cond = cond, .value = column->at[cond]};
    uint32_t factors = sense->table.conds[cond].factors;
    if (is_weak(sense, column, cond)) {
        *next = sense->table.conds[cond].condition;
        return true;
    }
    enum answer answer = try_pairs(&target, factors);
    if (answer == ANSWER_NO) {
        answer = take_away(&target, factors);
    }
    *next = target.next;
    return answer == ANSWER_UNKNOWN;
}

/* Signs, orders and forms first: they are what a reader would not see.  Then other words. */
static bool
find_step(struct tt_sense *sense, bool words, struct tt_condition *next)
{
    const struct tt_sense_table *table = &sense->table;
    for (size_t i = 0; i < table->column_count; i++) {
        const struct tt_sense_column *column = &table->columns[i];
        for (uint32_t cond = 0; cond < table->cond_count; cond++) {
            if (!is_target(sense, column, cond)) {
                continue;
            }
            bool plain = column->kind == TT_COLUMN_PRESENT || column->kind == TT_COLUMN_VARIANT ||
                         column->kind == TT_COLUMN_REQUEST ||
                         (column->kind == TT_COLUMN_TEXT && tt_classify_has_words(tt_sense_text(sense, column->at[cond])));
            if (plain == words && step(sense, column, cond, next)) {
                return true;
            }
        }
    }
    return false;
}

/* What was found with one run gets a second one, as the single levels have; what may still be chance gets more. */
static bool
find_again(const struct tt_sense *sense, struct tt_condition *next)
{
    const struct tt_sense_table *table = &sense->table;
    for (uint32_t cond = 0; cond < table->cond_count; cond++) {
        for (size_t i = 0; table->conds[cond].minimal && i < table->column_count; i++) {
            const struct tt_sense_column *column = &table->columns[i];
            if (tt_sense_key(sense, column, cond) != 0 && is_weak(sense, column, cond)) {
                *next = table->conds[cond].condition;
                return true;
            }
        }
    }
    return false;
}

enum tt_status
tt_sense_reduce(struct tt_sense *sense, struct tt_condition *next, bool *more)
{
    TT_TRY(tt_sense_refresh(sense));
    *more = sense->reduced < TT_PROBE_REDUCE_MAX &&
            (find_again(sense, next) || find_step(sense, false, next) || find_step(sense, true, next));
    sense->reduced += *more;
    return TT_OK;
}
