/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Line ends: one kind is silent, two kinds are a candidate once a document, and two kinds that say something are read.
 */
#include "collected.h"
#include "hide.h"

#define RULE "mark.line-end"
#define NOTHING (-1)

#define CHECK(rows) LOOK_CHECK(RULE, rows, LOOK_IN_TEXT)

static void
test_presence(void **state)
{
    static const struct look_row rows[] = {
        {"", NOTHING},
        {"\n", NOTHING},
        {"\r\n", NOTHING},
        {"one line", NOTHING},
        {"a\nb\nc\n", NOTHING},
        {"a\r\nb\r\nc\r\n", NOTHING},
        {"a\r\nb\r\nc", NOTHING}, /* no end */
        {"a\rb\rc\r", NOTHING},
        {"10%\r20%\r30%\ndone\n", NOTHING}, /* a progress bar */
        {"a\\r\\nb\nc\n", NOTHING},
        {"a\r\nb\nc\r\n", TT_CANDIDATE},
        {"a\nb\r\nc\n", TT_CANDIDATE},
        {"a\nb\r\nc", TT_CANDIDATE},
        {"\n\r\n", TT_CANDIDATE},
        {"a\r\r\nb\n", TT_CANDIDATE},
    };
    (void) state;
    CHECK(rows);
}

/* The rarer kind is shown, and the first of it. */
static void
test_position(void **state)
{
    struct collected c;
    struct looked l;
    (void) state;
    collect(&c, "t.csv", TT_STR("a;b\r\n1;2\r\n3;4\n5;6\r\n"));
    assert_int_equal(c.count, 1);
    assert_int_equal(c.findings[0].where.line, 3);
    assert_int_equal(c.findings[0].where.column, 4);
    assert_int_equal(c.findings[0].where.length, 1);
    assert_str_equal(collected_fact(&c.findings[0], "codepoints"), TT_STR("\n"));
    collected_free(&c);
    look_text(&l, RULE, TT_STR("a\nb\nc\r\nd\n"), false);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.findings[0].where.offset, 5);
    assert_int_equal(l.findings[0].where.length, 2);
    assert_int_equal(look_fact(&l.findings[0], "symbols")->number, 4);
    look_free(&l);
}

/* JSON writes them as escapes, in a string of any place. */
static void
test_in_json(void **state)
{
    struct collected c;
    (void) state;
    collect(&c, "t.json", TT_STR("{\"system\":\"a\\r\\nb\\nc\",\"x\":\"a\\r\\nb\\nc\"}"));
    assert_int_equal(c.count, 1); /* once a document */
    assert_str_equal(c.findings[0].where.path, TT_STR("$.system"));
    collected_free(&c);
    collect(&c, "t.jsonl", TT_STR("{\"a\":\"b\\r\\nc\"}\r\n{\"a\":\"b\\nc\"}\r\n"));
    assert_int_equal(c.count, 0); /* each string is of one kind */
    collected_free(&c);
}

static void
test_messages(void **state)
{
    static const struct hide_row rows[] = {
        {{"\n", "\r\n"}, "copy of J. Doe", HIDE_HIGH_FIRST, 0},
        {{"\r\n", "\n"}, "copy of J. Doe", HIDE_HIGH_FIRST, 0},
        {{"\n", "\r\n"}, "session 4711", HIDE_LOW_FIRST, 0},
        {{"\n", "\r\n"}, "to be read later", HIDE_SEVEN, 0},
        {{"\n", "\r\n"}, "user=jane.doe@example.org", HIDE_HIGH_FIRST, 9},
    };
    (void) state;
    hide_check(RULE, hide_lines, HIDE_LINES, rows, sizeof(rows) / sizeof(*rows), 0);
}

/* Parts put together, and kinds in turn, say nothing. */
static void
test_innocent_mixtures(void **state)
{
    static const size_t periods[] = {2, 3, 5, 40, 100};
    (void) state;
    for (size_t i = 0; i < sizeof(periods) / sizeof(*periods); i++) {
        char text[4096];
        size_t len = 0;
        for (size_t line = 0; line < 200; line++) {
            len = (size_t) (stpcpy(text + len, line / (periods[i] / 2) % 2 ? "a line\r\n" : "a line\n") - text);
        }
        assert_int_equal(look_level(RULE, tt_str_make(text, len), false), TT_CANDIDATE);
    }
}

static void
test_windows(void **state)
{
    struct tt_str text = TT_STR("a\r\nb\r\nc\nd\nsome more\n");
    (void) state;
    for (size_t cut = 0; cut <= text.len; cut++) {
        size_t count = look_window(RULE, text, 0, cut) + look_window(RULE, text, cut, text.len);
        assert_true(count <= 2);
    }
    assert_int_equal(look_window(RULE, text, 0, 8), 1);
    assert_int_equal(look_window(RULE, text, 8, text.len), 0);
    text = TT_STR("a\nb\nc\r\nd\r\n"); /* the kind changes at the border */
    assert_int_equal(look_window(RULE, text, 0, 4), 0);
    assert_int_equal(look_window(RULE, text, 4, text.len), 1);
}

/* A file of several windows whose kind changes in a later one, and only once. */
static void
test_long_file(void **state)
{
    const size_t lines = 300000;
    struct collected c;
    char *text = malloc(lines * 12);
    size_t len = 0, change = 0;
    (void) state;
    assert_non_null(text);
    for (size_t i = 0; i < lines; i++) {
        change = i == 200000 ? len : change;
        len = (size_t) (stpcpy(text + len, i < 200000 ? "a row;1\r\n" : "a row;1\n") - text);
    }
    collect(&c, "long.csv", tt_str_make(text, len));
    assert_int_equal(c.count, 1);
    assert_true(c.findings[0].where.offset >= change);
    collected_free(&c);
    free(text);
}

static void
test_kernels(void **state)
{
    static const char *const pieces[] = {"word ", "a", "\n", "\r\n", "\r", " \n", "\t\r\n", "caf\xC3\xA9", "\xC2\xA0", "0"};
    struct hide h = {hide_lines, HIDE_LINES, {"\n", "\r\n"}, HIDE_HIGH_FIRST, 0, 0};
    char *text = hide_message(&h, "copy of J. Doe");
    (void) state;
    assert_kernels_agree(RULE, tt_str_cstr(text), false);
    assert_kernels_agree_on_mixtures(RULE, pieces, sizeof(pieces) / sizeof(*pieces), 400);
    free(text);
}

static void
test_failing_memory(void **state)
{
    struct hide h = {hide_lines, HIDE_LINES, {"\n", "\r\n"}, HIDE_HIGH_FIRST, 0, 0};
    char *text = hide_message(&h, "copy of J. Doe");
    (void) state;
    assert_survives_failing_memory(RULE, tt_str_cstr(text), false);
    assert_survives_failing_memory(RULE, TT_STR("a\nb\r\n"), false);
    free(text);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_presence),  cmocka_unit_test(test_position),          cmocka_unit_test(test_in_json),
        cmocka_unit_test(test_messages),  cmocka_unit_test(test_innocent_mixtures), cmocka_unit_test(test_windows),
        cmocka_unit_test(test_long_file), cmocka_unit_test(test_kernels),           cmocka_unit_test(test_failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
