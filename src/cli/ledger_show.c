/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale ledger show`: all that is recorded about one request.
 *
 * In: the beginning of an id.  Out: its records, each member with its path; or a message with the ids that begin so.
 */
#include "base/limits.h"
#include "cli/ledger.h"
#include "finding/writer.h"
#include "ledger/stamp.h"
#include "json/path.h"
#include "json/string.h"

#define RECORDS_MAX 1000 /* that are looked at */
#define LABEL_WIDTH 26
#define IDS_SHOWN 200 /* bytes of them in a message */

/* ---- one record as text ---- */

struct members {
    struct tt_buf *out, text;
    struct tt_json_path path;
    struct tt_str json;
};

static void
add_member(struct members *m, const struct tt_json_token *token)
{
    struct tt_str path = tt_json_path_str(&m->path),
                  label = tt_str_slice(path, tt_str_starts(path, TT_STR("$.")) ? 2 : 1, path.len);
    size_t from = m->out->len;
    tt_buf_clear(&m->text);
    if (token->kind == TT_JSON_STRING) {
        tt_json_unescape(tt_str_slice(m->json, (size_t) token->offset, (size_t) (token->offset + token->length)), true, &m->text);
    } else {
        tt_buf_add(&m->text, tt_str_slice(m->json, (size_t) token->offset, (size_t) (token->offset + token->length)));
    }
    tt_buf_add_cstr(m->out, "  ");
    tt_writer_add_safe(m->out, label);
    while (m->out->status == TT_OK && m->out->len < from + LABEL_WIDTH) {
        tt_buf_add_char(m->out, ' ');
    }
    tt_buf_add_cstr(m->out, "  ");
    tt_writer_add_safe(m->out, tt_buf_str(&m->text));
    tt_buf_add_char(m->out, '\n');
}

/* Is it in the lines above the members already? */
static bool
is_in_head(struct tt_str path)
{
    return tt_str_eq(path, TT_STR("$.type")) || tt_str_eq(path, TT_STR("$.id")) || tt_str_eq(path, TT_STR("$.time"));
}

static enum tt_status
on_token(void *ctx, const struct tt_json_token *token)
{
    struct members *m = ctx;
    tt_buf_clear(&m->text);
    if (token->kind == TT_JSON_KEY) {
        tt_json_unescape(tt_str_slice(m->json, (size_t) token->offset, (size_t) (token->offset + token->length)), true, &m->text);
    }
    TT_TRY(tt_json_path_take(&m->path, token, tt_buf_str(&m->text)));
    if (token->kind >= TT_JSON_STRING && token->kind <= TT_JSON_NULL && !is_in_head(tt_json_path_str(&m->path))) {
        add_member(m, token);
    }
    return m->out->status;
}

static enum tt_status
add_members(struct tt_buf *out, struct tt_str json)
{
    struct tt_json_lexer lexer;
    struct members m = {.out = out, .json = json};
    TT_TRY(tt_json_path_init(&m.path, out->alloc));
    tt_buf_init(&m.text, out->alloc, TT_LEDGER_JSON_MAX);
    tt_json_begin(&lexer, tt_kernels_get(tt_cpu_detect()), 0, on_token, &m);
    enum tt_status status = tt_json_feed(&lexer, json, NULL);
    tt_buf_free(&m.text);
    tt_json_path_free(&m.path);
    return status;
}

static enum tt_status
add_text(struct tt_buf *out, const struct tt_ledger_row *row)
{
    char time[TT_STAMP_LENGTH + 1];
    tt_stamp_write(row->time > 0 ? row->time : 0, time);
    tt_writer_add_safe(out, row->kind);
    tt_buf_add_char(out, ' ');
    tt_writer_add_safe(out, row->id);
    tt_buf_add_cstr(out, "\n  record ");
    tt_buf_add_u64(out, row->seq);
    tt_buf_add_cstr(out, " of the ledger, ");
    tt_buf_add_cstr(out, time);
    tt_buf_add_char(out, '\n');
    return add_members(out, row->json);
}

/* ---- records of an id ---- */

struct found {
    struct tt_buf text, ids; /* ids: each once, a blank behind it */
    size_t rows, names;
    bool json;
};

/* Counts an id that is new. */
static void
note_id(struct found *found, struct tt_str id)
{
    if (!tt_str_has(tt_buf_str(&found->ids), id)) {
        found->names++;
        tt_buf_add(&found->ids, id);
        tt_buf_add_char(&found->ids, ' ');
    }
}

static enum tt_status
take(void *ctx, const struct tt_ledger_row *row)
{
    struct found *found = ctx;
    note_id(found, row->id);
    found->rows++;
    if (found->json) {
        tt_ledger_add_row_json(&found->text, row);
        return found->text.status;
    }
    tt_buf_add_cstr(&found->text, found->rows > 1 ? "\n" : "");
    return add_text(&found->text, row);
}

static enum tt_exit
show(const struct tt_call *call, struct tt_ledger *ledger, struct found *found)
{
    struct tt_ledger_filter filter = {.id_prefix = tt_str_cstr(call->args[0]), .last = RECORDS_MAX};
    const char *id = call->args[0];
    enum tt_status status = tt_ledger_each(ledger, &filter, take, found);
    if (status != TT_OK) {
        return tt_ledger_complain(call, ledger, status);
    }
    if (found->rows == 0) {
        return tt_cli_complain(call->cli, TT_EXIT_USAGE, "no record has an id that begins with '%s'", id);
    }
    if (found->names > 1) {
        return tt_cli_complain(call->cli, TT_EXIT_USAGE, "%zu ids begin with '%s': %.*s%s", found->names, id,
                               (int) (found->ids.len < IDS_SHOWN ? found->ids.len - 1 : IDS_SHOWN), found->ids.ptr,
                               found->ids.len < IDS_SHOWN ? "" : "...");
    }
    struct tt_buf text = found->text;
    tt_buf_init(&found->text, call->cli->alloc, TT_OUTPUT_BUF_MAX);
    return tt_cli_deliver(call, &text);
}

static enum tt_exit
run_show(const struct tt_call *call)
{
    const struct tt_ledger_settings *settings = call->settings;
    struct found found = {.json = settings->format == TT_CLI_JSON};
    struct tt_ledger *ledger;
    enum tt_exit code = tt_ledger_open_named(call, &ledger);
    if (code != TT_EXIT_OK) {
        return code;
    }
    tt_buf_init(&found.text, call->cli->alloc, TT_OUTPUT_BUF_MAX);
    tt_buf_init(&found.ids, call->cli->alloc, TT_MIB);
    code = show(call, ledger, &found);
    tt_buf_free(&found.text);
    tt_buf_free(&found.ids);
    tt_ledger_close(ledger);
    return code;
}

static const struct tt_option options[] = {
    TT_LEDGER_FILE_OPTIONS,
    TT_LEDGER_FORMAT_OPTION,
    TT_OPT_END,
};

static const struct tt_example examples[] = {
    {"telltale ledger show 0192f3c4a1b2", "The record that an error message named by its id, or the beginning of it"},
    {NULL, NULL},
};

const struct tt_command tt_command_ledger_show = {
    .name = "show",
    .summary = "Show all that is recorded about one request",
    .usage = "[OPTION]... ID",
    .description =
        "ID is what the header x-telltale-record and the messages of the gateway name, or its beginning. The request and its "
        "outcome are shown together.",
    .options = options,
    .uses = TT_USES_OUTPUT,
    .examples = examples,
    .min_args = 1,
    .max_args = 1,
    .missing = "name the id of a record, or its beginning; telltale ledger list shows ids",
    .settings_size = sizeof(struct tt_ledger_settings),
    .run = run_show,
};
