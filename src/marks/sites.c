/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of template sites; see sites.h.
 *
 * Rows are in order of coming.  The rows of one site form a chain from its first row on, and a hash table by site finds that first row.  Memory is
 * bounded by max rows and by the arena's cap.
 */
#include "marks/sites.h"

void
tt_sites_init(struct tt_sites *sites, const struct tt_alloc *alloc, size_t max, size_t bytes)
{
    *sites = (struct tt_sites) {.alloc = alloc, .max = max};
    tt_arena_init(&sites->arena, alloc, bytes);
}

void
tt_sites_free(struct tt_sites *sites)
{
    tt_alloc_free(sites->alloc, sites->rows, sites->room * sizeof(*sites->rows));
    tt_alloc_free(sites->alloc, sites->slots, sites->slot_count * sizeof(*sites->slots));
    tt_arena_free(&sites->arena);
    *sites = (struct tt_sites) {0};
}

/* The slot of a site: its own or the free one where it belongs.  There is always a free slot. */
static uint32_t *
find_slot(const struct tt_sites *sites, enum tt_site_kind kind, uint64_t site)
{
    size_t mask = sites->slot_count - 1;
    for (size_t i = (size_t) site & mask;; i = (i + 1) & mask) {
        uint32_t *slot = &sites->slots[i];
        if (*slot == 0 || (sites->rows[*slot - 1].site == site && sites->rows[*slot - 1].kind == kind)) {
            return slot;
        }
    }
}

static enum tt_status
grow_slots(struct tt_sites *sites, size_t count)
{
    uint32_t *slots = tt_alloc_new(sites->alloc, count * sizeof(*slots));
    if (!slots) {
        return TT_E_MEMORY;
    }
    memset(slots, 0, count * sizeof(*slots));
    tt_alloc_free(sites->alloc, sites->slots, sites->slot_count * sizeof(*slots));
    sites->slots = slots;
    sites->slot_count = count;
    for (size_t i = 0; i < sites->count; i++) {
        uint32_t *slot = find_slot(sites, sites->rows[i].kind, sites->rows[i].site);
        if (*slot == 0) {
            *slot = (uint32_t) i + 1;
        }
    }
    return TT_OK;
}

/* Room for one more row, at most half of the slots in use. */
static enum tt_status
grow(struct tt_sites *sites)
{
    if (sites->count == sites->room) {
        size_t room = sites->room ? sites->room * 2 : 32;
        struct tt_site *rows = tt_alloc_resize(sites->alloc, sites->rows, sites->room * sizeof(*rows), room * sizeof(*rows));
        if (!rows) {
            return TT_E_MEMORY;
        }
        sites->rows = rows;
        sites->room = room;
    }
    return (sites->count + 1) * 2 > sites->slot_count ? grow_slots(sites, sites->slot_count ? sites->slot_count * 2 : 64) : TT_OK;
}

static bool
is_full(const struct tt_sites *sites)
{
    return sites->count == sites->max || sites->arena.max - sites->arena.used < TT_ARENA_CHUNK_MIN;
}

/* The row of that form, or NULL; *head is the site's first row, or NULL. */
static struct tt_site *
find(const struct tt_sites *sites, enum tt_site_kind kind, uint64_t site, uint64_t form, struct tt_site **head)
{
    uint32_t number = sites->slot_count ? *find_slot(sites, kind, site) : 0;
    *head = number ? &sites->rows[number - 1] : NULL;
    for (; number; number = sites->rows[number - 1].next) {
        if (sites->rows[number - 1].form == form) {
            return &sites->rows[number - 1];
        }
    }
    return NULL;
}

/* Puts a copy of row behind the others of its site.  Its strings must be in the arena already. */
static enum tt_status
append(struct tt_sites *sites, const struct tt_site *row)
{
    TT_TRY(grow(sites));
    uint32_t number = (uint32_t) sites->count + 1;
    uint32_t *slot = find_slot(sites, row->kind, row->site);
    if (*slot == 0) {
        *slot = number;
    } else {
        struct tt_site *head = &sites->rows[*slot - 1];
        sites->rows[head->last_form - 1].next = number;
        head->last_form = number;
        head->forms++;
    }
    struct tt_site *kept = &sites->rows[sites->count++];
    *kept = *row;
    kept->next = 0;
    kept->last_form = number;
    kept->forms = 1;
    return TT_OK;
}

enum tt_status
tt_sites_count(struct tt_sites *sites, const struct tt_site_seen *seen, uint64_t document, struct tt_site **row)
{
    struct tt_site *head;
    struct tt_site *known = find(sites, seen->kind, seen->site, seen->form, &head);
    *row = NULL;
    if (known) {
        known->documents += known->last_document != document;
        known->last_document = document;
        return TT_OK;
    }
    if (is_full(sites) || (head && head->forms == TT_SITE_FORMS_MAX)) {
        sites->dropped++;
        return TT_OK;
    }
    struct tt_site fresh = {
        .kind = seen->kind,
        .shared = seen->shared,
        .site = seen->site,
        .form = seen->form,
        .documents = 1,
        .first_document = document,
        .last_document = document,
    };
    TT_TRY(tt_arena_dup(&sites->arena, seen->sample, &fresh.sample));
    TT_TRY(append(sites, &fresh));
    *row = &sites->rows[sites->count - 1];
    return TT_OK;
}

/* Copies the row with its strings. */
static enum tt_status
add_copy(struct tt_sites *sites, const struct tt_site *from, struct tt_str uri)
{
    struct tt_site row = *from;
    TT_TRY(tt_arena_dup(&sites->arena, from->sample, &row.sample));
    TT_TRY(tt_arena_dup(&sites->arena, from->first.path, &row.first.path));
    TT_TRY(tt_arena_dup(&sites->arena, uri, &row.first.uri));
    return append(sites, &row);
}

/* Forgets what was seen once and long ago: the older half of the sites with one form in one document. */
static enum tt_status
forget(struct tt_sites *sites)
{
    struct tt_sites kept;
    enum tt_status status = TT_OK;
    tt_sites_init(&kept, sites->alloc, sites->max, sites->arena.max);
    kept.dropped = sites->dropped;
    for (size_t i = 0; i < sites->count && status == TT_OK; i++) {
        const struct tt_site *row = &sites->rows[i];
        struct tt_site *head;
        find(sites, row->kind, row->site, row->form, &head);
        if (i >= sites->count / 2 || head->forms > 1 || row->documents > 1) {
            status = add_copy(&kept, row, row->first.uri);
        } else {
            kept.dropped++;
        }
    }
    if (status != TT_OK) {
        tt_sites_free(&kept);
        return status;
    }
    tt_sites_free(sites);
    *sites = kept;
    return TT_OK;
}

enum tt_status
tt_sites_merge(struct tt_sites *sites, const struct tt_sites *input, struct tt_str uri)
{
    sites->dropped += input->dropped;
    for (size_t i = 0; i < input->count; i++) {
        const struct tt_site *row = &input->rows[i];
        struct tt_site *head;
        struct tt_site *known = find(sites, row->kind, row->site, row->form, &head);
        if (known) {
            known->documents += row->documents;
            continue;
        }
        if (is_full(sites)) {
            TT_TRY(forget(sites));
        }
        find(sites, row->kind, row->site, row->form, &head);
        if (is_full(sites) || (head && head->forms == TT_SITE_FORMS_MAX)) {
            sites->dropped++;
            continue;
        }
        TT_TRY(add_copy(sites, row, row->first.uri.len > 0 ? row->first.uri : uri));
    }
    return TT_OK;
}
