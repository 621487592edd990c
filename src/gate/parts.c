/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of clean parts; see parts.h.
 *
 * Input: bytes and keys.  Output: what is known of them.  The table is allocated once and cleared; the parts own it.
 */
#include "gate/parts.h"

#define SIZE (TT_GATE_PARTS_SETS * sizeof(struct tt_gate_part_set))

enum tt_status
tt_gate_parts_init(struct tt_gate_parts *parts, const struct tt_alloc *alloc, const struct tt_fingerprint_key *fingerprints)
{
    parts->fingerprints = fingerprints;
    parts->sets = tt_alloc_new(alloc, SIZE);
    if (!parts->sets) {
        return TT_E_MEMORY;
    }
    memset(parts->sets, 0, SIZE);
    return TT_OK;
}

void
tt_gate_parts_free(struct tt_gate_parts *parts, const struct tt_alloc *alloc)
{
    tt_alloc_free(alloc, parts->sets, SIZE);
    parts->sets = NULL;
}

static uint64_t
tail_of(struct tt_str text, size_t length)
{
    uint64_t tail;
    memcpy(&tail, text.ptr + length - sizeof(tail), sizeof(tail));
    return tail;
}

const struct tt_gate_part *
tt_gate_parts_find(const struct tt_gate_parts *parts, uint64_t key, uint64_t context, struct tt_str text)
{
    const struct tt_gate_part_set *set = &parts->sets[key % TT_GATE_PARTS_SETS];
    for (size_t i = 0; i < TT_GATE_PARTS_WAYS; i++) {
        const struct tt_gate_part *part = &set->parts[i];
        if (set->keys[i] != key || part->length < TT_GATE_PART_MIN || part->length > text.len ||
            tail_of(text, part->length) != part->tail) {
            continue;
        }
        if (tt_fingerprint_eq(tt_fingerprint_of(parts->fingerprints, context, tt_str_slice(text, 0, part->length)),
                              part->known)) {
            return part;
        }
    }
    return NULL;
}

struct tt_fingerprint
tt_gate_parts_add(struct tt_gate_parts *parts, uint64_t key, uint64_t context, struct tt_str text,
                  const struct tt_gate_part *part)
{
    struct tt_gate_part_set *set = &parts->sets[key % TT_GATE_PARTS_SETS];
    memmove(set->keys + 1, set->keys, (TT_GATE_PARTS_WAYS - 1) * sizeof(*set->keys));
    memmove(set->parts + 1, set->parts, (TT_GATE_PARTS_WAYS - 1) * sizeof(*set->parts));
    set->keys[0] = key;
    set->parts[0] = *part;
    set->parts[0].known = tt_fingerprint_of(parts->fingerprints, context, text);
    set->parts[0].tail = tail_of(text, text.len);
    set->parts[0].length = (uint32_t) text.len;
    return set->parts[0].known;
}
