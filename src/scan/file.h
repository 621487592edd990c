/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is learned of one input while it is read: findings with their place in the raw bytes, and what could not be inspected.
 */
#ifndef TT_SCAN_FILE_H
#define TT_SCAN_FILE_H

#include "marks/sites.h"
#include "scan/cursor.h"
#include "scan/scan.h"

struct tt_scan_file {
    const struct tt_alloc *alloc;
    const struct tt_kernels *kernels;
    struct tt_arena arena; /* every string of the result */
    struct tt_scan_result result;
    struct tt_str uri;       /* of what is being read: the result's, or that of an archive's entry */
    bool uri_kept;           /* it lies in the arena, or is the result's */
    size_t first_finding;    /* of the entry */
    uint64_t first_document; /* the same */
    struct tt_sites sites;   /* template sites of this input, for the comparison of all */
    uint64_t compared;       /* the number of the document at hand, among those that are compared ... */
    uint64_t compared_count; /* ... and of the last one */
    struct tt_finding *findings;
    size_t finding_cap;
    struct tt_not_inspected notes[TT_SCAN_NOTES_MAX];
    uint64_t notes_dropped;
    uint64_t findings_dropped;
};

/* Starts a result; uri is borrowed until the result has been delivered. */
void tt_scan_file_begin(struct tt_scan_file *file, const struct tt_alloc *alloc, const struct tt_kernels *kernels,
                        struct tt_str uri);
void tt_scan_file_free(struct tt_scan_file *file);

/* An entry of an archive begins: what follows is said of it.  uri is borrowed until the next one begins, or the result ends. */
void tt_scan_file_begin_entry(struct tt_scan_file *file, struct tt_str uri);

/* The uri to name what is being read by, as long as the result lives. */
enum tt_status tt_scan_file_uri(struct tt_scan_file *file, struct tt_str *uri) TT_MUST_USE;

/*
 * Keeps a copy of the finding, with its id.  Over TT_SCAN_FINDINGS_MAX or the arena's cap it is counted only, and the result says so.
 */
enum tt_status tt_scan_file_add(struct tt_scan_file *file, const struct tt_finding *finding) TT_MUST_USE;

/* The same, for a detector whose places are those of the input already. */
struct tt_sink tt_scan_file_sink(struct tt_scan_file *file);

/*
 * Notes that something was not inspected: at may be NULL (the whole input), detail may be NULL (nothing to add to why), and
 * more counts further places of which the same is true.
 */
enum tt_status tt_scan_file_note(struct tt_scan_file *file, const struct tt_position *at, const char *why, const char *detail,
                                 uint64_t more) TT_MUST_USE;

/* Bytes of memory that the result takes. */
size_t tt_scan_file_size(const struct tt_scan_file *file);

/* Forgets the findings so far and what they took of the arena. */
void tt_scan_file_forget(struct tt_scan_file *file);

/* Orders the findings and completes the result. */
enum tt_status tt_scan_file_end(struct tt_scan_file *file) TT_MUST_USE;

#endif
