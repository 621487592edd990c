/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of inputs; see source.h.  In: a source.  Out: its bytes in order, once.  The source owns nothing. */
#include "input/source.h"

#include "input/archive.h"
#include "input/walk.h"

#include <errno.h>
#include <unistd.h>

static size_t
read_memory(struct tt_source *source, char *to, size_t size)
{
    size_t n = source->bytes.len < size ? source->bytes.len : size;
    if (n > 0) {
        memcpy(to, source->bytes.ptr, n);
    }
    source->bytes = tt_str_slice(source->bytes, n, source->bytes.len);
    return n;
}

/* A short read that reaches the size of the file needs no other one to say that this is all. */
static size_t
read_file(struct tt_source *source, char *to, size_t size)
{
    while (!source->ended) {
        ssize_t n = read(source->fd, to, size);
        if (n >= 0) {
            source->done += (uint64_t) n;
            source->ended = n == 0 || ((size_t) n < size && source->done == source->size);
            return (size_t) n;
        }
        if (errno != EINTR) {
            source->stopped = tt_input_errno(errno);
            source->ended = true;
        }
    }
    return 0;
}

size_t
tt_source_read(struct tt_source *source, char *to, size_t size)
{
    if (source->stopped) {
        return 0;
    }
    if (source->entry) {
        return tt_archive_read(source->entry, to, size, &source->stopped);
    }
    if (source->fd < 0) {
        return read_memory(source, to, size);
    }
    return read_file(source, to, size);
}

size_t
tt_source_fill(struct tt_source *source, char *to, size_t size)
{
    size_t len = 0;
    while (len < size) {
        size_t n = tt_source_read(source, to + len, size - len);
        if (n == 0) {
            break;
        }
        len += n;
    }
    return len;
}
