/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands in a JSON string, with AVX2: 64 bytes a step.
 *
 * Input and output as kernel.h says.  Owns nothing; reads p[0..n) only.
 */
#include "text/kernel_isa.h"

#ifdef TT_HAVE_AVX2

#include "text/kernel_avx2.h"
#include "text/string_blocks.h"

/* The sets of tt_base64_sets, and three of one row each: one look at the nibbles of a byte tells all of its classes. */
#define BASE64 0x1F
#define SPACE 0x20
#define BACKSLASH 0x40
#define SIGN 0x80

static const struct tt_byte_sets row_sets = {
    .high = {[2] = SPACE | SIGN, [5] = BACKSLASH},
    .low = {[0] = SPACE, [5] = SIGN, [6] = SIGN, [0xB] = SIGN, [0xC] = BACKSLASH},
};

/* The same low nibbles as . and ! " ) , or as : and ? have; which is told by the high ones. */
static const struct tt_byte_sets end_sets = {
    .high = {[2] = 1, [3] = 2},
    .low = {[1] = 1, [2] = 1, [9] = 1, [0xA] = 2, [0xE] = 1, [0xF] = 2},
};

static inline AVX2 struct sets
load_classes(void)
{
    const struct sets base64 = load_sets(&tt_base64_sets), rows = load_sets(&row_sets);
    return (struct sets) {_mm256_or_si256(base64.high, rows.high), _mm256_or_si256(base64.low, rows.low)};
}

/* The bytes of two vectors that are not zero. */
static inline AVX2 uint64_t
find_any(__m256i a, __m256i b)
{
    const __m256i zero = _mm256_setzero_si256();
    return ~join_masks(_mm256_cmpeq_epi8(a, zero), _mm256_cmpeq_epi8(b, zero));
}

/* The bytes of two vectors that are c. */
static inline AVX2 uint64_t
find(__m256i a, __m256i b, char c)
{
    const __m256i all = _mm256_set1_epi8(c);
    return join_masks(_mm256_cmpeq_epi8(a, all), _mm256_cmpeq_epi8(b, all));
}

/* Separators of dates in x before digits in next: each range is moved to the smallest signed numbers. */
static inline AVX2 __m256i
is_half(__m256i x, __m256i next)
{
    __m256i part = _mm256_cmpgt_epi8(_mm256_set1_epi8((char) 0x83), _mm256_add_epi8(x, _mm256_set1_epi8(0x80 - '-')));
    __m256i digit = _mm256_cmpgt_epi8(_mm256_set1_epi8((char) 0x8A), _mm256_add_epi8(next, _mm256_set1_epi8(0x80 - '0')));
    return _mm256_and_si256(part, digit);
}

/* The top bit of a byte over 7F is set anyway. */
static inline AVX2 __m256i
is_more(__m256i x)
{
    return _mm256_or_si256(x, _mm256_cmpeq_epi8(x, _mm256_set1_epi8(0x7F)));
}

static inline AVX2 void
look_at_block(struct tt_string_block *out, const struct sets *classes, const struct sets *ends, const unsigned char *p,
              uint64_t *carry)
{
    const __m256i base64 = _mm256_set1_epi8(BASE64);
    __m256i low = keep(load(p)), high = keep(load(p + VECTOR));
    __m256i a = sets_of(classes, low), b = sets_of(classes, high);
    __m256i next_a = load(p + 1), next_b = load(p + 1 + VECTOR);
    /* A shift brings the bit of a class to the top of its byte; what comes in from the byte below stays under it. */
    struct tt_string_masks m = {
        .backslashes = join_masks(_mm256_slli_epi16(a, 1), _mm256_slli_epi16(b, 1)),
        .spaces = join_masks(_mm256_slli_epi16(a, 2), _mm256_slli_epi16(b, 2)),
        .signs = join_masks(a, b),
        .ends = find_any(sets_of(ends, low), sets_of(ends, high)),
        .base64 = find_any(_mm256_and_si256(a, base64), _mm256_and_si256(b, base64)),
        .halves = join_masks(is_half(low, next_a), is_half(high, next_b)),
        .more = join_masks(is_more(low), is_more(high)),
        .before_n = find(next_a, next_b, 'n'),
        .before_t = find(next_a, next_b, 't'),
        .before_backslash = find(next_a, next_b, '\\'),
        .before_quote = find(next_a, next_b, '"'),
    };
    tt_string_finish(out, &m, carry);
}

AVX2
TT_KERNEL_STRING_BLOCKS(tt_string_blocks_avx2)
{
    const struct sets classes = load_classes(), ends = load_sets(&end_sets);
    for (; n > TT_STRING_BLOCK && max > 0; n -= TT_STRING_BLOCK, p += TT_STRING_BLOCK, max--) {
        look_at_block(out++, &classes, &ends, p, carry);
    }
    if (n > 0 && max > 0) {
        unsigned char block[TT_STRING_BLOCK + 1];
        tt_string_last_block(block, p, n);
        look_at_block(out, &classes, &ends, block, carry);
    }
}

#endif
