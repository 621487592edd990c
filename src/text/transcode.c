/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Characters of UTF-16 and UTF-32; see transcode.h.
 *
 * Input: bytes, cut anywhere.  Output: one character at a time, so that the caller can count bytes and places as it goes.  An
 * unpaired surrogate takes two bytes and becomes U+FFFD, as decoders of the WHATWG Encoding Standard do; so nothing is lost behind
 * it.
 */
#include "text/transcode.h"

#define REPLACEMENT 0xFFFD

enum tt_utf
tt_utf_of_mark(struct tt_str text)
{
    static const struct {
        struct tt_str mark;
        enum tt_utf form;
    } marks[] = {
        /* UTF-32 first: its mark begins with that of UTF-16, and no text begins with a NUL. */
        {TT_STR_INIT("\xFF\xFE\0\0"), TT_UTF_32LE},
        {TT_STR_INIT("\0\0\xFE\xFF"), TT_UTF_32BE},
        {TT_STR_INIT("\xFF\xFE"), TT_UTF_16LE},
        {TT_STR_INIT("\xFE\xFF"), TT_UTF_16BE},
    };
    for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
        if (tt_str_starts(text, marks[i].mark)) {
            return marks[i].form;
        }
    }
    return TT_UTF_8;
}

static uint32_t
read_unit(const unsigned char *p, size_t size, bool big)
{
    uint32_t value = 0;
    for (size_t i = 0; i < size; i++) {
        value |= (uint32_t) p[i] << 8 * (big ? size - 1 - i : i);
    }
    return value;
}

static struct tt_unit
bad(size_t len)
{
    return (struct tt_unit) {.cp = REPLACEMENT, .len = (uint32_t) len, .bad = true};
}

static bool
is_surrogate(uint32_t unit)
{
    return unit >= 0xD800 && unit <= 0xDFFF;
}

/* The character that starts with a surrogate; left is how many bytes there are. */
static struct tt_unit
join(uint32_t high, const unsigned char *p, size_t left, bool big, bool final)
{
    if (high >= 0xDC00) {
        return bad(2);
    }
    if (left < 4) {
        return final ? bad(2) : (struct tt_unit) {0};
    }
    uint32_t low = read_unit(p + 2, 2, big);
    if (low < 0xDC00 || low > 0xDFFF) {
        return bad(2);
    }
    return (struct tt_unit) {.cp = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00), .len = 4};
}

struct tt_unit
tt_utf_next(enum tt_utf form, struct tt_str text, size_t pos, bool final)
{
    bool big = form == TT_UTF_16BE || form == TT_UTF_32BE;
    size_t size = form == TT_UTF_32LE || form == TT_UTF_32BE ? 4 : 2;
    size_t left = pos < text.len ? text.len - pos : 0;
    if (left < size) {
        return final && left > 0 ? bad(left) : (struct tt_unit) {0};
    }
    const unsigned char *p = (const unsigned char *) text.ptr + pos;
    uint32_t unit = read_unit(p, size, big);
    if (!is_surrogate(unit) && unit <= 0x10FFFF) {
        return (struct tt_unit) {.cp = unit, .len = (uint32_t) size};
    }
    return size == 2 ? join(unit, p, left, big, final) : bad(size);
}
