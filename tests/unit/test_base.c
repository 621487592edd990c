/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The base room: strings, allocator, buffer, arena, hashes, status.
 *
 * SHA-256 vectors: FIPS 180-4 examples and the lengths around its padding, from another implementation.  SipHash-1-3
 * vectors: from a separate program that was checked with the published SipHash-2-4 vectors and, for a key of zero, with
 * CPython's own hash.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/crc.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "base/status.h"
#include "test.h"

/* ---- str ---- */

static void
test_str_compare(void **state)
{
    (void) state;
    const struct tt_str none = {0};
    assert_true(tt_str_eq(none, TT_STR("")));
    assert_true(tt_str_eq(TT_STR("a\0b"), tt_str_make("a\0b", 3)));
    assert_false(tt_str_eq(TT_STR("a\0b"), TT_STR("a\0c")));
    assert_false(tt_str_eq(TT_STR("a"), TT_STR("ab")));
    assert_true(tt_str_starts(TT_STR("abc"), TT_STR("ab")));
    assert_true(tt_str_starts(TT_STR("abc"), none));
    assert_true(tt_str_starts(none, none));
    assert_false(tt_str_starts(TT_STR("ab"), TT_STR("abc")));
    assert_false(tt_str_starts(TT_STR("abc"), TT_STR("bc")));
    assert_true(tt_str_ends(TT_STR("abc"), TT_STR("bc")));
    assert_true(tt_str_ends(TT_STR("abc"), TT_STR("abc")));
    assert_true(tt_str_ends(none, none));
    assert_false(tt_str_ends(TT_STR("bc"), TT_STR("abc")));
    assert_false(tt_str_ends(TT_STR("abc"), TT_STR("ab")));
    assert_int_equal(tt_str_cstr(NULL).len, 0);
    assert_str_equal(tt_str_cstr("abc"), TT_STR("abc"));
}

static void
test_str_slice(void **state)
{
    (void) state;
    static const struct {
        size_t from, to;
        const char *part;
    } cases[] = {
        {0, 5, "hello"},
        {0, 0, ""},
        {1, 3, "el"},
        {4, 5, "o"},
        {5, 5, ""},
        {3, 2, ""},
        {6, 9, ""},
        {2, 100, "llo"},
        {0, SIZE_MAX, "hello"},
        {SIZE_MAX, SIZE_MAX, ""},
        {SIZE_MAX, 0, ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_str_equal(tt_str_slice(TT_STR("hello"), cases[i].from, cases[i].to), tt_str_cstr(cases[i].part));
    }
    assert_int_equal(tt_str_slice((struct tt_str) {0}, 0, 7).len, 0);
}

/* Against the definition, for every value that a plain or unsigned char can have. */
static void
test_ascii(void **state)
{
    (void) state;
    static const char hex[] = "0123456789abcdef", hex_upper[] = "0123456789ABCDEF";
    for (int c = -128; c < 256; c++) {
        bool digit = c >= 48 && c <= 57, upper = c >= 65 && c <= 90, lower = c >= 97 && c <= 122;
        const char *low = c > 0 ? strchr(hex, c) : NULL;
        const char *up = c > 0 ? strchr(hex_upper, c) : NULL;
        assert_int_equal(tt_ascii_is_digit(c), digit);
        assert_int_equal(tt_ascii_is_alpha(c), upper || lower);
        assert_int_equal(tt_ascii_lower(c), upper ? c + 32 : c);
        assert_int_equal(tt_ascii_hex(c), low ? low - hex : up ? up - hex_upper : -1);
    }
}

/* ---- alloc ---- */

static void
test_alloc(void **state)
{
    (void) state;
    const struct tt_alloc *a = &tt_alloc_libc;
    char *p = tt_alloc_new(a, 10);
    assert_non_null(p);
    memcpy(p, "123456789", 10);
    p = tt_alloc_resize(a, p, 10, 100000);
    assert_non_null(p);
    assert_string_equal(p, "123456789");
    p = tt_alloc_resize(a, p, 100000, 4);
    assert_memory_equal(p, "1234", 4);
    tt_alloc_free(a, p, 4);
    tt_alloc_free(a, NULL, 4);
    assert_null(tt_alloc_resize(a, tt_alloc_new(a, 1), 1, 0)); /* a new size of 0 frees */
}

/* The allocator of the tests itself: it fails where it is told to, and counts. */
static void
test_failing_alloc(void **state)
{
    (void) state;
    struct test_alloc t;
    test_alloc_init(&t, 1);
    void *p = tt_alloc_new(&t.alloc, 8);
    assert_non_null(p);
    assert_null(tt_alloc_new(&t.alloc, 8));
    assert_null(tt_alloc_resize(&t.alloc, p, 8, 16)); /* and from there on always */
    assert_int_equal(t.live, 1);
    assert_int_equal(t.bytes, 8);
    tt_alloc_free(&t.alloc, p, 8);
    assert_int_equal(t.live, 0);
    assert_int_equal(t.bytes, 0);
    assert_int_equal(t.peak, 8);
    assert_int_equal(t.requests, 3);
}

/* ---- buf ---- */

static void
test_buf_pieces(void **state)
{
    (void) state;
    struct tt_buf b;
    tt_buf_init(&b, &tt_alloc_libc, 1000);
    assert_null(b.ptr);
    tt_buf_add(&b, (struct tt_str) {0});
    assert_null(b.ptr);
    tt_buf_add_cstr(&b, "a");
    tt_buf_add_cstr(&b, NULL);
    tt_buf_add_char(&b, '\0');
    tt_buf_add_u64(&b, 0);
    tt_buf_add_char(&b, ' ');
    tt_buf_add_u64(&b, 10);
    tt_buf_add_char(&b, ' ');
    tt_buf_add_u64(&b, UINT64_MAX);
    tt_buf_add_hex(&b, TT_STR("\0\x7f\x80\xff"));
    assert_str_equal(tt_buf_str(&b), TT_STR("a\0"
                                            "0 10 18446744073709551615007f80ff"));
    assert_int_equal(b.status, TT_OK);
    tt_buf_clear(&b);
    assert_int_equal(b.len, 0);
    assert_true(b.cap > 0);
    tt_buf_free(&b);
    assert_null(b.ptr);
    assert_int_equal(b.max, 1000);
}

static void
test_buf_codepoint(void **state)
{
    (void) state;
    static const struct {
        uint32_t cp;
        const char *text;
    } cases[] = {
        {0, "U+0000"},        {0x2bc, "U+02BC"},      {0xffff, "U+FFFF"},         {0x10000, "U+10000"},
        {0x1f600, "U+1F600"}, {0x10ffff, "U+10FFFF"}, {0xffffffff, "U+FFFFFFFF"}, {0x100000, "U+100000"},
    };
    struct tt_buf b;
    tt_buf_init(&b, &tt_alloc_libc, 100);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        tt_buf_clear(&b);
        tt_buf_add_codepoint(&b, cases[i].cp);
        assert_str_equal(tt_buf_str(&b), tt_str_cstr(cases[i].text));
    }
    tt_buf_free(&b);
}

/* len <= cap <= max always; the first failure sticks and what was there stays. */
static void
test_buf_bound(void **state)
{
    (void) state;
    for (size_t max = 0; max < 2000; max = max * 3 / 2 + 1) {
        struct tt_buf b;
        tt_buf_init(&b, &tt_alloc_libc, max);
        for (size_t i = 0; i < max; i++) {
            tt_buf_add_char(&b, (char) i);
            assert_int_equal(b.len, i + 1);
            assert_true(b.len <= b.cap && b.cap <= b.max);
        }
        assert_int_equal(b.status, TT_OK);
        tt_buf_add(&b, TT_STR(""));
        assert_int_equal(b.status, TT_OK);
        tt_buf_add_char(&b, 'x');
        assert_int_equal(b.status, TT_E_LIMIT);
        assert_int_equal(b.len, max);
        tt_buf_drop(&b, b.len);
        tt_buf_add_char(&b, 'x'); /* room again, but the failure sticks */
        assert_int_equal(b.len, 0);
        assert_int_equal(b.status, TT_E_LIMIT);
        assert_null(tt_buf_reserve(&b, 0));
        tt_buf_clear(&b);
        assert_int_equal(b.status, TT_OK);
        tt_buf_free(&b);
    }
}

static void
test_buf_reserve(void **state)
{
    (void) state;
    struct tt_buf b;
    tt_buf_init(&b, &tt_alloc_libc, 5000);
    assert_non_null(tt_buf_reserve(&b, 0));
    char *to = tt_buf_reserve(&b, 3000);
    assert_non_null(to);
    assert_true(b.cap >= 3000 && b.cap <= 5000);
    memset(to, 'a', 3000);
    b.len += 3000;
    to = tt_buf_reserve(&b, 2000);
    assert_ptr_equal(to, b.ptr + 3000);
    assert_int_equal(b.cap, 5000);
    assert_null(tt_buf_reserve(&b, 2001));
    assert_int_equal(b.status, TT_E_LIMIT);
    tt_buf_clear(&b);
    assert_null(tt_buf_reserve(&b, SIZE_MAX));
    assert_int_equal(b.status, TT_E_LIMIT);
    tt_buf_free(&b);
}

static void
test_buf_drop(void **state)
{
    (void) state;
    struct tt_buf b;
    tt_buf_init(&b, &tt_alloc_libc, 100);
    tt_buf_drop(&b, 0);
    tt_buf_add_cstr(&b, "abcdef");
    tt_buf_drop(&b, 2);
    assert_str_equal(tt_buf_str(&b), TT_STR("cdef"));
    tt_buf_drop(&b, 0);
    tt_buf_add_cstr(&b, "gh");
    assert_str_equal(tt_buf_str(&b), TT_STR("cdefgh"));
    tt_buf_drop(&b, 6);
    assert_int_equal(b.len, 0);
    tt_buf_free(&b);
}

/* Grows through several sizes; after a failure the buffer holds a prefix of what was written. */
static bool
fill_buf(void *ctx, const struct tt_alloc *alloc)
{
    (void) ctx;
    struct tt_buf b;
    tt_buf_init(&b, alloc, TT_MIB);
    for (uint64_t i = 0; i < 2000; i++) {
        tt_buf_add_u64(&b, i % 10);
    }
    bool done = b.status == TT_OK;
    assert_true(done || b.status == TT_E_MEMORY);
    assert_int_equal(done, b.len == 2000);
    for (size_t i = 0; i < b.len; i++) {
        assert_int_equal(b.ptr[i], '0' + (int) (i % 10));
    }
    tt_buf_free(&b);
    return done;
}

static void
test_buf_no_memory(void **state)
{
    (void) state;
    test_every_allocation(fill_buf, NULL);
}

/* ---- arena ---- */

static void
test_arena_blocks(void **state)
{
    (void) state;
    struct tt_arena arena;
    unsigned char *blocks[500];
    tt_arena_init(&arena, &tt_alloc_libc, 64 * TT_MIB);
    for (size_t i = 0; i < 500; i++) {
        size_t size = i * 37 % 3000 + (i % 100 == 99 ? 2 * TT_ARENA_CHUNK_MAX : 0);
        blocks[i] = tt_arena_get(&arena, size);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t) blocks[i] % _Alignof(max_align_t), 0);
        memset(blocks[i], (int) (i & 255), size);
    }
    for (size_t i = 0; i < 500; i++) { /* no block lies in another */
        size_t size = i * 37 % 3000;
        for (size_t k = 0; k < size; k++) {
            assert_int_equal(blocks[i][k], i & 255);
        }
    }
    tt_arena_free(&arena);
    assert_int_equal(arena.used, 0);
    assert_non_null(tt_arena_get(&arena, 1)); /* may be used again */
    tt_arena_free(&arena);
}

static void
test_arena_cap(void **state)
{
    (void) state;
    const size_t align = _Alignof(max_align_t);
    struct test_alloc t;
    struct tt_arena arena;
    test_alloc_init(&t, -1);
    tt_arena_init(&arena, &t.alloc, 10 * align);
    assert_int_equal(t.requests, 0);
    assert_null(tt_arena_get(&arena, SIZE_MAX));
    assert_null(tt_arena_get(&arena, SIZE_MAX - align + 2));
    assert_null(tt_arena_get(&arena, 10 * align + 1));
    assert_int_equal(arena.used, 0);
    for (size_t i = 0; i < 10; i++) {
        assert_non_null(tt_arena_get(&arena, i % align + 1)); /* rounded up to one unit each */
        assert_int_equal(arena.used, (i + 1) * align);
    }
    assert_null(tt_arena_get(&arena, 1));
    assert_non_null(tt_arena_get(&arena, 0));
    tt_arena_reset(&arena);
    assert_non_null(tt_arena_get(&arena, 10 * align));
    tt_arena_free(&arena);
    assert_int_equal(t.live, 0);
}

/* reset keeps one ordinary chunk, never a large one. */
static void
test_arena_reset(void **state)
{
    (void) state;
    struct test_alloc t;
    struct tt_arena arena;
    test_alloc_init(&t, -1);
    tt_arena_init(&arena, &t.alloc, 64 * TT_MIB);
    tt_arena_reset(&arena);
    assert_non_null(tt_arena_get(&arena, 100));
    assert_non_null(tt_arena_get(&arena, 4 * TT_ARENA_CHUNK_MAX));
    assert_int_equal(t.live, 2);
    tt_arena_reset(&arena);
    assert_int_equal(t.live, 1);
    assert_true(t.bytes < 2 * TT_ARENA_CHUNK_MIN);
    assert_int_equal(arena.used, 0);
    long requests = t.requests;
    for (int i = 0; i < 100; i++) {
        assert_non_null(tt_arena_get(&arena, 1000));
        tt_arena_reset(&arena);
    }
    assert_int_equal(t.requests, requests);
    tt_arena_free(&arena);
    assert_non_null(tt_arena_get(&arena, 4 * TT_ARENA_CHUNK_MAX));
    tt_arena_reset(&arena);
    assert_int_equal(t.live, 0);
    tt_arena_free(&arena);
}

static void
test_arena_dup(void **state)
{
    (void) state;
    struct tt_arena arena;
    struct tt_str copy;
    tt_arena_init(&arena, &tt_alloc_libc, 64);
    assert_int_equal(tt_arena_dup(&arena, TT_STR("a\0b"), &copy), TT_OK);
    assert_str_equal(copy, TT_STR("a\0b"));
    assert_int_equal(copy.ptr[3], 0);
    assert_int_equal(tt_arena_dup(&arena, (struct tt_str) {0}, &copy), TT_OK);
    assert_int_equal(copy.len, 0);
    assert_int_equal(copy.ptr[0], 0);
    static const char large[65];
    copy = TT_STR("before");
    assert_int_equal(tt_arena_dup(&arena, tt_str_make(large, 64), &copy), TT_E_MEMORY);
    assert_int_equal(copy.len, 0);
    assert_non_null(copy.ptr);
    assert_int_equal(tt_arena_dup(&arena, tt_str_make(large, SIZE_MAX), &copy), TT_E_MEMORY);
    tt_arena_free(&arena);
}

static bool
fill_arena(void *ctx, const struct tt_alloc *alloc)
{
    (void) ctx;
    struct tt_arena arena;
    struct tt_str copy;
    bool done = true;
    tt_arena_init(&arena, alloc, TT_MIB);
    for (size_t i = 0; i < 40 && done; i++) {
        size_t used = arena.used;
        done = tt_arena_get(&arena, 1000) != NULL && tt_arena_dup(&arena, TT_STR("text"), &copy) == TT_OK;
        assert_true(done || arena.used == used || arena.used == used + 1008);
    }
    tt_arena_reset(&arena);
    done = done && tt_arena_get(&arena, 10) != NULL;
    tt_arena_free(&arena);
    return done;
}

static void
test_arena_no_memory(void **state)
{
    (void) state;
    test_every_allocation(fill_arena, NULL);
}

/* ---- hash ---- */

static void
assert_sha256(const struct tt_sha256 *sha, const char *hex)
{
    struct tt_sha256 copy = *sha;
    unsigned char sum[TT_SHA256_SIZE];
    struct tt_buf b;
    tt_buf_init(&b, &tt_alloc_libc, 64);
    tt_sha256_end(&copy, sum);
    tt_buf_add_hex(&b, tt_str_make(sum, sizeof(sum)));
    assert_str_equal(tt_buf_str(&b), tt_str_cstr(hex));
    tt_buf_free(&b);
}

static void
test_sha256(void **state)
{
    (void) state;
    static const struct {
        struct tt_str text;
        const char *hex;
    } cases[] = {
        {TT_STR_INIT(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {TT_STR_INIT("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {TT_STR_INIT("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {TT_STR_INIT("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrst"
                     "nopqrstu"),
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t cut = 0; cut <= cases[i].text.len; cut++) { /* in two pieces, at every place */
            struct tt_sha256 sha;
            tt_sha256_init(&sha);
            tt_sha256_add(&sha, tt_str_slice(cases[i].text, 0, cut));
            tt_sha256_add(&sha, tt_str_slice(cases[i].text, cut, cases[i].text.len));
            assert_sha256(&sha, cases[i].hex);
        }
    }
}

/* Lengths at which the padding takes another form, and a million bytes in uneven pieces. */
static void
test_sha256_lengths(void **state)
{
    (void) state;
    static const struct {
        size_t length;
        const char *hex;
    } cases[] = {
        {55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
        {56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
        {63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
        {64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
        {65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"},
        {119, "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"},
        {120, "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c"},
        {128, "6836cf13bac400e9105071cd6af47084dfacad4e5e302c94bfed24e013afb73e"},
        {1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
    };
    static char text[4096];
    memset(text, 'a', sizeof(text));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tt_sha256 sha;
        tt_sha256_init(&sha);
        for (size_t left = cases[i].length, step = 1; left > 0; step = step * 7 % 4093 + 1) {
            size_t n = step < left ? step : left;
            tt_sha256_add(&sha, tt_str_make(text, n));
            left -= n;
        }
        assert_sha256(&sha, cases[i].hex);
    }
}

static void
test_hash64(void **state)
{
    (void) state;
    static const struct {
        size_t length;
        uint64_t hash;
    } cases[] = {
        {0, 0xabac0158050fc4dc},   {1, 0xc9f49bf37d57ca93},  {2, 0x82cb9b024dc7d44d},  {3, 0x8bf80ab8e7ddf7fb},
        {4, 0xcf75576088d38328},   {5, 0xdef9d52f49533b67},  {6, 0xc50d2b50c59f22a7},  {7, 0xd3927d989bb11140},
        {8, 0x369095118d299a8e},   {9, 0x25a48eb36c063de4},  {10, 0x79de85ee92ff097f}, {11, 0x70c118c1f94dc352},
        {12, 0x78a384b157b4d9a2},  {13, 0x306f760c1229ffa7}, {14, 0x605aa111c0f95d34}, {15, 0xd320d86d2a519956},
        {16, 0xcc4fdd1a7d908b66},  {63, 0x9d199062b7bbb3a8}, {64, 0xf17997ec4b4a6065}, {255, 0xf76214e3153c4a15},
        {256, 0x75b3e64e167de370},
    };
    char text[256];
    for (size_t i = 0; i < sizeof(text); i++) {
        text[i] = (char) i;
    }
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t hash = tt_hash64(0x0706050403020100, 0x0f0e0d0c0b0a0908, tt_str_make(text, cases[i].length));
        assert_true(hash == cases[i].hash);
    }
    assert_true(tt_hash64(0, 0, TT_STR("model")) == 0x39a8f6bed6e94390);
    assert_true(tt_hash64(UINT64_MAX, 1, TT_STR("model")) == 0x237036faeffd34db);
    assert_true(tt_hash64(5, 6, (struct tt_str) {0}) == tt_hash64(5, 6, TT_STR("")));
}

/* ---- status ---- */

static void
test_status(void **state)
{
    (void) state;
    for (int a = TT_OK; a <= TT_E_INTERNAL; a++) {
        assert_string_not_equal(tt_status_name((enum tt_status) a), "unknown status");
        for (int b = TT_OK; b < a; b++) {
            assert_string_not_equal(tt_status_name((enum tt_status) a), tt_status_name((enum tt_status) b));
        }
    }
    assert_string_equal(tt_status_name((enum tt_status) 99), "unknown status");
    struct tt_error err = {.line = 7};
    assert_int_equal(tt_error_set(&err, TT_E_INPUT, 12, "why"), TT_E_INPUT);
    assert_int_equal(err.code, TT_E_INPUT);
    assert_int_equal(err.pos, 12);
    assert_int_equal(err.line, 0);
    assert_string_equal(err.msg, "why");
    assert_int_equal(tt_error_set(NULL, TT_E_IO, 0, "why"), TT_E_IO);
}

/* Every version of the inner loop agrees with the reference, on blocks in a row and on any state. */
static void
test_sha256_versions(void **state)
{
    (void) state;
    unsigned char bytes[64 * 9 + 1];
    uint32_t random = 1;
    for (size_t i = 0; i < sizeof(bytes); i++) {
        random = random * 1103515245 + 12345;
        bytes[i] = (unsigned char) (random >> 16);
    }
    for (size_t count = 0; count <= 9; count++) {
        uint32_t want[8], got[8];
        for (uint32_t i = 0; i < 8; i++) {
            want[i] = got[i] = (random + i) * 2654435761;
        }
        tt_sha256_blocks_c(want, bytes + count % 2, count);
        tt_sha256_blocks(got, bytes + count % 2, count);
        assert_memory_equal(want, got, sizeof(want));
    }
}

/* RFC 3720, appendix B.4, and the check value of the CRC catalogues. */
static void
test_crc32c(void **state)
{
    (void) state;
    char bytes[32] = {0};
    assert_int_equal(tt_crc32c(0, TT_STR("")), 0);
    assert_int_equal(tt_crc32c(0, TT_STR("123456789")), 0xe3069283);
    assert_int_equal(tt_crc32c(0, tt_str_make(bytes, 32)), 0x8a9136aa);
    for (int i = 0; i < 32; i++) {
        bytes[i] = (char) i;
    }
    assert_int_equal(tt_crc32c(0, tt_str_make(bytes, 32)), 0x46dd794e);
    memset(bytes, 0xff, sizeof(bytes));
    assert_int_equal(tt_crc32c(0, tt_str_make(bytes, 32)), 0x62a8ab43);
}

/* The sum is the same in pieces, and from the reference. */
static void
test_crc32c_pieces(void **state)
{
    (void) state;
    char bytes[300];
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (char) (i * 37 + (i >> 3));
    }
    for (size_t length = 0; length <= sizeof(bytes); length++) {
        struct tt_str all = tt_str_make(bytes, length);
        uint32_t whole = tt_crc32c(0, all);
        assert_int_equal(whole, tt_crc32c_c(0, all));
        for (size_t cut = 0; cut <= length; cut += 13) {
            assert_int_equal(tt_crc32c(tt_crc32c(0, tt_str_slice(all, 0, cut)), tt_str_slice(all, cut, length)), whole);
        }
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_str_compare),     cmocka_unit_test(test_str_slice),       cmocka_unit_test(test_ascii),
        cmocka_unit_test(test_alloc),           cmocka_unit_test(test_failing_alloc),   cmocka_unit_test(test_buf_pieces),
        cmocka_unit_test(test_buf_codepoint),   cmocka_unit_test(test_buf_bound),       cmocka_unit_test(test_buf_reserve),
        cmocka_unit_test(test_buf_drop),        cmocka_unit_test(test_buf_no_memory),   cmocka_unit_test(test_arena_blocks),
        cmocka_unit_test(test_arena_cap),       cmocka_unit_test(test_arena_reset),     cmocka_unit_test(test_arena_dup),
        cmocka_unit_test(test_arena_no_memory), cmocka_unit_test(test_sha256),          cmocka_unit_test(test_sha256_lengths),
        cmocka_unit_test(test_hash64),          cmocka_unit_test(test_status),          cmocka_unit_test(test_crc32c),
        cmocka_unit_test(test_crc32c_pieces),   cmocka_unit_test(test_sha256_versions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
