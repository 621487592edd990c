/* SPDX-License-Identifier: Apache-2.0 */
/* Heads, chunks and content codings of requests to the mock. */
#include "test.h"

#include "base/limits.h"
#include "probe/mock_decode.h"
#include "probe/mock_http.h"

#include <string.h>
#include <zlib.h>
#include <zstd.h>

/* ---- heads ---- */

struct head_case {
    const char *bytes;
    enum tt_got got;
    const char *path, *query; /* of a complete one */
    uint64_t length;          /* of the body */
    const char *flags;        /* c: chunked, e: expects, k: keeps alive, u: upgrade, o: old */
};

static const struct head_case heads[] = {
    {"GET / HTTP/1.1\r\n\r\n", TT_GOT_ALL, "/", "", 0, "k"},
    {"GET / HTTP/1.1\n\n", TT_GOT_ALL, "/", "", 0, "k"},
    {"GET / HTTP/1.1\nA: b\r\n\nrest", TT_GOT_ALL, "/", "", 0, "k"},
    {"GET / HTTP/1.0\r\n\r\n", TT_GOT_ALL, "/", "", 0, "o"},
    {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", TT_GOT_ALL, "/", "", 0, "ok"},
    {"GET / HTTP/1.1\r\nConnection: Upgrade, close\r\n\r\n", TT_GOT_ALL, "/", "", 0, ""},
    {"POST /v1/x?a=b&alt=sse HTTP/1.1\r\ncontent-LENGTH:  12 \r\n\r\n", TT_GOT_ALL, "/v1/x", "a=b&alt=sse", 12, "k"},
    {"POST http://api.example.test:80/v1/x?q HTTP/1.1\r\n\r\n", TT_GOT_ALL, "/v1/x", "q", 0, "k"},
    {"GET http://api.example.test HTTP/1.1\r\n\r\n", TT_GOT_ALL, "/", "", 0, "k"},
    {"GET /a?u=http://x/y HTTP/1.1\r\n\r\n", TT_GOT_ALL, "/a", "u=http://x/y", 0, "k"},
    {"GET /a#b HTTP/1.1\r\n\r\n", TT_GOT_ALL, "/a", "b", 0, "k"},
    {"CONNECT h.example.test:443 HTTP/1.1\r\nHost: h\r\n\r\n", TT_GOT_ALL, "h.example.test:443", "", 0, "k"},
    {"OPTIONS * HTTP/1.1\r\n\r\n", TT_GOT_ALL, "*", "", 0, "k"},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\nContent-Length: 5\r\n\r\n", TT_GOT_ALL, "/", "", 0, "ck"},
    {"POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 5\r\n\r\n", TT_GOT_ALL, "/", "", 5, "ek"},
    {"GET /r HTTP/1.1\r\nUpgrade: h2c, WebSocket\r\n\r\n", TT_GOT_ALL, "/r", "", 0, "ku"},
    {"GET / HTTP/1.1\r\nno colon here\r\n folded: line\r\n: empty\r\n\r\n", TT_GOT_ALL, "/", "", 0, "k"},
    {"POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", TT_GOT_ALL, "/", "", 5, "k"},
    {"GET / HTTP/1.1\r\n", TT_GOT_PART, NULL, NULL, 0, NULL},
    {"GET / HTTP/1.1\r\nA: b\r\n\r", TT_GOT_PART, NULL, NULL, 0, NULL},
    {"GE", TT_GOT_PART, NULL, NULL, 0, NULL},
    {"", TT_GOT_PART, NULL, NULL, 0, NULL},
    {"POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", TT_GOT_NONSENSE, NULL, NULL, 0, NULL},
    {"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n", TT_GOT_NONSENSE, NULL, NULL, 0, NULL},
    {"POST / HTTP/1.1\r\nContent-Length:\r\n\r\n", TT_GOT_NONSENSE, NULL, NULL, 0, NULL},
    {"POST / HTTP/1.1\r\nContent-Length: 9999999999999999999\r\n\r\n", TT_GOT_NONSENSE, NULL, NULL, 0, NULL},
    {"POST / HTTP/1.1\r\nContent-Length: 5, 5\r\n\r\n", TT_GOT_NONSENSE, NULL, NULL, 0, NULL},
    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", TT_GOT_NONSENSE, NULL, NULL, 0, NULL},
    {"GET /\r\n\r\n", TT_GOT_NONSENSE, NULL, NULL, 0, NULL},
    {"GET  HTTP/1.1\r\n\r\n", TT_GOT_NONSENSE, NULL, NULL, 0, NULL},
    {"HELO there friend\r\n\r\n", TT_GOT_NONSENSE, NULL, NULL, 0, NULL},
    {"\x05\x01", TT_GOT_NONSENSE, NULL, NULL, 0, NULL},
    {"{\"json\":1}", TT_GOT_NONSENSE, NULL, NULL, 0, NULL},
    {"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJ", TT_GOT_NONSENSE, NULL, NULL, 0, NULL},
    {" GET / HTTP/1.1\r\n\r\n", TT_GOT_NONSENSE, NULL, NULL, 0, NULL},
};

static void
test_heads(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
        const struct head_case *c = &heads[i];
        struct tt_mock_head head;
        size_t searched = 0;
        print_message("# head %zu\n", i);
        assert_int_equal(tt_mock_head_read(tt_str_cstr(c->bytes), &searched, &head), c->got);
        assert_int_equal(head.why != NULL, c->got == TT_GOT_NONSENSE);
        if (c->got != TT_GOT_ALL) {
            continue;
        }
        assert_str_equal(head.path, tt_str_cstr(c->path));
        assert_str_equal(head.query, tt_str_cstr(c->query));
        assert_int_equal(head.content_length, c->length);
        assert_int_equal(head.chunked, strchr(c->flags, 'c') != NULL);
        assert_int_equal(head.expects, strchr(c->flags, 'e') != NULL);
        assert_int_equal(head.keep_alive, strchr(c->flags, 'k') != NULL);
        assert_int_equal(head.upgrade, strchr(c->flags, 'u') != NULL);
        assert_int_equal(head.old, strchr(c->flags, 'o') != NULL);
    }
}

/* However a head arrives, its end is found at the same place, and never before it. */
static void
test_head_in_pieces(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
        struct tt_str bytes = tt_str_cstr(heads[i].bytes);
        struct tt_mock_head whole, head;
        size_t searched = 0;
        enum tt_got got = tt_mock_head_read(bytes, &searched, &whole), piece = TT_GOT_PART;
        searched = 0;
        for (size_t n = 0; n <= bytes.len && piece == TT_GOT_PART; n++) {
            piece = tt_mock_head_read(tt_str_slice(bytes, 0, n), &searched, &head);
        }
        print_message("# pieces of %zu\n", i);
        assert_int_equal(piece, got);
        assert_int_equal(head.length, whole.length);
    }
}

static void
test_long_head(void **state)
{
    (void) state;
    struct tt_mock_head head;
    struct tt_buf text;
    size_t searched = 0;
    tt_buf_init(&text, &tt_alloc_libc, 2 * TT_PROBE_HEAD_MAX);
    tt_buf_add_cstr(&text, "GET / HTTP/1.1\r\nA: ");
    while (text.len <= TT_PROBE_HEAD_MAX) {
        tt_buf_add_char(&text, 'x');
    }
    assert_int_equal(tt_mock_head_read(tt_buf_str(&text), &searched, &head), TT_GOT_NONSENSE);
    text.len -= 10;
    searched = 0;
    assert_int_equal(tt_mock_head_read(tt_buf_str(&text), &searched, &head), TT_GOT_PART);
    tt_buf_add_cstr(&text, "\r\n\r\n");
    assert_int_equal(tt_mock_head_read(tt_buf_str(&text), &searched, &head), TT_GOT_ALL);
    assert_int_equal(head.length, text.len);
    tt_buf_free(&text);
}

/* ---- chunks ---- */

static const struct chunk_case {
    const char *bytes;
    enum tt_got got;
    const char *content;
    size_t behind; /* bytes that are not the body's */
} chunk_cases[] = {
    {"0\r\n\r\n", TT_GOT_ALL, "", 0},
    {"5\r\nhello\r\n0\r\n\r\nGET", TT_GOT_ALL, "hello", 3},
    {"5\nhello\n0\n\n", TT_GOT_ALL, "hello", 0},
    {"2\r\nhe\r\n03\r\nllo\r\n0\r\n\r\n", TT_GOT_ALL, "hello", 0},
    {"A;name=\"value\"\r\n0123456789\r\n000\r\n\r\n", TT_GOT_ALL, "0123456789", 0},
    {"1 \r\n\n\r\n0\r\nDigest: x\r\nB: y\r\n\r\n", TT_GOT_ALL, "\n", 0},
    {"5\r\nhel", TT_GOT_PART, "hel", 0},
    {"5\r\nhello\r\n0\r\nDigest: x\r\n", TT_GOT_PART, "hello", 0},
    {"", TT_GOT_PART, "", 0},
    {"\r\n", TT_GOT_NONSENSE, "", 0},
    {"x\r\n", TT_GOT_NONSENSE, "", 0},
    {"-5\r\nhello", TT_GOT_NONSENSE, "", 0},
    {"5\r\nhelloX\r\n", TT_GOT_NONSENSE, "hello", 0},
    {"1000000000000000\r\n", TT_GOT_NONSENSE, "", 0},
};

static void
test_chunks(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(chunk_cases) / sizeof(*chunk_cases); i++) {
        const struct chunk_case *c = &chunk_cases[i];
        struct tt_str bytes = tt_str_cstr(c->bytes);
        for (size_t step = 1; step <= bytes.len + 1; step++) {
            struct tt_mock_chunks chunks = {.state = 0};
            struct tt_buf content;
            size_t at = 0, used = 0;
            enum tt_got got = TT_GOT_PART;
            tt_buf_init(&content, &tt_alloc_libc, TT_KIB);
            while (got == TT_GOT_PART && at < bytes.len) {
                got = tt_mock_chunks_read(&chunks, tt_str_slice(bytes, at, at + step), &used, &content);
                at += used;
            }
            assert_int_equal(got, c->got);
            assert_str_equal(tt_buf_str(&content), tt_str_cstr(c->content));
            assert_int_equal(chunks.total, content.len);
            if (got == TT_GOT_ALL) {
                assert_int_equal(bytes.len - at, c->behind);
            }
            tt_buf_free(&content);
        }
    }
}

/* ---- codings ---- */

static void
test_coding_names(void **state)
{
    (void) state;
    static const struct {
        const char *value;
        enum tt_exchange_coding coding;
    } cases[] = {
        {"", TT_ENCODED_NOT},      {"Identity", TT_ENCODED_NOT},    {"gzip", TT_ENCODED_GZIP},   {"X-GZIP", TT_ENCODED_GZIP},
        {"zstd", TT_ENCODED_ZSTD}, {"deflate", TT_ENCODED_DEFLATE}, {"br", TT_ENCODED_OTHER},    {"gzip, zstd", TT_ENCODED_OTHER},
        {"gzi", TT_ENCODED_OTHER}, {"gzipp", TT_ENCODED_OTHER},     {"zstd ", TT_ENCODED_OTHER},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_int_equal(tt_mock_coding_of(tt_str_cstr(cases[i].value)), cases[i].coding);
    }
}

/* Packs text as a client would; window: as zlib says it, 0: zstd. */
static struct tt_str
pack(struct tt_str text, int window, unsigned char *room, size_t size)
{
    if (window == 0) {
        return tt_str_make(room, ZSTD_compress(room, size, text.ptr, text.len, 3));
    }
    z_stream stream = {.next_in = (unsigned char *) (uintptr_t) text.ptr,
                       .avail_in = (uInt) text.len,
                       .next_out = room,
                       .avail_out = (uInt) size};
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    struct tt_str packed = tt_str_make(room, stream.total_out);
    deflateEnd(&stream);
    return packed;
}

static void
test_decode(void **state)
{
    (void) state;
    static const struct {
        enum tt_exchange_coding coding;
        int window;
    } ways[] = {{TT_ENCODED_GZIP, 31}, {TT_ENCODED_ZSTD, 0}, {TT_ENCODED_DEFLATE, 15}, {TT_ENCODED_DEFLATE, -15}};
    static char text[200000];
    static unsigned char room[250000];
    for (size_t i = 0; i < sizeof(text); i++) {
        text[i] = (char) ('a' + i * i % 23);
    }
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
        for (size_t len = 0; len <= sizeof(text); len = len * 7 + 1) {
            struct tt_str packed = pack(tt_str_make(text, len), ways[i].window, room, sizeof(room) - 1);
            struct tt_buf out;
            tt_buf_init(&out, &tt_alloc_libc, 2 * sizeof(text));
            assert_int_equal(tt_mock_decode(ways[i].coding, packed, &out), TT_OK);
            assert_str_equal(tt_buf_str(&out), tt_str_make(text, len));
            tt_buf_clear(&out);
            assert_int_equal(tt_mock_decode(ways[i].coding, tt_str_slice(packed, 0, packed.len - 1), &out), TT_E_INPUT);
            tt_buf_clear(&out);
            room[packed.len] = 'x';
            assert_int_equal(tt_mock_decode(ways[i].coding, tt_str_make(room, packed.len + 1), &out), TT_E_INPUT);
            tt_buf_free(&out);
        }
        struct tt_buf small;
        tt_buf_init(&small, &tt_alloc_libc, 100000);
        assert_int_equal(
            tt_mock_decode(ways[i].coding, pack(tt_str_make(text, sizeof(text)), ways[i].window, room, sizeof(room)), &small),
            TT_E_LIMIT);
        tt_buf_free(&small);
    }
}

static void
test_decode_others(void **state)
{
    (void) state;
    struct tt_buf out;
    tt_buf_init(&out, &tt_alloc_libc, 10 * TT_MIB);
    assert_int_equal(tt_mock_decode(TT_ENCODED_NOT, TT_STR("abc"), &out), TT_OK);
    assert_str_equal(tt_buf_str(&out), TT_STR("abc"));
    assert_int_equal(tt_mock_decode(TT_ENCODED_OTHER, TT_STR("abc"), &out), TT_E_UNSUPPORTED);
    tt_buf_clear(&out);
    assert_int_equal(tt_mock_decode(TT_ENCODED_GZIP, TT_STR("abc"), &out), TT_E_INPUT);
    tt_buf_clear(&out);
    assert_int_equal(tt_mock_decode(TT_ENCODED_ZSTD, TT_STR(""), &out), TT_E_INPUT);
    tt_buf_free(&out);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heads),         cmocka_unit_test(test_head_in_pieces), cmocka_unit_test(test_long_head),
        cmocka_unit_test(test_chunks),        cmocka_unit_test(test_coding_names),   cmocka_unit_test(test_decode),
        cmocka_unit_test(test_decode_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
