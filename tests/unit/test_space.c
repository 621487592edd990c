/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Odd spaces: typography of many languages is left alone, a width that nobody types between words is reported, and gaps that say
 * something are read.
 */
#include "collected.h"
#include "hide.h"

#include "text/utf8.h"

#define RULE "mark.space"
#define NOTHING (-1)

#define NBSP "\xC2\xA0"
#define NNBSP "\xE2\x80\xAF"
#define OGHAM "\xE1\x9A\x80"
#define EN_QUAD "\xE2\x80\x80"
#define EM_QUAD "\xE2\x80\x81"
#define EN "\xE2\x80\x82"
#define EM "\xE2\x80\x83"
#define THIRD "\xE2\x80\x84"
#define QUARTER "\xE2\x80\x85"
#define FIGURE "\xE2\x80\x87"
#define PUNCTUATION "\xE2\x80\x88"
#define THIN "\xE2\x80\x89"
#define HAIR "\xE2\x80\x8A"
#define MATH "\xE2\x81\x9F"
#define WIDE "\xE3\x80\x80"
#define NEL "\xC2\x85"
#define LINE "\xE2\x80\xA8"
#define PARAGRAPH "\xE2\x80\xA9"
#define HAN "\xE4\xB8\xAD\xE6\x96\x87"

#define CHECK(rows, in_json) LOOK_CHECK(RULE, rows, (in_json) ? LOOK_IN_JSON : LOOK_IN_TEXT)

static void
test_typography(void **state)
{
    static const struct look_row rows[] = {
        {"Qui est l\xC3\xA0" NNBSP "? Moi" NBSP "! \xC2\xAB" NBSP "Bonjour" NBSP "\xC2\xBB, 50" NBSP "%", NOTHING},
        {"12" NNBSP "345" THIN "678 and 5" NBSP "km at 20" THIN "\xC2\xB0"
         "C, 3" THIN "mg" THIN "kg\xE2\x81\xBB\xC2\xB9",
         NOTHING},
        {"J." NBSP "R." NBSP "R. Tolkien, z." NNBSP "B., \xC2\xA7" NBSP "5", NOTHING},
        {"one" THIN "\xE2\x80\x94" THIN "two, 1" HAIR "\xE2\x80\x93" HAIR "2", NOTHING},
        {"some" NBSP "words" NBSP "in" NBSP "a" NBSP "page", NOTHING},
        {HAN WIDE HAN " a" WIDE HAN, NOTHING},
        {WIDE WIDE "indented", NOTHING},
        {"x" MATH "=" MATH "1", NOTHING},
        {"\xE1\x9A\x8C" OGHAM "\xE1\x9A\x8D", NOTHING},
        {"\xE1\xA0\xA0\xE1\xA0\xAD" NNBSP "\xE1\xA0\xB6\xE1\xA0\xA2", NOTHING},
        {"@alice" QUARTER "are you there?", NOTHING},
        {"| en space | " EN " | U+2002 |", NOTHING},
        {"{\"" EM "\":\"emsp\",\"" MATH HAIR "\":\"thick\"}", NOTHING},
        {"' " NBSP OGHAM EN_QUAD EM_QUAD EN EM "'", NOTHING},
    };
    (void) state;
    CHECK(rows, false);
    CHECK(rows, true);
}

static void
test_between_words(void **state)
{
    static const struct look_row rows[] = {
        {"the quick" THIN "brown fox", TT_SUSPICIOUS},
        {"the quick" HAIR "brown fox", TT_SUSPICIOUS},
        {"the quick" FIGURE "brown fox", TT_SUSPICIOUS},
        {"The" QUARTER "Quick", TT_SUSPICIOUS},
        {"the" OGHAM "quick", TT_SUSPICIOUS},
        {"\xD0\xB1\xD1\x8B\xD1\x81\xD1\x82\xD1\x80\xD0\xB0\xD1\x8F" THIN "\xD0\xBB\xD0\xB8\xD1\x81\xD0\xB0", TT_SUSPICIOUS},
        {"le petit" MATH "prince", TT_SUSPICIOUS},
        {"{\"name\": \"the" PUNCTUATION "key\"}", TT_SUSPICIOUS},
        {"# reads" THIRD "the configuration", TT_SUSPICIOUS},
        {"some" NBSP "of the words and" NNBSP "other ones differ", TT_SUSPICIOUS},
        {"the quick" NNBSP "brown fox", TT_CANDIDATE},
        {"the quick" EM "brown fox", TT_CANDIDATE},
        {"the quick" WIDE "brown fox", TT_CANDIDATE},
        {"Name" THIN "Value", TT_CANDIDATE},
        {"the end" THIN "\nof it", TT_CANDIDATE},
        {"ends here" EM, TT_CANDIDATE},
        {"a," THIRD "b", TT_CANDIDATE},
        {"x" EN EM THIN MATH "y", NOTHING}, /* a list */
        {"x" EM THIN EN MATH "y", TT_SUSPICIOUS},
    };
    (void) state;
    CHECK(rows, false);
    CHECK(rows, true);
}

static void
test_line_ends(void **state)
{
    static const struct look_row in_string[] = {
        {"first" LINE "second", TT_SUSPICIOUS},
        {"first" PARAGRAPH "second", TT_SUSPICIOUS},
        {"first" NEL "second", TT_SUSPICIOUS},
        {"split(/[" LINE PARAGRAPH "]/)", TT_CANDIDATE},
        {"U+2028 is '" LINE "'", NOTHING},
        {"\xC3\xA2\xC2\x80\xC2\x99s and \xC3\xA2\xC2\x80\xC2\xA6\xC3" NEL "x", NOTHING}, /* UTF-8 read as Latin-1 */
    };
    static const struct look_row in_text[] = {
        {"first" LINE "second", TT_CANDIDATE},
        {"first" NEL "second", TT_CANDIDATE},
        {"first" LINE, TT_CANDIDATE},
    };
    (void) state;
    CHECK(in_string, true);
    CHECK(in_text, false);
}

static void
test_how_many(void **state)
{
    struct looked l;
    (void) state;
    look_text(&l, RULE, TT_STR("one" NNBSP "word\nand" NNBSP "one\nand another" NNBSP "one"), false);
    assert_int_equal(l.count, 1); /* candidates: once a document */
    look_free(&l);
    look_text(&l, RULE, TT_STR("one" LINE "two" LINE "three" PARAGRAPH "four"), true);
    assert_int_equal(l.count, 1); /* once a string */
    look_free(&l);
    look_text(&l, RULE, TT_STR("one" THIN "word and" THIN "then" HAIR "more and" HAIR "more"), false);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.findings[0].level, TT_SUSPICIOUS);
    assert_int_equal(look_fact(&l.findings[0], "symbols")->number, 4);
    look_free(&l);
}

static void
test_position(void **state)
{
    struct collected c;
    (void) state;
    collect(&c, "t.md", TT_STR("| a | b |\r\n|---|---|\r\n| caf\xC3\xA9 one" THIN "two | x |\r\n"));
    assert_int_equal(c.count, 1);
    assert_int_equal(c.findings[0].where.line, 3);
    assert_int_equal(c.findings[0].where.column, 11);
    assert_int_equal(c.findings[0].where.length, 3);
    assert_str_equal(collected_fact(&c.findings[0], "codepoints"), TT_STR(THIN));
    collected_free(&c);
    collect(&c, "t.json", TT_STR("{\"tools\":[{\"name\":\"x\",\"description\":\"reads\\u2009the file\"}],\"messages\":[]}"));
    assert_int_equal(collected_at_least(&c, RULE, TT_SUSPICIOUS), 1);
    assert_str_equal(c.findings[0].where.path, TT_STR("$.tools[0].description"));
    collected_free(&c);
}

/* ---- messages ---- */

static void
test_messages(void **state)
{
    static const struct hide_row rows[] = {
        {{" ", THIN}, "to J. Doe", HIDE_HIGH_FIRST, 0},       {{" ", HAIR}, "session 4711 of jane", HIDE_LOW_FIRST, 3},
        {{EN, EM}, "copy nine", HIDE_HIGH_FIRST, 0},          {{" ", NBSP}, "seen on Tuesday", HIDE_HIGH_FIRST, 0},
        {{NBSP, " "}, "seen on Tuesday", HIDE_SEVEN, 0},      {{" ", NNBSP}, "{\"user\":\"jd\"}", HIDE_HIGH_FIRST, 7},
        {{" ", MATH}, "user@example.org", HIDE_SEVEN, 0},     {{" ", WIDE}, "it was meant for you", HIDE_LOW_FIRST, 0},
        {{" ", " " THIN}, "two for one", HIDE_HIGH_FIRST, 0},
    };
    (void) state;
    hide_check(RULE, hide_words, HIDE_WORDS, rows, sizeof(rows) / sizeof(*rows), 12);
}

/* Four spaces are the digits of bytes, lowest first, behind a tag byte, as published. */
static void
test_published_alphabet(void **state)
{
    static const char *const digits[] = {PUNCTUATION, THIN, NNBSP, MATH};
    static const char payload[] = "\0for J. Doe";
    char text[4096];
    size_t len = 0;
    (void) state;
    for (size_t i = 0; i < 4 * (sizeof(payload) - 1); i++) {
        unsigned digit = (unsigned char) payload[i / 4] >> 2 * (i % 4) & 3;
        len = (size_t) (stpcpy(stpcpy(text + len, hide_words[i % HIDE_WORDS]), digits[digit]) - text);
    }
    strcpy(text + len, "end");
    assert_says(RULE, tt_str_cstr(text), false, "for J. Doe");
    assert_says(RULE, tt_str_cstr(text), true, "for J. Doe");
}

/* ---- borders, kernels, memory ---- */

static void
test_windows(void **state)
{
    const struct tt_str text = TT_STR("a long" THIN "way from here, then a" NBSP "b and" QUARTER "more\nof" LINE "it");
    (void) state;
    for (size_t cut = 0; cut <= text.len; cut++) {
        if (cut == text.len || ((unsigned char) text.ptr[cut] & 0xC0) != 0x80) {
            size_t count = look_window(RULE, text, 0, cut) + look_window(RULE, text, cut, text.len);
            assert_true(count >= 1 && count <= 3);
        }
    }
    assert_int_equal(look_window(RULE, text, 0, text.len), 1); /* what it finds first speaks for the rest */
}

/* Behind the first window of a file, in a text whose last line does not end. */
static void
test_far_away(void **state)
{
    const size_t before = 3 * TT_MIB + 12345;
    static const char mark[] = "the quick" THIN "brown fox";
    struct collected c;
    char *text = malloc(before + sizeof(mark));
    (void) state;
    assert_non_null(text);
    for (size_t i = 0; i < before; i++) {
        text[i] = i % 80 == 79 ? '\n' : i % 7 == 6 ? ' ' : 'w';
    }
    memcpy(text + before, mark, sizeof(mark));
    text[before - 1] = '\n';
    collect(&c, "long.txt", tt_str_make(text, before + sizeof(mark) - 1));
    assert_int_equal(c.count, 1);
    assert_int_equal(c.findings[0].level, TT_SUSPICIOUS);
    assert_int_equal(c.findings[0].where.offset, before + 9);
    collected_free(&c);
    free(text);
}

static void
test_kernels(void **state)
{
    static const char *const pieces[] = {"word ", "of", " ",  NBSP, NNBSP, THIN, EM,     WIDE,
                                         LINE,    NEL,  "\n", HAN,  "12",  "!",  QUARTER};
    struct hide h = {hide_words, HIDE_WORDS, {" ", NBSP}, HIDE_HIGH_FIRST, 3, 3};
    char *text = hide_message(&h, "seen on Tuesday");
    (void) state;
    assert_kernels_agree(RULE, tt_str_cstr(text), false);
    assert_kernels_agree_on_mixtures(RULE, pieces, sizeof(pieces) / sizeof(*pieces), 400);
    free(text);
}

static void
test_failing_memory(void **state)
{
    struct hide h = {hide_words, HIDE_WORDS, {" ", THIN}, HIDE_HIGH_FIRST, 0, 0};
    char *text = hide_message(&h, "to J. Doe");
    (void) state;
    assert_survives_failing_memory(RULE, tt_str_cstr(text), false);
    assert_survives_failing_memory(RULE, TT_STR("one" THIN "word and" THIN "then" HAIR "more"), false);
    assert_survives_failing_memory(RULE, TT_STR("one" LINE "word"), true);
    h.forms[1] = NBSP;
    free(text);
    text = hide_message(&h, "seen on Tuesday");
    assert_survives_failing_memory(RULE, tt_str_cstr(text), false);
    free(text);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_typography),         cmocka_unit_test(test_between_words),
        cmocka_unit_test(test_line_ends),          cmocka_unit_test(test_how_many),
        cmocka_unit_test(test_position),           cmocka_unit_test(test_messages),
        cmocka_unit_test(test_published_alphabet), cmocka_unit_test(test_windows),
        cmocka_unit_test(test_far_away),           cmocka_unit_test(test_kernels),
        cmocka_unit_test(test_failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
