/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Workers and the collector are killed at any moment, over and over, while another process locks the ledger now and then.  At the end every
 * record that a ring has taken is in the ledger once and in its order, and every request has one outcome.
 *
 * The moments are random, the assertions are not.  What a worker was told is kept in memory that outlives it.
 */
#include "ledger/collect.h"
#include "ledger/ring.h"
#include "ring_folder.h"
#include "test.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define WORKERS 4   /* at a time */
#define KILLS 120   /* of workers */
#define RESTARTS 24 /* of the collector */
#define LOCKS 3     /* of the ledger, longer than the collector waits */
#define LIVES (KILLS + WORKERS)
#define OPEN_MAX 2 /* requests that a worker leaves open at once */

struct shared {
    _Atomic uint64_t told[LIVES]; /* records that the ring took, as each worker was told */
};

struct fixture {
    struct ring_folder folder;
    char ledger[128], spool[128], rings[128];
    struct shared *shared;
};

/* The k-th record of a life: two requests, then their outcomes. */
static size_t
make_record(unsigned life, uint64_t k, char out[160])
{
    const char *type = k % 4 < 2 ? "request" : "outcome";
    uint64_t request = k / 4 * 2 + k % 2;
    return (size_t) snprintf(out, 160, "{\"type\":\"%s\",\"id\":\"%04x%020llx\",\"k\":%llu}", type, life,
                             (unsigned long long) request, (unsigned long long) k);
}

static _Noreturn void
work(const struct fixture *f, unsigned life)
{
    char record[160];
    struct tt_ring *ring;
    unsigned slot;
    uint64_t sequence;
    close_range(3, ~0U, 0);
    while (tt_ring_claim(f->rings, TT_RING_SIZE_MIN, &ring, &slot) != TT_OK) {
        usleep(1000);
    }
    for (uint64_t k = 0;;) {
        size_t length = make_record(life, k, record);
        if (tt_ring_put(ring, tt_str_make(record, length), &sequence) == TT_OK) {
            atomic_store(&f->shared->told[life], ++k);
        } else {
            usleep(200);
        }
        if (k % 8 == 0) {
            usleep(50);
        }
    }
}

static struct tt_collect *
open_collect(const struct fixture *f)
{
    struct tt_collect *collect;
    struct tt_collect_options options = {
        .rings = f->rings, .ledger = f->ledger, .spool = f->spool, .alloc = &tt_alloc_libc, .retry_ms = 20};
    while (tt_collect_open(&options, &collect) != TT_OK) {
        usleep(1000);
    }
    return collect;
}

static _Noreturn void
collect_forever(const struct fixture *f)
{
    close_range(3, ~0U, 0);
    struct tt_collect *collect = open_collect(f);
    for (;;) {
        (void) !tt_collect_round(collect);
        usleep(2000);
    }
}

static pid_t
start(const struct fixture *f, int life)
{
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nobody behind */
        if (life < 0) {
            collect_forever(f);
        }
        work(f, (unsigned) life);
    }
    assert_true(child > 0);
    return child;
}

static void
stop(pid_t child)
{
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void
lock_a_while(const struct fixture *f)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(f->ledger, &db), SQLITE_OK);
    /* A collector that writes without a pause leaves few gaps. */
    sqlite3_busy_timeout(db, 60000);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    usleep((TT_COLLECT_WAIT + 100) * 1000);
    sqlite3_close(db);
}

static void
torment(const struct fixture *f)
{
    unsigned random = 12345;
    pid_t workers[WORKERS], collector = start(f, -1);
    int lives = 0;
    for (; lives < WORKERS; lives++) {
        workers[lives] = start(f, lives);
    }
    for (int i = 0; i < KILLS; i++) {
        random = random * 1103515245 + 12345;
        usleep(2000 + (random >> 16) % 12000);
        unsigned victim = (random >> 8) % WORKERS;
        stop(workers[victim]);
        workers[victim] = start(f, lives++);
        if (i % (KILLS / RESTARTS) == 0) {
            stop(collector);
            collector = start(f, -1);
        }
        if (i % (KILLS / LOCKS) == KILLS / LOCKS / 2) {
            lock_a_while(f);
        }
    }
    for (int i = 0; i < WORKERS; i++) {
        stop(workers[i]);
    }
    stop(collector);
}

/* ---- the reckoning ---- */

struct life {
    uint64_t next; /* record */
    uint64_t open; /* requests without outcome */
    uint64_t lost; /* outcomes by the collector */
};

static enum tt_status
on_row(void *ctx, const struct tt_ledger_row *row)
{
    struct life *lives = ctx;
    char id[32], want[160];
    snprintf(id, sizeof(id), "%.*s", (int) (row->id.len > 4 ? 4 : row->id.len), row->id.ptr);
    unsigned number = (unsigned) strtoul(id, NULL, 16);
    assert_true(row->id.len == 24 && number < LIVES);
    struct life *life = &lives[number];
    if (memmem(row->json.ptr, row->json.len, "worker_lost", 11)) {
        life->lost++;
        return TT_OK;
    }
    assert_int_equal(life->lost, 0); /* the end of a worker is its last word */
    size_t length = make_record(number, life->next, want);
    assert_str_equal(row->json, tt_str_make(want, length));
    life->open += life->next % 4 < 2 ? 1 : (uint64_t) -1;
    assert_true(life->open <= OPEN_MAX);
    life->next++;
    return TT_OK;
}

static void
reckon(const struct fixture *f)
{
    static struct life lives[LIVES];
    struct tt_ledger *ledger;
    struct tt_ledger_filter filter = {.from = 0};
    struct tt_ledger_verdict verdict;
    uint64_t records = 0, lost = 0;
    assert_int_equal(tt_ledger_open(f->ledger, TT_LEDGER_READ, &tt_alloc_libc, &ledger), TT_OK);
    assert_int_equal(tt_ledger_each(ledger, &filter, on_row, lives), TT_OK);
    for (int i = 0; i < LIVES; i++) {
        uint64_t told = atomic_load(&f->shared->told[i]);
        /* A worker may have been killed between the ring's word and its own. */
        if (lives[i].next != told && lives[i].next != told + 1) {
            fail_msg("worker %d was told %llu, the ledger has %llu", i, (unsigned long long) told,
                     (unsigned long long) lives[i].next);
        }
        assert_int_equal(lives[i].lost, lives[i].open);
        records += lives[i].next;
        lost += lives[i].lost;
    }
    assert_int_equal(tt_ledger_verify(ledger, NULL, &verdict, NULL, NULL), TT_OK);
    assert_int_equal(verdict.state, TT_LEDGER_WHOLE);
    assert_int_equal(verdict.checked, records + lost);
    tt_ledger_close(ledger);
    print_message("# %llu records, %llu lost workers' outcomes, %d workers killed, the collector %d times\n",
                  (unsigned long long) records, (unsigned long long) lost, LIVES, RESTARTS + 1);
    assert_true(records > LIVES);
}

static void
test_everything_is_killed(void **state)
{
    (void) state;
    struct fixture f;
    assert_true(ring_folder_make(&f.folder));
    snprintf(f.ledger, sizeof(f.ledger), "%s/ledger.db", f.folder.path);
    snprintf(f.spool, sizeof(f.spool), "%s/spool", f.folder.path);
    snprintf(f.rings, sizeof(f.rings), "%s/rings", f.folder.path);
    assert_int_equal(mkdir(f.spool, 0700), 0);
    assert_int_equal(mkdir(f.rings, 0700), 0);
    f.shared = mmap(NULL, sizeof(*f.shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(f.shared != MAP_FAILED);
    torment(&f);
    struct tt_collect *collect = open_collect(&f);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(tt_collect_round(collect), TT_OK);
    }
    assert_int_equal(tt_collect_get_state(collect)->waiting, 0);
    assert_int_equal(tt_collect_get_state(collect)->spooled, 0);
    tt_collect_close(collect);
    reckon(&f);
    munmap(f.shared, sizeof(*f.shared));
    ring_folder_remove(&f.folder);
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(test_everything_is_killed)};

int
main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
