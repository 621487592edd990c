/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opaque tokens: identifiers in what a client writes itself are named, one of each type a document; what people, tools and the
 * model write is left alone, and so are hashes, examples and names.
 */
#include "collected.h"
#include "hide.h"

#define RULE "mark.opaque-token"
#define UUID "7f3c9a52-41d8-4b6e-9c01-d2f4e8a7b613"
#define UUID7 "0192f3a4-5b6c-7d8e-9fa0-b1c2d3e4f506"
#define HEX "3f9ac1d05be27748"
#define TOKEN "Zx81kQp0LmN4vT7rB2cY9dWa"

struct row {
    const char *document;
    size_t count;
};

static size_t
count_in(const char *uri, const char *document)
{
    struct collected c;
    collect(&c, uri, tt_str_cstr(document));
    size_t count = collected_at_least(&c, RULE, TT_CANDIDATE);
    assert_int_equal(collected_at_least(&c, RULE, TT_SUSPICIOUS), 0); /* presence is never more */
    collected_free(&c);
    return count;
}

static void
check_rows(const struct row *rows, size_t n)
{
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++) {
        size_t count = count_in("t.json", rows[i].document);
        if (count != rows[i].count) {
            print_message("# row %zu gives %zu, not %zu: %s\n", i, count, rows[i].count, rows[i].document);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

#define CHECK(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

/* One of each API's places that only the client writes. */
static void
test_places(void **state)
{
    static const struct row rows[] = {
        {"{\"system\":\"Session " UUID ".\",\"messages\":[]}", 1},
        {"{\"system\":[{\"type\":\"text\",\"text\":\"Session " UUID ".\"}],\"messages\":[]}", 1},
        {"{\"messages\":[{\"role\":\"system\",\"content\":\"Session " UUID ".\"}]}", 1},
        {"{\"messages\":[{\"role\":\"developer\",\"content\":\"Session " UUID ".\"}]}", 1},
        {"{\"instructions\":\"Session " UUID ".\",\"input\":\"hi\"}", 1},
        {"{\"systemInstruction\":{\"parts\":[{\"text\":\"Session " UUID ".\"}]},\"contents\":[]}", 1},
        {"{\"tools\":[{\"name\":\"run\",\"description\":\"For session " UUID ".\"}],\"messages\":[]}", 1},
        {"{\"messages\":[{\"role\":\"user\",\"content\":\"<env>\\nsession " UUID "\\n</env>\"}]}", 1},
        {"{\"metadata\":{\"user_id\":\"" UUID "\"},\"messages\":[]}", 1},
        {"{\"model\":\"m\",\"prompt_cache_key\":\"" UUID "\",\"input\":\"hi\"}", 1},
        {"{\"model\":\"m\",\"safety_identifier\":\"" HEX "\",\"input\":\"hi\"}", 1},
        {"{\"system\":\"x-client-trace: t=0091;\",\"messages\":[]}", 1},
        /* what the client carries */
        {"{\"messages\":[{\"role\":\"user\",\"content\":\"Session " UUID ".\"}]}", 0},
        {"{\"messages\":[{\"role\":\"assistant\",\"content\":\"Session " UUID ".\"}]}", 0},
        {"{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"x\",\"content\":\"" UUID
         "\"}]}]}",
         0},
        {"{\"model\":\"m\",\"id\":\"" UUID "\",\"input\":\"hi\"}", 0},
        {"{\"note\":\"" UUID "\"}", 0},
        {"\"" UUID "\"", 0},
    };
    (void) state;
    CHECK(rows);
    assert_int_equal(count_in("t.txt", "You are an assistant. Session " UUID "."), 0); /* no request */
}

#define SYSTEM(text) "{\"system\":\"" text "\",\"messages\":[]}"

static void
test_tokens(void **state)
{
    static const struct row rows[] = {
        {SYSTEM("Client " HEX " it is"), 1},
        {SYSTEM("Client " TOKEN " it is"), 1},
        {SYSTEM("Client=" TOKEN), 1},
        {SYSTEM("(" UUID7 ")"), 1},
        {SYSTEM("user_" UUID "_end"), 1},
        {SYSTEM("a\\n" UUID), 1},
        {SYSTEM("\\u0037f3c9a52-41d8-4b6e-9c01-d2f4e8a7b613"), 1}, /* written with an escape */
        {SYSTEM(UUID " and " UUID7 " and " HEX " and " TOKEN), 3}, /* one of each type */
        /* said to be something else */
        {SYSTEM("commit " HEX " is the last"), 0},
        {SYSTEM("sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"), 0},
        {SYSTEM("for example " UUID), 0},
        /* names and placeholders */
        {SYSTEM("00000000-0000-0000-0000-000000000000"), 0},
        {SYSTEM("get_user_by_id_and_name_or_email of THE_LONG_CONSTANT_NAME"), 0},
        {SYSTEM("claude-opus-4-5-20250929 and gpt-4o-mini-2024-07-18"), 0},
        {SYSTEM("https://example.org/docs/en/get-started-with-this/2026/05/09"), 0},
        {SYSTEM("/home/jane/projects/application/src/components/index.test.tsx"), 0},
        {SYSTEM("2026-05-09T10:11:12.123456Z and 20260509T101112"), 0},
        {SYSTEM("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), 0},
        {SYSTEM("--------------------------------"), 0},
        {SYSTEM("short 3f9ac1d0"), 0},
    };
    (void) state;
    CHECK(rows);
}

static void
test_facts(void **state)
{
    static const struct {
        const char *document, *type, *label;
        int64_t length, bits;
    } rows[] = {
        {SYSTEM("Session " UUID "."), "UUID", "undeclared", 36, 122},
        {SYSTEM("Session " UUID7 "."), "UUID", "undeclared", 36, 74}, /* begins with the time */
        {SYSTEM("Client " HEX "."), "hexadecimal digits", "undeclared", 16, 64},
        {SYSTEM("Client " TOKEN "."), "base64url", "undeclared", 24, 144},
        {"{\"metadata\":{\"user_id\":\"" UUID "\"},\"messages\":[]}", "UUID", "declared", 36, 122},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct collected c;
        collect(&c, "t.json", tt_str_cstr(rows[i].document));
        assert_int_equal(c.count, 1);
        const struct tt_finding *f = &c.findings[0];
        assert_str_equal(collected_fact(f, "value.type"), tt_str_cstr(rows[i].type));
        assert_str_equal(collected_fact(f, "labels"), tt_str_cstr(rows[i].label));
        assert_int_equal(look_fact(f, "value.length")->number, rows[i].length);
        assert_int_equal(look_fact(f, "bits")->number, rows[i].bits);
        assert_true(look_fact(f, "entropy")->number > 30);
        assert_int_equal(f->where.length, rows[i].length);
        assert_true(f->fact_count < TT_FACTS_MAX);
        collected_free(&c);
    }
}

/* A header in the first text of a system prompt, one of which its producer documents. */
static void
test_headers(void **state)
{
    struct collected c;
    (void) state;
    collect(
        &c, "t.json",
        TT_STR("{\"system\":[{\"type\":\"text\",\"text\":\"x-anthropic-billing-header: cc_version=2.1.37.fbe; cch=a112b;\"}]}"));
    assert_int_equal(c.count, 1);
    assert_str_equal(collected_fact(&c.findings[0], "value.type"), TT_STR("header"));
    assert_str_equal(collected_fact(&c.findings[0], "labels"), TT_STR("declared"));
    assert_str_equal(c.findings[0].where.path, TT_STR("$.system[0].text"));
    collected_free(&c);
    collect(&c, "t.json", TT_STR(SYSTEM("X-Trace-Id: " UUID "\\nYou are an assistant of " HEX ".")));
    assert_int_equal(c.count, 2); /* the header as a whole, and what stands behind it */
    assert_str_equal(collected_fact(&c.findings[0], "labels"), TT_STR("undeclared"));
    assert_str_equal(collected_fact(&c.findings[1], "value.type"), TT_STR("hexadecimal digits"));
    collected_free(&c);
    assert_int_equal(count_in("t.json", SYSTEM("x-ray pictures are described by the model")), 0);
    assert_int_equal(count_in("t.json", SYSTEM("x-")), 0);
}

/* Each line of a transcript is a document of its own. */
static void
test_once_a_document(void **state)
{
    (void) state;
    assert_int_equal(count_in("t.json", "{\"system\":[{\"text\":\"" UUID "\"},{\"text\":\"" UUID7 "\"}],\"messages\":[]}"), 1);
    assert_int_equal(count_in("t.jsonl", SYSTEM(UUID) "\n" SYSTEM(UUID) "\n"), 2);
}

static void
test_bounds(void **state)
{
    static const char tail[] = " " UUID;
    const size_t size = TT_OPAQUE_FIELD_MAX + 100;
    char *text = malloc(size + sizeof(tail));
    struct tt_field field = {.in_json = true, .at_start = true, .at_end = true, .path = TT_STR("$.system")};
    struct looked l;
    (void) state;
    assert_non_null(text);
    for (size_t i = 0; i < size; i++) {
        text[i] = i % 6 == 5 ? ' ' : 'w';
    }
    memcpy(text + size, tail, sizeof(tail));
    for (int near = 0; near < 2; near++) { /* beyond the bound, and within */
        size_t from = near ? 200 : 0;
        field.text = tt_str_make(text + from, size + sizeof(tail) - 1 - from);
        field.to = field.text.len;
        assert_int_equal(look_field(&l, RULE, &field, &tt_alloc_libc), TT_OK);
        assert_int_equal(l.count, near);
        look_free(&l);
    }
    memset(text, 'a', size); /* one long run */
    field.text = tt_str_make(text, size);
    field.to = size;
    assert_int_equal(look_field(&l, RULE, &field, &tt_alloc_libc), TT_OK);
    assert_int_equal(l.count, 0);
    look_free(&l);
    free(text);
}

static bool
look_system(void *ctx, const struct tt_alloc *alloc)
{
    const struct tt_str *text = ctx;
    const struct tt_field field = {
        .text = *text, .to = text->len, .at_start = true, .at_end = true, .in_json = true, .path = TT_STR("$.system")};
    struct looked l;
    enum tt_status status = look_field(&l, RULE, &field, alloc);
    look_free(&l);
    return status == TT_OK;
}

static void
test_failing_memory(void **state)
{
    struct tt_str text = TT_STR("x-trace: 1\nSession " UUID " of " HEX " and " TOKEN);
    (void) state;
    test_every_allocation(look_system, &text);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),         cmocka_unit_test(test_tokens),          cmocka_unit_test(test_facts),
        cmocka_unit_test(test_headers),        cmocka_unit_test(test_once_a_document), cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
