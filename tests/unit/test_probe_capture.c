/* SPDX-License-Identifier: Apache-2.0 */
/* Captures: adding, names, run.json in both directions, and folders that are not what they should be. */
#include "folder.h"

#include "base/limits.h"
#include "probe/capture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- in memory ---- */

static void
test_names(void **state)
{
    (void) state;
    static const struct {
        struct tt_str bytes;
        const char *name;
    } cases[] = {
        {TT_STR_INIT(""), ""},
        {TT_STR_INIT("api.example.test:443"), "api.example.test:443"},
        {TT_STR_INIT("a b\\c\"~"), "a b\\092c\"~"},
        {TT_STR_INIT("\0\x1F\x7F\x80\xFF\n"), "\\000\\031\\127\\128\\255\\010"},
    };
    struct tt_capture capture;
    static char many[TT_PROBE_NAME_MAX];
    tt_capture_init(&capture, &tt_alloc_libc);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_str_equal(tt_capture_name(&capture, cases[i].bytes), tt_str_cstr(cases[i].name));
    }
    assert_int_equal(tt_capture_name(&capture, tt_str_make(many, sizeof(many))).len, TT_PROBE_NAME_MAX);
    assert_str_equal(tt_capture_hex(&capture, TT_STR("\x00\xA5z")), TT_STR("00a57a"));
    for (unsigned kind = 0; kind < TT_CONTACT_KINDS; kind++) {
        assert_non_null(tt_contact_kind_name((enum tt_contact_kind) kind));
    }
    tt_capture_free(&capture);
}

static void
test_bounds(void **state)
{
    (void) state;
    struct tt_capture capture;
    tt_capture_init(&capture, &tt_alloc_libc);
    for (uint32_t i = 1; i <= TT_PROBE_EXCHANGES_MAX; i++) {
        struct tt_exchange *exchange = tt_capture_exchange(&capture);
        assert_non_null(exchange);
        assert_int_equal(exchange->ordinal, i);
        exchange->port = (uint16_t) i;
    }
    assert_false(capture.flooded);
    assert_null(tt_capture_exchange(&capture));
    assert_true(capture.flooded);
    for (uint32_t i = 0; i < TT_PROBE_EXCHANGES_MAX; i++) {
        assert_int_equal(capture.exchanges[i].port, i + 1);
    }
    capture.flooded = false;
    for (uint32_t i = 0; i < TT_PROBE_CONTACTS_MAX; i++) {
        assert_non_null(tt_capture_contact(&capture, TT_CONTACT_DNS));
    }
    assert_null(tt_capture_contact(&capture, TT_CONTACT_DNS));
    assert_true(capture.flooded);
    tt_capture_free(&capture);
}

/* ---- both ways ---- */

static void
fill(struct tt_capture *capture)
{
    struct tt_exchange *first = tt_capture_exchange(capture);
    if (first) {
        *first = (struct tt_exchange) {.ordinal = 1,
                                       .connection = 4,
                                       .at_us = UINT64_MAX,
                                       .coding = TT_ENCODED_OTHER,
                                       .chunked = true,
                                       .port = 65535,
                                       .address = TT_STR("2001:db8::1"),
                                       .head = TT_STR("POST / HTTP/1.1\r\n\r\n"),
                                       .body = TT_STR("2\r\n\xFF\0\r\n0\r\n\r\n"),
                                       .content = TT_STR("\xFF\0"),
                                       .status = 404};
    }
    struct tt_exchange *second = tt_capture_exchange(capture);
    if (second) {
        *second = (struct tt_exchange) {.ordinal = 2,
                                        .kind = TT_EXCHANGE_WEBSOCKET,
                                        .decoded = true,
                                        .tls = true,
                                        .sni = TT_STR("a\\000\"b"),
                                        .alpn = TT_STR("h2,http/1.1"),
                                        .connect_target = TT_STR("h:443"),
                                        .client_hello = TT_STR("0100"),
                                        .status = 101};
    }
    struct tt_contact *contact = tt_capture_contact(capture, TT_CONTACT_WEBSOCKET);
    if (contact) {
        contact->name = TT_STR("/v1/responses");
        contact->detail = TT_STR("d");
        contact->hello = TT_STR("ff");
        contact->port = 53;
        contact->at_us = 12;
    }
    capture->failure = TT_STR("box");
    capture->exit_code = 3;
    capture->signal = 9;
    capture->clock_calls = 13;
    capture->peak_kb = 250000;
    capture->wall_ms = 1800;
    capture->timed_out = capture->out_cut = true;
    capture->out = TT_STR("out\n");
    capture->err = TT_STR("");
}

static void
assert_same(const struct tt_capture *a, const struct tt_capture *b)
{
    struct tt_buf first, second;
    tt_buf_init(&first, &tt_alloc_libc, TT_MIB);
    tt_buf_init(&second, &tt_alloc_libc, TT_MIB);
    tt_capture_format(a, &first);
    tt_capture_format(b, &second);
    assert_str_equal(tt_buf_str(&first), tt_buf_str(&second));
    tt_buf_free(&first);
    tt_buf_free(&second);
}

/* A folder of the test; removed with what a run leaves in it. */
static int
make_folder(char path[FOLDER_PATH_MAX])
{
    folder_make(path);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static void
remove_folder(int fd, const char *path)
{
    close(fd);
    assert_int_equal(folder_remove(path), 0);
}

static void
test_round_trip(void **state)
{
    (void) state;
    char path[FOLDER_PATH_MAX];
    int folder = make_folder(path);
    struct tt_capture capture, again;
    struct tt_error err;
    tt_capture_init(&capture, &tt_alloc_libc);
    tt_capture_init(&again, &tt_alloc_libc);
    assert_int_equal(tt_capture_read(&again, folder, &err), TT_E_IO); /* nothing there yet */
    fill(&capture);
    assert_int_equal(tt_capture_write(&capture, folder), TT_OK);
    assert_int_equal(tt_capture_read(&again, folder, &err), TT_OK);
    assert_same(&capture, &again);
    for (size_t i = 0; i < 2; i++) {
        assert_str_equal(again.exchanges[i].head, capture.exchanges[i].head);
        assert_str_equal(again.exchanges[i].body, capture.exchanges[i].body);
        assert_str_equal(again.exchanges[i].content, capture.exchanges[i].content);
    }
    assert_ptr_equal(again.exchanges[1].content.ptr, again.exchanges[1].body.ptr);
    assert_str_equal(again.out, TT_STR("out\n"));
    tt_capture_free(&capture);
    tt_capture_free(&again);
    remove_folder(folder, path);
}

/* What is on disk is not believed. */
static void
test_damaged(void **state)
{
    (void) state;
    static const char *const names[] = {"01.request", "01.content", "02.request", "stdout", "run.json"};
    for (size_t i = 0; i < 3 * sizeof(names) / sizeof(*names); i++) {
        char path[FOLDER_PATH_MAX];
        int folder = make_folder(path);
        struct tt_capture capture, again;
        struct tt_error err = {.msg = NULL};
        tt_capture_init(&capture, &tt_alloc_libc);
        tt_capture_init(&again, &tt_alloc_libc);
        fill(&capture);
        assert_int_equal(tt_capture_write(&capture, folder), TT_OK);
        const char *name = names[i / 3];
        if (i % 3 == 0) {
            assert_int_equal(unlinkat(folder, name, 0), 0);
        } else if (i % 3 == 1) {
            int fd = openat(folder, name, O_WRONLY | O_APPEND | O_CLOEXEC);
            assert_int_equal(write(fd, "x", 1), 1);
            close(fd);
        } else {
            assert_int_equal(unlinkat(folder, name, 0), 0);
            assert_int_equal(symlinkat("/dev/zero", folder, name), 0);
        }
        enum tt_status status = tt_capture_read(&again, folder, &err);
        assert_int_not_equal(status, TT_OK);
        assert_non_null(err.msg);
        tt_capture_free(&capture);
        tt_capture_free(&again);
        remove_folder(folder, path);
    }
}

/* ---- run.json ---- */

static void
test_broken_text(void **state)
{
    (void) state;
    static const struct {
        const char *from, *to;
        enum tt_status status;
    } cases[] = {
        {"\"version\":1", "\"version\":2", TT_E_UNSUPPORTED},
        {"\"version\":1", "\"version\":\"1\"", TT_E_INPUT},
        {"\"version\":1,", "", TT_E_INPUT},
        {"\"exit_code\":3", "\"exit_code\":-3", TT_E_INPUT},
        {"\"exit_code\":3", "\"exit_code\":3.0", TT_E_INPUT},
        {"\"exit_code\":3", "\"exit_code\":2147483648", TT_E_INPUT},
        {"\"exit_code\":3", "\"exit_kode\":3", TT_E_INPUT},
        {"\"timed_out\":true", "\"timed_out\":1", TT_E_INPUT},
        {"\"port\":65535", "\"port\":65536", TT_E_INPUT},
        {"\"at_us\":18446744073709551615", "\"at_us\":18446744073709551616", TT_E_INPUT},
        {"\"ordinal\":2", "\"ordinal\":3", TT_E_INPUT},
        {"\"ordinal\":1", "\"ordinal\":1,\"ordinal\":1", TT_E_INPUT},
        {"\"kind\":\"http\"", "\"kind\":\"gopher\"", TT_E_INPUT},
        {"\"kind\":\"http\"", "\"kind\":0", TT_E_INPUT},
        {"\"sni\":\"a", "\"sni\":\"\\n", TT_E_INPUT},
        {"\"sni\":\"a", "\"sni\":\"\xC3\xA9", TT_E_INPUT},
        {"\"head\":19", "\"head\":99999999999", TT_E_INPUT},
        {"\"contacts\":[", "\"contacts\":[7,", TT_E_INPUT},
        {"\"contacts\":[", "\"contakts\":[", TT_E_INPUT},
        {"\"exchanges\":[", "\"exchanges\":{},\"x\":[", TT_E_INPUT},
        {"]}\n", "]}]", TT_E_INPUT},
    };
    struct tt_capture capture;
    struct tt_buf text, broken;
    tt_capture_init(&capture, &tt_alloc_libc);
    tt_buf_init(&text, &tt_alloc_libc, TT_MIB);
    tt_buf_init(&broken, &tt_alloc_libc, TT_MIB);
    fill(&capture);
    tt_capture_format(&capture, &text);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct tt_str from = tt_str_cstr(cases[i].from);
        const char *at = memmem(text.ptr, text.len, from.ptr, from.len);
        struct tt_error err = {.msg = NULL};
        struct tt_capture again;
        print_message("# case %zu\n", i);
        assert_non_null(at);
        size_t before = (size_t) (at - text.ptr);
        tt_buf_clear(&broken);
        tt_buf_add(&broken, tt_str_make(text.ptr, before));
        tt_buf_add_cstr(&broken, cases[i].to);
        tt_buf_add(&broken, tt_str_slice(tt_buf_str(&text), before + from.len, text.len));
        tt_capture_init(&again, &tt_alloc_libc);
        assert_int_equal(tt_capture_parse(&again, tt_buf_str(&broken), &err), cases[i].status);
        assert_non_null(err.msg);
        tt_capture_free(&again);
    }
    tt_buf_free(&text);
    tt_buf_free(&broken);
    tt_capture_free(&capture);
}

static bool
read_and_write(void *ctx, const struct tt_alloc *alloc)
{
    int folder = *(int *) ctx;
    struct tt_capture capture, again;
    struct tt_error err;
    tt_capture_init(&capture, alloc);
    tt_capture_init(&again, alloc);
    fill(&capture);
    bool whole = capture.exchange_count == 2 && capture.contact_count == 1 && tt_capture_write(&capture, folder) == TT_OK;
    whole = whole && tt_capture_read(&again, folder, &err) == TT_OK && again.exchange_count == 2;
    tt_capture_free(&capture);
    tt_capture_free(&again);
    return whole;
}

static void
test_allocations(void **state)
{
    (void) state;
    char path[FOLDER_PATH_MAX];
    int folder = make_folder(path);
    test_every_allocation(read_and_write, &folder);
    remove_folder(folder, path);
}

static void
test_contact_names(void **state)
{
    (void) state;
    static const struct {
        enum tt_contact_kind kind;
        const char *name, *address, *said;
    } rows[] = {
        {TT_CONTACT_SNI, "a.test", "127.0.0.1", "a.test"},
        {TT_CONTACT_SNI, "", "127.0.0.1", "127.0.0.1:443"},
        {TT_CONTACT_FAILED_HANDSHAKE, "", "2001:db8::1", "[2001:db8::1]:443"},
        {TT_CONTACT_NONSENSE, "", "127.0.0.1", ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct tt_contact contact = {
            .kind = rows[i].kind, .name = tt_str_cstr(rows[i].name), .address = tt_str_cstr(rows[i].address), .port = 443};
        struct tt_buf said;
        tt_buf_init(&said, &tt_alloc_libc, TT_KIB);
        tt_contact_add_name(&contact, &said);
        assert_str_equal(tt_buf_str(&said), tt_str_cstr(rows[i].said));
        tt_buf_free(&said);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contact_names), cmocka_unit_test(test_names),   cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_round_trip),    cmocka_unit_test(test_damaged), cmocka_unit_test(test_broken_text),
        cmocka_unit_test(test_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
