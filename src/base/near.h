/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "Did you mean": which of several names is nearest to a word that was probably mistyped.
 */
#ifndef TT_BASE_NEAR_H
#define TT_BASE_NEAR_H

#include "base/str.h"

#define TT_NEAR_WORD_MAX 40 /* bytes; names are short, and a longer word is near to nothing */

/* One search.  The names are borrowed. */
struct tt_near {
    struct tt_str word;
    struct tt_str best; /* the nearest name so far; empty: none is near */
    size_t least;       /* its typing errors; before the first name, how many are too many to be meant */
};

void tt_near_begin(struct tt_near *near, struct tt_str word);

/* Looks at one more name; of names that are equally near the first stays. */
void tt_near_offer(struct tt_near *near, struct tt_str name);

#endif
