/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of the gateway's own: the exact bytes in each dialect, and that no message can leave its string. */
#include "test.h"
#include "traffic/answer.h"

static const struct {
    enum tt_refusal refusal;
    const char *name;
    unsigned status;
    bool is_final;
    const char *anthropic, *openai, *gemini;
} cases[] = {
#define ANTHROPIC(type) "{\"type\":\"error\",\"error\":{\"type\":\"" type "\",\"message\":\"No.\"}}"
#define OPENAI(type, code) "{\"error\":{\"message\":\"No.\",\"type\":\"" type "\",\"param\":null,\"code\":" code "}}"
#define GEMINI(code, status) "{\"error\":{\"code\":" #code ",\"message\":\"No.\",\"status\":\"" status "\"}}"
    {TT_REFUSE_POLICY, "policy", 403, true, ANTHROPIC("permission_error"),
     OPENAI("invalid_request_error", "\"policy_violation\""), GEMINI(403, "PERMISSION_DENIED")},
    {TT_REFUSE_INVALID, "invalid", 400, true, ANTHROPIC("invalid_request_error"), OPENAI("invalid_request_error", "null"),
     GEMINI(400, "INVALID_ARGUMENT")},
    {TT_REFUSE_ENCODING, "encoding", 415, true, ANTHROPIC("invalid_request_error"), OPENAI("invalid_request_error", "null"),
     GEMINI(415, "INVALID_ARGUMENT")},
    {TT_REFUSE_TOO_LARGE, "too_large", 413, true, ANTHROPIC("request_too_large"),
     OPENAI("invalid_request_error", "\"request_too_large\""), GEMINI(413, "INVALID_ARGUMENT")},
    {TT_REFUSE_UNKNOWN, "unknown", 404, true, ANTHROPIC("not_found_error"), OPENAI("invalid_request_error", "\"unknown_url\""),
     GEMINI(404, "NOT_FOUND")},
    {TT_REFUSE_WEBSOCKET, "websocket", 426, true, ANTHROPIC("invalid_request_error"), OPENAI("invalid_request_error", "null"),
     GEMINI(426, "FAILED_PRECONDITION")},
    {TT_REFUSE_IDENTITY, "identity", 401, true, ANTHROPIC("authentication_error"),
     OPENAI("invalid_request_error", "\"invalid_api_key\""), GEMINI(401, "UNAUTHENTICATED")},
    {TT_REFUSE_RATE, "rate", 429, false, ANTHROPIC("rate_limit_error"), OPENAI("rate_limit_error", "\"rate_limit_exceeded\""),
     GEMINI(429, "RESOURCE_EXHAUSTED")},
    {TT_REFUSE_BUDGET, "budget", 429, true, ANTHROPIC("rate_limit_error"), OPENAI("insufficient_quota", "\"insufficient_quota\""),
     GEMINI(429, "RESOURCE_EXHAUSTED")},
    {TT_REFUSE_FAULT, "fault", 503, false, ANTHROPIC("api_error"), OPENAI("server_error", "null"), GEMINI(503, "UNAVAILABLE")},
    {TT_REFUSE_UPSTREAM, "upstream", 502, false, ANTHROPIC("api_error"), OPENAI("server_error", "null"),
     GEMINI(502, "UNAVAILABLE")},
    {TT_REFUSE_TIMEOUT, "timeout", 504, false, ANTHROPIC("api_error"), OPENAI("server_error", "null"),
     GEMINI(504, "UNAVAILABLE")},
};

static void
check(enum tt_api api, enum tt_refusal refusal, struct tt_str message, const char *expected)
{
    struct tt_buf out;
    tt_buf_init(&out, &tt_alloc_libc, 4096);
    tt_answer(&out, api, refusal, message);
    assert_int_equal(out.status, TT_OK);
    assert_str_equal(tt_buf_str(&out), tt_str_cstr(expected));
    tt_buf_free(&out);
}

static void
has_the_shape_of_each_dialect(void **state)
{
    (void) state;
    assert_int_equal(sizeof(cases) / sizeof(cases[0]), TT_REFUSALS);
    for (size_t i = 0; i < TT_REFUSALS; i++) {
        assert_int_equal(cases[i].refusal, i);
        assert_string_equal(tt_refusal_name(cases[i].refusal), cases[i].name);
        assert_int_equal(tt_refusal_status(cases[i].refusal), cases[i].status);
        assert_int_equal(tt_refusal_is_final(cases[i].refusal), cases[i].is_final);
        check(TT_API_ANTHROPIC, cases[i].refusal, TT_STR("No."), cases[i].anthropic);
        check(TT_API_OPENAI_CHAT, cases[i].refusal, TT_STR("No."), cases[i].openai);
        check(TT_API_OPENAI_RESPONSES, cases[i].refusal, TT_STR("No."), cases[i].openai);
        check(TT_API_GEMINI, cases[i].refusal, TT_STR("No."), cases[i].gemini);
        check(TT_API_NONE, cases[i].refusal, TT_STR("No."), "{\"error\":{\"message\":\"No.\"}}");
    }
}

static void
escapes_the_message(void **state)
{
    (void) state;
    check(TT_API_NONE, TT_REFUSE_POLICY, TT_STR("\"}} \\ \n \x01 \xe2\x80\xae \xff"),
          "{\"error\":{\"message\":\"\\\"}} \\\\ \\n \\u0001 \\u202E \xef\xbf\xbd\"}}");
    check(TT_API_ANTHROPIC, TT_REFUSE_POLICY, (struct tt_str) {NULL, 0},
          "{\"type\":\"error\",\"error\":{\"type\":\"permission_error\",\"message\":\"\"}}");
}

static void
says_when_there_is_no_room(void **state)
{
    struct tt_buf out;
    (void) state;
    tt_buf_init(&out, &tt_alloc_libc, 10);
    tt_answer(&out, TT_API_GEMINI, TT_REFUSE_RATE, TT_STR("No."));
    assert_int_equal(out.status, TT_E_LIMIT);
    tt_buf_free(&out);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_the_shape_of_each_dialect),
        cmocka_unit_test(escapes_the_message),
        cmocka_unit_test(says_when_there_is_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
