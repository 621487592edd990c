/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decisions on a day: the most specific wins, ties go to the stricter, exceptions lower, and what is unknown never blocks.
 *
 * In: constant policy, subject, day.  Out: a verdict that borrows from the policy.  Nothing is allocated.  Invariant: the order of
 * decisions in the file does not matter (they are sorted by id when read, and compare() is total).
 */
#include "policy/decide.h"

const char *
tt_policy_action_name(enum tt_policy_action action)
{
    static const char *const names[] = {"report", "announce", "warn", "block", "remove"};
    return names[action];
}

const char *
tt_policy_status_name(enum tt_policy_status status)
{
    static const char *const names[] = {"approved", "approved_with_limits", "reviewing", "prohibited", "undecided"};
    return names[status];
}

const char *
tt_axis_name(enum tt_axis axis)
{
    static const char *const names[] = {"software", "model", "route"};
    return names[axis];
}

/* ---- which of two decisions wins ---- */

static int
subject_rank(enum tt_about about)
{
    static const unsigned char ranks[] = {7, 6, 6, 5, 4, 3, 2, 7, 6, 5, 7, 6, 5};
    return ranks[about];
}

static int
narrowing_count(const struct tt_policy_match *match)
{
    return (match->version.text.len > 0) + (match->via.text.len > 0) + match->os.present + match->install.present +
           match->account.present;
}

static bool
is_restricted(const struct tt_policy_list *list, struct tt_str everything)
{
    for (size_t i = 0; i < list->count; i++) {
        if (tt_str_eq(list->items[i].text, everything)) {
            return false;
        }
    }
    return list->present;
}

static int
scope_rank(const struct tt_policy_scope *scope)
{
    if (is_restricted(&scope->hosts, TT_STR("*"))) {
        return 3;
    }
    if (is_restricted(&scope->teams, TT_STR("all"))) {
        return 2;
    }
    return is_restricted(&scope->regions, TT_STR("all")) || scope->regions_except.present;
}

/* An approval whose review is overdue reads as reviewing. */
static enum tt_policy_status
status_on(const struct tt_policy_decision *d, int64_t day)
{
    enum tt_policy_status status = (enum tt_policy_status) d->status.number;
    bool approval = status == TT_STATUS_APPROVED || status == TT_STATUS_APPROVED_WITH_LIMITS;
    return approval && d->review_due.text.len && d->review_due.number < day ? TT_STATUS_REVIEWING : status;
}

static int
strictness(enum tt_policy_status status)
{
    static const unsigned char ranks[] = {0, 1, 3, 4, 2};
    return ranks[status];
}

/* Positive when a is the more specific. */
static int
compare_width(const struct tt_policy_decision *a, const struct tt_policy_decision *b)
{
    int order = subject_rank(a->match.about) - subject_rank(b->match.about);
    order = order ? order : narrowing_count(&a->match) - narrowing_count(&b->match);
    return order ? order : scope_rank(&a->applies_to) - scope_rank(&b->applies_to);
}

/* Positive when a wins over b; never 0 for two decisions, because ids differ. */
static int
compare(const struct tt_policy_decision *a, const struct tt_policy_decision *b, int64_t day)
{
    int order = compare_width(a, b);
    order = order ? order : strictness(status_on(a, day)) - strictness(status_on(b, day));
    if (order) {
        return order;
    }
    const struct tt_policy_value *x = &a->timeline.stage[TT_STAGE_BLOCK], *y = &b->timeline.stage[TT_STAGE_BLOCK];
    int64_t block_a = x->text.len ? x->number : INT64_MAX, block_b = y->text.len ? y->number : INT64_MAX;
    if (block_a != block_b) {
        return block_a < block_b ? 1 : -1;
    }
    return a < b ? 1 : -1; /* sorted by id */
}

/* ---- stages ---- */

/* The stage of a timeline on day; since and next may be NULL. */
static enum tt_policy_action
stage_on(const struct tt_policy_timeline *timeline, int64_t day, struct tt_policy_axis_verdict *axis)
{
    enum tt_policy_action action = TT_ACTION_REPORT;
    for (size_t i = TT_STAGE_ANNOUNCE; i <= TT_STAGE_REMOVE; i++) {
        const struct tt_policy_value *stage = &timeline->stage[i];
        enum tt_policy_action of_stage = (enum tt_policy_action)(i + 1);
        if (!stage->text.len) {
            continue;
        }
        if (stage->number <= day) {
            action = of_stage;
            if (axis) {
                axis->since = stage->number;
            }
        } else if (axis && !axis->next) {
            axis->next = stage->number;
            axis->next_stage = of_stage;
        }
    }
    return action;
}

/* What a decision asks for on day, before limits and exceptions. */
static enum tt_policy_action
action_on(const struct tt_policy_decision *d, int64_t day)
{
    bool strict = d->status.number == TT_STATUS_PROHIBITED || d->status.number == TT_STATUS_REVIEWING;
    return strict ? stage_on(&d->timeline, day, NULL) : TT_ACTION_REPORT;
}

static enum tt_policy_action
least(enum tt_policy_action a, enum tt_policy_action b)
{
    return a < b ? a : b;
}

static enum tt_policy_action
capped(enum tt_policy_action action, enum tt_policy_fit fit)
{
    return fit == TT_FIT_YES ? action : least(action, fit == TT_FIT_UNVERIFIED ? TT_ACTION_WARN : TT_ACTION_REPORT);
}

/* ---- one axis ---- */

static void
list_other(struct tt_policy_axis_verdict *axis, struct tt_policy_other other)
{
    if (axis->other_count < TT_POLICY_SUPERSEDED_MAX) {
        axis->others[axis->other_count++] = other;
    } else {
        axis->other_more++;
    }
}

/* The winner among those that fit for certain. */
static void
find_winner(const struct tt_policy *policy, const struct tt_policy_subject *subject, enum tt_axis which, int64_t day,
            struct tt_policy_axis_verdict *axis)
{
    for (size_t i = 0; i < policy->decisions.count; i++) {
        const struct tt_policy_decision *d = tt_policy_decision_at(policy, i);
        enum tt_policy_fit fit = tt_axis_of(d->match.about) == which ? tt_policy_fit(policy, d, subject, day, NULL) : TT_FIT_NO;
        if (fit >= TT_FIT_UNVERIFIED && (!axis->winner || compare(d, axis->winner, day) > 0)) {
            axis->winner = d;
            axis->fit = fit;
        }
    }
}

/* Status and stage by the winner or the default. */
static void
apply_winner(const struct tt_policy *policy, enum tt_axis which, int64_t day, struct tt_policy_axis_verdict *axis)
{
    static const enum tt_policy_status defaults[] = {TT_STATUS_UNDECIDED, TT_STATUS_APPROVED, TT_STATUS_PROHIBITED};
    const struct tt_policy_decision *d = axis->winner;
    const struct tt_policy_timeline *timeline = d ? &d->timeline : &policy->fallback.timeline;
    axis->status = d ? status_on(d, day) : defaults[policy->fallback.axis[which].number];
    axis->lapsed = d && axis->status != (enum tt_policy_status) d->status.number;
    bool strict = axis->status == TT_STATUS_PROHIBITED || (d && d->status.number == TT_STATUS_REVIEWING);
    if (strict) {
        axis->stage = stage_on(timeline, day, axis);
        axis->overdue = timeline->stage[TT_STAGE_VERIFY].text.len && timeline->stage[TT_STAGE_VERIFY].number <= day;
    }
    axis->action = capped(axis->stage, d ? axis->fit : TT_FIT_YES);
}

static void
apply_limits(const struct tt_policy *policy, const struct tt_policy_subject *subject, int64_t day,
             struct tt_policy_axis_verdict *axis)
{
    const struct tt_policy_decision *d = axis->winner;
    if (!d || !d->limits.at.line) {
        return;
    }
    enum tt_policy_fit worst = tt_policy_breaches(policy, &d->limits, subject, axis->breaches, &axis->breach_count);
    if (worst == TT_FIT_NO) {
        return;
    }
    enum tt_policy_fit fit = worst < axis->fit ? worst : axis->fit;
    axis->stage = stage_on(&d->timeline, day, axis);
    enum tt_policy_action action = capped(axis->stage, fit);
    axis->action = action > axis->action ? action : axis->action;
}

/* Decisions that fit but lost, and those that may fit: one of these that would win may also lower the action. */
static void
apply_others(const struct tt_policy *policy, const struct tt_policy_subject *subject, enum tt_axis which, int64_t day,
             struct tt_policy_axis_verdict *axis)
{
    for (size_t i = 0; i < policy->decisions.count; i++) {
        const struct tt_policy_decision *d = tt_policy_decision_at(policy, i);
        struct tt_policy_other other = {.decision = d, .why = d->match.about};
        if (tt_axis_of(d->match.about) != which || d == axis->winner) {
            continue;
        }
        other.fit = tt_policy_fit(policy, d, subject, day, &other.why);
        if (other.fit == TT_FIT_NO) {
            continue;
        }
        other.is_overridden = axis->winner && other.fit >= TT_FIT_UNVERIFIED && compare_width(axis->winner, d) > 0 &&
                              strictness(axis->status) < strictness(status_on(d, day)) && axis->status != TT_STATUS_REVIEWING;
        list_other(axis, other);
        /* Who the subject is, is said or not; where, when and by whom it is used may just not be known. */
        bool would_win = other.fit == TT_FIT_POSSIBLE && other.why >= (enum tt_about) TT_POLICY_SUBJECTS &&
                         (!axis->winner || compare(d, axis->winner, day) > 0);
        if (would_win && action_on(d, day) < axis->action) {
            axis->action = action_on(d, day);
            axis->held_by_unknown = true;
        }
    }
}

static bool
is_excepted(const struct tt_policy_exception *e, const struct tt_policy_decision *winner, int64_t day)
{
    struct tt_str id = winner ? winner->id.text : TT_STR("default");
    for (size_t i = 0; i < e->decisions.count; i++) {
        if (tt_str_eq(e->decisions.items[i].text, id)) {
            return (!e->starts.text.len || e->starts.number <= day) && e->expires.number >= day;
        }
    }
    return false;
}

/* The exception that lowers most.  One that may hold is only named: an exception is a permission, and has to be shown. */
static void
apply_exceptions(const struct tt_policy *policy, const struct tt_policy_subject *subject, int64_t day,
                 struct tt_policy_axis_verdict *axis)
{
    for (size_t i = 0; i < policy->exceptions.count; i++) {
        const struct tt_policy_exception *e = tt_policy_exception_at(policy, i);
        enum tt_policy_fit fit =
            is_excepted(e, axis->winner, day) ? tt_policy_scope_fit(policy, &e->scope, subject, NULL) : TT_FIT_NO;
        enum tt_policy_action hold = (enum tt_policy_action) e->hold_at.number;
        bool is_lower = axis->exception && hold < (enum tt_policy_action) axis->exception->hold_at.number;
        if (fit != TT_FIT_NO && (!axis->exception || fit > axis->exception_fit || (fit == axis->exception_fit && is_lower))) {
            axis->exception = e;
            axis->exception_fit = fit;
        }
    }
    if (axis->exception && axis->exception_fit != TT_FIT_POSSIBLE) {
        axis->action = least(axis->action, (enum tt_policy_action) axis->exception->hold_at.number);
    }
}

static void
decide_axis(const struct tt_policy *policy, const struct tt_policy_subject *subject, enum tt_axis which, int64_t day,
            struct tt_policy_axis_verdict *axis)
{
    for (size_t i = 0; i < TT_POLICY_SUBJECTS; i++) {
        axis->asked = axis->asked || (tt_axis_of((enum tt_about) i) == which && subject->facts[i].text.len > 0);
    }
    if (!axis->asked) {
        return;
    }
    find_winner(policy, subject, which, day, axis);
    apply_winner(policy, which, day, axis);
    apply_limits(policy, subject, day, axis);
    apply_others(policy, subject, which, day, axis);
    apply_exceptions(policy, subject, day, axis);
}

/* Facts that only may be so ask nothing of a default. */
static bool
is_only_possible(const struct tt_policy_subject *subject, enum tt_axis which)
{
    for (size_t i = 0; i < TT_POLICY_SUBJECTS; i++) {
        const struct tt_policy_fact *fact;
        for (size_t k = 0; (fact = tt_policy_fact_at(subject, (enum tt_about) i, k)); k++) {
            if (tt_axis_of((enum tt_about) i) == which && !fact->possible) {
                return false;
            }
        }
    }
    return true;
}

/* The same axis, of which a default says nothing; its possible decisions stay listed. */
static struct tt_policy_axis_verdict
without_default(const struct tt_policy_axis_verdict *axis)
{
    struct tt_policy_axis_verdict rest = *axis;
    rest.status = TT_STATUS_UNDECIDED;
    rest.action = rest.stage = TT_ACTION_REPORT;
    rest.next = rest.since = 0;
    rest.overdue = false;
    return rest;
}

/* How much an axis weighs among those with the same action: its status, or a limit that is not kept. */
static int
weight(const struct tt_policy_axis_verdict *axis)
{
    int by_status = 2 * strictness(axis->status), by_limits = 2 * strictness(TT_STATUS_PROHIBITED) - 1;
    for (size_t i = 0; i < axis->breach_count && by_status < by_limits; i++) {
        by_status = axis->breaches[i].fit >= TT_FIT_UNVERIFIED ? by_limits : by_status;
    }
    return by_status;
}

void
tt_policy_decide(const struct tt_policy *policy, const struct tt_policy_subject *subject, int64_t day,
                 struct tt_policy_verdict *verdict)
{
    int heaviest = -1;
    *verdict = (struct tt_policy_verdict) {.status = TT_STATUS_UNDECIDED};
    for (int i = 0; i < TT_AXES; i++) {
        struct tt_policy_axis_verdict *axis = &verdict->axes[i];
        decide_axis(policy, subject, (enum tt_axis) i, day, axis);
        if (axis->asked && !axis->winner && is_only_possible(subject, (enum tt_axis) i)) {
            *axis = without_default(axis);
            continue;
        }
        bool stricter = axis->action > verdict->action || (axis->action == verdict->action && weight(axis) > heaviest);
        if (axis->asked && stricter) {
            verdict->action = axis->action;
            verdict->status = axis->status;
            verdict->axis = (enum tt_axis) i;
            heaviest = weight(axis);
        }
    }
}

struct tt_str
tt_policy_rule(const struct tt_policy_verdict *verdict)
{
    const struct tt_policy_decision *winner = verdict->axes[verdict->axis].winner;
    return winner ? winner->id.text : TT_STR("default");
}
