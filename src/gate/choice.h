/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which model takes the place of one that a policy does not allow: the models that an upstream has of an alternative, in the order in which they
 * come into question.
 *
 * An alternative is a family or one model.  Of a family the model comes first whose price of output is nearest to that of the model that was
 * asked for; where that has no known price, the cheapest.  Of two that are alike in this the cheaper one, then the one listed first;
 * models without a known price come last.
 */
#ifndef TT_GATE_CHOICE_H
#define TT_GATE_CHOICE_H

#include "gate/gate.h"

/* A model, and all that its turn depends on. */
struct tt_gate_candidate {
    struct tt_str model; /* as the upstream calls it */
    uint64_t distance;   /* of its price; UINT64_MAX: it has none */
    int64_t output, input;
    size_t index;
};

struct tt_gate_choice {
    const struct tt_catalog *catalog;
    bool in_path;  /* the model stands in the path: its name must be one plain segment */
    int64_t asked; /* the price of output of the model that was asked for; 0: unknown */
    struct tt_str alternative;
    const struct tt_catalog_entry *family; /* that the alternative is; NULL: it is a model */
    const struct tt_gate_upstream *upstream;
    bool has_list; /* the upstream's own list has a model that fits: the catalogue is not asked */
    bool begun;
    struct tt_gate_candidate at; /* after a tt_gate_choice_next that was true */
};

/* catalog and in_path are set.  model: as it was asked for; provider: where. */
void tt_gate_choice_ask(struct tt_gate_choice *choice, struct tt_str provider, struct tt_str model);

void tt_gate_choice_begin(struct tt_gate_choice *choice, struct tt_str alternative, const struct tt_gate_upstream *upstream);

/* The next candidate, in choice->at; false behind the last.  Nothing is allocated: each call looks through all of them. */
bool tt_gate_choice_next(struct tt_gate_choice *choice);

#endif
