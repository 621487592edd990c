/* SPDX-License-Identifier: Apache-2.0 */
/* Choices between forms that say the same: starts of lines, empty lines, apostrophes, hyphens, separators of dates. */
#include "collected.h"

#include <stdio.h>

/* Places of one role: what stands before each, the two forms, what stands behind. */
struct role {
    const char *rule, *before, *forms[2], *behind;
};

static const struct role roles[] = {
    {"mark.line-start", "", {"\t", "    "}, "call();\n"},
    {"mark.line-start", "A paragraph of text.", {"\n\n", "\n\n\n"}, ""},
    {"mark.look-alike", "They don", {"'", "\xE2\x80\x99"}, "t know it. "},
    {"mark.look-alike", "a well", {"-", "\xE2\x80\x90"}, "known and "},
    {"mark.look-alike", "it came late ", {"\xE2\x80\x93", "\xE2\x80\x94"}, " and left "},
    {"mark.value-format", "built on 2026", {"-", "/"}, "05"},
};

#define ROLES (sizeof(roles) / sizeof(*roles))

static const char message[] = "meet me at noon";

static void
add_place(struct tt_buf *out, const struct role *role, unsigned form)
{
    bool date = strcmp(role->rule, "mark.value-format") == 0;
    tt_buf_add_cstr(out, role->before);
    tt_buf_add_cstr(out, role->forms[form]);
    tt_buf_add_cstr(out, role->behind);
    if (date) {
        tt_buf_add_cstr(out, role->forms[form]);
        tt_buf_add_cstr(out, "09\n");
    }
}

static void
write_message(struct tt_buf *out, const struct role *role, bool inverse, bool low_first)
{
    tt_buf_init(out, &tt_alloc_libc, TT_MIB);
    for (size_t i = 0; i < sizeof(message) - 1; i++) {
        for (unsigned k = 0; k < 8; k++) {
            unsigned bit = (unsigned) message[i] >> (low_first ? k : 7 - k) & 1;
            add_place(out, role, bit ^ inverse);
        }
    }
}

static void
check_message(const struct role *role, bool inverse, bool low_first)
{
    struct collected c;
    struct tt_buf text;
    write_message(&text, role, inverse, low_first);
    collect(&c, "t.txt", tt_buf_str(&text));
    assert_int_equal(collected_at_least(&c, role->rule, TT_CONFIRMED), 1);
    for (size_t i = 0; i < c.count; i++) {
        if (c.findings[i].level == TT_CONFIRMED) {
            assert_str_equal(collected_fact(&c.findings[i], "decoded.text"), tt_str_cstr(message));
            const char *at = text.ptr + c.findings[i].where.offset;
            bool first = memcmp(at, role->forms[0], strlen(role->forms[0])) == 0;
            assert_true(first || memcmp(at, role->forms[1], strlen(role->forms[1])) == 0);
        }
    }
    collected_free(&c);
    tt_buf_free(&text);
}

static void
test_messages(void **state)
{
    (void) state;
    for (size_t i = 0; i < ROLES; i++) {
        for (unsigned way = 0; way < 4; way++) {
            check_message(&roles[i], way & 1, way >> 1);
        }
    }
}

/* Behind the message the writer's own form goes on, which is a third one. */
static void
test_rest(void **state)
{
    static const struct role role = {"mark.look-alike", "a well", {"\xE2\x80\x91", "\xE2\x80\x90"}, "known and "};
    struct collected c;
    struct tt_buf text;
    (void) state;
    write_message(&text, &role, false, false);
    for (int i = 0; i < 50; i++) {
        tt_buf_add_cstr(&text, "a part-time and ");
    }
    collect(&c, "t.txt", tt_buf_str(&text));
    assert_int_equal(collected_at_least(&c, role.rule, TT_CONFIRMED), 1);
    collected_free(&c);
    tt_buf_free(&text);
}

/* The generator of Numerical Recipes; enough for noise. */
static unsigned
next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 24;
}

/* Noise, one form throughout, alternation and a change in the middle say nothing. */
static unsigned
form_of(unsigned kind, unsigned i, uint32_t *seed)
{
    switch (kind) {
    case 0: return 0;
    case 1: return i & 1;
    case 2: return i > 120;
    case 3: return i % 7 == 0;
    default: return next_random(seed) & 1;
    }
}

static void
test_no_messages(void **state)
{
    uint32_t seed = 20260509;
    (void) state;
    for (size_t i = 0; i < ROLES; i++) {
        for (unsigned kind = 0; kind < 40; kind++) {
            struct collected c;
            struct tt_buf text;
            tt_buf_init(&text, &tt_alloc_libc, TT_MIB);
            for (unsigned n = 0; n < 240; n++) {
                add_place(&text, &roles[i], form_of(kind, n, &seed));
            }
            collect(&c, "t.txt", tt_buf_str(&text));
            if (collected_at_least(&c, roles[i].rule, TT_SUSPICIOUS) > 0) {
                fail_msg("%s: kind %u is a message", roles[i].rule, kind);
            }
            collected_free(&c);
            tt_buf_free(&text);
        }
    }
}

/* What is too short, or stands in other roles, is not read. */
static void
test_other_roles(void **state)
{
    static const char *const texts[] = {
        "\tx\n  y\n\tx\n  y\n\tx\n  y\n\tx\n  y\n\tx\n  y\n",
        "2026-05-09 2026/05/09 2026-05-09 2026/05/09 2026-05-09 2026/05/09 2026-05-09 2026/05/09 2026-05-09",
        "pages 10\xE2\x80\x93"
        "12, 3-4, 10\xE2\x80\x93"
        "12, 3-4, 10\xE2\x80\x93"
        "12, 3-4, 10\xE2\x80\x93"
        "12, 3-4",
    };
    (void) state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct collected c;
        collect(&c, "t.txt", tt_str_cstr(texts[i]));
        for (size_t k = 0; k < c.count; k++) {
            assert_true(c.findings[k].level < TT_SUSPICIOUS);
        }
        collected_free(&c);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_rest),
        cmocka_unit_test(test_no_messages),
        cmocka_unit_test(test_other_roles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
