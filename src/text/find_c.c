/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernels that look for escapes and for runs of base64, in plain C, and the tables that all versions share.
 *
 * Input and output as kernel.h says.  Owns nothing; reads p[0..n) only.
 *
 * Escapes are found by pairs of bytes.  The table of pairs may say yes in vain, for the readers of escape_read.c look closely, but
 * never no to what they read.  What it leaves out is what ordinary text is full of: "\n" in sources, "%s", "+=", "& ".
 */
#include "text/kernel_isa.h"

/* The sets: a sign and what follows it, a rectangle of high and low nibbles each. */
enum {
    SET_BACKSLASH = 1 << 0,      /* \ before u U x 0 3 and \; in vain: before 5 8 P S X p s < | and more of these columns */
    SET_PERCENT_HEX = 1 << 1,    /* % before 1-9 a-f A-F; in vain: g h i G H I.  %0X is no escape, its byte being a control */
    SET_PERCENT_U = 1 << 2,      /* %u */
    SET_AMPERSAND_NAME = 1 << 3, /* & before a letter; in vain: before signs of these rows */
    SET_AMPERSAND_HASH = 1 << 4, /* &# */
    SET_PLUS_DIGIT = 1 << 5,     /* + before a digit: UTF-7 */
    SET_PLUS_LETTER = 1 << 6,    /* + before a letter; in vain: before signs of these rows */
    SET_PLUS_SIGN = 1 << 7,      /* + before + and / */
};

#define SET_PERCENT (SET_PERCENT_HEX | SET_PERCENT_U)
#define SET_AMPERSAND (SET_AMPERSAND_NAME | SET_AMPERSAND_HASH)
#define SET_PLUS (SET_PLUS_DIGIT | SET_PLUS_LETTER | SET_PLUS_SIGN)
#define SET_LETTER (SET_AMPERSAND_NAME | SET_PLUS_LETTER)

const struct tt_escape_pairs tt_escape_pairs = {
    .first = {.high = {[2] = SET_PERCENT | SET_AMPERSAND | SET_PLUS, [5] = SET_BACKSLASH},
              .low = {[5] = SET_PERCENT, [6] = SET_AMPERSAND, [0xB] = SET_PLUS, [0xC] = SET_BACKSLASH}},
    .second = {.high = {[2] = SET_AMPERSAND_HASH | SET_PLUS_SIGN,
                        [3] = SET_BACKSLASH | SET_PERCENT_HEX | SET_PLUS_DIGIT,
                        [4] = SET_PERCENT_HEX | SET_LETTER,
                        [5] = SET_BACKSLASH | SET_LETTER,
                        [6] = SET_PERCENT_HEX | SET_LETTER,
                        [7] = SET_BACKSLASH | SET_PERCENT_U | SET_LETTER},
               .low = {[0] = SET_LETTER | SET_PLUS_DIGIT | SET_BACKSLASH,
                       [1] = SET_LETTER | SET_PLUS_DIGIT | SET_PERCENT_HEX,
                       [2] = SET_LETTER | SET_PLUS_DIGIT | SET_PERCENT_HEX,
                       [3] = SET_LETTER | SET_PLUS_DIGIT | SET_PERCENT_HEX | SET_BACKSLASH | SET_AMPERSAND_HASH,
                       [4] = SET_LETTER | SET_PLUS_DIGIT | SET_PERCENT_HEX,
                       [5] = SET_LETTER | SET_PLUS_DIGIT | SET_PERCENT_HEX | SET_PERCENT_U | SET_BACKSLASH,
                       [6] = SET_LETTER | SET_PLUS_DIGIT | SET_PERCENT_HEX,
                       [7] = SET_LETTER | SET_PLUS_DIGIT | SET_PERCENT_HEX,
                       [8] = SET_LETTER | SET_PLUS_DIGIT | SET_PERCENT_HEX | SET_BACKSLASH,
                       [9] = SET_LETTER | SET_PLUS_DIGIT | SET_PERCENT_HEX,
                       [0xA] = SET_LETTER,
                       [0xB] = SET_LETTER | SET_PLUS_SIGN,
                       [0xC] = SET_LETTER | SET_BACKSLASH,
                       [0xD] = SET_LETTER,
                       [0xE] = SET_LETTER,
                       [0xF] = SET_LETTER | SET_PLUS_SIGN}},
};

/* Sets: 1 the signs + - /, 2 digits, 4 columns of A-O, 8 of P-Z and _, 16 of p-z. */
const struct tt_nibble_sets tt_base64_sets = {
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
sets_of(const struct tt_nibble_sets *sets, unsigned char c)
{
    return sets->high[c >> 4] & sets->low[c & 0xF];
}

TT_KERNEL_FIND_ESCAPE(tt_find_escape_c)
{
    for (size_t pos = from; pos < n; pos++) {
        unsigned first = sets_of(&tt_escape_pairs.first, p[pos]);
        if (first && (pos + 1 == n || (first & sets_of(&tt_escape_pairs.second, p[pos + 1])))) {
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
