/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The collector: takes records from the rings of a folder and brings each into the ledger exactly once.
 *
 * While the ledger cannot be written, events go to the spool; when that fails too, they stay in the rings, which refuse when they are full.  Nothing is dropped
 * without a row that says so.  The collector may be killed at any moment: what it had not stored is in the rings or in the spool, and the
 * ledger knows how far it took over each ring.
 *
 * A request whose worker ended before its outcome gets one: "end":"worker_lost".
 */
#ifndef TT_LEDGER_COLLECT_H
#define TT_LEDGER_COLLECT_H

#include "ledger/ledger.h"

#include <sys/types.h>

/* Names are copied; alloc and ctx have to outlive the collector. */
struct tt_collect_options {
    const char *rings;  /* folder; has to exist */
    const char *ledger; /* file; made when there is none */
    const char *spool;  /* folder; NULL: no spool */
    const struct tt_alloc *alloc;
    /* Called once for each row when it is stored, in the ledger or in the spool (then seq is 0).  NULL: not wanted.  The row is borrowed. */
    void (*stored)(void *ctx, const struct tt_ledger_row *row);
    void *ctx;
    unsigned retry_ms; /* between attempts to open a ledger that failed; 0: TT_COLLECT_RETRY */
};

/* How it goes; for people and metrics. */
struct tt_collect_state {
    bool ledger_works, spool_works;
    char ledger_why[TT_LEDGER_WHY_MAX]; /* "FILE: why"; empty when it works */
    char spool_why[TT_LEDGER_WHY_MAX];
    uint64_t rows;         /* written to the ledger since the beginning */
    uint64_t records;      /* taken from rings */
    uint64_t faults;       /* of these, no JSON objects */
    uint64_t lost;         /* records that never came, as far as is known */
    uint64_t workers_lost; /* outcomes written for workers that ended */
    uint64_t spooled;      /* bytes that wait in the spool */
    uint64_t waiting;      /* bytes that wait in the rings */
};

struct tt_collect;

/*
 * TT_E_IO: the rings' folder cannot be used, errno says why (EWOULDBLOCK: another collector reads it).  A ledger or a spool that cannot be opened is
 * no failure: the state tells.
 */
enum tt_status tt_collect_open(const struct tt_collect_options *options, struct tt_collect **collect) TT_MUST_USE;

/* Closes the files.  What still waits stays for the next collector. */
void tt_collect_close(struct tt_collect *collect);

/*
 * Stores what waits.  To be called every few ten milliseconds, and at the end after the workers have left.  TT_E_IO: something had to stay in the rings; the state tells
 * why.
 */
enum tt_status tt_collect_round(struct tt_collect *collect) TT_MUST_USE;

/* Up to date after each round. */
const struct tt_collect_state *tt_collect_get_state(const struct tt_collect *collect);

/* Does the process have a ring, as far as the last round saw? */
bool tt_collect_has_ring(const struct tt_collect *collect, pid_t pid);

#endif
