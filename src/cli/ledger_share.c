/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the subcommands of `telltale ledger` share; see ledger.h.
 *
 * In: options.  Out: an open ledger, a filter, rows on the output; or a message and an exit code.
 */
#include "cli/ledger.h"

#include "base/limits.h"
#include "cli/gateway.h"
#include "finding/writer.h"
#include "ledger/stamp.h"

#include <limits.h>

#define FILE_NAME "ledger.db"

enum tt_exit
tt_ledger_complain(const struct tt_call *call, const struct tt_ledger *ledger, enum tt_status status)
{
    enum tt_exit code = status == TT_E_INPUT || status == TT_E_UNSUPPORTED ? TT_EXIT_USAGE : TT_EXIT_INTERNAL;
    return tt_cli_complain(call->cli, code, "%s", tt_ledger_why(ledger));
}

/* The name of the ledger's file. */
static enum tt_exit
find_name(const struct tt_call *call, char out[PATH_MAX])
{
    const struct tt_ledger_settings *settings = call->settings;
    if (settings->ledger) {
        int n = snprintf(out, PATH_MAX, "%s", settings->ledger);
        return n < PATH_MAX ? TT_EXIT_OK : tt_cli_complain(call->cli, TT_EXIT_USAGE, "the name of the ledger is too long");
    }
    char folder[PATH_MAX];
    enum tt_exit code = tt_gateway_folder(call->cli, settings->state, folder, sizeof(folder));
    if (code == TT_EXIT_OK && snprintf(out, PATH_MAX, "%s/" FILE_NAME, folder) >= PATH_MAX) {
        code = tt_cli_complain(call->cli, TT_EXIT_USAGE, "the name of the ledger is too long");
    }
    return code;
}

enum tt_exit
tt_ledger_open_named(const struct tt_call *call, struct tt_ledger **ledger)
{
    char name[PATH_MAX];
    *ledger = NULL;
    enum tt_exit code = find_name(call, name);
    if (code != TT_EXIT_OK) {
        return code;
    }
    enum tt_status status = tt_ledger_open(name, TT_LEDGER_READ, call->cli->alloc, ledger);
    if (status == TT_OK) {
        return TT_EXIT_OK;
    }
    /* A file that is not there or may not be read is a matter of the command line. */
    code = tt_cli_complain(call->cli, status == TT_E_MEMORY ? TT_EXIT_INTERNAL : TT_EXIT_USAGE, "%s", tt_ledger_why(*ledger));
    tt_ledger_close(*ledger);
    *ledger = NULL;
    return code;
}

static enum tt_exit
read_time(const struct tt_call *call, const char *option, const char *text, int64_t *out)
{
    *out = 0;
    if (!text || tt_stamp_read(tt_str_cstr(text), out)) {
        return TT_EXIT_OK;
    }
    return tt_cli_complain(call->cli, TT_EXIT_USAGE,
                           "'%s' of --%s is no day or moment, such as 2026-11-21 or 2026-11-21T10:00:00Z", text, option);
}

enum tt_exit
tt_ledger_filter_of(const struct tt_call *call, struct tt_ledger_filter *filter)
{
    const struct tt_ledger_settings *settings = call->settings;
    *filter = (struct tt_ledger_filter) {.kind = tt_str_cstr(settings->kind)};
    enum tt_exit code = read_time(call, "from", settings->from, &filter->from);
    return code == TT_EXIT_OK ? read_time(call, "to", settings->to, &filter->to) : code;
}

void
tt_ledger_add_row_json(struct tt_buf *out, const struct tt_ledger_row *row)
{
    tt_buf_add_cstr(out, "{\"seq\":");
    tt_buf_add_u64(out, row->seq);
    tt_buf_add_cstr(out, ",\"time_ns\":");
    tt_writer_add_number(out, row->time);
    tt_buf_add_cstr(out, ",\"kind\":");
    tt_json_add_string(out, row->kind);
    tt_buf_add_cstr(out, ",\"id\":");
    tt_json_add_string(out, row->id);
    tt_buf_add_cstr(out, ",\"hash\":\"");
    tt_buf_add_hex(out, tt_str_make(row->hash, TT_SHA256_SIZE));
    tt_buf_add_cstr(out, "\",\"record\":");
    tt_buf_add(out, row->json);
    tt_buf_add_cstr(out, "}\n");
}

static enum tt_status
write_row(void *ctx, const struct tt_ledger_row *row)
{
    struct tt_ledger_stream *stream = ctx;
    tt_buf_clear(&stream->text);
    stream->add(&stream->text, row);
    if (stream->text.status != TT_OK) {
        return stream->text.status;
    }
    return tt_output_write(&stream->output, tt_buf_str(&stream->text)) ? TT_OK : TT_E_USAGE;
}

/* From an open ledger to the output. */
static enum tt_exit
write_all(const struct tt_call *call, struct tt_ledger *ledger, const struct tt_ledger_filter *filter,
          struct tt_ledger_stream *stream)
{
    if (!tt_output_open(&stream->output, call->cli, call->common->output)) {
        return TT_EXIT_INTERNAL;
    }
    tt_output_watch(&stream->output);
    enum tt_status status = tt_ledger_each(ledger, filter, write_row, stream);
    if (status != TT_OK) {
        /* What the output refuses is told there. */
        enum tt_exit code = stream->output.failed ? TT_EXIT_INTERNAL : tt_ledger_complain(call, ledger, status);
        tt_output_abandon(&stream->output);
        return code;
    }
    return tt_output_finish(&stream->output) ? TT_EXIT_OK : TT_EXIT_INTERNAL;
}

enum tt_exit
tt_ledger_write(const struct tt_call *call, const struct tt_ledger_filter *filter,
                void (*add)(struct tt_buf *out, const struct tt_ledger_row *row))
{
    struct tt_ledger *ledger;
    struct tt_ledger_stream stream = {.add = add};
    enum tt_exit code = tt_ledger_open_named(call, &ledger);
    if (code == TT_EXIT_OK) {
        tt_buf_init(&stream.text, call->cli->alloc, 16 * TT_LEDGER_JSON_MAX);
        code = write_all(call, ledger, filter, &stream);
        tt_buf_free(&stream.text);
        tt_ledger_close(ledger);
    }
    return code;
}
