/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Membership in the lists of UTS #51 (RGI emoji) and of the variation sequences, by binary search in generated tables.
 *
 * Input: code points.  Output: yes or no.  Owns nothing.  Work is bounded by the length of the input and of the tables.
 */
#include "text/sequence.h"

#include "text/tables.h"

#define EMOJI_PRESENTATION 0xFE0Fu

/* Order of two sequences of n code points, as the generator sorts them. */
static int
compare_points(const uint32_t *a, const uint32_t *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (a[i] != b[i]) {
            return a[i] < b[i] ? -1 : 1;
        }
    }
    return 0;
}

static bool
is_in_group(const uint32_t *cps, size_t n)
{
    const uint32_t *listed = tt_emoji_symbols + tt_emoji_groups[n].start;
    size_t low = 0;
    size_t high = tt_emoji_groups[n].count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_points(cps, listed + middle * n, n);
        if (order == 0) {
            return true;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return false;
}

bool
tt_emoji_is_rgi(const uint32_t *cps, size_t n)
{
    uint32_t kept[TT_EMOJI_SEQUENCE_MAX];
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (cps[i] == EMOJI_PRESENTATION) {
            continue;
        }
        if (count == TT_EMOJI_SEQUENCE_MAX) {
            return false;
        }
        kept[count++] = cps[i];
    }
    return is_in_group(kept, count);
}

/* 0-15 for FE00-FE0F, 16-20 for 180B-180F, else -1.  The generator counts alike. */
static int
selector_number(uint32_t cp)
{
    if (cp >= 0xFE00 && cp <= 0xFE0F) {
        return (int) (cp - 0xFE00);
    }
    return cp >= 0x180B && cp <= 0x180F ? (int) (16 + cp - 0x180B) : -1;
}

bool
tt_variation_is_listed(uint32_t base, uint32_t selector)
{
    if (selector >= 0xE0100 && selector <= 0xE01EF) {
        return tt_char_is(base, TT_CHAR_IDEOGRAPH);
    }
    int number = selector_number(selector);
    if (number < 0 || base > 0x10FFFF) {
        return false;
    }
    uint32_t pair = base << 5 | (uint32_t) number;
    size_t low = 0;
    size_t high = tt_variation_pair_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tt_variation_pairs[middle] < pair) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < tt_variation_pair_count && tt_variation_pairs[low] == pair;
}
