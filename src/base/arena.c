/* SPDX-License-Identifier: Apache-2.0 */
/* Capped arena; see arena.h for the invariant. */
#include "base/arena.h"

#include "base/limits.h"

#include <stdalign.h>

struct tt_arena_chunk {
    struct tt_arena_chunk *next;
    size_t size; /* of data */
    size_t used;
    alignas(max_align_t) unsigned char data[];
};

void
tt_arena_init(struct tt_arena *arena, const struct tt_alloc *alloc, size_t max)
{
    *arena = (struct tt_arena) {.alloc = alloc, .max = max};
}

/* Size of the chunk that can hold need bytes: double the last one, within the ordinary bounds. */
static size_t
chunk_size(const struct tt_arena *arena, size_t need)
{
    size_t size = arena->head ? arena->head->size * 2 : TT_ARENA_CHUNK_MIN;
    if (size > TT_ARENA_CHUNK_MAX) {
        size = TT_ARENA_CHUNK_MAX;
    }
    return size < need ? need : size;
}

static struct tt_arena_chunk *
add_chunk(struct tt_arena *arena, size_t need)
{
    size_t size = chunk_size(arena, need);
    struct tt_arena_chunk *chunk = tt_alloc_new(arena->alloc, sizeof(*chunk) + size);
    if (!chunk) {
        return NULL;
    }
    chunk->next = arena->head;
    chunk->size = size;
    chunk->used = 0;
    arena->head = chunk;
    return chunk;
}

void *
tt_arena_get(struct tt_arena *arena, size_t size)
{
    const size_t align = alignof(max_align_t);
    if (size > arena->max) {
        return NULL; /* also keeps the rounding below from overflowing */
    }
    size = (size + align - 1) & ~(align - 1);
    if (size > arena->max - arena->used) {
        return NULL;
    }
    struct tt_arena_chunk *chunk = arena->head;
    if (!chunk || size > chunk->size - chunk->used) {
        chunk = add_chunk(arena, size);
        if (!chunk) {
            return NULL;
        }
    }
    void *ptr = chunk->data + chunk->used;
    chunk->used += size;
    arena->used += size;
    return ptr;
}

enum tt_status
tt_arena_dup(struct tt_arena *arena, struct tt_str s, struct tt_str *out)
{
    *out = (struct tt_str) {"", 0};
    if (s.len == SIZE_MAX) {
        return TT_E_MEMORY;
    }
    char *copy = tt_arena_get(arena, s.len + 1);
    if (!copy) {
        return TT_E_MEMORY;
    }
    if (s.len > 0) {
        memcpy(copy, s.ptr, s.len);
    }
    copy[s.len] = '\0';
    *out = tt_str_make(copy, s.len);
    return TT_OK;
}

static void
free_chunk(struct tt_arena *arena, struct tt_arena_chunk *chunk)
{
    tt_alloc_free(arena->alloc, chunk, sizeof(*chunk) + chunk->size);
}

void
tt_arena_reset(struct tt_arena *arena)
{
    struct tt_arena_chunk *keep = NULL;
    struct tt_arena_chunk *chunk = arena->head;
    while (chunk) {
        struct tt_arena_chunk *next = chunk->next;
        if (!keep && chunk->size <= TT_ARENA_CHUNK_MAX) {
            keep = chunk;
            keep->next = NULL;
            keep->used = 0;
        } else {
            free_chunk(arena, chunk);
        }
        chunk = next;
    }
    arena->head = keep;
    arena->used = 0;
}

void
tt_arena_free(struct tt_arena *arena)
{
    while (arena->head) {
        struct tt_arena_chunk *next = arena->head->next;
        free_chunk(arena, arena->head);
        arena->head = next;
    }
    arena->used = 0;
}
