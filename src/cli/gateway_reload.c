/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale gateway reload`: a running gateway takes its policy and files anew, or says why it keeps the old ones.
 */
#include "cli/gateway.h"

static enum tt_exit
run_reload(const struct tt_call *call)
{
    return tt_gateway_ask(call, TT_SERVE_RELOAD);
}

static const struct tt_option options[] = {
    TT_GATEWAY_STATE_OPTION,
    TT_OPT_END,
};

static const struct tt_example examples[] = {
    {"telltale gateway reload", "After the policy, the keys file or a certificate changed"},
    {NULL, NULL},
};

const struct tt_command tt_command_gateway_reload = {
    .name = "reload",
    .summary = "Let a running gateway read its policy and files anew",
    .usage = "[OPTION]...",
    .description =
        "The new policy is checked as a whole, and nginx checks the new configuration, before anything changes. If one of them "
        "refuses, the old policy stays in force, the reason is printed, and the exit code is 2. Requests and streams that "
        "run are finished under the policy under which they began.",
    .options = options,
    .examples = examples,
    .settings_size = sizeof(struct tt_gateway_settings),
    .run = run_reload,
};
