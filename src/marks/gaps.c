/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding gaps; see gaps.h.
 *
 * Input: valid UTF-8.  Output: positions; nothing is owned but the forms in the look's arena.
 */
#include "marks/gaps.h"

#include "marks/context.h"

/* Blanks before a place are looked at so far: a longer run is no gap between words anyway. */
#define BACK_MAX 256

static bool
ends_line(uint32_t cp)
{
    return cp == '\n' || cp == '\r' || cp == 0x0B || cp == 0x0C || cp == 0x85 || cp == 0x2028 || cp == 0x2029;
}

bool
tt_gap_is_space(uint32_t cp)
{
    return cp == ' ' || (cp >= 0x80 && !ends_line(cp) && tt_char_is(cp, TT_CHAR_ODD_SPACE));
}

struct tt_gap
tt_gap_at(struct tt_str text, size_t pos)
{
    struct tt_gap gap = {.from = pos, .to = pos};
    struct tt_rune rune = tt_utf8_prev(text, pos);
    while (rune.len > 0 && tt_gap_is_space(rune.cp) && pos - gap.from < BACK_MAX) {
        gap.from -= rune.len;
        gap.odd += rune.cp != ' ';
        rune = tt_utf8_prev(text, gap.from);
    }
    gap.before = rune.cp;
    rune = tt_utf8_next(text, pos);
    while (rune.len > 0 && tt_gap_is_space(rune.cp)) {
        gap.to += rune.len;
        gap.odd += rune.cp != ' ';
        rune = tt_utf8_next(text, gap.to);
    }
    gap.after = rune.cp;
    return gap;
}

/* May a space begin with this byte? */
static bool
may_be_space(unsigned char c)
{
    return c == ' ' || c == 0xC2 || (c >= 0xE1 && c <= 0xE3);
}

bool
tt_gap_next(struct tt_str text, size_t from, size_t to, struct tt_gap *out)
{
    for (size_t pos = from; pos < to; pos++) {
        unsigned char c = (unsigned char) text.ptr[pos];
        if (may_be_space(c) && (c == ' ' || tt_gap_is_space(tt_utf8_next(text, pos).cp))) {
            *out = tt_gap_at(text, pos);
            return true;
        }
    }
    return false;
}

bool
tt_gap_is_edge(const struct tt_gap *gap)
{
    return gap->before == 0 || gap->after == 0 || gap->before == '\t' || gap->after == '\t' || ends_line(gap->before) ||
           ends_line(gap->after);
}

bool
tt_gap_forms(struct tt_look *look, size_t from, size_t to, size_t max, struct tt_forms *forms, size_t *end)
{
    struct tt_str text = look->field->text;
    struct tt_gap gap;
    *end = from;
    if (!tt_forms_init(look, forms, max)) {
        return false;
    }
    for (size_t pos = from; forms->n < max && tt_gap_next(text, pos, to, &gap); pos = gap.to) {
        if (!tt_gap_is_edge(&gap) && gap.to - gap.from <= TT_GAP_BYTES_MAX) {
            tt_forms_add(forms, tt_str_slice(text, gap.from, gap.to));
            *end = gap.to;
        }
    }
    return true;
}

/* ---- gaps with hidden characters ---- */

#define BEFORE_BYTES 1500 /* where reading begins before the first: the first bits may be blanks alone */
#define PLACES_MAX 8192
#define MARGIN_HIDDEN 8 /* bits, see forms.h */
#define LEAST_HIDDEN 5  /* bytes of text */

static bool
is_part(struct tt_rune rune, uint32_t flags)
{
    return rune.len > 0 && (rune.cp == ' ' || (rune.cp >= 0x80 && tt_char_is(rune.cp, flags)));
}

/* The next row of blanks and hidden characters that starts in from..to. */
static bool
next_row(struct tt_str text, size_t from, size_t to, uint32_t flags, struct tt_span *out)
{
    while (from < to) {
        struct tt_rune rune = tt_utf8_next(text, from);
        if (is_part(rune, flags)) {
            *out = (struct tt_span) {from, from};
            for (; is_part(rune, flags); rune = tt_utf8_next(text, out->to)) {
                out->to += rune.len;
            }
            return true;
        }
        from += rune.len ? rune.len : 1;
    }
    return false;
}

static size_t
row_start(const struct tt_field *field, size_t pos)
{
    size_t start = pos > BEFORE_BYTES ? pos - BEFORE_BYTES : 0;
    while (start > 0 && start < pos && ((unsigned char) field->text.ptr[start] & 0xC0) == 0x80) {
        start++;
    }
    return start;
}

/* Reads the gaps around pos; *to is the end of the last, *places how many there are. */
static bool
read_rows(struct tt_look *look, size_t pos, uint32_t flags, struct tt_payload *out, size_t *places, size_t *to)
{
    const struct tt_field *field = look->field;
    const struct tt_forms_demand demand = {.margin = MARGIN_HIDDEN, .least = LEAST_HIDDEN, .anywhere = true};
    struct tt_forms forms;
    struct tt_span row = {0, row_start(field, pos)};
    if (!tt_forms_init(look, &forms, PLACES_MAX)) {
        return false;
    }
    while (forms.n < PLACES_MAX && !forms.many && next_row(field->text, row.to, field->to, flags, &row)) {
        bool edge = row.from == 0 || row.to == field->text.len || ends_line(tt_utf8_prev(field->text, row.from).cp) ||
                    ends_line(tt_utf8_next(field->text, row.to).cp);
        if (!edge && row.to - row.from <= TT_GAP_BYTES_MAX) {
            tt_forms_add(&forms, tt_str_slice(field->text, row.from, row.to));
            *to = row.to;
        }
    }
    *places = forms.n;
    return tt_forms_read(look, &forms, demand, out);
}

bool
tt_gap_report(struct tt_look *look, const struct tt_run *run, uint32_t flags, const char *what)
{
    struct tt_payload payload;
    struct tt_forms_evidence e = {.level = TT_CONFIRMED, .offset = run->from, .length = run->to - run->from, .to = run->to};
    if (!tt_look_ask_once(look) || !read_rows(look, run->from, flags, &payload, &e.places, &e.to)) {
        return look->status != TT_OK;
    }
    e.bits = e.places;
    e.payload = &payload;
    e.message = tt_look_text(look, what, " carry readable text (", payload.format, ")", NULL);
    tt_forms_report(look, &e);
    look->claimed = e.to > look->claimed ? e.to : look->claimed;
    *look->done = e.to > run->to ? e.to : run->to;
    return true;
}
