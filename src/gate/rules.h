/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The entries of `marks` of a policy, as a gate applies them.
 */
#ifndef TT_GATE_RULES_H
#define TT_GATE_RULES_H

#include "finding/finding.h"
#include "marks/learned.h"
#include "policy/policy.h"

struct tt_gate_rule {
    const struct tt_policy_mark *mark;
    const char *rule;   /* of the channel: "mark.tags" */
    struct tt_str site; /* the learned site that it is about; empty: any */
    enum tt_level level;
    enum tt_policy_mark_action action;
};

struct tt_gate_rules {
    struct tt_gate_rule *items;
    size_t count;
};

enum tt_status tt_gate_rules_init(struct tt_gate_rules *rules, const struct tt_alloc *alloc, const struct tt_policy *policy,
                                  const struct tt_learned *learned, struct tt_error *err) TT_MUST_USE;
void tt_gate_rules_free(struct tt_gate_rules *rules, const struct tt_alloc *alloc);

/* Does any entry speak of candidates of that rule? */
bool tt_gate_rules_want(const struct tt_gate_rules *rules, const char *rule);

/*
 * The strictest entry that speaks of the finding in a request to provider; NULL when none does.  *named says whether any is about its
 * channel: what no entry is about is reported from suspicious on.
 */
const struct tt_gate_rule *tt_gate_rules_find(const struct tt_gate_rules *rules, struct tt_str provider,
                                              const struct tt_finding *f, bool *named);

#endif
