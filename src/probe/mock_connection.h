/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection to the mock, as bytes in and bytes out: TLS, CONNECT, HTTP/1 and WebSocket in any nesting that makes sense.  No sockets here.
 */
#ifndef TT_PROBE_MOCK_CONNECTION_H
#define TT_PROBE_MOCK_CONNECTION_H

#include "base/limits.h"
#include "probe/mock.h"
#include "probe/mock_http.h"

/* What the connections of one run share. */
struct tt_mock_state {
    const struct tt_mock_settings *settings;
    struct tt_capture *capture;
    const struct tt_alloc *alloc;
    uint64_t now_us; /* since the run began; set before each call */
    uint64_t bytes;  /* of heads, bodies and hellos so far */
    uint32_t connections, tool_calls;
    enum tt_status status;                                                  /* TT_E_MEMORY sticks: the run is none */
    struct tt_arena arena;                                                  /* of one answer */
    struct tt_buf layers[TT_MOCK_LAYERS_MAX], wire[2], body, answer, hello; /* scratch */
};

void tt_mock_state_init(struct tt_mock_state *state, const struct tt_mock_settings *settings, struct tt_capture *capture);
void tt_mock_state_free(struct tt_mock_state *state);

enum tt_mock_stage {
    TT_MOCK_AT_START,  /* the first byte of whatever comes next decides */
    TT_MOCK_AT_HELLO,  /* in a ClientHello */
    TT_MOCK_AT_HEAD,   /* in the head of a request */
    TT_MOCK_AT_BODY,   /* in its body */
    TT_MOCK_AT_FRAMES, /* in a WebSocket */
};

struct tt_mock_connection {
    struct tt_mock_state *state;
    uint32_t number;
    uint16_t port;
    struct tt_str address; /* in the capture, like all strings that follow */
    struct tt_str sni, alpn, hello, target;
    enum tt_mock_stage stage;
    bool served;   /* a request, and not only a tunnel */
    bool closing;  /* nothing more is taken; close when out is empty */
    bool reported; /* the failure of its handshake has been */
    struct tt_tls_session *layers[TT_MOCK_LAYERS_MAX];
    size_t layer_count;
    struct tt_buf plain;      /* what came and is not yet dealt with: the request at hand, and what is behind it */
    struct tt_buf out;        /* what the client has not yet taken */
    uint64_t first_us;        /* arrival of plain's first byte */
    size_t searched;          /* of plain, for the head's end */
    size_t body_at;           /* of plain: up to where the body is read */
    struct tt_mock_head head; /* its strings are only valid while plain does not grow */
    struct tt_mock_chunks chunks;
    bool continued;        /* 100 was sent */
    struct tt_buf message; /* of a WebSocket: the text so far */
    size_t frames;         /* of plain: the frames of it */
};

/* address: in text, without a prefix for mapped addresses; copied.  NULL without memory. */
struct tt_mock_connection *tt_mock_connection_new(struct tt_mock_state *state, struct tt_str address, uint16_t port);
void tt_mock_connection_free(struct tt_mock_connection *c);

/* Has it served a request, and nothing begun or left to send? */
bool tt_mock_connection_is_idle(const struct tt_mock_connection *c);

/* Memory of its buffers. */
size_t tt_mock_connection_held(const struct tt_mock_connection *c);

/* Bytes of the client; what must go back is appended to c->out.  Without bytes: goes on where out was too full. */
void tt_mock_connection_take(struct tt_mock_connection *c, struct tt_str bytes);

/* The client sends no more: says what it left unfinished.  What out holds may still be sent. */
void tt_mock_connection_end(struct tt_mock_connection *c);

/* ---- between the files of it ---- */

/* Sends bytes through all layers. */
void tt_mock_send(struct tt_mock_connection *c, struct tt_str bytes);

/* Says goodbye in each layer; nothing is taken any more. */
void tt_mock_hang_up(struct tt_mock_connection *c);

/* Adds a contact with the connection's facts. */
struct tt_contact *tt_mock_contact(struct tt_mock_connection *c, enum tt_contact_kind kind, struct tt_str name,
                                   const char *detail);

/* Adds an exchange.  content may be the same bytes as body.  NULL: the capture is full. */
struct tt_exchange *tt_mock_record(struct tt_mock_connection *c, enum tt_exchange_kind kind, struct tt_str head,
                                   struct tt_str body, struct tt_str content);

/* The request that c->head describes is complete, and c->plain begins with it: its body is length bytes.  Captures and answers it. */
void tt_mock_reply(struct tt_mock_connection *c, size_t length);

/* Answers what is no request and hangs up; status: 400, 413. */
void tt_mock_refuse(struct tt_mock_connection *c, unsigned status, const char *why);

/* Deals with the next frame of a WebSocket; false when there is none yet. */
bool tt_mock_take_frame(struct tt_mock_connection *c);

#endif
