/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which kind of value begins at a place, and how values compare.
 *
 * Input: valid UTF-8 and a position.  Output: the value, by value.  Owns nothing, allocates nothing.  Invariants: what the
 * readers look at is bounded by TT_VALUE_BYTES_MAX on the right and by a few characters on the left; where nothing begins,
 * the first character or the first word decides that.
 */
#include "text/value.h"

#include "base/limits.h"
#include "text/char.h"
#include "text/utf8.h"
#include "text/value_parts.h"

#define WORD_MAX 24 /* bytes of the longest name: a month in Cyrillic letters */

typedef bool reader_fn(struct tt_str text, size_t pos, struct tt_value *out);

/* Tried in this order: what is longer or says more comes first. */
static reader_fn *const of_digit[] = {
    tt_value_read_date,    tt_value_read_time,  tt_value_read_uuid, tt_value_read_hex,    tt_value_read_email,
    tt_value_read_version, tt_value_read_token, tt_value_read_path, tt_value_read_number, NULL,
};
static reader_fn *const of_letter[] = {
    tt_value_read_url, tt_value_read_email,   tt_value_read_zone,  tt_value_read_date, tt_value_read_uuid,
    tt_value_read_hex, tt_value_read_version, tt_value_read_token, tt_value_read_path, NULL,
};
static reader_fn *const of_name[] = {tt_value_read_zone, tt_value_read_date, NULL};
static reader_fn *const of_sign[] = {tt_value_read_zone, tt_value_read_number, NULL};
static reader_fn *const of_path[] = {tt_value_read_path, NULL};
static reader_fn *const of_clock[] = {tt_value_read_time, tt_value_read_zone, NULL};
static reader_fn *const of_other_digit[] = {tt_value_read_date, tt_value_read_time, tt_value_read_number, NULL};

/* Writing without blanks between words puts values directly behind letters. */
static bool
is_spaced_letter(uint32_t cp)
{
    uint8_t script = tt_char(cp)->script;
    bool dense = script == TT_SCRIPT_HAN || script == TT_SCRIPT_HIRAGANA || script == TT_SCRIPT_KATAKANA ||
                 script == TT_SCRIPT_HANGUL || script == TT_SCRIPT_THAI;
    return tt_char_is_letter(cp) && !dense;
}

static bool
is_word(uint32_t cp)
{
    if (cp < 0x80) {
        return cp == '_' || tt_ascii_is_alnum((int) cp);
    }
    return tt_char(cp)->digit >= 0 || is_spaced_letter(cp);
}

bool
tt_value_digits(struct tt_str text, size_t *pos, int max, uint64_t *value, int *digits, struct tt_value_form *form)
{
    *value = 0;
    *digits = 0;
    for (;;) {
        struct tt_rune rune = tt_utf8_next(text, *pos);
        int digit = rune.len ? tt_char(rune.cp)->digit : -1;
        if (digit < 0) {
            return *digits > 0;
        }
        if (*digits == max) {
            return false;
        }
        uint32_t zero = rune.cp - (uint32_t) digit;
        form->mixed_digits = form->mixed_digits || (form->zero && form->zero != zero);
        form->zero = form->zero ? form->zero : zero;
        *value = *value * 10 + (uint64_t) digit;
        *digits += 1;
        *pos += rune.len;
    }
}

struct tt_str
tt_value_word(struct tt_str text, size_t pos)
{
    size_t end = pos;
    struct tt_rune rune = tt_utf8_next(text, end);
    while (rune.len && (tt_char_is_letter(rune.cp) || tt_char_is_mark(rune.cp))) {
        end += rune.len;
        if (end - pos > WORD_MAX) {
            return tt_str_slice(text, pos, pos);
        }
        rune = tt_utf8_next(text, end);
    }
    return tt_str_slice(text, pos, end);
}

/* Is the letter at pos the first of a word that is nothing but letters and ends as words of a sentence do? */
static bool
is_plain_word(struct tt_str text, size_t pos)
{
    while (pos < text.len && tt_ascii_is_alpha((unsigned char) text.ptr[pos])) {
        pos++;
    }
    unsigned char c = tt_value_byte(text, pos);
    return c < 0x80 && !tt_ascii_is_digit(c) && (c == 0 || !strchr(":/@._-+%\\", c));
}

/* The T of ISO 8601 and the Z behind its time stand inside a word. */
static reader_fn *const *
inside_word(struct tt_str text, size_t pos, uint32_t before, uint32_t here)
{
    bool behind_date = before == 'T' && tt_ascii_is_digit((int) here) && pos > 1 && tt_ascii_is_digit(text.ptr[pos - 2]);
    bool behind_time = here == 'Z' && tt_ascii_is_digit((int) before);
    return behind_date || behind_time ? of_clock : NULL;
}

/* The readers of what could begin at pos, or NULL. */
static reader_fn *const *
choose(struct tt_str text, size_t pos)
{
    uint32_t here = tt_value_byte(text, pos);
    uint32_t before = tt_value_byte(text, pos - 1);
    if (here >= 0x80 || before >= 0x80) {
        here = tt_utf8_next(text, pos).cp;
        before = tt_utf8_prev(text, pos).cp;
    }
    bool inside = is_word(before);
    if (inside && tt_ascii_is_alpha((int) here) && here != 'Z') {
        return NULL; /* most characters of a text */
    }
    if (here >= 0x80) {
        return !inside && tt_char(here)->digit >= 0 ? of_other_digit : NULL;
    }
    if (here == '+' || here == '-') {
        return of_sign;
    }
    if (here == '/' || here == '~' || here == '.' || here == '\\') {
        return inside || before == '<' ? NULL : of_path;
    }
    if (!tt_ascii_is_alnum((int) here)) {
        return NULL;
    }
    if (inside) {
        return inside_word(text, pos, before, here);
    }
    return tt_ascii_is_digit((int) here) ? of_digit : is_plain_word(text, pos) ? of_name : of_letter;
}

bool
tt_value_read(struct tt_str text, size_t pos, struct tt_value *out)
{
    reader_fn *const *readers = choose(text, pos);
    for (; readers && *readers; readers++) {
        *out = (struct tt_value) {.offset = pos};
        if ((*readers)(text, pos, out)) {
            return out->length <= TT_VALUE_BYTES_MAX;
        }
    }
    return false;
}

/* The end of the word at pos, so that a long one is passed at once; a T or Z in it may still begin a value. */
static size_t
skip(struct tt_str text, size_t pos)
{
    struct tt_rune rune = tt_utf8_next(text, pos);
    pos += rune.len ? rune.len : 1;
    while (tt_ascii_is_alpha((int) rune.cp) && pos < text.len && tt_ascii_is_alpha((unsigned char) text.ptr[pos])) {
        pos++;
    }
    return pos;
}

bool
tt_value_next(struct tt_str text, size_t pos, struct tt_value *out)
{
    while (pos < text.len) {
        if (tt_value_read(text, pos, out)) {
            return true;
        }
        pos = skip(text, pos);
    }
    return false;
}

const char *
tt_value_name(enum tt_value_type type)
{
    static const char *const names[TT_VALUE_TYPES] = {
        "date", "time", "zone", "number", "uuid", "hex", "token", "version", "path", "url", "email",
    };
    return names[type];
}

bool
tt_value_same(const struct tt_value *a, const struct tt_value *b)
{
    if (a->type != b->type || !a->exact || !b->exact) {
        return false;
    }
    switch (a->type) {
    case TT_VALUE_DATE: return a->year == b->year && a->month == b->month && a->day == b->day;
    case TT_VALUE_TIME: return a->hour == b->hour && a->minute == b->minute && a->second == b->second && a->nanos == b->nanos;
    case TT_VALUE_ZONE: return a->zone == b->zone;
    case TT_VALUE_NUMBER: return a->number == b->number && a->scale == b->scale;
    default: return false;
    }
}

bool
tt_value_same_form(const struct tt_value *a, const struct tt_value *b)
{
    const struct tt_value_form *f = &a->form, *g = &b->form;
    bool padding = f->padding == g->padding || f->padding == TT_VALUE_PADDING_UNKNOWN || g->padding == TT_VALUE_PADDING_UNKNOWN;
    bool signs = f->separator[0] == g->separator[0] && f->separator[1] == g->separator[1];
    bool names = f->named == g->named && f->abbreviated == g->abbreviated && f->weekday == g->weekday;
    bool digits = f->zero == g->zero && f->mixed_digits == g->mixed_digits;
    return a->type == b->type && padding && signs && names && digits && f->order == g->order && f->twelve == g->twelve &&
           f->seconds == g->seconds;
}
