/* SPDX-License-Identifier: Apache-2.0 */
/* Requests inside strings: recognised, read with the places of their strings, and left alone when they are none. */
#include "test.h"

#include "scan/events.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct seen {
    struct tt_str text;
    size_t count;
    char part[256]; /* the text's own bytes at the last sentence seen */
};

static enum tt_status
note(void *ctx, const struct tt_site_seen *seen)
{
    struct seen *all = ctx;
    if (seen->kind == TT_SITE_LOOK) {
        assert_true(seen->offset + seen->length <= all->text.len && seen->length < sizeof(all->part));
        memcpy(all->part, all->text.ptr + seen->offset, seen->length);
        all->part[seen->length] = '\0';
        all->count++;
    }
    return TT_OK;
}

static void
test_is(void **state)
{
    (void) state;
    assert_true(tt_nested_is(TT_STR("{\"a\":1}")));
    assert_true(tt_nested_is(TT_STR(" \r\n\t{\"a\":1}\n")));
    static const char *const others[] = {"", "{", "{}", "}", "[1]", "{\"a\":1", "x{\"a\":1}", "\"{}\"", "   "};
    for (size_t i = 0; i < COUNT(others); i++) {
        assert_false(tt_nested_is(tt_str_cstr(others[i])));
    }
}

static void
test_look(void **state)
{
    (void) state;
    static const struct {
        const char *text, *part;
        size_t count;
    } cases[] = {
        {"{\"system\":\"Never guess what the tools return.\"}", "Never guess what the tools return.", 1},
        {"{\"system\":\"Short. Never guess what the user\\u2019s tools\\nreturned before this line.\"}",
         "returned before this line.", 2},
        {"{\"system\":\"Never guess what the user\\u2019s tools return.\"}", "Never guess what the user\\u2019s tools return.",
         1},
        {"{\"messages\":[{\"role\":\"user\",\"content\":\"Never guess what the tools return.\"}]}",
         "Never guess what the tools return.", 1},
        {"{\"messages\":[{\"role\":\"assistant\",\"content\":\"Never guess what the tools return.\"}]}", "", 0},
        {"{\"messages\":[{\"role\":\"tool\",\"content\":\"Never guess what the tools return.\"}]}", "", 0},
        {"{\"note\":\"Never guess what the tools return.\"}", "", 0},
        {"{\"\\u0073ystem\":\"Never guess what the tools return.\"}", "Never guess what the tools return.", 1},
        {"{not json}", "", 0},
        {"{\"system\":\"Never guess what the tools return.\"} {}", "Never guess what the tools return.", 1},
    };
    struct tt_nested nested;
    assert_int_equal(tt_nested_init(&nested, &tt_alloc_libc, tt_kernels_get(0)), TT_OK);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct seen seen = {.text = tt_str_cstr(cases[i].text)};
        assert_int_equal(tt_nested_look(&nested, seen.text, note, NULL, &seen), TT_OK);
        assert_int_equal(seen.count, cases[i].count);
        assert_string_equal(seen.part, cases[i].part);
    }
    tt_nested_free(&nested);
}

static void
test_events(void **state)
{
    (void) state;
    static const struct {
        const char *text;
        const char *documents; /* each with a blank behind it; NULL: it is no stream */
    } cases[] = {
        {"data: {\"a\":1}\n\n", "{\"a\":1} "},
        {"data:{\"a\":1}", "{\"a\":1} "},
        {": hello\r\n\r\nevent: e\r\nid: 7\r\nretry: 5\r\ndata: {\"a\":1}\r\n\r\ndata: [DONE]\r\n\r\n", "{\"a\":1} "},
        {"event: a\ndata: {\"a\":[{}]}\n\nevent: b\ndata: {\"b\":2} \n\n", "{\"a\":[{}]} {\"b\":2}  "},
        {"data: [DONE]\n", NULL},
        {"data: {\"a\":\ndata: 1}\n", NULL},
        {"data: {\"a\":1}\ntext\n", NULL},
        {"data: x\n", NULL},
        {"date: {\"a\":1}\n", NULL},
        {"{\"a\":1}", NULL},
        {"\ndata: {\"a\":1}\n", NULL},
        {":", NULL},
        {"", NULL},
    };
    struct tt_nested nested;
    assert_int_equal(tt_nested_init(&nested, &tt_alloc_libc, tt_kernels_get(0)), TT_OK);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tt_events events = {.text = tt_str_cstr(cases[i].text)};
        char all[256];
        size_t len = 0;
        assert_int_equal(tt_events_are(&nested, events.text), cases[i].documents != NULL);
        while (cases[i].documents && tt_events_next(&events)) {
            assert_true(len + events.to - events.from + 2 < sizeof(all));
            memcpy(all + len, events.text.ptr + events.from, events.to - events.from);
            len += events.to - events.from;
            all[len++] = ' ';
        }
        all[len] = '\0';
        assert_string_equal(all, cases[i].documents ? cases[i].documents : "");
    }
    tt_nested_free(&nested);
}

static bool
look_once(void *ctx, const struct tt_alloc *alloc)
{
    (void) ctx;
    struct seen seen = {
        .text = TT_STR("{\"messages\":[{\"role\":\"user\",\"content\":\"Never guess what the \\u2019 tools return.\"}]}")};
    struct tt_nested nested;
    enum tt_status status = tt_nested_init(&nested, alloc, tt_kernels_get(0));
    if (status == TT_OK) {
        status = tt_nested_look(&nested, seen.text, note, NULL, &seen);
    }
    tt_nested_free(&nested);
    assert_true(status == TT_OK || status == TT_E_MEMORY);
    return status == TT_OK;
}

static void
test_memory(void **state)
{
    (void) state;
    test_every_allocation(look_once, NULL);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_is),
        cmocka_unit_test(test_look),
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
