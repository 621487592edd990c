/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Escapes in text: what each form stands for, what stays as it is, the same text however the input is cut, and the way back.
 */
#include "test.h"

#include "base/limits.h"
#include "text/escape.h"
#include "text/utf8.h"

/* Both versions find the same (check_kernels.c); this one also sees the ends of blocks. */
static const struct tt_kernels *
fastest(void)
{
    return tt_kernels_get(tt_cpu_detect());
}

struct vector {
    const char *raw;
    const char *text; /* NULL: the raw text itself */
    bool tokens;
    bool any; /* what tt_escape_any says */
};

static const struct vector vectors[] = {
    {"", NULL, false, false},
    {"plain text, 100% & more \\ \\n", NULL, false, false},
    /* backslash and u */
    {"a\\u2019b", "a\u2019b", false, true},
    {"a\\\\\\\\u2019b", "a\u2019b", false, true},
    {"\\ud83d\\ude00 \\ud83dx", "\U0001F600 \uFFFDx", false, true},
    {"\\u000a\\u001b[0m", "\n\x1b[0m", false, true},
    {"\\u{200B}\\u{1F600}\\u{110000}\\u{}", "\u200B\U0001F600\\u{110000}\\u{}", false, true},
    {"\\U0001F600 \\U0001F60 \\U0011ffff", "\U0001F600 \\U0001F60 \\U0011ffff", false, true},
    {"C:\\users\\unit \\u12", NULL, false, false},
    /* bytes */
    {"\\xe2\\x80\\x8b", "\u200B", false, true},
    {"\\xa0\\xAD", "\u00A0\u00AD", false, true},
    {"\\xe9t\\xe9", "\u00E9t\u00E9", false, true},
    {"\\x1b[31m \\x00 \\x80 \\x7f", NULL, false, false},
    {"It\\x27s \\x41", "It's A", false, true},
    {"\\342\\200\\213 \\033[0m \\377 \\101", "\u200B \\033[0m \\377 \\101", false, true},
    {"It\\047s 2026\\05705\\05709 \\060 \\0401", "It's 2026/05/09 \\060  1", false, true},
    /* percent */
    {"%E2%80%8b", "\u200B", false, true},
    {"a%20b%2Fc", "a b/c", false, false}, /* decoded, but no reason to */
    {"2026%2F05%2F09", "2026/05/09", false, true},
    {"%27 100%25", "' 100%", false, true},
    {"%25E2%2580%258B", "%E2%80%8B", false, true},
    {"%C0%AF %ED%A0%80 %E2%80 %E9t %0A %zz %", NULL, false, false},
    {"%u200B", "\u200B", false, true},
    {"%F0%9F%98%80", "\U0001F600", false, true},
    /* entities */
    {"&#8203;&#x200B;&#X200b;&ZeroWidthSpace;&zwnj;", "\u200B\u200B\u200B\u200B\u200C", false, true},
    {"&lt;b&gt; &amp; x", "<b> & x", false, false},
    {"&amp;#8203; &amp;zwj;", "&#8203; &zwj;", false, true},
    {"Today&#39;s Today&apos;s Today&rsquo;s", "Today's Today's Today\u2019s", false, true},
    {"&#8203 &#0; &#27; &#x110000; &#xD800; &nosuch; &; &#; a&b", NULL, false, false},
    {"&#00000008203;", NULL, false, false}, /* seven digits at most */
    /* tokens */
    {"x aGlkZGVuIOKAiyBtZXNzYWdl y", "x hidden \u200B message y", true, true},
    {"x aGlkZGVuIOKAiyBtZXNzYWdl y", NULL, false, false},
    {"aGlkZGVuIOKAiyBtZXNzYWdlIQ== z", "hidden \u200B message! z", true, true},
    {"68696464656e20e2808b206d657373616765", "hidden \u200B message", true, true},
    {"aGlkZGVuIG1lc3NhZ2U", NULL, true, false},                              /* too short */
    {"iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAA", NULL, true, false}, /* an image */
    {"d66e83a02a82a276e3d6d66e83a02a82a276e3d6", NULL, true, false},         /* a hash */
    {"src/marks/zero_width_and_more/value_format", NULL, true, false},
    {"a +IAs- b +ACY- c", "a \u200B b +ACY- c", true, true},
    {"+IAsgDCAN- x", "\u200B\u200C\u200D x", true, true},
    {"+2D3eAA- 1+len-2 +IAs", NULL, true, false},
};

static void
decode(struct tt_str raw, bool tokens, struct tt_buf *out)
{
    tt_buf_clear(out);
    assert_int_equal(tt_escape_decode(fastest(), raw, tokens, true, out), raw.len);
    assert_int_equal(out->status, TT_OK);
}

static void
test_vectors(void **state)
{
    (void) state;
    struct tt_buf out;
    tt_buf_init(&out, &tt_alloc_libc, TT_MIB);
    for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
        const struct vector *v = &vectors[i];
        decode(tt_str_cstr(v->raw), v->tokens, &out);
        if (!tt_str_eq(tt_buf_str(&out), tt_str_cstr(v->text ? v->text : v->raw))) {
            fail_msg("%s: decodes to %.*s", v->raw, (int) out.len, out.ptr);
        }
        struct tt_escape_place first;
        bool maybe = tt_escape_maybe(fastest(), tt_str_cstr(v->raw), v->tokens, &first);
        if ((maybe && tt_escape_any(fastest(), tt_str_cstr(v->raw), v->tokens, &first)) != v->any) {
            fail_msg("%s: any is not %d", v->raw, v->any);
        }
    }
    tt_buf_free(&out);
}

/* Every cut of the input in two gives the same text. */
static void
check_cuts(struct tt_str raw, bool tokens)
{
    struct tt_buf whole, parts;
    tt_buf_init(&whole, &tt_alloc_libc, TT_MIB);
    tt_buf_init(&parts, &tt_alloc_libc, TT_MIB);
    decode(raw, tokens, &whole);
    for (size_t cut = 0; cut <= raw.len; cut++) {
        tt_buf_clear(&parts);
        size_t used = tt_escape_decode(fastest(), tt_str_slice(raw, 0, cut), tokens, false, &parts);
        assert_true(used <= cut);
        used += tt_escape_decode(fastest(), tt_str_slice(raw, used, raw.len), tokens, true, &parts);
        assert_int_equal(used, raw.len);
        if (!tt_str_eq(tt_buf_str(&parts), tt_buf_str(&whole))) {
            fail_msg("%.*s: cut at %zu: %.*s", (int) raw.len, raw.ptr, cut, (int) parts.len, parts.ptr);
        }
    }
    tt_buf_free(&whole);
    tt_buf_free(&parts);
}

/* The way back rises, ends at the end, agrees with plain bytes, and is the same from a used place. */
static void
check_way_back(struct tt_str raw, bool tokens)
{
    struct tt_buf text;
    struct tt_escape_place used = {0};
    size_t last = 0;
    tt_buf_init(&text, &tt_alloc_libc, TT_MIB);
    decode(raw, tokens, &text);
    for (size_t i = 0; i <= text.len; i++) {
        struct tt_escape_place fresh = {0};
        enum tt_escape_form form, again;
        size_t at = tt_escape_raw_offset(fastest(), raw, tokens, &fresh, i, false, &form);
        size_t end = tt_escape_raw_offset(fastest(), raw, tokens, &fresh, i, true, &again);
        assert_int_equal(tt_escape_raw_offset(fastest(), raw, tokens, &used, i, false, &again), at);
        assert_int_equal(form, again);
        assert_true(at >= last && at <= raw.len && end >= at && end <= raw.len);
        if (form == TT_ESCAPE_NONE && i < text.len && ((unsigned char) text.ptr[i] & 0xC0) != 0x80) {
            assert_int_equal(raw.ptr[at], text.ptr[i]);
        }
        last = at;
    }
    assert_int_equal(last, raw.len);
    tt_buf_free(&text);
}

static void
test_cuts_and_ways_back(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
        for (int tokens = 0; tokens < 2; tokens++) {
            check_cuts(tt_str_cstr(vectors[i].raw), tokens);
            check_way_back(tt_str_cstr(vectors[i].raw), tokens);
        }
    }
}

/* The same for random texts of the pieces of escapes. */
static void
test_random(void **state)
{
    (void) state;
    static const char *const pieces[] = {
        "\\",
        "u",
        "2019",
        "x",
        "e2",
        "\\x80",
        "\\x8b",
        "%",
        "E2",
        "80",
        "%8B",
        "&",
        "#",
        "8203",
        ";",
        "zwnj",
        "&lt;",
        "+",
        "IAs",
        "-",
        "a",
        " ",
        "\u2019",
        "{",
        "200B}",
        "\\3",
        "42",
        "\\200",
        "=",
        "U000",
        "aGlkZGVuIOKAiyBtZXNzYWdl",
        "6869646465",
        "6e20e2808b206d657373616765",
        "abcdefghijklmnopqrstuvwxyz",
        "iVBORw0KGgo",
        "%25",
    };
    uint32_t seed = 3;
    for (int round = 0; round < 1500; round++) {
        char bytes[512];
        size_t len = 0;
        for (int i = 0; i < 12; i++) {
            seed = seed * 1103515245u + 12345u;
            const char *piece = pieces[(seed >> 16) % (sizeof(pieces) / sizeof(*pieces))];
            memcpy(bytes + len, piece, strlen(piece));
            len += strlen(piece);
        }
        struct tt_str raw = tt_str_make(bytes, len);
        check_cuts(raw, round % 2);
        check_way_back(raw, round % 2);
    }
}

/* The places that a finding is mapped to: the escape as a whole, or the characters of a token that hold it. */
static void
test_places(void **state)
{
    (void) state;
    enum tt_escape_form form;
    struct tt_escape_place place = {0};
    const struct tt_str raw = TT_STR("ab&zwnj;cd");
    assert_int_equal(tt_escape_raw_offset(fastest(), raw, false, &place, 2, false, &form), 2);
    assert_int_equal(form, TT_ESCAPE_ENTITY);
    assert_int_equal(tt_escape_raw_offset(fastest(), raw, false, &place, 2, true, &form), 2);
    assert_int_equal(form, TT_ESCAPE_NONE);
    assert_int_equal(tt_escape_raw_offset(fastest(), raw, false, &place, 5, true, &form), 8);
    assert_int_equal(tt_escape_raw_offset(fastest(), raw, false, &place, 0, false, &form), 0); /* back again */
    struct tt_escape_place token = {0};
    const struct tt_str hidden = TT_STR("x aGlkZGVuIOKAiyBtZXNzYWdl y"); /* the mark is bytes 7-9 of the token */
    assert_int_equal(tt_escape_raw_offset(fastest(), hidden, true, &token, 2 + 7, false, &form), 2 + 9);
    assert_int_equal(form, TT_ESCAPE_BASE64);
    assert_int_equal(tt_escape_raw_offset(fastest(), hidden, true, &token, 2 + 10, true, &form), 2 + 14);
    assert_string_equal(tt_escape_name(form), "base64");
}

/* What does not fit is not half decoded. */
static void
test_limit(void **state)
{
    (void) state;
    for (size_t max = 0; max < 24; max++) {
        struct tt_buf out;
        tt_buf_init(&out, &tt_alloc_libc, max);
        size_t used = tt_escape_decode(fastest(), TT_STR("ab&zwnj;cd %E2%80%8B aGlkZGVuIOKAiyBtZXNzYWdl"), true, true, &out);
        assert_int_equal(out.status, TT_E_LIMIT);
        assert_true(used < 44 && out.len <= max);
        tt_buf_free(&out);
    }
}

static bool
decode_with(void *ctx, const struct tt_alloc *alloc)
{
    struct tt_buf out;
    const struct tt_str *raw = ctx;
    tt_buf_init(&out, alloc, TT_MIB);
    bool done = tt_escape_decode(fastest(), *raw, true, true, &out) == raw->len;
    assert_int_equal(done, out.status == TT_OK);
    tt_buf_free(&out);
    return done;
}

static void
test_memory(void **state)
{
    (void) state;
    struct tt_str raw = TT_STR("a\\u2019 aGlkZGVuIOKAiyBtZXNzYWdl");
    test_every_allocation(decode_with, &raw);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors), cmocka_unit_test(test_cuts_and_ways_back),
        cmocka_unit_test(test_random),  cmocka_unit_test(test_places),
        cmocka_unit_test(test_limit),   cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
