/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parts of bodies that were clean: messages, tools, blocks of a system text.
 *
 * The next turn of a conversation repeats all parts but the last.  What came behind a part once is guessed to come again: if the bytes there have the
 * fingerprint of what was seen, they are passed over whole, unread.  A wrong guess costs time and nothing else, for all that a part
 * adds to the facts is kept with it.  Fixed memory.  Of a set the oldest goes that was not met again since one went: conversations that go on
 * must not lose their beginnings to the new ends of all others.
 */
#ifndef TT_GATE_PARTS_H
#define TT_GATE_PARTS_H

#include "base/alloc.h"
#include "base/limits.h"
#include "base/status.h"
#include "text/fingerprint.h"

#define TT_GATE_PARTS_WAYS 4

/* Bytes in work that can be remembered, and what they add. */
struct tt_gate_span {
    bool open;
    uint64_t begin; /* offset of the first bracket */
    uint64_t chain, context;
    uint64_t strings, found; /* before it */
    uint32_t tools;          /* the same */
    uint32_t references;
    unsigned servers; /* names of servers that were met in it */
    uint64_t server_at;
    size_t server_length;
};

/* One part, and so many that follow each other in a list. */
struct tt_gate_part_state {
    struct tt_gate_span span;
    uint32_t depth;  /* of its brackets */
    uint32_t before; /* references of what came before it */
};
struct tt_gate_run_state {
    struct tt_gate_span span;
    uint64_t count; /* of its parts so far */
};

/* Half a cache line, since most of the time goes into fetching them. */
struct tt_gate_part {
    struct tt_fingerprint known; /* of its bytes at that place */
    uint32_t length;
    uint32_t tail;   /* its last four bytes: wrong guesses end there, ... */
    uint8_t hint;    /* ... or at a few bits of what the guess went by */
    uint8_t met : 1; /* again, since one of its set went */
    uint8_t references : 7;
    uint8_t tools;
    uint8_t server_length; /* of a tool server's name in it; 0: none */
    uint16_t server_at;
    uint16_t strings;
};

struct tt_gate_part_set {
    struct tt_gate_part parts[TT_GATE_PARTS_WAYS];
};

struct tt_gate_parts {
    const struct tt_fingerprint_key *fingerprints;
    struct tt_gate_part_set *sets;
    void *block; /* that sets lie in */
};

/* fingerprints: the key of what is known to be clean, kept by the caller. */
enum tt_status tt_gate_parts_init(struct tt_gate_parts *parts, const struct tt_alloc *alloc,
                                  const struct tt_fingerprint_key *fingerprints) TT_MUST_USE;
void tt_gate_parts_free(struct tt_gate_parts *parts, const struct tt_alloc *alloc);

/*
 * The part that begins at text[0], if it is known; chain is what the guess goes by, context all that its strings depend on beside its
 * bytes.
 */
const struct tt_gate_part *tt_gate_parts_find(struct tt_gate_parts *parts, uint64_t chain, uint64_t context, struct tt_str text);

/* Remembers text as a clean part; *part says what it adds.  Returns its fingerprint. */
struct tt_fingerprint tt_gate_parts_add(struct tt_gate_parts *parts, uint64_t chain, uint64_t context, struct tt_str text,
                                        const struct tt_gate_part *part);

#endif
