/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of the APIs; see words.h.
 *
 * Input: names without their escapes.  Output: numbers.  The three APIs share one set of words: where two of them use a name for different things, the container tells.
 */
#include "gate/words.h"

/*
 * TT_GATE_DECIDING in small letters, as servers read them to which case says nothing: they would take "Model" for the model.  No API spells a name so, hence
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

#define IS(literal, value)                                       \
    if (memcmp(name.ptr, (literal), sizeof(literal) - 1) == 0) { \
        return (value);                                          \
    }

static uint8_t
find_short_word(struct tt_str name)
{
    switch (name.len) {
    case 2: IS("id", TT_WORD_ID) break;
    case 3: IS("url", TT_WORD_URL) break;
    case 4: IS("type", TT_WORD_TYPE) IS("role", TT_WORD_ROLE) IS("name", TT_WORD_NAME) IS("args", TT_WORD_ARGS) break;
    case 5: IS("input", TT_WORD_INPUT) IS("model", TT_WORD_MODEL) IS("tools", TT_WORD_TOOLS) break;
    case 6:
        IS("source", TT_WORD_SOURCE) IS("stream", TT_WORD_STREAM) IS("system", TT_WORD_SYSTEM) IS("prompt", TT_WORD_PROMPT) break;
    case 7: IS("file_id", TT_WORD_FILE_ID) IS("fileUri", TT_WORD_FILE_URI) IS("thought", TT_WORD_THOUGHT) break;
    case 8:
        IS("function", TT_WORD_FUNCTION)
        IS("messages", TT_WORD_MESSAGES)
        IS("contents", TT_WORD_CONTENTS)
        IS("response", TT_WORD_RESPONSE)
        IS("requests", TT_WORD_REQUESTS)
        IS("file_uri", TT_WORD_FILE_URI) IS("file_url", TT_WORD_FILE_URL) IS("file_ids", TT_WORD_FILES) break;
    default: break;
    }
    return TT_WORD_NONE;
}

uint8_t
tt_gate_word_of(struct tt_str name)
{
    switch (name.len) {
    case 9:
        IS("arguments", TT_WORD_ARGUMENTS)
        IS("image_url", TT_WORD_IMAGE_URL) IS("functions", TT_WORD_FUNCTIONS) IS("container", TT_WORD_CONTAINER) break;
    case 10:
        IS("parameters", TT_WORD_PARAMETERS)
        IS("server_url", TT_WORD_SERVER_URL) IS("max_tokens", TT_WORD_OUTPUT_MAX) IS("fileSearch", TT_WORD_FILE_SEARCH) break;
    case 11: IS("mcp_servers", TT_WORD_SERVERS) IS("file_search", TT_WORD_FILE_SEARCH) break;
    case 12:
        IS("input_schema", TT_WORD_PARAMETERS)
        IS("connector_id", TT_WORD_CONNECTOR)
        IS("instructions", TT_WORD_INSTRUCTIONS)
        IS("conversation", TT_WORD_CONVERSATION) IS("server_label", TT_WORD_SERVER_LABEL) break;
    case 13: IS("cachedContent", TT_WORD_CACHED_CONTENT) IS("include_usage", TT_WORD_INCLUDE_USAGE) break;
    case 14: IS("stream_options", TT_WORD_STREAM_OPTIONS) IS("cached_content", TT_WORD_CACHED_CONTENT) break;
    case 15: IS("maxOutputTokens", TT_WORD_OUTPUT_MAX) break;
    case 16: IS("generationConfig", TT_WORD_GENERATION) IS("vector_store_ids", TT_WORD_FILES) break;
    case 17:
        IS("systemInstruction", TT_WORD_SYSTEM)
        IS("max_output_tokens", TT_WORD_OUTPUT_MAX) IS("generation_config", TT_WORD_GENERATION) break;
    case 18: IS("system_instruction", TT_WORD_SYSTEM) break;
    case 20:
        IS("previous_response_id", TT_WORD_PREVIOUS_RESPONSE)
        IS("functionDeclarations", TT_WORD_DECLARATIONS) IS("fileSearchStoreNames", TT_WORD_FILES) break;
    case 21: IS("function_declarations", TT_WORD_DECLARATIONS) IS("max_completion_tokens", TT_WORD_OUTPUT_MAX) break;
    case 22: IS("generateContentRequest", TT_WORD_REQUEST) break;
    case 23: IS("file_search_store_names", TT_WORD_FILES) break;
    case 24: IS("generate_content_request", TT_WORD_REQUEST) break;
    default: return find_short_word(name);
    }
    return TT_WORD_NONE;
}

uint8_t
tt_gate_below_name(uint8_t node, uint8_t word)
{
    switch (node) {
    case TT_NODE_ROOT:
    case TT_NODE_REQUEST:
        return word == TT_WORD_TOOLS            ? TT_NODE_TOOLS
               : word == TT_WORD_STREAM_OPTIONS ? TT_NODE_OPTIONS
               : word == TT_WORD_PROMPT         ? TT_NODE_PROMPT
               : word == TT_WORD_SERVERS        ? TT_NODE_SERVERS
               : word == TT_WORD_FUNCTIONS      ? TT_NODE_FUNCTIONS
               : word == TT_WORD_GENERATION     ? TT_NODE_CONFIG
               : word == TT_WORD_CONTAINER      ? TT_NODE_SOURCE
               : word == TT_WORD_REQUEST        ? TT_NODE_REQUEST
               : word == TT_WORD_REQUESTS       ? TT_NODE_REQUESTS
                                                : TT_NODE_CONTENT;
    case TT_NODE_TOOL:
        return word == TT_WORD_FUNCTION                                   ? TT_NODE_FUNCTION
               : word == TT_WORD_DECLARATIONS                             ? TT_NODE_FUNCTIONS
               : word == TT_WORD_FILES                                    ? TT_NODE_FILES
               : word == TT_WORD_CONTAINER || word == TT_WORD_FILE_SEARCH ? TT_NODE_SOURCE
                                                                          : TT_NODE_OPAQUE;
    case TT_NODE_CONTENT:
    case TT_NODE_SOURCE:
    case TT_NODE_PROMPT:
        switch (word) {
        case TT_WORD_SOURCE:
        case TT_WORD_IMAGE_URL: return TT_NODE_SOURCE;
        case TT_WORD_FILES: return node == TT_NODE_SOURCE ? TT_NODE_FILES : TT_NODE_CONTENT;
        case TT_WORD_ARGS:
        case TT_WORD_ARGUMENTS:
        case TT_WORD_INPUT:
        case TT_WORD_PARAMETERS:
        case TT_WORD_RESPONSE: return TT_NODE_OPAQUE;
        default: return TT_NODE_CONTENT;
        }
    default: return TT_NODE_OPAQUE;
    }
}

uint8_t
tt_gate_below_list(uint8_t node)
{
    switch (node) {
    case TT_NODE_DOCUMENT: return TT_NODE_ROOT;
    case TT_NODE_TOOLS: return TT_NODE_TOOL;
    case TT_NODE_FUNCTIONS: return TT_NODE_FUNCTION;
    case TT_NODE_SERVERS: return TT_NODE_SERVER;
    case TT_NODE_REQUESTS: return TT_NODE_REQUEST;
    case TT_NODE_SOURCE: return TT_NODE_CONTENT;
    case TT_NODE_PROMPT: return TT_NODE_CONTENT;
    default: return node;
    }
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

bool
tt_gate_decides_folded(struct tt_str name)
{
    for (size_t i = 0; i < sizeof(deciding) / sizeof(*deciding); i++) {
        if (is_word_folded(name, deciding[i])) {
            return true;
        }
    }
    return false;
}
