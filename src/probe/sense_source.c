/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From which of its sources a factor is sensed: TZ, or the link /etc/localtime?
 *
 * Input: confirmed dependences, and runs in which one source of a level stands alone among those of the baseline.  Output: such conditions to be run, and
 * the sources that change a dependence's leaves by themselves.  Nothing else is concluded from these runs: they count neither as support nor as bits.
 */
#include "base/limits.h"
#include "probe/sense_conclude.h"

/* ---- sources that differ ---- */

static bool
is_of_baseline(const struct tt_level_spec *baseline, const struct tt_source *source)
{
    for (size_t i = 0; i < baseline->source_count; i++) {
        const struct tt_source *own = &baseline->sources[i];
        if (own->kind == source->kind && tt_str_eq(own->name, source->name) && tt_str_eq(own->value, source->value)) {
            return true;
        }
    }
    return false;
}

/* The sources of a level that are not those of the baseline, as numbers of conditions; returns how many. */
static size_t
list_sources(const struct tt_design *design, size_t factor, const struct tt_condition *condition, uint16_t *out)
{
    const struct tt_level_spec *levels = design->factors[factor].levels;
    const struct tt_level_spec *level = &levels[condition->level[factor]];
    size_t count = 0;
    for (size_t i = 0; i < level->source_count && i < TT_PROBE_SOURCES_MAX; i++) {
        if (!is_of_baseline(&levels[0], &level->sources[i])) {
            out[count++] = tt_source_number(factor, i);
        }
    }
    return count;
}

/* ---- what to run ---- */

struct splits {
    const struct tt_sense *sense;
    struct tt_condition *list;
    size_t count, max;
};

static bool
is_listed(const struct splits *splits, const struct tt_condition *condition)
{
    bool listed = false;
    for (size_t i = 0; i < splits->count && !listed; i++) {
        const struct tt_condition *other = &splits->list[i];
        listed = other->instant == condition->instant && other->source == condition->source &&
                 memcmp(other->level, condition->level, splits->sense->design->factor_count) == 0;
    }
    return listed;
}

/* The sources of one factor: at a level that is in the list already, else at the one that most runs showed the dependence with. */
static void
add_splits(struct splits *splits, const struct tt_dependence *dependence, size_t factor)
{
    uint16_t sources[TT_PROBE_SOURCES_MAX];
    const struct tt_symbol *most = &dependence->symbols[1];
    for (size_t i = 2; i < dependence->symbol_count; i++) {
        most = dependence->symbols[i].runs > most->runs ? &dependence->symbols[i] : most;
    }
    struct tt_condition condition = most->condition;
    size_t count = list_sources(splits->sense->design, factor, &condition, sources);
    if (count < 2 || splits->count + count > splits->max) {
        return;
    }
    for (size_t i = 1; i < dependence->symbol_count; i++) {
        struct tt_condition other = dependence->symbols[i].condition;
        other.source = sources[0];
        if (is_listed(splits, &other)) {
            return;
        }
    }
    for (size_t i = 0; i < count; i++) {
        condition.source = sources[i];
        splits->list[splits->count++] = condition;
    }
}

enum tt_status
tt_sense_splits(struct tt_sense *sense, size_t max, const struct tt_condition **conditions, size_t *count)
{
    const struct tt_conclusion *conclusion = NULL;
    TT_TRY(tt_sense_conclude(sense, false, &conclusion));
    struct splits splits = {.sense = sense, .list = tt_sense_get(&sense->answer, max * sizeof(*splits.list)), .max = max};
    if (!splits.list) {
        return TT_E_MEMORY;
    }
    for (size_t i = 0; i < conclusion->dependence_count; i++) {
        const struct tt_dependence *dependence = &conclusion->dependences[i];
        for (size_t f = 0; f < sense->design->factor_count; f++) {
            if (dependence->confirmed && dependence->class >= TT_CLASS_VISIBLE && dependence->symbol_count > 1 &&
                (dependence->factors >> f & 1)) {
                add_splits(&splits, dependence, f);
            }
        }
    }
    *conditions = splits.list;
    *count = splits.count;
    return TT_OK;
}

/* ---- what it showed ---- */

/* Does the condition change one of the group's columns, compared with another one? */
static bool
is_changed(const struct tt_sense *sense, const struct tt_sense_group *group, uint32_t cond, uint32_t from)
{
    for (size_t i = 0; i < group->count; i++) {
        const uint32_t *at = sense->table.columns[group->columns[i]].at;
        if (at[cond] != at[from] && at[cond] != TT_SENSE_MISSING && at[from] != TT_SENSE_MISSING) {
            return true;
        }
    }
    return false;
}

/* Of one condition of the group: adds the sources of a factor.  False when not all of them were run alone. */
static bool
find_in(const struct tt_sense *sense, const struct tt_sense_group *group, uint32_t cond, size_t factor, struct tt_dependence *out)
{
    const struct tt_sense_table *table = &sense->table;
    uint16_t sources[TT_PROBE_SOURCES_MAX];
    struct tt_condition condition = table->conds[cond].condition, without = condition;
    size_t count = list_sources(sense->design, factor, &condition, sources), before = out->source_count;
    without.level[factor] = 0;
    uint32_t from = tt_sense_find_cond(sense, &without);
    from = from == TT_SENSE_NONE ? table->conds[cond].base : from;
    for (size_t i = 0; i < count; i++) {
        condition.source = sources[i];
        uint32_t alone = tt_sense_find_cond(sense, &condition);
        if (count < 2 || alone == TT_SENSE_NONE || from == TT_SENSE_NONE) {
            out->source_count = before;
            return false;
        }
        if (is_changed(sense, group, alone, from)) {
            const struct tt_level_spec *level = &sense->design->factors[factor].levels[condition.level[factor]];
            out->sources[out->source_count++] = &level->sources[tt_source_index(sources[i])];
        }
    }
    return count > 0;
}

enum tt_status
tt_sense_find_sources(struct tt_sense *sense, const struct tt_sense_group *group, struct tt_dependence *out)
{
    size_t room = (size_t) __builtin_popcount(group->factors) * TT_PROBE_SOURCES_MAX;
    out->sources = tt_sense_get(&sense->answer, room * sizeof(struct tt_source *));
    if (!out->sources) {
        return TT_E_MEMORY;
    }
    for (size_t f = 0; f < sense->design->factor_count; f++) {
        uint32_t factor = UINT32_C(1) << f & group->factors;
        size_t before = out->source_count;
        for (size_t i = 0; i < group->cond_count && factor && !(out->split & factor); i++) {
            out->split |= find_in(sense, group, group->conds[i], f, out) ? factor : 0;
        }
        out->alone |= out->source_count > before ? factor : 0;
    }
    return TT_OK;
}
