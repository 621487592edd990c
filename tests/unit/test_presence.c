/* SPDX-License-Identifier: Apache-2.0 */
/* Soft hyphens, grapheme joiners and styles of emoji that are there or not: what spells a text is read, what people and programs write is silent. */
#include "collected.h"

#include <stdio.h>

#define SOFT_HYPHEN "\xC2\xAD"
#define GRAPHEME_JOINER "\xCD\x8F"
#define STYLE "\xEF\xB8\x8F"
#define PLACES 2000

static const char *const words[] = {"every", "person", "reads",  "this", "paper", "with",
                                    "care",  "and",    "copies", "it",   "for",   "others"};

static unsigned
bit_of(const char *message, size_t place)
{
    return place / 8 < strlen(message) ? (unsigned) message[place / 8] >> (7 - place % 8) & 1 : 0;
}

/* Words of a text; mark stands inside of those whose bit is set, of least letters or more. */
static void
hide_in_words(struct tt_buf *text, const char *message, const char *mark, size_t least)
{
    uint32_t chance = 4711;
    size_t place = 0;
    for (size_t i = 0; i < PLACES; i++) {
        const char *word = words[(chance = chance * 1103515245 + 12345) >> 16 & 7];
        size_t letters = strlen(word);
        bool set = letters >= least && bit_of(message, place++);
        tt_buf_add(text, tt_str_make(word, letters / 2));
        tt_buf_add_cstr(text, set ? mark : "");
        tt_buf_add_cstr(text, word + letters / 2);
        tt_buf_add_cstr(text, i % 11 == 10 ? ". " : " ");
    }
}

static void
expect(const struct tt_buf *text, const char *rule, const char *message)
{
    struct collected c;
    collect(&c, "t.txt", tt_buf_str(text));
    size_t confirmed = collected_at_least(&c, rule, TT_CONFIRMED);
    if (confirmed != (message != NULL)) {
        fail_msg("%zu findings of %s: %.*s", confirmed, rule, (int) text->len, text->ptr);
    }
    for (size_t i = 0; message && i < c.count; i++) {
        if (c.findings[i].level == TT_CONFIRMED) {
            struct tt_str said = collected_fact(&c.findings[i], "decoded.text");
            if (!tt_str_eq(said, tt_str_cstr(message))) {
                fail_msg("%s: %.*s", rule, (int) said.len, said.ptr);
            }
        }
    }
    collected_free(&c);
}

static void
test_words(void **state)
{
    static const struct {
        const char *mark, *rule;
        size_t least;
    } cases[] = {
        {SOFT_HYPHEN, "mark.format", 1},         {SOFT_HYPHEN, "mark.format", 4},         {SOFT_HYPHEN, "mark.format", 5},
        {GRAPHEME_JOINER, "mark.zero-width", 1}, {GRAPHEME_JOINER, "mark.zero-width", 4}, {GRAPHEME_JOINER, "mark.zero-width", 6},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct tt_buf text;
        tt_buf_init(&text, &tt_alloc_libc, TT_MIB);
        hide_in_words(&text, "user 4711 of host", cases[i].mark, cases[i].least);
        expect(&text, cases[i].rule, "user 4711 of host");
        tt_buf_free(&text);
    }
}

static void
test_styles(void **state)
{
    static const char *const signs[] = {"\xE2\x9C\x94", "\xE2\x9D\xA4", "\xE2\x98\x80", "\xE2\x9C\x88"};
    (void) state;
    for (size_t kinds = 1; kinds <= 4; kinds++) {
        struct tt_buf text;
        tt_buf_init(&text, &tt_alloc_libc, TT_MIB);
        for (size_t i = 0; i < 17 * 8; i++) {
            tt_buf_add_cstr(&text, signs[i % kinds]);
            tt_buf_add_cstr(&text, bit_of("user 4711 of host", i) ? STYLE : "");
            tt_buf_add_cstr(&text, " done\n");
        }
        expect(&text, "mark.variation", "user 4711 of host");
        tt_buf_free(&text);
    }
}

/* Chance, habit and hyphenation: nothing is read into them. */
static void
test_innocent(void **state)
{
    uint64_t chance = 0x2545F4914F6CDD1D;
    (void) state;
    for (size_t round = 0; round < 60; round++) {
        struct tt_buf text, styles;
        tt_buf_init(&text, &tt_alloc_libc, TT_MIB);
        tt_buf_init(&styles, &tt_alloc_libc, TT_MIB);
        for (size_t i = 0; i < PLACES; i++) {
            const char *word = words[i % 8];
            chance = chance * 6364136223846793005 + 1442695040888963407;
            bool set = (chance >> 60) < round % 16;
            tt_buf_add(&text, tt_str_make(word, 2));
            tt_buf_add_cstr(&text, set && strlen(word) > 4 ? SOFT_HYPHEN : "");
            tt_buf_add_cstr(&text, word + 2);
            tt_buf_add_char(&text, ' ');
            tt_buf_add_cstr(&styles, "\xE2\x9C\x94");
            tt_buf_add_cstr(&styles, set ? STYLE : "");
            tt_buf_add_cstr(&styles, " done\n");
        }
        expect(&text, "mark.format", NULL);
        expect(&styles, "mark.variation", NULL);
        tt_buf_free(&text);
        tt_buf_free(&styles);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_styles),
        cmocka_unit_test(test_innocent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
