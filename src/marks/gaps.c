/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding gaps; see gaps.h.
 *
 * Input: valid UTF-8.  Output: positions; nothing is owned but the forms in the look's arena.
 */
#include "marks/gaps.h"

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
