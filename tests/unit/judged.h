/* SPDX-License-Identifier: Apache-2.0 */
/* A gate with its desk for a policy given as text, and verdicts as one line of text, so that two can be compared whole. */
#ifndef TT_TESTS_JUDGED_H
#define TT_TESTS_JUDGED_H

#include "test.h"

#include "base/limits.h"
#include "gate/gate.h"
#include "text/kernel.h"

#include <stdio.h>
#include <stdlib.h>

#define JUDGED_HEAD "telltale_policy: 1\nid: house\nowner: a@b.example\nteams: [red]\n"

struct judged {
    struct tt_arena arena;
    const struct tt_policy *policy;
    const struct tt_learned *learned; /* the caller's; NULL: none */
    struct tt_gate *gate;
    struct tt_desk *desk;
};

/*
 * Upstreams: provider-openai, provider-openrouter and provider-bedrock for chat completions, provider-anthropic for Messages,
 * provider-google for Gemini.  The gateway has keys of its own for provider-anthropic and provider-bedrock.
 */
void judged_open(struct judged *place, const char *policy, unsigned cpu);
void judged_open_learned(struct judged *place, const char *policy, const struct tt_learned *learned, unsigned cpu);
void judged_close(struct judged *place);

/* A chat request of that API to its vendor, of at most 1 MiB. */
struct tt_gate_request judged_request(enum tt_api api);

/* Judges a body in one piece. */
void judge(struct tt_desk *desk, const struct tt_gate_request *request, struct tt_str body, struct tt_gate_verdict *verdict);

/* All that the verdict says. */
void judged_write(struct tt_buf *out, const struct tt_gate_verdict *v);

/* The body with the edits made, which must be in order; lives in out. */
struct tt_str judged_edit(const struct tt_gate_verdict *v, struct tt_str body, struct tt_buf *out);

#endif
