/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The run of a scan: one thread walks and delivers, the others read.
 *
 * Inputs stand in a ring of TT_SCAN_AHEAD slots: delivered <= claimed <= walked <= delivered + TT_SCAN_AHEAD.  Workers claim
 * slots in order; results are delivered in order, so the output does not depend on the number of threads.  Everything in struct
 * run below the mutex is guarded by it, but a slot's content belongs to whoever has claimed it.
 *
 * Results wait for those before them.  When they hold more than TT_SCAN_HELD_MAX, no further input is begun, but for the one whose turn it
 * is.
 */
#include "scan/scan.h"

#include "input/walk.h"
#include "scan/worker.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

/* How often a waiting run looks at the progress display. */
#define PROGRESS_NS 100000000

struct slot {
    struct tt_scan_file file;
    char *path;
    size_t path_size;
    bool follow;         /* named by the user: a link is followed, "-" is standard input */
    const char *trouble; /* found by the walk; there is nothing to read */
    bool done;
    size_t held; /* of the result, once done */
};

struct run {
    const struct tt_scan *scan;
    struct tt_walk walk;
    struct tt_scan_progress progress;
    _Atomic uint64_t bytes_done;
    struct slot slots[TT_SCAN_AHEAD];
    pthread_t threads[TT_JOBS_MAX];
    struct tt_worker *workers; /* as many as there are jobs: each is large */
    pthread_mutex_t mutex;
    pthread_cond_t work, done;
    struct tt_sites sites; /* of the delivered inputs; the calling thread's own */
    uint64_t walked, claimed, delivered;
    size_t held; /* bytes of the results that wait for their turn */
    bool stop;
    enum tt_status status; /* the first failure */
};

static struct slot *
slot_of(struct run *run, uint64_t number)
{
    return &run->slots[number % TT_SCAN_AHEAD];
}

static enum tt_status
work_on(struct tt_worker *worker, struct slot *slot)
{
    if (slot->trouble) {
        TT_TRY(tt_scan_file_note(&slot->file, NULL, slot->trouble, NULL, 0));
        return tt_scan_file_end(&slot->file);
    }
    return tt_worker_file(worker, &slot->file, slot->follow);
}

static void
fail(struct run *run, enum tt_status status)
{
    if (run->status == TT_OK) {
        run->status = status;
    }
    run->stop = true;
}

/* May the next slot be claimed? */
static bool
may_claim(const struct run *run)
{
    return run->claimed < run->walked && (run->held < TT_SCAN_HELD_MAX || run->claimed == run->delivered);
}

/*
 * Is it the calling thread's turn?  Waking it costs two switches of threads, so it is let sleep until it has something to
 * deliver and room to walk on for many inputs at once.
 */
static bool
is_turn(struct run *run)
{
    bool room = run->walked - run->claimed <= TT_SCAN_AHEAD / 2 || !may_claim(run);
    return run->stop || (slot_of(run, run->delivered)->done && room);
}

/* Works on the next slot.  The mutex is held on entry and on return, but not in between. */
static void
work_on_next(struct run *run, struct tt_worker *worker)
{
    struct slot *slot = slot_of(run, run->claimed++);
    pthread_mutex_unlock(&run->mutex);
    enum tt_status status = work_on(worker, slot);
    pthread_mutex_lock(&run->mutex);
    slot->done = true;
    slot->held = tt_scan_file_size(&slot->file);
    run->held += slot->held;
    if (status != TT_OK) {
        fail(run, status);
    }
    if (is_turn(run)) {
        pthread_cond_signal(&run->done);
    }
}

struct thread_arg {
    struct run *run;
    struct tt_worker *worker;
};

static void *
worker_main(void *arg)
{
    struct tt_worker *worker = ((struct thread_arg *) arg)->worker;
    struct run *run = ((struct thread_arg *) arg)->run;
    pthread_mutex_lock(&run->mutex);
    while (!run->stop) {
        if (may_claim(run)) {
            work_on_next(run, worker);
        } else {
            pthread_cond_wait(&run->work, &run->mutex);
        }
    }
    pthread_mutex_unlock(&run->mutex);
    return NULL;
}

/* Puts an item of the walk into the next slot.  The mutex is not held: the slot is nobody's yet. */
static enum tt_status
fill_slot(struct run *run, struct slot *slot, const struct tt_walk_item *item)
{
    slot->path_size = item->uri.len + 1;
    slot->path = tt_alloc_new(run->scan->alloc, slot->path_size);
    if (!slot->path) {
        return TT_E_MEMORY;
    }
    memcpy(slot->path, item->uri.ptr, slot->path_size);
    slot->follow = !item->from_tree;
    slot->trouble = item->trouble;
    slot->done = false;
    tt_scan_file_begin(&slot->file, run->scan->alloc, run->scan->kernels, tt_str_make(slot->path, item->uri.len));
    return TT_OK;
}

static void
empty_slot(struct run *run, struct slot *slot)
{
    if (slot->path) {
        tt_scan_file_free(&slot->file);
        tt_alloc_free(run->scan->alloc, slot->path, slot->path_size);
        slot->path = NULL;
    }
}

/* Walks on while there is room.  False when nothing more is to come. */
static bool
walk_on(struct run *run)
{
    while (!run->progress.walked && run->walked - run->delivered < TT_SCAN_AHEAD) {
        struct tt_walk_item item;
        enum tt_status status;
        struct slot *slot = slot_of(run, run->walked);
        pthread_mutex_unlock(&run->mutex);
        bool more = tt_walk_next(&run->walk, &item, &status);
        if (more) {
            status = fill_slot(run, slot, &item);
        }
        pthread_mutex_lock(&run->mutex);
        if (status != TT_OK) {
            fail(run, status);
            return false;
        }
        run->progress.walked = !more;
        run->walked += more;
        pthread_cond_signal(&run->work);
    }
    return !run->progress.walked || run->delivered < run->walked;
}

/* Delivers what is ready, in order.  The mutex is released while the caller's function runs. */
static void
deliver(struct run *run)
{
    while (!run->stop && run->delivered < run->claimed && slot_of(run, run->delivered)->done) {
        struct slot *slot = slot_of(run, run->delivered);
        pthread_mutex_unlock(&run->mutex);
        enum tt_status status = run->scan->result(run->scan->ctx, &slot->file.result);
        if (status == TT_OK) {
            status = tt_sites_merge(&run->sites, &slot->file.sites, slot->file.result.uri);
        }
        empty_slot(run, slot);
        pthread_mutex_lock(&run->mutex);
        run->delivered++;
        if (run->held >= TT_SCAN_HELD_MAX) {
            pthread_cond_broadcast(&run->work);
        }
        run->held -= slot->held;
        if (status != TT_OK) {
            fail(run, status);
        }
    }
}

static void
show_progress(struct run *run)
{
    if (run->scan->progress) {
        run->progress.files_done = run->delivered;
        run->progress.files_known = run->walked;
        run->progress.bytes_done = atomic_load_explicit(&run->bytes_done, memory_order_relaxed);
        run->scan->progress(run->scan->ctx, &run->progress);
    }
}

/* Waits until a worker is done or it is time for the progress display. */
static void
wait_for_done(struct run *run)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += PROGRESS_NS;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    pthread_cond_clockwait(&run->done, &run->mutex, CLOCK_MONOTONIC, &until);
}

/* The calling thread's part.  own: the worker it uses itself when there are no threads, or NULL. */
static void
run_main(struct run *run, struct tt_worker *own)
{
    pthread_mutex_lock(&run->mutex);
    while (!run->stop && walk_on(run)) {
        if (own && run->claimed < run->walked) {
            work_on_next(run, own);
        } else if (!own && !slot_of(run, run->delivered)->done) {
            wait_for_done(run);
        }
        deliver(run);
        show_progress(run);
    }
    run->stop = true;
    pthread_cond_broadcast(&run->work);
    pthread_mutex_unlock(&run->mutex);
}

/*
 * Starts the threads, works, and ends them.  Where a thread cannot be started, fewer do the work.  A single input has a thread too: this one
 * shows its progress.
 */
static void
run_threads(struct run *run, unsigned jobs)
{
    struct thread_arg args[TT_JOBS_MAX];
    unsigned started = 0;
    for (; run->scan->jobs > 1 && started < jobs; started++) {
        args[started] = (struct thread_arg) {run, &run->workers[started]};
        if (pthread_create(&run->threads[started], NULL, worker_main, &args[started]) != 0) {
            break;
        }
    }
    run_main(run, started == 0 ? &run->workers[0] : NULL);
    for (unsigned i = 0; i < started; i++) {
        pthread_join(run->threads[i], NULL);
    }
}

/* Walks before there are workers, to know how many are of use. */
static enum tt_status
walk_ahead(struct run *run)
{
    pthread_mutex_lock(&run->mutex);
    (void) walk_on(run);
    pthread_mutex_unlock(&run->mutex);
    return run->status;
}

/* The number of workers: not more than inputs, for to start one costs more than to scan a small file. */
static unsigned
jobs_for(const struct run *run)
{
    uint64_t most = run->progress.walked && run->walked < TT_JOBS_MAX ? run->walked : TT_JOBS_MAX;
    uint64_t jobs = run->scan->jobs < most ? run->scan->jobs : most;
    return jobs < 1 ? 1 : (unsigned) jobs;
}

static enum tt_status
init_workers(struct run *run, unsigned jobs)
{
    run->workers = tt_alloc_new(run->scan->alloc, jobs * sizeof(*run->workers));
    if (!run->workers) {
        return TT_E_MEMORY;
    }
    memset(run->workers, 0, jobs * sizeof(*run->workers));
    for (unsigned i = 0; i < jobs; i++) {
        TT_TRY(tt_worker_init(&run->workers[i], run->scan, &run->bytes_done));
    }
    return TT_OK;
}

static void
free_run(struct run *run, unsigned jobs)
{
    for (size_t i = 0; i < TT_SCAN_AHEAD; i++) {
        empty_slot(run, &run->slots[i]);
    }
    for (unsigned i = 0; run->workers && i < jobs; i++) {
        if (run->workers[i].alloc) {
            tt_worker_free(&run->workers[i]);
        }
    }
    tt_alloc_free(run->scan->alloc, run->workers, jobs * sizeof(*run->workers));
    tt_walk_free(&run->walk);
    tt_sites_free(&run->sites);
    pthread_mutex_destroy(&run->mutex);
    pthread_cond_destroy(&run->work);
    pthread_cond_destroy(&run->done);
    tt_alloc_free(run->scan->alloc, run, sizeof(*run));
}

/* What only the comparison of all documents shows, and the count of ignored names, come last: the result of an input without a name. */
static enum tt_status
report_sites(const struct tt_scan *scan, const struct tt_sites *sites, uint64_t ignored)
{
    struct tt_scan_file file;
    tt_scan_file_begin(&file, scan->alloc, scan->kernels, TT_STR(""));
    enum tt_status status = tt_sites_report(sites, tt_scan_file_sink(&file));
    if (status == TT_OK) {
        status = tt_scan_file_end(&file);
    }
    file.result.ignored = ignored;
    if (status == TT_OK && (file.result.finding_count > 0 || ignored > 0)) {
        status = scan->result(scan->ctx, &file.result);
    }
    tt_scan_file_free(&file);
    return status;
}

enum tt_status
tt_scan_run(const struct tt_scan *scan, const char *const *paths, size_t count)
{
    unsigned jobs = 0;
    struct run *run = tt_alloc_new(scan->alloc, sizeof(*run));
    if (!run) {
        return TT_E_MEMORY;
    }
    memset(run, 0, sizeof(*run));
    run->scan = scan;
    tt_walk_begin(&run->walk, scan->alloc, paths, count);
    run->walk.no_ignore = scan->no_ignore;
    tt_sites_init(&run->sites, scan->alloc, TT_SITES_MAX, TT_SITES_BYTES);
    pthread_mutex_init(&run->mutex, NULL);
    pthread_cond_init(&run->work, NULL);
    pthread_cond_init(&run->done, NULL);
    enum tt_status status = walk_ahead(run);
    if (status == TT_OK) {
        jobs = jobs_for(run);
        status = init_workers(run, jobs);
    }
    if (status == TT_OK) {
        run_threads(run, jobs);
        status = run->status == TT_OK ? report_sites(scan, &run->sites, run->walk.ignored) : run->status;
    }
    free_run(run, jobs);
    return status;
}

enum tt_status
tt_scan_bytes(const struct tt_scan *scan, struct tt_str uri, struct tt_str bytes)
{
    struct tt_worker worker;
    struct tt_scan_file file;
    _Atomic uint64_t bytes_done = 0;
    tt_scan_file_begin(&file, scan->alloc, scan->kernels, uri);
    enum tt_status status = tt_worker_init(&worker, scan, &bytes_done);
    if (status == TT_OK) {
        status = tt_worker_bytes(&worker, &file, bytes);
    }
    if (status == TT_OK) {
        status = scan->result(scan->ctx, &file.result);
    }
    if (status == TT_OK) {
        for (size_t i = 0; i < file.sites.count; i++) {
            struct tt_str *first = &file.sites.rows[i].first.uri;
            *first = first->len > 0 ? *first : uri;
        }
        status = report_sites(scan, &file.sites, 0);
    }
    tt_worker_free(&worker);
    tt_scan_file_free(&file);
    return status;
}
