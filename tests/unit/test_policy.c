/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading policies: every error has its line, column and words; the identity is that of the meaning, not of the spelling.
 */
#include "test.h"

#include "base/limits.h"
#include "policy/schema.h"
#include "policy/version.h"

#include <stdio.h>
#include <stdlib.h>

#define HEAD "telltale_policy: 1\nid: x\nowner: a@b.example\n"
#define DECISION(lines) \
    HEAD "decisions:\n  - id: D-1\n    match:\n      vendor: acme\n    status: prohibited\n    reason: r\n" lines

/* A catalogue of one product, one vendor and one channel. */
static bool
known(const void *ctx, enum tt_policy_name kind, struct tt_str name, struct tt_str *nearest)
{
    (void) ctx;
    struct tt_str only = kind == TT_NAME_VENDOR ? TT_STR("acme") : kind == TT_NAME_CHANNEL ? TT_STR("tags") : TT_STR("editor");
    if (kind != TT_NAME_VENDOR && kind != TT_NAME_CHANNEL && kind != TT_NAME_PRODUCT) {
        return true;
    }
    *nearest = only;
    return tt_str_eq(only, name);
}

static const struct tt_policy_names names = {.known = known};

struct read {
    struct tt_arena arena;
    struct tt_policy_problems problems;
    const struct tt_policy *policy;
    enum tt_status status;
};

static void
read_with(struct read *r, const struct tt_alloc *alloc, struct tt_str text)
{
    tt_arena_init(&r->arena, alloc, TT_POLICY_ARENA);
    r->problems = (struct tt_policy_problems) {.arena = &r->arena};
    r->status = tt_policy_read(text, &names, &r->problems, &r->policy);
}

/* "line:column: text" of each error, in a buffer of the test. */
static const char *
errors_of(struct tt_str text)
{
    static char out[8192];
    struct read r;
    int n = 0;
    read_with(&r, &tt_alloc_libc, text);
    out[0] = '\0';
    for (size_t i = 0; i < r.problems.count; i++) {
        const struct tt_policy_problem *p = &r.problems.items[i];
        n += snprintf(out + n, sizeof(out) - (size_t) n, "%u:%u: %s\n", p->at.line, p->at.column, p->text.ptr);
    }
    assert_int_equal(r.status == TT_OK, r.problems.count == 0);
    assert_int_equal(r.policy == NULL, r.status != TT_OK);
    tt_arena_free(&r.arena);
    return out;
}

struct error_case {
    const char *text;
    const char *errors;
};

static const struct error_case error_cases[] = {
    {HEAD, ""},
    {HEAD "teams: []\n", ""},
    {"---\n" HEAD, ""},
    {DECISION(""), ""},
    {"telltale_policy: 1\r\nid: x\r\nowner: a@b.example\r\n", ""},
    /* the document */
    {"", "1:1: an empty policy\n"},
    {"# nothing\n", "1:1: an empty policy\n"},
    {"- a\n", "1:1: a policy is a map: lines of 'key: value'\n"},
    {HEAD "---\n" HEAD, "4:1: a second document; a policy is one\n"},
    {"%YAML 1.1\n---\n" HEAD, "1:1: directives ('%') are not allowed\n"},
    {"\xEF\xBB\xBF" HEAD, "1:1: a byte order mark or zero-width character; save the file as UTF-8 without one\n"},
    {HEAD "title: \xFF\n", "4:8: bytes that are not UTF-8\n"},
    {HEAD "title:\ta\n", "4:7: a tab; indent and divide by spaces\n"},
    {HEAD "title: a\x01\n", "4:9: a control character\n"},
    {HEAD "title: a\u2028b\n", "4:9: a control character\n"},
    {HEAD "title: a\xC2\x85"
          "b\n",
     "4:9: a control character\n"},
    {HEAD "title: a\u202Eb\n", "4:9: a control of writing direction, which could make the text read otherwise than it is\n"},
    {HEAD "title: \"a\\u202Eb\"\n",
     "4:8: the value holds a control of writing direction, which could make the text read otherwise than it is\n"},
    {HEAD "title: \"a\\0b\"\n", "4:8: the value holds a control character\n"},
    /* what YAML has and policies have not */
    {HEAD "teams: &a [b]\n", "4:8: anchors ('&') are not allowed; write the value out\n"},
    {HEAD "teams: *a\n", "4:8: aliases ('*') are not allowed; write the value out, or in quotes\n"},
    {HEAD "title: !!str a\n", "4:8: tags ('!') are not allowed; the schema knows the types\n"},
    {HEAD "? title\n: a\n", "4:3: keys marked with '?' are not allowed\n"},
    {HEAD "title: |\n  a\n", "4:8: block texts ('|' and '>') are not allowed; write the text on one line\n"},
    {HEAD "title: >\n  a\n", "4:8: block texts ('|' and '>') are not allowed; write the text on one line\n"},
    {HEAD "title: a\n  b\n", "4:8: a value without quotes goes on in the next line; is that line indented too far?\n"},
    {HEAD "privacy: {}\n", "4:10: maps in braces are not allowed; write one key on each line\n"},
    {HEAD "teams: [a,\n  b]\n", "4:8: a list in brackets must end on its line\n"},
    {HEAD "teams: [a, [b]]\n", "4:12: a list in brackets holds single values only\n4:12: 'teams' is a single value\n"},
    {HEAD "teams: [a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q]\n",
     "4:8: more than 16 items in brackets; write one item on each line, after '- '\n"},
    {HEAD "title: a\ntitle: b\n", "5:1: the key 'title' stands here twice\n"},
    {HEAD "title:\n", "4:7: an empty value; leave the key out instead\n4:7: 'title' must be a text of 1 to 400 characters\n"},
    {HEAD "title: ''\n", "4:8: an empty value; leave the key out instead\n4:8: 'title' must be a text of 1 to 400 characters\n"},
    {HEAD "title: ~\n", "4:8: null is not a value here; leave the key out instead\n"},
    {HEAD "title: null\n", "4:8: null is not a value here; leave the key out instead\n"},
    {HEAD "teams: [[[[[[[[a]]]]]]]]\n",
     "4:9: a list in brackets holds single values only\n4:10: a list in brackets holds single values only\n"
     "4:11: a list in brackets holds single values only\n4:12: a list in brackets holds single values only\n"
     "4:13: a list in brackets holds single values only\n4:14: a list in brackets holds single values only\n"
     "4:15: nested more than 8 levels deep\n"},
    {HEAD "title: 'a\n", "5:1: not valid YAML: found unexpected end of stream\n"},
    /* keys and types */
    {"id: x\nowner: a@b.example\n", "1:1: a policy needs the key 'telltale_policy'\n"},
    {"telltale_policy: 2\nid: x\nowner: a@b.example\n", "1:18: 'telltale_policy' must be a whole number\n"},
    {HEAD "decisons: []\n", "4:1: a policy has no key 'decisons'; did you mean 'decisions'?\n"},
    {HEAD "zzzzz: 1\n", "4:1: a policy has no key 'zzzzz'\n"},
    {HEAD "timezone: Asia/Shanghai\n", "4:11: 'timezone' must be UTC or a distance from it such as +08:00\n"},
    {HEAD "week_starts: sunnday\n",
     "4:14: 'week_starts' cannot be 'sunnday'; it is one of: monday, tuesday, wednesday, thursday, "
     "friday, saturday, sunday; did you mean 'sunday'?\n"},
    {HEAD "max_exception_days: 367\n", "4:21: 'max_exception_days' must be a whole number\n"},
    {HEAD "regions:\n  a: [XX]\n", "5:7: 'regions' must be a country of ISO 3166-1, two capital letters\n"},
    {HEAD "regions:\n  all: [CN]\n", "5:3: 'all' means every country and cannot name a group\n"},
    {HEAD "teams: [A]\n", "4:9: 'teams' must be small letters, digits, '.', '_' and '-', at most 64\n"},
    {HEAD "teams: a\n", "4:8: 'teams' is a list\n"},
    {HEAD "decisions:\n  id: a\n", "5:3: 'decisions' is a list of maps, each after '- '\n"},
    {DECISION("    severity: hihg\n"),
     "10:15: 'severity' cannot be 'hihg'; it is one of: info, low, medium, high, critical; did you mean 'high'?\n"},
    {DECISION("    from: 2026-02-29\n"), "10:11: 'from' must be a day that exists, as YYYY-MM-DD\n"},
    {DECISION("    from: 2026-03-02\n    until: 2026-03-01\n"), "11:12: 'until' is before 'from'\n"},
    {DECISION("    timeline:\n      warn: 2026-03-02\n      block: 2026-03-01\n"),
     "12:14: 'block' is before an earlier stage; the order is announce, warn, block, remove, verify\n"},
    {DECISION("    limits:\n      models: []\n"), "11:7: 'limits' belong to the status approved_with_limits\n"},
    {DECISION("    supersedes: [D-0]\n"), "10:17: 'supersedes' needs the key 'from': since when\n"
                                          "10:18: there is no decision 'D-0' in this file; did you mean 'D-1'?\n"},
    {DECISION("    applies_to:\n      teams: [web]\n"), "11:15: there is no team 'web' in this file\n"},
    {DECISION("    applies_to:\n      regions: [CN]\n      regions_except: [HK]\n"),
     "12:23: 'regions' and 'regions_except' exclude each other\n"},
    {DECISION("    alternatives: [edditor]\n"), "10:20: there is no product 'edditor'; did you mean 'editor'?\n"},
    {DECISION("  - id: D-1\n    match:\n      vendor: acme\n    status: prohibited\n    reason: r\n"),
     "10:9: the id 'D-1' is taken\n"},
    {DECISION("  - id: D-2\n    match:\n      vendor: acme\n      product: editor\n    status: approved\n    reason: r\n"),
     "10:5: a decision needs the key 'review_due', unless its status is prohibited\n"
     "12:15: a match has exactly one subject, and 'product' is one\n"},
    {DECISION("  - id: D-2\n    match:\n      os: [linux]\n    status: approved_with_limits\n    reason: r\n"
              "    review_due: 2026-01-01\n"),
     "10:5: the status approved_with_limits needs the key 'limits'\n"
     "12:7: a match needs a subject, such as product, vendor, model_family or provider\n"},
    {DECISION("exceptions:\n  - id: E\n    decisions: [D-3]\n    scope:\n      teams: []\n    owner: o@p\n    reason: r\n"
              "    starts: 2026-01-01\n    expires: 2026-12-31\n"),
     "12:17: there is no decision 'D-3' in this file; did you mean 'D-1'?\n"
     "14:7: the scope of an exception needs hosts, teams or regions\n"
     "18:14: an exception that lasts longer than 'max_exception_days' allows\n"},
    {HEAD "budgets:\n  - id: B\n    team: all\n    amount: 1.234\n    from: 2026-01-01\n",
     "7:13: 'amount' must be an amount such as 250 or 19.90\n"},
    {HEAD "marks:\n  - id: m\n    channel: tagz\n    action: block\n",
     "6:14: there is no channel 'tagz'; did you mean 'tags'?\n"},
    {HEAD "marks:\n  - id: m\n    action: block\n", "5:5: an entry of marks needs one of the keys 'channel' and 'site'\n"},
    {HEAD "gateway:\n  identity: [header]\n",
     "5:13: 'identity_header' names the header of the identity source 'header': one needs the other\n"},
    {HEAD "gateway:\n  identity: [api-key, api-key]\n", "5:23: this source stands here twice\n"},
    {HEAD "gateway:\n  on_error: opne\n",
     "5:13: 'on_error' cannot be 'opne'; it is one of: open, closed; did you mean 'open'?\n"},
    {HEAD "gateway:\n  body_hash: acts\n",
     "5:14: 'body_hash' cannot be 'acts'; it is one of: acted, always; did you mean 'acted'?\n"},
    {HEAD "gateway:\n  meter: injekt\n",
     "5:10: 'meter' cannot be 'injekt'; it is one of: estimate, inject, require; did you mean 'inject'?\n"},
    {HEAD "gateway:\n  credentials: keep\n", "5:16: 'credentials' cannot be 'keep'; it is one of: pass, replace\n"},
    {HEAD "gateway:\n  answer_headers: [acted]\n", "5:19: 'answer_headers' is a single value\n"},
    {HEAD "gateway:\n  reroute: yes\n", "5:12: 'reroute' must be true or false\n"},
    {HEAD "gateway:\n  rerout: true\n", "5:3: the gateway has no key 'rerout'; did you mean 'reroute'?\n"},
};

static void
errors_have_their_places(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(error_cases) / sizeof(*error_cases); i++) {
        assert_string_equal(errors_of(tt_str_cstr(error_cases[i].text)), error_cases[i].errors);
    }
}

static void
bounds(void **state)
{
    static char text[TT_POLICY_BYTES_MAX + 1];
    (void) state;
    memset(text, '[', sizeof(text));
    assert_string_equal(errors_of(tt_str_make(text, sizeof(text))), "1:1: a policy of more than 1 MiB\n");
    assert_non_null(strstr(errors_of(tt_str_make(text, sizeof(text) - 1)), "1:9: nested more than 8 levels deep\n"));
    /* Twenty errors are listed and no more. */
    size_t at = (size_t) sprintf(text, "%s", HEAD);
    for (int i = 0; i < 30; i++) {
        at += (size_t) sprintf(text + at, "unknown-%d: 1\n", i);
    }
    const char *errors = errors_of(tt_str_make(text, at));
    size_t lines = 0;
    for (; *errors; errors++) {
        lines += *errors == '\n';
    }
    assert_int_equal(lines, TT_POLICY_PROBLEMS_MAX);
    at = (size_t) sprintf(text, "%steams:\n", HEAD);
    for (int i = 0; i < 10000; i++) {
        at += (size_t) sprintf(text + at, "  - t%d\n", i);
    }
    assert_non_null(strstr(errors_of(tt_str_make(text, at)), "more than 10000 keys, values and ends"));
}

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
        "telltale_policy: 1\r\nid: x\r\nowner: a@b.example\r\nteams: [a, b]\r\ndecisions: []\r\nbudgets:\r\n- {}\r\n",
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
    assert_string_equal(errors_of(tt_str_cstr(same[2])),
                        "7:3: maps in braces are not allowed; write one key on each line\n"
                        "7:3: a budget needs the key 'amount'\n7:3: a budget needs the key 'from'\n"
                        "7:3: a budget needs the key 'id'\n7:3: a budget needs the key 'team'\n");
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
    cmocka_unit_test(errors_have_their_places),
    cmocka_unit_test(bounds),
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
