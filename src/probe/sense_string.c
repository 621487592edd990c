/* SPDX-License-Identifier: Apache-2.0 */
/* Strings as numbers: a table with open addressing over strings in an arena.  Equal leaves of a hundred runs are kept once. */
#include "base/hash.h"
#include "probe/sense_parts.h"

#define FIRST_SLOTS 1024

void *
tt_sense_get(struct tt_arena *arena, size_t size)
{
    void *p = tt_arena_get(arena, size ? size : 1);
    if (p) {
        memset(p, 0, size ? size : 1);
    }
    return p;
}

enum tt_status
tt_sense_strings_init(struct tt_sense_strings *strings, struct tt_arena *arena)
{
    *strings = (struct tt_sense_strings) {.arena = arena, .room = FIRST_SLOTS / 2, .slot_count = FIRST_SLOTS};
    strings->items = tt_sense_get(arena, strings->room * sizeof(*strings->items));
    strings->slots = tt_sense_get(arena, strings->slot_count * sizeof(*strings->slots));
    strings->count = 1; /* the empty string */
    return strings->items && strings->slots ? TT_OK : TT_E_MEMORY;
}

static uint32_t *
find_slot(const struct tt_sense_strings *strings, struct tt_str text, uint64_t hash)
{
    size_t mask = strings->slot_count - 1;
    for (size_t i = (size_t) hash & mask;; i = (i + 1) & mask) {
        uint32_t *slot = &strings->slots[i];
        const struct tt_sense_string *item = &strings->items[*slot];
        if (*slot == 0 || (item->hash == hash && tt_str_eq(item->text, text))) {
            return slot;
        }
    }
}

static enum tt_status
grow(struct tt_sense_strings *strings)
{
    struct tt_sense_strings larger = *strings;
    larger.room *= 2;
    larger.slot_count *= 2;
    larger.items = tt_arena_get(strings->arena, larger.room * sizeof(*larger.items));
    larger.slots = tt_sense_get(strings->arena, larger.slot_count * sizeof(*larger.slots));
    if (!larger.items || !larger.slots) {
        return TT_E_MEMORY;
    }
    memcpy(larger.items, strings->items, strings->count * sizeof(*larger.items));
    *strings = larger;
    for (size_t i = 1; i < strings->count; i++) {
        *find_slot(strings, strings->items[i].text, strings->items[i].hash) = (uint32_t) i;
    }
    return TT_OK;
}

enum tt_status
tt_sense_number(struct tt_sense_strings *strings, struct tt_str text, uint32_t *out)
{
    uint64_t hash = tt_hash64(0, 0, text);
    *out = 0;
    if (text.len == 0) {
        return TT_OK;
    }
    uint32_t *slot = find_slot(strings, text, hash);
    if (*slot == 0) {
        if (strings->count == strings->room) {
            TT_TRY(grow(strings));
            slot = find_slot(strings, text, hash);
        }
        struct tt_sense_string *item = &strings->items[strings->count];
        TT_TRY(tt_arena_dup(strings->arena, text, &item->text));
        item->hash = hash;
        *slot = (uint32_t) strings->count++;
    }
    *out = *slot;
    return TT_OK;
}
