/* SPDX-License-Identifier: Apache-2.0 */
/* SARIF 2.1.0: exact results, places as URIs, the rules, and a log that stays one JSON value. */
#include "written.h"

static const struct tt_rule rule = {.id = "test.rule"};

#define ID "0123456789abcdef0123456789abcdef"

static const struct tt_writer_options options = {.shown = TT_INFO};

static struct tt_finding
sample(void)
{
    struct tt_finding f = {
        .rule = &rule,
        .level = TT_CONFIRMED,
        .message = TT_STR("A \"mark\""),
        .where = {TT_STR("a b.json"), TT_STR("$[\"k\"]"), 118, 2, 1, 119},
        .id = ID,
    };
    tt_finding_add_number(&f, "decoded.lab", 1);
    return f;
}

static bool
holds(const struct tt_buf *buf, const char *needle)
{
    return buf->len > 0 && memmem(buf->ptr, buf->len, needle, strlen(needle)) != NULL;
}

static void
test_result(void **state)
{
    (void) state;
    struct tt_finding f = sample();
    struct tt_buf buf = fresh();
    tt_writer_sarif.finding(&buf, &options, &f, 0);
    tt_buf_add_char(&buf, '\0');
    assert_string_equal(
        buf.ptr, "\n{\"ruleId\":\"test.rule\",\"level\":\"error\",\"message\":{\"text\":\"A \\\"mark\\\"\"},\"locations\":[{"
                 "\"physicalLocation\":{\"artifactLocation\":{\"uri\":\"a%20b.json\"},\"region\":{\"startLine\":1,"
                 "\"startColumn\":119,\"byteOffset\":118,\"byteLength\":2}},\"logicalLocations\":[{\"fullyQualifiedName\":"
                 "\"$[\\\"k\\\"]\"}]}],\"partialFingerprints\":{\"telltale/v1\":\"" ID "\"},"
                 "\"properties\":{\"level\":\"confirmed\",\"evidence\":{\"decoded\":{\"lab\":1}}}}");
    tt_buf_free(&buf);
}

static void
test_levels(void **state)
{
    (void) state;
    static const char *const expected[TT_LEVELS] = {"note", "note", "warning", "error"};
    for (unsigned level = 0; level < TT_LEVELS; level++) {
        struct tt_finding f = sample();
        char words[32] = "\"level\":\"";
        memcpy(words + 9, expected[level], strlen(expected[level]) + 1);
        f.level = (enum tt_level) level;
        struct tt_buf buf = fresh();
        tt_writer_sarif.finding(&buf, &options, &f, 1);
        assert_int_equal(buf.ptr[0], ',');
        assert_true(holds(&buf, words));
        tt_buf_free(&buf);
    }
}

static void
test_uri(void **state)
{
    (void) state;
    static const struct {
        struct tt_str path;
        const char *uri;
    } cases[] = {
        {TT_STR_INIT("src/a.c"), "{\"uri\":\"src/a.c\"}"},
        {TT_STR_INIT("/tmp/x y"), "{\"uri\":\"file:///tmp/x%20y\"}"},
        {TT_STR_INIT("c:d"), "{\"uri\":\"c%3Ad\"}"},
        {TT_STR_INIT("100%#?"), "{\"uri\":\"100%25%23%3F\"}"},
        {TT_STR_INIT("\xc3\xa9\xff\0\"\\"), "{\"uri\":\"%C3%A9%FF%00%22%5C\"}"},
        {TT_STR_INIT("-._~"), "{\"uri\":\"-._~\"}"},
        {TT_STR_INIT("-"), "{\"uri\":\"-\",\"description\":{\"text\":\"standard input\"}}"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct tt_finding f = sample();
        f.where.uri = cases[i].path;
        struct tt_buf buf = fresh();
        tt_writer_sarif.finding(&buf, &options, &f, 0);
        assert_true(holds(&buf, cases[i].uri));
        tt_buf_free(&buf);
    }
}

/* Without a line there is no startLine, for 0 is none; without a JSON path there is no logical location. */
static void
test_what_is_unknown_is_left_out(void **state)
{
    (void) state;
    struct tt_finding f = sample();
    f.where = (struct tt_where) {.uri = TT_STR("a"), .offset = 5, .length = 1};
    struct tt_buf buf = fresh();
    tt_writer_sarif.finding(&buf, &options, &f, 0);
    assert_true(holds(&buf, "\"region\":{\"byteOffset\":5,\"byteLength\":1}}}]"));
    assert_false(holds(&buf, "startLine") || holds(&buf, "logicalLocations"));
    tt_buf_free(&buf);
}

static void
test_rules(void **state)
{
    (void) state;
    struct tt_buf buf = fresh();
    tt_writer_sarif.begin(&buf, &options, "1.0");
    assert_true(holds(&buf, "\"driver\":{\"name\":\"telltale\",\"version\":\"1.0\",\"rules\":["));
    assert_true(holds(&buf, "\"columnKind\":\"unicodeCodePoints\""));
    for (size_t i = 0; i < tt_rule_count; i++) {
        struct tt_buf words = fresh();
        tt_buf_add_cstr(&words, "\"id\":");
        tt_json_add_string(&words, tt_str_cstr(tt_rules[i].id));
        tt_buf_add_char(&words, '\0');
        assert_true(holds(&buf, words.ptr));
        tt_buf_free(&words);
    }
    tt_buf_free(&buf);
}

static void
test_rule_index(void **state)
{
    (void) state;
    for (size_t i = 0; i < tt_rule_count; i++) {
        struct tt_finding f = sample();
        struct tt_buf buf = fresh(), words = fresh();
        f.rule = &tt_rules[i];
        tt_writer_sarif.finding(&buf, &options, &f, 0);
        tt_buf_add_cstr(&words, "\",\"ruleIndex\":");
        tt_buf_add_u64(&words, i);
        tt_buf_add_cstr(&words, ",");
        tt_buf_add_char(&words, '\0');
        assert_true(holds(&buf, words.ptr));
        tt_buf_free(&words);
        tt_buf_free(&buf);
    }
}

static void
test_rule_name(void **state)
{
    (void) state;
    struct tt_buf buf = fresh();
    tt_writer_sarif.begin(&buf, &options, "1.0");
    assert_true(!tt_rule_find(TT_STR("mark.value-format")) || holds(&buf, "\"name\":\"MarkValueFormat\""));
    tt_buf_free(&buf);
}

static void
test_invocation(void **state)
{
    (void) state;
    struct tt_not_inspected skipped[] = {{TT_STR("x"), TT_STR("binary data")}, {TT_STR("y"), TT_STR("no access")}};
    struct tt_summary summary = {.version = "1.0", .files = 1, .bytes = 2, .elapsed_ms = 777, .findings = {0, 0, 0, 1}};
    struct tt_buf buf = fresh();
    tt_writer_sarif.end(&buf, &options, &summary);
    assert_true(holds(&buf, "\"invocations\":[{\"executionSuccessful\":true,\"toolExecutionNotifications\":[]}]"));
    /* Equal findings give equal bytes: no time is told. */
    assert_false(holds(&buf, "777"));
    tt_buf_clear(&buf);
    summary.not_inspected = skipped;
    summary.not_inspected_count = 2;
    tt_writer_sarif.end(&buf, &options, &summary);
    assert_true(holds(&buf, "\"executionSuccessful\":false"));
    assert_true(holds(&buf, "{\"level\":\"error\",\"message\":{\"text\":\"no access\"},\"locations\":[{\"physicalLocation\":{"
                            "\"artifactLocation\":{\"uri\":\"y\"}}}]}"));
    tt_buf_free(&buf);
}

/* Brackets outside strings; negative when one closes too early. */
static long
depth_after(const struct tt_buf *buf)
{
    long depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < buf->len && depth >= 0; i++) {
        char c = buf->ptr[i];
        if (in_string) {
            i += c == '\\';
            in_string = c != '"';
        } else {
            in_string = c == '"';
            depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        }
    }
    return in_string ? -1 : depth;
}

static void
test_log_is_closed(void **state)
{
    (void) state;
    struct tt_summary summary = {.version = "1.0"};
    for (uint64_t findings = 0; findings < 3; findings++) {
        struct tt_finding f = sample();
        struct tt_buf buf = fresh();
        tt_writer_sarif.begin(&buf, &options, "1.0");
        for (uint64_t i = 0; i < findings; i++) {
            tt_writer_sarif.finding(&buf, &options, &f, i);
        }
        assert_true(depth_after(&buf) > 0);
        tt_writer_sarif.end(&buf, &options, &summary);
        assert_int_equal(depth_after(&buf), 0);
        tt_buf_free(&buf);
    }
}

static bool
write_body(void *ctx, const struct tt_alloc *alloc)
{
    struct tt_finding f = sample();
    struct tt_summary summary = {.version = "1.0"};
    struct tt_buf buf;
    (void) ctx;
    tt_buf_init(&buf, alloc, TT_MIB);
    tt_writer_sarif.begin(&buf, &options, "1.0");
    tt_writer_sarif.finding(&buf, &options, &f, 0);
    tt_writer_sarif.end(&buf, &options, &summary);
    bool good = buf.status == TT_OK;
    assert_true(good || buf.status == TT_E_MEMORY);
    assert_true(!good || depth_after(&buf) == 0);
    tt_buf_free(&buf);
    return good;
}

/* The help text of a rule has a buffer of its own, whose failure must not get lost. */
static void
test_without_memory(void **state)
{
    (void) state;
    test_every_allocation(write_body, NULL);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_result),        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_uri),           cmocka_unit_test(test_what_is_unknown_is_left_out),
        cmocka_unit_test(test_rules),         cmocka_unit_test(test_rule_index),
        cmocka_unit_test(test_rule_name),     cmocka_unit_test(test_invocation),
        cmocka_unit_test(test_log_is_closed), cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
