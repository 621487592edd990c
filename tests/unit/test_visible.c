/* SPDX-License-Identifier: Apache-2.0 */
/* Text for people: exact output, the invariant that nothing hidden gets through, excerpts, and failing memory. */
#include "test.h"

#include "base/buf.h"
#include "base/limits.h"
#include "text/char.h"
#include "text/utf8.h"
#include "text/visible.h"

#define O "\u2039"
#define C "\u203A"
#define E "\u2026"
#define X "\u00D7"

#define ZWSP "\u200B"
#define ZWSP_8 ZWSP ZWSP ZWSP ZWSP ZWSP ZWSP ZWSP ZWSP
#define SHOWN_ZWSP O "U+200B" C
#define SHOWN_4 SHOWN_ZWSP SHOWN_ZWSP SHOWN_ZWSP SHOWN_ZWSP

struct visible_case {
    const char *text;
    size_t from, to; /* the mark */
    const char *expected;
};

static const struct visible_case cases[] = {
    {"", 0, 0, ""},
    {"plain text, 100%", 0, 0, "plain text, 100%"},
    {"caf\u00E9 \u4E2D\u6587 \u0645 \U0001F600", 0, 0, "caf\u00E9 \u4E2D\u6587 \u0645 \U0001F600"},
    {"a\u200Bb", 0, 0, "a" SHOWN_ZWSP "b"},
    {"a\tb\nc\x1B[1m\x7F", 0, 0, "a" O "U+0009" C "b" O "U+000A" C "c" O "U+001B" C "[1m" O "U+007F" C},
    {"\xC2\x85\u00A0\u2003\u2028\u3000", 0, 0, O "U+0085" C O "U+00A0" C O "U+2003" C O "U+2028" C O "U+3000" C},
    {"\u202Eabc\u202C", 0, 0, O "U+202E" C "abc" O "U+202C" C},
    {"\u2764\uFE0F", 0, 0, "\u2764" O "U+FE0F" C},
    {"\U000E0041\uE000\U0010FFFD", 0, 0, O "U+E0041" C O "U+E000" C O "U+10FFFD" C},
    {"\u2800\u3164\U0001D159\u0378", 0, 0, O "U+2800" C O "U+3164" C O "U+1D159" C O "U+0378" C},
    /* eight are written out, nine are not */
    {ZWSP_8, 0, 0, SHOWN_4 SHOWN_4},
    {ZWSP_8 ZWSP, 0, 0, O "U+200B " E " " X "9" C},
    {"x" ZWSP_8 ZWSP_8 ZWSP_8 "y", 0, 0, "x" O "U+200B " E " " X "24" C "y"},
    {"\u200C" ZWSP_8 ZWSP, 0, 0, O "U+200C " E " " X "10" C}, /* a run may mix them */
    /* the mark */
    {"Today\u02BCs date", 5, 7, "Today" O "U+02BC" C "s date"},
    {"2026/05", 4, 5, "2026" O "/" C "05"},
    {"2026/05", 0, 7, "2026" O "/" C "05"},
    {"a b\u00E9c", 0, 6, "a b" O "U+00E9" C "c"},
    {"''", 0, 1, O "'" C "'"},
    {"'''''''''", 0, 9, O "' " E " " X "9" C},
    {"a\u00E9", 2, 3, "a\u00E9"}, /* a mark that begins inside a character */
    {"a'", 1, 99, "a" O "'" C},
    {"a'", 5, 1, "a'"},
    /* not UTF-8 */
    {"a\xFFz", 0, 0, "a" O "FF" C "z"},
    {"\xE2\x80", 0, 0, O "E2" C O "80" C},
    {"\xC0\xAF", 0, 2, O "C0" C O "AF" C},
    {"\x80\x80\x80\x80\x80\x80\x80\x80\x80", 0, 0, O "80 " E " " X "9" C},
    {"\xED\xA0\x80", 0, 0, O "ED" C O "A0" C O "80" C},
};

static void
test_vectors(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct tt_buf out;
        tt_buf_init(&out, &tt_alloc_libc, TT_KIB);
        tt_visible_add(&out, tt_str_cstr(cases[i].text), cases[i].from, cases[i].to);
        assert_int_equal(out.status, TT_OK);
        assert_str_equal(tt_buf_str(&out), tt_str_cstr(cases[i].expected));
        tt_buf_free(&out);
    }
}

static void
test_nul_is_a_character(void **state)
{
    (void) state;
    struct tt_buf out;
    tt_buf_init(&out, &tt_alloc_libc, TT_KIB);
    tt_visible_add(&out, TT_STR("a\0b"), 0, 0);
    assert_str_equal(tt_buf_str(&out), TT_STR("a" O "U+0000" C "b"));
    tt_buf_free(&out);
}

/* Whatever the character: the output is UTF-8 and holds nothing that is hidden, marked or not. */
static void
test_nothing_hidden_gets_through(void **state)
{
    (void) state;
    struct tt_buf out;
    tt_buf_init(&out, &tt_alloc_libc, TT_KIB);
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        char bytes[4];
        size_t len = tt_utf8_put(cp, bytes); /* a surrogate makes ill-formed bytes, which is as good here */
        tt_buf_clear(&out);
        tt_visible_add(&out, tt_str_make(bytes, len), 0, cp & 1 ? len : 0);
        for (size_t pos = 0; pos < out.len;) {
            struct tt_rune rune = tt_utf8_next(tt_buf_str(&out), pos);
            uint8_t category = tt_char(rune.cp)->category;
            bool space = category >= TT_ZS && category <= TT_ZP;
            if (rune.len == 0 || category >= TT_CC || (space && rune.cp != ' ') || tt_char_is(rune.cp, TT_CHAR_IGNORABLE)) {
                fail_msg("U+%04X gets through", (unsigned) cp);
            }
            pos += rune.len;
        }
        assert_true(out.len > 0);
    }
    tt_buf_free(&out);
}

static void
assert_excerpt(struct tt_str text, size_t from, size_t to, struct tt_str expected)
{
    struct tt_buf out;
    tt_buf_init(&out, &tt_alloc_libc, 16 * TT_KIB);
    tt_visible_excerpt(&out, text, from, to);
    assert_int_equal(out.status, TT_OK);
    assert_str_equal(tt_buf_str(&out), expected);
    tt_buf_free(&out);
}

static void
test_excerpt_of_a_line(void **state)
{
    (void) state;
    struct tt_str text = TT_STR("first\nsecond 'x' line\r\nthird");
    assert_excerpt(text, 13, 14, TT_STR("second " O "'" C "x' line"));
    assert_excerpt(text, 6, 6, TT_STR("second 'x' line"));
    assert_excerpt(text, 0, 1, TT_STR("first"));
    assert_excerpt(text, 23, 24, TT_STR("third"));
    assert_excerpt(text, 5, 6, TT_STR("first" O "U+000A" C "second 'x' line")); /* the mark is the line end */
    assert_excerpt(text, 21, 22, TT_STR("second 'x' line" O "U+000D" C));       /* or part of it */
    assert_excerpt(text, 99, 120, TT_STR("third"));
    assert_excerpt(text, 20, 3, TT_STR("first"));
    assert_excerpt(TT_STR(""), 0, 0, TT_STR(""));
    assert_excerpt((struct tt_str) {NULL, 0}, 0, 5, TT_STR(""));
}

/* n characters of two bytes, in a static buffer. */
static struct tt_str
long_text(size_t n)
{
    static char text[4 * TT_EXCERPT_POINTS * 2];
    for (size_t i = 0; i < n; i++) {
        memcpy(text + 2 * i, "\u00E9", 2);
    }
    return tt_str_make(text, 2 * n);
}

static void
test_excerpt_is_cut(void **state)
{
    (void) state;
    const size_t limit = TT_EXCERPT_POINTS;
    for (size_t before = limit - 1; before <= limit + 1; before++) {
        for (size_t behind = limit - 1; behind <= limit + 1; behind++) {
            struct tt_str text = long_text(before + behind);
            struct tt_buf expected;
            tt_buf_init(&expected, &tt_alloc_libc, TT_KIB);
            tt_buf_add_cstr(&expected, before > limit ? E : "");
            size_t shown = (before < limit ? before : limit) + (behind < limit ? behind : limit);
            tt_buf_add(&expected, tt_str_slice(text, 0, 2 * shown));
            tt_buf_add_cstr(&expected, behind > limit ? E : "");
            assert_excerpt(text, 2 * before, 2 * before, tt_buf_str(&expected));
            tt_buf_free(&expected);
        }
    }
}

static bool
excerpt_with(void *ctx, const struct tt_alloc *alloc)
{
    (void) ctx;
    struct tt_buf out;
    tt_buf_init(&out, alloc, 4 * TT_KIB);
    tt_visible_excerpt(&out, long_text(3 * TT_EXCERPT_POINTS), 200, 240);
    bool done = out.status == TT_OK;
    assert_true(done || out.status == TT_E_MEMORY);
    tt_buf_free(&out);
    return done;
}

static void
test_memory_fails(void **state)
{
    (void) state;
    test_every_allocation(excerpt_with, NULL);
}

static void
test_buffer_bounds_the_output(void **state)
{
    (void) state;
    struct tt_buf out;
    tt_buf_init(&out, &tt_alloc_libc, 10);
    tt_visible_add(&out, TT_STR("a\u200Bb"), 0, 0);
    assert_int_equal(out.status, TT_E_LIMIT);
    assert_true(out.len <= 10);
    tt_buf_free(&out);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_nul_is_a_character),
        cmocka_unit_test(test_nothing_hidden_gets_through),
        cmocka_unit_test(test_excerpt_of_a_line),
        cmocka_unit_test(test_excerpt_is_cut),
        cmocka_unit_test(test_memory_fails),
        cmocka_unit_test(test_buffer_bounds_the_output),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
