/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one run of a client showed: its requests, byte by byte, the names that it asked for, and how it ended.
 *
 * In memory all of it lies in one arena.  On disk a run is a folder (tt_capture_write).  Bytes of the client stand only in head, body,
 * content, out and err; every other string is printable ASCII, other bytes in it are written \DDD as in zone files (RFC 4343, section 2.1).
 */
#ifndef TT_PROBE_CAPTURE_H
#define TT_PROBE_CAPTURE_H

#include "base/arena.h"
#include "base/buf.h"

enum tt_exchange_kind {
    TT_EXCHANGE_HTTP,      /* head and body of a request; CONNECT and the upgrade to a WebSocket are some, too */
    TT_EXCHANGE_WEBSOCKET, /* a text message: no head; body is its frames as they came, content is what they say */
};

/* The last content coding of a body, by its header. */
enum tt_exchange_coding { TT_ENCODED_NOT, TT_ENCODED_GZIP, TT_ENCODED_ZSTD, TT_ENCODED_DEFLATE, TT_ENCODED_OTHER };

struct tt_exchange {
    uint32_t ordinal;    /* from 1, by the arrival of the request's last byte */
    uint32_t connection; /* from 1, in the order of accepting */
    uint64_t at_us;      /* since the mock began: arrival of the first byte */
    enum tt_exchange_kind kind;
    enum tt_exchange_coding coding;
    bool decoded;                 /* content is without the coding; false only where coding is not TT_ENCODED_NOT */
    bool chunked;                 /* body has the framing of chunks, content has not */
    bool tls;                     /* the request itself came inside TLS */
    uint16_t port;                /* that the client connected to */
    struct tt_str address;        /* the same: "127.0.0.1", "2001:db8::1" */
    struct tt_str sni;            /* of the innermost TLS; empty: none */
    struct tt_str alpn;           /* as offered there: "h2,http/1.1" */
    struct tt_str connect_target; /* "host:443" when the request came through CONNECT; else empty */
    struct tt_str client_hello;   /* hexadecimal: the handshake message of the innermost TLS, from its first byte; empty: none */
    struct tt_str head;           /* request line and headers with the blank line, as they came */
    struct tt_str body;           /* as it came */
    struct tt_str content;        /* without chunks and coding.  The same pointer as body where nothing was removed */
    uint16_t status;              /* of the answer; WebSocket messages: 101 */
};

enum tt_contact_kind {
    TT_CONTACT_DNS,     /* name: the name asked for; detail: the type, "A", "TYPE65" */
    TT_CONTACT_SNI,     /* name: the server name of a ClientHello ("" when it has none); detail: its ALPN; hello: the message */
    TT_CONTACT_CONNECT, /* name: the target */
    TT_CONTACT_FAILED_HANDSHAKE, /* name: the server name; detail: what failed */
    TT_CONTACT_NONSENSE,         /* neither TLS nor HTTP/1: detail says what it was about; name: the first bytes */
    TT_CONTACT_UNKNOWN_PATH,     /* name: the path without its query; answered 404 and an exchange, too */
    TT_CONTACT_WEBSOCKET,        /* name: the path of an attempt */
};
#define TT_CONTACT_KINDS 7

struct tt_contact {
    enum tt_contact_kind kind;
    uint32_t connection; /* 0: none (DNS) */
    uint64_t at_us;
    uint16_t port;
    struct tt_str address;
    struct tt_str name, detail;
    struct tt_str hello; /* hexadecimal; of TT_CONTACT_SNI alone */
};

struct tt_capture {
    struct tt_arena arena;
    struct tt_exchange *exchanges;
    size_t exchange_count, exchange_room;
    struct tt_contact *contacts;
    size_t contact_count, contact_room;

    struct tt_str failure; /* why the run is none, one word: "box", "memory" ...; empty: it is a run.  Set by the runner */
    int exit_code, signal; /* of the client; the runner sets them, like the next two */
    uint64_t clock_calls, peak_kb;
    uint64_t wall_ms;
    bool timed_out; /* the mock's deadline came before the client's end */
    bool out_cut;   /* more output than is kept */
    bool flooded;   /* a bound of the capture was reached: what came behind it is not here */
    struct tt_str out, err;
};

/* An empty capture of at most TT_PROBE_CAPTURE_MAX bytes; allocates nothing. */
void tt_capture_init(struct tt_capture *capture, const struct tt_alloc *alloc);
void tt_capture_free(struct tt_capture *capture);

/* Add a cleared entry; NULL at a bound (then flooded is set) or without memory.  The pointer is valid until the next one. */
struct tt_exchange *tt_capture_exchange(struct tt_capture *capture);
struct tt_contact *tt_capture_contact(struct tt_capture *capture, enum tt_contact_kind kind);

/* Copies bytes as printable ASCII, at most TT_PROBE_NAME_MAX of it; empty, and a flood, when there is no memory. */
struct tt_str tt_capture_name(struct tt_capture *capture, struct tt_str bytes);
struct tt_str tt_capture_hex(struct tt_capture *capture, struct tt_str bytes);

/* The contact's name; of a TLS handshake without one its address and port: "192.0.2.1:443", "[2001:db8::1]:443". */
void tt_contact_add_name(const struct tt_contact *contact, struct tt_buf *out);

const char *tt_contact_kind_name(enum tt_contact_kind kind); /* "dns", "sni" ...: as in run.json; static */

/*
 * On disk, in an empty folder of the run:
 *     run.json       all but the bytes; written last, by a rename: a run with this file is complete
 *     01.request     head and body of exchange 1 as they came
 *     01.content     its content, where it differs from the body
 *     stdout stderr  as far as kept
 * TT_E_IO with errno.
 */
enum tt_status tt_capture_write(const struct tt_capture *capture, int folder) TT_MUST_USE;

/*
 * Reads it back into an initialised capture.  TT_E_INPUT with err->pos in run.json, or 0 where a file of the folder does not fit to it;
 * TT_E_IO: a file is missing or cannot be read (ENOENT for run.json: the run is not complete).
 */
enum tt_status tt_capture_read(struct tt_capture *capture, int folder, struct tt_error *err) TT_MUST_USE;

/* The two halves of it that do no I/O: run.json as text, and back.  After parsing, head, body, content, out and err have lengths but no bytes. */
void tt_capture_format(const struct tt_capture *capture, struct tt_buf *out);
enum tt_status tt_capture_parse(struct tt_capture *capture, struct tt_str json, struct tt_error *err) TT_MUST_USE;

#endif
