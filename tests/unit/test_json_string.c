/* SPDX-License-Identifier: Apache-2.0 */
/* Decoding of string bodies and the way back to raw offsets: vectors, then properties over generated bodies. */
#include "base/limits.h"
#include "test.h"
#include "text/utf8.h"
#include "json/string.h"

typedef size_t decode_fn(struct tt_str raw, bool final, struct tt_buf *out);

struct vector {
    struct tt_str raw, text;
    size_t used; /* with final false; what is left is decoded otherwise when more bytes come */
};

/* Checks one decoder against a vector in both modes; the text with final false is a prefix of the one with final true. */
static void
check_vector(decode_fn *decode, const struct vector *v)
{
    struct tt_buf out;
    tt_buf_init(&out, &tt_alloc_libc, TT_MIB);
    assert_int_equal(decode(v->raw, true, &out), v->raw.len);
    assert_str_equal(tt_buf_str(&out), v->text);
    tt_buf_clear(&out);
    assert_int_equal(decode(v->raw, false, &out), v->used);
    assert_true(tt_str_starts(v->text, tt_buf_str(&out)));
    if (v->used == v->raw.len) {
        assert_str_equal(tt_buf_str(&out), v->text);
    }
    tt_buf_free(&out);
}

#define VECTOR(raw, text, used)                   \
    {                                             \
        TT_STR_INIT(raw), TT_STR_INIT(text), used \
    }
#define ALL(raw) (sizeof(raw) - 1)
#define WHOLE(raw, text) VECTOR(raw, text, ALL(raw))

#define BAD "\xef\xbf\xbd"
#define SIXTEEN "\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\" /* backslashes */

static void
test_unescape(void **state)
{
    (void) state;
    static const struct vector vectors[] = {
        WHOLE("", ""),
        WHOLE("plain", "plain"),
        WHOLE("\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t"),
        WHOLE("a\\u0041b", "aAb"),
        WHOLE("\\u0000", "\0"),
        WHOLE("\\u007f\\u0080", "\x7f\xc2\x80"),
        WHOLE("\\u07FF\\u0800", "\xdf\xbf\xe0\xa0\x80"),
        WHOLE("\\u02bc\\u02BC", "\xca\xbc\xca\xbc"),
        WHOLE("\\uffff", "\xef\xbf\xbf"),
        WHOLE("\\ud83d\\ude00", "\xf0\x9f\x98\x80"),
        WHOLE("\\uD800\\uDC00", "\xf0\x90\x80\x80"),
        WHOLE("\\uDBFF\\uDFFF", "\xf4\x8f\xbf\xbf"),
        WHOLE("\\\\u0041", "\\u0041"),
        WHOLE("\\\\\\u0041", "\\A"),
        WHOLE("caf\xc3\xa9", "caf\xc3\xa9"),
        /* half pairs */
        WHOLE("\\ude00", BAD),
        WHOLE("\\ud83dx", BAD "x"),
        WHOLE("\\ud83d\\n", BAD "\n"),
        WHOLE("\\ud83d\\u0041", BAD "A"),
        WHOLE("\\ud83d\\ud83d\\ude00", BAD "\xf0\x9f\x98\x80"),
        WHOLE("\\ude00\\ude00", BAD BAD),
        VECTOR("\\ud83d", BAD, 0),
        VECTOR("a\\ud83d\\", "a" BAD "\\", 1),
        VECTOR("a\\ud83d\\ude0", "a" BAD "\\ude0", 1),
        VECTOR("\\ud83d\\ud83d", BAD BAD, 6),
        /* not finished */
        VECTOR("a\\", "a\\", 1),
        VECTOR("a\\u", "a\\u", 1),
        VECTOR("a\\u004", "a\\u004", 1),
        VECTOR("a\xc3", "a\xc3", 1),
        VECTOR("a\xe2\x80", "a\xe2\x80", 1),
        VECTOR("\xf0\x9f\x98", "\xf0\x9f\x98", 0),
        VECTOR("\\n\xf0", "\n\xf0", 2),
        /* invalid: as it stands */
        WHOLE("\\x41", "\\x41"),
        WHOLE("\\U0041", "\\U0041"),
        WHOLE("\\u12g4", "\\u12g4"),
        WHOLE("\\u\\u0041", "\\uA"),
        WHOLE("\\ud83d\\ux", BAD "\\ux"),
        WHOLE("\\\xc3\xa9", "\\\xc3\xa9"),
        WHOLE("a\x80\xff"
              "b",
              "a\x80\xff"
              "b"),
        WHOLE("a\xc3(", "a\xc3("),
        WHOLE("\xed\xa0\x80", "\xed\xa0\x80"),
    };
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        check_vector(tt_json_unescape, &vectors[i]);
    }
}

static void
test_unescape_u(void **state)
{
    (void) state;
    static const struct vector vectors[] = {
        WHOLE("", ""),
        WHOLE("a\\nb\\\"c\\\\d\\/", "a\\nb\\\"c\\\\d\\/"),
        WHOLE("a\\u0041b", "aAb"),
        WHOLE("Today\\u2019s", "Today\xe2\x80\x99s"),
        WHOLE("\\ud83d\\ude00", "\xf0\x9f\x98\x80"),
        VECTOR("\\ud83d", BAD, 0),
        WHOLE("\\\\u0041", "A"), /* see string.c: an apostrophe too many rather than one missed */
        WHOLE("\\\\\\\\u2019\\\\n", "\xe2\x80\x99\\\\n"),
        WHOLE("\\\\ud83d\\\\ude00", "\xf0\x9f\x98\x80"),
        VECTOR("a\\\\ud83d\\\\", "a" BAD "\\\\", 1),
        WHOLE(SIXTEEN "\\u0041", "\\A"), /* the first is one too many */
        VECTOR("C:\\users\\u", "C:\\users\\u", 8),
        VECTOR("\\u12", "\\u12", 0),
        WHOLE("\\u12g4", "\\u12g4"),
        VECTOR("\\", "\\", 0),
        WHOLE("\x80\xff", "\x80\xff"),
    };
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        check_vector(tt_json_unescape_u, &vectors[i]);
    }
}

static void
test_raw_offset(void **state)
{
    (void) state;
    /* raw:      0 a | 1 \n | 3 \u2019 | 9 C3 A9 | 11 pair | 23 b | 24 \x (as it stands) | 26 end */
    const struct tt_str raw = TT_STR("a\\n\\u2019\xc3\xa9\\ud83d\\ude00b\\x");
    /* text:  a \n E2 80 99 C3 A9 F0 9F 98 80 b  \  x  end */
    static const size_t at[] = {0, 1, 3, 3, 3, 9, 9, 11, 11, 11, 11, 23, 24, 25, 26};
    for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
        assert_int_equal(tt_json_raw_offset(raw, false, i), at[i]);
    }
    assert_int_equal(tt_json_raw_offset(raw, false, 1000), raw.len);
    assert_int_equal(tt_json_raw_offset(raw, false, SIZE_MAX), raw.len);
    /* u_only: \n stays two characters */
    static const size_t u_at[] = {0, 1, 2, 3, 3, 3, 9, 9, 11, 11, 11, 11, 23, 24, 25, 26};
    for (size_t i = 0; i < sizeof(u_at) / sizeof(u_at[0]); i++) {
        assert_int_equal(tt_json_raw_offset(raw, true, i), u_at[i]);
    }
    assert_int_equal(tt_json_raw_offset(TT_STR(""), false, 0), 0);
    assert_int_equal(tt_json_raw_offset(TT_STR(""), false, 5), 0);
    /* bytes that are no UTF-8 stand for themselves */
    for (size_t i = 0; i <= 4; i++) {
        assert_int_equal(tt_json_raw_offset(TT_STR("\x80\xc3(\xff"), false, i), i);
    }
}

/* ---- Properties ---- */

static uint64_t
next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* A body of pieces that meet in every order: text, escapes, half pairs, unfinished and invalid ones. */
static struct tt_str
make_body(char *to, size_t pieces, uint64_t *seed)
{
    static const char *const parts[] = {
        "a",
        "word ",
        "\\n",
        "\\\\",
        "\\\"",
        "\\/",
        "\\u0041",
        "\\u00e9",
        "\\u2019",
        "\\uFFFD",
        "\\ud83d",
        "\\ude00",
        "\\ud83d\\ude00",
        "\xc3\xa9",
        "\xe2\x80\x99",
        "\xf0\x9f\x98\x80",
        "\\",
        "\\u",
        "\\u1",
        "\\u12",
        "\\u123",
        "\\x",
        "u",
        "0041",
        "\x80",
        "\xe2",
        "\xf0\x9f",
    };
    size_t len = 0;
    for (size_t i = 0; i < pieces; i++) {
        const char *part = parts[next_random(seed) % (sizeof(parts) / sizeof(parts[0]))];
        size_t n = strlen(part);
        memcpy(to + len, part, n);
        len += n;
    }
    return tt_str_make(to, len);
}

/* Cut at every place and gone on with from what was used: the same text. */
static void
check_cuts(struct tt_str raw, decode_fn *decode, struct tt_str text)
{
    struct tt_buf out;
    tt_buf_init(&out, &tt_alloc_libc, TT_MIB);
    for (size_t cut = 0; cut <= raw.len; cut++) {
        tt_buf_clear(&out);
        size_t used = decode(tt_str_slice(raw, 0, cut), false, &out);
        assert_true(used <= cut);
        assert_true(cut - used < 12 + 2 * 15); /* at most a pair less one byte stays behind; with u_only of 16 backslashes each */
        assert_int_equal(decode(tt_str_slice(raw, used, raw.len), true, &out), raw.len - used);
        assert_str_equal(tt_buf_str(&out), text);
    }
    /* byte by byte: what was not used is offered again with one byte more */
    tt_buf_clear(&out);
    size_t used = 0;
    for (size_t end = 0; end <= raw.len; end++) {
        used += decode(tt_str_slice(raw, used, end), end == raw.len, &out);
    }
    assert_int_equal(used, raw.len);
    assert_str_equal(tt_buf_str(&out), text);
    tt_buf_free(&out);
}

/*
 * The raw offset of every place: never falls, stands at a boundary (the raw bytes before it decode to a prefix of the
 * text that does not reach beyond the place), and from there the raw bytes decode to what begins the character.
 */
static void
check_offsets(struct tt_str raw, bool u_only, decode_fn *decode, struct tt_str text)
{
    struct tt_buf out;
    tt_buf_init(&out, &tt_alloc_libc, TT_MIB);
    size_t last = 0;
    for (size_t i = 0; i <= text.len; i++) {
        size_t at = tt_json_raw_offset(raw, u_only, i);
        assert_true(at >= last && at <= raw.len);
        last = at;
        tt_buf_clear(&out);
        assert_int_equal(decode(tt_str_slice(raw, 0, at), true, &out), at);
        assert_true(tt_str_starts(text, tt_buf_str(&out)));
        size_t start = out.len;
        assert_true(start <= i && i - start < 4);
        assert_true(i == start || tt_utf8_next(text, start).len > i - start);
        decode(tt_str_slice(raw, at, raw.len), true, &out);
        assert_str_equal(tt_buf_str(&out), text);
    }
    assert_int_equal(last, raw.len);
    tt_buf_free(&out);
}

static void
test_properties(void **state)
{
    (void) state;
    uint64_t seed = 0x7465737473656564;
    char body[256];
    struct tt_buf text;
    tt_buf_init(&text, &tt_alloc_libc, TT_MIB);
    for (int round = 0; round < 3000; round++) {
        struct tt_str raw = make_body(body, next_random(&seed) % 12, &seed);
        for (int u_only = 0; u_only < 2; u_only++) {
            decode_fn *decode = u_only ? tt_json_unescape_u : tt_json_unescape;
            tt_buf_clear(&text);
            assert_int_equal(decode(raw, true, &text), raw.len);
            check_cuts(raw, decode, tt_buf_str(&text));
            check_offsets(raw, u_only, decode, tt_buf_str(&text));
        }
    }
    tt_buf_free(&text);
}

/* tt_json_unescape_u leaves a text alone that has no \uXXXX. */
static void
test_u_leaves_the_rest(void **state)
{
    (void) state;
    uint64_t seed = 42;
    struct tt_buf out;
    tt_buf_init(&out, &tt_alloc_libc, TT_MIB);
    for (int round = 0; round < 2000; round++) {
        char body[64];
        size_t len = next_random(&seed) % sizeof(body);
        for (size_t i = 0; i < len; i++) {
            int c = (int) (next_random(&seed) & 255);
            body[i] = (char) (c == 'u' ? 'U' : c % 5 == 0 ? '\\' : c);
        }
        tt_buf_clear(&out);
        assert_int_equal(tt_json_unescape_u(tt_str_make(body, len), true, &out), len);
        assert_str_equal(tt_buf_str(&out), tt_str_make(body, len));
    }
    tt_buf_free(&out);
}

/* A full buffer: what is said to be used is what is in the buffer. */
static void
test_full_buffer(void **state)
{
    (void) state;
    const struct tt_str raw = TT_STR("abc\\n\\u2019\xc3\xa9\\ud83d\\ude00xyz");
    for (size_t max = 0; max <= 20; max++) {
        struct tt_buf out, again;
        tt_buf_init(&out, &tt_alloc_libc, max);
        tt_buf_init(&again, &tt_alloc_libc, TT_MIB);
        size_t used = tt_json_unescape(raw, true, &out);
        assert_int_equal(out.status, used == raw.len ? TT_OK : TT_E_LIMIT);
        assert_int_equal(used == raw.len, max >= 16);
        tt_json_unescape(tt_str_slice(raw, 0, used), true, &again);
        assert_str_equal(tt_buf_str(&out), tt_buf_str(&again));
        tt_buf_free(&out);
        tt_buf_free(&again);
    }
}

static bool
decode_all(void *ctx, const struct tt_alloc *alloc)
{
    const struct tt_str *raw = ctx;
    struct tt_buf out;
    tt_buf_init(&out, alloc, TT_MIB);
    size_t used = tt_json_unescape(*raw, true, &out);
    bool done = out.status == TT_OK;
    assert_int_equal(done, used == raw->len);
    tt_buf_free(&out);
    return done;
}

static void
test_no_memory(void **state)
{
    (void) state;
    static char body[4000];
    memset(body, 'x', sizeof(body));
    for (size_t i = 0; i + 1 < sizeof(body); i += 100) {
        memcpy(body + i, "\\n", 2);
    }
    struct tt_str raw = tt_str_make(body, sizeof(body));
    test_every_allocation(decode_all, &raw);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unescape),   cmocka_unit_test(test_unescape_u),        cmocka_unit_test(test_raw_offset),
        cmocka_unit_test(test_properties), cmocka_unit_test(test_u_leaves_the_rest), cmocka_unit_test(test_full_buffer),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
