/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What workers hand over: from the rings into the ledger, and into the metrics.
 */
#ifndef TT_SERVE_RECORDS_H
#define TT_SERVE_RECORDS_H

#include "ledger/collect.h"
#include "serve/budgets.h"
#include "serve/metrics.h"
#include "serve/state.h"

struct tt_serve_records {
    const struct tt_serve_state *state;
    const struct tt_alloc *alloc;
    struct tt_collect *collect; /* NULL: not begun */
    struct tt_metrics *metrics;
    char ledger[TT_SERVE_PATH_MAX + 16], spool[TT_SERVE_PATH_MAX + 16]; /* the collector borrows these */
    uint64_t capacity;                                                  /* bytes that the rings hold, as of the last second */
    struct tt_serve_budgets budgets;
    bool works; /* what was last said of the ledger */
};

/* By the thread that collects; catalog must outlive the records.  TT_E_IO, TT_E_USAGE: message says why. */
enum tt_status tt_serve_records_begin(struct tt_serve_records *records, const struct tt_alloc *alloc,
                                      const struct tt_serve_state *state, const struct tt_catalog *catalog,
                                      struct tt_buf *message) TT_MUST_USE;
void tt_serve_records_end(struct tt_serve_records *records);

/* One round of collecting.  What cannot be stored now waits; the state tells. */
void tt_serve_records_round(struct tt_serve_records *records);

/* Can the process hand records over? */
bool tt_serve_records_has(const struct tt_serve_records *records, pid_t pid);

/* How it goes; all zero before the beginning. */
const struct tt_collect_state *tt_serve_records_state(const struct tt_serve_records *records);

/* Has the ledger begun to work, or to fail?  Then *news says which, once. */
bool tt_serve_records_news(struct tt_serve_records *records, const char **news, const char **why);

/* Writes metrics.prom, which nginx serves.  The figures of the ledger are filled in here. */
void tt_serve_records_publish(struct tt_serve_records *records, struct tt_metrics_state *state);

#endif
