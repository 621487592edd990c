/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a conclusion to findings; see findings.h.
 *
 * In: dependences and volatile fields.  Out: one finding each, handed to a sink.  Strings of a finding live in an arena of this call.  Wording: "depends
 * on", never why; what a server does with the bytes cannot be seen from here.
 */
#include "probe/findings.h"

#include "finding/writer.h"
#include "probe/condition.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define POINTS_MAX 8    /* code points of a symbol that are named */
#define QUOTED_MAX 60   /* bytes of a longer one */
#define EXCERPT_MAX 200 /* bytes of a line */
#define WORDS_MAX (64 * TT_KIB)

/* ---- words ---- */

void
tt_probe_add_decimal(struct tt_buf *out, double number)
{
    uint64_t hundredths = number > 0 ? (uint64_t) (number * 100 + 1e-6) : 0;
    tt_buf_add_u64(out, hundredths / 100);
    tt_buf_add_char(out, '.');
    tt_buf_add_char(out, (char) ('0' + hundredths / 10 % 10));
    if (hundredths % 10) {
        tt_buf_add_char(out, (char) ('0' + hundredths % 10));
    }
}

/* "0.002", "9.5e-05"; a JSON number. */
static void
add_probability(struct tt_buf *out, double p)
{
    char text[32];
    int n = snprintf(text, sizeof(text), "%.2g", p);
    tt_buf_add(out, tt_str_make(text, n > 0 ? (size_t) n : 0));
}

void
tt_probe_add_factors(struct tt_buf *out, const struct tt_design *design, uint32_t factors)
{
    bool first = true;
    for (size_t f = 0; f < design->factor_count; f++) {
        if (factors >> f & 1) {
            tt_buf_add_cstr(out, first ? "" : " and ");
            tt_buf_add(out, design->factors[f].title);
            first = false;
        }
    }
}

void
tt_probe_add_sources(struct tt_buf *out, const struct tt_design *design, const struct tt_dependence *d, const char *between)
{
    bool first = true;
    for (size_t i = 0; i < d->source_count; i++) {
        tt_buf_add_cstr(out, first ? "" : between);
        tt_source_describe(d->sources[i], out);
        first = false;
    }
    for (size_t f = 0; f < design->factor_count; f++) {
        if ((d->split & ~d->alone) >> f & 1) {
            tt_buf_add_cstr(out, first ? "" : between);
            tt_buf_add(out, design->factors[f].name);
            tt_buf_add_cstr(out, ": none alone");
            first = false;
        }
    }
}

void
tt_probe_add_levels(struct tt_buf *out, const struct tt_design *design, uint32_t factors, const struct tt_condition *condition)
{
    bool first = true;
    for (size_t f = 0; f < design->factor_count; f++) {
        if (factors >> f & 1) {
            tt_buf_add_cstr(out, first ? "" : " + ");
            tt_buf_add(out, design->factors[f].levels[condition->level[f]].name);
            first = false;
        }
    }
    if (condition->instant == TT_EDGE) {
        tt_buf_add_cstr(out, " (at 20:00 UTC)");
    }
}

static size_t
count_points(struct tt_str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        n += ((unsigned char) text.ptr[i] & 0xC0) != 0x80;
    }
    return n;
}

static void
add_quoted(struct tt_buf *out, struct tt_str text, size_t max)
{
    tt_buf_add_char(out, '"');
    tt_writer_add_safe(out, tt_str_slice(text, 0, max));
    tt_buf_add_cstr(out, text.len > max ? "…\"" : "\"");
}

/* A list of names, each with its line feed: "host, accept". */
static void
add_list(struct tt_buf *out, struct tt_str list)
{
    struct tt_str item;
    for (size_t n = 0; tt_writer_next_item(&list, &item); n++) {
        tt_buf_add_cstr(out, n ? ", " : "");
        tt_writer_add_safe(out, item);
    }
}

static bool
is_list(enum tt_probe_class class, struct tt_str value)
{
    return class == TT_CLASS_C2 && tt_str_ends(value, TT_STR("\n"));
}

/* A word in letters and digits, and names of what is not seen in it: that says enough.  Else out is as it was. */
static bool
add_word(struct tt_buf *out, struct tt_str value)
{
    size_t from = out->len;
    bool word = false, plain = true, named = false;
    add_quoted(out, value, QUOTED_MAX);
    for (size_t i = from + 1; i + 1 < out->len && plain; i++) {
        bool begins = tt_str_starts(tt_str_slice(tt_buf_str(out), i, out->len), TT_STR("\u2039"));
        bool ends = tt_str_starts(tt_str_slice(tt_buf_str(out), i, out->len), TT_STR("\u203a"));
        bool letter = tt_ascii_is_alnum((unsigned char) out->ptr[i]);
        plain = named || begins || letter;
        word = word || (letter && !named);
        named = (named || begins) && !ends;
        i += begins || ends ? 2 : 0;
    }
    if (!plain || !word) {
        out->len = from;
    }
    return plain && word;
}

void
tt_probe_add_symbol(struct tt_buf *out, enum tt_probe_class class, const struct tt_symbol *symbol)
{
    struct tt_str value = symbol->value;
    bool mark = class == TT_CLASS_C0 || class == TT_CLASS_C1;
    if (symbol->request) {
        tt_buf_add_cstr(out, symbol->absent ? "(not sent)" : "(sent)");
    } else if (symbol->absent) {
        tt_buf_add_cstr(out, class == TT_CLASS_C2 ? "(elsewhere)" : "(absent)");
    } else if (value.len == 0) {
        tt_buf_add_cstr(out, class == TT_CLASS_C3 ? "(as usual)" : "(nothing)");
    } else if (is_list(class, value)) {
        add_list(out, value);
    } else if (mark && value.len <= QUOTED_MAX && add_word(out, value)) {
        return;
    } else if (mark && count_points(value) <= POINTS_MAX) {
        for (size_t n = 0; value.len > 0; n++) {
            tt_buf_add_cstr(out, n ? " " : "");
            tt_writer_next_point(out, &value);
        }
    } else {
        add_quoted(out, value, QUOTED_MAX);
    }
}

/* ---- one finding ---- */

struct maker {
    const struct tt_probe_view *view;
    struct tt_arena *arena;
    struct tt_buf words;
    enum tt_status status;
};

/* What was added to words becomes a string of its own. */
static struct tt_str
take(struct maker *maker)
{
    struct tt_str text = TT_STR("");
    enum tt_status status = maker->words.status;
    if (status == TT_OK) {
        status = tt_arena_dup(maker->arena, tt_buf_str(&maker->words), &text);
    }
    maker->status = maker->status == TT_OK ? status : maker->status;
    tt_buf_clear(&maker->words);
    return text;
}

enum tt_level
tt_dependence_level(const struct tt_dependence *dependence)
{
    switch (dependence->class) {
    case TT_CLASS_CONSTANT:
    case TT_CLASS_TRANSPORT:
    case TT_CLASS_VOLATILE:
    case TT_CLASS_VISIBLE: return TT_INFO;
    case TT_CLASS_C0:
    case TT_CLASS_C3: return dependence->confirmed ? TT_CONFIRMED : TT_CANDIDATE;
    case TT_CLASS_C1:
    case TT_CLASS_C2:
    case TT_CLASS_C4:
    case TT_CLASS_C5: break;
    }
    return dependence->confirmed && dependence->identity ? TT_CONFIRMED : TT_CANDIDATE;
}

static const char *title_of(enum tt_probe_class class)
{
    switch (class) {
    case TT_CLASS_C0: return "characters that look alike";
    case TT_CLASS_C1: return "the format";
    case TT_CLASS_C2: return "the order";
    case TT_CLASS_C3: return "the encoding";
    case TT_CLASS_C4: return "an opaque value";
    case TT_CLASS_C5: return "the distribution of a random value";
    default: return "text that a reader sees";
    }
}

/* The symbol that is shown: the first that is there and is not the baseline's. */
static const struct tt_symbol *
shown_symbol(const struct tt_dependence *dependence)
{
    for (size_t i = 1; i < dependence->symbol_count; i++) {
        if (!dependence->symbols[i].absent) {
            return &dependence->symbols[i];
        }
    }
    return dependence->symbol_count > 0 ? &dependence->symbols[0] : NULL;
}

/* DIR/runs/0007/01.request */
static struct tt_str
uri_of(struct maker *maker, const struct tt_symbol *symbol)
{
    char name[64];
    int n = symbol && symbol->exchange > 0 ? snprintf(name, sizeof(name), "/runs/%04u/%02u.%s", symbol->run, symbol->exchange,
                                                      symbol->in_content ? "content" : "request")
            : symbol                       ? snprintf(name, sizeof(name), "/runs/%04u/run.json", symbol->run)
                                           : 0;
    tt_buf_add(&maker->words, maker->view->folder);
    tt_buf_add(&maker->words, tt_str_make(name, n > 0 ? (size_t) n : 0));
    return take(maker);
}

/* Line and column of an offset, counted in the file itself; left out where it cannot be read. */
static void
find_line(const struct tt_probe_view *view, const struct tt_symbol *symbol, struct tt_where *where)
{
    char name[64];
    char bytes[16 * TT_KIB];
    snprintf(name, sizeof(name), "%04u/%02u.%s", symbol->run, symbol->exchange, symbol->in_content ? "content" : "request");
    int fd = view->runs >= 0 && symbol->exchange > 0 ? openat(view->runs, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    uint64_t at = 0, line = 1, column = 1;
    ssize_t n = 0;
    while (fd >= 0 && at < symbol->offset && (n = read(fd, bytes, sizeof(bytes))) > 0) {
        for (ssize_t i = 0; i < n && at < symbol->offset; i++, at++) {
            bool feed = bytes[i] == '\n';
            line += feed;
            column = feed ? 1 : column + (((unsigned char) bytes[i] & 0xC0) != 0x80);
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    where->line = line;
    where->column = column;
}

static void
set_where(struct maker *maker, const struct tt_dependence *d, struct tt_finding *f)
{
    const struct tt_symbol *symbol = shown_symbol(d);
    f->where = (struct tt_where) {.uri = uri_of(maker, symbol), .line = 1, .column = 1};
    if (d->path.len > 0 && d->path.ptr[0] == '$') {
        f->where.path = d->path;
    }
    if (symbol) {
        f->where.offset = symbol->offset;
        f->where.length = symbol->length;
        find_line(maker->view, symbol, &f->where);
        f->excerpt = tt_str_slice(symbol->line, 0, EXCERPT_MAX);
        if (is_list(d->class, symbol->line)) {
            add_list(&maker->words, symbol->line);
            f->excerpt = take(maker);
        }
    }
}

/* The leaf as a person calls it; what is no member and no header has a name with '#'. */
static void
add_leaf(struct tt_buf *out, struct tt_str path)
{
    static const struct {
        const char *end, *words;
        bool whole; /* the words stand for all of it */
    } names[] = {{"#requests", "the requests", true},   {"#hdr-order", "headers", true},
                 {"#version", "version of HTTP", true}, {"#chunks", "chunks of the body", true},
                 {"#path?#order", "query", true},       {"$#tail", "what follows the JSON", true},
                 {"#keys", "names in ", false},         {"#items", "items of ", false},
                 {"#shape", "form of ", false},         {NULL, NULL, false}};
    size_t i = 0;
    while (names[i].end && !tt_str_ends(path, tt_str_cstr(names[i].end))) {
        i++;
    }
    if (names[i].end) {
        tt_buf_add_cstr(out, names[i].words);
        path = names[i].whole ? TT_STR("") : tt_str_slice(path, 0, path.len - strlen(names[i].end));
    } else if (tt_str_starts(path, TT_STR("#path?"))) {
        tt_buf_add_cstr(out, "query ");
        path = tt_str_slice(path, 6, path.len);
    }
    tt_writer_add_safe(out, path);
}

static struct tt_str
message_of(struct maker *maker, const struct tt_dependence *d)
{
    struct tt_buf *words = &maker->words;
    bool request = tt_str_eq(d->path, TT_STR("#request"));
    tt_buf_add(words, d->request);
    tt_buf_add_cstr(words, request ? "" : ", ");
    if (!request) {
        add_leaf(words, d->path);
    }
    tt_buf_add_cstr(words, ": ");
    tt_buf_add_cstr(words, request ? "whether it is sent" : title_of(d->class));
    tt_buf_add_cstr(words, d->class == TT_CLASS_C0 ? " depend on the " : " depends on the ");
    tt_probe_add_factors(words, &maker->view->job->design, d->factors);
    if (d->places > 1) {
        tt_buf_add_cstr(words, "; so at ");
        tt_buf_add_u64(words, d->places);
        tt_buf_add_cstr(words, " places");
    }
    if (d->class > TT_CLASS_VISIBLE) {
        tt_buf_add_cstr(words, "; at least ");
        tt_probe_add_decimal(words, d->bits);
        tt_buf_add_cstr(words, d->confirmed ? " bits over the levels tested" : " bits, but not confirmed by enough runs");
    }
    return take(maker);
}

bool
tt_probe_symbol_is_new(const struct tt_dependence *d, size_t number)
{
    const struct tt_symbol *symbol = &d->symbols[number];
    for (size_t i = 0; i < d->symbol_count && symbol->condition.instant != TT_NOON; i++) {
        const struct tt_symbol *other = &d->symbols[i];
        if (other->condition.instant == TT_NOON && other->absent == symbol->absent && tt_str_eq(other->value, symbol->value) &&
            memcmp(other->condition.level, symbol->condition.level, sizeof(symbol->condition.level)) == 0) {
            return false;
        }
    }
    return true;
}

static struct tt_str
symbols_of(struct maker *maker, const struct tt_dependence *d)
{
    struct tt_buf *words = &maker->words;
    for (size_t i = 0; i < d->symbol_count; i++) {
        if (!tt_probe_symbol_is_new(d, i)) {
            continue;
        }
        tt_buf_add_cstr(words, i ? "\n" : "");
        tt_probe_add_levels(words, &maker->view->job->design, d->factors, &d->symbols[i].condition);
        tt_buf_add_cstr(words, ": ");
        tt_probe_add_symbol(words, d->class, &d->symbols[i]);
    }
    return take(maker);
}

static struct tt_str
names_of(struct maker *maker, uint32_t factors)
{
    const struct tt_design *design = &maker->view->job->design;
    for (size_t f = 0; f < design->factor_count; f++) {
        if (factors >> f & 1) {
            tt_buf_add_cstr(&maker->words, maker->words.len > 0 ? "\n" : "");
            tt_buf_add(&maker->words, design->factors[f].name);
        }
    }
    return take(maker);
}

/* The levels at which the symbol is not the baseline's. */
static struct tt_str
levels_of(struct maker *maker, const struct tt_dependence *d)
{
    for (size_t i = 1; i < d->symbol_count; i++) {
        bool other = d->symbols[i].absent != d->symbols[0].absent || !tt_str_eq(d->symbols[i].value, d->symbols[0].value);
        if (other && tt_probe_symbol_is_new(d, i)) {
            tt_buf_add_cstr(&maker->words, maker->words.len > 0 ? "\n" : "");
            tt_probe_add_levels(&maker->words, &maker->view->job->design, d->factors, &d->symbols[i].condition);
        }
    }
    return take(maker);
}

static struct tt_str
ratio(struct maker *maker, unsigned a, unsigned b)
{
    tt_buf_add_u64(&maker->words, a);
    tt_buf_add_char(&maker->words, '/');
    tt_buf_add_u64(&maker->words, b);
    return take(maker);
}

static struct tt_str
replay_of(struct maker *maker, const struct tt_dependence *d)
{
    const struct tt_symbol *symbol = shown_symbol(d);
    tt_buf_add_cstr(&maker->words, "telltale probe replay ");
    tt_writer_add_safe(&maker->words, maker->view->folder);
    tt_buf_add_char(&maker->words, ' ');
    tt_buf_add_u64(&maker->words, symbol ? symbol->run : 1);
    return take(maker);
}

static void
add_evidence(struct maker *maker, const struct tt_dependence *d, struct tt_finding *f)
{
    tt_finding_add_fact(f, "factors", TT_FACT_LIST, names_of(maker, d->factors));
    tt_finding_add_fact(f, "levels", TT_FACT_LIST, levels_of(maker, d));
    tt_finding_add_fact(f, "symbols", TT_FACT_LIST, symbols_of(maker, d));
    if (d->class > TT_CLASS_VISIBLE) {
        tt_probe_add_decimal(&maker->words, d->bits);
        tt_finding_add_fact(f, "bits", TT_FACT_LITERAL, take(maker));
    } else {
        tt_finding_add_text(f, "kind", d->echo ? TT_STR("echo") : TT_STR("switch"));
    }
    if (d->echo_form) {
        tt_finding_add_text(f, "echo", tt_str_cstr(d->echo_form));
    }
    tt_finding_add_text(f, "support", ratio(maker, d->support, d->runs));
    tt_finding_add_number(f, "baseline_runs", d->base_runs);
    if (d->p > 0) {
        add_probability(&maker->words, d->p);
        tt_finding_add_fact(f, "p", TT_FACT_LITERAL, take(maker));
    }
    if (d->split) {
        tt_probe_add_sources(&maker->words, &maker->view->job->design, d, "\n");
        tt_finding_add_fact(f, "source", TT_FACT_LIST, take(maker));
    }
    if (d->gates) {
        tt_finding_add_fact(f, "switched_off_by", TT_FACT_LIST, names_of(maker, d->gates));
    }
    tt_finding_add_text(f, "leaf", d->path);
    tt_finding_add_text(f, "replay", replay_of(maker, d));
}

static struct tt_str
rule_id(struct maker *maker, enum tt_probe_class class)
{
    tt_buf_add_cstr(&maker->words, "probe.");
    tt_buf_add_cstr(&maker->words, tt_probe_class_name(class));
    return take(maker);
}

static enum tt_status
hand_over(struct maker *maker, struct tt_finding *f, struct tt_sink sink)
{
    if (maker->status != TT_OK) {
        return maker->status;
    }
    tt_finding_identify(f);
    return sink.take(sink.ctx, f);
}

static enum tt_status
report_dependence(struct maker *maker, const struct tt_dependence *d, struct tt_sink sink)
{
    struct tt_finding f = {.rule = tt_rule_find(rule_id(maker, d->class)), .level = tt_dependence_level(d)};
    if (!f.rule) {
        return maker->status; /* constant and transport are no findings */
    }
    set_where(maker, d, &f);
    f.message = message_of(maker, d);
    add_evidence(maker, d, &f);
    return hand_over(maker, &f, sink);
}

static enum tt_status
report_volatile(struct maker *maker, const struct tt_volatile_field *v, struct tt_sink sink)
{
    struct tt_finding f = {.rule = tt_rule_find(TT_STR("probe.volatile")), .level = TT_INFO};
    struct tt_buf *words = &maker->words;
    f.where = (struct tt_where) {.uri = maker->view->folder, .line = 1, .column = 1};
    if (v->path.len > 0 && v->path.ptr[0] == '$') {
        f.where.path = v->path;
    }
    f.excerpt = tt_str_slice(v->example, 0, EXCERPT_MAX);
    tt_buf_add(words, v->request);
    tt_buf_add_cstr(words, ", ");
    tt_writer_add_safe(words, v->path);
    tt_buf_add_cstr(words, ": differs among runs in which nothing was varied; ");
    tt_buf_add_cstr(words, tt_str_eq(v->shape, TT_STR(TT_VOLATILE_COMES)) ? "it " : "its shape is ");
    tt_buf_add(words, v->shape);
    if (v->places > 1) {
        tt_buf_add_cstr(words, "; so at ");
        tt_buf_add_u64(words, v->places);
        tt_buf_add_cstr(words, " places");
    }
    f.message = take(maker);
    tt_finding_add_text(&f, "shape", v->shape);
    tt_probe_add_decimal(words, v->capacity);
    tt_finding_add_fact(&f, "capacity", TT_FACT_LITERAL, take(maker));
    tt_finding_add_text(&f, "support", ratio(maker, v->values, v->runs));
    if (v->audited) {
        tt_finding_add_fact(&f, "audited", TT_FACT_LIST, names_of(maker, v->audited));
    }
    tt_finding_add_text(&f, "leaf", v->path);
    return hand_over(maker, &f, sink);
}

enum tt_status
tt_probe_findings(const struct tt_probe_view *view, const struct tt_alloc *alloc, struct tt_sink sink)
{
    struct tt_arena arena;
    struct maker maker = {.view = view, .arena = &arena};
    enum tt_status status = TT_OK;
    tt_arena_init(&arena, alloc, TT_PROBE_REPORT_MEMORY);
    tt_buf_init(&maker.words, alloc, WORDS_MAX);
    for (size_t i = 0; i < view->conclusion->dependence_count && status == TT_OK; i++) {
        status = report_dependence(&maker, &view->conclusion->dependences[i], sink);
    }
    for (size_t i = 0; i < view->conclusion->volatile_count && status == TT_OK; i++) {
        status = report_volatile(&maker, &view->conclusion->volatiles[i], sink);
    }
    tt_buf_free(&maker.words);
    tt_arena_free(&arena);
    return status;
}
