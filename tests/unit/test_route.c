/* SPDX-License-Identifier: Apache-2.0 */
/* Calls by method and path: every one that is known, alone and below each prefix; what is near one and none. */
#include "base/limits.h"
#include "test.h"
#include "traffic/route.h"

#define ANTHROPIC TT_API_ANTHROPIC
#define CHAT_API TT_API_OPENAI_CHAT
#define RESPONSES TT_API_OPENAI_RESPONSES
#define GEMINI TT_API_GEMINI
#define NONE TT_API_NONE

static const struct {
    const char *method, *path;
    enum tt_api api;
    enum tt_operation operation;
    const char *model;
    bool streams;
} known[] = {
    {"POST", "/v1/messages", ANTHROPIC, TT_OPERATION_CHAT, "", false},
    {"POST", "/v1/messages/count_tokens", ANTHROPIC, TT_OPERATION_COUNT_TOKENS, "", false},
    {"POST", "/v1/chat/completions", CHAT_API, TT_OPERATION_CHAT, "", false},
    {"POST", "/v1/completions", CHAT_API, TT_OPERATION_TEXT_COMPLETION, "", false},
    {"POST", "/v1/embeddings", CHAT_API, TT_OPERATION_EMBEDDINGS, "", false},
    {"POST", "/v1/responses", RESPONSES, TT_OPERATION_CHAT, "", false},
    {"POST", "/v1beta/models/gemini-2.5-pro:generateContent", GEMINI, TT_OPERATION_GENERATE_CONTENT, "gemini-2.5-pro", false},
    {"POST", "/v1beta/models/gemini-2.5-pro:streamGenerateContent", GEMINI, TT_OPERATION_GENERATE_CONTENT, "gemini-2.5-pro",
     true},
    {"POST", "/v1beta/models/g:countTokens", GEMINI, TT_OPERATION_COUNT_TOKENS, "g", false},
    {"POST", "/v1beta/models/text-embedding-004:embedContent", GEMINI, TT_OPERATION_EMBEDDINGS, "text-embedding-004", false},
    {"POST", "/v1beta/models/e:batchEmbedContents", GEMINI, TT_OPERATION_EMBEDDINGS, "e", false},
    {"POST", "/v1/models/gemini-2.5-flash:generateContent", GEMINI, TT_OPERATION_GENERATE_CONTENT, "gemini-2.5-flash", false},
    {"POST", "/v1/models/a:streamGenerateContent", GEMINI, TT_OPERATION_GENERATE_CONTENT, "a", true},
    {"POST", "/v1/models/a.b_c-d:countTokens", GEMINI, TT_OPERATION_COUNT_TOKENS, "a.b_c-d", false},
    {"GET", "/v1beta/models", GEMINI, TT_OPERATION_LIST_MODELS, "", false},
    {"GET", "/v1beta/models/gemini-2.5-pro", GEMINI, TT_OPERATION_LIST_MODELS, "gemini-2.5-pro", false},
    /* The prefix decides whose list it is. */
    {"GET", "/v1/models", NONE, TT_OPERATION_LIST_MODELS, "", false},
    {"GET", "/v1/models/ft:gpt-4o-mini:acme::7q8Zpxmm", NONE, TT_OPERATION_LIST_MODELS, "ft:gpt-4o-mini:acme::7q8Zpxmm", false},
};

static const struct {
    const char *text;
    enum tt_api api;
} prefixes[] = {{"", CHAT_API}, {"/anthropic", ANTHROPIC}, {"/openai", CHAT_API}, {"/gemini", GEMINI}};

static bool
route_of(const char *method, const char *prefix, const char *path, char buf[1024], struct tt_route *route)
{
    size_t n = strlen(prefix);
    memcpy(buf, prefix, n);
    memcpy(buf + n, path, strlen(path) + 1);
    return tt_route_of(tt_str_cstr(method), tt_str_cstr(buf), route);
}

static void
knows_every_call(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        for (size_t p = 0; p < sizeof(prefixes) / sizeof(prefixes[0]); p++) {
            char buf[1024];
            struct tt_route route;
            assert_true(route_of(known[i].method, prefixes[p].text, known[i].path, buf, &route));
            assert_int_equal(route.api, known[i].api == NONE ? prefixes[p].api : known[i].api);
            assert_int_equal(route.operation, known[i].operation);
            assert_str_equal(route.model, tt_str_cstr(known[i].model));
            assert_int_equal(route.streams, known[i].streams);
            assert_int_equal(route.has_body, route.operation != TT_OPERATION_LIST_MODELS);
            assert_int_equal(route.prefix, strlen(prefixes[p].text));
        }
    }
}

static void
expect(const char *method, const char *path, bool expected)
{
    struct tt_route route;
    bool found = tt_route_of(tt_str_cstr(method), tt_str_cstr(path), &route);
    if (found != expected) {
        fail_msg("%s %s is %s", method, path, found ? "known" : "not known");
    }
}

/* A known path with something added, left out, or with another method is not known; a list's own names apart. */
static void
knows_nothing_near(void **state)
{
    static const char *const additions[] = {"/",   "/x", "x", "//", "/.", "/..", "%20", " ", "?", ";a", ":generateContentx",
                                            "\x80"};
    static const char *const methods[] = {"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "post", "POSTX", "POS", ""};
    char path[512];
    (void) state;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        for (size_t m = 0; m < sizeof(methods) / sizeof(methods[0]); m++) {
            bool openai = strcmp(methods[m], "GET") == 0 && strncmp(known[i].path, "/v1/models/", 11) == 0; /* any name */
            expect(methods[m], known[i].path, openai || strcmp(methods[m], known[i].method) == 0);
        }
        if (known[i].operation == TT_OPERATION_LIST_MODELS) {
            continue;
        }
        size_t n = strlen(known[i].path);
        memcpy(path, known[i].path, n);
        for (size_t a = 0; a < sizeof(additions) / sizeof(additions[0]); a++) {
            memcpy(path + n, additions[a], strlen(additions[a]) + 1);
            expect("POST", path, false);
        }
        for (size_t cut = n; cut-- > 0;) {
            path[cut] = '\0';
            expect("POST", path, strcmp(path, "/v1/messages") == 0);
        }
    }
}

static void
says_the_dialect_of_what_it_does_not_know(void **state)
{
    static const struct {
        const char *method, *path;
        enum tt_api api;
    } cases[] = {
        {"GET", "/", NONE},
        {"GET", "", NONE},
        {"GET", "v1/messages", NONE},
        {"POST", "/v1", NONE},
        {"POST", "/v1/messagesx", NONE},
        {"POST", "/v1/files", NONE},
        {"POST", "/V1/messages", NONE},
        {"POST", "//v1/messages", NONE},
        {"POST", "/anthropicx/v1/messages", NONE},
        {"GET", "/v1/responses", RESPONSES}, /* a client that tries a WebSocket */
        {"GET", "/v1/responses/resp_1", RESPONSES},
        {"GET", "/openai/v1/responses", RESPONSES},
        {"POST", "/v1/messages/batches", ANTHROPIC},
        {"POST", "/v1/messages/", ANTHROPIC},
        {"POST", "/v1/messages/../messages", ANTHROPIC},
        {"POST", "/anthropic", ANTHROPIC},
        {"POST", "/anthropic/", ANTHROPIC},
        {"POST", "/anthropic/v1/complete", ANTHROPIC},
        {"POST", "/anthropic/anthropic/v1/messages", ANTHROPIC},
        {"POST", "/openai/files", CHAT_API},
        {"POST", "/v1/chat", CHAT_API},
        {"POST", "/v1/chat//completions", CHAT_API},
        {"POST", "/gemini", GEMINI},
        {"POST", "/v1beta/tunedModels/x:generateContent", GEMINI},
        {"POST", "/v1beta/models/:generateContent", GEMINI},
        {"POST", "/v1beta/models/generateContent", GEMINI},
        {"POST", "/v1beta/models/a/b:generateContent", GEMINI},
        {"POST", "/v1beta/models/..:generateContent", GEMINI},
        {"POST", "/v1beta/models/a b:generateContent", GEMINI},
        {"POST", "/v1beta/models/a\xc3\xa9:generateContent", GEMINI},
        {"POST", "/v1beta/models/a:generatecontent", GEMINI},
        {"POST", "/v1beta/models/a:predict", GEMINI},
        {"POST", "/v1beta/models/a:b:generateContent", GEMINI},
        {"GET", "/v1beta/models/a:generateContent", GEMINI},
        {"GET", "/v1beta/models/", GEMINI},
        {"GET", "/v1beta/models/.", GEMINI},
        {"GET", "/v1beta/models/a:generateContent/x", GEMINI},
        {"POST", "/v1/models", CHAT_API},
        {"POST", "/v1/models/gpt-5", CHAT_API},
        {"GET", "/v1/models/a/b", NONE},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tt_route route;
        assert_false(tt_route_of(tt_str_cstr(cases[i].method), tt_str_cstr(cases[i].path), &route));
        assert_int_equal(route.api, cases[i].api);
        assert_int_equal(route.operation, TT_OPERATION_UNKNOWN);
        assert_false(route.has_body || route.streams || route.model.len > 0);
    }
}

static void
bounds_the_model(void **state)
{
    char path[TT_ROUTE_MODEL_MAX + 64] = "/v1beta/models/";
    size_t start = strlen(path);
    struct tt_route route;
    (void) state;
    for (size_t n = TT_ROUTE_MODEL_MAX - 1; n <= TT_ROUTE_MODEL_MAX + 1; n++) {
        memset(path + start, 'm', n);
        memcpy(path + start + n, ":generateContent", 17);
        assert_int_equal(tt_route_of(TT_STR("POST"), tt_str_cstr(path), &route), n <= TT_ROUTE_MODEL_MAX);
    }
    /* A NUL is a byte like others, and none of a name. */
    assert_false(tt_route_of(TT_STR("POST"), TT_STR("/v1/messages\0"), &route));
    assert_false(tt_route_of(TT_STR("POST"), TT_STR("/v1beta/models/a\0b:generateContent"), &route));
}

static void
names_operations(void **state)
{
    (void) state;
    assert_null(tt_operation_name(TT_OPERATION_UNKNOWN));
    assert_string_equal(tt_operation_name(TT_OPERATION_CHAT), "chat");
    assert_string_equal(tt_operation_name(TT_OPERATION_GENERATE_CONTENT), "generate_content");
    assert_string_equal(tt_operation_name(TT_OPERATION_TEXT_COMPLETION), "text_completion");
    assert_string_equal(tt_operation_name(TT_OPERATION_EMBEDDINGS), "embeddings");
    assert_string_equal(tt_operation_name(TT_OPERATION_COUNT_TOKENS), "count_tokens");
    assert_string_equal(tt_operation_name(TT_OPERATION_LIST_MODELS), "list_models");
    assert_null(tt_operation_name((enum tt_operation) 99));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_every_call),
        cmocka_unit_test(knows_nothing_near),
        cmocka_unit_test(says_the_dialect_of_what_it_does_not_know),
        cmocka_unit_test(bounds_the_model),
        cmocka_unit_test(names_operations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
