/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs as they are kept: requests, leaves and contacts, every string as a number.
 *
 * Input: captures, of which nothing is borrowed.  Output: struct tt_sense_run in the arena keep.  A run that failed is kept with its reason alone.
 * Bounds: TT_SENSE_REQUESTS_MAX requests of a run are compared; more is said in the conclusion.
 */
#include "probe/sense.h"

#include "base/hash.h"
#include "base/limits.h"
#include "probe/sense_parts.h"

#include <stdlib.h>

static const char *const class_names[TT_CLASSES] = {
    [TT_CLASS_CONSTANT] = "constant",
    [TT_CLASS_TRANSPORT] = "transport",
    [TT_CLASS_VOLATILE] = "volatile",
    [TT_CLASS_VISIBLE] = "visible",
    [TT_CLASS_C0] = "c0",
    [TT_CLASS_C1] = "c1",
    [TT_CLASS_C2] = "c2",
    [TT_CLASS_C3] = "c3",
    [TT_CLASS_C4] = "c4",
    [TT_CLASS_C5] = "c5",
};

const char *tt_probe_class_name(enum tt_probe_class class)
{
    return class_names[class];
}

bool
tt_dependence_is_covert(const struct tt_dependence *dependence)
{
    switch (dependence->class) {
    case TT_CLASS_C0:
    case TT_CLASS_C3: return dependence->confirmed;
    case TT_CLASS_C1:
    case TT_CLASS_C2:
    case TT_CLASS_C4:
    case TT_CLASS_C5: return dependence->confirmed && dependence->identity;
    default: return false;
    }
}

struct tt_sense *
tt_sense_new(const struct tt_alloc *alloc, const struct tt_design *design)
{
    struct tt_sense *sense = tt_alloc_new(alloc, sizeof(*sense));
    if (!sense) {
        return NULL;
    }
    *sense = (struct tt_sense) {.alloc = alloc, .design = design};
    tt_arena_init(&sense->keep, alloc, TT_SENSE_ARENA);
    tt_arena_init(&sense->work, alloc, TT_SENSE_ARENA);
    tt_arena_init(&sense->answer, alloc, TT_SENSE_ARENA);
    tt_arena_init(&sense->scratch, alloc, TT_SENSE_ARENA);
    if (tt_sense_strings_init(&sense->strings, &sense->keep) != TT_OK) {
        tt_sense_free(sense);
        return NULL;
    }
    return sense;
}

void
tt_sense_free(struct tt_sense *sense)
{
    if (sense) {
        tt_arena_free(&sense->keep);
        tt_arena_free(&sense->work);
        tt_arena_free(&sense->answer);
        tt_arena_free(&sense->scratch);
        tt_alloc_free(sense->alloc, sense, sizeof(*sense));
    }
}

/* ---- requests ---- */

/* The path with ids taken out, so that it is found again: "/v1/sessions/ * /messages". */
static enum tt_status
mask_path(struct tt_sense *sense, struct tt_str path, uint32_t *out)
{
    struct tt_buf buf;
    tt_buf_init(&buf, sense->alloc, path.len + 1);
    for (size_t pos = 0; pos < path.len;) {
        size_t end = pos + 1, digits = 0;
        while (end < path.len && path.ptr[end] != '/') {
            digits += tt_ascii_is_digit((unsigned char) path.ptr[end]);
            end++;
        }
        struct tt_str part = tt_str_slice(path, pos, end);
        bool number = digits > 0 && digits + 1 == part.len;
        tt_buf_add(&buf, number || digits >= 6 ? TT_STR("/*") : part);
        pos = end;
    }
    enum tt_status status = buf.status == TT_E_MEMORY ? TT_E_MEMORY : tt_sense_number(&sense->strings, tt_buf_str(&buf), out);
    tt_buf_free(&buf);
    return status;
}

static int
by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *) a, y = *(const uint64_t *) b;
    return x < y ? -1 : x > y;
}

static enum tt_status
keep_leaf(struct tt_sense *sense, const struct tt_leaf *from, struct tt_sense_leaf *to)
{
    struct tt_sense_strings *strings = &sense->strings;
    *to = (struct tt_sense_leaf) {.kind = from->kind,
                                  .escaped = from->escaped,
                                  .line = from->line,
                                  .in_content = from->in_content,
                                  .offset = from->offset,
                                  .length = from->length};
    TT_TRY(tt_sense_number(strings, from->path, &to->path));
    TT_TRY(tt_sense_number(strings, from->value, &to->value));
    TT_TRY(tt_sense_number(strings, from->raw, &to->raw));
    return tt_sense_number(strings, from->margin, &to->margin);
}

static enum tt_status
keep_leaves(struct tt_sense *sense, const struct tt_leaf *items, size_t count, struct tt_sense_request *out)
{
    out->leaves = tt_sense_get(&sense->keep, count * sizeof(*out->leaves));
    out->marks = tt_sense_get(&sense->keep, count * sizeof(*out->marks));
    if (!out->leaves || !out->marks) {
        return TT_E_MEMORY;
    }
    out->count = count;
    for (size_t i = 0; i < count; i++) {
        TT_TRY(keep_leaf(sense, &items[i], &out->leaves[i]));
        out->marks[i] = (uint64_t) out->leaves[i].path << 32 | out->leaves[i].value;
    }
    if (count > 0) {
        qsort(out->marks, count, sizeof(*out->marks), by_number);
    }
    return TT_OK;
}

static enum tt_status
keep_request(struct tt_sense *sense, const struct tt_exchange *exchange, struct tt_sense_request *out)
{
    struct tt_arena arena;
    struct tt_leaves leaves;
    tt_arena_init(&arena, sense->alloc, TT_LEAF_ARENA);
    enum tt_status status = tt_leaf_read(exchange, &arena, &leaves);
    *out = (struct tt_sense_request) {.ordinal = exchange->ordinal, .cut = leaves.cut};
    status = status == TT_OK ? keep_leaves(sense, leaves.items, leaves.count, out) : status;
    status = status == TT_OK ? tt_sense_number(&sense->strings, leaves.method, &out->method) : status;
    status = status == TT_OK ? tt_sense_number(&sense->strings, leaves.path, &out->path) : status;
    status = status == TT_OK ? tt_sense_number(&sense->strings, leaves.shape, &out->shape) : status;
    status = status == TT_OK ? tt_sense_number(&sense->strings, leaves.head_names, &out->names) : status;
    status = status == TT_OK ? tt_sense_number(&sense->strings, exchange->client_hello, &out->hello) : status;
    status = status == TT_OK ? mask_path(sense, leaves.path, &out->masked) : status;
    tt_arena_free(&arena);
    return status;
}

/* ---- what is not in a request ---- */

static struct tt_str
contact_path(enum tt_contact_kind kind)
{
    switch (kind) {
    case TT_CONTACT_DNS: return TT_STR("#dns");
    case TT_CONTACT_SNI: return TT_STR("#sni");
    case TT_CONTACT_CONNECT: return TT_STR("#connect");
    case TT_CONTACT_FAILED_HANDSHAKE: return TT_STR("#failed-handshake");
    case TT_CONTACT_NONSENSE: return TT_STR("#nonsense");
    case TT_CONTACT_UNKNOWN_PATH: return TT_STR("#unknown-path");
    default: return TT_STR("#websocket");
    }
}

static int
by_contact(const void *a, const void *b)
{
    const struct tt_leaf *x = a, *y = b;
    size_t least = x->value.len < y->value.len ? x->value.len : y->value.len;
    int order = x->path.len != y->path.len ? (x->path.len < y->path.len ? -1 : 1) : memcmp(x->path.ptr, y->path.ptr, x->path.len);
    if (order == 0) {
        order = least ? memcmp(x->value.ptr, y->value.ptr, least) : 0;
    }
    return order ? order : x->value.len < y->value.len ? -1 : x->value.len > y->value.len;
}

static enum tt_status
keep_contact(struct tt_sense *sense, const struct tt_contact *contact, struct tt_sense_contact *out)
{
    struct tt_buf name;
    tt_buf_init(&name, sense->alloc, contact->name.len + contact->address.len + 16);
    tt_contact_add_name(contact, &name);
    enum tt_status status = name.status;
    if (status == TT_OK) {
        status = tt_sense_number(&sense->strings, tt_buf_str(&name), &out->name);
    }
    out->kind = contact->kind;
    out->nameless = contact->name.len == 0 && name.len > 0;
    tt_buf_free(&name);
    return status;
}

/* Names that were asked for, each once, sorted: how often and in which order is a matter of time. */
static enum tt_status
keep_contacts(struct tt_sense *sense, const struct tt_capture *capture, struct tt_sense_run *run)
{
    size_t count = 0, n = capture->contact_count;
    struct tt_leaf *leaves = tt_sense_get(&sense->scratch, n * sizeof(*leaves));
    run->contacts = tt_sense_get(&sense->keep, n * sizeof(*run->contacts));
    if (!leaves || !run->contacts) {
        return TT_E_MEMORY;
    }
    for (size_t i = 0; i < n; i++) {
        const struct tt_contact *contact = &capture->contacts[i];
        TT_TRY(keep_contact(sense, contact, &run->contacts[i]));
        /* Unknown paths are requests, too; nonsense is bytes cut anywhere. */
        if (contact->kind != TT_CONTACT_UNKNOWN_PATH && contact->kind != TT_CONTACT_NONSENSE) {
            leaves[count++] = (struct tt_leaf) {
                .kind = TT_LEAF_WORD, .path = contact_path(contact->kind), .value = tt_sense_text(sense, run->contacts[i].name)};
        }
    }
    run->contact_count = n;
    qsort(leaves, count, sizeof(*leaves), by_contact);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || by_contact(&leaves[kept - 1], &leaves[i]) != 0) {
            leaves[kept++] = leaves[i];
        }
    }
    return keep_leaves(sense, leaves, kept, &run->requests[0]);
}

/* ---- runs ---- */

static enum tt_status
add_run(struct tt_sense *sense, struct tt_sense_run *run)
{
    if (sense->run_count == sense->run_room) {
        size_t room = sense->run_room ? sense->run_room * 2 : 64;
        struct tt_sense_run **runs = tt_sense_get(&sense->keep, room * sizeof(struct tt_sense_run *));
        if (!runs) {
            return TT_E_MEMORY;
        }
        if (sense->run_count > 0) {
            memcpy(runs, sense->runs, sense->run_count * sizeof(struct tt_sense_run *));
        }
        sense->runs = runs;
        sense->run_room = room;
    }
    sense->runs[sense->run_count++] = run;
    sense->fresh = false;
    return TT_OK;
}

static struct tt_str
failure_of(const struct tt_capture *capture)
{
    if (capture->failure.len > 0) {
        return capture->failure;
    }
    if (capture->flooded) {
        return TT_STR("flooded");
    }
    return capture->timed_out && capture->exchange_count == 0 ? TT_STR("timed out") : (struct tt_str) {"", 0};
}

enum tt_status
tt_sense_add(struct tt_sense *sense, const struct tt_run *run, const struct tt_capture *capture)
{
    size_t count = capture->exchange_count < TT_SENSE_REQUESTS_MAX ? capture->exchange_count : TT_SENSE_REQUESTS_MAX;
    struct tt_sense_run *kept = tt_sense_get(&sense->keep, sizeof(*kept));
    if (!kept) {
        return TT_E_MEMORY;
    }
    kept->run = *run;
    struct tt_str failure = failure_of(capture);
    kept->failed = failure.len > 0;
    TT_TRY(tt_sense_number(&sense->strings, failure, &kept->failure));
    if (!kept->failed) {
        kept->cut = count < capture->exchange_count;
        kept->requests = tt_sense_get(&sense->keep, (count + 1) * sizeof(*kept->requests));
        if (!kept->requests) {
            return TT_E_MEMORY;
        }
        tt_arena_reset(&sense->scratch);
        TT_TRY(keep_contacts(sense, capture, kept));
        for (size_t i = 0; i < count; i++) {
            TT_TRY(keep_request(sense, &capture->exchanges[i], &kept->requests[i + 1]));
        }
        kept->count = count + 1;
    }
    return add_run(sense, kept);
}

int64_t
tt_sense_instant(const struct tt_sense *sense, const struct tt_run *run)
{
    int64_t instant = run->condition.instant == TT_EDGE ? TT_EDGE_SECONDS : TT_NOON_SECONDS;
    if (run->condition.instant == TT_REAL) {
        return 0;
    }
    for (size_t f = 0; f < sense->design->factor_count; f++) {
        const struct tt_factor *factor = &sense->design->factors[f];
        if (factor->role == TT_ROLE_DATE && run->condition.level[f] > 0) {
            return 0; /* another day: a clock is still known by its size */
        }
    }
    return instant;
}

enum tt_status
tt_sense_refresh(struct tt_sense *sense)
{
    if (sense->fresh) {
        return TT_OK;
    }
    tt_arena_reset(&sense->work);
    sense->table = (struct tt_sense_table) {0};
    TT_TRY(tt_sense_make_conds(sense));
    TT_TRY(tt_sense_make_slots(sense));
    TT_TRY(tt_sense_make_columns(sense));
    TT_TRY(tt_sense_make_effects(sense));
    sense->fresh = true;
    return TT_OK;
}
