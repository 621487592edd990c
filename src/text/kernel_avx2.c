/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernels with AVX2 but for collect, which has a file of its own: 32 or 64 bytes a step.
 *
 * Input and output as kernel.h says.  Owns nothing; reads p[0..n) only: whatever does not fill a step is left to the
 * reference.
 *
 * UTF-8 is validated as in Keiser and Lemire, "Validating UTF-8 in less than one instruction per byte" (2021): three
 * look-ups by nibble name every error that two neighbouring bytes can show, and one comparison finds the missing or
 * surplus third and fourth bytes.
 */
#include "text/kernel_isa.h"

#ifdef TT_HAVE_AVX2

#include "text/kernel_avx2.h"

/* ---- valid_utf8 ---- */

/* What is wrong with two neighbouring bytes; a bit is an error when all three tables have it. */
enum {
    E_SHORT = 1 << 0,                    /* a lead, then no continuation */
    E_LONG = 1 << 1,                     /* ASCII, then a continuation */
    E_OVERLONG_3 = 1 << 2,               /* E0 80..9F */
    E_LARGE = 1 << 3,                    /* F4 90..BF, or a lead over F4 with 90..BF */
    E_SURROGATE = 1 << 4,                /* ED A0..BF */
    E_OVERLONG_2 = 1 << 5,               /* C0 or C1 */
    E_EDGE_4 = 1 << 6,                   /* F0 80..8F is overlong; a lead over F4 with 80..8F is too large */
    E_TWO = 1 << 7,                      /* two continuations: right only as third or fourth byte */
    E_ANY_LOW = E_SHORT | E_LONG | E_TWO /* these do not depend on the first byte's low nibble */
};

static const uint8_t by_first_high[16] = {
    E_LONG,
    E_LONG,
    E_LONG,
    E_LONG,
    E_LONG,
    E_LONG,
    E_LONG,
    E_LONG, /* ASCII */
    E_TWO,
    E_TWO,
    E_TWO,
    E_TWO,                                /* continuations */
    E_SHORT | E_OVERLONG_2,               /* C0..CF */
    E_SHORT,                              /* D0..DF */
    E_SHORT | E_OVERLONG_3 | E_SURROGATE, /* E0..EF */
    E_SHORT | E_LARGE | E_EDGE_4,         /* F0..FF */
};

static const uint8_t by_first_low[16] = {
    E_ANY_LOW | E_OVERLONG_2 | E_OVERLONG_3 | E_EDGE_4, /* C0 E0 F0 */
    E_ANY_LOW | E_OVERLONG_2,                           /* C1 */
    E_ANY_LOW,
    E_ANY_LOW,
    E_ANY_LOW | E_LARGE, /* F4 */
    E_ANY_LOW | E_LARGE | E_EDGE_4,
    E_ANY_LOW | E_LARGE | E_EDGE_4,
    E_ANY_LOW | E_LARGE | E_EDGE_4,
    E_ANY_LOW | E_LARGE | E_EDGE_4,
    E_ANY_LOW | E_LARGE | E_EDGE_4,
    E_ANY_LOW | E_LARGE | E_EDGE_4,
    E_ANY_LOW | E_LARGE | E_EDGE_4,
    E_ANY_LOW | E_LARGE | E_EDGE_4,
    E_ANY_LOW | E_LARGE | E_EDGE_4 | E_SURROGATE, /* ED */
    E_ANY_LOW | E_LARGE | E_EDGE_4,
    E_ANY_LOW | E_LARGE | E_EDGE_4,
};

static const uint8_t by_second_high[16] = {
    E_SHORT,
    E_SHORT,
    E_SHORT,
    E_SHORT,
    E_SHORT,
    E_SHORT,
    E_SHORT,
    E_SHORT,                                                 /* ASCII */
    E_LONG | E_OVERLONG_2 | E_TWO | E_OVERLONG_3 | E_EDGE_4, /* 80..8F */
    E_LONG | E_OVERLONG_2 | E_TWO | E_OVERLONG_3 | E_LARGE,  /* 90..9F */
    E_LONG | E_OVERLONG_2 | E_TWO | E_SURROGATE | E_LARGE,   /* A0..AF */
    E_LONG | E_OVERLONG_2 | E_TWO | E_SURROGATE | E_LARGE,   /* B0..BF */
    E_SHORT,
    E_SHORT,
    E_SHORT,
    E_SHORT, /* leads */
};

/* x moved up by k bytes, the last k bytes of before in front. */
#define SHIFT_IN(before, x, k) _mm256_alignr_epi8((x), _mm256_permute2x128_si256((before), (x), 0x21), 16 - (k))

/* Not zero where a byte of x cannot stand behind what precedes it. */
static inline AVX2 __m256i
find_errors(__m256i before, __m256i x)
{
    __m256i prev1 = SHIFT_IN(before, x, 1);
    __m256i pairs = _mm256_and_si256(_mm256_and_si256(_mm256_shuffle_epi8(load_table(by_first_high), high_nibbles(prev1)),
                                                      _mm256_shuffle_epi8(load_table(by_first_low), low_nibbles(prev1))),
                                     _mm256_shuffle_epi8(load_table(by_second_high), high_nibbles(x)));
    /* The top bit stays set where a lead of three stands two places back, or a lead of four three places back. */
    __m256i third = _mm256_subs_epu8(SHIFT_IN(before, x, 2), _mm256_set1_epi8((char) (0xE0 - 0x80)));
    __m256i fourth = _mm256_subs_epu8(SHIFT_IN(before, x, 3), _mm256_set1_epi8((char) (0xF0 - 0x80)));
    __m256i expected = _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8((char) E_TWO));
    return _mm256_xor_si256(expected, pairs);
}

/* Whole vectors from the start that show no error; the last character of them may be cut. */
static AVX2 size_t
skip_valid(const unsigned char *p, size_t n)
{
    __m256i before = _mm256_setzero_si256();
    size_t pos = 0;
    for (; n - pos >= BLOCK; pos += BLOCK) {
        __m256i a = load(p + pos);
        __m256i b = load(p + pos + VECTOR);
        /* All ASCII needs no look-up unless a character was left open. */
        if (_mm256_movemask_epi8(_mm256_or_si256(_mm256_or_si256(a, b), before)) != 0) {
            __m256i errors = _mm256_or_si256(find_errors(before, a), find_errors(a, b));
            if (!_mm256_testz_si256(errors, errors)) {
                break;
            }
        }
        before = b;
    }
    return pos;
}

/* Is a text of less than a block valid?  The blanks behind it show a character that is cut. */
static AVX2 bool
is_short_valid(const unsigned char *p, size_t n)
{
    unsigned char block[BLOCK];
    memset(block, ' ', sizeof(block));
    if (n > 0) { /* an empty text may have no address */
        memcpy(block, p, n);
    }
    return skip_valid(block, sizeof(block)) == sizeof(block);
}

TT_KERNEL_VALID_UTF8(tt_valid_utf8_avx2)
{
    if (n < BLOCK) {
        return n == 0 || is_short_valid(p, n) ? n : tt_valid_utf8_c(p, n);
    }
    size_t end = skip_valid(p, n);
    /* Back to the start of the last character, which may be cut there.  What precedes end is valid, so it is near. */
    size_t pos = end;
    while (pos > 0 && end - pos < 4 && p[pos - 1] >= 0x80) {
        pos--;
        if (p[pos] >= 0xC0) {
            break;
        }
    }
    if (n - pos < BLOCK && is_short_valid(p + pos, n - pos)) {
        return n;
    }
    return pos + tt_valid_utf8_c(p + pos, n - pos);
}

/* ---- counting ---- */

/* Sum of the 32 bytes of x. */
static inline AVX2 size_t
sum_bytes(__m256i x)
{
    __m256i sums = _mm256_sad_epu8(x, _mm256_setzero_si256());
    uint64_t parts[4];
    _mm256_storeu_si256((__m256i *) (void *) parts, sums);
    return (size_t) (parts[0] + parts[1] + parts[2] + parts[3]);
}

/* A byte counts to 255, so the counters are emptied after so many steps. */
#define STEPS_MAX 255

AVX2
TT_KERNEL_COUNT_LINES(tt_count_lines_avx2)
{
    if (n < BLOCK) {
        return tt_count_lines_c(p, n);
    }
    const __m256i newline = _mm256_set1_epi8('\n');
    size_t lines = 0;
    size_t pos = 0;
    while (n - pos >= BLOCK) {
        __m256i even = _mm256_setzero_si256();
        __m256i odd = _mm256_setzero_si256();
        for (int step = 0; step < STEPS_MAX && n - pos >= BLOCK; step++, pos += BLOCK) {
            even = _mm256_sub_epi8(even, _mm256_cmpeq_epi8(load(p + pos), newline));
            odd = _mm256_sub_epi8(odd, _mm256_cmpeq_epi8(load(p + pos + VECTOR), newline));
        }
        lines += sum_bytes(even) + sum_bytes(odd);
    }
    return lines + tt_count_lines_c(p + pos, n - pos);
}

AVX2
TT_KERNEL_COUNT_POINTS(tt_count_points_avx2)
{
    if (n < BLOCK) {
        return tt_count_points_c(p, n);
    }
    /* As signed numbers, continuation bytes are the smallest ones. */
    const __m256i last = _mm256_set1_epi8((char) 0xBF);
    size_t points = 0;
    size_t pos = 0;
    while (n - pos >= BLOCK) {
        __m256i even = _mm256_setzero_si256();
        __m256i odd = _mm256_setzero_si256();
        for (int step = 0; step < STEPS_MAX && n - pos >= BLOCK; step++, pos += BLOCK) {
            even = _mm256_sub_epi8(even, _mm256_cmpgt_epi8(load(p + pos), last));
            odd = _mm256_sub_epi8(odd, _mm256_cmpgt_epi8(load(p + pos + VECTOR), last));
        }
        points += sum_bytes(even) + sum_bytes(odd);
    }
    return points + tt_count_points_c(p + pos, n - pos);
}

#endif
