/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lexer: conformance cases, spans and flags, every way of cutting the input, depth, errors and what comes after them.
 * Readable documents with their tokens are in tests/golden/json.
 */
#include "base/buf.h"
#include "json_cases.h"
#include "test.h"
#include "json/lexer.h"

#define TOKENS_MAX 4096

/* Everything that a run says, so that two runs can be compared. */
struct run {
    struct tt_json_token tokens[TOKENS_MAX];
    size_t count;
    bool lenient;
    size_t stop_at; /* the token at which the reader says TT_E_IO; 0 never */
    enum tt_status status;
    struct tt_error err;
};

static enum tt_status
keep(void *ctx, const struct tt_json_token *token)
{
    struct run *run = ctx;
    assert_true(run->count < TOKENS_MAX);
    run->tokens[run->count++] = *token;
    return run->stop_at && run->count >= run->stop_at ? TT_E_IO : TT_OK;
}

/* Feeds a copy of the piece at the end of a block of its own size, so that reading one byte too far is caught. */
static enum tt_status
feed_copy(struct tt_json_lexer *lexer, struct tt_str piece, struct tt_error *err)
{
    char *copy = tt_alloc_new(&tt_alloc_libc, piece.len ? piece.len : 1);
    assert_non_null(copy);
    if (piece.len > 0) {
        memcpy(copy, piece.ptr, piece.len);
    }
    enum tt_status status = tt_json_feed(lexer, tt_str_make(copy, piece.len), err);
    tt_alloc_free(&tt_alloc_libc, copy, piece.len);
    return status;
}

/* Lexes text cut before first and then after every step bytes (0: no more cuts). */
static void
lex(struct run *run, struct tt_str text, size_t first, size_t step, uint32_t depth_max)
{
    struct tt_json_lexer lexer;
    run->count = 0;
    run->err = (struct tt_error) {0};
    tt_json_begin(&lexer, tt_kernels_get(tt_cpu_detect()), depth_max, keep, run);
    lexer.lenient = run->lenient;
    run->status = feed_copy(&lexer, tt_str_slice(text, 0, first), &run->err);
    for (size_t at = first; at < text.len && run->status == TT_OK; at += step) {
        step = step ? step : text.len;
        run->status = feed_copy(&lexer, tt_str_slice(text, at, at + step), &run->err);
        assert_true(lexer.token_start <= lexer.offset);
    }
    if (run->status == TT_OK) {
        assert_int_equal(lexer.offset, text.len);
        run->status = tt_json_end(&lexer, &run->err);
    }
    if (run->status == TT_OK) {
        assert_true(tt_json_is_complete(&lexer));
        assert_int_equal(lexer.depth, 0);
    }
}

static void
assert_same(const struct run *a, const struct run *b)
{
    assert_int_equal(a->status, b->status);
    assert_int_equal(a->err.pos, b->err.pos);
    assert_ptr_equal(a->err.msg, b->err.msg);
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        assert_int_equal(a->tokens[i].kind, b->tokens[i].kind);
        assert_int_equal(a->tokens[i].flags, b->tokens[i].flags);
        assert_int_equal(a->tokens[i].depth, b->tokens[i].depth);
        assert_int_equal(a->tokens[i].offset, b->tokens[i].offset);
        assert_int_equal(a->tokens[i].length, b->tokens[i].length);
    }
}

static struct run whole, pieces;

/* Whole, byte by byte, by threes, and cut once at every place: always the same. */
static void
lex_every_way(struct tt_str text)
{
    lex(&whole, text, text.len, 0, 0);
    lex(&pieces, text, 1, 1, 0);
    assert_same(&whole, &pieces);
    lex(&pieces, text, 2, 3, 0);
    assert_same(&whole, &pieces);
    for (size_t cut = 0; cut <= text.len; cut++) {
        lex(&pieces, text, cut, 0, 0);
        assert_same(&whole, &pieces);
    }
}

static void
test_conformance(void **state)
{
    (void) state;
    for (size_t i = 0; i < JSON_CASES; i++) {
        const struct json_case *c = &json_cases[i];
        lex_every_way(c->text);
        if ((whole.status == TT_OK) != (c->name[0] == 'y')) {
            fail_msg("%s: %s", c->name, whole.status == TT_OK ? "accepted" : whole.err.msg);
        }
        if (whole.status != TT_OK) {
            assert_int_equal(whole.status, TT_E_INPUT);
            assert_int_equal(whole.err.code, TT_E_INPUT);
            assert_non_null(whole.err.msg);
            assert_true(whole.err.pos <= c->text.len);
        }
    }
}

/* What the error says and where: the byte that a person has to change. */
static void
test_errors(void **state)
{
    (void) state;
    static const struct {
        struct tt_str text;
        uint64_t pos;
        const char *msg;
    } cases[] = {
        {TT_STR_INIT(""), 0, "the document has no value"},
        {TT_STR_INIT("  "), 2, "the document has no value"},
        {TT_STR_INIT("\xef\xbb\xbf{}"), 0, "a byte order mark stands before the document"},
        {TT_STR_INIT("nul"), 3, "the document ends inside true, false or null"},
        {TT_STR_INIT("[nil]"), 2, "true, false or null is misspelt"},
        {TT_STR_INIT("[1,\"a"), 5, "the document ends inside a string"},
        {TT_STR_INIT("[1"), 2, "the document ends inside a number"},
        {TT_STR_INIT("-"), 1, "the document ends inside a number"},
        {TT_STR_INIT("[1 "), 3, "the document ends inside an array"},
        {TT_STR_INIT("{\"a\""), 4, "the document ends inside an object"},
        {TT_STR_INIT("{\"a\":1 \"b\":2}"), 7, "a comma is missing between two members"},
        {TT_STR_INIT("[1 2]"), 3, "a comma is missing between two elements"},
        {TT_STR_INIT("[1 ?"), 3, "a comma or ] is expected here"},
        {TT_STR_INIT("{\"a\":1 ?"), 7, "a comma or } is expected here"},
        {TT_STR_INIT("[1,]"), 3, "a comma stands before ]"},
        {TT_STR_INIT("{\"a\":1,}"), 7, "a comma stands before }"},
        {TT_STR_INIT("[?"), 1, "a value or ] is expected here"},
        {TT_STR_INIT("[1,?"), 3, "a value is expected here"},
        {TT_STR_INIT("{a"), 1, "a member name in quotes or } is expected here"},
        {TT_STR_INIT("{\"a\":1,b"), 7, "a member name in quotes is expected here"},
        {TT_STR_INIT("{\"a\" 1}"), 5, "a colon is missing behind a member name"},
        {TT_STR_INIT("{\"a\":}"), 5, "a value is expected here"},
        {TT_STR_INIT("[1}"), 2, "} closes an array"},
        {TT_STR_INIT("[\"a\"}"), 4, "} closes an array"},
        {TT_STR_INIT("{\"a\":\"\"]"), 7, "] closes an object"},
        {TT_STR_INIT("{} {}"), 3, "something follows the document's value"},
        {TT_STR_INIT("\"a\nb\""), 2, "control character in a string"},
        {TT_STR_INIT("\"a\\qb\""), 3, "unknown escape in a string"},
        {TT_STR_INIT("\"\\u12x4\""), 5, "\\u is not followed by four hexadecimal digits"},
        {TT_STR_INIT("\"a\xe2\x28\""), 3, "a string is not valid UTF-8"},
        {TT_STR_INIT("\"abcdefghijkl\x80\""), 13, "a string is not valid UTF-8"},
        {TT_STR_INIT("[01]"), 2, "a number starts with a needless zero"},
        {TT_STR_INIT("[1.]"), 3, "a digit is missing in a number"},
        {TT_STR_INIT("[1a]"), 2, "something adjoins a number"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        lex_every_way(cases[i].text);
        assert_int_equal(whole.status, TT_E_INPUT);
        assert_string_equal(whole.err.msg, cases[i].msg);
        assert_int_equal(whole.err.pos, cases[i].pos);
        assert_int_equal(whole.err.line, 0);
    }
}

/* Each flag alone and together; of keys too. */
static void
test_flags(void **state)
{
    (void) state;
    enum { E = TT_JSON_HAS_ESCAPE, U = TT_JSON_HAS_U_ESCAPE, N = TT_JSON_HAS_NON_ASCII, L = TT_JSON_LONE_SURROGATE };
    static const struct {
        struct tt_str text;
        uint32_t flags;
    } cases[] = {
        {TT_STR_INIT("\"\""), 0},
        {TT_STR_INIT("\"plain text without anything\""), 0},
        {TT_STR_INIT("\"\\n\""), E},
        {TT_STR_INIT("\"\\u0041\""), E | U},
        {TT_STR_INIT("\"\\\\u0041\""), E},
        {TT_STR_INIT("\"\xc3\xa9\""), N},
        {TT_STR_INIT("\"\\t\xc3\xa9\""), E | N},
        {TT_STR_INIT("\"\\ud83d\\ude00\""), E | U},
        {TT_STR_INIT("\"\\uD83D\\uDE00\\uD83D\\uDE00\""), E | U},
        {TT_STR_INIT("\"\\ud83d\""), E | U | L},
        {TT_STR_INIT("\"\\ude00\""), E | U | L},
        {TT_STR_INIT("\"\\ud83d\\n\""), E | U | L},
        {TT_STR_INIT("\"\\ud83d \\ude00\""), E | U | L},
        {TT_STR_INIT("\"\\ud83d\\u0041\""), E | U | L},
        {TT_STR_INIT("\"\\ud83d\\ud83d\\ude00\""), E | U | L},
        {TT_STR_INIT("\"\\ude00\\ud83d\""), E | U | L},
        {TT_STR_INIT("\"\\ud83d\xc3\xa9\""), E | U | N | L},
        {TT_STR_INIT("\"\\ud7ff\\ue000\""), E | U},
        {TT_STR_INIT("\"\\ud83d\\\\ude00\""), E | U | L},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        lex_every_way(cases[i].text);
        assert_int_equal(whole.status, TT_OK);
        assert_int_equal(whole.count, 1);
        assert_int_equal(whole.tokens[0].flags, cases[i].flags);
        assert_int_equal(whole.tokens[0].offset, 1);
        assert_int_equal(whole.tokens[0].length, cases[i].text.len - 2);
    }
    /* A flag does not pass on to the next string. */
    lex_every_way(TT_STR("{\"\\ud800\":\"a\",\"b\":\"\\u0041\",\"c\":\"\"}"));
    static const uint32_t expected[] = {0, E | U | L, 0, 0, E | U, 0, 0, 0};
    assert_int_equal(whole.count, 8);
    for (size_t i = 0; i < whole.count; i++) {
        assert_int_equal(whole.tokens[i].flags, expected[i]);
    }
}

/* Opens count containers and closes them again. */
static void
add_nest(struct tt_buf *buf, size_t count, bool objects)
{
    tt_buf_clear(buf);
    for (size_t i = 0; i < count; i++) {
        tt_buf_add_cstr(buf, objects && i + 1 < count ? "{\"a\":" : "[");
    }
    for (size_t i = 0; i < count; i++) {
        tt_buf_add_cstr(buf, objects && i > 0 ? "}" : "]");
    }
}

static void
test_depth(void **state)
{
    (void) state;
    struct tt_buf buf;
    tt_buf_init(&buf, &tt_alloc_libc, TT_MIB);
    static const uint32_t limits[] = {0, 1, 2, 63, 64, 65, 128, 511, 512, 100000};
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        size_t most = limits[i] == 0 || limits[i] > TT_JSON_DEPTH_MAX ? TT_JSON_DEPTH_MAX : limits[i];
        for (size_t n = most - 1; n <= most + 1; n++) {
            for (int objects = 0; objects < 2; objects++) {
                add_nest(&buf, n, objects);
                if (n == 0) {
                    tt_buf_add_char(&buf, '0');
                }
                lex(&whole, tt_buf_str(&buf), buf.len, 0, limits[i]);
                lex(&pieces, tt_buf_str(&buf), 1, 1, limits[i]);
                assert_same(&whole, &pieces);
                assert_int_equal(whole.status, n <= most ? TT_OK : TT_E_LIMIT);
                if (n > most) {
                    assert_string_equal(whole.err.msg, "nested deeper than the limit");
                    assert_int_equal(whole.err.pos, objects ? most * 5 : most);
                }
            }
        }
    }
    tt_buf_free(&buf);
}

/* The status of the reader stops the lexer at once, and nothing more is taken. */
static void
test_reader_stops(void **state)
{
    (void) state;
    struct tt_str text = TT_STR("[1,\"a\",{\"b\":null}]");
    for (size_t n = 1; n <= 9; n++) {
        whole.stop_at = pieces.stop_at = n;
        lex(&whole, text, text.len, 0, 0);
        lex(&pieces, text, 1, 1, 0);
        assert_int_equal(whole.status, n <= 8 ? TT_E_IO : TT_OK);
        assert_int_equal(whole.count, n <= 8 ? n : 8);
        assert_same(&whole, &pieces);
    }
    whole.stop_at = pieces.stop_at = 0;
    /* At the end of the input too: only there is a number at top level complete. */
    whole.stop_at = 1;
    lex(&whole, TT_STR("12"), 2, 0, 0);
    assert_int_equal(whole.status, TT_E_IO);
    whole.stop_at = 0;
}

static void
test_after_error(void **state)
{
    (void) state;
    struct tt_json_lexer lexer;
    struct tt_error err;
    whole.count = 0;
    tt_json_begin(&lexer, tt_kernels_get(0), 0, keep, &whole);
    assert_int_equal(tt_json_feed(&lexer, TT_STR("[1,,2]"), &err), TT_E_INPUT);
    assert_int_equal(err.pos, 3);
    err = (struct tt_error) {0};
    assert_int_equal(tt_json_feed(&lexer, TT_STR("[]"), &err), TT_E_INPUT);
    assert_int_equal(err.pos, 3);
    assert_int_equal(tt_json_feed(&lexer, TT_STR(""), NULL), TT_E_INPUT);
    assert_int_equal(tt_json_end(&lexer, NULL), TT_E_INPUT);
    assert_false(tt_json_is_complete(&lexer));
    assert_int_equal(whole.count, 2);
}

static void
test_after_end(void **state)
{
    (void) state;
    struct tt_json_lexer lexer;
    struct tt_error err;
    whole.count = 0;
    tt_json_begin(&lexer, tt_kernels_get(0), 0, keep, &whole);
    assert_int_equal(tt_json_feed(&lexer, TT_STR("12"), &err), TT_OK);
    assert_int_equal(lexer.token_start, 0);
    assert_false(tt_json_is_complete(&lexer));
    assert_int_equal(tt_json_end(&lexer, &err), TT_OK);
    assert_true(tt_json_is_complete(&lexer));
    assert_int_equal(lexer.token_start, 2);
    assert_int_equal(tt_json_end(&lexer, &err), TT_OK);
    assert_int_equal(whole.count, 1);
    assert_int_equal(whole.tokens[0].length, 2);
    assert_int_equal(tt_json_feed(&lexer, TT_STR(""), &err), TT_OK);
    assert_int_equal(tt_json_feed(&lexer, TT_STR(" "), &err), TT_E_USAGE);
    /* begin makes it new */
    tt_json_begin(&lexer, tt_kernels_get(0), 0, keep, &whole);
    assert_int_equal(tt_json_feed(&lexer, TT_STR("[] "), &err), TT_OK);
    assert_true(tt_json_is_complete(&lexer));
}

/* What a caller who keeps windows needs: where the unfinished token began, and whether it is a string. */
static void
test_between_pieces(void **state)
{
    (void) state;
    static const char text[] = "{\"k\\u0041\": [12, \"v\xc3\xa9\\n\", true]}";
    /* Behind byte i: start of the unfinished token; S in a string, . not. */
    static const uint64_t starts[] = {1,  1,  1,  1,  1,  1,  1,  1,  1,  10, 11, 12, 13, 13, 13, 16,
                                      17, 17, 17, 17, 17, 17, 17, 24, 25, 26, 26, 26, 26, 30, 31, 32};
    static const char inside[] = ".SSSSSSSS........SSSSSS.........";
    struct tt_json_lexer lexer;
    whole.count = 0;
    tt_json_begin(&lexer, tt_kernels_get(0), 0, keep, &whole);
    for (size_t i = 0; i < sizeof(text) - 1; i++) {
        assert_int_equal(tt_json_feed(&lexer, tt_str_make(text + i, 1), NULL), TT_OK);
        assert_int_equal(lexer.offset, i + 1);
        if (lexer.token_start != starts[i]) {
            fail_msg("byte %zu: token starts at %d", i, (int) lexer.token_start);
        }
        if (tt_json_in_string(&lexer) != (inside[i] == 'S')) {
            fail_msg("byte %zu: in string: %d", i, tt_json_in_string(&lexer));
        }
    }
    assert_int_equal(tt_json_end(&lexer, NULL), TT_OK);
}

/* Special bytes at every distance from the start of a string and from the end of the piece: no fast path may pass over one. */
static void
test_fast_path(void **state)
{
    (void) state;
    static const char *const specials[] = {"\\n", "\\u0041", "\xc3\xa9", "\xf0\x9f\x98\x80", "\n", "\x80", "\\x"};
    char text[160];
    for (size_t s = 0; s < sizeof(specials) / sizeof(specials[0]); s++) {
        size_t n = strlen(specials[s]);
        for (size_t at = 0; at < 100; at++) {
            memset(text, 'x', sizeof(text));
            text[0] = '"';
            memcpy(text + 1 + at, specials[s], n);
            for (size_t after = 0; after < 20; after += 1 + after / 2) {
                size_t len = 1 + at + n + after;
                text[len] = '"';
                lex(&whole, tt_str_make(text, len + 1), len + 1, 0, 0);
                lex(&pieces, tt_str_make(text, len + 1), 1, 1, 0);
                assert_same(&whole, &pieces);
                assert_int_equal(whole.status, s < 4 ? TT_OK : TT_E_INPUT);
                text[len] = 'x';
            }
        }
    }
}

/* Every byte at every place of a short string: which are refused there, and which end it. */
static void
test_every_byte(void **state)
{
    (void) state;
    char text[32];
    for (int c = 0; c < 256; c++) {
        for (size_t at = 1; at < 24; at++) {
            memset(text, 'x', sizeof(text));
            text[0] = text[24] = '"';
            text[at] = (char) c;
            lex(&whole, tt_str_make(text, 25), 25, 0, 0);
            if (c < 0x20) {
                assert_string_equal(whole.err.msg, "control character in a string");
            }
            bool plain = c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
            assert_int_equal(whole.status, plain ? TT_OK : TT_E_INPUT);
            assert_int_equal(whole.count, plain || c == '"');
            /* the escape, the byte behind the closing quote, or what should continue the character is at fault */
            bool behind = c == '"' || c == '\\' || (c >= 0xc2 && c <= 0xf4);
            bool last = at == 23 && (c == '\\' || c == '"');
            assert_true(plain || whole.err.pos == at + behind || last);
        }
    }
}

/* ---- comments, and commas before a closing bracket ---- */

struct lenient_case {
    const char *text;
    const char *kinds; /* one letter a token: { } [ ] k s n t(rue ...) and / for a comment */
    const char *error; /* NULL: none */
};

static const struct lenient_case lenient_cases[] = {
    {"{\"a\":1,}", "{kn}", NULL},
    {"[1,]", "[n]", NULL},
    {"[1 , /**/ ]", "[n/]", NULL},
    {"{\"a\":[true,],}", "{k[t]}", NULL},
    {"[,]", "[", "a value or ] is expected here"},
    {"{,}", "{", "a member name in quotes or } is expected here"},
    {"[1,,]", "[n", "a value is expected here"},
    {"[1,}", "[n", "a value is expected here"},
    {"// x\n1", "/n", NULL},
    {"1// x", "n/", NULL},
    {"1 // x\n", "n/", NULL},
    {"/* x */[1/**/,/***/2/****/]/* ** / * */", "/[n/,/n/]/", NULL},
    {"{/**/\"a\"/**/:/**/1/**/}", "{/k//n/}", NULL},
    {"[1,//]\n2]", "[n/n]", NULL},
    {"[\"/*\",\"//\"]", "[ss]", NULL},
    {"/* /* */1", "/n", NULL},
    {"/*/1", "", "the document ends inside a comment"},
    {"/* 1", "", "the document ends inside a comment"},
    {"/", "", "the document ends inside a comment"},
    {"// 1", "/", "the document has no value"},
    {"/1", "", "a slash begins no comment here"},
    {"1 /1", "n", "a slash begins no comment here"},
    {"[1 / 2]", "[n", "a slash begins no comment here"},
    {"tr/**/ue", "", "true, false or null is misspelt"},
    {"-/**/1", "", "a digit is missing in a number"},
    {"# x\n1", "", "a value is expected here"},
    {"/* \xFF\x01 */1", "/n", NULL},
};

static void
test_lenient(void **state)
{
    (void) state;
    static const char letters[] = "{}[]ksnttt/";
    for (size_t i = 0; i < sizeof(lenient_cases) / sizeof(*lenient_cases); i++) {
        const struct lenient_case *c = &lenient_cases[i];
        char kinds[64] = "";
        whole.lenient = pieces.lenient = true;
        lex_every_way(tt_str_cstr(c->text));
        size_t n = 0;
        for (size_t k = 0; k < whole.count; k++) {
            kinds[n++] = letters[whole.tokens[k].kind];
        }
        char wanted[64] = "";
        for (size_t k = 0, m = 0; c->kinds[k]; k++) {
            if (c->kinds[k] != ',') { /* only for the eye */
                wanted[m++] = c->kinds[k];
            }
        }
        assert_string_equal(kinds, wanted);
        assert_int_equal(whole.status == TT_OK, c->error == NULL);
        if (c->error) {
            assert_string_equal(whole.err.msg, c->error);
        }
        whole.lenient = pieces.lenient = false;
        lex_every_way(tt_str_cstr(c->text));
        assert_true(whole.status == TT_E_INPUT || strcmp(c->kinds, "[ss]") == 0);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conformance), cmocka_unit_test(test_errors),         cmocka_unit_test(test_flags),
        cmocka_unit_test(test_depth),       cmocka_unit_test(test_reader_stops),   cmocka_unit_test(test_after_error),
        cmocka_unit_test(test_after_end),   cmocka_unit_test(test_between_pieces), cmocka_unit_test(test_fast_path),
        cmocka_unit_test(test_every_byte),  cmocka_unit_test(test_lenient),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
