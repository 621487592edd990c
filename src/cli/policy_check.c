/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale policy check`: is a policy file whole?
 *
 * In: a file.  Out: its id, what it holds and its identity, and notes on what a gateway would not take; or every error with its place, and
 * exit code 2.
 */
#include "base/limits.h"
#include "cli/policy.h"
#include "finding/writer.h"

static void
add_part(struct tt_buf *out, size_t count, const char *noun, bool *first)
{
    if (count > 0) {
        tt_buf_add_cstr(out, *first ? ": " : ", ");
        tt_writer_add_count(out, count, noun);
        *first = false;
    }
}

static void
check_text(struct tt_buf *out, const char *path, const struct tt_policy *policy)
{
    bool first = true;
    tt_writer_add_safe(out, tt_str_cstr(path));
    tt_buf_add_cstr(out, ": policy ");
    tt_writer_add_safe(out, policy->id.text);
    add_part(out, policy->decisions.count, "decision", &first);
    add_part(out, policy->exceptions.count, "exception", &first);
    add_part(out, policy->budgets.count, "budget", &first);
    add_part(out, policy->credits.count, "credit", &first);
    add_part(out, policy->reimbursements.count, "reimbursement", &first);
    add_part(out, policy->marks.count, "rule", &first);
    tt_buf_add_cstr(out, policy->marks.count ? " for marks\nsha256:" : "\nsha256:");
    tt_buf_add_cstr(out, policy->identity.hex);
    tt_buf_add_char(out, '\n');
}

static enum tt_exit
check(const struct tt_call *call, const struct tt_policy_file *file)
{
    const struct tt_policy_settings *settings = call->settings;
    struct tt_buf out;
    tt_buf_init(&out, call->cli->alloc, 2 * TT_POLICY_CANONICAL_MAX);
    tt_policy_note_gateway(call, call->args[0], file->policy, false);
    if (settings->format == TT_CLI_JSON) {
        tt_policy_canonical(file->policy, &out);
        tt_buf_add_char(&out, '\n');
    } else {
        check_text(&out, call->args[0], file->policy);
    }
    return tt_cli_deliver(call, &out);
}

static enum tt_exit
run_check(const struct tt_call *call)
{
    return tt_policy_run(call, check);
}

static const struct tt_option options[] = {
    TT_POLICY_FORMAT("text, or json: the canonical form"),
    TT_OPT_END,
};

static const struct tt_example examples[] = {
    {"telltale policy check policy.yaml", "List every error with line and column, or print the identity"},
    {"telltale policy check --format json policy.yaml | sha256sum",
     "The canonical form; its newline is not part of the identity"},
    {NULL, NULL},
};

const struct tt_command tt_command_policy_check = {
    .name = "check",
    .summary = "Check a policy file and print its identity",
    .usage = "[OPTION]... FILE",
    .description =
        "The whole file is checked before any of it is used. Errors are listed as FILE:LINE:COLUMN: error: TEXT, up to 20, "
        "and the exit code is then 2. The identity is SHA-256 of the canonical form: comments, quotes and the order "
        "of keys do not change it.",
    .options = options,
    .examples = examples,
    TT_POLICY_TAKES_FILE,
    .run = run_check,
};
