/* SPDX-License-Identifier: Apache-2.0 */
/* Folding: what looks alike has one template, and what differs keeps its form. */
#include "test.h"

#include "base/limits.h"
#include "marks/template.h"

struct folded {
    struct tt_buf fold, form;
    struct tt_template info;
};

static void
fold(struct folded *f, const char *text)
{
    tt_buf_init(&f->fold, &tt_alloc_libc, TT_MIB);
    tt_buf_init(&f->form, &tt_alloc_libc, TT_MIB);
    f->info = tt_template_add(tt_str_cstr(text), &f->fold, &f->form);
    assert_int_equal(f->fold.status, TT_OK);
    assert_int_equal(f->form.status, TT_OK);
}

static void
unfold(struct folded *f)
{
    tt_buf_free(&f->fold);
    tt_buf_free(&f->form);
}

static void
test_templates(void **state)
{
    (void) state;
    static const char *const cases[][2] = {
        {"", ""},
        {"plain words", "plain words"},
        {"Today's date is 2026-05-09.", "Today's date is {date}."},
        {"Today\xCA\xBCs date is 2026/05/09.", "Today's date is {date}."},
        {"well\xE2\x80\x91known \xE2\x80\x9Cx\xE2\x80\x9D", "well-known \"x\""},
        {"a\xE2\x80\x8B"
         "b\xE2\x80\x8B",
         "ab"},
        {"a \xC2\xA0\t b", "a b"},
        {"p\xD0\xB0y", "pay"}, /* a Cyrillic letter */
        {"cafe\xCC\x81", "cafe"},
        {"in /home/ada/x.c at 14:05", "in {path} at {time}"},
        {"it has 200,000 tokens", "it has {number} tokens"},
        {"A\xEF\xBC\x8F"
         "B",
         "A/B"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct folded f;
        fold(&f, cases[i][0]);
        assert_str_equal(tt_buf_str(&f.fold), tt_str_cstr(cases[i][1]));
        unfold(&f);
    }
}

/* Same template; is the form the same as well? */
static void
test_forms(void **state)
{
    (void) state;
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        {"on 2026-05-09", "on 2026-11-21", true},
        {"on 2026-05-09", "on 2026/11/21", false},
        {"on 9.5.2026", "on 21.11.2026", true},
        {"at 14:05", "at 9:17", true},
        {"at 14:05", "at 2:05 PM", false},
        {"n is 7", "n is 70,000", false}, /* the first does not tell; the report compares */
        {"n is 1,234", "n is 70,000,000", true},
        {"n is 1,234", "n is 1.234", false},
        {"n is 0.125", "n is 3.5", true},
        {"n is 1,23", "n is 1234", true},
        {"end of it", "end of it ", false},
        {"the user's", "the user\xE2\x80\x99s", false},
        {"a b", "a  b", false},
        {"ab",
         "a\xE2\x80\x8B"
         "b",
         false},
        {"ab", "ab\xE2\x80\x8B", false},
        {"see /tmp/a", "see /srv/b/c.txt", true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct folded a, b;
        fold(&a, cases[i].a);
        fold(&b, cases[i].b);
        assert_str_equal(tt_buf_str(&a.fold), tt_buf_str(&b.fold));
        if (tt_str_eq(tt_buf_str(&a.form), tt_buf_str(&b.form)) != cases[i].same) {
            fail_msg("%s / %s", cases[i].a, cases[i].b);
        }
        unfold(&a);
        unfold(&b);
    }
}

static void
test_words(void **state)
{
    (void) state;
    struct folded f;
    fold(&f, "Today's date is 2026-05-09 now");
    assert_int_equal(f.info.words, 5); /* the s of "Today's" counts */
    assert_int_equal(f.info.letters, 15);
    unfold(&f);
}

/* Units follow each other without a gap, whatever the text is. */
static void
test_units_cover_the_text(void **state)
{
    (void) state;
    static const char *const pieces[] = {"a", " ",        "\xE2\x80\x8B", "\xCC\x81", "2026-05-09",      "\xC2\xA0",
                                         "'", "\xCA\xBC", "\n",           "/x/y",     "\xF0\x9F\x98\x80"};
    uint32_t random = 7;
    for (int round = 0; round < 2000; round++) {
        char text[256];
        size_t len = 0;
        for (int i = 0; i < 12; i++) {
            random = random * 1664525 + 1013904223;
            const char *piece = pieces[(random >> 16) % (sizeof(pieces) / sizeof(*pieces))];
            memcpy(text + len, piece, strlen(piece));
            len += strlen(piece);
        }
        struct tt_unit unit;
        size_t pos = 0, covered = 0;
        while (tt_template_next(tt_str_make(text, len), &pos, &unit)) {
            assert_int_equal(unit.offset, covered);
            assert_true(unit.length > 0);
            covered += unit.length;
            assert_int_equal(pos, covered);
        }
        assert_int_equal(covered, len);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_templates),
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_units_cover_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
