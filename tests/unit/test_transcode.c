/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Other encodings: characters of UTF-16 and UTF-32, decoding in pieces with the way back to the input's bytes, names, and encodings
 * of the system in which a character is one byte, several, composed, or stands behind a shift.
 */
#include "test.h"

#include "base/buf.h"
#include "base/limits.h"
#include "scan/encoding.h"
#include "text/utf8.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- one character ---- */

struct unit_row {
    enum tt_utf form;
    struct tt_str bytes;
    uint32_t cp, len;
    bool bad;
};

#define ROW(form, bytes, cp, len, bad)                  \
    {                                                   \
        TT_UTF_##form, TT_STR_INIT(bytes), cp, len, bad \
    }

static const struct unit_row unit_rows[] = {
    ROW(16LE, "a\0b\0", 'a', 2, false),
    ROW(16BE, "\0a\0b", 'a', 2, false),
    ROW(16LE, "\x3D\xD8\x00\xDE", 0x1F600, 4, false),
    ROW(16BE, "\xD8\x3D\xDE\x00", 0x1F600, 4, false),
    ROW(16BE, "\xDB\xFF\xDF\xFF", 0x10FFFF, 4, false),
    ROW(16BE, "\xD8\x00\xDC\x00", 0x10000, 4, false),
    ROW(16BE, "\xFF\xFF", 0xFFFF, 2, false),
    ROW(16LE,
        "\x3D\xD8"
        "a\0",
        0xFFFD, 2, true),                           /* a high surrogate, then a letter */
    ROW(16LE, "\x3D\xD8\x3D\xD8", 0xFFFD, 2, true), /* two high ones */
    ROW(16LE, "\x00\xDE\x3D\xD8", 0xFFFD, 2, true), /* a low one first */
    ROW(16LE, "\x3D\xD8", 0xFFFD, 2, true),         /* at the end */
    ROW(16LE, "\x3D\xD8\x00", 0xFFFD, 2, true),
    ROW(16LE, "a", 0xFFFD, 1, true),
    ROW(32LE, "a\0\0\0", 'a', 4, false),
    ROW(32BE, "\0\0\0a", 'a', 4, false),
    ROW(32BE, "\0\x10\xFF\xFF", 0x10FFFF, 4, false),
    ROW(32BE, "\0\x11\0\0", 0xFFFD, 4, true),
    ROW(32BE, "\0\0\xD8\0", 0xFFFD, 4, true),
    ROW(32BE, "\xFF\xFF\xFF\xFF", 0xFFFD, 4, true),
    ROW(32LE, "a\0\0", 0xFFFD, 3, true),
    ROW(32LE, "", 0, 0, false),
};

static void
test_units(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT(unit_rows); i++) {
        const struct unit_row *row = &unit_rows[i];
        struct tt_unit unit = tt_utf_next(row->form, row->bytes, 0, true);
        assert_int_equal(unit.cp, row->cp);
        assert_int_equal(unit.len, row->len);
        assert_int_equal(unit.bad, row->bad);
    }
    assert_int_equal(tt_utf_next(TT_UTF_16LE, TT_STR("a"), 0, false).len, 0);
    assert_int_equal(tt_utf_next(TT_UTF_16LE, TT_STR("\x3D\xD8\x00"), 0, false).len, 0);
    assert_int_equal(tt_utf_next(TT_UTF_32BE, TT_STR("\0\0\0"), 0, false).len, 0);
    assert_int_equal(tt_utf_next(TT_UTF_16LE, TT_STR("a\0"), 7, true).len, 0);
}

static void
test_marks(void **state)
{
    (void) state;
    assert_int_equal(tt_utf_of_mark(TT_STR("\xFF\xFE"
                                           "a\0")),
                     TT_UTF_16LE);
    assert_int_equal(tt_utf_of_mark(TT_STR("\xFF\xFE")), TT_UTF_16LE);
    assert_int_equal(tt_utf_of_mark(TT_STR("\xFE\xFF\0a")), TT_UTF_16BE);
    assert_int_equal(tt_utf_of_mark(TT_STR("\xFF\xFE\0\0")), TT_UTF_32LE);
    assert_int_equal(tt_utf_of_mark(TT_STR("\0\0\xFE\xFF")), TT_UTF_32BE);
    assert_int_equal(tt_utf_of_mark(TT_STR("\0\0\xFE")), TT_UTF_8);
    assert_int_equal(tt_utf_of_mark(TT_STR("\xEF\xBB\xBF")), TT_UTF_8);
    assert_int_equal(tt_utf_of_mark(TT_STR("")), TT_UTF_8);
}

/* ---- whole texts ---- */

struct decoded {
    struct tt_buf text, widths;
    uint64_t bad_count;
    struct tt_position bad_at, end;
};

static void
take(struct decoded *out, struct tt_decoder *decoder)
{
    tt_buf_add(&out->text, tt_str_make(decoder->text, decoder->len));
    tt_buf_add(&out->widths, tt_str_make(decoder->widths, decoder->len));
}

/* Decodes bytes, fed in pieces of that size. */
static void
decode(struct decoded *out, const struct tt_encoding *encoding, struct tt_str bytes, size_t size)
{
    struct tt_decoder decoder;
    tt_buf_init(&out->text, &tt_alloc_libc, 4 * TT_MIB);
    tt_buf_init(&out->widths, &tt_alloc_libc, 4 * TT_MIB);
    tt_decoder_init(&decoder, &tt_alloc_libc);
    assert_int_equal(tt_decoder_begin(&decoder, encoding), TT_OK);
    size_t begin = 0, end = 0;
    do {
        end = end + size < bytes.len ? end + size : bytes.len;
        struct tt_str piece = tt_str_slice(bytes, begin, end);
        do {
            tt_decoder_feed(&decoder, &piece, end == bytes.len);
            take(out, &decoder);
        } while (decoder.len > 0);
        begin = end - piece.len;
    } while (end < bytes.len);
    out->bad_count = decoder.bad_count;
    out->bad_at = decoder.bad_at;
    out->end = decoder.at;
    tt_decoder_free(&decoder);
}

static void
decoded_free(struct decoded *out)
{
    tt_buf_free(&out->text);
    tt_buf_free(&out->widths);
}

static uint64_t
sum(const struct decoded *out, size_t to)
{
    uint64_t n = 0;
    for (size_t i = 0; i < to; i++) {
        n += (unsigned char) out->widths.ptr[i];
    }
    return n;
}

static void
add_unit(struct tt_buf *out, uint32_t unit, size_t size, bool big)
{
    for (size_t i = 0; i < size; i++) {
        tt_buf_add_char(out, (char) (unit >> 8 * (big ? size - 1 - i : i)));
    }
}

static void
encode(struct tt_buf *out, enum tt_utf form, uint32_t cp)
{
    bool big = form == TT_UTF_16BE || form == TT_UTF_32BE;
    if (form == TT_UTF_32LE || form == TT_UTF_32BE) {
        add_unit(out, cp, 4, big);
    } else if (cp < 0x10000) {
        add_unit(out, cp, 2, big);
    } else {
        add_unit(out, 0xD800 + ((cp - 0x10000) >> 10), 2, big);
        add_unit(out, 0xDC00 + ((cp - 0x10000) & 0x3FF), 2, big);
    }
}

static uint32_t
next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (uint32_t) (*seed >> 11);
}

static uint32_t
random_character(uint64_t *seed)
{
    static const uint32_t ends[] = {0x7F, 0x7FF, 0xD7FF, 0x10FFFF};
    uint32_t cp = next_random(seed) % ends[next_random(seed) % COUNT(ends)] + 1;
    return cp >= 0xD800 && cp <= 0xDFFF ? '\n' : cp;
}

/* Text comes back as it was, and each of its characters knows where it stood, however the bytes are cut. */
static void
test_round_trip(void **state)
{
    (void) state;
    static const size_t sizes[] = {1, 2, 3, 5, 7, 64, 4096};
    uint64_t seed = 0x7472616e73;
    for (size_t round = 0; round < 200; round++) {
        enum tt_utf form = TT_UTF_16LE + round % 4;
        struct tt_buf bytes, text;
        struct decoded out;
        uint64_t offsets[400];
        size_t places[400], count = next_random(&seed) % 400;
        tt_buf_init(&bytes, &tt_alloc_libc, TT_MIB);
        tt_buf_init(&text, &tt_alloc_libc, TT_MIB);
        for (size_t i = 0; i < count; i++) {
            char utf8[4];
            uint32_t cp = random_character(&seed);
            offsets[i] = bytes.len;
            places[i] = text.len;
            encode(&bytes, form, cp);
            tt_buf_add(&text, tt_str_make(utf8, tt_utf8_put(cp, utf8)));
        }
        decode(&out, tt_encoding_of_form(form), tt_buf_str(&bytes), sizes[round % COUNT(sizes)]);
        assert_str_equal(tt_buf_str(&out.text), tt_buf_str(&text));
        assert_int_equal(out.bad_count, 0);
        assert_int_equal(out.end.source, bytes.len);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(sum(&out, places[i]), offsets[i]);
        }
        decoded_free(&out);
        tt_buf_free(&bytes);
        tt_buf_free(&text);
    }
}

/* More than one piece of output. */
static void
test_long(void **state)
{
    (void) state;
    struct tt_buf bytes;
    struct decoded out;
    tt_buf_init(&bytes, &tt_alloc_libc, 4 * TT_MIB);
    for (size_t i = 0; i < 300000; i++) {
        encode(&bytes, TT_UTF_16BE, i % 5 ? 0x20AC : '\n');
    }
    decode(&out, tt_encoding_of_form(TT_UTF_16BE), tt_buf_str(&bytes), SIZE_MAX / 2);
    assert_int_equal(out.text.len, 300000 / 5 * (4 * 3 + 1));
    assert_int_equal(sum(&out, out.text.len), bytes.len);
    assert_int_equal(out.end.line, 60001);
    decoded_free(&out);
    tt_buf_free(&bytes);
}

/* Surrogates without a partner and a cut end: counted, the first with its place. */
static void
test_bad(void **state)
{
    (void) state;
    struct decoded out;
    struct tt_str bytes = TT_STR("a\0\n\0b\0\x3D\xD8"
                                 "c\0\x00\xDE\x3D\xD8\x00\xDE"
                                 "d");
    for (size_t size = 1; size <= bytes.len; size++) {
        decode(&out, tt_encoding_of_form(TT_UTF_16LE), bytes, size);
        assert_str_equal(tt_buf_str(&out.text), TT_STR("a\nb\xEF\xBF\xBD"
                                                       "c\xEF\xBF\xBD\xF0\x9F\x98\x80\xEF\xBF\xBD"));
        assert_int_equal(out.bad_count, 3);
        assert_int_equal(out.bad_at.source, 6);
        assert_int_equal(out.bad_at.line, 2);
        assert_int_equal(out.bad_at.column, 2);
        decoded_free(&out);
    }
}

/* ---- the system's encodings ---- */

struct text_row {
    const char *name;
    struct tt_str bytes, text;
    const char *widths; /* of the characters */
    uint64_t bad;
};

static const struct text_row text_rows[] = {
    {"utf-16le", TT_STR_INIT("a\0\xAC\x20"), TT_STR_INIT("a\xE2\x82\xAC"), "22", 0},
    {"UTF-32BE", TT_STR_INIT("\0\0\0a"), TT_STR_INIT("a"), "4", 0},
    {"ISO-8859-1", TT_STR_INIT("caf\xE9"), TT_STR_INIT("caf\xC3\xA9"), "1111", 0},
    {"windows-1252",
     TT_STR_INIT("\x80\x81"
                 "a"),
     TT_STR_INIT("\xE2\x82\xAC\xEF\xBF\xBD"
                 "a"),
     "111", 1},
    {"koi8-r", TT_STR_INIT("\xC1\n"), TT_STR_INIT("\xD0\xB0\n"), "11", 0},
    {"shift_jis",
     TT_STR_INIT("\x93\xFA"
                 "a\xB1"),
     TT_STR_INIT("\xE6\x97\xA5"
                 "a\xEF\xBD\xB1"),
     "211", 0},
    {"shift_jis", TT_STR_INIT("a\x93"), TT_STR_INIT("a\xEF\xBF\xBD"), "11", 1},
    {"euc-jp",
     TT_STR_INIT("\xC6\xFC\x8F\xB0\xA1"
                 "b"),
     TT_STR_INIT("\xE6\x97\xA5\xE4\xB8\x82"
                 "b"),
     "231", 0},
    {"iso-2022-jp", TT_STR_INIT("a\x1B$BF|K\\\x1B(Bb"),
     TT_STR_INIT("a\xE6\x97\xA5\xE6\x9C\xAC"
                 "b"),
     "1524", 0},
    {"gb18030", TT_STR_INIT("\xC8\xD5\x81\x36\xA4\x37z"),
     TT_STR_INIT("\xE6\x97\xA5\xE2\x80\x8B"
                 "z"),
     "241", 0},
    {"euc-kr", TT_STR_INIT("\xC7\xD1."), TT_STR_INIT("\xED\x95\x9C."), "21", 0},
    {"big5", TT_STR_INIT("\xA4\xE9."), TT_STR_INIT("\xE6\x97\xA5."), "21", 0},
    {"big5-hkscs", TT_STR_INIT("\x88\x62."), TT_STR_INIT("\xC3\x8A\xCC\x84."), "201", 0},
    {"windows-1255",
     TT_STR_INIT("\xE1\xCC"
                 "x"),
     TT_STR_INIT("\xEF\xAC\xB1"
                 "x"),
     "21", 0},
    {"utf-7", TT_STR_INIT("a+ZeU-b"),
     TT_STR_INIT("a\xE6\x97\xA5"
                 "b"),
     "142", 0},
};

/* The widths of characters, one digit each. */
static void
print_widths(const struct decoded *out, char *digits)
{
    size_t n = 0;
    for (size_t i = 0; i < out->text.len;) {
        size_t len = tt_utf8_next(tt_buf_str(&out->text), i).len;
        digits[n++] = (char) ('0' + sum(out, i + len) - sum(out, i));
        i += len;
    }
    digits[n] = '\0';
}

static void
test_system(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT(text_rows); i++) {
        const struct text_row *row = &text_rows[i];
        struct tt_encoding encoding;
        assert_int_equal(tt_encoding_open(&encoding, row->name), TT_OK);
        for (size_t size = 1; size <= row->bytes.len; size++) {
            struct decoded out;
            char widths[64];
            decode(&out, &encoding, row->bytes, size);
            print_widths(&out, widths);
            if (!tt_str_eq(tt_buf_str(&out.text), row->text) || out.bad_count != row->bad) {
                fail_msg("%s in pieces of %zu: %.*s", row->name, size, (int) out.text.len, out.text.ptr);
            }
            /* what ends a shift belongs to the character behind it, or to none when the input is cut there */
            assert_int_equal(out.end.source, row->bytes.len);
            if (strcmp(row->name, "windows-1255") != 0 && strcmp(row->name, "utf-7") != 0) {
                assert_string_equal(widths, row->widths);
            }
            decoded_free(&out);
        }
        tt_encoding_close(&encoding);
    }
}

static void
test_names(void **state)
{
    (void) state;
    static const char *const unknown[] = {"", "no-such-encoding", "utf-8//IGNORE", "iso-8859-1//TRANSLIT", "a b", "../../etc"};
    struct tt_encoding encoding;
    for (size_t i = 0; i < COUNT(unknown); i++) {
        assert_int_equal(tt_encoding_open(&encoding, unknown[i]), TT_E_UNSUPPORTED);
    }
    for (size_t i = 0; tt_encoding_names[i]; i++) {
        assert_int_equal(tt_encoding_open(&encoding, tt_encoding_names[i]), TT_OK);
        tt_encoding_close(&encoding);
    }
}

static bool
decode_once(void *ctx, const struct tt_alloc *alloc)
{
    struct tt_decoder decoder;
    struct tt_str bytes = TT_STR("a\0");
    (void) ctx;
    tt_decoder_init(&decoder, alloc);
    enum tt_status status = tt_decoder_begin(&decoder, tt_encoding_of_form(TT_UTF_16LE));
    if (status == TT_OK) {
        tt_decoder_feed(&decoder, &bytes, true);
        assert_int_equal(decoder.len, 1);
    }
    tt_decoder_free(&decoder);
    return status == TT_OK;
}

static void
test_allocations(void **state)
{
    (void) state;
    test_every_allocation(decode_once, NULL);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_units), cmocka_unit_test(test_marks),       cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_long),  cmocka_unit_test(test_bad),         cmocka_unit_test(test_system),
        cmocka_unit_test(test_names), cmocka_unit_test(test_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
