/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One spelling for what JSON can spell in several ways: the characters of strings (RFC 8259, section 7) and numbers (section 6).
 *
 * Input: text that a lexer has taken.  Output: an answer, or a string in the arena or borrowed.
 */
#include "probe/leaf_parts.h"

/* The short escape of a character that must be escaped, or 0. */
static char
short_escape(char c)
{
    switch (c) {
    case '"': return '"';
    case '\\': return '\\';
    case '\b': return 'b';
    case '\f': return 'f';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    default: return 0;
    }
}

bool
tt_leaf_is_plain(struct tt_str raw, struct tt_str value)
{
    size_t at = 0;
    if (raw.ptr == value.ptr && raw.len == value.len) {
        return true;
    }
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char) value.ptr[i];
        char escaped[6] = {'\\', 'u', '0', '0'};
        size_t length = 6;
        tt_hex_write(escaped + 4, &c, 1);
        if (short_escape((char) c)) {
            escaped[1] = short_escape((char) c);
            length = 2;
        } else if (c >= 0x20) {
            escaped[0] = (char) c;
            length = 1;
        }
        if (raw.len - at < length || memcmp(raw.ptr + at, escaped, length) != 0) {
            return false;
        }
        at += length;
    }
    return at == raw.len;
}

#define NUMBER_DIGITS 40  /* a longer number stands for itself */
#define EXPONENT_MAX 1000 /* the same */

struct number {
    bool negative;
    char digits[NUMBER_DIGITS];
    size_t n;
    long exponent; /* of ten, for the last digit */
};

static bool
read_number(struct tt_str raw, struct number *out)
{
    size_t i = 0;
    *out = (struct number) {0};
    out->negative = raw.len > 0 && raw.ptr[0] == '-';
    i += out->negative;
    bool fraction = false;
    for (; i < raw.len && (tt_ascii_is_digit((unsigned char) raw.ptr[i]) || raw.ptr[i] == '.'); i++) {
        if (raw.ptr[i] == '.') {
            fraction = true;
            continue;
        }
        out->exponent -= fraction;
        if (out->n == 0 && raw.ptr[i] == '0') {
            continue; /* zeros in front count for nothing */
        }
        if (out->n == NUMBER_DIGITS) {
            return false;
        }
        out->digits[out->n++] = raw.ptr[i];
    }
    long exponent = 0;
    bool down = i + 1 < raw.len && raw.ptr[i + 1] == '-';
    for (; i < raw.len; i++) {
        if (tt_ascii_is_digit((unsigned char) raw.ptr[i]) && exponent <= EXPONENT_MAX) {
            exponent = exponent * 10 + (raw.ptr[i] - '0');
        }
    }
    out->exponent += down ? -exponent : exponent;
    while (out->n > 0 && out->digits[out->n - 1] == '0') {
        out->n--;
        out->exponent++;
    }
    return exponent <= EXPONENT_MAX;
}

/* Digits with a point where it belongs; far away from the digits, an exponent. */
static void
write_number(const struct number *number, struct tt_buf *out)
{
    long point = (long) number->n + number->exponent; /* digits before the point */
    if (number->n == 0) {
        tt_buf_add_char(out, '0');
        return;
    }
    if (number->negative) {
        tt_buf_add_char(out, '-');
    }
    bool plain = point > -6 && point <= 21; /* the bounds of ECMAScript's Number::toString, which most clients use */
    long last = plain ? (point > (long) number->n ? point : (long) number->n) : (long) number->n;
    if (plain && point <= 0) {
        tt_buf_add_cstr(out, "0.");
        for (long i = point; i < 0; i++) {
            tt_buf_add_char(out, '0');
        }
    }
    for (long i = 0; i < last; i++) {
        if (i > 0 && i == (plain ? point : 1)) {
            tt_buf_add_char(out, '.');
        }
        tt_buf_add_char(out, i < (long) number->n ? number->digits[i] : '0');
    }
    if (!plain) {
        tt_buf_add_cstr(out, point > 0 ? "e+" : "e-");
        tt_buf_add_u64(out, (uint64_t) (point > 0 ? point - 1 : 1 - point));
    }
}

struct tt_str
tt_leaf_number(struct tt_leaf_reader *reader, struct tt_str raw)
{
    struct number number;
    if (!read_number(raw, &number)) {
        return raw;
    }
    tt_buf_clear(&reader->scratch);
    write_number(&number, &reader->scratch);
    if (reader->scratch.status != TT_OK) {
        reader->status = TT_E_MEMORY;
        return raw;
    }
    return tt_str_eq(tt_buf_str(&reader->scratch), raw) ? raw : tt_leaf_keep(reader, tt_buf_str(&reader->scratch));
}
