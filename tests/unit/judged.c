/* SPDX-License-Identifier: Apache-2.0 */
/* A gate with its desk, and verdicts as text; see judged.h. */
#include "judged.h"

static const unsigned char seed[32] = "a seed that no test depends on";

static const struct tt_str broker_models[] = {TT_STR_INIT("qwen/qwen3-coder"), TT_STR_INIT("anthropic/claude-sonnet-4.5")};
static const struct tt_gate_upstream upstreams[] = {
    {TT_STR_INIT("provider-openai"), TT_STR_INIT("api.openai.com"), TT_API_OPENAI_CHAT, NULL, 0, false},
    {TT_STR_INIT("provider-anthropic"), TT_STR_INIT("api.anthropic.com"), TT_API_ANTHROPIC, NULL, 0, true},
    {TT_STR_INIT("provider-openrouter"), TT_STR_INIT("openrouter.ai"), TT_API_OPENAI_CHAT, broker_models, 2, false},
    {TT_STR_INIT("provider-bedrock"), TT_STR_INIT("bedrock-runtime.us-east-1.amazonaws.com"), TT_API_OPENAI_CHAT, broker_models,
     2, true},
    {TT_STR_INIT("provider-google"), TT_STR_INIT("generativelanguage.googleapis.com"), TT_API_GEMINI, NULL, 0, false},
};

static void
read_policy(struct tt_arena *arena, const char *text, const struct tt_policy **policy)
{
    struct tt_policy_problems problems = {.arena = arena};
    const struct tt_policy_names names = tt_policy_names_of(&tt_catalog_builtin);
    tt_arena_init(arena, &tt_alloc_libc, TT_POLICY_ARENA);
    if (tt_policy_read(tt_str_cstr(text), &names, &problems, policy) != TT_OK) {
        fail_msg("%u: %s", problems.items[0].at.line, problems.count ? problems.items[0].text.ptr : "?");
    }
}

void
judged_open(struct judged *place, const char *policy, unsigned cpu)
{
    judged_open_learned(place, policy, NULL, cpu);
}

void
judged_open_learned(struct judged *place, const char *policy, const struct tt_learned *learned, unsigned cpu)
{
    place->learned = learned;
    read_policy(&place->arena, policy, &place->policy);
    assert_int_equal(tt_gate_new(&tt_alloc_libc, place->policy, &tt_catalog_builtin, place->learned, upstreams,
                                 sizeof(upstreams) / sizeof(*upstreams), &place->gate, NULL),
                     TT_OK);
    assert_int_equal(tt_desk_new(&tt_alloc_libc, place->gate, cpu, seed, &place->desk), TT_OK);
}

void
judged_close(struct judged *place)
{
    tt_desk_free(place->desk);
    tt_gate_free(place->gate);
    tt_arena_free(&place->arena);
}

struct tt_gate_request
judged_request(enum tt_api api)
{
    static const struct tt_str providers[] = {
        [TT_API_ANTHROPIC] = TT_STR_INIT("provider-anthropic"),
        [TT_API_OPENAI_CHAT] = TT_STR_INIT("provider-openai"),
        [TT_API_OPENAI_RESPONSES] = TT_STR_INIT("provider-openai"),
        [TT_API_GEMINI] = TT_STR_INIT("provider-google"),
    };
    return (struct tt_gate_request) {
        .route = {.api = api, .operation = TT_OPERATION_CHAT, .has_body = true},
        .provider = providers[api],
        .day = 20261121,
        .body_max = TT_MIB,
    };
}

/* ---- a verdict as text ---- */

static void
write_edits(struct tt_buf *out, const struct tt_gate_verdict *v)
{
    for (size_t i = 0; i < v->edit_count; i++) {
        tt_buf_add_cstr(out, " edit ");
        tt_buf_add_u64(out, v->edits[i].offset);
        tt_buf_add_cstr(out, "+");
        tt_buf_add_u64(out, v->edits[i].length);
        tt_buf_add_cstr(out, "=");
        tt_buf_add(out, v->edits[i].with);
        tt_buf_add_cstr(out, "/");
        tt_buf_add_cstr(out, v->edits[i].rule);
    }
}

static void
write_findings(struct tt_buf *out, const struct tt_gate_verdict *v)
{
    for (size_t i = 0; i < v->finding_count; i++) {
        const struct tt_finding *f = &v->findings[i];
        tt_buf_add_cstr(out, " ");
        tt_buf_add_cstr(out, f->rule->id);
        tt_buf_add_cstr(out, "/");
        tt_buf_add_cstr(out, tt_level_name(f->level));
        tt_buf_add_cstr(out, "@");
        tt_buf_add_u64(out, f->where.offset);
        tt_buf_add_cstr(out, "+");
        tt_buf_add_u64(out, f->where.length);
        tt_buf_add(out, f->where.path);
        tt_buf_add_cstr(out, f->id);
    }
}

void
judged_write(struct tt_buf *out, const struct tt_gate_verdict *v)
{
    tt_buf_clear(out);
    tt_buf_add_cstr(out, tt_gate_action_name(v->action));
    tt_buf_add_cstr(out, " ");
    tt_buf_add_cstr(out, v->action >= TT_GATE_BLOCK ? tt_refusal_name(v->refusal) : "-");
    tt_buf_add_cstr(out, " rule=");
    tt_buf_add(out, v->rule);
    tt_buf_add_cstr(out, " not=");
    tt_buf_add_cstr(out, v->not_inspected ? v->not_inspected : "");
    tt_buf_add_cstr(out, " model=");
    tt_buf_add(out, v->model);
    tt_buf_add_cstr(out, v->streams ? " streams" : "");
    tt_buf_add_cstr(out, " tools=");
    tt_buf_add_u64(out, v->tools);
    tt_buf_add_cstr(out, " refs=");
    tt_buf_add_u64(out, v->references);
    tt_buf_add_cstr(out, " more=");
    tt_buf_add_u64(out, v->finding_more);
    tt_buf_add_cstr(out, " ");
    tt_buf_add(out, v->message);
    write_edits(out, v);
    write_findings(out, v);
    tt_buf_add_hex(out, tt_str_make((const char *) v->fingerprint, sizeof(v->fingerprint)));
    assert_int_equal(out->status, TT_OK);
}

void
judge(struct tt_desk *desk, const struct tt_gate_request *request, struct tt_str body, struct tt_gate_verdict *verdict)
{
    assert_int_equal(tt_gate_judge(desk, request, &body, 1, verdict), TT_OK);
    assert_int_equal(verdict->body_length, body.len);
}

/* Applies the edits and says what the body is then. */
struct tt_str
judged_edit(const struct tt_gate_verdict *v, struct tt_str body, struct tt_buf *out)
{
    tt_buf_clear(out);
    for (size_t i = 0; i < v->edit_count; i++) {
        size_t end = i > 0 ? v->edits[i - 1].offset + v->edits[i - 1].length : 0;
        assert_true(v->edits[i].offset >= end && v->edits[i].offset + v->edits[i].length <= body.len);
    }
    tt_normalise_apply(body, v->edits, v->edit_count, out);
    assert_int_equal(out->status, TT_OK);
    return tt_buf_str(out);
}
