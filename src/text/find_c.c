/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernels that look for pairs of bytes and for runs of base64, in plain C, and the alphabet that all versions share.
 *
 * Input and output as kernel.h says.  Owns nothing; reads p[0..n) only.
 */
#include "text/kernel_isa.h"

/* Sets: 1 the signs + - /, 2 digits, 4 columns of A-O, 8 of P-Z and _, 16 of p-z. */
const struct tt_byte_sets tt_base64_sets = {
    .high = {[2] = 1, [3] = 2, [4] = 4, [5] = 8, [6] = 4, [7] = 16},
    .low = {[0] = 2 | 8 | 16,
            [1] = 2 | 4 | 8 | 16,
            [2] = 2 | 4 | 8 | 16,
            [3] = 2 | 4 | 8 | 16,
            [4] = 2 | 4 | 8 | 16,
            [5] = 2 | 4 | 8 | 16,
            [6] = 2 | 4 | 8 | 16,
            [7] = 2 | 4 | 8 | 16,
            [8] = 2 | 4 | 8 | 16,
            [9] = 2 | 4 | 8 | 16,
            [0xA] = 4 | 8 | 16,
            [0xB] = 1 | 4,
            [0xC] = 4,
            [0xD] = 1 | 4,
            [0xE] = 4,
            [0xF] = 1 | 4 | 8},
};

static unsigned
sets_of(const struct tt_byte_sets *sets, unsigned char c)
{
    return sets->high[c >> 4] & sets->low[c & 0xF];
}

TT_KERNEL_FIND_PAIR(tt_find_pair_c)
{
    for (size_t pos = from; pos < n; pos++) {
        unsigned first = sets_of(&pairs->first, p[pos]);
        if (first && (pos + 1 == n || (first & sets_of(&pairs->second, p[pos + 1])))) {
            return pos;
        }
    }
    return n;
}

/* Jumps: where the last character of a possible run is none of the alphabet, no run begins before it. */
TT_KERNEL_FIND_RUN(tt_find_run_c)
{
    size_t pos = from;
    while (n >= TT_TOKEN_RUN_MIN && pos <= n - TT_TOKEN_RUN_MIN) {
        size_t at = pos + TT_TOKEN_RUN_MIN;
        while (at > pos && sets_of(&tt_base64_sets, p[at - 1])) {
            at--;
        }
        if (at == pos) {
            *end = pos + TT_TOKEN_RUN_MIN;
            while (*end < n && sets_of(&tt_base64_sets, p[*end])) {
                *end += 1;
            }
            return pos;
        }
        pos = at;
    }
    *end = n;
    return n;
}
