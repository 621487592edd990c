/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the strings of JSON can stop at, with AVX2: 64 bytes a step.
 *
 * Input and output as kernel.h says.  Owns nothing; reads p[0..n) only.
 */
#include "text/kernel_isa.h"

#ifdef TT_HAVE_AVX2

#include "text/json_blocks.h"
#include "text/kernel_avx2.h"

/* The letters of simple escapes: " \ b f n r t.  A slash is none, for it has a flag of its own. */
static const struct tt_byte_sets simple_letters = {
    .high = {[2] = 1, [5] = 2, [6] = 4, [7] = 8},
    .low = {[0x2] = 1 | 4 | 8, [0xC] = 2, [0x6] = 4, [0xE] = 4, [0x4] = 8},
};

static inline AVX2 __m256i
is_control(__m256i x)
{
    return _mm256_cmpeq_epi8(_mm256_min_epu8(x, _mm256_set1_epi8(0x1F)), x);
}

static inline AVX2 uint64_t
find_simple(__m256i a, __m256i b)
{
    const struct sets letters = load_sets(&simple_letters);
    const __m256i zero = _mm256_setzero_si256();
    return ~join_masks(_mm256_cmpeq_epi8(sets_of(&letters, a), zero), _mm256_cmpeq_epi8(sets_of(&letters, b), zero));
}

static inline AVX2 void
look_at_block(struct tt_json_block *out, const unsigned char *block, uint64_t *carry)
{
    const __m256i quote = _mm256_set1_epi8('"');
    const __m256i backslash = _mm256_set1_epi8('\\');
    __m256i a = load(block);
    __m256i b = load(block + VECTOR);
    __m256i quotes_a = _mm256_cmpeq_epi8(a, quote);
    __m256i quotes_b = _mm256_cmpeq_epi8(b, quote);
    uint64_t backslashes = join_masks(_mm256_cmpeq_epi8(a, backslash), _mm256_cmpeq_epi8(b, backslash));
    if ((backslashes | *carry) == 0) {
        uint64_t stops = join_masks(_mm256_or_si256(quotes_a, is_control(a)), _mm256_or_si256(quotes_b, is_control(b)));
        *out = (struct tt_json_block) {.stops = stops, .wide = join_masks(a, b)};
        return;
    }
    struct tt_json_signs signs = {
        .quotes = join_masks(quotes_a, quotes_b),
        .backslashes = backslashes,
        .controls = join_masks(is_control(a), is_control(b)),
        .wide = join_masks(a, b),
    };
    struct tt_json_escapes escapes = tt_json_find_escapes(signs.backslashes, carry);
    tt_json_finish(out, &signs, &escapes, find_simple(a, b));
}

AVX2
TT_KERNEL_JSON_BLOCKS(tt_json_blocks_avx2)
{
    uint64_t carry = 0;
    for (; n >= TT_JSON_BLOCK; n -= TT_JSON_BLOCK, p += TT_JSON_BLOCK) {
        look_at_block(out++, p, &carry);
    }
    if (n > 0) {
        unsigned char block[TT_JSON_BLOCK];
        tt_json_last_block(block, p, n);
        look_at_block(out, block, &carry);
    }
}

#endif
