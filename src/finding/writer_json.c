/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON Lines: one object a finding, then one summary.  Scripts depend on these names; adding is allowed, renaming is not.
 *
 * In: findings and a summary.  Out: complete lines in the caller's buffer (RFC 8259 objects, UTF-8).  Keeps no state.
 */
#include "finding/writer.h"

void
tt_json_add_key(struct tt_buf *out, bool *first, const char *key)
{
    if (!*first) {
        tt_buf_add_char(out, ',');
    }
    *first = false;
    tt_buf_add_char(out, '"');
    tt_buf_add_cstr(out, key);
    tt_buf_add(out, TT_STR("\":"));
}

void
tt_json_add_text_member(struct tt_buf *out, bool *first, const char *key, struct tt_str text)
{
    tt_json_add_key(out, first, key);
    tt_json_add_string(out, text);
}

void
tt_json_add_u64_member(struct tt_buf *out, bool *first, const char *key, uint64_t number)
{
    tt_json_add_key(out, first, key);
    tt_buf_add_u64(out, number);
}

void
tt_json_add_bool_member(struct tt_buf *out, bool *first, const char *key, bool value)
{
    tt_json_add_key(out, first, key);
    tt_buf_add_cstr(out, value ? "true" : "false");
}

static void
add_points(struct tt_buf *out, struct tt_str text)
{
    tt_buf_add_char(out, '[');
    for (int n = 0; n < TT_FACT_POINTS_MAX && text.len > 0; n++) {
        tt_buf_add_cstr(out, n ? ",\"" : "\"");
        tt_writer_next_point(out, &text);
        tt_buf_add_char(out, '"');
    }
    tt_buf_add_char(out, ']');
}

static void
add_list(struct tt_buf *out, struct tt_str text)
{
    struct tt_str item;
    tt_buf_add_char(out, '[');
    for (int n = 0; tt_writer_next_item(&text, &item); n++) {
        if (n) {
            tt_buf_add_char(out, ',');
        }
        tt_json_add_string(out, item);
    }
    tt_buf_add_char(out, ']');
}

static void
add_value(struct tt_buf *out, const struct tt_fact *fact)
{
    switch (fact->kind) {
    case TT_FACT_TEXT: tt_json_add_string(out, fact->text); break;
    case TT_FACT_NUMBER: tt_writer_add_number(out, fact->number); break;
    case TT_FACT_CODEPOINTS: add_points(out, fact->text); break;
    case TT_FACT_HEX:
        tt_buf_add_char(out, '"');
        tt_buf_add_hex(out, tt_str_slice(fact->text, 0, TT_FACT_HEX_MAX));
        tt_buf_add_char(out, '"');
        break;
    case TT_FACT_LIST: add_list(out, fact->text); break;
    case TT_FACT_LITERAL: tt_buf_add(out, fact->text); break;
    }
}

void
tt_json_add_evidence(struct tt_buf *out, const struct tt_finding *finding)
{
    struct tt_str open = {NULL, 0}; /* the group whose object is open; empty: none */
    bool first = true;
    tt_buf_add_char(out, '{');
    for (size_t i = 0; i < finding->fact_count; i++) {
        const struct tt_fact *fact = &finding->facts[i];
        struct tt_str group = tt_fact_group(fact);
        if (open.len > 0 && !tt_str_eq(open, group)) {
            tt_buf_add_char(out, '}');
            first = false;
        }
        if (group.len > 0 && !tt_str_eq(open, group)) {
            tt_buf_add_cstr(out, first ? "\"" : ",\"");
            tt_buf_add(out, group);
            tt_buf_add(out, TT_STR("\":{"));
            first = true;
        }
        open = group;
        /* The name is the end of the key, so it has the key's NUL. */
        tt_json_add_key(out, &first, tt_fact_name(fact).ptr);
        add_value(out, fact);
    }
    tt_buf_add_cstr(out, open.len > 0 ? "}}" : "}");
}

static void
add_where(struct tt_buf *out, const struct tt_where *where)
{
    bool first = true;
    tt_buf_add_char(out, '{');
    tt_json_add_text_member(out, &first, "uri", where->uri);
    tt_json_add_u64_member(out, &first, "offset", where->offset);
    tt_json_add_u64_member(out, &first, "length", where->length);
    tt_json_add_u64_member(out, &first, "line", where->line);
    tt_json_add_u64_member(out, &first, "column", where->column);
    if (where->path.len > 0) {
        tt_json_add_text_member(out, &first, "path", where->path);
    }
    tt_buf_add_char(out, '}');
}

static void
json_begin(struct tt_buf *out, const struct tt_writer_options *options, const char *version)
{
    (void) out;
    (void) options;
    (void) version;
}

static void
json_finding(struct tt_buf *out, const struct tt_writer_options *options, const struct tt_finding *f, uint64_t index)
{
    bool first = true;
    (void) options;
    (void) index;
    tt_buf_add_char(out, '{');
    tt_json_add_text_member(out, &first, "type", TT_STR("finding"));
    tt_json_add_text_member(out, &first, "id", tt_str_cstr(f->id));
    tt_json_add_text_member(out, &first, "rule", tt_str_cstr(f->rule->id));
    tt_json_add_text_member(out, &first, "level", tt_str_cstr(tt_level_name(f->level)));
    tt_json_add_text_member(out, &first, "message", f->message);
    tt_json_add_key(out, &first, "where");
    add_where(out, &f->where);
    tt_json_add_key(out, &first, "evidence");
    tt_json_add_evidence(out, f);
    tt_buf_add(out, TT_STR("}\n"));
}

static void
add_not_inspected(struct tt_buf *out, const struct tt_summary *summary)
{
    tt_buf_add_char(out, '[');
    for (size_t i = 0; i < summary->not_inspected_count; i++) {
        bool first = true;
        tt_buf_add_cstr(out, i ? ",{" : "{");
        tt_json_add_text_member(out, &first, "uri", summary->not_inspected[i].uri);
        tt_json_add_text_member(out, &first, "why", summary->not_inspected[i].why);
        tt_buf_add_char(out, '}');
    }
    tt_buf_add_char(out, ']');
}

static void
json_end(struct tt_buf *out, const struct tt_writer_options *options, const struct tt_summary *summary)
{
    bool first = true, part = true;
    (void) options;
    tt_buf_add_char(out, '{');
    tt_json_add_text_member(out, &first, "type", TT_STR("summary"));
    tt_json_add_text_member(out, &first, "version", tt_str_cstr(summary->version));
    tt_json_add_key(out, &first, "inspected");
    tt_buf_add_char(out, '{');
    tt_json_add_u64_member(out, &part, "files", summary->files);
    tt_json_add_u64_member(out, &part, "bytes", summary->bytes);
    tt_json_add_u64_member(out, &part, "documents", summary->documents);
    tt_json_add_u64_member(out, &part, "binary", summary->binary);
    tt_json_add_u64_member(out, &part, "ignored", summary->ignored);
    tt_buf_add_char(out, '}');
    tt_json_add_key(out, &first, "not_inspected");
    add_not_inspected(out, summary);
    tt_json_add_key(out, &first, "findings");
    tt_buf_add_char(out, '{');
    part = true;
    for (unsigned level = 0; level < TT_LEVELS; level++) {
        tt_json_add_u64_member(out, &part, tt_level_name((enum tt_level) level), summary->findings[level]);
    }
    tt_buf_add_char(out, '}');
    tt_json_add_u64_member(out, &first, "elapsed_ms", summary->elapsed_ms);
    tt_buf_add(out, TT_STR("}\n"));
}

const struct tt_writer tt_writer_json = {
    .name = "json",
    .help = "JSON Lines: one finding a line, then a summary",
    .shown = TT_CANDIDATE,
    .begin = json_begin,
    .finding = json_finding,
    .end = json_end,
};
