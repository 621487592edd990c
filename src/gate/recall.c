/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places of answers; see recall.h.
 *
 * Input: fingerprints of questions.  Output: places.  Owns nothing, allocates nothing.
 */
#include "gate/recall.h"

bool
tt_gate_recall_find(struct tt_gate_recall *recall, struct tt_fingerprint question, size_t *place)
{
    size_t first = question.low % (TT_GATE_ANSWERS / TT_GATE_RECALL_WAYS) * TT_GATE_RECALL_WAYS, oldest = first;
    recall->now++;
    for (size_t i = first; i < first + TT_GATE_RECALL_WAYS; i++) {
        if (recall->asked[i] > 0 && tt_fingerprint_eq(recall->questions[i], question)) {
            recall->asked[i] = recall->now;
            *place = i;
            return true;
        }
        oldest = recall->asked[i] < recall->asked[oldest] ? i : oldest;
    }
    recall->questions[oldest] = question;
    recall->asked[oldest] = recall->now;
    *place = oldest;
    return false;
}
