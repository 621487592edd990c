/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of the names that the open objects have so far.
 *
 * Input: tokens and decoded names.  Output: whether a name is there twice.  The set owns its two arrays and grows them
 * together.
 *
 * Names are not kept: a name is the pair (depth of its object, 64-bit keyed hash).  Only one object is open at a depth,
 * and its names are dropped when it ends, so the depth says which object is meant.  Two names of one object are taken
 * for equal when their hashes are: for n different names by chance with a probability below n^2 / 2^65, which is 2^-25
 * for 2^20 names, and not by choice as long as the seeds are secret (SipHash).  Equal hashes at different depths are
 * told apart.
 *
 * Invariants: entries is a stack ordered by depth.  slots is an open-addressing table with linear probing, at most half
 * full, that holds index + 1 of each entry, or 0.  Entries leave in the reverse order of their coming; so taking one out
 * leaves the table as it was before, and no "deleted" marks are needed.
 */
#include "json/keys.h"

#include "base/hash.h"

#define FIRST_ENTRIES ((size_t) 64)

struct entry {
    uint64_t hash;
    uint32_t depth;
};

struct tt_json_keys {
    const struct tt_alloc *alloc;
    uint64_t seed0, seed1;
    struct entry *entries; /* cap of them */
    uint32_t *slots;       /* 2 * cap of them */
    size_t count, cap;     /* cap is a power of two */
};

struct tt_json_keys *
tt_json_keys_new(const struct tt_alloc *alloc, uint64_t seed0, uint64_t seed1)
{
    struct tt_json_keys *keys = tt_alloc_new(alloc, sizeof(*keys));
    if (keys) {
        *keys = (struct tt_json_keys) {.alloc = alloc, .seed0 = seed0, .seed1 = seed1};
    }
    return keys;
}

static void
free_tables(struct tt_json_keys *keys)
{
    tt_alloc_free(keys->alloc, keys->entries, keys->cap * sizeof(*keys->entries));
    tt_alloc_free(keys->alloc, keys->slots, 2 * keys->cap * sizeof(*keys->slots));
}

void
tt_json_keys_free(struct tt_json_keys *keys)
{
    if (keys) {
        free_tables(keys);
        tt_alloc_free(keys->alloc, keys, sizeof(*keys));
    }
}

/* The slot that holds the entry with this number, or the first free one of its row. */
static uint32_t *
slot_of(const struct tt_json_keys *keys, uint64_t hash, uint32_t number)
{
    size_t mask = 2 * keys->cap - 1;
    size_t at = (size_t) hash & mask;
    while (keys->slots[at] != 0 && keys->slots[at] != number) {
        at = (at + 1) & mask;
    }
    return &keys->slots[at];
}

/* Takes out the entries from number count on, the last one first. */
static void
shrink(struct tt_json_keys *keys, size_t count)
{
    while (keys->count > count) {
        uint32_t number = (uint32_t) keys->count--;
        *slot_of(keys, keys->entries[number - 1].hash, number) = 0;
    }
}

void
tt_json_keys_reset(struct tt_json_keys *keys)
{
    shrink(keys, 0);
}

/* Doubles the room.  On failure nothing has changed. */
static enum tt_status
grow(struct tt_json_keys *keys)
{
    size_t cap = keys->cap ? 2 * keys->cap : FIRST_ENTRIES;
    struct entry *entries = tt_alloc_new(keys->alloc, cap * sizeof(*entries));
    uint32_t *slots = tt_alloc_new(keys->alloc, 2 * cap * sizeof(*slots));
    if (!entries || !slots) {
        tt_alloc_free(keys->alloc, entries, cap * sizeof(*entries));
        tt_alloc_free(keys->alloc, slots, 2 * cap * sizeof(*slots));
        return TT_E_MEMORY;
    }
    if (keys->count > 0) {
        memcpy(entries, keys->entries, keys->count * sizeof(*entries));
    }
    memset(slots, 0, 2 * cap * sizeof(*slots));
    free_tables(keys);
    keys->entries = entries;
    keys->slots = slots;
    keys->cap = cap;
    /* In the order of their coming, or shrink() would leave gaps in the rows. */
    for (size_t i = 0; i < keys->count; i++) {
        uint32_t number = (uint32_t) i + 1;
        *slot_of(keys, entries[i].hash, number) = number;
    }
    return TT_OK;
}

static bool
contains(const struct tt_json_keys *keys, uint64_t hash, uint32_t depth)
{
    if (keys->cap == 0) {
        return false;
    }
    size_t mask = 2 * keys->cap - 1;
    for (size_t at = (size_t) hash & mask; keys->slots[at] != 0; at = (at + 1) & mask) {
        const struct entry *e = &keys->entries[keys->slots[at] - 1];
        if (e->hash == hash && e->depth == depth) {
            return true;
        }
    }
    return false;
}

static enum tt_status
take_key(struct tt_json_keys *keys, uint32_t depth, struct tt_str name, bool *duplicate)
{
    /* With the depth in the key of the hash, one name at every depth of a deep document does not share a row. */
    uint64_t hash = tt_hash64(keys->seed0 + depth, keys->seed1, name);
    if (contains(keys, hash, depth)) {
        *duplicate = true;
        return TT_OK;
    }
    if (keys->count >= TT_JSON_KEYS_MAX) {
        return TT_E_LIMIT;
    }
    if (keys->count == keys->cap) {
        TT_TRY(grow(keys));
    }
    uint32_t number = (uint32_t) keys->count + 1;
    *slot_of(keys, hash, number) = number;
    keys->entries[keys->count++] = (struct entry) {.hash = hash, .depth = depth};
    return TT_OK;
}

enum tt_status
tt_json_keys_take(struct tt_json_keys *keys, const struct tt_json_token *token, struct tt_str name, bool *duplicate)
{
    *duplicate = false;
    if (token->kind == TT_JSON_KEY) {
        return take_key(keys, token->depth, name, duplicate);
    }
    if (token->kind == TT_JSON_OBJECT_END) {
        size_t count = keys->count;
        while (count > 0 && keys->entries[count - 1].depth > token->depth) {
            count--;
        }
        shrink(keys, count);
    }
    return TT_OK;
}
