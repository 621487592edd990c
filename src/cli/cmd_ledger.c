/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale ledger`: what a gateway recorded, and the proof that nothing of it was changed.  Each subcommand is a file of its own.
 */
#include "cli/ledger.h"

static const struct tt_command *const subcommands[] = {
    &tt_command_ledger_list,   &tt_command_ledger_show, &tt_command_ledger_verify,
    &tt_command_ledger_export, &tt_command_ledger_head, NULL,
};

static const struct tt_example examples[] = {
    {"telltale ledger list", "The newest requests and what became of them"},
    {"telltale ledger verify", "Is every record there, and as it was written?"},
    {"telltale ledger export --from 2026-11-01 --to 2026-12-01 > november.jsonl", "A month for another program"},
    {NULL, NULL},
};

const struct tt_command tt_command_ledger = {
    .name = "ledger",
    .summary = "Show, check and export what a gateway recorded",
    .usage = "COMMAND [OPTION]... [ARGUMENT]...",
    .description =
        "A gateway records each request and its outcome in a file to which records are only added. Each is bound to the one "
        "before it by SHA-256, so that a record that is changed, removed or moved shows. Without --ledger or --state, the ledger "
        "of the gateway's usual folder is read; it may be in use.",
    .examples = examples,
    .subcommands = subcommands,
};
