/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Learned sites: descriptions are read strictly, sites are found where they stand and nowhere else, whatever the kernels, and in many documents.
 */
#include "collected.h"

#include "base/limits.h"

#include <stdio.h>
#include <stdlib.h>

#define RULE "mark.learned-site"
#define HEAD "{\"telltale_sites\":1,\"client\":{\"name\":\"c\",\"version\":\"\"},\"sites\":["
#define SITE(members) HEAD "{" members "}]}"
#define REST "\"bits\":1.0,\"factors\":[\"host\"],"
#define WHERE "\"request\":\"\",\"path\":\"$.system\",\"before\":\"\\nThe answer\",\"after\":\" is always short.\\n\","
#define TWO "\"alphabet\":[{\"value\":\"'\",\"meaning\":[\"a\"]},{\"value\":\"`\",\"meaning\":[\"b\"]}]"
#define GOOD "\"id\":\"s\",\"class\":\"c0\"," WHERE REST TWO

/* ---- reading ---- */

static enum tt_status
read_text(struct tt_learned *learned, const char *text, struct tt_error *err)
{
    return tt_learned_read(learned, tt_str_cstr(text), err);
}

static void
test_good(void **state)
{
    (void) state;
    struct tt_learned learned;
    tt_learned_init(&learned, &tt_alloc_libc);
    assert_int_equal(read_text(&learned, HEAD "]}", NULL), TT_OK);
    assert_int_equal(learned.count, 0);
    assert_int_equal(read_text(&learned, SITE(GOOD), NULL), TT_OK);
    const struct tt_learned_site *site = tt_learned_find(&learned, TT_STR("s"));
    assert_non_null(site);
    assert_str_equal(site->before.letters, TT_STR("theanswer"));
    assert_str_equal(site->before.gap, TT_STR(""));
    assert_str_equal(site->after.letters, TT_STR("isalwaysshort"));
    assert_str_equal(site->after.gap, TT_STR(" "));
    assert_true(site->before.edge && site->after.edge && !site->weak);
    assert_str_equal(site->symbols[1].shown, TT_STR("‹`›: host b"));
    assert_null(tt_learned_find(&learned, TT_STR("t")));
    assert_null(tt_learned_find(NULL, TT_STR("s")));
    /* The same once more: the id is there, and the set stays as it was. */
    assert_int_equal(read_text(&learned, SITE(GOOD), NULL), TT_E_INPUT);
    assert_int_equal(learned.count, 1);
    tt_learned_free(&learned);
}

static const struct bad {
    const char *text, *msg, *wrong;
    unsigned column;
} bad[] = {
    {"", "", "", 1},
    {"[]", "this must be an object", "", 1},
    {"{}", "a member is missing", "telltale_sites", 1},
    {"{\"telltale_sites\":2,\"client\":{},\"sites\":[]}", "this version of telltale reads descriptions of version 1", "", 19},
    {"{\"telltale_sites\":1.0,\"client\":{},\"sites\":[]}", "this version of telltale reads descriptions of version 1", "", 19},
    {"{\"telltale_sites\":10,\"client\":{},\"sites\":[]}", "this version of telltale reads descriptions of version 1", "", 19},
    {"{\"telltale_sites\":1,\"client\":{\"name\":\"\",\"version\":\"\"},\"sites\":[]}", "this text must not be empty", "name",
     38},
    {"{\"telltale_sites\":1,\"client\":{\"name\":1,\"version\":\"\"},\"sites\":[]}", "this member has a value of another type",
     "name", 38},
    {"{\"telltale_sites\":1,\"more\":1}", "no such member is known here", "more", 21},
    {HEAD "1]}", "this must be an object", "", sizeof(HEAD)},
    {SITE("\"id\":\"s\""), "a member is missing", "class", sizeof(HEAD)},
    {SITE("\"id\":\"a b\""), "an id is made of letters, digits, '.', '_' and '-', at most 64", "", sizeof(HEAD) + 6},
    {SITE("\"id\":\"s\",\"class\":\"c9\""), "a class is one of c0 to c5", "c9", sizeof(HEAD) + 18},
    {SITE("\"id\":\"s\",\"id\":\"t\""), "this name stands twice in its object", "", sizeof(HEAD) + 10},
    {SITE("\"id\":\"s\",\"class\":\"c0\"," WHERE "\"bits\":1e3,\"factors\":[\"h\"]," TWO), "this must be a small decimal number",
     "bits", 0},
    {SITE("\"id\":\"s\",\"class\":\"c0\"," WHERE "\"bits\":1,\"factors\":[]," TWO), "this list must not be empty", "factors", 0},
    {SITE("\"id\":\"s\",\"class\":\"c0\"," WHERE "\"bits\":1,\"factors\":[1]," TWO),
     "a list of texts, not too many of them, must stand here", "factors", 0},
    {SITE(GOOD ",\"open\":1"), "this must be true or false", "open", 0},
    {SITE(GOOD ",\"spelling\":true"), "the values of a spelling are the same text, written in several ways", "", 0},
    {SITE("\"id\":\"s\",\"class\":\"c0\"," WHERE REST "\"alphabet\":[{\"value\":\"'\",\"meaning\":[\"a\"]}]"),
     "an alphabet has at least two symbols, and not too many", "", 0},
    {SITE("\"id\":\"s\",\"class\":\"c0\"," WHERE REST
          "\"alphabet\":[{\"value\":\"'\",\"meaning\":[\"a\"]},{\"value\":\"'\",\"meaning\":[\"b\"]}]"),
     "this symbol stands twice in its alphabet", "", 0},
    {SITE("\"id\":\"s\",\"class\":\"c0\"," WHERE REST
          "\"alphabet\":[{\"value\":\"'\",\"meaning\":[\"a\"]},{\"value\":\"\",\"absent\":true,\"meaning\":[\"b\"]}]"),
     "what is absent has no value", "", 0},
    {SITE("\"id\":\"s\",\"class\":\"c0\"," WHERE REST
          "\"alphabet\":[{\"value\":\"a\\nb\",\"meaning\":[\"a\"]},{\"value\":\"\",\"meaning\":[\"b\"]}]"),
     "this text must be of one line", "", 0},
    {SITE("\"id\":\"s\",\"class\":\"c0\",\"request\":\"\",\"path\":\"$.a\",\"before\":\"Today\",\"after\":\"\"," REST TWO),
     "what stands around this site says too little to know it again", "s", 0},
    {SITE("\"id\":\"s\",\"class\":\"c0\",\"request\":\"\",\"path\":\"$.a\",\"before\":\"\\n\",\"after\":\"\\n\"," REST TWO),
     "what stands around this site says too little to know it again", "s", 0},
};

static void
test_bad(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct tt_learned learned;
        struct tt_error err = {.msg = NULL};
        tt_learned_init(&learned, &tt_alloc_libc);
        if (read_text(&learned, bad[i].text, &err) == TT_OK || !err.msg || err.line != 1 || err.column == 0) {
            fail_msg("%zu is taken, or is not said to be wrong where it is: %s", i, bad[i].text);
        }
        if (bad[i].msg[0] && strcmp(err.msg, bad[i].msg) != 0) {
            fail_msg("%zu: %s", i, err.msg);
        }
        if (!bad[i].msg[0] || err.column == bad[i].column || bad[i].column == 0) {
            assert_str_equal(learned.wrong, tt_str_cstr(bad[i].wrong));
        } else {
            fail_msg("%zu: column %u, not %u", i, err.column, bad[i].column);
        }
        assert_int_equal(learned.count, 0);
        tt_learned_free(&learned);
    }
}

static void
test_limits(void **state)
{
    (void) state;
    struct tt_learned learned;
    struct tt_buf text;
    struct tt_error err;
    tt_learned_init(&learned, &tt_alloc_libc);
    tt_buf_init(&text, &tt_alloc_libc, 2 * TT_LEARNED_FILE_MAX);
    tt_buf_add_cstr(&text, HEAD);
    for (size_t i = 0; i <= TT_LEARNED_SITES_MAX; i++) {
        tt_buf_add_cstr(&text, i ? ",{\"id\":\"s" : "{\"id\":\"s");
        tt_buf_add_u64(&text, i);
        tt_buf_add_cstr(&text, "\",\"class\":\"c0\"," WHERE REST TWO "}");
    }
    tt_buf_add_cstr(&text, "]}");
    assert_int_equal(tt_learned_read(&learned, tt_buf_str(&text), &err), TT_E_LIMIT);
    assert_int_equal(learned.count, 0);
    tt_buf_clear(&text);
    while (text.len <= TT_LEARNED_FILE_MAX) {
        tt_buf_add_cstr(&text, "                                                                ");
    }
    assert_int_equal(tt_learned_read(&learned, tt_buf_str(&text), &err), TT_E_LIMIT);
    tt_buf_free(&text);
    tt_learned_free(&learned);
}

/* ---- finding ---- */

#define SYSTEM(text) "{\"model\": \"m\", \"system\": \"" text "\", \"messages\": []}"
#define TOOL(text) "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"tool_result\", \"content\": \"" text "\"}]}]}"

static const struct {
    const char *text, *site, *bytes; /* bytes: as the finding shows them, in hexadecimal */
    uint64_t offset, length;
    enum tt_level level;
} sites[] = {
    {SYSTEM("Today\u02bcs date is 2026-05-09."), "a-client-apostrophe", "cabc", 31, 2, TT_SUSPICIOUS},
    {SYSTEM("Hello.\\nToday\\u2019s date is 2026-05-09.\\nBye."), "a-client-apostrophe", "e28099", 39, 6, TT_SUSPICIOUS},
    /* Another mark in the same line: separators, a wide letter, a space that is none. */
    {SYSTEM("Today\u2019s d\uff41te\u00a0is 2026\u20102\u20109 or 2026-05-09."), NULL, NULL, 0, 0, 0},
    {SYSTEM("Today\u2019s d\uff41te\u00a0is 2026\u201005\u201009."), "a-client-apostrophe", "e28099", 31, 3, TT_SUSPICIOUS},
    {SYSTEM("Today's date is 2026/05/09."), "a-client-separator", "2f30352f", 46, 4, TT_SUSPICIOUS},
    {SYSTEM("Write con\u200bcise messages to the person who asked."), "a-client-word", "636f6ee2808b63697365", 32, 10,
     TT_SUSPICIOUS},
    {SYSTEM("You are a c\\u0061reful assistant for work on code."), "a-client-spelling", "6361726566756c", 36, 12, TT_SUSPICIOUS},
    {SYSTEM("You are a care\\u0066ul assistant for work on code."), NULL, NULL, 0, 0, 0},
    {SYSTEM("Session 99aa0b12c3d4e5f6\\nmore"), "a-client-session", "39396161306231326333643465356636", 34, 16, TT_SUSPICIOUS},
    {SYSTEM("Session 0123456789abcdef"), "a-client-session", "30313233343536373839616263646566", 34, 16, TT_SUSPICIOUS},
    {SYSTEM("Session 2ff8ddd61f5e0a0c"), NULL, NULL, 0, 0, 0}, /* the plain one */
    {SYSTEM("Session 0123456789abcde"), NULL, NULL, 0, 0, 0},
    {SYSTEM("The Session 0123456789abcdef"), NULL, NULL, 0, 0, 0},
    {"{\"text\": \"Session 0123456789abcdef\"}", NULL, NULL, 0, 0, 0}, /* says too little anywhere else */
    {SYSTEM("Today\u02bcs date is 2026-05-09, I think."), NULL, NULL, 0, 0, 0},
    {SYSTEM("And Today\u02bcs date is 2026-05-09."), NULL, NULL, 0, 0, 0},
    {SYSTEM("Today\u02bas date is 2026-05-09."), NULL, NULL, 0, 0, 0}, /* a symbol that the probe did not see */
    {TOOL("Today\u02bcs date is 2026-05-09."), "a-client-apostrophe", "cabc", 84, 2, TT_CANDIDATE},
    {"{\"messages\": [{\"role\": \"assistant\", \"content\": \"Today\u02bcs date is 2026-05-09.\"}]}", "a-client-apostrophe",
     "cabc", 53, 2, TT_CANDIDATE},
    /* In a body that a capture keeps as a string. */
    {"{\"request\": {\"body\": \"{\\\"system\\\": \\\"You are a c\\\\u0061reful assistant for work on code.\\\"}\"}}",
     "a-client-spelling", "6361726566756c", 47, 13, TT_SUSPICIOUS},
    {"Today\u02b9s date is 2026-05-09.\r\nand more\r\n", "a-client-apostrophe", "cab9", 5, 2, TT_SUSPICIOUS},
    {"You are a c\\u0061reful assistant for work on code.", NULL, NULL, 0, 0, 0}, /* no JSON */
};

static void
check_site(size_t i, unsigned cpu)
{
    struct collected c;
    size_t count = 0;
    collect_learned(&c, "a.json", tt_str_cstr(sites[i].text), &example_sites, cpu);
    for (size_t k = 0; k < c.count; k++) {
        const struct tt_finding *f = &c.findings[k];
        if (strcmp(f->rule->id, RULE) != 0) {
            continue;
        }
        if (++count > 1 || !sites[i].site || !tt_str_eq(collected_fact(f, "learned.site"), tt_str_cstr(sites[i].site)) ||
            f->where.offset != sites[i].offset || f->where.length != sites[i].length || f->level != sites[i].level) {
            fail_msg("%zu: %s at %d+%d, %s: %s", i, collected_fact(f, "learned.site").ptr, (int) f->where.offset,
                     (int) f->where.length, tt_level_name(f->level), sites[i].text);
        }
        struct tt_buf hex;
        tt_buf_init(&hex, &tt_alloc_libc, 1024);
        tt_buf_add_hex(&hex, collected_fact(f, "bytes"));
        assert_str_equal(tt_buf_str(&hex), tt_str_cstr(sites[i].bytes));
        tt_buf_free(&hex);
        assert_true(f->message.len > 0 && f->excerpt.len > 0 && f->fact_count < TT_FACTS_MAX);
    }
    if (count != (sites[i].site ? 1 : 0)) {
        fail_msg("%zu: %zu findings: %s", i, count, sites[i].text);
    }
    collected_free(&c);
}

static void
test_sites(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(sites) / sizeof(*sites); i++) {
        check_site(i, 0);
        check_site(i, tt_cpu_detect());
    }
}

/* Plain symbols say nothing alone; together with another one they prove that the site varies. */
static void
test_variation(void **state)
{
    (void) state;
    struct collected c;
    static const char text[] = SYSTEM("Today's date is 2026-05-09.") "\n" SYSTEM("Today\u02bcs date is 2026-05-10.") "\n";
    collect_learned(&c, "a.jsonl", tt_str_cstr(text), &example_sites, tt_cpu_detect());
    assert_int_equal(collected_at_least(&c, RULE, TT_SUSPICIOUS), 2);
    assert_int_equal(collected_at_least(&c, RULE, TT_CONFIRMED), 1);
    for (size_t i = 0; i < c.count; i++) {
        if (c.findings[i].level == TT_CONFIRMED && strcmp(c.findings[i].rule->id, RULE) == 0) {
            assert_str_equal(collected_fact(&c.findings[i], "learned.site"), TT_STR("a-client-apostrophe"));
            assert_str_equal(collected_fact(&c.findings[i], "forms"),
                             TT_STR("‹'›: host 127.0.0.1: 1 document, a.jsonl, line 1\n"
                                    "‹U+02BC›: host gateway.example.test: 1 document, a.jsonl, line 2"));
        }
    }
    collected_free(&c);
    collect_learned(&c, "a.json", TT_STR(SYSTEM("Today's date is 2026-05-09.")), &example_sites, tt_cpu_detect());
    assert_int_equal(c.count, 0);
    collected_free(&c);
}

/* Wherever a window ends. */
static void
test_windows(void **state)
{
    (void) state;
    static const char site[] = "\nToday\u02bcs date is 2026-05-09.\n";
    struct tt_buf text;
    tt_buf_init(&text, &tt_alloc_libc, 4 * TT_WINDOW_SIZE);
    for (size_t shift = 0; shift < 60; shift += 7) {
        struct collected c;
        tt_buf_clear(&text);
        for (size_t n = 0; n < 3 * TT_WINDOW_SIZE / 64; n++) {
            tt_buf_add_cstr(&text, "A line of text that holds nothing but words, and then some more\n");
        }
        size_t at = TT_WINDOW_SIZE - TT_WINDOW_AHEAD - 100 + shift;
        memcpy(text.ptr + at, site, sizeof(site) - 1);
        collect_learned(&c, "a.txt", tt_buf_str(&text), &example_sites, tt_cpu_detect());
        size_t found = 0;
        for (size_t i = 0; i < c.count; i++) {
            found += strcmp(c.findings[i].rule->id, RULE) == 0 && c.findings[i].where.offset == at + 6;
        }
        assert_int_equal(found, 1);
        collected_free(&c);
    }
    tt_buf_free(&text);
}

/* ---- raw strings ---- */

static bool
may_hold(const char *raw, unsigned cpu)
{
    size_t n = strlen(raw);
    bool tight = tt_learned_may_hold(&example_sites, tt_kernels_get(cpu), tt_str_make(raw, n), n);
    char room[512] = {0};
    memcpy(room, raw, n);
    memset(room + n, '"', sizeof(room) - n);
    assert_int_equal(tight, tt_learned_may_hold(&example_sites, tt_kernels_get(cpu), tt_str_make(room, n), sizeof(room)));
    return tight;
}

static void
test_raw(void **state)
{
    (void) state;
    static const struct {
        const char *raw;
        bool may;
    } table[] = {
        {"Today\u02bcs date is 2026-05-09.", true},
        {"Hello.\\nToday's date is 2026-05-09.\\nBye.", true},
        {"Hello.\\\\nToday's date is 2026-05-09.", false}, /* a backslash and an n: the line does not begin there */
        {"Hello.\\\\\\nToday's date is 2026-05-09.", true},
        {"Session 0123456789abcdef", true},
        {"update today's candidates", false},
        {"Today we write something else entirely.", true}, /* one side alone is enough to look */
        {"Yesterday we wrote something else.", false},
        {"", false},
        {"Today", false},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        if (may_hold(table[i].raw, 0) != table[i].may || may_hold(table[i].raw, tt_cpu_detect()) != table[i].may) {
            fail_msg("%s", table[i].raw);
        }
    }
}

/* ---- sides in other scripts ---- */

static void
test_wide(void **state)
{
    (void) state;
    struct tt_learned learned;
    struct collected c;
    tt_learned_init(&learned, &tt_alloc_libc);
    static const char text[] = SITE("\"id\":\"s\",\"class\":\"c0\",\"request\":\"\",\"path\":\"$.system\",\"before\":"
                                    "\"\\n\u4eca\u5929\u7684\u65e5\u671f\u662f\","
                                    "\"after\":\"2026\u5e74\\n\"," REST TWO);
    assert_int_equal(read_text(&learned, text, NULL), TT_OK);
    assert_true(learned.wide && !learned.narrow);
    collect_learned(&c, "a.json", TT_STR(SYSTEM("a\\n\u4eca\u5929\u7684\u65e5\u671f\u662f`2026\u5e74")), &learned, 0);
    assert_int_equal(collected_at_least(&c, RULE, TT_SUSPICIOUS), 1);
    collected_free(&c);
    tt_learned_free(&learned);
}

/* ---- memory ---- */

static enum tt_status
count_finding(void *ctx, const struct tt_finding *f)
{
    size_t *count = ctx;
    *count += f->excerpt.len > 0 && f->message.len > 0;
    return TT_OK;
}

static bool
read_and_look(void *ctx, const struct tt_alloc *alloc)
{
    static const char text[] = "Today\u02bcs date is 2026-05-09.\nWrite con\u200bcise messages to the person who asked.";
    struct tt_learned learned;
    struct tt_marks marks;
    size_t found = 0;
    const struct tt_field field = {.text = tt_str_cstr(text), .to = sizeof(text) - 1, .at_start = true, .at_end = true};
    tt_learned_init(&learned, alloc);
    enum tt_status status = tt_learned_read(&learned, *(const struct tt_str *) ctx, NULL);
    assert_true(status == TT_OK ? learned.count == 5 : status == TT_E_MEMORY && learned.count == 0);
    tt_marks_init(&marks, alloc, tt_kernels_get(0));
    if (status == TT_OK) {
        const struct tt_learned_call call = {
            .learned = &learned, .field = &field, .marks = &marks, .sink = {count_finding, &found}};
        status = tt_learned_look(&call);
        assert_true(status == TT_OK ? found == 2 : status == TT_E_MEMORY);
    }
    tt_marks_free(&marks);
    tt_learned_free(&learned);
    return status == TT_OK;
}

static void
test_memory(void **state)
{
    (void) state;
    char path[4096];
    static char bytes[64 * TT_KIB];
    snprintf(path, sizeof(path), "%s/examples/learned-sites/client.json", getenv("TT_ROOT"));
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    struct tt_str text = tt_str_make(bytes, fread(bytes, 1, sizeof(bytes), file));
    fclose(file);
    test_every_allocation(read_and_look, &text);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),      cmocka_unit_test(test_bad),     cmocka_unit_test(test_limits),
        cmocka_unit_test(test_sites),     cmocka_unit_test(test_windows), cmocka_unit_test(test_raw),
        cmocka_unit_test(test_variation), cmocka_unit_test(test_wide),    cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, open_example_sites, close_example_sites);
}
