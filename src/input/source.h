/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the bytes of an input come from: a descriptor, memory, or an entry of an archive.
 */
#ifndef TT_INPUT_SOURCE_H
#define TT_INPUT_SOURCE_H

#include "base/str.h"

struct tt_archive;

struct tt_source {
    int fd;                   /* -1: none */
    uint64_t size;            /* of a regular file when it was opened, or 0 */
    uint64_t done;            /* bytes read from it */
    bool ended;               /* it has no more */
    struct tt_archive *entry; /* whose current entry is read; NULL: none */
    struct tt_str bytes;      /* of neither */
    const char *stopped;      /* why reading ended before the input did, or NULL; valid as long as the source */
};

/* The next bytes, at most size; 0 at the end, also when reading has stopped. */
size_t tt_source_read(struct tt_source *source, char *to, size_t size);

/* The same, but fewer than size only at the end. */
size_t tt_source_fill(struct tt_source *source, char *to, size_t size);

#endif
