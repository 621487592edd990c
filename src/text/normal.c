/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Canonical decomposition, ordering and composition (UAX #15) by binary search in generated tables, but for the many characters
 * whose flags say that there is nothing to find.
 *
 * Input: code points; numbers that are no character stand for themselves.  Output: values, or the caller's array.  Owns nothing.
 * Work is linear but for the sort of one run of marks, which is an insertion sort: long runs are hostile, and the callers bound
 * their input.
 */
#include "text/normal.h"

#include "text/tables.h"

/* Hangul syllables are arithmetic: leading consonant, vowel, tail. */
#define HANGUL_S 0xAC00u
#define HANGUL_L 0x1100u
#define HANGUL_V 0x1161u
#define HANGUL_T 0x11A7u
#define HANGUL_L_COUNT 19u
#define HANGUL_V_COUNT 21u
#define HANGUL_T_COUNT 28u
#define HANGUL_S_COUNT (HANGUL_L_COUNT * HANGUL_V_COUNT * HANGUL_T_COUNT)

/* A mapping can lead to another one, in Unicode 15.0 up to three times. */
#define DEPTH_MAX 8

uint8_t
tt_normal_class(uint32_t cp)
{
    return tt_char(cp)->combining;
}

/* The first of sorted triples that is not before (a, b). */
static const struct tt_normal_triple *
find_triple(const struct tt_normal_triple *triples, size_t count, uint32_t a, uint32_t b)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct tt_normal_triple *triple = &triples[middle];
        if (triple->a < a || (triple->a == a && triple->b < b)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < count ? &triples[low] : NULL;
}

static uint32_t
compose_hangul(uint32_t first, uint32_t second)
{
    uint32_t leading = first - HANGUL_L; /* what is below the base wraps to a number beyond the count */
    uint32_t vowel = second - HANGUL_V;
    uint32_t syllable = first - HANGUL_S;
    uint32_t tail = second - HANGUL_T;
    if (leading < HANGUL_L_COUNT && vowel < HANGUL_V_COUNT) {
        return HANGUL_S + (leading * HANGUL_V_COUNT + vowel) * HANGUL_T_COUNT;
    }
    if (syllable < HANGUL_S_COUNT && syllable % HANGUL_T_COUNT == 0 && tail > 0 && tail < HANGUL_T_COUNT) {
        return first + tail;
    }
    return 0;
}

uint32_t
tt_normal_compose(uint32_t first, uint32_t second)
{
    if (!tt_char_is(second, TT_CHAR_COMPOSING) || !tt_char(first)->leads) {
        return 0;
    }
    const struct tt_normal_triple *pair = find_triple(tt_normal_pairs, tt_normal_pair_count, first, second);
    return pair && pair->a == first && pair->b == second ? pair->c : compose_hangul(first, second);
}

static size_t
decompose_hangul(uint32_t cp, uint32_t out[2])
{
    uint32_t syllable = cp - HANGUL_S;
    uint32_t tail = syllable % HANGUL_T_COUNT;
    if (tail > 0) {
        out[0] = cp - tail;
        out[1] = HANGUL_T + tail;
    } else {
        out[0] = HANGUL_L + syllable / (HANGUL_V_COUNT * HANGUL_T_COUNT);
        out[1] = HANGUL_V + syllable / HANGUL_T_COUNT % HANGUL_V_COUNT;
    }
    return 2;
}

size_t
tt_normal_decompose(uint32_t cp, uint32_t out[2])
{
    if (!tt_char_is(cp, TT_CHAR_DECOMPOSING)) {
        return 0;
    }
    if (cp - HANGUL_S < HANGUL_S_COUNT) {
        return decompose_hangul(cp, out);
    }
    const struct tt_normal_triple *parts = find_triple(tt_normal_parts, tt_normal_part_count, cp, 0);
    if (!parts || parts->a != cp) {
        return 0;
    }
    out[0] = parts->b;
    out[1] = parts->c;
    return parts->c ? 2 : 1;
}

/* Puts cp, which was just added at the end, among the marks before it. */
static void
reorder_last(uint32_t *out, size_t length)
{
    uint32_t cp = out[length - 1];
    uint8_t combining = tt_normal_class(cp);
    size_t at = length - 1;
    while (combining > 0 && at > 0 && tt_normal_class(out[at - 1]) > combining) {
        out[at] = out[at - 1];
        at--;
    }
    out[at] = cp;
}

/* Adds the full decomposition of cp.  The second part of a mapping never decomposes further before the first is done. */
static enum tt_status
add_decomposed(uint32_t cp, uint32_t *out, size_t cap, size_t *length)
{
    uint32_t waiting[DEPTH_MAX];
    uint32_t parts[2];
    size_t count = 0;
    waiting[count++] = cp;
    while (count > 0) {
        cp = waiting[--count];
        size_t n = tt_normal_decompose(cp, parts);
        if (n > 0 && count + n <= DEPTH_MAX) {
            waiting[count++] = parts[n - 1];
            if (n == 2) {
                waiting[count++] = parts[0];
            }
            continue;
        }
        if (*length == cap) {
            return TT_E_LIMIT;
        }
        out[(*length)++] = cp;
        reorder_last(out, *length);
    }
    return TT_OK;
}

enum tt_status
tt_normal_nfd(const uint32_t *in, size_t n, uint32_t *out, size_t cap, size_t *length)
{
    *length = 0;
    for (size_t i = 0; i < n; i++) {
        TT_TRY(add_decomposed(in[i], out, cap, length));
    }
    return TT_OK;
}

enum tt_status
tt_normal_nfc(const uint32_t *in, size_t n, uint32_t *out, size_t cap, size_t *length)
{
    size_t decomposed;
    size_t kept = 0;
    size_t starter = SIZE_MAX; /* where the last starter stands, once there is one */
    uint8_t last = 0;
    *length = 0;
    TT_TRY(tt_normal_nfd(in, n, out, cap, &decomposed));
    for (size_t i = 0; i < decomposed; i++) {
        uint8_t combining = tt_normal_class(out[i]);
        bool blocked = starter == SIZE_MAX || (kept > starter + 1 && last >= combining);
        uint32_t whole = blocked ? 0 : tt_normal_compose(out[starter], out[i]);
        if (whole) {
            out[starter] = whole;
            continue;
        }
        starter = combining == 0 ? kept : starter;
        last = combining;
        out[kept++] = out[i];
    }
    *length = kept;
    return TT_OK;
}
