/* SPDX-License-Identifier: Apache-2.0 */
/* The value-format channel on dates. */
#include "collected.h"

#define RULE "mark.value-format"

struct example {
    const char *uri;
    const char *text;
    int level; /* of the one finding of the rule, or -1 for none */
};

static const struct example examples[] = {
    {"t.txt", "since 2026-05-09", -1},
    {"t.txt", "since 2026/05/09", -1},
    {"t.txt", "am 9.5.2026", -1},
    {"t.txt", "Date: 2026/05/09", -1}, /* prose is not a template */
    {"t.txt",
     "since 2026\xCB\x97"
     "05\xCB\x97"
     "09",
     TT_SUSPICIOUS}, /* U+02D7 twice */
    {"t.txt",
     "since 2026-05\xE2\x80\x90"
     "09",
     TT_SUSPICIOUS}, /* two forms of a hyphen */
    {"t.txt",
     "since 2026\xE2\x80\x91"
     "05\xE2\x80\x91"
     "09",
     TT_CANDIDATE}, /* non-breaking hyphens */
    {"t.txt",
     "\xE6\x97\xA5\xE6\x9C\x9F 2026\xEF\xBC\x8F"
     "05\xEF\xBC\x8F"
     "09",
     -1},
    {"t.txt", "The date is 2026-05/09", TT_CANDIDATE},
    {"t.txt", "logs/2026-05/09/x", -1},
    {"t.json", "{\"system\":\"The current date is: 2026/05/09\"}", TT_CANDIDATE},
    {"t.json", "{\"system\":\"The current date is: 2026-05-09\"}", -1},
    {"t.json", "{\"note\":\"The current date is: 2026/05/09\"}", -1},
    {"t.json", "{\"system\":\"Today's date is 2026/05/09.\"}", -1}, /* the date line's own channel reports it */
};

static void
test_examples(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++) {
        struct collected c;
        int level = -1;
        collect(&c, examples[i].uri, tt_str_cstr(examples[i].text));
        for (size_t n = 0; n < c.count; n++) {
            level = strcmp(c.findings[n].rule->id, RULE) == 0 ? (int) c.findings[n].level : level;
        }
        if (level != examples[i].level) {
            fail_msg("%s: level %d, not %d", examples[i].text, level, examples[i].level);
        }
        collected_free(&c);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_examples)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
