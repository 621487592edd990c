/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale policy diff`: which decisions change between two policies.
 *
 * In: two files, perhaps a day.  Out: for each subject that either policy is about, the spans of days on which its outcome differs; and
 * which other keys differ.  The text of the files may differ without a line: what counts is what happens.  Outcomes change only on the
 * days that a policy names, so that only these are asked about.
 */
#include "base/limits.h"
#include "cli/policy.h"
#include "finding/writer.h"
#include "policy/schema.h"

#include <stdlib.h>

/* Before every day that a policy can name; its outcome holds until the first of them. */
#define EVER 10101

struct diff {
    const struct tt_policy *a, *b;
    const struct tt_policy_settings *settings;
    int64_t *days; /* rising; the first is EVER, or the day of --as-of alone */
    size_t day_count;
    struct tt_policy_asked asked;
    struct tt_buf out;
    size_t changes;
};

/* A span of days with the same two outcomes. */
struct span {
    int64_t from, until; /* inclusive; EVER and 0: open */
    struct tt_policy_outcome before, after;
};

/* ---- days ---- */

#define DAYS_OF_DECISION (TT_POLICY_STAGES + 3)
#define DAYS_OF_EXCEPTION 2

static void
add_day(struct diff *d, const struct tt_policy_value *date, bool after)
{
    if (date->text.len > 0) {
        d->days[d->day_count++] = after ? tt_policy_date_next(date->number) : date->number;
    }
}

static void
add_stages(struct diff *d, const struct tt_policy_timeline *timeline)
{
    for (size_t i = 0; i < TT_POLICY_STAGES; i++) {
        add_day(d, &timeline->stage[i], false);
    }
}

static void
add_days_of(struct diff *d, const struct tt_policy *policy)
{
    add_stages(d, &policy->fallback.timeline);
    for (size_t i = 0; i < policy->decisions.count; i++) {
        const struct tt_policy_decision *decision = tt_policy_decision_at(policy, i);
        add_stages(d, &decision->timeline);
        add_day(d, &decision->from, false);
        add_day(d, &decision->until, true);
        add_day(d, &decision->review_due, true);
    }
    for (size_t i = 0; i < policy->exceptions.count; i++) {
        add_day(d, &tt_policy_exception_at(policy, i)->starts, false);
        add_day(d, &tt_policy_exception_at(policy, i)->expires, true);
    }
}

static int
by_day(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static size_t
days_size(const struct diff *d)
{
    size_t decisions = d->a->decisions.count + d->b->decisions.count;
    size_t exceptions = d->a->exceptions.count + d->b->exceptions.count;
    return (1 + 2 * TT_POLICY_STAGES + decisions * DAYS_OF_DECISION + exceptions * DAYS_OF_EXCEPTION) * sizeof(*d->days);
}

/* All days on which an outcome may change. */
static void
find_days(struct diff *d)
{
    size_t kept = 0;
    d->days[0] = EVER;
    d->day_count = 1;
    add_days_of(d, d->a);
    add_days_of(d, d->b);
    qsort(d->days, d->day_count, sizeof(*d->days), by_day);
    for (size_t i = 0; i < d->day_count; i++) {
        if (i == 0 || d->days[i] != d->days[i - 1]) {
            d->days[kept++] = d->days[i];
        }
    }
    d->day_count = kept;
}

/* ---- output ---- */

static void
add_span_text(struct diff *d, const struct tt_policy_subject *subject, const struct span *span, bool first)
{
    bool from = span->from != EVER, until = span->until != 0, alone = from && span->from == span->until;
    if (first) {
        tt_policy_add_subject(&d->out, subject);
        tt_buf_add_char(&d->out, '\n');
    }
    tt_buf_add_cstr(&d->out, alone ? "  on " : from && until ? "  " : from ? "  from " : until ? "  until " : "  always");
    if (from) {
        tt_policy_date_add(&d->out, span->from);
    }
    if (until && !alone) {
        tt_buf_add_cstr(&d->out, from ? " to " : "");
        tt_policy_date_add(&d->out, span->until);
    }
    tt_buf_add_cstr(&d->out, "\n    before  ");
    tt_policy_add_outcome(&d->out, &span->before);
    tt_buf_add_cstr(&d->out, "\n    after   ");
    tt_policy_add_outcome(&d->out, &span->after);
    tt_buf_add_char(&d->out, '\n');
}

static void
add_outcome_member(struct diff *d, bool *first, const char *key, const struct tt_policy_outcome *outcome)
{
    bool inner = true;
    tt_json_add_key(&d->out, first, key);
    tt_buf_add_char(&d->out, '{');
    tt_policy_add_outcome_json(&d->out, &inner, outcome);
    tt_buf_add_char(&d->out, '}');
}

static void
add_span_json(struct diff *d, const struct tt_policy_subject *subject, const struct span *span)
{
    bool first = true;
    tt_buf_add_char(&d->out, '{');
    tt_json_add_text_member(&d->out, &first, "type", TT_STR("change"));
    tt_json_add_key(&d->out, &first, "subject");
    tt_policy_add_subject_json(&d->out, subject);
    if (span->from != EVER) {
        tt_policy_add_date_json(&d->out, &first, "from", span->from);
    }
    if (span->until) {
        tt_policy_add_date_json(&d->out, &first, "until", span->until);
    }
    add_outcome_member(d, &first, "before", &span->before);
    add_outcome_member(d, &first, "after", &span->after);
    tt_buf_add_cstr(&d->out, "}\n");
}

static void
add_span(struct diff *d, const struct tt_policy_subject *subject, const struct span *span, size_t *spans)
{
    if (d->settings->format == TT_CLI_JSON) {
        add_span_json(d, subject, span);
    } else {
        add_span_text(d, subject, span, *spans == 0);
    }
    ++*spans;
    d->changes++;
}

/* ---- what differs ---- */

static void
compare(struct diff *d, const struct tt_policy_subject *subject)
{
    struct span span = {.from = 0};
    size_t spans = 0;
    for (size_t i = 0; i < d->day_count; i++) {
        struct tt_policy_verdict a, b;
        tt_policy_decide(d->a, subject, d->days[i], &a);
        tt_policy_decide(d->b, subject, d->days[i], &b);
        struct tt_policy_outcome before = tt_policy_outcome_of(&a), after = tt_policy_outcome_of(&b);
        bool goes_on = span.from && tt_policy_outcome_same(&before, &span.before) && tt_policy_outcome_same(&after, &span.after);
        if (span.from && !goes_on) {
            span.until = tt_policy_date_previous(d->days[i]);
            add_span(d, subject, &span, &spans);
            span.from = 0;
        }
        if (!goes_on && !tt_policy_outcome_same(&before, &after)) {
            span = (struct span) {d->days[i], 0, before, after};
        }
    }
    if (span.from) {
        span.until = d->settings->as_of ? span.from : 0;
        add_span(d, subject, &span, &spans);
    }
}

static bool
is_key_same(const struct diff *d, const struct tt_alloc *alloc, size_t row)
{
    struct tt_buf a, b;
    tt_buf_init(&a, alloc, TT_POLICY_CANONICAL_MAX);
    tt_buf_init(&b, alloc, TT_POLICY_CANONICAL_MAX);
    tt_policy_canonical_key(d->a, row, &a);
    tt_policy_canonical_key(d->b, row, &b);
    bool same = tt_str_eq(tt_buf_str(&a), tt_buf_str(&b)) && a.status == TT_OK && b.status == TT_OK;
    tt_buf_free(&a);
    tt_buf_free(&b);
    return same;
}

/* The keys of the files that differ, whether or not a decision changes by that. */
static void
add_keys(struct diff *d, const struct tt_alloc *alloc)
{
    bool json = d->settings->format == TT_CLI_JSON;
    size_t count = 0;
    for (size_t i = 0; i < tt_policy_schema_top.count; i++) {
        struct tt_str name = tt_str_cstr(tt_policy_schema_top.fields[i].name);
        if (is_key_same(d, alloc, i)) {
            continue;
        }
        tt_buf_add_cstr(&d->out, count++ ? (json ? "," : ", ") : json ? "" : "keys that differ: ");
        if (json) {
            tt_json_add_string(&d->out, name);
        } else {
            tt_buf_add(&d->out, name);
        }
    }
    tt_buf_add_cstr(&d->out, count && !json ? "\n" : "");
}

static void
add_summary(struct diff *d, const struct tt_alloc *alloc)
{
    const struct tt_policy *const sides[] = {d->a, d->b};
    bool first = true;
    if (d->settings->format != TT_CLI_JSON) {
        bool same = strcmp(d->a->identity.hex, d->b->identity.hex) == 0;
        tt_buf_add_cstr(&d->out, d->changes ? "" : same ? "the same policy\n" : "no decision changes\n");
        add_keys(d, alloc);
        return;
    }
    tt_buf_add_char(&d->out, '{');
    tt_json_add_text_member(&d->out, &first, "type", TT_STR("summary"));
    for (size_t i = 0; i < 2; i++) {
        tt_json_add_key(&d->out, &first, i ? "new" : "old");
        tt_buf_add_cstr(&d->out, "\"sha256:");
        tt_buf_add_cstr(&d->out, sides[i]->identity.hex);
        tt_buf_add_char(&d->out, '"');
    }
    tt_json_add_u64_member(&d->out, &first, "changes", d->changes);
    tt_json_add_key(&d->out, &first, "keys");
    tt_buf_add_char(&d->out, '[');
    add_keys(d, alloc);
    tt_buf_add_cstr(&d->out, "]}\n");
}

/* ---- the command ---- */

static enum tt_exit
diff_days(const struct tt_call *call, struct diff *d)
{
    if (d->settings->as_of) {
        enum tt_exit code = tt_policy_day(call, d->b, "as-of", d->settings->as_of, &d->days[0]);
        d->day_count = 1;
        if (code != TT_EXIT_OK) {
            return code;
        }
    } else {
        find_days(d);
    }
    tt_buf_init(&d->out, call->cli->alloc, TT_OUTPUT_BUF_MAX);
    for (size_t i = 0; i < d->asked.count; i++) {
        compare(d, &d->asked.items[i]);
    }
    add_summary(d, call->cli->alloc);
    return tt_cli_deliver(call, &d->out);
}

static enum tt_exit
diff(const struct tt_call *call, const struct tt_policy_file *a, const struct tt_policy_file *b)
{
    const struct tt_alloc *alloc = call->cli->alloc;
    struct diff d = {.a = a->policy, .b = b->policy, .settings = call->settings, .asked = {.alloc = alloc}};
    size_t size = days_size(&d);
    enum tt_exit code;
    d.days = tt_alloc_new(alloc, size);
    if (!d.days || tt_policy_ask(&d.asked, a) != TT_OK || tt_policy_ask(&d.asked, b) != TT_OK) {
        code = tt_cli_complain(call->cli, TT_EXIT_INTERNAL, "out of memory");
    } else {
        code = diff_days(call, &d);
    }
    tt_policy_ask_end(&d.asked);
    tt_alloc_free(alloc, d.days, size);
    return code;
}

static enum tt_exit
run_diff(const struct tt_call *call)
{
    struct tt_policy_file a, b;
    enum tt_exit code = tt_policy_open(call, call->args[0], &a);
    enum tt_exit second = tt_policy_open(call, call->args[1], &b);
    code = code == TT_EXIT_OK ? second : code;
    if (code == TT_EXIT_OK) {
        code = diff(call, &a, &b);
    }
    tt_policy_close(&a);
    tt_policy_close(&b);
    return code;
}

static const struct tt_option options[] = {
    TT_POLICY_FORMAT("text or json"),
    TT_OPT_STRING(struct tt_policy_settings, as_of, 0, "as-of", "DATE", "Compare on this day only [all days]"),
    TT_OPT_END,
};

static const struct tt_example examples[] = {
    {"telltale policy diff old.yaml new.yaml", "What the new policy does otherwise, and on which days"},
    {"telltale policy diff old.yaml new.yaml --as-of 2026-08-01 --format json", "The same on one day, for programs"},
    {NULL, NULL},
};

const struct tt_command tt_command_policy_diff = {
    .name = "diff",
    .summary = "Show which decisions change between two policies",
    .usage = "[OPTION]... OLD NEW",
    .description =
        "Both policies are asked about what the decisions of either are about, in the first region and team of their scopes, and "
        "about something that no decision names, where a default says something. Only outcomes that differ are shown, with the "
        "days on which they do; then the keys that differ. The exit code is 0 either way.",
    .options = options,
    .uses = TT_USES_OUTPUT,
    .examples = examples,
    .min_args = 2,
    .max_args = 2,
    .missing = "name two policy files",
    .settings_size = sizeof(struct tt_policy_settings),
    .run = run_diff,
};
