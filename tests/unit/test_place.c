/* SPDX-License-Identifier: Apache-2.0 */
/* Places of strings in requests of each API and in transcripts; a table, then the edges of matching. */
#include "test.h"
#include "traffic/place.h"

#define PLAIN TT_PLACE_PLAIN
#define SYSTEM TT_PLACE_SYSTEM
#define MESSAGE TT_PLACE_MESSAGE
#define TOOL TT_PLACE_TOOL
#define RESULT TT_PLACE_TOOL_RESULT
#define METADATA TT_PLACE_METADATA

static const struct {
    const char *path, *role, *type;
    enum tt_place place;
} cases[] = {
    /* Anthropic Messages */
    {"$.model", "", "", METADATA},
    {"$.metadata.user_id", "", "", METADATA},
    {"$.stop_sequences[0]", "", "", METADATA},
    {"$.system", "", "", SYSTEM},
    {"$.system[0].text", "", "text", SYSTEM},
    {"$.system[11].text", "", "", SYSTEM},
    {"$.system[0].type", "", "", METADATA},
    {"$.system[0].cache_control.type", "", "ephemeral", METADATA},
    {"$.messages[0].content", "user", "", MESSAGE},
    {"$.messages[0].content", "", "", MESSAGE},
    {"$.messages[1].content[0].text", "assistant", "text", MESSAGE},
    {"$.messages[1].content[0].text", "", "text", MESSAGE},
    {"$.messages[1].content[0].thinking", "assistant", "thinking", MESSAGE},
    {"$.messages[1].content[0].signature", "assistant", "thinking", METADATA},
    {"$.messages[1].content[0].data", "assistant", "redacted_thinking", METADATA},
    {"$.messages[1].content[1].input.command", "assistant", "tool_use", MESSAGE},
    {"$.messages[1].content[1].input.items[0].type", "system", "tool_result", MESSAGE},
    {"$.messages[1].content[1].id", "assistant", "tool_use", METADATA},
    {"$.messages[1].content[1].name", "assistant", "tool_use", METADATA},
    {"$.messages[2].content[0].content", "user", "tool_result", RESULT},
    {"$.messages[2].content[0].content", "user", "", RESULT},
    {"$.messages[2].content[0].content[0].text", "user", "text", RESULT},
    {"$.messages[2].content[0].content[0].type", "user", "", METADATA},
    {"$.messages[2].content[0].tool_use_id", "user", "tool_result", METADATA},
    {"$.messages[2].content[0].source.data", "user", "text", MESSAGE},
    {"$.messages[2].content[0].source.media_type", "user", "text", METADATA},
    {"$.messages[0].content[0].cache_control.type", "user", "ephemeral", METADATA},
    {"$.messages[0].role", "", "", METADATA},
    {"$.messages[0].something_new", "user", "", METADATA},
    {"$.messages[0].content", "system", "", SYSTEM},
    {"$.tools[0].name", "", "", TOOL},
    {"$.tools[0].description", "", "", TOOL},
    {"$.tools[3].input_schema.properties.path.description", "", "object", TOOL},
    {"$.tools[3].input_schema.properties[\"a b\"].enum[4]", "", "string", TOOL},
    {"$.tool_choice.type", "", "", METADATA},
    /* OpenAI chat completions */
    {"$.user", "", "", METADATA},
    {"$.stop", "", "", METADATA},
    {"$.stop[1]", "", "", METADATA},
    {"$.messages[0].content", "developer", "", SYSTEM},
    {"$.messages[0].content[0].text", "system", "text", SYSTEM},
    {"$.messages[3].content", "tool", "", RESULT},
    {"$.messages[3].content[0].text", "tool", "text", RESULT},
    {"$.messages[3].content", "function", "", RESULT},
    {"$.messages[3].tool_call_id", "tool", "", METADATA},
    {"$.messages[3].name", "function", "", METADATA},
    {"$.messages[2].tool_calls[0].function.arguments", "assistant", "function", MESSAGE},
    {"$.messages[2].tool_calls[0].function.name", "assistant", "function", METADATA},
    {"$.messages[2].tool_calls[0].id", "assistant", "", METADATA},
    {"$.messages[0].content[1].image_url.url", "user", "image_url", METADATA},
    {"$.tools[0].function.description", "", "function", TOOL},
    {"$.tools[0].function.parameters.properties.q.description", "", "string", TOOL},
    {"$.functions[0].description", "", "", TOOL},
    /* OpenAI responses */
    {"$.instructions", "", "", SYSTEM},
    {"$.input", "", "", MESSAGE},
    {"$.input[0]", "", "", MESSAGE},
    {"$.input[0].content", "user", "message", MESSAGE},
    {"$.input[0].content[0].text", "user", "input_text", MESSAGE},
    {"$.input[0].content[0].text", "developer", "input_text", SYSTEM},
    {"$.input[2].arguments", "", "function_call", MESSAGE},
    {"$.input[3].output", "", "function_call_output", RESULT},
    {"$.input[3].output", "", "custom_tool_call_output", RESULT},
    {"$.input[3].output[0].text", "", "input_text", RESULT},
    {"$.input[3].call_id", "", "function_call_output", METADATA},
    {"$.input[4].summary[0].text", "", "summary_text", MESSAGE},
    {"$.input[4].encrypted_content", "", "reasoning", METADATA},
    {"$.previous_response_id", "", "", METADATA},
    {"$.tools[0].parameters.description", "", "function", TOOL},
    /* Gemini */
    {"$.contents[0].parts[0].text", "user", "", MESSAGE},
    {"$.contents[0].parts[0].text", "model", "", MESSAGE},
    {"$.contents[0].parts[0].text", "function", "", RESULT},
    {"$.contents.parts[0].text", "", "", MESSAGE},
    {"$.contents[1].parts[0].functionResponse.response.output", "user", "", RESULT},
    {"$.contents[1].parts[0].function_response.response.a.b[0]", "", "", RESULT},
    {"$.contents[1].parts[0].functionResponse.name", "user", "", METADATA},
    {"$.contents[1].parts[0].functionCall.args.path", "model", "", MESSAGE},
    {"$.contents[1].parts[0].inlineData.mimeType", "user", "", METADATA},
    {"$.systemInstruction.parts[0].text", "", "", SYSTEM},
    {"$.system_instruction.parts[0].text", "user", "", SYSTEM},
    {"$.systemInstruction.role", "", "", METADATA},
    {"$.tools[0].functionDeclarations[2].description", "", "", TOOL},
    {"$.tools[0].function_declarations[2].parameters.properties.a.description", "", "", TOOL},
    {"$.generationConfig.responseMimeType", "", "", METADATA},
    {"$.cachedContent", "", "", METADATA},
    /* wrapped */
    {"$.request.messages[0].content", "user", "", MESSAGE},
    {"$.request.body.messages[0].content", "tool", "", RESULT},
    {"$.body.system[0].text", "", "text", SYSTEM},
    {"$.body.model", "", "", METADATA},
    {"$.payload.input[0].content[0].text", "user", "input_text", MESSAGE},
    {"$.params.tools[0].description", "", "", TOOL},
    {"$.data.contents[0].parts[0].text", "user", "", MESSAGE},
    {"$.event.instructions", "", "", SYSTEM},
    {"$.requests[12].params.messages[0].content", "user", "", MESSAGE},
    {"$.requests[0].custom_id", "", "", METADATA},
    {"$.requests[0].contents[0].parts[0].text", "user", "", MESSAGE},
    {"$[3].messages[0].content", "user", "", MESSAGE},
    /* one message of a transcript */
    {"$.message.content", "user", "user", MESSAGE},
    {"$.message.content", "", "", MESSAGE},
    {"$.message.content[0].text", "assistant", "text", MESSAGE},
    {"$.message.content[0].content", "user", "tool_result", RESULT},
    {"$.message.content[0].content[0].text", "user", "text", RESULT},
    {"$.message.content[0].tool_use_id", "user", "tool_result", METADATA},
    {"$.message.model", "assistant", "message", METADATA},
    {"$.message.id", "assistant", "message", METADATA},
    {"$.payload.content[0].text", "user", "input_text", MESSAGE},
    {"$.payload.content[0].text", "developer", "input_text", SYSTEM},
    {"$.payload.output", "", "function_call_output", RESULT},
    {"$.payload.arguments", "", "function_call", MESSAGE},
    {"$.payload.call_id", "", "function_call", METADATA},
    {"$.toolUseResult.stdout", "", "user", RESULT},
    {"$.content", "user", "", MESSAGE},
    {"$.content", "tool", "", RESULT},
    {"$.content", "", "tool_result", RESULT},
    {"$[0].content", "assistant", "", MESSAGE},
    {"$[0].content", "system", "", SYSTEM},
    {"$.sessionId", "", "user", METADATA},
    /* not a request, as far as one can tell */
    {"$", "", "", PLAIN},
    {"$", "user", "tool_result", PLAIN},
    {"$.content", "", "", PLAIN},
    {"$.payload.content", "", "", PLAIN},
    {"$.name", "", "", PLAIN},
    {"$.foo.messages[0].content", "user", "", PLAIN},
    {"$.dependencies.left", "", "", PLAIN},
    {"$.email", "user", "", PLAIN},
    {"$.something_new", "", "", PLAIN},
    {"$.system.region", "", "", PLAIN},
    {"$.contents", "", "", PLAIN},
    {"$.contents.text_file", "", "", PLAIN},
};

static void
test_table(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        enum tt_place place = tt_place_of(tt_str_cstr(cases[i].path), tt_str_cstr(cases[i].role), tt_str_cstr(cases[i].type));
        if (place != cases[i].place) {
            fail_msg("%s (role \"%s\", type \"%s\"): %s, expected %s", cases[i].path, cases[i].role, cases[i].type,
                     tt_place_name(place), tt_place_name(cases[i].place));
        }
    }
}

/* A pattern ends where a segment ends; an index is digits; nothing but a path is a path. */
static void
test_edges(void **state)
{
    (void) state;
    static const char *const plain[] = {
        "",
        "model",
        ".model",
        "$model",
        "$.mode",
        "$.modelx",
        "$.model_2",
        "$.Model",
        "$.messages",
        "$.messages.content",
        "$.messages[]",
        "$.messages[].content",
        "$.messages[x].content",
        "$.messages[-1].content",
        "$.messages[0",
        "$.messages[0]content",
        "$.toolsx[0].description",
        "$.instructionsx",
        "$.requests[0]params.messages[0].content",
        "$[\"messages\"][0].content",
        "$[\"system\"]",
        "$.\xe2\x80\xa6",
        "\xe2\x80\xa6",
    };
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        enum tt_place place = tt_place_of(tt_str_cstr(plain[i]), TT_STR(""), TT_STR(""));
        if (place != TT_PLACE_PLAIN) {
            fail_msg("%s: %s", plain[i], tt_place_name(place));
        }
    }
    /* Roles and types are exact words; NULL and NUL are harmless. */
    struct tt_str path = TT_STR("$.messages[0].content");
    assert_int_equal(tt_place_of(path, TT_STR("System"), TT_STR("")), TT_PLACE_MESSAGE);
    assert_int_equal(tt_place_of(path, TT_STR("systems"), TT_STR("")), TT_PLACE_MESSAGE);
    assert_int_equal(tt_place_of(path, TT_STR("tool\0"), TT_STR("")), TT_PLACE_MESSAGE);
    assert_int_equal(tt_place_of(path, TT_STR("user"), TT_STR("tool_results")), TT_PLACE_MESSAGE);
    assert_int_equal(tt_place_of(path, (struct tt_str) {0}, (struct tt_str) {0}), TT_PLACE_MESSAGE);
    assert_int_equal(tt_place_of((struct tt_str) {0}, (struct tt_str) {0}, (struct tt_str) {0}), TT_PLACE_PLAIN);
    assert_int_equal(tt_place_of(TT_STR("$.messages\0[0].content"), TT_STR(""), TT_STR("")), TT_PLACE_PLAIN);
}

/* Every prefix of every path in a block of its own size: no byte behind the path is read. */
static void
test_prefixes(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t n = 0; n <= strlen(cases[i].path); n++) {
            char *copy = tt_alloc_new(&tt_alloc_libc, n ? n : 1);
            assert_non_null(copy);
            memcpy(copy, cases[i].path, n);
            assert_non_null(tt_place_name(tt_place_of(tt_str_make(copy, n), TT_STR("user"), TT_STR(""))));
            tt_alloc_free(&tt_alloc_libc, copy, n);
        }
    }
}

static void
test_wrapped_alike(void **state)
{
    (void) state;
    /* What is known at the top is known in every wrapper. */
    static const char *const wrappers[] = {"$.message", "$.request", "$.request.body", "$.body",        "$.payload",
                                           "$.params",  "$.data",    "$.event",        "$.requests[7]", "$.requests[0].params",
                                           "$[2]"};
    char path[256];
    for (size_t w = 0; w < sizeof(wrappers) / sizeof(wrappers[0]); w++) {
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            size_t head = strlen(wrappers[w]), tail = strlen(cases[i].path);
            if (strncmp(cases[i].path, "$.messages", 10) == 0 || strncmp(cases[i].path, "$.tools", 7) == 0 ||
                strncmp(cases[i].path, "$.contents", 10) == 0 || strncmp(cases[i].path, "$.system", 8) == 0) {
                memcpy(path, wrappers[w], head);
                memcpy(path + head, cases[i].path + 1, tail);
                assert_int_equal(tt_place_of(tt_str_cstr(path), tt_str_cstr(cases[i].role), tt_str_cstr(cases[i].type)),
                                 cases[i].place);
            }
        }
    }
}

static void
test_names(void **state)
{
    (void) state;
    assert_string_equal(tt_place_name(TT_PLACE_PLAIN), "plain");
    assert_string_equal(tt_place_name(TT_PLACE_SYSTEM), "system");
    assert_string_equal(tt_place_name(TT_PLACE_MESSAGE), "message");
    assert_string_equal(tt_place_name(TT_PLACE_TOOL), "tool");
    assert_string_equal(tt_place_name(TT_PLACE_TOOL_RESULT), "tool_result");
    assert_string_equal(tt_place_name(TT_PLACE_METADATA), "metadata");
    assert_null(tt_api_name(TT_API_NONE));
    assert_string_equal(tt_api_name(TT_API_ANTHROPIC), "anthropic.messages");
    assert_string_equal(tt_api_name(TT_API_OPENAI_CHAT), "openai.chat");
    assert_string_equal(tt_api_name(TT_API_OPENAI_RESPONSES), "openai.responses");
    assert_string_equal(tt_api_name(TT_API_GEMINI), "gemini.generate_content");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),         cmocka_unit_test(test_edges), cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_wrapped_alike), cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
