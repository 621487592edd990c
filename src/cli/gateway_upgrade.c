/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale gateway upgrade`: a running gateway starts the nginx and the module that are installed now.
 */
#include "cli/gateway.h"

static enum tt_exit
run_upgrade(const struct tt_call *call)
{
    return tt_gateway_ask(call, TT_SERVE_UPGRADE);
}

static const struct tt_option options[] = {
    TT_GATEWAY_STATE_OPTION,
    TT_OPT_END,
};

static const struct tt_example examples[] = {
    {"telltale gateway upgrade", "After a new nginx or a new module was installed"},
    {NULL, NULL},
};

const struct tt_command tt_command_gateway_upgrade = {
    .name = "upgrade",
    .summary = "Let a running gateway start the nginx and module that are installed now",
    .usage = "[OPTION]...",
    .description =
        "A reload keeps the old module in memory; this does not. A new nginx is started beside the old one, on the same sockets. "
        "When it "
        "serves and has loaded the installed module, the old one ends with its last stream. If it does not come, the old one "
        "serves on, "
        "the reason is printed, and the exit code is 2. The telltale program itself is upgraded by starting the gateway again.",
    .options = options,
    .examples = examples,
    .settings_size = sizeof(struct tt_gateway_settings),
    .run = run_upgrade,
};
