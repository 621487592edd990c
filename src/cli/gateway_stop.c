/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale gateway stop`: a running gateway finishes its streams, stores what workers left, and ends.
 */
#include "cli/gateway.h"

#include "base/limits.h"

#include <limits.h>

static enum tt_exit
run_stop(const struct tt_call *call)
{
    const struct tt_gateway_settings *settings = call->settings;
    char folder[PATH_MAX];
    struct tt_buf message;
    enum tt_exit code = tt_gateway_state(call, folder, sizeof(folder));
    if (code != TT_EXIT_OK) {
        return code;
    }
    tt_buf_init(&message, call->cli->alloc, TT_SERVE_SAID_MAX);
    enum tt_status status = tt_serve_stop(folder, (unsigned) settings->seconds, &message);
    if (status == TT_OK) {
        tt_buf_add_char(&message, '\n');
        return tt_cli_deliver(call, &message);
    }
    tt_cli_complain(call->cli, TT_EXIT_USAGE, "%.*s", (int) message.len, message.ptr ? message.ptr : "");
    tt_buf_free(&message);
    return tt_gateway_exit(status);
}

static const struct tt_gateway_settings defaults = {.seconds = 30};

static const struct tt_option options[] = {
    TT_GATEWAY_STATE_OPTION,
    TT_OPT_NUMBER(struct tt_gateway_settings, seconds, 0, "wait", "SECONDS", "How long streams may go on (default: 30)", 0,
                  86400),
    TT_OPT_END,
};

static const struct tt_example examples[] = {
    {"telltale gateway stop --wait 600", "Give streams ten minutes"},
    {NULL, NULL},
};

const struct tt_command tt_command_gateway_stop = {
    .name = "stop",
    .summary = "Stop a running gateway",
    .usage = "[OPTION]...",
    .description = "No new request is taken. Those that run may go on for the time that --wait names; then they are cut, which "
                   "is said. Every "
                   "record of a request is stored before the gateway ends.",
    .options = options,
    .examples = examples,
    .defaults = &defaults,
    .settings_size = sizeof(struct tt_gateway_settings),
    .run = run_stop,
};
