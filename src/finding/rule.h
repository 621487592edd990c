/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a rule means, from the files of data/rules through data/gen/rules.py: the words that every output shows.
 */
#ifndef TT_FINDING_RULE_H
#define TT_FINDING_RULE_H

#include "base/str.h"

struct tt_rule {
    const char *id; /* "mark.dateline" */
    const char *title;
    const char *explanation;       /* what it is, in two or three sentences */
    const char *innocent;          /* why it may be innocent */
    const char *next_step;         /* what a person does now */
    const char *source;            /* where the knowledge comes from */
    bool always_shown;             /* text output lists it at every level */
    const struct tt_str *examples; /* texts that must be found */
    size_t example_count;
    const struct tt_str *counter_examples; /* texts that must not, at suspicious or above */
    size_t counter_example_count;
};

/* All rules, ordered by id; static storage. */
extern const struct tt_rule tt_rules[];
extern const size_t tt_rule_count;

/* NULL when there is none of that id. */
const struct tt_rule *tt_rule_find(struct tt_str id);

#endif
