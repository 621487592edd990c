/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Marks that a probe found, described for those who read requests: where each stands, what is written there, and what it means; see
 * docs/internals/learned.md for the form.
 *
 * In: a conclusion.  Out: JSON.  Only what was confirmed is described, and only what stands in a text of a body: an order of names is no site.  Each
 * site is given to the reader of descriptions before it is written, so that what is written can be read, and a site that could not be told from other
 * texts is left out.
 */
#include "marks/learned.h"
#include "base/hash.h"
#include "finding/writer.h"
#include "marks/learned_side.h"
#include "probe/findings.h"

#define CONTEXT_MAX 48 /* bytes on each side of a symbol */

/* One site in work. */
struct site {
    const struct tt_probe_view *view;
    const struct tt_dependence *d;
    const struct tt_symbol *shown; /* the first that is there */
    struct tt_str before, after;   /* of its line: what all symbols' lines have in common */
    bool begins, ends;             /* the line does, there */
    bool masks;                    /* digits are the same in all values, and say what day it is */
    bool open, spelling;
};

/* ---- what stands around ---- */

/* The letter of the skeleton that ends before *pos, or none: 0. */
static size_t
letter_before(struct tt_str text, size_t *pos, char fold[TT_SKELETON_BYTES])
{
    size_t n = 0;
    while (n == 0 && *pos > 0) {
        struct tt_rune rune = tt_utf8_prev(text, *pos);
        *pos -= rune.len ? rune.len : 1;
        n = tt_skeleton_fold(rune.cp, fold);
    }
    return n;
}

static size_t
letter_behind(struct tt_str text, size_t *pos, char fold[TT_SKELETON_BYTES])
{
    size_t n = 0;
    while (n == 0 && *pos < text.len) {
        struct tt_rune rune = tt_utf8_next(text, *pos);
        *pos += rune.len ? rune.len : 1;
        n = tt_skeleton_fold(rune.cp, fold);
    }
    return n;
}

/* The end of a whose letters are those of b's end; a itself when all are the same.  What is random, or another mark's wording, is left out. */
static struct tt_str
common_end(struct tt_str a, struct tt_str b)
{
    char x[TT_SKELETON_BYTES], y[TT_SKELETON_BYTES];
    size_t from = a.len, pos = a.len, other = b.len;
    for (;;) {
        size_t n = letter_before(a, &pos, x), m = letter_before(b, &other, y);
        if (n == 0 && m == 0) {
            return a;
        }
        if (n != m || memcmp(x, y, n) != 0) {
            return tt_str_slice(a, from, a.len);
        }
        from = pos;
    }
}

static struct tt_str
common_start(struct tt_str a, struct tt_str b)
{
    char x[TT_SKELETON_BYTES], y[TT_SKELETON_BYTES];
    size_t to = 0, pos = 0, other = 0;
    for (;;) {
        size_t n = letter_behind(a, &pos, x), m = letter_behind(b, &other, y);
        if (n == 0 && m == 0) {
            return a;
        }
        if (n != m || memcmp(x, y, n) != 0) {
            return tt_str_slice(a, 0, to);
        }
        to = pos;
    }
}

/* Beginnings of characters, not their middle. */
static struct tt_str
cut_contexts(struct tt_str text, bool from_end)
{
    size_t at = from_end ? text.len - CONTEXT_MAX : CONTEXT_MAX;
    if (text.len <= CONTEXT_MAX) {
        return text;
    }
    while (at > 0 && at < text.len && ((unsigned char) text.ptr[at] & 0xC0) == 0x80) {
        at += from_end ? 1 : (size_t) -1;
    }
    return from_end ? tt_str_slice(text, at, text.len) : tt_str_slice(text, 0, at);
}

static void
find_contexts(struct site *site)
{
    const struct tt_symbol *shown = site->shown;
    site->before = tt_str_slice(shown->line, 0, shown->line_from);
    site->after = tt_str_slice(shown->line, shown->line_to, shown->line.len);
    for (size_t i = 0; i < site->d->symbol_count; i++) {
        const struct tt_symbol *s = &site->d->symbols[i];
        if (!s->absent) {
            site->before = common_end(site->before, tt_str_slice(s->line, 0, s->line_from));
            site->after = common_start(site->after, tt_str_slice(s->line, s->line_to, s->line.len));
        }
    }
    site->before = cut_contexts(site->before, true);
    site->after = cut_contexts(site->after, false);
    site->begins = site->before.len == shown->line_from;
    site->ends = site->after.len == shown->line.len - shown->line_to;
}

/* ---- symbols ---- */

static bool
next_digit(struct tt_str text, size_t *pos)
{
    while (*pos < text.len && !tt_ascii_is_digit((unsigned char) text.ptr[*pos])) {
        ++*pos;
    }
    return *pos < text.len;
}

static bool
has_same_digits(struct tt_str a, struct tt_str b)
{
    size_t i = 0, k = 0;
    for (;; i++, k++) {
        bool more = next_digit(a, &i), other = next_digit(b, &k);
        if (!more || !other) {
            return more == other;
        }
        if (a.ptr[i] != b.ptr[k]) {
            return false;
        }
    }
}

/* A digest or an id: on other machines it is another one. */
static bool
is_opaque(struct tt_str value)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        if (!tt_ascii_is_alnum((unsigned char) c) && c != '-' && c != '_' && c != '+' && c != '/' && c != '=') {
            return false;
        }
    }
    return value.len > 0;
}

static void
find_kind(struct site *site)
{
    site->open = site->d->class == TT_CLASS_C4;
    site->spelling = false;
    site->masks = true;
    for (size_t i = 0; i < site->d->symbol_count; i++) {
        const struct tt_symbol *s = &site->d->symbols[i];
        if (!s->absent) {
            site->masks = site->masks && has_same_digits(s->value, site->shown->value);
            site->open = site->open && is_opaque(s->value);
            site->spelling = site->spelling || s->spelled;
        }
    }
    site->masks = site->masks && !site->open && !site->spelling;
}

/* Digits say what day it is, not which site: each becomes '#'. */
static void
add_text(struct tt_buf *out, struct tt_str text, bool masks, bool begins, bool ends)
{
    struct tt_buf masked;
    tt_buf_init(&masked, out->alloc, text.len + 3);
    tt_buf_add_cstr(&masked, begins ? "\n" : "");
    for (size_t i = 0; i < text.len; i++) {
        tt_buf_add_char(&masked, masks && tt_ascii_is_digit((unsigned char) text.ptr[i]) ? '#' : text.ptr[i]);
    }
    tt_buf_add_cstr(&masked, ends ? "\n" : "");
    tt_json_add_string(out, tt_buf_str(&masked));
    out->status = out->status == TT_OK ? masked.status : out->status;
    tt_buf_free(&masked);
}

static bool
is_same(const struct tt_symbol *a, const struct tt_symbol *b)
{
    return a->absent == b->absent && (a->absent || tt_str_eq(a->value, b->value));
}

/* Was the symbol seen at noon, too, under the same levels? */
static bool
is_said_at_noon(const struct tt_dependence *d, const struct tt_symbol *symbol)
{
    for (size_t i = 0; i < d->symbol_count; i++) {
        const struct tt_symbol *other = &d->symbols[i];
        if (symbol->condition.instant == TT_EDGE && other->condition.instant != TT_EDGE && is_same(other, symbol) &&
            memcmp(other->condition.level, symbol->condition.level, sizeof(symbol->condition.level)) == 0) {
            return true;
        }
    }
    return false;
}

/* All conditions under which the symbol was seen. */
static void
add_meaning(struct tt_buf *out, const struct site *site, const struct tt_symbol *symbol)
{
    const struct tt_dependence *d = site->d;
    size_t count = 0;
    tt_buf_add_cstr(out, "\"meaning\":[");
    for (size_t i = 0; i < d->symbol_count && count < TT_LEARNED_WORDS_MAX; i++) {
        if (is_same(&d->symbols[i], symbol) && !is_said_at_noon(d, &d->symbols[i])) {
            struct tt_buf levels;
            tt_buf_init(&levels, out->alloc, TT_KIB);
            tt_probe_add_levels(&levels, &site->view->job->design, d->factors, &d->symbols[i].condition);
            tt_buf_add_cstr(out, count++ ? "," : "");
            tt_json_add_string(out, tt_str_slice(tt_buf_str(&levels), 0, TT_LEARNED_TEXT_MAX));
            out->status = levels.status == TT_E_MEMORY ? levels.status : out->status;
            tt_buf_free(&levels);
        }
    }
    tt_buf_add_char(out, ']');
}

static void
add_alphabet(struct tt_buf *out, const struct site *site)
{
    const struct tt_dependence *d = site->d;
    tt_buf_add_cstr(out, "\"alphabet\":[");
    for (size_t i = 0; i < d->symbol_count; i++) {
        const struct tt_symbol *s = &d->symbols[i];
        size_t first = 0;
        while (!is_same(&d->symbols[first], s)) {
            first++;
        }
        if (first < i) {
            continue;
        }
        tt_buf_add_cstr(out, i ? ",\n     {" : "\n     {");
        if (s->absent) {
            tt_buf_add_cstr(out, "\"absent\":true,");
        } else {
            tt_buf_add_cstr(out, "\"value\":");
            add_text(out, s->value, site->masks, false, false);
            tt_buf_add_char(out, ',');
        }
        add_meaning(out, site, s);
        tt_buf_add_char(out, '}');
    }
    tt_buf_add_char(out, ']');
}

/* ---- a site ---- */

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

/* "qwen-3fa2c81d": the client, and a digest of where the site is, so that it is the same whenever the client is probed. */
static void
add_id(struct tt_buf *out, const struct site *site)
{
    static const char between[] = "";
    unsigned char digest[TT_SHA256_SIZE];
    struct tt_sha256 sha;
    struct tt_str name = tt_str_slice(site->view->job->name, 0, 48);
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char) name.ptr[i];
        tt_buf_add_char(out, tt_ascii_is_alnum(c) ? (char) c : i > 0 ? '-' : 'x');
    }
    tt_sha256_init(&sha);
    tt_sha256_add(&sha, site->d->path);
    tt_sha256_add(&sha, tt_str_make(between, sizeof(between)));
    tt_sha256_add(&sha, site->before);
    tt_sha256_add(&sha, tt_str_make(between, sizeof(between)));
    tt_sha256_add(&sha, site->after);
    tt_sha256_end(&sha, digest);
    tt_buf_add_char(out, '-');
    tt_buf_add_hex(out, tt_str_make(digest, 4));
}

static void
add_site(struct tt_buf *out, const struct site *site)
{
    const struct tt_dependence *d = site->d;
    bool first = true;
    tt_buf_add_cstr(out, "\n    {\"id\":\"");
    add_id(out, site);
    tt_buf_add_cstr(out, "\",");
    tt_json_add_text_member(out, &first, "class", tt_str_cstr(tt_probe_class_name(d->class)));
    tt_json_add_text_member(out, &first, "request", d->request);
    tt_json_add_text_member(out, &first, "path", d->path);
    tt_buf_add_cstr(out, ",\"before\":");
    add_text(out, site->before, true, site->begins, false);
    tt_buf_add_cstr(out, ",\"after\":");
    add_text(out, site->after, true, false, site->ends);
    tt_buf_add_cstr(out, site->open ? ",\"open\":true" : "");
    tt_buf_add_cstr(out, site->spelling ? ",\"spelling\":true" : "");
    tt_buf_add_cstr(out, ",\"bits\":");
    tt_probe_add_decimal(out, d->bits);
    tt_buf_add_char(out, ',');
    add_factors(out, &site->view->job->design, d->factors);
    add_alphabet(out, site);
    tt_buf_add_char(out, '}');
}

static void
begin_file(struct tt_buf *out, const struct tt_probe_view *view)
{
    bool first = true;
    tt_buf_add_cstr(out, "{\"telltale_sites\":1,\n  \"client\":{");
    tt_json_add_text_member(out, &first, "name", view->job->name);
    tt_json_add_text_member(out, &first, "version", tt_str_slice(view->job->client_version, 0, TT_LEARNED_TEXT_MAX));
    tt_buf_add_cstr(out, "},\n  \"sites\":[");
}

/* Is it a text of the request's body, whose symbols stand at a place of their lines? */
static bool
is_site(const struct tt_dependence *d)
{
    bool text = tt_dependence_is_covert(d) && tt_str_starts(d->path, TT_STR("$")) && !memchr(d->path.ptr, '#', d->path.len);
    for (size_t i = 0; i < d->symbol_count && text; i++) {
        text = d->symbols[i].absent || d->symbols[i].in_text;
    }
    return text;
}

/* Reads the site as those will to whom it is given. */
static bool
can_be_read(const struct site *site, const struct tt_alloc *alloc, enum tt_status *status)
{
    struct tt_learned *learned = tt_alloc_new(alloc, sizeof(*learned));
    struct tt_buf file;
    if (!learned) {
        *status = TT_E_MEMORY;
        return false;
    }
    tt_learned_init(learned, alloc);
    tt_buf_init(&file, alloc, TT_LEARNED_FILE_MAX);
    begin_file(&file, site->view);
    add_site(&file, site);
    tt_buf_add_cstr(&file, "]}\n");
    enum tt_status read = file.status == TT_OK ? tt_learned_read(learned, tt_buf_str(&file), NULL) : file.status;
    *status = read == TT_E_MEMORY ? read : *status;
    tt_buf_free(&file);
    tt_learned_free(learned);
    tt_alloc_free(alloc, learned, sizeof(*learned));
    return read == TT_OK;
}

static bool
make_site(struct site *site)
{
    if (!is_site(site->d)) {
        return false;
    }
    for (size_t i = 0; i < site->d->symbol_count && !site->shown; i++) {
        site->shown = site->d->symbols[i].absent ? NULL : &site->d->symbols[i];
    }
    if (!site->shown) {
        return false;
    }
    find_contexts(site);
    find_kind(site);
    return true;
}

void
tt_probe_learned(const struct tt_probe_view *view, struct tt_buf *out, size_t *left_out)
{
    const struct tt_conclusion *c = view->conclusion;
    bool first = true;
    *left_out = 0;
    begin_file(out, view);
    for (size_t i = 0; i < c->dependence_count && out->status == TT_OK; i++) {
        struct site site = {.view = view, .d = &c->dependences[i]};
        if (!tt_dependence_is_covert(site.d)) {
            continue;
        }
        if (!make_site(&site) || !can_be_read(&site, out->alloc, &out->status)) {
            ++*left_out;
            continue;
        }
        tt_buf_add_cstr(out, first ? "" : ",");
        add_site(out, &site);
        first = false;
    }
    tt_buf_add_cstr(out, "]}\n");
}
