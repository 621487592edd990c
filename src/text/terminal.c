/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading control functions; see terminal.h.
 *
 * Input: valid UTF-8 and a place.  Output: the extent, by value.  A string ends at its terminator (ST, or BEL as terminals accept);
 * without one, before the next control that no string holds, so that many broken ones cost no more than the text's length.
 */
#include "text/terminal.h"

#include "text/utf8.h"

#define ESC 0x1B
#define BEL 0x07
#define PARAMETERS_MAX 256 /* bytes of a sequence; a longer one is none */

static unsigned char
byte_at(struct tt_str text, size_t pos)
{
    return pos < text.len ? (unsigned char) text.ptr[pos] : 0;
}

static bool
read_sequence(struct tt_str text, size_t pos, struct tt_control *out)
{
    size_t end = pos;
    while (end - pos < PARAMETERS_MAX && byte_at(text, end) >= 0x20 && byte_at(text, end) < 0x40) {
        end++;
    }
    unsigned char final = byte_at(text, end);
    if (final < 0x40 || final > 0x7E) {
        return false;
    }
    out->kind = TT_CONTROL_SEQUENCE;
    out->final = final;
    out->body = tt_str_slice(text, pos, end);
    out->to = end + 1;
    return true;
}

/* Length of the terminator at pos, or 0. */
static size_t
terminator(struct tt_str text, size_t pos)
{
    unsigned char c = byte_at(text, pos);
    if (c == BEL) {
        return 1;
    }
    bool seven_bits = c == ESC && byte_at(text, pos + 1) == '\\';
    bool eight_bits = c == 0xC2 && byte_at(text, pos + 1) == 0x9C;
    return seven_bits || eight_bits ? 2 : 0;
}

/* Strings of images and of programs in programs hold line ends; others are of one line. */
static bool
ends_string(unsigned char c, unsigned char final)
{
    return c == ESC || c == 0x18 || c == 0x1A || (c == '\n' && final != 'P' && final != '_');
}

static bool
read_string(struct tt_str text, size_t pos, unsigned char final, struct tt_control *out)
{
    size_t end = pos;
    while (end < text.len && terminator(text, end) == 0 && !ends_string((unsigned char) text.ptr[end], final)) {
        end++;
    }
    out->kind = TT_CONTROL_STRING;
    out->final = final;
    out->body = tt_str_slice(text, pos, end);
    out->cut = terminator(text, end) == 0;
    out->to = end + terminator(text, end);
    return true;
}

/* ESC, bytes 20-2F, and a byte 30-7E. */
static bool
read_escape(struct tt_str text, size_t pos, struct tt_control *out)
{
    size_t end = pos;
    while (end - pos < 4 && byte_at(text, end) >= 0x20 && byte_at(text, end) < 0x30) {
        end++;
    }
    unsigned char final = byte_at(text, end);
    if (final < 0x30 || final > 0x7E) {
        return false;
    }
    out->kind = TT_CONTROL_ESCAPE;
    out->final = final;
    out->body = tt_str_slice(text, pos, end);
    out->to = end + 1;
    return true;
}

bool
tt_control_read(struct tt_str text, size_t pos, struct tt_control *out)
{
    struct tt_rune rune = tt_utf8_next(text, pos);
    size_t at = pos + rune.len;
    *out = (struct tt_control) {.from = pos};
    unsigned char c = rune.cp == ESC                      ? byte_at(text, at)
                      : rune.cp >= 0x80 && rune.cp < 0xA0 ? (unsigned char) (rune.cp - 0x40)
                                                          : 0;
    at += rune.cp == ESC ? 1 : 0;
    if (c == '[') {
        return read_sequence(text, at, out);
    }
    if (c && strchr("PX]^_", c)) {
        return read_string(text, at, c, out);
    }
    return rune.cp == ESC && read_escape(text, pos + 1, out);
}

size_t
tt_control_numbers(const struct tt_control *control, unsigned *numbers, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i <= control->body.len && n < max; i++) {
        unsigned value = 0;
        while (i < control->body.len && tt_ascii_is_digit((unsigned char) control->body.ptr[i])) {
            value = value < 100000 ? value * 10 + (unsigned) (control->body.ptr[i] - '0') : value;
            i++;
        }
        numbers[n++] = value;
    }
    return n;
}
