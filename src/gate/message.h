/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the person at the client reads when a request does not go on: which rule, since when, what to use instead, whom to ask.  Never text of
 * the request.
 */
#ifndef TT_GATE_MESSAGE_H
#define TT_GATE_MESSAGE_H

#include "base/buf.h"
#include "gate/pay.h"
#include "policy/decide.h"

/* A decision of the policy blocks.  keyless: the provider that had the alternative, but no key for it is there; or empty. */
void tt_gate_message_decision(struct tt_buf *out, const struct tt_policy *policy, const struct tt_policy_verdict *verdict,
                              struct tt_str alternative, struct tt_str keyless);

/* An entry of marks blocks. */
void tt_gate_message_mark(struct tt_buf *out, const struct tt_policy *policy, const struct tt_policy_mark *mark);

/* The body refers to what is not in it.  references: enum tt_gate_reference, of the kinds that the policy blocks. */
void tt_gate_message_references(struct tt_buf *out, const struct tt_policy *policy, uint32_t references);

/* A budget does not hold it. */
void tt_gate_message_budget(struct tt_buf *out, const struct tt_policy *policy, const struct tt_pay_state *pay);

/* The request itself is at fault; why: a static sentence without a full stop. */
void tt_gate_message_refusal(struct tt_buf *out, const struct tt_policy *policy, const char *why);

#endif
