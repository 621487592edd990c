/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoders, sets of keys, keys of a file, and the score: what each makes of a list, and what it leaves alone.
 */
#include "test.h"

#include "base/limits.h"
#include "inspect/decode.h"
#include "inspect/key_set.h"

#define HOSTS "api.northwind-labs.com,relay.bluequarry.cn,chat.riverstone.io"

static const struct tt_list_decoder *
decoder(const char *name)
{
    for (size_t i = 0; tt_list_decoders[i]; i++) {
        if (strcmp(tt_list_decoders[i]->name, name) == 0) {
            return tt_list_decoders[i];
        }
    }
    fail_msg("no decoder is called %s", name);
    return NULL;
}

static void
test_decoders(void **state)
{
    (void) state;
    static const struct {
        const char *name;
        struct tt_str in, out; /* out.ptr NULL: it is not written so */
    } rows[] = {
        {"base64", TT_STR_INIT("YXBpLg=="), TT_STR_INIT("api.")},
        {"base64", TT_STR_INIT("YXBpLg"), TT_STR_INIT("api.")},
        {"base64", TT_STR_INIT("__-_"), TT_STR_INIT("\xFF\xFF\xBF")},
        {"base64", TT_STR_INIT("YXBpL"), {NULL, 0}},
        {"base64", TT_STR_INIT("a.b"), {NULL, 0}},
        {"base64", TT_STR_INIT("===="), {NULL, 0}},
        {"base64 (lower case first)", TT_STR_INIT("yxbPlG"), TT_STR_INIT("api.")},
        {"base32", TT_STR_INIT("MFYGSLTY"), TT_STR_INIT("api.x")},
        {"base32", TT_STR_INIT("MFYGSLT="), TT_STR_INIT("api.")},
        {"base32", TT_STR_INIT("MFYGSLT1"), {NULL, 0}},
        {"hex", TT_STR_INIT("6170692E"), TT_STR_INIT("api.")},
        {"hex", TT_STR_INIT("\\x61\\x70"), TT_STR_INIT("ap")},
        {"hex", TT_STR_INIT("0x61, 0x70"), TT_STR_INIT("ap")},
        {"hex", TT_STR_INIT("617"), {NULL, 0}},
        {"hex", TT_STR_INIT("::"), {NULL, 0}},
        {"decimal codes", TT_STR_INIT("97 112,46"), TT_STR_INIT("ap.")},
        {"decimal codes", TT_STR_INIT("97 256"), {NULL, 0}},
        {"decimal codes", TT_STR_INIT("97a 98"), {NULL, 0}},
        {"decimal codes", TT_STR_INIT("97"), {NULL, 0}},
        {"octal codes", TT_STR_INIT("141 160"), TT_STR_INIT("ap")},
        {"octal codes", TT_STR_INIT("141 168"), {NULL, 0}},
        {"binary codes", TT_STR_INIT("01100001 01110000"), TT_STR_INIT("ap")},
        {"binary codes", TT_STR_INIT("0110000"), {NULL, 0}},
        {"percent", TT_STR_INIT("%61%70i"), TT_STR_INIT("api")},
        {"percent", TT_STR_INIT("a b c d e%20f"), {NULL, 0}},
        {"escapes", TT_STR_INIT("\\x61\\u0070"), TT_STR_INIT("ap")},
        {"escapes", TT_STR_INIT("\\u1234"), {NULL, 0}},
        {"utf-16", TT_STR_INIT("a\0p\0"), TT_STR_INIT("ap")},
        {"utf-16", TT_STR_INIT("\0a\0p"), TT_STR_INIT("ap")},
        {"utf-16", TT_STR_INIT("a\0pq"), {NULL, 0}},
        {"reverse", TT_STR_INIT("ipa"), TT_STR_INIT("api")},
        {"join", TT_STR_INIT("one"), {NULL, 0}},
        {"split", TT_STR_INIT("a,b,c"), TT_STR_INIT("a")},
        {"split", TT_STR_INIT("a,b"), {NULL, 0}},
        {"running sum", TT_STR_INIT("\x61\x0F\xF9\xC5\x33\x0F\xF9"), TT_STR_INIT("api.api")},
        {"running xor", TT_STR_INIT("\x61\x11\x19\x47\x4F\x11\x19\x47"), TT_STR_INIT("api.api.")},
        {"inflate", TT_STR_INIT("not deflated"), {NULL, 0}},
        {"percent", TT_STR_INIT("=61=70=69"), TT_STR_INIT("api")},
        {"percent", TT_STR_INIT("%u0061%u0070"), TT_STR_INIT("ap")},
        {"percent", TT_STR_INIT("%u0"), {NULL, 0}},
        {"ascii85", TT_STR_INIT("@;op5DfB9*"), TT_STR_INIT("api.open")},
        {"ascii85", TT_STR_INIT("<~@;op5DfB9*~>"), TT_STR_INIT("api.open")},
        {"ascii85", TT_STR_INIT("!!uu!!uu!!uuuuuu"), {NULL, 0}},
        {"ascii85", TT_STR_INIT("@;op5DfB9* v"), {NULL, 0}},
        {"uuencode", TT_STR_INIT("$87!I+@  "), TT_STR_INIT("api.")},
        {"uuencode", TT_STR_INIT("$87!I+@"), {NULL, 0}},
        {"uuencode", TT_STR_INIT("M"), {NULL, 0}},
        {"uuencode", TT_STR_INIT("Ma"), {NULL, 0}},
        {"base 36", TT_STR_INIT("1ze6s"), {NULL, 0}}, /* one number is no list */
        {"differences", TT_STR_INIT("\x61\xD1\x3A\x68\xC9\x39\xA2"), TT_STR_INIT("api.api")},
        {"xor with the byte before", TT_STR_INIT("\x61\x11\x78\x56\x37\x47\x2E"), TT_STR_INIT("api.api")},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct tt_arena arena;
        struct tt_items in = {&rows[i].in, 1}, out;
        const struct tt_keys keys = {.count = 0};
        tt_arena_init(&arena, &tt_alloc_libc, TT_MIB);
        struct tt_decoding decoding = {.arena = &arena, .keys = &keys, .work_max = UINT64_MAX};
        bool good = decoder(rows[i].name)->decode(&decoding, in, &out);
        if (good != (rows[i].out.ptr != NULL)) {
            fail_msg("row %zu: %s", i, rows[i].name);
        }
        if (good) {
            assert_str_equal(out.list[0], rows[i].out);
        }
        tt_arena_free(&arena);
    }
}

/* The sets say what trying each key would. */
static void
test_key_sets(void **state)
{
    (void) state;
    for (unsigned c = 0; c < 256; c++) {
        unsigned char byte = (unsigned char) c;
        struct tt_key_set by_xor = tt_key_set_xor(byte), by_add = tt_key_set_add(byte), less = tt_key_set_subtract(byte);
        struct tt_key_set later = tt_key_set_shift(by_xor, 67);
        for (unsigned k = 0; k < 256; k++) {
            assert_int_equal(tt_key_set_has(&by_xor, k), tt_score_is_text((unsigned char) (c ^ k)));
            assert_int_equal(tt_key_set_has(&by_add, k), tt_score_is_text((unsigned char) (c + k)));
            assert_int_equal(tt_key_set_has(&less, k), tt_score_is_text((unsigned char) (c - k)));
            assert_int_equal(tt_key_set_has(&later, k), tt_key_set_has(&by_xor, (k + 67) % 256));
        }
    }
    struct tt_key_set one = tt_key_set_xor('a'), other = tt_key_set_xor('a' ^ 0x80);
    assert_false(tt_key_set_meet(&one, &other));
}

static void
collect(struct tt_keys *keys, struct tt_arena *scratch, struct tt_tokens *tokens, struct tt_str text)
{
    tt_tokens_init(tokens, &tt_alloc_libc);
    assert_int_equal(tt_tokens_read(tokens, text, 0, text.len), TT_OK);
    struct tt_view view = {.text = text, .tokens = tokens->list, .count = tokens->count, .scratch = scratch};
    tt_keys_collect(keys, &view);
}

/* Strings of a file: each once, short ones; the right one is given for what it hides, whatever its first bytes are. */
static void
test_keys(void **state)
{
    (void) state;
    static const struct tt_str wanted[] = {TT_STR_INIT("s3cr3t"), TT_STR_INIT("k"), TT_STR_INIT("\xC3\xA9t\xC3\xA9"),
                                           TT_STR_INIT("copper-kettle-and-a-longer-key")};
    struct tt_tokens tokens;
    struct tt_arena scratch;
    struct tt_keys keys;
    tt_arena_init(&scratch, &tt_alloc_libc, TT_MIB);
    collect(&keys, &scratch, &tokens,
            TT_STR("a('s3cr3t','s3cr3t','x','other words','\xC3\xA9t\xC3\xA9','copper-kettle-and-a-longer-key',"
                   "'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')"));
    assert_int_equal(keys.count, 5);
    assert_int_equal(keys.alphabet_count, 1);
    assert_false(keys.cut);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
        char bytes[sizeof(HOSTS)];
        for (size_t k = 0; k < sizeof(bytes) - 1; k++) {
            bytes[k] = (char) (HOSTS[k] ^ wanted[i].ptr[k % wanted[i].len]);
        }
        struct tt_str list = tt_str_make(bytes, sizeof(bytes) - 1);
        for (int running = 0; running < 2; running++) {
            struct tt_keys_trial trial;
            const struct tt_str *key;
            uint64_t work = 0;
            bool found = false;
            tt_keys_begin(&trial, &keys, (struct tt_items) {&list, 1}, running, 1e9);
            while ((key = tt_keys_next(&trial, &work)) != NULL) {
                found = found || tt_str_eq(*key, wanted[i]);
            }
            assert_int_equal(found, wanted[i].len > 1); /* one sign is a key of another solver */
        }
    }
    tt_tokens_free(&tokens);
    tt_arena_free(&scratch);
}

static void
test_score(void **state)
{
    (void) state;
    static const struct {
        struct tt_str text;
        size_t hosts, words, bad;
    } rows[] = {
        {TT_STR_INIT(HOSTS), 3, 0, 0},
        {TT_STR_INIT("lantern kestrel lantern"), 0, 2, 0},
        {TT_STR_INIT(".example.com"), 1, 0, 0},
        {TT_STR_INIT("Example.COM"), 1, 0, 0},
        {TT_STR_INIT("adiplE.nI"), 0, 1, 0}, /* nobody writes a last label so */
        {TT_STR_INIT("1.2.3 42"), 0, 0, 7},
        {TT_STR_INIT("\x01\x02"), 0, 0, 2},
        {TT_STR_INIT(""), 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct tt_score score = tt_score_items((struct tt_items) {&rows[i].text, 1});
        assert_int_equal(score.hosts, rows[i].hosts);
        assert_int_equal(score.words, rows[i].words);
        assert_int_equal(score.bad, rows[i].bad);
    }
}

/* Names are cheaper as names than as bytes; bytes that mean nothing are not. */
static void
test_costs(void **state)
{
    (void) state;
    static const struct tt_str names = TT_STR_INIT(HOSTS), nothing = TT_STR_INIT("qxzkvjwq,zzxqkvjb,kqzxwvjf,xzqjkvwp");
    struct tt_score score = tt_score_items((struct tt_items) {&names, 1});
    assert_true(score.bits > 0 && tt_score_rate(names) > 0.5);
    score = tt_score_items((struct tt_items) {&nothing, 1});
    assert_true(score.bits < 0 && tt_score_rate(nothing) < 0);
    assert_true(tt_score_null((struct tt_items) {&nothing, 1}) < tt_score_cost(&score));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decoders), cmocka_unit_test(test_key_sets), cmocka_unit_test(test_keys),
        cmocka_unit_test(test_score),    cmocka_unit_test(test_costs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
