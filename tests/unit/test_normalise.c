/* SPDX-License-Identifier: Apache-2.0 */
/* Normalising: only the symbols of a proven site change, it is idempotent, and the edits lead back. */
#include "collected.h"

#include "marks/dateline.h"
#include "marks/normalise.h"

#include <stdio.h>

#define EDITS 1024

struct result {
    struct tt_buf text;
    struct tt_edit edits[EDITS];
    size_t count;
};

/* All proven sites of text, as a file of that name. */
static void
normalise(struct result *r, const char *uri, struct tt_str text, bool explicit)
{
    struct collected c;
    r->count = 0;
    collect(&c, uri, text);
    for (size_t i = 0; i < c.count; i++) {
        if (tt_normalise_is_proven(&c.findings[i], explicit)) {
            assert_true(r->count + TT_NORMALISE_EDITS_MAX <= EDITS);
            r->count += tt_normalise(text, &c.findings[i], NULL, r->edits + r->count);
        }
    }
    tt_buf_init(&r->text, &tt_alloc_libc, TT_MIB);
    tt_normalise_apply(text, r->edits, r->count, &r->text);
    assert_int_equal(r->text.status, TT_OK);
    collected_free(&c);
}

static void
check(const char *uri, const char *text, const char *expected)
{
    struct result once, twice;
    normalise(&once, uri, tt_str_cstr(text), true);
    assert_str_equal(tt_buf_str(&once.text), tt_str_cstr(expected));
    normalise(&twice, uri, tt_buf_str(&once.text), true);
    assert_int_equal(twice.count, 0);
    tt_buf_free(&once.text);
    tt_buf_free(&twice.text);
}

static void
test_dateline(void **state)
{
    (void) state;
    check("t.txt", "Today\xCA\xBCs date is 2026/05/09.", "Today's date is 2026-05-09.");
    check("t.txt", "Today\xE2\x80\x99s date is 2026-05-09.", "Today's date is 2026-05-09.");
    check("t.txt", "Today's date is 2026/05/09.", "Today's date is 2026-05-09.");
    check("t.txt", "Today\xCA\xB9s date is now 2026/05/09, see data/2026/05/09 and the user\xCA\xBCs file",
          "Today's date is now 2026-05-09, see data/2026/05/09 and the user\xCA\xBCs file");
    check("t.json", "{ \"system\" : \"x\\nToday\\u02bcs date is 2026\\/05\\/09.\" , \"n\" : 1.0 }",
          "{ \"system\" : \"x\\nToday's date is 2026-05-09.\" , \"n\" : 1.0 }");
    check("t.json", "{\"system\":\"{\\\"text\\\":\\\"Today\\\\u02b9s date is 2026/05/09.\\\"}\"}",
          "{\"system\":\"{\\\"text\\\":\\\"Today's date is 2026-05-09.\\\"}\"}");
    check("t.txt", "nothing to do on 2026/05/09", "nothing to do on 2026/05/09");
}

/* What a tool returned is somebody else's text. */
static void
test_quoted(void **state)
{
    (void) state;
    const char *text = "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"content\":\"Today\xCA\xBCs "
                       "date is 2026/05/09.\"}]}]}";
    check("t.json", text, text);
}

/* Not explicit: one sentence alone is no proof. */
static void
test_proof(void **state)
{
    (void) state;
    struct result r;
    normalise(&r, "t.txt", TT_STR("Today\xCA\xBCs date is 2026/05/09."), false);
    assert_int_equal(r.count, 0);
    tt_buf_free(&r.text);
}

static void
test_hidden(void **state)
{
    (void) state;
    static const char tags[] = "\xF3\xA0\x81\xA8\xF3\xA0\x81\xA9\xF3\xA0\x80\xA0\xF3\xA0\x81\xB4\xF3\xA0\x81\xA8\xF3\xA0\x81\xA5"
                               "\xF3\xA0\x81\xB2\xF3\xA0\x81\xA5";
    char text[256];
    struct result r;
    snprintf(text, sizeof(text), "plain%s words \xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB",
             tags); /* the emoji has a joiner of its own */
    normalise(&r, "t.txt", tt_str_cstr(text), false);
    assert_str_equal(tt_buf_str(&r.text), TT_STR("plain words \xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB"));
    tt_buf_free(&r.text);
}

/* Every value, in every spelling, becomes the plain sentence; outside the edits nothing changes, and the edits lead back. */
static void
test_property(void **state)
{
    (void) state;
    static const char *const apostrophes[4][2] = {
        {"'", "'"}, {"\xE2\x80\x99", "\\u2019"}, {"\xCA\xBC", "\\u02bc"}, {"\xCA\xB9", "\\u02B9"}};
    static const char *const slashes[] = {"/", "\\/", "\\u002f"};
    for (unsigned value = 0; value < 8; value++) {
        for (unsigned spelling = 0; spelling < 6; spelling++) {
            char text[512], plain[512];
            const char *a = apostrophes[value >> 1][spelling % 2];
            const char *s = value & 1 ? slashes[spelling % 3] : "-";
            static const char frame[] = "{\"system\":\"a\\tb Today%ss date is 2026%s05%s09. it\\u2019s \\/ x\",\"k\":[1,2.50]}";
            snprintf(text, sizeof(text), frame, a, s, s);
            snprintf(plain, sizeof(plain), frame, "'", "-", "-");
            check("t.json", text, plain);
            struct result r;
            normalise(&r, "t.json", tt_str_cstr(text), true);
            char back[512];
            size_t n = 0, at = 0;
            for (size_t i = 0; i < r.count; i++) { /* what stood there comes back from the old text */
                size_t same = r.edits[i].offset - at;
                memcpy(back + n, text + at, same + r.edits[i].length);
                n += same + r.edits[i].length;
                at = r.edits[i].offset + r.edits[i].length;
            }
            memcpy(back + n, text + at, strlen(text) - at);
            assert_int_equal(n + strlen(text) - at, strlen(text));
            assert_memory_equal(back, text, strlen(text));
            tt_buf_free(&r.text);
        }
    }
}

/* A finding that does not fit the bytes changes nothing. */
static void
test_bad_findings(void **state)
{
    (void) state;
    struct tt_edit edits[TT_NORMALISE_EDITS_MAX];
    struct tt_finding f = {.rule = tt_rule_find(TT_STR("mark.dateline")), .level = TT_CONFIRMED};
    static const char *const texts[] = {
        "", "x", "\\", "\\u", "\\u02", "\\ud83d\\u", "\xCA\xBCs date is 20", "\xCA\xBCs date is 2026/", "2026/05/0"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        for (f.where.offset = 0; f.where.offset < 12; f.where.offset++) {
            f.where.length = 2;
            assert_int_equal(tt_normalise(tt_str_cstr(texts[i]), &f, NULL, edits), 0);
        }
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dateline), cmocka_unit_test(test_quoted),   cmocka_unit_test(test_proof),
        cmocka_unit_test(test_hidden),   cmocka_unit_test(test_property), cmocka_unit_test(test_bad_findings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
