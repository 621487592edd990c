/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale policy decide`: what a policy says about one subject on one day, and why.
 *
 * In: a policy file and facts from the command line.  Out: action, winner and losers of each axis; or the decision object.
 */
#include "base/limits.h"
#include "cli/policy.h"

static enum tt_exit
decide(const struct tt_call *call, const struct tt_policy_file *file)
{
    const struct tt_policy *policy = file->policy;
    const struct tt_policy_settings *settings = call->settings;
    struct tt_policy_subject subject;
    struct tt_policy_verdict verdict;
    struct tt_buf out;
    int64_t day;
    enum tt_exit code = tt_policy_day(call, policy, "as-of", settings->as_of, &day);
    if (code == TT_EXIT_OK) {
        code = tt_policy_subject(call, file, &subject);
    }
    if (code != TT_EXIT_OK) {
        return code;
    }
    tt_policy_decide(policy, &subject, day, &verdict);
    tt_buf_init(&out, call->cli->alloc, TT_MIB);
    if (settings->format == TT_CLI_JSON) {
        tt_policy_add_json(&out, policy, &subject, day, &verdict);
    } else {
        tt_policy_add_subject(&out, &subject);
        tt_buf_add_cstr(&out, ", on ");
        tt_policy_date_add(&out, day);
        tt_buf_add_char(&out, '\n');
        tt_policy_explain(&out, policy, &subject, &verdict);
        tt_policy_add_derived(&out, &subject);
    }
    return tt_cli_deliver(call, &out);
}

static enum tt_exit
run_decide(const struct tt_call *call)
{
    if (!tt_policy_has_subject(call->settings)) {
        return tt_cli_complain(call->cli, TT_EXIT_USAGE, "policy decide: name a subject, such as --product, --model or --host");
    }
    return tt_policy_run(call, decide);
}

static const struct tt_option options[] = {
    TT_POLICY_FORMAT("text or json"),
    TT_OPT_STRING(struct tt_policy_settings, as_of, 0, "as-of", "DATE",
                  "Decide as of this day [today, in the policy's time zone]"),
    TT_POLICY_SUBJECT_OPTIONS,
    TT_OPT_END,
};

static const struct tt_example examples[] = {
    {"telltale policy decide policy.yaml --as-of 2026-07-12 --product claude-code", "The action on that day, and why"},
    {"telltale policy decide policy.yaml --model gpt-5 --via cursor --team web", "A model, through a product"},
    {NULL, NULL},
};

const struct tt_command tt_command_policy_decide = {
    .name = "decide",
    .summary = "Say what a policy does about a tool, a model or a host on a day",
    .usage = "[OPTION]... FILE",
    .description =
        "Prints the action - report, announce, warn, block or remove - and for each axis (software, model, route) which "
        "decision won and which lost. What is not given is not known, and what is not known never blocks: a decision "
        "that depends on it is listed as possible.",
    .options = options,
    .examples = examples,
    TT_POLICY_TAKES_FILE,
    .run = run_decide,
};
