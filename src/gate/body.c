/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Content codings of requests; see body.h.  RFC 9110, section 8.4; RFC 1952 (gzip); RFC 8878 (zstd).
 *
 * Input: pieces.  Output: one buffer of the caller.  The decoders take their memory from the caller's allocator and give it back before
 * the function returns.
 */
#include "gate/body.h"

#define ZLIB_CONST
#define ZSTD_STATIC_LINKING_ONLY /* a decoder with an allocator of ours */
#include <stdalign.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#define CHUNK (64 * TT_KIB)
#define GZIP_WINDOW (15 + 16) /* the largest, and only gzip's own frame around it */

/* ---- names ---- */

enum tt_coding
tt_coding_of(struct tt_str content_encoding)
{
    struct tt_str name = tt_str_trim(content_encoding);
    if (name.len == 0 || tt_str_eq_folded(name, TT_STR("identity"))) {
        return TT_CODING_IDENTITY;
    }
    if (tt_str_eq_folded(name, TT_STR("gzip")) || tt_str_eq_folded(name, TT_STR("x-gzip"))) {
        return TT_CODING_GZIP;
    }
    return tt_str_eq_folded(name, TT_STR("zstd")) ? TT_CODING_ZSTD : TT_CODING_OTHER;
}

/* ---- pieces and memory ---- */

uint64_t
tt_gate_pieces_length(const struct tt_gate_pieces *pieces)
{
    uint64_t length = 0;
    for (size_t i = 0; i < pieces->count; i++) {
        length += pieces->items[i].len;
    }
    return length;
}

/* Libraries free without saying how much: the size stands before the block. */
static const size_t header = alignof(max_align_t) > sizeof(size_t) ? alignof(max_align_t) : sizeof(size_t);

static void *
take_memory(void *ctx, size_t size)
{
    char *block = tt_alloc_new(ctx, size + header);
    if (!block) {
        return NULL;
    }
    *(size_t *) (void *) block = size + header;
    return block + header;
}

static void
give_memory(void *ctx, void *p)
{
    if (p) {
        char *block = (char *) p - header;
        tt_alloc_free(ctx, block, *(size_t *) (void *) block);
    }
}

/* Is so much output of so much input no honest request? */
static bool
is_bomb(size_t out, uint64_t in)
{
    return out > TT_GATE_RATIO_FREE && out / TT_GATE_RATIO > in;
}

/* Room for the next chunk, at most up to one byte over the limit, which tells a larger body from the largest. */
static char *
reserve(struct tt_buf *out, size_t limit, size_t *room)
{
    *room = limit + 1 - out->len < CHUNK ? limit + 1 - out->len : CHUNK;
    return tt_buf_reserve(out, *room);
}

/* ---- gzip ---- */

static voidpf
take_for_zlib(voidpf ctx, uInt items, uInt size)
{
    return take_memory(ctx, (size_t) items * size);
}

/* Decodes what the stream has been given; *code is zlib's last word: it goes on, the member is complete, or a fault. */
static enum tt_status
inflate_piece(z_stream *stream, size_t limit, uint64_t *taken, struct tt_buf *out, int *code)
{
    do {
        size_t room, before = stream->avail_in;
        char *to = reserve(out, limit, &room);
        if (!to) {
            return out->status;
        }
        stream->next_out = (unsigned char *) to;
        stream->avail_out = (uInt) room;
        *code = inflate(stream, Z_NO_FLUSH);
        out->len += room - stream->avail_out;
        *taken += before - stream->avail_in;
        if (out->len > limit || is_bomb(out->len, *taken)) {
            return TT_E_LIMIT;
        }
    } while (*code == Z_OK && (stream->avail_in > 0 || stream->avail_out == 0));
    if (*code == Z_BUF_ERROR) {
        *code = Z_OK; /* no more input, no more output: it only wants the next piece */
    }
    return *code == Z_MEM_ERROR ? TT_E_MEMORY : TT_OK;
}

static enum tt_status
decode_gzip(const struct tt_alloc *alloc, const struct tt_gate_pieces *pieces, size_t limit, struct tt_buf *out)
{
    z_stream stream = {.zalloc = take_for_zlib, .zfree = give_memory, .opaque = (void *) (uintptr_t) alloc};
    int code = inflateInit2(&stream, GZIP_WINDOW);
    if (code != Z_OK) {
        return TT_E_MEMORY;
    }
    enum tt_status status = TT_OK;
    uint64_t taken = 0;
    for (size_t i = 0; i < pieces->count && status == TT_OK && code == Z_OK; i++) {
        struct tt_str piece = pieces->items[i];
        stream.next_in = (z_const unsigned char *) piece.ptr;
        stream.avail_in = (uInt) piece.len;
        if (piece.len > TT_GATE_BODY_MAX) {
            status = TT_E_LIMIT;
        } else if (piece.len > 0) {
            status = inflate_piece(&stream, limit, &taken, out, &code);
        }
    }
    inflateEnd(&stream);
    if (status != TT_OK) {
        return status;
    }
    return code == Z_STREAM_END && taken == tt_gate_pieces_length(pieces) ? TT_OK : TT_E_INPUT; /* whole, and nothing behind it */
}

/* ---- zstd ---- */

static enum tt_status
decode_frame(ZSTD_DCtx *context, const struct tt_gate_pieces *pieces, size_t limit, struct tt_buf *out)
{
    uint64_t taken = 0;
    size_t left = 1; /* of the frame, as zstd guesses; 0: it is complete */
    for (size_t i = 0; i < pieces->count; i++) {
        ZSTD_inBuffer in = {pieces->items[i].ptr, pieces->items[i].len, 0};
        bool full = false;
        while (in.pos < in.size || full) {
            size_t room, before = in.pos;
            if (left == 0) {
                return TT_E_INPUT; /* something follows the frame */
            }
            char *to = reserve(out, limit, &room);
            if (!to) {
                return out->status;
            }
            ZSTD_outBuffer part = {to, room, 0};
            left = ZSTD_decompressStream(context, &part, &in);
            if (ZSTD_isError(left)) {
                return ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation ? TT_E_MEMORY : TT_E_INPUT;
            }
            out->len += part.pos;
            taken += in.pos - before;
            full = part.pos == part.size && left > 0;
            if (out->len > limit || is_bomb(out->len, taken)) {
                return TT_E_LIMIT;
            }
        }
    }
    return left == 0 ? TT_OK : TT_E_INPUT;
}

static enum tt_status
decode_zstd(const struct tt_alloc *alloc, const struct tt_gate_pieces *pieces, size_t limit, struct tt_buf *out)
{
    ZSTD_DCtx *context = ZSTD_createDCtx_advanced((ZSTD_customMem) {take_memory, give_memory, (void *) (uintptr_t) alloc});
    if (!context) {
        return TT_E_MEMORY;
    }
    (void) ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, TT_GATE_WINDOW_LOG);
    enum tt_status status = decode_frame(context, pieces, limit, out);
    ZSTD_freeDCtx(context);
    return status;
}

enum tt_status
tt_gate_decode(const struct tt_alloc *alloc, enum tt_coding coding, const struct tt_gate_pieces *pieces, struct tt_buf *out)
{
    size_t limit = out->max - 1; /* one byte more is never kept */
    switch (coding) {
    case TT_CODING_GZIP: return decode_gzip(alloc, pieces, limit, out);
    case TT_CODING_ZSTD: return decode_zstd(alloc, pieces, limit, out);
    default: return TT_E_UNSUPPORTED;
    }
}
