/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale marks`: the channel catalogue, and the openly labelled reference codec of the date line.
 *
 * encode: a base URL, a time zone and a date in, the marked sentence and the reasons out.  decode: a text in, each date sentence
 * and the set of what it may mean out.  list: the channels.
 * Ownership: each command frees what it reads before it returns; output goes through one buffer and tt_output.
 */
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/dateline_files.h"
#include "cli/output.h"
#include "finding/writer.h"
#include "marks/dateline.h"
#include "marks/marks.h"
#include "text/date.h"
#include "text/utf8.h"
#include "text/visible.h"
#include "json/string.h"

#include <errno.h>

enum format { FORMAT_TEXT, FORMAT_JSON };

static const char *const formats[] = {"text", "json", NULL};

/* Settings of decode and list; the head of those of encode. */
struct settings {
    int format; /* enum format */
};

/* ---- what the three commands share ---- */

/* Hands text to the output, or says why there is none.  Frees text. */
static enum tt_exit
deliver(const struct tt_call *call, struct tt_buf *text)
{
    struct tt_output output;
    enum tt_exit code = TT_EXIT_INTERNAL;
    if (text->status != TT_OK) {
        tt_cli_complain(call->cli, code, "no output: %s", tt_status_name(text->status));
    } else if (tt_output_open(&output, call->cli, call->common->output)) {
        tt_output_write(&output, tt_buf_str(text));
        code = tt_output_finish(&output) ? TT_EXIT_OK : TT_EXIT_INTERNAL;
    }
    tt_buf_free(text);
    return code;
}

static void
add_text_pair(struct tt_buf *out, const char *name, struct tt_str value)
{
    tt_buf_add_cstr(out, name);
    tt_writer_add_safe(out, value);
    tt_buf_add_char(out, '\n');
}

static void
add_codepoint_member(struct tt_buf *out, bool *first, const char *key, uint32_t cp)
{
    tt_json_add_key(out, first, key);
    tt_buf_add_char(out, '"');
    tt_buf_add_codepoint(out, cp);
    tt_buf_add_char(out, '"');
}

static void
add_bool_member(struct tt_buf *out, bool *first, const char *key, bool value)
{
    tt_json_add_key(out, first, key);
    tt_buf_add_cstr(out, value ? "true" : "false");
}

/* The value of a sentence or of an encoding; below 0 it is none of the eight. */
static void
add_value_member(struct tt_buf *out, bool *first, int value)
{
    tt_json_add_key(out, first, "value");
    tt_buf_add_cstr(out, value < 0 ? "null" : (char[]) {(char) ('0' + value), '\0'});
}

/* The sentence with everything that could carry something made visible. */
static void
add_visible(struct tt_buf *out, struct tt_str sentence, const struct tt_dateline_site *site)
{
    size_t at = site->apostrophe_at - site->offset;
    size_t separators = site->separator_at[0] - site->offset;
    struct tt_str head = tt_str_slice(sentence, 0, separators);
    struct tt_str tail = tt_str_slice(sentence, separators, sentence.len);
    size_t last = site->separator_at[1] - site->separator_at[0];
    tt_visible_add(out, head, at, at + site->apostrophe_length);
    tt_visible_add(out, tail, 0, last + tt_utf8_next(tail, last).len);
}

/* ---- encode ---- */

struct encode_settings {
    struct settings shared;
    const char *base_url, *zone, *date, *lists;
};

/* One encoding, ready to be written. */
struct encoding {
    struct tt_dateline d;
    struct tt_str sentence;
    struct tt_dateline_site site; /* the sentence read back */
    const char *zone;
};

static void
write_encoding_text(struct tt_buf *out, const struct encoding *e)
{
    const struct tt_dateline *d = &e->d;
    tt_buf_add_cstr(out, "\nvalue         ");
    if (d->gated) {
        tt_buf_add_cstr(out, "none: no mark\n");
    } else {
        tt_buf_add_u64(out, tt_dateline_value(d));
        tt_buf_add_cstr(out, " of 0-7: 4*lab + 2*known + tz\n");
    }
    add_text_pair(out, "host          ", d->host.len ? d->host : TT_STR("none"));
    add_text_pair(out, "why           ", tt_str_cstr(d->why));
    if (!d->gated) {
        add_text_pair(out, "lab           ", d->lab ? TT_STR("1: a keyword is in the host name") : TT_STR("0: no keyword"));
        add_text_pair(out, "known         ", d->known ? TT_STR("1: the host is in the domain list") : TT_STR("0: not listed"));
        tt_buf_add_cstr(out, d->tz ? "tz            1: " : "tz            0: ");
        add_text_pair(out, "", tt_str_cstr(e->zone));
    }
    tt_buf_add_cstr(out, "made visible  ");
    add_visible(out, e->sentence, &e->site);
    tt_buf_add_cstr(out, "\nsymbols       apostrophe ");
    tt_buf_add_codepoint(out, e->site.apostrophe);
    tt_buf_add_cstr(out, ", separator ");
    tt_buf_add_codepoint(out, e->site.separator[0]);
    tt_buf_add_cstr(out, "\n\nThis is a reference encoder of a published scheme, for tests and teaching.\n");
}

static void
write_encoding_json(struct tt_buf *out, const struct encoding *e)
{
    const struct tt_dateline *d = &e->d;
    bool first = true;
    tt_buf_add_char(out, '{');
    tt_json_add_text_member(out, &first, "type", TT_STR("encoding"));
    tt_json_add_text_member(out, &first, "sentence", e->sentence);
    add_value_member(out, &first, d->gated ? -1 : (int) tt_dateline_value(d));
    add_bool_member(out, &first, "gated", d->gated);
    tt_json_add_u64_member(out, &first, "lab", d->lab);
    tt_json_add_u64_member(out, &first, "known", d->known);
    tt_json_add_u64_member(out, &first, "tz", d->tz);
    tt_json_add_text_member(out, &first, "host", d->host);
    add_codepoint_member(out, &first, "apostrophe", e->site.apostrophe);
    add_codepoint_member(out, &first, "separator", e->site.separator[0]);
    tt_json_add_text_member(out, &first, "why", tt_str_cstr(d->why));
    tt_buf_add_cstr(out, "}\n");
}

static void
write_encoding(const struct tt_call *call, struct tt_buf *out, const struct encoding *e)
{
    const struct encode_settings *settings = call->settings;
    if (settings->shared.format == FORMAT_JSON) {
        write_encoding_json(out, e);
        return;
    }
    tt_buf_add(out, e->sentence);
    tt_buf_add_char(out, '\n');
    if (!call->common->quiet) {
        write_encoding_text(out, e);
    }
}

/* What the reader makes of the sentence that was just written: its symbols and where they stand. */
static bool
read_back(struct tt_str sentence, struct tt_dateline_site *site)
{
    struct tt_date date;
    return tt_date_read(sentence, sentence.len - 2, &date) && tt_dateline_read(sentence, &date, site);
}

static enum tt_exit
encode(const struct tt_call *call, const struct tt_dateline_lists *lists, struct tt_buf *host, struct tt_buf *sentence)
{
    const struct encode_settings *settings = call->settings;
    struct encoding e = {.zone = settings->zone ? settings->zone : "UTC"};
    struct tt_error err = {.msg = "out of memory"};
    struct tt_buf out;
    enum tt_status status = tt_dateline_classify(tt_str_cstr(settings->base_url), tt_str_cstr(e.zone), lists, host, &e.d);
    if (status == TT_E_LIMIT) {
        return tt_cli_complain(call->cli, TT_EXIT_USAGE, "--base-url: longer than %zu bytes", TT_URL_MAX);
    }
    if (status == TT_OK) {
        status = tt_dateline_encode(&e.d, tt_str_cstr(settings->date), sentence, &err);
    }
    if (status == TT_E_USAGE) {
        return tt_cli_complain(call->cli, TT_EXIT_USAGE, "--date %s: %s", settings->date, err.msg);
    }
    e.sentence = tt_buf_str(sentence);
    if (status != TT_OK || !read_back(e.sentence, &e.site)) {
        return tt_cli_complain(call->cli, TT_EXIT_INTERNAL, "no sentence: %s", err.msg);
    }
    tt_buf_init(&out, call->cli->alloc, 16 * TT_URL_MAX);
    write_encoding(call, &out, &e);
    return deliver(call, &out);
}

static enum tt_exit
run_encode(const struct tt_call *call)
{
    const struct encode_settings *settings = call->settings;
    const struct tt_alloc *alloc = call->cli->alloc;
    struct tt_dateline_files lists;
    struct tt_buf host, sentence;
    if (!settings->date) {
        return tt_cli_complain(call->cli, TT_EXIT_USAGE, "--date is missing: name the day as YYYY-MM-DD");
    }
    tt_buf_init(&host, alloc, 4 * TT_URL_MAX);
    tt_buf_init(&sentence, alloc, 64);
    enum tt_exit code = tt_dateline_files_read(call->cli, settings->lists, &lists);
    if (code == TT_EXIT_OK) {
        code = encode(call, &lists.lists, &host, &sentence);
    }
    tt_buf_free(&sentence);
    tt_buf_free(&host);
    tt_dateline_files_free(&lists, alloc);
    return code;
}

static const struct tt_option encode_options[] = {
    TT_OPT_STRING(struct encode_settings, base_url, 0, "base-url", "URL", "Base URL of the client; without it none is set"),
    TT_OPT_STRING(struct encode_settings, zone, 0, "timezone", "ZONE", "IANA name of the time zone; UTC without it"),
    TT_OPT_STRING(struct encode_settings, date, 0, "date", "YYYY-MM-DD", "Day of the sentence; must be given"),
    TT_OPT_STRING(struct encode_settings, lists, 0, "lists", "DIR", "Folder with keywords.txt and domains.txt"),
    TT_OPT_CHOICE(struct encode_settings, shared.format, 'f', "format", "FORMAT", "text or json", formats),
    TT_OPT_END,
};

static const struct tt_example encode_examples[] = {
    {"telltale marks encode --base-url https://proxy.example.com --timezone Asia/Shanghai --date 2026-05-09",
     "Value 1: only the time zone shows"},
    {"telltale marks encode --base-url https://deepseek.example.com --date 2026-05-09 --quiet",
     "Value 4: the sentence alone, for a test"},
    {"telltale marks encode --date 2026-05-09", "No base URL is set, so there is no mark"},
    {NULL, NULL},
};

static const struct tt_command command_encode = {
    .name = "encode",
    .summary = "Write the date sentence as the reported client is said to have marked it",
    .usage = "[OPTION]... --date YYYY-MM-DD",
    .description = "A reference encoder of the scheme that public reports of 2026 describe, for tests and teaching. It prints "
                   "the sentence and "
                   "then says which value it carries and why. The lists of keywords and domains are data files; the published "
                   "domain list is "
                   "not complete.",
    .options = encode_options,
    .uses = TT_USES_OUTPUT | TT_USES_QUIET,
    .examples = encode_examples,
    .settings_size = sizeof(struct encode_settings),
    .run = run_encode,
};

/* ---- decode ---- */

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
    add_visible(out, sentence, site);
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
    add_value_member(out, &first, site->value);
    add_codepoint_member(out, &first, "apostrophe", site->apostrophe);
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
    if (r->format == FORMAT_JSON) {
        write_sentence_json(r, sentence, &site, raw_offset);
    } else {
        write_sentence_text(r, sentence, &site, raw_offset);
    }
}

static void
write_end(struct reader *r)
{
    if (r->format == FORMAT_JSON) {
        bool first = true;
        tt_buf_add_char(r->out, '{');
        tt_json_add_text_member(r->out, &first, "type", TT_STR("summary"));
        tt_json_add_u64_member(r->out, &first, "sentences", r->count);
        tt_buf_add_cstr(r->out, "}\n");
    } else if (r->count == 0) {
        tt_buf_add_cstr(r->out, "no date sentence found\n");
    } else {
        tt_writer_add_count(r->out, r->count, "date sentence");
        tt_buf_add_cstr(r->out, ". One text never proves which reading is right.\n");
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
    write_end(r);
}

static enum tt_exit
run_decode(const struct tt_call *call)
{
    const struct settings *settings = call->settings;
    const char *path = call->arg_count ? call->args[0] : "-";
    struct tt_buf raw, text, out;
    tt_buf_init(&raw, call->cli->alloc, TT_DATELINE_TEXT_MAX);
    tt_buf_init(&text, call->cli->alloc, TT_DATELINE_TEXT_MAX);
    tt_buf_init(&out, call->cli->alloc, TT_DATELINE_TEXT_MAX);
    enum tt_exit code;
    if (!tt_file_read(path, &raw)) {
        code = tt_cli_complain(call->cli, TT_EXIT_INCOMPLETE, "cannot read %s: %s", path, strerror(errno));
    } else {
        /* JSON escapes are undone whatever the text is: outside JSON they are rare, and hide the same sentence. */
        tt_json_unescape(tt_buf_str(&raw), true, &text);
        struct reader r = {
            .raw = tt_buf_str(&raw), .text = tt_buf_str(&text), .line = 1, .format = settings->format, .out = &out};
        read_sentences(&r);
        code = text.status == TT_OK ? deliver(call, &out)
                                    : tt_cli_complain(call->cli, TT_EXIT_INTERNAL, "%s", tt_status_name(text.status));
    }
    tt_buf_free(&out);
    tt_buf_free(&text);
    tt_buf_free(&raw);
    return code;
}

static const struct tt_option settings_options[] = {
    TT_OPT_CHOICE(struct settings, format, 'f', "format", "FORMAT", "text or json", formats),
    TT_OPT_END,
};

static const struct tt_example decode_examples[] = {
    {"telltale marks decode request.json", "Read every date sentence of a captured request"},
    {"telltale marks encode --base-url http://localhost --date 2026-05-09 -q | telltale marks decode --format json -",
     "There and back again, for a program"},
    {NULL, NULL},
};

static const struct tt_command command_decode = {
    .name = "decode",
    .summary = "Read date sentences and say what their symbols may mean",
    .usage = "[OPTION]... [FILE]",
    .description = "Finds the sentences \"Today's date is D\", \"Today's date: D\" and \"Today's date is now D\" in a text or "
                   "JSON document (- or "
                   "nothing: standard input) and gives, for each, the set of explanations that its symbols allow. The plain "
                   "sentence has two as "
                   "well, no mark and value 0: it proves nothing. The exit code is 0 whether or not a sentence was found.",
    .options = settings_options,
    .uses = TT_USES_OUTPUT,
    .examples = decode_examples,
    .max_args = 1,
    .settings_size = sizeof(struct settings),
    .run = run_decode,
};

/* ---- list ---- */

#define OUT_OF_SCOPE                                                                                                             \
    "Statistical watermarks of model output (a bias in the choice of words) are out of scope: finding one takes its key or the " \
    "model's probabilities, not bytes."

static void
write_channel_text(struct tt_buf *out, const struct tt_channel *channel, const struct tt_rule *rule)
{
    add_text_pair(out, "", tt_str_cstr(channel->name));
    add_text_pair(out, "  rule      ", tt_str_cstr(channel->rule));
    add_text_pair(out, "  title     ", tt_str_cstr(rule ? rule->title : "(no rule)"));
    add_text_pair(out, "  alphabet  ", tt_str_cstr(channel->alphabet));
    add_text_pair(out, "  capacity  ", tt_str_cstr(channel->capacity));
    tt_buf_add_char(out, '\n');
}

static void
write_channel_json(struct tt_buf *out, const struct tt_channel *channel, const struct tt_rule *rule)
{
    bool first = true;
    tt_buf_add_char(out, '{');
    tt_json_add_text_member(out, &first, "type", TT_STR("channel"));
    tt_json_add_text_member(out, &first, "name", tt_str_cstr(channel->name));
    tt_json_add_text_member(out, &first, "rule", tt_str_cstr(channel->rule));
    tt_json_add_text_member(out, &first, "title", tt_str_cstr(rule ? rule->title : ""));
    tt_json_add_text_member(out, &first, "alphabet", tt_str_cstr(channel->alphabet));
    tt_json_add_text_member(out, &first, "capacity", tt_str_cstr(channel->capacity));
    tt_buf_add_cstr(out, "}\n");
}

static enum tt_exit
run_list(const struct tt_call *call)
{
    const struct settings *settings = call->settings;
    struct tt_buf out;
    tt_buf_init(&out, call->cli->alloc, TT_MIB);
    for (size_t i = 0; tt_channels[i]; i++) {
        const struct tt_rule *rule = tt_rule_find(tt_str_cstr(tt_channels[i]->rule));
        if (settings->format == FORMAT_JSON) {
            write_channel_json(&out, tt_channels[i], rule);
        } else {
            write_channel_text(&out, tt_channels[i], rule);
        }
    }
    tt_buf_add_cstr(&out, settings->format == FORMAT_JSON ? "" : OUT_OF_SCOPE "\n");
    return deliver(call, &out);
}

static const struct tt_example list_examples[] = {
    {"telltale marks list", "Show every channel with its symbols and what it can carry"},
    {"telltale marks list --format json", "The same as JSON Lines"},
    {NULL, NULL},
};

static const struct tt_command command_list = {
    .name = "list",
    .summary = "List the channels that scan looks at",
    .usage = "[OPTION]...",
    .description = "Shows for each channel its rule, its symbols and how much it can carry. " OUT_OF_SCOPE,
    .options = settings_options,
    .uses = TT_USES_OUTPUT,
    .examples = list_examples,
    .settings_size = sizeof(struct settings),
    .run = run_list,
};

/* ---- the command ---- */

static const struct tt_command *const subcommands[] = {&command_encode, &command_decode, &command_list, NULL};

static const struct tt_example examples[] = {
    {"telltale marks list", "Show the channels"},
    {"telltale marks decode request.json", "Read the date sentences of a request"},
    {NULL, NULL},
};

const struct tt_command tt_command_marks = {
    .name = "marks",
    .summary = "Show the channels of covert marks; encode and decode the date line",
    .usage = "COMMAND [OPTION]... [ARGUMENT]...",
    .description = "The date-line codec is published openly, as a generator of test data and as a decoder.",
    .examples = examples,
    .subcommands = subcommands,
};
