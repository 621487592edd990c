/* SPDX-License-Identifier: Apache-2.0 */
/* The mock without sockets: names, frames, hellos, and whole connections as bytes in and bytes out. */
#include "test.h"

#include "base/sha1.h"
#include "probe/mock_connection.h"
#include "probe/mock_dns.h"
#include "probe/mock_frame.h"

#include <stdio.h>
#include <string.h>

/* ---- SHA-1 ---- */

static void
test_sha1(void **state)
{
    (void) state;
    /* FIPS 180-4's own examples, and the lengths around a block. */
    static const struct {
        const char *text, *sum;
    } cases[] = {
        {"", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
        {"abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "c1c8bbdc22796e28c0e15163d20899b65621d65a"},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "0098ba824b5c16427bd7a1122a5a442a25ec644d"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        unsigned char sum[TT_SHA1_SIZE];
        struct tt_buf hex;
        tt_buf_init(&hex, &tt_alloc_libc, 64);
        tt_sha1(tt_str_cstr(cases[i].text), sum);
        tt_buf_add_hex(&hex, tt_str_make(sum, sizeof(sum)));
        assert_str_equal(tt_buf_str(&hex), tt_str_cstr(cases[i].sum));
        tt_buf_free(&hex);
    }
}

/* ---- names ---- */

#define HEAD "\x12\x34\x01\x20\0\1\0\0\0\0\0\1"
#define EDNS "\0\0\x29\x04\xD0\0\0\0\0\0\0"
#define NAME  \
    "\x03"    \
    "api\x07" \
    "example\x04test\0"
#define ADDRESS "\xC0\x0C\0\1\0\1\0\0\0\1\0\4\xC6\x33\x64\x07"

static const struct dns_case {
    struct tt_str packet;
    struct tt_str nx, redirect; /* the answers; empty: none */
    const char *name, *type;
} dns_cases[] = {
#define CASE(packet, nx, redirect, name, type)                                  \
    {                                                                           \
        TT_STR_INIT(packet), TT_STR_INIT(nx), TT_STR_INIT(redirect), name, type \
    }
    CASE(HEAD NAME "\0\1\0\1" EDNS, "\x12\x34\x85\x83\0\1\0\0\0\0\0\0" NAME "\0\1\0\1",
         "\x12\x34\x85\x80\0\1\0\1\0\0\0\0" NAME "\0\1\0\1" ADDRESS, "api.example.test", "A"),
    CASE(HEAD NAME "\0\x1C\0\1", "\x12\x34\x85\x83\0\1\0\0\0\0\0\0" NAME "\0\x1C\0\1",
         "\x12\x34\x85\x80\0\1\0\0\0\0\0\0" NAME "\0\x1C\0\1", "api.example.test", "AAAA"),
    CASE(HEAD NAME "\0\x41\0\1", "\x12\x34\x85\x83\0\1\0\0\0\0\0\0" NAME "\0\x41\0\1",
         "\x12\x34\x85\x80\0\1\0\0\0\0\0\0" NAME "\0\x41\0\1", "api.example.test", "HTTPS"),
    CASE(HEAD NAME "\1\1\0\3", "\x12\x34\x85\x83\0\1\0\0\0\0\0\0" NAME "\1\1\0\3",
         "\x12\x34\x85\x83\0\1\0\0\0\0\0\0" NAME "\1\1\0\3", "api.example.test", "TYPE257"),
    CASE(HEAD "\0\0\1\0\1", "\x12\x34\x85\x83\0\1\0\0\0\0\0\0\0\0\1\0\1", "\x12\x34\x85\x80\0\1\0\1\0\0\0\0\0\0\1\0\1" ADDRESS,
         "", "A"),
    /* a pointer in the question, a name that is cut off, two questions, no question */
    CASE(HEAD "\xC0\x0C\0\1\0\1", "\x12\x34\x85\x81\0\0\0\0\0\0\0\0", "\x12\x34\x85\x81\0\0\0\0\0\0\0\0", "", "TYPE0"),
    CASE(HEAD "\x03"
              "ap",
         "\x12\x34\x85\x81\0\0\0\0\0\0\0\0", "\x12\x34\x85\x81\0\0\0\0\0\0\0\0", "", "TYPE0"),
    CASE(HEAD NAME "\0\1\0", "\x12\x34\x85\x81\0\0\0\0\0\0\0\0", "\x12\x34\x85\x81\0\0\0\0\0\0\0\0", "", "TYPE0"),
    CASE("\x12\x34\x01\0\0\2\0\0\0\0\0\0" NAME "\0\1\0\1", "\x12\x34\x85\x81\0\0\0\0\0\0\0\0", "\x12\x34\x85\x81\0\0\0\0\0\0\0\0",
         "", "TYPE0"),
    CASE("\x12\x34\x00\0\0\0\0\0\0\0\0\0", "\x12\x34\x84\x81\0\0\0\0\0\0\0\0", "\x12\x34\x84\x81\0\0\0\0\0\0\0\0", "", "TYPE0"),
    /* an update; an answer; less than a header */
    CASE("\x12\x34\x28\0\0\1\0\0\0\0\0\0" NAME "\0\1\0\1", "\x12\x34\xAC\x84\0\0\0\0\0\0\0\0", "\x12\x34\xAC\x84\0\0\0\0\0\0\0\0",
         "", "TYPE0"),
    CASE("\x12\x34\x81\0\0\1\0\0\0\0\0\0" NAME "\0\1\0\1", "", "", "", "TYPE0"),
    CASE("\x12\x34\x01\0\0\1\0\0\0\0\0", "", "", "", "TYPE0"),
    CASE("", "", "", "", "TYPE0"),
#undef CASE
};

static void
test_dns(void **state)
{
    (void) state;
    for (size_t i = 0; i < 2 * sizeof(dns_cases) / sizeof(*dns_cases); i++) {
        const struct dns_case *c = &dns_cases[i / 2];
        struct tt_str expected = i % 2 ? c->redirect : c->nx;
        struct tt_dns_query query;
        struct tt_buf out;
        char room[16];
        print_message("# packet %zu\n", i / 2);
        tt_buf_init(&out, &tt_alloc_libc, TT_DNS_PACKET_MAX);
        bool answered = tt_dns_answer(c->packet, i % 2 ? TT_MOCK_DNS_REDIRECT : TT_MOCK_DNS_NX, &query, &out);
        assert_int_equal(answered, expected.len > 0);
        assert_str_equal(tt_buf_str(&out), expected);
        assert_str_equal(tt_str_make(query.name, query.name_len), tt_str_cstr(c->name));
        assert_str_equal(tt_dns_type_name(query.type, room), tt_str_cstr(c->type));
        tt_buf_free(&out);
    }
}

static void
test_long_name(void **state)
{
    (void) state;
    struct tt_dns_query query;
    struct tt_buf packet, out;
    tt_buf_init(&packet, &tt_alloc_libc, TT_KIB);
    tt_buf_init(&out, &tt_alloc_libc, TT_KIB);
    for (unsigned labels = 1; labels <= 6; labels++) {
        tt_buf_clear(&packet);
        tt_buf_clear(&out);
        tt_buf_add(&packet, TT_STR(HEAD));
        for (unsigned i = 0; i < labels; i++) {
            tt_buf_add_char(&packet, 62);
            for (unsigned n = 0; n < 62; n++) {
                tt_buf_add_char(&packet, 'x');
            }
        }
        tt_buf_add(&packet, TT_STR("\0\0\1\0\1"));
        assert_true(tt_dns_answer(tt_buf_str(&packet), TT_MOCK_DNS_REDIRECT, &query, &out));
        assert_int_equal(query.name_len, labels <= 4 ? labels * 63 - 1 : 0);
        assert_true(out.len <= TT_DNS_PACKET_MAX);
    }
    tt_buf_free(&packet);
    tt_buf_free(&out);
}

/* ---- frames ---- */

static void
test_accept(void **state)
{
    (void) state;
    struct tt_buf out;
    tt_buf_init(&out, &tt_alloc_libc, TT_KIB);
    tt_frame_accept(&out, TT_STR("dGhlIHNhbXBsZSBub25jZQ==")); /* RFC 6455, section 1.3 */
    assert_str_equal(tt_buf_str(&out), TT_STR("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    tt_buf_free(&out);
}

static void
test_frames(void **state)
{
    (void) state;
    /* RFC 6455, section 5.7, and what breaks the rules of 5.2 and 5.5. */
    static const struct {
        struct tt_str bytes;
        enum tt_got got;
        enum tt_frame_kind kind;
        const char *payload;
        bool last;
    } cases[] = {
        {TT_STR_INIT("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), TT_GOT_ALL, TT_FRAME_TEXT, "Hello", true},
        {TT_STR_INIT("\x01\x83\0\0\0\0Hel"), TT_GOT_ALL, TT_FRAME_TEXT, "Hel", false},
        {TT_STR_INIT("\x80\x82\0\0\0\0lo"), TT_GOT_ALL, TT_FRAME_CONTINUATION, "lo", true},
        {TT_STR_INIT("\x89\x80\0\0\0\0"), TT_GOT_ALL, TT_FRAME_PING, "", true},
        {TT_STR_INIT("\x81\xFE\0\2\0\0\0\0ab"), TT_GOT_ALL, TT_FRAME_TEXT, "ab", true},
        {TT_STR_INIT("\x81\xFF\0\0\0\0\0\0\0\2\0\0\0\0ab"), TT_GOT_ALL, TT_FRAME_TEXT, "ab", true},
        {TT_STR_INIT("\x81\x85\0\0\0\0Hell"), TT_GOT_PART, TT_FRAME_TEXT, "", true},
        {TT_STR_INIT("\x81\xFF\0\0"), TT_GOT_PART, TT_FRAME_TEXT, "", true},
        {TT_STR_INIT("\x81"), TT_GOT_PART, TT_FRAME_TEXT, "", true},
        {TT_STR_INIT(""), TT_GOT_PART, TT_FRAME_TEXT, "", true},
        {TT_STR_INIT("\x81\x05Hello"), TT_GOT_NONSENSE, TT_FRAME_TEXT, "", true},          /* no mask */
        {TT_STR_INIT("\xC1\x80\0\0\0\0"), TT_GOT_NONSENSE, TT_FRAME_TEXT, "", true},       /* a reserved bit */
        {TT_STR_INIT("\x83\x80\0\0\0\0"), TT_GOT_NONSENSE, TT_FRAME_TEXT, "", true},       /* a reserved kind */
        {TT_STR_INIT("\x8B\x80\0\0\0\0"), TT_GOT_NONSENSE, TT_FRAME_TEXT, "", true},       /* the same */
        {TT_STR_INIT("\x09\x80\0\0\0\0"), TT_GOT_NONSENSE, TT_FRAME_TEXT, "", true},       /* a ping in parts */
        {TT_STR_INIT("\x89\xFE\0\x7F\0\0\0\0"), TT_GOT_NONSENSE, TT_FRAME_TEXT, "", true}, /* a long ping */
        {TT_STR_INIT("\x81\xFF\xFF\0\0\0\0\0\0\0\0\0\0\0"), TT_GOT_NONSENSE, TT_FRAME_TEXT, "", true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct tt_frame frame;
        struct tt_buf out;
        print_message("# frame %zu\n", i);
        assert_int_equal(tt_frame_read(cases[i].bytes, &frame), cases[i].got);
        if (cases[i].got == TT_GOT_ALL) {
            tt_buf_init(&out, &tt_alloc_libc, TT_KIB);
            tt_frame_unmask(&out, &frame);
            assert_int_equal(frame.kind, cases[i].kind);
            assert_int_equal(frame.last, cases[i].last);
            assert_int_equal(frame.length, cases[i].bytes.len);
            assert_str_equal(tt_buf_str(&out), tt_str_cstr(cases[i].payload));
            tt_buf_free(&out);
        }
    }
}

static void
test_frame_lengths(void **state)
{
    (void) state;
    static char text[70000];
    static const size_t lengths[] = {0, 1, 125, 126, 127, 65535, 65536, 70000};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        struct tt_buf out;
        struct tt_frame frame;
        size_t head = lengths[i] < 126 ? 2 : lengths[i] < 65536 ? 4 : 10;
        tt_buf_init(&out, &tt_alloc_libc, 2 * sizeof(text));
        tt_frame_add(&out, TT_FRAME_TEXT, tt_str_make(text, lengths[i]));
        assert_int_equal(out.len, head + lengths[i]);
        assert_int_equal(tt_frame_read(tt_buf_str(&out), &frame), TT_GOT_NONSENSE); /* ours have no mask */
        tt_buf_free(&out);
    }
}

/* ---- hellos ---- */

/* A ClientHello with that inside of its extensions, in records of at most size bytes. */
static void
make_hello(struct tt_buf *out, struct tt_str extensions, size_t size)
{
    struct tt_buf m;
    tt_buf_init(&m, &tt_alloc_libc, 4 * TT_KIB);
    tt_buf_add(&m, TT_STR("\x01\0\0\0\x03\x03"));
    for (unsigned i = 0; i < 32; i++) {
        tt_buf_add_char(&m, (char) i);
    }
    tt_buf_add(&m, TT_STR("\0\0\2\x13\x01\1\0")); /* no session, one cipher, no compression */
    tt_buf_add_char(&m, (char) (extensions.len >> 8));
    tt_buf_add_char(&m, (char) extensions.len);
    tt_buf_add(&m, extensions);
    m.ptr[2] = (char) ((m.len - 4) >> 8);
    m.ptr[3] = (char) (m.len - 4);
    for (size_t at = 0; at < m.len; at += size) {
        struct tt_str part = tt_str_slice(tt_buf_str(&m), at, at + size);
        tt_buf_add(out, TT_STR("\x16\x03\x01"));
        tt_buf_add_char(out, (char) (part.len >> 8));
        tt_buf_add_char(out, (char) part.len);
        tt_buf_add(out, part);
    }
    tt_buf_free(&m);
}

#define SNI "\0\0\0\x0F\0\x0D\0\0\x0Ah.test.org"
#define ALPN "\0\x10\0\x0E\0\x0C\2h2\x08http/1.1"

static void
test_hellos(void **state)
{
    (void) state;
    static const struct {
        struct tt_str extensions;
        const char *sni, *alpn;
    } cases[] = {
        {TT_STR_INIT(SNI ALPN), "h.test.org", "\2h2\x08http/1.1"},
        {TT_STR_INIT("\0\x17\0\0" ALPN SNI), "h.test.org", "\2h2\x08http/1.1"},
        {TT_STR_INIT(""), "", ""},
        {TT_STR_INIT("\0\0\0\x09\0\x07\1\0\4name"), "", ""},           /* another type of name */
        {TT_STR_INIT("\0\0\0\x09\0\x0D\0\0\4name"), "", ""},           /* a list that is longer than its extension */
        {TT_STR_INIT("\0\x10\0\x07\0\5\5http" SNI), "h.test.org", ""}, /* a name that is longer than its list */
        {TT_STR_INIT("\0\x10\0\xFF\0\4\5http"), "", ""},
    };
    struct tt_buf bytes, scratch;
    tt_buf_init(&bytes, &tt_alloc_libc, 64 * TT_KIB);
    tt_buf_init(&scratch, &tt_alloc_libc, TT_TLS_HELLO_MAX);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        for (size_t size = 1; size < 300; size = size * 5 + 1) {
            struct tt_tls_hello hello;
            tt_buf_clear(&bytes);
            make_hello(&bytes, cases[i].extensions, size);
            print_message("# hello %zu %zu\n", i, size);
            assert_int_equal(tt_tls_hello_read(tt_buf_str(&bytes), &scratch, &hello), TT_GOT_ALL);
            assert_str_equal(hello.sni, tt_str_cstr(cases[i].sni));
            assert_str_equal(hello.alpn, tt_str_cstr(cases[i].alpn));
            for (size_t n = 0; n < bytes.len; n++) {
                assert_int_equal(tt_tls_hello_read(tt_str_make(bytes.ptr, n), &scratch, &hello), TT_GOT_PART);
            }
        }
    }
    struct tt_tls_hello hello;
    assert_int_equal(tt_tls_hello_read(TT_STR("\x16\x03\x01\0\4\2\0\0\0"), &scratch, &hello),
                     TT_GOT_NONSENSE); /* a ServerHello */
    assert_int_equal(tt_tls_hello_read(TT_STR("\x16\x03\x01\0\0"), &scratch, &hello), TT_GOT_NONSENSE);
    assert_int_equal(tt_tls_hello_read(TT_STR("\x16\x03\x01\0\4\1\xFF\0\0"), &scratch, &hello), TT_GOT_NONSENSE);
    assert_int_equal(tt_tls_hello_read(TT_STR("\x16\x09"), &scratch, &hello), TT_GOT_NONSENSE);
    assert_int_equal(tt_tls_hello_read(TT_STR("\x17\x03"), &scratch, &hello), TT_GOT_NONSENSE);
    tt_buf_free(&bytes);
    tt_buf_free(&scratch);
}

/* ---- connections ---- */

/* One mock with one connection. */
struct table {
    struct tt_mock_settings settings;
    struct tt_capture capture;
    struct tt_mock_state state;
    struct tt_mock_connection *connection;
};

static bool
begin(struct table *t, const struct tt_alloc *alloc)
{
    tt_capture_init(&t->capture, alloc);
    tt_mock_state_init(&t->state, &t->settings, &t->capture);
    t->connection = tt_mock_connection_new(&t->state, TT_STR("127.0.0.1"), 8080);
    return t->connection != NULL;
}

static void
end(struct table *t)
{
    tt_mock_connection_free(t->connection);
    tt_mock_state_free(&t->state);
    tt_capture_free(&t->capture);
}

#define CHAT_HEAD "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\n"
#define CHUNKED CHAT_HEAD "Transfer-Encoding: chunked\r\n\r\n"
#define POST(body_length, body) CHAT_HEAD "Content-Length: " body_length "\r\n\r\n" body

/* kinds: of contacts in their order, by the first two letters of their names. */
static const struct talk {
    const char *name, *in;
    size_t exchanges;
    const char *statuses; /* of the exchanges */
    const char *contacts;
    bool closes;
} talks[] = {
    {"one request", POST("2", "{}"), 1, "200", "", false},
    {"two in a row", POST("2", "{}") POST("0", ""), 2, "200 200", "", false},
    {"empty lines between", "\r\n\n" POST("2", "{}") "\r\n\r\n" POST("2", "{}"), 2, "200 200", "", false},
    {"chunks", CHUNKED "2\r\n{}\r\n0\r\n\r\n" POST("2", "{}"), 2, "200 200", "", false},
    {"close", "GET /v1/models HTTP/1.1\r\nConnection: close\r\n\r\n" POST("2", "{}"), 1, "200", "", true},
    {"old", "GET /v1/models HTTP/1.0\r\n\r\n", 1, "200", "", true},
    {"unknown", "GET /metrics?x HTTP/1.1\r\n\r\n", 1, "404", "un", false},
    {"absolute", "GET http://h.example.test/v1/models HTTP/1.1\r\n\r\n", 1, "200", "", false},
    {"tunnel", "CONNECT h.example.test:80 HTTP/1.1\r\n\r\n" POST("2", "{}"), 2, "200 200", "co", false},
    {"old tunnel", "CONNECT h:80 HTTP/1.0\r\n\r\n" POST("2", "{}"), 2, "200 200", "co", false},
    {"web socket", "GET /v1/responses HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Key: abc\r\n\r\n" POST("2", "{}"), 2,
     "426 200", "we", false},
    {"no chunk", CHUNKED "2\r\n{}x", 0, "", "no", true},
    {"no request", "HELO me\r\n\r\n", 0, "", "no", true},
    {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0, "", "no", true},
    {"TLS without certificates", "\x16\x03\x01", 0, "", "fa", false},
    {"no TLS", "\x16\x09\x01", 0, "", "fa no", true},
    {"unfinished head", "GET / HTTP/1.1\r\nHo", 0, "", "no", false},
    {"unfinished body", POST("3", "{}"), 0, "", "no", false},
    {"large body", POST("99999999999", "{}"), 0, "", "no", true},
    {"nothing", "", 0, "", "", false},
};

/* What the connection said, in words. */
static void
check_talk(const struct table *t, const struct talk *talk)
{
    char statuses[64] = "", contacts[64] = "";
    for (size_t i = 0; i < t->capture.exchange_count; i++) {
        snprintf(statuses + strlen(statuses), sizeof(statuses) - strlen(statuses), "%s%u", i ? " " : "",
                 t->capture.exchanges[i].status);
    }
    for (size_t i = 0; i < t->capture.contact_count; i++) {
        snprintf(contacts + strlen(contacts), sizeof(contacts) - strlen(contacts), "%s%.2s", i ? " " : "",
                 tt_contact_kind_name(t->capture.contacts[i].kind));
    }
    assert_int_equal(t->capture.exchange_count, talk->exchanges);
    assert_string_equal(statuses, talk->statuses);
    assert_string_equal(contacts, talk->contacts);
    assert_int_equal(t->connection->closing, talk->closes);
}

/* However its bytes arrive, a connection gets the same answers and leaves the same capture. */
static void
test_talks(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(talks) / sizeof(*talks); i++) {
        struct tt_str in = tt_str_cstr(talks[i].in);
        struct tt_buf whole;
        print_message("# %s\n", talks[i].name);
        tt_buf_init(&whole, &tt_alloc_libc, TT_MIB);
        for (size_t step = in.len + 1; step > 0; step = step > 1000 ? 1000 : step * 2 / 3) {
            struct table t = {.settings = {.dns = TT_MOCK_DNS_NX}};
            assert_true(begin(&t, &tt_alloc_libc));
            for (size_t at = 0; at < in.len; at += step) {
                tt_mock_connection_take(t.connection, tt_str_slice(in, at, at + step));
            }
            tt_mock_connection_end(t.connection);
            check_talk(&t, &talks[i]);
            if (step > in.len) {
                tt_buf_add(&whole, tt_buf_str(&t.connection->out));
            }
            assert_str_equal(tt_buf_str(&t.connection->out), tt_buf_str(&whole));
            end(&t);
        }
        tt_buf_free(&whole);
    }
}

static void
test_captured(void **state)
{
    (void) state;
    struct table t = {.settings = {.dns = TT_MOCK_DNS_NX}};
    static const char tunnel[] = "CONNECT h.example.test:80 HTTP/1.1\r\n\r\n", body[] = "1\r\n{\r\n1;x\r\n}\r\n0\r\n\r\n";
    assert_true(begin(&t, &tt_alloc_libc));
    t.state.now_us = 7;
    tt_mock_connection_take(t.connection, TT_STR(tunnel));
    t.state.now_us = 8;
    tt_mock_connection_take(t.connection, TT_STR(CHUNKED));
    t.state.now_us = 9;
    tt_mock_connection_take(t.connection, TT_STR(body));
    assert_int_equal(t.capture.exchange_count, 2);
    const struct tt_exchange *first = &t.capture.exchanges[0], *second = &t.capture.exchanges[1];
    assert_str_equal(first->head, TT_STR(tunnel));
    assert_str_equal(first->connect_target, TT_STR(""));
    assert_int_equal(first->at_us, 7);
    assert_str_equal(second->head, TT_STR(CHUNKED));
    assert_str_equal(second->body, TT_STR(body));
    assert_str_equal(second->content, TT_STR("{}"));
    assert_str_equal(second->connect_target, TT_STR("h.example.test:80"));
    assert_str_equal(second->address, TT_STR("127.0.0.1"));
    assert_int_equal(second->at_us, 8);
    assert_int_equal(second->port, 8080);
    assert_int_equal(second->connection, 1);
    assert_int_equal(second->ordinal, 2);
    assert_true(second->chunked && second->decoded && !second->tls);
    end(&t);
}

static void
test_expects(void **state)
{
    (void) state;
    struct table t = {.settings = {.dns = TT_MOCK_DNS_NX}};
    const struct tt_str go_on = TT_STR("HTTP/1.1 100 Continue\r\n\r\n");
    assert_true(begin(&t, &tt_alloc_libc));
    tt_mock_connection_take(t.connection, TT_STR(CHAT_HEAD "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
    assert_str_equal(tt_buf_str(&t.connection->out), go_on);
    tt_mock_connection_take(t.connection, TT_STR("{"));
    assert_str_equal(tt_buf_str(&t.connection->out), go_on); /* once */
    tt_mock_connection_take(t.connection, TT_STR("}"));
    assert_true(tt_str_starts(tt_buf_str(&t.connection->out), TT_STR("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")));
    end(&t);
}

/* A client that takes no answers is not answered for ever. */
static void
test_waiting(void **state)
{
    (void) state;
    struct table t = {.settings = {.dns = TT_MOCK_DNS_NX}};
    static const char request[] = "GET /v1/models HTTP/1.1\r\n\r\n";
    struct tt_buf many;
    tt_buf_init(&many, &tt_alloc_libc, TT_MIB);
    for (unsigned i = 0; i < 500; i++) {
        tt_buf_add(&many, TT_STR(request));
    }
    static char filler[TT_MOCK_WAITING_MAX];
    assert_true(begin(&t, &tt_alloc_libc));
    tt_buf_add(&t.connection->out, tt_str_make(filler, sizeof(filler)));
    tt_mock_connection_take(t.connection, tt_buf_str(&many));
    assert_int_equal(t.capture.exchange_count, 1);
    tt_buf_clear(&t.connection->out);
    tt_mock_connection_take(t.connection, TT_STR(""));
    assert_int_equal(t.capture.exchange_count, 500);
    tt_buf_free(&many);
    end(&t);
}

static void
test_own_answers(void **state)
{
    (void) state;
    static const struct tt_mock_answer answers[] = {
        {TT_STR_INIT("/messages"), TT_STR_INIT("event: x\ndata: {}\n\n")},
        {TT_STR_INIT("/teapot"), TT_STR_INIT("HTTP/1.1 418 Tea\r\nContent-Length: 0\r\n\r\n")},
        {TT_STR_INIT("/plain"), TT_STR_INIT("ok")},
        {TT_STR_INIT("/json"), TT_STR_INIT("{}")},
    };
    static const struct {
        const char *path, *begins;
        unsigned status;
    } cases[] = {
        {"/v1/messages?x=y", "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 19\r\n", 200},
        {"/a/teapot", "HTTP/1.1 418 Tea\r\nContent-Length: 0\r\n\r\n", 418},
        {"/plain", "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 2\r\n", 200},
        {"/json", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n", 200},
        {"/other", "HTTP/1.1 404 Not Found\r\n", 404},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct table t = {.settings = {.answers = answers, .answer_count = sizeof(answers) / sizeof(*answers)}};
        char request[128];
        int n = snprintf(request, sizeof(request), "POST %s HTTP/1.1\r\n\r\n", cases[i].path);
        assert_true(begin(&t, &tt_alloc_libc));
        tt_mock_connection_take(t.connection, tt_str_make(request, (size_t) n));
        assert_true(tt_str_starts(tt_buf_str(&t.connection->out), tt_str_cstr(cases[i].begins)));
        assert_int_equal(t.capture.exchanges[0].status, cases[i].status);
        end(&t);
    }
}

/* A call of a tool is the answer to the first turn, and never more often than a run allows. */
static void
test_tool_turns(void **state)
{
    (void) state;
    static const char first[] = CHAT_HEAD "Content-Length: 42\r\n\r\n{\"tools\":[{\"function\":{\"name\":\"glob\"}}]}  ";
    static const char second[] =
        CHAT_HEAD "Content-Length: 72\r\n\r\n"
                  "{\"tools\":[{\"function\":{\"name\":\"glob\"}}],\"messages\":[{\"role\":\"tool\"}]}   ";
    for (unsigned on = 0; on < 2; on++) {
        struct table t = {.settings = {.tool_turn = on}};
        assert_true(begin(&t, &tt_alloc_libc));
        for (unsigned i = 0; i < TT_MOCK_TOOL_CALLS_MAX + 3; i++) {
            tt_buf_clear(&t.connection->out);
            tt_mock_connection_take(t.connection, TT_STR(second));
            assert_null(memmem(t.connection->out.ptr, t.connection->out.len, "tool_calls", 10));
            tt_buf_clear(&t.connection->out);
            tt_mock_connection_take(t.connection, TT_STR(first));
            bool called = memmem(t.connection->out.ptr, t.connection->out.len, "tool_calls", 10) != NULL;
            assert_int_equal(called, on && i < TT_MOCK_TOOL_CALLS_MAX);
        }
        assert_int_equal(t.capture.exchange_count, 2 * (TT_MOCK_TOOL_CALLS_MAX + 3));
        end(&t);
    }
}

#define UPGRADE                                                                                      \
    "GET /v1/responses HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: " \
    "dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

static void
test_web_socket(void **state)
{
    (void) state;
    /* A text in two frames with a ping between them, then a goodbye. */
    static const char part[] = "\x01\x81\1\0\0\0z", ping[] = "\x89\x81\0\0\0\0p", rest[] = "\x80\x81\0\0\0\0}",
                      bye[] = "\x88\x82\0\0\0\0\x03\xE8";
    struct table t = {.settings = {.web_socket = true}};
    assert_true(begin(&t, &tt_alloc_libc));
    tt_mock_connection_take(t.connection, TT_STR(UPGRADE));
    assert_true(tt_str_starts(tt_buf_str(&t.connection->out), TT_STR("HTTP/1.1 101 Switching Protocols\r\n")));
    assert_non_null(memmem(t.connection->out.ptr, t.connection->out.len, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", 28));
    tt_buf_clear(&t.connection->out);
    tt_mock_connection_take(t.connection, TT_STR(part));
    tt_mock_connection_take(t.connection, TT_STR(ping));
    assert_str_equal(tt_buf_str(&t.connection->out), TT_STR("\x8A\x01p"));
    tt_mock_connection_take(t.connection, TT_STR(rest));
    assert_int_equal(t.capture.exchange_count, 2);
    const struct tt_exchange *message = &t.capture.exchanges[1];
    assert_int_equal(message->kind, TT_EXCHANGE_WEBSOCKET);
    assert_str_equal(message->body, TT_STR("\x01\x81\1\0\0\0z\x80\x81\0\0\0\0}"));
    assert_str_equal(message->content, TT_STR("{}"));
    assert_non_null(memmem(t.connection->out.ptr, t.connection->out.len, "response.completed", 18));
    tt_buf_clear(&t.connection->out);
    tt_mock_connection_take(t.connection, TT_STR(bye));
    assert_str_equal(tt_buf_str(&t.connection->out), TT_STR("\x88\x02\x03\xE8"));
    assert_true(t.connection->closing);
    end(&t);
}

static bool
talk_all(void *ctx, const struct tt_alloc *alloc)
{
    struct table t = {.settings = {.web_socket = true, .tool_turn = true}};
    static const char coded[] = CHAT_HEAD "Content-Encoding: br\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n";
    bool whole = begin(&t, alloc);
    (void) ctx;
    if (whole) {
        tt_mock_connection_take(t.connection, TT_STR(POST("43", "{\"tools\":[{\"function\":{\"name\":\"glob\"}}],  }")));
        tt_mock_connection_take(t.connection, TT_STR(coded));
        tt_mock_connection_take(t.connection, TT_STR("GET /x HTTP/1.1\r\n\r\n"));
        tt_mock_connection_take(t.connection, TT_STR(UPGRADE "\x81\x82\0\0\0\0{}"));
        tt_mock_connection_end(t.connection);
        whole = t.state.status == TT_OK && !t.capture.flooded && t.capture.exchange_count == 5;
    }
    end(&t);
    return whole;
}

static void
test_allocations(void **state)
{
    (void) state;
    test_every_allocation(talk_all, NULL);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha1),       cmocka_unit_test(test_dns),        cmocka_unit_test(test_long_name),
        cmocka_unit_test(test_accept),     cmocka_unit_test(test_frames),     cmocka_unit_test(test_frame_lengths),
        cmocka_unit_test(test_hellos),     cmocka_unit_test(test_talks),      cmocka_unit_test(test_captured),
        cmocka_unit_test(test_expects),    cmocka_unit_test(test_waiting),    cmocka_unit_test(test_own_answers),
        cmocka_unit_test(test_tool_turns), cmocka_unit_test(test_web_socket), cmocka_unit_test(test_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
