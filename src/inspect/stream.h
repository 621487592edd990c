/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of one file of a package: a source of which the beginning was read already, and perhaps only a part is the file's.
 */
#ifndef TT_INSPECT_STREAM_H
#define TT_INSPECT_STREAM_H

#include "input/source.h"

struct tt_stream {
    struct tt_source *source;
    struct tt_str head; /* read before, and handed out first */
    uint64_t left;      /* bytes that are the file's, head included; UINT64_MAX: all */
};

/* The next bytes, at most size; fewer only at the end. */
size_t tt_stream_fill(struct tt_stream *stream, char *to, size_t size);

/* Passes over bytes; how many there were. */
uint64_t tt_stream_skip(struct tt_stream *stream, uint64_t count);

#endif
