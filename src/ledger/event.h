/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the collector takes from rings and keeps in the spool: one event becomes no, one or several rows of the ledger.
 */
#ifndef TT_LEDGER_EVENT_H
#define TT_LEDGER_EVENT_H

#include "base/arena.h"
#include "ledger/ledger.h"

enum tt_event_kind {
    TT_EVENT_RECORD = 1,
    TT_EVENT_LOST,   /* the numbers from..to of a ring; from 0: a file that is no ring */
    TT_EVENT_GONE,   /* a writer ended; ring 0: in all rings */
    TT_EVENT_DAMAGE, /* from bytes of the spool could not be read */
};

struct tt_event {
    enum tt_event_kind kind;
    unsigned slot;
    uint64_t ring;
    uint64_t writer;   /* tt_ring_owner_pack() */
    uint64_t from, to; /* of a record both its number */
    int64_t seen;      /* when the collector met it */
    struct tt_str bytes;
};

/*
 * The row that a record becomes: its own bytes when they are a JSON object, else an object of type "fault" that holds them in hexadecimal.  What has
 * to be written is in arena.
 */
enum tt_status tt_event_row(const struct tt_event *event, struct tt_arena *arena, struct tt_ledger_row *row) TT_MUST_USE;

/* The row of a loss or a damage. */
enum tt_status tt_event_loss_row(const struct tt_event *event, struct tt_arena *arena, struct tt_ledger_row *row) TT_MUST_USE;

/* The outcome of a request whose worker ended. */
enum tt_status tt_event_lost_row(const struct tt_event *event, struct tt_str id, struct tt_arena *arena,
                                 struct tt_ledger_row *row) TT_MUST_USE;

#endif
