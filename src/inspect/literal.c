/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of literals; see literal.h.
 *
 * In: the bytes between two quotes.  Out: characters, one after the other.  Nothing is refused: an escape that is none stands for its
 * own letter, as ECMA-262, section 12.9.4, has it for most.
 */
#include "inspect/literal.h"

#include "text/utf8.h"

/* The value of count hexadecimal digits at pos, or -1. */
static int64_t
hex_at(struct tt_str raw, size_t pos, size_t count)
{
    int64_t value = 0;
    for (size_t i = 0; i < count; i++) {
        int digit = pos + i < raw.len ? tt_ascii_hex((unsigned char) raw.ptr[pos + i]) : -1;
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

/* \u{...}, whose brace stands at pos + 2. */
static struct tt_literal_char
braced(struct tt_str raw, size_t pos)
{
    uint32_t cp = 0;
    size_t at = pos + 3;
    for (; at < raw.len && at < pos + 11 && tt_ascii_hex((unsigned char) raw.ptr[at]) >= 0; at++) {
        cp = (cp << 4 | (uint32_t) tt_ascii_hex((unsigned char) raw.ptr[at])) & 0xFFFFFFF;
    }
    if (at == pos + 3 || at >= raw.len || raw.ptr[at] != '}' || cp > 0x10FFFF) {
        return (struct tt_literal_char) {'u', 2, false};
    }
    return (struct tt_literal_char) {cp, (uint32_t) (at + 1 - pos), true};
}

/* \uXXXX, and its partner where it is half of a pair. */
static struct tt_literal_char
unicode(struct tt_str raw, size_t pos)
{
    int64_t unit = hex_at(raw, pos + 2, 4);
    if (unit < 0) {
        return pos + 2 < raw.len && raw.ptr[pos + 2] == '{' ? braced(raw, pos) : (struct tt_literal_char) {'u', 2, false};
    }
    if (unit >= 0xD800 && unit < 0xDC00 && pos + 7 < raw.len && raw.ptr[pos + 6] == '\\' && raw.ptr[pos + 7] == 'u') {
        int64_t low = hex_at(raw, pos + 8, 4);
        if (low >= 0xDC00 && low < 0xE000) {
            return (struct tt_literal_char) {(uint32_t) (0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)), 12, true};
        }
    }
    return (struct tt_literal_char) {(uint32_t) unit, 6, true};
}

static struct tt_literal_char
octal(struct tt_str raw, size_t pos)
{
    uint32_t value = 0, n = 1;
    while (n < 4 && pos + n < raw.len && raw.ptr[pos + n] >= '0' && raw.ptr[pos + n] <= '7' && value * 8 < 256) {
        value = value * 8 + (uint32_t) (raw.ptr[pos + n] - '0');
        n++;
    }
    return (struct tt_literal_char) {value & 0xFF, n, true};
}

static struct tt_literal_char
escape(struct tt_str raw, size_t pos)
{
    if (pos + 1 >= raw.len) {
        return (struct tt_literal_char) {'\\', 1, false};
    }
    char c = raw.ptr[pos + 1];
    int64_t value;
    switch (c) {
    case 'n': return (struct tt_literal_char) {'\n', 2, false};
    case 't': return (struct tt_literal_char) {'\t', 2, false};
    case 'r': return (struct tt_literal_char) {'\r', 2, false};
    case 'b': return (struct tt_literal_char) {'\b', 2, false};
    case 'f': return (struct tt_literal_char) {'\f', 2, false};
    case 'v': return (struct tt_literal_char) {'\v', 2, false};
    case 'u': return unicode(raw, pos);
    case 'x':
        value = hex_at(raw, pos + 2, 2);
        return value < 0 ? (struct tt_literal_char) {'x', 2, false} : (struct tt_literal_char) {(uint32_t) value, 4, true};
    default: break;
    }
    if (c >= '0' && c <= '7') {
        return octal(raw, pos);
    }
    struct tt_rune rune = tt_utf8_next(raw, pos + 1);
    return rune.len ? (struct tt_literal_char) {rune.cp, 1 + rune.len, false}
                    : (struct tt_literal_char) {(unsigned char) c, 2, false};
}

struct tt_literal_char
tt_literal_next(struct tt_str raw, size_t pos, bool escapes)
{
    if (pos >= raw.len) {
        return (struct tt_literal_char) {0, 0, false};
    }
    if (raw.ptr[pos] == '\\' && escapes) {
        return escape(raw, pos);
    }
    struct tt_rune rune = tt_utf8_next(raw, pos);
    return rune.len ? (struct tt_literal_char) {rune.cp, rune.len, false}
                    : (struct tt_literal_char) {(unsigned char) raw.ptr[pos], 1, false};
}

void
tt_literal_add_text(struct tt_buf *out, struct tt_str raw, bool escapes)
{
    struct tt_literal_char c;
    for (size_t pos = 0; (c = tt_literal_next(raw, pos, escapes)).len > 0; pos += c.len) {
        bool lone = c.cp >= 0xD800 && c.cp < 0xE000;
        char utf8[4];
        tt_buf_add(out, tt_str_make(utf8, tt_utf8_put(lone ? 0xFFFD : c.cp, utf8)));
    }
}

bool
tt_literal_add_bytes(struct tt_buf *out, struct tt_str raw, bool escapes, uint32_t *high)
{
    size_t begin = out->len;
    struct tt_literal_char c;
    for (size_t pos = 0; (c = tt_literal_next(raw, pos, escapes)).len > 0; pos += c.len) {
        if (pos == 0) {
            *high = c.cp >> 8;
        }
        if (c.cp >> 8 != *high) {
            out->len = begin;
            return false;
        }
        tt_buf_add_char(out, (char) (c.cp & 0xFF));
    }
    return true;
}

bool
tt_literal_number(struct tt_str text, uint32_t *number)
{
    uint32_t base = 10;
    uint64_t value = 0;
    size_t pos = 0, digits = 0;
    if (text.len > 2 && text.ptr[0] == '0') {
        int mark = tt_ascii_lower((unsigned char) text.ptr[1]);
        base = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 10;
        pos = base == 10 ? 0 : 2;
    }
    for (; pos < text.len; pos++) {
        int digit = tt_ascii_hex((unsigned char) text.ptr[pos]);
        if (text.ptr[pos] == '_' || (text.ptr[pos] == 'n' && pos + 1 == text.len)) {
            continue;
        }
        if (digit < 0 || (uint32_t) digit >= base) {
            return false;
        }
        value = value * base + (uint32_t) digit;
        digits++;
        if (value > UINT32_MAX) {
            return false;
        }
    }
    *number = (uint32_t) value;
    return digits > 0;
}
