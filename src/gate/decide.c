/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions to the policy; see decide.h.
 *
 * Input: what is known of a request.  Output: verdicts and bills, which borrow from the policy.  The tables of answers have a fixed size and are
 * kept under fingerprints of the questions; the decisions own them.
 */
#include "gate/decide.h"

#include "gate/choice.h"

#define ANSWERS_SIZE (TT_GATE_ANSWERS * sizeof(struct tt_policy_verdict))
#define BILLS_SIZE (TT_GATE_ANSWERS * sizeof(struct tt_gate_bill))

enum tt_status
tt_gate_decisions_init(struct tt_gate_decisions *decisions, const struct tt_alloc *alloc, const struct tt_policy *policy,
                       const struct tt_catalog *catalog, const unsigned char secret[16], unsigned cpu)
{
    decisions->policy = policy;
    decisions->catalog = catalog;
    tt_fingerprint_key_init(&decisions->key, secret, cpu);
    tt_buf_init(&decisions->text, alloc, TT_MIB);
    decisions->answers = tt_alloc_new(alloc, ANSWERS_SIZE);
    decisions->bills = tt_charges_are_kept(policy) ? tt_alloc_new(alloc, BILLS_SIZE) : NULL;
    return decisions->answers && (decisions->bills || !tt_charges_are_kept(policy)) ? TT_OK : TT_E_MEMORY;
}

void
tt_gate_decisions_free(struct tt_gate_decisions *decisions, const struct tt_alloc *alloc)
{
    tt_alloc_free(alloc, decisions->answers, ANSWERS_SIZE);
    decisions->answers = NULL;
    tt_alloc_free(alloc, decisions->bills, BILLS_SIZE);
    decisions->bills = NULL;
    tt_buf_free(&decisions->text);
}

/* Adds a string so that no other list of strings reads the same. */
static void
add_part(struct tt_buf *text, struct tt_str part)
{
    uint64_t length = part.len;
    tt_buf_add(text, tt_str_make(&length, sizeof(length)));
    tt_buf_add(text, part);
}

static void
write_question(struct tt_buf *text, const struct tt_gate_question *question)
{
    const struct tt_gate_request *request = question->request;
    const struct tt_str parts[] = {question->model, question->product, request->provider,
                                   request->host,   request->team,     request->region};
    tt_buf_clear(text);
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        add_part(text, parts[i]);
    }
    for (size_t i = 0; i < question->server_count; i++) {
        add_part(text, question->servers[i]);
    }
}

static void
decide(const struct tt_gate_decisions *decisions, const struct tt_gate_question *question, struct tt_policy_verdict *verdict)
{
    const struct tt_gate_request *request = question->request;
    const struct tt_policy_names names = tt_policy_names_of(decisions->catalog);
    struct tt_policy_subject subject = {0};
    subject.facts[TT_ABOUT_MODEL].text = question->model;
    subject.facts[TT_ABOUT_PRODUCT].text = question->product;
    subject.facts[TT_ABOUT_PROVIDER].text = request->provider;
    subject.facts[TT_ABOUT_HOST].text = request->host;
    subject.facts[TT_ABOUT_TEAM].text = request->team;
    subject.facts[TT_ABOUT_REGION].text = request->region;
    for (size_t i = 0; i < question->server_count; i++) {
        tt_policy_fact_add(&subject, TT_ABOUT_MCP_SERVER, (struct tt_policy_fact) {.text = question->servers[i]});
    }
    names.complete(names.ctx, &subject);
    tt_policy_decide(decisions->policy, &subject, request->day, verdict);
}

const struct tt_policy_verdict *
tt_gate_decide(struct tt_gate_decisions *decisions, const struct tt_gate_question *question)
{
    write_question(&decisions->text, question);
    if (decisions->text.status != TT_OK) {
        return NULL;
    }
    struct tt_fingerprint fingerprint =
        tt_fingerprint_of(&decisions->key, (uint64_t) question->request->day, tt_buf_str(&decisions->text));
    size_t place;
    if (!tt_gate_recall_find(&decisions->questions, fingerprint, &place)) {
        decide(decisions, question, &decisions->answers[place]);
    }
    return &decisions->answers[place];
}

const struct tt_gate_bill *
tt_gate_decide_bill(struct tt_gate_decisions *decisions, const struct tt_charge_facts *facts)
{
    const struct tt_str parts[] = {facts->team, facts->product, facts->provider, facts->model};
    size_t place;
    tt_buf_clear(&decisions->text);
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        add_part(&decisions->text, parts[i]);
    }
    if (!decisions->bills || decisions->text.status != TT_OK) {
        return NULL;
    }
    struct tt_fingerprint fingerprint = tt_fingerprint_of(&decisions->key, (uint64_t) facts->day, tt_buf_str(&decisions->text));
    if (!tt_gate_recall_find(&decisions->charged, fingerprint, &place)) {
        struct tt_gate_bill *bill = &decisions->bills[place];
        bill->priced = tt_price_find(decisions->catalog, facts->provider, facts->model, &bill->price);
        tt_charges_find(decisions->policy, decisions->catalog, facts, &bill->charges);
    }
    return &decisions->bills[place];
}

const struct tt_policy_decision *
tt_gate_winner(const struct tt_policy_verdict *verdict)
{
    return verdict->axes[verdict->axis].winner;
}

bool
tt_gate_speaks(const struct tt_policy_verdict *verdict)
{
    if (verdict->action > TT_ACTION_REPORT) {
        return true;
    }
    for (size_t i = 0; i < TT_AXES; i++) {
        const struct tt_policy_axis_verdict *axis = &verdict->axes[i];
        bool approved = axis->status == TT_STATUS_APPROVED || axis->status == TT_STATUS_APPROVED_WITH_LIMITS;
        if (axis->asked && ((axis->winner && !approved) || axis->breach_count > 0)) {
            return true;
        }
    }
    return false;
}

/* ---- re-routing ---- */

/* Would the request be let through with that model there? */
static bool
is_let_through(struct tt_gate_decisions *decisions, const struct tt_gate_question *question,
               const struct tt_gate_upstream *upstream, struct tt_str model)
{
    struct tt_gate_request request = *question->request;
    struct tt_gate_question other = *question;
    request.provider = upstream->provider;
    request.host = upstream->host;
    other.request = &request;
    other.model = model;
    decide(decisions, &other, &decisions->other);
    return decisions->other.action < TT_ACTION_BLOCK;
}

/* Would the client's key for one provider be told to another? */
static bool
gives_key_away(const struct tt_gate_request *request, const struct tt_gate_upstream *upstream)
{
    return !upstream->has_key && !tt_str_eq(request->provider, upstream->provider);
}

/* The first model of the alternative that is let through at the upstream; false: none. */
static bool
find_model(struct tt_gate_decisions *decisions, const struct tt_gate_question *question, struct tt_gate_choice *choice,
           struct tt_str alternative, const struct tt_gate_upstream *upstream)
{
    tt_gate_choice_begin(choice, alternative, upstream);
    while (tt_gate_choice_next(choice)) {
        if (is_let_through(decisions, question, upstream, choice->at.model)) {
            return true;
        }
    }
    return false;
}

bool
tt_gate_reroute(struct tt_gate_decisions *decisions, const struct tt_gate_question *question,
                const struct tt_policy_verdict *verdict, const struct tt_gate_upstream *upstreams, size_t count,
                struct tt_gate_route_to *to)
{
    const struct tt_policy_decision *winner = tt_gate_winner(verdict);
    const struct tt_gate_request *request = question->request;
    *to = (struct tt_gate_route_to) {.upstream = NULL};
    if (!winner || verdict->axis == TT_AXIS_SOFTWARE) {
        return false;
    }
    struct tt_gate_choice choice = {.catalog = decisions->catalog, .in_path = request->route.model.len > 0};
    tt_gate_choice_ask(&choice, request->provider, question->model);
    for (size_t i = 0; i < winner->alternative_models.count; i++) {
        for (size_t k = 0; k < count; k++) {
            if (upstreams[k].api != request->route.api ||
                !find_model(decisions, question, &choice, winner->alternative_models.items[i].text, &upstreams[k])) {
                continue;
            }
            if (!gives_key_away(request, &upstreams[k])) {
                to->model = choice.at.model;
                to->upstream = &upstreams[k];
                return true;
            }
            to->keyless = to->keyless ? to->keyless : &upstreams[k];
        }
    }
    return false;
}
