/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale policy init`: a commented policy to begin with.
 *
 * In: the name of a scenario.  Out: the text of examples/policies/SCENARIO.yaml, which the build compiles in.
 */
#include "base/limits.h"
#include "cli/policy.h"
#include "cli/starters.h"

static enum tt_exit
run_init(const struct tt_call *call)
{
    const char *names[16] = {NULL};
    const char *word = call->args[0];
    for (size_t i = 0; tt_policy_starters[i].name && i + 1 < sizeof(names) / sizeof(*names); i++) {
        names[i] = tt_policy_starters[i].name;
        if (strcmp(names[i], word) == 0) {
            struct tt_buf out;
            tt_buf_init(&out, call->cli->alloc, TT_MIB);
            tt_buf_add_cstr(&out, tt_policy_starters[i].text);
            return tt_cli_deliver(call, &out);
        }
    }
    const char *near = tt_options_nearest(word, names);
    return near ? tt_cli_complain(call->cli, TT_EXIT_USAGE, "there is no scenario '%s'; did you mean '%s'?", word, near)
                : tt_cli_complain(call->cli, TT_EXIT_USAGE, "there is no scenario '%s'; telltale policy init --help lists them",
                                  word);
}

static const struct tt_example examples[] = {
    {"telltale policy init vendor-ban", "A vendor that is announced, warned of, blocked and removed by dates"},
    {"telltale policy init territorial", "A service that is not offered in some countries"},
    {"telltale policy init default-deny", "What is not approved is prohibited; with budgets"},
    {"telltale policy init open-models-only", "Only families of models with open weights, on own machines"},
    {NULL, NULL},
};

const struct tt_command tt_command_policy_init = {
    .name = "init",
    .summary = "Print a commented policy to begin with",
    .usage = "[OPTION]... SCENARIO",
    .description =
        "SCENARIO is vendor-ban, territorial, default-deny or open-models-only. The names in it are examples: replace them.",
    .uses = TT_USES_OUTPUT,
    .examples = examples,
    .min_args = 1,
    .max_args = 1,
    .missing = "name a scenario: vendor-ban, territorial, default-deny or open-models-only",
    .run = run_init,
};
