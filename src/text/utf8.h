/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8 as in the Unicode Standard, section 3.9, table 3-7: no overlong forms, no surrogates, nothing over U+10FFFF.
 */
#ifndef TT_TEXT_UTF8_H
#define TT_TEXT_UTF8_H

#include "base/str.h"

/* One character and the bytes it takes.  len 0: the text ends here, or the bytes are not UTF-8 (cp is then 0). */
struct tt_rune {
    uint32_t cp;
    uint32_t len; /* 0-4 */
};

/* The character that starts at pos / ends before pos.  pos may be anything; outside the text len is 0. */
static inline struct tt_rune tt_utf8_next(struct tt_str text, size_t pos);
static inline struct tt_rune tt_utf8_prev(struct tt_str text, size_t pos);

/* Of both, what is not ASCII. */
struct tt_rune tt_utf8_next_wide(struct tt_str text, size_t pos);
struct tt_rune tt_utf8_prev_wide(struct tt_str text, size_t pos);

/* Writes cp (a scalar value) and returns its length, 1-4. */
size_t tt_utf8_put(uint32_t cp, char out[4]);

/* Length of the ill-formed piece at pos that decoders replace by one U+FFFD ("maximal subpart"); at least 1. */
size_t tt_utf8_bad_length(struct tt_str text, size_t pos);

/* True when the bytes from pos to the end are a proper prefix of some character: more input could complete them. */
bool tt_utf8_is_cut(struct tt_str text, size_t pos);

/* The same in a text that is known to be UTF-8, at a place in it where a character begins. */
static inline struct tt_rune
tt_utf8_next_valid(struct tt_str text, size_t pos)
{
    const unsigned char *p = (const unsigned char *) text.ptr + pos;
    if (p[0] < 0x80) {
        return (struct tt_rune) {p[0], 1};
    }
    if (p[0] < 0xE0) {
        return (struct tt_rune) {(p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu), 2};
    }
    if (p[0] < 0xF0) {
        return (struct tt_rune) {(p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu), 3};
    }
    return (struct tt_rune) {(p[0] & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu), 4};
}

static inline struct tt_rune
tt_utf8_next(struct tt_str text, size_t pos)
{
    if (pos < text.len && (unsigned char) text.ptr[pos] < 0x80) {
        return (struct tt_rune) {(unsigned char) text.ptr[pos], 1};
    }
    return tt_utf8_next_wide(text, pos);
}

static inline struct tt_rune
tt_utf8_prev(struct tt_str text, size_t pos)
{
    if (pos > 0 && pos <= text.len && (unsigned char) text.ptr[pos - 1] < 0x80) {
        return (struct tt_rune) {(unsigned char) text.ptr[pos - 1], 1};
    }
    return tt_utf8_prev_wide(text, pos);
}

#endif
