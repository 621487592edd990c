/* SPDX-License-Identifier: Apache-2.0 */
/* Template sites over documents: what varies is reported, what does not is silent, and the table stays within its bounds. */
#include "collected.h"

#include "marks/sites.h"

#include <stdio.h>

#define SITE "mark.varying-site"
#define DOC(text) "{\"system\":\"" text "\",\"messages\":[]}\n"

static void
check(const char *documents, const char *rule, int level)
{
    struct collected c;
    collect(&c, "t.jsonl", tt_str_cstr(documents));
    size_t n = collected_at_least(&c, rule, level < 0 ? TT_INFO : (enum tt_level) level);
    if (n != (level < 0 ? 0 : 1)) {
        fail_msg("%s: %zu findings in %s", rule, n, documents);
    }
    collected_free(&c);
}

static void
test_forms(void **state)
{
    (void) state;
    check(DOC("Never guess what the user's tools return."), SITE, -1);
    check(DOC("Never guess what the user's tools return.") DOC("Never guess what the user's tools return."), SITE, -1);
    check(DOC("Never guess what the user's tools return.") DOC("Never guess what the user\xE2\x80\x99s tools return."), SITE,
          TT_SUSPICIOUS);
    check(DOC("Never guess what the user's tools return.") DOC("Never guess what the user\\u2019s tools return."), SITE,
          TT_SUSPICIOUS);
    check(DOC("Never guess what the tools return.") DOC("Never  guess what the tools return."), SITE, TT_CANDIDATE);
    check(DOC("The folder changed on 2026-05-09 last.") DOC("The folder changed on 2026/05/10 last."), SITE, TT_SUSPICIOUS);
    check(DOC("The folder changed on 2026-05-09 last.") DOC("The folder changed on 2025-12-31 last."), SITE, -1);
}

/* Numbers tell how they are grouped only from a thousand on; blanks at a line's end are a form. */
static void
test_numbers_and_blanks(void **state)
{
    (void) state;
    check(DOC("The folder holds 1,234 files of yours.") DOC("The folder holds 17 files of yours."), SITE, -1);
    check(DOC("The folder holds 1,234 files of yours.") DOC("The folder holds 70,000 files of yours."), SITE, -1);
    check(DOC("The folder holds 1,234 files of yours.") DOC("The folder holds 1.234 files of yours."), SITE, TT_SUSPICIOUS);
    check(DOC("The share was 0.125 of all files.") DOC("The share was 3.5 of all files."), SITE, -1);
    check(DOC("Never guess what the tools return.\\nAsk.") DOC("Never guess what the tools return. \\nAsk."), SITE, TT_CANDIDATE);
    check(DOC("Never guess what the tools return.\\nAsk.") DOC("Never guess what the tools return.\\r\\nAsk."), SITE, -1);
    check(DOC("Never guess what the tools return.") DOC("Never guess what the tools return. "), SITE, TT_CANDIDATE);
}

/* As many wordings as documents: an open value, such as a name. */
static void
test_open_wording(void **state)
{
    (void) state;
#define NAMED(name) DOC("Read a file before you change it. The user is called " name ". Run the tests when you are done.")
    check(NAMED("Ann") NAMED("Bob") NAMED("Ann") NAMED("Bob"), "mark.wording", TT_CANDIDATE);
    check(NAMED("Ann") NAMED("Bob") NAMED("Cy") NAMED("Dee") NAMED("Eve"), "mark.wording", -1);
}

/* Short texts are equal by chance, and other texts are other sites. */
static void
test_other_sites(void **state)
{
    (void) state;
    check(DOC("It's 2026-05-09.") DOC("It's 2026/05/09."), SITE, -1);
    check(DOC("The user's folder is large today.") DOC("The user\xE2\x80\x99s folder is small today."), SITE, -1);
    /* the second use of a template in a document is another site than the first */
    check(DOC("Ask before the user's file changes. Ask before the user\xE2\x80\x99s file changes.")
              DOC("Ask before the user's file changes. Ask before the user\xE2\x80\x99s file changes."),
          SITE, -1);
    /* another path */
    check("{\"system\":\"Ask before the user's file changes.\",\"messages\":[]}\n"
          "{\"messages\":[{\"role\":\"user\",\"content\":\"Ask before the user\xE2\x80\x99s file changes.\"}]}\n",
          SITE, -1);
    /* the model's own words and what a tool returned */
    check("{\"messages\":[{\"role\":\"assistant\",\"content\":\"I'll look at the user's tests first.\"}]}\n"
          "{\"messages\":[{\"role\":\"assistant\",\"content\":\"I\xE2\x80\x99ll look at the user's tests first.\"}]}\n",
          SITE, -1);
}

static void
test_dateline(void **state)
{
    (void) state;
    struct collected c;
    collect(
        &c, "t.jsonl",
        TT_STR(DOC("Today's date is 2026-05-09.") DOC("Today's date is 2026-05-10.") DOC("Today\\u02bcs date is 2026/05/10.")));
    assert_int_equal(collected_at_least(&c, "mark.dateline", TT_CONFIRMED), 1);
    const struct tt_finding *f = &c.findings[c.count - 1];
    assert_int_equal(f->level, TT_CONFIRMED);
    assert_str_equal(f->where.uri, TT_STR("t.jsonl"));
    assert_int_equal(f->where.line, 3);
    assert_str_equal(f->where.path, TT_STR("$.system"));
    assert_non_null(strstr(collected_fact(f, "forms").ptr, "2 documents"));
    assert_non_null(strstr(collected_fact(f, "forms").ptr, "U+02BC"));
    collected_free(&c);
}

static void
test_wording_and_order(void **state)
{
    (void) state;
    const char *a = "Read a file before you change it. Keep every change small. Run the tests when you are done.";
    const char *b = "Read a file before you change it. Make only small changes. Run the tests when you are done.";
    const char *c = "Keep every change small. Read a file before you change it. Run the tests when you are done.";
    const char *const pairs[][2] = {{a, b}, {a, c}, {a, a}};
    for (size_t i = 0; i < 3; i++) {
        char text[1024];
        snprintf(text, sizeof(text), "{\"system\":\"%s\"}\n{\"system\":\"%s\"}\n", pairs[i][0], pairs[i][1]);
        check(text, "mark.wording", i == 2 ? -1 : TT_CANDIDATE);
    }
}

static void
test_order_of_names(void **state)
{
    (void) state;
    check("{\"model\":\"m\",\"system\":\"Be kind to the reader of this.\"}\n{\"system\":\"Be kind to the reader of "
          "this.\",\"model\":\"m\"}\n",
          "mark.json-form", TT_CANDIDATE);
    check("{\"a\":1,\"b\":2}\n{\"b\":1,\"a\":2}\n", "mark.json-form", -1); /* not a request */
}

#define FORM "mark.json-form"
#define ASK "\"system\":\"Be kind to the reader of this.\",\"n\":"
#define SPACED "\"system\": \"Be kind to the reader of this.\", \"n\": "

static void
test_forms_of_numbers(void **state)
{
    static const struct {
        const char *a, *b;
        bool varies;
    } cases[] = {
        {"1", "1.0", true},        {"1", "1e0", true},
        {"1e0", "1E0", true},      {"1e2", "1e+2", true},
        {"1e2", "1e02", true},     {"0", "0.0", true},
        {"0.7", "0.70", true},     {"0.7", "7e-1", true},
        {"4096", "8192.0", true},  {"-1", "-1.0", true},
        {"1", "1", false},         {"1", "2", false},
        {"0.7", "0.25", false},    {"0.7", "1", false},
        {"0", "1.0", false},       {"1.0", "2.0", false},
        {"0.0001", "1e-7", false}, {"100", "1e21", false},
        {"1", "1e6", false},       {"0.50", "0.25", false},
        {"-0", "0", false},        {"1.25", "1.250000", true},
        {"true", "1", false},      {"\"1\"", "1.0", false},
        {"100", "1e2", true},      {"1234.5678", "1.2345678e3", false},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[512];
        snprintf(text, sizeof(text), "{" ASK "%s}\n{" ASK "%s}\n", cases[i].a, cases[i].b);
        check(text, FORM, cases[i].varies ? TT_CANDIDATE : -1);
        /* a document that is laid out in another way is another program's */
        snprintf(text, sizeof(text), "{" ASK "%s}\n{" SPACED "%s}\n", cases[i].a, cases[i].b);
        check(text, FORM, -1);
        /* data are no request */
        snprintf(text, sizeof(text), "{\"n\":%s,\"m\":2}\n{\"n\":%s,\"m\":2}\n", cases[i].a, cases[i].b);
        check(text, FORM, -1);
    }
}

/* Gaps that do not agree with the others of their document; documents that agree with themselves are silent beside each other. */
static void
test_blanks_of_json(void **state)
{
#define TEXT "Be kind to the reader of this."
    static const char compact[] = "{\"model\":\"m\",\"system\":\"" TEXT "\",\"stop\":[1,2,3],\"metadata\":{\"id\":\"x\"}}\n";
    static const char spaced[] =
        "{\"model\": \"m\", \"system\": \"" TEXT "\", \"stop\": [1, 2, 3], \"metadata\": {\"id\": \"x\"}}\n";
    static const char pretty[] =
        "{\n  \"model\": \"m\",\n  \"system\": \"" TEXT "\",\n  \"stop\": [\n    1,\n    2,\n    3\n  ],\n"
        "  \"metadata\": {\n    \"id\": \"x\"\n  }\n}\n";
    static const char wide[] =
        "{ \"model\" : \"m\", \"system\" : \"" TEXT "\", \"stop\" : [ 1, 2, 3 ], \"metadata\" : { \"id\" : \"x\" } }\n";
    static const char *const writers[] = {compact, spaced, pretty, wide};
    static const struct {
        const char *part, *instead;
    } odd[] = {
        {"\"m\",", "\"m\", "},   {"\"model\":", "\"model\": "},
        {"\"id\":", "\"id\": "}, {"\"id\":", "\"id\" :"},
        {"{\"id", "{ \"id"},     {"[1,", "[ 1,"},
        {"1,2", "1, 2"},         {"2,3", "2,\t3"},
        {"3]", "3 ]"},           {"\"x\"}", "\"x\" }"},
        {"}}", "} }"},           {"\"m\",", "\"m\" ,"},
    };
    char text[2048];
    (void) state;
    for (size_t i = 0; i < 4; i++) {
        for (size_t k = 0; k < 4; k++) {
            snprintf(text, sizeof(text), "%s%s", writers[i], writers[k]);
            struct collected c;
            collect(&c, "t.json", tt_str_cstr(text));
            assert_int_equal(collected_at_least(&c, FORM, TT_INFO), 0);
            collected_free(&c);
        }
    }
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        const char *at = strstr(compact, odd[i].part);
        assert_non_null(at);
        snprintf(text, sizeof(text), "%s%.*s%s%s", compact, (int) (at - compact), compact, odd[i].instead,
                 at + strlen(odd[i].part));
        check(text, FORM, TT_CANDIDATE);
    }
}

/* What a document spells alike throughout, and another one in the other way. */
static void
test_escapes_of_json(void **state)
{
#define SAYS(text) "{\"model\":\"m\",\"system\":\"" text " Be kind to the reader.\"}\n"
    (void) state;
    check(SAYS("caf\\u00e9") SAYS("caf\\u00E9"), FORM, TT_CANDIDATE);
    check(SAYS("caf\\u00e9") SAYS("caf\xC3\xA9"), FORM, TT_CANDIDATE);
    check(SAYS("a\\/b") SAYS("a/b"), FORM, TT_CANDIDATE);
    check(SAYS("caf\\u00e9") SAYS("na\\u00efve"), FORM, -1);
    check(SAYS("caf\\u00e9") SAYS("plain"), FORM, -1);
    check(SAYS("a/b") SAYS("plain"), FORM, -1);
    /* another program: it lays out in another way, or sends other names */
    check(SAYS("caf\\u00e9") "{\"model\": \"m\", \"system\": \"caf\xC3\xA9 Be kind to the reader.\"}\n", FORM, -1);
    check(SAYS("caf\\u00e9") "{\"system\":\"caf\xC3\xA9 Be kind to the reader.\"}\n", FORM, -1);
}

/* Nothing depends on where the window is cut: the gaps of a request that is longer than a chunk. */
static void
test_blanks_of_long_json(void **state)
{
    struct tt_buf text;
    (void) state;
    for (size_t shift = 0; shift < 8; shift++) {
        tt_buf_init(&text, &tt_alloc_libc, 4 * TT_MIB);
        for (int document = 0; document < 2; document++) {
            tt_buf_add_cstr(&text, "{\"system\":\"Be kind to the reader of this.\",\"stop\":[\"");
            for (size_t i = 0; i < shift; i++) {
                tt_buf_add_char(&text, 'x');
            }
            for (size_t i = 0; i < 200000; i++) {
                tt_buf_add_cstr(&text, document == 1 && i == 150000 ? "\", \"" : "\",\"");
            }
            tt_buf_add_cstr(&text, "\"]}\n");
        }
        assert_int_equal(text.status, TT_OK);
        struct collected c;
        collect(&c, "t.jsonl", tt_buf_str(&text));
        assert_int_equal(collected_at_least(&c, FORM, TT_CANDIDATE), 1);
        collected_free(&c);
        tt_buf_free(&text);
    }
}

/* The table itself: full, merged, forgetting. */
static struct tt_site_seen
seen_of(uint64_t site, uint64_t form)
{
    return (struct tt_site_seen) {.kind = TT_SITE_ORDER, .site = site, .form = form};
}

static void
count(struct tt_sites *sites, uint64_t site, uint64_t form, uint64_t document)
{
    struct tt_site *row;
    struct tt_site_seen seen = seen_of(site, form);
    assert_int_equal(tt_sites_count(sites, &seen, document, &row), TT_OK);
}

static void
test_table(void **state)
{
    (void) state;
    struct tt_sites sites;
    tt_sites_init(&sites, &tt_alloc_libc, 100, TT_MIB);
    for (uint64_t i = 0; i < 150; i++) {
        count(&sites, i * 64, 1, i); /* all in one slot of a small table */
    }
    assert_int_equal(sites.count, 100);
    assert_int_equal(sites.dropped, 50);
    count(&sites, 0, 1, 0); /* same document: counted once */
    assert_int_equal(sites.rows[0].documents, 1);
    count(&sites, 0, 1, 7);
    assert_int_equal(sites.rows[0].documents, 2);
    tt_sites_free(&sites);
}

static void
test_merge_forgets_what_was_seen_once(void **state)
{
    (void) state;
    struct tt_sites all, one;
    tt_sites_init(&all, &tt_alloc_libc, 64, TT_MIB);
    for (uint64_t input = 0; input < 100; input++) {
        tt_sites_init(&one, &tt_alloc_libc, 64, TT_MIB);
        count(&one, 1, input % 2, 0);    /* varies */
        count(&one, 1000 + input, 1, 0); /* seen once */
        assert_int_equal(tt_sites_merge(&all, &one, TT_STR("x")), TT_OK);
        tt_sites_free(&one);
    }
    assert_true(all.count <= 64);
    assert_true(all.dropped > 0);
    assert_int_equal(all.rows[0].site, 1);
    assert_int_equal(all.rows[0].forms, 2);
    assert_int_equal(all.rows[0].documents + all.rows[all.rows[0].next - 1].documents, 100);
    tt_sites_free(&all);
}

static enum tt_status
count_finding(void *ctx, const struct tt_finding *f)
{
    (void) f;
    ++*(int *) ctx;
    return TT_OK;
}

static bool
merge_and_report(void *ctx, const struct tt_alloc *alloc)
{
    struct tt_sites all, one;
    struct tt_site *row;
    int findings = 0;
    enum tt_status status = TT_OK;
    (void) ctx;
    tt_sites_init(&all, alloc, 8, TT_MIB);
    for (uint64_t i = 0; i < 12 && status == TT_OK; i++) {
        struct tt_site_seen a = seen_of(1, i % 3), b = seen_of(100 + i, 1);
        tt_sites_init(&one, alloc, 8, TT_MIB);
        status = tt_sites_count(&one, &a, 0, &row);
        status = status == TT_OK ? tt_sites_count(&one, &b, 0, &row) : status;
        status = status == TT_OK ? tt_sites_merge(&all, &one, TT_STR("x")) : status;
        tt_sites_free(&one);
    }
    status = status == TT_OK ? tt_sites_report(&all, (struct tt_sink) {count_finding, &findings}) : status;
    tt_sites_free(&all);
    assert_true(status == TT_OK || status == TT_E_MEMORY);
    assert_true(status != TT_OK || findings == 1);
    return status == TT_OK;
}

static void
test_allocations(void **state)
{
    (void) state;
    test_every_allocation(merge_and_report, NULL);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_numbers_and_blanks),
        cmocka_unit_test(test_open_wording),
        cmocka_unit_test(test_other_sites),
        cmocka_unit_test(test_dateline),
        cmocka_unit_test(test_wording_and_order),
        cmocka_unit_test(test_order_of_names),
        cmocka_unit_test(test_forms_of_numbers),
        cmocka_unit_test(test_blanks_of_json),
        cmocka_unit_test(test_escapes_of_json),
        cmocka_unit_test(test_blanks_of_long_json),
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_merge_forgets_what_was_seen_once),
        cmocka_unit_test(test_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
