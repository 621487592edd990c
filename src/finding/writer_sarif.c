/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SARIF 2.1.0 (OASIS Standard, 27 March 2020): one run, all rules, one result a finding.
 *
 * In: findings and a summary.  Out: one JSON object in the caller's buffer, written piece by piece: begin opens the run and its
 * results, end closes them.  Nothing in it depends on time or machine, so equal findings give equal bytes.
 */
#include "finding/writer.h"

/* Section 3.27.10: how sure is told in the property "level"; this is the nearest word. */
static const char *const sarif_levels[TT_LEVELS] = {"note", "note", "warning", "error"};

static void
add_message(struct tt_buf *out, bool *first, const char *key, struct tt_str text)
{
    bool part = true;
    tt_json_add_key(out, first, key);
    tt_buf_add_char(out, '{');
    tt_json_add_text_member(out, &part, "text", text);
    tt_buf_add_char(out, '}');
}

/* "mark.value-format" is "MarkValueFormat": section 3.49.7 wants a name that reads as an identifier. */
static void
add_rule_name(struct tt_buf *out, const char *id)
{
    bool start = true;
    tt_buf_add_char(out, '"');
    for (; *id; id++) {
        if (*id == '.' || *id == '-') {
            start = true;
        } else {
            char c = *id;
            tt_buf_add_char(out, start && c >= 'a' && c <= 'z' ? (char) (c - 'a' + 'A') : c);
            start = false;
        }
    }
    tt_buf_add_char(out, '"');
}

/* What a viewer shows beside a result; the parts are joined here because SARIF has one text for them. */
static void
add_rule_help(struct tt_buf *out, bool *first, const struct tt_rule *rule)
{
    const char *const pieces[] = {
        "It may be innocent: ", rule->innocent, "\n\nWhat to do: ", rule->next_step, "\n\nSource: ", rule->source};
    struct tt_buf text;
    tt_buf_init(&text, out->alloc, TT_OUTPUT_BUF_MAX);
    for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
        tt_buf_add_cstr(&text, pieces[i]);
    }
    if (text.status != TT_OK && out->status == TT_OK) {
        out->status = text.status;
    }
    add_message(out, first, "help", tt_buf_str(&text));
    tt_buf_free(&text);
}

static void
add_rule(struct tt_buf *out, const struct tt_rule *rule)
{
    bool first = true;
    tt_buf_add_char(out, '{');
    tt_json_add_text_member(out, &first, "id", tt_str_cstr(rule->id));
    tt_json_add_key(out, &first, "name");
    add_rule_name(out, rule->id);
    add_message(out, &first, "shortDescription", tt_str_cstr(rule->title));
    add_message(out, &first, "fullDescription", tt_str_cstr(rule->explanation));
    add_rule_help(out, &first, rule);
    tt_buf_add_char(out, '}');
}

static void
sarif_begin(struct tt_buf *out, const struct tt_writer_options *options, const char *version)
{
    (void) options;
    tt_buf_add_cstr(out, "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{"
                         "\"tool\":{\"driver\":{\"name\":\"telltale\",\"version\":");
    tt_json_add_string(out, tt_str_cstr(version));
    tt_buf_add_cstr(out, ",\"rules\":[");
    for (size_t i = 0; i < tt_rule_count; i++) {
        tt_buf_add_cstr(out, i ? ",\n" : "\n");
        add_rule(out, &tt_rules[i]);
    }
    tt_buf_add_cstr(out, "]}},\"columnKind\":\"unicodeCodePoints\",\"results\":[");
}

static bool
is_plain_in_uri(char c)
{
    return tt_ascii_is_alpha(c) || tt_ascii_is_digit(c) || strchr("-._~/", c) != NULL;
}

/*
 * A path as a URI reference (RFC 3986): everything but unreserved characters and '/' is written %XX, so a ':' cannot look like a
 * scheme.  An absolute path becomes file:///..., which needs no base.
 */
static void
add_uri(struct tt_buf *out, struct tt_str path)
{
    tt_buf_add_cstr(out, tt_str_starts(path, TT_STR("/")) ? "\"file://" : "\"");
    for (size_t i = 0; i < path.len; i++) {
        unsigned char byte = (unsigned char) path.ptr[i];
        if (byte && is_plain_in_uri(path.ptr[i])) {
            tt_buf_add_char(out, path.ptr[i]);
        } else {
            char escape[3] = {'%', tt_hex_capital(byte >> 4), tt_hex_capital(byte)};
            tt_buf_add(out, tt_str_make(escape, 3));
        }
    }
    tt_buf_add_char(out, '"');
}

static void
add_artifact(struct tt_buf *out, struct tt_str uri)
{
    tt_buf_add_cstr(out, "\"physicalLocation\":{\"artifactLocation\":{\"uri\":");
    add_uri(out, uri);
    if (tt_str_eq(uri, TT_STR("-"))) {
        tt_buf_add_cstr(out, ",\"description\":{\"text\":\"standard input\"}");
    }
    tt_buf_add_char(out, '}');
}

static void
add_region(struct tt_buf *out, const struct tt_where *where)
{
    bool first = true;
    tt_buf_add_cstr(out, ",\"region\":{");
    if (where->line > 0) {
        tt_json_add_u64_member(out, &first, "startLine", where->line);
        tt_json_add_u64_member(out, &first, "startColumn", where->column);
    }
    tt_json_add_u64_member(out, &first, "byteOffset", where->offset);
    tt_json_add_u64_member(out, &first, "byteLength", where->length);
    tt_buf_add_char(out, '}');
}

static void
add_location(struct tt_buf *out, const struct tt_where *where)
{
    tt_buf_add_char(out, '{');
    add_artifact(out, where->uri);
    add_region(out, where);
    tt_buf_add_char(out, '}');
    if (where->path.len > 0) {
        tt_buf_add_cstr(out, ",\"logicalLocations\":[{\"fullyQualifiedName\":");
        tt_json_add_string(out, where->path);
        tt_buf_add_cstr(out, "}]");
    }
    tt_buf_add_char(out, '}');
}

/* Position in tt_rules[]; left out for a rule that is not in it. */
static void
add_rule_index(struct tt_buf *out, bool *first, const struct tt_rule *rule)
{
    const struct tt_rule *listed = tt_rule_find(tt_str_cstr(rule->id));
    if (listed) {
        tt_json_add_u64_member(out, first, "ruleIndex", (uint64_t) (listed - tt_rules));
    }
}

static void
sarif_finding(struct tt_buf *out, const struct tt_writer_options *options, const struct tt_finding *f, uint64_t index)
{
    bool first = true;
    (void) options;
    tt_buf_add_cstr(out, index ? ",\n{" : "\n{");
    tt_json_add_text_member(out, &first, "ruleId", tt_str_cstr(f->rule->id));
    add_rule_index(out, &first, f->rule);
    tt_json_add_text_member(out, &first, "level", tt_str_cstr(sarif_levels[f->level]));
    add_message(out, &first, "message", f->message);
    tt_json_add_key(out, &first, "locations");
    tt_buf_add_char(out, '[');
    add_location(out, &f->where);
    tt_buf_add_cstr(out, "],\"partialFingerprints\":{\"telltale/v1\":");
    tt_json_add_string(out, tt_str_cstr(f->id));
    tt_buf_add_cstr(out, "},\"properties\":{\"level\":");
    tt_json_add_string(out, tt_str_cstr(tt_level_name(f->level)));
    tt_buf_add_cstr(out, ",\"evidence\":");
    tt_json_add_evidence(out, f);
    tt_buf_add_cstr(out, "}}");
}

static void
add_notification(struct tt_buf *out, const struct tt_not_inspected *entry)
{
    bool first = true;
    tt_buf_add_char(out, '{');
    tt_json_add_text_member(out, &first, "level", TT_STR("error"));
    add_message(out, &first, "message", entry->why);
    tt_buf_add_cstr(out, ",\"locations\":[{");
    add_artifact(out, entry->uri);
    tt_buf_add_cstr(out, "}}]}");
}

static void
add_run_properties(struct tt_buf *out, const struct tt_summary *summary)
{
    bool first = true;
    tt_buf_add_cstr(out, "\"properties\":{\"inspected\":{");
    tt_json_add_u64_member(out, &first, "files", summary->files);
    tt_json_add_u64_member(out, &first, "bytes", summary->bytes);
    tt_json_add_u64_member(out, &first, "documents", summary->documents);
    tt_json_add_u64_member(out, &first, "binary", summary->binary);
    tt_json_add_u64_member(out, &first, "ignored", summary->ignored);
    tt_buf_add_cstr(out, "},\"findings\":{");
    first = true;
    for (unsigned level = 0; level < TT_LEVELS; level++) {
        tt_json_add_u64_member(out, &first, tt_level_name((enum tt_level) level), summary->findings[level]);
    }
    tt_buf_add_cstr(out, "}}");
}

static void
sarif_end(struct tt_buf *out, const struct tt_writer_options *options, const struct tt_summary *summary)
{
    (void) options;
    /* A run that could not look at everything did not succeed: a viewer must not read "no results" as "nothing there". */
    tt_buf_add_cstr(out, "],\n\"invocations\":[{\"executionSuccessful\":");
    tt_buf_add_cstr(out, summary->not_inspected_count ? "false" : "true");
    tt_buf_add_cstr(out, ",\"toolExecutionNotifications\":[");
    for (size_t i = 0; i < summary->not_inspected_count; i++) {
        tt_buf_add_cstr(out, i ? ",\n" : "\n");
        add_notification(out, &summary->not_inspected[i]);
    }
    tt_buf_add_cstr(out, "]}],\n");
    add_run_properties(out, summary);
    tt_buf_add_cstr(out, "}]}\n");
}

const struct tt_writer tt_writer_sarif = {
    .name = "sarif",
    .help = "SARIF 2.1.0, for code scanning viewers",
    .shown = TT_CANDIDATE,
    .begin = sarif_begin,
    .finding = sarif_finding,
    .end = sarif_end,
};
