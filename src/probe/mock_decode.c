/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Content codings of captured bodies; see mock_decode.h.  RFC 9110, section 8.4; RFC 1950 to 1952; RFC 8878.
 *
 * In: a whole body.  Out: one buffer of the caller.  The libraries' own memory is given back before the return.
 *
 * The gateway has a decoder of its own (gate/body.c): it judges requests, so it takes pieces, keeps a ratio and owns its memory.  Here a body is only to
 * be read, and the size of what comes out is the one bound.  zstd is loaded when it is needed, for most programs here never need it.
 */
#include "probe/mock_decode.h"

#include "base/library.h"
#include "base/limits.h"

#include <zlib.h>
#include <zstd.h>

#define CHUNK (64 * TT_KIB)

/* Windows of inflate: the largest, and which frame is around it. */
enum { WINDOW_BARE = -15, WINDOW_ZLIB = 15, WINDOW_GZIP = 15 + 16 };

#define CALL(name) __typeof__(name) *name
#define ROW(kind, name)                    \
    {                                      \
#name, offsetof(struct kind, name) \
    }
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct zstd_calls {
    CALL(ZSTD_createDCtx);
    CALL(ZSTD_decompressStream);
    CALL(ZSTD_freeDCtx);
    CALL(ZSTD_isError);
};

/* ---- gzip, zlib, deflate ---- */

static enum tt_status
inflate_all(z_stream *stream, struct tt_buf *out)
{
    int code = Z_OK;
    while (code == Z_OK) {
        char *to = tt_buf_reserve(out, CHUNK);
        if (!to) {
            return out->status;
        }
        stream->next_out = (unsigned char *) to;
        stream->avail_out = (uInt) CHUNK;
        code = inflate(stream, Z_NO_FLUSH);
        out->len += CHUNK - stream->avail_out;
    }
    if (code == Z_MEM_ERROR) {
        return TT_E_MEMORY;
    }
    return code == Z_STREAM_END && stream->avail_in == 0 ? TT_OK : TT_E_INPUT;
}

static enum tt_status
decode_zlib(int window, struct tt_str body, struct tt_buf *out)
{
    z_stream stream = {.next_in = (unsigned char *) (uintptr_t) body.ptr,
                       .avail_in = (uInt) body.len}; /* zlib only reads there */
    if (body.len > UINT32_MAX) {
        return TT_E_UNSUPPORTED;
    }
    if (inflateInit2(&stream, window) != Z_OK) {
        return TT_E_MEMORY;
    }
    enum tt_status status = inflate_all(&stream, out);
    inflateEnd(&stream);
    return status;
}

/* ---- zstd ---- */

static enum tt_status
decode_frame(const struct zstd_calls *calls, ZSTD_DCtx *context, struct tt_str body, struct tt_buf *out)
{
    ZSTD_inBuffer in = {body.ptr, body.len, 0};
    size_t left = 1; /* of the frame, as zstd guesses; 0: it is complete */
    while (left > 0) {
        char *to = tt_buf_reserve(out, CHUNK);
        if (!to) {
            return out->status;
        }
        ZSTD_outBuffer part = {to, CHUNK, 0};
        size_t before = in.pos;
        left = calls->ZSTD_decompressStream(context, &part, &in);
        out->len += part.pos;
        if (calls->ZSTD_isError(left) || (left > 0 && part.pos == 0 && in.pos == before)) {
            return TT_E_INPUT;
        }
    }
    return in.pos == in.size ? TT_OK : TT_E_INPUT;
}

static enum tt_status
decode_zstd(struct tt_str body, struct tt_buf *out)
{
    static const struct tt_library_call rows[] = {
        ROW(zstd_calls, ZSTD_createDCtx),
        ROW(zstd_calls, ZSTD_decompressStream),
        ROW(zstd_calls, ZSTD_freeDCtx),
        ROW(zstd_calls, ZSTD_isError),
    };
    struct zstd_calls calls;
    if (!tt_library_load("libzstd.so.1", rows, COUNT(rows), &calls)) {
        return TT_E_UNSUPPORTED;
    }
    ZSTD_DCtx *context = calls.ZSTD_createDCtx();
    if (!context) {
        return TT_E_MEMORY;
    }
    enum tt_status status = decode_frame(&calls, context, body, out);
    calls.ZSTD_freeDCtx(context);
    return status;
}

enum tt_status
tt_mock_decode(enum tt_exchange_coding coding, struct tt_str body, struct tt_buf *out)
{
    enum tt_status status;
    switch (coding) {
    case TT_ENCODED_NOT: tt_buf_add(out, body); return out->status;
    case TT_ENCODED_GZIP: return decode_zlib(WINDOW_GZIP, body, out);
    case TT_ENCODED_ZSTD: return decode_zstd(body, out);
    case TT_ENCODED_DEFLATE: break;
    case TT_ENCODED_OTHER: return TT_E_UNSUPPORTED;
    }
    status = decode_zlib(WINDOW_ZLIB, body, out);
    if (status == TT_E_INPUT) { /* some senders leave zlib's frame away: RFC 9110, section 8.4.1.2 */
        tt_buf_clear(out);
        status = decode_zlib(WINDOW_BARE, body, out);
    }
    return status;
}
