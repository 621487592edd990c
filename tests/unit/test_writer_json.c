/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Lines: exact lines, strings of every kind, and what happens without memory. */
#include "written.h"

static const struct tt_rule rule = {.id = "test.rule"};

#define ID "0123456789abcdef0123456789abcdef"

static struct tt_finding
sample(void)
{
    struct tt_finding f = {
        .rule = &rule,
        .level = TT_CONFIRMED,
        .message = TT_STR("A \"mark\""),
        .where = {TT_STR("req.json"), TT_STR("$.messages[0]"), 118, 2, 1, 119},
        .id = ID,
    };
    return f;
}

static void
test_string(void **state)
{
    (void) state;
    static const struct {
        struct tt_str in;
        const char *out;
    } cases[] = {
        {TT_STR_INIT(""), "\"\""},
        {TT_STR_INIT("plain /text'"), "\"plain /text'\""},
        {TT_STR_INIT("a\"b\\c"), "\"a\\\"b\\\\c\""},
        {TT_STR_INIT("\n\r\t\b\f"), "\"\\n\\r\\t\\u0008\\u000C\""},
        {TT_STR_INIT("\0\x1f\x7f"), "\"\\u0000\\u001F\\u007F\""},
        {TT_STR_INIT("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
        {TT_STR_INIT("\xca\xbc"), "\"\xca\xbc\""},                                  /* U+02BC is visible */
        {TT_STR_INIT("\xe2\x80\x8b\xef\xbb\xbf"), "\"\\u200B\\uFEFF\""},            /* zero width */
        {TT_STR_INIT("\xe2\x80\xae\xc2\x85\xc2\xa0"), "\"\\u202E\\u0085\\u00A0\""}, /* bidi, C1, no-break space */
        {TT_STR_INIT("\xf3\xa0\x81\x81"), "\"\\uDB40\\uDC41\""},                    /* tag letter A */
        {TT_STR_INIT("\xf4\x8f\xbf\xbf"), "\"\\uDBFF\\uDFFF\""},                    /* the last code point */
        {TT_STR_INIT("\xff"
                     "a\xc3"),
         "\"\xef\xbf\xbd"
         "a\xef\xbf\xbd\""},
        {TT_STR_INIT("\xc0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\""},                                 /* overlong */
        {TT_STR_INIT("\xe0\x9f\xbf"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},                 /* overlong */
        {TT_STR_INIT("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},                 /* surrogate */
        {TT_STR_INIT("\xf4\x90\x80\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""}, /* beyond Unicode */
        {TT_STR_INIT("\xe2\x82"), "\"\xef\xbf\xbd\xef\xbf\xbd\""},                                 /* cut */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct tt_buf buf = fresh();
        tt_json_add_string(&buf, cases[i].in);
        assert_output(&buf, cases[i].out);
    }
}

static uint32_t
next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* Whatever goes in, the string stays one string: no bare quote, no control character, every backslash starts an escape. */
static void
test_any_bytes_stay_inside(void **state)
{
    (void) state;
    static const char special[] = "\"\\\xe2\x80\x8b\xf3\xa0";
    uint32_t seed = 1;
    for (int round = 0; round < 2000; round++) {
        char bytes[64];
        size_t len = next_random(&seed) % sizeof(bytes);
        for (size_t i = 0; i < len; i++) {
            uint32_t any = next_random(&seed);
            bytes[i] = any % 3 ? (char) (any >> 8) : special[any / 3 % (sizeof(special) - 1)];
        }
        struct tt_buf buf = fresh();
        tt_json_add_string(&buf, tt_str_make(bytes, len));
        assert_true(buf.len >= 2 && buf.ptr[0] == '"' && buf.ptr[buf.len - 1] == '"');
        for (size_t i = 1; i < buf.len - 1; i++) {
            assert_true((unsigned char) buf.ptr[i] >= 0x20 && buf.ptr[i] != '"');
            if (buf.ptr[i] == '\\') {
                i++;
                assert_non_null(memchr("\"\\nrtu", buf.ptr[i], 6));
            }
        }
        tt_buf_free(&buf);
    }
}

static void
test_finding_line(void **state)
{
    (void) state;
    struct tt_writer_options options = {.shown = TT_INFO};
    struct tt_finding f = sample();
    tt_finding_add_fact(&f, "codepoints", TT_FACT_CODEPOINTS, TT_STR("\xca\xbc\xf3\xa0\x81\x81\xff"));
    tt_finding_add_fact(&f, "bytes", TT_FACT_HEX, TT_STR("\xca\xbc"));
    tt_finding_add_number(&f, "decoded.lab", 1);
    tt_finding_add_number(&f, "decoded.tz", INT64_MIN);
    tt_finding_add_number(&f, "bits", 3);
    tt_finding_add_fact(&f, "formats", TT_FACT_LIST, TT_STR("a\n\nb\"\n"));
    tt_finding_add_text(&f, "place", TT_STR("system"));
    struct tt_buf buf = fresh();
    tt_writer_json.begin(&buf, &options, "1.0");
    tt_writer_json.finding(&buf, &options, &f, 0);
    assert_output(&buf,
                  "{\"type\":\"finding\",\"id\":\"" ID "\",\"rule\":\"test.rule\",\"level\":\"confirmed\","
                  "\"message\":\"A \\\"mark\\\"\",\"where\":{\"uri\":\"req.json\",\"offset\":118,\"length\":2,\"line\":1,"
                  "\"column\":119,\"path\":\"$.messages[0]\"},\"evidence\":{\"codepoints\":[\"U+02BC\",\"U+E0041\",\"0xFF\"],"
                  "\"bytes\":\"cabc\",\"decoded\":{\"lab\":1,\"tz\":-9223372036854775808},\"bits\":3,"
                  "\"formats\":[\"a\",\"\",\"b\\\"\"],\"place\":\"system\"}}\n");
}

/* Groups at the start, beside each other and at the end; and no facts, no path. */
static void
test_evidence(void **state)
{
    (void) state;
    static const struct {
        const char *keys[5];
        const char *out;
    } cases[] = {
        {{NULL}, "{}"},
        {{"a"}, "{\"a\":0}"},
        {{"a.b"}, "{\"a\":{\"b\":0}}"},
        {{"a.b", "a.c"}, "{\"a\":{\"b\":0,\"c\":1}}"},
        {{"a.b", "c.d"}, "{\"a\":{\"b\":0},\"c\":{\"d\":1}}"},
        {{"a.b", "c", "d.e", "d.f"}, "{\"a\":{\"b\":0},\"c\":1,\"d\":{\"e\":2,\"f\":3}}"},
        {{"a", "b.c", "d"}, "{\"a\":0,\"b\":{\"c\":1},\"d\":2}"},
        {{"ab.c", "a.b"}, "{\"ab\":{\"c\":0},\"a\":{\"b\":1}}"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct tt_finding f = sample();
        for (int k = 0; k < 5 && cases[i].keys[k]; k++) {
            tt_finding_add_number(&f, cases[i].keys[k], k);
        }
        struct tt_buf buf = fresh();
        tt_json_add_evidence(&buf, &f);
        assert_output(&buf, cases[i].out);
    }
}

static void
test_path_is_left_out(void **state)
{
    (void) state;
    struct tt_writer_options options = {.shown = TT_INFO};
    struct tt_finding f = sample();
    f.where.path = (struct tt_str) {NULL, 0};
    struct tt_buf buf = fresh();
    tt_writer_json.finding(&buf, &options, &f, 3);
    assert_non_null(memmem(buf.ptr, buf.len, "\"column\":119},", 14));
    tt_buf_free(&buf);
}

static size_t
count_char(const struct tt_buf *buf, char c)
{
    size_t n = 0;
    for (size_t i = 0; i < buf->len; i++) {
        n += buf->ptr[i] == c;
    }
    return n;
}

/* Bounds of facts: one less, the bound, one more. */
static void
test_fact_bounds(void **state)
{
    (void) state;
    static char bytes[300];
    memset(bytes, 'A', sizeof(bytes));
    for (size_t n = TT_FACT_POINTS_MAX - 1; n <= TT_FACT_POINTS_MAX + 1; n++) {
        struct tt_finding f = sample();
        tt_finding_add_fact(&f, "p", TT_FACT_CODEPOINTS, tt_str_make(bytes, n));
        struct tt_buf buf = fresh();
        tt_json_add_evidence(&buf, &f);
        assert_int_equal(count_char(&buf, '+'), n < TT_FACT_POINTS_MAX ? n : TT_FACT_POINTS_MAX);
        tt_buf_free(&buf);
    }
    for (size_t n = TT_FACT_HEX_MAX - 1; n <= TT_FACT_HEX_MAX + 1; n++) {
        struct tt_finding f = sample();
        tt_finding_add_fact(&f, "h", TT_FACT_HEX, tt_str_make(bytes, n));
        struct tt_buf buf = fresh();
        tt_json_add_evidence(&buf, &f);
        assert_int_equal(count_char(&buf, '4'), n < TT_FACT_HEX_MAX ? n : TT_FACT_HEX_MAX);
        tt_buf_free(&buf);
    }
}

static void
test_summary(void **state)
{
    (void) state;
    struct tt_writer_options options = {.shown = TT_INFO, .quiet = true};
    struct tt_not_inspected skipped[] = {{TT_STR("a\n"), TT_STR("binary data")}, {TT_STR("b"), TT_STR("\"")}};
    struct tt_summary summary = {
        .version = "1.0", .files = 3, .bytes = 81234, .documents = 2, .findings = {0, 1, 0, 1}, .elapsed_ms = 4};
    struct tt_buf buf = fresh();
    tt_writer_json.end(&buf, &options, &summary);
    assert_output(&buf, "{\"type\":\"summary\",\"version\":\"1.0\",\"inspected\":{\"files\":3,\"bytes\":81234,\"documents\":2,"
                        "\"binary\":0,\"ignored\":0},"
                        "\"not_inspected\":[],\"findings\":{\"info\":0,\"candidate\":1,\"suspicious\":0,\"confirmed\":1},"
                        "\"elapsed_ms\":4}\n");
    summary.not_inspected = skipped;
    summary.not_inspected_count = 2;
    buf = fresh();
    tt_writer_json.end(&buf, &options, &summary);
    assert_non_null(memmem(buf.ptr, buf.len,
                           "\"not_inspected\":[{\"uri\":\"a\\n\",\"why\":\"binary data\"},{\"uri\":\"b\",\"why\":\"\\\"\"}],",
                           72));
    tt_buf_free(&buf);
}

static bool
write_body(void *ctx, const struct tt_alloc *alloc)
{
    struct tt_writer_options options = {.shown = TT_INFO};
    struct tt_finding f = sample();
    struct tt_buf buf;
    (void) ctx;
    tt_finding_add_fact(&f, "codepoints", TT_FACT_CODEPOINTS, TT_STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
    tt_buf_init(&buf, alloc, TT_MIB);
    tt_writer_json.finding(&buf, &options, &f, 0);
    bool good = buf.status == TT_OK;
    assert_true(good || buf.status == TT_E_MEMORY);
    tt_buf_free(&buf);
    return good;
}

static void
test_without_memory(void **state)
{
    (void) state;
    test_every_allocation(write_body, NULL);
}

static void
test_table(void **state)
{
    (void) state;
    assert_ptr_equal(tt_writers[0], &tt_writer_text);
    assert_ptr_equal(tt_writers[1], &tt_writer_json);
    assert_ptr_equal(tt_writers[2], &tt_writer_sarif);
    assert_null(tt_writers[3]);
    assert_int_equal(tt_writer_text.shown, TT_SUSPICIOUS);
    assert_int_equal(tt_writer_json.shown, TT_CANDIDATE);
    assert_int_equal(tt_writer_sarif.shown, TT_CANDIDATE);
}

static void
test_shows(void **state)
{
    (void) state;
    static const struct tt_rule always = {.id = "test.always", .always_shown = true};
    struct tt_finding f = sample();
    for (unsigned shown = 0; shown < TT_LEVELS; shown++) {
        struct tt_writer_options options = {.shown = (enum tt_level) shown};
        for (unsigned level = 0; level < TT_LEVELS; level++) {
            f.level = (enum tt_level) level;
            f.rule = &rule;
            assert_int_equal(tt_writer_shows(&options, &f), level >= shown);
            f.rule = &always;
            assert_true(tt_writer_shows(&options, &f));
        }
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_string),   cmocka_unit_test(test_any_bytes_stay_inside), cmocka_unit_test(test_finding_line),
        cmocka_unit_test(test_evidence), cmocka_unit_test(test_path_is_left_out),      cmocka_unit_test(test_fact_bounds),
        cmocka_unit_test(test_summary),  cmocka_unit_test(test_without_memory),        cmocka_unit_test(test_table),
        cmocka_unit_test(test_shows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
