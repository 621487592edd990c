/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fingerprints with the carry-less product of x86-64 (PCLMULQDQ), a group of blocks at a time; and with that of two blocks at once (VPCLMULQDQ).
 *
 * Horner's rule waits for each product.  The state and seven blocks times eight falling powers of the secret do not wait for each other, and
 * share one reduction.  What is left over is one such group as well, and most strings are no longer than that.
 */
#include "text/fingerprint_isa.h"

#ifdef TT_HAVE_PCLMUL

#include <immintrin.h>

#define TARGET __attribute__((target("pclmul,ssse3")))
#define BLOCK TT_FINGERPRINT_BLOCK

/* A product of 256 bits, or a sum of them; middle belongs to bits 64...191. */
struct wide {
    __m128i low, middle, high;
};

TARGET static inline void
add_product(struct wide *sum, __m128i a, __m128i b)
{
    sum->low = _mm_xor_si128(sum->low, _mm_clmulepi64_si128(a, b, 0x00));
    sum->high = _mm_xor_si128(sum->high, _mm_clmulepi64_si128(a, b, 0x11));
    sum->middle = _mm_xor_si128(sum->middle, _mm_clmulepi64_si128(a, b, 0x01));
    sum->middle = _mm_xor_si128(sum->middle, _mm_clmulepi64_si128(a, b, 0x10));
}

TARGET static inline __m128i
reduce(const struct wide *sum)
{
    const __m128i polynomial = _mm_set_epi64x(0, (long long) TT_FINGERPRINT_POLYNOMIAL);
    __m128i low = _mm_xor_si128(sum->low, _mm_slli_si128(sum->middle, 8));
    __m128i high = _mm_xor_si128(sum->high, _mm_srli_si128(sum->middle, 8));
    low = _mm_xor_si128(_mm_shuffle_epi32(low, 0x4E), _mm_clmulepi64_si128(low, polynomial, 0x00));
    low = _mm_xor_si128(_mm_shuffle_epi32(low, 0x4E), _mm_clmulepi64_si128(low, polynomial, 0x00));
    return _mm_xor_si128(low, high);
}

static inline __m128i
load(const void *p)
{
    return _mm_loadu_si128((const __m128i *) p);
}

/* The last n < 16 bytes before end, zeros behind them; size is how many bytes there are in all. */
TARGET static inline __m128i
load_last(const unsigned char *end, size_t n, size_t size)
{
    static const signed char shift[2 * BLOCK] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                                 -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    if (size >= BLOCK) {
        return _mm_shuffle_epi8(load(end - BLOCK), load(shift + BLOCK - n));
    }
    unsigned char last[BLOCK] = {0};
    memcpy(last, end - n, n);
    return load(last);
}

/* The product of what leads and of the blocks behind it, a group or what is left of one: the highest power for the first. */
TARGET static inline __m128i
multiply_group(const struct tt_fingerprint_key *key, __m128i lead, const unsigned char *p, size_t n, size_t size)
{
    const __m128i zero = _mm_setzero_si128();
    struct wide sum = {zero, zero, zero};
    size_t power = (n + BLOCK - 1) / BLOCK;
    add_product(&sum, lead, load(&key->power[power]));
    for (; n >= BLOCK; n -= BLOCK, p += BLOCK) {
        add_product(&sum, load(p), load(&key->power[--power]));
    }
    if (n > 0) {
        add_product(&sum, load_last(p + n, n, size), load(&key->power[0]));
    }
    return reduce(&sum);
}

TARGET
TT_KERNEL_FINGERPRINT(tt_fingerprint_pclmul)
{
    enum { GROUP = 7 * BLOCK };
    const size_t size = n;
    __m128i now = load(&state);
    while (n > GROUP) {
        now = multiply_group(key, now, p, GROUP, GROUP);
        p += GROUP;
        n -= GROUP;
        size_t take = n < BLOCK ? n : BLOCK;
        now = _mm_xor_si128(now, take < BLOCK ? load_last(p + take, take, size) : load(p));
        p += take;
        n -= take;
    }
    _mm_storeu_si128((__m128i *) (void *) &state, multiply_group(key, now, p, n, size));
    return state;
}

TARGET
TT_KERNEL_FINGERPRINT_STEPS(tt_fingerprint_steps_pclmul)
{
    enum { GROUP = 8 * BLOCK };
    __m128i now = load(&state);
    for (size_t i = 0; i < count; i++) {
        for (size_t n = 0; n < TT_FINGERPRINT_STEP; n += GROUP, p += GROUP) {
            now = multiply_group(key, _mm_xor_si128(now, load(p)), p + BLOCK, GROUP - BLOCK, GROUP - BLOCK);
        }
        _mm_storeu_si128((__m128i *) (void *) &out[i], now);
    }
}

/* ---- two blocks at once ---- */

#define TARGET_WIDE __attribute__((target("vpclmulqdq,pclmul,avx2")))
#define PAIRS (TT_FINGERPRINT_POWERS / 2)

/* Adds two products to each sum, one in each half of the register. */
TARGET_WIDE static inline void
add_products(__m256i *low, __m256i *middle, __m256i *high, __m256i a, __m256i b)
{
    *low = _mm256_xor_si256(*low, _mm256_clmulepi64_epi128(a, b, 0x00));
    *high = _mm256_xor_si256(*high, _mm256_clmulepi64_epi128(a, b, 0x11));
    *middle = _mm256_xor_si256(*middle, _mm256_clmulepi64_epi128(a, b, 0x01));
    *middle = _mm256_xor_si256(*middle, _mm256_clmulepi64_epi128(a, b, 0x10));
}

TARGET_WIDE static inline __m128i
fold_halves(__m256i v)
{
    return _mm_xor_si128(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
}

TARGET_WIDE static inline __m128i
reduce_wide(__m256i low256, __m256i middle256, __m256i high256)
{
    const __m128i polynomial = _mm_set_epi64x(0, (long long) TT_FINGERPRINT_POLYNOMIAL);
    __m128i middle = fold_halves(middle256);
    __m128i low = _mm_xor_si128(fold_halves(low256), _mm_slli_si128(middle, 8));
    __m128i high = _mm_xor_si128(fold_halves(high256), _mm_srli_si128(middle, 8));
    low = _mm_xor_si128(_mm_shuffle_epi32(low, 0x4E), _mm_clmulepi64_si128(low, polynomial, 0x00));
    low = _mm_xor_si128(_mm_shuffle_epi32(low, 0x4E), _mm_clmulepi64_si128(low, polynomial, 0x00));
    return _mm_xor_si128(low, high);
}

enum { WIDE_GROUP = TT_FINGERPRINT_POWERS * BLOCK };

/* Falling, as the blocks meet them. */
TARGET_WIDE static inline void
load_powers(const struct tt_fingerprint_key *key, __m256i powers[PAIRS])
{
    for (int i = 0; i < PAIRS; i++) {
        __m256i pair = _mm256_loadu_si256((const __m256i *) (const void *) &key->power[TT_FINGERPRINT_POWERS - 2 - 2 * i]);
        powers[i] = _mm256_permute2x128_si256(pair, pair, 0x01);
    }
}

/* Sixteen blocks, the first of which what came before is added to.  That one comes last, as it has to be waited for. */
TARGET_WIDE static inline __m128i
multiply_wide_group(const __m256i powers[PAIRS], __m128i now, const unsigned char *p)
{
    const __m256i *blocks = (const __m256i *) (const void *) p;
    __m256i low = _mm256_setzero_si256(), middle = low, high = low;
    for (int i = 1; i < PAIRS; i++) {
        add_products(&low, &middle, &high, _mm256_loadu_si256(blocks + i), powers[i]);
    }
    add_products(&low, &middle, &high, _mm256_xor_si256(_mm256_loadu_si256(blocks), _mm256_zextsi128_si256(now)), powers[0]);
    return reduce_wide(low, middle, high);
}

TARGET_WIDE
TT_KERNEL_FINGERPRINT(tt_fingerprint_vpclmul)
{
    if (n < WIDE_GROUP + BLOCK) {
        return tt_fingerprint_pclmul(key, state, p, n);
    }
    __m256i powers[PAIRS];
    load_powers(key, powers);
    /* The state itself is multiplied once before the first block is added. */
    struct wide first = {_mm_setzero_si128(), _mm_setzero_si128(), _mm_setzero_si128()};
    add_product(&first, load(&state), load(&key->power[0]));
    __m128i now = reduce(&first);
    for (; n >= WIDE_GROUP + BLOCK; n -= WIDE_GROUP, p += WIDE_GROUP) {
        now = multiply_wide_group(powers, now, p);
    }
    now = _mm_xor_si128(now, load(p)); /* there is a whole block left, which leads the rest */
    _mm_storeu_si128((__m128i *) (void *) &state, now);
    return tt_fingerprint_pclmul(key, state, p + BLOCK, n - BLOCK);
}

TARGET_WIDE
TT_KERNEL_FINGERPRINT_STEPS(tt_fingerprint_steps_vpclmul)
{
    __m256i powers[PAIRS];
    load_powers(key, powers);
    __m128i now = load(&state);
    for (size_t i = 0; i < count; i++) {
        for (size_t n = 0; n < TT_FINGERPRINT_STEP; n += WIDE_GROUP, p += WIDE_GROUP) {
            now = multiply_wide_group(powers, now, p);
        }
        _mm_storeu_si128((__m128i *) (void *) &out[i], now);
    }
}

#else
typedef int tt_no_pclmul; /* a file may not be empty */
#endif
