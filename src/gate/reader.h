/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass over a body: strict JSON, the facts that a policy asks about, and every string to the look for marks.
 */
#ifndef TT_GATE_READER_H
#define TT_GATE_READER_H

#include "gate/body.h"
#include "gate/look.h"
#include "gate/parts.h"
#include "json/lexer.h"

/* What "stream_options" of a chat request says, and where an option could be put. */
enum tt_gate_usage { TT_USAGE_ABSENT, TT_USAGE_EMPTY, TT_USAGE_OTHERS, TT_USAGE_NULL, TT_USAGE_OFF, TT_USAGE_ON };

struct tt_gate_facts {
    struct tt_str model;                      /* decoded; lives as long as the pieces and the reader's arena */
    uint64_t model_at, model_length;          /* as written, between its quotes */
    struct tt_str models[TT_GATE_MODELS_MAX]; /* of requests within this one (Gemini counts tokens of one, and embeds several) */
    size_t model_count;
    bool has_model, streams;
    enum tt_gate_usage usage;
    uint64_t usage_at;   /* behind the brace, or of the literal */
    uint64_t root_at;    /* behind the document's brace */
    int64_t output_max;  /* tokens that the answer may have; 0: not said */
    uint32_t references; /* enum tt_gate_reference */
    uint32_t tools;
    struct tt_str servers[TT_GATE_SERVERS_MAX]; /* of tools, by name */
    size_t server_count;
    bool more_servers;
    const char *twice;   /* a name that decides something stands twice, or in another case: what is said of it; else NULL */
    const char *trouble; /* why the body was not inspected; NULL: it was */
};

/* Bytes in work that can be remembered, and what they add. */
struct tt_gate_span {
    bool open;
    uint64_t begin; /* offset of the first bracket */
    uint64_t chain, context;
    uint64_t strings, found; /* before it */
    uint32_t tools;          /* the same */
    uint32_t references;
    unsigned servers; /* names of servers that were met in it */
    uint64_t server_at;
    size_t server_length;
};

/* One part, and so many that follow each other in a list. */
struct tt_gate_part_state {
    struct tt_gate_span span;
    uint32_t depth;  /* of its brackets */
    uint32_t before; /* references of what came before it */
};
struct tt_gate_run_state {
    struct tt_gate_span span;
    uint64_t count; /* of its parts so far */
};

struct tt_gate_reader {
    struct tt_gate_look *look;
    const struct tt_alloc *alloc;
    const struct tt_kernels *kernels;
    struct tt_gate_pieces pieces;
    size_t at;      /* the piece in work ... */
    uint64_t start; /* ... and the offset of its first byte */
    uint64_t met;   /* bit of each known name of the document's object */
    uint64_t strings;
    struct tt_buf gathered, name;
    struct tt_arena arena; /* names and values that lay in two pieces, or had escapes */
    struct tt_gate_facts facts;
    struct tt_gate_parts parts;
    struct tt_gate_part_state part;
    struct tt_gate_run_state run;
    uint64_t chain; /* what the guess of the next part goes by: the part before */
    struct tt_gate_frames frames;
    struct tt_json_lexer lexer;
};

/* "models/NAME", as resources of Gemini are called, is NAME. */
struct tt_str tt_gate_model_name(struct tt_str model);

enum tt_status tt_gate_reader_init(struct tt_gate_reader *reader, const struct tt_alloc *alloc, const struct tt_kernels *kernels,
                                   struct tt_gate_look *look, const unsigned char seed[64]) TT_MUST_USE;
void tt_gate_reader_free(struct tt_gate_reader *reader);

/* A server of tools, if it is a new one; the name must live as long as the facts. */
void tt_gate_facts_add_server(struct tt_gate_facts *facts, struct tt_str name);

/*
 * Reads a body.  What keeps it from being inspected is in reader->facts.trouble, and TT_OK is returned; TT_E_MEMORY is a status.
 */
enum tt_status tt_gate_read(struct tt_gate_reader *reader, const struct tt_gate_pieces *pieces) TT_MUST_USE;

#endif
