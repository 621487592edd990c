/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of the 64 bytes of a block are of a kind, a bit for each; without a kernel, for what few texts need.  Private to src/marks.
 */
#ifndef TT_MARKS_BLOCK_MASK_H
#define TT_MARKS_BLOCK_MASK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h> /* part of every x86-64, so that no kernel need be chosen */
#endif

#define TT_MASK_BLOCK 64

/* The bytes of the block at p that are c. */
static inline uint64_t
tt_block_mask(const char *p, char c)
{
    uint64_t mask = 0;
#ifdef __SSE2__
    for (size_t at = 0; at < TT_MASK_BLOCK; at += sizeof(__m128i)) {
        __m128i equal = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *) (const void *) (p + at)), _mm_set1_epi8(c));
        mask |= (uint64_t) (unsigned) _mm_movemask_epi8(equal) << at;
    }
#else
    for (size_t at = 0; at < TT_MASK_BLOCK; at++) {
        mask |= (uint64_t) (p[at] == c) << at;
    }
#endif
    return mask;
}

#endif
