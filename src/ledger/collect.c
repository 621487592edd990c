/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The collector; see collect.h.
 *
 * In: rings, and the spool of an earlier outage.  Out: rows.  Owns the connections and the memory of one batch.  Invariants:
 *
 * - Events reach the ledger in the order of each ring: the spool is emptied before rings are read into the ledger.
 * - The rows of an event, the place of its ring, and the list of open requests change in one transaction.  An event that comes again, after a kill
 *   between the commit and the word to the ring, is known by its number.
 * - A batch is bounded, and so is what waits in memory.
 */
#include "ledger/collect.h"

#include "base/arena.h"
#include "base/limits.h"
#include "ledger/event.h"
#include "ledger/patience.h"
#include "ledger/ring_file.h"
#include "ledger/spool.h"
#include "ledger/stamp.h"

#include <errno.h>
#include <stdio.h>

#define ROWS_MAX (2 * TT_COLLECT_BATCH + 4 * TT_RINGS_MAX) /* each record may follow a loss; the rest is what ends of rings add */
#define OPEN_AT_ONCE 64
#define GONE_MAX 256
#define STEPS_MAX 64 /* batches of one kind in a round */

/* How far a ring was taken over, as this transaction sees it. */
struct place {
    uint64_t ring, sequence; /* ring 0: not asked yet */
    bool changed;
};

struct tt_collect {
    struct tt_collect_options options; /* its names lie in names */
    struct tt_arena names;
    struct tt_rings *rings;
    struct tt_ledger *ledger; /* NULL: does not work now */
    struct tt_spool *spool;   /* the same */
    struct tt_collect_state state;
    bool met; /* the ledger was open once: it is not made again, and goes on where it was */
    struct tt_ledger_past past;
    int64_t retry_at;            /* milliseconds of the steady clock */
    int64_t seen;                /* the moment of the round */
    struct tt_patience patience; /* of a round */
    bool swept;                  /* requests of workers that an earlier collector left behind are settled */
    uint64_t gone[GONE_MAX];     /* workers of such requests that ended before the round */
    size_t gone_count;
    /* of one batch */
    bool begun;  /* a transaction */
    bool broken; /* the ledger failed, not the rings */
    bool replay; /* from the spool: who wants to know was told then */
    size_t records;
    struct tt_ledger_row *rows; /* ROWS_MAX of them */
    size_t row_count;
    struct tt_arena arena;
    struct place places[TT_RINGS_MAX];
    struct tt_collect_state counted; /* what the batch adds */
};

/* ---- batches ---- */

static void
batch_begin(struct tt_collect *c)
{
    c->begun = c->broken = c->replay = false;
    c->records = c->row_count = 0;
    memset(&c->counted, 0, sizeof(c->counted));
    memset(c->places, 0, sizeof(c->places));
    tt_arena_reset(&c->arena);
}

/* Is there no room for what an event could add? */
static bool
is_full(const struct tt_collect *c)
{
    return c->records >= TT_COLLECT_BATCH || c->row_count + OPEN_AT_ONCE + 2 > ROWS_MAX ||
           c->arena.used + TT_LEDGER_JSON_MAX + TT_KIB > TT_COLLECT_ARENA;
}

/* It is stored: tells who wants to know. */
static void
batch_end(struct tt_collect *c)
{
    for (size_t i = 0; i < c->row_count && c->options.stored; i++) {
        c->options.stored(c->options.ctx, &c->rows[i]);
    }
    c->state.rows += c->counted.rows;
    c->state.records += c->counted.records;
    c->state.faults += c->counted.faults;
    c->state.lost += c->counted.lost;
    c->state.workers_lost += c->counted.workers_lost;
}

static void
remember(struct tt_collect *c, const struct tt_ledger_row *row)
{
    if (c->row_count < ROWS_MAX) {
        c->rows[c->row_count++] = *row;
    }
}

/* What a record or a loss adds to the numbers. */
static void
count(struct tt_collect *c, const struct tt_event *event, const struct tt_ledger_row *row)
{
    if (event->kind == TT_EVENT_RECORD) {
        c->counted.records++;
        c->counted.faults += tt_str_eq(row->kind, TT_STR("fault"));
    } else if (event->kind == TT_EVENT_LOST && event->from > 0) {
        c->counted.lost += event->to - event->from + 1;
    }
}

/* ---- events into the ledger ---- */

/* A failure of the ledger, as opposed to one of the rings. */
static enum tt_status
broken(struct tt_collect *c, enum tt_status status)
{
    c->broken |= status != TT_OK;
    return status == TT_E_LIMIT ? TT_E_IO : status;
}

static enum tt_status
store_place(struct tt_collect *c, struct place *place)
{
    if (place->changed) {
        place->changed = false;
        return tt_ledger_set_place(c->ledger, place->ring, place->sequence);
    }
    return TT_OK;
}

/* The place of the event's ring.  Two rings of one slot are met when the spool is older than the folder. */
static enum tt_status
find_place(struct tt_collect *c, const struct tt_event *event, struct place **out)
{
    struct place *place = &c->places[event->slot % TT_RINGS_MAX];
    *out = place;
    if (place->ring == event->ring) {
        return TT_OK;
    }
    TT_TRY(store_place(c, place));
    place->ring = event->ring;
    return tt_ledger_get_place(c->ledger, event->ring, &place->sequence);
}

static enum tt_status
add_row(struct tt_collect *c, struct tt_ledger_row *row)
{
    TT_TRY(broken(c, tt_ledger_append(c->ledger, row)));
    c->counted.rows++;
    return TT_OK;
}

/* Keeps the list of requests without an outcome. */
static enum tt_status
follow(struct tt_collect *c, const struct tt_event *event, const struct tt_ledger_row *row)
{
    if (row->id.len == 0) {
        return TT_OK;
    }
    if (tt_str_eq(row->kind, TT_STR("request"))) {
        return broken(c, tt_ledger_add_open(c->ledger, row->id, event->ring, event->writer));
    }
    return tt_str_eq(row->kind, TT_STR("outcome")) ? broken(c, tt_ledger_drop_open(c->ledger, row->id)) : TT_OK;
}

/*
 * Records between the place of the ring and this event are not in the ledger, though the ring gave them up.  They may be in a spool that cannot be opened now: then
 * nothing overtakes them.  Otherwise they are lost, and a row says so.
 */
static enum tt_status
bridge(struct tt_collect *c, const struct tt_event *event, const struct place *place)
{
    struct tt_ledger_row row;
    struct tt_event lost = {
        .kind = TT_EVENT_LOST, .slot = event->slot, .from = place->sequence + 1, .to = event->from - 1, .seen = event->seen};
    if (c->options.spool && !c->spool) {
        return TT_E_IO;
    }
    TT_TRY(tt_event_loss_row(&lost, &c->arena, &row));
    TT_TRY(add_row(c, &row));
    count(c, &lost, &row);
    remember(c, &row);
    return TT_OK;
}

/* A record or a loss. */
static enum tt_status
apply_record(struct tt_collect *c, const struct tt_event *event)
{
    struct place *place = NULL;
    struct tt_ledger_row row;
    bool numbered = event->from > 0 && event->kind != TT_EVENT_DAMAGE;
    if (numbered) {
        TT_TRY(broken(c, find_place(c, event, &place)));
        if (event->to <= place->sequence) {
            return TT_OK;
        }
        if (event->from > place->sequence + 1) {
            TT_TRY(bridge(c, event, place));
        }
    }
    TT_TRY(event->kind == TT_EVENT_RECORD ? tt_event_row(event, &c->arena, &row) : tt_event_loss_row(event, &c->arena, &row));
    TT_TRY(add_row(c, &row));
    if (event->kind == TT_EVENT_RECORD) {
        TT_TRY(follow(c, event, &row));
    }
    if (numbered) {
        place->sequence = event->to;
        place->changed = true;
    }
    if (!c->replay) {
        count(c, event, &row);
        remember(c, &row);
    }
    return TT_OK;
}

/* Outcomes for what the writer left open.  TT_E_LIMIT: there are more; those that were written are not found again. */
static enum tt_status
apply_gone(struct tt_collect *c, const struct tt_event *event)
{
    struct tt_ledger_open_request open[OPEN_AT_ONCE];
    for (;;) {
        size_t many = OPEN_AT_ONCE;
        TT_TRY(broken(c, tt_ledger_list_open(c->ledger, event->ring, event->writer, TT_STR(""), open, &many)));
        if (many > 0 && is_full(c)) {
            return TT_E_LIMIT;
        }
        for (size_t i = 0; i < many; i++) {
            struct tt_ledger_row row;
            struct tt_str id = tt_str_cstr(open[i].id);
            TT_TRY(tt_event_lost_row(event, id, &c->arena, &row));
            TT_TRY(add_row(c, &row));
            TT_TRY(broken(c, tt_ledger_drop_open(c->ledger, id)));
            c->counted.workers_lost++;
            remember(c, &row);
        }
        if (many < OPEN_AT_ONCE) {
            return TT_OK;
        }
    }
}

static enum tt_status
apply(struct tt_collect *c, const struct tt_event *event)
{
    if (!c->begun) {
        TT_TRY(broken(c, tt_ledger_begin(c->ledger)));
        c->begun = true;
    }
    return event->kind == TT_EVENT_GONE ? apply_gone(c, event) : apply_record(c, event);
}

/* Ends the transaction, if one was begun. */
static enum tt_status
commit(struct tt_collect *c)
{
    if (!c->begun) {
        return TT_OK;
    }
    for (size_t i = 0; i < TT_RINGS_MAX; i++) {
        TT_TRY(broken(c, store_place(c, &c->places[i])));
    }
    TT_TRY(broken(c, tt_ledger_commit(c->ledger)));
    c->begun = false;
    return TT_OK;
}

static void
copy_why(char to[TT_LEDGER_WHY_MAX], const char *why)
{
    snprintf(to, TT_LEDGER_WHY_MAX, "%s", why);
}

/* The ledger does not work any more: from now on the spool, and a new attempt later. */
static void
give_up_ledger(struct tt_collect *c)
{
    unsigned wait = c->options.retry_ms ? c->options.retry_ms : TT_COLLECT_RETRY;
    copy_why(c->state.ledger_why, tt_ledger_why(c->ledger));
    c->past = c->state.ledger_works ? tt_ledger_get_past(c->ledger) : c->past;
    c->state.ledger_works = false;
    tt_ledger_close(c->ledger);
    c->ledger = NULL;
    c->retry_at = tt_stamp_steady_ms() + wait;
}

/* What a batch into the ledger came to.  TT_E_LIMIT stays: there is more. */
static enum tt_status
conclude(struct tt_collect *c, enum tt_status status)
{
    enum tt_status stored = status == TT_OK || status == TT_E_LIMIT ? commit(c) : status;
    if (stored == TT_OK) {
        batch_end(c);
        return status;
    }
    if (c->begun) {
        c->begun = false;
        tt_ledger_rollback(c->ledger);
    }
    if (c->broken) {
        give_up_ledger(c);
    }
    return stored;
}

/* ---- rings ---- */

static struct tt_event
event_of(const struct tt_collect *c, enum tt_event_kind kind, const struct tt_ring_source *source)
{
    return (struct tt_event) {.kind = kind,
                              .slot = source->slot,
                              .ring = source->ring,
                              .writer = source->writer ? tt_ring_owner_pack(source->writer, source->writer_start) : 0,
                              .seen = c->seen};
}

/* Says why the spool failed, as long as errno knows. */
static enum tt_status
blame_spool(struct tt_collect *c, enum tt_status status)
{
    if (status != TT_OK) {
        c->state.spool_works = false;
        snprintf(c->state.spool_why, sizeof(c->state.spool_why), "%s: %s", c->options.spool,
                 status == TT_E_IO ? strerror(errno) : "the spool is full");
    }
    return status == TT_E_LIMIT ? TT_E_IO : status;
}

/* Hands an event to where they go now. */
static enum tt_status
hand_over(struct tt_collect *c, const struct tt_event *event)
{
    if (c->ledger) {
        return apply(c, event);
    }
    struct tt_ledger_row row;
    if (event->kind == TT_EVENT_RECORD || event->kind == TT_EVENT_LOST) {
        TT_TRY(event->kind == TT_EVENT_RECORD ? tt_event_row(event, &c->arena, &row) : tt_event_loss_row(event, &c->arena, &row));
        count(c, event, &row);
        remember(c, &row);
    }
    return blame_spool(c, tt_spool_add(c->spool, event));
}

static enum tt_status
on_take(void *ctx, const struct tt_ring_record *record)
{
    struct tt_collect *c = ctx;
    struct tt_event event = event_of(c, TT_EVENT_RECORD, &record->source);
    if (is_full(c)) {
        return TT_E_LIMIT;
    }
    tt_patience_give_way(&c->patience);
    c->records++;
    event.from = event.to = record->sequence;
    event.bytes = record->bytes;
    return hand_over(c, &event);
}

static enum tt_status
on_lost(void *ctx, const struct tt_ring_source *source, uint64_t from, uint64_t to)
{
    struct tt_collect *c = ctx;
    struct tt_event event = event_of(c, TT_EVENT_LOST, source);
    event.from = from;
    event.to = to;
    return hand_over(c, &event);
}

static enum tt_status
on_gone(void *ctx, const struct tt_ring_source *source)
{
    struct tt_collect *c = ctx;
    struct tt_event event = event_of(c, TT_EVENT_GONE, source);
    return hand_over(c, &event);
}

static enum tt_status
read_rings(struct tt_collect *c)
{
    struct tt_ring_sink sink = {.take = on_take, .lost = on_lost, .gone = on_gone, .ctx = c};
    batch_begin(c);
    return tt_rings_read(c->rings, &sink);
}

/* ---- into the ledger ---- */

static enum tt_status
rings_to_ledger(struct tt_collect *c)
{
    enum tt_status status = conclude(c, read_rings(c));
    if (status == TT_OK || status == TT_E_LIMIT) {
        tt_rings_done(c->rings);
    }
    return status;
}

static enum tt_status
on_spooled(void *ctx, const struct tt_event *event)
{
    struct tt_event copy = *event;
    struct tt_collect *c = ctx;
    copy.seen = event->kind == TT_EVENT_DAMAGE ? c->seen : event->seen;
    return apply(c, &copy);
}

/* A stretch of the spool.  What was written of one that did not fit is passed over when it comes again. */
static enum tt_status
spool_to_ledger(struct tt_collect *c)
{
    batch_begin(c);
    c->replay = true;
    enum tt_status status = conclude(c, tt_spool_read(c->spool, on_spooled, c));
    if (status == TT_OK) {
        tt_spool_done(c->spool);
    }
    return status;
}

/*
 * Workers that ended when no collector ran, and whose ring is not there any more, as after a restart of the machine, left requests open.  They are listed
 * before a round and settled after it, when all that they had put is in the ledger.
 */
static enum tt_status
list_left(struct tt_collect *c)
{
    struct tt_ledger_open_request open[OPEN_AT_ONCE];
    char after[TT_LEDGER_ID_MAX + 1] = "";
    size_t many = OPEN_AT_ONCE;
    for (c->gone_count = 0; many == OPEN_AT_ONCE && c->gone_count < GONE_MAX;) {
        TT_TRY(tt_ledger_list_open(c->ledger, 0, 0, tt_str_cstr(after), open, &many));
        for (size_t i = 0; i < many && c->gone_count < GONE_MAX; i++) {
            bool same = c->gone_count > 0 && c->gone[c->gone_count - 1] == open[i].writer;
            if (!same && tt_ring_owner_is_gone(open[i].writer)) {
                c->gone[c->gone_count++] = open[i].writer;
            }
            memcpy(after, open[i].id, sizeof(after));
        }
    }
    return TT_OK;
}

static enum tt_status
settle_left(struct tt_collect *c)
{
    enum tt_status status = TT_OK;
    batch_begin(c);
    for (size_t i = 0; i < c->gone_count && status == TT_OK; i++) {
        struct tt_event event = {.kind = TT_EVENT_GONE, .writer = c->gone[i], .seen = c->seen};
        status = apply(c, &event);
    }
    return conclude(c, status);
}

/* Does a step until there is no more of it, or for long enough: workers may write faster than the disk. */
static enum tt_status
repeat(struct tt_collect *c, enum tt_status (*step)(struct tt_collect *c))
{
    enum tt_status status = TT_E_LIMIT;
    for (int i = 0; i < STEPS_MAX && status == TT_E_LIMIT; i++) {
        status = step(c);
    }
    return status;
}

/* All that waits, until nothing is left or the ledger fails. */
static enum tt_status
all_to_ledger(struct tt_collect *c)
{
    while (c->spool && tt_spool_waits(c->spool) > 0) {
        TT_TRY(repeat(c, spool_to_ledger));
    }
    if (c->swept) {
        return repeat(c, rings_to_ledger);
    }
    enum tt_status status = list_left(c);
    if (status != TT_OK) {
        give_up_ledger(c);
        return status;
    }
    TT_TRY(repeat(c, rings_to_ledger));
    TT_TRY(repeat(c, settle_left));
    c->swept = c->gone_count < GONE_MAX; /* else the rest with the next round */
    return TT_OK;
}

/* ---- into the spool ---- */

static void
open_spool(struct tt_collect *c)
{
    if (c->options.spool && !c->spool) {
        enum tt_status status = tt_spool_open(c->options.spool, c->options.alloc, &c->spool);
        c->state.spool_works = status == TT_OK;
        snprintf(c->state.spool_why, sizeof(c->state.spool_why), "%s%s%s", status == TT_OK ? "" : c->options.spool,
                 status == TT_OK ? "" : ": ",
                 status == TT_OK     ? ""
                 : status == TT_E_IO ? strerror(errno)
                                     : tt_status_name(status));
    }
}

static enum tt_status
rings_to_spool(struct tt_collect *c)
{
    enum tt_status status = read_rings(c), stored = status;
    if (status == TT_OK || status == TT_E_LIMIT) {
        stored = blame_spool(c, tt_spool_sync(c->spool));
    }
    if (stored != TT_OK) {
        tt_spool_cancel(c->spool);
        return stored;
    }
    c->state.spool_works = true;
    batch_end(c);
    tt_rings_done(c->rings);
    return status;
}

/* ---- the collector ---- */

/* Opens the ledger, unless that failed a moment ago. */
static void
open_ledger(struct tt_collect *c)
{
    if (c->ledger && tt_ledger_look(c->ledger) != TT_OK) {
        give_up_ledger(c);
    }
    if (c->ledger || tt_stamp_steady_ms() < c->retry_at) {
        return;
    }
    enum tt_status status =
        tt_ledger_open(c->options.ledger, c->met ? TT_LEDGER_WRITE : TT_LEDGER_CREATE, c->options.alloc, &c->ledger);
    if (status == TT_OK) {
        status = tt_ledger_continue(c->ledger, c->met ? &c->past : NULL);
    }
    if (status != TT_OK) {
        give_up_ledger(c);
        return;
    }
    tt_ledger_set_wait(c->ledger, TT_COLLECT_WAIT);
    c->met = c->state.ledger_works = true;
    c->state.ledger_why[0] = '\0';
}

/* The names are needed as long as the collector lives. */
static enum tt_status
keep_names(struct tt_collect *c)
{
    const char **const names[] = {&c->options.rings, &c->options.ledger, &c->options.spool};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct tt_str copy;
        if (*names[i]) {
            TT_TRY(tt_arena_dup(&c->names, tt_str_cstr(*names[i]), &copy));
            *names[i] = copy.ptr;
        }
    }
    return TT_OK;
}

enum tt_status
tt_collect_open(const struct tt_collect_options *options, struct tt_collect **collect)
{
    const struct tt_alloc *alloc = options->alloc;
    *collect = NULL;
    struct tt_collect *c = tt_alloc_new(alloc, sizeof(*c));
    if (!c) {
        return TT_E_MEMORY;
    }
    memset(c, 0, sizeof(*c));
    c->options = *options;
    tt_arena_init(&c->arena, alloc, TT_COLLECT_ARENA);
    tt_arena_init(&c->names, alloc, 4 * TT_LEDGER_PATH_MAX);
    c->rows = tt_alloc_new(alloc, ROWS_MAX * sizeof(*c->rows));
    enum tt_status status = c->rows ? keep_names(c) : TT_E_MEMORY;
    status = status == TT_OK ? tt_rings_open(options->rings, alloc, &c->rings) : status;
    if (status != TT_OK) {
        int error = errno;
        tt_collect_close(c);
        errno = error;
        return status;
    }
    tt_patience_init(&c->patience);
    open_spool(c);
    open_ledger(c);
    *collect = c;
    return TT_OK;
}

void
tt_collect_close(struct tt_collect *collect)
{
    if (!collect) {
        return;
    }
    const struct tt_alloc *alloc = collect->options.alloc;
    tt_patience_free(&collect->patience);
    tt_ledger_close(collect->ledger);
    tt_spool_close(collect->spool);
    tt_rings_close(collect->rings);
    tt_arena_free(&collect->arena);
    tt_arena_free(&collect->names);
    tt_alloc_free(alloc, collect->rows, ROWS_MAX * sizeof(*collect->rows));
    tt_alloc_free(alloc, collect, sizeof(*collect));
}

enum tt_status
tt_collect_round(struct tt_collect *collect)
{
    enum tt_status status = TT_E_IO;
    tt_patience_begin(&collect->patience);
    collect->seen = tt_stamp_now();
    open_spool(collect);
    open_ledger(collect);
    if (collect->ledger) {
        status = all_to_ledger(collect);
        /* An outage is over; whether the spool works will show in the next. */
        collect->state.spool_works = collect->spool != NULL;
    }
    /* The rest of the round after a failure of the ledger, too. */
    if (!collect->ledger) {
        status = collect->spool ? repeat(collect, rings_to_spool) : TT_E_IO;
    }
    if (collect->state.spool_works) {
        collect->state.spool_why[0] = '\0';
    }
    collect->state.spooled = collect->spool ? tt_spool_waits(collect->spool) : 0;
    collect->state.waiting = tt_rings_used(collect->rings);
    tt_patience_end(&collect->patience);
    return status == TT_E_LIMIT ? TT_OK : status;
}

const struct tt_collect_state *
tt_collect_get_state(const struct tt_collect *collect)
{
    return &collect->state;
}

bool
tt_collect_has_ring(const struct tt_collect *collect, pid_t pid)
{
    return tt_rings_has(collect->rings, pid);
}
