/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One escape at one place: backslash forms, percent encoding (RFC 3986, section 2.1), character references of HTML.
 *
 * Input: raw text and the place of a sign that begins an escape.  Output: the character, by value.  Each reader looks at a
 * bounded number of bytes.  Where the text ends before it is decided, cut is set.
 */
#include "text/escape_parts.h"
#include "text/utf8.h"

#define REPLACEMENT 0xFFFD
#define BACKSLASHES_MAX 16 /* of one escape: four documents around the one that wrote it */
#define NAME_MAX 24        /* letters of the longest entity */

/* Digits of a base up to 16 from pos on, at least least and at most most.  -1 when there are fewer, with *cut if the text ends. */
static int32_t
read_digits(struct tt_str raw, size_t *pos, int base, int least, int most, bool *cut)
{
    int32_t value = 0;
    int n = 0;
    while (n < most) {
        if (*pos >= raw.len) {
            *cut = true;
            return n >= least && least != most ? value : -1;
        }
        int digit = tt_ascii_hex((unsigned char) raw.ptr[*pos]);
        if (digit < 0 || digit >= base) {
            break;
        }
        value = value * base + digit;
        n++;
        *pos += 1;
    }
    return n >= least ? value : -1;
}

static struct tt_escape
escape_of(enum tt_escape_form form, size_t length, uint32_t cp)
{
    char text[4];
    return (struct tt_escape) {.form = form, .length = length, .cp = cp, .text = tt_utf8_put(cp, text)};
}

static struct tt_escape
no_escape(bool cut)
{
    return (struct tt_escape) {.cut = cut};
}

static bool
is_scalar(int32_t cp)
{
    return cp >= 0 && cp <= 0x10FFFF && (cp < 0xD800 || cp > 0xDFFF);
}

/* What may stand for itself as an escape: no control, whose escape is how everybody writes it. */
static bool
is_shown(int32_t cp)
{
    return is_scalar(cp) && cp >= 0x20 && (cp < 0x7F || cp >= 0xA0);
}

/* A reader of one byte at *pos, in one notation; -1 when there is none. */
typedef int byte_fn(struct tt_str raw, size_t *pos, bool *cut);

/* The character whose UTF-8 is written byte by byte from *pos on, the first being first; -1 when it is not complete. */
static int32_t
read_bytes(struct tt_str raw, size_t *pos, int first, byte_fn *next, bool *cut)
{
    char bytes[4] = {(char) first};
    size_t at = *pos, n = 1;
    size_t need = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4) {
        return -1;
    }
    for (; n < need; n++) {
        int byte = next(raw, &at, cut);
        if (byte < 0) {
            return -1;
        }
        bytes[n] = (char) byte;
    }
    struct tt_rune rune = tt_utf8_next(tt_str_make(bytes, n), 0);
    if (rune.len != n) {
        return -1;
    }
    *pos = at;
    return (int32_t) rune.cp;
}

/* ---- backslashes ---- */

/* Passes the backslashes at *pos; the letter behind them, 0 when there is none. */
static unsigned char
pass_backslashes(struct tt_str raw, size_t *pos, bool *cut)
{
    size_t at = *pos;
    while (at < raw.len && at - *pos < BACKSLASHES_MAX && raw.ptr[at] == '\\') {
        at++;
    }
    if (at >= raw.len) {
        *cut = true;
        return 0;
    }
    bool any = at > *pos;
    *pos = at + 1;
    return any ? (unsigned char) raw.ptr[at] : 0;
}

/* A UTF-16 unit \uXXXX at *pos, or -1. */
static int32_t
read_unit(struct tt_str raw, size_t *pos, bool *cut)
{
    size_t at = *pos;
    if (pass_backslashes(raw, &at, cut) != 'u') {
        return -1;
    }
    int32_t unit = read_digits(raw, &at, 16, 4, 4, cut);
    *pos = unit < 0 ? *pos : at;
    return unit;
}

/* \uXXXX and its second half, if it is a surrogate; \u{X...} otherwise. */
static struct tt_escape
read_u(struct tt_str raw, size_t pos, size_t digits)
{
    bool cut = false;
    size_t at = pos;
    if (digits < raw.len && raw.ptr[digits] == '{') {
        at = digits + 1;
        int32_t cp = read_digits(raw, &at, 16, 1, 6, &cut);
        bool closed = at < raw.len && raw.ptr[at] == '}';
        return closed && is_scalar(cp) ? escape_of(TT_ESCAPE_UNICODE, at + 1 - pos, (uint32_t) cp) : no_escape(at >= raw.len);
    }
    int32_t high = read_unit(raw, &at, &cut);
    if (high < 0) {
        return no_escape(cut);
    }
    int32_t cp = is_scalar(high) ? high : REPLACEMENT;
    if (high >= 0xD800 && high <= 0xDBFF) {
        size_t behind = at;
        int32_t low = read_unit(raw, &behind, &cut);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            cp = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
            at = behind;
        }
    }
    struct tt_escape e = escape_of(TT_ESCAPE_UNICODE, at - pos, (uint32_t) cp);
    e.cut = cut;
    return e;
}

static int
next_hex_byte(struct tt_str raw, size_t *pos, bool *cut)
{
    return pass_backslashes(raw, pos, cut) == 'x' ? read_digits(raw, pos, 16, 2, 2, cut) : -1;
}

static int
next_octal_byte(struct tt_str raw, size_t *pos, bool *cut)
{
    size_t digits = *pos;
    if (pass_backslashes(raw, &digits, cut) == 0) {
        return -1;
    }
    digits--; /* the letter is the first digit */
    *pos = digits;
    int byte = read_digits(raw, pos, 8, 3, 3, cut);
    return byte <= 0xFF ? byte : -1;
}

/* \xXX: a byte of UTF-8 with those behind it, else a character of its own. */
static struct tt_escape
read_hex(struct tt_str raw, size_t pos)
{
    bool cut = false;
    size_t at = pos;
    int first = next_hex_byte(raw, &at, &cut);
    int32_t cp = first < 0 ? -1 : read_bytes(raw, &at, first, next_hex_byte, &cut);
    cp = cp < 0 ? first : cp;
    struct tt_escape e = is_shown(cp) ? escape_of(TT_ESCAPE_BYTE, at - pos, (uint32_t) cp) : no_escape(false);
    e.cut = cut;
    return e;
}

/* \OOO: bytes of UTF-8, or a sign of ASCII such as \047; letters and digits would be paths and back references. */
static struct tt_escape
read_octal(struct tt_str raw, size_t pos)
{
    bool cut = false;
    size_t at = pos;
    int first = next_octal_byte(raw, &at, &cut);
    int32_t cp = first;
    if (first >= 0x80) {
        cp = read_bytes(raw, &at, first, next_octal_byte, &cut);
    } else if (first > '/') {
        cp = -1;
    }
    return is_shown(cp) ? escape_of(TT_ESCAPE_BYTE, at - pos, (uint32_t) cp) : no_escape(cut);
}

static struct tt_escape
read_long(struct tt_str raw, size_t pos, size_t digits)
{
    bool cut = false;
    int32_t cp = read_digits(raw, &digits, 16, 8, 8, &cut);
    return is_shown(cp) ? escape_of(TT_ESCAPE_UNICODE, digits - pos, (uint32_t) cp) : no_escape(cut);
}

struct tt_escape
tt_escape_read_backslash(struct tt_str raw, size_t pos)
{
    bool cut = false;
    size_t at = pos;
    switch (pass_backslashes(raw, &at, &cut)) {
    case 'u': return read_u(raw, pos, at);
    case 'U': return read_long(raw, pos, at);
    case 'x': return read_hex(raw, pos);
    case '0':
    case '3': return read_octal(raw, pos); /* a sign of ASCII; the first byte of two or more */
    default: return no_escape(cut);
    }
}

/* ---- percent ---- */

static int
next_percent_byte(struct tt_str raw, size_t *pos, bool *cut)
{
    if (*pos >= raw.len) {
        *cut = true;
        return -1;
    }
    if (raw.ptr[*pos] != '%') {
        return -1;
    }
    *pos += 1;
    return read_digits(raw, pos, 16, 2, 2, cut);
}

struct tt_escape
tt_escape_read_percent(struct tt_str raw, size_t pos)
{
    bool cut = false;
    size_t at = pos;
    int32_t cp;
    if (pos + 1 < raw.len && raw.ptr[pos + 1] == 'u') {
        at = pos + 2;
        cp = read_digits(raw, &at, 16, 4, 4, &cut);
    } else {
        int first = next_percent_byte(raw, &at, &cut);
        cp = first < 0x80 ? first : read_bytes(raw, &at, first, next_percent_byte, &cut);
    }
    return is_shown(cp) ? escape_of(TT_ESCAPE_PERCENT, at - pos, (uint32_t) cp) : no_escape(cut && cp < 0);
}

/* ---- entities ---- */

/* The number or name from pos on, behind the &; *end is behind the semicolon.  -1 when there is none. */
static int32_t
read_body(struct tt_str raw, size_t pos, size_t *end, bool *cut)
{
    int32_t cp = -1;
    size_t at = pos;
    if (at < raw.len && raw.ptr[at] == '#') {
        bool hex = at + 1 < raw.len && (raw.ptr[at + 1] == 'x' || raw.ptr[at + 1] == 'X');
        at += hex ? 2 : 1;
        cp = read_digits(raw, &at, hex ? 16 : 10, 1, 7, cut);
    } else {
        while (at < raw.len && at - pos <= NAME_MAX && tt_ascii_is_alnum((unsigned char) raw.ptr[at])) {
            at++;
        }
        uint32_t named = at < raw.len && raw.ptr[at] == ';' ? tt_escape_entity(tt_str_slice(raw, pos, at)) : 0;
        cp = named ? (int32_t) named : -1;
    }
    *cut = at >= raw.len;
    *end = at + 1;
    return at < raw.len && raw.ptr[at] == ';' && is_shown(cp) ? cp : -1;
}

bool
tt_escape_is_entity_body(struct tt_str raw, size_t pos)
{
    size_t end;
    bool cut = false;
    return read_body(raw, pos, &end, &cut) >= 0;
}

struct tt_escape
tt_escape_read_entity(struct tt_str raw, size_t pos)
{
    size_t end;
    bool cut = false;
    int32_t cp = read_body(raw, pos + 1, &end, &cut);
    return cp >= 0 ? escape_of(TT_ESCAPE_ENTITY, end - pos, (uint32_t) cp) : no_escape(cut);
}
