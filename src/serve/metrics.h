/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records become metrics, in the text form of Prometheus (version 0.0.4).
 *
 * Counters begin at zero with the process.  All labels come from the catalogue, from fixed words, or from names of teams, of which only
 * so many are told apart (TT_METRICS_*); the rest is "other".  Memory is asked for once, by tt_metrics_new.
 */
#ifndef TT_SERVE_METRICS_H
#define TT_SERVE_METRICS_H

#include "base/buf.h"
#include "base/limits.h"
#include "catalog/catalog.h"

struct tt_metrics;

/* catalog must outlive the metrics. */
enum tt_status tt_metrics_new(const struct tt_alloc *alloc, const struct tt_catalog *catalog,
                              struct tt_metrics **metrics) TT_MUST_USE;
void tt_metrics_free(struct tt_metrics *metrics);

/*
 * Takes a record, as the ring or the ledger holds it; each once.  A request waits for its outcome, whose metrics need what the request
 * said.  What is no record is counted.
 */
void tt_metrics_add(struct tt_metrics *metrics, struct tt_str record);

/* What is not in records.  Strings are borrowed until the next call; NULL: not known. */
struct tt_metrics_state {
    const char *version;
    const char *policy; /* "sha256:..." */
    bool shadow;
    uint64_t ring_used, ring_size; /* bytes, of all rings */
    uint64_t dropped;              /* records that never came */
    uint64_t spooled;              /* bytes that wait for the ledger */
    bool ledger_works;
    uint64_t temp_files; /* bodies that nginx put into a temporary file */
    uint64_t workers;
    uint64_t started; /* seconds since 1970 */
};
void tt_metrics_set_state(struct tt_metrics *metrics, const struct tt_metrics_state *state);

/* How much of a team's budget is spent, in millionths.  Over TT_METRICS_TEAMS_MAX teams are not shown. */
void tt_metrics_set_budget(struct tt_metrics *metrics, struct tt_str team, uint64_t millionths);

/* Appends the page. */
void tt_metrics_write(const struct tt_metrics *metrics, struct tt_buf *out);

#endif
