/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Beginnings that are known; see prefix.h.
 *
 * Input: the reader at work, and the trail of the body.  Output: the reader's state.  Owns the table.
 *
 * Nothing is kept once a body has shown anything: a finding, an edit, a name with escapes or in two pieces.  So what is kept depends on the bytes alone.
 */
#include "gate/prefix.h"

#include "gate/reader.h"

#define STEP TT_FINGERPRINT_STEP
#define SETS_SIZE (TT_GATE_PREFIX_SETS * sizeof(struct tt_gate_prefix_set))
#define WAYS_SIZE (TT_GATE_PREFIX_SETS * TT_GATE_PREFIX_WAYS * sizeof(struct tt_gate_prefix))

enum tt_status
tt_gate_prefixes_init(struct tt_gate_prefixes *prefixes, const struct tt_alloc *alloc)
{
    prefixes->sets = tt_alloc_new(alloc, SETS_SIZE);
    prefixes->ways = prefixes->sets ? tt_alloc_new(alloc, WAYS_SIZE) : NULL;
    if (!prefixes->ways) {
        return TT_E_MEMORY;
    }
    memset(prefixes->sets, 0, SETS_SIZE);
    return TT_OK;
}

void
tt_gate_prefixes_free(struct tt_gate_prefixes *prefixes, const struct tt_alloc *alloc)
{
    tt_alloc_free(alloc, prefixes->sets, SETS_SIZE);
    tt_alloc_free(alloc, prefixes->ways, WAYS_SIZE);
    prefixes->sets = NULL;
    prefixes->ways = NULL;
}

/* ---- the table ---- */

static size_t
set_of(struct tt_fingerprint known)
{
    return known.low % TT_GATE_PREFIX_SETS;
}

static uint8_t
hint_of(struct tt_fingerprint known)
{
    return (uint8_t) (known.high % UINT8_MAX + 1);
}

static struct tt_gate_prefix *
find(const struct tt_gate_prefixes *prefixes, struct tt_fingerprint known, uint64_t steps)
{
    size_t number = set_of(known);
    struct tt_gate_prefix_set *set = &prefixes->sets[number];
    for (size_t i = 0; i < TT_GATE_PREFIX_WAYS; i++) {
        struct tt_gate_prefix *prefix = &prefixes->ways[number * TT_GATE_PREFIX_WAYS + i];
        if (set->hints[i] == hint_of(known) && tt_fingerprint_eq(prefix->known, known) && prefix->steps == steps) {
            set->met |= (uint8_t) (1U << i);
            return prefix;
        }
    }
    return NULL;
}

static void
add(struct tt_gate_prefixes *prefixes, const struct tt_gate_prefix *prefix)
{
    size_t number = set_of(prefix->known), i;
    struct tt_gate_prefix_set *set = &prefixes->sets[number];
    for (i = set->next; set->met & 1U << i; i = (i + 1) % TT_GATE_PREFIX_WAYS) {
        set->met &= (uint8_t) ~(1U << i);
    }
    set->next = (uint8_t) ((i + 1) % TT_GATE_PREFIX_WAYS);
    set->hints[i] = hint_of(prefix->known);
    prefixes->ways[number * TT_GATE_PREFIX_WAYS + i] = *prefix;
}

/* ---- strings ---- */

typedef struct tt_str move_fn(struct tt_str s, const char *body);

static struct tt_str
to_offset(struct tt_str s, const char *body)
{
    return s.len > 0 ? tt_str_make((const char *) (uintptr_t) (s.ptr - body), s.len) : TT_STR("");
}

static struct tt_str
to_address(struct tt_str s, const char *body)
{
    return s.len > 0 ? tt_str_make(body + (uintptr_t) s.ptr, s.len) : TT_STR("");
}

static void
move_strings(struct tt_gate_prefix *prefix, move_fn *move, const char *body)
{
    prefix->facts.model = move(prefix->facts.model, body);
    for (size_t i = 0; i < prefix->server_count; i++) {
        prefix->servers[i] = move(prefix->servers[i], body);
    }
    for (size_t i = 0; i <= TT_GATE_PREFIX_DEPTH; i++) {
        struct tt_gate_frame *frame = &prefix->frames[i];
        frame->key = move(frame->key, body);
        frame->role = move(frame->role, body);
        frame->type = move(frame->type, body);
    }
}

/* ---- a body ---- */

/* Goes on from what is known. */
static void
resume(struct tt_gate_reader *reader, const struct tt_gate_prefix *known)
{
    struct tt_gate_prefix prefix = *known;
    move_strings(&prefix, to_address, reader->pieces.items[0].ptr);
    reader->met = prefix.met;
    reader->strings = prefix.strings;
    reader->chain = prefix.chain;
    reader->run = prefix.run;
    reader->facts = prefix.facts;
    reader->named.server_count = prefix.server_count;
    memcpy(reader->named.servers, prefix.servers, sizeof(prefix.servers));
    memcpy(reader->frames.at, prefix.frames, sizeof(prefix.frames));
    tt_json_resume(&reader->lexer, prefix.offset, TT_GATE_PREFIX_DEPTH, prefix.nesting);
}

uint64_t
tt_gate_prefix_begin(struct tt_gate_reader *reader, const struct tt_gate_trail *trail)
{
    struct tt_gate_prefixes *prefixes = &reader->prefixes;
    prefixes->trail = reader->pieces.count > 0 && !reader->look->spelling ? trail : NULL;
    prefixes->recent_count = prefixes->spaces = 0;
    prefixes->begun = false;
    if (!prefixes->trail) {
        return 0;
    }
    size_t whole = reader->pieces.items[0].len / STEP;
    for (size_t i = trail->count < whole ? trail->count : whole; i > 0; i--) {
        const struct tt_gate_prefix *prefix = find(prefixes, trail->states[i - 1], i);
        if (prefix) {
            prefixes->spaces = i / TT_GATE_PREFIX_SPACE;
            resume(reader, prefix);
            return prefix->offset;
        }
    }
    return 0;
}

/* Is all that the reader knows in the bytes that it has read? */
static bool
is_plain(const struct tt_gate_reader *reader)
{
    const struct tt_gate_look *look = reader->look;
    return reader->at == 0 && reader->arena.used == 0 && look->found == 0 && tt_gate_look_edit_count(look) == 0 &&
           reader->named.model_count == 0 && reader->named.server_count <= TT_GATE_PREFIX_SERVERS;
}

static void
keep(struct tt_gate_prefixes *prefixes, const struct tt_gate_prefix *prefix)
{
    if (!find(prefixes, prefix->known, prefix->steps)) {
        add(prefixes, prefix);
    }
}

/* The last step that ends before the offset is the latest element's.  False: there is none that ends behind its beginning. */
static bool
take_latest(struct tt_gate_prefixes *prefixes, uint64_t end)
{
    struct tt_gate_prefix *latest = &prefixes->latest;
    uint64_t steps = end / STEP < prefixes->trail->count ? end / STEP : prefixes->trail->count;
    if (steps == 0 || steps * STEP < latest->offset) {
        return false;
    }
    latest->steps = steps;
    latest->known = prefixes->trail->states[steps - 1];
    if (steps / TT_GATE_PREFIX_SPACE > prefixes->spaces) {
        prefixes->spaces = steps / TT_GATE_PREFIX_SPACE;
        keep(prefixes, latest);
    } else {
        prefixes->recent[prefixes->recent_count++ % TT_GATE_PREFIX_KEPT] = *latest;
    }
    return true;
}

/* Is an element that begins here one of the last, or the first one in a space? */
static bool
is_wanted(const struct tt_gate_reader *reader, uint64_t offset)
{
    const uint64_t space = (uint64_t) TT_GATE_PREFIX_SPACE * STEP;
    return reader->pieces.items[0].len - offset < space || offset / space > reader->prefixes.spaces;
}

void
tt_gate_prefix_meet(struct tt_gate_reader *reader, const struct tt_json_token *token)
{
    struct tt_gate_prefixes *prefixes = &reader->prefixes;
    const struct tt_gate_frame *around = &reader->frames.at[TT_GATE_PREFIX_DEPTH];
    if (!prefixes->trail || token->depth != TT_GATE_PREFIX_DEPTH || around->object || around->next == 0 || !is_plain(reader)) {
        return;
    }
    if (prefixes->begun && !take_latest(prefixes, token->offset - 1)) {
        return;
    }
    prefixes->begun = is_wanted(reader, token->offset);
    if (!prefixes->begun) {
        return;
    }
    struct tt_gate_prefix *latest = &prefixes->latest;
    latest->offset = token->offset;
    latest->nesting = reader->lexer.nesting[0];
    latest->met = reader->met;
    latest->strings = reader->strings;
    latest->chain = reader->chain;
    latest->run = reader->run;
    latest->facts = reader->facts;
    latest->server_count = reader->named.server_count;
    memcpy(latest->servers, reader->named.servers, sizeof(latest->servers));
    memcpy(latest->frames, reader->frames.at, sizeof(latest->frames));
    move_strings(latest, to_offset, reader->pieces.items[0].ptr);
}

void
tt_gate_prefix_end(struct tt_gate_reader *reader)
{
    struct tt_gate_prefixes *prefixes = &reader->prefixes;
    if (!prefixes->begun) {
        return;
    }
    take_latest(prefixes, reader->pieces.items[0].len);
    uint64_t count = prefixes->recent_count, first = count > TT_GATE_PREFIX_KEPT ? count - TT_GATE_PREFIX_KEPT : 0;
    for (uint64_t i = first; i < count; i++) {
        keep(prefixes, &prefixes->recent[i % TT_GATE_PREFIX_KEPT]);
    }
}
