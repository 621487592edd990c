/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale marks decode`: what the marks of a text say.
 *
 * A text in; out each date sentence with the set of what its symbols may mean, and then each finding of a scan whose payload could
 * be read.  Decoded text is shown with everything escaped that a terminal would obey.
 */
#include "base/limits.h"
#include "cli/marks.h"
#include "cli/output.h"
#include "cli/sandbox.h"
#include "finding/writer.h"
#include "input/archive.h"
#include "input/archive_library.h"
#include "text/date.h"
#include "json/string.h"

/* ---- date sentences ---- */

/* One pass over a decoded text; raw offsets and lines are counted along, so that the work stays linear. */
struct reader {
    struct tt_str raw, text;
    size_t raw_at, text_at; /* the same place in both */
    uint64_t line;
    int format;
    struct tt_buf *out;
    uint64_t count;
};

/* The place in raw that text offset came from; offsets must rise. */
static size_t
raw_place(struct reader *r, size_t offset)
{
    struct tt_str rest = tt_str_slice(r->raw, r->raw_at, r->raw.len);
    size_t to = r->raw_at + tt_json_raw_offset(rest, false, offset - r->text_at);
    for (size_t i = r->raw_at; i < to; i++) {
        r->line += r->raw.ptr[i] == '\n';
    }
    r->raw_at = to;
    r->text_at = offset;
    return to;
}

static void
write_sentence_text(struct reader *r, struct tt_str sentence, const struct tt_dateline_site *site, size_t raw_offset)
{
    const char *why[2];
    struct tt_buf *out = r->out;
    tt_dateline_explain(site, why);
    tt_buf_add_cstr(out, "line ");
    tt_buf_add_u64(out, r->line);
    tt_buf_add_cstr(out, ", byte ");
    tt_buf_add_u64(out, raw_offset);
    tt_buf_add_cstr(out, ": ");
    tt_marks_add_visible(out, sentence, site);
    tt_buf_add_cstr(out, "\n  symbols: apostrophe ");
    tt_buf_add_codepoint(out, site->apostrophe);
    tt_buf_add_cstr(out, ", separators ");
    tt_buf_add_codepoint(out, site->separator[0]);
    tt_buf_add_char(out, ' ');
    tt_buf_add_codepoint(out, site->separator[1]);
    tt_buf_add_cstr(out, "\n  one of these:\n    - ");
    tt_buf_add_cstr(out, why[0]);
    tt_buf_add_cstr(out, "\n    - ");
    tt_buf_add_cstr(out, why[1]);
    tt_buf_add_cstr(out, "\n\n");
}

static void
write_sentence_json(struct reader *r, struct tt_str sentence, const struct tt_dateline_site *site, size_t raw_offset)
{
    const char *why[2];
    struct tt_buf *out = r->out;
    bool first = true;
    tt_dateline_explain(site, why);
    tt_buf_add_char(out, '{');
    tt_json_add_text_member(out, &first, "type", TT_STR("date-sentence"));
    tt_json_add_u64_member(out, &first, "offset", raw_offset);
    tt_json_add_u64_member(out, &first, "line", r->line);
    tt_json_add_text_member(out, &first, "sentence", sentence);
    tt_marks_add_value(out, &first, site->value);
    tt_marks_add_codepoint(out, &first, "apostrophe", site->apostrophe);
    tt_json_add_key(out, &first, "separators");
    tt_buf_add_cstr(out, "[\"");
    tt_buf_add_codepoint(out, site->separator[0]);
    tt_buf_add_cstr(out, "\",\"");
    tt_buf_add_codepoint(out, site->separator[1]);
    tt_buf_add_cstr(out, "\"]");
    tt_json_add_key(out, &first, "explanations");
    tt_buf_add_char(out, '[');
    tt_json_add_string(out, tt_str_cstr(why[0]));
    tt_buf_add_char(out, ',');
    tt_json_add_string(out, tt_str_cstr(why[1]));
    tt_buf_add_cstr(out, "]}\n");
}

static void
take_date(struct reader *r, const struct tt_date *date)
{
    struct tt_dateline_site site;
    if (!tt_dateline_read(r->text, date, &site)) {
        return;
    }
    struct tt_str sentence = tt_str_slice(r->text, site.offset, site.offset + site.length);
    size_t raw_offset = raw_place(r, site.offset);
    r->count++;
    if (r->format == TT_CLI_JSON) {
        write_sentence_json(r, sentence, &site, raw_offset);
    } else {
        write_sentence_text(r, sentence, &site, raw_offset);
    }
}

static void
read_sentences(struct reader *r)
{
    struct tt_date date;
    for (size_t i = 0; i < r->text.len && r->out->status == TT_OK; i++) {
        /* The first of four digits: every sentence has its year in ASCII. */
        if (tt_ascii_is_digit(r->text.ptr[i]) && tt_date_read(r->text, i, &date)) {
            take_date(r, &date);
            i = date.offset + date.length - 1;
        }
    }
}

/* ---- payloads ---- */

struct payloads {
    const struct tt_writer *writer;
    struct tt_buf *out;
    uint64_t count, unread;
};

static bool
has_decoded(const struct tt_finding *f)
{
    for (size_t i = 0; i < f->fact_count; i++) {
        if (tt_str_eq(tt_fact_group(&f->facts[i]), TT_STR("decoded"))) {
            return true;
        }
    }
    return false;
}

/* Date sentences were read above; what carries no payload that could be read is only counted. */
static enum tt_status
take_payload(void *ctx, const struct tt_finding *f)
{
    struct payloads *p = ctx;
    const struct tt_writer_options options = {.shown = TT_INFO};
    if (strcmp(f->rule->id, "mark.dateline") == 0) {
        return TT_OK;
    }
    if (!has_decoded(f)) {
        p->unread += f->level >= TT_SUSPICIOUS;
        return TT_OK;
    }
    p->writer->finding(p->out, &options, f, p->count++);
    tt_buf_add_cstr(p->out, p->writer == &tt_writer_text ? "\n" : "");
    return p->out->status;
}

/* ---- the command ---- */

static void
end_json(struct tt_buf *out, uint64_t sentences, const struct payloads *p)
{
    bool first = true;
    tt_buf_add_char(out, '{');
    tt_json_add_text_member(out, &first, "type", TT_STR("summary"));
    tt_json_add_u64_member(out, &first, "sentences", sentences);
    tt_json_add_u64_member(out, &first, "payloads", p->count);
    tt_json_add_u64_member(out, &first, "not_decoded", p->unread);
    tt_buf_add_cstr(out, "}\n");
}

static void
end_text(struct tt_buf *out, uint64_t sentences, const struct payloads *p)
{
    if (sentences == 0) {
        tt_buf_add_cstr(out, "no date sentence found\n");
    } else {
        tt_writer_add_count(out, sentences, "date sentence");
        tt_buf_add_cstr(out, ". One text never proves which reading is right.\n");
    }
    tt_writer_add_count(out, p->count, "payload");
    tt_buf_add_cstr(out, " decoded.\n");
    if (p->unread > 0) {
        tt_writer_add_count(out, p->unread, "other finding");
        tt_buf_add_cstr(out, " without a payload that could be read; telltale scan shows them.\n");
    }
}

/* Reads the whole of raw into out; *not_inspected counts what could not be. */
static enum tt_status
decode(const struct tt_call *call, const char *path, struct tt_str raw, struct tt_buf *out, uint64_t *not_inspected)
{
    const struct tt_marks_settings *settings = call->settings;
    bool json = settings->format == TT_CLI_JSON;
    struct payloads payloads = {.writer = json ? &tt_writer_json : &tt_writer_text, .out = out};
    struct tt_buf text;
    tt_buf_init(&text, call->cli->alloc, TT_MARKS_FILE_MAX);
    /* JSON escapes are undone whatever the text is: outside JSON they are rare, and hide the same sentence. */
    tt_json_unescape(raw, true, &text);
    struct reader r = {.raw = raw, .text = tt_buf_str(&text), .line = 1, .format = settings->format, .out = out};
    read_sentences(&r);
    enum tt_status status = text.status;
    if (status == TT_OK) {
        status = tt_marks_scan(call->cli, path, raw, NULL, (struct tt_sink) {take_payload, &payloads}, not_inspected);
    }
    (json ? end_json : end_text)(out, r.count, &payloads);
    tt_buf_free(&text);
    return status;
}

static enum tt_exit
run_decode(const struct tt_call *call)
{
    const char *path = call->arg_count ? call->args[0] : "-";
    const struct tt_sandbox_paths sealed = {.replace_in = -1};
    uint64_t not_inspected = 0;
    struct tt_buf raw, out;
    enum tt_exit code = tt_marks_read(call, path, &raw);
    if (code == TT_EXIT_OK) {
        tt_buf_init(&out, call->cli->alloc, TT_MARKS_FILE_MAX);
        if (tt_archive_is_one(tt_buf_str(&raw))) {
            (void) tt_archive_library_load(&(struct tt_archive_calls) {0}); /* its files cannot be read any more later */
        }
        if (!call->common->output) {
            tt_sandbox_restrict(&sealed);
        }
        enum tt_status status = decode(call, path, tt_buf_str(&raw), &out, &not_inspected);
        code = status == TT_OK ? tt_cli_deliver(call, &out)
                               : tt_cli_complain(call->cli, TT_EXIT_INTERNAL, "no output: %s", tt_status_name(status));
        if (status != TT_OK) {
            tt_buf_free(&out);
        }
    }
    tt_buf_free(&raw);
    return code == TT_EXIT_OK && not_inspected > 0 ? TT_EXIT_INCOMPLETE : code;
}

static const struct tt_example usage[] = {
    {"telltale marks decode request.json", "Read every date sentence and hidden message of a captured request"},
    {"telltale marks encode --base-url http://localhost --date 2026-05-09 -q | telltale marks decode --format json -",
     "There and back again, for a program"},
    {NULL, NULL},
};

const struct tt_command tt_command_marks_decode = {
    .name = "decode",
    .summary = "Read date sentences and hidden messages, and say what they may mean",
    .usage = "[OPTION]... [FILE]",
    .description =
        "Finds the sentences \"Today's date is D\", \"Today's date: D\" and \"Today's date is now D\" in a text or "
        "JSON document (- or nothing: standard input) and gives, for each, the set of explanations that its symbols allow. "
        "The plain sentence has two as well, no mark and value 0: it proves nothing. Then it shows what could be read from "
        "the other channels: text in tag characters, in zero-width characters, in variation selectors and so on. The exit "
        "code is 0 whether or not something was found.",
    .options = tt_marks_options,
    .uses = TT_USES_OUTPUT,
    .examples = usage,
    .max_args = 1,
    .settings_size = sizeof(struct tt_marks_settings),
    .run = run_decode,
};
