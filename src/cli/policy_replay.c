/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale policy replay`: what changes on which day.
 *
 * In: a policy and a span of days.  Out: the outcome on the first day, then one line for each change.  Without a subject, the
 * policy is asked about all that it is about.  Memory: one outcome for each subject.
 */
#include "base/limits.h"
#include "cli/policy.h"

struct replay {
    const struct tt_policy *policy;
    const struct tt_policy_settings *settings;
    struct tt_policy_asked asked;
    struct tt_policy_outcome *last; /* of each subject */
    struct tt_buf out;
};

static void
add_text(struct tt_buf *out, const struct tt_policy_subject *subject, int64_t day, const struct tt_policy_outcome *outcome)
{
    tt_policy_date_add(out, day);
    tt_buf_add_cstr(out, "  ");
    tt_policy_add_outcome(out, outcome);
    tt_buf_add_cstr(out, ": ");
    tt_policy_add_subject(out, subject);
    tt_buf_add_char(out, '\n');
}

/* One subject on one day: a line when the outcome is another than the day before. */
static void
replay_one(struct replay *r, size_t which, int64_t day, bool first)
{
    const struct tt_policy_subject *subject = &r->asked.items[which];
    struct tt_policy_verdict verdict;
    tt_policy_decide(r->policy, subject, day, &verdict);
    struct tt_policy_outcome now = tt_policy_outcome_of(&verdict);
    if (!first && tt_policy_outcome_same(&now, &r->last[which])) {
        return;
    }
    if (r->settings->format == TT_CLI_JSON) {
        tt_policy_add_json(&r->out, r->policy, subject, day, &verdict);
    } else {
        add_text(&r->out, subject, day, &now);
    }
    r->last[which] = now;
}

static enum tt_exit
replay_days(const struct tt_call *call, struct replay *r, int64_t from, int64_t to)
{
    size_t size = (r->asked.count + 1) * sizeof(*r->last);
    r->last = tt_alloc_new(call->cli->alloc, size);
    if (!r->last) {
        return tt_cli_complain(call->cli, TT_EXIT_INTERNAL, "out of memory");
    }
    tt_buf_init(&r->out, call->cli->alloc, TT_OUTPUT_BUF_MAX);
    for (int64_t day = from; day <= to; day = tt_policy_date_next(day)) {
        for (size_t i = 0; i < r->asked.count; i++) {
            replay_one(r, i, day, day == from);
        }
    }
    tt_alloc_free(call->cli->alloc, r->last, size);
    return tt_cli_deliver(call, &r->out);
}

/* The subject of the options, or all that the policy is about. */
static enum tt_exit
replay_subjects(const struct tt_call *call, const struct tt_policy_file *file, int64_t from, int64_t to)
{
    struct replay r = {.policy = file->policy, .settings = call->settings, .asked = {.alloc = call->cli->alloc}};
    struct tt_policy_subject subject;
    enum tt_exit code = tt_policy_subject(call, file, &subject);
    if (code != TT_EXIT_OK) {
        return code;
    }
    if (tt_policy_has_subject(r.settings)) {
        r.asked.items = &subject;
        r.asked.count = 1;
        return replay_days(call, &r, from, to);
    }
    code = tt_policy_ask(&r.asked, file) == TT_OK ? replay_days(call, &r, from, to)
                                                  : tt_cli_complain(call->cli, TT_EXIT_INTERNAL, "out of memory");
    tt_policy_ask_end(&r.asked);
    return code;
}

static enum tt_exit
replay(const struct tt_call *call, const struct tt_policy_file *file)
{
    const struct tt_policy_settings *settings = call->settings;
    int64_t from, to;
    enum tt_exit code = tt_policy_day(call, file->policy, "from", settings->from, &from);
    code = code == TT_EXIT_OK ? tt_policy_day(call, file->policy, "to", settings->to, &to) : code;
    if (code == TT_EXIT_OK && (to < from || tt_policy_date_days(from, to) > TT_POLICY_DAYS_MAX)) {
        code = tt_cli_complain(call->cli, TT_EXIT_USAGE, "policy replay: --to must not be before --from, nor ten years after");
    }
    return code == TT_EXIT_OK ? replay_subjects(call, file, from, to) : code;
}

static enum tt_exit
run_replay(const struct tt_call *call)
{
    const struct tt_policy_settings *settings = call->settings;
    if (!settings->from || !settings->to) {
        return tt_cli_complain(call->cli, TT_EXIT_USAGE, "policy replay: name the days with --from and --to");
    }
    return tt_policy_run(call, replay);
}

static const struct tt_option options[] = {
    TT_POLICY_FORMAT("text or json"),
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
        "Prints what holds on the first day, then each change. Without a subject, the policy is asked about what each of its "
        "decisions is about, in the first region and team of its scope, and about something that no decision names, where its "
        "default says something.",
    .options = options,
    .examples = examples,
    TT_POLICY_TAKES_FILE,
    .run = run_replay,
};
