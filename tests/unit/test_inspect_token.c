/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens of program text: strings, templates, regular expressions and comments, where each ends; values of literals; time that stays linear.
 */
#include "test.h"

#include "base/limits.h"
#include "inspect/literal.h"
#include "inspect/token.h"

#include <stdio.h>

/* Tokens as one string: kind and text, divided by blanks. */
static void
describe(struct tt_str text, char *out, size_t size)
{
    static const char kinds[] = "snNSTR";
    struct tt_tokens tokens;
    size_t len = 0;
    tt_tokens_init(&tokens, &tt_alloc_libc);
    assert_int_equal(tt_tokens_read(&tokens, text, 0, text.len), TT_OK);
    out[0] = '\0';
    for (size_t i = 0; i < tokens.count; i++) {
        struct tt_str token = tt_token_text(text, &tokens.list[i]);
        assert_true(i == 0 || tokens.list[i].at >= tokens.list[i - 1].at + tokens.list[i - 1].len);
        len += (size_t) snprintf(out + len, size - len, "%s%c:%.*s", i ? " " : "", kinds[tokens.list[i].kind], (int) token.len,
                                 token.ptr ? token.ptr : "");
        assert_true(len < size);
    }
    tt_tokens_free(&tokens);
}

static void
test_tokens(void **state)
{
    (void) state;
    static const struct {
        const char *text, *tokens;
    } rows[] = {
        {"a=b/c/d", "n:a s:= n:b s:/ n:c s:/ n:d"},
        {"a=/b'c/g.test(d)", "n:a s:= R:/b'c/ s:. n:test s:( n:d s:)"},
        {"if(a)/'/.test(b)", "n:if s:( n:a s:) R:/'/ s:. n:test s:( n:b s:)"},
        {"(a)/2/'x'", "s:( n:a s:) s:/ N:2 s:/ S:x"},
        {"return/[/']/", "n:return R:/[/']/"},
        {"'it\\'s' \"a\\\\\"+b", "S:it\\'s S:a\\\\ s:+ n:b"},
        {"`a${b+`c${d}`}e`", "T:a n:b s:+ T:c n:d T: T:e"},
        {"`a`+{b:{}}", "T:a s:+ s:{ n:b s:: s:{ s:} s:}"},
        {"x//'no'\ny/*'no'*/z", "n:x n:y n:z"},
        {"'open\nnext='x'", "n:open n:next s:= S:x"},
        {"0x1F,1e3,1_0n", "N:0x1F s:, N:1e3 s:, N:1_0n"},
        {"`open", "n:open"},
        {"a/*open", "n:a n:open"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char out[512];
        describe(tt_str_cstr(rows[i].text), out, sizeof(out));
        assert_string_equal(out, rows[i].tokens);
    }
}

static void
test_values(void **state)
{
    (void) state;
    static const struct {
        const char *raw;
        struct tt_str text;
    } rows[] = {
        {"a\\x41\\u0042\\u{43}\\104\\n", TT_STR_INIT("aABCD\n")},
        {"\\uD83D\\uDE00", TT_STR_INIT("\xF0\x9F\x98\x80")},
        {"\\uD83Dx", TT_STR_INIT("\xEF\xBF\xBDx")},
        {"\\q\\xZZ\\u12", TT_STR_INIT("qxZZu12")},
        {"\\", TT_STR_INIT("\\")},
        {"", TT_STR_INIT("")},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct tt_buf out;
        tt_buf_init(&out, &tt_alloc_libc, TT_KIB);
        tt_literal_add_text(&out, tt_str_cstr(rows[i].raw), true);
        assert_str_equal(tt_buf_str(&out), rows[i].text);
        tt_buf_free(&out);
    }
}

static void
test_bytes(void **state)
{
    (void) state;
    struct tt_buf out;
    uint32_t high;
    tt_buf_init(&out, &tt_alloc_libc, TT_KIB);
    assert_true(tt_literal_add_bytes(&out, TT_STR("\\x01\xC3\xA9"), true, &high));
    assert_str_equal(tt_buf_str(&out), TT_STR("\x01\xE9"));
    assert_int_equal(high, 0);
    tt_buf_clear(&out);
    assert_true(tt_literal_add_bytes(&out, TT_STR("\\u1241\\u1242"), true, &high));
    assert_str_equal(tt_buf_str(&out), TT_STR("AB"));
    assert_int_equal(high, 0x12);
    assert_false(tt_literal_add_bytes(&out, TT_STR("\\u1241a"), true, &high));
    tt_buf_free(&out);
}

static void
test_numbers(void **state)
{
    (void) state;
    static const struct {
        const char *text;
        bool good;
        uint32_t number;
    } rows[] = {
        {"0", true, 0},           {"255", true, 255},
        {"0xff", true, 255},      {"0b101", true, 5},
        {"0o17", true, 15},       {"1_000", true, 1000},
        {"7n", true, 7},          {"1e3", false, 0},
        {"1.5", false, 0},        {"", false, 0},
        {"0x", false, 0},         {"4294967295", true, UINT32_MAX},
        {"4294967296", false, 0}, {"99999999999999999999", false, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        uint32_t number = 0;
        assert_int_equal(tt_literal_number(tt_str_cstr(rows[i].text), &number), rows[i].good);
        assert_true(!rows[i].good || number == rows[i].number);
    }
}

/* Text that makes a careless reader begin again at each byte: a megabyte of it must end. */
static void
test_linear(void **state)
{
    (void) state;
    static const char *const pieces[] = {"'\\'\\'", "/*", "(/[", "`${", "\"\\\"", "=/a", "{}`"};
    static char text[TT_MIB];
    for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
        struct tt_tokens tokens;
        size_t len = strlen(pieces[i]);
        for (size_t at = 0; at < sizeof(text); at++) {
            text[at] = pieces[i][at % len];
        }
        tt_tokens_init(&tokens, &tt_alloc_libc);
        assert_int_equal(tt_tokens_read(&tokens, tt_str_make(text, sizeof(text)), 0, sizeof(text)), TT_OK);
        tt_tokens_free(&tokens);
    }
}

static bool
read_some(void *ctx, const struct tt_alloc *alloc)
{
    struct tt_tokens tokens;
    (void) ctx;
    tt_tokens_init(&tokens, alloc);
    enum tt_status status = tt_tokens_read(&tokens, TT_STR("a='b'+`c${d}e`"), 0, 14);
    tt_tokens_free(&tokens);
    return status == TT_OK;
}

static void
test_allocations(void **state)
{
    (void) state;
    test_every_allocation(read_some, NULL);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens),  cmocka_unit_test(test_values), cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_numbers), cmocka_unit_test(test_linear), cmocka_unit_test(test_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
