/* SPDX-License-Identifier: Apache-2.0 */
/* Control functions of terminals: extent, kind, final byte, body, and numbers. */
#include "test.h"

#include "text/terminal.h"

struct vector {
    const char *text;
    int kind; /* -1: none begins here */
    size_t length;
    char final;
    const char *body;
    bool cut;
};

static const struct vector vectors[] = {
    {"\x1b[31mx", TT_CONTROL_SEQUENCE, 5, 'm', "31", false},
    {"\x1b[m", TT_CONTROL_SEQUENCE, 3, 'm', "", false},
    {"\x1b[?25l", TT_CONTROL_SEQUENCE, 6, 'l', "?25", false},
    {"\x1b[1 q", TT_CONTROL_SEQUENCE, 5, 'q', "1 ", false},
    {"\xC2\x9B"
     "2Kx",
     TT_CONTROL_SEQUENCE, 4, 'K', "2", false},
    {"\x1b[31", -1, 0, 0, NULL, false},
    {"\x1b[\n", -1, 0, 0, NULL, false},
    {"\x1b]0;title\x07x", TT_CONTROL_STRING, 10, ']', "0;title", false},
    {"\x1b]8;;http://a\x1b\\x", TT_CONTROL_STRING, 15, ']', "8;;http://a", false},
    {"\xC2\x9D"
     "0;t\xC2\x9C"
     "x",
     TT_CONTROL_STRING, 7, ']', "0;t", false},
    {"\x1b]0;a\nb\x07", TT_CONTROL_STRING, 5, ']', "0;a", true},
    {"\x1b]0;a\x1b[m", TT_CONTROL_STRING, 5, ']', "0;a", true},
    {"\x1b]0;a", TT_CONTROL_STRING, 5, ']', "0;a", true},
    {"\x1bPq#0\n-\x1b\\", TT_CONTROL_STRING, 9, 'P', "q#0\n-", false},
    {"\x1b_G\x1b\\", TT_CONTROL_STRING, 5, '_', "G", false},
    {"\x1b^note\x1b\\", TT_CONTROL_STRING, 8, '^', "note", false},
    {"\x1b(B", TT_CONTROL_ESCAPE, 3, 'B', "(", false},
    {"\x1b"
     "7",
     TT_CONTROL_ESCAPE, 2, '7', "", false},
    {"\x1b", -1, 0, 0, NULL, false},
    {"\x1b\n", -1, 0, 0, NULL, false},
    {"x", -1, 0, 0, NULL, false},
    {"\xC2\x85", -1, 0, 0, NULL, false},
    {"", -1, 0, 0, NULL, false},
};

static void
test_vectors(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
        const struct vector *v = &vectors[i];
        struct tt_control control;
        bool read = tt_control_read(tt_str_cstr(v->text), 0, &control);
        assert_int_equal(read, v->kind >= 0);
        if (read) {
            assert_int_equal(control.kind, v->kind);
            assert_int_equal(control.from, 0);
            assert_int_equal(control.to, v->length);
            assert_int_equal(control.final, v->final);
            assert_int_equal(control.cut, v->cut);
            assert_str_equal(control.body, tt_str_cstr(v->body));
        }
    }
}

static void
test_numbers(void **state)
{
    (void) state;
    struct tt_control control;
    unsigned numbers[3];
    assert_true(tt_control_read(TT_STR("\x1b[38;5;208m"), 0, &control));
    assert_int_equal(tt_control_numbers(&control, numbers, 3), 3);
    assert_int_equal(numbers[0], 38);
    assert_int_equal(numbers[2], 208);
    assert_int_equal(tt_control_numbers(&control, numbers, 1), 1);
    assert_true(tt_control_read(TT_STR("\x1b[;7m"), 0, &control));
    assert_int_equal(tt_control_numbers(&control, numbers, 3), 2);
    assert_int_equal(numbers[0], 0);
    assert_int_equal(numbers[1], 7);
    assert_true(tt_control_read(TT_STR("\x1b[m"), 0, &control));
    assert_int_equal(tt_control_numbers(&control, numbers, 3), 1);
    assert_int_equal(numbers[0], 0);
    assert_true(tt_control_read(TT_STR("\x1b[99999999999999999999m"), 0, &control));
    assert_int_equal(tt_control_numbers(&control, numbers, 3), 1); /* without overflow */
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_vectors), cmocka_unit_test(test_numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
