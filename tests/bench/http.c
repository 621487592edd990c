/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See http.h.  A message is read as it arrives, cut anywhere; RFC 9112 sections 2, 6 and 7.
 */
#include "http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

void
http_fail(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, errno ? strerror(errno) : "not understood");
    exit(1);
}

void
http_begin(struct http_reader *reader)
{
    reader->state = HTTP_HEAD;
    reader->closes = false;
    reader->left = reader->line = reader->head_len = 0;
    reader->head[0] = '\0';
}

const char *
http_header(const struct http_reader *reader, const char *name)
{
    size_t len = strlen(name);
    for (const char *line = strchr(reader->head, '\n'); line; line = strchr(line, '\n')) {
        line++;
        if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
            line += len + 1;
            return line + strspn(line, " \t");
        }
    }
    return NULL;
}

uint64_t
http_query(const struct http_reader *reader, const char *name, uint64_t fallback)
{
    size_t len = strlen(name), line = strcspn(reader->head, "\r\n");
    const char *query = memchr(reader->head, '?', line);
    for (; query && query < reader->head + line; query = strpbrk(query, "&\r\n")) {
        query++;
        if (strncmp(query, name, len) == 0 && query[len] == '=') {
            return strtoull(query + len + 1, NULL, 10);
        }
    }
    return fallback;
}

static bool
says(const char *value, const char *word)
{
    return value && strncasecmp(value, word, strlen(word)) == 0;
}

/* The head is there: how the body ends. */
static void
begin_body(struct http_reader *reader)
{
    const char *length = http_header(reader, "content-length");
    reader->closes = says(http_header(reader, "connection"), "close");
    if (says(http_header(reader, "transfer-encoding"), "chunked")) {
        reader->state = HTTP_CHUNK_SIZE;
        return;
    }
    bool response = strncmp(reader->head, "HTTP/", 5) == 0;
    if (!length && response) {
        reader->closes = true;
    }
    reader->left = length ? strtoull(length, NULL, 10) : response ? UINT64_MAX : 0;
    reader->state = reader->left > 0 ? HTTP_LENGTH : HTTP_DONE;
}

static size_t
feed_head(struct http_reader *reader, const char *data, size_t len)
{
    /* The blank line may have begun in what came before. */
    size_t room = HTTP_HEAD_MAX - reader->head_len, take = len < room ? len : room;
    size_t from = reader->head_len > 3 ? reader->head_len - 3 : 0, before = reader->head_len;
    memcpy(reader->head + before, data, take);
    char *end = memmem(reader->head + from, before + take - from, "\r\n\r\n", 4);
    if (!end) {
        if (take < len) {
            errno = 0;
            http_fail("http: a long head");
        }
        reader->head_len = before + take;
        return take;
    }
    reader->head_len = (size_t) (end - reader->head) + 4;
    reader->head[reader->head_len] = '\0';
    begin_body(reader);
    return reader->head_len - before;
}

static size_t
feed_data(struct http_reader *reader, const char *data, size_t len)
{
    size_t take = len < reader->left ? len : (size_t) reader->left;
    if (reader->body) {
        reader->body(reader->ctx, data, take);
    }
    reader->left -= take;
    if (reader->left == 0) {
        reader->state = reader->state == HTTP_CHUNK ? HTTP_CHUNK_END : HTTP_DONE;
    }
    return take;
}

static int
digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* One byte of the framing around chunks.  Extensions of a chunk are not sent here. */
static void
feed_framing(struct http_reader *reader, char c)
{
    if (reader->state == HTTP_CHUNK_SIZE && digit(c) >= 0) {
        reader->left = reader->left * 16 + (uint64_t) digit(c);
    } else if (reader->state == HTTP_CHUNK_SIZE && c == '\n') {
        reader->state = reader->left > 0 ? HTTP_CHUNK : HTTP_TRAILER;
    } else if (reader->state == HTTP_CHUNK_END && c == '\n') {
        reader->state = HTTP_CHUNK_SIZE;
    } else if (reader->state == HTTP_TRAILER && c == '\n') {
        reader->state = reader->line == 0 ? HTTP_DONE : HTTP_TRAILER;
        reader->line = 0;
    } else if (reader->state == HTTP_TRAILER && c != '\r') {
        reader->line++;
    } else if (c != '\r') {
        errno = 0;
        http_fail("http: a chunk");
    }
}

size_t
http_feed(struct http_reader *reader, const char *data, size_t len)
{
    size_t at = 0;
    while (at < len && reader->state != HTTP_DONE) {
        if (reader->state == HTTP_HEAD) {
            at += feed_head(reader, data + at, len - at);
        } else if (reader->state == HTTP_LENGTH || reader->state == HTTP_CHUNK) {
            at += feed_data(reader, data + at, len - at);
        } else {
            feed_framing(reader, data[at++]);
        }
    }
    return at;
}

static int
make_socket(struct sockaddr_in *address, uint16_t port)
{
    const int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    *address = (struct sockaddr_in) {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0) {
        http_fail("socket");
    }
    return fd;
}

int
http_listen(uint16_t *port)
{
    struct sockaddr_in address;
    socklen_t len = sizeof(address);
    int fd = make_socket(&address, *port);
    if (bind(fd, (struct sockaddr *) &address, len) != 0 || listen(fd, 1024) != 0 ||
        getsockname(fd, (struct sockaddr *) &address, &len) != 0 || fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
        http_fail("listen");
    }
    *port = ntohs(address.sin_port);
    return fd;
}

int
http_connect(uint16_t port, bool block)
{
    struct sockaddr_in address;
    int fd = make_socket(&address, port);
    if (connect(fd, (struct sockaddr *) &address, sizeof(address)) != 0) {
        close(fd);
        return -1;
    }
    if (!block && fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
        http_fail("fcntl");
    }
    return fd;
}

uint64_t
http_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec;
}
