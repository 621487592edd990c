/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale policy`: check, decide, replay, compare and begin policies.  Each subcommand is a file of its own.
 */
#include "cli/policy.h"

static const struct tt_command *const subcommands[] = {
    &tt_command_policy_init,   &tt_command_policy_check, &tt_command_policy_decide,
    &tt_command_policy_replay, &tt_command_policy_diff,  NULL,
};

static const struct tt_example examples[] = {
    {"telltale policy check policy.yaml", "Is the file whole?"},
    {"telltale policy decide policy.yaml --as-of 2026-07-12 --product cursor", "What happens to a product on a day, and why"},
    {NULL, NULL},
};

const struct tt_command tt_command_policy = {
    .name = "policy",
    .summary = "Check, decide and compare policies for AI tools",
    .usage = "COMMAND [OPTION]... [ARGUMENT]...",
    .description =
        "A policy is a YAML file that a person can read: which tools, models and routes are approved or prohibited, from "
        "which day on, for whom, and with which exceptions.",
    .examples = examples,
    .subcommands = subcommands,
};
