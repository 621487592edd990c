/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a call of a model API is, from its method and path alone.
 *
 * Clients reach a gateway by base URL, so the path is the provider's own, alone or under /anthropic, /openai or /gemini.  A call that is
 * not listed is not known, and a gateway refuses what it does not know.
 */
#ifndef TT_TRAFFIC_ROUTE_H
#define TT_TRAFFIC_ROUTE_H

#include "traffic/place.h"

enum tt_operation {
    TT_OPERATION_UNKNOWN,
    TT_OPERATION_CHAT,             /* Messages, chat completions, responses: OpenTelemetry's "chat" */
    TT_OPERATION_GENERATE_CONTENT, /* Gemini */
    TT_OPERATION_TEXT_COMPLETION,  /* /v1/completions */
    TT_OPERATION_EMBEDDINGS,
    TT_OPERATION_COUNT_TOKENS, /* of a request: its body is inspected as the request's own */
    TT_OPERATION_LIST_MODELS,  /* GET; no body */
};

/* As gen_ai.operation.name spells it; "count_tokens" and "list_models" are ours.  Static; NULL for unknown. */
const char *tt_operation_name(enum tt_operation operation);

struct tt_route {
    enum tt_api api;
    enum tt_operation operation;
    struct tt_str model; /* in the path (Gemini); else empty.  Borrowed from path */
    bool streams;        /* the path says so (Gemini's streamGenerateContent) */
    bool has_body;       /* a body that is inspected belongs to it */
    size_t prefix;       /* bytes of path that are the gateway's own ("/anthropic"), not the provider's */
};

/* path: normalised, without query.  False when the call is not known; out->api is then still the dialect that an answer should have. */
bool tt_route_of(struct tt_str method, struct tt_str path, struct tt_route *out);

/* Can the name stand where a path of Gemini has its model? */
bool tt_route_is_model(struct tt_str name);

#endif
