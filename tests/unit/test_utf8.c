/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8: table 3-7 of the Unicode Standard exhaustively, round trips, and what is told of ill-formed bytes. */
#include "test.h"

#include "text/utf8.h"

static struct tt_str
bytes(const unsigned char *p, size_t n)
{
    return tt_str_make(p, n);
}

static bool
is_surrogate(uint32_t cp)
{
    return cp >= 0xD800 && cp <= 0xDFFF;
}

static void
test_every_code_point_goes_round(void **state)
{
    (void) state;
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        if (is_surrogate(cp)) {
            continue;
        }
        char text[6] = {'a', 0, 0, 0, 0, 'z'};
        size_t len = tt_utf8_put(cp, text + 1);
        size_t expected = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
        struct tt_str s = tt_str_make(text, len + 1);
        struct tt_rune next = tt_utf8_next(s, 1);
        struct tt_rune prev = tt_utf8_prev(s, len + 1);
        if (len != expected || next.cp != cp || next.len != len || prev.cp != cp || prev.len != len) {
            fail_msg("U+%04X does not go round", (unsigned) cp);
        }
    }
}

/* Table 3-7, row by row. */
static const struct row {
    unsigned char first_low, first_high, second_low, second_high;
    size_t len;
} table_3_7[] = {
    {0x00, 0x7F, 0x00, 0xFF, 1}, {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
    {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
    {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

static size_t
length_by_table(unsigned first, unsigned second)
{
    for (size_t i = 0; i < sizeof(table_3_7) / sizeof(*table_3_7); i++) {
        const struct row *row = &table_3_7[i];
        if (first >= row->first_low && first <= row->first_high && second >= row->second_low && second <= row->second_high) {
            return row->len;
        }
    }
    return 0;
}

static void
test_table_3_7(void **state)
{
    (void) state;
    for (unsigned first = 0; first < 256; first++) {
        for (unsigned second = 0; second < 256; second++) {
            const unsigned char p[4] = {(unsigned char) first, (unsigned char) second, 0x80, 0xBF};
            size_t expected = length_by_table(first, second);
            assert_int_equal(tt_utf8_next(bytes(p, 4), 0).len, expected);
            for (size_t n = 0; n < 4; n++) {
                assert_int_equal(tt_utf8_next(bytes(p, n), 0).len, n >= expected ? expected : 0);
            }
        }
    }
}

static void
test_third_and_fourth_bytes(void **state)
{
    (void) state;
    for (unsigned c = 0; c < 256; c++) {
        const unsigned char three[3] = {0xE2, 0x80, (unsigned char) c};
        const unsigned char four[4] = {0xF0, 0x9F, 0x98, (unsigned char) c};
        const unsigned char middle[4] = {0xF0, 0x9F, (unsigned char) c, 0x80};
        bool good = c >= 0x80 && c <= 0xBF;
        assert_int_equal(tt_utf8_next(bytes(three, 3), 0).len, good ? 3 : 0);
        assert_int_equal(tt_utf8_next(bytes(four, 4), 0).len, good ? 4 : 0);
        assert_int_equal(tt_utf8_next(bytes(middle, 4), 0).len, good ? 4 : 0);
    }
}

static void
test_positions_outside(void **state)
{
    (void) state;
    struct tt_str s = TT_STR("\u00E9");
    assert_int_equal(tt_utf8_next(s, 2).len, 0);
    assert_int_equal(tt_utf8_next(s, SIZE_MAX).len, 0);
    assert_int_equal(tt_utf8_prev(s, 0).len, 0);
    assert_int_equal(tt_utf8_prev(s, 3).len, 0);
    assert_int_equal(tt_utf8_prev(s, SIZE_MAX).len, 0);
    assert_int_equal(tt_utf8_next((struct tt_str) {NULL, 0}, 0).len, 0);
    assert_int_equal(tt_utf8_prev((struct tt_str) {NULL, 0}, 0).len, 0);
    assert_int_equal(tt_utf8_next(s, 1).len, 0); /* inside a character */
    assert_int_equal(tt_utf8_prev(s, 1).len, 0);
    assert_int_equal(tt_utf8_bad_length(s, 2), 1);
    assert_false(tt_utf8_is_cut(s, 2));
    assert_false(tt_utf8_is_cut(s, SIZE_MAX));
}

static void
test_prev_refuses(void **state)
{
    static const struct {
        const char *text;
        size_t len;
    } cases[] = {
        {"\x80", 1},                 /* a continuation alone */
        {"a\x80", 2},                /* behind ASCII */
        {"\xC3\xA9\x80", 3},         /* one too many */
        {"\xF0\x9F\x98\x80\x80", 5}, /* behind four bytes */
        {"\x80\x80\x80\x80\x80", 5}, /* nothing but continuations */
        {"\xE2\x80", 2},             /* cut */
        {"\xED\xA0\x80", 3},         /* a surrogate */
        {"\xC0\xAF", 2},             /* overlong */
    };
    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct tt_rune rune = tt_utf8_prev(tt_str_make(cases[i].text, cases[i].len), cases[i].len);
        assert_int_equal(rune.len, 0);
        assert_int_equal(rune.cp, 0);
    }
}

/* The examples of section 3.9, tables 3-8 to 3-11: each digit is the length of one replaced piece or good character. */
static void
test_maximal_subparts(void **state)
{
    static const struct {
        const char *text, *lengths;
    } cases[] = {
        {"\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41", "111111111"},
        {"\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41", "111111111"},
        {"\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42", "111111111"},
        {"\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", "21321"},
        {"\xF0\x9F\x98", "3"},
        {"\xE2\x82\xE2\x82\xAC", "23"},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct tt_str s = tt_str_cstr(cases[i].text);
        size_t pos = 0;
        for (const char *length = cases[i].lengths; *length; length++) {
            struct tt_rune rune = tt_utf8_next(s, pos);
            size_t step = rune.len ? rune.len : tt_utf8_bad_length(s, pos);
            assert_int_equal(step, *length - '0');
            pos += step;
        }
        assert_int_equal(pos, s.len);
    }
}

static void
test_cut(void **state)
{
    static const struct {
        const char *text;
        bool cut;
    } cases[] = {
        {"", false},
        {"a", false},
        {"\xC3", true},
        {"\xC3\xA9", false},
        {"\xE2\x80", true},
        {"\xE2", true},
        {"\xE0\x80", false},
        {"\xED\xA0", false},
        {"\xF0\x9F\x98", true},
        {"\xF0\x9F\x98\x80", false},
        {"\xF4\x90", false},
        {"\xF5", false},
        {"\x80", false},
        {"\xC0", false},
        {"\xC3z", false},
        {"\xE2\x80z", false},
        {"\xF4\x8F", true},
        {"\xF0\x90\x80", true},
        {"\xF0\x8F\x80\x80", false},
        {"\xFF", false},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_int_equal(tt_utf8_is_cut(tt_str_cstr(cases[i].text), 0), cases[i].cut);
    }
    assert_true(tt_utf8_is_cut(TT_STR("abc\xF0\x9F"), 3));
    assert_false(tt_utf8_is_cut(TT_STR("abc\xF0\x9F"), 2));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_code_point_goes_round),
        cmocka_unit_test(test_table_3_7),
        cmocka_unit_test(test_third_and_fourth_bytes),
        cmocka_unit_test(test_positions_outside),
        cmocka_unit_test(test_prev_refuses),
        cmocka_unit_test(test_maximal_subparts),
        cmocka_unit_test(test_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
