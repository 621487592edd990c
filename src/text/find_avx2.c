/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernels that look for pairs of bytes and for runs of base64 with AVX2: 64 bytes a step.
 *
 * Input and output as kernel.h says; the sets are those of the reference (find_c.c).  Owns nothing; reads p[0..n) only: what does
 * not fill a step is left to the reference.
 */
#include "text/kernel_isa.h"

#ifdef TT_HAVE_AVX2

#include "text/kernel_avx2.h"

/* What is not zero begins a pair. */
static inline AVX2 __m256i
find_pairs(const struct sets *first, const struct sets *second, const unsigned char *p)
{
    return _mm256_and_si256(sets_of(first, keep(load(p))), sets_of(second, keep(load(p + 1))));
}

AVX2
TT_KERNEL_FIND_PAIR(tt_find_pair_avx2)
{
    const struct sets first = load_sets(&pairs->first);
    const struct sets second = load_sets(&pairs->second);
    const size_t end = n > BLOCK ? n - BLOCK : 0;
    size_t pos = from;
    /* The last byte of a step is seen with the one behind it.  Most steps hold no pair, so which byte begins one is asked last. */
    for (; pos < end; pos += BLOCK) {
        __m256i low = find_pairs(&first, &second, p + pos);
        __m256i high = find_pairs(&first, &second, p + pos + VECTOR);
        __m256i any = _mm256_or_si256(low, high);
        if (!_mm256_testz_si256(any, any)) {
            const __m256i zero = _mm256_setzero_si256();
            uint64_t hits = ~join_masks(_mm256_cmpeq_epi8(low, zero), _mm256_cmpeq_epi8(high, zero));
            return pos + (size_t) __builtin_ctzll(hits);
        }
    }
    return tt_find_pair_c(p, n, pos, pairs);
}

/* The bytes of the block at p that are none of base64. */
static inline AVX2 uint64_t
find_others(const struct sets *base64, const unsigned char *p)
{
    const __m256i zero = _mm256_setzero_si256();
    return join_masks(_mm256_cmpeq_epi8(sets_of(base64, keep(load(p))), zero),
                      _mm256_cmpeq_epi8(sets_of(base64, keep(load(p + VECTOR))), zero));
}

/* Where a run ends that covers everything before pos. */
static AVX2 size_t
end_of_run(const struct sets *base64, const unsigned char *p, size_t n, size_t pos)
{
    for (; pos < n && n - pos >= BLOCK; pos += BLOCK) {
        uint64_t others = find_others(base64, p + pos);
        if (others) {
            return pos + (size_t) __builtin_ctzll(others);
        }
    }
    while (pos < n && tt_base64_sets.high[p[pos] >> 4] & tt_base64_sets.low[p[pos] & 0xF]) {
        pos++;
    }
    return pos;
}

/* A bit where TT_TOKEN_RUN_MIN set bits begin. */
static inline uint64_t
find_long(uint64_t bits)
{
    bits &= bits >> 1;
    bits &= bits >> 2;
    bits &= bits >> 4;
    bits &= bits >> 8;
    return bits & bits >> (TT_TOKEN_RUN_MIN - 16);
}

AVX2
TT_KERNEL_FIND_RUN(tt_find_run_avx2)
{
    const struct sets base64 = load_sets(&tt_base64_sets);
    size_t pos = from, streak = 0; /* characters of base64 right before pos; fewer than a run */
    for (; pos < n && n - pos >= BLOCK; pos += BLOCK) {
        uint64_t others = find_others(&base64, p + pos);
        size_t more = others ? (size_t) __builtin_ctzll(others) : BLOCK;
        uint64_t found = find_long(~others);
        if (streak + more >= TT_TOKEN_RUN_MIN || found) {
            size_t start = streak + more >= TT_TOKEN_RUN_MIN ? pos - streak : pos + (size_t) __builtin_ctzll(found);
            *end = end_of_run(&base64, p, n, start + TT_TOKEN_RUN_MIN);
            return start;
        }
        streak = (size_t) __builtin_clzll(others);
    }
    return tt_find_run_c(p, n, pos - streak, end);
}

#endif
