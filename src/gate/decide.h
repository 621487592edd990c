/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the policy says about the model, route and software of a request, and where else it could go.
 *
 * A conversation asks the same question at each turn, so a desk remembers the last answers.
 */
#ifndef TT_GATE_DECIDE_H
#define TT_GATE_DECIDE_H

#include "gate/reader.h"
#include "gate/recall.h"
#include "text/fingerprint.h"

/* The question. */
struct tt_gate_question {
    const struct tt_gate_request *request;
    struct tt_str model, product;
    const struct tt_str *servers;
    size_t server_count;
};

struct tt_gate_decisions {
    const struct tt_policy *policy;
    const struct tt_catalog *catalog;
    struct tt_fingerprint_key key;
    struct tt_buf text; /* of a question */
    struct tt_gate_recall questions;
    struct tt_policy_verdict *answers; /* TT_GATE_ANSWERS of them */
    struct tt_gate_recall charged;
    struct tt_gate_bill *bills;     /* the same; NULL: the policy has no budgets */
    struct tt_policy_verdict other; /* the last one about a way to re-route */
};

enum tt_status tt_gate_decisions_init(struct tt_gate_decisions *decisions, const struct tt_alloc *alloc,
                                      const struct tt_policy *policy, const struct tt_catalog *catalog,
                                      const unsigned char secret[16], unsigned cpu) TT_MUST_USE;
void tt_gate_decisions_free(struct tt_gate_decisions *decisions, const struct tt_alloc *alloc);

/* NULL when memory is out.  Borrowed until the next call. */
const struct tt_policy_verdict *tt_gate_decide(struct tt_gate_decisions *decisions, const struct tt_gate_question *question);

/* NULL when memory is out, or the policy has no budgets.  Borrowed until the next call. */
const struct tt_gate_bill *tt_gate_decide_bill(struct tt_gate_decisions *decisions, const struct tt_charge_facts *facts);

/* The decision that gave a verdict; NULL: the policy's default. */
const struct tt_policy_decision *tt_gate_winner(const struct tt_policy_verdict *verdict);

/* Does a rule speak, although it lets the request pass? */
bool tt_gate_speaks(const struct tt_policy_verdict *verdict);

struct tt_gate_route_to {
    struct tt_str model;
    const struct tt_gate_upstream *upstream; /* NULL: there is none */
    const struct tt_gate_upstream
        *keyless; /* the first that had to be left out, for the client's key would have gone there; or NULL */
};

/*
 * The first approved alternative that one of the upstreams serves in the same API; false when there is none.  A key that a client has for
 * one provider is never sent to another one.
 */
bool tt_gate_reroute(struct tt_gate_decisions *decisions, const struct tt_gate_question *question,
                     const struct tt_policy_verdict *verdict, const struct tt_gate_upstream *upstreams, size_t count,
                     struct tt_gate_route_to *to);

/* Words by which User-Agent headers name tools. */
struct tt_gate_agent {
    struct tt_str word, product;
};
struct tt_gate_agents {
    struct tt_gate_agent *items;
    size_t count;
};

/* From the catalogue, which must outlive them. */
enum tt_status tt_gate_agents_init(struct tt_gate_agents *agents, const struct tt_alloc *alloc,
                                   const struct tt_catalog *catalog) TT_MUST_USE;
void tt_gate_agents_free(struct tt_gate_agents *agents, const struct tt_alloc *alloc);

/* The id of the tool that a header names; an empty string when none is known. */
struct tt_str tt_gate_agents_find(const struct tt_gate_agents *agents, struct tt_str user_agent);

#endif
