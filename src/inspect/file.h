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
    struct tt_effort effort;            /* what may still be done for the package */
    char *bytes;
    size_t room;
    struct tt_tokens tokens;
    struct tt_arena scratch;
};

void tt_file_init(struct tt_file *file, const struct tt_alloc *alloc, const struct tt_kernels *kernels,
                  const struct tt_patterns *patterns);
void tt_file_free(struct tt_file *file);

#define TT_FILE_ENDED "the package is larger than what is read of one (--max-size); from here on it was not inspected"

/* Inspects what the stream holds as the file uri.  Trouble with it becomes a note, and so does the end of what may be read of the package. */
enum tt_status tt_file_inspect(struct tt_file *file, struct tt_stream *stream, struct tt_str uri,
                               struct tt_found *found) TT_MUST_USE;

/* What a file of that name that begins so is. */
enum tt_view_kind tt_file_kind(struct tt_str uri, struct tt_str head);

#endif
