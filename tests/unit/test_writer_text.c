/* SPDX-License-Identifier: Apache-2.0 */
/* Text for a person: exact pages, and the promise that nothing from the input reaches the terminal as it is. */
#include "written.h"

static const struct tt_rule rule = {
    .id = "test.rule",
    .innocent = "Somebody may have typed it.",
    .next_step =
        "Compare it with other documents of the same program, one by one, and then look at the place again with fresh eyes.",
};

static struct tt_finding
sample(void)
{
    struct tt_finding f = {
        .rule = &rule,
        .level = TT_SUSPICIOUS,
        .message = TT_STR("A mark stands here."),
        .where = {TT_STR("req.json"), TT_STR("$.messages[0]"), 118, 2, 1, 119},
        .excerpt = TT_STR("Today‹U+02BC›s date"),
    };
    return f;
}

static void
test_safe(void **state)
{
    (void) state;
    static const struct {
        struct tt_str in;
        const char *out;
    } cases[] = {
        {TT_STR_INIT(""), ""},
        {TT_STR_INIT("plain \"text\" \\"), "plain \"text\" \\"},
        {TT_STR_INIT("\033[31mred\a\r\n\t"), "‹U+001B›[31mred‹U+0007›‹U+000D›‹U+000A›‹U+0009›"},
        {TT_STR_INIT("\0\x7f"), "‹U+0000›‹U+007F›"},
        {TT_STR_INIT("\xc2\x9b"
                     "31m\xc2\xa0\xc2\xad"),
         "‹U+009B›31m‹U+00A0›‹U+00AD›"},
        {TT_STR_INIT("\xca\xbc \xc2\xa1 \xe4\xb8\xad \xf0\x9f\x98\x80"), "\xca\xbc \xc2\xa1 \xe4\xb8\xad \xf0\x9f\x98\x80"},
        {TT_STR_INIT("\xe2\x80\xae\xe2\x80\x8b\xe2\x81\xa0\xef\xbb\xbf"), "‹U+202E›‹U+200B›‹U+2060›‹U+FEFF›"},
        {TT_STR_INIT("\xef\xb8\x8f\xf3\xa0\x81\x81\xee\x80\x80"), "‹U+FE0F›‹U+E0041›‹U+E000›"},
        {TT_STR_INIT("a\xff\xc3"
                     "b\xed\xa0\x80"),
         "a‹FF›‹C3›b‹ED›‹A0›‹80›"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct tt_buf buf = fresh();
        tt_writer_add_safe(&buf, cases[i].in);
        assert_output(&buf, cases[i].out);
    }
}

static void
test_sizes(void **state)
{
    (void) state;
    static const struct {
        uint64_t bytes;
        const char *out;
    } cases[] = {
        {0, "0 bytes"},       {1, "1 byte"},       {999, "999 bytes"},  {1000, "1.0 kB"},       {81234, "81.2 kB"},
        {999999, "999.9 kB"}, {1000000, "1.0 MB"}, {1999999, "1.9 MB"}, {5000000000, "5.0 GB"}, {UINT64_MAX, "18.4 EB"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct tt_buf buf = fresh();
        tt_writer_add_size(&buf, cases[i].bytes);
        assert_output(&buf, cases[i].out);
    }
}

static void
test_page(void **state)
{
    (void) state;
    struct tt_writer_options options = {.shown = TT_SUSPICIOUS, .explain = true};
    struct tt_finding f = sample();
    tt_finding_add_fact(&f, "codepoints", TT_FACT_CODEPOINTS, TT_STR("\xca\xbc\xff"));
    tt_finding_add_fact(&f, "bytes", TT_FACT_HEX, TT_STR("\xca\xbc"));
    tt_finding_add_number(&f, "decoded.lab", 1);
    tt_finding_add_text(&f, "decoded.note", TT_STR("a b"));
    tt_finding_add_number(&f, "bits", -3);
    tt_finding_add_fact(&f, "formats", TT_FACT_LIST, TT_STR("one\ntwo"));
    tt_finding_add_fact(&f, "both.sides", TT_FACT_LIST, TT_STR("l\nr"));
    tt_finding_add_text(&f, "a_label_of_that_length", TT_STR("x"));
    struct tt_buf buf = fresh();
    tt_writer_text.begin(&buf, &options, "1.0");
    tt_writer_text.finding(&buf, &options, &f, 0);
    options.explain = false;
    f.where = (struct tt_where) {.uri = TT_STR("-"), .offset = 7};
    f.fact_count = 0;
    f.excerpt = (struct tt_str) {NULL, 0};
    tt_writer_text.finding(&buf, &options, &f, 1);
    assert_output(&buf, "req.json:1:119  suspicious  test.rule  $.messages[0]\n"
                        "  | Today‹U+02BC›s date\n"
                        "  what          A mark stands here.\n"
                        "  codepoints    U+02BC 0xFF\n"
                        "  bytes         cabc\n"
                        "  decoded       lab=1 note=\"a b\"\n"
                        "  bits          -3\n"
                        "  formats       one\n"
                        "                two\n"
                        "  both          sides=l, r\n"
                        "  a_label_of_that_length x\n"
                        "  but           Somebody may have typed it.\n"
                        "  next          Compare it with other documents of the same program, one by one, and then look\n"
                        "                at the place again with fresh eyes.\n"
                        "\n"
                        "-, byte 7  suspicious  test.rule\n"
                        "  what          A mark stands here.\n");
}

static void
test_color(void **state)
{
    (void) state;
    struct tt_writer_options options = {.shown = TT_INFO, .color = true};
    struct tt_finding f = sample();
    f.excerpt = (struct tt_str) {NULL, 0};
    f.where.path = (struct tt_str) {NULL, 0};
    struct tt_buf buf = fresh();
    tt_writer_text.finding(&buf, &options, &f, 0);
    assert_output(&buf, "\033[1mreq.json:1:119\033[0m  \033[33msuspicious\033[0m  test.rule\n"
                        "  \033[2mwhat\033[0m          A mark stands here.\n");
}

static void
test_closing_lines(void **state)
{
    (void) state;
    static const struct {
        struct tt_summary summary;
        const char *out;
    } cases[] = {
        {{.files = 1, .bytes = 5}, "No marks found in 1 file (5 bytes).\n"},
        {{.files = 12, .bytes = 81234, .documents = 2}, "No marks found in 12 files (81.2 kB, 2 JSON documents).\n"},
        {{.files = 0}, "Nothing was inspected.\n"},
        {{.files = 2, .bytes = 10, .findings = {0, 0, 1, 2}},
         "\n3 findings: 2 confirmed, 1 suspicious.\nInspected 2 files (10 bytes).\n"},
        {{.files = 2, .bytes = 10, .findings = {0, 3, 0, 0}, .hidden = {0, 3, 0, 0}},
         "3 findings: 3 candidates.\n3 candidates not shown; --show candidate lists them.\nInspected 2 files (10 bytes).\n"},
        {{.files = 2, .bytes = 10, .findings = {1, 1, 1, 0}, .hidden = {1, 0, 0, 0}},
         "\n3 findings: 1 suspicious, 1 candidate, 1 info.\n1 info not shown; --show info lists it.\n"
         "Inspected 2 files (10 bytes).\n"},
        {{.files = 2, .bytes = 10, .findings = {2, 1, 1, 1}, .hidden = {2, 1, 1, 0}},
         "\n5 findings: 1 confirmed, 1 suspicious, 1 candidate, 2 info.\n"
         "1 suspicious, 1 candidate, 2 info not shown; --show info lists them.\nInspected 2 files (10 bytes).\n"},
    };
    struct tt_writer_options options = {.shown = TT_SUSPICIOUS};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct tt_buf buf = fresh();
        tt_writer_text.end(&buf, &options, &cases[i].summary);
        assert_output(&buf, cases[i].out);
    }
    struct tt_buf buf = fresh();
    options.quiet = true;
    tt_writer_text.end(&buf, &options, &cases[3].summary);
    assert_int_equal(buf.len, 0);
    tt_buf_free(&buf);
}

static void
test_not_inspected(void **state)
{
    (void) state;
    struct tt_writer_options options = {.shown = TT_SUSPICIOUS};
    struct tt_not_inspected entries[] = {
        {TT_STR("a"), TT_STR("binary data")}, {TT_STR("x\033[2J"), TT_STR("line 3, column 7: not valid JSON")},
        {TT_STR("b"), TT_STR("binary data")}, {TT_STR("c"), TT_STR("binary data")},
        {TT_STR("d"), TT_STR("binary data")}, {TT_STR("e"), TT_STR("binary data")},
    };
    struct tt_summary summary = {.files = 1, .bytes = 5, .not_inspected = entries, .not_inspected_count = 6};
    struct tt_buf buf = fresh();
    tt_writer_text.end(&buf, &options, &summary);
    assert_output(&buf, "No marks found in what was inspected, 1 file (5 bytes).\n"
                        "Not inspected:\n"
                        "  a, b, c and 2 more: binary data\n"
                        "  x‹U+001B›[2J: line 3, column 7: not valid JSON\n");
}

/* Twenty reasons are told in full, whatever is behind them. */
static void
test_many_reasons(void **state)
{
    (void) state;
    static char words[30][2];
    struct tt_not_inspected entries[30];
    struct tt_writer_options options = {.shown = TT_SUSPICIOUS};
    for (size_t n = 19; n <= 30; n++) {
        for (size_t i = 0; i < n; i++) {
            words[i][0] = (char) ('A' + i);
            entries[i] = (struct tt_not_inspected) {TT_STR("f"), tt_str_make(words[i], 1)};
        }
        struct tt_summary summary = {.files = 1, .bytes = 5, .not_inspected = entries, .not_inspected_count = n};
        struct tt_buf buf = fresh();
        tt_writer_text.end(&buf, &options, &summary);
        size_t lines = 0;
        for (size_t i = 0; i < buf.len; i++) {
            lines += buf.ptr[i] == '\n';
        }
        assert_int_equal(lines, 2 + (n <= 20 ? n : 21));
        assert_int_equal(memmem(buf.ptr, buf.len, "  and ", 6) != NULL, n > 20);
        tt_buf_free(&buf);
    }
}

static uint32_t
next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

static bool
holds(const struct tt_buf *buf, const char *needle)
{
    return buf->len > 0 && memmem(buf->ptr, buf->len, needle, strlen(needle)) != NULL;
}

/* Random bytes in every borrowed string: the only control character that comes out is this writer's own newline. */
static void
test_terminal_is_safe(void **state)
{
    (void) state;
    static const char special[] = "\033\r\n\x9b\xc2\x80\xe2\xae\x8b\xf3\xa0\x81 ";
    struct tt_writer_options options = {.shown = TT_INFO, .explain = true};
    uint32_t seed = 7;
    for (int round = 0; round < 1000; round++) {
        char bytes[48];
        for (size_t i = 0; i < sizeof(bytes); i++) {
            uint32_t any = next_random(&seed);
            bytes[i] = any % 2 ? special[any / 2 % (sizeof(special) - 1)] : (char) (any >> 8);
        }
        struct tt_str s = tt_str_make(bytes, next_random(&seed) % sizeof(bytes) + 1);
        struct tt_not_inspected skipped = {s, s};
        struct tt_summary summary = {.not_inspected = &skipped, .not_inspected_count = 1};
        struct tt_finding f = sample();
        f.message = f.excerpt = f.where.uri = f.where.path = s;
        tt_finding_add_text(&f, "text", s);
        tt_finding_add_fact(&f, "list", TT_FACT_LIST, s);
        tt_finding_add_fact(&f, "points", TT_FACT_CODEPOINTS, s);
        tt_finding_add_text(&f, "group.text", s);
        struct tt_buf buf = fresh();
        tt_writer_text.finding(&buf, &options, &f, 1);
        tt_writer_text.end(&buf, &options, &summary);
        assert_int_equal(buf.status, TT_OK);
        for (size_t i = 0; i < buf.len; i++) {
            assert_true((unsigned char) buf.ptr[i] >= 0x20 || buf.ptr[i] == '\n');
            assert_int_not_equal(buf.ptr[i], 0x7F);
        }
        assert_false(holds(&buf, "\xe2\x80\x8b") || holds(&buf, "\xe2\x80\xae") || holds(&buf, "\xc2\x9b"));
        tt_buf_free(&buf);
    }
}

static bool
write_body(void *ctx, const struct tt_alloc *alloc)
{
    struct tt_writer_options options = {.shown = TT_INFO, .explain = true};
    struct tt_finding f = sample();
    struct tt_buf buf;
    (void) ctx;
    tt_buf_init(&buf, alloc, TT_MIB);
    tt_writer_text.finding(&buf, &options, &f, 0);
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

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_safe),           cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_page),           cmocka_unit_test(test_color),
        cmocka_unit_test(test_closing_lines),  cmocka_unit_test(test_not_inspected),
        cmocka_unit_test(test_many_reasons),   cmocka_unit_test(test_terminal_is_safe),
        cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
