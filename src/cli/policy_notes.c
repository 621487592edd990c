/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is well-formed in a policy, and yet a gateway cannot do, or cannot do alone.
 *
 * Input: a policy that was read without an error.  Output: notes on standard error, each with its place.
 */
#include "base/limits.h"
#include "cli/policy.h"
#include "finding/writer.h"

static void
add_note(struct tt_buf *out, const char *path, struct tt_policy_at at, const char *text)
{
    tt_writer_add_safe(out, tt_str_cstr(path));
    tt_buf_add_char(out, ':');
    tt_buf_add_u64(out, at.line);
    tt_buf_add_char(out, ':');
    tt_buf_add_u64(out, at.column);
    tt_buf_add_cstr(out, ": note: ");
    tt_buf_add_cstr(out, text);
    tt_buf_add_char(out, '\n');
}

static void
note_sites(struct tt_buf *out, const char *path, const struct tt_policy *policy)
{
    const struct tt_policy_mark *marks = policy->marks.items;
    for (size_t i = 0; i < policy->marks.count; i++) {
        if (marks[i].site.text.len > 0) {
            add_note(out, path, marks[i].site.at,
                     "a gateway starts with this policy where a description that --learned names has this site");
        }
    }
}

/*
 * A provider that is prohibited can only be left for another one, to which a client's own key must not go.  Whether other alternatives
 * can be taken depends on where the gateway leads.
 */
static void
note_alternatives(struct tt_buf *out, const char *path, const struct tt_policy *policy)
{
    const struct tt_policy_gateway *gateway = &policy->gateway;
    if (gateway->reroute.number == 0 || gateway->credentials.number == TT_CREDENTIALS_REPLACE) {
        return;
    }
    for (size_t i = 0; i < policy->decisions.count; i++) {
        const struct tt_policy_decision *decision = tt_policy_decision_at(policy, i);
        if (decision->alternative_models.count > 0 && tt_axis_of(decision->match.about) == TT_AXIS_ROUTE) {
            add_note(
                out, path, decision->alternative_models.at,
                "a gateway never takes these: clients' own keys pass (gateway.credentials), and must not go to another provider");
        }
    }
}

void
tt_policy_note_gateway(const struct tt_call *call, const char *path, const struct tt_policy *policy, bool runs)
{
    struct tt_buf out;
    tt_buf_init(&out, call->cli->alloc, TT_MIB);
    if (!runs) {
        note_sites(&out, path, policy);
    }
    note_alternatives(&out, path, policy);
    fwrite(out.ptr ? out.ptr : "", 1, out.len, call->cli->err);
    tt_buf_free(&out);
}
