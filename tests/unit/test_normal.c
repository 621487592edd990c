/* SPDX-License-Identifier: Apache-2.0 */
/* Normal forms: the file of test cases that belongs to the Unicode data, pairs, parts, classes, Hangul, bounds. */
#include "test.h"

#include "text/normal.h"

#include <stdio.h>
#include <stdlib.h>

#define POINTS_MAX 64

struct points {
    uint32_t cp[POINTS_MAX];
    size_t n;
};

/* Reads one column of NormalizationTest.txt; returns what stands behind its semicolon. */
static char *
read_column(char *text, struct points *out)
{
    out->n = 0;
    while (*text && *text != ';') {
        char *end;
        assert_true(out->n < POINTS_MAX);
        out->cp[out->n++] = (uint32_t) strtoul(text, &end, 16);
        assert_true(end > text);
        text = end + (*end == ' ');
    }
    return text + 1;
}

static void
assert_form(enum tt_status (*form)(const uint32_t *, size_t, uint32_t *, size_t, size_t *), const struct points *in,
            const struct points *wanted)
{
    struct points out;
    assert_int_equal(form(in->cp, in->n, out.cp, POINTS_MAX, &out.n), TT_OK);
    assert_int_equal(out.n, wanted->n);
    assert_memory_equal(out.cp, wanted->cp, wanted->n * sizeof(*wanted->cp));
}

/* The conformance clauses of NormalizationTest.txt for NFC and NFD. */
static void
check_line(char *line)
{
    struct points column[5];
    for (size_t i = 0; i < 5; i++) {
        line = read_column(line, &column[i]);
    }
    for (size_t i = 0; i < 5; i++) {
        assert_form(tt_normal_nfc, &column[i], &column[i < 3 ? 1 : 3]);
        assert_form(tt_normal_nfd, &column[i], &column[i < 3 ? 2 : 4]);
    }
}

static void
test_conformance(void **state)
{
    char command[512];
    char line[2048];
    size_t checked = 0;
    (void) state;
    snprintf(command, sizeof(command), "bzip2 -dc '%s/NormalizationTest.txt.bz2'", getenv("TT_UNICODE_DIR"));
    FILE *file = popen(command, "r");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        if (line[0] != '#' && line[0] != '@') {
            check_line(line);
            checked++;
        }
    }
    assert_int_equal(pclose(file), 0);
    assert_true(checked > 18000);
}

/* What composes falls apart into the same two, and a class is only what a mark has. */
static void
test_every_character(void **state)
{
    size_t pairs = 0, singles = 0, marks = 0;
    (void) state;
    for (uint32_t cp = 0; cp < 0x110000; cp++) {
        uint32_t parts[2] = {0, 0};
        size_t n = tt_normal_decompose(cp, parts);
        uint32_t whole = n == 2 ? tt_normal_compose(parts[0], parts[1]) : 0;
        assert_true(whole == 0 || whole == cp);
        pairs += whole != 0;
        singles += n == 1;
        marks += tt_normal_class(cp) > 0;
    }
    assert_int_equal(pairs, 941 + 11172);
    assert_int_equal(singles, 1035);
    assert_int_equal(marks, 922);
}

static void
test_single(void **state)
{
    static const struct {
        uint32_t first, second, whole;
    } rows[] = {
        {'e', 0x301, 0xE9},
        {'e', 'e', 0},
        {0, 0, 0},
        {0xFFFFFFFF, 0xFFFFFFFF, 0},
        {'q', 0x301, 0},
        {0x301, 'e', 0},
        {0x1100, 0x1161, 0xAC00},
        {0xAC00, 0x11A8, 0xAC01},
        {0xAC01, 0x11A8, 0},
        {0xAC00, 0x11A7, 0},
        {0x1112, 0x1175, 0xD788},
        {0xD788, 0x11C2, 0xD7A3},
        {0x1113, 0x1161, 0},
        {0x1100, 0x1176, 0},
        {0x915, 0x93C, 0},
        {0x5E9, 0x5C1, 0}, /* excluded from composition */
        {0x11131, 0x11127, 0x1112E},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        assert_int_equal(tt_normal_compose(rows[i].first, rows[i].second), rows[i].whole);
    }
    assert_int_equal(tt_normal_class(0x301), 230);
    assert_int_equal(tt_normal_class(0x94D), 9);
    assert_int_equal(tt_normal_class('a'), 0);
    assert_int_equal(tt_normal_class(0xFFFFFFFF), 0);
    uint32_t parts[2];
    assert_int_equal(tt_normal_decompose(0x212B, parts), 1);
    assert_int_equal(parts[0], 0xC5);
    assert_int_equal(tt_normal_decompose('a', parts), 0);
    assert_int_equal(tt_normal_decompose(0xFFFFFFFF, parts), 0);
}

static void
test_room(void **state)
{
    const uint32_t in[] = {0x1FA7, 0x390}; /* four and three characters */
    uint32_t out[8];
    size_t n;
    (void) state;
    for (size_t cap = 0; cap < 7; cap++) {
        assert_int_equal(tt_normal_nfd(in, 2, out, cap, &n), TT_E_LIMIT);
        assert_int_equal(tt_normal_nfc(in, 2, out, cap, &n), TT_E_LIMIT);
    }
    assert_int_equal(tt_normal_nfd(in, 2, out, 7, &n), TT_OK);
    assert_int_equal(n, 7);
    assert_int_equal(tt_normal_nfc(in, 2, out, 8, &n), TT_OK);
    assert_int_equal(n, 2);
    assert_int_equal(tt_normal_nfc(in, 0, out, 0, &n), TT_OK);
    assert_int_equal(n, 0);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conformance),
        cmocka_unit_test(test_every_character),
        cmocka_unit_test(test_single),
        cmocka_unit_test(test_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
