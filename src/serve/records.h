/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What workers hand over: from the rings into the ledger and the metrics.
 */
#ifndef TT_SERVE_RECORDS_H
#define TT_SERVE_RECORDS_H

#include "serve/state.h"

struct tt_serve_counts {
    uint64_t stored, spooled, lost; /* records */
    uint64_t waiting;               /* bytes in the rings */
    uint64_t capacity;              /* bytes that they can hold */
};

struct tt_serve_records {
    const struct tt_serve_state *state;
    struct tt_serve_counts counts;
};

enum tt_status tt_serve_records_begin(struct tt_serve_records *records, const struct tt_alloc *alloc,
                                      const struct tt_serve_state *state, struct tt_buf *message) TT_MUST_USE;

/* One round of collecting.  False: the ledger refuses, and message says why; records wait, or are spooled. */
bool tt_serve_records_round(struct tt_serve_records *records);

/* Writes metrics.prom, which nginx serves. */
void tt_serve_records_metrics(struct tt_serve_records *records, const char *policy, uint64_t temp_files);

void tt_serve_records_end(struct tt_serve_records *records);

#endif
