/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Soft hyphens and other format characters: typography and notation are left alone, names and commands are not, and soft
 * hyphens that come at places or distances of their own are reported together.
 */
#include "look.h"

#include <stdlib.h>

#define RULE "mark.format"
#define NOTHING (-1)

#define SHY "\xC2\xAD"
#define TIMES "\xE2\x81\xA2"
#define ZWSP "\xE2\x80\x8B"
#define ANCHOR "\xEF\xBF\xB9"
#define SEPARATOR "\xEF\xBF\xBA"
#define TERMINATOR "\xEF\xBF\xBB"
#define BEAM "\xF0\x9D\x85\xB3"
#define NOTE "\xF0\x9D\x85\x9F"
#define OVERLAP "\xF0\x9B\xB2\xA0"
#define DUPLOYAN "\xF0\x9B\xB0\x82"
#define INHERENT_AQ "\xE1\x9E\xB4"
#define KA "\xE1\x9E\x80"
#define RESERVED "\xE2\x81\xA5"
#define RESERVED_FAR "\xF3\xA0\xBF\xBF"

#define CHECK(rows) LOOK_CHECK(RULE, rows, LOOK_ANYWHERE)

static void
test_soft_hyphens(void **state)
{
    static const struct look_row rows[] = {
        {"Donau" SHY "dampf" SHY "schiff", NOTHING},
        {"\xD0\xBF\xD1\x80\xD0\xB8" SHY "\xD1\x80\xD0\xBE\xD0\xB4\xD0\xB0", NOTHING},
        {"E-" SHY "Mail, und/" SHY "oder, (Mit" SHY "glied)", NOTHING},
        {"a printed hyphen" SHY "\nation", NOTHING},
        {"a printed hyphen" SHY "\r\nation", NOTHING},
        {"the end" SHY, NOTHING},
        {"exam" SHY " ple", NOTHING}, /* print that was turned into text */
        {SHY "word", NOTHING},
        {"1985" SHY "1990", NOTHING},
        {"4: i" SHY "=%spellout-numbering=;", NOTHING}, /* a rule that puts words together */
        {"o" SHY "der", TT_CANDIDATE},
        {"exam" SHY SHY "ple", TT_SUSPICIOUS},
        {"exam" SHY SHY SHY SHY "ple", TT_SUSPICIOUS},
        {"open https://example.org/down" SHY "load", TT_SUSPICIOUS},
        {"mail to some" SHY "one@example.org", TT_SUSPICIOUS},
        {"in /home/user/docu" SHY "ments", TT_SUSPICIOUS},
        {"in C:\\docu" SHY "ments\\x", TT_SUSPICIOUS},
        {"set user_na" SHY "me", TT_SUSPICIOUS},
        {"call std::vec" SHY "tor", TT_SUSPICIOUS},
        {"sudo apt-get in" SHY "stall it", TT_SUSPICIOUS},
        {"$ git checkout fea" SHY "ture", TT_SUSPICIOUS},
        {"grep -r pass" SHY "word", TT_SUSPICIOUS},
        {"grep is a pro" SHY "gram", NOTHING},
        {"call `rm -rf bu" SHY "ild` first", TT_SUSPICIOUS},
        {"`a` rm -rf it, then pro" SHY "gram `b`", NOTHING}, /* between two of them */
        {"git clone --recur" SHY "sive x", TT_SUSPICIOUS},
        {"user" SHY "name = get_user()", TT_SUSPICIOUS},
        {"const user" SHY "name = 1;", TT_SUSPICIOUS},
        {"const title = \"Daten" SHY "schutz\";", NOTHING}, /* a string */
        {"x = 1; // Daten" SHY "schutz", NOTHING},          /* a comment */
        {"\"\u00a4\u00a5\u00a6\u00a7\u00a8\u00a9\u00aa\u00ab\u00ac" SHY
         "\u00ae\u00af\u00b0\u00b1\u00b2\u00b3\u00b4\u00b5\u00b6\"",
         NOTHING},                                                          /* a character set */
        {"\"\u00a4\u00a5\u00a6\u00a7\u00a8" SHY "\u00a9\u00aa\"", NOTHING}, /* some signs */
        {"Zeit = Geld, sagt das Sprich" SHY "wort", NOTHING},
        {"erstens die Vor" SHY "worte;", NOTHING},
        {"<p>Daten" SHY "schutz</p><a href=\"/daten_schutz/a\">Grund" SHY "rechte</a>", NOTHING},
        {"255   173   AD   " SHY "   soft hyphen in another language", NOTHING},
        {"&shy; is " SHY " here", NOTHING},
    };
    (void) state;
    CHECK(rows);
}

static void
test_notation(void **state)
{
    static const struct look_row rows[] = {
        {NOTE BEAM NOTE, NOTHING},
        {"a" BEAM "b", TT_SUSPICIOUS},
        {NOTE BEAM BEAM BEAM BEAM BEAM, TT_SUSPICIOUS},
        {DUPLOYAN OVERLAP DUPLOYAN, NOTHING},
        {"a" OVERLAP "b", TT_SUSPICIOUS},
        {KA INHERENT_AQ, TT_CANDIDATE},
        {"x" INHERENT_AQ, TT_SUSPICIOUS},
        {ANCHOR "base" SEPARATOR "note" TERMINATOR, TT_CANDIDATE},
        {ANCHOR "base", TT_SUSPICIOUS},
        {"base" SEPARATOR "note" TERMINATOR, TT_SUSPICIOUS},
        {ANCHOR "base\n" SEPARATOR "note" TERMINATOR, TT_SUSPICIOUS},
        {"a" RESERVED "b", TT_SUSPICIOUS},
        {"a" RESERVED_FAR "b", TT_SUSPICIOUS},
        {"U+2065 " RESERVED, NOTHING},
        {"2" TIMES "x", NOTHING},              /* of the zero-width channel */
        {"in" ZWSP BEAM ZWSP "side", NOTHING}, /* part of its run */
    };
    (void) state;
    CHECK(rows);
}

/* Makes text of words, of which those that take() chooses get a soft hyphen behind so many letters. */
static size_t
hyphenate(char *out, const char *text, size_t every, size_t letters)
{
    size_t len = 0, words = 0, in_word = 0;
    for (const char *p = text; *p; p++) {
        in_word = *p == ' ' ? 0 : in_word + 1;
        words += *p == ' ';
        out[len++] = *p;
        if (in_word == letters && words % every == 0 && p[1] != ' ' && p[1]) {
            memcpy(out + len, SHY, 2);
            len += 2;
        }
    }
    return len;
}

static const char prose[] = "nothing remains without changes because several people always wanted something better before others "
                            "could finish their little house under those trees behind another garden where children played";

static void
test_patterns(void **state)
{
    char text[1024];
    struct looked l;
    (void) state;
    for (size_t every = 2; every <= 3; every++) {
        size_t len = hyphenate(text, prose, every, 3);
        look_text(&l, RULE, tt_str_make(text, len), false);
        assert_int_equal(l.count, 1);
        assert_int_equal(l.findings[0].level, TT_SUSPICIOUS);
        assert_int_equal(l.findings[0].where.offset, 3);
        assert_true(look_fact(&l.findings[0], "symbols")->number >= 8);
        look_free(&l);
    }
    /* every long word once is what a hyphenator could do */
    assert_int_equal(look_level(RULE, tt_str_make(text, hyphenate(text, prose, 1, 3)), false), NOTHING);
    /* behind the first letter nobody divides */
    assert_int_equal(look_level(RULE, tt_str_make(text, hyphenate(text, prose, 1, 1)), false), TT_SUSPICIOUS);
    /* one such line is low while it has few */
    text[hyphenate(text, "some words which are here and there for", 2, 1)] = '\0';
    assert_int_equal(look_level(RULE, tt_str_cstr(text), false), TT_CANDIDATE);
}

/* A German text as hyphenators make it: long words have several, short ones none. */
static void
test_hyphenated_text(void **state)
{
    static const char text[] =
        "Die Bun" SHY "des" SHY "re" SHY "gie" SHY "rung hat im Ok" SHY "to" SHY "ber ei" SHY "nen Ge" SHY "setz" SHY "ent" SHY
        "wurf vor" SHY "ge" SHY "legt, der die Ver" SHY "fah" SHY "ren be" SHY "schleu" SHY "nigt und die Bür" SHY "ge" SHY
        "rin" SHY "nen und Bür" SHY "ger ent" SHY "las" SHY "tet. Wei" SHY "te" SHY "re Maß" SHY "nah" SHY "men wer" SHY
        "den fol" SHY "gen, so" SHY "bald der Haus" SHY "halt be" SHY "schlos" SHY "sen ist.";
    (void) state;
    assert_int_equal(look_level(RULE, TT_STR(text), false), NOTHING);
}

static void
test_spread_symbols(void **state)
{
    struct looked l;
    char text[1024] = "";
    (void) state;
    /* two unassigned code points as bits of "hidden text", one behind each letter */
    const char *secret = "hidden text";
    for (size_t i = 0; i < 8 * strlen(secret); i++) {
        strcat(text, i % 7 == 6 ? " " : "a");
        strcat(text, secret[i / 8] >> (7 - i % 8) & 1 ? RESERVED_FAR : RESERVED);
    }
    look_text(&l, RULE, tt_str_cstr(text), false);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.findings[0].level, TT_CONFIRMED);
    assert_str_equal(look_fact(&l.findings[0], "decoded.text")->text, tt_str_cstr(secret));
    look_free(&l);
}

static void
test_once_a_document(void **state)
{
    struct looked l;
    (void) state;
    look_text(&l, RULE, TT_STR("exam" SHY " ple\no" SHY "der\nu" SHY "nd\n" ANCHOR "a" SEPARATOR "b" TERMINATOR), false);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.findings[0].where.offset, 12);
    assert_int_equal(l.findings[0].where.length, 2);
    look_free(&l);
}

/* Context before and behind the part that is searched counts, and is not reported. */
static void
test_windows(void **state)
{
    const struct tt_str text = TT_STR("in /home/us" SHY "er and no" SHY SHY "thing user_na" SHY "me");
    struct looked l;
    (void) state;
    struct tt_field field = {.text = text, .from = 14, .to = 30, .at_start = true, .at_end = true};
    assert_int_equal(look_field(&l, RULE, &field, &tt_alloc_libc), TT_OK);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.findings[0].where.offset, 22);
    look_free(&l);
    field.from = 24; /* the run began in the window before */
    assert_int_equal(look_field(&l, RULE, &field, &tt_alloc_libc), TT_OK);
    assert_int_equal(l.count, 0);
    look_free(&l);
}

static void
test_kernels(void **state)
{
    static const char *const pieces[] = {"word ", "long", "er",     SHY,    SHY,       "/",        "_", "\n",
                                         BEAM,    NOTE,   RESERVED, ANCHOR, SEPARATOR, TERMINATOR, KA,  INHERENT_AQ};
    (void) state;
    assert_kernels_agree_on_mixtures(RULE, pieces, sizeof(pieces) / sizeof(*pieces), 200);
}

static void
test_failing_memory(void **state)
{
    char pattern[1024];
    struct tt_str text = TT_STR("exam" SHY SHY "ple and user_na" SHY "me");
    (void) state;
    assert_survives_failing_memory(RULE, text, false);
    text = tt_str_make(pattern, hyphenate(pattern, prose, 2, 3));
    assert_survives_failing_memory(RULE, text, false);
    text = tt_str_make(pattern, hyphenate(pattern, prose, 1, 1));
    assert_survives_failing_memory(RULE, text, false);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_soft_hyphens),    cmocka_unit_test(test_notation),       cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_hyphenated_text), cmocka_unit_test(test_spread_symbols), cmocka_unit_test(test_once_a_document),
        cmocka_unit_test(test_windows),         cmocka_unit_test(test_kernels),        cmocka_unit_test(test_failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
