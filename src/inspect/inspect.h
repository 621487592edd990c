/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `inspect`: a client's package looked at without running it.
 *
 * A package is a file, a directory, or an archive with archives in it (tar, zip, Debian packages, asar).  Every file in it is read in bounded
 * memory and given to the detectors of view.h.  What could not be read is a note, so that nothing is called clean that nobody has seen.
 */
#ifndef TT_INSPECT_INSPECT_H
#define TT_INSPECT_INSPECT_H

#include "inspect/found.h"
#include "text/kernel.h"

#include <locale.h>

struct tt_patterns;

struct tt_inspect {
    const struct tt_alloc *alloc;
    const struct tt_kernels *kernels;
    const struct tt_patterns *patterns; /* NULL: none */
    uint64_t bytes_max, work_max;       /* of a package; 0: TT_INSPECT_TOTAL_MAX, TT_INSPECT_WORK_MAX */
    locale_t names;                     /* of names in archives (input/archive.h); 0: the thread's own */
    /* Called between files with what was read so far; may be NULL. */
    void (*progress)(void *ctx, uint64_t files, uint64_t bytes);
    void *ctx;
};

/* Inspects the package at path ("-" is standard input) into found, which is initialised, and empty. */
enum tt_status tt_inspect_run(const struct tt_inspect *inspect, const char *path, struct tt_found *found) TT_MUST_USE;

/* The same for bytes in memory, as if they were a file of that name. */
enum tt_status tt_inspect_bytes(const struct tt_inspect *inspect, struct tt_str uri, struct tt_str bytes,
                                struct tt_found *found) TT_MUST_USE;

/* What the new package has and the old one has not, and the other way round, as findings of the rule client.difference in out. */
enum tt_status tt_inspect_compare(const struct tt_found *old, const struct tt_found *found, struct tt_found *out) TT_MUST_USE;

#endif
