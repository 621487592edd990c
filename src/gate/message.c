/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of refusals; see message.h.
 *
 * Input: the policy's own words.  Output: plain text in a buffer of the caller.
 */
#include "gate/message.h"

static void
add_sentence(struct tt_buf *out, struct tt_str text)
{
    if (text.len == 0) {
        return;
    }
    tt_buf_add_char(out, ' ');
    tt_buf_add(out, text);
    char last = text.ptr[text.len - 1];
    tt_buf_add_cstr(out, last == '.' || last == '!' || last == '?' ? "" : ".");
}

static void
add_contact(struct tt_buf *out, const struct tt_policy *policy)
{
    if (policy->gateway.contact.text.len > 0) {
        tt_buf_add_cstr(out, " Questions: ");
        tt_buf_add(out, policy->gateway.contact.text);
    }
}

static void
begin(struct tt_buf *out, const struct tt_policy *policy, const char *what)
{
    tt_buf_clear(out);
    tt_buf_add_cstr(out, what);
    if (policy->id.text.len > 0) {
        tt_buf_add_cstr(out, " by policy ");
        tt_buf_add(out, policy->id.text);
    }
}

void
tt_gate_message_decision(struct tt_buf *out, const struct tt_policy *policy, const struct tt_policy_verdict *verdict,
                         struct tt_str alternative, struct tt_str keyless)
{
    const struct tt_policy_axis_verdict *axis = &verdict->axes[verdict->axis];
    const struct tt_policy_decision *winner = axis->winner;
    begin(out, policy, "This request is blocked");
    tt_buf_add_cstr(out, ", rule '");
    tt_buf_add(out, tt_policy_rule(verdict));
    tt_buf_add_cstr(out, "' on the ");
    tt_buf_add_cstr(out, tt_axis_name(verdict->axis));
    if (axis->since > 0) {
        tt_buf_add_cstr(out, ", since ");
        tt_policy_date_add(out, axis->since);
    }
    tt_buf_add_char(out, '.');
    if (winner) {
        add_sentence(out, winner->message.text.len > 0 ? winner->message.text : winner->reason.text);
    }
    if (alternative.len > 0) {
        tt_buf_add_cstr(out, " Approved instead: ");
        tt_buf_add(out, alternative);
        tt_buf_add_char(out, '.');
    }
    if (keyless.len > 0) {
        tt_buf_add_cstr(out, " It was not sent to ");
        tt_buf_add(out, keyless);
        tt_buf_add_cstr(out, " instead: the gateway has no key of its own there, and the client's is for another provider.");
    }
    add_contact(out, policy);
}

void
tt_gate_message_mark(struct tt_buf *out, const struct tt_policy *policy, const struct tt_policy_mark *mark)
{
    begin(out, policy, "This request is blocked");
    tt_buf_add_cstr(out, ", rule '");
    tt_buf_add(out, mark->id.text);
    tt_buf_add_cstr(out, "': its text holds marks of the channel ");
    tt_buf_add(out, mark->channel.text);
    tt_buf_add_char(out, '.');
    add_sentence(out, mark->reason.text);
    add_contact(out, policy);
}

void
tt_gate_message_references(struct tt_buf *out, const struct tt_policy *policy, uint32_t references)
{
    bool first = true;
    begin(out, policy, "This request is blocked");
    tt_buf_add_cstr(out, ", rule 'gateway.references': it refers to content that is not in it, which nobody could inspect (");
    for (unsigned i = 0; i < TT_POLICY_REFERENCES; i++) {
        if (references & UINT32_C(1) << i) {
            tt_buf_add_cstr(out, first ? "" : ", ");
            tt_buf_add_cstr(out, tt_policy_reference_name(i));
            first = false;
        }
    }
    tt_buf_add_cstr(out, ").");
    add_contact(out, policy);
}

/* Micro-USD with two decimals. */
static void
add_usd(struct tt_buf *out, int64_t micro)
{
    int64_t cents = micro / 10000;
    tt_buf_add_u64(out, (uint64_t) (cents / 100));
    tt_buf_add_char(out, '.');
    tt_buf_add_char(out, (char) ('0' + cents / 10 % 10));
    tt_buf_add_char(out, (char) ('0' + cents % 10));
}

void
tt_gate_message_budget(struct tt_buf *out, const struct tt_policy *policy, const struct tt_pay_state *pay)
{
    begin(out, policy, "This request is blocked");
    tt_buf_add_cstr(out, ", budget '");
    tt_buf_add(out, pay->charge->id);
    tt_buf_add_cstr(out, "': with it ");
    add_usd(out, pay->used);
    tt_buf_add_cstr(out, " of ");
    add_usd(out, pay->limit);
    tt_buf_add_cstr(out, " USD could be spent or reserved from ");
    tt_policy_date_add(out, pay->charge->from);
    tt_buf_add_cstr(out, " to ");
    tt_policy_date_add(out, pay->charge->until);
    tt_buf_add_char(out, '.');
    add_contact(out, policy);
}

void
tt_gate_message_refusal(struct tt_buf *out, const struct tt_policy *policy, const char *why)
{
    tt_buf_clear(out);
    tt_buf_add_cstr(out, "The gateway refuses this request: ");
    tt_buf_add_cstr(out, why);
    tt_buf_add_char(out, '.');
    add_contact(out, policy);
}
