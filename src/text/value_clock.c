/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dates with names or CJK signs, times of day and time zones.  Numeric dates are date.c's.
 *
 * Input: the first digit, sign or letter at pos.  Output: the value and its form.  Each form is a row of parts that is read from
 * left to right without going back, so the work is that of the surface.  ISO 8601 and RFC 3339 offsets; names of value_name.c.
 */
#include "text/char.h"
#include "text/date.h"
#include "text/utf8.h"
#include "text/value_parts.h"

/* A number of a date or time at *pos, with at most max digits. */
static bool
number(struct tt_str text, size_t *pos, int max, struct tt_value *out, int *value, int *digits)
{
    size_t at = *pos;
    uint64_t read;
    if (!tt_value_digits(text, &at, max, &read, digits, &out->form)) {
        return false;
    }
    *value = (int) read;
    *pos = at;
    return true;
}

static bool
is_blank(uint32_t cp)
{
    return cp == ' ' || cp == 0xA0 || cp == 0x202F || cp == 0x2009;
}

static size_t
skip_blank(struct tt_str text, size_t pos)
{
    struct tt_rune rune = tt_utf8_next(text, pos);
    return rune.len && is_blank(rune.cp) ? pos + rune.len : pos;
}

static size_t
skip_byte(struct tt_str text, size_t pos, char c)
{
    return pos < text.len && text.ptr[pos] == c ? pos + 1 : pos;
}

/* What a number below ten shows of its padding. */
static uint8_t
padding_of(int value, int digits)
{
    return value > 9 ? TT_VALUE_PADDING_UNKNOWN : digits > 1 ? TT_VALUE_PADDED : TT_VALUE_BARE;
}

static bool
set_date(struct tt_value *out, size_t end)
{
    out->type = TT_VALUE_DATE;
    out->length = end - out->offset;
    out->exact = out->year > 0 && out->day > 0;
    return out->month >= 1 && out->month <= 12 && out->day <= 31;
}

static bool
read_numeric(struct tt_str text, size_t pos, struct tt_value *out)
{
    struct tt_date date;
    int digits;
    uint64_t value;
    if (!tt_date_read(text, pos, &date) || date.offset != pos) {
        return false;
    }
    *out = (struct tt_value) {.offset = pos, .year = date.year, .month = date.month, .day = date.day};
    out->form.separator[0] = date.separator[0];
    out->form.separator[1] = date.separator[1];
    out->form.order = date.order == TT_DATE_YMD ? TT_VALUE_YMD : date.order == TT_DATE_DMY ? TT_VALUE_DMY : TT_VALUE_MDY;
    bool small = date.month < 10 || date.day < 10;
    out->form.padding = !small ? TT_VALUE_PADDING_UNKNOWN : date.padded ? TT_VALUE_PADDED : TT_VALUE_BARE;
    (void) tt_value_digits(text, &pos, 4, &value, &digits, &out->form);
    bool twofold = date.order == TT_DATE_DMY && date.separator[0] != '.' && date.day <= 12 && date.day != date.month;
    bool valid = set_date(out, out->offset + date.length);
    out->exact = valid && !twofold; /* 5/9 is May or September */
    return valid;
}

/* The sign of a year, month or day (0, 1, 2) in Chinese and Japanese, or in Korean. */
static bool
is_unit(uint32_t cp, int unit)
{
    static const uint32_t han[] = {0x5E74, 0x6708, 0x65E5}, hangul[] = {0xB144, 0xC6D4, 0xC77C};
    return cp == han[unit] || cp == hangul[unit];
}

/* Year, month and day, or month and day, each with its sign. */
static bool
read_cjk(struct tt_str text, size_t pos, struct tt_value *out)
{
    int *const parts[] = {&out->year, &out->month, &out->day};
    size_t at = pos, end = pos;
    for (int unit = 0; unit < 3; unit++) {
        int value, digits;
        size_t next = at;
        if (!number(text, &next, unit == 0 ? 4 : 2, out, &value, &digits)) {
            break;
        }
        struct tt_rune sign = tt_utf8_next(text, next);
        if (unit == 0 && is_unit(sign.cp, 1)) {
            unit = 1;
        }
        if (!is_unit(sign.cp, unit)) {
            break;
        }
        *parts[unit] = value;
        out->form.padding = unit > 0 && value < 10 ? padding_of(value, digits) : out->form.padding;
        out->form.separator[unit < 2 ? unit : 1] = unit < 2 ? sign.cp : out->form.separator[1];
        end = next + sign.len;
        at = skip_blank(text, end);
    }
    return out->day > 0 && set_date(out, end);
}

/* A month's name at *pos; with strict, only in the case of a name. */
static bool
read_month(struct tt_str text, size_t *pos, bool strict, struct tt_value *out)
{
    struct tt_str word = tt_value_word(text, *pos);
    if (word.len < 3 || (strict && tt_ascii_lower((unsigned char) word.ptr[0]) == word.ptr[0])) {
        return false;
    }
    out->month = tt_value_month(word, &out->form.abbreviated);
    out->form.named = true;
    *pos += word.len;
    return out->month > 0;
}

/* Four digits that a word or a colon does not go on behind. */
static bool
read_year(struct tt_str text, size_t *pos, struct tt_value *out)
{
    size_t at = *pos;
    int year, digits;
    if (!number(text, &at, 4, out, &year, &digits) || digits != 4 || tt_value_byte(text, at) == ':') {
        return false;
    }
    out->year = year;
    *pos = at;
    return true;
}

/* st, nd, rd, th. */
static size_t
skip_ordinal(struct tt_str text, size_t pos)
{
    static const char *const endings[] = {"st", "nd", "rd", "th"};
    for (size_t i = 0; i < 4; i++) {
        struct tt_str rest = tt_str_slice(text, pos, text.len);
        if (tt_str_starts(rest, tt_str_cstr(endings[i])) && !tt_ascii_is_alnum(tt_value_byte(text, pos + 2))) {
            return pos + 2;
        }
    }
    return pos;
}

/* "9 May 2026", "9. Mai 2026", "09-May-2026", "9 de mayo de 2026", "9 May". */
static bool
read_day_first(struct tt_str text, size_t pos, struct tt_value *out)
{
    int digits;
    size_t at = pos;
    if (!number(text, &at, 2, out, &out->day, &digits) || out->day < 1) {
        return false;
    }
    out->form.padding = padding_of(out->day, digits);
    out->form.order = TT_VALUE_DMY;
    at = skip_byte(text, skip_ordinal(text, at), '.');
    struct tt_rune sign = tt_utf8_next(text, at);
    if (!is_blank(sign.cp) && sign.cp != '-' && sign.cp != '/') {
        return false;
    }
    out->form.separator[0] = sign.cp;
    at += sign.len;
    at += tt_str_starts(tt_str_slice(text, at, text.len), TT_STR("de ")) ? 3 : 0;
    size_t name = at;
    if (!read_month(text, &at, false, out)) {
        return false;
    }
    size_t end = at;
    at = skip_byte(text, skip_byte(text, at, '.'), ',');
    sign = tt_utf8_next(text, at);
    size_t year = at + sign.len;
    year += tt_str_starts(tt_str_slice(text, year, text.len), TT_STR("de ")) ? 3 : 0;
    bool joined = is_blank(sign.cp) || sign.cp == '-' || sign.cp == '/';
    if (joined && read_year(text, &year, out)) {
        out->form.separator[1] = sign.cp;
        end = year;
    }
    /* Without a year only a capital tells a name from a word: "1 may". */
    bool sure = out->year > 0 || tt_ascii_lower((unsigned char) text.ptr[name]) != text.ptr[name];
    return sure && set_date(out, end);
}

/* "May 9, 2026", "May  9", "May 9th 2026", "May 2026". */
static bool
read_month_first(struct tt_str text, size_t pos, struct tt_value *out)
{
    int digits;
    size_t at = pos;
    if (!read_month(text, &at, true, out)) {
        return false;
    }
    out->form.order = TT_VALUE_MDY;
    at = skip_byte(text, at, '.');
    size_t day = skip_blank(text, skip_blank(text, at));
    if (day == at) {
        return false;
    }
    at = day;
    if (read_year(text, &at, out)) {
        return set_date(out, at);
    }
    if (!number(text, &at, 2, out, &out->day, &digits) || out->day < 1) {
        return false;
    }
    out->form.padding = padding_of(out->day, digits);
    at = skip_ordinal(text, at);
    if (tt_value_byte(text, at) == ':') {
        return false; /* a time behind a month */
    }
    size_t end = at;
    size_t year = skip_blank(text, skip_byte(text, at, ','));
    if (year > at && read_year(text, &year, out)) {
        out->form.separator[1] = (unsigned char) text.ptr[at];
        end = year;
    }
    return set_date(out, end);
}

/* A date that begins with a number. */
static bool
read_number_date(struct tt_str text, size_t pos, struct tt_value *out)
{
    const struct tt_value empty = *out;
    if (read_numeric(text, pos, out)) {
        return true;
    }
    *out = empty;
    if (read_cjk(text, pos, out)) {
        return true;
    }
    *out = empty;
    return read_day_first(text, pos, out);
}

bool
tt_value_read_date(struct tt_str text, size_t pos, struct tt_value *out)
{
    unsigned char first = tt_value_byte(text, pos);
    if (!tt_ascii_is_alpha(first)) {
        return read_number_date(text, pos, out);
    }
    if (tt_ascii_lower(first) == first) {
        return false; /* nearly every word ends the question here */
    }
    struct tt_str word = tt_value_word(text, pos);
    if (word.len < 3 || tt_value_weekday(word) == 0) {
        return read_month_first(text, pos, out);
    }
    size_t comma = skip_byte(text, skip_byte(text, pos + word.len, '.'), ',');
    size_t at = skip_blank(text, comma);
    struct tt_value date = {.offset = at};
    bool named = tt_ascii_is_alpha(tt_value_byte(text, at));
    if (at == comma || !(named ? read_month_first : read_number_date)(text, at, &date)) {
        return false;
    }
    *out = date;
    out->offset = pos;
    out->length += at - pos;
    out->form.weekday = true;
    return true;
}

/* "am", "PM", "a.m." at *pos behind an optional blank; 'a', 'p', or 0. */
static int
read_half(struct tt_str text, size_t *pos, struct tt_value *out)
{
    size_t at = skip_blank(text, *pos);
    int half = tt_ascii_lower(tt_value_byte(text, at));
    size_t m = skip_byte(text, at + 1, '.');
    if ((half != 'a' && half != 'p') || tt_ascii_lower(tt_value_byte(text, m)) != 'm' ||
        tt_ascii_is_alnum(tt_value_byte(text, m + 1))) {
        return 0;
    }
    out->form.twelve = true;
    out->form.separator[1] = at > *pos ? tt_utf8_next(text, *pos).cp : 0;
    *pos = m > at + 1 ? skip_byte(text, m + 1, '.') : m + 1;
    return half;
}

/* The fraction of a second behind its sign: nine digits count. */
static void
read_fraction(struct tt_str text, size_t *pos, struct tt_value *out)
{
    size_t at = *pos + 1;
    int nanos = 0, digits = 0;
    unsigned char sign = tt_value_byte(text, *pos);
    if (sign != '.' && sign != ',') {
        return;
    }
    for (; tt_ascii_is_digit(tt_value_byte(text, at)) && digits < 18; digits++, at++) {
        nanos = digits < 9 ? nanos * 10 + (text.ptr[at] - '0') : nanos;
    }
    for (int i = digits; i < 9 && digits > 0; i++) {
        nanos *= 10;
    }
    out->nanos = nanos;
    *pos = digits > 0 ? at : *pos;
}

/* Two digits behind a colon or its look-alike at *pos. */
static bool
read_sixtieth(struct tt_str text, size_t *pos, struct tt_value *out, int *value)
{
    int digits;
    struct tt_rune colon = tt_utf8_next(text, *pos);
    size_t at = *pos + colon.len;
    if (!tt_char_is(colon.cp, TT_CHAR_COLON) || !number(text, &at, 2, out, value, &digits) || digits != 2 || *value > 59) {
        return false;
    }
    out->form.separator[0] = colon.cp;
    *pos = at;
    return true;
}

bool
tt_value_read_time(struct tt_str text, size_t pos, struct tt_value *out)
{
    int digits;
    size_t at = pos;
    if (tt_char_is(tt_utf8_prev(text, pos).cp, TT_CHAR_COLON) || !number(text, &at, 2, out, &out->hour, &digits)) {
        return false;
    }
    out->form.padding = padding_of(out->hour, digits);
    bool minutes = read_sixtieth(text, &at, out, &out->minute);
    if (minutes && read_sixtieth(text, &at, out, &out->second)) {
        out->form.seconds = true;
        read_fraction(text, &at, out);
    }
    int half = read_half(text, &at, out);
    if (half ? out->hour < 1 || out->hour > 12 : !minutes || out->hour > 24) {
        return false;
    }
    out->hour = half ? out->hour % 12 + (half == 'p' ? 12 : 0) : out->hour;
    out->type = TT_VALUE_TIME;
    out->length = at - pos;
    out->exact = true;
    return !tt_char_is(tt_utf8_next(text, at).cp, TT_CHAR_COLON) || !tt_ascii_is_digit(tt_value_byte(text, at + 1));
}

/* Does a time end at pos, or one blank before it? */
static bool
is_behind_time(struct tt_str text, size_t pos)
{
    pos -= tt_value_byte(text, pos - 1) == ' ' ? 1 : 0;
    size_t at = pos;
    while (pos - at < 20 && at > 0 && (tt_ascii_is_digit(text.ptr[at - 1]) || text.ptr[at - 1] == '.')) {
        at--;
    }
    return at > 0 && at < pos && text.ptr[at - 1] == ':';
}

/* "+02:00", "-0700", "+2" at *pos: minutes.  loose allows what is an offset only behind UTC or a time. */
static bool
read_offset(struct tt_str text, size_t *pos, bool loose, struct tt_value *out)
{
    size_t at = *pos + 1;
    int hours, minutes = 0, digits;
    unsigned char sign = tt_value_byte(text, *pos);
    if ((sign != '+' && sign != '-') || !number(text, &at, 4, out, &hours, &digits)) {
        return false;
    }
    if (digits > 2) {
        minutes = hours % 100;
        hours /= 100;
    }
    bool colon = digits <= 2 && read_sixtieth(text, &at, out, &minutes);
    bool written = colon ? digits == 2 : loose && digits != 3;
    if (!written || hours > 14 || minutes % 15 != 0 || tt_ascii_is_alnum(tt_value_byte(text, at))) {
        return false;
    }
    out->zone = (hours * 60 + minutes) * (sign == '-' ? -1 : 1);
    *pos = at;
    return true;
}

/* The rest of a name of the time zone database behind its region: at most two more parts. */
static size_t
read_city(struct tt_str text, size_t pos)
{
    size_t end = pos;
    for (int part = 0; part < 2; part++) {
        size_t at = end + (part > 0 && tt_value_byte(text, end) == '/' ? 1 : 0);
        if ((part > 0 && at == end) || !tt_ascii_is_alpha(tt_value_byte(text, at)) ||
            tt_ascii_lower(text.ptr[at]) == text.ptr[at]) {
            break;
        }
        while (tt_ascii_is_alnum(tt_value_byte(text, at)) || (at < text.len && memchr("_+-", text.ptr[at], 3))) {
            at++;
        }
        end = at;
    }
    return end;
}

static bool
set_zone(struct tt_value *out, size_t end, bool exact)
{
    out->type = TT_VALUE_ZONE;
    out->length = end - out->offset;
    out->exact = exact;
    return true;
}

static bool
read_zone_word(struct tt_str text, size_t pos, struct tt_value *out)
{
    bool exact;
    unsigned char second = tt_value_byte(text, pos + 1);
    if (tt_ascii_lower(second) == second) {
        return false;
    }
    struct tt_str word = tt_value_word(text, pos);
    size_t end = pos + word.len;
    if (!tt_value_zone_name(word, &out->zone, &exact) || tt_ascii_is_digit(tt_value_byte(text, end))) {
        return false;
    }
    out->form.named = out->form.abbreviated = true;
    if (tt_str_eq(word, TT_STR("UTC")) || tt_str_eq(word, TT_STR("GMT"))) {
        (void) read_offset(text, &end, true, out);
    }
    return set_zone(out, end, exact);
}

bool
tt_value_read_zone(struct tt_str text, size_t pos, struct tt_value *out)
{
    unsigned char c = tt_value_byte(text, pos);
    size_t end = pos;
    if (c == '+' || c == '-') {
        return read_offset(text, &end, is_behind_time(text, pos), out) && set_zone(out, end, true);
    }
    if (c == 'Z' && is_behind_time(text, pos) && !tt_ascii_is_alnum(tt_value_byte(text, pos + 1))) {
        out->form.named = out->form.abbreviated = true;
        return set_zone(out, pos + 1, true);
    }
    if (tt_ascii_lower(c) == c) {
        return false; /* nearly every word ends the question here */
    }
    size_t region = tt_value_zone_region(tt_str_slice(text, pos, text.len));
    if (region > 0) {
        end = read_city(text, pos + region);
        out->form.named = true;
        return end > pos + region && set_zone(out, end, false);
    }
    return read_zone_word(text, pos, out);
}
