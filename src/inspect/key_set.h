/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of one byte that make text of a byte, as a set: those that make text of many bytes are what their sets have in common, and of bytes that
 * mean nothing nothing is left after some eight.
 */
#ifndef TT_INSPECT_KEY_SET_H
#define TT_INSPECT_KEY_SET_H

#include "inspect/score.h"

/* Key k is bit k % 64 of word k / 64. */
struct tt_key_set {
    uint64_t words[4];
};

/* All k for which c ^ k may stand in a list. */
struct tt_key_set tt_key_set_xor(unsigned char c);

/* All k for which c + k may. */
struct tt_key_set tt_key_set_add(unsigned char c);

/* All k for which c - k may. */
struct tt_key_set tt_key_set_subtract(unsigned char c);

/* The same set with by taken away from each key: what k + by has to be, said of k. */
struct tt_key_set tt_key_set_shift(struct tt_key_set set, unsigned char by);

static inline bool
tt_key_set_has(const struct tt_key_set *set, unsigned key)
{
    return set->words[key / 64] >> key % 64 & 1;
}

/* Keeps what both have; false when that is nothing. */
static inline bool
tt_key_set_meet(struct tt_key_set *set, const struct tt_key_set *other)
{
    uint64_t any = 0;
    for (size_t i = 0; i < 4; i++) {
        any |= set->words[i] &= other->words[i];
    }
    return any != 0;
}

#endif
