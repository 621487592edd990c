/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Codings that nobody has described: alphabets, digits, orders, separators, frames and layers are put together here by a small writer that
 * shares nothing with the readers, and each combination must be read back.
 */
#include "test.h"

#include "marks/payload.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SYMBOLS 8192
#define ARENA_MAX ((size_t) 4 << 20)

static const char *const messages[] = {
    "user=4711 host=alpha", "The courier leaves at dawn.", "{\"u\":\"alice\",\"n\":42}",
    "3f7c0a9e-5512-4c1b",   "id:77 zone:Europe/Berlin",
};

static const uint32_t alphabets[][10] = {
    {0x200B, 0x200C, 0x200D, 0x2060, 0x2061, 0x2062, 0x2063, 0x2064, 0x206A, 0x206B},
    {0xFEFF, 0x200B, 0x2060, 0x200C, 0x180E, 0x200D, 0x2061, 0x034F, 0x2062, 0x2063},
    {0x200F, 0x200E, 0x202A, 0x202C, 0x2066, 0x2069, 0x206A, 0x206B, 0x206C, 0x206D},
    {0xFE01, 0xFE00, 0xFE03, 0xFE02, 0xFE04, 0xFE05, 0xFE06, 0xFE07, 0xFE08, 0xFE09},
    {0x1D173, 0x1D174, 0x1D175, 0x1D176, 0x1D177, 0x1D178, 0x1D179, 0x1D17A, 0x1BCA0, 0x1BCA1},
};

struct symbols {
    uint32_t cp[SYMBOLS];
    size_t n;
};

/* Appends value in width digits, the first being the most or the least significant. */
static void
put_digits(struct symbols *s, const uint32_t *alphabet, unsigned base, unsigned width, bool low_first, uint32_t value)
{
    for (unsigned i = 0; i < width; i++) {
        uint32_t digit = value % base;
        value /= base;
        size_t at = s->n + (low_first ? i : width - 1 - i);
        assert_true(at < SYMBOLS);
        s->cp[at] = alphabet[digit];
    }
    s->n += width;
}

/* The readings of s; true when text is among them, or within one. */
static bool
says(const struct symbols *s, struct tt_str text)
{
    struct tt_arena arena;
    struct tt_readings readings;
    bool found = false;
    tt_arena_init(&arena, &tt_alloc_libc, ARENA_MAX);
    assert_int_equal(tt_payload_read(&arena, s->cp, s->n, &readings), TT_OK);
    for (size_t i = 0; i < readings.count && !found; i++) {
        struct tt_payload inner;
        bool is_text = readings.best[i].grade >= TT_GRADE_TEXT;
        assert_int_equal(tt_payload_inner(&arena, readings.best[i].bytes, &inner), TT_OK);
        found = is_text &&
                (tt_str_eq(readings.best[i].bytes, text) || (inner.grade >= TT_GRADE_TEXT && tt_str_eq(inner.bytes, text)));
    }
    tt_arena_free(&arena);
    return found;
}

static void
check(const struct symbols *s, const char *text, const char *coding, size_t alphabet)
{
    if (!says(s, tt_str_cstr(text))) {
        fail_msg("%s, alphabet %zu: not read: %s", coding, alphabet, text);
    }
}

static void
test_groups(void **state)
{
    (void) state;
    static const struct {
        const char *name;
        unsigned base, width; /* width digits for each unit of the message */
    } groups[] = {
        {"8 bits", 2, 8},          {"7 bits", 2, 7},           {"16 bits", 2, 16},
        {"base 3 of ASCII", 3, 5}, {"base 3", 3, 6},           {"base 3 of UTF-16", 3, 11},
        {"base 4", 4, 4},          {"base 4 of UTF-16", 4, 8},
    };
    struct symbols s;
    for (size_t m = 0; m < COUNT(messages); m++) {
        for (size_t a = 0; a < COUNT(alphabets); a++) {
            for (size_t i = 0; i < COUNT(groups); i++) {
                for (int low = 0; low < 2; low++) {
                    s.n = 0;
                    for (const char *p = messages[m]; *p; p++) {
                        put_digits(&s, alphabets[a], groups[i].base, groups[i].width, low, (unsigned char) *p);
                    }
                    check(&s, messages[m], groups[i].name, a);
                }
            }
        }
    }
}

/* Digits of a larger alphabet stand in the order of code points, or in its reverse. */
static void
test_large_bases(void **state)
{
    (void) state;
    static const char *const text = "The courier leaves at dawn and waits behind the mill until noon, with 7 letters (3 sealed).";
    static const struct {
        unsigned base, width;
    } groups[] = {{5, 4}, {5, 3}, {6, 3}, {7, 3}, {8, 3}, {10, 3}, {16, 2}};
    struct symbols s;
    for (size_t i = 0; i < COUNT(groups); i++) {
        for (int reversed = 0; reversed < 2; reversed++) {
            uint32_t alphabet[16];
            for (unsigned k = 0; k < groups[i].base; k++) {
                alphabet[reversed ? groups[i].base - 1 - k : k] = 0xE0100 + k;
            }
            s.n = 0;
            for (const char *p = text; *p; p++) {
                put_digits(&s, alphabet, groups[i].base, groups[i].width, false, (unsigned char) *p);
            }
            check(&s, text, "a large base", groups[i].base);
        }
    }
}

static void
put_number(struct symbols *s, const uint32_t *alphabet, uint32_t value)
{
    unsigned width = 1;
    while (value >> width) {
        width++;
    }
    put_digits(s, alphabet, 2, width, false, value);
}

static void
test_numbers(void **state)
{
    (void) state;
    struct symbols s;
    for (size_t m = 0; m < COUNT(messages); m++) {
        for (size_t a = 0; a < COUNT(alphabets); a++) {
            for (int trailing = 0; trailing < 2; trailing++) {
                s.n = 0;
                for (const char *p = messages[m]; *p; p++) {
                    put_number(&s, alphabets[a], (unsigned char) *p);
                    if (p[1] || trailing) {
                        s.cp[s.n++] = alphabets[a][2];
                    }
                }
                check(&s, messages[m], "numbers with a separator", a);
            }
        }
    }
}

/* A mark before and behind the bits, which is none of their symbols. */
static void
test_marks_at_ends(void **state)
{
    (void) state;
    struct symbols s;
    for (size_t m = 0; m < COUNT(messages); m++) {
        for (int same = 0; same < 2; same++) {
            s.n = 0;
            s.cp[s.n++] = 0x2063;
            for (const char *p = messages[m]; *p; p++) {
                put_digits(&s, alphabets[0], 2, 8, false, (unsigned char) *p);
            }
            s.cp[s.n++] = same ? 0x2063 : 0xFEFF;
            check(&s, messages[m], "bits between marks", (size_t) same);
        }
    }
}

static void
put_selectors(struct symbols *s, const char *bytes, size_t n, unsigned key)
{
    for (size_t i = 0; i < n; i++) {
        unsigned byte = (unsigned char) bytes[i] ^ key;
        s->cp[s->n++] = byte < 16 ? 0xFE00 + byte : 0xE0100 + byte - 16;
    }
}

static void
test_frames(void **state)
{
    (void) state;
    static const struct {
        const char *name, *head, *tail;
        size_t head_len, tail_len;
    } frames[] = {
        {"magic", "\xF1\x07", "", 2, 0},       {"length", "\x14", "", 1, 0},   {"long length", "\0\0\0\x14", "", 4, 0},
        {"little length", "\x14\0", "", 2, 0}, {"terminator", "", "\0", 0, 1}, {"checksum", "", "\x9E\xA9\x01\xF3", 0, 4},
    };
    struct symbols s;
    for (size_t i = 0; i < COUNT(frames); i++) {
        s.n = 0;
        put_selectors(&s, frames[i].head, frames[i].head_len, 0);
        put_selectors(&s, messages[0], strlen(messages[0]), 0);
        put_selectors(&s, frames[i].tail, frames[i].tail_len, 0);
        check(&s, messages[0], frames[i].name, i);
    }
    s.n = 0;
    put_selectors(&s, messages[1], strlen(messages[1]), 0xFF);
    check(&s, messages[1], "inverted", 0);
    s.n = 0;
    for (const char *p = messages[1]; *p; p++) {
        s.cp[s.n++] = 0xE0100 + (uint32_t) (*p - 0x20);
    }
    check(&s, messages[1], "moved", 0);
}

static void
test_layers(void **state)
{
    (void) state;
    static const struct {
        const char *name, *text, *within;
    } layers[] = {
        {"base64", "dXNlcj00NzExIGhvc3Q9YWxwaGE=", "user=4711 host=alpha"},
        {"base64 for addresses, unpadded", "dXNlcj00NzExIGhvc3Q9YWxwaGE", "user=4711 host=alpha"},
        {"base32", "OVZWK4R5GQ3TCMJANBXXG5B5MFWHA2DB", "user=4711 host=alpha"},
        {"hexadecimal", "757365723d3437313120686f73743d616c706861", "user=4711 host=alpha"},
        {"a word", "international", NULL},
        {"a hash", "9f86d081884c7d659a2feaa0c55ad015", NULL},
        {"short", "YWJj", NULL},
        {"odd", "75736", NULL},
    };
    struct tt_arena arena;
    tt_arena_init(&arena, &tt_alloc_libc, ARENA_MAX);
    for (size_t i = 0; i < COUNT(layers); i++) {
        struct tt_payload inner;
        assert_int_equal(tt_payload_inner(&arena, tt_str_cstr(layers[i].text), &inner), TT_OK);
        assert_int_equal(inner.grade, layers[i].within ? TT_GRADE_TEXT : TT_GRADE_NONE);
        if (layers[i].within) {
            assert_str_equal(inner.bytes, tt_str_cstr(layers[i].within));
        }
    }
    tt_arena_free(&arena);
}

/* zlib's header is recognised; what is compressed is not read. */
static void
test_compressed(void **state)
{
    (void) state;
    static const char zlib[] = "\x78\x9C\x2B\x2D\x4E\x2D\xB2\x35\x31\x37\x34\x54\xC8\xC8\x2F\x2E\xB1\x4D\xCC\x29\xC8\x48\x04";
    struct tt_arena arena;
    struct tt_readings readings;
    struct symbols s = {.n = 0};
    tt_arena_init(&arena, &tt_alloc_libc, ARENA_MAX);
    put_selectors(&s, zlib, sizeof(zlib) - 1, 0);
    assert_int_equal(tt_payload_read(&arena, s.cp, s.n, &readings), TT_OK);
    assert_int_equal(readings.count, 1);
    assert_int_equal(readings.best[0].grade, TT_GRADE_FRAMED);
    assert_non_null(readings.best[0].note);
    tt_arena_free(&arena);
}

static bool
read_once(void *ctx, const struct tt_alloc *alloc)
{
    const struct symbols *s = ctx;
    struct tt_arena arena;
    struct tt_readings readings;
    tt_arena_init(&arena, alloc, ARENA_MAX);
    enum tt_status status = tt_payload_read(&arena, s->cp, s->n, &readings);
    tt_arena_free(&arena);
    assert_true(status == TT_OK || status == TT_E_MEMORY);
    return status == TT_OK;
}

static void
test_memory(void **state)
{
    (void) state;
    struct symbols s = {.n = 0};
    for (const char *p = messages[0]; *p; p++) {
        put_digits(&s, alphabets[1], 3, 6, true, (unsigned char) *p);
    }
    test_every_allocation(read_once, &s);
    s.n = 0;
    put_selectors(&s, "\x14", 1, 0);
    put_selectors(&s, messages[0], strlen(messages[0]), 0);
    test_every_allocation(read_once, &s);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups),        cmocka_unit_test(test_large_bases), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_marks_at_ends), cmocka_unit_test(test_frames),      cmocka_unit_test(test_layers),
        cmocka_unit_test(test_compressed),    cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
