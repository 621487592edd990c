/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trailing blanks: every habit of people and programs is silent, whatever it writes there; only what can be read, or is spaced as
 * nobody types, is reported.
 */
#include "collected.h"
#include "hide.h"

#define RULE "mark.trailing-space"
#define NOTHING (-1)

#define CHECK(rows) LOOK_CHECK(RULE, rows, LOOK_IN_TEXT)

static void
test_habits(void **state)
{
    static const struct look_row rows[] = {
        {"a line \nand another\t\n", NOTHING},
        {"a line  \nof Markdown  \nwith breaks  \n\n", NOTHING},
        {" \n \n \n \n+x \n-y \n ", NOTHING}, /* a diff */
        {"a \t \t \nb\n", NOTHING},
        {"   \n\t\n        \n\t\t\n", NOTHING}, /* empty lines of code */
        {"a  \r\nb  \r\nc\r\n", NOTHING},
        {"no end  ", NOTHING},
        {"\t\n\t\n\t\n\t\n\t\n\t\n\t\n\t\n\t\n\t\n\t\n\t\n\t\n\t\n\t\n\t\n", NOTHING},
    };
    (void) state;
    CHECK(rows);
}

/* Fields of a table, padded to a width: many lengths, but each in its place. */
static void
test_padded(void **state)
{
    char text[8192];
    size_t len = 0;
    (void) state;
    for (size_t i = 0; i < 90; i++) {
        const char *word = hide_words[i % HIDE_WORDS];
        len = (size_t) (stpcpy(text + len, word) - text);
        memset(text + len, ' ', 16 - strlen(word));
        len += 16 - strlen(word);
        text[len++] = '\n';
    }
    assert_int_equal(look_level(RULE, tt_str_make(text, len), false), NOTHING);
}

/* ---- stegsnow ---- */

/*
 * As its manual describes: a tab begins, then groups of up to seven spaces, each a number of three bits, lowest first, and a tab
 * between groups; a line takes what fits into its width.
 */
static size_t
write_snow(char *out, const char *message, size_t groups_a_line)
{
    size_t bits = strlen(message) * 8, group = 0, len = 0;
    bool begun = false;
    for (size_t bit = 0; bit < bits; group++) {
        unsigned value = 0;
        for (unsigned i = 0; i < 3 && bit < bits; i++, bit++) {
            value |= ((unsigned char) message[bit / 8] >> (7 - bit % 8) & 1U) << i;
        }
        if (group % groups_a_line == 0) {
            len = (size_t) (stpcpy(out + len, hide_lines[group / groups_a_line % HIDE_LINES]) - out);
            out[len] = '\t';
            len += !begun;
            begun = true;
        }
        memset(out + len, ' ', value);
        len += value;
        bool last = group % groups_a_line == groups_a_line - 1 || bit >= bits;
        out[len++] = value == 0 || !last ? '\t' : '\n';
        if (last && value == 0) {
            out[len++] = '\n';
        }
    }
    return (size_t) (stpcpy(out + len, "the end\n") - out);
}

static void
test_stegsnow(void **state)
{
    static const char *const messages[] = {"copy of J. Doe", "4711 is the number", "{\"id\":7}",
                                           "one two three four five six seven"};
    char text[16384];
    (void) state;
    for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++) {
        for (size_t groups = 1; groups <= 9; groups += 4) {
            size_t len = write_snow(text, messages[i], groups);
            assert_says(RULE, tt_str_make(text, len), i % 2, messages[i]);
        }
    }
}

/* Encrypted: nothing can be read, but nobody types so. */
static void
test_locked(void **state)
{
    struct looked l;
    char text[16384];
    (void) state;
    size_t len = write_snow(text, "\x93\xE5\x1F\xB6\x8A\xF4\x77\x02\xD9\xC3\x5B\xEE\x88\x31\xFA\x9C", 4);
    look_text(&l, RULE, tt_str_make(text, len), false);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.findings[0].level, TT_SUSPICIOUS);
    look_free(&l);
}

/* ---- one form a line ---- */

static void
test_messages(void **state)
{
    static const struct hide_row rows[] = {
        {{"\n", " \n"}, "copy of J. Doe", HIDE_HIGH_FIRST, 0},
        {{" \n", "\n"}, "copy of J. Doe", HIDE_HIGH_FIRST, 0},
        {{"\n", "\t\n"}, "session 4711 of user", HIDE_LOW_FIRST, 0},
        {{" \n", "  \n"}, "to be read later", HIDE_SEVEN, 0},
        {{" \n", "\t\n"}, "user=jane.doe@example.org", HIDE_HIGH_FIRST, 0},
        {{"\r\n", " \r\n"}, "a CSV of Windows", HIDE_HIGH_FIRST, 0},
    };
    (void) state;
    hide_check(RULE, hide_lines, HIDE_LINES, rows, sizeof(rows) / sizeof(*rows), 0);
}

static void
test_position(void **state)
{
    struct hide h = {hide_lines, HIDE_LINES, {"\n", "  \n"}, HIDE_HIGH_FIRST, 0, 0};
    struct collected c;
    char *text = hide_message(&h, "copy of J. Doe");
    (void) state;
    collect(&c, "t.txt", tt_str_cstr(text));
    assert_int_equal(collected_at_least(&c, RULE, TT_CONFIRMED), 1);
    assert_int_equal(c.findings[0].where.line, 2); /* 0x63: the second bit is the first one */
    assert_int_equal(c.findings[0].where.column, strlen(hide_lines[1]) + 1);
    assert_int_equal(c.findings[0].where.length, 2);
    collected_free(&c);
    free(text);
}

/* ---- borders, kernels, memory ---- */

/* Wherever a window ends, the message is reported once, at least as far as it goes. */
static void
test_windows(void **state)
{
    char text[16384];
    (void) state;
    size_t len = write_snow(text, "one two three four five six seven eight nine", 5);
    for (size_t cut = 0; cut <= len; cut += 61) {
        struct tt_str all = tt_str_make(text, len);
        size_t count = look_window(RULE, all, 0, cut) + look_window(RULE, all, cut, len);
        assert_true(count >= 1 && count <= 2);
    }
}

static void
test_kernels(void **state)
{
    static const char *const pieces[] = {"word", " ", "\t", "  ", "\n", "\r\n", " \n", "\t \t\n", "   \n", "\t\t  \n"};
    char text[16384];
    (void) state;
    assert_kernels_agree(RULE, tt_str_make(text, write_snow(text, "copy of J. Doe", 3)), false);
    assert_kernels_agree_on_mixtures(RULE, pieces, sizeof(pieces) / sizeof(*pieces), 400);
}

static void
test_failing_memory(void **state)
{
    struct hide h = {hide_lines, HIDE_LINES, {"\n", " \n"}, HIDE_HIGH_FIRST, 0, 0};
    char snow[16384], *text = hide_message(&h, "copy of J. Doe");
    (void) state;
    assert_survives_failing_memory(RULE, tt_str_cstr(text), false);
    assert_survives_failing_memory(RULE, tt_str_make(snow, write_snow(snow, "copy of J. Doe", 3)), false);
    free(text);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_habits),  cmocka_unit_test(test_padded),   cmocka_unit_test(test_stegsnow),
        cmocka_unit_test(test_locked),  cmocka_unit_test(test_messages), cmocka_unit_test(test_position),
        cmocka_unit_test(test_windows), cmocka_unit_test(test_kernels),  cmocka_unit_test(test_failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
