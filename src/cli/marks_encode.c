/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale marks encode`: the openly labelled reference encoder of the date line.
 *
 * A base URL, a time zone and a date in; the marked sentence and the reasons out.
 */
#include "base/limits.h"
#include "cli/dateline_files.h"
#include "cli/marks.h"
#include "cli/output.h"
#include "finding/writer.h"
#include "text/date.h"

struct encode_settings {
    struct tt_marks_settings shared;
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
    tt_marks_add_pair(out, "host          ", d->host.len ? d->host : TT_STR("none"));
    tt_marks_add_pair(out, "why           ", tt_str_cstr(d->why));
    if (!d->gated) {
        tt_marks_add_pair(out, "lab           ", d->lab ? TT_STR("1: a keyword is in the host name") : TT_STR("0: no keyword"));
        tt_marks_add_pair(out, "known         ",
                          d->known ? TT_STR("1: the host is in the domain list") : TT_STR("0: not listed"));
        tt_buf_add_cstr(out, d->tz ? "tz            1: " : "tz            0: ");
        tt_marks_add_pair(out, "", tt_str_cstr(e->zone));
    }
    tt_buf_add_cstr(out, "made visible  ");
    tt_marks_add_visible(out, e->sentence, &e->site);
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
    tt_marks_add_value(out, &first, d->gated ? -1 : (int) tt_dateline_value(d));
    tt_json_add_bool_member(out, &first, "gated", d->gated);
    tt_json_add_u64_member(out, &first, "lab", d->lab);
    tt_json_add_u64_member(out, &first, "known", d->known);
    tt_json_add_u64_member(out, &first, "tz", d->tz);
    tt_json_add_text_member(out, &first, "host", d->host);
    tt_marks_add_codepoint(out, &first, "apostrophe", e->site.apostrophe);
    tt_marks_add_codepoint(out, &first, "separator", e->site.separator[0]);
    tt_json_add_text_member(out, &first, "why", tt_str_cstr(d->why));
    tt_buf_add_cstr(out, "}\n");
}

static void
write_encoding(const struct tt_call *call, struct tt_buf *out, const struct encoding *e)
{
    const struct encode_settings *settings = call->settings;
    if (settings->shared.format == TT_CLI_JSON) {
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
    return tt_cli_deliver(call, &out);
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
    TT_OPT_CHOICE(struct encode_settings, shared.format, 'f', "format", "FORMAT", "text or json", tt_cli_formats),
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

const struct tt_command tt_command_marks_encode = {
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
