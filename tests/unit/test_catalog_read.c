/* SPDX-License-Identifier: Apache-2.0 */
/* Additions to the catalogue: what is refused and where, what they change, and that a refused file changes nothing. */
#include "test.h"

#include "base/buf.h"
#include "base/limits.h"
#include "catalog/read.h"

#define HEAD "{\"id\": \"acme\", \"kind\": \"tool\", \"name\": \"Acme\", \"as_of\": \"2026-11-21\","
#define FACTS(facts) HEAD "\n\"sources\": {\"own\": \"we\"}, \"facts\": [\n" facts "]}"
#define BACKED ", \"confidence\": \"low\", \"sources\": [\"own\"]"

struct refused {
    const char *text;
    const char *msg;
    uint32_t line, column;
    const char *wrong, *near;
};

static const struct refused refused[] = {
    /* not JSON, or not the right JSON */
    {"", NULL, 1, 1, "", ""},
    {"{", NULL, 1, 2, "", ""},
    {"[\n {\n  \"id\": nul", NULL, 3, 0, "", ""},
    {"1", "a record is an object", 1, 1, "", ""},
    {"[1]", "a record is an object", 1, 2, "", ""},
    {"[[[[[[[[[", NULL, 1, 0, "", ""},
    {"{\"id\": \"a\",\n\"id\": \"b\"}", "this name stands twice in its object", 2, 1, "", ""},
    /* records */
    {"{\"ids\": \"a\"}", "there is no key", 1, 2, "ids", "id"},
    {"{\"id\": \"a\"}", "this object lacks the key", 1, 1, "kind", ""},
    {"{\"id\": 7}", "this is not a text of one line", 1, 8, "", ""},
    {"{\"id\": \"a\\nb\"}", "this is not a text of one line", 1, 8, "", ""},
    {"{\"id\": \"\", \"kind\": \"tool\"}", "this is not a text of one line", 1, 8, "", ""},
    {"{\"id\": \"A\", \"kind\": \"tool\", \"name\": \"A\", \"as_of\": \"2026-11-21\"}",
     "an id is of at most 64 small letters, digits, '.', '_' and '-'", 1, 8, "", ""},
    {"{\"id\": \"a\", \"kind\": \"car\", \"name\": \"A\", \"as_of\": \"2026-11-21\"}",
     "a kind is one of tool, provider, vendor and family", 1, 21, "", ""},
    {"{\"id\": \"a\", \"kind\": \"tool\", \"name\": \"A\", \"as_of\": \"2026-02-29\"}",
     "this is not a date of the form YYYY-MM-DD", 1, 51, "", ""},
    {HEAD "\"aliases\": []}", "this is not a list of texts", 1, 0, "", ""},
    {HEAD "\"aliases\": [3]}", "this is not a text of one line", 1, 0, "", ""},
    {HEAD "\n\"sources\": {}}", "a record needs sources: an object of names and texts", 2, 12, "", ""},
    {HEAD "\n\"sources\": {\"a\": 1}}", "this is not a text of one line", 2, 18, "", ""},
    {HEAD "\n\"sources\": {\"a\": \"b\"}}", "a record needs a list of facts", 1, 1, "", ""},
    {HEAD "\n\"sources\": {\"a\": \"b\"}, \"facts\": []}", "a record needs a list of facts", 2, 33, "", ""},
    {HEAD "\n\"sources\": {\"a\": \"b\"}, \"unless_stated\": 1, \"facts\": []}", "this is not an object", 2, 41, "", ""},
    /* facts */
    {FACTS("7"), "a fact is an object", 3, 1, "", ""},
    {FACTS("{\"fact\": \"hots\"}"), "there is no fact", 3, 10, "hots", "hosts"},
    {FACTS("{\"fact\": \"patterns\"}"), "a record of this kind cannot have the fact", 3, 10, "patterns", ""},
    {FACTS("{\"fact\": \"hosts\"}"), "a fact needs the key", 3, 1, "values", ""},
    {FACTS("{\"fact\": \"hosts\", \"values\": [\"a.b\"]}"), "a fact needs the key", 3, 1, "sources", ""},
    {FACTS("{\"fact\": \"hosts\", \"values\": [\"a.b\"], \"sources\": [\"own\"]}"), "a fact needs the key", 3, 1, "confidence",
     ""},
    {FACTS("{\"fact\": \"hosts\", \"values\": []" BACKED "}"), "this is not a list of values", 3, 29, "", ""},
    {FACTS("{\"fact\": \"hosts\", \"values\": [\"a b\"]" BACKED "}"), "this is not a host name or a pattern of one", 3, 30, "a b",
     ""},
    {FACTS("{\"fact\": \"hosts\", \"values\": [{\"region\": \"x\"}]" BACKED "}"), "this object lacks the key", 3, 30, "value",
     ""},
    {FACTS("{\"fact\": \"hosts\", \"values\": [\"a.b\"], \"confidence\": \"sure\", \"sources\": [\"own\"]}"),
     "a confidence is one of unverified, low, medium and high", 3, 52, "", ""},
    {FACTS("{\"fact\": \"hosts\", \"values\": [\"a.b\"], \"confidence\": \"low\", \"sources\": [\"other\"]}"),
     "the record has no source", 3, 71, "other", ""},
    {FACTS("{\"fact\": \"hosts\", \"values\": [\"a.b\"], \"confidence\": \"low\", \"sources\": []}"),
     "this is not a list of sources", 3, 70, "", ""},
    {FACTS("{\"fact\": \"category\", \"values\": [\"cli\", \"ide+cli\"]" BACKED "}"),
     "a category is of small letters, digits, '.', '_' and '-'", 3, 40, "ide+cli", ""},
    {FACTS("{\"fact\": \"vendor\", \"values\": [\"antropic\"]" BACKED "}"), "the catalogue does not have the id", 3, 31,
     "antropic", "anthropic"},
    /* columns count characters */
    {FACTS("{\"fact\": \"status\", \"note\": \"\xC3\xA4\xE2\x80\xA6\", \"values\": 1" BACKED "}"), "this is not a list of values",
     3, 44, "", ""},
};

static void
test_refused(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
        const struct refused *c = &refused[i];
        struct tt_catalog_reader reader;
        struct tt_error err = {.msg = NULL};
        tt_catalog_reader_init(&reader, &tt_alloc_libc, &tt_catalog_builtin);
        assert_int_not_equal(tt_catalog_read(&reader, TT_STR("x.json"), tt_str_cstr(c->text), &err), TT_OK);
        assert_non_null(err.msg);
        if (c->msg) {
            assert_string_equal(err.msg, c->msg);
        }
        assert_int_equal(err.line, c->line);
        if (c->column) {
            assert_int_equal(err.column, c->column);
        }
        assert_str_equal(reader.wrong, tt_str_cstr(c->wrong));
        assert_str_equal(reader.near, tt_str_cstr(c->near));
        assert_ptr_equal(reader.catalog.entries, tt_catalog_builtin.entries);
        assert_int_equal(tt_catalog_read(&reader, TT_STR("x.json"), tt_str_cstr(c->text), NULL), err.code);
        tt_catalog_reader_free(&reader);
    }
}

static void
test_limits(void **state)
{
    (void) state;
    struct tt_catalog_reader reader;
    struct tt_error err = {.msg = NULL};
    struct tt_buf text;
    tt_catalog_reader_init(&reader, &tt_alloc_libc, &tt_catalog_builtin);
    tt_buf_init(&text, &tt_alloc_libc, 2 * TT_MIB);
    tt_buf_add_char(&text, '{');
    for (size_t i = 0; i <= TT_NODE_MEMBERS_MAX; i++) {
        tt_buf_add_cstr(&text, i ? ",\"" : "\"");
        tt_buf_add_u64(&text, i);
        tt_buf_add_cstr(&text, "\":1");
    }
    tt_buf_add_char(&text, '}');
    assert_int_equal(tt_catalog_read(&reader, TT_STR("x"), tt_buf_str(&text), &err), TT_E_LIMIT);
    while (text.len <= TT_CATALOG_FILE_MAX) {
        tt_buf_add_cstr(&text, "                                ");
    }
    assert_int_equal(tt_catalog_read(&reader, TT_STR("x"), tt_buf_str(&text), &err), TT_E_LIMIT);
    tt_buf_free(&text);
    tt_catalog_reader_free(&reader);
}

static const char additions[] =
    "[" HEAD "\"aliases\": [\"Acme AI\"], \"sources\": {\"own\": \"we asked\"},"
    "\"unless_stated\": {\"confidence\": \"medium\", \"sources\": [\"own\"]}, \"facts\": ["
    "{\"fact\": \"vendor\", \"values\": [\"acme\"]}, {\"fact\": \"model_families\", \"values\": [{\"value\": \"any\", "
    "\"condition\": "
    "\"own key\"}]}, {\"fact\": \"hosts\", \"values\": [\"*.acme.example\"], \"confidence\": \"high\", \"note\": \"n\\u0303\"}]},"
    "{\"id\": \"acme\", \"kind\": \"vendor\", \"name\": \"Acme\", \"as_of\": \"2026-11-21\", \"sources\": {\"own\": \"we\"}, "
    "\"facts\": "
    "[{\"fact\": \"jurisdiction\", \"values\": [\"CH\"], \"confidence\": \"high\", \"sources\": [\"own\"]}]},"
    "{\"id\": \"qoder\", \"kind\": \"tool\", \"name\": \"Other name\", \"as_of\": \"2026-11-22\", \"aliases\": [\"our qoder\"], "
    "\"sources\": {\"npm\": \"own look\"}, \"facts\": [{\"fact\": \"status\", \"values\": [\"checked\"], \"confidence\": "
    "\"high\", "
    "\"sources\": [\"npm\"]}]}]";

static void
test_additions(void **state)
{
    (void) state;
    struct tt_catalog_reader reader;
    struct tt_catalog_host host;
    const struct tt_catalog_fact *fact = NULL;
    size_t at = 0;
    tt_catalog_reader_init(&reader, &tt_alloc_libc, &tt_catalog_builtin);
    assert_int_equal(tt_catalog_read(&reader, TT_STR("own.json"), TT_STR(additions), NULL), TT_OK);
    const struct tt_catalog *all = &reader.catalog;
    assert_int_equal(all->count, tt_catalog_builtin.count + 2);
    for (size_t i = 1; i < all->count; i++) {
        assert_true(tt_catalog_compare(&all->entries[i - 1], &all->entries[i]) < 0);
    }
    const struct tt_catalog_entry *acme = tt_catalog_find_named(all, TT_CATALOG_TOOL, TT_STR("acme ai"));
    assert_str_equal(tt_catalog_vendor_of(all, acme, &fact)->id, TT_STR("acme"));
    assert_int_equal(fact->confidence, TT_CONFIDENCE_MEDIUM);
    assert_str_equal(fact->sources[0]->text, TT_STR("we asked"));
    assert_str_equal(acme->origin, TT_STR("own.json"));
    assert_true(tt_catalog_next_host(all, TT_STR("x.acme.example"), &at, &host));
    assert_ptr_equal(host.entry, acme);
    assert_str_equal(host.fact->note, TT_STR("n\xCC\x83"));
    /* What is there already is kept, and corrected by what comes first. */
    const struct tt_catalog_entry *qoder = tt_catalog_find_named(all, TT_CATALOG_TOOL, TT_STR("our qoder"));
    assert_str_equal(qoder->name, tt_catalog_find(&tt_catalog_builtin, TT_CATALOG_TOOL, TT_STR("qoder"))->name);
    assert_str_equal(tt_catalog_value(qoder, TT_STR("status"), &fact)->text, TT_STR("checked"));
    assert_str_equal(fact->sources[0]->text, TT_STR("own look"));
    assert_str_equal(qoder->as_of, TT_STR("2026-11-22"));
    assert_non_null(tt_catalog_value(qoder, TT_STR("hosts"), NULL));
    tt_catalog_reader_free(&reader);
}

static bool
read_once(void *ctx, const struct tt_alloc *alloc)
{
    struct tt_catalog_reader reader;
    struct tt_error err = {.msg = NULL};
    (void) ctx;
    tt_catalog_reader_init(&reader, alloc, &tt_catalog_builtin);
    enum tt_status status = tt_catalog_read(&reader, TT_STR("own.json"), TT_STR(additions), &err);
    if (status != TT_OK) {
        assert_int_equal(status, TT_E_MEMORY);
        assert_non_null(err.msg);
        assert_ptr_equal(reader.catalog.entries, tt_catalog_builtin.entries);
    }
    tt_catalog_reader_free(&reader);
    return status == TT_OK;
}

static void
test_memory(void **state)
{
    (void) state;
    test_every_allocation(read_once, NULL);
}

/* Every beginning of a good file is refused without a trace. */
static void
test_cut(void **state)
{
    (void) state;
    struct tt_catalog_reader reader;
    tt_catalog_reader_init(&reader, &tt_alloc_libc, &tt_catalog_builtin);
    for (size_t n = 0; n + 1 < sizeof(additions); n++) {
        assert_int_equal(tt_catalog_read(&reader, TT_STR("own.json"), tt_str_make(additions, n), NULL), TT_E_INPUT);
    }
    assert_ptr_equal(reader.catalog.entries, tt_catalog_builtin.entries);
    tt_catalog_reader_free(&reader);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_refused), cmocka_unit_test(test_limits), cmocka_unit_test(test_additions),
    cmocka_unit_test(test_memory),  cmocka_unit_test(test_cut),
};

int
main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
