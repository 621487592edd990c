/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page; see page.h.
 *
 * In: a conclusion and captures.  Out: HTML.  Invariant: bytes of the client reach the page only through add_text, which makes what is invisible
 * visible and then escapes what HTML gives a meaning (HTML standard, section 13.3).
 */
#include "probe/page.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "finding/writer.h"

#define CAPTURE_SHOWN_MAX (2 * TT_MIB) /* bytes of one file that are shown */
#define LINE_SHOWN_MAX 400             /* bytes of a line in a comparison */

static const char style[] =
    "body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:75em;padding:0 1em;color:#222;background:#fff}"
    "h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em}table{border-collapse:collapse;width:100%}"
    "td,th{text-align:left;vertical-align:top;padding:.25em .6em;border-bottom:1px solid #ddd}"
    "code,pre,.l{font:13px/1.6 "
    "ui-monospace,monospace;overflow-wrap:anywhere}pre{white-space:pre-wrap;background:#f7f7f7;padding:1em}"
    ".l{display:block;white-space:pre-wrap}.n{color:#666;font-size:.9em}.t{overflow-x:auto}"
    "mark{border-radius:.2em;padding:0 .1em;color:#000;outline:1px solid #0006}mark a{color:#000}a{color:#0b57d0}"
    "sup{font-size:.7em;line-height:0}"
    "@media(prefers-color-scheme:dark){body{color:#ddd;background:#161616}pre{background:#222}td,th{border-color:#444}"
    ".n{color:#aaa}a{color:#8ab4f8}}";

struct page {
    const struct tt_probe_view *view;
    const struct tt_alloc *alloc;
    struct tt_buf *out;
    struct tt_buf scratch;
};

/* ---- text ---- */

static void
add_escaped(struct tt_buf *out, struct tt_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        switch (text.ptr[i]) {
        case '<': tt_buf_add_cstr(out, "&lt;"); break;
        case '>': tt_buf_add_cstr(out, "&gt;"); break;
        case '&': tt_buf_add_cstr(out, "&amp;"); break;
        case '"': tt_buf_add_cstr(out, "&quot;"); break;
        case '\'': tt_buf_add_cstr(out, "&#39;"); break;
        default: tt_buf_add_char(out, text.ptr[i]);
        }
    }
}

/* Bytes of a client: line feeds stay, everything else that is not seen is named. */
static void
add_text(struct page *page, struct tt_str text)
{
    while (text.len > 0) {
        const char *end = memchr(text.ptr, '\n', text.len);
        size_t len = end ? (size_t) (end - text.ptr) : text.len;
        size_t shown = end && len > 0 && text.ptr[len - 1] == '\r' ? len - 1 : len;
        tt_buf_clear(&page->scratch);
        tt_writer_add_safe(&page->scratch, tt_str_slice(text, 0, shown));
        add_escaped(page->out, tt_buf_str(&page->scratch));
        tt_buf_add_cstr(page->out, end ? "\n" : "");
        text = tt_str_slice(text, len + 1, text.len);
    }
}

static void
add_words(struct page *page, const char *text)
{
    tt_buf_add_cstr(page->out, text);
}

static void
add_number(struct page *page, const char *before, size_t number, const char *behind)
{
    add_words(page, before);
    tt_buf_add_u64(page->out, number);
    add_words(page, behind);
}

static const char *title_of(enum tt_probe_class class)
{
    switch (class) {
    case TT_CLASS_C0: return "c0, look-alike";
    case TT_CLASS_C1: return "c1, format";
    case TT_CLASS_C2: return "c2, order";
    case TT_CLASS_C3: return "c3, encoding";
    case TT_CLASS_C4: return "c4, opaque";
    case TT_CLASS_C5: return "c5, statistical";
    default: return "visible";
    }
}

/* The first factor gives the colour; hues far apart for neighbours. */
static void
add_mark(struct page *page, uint32_t factors, const char *title)
{
    unsigned first = factors ? (unsigned) __builtin_ctz(factors) : 0;
    add_words(page, "<mark style=\"background:hsl(");
    tt_buf_add_u64(page->out, first * 137 % 360);
    add_words(page, ",80%,78%)\" title=\"");
    tt_buf_clear(&page->scratch);
    tt_probe_add_factors(&page->scratch, &page->view->job->design, factors);
    tt_buf_add_cstr(&page->scratch, title);
    add_escaped(page->out, tt_buf_str(&page->scratch));
    add_words(page, "\">");
}

/* ---- the request ---- */

struct span {
    uint64_t from, to;
    const struct tt_dependence *dependence;
    size_t number; /* of the dependence on the page */
};

static int
compare_spans(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    return x->from != y->from ? (x->from < y->from ? -1 : 1) : x->to < y->to ? -1 : x->to > y->to;
}

static bool
is_in(const struct tt_symbol *symbol, const struct tt_symbol *file)
{
    return symbol->run == file->run && symbol->exchange == file->exchange && symbol->in_content == file->in_content;
}

static bool
is_shown(const struct tt_dependence *d)
{
    return d->symbol_count > 0 && d->class > TT_CLASS_VOLATILE && !d->symbols[0].absent && d->symbols[0].exchange > 0;
}

/* What depends on something in one file of the baseline. */
static size_t
collect_spans(const struct tt_conclusion *c, const struct tt_symbol *file, struct span *spans)
{
    size_t n = 0, number = 0;
    for (size_t i = 0; i < c->dependence_count; i++) {
        const struct tt_dependence *d = &c->dependences[i];
        number += d->class > TT_CLASS_VOLATILE;
        if (is_shown(d) && is_in(&d->symbols[0], file)) {
            spans[n++] = (struct span) {d->symbols[0].offset, d->symbols[0].offset + d->symbols[0].length, d, number};
        }
    }
    qsort(spans, n, sizeof(*spans), compare_spans);
    return n;
}

static void
add_spans(struct page *page, struct tt_str bytes, const struct span *spans, size_t count)
{
    uint64_t at = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t from = spans[i].from < at ? at : spans[i].from;
        if (spans[i].to < from || spans[i].to > bytes.len || (spans[i].to == from && spans[i].from < at)) {
            continue;
        }
        add_text(page, tt_str_slice(bytes, at, from));
        add_mark(page, spans[i].dependence->factors, "");
        add_text(page, tt_str_slice(bytes, from, spans[i].to));
        add_words(page, spans[i].to == from ? "&#9656;" : "");
        add_number(page, "<sup><a href=\"#d", spans[i].number, "\">");
        add_number(page, "", spans[i].number, "</a></sup></mark>");
        at = spans[i].to;
    }
    add_text(page, tt_str_slice(bytes, at, bytes.len));
}

static bool
read_capture(const struct page *page, const struct tt_symbol *file, struct tt_buf *out)
{
    char name[64];
    snprintf(name, sizeof(name), "%04u/%02u.%s", file->run, file->exchange, file->in_content ? "content" : "request");
    int fd = page->view->runs >= 0 ? openat(page->view->runs, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    ssize_t n = 1;
    while (fd >= 0 && n > 0 && out->len < CAPTURE_SHOWN_MAX) {
        char *room = tt_buf_reserve(out, TT_SCAN_CHUNK);
        n = room ? read(fd, room, TT_SCAN_CHUNK) : -1;
        out->len += n > 0 ? (size_t) n : 0;
    }
    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0 && n >= 0;
}

static void
add_request(struct page *page, const struct tt_dependence *first, struct span *spans)
{
    const struct tt_symbol *file = &first->symbols[0];
    struct tt_buf bytes;
    tt_buf_init(&bytes, page->alloc, CAPTURE_SHOWN_MAX + 2 * TT_SCAN_CHUNK);
    if (read_capture(page, file, &bytes)) {
        size_t count = collect_spans(page->view->conclusion, file, spans);
        add_words(page, "<h2>");
        add_text(page, first->request);
        add_words(page, " at the baseline</h2>\n<pre>");
        add_spans(page, tt_buf_str(&bytes), spans, count);
        add_words(page, "</pre>\n");
    }
    tt_buf_free(&bytes);
}

/* Each file of the baseline once, at the first dependence that stands in it. */
static enum tt_status
add_requests(struct page *page)
{
    const struct tt_conclusion *c = page->view->conclusion;
    size_t size = (c->dependence_count + 1) * sizeof(struct span);
    struct span *spans = tt_alloc_new(page->alloc, size);
    if (!spans) {
        return TT_E_MEMORY;
    }
    for (size_t i = 0; i < c->dependence_count; i++) {
        const struct tt_dependence *d = &c->dependences[i];
        bool seen = !is_shown(d);
        for (size_t k = 0; k < i && !seen; k++) {
            seen = is_shown(&c->dependences[k]) && is_in(&c->dependences[k].symbols[0], &d->symbols[0]);
        }
        if (!seen) {
            add_request(page, d, spans);
        }
    }
    tt_alloc_free(page->alloc, spans, size);
    return TT_OK;
}

/* ---- line under line ---- */

/* The symbol within its line, marked, where it stands in it once. */
static void
add_line(struct page *page, const struct tt_dependence *d, const struct tt_symbol *symbol)
{
    struct tt_str line = symbol->line;
    size_t at = 0;
    bool found = false;
    for (size_t i = 0; symbol->value.len > 0 && i + symbol->value.len <= line.len && !found; i++) {
        found = memcmp(line.ptr + i, symbol->value.ptr, symbol->value.len) == 0;
        at = i;
    }
    size_t from = found && at > LINE_SHOWN_MAX / 2 ? at - LINE_SHOWN_MAX / 2 : 0;
    size_t to = found ? at + symbol->value.len + LINE_SHOWN_MAX / 2 : LINE_SHOWN_MAX;
    add_words(page, "<span class=\"l\">");
    if (symbol->absent) {
        add_words(page, "<span class=\"n\">not there</span>");
    } else if (found) {
        add_text(page, tt_str_slice(line, from, at));
        add_mark(page, d->factors, "");
        add_text(page, tt_str_slice(symbol->value, 0, LINE_SHOWN_MAX));
        add_words(page, "</mark>");
        add_text(page, tt_str_slice(line, at + symbol->value.len, to));
    } else {
        add_text(page, tt_str_slice(line, from, to));
    }
    add_words(page, "</span>");
}

static void
add_symbol_row(struct page *page, const struct tt_dependence *d, const struct tt_symbol *symbol)
{
    add_words(page, "<tr><td>");
    tt_buf_clear(&page->scratch);
    tt_probe_add_levels(&page->scratch, &page->view->job->design, d->factors, &symbol->condition);
    add_escaped(page->out, tt_buf_str(&page->scratch));
    add_words(page, "</td><td><code>");
    tt_buf_clear(&page->scratch);
    tt_probe_add_symbol(&page->scratch, d->class, symbol);
    add_escaped(page->out, tt_buf_str(&page->scratch));
    add_words(page, "</code></td><td>");
    add_line(page, d, symbol);
    add_words(page, "</td></tr>\n");
}

static void
add_replay(struct page *page, const struct tt_dependence *d)
{
    size_t i = 1;
    while (i + 1 < d->symbol_count && d->symbols[i].absent) {
        i++;
    }
    if (i < d->symbol_count) {
        add_words(page, "<p class=\"n\">Again: <code>telltale probe replay ");
        add_text(page, page->view->folder);
        add_number(page, " ", d->symbols[i].run, "</code></p>\n");
    }
}

/* The names of the factors, in their colour. */
static void
add_factors(struct page *page, uint32_t factors)
{
    add_mark(page, factors, "");
    tt_buf_clear(&page->scratch);
    tt_probe_add_factors(&page->scratch, &page->view->job->design, factors);
    add_escaped(page->out, tt_buf_str(&page->scratch));
    add_words(page, "</mark>");
}

static void
add_dependence(struct page *page, const struct tt_dependence *d, size_t number)
{
    add_number(page, "<h2 id=\"d", number, "\">");
    add_number(page, "", number, ". ");
    add_words(page, title_of(d->class));
    add_words(page, " &middot; ");
    add_factors(page, d->factors);
    add_words(page, "</h2>\n<p><code>");
    add_text(page, d->request);
    add_words(page, " ");
    add_text(page, d->path);
    add_words(page, "</code><br><span class=\"n\">");
    tt_buf_add_u64(page->out, d->support);
    add_words(page, "/");
    tt_buf_add_u64(page->out, d->runs);
    add_words(page, " runs differ from ");
    tt_buf_add_u64(page->out, d->base_runs);
    add_words(page, " at the baseline");
    if (d->class > TT_CLASS_VISIBLE) {
        add_words(page, "; &ge; ");
        tt_probe_add_decimal(page->out, d->bits);
        add_words(page, " bits over the levels tested");
    }
    add_words(page, d->confirmed ? "" : "; not confirmed");
    if (d->split) {
        add_words(page, "; source: ");
        tt_buf_clear(&page->scratch);
        tt_probe_add_sources(&page->scratch, &page->view->job->design, d, ", ");
        add_escaped(page->out, tt_buf_str(&page->scratch));
    }
    add_words(page, "</span></p>\n<div class=\"t\"><table><tr><th scope=\"col\">level</th><th scope=\"col\">symbol</th>"
                    "<th scope=\"col\">line</th></tr>\n");
    for (size_t i = 0; i < d->symbol_count; i++) {
        if (tt_probe_symbol_is_new(d, i)) {
            add_symbol_row(page, d, &d->symbols[i]);
        }
    }
    add_words(page, "</table></div>\n");
    add_replay(page, d);
}

/* All of them on one screen, each with a link; colours are never the only sign. */
static void
add_overview(struct page *page)
{
    const struct tt_conclusion *c = page->view->conclusion;
    size_t number = 0;
    for (size_t i = 0; i < c->dependence_count; i++) {
        const struct tt_dependence *d = &c->dependences[i];
        if (d->class <= TT_CLASS_VOLATILE) {
            continue;
        }
        add_words(page, number++ == 0 ? "<div class=\"t\"><table><tr><th scope=\"col\">what</th><th scope=\"col\">level</th>"
                                        "<th scope=\"col\">depends on</th><th scope=\"col\">where</th></tr>\n"
                                      : "");
        add_number(page, "<tr><td><a href=\"#d", number, "\">");
        add_number(page, "", number, ". ");
        add_words(page, title_of(d->class));
        add_words(page, "</a></td><td>");
        add_words(page, tt_level_name(tt_dependence_level(d)));
        add_words(page, "</td><td>");
        add_factors(page, d->factors);
        add_words(page, "</td><td><code>");
        add_text(page, d->path);
        add_words(page, "</code></td></tr>\n");
    }
    add_words(page, number > 0 ? "</table></div>\n" : "<p>No dependence was observed for the factors and levels tested.</p>\n");
}

static void
add_untested(struct page *page)
{
    const struct tt_conclusion *c = page->view->conclusion;
    bool any = page->view->end_unknown || page->view->missing > 0;
    add_words(page, any ? "<h2>Not tested</h2>\n<ul>" : "");
    add_words(page, page->view->end_unknown ? "<li>" TT_PROBE_END_UNKNOWN "</li>\n" : "");
    if (page->view->missing > 0) {
        tt_buf_clear(&page->scratch);
        tt_probe_add_missing(&page->scratch, page->view);
        add_words(page, "<li>");
        add_escaped(page->out, tt_buf_str(&page->scratch));
        add_words(page, "</li>\n");
    }
    for (size_t i = 0; i < c->untested_count; i++) {
        if (c->untested[i].kind == TT_UNTESTED_VOLATILE) {
            continue; /* the facts say so */
        }
        add_words(page, any ? "<li>" : "<h2>Not tested</h2>\n<ul><li>");
        tt_buf_clear(&page->scratch);
        tt_probe_add_untested(&page->scratch, &page->view->job->design, &c->untested[i]);
        add_escaped(page->out, tt_buf_str(&page->scratch));
        add_words(page, "</li>\n");
        any = true;
    }
    add_words(page, any ? "</ul>\n" : "");
}

enum tt_status
tt_probe_page(const struct tt_probe_view *view, const struct tt_alloc *alloc, struct tt_buf *out)
{
    struct page page = {.view = view, .alloc = alloc, .out = out};
    const struct tt_conclusion *c = view->conclusion;
    size_t number = 0;
    tt_buf_init(&page.scratch, alloc, 16 * CAPTURE_SHOWN_MAX);
    add_words(&page, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width\"><title>telltale probe: ");
    add_text(&page, view->job->name);
    add_words(&page, "</title>\n<style>");
    add_words(&page, style);
    add_words(&page, "</style></head><body><main>\n<h1>What requests of ");
    add_text(&page, view->job->name);
    add_words(&page, " depend on</h1>\n");
    add_overview(&page);
    for (size_t i = 0; i < c->dependence_count; i++) {
        if (c->dependences[i].class > TT_CLASS_VOLATILE) {
            add_dependence(&page, &c->dependences[i], ++number);
        }
    }
    enum tt_status status = add_requests(&page);
    add_untested(&page);
    tt_buf_clear(&page.scratch);
    tt_probe_facts_text(view, &page.scratch);
    add_words(&page, "<h2>Facts</h2>\n<pre>");
    add_escaped(out, tt_buf_str(&page.scratch));
    add_words(&page, "</pre>\n</main></body></html>\n");
    tt_buf_free(&page.scratch);
    return status == TT_OK ? out->status : status;
}
