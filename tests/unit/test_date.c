/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dates: each text is read from every byte position.  From every byte of the date the same date must come, from every
 * other byte none.
 */
#include "test.h"

#include "text/date.h"

struct date_case {
    const char *text;
    const char *token; /* the part of text that is the date */
    int year, month, day;
    enum tt_date_order order;
    uint32_t separator[2];
    bool padded;
    bool foreign_digits;
};

static const struct date_case dates[] = {
    {"2026-05-09", "2026-05-09", 2026, 5, 9, TT_DATE_YMD, {'-', '-'}, true, false},
    {"09/05/2026", "09/05/2026", 2026, 5, 9, TT_DATE_DMY, {'/', '/'}, true, false},
    {"5/9/2026", "5/9/2026", 2026, 9, 5, TT_DATE_DMY, {'/', '/'}, false, false},
    {"2026.5.9", "2026.5.9", 2026, 5, 9, TT_DATE_YMD, {'.', '.'}, false, false},
    {"5/31/2026", "5/31/2026", 2026, 5, 31, TT_DATE_MDY, {'/', '/'}, false, false},
    {"31.12.1999", "31.12.1999", 1999, 12, 31, TT_DATE_DMY, {'.', '.'}, true, false},
    {"12-12-2012", "12-12-2012", 2012, 12, 12, TT_DATE_DMY, {'-', '-'}, true, false},
    {"2026-5-09", "2026-5-09", 2026, 5, 9, TT_DATE_YMD, {'-', '-'}, false, false},
    {"2026-05/09", "2026-05/09", 2026, 5, 9, TT_DATE_YMD, {'-', '/'}, true, false},
    {"2026-05.09", "2026-05.09", 2026, 5, 9, TT_DATE_YMD, {'-', '.'}, true, false},
    {"2024-02-29", "2024-02-29", 2024, 2, 29, TT_DATE_YMD, {'-', '-'}, true, false},
    {"2000-02-29", "2000-02-29", 2000, 2, 29, TT_DATE_YMD, {'-', '-'}, true, false},
    {"0001-01-01", "0001-01-01", 1, 1, 1, TT_DATE_YMD, {'-', '-'}, true, false},
    {"9999-12-31", "9999-12-31", 9999, 12, 31, TT_DATE_YMD, {'-', '-'}, true, false},
    /* look-alike separators */
    {"2026\u201005\u201009", "2026\u201005\u201009", 2026, 5, 9, TT_DATE_YMD, {0x2010, 0x2010}, true, false},
    {"2026\u221205-09", "2026\u221205-09", 2026, 5, 9, TT_DATE_YMD, {0x2212, '-'}, true, false},
    {"2026\u221505\u204409", "2026\u221505\u204409", 2026, 5, 9, TT_DATE_YMD, {0x2215, 0x2044}, true, false},
    {"9\uFF0F5\uFF0F2026", "9\uFF0F5\uFF0F2026", 2026, 5, 9, TT_DATE_DMY, {0xFF0F, 0xFF0F}, false, false},
    {"2026\u30CE05\u30CE09", "2026\u30CE05\u30CE09", 2026, 5, 9, TT_DATE_YMD, {0x30CE, 0x30CE}, true, false},
    /* digits of other scripts */
    {"\u0662\u0660\u0662\u0666/\u0660\u0665/\u0660\u0669",
     "\u0662\u0660\u0662\u0666/\u0660\u0665/\u0660\u0669",
     2026,
     5,
     9,
     TT_DATE_YMD,
     {'/', '/'},
     true,
     true},
    {"\uFF12\uFF10\uFF12\uFF16-\uFF15-\uFF19",
     "\uFF12\uFF10\uFF12\uFF16-\uFF15-\uFF19",
     2026,
     5,
     9,
     TT_DATE_YMD,
     {'-', '-'},
     false,
     true},
    {"\U0001D7D7.\U0001D7D3.\U0001D7D0\U0001D7CE\U0001D7D0\U0001D7D4",
     "\U0001D7D7.\U0001D7D3.\U0001D7D0\U0001D7CE\U0001D7D0\U0001D7D4",
     2026,
     5,
     9,
     TT_DATE_DMY,
     {'.', '.'},
     false,
     true},
    /* in their surroundings */
    {"Today's date is 2026-05-09.", "2026-05-09", 2026, 5, 9, TT_DATE_YMD, {'-', '-'}, true, false},
    {"It is 2026/05/09.\n", "2026/05/09", 2026, 5, 9, TT_DATE_YMD, {'/', '/'}, true, false},
    {"On 2026-05-09, then", "2026-05-09", 2026, 5, 9, TT_DATE_YMD, {'-', '-'}, true, false},
    {"2026-05-09T10:00", "2026-05-09", 2026, 5, 9, TT_DATE_YMD, {'-', '-'}, true, false},
    {"2026.05.09T10:00", "2026.05.09", 2026, 5, 9, TT_DATE_YMD, {'.', '.'}, true, false},
    {"(2026-05-09)", "2026-05-09", 2026, 5, 9, TT_DATE_YMD, {'-', '-'}, true, false},
    {"\"2026-05-09\"", "2026-05-09", 2026, 5, 9, TT_DATE_YMD, {'-', '-'}, true, false},
    {"am 9.5.2026.", "9.5.2026", 2026, 5, 9, TT_DATE_DMY, {'.', '.'}, false, false},
    {"\u65E5\u671F2026-05-09\u661F\u671F\u516D", "2026-05-09", 2026, 5, 9, TT_DATE_YMD, {'-', '-'}, true, false},
    {"2026-05-09\u30CE\u65E5",
     "2026-05-09",
     2026,
     5,
     9,
     TT_DATE_YMD,
     {'-', '-'},
     true,
     false}, /* a letter that looks like a slash */
    {"//2026-05-09: fixed", "2026-05-09", 2026, 5, 9, TT_DATE_YMD, {'-', '-'}, true, false},
    {"2026-05-09...", "2026-05-09", 2026, 5, 9, TT_DATE_YMD, {'-', '-'}, true, false},
    {"a ------------ 2026-05-09 -----------", "2026-05-09", 2026, 5, 9, TT_DATE_YMD, {'-', '-'}, true, false},
    {"x-----------2026-05-09------------x", "2026-05-09", 2026, 5, 9, TT_DATE_YMD, {'-', '-'}, true, false}, /* ruled lines */
    {"1 2026-05-09 2", "2026-05-09", 2026, 5, 9, TT_DATE_YMD, {'-', '-'}, true, false},
    {"\xFF"
     "2026-05-09\xFF",
     "2026-05-09",
     2026,
     5,
     9,
     TT_DATE_YMD,
     {'-', '-'},
     true,
     false},
};

static void
assert_reads_as(const struct date_case *c, size_t pos)
{
    struct tt_date date;
    struct tt_str text = tt_str_cstr(c->text);
    size_t offset = (size_t) (strstr(c->text, c->token) - c->text);
    size_t length = strlen(c->token);
    bool inside = pos >= offset && pos < offset + length;
    bool read = tt_date_read(text, pos, &date);
    if (read != inside) {
        fail_msg("%s: %s at %zu", c->text, read ? "a date" : "no date", pos);
    }
    if (!read) {
        return;
    }
    assert_int_equal(date.offset, offset);
    assert_int_equal(date.length, length);
    assert_int_equal(date.year, c->year);
    assert_int_equal(date.month, c->month);
    assert_int_equal(date.day, c->day);
    assert_int_equal(date.order, c->order);
    assert_int_equal(date.padded, c->padded);
    assert_int_equal(date.ascii_digits, !c->foreign_digits);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(date.separator[i], c->separator[i]);
        assert_in_range(date.separator_at[i], offset + 1, offset + length - 2);
    }
    assert_true(date.separator_at[0] < date.separator_at[1]);
}

static void
test_dates(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(dates) / sizeof(*dates); i++) {
        for (size_t pos = 0; pos <= strlen(dates[i].text) + 1; pos++) {
            assert_reads_as(&dates[i], pos);
        }
    }
}

static const char *const no_dates[] = {
    "",
    "2026",
    "2026-05",
    "2026-05-",
    "-05-09",
    "20260509",
    "2026 05 09",
    "2026:05:09",
    "2026--05--09",
    /* no such day */
    "2026-13-01",
    "2026-00-10",
    "2026-05-00",
    "2026-05-32",
    "2026-02-29",
    "1900-02-29",
    "2026-04-31",
    "31/04/2026",
    "13/13/2026",
    "0/5/2026",
    "2026-15-05",
    "0000-05-09",
    /* groups of the wrong length */
    "09/05/26",
    "26-05-09",
    "126-05-09",
    "12026-05-09",
    "2026-005-09",
    "2026-05-009",
    "05-2026-09",
    "2026-05-2026",
    "1/2/3",
    /* versions and addresses */
    "1.2.2026.4",
    "2026.5.9.1",
    "0.1.2.2026",
    "192.168.10.2026",
    "10.11.12.2013",
    "v2026.5.9",
    "V2026.05.09",
    "2026.5.9rc1",
    "2026.5.9_2",
    "pkg_2026.5.9",
    /* paths and names */
    "/2026/05/09/file",
    "logs/2026/05/09",
    "https://example.org/2026/05/09/post.html",
    "../2026/05/09/x",
    "a/../2026/05/09",
    "2026-05-09.txt",
    "2026-05-09-notes.md",
    "report-2026-05-09",
    "x_-2026-05-09",
    "2026-05-09/_",
    "2026-05-09.Next",
    "CVE-2026-05-09",
    "2026-05-09\u2010x",
    "\u00E9-2026-05-09",
    /* more digits */
    "2026-05-09-10",
    "2026-05-09/2026-05-10",
    "2026-05-09..2026-05-10",
    "1-2026-05-09",
    "555-09-05-2026",
    "2026-05-091",
    "2026-05-09\u0661",
    "\u06612026-05-09",
    /* digits of two scripts */
    "2026-0\u0665-09",
    "\u0662\u0660\u0662\u0666-05-09",
    "2026-05-\u0669",
    "\u0662\u0660\u0662\u0666-\u06F0\u06F5-\u0669",
    /* superscripts and circled numbers are no digits */
    "2026-\u00B2-09",
    "\u2461/5/2026",
    "2026\xFF"
    "05\xFF"
    "09",
};

static void
test_no_dates(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(no_dates) / sizeof(*no_dates); i++) {
        for (size_t pos = 0; pos <= strlen(no_dates[i]) + 1; pos++) {
            struct tt_date date;
            if (tt_date_read(tt_str_cstr(no_dates[i]), pos, &date)) {
                fail_msg("a date at %zu of %s", pos, no_dates[i]);
            }
        }
    }
}

static void
write_two(char *to, int value)
{
    to[0] = (char) ('0' + value / 10);
    to[1] = (char) ('0' + value % 10);
}

/* All days of four years, and all pairs of numbers that are none: exactly the days that exist are read. */
static void
test_the_calendar(void **state)
{
    static const int days[2][13] = {{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31},
                                    {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}};
    static const struct {
        char text[5];
        bool leap;
    } years[] = {{"1900", false}, {"2000", true}, {"2023", false}, {"2024", true}};
    (void) state;
    for (size_t y = 0; y < 4; y++) {
        for (int month = 0; month < 100; month++) {
            for (int day = 0; day < 100; day++) {
                char text[10] = "0000-00-00";
                struct tt_date date;
                memcpy(text, years[y].text, 4);
                write_two(text + 5, month);
                write_two(text + 8, day);
                bool exists = month >= 1 && month <= 12 && day >= 1 && day <= days[years[y].leap][month];
                assert_int_equal(tt_date_read(tt_str_make(text, sizeof(text)), 5, &date), exists);
            }
        }
    }
}

static void
test_out_stays_untouched_without_a_date(void **state)
{
    (void) state;
    struct tt_date date;
    struct tt_date before;
    memset(&date, 0x5A, sizeof(date));
    memcpy(&before, &date, sizeof(date));
    assert_false(tt_date_read(TT_STR("2026-02-30"), 4, &date));
    assert_memory_equal(&before, &date, sizeof(date));
    assert_false(tt_date_read(TT_STR("2026-05-09"), SIZE_MAX, &date));
    assert_false(tt_date_read((struct tt_str) {NULL, 0}, 0, &date));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_no_dates),
        cmocka_unit_test(test_the_calendar),
        cmocka_unit_test(test_out_stays_untouched_without_a_date),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
