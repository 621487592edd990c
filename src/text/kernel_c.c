/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernels in plain C: what every faster version must agree with, and what runs where there is none.
 *
 * Input and output as kernel.h says.  Owns nothing; reads p[0..n) only.  The few wide steps over ASCII keep this version usable
 * on its own; they never change a result.
 */
#include "text/char.h"
#include "text/kernel_isa.h"
#include "text/utf8.h"

#define HIGH_BITS 0x8080808080808080u

/* Are there eight more bytes, all ASCII? */
static bool
is_ascii_word(const unsigned char *p, size_t n)
{
    uint64_t word;
    if (n < sizeof(word)) {
        return false;
    }
    memcpy(&word, p, sizeof(word));
    return (word & HIGH_BITS) == 0;
}

TT_KERNEL_VALID_UTF8(tt_valid_utf8_c)
{
    const struct tt_str text = tt_str_make(p, n);
    size_t pos = 0;
    while (pos < n) {
        if (is_ascii_word(p + pos, n - pos)) {
            pos += 8;
            continue;
        }
        struct tt_rune rune = tt_utf8_next(text, pos);
        if (rune.len == 0) {
            break;
        }
        pos += rune.len;
    }
    return pos;
}

static bool
is_date_separator(unsigned char c)
{
    return c == '-' || c == '/' || c == '.';
}

/* Does a separator and a digit start p[0..n)? */
static bool
is_digit_next(const unsigned char *p, size_t n)
{
    return n >= 2 && is_date_separator(p[0]) && tt_ascii_is_digit(p[1]);
}

/* Does p[0..n) begin with a digit, a separator, one or two digits, a separator and a digit? */
static bool
is_date_shape(const unsigned char *p, size_t n)
{
    if (n < 5 || !tt_ascii_is_digit(p[0]) || !is_digit_next(p + 1, n - 1)) {
        return false;
    }
    return is_digit_next(p + 3, n - 3) || (tt_ascii_is_digit(p[3]) && is_digit_next(p + 4, n - 4));
}

static bool
is_ascii_alnum_at(struct tt_str text, size_t pos)
{
    return pos < text.len && tt_ascii_is_alnum((unsigned char) text.ptr[pos]);
}

/* Does a character of several bytes stand at pos, and is it one that a channel looks at? */
static bool
is_waking(struct tt_str text, size_t pos)
{
    struct tt_rune rune = tt_utf8_next(text, pos);
    if (rune.len == 0) {
        return false;
    }
    uint32_t flags = tt_char(rune.cp)->flags;
    if (flags & (TT_CHAR_TWIN | TT_CHAR_BESIDE) &&
        (is_ascii_alnum_at(text, pos - 1) || is_ascii_alnum_at(text, pos + rune.len))) {
        return true;
    }
    return (flags & TT_CHAR_WAKE) != 0;
}

/* Is the character at p[pos] a control that a channel looks at, or a line feed behind a blank? */
static bool
is_waking_control(const unsigned char *p, size_t pos)
{
    if (p[pos] == '\n') {
        return pos > 0 && (p[pos - 1] == ' ' || p[pos - 1] == '\t' || p[pos - 1] == '\r');
    }
    return tt_char_is(p[pos], TT_CHAR_SIGN);
}

/* Most bytes of any text start nothing: what is printable in ASCII, but for digits, and what continues a character. */
static bool
is_idle(unsigned char c)
{
    return (c > '9' && c < 0x7F) || (c >= ' ' && c < '0') || (c & 0xC0) == 0x80;
}

static bool
is_waking_ascii(const unsigned char *p, size_t n, size_t pos)
{
    if (tt_ascii_is_digit(p[pos])) {
        return is_date_shape(p + pos, n - pos);
    }
    return is_waking_control(p, pos);
}

TT_KERNEL_COLLECT(tt_collect_c)
{
    const struct tt_str text = tt_str_make(p, n);
    size_t count = 0;
    size_t pos = from;
    to = to < n ? to : n;
    for (; pos < to && count < max; pos++) {
        if (is_idle(p[pos])) {
            continue;
        }
        if (p[pos] < 0x80 ? is_waking_ascii(p, n, pos) : is_waking(text, pos)) {
            out[count++] = (uint32_t) pos;
        }
    }
    *next = pos < to ? pos : to;
    return count;
}

TT_KERNEL_COUNT_LINES(tt_count_lines_c)
{
    size_t lines = 0;
    for (size_t i = 0; i < n; i++) {
        lines += p[i] == '\n';
    }
    return lines;
}

TT_KERNEL_COUNT_POINTS(tt_count_points_c)
{
    size_t points = 0;
    for (size_t i = 0; i < n; i++) {
        points += (p[i] & 0xC0) != 0x80;
    }
    return points;
}
