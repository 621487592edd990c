/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Beginnings of bodies that were clean: the next turn of a conversation goes on where they end.
 *
 * A turn repeats the body of the one before it up to the new messages.  So at the first byte of an element of one of the request's lists, the reader's
 * state is kept under the fingerprint of the bytes up to a step of the trail behind it.  A body with the same fingerprint there begins with the
 * same bytes, and reading it can begin at that element, with that state: nothing before it is looked at again, nor are its parts looked up.
 *
 * Of a body its last elements are kept, several because clients change the very last ones (they move cache_control from message to message), and the
 * first one in every space of 16 KiB, for those who go back; other bodies that begin alike are served by parts.h.  Fixed memory; of a set the one goes that was not met for longest, or nearly.
 */
#ifndef TT_GATE_PREFIX_H
#define TT_GATE_PREFIX_H

#include "gate/facts.h"
#include "gate/frames.h"
#include "gate/parts.h"
#include "gate/trail.h"

#define TT_GATE_PREFIX_WAYS 8  /* of a set */
#define TT_GATE_PREFIX_DEPTH 2 /* elements of the request's lists */
#define TT_GATE_PREFIX_SERVERS 8
#define TT_GATE_PREFIX_KEPT 4   /* at the end of one body */
#define TT_GATE_PREFIX_SPACE 16 /* steps */

/* The reader's state where an element begins.  Its strings lie in the body: instead of addresses they have offsets. */
struct tt_gate_prefix {
    struct tt_fingerprint known; /* of steps of the body */
    uint64_t steps;
    uint64_t offset;  /* of the element, before the end of the last step */
    uint64_t nesting; /* tt_json_resume */
    uint64_t met, strings, chain;
    struct tt_gate_run_state run;
    struct tt_gate_facts facts;
    size_t server_count;
    struct tt_str servers[TT_GATE_PREFIX_SERVERS];
    struct tt_gate_frame frames[TT_GATE_PREFIX_DEPTH + 1];
};

struct tt_gate_prefix_set {
    uint8_t hints[TT_GATE_PREFIX_WAYS]; /* bits of the fingerprints; 0: nothing is kept there */
    uint8_t met, next;                  /* bit a way: met since it came or since next passed it; the next one to go */
};

struct tt_gate_prefixes {
    struct tt_gate_prefix_set *sets;
    struct tt_gate_prefix *ways;                       /* TT_GATE_PREFIX_WAYS a set */
    const struct tt_gate_trail *trail;                 /* of the body in work; NULL: it has none */
    struct tt_gate_prefix recent[TT_GATE_PREFIX_KEPT]; /* the last ones of the body in work, each with a step of its own ... */
    uint64_t recent_count;                             /* ... and how many there were */
    uint64_t spaces;                                   /* so many have been passed */
    struct tt_gate_prefix latest;                      /* the element that began last */
    bool begun;                                        /* there is one */
};

struct tt_gate_reader;
struct tt_json_token;

enum tt_status tt_gate_prefixes_init(struct tt_gate_prefixes *prefixes, const struct tt_alloc *alloc) TT_MUST_USE;
void tt_gate_prefixes_free(struct tt_gate_prefixes *prefixes, const struct tt_alloc *alloc);

/* A body begins, of which nothing is read: sets the reader to where it can go on, which is its first byte if nothing is known.  Returns that offset. */
uint64_t tt_gate_prefix_begin(struct tt_gate_reader *reader, const struct tt_gate_trail *trail);

/* An element of a list begins at the token; the frames have not counted it yet. */
void tt_gate_prefix_meet(struct tt_gate_reader *reader, const struct tt_json_token *token);

/* The body ends: keeps what was met. */
void tt_gate_prefix_end(struct tt_gate_reader *reader);

#endif
