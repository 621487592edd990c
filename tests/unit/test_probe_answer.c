/* SPDX-License-Identifier: Apache-2.0 */
/* What the mock answers: which call a path is, what a body asks for, and whether readers of the APIs understand the answers. */
#include "test.h"

#include "base/limits.h"
#include "probe/mock_answer.h"
#include "text/kernel.h"
#include "traffic/usage.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* ---- which call ---- */

static void
test_calls(void **state)
{
    (void) state;
    static const struct {
        const char *method, *path, *query;
        enum tt_mock_call call;
        const char *model;
    } cases[] = {
        {"POST", "/v1/chat/completions", "", TT_MOCK_CHAT, ""},
        {"POST", "/compatible-mode/v1/chat/completions", "x=y", TT_MOCK_CHAT, ""},
        {"POST", "/chat/completions/", "", TT_MOCK_CHAT, ""},
        {"GET", "/v1/chat/completions", "", TT_MOCK_UNKNOWN, ""},
        {"POST", "/v1/responses", "", TT_MOCK_RESPONSES, ""},
        {"POST", "/anthropic/v1/messages", "beta=true", TT_MOCK_MESSAGES, ""},
        {"POST", "/v1/messages/count_tokens", "beta=true", TT_MOCK_COUNT, ""},
        {"POST", "/v1beta/models/gemini-2.5-flash:generateContent", "", TT_MOCK_GEMINI, "gemini-2.5-flash"},
        {"POST", "/v1beta/models/gemini-2.5-flash:streamGenerateContent", "", TT_MOCK_GEMINI_STREAM, "gemini-2.5-flash"},
        {"POST", "/v1beta/models/g:streamGenerateContent", "alt=sse", TT_MOCK_GEMINI_SSE, "g"},
        {"POST", "/v1beta/models/g:streamGenerateContent", "key=a&alt=sse", TT_MOCK_GEMINI_SSE, "g"},
        {"POST", "/v1beta/models/g:streamGenerateContent", "salt=sse", TT_MOCK_GEMINI_STREAM, "g"},
        {"POST", "/v1beta/models/g:streamGenerateContent", "alt=sse2", TT_MOCK_GEMINI_STREAM, "g"},
        {"POST", "/v1beta/models/a\"b:generateContent", "", TT_MOCK_GEMINI, ""},
        {"POST", "/v1beta/models/g:countTokens", "", TT_MOCK_GEMINI_COUNT, "g"},
        {"GET", "/v1beta/models", "", TT_MOCK_GEMINI_MODELS, ""},
        {"GET", "/v1/models", "", TT_MOCK_MODELS, ""},
        {"GET", "/v1/models/qwen3-coder", "", TT_MOCK_MODEL, "qwen3-coder"},
        {"GET", "/v1/models/a%22b", "", TT_MOCK_UNKNOWN, ""},
        {"POST", "/v1/models", "", TT_MOCK_UNKNOWN, ""},
        {"GET", "/", "", TT_MOCK_UNKNOWN, ""},
        {"GET", "", "", TT_MOCK_UNKNOWN, ""},
        {"POST", "/v1/messages/batches", "", TT_MOCK_UNKNOWN, ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct tt_str model;
        enum tt_mock_call call =
            tt_mock_call_of(tt_str_cstr(cases[i].method), tt_str_cstr(cases[i].path), tt_str_cstr(cases[i].query), &model);
        assert_int_equal(call, cases[i].call);
        assert_str_equal(model, tt_str_cstr(cases[i].model));
    }
}

/* ---- what is asked for ---- */

#define SCHEMA(required)                                                                                                      \
    "{\"type\":\"object\",\"properties\":{\"path\":{\"type\":\"string\"},\"pattern\":{\"type\":\"STRING\"},\"n\":{\"type\":"  \
    "\"INTEGER\"},"                                                                                                           \
    "\"deep\":{\"type\":\"boolean\"},\"how\":{\"enum\":[\"a\\\"b\",\"c\"]},\"list\":{\"type\":\"array\",\"items\":{\"type\":" \
    "\"string\"}}},"                                                                                                          \
    "\"required\":[" required "]}"

static const struct ask_case {
    const char *body;
    const char *model, *tool, *arguments; /* tool "": none */
    const char *flags;                    /* s: streams, j: wants JSON, r: has a result */
} asks[] = {
    {"", "", "", "", ""},
    {"nothing", "", "", "", ""},
    {"{\"model\":\"a/b\",\"stream\":true}", "a/b", "", "", "s"},
    {"{\"stream\":true,\"model\":\"a\"", "", "", "", ""},
    {"{\"x\":{\"stream\":true,\"model\":\"no\"},\"stream\":false}", "", "", "", ""},
    {"[{\"model\":\"no\"}]", "", "", "", ""},
    {"{\"model\":\"q\\\"\\u00e9\"}", "q\\\"\\u00e9", "", "", ""},
    /* chat completions */
    {"{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"run_shell\",\"parameters\":" SCHEMA(
         "\"path\"") "}},"
                     "{\"type\":\"function\",\"function\":{\"name\":\"list_directory\",\"parameters\":" SCHEMA("\"path\"") "}}]}",
     "", "list_directory", "{\"path\":\".\"}", ""},
    {"{\"tools\":[{\"type\":\"function\",\"function\":{\"parameters\":" SCHEMA(
         "\"pattern\",\"n\",\"deep\",\"how\",\"list\",\"unknown\"") ",\"name\":\"glob\"}}]}",
     "", "glob", "{\"pattern\":\"*\",\"n\":1,\"deep\":false,\"how\":\"a\\\"b\",\"list\":[],\"unknown\":\".\"}", ""},
    {"{\"tools\":[{\"function\":{\"name\":\"read_file\"}},{\"function\":{\"name\":\"glob\"}},{\"function\":{\"name\":\"ls\"}}]}",
     "", "glob", "{}", ""},
    {"{\"messages\":[{\"role\":\"tool\",\"content\":\"x\"}]}", "", "", "", "r"},
    {"{\"messages\":[{\"role\":\"user\",\"content\":\"\\\"role\\\":\\\"tool\\\"\"}]}", "", "", "", ""},
    {"{\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{}}}", "", "", "", "j"},
    {"{\"messages\":[{\"type\":\"json_object\"}]}", "", "", "", ""},
    /* responses */
    {"{\"tools\":[{\"type\":\"web_search\"},{\"type\":\"function\",\"name\":\"grep_files\",\"parameters\":" SCHEMA(
         "\"pattern\"") "}]}",
     "", "grep_files", "{\"pattern\":\"*\"}", ""},
    {"{\"input\":[{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":\"\"}]}", "", "", "", "r"},
    {"{\"text\":{\"format\":{\"type\":\"json_object\"}}}", "", "", "", "j"},
    /* Messages */
    {"{\"tools\":[{\"name\":\"Bash\",\"input_schema\":{}},{\"name\":\"LS\",\"input_schema\":" SCHEMA("\"path\"") "}]}", "", "LS",
     "{\"path\":\".\"}", ""},
    {"{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"t\"}]}]}", "", "", "", "r"},
    /* Gemini */
    {"{\"tools\":[{\"functionDeclarations\":[{\"name\":\"write_file\"},{\"name\":\"read_file\",\"parametersJsonSchema\":" SCHEMA(
         "\"n\"") "}]}]}",
     "", "read_file", "{\"n\":1}", ""},
    {"{\"contents\":[{\"parts\":[{\"functionResponse\":{\"name\":\"x\"}}]}]}", "", "", "", "r"},
    {"{\"generationConfig\":{\"responseMimeType\":\"application/json\"}}", "", "", "", "j"},
    /* no tool of the list is harmless, or the list is none */
    {"{\"tools\":[{\"name\":\"mcp__files__list_directory\"},{\"name\":\"delete\"},{\"name\":\"list_directory2\"}]}", "", "", "",
     ""},
    {"{\"tools\":{\"name\":\"glob\"},\"functions\":[{\"name\":\"glob\"}]}", "", "", "", ""},
    {"{\"x\":[{\"name\":\"glob\"}],\"tools\":[{\"x\":{\"name\":\"glob\"}}]}", "", "", "", ""},
    {"{\"tools\":[{\"name\":\"glob\",\"parameters\":[]}]}", "", "glob", "{}", ""},
    {"{\"tools\":[{\"name\":\"glob\",\"parameters\":{\"required\":{},\"properties\":[]}}]}", "", "glob", "{}", ""},
    {"{\"tools\":[{\"name\":\"glob\",\"parameters\":{\"required\":[1,\"a\"],\"properties\":[]}}]}", "", "glob", "{\"a\":\".\"}",
     ""},
};

static void
test_asks(void **state)
{
    (void) state;
    struct tt_arena arena;
    tt_arena_init(&arena, &tt_alloc_libc, TT_MOCK_ARENA);
    for (size_t i = 0; i < sizeof(asks) / sizeof(*asks); i++) {
        const struct ask_case *c = &asks[i];
        struct tt_mock_ask ask;
        print_message("# ask %zu\n", i);
        tt_mock_ask_read(tt_str_cstr(c->body), &arena, &ask);
        assert_str_equal(ask.model, tt_str_cstr(c->model));
        assert_str_equal(ask.tool, tt_str_cstr(c->tool));
        assert_str_equal(ask.arguments, tt_str_cstr(c->arguments));
        assert_int_equal(ask.streams, strchr(c->flags, 's') != NULL);
        assert_int_equal(ask.wants_json, strchr(c->flags, 'j') != NULL);
        assert_int_equal(ask.has_result, strchr(c->flags, 'r') != NULL);
    }
    tt_arena_free(&arena);
}

static bool
read_an_ask(void *ctx, const struct tt_alloc *alloc)
{
    struct tt_arena arena;
    struct tt_mock_ask ask;
    (void) ctx;
    tt_arena_init(&arena, alloc, TT_MOCK_ARENA);
    tt_mock_ask_read(tt_str_cstr(asks[8].body), &arena, &ask);
    assert_str_equal(ask.tool, TT_STR("glob"));
    bool whole = tt_str_eq(ask.arguments, tt_str_cstr(asks[8].arguments));
    assert_true(whole || tt_str_eq(ask.arguments, TT_STR("{}")));
    tt_arena_free(&arena);
    return whole;
}

static void
test_ask_allocations(void **state)
{
    (void) state;
    test_every_allocation(read_an_ask, NULL);
}

static void
test_tools(void **state)
{
    (void) state;
    static const char *const harmless[] = {"glob", "Glob",      "list_directory", "listDirectory", "list-dir",
                                           "LS",   "read_file", "Read",           "grep_search"};
    static const char *const others[] = {"",
                                         "bash",
                                         "write_file",
                                         "edit",
                                         "web_fetch",
                                         "run_shell_command",
                                         "list_directory_and_delete",
                                         "glob2",
                                         "read\nfile",
                                         "task",
                                         "view.x",
                                         "globglobglobglobglobglobglobglobglob"};
    for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++) {
        assert_true(tt_mock_tool_rank(tt_str_cstr(harmless[i])) < TT_MOCK_TOOL_NONE);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        assert_int_equal(tt_mock_tool_rank(tt_str_cstr(others[i])), TT_MOCK_TOOL_NONE);
    }
    assert_true(tt_mock_tool_rank(TT_STR("glob")) < tt_mock_tool_rank(TT_STR("read_file")));
}

/* ---- answers ---- */

static const struct tt_mock_ask quiet = {
    .model = TT_STR_INIT("m"), .tool = TT_STR_INIT("glob"), .arguments = TT_STR_INIT("{\"pattern\":\"*\"}")};
static const struct tt_mock_ask streaming = {
    .streams = true, .model = TT_STR_INIT("m"), .tool = TT_STR_INIT("glob"), .arguments = TT_STR_INIT("{\"pattern\":\"*\"}")};

/* The gateway's meter of answers reads every one as complete, with its use. */
static void
test_meter_reads(void **state)
{
    (void) state;
    static const struct {
        enum tt_mock_call call;
        enum tt_api api;
    } cases[] = {
        {TT_MOCK_CHAT, TT_API_OPENAI_CHAT}, {TT_MOCK_RESPONSES, TT_API_OPENAI_RESPONSES}, {TT_MOCK_MESSAGES, TT_API_ANTHROPIC},
        {TT_MOCK_GEMINI, TT_API_GEMINI},    {TT_MOCK_GEMINI_STREAM, TT_API_GEMINI},       {TT_MOCK_GEMINI_SSE, TT_API_GEMINI},
    };
    struct tt_meter *meter = malloc(tt_meter_size());
    assert_non_null(meter);
    for (size_t i = 0; i < 4 * sizeof(cases) / sizeof(*cases); i++) {
        enum tt_mock_call call = cases[i / 4].call;
        const struct tt_mock_ask *ask = i % 2 ? &streaming : &quiet;
        struct tt_meter_result result;
        struct tt_buf body;
        tt_buf_init(&body, &tt_alloc_libc, TT_MIB);
        tt_mock_answer_body(&body, call, ask, i / 2 % 2);
        bool events = tt_mock_framing_of(call, ask) == TT_MOCK_EVENTS;
        tt_meter_begin(meter, cases[i / 4].api, events ? TT_FRAMING_EVENTS : TT_FRAMING_JSON, tt_kernels_get(0));
        tt_meter_feed(meter, tt_buf_str(&body));
        tt_meter_end(meter, true, 0, &result);
        assert_true(result.complete);
        assert_false(result.has_error);
        assert_int_equal(result.unread, 0);
        assert_int_equal(result.usage.grade, TT_USAGE_REPORTED);
        assert_int_equal(result.usage.input_total, 1);
        assert_int_equal(result.usage.output_total, 1);
        assert_str_equal(result.model, TT_STR("m"));
        tt_buf_free(&body);
    }
    free(meter);
}

/* Every data line of a stream, or the whole, is JSON; the tool call's arguments are JSON inside of it. */
static void
assert_json(struct tt_str text)
{
    json_error_t error;
    json_t *value = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, &error);
    if (!value) {
        fail_msg("%s: %.*s", error.text, (int) text.len, text.ptr);
    }
    json_decref(value);
}

static void
assert_stream(struct tt_str body)
{
    size_t at = 0, lines = 0;
    while (at < body.len) {
        const char *feed = memchr(body.ptr + at, '\n', body.len - at);
        assert_non_null(feed);
        struct tt_str line = tt_str_slice(body, at, (size_t) (feed - body.ptr));
        at += line.len + 1;
        if (tt_str_starts(line, TT_STR("data: ")) && !tt_str_ends(line, TT_STR("[DONE]"))) {
            assert_json(tt_str_slice(line, 6, line.len));
            lines++;
        } else {
            assert_true(line.len == 0 || tt_str_starts(line, TT_STR("event: ")) || tt_str_eq(line, TT_STR("data: [DONE]")));
        }
    }
    assert_true(lines > 0);
}

static void
test_all_is_json(void **state)
{
    (void) state;
    for (unsigned call = TT_MOCK_UNKNOWN; call <= TT_MOCK_MODEL; call++) {
        for (unsigned i = 0; i < 4; i++) {
            const struct tt_mock_ask *ask = i % 2 ? &streaming : &quiet;
            struct tt_buf first, second;
            tt_buf_init(&first, &tt_alloc_libc, TT_MIB);
            tt_buf_init(&second, &tt_alloc_libc, TT_MIB);
            tt_mock_answer_body(&first, (enum tt_mock_call) call, ask, i / 2);
            tt_mock_answer_body(&second, (enum tt_mock_call) call, ask, i / 2);
            assert_str_equal(tt_buf_str(&first), tt_buf_str(&second));
            assert_null(memchr(first.ptr, '%', first.len));
            if (tt_mock_framing_of((enum tt_mock_call) call, ask) == TT_MOCK_EVENTS) {
                assert_stream(tt_buf_str(&first));
            } else {
                assert_json(tt_buf_str(&first));
            }
            tt_buf_free(&first);
            tt_buf_free(&second);
        }
    }
}

/* As messages of a WebSocket the events are the same as in the stream. */
static void
test_messages(void **state)
{
    (void) state;
    for (unsigned use_tool = 0; use_tool < 2; use_tool++) {
        struct tt_buf stream, message;
        size_t count = 0;
        tt_buf_init(&stream, &tt_alloc_libc, TT_MIB);
        tt_buf_init(&message, &tt_alloc_libc, TT_MIB);
        tt_mock_answer_body(&stream, TT_MOCK_RESPONSES, &streaming, use_tool);
        const char *at = stream.ptr;
        while (tt_mock_answer_message(&message, count, &streaming, use_tool)) {
            assert_json(tt_buf_str(&message));
            at = memmem(at, (size_t) (stream.ptr + stream.len - at), message.ptr, message.len);
            assert_non_null(at);
            tt_buf_clear(&message);
            count++;
        }
        assert_int_equal(count, use_tool ? 7 : 9);
        assert_false(tt_mock_answer_message(&message, count + 5, &streaming, use_tool));
        tt_buf_free(&stream);
        tt_buf_free(&message);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls),    cmocka_unit_test(test_asks),        cmocka_unit_test(test_ask_allocations),
        cmocka_unit_test(test_tools),    cmocka_unit_test(test_meter_reads), cmocka_unit_test(test_all_is_json),
        cmocka_unit_test(test_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
