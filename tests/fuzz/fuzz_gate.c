/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judgement of requests.  The first byte of an input chooses API and coding, the second a cut; the rest is the body.
 *
 * Properties: the verdict does not depend on where the body is cut, nor on what the desk has seen before; edits lie in order inside the body, and with
 * them made the body is JSON that is let through unchanged.
 */
#include "gate/gate.h"
#include "json/lexer.h"

#include <stdlib.h>

#define CHECK(condition)    \
    do {                    \
        if (!(condition)) { \
            abort();        \
        }                   \
    } while (0)

static const char policy_text[] = "telltale_policy: 1\nid: fuzz\nowner: a@b.example\n"
                                  "decisions:\n"
                                  "  - id: no-deepseek\n    reason: r\n    match:\n      model_family: deepseek\n"
                                  "    status: prohibited\n    timeline:\n      block: 2026-01-01\n"
                                  "    alternative_models: [claude]\n"
                                  "marks:\n"
                                  "  - id: date\n    channel: date-line\n    level: candidate\n    action: normalise\n"
                                  "  - id: tags\n    channel: tags\n    action: block\n"
                                  "gateway:\n  reroute: true\n  meter: inject\n";

static const struct tt_gate_upstream upstreams[] = {
    {TT_STR_INIT("provider-anthropic"), TT_STR_INIT("api.anthropic.com"), TT_API_ANTHROPIC, NULL, 0, true},
    {TT_STR_INIT("provider-anthropic"), TT_STR_INIT("api.anthropic.com"), TT_API_OPENAI_CHAT, NULL, 0, false},
};

static struct tt_gate *
make_gate(void)
{
    static struct tt_arena arena;
    static struct tt_policy_problems problems = {.arena = &arena};
    const struct tt_policy_names names = tt_policy_names_of(&tt_catalog_builtin);
    const struct tt_policy *policy;
    struct tt_gate *gate;
    tt_arena_init(&arena, &tt_alloc_libc, TT_POLICY_ARENA);
    CHECK(tt_policy_read(tt_str_cstr(policy_text), &names, &problems, &policy) == TT_OK);
    CHECK(tt_gate_new(&tt_alloc_libc, policy, &tt_catalog_builtin, NULL, upstreams, 2, &gate, NULL) == TT_OK);
    return gate;
}

static struct tt_desk *
make_desk(const struct tt_gate *gate)
{
    static const unsigned char seed[32] = "a seed for fuzzing";
    struct tt_desk *desk;
    CHECK(tt_desk_new(&tt_alloc_libc, gate, tt_cpu_detect(), seed, &desk) == TT_OK);
    return desk;
}

/* What must be equal, as a sum. */
static uint64_t
digest(const struct tt_gate_verdict *v)
{
    uint64_t sum = (uint64_t) v->action * 31 + (uint64_t) v->refusal;
    sum = sum * 31 + v->edit_count;
    for (size_t i = 0; i < v->edit_count; i++) {
        sum = (sum * 31 + v->edits[i].offset) * 31 + v->edits[i].length + v->edits[i].with.len;
    }
    sum = sum * 31 + v->finding_count + v->finding_more;
    for (size_t i = 0; i < v->finding_count; i++) {
        sum = (sum * 31 + v->findings[i].where.offset) * 31 + v->findings[i].where.path.len + (uint64_t) v->findings[i].level;
    }
    sum = (sum * 31 + v->references) * 31 + v->tools;
    sum = (sum * 31 + v->model.len) * 31 + v->streams;
    return sum * 31 + (v->not_inspected ? strlen(v->not_inspected) : 0) + v->message.len;
}

static uint64_t
judge(struct tt_desk *desk, const struct tt_gate_request *request, const struct tt_str *pieces, size_t count)
{
    struct tt_gate_verdict v;
    CHECK(tt_gate_judge(desk, request, pieces, count, &v) == TT_OK);
    return digest(&v);
}

static enum tt_status
pass(void *ctx, const struct tt_json_token *token)
{
    (void) ctx;
    (void) token;
    return TT_OK;
}

static void
check_edits(struct tt_desk *desk, const struct tt_gate_request *request, struct tt_str body)
{
    struct tt_gate_verdict v;
    struct tt_buf out;
    struct tt_json_lexer lexer;
    CHECK(tt_gate_judge(desk, request, &body, 1, &v) == TT_OK);
    struct tt_str text = v.decoded.len > 0 ? v.decoded : body;
    size_t end = 0;
    for (size_t i = 0; i < v.edit_count; i++) {
        CHECK(v.edits[i].offset >= end && v.edits[i].offset + v.edits[i].length <= text.len);
        end = v.edits[i].offset + v.edits[i].length;
    }
    if (v.edit_count == 0) {
        return;
    }
    tt_buf_init(&out, &tt_alloc_libc, 64 * TT_MIB);
    tt_normalise_apply(text, v.edits, v.edit_count, &out);
    CHECK(out.status == TT_OK);
    tt_json_begin(&lexer, tt_kernels_get(0), 0, pass, NULL);
    CHECK(tt_json_feed(&lexer, tt_buf_str(&out), NULL) == TT_OK && tt_json_end(&lexer, NULL) == TT_OK);
    struct tt_gate_request plain = *request;
    struct tt_str after = tt_buf_str(&out);
    plain.coding = TT_CODING_IDENTITY;
    CHECK(tt_gate_judge(desk, &plain, &after, 1, &v) == TT_OK);
    CHECK(v.edit_count == 0 && v.action < TT_GATE_BLOCK);
    tt_buf_free(&out);
}

/* One byte a piece. */
static uint64_t
judge_bytes(struct tt_desk *desk, const struct tt_gate_request *request, struct tt_str body)
{
    struct tt_str *pieces = malloc((body.len + 1) * sizeof(*pieces));
    CHECK(pieces);
    for (size_t i = 0; i < body.len; i++) {
        pieces[i] = tt_str_slice(body, i, i + 1);
    }
    uint64_t sum = judge(desk, request, pieces, body.len);
    free(pieces);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tt_gate *gate;
    static struct tt_desk *warm;
    if (!gate) {
        gate = make_gate();
        warm = make_desk(gate);
    }
    if (size < 2) {
        return 0;
    }
    struct tt_str body = tt_str_make(data + 2, size - 2);
    const struct tt_gate_request request = {
        .route = {.api = (enum tt_api)(1 + data[0] % 4), .operation = TT_OPERATION_CHAT, .has_body = true},
        .provider = TT_STR("provider-anthropic"),
        .coding = (enum tt_coding)(data[0] / 4 % 4),
        .day = 20261121,
        .body_max = 16 * TT_MIB,
    };
    size_t cut = body.len > 0 ? data[1] * (body.len / 256 + 1) % body.len : 0;
    const struct tt_str pieces[] = {tt_str_slice(body, 0, cut), tt_str_slice(body, cut, body.len)};
    struct tt_desk *cold = make_desk(gate);
    uint64_t known = judge(cold, &request, &body, 1);
    tt_desk_free(cold);
    CHECK(judge(warm, &request, &body, 1) == known);
    CHECK(judge(warm, &request, pieces, 2) == known);
    CHECK(judge(warm, &request, &body, 1) == known);
    if (body.len <= 4096) {
        CHECK(judge_bytes(warm, &request, body) == known);
    }
    check_edits(warm, &request, body);
    return 0;
}
