/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spacing: double spaces are silent, however many there are, unless they spell a text.
 */
#include "collected.h"
#include "hide.h"

#define RULE "mark.spacing"
#define NOTHING (-1)

static void
test_habits(void **state)
{
    static const struct look_row rows[] = {
        {"Two spaces.  After each sentence.  As typists do.  And so on.  It goes on.  And on.  Until it is long enough to be "
         "read "
         "by the channel.  Which needs a hundred bytes and more.  So here they are.",
         NOTHING},
        {"justified  text  has  many of  them  between its  words,  and nobody  means  anything  by that,  for  the right  "
         "margin "
         "of a  page  is  what they are  made for,  as  in manual  pages  of  old.  They  fill  the  lines.",
         NOTHING},
        {"name      value   unit\nlength    12      m\nwidth     9       m\nheight    10      m\nweight    80      kg\nage       "
         "3       "
         "years\n",
         NOTHING},
        {"one  double space only, in a text of some length that has no other one until its very end, which is here, or nearly so",
         NOTHING},
    };
    (void) state;
    LOOK_CHECK(RULE, rows, LOOK_ANYWHERE);
}

static void
test_messages(void **state)
{
    static const struct hide_row rows[] = {
        {{" ", "  "}, "to J. Doe", HIDE_HIGH_FIRST, 0},
        {{"  ", " "}, "to J. Doe", HIDE_HIGH_FIRST, 0},
        {{" ", "  "}, "session 4711", HIDE_LOW_FIRST, 0},
        {{" ", "  "}, "to be read later", HIDE_SEVEN, 0},
        {{" ", "  "}, "\xD0\xBA\xD0\xBE\xD0\xBF\xD0\xB8\xD1\x8F \xD0\xB4\xD0\xBB\xD1\x8F", HIDE_HIGH_FIRST, 0},
    };
    (void) state;
    hide_check(RULE, hide_words, HIDE_WORDS, rows, sizeof(rows) / sizeof(*rows), 0);
}

/* Behind sentences only; the words of each have single spaces. */
static void
test_sentences(void **state)
{
    static const char *const sentences[] = {"It was late.",     "Nobody came?", "They waited.",
                                            "The door opened!", "He said so:",  "It was cold."};
    struct hide h = {sentences, 6, {" ", "  "}, HIDE_HIGH_FIRST, 0, 0};
    char *text = hide_message(&h, "to J. Doe");
    (void) state;
    assert_says(RULE, tt_str_cstr(text), false, "to J. Doe");
    free(text);
}

/* Doubled at random, it is the work of a program that justifies lines. */
static void
test_noise(void **state)
{
    uint64_t random = 3;
    (void) state;
    for (int round = 0; round < 200; round++) {
        char text[8192];
        size_t len = 0;
        for (size_t i = 0; i < 400; i++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            len = (size_t) (stpcpy(stpcpy(text + len, hide_words[i % HIDE_WORDS]), random >> 62 ? " " : "  ") - text);
        }
        assert_int_equal(look_level(RULE, tt_str_make(text, len), false), NOTHING);
    }
}

static void
test_position(void **state)
{
    struct hide h = {hide_words, HIDE_WORDS, {" ", "  "}, HIDE_HIGH_FIRST, 0, 0};
    char *text = hide_message(&h, "to J. Doe");
    struct collected c;
    (void) state;
    collect(&c, "t.txt", tt_str_cstr(text));
    assert_int_equal(c.count, 1);
    assert_int_equal(c.findings[0].where.offset, strstr(text, "  ") - text);
    assert_int_equal(c.findings[0].where.length, 2);
    collected_free(&c);
    free(text);
}

/* A message begins where the text begins: later windows are not asked. */
static void
test_windows(void **state)
{
    struct hide h = {hide_words, HIDE_WORDS, {" ", "  "}, HIDE_HIGH_FIRST, 0, 0};
    char *text = hide_message(&h, "to J. Doe, who asked for it");
    struct tt_str all = tt_str_cstr(text);
    (void) state;
    assert_int_equal(look_window(RULE, all, 0, all.len), 1);
    assert_int_equal(look_window(RULE, all, 0, all.len / 2), 1);
    assert_int_equal(look_window(RULE, all, 0, 100), 0);
    free(text);
}

static void
test_kernels(void **state)
{
    static const char *const pieces[] = {"word", " ", "  ", "two words", "sentence. ", "end.  ", "\n", "   "};
    struct hide h = {hide_words, HIDE_WORDS, {" ", "  "}, HIDE_HIGH_FIRST, 0, 0};
    char *text = hide_message(&h, "to J. Doe");
    (void) state;
    assert_kernels_agree(RULE, tt_str_cstr(text), false);
    assert_kernels_agree_on_mixtures(RULE, pieces, sizeof(pieces) / sizeof(*pieces), 400);
    free(text);
}

static void
test_failing_memory(void **state)
{
    struct hide h = {hide_words, HIDE_WORDS, {" ", "  "}, HIDE_HIGH_FIRST, 0, 0};
    char *text = hide_message(&h, "to J. Doe");
    (void) state;
    assert_survives_failing_memory(RULE, tt_str_cstr(text), false);
    free(text);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_habits),  cmocka_unit_test(test_messages),       cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_noise),   cmocka_unit_test(test_position),       cmocka_unit_test(test_windows),
        cmocka_unit_test(test_kernels), cmocka_unit_test(test_failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
