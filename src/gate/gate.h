/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request to a model API, judged: what the policy says about it, what its body hides, what may be forwarded.
 *
 * The gate is built once from a policy and a catalogue and is const from then on.  A desk is what one worker needs to judge one request after
 * another; it holds no text of requests, only keyed hashes of strings that were clean.  No I/O, no clock: the day is part of the request.
 *
 * The judgement is a pure function of the bytes, the policy and the day: equal text gives equal edits in every turn of a conversation.
 */
#ifndef TT_GATE_GATE_H
#define TT_GATE_GATE_H

#include "catalog/catalog.h"
#include "finding/finding.h"
#include "gate/charge.h"
#include "marks/learned.h"
#include "marks/normalise.h"
#include "policy/decide.h"
#include "traffic/answer.h"
#include "traffic/route.h"

struct tt_gate;
struct tt_desk;

/* Where requests can be sent: a choice for re-routing.  The strings must outlive the gate. */
struct tt_gate_upstream {
    struct tt_str provider; /* id in the catalogue */
    struct tt_str host;
    enum tt_api api;
    const struct tt_str *models; /* names that it has, for policies that name a family as the alternative; may be NULL */
    size_t model_count;
    bool
        has_key; /* the gateway sends its own key there, never the client's; else only requests to this provider may be sent here */
};

/*
 * policy, catalog, learned (sites of descriptions; may be NULL) and upstreams must outlive the gate.  TT_E_INPUT: the policy asks for something that the gate cannot do; err says what.
 */
enum tt_status tt_gate_new(const struct tt_alloc *alloc, const struct tt_policy *policy, const struct tt_catalog *catalog,
                           const struct tt_learned *learned, const struct tt_gate_upstream *upstreams, size_t upstream_count,
                           struct tt_gate **gate, struct tt_error *err) TT_MUST_USE;
void tt_gate_free(struct tt_gate *gate);

/*
 * seed: 32 random bytes, for the hashes of a desk; its memory is fixed beside scratch that is given back.  kernels: those of
 * tt_kernels_get(tt_cpu_detect()), or fewer.
 */
enum tt_status tt_desk_new(const struct tt_alloc *alloc, const struct tt_gate *gate, unsigned cpu, const unsigned char seed[32],
                           struct tt_desk **desk) TT_MUST_USE;
void tt_desk_free(struct tt_desk *desk);

enum tt_coding { TT_CODING_IDENTITY, TT_CODING_GZIP, TT_CODING_ZSTD, TT_CODING_OTHER };
enum tt_coding tt_coding_of(struct tt_str content_encoding); /* of the header's value; empty: identity; two codings: other */

/* What is known before the body is read.  Strings may be empty: not known. */
struct tt_gate_request {
    struct tt_route route;
    struct tt_str provider;   /* id in the catalogue: where the route leads */
    struct tt_str host;       /* of the upstream */
    struct tt_str user_agent; /* names the product, as far as the catalogue knows it */
    struct tt_str team, region;
    enum tt_coding coding;
    int64_t day;     /* yyyymmdd, in the policy's time zone */
    size_t body_max; /* bytes, before and after decoding */
};

enum tt_gate_action {
    TT_GATE_ALLOW,     /* the original bytes go on */
    TT_GATE_REPORT,    /* the same, and a rule spoke */
    TT_GATE_NORMALISE, /* edits are made */
    TT_GATE_REROUTE,   /* upstream and perhaps model change; edits are made, or the path's model is replaced by alternative */
    TT_GATE_BLOCK,     /* refusal, message: nothing goes on.  A rule of the policy decided */
    TT_GATE_REFUSE,    /* the same; the request itself is at fault, or was not inspected where the policy fails closed */
};
const char *tt_gate_action_name(enum tt_gate_action action); /* "allow" ...; static */

/* What a body leaves to be fetched elsewhere, so that nobody inspected it. */
enum tt_gate_reference {
    TT_REFERENCE_RESPONSE = 1 << 0, /* previous_response_id, conversation, references to items of them */
    TT_REFERENCE_PROMPT = 1 << 1,   /* a stored prompt */
    TT_REFERENCE_CACHE = 1 << 2,    /* cachedContent */
    TT_REFERENCE_FILE = 1 << 3,     /* ids of files, of stores of files, of containers that hold files */
    TT_REFERENCE_URL = 1 << 4,      /* remote images and documents */
    TT_REFERENCE_SERVER = 1 << 5,   /* remote servers of tools */
};
#define TT_REFERENCES TT_POLICY_REFERENCES
const char *tt_gate_reference_name(unsigned bit); /* 0...: "response" ..., as policies and records say; static */

#define TT_GATE_FINDINGS_MAX 32 /* kept of one request; the rest is counted */

/* Everything is borrowed from the desk, the request or the policy and lives until the desk's next call. */
struct tt_gate_verdict {
    enum tt_gate_action action;
    enum tt_refusal refusal; /* of BLOCK and REFUSE */
    struct tt_str message; /* of these: names rule, day and alternative for the person at the client; never text of the request */
    struct tt_str rule;    /* the decision, or the entry of marks, that decided; empty when none */
    struct tt_str alternative;                /* the approved model or product that the rule names; may be empty */
    const char *not_inspected;                /* static reason, or NULL.  Then the request is never called clean */
    const struct tt_policy_verdict *decision; /* of the policy, on model, route and software; NULL when it was not asked */
    const struct tt_edit *edits; /* over the body as decoded, rising, apart from each other; any action may have them */
    size_t edit_count;
    struct tt_str upstream; /* of REROUTE: the provider's id */
    struct tt_str decoded;  /* the body as inspected, where it was compressed; else empty */
    struct tt_str product,
        model;           /* guess from user_agent; model as asked, as the record may hold it (printable, at most 128 bytes) */
    bool streams;        /* the client asked for a stream */
    uint32_t references; /* enum tt_gate_reference */
    uint32_t tools;      /* definitions of tools */
    int64_t output_max;  /* tokens that the answer may have, as the request says; 0: it does not */
    const struct tt_finding
        *findings; /* by offset; where.offset counts in the body as decoded; line and column are not known: 0 */
    size_t finding_count, finding_more;
    uint64_t body_length;          /* as received */
    unsigned char fingerprint[16]; /* keyed; of the body as received: matches equal bodies of one run, proves nothing */
};

/*
 * Judges one request.  pieces: the body in order, cut anywhere; borrowed until the next call.  Anything but TT_OK means that the desk has
 * no memory left: treat it as not inspected.
 */
enum tt_status tt_gate_judge(struct tt_desk *desk, const struct tt_gate_request *request, const struct tt_str *pieces,
                             size_t count, struct tt_gate_verdict *verdict) TT_MUST_USE;

/* The same before any body was read: what headers and route alone decide.  ALLOW means: read the body and judge. */
enum tt_status tt_gate_judge_head(struct tt_desk *desk, const struct tt_gate_request *request,
                                  struct tt_gate_verdict *verdict) TT_MUST_USE;

/* What tokens of a call cost, and the accounts that it counts against. */
struct tt_gate_bill {
    bool priced;
    struct tt_price price;
    struct tt_charges charges;
};

/* Remembered as decisions are.  NULL: memory is out, or the policy has no budgets.  Borrowed until the desk's next call. */
const struct tt_gate_bill *tt_gate_bill(struct tt_desk *desk, const struct tt_charge_facts *facts);

#endif
