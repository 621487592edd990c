/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale policy replay`: what changes on which day.
 *
 * In: a policy and a span of days.  Out: the outcome on the first day, then one line for each change.  Without a subject, each decision
 * is asked about what it is about.  Memory: one outcome for each subject.
 */
#include "base/limits.h"
#include "cli/policy.h"
#include "finding/writer.h"

struct outcome {
    enum tt_policy_action action;
    enum tt_policy_status status;
    struct tt_str rule;
    bool known;
};

struct replay {
    const struct tt_policy_file *file;
    const struct tt_policy *policy;
    const struct tt_policy_settings *settings;
    struct tt_policy_subject subject; /* of the command line */
    struct outcome *last;
    size_t count;
    struct tt_buf out;
};

static void
add_json(struct replay *r, const struct tt_policy_subject *subject, int64_t day, const struct tt_policy_verdict *verdict)
{
    tt_policy_add_json(&r->out, r->policy, subject, day, verdict);
}

static void
add_text(struct replay *r, const struct tt_policy_subject *subject, int64_t day, const struct tt_policy_verdict *verdict)
{
    tt_policy_date_add(&r->out, day);
    tt_buf_add_cstr(&r->out, "  ");
    tt_policy_add_outcome(&r->out, verdict);
    tt_buf_add_cstr(&r->out, ": ");
    tt_policy_add_subject(&r->out, subject);
    tt_buf_add_char(&r->out, '\n');
}

/* One subject on one day: a line when the outcome is another than the day before. */
static void
replay_one(struct replay *r, size_t which, int64_t day)
{
    struct tt_policy_subject subject = r->subject;
    struct tt_policy_verdict verdict;
    struct outcome *last = &r->last[which];
    if (!tt_policy_has_subject(r->settings)) {
        tt_policy_subject_of(r->file, tt_policy_decision_at(r->policy, which), &subject);
    }
    tt_policy_decide(r->policy, &subject, day, &verdict);
    struct outcome now = {verdict.action, verdict.status, tt_policy_rule(&verdict), true};
    if (!last->known || now.action != last->action || now.status != last->status || !tt_str_eq(now.rule, last->rule)) {
        (r->settings->format == TT_CLI_JSON ? add_json : add_text)(r, &subject, day, &verdict);
    }
    *last = now;
}

static enum tt_exit
replay_days(const struct tt_call *call, struct replay *r, int64_t from, int64_t to)
{
    size_t size = (r->count ? r->count : 1) * sizeof(*r->last);
    r->last = tt_alloc_new(call->cli->alloc, size);
    if (!r->last) {
        return tt_cli_complain(call->cli, TT_EXIT_INTERNAL, "out of memory");
    }
    memset(r->last, 0, size);
    tt_buf_init(&r->out, call->cli->alloc, TT_OUTPUT_BUF_MAX);
    for (int64_t day = from; day <= to; day = tt_policy_date_next(day)) {
        for (size_t i = 0; i < r->count; i++) {
            replay_one(r, i, day);
        }
    }
    tt_alloc_free(call->cli->alloc, r->last, size);
    return tt_cli_deliver(call, &r->out);
}

static enum tt_exit
replay(const struct tt_call *call, const struct tt_policy_file *file)
{
    const struct tt_policy *policy = file->policy;
    struct replay r = {.file = file, .policy = policy, .settings = call->settings};
    int64_t from, to;
    enum tt_exit code = tt_policy_day(call, policy, "from", r.settings->from, &from);
    code = code == TT_EXIT_OK ? tt_policy_day(call, policy, "to", r.settings->to, &to) : code;
    code = code == TT_EXIT_OK ? tt_policy_subject(call, file, &r.subject) : code;
    if (code != TT_EXIT_OK) {
        return code;
    }
    if (to < from || tt_policy_date_days(from, to) > TT_POLICY_DAYS_MAX) {
        return tt_cli_complain(call->cli, TT_EXIT_USAGE, "policy replay: --to must not be before --from, nor ten years after");
    }
    r.count = tt_policy_has_subject(r.settings) ? 1 : policy->decisions.count;
    return replay_days(call, &r, from, to);
}

static enum tt_exit
run_replay(const struct tt_call *call)
{
    const struct tt_policy_settings *settings = call->settings;
    struct tt_policy_file file;
    if (!settings->from || !settings->to) {
        return tt_cli_complain(call->cli, TT_EXIT_USAGE, "policy replay: name the days with --from and --to");
    }
    enum tt_exit code = tt_policy_open(call, call->args[0], &file);
    if (code == TT_EXIT_OK) {
        code = replay(call, &file);
    }
    tt_policy_close(&file);
    return code;
}

static const struct tt_option options[] = {
    TT_OPT_CHOICE(struct tt_policy_settings, format, 'f', "format", "FORMAT", "text or json", tt_cli_formats),
    TT_OPT_STRING(struct tt_policy_settings, from, 0, "from", "DATE", "The first day"),
    TT_OPT_STRING(struct tt_policy_settings, to, 0, "to", "DATE", "The last day"),
    TT_POLICY_SUBJECT_OPTIONS,
    TT_OPT_END,
};

static const struct tt_example examples[] = {
    {"telltale policy replay policy.yaml --from 2026-07-01 --to 2026-07-31", "What changes in July"},
    {NULL, NULL},
};

const struct tt_command tt_command_policy_replay = {
    .name = "replay",
    .summary = "Say what changes on which day",
    .usage = "[OPTION]... --from DATE --to DATE FILE",
    .description =
        "Prints what holds on the first day, then each change. Without a subject, each decision of the policy is asked about "
        "what it is about, in the first region and team of its scope.",
    .options = options,
    .uses = TT_USES_OUTPUT,
    .examples = examples,
    .min_args = 1,
    .max_args = 1,
    .missing = "name a policy file, or - for standard input",
    .settings_size = sizeof(struct tt_policy_settings),
    .run = run_replay,
};
