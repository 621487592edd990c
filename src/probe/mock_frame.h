/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WebSocket (RFC 6455), the server's end: the answer to a key, and frames in both directions.  No extensions are agreed on.
 */
#ifndef TT_PROBE_MOCK_FRAME_H
#define TT_PROBE_MOCK_FRAME_H

#include "base/buf.h"
#include "probe/got.h"

enum tt_frame_kind {
    TT_FRAME_CONTINUATION = 0,
    TT_FRAME_TEXT = 1,
    TT_FRAME_BINARY = 2,
    TT_FRAME_CLOSE = 8,
    TT_FRAME_PING = 9,
    TT_FRAME_PONG = 10,
};

struct tt_frame {
    enum tt_frame_kind kind;
    bool last;            /* of its message */
    size_t length;        /* of the frame as it stands in the bytes */
    struct tt_str masked; /* the payload as it came; borrowed */
    unsigned char mask[4];
};

/* Appends the value of Sec-WebSocket-Accept. */
void tt_frame_accept(struct tt_buf *out, struct tt_str key);

/* The frame that bytes begin with.  Nonsense: not masked, a reserved bit or kind, a control frame that is long or in parts, over TT_PROBE_BODY_MAX. */
enum tt_got tt_frame_read(struct tt_str bytes, struct tt_frame *frame);

/* Appends the payload without its mask. */
void tt_frame_unmask(struct tt_buf *out, const struct tt_frame *frame);

/* Appends one unmasked frame that is a whole message. */
void tt_frame_add(struct tt_buf *out, enum tt_frame_kind kind, struct tt_str payload);

#endif
