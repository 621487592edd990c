/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How entries and facts of the catalogue are written; see catalog.h.
 */
#include "base/limits.h"
#include "base/near.h"
#include "cli/catalog.h"
#include "cli/marks.h"
#include "finding/writer.h"

const struct tt_option tt_catalog_options[] = {
    TT_OPT_CHOICE(struct tt_catalog_settings, format, 'f', "format", "FORMAT", "text or json", tt_cli_formats),
    TT_OPT_END,
};

/* ---- sources ---- */

/* From 1; 0 when there are too many to number. */
static size_t
number_of(struct tt_cited *cited, struct tt_str text)
{
    for (size_t i = 0; i < cited->count; i++) {
        if (tt_str_eq(cited->texts[i], text)) {
            return i + 1;
        }
    }
    if (cited->count == TT_CITED_MAX) {
        return 0;
    }
    cited->texts[cited->count++] = text;
    return cited->count;
}

static void
add_range(struct tt_buf *out, size_t first, size_t last, bool more)
{
    tt_buf_add_cstr(out, more ? " " : "");
    tt_buf_add_u64(out, first);
    if (last > first) {
        tt_buf_add_cstr(out, last > first + 1 ? "-" : " ");
        tt_buf_add_u64(out, last);
    }
}

void
tt_catalog_add_backing(struct tt_buf *out, struct tt_cited *cited, const struct tt_catalog_fact *fact)
{
    size_t first = 0, last = 0;
    bool more = false;
    tt_buf_add(out, tt_confidence_name(fact->confidence));
    tt_buf_add_cstr(out, " [");
    for (size_t i = 0; i < fact->source_count; i++) {
        size_t number = number_of(cited, fact->sources[i]->text);
        if (first > 0 && number != last + 1) {
            add_range(out, first, last, more);
            more = true;
            first = 0;
        }
        first = first > 0 ? first : number;
        last = number;
    }
    add_range(out, first, last, more);
    tt_buf_add_char(out, ']');
}

void
tt_catalog_add_cited(struct tt_buf *out, const struct tt_cited *cited)
{
    for (size_t i = 0; i < cited->count; i++) {
        tt_buf_add_cstr(out, "  [");
        tt_buf_add_u64(out, i + 1);
        tt_buf_add_cstr(out, "] ");
        tt_writer_add_safe(out, cited->texts[i]);
        tt_buf_add_char(out, '\n');
    }
}

void
tt_catalog_add_value(struct tt_buf *out, const struct tt_catalog_value *value)
{
    tt_writer_add_safe(out, value->text);
    for (size_t i = 0; i < value->detail_count; i++) {
        tt_buf_add_cstr(out, i == 0 ? " (" : "; ");
        tt_writer_add_safe(out, value->details[i].name);
        tt_buf_add_char(out, ' ');
        tt_writer_add_safe(out, value->details[i].text);
    }
    tt_buf_add_cstr(out, value->detail_count ? ")" : "");
}

/* ---- JSON ---- */

static void
add_value_json(struct tt_buf *out, const struct tt_catalog_value *value)
{
    bool first = true;
    tt_buf_add_char(out, '{');
    tt_json_add_text_member(out, &first, "value", value->text);
    for (size_t i = 0; i < value->detail_count; i++) {
        tt_buf_add_char(out, ',');
        tt_json_add_string(out, value->details[i].name);
        tt_buf_add_char(out, ':');
        tt_json_add_string(out, value->details[i].text);
    }
    tt_buf_add_char(out, '}');
}

static void
add_fact_json(struct tt_buf *out, const struct tt_catalog_fact *fact)
{
    bool first = true;
    tt_buf_add_char(out, '{');
    tt_json_add_text_member(out, &first, "fact", fact->name);
    tt_json_add_text_member(out, &first, "confidence", tt_confidence_name(fact->confidence));
    if (fact->note.len > 0) {
        tt_json_add_text_member(out, &first, "note", fact->note);
    }
    tt_json_add_key(out, &first, "values");
    for (size_t i = 0; i < fact->value_count; i++) {
        tt_buf_add_char(out, i ? ',' : '[');
        add_value_json(out, &fact->values[i]);
    }
    tt_buf_add_char(out, ']');
    tt_json_add_key(out, &first, "sources");
    for (size_t i = 0; i < fact->source_count; i++) {
        tt_buf_add_char(out, i ? ',' : '[');
        tt_json_add_string(out, fact->sources[i]->text);
    }
    tt_buf_add_cstr(out, "]}");
}

void
tt_catalog_add_entry_json(struct tt_buf *out, const struct tt_catalog_entry *entry)
{
    bool first = true;
    tt_buf_add_char(out, '{');
    tt_json_add_text_member(out, &first, "type", TT_STR("entry"));
    tt_json_add_text_member(out, &first, "kind", tt_catalog_kind_name(entry->kind));
    tt_json_add_text_member(out, &first, "id", entry->id);
    tt_json_add_text_member(out, &first, "name", entry->name);
    tt_json_add_key(out, &first, "aliases");
    tt_buf_add_char(out, '[');
    for (size_t i = 0; i < entry->alias_count; i++) {
        tt_buf_add_cstr(out, i ? "," : "");
        tt_json_add_string(out, entry->aliases[i]);
    }
    tt_buf_add_char(out, ']');
    tt_json_add_text_member(out, &first, "as_of", entry->as_of);
    if (entry->origin.len > 0) {
        tt_json_add_text_member(out, &first, "origin", entry->origin);
    }
    tt_json_add_key(out, &first, "facts");
    for (size_t i = 0; i < entry->fact_count; i++) {
        tt_buf_add_char(out, i ? ',' : '[');
        add_fact_json(out, &entry->facts[i]);
    }
    tt_buf_add_cstr(out, "]}\n");
}

/* ---- names ---- */

const struct tt_catalog_entry *
tt_catalog_meant(const struct tt_catalog *catalog, struct tt_str name)
{
    const struct tt_catalog_entry *entry = NULL;
    for (int kind = 0; kind < TT_CATALOG_KINDS && !entry; kind++) {
        entry = tt_catalog_find(catalog, (enum tt_catalog_kind) kind, name);
    }
    for (int kind = 0; kind < TT_CATALOG_KINDS && !entry; kind++) {
        entry = tt_catalog_find_named(catalog, (enum tt_catalog_kind) kind, name);
    }
    return entry;
}

enum tt_exit
tt_catalog_unknown(const struct tt_call *call, const struct tt_catalog *catalog, struct tt_str name)
{
    struct tt_near near;
    tt_near_begin(&near, name);
    for (size_t i = 0; i < catalog->count; i++) {
        tt_near_offer(&near, catalog->entries[i].id);
    }
    if (near.best.len > 0) {
        return tt_cli_complain(call->cli, TT_EXIT_USAGE, "the catalogue has nothing called '%.*s'; did you mean '%.*s'?",
                               (int) name.len, name.ptr, (int) near.best.len, near.best.ptr);
    }
    return tt_cli_complain(call->cli, TT_EXIT_USAGE, "the catalogue has nothing called '%.*s'; telltale catalog list shows all",
                           (int) name.len, name.ptr);
}

/* ---- models and hosts ---- */

/* One pair of an answer, in either format; nothing when the text is empty. */
static void
add_pair(struct tt_buf *out, bool json, bool *first, const char *name, struct tt_str text)
{
    if (text.len == 0) {
        return;
    }
    if (json) {
        tt_json_add_text_member(out, first, name, text);
    } else {
        tt_writer_add_labelled(out, name, text);
    }
}

/* How well a fact is backed, and by what: the words for confidence and sources in text and JSON. */
static void
add_backed(struct tt_buf *out, bool json, bool *first, const struct tt_catalog_fact *fact, const char *confidence,
           const char *sources)
{
    if (!fact) {
        return;
    }
    add_pair(out, json, first, confidence, tt_confidence_name(fact->confidence));
    if (json) {
        tt_json_add_key(out, first, sources);
    }
    for (size_t i = 0; i < fact->source_count; i++) {
        if (json) {
            tt_buf_add_char(out, i ? ',' : '[');
            tt_json_add_string(out, fact->sources[i]->text);
        } else {
            tt_writer_add_labelled(out, "source", fact->sources[i]->text);
        }
    }
    tt_buf_add_cstr(out, json ? "]" : "");
}

static struct tt_str
id_of(const struct tt_catalog_entry *entry)
{
    return entry ? entry->id : TT_STR("");
}

static void
begin_answer(struct tt_buf *out, bool json, bool *first, const char *type, struct tt_str name)
{
    *first = true;
    if (json) {
        tt_buf_add_char(out, '{');
        tt_json_add_text_member(out, first, "type", tt_str_cstr(type));
        tt_json_add_text_member(out, first, "name", name);
    } else {
        tt_marks_add_pair(out, "", name);
        tt_writer_add_labelled(out, "type", tt_str_cstr(type));
    }
}

/* The price at the provider that the name tells; else at one of the vendor's own. */
static void
add_price(struct tt_buf *out, const struct tt_catalog *catalog, const struct tt_catalog_model *model, bool json, bool *first)
{
    for (size_t i = 0; i < catalog->count; i++) {
        const struct tt_catalog_entry *entry = &catalog->entries[i];
        bool fits = model->provider ? entry == model->provider : tt_catalog_vendor_of(catalog, entry, NULL) == model->vendor;
        const struct tt_catalog_value *price = NULL;
        const struct tt_catalog_fact *fact = NULL;
        if (fits && model->vendor && entry->kind == TT_CATALOG_PROVIDER) {
            price = tt_catalog_price(entry, model->base, &fact);
        }
        if (!price) {
            continue;
        }
        add_pair(out, json, first, json ? "priced_by" : "priced by", entry->id);
        if (json) {
            tt_json_add_key(out, first, "price");
            add_value_json(out, price);
        } else {
            struct tt_buf line;
            tt_buf_init(&line, out->alloc, TT_CATALOG_FILE_MAX);
            tt_catalog_add_value(&line, price);
            tt_writer_add_labelled(out, "price", tt_buf_str(&line));
            tt_buf_free(&line);
        }
        add_backed(out, json, first, fact, json ? "price_confidence" : "confidence", "price_sources");
        return;
    }
}

static void
add_model(struct tt_buf *out, const struct tt_catalog *catalog, const struct tt_catalog_model *model, struct tt_str name,
          bool json)
{
    bool first;
    begin_answer(out, json, &first, "model", name);
    add_pair(out, json, &first, "family", id_of(model->family));
    add_pair(out, json, &first, "vendor", id_of(model->vendor));
    add_pair(out, json, &first, "provider", id_of(model->provider));
    add_pair(out, json, &first, "region", model->region);
    add_pair(out, json, &first, "base", model->base);
    add_backed(out, json, &first, model->fact, "confidence", "sources");
    add_price(out, catalog, model, json, &first);
    tt_buf_add_cstr(out, json ? "}\n" : "");
}

static void
add_host(struct tt_buf *out, const struct tt_catalog_host *host, struct tt_str name, bool json)
{
    bool first;
    begin_answer(out, json, &first, "host", name);
    add_pair(out, json, &first, host->entry->kind == TT_CATALOG_TOOL ? "tool" : "provider", host->entry->id);
    add_pair(out, json, &first, "region", host->region);
    add_pair(out, json, &first, "country", host->country);
    add_backed(out, json, &first, host->fact, "confidence", "sources");
    tt_buf_add_cstr(out, json ? "}\n" : "");
}

bool
tt_catalog_add_resolved(struct tt_buf *out, const struct tt_catalog *catalog, struct tt_str name, bool json)
{
    struct tt_catalog_host host;
    struct tt_catalog_model model;
    size_t at = 0, found = 0;
    for (; tt_catalog_next_host(catalog, name, &at, &host); found++) {
        add_host(out, &host, name, json);
    }
    if (found == 0 && tt_catalog_model(catalog, name, &model)) {
        add_model(out, catalog, &model, name, json);
        found++;
    }
    return found > 0;
}
