/* SPDX-License-Identifier: Apache-2.0 */
/* What metrics need of a record. */
#ifndef TT_SERVE_METRICS_RECORD_H
#define TT_SERVE_METRICS_RECORD_H

#include "base/str.h"

#define TT_METRICS_MARKS 64     /* rules of one record that are looked at */
#define TT_METRICS_REFERENCES 8 /* and kinds of what it refers to */

/* Texts are borrowed from the record, or from its own room where they had escapes; numbers that are not there are -1. */
struct tt_metrics_record {
    struct tt_str type, id;
    struct tt_str api, operation, provider, model, team, action, not_inspected, end, source;
    int64_t stream, shadow, error; /* 0, 1 or -1 */
    int64_t inspect_us, marks_more, status, input, output;
    int64_t first_byte_us, total_us;
    int64_t cost; /* micro-USD */
    struct tt_str marks[TT_METRICS_MARKS];
    size_t mark_count, marks_over;
    struct tt_str references[TT_METRICS_REFERENCES];
    size_t reference_count;
    size_t used;
    char room[512];
};

/* False when json is no whole JSON object with a type. */
bool tt_metrics_record_read(struct tt_str json, struct tt_metrics_record *record);

#endif
