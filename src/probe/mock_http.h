/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests of HTTP/1 as clients write them (RFC 9112): where a head and a body end, and the little of them that decides how to answer.  Lenient, because
 * what a client sends is to be captured and not to be refused.
 */
#ifndef TT_PROBE_MOCK_HTTP_H
#define TT_PROBE_MOCK_HTTP_H

#include "base/buf.h"
#include "probe/capture.h"
#include "probe/got.h"

/* All strings are borrowed from the bytes that were read. */
struct tt_mock_head {
    size_t length; /* bytes of the head with its blank line */
    struct tt_str method, target;
    struct tt_str path; /* of the target, without scheme, host and query; of CONNECT and "*" the target */
    struct tt_str query;
    bool old;        /* HTTP/1.0 */
    bool keep_alive; /* the connection goes on behind this request */
    bool chunked;
    bool expects; /* Expect: 100-continue */
    bool upgrade; /* to WebSocket */
    uint64_t content_length;
    struct tt_str socket_key; /* Sec-WebSocket-Key */
    struct tt_str content_encoding;
    const char *why; /* of nonsense: what about it; static */
};

/*
 * Reads the head that bytes begin with.  *searched: bytes in which no end was found before, 0 at first; it is moved on.  A head over TT_PROBE_HEAD_MAX
 * is nonsense.
 */
enum tt_got tt_mock_head_read(struct tt_str bytes, size_t *searched, struct tt_mock_head *head);

/* The chunks of a body; zero: at the first. */
struct tt_mock_chunks {
    uint8_t state;
    uint8_t digits;
    uint64_t left;
    uint64_t total; /* bytes of content so far */
    uint32_t line;  /* bytes of the line at hand */
};

/* Takes bytes up to the body's end; *used of them.  content (may be NULL) gets what the chunks hold. */
enum tt_got tt_mock_chunks_read(struct tt_mock_chunks *chunks, struct tt_str bytes, size_t *used, struct tt_buf *content);

/* What a Content-Encoding means; of two of them: other. */
enum tt_exchange_coding tt_mock_coding_of(struct tt_str content_encoding);

#endif
