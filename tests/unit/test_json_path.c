/* SPDX-License-Identifier: Apache-2.0 */
/* Paths of tokens: documents with the path of each token, names of every sort, the bound, and misuse. */
#include "test.h"
#include "json/path.h"
#include "json/string.h"

/* Follows a document as a caller does: lexer, decoded names, path; writes "path\n" for every token. */
struct follower {
    struct tt_str text;
    struct tt_json_path path;
    struct tt_buf name;
    struct tt_buf *out;
    size_t longest;
};

static enum tt_status
follow_token(void *ctx, const struct tt_json_token *token)
{
    struct follower *f = ctx;
    tt_buf_clear(&f->name);
    if (token->kind == TT_JSON_KEY) {
        tt_json_unescape(tt_str_slice(f->text, token->offset, token->offset + token->length), true, &f->name);
    }
    TT_TRY(tt_json_path_take(&f->path, token, tt_buf_str(&f->name)));
    struct tt_str path = tt_json_path_str(&f->path);
    f->longest = path.len > f->longest ? path.len : f->longest;
    tt_buf_add(f->out, path);
    tt_buf_add_char(f->out, '\n');
    return TT_OK;
}

static void
follow(struct follower *f, struct tt_str text)
{
    struct tt_json_lexer lexer;
    struct tt_error err;
    f->text = text;
    tt_buf_clear(f->out);
    tt_json_begin(&lexer, tt_kernels_get(0), 0, follow_token, f);
    assert_int_equal(tt_json_feed(&lexer, text, &err), TT_OK);
    assert_int_equal(tt_json_end(&lexer, &err), TT_OK);
}

static struct tt_buf out;

static void
begin(struct follower *f)
{
    *f = (struct follower) {.out = &out};
    tt_buf_init(&out, &tt_alloc_libc, 16 * TT_MIB);
    tt_buf_init(&f->name, &tt_alloc_libc, TT_MIB);
    assert_int_equal(tt_json_path_init(&f->path, &tt_alloc_libc), TT_OK);
}

static void
end(struct follower *f)
{
    tt_json_path_free(&f->path);
    tt_buf_free(&f->name);
    tt_buf_free(&out);
}

static void
test_documents(void **state)
{
    (void) state;
    static const struct {
        const char *text, *paths;
    } cases[] = {
        {"1", "$\n"},
        {"{}", "$\n$\n"},
        {"[]", "$\n$\n"},
        {"{\"model\":\"m\"}", "$\n$.model\n$.model\n$\n"},
        {"[true,false,null]", "$\n$[0]\n$[1]\n$[2]\n$\n"},
        {"[[],[1],{}]", "$\n$[0]\n$[0]\n$[1]\n$[1][0]\n$[1]\n$[2]\n$[2]\n$\n"},
        {"{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"a\"}]}]}",
         "$\n$.messages\n$.messages\n$.messages[0]\n$.messages[0].role\n$.messages[0].role\n$.messages[0].content\n"
         "$.messages[0].content\n$.messages[0].content[0]\n$.messages[0].content[0].text\n$.messages[0].content[0].text\n"
         "$.messages[0].content[0]\n$.messages[0].content\n$.messages[0]\n$.messages\n$\n"},
        {"{\"a\":{\"b\":1},\"c\":2}", "$\n$.a\n$.a\n$.a.b\n$.a.b\n$.a\n$.c\n$.c\n$\n"},
        {"{\"a\":1,\"a\":[2]}", "$\n$.a\n$.a\n$.a\n$.a\n$.a[0]\n$.a\n$\n"},
    };
    struct follower f;
    begin(&f);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        tt_json_path_reset(&f.path);
        follow(&f, tt_str_cstr(cases[i].text));
        assert_str_equal(tt_buf_str(&out), tt_str_cstr(cases[i].paths));
        assert_int_equal(f.path.depth, 0);
    }
    end(&f);
}

static void
test_names(void **state)
{
    (void) state;
    static const struct {
        struct tt_str name;
        const char *path;
    } cases[] = {
        {TT_STR_INIT("a"), "$.a"},
        {TT_STR_INIT("_"), "$._"},
        {TT_STR_INIT("aZ_09"), "$.aZ_09"},
        {TT_STR_INIT(""), "$[\"\"]"},
        {TT_STR_INIT("0"), "$[\"0\"]"},
        {TT_STR_INIT("9a"), "$[\"9a\"]"},
        {TT_STR_INIT("like this"), "$[\"like this\"]"},
        {TT_STR_INIT("a.b"), "$[\"a.b\"]"},
        {TT_STR_INIT("a-b"), "$[\"a-b\"]"},
        {TT_STR_INIT("$ref"), "$[\"$ref\"]"},
        {TT_STR_INIT("[0]"), "$[\"[0]\"]"},
        {TT_STR_INIT("a\"b"), "$[\"a\\\"b\"]"},
        {TT_STR_INIT("a\\b"), "$[\"a\\\\b\"]"},
        {TT_STR_INIT("\"]"), "$[\"\\\"]\"]"},
        {TT_STR_INIT("\b\f\n\r\t"), "$[\"\\b\\f\\n\\r\\t\"]"},
        {TT_STR_INIT("\0\x01\x1f"), "$[\"\\u0000\\u0001\\u001f\"]"},
        {TT_STR_INIT("caf\xc3\xa9"), "$[\"caf\xc3\xa9\"]"},
        {TT_STR_INIT("\x7f"), "$[\"\x7f\"]"},
    };
    const struct tt_json_token open = {.kind = TT_JSON_OBJECT_BEGIN};
    const struct tt_json_token key = {.kind = TT_JSON_KEY, .depth = 1};
    struct follower f;
    begin(&f);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        tt_json_path_reset(&f.path);
        assert_int_equal(tt_json_path_take(&f.path, &open, TT_STR("ignored")), TT_OK);
        assert_int_equal(tt_json_path_take(&f.path, &key, cases[i].name), TT_OK);
        assert_str_equal(tt_json_path_str(&f.path), tt_str_cstr(cases[i].path));
    }
    end(&f);
}

/* Names around the bound: whole up to it, "…" behind it, never over it, and the path recovers. */
static void
test_bound(void **state)
{
    (void) state;
    const struct tt_json_token open = {.kind = TT_JSON_OBJECT_BEGIN};
    const struct tt_json_token inner = {.kind = TT_JSON_ARRAY_BEGIN, .depth = 1};
    const struct tt_json_token inner_end = {.kind = TT_JSON_ARRAY_END, .depth = 1};
    const struct tt_json_token key = {.kind = TT_JSON_KEY, .depth = 1};
    const struct tt_json_token value = {.kind = TT_JSON_TRUE, .depth = 2};
    static char name[3 * TT_JSON_PATH_MAX];
    memset(name, 'n', sizeof(name));
    const size_t fits = TT_JSON_PATH_MAX - 3 - 2; /* room for the ellipsis, and "$." */
    struct follower f;
    begin(&f);
    for (size_t n = fits - 8; n <= sizeof(name); n += n < fits + 8 ? 1 : 1000) {
        tt_json_path_reset(&f.path);
        assert_int_equal(tt_json_path_take(&f.path, &open, TT_STR("")), TT_OK);
        assert_int_equal(tt_json_path_take(&f.path, &key, tt_str_make(name, n)), TT_OK);
        struct tt_str path = tt_json_path_str(&f.path);
        assert_int_equal(path.len, n <= fits ? n + 2 : 4);
        assert_int_equal(tt_str_ends(path, TT_STR("\xe2\x80\xa6")), n > fits);
        /* below it nothing is added to a cut path, whichever segment it is that does not fit */
        assert_int_equal(tt_json_path_take(&f.path, &inner, TT_STR("")), TT_OK);
        for (int i = 0; i < 3; i++) {
            assert_int_equal(tt_json_path_take(&f.path, &value, TT_STR("")), TT_OK);
            path = tt_json_path_str(&f.path);
            assert_true(path.len <= TT_JSON_PATH_MAX);
            assert_int_equal(tt_str_ends(path, TT_STR("\xe2\x80\xa6")), n > fits - 3);
        }
        assert_int_equal(tt_json_path_take(&f.path, &inner_end, TT_STR("")), TT_OK);
        assert_int_equal(tt_json_path_str(&f.path).len, n <= fits ? n + 2 : 4);
        assert_int_equal(tt_json_path_take(&f.path, &key, TT_STR("b")), TT_OK);
        assert_str_equal(tt_json_path_str(&f.path), TT_STR("$.b"));
    }
    end(&f);
}

/* As deep as the lexer goes, with names that fill the path long before: balanced on the way back. */
static void
test_deep(void **state)
{
    (void) state;
    struct follower f;
    struct tt_buf text;
    begin(&f);
    tt_buf_init(&text, &tt_alloc_libc, TT_MIB);
    for (int i = 0; i < TT_JSON_DEPTH_MAX - 1; i++) {
        tt_buf_add_cstr(&text, i % 2 ? "{\"a long name\\n\":" : "[0,1,");
    }
    tt_buf_add_cstr(&text, "[]");
    for (int i = TT_JSON_DEPTH_MAX - 2; i >= 0; i--) {
        tt_buf_add_cstr(&text, i % 2 ? ",\"z\":0}" : ",3]");
    }
    follow(&f, tt_buf_str(&text));
    assert_int_equal(f.path.depth, 0);
    assert_true(f.longest > TT_JSON_PATH_MAX - 64 && f.longest <= TT_JSON_PATH_MAX);
    assert_true(tt_str_ends(tt_buf_str(&out), TT_STR("$[2][\"a long name\\n\"]\n$[2].z\n$[2].z\n$[2]\n$[3]\n$\n")));
    tt_buf_free(&text);
    end(&f);
}

static void
test_misuse(void **state)
{
    (void) state;
    const struct tt_json_token close = {.kind = TT_JSON_OBJECT_END};
    const struct tt_json_token key = {.kind = TT_JSON_KEY};
    const struct tt_json_token open = {.kind = TT_JSON_ARRAY_BEGIN};
    struct follower f;
    begin(&f);
    assert_int_equal(tt_json_path_take(&f.path, &close, TT_STR("")), TT_E_USAGE);
    assert_int_equal(tt_json_path_take(&f.path, &key, TT_STR("a")), TT_E_USAGE);
    for (int i = 0; i < TT_JSON_DEPTH_MAX + 1; i++) {
        assert_int_equal(tt_json_path_take(&f.path, &open, TT_STR("")), TT_OK);
    }
    assert_int_equal(tt_json_path_take(&f.path, &open, TT_STR("")), TT_E_LIMIT);
    assert_int_equal(tt_json_path_take(&f.path, &key, TT_STR("a")), TT_E_USAGE);
    tt_json_path_reset(&f.path);
    assert_str_equal(tt_json_path_str(&f.path), TT_STR("$"));
    end(&f);
}

static bool
init_path(void *ctx, const struct tt_alloc *alloc)
{
    (void) ctx;
    struct tt_json_path path;
    enum tt_status status = tt_json_path_init(&path, alloc);
    assert_true(status == TT_OK || status == TT_E_MEMORY);
    tt_json_path_free(&path); /* also allowed after a failure */
    return status == TT_OK;
}

static void
test_no_memory(void **state)
{
    (void) state;
    test_every_allocation(init_path, NULL);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_documents), cmocka_unit_test(test_names),  cmocka_unit_test(test_bound),
        cmocka_unit_test(test_deep),      cmocka_unit_test(test_misuse), cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
