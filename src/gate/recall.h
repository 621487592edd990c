/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of a fixed number of answers belongs to a question.
 *
 * Questions are known by their keyed fingerprints, four to a set; of a set the answer goes that was not asked for longest.  The answers themselves
 * lie in an array of the caller.
 */
#ifndef TT_GATE_RECALL_H
#define TT_GATE_RECALL_H

#include "base/limits.h"
#include "text/fingerprint.h"

#define TT_GATE_RECALL_WAYS 4

/* Zeros: nothing is known. */
struct tt_gate_recall {
    struct tt_fingerprint questions[TT_GATE_ANSWERS];
    uint64_t asked[TT_GATE_ANSWERS]; /* which question was the last for it; 0: none */
    uint64_t now;                    /* questions so far */
};

/* The place of the answer; false: it is not known, and the caller puts it there now. */
bool tt_gate_recall_find(struct tt_gate_recall *recall, struct tt_fingerprint question, size_t *place);

#endif
