/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the subcommands of `telltale gateway` share; see gateway.h.
 */
#include "cli/gateway.h"

#include "base/limits.h"
#include "finding/writer.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#define FOLDER "telltale-gateway"

enum tt_exit
tt_gateway_folder(const struct tt_cli *cli, const char *option, char *out, size_t size)
{
    /* systemd makes a folder and says where; several would be divided by ':'. */
    const char *given = getenv("STATE_DIRECTORY"), *base = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    int n = -1;
    if (option) {
        n = snprintf(out, size, "%s", option);
    } else if (given && given[0] == '/' && !strchr(given, ':')) {
        n = snprintf(out, size, "%s", given);
    } else if (geteuid() == 0) {
        n = snprintf(out, size, "/var/lib/" FOLDER);
    } else if (base && base[0] == '/') {
        n = snprintf(out, size, "%s/" FOLDER, base);
    } else if (home && home[0] == '/') {
        n = snprintf(out, size, "%s/.local/state/" FOLDER, home);
    }
    return n > 0 && (size_t) n < size ? TT_EXIT_OK
                                      : tt_cli_complain(cli, TT_EXIT_USAGE, "name the gateway's folder with --state");
}

enum tt_exit
tt_gateway_state(const struct tt_call *call, char *out, size_t size)
{
    const struct tt_gateway_settings *settings = call->settings;
    return tt_gateway_folder(call->cli, settings->state, out, size);
}

enum tt_exit
tt_gateway_exit(enum tt_status status)
{
    switch (status) {
    case TT_OK: return TT_EXIT_OK;
    case TT_E_USAGE:
    case TT_E_INPUT:
    case TT_E_LIMIT: return TT_EXIT_USAGE;
    default: return TT_EXIT_INTERNAL;
    }
}

enum tt_exit
tt_gateway_ask(const struct tt_call *call, enum tt_serve_command command)
{
    char folder[PATH_MAX];
    struct tt_buf message;
    enum tt_exit code = tt_gateway_state(call, folder, sizeof(folder));
    if (code != TT_EXIT_OK) {
        return code;
    }
    tt_buf_init(&message, call->cli->alloc, 4 * TT_SERVE_SAID_MAX);
    enum tt_status status = tt_serve_ask(folder, command, &message);
    if (status == TT_OK) {
        tt_buf_add_char(&message, '\n');
        return tt_cli_deliver(call, &message);
    }
    struct tt_str rest = tt_buf_str(&message), line;
    while (tt_writer_next_item(&rest, &line)) {
        tt_cli_complain(call->cli, TT_EXIT_USAGE, "%.*s", (int) line.len, line.ptr);
    }
    tt_buf_free(&message);
    return tt_gateway_exit(status);
}
