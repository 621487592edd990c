/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of workers; see records.h.
 */
#include "serve/records.h"

enum tt_status
tt_serve_records_begin(struct tt_serve_records *records, const struct tt_alloc *alloc, const struct tt_serve_state *state,
                       struct tt_buf *message)
{
    (void) alloc;
    (void) message;
    *records = (struct tt_serve_records) {.state = state};
    return TT_OK;
}

bool
tt_serve_records_round(struct tt_serve_records *records)
{
    (void) records;
    return true;
}

void
tt_serve_records_metrics(struct tt_serve_records *records, const char *policy, uint64_t temp_files)
{
    (void) records;
    (void) policy;
    (void) temp_files;
}

void
tt_serve_records_end(struct tt_serve_records *records)
{
    (void) records;
}
