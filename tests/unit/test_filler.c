/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fillers and blank letters: at home in Korean, Braille and music, low as blanks, reported as names in source code, inside
 * words, and where they carry bits.
 */
#include "hide.h"

#define RULE "mark.filler"
#define NOTHING (-1)

#define CHOSEONG "\xE1\x85\x9F"
#define JUNGSEONG "\xE1\x85\xA0"
#define FILLER "\xE3\x85\xA4"
#define HALFWIDTH "\xEF\xBE\xA0"
#define BLANK "\xE2\xA0\x80"
#define CELL "\xE2\xA3\xBF"
#define NOTEHEAD "\xF0\x9D\x85\x99"
#define STEM "\xF0\x9D\x85\xA5"
#define KIYEOK "\xE3\x84\xB1"
#define LEAD "\xE1\x84\x80"
#define VOWEL "\xE1\x85\xA1"
#define HANGUL "\xED\x95\x9C\xEA\xB8\x80"

#define CHECK(rows) LOOK_CHECK(RULE, rows, LOOK_ANYWHERE)

static void
test_at_home(void **state)
{
    static const struct look_row rows[] = {
        {CHOSEONG VOWEL, NOTHING},
        {LEAD JUNGSEONG, NOTHING},
        {KIYEOK FILLER KIYEOK, NOTHING},
        {KIYEOK FILLER FILLER, NOTHING},
        {"\xEF\xBE\xA1" HALFWIDTH, NOTHING},
        {CELL BLANK CELL, NOTHING},
        {CELL CELL "\n" BLANK BLANK BLANK BLANK "\n" BLANK CELL, NOTHING}, /* an empty line of a picture */
        {"\xE2\xA0\x8B \xE2\xA0\x99 \xE2\xA0\xB9" BLANK " building", NOTHING},
        {NOTEHEAD STEM, NOTHING},
        {"| HANGUL FILLER | " FILLER " | 3164 |", NOTHING},
        {"U+2800 is '" BLANK "'", NOTHING},
    };
    (void) state;
    CHECK(rows);
}

static void
test_blanks(void **state)
{
    static const struct look_row rows[] = {
        {"name: " FILLER, TT_CANDIDATE},
        {FILLER, TT_CANDIDATE},
        {HANGUL FILLER HANGUL, TT_CANDIDATE},
        {"a line\n" BLANK "\nanother", TT_CANDIDATE},
        {BLANK BLANK BLANK BLANK BLANK BLANK BLANK BLANK BLANK BLANK "centred", TT_CANDIDATE},
        {"two" BLANK "words", TT_CANDIDATE},
        {"\"" FILLER "\"", TT_CANDIDATE},
        {"a " NOTEHEAD " b", TT_CANDIDATE},
    };
    (void) state;
    CHECK(rows);
}

static void
test_broken(void **state)
{
    static const struct look_row rows[] = {
        {"const { timeout," FILLER "} = req.query;", TT_SUSPICIOUS},
        {"exec(" FILLER ");", TT_SUSPICIOUS},
        {"let " HALFWIDTH " = 1;", TT_SUSPICIOUS},
        {"+    var " FILLER " = require('x')", TT_SUSPICIOUS}, /* in a diff */
        {"const blank = '" FILLER "';", TT_CANDIDATE},         /* in a string */
        {"$ rm -rf " FILLER "x", TT_SUSPICIOUS},
        {"pass" FILLER "word", TT_SUSPICIOUS},
        {"user_" FILLER "x", TT_SUSPICIOUS},
        {"x" JUNGSEONG "y", TT_SUSPICIOUS},
        {"a " CHOSEONG JUNGSEONG " b", TT_SUSPICIOUS},
        {"a " BLANK FILLER " b", TT_SUSPICIOUS},
        {"x" NOTEHEAD "y", TT_SUSPICIOUS},
    };
    (void) state;
    CHECK(rows);
}

/* Two fillers are the bits of a message: in a row, and one behind each letter. */
static void
test_messages(void **state)
{
    char text[4096] = "x[\"";
    const char *secret = "alert(1)";
    struct looked l;
    (void) state;
    for (size_t i = 0; i < 8 * strlen(secret); i++) {
        strcat(text, secret[i / 8] >> (7 - i % 8) & 1 ? FILLER : HALFWIDTH);
    }
    strcat(text, "\"]");
    look_text(&l, RULE, tt_str_cstr(text), false);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.findings[0].level, TT_CONFIRMED);
    assert_int_equal(l.findings[0].where.offset, 3);
    assert_int_equal(l.findings[0].where.length, 3 * 64);
    assert_str_equal(look_fact(&l.findings[0], "decoded.text")->text, tt_str_cstr(secret));
    look_free(&l);

    secret = "run the tests";
    text[0] = '\0';
    for (size_t i = 0; i < 8 * strlen(secret); i++) {
        strcat(text, i % 6 == 5 ? " " : "w");
        strcat(text, secret[i / 8] >> (7 - i % 8) & 1 ? CHOSEONG : JUNGSEONG); /* an alphabet of nobody's */
    }
    look_text(&l, RULE, tt_str_cstr(text), true);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.findings[0].level, TT_CONFIRMED);
    assert_str_equal(look_fact(&l.findings[0], "decoded.text")->text, tt_str_cstr(secret));
    look_free(&l);
}

/* A choice between a blank and a filler at each gap is a bit; a text without any blanks has none. */
static void
test_gaps(void **state)
{
    static const struct look_row rows[] = {
        {"it" BLANK "is said that" BLANK "one" BLANK "can hide" BLANK "much in" BLANK "a line" BLANK "of" BLANK "words if" BLANK
         "one may",
         TT_SUSPICIOUS},
        {"it" BLANK "is" BLANK "said" BLANK "that" BLANK "one" BLANK "can" BLANK "hide" BLANK "much" BLANK "in" BLANK "it",
         TT_CANDIDATE},
        {"it" BLANK "is said that" BLANK "one can hide much in a line of words", TT_CANDIDATE},
    };
    (void) state;
    CHECK(rows);
}

/* And it can be read, in every plausible order. */
static void
test_gap_messages(void **state)
{
    static const struct {
        const char *forms[2];
        enum hide_order order;
    } rows[] = {
        {{" ", FILLER}, HIDE_HIGH_FIRST},    {{" ", BLANK}, HIDE_LOW_FIRST},     {{HALFWIDTH, " "}, HIDE_SEVEN},
        {{" ", " " BLANK}, HIDE_HIGH_FIRST}, {{FILLER, BLANK}, HIDE_HIGH_FIRST},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct hide h = {hide_words, HIDE_WORDS, {rows[i].forms[0], rows[i].forms[1]}, rows[i].order, i, 5};
        char *text = hide_message(&h, "meant for J. Doe alone");
        assert_says(RULE, tt_str_cstr(text), i % 2, "meant for J. Doe alone");
        free(text);
    }
}

static void
test_counts(void **state)
{
    struct looked l;
    (void) state;
    look_text(&l, RULE, TT_STR("a\n" BLANK "\nb\n" BLANK "\nname: " FILLER "\n"), false);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.findings[0].where.offset, 2);
    assert_int_equal(l.findings[0].where.length, 3);
    look_free(&l);
    look_text(&l, RULE, TT_STR("exec(" FILLER ");\nexec(" FILLER ");\n"), false);
    assert_int_equal(l.count, 2);
    assert_int_equal(l.findings[1].where.offset, 16);
    look_free(&l);
}

static void
test_windows(void **state)
{
    const struct tt_str text = TT_STR("exec(" FILLER ");\nexec(" FILLER HALFWIDTH ");\n");
    struct looked l;
    (void) state;
    struct tt_field field = {.text = text, .from = 11, .to = text.len, .at_start = true, .at_end = true};
    assert_int_equal(look_field(&l, RULE, &field, &tt_alloc_libc), TT_OK);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.findings[0].where.offset, 16);
    assert_int_equal(l.findings[0].where.length, 6);
    look_free(&l);
    field.from = 19; /* the run began in the window before */
    assert_int_equal(look_field(&l, RULE, &field, &tt_alloc_libc), TT_OK);
    assert_int_equal(l.count, 0);
    look_free(&l);
}

static void
test_kernels(void **state)
{
    static const char *const pieces[] = {"word ",        "x",  FILLER, HALFWIDTH, BLANK,     BLANK,   CELL, "\n",
                                         "const y = f(", ");", KIYEOK, CHOSEONG,  JUNGSEONG, NOTEHEAD};
    (void) state;
    assert_kernels_agree_on_mixtures(RULE, pieces, sizeof(pieces) / sizeof(*pieces), 200);
}

static void
test_failing_memory(void **state)
{
    struct tt_str text = TT_STR("exec(" FILLER ");\nname: " FILLER "\n" FILLER HALFWIDTH FILLER);
    (void) state;
    assert_survives_failing_memory(RULE, text, false);
    text = TT_STR("a" BLANK "b c" BLANK "d e" BLANK "f g" BLANK "h i" BLANK "j k" BLANK "l m" BLANK "n o" BLANK "p q");
    assert_survives_failing_memory(RULE, text, false);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_at_home),        cmocka_unit_test(test_blanks),  cmocka_unit_test(test_broken),
        cmocka_unit_test(test_messages),       cmocka_unit_test(test_gaps),    cmocka_unit_test(test_gap_messages),
        cmocka_unit_test(test_counts),         cmocka_unit_test(test_windows), cmocka_unit_test(test_kernels),
        cmocka_unit_test(test_failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
