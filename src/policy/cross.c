/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What depends on more than one key of a policy.
 *
 * In: a filled policy.  Out: problems; and the defaults that other keys give, such as the owner of a decision.
 */
#include "base/near.h"
#include "policy/schema.h"

#define SAY(check, at, ...) TT_POLICY_PROBLEM((check)->problems, at, __VA_ARGS__)

static bool
is_set(const struct tt_policy_value *value)
{
    return value->text.len > 0;
}

static void
inherit(struct tt_policy_value *value, struct tt_policy_value from)
{
    if (!is_set(value)) {
        value->text = from.text;
    }
}

/* until, when both are there, must not be before from. */
static void
check_order(struct tt_policy_check *check, const struct tt_policy_value *from, const struct tt_policy_value *until,
            const char *until_name, const char *from_name)
{
    if (is_set(from) && is_set(until) && until->number < from->number) {
        SAY(check, until->at, TT_STR("'"), tt_str_cstr(until_name), TT_STR("' is before '"), tt_str_cstr(from_name), TT_STR("'"));
    }
}

static void
check_timeline(struct tt_policy_check *check, const struct tt_policy_timeline *timeline)
{
    static const char *const names[] = {"announce", "warn", "block", "remove", "verify"};
    int64_t last = 0;
    for (size_t i = 0; i < TT_POLICY_STAGES; i++) {
        const struct tt_policy_value *stage = &timeline->stage[i];
        if (!is_set(stage)) {
            continue;
        }
        if (stage->number < last) {
            SAY(check, stage->at, TT_STR("'"), tt_str_cstr(names[i]),
                TT_STR("' is before an earlier stage; the order is announce, warn, block, remove, verify"));
        }
        last = stage->number;
    }
}

/* ---- names of the file ---- */

bool
tt_policy_own_name(const struct tt_policy *policy, enum tt_policy_name kind, struct tt_str name, struct tt_str *nearest)
{
    const struct tt_policy_group *groups = policy->regions.items;
    size_t count = kind == TT_NAME_TEAM     ? policy->teams.count
                   : kind == TT_NAME_REGION ? policy->regions.count
                                            : policy->decisions.count;
    struct tt_near near;
    tt_near_begin(&near, name);
    for (size_t i = 0; i < count; i++) {
        struct tt_str other = kind == TT_NAME_TEAM     ? policy->teams.items[i].text
                              : kind == TT_NAME_REGION ? groups[i].name.text
                                                       : tt_policy_decision_at(policy, i)->id.text;
        if (tt_str_eq(other, name)) {
            return true;
        }
        tt_near_offer(&near, other);
    }
    *nearest = near.best;
    return false;
}

static void
check_own(struct tt_policy_check *check, enum tt_policy_name kind, const struct tt_policy_value *value)
{
    static const char *const words[] = {"team", "group of regions", "decision"};
    struct tt_str near = {NULL, 0};
    bool everything = kind != TT_NAME_DECISION && tt_str_eq(value->text, TT_STR("all"));
    if (value->at.line == 0 || everything || (kind == TT_NAME_REGION && tt_policy_is_country(value->text)) ||
        tt_policy_own_name(check->policy, kind, value->text, &near)) {
        return;
    }
    SAY(check, value->at, TT_STR("there is no "), tt_str_cstr(words[kind - TT_NAME_TEAM]), TT_STR(" '"), value->text,
        near.len ? TT_STR("' in this file; did you mean '") : TT_STR("' in this file"), near,
        near.len ? TT_STR("'?") : TT_STR(""));
}

static void
check_own_list(struct tt_policy_check *check, enum tt_policy_name kind, const struct tt_policy_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        check_own(check, kind, &list->items[i]);
    }
}

static void
check_scope(struct tt_policy_check *check, struct tt_policy_scope *scope)
{
    if (scope->regions_except.present && scope->regions.at.line) {
        SAY(check, scope->regions_except.at, TT_STR("'regions' and 'regions_except' exclude each other"));
    } else if (scope->regions_except.present) {
        scope->regions = (struct tt_policy_list) {0};
    }
    check_own_list(check, TT_NAME_REGION, &scope->regions);
    check_own_list(check, TT_NAME_REGION, &scope->regions_except);
    check_own_list(check, TT_NAME_TEAM, &scope->teams);
}

/* ---- decisions ---- */

static void
check_match(struct tt_policy_check *check, struct tt_policy_match *match)
{
    size_t subjects = 0;
    for (size_t i = 0; i < TT_POLICY_SUBJECTS; i++) {
        if (!is_set(&match->subject[i])) {
            continue;
        }
        match->about = subjects == 0 ? (enum tt_about) i : match->about;
        if (subjects++ == 1) {
            SAY(check, match->subject[i].at, TT_STR("a match has exactly one subject, and '"),
                tt_str_cstr(tt_about_name(match->about)), TT_STR("' is one"));
        }
    }
    if (subjects == 0 && match->at.line) {
        SAY(check, match->at, TT_STR("a match needs a subject, such as product, vendor, model_family or provider"));
    }
    if (is_set(&match->via) && subjects > 0 && tt_axis_of(match->about) == TT_AXIS_SOFTWARE) {
        SAY(check, match->via.at, TT_STR("'via' narrows models and routes; the subject here is software"));
    }
}

static void
check_decision(struct tt_policy_check *check, struct tt_policy_decision *d)
{
    if (tt_str_eq(d->id.text, TT_STR("default"))) {
        SAY(check, d->id.at, TT_STR("'default' means the default and cannot name a decision"));
    }
    bool limited = d->status.number == TT_STATUS_APPROVED_WITH_LIMITS;
    if (d->status.number != TT_STATUS_PROHIBITED && is_set(&d->status) && !is_set(&d->review_due)) {
        SAY(check, d->at, TT_STR("a decision needs the key 'review_due', unless its status is prohibited"));
    }
    if (limited && !d->limits.at.line) {
        SAY(check, d->at, TT_STR("the status approved_with_limits needs the key 'limits'"));
    } else if (!limited && d->limits.at.line && is_set(&d->status)) {
        SAY(check, d->limits.at, TT_STR("'limits' belong to the status approved_with_limits"));
    }
    if (d->supersedes.present && !is_set(&d->from)) {
        SAY(check, d->supersedes.at, TT_STR("'supersedes' needs the key 'from': since when"));
    }
    check_match(check, &d->match);
    check_order(check, &d->from, &d->until, "until", "from");
    check_timeline(check, &d->timeline);
    check_scope(check, &d->applies_to);
    check_own_list(check, TT_NAME_REGION, &d->limits.data_regions);
    check_own_list(check, TT_NAME_DECISION, &d->supersedes);
    for (size_t i = 0; i < d->supersedes.count; i++) {
        if (tt_str_eq(d->supersedes.items[i].text, d->id.text)) {
            SAY(check, d->supersedes.items[i].at, TT_STR("a decision cannot supersede itself"));
        }
    }
    inherit(&d->owner, check->policy->owner);
}

/* ---- decisions that replace each other ---- */

struct succession {
    const struct tt_policy_value *word; /* of the successor: the decision that it names */
    size_t from, to;
};

static size_t
decision_index(const struct tt_policy *policy, struct tt_str id)
{
    size_t i = 0;
    while (i < policy->decisions.count && !tt_str_eq(tt_policy_decision_at(policy, i)->id.text, id)) {
        i++;
    }
    return i;
}

static size_t
list_successions(const struct tt_policy *policy, struct succession *out)
{
    size_t count = 0;
    for (size_t i = 0; i < policy->decisions.count; i++) {
        const struct tt_policy_list *list = &tt_policy_decision_at(policy, i)->supersedes;
        for (size_t k = 0; k < list->count; k++) {
            size_t to = decision_index(policy, list->items[k].text);
            if (to != i && to < policy->decisions.count) {
                out[count++] = (struct succession) {&list->items[k], i, to};
            }
        }
    }
    return count;
}

/* Keeps those whose ends both go on: what replaces another and is replaced, on each side. */
static size_t
drop_loose(struct succession *list, size_t count, size_t *before, size_t *behind)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        before[list[i].from] = behind[list[i].to] = 0;
        before[list[i].to] = behind[list[i].from] = 0;
    }
    for (size_t i = 0; i < count; i++) {
        before[list[i].to]++;
        behind[list[i].from]++;
    }
    for (size_t i = 0; i < count; i++) {
        if (before[list[i].from] > 0 && behind[list[i].to] > 0) {
            list[kept++] = list[i];
        }
    }
    return kept;
}

/* Decisions that replace each other in a circle would all be out of force, and nobody would notice. */
static enum tt_status
check_circles(struct tt_policy_check *check)
{
    const struct tt_policy *policy = check->policy;
    size_t room = 1, count, left, decisions = policy->decisions.count;
    for (size_t i = 0; i < decisions; i++) {
        room += tt_policy_decision_at(policy, i)->supersedes.count;
    }
    struct succession *list = tt_arena_get(check->problems->arena, room * sizeof(*list));
    size_t *ends = tt_arena_get(check->problems->arena, (2 * decisions + 1) * sizeof(*ends));
    if (!list || !ends) {
        return TT_E_MEMORY;
    }
    count = list_successions(policy, list);
    do {
        left = count;
        count = drop_loose(list, left, ends, ends + decisions);
    } while (count < left);
    for (size_t i = 0; i < count; i++) {
        SAY(check, list[i].word->at, TT_STR("decisions replace each other in a circle, through '"), list[i].word->text,
            TT_STR("'"));
    }
    return TT_OK;
}

/* ---- the other lists ---- */

static void
check_exception(struct tt_policy_check *check, struct tt_policy_exception *e)
{
    int64_t most = check->policy->max_exception_days.number;
    for (size_t i = 0; i < e->decisions.count; i++) {
        if (!tt_str_eq(e->decisions.items[i].text, TT_STR("default"))) {
            check_own(check, TT_NAME_DECISION, &e->decisions.items[i]);
        }
    }
    if (e->decisions.present && e->decisions.count == 0) {
        SAY(check, e->decisions.at, TT_STR("an exception needs at least one decision"));
    }
    if (e->scope.at.line && !e->scope.hosts.count && !e->scope.teams.count && !e->scope.regions.count) {
        SAY(check, e->scope.at, TT_STR("the scope of an exception needs hosts, teams or regions"));
    }
    check_scope(check, &e->scope);
    check_order(check, &e->starts, &e->expires, "expires", "starts");
    if (is_set(&e->starts) && e->starts.at.line && e->expires.number &&
        tt_policy_date_days(e->starts.number, e->expires.number) > most) {
        SAY(check, e->expires.at, TT_STR("an exception that lasts longer than 'max_exception_days' allows"));
    }
    inherit(&e->approved_by, check->policy->owner);
}

static void
check_budget(struct tt_policy_check *check, struct tt_policy_budget *b)
{
    const struct tt_policy_value *parts[] = {&b->subject.product, &b->subject.vendor, &b->subject.provider,
                                             &b->subject.model_family};
    size_t set = 0;
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        set += is_set(parts[i]);
    }
    if (b->subject.at.line && set != 1) {
        SAY(check, b->subject.at, TT_STR("the subject of a budget is one of product, vendor, provider and model_family"));
    }
    check_own(check, TT_NAME_TEAM, &b->team);
    check_order(check, &b->from, &b->until, "until", "from");
}

static void
check_mark(struct tt_policy_check *check, const struct tt_policy_mark *m)
{
    if (m->at.line && is_set(&m->channel) == is_set(&m->site)) {
        SAY(check, m->at, TT_STR("an entry of marks needs one of the keys 'channel' and 'site'"));
    }
}

static void
check_gateway(struct tt_policy_check *check, const struct tt_policy_gateway *g)
{
    bool header = false;
    for (size_t i = 0; i < g->identity.count; i++) {
        header = header || tt_str_eq(g->identity.items[i].text, TT_STR("header"));
        for (size_t j = 0; j < i; j++) {
            if (tt_str_eq(g->identity.items[i].text, g->identity.items[j].text)) {
                SAY(check, g->identity.items[i].at, TT_STR("this source stands here twice"));
            }
        }
    }
    if (header != is_set(&g->identity_header)) {
        SAY(check, header ? g->identity.at : g->identity_header.at,
            TT_STR("'identity_header' names the header of the identity source 'header': one needs the other"));
    }
}

static void
check_lists(struct tt_policy_check *check)
{
    struct tt_policy *p = check->policy;
    struct tt_policy_decision *decisions = p->decisions.items;
    struct tt_policy_exception *exceptions = p->exceptions.items;
    struct tt_policy_budget *budgets = p->budgets.items;
    const struct tt_policy_credit *credits = p->credits.items;
    const struct tt_policy_reimbursement *claims = p->reimbursements.items;
    const struct tt_policy_mark *marks = p->marks.items;
    for (size_t i = 0; i < p->decisions.count; i++) {
        check_decision(check, &decisions[i]);
    }
    for (size_t i = 0; i < p->exceptions.count; i++) {
        check_exception(check, &exceptions[i]);
    }
    for (size_t i = 0; i < p->budgets.count; i++) {
        check_budget(check, &budgets[i]);
    }
    for (size_t i = 0; i < p->credits.count; i++) {
        check_own(check, TT_NAME_TEAM, &credits[i].team);
        check_order(check, &credits[i].from, &credits[i].until, "until", "from");
    }
    for (size_t i = 0; i < p->reimbursements.count; i++) {
        check_own_list(check, TT_NAME_TEAM, &claims[i].teams);
        check_order(check, &claims[i].last_spend, &claims[i].claims_until, "claims_until", "last_spend");
    }
    for (size_t i = 0; i < p->marks.count; i++) {
        check_mark(check, &marks[i]);
    }
}

enum tt_status
tt_policy_cross(struct tt_policy_check *check)
{
    for (size_t i = 0; i < check->policy->teams.count; i++) {
        if (tt_str_eq(check->policy->teams.items[i].text, TT_STR("all"))) {
            SAY(check, check->policy->teams.items[i].at, TT_STR("'all' means every team and cannot name one"));
        }
    }
    check_timeline(check, &check->policy->fallback.timeline);
    check_lists(check);
    check_gateway(check, &check->policy->gateway);
    TT_TRY(check_circles(check));
    return check->problems->status;
}
