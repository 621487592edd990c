/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numeric dates: three groups of digits with two separators, read from the middle.
 *
 * Input: any bytes and the position of a digit or separator.  Output: the value and the surface, by value.  Owns nothing.
 * Invariants: at most TOKEN_MAX characters before pos are looked at to find where the token starts, and at most
 * ADJOINING_MAX behind each end; so the work does not depend on the text's length.  What looks like a version, path,
 * address or longer number is no date.
 */
#include "text/date.h"

#include "text/char.h"
#include "text/utf8.h"

#define TOKEN_MAX 10    /* characters of the longest date */
#define ADJOINING_MAX 8 /* separators in a row at an end of the token that are looked past; more make a rule or a table */

struct group {
    uint32_t value;
    int digits;
};

/* The value of a digit in any script, or -1.  Logs have a date in each line, so ASCII is told without a look at the tables. */
static int
digit_of(struct tt_rune rune)
{
    if (rune.cp < 0x80) {
        return rune.len && tt_ascii_is_digit((int) rune.cp) ? (int) rune.cp - '0' : -1;
    }
    return tt_char(rune.cp)->digit;
}

static bool
is_digit(struct tt_rune rune)
{
    return digit_of(rune) >= 0;
}

static bool
is_separator(struct tt_rune rune)
{
    if (rune.cp < 0x80) {
        return rune.cp == '-' || rune.cp == '/' || rune.cp == '.';
    }
    return rune.len && tt_char_is(rune.cp, TT_CHAR_HYPHEN | TT_CHAR_SLASH);
}

/* A letter, digit or underscore: what names and paths are made of. */
static bool
is_word(struct tt_rune rune)
{
    if (rune.cp < 0x80) {
        return rune.cp == '_' || tt_ascii_is_alnum((int) rune.cp);
    }
    return rune.len && (is_digit(rune) || tt_char_is_letter(rune.cp));
}

static bool
is_ascii_word(struct tt_rune rune)
{
    return rune.cp < 0x80 && is_word(rune);
}

/*
 * Start of the chain of digits and single separators that reaches pos.  False when it begins with a separator or is longer
 * than a date.
 */
static bool
find_start(struct tt_str text, size_t pos, size_t *start)
{
    struct tt_rune here = tt_utf8_next(text, pos);
    if (!is_digit(here) && !is_separator(here)) {
        return false;
    }
    for (int steps = 0; steps < TOKEN_MAX; steps++) {
        struct tt_rune before = tt_utf8_prev(text, pos);
        if (is_digit(here) ? !is_digit(before) && !is_separator(before) : !is_digit(before)) {
            break;
        }
        if (is_separator(before) && !is_digit(tt_utf8_prev(text, pos - before.len))) {
            break; /* adjoins the chain from outside */
        }
        pos -= before.len;
        here = before;
    }
    *start = pos;
    return is_digit(here) && !is_digit(tt_utf8_prev(text, pos));
}

/* Reads one to four digits of the script whose zero is *zero (0: not known yet) at *pos. */
static bool
read_group(struct tt_str text, size_t *pos, uint32_t *zero, struct group *group)
{
    *group = (struct group) {0, 0};
    struct tt_rune rune = tt_utf8_next(text, *pos);
    for (; is_digit(rune); rune = tt_utf8_next(text, *pos)) {
        uint32_t digit = (uint32_t) digit_of(rune);
        if (group->digits == 4 || (*zero && rune.cp - digit != *zero)) {
            return false;
        }
        *zero = rune.cp - digit;
        group->value = group->value * 10 + digit;
        group->digits++;
        *pos += rune.len;
    }
    return group->digits > 0;
}

static int
days_in_month(int year, int month)
{
    static const signed char days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

/* The value, once it is known which group is what.  False when there is no such day. */
static bool
set_value(struct tt_date *out, struct group year, struct group month, struct group day)
{
    if (month.digits > 2 || day.digits > 2 || year.value == 0 || month.value < 1 || month.value > 12 || day.value < 1) {
        return false;
    }
    out->year = (int) year.value;
    out->month = (int) month.value;
    out->day = (int) day.value;
    out->padded = month.digits == 2 && day.digits == 2;
    return out->day <= days_in_month(out->year, out->month);
}

static bool
set_groups(struct tt_date *out, const struct group g[3])
{
    if (g[0].digits == 4) {
        out->order = TT_DATE_YMD;
        return set_value(out, g[0], g[1], g[2]);
    }
    if (g[2].digits != 4) {
        return false;
    }
    out->order = g[1].value > 12 ? TT_DATE_MDY : TT_DATE_DMY;
    return out->order == TT_DATE_MDY ? set_value(out, g[2], g[0], g[1]) : set_value(out, g[2], g[1], g[0]);
}

/* A separator that could join path parts: those that are letters (some scripts have look-alikes) join nothing. */
static bool
is_joint(struct tt_rune rune)
{
    return is_separator(rune) && !tt_char_is_letter(rune.cp);
}

/* Do separators adjoin the token's end with a word beyond them?  Then it is part of a path, a version or a name. */
static bool
goes_on_behind(struct tt_str text, size_t end)
{
    struct tt_rune rune = tt_utf8_next(text, end);
    bool joined = false;
    for (int i = 0; i < ADJOINING_MAX && is_joint(rune); i++) {
        joined = true;
        end += rune.len;
        rune = tt_utf8_next(text, end);
    }
    return is_digit(rune) || (joined && is_word(rune));
}

static bool
goes_on_before(struct tt_str text, size_t start)
{
    struct tt_rune rune = tt_utf8_prev(text, start);
    bool joined = false;
    for (int i = 0; i < ADJOINING_MAX && is_joint(rune); i++) {
        joined = true;
        start -= rune.len;
        rune = tt_utf8_prev(text, start);
    }
    return joined && is_word(rune);
}

/* Dots join version numbers too, so letters that touch a dotted date rule it out: v2026.5.9, 2026.5.9rc1. */
static bool
is_version(struct tt_str text, const struct tt_date *date)
{
    if (date->separator[0] != '.' || date->separator[1] != '.') {
        return false;
    }
    struct tt_rune behind = tt_utf8_next(text, date->offset + date->length);
    return is_ascii_word(tt_utf8_prev(text, date->offset)) || (behind.cp != 'T' && is_ascii_word(behind));
}

/* Reads the three groups and two separators from start on. */
static bool
read_token(struct tt_str text, size_t start, struct tt_date *out)
{
    struct group groups[3];
    uint32_t zero = 0;
    size_t pos = start;
    for (int i = 0; i < 3; i++) {
        if (!read_group(text, &pos, &zero, &groups[i])) {
            return false;
        }
        if (i < 2) {
            struct tt_rune rune = tt_utf8_next(text, pos);
            if (!is_separator(rune)) {
                return false;
            }
            out->separator[i] = rune.cp;
            out->separator_at[i] = pos;
            pos += rune.len;
        }
    }
    out->offset = start;
    out->length = pos - start;
    out->ascii_digits = zero == '0';
    return set_groups(out, groups);
}

/* The start of the character that byte pos belongs to. */
static size_t
align_to_character(struct tt_str text, size_t pos)
{
    for (int back = 0; back < 3 && pos > 0 && pos < text.len && ((unsigned char) text.ptr[pos] & 0xC0) == 0x80; back++) {
        pos--;
    }
    return pos;
}

/* How many ASCII digits stand at pos and behind it, up to five. */
static size_t
count_digits(struct tt_str text, size_t pos)
{
    size_t n = 0;
    while (n < 5 && pos + n < text.len && tt_ascii_is_digit((unsigned char) text.ptr[pos + n])) {
        n++;
    }
    return n;
}

static bool
is_ascii_separator(struct tt_str text, size_t pos)
{
    return pos < text.len && (text.ptr[pos] == '-' || text.ptr[pos] == '/' || text.ptr[pos] == '.');
}

/*
 * Do two groups follow the one that ends at pos, all in ASCII, without a year among the outer ones?  Versions and addresses are met more often
 * than dates.  If pos is in a later group of its chain, this has four and is no date either.
 */
static bool
is_yearless(struct tt_str text, size_t pos)
{
    size_t before = 0;
    while (before < 5 && before <= pos && tt_ascii_is_digit((unsigned char) text.ptr[pos - before])) {
        before++;
    }
    size_t middle = before > 0 && is_ascii_separator(text, pos + 1) ? count_digits(text, pos + 2) : 0;
    size_t last = middle > 0 && is_ascii_separator(text, pos + 2 + middle) ? count_digits(text, pos + 3 + middle) : 0;
    return last > 0 && last != 4 && before != 4;
}

bool
tt_date_read(struct tt_str text, size_t pos, struct tt_date *out)
{
    struct tt_date date = {0};
    size_t start;
    if (pos < text.len && is_yearless(text, pos)) {
        return false;
    }
    if (!find_start(text, align_to_character(text, pos), &start) || !read_token(text, start, &date)) {
        return false;
    }
    if (pos >= date.offset + date.length || goes_on_before(text, date.offset) ||
        goes_on_behind(text, date.offset + date.length) || is_version(text, &date)) {
        return false;
    }
    *out = date;
    return true;
}
