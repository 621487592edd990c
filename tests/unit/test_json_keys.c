/* SPDX-License-Identifier: Apache-2.0 */
/* Duplicate names: documents, a comparison with a plain list on generated ones, the bound, and memory. */
#include "base/buf.h"
#include "base/limits.h"
#include "test.h"
#include "json/keys.h"
#include "json/string.h"

struct finder {
    struct tt_str text;
    struct tt_json_keys *keys;
    struct tt_buf name;
    char found[256]; /* one letter a key: d duplicate, - not */
    size_t count;
};

static enum tt_status
find_token(void *ctx, const struct tt_json_token *token)
{
    struct finder *f = ctx;
    bool duplicate = true;
    tt_buf_clear(&f->name);
    if (token->kind == TT_JSON_KEY) {
        tt_json_unescape(tt_str_slice(f->text, token->offset, token->offset + token->length), true, &f->name);
    }
    TT_TRY(tt_json_keys_take(f->keys, token, tt_buf_str(&f->name), &duplicate));
    if (token->kind == TT_JSON_KEY) {
        assert_true(f->count < sizeof(f->found) - 1);
        f->found[f->count++] = duplicate ? 'd' : '-';
        f->found[f->count] = '\0';
    } else {
        assert_false(duplicate);
    }
    return TT_OK;
}

static enum tt_status
find(struct finder *f, const char *text)
{
    struct tt_json_lexer lexer;
    struct tt_error err;
    f->text = tt_str_cstr(text);
    f->count = 0;
    f->found[0] = '\0';
    tt_json_begin(&lexer, tt_kernels_get(0), 0, find_token, f);
    TT_TRY(tt_json_feed(&lexer, f->text, &err));
    return tt_json_end(&lexer, &err);
}

static void
test_documents(void **state)
{
    (void) state;
    static const struct {
        const char *text, *found;
    } cases[] = {
        {"1", ""},
        {"{}", ""},
        {"{\"a\":1,\"b\":2}", "--"},
        {"{\"a\":1,\"a\":2}", "-d"},
        {"{\"a\":1,\"a\":2,\"a\":3}", "-dd"},
        {"{\"a\":1,\"b\":2,\"a\":3,\"b\":4}", "--dd"},
        {"{\"model\":1,\"mod\\u0065l\":2}", "-d"},
        {"{\"a\\/b\":1,\"a/b\":2}", "-d"},
        {"{\"\":1,\"\":2}", "-d"},
        {"{\"a\":1,\"A\":2}", "--"},
        {"{\"a\":1,\"a \":2,\"a\\u0000\":3}", "---"},
        {"{\"e\xcc\x81\":1,\"\xc3\xa9\":2}", "--"},
        /* one name in different objects is no duplicate */
        {"{\"a\":{\"a\":{\"a\":1}}}", "---"},
        {"[{\"a\":1},{\"a\":1}]", "--"},
        {"{\"a\":[{\"a\":1},{\"a\":1}],\"b\":{\"a\":1}}", "-----"},
        {"{\"x\":{\"a\":1},\"y\":{\"a\":1},\"a\":1}", "-----"},
        /* but in one object, with other objects in between */
        {"{\"a\":{\"b\":1},\"a\":{\"b\":1}}", "--d-"},
        {"{\"a\":{\"b\":{\"c\":1,\"c\":2},\"b\":3},\"a\":4}", "---ddd"},
        {"{\"a\":[[{\"a\":1,\"a\":2}]],\"a\":1}", "--dd"},
    };
    struct finder f = {.keys = tt_json_keys_new(&tt_alloc_libc, 1, 2)};
    tt_buf_init(&f.name, &tt_alloc_libc, TT_MIB);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(find(&f, cases[i].text), TT_OK);
        assert_string_equal(f.found, cases[i].found);
    }
    /* A document that stops in the middle leaves names behind; reset drops them. */
    assert_int_equal(find(&f, "{\"a\":{\"b\":1,"), TT_E_INPUT);
    tt_json_keys_reset(f.keys);
    assert_int_equal(find(&f, "{\"a\":{\"b\":1}}"), TT_OK);
    assert_string_equal(f.found, "--");
    tt_buf_free(&f.name);
    tt_json_keys_free(f.keys);
    tt_json_keys_free(NULL);
}

/* ---- Against a list that is searched from end to end ---- */

#define DEPTHS 6
#define NAMES 40

static uint64_t
next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* Walks into and out of objects and names members, few names so that many are doubled; grows the table many times. */
static void
test_against_list(void **state)
{
    (void) state;
    uint64_t seed = 0x6b6579732d746573;
    static bool has[DEPTHS + 1][NAMES * 50];
    struct tt_json_keys *keys = tt_json_keys_new(&tt_alloc_libc, seed, 7);
    uint32_t depth = 0;
    for (int step = 0; step < 200000; step++) {
        bool duplicate;
        uint64_t move = next_random(&seed) % 40;
        struct tt_json_token token = {.depth = depth};
        char name[24];
        size_t n = next_random(&seed) % (NAMES * (depth == 3 ? 50 : 1));
        size_t len = 0;
        for (size_t v = n + 1; v > 0; v /= 7) {
            name[len++] = (char) ('a' + v % 7);
        }
        if ((move == 0 || depth == 0) && depth < DEPTHS) {
            token.kind = TT_JSON_OBJECT_BEGIN;
            memset(has[++depth], 0, sizeof(has[0]));
        } else if (move == 1) {
            token.kind = TT_JSON_OBJECT_END;
            token.depth = --depth;
        } else {
            token.kind = move == 2 ? TT_JSON_STRING : TT_JSON_KEY;
        }
        assert_int_equal(tt_json_keys_take(keys, &token, tt_str_make(name, len), &duplicate), TT_OK);
        assert_int_equal(duplicate, token.kind == TT_JSON_KEY && has[depth][n]);
        if (token.kind == TT_JSON_KEY) {
            has[depth][n] = true;
        }
    }
    tt_json_keys_free(keys);
}

/* ---- The bound ---- */

static struct tt_str
number_name(uint32_t *number)
{
    return tt_str_make(number, sizeof(*number));
}

static void
test_bound(void **state)
{
    (void) state;
    struct tt_json_keys *keys = tt_json_keys_new(&tt_alloc_libc, 3, 4);
    const struct tt_json_token key = {.kind = TT_JSON_KEY, .depth = 1};
    const struct tt_json_token end = {.kind = TT_JSON_OBJECT_END};
    bool duplicate;
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < TT_JSON_KEYS_MAX; i++) {
            assert_int_equal(tt_json_keys_take(keys, &key, number_name(&i), &duplicate), TT_OK);
            assert_false(duplicate);
        }
        uint32_t more = (uint32_t) TT_JSON_KEYS_MAX;
        assert_int_equal(tt_json_keys_take(keys, &key, number_name(&more), &duplicate), TT_E_LIMIT);
        assert_false(duplicate);
        /* what is there is still found */
        for (uint32_t i = 0; i < TT_JSON_KEYS_MAX; i += 1000) {
            assert_int_equal(tt_json_keys_take(keys, &key, number_name(&i), &duplicate), TT_OK);
            assert_true(duplicate);
        }
        /* and the end of the object makes room again */
        assert_int_equal(tt_json_keys_take(keys, &end, TT_STR(""), &duplicate), TT_OK);
    }
    tt_json_keys_free(keys);
}

/* Fills enough for three growths; a failure leaves what was there. */
static bool
fill(void *ctx, const struct tt_alloc *alloc)
{
    (void) ctx;
    const struct tt_json_token key = {.kind = TT_JSON_KEY, .depth = 1};
    struct tt_json_keys *keys = tt_json_keys_new(alloc, 0, 0);
    enum tt_status status = keys ? TT_OK : TT_E_MEMORY;
    bool duplicate;
    uint32_t i = 0;
    for (; i < 300 && status == TT_OK; i++) {
        status = tt_json_keys_take(keys, &key, number_name(&i), &duplicate);
    }
    for (uint32_t k = 0; k + 1 < i; k++) {
        assert_int_equal(tt_json_keys_take(keys, &key, number_name(&k), &duplicate), TT_OK);
        assert_true(duplicate);
    }
    tt_json_keys_free(keys);
    assert_true(status == TT_OK || status == TT_E_MEMORY);
    return status == TT_OK;
}

static void
test_no_memory(void **state)
{
    (void) state;
    test_every_allocation(fill, NULL);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_against_list),
        cmocka_unit_test(test_bound),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
