/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Folding a text into its template.
 *
 * The fold of a character is the ASCII character that it looks like or stands for (UTS #39, NFKC), else its prototype.  Marks on a
 * letter and default-ignorable characters have no fold: they belong to the form of the character that they stand at.  White space of any
 * kind and length folds to one blank, a typed value to its type.  Nothing is allocated here.
 */
#include "marks/template.h"

#include "text/char.h"
#include "text/utf8.h"
#include "text/value.h"

static bool
is_word_char(uint32_t cp)
{
    return cp < 0x80 ? tt_ascii_is_alnum((int) cp) || cp == '_' : tt_char_is_letter(cp);
}

/* Cheap, before tt_value_read is asked: values begin with these where no word goes on. */
static bool
may_begin_value(struct tt_str text, size_t pos)
{
    unsigned char c = (unsigned char) text.ptr[pos];
    if (c >= 0x80) {
        return tt_char(tt_utf8_next(text, pos).cp)->digit >= 0;
    }
    if (!tt_ascii_is_alnum(c) && c != '/' && c != '~' && c != '.') {
        return false;
    }
    return pos == 0 || !is_word_char(tt_utf8_prev(text, pos).cp);
}

/*
 * The sign between groups of three digits, where a number has the shape of one with groups: "1,234", and "1.234" wherever people
 * write so.  Nothing for other numbers, which do not tell how their writer groups.
 */
static size_t
group_sign(struct tt_str number, char out[4])
{
    struct tt_rune sign = {0, 0};
    size_t digits = 0, groups = 0;
    for (size_t pos = 0; pos <= number.len;) {
        struct tt_rune rune = tt_utf8_next(number, pos);
        if (rune.len && tt_char(rune.cp)->digit >= 0) {
            digits++;
            pos += rune.len;
            continue;
        }
        bool zero = groups == 0 && number.len > 0 && number.ptr[0] == '0';
        bool fits = groups == 0 ? digits >= 1 && digits <= 3 && !zero : digits == 3;
        if (!fits || (groups > 0 && rune.len && rune.cp != sign.cp)) {
            return 0;
        }
        sign = rune.len ? rune : sign;
        groups++;
        digits = 0;
        pos += rune.len ? rune.len : 1;
    }
    return groups > 1 ? tt_utf8_put(sign.cp, out) : 0;
}

/*
 * How a date or a time is written, in letters of our own; of the other types only the value counts.  Whether numbers are padded is left
 * out, because many values do not tell.
 */
static void
take_value(struct tt_str text, const struct tt_value *value, struct tt_unit *unit)
{
    const struct tt_value_form *form = &value->form;
    size_t n = 0;
    unit->value = true;
    unit->fold = tt_str_cstr(tt_value_name(value->type));
    if (value->type == TT_VALUE_NUMBER) {
        n = group_sign(tt_str_slice(text, value->offset, value->offset + value->length), unit->own);
    }
    if (value->type == TT_VALUE_DATE || value->type == TT_VALUE_TIME) {
        for (size_t i = 0; i < 2 && form->separator[i]; i++) {
            n += tt_utf8_put(form->separator[i], unit->own + n);
        }
        n += tt_utf8_put(form->zero ? form->zero : '0', unit->own + n);
        unit->own[n++] = (char) ('a' + form->order);
        unit->own[n++] = form->named ? form->abbreviated ? 'm' : 'M' : '-';
        unit->own[n++] = form->weekday ? 'w' : '-';
        unit->own[n++] = form->twelve ? 'p' : '-';
        unit->own[n++] = form->seconds ? 's' : '-';
    }
    unit->form = tt_str_make(unit->own, n);
}

static size_t
skip_flags(struct tt_str text, size_t pos, uint32_t flags)
{
    while (pos < text.len) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        if (!tt_char_is(rune.cp, flags)) {
            break;
        }
        pos += rune.len;
    }
    return pos;
}

static size_t
skip_marks(struct tt_str text, size_t pos)
{
    while (pos < text.len && (unsigned char) text.ptr[pos] >= 0x80) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        if (!tt_char_is_mark(rune.cp)) {
            break;
        }
        pos += rune.len;
    }
    return pos;
}

static struct tt_str
fold_rune(struct tt_rune rune, struct tt_unit *unit)
{
    uint32_t cp = tt_char_ascii(rune.cp);
    if (cp == 0) {
        cp = tt_char_compat(rune.cp);
        cp = cp == rune.cp ? tt_char_prototype(rune.cp) : cp;
    }
    return tt_str_make(unit->own, tt_utf8_put(cp, unit->own));
}

bool
tt_template_next(struct tt_str text, size_t *pos, struct tt_unit *unit)
{
    struct tt_value value;
    if (*pos >= text.len) {
        return false;
    }
    *unit = (struct tt_unit) {.offset = *pos};
    size_t at = skip_flags(text, *pos, TT_CHAR_IGNORABLE);
    if (at < text.len && at == *pos && may_begin_value(text, at) && tt_value_read(text, at, &value)) {
        unit->length = value.length;
        take_value(text, &value, unit);
        *pos += value.length;
        return true;
    }
    if (at < text.len) {
        struct tt_rune rune = tt_utf8_next(text, at);
        unit->blank = tt_char_is(rune.cp, TT_CHAR_SPACE);
        if (unit->blank) {
            at = skip_flags(text, at, TT_CHAR_SPACE);
            unit->fold = at < text.len ? TT_STR(" ") : TT_STR(""); /* behind a line's end it is no part of a sentence */
        } else {
            at = skip_marks(text, at + rune.len);
            unit->fold = fold_rune(rune, unit);
        }
    }
    unit->length = at - *pos;
    unit->form = tt_str_slice(text, *pos, at);
    *pos = at;
    return true;
}

/*
 * Most words fold to themselves and hold no value; they are taken as a whole.  A word goes the long way when it has a character that is not in
 * this table, or could be the name of a month, a weekday or a zone.
 */
enum { OTHER, SMALL, CAPITAL, SIGN };

static const uint8_t word_class[256] = {
    ['a'] = SMALL,   ['b'] = SMALL,   ['c'] = SMALL,   ['d'] = SMALL,   ['e'] = SMALL,   ['f'] = SMALL,   ['g'] = SMALL,
    ['h'] = SMALL,   ['i'] = SMALL,   ['j'] = SMALL,   ['k'] = SMALL,   ['l'] = SMALL,   ['m'] = SMALL,   ['n'] = SMALL,
    ['o'] = SMALL,   ['p'] = SMALL,   ['q'] = SMALL,   ['r'] = SMALL,   ['s'] = SMALL,   ['t'] = SMALL,   ['u'] = SMALL,
    ['v'] = SMALL,   ['w'] = SMALL,   ['x'] = SMALL,   ['y'] = SMALL,   ['z'] = SMALL,   ['A'] = CAPITAL, ['B'] = CAPITAL,
    ['C'] = CAPITAL, ['D'] = CAPITAL, ['E'] = CAPITAL, ['F'] = CAPITAL, ['G'] = CAPITAL, ['H'] = CAPITAL, ['I'] = CAPITAL,
    ['J'] = CAPITAL, ['K'] = CAPITAL, ['L'] = CAPITAL, ['M'] = CAPITAL, ['N'] = CAPITAL, ['O'] = CAPITAL, ['P'] = CAPITAL,
    ['Q'] = CAPITAL, ['R'] = CAPITAL, ['S'] = CAPITAL, ['T'] = CAPITAL, ['U'] = CAPITAL, ['V'] = CAPITAL, ['W'] = CAPITAL,
    ['X'] = CAPITAL, ['Y'] = CAPITAL, ['Z'] = CAPITAL, ['\''] = SIGN,   ['"'] = SIGN,    ['-'] = SIGN,    [','] = SIGN,
    [';'] = SIGN,    [':'] = SIGN,    ['.'] = SIGN,    ['!'] = SIGN,    ['?'] = SIGN,    ['('] = SIGN,    [')'] = SIGN,
    ['`'] = SIGN,    ['*'] = SIGN,
};

/* Does a name of a month or a weekday begin so, in any case? */
static bool
may_be_calendar(const char *p, size_t n)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdecmontuewedthufrisatsun";
    for (size_t i = 0; n >= 3 && i < sizeof(names) - 1; i += 3) {
        if (tt_ascii_lower(p[0]) == names[i] && tt_ascii_lower(p[1]) == names[i + 1] && tt_ascii_lower(p[2]) == names[i + 2]) {
            return true;
        }
    }
    return false;
}

/* Length of the plain word at pos with the one blank behind it, or 0. */
static size_t
plain_word(struct tt_str text, size_t pos)
{
    const unsigned char *p = (const unsigned char *) text.ptr + pos;
    size_t left = text.len - pos, n = 0, capitals = 0;
    while (n < left && word_class[p[n]] != OTHER) {
        capitals += word_class[p[n]] == CAPITAL;
        n++;
    }
    if (n == 0 || p[0] == '.' || (n < left && p[n] != ' ') || capitals > 1 || (capitals && may_be_calendar(text.ptr + pos, n))) {
        return 0;
    }
    if (n == left) {
        return n;
    }
    bool word_follows = n + 1 < left && p[n + 1] > ' ' && p[n + 1] < 0x7F;
    return word_follows ? n + 1 : n;
}

/* One unit, the long way.  Its form goes with its place, because plain words have none. */
static void
add_unit(const struct tt_unit *unit, struct tt_buf *fold, struct tt_buf *form)
{
    if (unit->value) {
        tt_buf_add_char(fold, '{');
    }
    if (unit->value || !tt_str_eq(unit->fold, unit->form)) {
        tt_buf_add_u64(form, fold->len);
        tt_buf_add_char(form, ' ');
        tt_buf_add(form, unit->form);
        tt_buf_add_char(form, '\n');
    }
    tt_buf_add(fold, unit->fold);
    if (unit->value) {
        tt_buf_add_char(fold, '}');
    }
}

/* Counts from the fold, so that equal templates are equally long, whatever their forms. */
static struct tt_template
count_words(struct tt_str fold)
{
    struct tt_template count = {0};
    bool in_word = false, in_value = false;
    for (size_t i = 0; i < fold.len; i++) {
        unsigned char c = (unsigned char) fold.ptr[i];
        if (c >= 'a' && c <= 'z' && !in_value) { /* most bytes */
            count.words += !in_word;
            count.letters++;
            in_word = true;
            continue;
        }
        in_value = c == '{' || (in_value && c != '}');
        bool letter = !in_value && (tt_ascii_is_alpha(c) || c >= 0xC0);
        count.letters += letter;
        count.words += letter && !in_word;
        in_word = letter || (in_word && c >= 0x80);
    }
    return count;
}

struct tt_template
tt_template_add(struct tt_str text, struct tt_buf *fold, struct tt_buf *form)
{
    struct tt_unit unit;
    size_t pos = 0, plain = 0; /* words from there on are to be added, all at once */
    bool word_starts = true;
    while (pos < text.len) {
        size_t n = word_starts ? plain_word(text, pos) : 0;
        if (n > 0) {
            pos += n;
            word_starts = text.ptr[pos - 1] == ' ';
            continue;
        }
        tt_buf_add(fold, tt_str_slice(text, plain, pos));
        tt_template_next(text, &pos, &unit);
        add_unit(&unit, fold, form);
        word_starts = unit.blank;
        plain = pos;
    }
    tt_buf_add(fold, tt_str_slice(text, plain, pos));
    return count_words(tt_buf_str(fold));
}
