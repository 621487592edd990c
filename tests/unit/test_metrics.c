/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics: memory, odd records, and the reading of a record's members.  What they count is tested in tests/metrics.py. */
#include "base/limits.h"
#include "gate/record.h"
#include "serve/metrics.h"
#include "serve/metrics_record.h"
#include "test.h"

#include <stdio.h>

#define S TT_STR

static const char request[] = "{\"type\":\"request\",\"id\":\"1\",\"operation\":\"chat\",\"decision\":{\"action\":\"allow\"}}";
static const char outcome[] = "{\"type\":\"outcome\",\"id\":\"1\",\"status\":200,\"end\":\"complete\",\"total_ms\":1}";

static bool
use_metrics(void *ctx, const struct tt_alloc *alloc)
{
    struct tt_metrics *metrics;
    (void) ctx;
    if (tt_metrics_new(alloc, &tt_catalog_builtin, &metrics) != TT_OK) {
        assert_null(metrics);
        return false;
    }
    tt_metrics_add(metrics, tt_str_cstr(request));
    tt_metrics_add(metrics, tt_str_cstr(outcome));
    tt_metrics_free(metrics);
    return true;
}

static void
survives_a_lack_of_memory(void **state)
{
    (void) state;
    test_every_allocation(use_metrics, NULL);
    tt_metrics_free(NULL);
}

/* All memory is asked for at the beginning. */
static void
asks_for_memory_once(void **state)
{
    struct test_alloc alloc;
    struct tt_metrics *metrics;
    (void) state;
    test_alloc_init(&alloc, -1);
    assert_int_equal(tt_metrics_new(&alloc.alloc, &tt_catalog_builtin, &metrics), TT_OK);
    long requests = alloc.requests;
    assert_true(alloc.bytes < 8 * TT_MIB);
    for (int i = 0; i < 30000; i++) {
        char text[256];
        snprintf(text, sizeof(text),
                 "{\"type\":\"request\",\"id\":\"%d\",\"team\":\"t%d\",\"model\":\"m%d\",\"decision\":{\"action\":\"a%d\"}}", i,
                 i, i, i);
        tt_metrics_add(metrics, tt_str_cstr(text));
    }
    assert_int_equal(alloc.requests, requests);
    tt_metrics_free(metrics);
    assert_int_equal(alloc.live, 0);
}

/* What the gate writes is what metrics read. */
static void
reads_what_the_gate_writes(void **state)
{
    struct tt_metrics_record read;
    struct tt_buf out;
    (void) state;
    static const struct tt_rule rule = {.id = "mark.tags"};
    struct tt_finding findings[2] = {{.rule = &rule}, {.rule = &rule}};
    struct tt_record_request asked = {.id = S("7"),
                                      .team = S("a\"b\\c"),
                                      .api = TT_API_GEMINI,
                                      .operation = TT_OPERATION_GENERATE_CONTENT,
                                      .provider = S("provider-google"),
                                      .model = S("gemini-2.5-pro"),
                                      .stream = true,
                                      .sent_length = -1,
                                      .action = "report",
                                      .shadow = true,
                                      .not_inspected = "too deep",
                                      .findings = findings,
                                      .finding_count = 2,
                                      .finding_more = 5,
                                      .inspect_us = 12};
    tt_buf_init(&out, &tt_alloc_libc, TT_RING_RECORD_MAX);
    tt_record_request(&out, &asked);
    assert_true(tt_metrics_record_read(tt_buf_str(&out), &read));
    assert_str_equal(read.type, S("request"));
    assert_str_equal(read.id, S("7"));
    assert_str_equal(read.team, S("a\"b\\c"));
    assert_str_equal(read.api, S("gemini.generate_content"));
    assert_str_equal(read.operation, S("generate_content"));
    assert_str_equal(read.provider, S("provider-google"));
    assert_str_equal(read.model, S("gemini-2.5-pro"));
    assert_str_equal(read.action, S("report"));
    assert_str_equal(read.not_inspected, S("too deep"));
    assert_true(read.stream == 1 && read.shadow == 1 && read.inspect_us == 12 && read.marks_more == 5 && read.mark_count == 2);
    assert_str_equal(read.marks[1], S("mark.tags"));
    tt_buf_clear(&out);
    struct tt_meter_result meter = {.usage = {10, -1, -1, 3, -1, TT_USAGE_ESTIMATED}, .has_error = true, .model = S("m")};
    struct tt_record_outcome ended = {
        .id = S("7"), .status = 200, .meter = &meter, .first_byte_us = 1050, .total_us = 2000000, .end = TT_END_CLIENT_ABORT};
    tt_record_outcome(&out, &ended);
    assert_true(tt_metrics_record_read(tt_buf_str(&out), &read));
    assert_str_equal(read.type, S("outcome"));
    assert_str_equal(read.end, S("client_abort"));
    assert_str_equal(read.source, S("estimated"));
    assert_str_equal(read.model, S("m"));
    assert_true(read.status == 200 && read.error == 1 && read.input == 10 && read.output == 3);
    assert_true(read.first_byte_us == 1050 && read.total_us == 2000000);
    tt_buf_free(&out);
}

static void
reads_odd_records(void **state)
{
    static const struct {
        const char *json;
        bool ok;
        int64_t total_us;
    } cases[] = {
        {"", false, 0},
        {"{}", false, 0},
        {"[]", false, 0},
        {"{\"type\":7}", false, 0},
        {"{\"type\":\"outcome\"", false, 0},
        {"{\"type\":\"outcome\"}", true, -1},
        {"{\"type\":\"outcome\"} x", false, 0},
        {"{\"type\":\"outcome\",\"total_ms\":1}", true, 1000},
        {"{\"type\":\"outcome\",\"total_ms\":0.0019}", true, 1},
        {"{\"type\":\"outcome\",\"total_ms\":12.34567}", true, 12345},
        {"{\"type\":\"outcome\",\"total_ms\":-1}", true, -1},
        {"{\"type\":\"outcome\",\"total_ms\":1e3}", true, -1},
        {"{\"type\":\"outcome\",\"total_ms\":\"1\"}", true, -1},
        {"{\"type\":\"outcome\",\"total_ms\":99999999999999999999}", true, -1},
        {"{\"type\":\"outcome\",\"x\":{\"total_ms\":1}}", true, -1},
        {"{\"type\":\"outcome\",\"x\":[{\"total_ms\":1,\"y\":{\"total_ms\":1,\"z\":[[[1]]]}}],\"total_ms\":2}", true, 2000},
        {"{\"usage\":7,\"marks\":7,\"decision\":[\"action\"],\"type\":\"outcome\",\"id\":null,\"total_ms\":3}", true, 3000},
    };
    struct tt_metrics *metrics;
    (void) state;
    assert_int_equal(tt_metrics_new(&tt_alloc_libc, &tt_catalog_builtin, &metrics), TT_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tt_metrics_record read;
        assert_int_equal(tt_metrics_record_read(tt_str_cstr(cases[i].json), &read), cases[i].ok);
        assert_true(!cases[i].ok || read.total_us == cases[i].total_us);
        tt_metrics_add(metrics, tt_str_cstr(cases[i].json));
    }
    /* More marks than are looked at. */
    char text[8192] = "{\"type\":\"request\",\"marks\":[{\"rule\":\"r\"}";
    for (int i = 1; i < 100; i++) {
        strcat(text, ",{\"rule\":\"r\"}");
    }
    strcat(text, "]}");
    struct tt_metrics_record read;
    assert_true(tt_metrics_record_read(tt_str_cstr(text), &read));
    assert_int_equal(read.mark_count, TT_METRICS_MARKS);
    assert_int_equal(read.marks_over, 100 - TT_METRICS_MARKS);
    tt_metrics_add(metrics, tt_str_cstr(text));
    /* Every cut of a record is read or refused. */
    for (size_t n = 0; n < strlen(outcome); n++) {
        assert_false(tt_metrics_record_read(tt_str_make(outcome, n), &read));
    }
    tt_metrics_free(metrics);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_a_lack_of_memory),
        cmocka_unit_test(asks_for_memory_once),
        cmocka_unit_test(reads_what_the_gate_writes),
        cmocka_unit_test(reads_odd_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
