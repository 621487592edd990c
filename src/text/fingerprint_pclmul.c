/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fingerprints with the carry-less product of x86-64 (PCLMULQDQ), a group of blocks at a time.
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
    enum { GROUP = (TT_FINGERPRINT_POWERS - 1) * BLOCK };
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

#else
typedef int tt_no_pclmul; /* a file may not be empty */
#endif
