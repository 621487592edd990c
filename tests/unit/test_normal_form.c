/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Normal form: a text of one form is silent, whichever it is; both forms of one character are a candidate, forms in turn are
 * suspicious, and forms that say something are read.
 */
#include "collected.h"
#include "hide.h"

#define RULE "mark.normal-form"
#define NOTHING (-1)

#define ACUTE "\xCC\x81"
#define GRAVE "\xCC\x80"
#define TILDE "\xCC\x83"
#define DIAERESIS "\xCC\x88"
#define DOT "\xCC\xA3" /* below */
#define HAT "\xCC\x82"
#define E_ACUTE "\xC3\xA9"
#define A_ACUTE "\xC3\xA1"
#define O_DIAERESIS "\xC3\xB6"
#define ANGSTROM "\xE2\x84\xAB"
#define A_RING "\xC3\x85"
#define KELVIN "\xE2\x84\xAA"
#define GREEK_QUESTION "\xCD\xBE"
#define ALPHA "\xCE\xB1"
#define HAN_GA "\xE8\xB1\x88"     /* U+8C48 */
#define HAN_GA_TOO "\xEF\xA4\x80" /* U+F900, the same */

#define CHECK(rows) LOOK_CHECK(RULE, rows, LOOK_IN_TEXT)

static void
test_one_form(void **state)
{
    static const struct look_row rows[] = {
        {"caf" E_ACUTE " r" E_ACUTE "sum" E_ACUTE, NOTHING},
        {"cafe" ACUTE " re" ACUTE "sume" ACUTE, NOTHING},
        {"sch" O_DIAERESIS "n, aber cafe" ACUTE, NOTHING}, /* each character in one form */
        {"a" DOT HAT "n c" DOT HAT, NOTHING},
        {"\xD7\xA9\xD6\xBC\xD7\x81\xD7\x9C\xD7\x95\xD6\xB9\xD7\x9D", NOTHING}, /* Hebrew with points */
        {"Vi\xE1\xBB\x87t Nam ti\xE1\xBA\xBFng", NOTHING},
        {"| A | " ANGSTROM " | " A_RING " |", NOTHING}, /* a table */
        {"10 " ANGSTROM " long", NOTHING},
        {"300 " KELVIN, NOTHING},
        {"\xED\x95\x9C\xEA\xB8\x80 \xE1\x84\x80\xE1\x85\xA1", NOTHING},
        {HAN_GA_TOO " and " HAN_GA_TOO, NOTHING},
        {"(\"a\" \"" HAN_GA HAN_GA_TOO "\")", NOTHING},               /* a list */
        {"f(\"caf" E_ACUTE "\",\"cafe" ACUTE "\")", NOTHING},         /* two strings of a program */
        {"caf" E_ACUTE "\ncafe" ACUTE "\ncaf" E_ACUTE "\n", NOTHING}, /* entries of a list */
        {"<p>a caf" E_ACUTE " with some words behind it, and more</p>\n<p>a cafe" ACUTE "</p>", NOTHING},
    };
    (void) state;
    CHECK(rows);
}

static void
test_both_forms(void **state)
{
    static const struct look_row rows[] = {
        {"the caf" E_ACUTE " and the cafe" ACUTE, TT_CANDIDATE},
        {"the boo" KELVIN " of it", TT_CANDIDATE},
        {"un cafe" ACUTE " y un caf" E_ACUTE, TT_CANDIDATE},
        {"a caf" E_ACUTE " in a paragraph of prose that goes on in the next\nline, where another cafe" ACUTE " is", TT_CANDIDATE},
        {"\xD0\xBC\xD0\xBE\xD0\xB9 and \xD0\xBC\xD0\xBE\xD0\xB8\xCC\x86 \xD0\xB4\xD0\xBE\xD0\xBC", TT_CANDIDATE},
        {"n" A_ACUTE "na" ACUTE "n" A_ACUTE "na" ACUTE "n" A_ACUTE "na" ACUTE "n" A_ACUTE "na" ACUTE "n", TT_SUSPICIOUS},
        {"in normalization form C: n" A_ACUTE "na" ACUTE "n" A_ACUTE "na" ACUTE "n" A_ACUTE "na" ACUTE "n" A_ACUTE "na" ACUTE "n",
         TT_CANDIDATE}, /* about forms */
    };
    (void) state;
    CHECK(rows);
}

static void
test_greek_question(void **state)
{
    static const struct look_row rows[] = {
        {"int x = f()" GREEK_QUESTION, TT_SUSPICIOUS},
        {"    return value" GREEK_QUESTION "\n}", TT_SUSPICIOUS},
        {"let a = \"b\"" GREEK_QUESTION " // c", TT_SUSPICIOUS},
        {"first one" GREEK_QUESTION " then the other", TT_CANDIDATE},
        {"\xCF\x84\xCE\xB9" GREEK_QUESTION, NOTHING},
        {"\xCF\x84\xCE\xB9 is Linux" GREEK_QUESTION, NOTHING},
        {"the sign " GREEK_QUESTION " is Greek", NOTHING},
    };
    (void) state;
    CHECK(rows);
}

static void
test_position(void **state)
{
    struct collected c;
    (void) state;
    collect(&c, "t.txt", TT_STR("first paragraph\n\nun caf" E_ACUTE " y un cafe" ACUTE " m\xC3\xA1s"));
    assert_int_equal(c.count, 1);
    assert_int_equal(c.findings[0].where.line, 3);
    assert_int_equal(c.findings[0].where.column, 17);
    assert_str_equal(collected_fact(&c.findings[0], "codepoints"), TT_STR("e" ACUTE));
    collected_free(&c);
    collect(
        &c, "t.json",
        TT_STR(
            "{\"system\":\"caf\\u00e9 cafe\\u0301\",\"messages\":[{\"role\":\"user\",\"content\":\"caf\\u00e9 cafe\\u0301\"}]}"));
    assert_int_equal(c.count, 1); /* once a document */
    assert_str_equal(c.findings[0].where.path, TT_STR("$.system"));
    collected_free(&c);
}

/* ---- messages ---- */

static const char *const syllables[] = {"m", "t", "s", "l", "p", "d", "v ", "c", "n", "f", "b", "r "};

static void
test_messages(void **state)
{
    static const struct hide_row rows[] = {
        {{E_ACUTE, "e" ACUTE}, "copy nine", HIDE_HIGH_FIRST, 0},
        {{"e" ACUTE, E_ACUTE}, "copy nine", HIDE_HIGH_FIRST, 0},
        {{E_ACUTE, "e" ACUTE}, "session 4711", HIDE_LOW_FIRST, 0},
        {{O_DIAERESIS, "o" DIAERESIS}, "to be read later", HIDE_SEVEN, 0},
        {{"\xD0\xB9", "\xD0\xB8\xCC\x86"}, "for J. Doe", HIDE_HIGH_FIRST, 0},
        {{"a" DOT ACUTE, "a" ACUTE DOT}, "for J. Doe", HIDE_HIGH_FIRST, 0}, /* marks in another order */
        {{A_RING, ANGSTROM}, "for J. Doe", HIDE_HIGH_FIRST, 0},
        {{HAN_GA, HAN_GA_TOO}, "for J. Doe", HIDE_HIGH_FIRST, 0},
    };
    (void) state;
    hide_check(RULE, syllables, 12, rows, sizeof(rows) / sizeof(*rows), 0);
}

/* Forms at random spell nothing, but no keyboard writes so. */
static void
test_noise(void **state)
{
    uint64_t random = 7;
    (void) state;
    for (int round = 0; round < 60; round++) {
        char text[1024];
        size_t len = 0;
        for (size_t i = 0; i < 60; i++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            len = (size_t) (stpcpy(stpcpy(text + len, syllables[i % 12]), random >> 63 ? E_ACUTE : "e" ACUTE) - text);
        }
        assert_int_equal(look_level(RULE, tt_str_make(text, len), false), TT_SUSPICIOUS);
    }
}

/* ---- borders, kernels, memory ---- */

static void
test_windows(void **state)
{
    struct tt_str text =
        TT_STR("a caf" E_ACUTE " here, a long way of other words, and a cafe" ACUTE " there, all in one paragraph.");
    (void) state;
    for (size_t cut = 0; cut <= text.len; cut++) {
        if (cut == text.len || ((unsigned char) text.ptr[cut] & 0xC0) != 0x80) {
            size_t count = look_window(RULE, text, 0, cut) + look_window(RULE, text, cut, text.len);
            assert_true(count >= 1 && count <= 2);
        }
    }
}

static void
test_kernels(void **state)
{
    static const char *const pieces[] = {"word",      " ",    "e" ACUTE,   E_ACUTE,       "o" DIAERESIS, O_DIAERESIS,
                                         ANGSTROM,    A_RING, "A\xCC\x8A", "\n",          "\n\n",        GREEK_QUESTION,
                                         ALPHA ACUTE, HAN_GA, HAN_GA_TOO,  "a" DOT ACUTE, "a" ACUTE DOT};
    struct hide h = {syllables, 12, {E_ACUTE, "e" ACUTE}, HIDE_HIGH_FIRST, 0, 0};
    char *text = hide_message(&h, "copy nine");
    (void) state;
    assert_kernels_agree(RULE, tt_str_cstr(text), false);
    assert_kernels_agree_on_mixtures(RULE, pieces, sizeof(pieces) / sizeof(*pieces), 400);
    free(text);
}

/* A letter with marks without end, and one paragraph without end: in bounded time and memory. */
static void
test_dense_field(void **state)
{
    const size_t size = 512 * 1024;
    char *text = malloc(size + 8);
    (void) state;
    assert_non_null(text);
    for (size_t i = 0; i < size; i += 2) {
        memcpy(text + i,
               i % 64 ? ACUTE
                      : "e"
                        "e",
               2);
    }
    (void) look_level(RULE, tt_str_make(text, size), false);
    for (size_t i = 0; i + 5 <= size; i += 5) {
        memcpy(text + i, i % 3 ? E_ACUTE "e" ACUTE : "e" ACUTE E_ACUTE, 5);
    }
    assert_true(look_level(RULE, tt_str_make(text, size / 5 * 5), false) >= TT_CANDIDATE);
    free(text);
}

static void
test_failing_memory(void **state)
{
    struct hide h = {syllables, 12, {E_ACUTE, "e" ACUTE}, HIDE_HIGH_FIRST, 0, 0};
    char *text = hide_message(&h, "copy nine");
    (void) state;
    assert_survives_failing_memory(RULE, tt_str_cstr(text), false);
    assert_survives_failing_memory(RULE, TT_STR("caf" E_ACUTE " cafe" ACUTE "\n\nint x = f()" GREEK_QUESTION), false);
    free(text);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_form),       cmocka_unit_test(test_both_forms), cmocka_unit_test(test_greek_question),
        cmocka_unit_test(test_position),       cmocka_unit_test(test_messages),   cmocka_unit_test(test_noise),
        cmocka_unit_test(test_windows),        cmocka_unit_test(test_kernels),    cmocka_unit_test(test_dense_field),
        cmocka_unit_test(test_failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
