/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a body once; see reader.h.
 *
 * Input: pieces, which stay where they are.  Output: facts; strings go to the look.  Nothing is copied but what lies in two pieces or is
 * an escaped name.  RFC 8259 without leniency; what a policy decides by may not stand twice (section 4 leaves to readers which one counts).
 *
 * Which names and containers matter is said by words.h, which values in them by take_fact().
 */
#include "gate/reader.h"

#include "gate/idle.h"
#include "gate/known.h"
#include "gate/words.h"
#include "json/string.h"

enum tt_status
tt_gate_reader_init(struct tt_gate_reader *reader, const struct tt_alloc *alloc, const struct tt_kernels *kernels,
                    struct tt_gate_look *look, const unsigned char seed[64])
{
    reader->alloc = alloc;
    reader->kernels = kernels;
    reader->look = look;
    tt_buf_init(&reader->gathered, alloc, TT_GATE_BODY_MAX);
    tt_buf_init(&reader->name, alloc, TT_GATE_BODY_MAX);
    tt_arena_init(&reader->arena, alloc, TT_GATE_BODY_MAX);
    tt_gate_frames_init(&reader->frames, seed);
    TT_TRY(tt_gate_prefixes_init(&reader->prefixes, alloc));
    return tt_gate_parts_init(&reader->parts, alloc, &look->memo.key);
}

void
tt_gate_reader_free(struct tt_gate_reader *reader)
{
    tt_buf_free(&reader->gathered);
    tt_buf_free(&reader->name);
    tt_arena_free(&reader->arena);
    tt_gate_prefixes_free(&reader->prefixes, reader->alloc);
    tt_gate_parts_free(&reader->parts, reader->alloc);
}

/* Stops the reading: the lexer gives this back. */
static enum tt_status
stop(struct tt_gate_reader *reader, const char *why)
{
    reader->facts.trouble = why;
    return TT_E_UNSUPPORTED;
}

/* ---- bytes ---- */

/* A token that began in an earlier piece. */
static enum tt_status
gather(struct tt_gate_reader *reader, const struct tt_json_token *token, struct tt_str *raw)
{
    size_t i = reader->at;
    uint64_t start = reader->start, end = token->offset + token->length;
    while (start > token->offset) {
        start -= reader->pieces.items[--i].len;
    }
    tt_buf_clear(&reader->gathered);
    for (; start < end; start += reader->pieces.items[i++].len) {
        size_t from = token->offset > start ? (size_t) (token->offset - start) : 0;
        tt_buf_add(&reader->gathered, tt_str_slice(reader->pieces.items[i], from, (size_t) (end - start)));
    }
    *raw = tt_buf_str(&reader->gathered);
    return reader->gathered.status;
}

static inline enum tt_status
raw_of(struct tt_gate_reader *reader, const struct tt_json_token *token, struct tt_str *raw)
{
    if (token->offset < reader->start) {
        return gather(reader, token, raw);
    }
    *raw = tt_str_make(reader->pieces.items[reader->at].ptr + (token->offset - reader->start), (size_t) token->length);
    return TT_OK;
}

/* Makes s live as long as the reading. */
static enum tt_status
keep(struct tt_gate_reader *reader, const struct tt_json_token *token, struct tt_str *s)
{
    return token->offset < reader->start ? tt_arena_dup(&reader->arena, *s, s) : TT_OK;
}

/* The text of a name or value; kept. */
static enum tt_status
decode(struct tt_gate_reader *reader, const struct tt_json_token *token, struct tt_str raw, struct tt_str *text)
{
    *text = raw;
    if (!(token->flags & TT_JSON_HAS_ESCAPE)) {
        return keep(reader, token, text);
    }
    tt_buf_clear(&reader->name);
    tt_json_unescape(raw, true, &reader->name);
    TT_TRY(reader->name.status);
    return tt_arena_dup(&reader->arena, tt_buf_str(&reader->name), text);
}

/* ---- facts ---- */

static bool
is_blank(char c)
{
    return (unsigned char) c <= ' ';
}

/* A name as providers that are lenient read it. */
static struct tt_str
trim(struct tt_str name)
{
    while (name.len > 0 && is_blank(name.ptr[0])) {
        name = tt_str_slice(name, 1, name.len);
    }
    while (name.len > 0 && is_blank(name.ptr[name.len - 1])) {
        name.len--;
    }
    return name;
}

static enum tt_status
take_model(struct tt_gate_reader *reader, const struct tt_json_token *token, struct tt_str raw)
{
    struct tt_gate_facts *facts = &reader->facts;
    if (token->flags & TT_JSON_LONE_SURROGATE) {
        return stop(reader, "the model's name is no text");
    }
    if (raw.len > TT_GATE_MODEL_MAX) {
        return stop(reader, "the model's name is too long");
    }
    facts->has_model = true;
    facts->model_at = token->offset;
    facts->model_length = token->length;
    TT_TRY(decode(reader, token, raw, &facts->model));
    facts->model = trim(facts->model);
    return TT_OK;
}

struct tt_str
tt_gate_model_name(struct tt_str model)
{
    static const struct tt_str resource = TT_STR_INIT("models/");
    return tt_str_starts(model, resource) ? tt_str_slice(model, resource.len, model.len) : model;
}

/* The model of a request within this one. */
static enum tt_status
take_inner_model(struct tt_gate_reader *reader, const struct tt_json_token *token, struct tt_str raw)
{
    struct tt_gate_named *named = &reader->named;
    struct tt_str name;
    if ((token->flags & TT_JSON_LONE_SURROGATE) || raw.len > TT_GATE_MODEL_MAX) {
        return stop(reader, "the name of an inner request's model is no text, or too long");
    }
    TT_TRY(decode(reader, token, raw, &name));
    name = tt_gate_model_name(trim(name));
    for (size_t i = 0; i < named->model_count; i++) {
        if (tt_str_eq(named->models[i], name)) {
            return TT_OK;
        }
    }
    if (named->model_count == TT_GATE_MODELS_MAX) {
        return stop(reader, "more models than the limit");
    }
    named->models[named->model_count++] = name;
    return TT_OK;
}

void
tt_gate_named_add_server(struct tt_gate_named *named, struct tt_str name)
{
    for (size_t i = 0; i < named->server_count; i++) {
        if (tt_str_eq(named->servers[i], name)) {
            return;
        }
    }
    if (named->server_count == TT_GATE_SERVERS_MAX) {
        named->more_servers = true;
    } else if (name.len > 0) {
        named->servers[named->server_count++] = name;
    }
}

/* Adds a name, kept, that stands from bytes on in the token if that has no escapes. */
static enum tt_status
add_server_at(struct tt_gate_reader *reader, const struct tt_json_token *token, size_t from, struct tt_str name)
{
    struct tt_gate_span *part = &reader->part.span;
    part->servers += token->flags & TT_JSON_HAS_ESCAPE ? 2 : 1; /* of more than one, a part cannot be remembered */
    part->server_at = token->offset + from;
    part->server_length = name.len;
    tt_gate_named_add_server(&reader->named, name);
    return reader->named.more_servers ? stop(reader, "more servers of tools than the limit") : TT_OK;
}

static enum tt_status
take_server(struct tt_gate_reader *reader, const struct tt_json_token *token, struct tt_str raw)
{
    struct tt_str name;
    TT_TRY(decode(reader, token, raw, &name));
    return add_server_at(reader, token, 0, name);
}

/* "mcp__<server>__<tool>" is how clients name the tools of a server. */
static enum tt_status
take_tool_name(struct tt_gate_reader *reader, const struct tt_json_token *token, struct tt_str raw)
{
    static const struct tt_str prefix = TT_STR_INIT("mcp__");
    struct tt_str name;
    if (!(token->flags & TT_JSON_HAS_ESCAPE) && !tt_str_starts(raw, prefix)) {
        return TT_OK;
    }
    TT_TRY(decode(reader, token, raw, &name));
    if (!tt_str_starts(name, prefix)) {
        return TT_OK;
    }
    const char *end = tt_str_find(tt_str_slice(name, prefix.len, name.len), TT_STR("__"));
    size_t length = end ? (size_t) (end - name.ptr) : name.len;
    return add_server_at(reader, token, prefix.len, tt_str_slice(name, prefix.len, length));
}

/* Anything but data that stands in the body itself; what is escaped is not believed to be that. */
static bool
is_remote(struct tt_str raw)
{
    return raw.len > 0 && !tt_str_starts(raw, TT_STR("data:"));
}

static uint32_t
reference_in_content(uint8_t node, uint8_t word, struct tt_str raw)
{
    switch (word) {
    case TT_WORD_FILE_ID:
    case TT_WORD_FILE_URI: return TT_REFERENCE_FILE;
    case TT_WORD_FILE_URL:
    case TT_WORD_IMAGE_URL: return is_remote(raw) ? TT_REFERENCE_URL : 0;
    case TT_WORD_URL: return node == TT_NODE_SOURCE && is_remote(raw) ? TT_REFERENCE_URL : 0;
    default: return 0;
    }
}

/* A string that is the value of a name that means something. */
static enum tt_status
take_fact(struct tt_gate_reader *reader, const struct tt_json_token *token, const struct tt_gate_frame *frame, struct tt_str raw)
{
    struct tt_gate_facts *facts = &reader->facts;
    uint8_t word = frame->word;
    switch (frame->node) {
    case TT_NODE_ROOT:
        facts->references |= word == TT_WORD_PREVIOUS_RESPONSE || word == TT_WORD_CONVERSATION ? TT_REFERENCE_RESPONSE
                             : word == TT_WORD_CACHED_CONTENT                                  ? TT_REFERENCE_CACHE
                             : word == TT_WORD_CONTAINER                                       ? TT_REFERENCE_FILE
                                                                                               : 0;
        return word == TT_WORD_MODEL ? take_model(reader, token, raw) : TT_OK;
    case TT_NODE_REQUEST:
        facts->references |= word == TT_WORD_CACHED_CONTENT ? TT_REFERENCE_CACHE : 0;
        return word == TT_WORD_MODEL ? take_inner_model(reader, token, raw) : TT_OK;
    case TT_NODE_PROMPT: facts->references |= word == TT_WORD_ID ? TT_REFERENCE_PROMPT : 0; return TT_OK;
    case TT_NODE_TOOL:
        facts->references |= word == TT_WORD_SERVER_URL || word == TT_WORD_CONNECTOR ? TT_REFERENCE_SERVER
                             : word == TT_WORD_CONTAINER                             ? TT_REFERENCE_FILE
                                                                                     : 0;
        if (word == TT_WORD_SERVER_LABEL) {
            return take_server(reader, token, raw);
        }
        return word == TT_WORD_NAME ? take_tool_name(reader, token, raw) : TT_OK;
    case TT_NODE_FUNCTION: return word == TT_WORD_NAME ? take_tool_name(reader, token, raw) : TT_OK;
    case TT_NODE_SERVER:
        facts->references |= word == TT_WORD_URL ? TT_REFERENCE_SERVER : 0;
        return word == TT_WORD_NAME ? take_server(reader, token, raw) : TT_OK;
    case TT_NODE_CONTENT:
    case TT_NODE_SOURCE: facts->references |= reference_in_content(frame->node, word, raw); return TT_OK;
    default: return TT_OK;
    }
}

/* ---- tokens ---- */

/* Not made part of take_token, which would then save for the smallest token what the largest needs. */
#define OWN __attribute__((noinline))

/* Bytes that may be read from raw on. */
static inline size_t
room_of(const struct tt_gate_reader *reader, const struct tt_json_token *token, struct tt_str raw)
{
    const struct tt_str *piece = &reader->pieces.items[reader->at];
    return token->offset >= reader->start ? (size_t) (piece->ptr + piece->len - raw.ptr) : raw.len;
}

static struct tt_gate_string
string_of(const struct tt_gate_reader *reader, const struct tt_json_token *token, struct tt_str raw)
{
    return (struct tt_gate_string) {
        .raw = raw,
        .room = room_of(reader, token, raw),
        .offset = token->offset,
        .flags = token->flags,
        .is_key = token->kind == TT_JSON_KEY,
        .in_part = reader->part.span.open,
    };
}

static enum tt_status
look_closer(struct tt_gate_reader *reader, const struct tt_json_token *token, struct tt_str raw)
{
    const struct tt_gate_string string = string_of(reader, token, raw);
    if ((token->flags & TT_JSON_LONE_SURROGATE) && reader->look->spelling) {
        TT_TRY(tt_gate_look_spelling(reader->look, &reader->frames, &string, TT_JSON_CHOICE_LONE));
    }
    return tt_gate_look_at(reader->look, &reader->frames, &string);
}

/* Most strings are so short that they can be passed over at once. */
static inline enum tt_status
look_at(struct tt_gate_reader *reader, const struct tt_json_token *token, struct tt_str raw)
{
    if (++reader->strings > TT_GATE_STRINGS_MAX) {
        return stop(reader, "more strings than the limit");
    }
    return tt_gate_is_idle(raw, room_of(reader, token, raw)) ? TT_OK : look_closer(reader, token, raw);
}

static enum tt_status
meet_at_root(struct tt_gate_reader *reader, const struct tt_json_token *token, struct tt_str name, uint8_t word)
{
    uint64_t bit = (uint64_t) 1 << word;
    if (token->flags & TT_JSON_LONE_SURROGATE) {
        return stop(reader, "a name of the request is no text");
    }
    if (TT_GATE_DECIDING & bit & reader->met) {
        reader->facts.twice = "a name that decides how the request is read stands twice";
        return TT_E_UNSUPPORTED;
    }
    if (word == TT_WORD_NONE && tt_gate_decides_folded(name)) {
        reader->facts.twice = "a name that decides how the request is read stands in another case";
        return TT_E_UNSUPPORTED;
    }
    reader->met |= bit;
    return TT_OK;
}

static OWN enum tt_status
take_key(struct tt_gate_reader *reader, const struct tt_json_token *token)
{
    struct tt_gate_frames *frames = &reader->frames;
    struct tt_gate_frame *frame = &frames->at[frames->depth];
    struct tt_str raw, name;
    TT_TRY(raw_of(reader, token, &raw));
    TT_TRY(keep(reader, token, &raw));
    name = raw;
    if (token->flags & TT_JSON_HAS_ESCAPE) {
        TT_TRY(decode(reader, token, raw, &name));
    }
    frame->word = tt_gate_word_of(name);
    frame->key_end = token->offset + token->length + 1;
    tt_gate_frames_key(frames, raw, name);
    if (reader->look->spelling && tt_gate_frames_twice(frames)) {
        const struct tt_gate_string string = string_of(reader, token, raw);
        TT_TRY(tt_gate_look_spelling(reader->look, frames, &string, TT_JSON_CHOICE_TWICE));
    }
    if (frame->node == TT_NODE_ROOT) {
        TT_TRY(meet_at_root(reader, token, name, frame->word));
    } else if (frame->node == TT_NODE_TOOL && frame->word == TT_WORD_DECLARATIONS) {
        reader->facts.tools--; /* its functions are counted themselves */
    } else if (frame->node == TT_NODE_OPTIONS && reader->facts.usage == TT_USAGE_EMPTY) {
        reader->facts.usage = TT_USAGE_OTHERS;
    }
    return frame->word != TT_WORD_NONE && name.ptr == raw.ptr ? TT_OK
                                                              : look_at(reader, token, raw); /* known names hide nothing */
}

/* An item of a conversation that stands elsewhere. */
static enum tt_status
take_item(struct tt_gate_reader *reader, const struct tt_json_token *token, const struct tt_gate_frame *frame, struct tt_str raw)
{
    struct tt_str type = raw;
    if (frame->word != TT_WORD_TYPE || frame->node != TT_NODE_CONTENT) {
        return TT_OK;
    }
    if (token->flags & TT_JSON_HAS_ESCAPE) {
        TT_TRY(decode(reader, token, raw, &type));
    }
    reader->facts.references |= tt_str_eq(type, TT_STR("item_reference")) ? TT_REFERENCE_RESPONSE : 0;
    return TT_OK;
}

/* The words "role" and "type" say how the texts beside them are to be taken, those before them included. */
static enum tt_status
take_sibling(struct tt_gate_reader *reader, const struct tt_json_token *token, struct tt_str raw)
{
    struct tt_gate_frames *frames = &reader->frames;
    const struct tt_gate_frame *frame = &frames->at[frames->depth];
    TT_TRY(keep(reader, token, &raw));
    tt_gate_frames_sibling(frames, frame->word == TT_WORD_ROLE, raw);
    TT_TRY(take_item(reader, token, frame, raw));
    if ((token->flags & TT_JSON_HAS_ESCAPE) || !tt_gate_look_may_edit(frame->role, frame->type)) {
        tt_gate_look_drop_edits(reader->look, frame->first_edit);
    }
    return TT_OK;
}

static OWN enum tt_status
take_string(struct tt_gate_reader *reader, const struct tt_json_token *token)
{
    struct tt_gate_frame *frame = &reader->frames.at[reader->frames.depth];
    struct tt_str raw;
    if (frame->node == TT_NODE_DOCUMENT) {
        return stop(reader, "the request is no JSON object");
    }
    TT_TRY(raw_of(reader, token, &raw));
    frame->next++;
    if (frame->word != TT_WORD_NONE) {
        if (frame->word == TT_WORD_ROLE || frame->word == TT_WORD_TYPE) {
            TT_TRY(take_sibling(reader, token, raw));
        } else {
            TT_TRY(take_fact(reader, token, frame, raw));
        }
    } else if (frame->node == TT_NODE_FILES) {
        reader->facts.references |= TT_REFERENCE_FILE;
    }
    return look_at(reader, token, raw);
}

/* Elements of the request's lists, and its objects: all that they say is in the facts that a part keeps. */
static bool
is_part(const struct tt_gate_frame *around, uint32_t depth, uint8_t node, bool object)
{
    if (depth == 1) {
        return object && around->node == TT_NODE_ROOT && node == TT_NODE_CONTENT;
    }
    return depth == 2 && !around->object && (node == TT_NODE_CONTENT || node == TT_NODE_TOOL || node == TT_NODE_FUNCTION);
}

/* ---- containers and the rest ---- */

static OWN enum tt_status
open_container(struct tt_gate_reader *reader, const struct tt_json_token *token)
{
    struct tt_gate_frames *frames = &reader->frames;
    struct tt_gate_facts *facts = &reader->facts;
    struct tt_gate_frame *frame = &frames->at[frames->depth];
    bool object = token->kind == TT_JSON_OBJECT_BEGIN;
    uint8_t node = frame->object ? tt_gate_below_name(frame->node, frame->word) : tt_gate_below_list(frame->node);
    if (frame->node == TT_NODE_DOCUMENT && !object) {
        return stop(reader, "the request is no JSON object");
    }
    if ((frame->node == TT_NODE_ROOT || frame->node == TT_NODE_REQUEST) && frame->word == TT_WORD_MODEL) {
        return stop(reader, "the model's name is no text");
    }
    if (node == TT_NODE_OPTIONS && object) {
        facts->usage = TT_USAGE_EMPTY;
        facts->usage_at = token->offset + 1;
    }
    if (frame->node == TT_NODE_ROOT) {
        facts->references |= frame->word == TT_WORD_CONVERSATION ? TT_REFERENCE_RESPONSE
                             : frame->word == TT_WORD_CONTAINER  ? TT_REFERENCE_FILE
                                                                 : 0;
    }
    tt_gate_prefix_meet(reader, token);
    frame->next++;
    if (is_part(frame, token->depth, node, object) && tt_gate_known_pass(reader, token)) {
        return reader->strings > TT_GATE_STRINGS_MAX ? stop(reader, "more strings than the limit")
               : reader->named.more_servers          ? stop(reader, "more servers of tools than the limit")
                                                     : TT_OK;
    }
    facts->root_at = node == TT_NODE_ROOT ? token->offset + 1 : facts->root_at;
    facts->tools += object && (node == TT_NODE_TOOL || (node == TT_NODE_FUNCTION && frame->node == TT_NODE_FUNCTIONS));
    tt_gate_frames_open(frames, object, node, tt_gate_look_edit_count(reader->look));
    return TT_OK;
}

/* true, false and null. */
static enum tt_status
take_literal(struct tt_gate_reader *reader, const struct tt_json_token *token, const struct tt_gate_frame *frame)
{
    struct tt_gate_facts *facts = &reader->facts;
    bool yes = token->kind == TT_JSON_TRUE;
    if (frame->node == TT_NODE_ROOT && frame->word == TT_WORD_STREAM) {
        facts->streams = yes;
    } else if (frame->node == TT_NODE_ROOT && frame->word == TT_WORD_STREAM_OPTIONS) {
        facts->usage = TT_USAGE_NULL;
        facts->usage_at = token->offset;
    } else if (frame->node == TT_NODE_OPTIONS && frame->word == TT_WORD_INCLUDE_USAGE) {
        facts->usage = yes ? TT_USAGE_ON : TT_USAGE_OFF;
        facts->usage_at = token->offset;
    } else if (yes && frame->word == TT_WORD_THOUGHT) { /* Gemini: the texts of this part are the model's thinking */
        tt_gate_look_drop_edits(reader->look, frame->first_edit);
    }
    return TT_OK;
}

/* How many tokens the answer may have, where that is a whole number; of several the largest. */
static enum tt_status
take_output_max(struct tt_gate_reader *reader, const struct tt_json_token *token)
{
    struct tt_str raw;
    int64_t number = 0;
    TT_TRY(raw_of(reader, token, &raw));
    for (size_t i = 0; i < raw.len; i++) {
        if (!tt_ascii_is_digit(raw.ptr[i]) || number > TT_GATE_OUTPUT_MAX) {
            return TT_OK;
        }
        number = number * 10 + (raw.ptr[i] - '0');
    }
    if (number > reader->facts.output_max && number <= TT_GATE_OUTPUT_MAX) {
        reader->facts.output_max = number;
    }
    return TT_OK;
}

static OWN enum tt_status
take_other(struct tt_gate_reader *reader, const struct tt_json_token *token)
{
    struct tt_gate_frame *frame = &reader->frames.at[reader->frames.depth];
    frame->next++;
    if (frame->node == TT_NODE_DOCUMENT) {
        return stop(reader, "the request is no JSON object");
    }
    if ((frame->node == TT_NODE_ROOT || frame->node == TT_NODE_REQUEST) && frame->word == TT_WORD_MODEL) {
        return stop(reader, "the model's name is no text");
    }
    if (token->kind != TT_JSON_NUMBER) {
        return take_literal(reader, token, frame);
    }
    return frame->word == TT_WORD_OUTPUT_MAX && (frame->node == TT_NODE_ROOT || frame->node == TT_NODE_CONFIG)
               ? take_output_max(reader, token)
               : TT_OK;
}

static enum tt_status
take_token(void *ctx, const struct tt_json_token *token)
{
    struct tt_gate_reader *reader = ctx;
    reader->frames.depth = token->depth;
    switch (token->kind) {
    case TT_JSON_KEY: return take_key(reader, token);
    case TT_JSON_STRING: return take_string(reader, token);
    case TT_JSON_OBJECT_BEGIN:
    case TT_JSON_ARRAY_BEGIN: return open_container(reader, token);
    case TT_JSON_OBJECT_END:
    case TT_JSON_ARRAY_END: tt_gate_known_close(reader, token); return TT_OK;
    default: return take_other(reader, token);
    }
}

/* Begins anew, and gives back what one large body took. */
static void
begin(struct tt_gate_reader *reader, const struct tt_gate_pieces *pieces)
{
    struct tt_buf *const buffers[] = {&reader->gathered, &reader->name};
    for (size_t i = 0; i < 2; i++) {
        if (buffers[i]->cap > TT_GATE_SCRATCH_KEPT) {
            tt_buf_free(buffers[i]);
            tt_buf_init(buffers[i], reader->alloc, TT_GATE_BODY_MAX);
        }
    }
    tt_arena_reset(&reader->arena);
    reader->pieces = *pieces;
    reader->at = 0;
    reader->start = 0;
    reader->met = 0;
    reader->strings = 0;
    reader->chain = 0;
    reader->part.span.open = reader->run.span.open = false;
    reader->facts = (struct tt_gate_facts) {0};
    reader->named.model_count = reader->named.server_count = 0;
    reader->named.more_servers = false;
    tt_gate_frames_begin(&reader->frames);
    tt_json_begin(&reader->lexer, reader->kernels, TT_GATE_DEPTH_MAX, take_token, reader);
}

enum tt_status
tt_gate_read(struct tt_gate_reader *reader, const struct tt_gate_pieces *pieces, const struct tt_gate_trail *trail)
{
    struct tt_error error;
    enum tt_status status = TT_OK;
    begin(reader, pieces);
    size_t from = (size_t) tt_gate_prefix_begin(reader, trail);
    for (; reader->at < pieces->count && status == TT_OK; reader->at++) {
        const struct tt_str *piece = &pieces->items[reader->at];
        status = tt_json_feed(&reader->lexer, tt_str_slice(*piece, from, piece->len), &error);
        reader->start += piece->len;
        from = 0;
    }
    tt_gate_prefix_end(reader);
    status = status == TT_OK ? tt_json_end(&reader->lexer, &error) : status;
    reader->facts.references |= reader->part.span.open ? reader->part.before : 0;
    switch (status) {
    case TT_OK: reader->facts.trouble = reader->look->trouble; return TT_OK;
    case TT_E_UNSUPPORTED: /* stopped, by the reader or by the look */
        reader->facts.trouble = reader->look->trouble ? reader->look->trouble : reader->facts.trouble;
        return TT_OK;
    case TT_E_LIMIT: reader->facts.trouble = "nested deeper than the limit"; return TT_OK;
    case TT_E_INPUT: reader->facts.trouble = error.msg; return TT_OK;
    default: return status;
    }
}
