/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale ledger list` and `telltale ledger export`: records, one a line, for a person or for a program.
 *
 * In: a filter.  Out: lines, while the ledger is read; memory: one record.
 */
#include "base/limits.h"
#include "cli/ledger.h"
#include "finding/writer.h"
#include "ledger/member.h"
#include "ledger/stamp.h"

#define LAST_DEFAULT 50
#define LAST_MAX 1000000000

/* ---- list ---- */

/* What a line says of a record of a kind, in this order, with words around it. */
struct shown {
    const char *kind, *before, *name, *after;
};

static const struct shown shown[] = {
    {"request", "", "decision.action", ""},
    {"request", "rule ", "decision.rule", ""},
    {"request", "not inspected: ", "not_inspected", ""},
    {"request", "refers to ", "references", ""},
    {"request", "", "product", ""},
    {"request", "", "model", ""},
    {"request", "at ", "provider", ""},
    {"request", "team ", "team", ""},
    {"outcome", "", "status", ""},
    {"outcome", "", "end", ""},
    {"outcome", "tokens in ", "usage.input_total", ""},
    {"outcome", "out ", "usage.output_total", ""},
    {"outcome", "", "total_ms", " ms"},
    {"loss", "ring ", "slot", ""},
    {"loss", "from ", "from", ""},
    {"loss", "to ", "to", ""},
    {"loss", "", "why", ""},
    {"fault", "", "why", ""},
};

#define SHOWN (sizeof(shown) / sizeof(*shown))

static void
add_shown(struct tt_buf *out, const struct shown *what, const struct tt_member *member)
{
    struct tt_buf text;
    tt_buf_init(&text, out->alloc, TT_LEDGER_JSON_MAX);
    tt_member_add(&text, member);
    if (text.len > 0) {
        tt_buf_add_cstr(out, "  ");
        tt_buf_add_cstr(out, what->before);
        tt_writer_add_safe(out, tt_buf_str(&text));
        tt_buf_add_cstr(out, what->after);
    }
    tt_buf_free(&text);
}

/* What is shown of the record's kind. */
static void
add_summary(struct tt_buf *out, const struct tt_ledger_row *row)
{
    struct tt_member members[SHOWN];
    const struct shown *of[SHOWN];
    size_t count = 0;
    for (size_t i = 0; i < SHOWN; i++) {
        if (tt_str_eq(row->kind, tt_str_cstr(shown[i].kind))) {
            of[count] = &shown[i];
            members[count++] = (struct tt_member) {.name = tt_str_cstr(shown[i].name)};
        }
    }
    if (tt_member_read(row->json, members, count) == TT_OK) {
        for (size_t i = 0; i < count; i++) {
            add_shown(out, of[i], &members[i]);
        }
    }
}

static void
add_line(struct tt_buf *out, const struct tt_ledger_row *row)
{
    char time[TT_STAMP_LENGTH + 1];
    tt_stamp_write(row->time > 0 ? row->time : 0, time);
    tt_buf_add(out, tt_str_make(time, 19));
    tt_buf_add_cstr(out, "Z  ");
    tt_writer_add_safe(out, row->kind);
    if (row->id.len > 0) {
        tt_buf_add_cstr(out, "  ");
        tt_writer_add_safe(out, row->id);
    }
    add_summary(out, row);
    tt_buf_add_char(out, '\n');
}

static enum tt_exit
run_list(const struct tt_call *call)
{
    const struct tt_ledger_settings *settings = call->settings;
    struct tt_ledger_filter filter;
    enum tt_exit code = tt_ledger_filter_of(call, &filter);
    filter.last = settings->last ? settings->last : settings->from || settings->to ? 0 : LAST_DEFAULT;
    return code == TT_EXIT_OK
               ? tt_ledger_write(call, &filter, settings->format == TT_CLI_JSON ? tt_ledger_add_row_json : add_line)
               : code;
}

static const struct tt_option list_options[] = {
    TT_LEDGER_FILE_OPTIONS,
    TT_LEDGER_RANGE_OPTIONS,
    TT_OPT_NUMBER(struct tt_ledger_settings, last, 'n', "last", "N", "Only the newest N (default: 50, without --from and --to)",
                  1, LAST_MAX),
    TT_LEDGER_FORMAT_OPTION,
    TT_OPT_END,
};

static const struct tt_example list_examples[] = {
    {"telltale ledger list --last 10", "The newest ten records"},
    {"telltale ledger list --kind request --from 2026-11-21", "Every request of a day, from midnight on in UTC"},
    {NULL, NULL},
};

const struct tt_command tt_command_ledger_list = {
    .name = "list",
    .summary = "List records, the newest last",
    .usage = "[OPTION]...",
    .description =
        "One line for each: when, what, its id; of a request the decision, the client, model and provider; of an outcome "
        "the status, how it ended, and tokens. As JSON Lines, with number and hash.",
    .options = list_options,
    .uses = TT_USES_OUTPUT,
    .examples = list_examples,
    .settings_size = sizeof(struct tt_ledger_settings),
    .run = run_list,
};

/* ---- export ---- */

enum tt_export_format { EXPORT_JSON, EXPORT_CHAIN };

static const char *const export_formats[] = {"json", "chain", NULL};

static void
add_record(struct tt_buf *out, const struct tt_ledger_row *row)
{
    tt_buf_add(out, row->json);
    tt_buf_add_char(out, '\n');
}

static enum tt_exit
run_export(const struct tt_call *call)
{
    const struct tt_ledger_settings *settings = call->settings;
    struct tt_ledger_filter filter;
    enum tt_exit code = tt_ledger_filter_of(call, &filter);
    return code == TT_EXIT_OK
               ? tt_ledger_write(call, &filter, settings->format == EXPORT_CHAIN ? tt_ledger_add_row_json : add_record)
               : code;
}

static const struct tt_option export_options[] = {
    TT_LEDGER_FILE_OPTIONS,
    TT_LEDGER_RANGE_OPTIONS,
    TT_OPT_CHOICE(struct tt_ledger_settings, format, 'f', "format", "FORMAT", "json, or chain: also number, time and hash",
                  export_formats),
    TT_OPT_END,
};

static const struct tt_example export_examples[] = {
    {"telltale ledger export --output all.jsonl", "Every record, as it was written"},
    {"telltale ledger export --format chain --from 2026-11-01 --to 2026-12-01", "A month, with what proves it"},
    {NULL, NULL},
};

const struct tt_command tt_command_ledger_export = {
    .name = "export",
    .summary = "Write records as JSON Lines",
    .usage = "[OPTION]...",
    .description =
        "Writes each record byte for byte as it stands in the ledger, one a line, in the order in which they were added. With "
        "--format chain, in an object with what its hash is made of, so that another program can check the chain; how, "
        "says telltale-ledger(1).",
    .options = export_options,
    .uses = TT_USES_OUTPUT,
    .examples = export_examples,
    .settings_size = sizeof(struct tt_ledger_settings),
    .run = run_export,
};
