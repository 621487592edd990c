/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stages of a connection to the mock; see mock_connection.h.
 *
 * In: bytes as they come from a socket.  Out: bytes for it, and entries in the capture.
 *
 * What comes passes the layers of TLS, outermost first, and lands in plain.  Stages read from plain's beginning: whatever is complete is dealt with and dropped
 * from it.  A layer is added where plain begins like TLS, at the start or behind CONNECT; then plain is its input so far.
 * Invariant: plain holds no more than one head, one body and one read.
 */
#include "probe/mock_connection.h"

#define FIRST_BYTES 64 /* of nonsense, that are shown */

#define TLS_HANDSHAKE 0x16

/* ---- what connections share ---- */

void
tt_mock_state_init(struct tt_mock_state *state, const struct tt_mock_settings *settings, struct tt_capture *capture)
{
    const struct tt_alloc *alloc = capture->arena.alloc;
    *state = (struct tt_mock_state) {.settings = settings, .capture = capture, .alloc = alloc};
    tt_arena_init(&state->arena, alloc, TT_MOCK_ARENA);
    for (size_t i = 0; i < TT_MOCK_LAYERS_MAX; i++) {
        tt_buf_init(&state->layers[i], alloc, TT_MOCK_ANSWER_MAX);
    }
    for (size_t i = 0; i < 2; i++) {
        tt_buf_init(&state->wire[i], alloc, 2 * TT_MOCK_ANSWER_MAX);
    }
    tt_buf_init(&state->body, alloc, TT_PROBE_BODY_MAX + TT_MOCK_READ);
    tt_buf_init(&state->answer, alloc, TT_MOCK_ANSWER_MAX);
    tt_buf_init(&state->hello, alloc, TT_TLS_HELLO_MAX);
}

void
tt_mock_state_free(struct tt_mock_state *state)
{
    for (size_t i = 0; i < TT_MOCK_LAYERS_MAX; i++) {
        tt_buf_free(&state->layers[i]);
    }
    tt_buf_free(&state->wire[0]);
    tt_buf_free(&state->wire[1]);
    tt_buf_free(&state->body);
    tt_buf_free(&state->answer);
    tt_buf_free(&state->hello);
    tt_arena_free(&state->arena);
}

/* ---- making ---- */

struct tt_mock_connection *
tt_mock_connection_new(struct tt_mock_state *state, struct tt_str address, uint16_t port)
{
    struct tt_mock_connection *c = tt_alloc_new(state->alloc, sizeof(*c));
    if (!c) {
        state->status = TT_E_MEMORY;
        return NULL;
    }
    *c = (struct tt_mock_connection) {.state = state, .number = ++state->connections, .port = port};
    c->address = tt_capture_name(state->capture, address);
    tt_buf_init(&c->plain, state->alloc, TT_PROBE_HEAD_MAX + TT_PROBE_BODY_MAX + TT_MOCK_ANSWER_MAX);
    tt_buf_init(&c->out, state->alloc, 2 * TT_MOCK_ANSWER_MAX + TT_MOCK_WAITING_MAX);
    tt_buf_init(&c->message, state->alloc, TT_PROBE_BODY_MAX);
    return c;
}

bool
tt_mock_connection_is_idle(const struct tt_mock_connection *c)
{
    return c->served && c->stage == TT_MOCK_AT_START && c->plain.len == 0 && c->out.len == 0;
}

size_t
tt_mock_connection_held(const struct tt_mock_connection *c)
{
    return c->plain.cap + c->out.cap + c->message.cap;
}

void
tt_mock_connection_free(struct tt_mock_connection *c)
{
    if (!c) {
        return;
    }
    for (size_t i = 0; i < c->layer_count; i++) {
        tt_tls_session_free(c->layers[i]);
    }
    tt_buf_free(&c->plain);
    tt_buf_free(&c->out);
    tt_buf_free(&c->message);
    tt_alloc_free(c->state->alloc, c, sizeof(*c));
}

/* ---- sending ---- */

/* Sends bytes that belong outside of the layer of that number: through the layers around it. */
static void
send_outside(struct tt_mock_connection *c, size_t layer, struct tt_str bytes)
{
    struct tt_buf *wire = c->state->wire;
    for (size_t turn = 0; layer > 0; turn ^= 1) {
        layer--;
        tt_buf_clear(&wire[turn]);
        if (tt_tls_session_send(c->layers[layer], bytes, &wire[turn]) != TT_OK) {
            c->closing = true;
            return;
        }
        bytes = tt_buf_str(&wire[turn]);
    }
    tt_buf_add(&c->out, bytes);
}

void
tt_mock_send(struct tt_mock_connection *c, struct tt_str bytes)
{
    send_outside(c, c->layer_count, bytes);
}

void
tt_mock_hang_up(struct tt_mock_connection *c)
{
    for (size_t i = c->layer_count; i > 0 && !c->closing; i--) {
        struct tt_buf *said = &c->state->layers[0];
        tt_buf_clear(said);
        tt_tls_session_end(c->layers[i - 1], said);
        send_outside(c, i - 1, tt_buf_str(said));
    }
    c->closing = true;
}

/* ---- the capture ---- */

struct tt_contact *
tt_mock_contact(struct tt_mock_connection *c, enum tt_contact_kind kind, struct tt_str name, const char *detail)
{
    struct tt_contact *contact = tt_capture_contact(c->state->capture, kind);
    if (contact) {
        contact->connection = c->number;
        contact->at_us = c->state->now_us;
        contact->port = c->port;
        contact->address = c->address;
        contact->name = tt_capture_name(c->state->capture, name);
        contact->detail = tt_capture_name(c->state->capture, tt_str_cstr(detail));
    }
    return contact;
}

static void
report_nonsense(struct tt_mock_connection *c, const char *why)
{
    tt_mock_contact(c, TT_CONTACT_NONSENSE, tt_str_slice(tt_buf_str(&c->plain), 0, FIRST_BYTES), why);
}

static void
report_handshake(struct tt_mock_connection *c, const char *why)
{
    if (!c->reported) {
        struct tt_contact *contact = tt_mock_contact(c, TT_CONTACT_FAILED_HANDSHAKE, TT_STR(""), why);
        if (contact) {
            contact->name = c->sni;
        }
    }
    c->reported = true;
}

void
tt_mock_refuse(struct tt_mock_connection *c, unsigned status, const char *why)
{
    report_nonsense(c, why);
    tt_mock_send(c, status == 413 ? TT_STR("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                                  : TT_STR("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
    tt_mock_hang_up(c);
}

/* ---- TLS ---- */

/* The list of ALPN as text: "h2,http/1.1". */
static struct tt_str
alpn_text(struct tt_mock_connection *c, struct tt_str list)
{
    struct tt_buf *text = &c->state->body;
    tt_buf_clear(text);
    for (size_t at = 0; at < list.len; at += 1 + (unsigned char) list.ptr[at]) {
        tt_buf_add_cstr(text, text->len > 0 ? "," : "");
        tt_buf_add(text, tt_str_slice(list, at + 1, at + 1 + (unsigned char) list.ptr[at]));
    }
    return tt_capture_name(c->state->capture, tt_buf_str(text));
}

/* Bytes for the layer of that number, and what comes out of it for the next; the last one's is plain. */
static void
take_from(struct tt_mock_connection *c, size_t layer, struct tt_str bytes)
{
    for (; layer < c->layer_count; layer++) {
        struct tt_buf *out = &c->state->layers[layer], *wire = &c->state->answer;
        tt_buf_clear(out);
        tt_buf_clear(wire);
        enum tt_status status = tt_tls_session_feed(c->layers[layer], bytes, out, wire);
        send_outside(c, layer, tt_buf_str(wire));
        if (status != TT_OK) {
            if (tt_tls_session_is_ready(c->layers[layer])) {
                tt_mock_contact(c, TT_CONTACT_NONSENSE, TT_STR(""), tt_tls_session_why(c->layers[layer]));
            } else {
                report_handshake(c, tt_tls_session_why(c->layers[layer]));
            }
            c->closing = true;
        }
        bytes = tt_buf_str(out);
    }
    if (c->plain.len == 0) {
        c->first_us = c->state->now_us;
    }
    tt_buf_add(&c->plain, bytes);
}

static void
begin_layer(struct tt_mock_connection *c, const struct tt_tls_hello *hello)
{
    struct tt_mock_state *state = c->state;
    struct tt_contact *contact = tt_mock_contact(c, TT_CONTACT_SNI, hello->sni, "");
    c->sni = tt_capture_name(state->capture, hello->sni);
    c->alpn = alpn_text(c, hello->alpn);
    c->hello = tt_capture_hex(state->capture, hello->message);
    state->bytes += c->hello.len;
    state->capture->flooded = state->capture->flooded || state->bytes > TT_PROBE_BYTES_MAX;
    if (contact) {
        contact->detail = c->alpn;
        contact->hello = c->hello;
    }
    if (!state->settings->authority) {
        report_handshake(c, "the mock has no certificates");
        c->closing = true;
        return;
    }
    struct tt_str name = hello->sni.len > 0 ? hello->sni : c->address;
    enum tt_status status = tt_tls_session_new(state->settings->authority, name, &c->layers[c->layer_count]);
    if (status != TT_OK) {
        report_handshake(c, "no certificate could be made for this name");
        c->closing = true;
        return;
    }
    /* What has come so far is the layer's; the buffer is emptied before it is filled again. */
    struct tt_buf first = c->plain;
    tt_buf_init(&c->plain, first.alloc, first.max);
    c->stage = TT_MOCK_AT_START;
    take_from(c, c->layer_count++, tt_buf_str(&first));
    tt_buf_free(&first);
}

static bool
step_hello(struct tt_mock_connection *c)
{
    struct tt_tls_hello hello;
    switch (tt_tls_hello_read(tt_buf_str(&c->plain), &c->state->hello, &hello)) {
    case TT_GOT_PART: return false;
    case TT_GOT_ALL: begin_layer(c, &hello); return true;
    case TT_GOT_NONSENSE: break;
    }
    report_handshake(c, "no ClientHello");
    report_nonsense(c, "no ClientHello");
    c->closing = true;
    return true;
}

/* ---- HTTP ---- */

static bool
step_start(struct tt_mock_connection *c)
{
    /* RFC 9112, section 2.2: empty lines before a request are nothing. */
    size_t empty = 0;
    while (empty < c->plain.len && (c->plain.ptr[empty] == '\r' || c->plain.ptr[empty] == '\n')) {
        empty++;
    }
    tt_buf_drop(&c->plain, empty);
    if (c->plain.len == 0) {
        return false;
    }
    bool is_tls = c->plain.ptr[0] == TLS_HANDSHAKE && c->layer_count < TT_MOCK_LAYERS_MAX;
    c->stage = is_tls ? TT_MOCK_AT_HELLO : TT_MOCK_AT_HEAD;
    c->searched = 0;
    return true;
}

static bool
step_head(struct tt_mock_connection *c)
{
    switch (tt_mock_head_read(tt_buf_str(&c->plain), &c->searched, &c->head)) {
    case TT_GOT_PART: return false;
    case TT_GOT_NONSENSE: tt_mock_refuse(c, 400, c->head.why); return true;
    case TT_GOT_ALL: break;
    }
    c->stage = TT_MOCK_AT_BODY;
    c->body_at = c->head.length;
    c->chunks = (struct tt_mock_chunks) {.state = 0};
    c->continued = false;
    return true;
}

/* Is all of the body in plain?  *length is then its bytes. */
static enum tt_got
find_body(struct tt_mock_connection *c, size_t *length)
{
    size_t have = c->plain.len - c->head.length, used = 0;
    if (!c->head.chunked) {
        *length = (size_t) c->head.content_length;
        return c->head.content_length > TT_PROBE_BODY_MAX ? TT_GOT_NONSENSE : have >= *length ? TT_GOT_ALL : TT_GOT_PART;
    }
    enum tt_got got = tt_mock_chunks_read(&c->chunks, tt_str_slice(tt_buf_str(&c->plain), c->body_at, c->plain.len), &used, NULL);
    c->body_at += used;
    *length = c->body_at - c->head.length;
    return *length > TT_PROBE_BODY_MAX ? TT_GOT_NONSENSE : got;
}

static bool
step_body(struct tt_mock_connection *c)
{
    size_t length, searched = 0;
    switch (find_body(c, &length)) {
    case TT_GOT_PART:
        if (c->head.expects && !c->continued) {
            c->continued = true;
            tt_mock_send(c, TT_STR("HTTP/1.1 100 Continue\r\n\r\n"));
        }
        return false;
    case TT_GOT_NONSENSE:
        if (length > TT_PROBE_BODY_MAX) {
            c->state->capture->flooded = true;
            tt_mock_refuse(c, 413, "a body over the limit");
        } else {
            tt_mock_refuse(c, 400, "a chunk that is none");
        }
        return true;
    case TT_GOT_ALL: break;
    }
    /* Plain has moved since the head was read. */
    if (tt_mock_head_read(tt_buf_str(&c->plain), &searched, &c->head) == TT_GOT_ALL) {
        size_t all = c->head.length + length;
        c->stage = TT_MOCK_AT_START;
        tt_mock_reply(c, length);
        tt_buf_drop(&c->plain, all);
        c->first_us = c->state->now_us;
    }
    return true;
}

/* ---- all stages ---- */

static bool
step(struct tt_mock_connection *c)
{
    switch (c->stage) {
    case TT_MOCK_AT_START: return step_start(c);
    case TT_MOCK_AT_HELLO: return step_hello(c);
    case TT_MOCK_AT_HEAD: return step_head(c);
    case TT_MOCK_AT_BODY: return step_body(c);
    case TT_MOCK_AT_FRAMES: return tt_mock_take_frame(c);
    }
    return false;
}

static void
check_buffers(struct tt_mock_connection *c)
{
    if (c->plain.status == TT_E_MEMORY || c->out.status == TT_E_MEMORY || c->message.status == TT_E_MEMORY) {
        c->state->status = TT_E_MEMORY;
    }
    if (c->plain.status != TT_OK || c->out.status != TT_OK) {
        c->state->capture->flooded = true;
        c->closing = true;
    }
}

void
tt_mock_connection_take(struct tt_mock_connection *c, struct tt_str bytes)
{
    if (c->closing) {
        return;
    }
    if (bytes.len > 0) {
        take_from(c, 0, bytes);
    }
    while (!c->closing && !c->state->capture->flooded && c->out.len <= TT_MOCK_WAITING_MAX && step(c)) {
    }
    for (size_t i = 0; i < c->layer_count; i++) {
        if (tt_tls_session_is_closed(c->layers[i])) {
            tt_mock_connection_end(c);
            tt_mock_hang_up(c);
        }
    }
    check_buffers(c);
}

void
tt_mock_connection_end(struct tt_mock_connection *c)
{
    bool inside = c->layer_count > 0;
    if (c->closing) {
        return;
    }
    if (c->stage == TT_MOCK_AT_HELLO || (inside && !tt_tls_session_is_ready(c->layers[c->layer_count - 1]))) {
        report_handshake(c, "the client hung up");
    } else if (c->plain.len > 0) {
        report_nonsense(c, "a request that does not end");
    }
    tt_buf_clear(&c->plain);
    c->stage = TT_MOCK_AT_START;
}
