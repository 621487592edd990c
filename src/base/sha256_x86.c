/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blocks of SHA-256 with the SHA extensions of x86-64 (Intel 64 manual, volume 2, SHA256RNDS2, SHA256MSG1 and SHA256MSG2).
 *
 * Checked against the reference in unit tests.  The instructions want the working variables as (a, b, e, f) and (c, d, g, h), the first one highest.
 */
#include "base/sha256.h"

#ifdef TT_HAVE_SHA_NI

#include <immintrin.h>

#define WITH_SHA __attribute__((target("sha,sse4.1,ssse3")))

struct halves {
    __m128i abef, cdgh;
};

/* Four rounds with four words of the schedule. */
WITH_SHA static inline void
four_rounds(struct halves *s, __m128i words, const uint32_t *constants)
{
    __m128i sum = _mm_add_epi32(words, _mm_loadu_si128((const __m128i *) (const void *) constants));
    s->cdgh = _mm_sha256rnds2_epu32(s->cdgh, s->abef, sum);
    s->abef = _mm_sha256rnds2_epu32(s->abef, s->cdgh, _mm_shuffle_epi32(sum, 0x0e));
}

/* The four words of the schedule that follow sixteen. */
WITH_SHA static inline __m128i
next_words(__m128i w0, __m128i w4, __m128i w8, __m128i w12)
{
    __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w4), _mm_alignr_epi8(w12, w8, 4));
    return _mm_sha256msg2_epu32(sum, w12);
}

WITH_SHA static inline __m128i
load_words(const unsigned char *bytes)
{
    const __m128i swap = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
    return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *) (const void *) bytes), swap);
}

WITH_SHA static inline void
take_block(struct halves *s, const unsigned char *block)
{
    const uint32_t *constants = tt_sha256_constants;
    struct halves before = *s;
    __m128i w0 = load_words(block), w4 = load_words(block + 16), w8 = load_words(block + 32), w12 = load_words(block + 48);
    for (int round = 0; round < 64; round += 16) {
        four_rounds(s, w0, constants + round);
        w0 = next_words(w0, w4, w8, w12);
        four_rounds(s, w4, constants + round + 4);
        w4 = next_words(w4, w8, w12, w0);
        four_rounds(s, w8, constants + round + 8);
        w8 = next_words(w8, w12, w0, w4);
        four_rounds(s, w12, constants + round + 12);
        w12 = next_words(w12, w0, w4, w8);
    }
    s->abef = _mm_add_epi32(s->abef, before.abef);
    s->cdgh = _mm_add_epi32(s->cdgh, before.cdgh);
}

WITH_SHA void
tt_sha256_blocks_x86(uint32_t state[8], const unsigned char *blocks, size_t count)
{
    /* Lanes from the lowest: (a, b, c, d) and (e, f, g, h). */
    __m128i abcd = _mm_loadu_si128((const __m128i *) (const void *) state);
    __m128i efgh = _mm_loadu_si128((const __m128i *) (const void *) (state + 4));
    __m128i badc = _mm_shuffle_epi32(abcd, 0xb1), hgfe = _mm_shuffle_epi32(efgh, 0x1b);
    struct halves s = {.abef = _mm_alignr_epi8(badc, hgfe, 8), .cdgh = _mm_blend_epi16(hgfe, badc, 0xf0)};
    for (; count > 0; count--, blocks += 64) {
        take_block(&s, blocks);
    }
    __m128i feba = _mm_shuffle_epi32(s.abef, 0x1b), dchg = _mm_shuffle_epi32(s.cdgh, 0xb1);
    _mm_storeu_si128((__m128i *) (void *) state, _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128((__m128i *) (void *) (state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

#endif
