/* SPDX-License-Identifier: Apache-2.0 */
/* Audit records: their exact text, that another reader of JSON reads it back, and that nothing hostile breaks or lengthens it. */
#include "base/hash.h"
#include "gate/gate.h"
#include "gate/record.h"
#include "test.h"

#include <jansson.h>
#include <stdlib.h>

#define S TT_STR

static const unsigned char bytes32[32] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0xfe, 0xff};

static void
expect_request(const struct tt_record_request *record, const char *expected)
{
    struct tt_buf out;
    tt_buf_init(&out, &tt_alloc_libc, TT_RING_RECORD_MAX);
    tt_record_request(&out, record);
    assert_int_equal(out.status, TT_OK);
    assert_str_equal(tt_buf_str(&out), tt_str_cstr(expected));
    tt_buf_free(&out);
}

static void
expect_outcome(const struct tt_record_outcome *record, const char *expected)
{
    struct tt_buf out;
    tt_buf_init(&out, &tt_alloc_libc, TT_RECORD_OUTCOME_MAX);
    tt_record_outcome(&out, record);
    assert_int_equal(out.status, TT_OK);
    assert_str_equal(tt_buf_str(&out), tt_str_cstr(expected));
    tt_buf_free(&out);
}

static void
writes_a_request(void **state)
{
    static const struct tt_rule rule = {.id = "mark.dateline"};
    static const struct tt_str pieces[] = {TT_STR_INIT("Today"), {NULL, 0}, TT_STR_INIT("\xe2\x80"), TT_STR_INIT("\x99s date")};
    struct tt_finding finding = {.rule = &rule, .level = TT_SUSPICIOUS};
    struct tt_edit edit = {.offset = 5, .length = 3, .with = S("'"), .rule = "mark.dateline"};
    (void) state;
    finding.where = (struct tt_where) {.path = S("$.system[0].text"), .offset = 5, .length = 3};
    const struct tt_record_charge charge = {.team = S("payments"),
                                            .provider = S("c"),
                                            .model = S("b"),
                                            .day = 20261121,
                                            .reserved = 1200000,
                                            .is_priced = true,
                                            .cost = -1,
                                            .budget = S("weekly")};
    struct tt_record_request record = {
        .id = S("0123456789abcdef01234567"),
        .time = {1795257506, 123456789},
        .policy = S("sha256:ab"),
        .client = S("00ff00ff00ff00ff"),
        .identity = S("api-key"),
        .team = S("payments"),
        .region = S("DE"),
        .product = S("claude-code"),
        .api = TT_API_ANTHROPIC,
        .operation = TT_OPERATION_CHAT,
        .provider = S("provider-anthropic"),
        .model = S("claude-sonnet-4-5"),
        .stream = true,
        .body_length = 16,
        .fingerprint = bytes32,
        .sha256 = bytes32,
        .sent_sha256 = bytes32,
        .sent_length = 14,
        .action = "normalise",
        .rule = S("marks"),
        .status = "approved",
        .alternative = S("b"),
        .upstream = S("c"),
        .since = 20261101,
        .findings = &finding,
        .finding_count = 1,
        .finding_more = 2,
        .edits = &edit,
        .edit_count = 1,
        .pieces = pieces,
        .piece_count = 4,
        .references = TT_REFERENCE_RESPONSE | TT_REFERENCE_URL,
        .inspect_us = 37,
        .charge = &charge,
    };
    expect_request(
        &record,
        "{\"type\":\"request\",\"id\":\"0123456789abcdef01234567\",\"time\":\"2026-11-21T10:38:26.123456Z\",\"policy\":\"sha256:"
        "ab\","
        "\"client\":\"00ff00ff00ff00ff\",\"identity\":\"api-key\",\"team\":\"payments\",\"region\":\"DE\",\"product\":\"claude-"
        "code\","
        "\"api\":\"anthropic.messages\",\"operation\":\"chat\",\"provider\":\"provider-anthropic\",\"model\":\"claude-sonnet-4-"
        "5\","
        "\"stream\":true,\"body\":{\"length\":16,\"fingerprint\":\"000102030405060708090a0b0c0d0e0f\","
        "\"sha256\":\"000102030405060708090a0b0c0d0e0ffeff0000000000000000000000000000\",\"sent_length\":14,"
        "\"sent_sha256\":\"000102030405060708090a0b0c0d0e0ffeff0000000000000000000000000000\"},"
        "\"decision\":{\"action\":\"normalise\",\"rule\":\"marks\",\"status\":\"approved\",\"since\":\"2026-11-01\","
        "\"alternative\":\"b\","
        "\"upstream\":\"c\"},\"shadow\":false,\"not_inspected\":null,\"references\":[\"response\",\"url\"],"
        "\"marks\":[{\"rule\":\"mark.dateline\",\"level\":\"suspicious\",\"path\":\"$.system[0].text\",\"offset\":5,\"length\":3}"
        "],"
        "\"marks_more\":2,\"edits\":[{\"offset\":5,\"length\":3,\"new_length\":1,\"rule\":\"mark.dateline\","
        "\"before\":\"fbe7a43247c3ae64bacf6cc936b15320\",\"after\":\"265fda17a34611b1533d8a281ff680dc\"}],\"inspect_us\":37,"
        "\"charge\":{\"team\":\"payments\",\"provider\":\"c\",\"model\":\"b\",\"day\":20261121,"
        "\"reserved\":1200000,\"priced\":true,\"budget\":\"weekly\",\"over\":false}}");
}

static void
leaves_out_what_is_not_known(void **state)
{
    (void) state;
    struct tt_record_request record = {.id = S("1"), .sent_length = -1, .shadow = true, .not_inspected = "too deep"};
    expect_request(&record, "{\"type\":\"request\",\"id\":\"1\",\"time\":\"1970-01-01T00:00:00.000000Z\",\"stream\":false,"
                            "\"body\":{\"length\":0},\"decision\":{},\"shadow\":true,\"not_inspected\":\"too deep\",\"marks\":[],"
                            "\"marks_more\":0,\"edits\":[],\"inspect_us\":0}");
    struct tt_record_outcome outcome = {.id = S("1"), .first_byte_us = -1, .total_us = -1, .end = TT_END_WORKER_LOST};
    expect_outcome(&outcome,
                   "{\"type\":\"outcome\",\"id\":\"1\",\"time\":\"1970-01-01T00:00:00.000000Z\",\"end\":\"worker_lost\"}");
}

static void
writes_an_outcome(void **state)
{
    (void) state;
    struct tt_meter_result meter = {.usage = {100, 60, -1, 7, 0, TT_USAGE_DERIVED},
                                    .has_error = true,
                                    .model = S("m"),
                                    .id = S("r"),
                                    .finish = S("end_turn")};
    const struct tt_record_charge charge = {.day = 20261121, .is_priced = true};
    struct tt_record_outcome record = {
        .id = S("2"),
        .time = {951782399, 999999999},
        .status = 200,
        .upstream_status = 200,
        .attempts = 2,
        .meter = &meter,
        .charge = &charge,
        .first_byte_us = 1200,
        .total_us = 3045,
        .end = TT_END_COMPLETE,
    };
    expect_outcome(&record,
                   "{\"type\":\"outcome\",\"id\":\"2\",\"time\":\"2000-02-28T23:59:59.999999Z\",\"status\":200,"
                   "\"upstream_status\":200,\"attempts\":2,\"model\":\"m\",\"response_id\":\"r\",\"finish\":\"end_turn\","
                   "\"error\":true,\"usage\":{\"input_total\":100,\"input_cached\":60,\"output_total\":7,"
                   "\"output_reasoning\":0,\"source\":\"derived\"},\"charge\":{\"day\":20261121,\"reserved\":0,\"priced\":true,"
                   "\"cost\":0},\"first_byte_ms\":1.2,\"total_ms\":3.045,"
                   "\"end\":\"complete\"}");
    meter = (struct tt_meter_result) {.usage = {-1, -1, -1, -1, -1, TT_USAGE_NONE}};
    record = (struct tt_record_outcome) {
        .id = S("3"), .status = 502, .meter = &meter, .total_us = 5000000, .end = TT_END_UPSTREAM_ABORT};
    expect_outcome(&record, "{\"type\":\"outcome\",\"id\":\"3\",\"time\":\"1970-01-01T00:00:00.000000Z\",\"status\":502,"
                            "\"first_byte_ms\":0,\"total_ms\":5000,\"end\":\"upstream_abort\"}");
    assert_string_equal(tt_record_end_name(TT_END_CLIENT_ABORT), "client_abort");
    assert_string_equal(tt_record_end_name(TT_END_REFUSED), "refused");
    assert_null(tt_record_end_name((enum tt_record_end) 99));
}

/* Against the C library, on days that calendars get wrong and on many others. */
static void
writes_times_as_the_c_library_does(void **state)
{
    static const int64_t seconds[] = {0,          1,          86399,        86400,        68169600,      951782400,     951868800,
                                      1077926399, 1709164800, 4107542399LL, 4107542400LL, 13569465600LL, 253402300799LL};
    uint64_t random = 7;
    (void) state;
    for (size_t i = 0; i < 2000; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        time_t time = i < sizeof(seconds) / sizeof(seconds[0]) ? (time_t) seconds[i] : (time_t) (random % 253402300800u);
        char text[64], expected[128];
        struct tm tm;
        assert_non_null(gmtime_r(&time, &tm));
        assert_true(strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm) > 0);
        snprintf(expected, sizeof(expected), "{\"type\":\"outcome\",\"time\":\"%s%s.000001Z\",\"end\":\"refused\"}",
                 tm.tm_year + 1900 < 1000 ? "0" : "", text);
        struct tt_record_outcome record = {.time = {time, 1999}, .first_byte_us = -1, .total_us = -1, .end = TT_END_REFUSED};
        expect_outcome(&record, expected);
    }
    struct tt_record_outcome record = {.time = {-5, -5}, .first_byte_us = -1, .total_us = -1, .end = TT_END_REFUSED};
    expect_outcome(&record, "{\"type\":\"outcome\",\"time\":\"1970-01-01T00:00:00.000000Z\",\"end\":\"refused\"}");
    record.time = (struct timespec) {(time_t) INT64_MAX, 999999999};
    struct tt_buf out;
    tt_buf_init(&out, &tt_alloc_libc, TT_RECORD_OUTCOME_MAX);
    tt_record_outcome(&out, &record);
    assert_true(tt_str_starts(tt_buf_str(&out), S("{\"type\":\"outcome\",\"time\":\"9999-12-31T")));
    tt_buf_free(&out);
}

/* ---- Hostile strings ---- */

static json_t *
parse(const struct tt_buf *out)
{
    json_error_t error;
    assert_null(memchr(out->ptr, '\n', out->len));
    json_t *json = json_loadb(out->ptr, out->len, JSON_REJECT_DUPLICATES, &error);
    if (!json) {
        fail_msg("%s at %d in %.*s", error.text, error.position, (int) out->len, out->ptr);
    }
    return json;
}

/* Strings of many lengths of what grows most when it is escaped, or breaks a naive writer. */
static const char *const hostile[] = {
    "\"",      "\\", "\n", "\x01", "\xff", "\xe2\x80\xae", "\xf3\xa0\x80\x81", "\xc3\xa9", "\xe4\xb8\xad", "x", "\"}],\"end\":\"",
    "\xe2\x80"};

static struct tt_str
repeat(const char *unit, size_t count, char *buf)
{
    size_t n = strlen(unit);
    for (size_t i = 0; i < count; i++) {
        memcpy(buf + i * n, unit, n);
    }
    return tt_str_make(buf, n * count);
}

static void
check_member(json_t *json, const char *key)
{
    json_t *value = json_object_get(json, key);
    assert_true(!value || json_is_string(value));
    assert_true(!value || json_string_length(value) <= 144);
}

static void
keeps_its_form_whatever_a_client_says(void **state)
{
    static const size_t counts[] = {0, 1, 2, 13, 25, 26, 27, 39, 40, 41, 52, 53, 54, 79, 80, 81, 143, 144, 145, 500, 10000};
    char *buf = malloc(256 * 1024);
    (void) state;
    assert_non_null(buf);
    for (size_t h = 0; h < sizeof(hostile) / sizeof(hostile[0]); h++) {
        for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
            struct tt_str s = repeat(hostile[h], counts[c], buf);
            struct tt_meter_result meter = {.usage = {1, 1, 1, 1, 1, TT_USAGE_REPORTED}, .model = s, .id = s, .finish = s};
            struct tt_record_outcome outcome = {.id = S("i"), .meter = &meter, .end = TT_END_COMPLETE};
            struct tt_record_request request = {.id = S("i"), .team = s, .model = s, .product = s, .rule = s, .sent_length = -1};
            struct tt_buf out;
            tt_buf_init(&out, &tt_alloc_libc, TT_RECORD_OUTCOME_MAX);
            tt_record_outcome(&out, &outcome);
            assert_int_equal(out.status, TT_OK);
            json_t *json = parse(&out);
            check_member(json, "model");
            assert_string_equal(json_string_value(json_object_get(json, "end")), "complete");
            json_decref(json);
            tt_buf_free(&out);
            tt_buf_init(&out, &tt_alloc_libc, TT_RING_RECORD_MAX);
            tt_record_request(&out, &request);
            assert_int_equal(out.status, TT_OK);
            json = parse(&out);
            check_member(json, "team");
            check_member(json, "model");
            check_member(json, "product");
            /* What is short enough stands there as it is. */
            if (strcmp(hostile[h], "x") == 0 && counts[c] > 0) {
                const char *team = json_string_value(json_object_get(json, "team"));
                assert_int_equal(strlen(team), counts[c] <= 144 ? counts[c] : 144);
                assert_int_equal(strstr(team, "\xe2\x80\xa6") != NULL, counts[c] > 144);
            }
            json_decref(json);
            tt_buf_free(&out);
        }
    }
    free(buf);
}

/* The longest record there can be. */
static void
never_grows_over_its_bound(void **state)
{
    enum { MANY = 70000 };
    static const struct tt_rule rule = {.id = "mark.a-name-that-is-longer-than-any-of-a-channel"};
    char *buf = malloc(64 * 1024);
    char body[1000];
    struct tt_finding *findings = calloc(100, sizeof(*findings));
    struct tt_edit *edits = calloc(MANY, sizeof(*edits));
    (void) state;
    assert_true(buf && findings && edits);
    memset(body, 'b', sizeof(body));
    struct tt_str s = repeat("\x01", 60000, buf);
    struct tt_str piece = tt_str_make(body, sizeof(body));
    for (size_t i = 0; i < 100; i++) {
        findings[i].rule = &rule;
        findings[i].where = (struct tt_where) {.path = s, .offset = UINT64_MAX, .length = UINT64_MAX};
    }
    for (size_t i = 0; i < MANY; i++) {
        edits[i] = (struct tt_edit) {.offset = i, .length = 1, .with = S(""), .rule = buf};
    }
    buf[300] = '\0'; /* the rule of the edits */
    struct tt_record_request record = {.id = s,
                                       .policy = s,
                                       .client = s,
                                       .identity = s,
                                       .team = s,
                                       .region = s,
                                       .product = s,
                                       .api = TT_API_GEMINI,
                                       .operation = TT_OPERATION_TEXT_COMPLETION,
                                       .provider = s,
                                       .model = s,
                                       .body_length = UINT64_MAX,
                                       .fingerprint = bytes32,
                                       .sha256 = bytes32,
                                       .sent_sha256 = bytes32,
                                       .sent_length = INT64_MAX,
                                       .action = buf,
                                       .status = buf,
                                       .rule = s,
                                       .alternative = s,
                                       .upstream = s,
                                       .since = 99991231,
                                       .not_inspected = buf,
                                       .findings = findings,
                                       .finding_count = 100,
                                       .finding_more = 7,
                                       .edits = edits,
                                       .edit_count = MANY,
                                       .pieces = &piece,
                                       .piece_count = 1,
                                       .inspect_us = UINT64_MAX};
    struct tt_buf out;
    tt_buf_init(&out, &tt_alloc_libc, TT_RING_RECORD_MAX);
    tt_record_request(&out, &record);
    assert_int_equal(out.status, TT_OK);
    json_t *json = json_loadb(out.ptr, out.len, JSON_DECODE_INT_AS_REAL, NULL);
    assert_non_null(json);
    size_t marks = json_array_size(json_object_get(json, "marks"));
    size_t listed = json_array_size(json_object_get(json, "edits"));
    assert_true(marks > 0 && listed > 0);
    assert_true((size_t) json_real_value(json_object_get(json, "marks_more")) == 107 - marks);
    assert_true((size_t) json_real_value(json_object_get(json, "edits_more")) == MANY - listed);
    json_decref(json);
    tt_buf_free(&out);
    free(edits);
    free(findings);
    free(buf);
}

/* The longest outcome: names that grow, and figures as large as they get. */
static void
keeps_an_outcome_within_its_bound(void **state)
{
    char buf[4096];
    struct tt_str s = repeat("\x01", sizeof(buf), buf);
    struct tt_meter_result meter = {.usage = {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, TT_USAGE_ESTIMATED},
                                    .has_error = true,
                                    .model = s,
                                    .id = s,
                                    .finish = s};
    const struct tt_record_charge charge = {.team = s,
                                            .product = s,
                                            .provider = s,
                                            .model = s,
                                            .day = INT64_MAX,
                                            .reserved = INT64_MAX,
                                            .is_priced = true,
                                            .cost = INT64_MAX,
                                            .budget = s,
                                            .is_over = true};
    struct tt_record_outcome record = {.id = S("0123456789abcdef01234567"),
                                       .status = UINT32_MAX,
                                       .upstream_status = UINT32_MAX,
                                       .attempts = UINT32_MAX,
                                       .meter = &meter,
                                       .charge = &charge,
                                       .first_byte_us = INT64_MAX,
                                       .total_us = INT64_MAX,
                                       .end = TT_END_UPSTREAM_ABORT};
    struct tt_buf out;
    (void) state;
    tt_buf_init(&out, &tt_alloc_libc, TT_RECORD_OUTCOME_MAX);
    tt_record_outcome(&out, &record);
    assert_int_equal(out.status, TT_OK);
    json_decref(parse(&out));
    tt_buf_free(&out);
}

/* ---- Hashes of edits ---- */

static void
hex_of(struct tt_str s, char hex[33])
{
    unsigned char hash[TT_SHA256_SIZE];
    struct tt_sha256 sha;
    tt_sha256_init(&sha);
    tt_sha256_add(&sha, s);
    tt_sha256_end(&sha, hash);
    for (size_t i = 0; i < 16; i++) {
        snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    }
}

/* Spans over every cut of a body into two pieces, with empty ones between. */
static void
hashes_spans_over_pieces(void **state)
{
    static const char text[] = "abcdefghij";
    static const struct tt_edit edits[] = {
        {0, 1, TT_STR_INIT("x"), "r", 1},
        {2, 3, TT_STR_INIT(""), "r", 1},
        {5, 0, TT_STR_INIT("yy"), "r", 1},
        {6, 4, TT_STR_INIT("z"), "r", 1},
        {9, 2, TT_STR_INIT("z"), "r", 1} /* beyond the end: nothing to hash */
    };
    (void) state;
    for (size_t cut = 0; cut <= 10; cut++) {
        struct tt_str pieces[] = {{NULL, 0}, {text, cut}, {NULL, 0}, {text + cut, 10 - cut}};
        struct tt_record_request record = {
            .edits = edits, .edit_count = 5, .pieces = pieces, .piece_count = 4, .sent_length = -1};
        struct tt_buf out;
        tt_buf_init(&out, &tt_alloc_libc, TT_RING_RECORD_MAX);
        tt_record_request(&out, &record);
        json_t *json = parse(&out);
        json_t *list = json_object_get(json, "edits");
        for (size_t i = 0; i < 5; i++) {
            char before[33], after[33];
            json_t *edit = json_array_get(list, i);
            hex_of(tt_str_make(text + edits[i].offset,
                               edits[i].length < 10 - edits[i].offset ? edits[i].length : 10 - edits[i].offset),
                   before);
            hex_of(edits[i].with, after);
            json_t *value = json_object_get(edit, "before");
            assert_int_equal(value != NULL, i < 4);
            assert_true(!value || strcmp(json_string_value(value), before) == 0);
            assert_string_equal(json_string_value(json_object_get(edit, "after")), after);
        }
        json_decref(json);
        tt_buf_free(&out);
    }
}

static bool
write_both(void *ctx, const struct tt_alloc *alloc)
{
    struct tt_record_request request = {.id = S("i"), .sent_length = -1};
    struct tt_record_outcome outcome = {.id = S("i"), .end = TT_END_COMPLETE};
    struct tt_buf out;
    (void) ctx;
    tt_buf_init(&out, alloc, TT_RING_RECORD_MAX);
    tt_record_request(&out, &request);
    tt_record_outcome(&out, &outcome);
    bool ok = out.status == TT_OK;
    assert_true(ok || out.status == TT_E_MEMORY);
    tt_buf_free(&out);
    return ok;
}

static void
survives_a_lack_of_memory_and_room(void **state)
{
    (void) state;
    test_every_allocation(write_both, NULL);
    struct tt_record_request record = {.id = S("i"), .model = S("a long model\"s name"), .sent_length = -1};
    for (size_t max = 0; max < 230; max++) {
        struct tt_buf out;
        tt_buf_init(&out, &tt_alloc_libc, max);
        tt_record_request(&out, &record);
        assert_true(out.len <= max);
        assert_true(out.status == TT_E_LIMIT || max > 200);
        tt_buf_free(&out);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_a_request),
        cmocka_unit_test(leaves_out_what_is_not_known),
        cmocka_unit_test(writes_an_outcome),
        cmocka_unit_test(writes_times_as_the_c_library_does),
        cmocka_unit_test(keeps_its_form_whatever_a_client_says),
        cmocka_unit_test(never_grows_over_its_bound),
        cmocka_unit_test(keeps_an_outcome_within_its_bound),
        cmocka_unit_test(hashes_spans_over_pieces),
        cmocka_unit_test(survives_a_lack_of_memory_and_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
