/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Marks that a probe found, described for those who read requests: where each stands, what is written there, and what it means; see
 * docs/internals/probe.md for the form.
 *
 * In: a conclusion.  Out: JSON.  Only what was confirmed is described, and only what stands in a text: an order of headers is no site.
 */
#include "finding/writer.h"
#include "probe/findings.h"

#define CONTEXT_MAX 40 /* bytes on each side of a symbol */

/* Digits say what day it is, not which site: each becomes '#'. */
static void
add_context(struct tt_buf *out, const struct tt_alloc *alloc, struct tt_str text)
{
    struct tt_buf masked;
    tt_buf_init(&masked, alloc, CONTEXT_MAX);
    for (size_t i = 0; i < text.len; i++) {
        tt_buf_add_char(&masked, tt_ascii_is_digit((unsigned char) text.ptr[i]) ? '#' : text.ptr[i]);
    }
    tt_json_add_string(out, tt_buf_str(&masked));
    tt_buf_free(&masked);
}

/* Where the symbol stands in its line, if that can be told. */
static bool
find_symbol(const struct tt_symbol *symbol, size_t *at)
{
    size_t found = 0;
    for (size_t i = 0; symbol->value.len > 0 && i + symbol->value.len <= symbol->line.len; i++) {
        if (memcmp(symbol->line.ptr + i, symbol->value.ptr, symbol->value.len) == 0) {
            *at = i;
            found++;
        }
    }
    return found == 1;
}

/* The symbol that shows where the site is: the first that stands in its line once. */
static const struct tt_symbol *
site_of(const struct tt_dependence *d, size_t *at)
{
    for (size_t i = 0; i < d->symbol_count; i++) {
        if (!d->symbols[i].absent && find_symbol(&d->symbols[i], at)) {
            return &d->symbols[i];
        }
    }
    return NULL;
}

/* Beginnings of characters, not their middle. */
static size_t
back_to_start(struct tt_str text, size_t at)
{
    while (at > 0 && at < text.len && ((unsigned char) text.ptr[at] & 0xC0) == 0x80) {
        at--;
    }
    return at;
}

static size_t
forward_to_start(struct tt_str text, size_t at)
{
    while (at < text.len && ((unsigned char) text.ptr[at] & 0xC0) == 0x80) {
        at++;
    }
    return at;
}

static void
add_alphabet(struct tt_buf *out, const struct tt_design *design, const struct tt_dependence *d)
{
    tt_buf_add_cstr(out, "\"alphabet\":[");
    for (size_t i = 0; i < d->symbol_count; i++) {
        struct tt_buf meaning;
        tt_buf_init(&meaning, out->alloc, TT_KIB);
        tt_probe_add_levels(&meaning, design, d->factors, &d->symbols[i].condition);
        tt_buf_add_cstr(out, i ? ",\n     {\"value\":" : "\n     {\"value\":");
        tt_json_add_string(out, d->symbols[i].value);
        tt_buf_add_cstr(out, d->symbols[i].absent ? ",\"absent\":true,\"meaning\":" : ",\"meaning\":");
        tt_json_add_string(out, tt_buf_str(&meaning));
        tt_buf_add_char(out, '}');
        tt_buf_free(&meaning);
    }
    tt_buf_add_char(out, ']');
}

static void
add_factors(struct tt_buf *out, const struct tt_design *design, uint32_t factors)
{
    bool first = true;
    tt_buf_add_cstr(out, "\"factors\":[");
    for (size_t f = 0; f < design->factor_count; f++) {
        if (factors >> f & 1) {
            tt_buf_add_cstr(out, first ? "" : ",");
            tt_json_add_string(out, design->factors[f].name);
            first = false;
        }
    }
    tt_buf_add_cstr(out, "],");
}

static void
add_site(struct tt_buf *out, const struct tt_probe_view *view, const struct tt_dependence *d, const struct tt_symbol *symbol,
         size_t at, size_t number)
{
    bool first = true;
    size_t end = at + symbol->value.len;
    size_t from = at > CONTEXT_MAX ? forward_to_start(symbol->line, at - CONTEXT_MAX) : 0;
    size_t to = back_to_start(symbol->line, symbol->line.len - end > CONTEXT_MAX ? end + CONTEXT_MAX : symbol->line.len);
    tt_buf_add_cstr(out, number > 1 ? ",\n    {" : "\n    {");
    tt_buf_add_cstr(out, "\"id\":\"");
    tt_buf_add_u64(out, number);
    tt_buf_add_cstr(out, "\",");
    tt_json_add_text_member(out, &first, "class", tt_str_cstr(tt_probe_class_name(d->class)));
    tt_json_add_text_member(out, &first, "request", d->request);
    tt_json_add_text_member(out, &first, "path", d->path);
    tt_buf_add_cstr(out, ",\"before\":");
    add_context(out, out->alloc, tt_str_slice(symbol->line, from, at));
    tt_buf_add_cstr(out, ",\"after\":");
    add_context(out, out->alloc, tt_str_slice(symbol->line, end, to));
    tt_buf_add_cstr(out, ",\"bits\":");
    tt_probe_add_decimal(out, d->bits);
    tt_buf_add_char(out, ',');
    add_factors(out, &view->job->design, d->factors);
    add_alphabet(out, &view->job->design, d);
    tt_buf_add_char(out, '}');
}

void
tt_probe_learned(const struct tt_probe_view *view, struct tt_buf *out)
{
    const struct tt_conclusion *c = view->conclusion;
    size_t number = 0, at = 0;
    bool first = true;
    tt_buf_add_cstr(out, "{\"telltale_sites\":1,\n  \"client\":{");
    tt_json_add_text_member(out, &first, "name", view->job->name);
    tt_json_add_text_member(out, &first, "version", view->job->client_version);
    tt_buf_add_cstr(out, "},\n  \"sites\":[");
    for (size_t i = 0; i < c->dependence_count; i++) {
        const struct tt_dependence *d = &c->dependences[i];
        const struct tt_symbol *symbol = tt_dependence_is_covert(d) ? site_of(d, &at) : NULL;
        if (symbol) {
            add_site(out, view, d, symbol, at, ++number);
        }
    }
    tt_buf_add_cstr(out, "]}\n");
}
