/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One input from its first byte to its result.  A worker serves one thread and keeps its memory from input to input.
 */
#ifndef TT_SCAN_WORKER_H
#define TT_SCAN_WORKER_H

#include "scan/encoding.h"
#include "scan/reader.h"

#include <stdatomic.h>

struct tt_worker {
    const struct tt_alloc *alloc;
    const struct tt_scan *scan;
    struct tt_input input;
    struct tt_decoder decoder;
    char *chunk;                  /* TT_SCAN_CHUNK bytes */
    struct tt_buf name, path;     /* of an archive's entry: its uri, and its path in the innermost archive */
    _Atomic uint64_t *bytes_done; /* shared with the progress display */
};

enum tt_status tt_worker_init(struct tt_worker *worker, const struct tt_scan *scan, _Atomic uint64_t *bytes_done) TT_MUST_USE;
void tt_worker_free(struct tt_worker *worker);

/*
 * Reads the file named by file->result.uri (NUL-terminated) and completes its result.  named: by the user, not met in a tree; then
 * a symbolic link is opened, and a binary is reported as not inspected.
 */
enum tt_status tt_worker_file(struct tt_worker *worker, struct tt_scan_file *file, bool named) TT_MUST_USE;

/* The same for bytes in memory, which count as named. */
enum tt_status tt_worker_bytes(struct tt_worker *worker, struct tt_scan_file *file, struct tt_str bytes) TT_MUST_USE;

#endif
