/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table: the same requests and leaves, found in every run.
 *
 * Input: the runs as they are kept.  Output: conditions, slots and sites in the arena work.  Runs are taken in one order, the baseline first and then
 * by number, and each is aligned with all that was seen before, so the same runs always give the same table.
 *
 * Requests are matched by method and path and by how many leaves they share, never by their order, for a client's requests may race.
 */
#include "base/hash.h"
#include "base/limits.h"
#include "probe/align.h"
#include "probe/sense_parts.h"

#include <stdlib.h>

/* ---- runs and conditions ---- */

static uint32_t
factors_of(const struct tt_sense *sense, const struct tt_condition *condition)
{
    uint32_t factors = 0;
    for (size_t f = 0; f < sense->design->factor_count; f++) {
        factors |= condition->level[f] ? UINT32_C(1) << f : 0;
    }
    return factors;
}

static bool
is_equal(const struct tt_sense *sense, const struct tt_condition *a, const struct tt_condition *b)
{
    return a->instant == b->instant && a->source == b->source && memcmp(a->level, b->level, sense->design->factor_count) == 0;
}

uint32_t
tt_sense_find_cond(const struct tt_sense *sense, const struct tt_condition *condition)
{
    for (size_t i = 0; i < sense->table.cond_count; i++) {
        if (is_equal(sense, &sense->table.conds[i].condition, condition)) {
            return (uint32_t) i;
        }
    }
    return TT_SENSE_NONE;
}

/* The baseline at noon comes first, for leaves are named after what was seen first. */
static bool
is_before(const struct tt_sense *sense, const struct tt_sense_run *a, const struct tt_sense_run *b)
{
    bool base_a = a->run.condition.instant == TT_NOON && factors_of(sense, &a->run.condition) == 0;
    bool base_b = b->run.condition.instant == TT_NOON && factors_of(sense, &b->run.condition) == 0;
    return base_a != base_b ? base_a : a->run.number < b->run.number;
}

static enum tt_status
sort_runs(struct tt_sense *sense)
{
    struct tt_sense_table *table = &sense->table;
    table->runs = tt_sense_get(&sense->work, sense->run_count * sizeof(struct tt_sense_run *));
    if (!table->runs) {
        return TT_E_MEMORY;
    }
    for (size_t i = 0; i < sense->run_count; i++) {
        struct tt_sense_run *run = sense->runs[i];
        size_t at = table->run_count;
        if (run->failed) {
            continue;
        }
        for (; at > 0 && is_before(sense, run, table->runs[at - 1]); at--) {
            table->runs[at] = table->runs[at - 1];
        }
        table->runs[at] = run;
        table->run_count++;
    }
    return TT_OK;
}

static bool
is_sub(const struct tt_sense *sense, const struct tt_sense_cond *part, const struct tt_sense_cond *whole)
{
    if (part->condition.instant != whole->condition.instant || (part->factors & whole->factors) != part->factors ||
        part->factors == whole->factors || part->factors == 0) {
        return false;
    }
    for (size_t f = 0; f < sense->design->factor_count; f++) {
        if (part->condition.level[f] && part->condition.level[f] != whole->condition.level[f]) {
            return false;
        }
    }
    return true;
}

/* The conditions below this one, those of few factors first. */
static enum tt_status
list_subs(struct tt_sense *sense, struct tt_sense_cond *cond)
{
    const struct tt_sense_table *table = &sense->table;
    cond->subs = tt_sense_get(&sense->work, table->cond_count * sizeof(*cond->subs));
    if (!cond->subs) {
        return TT_E_MEMORY;
    }
    for (int size = 1; size < 32; size++) {
        for (size_t i = 0; i < table->cond_count; i++) {
            if (__builtin_popcount(table->conds[i].factors) == size && is_sub(sense, &table->conds[i], cond)) {
                cond->subs[cond->sub_count++] = (uint32_t) i;
            }
        }
    }
    cond->minimal = cond->factors != 0;
    for (size_t f = 0; f < sense->design->factor_count; f++) {
        struct tt_condition less = cond->condition;
        less.level[f] = 0;
        cond->minimal = cond->minimal && (!cond->condition.level[f] || tt_sense_find_cond(sense, &less) != TT_SENSE_NONE);
    }
    return TT_OK;
}

static enum tt_status
take_run(struct tt_sense *sense, size_t run)
{
    struct tt_sense_table *table = &sense->table;
    const struct tt_run *of = &table->runs[run]->run;
    uint32_t number = tt_sense_find_cond(sense, &of->condition);
    if (number == TT_SENSE_NONE) {
        number = (uint32_t) table->cond_count++;
        struct tt_sense_cond *cond = &table->conds[number];
        *cond = (struct tt_sense_cond) {.condition = of->condition, .row = true};
        cond->factors = of->condition.source ? 0 : factors_of(sense, &of->condition);
        cond->runs = tt_sense_get(&sense->work, table->run_count * sizeof(*cond->runs));
        if (!cond->runs) {
            return TT_E_MEMORY;
        }
    }
    struct tt_sense_cond *cond = &table->conds[number];
    cond->runs[cond->run_count++] = (uint32_t) run;
    cond->row = cond->row && of->stage == TT_STAGE_PAIR;
    table->cond_of[run] = number;
    return TT_OK;
}

enum tt_status
tt_sense_make_conds(struct tt_sense *sense)
{
    struct tt_sense_table *table = &sense->table;
    struct tt_condition noon = {.instant = TT_NOON};
    TT_TRY(sort_runs(sense));
    table->conds = tt_sense_get(&sense->work, table->run_count * sizeof(*table->conds));
    table->cond_of = tt_sense_get(&sense->work, table->run_count * sizeof(*table->cond_of));
    if (!table->conds || !table->cond_of) {
        return TT_E_MEMORY;
    }
    for (size_t run = 0; run < table->run_count; run++) {
        TT_TRY(take_run(sense, run));
    }
    for (size_t i = 0; i < table->cond_count; i++) {
        struct tt_condition base = {.instant = table->conds[i].condition.instant};
        table->conds[i].base = tt_sense_find_cond(sense, &base);
        TT_TRY(list_subs(sense, &table->conds[i]));
    }
    table->noon = tt_sense_find_cond(sense, &noon);
    return TT_OK;
}

/* ---- requests ---- */

static const struct tt_sense_request *
model_of(const struct tt_sense_table *table, const struct tt_sense_slot *slot)
{
    return &table->runs[slot->first_run]->requests[slot->first_request];
}

/* Leaves that both have, in parts of a thousand. */
static unsigned
likeness(const struct tt_sense_request *a, const struct tt_sense_request *b)
{
    size_t i = 0, k = 0, common = 0;
    while (i < a->count && k < b->count) {
        if (a->marks[i] == b->marks[k]) {
            common++;
            i++;
            k++;
        } else if (a->marks[i] < b->marks[k]) {
            i++;
        } else {
            k++;
        }
    }
    return a->count + b->count ? (unsigned) (2000 * common / (a->count + b->count)) : 1000;
}

#define LIKE_SAME_PATH 100  /* of one path: so few common leaves make it another request */
#define LIKE_OTHER_PATH 500 /* of two paths: so many make it the same one */

/* How well a request fits to a slot; 0: not at all. */
static unsigned
fit(const struct tt_sense_table *table, const struct tt_sense_slot *slot, const struct tt_sense_request *request)
{
    const struct tt_sense_request *model = model_of(table, slot);
    if (request->method != model->method) {
        return 0;
    }
    unsigned like = likeness(model, request);
    if (request->masked != model->masked) {
        return like >= LIKE_OTHER_PATH && request->shape && model->shape ? 1 + like : 0; /* both are JSON */
    }
    if (request->shape == model->shape) {
        return 5000 + like;
    }
    return like >= LIKE_SAME_PATH ? 2000 + like : 0;
}

static struct tt_sense_slot *
add_slot(struct tt_sense *sense, size_t run, size_t request)
{
    struct tt_sense_table *table = &sense->table;
    if (table->slot_count == table->slot_room) {
        size_t room = table->slot_room ? table->slot_room * 2 : 16;
        struct tt_sense_slot *slots = tt_sense_get(&sense->work, room * sizeof(*slots));
        if (!slots) {
            return NULL;
        }
        if (table->slot_count > 0) {
            memcpy(slots, table->slots, table->slot_count * sizeof(*slots));
        }
        table->slots = slots;
        table->slot_room = room;
    }
    struct tt_sense_slot *slot = &table->slots[table->slot_count];
    *slot = (struct tt_sense_slot) {.first_run = (uint32_t) run, .first_request = (uint32_t) request};
    slot->request = tt_sense_get(&sense->work, table->run_count * sizeof(*slot->request));
    if (!slot->request) {
        return NULL;
    }
    table->slot_count++;
    return slot;
}

/* Gives the requests of a run to slots, the best fit first.  With equal fits the earlier request goes to the earlier slot. */
static enum tt_status
match_run(struct tt_sense *sense, size_t run)
{
    struct tt_sense_table *table = &sense->table;
    const struct tt_sense_run *of = table->runs[run];
    size_t slots = table->slot_count, n = of->count;
    unsigned *fits = tt_sense_get(&sense->scratch, (slots * n + 1) * sizeof(*fits));
    bool *taken = tt_sense_get(&sense->scratch, n + 1);
    if (!fits || !taken) {
        return TT_E_MEMORY;
    }
    table->slots[0].request[run] = 1;
    for (size_t s = 1; s < slots; s++) {
        for (size_t r = 1; r < n; r++) {
            fits[s * n + r] = fit(table, &table->slots[s], &of->requests[r]);
        }
    }
    for (;;) {
        size_t best_slot = 0, best_request = 0;
        unsigned best = 0;
        for (size_t s = 1; s < slots; s++) {
            for (size_t r = 1; r < n && !table->slots[s].request[run]; r++) {
                if (!taken[r] && fits[s * n + r] > best) {
                    best = fits[s * n + r];
                    best_slot = s;
                    best_request = r;
                }
            }
        }
        if (best == 0) {
            break;
        }
        table->slots[best_slot].request[run] = (uint32_t) best_request + 1;
        taken[best_request] = true;
    }
    for (size_t r = 1; r < n; r++) {
        struct tt_sense_slot *slot = taken[r] ? NULL : add_slot(sense, run, r);
        if (!taken[r] && !slot) {
            return TT_E_MEMORY;
        }
        if (slot) {
            slot->request[run] = (uint32_t) r + 1;
        }
    }
    return TT_OK;
}

/* ---- leaves ---- */

static uint64_t
kind_of(uint32_t path, enum tt_leaf_kind kind)
{
    /* A value may change its type; names and forms are compared with their like. */
    bool value = kind == TT_LEAF_TEXT || kind == TT_LEAF_NUMBER || kind == TT_LEAF_WORD;
    return (uint64_t) path << 3 | (value ? (uint64_t) TT_LEAF_TEXT : (uint64_t) kind);
}

/* A form's value is a whole body: it tells nothing of which leaf it is. */
static struct tt_align_item
item_of(const struct tt_sense *sense, uint32_t path, enum tt_leaf_kind kind, uint32_t value)
{
    uint32_t told = kind == TT_LEAF_FORM ? 0 : value;
    return (struct tt_align_item) {.kind = kind_of(path, kind), .value = told, .text = tt_sense_text(sense, told)};
}

static enum tt_status
new_site(struct tt_sense *sense, const struct tt_sense_leaf *leaf, struct tt_sense_site *out)
{
    *out = (struct tt_sense_site) {.path = leaf->path, .value = leaf->value, .kind = leaf->kind, .line = leaf->line};
    out->leaf = tt_sense_get(&sense->work, sense->table.run_count * sizeof(*out->leaf));
    return out->leaf ? TT_OK : TT_E_MEMORY;
}

/* Adds the leaves without a partner as sites of their own, behind the site of the leaf before them. */
static enum tt_status
merge_sites(struct tt_sense *sense, struct tt_sense_slot *slot, size_t run, const struct tt_sense_request *request,
            const size_t *partner)
{
    size_t fresh = 0, from = 0, n = 0;
    for (size_t j = 0; j < request->count; j++) {
        fresh += partner[j] == TT_ALIGN_NONE;
    }
    struct tt_sense_site *sites = slot->sites;
    if (fresh > 0) {
        sites = tt_sense_get(&sense->work, (slot->count + fresh) * sizeof(*sites));
        if (!sites) {
            return TT_E_MEMORY;
        }
    }
    for (size_t j = 0; j < request->count; j++) {
        size_t to = partner[j] == TT_ALIGN_NONE ? from : partner[j] + 1;
        for (; from < to; from++) {
            sites[n++] = slot->sites[from];
        }
        if (partner[j] == TT_ALIGN_NONE) {
            TT_TRY(new_site(sense, &request->leaves[j], &sites[n++]));
        }
        sites[n - 1].leaf[run] = (uint32_t) j + 1;
        sites[n - 1].line |= request->leaves[j].line;
    }
    for (; from < slot->count; from++) {
        sites[n++] = slot->sites[from];
    }
    slot->sites = sites;
    slot->count = n;
    return TT_OK;
}

static enum tt_status
align_run(struct tt_sense *sense, struct tt_sense_slot *slot, size_t run)
{
    const struct tt_sense_request *request = &sense->table.runs[run]->requests[slot->request[run] - 1];
    struct tt_align_item *a = tt_sense_get(&sense->scratch, slot->count * sizeof(*a));
    struct tt_align_item *b = tt_sense_get(&sense->scratch, request->count * sizeof(*b));
    size_t *partner = tt_sense_get(&sense->scratch, request->count * sizeof(*partner));
    if (!a || !b || !partner) {
        return TT_E_MEMORY;
    }
    for (size_t i = 0; i < slot->count; i++) {
        a[i] = item_of(sense, slot->sites[i].path, slot->sites[i].kind, slot->sites[i].value);
    }
    for (size_t j = 0; j < request->count; j++) {
        const struct tt_sense_leaf *leaf = &request->leaves[j];
        b[j] = item_of(sense, leaf->path, leaf->kind, leaf->value);
    }
    TT_TRY(tt_align(&sense->scratch, a, slot->count, b, request->count, partner));
    return merge_sites(sense, slot, run, request, partner);
}

enum tt_status
tt_sense_make_slots(struct tt_sense *sense)
{
    struct tt_sense_table *table = &sense->table;
    if (table->run_count > 0 && !add_slot(sense, 0, 0)) {
        return TT_E_MEMORY;
    }
    for (size_t run = 0; run < table->run_count; run++) {
        tt_arena_reset(&sense->scratch);
        TT_TRY(match_run(sense, run));
        for (size_t s = 0; s < table->slot_count; s++) {
            tt_arena_reset(&sense->scratch);
            if (table->slots[s].request[run]) {
                TT_TRY(align_run(sense, &table->slots[s], run));
            }
        }
    }
    return TT_OK;
}
