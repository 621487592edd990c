/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns of .gitignore files one at a time, limits, hostile patterns, failure of every allocation.  Whole trees are compared with git in
 * tests/ignore.py; the walk's part is in test_scan.c.
 */
#include "test.h"

#include "base/limits.h"
#include "input/ignore.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct judged {
    const char *file; /* lines of a .gitignore */
    const char *path; /* with a slash at its end: a directory */
    enum tt_ignore_verdict verdict;
};

#define I TT_IGNORE_IGNORED
#define K TT_IGNORE_KEPT
#define S TT_IGNORE_SILENT

static const struct judged rows[] = {
    /* names at any depth */
    {"foo", "foo", I},
    {"foo", "a/b/foo", I},
    {"foo", "foo/", I},
    {"foo", "food", S},
    {"foo", "foo/a", S}, /* its directory was not entered */
    {"*.o", "a/x.o", I},
    {"*.o", ".o", I},
    {"*.o", "x.oo", S},
    {"*", "anything", I},
    {"fo?", "foo", I},
    {"fo?", "fo", S},
    /* anchored ones */
    {"/foo", "foo", I},
    {"/foo", "a/foo", S},
    {"a/foo", "a/foo", I},
    {"a/foo", "b/a/foo", S},
    {"a/*", "a/b", I},
    {"a/*", "a/b/c", S},
    {"a/*/c", "a/b/c", I},
    {"a/*/c", "a/b/b/c", S},
    {"a?c", "a/c", S},
    {"/a?c", "a/c", S},
    {"/a[/]c", "a/c", S},
    {"/a[!b]c", "a/c", S},
    /* directories */
    {"foo/", "foo/", I},
    {"foo/", "foo", S},
    {"foo/", "a/foo/", I},
    {"/foo/", "a/foo/", S},
    {"a/foo/", "a/foo/", I},
    /* two stars */
    {"**/foo", "foo", I},
    {"**/foo", "a/b/foo", I},
    {"**/foo/bar", "a/foo/bar", I},
    {"a/**", "a/b/c", I},
    {"a/**", "a/", S},
    {"a/**/b", "a/b", I},
    {"a/**/b", "a/x/y/b", I},
    {"a/**/b", "a/xb", S},
    {"a/**b", "a/x/b", S},
    {"/x/a**/b", "x/a/c/b", I}, /* what is behind plain text begins a pattern */
    {"/?/a**/b", "x/a/c/b", S},
    {"a/**\\/b", "a/x/b", I},
    {"a/**\\/b", "a/b", S},
    {"**", "a/b", I},
    /* the last that fits decides */
    {"*\n!foo", "foo", K},
    {"!foo\n*", "foo", I},
    {"!foo", "bar", S},
    {"\\!foo", "!foo", I},
    {"\\#foo", "#foo", I},
    {"#foo", "#foo", S},
    {"!", "!", S},
    /* blanks, line ends */
    {"foo  ", "foo", I},
    {"foo\\ ", "foo ", I},
    {"foo\\  ", "foo ", I},
    {"foo\\\\ ", "foo\\", I},
    {"foo\t", "foo", S},
    {"foo\t", "foo\t", I},
    {" foo", "foo", S},
    {"foo\r\nbar\r\n", "foo", I},
    {"foo\r\nbar\r\n", "bar", I},
    {"foo\r", "foo", I},
    {"\xEF\xBB\xBF"
     "foo",
     "foo", I},
    {"\n\n  \nfoo", "foo", I},
    {"", "foo", S},
    {"/", "foo/", S},
    /* ranges */
    {"[abc]", "b", I},
    {"[!abc]", "b", S},
    {"[^abc]", "d", I},
    {"[a-c]", "b", I},
    {"[c-a]", "b", S},
    {"[]-]", "]", I},
    {"[]-]", "-", I},
    {"[!]-]", "a", I},
    {"[a-]", "-", I},
    {"[\\]]", "]", I},
    {"[\\a-c]", "b", I},
    {"[a-\\c]", "b", I},
    {"[a", "[a", S},
    {"[a-", "a", S},
    {"[", "[", S},
    {"[[:digit:]x]", "7", I},
    {"[[:digit:]x]", "x", I},
    {"[[:space:]]", "\t", I},
    {"[[:xdigit:]]", "F", I},
    {"[[:punct:]]", "_", I},
    {"[[:none:]]", "n", S},
    {"[[:]", "[", I},
    {"[[:]", ":", I},
    {"[[:alpha", "a", S},
    /* backslashes */
    {"\\*", "*", I},
    {"\\*", "a", S},
    {"foo\\", "foo\\", S},
    {"foo\\", "foo", S},
};

static enum tt_ignore_verdict
judge(struct tt_str file, struct tt_str path)
{
    struct tt_ignore_list list;
    bool directory = tt_str_ends(path, TT_STR("/"));
    assert_int_equal(tt_ignore_list_read(&list, &tt_alloc_libc, file), TT_OK);
    enum tt_ignore_verdict verdict = tt_ignore_list_judge(&list, tt_str_slice(path, 0, path.len - directory), directory);
    tt_ignore_list_free(&list, &tt_alloc_libc);
    return verdict;
}

static void
test_rows(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        enum tt_ignore_verdict verdict = judge(tt_str_cstr(rows[i].file), tt_str_cstr(rows[i].path));
        if (verdict != rows[i].verdict) {
            fail_msg("row %zu: %s on %s: %d", i, rows[i].file, rows[i].path, verdict);
        }
    }
}

/* The bytes of a NUL end a line for git. */
static void
test_nul(void **state)
{
    (void) state;
    assert_int_equal(judge(TT_STR("foo\0bar\nx"), TT_STR("foo")), I);
    assert_int_equal(judge(TT_STR("foo\0bar\nx"), TT_STR("x")), I);
    assert_int_equal(judge(TT_STR("\0"), TT_STR("x")), S);
}

/* Trying every way would take longer than the sun shines. */
static void
test_hostile(void **state)
{
    (void) state;
    char pattern[4000], path[TT_IGNORE_PATH_MAX];
    for (size_t i = 0; i < sizeof(pattern); i++) {
        pattern[i] = i % 2 ? 'a' : '*';
    }
    memset(path, 'a', sizeof(path));
    pattern[sizeof(pattern) - 1] = 'b';
    assert_int_equal(judge(tt_str_make(pattern, sizeof(pattern)), tt_str_make(path, sizeof(path))), S);
    path[sizeof(path) - 1] = 'b';
    assert_int_equal(judge(tt_str_make(pattern, sizeof(pattern)), tt_str_make(path, sizeof(path))), I);
}

static void
test_limits(void **state)
{
    (void) state;
    static char bytes[TT_IGNORE_FILE_MAX + 1], path[TT_IGNORE_PATH_MAX + 1];
    struct tt_ignore_list list;
    memset(bytes, '#', sizeof(bytes));
    assert_int_equal(tt_ignore_list_read(&list, &tt_alloc_libc, tt_str_make(bytes, sizeof(bytes))), TT_E_LIMIT);
    assert_int_equal(list.count, 0);
    assert_int_equal(tt_ignore_list_read(&list, &tt_alloc_libc, tt_str_make(bytes, sizeof(bytes) - 1)), TT_OK);
    tt_ignore_list_free(&list, &tt_alloc_libc);
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = i % 2 ? '\n' : '*';
    }
    assert_int_equal(tt_ignore_list_read(&list, &tt_alloc_libc, tt_str_make(bytes, 2 * TT_IGNORE_PATTERNS_MAX)), TT_OK);
    memset(path, 'a', sizeof(path));
    assert_int_equal(tt_ignore_list_judge(&list, tt_str_make(path, TT_IGNORE_PATH_MAX), false), I);
    assert_int_equal(tt_ignore_list_judge(&list, tt_str_make(path, TT_IGNORE_PATH_MAX + 1), false), S);
    tt_ignore_list_free(&list, &tt_alloc_libc);
    assert_int_equal(tt_ignore_list_read(&list, &tt_alloc_libc, tt_str_make(bytes, 2 * TT_IGNORE_PATTERNS_MAX + 1)), TT_E_LIMIT);
    assert_int_equal(list.count, 0);
    assert_int_equal(tt_ignore_list_judge(&list, TT_STR("a"), false), S);
}

static bool
read_list(void *ctx, const struct tt_alloc *alloc)
{
    struct tt_ignore_list list;
    enum tt_status status = tt_ignore_list_read(&list, alloc, *(struct tt_str *) ctx);
    assert_true(status == TT_OK || status == TT_E_MEMORY);
    assert_int_equal(list.count, status == TT_OK ? 40 : 0);
    tt_ignore_list_free(&list, alloc);
    return status == TT_OK;
}

static void
test_allocations(void **state)
{
    (void) state;
    char bytes[80];
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = i % 2 ? '\n' : 'a';
    }
    struct tt_str file = tt_str_make(bytes, sizeof(bytes));
    test_every_allocation(read_list, &file);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),   cmocka_unit_test(test_nul),         cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_limits), cmocka_unit_test(test_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
