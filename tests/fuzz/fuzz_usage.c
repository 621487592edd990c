/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The meter over any bytes, in every dialect.
 *
 * Properties: an answer in one piece, byte by byte, cut at a place that the input chooses and in small pieces gives the same result;
 * what is called an estimate covers the text that passed; what has no grade has no figures; names keep to their bound; the kernels
 * do not matter.
 */
#include "traffic/usage.h"

#include <stdlib.h>

#define CHECK(condition)    \
    do {                    \
        if (!(condition)) { \
            abort();        \
        }                   \
    } while (0)

#define REQUEST_BYTES 1000

struct run {
    enum tt_api api;
    enum tt_framing framing;
    bool ended;
    struct tt_str body;
};

static void
check_sane(const struct run *run, const struct tt_meter_result *result)
{
    const struct tt_usage *usage = &result->usage;
    if (usage->grade == TT_USAGE_NONE) {
        CHECK(usage->input_total == -1 && usage->output_total == -1 && usage->input_cached == -1);
    } else {
        CHECK(usage->input_total >= 0 && usage->output_total >= 0);
    }
    if (usage->grade == TT_USAGE_ESTIMATED) {
        CHECK(usage->output_total >= (int64_t) (result->text_bytes / TT_BYTES_PER_TOKEN));
    }
    CHECK(result->text_bytes <= run->body.len * 3);
    CHECK(result->unread <= result->events || run->framing == TT_FRAMING_JSON);
    CHECK(result->model.len <= TT_METER_NAME_MAX && result->id.len <= TT_METER_NAME_MAX &&
          result->finish.len <= TT_METER_NAME_MAX);
}

static void
run_meter(const struct run *run, unsigned cpu, size_t first, size_t step, struct tt_meter *meter, struct tt_meter_result *result)
{
    tt_meter_begin(meter, run->api, run->framing, tt_kernels_get(cpu));
    tt_meter_feed(meter, tt_str_slice(run->body, 0, first));
    for (size_t at = first; at < run->body.len; at += step) {
        tt_meter_feed(meter, tt_str_slice(run->body, at, at + step));
    }
    tt_meter_end(meter, run->ended, REQUEST_BYTES, result);
}

static void
check_same(const struct tt_meter_result *a, const struct tt_meter_result *b)
{
    CHECK(a->usage.input_total == b->usage.input_total && a->usage.input_cached == b->usage.input_cached);
    CHECK(a->usage.input_cache_write == b->usage.input_cache_write && a->usage.output_total == b->usage.output_total);
    CHECK(a->usage.output_reasoning == b->usage.output_reasoning && a->usage.grade == b->usage.grade);
    CHECK(a->complete == b->complete && a->has_error == b->has_error && a->events == b->events && a->unread == b->unread);
    CHECK(a->text_bytes == b->text_bytes);
    CHECK(tt_str_eq(a->model, b->model) && tt_str_eq(a->id, b->id) && tt_str_eq(a->finish, b->finish));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum tt_api apis[] = {TT_API_ANTHROPIC, TT_API_OPENAI_CHAT, TT_API_OPENAI_RESPONSES, TT_API_GEMINI};
    if (size < 1) {
        return 0;
    }
    /* The last byte chooses the cuts, and may turn the framing around; so seeds are plain answers and a line end. */
    unsigned choice = data[size - 1];
    struct run run = {.body = tt_str_make(data, size - 1)};
    struct tt_meter *a = malloc(tt_meter_size());
    struct tt_meter *b = malloc(tt_meter_size());
    CHECK(a && b);
    bool is_json = data[0] == '{' || data[0] == '[';
    run.framing = is_json != (choice > 250) ? TT_FRAMING_JSON : TT_FRAMING_EVENTS;
    run.ended = choice & 1;
    for (size_t i = 0; i < sizeof(apis) / sizeof(apis[0]); i++) {
        struct tt_meter_result whole, other;
        run.api = apis[i];
        run_meter(&run, tt_cpu_detect(), run.body.len, 1, a, &whole);
        check_sane(&run, &whole);
        run_meter(&run, 0, 0, 1, b, &other);
        check_same(&whole, &other);
        run_meter(&run, tt_cpu_detect(), choice * 7 % size, size, b, &other);
        check_same(&whole, &other);
        run_meter(&run, tt_cpu_detect(), 0, 2 + choice % 60, b, &other);
        check_same(&whole, &other);
    }
    free(a);
    free(b);
    return 0;
}
