/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers: digits of any script, groups, a fraction, an exponent.
 *
 * Input: a digit or a sign at pos.  Output: the value where writing leaves no doubt; "1,234" is read as a group only beside a
 * second group or a fraction, since half of the world writes fractions so.  Bounded by PARTS parts of PART_DIGITS digits.
 */
#include "text/char.h"
#include "text/utf8.h"
#include "text/value_parts.h"

#define PARTS 8        /* groups of digits */
#define PART_DIGITS 40 /* digits of one */
#define EXACT_DIGITS 18

struct part {
    uint32_t separator; /* before it; 0 for the first */
    uint64_t value;
    int digits;
    size_t end;
    struct tt_value_form form;
};

struct parts {
    struct part part[PARTS];
    int n;
};

static bool
is_separator(uint32_t cp)
{
    static const uint32_t separators[] = {',', '.', '\'', '_', 0xA0, 0x66B, 0x66C, 0x2009, 0x2019, 0x202F};
    for (size_t i = 0; i < sizeof(separators) / sizeof(*separators); i++) {
        if (cp == separators[i]) {
            return true;
        }
    }
    return false;
}

/* Reads digits, and digits behind separators. */
static bool
read_parts(struct tt_str text, size_t pos, struct parts *parts)
{
    struct tt_value_form form = {0};
    uint32_t separator = 0;
    for (parts->n = 0; parts->n < PARTS; parts->n++) {
        struct part *part = &parts->part[parts->n];
        *part = (struct part) {.separator = separator};
        if (!tt_value_digits(text, &pos, PART_DIGITS, &part->value, &part->digits, &form)) {
            break;
        }
        part->end = pos;
        part->form = form;
        struct tt_rune rune = tt_utf8_next(text, pos);
        separator = rune.cp;
        pos += rune.len;
        if (!is_separator(separator)) {
            parts->n++;
            break;
        }
    }
    return parts->n > 0;
}

/* How many parts from the first on are groups of one number: three digits each, or two before a last three as in India. */
static int
count_groups(const struct parts *parts)
{
    uint32_t separator = parts->n > 1 ? parts->part[1].separator : 0;
    int n = 1, threes = 1;
    while (n < parts->n && parts->part[n].separator == separator && (parts->part[n].digits == 3 || parts->part[n].digits == 2)) {
        n++;
        if (parts->part[n - 1].digits == 3) {
            threes = n;
        }
    }
    return parts->part[0].digits <= 3 && separator != 0x66B ? threes : 1;
}

static bool
is_fraction_sign(uint32_t cp)
{
    return cp == '.' || cp == ',' || cp == 0x66B;
}

/* Adds the digits of a part; false when they are too many to be exact. */
static bool
append(struct tt_value *out, const struct part *part, int *digits)
{
    *digits += part->digits;
    if (*digits > EXACT_DIGITS) {
        return false;
    }
    for (int i = 0; i < part->digits; i++) {
        out->number *= 10;
    }
    out->number += (int64_t) part->value;
    return true;
}

static void
strip_zeros(struct tt_value *out)
{
    while (out->number != 0 && out->number % 10 == 0) {
        out->number /= 10;
        out->scale++;
    }
    out->scale = out->number == 0 ? 0 : out->scale;
}

/* Takes the groups and the fraction, and says how many parts that were. */
static int
take_parts(const struct parts *parts, struct tt_value *out)
{
    int groups = count_groups(parts);
    int taken = groups, digits = 0;
    const struct part *last = taken < parts->n ? &parts->part[taken] : NULL;
    bool fraction = last && is_fraction_sign(last->separator) && (groups == 1 || last->separator != parts->part[1].separator);
    bool list = groups == 1 && parts->n > 2 && fraction && parts->part[2].separator == last->separator; /* 1,2,3 */
    if (fraction && !list) {
        taken++;
        out->form.separator[1] = last->separator;
    }
    bool doubtful = (groups == 2 && taken == 2 && is_fraction_sign(parts->part[1].separator)) ||
                    (groups == 1 && taken == 2 && last->separator == ',');
    out->form.separator[0] = groups > 1 ? parts->part[1].separator : 0;
    out->exact = !doubtful;
    for (int i = 0; i < taken; i++) {
        out->exact = append(out, &parts->part[i], &digits) && out->exact;
    }
    out->scale = taken > groups ? -parts->part[groups].digits : 0;
    return taken;
}

/* "e23", "E-5" at pos: its length, or 0. */
static size_t
read_exponent(struct tt_str text, size_t pos, int *exponent)
{
    size_t at = pos + 1;
    uint64_t value;
    int digits;
    struct tt_value_form form = {0};
    unsigned char sign = tt_value_byte(text, at);
    if (tt_ascii_lower(tt_value_byte(text, pos)) != 'e') {
        return 0;
    }
    at += sign == '-' || sign == '+';
    if (!tt_value_digits(text, &at, 3, &value, &digits, &form) || tt_ascii_is_alnum(tt_value_byte(text, at))) {
        return 0;
    }
    *exponent = sign == '-' ? -(int) value : (int) value;
    return at - pos;
}

/* A sign belongs to a number where nothing stands that it could be a hyphen of, or the sign of a sum. */
static bool
is_free(struct tt_str text, size_t pos)
{
    unsigned char before = tt_value_byte(text, pos - 1);
    return pos == 0 || (before < 0x80 && strchr(" \t\n([{=:,|\"'", before));
}

bool
tt_value_read_number(struct tt_str text, size_t pos, struct tt_value *out)
{
    struct parts parts;
    size_t at = pos;
    int exponent = 0;
    bool minus = tt_value_byte(text, pos) == '-';
    if (minus || tt_value_byte(text, pos) == '+') {
        if (!is_free(text, pos)) {
            return false;
        }
        at++;
    }
    if (!read_parts(text, at, &parts)) {
        return false;
    }
    const struct part *last = &parts.part[take_parts(&parts, out) - 1];
    out->form.zero = last->form.zero;
    out->form.mixed_digits = last->form.mixed_digits;
    size_t end = last->end + read_exponent(text, last->end, &exponent);
    out->scale += exponent;
    out->number = minus ? -out->number : out->number;
    strip_zeros(out);
    out->type = TT_VALUE_NUMBER;
    out->length = end - pos;
    return true;
}
