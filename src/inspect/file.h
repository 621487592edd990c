/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One file of a package, read in stretches, given to every detector.
 */
#ifndef TT_INSPECT_FILE_H
#define TT_INSPECT_FILE_H

#include "inspect/found.h"
#include "inspect/stream.h"

struct tt_patterns;

/* What serves one file after the other. */
struct tt_file {
    const struct tt_alloc *alloc;
    const struct tt_kernels *kernels;
    const struct tt_patterns *patterns; /* of YARA; NULL: none */
    char *bytes;
    size_t room;
    struct tt_tokens tokens;
    struct tt_arena scratch;
};

void tt_file_init(struct tt_file *file, const struct tt_alloc *alloc, const struct tt_kernels *kernels,
                  const struct tt_patterns *patterns);
void tt_file_free(struct tt_file *file);

/* Inspects what the stream holds as the file uri.  Trouble with it becomes a note. */
enum tt_status tt_file_inspect(struct tt_file *file, struct tt_stream *stream, struct tt_str uri,
                               struct tt_found *found) TT_MUST_USE;

/* What a file of that name that begins so is. */
enum tt_view_kind tt_file_kind(struct tt_str uri, struct tt_str head);

#endif
