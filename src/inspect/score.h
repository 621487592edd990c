/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a list of byte strings say names of hosts, or words?  In bits of evidence.
 */
#ifndef TT_INSPECT_SCORE_H
#define TT_INSPECT_SCORE_H

#include "base/str.h"

/* Byte strings, one after the other. */
struct tt_items {
    const struct tt_str *list;
    size_t count;
};

struct tt_score {
    double bits;   /* by how much names or words explain the text better than letters drawn at random */
    size_t bytes;  /* of the items */
    size_t signs;  /* bytes of names and words among them */
    size_t hosts;  /* different names of hosts */
    size_t words;  /* different other words */
    size_t bad;    /* bytes that neither are nor divide any */
    size_t spaces; /* divisions that are a blank, as in sentences */
    size_t upper;  /* capital letters */
};

/* Reads every item, and every part of one that other signs divide. */
struct tt_score tt_score_items(struct tt_items items);

/*
 * The next name or word at or behind *item, *pos; false at the end.  *divider: the sign in front of it within its item, or 0.
 */
bool tt_score_next(struct tt_items items, size_t *item, size_t *pos, struct tt_str *part, char *divider);

/* Bits for a byte of text, up to a bound of bytes: below 0 for what is no name and no word, in any direction. */
double tt_score_rate(struct tt_str text);

/* May the byte stand in a decoded list? */
bool tt_score_is_text(unsigned char c);

#endif
