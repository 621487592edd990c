/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a list begins that a key made: nearly all wrong keys are refused by a few bytes, before anything is decoded or judged in full.
 */
#ifndef TT_INSPECT_BEGINNING_H
#define TT_INSPECT_BEGINNING_H

#include "inspect/score.h"
#include "inspect/tables.h"

#define TT_LIST_BITS 2.9        /* for each byte: the least that a list of names or words ever costs */
#define TT_BEGINNING_LABEL 16.0 /* bits by which the last label of a host may cost less than its letters do */

/* The bytes so far; zeroes at first. */
struct tt_beginning {
    uint64_t counts;      /* of some kinds of them, in fields of 16 bits; see tt_beginning_kinds */
    unsigned last, units; /* what they cost */
};

/* Of each byte: is it a sign of names, a point, a capital letter, a digit? */
extern const uint64_t tt_beginning_kinds[256];
#define TT_BEGINNING_SIGNS(counts) ((counts) &0xFFFF)
#define TT_BEGINNING_POINTS(counts) ((counts) >> 16 & 0xFFFF)
#define TT_BEGINNING_CAPITALS(counts) ((counts) >> 32 & 0xFFFF)
#define TT_BEGINNING_DIGITS(counts) ((counts) >> 48)

static inline void
tt_beginning_add(struct tt_beginning *beginning, unsigned char c)
{
    unsigned sign = tt_score_sign(c);
    beginning->counts += tt_beginning_kinds[c];
    beginning->units += sign == 0 && beginning->last == 0 ? TT_PAIR_UNIT : tt_inspect_pairs[beginning->last][sign];
    beginning->last = sign;
}

/* Are most of so many bytes signs of names, in an order that names have? */
static inline bool
tt_beginning_is_good(const struct tt_beginning *beginning, size_t bytes)
{
    return TT_BEGINNING_SIGNS(beginning->counts) * 3 >= bytes * 2 && beginning->units <= TT_NAME_UNITS(bytes);
}

/*
 * Do so many bytes cost more than so many bits, if they are names or words?  The pairs of letters are the least that the judge will count, but for the
 * last labels of hosts.  Of what may be base64 or hexadecimal they say nothing.
 */
static inline bool
tt_beginning_is_dear(const struct tt_beginning *beginning, size_t bytes, double bits)
{
    uint64_t counts = beginning->counts, capitals = TT_BEGINNING_CAPITALS(counts), digits = TT_BEGINNING_DIGITS(counts);
    double least = (double) beginning->units / TT_PAIR_UNIT - TT_BEGINNING_LABEL * (double) TT_BEGINNING_POINTS(counts);
    return least > bits && digits * 4 <= bytes && (capitals * 8 <= bytes || capitals * 4 > bytes * 3 || digits == 0);
}

#endif
