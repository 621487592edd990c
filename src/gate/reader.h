/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass over a body: strict JSON, the facts that a policy asks about, and every string to the look for marks.
 */
#ifndef TT_GATE_READER_H
#define TT_GATE_READER_H

#include "gate/body.h"
#include "gate/look.h"
#include "gate/prefix.h"
#include "json/lexer.h"

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
    struct tt_gate_named named;
    struct tt_gate_prefixes prefixes;
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

/* A server of tools, if it is a new one; the name must live as long as the others. */
void tt_gate_named_add_server(struct tt_gate_named *named, struct tt_str name);

/*
 * Reads a body.  trail: of these very bytes; or NULL.  What keeps it from being inspected is in reader->facts.trouble, and TT_OK is returned;
 * TT_E_MEMORY is a status.
 */
enum tt_status tt_gate_read(struct tt_gate_reader *reader, const struct tt_gate_pieces *pieces,
                            const struct tt_gate_trail *trail) TT_MUST_USE;

#endif
