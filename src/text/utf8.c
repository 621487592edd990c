/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8 one character at a time: the Unicode Standard, section 3.9, table 3-7, and its advice on U+FFFD.
 *
 * Input: any bytes and any position; nothing outside the text is read.  Output: by value.  Owns nothing.
 * Invariant: table 3-7 stands in valid_part() alone; everything else here is told by it.
 */
#include "text/utf8.h"

/*
 * How many bytes of p[0..n) are a proper beginning of one character: 0 when p[0] starts none, at most *need, the length that p[0]
 * announces.
 */
static size_t
valid_part(const unsigned char *p, size_t n, size_t *need)
{
    *need = 0;
    if (n == 0 || (p[0] >= 0x80 && p[0] < 0xC2) || p[0] > 0xF4) {
        return 0;
    }
    *need = p[0] < 0x80 ? 1 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;

    /* Four lead bytes narrow the second byte: no overlong forms, no surrogates, nothing over U+10FFFF. */
    unsigned char low = p[0] == 0xE0 ? 0xA0 : p[0] == 0xF0 ? 0x90 : 0x80;
    unsigned char high = p[0] == 0xED ? 0x9F : p[0] == 0xF4 ? 0x8F : 0xBF;
    size_t have = 1;
    while (have < *need && have < n && p[have] >= low && p[have] <= high) {
        have++;
        low = 0x80;
        high = 0xBF;
    }
    return have;
}

/* valid_part() of the text from pos on. */
static size_t
valid_part_at(struct tt_str text, size_t pos, size_t *need)
{
    *need = 0;
    return pos < text.len ? valid_part((const unsigned char *) text.ptr + pos, text.len - pos, need) : 0;
}

static bool
continues(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

/* What most text is made of: a character of two or three bytes for which no byte need be doubted.  len 0: ask valid_part(). */
static struct tt_rune
next_common(const unsigned char *p, size_t n)
{
    if (n >= 2 && p[0] >= 0xC2 && p[0] < 0xE0 && continues(p[1])) {
        return (struct tt_rune) {(p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu), 2};
    }
    if (n >= 3 && p[0] >= 0xE0 && p[0] < 0xF0 && p[0] != 0xED && (p[0] > 0xE0 || p[1] >= 0xA0) && continues(p[1]) &&
        continues(p[2])) {
        return (struct tt_rune) {(p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu), 3};
    }
    return (struct tt_rune) {0, 0};
}

/* The same of what ends at p[pos - 1]. */
static struct tt_rune
prev_common(const unsigned char *p, size_t pos)
{
    if (pos < 3 || !continues(p[pos - 1])) {
        return (struct tt_rune) {0, 0};
    }
    size_t back = continues(p[pos - 2]) ? 3 : 2;
    struct tt_rune rune = next_common(p + pos - back, back);
    return rune.len == back ? rune : (struct tt_rune) {0, 0};
}

struct tt_rune
tt_utf8_next_wide(struct tt_str text, size_t pos)
{
    static const unsigned char lead_bits[5] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    if (pos >= text.len) {
        return (struct tt_rune) {0, 0};
    }
    const unsigned char *p = (const unsigned char *) text.ptr + pos;
    struct tt_rune common = next_common(p, text.len - pos);
    if (common.len > 0) {
        return common;
    }
    size_t need;
    size_t have = valid_part(p, text.len - pos, &need);
    if (have == 0 || have < need) {
        return (struct tt_rune) {0, 0};
    }
    uint32_t cp = p[0] & lead_bits[need];
    for (size_t i = 1; i < need; i++) {
        cp = cp << 6 | (p[i] & 0x3Fu);
    }
    return (struct tt_rune) {cp, (uint32_t) need};
}

struct tt_rune
tt_utf8_prev_wide(struct tt_str text, size_t pos)
{
    if (pos > text.len) {
        return (struct tt_rune) {0, 0};
    }
    struct tt_rune common = prev_common((const unsigned char *) text.ptr, pos);
    if (common.len > 0) {
        return common;
    }
    for (size_t back = 1; back <= 4 && back <= pos; back++) {
        unsigned char c = (unsigned char) text.ptr[pos - back];
        if ((c & 0xC0) != 0x80) {
            struct tt_rune rune = tt_utf8_next(text, pos - back);
            return rune.len == back ? rune : (struct tt_rune) {0, 0};
        }
    }
    return (struct tt_rune) {0, 0};
}

size_t
tt_utf8_put(uint32_t cp, char out[4])
{
    static const unsigned char lead[5] = {0, 0, 0xC0, 0xE0, 0xF0};
    size_t len = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--) {
        out[i] = (char) (0x80 | (cp & 0x3F));
        cp >>= 6;
    }
    out[0] = (char) (lead[len] | cp);
    return len;
}

size_t
tt_utf8_bad_length(struct tt_str text, size_t pos)
{
    size_t need;
    size_t have = valid_part_at(text, pos, &need);
    return have ? have : 1;
}

bool
tt_utf8_is_cut(struct tt_str text, size_t pos)
{
    size_t need;
    size_t have = valid_part_at(text, pos, &need);
    return have > 0 && have < need && have == text.len - pos;
}
