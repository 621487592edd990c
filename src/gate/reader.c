/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a body once; see reader.h.
 *
 * Input: pieces, which stay where they are.  Output: facts; strings go to the look.  Nothing is copied but what lies in two pieces or is
 * an escaped name.  RFC 8259 without leniency; what a policy decides by may not stand twice (section 4 leaves to readers which one counts).
 *
 * What is looked for stands in two switches: below() says which containers matter, take_fact() which values in them.
 */
#include "gate/reader.h"

#include "gate/idle.h"
#include "gate/known.h"
#include "json/string.h"

/* Names that mean something. */
enum word {
    W_NONE,
    W_ARGS,
    W_ARGUMENTS,
    W_CACHED_CONTENT,
    W_CONNECTOR,
    W_CONTAINER,
    W_CONTENTS,
    W_CONVERSATION,
    W_DECLARATIONS,
    W_FILES,
    W_FILE_ID,
    W_FILE_SEARCH,
    W_FILE_URI,
    W_FILE_URL,
    W_FUNCTION,
    W_FUNCTIONS,
    W_GENERATION,
    W_ID,
    W_IMAGE_URL,
    W_INCLUDE_USAGE,
    W_INPUT,
    W_INSTRUCTIONS,
    W_MESSAGES,
    W_MODEL,
    W_NAME,
    W_OUTPUT_MAX,
    W_PARAMETERS,
    W_PREVIOUS_RESPONSE,
    W_PROMPT,
    W_REQUEST,
    W_REQUESTS,
    W_RESPONSE,
    W_ROLE,
    W_SERVERS,
    W_SERVER_LABEL,
    W_SERVER_URL,
    W_SOURCE,
    W_STREAM,
    W_STREAM_OPTIONS,
    W_SYSTEM,
    W_THOUGHT,
    W_TOOLS,
    W_TYPE,
    W_URL,
};

/* Of the document's object, these may not stand twice. */
#define DECIDING                                                                                                            \
    ((uint64_t) 1 << W_CACHED_CONTENT | (uint64_t) 1 << W_CONTENTS | (uint64_t) 1 << W_CONVERSATION |                       \
     (uint64_t) 1 << W_FUNCTIONS | (uint64_t) 1 << W_INPUT | (uint64_t) 1 << W_INSTRUCTIONS | (uint64_t) 1 << W_MESSAGES |  \
     (uint64_t) 1 << W_MODEL | (uint64_t) 1 << W_PREVIOUS_RESPONSE | (uint64_t) 1 << W_PROMPT | (uint64_t) 1 << W_SERVERS | \
     (uint64_t) 1 << W_STREAM | (uint64_t) 1 << W_STREAM_OPTIONS | (uint64_t) 1 << W_SYSTEM | (uint64_t) 1 << W_TOOLS)

/*
 * The same in small letters, as servers read them to which case says nothing: they would take "Model" for the model.  No API spells a name so, hence
 * any other spelling of one of these is refused.
 */
static const struct tt_str deciding[] = {
    TT_STR_INIT("cached_content"),
    TT_STR_INIT("cachedcontent"),
    TT_STR_INIT("contents"),
    TT_STR_INIT("conversation"),
    TT_STR_INIT("functions"),
    TT_STR_INIT("input"),
    TT_STR_INIT("instructions"),
    TT_STR_INIT("mcp_servers"),
    TT_STR_INIT("messages"),
    TT_STR_INIT("model"),
    TT_STR_INIT("previous_response_id"),
    TT_STR_INIT("prompt"),
    TT_STR_INIT("stream"),
    TT_STR_INIT("stream_options"),
    TT_STR_INIT("system"),
    TT_STR_INIT("system_instruction"),
    TT_STR_INIT("systeminstruction"),
    TT_STR_INIT("tools"),
};

/* Containers that mean something. */
enum node {
    N_DOCUMENT,  /* around the document's value */
    N_ROOT,      /* the request itself */
    N_OPTIONS,   /* stream_options */
    N_CONFIG,    /* generationConfig */
    N_PROMPT,    /* a stored prompt */
    N_TOOLS,     /* the list */
    N_TOOL,      /* one of it */
    N_FUNCTIONS, /* a list of functions */
    N_FUNCTION,
    N_SERVERS, /* mcp_servers */
    N_SERVER,
    N_REQUESTS, /* a list of requests ... */
    N_REQUEST,  /* ... that stand within this one */
    N_CONTENT,  /* messages, and all that is in them */
    N_SOURCE,   /* where a picture or a file comes from */
    N_FILES,    /* ids of files, or of stores of them */
    N_OPAQUE,   /* arguments and schemas: names in there are those of tools */
};

#define IS(literal, value)                                       \
    if (memcmp(name.ptr, (literal), sizeof(literal) - 1) == 0) { \
        return (value);                                          \
    }

static uint8_t
find_short_word(struct tt_str name)
{
    switch (name.len) {
    case 2: IS("id", W_ID) break;
    case 3: IS("url", W_URL) break;
    case 4: IS("type", W_TYPE) IS("role", W_ROLE) IS("name", W_NAME) IS("args", W_ARGS) break;
    case 5: IS("input", W_INPUT) IS("model", W_MODEL) IS("tools", W_TOOLS) break;
    case 6: IS("source", W_SOURCE) IS("stream", W_STREAM) IS("system", W_SYSTEM) IS("prompt", W_PROMPT) break;
    case 7: IS("file_id", W_FILE_ID) IS("fileUri", W_FILE_URI) IS("thought", W_THOUGHT) break;
    case 8:
        IS("function", W_FUNCTION)
        IS("messages", W_MESSAGES)
        IS("contents", W_CONTENTS)
        IS("response", W_RESPONSE)
        IS("requests", W_REQUESTS) IS("file_uri", W_FILE_URI) IS("file_url", W_FILE_URL) IS("file_ids", W_FILES) break;
    default: break;
    }
    return W_NONE;
}

static uint8_t
find_word(struct tt_str name)
{
    switch (name.len) {
    case 9:
        IS("arguments", W_ARGUMENTS)
        IS("image_url", W_IMAGE_URL) IS("functions", W_FUNCTIONS) IS("container", W_CONTAINER) break;
    case 10:
        IS("parameters", W_PARAMETERS)
        IS("server_url", W_SERVER_URL) IS("max_tokens", W_OUTPUT_MAX) IS("fileSearch", W_FILE_SEARCH) break;
    case 11: IS("mcp_servers", W_SERVERS) IS("file_search", W_FILE_SEARCH) break;
    case 12:
        IS("input_schema", W_PARAMETERS)
        IS("connector_id", W_CONNECTOR)
        IS("instructions", W_INSTRUCTIONS) IS("conversation", W_CONVERSATION) IS("server_label", W_SERVER_LABEL) break;
    case 13: IS("cachedContent", W_CACHED_CONTENT) IS("include_usage", W_INCLUDE_USAGE) break;
    case 14: IS("stream_options", W_STREAM_OPTIONS) IS("cached_content", W_CACHED_CONTENT) break;
    case 15: IS("maxOutputTokens", W_OUTPUT_MAX) break;
    case 16: IS("generationConfig", W_GENERATION) IS("vector_store_ids", W_FILES) break;
    case 17: IS("systemInstruction", W_SYSTEM) IS("max_output_tokens", W_OUTPUT_MAX) IS("generation_config", W_GENERATION) break;
    case 18: IS("system_instruction", W_SYSTEM) break;
    case 20:
        IS("previous_response_id", W_PREVIOUS_RESPONSE)
        IS("functionDeclarations", W_DECLARATIONS) IS("fileSearchStoreNames", W_FILES) break;
    case 21: IS("function_declarations", W_DECLARATIONS) IS("max_completion_tokens", W_OUTPUT_MAX) break;
    case 22: IS("generateContentRequest", W_REQUEST) break;
    case 23: IS("file_search_store_names", W_FILES) break;
    case 24: IS("generate_content_request", W_REQUEST) break;
    default: return find_short_word(name);
    }
    return W_NONE;
}

/* What a container is that stands as the value of word in an object. */
static uint8_t
below_name(uint8_t node, uint8_t word)
{
    switch (node) {
    case N_ROOT:
    case N_REQUEST:
        return word == W_TOOLS            ? N_TOOLS
               : word == W_STREAM_OPTIONS ? N_OPTIONS
               : word == W_PROMPT         ? N_PROMPT
               : word == W_SERVERS        ? N_SERVERS
               : word == W_FUNCTIONS      ? N_FUNCTIONS
               : word == W_GENERATION     ? N_CONFIG
               : word == W_CONTAINER      ? N_SOURCE
               : word == W_REQUEST        ? N_REQUEST
               : word == W_REQUESTS       ? N_REQUESTS
                                          : N_CONTENT;
    case N_TOOL:
        return word == W_FUNCTION                             ? N_FUNCTION
               : word == W_DECLARATIONS                       ? N_FUNCTIONS
               : word == W_FILES                              ? N_FILES
               : word == W_CONTAINER || word == W_FILE_SEARCH ? N_SOURCE
                                                              : N_OPAQUE;
    case N_CONTENT:
    case N_SOURCE:
    case N_PROMPT:
        switch (word) {
        case W_SOURCE:
        case W_IMAGE_URL: return N_SOURCE;
        case W_FILES: return node == N_SOURCE ? N_FILES : N_CONTENT;
        case W_ARGS:
        case W_ARGUMENTS:
        case W_INPUT:
        case W_PARAMETERS:
        case W_RESPONSE: return N_OPAQUE;
        default: return N_CONTENT;
        }
    default: return N_OPAQUE;
    }
}

/* The same of an element of a list. */
static uint8_t
below_list(uint8_t node)
{
    switch (node) {
    case N_DOCUMENT: return N_ROOT;
    case N_TOOLS: return N_TOOL;
    case N_FUNCTIONS: return N_FUNCTION;
    case N_SERVERS: return N_SERVER;
    case N_REQUESTS: return N_REQUEST;
    case N_SOURCE: return N_CONTENT;
    case N_PROMPT: return N_CONTENT;
    default: return node;
    }
}

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
    case W_FILE_ID:
    case W_FILE_URI: return TT_REFERENCE_FILE;
    case W_FILE_URL:
    case W_IMAGE_URL: return is_remote(raw) ? TT_REFERENCE_URL : 0;
    case W_URL: return node == N_SOURCE && is_remote(raw) ? TT_REFERENCE_URL : 0;
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
    case N_ROOT:
        facts->references |= word == W_PREVIOUS_RESPONSE || word == W_CONVERSATION ? TT_REFERENCE_RESPONSE
                             : word == W_CACHED_CONTENT                            ? TT_REFERENCE_CACHE
                             : word == W_CONTAINER                                 ? TT_REFERENCE_FILE
                                                                                   : 0;
        return word == W_MODEL ? take_model(reader, token, raw) : TT_OK;
    case N_REQUEST:
        facts->references |= word == W_CACHED_CONTENT ? TT_REFERENCE_CACHE : 0;
        return word == W_MODEL ? take_inner_model(reader, token, raw) : TT_OK;
    case N_PROMPT: facts->references |= word == W_ID ? TT_REFERENCE_PROMPT : 0; return TT_OK;
    case N_TOOL:
        facts->references |= word == W_SERVER_URL || word == W_CONNECTOR ? TT_REFERENCE_SERVER
                             : word == W_CONTAINER                       ? TT_REFERENCE_FILE
                                                                         : 0;
        if (word == W_SERVER_LABEL) {
            return take_server(reader, token, raw);
        }
        return word == W_NAME ? take_tool_name(reader, token, raw) : TT_OK;
    case N_FUNCTION: return word == W_NAME ? take_tool_name(reader, token, raw) : TT_OK;
    case N_SERVER:
        facts->references |= word == W_URL ? TT_REFERENCE_SERVER : 0;
        return word == W_NAME ? take_server(reader, token, raw) : TT_OK;
    case N_CONTENT:
    case N_SOURCE: facts->references |= reference_in_content(frame->node, word, raw); return TT_OK;
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

/* Is it word, when case is folded as Unicode does?  Beside the 26 letters, U+017F is an s then, and U+212A a k. */
static bool
is_word_folded(struct tt_str name, struct tt_str word)
{
    size_t at = 0;
    for (size_t i = 0; i < word.len; i++) {
        struct tt_str rest = tt_str_slice(name, at, name.len);
        struct tt_str sign = word.ptr[i] == 's' ? TT_STR("\xC5\xBF") : word.ptr[i] == 'k' ? TT_STR("\xE2\x84\xAA") : rest;
        if (rest.len > 0 && tt_ascii_lower((unsigned char) rest.ptr[0]) == word.ptr[i]) {
            at++;
        } else if (sign.ptr != rest.ptr && tt_str_starts(rest, sign)) {
            at += sign.len;
        } else {
            return false;
        }
    }
    return at == name.len;
}

static bool
decides_folded(struct tt_str name)
{
    for (size_t i = 0; i < sizeof(deciding) / sizeof(*deciding); i++) {
        if (is_word_folded(name, deciding[i])) {
            return true;
        }
    }
    return false;
}

static enum tt_status
meet_at_root(struct tt_gate_reader *reader, const struct tt_json_token *token, struct tt_str name, uint8_t word)
{
    uint64_t bit = (uint64_t) 1 << word;
    if (token->flags & TT_JSON_LONE_SURROGATE) {
        return stop(reader, "a name of the request is no text");
    }
    if (DECIDING & bit & reader->met) {
        reader->facts.twice = "a name that decides how the request is read stands twice";
        return TT_E_UNSUPPORTED;
    }
    if (word == W_NONE && decides_folded(name)) {
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
    frame->word = find_word(name);
    frame->key_end = token->offset + token->length + 1;
    tt_gate_frames_key(frames, raw, name);
    if (reader->look->spelling && tt_gate_frames_twice(frames)) {
        const struct tt_gate_string string = string_of(reader, token, raw);
        TT_TRY(tt_gate_look_spelling(reader->look, frames, &string, TT_JSON_CHOICE_TWICE));
    }
    if (frame->node == N_ROOT) {
        TT_TRY(meet_at_root(reader, token, name, frame->word));
    } else if (frame->node == N_TOOL && frame->word == W_DECLARATIONS) {
        reader->facts.tools--; /* its functions are counted themselves */
    } else if (frame->node == N_OPTIONS && reader->facts.usage == TT_USAGE_EMPTY) {
        reader->facts.usage = TT_USAGE_OTHERS;
    }
    return frame->word != W_NONE && name.ptr == raw.ptr ? TT_OK : look_at(reader, token, raw); /* known names hide nothing */
}

/* An item of a conversation that stands elsewhere. */
static enum tt_status
take_item(struct tt_gate_reader *reader, const struct tt_json_token *token, const struct tt_gate_frame *frame, struct tt_str raw)
{
    struct tt_str type = raw;
    if (frame->word != W_TYPE || frame->node != N_CONTENT) {
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
    tt_gate_frames_sibling(frames, frame->word == W_ROLE, raw);
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
    if (frame->node == N_DOCUMENT) {
        return stop(reader, "the request is no JSON object");
    }
    TT_TRY(raw_of(reader, token, &raw));
    frame->next++;
    if (frame->word != W_NONE) {
        if (frame->word == W_ROLE || frame->word == W_TYPE) {
            TT_TRY(take_sibling(reader, token, raw));
        } else {
            TT_TRY(take_fact(reader, token, frame, raw));
        }
    } else if (frame->node == N_FILES) {
        reader->facts.references |= TT_REFERENCE_FILE;
    }
    return look_at(reader, token, raw);
}

/* Elements of the request's lists, and its objects: all that they say is in the facts that a part keeps. */
static bool
is_part(const struct tt_gate_frame *around, uint32_t depth, uint8_t node, bool object)
{
    if (depth == 1) {
        return object && around->node == N_ROOT && node == N_CONTENT;
    }
    return depth == 2 && !around->object && (node == N_CONTENT || node == N_TOOL || node == N_FUNCTION);
}

/* ---- containers and the rest ---- */

static OWN enum tt_status
open_container(struct tt_gate_reader *reader, const struct tt_json_token *token)
{
    struct tt_gate_frames *frames = &reader->frames;
    struct tt_gate_facts *facts = &reader->facts;
    struct tt_gate_frame *frame = &frames->at[frames->depth];
    bool object = token->kind == TT_JSON_OBJECT_BEGIN;
    uint8_t node = frame->object ? below_name(frame->node, frame->word) : below_list(frame->node);
    if (frame->node == N_DOCUMENT && !object) {
        return stop(reader, "the request is no JSON object");
    }
    if ((frame->node == N_ROOT || frame->node == N_REQUEST) && frame->word == W_MODEL) {
        return stop(reader, "the model's name is no text");
    }
    if (node == N_OPTIONS && object) {
        facts->usage = TT_USAGE_EMPTY;
        facts->usage_at = token->offset + 1;
    }
    if (frame->node == N_ROOT) {
        facts->references |= frame->word == W_CONVERSATION ? TT_REFERENCE_RESPONSE
                             : frame->word == W_CONTAINER  ? TT_REFERENCE_FILE
                                                           : 0;
    }
    tt_gate_prefix_meet(reader, token);
    frame->next++;
    if (is_part(frame, token->depth, node, object) && tt_gate_known_pass(reader, token)) {
        return reader->strings > TT_GATE_STRINGS_MAX ? stop(reader, "more strings than the limit")
               : reader->named.more_servers          ? stop(reader, "more servers of tools than the limit")
                                                     : TT_OK;
    }
    facts->root_at = node == N_ROOT ? token->offset + 1 : facts->root_at;
    facts->tools += object && (node == N_TOOL || (node == N_FUNCTION && frame->node == N_FUNCTIONS));
    tt_gate_frames_open(frames, object, node, tt_gate_look_edit_count(reader->look));
    return TT_OK;
}

/* true, false and null. */
static enum tt_status
take_literal(struct tt_gate_reader *reader, const struct tt_json_token *token, const struct tt_gate_frame *frame)
{
    struct tt_gate_facts *facts = &reader->facts;
    bool yes = token->kind == TT_JSON_TRUE;
    if (frame->node == N_ROOT && frame->word == W_STREAM) {
        facts->streams = yes;
    } else if (frame->node == N_ROOT && frame->word == W_STREAM_OPTIONS) {
        facts->usage = TT_USAGE_NULL;
        facts->usage_at = token->offset;
    } else if (frame->node == N_OPTIONS && frame->word == W_INCLUDE_USAGE) {
        facts->usage = yes ? TT_USAGE_ON : TT_USAGE_OFF;
        facts->usage_at = token->offset;
    } else if (yes && frame->word == W_THOUGHT) { /* Gemini: the texts of this part are the model's thinking */
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
    if (frame->node == N_DOCUMENT) {
        return stop(reader, "the request is no JSON object");
    }
    if ((frame->node == N_ROOT || frame->node == N_REQUEST) && frame->word == W_MODEL) {
        return stop(reader, "the model's name is no text");
    }
    if (token->kind != TT_JSON_NUMBER) {
        return take_literal(reader, token, frame);
    }
    return frame->word == W_OUTPUT_MAX && (frame->node == N_ROOT || frame->node == N_CONFIG) ? take_output_max(reader, token)
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
