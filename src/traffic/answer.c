/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of the gateway's own in the dialects of the providers.
 *
 * Input: a dialect, a reason, a sentence.  Output: one JSON object appended to the caller's buffer.  Keeps no state.
 *
 * Clients read the type, code or status of an error to decide what to tell the person and whether to try again, so each reason has
 * the words that the provider itself would use.  All of them stand in one table.
 */
#include "traffic/answer.h"

#include "finding/writer.h"

static const struct {
    const char *name;
    unsigned status;
    bool is_final;
    const char *anthropic;                 /* error.type */
    const char *openai_type, *openai_code; /* code NULL: null */
    const char *gemini;                    /* error.status */
} refusals[TT_REFUSALS] = {
    [TT_REFUSE_POLICY] = {"policy", 403, true, "permission_error", "invalid_request_error", "policy_violation",
                          "PERMISSION_DENIED"},
    [TT_REFUSE_INVALID] = {"invalid", 400, true, "invalid_request_error", "invalid_request_error", NULL, "INVALID_ARGUMENT"},
    [TT_REFUSE_ENCODING] = {"encoding", 415, true, "invalid_request_error", "invalid_request_error", NULL, "INVALID_ARGUMENT"},
    [TT_REFUSE_TOO_LARGE] = {"too_large", 413, true, "request_too_large", "invalid_request_error", "request_too_large",
                             "INVALID_ARGUMENT"},
    [TT_REFUSE_UNKNOWN] = {"unknown", 404, true, "not_found_error", "invalid_request_error", "unknown_url", "NOT_FOUND"},
    [TT_REFUSE_WEBSOCKET] = {"websocket", 426, true, "invalid_request_error", "invalid_request_error", NULL,
                             "FAILED_PRECONDITION"},
    [TT_REFUSE_IDENTITY] = {"identity", 401, true, "authentication_error", "invalid_request_error", "invalid_api_key",
                            "UNAUTHENTICATED"},
    [TT_REFUSE_RATE] = {"rate", 429, false, "rate_limit_error", "rate_limit_error", "rate_limit_exceeded", "RESOURCE_EXHAUSTED"},
    [TT_REFUSE_BUDGET] = {"budget", 429, true, "rate_limit_error", "insufficient_quota", "insufficient_quota",
                          "RESOURCE_EXHAUSTED"},
    [TT_REFUSE_FAULT] = {"fault", 503, false, "api_error", "server_error", NULL, "UNAVAILABLE"},
    [TT_REFUSE_UPSTREAM] = {"upstream", 502, false, "api_error", "server_error", NULL, "UNAVAILABLE"},
    [TT_REFUSE_TIMEOUT] = {"timeout", 504, false, "api_error", "server_error", NULL, "UNAVAILABLE"},
};

unsigned
tt_refusal_status(enum tt_refusal refusal)
{
    return refusals[refusal].status;
}

const char *
tt_refusal_name(enum tt_refusal refusal)
{
    return refusals[refusal].name;
}

bool
tt_refusal_is_final(enum tt_refusal refusal)
{
    return refusals[refusal].is_final;
}

static void
add_openai_code(struct tt_buf *out, bool *first, const char *code)
{
    tt_json_add_key(out, first, "param");
    tt_buf_add_cstr(out, "null");
    if (code) {
        tt_json_add_text_member(out, first, "code", tt_str_cstr(code));
    } else {
        tt_json_add_key(out, first, "code");
        tt_buf_add_cstr(out, "null");
    }
}

void
tt_answer(struct tt_buf *out, enum tt_api api, enum tt_refusal refusal, struct tt_str message)
{
    bool first = true;
    tt_buf_add_cstr(out, api == TT_API_ANTHROPIC ? "{\"type\":\"error\",\"error\":{" : "{\"error\":{");
    switch (api) {
    case TT_API_NONE: tt_json_add_text_member(out, &first, "message", message); break;
    case TT_API_ANTHROPIC:
        tt_json_add_text_member(out, &first, "type", tt_str_cstr(refusals[refusal].anthropic));
        tt_json_add_text_member(out, &first, "message", message);
        break;
    case TT_API_OPENAI_CHAT:
    case TT_API_OPENAI_RESPONSES:
        tt_json_add_text_member(out, &first, "message", message);
        tt_json_add_text_member(out, &first, "type", tt_str_cstr(refusals[refusal].openai_type));
        add_openai_code(out, &first, refusals[refusal].openai_code);
        break;
    case TT_API_GEMINI:
        tt_json_add_u64_member(out, &first, "code", refusals[refusal].status);
        tt_json_add_text_member(out, &first, "message", message);
        tt_json_add_text_member(out, &first, "status", tt_str_cstr(refusals[refusal].gemini));
        break;
    }
    tt_buf_add_cstr(out, "}}");
}
