/* SPDX-License-Identifier: Apache-2.0 */
/* Findings: levels, facts, identity and copies; and the search for a rule. */
#include "test.h"

#include "finding/finding.h"

static const struct tt_rule rule = {.id = "test.rule", .title = "A rule of this test"};

static struct tt_finding
sample(void)
{
    struct tt_finding f = {
        .rule = &rule,
        .level = TT_CONFIRMED,
        .message = TT_STR("A sentence"),
        .where = {TT_STR("a.json"), TT_STR("$.a"), 118, 2, 1, 119},
        .excerpt = TT_STR("the line"),
    };
    tt_finding_add_text(&f, "name", TT_STR("value"));
    tt_finding_add_number(&f, "decoded.lab", -1);
    tt_finding_add_fact(&f, "bytes", TT_FACT_HEX, TT_STR("\xca\xbc"));
    return f;
}

static void
test_levels(void **state)
{
    (void) state;
    static const char *const names[] = {"info", "candidate", "suspicious", "confirmed"};
    static const char *const wrong[] = {"", "Info", "info ", "inf", "confirmed2", "none"};
    enum tt_level level;
    for (unsigned i = 0; i < TT_LEVELS; i++) {
        assert_string_equal(tt_level_name((enum tt_level) i), names[i]);
        assert_true(tt_level_parse(tt_str_cstr(names[i]), &level));
        assert_int_equal(level, i);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        level = TT_INFO;
        assert_false(tt_level_parse(tt_str_cstr(wrong[i]), &level));
        assert_int_equal(level, TT_INFO);
    }
    assert_string_equal(tt_level_name((enum tt_level) 99), "unknown");
}

static void
test_facts(void **state)
{
    (void) state;
    struct tt_finding f = sample();
    assert_int_equal(f.fact_count, 3);
    assert_string_equal(f.facts[0].key, "name");
    assert_int_equal(f.facts[0].kind, TT_FACT_TEXT);
    assert_int_equal(f.facts[1].number, -1);
    assert_int_equal(f.facts[2].kind, TT_FACT_HEX);
    while (f.fact_count < TT_FACTS_MAX) {
        tt_finding_add_number(&f, "more", 1);
    }
    tt_finding_add_number(&f, "too many", 2);
    tt_finding_add_text(&f, "too many", TT_STR("x"));
    assert_int_equal(f.fact_count, TT_FACTS_MAX);
    assert_string_equal(f.facts[TT_FACTS_MAX - 1].key, "more");
}

/* The vector was computed apart from this code: sha256 over the parts, each string after its length in eight bytes. */
static void
test_identity(void **state)
{
    (void) state;
    struct tt_finding f = sample();
    tt_finding_identify(&f);
    assert_string_equal(f.id, "02f3adf1cfd46d661916ddb26fe5b6c4");
}

/* What the id depends on, and what not. */
static void
test_identity_parts(void **state)
{
    (void) state;
    static const struct tt_rule other_rule = {.id = "test.other"};
    struct tt_finding f = sample(), g;
    tt_finding_identify(&f);

    g = sample();
    g.where.uri = TT_STR("elsewhere");
    g.where.line = 7;
    g.level = TT_INFO;
    g.message = TT_STR("other words");
    g.fact_count = 0;
    tt_finding_identify(&g);
    assert_string_equal(f.id, g.id);

    for (int part = 0; part < 6; part++) {
        g = sample();
        switch (part) {
        case 0: g.rule = &other_rule; break;
        case 1: g.where.path = TT_STR("$.b"); break;
        case 2: g.where.offset++; break;
        case 3: g.where.length++; break;
        case 4: g.excerpt = TT_STR("another line"); break;
        default:
            /* The same bytes, divided otherwise: numbers stand between, but a careless hash of strings would not notice. */
            g.where.path = TT_STR("$.a\x76");
            break;
        }
        tt_finding_identify(&g);
        assert_string_not_equal(f.id, g.id);
    }
}

static bool
copy_body(void *ctx, const struct tt_alloc *alloc)
{
    struct tt_finding from = sample(), to;
    struct tt_arena arena;
    (void) ctx;
    tt_arena_init(&arena, alloc, TT_MIB);
    bool good = tt_finding_copy(&arena, &from, &to) == TT_OK;
    if (good) {
        assert_str_equal(to.message, from.message);
        assert_str_equal(to.where.uri, from.where.uri);
        assert_str_equal(to.where.path, from.where.path);
        assert_str_equal(to.excerpt, from.excerpt);
        assert_str_equal(to.facts[2].text, from.facts[2].text);
        assert_ptr_not_equal(to.message.ptr, from.message.ptr);
        assert_ptr_not_equal(to.where.uri.ptr, from.where.uri.ptr);
        assert_ptr_not_equal(to.where.path.ptr, from.where.path.ptr);
        assert_ptr_not_equal(to.excerpt.ptr, from.excerpt.ptr);
        assert_ptr_not_equal(to.facts[0].text.ptr, from.facts[0].text.ptr);
        assert_ptr_equal(to.rule, from.rule);
        assert_int_equal(to.where.offset, 118);
    }
    tt_arena_free(&arena);
    return good;
}

static void
test_copy(void **state)
{
    (void) state;
    test_every_allocation(copy_body, NULL);
}

static void
test_copy_over_the_cap(void **state)
{
    (void) state;
    struct tt_finding from = sample(), to;
    struct tt_arena arena;
    tt_arena_init(&arena, &tt_alloc_libc, 40);
    assert_int_equal(tt_finding_copy(&arena, &from, &to), TT_E_MEMORY);
    tt_arena_free(&arena);
}

static void
test_rule_find(void **state)
{
    (void) state;
    static const char *const wrong[] = {"", "a", "mark", "mark.", "zzz.zzz", "mark.datelin", "mark.dateline2", "MARK.DATELINE"};
    for (size_t i = 0; i < tt_rule_count; i++) {
        assert_ptr_equal(tt_rule_find(tt_str_cstr(tt_rules[i].id)), &tt_rules[i]);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        assert_null(tt_rule_find(tt_str_cstr(wrong[i])));
    }
    assert_null(tt_rule_find((struct tt_str) {NULL, 0}));
    assert_null(tt_rule_find(TT_STR("mark.dateline\0x")));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levels),         cmocka_unit_test(test_facts), cmocka_unit_test(test_identity),
        cmocka_unit_test(test_identity_parts), cmocka_unit_test(test_copy),  cmocka_unit_test(test_copy_over_the_cap),
        cmocka_unit_test(test_rule_find),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
