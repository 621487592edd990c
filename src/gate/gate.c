/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judgement of a request; see gate.h.
 *
 * Input: what headers say, and the body.  Output: a verdict, which borrows from the desk.  The gate is const and may be shared by desks; a desk
 * belongs to one thread.
 *
 * Order: what makes a request unfit (its size, its coding, a deciding name twice), then decisions that block, then marks that block,
 * then what could not be inspected; only a request that passes all of them is changed or re-routed.
 */
#include "gate/gate.h"

#include "base/hash.h"
#include "gate/decide.h"
#include "gate/message.h"
#include "gate/reader.h"
#include "gate/rules.h"

#define MODEL_SHOWN 128
#define MESSAGE_MAX (8 * TT_KIB)

struct tt_gate {
    const struct tt_alloc *alloc;
    const struct tt_policy *policy;
    const struct tt_catalog *catalog;
    const struct tt_learned *learned; /* NULL: none */
    const struct tt_gate_upstream *upstreams;
    size_t upstream_count;
    uint32_t no_references; /* enum tt_gate_reference: what a body may not refer to */
    struct tt_gate_rules rules;
    struct tt_gate_agents agents;
};

struct tt_desk {
    const struct tt_alloc *alloc;
    const struct tt_gate *gate;
    unsigned char shown[TT_FINGERPRINT_BLOCK]; /* the secret of fingerprints that records show */
    struct tt_gate_trail trail;
    struct tt_gate_look look;
    struct tt_gate_reader reader;
    struct tt_gate_decisions decisions;
    struct tt_buf decoded, message;
    struct tt_str decoded_piece;
    char model[MODEL_SHOWN];
};

/* What a new part of a desk is keyed by: the seed and a number. */
static void
derive(const unsigned char seed[32], unsigned char number, unsigned char out[TT_SHA256_SIZE])
{
    struct tt_sha256 sha;
    tt_sha256_init(&sha);
    tt_sha256_add(&sha, tt_str_make(seed, 32));
    tt_sha256_add(&sha, tt_str_make(&number, 1));
    tt_sha256_end(&sha, out);
}

/* Bits of the kinds that the policy blocks. */
static uint32_t
blocked_references(const struct tt_policy *policy)
{
    uint32_t bits = 0;
    for (unsigned i = 0; i < TT_REFERENCES; i++) {
        bits |= policy->gateway.references.kinds[i].number == TT_REFERENCE_BLOCK ? UINT32_C(1) << i : 0;
    }
    return bits;
}

enum tt_status
tt_gate_new(const struct tt_alloc *alloc, const struct tt_policy *policy, const struct tt_catalog *catalog,
            const struct tt_learned *learned, const struct tt_gate_upstream *upstreams, size_t upstream_count,
            struct tt_gate **out, struct tt_error *err)
{
    struct tt_gate *gate = tt_alloc_new(alloc, sizeof(*gate));
    *out = NULL;
    if (!gate) {
        return tt_error_set(err, TT_E_MEMORY, 0, "out of memory");
    }
    *gate = (struct tt_gate) {.alloc = alloc,
                              .policy = policy,
                              .catalog = catalog,
                              .learned = learned && learned->count > 0 ? learned : NULL,
                              .upstreams = upstreams,
                              .upstream_count = upstream_count,
                              .no_references = blocked_references(policy)};
    enum tt_status status = tt_gate_rules_init(&gate->rules, alloc, policy, learned, err);
    if (status == TT_OK) {
        status = tt_gate_agents_init(&gate->agents, alloc, catalog);
        (void) tt_error_set(err, status, 0, status == TT_OK ? "" : "out of memory");
    }
    if (status != TT_OK) {
        tt_gate_free(gate);
        return status;
    }
    *out = gate;
    return TT_OK;
}

void
tt_gate_free(struct tt_gate *gate)
{
    if (gate) {
        tt_gate_rules_free(&gate->rules, gate->alloc);
        tt_gate_agents_free(&gate->agents, gate->alloc);
        tt_alloc_free(gate->alloc, gate, sizeof(*gate));
    }
}

enum tt_status
tt_desk_new(const struct tt_alloc *alloc, const struct tt_gate *gate, unsigned cpu, const unsigned char seed[32],
            struct tt_desk **out)
{
    const struct tt_kernels *kernels = tt_kernels_get(cpu);
    unsigned char secrets[4 * TT_SHA256_SIZE];
    struct tt_desk *desk = tt_alloc_new(alloc, sizeof(*desk));
    *out = NULL;
    if (!desk) {
        return TT_E_MEMORY;
    }
    memset(desk, 0, sizeof(*desk));
    desk->alloc = alloc;
    desk->gate = gate;
    for (unsigned char i = 0; i < 4; i++) {
        derive(seed, i, secrets + i * TT_SHA256_SIZE);
    }
    memcpy(desk->shown, secrets, sizeof(desk->shown));
    tt_buf_init(&desk->decoded, alloc, 1);
    tt_buf_init(&desk->message, alloc, MESSAGE_MAX);
    enum tt_status status = tt_gate_look_init(&desk->look, alloc, kernels, &gate->rules, secrets + 16, cpu);
    desk->look.fields.learned = gate->learned;
    if (status == TT_OK) {
        status = tt_gate_trail_init(&desk->trail, alloc, &desk->look.memo.key);
    }
    if (status == TT_OK) {
        status = tt_gate_reader_init(&desk->reader, alloc, kernels, &desk->look, secrets + 64);
    }
    if (status == TT_OK) {
        status = tt_gate_decisions_init(&desk->decisions, alloc, gate->policy, gate->catalog, secrets + 32, cpu);
    }
    if (status != TT_OK) {
        tt_desk_free(desk);
        return status;
    }
    *out = desk;
    return TT_OK;
}

void
tt_desk_free(struct tt_desk *desk)
{
    if (desk) {
        if (desk->look.alloc) {
            tt_gate_look_free(&desk->look);
        }
        if (desk->reader.alloc) {
            tt_gate_reader_free(&desk->reader);
        }
        tt_gate_trail_free(&desk->trail, desk->alloc);
        tt_gate_decisions_free(&desk->decisions, desk->alloc);
        tt_buf_free(&desk->decoded);
        tt_buf_free(&desk->message);
        tt_alloc_free(desk->alloc, desk, sizeof(*desk));
    }
}

const char *
tt_gate_action_name(enum tt_gate_action action)
{
    static const char *const names[] = {"allow", "report", "normalise", "reroute", "block", "refuse"};
    return names[action];
}

const char *
tt_gate_reference_name(unsigned bit)
{
    return tt_policy_reference_name(bit);
}

/* ---- parts of a verdict ---- */

/* The model's name as a record may hold it. */
static struct tt_str
show_model(struct tt_desk *desk, struct tt_str model)
{
    size_t n = model.len < MODEL_SHOWN ? model.len : MODEL_SHOWN;
    for (size_t i = 0; i < n; i++) {
        char c = model.ptr[i];
        desk->model[i] = c >= 0x20 && c < 0x7F ? c : '?';
    }
    return tt_str_make(desk->model, n);
}

static void
refuse(struct tt_desk *desk, struct tt_gate_verdict *verdict, enum tt_refusal refusal, const char *why)
{
    verdict->action = TT_GATE_REFUSE;
    verdict->refusal = refusal;
    tt_gate_message_refusal(&desk->message, desk->gate->policy, why);
    verdict->message = tt_buf_str(&desk->message);
}

/* What the rule of a blocking verdict names as approved. */
static struct tt_str
alternative_of(const struct tt_policy_verdict *decision)
{
    const struct tt_policy_decision *winner = tt_gate_winner(decision);
    if (winner && winner->alternative_models.count > 0 && decision->axis != TT_AXIS_SOFTWARE) {
        return winner->alternative_models.items[0].text;
    }
    return winner && winner->alternatives.count > 0 ? winner->alternatives.items[0].text : TT_STR("");
}

/* keyless: the provider to which the request would have gone, had the gateway a key of its own there; may be empty. */
static void
block(struct tt_desk *desk, struct tt_gate_verdict *verdict, struct tt_str keyless)
{
    verdict->action = TT_GATE_BLOCK;
    verdict->refusal = TT_REFUSE_POLICY;
    verdict->rule = tt_policy_rule(verdict->decision);
    verdict->alternative = alternative_of(verdict->decision);
    tt_gate_message_decision(&desk->message, desk->gate->policy, verdict->decision, verdict->alternative, keyless);
    verdict->message = tt_buf_str(&desk->message);
}

static void
block_marks(struct tt_desk *desk, struct tt_gate_verdict *verdict)
{
    verdict->action = TT_GATE_BLOCK;
    verdict->refusal = TT_REFUSE_POLICY;
    verdict->rule = desk->look.blocks->id.text;
    tt_gate_message_mark(&desk->message, desk->gate->policy, desk->look.blocks);
    verdict->message = tt_buf_str(&desk->message);
}

static void
block_references(struct tt_desk *desk, struct tt_gate_verdict *verdict)
{
    verdict->action = TT_GATE_BLOCK;
    verdict->refusal = TT_REFUSE_POLICY;
    verdict->rule = TT_STR("gateway.references");
    tt_gate_message_references(&desk->message, desk->gate->policy, desk->reader.facts.references & desk->gate->no_references);
    verdict->message = tt_buf_str(&desk->message);
}

static void
begin(struct tt_desk *desk, const struct tt_gate_request *request, struct tt_gate_verdict *verdict)
{
    memset(verdict, 0, sizeof(*verdict));
    if (desk->decoded.cap > TT_GATE_SCRATCH_KEPT) {
        tt_buf_free(&desk->decoded);
    }
    verdict->product = tt_gate_agents_find(&desk->gate->agents, request->user_agent);
    verdict->model = show_model(desk, request->route.model);
    verdict->streams = request->route.streams;
}

static struct tt_gate_question
question_of(const struct tt_desk *desk, const struct tt_gate_request *request, const struct tt_gate_verdict *verdict, bool body)
{
    const struct tt_gate_facts *facts = &desk->reader.facts;
    return (struct tt_gate_question) {
        .request = request,
        .model = request->route.model.len > 0 || !body ? request->route.model : facts->model,
        .product = verdict->product,
        .servers = desk->reader.named.servers,
        .server_count = body ? desk->reader.named.server_count : 0,
    };
}

/* ---- edits that are no marks ---- */

/* The option by which a chat stream ends with its usage. */
static enum tt_status
add_usage_option(struct tt_desk *desk)
{
    const struct tt_gate_facts *facts = &desk->reader.facts;
    struct tt_edit edit = {.offset = (size_t) facts->usage_at, .rule = "gateway.meter"};
    switch (facts->usage) {
    case TT_USAGE_ABSENT:
        edit.offset = (size_t) facts->root_at;
        edit.with = TT_STR("\"stream_options\":{\"include_usage\":true},");
        break;
    case TT_USAGE_EMPTY: edit.with = TT_STR("\"include_usage\":true"); break;
    case TT_USAGE_OTHERS: edit.with = TT_STR("\"include_usage\":true,"); break;
    case TT_USAGE_NULL:
        edit.length = sizeof("null") - 1;
        edit.with = TT_STR("{\"include_usage\":true}");
        break;
    case TT_USAGE_OFF:
        edit.length = sizeof("false") - 1;
        edit.with = TT_STR("true");
        break;
    case TT_USAGE_ON: return TT_OK;
    }
    return tt_gate_look_add_edit(&desk->look, &edit);
}

static bool
lacks_usage(const struct tt_desk *desk, const struct tt_gate_request *request)
{
    const struct tt_gate_facts *facts = &desk->reader.facts;
    return request->route.api == TT_API_OPENAI_CHAT && request->route.operation == TT_OPERATION_CHAT && facts->streams &&
           facts->usage != TT_USAGE_ON;
}

/* ---- the judgement ---- */

/*
 * Can another model be put in the place of the one that was asked for?  What was not inspected is never changed; vectors of another model would
 * fit nothing that a client has; and a request that names its model in the path and in the body names perhaps two.
 */
static bool
has_one_model(const struct tt_desk *desk, const struct tt_route *route)
{
    const struct tt_gate_facts *facts = &desk->reader.facts;
    return !facts->trouble && route->operation != TT_OPERATION_EMBEDDINGS && facts->has_model == (route->model.len == 0) &&
           desk->reader.named.model_count == 0;
}

/*
 * A request can name a model in its path and in its body, and hold requests that name theirs: which of them a provider goes by is its own affair,
 * so the one counts of which the policy thinks worst.  A lack of memory shows when it is asked about next.
 */
static struct tt_str
strictest_model(struct tt_desk *desk, struct tt_gate_question question)
{
    const struct tt_gate_facts *facts = &desk->reader.facts;
    const struct tt_gate_named *named = &desk->reader.named;
    const bool two = question.request->route.model.len > 0 && facts->has_model;
    struct tt_str worst = question.model;
    enum tt_policy_action action = TT_ACTION_REPORT;
    if (!two && named->model_count == 0) {
        return worst;
    }
    for (size_t i = 0; i < named->model_count + 2; i++) {
        question.model = i == 0 ? worst : i == 1 ? (two ? tt_gate_model_name(facts->model) : worst) : named->models[i - 2];
        const struct tt_policy_verdict *decision = tt_gate_decide(&desk->decisions, &question);
        if (decision && (i == 0 || decision->action > action)) {
            action = decision->action;
            worst = question.model;
        }
    }
    return worst;
}

/* A decision blocks: goes elsewhere if the policy wants that and there is a way, else nothing goes on. */
static enum tt_status
act_on_block(struct tt_desk *desk, const struct tt_gate_question *question, struct tt_gate_verdict *verdict)
{
    const struct tt_gate *gate = desk->gate;
    const struct tt_gate_facts *facts = &desk->reader.facts;
    const struct tt_route *route = &question->request->route;
    struct tt_gate_route_to to = {.upstream = NULL};
    if (gate->policy->gateway.reroute.number == 0 || !has_one_model(desk, route) ||
        !tt_gate_reroute(&desk->decisions, question, verdict->decision, gate->upstreams, gate->upstream_count, &to)) {
        block(desk, verdict, to.keyless ? to.keyless->provider : TT_STR(""));
        return TT_OK;
    }
    verdict->action = TT_GATE_REROUTE;
    verdict->rule = tt_policy_rule(verdict->decision);
    verdict->alternative = to.model;
    verdict->upstream = to.upstream->provider;
    if (route->model.len > 0 || tt_str_eq(facts->model, to.model)) {
        return TT_OK;
    }
    const struct tt_edit edit = {
        .offset = (size_t) facts->model_at, .length = (size_t) facts->model_length, .with = to.model, .rule = "gateway.reroute"};
    return tt_gate_look_add_edit(&desk->look, &edit);
}

/* What was not inspected is never changed. */
static bool
act_on_trouble(struct tt_desk *desk, struct tt_gate_verdict *verdict)
{
    const struct tt_gate_facts *facts = &desk->reader.facts;
    verdict->not_inspected = facts->trouble;
    if (!facts->trouble) {
        return false;
    }
    tt_gate_look_drop_edits(&desk->look, 0);
    if (desk->gate->policy->gateway.on_error.number == TT_ON_ERROR_CLOSED) {
        refuse(desk, verdict, TT_REFUSE_INVALID, facts->trouble);
    } else {
        verdict->action = TT_GATE_REPORT;
    }
    return true;
}

/*
 * No provider has a model whose name is not of printable ASCII, and no pattern of a family fits one that is written in full-width letters or the like.  So
 * the policy's default decides about it; where that lets it pass, it is told of.
 */
static bool
is_odd_name(struct tt_str model)
{
    for (size_t i = 0; i < model.len; i++) {
        unsigned char c = (unsigned char) model.ptr[i];
        if (c <= 0x20 || c >= 0x7F) {
            return true;
        }
    }
    return false;
}

/* Nothing stops the request; is it changed, or told of? */
static enum tt_status
act_on_rest(struct tt_desk *desk, const struct tt_gate_request *request, struct tt_gate_verdict *verdict)
{
    struct tt_gate_look *look = &desk->look;
    bool meters = lacks_usage(desk, request);
    if (meters && desk->gate->policy->gateway.meter.number == TT_METER_REQUIRE) {
        refuse(desk, verdict, TT_REFUSE_INVALID, "streams must ask for their usage: stream_options.include_usage has to be true");
        return TT_OK;
    }
    const struct tt_policy_mark *mark = look->normalises ? look->normalises : look->reports;
    size_t marks = tt_gate_look_edit_count(look) - (verdict->action == TT_GATE_REROUTE);
    if (meters && desk->gate->policy->gateway.meter.number == TT_METER_INJECT) {
        TT_TRY(add_usage_option(desk));
    }
    if (verdict->action == TT_GATE_REROUTE) {
        return TT_OK;
    }
    if (tt_gate_look_edit_count(look) > 0) {
        verdict->action = TT_GATE_NORMALISE;
        verdict->rule = marks > 0 && mark ? mark->id.text : TT_STR("");
    } else if (tt_gate_speaks(verdict->decision)) {
        verdict->action = TT_GATE_REPORT;
        verdict->rule = tt_policy_rule(verdict->decision);
    } else if (mark || look->reported) {
        verdict->action = TT_GATE_REPORT;
        verdict->rule = mark ? mark->id.text : TT_STR("");
    } else if (is_odd_name(desk->reader.facts.model)) {
        verdict->action = TT_GATE_REPORT;
        verdict->rule = TT_STR("gateway.model");
    }
    return TT_OK;
}

/* The body has been read as far as it could be. */
static enum tt_status
weigh(struct tt_desk *desk, const struct tt_gate_request *request, struct tt_gate_verdict *verdict)
{
    const struct tt_gate_facts *facts = &desk->reader.facts;
    struct tt_gate_question question = question_of(desk, request, verdict, true);
    if (facts->twice) {
        refuse(desk, verdict, TT_REFUSE_INVALID, facts->twice);
        return TT_OK;
    }
    question.model = strictest_model(desk, question);
    verdict->decision = tt_gate_decide(&desk->decisions, &question);
    if (!verdict->decision) {
        return TT_E_MEMORY;
    }
    if (verdict->decision->action >= TT_ACTION_BLOCK) {
        verdict->model = show_model(desk, question.model);
        TT_TRY(act_on_block(desk, &question, verdict));
    }
    if (verdict->action == TT_GATE_BLOCK) {
        return TT_OK;
    }
    if (desk->look.blocks) {
        block_marks(desk, verdict);
        return TT_OK;
    }
    if (facts->references & desk->gate->no_references) {
        block_references(desk, verdict);
        return TT_OK;
    }
    return act_on_trouble(desk, verdict) ? TT_OK : act_on_rest(desk, request, verdict);
}

/* The body to be read, in *pieces; false when it was refused. */
static enum tt_status
decode(struct tt_desk *desk, const struct tt_gate_request *request, struct tt_gate_pieces *pieces,
       struct tt_gate_verdict *verdict)
{
    size_t max = request->body_max < TT_GATE_BODY_MAX ? request->body_max : TT_GATE_BODY_MAX;
    if (verdict->body_length > max) {
        refuse(desk, verdict, TT_REFUSE_TOO_LARGE, "it is larger than this route allows");
        return TT_OK;
    }
    if (request->coding == TT_CODING_IDENTITY) {
        return TT_OK;
    }
    tt_buf_free(&desk->decoded);
    tt_buf_init(&desk->decoded, desk->alloc, max + 1);
    switch (tt_gate_decode(desk->alloc, request->coding, pieces, &desk->decoded)) {
    case TT_OK: break;
    case TT_E_UNSUPPORTED: refuse(desk, verdict, TT_REFUSE_ENCODING, "its content coding is not gzip or zstd"); return TT_OK;
    case TT_E_LIMIT: refuse(desk, verdict, TT_REFUSE_TOO_LARGE, "decoded, it is larger than this route allows"); return TT_OK;
    case TT_E_INPUT: refuse(desk, verdict, TT_REFUSE_ENCODING, "its compressed body is broken"); return TT_OK;
    default: return TT_E_MEMORY;
    }
    verdict->decoded = desk->decoded_piece = tt_buf_str(&desk->decoded);
    *pieces = (struct tt_gate_pieces) {&desk->decoded_piece, 1};
    return TT_OK;
}

enum tt_status
tt_gate_judge(struct tt_desk *desk, const struct tt_gate_request *request, const struct tt_str *items, size_t count,
              struct tt_gate_verdict *verdict)
{
    struct tt_gate_pieces pieces = {items, count};
    struct tt_gate_look *look = &desk->look;
    const struct tt_gate_facts *facts = &desk->reader.facts;
    const bool plain = request->coding == TT_CODING_IDENTITY;
    begin(desk, request, verdict);
    verdict->body_length = tt_gate_pieces_length(&pieces);
    tt_gate_trail_take(&desk->trail, &pieces);
    tt_gate_trail_show(&desk->trail, desk->shown, verdict->fingerprint);
    TT_TRY(decode(desk, request, &pieces, verdict));
    if (verdict->action == TT_GATE_REFUSE) {
        return TT_OK;
    }
    tt_gate_look_begin(look, request->provider);
    enum tt_status status = tt_gate_read(&desk->reader, &pieces, plain ? &desk->trail : NULL);
    tt_gate_look_end(look);
    if (status != TT_OK) {
        return status;
    }
    if (request->route.model.len == 0) {
        verdict->model = show_model(desk, facts->model);
    }
    verdict->streams = verdict->streams || facts->streams;
    verdict->references = facts->references;
    verdict->tools = facts->tools;
    verdict->output_max = facts->output_max;
    TT_TRY(weigh(desk, request, verdict));
    bool changes = verdict->action == TT_GATE_NORMALISE || verdict->action == TT_GATE_REROUTE;
    verdict->edits = (const struct tt_edit *) (void *) look->edits.ptr;
    verdict->edit_count = changes ? tt_gate_look_edit_count(look) : 0;
    verdict->findings = look->kept;
    verdict->finding_count = look->kept_count;
    verdict->finding_more = look->kept_more;
    return TT_OK;
}

enum tt_status
tt_gate_judge_head(struct tt_desk *desk, const struct tt_gate_request *request, struct tt_gate_verdict *verdict)
{
    begin(desk, request, verdict);
    struct tt_gate_question question = question_of(desk, request, verdict, false);
    if (request->route.has_body && request->coding == TT_CODING_OTHER) {
        refuse(desk, verdict, TT_REFUSE_ENCODING, "its content coding is not gzip or zstd");
        return TT_OK;
    }
    verdict->decision = tt_gate_decide(&desk->decisions, &question);
    if (!verdict->decision) {
        return TT_E_MEMORY;
    }
    const struct tt_policy_decision *winner = tt_gate_winner(verdict->decision);
    bool elsewhere = desk->gate->policy->gateway.reroute.number != 0 && winner && winner->alternative_models.count > 0;
    if (verdict->decision->action >= TT_ACTION_BLOCK && !(request->route.has_body && elsewhere)) {
        block(desk, verdict, TT_STR(""));
    }
    return TT_OK;
}

const struct tt_gate_bill *
tt_gate_bill(struct tt_desk *desk, const struct tt_charge_facts *facts)
{
    return tt_gate_decide_bill(&desk->decisions, facts);
}
