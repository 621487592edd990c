/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Captures and answers requests and messages; see mock_connection.h.
 *
 * In: a complete request in the connection's buffer.  Out: an entry in the capture, and an answer without date, server or cookies.
 */
#include "probe/mock_answer.h"
#include "probe/mock_connection.h"
#include "probe/mock_decode.h"
#include "probe/mock_frame.h"

/* ---- capturing ---- */

/* Keeps bytes in the capture; a capture that cannot take them is flooded. */
static struct tt_str
keep(struct tt_mock_state *state, struct tt_str bytes)
{
    struct tt_str kept = TT_STR("");
    state->bytes += bytes.len;
    if (state->bytes > TT_PROBE_BYTES_MAX || tt_arena_dup(&state->capture->arena, bytes, &kept) != TT_OK) {
        state->capture->flooded = true;
        return TT_STR("");
    }
    return kept;
}

struct tt_exchange *
tt_mock_record(struct tt_mock_connection *c, enum tt_exchange_kind kind, struct tt_str head, struct tt_str body,
               struct tt_str content)
{
    struct tt_mock_state *state = c->state;
    struct tt_exchange *exchange = tt_capture_exchange(state->capture);
    if (!exchange) {
        return NULL;
    }
    exchange->kind = kind;
    exchange->connection = c->number;
    exchange->at_us = c->first_us;
    exchange->tls = c->layer_count > 0;
    exchange->port = c->port;
    exchange->address = c->address;
    exchange->sni = c->sni;
    exchange->alpn = c->alpn;
    exchange->connect_target = c->target;
    exchange->client_hello = c->hello;
    state->bytes += c->hello.len; /* it stands in run.json once for each request */
    exchange->head = keep(state, head);
    exchange->body = keep(state, body);
    exchange->content = content.ptr == body.ptr && content.len == body.len ? exchange->body : keep(state, content);
    return exchange;
}

/* The body without chunks and coding; where nothing is to remove, the body itself.  *decoded: it could be. */
static struct tt_str
content_of(struct tt_mock_connection *c, struct tt_str body, bool *decoded)
{
    struct tt_mock_state *state = c->state;
    enum tt_exchange_coding coding = tt_mock_coding_of(c->head.content_encoding);
    struct tt_str content = body;
    struct tt_buf *chunks = &c->message; /* idle while no WebSocket is */
    if (c->head.chunked) {
        struct tt_mock_chunks reader = {.state = 0};
        size_t used;
        tt_buf_clear(chunks);
        (void) tt_mock_chunks_read(&reader, body, &used, chunks);
        content = tt_buf_str(chunks);
    }
    *decoded = true;
    if (coding != TT_ENCODED_NOT && content.len > 0) {
        tt_buf_clear(&state->body);
        enum tt_status status = tt_mock_decode(coding, content, &state->body);
        *decoded = status == TT_OK;
        state->status = status == TT_E_MEMORY ? status : state->status;
        content = *decoded ? tt_buf_str(&state->body) : content;
    }
    return content;
}

static struct tt_exchange *
record_request(struct tt_mock_connection *c, size_t length)
{
    struct tt_str plain = tt_buf_str(&c->plain);
    struct tt_str body = tt_str_slice(plain, c->head.length, c->head.length + length);
    bool decoded;
    struct tt_str content = content_of(c, body, &decoded);
    struct tt_exchange *exchange = tt_mock_record(c, TT_EXCHANGE_HTTP, tt_str_slice(plain, 0, c->head.length), body, content);
    if (exchange) {
        exchange->chunked = c->head.chunked;
        exchange->coding = tt_mock_coding_of(c->head.content_encoding);
        exchange->decoded = decoded;
    }
    return exchange;
}

/* ---- answers ---- */

static void
send_answer(struct tt_mock_connection *c, const char *status, const char *type, struct tt_str body)
{
    struct tt_buf head;
    tt_buf_init(&head, c->state->alloc, TT_KIB);
    tt_buf_add_cstr(&head, "HTTP/1.1 ");
    tt_buf_add_cstr(&head, status);
    tt_buf_add_cstr(&head, "\r\nContent-Type: ");
    tt_buf_add_cstr(&head, type);
    tt_buf_add_cstr(&head, "\r\nContent-Length: ");
    tt_buf_add_u64(&head, body.len);
    tt_buf_add_cstr(&head, c->head.keep_alive ? "\r\nConnection: keep-alive\r\n\r\n" : "\r\nConnection: close\r\n\r\n");
    c->state->status = head.status == TT_OK ? c->state->status : head.status;
    tt_mock_send(c, tt_buf_str(&head));
    tt_buf_free(&head);
    if (!tt_str_eq(c->head.method, TT_STR("HEAD"))) {
        tt_mock_send(c, body);
    }
}

/* The user's own answer for this path, or NULL. */
static const struct tt_mock_answer *
find_own(const struct tt_mock_connection *c)
{
    const struct tt_mock_settings *settings = c->state->settings;
    for (size_t i = 0; i < settings->answer_count; i++) {
        if (tt_str_ends(c->head.path, settings->answers[i].path)) {
            return &settings->answers[i];
        }
    }
    return NULL;
}

/* 0 where the file says it itself and is no number. */
static unsigned
status_of(struct tt_str answer)
{
    unsigned status = 0;
    for (size_t i = 9; i < 12; i++) {
        if (i >= answer.len || !tt_ascii_is_digit((unsigned char) answer.ptr[i])) {
            return 0;
        }
        status = status * 10 + (unsigned) (answer.ptr[i] - '0');
    }
    return status;
}

static unsigned
send_own(struct tt_mock_connection *c, struct tt_str content)
{
    if (tt_str_starts(content, TT_STR("HTTP/1."))) {
        tt_mock_send(c, content);
        return status_of(content);
    }
    bool is_stream = tt_str_starts(content, TT_STR("data:")) || tt_str_starts(content, TT_STR("event:"));
    bool is_json = content.len > 0 && (content.ptr[0] == '{' || content.ptr[0] == '[');
    send_answer(c, "200 OK",
                is_stream ? "text/event-stream"
                : is_json ? "application/json"
                          : "text/plain; charset=utf-8",
                content);
    return 200;
}

/* Reads what content asks for, and whether its answer is a call of a tool. */
static bool
read_ask(struct tt_mock_state *state, struct tt_str content, struct tt_mock_ask *ask)
{
    tt_arena_reset(&state->arena);
    tt_mock_ask_read(content, &state->arena, ask);
    return state->settings->tool_turn && ask->tool.len > 0 && !ask->has_result && state->tool_calls < TT_MOCK_TOOL_CALLS_MAX;
}

static unsigned
send_call(struct tt_mock_connection *c, struct tt_str content)
{
    struct tt_mock_state *state = c->state;
    struct tt_mock_ask ask;
    struct tt_str model;
    enum tt_mock_call call = tt_mock_call_of(c->head.method, c->head.path, c->head.query, &model);
    bool use_tool = read_ask(state, content, &ask) && tt_mock_call_is_turn(call);
    if (model.len > 0) {
        ask.model = model;
    }
    if (call == TT_MOCK_UNKNOWN) {
        tt_mock_contact(c, TT_CONTACT_UNKNOWN_PATH, c->head.path, "");
    }
    state->tool_calls += use_tool;
    tt_buf_clear(&state->answer);
    tt_mock_answer_body(&state->answer, call, &ask, use_tool);
    bool is_stream = tt_mock_framing_of(call, &ask) == TT_MOCK_EVENTS;
    state->status = state->answer.status == TT_E_MEMORY ? TT_E_MEMORY : state->status;
    send_answer(c, call == TT_MOCK_UNKNOWN ? "404 Not Found" : "200 OK", is_stream ? "text/event-stream" : "application/json",
                tt_buf_str(&state->answer));
    return call == TT_MOCK_UNKNOWN ? 404 : 200;
}

/* ---- CONNECT and WebSocket ---- */

static unsigned
open_tunnel(struct tt_mock_connection *c)
{
    tt_mock_contact(c, TT_CONTACT_CONNECT, c->head.target, "");
    c->target = tt_capture_name(c->state->capture, c->head.target);
    tt_mock_send(c, TT_STR("HTTP/1.1 200 OK\r\n\r\n"));
    return 200;
}

static unsigned
open_socket(struct tt_mock_connection *c)
{
    struct tt_buf *answer = &c->state->answer;
    tt_mock_contact(c, TT_CONTACT_WEBSOCKET, c->head.path, "");
    if (!c->state->settings->web_socket || !tt_str_ends(c->head.path, TT_STR("/responses")) || c->head.socket_key.len == 0) {
        /* Clients try again after a 404; after this they ask by POST at once. */
        send_answer(c, "426 Upgrade Required", "application/json",
                    TT_STR("{\"error\":{\"message\":\"There is no WebSocket here.\",\"type\":\"invalid_request_error\"}}"));
        return 426;
    }
    tt_buf_clear(answer);
    tt_buf_add_cstr(answer,
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ");
    tt_frame_accept(answer, c->head.socket_key);
    tt_buf_add_cstr(answer, "\r\n\r\n");
    tt_mock_send(c, tt_buf_str(answer));
    c->stage = TT_MOCK_AT_FRAMES;
    c->frames = 0;
    tt_buf_clear(&c->message);
    return 101;
}

void
tt_mock_reply(struct tt_mock_connection *c, size_t length)
{
    struct tt_exchange *exchange = record_request(c, length);
    const struct tt_mock_answer *own = find_own(c);
    if (!exchange) {
        return;
    }
    struct tt_str content = exchange->content;
    unsigned status;
    if (tt_str_eq(c->head.method, TT_STR("CONNECT"))) {
        c->head.keep_alive = true;
        status = open_tunnel(c);
    } else if (own) {
        status = send_own(c, own->content);
    } else if (c->head.upgrade) {
        status = open_socket(c);
    } else {
        status = send_call(c, content);
    }
    exchange->status = (uint16_t) status;
    c->served = !tt_str_eq(c->head.method, TT_STR("CONNECT"));
    if (!c->head.keep_alive && status != 101) {
        tt_mock_hang_up(c);
    }
}

/* ---- messages of a WebSocket ---- */

static void
send_frame(struct tt_mock_connection *c, enum tt_frame_kind kind, struct tt_str payload)
{
    struct tt_buf *frame = &c->state->body;
    tt_buf_clear(frame);
    tt_frame_add(frame, kind, payload);
    tt_mock_send(c, tt_buf_str(frame));
}

static void
reply_message(struct tt_mock_connection *c)
{
    struct tt_mock_state *state = c->state;
    struct tt_mock_ask ask;
    struct tt_exchange *exchange = tt_mock_record(c, TT_EXCHANGE_WEBSOCKET, TT_STR(""),
                                                  tt_str_slice(tt_buf_str(&c->plain), 0, c->frames), tt_buf_str(&c->message));
    if (!exchange) {
        return;
    }
    exchange->status = 101;
    exchange->decoded = true;
    bool use_tool = read_ask(state, exchange->content, &ask);
    state->tool_calls += use_tool;
    for (size_t i = 0;; i++) {
        tt_buf_clear(&state->answer);
        if (!tt_mock_answer_message(&state->answer, i, &ask, use_tool)) {
            break;
        }
        send_frame(c, TT_FRAME_TEXT, tt_buf_str(&state->answer));
    }
}

/* A frame of a message; plain keeps its frames until the last has come, because they are captured as they came. */
static void
take_data(struct tt_mock_connection *c, const struct tt_frame *frame)
{
    tt_frame_unmask(&c->message, frame);
    c->frames += frame->length;
    if (frame->last && c->message.status == TT_OK) {
        reply_message(c);
        tt_buf_drop(&c->plain, c->frames);
        tt_buf_clear(&c->message);
        c->frames = 0;
        c->first_us = c->state->now_us;
    } else if (c->message.status == TT_E_LIMIT) {
        c->state->capture->flooded = true;
    }
}

/* A control frame may stand between those of a message: it is taken out of plain, and so out of what is captured. */
static void
take_control(struct tt_mock_connection *c, const struct tt_frame *frame)
{
    struct tt_buf said;
    tt_buf_init(&said, c->state->alloc, TT_BUF_FIRST);
    tt_frame_unmask(&said, frame);
    if (frame->kind == TT_FRAME_PING) {
        send_frame(c, TT_FRAME_PONG, tt_buf_str(&said));
    } else if (frame->kind == TT_FRAME_CLOSE) {
        send_frame(c, TT_FRAME_CLOSE, tt_str_slice(tt_buf_str(&said), 0, 2));
        tt_mock_hang_up(c);
    }
    tt_buf_free(&said);
    size_t behind = c->frames + frame->length;
    memmove(c->plain.ptr + c->frames, c->plain.ptr + behind, c->plain.len - behind);
    c->plain.len -= frame->length;
}

bool
tt_mock_take_frame(struct tt_mock_connection *c)
{
    struct tt_frame frame;
    switch (tt_frame_read(tt_str_slice(tt_buf_str(&c->plain), c->frames, c->plain.len), &frame)) {
    case TT_GOT_PART: return false;
    case TT_GOT_ALL: break;
    case TT_GOT_NONSENSE:
        tt_mock_contact(c, TT_CONTACT_NONSENSE, TT_STR(""), "a frame that is none");
        send_frame(c, TT_FRAME_CLOSE, TT_STR("\x03\xEA")); /* 1002: a protocol error */
        tt_mock_hang_up(c);
        return true;
    }
    if (frame.kind >= TT_FRAME_CLOSE) {
        take_control(c, &frame);
    } else {
        take_data(c, &frame);
    }
    return true;
}
