/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text for a person: where, how sure, which rule, the line with the mark made visible, and what to make of it.
 *
 * In: findings and a summary.  Out: lines in the caller's buffer.  Invariant: nothing from the input reaches the terminal but
 * through tt_writer_add_safe, and the only control characters are this file's own line ends and colours.  The summary never
 * calls an input clean: it says what was found and what was not looked at.
 */
#include "finding/writer.h"

#define LABEL_WIDTH 14 /* columns of a label and the gap behind it */
#define TEXT_WIDTH 96  /* columns of wrapped sentences, indent included */

/* Reasons and names shown of what was not inspected. */
#define REASONS_MAX 20
#define NAMES_MAX 3

enum color { PLAIN, BOLD, DIM, CYAN, YELLOW, RED };

static const char *const color_codes[] = {
    [PLAIN] = "\033[0m", [BOLD] = "\033[1m", [DIM] = "\033[2m", [CYAN] = "\033[36m", [YELLOW] = "\033[33m", [RED] = "\033[1;31m",
};

static const enum color level_colors[TT_LEVELS] = {DIM, CYAN, YELLOW, RED};

static void
set_color(struct tt_buf *out, const struct tt_writer_options *options, enum color color)
{
    if (options->color) {
        tt_buf_add_cstr(out, color_codes[color]);
    }
}

static void
add_colored(struct tt_buf *out, const struct tt_writer_options *options, enum color color, struct tt_str s)
{
    if (s.len > 0) {
        set_color(out, options, color);
        tt_writer_add_safe(out, s);
        set_color(out, options, PLAIN);
    }
}

static void
add_label(struct tt_buf *out, const struct tt_writer_options *options, struct tt_str label)
{
    tt_buf_add_cstr(out, "  ");
    add_colored(out, options, DIM, label);
    /* A label that is too long still ends before what it says. */
    size_t n = label.len;
    do {
        tt_buf_add_char(out, ' ');
    } while (++n < LABEL_WIDTH);
}

/* Columns of a word, near enough: one a code point. */
static size_t
width_of(struct tt_str s)
{
    size_t width = 0;
    for (size_t i = 0; i < s.len; i++) {
        width += ((unsigned char) s.ptr[i] & 0xC0) != 0x80;
    }
    return width;
}

/* The words of text, in lines of TEXT_WIDTH that continue under the first one. */
static void
add_wrapped(struct tt_buf *out, struct tt_str text)
{
    const size_t indent = 2 + LABEL_WIDTH;
    size_t column = indent;
    while (text.len > 0) {
        const char *blank = memchr(text.ptr, ' ', text.len);
        struct tt_str word = tt_str_slice(text, 0, blank ? (size_t) (blank - text.ptr) : text.len);
        size_t width = width_of(word);
        if (column > indent && column + 1 + width > TEXT_WIDTH) {
            tt_buf_add_char(out, '\n');
            for (size_t n = 0; n < indent; n++) {
                tt_buf_add_char(out, ' ');
            }
            column = indent;
        } else if (column > indent) {
            tt_buf_add_char(out, ' ');
            column++;
        }
        tt_writer_add_safe(out, word);
        column += width;
        text = tt_str_slice(text, word.len + 1, text.len);
    }
    tt_buf_add_char(out, '\n');
}

static void
add_sentence(struct tt_buf *out, const struct tt_writer_options *options, const char *label, struct tt_str text)
{
    if (text.len > 0) {
        add_label(out, options, tt_str_cstr(label));
        add_wrapped(out, text);
    }
}

void
tt_writer_add_labelled(struct tt_buf *out, const char *label, struct tt_str text)
{
    const struct tt_writer_options plain = {.color = false};
    add_sentence(out, &plain, label, text);
}

static void
add_points(struct tt_buf *out, struct tt_str text)
{
    for (int n = 0; n < TT_FACT_POINTS_MAX && text.len > 0; n++) {
        if (n) {
            tt_buf_add_char(out, ' ');
        }
        tt_writer_next_point(out, &text);
    }
    if (text.len > 0) {
        tt_buf_add_cstr(out, " …");
    }
}

/* Among facts of a group: "a, b". */
static void
add_list(struct tt_buf *out, struct tt_str text)
{
    struct tt_str item;
    for (int n = 0; tt_writer_next_item(&text, &item); n++) {
        tt_buf_add_cstr(out, n ? ", " : "");
        tt_writer_add_safe(out, item);
    }
}

static void
add_value(struct tt_buf *out, const struct tt_fact *fact)
{
    switch (fact->kind) {
    case TT_FACT_LITERAL:
    case TT_FACT_TEXT: tt_writer_add_safe(out, fact->text); break;
    case TT_FACT_NUMBER: tt_writer_add_number(out, fact->number); break;
    case TT_FACT_CODEPOINTS: add_points(out, fact->text); break;
    case TT_FACT_HEX:
        tt_buf_add_hex(out, tt_str_slice(fact->text, 0, TT_FACT_HEX_MAX));
        tt_buf_add_cstr(out, fact->text.len > TT_FACT_HEX_MAX ? "…" : "");
        break;
    case TT_FACT_LIST: add_list(out, fact->text); break;
    }
}

/* A fact of its own: a list has a line for each item, the others are one value. */
static void
add_single(struct tt_buf *out, const struct tt_writer_options *options, const struct tt_fact *fact)
{
    struct tt_str items = fact->text, item;
    struct tt_str label = tt_str_cstr(fact->key);
    if (fact->kind != TT_FACT_LIST) {
        add_label(out, options, label);
        add_value(out, fact);
        tt_buf_add_char(out, '\n');
        return;
    }
    while (tt_writer_next_item(&items, &item)) {
        add_label(out, options, label);
        add_wrapped(out, item);
        label.len = 0;
    }
}

/* Facts of a group share a line, "decoded  lab=1 known=0"; texts among them are quoted so that their ends are seen. */
static size_t
add_group(struct tt_buf *out, const struct tt_writer_options *options, const struct tt_finding *f, size_t i)
{
    struct tt_str group = tt_fact_group(&f->facts[i]);
    add_label(out, options, group);
    for (size_t n = 0; i < f->fact_count && tt_str_eq(group, tt_fact_group(&f->facts[i])); i++, n++) {
        const char *quote = f->facts[i].kind == TT_FACT_TEXT ? "\"" : "";
        tt_buf_add_cstr(out, n ? " " : "");
        tt_buf_add(out, tt_fact_name(&f->facts[i]));
        tt_buf_add_char(out, '=');
        tt_buf_add_cstr(out, quote);
        add_value(out, &f->facts[i]);
        tt_buf_add_cstr(out, quote);
    }
    tt_buf_add_char(out, '\n');
    return i;
}

static void
add_facts(struct tt_buf *out, const struct tt_writer_options *options, const struct tt_finding *f)
{
    size_t i = 0;
    while (i < f->fact_count) {
        if (tt_fact_group(&f->facts[i]).len > 0) {
            i = add_group(out, options, f, i);
        } else {
            add_single(out, options, &f->facts[i++]);
        }
    }
}

/* "req.json:1:119"; where the line is not known, the byte offset. */
static void
add_place(struct tt_buf *out, const struct tt_writer_options *options, const struct tt_where *where)
{
    set_color(out, options, BOLD);
    tt_writer_add_safe(out, where->uri);
    if (where->line > 0) {
        tt_buf_add_char(out, ':');
        tt_buf_add_u64(out, where->line);
        tt_buf_add_char(out, ':');
        tt_buf_add_u64(out, where->column);
    } else {
        tt_buf_add_cstr(out, ", byte ");
        tt_buf_add_u64(out, where->offset);
    }
    set_color(out, options, PLAIN);
}

static void
text_begin(struct tt_buf *out, const struct tt_writer_options *options, const char *version)
{
    (void) out;
    (void) options;
    (void) version;
}

static void
text_finding(struct tt_buf *out, const struct tt_writer_options *options, const struct tt_finding *f, uint64_t index)
{
    tt_buf_add_cstr(out, index ? "\n" : "");
    add_place(out, options, &f->where);
    tt_buf_add_cstr(out, "  ");
    add_colored(out, options, level_colors[f->level], tt_str_cstr(tt_level_name(f->level)));
    tt_buf_add_cstr(out, "  ");
    tt_buf_add_cstr(out, f->rule->id);
    if (f->where.path.len > 0) {
        tt_buf_add_cstr(out, "  ");
        tt_writer_add_safe(out, f->where.path);
    }
    tt_buf_add_char(out, '\n');
    if (f->excerpt.len > 0) {
        tt_buf_add_cstr(out, "  | ");
        tt_writer_add_safe(out, f->excerpt);
        tt_buf_add_char(out, '\n');
    }
    add_sentence(out, options, "what", f->message);
    add_facts(out, options, f);
    if (options->explain) {
        add_sentence(out, options, "but", tt_str_cstr(f->rule->innocent));
        add_sentence(out, options, "next", tt_str_cstr(f->rule->next_step));
    }
}

/* "1 suspicious, 3 candidates": the counts that are not 0, the surest first.  Returns the lowest level among them, or -1. */
static int
add_levels(struct tt_buf *out, const uint64_t counts[TT_LEVELS])
{
    int lowest = -1;
    for (int level = TT_LEVELS - 1; level >= 0; level--) {
        if (counts[level] > 0) {
            tt_buf_add_cstr(out, lowest >= 0 ? ", " : "");
            tt_buf_add_u64(out, counts[level]);
            tt_buf_add_char(out, ' ');
            tt_buf_add_cstr(out, tt_level_name((enum tt_level) level));
            /* The one name that is a noun. */
            tt_buf_add_cstr(out, level == TT_CANDIDATE && counts[level] > 1 ? "s" : "");
            lowest = level;
        }
    }
    return lowest;
}

static uint64_t
sum(const uint64_t counts[TT_LEVELS])
{
    uint64_t total = 0;
    for (unsigned level = 0; level < TT_LEVELS; level++) {
        total += counts[level];
    }
    return total;
}

/* "4 findings: 1 suspicious, 3 candidates."  "3 candidates not shown; --show candidate lists them." */
static void
add_counts(struct tt_buf *out, const struct tt_summary *summary)
{
    tt_writer_add_count(out, sum(summary->findings), "finding");
    tt_buf_add_cstr(out, ": ");
    add_levels(out, summary->findings);
    tt_buf_add_cstr(out, ".\n");
    int lowest = add_levels(out, summary->hidden);
    if (lowest >= 0) {
        tt_buf_add_cstr(out, " not shown; --show ");
        tt_buf_add_cstr(out, tt_level_name((enum tt_level) lowest));
        tt_buf_add_cstr(out, sum(summary->hidden) == 1 ? " lists it.\n" : " lists them.\n");
    }
}

/* "3 files (81.2 kB, 2 JSON documents)" */
static void
add_extent(struct tt_buf *out, const struct tt_summary *summary)
{
    tt_writer_add_count(out, summary->files, "file");
    tt_buf_add_cstr(out, " (");
    tt_writer_add_size(out, summary->bytes);
    if (summary->documents > 0) {
        tt_buf_add_cstr(out, ", ");
        tt_writer_add_count(out, summary->documents, "JSON document");
    }
    tt_buf_add_char(out, ')');
}

/* One reason and the inputs that share it, of which count entries remain from position at on. */
static uint64_t
add_reason(struct tt_buf *out, const struct tt_summary *summary, size_t at)
{
    const struct tt_not_inspected *all = summary->not_inspected;
    uint64_t count = 0;
    tt_buf_add_cstr(out, "  ");
    for (size_t i = at; i < summary->not_inspected_count; i++) {
        if (tt_str_eq(all[i].why, all[at].why)) {
            if (count < NAMES_MAX) {
                tt_buf_add_cstr(out, count ? ", " : "");
                tt_writer_add_safe(out, all[i].uri);
            }
            count++;
        }
    }
    if (count > NAMES_MAX) {
        tt_buf_add_cstr(out, " and ");
        tt_buf_add_u64(out, count - NAMES_MAX);
        tt_buf_add_cstr(out, " more");
    }
    tt_buf_add_cstr(out, ": ");
    tt_writer_add_safe(out, all[at].why);
    tt_buf_add_char(out, '\n');
    return count;
}

/* The first REASONS_MAX reasons: so the work is bounded by that times the number of entries, whatever the inputs are. */
static void
add_not_inspected(struct tt_buf *out, const struct tt_writer_options *options, const struct tt_summary *summary)
{
    struct tt_str told[REASONS_MAX];
    size_t told_count = 0;
    uint64_t entries = 0;
    add_colored(out, options, YELLOW, TT_STR("Not inspected:"));
    tt_buf_add_char(out, '\n');
    for (size_t i = 0; i < summary->not_inspected_count && told_count < REASONS_MAX; i++) {
        size_t t = 0;
        while (t < told_count && !tt_str_eq(told[t], summary->not_inspected[i].why)) {
            t++;
        }
        if (t == told_count) {
            told[told_count++] = summary->not_inspected[i].why;
            entries += add_reason(out, summary, i);
        }
    }
    if (entries < summary->not_inspected_count) {
        tt_buf_add_cstr(out, "  and ");
        tt_buf_add_u64(out, summary->not_inspected_count - entries);
        tt_buf_add_cstr(out, " more for other reasons; --format json lists them all\n");
    }
}

/* "12 binary files were not scanned; --binary scans them." */
static void
add_passed_over(struct tt_buf *out, const struct tt_summary *summary)
{
    if (summary->binary > 0) {
        tt_writer_add_count(out, summary->binary, "binary file");
        tt_buf_add_cstr(out, summary->binary == 1 ? " was not scanned; --binary scans it.\n"
                                                  : " were not scanned; --binary scans them.\n");
    }
    if (summary->ignored > 0) {
        tt_writer_add_count(out, summary->ignored, "name");
        tt_buf_add_cstr(out, summary->ignored == 1 ? " is ignored by .gitignore; --no-ignore scans it.\n"
                                                   : " are ignored by .gitignore; --no-ignore scans them.\n");
    }
}

static void
text_end(struct tt_buf *out, const struct tt_writer_options *options, const struct tt_summary *summary)
{
    uint64_t total = sum(summary->findings);
    if (options->quiet) {
        return;
    }
    tt_buf_add_cstr(out, total > sum(summary->hidden) ? "\n" : "");
    if (total > 0) {
        add_counts(out, summary);
        tt_buf_add_cstr(out, "Inspected ");
        add_extent(out, summary);
    } else if (summary->files == 0) {
        tt_buf_add_cstr(out, "Nothing was inspected");
    } else {
        tt_buf_add_cstr(out, "No ");
        tt_buf_add_cstr(out, summary->sought ? summary->sought : "marks found");
        tt_buf_add_cstr(out, summary->not_inspected_count ? " in what was inspected, " : " in ");
        add_extent(out, summary);
    }
    tt_buf_add_cstr(out, ".\n");
    add_passed_over(out, summary);
    if (summary->not_inspected_count > 0) {
        add_not_inspected(out, options, summary);
    }
}

const struct tt_writer tt_writer_text = {
    .name = "text",
    .help = "for a person",
    .shown = TT_SUSPICIOUS,
    .begin = text_begin,
    .finding = text_finding,
    .end = text_end,
};
