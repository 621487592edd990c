/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A capped arena: everything that one unit of work needs, freed at once.
 *
 * Invariant: used <= max, where used counts every byte asked for, padding included.  Chunks grow by doubling up to
 * TT_ARENA_CHUNK_MAX; a larger request gets a chunk of its own.  Not safe to share between threads.
 */
#ifndef TT_BASE_ARENA_H
#define TT_BASE_ARENA_H

#include "base/alloc.h"
#include "base/status.h"
#include "base/str.h"

struct tt_arena_chunk;

struct tt_arena {
    const struct tt_alloc *alloc;
    struct tt_arena_chunk *head; /* the chunk in use; older ones follow */
    size_t used;
    size_t max;
};

/* Prepares an arena; allocates nothing.  alloc must outlive it. */
void tt_arena_init(struct tt_arena *arena, const struct tt_alloc *alloc, size_t max);

/* size bytes aligned for any type, not cleared; NULL when the cap or the allocator says no.  Valid until reset or free. */
void *tt_arena_get(struct tt_arena *arena, size_t size) TT_MUST_USE;

/* A copy of s in the arena with a NUL behind it.  On failure out is the empty string. */
enum tt_status tt_arena_dup(struct tt_arena *arena, struct tt_str s, struct tt_str *out) TT_MUST_USE;

/* Forgets every allocation but keeps one ordinary chunk for the next unit of work. */
void tt_arena_reset(struct tt_arena *arena);

/* Gives everything back.  The arena may be used again. */
void tt_arena_free(struct tt_arena *arena);

#endif
