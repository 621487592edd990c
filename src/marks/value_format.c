/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Value formatting: one value, several ways to write it.  Here: numeric dates.
 *
 * The value is read apart from its surface (text/date.h); the surface is the symbol.  Legitimate are all the ways in which
 * people and programs write dates; not legitimate is a separator that no locale writes, or two forms of one separator in one
 * date.  The date line of the 2026 reports has a channel of its own and is left to it.
 */
#include "marks/channels.h"
#include "marks/choice.h"
#include "marks/context.h"
#include "marks/dateline.h"

/* Separators that typography or East Asian input methods put into dates. */
static bool
is_typographic(uint32_t cp)
{
    return (cp >= 0x2010 && cp <= 0x2013) || cp == 0x2212 || cp == 0x2044 || cp == 0xFE63 || cp == 0xFF0D || cp == 0xFF0F;
}

/* Does the line speak of a date before the token: "The current date is: 2026/05/09"? */
static bool
is_date_sentence(struct tt_str text, const struct tt_date *date)
{
    struct tt_span line = tt_context_line(text, date->offset);
    struct tt_str before = tt_str_slice(text, line.from, date->offset);
    return tt_context_has_word(before, TT_STR("date")) || tt_context_has_word(before, TT_STR("today"));
}

/* Text that a client writes itself, where a fixed sentence is a site. */
static bool
is_template_place(enum tt_place place)
{
    return place == TT_PLACE_SYSTEM || place == TT_PLACE_MESSAGE || place == TT_PLACE_TOOL;
}

static void
report(struct tt_look *look, const struct tt_date *date, enum tt_level level, const char *reason)
{
    struct tt_finding f;
    struct tt_str text = look->field->text;
    size_t end = date->separator_at[1] + tt_utf8_next(text, date->separator_at[1]).len;
    struct tt_str message = tt_look_text(look, "a date whose form could carry a mark: ", reason, NULL);
    tt_look_begin(look, &f, level, date->separator_at[0], end - date->separator_at[0], message);
    f.extent_from = date->offset;
    f.extent_to = date->offset + date->length;
    tt_finding_add_text(&f, "value.type", TT_STR("date"));
    tt_finding_add_number(&f, "value.year", date->year);
    tt_finding_add_number(&f, "value.month", date->month);
    tt_finding_add_number(&f, "value.day", date->day);
    tt_finding_add_text(&f, "surface", tt_str_slice(text, date->offset, date->offset + date->length));
    if (level == TT_CANDIDATE) {
        tt_look_report_low(look, &f);
    } else {
        tt_look_report(look, &f);
    }
}

static void
judge_lookalike(struct tt_look *look, const struct tt_date *date)
{
    uint32_t first = date->separator[0], second = date->separator[1];
    struct tt_span line = tt_context_line(look->field->text, date->offset);
    bool same_sign = tt_char_ascii(first) == tt_char_ascii(second);
    if (first != second && same_sign) {
        report(look, date, TT_SUSPICIOUS, "its two separators look alike and differ");
    } else if ((first >= 0x80 && !is_typographic(first)) || (second >= 0x80 && !is_typographic(second))) {
        report(look, date, TT_SUSPICIOUS, "a separator that no locale writes");
    } else if (!tt_context_has_cjk(tt_str_slice(look->field->text, line.from, line.to))) {
        report(look, date, TT_CANDIDATE, "a typographic separator");
    }
}

/* ---- choices ---- */

/* Of the notes: which separators were met, and how many dates. */
enum { NOTE_SEPARATORS, NOTE_DATES };

#define BATCH 128

/* May a date with ASCII digits be met here?  Most places at which the kernel stops are something else. */
static bool
may_be_date(struct tt_str text, size_t pos)
{
    unsigned char c = (unsigned char) text.ptr[pos];
    return c < 0x80 ? tt_ascii_is_digit(c) : tt_char_is(tt_utf8_next_valid(text, pos).cp, TT_CHAR_HYPHEN | TT_CHAR_SLASH);
}

/* Adds the separator of the date at pos, if one is there that begins at or behind *done. */
static void
add_date(struct tt_choice *choice, struct tt_str text, size_t pos, size_t *done)
{
    struct tt_date date;
    if (pos >= *done && may_be_date(text, pos) && tt_date_read(text, pos, &date) && date.ascii_digits && date.offset >= *done) {
        size_t at = date.separator_at[0];
        tt_choice_add(choice, at, tt_str_slice(text, at, at + tt_utf8_next(text, at).len));
        *done = date.offset + date.length;
    }
}

/* The separators of all dates, in order.  The kernel stops at each of them, as it did for the engine. */
static void
read_choices(struct tt_look *look)
{
    const struct tt_field *field = look->field;
    struct tt_choice choice;
    uint32_t found[BATCH];
    size_t from = field->from, done = field->from;
    if (!tt_choice_begin(look, &choice, TT_CHOICE_PLACES)) {
        return;
    }
    while (from < field->to && !tt_choice_is_full(&choice)) {
        const unsigned char *p = (const unsigned char *) field->text.ptr;
        size_t n = look->kernels->collect(p, field->text.len, from, field->to, found, BATCH, &from);
        for (size_t i = 0; i < n; i++) {
            add_date(&choice, field->text, found[i], &done);
        }
    }
    tt_choice_end(look, &choice, "the separators of dates");
}

/* One separator throughout is the rule; where there are two, the dates are read once there are some. */
static void
count_choice(struct tt_look *look, const struct tt_date *date)
{
    uint32_t separator = date->separator[0];
    uint32_t bit = separator == '-' ? 1 : separator == '/' ? 2 : separator == '.' ? 4 : 8;
    uint32_t *met = &look->note[NOTE_SEPARATORS];
    *met |= bit;
    if (*met != bit && look->note[NOTE_DATES] < TT_CHOICE_ODD && ++look->note[NOTE_DATES] == TT_CHOICE_ODD) {
        read_choices(look);
    }
}

static void
visit_date(struct tt_look *look, const struct tt_date *date)
{
    struct tt_dateline_site site;
    count_choice(look, date);
    if (tt_dateline_read(look->field->text, date, &site)) {
        return;
    }
    if (date->separator[0] >= 0x80 || date->separator[1] >= 0x80) {
        judge_lookalike(look, date);
        return;
    }
    /* Nearly every date is written with two hyphens and needs no second look. */
    bool differ = date->separator[0] != date->separator[1];
    if ((!differ && date->separator[0] == '-') || !is_date_sentence(look->field->text, date)) {
        return;
    }
    if (differ) {
        report(look, date, TT_CANDIDATE, "its two separators differ");
    } else if (is_template_place(tt_look_place(look))) {
        report(look, date, TT_CANDIDATE, "a date sentence with separators other than -");
    }
}

const struct tt_channel tt_channel_value_format = {
    .name = "value-format",
    .rule = "mark.value-format",
    .alphabet = "separators, order and padding of dates",
    .capacity = "1-5 bits a date",
    .visit_date = visit_date,
};
