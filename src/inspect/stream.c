/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of files in packages; see stream.h.  In: a source.  Out: its bytes in order, once.  Owns nothing. */
#include "inspect/stream.h"

#include "base/limits.h"

size_t
tt_stream_fill(struct tt_stream *stream, char *to, size_t size)
{
    size_t wanted = stream->left < size ? (size_t) stream->left : size;
    size_t n = stream->head.len < wanted ? stream->head.len : wanted;
    if (n > 0) {
        memcpy(to, stream->head.ptr, n);
        stream->head = tt_str_slice(stream->head, n, stream->head.len);
    }
    n += n < wanted ? tt_source_fill(stream->source, to + n, wanted - n) : 0;
    stream->left -= stream->left == UINT64_MAX ? 0 : n;
    return n;
}

uint64_t
tt_stream_skip(struct tt_stream *stream, uint64_t count)
{
    char bytes[16 * TT_KIB];
    uint64_t done = 0;
    while (done < count) {
        size_t wanted = count - done < sizeof(bytes) ? (size_t) (count - done) : sizeof(bytes);
        size_t n = tt_stream_fill(stream, bytes, wanted);
        done += n;
        if (n < wanted) {
            break;
        }
    }
    return done;
}
