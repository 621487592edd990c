/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers that a gateway gives itself, in the shape that the provider's own errors have, so that clients show them.
 */
#ifndef TT_TRAFFIC_ANSWER_H
#define TT_TRAFFIC_ANSWER_H

#include "base/buf.h"
#include "traffic/place.h"

enum tt_refusal {
    TT_REFUSE_POLICY,    /* 403 */
    TT_REFUSE_INVALID,   /* 400: not JSON, a key twice, too deep */
    TT_REFUSE_ENCODING,  /* 415 */
    TT_REFUSE_TOO_LARGE, /* 413 */
    TT_REFUSE_UNKNOWN,   /* 404: no route of that name */
    TT_REFUSE_WEBSOCKET, /* 426: clients that are told so go on by POST */
    TT_REFUSE_IDENTITY,  /* 401: a key that the gateway does not know */
    TT_REFUSE_RATE,      /* 429 */
    TT_REFUSE_BUDGET,    /* 429 */
    TT_REFUSE_FAULT,     /* 503: the gateway cannot inspect, or cannot record */
    TT_REFUSE_UPSTREAM,  /* 502 */
    TT_REFUSE_TIMEOUT,   /* 504 */
    TT_REFUSALS,
};

unsigned tt_refusal_status(enum tt_refusal refusal);  /* of HTTP */
const char *tt_refusal_name(enum tt_refusal refusal); /* "policy", "invalid" ...: in records and metrics; static */

/* Should "x-should-retry: false" go with it?  Clients otherwise send 408, 409, 429 and 5xx again. */
bool tt_refusal_is_final(enum tt_refusal refusal);

/* Appends the JSON body.  message is plain text; it is escaped here. */
void tt_answer(struct tt_buf *out, enum tt_api api, enum tt_refusal refusal, struct tt_str message);

#endif
