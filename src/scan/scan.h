/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `scan`: files, trees and standard input to findings, by several threads, in a fixed order and in bounded memory.
 */
#ifndef TT_SCAN_SCAN_H
#define TT_SCAN_SCAN_H

#include "finding/finding.h"
#include "finding/writer.h"
#include "text/kernel.h"

#include <locale.h>
#include <sys/stat.h>

/* What came of one input.  Valid during the call of result(). */
struct tt_scan_result {
    struct tt_str uri;
    const struct tt_finding *findings; /* by offset */
    size_t finding_count;
    const struct tt_not_inspected *not_inspected;
    size_t not_inspected_count;
    uint64_t found[TT_LEVELS];
    uint64_t files; /* 1, or 0 when nothing could be read */
    uint64_t bytes;
    uint64_t documents; /* JSON documents */
    uint64_t binary;    /* inputs of a tree that were passed over because they are no text */
    uint64_t ignored;   /* names of trees that .gitignore files kept out; said once, in a result of its own without a uri */
};

struct tt_scan_progress {
    uint64_t files_done, files_known; /* known so far; final once walked is set */
    uint64_t bytes_done;
    bool walked;
};

struct tt_encoding;
struct tt_learned;

struct tt_scan {
    const struct tt_alloc *alloc; /* used from several threads */
    const struct tt_kernels *kernels;
    unsigned jobs;                      /* 1-TT_JOBS_MAX */
    bool binary;                        /* binaries are searched for runs of text */
    bool no_ignore;                     /* .gitignore files are not obeyed */
    bool compare;                       /* texts that are no request are compared over documents too */
    const struct stat *output;          /* of the file that the results go to, which is no input; NULL: none */
    locale_t names;                     /* of names in archives (archive.h); 0: the thread's own */
    const struct tt_encoding *encoding; /* of inputs without a byte order mark; NULL: UTF-8 */
    const struct tt_learned *learned;   /* sites of descriptions; NULL: none */
    /* Called in the calling thread, in the order of the arguments and, in a tree, of the byte order of names. */
    enum tt_status (*result)(void *ctx, const struct tt_scan_result *result);
    /* Called in the calling thread between results; may be NULL. */
    void (*progress)(void *ctx, const struct tt_scan_progress *progress);
    void *ctx;
};

/* Scans paths ("-" is standard input).  Trouble with one input is part of its result; a status means the whole run ended. */
enum tt_status tt_scan_run(const struct tt_scan *scan, const char *const *paths, size_t count) TT_MUST_USE;

/* Scans bytes in memory as if they were a file of that name. */
enum tt_status tt_scan_bytes(const struct tt_scan *scan, struct tt_str uri, struct tt_str bytes) TT_MUST_USE;

#endif
