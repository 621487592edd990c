/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the figures of a dialect to one shape, and how well each is backed.
 *
 * Input: a meter at its end.  Output: struct tt_usage.
 *
 * A figure of the output is final when it stood behind the end of the text: with the reason of the end, or in an answer that is
 * complete, and no text came later.  Anything else is a count on the way, and the text that passed may say more than it.
 */
#include "traffic/usage_parts.h"

static int64_t
or_zero(int64_t n)
{
    return n < 0 ? 0 : n;
}

/* What the dialects' figures mean; fills usage and returns whether a figure had to be computed from others. */
static bool
translate_anthropic(const int64_t *figures, struct tt_usage *usage)
{
    bool derived = false;
    usage->input_cached = figures[TT_FIGURE_CACHED];
    usage->input_cache_write = figures[TT_FIGURE_CACHE_WRITE];
    int64_t parts = or_zero(figures[TT_FIGURE_CACHE_WRITE_SHORT]) + or_zero(figures[TT_FIGURE_CACHE_WRITE_LONG]);
    if (usage->input_cache_write < 0 && parts > 0) {
        usage->input_cache_write = parts;
        derived = true;
    }
    if (figures[TT_FIGURE_INPUT] >= 0) {
        /* Here the input is only what the cache had no part in. */
        usage->input_total = figures[TT_FIGURE_INPUT] + or_zero(usage->input_cached) + or_zero(usage->input_cache_write);
    }
    usage->output_total = figures[TT_FIGURE_OUTPUT];
    return derived;
}

static bool
translate_openai(const int64_t *figures, struct tt_usage *usage)
{
    int64_t total = figures[TT_FIGURE_TOTAL];
    usage->input_total = figures[TT_FIGURE_INPUT];
    usage->input_cached = figures[TT_FIGURE_CACHED];
    usage->input_cache_write = figures[TT_FIGURE_CACHE_WRITE];
    usage->output_total = figures[TT_FIGURE_OUTPUT];
    usage->output_reasoning = figures[TT_FIGURE_REASONING];
    if (usage->input_total < 0 || total < usage->input_total) {
        return false;
    }
    int64_t rest = total - usage->input_total;
    /* Embeddings have no output.  Some servers leave reasoning out of the output, but not out of the total. */
    if (usage->output_total < 0 || (usage->output_reasoning > 0 && rest == usage->output_total + usage->output_reasoning)) {
        usage->output_total = rest;
        return rest > 0;
    }
    return false;
}

/* A zero is left out here, so what is not said next to what is said is one. */
static bool
translate_gemini(const int64_t *figures, struct tt_usage *usage)
{
    int64_t total = figures[TT_FIGURE_TOTAL];
    usage->input_cached = figures[TT_FIGURE_CACHED];
    usage->output_reasoning = figures[TT_FIGURE_REASONING];
    if (figures[TT_FIGURE_INPUT] < 0) {
        return false;
    }
    usage->input_total = figures[TT_FIGURE_INPUT] + or_zero(figures[TT_FIGURE_TOOL_INPUT]);
    usage->output_total = or_zero(figures[TT_FIGURE_OUTPUT]) + or_zero(usage->output_reasoning);
    int64_t rest = total - usage->input_total - usage->output_total;
    if (figures[TT_FIGURE_OUTPUT] < 0 && rest > 0) {
        usage->output_total += rest;
        return true;
    }
    return false;
}

static bool
translate(const struct tt_meter *meter, struct tt_usage *usage)
{
    switch (meter->api) {
    case TT_API_NONE: return false;
    case TT_API_ANTHROPIC: return translate_anthropic(meter->figures, usage);
    case TT_API_OPENAI_CHAT:
    case TT_API_OPENAI_RESPONSES: return translate_openai(meter->figures, usage);
    case TT_API_GEMINI: return translate_gemini(meter->figures, usage);
    }
    return false;
}

static int64_t
tokens_of(uint64_t bytes)
{
    uint64_t tokens = bytes / TT_BYTES_PER_TOKEN + (bytes % TT_BYTES_PER_TOKEN != 0);
    return tokens < TT_FIGURE_MAX ? (int64_t) tokens : TT_FIGURE_MAX;
}

void
tt_meter_sum(const struct tt_meter *meter, bool ended, uint64_t request_bytes, struct tt_usage *usage)
{
    *usage = (struct tt_usage) {-1, -1, -1, -1, -1, TT_USAGE_NONE};
    bool derived = translate(meter, usage);
    bool nothing = usage->input_total < 0 && usage->output_total < 0 && meter->text_bytes == 0;
    if (!meter->any || (nothing && (meter->has_error || meter->api == TT_API_NONE))) {
        return; /* a refused request costs nothing */
    }
    bool final = meter->text_since == 0 && (meter->usage_is_last || meter->complete || (ended && meter->finish.len > 0));
    if (final && usage->input_total >= 0 && usage->output_total >= 0) {
        usage->grade = derived ? TT_USAGE_DERIVED : TT_USAGE_REPORTED;
        return;
    }
    usage->grade = TT_USAGE_ESTIMATED;
    if (usage->input_total < 0 && request_bytes > 0) {
        usage->input_total = tokens_of(request_bytes);
    }
    int64_t output = tokens_of(meter->text_bytes);
    if (!(final && usage->output_total >= 0) && usage->output_total < output) {
        usage->output_total = output;
    }
    if (usage->input_total < 0 && usage->output_total == 0) {
        *usage = (struct tt_usage) {-1, -1, -1, -1, -1, TT_USAGE_NONE};
    }
}
