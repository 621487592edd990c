/* SPDX-License-Identifier: Apache-2.0 */
/* The authority and its sessions, as far as no client is needed; tests/probe/mock.py has clients.  And the loop of the mock without memory. */
#include "test.h"

#include "base/limits.h"
#include "probe/mock.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char pem_begin[] = "-----BEGIN CERTIFICATE-----\n", pem_end[] = "-----END CERTIFICATE-----\n";

static void
test_authority(void **state)
{
    (void) state;
    struct tt_tls_authority *first, *second;
    struct tt_buf bundle, small;
    assert_int_equal(tt_tls_authority_new(&tt_alloc_libc, &first), TT_OK);
    assert_int_equal(tt_tls_authority_new(&tt_alloc_libc, &second), TT_OK);
    struct tt_str pem = tt_tls_authority_pem(first), other = tt_tls_authority_pem(second);
    assert_true(tt_str_starts(pem, TT_STR(pem_begin)) && tt_str_ends(pem, TT_STR(pem_end)));
    assert_false(tt_str_eq(pem, other)); /* made anew each time */
    tt_buf_init(&bundle, &tt_alloc_libc, TT_TLS_ROOTS_MAX);
    assert_int_equal(tt_tls_bundle(first, &bundle), TT_OK);
    assert_true(tt_str_ends(tt_buf_str(&bundle), pem));
    tt_buf_init(&small, &tt_alloc_libc, 100);
    assert_int_equal(tt_tls_bundle(first, &small), TT_E_LIMIT);
    tt_buf_free(&bundle);
    tt_tls_authority_free(first);
    tt_tls_authority_free(second);
    tt_tls_authority_free(NULL);
    tt_buf_free(&small);
}

/* A certificate for whatever a client may name, and more names than are kept. */
static void
test_names(void **state)
{
    (void) state;
    static char longest[256];
    memset(longest, 'x', sizeof(longest));
    const struct {
        struct tt_str name;
        enum tt_status status;
    } cases[] = {
        {TT_STR_INIT("api.example.test"), TT_OK}, {TT_STR_INIT("127.0.0.1"), TT_OK},
        {TT_STR_INIT("2001:db8::1"), TT_OK},      {TT_STR_INIT("a,DNS:b\n\\c"), TT_OK},
        {TT_STR_INIT("\xFF\0\x01"), TT_OK},       {tt_str_make(longest, 255), TT_OK},
        {tt_str_make(longest, 200), TT_OK},       {tt_str_make(longest, 120), TT_OK},
        {tt_str_make(longest, 256), TT_E_INPUT},  {TT_STR_INIT(""), TT_E_INPUT},
    };
    struct tt_tls_authority *authority;
    struct tt_tls_session *session;
    assert_int_equal(tt_tls_authority_new(&tt_alloc_libc, &authority), TT_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_int_equal(tt_tls_session_new(authority, cases[i].name, &session), cases[i].status);
        assert_int_equal(session != NULL, cases[i].status == TT_OK);
        tt_tls_session_free(session);
    }
    for (unsigned i = 0; i < TT_TLS_LEAVES_MAX + 20; i++) {
        char name[32];
        int n = snprintf(name, sizeof(name), "h%u.example.test", i);
        assert_int_equal(tt_tls_session_new(authority, tt_str_make(name, (size_t) n), &session), TT_OK);
        tt_tls_session_free(session);
    }
    tt_tls_authority_free(authority);
}

static void
test_broken(void **state)
{
    (void) state;
    struct tt_tls_authority *authority;
    struct tt_tls_session *session;
    struct tt_buf plain, wire;
    tt_buf_init(&plain, &tt_alloc_libc, TT_MIB);
    tt_buf_init(&wire, &tt_alloc_libc, TT_MIB);
    assert_int_equal(tt_tls_authority_new(&tt_alloc_libc, &authority), TT_OK);
    assert_int_equal(tt_tls_session_new(authority, TT_STR("h.example.test"), &session), TT_OK);
    assert_int_equal(tt_tls_session_feed(session, TT_STR("\x16\x03\x01"), &plain, &wire), TT_OK); /* not yet all */
    assert_int_equal(tt_tls_session_send(session, TT_STR("x"), &wire), TT_E_USAGE);
    assert_int_equal(tt_tls_session_feed(session, TT_STR("\0\5nonsense that is no hello"), &plain, &wire), TT_E_INPUT);
    assert_true(strlen(tt_tls_session_why(session)) > 0);
    assert_int_equal(tt_tls_session_feed(session, TT_STR("x"), &plain, &wire), TT_E_INPUT);
    assert_false(tt_tls_session_is_ready(session));
    assert_false(tt_tls_session_is_closed(session));
    assert_int_equal(plain.len, 0);
    tt_tls_session_end(session, &wire);
    tt_tls_session_free(session);
    tt_tls_authority_free(authority);
    tt_buf_free(&plain);
    tt_buf_free(&wire);
}

static bool
make_session(void *ctx, const struct tt_alloc *alloc)
{
    struct tt_tls_authority *authority;
    struct tt_tls_session *session = NULL;
    (void) ctx;
    bool whole =
        tt_tls_authority_new(alloc, &authority) == TT_OK && tt_tls_session_new(authority, TT_STR("h"), &session) == TT_OK;
    tt_tls_session_free(session);
    tt_tls_authority_free(authority);
    return whole;
}

static void
test_allocations(void **state)
{
    (void) state;
    test_every_allocation(make_session, NULL);
}

/* A client that is already gone, with a request and a line of output still in the descriptors. */
static bool
serve_the_gone(void *ctx, const struct tt_alloc *alloc)
{
    static const char request[] = "POST /v1/messages HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}";
    int out[2], report[2];
    struct tt_capture capture;
    struct tt_mock_settings settings = {.dns = TT_MOCK_DNS_NX};
    (void) ctx;
    assert_int_equal(pipe(out), 0);
    assert_int_equal(pipe(report), 0);
    assert_int_equal(write(out[1], request, sizeof(request) - 1), sizeof(request) - 1);
    close(out[1]);
    close(report[1]);
    const struct tt_mock_ends ends = {.dns = -1, .out = out[0], .err = -1, .report = report[0]};
    tt_capture_init(&capture, alloc);
    bool whole = tt_mock_serve(&settings, &ends, &capture) == TT_OK && !capture.flooded;
    if (whole) {
        assert_str_equal(capture.out, TT_STR(request));
        assert_false(capture.timed_out);
    }
    tt_capture_free(&capture);
    close(out[0]);
    close(report[0]);
    return whole;
}

static void
test_serve_allocations(void **state)
{
    (void) state;
    test_every_allocation(serve_the_gone, NULL);
}

static void
test_too_many_listeners(void **state)
{
    (void) state;
    struct tt_capture capture;
    const struct tt_mock_settings settings = {.wall_ms = 1};
    const struct tt_mock_ends ends = {.listener_count = TT_MOCK_LISTENERS_MAX + 1, .dns = -1, .out = -1, .err = -1, .report = -1};
    tt_capture_init(&capture, &tt_alloc_libc);
    assert_int_equal(tt_mock_serve(&settings, &ends, &capture), TT_E_IO);
    tt_capture_free(&capture);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_authority),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_allocations),
        cmocka_unit_test(test_serve_allocations),
        cmocka_unit_test(test_too_many_listeners),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
