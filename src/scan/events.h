/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stream of events (text/event-stream) as a string: what a model's API answers bit by bit.  Each event's data is a document in JSON.
 */
#ifndef TT_SCAN_EVENTS_H
#define TT_SCAN_EVENTS_H

#include "scan/nested.h"

/* Starts with text alone set. */
struct tt_events {
    struct tt_str text;
    size_t at;       /* where the next line begins */
    size_t from, to; /* the document at hand, in text */
    size_t count;    /* documents so far */
};

/* Could text be a stream of events?  Cheap. */
bool tt_events_may_be(struct tt_str text);

/* Is it one, of which at least one event has a document as its data, and nothing else? */
bool tt_events_are(const struct tt_nested *nested, struct tt_str text);

/* The next document; false behind the last. */
bool tt_events_next(struct tt_events *events);

#endif
