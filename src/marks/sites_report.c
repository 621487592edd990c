/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings from the table of template sites: what varies, in which forms, in how many documents, and where each was seen first.
 *
 * Samples of one site are read side by side, unit by unit; the units at which any two differ are its symbols.  Samples whose folds differ met
 * by a collision of hashes and are left out.  All strings of a finding live in one arena that is emptied after each site.
 */
#include "marks/channels.h"
#include "marks/dateline.h"
#include "marks/sites.h"
#include "marks/template.h"
#include "text/utf8.h"
#include "text/visible.h"

#define UNITS_MAX 512 /* a sentence has no more units than bytes */
#define FORMS_SHOWN 16
#define WORDINGS_OPEN 4            /* fewer may be a choice, even if each document made its own */
#define SAMPLE_SHOWN ((size_t) 96) /* bytes of a sentence in a list of forms */

/* A site at work. */
struct report {
    const struct tt_sites *sites;
    struct tt_arena arena;
    struct tt_buf text; /* scratch */
    const struct tt_site *forms[TT_SITE_FORMS_MAX];
    size_t form_count;
    const struct tt_site *shown;
    uint64_t documents;
    bool differs[UNITS_MAX]; /* the units at which two forms differ */
    bool neighbours;         /* an order of two sentences was reported: the order of the whole says no more */
    bool any;                /* there are such units */
    bool look, value, soft;  /* among them: what a reader cannot see; how a value is written; what programs add */
    struct tt_finding finding;
    enum tt_status status;
};

static void
keep(struct report *r, enum tt_status status)
{
    r->status = r->status == TT_OK ? status : r->status;
}

/* What the scratch buffer holds, to stay for the finding's life; the buffer is empty again. */
static struct tt_str
take_text(struct report *r)
{
    struct tt_str text = TT_STR("");
    keep(r, r->text.status == TT_E_MEMORY ? TT_E_MEMORY : tt_arena_dup(&r->arena, tt_buf_str(&r->text), &text));
    tt_buf_clear(&r->text);
    return text;
}

/* Soft hyphens and styles of emoji: programs and keyboards add them, or do not. */
static bool
is_soft(uint32_t cp)
{
    return cp == 0x00AD || cp == 0xFE0E || cp == 0xFE0F;
}

/* Do the forms of two units differ in such characters only? */
static bool
differs_softly(struct tt_str a, struct tt_str b)
{
    size_t at_a = 0, at_b = 0;
    for (;;) {
        struct tt_rune rune_a = tt_utf8_next(a, at_a), rune_b = tt_utf8_next(b, at_b);
        if (is_soft(rune_a.cp)) {
            at_a += rune_a.len;
        } else if (is_soft(rune_b.cp)) {
            at_b += rune_b.len;
        } else if (rune_a.len == 0 || rune_a.cp != rune_b.cp) {
            return rune_a.len == rune_b.len && rune_a.cp == rune_b.cp;
        } else {
            at_a += rune_a.len;
            at_b += rune_b.len;
        }
    }
}

/* Notes how unit i differs between two samples; NULL where one has ended and the other goes on with what nobody sees. */
static void
note_difference(struct report *r, size_t i, const struct tt_unit *a, const struct tt_unit *b)
{
    bool hidden = !a || !b;
    bool value = !hidden && a->value, blank = a ? a->blank : b->blank;
    struct tt_str form_a = a ? a->form : TT_STR(""), form_b = b ? b->form : TT_STR("");
    bool open = value && (form_a.len == 0 || form_b.len == 0); /* one of them does not tell its form */
    if (open || (!hidden && tt_str_eq(form_a, form_b))) {
        return;
    }
    bool soft = !value && differs_softly(form_a, form_b);
    r->differs[i] = r->any = true;
    r->value = r->value || value;
    r->soft = r->soft || soft;
    r->look = r->look || (!soft && !blank && !value);
}

/* Marks the units at which other differs from base; false when they are not one template. */
static bool
compare(struct report *r, struct tt_str base, struct tt_str other)
{
    struct tt_unit a, b;
    size_t at_a = 0, at_b = 0;
    for (size_t i = 0; i < UNITS_MAX; i++) {
        bool more_a = tt_template_next(base, &at_a, &a);
        bool more_b = tt_template_next(other, &at_b, &b);
        if (!more_a && !more_b) {
            return true;
        }
        /* One of them may go on with characters that nobody sees. */
        bool hidden = (!more_a && b.fold.len == 0) || (!more_b && a.fold.len == 0);
        if (!hidden && (more_a != more_b || a.value != b.value || !tt_str_eq(a.fold, b.fold))) {
            return false;
        }
        note_difference(r, i, more_a ? &a : NULL, more_b ? &b : NULL);
    }
    return true;
}

/* Which form should a person be shown?  One outside ASCII, then the rarer, then the later one. */
static bool
is_odder(const struct tt_site *row, const struct tt_site *than)
{
    bool plain = tt_str_is_ascii(row->sample), than_plain = tt_str_is_ascii(than->sample);
    return plain == than_plain ? row->documents <= than->documents : than_plain;
}

/*
 * Does a wording have so many forms that most documents have one of their own?  Then it holds a value that is open, such as a name,
 * and is no choice between a few.
 */
static bool
is_open(const struct report *r, const struct tt_site *head)
{
    return head->kind == TT_SITE_WORDING && r->form_count >= WORDINGS_OPEN && r->form_count * 2 > r->documents;
}

/* Gathers the forms of a site; false when it does not vary over documents. */
static bool
gather(struct report *r, const struct tt_site *head)
{
    const struct tt_site *rows = r->sites->rows;
    bool several = false;
    memset(r->differs, 0, sizeof(r->differs));
    r->form_count = 0;
    r->documents = 0;
    r->any = r->look = r->value = r->soft = false;
    r->shown = head;
    for (const struct tt_site *row = head;; row = &rows[row->next - 1]) {
        if (head->kind != TT_SITE_LOOK || row == head || compare(r, head->sample, row->sample)) {
            r->forms[r->form_count++] = row;
            r->documents += row->documents;
            r->shown = is_odder(row, r->shown) ? row : r->shown;
            several = several || row->first_document != head->first_document || !tt_str_eq(row->first.uri, head->first.uri);
        }
        if (row->next == 0 || r->form_count == TT_SITE_FORMS_MAX) {
            break;
        }
    }
    if (head->kind == TT_SITE_ORDER && head->sample.len == 0 && r->neighbours) {
        return false;
    }
    if (head->kind == TT_SITE_LOOK ? !r->any : is_open(r, head)) {
        return false;
    }
    return r->form_count > 1 && (several || r->documents > r->form_count);
}

/* The symbols of a form: its units at the places that vary. */
static void
add_symbols(struct report *r, struct tt_str sample)
{
    struct tt_unit unit;
    size_t pos = 0;
    bool any = false;
    for (size_t i = 0; i < UNITS_MAX && tt_template_next(sample, &pos, &unit); i++) {
        if (r->differs[i]) {
            tt_buf_add_cstr(&r->text, any ? " " : "");
            tt_visible_add(&r->text, tt_str_slice(sample, unit.offset, pos), 0, unit.blank ? 0 : unit.length);
            any = true;
        }
    }
}

/* The sample of a learned site begins with its id and ": "; what follows is safe to print. */
static struct tt_str
learned_words(struct tt_str sample, struct tt_str *id)
{
    const char *colon = memchr(sample.ptr, ':', sample.len);
    size_t n = colon ? (size_t) (colon - sample.ptr) : sample.len;
    *id = tt_str_slice(sample, 0, n);
    return tt_str_slice(sample, n + 2, sample.len);
}

/* "‹U+02BC› 2026‹/›05‹/›09: 3 documents, first in a.json, line 1" */
static void
add_form(struct report *r, const struct tt_site *form)
{
    struct tt_str id;
    switch (form->kind) {
    case TT_SITE_LOOK: add_symbols(r, form->sample); break;
    case TT_SITE_LEARNED: tt_buf_add(&r->text, learned_words(form->sample, &id)); break;
    case TT_SITE_ORDER:
        tt_buf_add_cstr(&r->text, form->sample.len ? "first: " : "one order");
        tt_visible_add(&r->text, tt_str_slice(form->sample, 0, SAMPLE_SHOWN), 0, 0);
        break;
    default: tt_visible_add(&r->text, tt_str_slice(form->sample, 0, SAMPLE_SHOWN), 0, 0); break;
    }
    tt_buf_add_cstr(&r->text, ": ");
    tt_buf_add_u64(&r->text, form->documents);
    tt_buf_add_cstr(&r->text, form->documents == 1 ? " document, " : " documents, first ");
    tt_visible_add(&r->text, form->first.uri, 0, 0);
    tt_buf_add_cstr(&r->text, ", line ");
    tt_buf_add_u64(&r->text, form->first.line);
}

static void
add_forms(struct report *r)
{
    for (size_t i = 0; i < r->form_count && i < FORMS_SHOWN; i++) {
        tt_buf_add_cstr(&r->text, i ? "\n" : "");
        add_form(r, r->forms[i]);
    }
    if (r->form_count > FORMS_SHOWN) {
        tt_buf_add_cstr(&r->text, "\nand more");
    }
    tt_finding_add_fact(&r->finding, "forms", TT_FACT_LIST, take_text(r));
}

/* Whole bits that so many forms can carry. */
static int
bits_of(size_t forms)
{
    int bits = 0;
    while (forms >>= 1) {
        bits++;
    }
    return bits;
}

/* Is the sample the date sentence of the reports, in the eight forms that they give? */
static int
dateline_value(struct tt_str sample)
{
    struct tt_dateline_site site;
    struct tt_date date;
    for (size_t i = 0; i < sample.len; i++) {
        if (tt_ascii_is_digit((unsigned char) sample.ptr[i]) && tt_date_read(sample, i, &date)) {
            return tt_dateline_read(sample, &date, &site) ? site.value : -1;
        }
    }
    return -1;
}

/* Facts of a date line: which values its forms carry.  False when it is none. */
static bool
add_dateline(struct report *r)
{
    bool seen[8] = {false};
    for (size_t i = 0; i < r->form_count; i++) {
        int value = dateline_value(r->forms[i]->sample);
        if (value < 0) {
            return false;
        }
        seen[value] = true;
    }
    for (unsigned value = 0; value < 8; value++) {
        if (seen[value]) {
            tt_buf_add_cstr(&r->text, r->text.len ? "\n" : "");
            tt_buf_add_cstr(&r->text, value ? tt_dateline_reading(value)
                                            : "value 0: the plain sentence, which also says that there is no mark");
        }
    }
    tt_finding_add_fact(&r->finding, "explanations", TT_FACT_LIST, take_text(r));
    return true;
}

static void
begin(struct report *r, const char *rule, enum tt_level level, const char *message)
{
    r->finding.rule = tt_rule_find(tt_str_cstr(rule));
    r->finding.level = level;
    r->finding.message = tt_str_cstr(message);
}

/* A sentence of equal look.  Blanks alone are often a matter of editing. */
static void
judge_look(struct report *r)
{
    if (add_dateline(r)) {
        begin(r, "mark.dateline", TT_CONFIRMED, "the date line is the same sentence in several documents, and its symbols vary");
    } else if (r->look) {
        begin(r, "mark.varying-site", TT_SUSPICIOUS, "the same sentence is written with different bytes that look alike");
    } else if (r->soft) {
        begin(r, "mark.varying-site", r->shown->shared ? TT_CANDIDATE : TT_SUSPICIOUS,
              "the same sentence is written with soft hyphens or styles of emoji, and without");
    } else if (r->value) {
        begin(r, "mark.varying-site", TT_SUSPICIOUS, "the same sentence formats its value in different ways");
    } else {
        begin(r, "mark.varying-site", TT_CANDIDATE, "the same sentence has different white space");
    }
}

static void
judge(struct report *r)
{
    switch (r->shown->kind) {
    case TT_SITE_LOOK: judge_look(r); break;
    case TT_SITE_LEARNED:
        begin(r, "mark.learned-site", TT_CONFIRMED, "a site that a probe described holds different symbols in several documents");
        break;
    case TT_SITE_WORDING:
        begin(r, "mark.wording", TT_CANDIDATE, "between two sentences that stay the same stand different ones");
        break;
    case TT_SITE_ORDER: begin(r, "mark.wording", TT_CANDIDATE, "the same sentences stand in different orders"); break;
    case TT_SITE_HEADERS:
        begin(r, "mark.json-form", TT_CANDIDATE, "the same headers stand in different orders, or in letters of another case");
        break;
    case TT_SITE_JSON: begin(r, "mark.json-form", TT_CANDIDATE, "the same object has its names in different orders"); break;
    case TT_SITE_BLANKS: begin(r, "mark.json-form", TT_CANDIDATE, "blanks between the signs of the same object vary"); break;
    case TT_SITE_NUMBER: begin(r, "mark.json-form", TT_CANDIDATE, "the same number is spelled in different ways"); break;
    case TT_SITE_ESCAPES: begin(r, "mark.json-form", TT_CANDIDATE, "the same request is written with different escapes"); break;
    }
}

/* The sample of the form that is shown, its first varying unit made visible. */
static void
add_excerpt(struct report *r)
{
    struct tt_str sample = r->shown->sample;
    struct tt_unit unit = {0};
    struct tt_str id;
    size_t pos = 0;
    bool found = false;
    if (r->shown->kind == TT_SITE_LEARNED) {
        tt_buf_add(&r->text, learned_words(sample, &id));
        tt_finding_add_text(&r->finding, "learned.site", id);
        r->finding.excerpt = take_text(r);
        return;
    }
    for (size_t i = 0; i < UNITS_MAX && !found && tt_template_next(sample, &pos, &unit); i++) {
        found = r->differs[i];
    }
    tt_visible_excerpt(&r->text, sample, found ? unit.offset : 0, found ? pos : 0);
    r->finding.excerpt = take_text(r);
}

static enum tt_status
report_site(struct report *r, struct tt_sink sink)
{
    r->finding = (struct tt_finding) {.where = r->shown->first};
    r->neighbours = r->neighbours || (r->shown->kind == TT_SITE_ORDER && r->shown->sample.len > 0);
    judge(r);
    add_excerpt(r);
    add_forms(r);
    tt_finding_add_number(&r->finding, "alphabet", (int64_t) r->form_count);
    tt_finding_add_number(&r->finding, "documents", (int64_t) r->documents);
    tt_finding_add_number(&r->finding, "bits", bits_of(r->form_count));
    if (r->status == TT_OK) {
        r->status = sink.take(sink.ctx, &r->finding);
    }
    tt_arena_reset(&r->arena);
    return r->status;
}

enum tt_status
tt_sites_report(const struct tt_sites *sites, struct tt_sink sink)
{
    enum tt_status status = TT_OK;
    struct report *r = tt_alloc_new(sites->alloc, sizeof(*r));
    if (!r) {
        return TT_E_MEMORY;
    }
    memset(r, 0, sizeof(*r));
    r->sites = sites;
    tt_arena_init(&r->arena, sites->alloc, TT_MARKS_ARENA);
    tt_buf_init(&r->text, sites->alloc, TT_EXCERPT_BYTES * 4);
    for (size_t i = 0; i < sites->count && status == TT_OK; i++) {
        const struct tt_site *row = &sites->rows[i];
        if (row->forms > 1 && gather(r, row)) {
            status = report_site(r, sink);
        }
    }
    tt_buf_free(&r->text);
    tt_arena_free(&r->arena);
    tt_alloc_free(sites->alloc, r, sizeof(*r));
    return status;
}

const struct tt_channel tt_channel_varying_site = {
    .name = "varying-site",
    .rule = "mark.varying-site",
    .alphabet = "at one place of a sentence that stays the same: characters that look alike, formats of one value, white space",
    .capacity = "log2 of the forms of each place",
};

const struct tt_channel tt_channel_wording = {
    .name = "wording",
    .rule = "mark.wording",
    .alphabet = "sentences that stand for each other between the same neighbours; orders of the same sentences",
    .capacity = "log2 of the forms of each place; log2 of n! for the order of n sentences",
};
