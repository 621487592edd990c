/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Typed values.  A text is written as its template, with each value in braces: "{date 2026-5-9}" with the value where it is exact,
 * "{date}" where it is not.
 */
#include "test.h"

#include "base/buf.h"
#include "base/limits.h"
#include "text/utf8.h"
#include "text/value.h"

#include <stdio.h>
#include <stdlib.h>

struct template_case {
    const char *text;
    const char *template;
};

static const struct template_case templates[] = {
    {"", ""},
    {"nothing here, and more", "nothing here, and more"},
    /* dates */
    {"Today's date is 2026-05-09.", "Today's date is {date 2026-5-9}."},
    {"9.5.2026 09/05/2026 31/5/2026", "{date 2026-5-9} {date} {date 2026-5-31}"},
    {"9 May 2026, May 9, 2026, 09-May-2026", "{date 2026-5-9}, {date 2026-5-9}, {date 2026-5-9}"},
    {"Sat, 09 May 2026 or Saturday, May 9th 2026", "{date 2026-5-9} or {date 2026-5-9}"},
    {"9. Mai 2026, 9 mai 2026, 9 de mayo de 2026", "{date 2026-5-9}, {date 2026-5-9}, {date 2026-5-9}"},
    {"9 \u043C\u0430\u044F 2026", "{date 2026-5-9}"},
    {"\u65E5\u4ED8\u306F2026\u5E745\u67089\u65E5\u3067\u3059", "\u65E5\u4ED8\u306F{date 2026-5-9}\u3067\u3059"},
    {"2026\uB144 5\uC6D4 9\uC77C", "{date 2026-5-9}"},
    {"May 2026, May 9, 12 may go, may 5 people", "{date}, {date}, {number 12} may go, may {number 5} people"},
    {"99 May 2026", "{number 99} {date}"},
    {"\u0662\u0660\u0662\u0666/\u0660\u0665/\u0660\u0669", "{date 2026-5-9}"},
    /* times and zones */
    {"2026-05-09T12:00:00Z", "{date 2026-5-9}T{time 12:0:0}{zone 0}"},
    {"2026-05-09T14:05:09.250+02:00", "{date 2026-5-9}T{time 14:5:9.250000000}{zone 120}"},
    {"2026-05-09 14:05:09 -0730", "{date 2026-5-9} {time 14:5:9} {zone -450}"},
    {"at 2:05 PM, 12 a.m., 12:30pm, 9am", "at {time 14:5:0}, {time 0:0:0}, {time 12:30:0}, {time 9:0:0}"},
    {"2:05\u202FPM", "{time 14:5:0}"},
    {"14\uFF1A05 14\uA78905", "{time 14:5:0} {time 14:5:0}"},
    {"13 PM, 25:00, 1:2, 16:9, f.c:12:30",
     "{number 13} PM, {number 25}:{number 0}, {number 1}:{number 2}, {number 16}:{number 9}, "
     "f.c:{number 12}:{number 3e1}"},
    {"14:05 UTC, UTC+2, GMT-03:30, CEST, IST", "{time 14:5:0} {zone 0}, {zone 120}, {zone -210}, {zone 120}, {zone}"},
    {"in Asia/Shanghai or America/Argentina/Buenos_Aires.", "in {zone} or {zone}."},
    {"UTCX Asia/ Europeans", "UTCX Asia/ Europeans"},
    {"Sat May  9 12:00:01 UTC 2026", "{date} {time 12:0:1} {zone 0} {number 2026}"},
    /* numbers */
    {"0 7 007 1.50 1.5 100", "{number 0} {number 7} {number 7} {number 15e-1} {number 15e-1} {number 1e2}"},
    {"1,234,567 1,234 1,5 1,234.5 1.234.567,89", "{number 1234567} {number} {number} {number 12345e-1} {number 123456789e-2}"},
    {"12,34,567 1'000'000 1_000 1\u202F000", "{number 1234567} {number 1e6} {number 1e3} {number 1e3}"},
    {"-5, (-2) 3-4 a-1 6.02e23 1e-3",
     "{number -5}, ({number -2}) {number 3}-{number 4} a-{number 1} {number 602e21} {number 1e-3}"},
    {"\u0661\u0662\u0663 \uFF11\uFF12", "{number 123} {number 12}"},
    {"5th 10px a1 x2y v_3", "{number 5}th {number 1e1}px a1 x2y v_3"},
    {"99999999999999999999", "{number}"},
    /* identifiers */
    {"123e4567-e89b-12d3-a456-426614174000", "{uuid}"},
    {"123e4567-e89b-12d3-a456-4266141740001", "{hex}-e89b-{number 12}d3-a456-{number 4266141740001}"},
    {"d66e83a0 deadbeef 0xBEEF abc1 0xG", "{hex} deadbeef {hex} abc1 {number 0}xG"},
    {"toolu_01A9Q8f2LrXyZ getUserByIdAndNameOrEmail", "{token} getUserByIdAndNameOrEmail"},
    {"v2 v20.11.1 1.2.3-beta.1 10.0.0.1 2.1.169.a3f;", "{version} {version} {version} {version} {version};"},
    {"Use 1.2.3. It", "Use {version}. It"},
    {"/usr/lib, ~/x ./a ../b/c.d C:\\Users\\x C:/x", "{path}, {path} {path} {path} {path} {path}"},
    {"src/main.c and/or he/she </system> 1/2", "{path} and/or he/she </system> {number 1}/{number 2}"},
    {"see https://a.b/c?d=e. (http://x.y)", "see {url}. ({url})"},
    {"joe.b@x.example.org, @user a@b", "{email}, @user a@b"},
};

static void
add_value(struct tt_buf *out, const struct tt_value *v)
{
    char text[96] = "";
    if (v->exact && v->type == TT_VALUE_DATE) {
        snprintf(text, sizeof(text), " %d-%d-%d", v->year, v->month, v->day);
    } else if (v->exact && v->type == TT_VALUE_TIME) {
        int n = snprintf(text, sizeof(text), " %d:%d:%d", v->hour, v->minute, v->second);
        if (v->nanos) {
            snprintf(text + n, sizeof(text) - (size_t) n, ".%d", v->nanos);
        }
    } else if (v->exact && v->type == TT_VALUE_ZONE) {
        snprintf(text, sizeof(text), " %d", v->zone);
    } else if (v->exact) {
        int n = snprintf(text, sizeof(text), " %lld", (long long) v->number);
        if (v->scale) {
            snprintf(text + n, sizeof(text) - (size_t) n, "e%d", v->scale);
        }
    }
    tt_buf_add_char(out, '{');
    tt_buf_add_cstr(out, tt_value_name(v->type));
    tt_buf_add_cstr(out, text);
    tt_buf_add_char(out, '}');
}

static void
add_template(struct tt_buf *out, struct tt_str text)
{
    struct tt_value v;
    size_t pos = 0;
    while (tt_value_next(text, pos, &v)) {
        assert_true(v.offset >= pos && v.length > 0 && v.offset + v.length <= text.len);
        tt_buf_add(out, tt_str_slice(text, pos, v.offset));
        add_value(out, &v);
        pos = v.offset + v.length;
    }
    tt_buf_add(out, tt_str_slice(text, pos, text.len));
}

static void
test_templates(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(templates) / sizeof(*templates); i++) {
        struct tt_buf out;
        tt_buf_init(&out, &tt_alloc_libc, 64 * TT_KIB);
        add_template(&out, tt_str_cstr(templates[i].text));
        if (!tt_str_eq(tt_buf_str(&out), tt_str_cstr(templates[i].template))) {
            fail_msg("%s\n  gives   %.*s\n  and not %s", templates[i].text, (int) out.len, out.ptr, templates[i].template);
        }
        tt_buf_free(&out);
    }
}

struct pair {
    const char *a, *b;
    bool same, same_form;
};

static const struct pair pairs[] = {
    {"2026-05-09", "2026-05-09", true, true},
    {"2026-05-09", "2026/05/09", true, false},
    {"2026-05-09", "2026-5-9", true, false},
    {"2026-05-09", "2026-11-12", false, true}, /* nothing shows how the second pads */
    {"2026-5-9", "2026-11-12", false, true},
    {"9 May 2026", "May 9, 2026", true, false},
    {"9 May 2026", "9 Jan 2026", false, false}, /* May is short and long; Jan is short */
    {"9.5.2026", "2026-05-09", true, false},
    {"5/9/2026", "2026-09-05", false, false}, /* which is the month? */
    {"31/5/2026", "2026-05-31", true, false},
    {"14:05", "2:05 PM", true, false},
    {"14:05", "14:05:00", true, false},
    {"14:05", "15:06", false, true},
    {"2:05 PM", "2:05\u202FPM", true, false},
    {"2:05 PM", "2:05PM", true, false},
    {"UTC+02:00", "CEST", true, false},
    {"Europe/Berlin", "CEST", false, false},
    {"1,234,567", "1234567", true, false},
    {"1.50", "1.5", true, true},
    {"1,5", "1.5", false, false},
    {"\u0661\u0662", "12", true, false},
    {"2026-05-09", "14:05", false, false},
    {"/usr", "/usr", false, true}, /* a path has no exact value */
};

static void
test_pairs(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
        struct tt_value a, b;
        assert_true(tt_value_read(tt_str_cstr(pairs[i].a), 0, &a));
        assert_true(tt_value_read(tt_str_cstr(pairs[i].b), 0, &b));
        if (tt_value_same(&a, &b) != pairs[i].same || tt_value_same(&b, &a) != pairs[i].same) {
            fail_msg("%s, %s: same value", pairs[i].a, pairs[i].b);
        }
        if (tt_value_same_form(&a, &b) != pairs[i].same_form || tt_value_same_form(&b, &a) != pairs[i].same_form) {
            fail_msg("%s, %s: same form", pairs[i].a, pairs[i].b);
        }
    }
}

static void
test_bad_positions(void **state)
{
    (void) state;
    struct tt_value v;
    const struct tt_str text = TT_STR("on 2026-05-09");
    assert_true(tt_value_read(text, 3, &v));
    assert_int_equal(v.offset, 3);
    assert_int_equal(v.length, 10);
    assert_false(tt_value_read(text, 0, &v));
    assert_false(tt_value_read(text, 4, &v));  /* inside */
    assert_false(tt_value_read(text, 13, &v)); /* the end */
    assert_false(tt_value_read(text, SIZE_MAX, &v));
    assert_false(tt_value_read(TT_STR(""), 0, &v));
    assert_false(tt_value_next(text, 13, &v));
    assert_false(tt_value_read((struct tt_str) {NULL, 0}, 0, &v));
}

/* A value as long as allowed is one; a longer token is none, and neither is its rest. */
static void
test_longest(void **state)
{
    (void) state;
    static char text[8 * 1024];
    struct tt_value v;
    for (size_t i = 0; i < sizeof(text); i++) {
        text[i] = "a1"[i % 2];
    }
    assert_true(tt_value_next(tt_str_make(text, TT_VALUE_BYTES_MAX), 0, &v));
    assert_int_equal(v.type, TT_VALUE_HEX);
    assert_int_equal(v.length, TT_VALUE_BYTES_MAX);
    assert_false(tt_value_next(tt_str_make(text, TT_VALUE_BYTES_MAX + 1), 0, &v));
    assert_false(tt_value_next(tt_str_make(text, sizeof(text)), 0, &v));
    memset(text, '7', sizeof(text));
    assert_false(tt_value_next(tt_str_make(text, sizeof(text)), 0, &v));
}

/*
 * Random texts of the pieces that values are made of: values lie within the text and do not overlap, a value is the same
 * when its text is followed by a blank and anything, and a text that begins with a blank gives the same values.
 */
static void
test_random(void **state)
{
    (void) state;
    static const char *const pieces[] = {
        "1",   "0",    "2026", "05",     "9",      "-",      "/",      ".",      ":",      ",", " ", "T", "Z",
        "+",   "May",  "PM",   "am",     "UTC",    "a",      "x",      "f",      "_",      "@", "e", "v", "C:\\",
        "://", "http", "Sat",  "\u5E74", "\u6708", "\u65E5", "\u0665", "\uFF0F", "\u202F", "(", "=", "~", "<",
    };
    uint32_t seed = 11;
    for (int round = 0; round < 20000; round++) {
        char bytes[256];
        size_t len = 0;
        bytes[len++] = ' ';
        for (int i = 0; i < 20; i++) {
            seed = seed * 1103515245u + 12345u;
            const char *piece = pieces[(seed >> 16) % (sizeof(pieces) / sizeof(*pieces))];
            memcpy(bytes + len, piece, strlen(piece));
            len += strlen(piece);
        }
        struct tt_str whole = tt_str_make(bytes, len), rest = tt_str_make(bytes + 1, len - 1);
        struct tt_value a, b;
        size_t pos = 0;
        while (tt_value_next(whole, pos, &a)) {
            assert_true(a.offset >= pos && a.length > 0 && a.offset + a.length <= len);
            assert_true(tt_utf8_next(whole, a.offset).len > 0);
            assert_true(tt_value_next(rest, pos > 0 ? pos - 1 : 0, &b));
            assert_int_equal(a.offset, b.offset + 1);
            assert_int_equal(a.length, b.length);
            assert_int_equal(a.type, b.type);
            pos = a.offset + a.length;
        }
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_templates), cmocka_unit_test(test_pairs),  cmocka_unit_test(test_bad_positions),
        cmocka_unit_test(test_longest),   cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
