/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoders of hidden runs: round trips through writers of our own (encoders.c), cuts, noise, grades and failing memory.
 */
#include "test.h"

#include "base/limits.h"
#include "encoders.h"
#include "marks/payload.h"

#include <stdlib.h>

#define ARENA_MAX (8 * TT_MIB)

static const char *const texts[] = {
    "hello world",
    "user-4711@example.org",
    "{\"origin\":\"cms\",\"id\":17}",
    "x",
    "caf\xC3\xA9 na\xC3\xAFve \xC3\xA0 la carte",
    "\xE4\xBD\xA0\xE5\xA5\xBD\xE4\xB8\x96\xE7\x95\x8C\xEF\xBC\x8C\xE5\x86\x8D\xE8\xA7\x81",
    "\xF0\x9F\x98\x80\xF0\x9F\x8E\x89 party \xF0\x9F\x9A\x80",
    "\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82 \xD0\xBC\xD0\xB8\xD1\x80",
    "line one\nline two\tend",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
};

/* splitmix64: a fixed seed gives the same run everywhere. */
static uint64_t
next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
}

static bool
is_ascii(struct tt_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if ((unsigned char) s.ptr[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

static const struct tt_decoder *
find_decoder(const char *name)
{
    for (size_t i = 0; tt_decoders[i]; i++) {
        if (strcmp(tt_decoders[i]->name, name) == 0) {
            return tt_decoders[i];
        }
    }
    fail_msg("no decoder %s", name);
    return NULL;
}

static struct enc_symbols *
encode(const struct encoder *encoder, struct tt_str text)
{
    struct enc_symbols *symbols = calloc(1, sizeof(*symbols));
    assert_non_null(symbols);
    encoder->encode(text, symbols);
    return symbols;
}

/* What the format's own decoder makes of text; of a run that is too long, the part that is looked at. */
static void
check_round_trip(const struct encoder *encoder, struct tt_str text)
{
    struct enc_symbols *symbols = encode(encoder, text);
    struct tt_arena arena;
    struct tt_payload payload = {0};
    bool whole = symbols->n <= TT_RUN_MAX;
    tt_arena_init(&arena, &tt_alloc_libc, ARENA_MAX);
    assert_true(symbols->n < ENC_MAX);
    assert_int_equal(find_decoder(encoder->format)->decode(&arena, symbols->cp, whole ? symbols->n : TT_RUN_MAX, &payload),
                     TT_OK);
    if (whole) {
        if (!tt_str_eq(payload.bytes, text)) {
            print_message("%s: '%.*s' became '%.*s'\n", encoder->format, (int) text.len, text.ptr, (int) payload.bytes.len,
                          payload.bytes.ptr);
        }
        assert_str_equal(payload.bytes, text);
    } else {
        assert_true(payload.bytes.len > 512);
        assert_true(tt_str_starts(text, tt_str_slice(payload.bytes, 0, payload.bytes.len - 4)));
    }
    tt_arena_free(&arena);
    free(symbols);
}

static void
test_round_trips(void **state)
{
    (void) state;
    for (size_t e = 0; e < encoder_count; e++) {
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
            struct tt_str text = tt_str_cstr(texts[i]);
            bool legacy = strcmp(encoders[e].format, "vercel stega, legacy") == 0; /* takes four symbols at least */
            if (!encoders[e].one_way && (!encoders[e].ascii_only || is_ascii(text)) && (!legacy || text.len > 1)) {
                check_round_trip(&encoders[e], text);
            }
        }
    }
}

/* 2 KiB of words, with repetition for LZ and some of every kind of character. */
static struct tt_str
long_text(char out[2048], bool ascii)
{
    static const char *const words[] = {
        "alpha ", "beta ", "gamma, ", "delta\n", "\xC3\xA9t\xC3\xA9 ", "\xE6\x96\x87\xE5\xAD\x97 ", "\xF0\x9F\x98\x80 "};
    uint64_t seed = 2048;
    size_t len = 0;
    for (;;) {
        const char *word = words[next_random(&seed) % (ascii ? 4 : 7)];
        if (len + strlen(word) > 2048) {
            break;
        }
        memcpy(out + len, word, strlen(word));
        len += strlen(word);
    }
    memset(out + len, '.', 2048 - len);
    return tt_str_make(out, 2048);
}

#define REPEATED "Meet at the old bridge at nine and bring the second notebook. "

static void
test_long_round_trips(void **state)
{
    char text[2048];
    (void) state;
    for (size_t e = 0; e < encoder_count; e++) {
        if (!encoders[e].one_way) {
            check_round_trip(&encoders[e], long_text(text, encoders[e].ascii_only));
            check_round_trip(&encoders[e], long_text(text, true));
            check_round_trip(&encoders[e], TT_STR(REPEATED REPEATED REPEATED REPEATED)); /* compressed, if the format does so */
        }
    }
}

/* Random text of every length up to 40 characters, ASCII and beyond. */
static void
test_random_round_trips(void **state)
{
    static const char *const pieces[] = {
        "a", "e", " ", "T", "7", "-", "\xC3\xBC", "\xE2\x82\xAC", "\xE4\xB8\xAD", "\xF0\x9F\x98\x8A"};
    uint64_t seed = 4711;
    (void) state;
    for (size_t round = 0; round < 400; round++) {
        char text[200];
        size_t len = 0;
        bool ascii = round % 2;
        for (size_t n = 1 + round % 40; n > 0; n--) {
            const char *piece = pieces[next_random(&seed) % (ascii ? 6 : 10)];
            memcpy(text + len, piece, strlen(piece));
            len += strlen(piece);
        }
        const struct encoder *encoder = &encoders[round % encoder_count];
        struct tt_str s = tt_str_make(text, len);
        if (!encoder->one_way && (!encoder->ascii_only || ascii) && len > 1) {
            check_round_trip(encoder, s);
        }
    }
}

static void
test_empty(void **state)
{
    (void) state;
    for (size_t e = 0; e < encoder_count; e++) {
        struct enc_symbols *symbols = encode(&encoders[e], TT_STR(""));
        struct tt_arena arena;
        struct tt_payload payload = {0};
        tt_arena_init(&arena, &tt_alloc_libc, ARENA_MAX);
        assert_int_equal(find_decoder(encoders[e].format)->decode(&arena, symbols->cp, symbols->n, &payload), TT_OK);
        if (payload.bytes.len) {
            print_message("%s\n", encoders[e].format);
        }
        assert_int_equal(payload.bytes.len, 0);
        assert_true(payload.grade < TT_GRADE_TEXT);
        assert_int_equal(find_decoder(encoders[e].format)->decode(&arena, symbols->cp, 0, &payload), TT_OK);
        tt_arena_free(&arena);
        free(symbols);
    }
}

/* The whole list finds the text, whatever else it finds. */
static void
test_read_finds_text(void **state)
{
    static const char *const readable[] = {"hello world", "{\"a\":[1,2,{\"b\":null}]}", "the quick brown fox jumps"};
    (void) state;
    for (size_t e = 0; e < encoder_count; e++) {
        for (size_t i = 0; !encoders[e].one_way && i < sizeof(readable) / sizeof(readable[0]); i++) {
            struct enc_symbols *symbols = encode(&encoders[e], tt_str_cstr(readable[i]));
            struct tt_arena arena;
            struct tt_readings readings;
            bool found = false;
            tt_arena_init(&arena, &tt_alloc_libc, ARENA_MAX);
            assert_int_equal(tt_payload_read(&arena, symbols->cp, symbols->n, &readings), TT_OK);
            assert_true(readings.count > 0);
            assert_true(readings.best[0].grade >= TT_GRADE_TEXT);
            for (size_t k = 0; k < readings.count; k++) {
                found = found || tt_str_eq(readings.best[k].bytes, tt_str_cstr(readable[i]));
            }
            assert_true(found);
            assert_int_equal(readings.more, 0);
            tt_arena_free(&arena);
            free(symbols);
        }
    }
}

static void
test_nothing_to_read(void **state)
{
    static const uint32_t foreign[] = {'a', 0x200B, 0x4E00};
    struct tt_arena arena;
    struct tt_readings readings;
    (void) state;
    tt_arena_init(&arena, &tt_alloc_libc, ARENA_MAX);
    assert_int_equal(tt_payload_read(&arena, NULL, 0, &readings), TT_OK);
    assert_int_equal(readings.count, 0);
    assert_int_equal(tt_payload_read(&arena, foreign, 3, &readings), TT_OK);
    assert_int_equal(readings.count, 0);
    tt_arena_free(&arena);
}

/* A run that is cut off anywhere, at its end or its start, decodes or does not, but never more than was there. */
static void
test_cut_anywhere(void **state)
{
    (void) state;
    for (size_t e = 0; e < encoder_count; e++) {
        struct tt_str text = encoders[e].ascii_only ? TT_STR("hello hello hello world") : tt_str_cstr(texts[4]);
        struct enc_symbols *symbols = encode(&encoders[e], text);
        for (size_t cut = 0; cut <= symbols->n; cut++) {
            struct tt_arena arena;
            struct tt_readings readings;
            tt_arena_init(&arena, &tt_alloc_libc, ARENA_MAX);
            assert_int_equal(tt_payload_read(&arena, symbols->cp, cut, &readings), TT_OK);
            assert_int_equal(tt_payload_read(&arena, symbols->cp + cut, symbols->n - cut, &readings), TT_OK);
            assert_true(readings.count <= TT_READINGS_MAX);
            tt_arena_free(&arena);
        }
        free(symbols);
    }
}

/* ---- noise ---- */

struct alphabet {
    const char *name;
    uint32_t cp[17];
    size_t n;
    uint32_t from, size; /* a range instead, or a second one */
};

static const struct alphabet alphabets[] = {
    {"200B 200C", {0x200B, 0x200C}, 2, 0, 0},
    {"200E 200F", {0x200E, 0x200F}, 2, 0, 0},
    {"200B FEFF", {0x200B, 0xFEFF}, 2, 0, 0},
    {"200C 200D", {0x200C, 0x200D}, 2, 0, 0},
    {"sneaky", {0x2062, 0x2064}, 2, 0, 0},
    {"sneaky 200B", {0x2062, 0x2064, 0x200B}, 3, 0, 0},
    {"200B-200D", {0x200B, 0x200C, 0x200D}, 3, 0, 0},
    {"Steganographr", {0x200B, 0x200C, 0x2060}, 3, 0, 0},
    {"stega", {0x200B, 0x200C, 0x200D, 0xFEFF}, 4, 0, 0},
    {"330k", {0x200C, 0x200D, 0x202C, 0xFEFF}, 4, 0, 0},
    {"base 4", {0x200B, 0x200C, 0x200D, 0x2060}, 4, 0, 0},
    {"zwsp-steg", {0x200B, 0x200C, 0x200D, 0x200E, 0x200F}, 5, 0, 0},
    {"zwc 2", {0x202C, 0x200C, 0x200D, 0x2060, 0x034F}, 5, 0, 0},
    {"zero-width-lib", {0x200E, 0x200F, 0x200C, 0x200D, 0xFEFF, 0x200B}, 6, 0, 0},
    {"StegCloak", {0x200C, 0x200D, 0x2061, 0x2062, 0x2063, 0x2064}, 6, 0, 0},
    {"base 8", {0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x200E, 0x200F, 0x202A}, 8, 0, 0},
    {"zwc 3", {0x202C, 0x200C, 0x200D, 0x2060, 0x2061, 0x2062, 0x2063, 0x2064, 0x034F}, 9, 0, 0},
    {"stega legacy",
     {0x200B, 0x200C, 0x200D, 0x2062, 0x2063, 0x2060, 0xFEFF, 0x2061, 0x1D173, 0x1D174, 0x1D175, 0x1D176, 0x1D177, 0x1D178,
      0x1D179, 0x1D17A},
     16,
     0,
     0},
    {"zwc 4",
     {0x202C, 0x200C, 0x200D, 0x2060, 0x2061, 0x2062, 0x2063, 0x2064, 0x206A, 0x206B, 0x206C, 0x206D, 0x206E, 0x206F, 0x1D173,
      0x1D174, 0x034F},
     17,
     0,
     0},
    {"FE00-FE0F", {0}, 0, 0xFE00, 16},
    {"E0100-E01EF", {0}, 0, 0xE0100, 240},
    {"E0100-E017F", {0}, 0, 0xE0100, 128},
};

#define NOISE_RUNS 20000

static size_t
count_readable(const struct alphabet *alphabet)
{
    uint64_t seed = 1;
    size_t readable = 0;
    struct tt_arena arena;
    tt_arena_init(&arena, &tt_alloc_libc, ARENA_MAX);
    for (size_t round = 0; round < NOISE_RUNS; round++) {
        uint32_t symbols[64];
        struct tt_readings readings;
        size_t n = 8 + next_random(&seed) % 57;
        for (size_t i = 0; i < n; i++) {
            symbols[i] = alphabet->n ? alphabet->cp[next_random(&seed) % alphabet->n]
                                     : alphabet->from + (uint32_t) (next_random(&seed) % alphabet->size);
        }
        assert_int_equal(tt_payload_read(&arena, symbols, n, &readings), TT_OK);
        readable += readings.count > 0 && readings.best[0].grade >= TT_GRADE_FRAMED;
        tt_arena_reset(&arena);
    }
    tt_arena_free(&arena);
    return readable;
}

/* Runs of 8-64 random symbols: fewer than 0.5 % may read as text. */
static void
test_noise_is_not_text(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(alphabets) / sizeof(alphabets[0]); i++) {
        size_t readable = count_readable(&alphabets[i]);
        if (readable * 200 >= NOISE_RUNS) {
            print_message("%s: %zu of %d\n", alphabets[i].name, readable, NOISE_RUNS);
        }
        assert_true(readable * 200 < NOISE_RUNS);
    }
}

/* ---- single formats ---- */

static enum tt_grade
read_with(const char *format, const struct enc_symbols *symbols, struct tt_arena *arena, struct tt_payload *out)
{
    *out = (struct tt_payload) {0};
    assert_int_equal(find_decoder(format)->decode(arena, symbols->cp, symbols->n, out), TT_OK);
    return out->grade;
}

static void
test_zwc(void **state)
{
    struct enc_symbols *symbols = calloc(1, sizeof(*symbols));
    struct tt_arena arena;
    struct tt_payload payload;
    (void) state;
    assert_non_null(symbols);
    tt_arena_init(&arena, &tt_alloc_libc, ARENA_MAX);
    for (unsigned bits = 2; bits <= 4; bits++) {
        for (unsigned checksum = 0; checksum < 8; checksum++) {
            struct tt_str text = TT_STR("secret \xC3\xA9 text");
            symbols->n = 0;
            enc_zwc(text, bits, checksum % 4, checksum >= 4, symbols);
            enum tt_grade grade = read_with("ZWC 0.9", symbols, &arena, &payload);
            assert_int_equal(grade, checksum % 4 ? TT_GRADE_CHECKED : TT_GRADE_TEXT);
            assert_str_equal(payload.bytes, text);
            if (checksum % 4) {
                /* one wrong symbol in the payload */
                symbols->cp[8] = symbols->cp[8] == 0x200C ? 0x200D : 0x200C;
                assert_true(read_with("ZWC 0.9", symbols, &arena, &payload) < TT_GRADE_TEXT);
            }
        }
    }
    tt_arena_free(&arena);
    free(symbols);
}

/* Bytes of a ZWC file by hand: 2-bit coding, CRC-16 of "123456789" is 31C3 in the published parameters. */
static void
test_zwc_known_checksums(void **state)
{
    static const struct {
        unsigned checksum, size;
        uint32_t value;
    } rows[] = {{1, 1, 0xF4}, {2, 2, 0x31C3}, {3, 4, 0xCBF43926}};
    static const uint32_t values[] = {0x202C, 0x200C, 0x200D, 0x2060};
    struct enc_symbols *symbols = calloc(1, sizeof(*symbols));
    (void) state;
    assert_non_null(symbols);
    for (size_t i = 0; i < 3; i++) {
        symbols->n = 0;
        enc_zwc(TT_STR("123456789"), 2, rows[i].checksum, false, symbols);
        uint32_t value = 0;
        for (size_t k = symbols->n - 4 * (size_t) rows[i].size; k < symbols->n; k++) {
            uint32_t digit = 0;
            while (digit < 4 && values[digit] != symbols->cp[k]) {
                digit++;
            }
            value = value << 2 | digit;
        }
        assert_int_equal(value, rows[i].value);
    }
    free(symbols);
}

static void
test_stegcloak_locked(void **state)
{
    struct enc_symbols *symbols = calloc(1, sizeof(*symbols));
    struct tt_arena arena;
    struct tt_payload payload;
    char noise[100];
    uint64_t seed = 99;
    (void) state;
    assert_non_null(symbols);
    for (size_t i = 0; i < sizeof(noise); i++) {
        noise[i] = (char) next_random(&seed);
    }
    tt_arena_init(&arena, &tt_alloc_libc, ARENA_MAX);
    enc_stegcloak_locked(tt_str_make(noise, sizeof(noise)), true, symbols);
    assert_int_equal(read_with("StegCloak", symbols, &arena, &payload), TT_GRADE_FRAMED);
    assert_str_equal(payload.bytes, tt_str_make(noise, sizeof(noise)));
    assert_string_equal(payload.format, "StegCloak, encrypted and signed");
    symbols->n = 0;
    enc_stegcloak_locked(tt_str_make(noise, 30), false, symbols);
    assert_int_equal(read_with("StegCloak", symbols, &arena, &payload), TT_GRADE_FRAMED);
    symbols->n = 0;
    enc_stegcloak_locked(tt_str_make(noise, 20), true, symbols); /* shorter than salt and HMAC */
    assert_int_equal(read_with("StegCloak", symbols, &arena, &payload), TT_GRADE_NONE);
    tt_arena_free(&arena);
    free(symbols);
}

/* Hostile references: before the start, and ones that blow up. */
static void
test_stegcloak_hostile(void **state)
{
    static const uint32_t digit[] = {0x200C, 0x200D, 0x2061, 0x2062};
    struct enc_symbols *symbols = calloc(1, sizeof(*symbols));
    struct tt_arena arena;
    struct tt_payload payload;
    (void) state;
    assert_non_null(symbols);
    tt_arena_init(&arena, &tt_alloc_libc, ARENA_MAX);
    for (unsigned distance = 0; distance < 128; distance += 127) {
        symbols->n = 0;
        symbols->cp[symbols->n++] = digit[0];
        symbols->cp[symbols->n++] = digit[2];
        while (symbols->n + 8 <= TT_RUN_MAX) {
            unsigned bytes[2] = {0xDF, distance};
            for (unsigned i = 0; i < 8; i++) {
                symbols->cp[symbols->n++] = digit[~bytes[i / 4] >> (6 - 2 * (i % 4)) & 3];
            }
        }
        assert_int_equal(read_with("StegCloak", symbols, &arena, &payload), TT_GRADE_NONE);
        /* now with something to repeat in front */
        for (unsigned i = 0; i < 4; i++) {
            symbols->cp[2 + i] = digit[~0x61U >> (6 - 2 * i) & 3];
            symbols->cp[6 + i] = digit[~0x61U >> (6 - 2 * i) & 3];
        }
        read_with("StegCloak", symbols, &arena, &payload);
        assert_true(payload.bytes.len <= TT_DECODED_MAX);
    }
    tt_arena_free(&arena);
    free(symbols);
}

/* "`" is a seven-bit character that reads in one way; a word of many letters does not. */
static void
test_sneaky_variable(void **state)
{
    struct enc_symbols *symbols = calloc(1, sizeof(*symbols));
    struct tt_arena arena;
    struct tt_payload payload;
    (void) state;
    assert_non_null(symbols);
    tt_arena_init(&arena, &tt_alloc_libc, ARENA_MAX);
    const struct encoder *encoder = enc_find("sneaky bits, variable length");
    encoder->encode(TT_STR("I a m 4 u"), symbols);
    assert_int_equal(read_with(encoder->format, symbols, &arena, &payload), TT_GRADE_TEXT);
    assert_str_equal(payload.bytes, TT_STR("I a m 4 u"));
    symbols->n = 0;
    encoder->encode(TT_STR("thequickbrownfoxjumpsoverthelazydog"), symbols);
    assert_int_equal(read_with(encoder->format, symbols, &arena, &payload), TT_GRADE_BYTES);
    assert_int_equal(payload.bytes.len, 0);
    assert_non_null(payload.note);
    assert_non_null(strstr(payload.note, "readings fit"));
    tt_arena_free(&arena);
    free(symbols);
}

static void
test_stega_records(void **state)
{
    struct enc_symbols *symbols = calloc(1, sizeof(*symbols));
    struct tt_arena arena;
    struct tt_payload payload;
    (void) state;
    assert_non_null(symbols);
    tt_arena_init(&arena, &tt_alloc_libc, ARENA_MAX);
    const struct encoder *encoder = enc_find("vercel stega");
    symbols->cp[symbols->n++] = 0xFEFF; /* a stray character in front */
    encoder->encode(TT_STR("{\"href\":\"/a\"}"), symbols);
    encoder->encode(TT_STR("\"plain\""), symbols);
    assert_int_equal(read_with(encoder->format, symbols, &arena, &payload), TT_GRADE_CHECKED);
    assert_str_equal(payload.bytes, TT_STR("{\"href\":\"/a\"}\n\"plain\""));
    tt_arena_free(&arena);
    free(symbols);
}

/* Two formats that read one run: both are given. */
static void
test_several_readings(void **state)
{
    /* nibbles of "efgh", which read from the other side are "Vfv" and more */
    static const uint32_t symbols[] = {0xFE06, 0xFE04, 0xFE06, 0xFE05, 0xFE06, 0xFE06, 0xFE06, 0xFE07};
    struct tt_arena arena;
    struct tt_readings readings;
    (void) state;
    tt_arena_init(&arena, &tt_alloc_libc, ARENA_MAX);
    assert_int_equal(tt_payload_read(&arena, symbols, 8, &readings), TT_OK);
    assert_int_equal(readings.count, 2);
    assert_str_equal(readings.best[0].bytes, TT_STR("defg"));
    assert_str_equal(readings.best[1].bytes, TT_STR("FVfv"));
    tt_arena_free(&arena);
}

/* ---- grades ---- */

static void
test_grades(void **state)
{
    static const struct {
        const char *bytes;
        enum tt_grade grade;
    } rows[] = {
        {"abcd", TT_GRADE_TEXT},
        {"abc", TT_GRADE_BYTES},
        {"ID-7", TT_GRADE_TEXT},
        {"a;{~", TT_GRADE_BYTES},
        {"print('hello, world');", TT_GRADE_TEXT},
        {"ab\x01"
         "cd",
         TT_GRADE_BYTES},
        {"a\nb\tc", TT_GRADE_TEXT},
        {"abcd\xFF", TT_GRADE_BYTES},
        {"ab\xE2\x80\x8B"
         "cd",
         TT_GRADE_BYTES},                                                       /* U+200B */
        {"abcd\xEE\x80\x80", TT_GRADE_BYTES},                                   /* private use */
        {"\xE4\xBD\xA0\xE5\xA5\xBD\xE4\xB8\x96\xE7\x95\x8C", TT_GRADE_TEXT},    /* four ideographs */
        {"\xE4\xBD\xA0\xE5\xA5\xBD\xEA\xB0\x80\xEA\xB0\x81", TT_GRADE_BYTES},   /* Han and Hangul */
        {"ab \xD0\xB0\xD0\xB1", TT_GRADE_BYTES},                                /* short, of two scripts */
        {"user \xD0\xB0\xD0\xB1\xD0\xB2", TT_GRADE_TEXT},                       /* Latin and Cyrillic */
        {"a\xD0\xB0\xCE\xB1\xD7\x90", TT_GRADE_BYTES},                          /* four scripts */
        {"\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB and me", TT_GRADE_TEXT}, /* an emoji with its joiner */
        {"{}", TT_GRADE_CHECKED},
        {"[]", TT_GRADE_CHECKED},
        {" [ 1 , -2.5e+3 , \"\\u00e9\\n\" , {\"a\" : [ ] } , true , null ] \n", TT_GRADE_CHECKED},
        {"[1,]", TT_GRADE_BYTES},
        {"[01]", TT_GRADE_BYTES},
        {"{\"a\"}", TT_GRADE_BYTES},
        {"{\"a\":}", TT_GRADE_BYTES},
        {"[1] 2", TT_GRADE_BYTES},
        {"[\"\\x\"]", TT_GRADE_BYTES},
        {"[\"\\u12g4\"]", TT_GRADE_BYTES},
        {"[tru]", TT_GRADE_BYTES},
        {"]", TT_GRADE_BYTES},
        {"", TT_GRADE_NONE},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum tt_grade grade = tt_payload_grade(tt_str_cstr(rows[i].bytes));
        if (grade != rows[i].grade) {
            print_message("row %zu: %s\n", i, rows[i].bytes);
        }
        assert_int_equal(grade, rows[i].grade);
    }
}

static void
test_json_depth(void **state)
{
    char deep[2 * TT_JSON_DEPTH_MAX + 2];
    (void) state;
    memset(deep, '[', TT_JSON_DEPTH_MAX);
    memset(deep + TT_JSON_DEPTH_MAX, ']', TT_JSON_DEPTH_MAX);
    assert_int_equal(tt_payload_grade(tt_str_make(deep, 2 * (size_t) TT_JSON_DEPTH_MAX)), TT_GRADE_CHECKED);
    memset(deep, '[', TT_JSON_DEPTH_MAX + 1);
    memset(deep + TT_JSON_DEPTH_MAX + 1, ']', TT_JSON_DEPTH_MAX + 1);
    assert_true(tt_payload_grade(tt_str_make(deep, sizeof(deep))) < TT_GRADE_CHECKED);
}

/* ---- memory ---- */

static bool
read_once(void *ctx, const struct tt_alloc *alloc)
{
    const struct enc_symbols *symbols = ctx;
    struct tt_arena arena;
    struct tt_readings readings;
    tt_arena_init(&arena, alloc, ARENA_MAX);
    enum tt_status status = tt_payload_read(&arena, symbols->cp, symbols->n, &readings);
    assert_true(status == TT_OK || status == TT_E_MEMORY);
    tt_arena_free(&arena);
    return status == TT_OK;
}

static void
test_failing_memory(void **state)
{
    char text[2048];
    (void) state;
    for (size_t e = 0; e < encoder_count; e++) {
        struct enc_symbols *symbols = encode(&encoders[e], tt_str_slice(long_text(text, true), 0, 700));
        test_every_allocation(read_once, symbols);
        free(symbols);
    }
}

/* An arena that is too small is out of memory, not a crash. */
static void
test_small_arena(void **state)
{
    (void) state;
    for (size_t max = 0; max < 4096; max += 37) {
        struct enc_symbols *symbols = encode(&encoders[7], TT_STR("{\"some\":\"text\"}"));
        struct tt_arena arena;
        struct tt_readings readings;
        tt_arena_init(&arena, &tt_alloc_libc, max);
        enum tt_status status = tt_payload_read(&arena, symbols->cp, symbols->n, &readings);
        assert_true(status == TT_OK || status == TT_E_MEMORY);
        tt_arena_free(&arena);
        free(symbols);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_long_round_trips),
        cmocka_unit_test(test_random_round_trips),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_read_finds_text),
        cmocka_unit_test(test_nothing_to_read),
        cmocka_unit_test(test_cut_anywhere),
        cmocka_unit_test(test_noise_is_not_text),
        cmocka_unit_test(test_zwc),
        cmocka_unit_test(test_zwc_known_checksums),
        cmocka_unit_test(test_stegcloak_locked),
        cmocka_unit_test(test_stegcloak_hostile),
        cmocka_unit_test(test_sneaky_variable),
        cmocka_unit_test(test_stega_records),
        cmocka_unit_test(test_several_readings),
        cmocka_unit_test(test_grades),
        cmocka_unit_test(test_json_depth),
        cmocka_unit_test(test_failing_memory),
        cmocka_unit_test(test_small_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
