/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tries decoders on a list, one after the other and on each other's results, until it says names of hosts or words.
 */
#ifndef TT_INSPECT_EXPLORE_H
#define TT_INSPECT_EXPLORE_H

#include "inspect/decode.h"

#define TT_EXPLORE_DEPTH 3       /* decoders on each other's results, keys and divisions not counted */
#define TT_EXPLORE_STEPS_MAX 256 /* bytes of the names of the steps */

#define TT_EXPLORE_LOW_BYTES "low bytes" /* the step that takes the low bytes of characters beyond ASCII */

struct tt_explored {
    char steps[TT_EXPLORE_STEPS_MAX]; /* "base64 > xor 0x5a > split ','" */
    struct tt_items items;            /* the decoded list; in the arena */
    struct tt_score score;
    double bits; /* of evidence, less what keys cost */
    bool cut;    /* only the beginning was decoded */
};

/*
 * Looks behind a list.  from: a step that was needed to read it from the program, or NULL (then the list as it is proves nothing).  False: nothing was
 * found.  decoding->arena holds the result until it is emptied.
 */
bool tt_explore(struct tt_decoding *decoding, struct tt_items items, const char *from, struct tt_explored *out);

#endif
