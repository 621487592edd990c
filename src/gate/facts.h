/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a body says that a policy asks about.
 */
#ifndef TT_GATE_FACTS_H
#define TT_GATE_FACTS_H

#include "base/limits.h"
#include "base/str.h"

/* What "stream_options" of a chat request says, and where an option could be put. */
enum tt_gate_usage { TT_USAGE_ABSENT, TT_USAGE_EMPTY, TT_USAGE_OTHERS, TT_USAGE_NULL, TT_USAGE_OFF, TT_USAGE_ON };

struct tt_gate_facts {
    struct tt_str model;             /* decoded; lives as long as the pieces and the reader's arena */
    uint64_t model_at, model_length; /* as written, between its quotes */
    bool has_model, streams;
    enum tt_gate_usage usage;
    uint64_t usage_at;   /* behind the brace, or of the literal */
    uint64_t root_at;    /* behind the document's brace */
    int64_t output_max;  /* tokens that the answer may have; 0: not said */
    uint32_t references; /* enum tt_gate_reference */
    uint32_t tools;
    const char *twice;   /* a name that decides something stands twice, or in another case: what is said of it; else NULL */
    const char *trouble; /* why the body was not inspected; NULL: it was */
};

/* Names that live as long as the model's. */
struct tt_gate_named {
    size_t model_count, server_count;
    bool more_servers;
    struct tt_str models[TT_GATE_MODELS_MAX]; /* of requests within this one (Gemini counts tokens of one, and embeds several) */
    struct tt_str servers[TT_GATE_SERVERS_MAX]; /* of tools */
};

#endif
