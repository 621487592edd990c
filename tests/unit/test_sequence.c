/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listed sequences: every fully-qualified line of emoji-test.txt, every line of the two variation files, and what is in
 * none.
 */
#include "test.h"

#include "text/sequence.h"

#include <stdio.h>
#include <stdlib.h>

#define POINTS_MAX 32

/* Hexadecimal numbers up to ';'; how many. */
static size_t
parse_points(const char *text, uint32_t out[POINTS_MAX])
{
    size_t n = 0;
    char *end;
    for (; n < POINTS_MAX; n++, text = end) {
        out[n] = (uint32_t) strtoul(text, &end, 16);
        if (end == text) {
            break;
        }
    }
    return n;
}

static void
test_every_qualified_emoji_is_listed(void **state)
{
    (void) state;
    FILE *file = test_open_unicode("emoji/emoji-test.txt");
    char line[512];
    size_t count = 0;
    while (fgets(line, sizeof(line), file)) {
        uint32_t points[POINTS_MAX];
        if (line[0] == '#' || !strstr(line, "; fully-qualified")) {
            continue;
        }
        size_t n = parse_points(line, points);
        if (!tt_emoji_is_rgi(points, n)) {
            fail_msg("not listed: %s", line);
        }
        count++;
    }
    fclose(file);
    assert_int_equal(count, 3655);
}

struct emoji_case {
    const char *points;
    bool rgi;
};

static const struct emoji_case emoji_cases[] = {
    {"1F600", true},
    {"2764 FE0F", true},
    {"2764", true}, /* as unqualified as with FE0F */
    {"1F469 200D 1F4BB", true},
    {"2708 FE0F", true},
    {"0023 FE0F 20E3", true},
    {"0039 20E3", true},
    {"1F1E9 1F1EA", true},
    {"1F44D 1F3FD", true},
    {"1F3F4 E0067 E0062 E0065 E006E E0067 E007F", true},
    {"1F3F4 E0067 E0062 E0073 E0063 E0074 E007F", true},
    {"1F469 200D 2764 FE0F 200D 1F48B 200D 1F468", true},
    {"1F9D1 1F3FB 200D 2764 FE0F 200D 1F48B 200D 1F9D1 1F3FF", true},
    {"", false},
    {"FE0F", false},
    {"200D", false},
    {"0061", false},
    {"0023", false}, /* a keycap base alone */
    {"0023 FE0F", false},
    {"1F1E9", false}, /* half a flag */
    {"1F1E9 1F1E9", false},
    {"1F600 1F600", false},
    {"1F600 E0041", false},
    {"1F3F4 E0067 E0062 E0065 E006E E0067", false}, /* no end */
    {"1F3F4 E0075 E0073 E0063 E0061 E007F", false}, /* well-formed, not listed */
    {"1F469 200D", false},
    {"200D 1F4BB", false},
    {"0061 200D 0062", false},
    {"1F600 1F3FD", false}, /* takes no modifier */
    {"1F469 1F3FB 1F3FB", false},
    {"1F469 200D 1F469 200D 1F469 200D 1F469", false},
    {"1F469 FE0E", false},
    {"110000", false},
    {"FFFFFFFF", false},
};

static void
test_emoji_vectors(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(emoji_cases) / sizeof(*emoji_cases); i++) {
        uint32_t points[POINTS_MAX];
        size_t n = parse_points(emoji_cases[i].points, points);
        if (tt_emoji_is_rgi(points, n) != emoji_cases[i].rgi) {
            fail_msg("wrong: %s", emoji_cases[i].points);
        }
    }
    assert_false(tt_emoji_is_rgi(NULL, 0));
}

static void
test_long_input_is_refused(void **state)
{
    uint32_t points[4 * TT_EMOJI_SEQUENCE_MAX];
    (void) state;
    for (size_t i = 0; i < 4 * TT_EMOJI_SEQUENCE_MAX; i++) {
        points[i] = 0x1F600;
    }
    for (size_t n = 2; n <= 4 * TT_EMOJI_SEQUENCE_MAX; n++) {
        assert_false(tt_emoji_is_rgi(points, n));
    }
}

/* Every pair of a file is listed; returns how many. */
static size_t
assert_pairs_are_listed(const char *name)
{
    FILE *file = test_open_unicode(name);
    char line[512];
    size_t count = 0;
    while (fgets(line, sizeof(line), file)) {
        uint32_t points[POINTS_MAX];
        if (line[0] == '#' || line[0] == '\n') {
            continue;
        }
        assert_int_equal(parse_points(line, points), 2);
        if (!tt_variation_is_listed(points[0], points[1])) {
            fail_msg("not listed: %s", line);
        }
        count++;
    }
    fclose(file);
    return count;
}

static void
test_every_variation_is_listed(void **state)
{
    (void) state;
    assert_int_equal(assert_pairs_are_listed("StandardizedVariants.txt"), 1292);
    assert_int_equal(assert_pairs_are_listed("emoji/emoji-variation-sequences.txt"), 2 * 354);
}

/* And nothing else: the pairs are counted over the whole code space. */
static void
test_no_other_variation_is_listed(void **state)
{
    size_t count = 0;
    (void) state;
    for (uint32_t base = 0; base <= 0x10FFFF; base++) {
        for (uint32_t selector = 0xFE00; selector <= 0xFE02; selector++) {
            count += tt_variation_is_listed(base, selector);
        }
        count += tt_variation_is_listed(base, 0xFE0E);
        count += tt_variation_is_listed(base, 0xFE0F);
        for (uint32_t selector = 0x180B; selector <= 0x180D; selector++) {
            count += tt_variation_is_listed(base, selector);
        }
    }
    assert_int_equal(count, 1292 + 2 * 354);
    for (uint32_t base = 0; base < 0x30000; base++) {
        for (uint32_t selector = 0xFE03; selector <= 0xFE0D; selector++) {
            assert_false(tt_variation_is_listed(base, selector));
        }
        assert_false(tt_variation_is_listed(base, 0x180F));
    }
}

static void
test_variation_vectors(void **state)
{
    static const struct {
        uint32_t base, selector;
        bool listed;
    } cases[] = {
        {0x2229, 0xFE00, true},      {0x1000, 0xFE00, true},      {0x1828, 0x180B, true},    {0x2708, 0xFE0F, true},
        {0x0023, 0xFE0E, true},      {0x9089, 0xE0101, true},     {0x4E00, 0xE01EF, true},   {0xF900, 0xE0100, true},
        {0x0061, 0xFE0F, false},     {0x0061, 0xE0151, false},    {0x4E00, 0xFE05, false},   {0x0061, 0x180B, false},
        {0x4E00, 0xE00FF, false},    {0x4E00, 0xE01F0, false},    {0x3042, 0xE0100, false},  {0x2229, 0xFE01, false},
        {0x2229, 0x0061, false},     {0x2229, 0xFDFF, false},     {0x2229, 0xFE10, false},   {0x1828, 0x180A, false},
        {0x1828, 0x1810, false},     {0x1828, 0x180E, false},     {0x110000, 0xFE00, false}, {0x110000, 0xE0100, false},
        {0xFFFFFFFF, 0xFE0F, false}, {0x08002229, 0xFE00, false}, /* would be listed if bits were lost */
    };
    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        if (tt_variation_is_listed(cases[i].base, cases[i].selector) != cases[i].listed) {
            fail_msg("wrong: U+%04X U+%04X", (unsigned) cases[i].base, (unsigned) cases[i].selector);
        }
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_qualified_emoji_is_listed), cmocka_unit_test(test_emoji_vectors),
        cmocka_unit_test(test_long_input_is_refused),           cmocka_unit_test(test_every_variation_is_listed),
        cmocka_unit_test(test_no_other_variation_is_listed),    cmocka_unit_test(test_variation_vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
