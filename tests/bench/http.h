/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/1.1 as the bench's two ends need it: where a message ends, and the bytes of its body.  Both ends and everything between them are
 * ours or well known, so a message that is not understood ends the program.
 */
#ifndef BENCH_HTTP_H
#define BENCH_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_HEAD_MAX 8192

enum http_state { HTTP_HEAD, HTTP_LENGTH, HTTP_CHUNK_SIZE, HTTP_CHUNK, HTTP_CHUNK_END, HTTP_TRAILER, HTTP_DONE };

struct http_reader {
    enum http_state state;
    bool closes;   /* "Connection: close", or no length: the connection is used up */
    uint64_t left; /* of the body or of the chunk */
    size_t line;   /* bytes of the trailer's line so far */
    size_t head_len;
    char head[HTTP_HEAD_MAX + 1];                          /* first line and headers; ends with NUL */
    void (*body)(void *ctx, const char *data, size_t len); /* may be NULL */
    void *ctx;
};

/* Before each message; keeps body and ctx. */
void http_begin(struct http_reader *reader);

/* Takes bytes until the message is done; returns how many it took. */
size_t http_feed(struct http_reader *reader, const char *data, size_t len);

/* The value of a header (the name in lower case), or NULL; runs to the end of its line. */
const char *http_header(const struct http_reader *reader, const char *name);

/* The whole number behind "name=" in the first line's query; otherwise fallback. */
uint64_t http_query(const struct http_reader *reader, const char *name, uint64_t fallback);

/* Reports what the operating system or the other end did, and ends the program. */
_Noreturn void http_fail(const char *what);

/* A listening or connected socket on loopback that does not block; listen: *port 0 is replaced by the port that was bound. */
int http_listen(uint16_t *port);
int http_connect(uint16_t port, bool block);

uint64_t http_now_ns(void); /* CLOCK_MONOTONIC: the same for all programs of a machine */

#endif
