/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The place of a string in a model-API request, read off its path.
 *
 * Input: a path as json/path.c prints it, and the role and type that stand around the string.  Output: one value.
 * Nothing is allocated.
 *
 * All that is known of the APIs stands in the tables below: where a request may stand in a document (wrappers), where
 * messages stand in a request (containers), and what the fields of each are.  A pattern is a path without its "$"; "[*]"
 * in it is any index. Tables are read from the top and the first row that fits wins, so exceptions stand above the rule.
 *
 * Time: the number of rows is fixed and no row looks at more of the path than its own length, plus the digits of
 * indexes.
 */
#include "traffic/place.h"

/* What a row makes of a string. */
enum verdict {
    V_SYSTEM,
    V_TEXT, /* text of a turn: role and type decide whose */
    V_CALL, /* what the model asks of a tool; role and type in there are arguments, not the turn's */
    V_TOOL,
    V_RESULT,
    V_METADATA,
};

struct row {
    const char *pattern;
    uint8_t verdict; /* enum verdict */
    bool below;      /* strings anywhere below the pattern are meant too */
};

/* Where a request, or one message of a transcript, may stand.  The longer ones of a common start come first. */
static const struct wrapper {
    const char *pattern;
    bool is_message; /* by its name; elsewhere role or type has to say so */
} wrappers[] = {
    {".requests[*].params", false},
    {".requests[*].request", false},
    {".requests[*].body", false},
    {".requests[*]", false},
    {".request.body", false},
    {".request", false},
    {".body", false},
    {".payload.item", false},
    {".payload.message", true},
    {".payload", false},
    {".params.message", true},
    {".params.request", false},
    {".params", false},
    {".data.message", true},
    {".data.request", false},
    {".data.body", false},
    {".data", false},
    {".event.message", true},
    {".event.item", false},
    {".event", false},
    {".message", true},
    {".item", false},
    {"[*].message", true},
    {"[*].request", false},
    {"[*].body", false},
    {"[*].payload", false},
    {"[*]", false},
    {"", false},
};

/* Where messages stand in a request. */
static const char *const containers[] = {".messages[*]", ".input[*]", ".contents[*]"};

/* What stands in ".content[*]" of a message, as most strings of requests do. */
static const struct row block_rows[] = {
    /* Keys and ids of a turn and of its blocks. */
    {".id", V_METADATA, false},
    {".type", V_METADATA, false},
    {".tool_use_id", V_METADATA, false},
    {".name", V_METADATA, false},
    {".signature", V_METADATA, false},
    {".cache_control", V_METADATA, true},
    {".content[*].type", V_METADATA, false},
    {".content[*].cache_control", V_METADATA, true},
    {".content[*].source.type", V_METADATA, false},
    {".content[*].source.media_type", V_METADATA, false},
    {".source.content[*].type", V_METADATA, false},
    {".source.type", V_METADATA, false},
    {".source.media_type", V_METADATA, false},
    {".source.file_id", V_METADATA, false},
    /* A block inside a block is what a tool or a search returned. */
    {".content", V_RESULT, true},
    {".output", V_RESULT, true},
    {".source.data", V_TEXT, false},
    {".source.content", V_TEXT, true},
    {".text", V_TEXT, true},
    {".thinking", V_TEXT, false},
    {".input", V_CALL, true},
    {".arguments", V_CALL, true},
    {".refusal", V_TEXT, false},
    {".title", V_TEXT, false},
    {".context", V_TEXT, false},
    {"", V_TEXT, false},
};

/* The fields of one message, in the words of all APIs: Anthropic and OpenAI chat, OpenAI responses, Gemini. */
static const struct row message_rows[] = {
    {"", V_TEXT, false}, /* an element that is a plain string */
    {".content", V_TEXT, false},
    /* OpenAI: calls of tools, their output, reasoning. */
    {".tool_calls[*].function.arguments", V_CALL, true},
    {".tool_calls[*].custom.input", V_CALL, false},
    {".function_call.arguments", V_CALL, true},
    {".reasoning_content", V_TEXT, false},
    {".refusal", V_TEXT, false},
    {".output[*].type", V_METADATA, false},
    {".output", V_RESULT, true},
    {".arguments", V_CALL, true},
    {".input", V_CALL, true},
    {".summary[*].text", V_TEXT, false},
    {".text", V_TEXT, false},
    /* Gemini, in both of its spellings. */
    {".parts[*].functionResponse.name", V_METADATA, false},
    {".parts[*].functionResponse.id", V_METADATA, false},
    {".parts[*].function_response.name", V_METADATA, false},
    {".parts[*].function_response.id", V_METADATA, false},
    {".parts[*].functionResponse", V_RESULT, true},
    {".parts[*].function_response", V_RESULT, true},
    {".parts[*].codeExecutionResult.output", V_RESULT, false},
    {".parts[*].code_execution_result.output", V_RESULT, false},
    {".parts[*].functionCall.args", V_CALL, true},
    {".parts[*].function_call.args", V_CALL, true},
    {".parts[*].executableCode.code", V_TEXT, false},
    {".parts[*].executable_code.code", V_TEXT, false},
    {".parts[*].text", V_TEXT, false},
    {".parts.text", V_TEXT, false},
};

/* The other fields of a request. */
static const struct row request_rows[] = {
    {".system[*].type", V_METADATA, false},
    {".system[*].cache_control", V_METADATA, true},
    {".system[*]", V_SYSTEM, true},
    {".system.text", V_SYSTEM, false},
    {".system.content", V_SYSTEM, false},
    {".system", V_SYSTEM, false},
    {".instructions[*].type", V_METADATA, false},
    {".instructions[*].role", V_METADATA, false},
    {".instructions[*]", V_SYSTEM, true},
    {".instructions", V_SYSTEM, false},
    {".systemInstruction.role", V_METADATA, false},
    {".system_instruction.role", V_METADATA, false},
    {".systemInstruction", V_SYSTEM, true},
    {".system_instruction", V_SYSTEM, true},
    {".tools", V_TOOL, true},
    {".functions[*]", V_TOOL, true},
    {".input", V_TEXT, false},
    {".prompt", V_TEXT, false},
    {".prompt[*]", V_TEXT, false},
    {".prompt.variables", V_TEXT, true},
    /* What a client's transcript keeps beside the message. */
    {".toolUseResult", V_RESULT, true},
    /* Well-known keys and ids. */
    {".model", V_METADATA, false},
    {".user", V_METADATA, false},
    {".id", V_METADATA, false},
    {".uuid", V_METADATA, false},
    {".metadata", V_METADATA, true},
    {".labels", V_METADATA, true},
    {".stop", V_METADATA, false},
    {".stop[*]", V_METADATA, false},
    {".stop_sequences[*]", V_METADATA, false},
    {".prompt.id", V_METADATA, false},
    {".prompt.version", V_METADATA, false},
    {".tool_choice", V_METADATA, true},
    {".toolConfig", V_METADATA, true},
    {".tool_config", V_METADATA, true},
    {".generationConfig", V_METADATA, true},
    {".generation_config", V_METADATA, true},
    {".safetySettings[*]", V_METADATA, true},
    {".safety_settings[*]", V_METADATA, true},
    {".cachedContent", V_METADATA, false},
    {".cached_content", V_METADATA, false},
    {".response_format", V_METADATA, true},
    {".service_tier", V_METADATA, false},
    {".previous_response_id", V_METADATA, false},
    {".conversation", V_METADATA, false},
    {".conversation.id", V_METADATA, false},
    {".prompt_cache_key", V_METADATA, false},
    {".safety_identifier", V_METADATA, false},
    {".custom_id", V_METADATA, false},
    {".call_id", V_METADATA, false},
    {".request_id", V_METADATA, false},
    {".requestId", V_METADATA, false},
    {".session_id", V_METADATA, false},
    {".sessionId", V_METADATA, false},
    {".anthropic_version", V_METADATA, false},
    {".anthropic_beta[*]", V_METADATA, false},
    {".mcp_servers[*]", V_METADATA, true},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Length of the index "[digits]" that text starts with, or 0. */
static size_t
index_length(struct tt_str text)
{
    size_t i = 1;
    if (text.len < 3 || text.ptr[0] != '[') {
        return 0;
    }
    while (i < text.len && tt_ascii_is_digit((unsigned char) text.ptr[i])) {
        i++;
    }
    return i > 1 && i < text.len && text.ptr[i] == ']' ? i + 1 : 0;
}

/* True when path starts with the pattern and a segment ends there; *rest is what follows. */
static inline bool
starts_with(struct tt_str path, const char *pattern, struct tt_str *rest)
{
    size_t at = 0;
    /* Nearly every row fails at the first letter of a name; this keeps a miss at one comparison. */
    if (pattern[0] == '.' && (path.len < 2 || path.ptr[1] != pattern[1])) {
        return false;
    }
    while (*pattern) {
        if (pattern[0] == '[' && pattern[1] == '*') {
            size_t n = index_length(tt_str_slice(path, at, path.len));
            if (n == 0) {
                return false;
            }
            at += n;
            pattern += 3;
        } else if (at < path.len && path.ptr[at] == *pattern) {
            at++;
            pattern++;
        } else {
            return false;
        }
    }
    *rest = tt_str_slice(path, at, path.len);
    return rest->len == 0 || rest->ptr[0] == '.' || rest->ptr[0] == '[';
}

static const struct row *
find_row(const struct row *rows, size_t count, struct tt_str path)
{
    for (size_t i = 0; i < count; i++) {
        struct tt_str rest;
        if (starts_with(path, rows[i].pattern, &rest) && (rest.len == 0 || rows[i].below)) {
            return &rows[i];
        }
    }
    return NULL;
}

/* Of a message.  Blocks have a table of their own, so that their common start is compared once. */
static const struct row *
find_message_row(struct tt_str path)
{
    struct tt_str rest;
    if (starts_with(path, ".content[*]", &rest)) {
        return find_row(block_rows, COUNT(block_rows), rest);
    }
    return find_row(message_rows, COUNT(message_rows), path);
}

static bool
is_one_of(struct tt_str s, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (tt_str_eq(s, tt_str_cstr(words[i]))) {
            return true;
        }
    }
    return false;
}

static bool
is_system_role(struct tt_str role)
{
    static const char *const words[] = {"system", "developer"};
    return is_one_of(role, words, COUNT(words));
}

static bool
is_result(struct tt_str role, struct tt_str type)
{
    static const char *const roles[] = {"tool", "function"};
    static const char *const types[] = {"tool_result", "function_call_output", "custom_tool_call_output"};
    return is_one_of(role, roles, COUNT(roles)) || is_one_of(type, types, COUNT(types));
}

/* True when role or type are those of a message, wherever it stands. */
static bool
is_message(struct tt_str role, struct tt_str type)
{
    static const char *const roles[] = {"user", "assistant", "model"};
    static const char *const types[] = {"message", "function_call", "custom_tool_call", "reasoning"};
    return is_result(role, type) || is_system_role(role) || is_one_of(role, roles, COUNT(roles)) ||
           is_one_of(type, types, COUNT(types));
}

static enum tt_place
place_of_row(const struct row *row, struct tt_str role, struct tt_str type)
{
    switch (row->verdict) {
    case V_SYSTEM: return TT_PLACE_SYSTEM;
    case V_TOOL: return TT_PLACE_TOOL;
    case V_RESULT: return TT_PLACE_TOOL_RESULT;
    case V_METADATA: return TT_PLACE_METADATA;
    case V_CALL: return TT_PLACE_MESSAGE;
    default: break;
    }
    if (is_result(role, type)) {
        return TT_PLACE_TOOL_RESULT;
    }
    return is_system_role(role) ? TT_PLACE_SYSTEM : TT_PLACE_MESSAGE;
}

/* path is what follows a wrapper. */
static enum tt_place
place_in_request(struct tt_str path, bool named_message, struct tt_str role, struct tt_str type)
{
    struct tt_str rest;
    const struct row *row = NULL;
    for (size_t i = 0; i < COUNT(containers); i++) {
        if (starts_with(path, containers[i], &rest)) {
            row = find_message_row(rest);
            return row ? place_of_row(row, role, type) : TT_PLACE_METADATA;
        }
    }
    if (starts_with(path, ".contents", &rest) && rest.len > 0) {
        row = find_message_row(rest); /* one turn without its list */
    } else if (path.len > 0 && (named_message || is_message(role, type))) {
        row = find_message_row(path);
    }
    if (!row) {
        row = find_row(request_rows, COUNT(request_rows), path);
    }
    return row ? place_of_row(row, role, type) : TT_PLACE_PLAIN;
}

enum tt_place
tt_place_of(struct tt_str path, struct tt_str role, struct tt_str type)
{
    if (!tt_str_starts(path, TT_STR("$"))) {
        return TT_PLACE_PLAIN;
    }
    path = tt_str_slice(path, 1, path.len);
    for (size_t i = 0; i < COUNT(wrappers); i++) {
        struct tt_str rest;
        if (starts_with(path, wrappers[i].pattern, &rest)) {
            enum tt_place place = place_in_request(rest, wrappers[i].is_message, role, type);
            if (place != TT_PLACE_PLAIN) {
                return place;
            }
        }
    }
    return TT_PLACE_PLAIN;
}

const char *
tt_place_name(enum tt_place place)
{
    switch (place) {
    case TT_PLACE_PLAIN: return "plain";
    case TT_PLACE_SYSTEM: return "system";
    case TT_PLACE_MESSAGE: return "message";
    case TT_PLACE_TOOL: return "tool";
    case TT_PLACE_TOOL_RESULT: return "tool_result";
    case TT_PLACE_METADATA: return "metadata";
    }
    return "plain";
}

const char *
tt_api_name(enum tt_api api)
{
    switch (api) {
    case TT_API_NONE: return NULL;
    case TT_API_ANTHROPIC: return "anthropic.messages";
    case TT_API_OPENAI_CHAT: return "openai.chat";
    case TT_API_OPENAI_RESPONSES: return "openai.responses";
    case TT_API_GEMINI: return "gemini.generate_content";
    }
    return NULL;
}
