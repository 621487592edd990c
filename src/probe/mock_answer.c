/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of model APIs; see mock_answer.h.
 *
 * In: which call it is and what it asks for.  Out: a body in the caller's buffer.  Keeps nothing, so that equal requests get equal answers.
 */
#include "probe/mock_answer.h"

#include "finding/writer.h"
#include "traffic/route.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- which call ---- */

static const struct {
    struct tt_str method, end;
    enum tt_mock_call call;
} ends[] = {
    {TT_STR_INIT("POST"), TT_STR_INIT("/chat/completions"), TT_MOCK_CHAT},
    {TT_STR_INIT("POST"), TT_STR_INIT("/responses"), TT_MOCK_RESPONSES},
    {TT_STR_INIT("POST"), TT_STR_INIT("/messages"), TT_MOCK_MESSAGES},
    {TT_STR_INIT("POST"), TT_STR_INIT("/messages/count_tokens"), TT_MOCK_COUNT},
    {TT_STR_INIT("POST"), TT_STR_INIT(":generateContent"), TT_MOCK_GEMINI},
    {TT_STR_INIT("POST"), TT_STR_INIT(":streamGenerateContent"), TT_MOCK_GEMINI_STREAM},
    {TT_STR_INIT("POST"), TT_STR_INIT(":countTokens"), TT_MOCK_GEMINI_COUNT},
    {TT_STR_INIT("GET"), TT_STR_INIT("/v1beta/models"), TT_MOCK_GEMINI_MODELS},
    {TT_STR_INIT("GET"), TT_STR_INIT("/models"), TT_MOCK_MODELS},
};

/* Has the query the member "alt=sse"? */
static bool
wants_events(struct tt_str query)
{
    const struct tt_str member = TT_STR("alt=sse");
    for (size_t at = 0; at + member.len <= query.len; at++) {
        bool begins = at == 0 || query.ptr[at - 1] == '&';
        bool ends_here = at + member.len == query.len || query.ptr[at + member.len] == '&';
        if (begins && ends_here && tt_str_eq(tt_str_slice(query, at, at + member.len), member)) {
            return true;
        }
    }
    return false;
}

/* The segment of the path that ends at end. */
static struct tt_str
last_segment(struct tt_str path, size_t end)
{
    const char *slash = end > 0 ? memrchr(path.ptr, '/', end) : NULL;
    return tt_str_slice(path, slash ? (size_t) (slash - path.ptr) + 1 : 0, end);
}

enum tt_mock_call
tt_mock_call_of(struct tt_str method, struct tt_str path, struct tt_str query, struct tt_str *model)
{
    struct tt_str name;
    *model = TT_STR("");
    while (path.len > 1 && path.ptr[path.len - 1] == '/') {
        path.len--;
    }
    for (size_t i = 0; i < COUNT(ends); i++) {
        if (!tt_str_eq(method, ends[i].method) || !tt_str_ends(path, ends[i].end)) {
            continue;
        }
        if (ends[i].end.ptr[0] == ':') {
            name = last_segment(path, path.len - ends[i].end.len);
            *model = tt_route_is_model(name) ? name : TT_STR("");
        }
        return ends[i].call == TT_MOCK_GEMINI_STREAM && wants_events(query) ? TT_MOCK_GEMINI_SSE : ends[i].call;
    }
    name = last_segment(path, path.len);
    path.len -= name.len;
    if (tt_str_eq(method, TT_STR("GET")) && tt_str_ends(path, TT_STR("/models/")) && tt_route_is_model(name)) {
        *model = name;
        return TT_MOCK_MODEL;
    }
    return TT_MOCK_UNKNOWN;
}

static const struct tt_mock_script *
script_of(enum tt_mock_call call)
{
    switch (call) {
    case TT_MOCK_CHAT: return &tt_mock_script_chat;
    case TT_MOCK_RESPONSES: return &tt_mock_script_responses;
    case TT_MOCK_MESSAGES: return &tt_mock_script_messages;
    case TT_MOCK_GEMINI:
    case TT_MOCK_GEMINI_STREAM:
    case TT_MOCK_GEMINI_SSE: return &tt_mock_script_gemini;
    default: return NULL;
    }
}

bool
tt_mock_call_is_turn(enum tt_mock_call call)
{
    return script_of(call) != NULL;
}

enum tt_mock_framing
tt_mock_framing_of(enum tt_mock_call call, const struct tt_mock_ask *ask)
{
    switch (call) {
    case TT_MOCK_GEMINI_SSE: return TT_MOCK_EVENTS;
    case TT_MOCK_CHAT:
    case TT_MOCK_RESPONSES:
    case TT_MOCK_MESSAGES: return ask->streams ? TT_MOCK_EVENTS : TT_MOCK_JSON;
    default: return TT_MOCK_JSON;
    }
}

/* ---- texts ---- */

/* The inside of a JSON string that says text. */
static void
add_escaped(struct tt_buf *out, struct tt_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"' || text.ptr[i] == '\\') {
            tt_buf_add_char(out, '\\'); /* JSON text has no control characters that would need more */
        }
        tt_buf_add_char(out, text.ptr[i]);
    }
}

static void
add_part(struct tt_buf *out, char which, const struct tt_mock_ask *ask)
{
    switch (which) {
    case 'm': tt_buf_add(out, ask->model.len > 0 ? ask->model : TT_STR("mock-model")); break;
    case 't': tt_buf_add_cstr(out, ask->wants_json ? "{}" : "Hello."); break;
    case 'n': tt_buf_add(out, ask->tool); break;
    case 'a': tt_buf_add(out, ask->arguments); break;
    default: add_escaped(out, ask->arguments); break;
    }
}

static void
add_text(struct tt_buf *out, const char *text, const struct tt_mock_ask *ask)
{
    for (const char *percent; (percent = strchr(text, '%')) != NULL; text = percent + 2) {
        tt_buf_add(out, tt_str_make(text, (size_t) (percent - text)));
        add_part(out, percent[1], ask);
    }
    tt_buf_add_cstr(out, text);
}

static void
add_events(struct tt_buf *out, const struct tt_mock_script *script, const struct tt_mock_ask *ask, bool use_tool)
{
    for (const struct tt_mock_event *event = use_tool ? script->tool : script->text; event->json; event++) {
        if (event->name) {
            tt_buf_add_cstr(out, "event: ");
            tt_buf_add_cstr(out, event->name);
            tt_buf_add_char(out, '\n');
        }
        tt_buf_add_cstr(out, "data: ");
        add_text(out, event->json, ask);
        tt_buf_add_cstr(out, "\n\n");
    }
    if (script->last) {
        tt_buf_add_cstr(out, "data: ");
        tt_buf_add_cstr(out, script->last);
        tt_buf_add_cstr(out, "\n\n");
    }
}

static const char *
other_text(enum tt_mock_call call)
{
#define MODEL                                                                                                                    \
    "\"object\":\"model\",\"created\":1,\"owned_by\":\"mock\",\"type\":\"model\",\"display_name\":\"%m\",\"created_at\":\"2000-" \
    "01-01T00:00:00Z\"}"
#define GEMINI_MODEL                                                                                                          \
    "{\"name\":\"models/%m\",\"version\":\"1\",\"displayName\":\"%m\",\"inputTokenLimit\":1000000,\"outputTokenLimit\":8192," \
    "\"supportedGenerationMethods\":[\"generateContent\",\"countTokens\"]}"
    switch (call) {
    case TT_MOCK_COUNT: return "{\"input_tokens\":1}";
    case TT_MOCK_GEMINI_COUNT: return "{\"totalTokens\":1}";
    case TT_MOCK_GEMINI_MODELS: return "{\"models\":[" GEMINI_MODEL "]}";
    case TT_MOCK_MODELS:
        return "{\"object\":\"list\",\"data\":[{\"id\":\"%m\"," MODEL
               "],\"has_more\":false,\"first_id\":\"%m\",\"last_id\":\"%m\"}";
    case TT_MOCK_MODEL: return "{\"id\":\"%m\",\"name\":\"models/%m\"," MODEL;
    default: return "{\"error\":{\"message\":\"There is nothing here.\",\"type\":\"not_found_error\"}}";
    }
#undef MODEL
#undef GEMINI_MODEL
}

void
tt_mock_answer_body(struct tt_buf *out, enum tt_mock_call call, const struct tt_mock_ask *ask, bool use_tool)
{
    const struct tt_mock_script *script = script_of(call);
    if (!script) {
        add_text(out, other_text(call), ask);
    } else if (tt_mock_framing_of(call, ask) == TT_MOCK_EVENTS) {
        add_events(out, script, ask, use_tool);
    } else {
        tt_buf_add_cstr(out, call == TT_MOCK_GEMINI_STREAM ? "[" : "");
        add_text(out, use_tool ? script->tool_whole : script->text_whole, ask);
        tt_buf_add_cstr(out, call == TT_MOCK_GEMINI_STREAM ? "]" : "");
    }
}

bool
tt_mock_answer_message(struct tt_buf *out, size_t number, const struct tt_mock_ask *ask, bool use_tool)
{
    const struct tt_mock_event *event = use_tool ? tt_mock_script_responses.tool : tt_mock_script_responses.text;
    for (; number > 0 && event->json; number--) {
        event++;
    }
    if (event->json) {
        add_text(out, event->json, ask);
    }
    return event->json != NULL;
}
