/* SPDX-License-Identifier: Apache-2.0 */
/* A request as leaves: paths, values, spellings and places, written as a page and compared. */
#include "test.h"

#include "base/buf.h"
#include "base/limits.h"
#include "probe/leaf.h"

static const char head[] =
    "POST /v1/chat/completions?beta=1&x=%41 HTTP/1.1\r\nHost: a.test\r\ncontent-length: 12\r\nX-App:  b \r\n\r\n";

struct page {
    struct tt_arena arena;
    struct tt_leaves leaves;
    struct tt_exchange exchange;
};

static void
read_exchange(struct page *page, enum tt_exchange_kind kind, const char *request_head, struct tt_str body)
{
    tt_arena_init(&page->arena, &tt_alloc_libc, TT_LEAF_ARENA);
    page->exchange = (struct tt_exchange) {.kind = kind, .head = tt_str_cstr(request_head), .body = body, .content = body};
    assert_int_equal(tt_leaf_read(&page->exchange, &page->arena, &page->leaves), TT_OK);
}

/* "path=value" a line; " <raw>" and " {margin}" behind what has one. */
static void
assert_leaves(const struct page *page, const char *expected)
{
    struct tt_buf out;
    tt_buf_init(&out, &tt_alloc_libc, TT_MIB);
    for (size_t i = 0; i < page->leaves.count; i++) {
        const struct tt_leaf *leaf = &page->leaves.items[i];
        tt_buf_add(&out, leaf->path);
        tt_buf_add_char(&out, '=');
        for (size_t k = 0; k < leaf->value.len && leaf->kind != TT_LEAF_FORM; k++) {
            tt_buf_add_char(&out, leaf->value.ptr[k] == '\n' ? ',' : leaf->value.ptr[k]);
        }
        if (leaf->raw.len > 0) {
            tt_buf_add_cstr(&out, " <");
            tt_buf_add(&out, leaf->raw);
            tt_buf_add_char(&out, '>');
        }
        if (leaf->margin.len > 0) {
            tt_buf_add_cstr(&out, " {");
            tt_buf_add(&out, leaf->margin);
            tt_buf_add_char(&out, '}');
        }
        tt_buf_add_char(&out, '\n');
    }
    tt_buf_add_char(&out, '\0');
    assert_string_equal(out.ptr, expected);
    tt_buf_free(&out);
}

static void
check_json(const char *body, const char *expected)
{
    struct page page;
    read_exchange(&page, TT_EXCHANGE_WEBSOCKET, "", tt_str_cstr(body));
    assert_leaves(&page, expected);
    tt_arena_free(&page.arena);
}

static void
test_head(void **state)
{
    (void) state;
    struct page page;
    read_exchange(&page, TT_EXCHANGE_HTTP, head, TT_STR("{}"));
    assert_leaves(&page, "#method=POST\n"
                         "#origin=\n"
                         "#path=/v1/chat/completions\n"
                         "#path?beta=1\n"
                         "#path?x=A <%41>\n"
                         "#path?#order=beta,x,\n"
                         "#version=HTTP/1.1\n"
                         "#hdr-order=host,content-length,x-app,\n"
                         "content-length= {content-length: }\n"
                         "host=a.test {Host: }\n"
                         "x-app=b {X-App:   }\n"
                         "$={}\n");
    assert_str_equal(page.leaves.path, TT_STR("/v1/chat/completions"));
    assert_str_equal(page.leaves.head_names, TT_STR("Host\ncontent-length\nX-App\n"));
    tt_arena_free(&page.arena);
}

/* No client should send such a line, but what can be sent can be a mark. */
static void
test_header_without_name(void **state)
{
    (void) state;
    struct page page;
    read_exchange(&page, TT_EXCHANGE_HTTP, "GET /v1 HTTP/1.1\r\n: x\r\n:{\"a\":1}\r\n\r\n", TT_STR(""));
    assert_leaves(&page, "#method=GET\n#origin=\n#path=/v1\n#version=HTTP/1.1\n#hdr-order=,,\n#nameless=x {: }\n"
                         "#nameless=(json) {:}\n#nameless(json)#keys=a,\n#nameless(json).a=1\n");
    tt_arena_free(&page.arena);
}

static void
test_absolute_target(void **state)
{
    (void) state;
    struct page page;
    read_exchange(&page, TT_EXCHANGE_HTTP, "GET http://a.test:80/v1/models HTTP/1.1\r\n\r\n", TT_STR(""));
    assert_leaves(&page, "#method=GET\n#origin=http://a.test:80\n#path=/v1/models\n#version=HTTP/1.1\n#hdr-order=\n");
    tt_arena_free(&page.arena);
}

static void
test_json(void **state)
{
    (void) state;
    check_json("{\"b\":1,\"a\":[true,null]}", "$#keys=b,a,\n$.a#items=\n$.a[]=true\n$.a[]=null\n$.b=1\n");
    check_json("{\"n\":1.0,\"m\":1e2,\"z\":-0.50,\"y\":1E-9}",
               "$#keys=n,m,z,y,\n$.m=100 <1e2>\n$.n=1 <1.0>\n$.y=1e-9 <1E-9>\n$.z=-0.5 <-0.50>\n");
    check_json("{\"a\": 1, \"b\":2}", "$#keys=a,b,\n$.a=1 {: }\n$.b=2 { }\n");
    check_json("{\"s\":\"Pl\\u0061tform\",\"t\":\"a\\/b\"}", "$#keys=s,t,\n$.s=Platform <Pl\\u0061tform>\n$.t=a/b <a\\/b>\n");
    check_json("{\"s\":\"one\\ntwo\\u000athree\\n\"}", "$#keys=s,\n$.s=one\n$.s=two <two\\u000a>\n$.s=three\n$.s=\n");
    check_json("{\"\\u0061\":1}", "$#keys=a,\n$.a=1 {\"\\u0061}\n");
    check_json("{\"a\":{},\"b\":[],\"c\":\"\"}\n", "$#keys=a,b,c,\n$.a={}\n$.b=[]\n$.c=\n$#tail= {\n}\n");
}

static void
test_tools_and_content(void **state)
{
    (void) state;
    check_json("{\"tools\":[{\"function\":{\"name\":\"z\"}},{\"function\":{\"name\":\"a\"}}]}",
               "$#keys=tools,\n$.tools#items=z,a,\n$.tools[a]#keys=function,\n$.tools[a].function#keys=name,\n"
               "$.tools[a].function.name=a\n$.tools[z]#keys=function,\n$.tools[z].function#keys=name,\n"
               "$.tools[z].function.name=z\n");
    check_json("{\"messages\":[{\"content\":\"hi\"}]}", "$#keys=messages,\n$.messages#items=\n$.messages[]#keys=content,\n"
                                                        "$.messages[].content#shape=string\n$.messages[].content=hi\n");
    check_json("{\"messages\":[{\"content\":[{\"type\":\"text\",\"text\":\"hi\"}]}]}",
               "$#keys=messages,\n$.messages#items=\n$.messages[]#keys=content,\n$.messages[].content#shape=list\n"
               "$.messages[].content#items=\n$.messages[].content#keys=type,text,\n$.messages[].content=hi\n"
               "$.messages[].content[].type=text\n");
}

static void
test_inside(void **state)
{
    (void) state;
    check_json("{\"s\":\"{\\\"a\\\":\\\"x\\\\u0041\\\",\\\"b\\\":2}\"}",
               "$#keys=s,\n$.s=\n$.s(json)#keys=a,b,\n$.s(json).a=xA <x\\u0041>\n$.s(json).b=2\n");
    struct page page;
    read_exchange(&page, TT_EXCHANGE_HTTP, "GET / HTTP/1.1\r\nmeta: {\"id\":\"7\",\"os\":\"x\"}\r\n\r\n", TT_STR(""));
    assert_leaves(&page, "#method=GET\n#origin=\n#path=/\n#version=HTTP/1.1\n#hdr-order=meta,\nmeta=(json) {meta: }\n"
                         "meta(json)#keys=id,os,\nmeta(json).id=7 {\"}\nmeta(json).os=x\n");
    tt_arena_free(&page.arena);
}

static void
test_other_bodies(void **state)
{
    (void) state;
    check_json("one\ntwo", "body=one\nbody=two\n");
    check_json("{\"a\":1}\n{\"a\":2}", "body(json)#keys=a,\nbody(json).a=1\nbody(json)#keys=a,\nbody(json).a=2\n");
    check_json("{\"a\":", "body={\"a\":\n");
    check_json("\xff\x01", "body=\xff\x01\n");
}

/* The bytes at a leaf's place spell its value. */
static void
test_places(void **state)
{
    (void) state;
    static const char body[] = "{\"a\":\"one\\ntw\\u006f\",\"n\":{\"k\":17},\"j\":\"{\\\"q\\\":\\\"w\\u0065\\\"}\"}";
    static const struct {
        const char *path, *value, *bytes;
    } rows[] = {
        {"$.a", "one", "one"}, {"$.a", "two", "tw\\u006f"}, {"$.n.k", "17", "17"}, {"$.j(json).q", "we", "w\\u0065"},
        {"x-app", "b", "b"},
    };
    struct page page;
    read_exchange(&page, TT_EXCHANGE_HTTP, head, TT_STR(body));
    struct tt_buf file;
    tt_buf_init(&file, &tt_alloc_libc, TT_MIB);
    tt_buf_add_cstr(&file, head);
    tt_buf_add_cstr(&file, body);
    for (size_t r = 0; r < sizeof(rows) / sizeof(*rows); r++) {
        bool found = false;
        for (size_t i = 0; i < page.leaves.count; i++) {
            const struct tt_leaf *leaf = &page.leaves.items[i];
            if (tt_str_eq(leaf->path, tt_str_cstr(rows[r].path)) && tt_str_eq(leaf->value, tt_str_cstr(rows[r].value))) {
                size_t at = (size_t) leaf->offset;
                assert_str_equal(tt_str_slice(tt_buf_str(&file), at, at + (size_t) leaf->length), tt_str_cstr(rows[r].bytes));
                found = true;
            }
        }
        assert_true(found);
    }
    tt_buf_free(&file);
    tt_arena_free(&page.arena);
}

static void
test_chunks(void **state)
{
    (void) state;
    struct page page;
    tt_arena_init(&page.arena, &tt_alloc_libc, TT_LEAF_ARENA);
    page.exchange = (struct tt_exchange) {.chunked = true,
                                          .head = TT_STR("POST / HTTP/1.1\r\n\r\n"),
                                          .body = TT_STR("3\r\n{\"a\r\n04;x=1\r\n\":1}\r\n0\r\n\r\n"),
                                          .content = TT_STR("{\"a\":1}")};
    assert_int_equal(tt_leaf_read(&page.exchange, &page.arena, &page.leaves), TT_OK);
    bool found = false;
    for (size_t i = 0; i < page.leaves.count; i++) {
        if (tt_str_eq(page.leaves.items[i].path, TT_STR("#chunks"))) {
            assert_int_equal(page.leaves.items[i].kind, TT_LEAF_FORM);
            assert_str_equal(page.leaves.items[i].raw, TT_STR("3\r\n04;x=1\r\n0\r\n\r\n"));
            found = true;
        }
    }
    assert_true(found);
    tt_arena_free(&page.arena);
}

static void
test_bounds(void **state)
{
    (void) state;
    struct page page;
    struct tt_buf body;
    tt_buf_init(&body, &tt_alloc_libc, 4 * TT_MIB);
    for (size_t i = 0; i < TT_LEAF_DEPTH_MAX + 1; i++) {
        tt_buf_add_char(&body, '[');
    }
    for (size_t i = 0; i < TT_LEAF_DEPTH_MAX + 1; i++) {
        tt_buf_add_char(&body, ']');
    }
    read_exchange(&page, TT_EXCHANGE_WEBSOCKET, "", tt_buf_str(&body));
    assert_true(page.leaves.cut);
    assert_int_equal(page.leaves.count, 1);
    tt_arena_free(&page.arena);
    tt_buf_clear(&body);
    for (size_t i = 0; i < TT_LEAVES_MAX + 10; i++) {
        tt_buf_add_cstr(&body, "x\n");
    }
    read_exchange(&page, TT_EXCHANGE_WEBSOCKET, "", tt_buf_str(&body));
    assert_true(page.leaves.cut);
    assert_int_equal(page.leaves.count, TT_LEAVES_MAX);
    tt_arena_free(&page.arena);
    tt_buf_free(&body);
}

static bool
read_all(void *ctx, const struct tt_alloc *alloc)
{
    struct tt_arena arena;
    struct tt_leaves leaves;
    struct tt_exchange exchange = {.head = tt_str_cstr(head), .body = tt_str_cstr(ctx), .content = tt_str_cstr(ctx)};
    tt_arena_init(&arena, alloc, TT_LEAF_ARENA);
    enum tt_status status = tt_leaf_read(&exchange, &arena, &leaves);
    assert_true(status == TT_OK || status == TT_E_MEMORY);
    tt_arena_free(&arena);
    return status == TT_OK;
}

static void
test_allocation(void **state)
{
    (void) state;
    static char body[] =
        "{\"a\":\"{\\\"b\\\":[1,2,{\\\"c\\\":\\\"d\\\\ne\\\"}]}\",\"f\":1.50,\"g\":[{\"name\":\"x\"},{\"name\":\"y\"}]}";
    test_every_allocation(read_all, body);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_head),
        cmocka_unit_test(test_header_without_name),
        cmocka_unit_test(test_absolute_target),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_inside),
        cmocka_unit_test(test_tools_and_content),
        cmocka_unit_test(test_other_bodies),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_chunks),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
