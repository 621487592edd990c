/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Eight bytes at once, for searches that mostly end within a few bytes, where the call of memchr would cost more than it finds.
 */
#ifndef TT_BASE_WORD_H
#define TT_BASE_WORD_H

#include "base/str.h"

#define TT_WORD_BYTES 8

static inline uint64_t
tt_word_load(const char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word); /* the first byte is the lowest */
#endif
    return word;
}

static inline bool
tt_word_is_ascii(uint64_t word)
{
    return (word & 0x8080808080808080) == 0;
}

/* Where the first byte c stands in a loaded word; TT_WORD_BYTES when there is none. */
static inline size_t
tt_word_find(uint64_t word, unsigned char c)
{
    const uint64_t each = 0x0101010101010101;
    uint64_t other = word ^ each * c;
    uint64_t found = (other - each) & ~other & each * 0x80; /* a borrow can only spoil what is behind the first */
    return found ? (size_t) __builtin_ctzll(found) / 8 : TT_WORD_BYTES;
}

/* Where the first byte c stands in p[from..to), or to. */
static inline size_t
tt_word_search(const char *p, size_t from, size_t to, unsigned char c)
{
    while (from < to && to - from >= TT_WORD_BYTES) {
        size_t at = tt_word_find(tt_word_load(p + from), c);
        if (at < TT_WORD_BYTES) {
            return from + at;
        }
        from += TT_WORD_BYTES;
    }
    while (from < to && (unsigned char) p[from] != c) {
        from++;
    }
    return from;
}

/* How many bits are set.  Most masks are empty, and not every processor counts by itself: pairs of bits are added, then fours, then bytes. */
static inline size_t
tt_word_bits(uint64_t mask)
{
    const uint64_t ones = 0x0101010101010101;
    if (mask == 0) {
        return 0;
    }
    mask -= mask >> 1 & 0x55 * ones;
    mask = (mask & 0x33 * ones) + (mask >> 2 & 0x33 * ones);
    return ((mask + (mask >> 4)) & 0x0F * ones) * ones >> 56;
}

#endif
