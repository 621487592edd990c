/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gaps between words, or behind sentences, of a text: one space, two, or more.  Private to src/marks.
 */
#ifndef TT_MARKS_SPACING_ROW_H
#define TT_MARKS_SPACING_ROW_H

#include "base/word.h"
#include "text/kernel.h"

/* Text; or with kernels the inside of a JSON string as it is written, whose escapes stand for the text. */
struct tt_spacing_text {
    struct tt_str text;
    const struct tt_kernels *kernels;
};

struct tt_spacing_row {
    size_t places, twice; /* gaps of one or two spaces, and of two */
    size_t wide;          /* gaps of three and more: running text has few */
    size_t first, end;    /* in text: the first double space; behind the last place */
};

/* Reads at most max places of the first bytes of the text.  digit: 0 or 1 of each, for two spaces; may be NULL. */
void tt_spacing_read(const struct tt_spacing_text *text, bool sentences, size_t bytes, size_t max, uint8_t *digit,
                     struct tt_spacing_row *row);

/* Is it running text, and no table? */
static inline bool
tt_spacing_is_text(size_t wide, size_t places)
{
    return wide * 16 <= places;
}

/* ---- by blocks ---- */

#define TT_SPACING_BLOCK 64

/* A bit for each byte of a block. */
struct tt_spacing_masks {
    uint64_t space, visible;
    uint64_t ends; /* signs that a sentence ends with */
};

/* The spaces with which gaps begin: those behind a visible byte, or a sign that a sentence ends with.  last: the block before. */
static inline uint64_t
tt_spacing_starts(const struct tt_spacing_masks *m, const struct tt_spacing_masks *last, bool sentences)
{
    uint64_t before = sentences ? m->ends : m->visible, before_last = sentences ? last->ends : last->visible;
    return m->space & (before << 1 | before_last >> (TT_SPACING_BLOCK - 1));
}

/* The lowest n of bits, and all that stand before the last of these. */
static inline uint64_t
tt_spacing_up_to(uint64_t bits, size_t n)
{
    for (; n > 1; n--) {
        bits &= bits - 1;
    }
    return bits ^ (bits - 1);
}

/*
 * The places of a block, each at the byte behind it; those of two spaces in *twice, and gaps that are too wide for a place.  A row of spaces ends where the carry
 * of an addition to its first bit comes to rest; how wide it is, the bits before that tell.  *carry: 0 at first.
 */
static inline uint64_t
tt_spacing_step(const struct tt_spacing_masks *m, const struct tt_spacing_masks *last, uint64_t starts, uint64_t *carry,
                uint64_t *twice, uint64_t *wide)
{
    const unsigned top = TT_SPACING_BLOCK - 1;
    uint64_t moved, next;
    next = (uint64_t) __builtin_add_overflow(m->space, starts, &moved);
    next |= (uint64_t) __builtin_add_overflow(moved, *carry, &moved);
    uint64_t second = m->space << 2 | last->space >> (top - 1), third = m->space << 3 | last->space >> (top - 2);
    uint64_t ends = moved & ~m->space & m->visible;
    *wide = ends & second & third;
    *twice = ends & ~*wide & second;
    *carry = next;
    return ends & ~*wide;
}

#endif
