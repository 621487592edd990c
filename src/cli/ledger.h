/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the subcommands of `telltale ledger` share.
 */
#ifndef TT_CLI_LEDGER_H
#define TT_CLI_LEDGER_H

#include "cli/cli.h"
#include "cli/output.h"
#include "ledger/ledger.h"

/* Settings of every subcommand; those that it has no option for stay empty. */
struct tt_ledger_settings {
    int format; /* enum tt_cli_format, or of export enum tt_export_format */
    const char *ledger, *state;
    const char *from, *to, *kind;
    const char *head;
    uint64_t last;
};

#define TT_LEDGER_FILE_OPTIONS                                                                                      \
    TT_OPT_STRING(struct tt_ledger_settings, ledger, 'l', "ledger", "FILE", "The ledger (default: the gateway's)"), \
        TT_OPT_STRING(struct tt_ledger_settings, state, 0, "state", "DIR", "The folder of a gateway, whose ledger is meant")

#define TT_LEDGER_FORMAT_OPTION \
    TT_OPT_CHOICE(struct tt_ledger_settings, format, 'f', "format", "FORMAT", "text or json", tt_cli_formats)

#define TT_LEDGER_RANGE_OPTIONS                                                                                           \
    TT_OPT_STRING(struct tt_ledger_settings, from, 0, "from", "TIME", "Only records from this day or moment on, in UTC"), \
        TT_OPT_STRING(struct tt_ledger_settings, to, 0, "to", "TIME", "Only records before this day or moment"),          \
        TT_OPT_STRING(struct tt_ledger_settings, kind, 'k', "kind", "KIND", "Only one kind: request, outcome, loss or fault")

/* Opens the ledger that the options name, for reading; or says why not. */
enum tt_exit tt_ledger_open_named(const struct tt_call *call, struct tt_ledger **ledger);

/* Says what the ledger said, and gives the exit code for it. */
enum tt_exit tt_ledger_complain(const struct tt_call *call, const struct tt_ledger *ledger, enum tt_status status);

/* The filter of the options, without their last. */
enum tt_exit tt_ledger_filter_of(const struct tt_call *call, struct tt_ledger_filter *filter);

/* A row as an object: number, time, hash and the record. */
void tt_ledger_add_row_json(struct tt_buf *out, const struct tt_ledger_row *row);

/* Rows on their way to the output, one at a time. */
struct tt_ledger_stream {
    struct tt_output output;
    struct tt_buf text;
    void (*add)(struct tt_buf *out, const struct tt_ledger_row *row);
};

/* Writes all rows that fit the filter. */
enum tt_exit tt_ledger_write(const struct tt_call *call, const struct tt_ledger_filter *filter,
                             void (*add)(struct tt_buf *out, const struct tt_ledger_row *row));

extern const struct tt_command tt_command_ledger_verify, tt_command_ledger_head, tt_command_ledger_list, tt_command_ledger_show,
    tt_command_ledger_export;

#endif
