/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the mock on sockets of the loopback, for tests.
 *
 * usage: mock_serve FOLDER [any] [redirect] [tool] [socket] [tls] [wall=MS] [output=N:OUT:ERR] [listeners=N] [answer=PATH=FILE] ...
 *
 * Writes ca.pem and bundle.pem to FOLDER (with tls), then prints the ports of the listeners and of DNS in one line.  Serves until its standard input ends,
 * then writes the capture to FOLDER/run.  With output=N:OUT:ERR these descriptors are the client's output, of which N bytes are kept each.
 */
#include "base/limits.h"
#include "probe/mock.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define ANSWERS_MAX 8

static void
fail(const char *what)
{
    perror(what);
    exit(1);
}

/* any: on all addresses of both families, as in the box, but of the loopback alone. */
static int
open_socket(int type, bool any, unsigned *port)
{
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    struct sockaddr *address = any ? (struct sockaddr *) &six : (struct sockaddr *) &four;
    socklen_t len = any ? sizeof(six) : sizeof(four);
    const int off = 0;
    int fd = socket(any ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, 0);
    if (fd < 0 ||
        (any && (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) != 0 ||
                 setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2) != 0)) ||
        bind(fd, address, len) != 0 || (type == SOCK_STREAM && listen(fd, 64) != 0) || getsockname(fd, address, &len) != 0) {
        fail("socket");
    }
    *port = ntohs(any ? six.sin6_port : four.sin_port);
    return fd;
}

static void
write_file(const char *folder, const char *name, struct tt_str bytes)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    if (!file || fwrite(bytes.ptr, 1, bytes.len, file) != bytes.len || fclose(file) != 0) {
        fail(path);
    }
}

static struct tt_str
read_file(const char *path)
{
    static char room[ANSWERS_MAX][65536];
    static size_t used;
    FILE *file = fopen(path, "r");
    if (!file || used == ANSWERS_MAX) {
        fail(path);
    }
    size_t n = fread(room[used], 1, sizeof(room[used]), file);
    fclose(file);
    return tt_str_make(room[used++], n);
}

static void
take_option(struct tt_mock_settings *settings, struct tt_mock_answer *answers, size_t *listeners, int output[2], char *option)
{
    if (strcmp(option, "redirect") == 0) {
        settings->dns = TT_MOCK_DNS_REDIRECT;
    } else if (strcmp(option, "tool") == 0) {
        settings->tool_turn = true;
    } else if (strcmp(option, "socket") == 0) {
        settings->web_socket = true;
    } else if (strcmp(option, "tls") == 0) {
        if (tt_tls_authority_new(&tt_alloc_libc, &settings->authority) != TT_OK) {
            fail("OpenSSL");
        }
    } else if (strncmp(option, "wall=", 5) == 0) {
        settings->wall_ms = strtoull(option + 5, NULL, 10);
    } else if (strncmp(option, "output=", 7) == 0) {
        char *rest;
        settings->output_max = strtoull(option + 7, &rest, 10);
        output[0] = (int) strtol(rest + 1, &rest, 10);
        output[1] = (int) strtol(rest + 1, &rest, 10);
    } else if (strncmp(option, "listeners=", 10) == 0) {
        *listeners = strtoul(option + 10, NULL, 10);
    } else if (strncmp(option, "answer=", 7) == 0) {
        char *equals = strchr(option + 7, '=');
        *equals = '\0';
        answers[settings->answer_count++] = (struct tt_mock_answer) {tt_str_cstr(option + 7), read_file(equals + 1)};
    } else {
        fail(option);
    }
}

static void
write_authority(const struct tt_mock_settings *settings, const char *folder)
{
    struct tt_buf bundle;
    tt_buf_init(&bundle, &tt_alloc_libc, TT_TLS_ROOTS_MAX);
    if (tt_tls_bundle(settings->authority, &bundle) != TT_OK) {
        fail("bundle");
    }
    write_file(folder, "ca.pem", tt_tls_authority_pem(settings->authority));
    write_file(folder, "bundle.pem", tt_buf_str(&bundle));
    tt_buf_free(&bundle);
}

static void
write_run(const struct tt_capture *capture, const char *folder)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/run", folder);
    int fd = mkdir(path, 0700) == 0 ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd < 0 || tt_capture_write(capture, fd) != TT_OK) {
        fail(path);
    }
    struct tt_capture again;
    struct tt_error err = {.msg = ""};
    tt_capture_init(&again, &tt_alloc_libc);
    if (tt_capture_read(&again, fd, &err) != TT_OK || again.exchange_count != capture->exchange_count) {
        fail(err.msg);
    }
    tt_capture_free(&again);
    close(fd);
}

int
main(int argc, char **argv)
{
    struct tt_mock_settings settings = {.dns = TT_MOCK_DNS_NX};
    struct tt_mock_answer answers[ANSWERS_MAX];
    struct tt_capture capture;
    int listeners[TT_MOCK_LISTENERS_MAX], output[2] = {-1, -1};
    size_t count = 2;
    unsigned port;
    bool any = argc > 2 && strcmp(argv[2], "any") == 0;
    settings.answers = answers;
    for (int i = any ? 3 : 2; i < argc; i++) {
        take_option(&settings, answers, &count, output, argv[i]);
    }
    if (argc < 2 || count > TT_MOCK_LISTENERS_MAX) {
        return 2;
    }
    for (size_t i = 0; i < count; i++) {
        listeners[i] = open_socket(SOCK_STREAM, any, &port);
        printf("%u ", port);
    }
    int dns = open_socket(SOCK_DGRAM, any, &port);
    if (settings.authority) {
        write_authority(&settings, argv[1]);
    }
    printf("%u\n", port);
    fflush(stdout);
    const struct tt_mock_ends ends = {
        .listeners = listeners, .listener_count = count, .dns = dns, .out = output[0], .err = output[1], .report = 0};
    tt_capture_init(&capture, &tt_alloc_libc);
    enum tt_status status = tt_mock_serve(&settings, &ends, &capture);
    if (status != TT_OK) {
        fprintf(stderr, "mock_serve: %s\n", tt_status_name(status));
        return 1;
    }
    write_run(&capture, argv[1]);
    tt_capture_free(&capture);
    tt_tls_authority_free(settings.authority);
    return 0;
}
