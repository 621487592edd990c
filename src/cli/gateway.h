/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the subcommands of `telltale gateway` share.
 */
#ifndef TT_CLI_GATEWAY_H
#define TT_CLI_GATEWAY_H

#include "cli/cli.h"
#include "cli/output.h"
#include "serve/serve.h"

/* Of the command itself and, as far as they have options for it, of its subcommands. */
struct tt_gateway_settings {
    int format; /* enum tt_cli_format, of status */
    const char *policy, *listen, *metrics, *state, *region;
    const char *tls_cert, *tls_key, *client_ca;
    const char *keys, *include, *ca, *module, *nginx, *user;
    struct tt_option_list upstreams, learned;
    uint64_t workers;
    uint64_t seconds; /* of stop */
    bool shadow, check, print_config;
};

#define TT_GATEWAY_STATE_OPTION \
    TT_OPT_STRING(struct tt_gateway_settings, state, 0, "state", "DIR", "The gateway's folder (default: see the manual)")

/* The folder of a gateway: the one that an option names (NULL: none), or the usual one. */
enum tt_exit tt_gateway_folder(const struct tt_cli *cli, const char *option, char *out, size_t size);

/* The folder that --state names, or the one that stands for it. */
enum tt_exit tt_gateway_state(const struct tt_call *call, char *out, size_t size);

/* The exit code for what a function of src/serve returned. */
enum tt_exit tt_gateway_exit(enum tt_status status);

/* Asks a running gateway and prints its answer. */
enum tt_exit tt_gateway_ask(const struct tt_call *call, enum tt_serve_command command);

extern const struct tt_command tt_command_gateway_reload, tt_command_gateway_status, tt_command_gateway_stop,
    tt_command_gateway_upgrade;

#endif
