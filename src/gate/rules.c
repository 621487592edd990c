/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries of `marks`; see rules.h.
 *
 * Input: a constant policy, which must outlive the rules.  Output: a table, which the gate owns.
 */
#include "gate/rules.h"

#include "marks/channels.h"
#include "marks/marks.h"

static enum tt_status
refuse(const struct tt_policy_value *value, const char *why, struct tt_error *err)
{
    (void) tt_error_set(err, TT_E_INPUT, 0, why);
    if (err) {
        err->line = value->at.line;
        err->column = value->at.column;
    }
    return TT_E_INPUT;
}

/* The rule that an entry is about: of a channel, or of learned sites. */
static enum tt_status
read_entry(const struct tt_policy_mark *mark, const struct tt_learned *learned, struct tt_gate_rule *out, struct tt_error *err)
{
    const struct tt_channel *channel =
        mark->channel.text.len > 0 ? tt_channel_find(mark->channel.text) : &tt_channel_learned_site;
    if (!channel) {
        return refuse(&mark->channel, "an entry of marks names a channel that there is not", err);
    }
    if (mark->site.text.len > 0 && !tt_learned_find(learned, mark->site.text)) {
        return refuse(&mark->site, "an entry of marks names a learned site that no file of --learned describes", err);
    }
    *out = (struct tt_gate_rule) {
        .mark = mark,
        .rule = channel->rule,
        .site = mark->site.text,
        .level = (enum tt_level) mark->level.number,
        .action = (enum tt_policy_mark_action) mark->action.number,
    };
    return TT_OK;
}

enum tt_status
tt_gate_rules_init(struct tt_gate_rules *rules, const struct tt_alloc *alloc, const struct tt_policy *policy,
                   const struct tt_learned *learned, struct tt_error *err)
{
    const struct tt_policy_mark *marks = policy->marks.items;
    size_t count = policy->marks.count;
    *rules = (struct tt_gate_rules) {0};
    if (count == 0) {
        return TT_OK;
    }
    rules->items = tt_alloc_new(alloc, count * sizeof(*rules->items));
    if (!rules->items) {
        return tt_error_set(err, TT_E_MEMORY, 0, "out of memory");
    }
    rules->count = count;
    for (size_t i = 0; i < count; i++) {
        enum tt_status status = read_entry(&marks[i], learned, &rules->items[i], err);
        if (status != TT_OK) {
            tt_gate_rules_free(rules, alloc);
            return status;
        }
    }
    return TT_OK;
}

void
tt_gate_rules_free(struct tt_gate_rules *rules, const struct tt_alloc *alloc)
{
    tt_alloc_free(alloc, rules->items, rules->count * sizeof(*rules->items));
    *rules = (struct tt_gate_rules) {0};
}

static bool
is_for(const struct tt_policy_list *providers, struct tt_str provider)
{
    for (size_t i = 0; i < providers->count; i++) {
        if (tt_str_eq(providers->items[i].text, TT_STR("all")) || tt_str_eq(providers->items[i].text, provider)) {
            return true;
        }
    }
    return !providers->present;
}

/* Is the finding of the learned site that the entry names? */
static bool
is_of_site(const struct tt_gate_rule *rule, const struct tt_finding *f)
{
    for (size_t i = 0; i < f->fact_count; i++) {
        if (strcmp(f->facts[i].key, "learned.site") == 0) {
            return tt_str_eq(f->facts[i].text, rule->site);
        }
    }
    return false;
}

const struct tt_gate_rule *
tt_gate_rules_find(const struct tt_gate_rules *rules, struct tt_str provider, const struct tt_finding *f, bool *named)
{
    const struct tt_gate_rule *found = NULL;
    *named = false;
    for (size_t i = 0; i < rules->count; i++) {
        const struct tt_gate_rule *rule = &rules->items[i];
        if (strcmp(rule->rule, f->rule->id) != 0 || !is_for(&rule->mark->providers, provider)) {
            continue;
        }
        if (rule->site.len > 0 && !is_of_site(rule, f)) {
            continue;
        }
        *named = true;
        if (f->level >= rule->level && (!found || rule->action > found->action)) {
            found = rule;
        }
    }
    return found;
}

bool
tt_gate_rules_want(const struct tt_gate_rules *rules, const char *rule)
{
    for (size_t i = 0; i < rules->count; i++) {
        if (strcmp(rules->items[i].rule, rule) == 0 && rules->items[i].level <= TT_CANDIDATE) {
            return true;
        }
    }
    return false;
}
