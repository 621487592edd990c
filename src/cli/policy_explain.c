/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A verdict in words and as JSON.
 *
 * In: a verdict and the policy it borrows from.  Out: text in a buffer, safe for a terminal.
 */
#include "cli/policy.h"

#include "finding/writer.h"

static void
add_id(struct tt_buf *out, const struct tt_policy_decision *decision)
{
    tt_writer_add_safe(out, decision ? decision->id.text : TT_STR("default"));
}

static bool
is_given(const struct tt_policy_subject *subject, size_t about)
{
    return subject->facts[about].text.len > 0 && !subject->facts[about].derived;
}

void
tt_policy_add_subject(struct tt_buf *out, const struct tt_policy_subject *subject)
{
    bool first = true;
    for (size_t i = 0; i < TT_ABOUTS; i++) {
        if (is_given(subject, i)) {
            tt_buf_add_cstr(out, first ? "" : ", ");
            tt_buf_add_cstr(out, tt_about_name((enum tt_about) i));
            tt_buf_add_char(out, ' ');
            tt_writer_add_safe(out, subject->facts[i].text);
            first = false;
        }
    }
}

/* The values of a fact that are derived and possible (or not), after a label; nothing when there is none. */
static void
add_derived(struct tt_buf *out, const struct tt_policy_subject *subject, enum tt_about about, bool possible)
{
    const struct tt_policy_fact *fact;
    size_t count = 0;
    for (size_t i = 0; (fact = tt_policy_fact_at(subject, about, i)); i++) {
        if (!fact->derived || fact->possible != possible) {
            continue;
        }
        if (count++ == 0) {
            tt_buf_add_cstr(out, possible ? "  may be    " : "  follows   ");
            tt_buf_add_cstr(out, tt_about_name(about));
        }
        tt_buf_add_cstr(out, count > 1 ? ", " : " ");
        tt_writer_add_safe(out, fact->text);
        tt_buf_add_cstr(out, fact->unverified ? " (not verified)" : "");
    }
    tt_buf_add_cstr(out, count ? "\n" : "");
}

void
tt_policy_add_derived(struct tt_buf *out, const struct tt_policy_subject *subject)
{
    for (int about = 0; about < TT_ABOUTS; about++) {
        add_derived(out, subject, (enum tt_about) about, false);
        add_derived(out, subject, (enum tt_about) about, true);
    }
}

/* ---- outcomes ---- */

struct tt_policy_outcome
tt_policy_outcome_of(const struct tt_policy_verdict *verdict)
{
    return (struct tt_policy_outcome) {verdict->action, verdict->status, tt_policy_rule(verdict)};
}

bool
tt_policy_outcome_same(const struct tt_policy_outcome *a, const struct tt_policy_outcome *b)
{
    return a->action == b->action && a->status == b->status && tt_str_eq(a->rule, b->rule);
}

void
tt_policy_add_outcome(struct tt_buf *out, const struct tt_policy_outcome *outcome)
{
    const char *action = tt_policy_action_name(outcome->action);
    tt_buf_add_cstr(out, action);
    for (size_t n = strlen(action); n < 10; n++) {
        tt_buf_add_char(out, ' ');
    }
    tt_writer_add_safe(out, outcome->rule);
    tt_buf_add_char(out, ' ');
    tt_buf_add_cstr(out, tt_policy_status_name(outcome->status));
}

void
tt_policy_add_outcome_json(struct tt_buf *out, bool *first, const struct tt_policy_outcome *outcome)
{
    tt_json_add_text_member(out, first, "action", tt_str_cstr(tt_policy_action_name(outcome->action)));
    tt_json_add_text_member(out, first, "rule", outcome->rule);
    tt_json_add_text_member(out, first, "status", tt_str_cstr(tt_policy_status_name(outcome->status)));
}

/* ---- text ---- */

/* "(vendor anthropic)": what the decision is about. */
static void
add_match(struct tt_buf *out, const struct tt_policy_decision *d)
{
    tt_buf_add_cstr(out, " (");
    tt_buf_add_cstr(out, tt_about_name(d->match.about));
    tt_buf_add_char(out, ' ');
    tt_writer_add_safe(out, d->match.subject[d->match.about].text);
    if (d->match.version.text.len) {
        tt_buf_add_cstr(out, ", version ");
        tt_writer_add_safe(out, d->match.version.text);
    }
    if (d->match.via.text.len) {
        tt_buf_add_cstr(out, ", via ");
        tt_writer_add_safe(out, d->match.via.text);
    }
    tt_buf_add_char(out, ')');
}

static void
add_stages(struct tt_buf *out, const struct tt_policy_axis_verdict *axis)
{
    if (axis->since) {
        tt_buf_add_cstr(out, "; ");
        tt_buf_add_cstr(out, tt_policy_action_name(axis->stage));
        tt_buf_add_cstr(out, " since ");
        tt_policy_date_add(out, axis->since);
    }
    if (axis->next) {
        tt_buf_add_cstr(out, axis->since ? ", " : "; ");
        tt_buf_add_cstr(out, tt_policy_action_name(axis->next_stage));
        tt_buf_add_cstr(out, " on ");
        tt_policy_date_add(out, axis->next);
    }
    tt_buf_add_cstr(out, axis->overdue ? "; overdue" : "");
}

static void
add_line(struct tt_buf *out, const char *label, const char *text)
{
    tt_buf_add_cstr(out, "            ");
    tt_buf_add_cstr(out, label);
    tt_buf_add_cstr(out, text);
}

static void
add_other(struct tt_buf *out, const struct tt_policy_subject *subject, const struct tt_policy_other *other)
{
    bool possible = other->fit == TT_FIT_POSSIBLE;
    add_line(out, possible ? "possible  " : other->is_overridden ? "overrides " : "beats     ", "");
    add_id(out, other->decision);
    tt_buf_add_char(out, ' ');
    tt_buf_add_cstr(out, tt_policy_status_name((enum tt_policy_status) other->decision->status.number));
    add_match(out, other->decision);
    if (possible) {
        tt_buf_add_cstr(out, subject->facts[other->why].possible ? ": may be: " : ": not known: ");
        tt_buf_add_cstr(out, tt_about_name(other->why));
    }
    tt_buf_add_char(out, '\n');
}

static void
add_notes(struct tt_buf *out, const struct tt_policy_axis_verdict *axis)
{
    for (size_t i = 0; i < axis->breach_count; i++) {
        add_line(out, axis->breaches[i].fit == TT_FIT_POSSIBLE ? "limit     may not be kept: " : "limit     not kept: ",
                 tt_about_name(axis->breaches[i].about));
        tt_buf_add_char(out, '\n');
    }
    if (axis->exception) {
        add_line(out, axis->exception_fit == TT_FIT_POSSIBLE ? "excepted  only if more is known, until " : "excepted  until ",
                 "");
        tt_policy_date_add(out, axis->exception->expires.number);
        tt_buf_add_cstr(out, " by ");
        tt_writer_add_safe(out, axis->exception->id.text);
        tt_buf_add_char(out, '\n');
    }
    if (axis->held_by_unknown) {
        add_line(out, "held      ", "at a lower action, because a possible decision would win\n");
    }
}

static void
add_axis(struct tt_buf *out, const struct tt_policy_subject *subject, enum tt_axis which,
         const struct tt_policy_axis_verdict *axis)
{
    const char *name = tt_axis_name(which);
    tt_buf_add_cstr(out, "  ");
    tt_buf_add_cstr(out, name);
    for (size_t n = strlen(name); n < 10; n++) {
        tt_buf_add_char(out, ' ');
    }
    add_id(out, axis->winner);
    tt_buf_add_char(out, ' ');
    tt_buf_add_cstr(out, tt_policy_status_name(axis->status));
    if (axis->winner) {
        add_match(out, axis->winner);
    }
    tt_buf_add_cstr(out, axis->lapsed ? "; the review is overdue" : "");
    tt_buf_add_cstr(out, axis->winner && axis->fit == TT_FIT_UNVERIFIED ? "; on a fact that is not verified" : "");
    add_stages(out, axis);
    tt_buf_add_char(out, '\n');
    add_notes(out, axis);
    for (size_t i = 0; i < axis->other_count; i++) {
        add_other(out, subject, &axis->others[i]);
    }
    if (axis->other_more) {
        add_line(out, "", "and ");
        tt_buf_add_u64(out, axis->other_more);
        tt_buf_add_cstr(out, " more\n");
    }
}

void
tt_policy_explain(struct tt_buf *out, const struct tt_policy *policy, const struct tt_policy_subject *subject,
                  const struct tt_policy_verdict *verdict)
{
    const struct tt_policy_decision *winner = verdict->axes[verdict->axis].winner;
    const struct tt_policy_outcome outcome = tt_policy_outcome_of(verdict);
    tt_policy_add_outcome(out, &outcome);
    tt_buf_add_char(out, '\n');
    for (int i = 0; i < TT_AXES; i++) {
        if (verdict->axes[i].asked) {
            add_axis(out, subject, (enum tt_axis) i, &verdict->axes[i]);
        }
    }
    if (winner) {
        tt_buf_add_cstr(out, "  reason    ");
        tt_writer_add_safe(out, winner->reason.text);
        tt_buf_add_char(out, '\n');
    }
    if (winner && winner->message.text.len) {
        tt_buf_add_cstr(out, "  message   ");
        tt_writer_add_safe(out, winner->message.text);
        tt_buf_add_char(out, '\n');
    }
    tt_buf_add_cstr(out, "  policy    ");
    tt_writer_add_safe(out, policy->id.text);
    tt_buf_add_cstr(out, " sha256:");
    tt_buf_add_cstr(out, policy->identity.hex);
    tt_buf_add_char(out, '\n');
}

/* ---- JSON ---- */

void
tt_policy_add_date_json(struct tt_buf *out, bool *first, const char *key, int64_t date)
{
    tt_json_add_key(out, first, key);
    tt_buf_add_char(out, '"');
    tt_policy_date_add(out, date);
    tt_buf_add_char(out, '"');
}

/* The ids of others that possible (or not), as a list. */
static void
add_others(struct tt_buf *out, bool *first, const char *key, const struct tt_policy_axis_verdict *axis, bool possible,
           bool overridden)
{
    size_t count = 0;
    tt_json_add_key(out, first, key);
    tt_buf_add_char(out, '[');
    for (size_t i = 0; i < axis->other_count; i++) {
        const struct tt_policy_other *other = &axis->others[i];
        if ((other->fit == TT_FIT_POSSIBLE) == possible && other->is_overridden == overridden) {
            tt_buf_add_cstr(out, count++ ? "," : "");
            tt_json_add_string(out, other->decision->id.text);
        }
    }
    tt_buf_add_char(out, ']');
}

static void
add_breaches(struct tt_buf *out, bool *first, const struct tt_policy_axis_verdict *axis)
{
    if (axis->breach_count == 0) {
        return;
    }
    tt_json_add_key(out, first, "limits");
    tt_buf_add_char(out, '[');
    for (size_t i = 0; i < axis->breach_count; i++) {
        bool inner = true;
        tt_buf_add_cstr(out, i ? ",{" : "{");
        tt_json_add_text_member(out, &inner, "fact", tt_str_cstr(tt_about_name(axis->breaches[i].about)));
        tt_json_add_bool_member(out, &inner, "possible", axis->breaches[i].fit == TT_FIT_POSSIBLE);
        tt_buf_add_char(out, '}');
    }
    tt_buf_add_char(out, ']');
}

static void
add_axis_json(struct tt_buf *out, enum tt_axis which, const struct tt_policy_axis_verdict *axis)
{
    bool first = true;
    tt_buf_add_char(out, '{');
    tt_json_add_text_member(out, &first, "axis", tt_str_cstr(tt_axis_name(which)));
    const struct tt_policy_outcome outcome = {axis->action, axis->status,
                                              axis->winner ? axis->winner->id.text : TT_STR("default")};
    tt_policy_add_outcome_json(out, &first, &outcome);
    if (axis->since) {
        tt_policy_add_date_json(out, &first, "since", axis->since);
    }
    if (axis->next) {
        tt_json_add_text_member(out, &first, "next", tt_str_cstr(tt_policy_action_name(axis->next_stage)));
        tt_policy_add_date_json(out, &first, "next_on", axis->next);
    }
    tt_json_add_bool_member(out, &first, "overdue", axis->overdue);
    tt_json_add_bool_member(out, &first, "review_overdue", axis->lapsed);
    add_breaches(out, &first, axis);
    if (axis->exception) {
        tt_json_add_text_member(out, &first, "exception", axis->exception->id.text);
        tt_policy_add_date_json(out, &first, "excepted_until", axis->exception->expires.number);
        tt_json_add_bool_member(out, &first, "exception_possible", axis->exception_fit == TT_FIT_POSSIBLE);
    }
    add_others(out, &first, "beats", axis, false, false);
    add_others(out, &first, "overrides", axis, false, true);
    add_others(out, &first, "possible", axis, true, false);
    tt_buf_add_char(out, '}');
}

void
tt_policy_add_subject_json(struct tt_buf *out, const struct tt_policy_subject *subject)
{
    bool first = true;
    tt_buf_add_char(out, '{');
    for (size_t i = 0; i < TT_ABOUTS; i++) {
        if (is_given(subject, i)) {
            tt_json_add_text_member(out, &first, tt_about_name((enum tt_about) i), subject->facts[i].text);
        }
    }
    tt_buf_add_char(out, '}');
}

/* [{"fact":"vendor","value":"acme","possible":false,"unverified":false}]: what the catalogue added. */
static void
add_derived_json(struct tt_buf *out, const struct tt_policy_subject *subject)
{
    size_t count = 0;
    tt_buf_add_char(out, '[');
    for (int about = 0; about < TT_ABOUTS; about++) {
        const struct tt_policy_fact *fact;
        for (size_t i = 0; (fact = tt_policy_fact_at(subject, (enum tt_about) about, i)); i++) {
            bool first = true;
            if (!fact->derived) {
                continue;
            }
            tt_buf_add_cstr(out, count++ ? ",{" : "{");
            tt_json_add_text_member(out, &first, "fact", tt_str_cstr(tt_about_name((enum tt_about) about)));
            tt_json_add_text_member(out, &first, "value", fact->text);
            tt_json_add_bool_member(out, &first, "possible", fact->possible);
            tt_json_add_bool_member(out, &first, "unverified", fact->unverified);
            tt_buf_add_char(out, '}');
        }
    }
    tt_buf_add_char(out, ']');
}

void
tt_policy_add_json(struct tt_buf *out, const struct tt_policy *policy, const struct tt_policy_subject *subject, int64_t day,
                   const struct tt_policy_verdict *verdict)
{
    bool first = true;
    tt_buf_add_char(out, '{');
    tt_json_add_text_member(out, &first, "action", tt_str_cstr(tt_policy_action_name(verdict->action)));
    tt_json_add_text_member(out, &first, "rule", tt_policy_rule(verdict));
    tt_json_add_key(out, &first, "policy");
    tt_buf_add_cstr(out, "\"sha256:");
    tt_buf_add_cstr(out, policy->identity.hex);
    tt_buf_add_char(out, '"');
    tt_policy_add_date_json(out, &first, "as_of", day);
    tt_json_add_text_member(out, &first, "status", tt_str_cstr(tt_policy_status_name(verdict->status)));
    tt_json_add_key(out, &first, "subject");
    tt_policy_add_subject_json(out, subject);
    tt_json_add_key(out, &first, "follows");
    add_derived_json(out, subject);
    tt_json_add_key(out, &first, "axes");
    for (int i = 0, n = 0; i < TT_AXES; i++) {
        if (verdict->axes[i].asked) {
            tt_buf_add_cstr(out, n++ ? "," : "[");
            add_axis_json(out, (enum tt_axis) i, &verdict->axes[i]);
        }
    }
    tt_buf_add_cstr(out, "]}\n");
}
