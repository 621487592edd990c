/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is kept of a request: one record before anything goes on, one when all is over.  Each is one JSON object without white space.
 *
 * Nothing that a client writes can break a record or make it long: strings are escaped, cut with "…" where they are too long, and
 * lists are cut and counted.  No text of a request is in it but names, paths and hashes.
 */
#ifndef TT_GATE_RECORD_H
#define TT_GATE_RECORD_H

#include "base/limits.h"
#include "finding/finding.h"
#include "marks/normalise.h"
#include "traffic/route.h"
#include "traffic/usage.h"

#include <time.h>

/* What a call is charged for: all that is needed to settle it. */
struct tt_record_charge {
    struct tt_str team, product, provider, model; /* as budgets see them: of the way that the call takes */
    int64_t day;                                  /* yyyymmdd, in the policy's time zone */
    int64_t reserved;                             /* micro-USD */
    bool is_priced;
    int64_t cost;         /* the same, of an outcome; -1: not known yet */
    struct tt_str budget; /* that is nearly spent, or spent; empty: none */
    bool is_over;
};

/* Empty strings, NULL and what is said to be unknown are left out. */
struct tt_record_request {
    struct tt_str id;     /* of both records of a request */
    struct timespec time; /* of the real clock */
    struct tt_str policy; /* "sha256:" and the policy's identity */

    /* Who asks. */
    struct tt_str client; /* keyed hash, in hexadecimal */
    struct tt_str identity, team, region, product;

    /* For what. */
    enum tt_api api;
    enum tt_operation operation;
    struct tt_str provider, model;
    bool stream;

    /* The body as it came, and as it goes on. */
    uint64_t body_length;
    const unsigned char *fingerprint; /* 16 bytes */
    const unsigned char *sha256, *sent_sha256;
    int64_t sent_length; /* -1: nothing goes on, or the same */

    /* What becomes of it. */
    const char *action, *status; /* status: of the policy's decision */
    struct tt_str rule, alternative, upstream;
    int64_t since; /* yyyymmdd; 0: unknown */
    bool shadow;
    const char *not_inspected; /* NULL: it was */
    uint32_t references;       /* enum tt_gate_reference: what it was that the body did not hold, and nobody inspected */

    const struct tt_finding *findings;
    size_t finding_count, finding_more; /* more: not among findings */

    /* Over the inspected body, of which pieces are the bytes in order; without pieces the hashes of what is replaced are left out. */
    const struct tt_edit *edits;
    size_t edit_count;
    const struct tt_str *pieces;
    size_t piece_count;

    uint64_t inspect_us;
    const struct tt_record_charge *charge; /* NULL: no budgets are kept */
};

void tt_record_request(struct tt_buf *out, const struct tt_record_request *record);

/* How a request ended. */
enum tt_record_end {
    TT_END_COMPLETE,
    TT_END_CLIENT_ABORT,
    TT_END_UPSTREAM_ABORT,
    TT_END_REFUSED,     /* by the gateway itself */
    TT_END_WORKER_LOST, /* the worker ended before; said by the collector */
};
const char *tt_record_end_name(enum tt_record_end end); /* static */

struct tt_record_outcome {
    struct tt_str id;
    struct timespec time;
    unsigned status;                       /* sent to the client; 0: none */
    unsigned upstream_status, attempts;    /* 0: nobody was asked */
    const struct tt_meter_result *meter;   /* NULL: not metered */
    const struct tt_record_charge *charge; /* NULL: no budgets are kept */
    int64_t first_byte_us, total_us;       /* since the request; -1: unknown */
    enum tt_record_end end;
};

/* At most TT_RECORD_OUTCOME_MAX bytes. */
void tt_record_outcome(struct tt_buf *out, const struct tt_record_outcome *record);

#endif
