/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernels with AVX2 have in common: loads, nibbles, masks.  Private to this room.
 *
 * Only functions marked AVX2 use the instructions, so the files need no compiler flag.
 */
#ifndef TT_TEXT_KERNEL_AVX2_H
#define TT_TEXT_KERNEL_AVX2_H

#include "text/kernel_isa.h"

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

#define VECTOR 32 /* bytes of a vector */
#define BLOCK 64  /* bytes of most steps: two vectors, the bits of a mask */

static inline AVX2 __m256i
load(const unsigned char *p)
{
    return _mm256_loadu_si256((const __m256i *) (const void *) p);
}

/*
 * x, hidden from the compiler, which would otherwise make a constant anew, or load a vector again, at each use: that takes longer than the
 * use itself.
 */
static inline AVX2 __m256i
keep(__m256i x)
{
    __asm__("" : "+x"(x));
    return x;
}

/* The same 16 entries for both halves of a vector. */
static inline AVX2 __m256i
load_table(const uint8_t table[16])
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *) (const void *) table));
}

static inline AVX2 __m256i
low_nibbles(__m256i x)
{
    return _mm256_and_si256(x, _mm256_set1_epi8(0x0F));
}

static inline AVX2 __m256i
high_nibbles(__m256i x)
{
    return _mm256_and_si256(_mm256_srli_epi16(x, 4), _mm256_set1_epi8(0x0F));
}

/* A bit a byte, from comparisons of two vectors. */
static inline AVX2 uint64_t
join_masks(__m256i low, __m256i high)
{
    return (uint32_t) _mm256_movemask_epi8(low) | (uint64_t) (uint32_t) _mm256_movemask_epi8(high) << VECTOR;
}

/* The tables of sets in registers. */
struct sets {
    __m256i high, low;
};

static inline AVX2 struct sets
load_sets(const struct tt_byte_sets *sets)
{
    return (struct sets) {load_table(sets->high), load_table(sets->low)};
}

/* The sets that each byte is in.  A shuffle gives 0 for bytes over 7F by itself, so the low nibbles need no mask of their own. */
static inline AVX2 __m256i
sets_of(const struct sets *sets, __m256i x)
{
    return _mm256_and_si256(_mm256_shuffle_epi8(sets->high, high_nibbles(x)), _mm256_shuffle_epi8(sets->low, x));
}

#endif
