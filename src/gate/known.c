/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parts of bodies and runs of them; see known.h.
 *
 * Input: the tokens at which parts begin and end.  Output: facts of what is passed over, and entries in the table of parts.  Owns nothing.
 *
 * Runs begin at every TT_GATE_RUN-th element of a list, so the next turn looks for the same ones.  The guess of what follows a run goes by the
 * run, whether it was passed over or read part by part: else what follows would be remembered twice.
 */
#include "gate/known.h"

#define RUN_CONTEXT 0x72756E2E72756E2E /* tells runs from parts of the same list */

/* The piece at hand from offset on, which lies in it. */
static struct tt_str
piece_from(const struct tt_gate_reader *reader, uint64_t offset)
{
    const struct tt_str *piece = &reader->pieces.items[reader->at];
    return tt_str_slice(*piece, (size_t) (offset - reader->start), piece->len);
}

static struct tt_gate_span
begin_span(const struct tt_gate_reader *reader, const struct tt_json_token *token, uint64_t context)
{
    return (struct tt_gate_span) {
        .open = true,
        .begin = token->offset,
        .chain = reader->chain,
        .context = context,
        .strings = reader->strings,
        .found = reader->look->found,
        .tools = reader->facts.tools,
    };
}

/* What ends at the offset is remembered, if it is clean and what it adds can be said in few words. */
static void
remember(struct tt_gate_reader *reader, const struct tt_gate_span *span, uint64_t end)
{
    uint64_t length = end - span->begin, strings = reader->strings - span->strings;
    uint64_t server_at = span->servers ? span->server_at - span->begin : 0;
    uint32_t tools = reader->facts.tools - span->tools;
    bool fits = tools <= UINT8_MAX && strings <= UINT16_MAX && length >= TT_GATE_PART_MIN && length <= UINT32_MAX;
    bool says = span->servers == 0 || (span->servers == 1 && span->server_length <= UINT8_MAX && server_at <= UINT16_MAX);
    if (!fits || !says || reader->look->found != span->found || span->begin < reader->start) {
        return;
    }
    const struct tt_gate_part part = {
        .strings = (uint16_t) strings,
        .tools = (uint8_t) tools,
        .references = span->references & ((1U << TT_REFERENCES) - 1),
        .server_at = (uint16_t) server_at,
        .server_length = (uint8_t) (span->servers ? span->server_length : 0),
    };
    struct tt_str text = tt_str_slice(piece_from(reader, span->begin), 0, (size_t) length);
    reader->chain = tt_gate_parts_add(&reader->parts, span->chain, span->context, text, &part).low;
}

/* A name of a server in a part of the run.  All tools of a server have the same one. */
static void
add_server(const struct tt_gate_reader *reader, struct tt_gate_span *run, uint64_t at, size_t length)
{
    if (run->servers == 0) {
        run->servers = 1;
        run->server_at = at;
        run->server_length = length;
    } else if (run->servers == 1 && at >= reader->start && run->begin >= reader->start &&
               !tt_str_eq(tt_str_slice(piece_from(reader, at), 0, length),
                          tt_str_slice(piece_from(reader, run->server_at), 0, run->server_length))) {
        run->servers = 2;
    }
}

/* A part of the run ends at the offset. */
static void
end_part(struct tt_gate_reader *reader, uint64_t end)
{
    struct tt_gate_run_state *run = &reader->run;
    run->count++;
    if (run->span.open && run->count == TT_GATE_RUN) {
        remember(reader, &run->span, end);
        run->span.open = false;
    }
}

static const struct tt_gate_part *
pass(struct tt_gate_reader *reader, const struct tt_json_token *token, uint64_t context)
{
    struct tt_gate_facts *facts = &reader->facts;
    struct tt_str text = piece_from(reader, token->offset);
    const struct tt_gate_part *known = tt_gate_parts_find(&reader->parts, reader->chain, context, text);
    if (!known) {
        return NULL;
    }
    reader->strings += known->strings;
    facts->tools += known->tools;
    facts->references |= known->references;
    if (known->server_length > 0) {
        tt_gate_named_add_server(&reader->named, tt_str_slice(text, known->server_at, known->server_at + known->server_length));
    }
    reader->chain = known->known.low;
    tt_json_skip(&reader->lexer, known->length);
    return known;
}

/* Is there a run to be passed over?  Else one begins, which is whole only if all its elements are parts. */
static bool
pass_run(struct tt_gate_reader *reader, const struct tt_json_token *token, struct tt_gate_frame *list, uint64_t context)
{
    struct tt_gate_run_state *run = &reader->run;
    if ((list->next - 1) % TT_GATE_RUN > 0) {
        return false;
    }
    *run = (struct tt_gate_run_state) {.span = begin_span(reader, token, context ^ RUN_CONTEXT)};
    if (!pass(reader, token, context ^ RUN_CONTEXT)) {
        return false;
    }
    run->span.open = false;
    list->next += TT_GATE_RUN - 1;
    return true;
}

bool
tt_gate_known_pass(struct tt_gate_reader *reader, const struct tt_json_token *token)
{
    struct tt_gate_frame *around = &reader->frames.at[reader->frames.depth];
    uint64_t context = tt_gate_frames_context(&reader->frames);
    if (!around->object && pass_run(reader, token, around, context)) {
        return true;
    }
    struct tt_gate_part_state begun = {
        .span = begin_span(reader, token, context), .depth = token->depth, .before = reader->facts.references};
    const struct tt_gate_part *known = pass(reader, token, context);
    if (!known) {
        reader->part = begun;
        reader->facts.references = 0;
        return false;
    }
    reader->run.span.references |= known->references;
    if (known->server_length > 0) {
        add_server(reader, &reader->run.span, token->offset + known->server_at, known->server_length);
    }
    end_part(reader, token->offset + known->length);
    return true;
}

void
tt_gate_known_close(struct tt_gate_reader *reader, const struct tt_json_token *token)
{
    struct tt_gate_part_state *part = &reader->part;
    struct tt_gate_facts *facts = &reader->facts;
    if (token->depth <= 1) {
        reader->run.span.open = false; /* with its list */
    }
    if (!part->span.open || token->depth != part->depth) {
        return;
    }
    part->span.open = false;
    part->span.references = facts->references;
    facts->references |= part->before;
    reader->chain = token->offset + 1 - part->span.begin; /* where it cannot be remembered */
    remember(reader, &part->span, token->offset + 1);
    reader->run.span.references |= part->span.references;
    if (part->span.servers > 1) {
        reader->run.span.servers = 2;
    } else if (part->span.servers == 1) {
        add_server(reader, &reader->run.span, part->span.server_at, part->span.server_length);
    }
    end_part(reader, token->offset + 1);
}
