/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading policies: the identity is that of the meaning, not of the spelling; defaults; types that are more than their text.
 */
#include "policy_read.h"

#include "policy/version.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- identity ---- */

static void
canonical_of(const char *text, char *out, size_t size, struct tt_policy_hash *identity)
{
    struct read r;
    struct tt_buf buf;
    read_with(&r, &tt_alloc_libc, tt_str_cstr(text));
    assert_int_equal(r.status, TT_OK);
    tt_buf_init(&buf, &tt_alloc_libc, TT_MIB);
    tt_policy_canonical(r.policy, &buf);
    assert_int_equal(buf.status, TT_OK);
    assert_true(buf.len < size);
    memcpy(out, buf.ptr, buf.len);
    out[buf.len] = '\0';
    *identity = r.policy->identity;
    tt_buf_free(&buf);
    tt_arena_free(&r.arena);
}

static void
identity_is_that_of_the_meaning(void **state)
{
    static const char *const same[] = {
        (HEAD "teams: [b, a]\nbudgets:\n  - id: B\n    team: all\n    amount: 19.9\n    from: 2026-01-01\n"),
        ("# a comment\nowner: \"a@b.example\"\nid: 'x'\nteams:\n  - a\n  - b\n  - b\ntelltale_policy: 1\ncurrency: "
         "USD\nbudgets:\n"
         "  - from: 2026-01-01\n    amount: \"19.90\"\n    id: B\n    team: all\n    warn_at: 80\n"),
    };
    static char first[8192], other[8192];
    struct tt_policy_hash a, b;
    (void) state;
    canonical_of(same[0], first, sizeof(first), &a);
    canonical_of(same[1], other, sizeof(other), &b);
    assert_string_equal(first, other);
    assert_string_equal(a.hex, b.hex);
    assert_non_null(strstr(first, "\"amount\":19900000,"));
    assert_non_null(strstr(first, "\"teams\":[\"a\",\"b\"]"));
    assert_non_null(strstr(first, "\"grades\":[\"derived\",\"estimated\",\"reported\"]"));
    canonical_of(DECISION(""), other, sizeof(other), &b);
    assert_non_null(strstr(other, "\"applies_to\":{\"hosts\":[\"*\"],\"regions\":[\"all\"],\"teams\":[\"all\"]}"));
    canonical_of(HEAD "teams: [a, b, c]\n", other, sizeof(other), &b);
    assert_string_not_equal(a.hex, b.hex);
}

/* Words of the gateway and the enums that stand for them; what is not written holds its default. */
static void
gateway_words(void **state)
{
    struct read r;
    (void) state;
    read_with(&r, &tt_alloc_libc, TT_STR(HEAD));
    const struct tt_policy_gateway *g = &r.policy->gateway;
    assert_int_equal(g->on_error.number, TT_ON_ERROR_CLOSED);
    assert_int_equal(g->body_hash.number, TT_HASH_ACTED);
    assert_int_equal(g->meter.number, TT_METER_ESTIMATE);
    assert_int_equal(g->credentials.number, TT_CREDENTIALS_PASS);
    assert_int_equal(g->answer_headers.number, TT_HEADERS_ACTED);
    assert_int_equal(g->reroute.number, 0);
    for (unsigned i = 0; i < TT_POLICY_REFERENCES; i++) {
        assert_int_equal(g->references.kinds[i].number, TT_REFERENCE_REPORT);
    }
    assert_null(g->contact.text.ptr);
    tt_arena_free(&r.arena);
    read_with(&r, &tt_alloc_libc,
              TT_STR(HEAD "gateway:\n  on_error: open\n  body_hash: always\n  meter: require\n  credentials: replace\n"
                          "  answer_headers: always\n  reroute: true\n  contact: Ask ai-help@b.example\n"));
    assert_int_equal(r.status, TT_OK);
    g = &r.policy->gateway;
    assert_int_equal(g->on_error.number, TT_ON_ERROR_OPEN);
    assert_int_equal(g->body_hash.number, TT_HASH_ALWAYS);
    assert_int_equal(g->meter.number, TT_METER_REQUIRE);
    assert_int_equal(g->credentials.number, TT_CREDENTIALS_REPLACE);
    assert_int_equal(g->answer_headers.number, TT_HEADERS_ALWAYS);
    assert_int_equal(g->reroute.number, 1);
    assert_true(tt_str_eq(g->contact.text, TT_STR("Ask ai-help@b.example")));
    tt_arena_free(&r.arena);
    static const char *const kinds[TT_POLICY_REFERENCES] = {"response", "prompt", "cache", "file", "url", "server"};
    for (unsigned i = 0; i < TT_POLICY_REFERENCES; i++) { /* each key has its own place */
        char text[256];
        assert_string_equal(tt_policy_reference_name(i), kinds[i]);
        snprintf(text, sizeof(text), HEAD "gateway:\n  references:\n    %s: block\n", kinds[i]);
        read_with(&r, &tt_alloc_libc, tt_str_cstr(text));
        assert_int_equal(r.status, TT_OK);
        for (unsigned k = 0; k < TT_POLICY_REFERENCES; k++) {
            assert_int_equal(r.policy->gateway.references.kinds[k].number, k == i ? TT_REFERENCE_BLOCK : TT_REFERENCE_REPORT);
        }
        tt_arena_free(&r.arena);
    }
    read_with(&r, &tt_alloc_libc, TT_STR(HEAD "gateway:\n  meter: inject\n"));
    assert_int_equal(r.policy->gateway.meter.number, TT_METER_INJECT);
    tt_arena_free(&r.arena);
}

/* The canonical form relies on the order of rows. */
static void
rows_are_sorted(void **state)
{
    const struct tt_policy_schema *const schemas[] = {&tt_policy_schema_top,       &tt_policy_schema_decision,
                                                      &tt_policy_schema_match,     &tt_policy_schema_budget,
                                                      &tt_policy_schema_exception, &tt_policy_schema_gateway};
    (void) state;
    for (size_t s = 0; s < sizeof(schemas) / sizeof(*schemas); s++) {
        for (size_t i = 0; i < schemas[s]->count; i++) {
            const struct tt_policy_field *row = &schemas[s]->fields[i];
            assert_true(i == 0 || strcmp(row[-1].name, row->name) < 0);
            for (size_t j = 1; row->sub && j < row->sub->count; j++) {
                assert_true(strcmp(row->sub->fields[j - 1].name, row->sub->fields[j].name) < 0);
            }
        }
    }
}

static bool
read_all(void *ctx, const struct tt_alloc *alloc)
{
    struct read r;
    read_with(&r, alloc, tt_str_cstr(ctx));
    bool done = r.status != TT_E_MEMORY;
    assert_int_equal(r.policy != NULL, r.status == TT_OK);
    tt_arena_free(&r.arena);
    return done;
}

static void
every_allocation(void **state)
{
    static char good[] = DECISION("teams: [a]\nregions:\n  g: [CN]\n"), bad[] = HEAD "decisons: []\nteams: &a [a]\n";
    (void) state;
    test_every_allocation(read_all, good);
    test_every_allocation(read_all, bad);
}

/* ---- versions, globs, dates ---- */

static void
ranges(void **state)
{
    static const struct {
        const char *range, *version;
        int holds; /* -1: not comparable */
    } cases[] = {
        {">= 1.1.0", "1.1", 1},        {">= 1.1.0", "1.10.0", 1},
        {">= 1.1.0", "1.1.0-rc.1", 0}, {">= 1.1.0 < 2", "2.0.0", 0},
        {">=1.1.0 <2", "1.99", 1},     {"< 2", "v1.2.3+build", 1},
        {"1.2", "1.2.0", 1},           {"= 1.2", "1.3", 0},
        {"> 1.0-a.2", "1.0-a.10", 1},  {"> 1.0-a", "1.0-a.1", 1},
        {"<= 1.0", "nightly", -1},     {"<= 1.0", "", -1},
        {"> 1.0-1", "1.0-a", 1},       {"< 99999999999999999999", "99999999999999999998", 1},
    };
    static const char *const wrong[] = {"", " ", ">", ">= x", "1..2", "1.", ">= 1 <", "~1.2", "^1"};
    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        bool known_version;
        assert_true(tt_policy_range_valid(tt_str_cstr(cases[i].range)));
        bool holds = tt_policy_range_holds(tt_str_cstr(cases[i].range), tt_str_cstr(cases[i].version), &known_version);
        assert_int_equal(known_version ? holds : -1, cases[i].holds);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        assert_false(tt_policy_range_valid(tt_str_cstr(wrong[i])));
    }
}

static void
globs(void **state)
{
    static const struct {
        const char *glob, *name;
        bool matches;
    } cases[] = {
        {"*", "", true},      {"a*", "abc", true},      {"a?c", "abc", true},     {"a?c", "a\u00E9c", true},
        {"a?", "a", false},   {"*-4-*", "x-4-y", true}, {"*ab*ab", "abab", true}, {"*ab*ab", "ab", false},
        {"a", "ab", false},   {"", "", true},           {"rt-*", "rt-4", true},   {"rt-*", "art-4", false},
        {"**b", "aab", true},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_int_equal(tt_policy_glob_matches(tt_str_cstr(cases[i].glob), tt_str_cstr(cases[i].name)), cases[i].matches);
    }
}

static void
dates(void **state)
{
    int64_t day, last;
    (void) state;
    assert_true(tt_policy_date_parse(TT_STR("2023-12-31"), &day));
    assert_true(tt_policy_date_parse(TT_STR("2025-01-01"), &last));
    assert_int_equal(tt_policy_date_days(day, last), 367);
    for (int64_t n = 367; day != last; n--) {
        assert_int_equal(tt_policy_date_days(day, last), n);
        int64_t before = day;
        day = tt_policy_date_next(day);
        assert_int_equal(tt_policy_date_previous(day), before);
    }
    assert_false(tt_policy_date_parse(TT_STR("2023-02-29"), &day));
    assert_false(tt_policy_date_parse(TT_STR("2023-13-01"), &day));
    assert_false(tt_policy_date_parse(TT_STR("0000-01-01"), &day));
    assert_false(tt_policy_date_parse(TT_STR("2023-1-01"), &day));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(identity_is_that_of_the_meaning),
    cmocka_unit_test(gateway_words),
    cmocka_unit_test(rows_are_sorted),
    cmocka_unit_test(every_allocation),
    cmocka_unit_test(ranges),
    cmocka_unit_test(globs),
    cmocka_unit_test(dates),
};

int
main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
