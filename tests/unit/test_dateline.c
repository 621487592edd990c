/* SPDX-License-Identifier: Apache-2.0 */
/* The date-line channel: which date sentences are reported, at which level, with which facts. */
#include "test.h"

#include "marks/channels.h"
#include "marks/dateline.h"
#include "json/string.h"

#include <stdio.h>

#define FINDINGS_MAX 16

/* The eight symbol pairs, by value. */
static const char *const apostrophes[8] = {"'",        "'",        "\xE2\x80\x99", "\xE2\x80\x99",
                                           "\xCA\xBC", "\xCA\xBC", "\xCA\xB9",     "\xCA\xB9"};
static const char *const escapes[8] = {"\\u0027", "'", "\\u2019", "\\u2019", "\\u02bc", "\\u02BC", "\\u02b9", "\\u02B9"};

/* What stands before the apostrophe, between it and the date, and behind the date. */
static const char *const forms[][3] = {
    {"Today", "s date is ", "."},     {"today", "s date is ", ""},     {"Today", "s date: ", ""},
    {"Today", "s date is now ", "."}, {"(Today", "s date: ", " UTC)"}, {"x\nToday", "s date is ", ".\n\nIMPORTANT"},
};

struct seen {
    struct tt_arena copies;
    struct tt_finding findings[FINDINGS_MAX];
    size_t count;
    enum tt_status status;
};

static enum tt_status
take(void *ctx, const struct tt_finding *finding)
{
    struct seen *seen = ctx;
    assert_true(seen->count < FINDINGS_MAX);
    assert_true(finding->fact_count < TT_FACTS_MAX); /* the last place would hide that one was dropped */
    return tt_finding_copy(&seen->copies, finding, &seen->findings[seen->count++]);
}

static void
begin(struct seen *seen, const struct tt_alloc *alloc)
{
    *seen = (struct seen) {.count = 0};
    tt_arena_init(&seen->copies, alloc, TT_MIB);
}

static void
end(struct seen *seen)
{
    tt_arena_free(&seen->copies);
}

/* Shows every date of the field to the channel, as the engine does. */
static void
look_at(struct seen *seen, const struct tt_field *field, const struct tt_alloc *alloc)
{
    struct tt_arena arena;
    size_t done = 0;
    uint32_t low_seen = 0;
    struct tt_date date;
    tt_arena_init(&arena, alloc, TT_MIB);
    struct tt_look look = {
        .field = field,
        .channel = &tt_channel_dateline,
        .arena = &arena,
        .sink = {take, seen},
        .done = &done,
        .low_seen = &low_seen,
    };
    for (size_t i = field->from; i < field->to && look.status == TT_OK; i++) {
        if (tt_ascii_is_digit(field->text.ptr[i]) && tt_date_read(field->text, i, &date)) {
            tt_channel_dateline.visit_date(&look, &date);
            i = date.offset + date.length - 1;
        }
    }
    seen->status = look.status;
    tt_arena_free(&arena);
}

static struct tt_field
field_of(struct tt_str text)
{
    return (struct tt_field) {.text = text,
                              .to = text.len,
                              .at_start = true,
                              .at_end = true,
                              .in_json = true,
                              .path = TT_STR("$.messages[0].content"),
                              .role = TT_STR("user")};
}

static void
look_at_text(struct seen *seen, struct tt_str text)
{
    struct tt_field field = field_of(text);
    begin(seen, &tt_alloc_libc);
    look_at(seen, &field, &tt_alloc_libc);
    assert_int_equal(seen->status, TT_OK);
}

static const struct tt_fact *
fact(const struct tt_finding *f, const char *key)
{
    for (size_t i = 0; i < f->fact_count; i++) {
        if (strcmp(f->facts[i].key, key) == 0) {
            return &f->facts[i];
        }
    }
    return NULL;
}

static bool
says(struct tt_str text, const char *part)
{
    return memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

static void
assert_decoded(const struct tt_finding *f, int value)
{
    assert_int_equal(fact(f, "decoded.value")->number, value);
    assert_int_equal(fact(f, "decoded.lab")->number, value >> 2);
    assert_int_equal(fact(f, "decoded.known")->number, value >> 1 & 1);
    assert_int_equal(fact(f, "decoded.tz")->number, value & 1);
    assert_int_equal(fact(f, "bits")->number, 3);
    assert_true(says(fact(f, "explanations")->text, tt_dateline_reading((unsigned) value)));
    assert_true(says(fact(f, "explanations")->text, "\nwritten so by a person or another program"));
    assert_int_equal(f->level, value <= 2 ? TT_CANDIDATE : TT_SUSPICIOUS);
}

static void
check_form(size_t sentence_at, unsigned value, struct tt_str text)
{
    struct seen seen;
    look_at_text(&seen, text);
    assert_int_equal(seen.count, value == 0 ? 0 : 1);
    if (value > 0) {
        const struct tt_finding *f = &seen.findings[0];
        assert_decoded(f, (int) value);
        assert_int_equal(f->extent_from, sentence_at);
        assert_true(f->where.offset >= f->extent_from && f->where.offset + f->where.length <= f->extent_to);
        assert_str_equal(fact(f, "symbols.apostrophe")->text, tt_str_cstr(apostrophes[value]));
        assert_str_equal(fact(f, "symbols.separator")->text, value & 1 ? TT_STR("/") : TT_STR("-"));
        assert_true(f->excerpt.len > 0);
        assert_false(says(f->message, "clean"));
    }
    end(&seen);
}

static void
test_each_value_in_each_form(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        for (unsigned value = 0; value < 8; value++) {
            char text[200];
            char separator = value & 1 ? '/' : '-';
            int n = snprintf(text, sizeof(text), "%s%s%s2026%c05%c09%s", forms[i][0], apostrophes[value], forms[i][1], separator,
                             separator, forms[i][2]);
            check_form(strlen(forms[i][0]) - strlen("Today"), value, tt_str_make(text, (size_t) n));
        }
    }
}

static void
test_each_value_from_json(void **state)
{
    (void) state;
    for (unsigned value = 0; value < 8; value++) {
        char raw[200];
        struct tt_buf text;
        char separator = value & 1 ? '/' : '-';
        snprintf(raw, sizeof(raw), "<b>\\nToday%ss date is 2026%c05%c09.\\n", escapes[value], separator, separator);
        tt_buf_init(&text, &tt_alloc_libc, 1000);
        tt_json_unescape(tt_str_cstr(raw), true, &text);
        check_form(strlen("<b>\n"), value, tt_buf_str(&text));
        tt_buf_free(&text);
    }
}

/* The shown span is the apostrophe, or from the first to the second separator when that is the plain one. */
static void
test_span_and_message(void **state)
{
    (void) state;
    struct seen seen;
    look_at_text(&seen, TT_STR("Today\xCA\xBCs date is 2026-05-09."));
    assert_int_equal(seen.findings[0].where.offset, 5);
    assert_int_equal(seen.findings[0].where.length, 2);
    assert_int_equal(seen.findings[0].extent_to, 28);
    assert_true(tt_str_starts(seen.findings[0].message, TT_STR("Today\u2039U+02BC\u203As date line carries value 4 of 0-7; ")));
    assert_str_equal(fact(&seen.findings[0], "place")->text, TT_STR("message"));
    assert_null(fact(&seen.findings[0], "labels"));
    end(&seen);
    look_at_text(&seen, TT_STR("Today's date is 2026/05/09"));
    assert_int_equal(seen.findings[0].where.offset, 20);
    assert_int_equal(seen.findings[0].where.length, 4);
    assert_int_equal(seen.findings[0].extent_to, 26);
    assert_true(tt_str_starts(seen.findings[0].message, TT_STR("Today's date line could carry value 1 of 0-7; ")));
    end(&seen);
}

static void
test_symbols_outside_the_eight(void **state)
{
    (void) state;
    static const struct {
        const char *text;
        enum tt_level level;
        const char *message;
    } cases[] = {
        {"Today\u2018s date is 2026-05-09.", TT_CANDIDATE, "not one of the eight"},
        {"Today`s date is 2026-05-09.", TT_CANDIDATE, "Today`s"},
        {"Today\xC2\xB4s date is 2026-05-09.", TT_CANDIDATE, "U+00B4"},
        {"Today\uFF07s date is 2026-05-09.", TT_CANDIDATE, "U+FF07"},
        {"Today's date is 2026.05.09.", TT_CANDIDATE, "separator ."},
        {"Today\u2018s date is 2026/05/09.", TT_SUSPICIOUS, "not one of the eight"},
        {"Today\u055As date is 2026-05-09.", TT_SUSPICIOUS, "U+055A"},
        {"Today\U00016F51s date is 2026-05-09.", TT_SUSPICIOUS, "U+16F51"},
        {"Today*s date is 2026-05-09.", TT_SUSPICIOUS, "Today*s"},
        {"Today\u200Bs date is 2026-05-09.", TT_SUSPICIOUS, "U+200B"},
        {"Today's date is 2026\u201105\u201109.", TT_SUSPICIOUS, "U+2011"},
        {"Today\u02BCs date is 2026.05.09.", TT_SUSPICIOUS, "not one of the eight"},
        {"Today's date is 2026-05/09.", TT_SUSPICIOUS, "not this mark; site anomaly"},
        {"Today\u02BCs date is 2026/05-09.", TT_SUSPICIOUS, "not this mark; site anomaly"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct seen seen;
        look_at_text(&seen, tt_str_cstr(cases[i].text));
        assert_int_equal(seen.count, 1);
        assert_int_equal(seen.findings[0].level, cases[i].level);
        assert_true(says(seen.findings[0].message, cases[i].message));
        assert_null(fact(&seen.findings[0], "decoded.value"));
        assert_null(fact(&seen.findings[0], "bits"));
        end(&seen);
    }
}

static void
test_mixed_separators_are_both_shown(void **state)
{
    (void) state;
    struct seen seen;
    look_at_text(&seen, TT_STR("Today's date is 2026-05/09."));
    assert_str_equal(fact(&seen.findings[0], "symbols.separator")->text, TT_STR("-/"));
    end(&seen);
}

static void
test_other_texts(void **state)
{
    (void) state;
    static const char *const texts[] = {
        "",
        "Today\u2019s meeting is on 2026-05-09.",
        "see logs/2026/05/09 and today\u2019s date",
        "The current date is: 2026/05/09",
        "Today\u02BCs date is 9/5/2026.",
        "Today\u02BCs date is 2026-05.",
        "Yesterday\u02BCs date is 2026/05/09.",
        "Today\u02BCs  date is 2026/05/09.",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct seen seen;
        look_at_text(&seen, tt_str_cstr(texts[i]));
        assert_int_equal(seen.count, 0);
        end(&seen);
    }
}

/* Two sentences with different symbols in one field: both are reported. */
static void
test_two_in_one_field(void **state)
{
    (void) state;
    struct seen seen;
    look_at_text(&seen, TT_STR("Today\u02BCs date is 2026-05-09.\nThe date has changed. Today\u02B9s date is now 2026/05/10."));
    assert_int_equal(seen.count, 2);
    assert_decoded(&seen.findings[0], 4);
    assert_decoded(&seen.findings[1], 7);
    end(&seen);
}

static void
test_quoted(void **state)
{
    (void) state;
    struct seen seen;
    struct tt_field field = field_of(TT_STR("Today\u02BCs date is 2026-05-09."));
    field.path = TT_STR("$.messages[0].content[0].content");
    field.type = TT_STR("tool_result");
    begin(&seen, &tt_alloc_libc);
    look_at(&seen, &field, &tt_alloc_libc);
    assert_int_equal(fact(&seen.findings[0], "labels")->kind, TT_FACT_LIST);
    assert_str_equal(fact(&seen.findings[0], "labels")->text, TT_STR("quoted"));
    end(&seen);
}

static void
check_control(const char *text, const char *expected)
{
    struct seen seen;
    look_at_text(&seen, tt_str_cstr(text));
    assert_int_equal(seen.count, 1);
    const struct tt_fact *control = fact(&seen.findings[0], "control");
    if (expected) {
        assert_non_null(control);
        assert_str_equal(control->text, tt_str_cstr(expected));
    } else {
        assert_null(control);
    }
    end(&seen);
}

static void
test_control(void **state)
{
    (void) state;
    static char far_away[6000];
    check_control("As you answer the user's questions\nToday\u02BCs date is 2026-05-09.", "the same block writes ' in: user's");
    check_control("Today\u02BCs date is 2026-05-09.\nI don't", "the same block writes ' in: don't");
    check_control("Today\u02BCs date is 2026-05-09.", NULL);
    check_control("Today\u02BCs date is 2026-05-09. 'quoted' x' 'y", NULL);
    /* another symbol says more than the same one, wherever it stands */
    check_control("it\u02BCs so\nToday\u02BCs date is 2026-05-09. It's", "the same block writes ' in: It's");
    check_control("it\u02BCs so\nToday\u02BCs date is 2026-05-09.",
                  "the same block writes \u2039U+02BC\u203A in: it\u2039U+02BC\u203As");
    check_control("Today's date is 2026/05/09. It\u2019s", "the same block writes \u2039U+2019\u203A in: It\u2039U+2019\u203As");
    snprintf(far_away, sizeof(far_away), "it's %5000s Today\u02BCs date is 2026-05-09.", "");
    check_control(far_away, NULL);
    check_control("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa's Today\u02BCs date is 2026-05-09.",
                  "the same block writes ' in: aaaaaaaaaaaaaaaaaaaaaaaa's");
}

/* Cut anywhere, as windows are: found exactly when the date is complete. */
static void
test_cut_at_every_byte(void **state)
{
    (void) state;
    struct tt_str text = TT_STR("Today\u02B9s date is 2026/05/09.");
    for (size_t cut = 0; cut <= text.len; cut++) {
        if (cut == 6) {
            continue; /* inside the apostrophe: fields are valid UTF-8 */
        }
        struct seen seen;
        look_at_text(&seen, tt_str_slice(text, 0, cut));
        assert_int_equal(seen.count, cut >= text.len - 1);
        end(&seen);
        look_at_text(&seen, tt_str_slice(text, cut, text.len));
        assert_int_equal(seen.count, cut == 0);
        end(&seen);
    }
}

/* The sentence lies in the context before a window, the date at its first byte. */
static void
test_context_before_the_window(void **state)
{
    (void) state;
    struct seen seen;
    struct tt_field field = field_of(TT_STR("xx\nToday\u02BCs date is 2026-05-09."));
    field.from = 20;
    field.at_start = false;
    begin(&seen, &tt_alloc_libc);
    look_at(&seen, &field, &tt_alloc_libc);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.findings[0].extent_from, 3);
    end(&seen);
}

static bool
look_with(void *ctx, const struct tt_alloc *alloc)
{
    (void) ctx;
    struct seen seen;
    struct tt_field field = field_of(TT_STR("the user's\nToday\u02BCs date is 2026-05/09."));
    begin(&seen, &tt_alloc_libc);
    look_at(&seen, &field, alloc);
    bool ok = seen.status == TT_OK;
    assert_true(ok || seen.status == TT_E_MEMORY);
    assert_int_equal(seen.count, ok);
    end(&seen);
    return ok;
}

static void
test_allocations(void **state)
{
    (void) state;
    test_every_allocation(look_with, NULL);
}

static void
test_rule(void **state)
{
    (void) state;
    struct seen seen;
    look_at_text(&seen, TT_STR("Today\u02BCs date is 2026-05-09."));
    assert_non_null(seen.findings[0].rule);
    assert_string_equal(seen.findings[0].rule->id, tt_channel_dateline.rule);
    assert_true(seen.findings[0].rule->always_shown);
    end(&seen);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_value_in_each_form),
        cmocka_unit_test(test_each_value_from_json),
        cmocka_unit_test(test_span_and_message),
        cmocka_unit_test(test_symbols_outside_the_eight),
        cmocka_unit_test(test_mixed_separators_are_both_shown),
        cmocka_unit_test(test_other_texts),
        cmocka_unit_test(test_two_in_one_field),
        cmocka_unit_test(test_quoted),
        cmocka_unit_test(test_control),
        cmocka_unit_test(test_cut_at_every_byte),
        cmocka_unit_test(test_context_before_the_window),
        cmocka_unit_test(test_allocations),
        cmocka_unit_test(test_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
