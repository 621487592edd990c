/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets of keys; see key_set.h.
 *
 * In: a byte.  Out: a set.  Owns nothing.  Each set is the set of text with its places moved, so that no byte is looked at 256 times.
 */
#include "inspect/key_set.h"

/* What tt_score_is_text() says: NUL, tabulator, line feed, carriage return, and from the blank to the tilde. */
static const struct tt_key_set text = {{0xFFFFFFFF00002601, 0x7FFFFFFFFFFFFFFF, 0, 0}};

/* { k : -k is text } */
static const struct tt_key_set minus = {{1, 0, 0xFFFFFFFFFFFFFFFC, 0x00C80001FFFFFFFF}};

struct tt_key_set
tt_key_set_xor(unsigned char c)
{
    static const uint64_t low[6] = {0x5555555555555555, 0x3333333333333333, 0x0F0F0F0F0F0F0F0F,
                                    0x00FF00FF00FF00FF, 0x0000FFFF0000FFFF, 0x00000000FFFFFFFF};
    struct tt_key_set set;
    for (unsigned word = 0; word < 4; word++) {
        uint64_t bits = text.words[word ^ (unsigned) c >> 6];
        /* Bit j goes to j ^ c: for each bit of c that is set, neighbours at that distance change places. */
        for (unsigned i = 0; i < 6 && bits; i++) {
            unsigned by = 1u << i;
            bits = c & by ? (bits & low[i]) << by | (bits >> by & low[i]) : bits;
        }
        set.words[word] = bits;
    }
    return set;
}

struct tt_key_set
tt_key_set_shift(struct tt_key_set set, unsigned char by)
{
    struct tt_key_set shifted;
    unsigned words = by / 64, bits = by % 64;
    for (unsigned i = 0; i < 4; i++) {
        uint64_t below = set.words[(i + words) % 4], above = set.words[(i + words + 1) % 4];
        shifted.words[i] = bits ? below >> bits | above << (64 - bits) : below;
    }
    return shifted;
}

struct tt_key_set
tt_key_set_add(unsigned char c)
{
    return tt_key_set_shift(text, c);
}

struct tt_key_set
tt_key_set_subtract(unsigned char c)
{
    return tt_key_set_shift(minus, (unsigned char) (0 - c));
}
