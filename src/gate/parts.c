/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of clean parts; see parts.h.
 *
 * Input: bytes and keys.  Output: what is known of them.  The table is allocated once and cleared; the parts own it.
 */
#include "gate/parts.h"

#define LINE 64 /* bytes that memory gives at once */
#define SIZE (TT_GATE_PARTS_SETS * sizeof(struct tt_gate_part_set) + LINE)

enum tt_status
tt_gate_parts_init(struct tt_gate_parts *parts, const struct tt_alloc *alloc, const struct tt_fingerprint_key *fingerprints)
{
    char *block = tt_alloc_new(alloc, SIZE);
    parts->fingerprints = fingerprints;
    parts->block = block;
    if (!block) {
        return TT_E_MEMORY;
    }
    memset(block, 0, SIZE);
    parts->sets = (struct tt_gate_part_set *) (void *) (block + (LINE - (uintptr_t) block % LINE));
    return TT_OK;
}

void
tt_gate_parts_free(struct tt_gate_parts *parts, const struct tt_alloc *alloc)
{
    tt_alloc_free(alloc, parts->block, SIZE);
    parts->block = NULL;
}

static uint32_t
tail_of(struct tt_str text, size_t length)
{
    uint32_t tail;
    memcpy(&tail, text.ptr + length - sizeof(tail), sizeof(tail));
    return tail;
}

static uint64_t
key_of(uint64_t chain, uint64_t context)
{
    return (chain ^ context) * 0x9E3779B97F4A7C15;
}

static struct tt_gate_part_set *
set_of(const struct tt_gate_parts *parts, uint64_t key)
{
    return &parts->sets[key % TT_GATE_PARTS_SETS];
}

static uint8_t
hint_of(uint64_t key)
{
    return (uint8_t) (key >> 56);
}

/* The conversation goes on elsewhere in a table that no cache holds; memory can bring that while the bytes at hand are compared. */
static void
fetch_next(const struct tt_gate_parts *parts, const struct tt_gate_part *part, uint64_t context)
{
    const char *set = (const char *) set_of(parts, key_of(part->known.low, context));
    for (size_t i = 0; i < sizeof(struct tt_gate_part_set); i += LINE) {
        __builtin_prefetch(set + i);
    }
}

const struct tt_gate_part *
tt_gate_parts_find(struct tt_gate_parts *parts, uint64_t chain, uint64_t context, struct tt_str text)
{
    uint64_t key = key_of(chain, context);
    struct tt_gate_part_set *set = set_of(parts, key);
    for (size_t i = 0; i < TT_GATE_PARTS_WAYS; i++) {
        struct tt_gate_part *part = &set->parts[i];
        if (part->hint != hint_of(key) || part->length < TT_GATE_PART_MIN || part->length > text.len ||
            tail_of(text, part->length) != part->tail) {
            continue;
        }
        fetch_next(parts, part, context);
        if (tt_fingerprint_eq(tt_fingerprint_of(parts->fingerprints, context, tt_str_slice(text, 0, part->length)),
                              part->known)) {
            part->met = true;
            return part;
        }
    }
    return NULL;
}

/* Which one goes: they stand in the order in which they came, the newest first. */
static size_t
choose(struct tt_gate_part_set *set)
{
    size_t last = TT_GATE_PARTS_WAYS - 1, i = last;
    while (i > 0 && set->parts[i].met) {
        i--;
    }
    i = set->parts[i].met ? last : i;
    for (size_t k = 0; k < TT_GATE_PARTS_WAYS; k++) {
        set->parts[k].met = false;
    }
    return i;
}

struct tt_fingerprint
tt_gate_parts_add(struct tt_gate_parts *parts, uint64_t chain, uint64_t context, struct tt_str text,
                  const struct tt_gate_part *part)
{
    uint64_t key = key_of(chain, context);
    struct tt_gate_part_set *set = set_of(parts, key);
    size_t gone = choose(set);
    memmove(set->parts + 1, set->parts, gone * sizeof(*set->parts));
    set->parts[0] = *part;
    set->parts[0].hint = hint_of(key);
    set->parts[0].known = tt_fingerprint_of(parts->fingerprints, context, text);
    set->parts[0].tail = tail_of(text, text.len);
    set->parts[0].length = (uint32_t) text.len;
    return set->parts[0].known;
}
