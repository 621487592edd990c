/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection to the mock of the probe on any bytes: heads, bodies, chunks, codings, tunnels, ClientHellos, frames.
 *
 * Input: a byte of flags, a byte that says how the bytes are cut, then the bytes.  Flag 1: a WebSocket is taken; 2: calls of tools; 4: the connection
 * begins with an upgrade to a WebSocket.
 *
 * Properties: however the bytes are cut, the same requests are captured, with the same answers (but for those to Expect); a capture can be written and read.
 */
#include "probe/mock_connection.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
    struct tt_capture capture;
    struct tt_buf out, text;
};

static void
serve(struct run *run, uint8_t flags, size_t step, struct tt_str bytes)
{
    static const char upgrade[] = "GET /responses HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n";
    const struct tt_mock_settings settings = {.web_socket = flags & 1, .tool_turn = flags & 2};
    struct tt_mock_state state;
    tt_capture_init(&run->capture, &tt_alloc_libc);
    tt_buf_init(&run->out, &tt_alloc_libc, TT_OUTPUT_BUF_MAX);
    tt_buf_init(&run->text, &tt_alloc_libc, TT_OUTPUT_BUF_MAX);
    tt_mock_state_init(&state, &settings, &run->capture);
    struct tt_mock_connection *c = tt_mock_connection_new(&state, TT_STR("::1"), 443);
    if (!c) {
        abort();
    }
    if (flags & 4) {
        tt_mock_connection_take(c, TT_STR(upgrade));
    }
    for (size_t at = 0; at < bytes.len && !c->closing; at += step) {
        tt_mock_connection_take(c, tt_str_slice(bytes, at, at + step));
        tt_buf_add(&run->out, tt_buf_str(&c->out));
        tt_buf_clear(&c->out);
        tt_mock_connection_take(c, TT_STR(""));
    }
    tt_buf_add(&run->out, tt_buf_str(&c->out));
    tt_mock_connection_end(c);
    if (state.status != TT_OK) {
        abort();
    }
    tt_mock_connection_free(c);
    tt_mock_state_free(&state);
    /* What a client is told at which byte, and what is kept of nonsense, may differ. */
    run->capture.contact_count = 0;
    tt_capture_format(&run->capture, &run->text);
}

static void
drop(struct run *run)
{
    tt_buf_free(&run->out);
    tt_buf_free(&run->text);
    tt_capture_free(&run->capture);
}

static bool
same(struct tt_str a, struct tt_str b)
{
    return tt_str_eq(a, b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct run whole, cut;
    struct tt_capture again;
    if (size < 2 || size > 65536) {
        return 0;
    }
    struct tt_str bytes = tt_str_make(data + 2, size - 2);
    serve(&whole, data[0], bytes.len + 1, bytes);
    serve(&cut, data[0], data[1] % 97 + 1u, bytes);
    bool expects = memmem(bytes.ptr, bytes.len, "00-", 3) != NULL;
    if (!same(tt_buf_str(&whole.text), tt_buf_str(&cut.text)) ||
        (!expects && !same(tt_buf_str(&whole.out), tt_buf_str(&cut.out)))) {
        abort();
    }
    for (size_t i = 0; i < whole.capture.exchange_count; i++) {
        const struct tt_exchange *a = &whole.capture.exchanges[i], *b = &cut.capture.exchanges[i];
        if (!same(a->head, b->head) || !same(a->body, b->body) || !same(a->content, b->content)) {
            abort();
        }
    }
    tt_capture_init(&again, &tt_alloc_libc);
    if (tt_capture_parse(&again, tt_buf_str(&whole.text), NULL) != TT_OK ||
        again.exchange_count != whole.capture.exchange_count) {
        abort();
    }
    tt_capture_free(&again);
    drop(&whole);
    drop(&cut);
    return 0;
}
