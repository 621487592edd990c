/* SPDX-License-Identifier: Apache-2.0 */
/* The look-alike channel: what breaks a rule, what is unusual, what is ordinary. */
#include "collected.h"

#define RULE "mark.look-alike"

struct example {
    const char *text;
    int level; /* of the one finding, or -1 for none */
};

static const struct example examples[] = {
    /* the ending of an English word */
    {"This is the user\xCA\xBCs file.", TT_SUSPICIOUS}, /* U+02BC */
    {"This is the user\xCA\xB9s file.", TT_SUSPICIOUS}, /* U+02B9 */
    {"You don\xCA\xBCt have it.", TT_SUSPICIOUS},
    {"you\xCA\xBBre not alone", TT_SUSPICIOUS},           /* U+02BB */
    {"That is the client\xD5\x9As own", TT_SUSPICIOUS},   /* U+055A Armenian */
    {"That is the client\xD7\xB3s own", TT_SUSPICIOUS},   /* U+05F3 Hebrew */
    {"that\xEF\xBC\x87s it", TT_CANDIDATE},               /* U+FF07 */
    {"that\xC2\xB4s it", TT_CANDIDATE},                   /* U+00B4 */
    {"that\xE2\x80\x98s it", -1},                         /* U+2018: a mistake of word processors */
    {"that\xE2\x80\x98s it and it's fine", TT_CANDIDATE}, /* beside another form */
    {"it's his and it\xE2\x80\x99s hers", TT_CANDIDATE},  /* two ordinary forms in one role */
    {"it\xE2\x80\x99s his and it\xE2\x80\x99s hers", -1},
    {"x={a:\"that\xE2\x80\x98s it\",b:\"it's fine\"}", -1}, /* strings of their own */
    {"$1\xEF\xBC\x8C$2", -1},                               /* between arguments */
    {"one\xEF\xBC\x8C two", TT_CANDIDATE},
    {"the word \xE2\x80\x98quoted\xE2\x80\x99 and it's fine", -1},
    {"naat\xCA\xBC"
     "aanii b\xCA\xBC"
     "ahoo",
     -1}, /* a letter inside words */
    {"Hawai\xCA\xBBi's islands are the best", -1},
    {"\xD0\xBC\xCA\xBC\xD1\x8F\xD1\x87 is Ukrainian for ball", -1},
    {"\xCA\xBCs is the start", -1}, /* no letter before it */
    {"the boys\xCA\xBC toys", -1},  /* no ending behind it */
    {"tol\xCA\xBCs", TT_CANDIDATE}, /* not an English line */
    /* slashes, hyphens, colons */
    {"https:\xE2\xA7\xB8\xE2\xA7\xB8"
     "example",
     -1},                                   /* neighbours are no letters */
    {"src\xE2\xA7\xB8main", TT_SUSPICIOUS}, /* U+29F8 */
    {"well\xCB\x97known", TT_SUSPICIOUS},   /* U+02D7 */
    {"well\xE2\x80\x91known", -1},
    {"1\xE2\x81\x84"
     "2",
     -1},
    {"and\xE2\x81\x84or", TT_CANDIDATE},
    {"A\xEF\xBC\x8F"
     "B",
     TT_CANDIDATE},
    {"\xE5\x92\x8C"
     "A\xEF\xBC\x8F"
     "B",
     -1},                                   /* a Chinese line */
    {"key\xD6\x89value", TT_SUSPICIOUS},    /* U+0589 Armenian full stop */
    {"key\xEA\x9E\x89value", TT_CANDIDATE}, /* U+A789 */
    {"16\xE2\x88\xB6"
     "9",
     -1},
    {"say \xCA\xBAword\xCA\xBA", TT_SUSPICIOUS}, /* U+02BA */
    {"a,\"b\",\xCA\xBA"
     "c\xCA\xBA",
     TT_SUSPICIOUS},                            /* in a table */
    {"Note\xEA\x9E\x89 be kind", TT_CANDIDATE}, /* behind a word */
    {"at 16\xE2\x88\xB6 9", -1},
    {"git commit \xE2\x80\x93"
     "amend",
     TT_CANDIDATE}, /* an option */
    {"a word \xE2\x80\x93"
     "and another",
     -1},
    {"ob\xCA\xBA"
     "ekt",
     -1},
};

static void
test_examples(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++) {
        struct collected c;
        collect(&c, "t.txt", tt_str_cstr(examples[i].text));
        int level = c.count == 0 ? -1 : (int) c.findings[0].level;
        if (level != examples[i].level) {
            fail_msg("%s: level %d, not %d", examples[i].text, level, examples[i].level);
        }
        assert_true(c.count == 0 || strcmp(c.findings[0].rule->id, RULE) == 0);
        collected_free(&c);
    }
}

static void
test_unusual_once_a_document(void **state)
{
    (void) state;
    struct collected c;
    collect(&c, "t.txt", TT_STR("that\xC2\xB4s it\nthat\xC2\xB4s it\nthat\xC2\xB4s it\n"));
    assert_int_equal(c.count, 1);
    collected_free(&c);
    collect(&c, "t.jsonl", TT_STR("[\"that\xC2\xB4s it\"]\n[\"that\xC2\xB4s it\"]\n"));
    assert_int_equal(c.count, 2);
    collected_free(&c);
}

static void
test_facts(void **state)
{
    (void) state;
    struct collected c;
    collect(&c, "t.txt", TT_STR("first\nThis is the user\xCA\xBCs file."));
    assert_int_equal(c.count, 1);
    assert_str_equal(collected_fact(&c.findings[0], "bytes"), TT_STR("\xCA\xBC"));
    assert_str_equal(collected_fact(&c.findings[0], "class"), TT_STR("apostrophe"));
    assert_int_equal(c.findings[0].where.line, 2);
    assert_int_equal(c.findings[0].where.column, 17);
    assert_int_equal(c.findings[0].where.offset, 22);
    assert_int_equal(c.findings[0].where.length, 2);
    collected_free(&c);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_unusual_once_a_document),
        cmocka_unit_test(test_facts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
