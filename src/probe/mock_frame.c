/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames of WebSocket; see mock_frame.h.  RFC 6455, sections 1.3 and 5.
 *
 * In: bytes as far as they have arrived.  Out: borrowed parts of them, and frames in a buffer of the caller.  Keeps nothing.
 */
#include "probe/mock_frame.h"

#include "base/limits.h"
#include "base/sha1.h"

#define CONTROL_MAX 125 /* bytes of a control frame's payload */

static void
add_base64(struct tt_buf *out, const unsigned char *bytes, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < len; i += 3) {
        uint32_t three = (uint32_t) bytes[i] << 16;
        three |= i + 1 < len ? (uint32_t) bytes[i + 1] << 8 : 0;
        three |= i + 2 < len ? bytes[i + 2] : 0;
        tt_buf_add_char(out, digits[three >> 18]);
        tt_buf_add_char(out, digits[three >> 12 & 63]);
        tt_buf_add_char(out, i + 1 < len ? digits[three >> 6 & 63] : '=');
        tt_buf_add_char(out, i + 2 < len ? digits[three & 63] : '=');
    }
}

void
tt_frame_accept(struct tt_buf *out, struct tt_str key)
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    char text[64 + sizeof(guid)];
    unsigned char sum[TT_SHA1_SIZE];
    key = tt_str_slice(key, 0, 64); /* a right one has 24 bytes */
    if (key.len > 0) {
        memcpy(text, key.ptr, key.len);
    }
    memcpy(text + key.len, guid, sizeof(guid) - 1);
    tt_sha1(tt_str_make(text, key.len + sizeof(guid) - 1), sum);
    add_base64(out, sum, sizeof(sum));
}

static bool
is_kind(unsigned kind)
{
    return kind <= TT_FRAME_BINARY || (kind >= TT_FRAME_CLOSE && kind <= TT_FRAME_PONG);
}

enum tt_got
tt_frame_read(struct tt_str bytes, struct tt_frame *frame)
{
    const unsigned char *p = (const unsigned char *) bytes.ptr;
    if (bytes.len < 2) {
        return TT_GOT_PART;
    }
    unsigned kind = p[0] & 15, short_length = p[1] & 127;
    bool is_control = kind >= TT_FRAME_CLOSE;
    *frame = (struct tt_frame) {.kind = (enum tt_frame_kind) kind, .last = p[0] >> 7};
    if ((p[0] & 0x70) || !(p[1] & 0x80) || !is_kind(kind) || (is_control && (!frame->last || short_length > CONTROL_MAX))) {
        return TT_GOT_NONSENSE;
    }
    size_t extra = short_length == 126 ? 2 : short_length == 127 ? 8 : 0;
    if (bytes.len < 2 + extra + 4) {
        return TT_GOT_PART;
    }
    uint64_t length = extra ? 0 : short_length;
    for (size_t i = 0; i < extra; i++) {
        length = length << 8 | p[2 + i];
    }
    if (length > TT_PROBE_BODY_MAX) {
        return TT_GOT_NONSENSE;
    }
    memcpy(frame->mask, p + 2 + extra, 4);
    frame->length = 2 + extra + 4 + (size_t) length;
    frame->masked = tt_str_slice(bytes, 2 + extra + 4, frame->length);
    return bytes.len >= frame->length ? TT_GOT_ALL : TT_GOT_PART;
}

void
tt_frame_unmask(struct tt_buf *out, const struct tt_frame *frame)
{
    char *to = tt_buf_reserve(out, frame->masked.len);
    for (size_t i = 0; to && i < frame->masked.len; i++) {
        to[i] = (char) ((unsigned char) frame->masked.ptr[i] ^ frame->mask[i % 4]);
    }
    out->len += to ? frame->masked.len : 0;
}

void
tt_frame_add(struct tt_buf *out, enum tt_frame_kind kind, struct tt_str payload)
{
    size_t extra = payload.len > 65535 ? 8 : payload.len > CONTROL_MAX ? 2 : 0;
    tt_buf_add_char(out, (char) (0x80 | kind));
    tt_buf_add_char(out, (char) (extra == 8 ? 127 : extra == 2 ? 126 : payload.len));
    for (size_t i = extra; i > 0; i--) {
        tt_buf_add_char(out, (char) (payload.len >> (8 * (i - 1))));
    }
    tt_buf_add(out, payload);
}
