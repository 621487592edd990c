/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale policy diff`: which decisions change between two policies.
 *
 * In: two files and a day.  Out: a line for each subject of a decision of either whose outcome differs.  The text of the files may differ
 * without a line: what counts is what happens.
 */
#include "base/limits.h"
#include "cli/policy.h"

struct diff {
    const struct tt_policy *a, *b;
    int64_t day;
    struct tt_buf out;
    size_t changes;
};

static void
compare(struct diff *d, const struct tt_policy_subject *subject)
{
    struct tt_policy_verdict before, after;
    tt_policy_decide(d->a, subject, d->day, &before);
    tt_policy_decide(d->b, subject, d->day, &after);
    if (before.action == after.action && before.status == after.status &&
        tt_str_eq(tt_policy_rule(&before), tt_policy_rule(&after))) {
        return;
    }
    d->changes++;
    tt_policy_add_subject(&d->out, subject);
    tt_buf_add_cstr(&d->out, "\n  before  ");
    tt_policy_add_outcome(&d->out, &before);
    tt_buf_add_cstr(&d->out, "\n  after   ");
    tt_policy_add_outcome(&d->out, &after);
    tt_buf_add_char(&d->out, '\n');
}

static bool
is_same_subject(const struct tt_policy_subject *x, const struct tt_policy_subject *y)
{
    for (size_t i = 0; i < TT_ABOUTS; i++) {
        if (!tt_str_eq(x->facts[i].text, y->facts[i].text)) {
            return false;
        }
    }
    return true;
}

/* Did an earlier decision of either policy ask the same?  seen: decisions of policy that came before. */
static bool
is_asked(const struct tt_policy_file *file, size_t seen, const struct tt_policy_subject *subject)
{
    for (size_t i = 0; i < seen; i++) {
        struct tt_policy_subject other;
        tt_policy_subject_of(file, tt_policy_decision_at(file->policy, i), &other);
        if (is_same_subject(&other, subject)) {
            return true;
        }
    }
    return false;
}

static enum tt_exit
diff(const struct tt_call *call, const struct tt_policy_file *old, const struct tt_policy_file *new)
{
    const struct tt_policy *a = old->policy, *b = new->policy;
    const struct tt_policy_settings *settings = call->settings;
    struct tt_policy_subject subject;
    struct diff d = {.a = a, .b = b};
    enum tt_exit code = tt_policy_day(call, b, "as-of", settings->as_of, &d.day);
    if (code != TT_EXIT_OK) {
        return code;
    }
    tt_buf_init(&d.out, call->cli->alloc, TT_OUTPUT_BUF_MAX);
    for (size_t i = 0; i < a->decisions.count; i++) {
        tt_policy_subject_of(old, tt_policy_decision_at(a, i), &subject);
        if (!is_asked(old, i, &subject)) {
            compare(&d, &subject);
        }
    }
    for (size_t i = 0; i < b->decisions.count; i++) {
        tt_policy_subject_of(new, tt_policy_decision_at(b, i), &subject);
        if (!is_asked(old, a->decisions.count, &subject) && !is_asked(new, i, &subject)) {
            compare(&d, &subject);
        }
    }
    tt_buf_add_cstr(&d.out, d.changes                                       ? ""
                            : strcmp(a->identity.hex, b->identity.hex) == 0 ? "the same policy"
                                                                            : "no decision changes");
    tt_buf_add_cstr(&d.out, d.changes ? "" : "\n");
    return tt_cli_deliver(call, &d.out);
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
    TT_OPT_STRING(struct tt_policy_settings, as_of, 0, "as-of", "DATE",
                  "Compare as of this day [today, in the second policy's time zone]"),
    TT_OPT_END,
};

static const struct tt_example examples[] = {
    {"telltale policy diff old.yaml new.yaml --as-of 2026-08-01", "What the new policy would do otherwise on that day"},
    {NULL, NULL},
};

const struct tt_command tt_command_policy_diff = {
    .name = "diff",
    .summary = "Show which decisions change between two policies",
    .usage = "[OPTION]... OLD NEW",
    .description = "Each policy is asked about what the decisions of both are about. Only outcomes that differ are shown; the "
                   "exit code is 0 "
                   "either way.",
    .options = options,
    .uses = TT_USES_OUTPUT,
    .examples = examples,
    .min_args = 2,
    .max_args = 2,
    .missing = "name two policy files",
    .settings_size = sizeof(struct tt_policy_settings),
    .run = run_diff,
};
