/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The collector and its spool: each record exactly once, over outages, restarts, lost workers and damage.
 */
#include "ledger/collect.h"
#include "ledger/event.h"
#include "ledger/ring.h"
#include "ledger/ring_file.h"
#include "ledger/spool.h"
#include "ledger/stamp.h"
#include "ring_folder.h"
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define ROWS_MAX 512
#define SPOOL_FRAME 64 /* bytes of a frame without its content */

struct fixture {
    struct ring_folder folder;
    char ledger[128], spool[128], rings[128], records[160];
    struct tt_collect *collect;
    uint64_t told; /* rows that the callback saw */
    struct tt_ring *ring;
    unsigned slot;
};

static void
on_stored(void *ctx, const struct tt_ledger_row *row)
{
    struct fixture *f = ctx;
    assert_true(row->json.len > 1);
    f->told++;
}

static enum tt_status
open_with(struct fixture *f, const struct tt_alloc *alloc)
{
    char names[3][128]; /* which are gone when this returns */
    memcpy(names[0], f->rings, sizeof(names[0]));
    memcpy(names[1], f->ledger, sizeof(names[1]));
    memcpy(names[2], f->spool, sizeof(names[2]));
    struct tt_collect_options options = {
        .rings = names[0], .ledger = names[1], .spool = names[2], .alloc = alloc, .stored = on_stored, .ctx = f, .retry_ms = 1};
    enum tt_status status = tt_collect_open(&options, &f->collect);
    memset(names, 0, sizeof(names));
    return status;
}

static void
reopen(struct fixture *f)
{
    tt_collect_close(f->collect);
    assert_int_equal(open_with(f, &tt_alloc_libc), TT_OK);
}

static int
set_up(void **state)
{
    static struct fixture f;
    f = (struct fixture) {.collect = NULL};
    *state = &f;
    if (!ring_folder_make(&f.folder)) {
        return -1;
    }
    snprintf(f.ledger, sizeof(f.ledger), "%s/ledger.db", f.folder.path);
    snprintf(f.spool, sizeof(f.spool), "%s/spool", f.folder.path);
    snprintf(f.rings, sizeof(f.rings), "%s/rings", f.folder.path);
    snprintf(f.records, sizeof(f.records), "%s/records", f.spool);
    if (mkdir(f.spool, 0700) != 0 || mkdir(f.rings, 0700) != 0 || open_with(&f, &tt_alloc_libc) != TT_OK) {
        return -1;
    }
    return tt_ring_claim(f.rings, TT_RING_SIZE_MIN, &f.ring, &f.slot) == TT_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
    struct fixture *f = *state;
    tt_ring_release(f->ring);
    tt_collect_close(f->collect);
    ring_folder_remove(&f->folder);
    return 0;
}

static void
put(struct tt_ring *ring, const char *json)
{
    uint64_t sequence;
    assert_int_equal(tt_ring_put(ring, tt_str_cstr(json), &sequence), TT_OK);
}

/* Puts the request number n, or its outcome. */
static void
put_one(struct tt_ring *ring, const char *type, unsigned n)
{
    char json[128];
    snprintf(json, sizeof(json), "{\"type\":\"%s\",\"id\":\"%024x\",\"time\":\"2026-11-21T10:48:26.123456Z\"}", type, n);
    put(ring, json);
}

static enum tt_status
round_of(struct fixture *f)
{
    usleep(2000); /* behind the wait for a ledger that failed */
    return tt_collect_round(f->collect);
}

static const struct tt_collect_state *
state_of(const struct fixture *f)
{
    return tt_collect_get_state(f->collect);
}

/* What the ledger holds, as text: "request 1, outcome 1", with the last digit of the id. */
struct listing {
    char text[8192];
    size_t length, rows;
    char last[512];
};

static enum tt_status
list_row(void *ctx, const struct tt_ledger_row *row)
{
    struct listing *list = ctx;
    bool lost = row->json.len > 20 && memmem(row->json.ptr, row->json.len, "worker_lost", 11);
    list->length += (size_t) snprintf(list->text + list->length, sizeof(list->text) - list->length, "%s%.*s%s%.*s",
                                      list->rows ? ", " : "", (int) row->kind.len, row->kind.ptr, row->id.len ? " " : "",
                                      row->id.len ? 1 : 0, row->id.len ? row->id.ptr + row->id.len - 1 : "");
    if (lost) {
        list->length += (size_t) snprintf(list->text + list->length, sizeof(list->text) - list->length, " lost");
    }
    snprintf(list->last, sizeof(list->last), "%.*s", (int) row->json.len, row->json.ptr);
    list->rows++;
    return list->length < sizeof(list->text) - 100 ? TT_OK : TT_E_LIMIT;
}

static struct listing
list_of(const struct fixture *f)
{
    struct listing list = {.length = 0};
    struct tt_ledger *ledger;
    struct tt_ledger_filter filter = {.from = 0};
    struct tt_ledger_verdict verdict;
    assert_int_equal(tt_ledger_open(f->ledger, TT_LEDGER_READ, &tt_alloc_libc, &ledger), TT_OK);
    assert_int_equal(tt_ledger_each(ledger, &filter, list_row, &list), TT_OK);
    assert_int_equal(tt_ledger_verify(ledger, NULL, &verdict, NULL, NULL), TT_OK);
    assert_int_equal(verdict.state, TT_LEDGER_WHOLE);
    tt_ledger_close(ledger);
    return list;
}

static void
assert_ledger(const struct fixture *f, const char *want)
{
    struct listing list = list_of(f);
    assert_string_equal(list.text, want);
}

/* ---- records ---- */

static void
test_records_become_rows(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(round_of(f), TT_OK);
    assert_int_equal(state_of(f)->rows, 0);
    put_one(f->ring, "request", 1);
    put_one(f->ring, "request", 2);
    put_one(f->ring, "outcome", 1);
    assert_int_equal(round_of(f), TT_OK);
    assert_int_equal(round_of(f), TT_OK);
    assert_ledger(f, "request 1, request 2, outcome 1");
    assert_int_equal(state_of(f)->rows, 3);
    assert_int_equal(state_of(f)->records, 3);
    assert_int_equal(state_of(f)->waiting, 0);
    assert_true(state_of(f)->ledger_works && state_of(f)->spool_works);
    assert_int_equal(f->told, 3);
}

static void
test_what_is_no_record(void **state)
{
    static const struct {
        const char *bytes, *want, *in_json;
    } cases[] = {
        {"{", "fault", "\"why\":\"not a JSON object\",\"slot\":0,\"sequence\":1,"},
        {"[]", "fault", "\"length\":2,\"hex\":\"5b5d\"}"},
        {"{\"type\":\"request\",\"id\":\"\xff\"}", "fault", "ff227d\"}"},
        {"{}", "other", "{}"},
        {"{\"type\":\"a b\",\"id\":\"1\"}", "other 1", ""},
        {"{\"type\":\"abcdefghijklmnopqrstuvwxyzabcdefg\"}", "other", ""},
        {"{\"type\":\"request\",\"id\":\"a\\u0062\"}", "request", ""},
        {"{\"type\":\"request\",\"id\":5,\"time\":\"then\"}", "request", ""},
    };
    struct fixture *f = *state;
    char want[512] = "";
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        put(f->ring, cases[i].bytes);
        assert_int_equal(round_of(f), TT_OK);
        snprintf(want + strlen(want), sizeof(want) - strlen(want), "%s%s", i ? ", " : "", cases[i].want);
        assert_ledger(f, want);
        assert_non_null(strstr(list_of(f).last, cases[i].in_json));
    }
    assert_int_equal(state_of(f)->faults, 3);
}

static void
test_longest_fault(void **state)
{
    static char bytes[TT_RING_RECORD_MAX];
    struct fixture *f = *state;
    uint64_t sequence;
    memset(bytes, 0xee, sizeof(bytes));
    assert_int_equal(tt_ring_put(f->ring, tt_str_make(bytes, sizeof(bytes)), &sequence), TT_OK);
    assert_int_equal(round_of(f), TT_OK);
    assert_ledger(f, "fault");
}

/* More than one batch holds. */
static void
test_many_records(void **state)
{
    enum { COUNT = 30000 };
    struct fixture *f = *state;
    struct tt_ring *ring;
    unsigned slot;
    assert_int_equal(tt_ring_claim(f->rings, TT_RING_SIZE_MIN * 64, &ring, &slot), TT_OK);
    for (unsigned i = 0; i < COUNT; i++) {
        put_one(ring, "request", i);
    }
    tt_ring_release(ring);
    assert_int_equal(round_of(f), TT_OK);
    assert_int_equal(state_of(f)->workers_lost, COUNT);
    assert_int_equal(state_of(f)->rows, 2 * COUNT);
    assert_int_equal(f->told, 2 * COUNT);
}

/* The collector is killed behind its commit, before the rings know. */
static void
test_killed_behind_commit(void **state)
{
    struct fixture *f = *state;
    uint64_t zero = 0;
    for (unsigned n = 1; n <= 3; n++) {
        put_one(f->ring, "request", n);
    }
    assert_int_equal(round_of(f), TT_OK);
    char name[160];
    snprintf(name, sizeof(name), "%s/ring.0", f->rings);
    int fd = open(name, O_RDWR);
    assert_int_equal(pwrite(fd, &zero, 8, offsetof(struct tt_ring_file, tail)), 8);
    assert_int_equal(pwrite(fd, &zero, 8, offsetof(struct tt_ring_file, done)), 8);
    close(fd);
    put_one(f->ring, "request", 4);
    reopen(f);
    assert_int_equal(round_of(f), TT_OK);
    assert_ledger(f, "request 1, request 2, request 3, request 4");
}

/* ---- workers that end ---- */

static void
test_worker_leaves(void **state)
{
    struct fixture *f = *state;
    put_one(f->ring, "request", 1);
    put_one(f->ring, "request", 2);
    put_one(f->ring, "outcome", 1);
    tt_ring_release(f->ring);
    f->ring = NULL;
    assert_int_equal(round_of(f), TT_OK);
    assert_ledger(f, "request 1, request 2, outcome 1, outcome 2 lost");
    assert_int_equal(state_of(f)->workers_lost, 1);
    assert_int_equal(f->told, 4);
    assert_int_equal(round_of(f), TT_OK);
    reopen(f);
    assert_int_equal(round_of(f), TT_OK);
    assert_int_equal(list_of(f).rows, 4);
}

/* A child that puts three requests and one outcome, and is killed. */
static void
kill_a_worker(struct fixture *f)
{
    int ready[2];
    char c;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        struct tt_ring *ring;
        unsigned slot;
        dup2(ready[1], 3);
        close_range(4, ~0U, 0);
        if (tt_ring_claim(f->rings, TT_RING_SIZE_MIN, &ring, &slot) == TT_OK) {
            put_one(ring, "request", 6);
            put_one(ring, "request", 7);
            put_one(ring, "outcome", 6);
            put_one(ring, "request", 8);
        }
        (void) !write(3, "", 1);
        for (;;) {
            pause();
        }
    }
    assert_int_equal(read(ready[0], &c, 1), 1);
    close(ready[0]);
    close(ready[1]);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void
test_worker_killed(void **state)
{
    struct fixture *f = *state;
    put_one(f->ring, "request", 1);
    kill_a_worker(f);
    assert_int_equal(round_of(f), TT_OK);
    assert_ledger(f, "request 1, request 6, request 7, outcome 6, request 8, outcome 7 lost, outcome 8 lost");
    assert_non_null(strstr(list_of(f).last, "\"end\":\"worker_lost\"}"));
    put_one(f->ring, "outcome", 1); /* the other one lives */
    assert_int_equal(round_of(f), TT_OK);
    assert_int_equal(list_of(f).rows, 8);
}

/* After a restart of the machine the rings are gone, and the pids are others'. */
static void
test_left_by_an_earlier_machine(void **state)
{
    struct fixture *f = *state;
    char name[160];
    kill_a_worker(f);
    /* The first round of a collector that is stopped before it hears that the worker ended. */
    snprintf(name, sizeof(name), "%s/ring.1", f->rings);
    int fd = open(name, O_RDWR);
    uint64_t self = tt_ring_owner_self();
    assert_int_equal(pwrite(fd, &self, 8, offsetof(struct tt_ring_file, owner)), 8);
    close(fd);
    assert_int_equal(round_of(f), TT_OK);
    assert_ledger(f, "request 6, request 7, outcome 6, request 8");
    assert_int_equal(unlink(name), 0);
    put_one(f->ring, "request", 1);
    reopen(f);
    assert_int_equal(round_of(f), TT_OK);
    assert_ledger(f, "request 6, request 7, outcome 6, request 8, request 1, outcome 7 lost, outcome 8 lost");
}

/* ---- outages ---- */

/* Somebody keeps the ledger from being written. */
static sqlite3 *
lock_ledger(const struct fixture *f)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(f->ledger, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    return db;
}

static void
test_ledger_locked(void **state)
{
    struct fixture *f = *state;
    put_one(f->ring, "request", 1);
    assert_int_equal(round_of(f), TT_OK);
    sqlite3 *db = lock_ledger(f);
    put_one(f->ring, "request", 2);
    assert_int_equal(round_of(f), TT_OK);
    assert_false(state_of(f)->ledger_works);
    assert_non_null(strstr(state_of(f)->ledger_why, "database is locked"));
    assert_true(state_of(f)->spooled > 0);
    assert_int_equal(state_of(f)->waiting, 0);
    kill_a_worker(f);
    put_one(f->ring, "outcome", 2);
    assert_int_equal(round_of(f), TT_OK);
    assert_int_equal(f->told, 7);
    reopen(f); /* and the spool is read again */
    put_one(f->ring, "request", 3);
    assert_int_equal(round_of(f), TT_OK);
    assert_ledger(f, "request 1");
    sqlite3_close(db);
    assert_int_equal(round_of(f), TT_OK);
    assert_true(state_of(f)->ledger_works);
    assert_string_equal(state_of(f)->ledger_why, "");
    assert_int_equal(state_of(f)->spooled, 0);
    assert_ledger(f,
                  "request 1, request 2, outcome 2, request 6, request 7, outcome 6, request 8, outcome 7 lost, outcome 8 lost, "
                  "request 3");
    assert_int_equal(f->told, 10);
    put_one(f->ring, "outcome", 3);
    assert_int_equal(round_of(f), TT_OK);
    assert_int_equal(list_of(f).rows, 11);
}

/* What the spool holds comes again after a kill in the middle of its replay, and is known. */
static void
test_replayed_twice(void **state)
{
    struct fixture *f = *state;
    char copy[192], command[512];
    assert_int_equal(round_of(f), TT_OK);
    sqlite3 *db = lock_ledger(f);
    kill_a_worker(f);
    put_one(f->ring, "request", 1);
    assert_int_equal(round_of(f), TT_OK);
    sqlite3_close(db);
    snprintf(copy, sizeof(copy), "%s.copy", f->records);
    snprintf(command, sizeof(command), "cp %s %s", f->records, copy);
    assert_int_equal(system(command), 0);
    assert_int_equal(round_of(f), TT_OK);
    const char *want = "request 1, request 6, request 7, outcome 6, request 8, outcome 7 lost, outcome 8 lost";
    assert_ledger(f, want);
    tt_collect_close(f->collect);
    assert_int_equal(rename(copy, f->records), 0);
    assert_int_equal(open_with(f, &tt_alloc_libc), TT_OK);
    assert_int_equal(round_of(f), TT_OK);
    assert_ledger(f, want);
    assert_int_equal(state_of(f)->spooled, 0);
}

static void
test_ledger_moved_away(void **state)
{
    struct fixture *f = *state;
    char away[160];
    put_one(f->ring, "request", 1);
    assert_int_equal(round_of(f), TT_OK);
    snprintf(away, sizeof(away), "%s/away", f->folder.path);
    assert_int_equal(rename(f->ledger, away), 0);
    put_one(f->ring, "request", 2);
    assert_int_equal(round_of(f), TT_OK);
    assert_false(state_of(f)->ledger_works);
    assert_true(state_of(f)->spooled > 0);
    assert_int_not_equal(access(f->ledger, F_OK), 0); /* no new chain begins */
    assert_int_equal(rename(away, f->ledger), 0);
    assert_int_equal(round_of(f), TT_OK);
    assert_ledger(f, "request 1, request 2");
}

/* The bytes of a file into another one: a new one, or over what is there. */
static void
copy_file(const char *from, const char *to, bool over)
{
    static char bytes[1 << 20];
    FILE *in = fopen(from, "r"), *out = fopen(to, over ? "r+" : "w");
    assert_true(in && out);
    size_t n = fread(bytes, 1, sizeof(bytes), in);
    assert_true(n > 0 && n < sizeof(bytes));
    assert_int_equal(fwrite(bytes, 1, n, out), n);
    assert_int_equal(ftruncate(fileno(out), (off_t) n), 0);
    fclose(in);
    fclose(out);
}

static void
assert_same_bytes(const char *one, const char *other)
{
    static char a[1 << 20], b[1 << 20];
    FILE *files[] = {fopen(one, "r"), fopen(other, "r")};
    assert_true(files[0] && files[1]);
    size_t n = fread(a, 1, sizeof(a), files[0]);
    assert_int_equal(fread(b, 1, sizeof(b), files[1]), n);
    assert_memory_equal(a, b, n);
    fclose(files[0]);
    fclose(files[1]);
}

/* A ledger of two requests, and an older copy that has the first. */
static void
make_older(struct fixture *f, char older[160])
{
    snprintf(older, 160, "%s/older", f->folder.path);
    put_one(f->ring, "request", 1);
    assert_int_equal(round_of(f), TT_OK);
    tt_collect_close(f->collect);
    copy_file(f->ledger, older, false);
    assert_int_equal(open_with(f, &tt_alloc_libc), TT_OK);
    put_one(f->ring, "request", 2);
    assert_int_equal(round_of(f), TT_OK);
    assert_ledger(f, "request 1, request 2");
}

/* Rounds with another record each; all of them end in the spool. */
static void
assert_spooled(struct fixture *f, unsigned from, unsigned to, const char *why)
{
    for (unsigned n = from; n <= to; n++) {
        uint64_t before = state_of(f)->spooled;
        put_one(f->ring, "request", n);
        assert_int_equal(round_of(f), TT_OK);
        assert_false(state_of(f)->ledger_works);
        assert_non_null(strstr(state_of(f)->ledger_why, why));
        assert_true(state_of(f)->spooled > before);
        assert_int_equal(state_of(f)->lost, 0);
    }
}

/* An older copy in the place of the ledger: nothing is added to it, and nothing is lost when the right one is back. */
static void
test_ledger_replaced(void **state)
{
    struct fixture *f = *state;
    char older[160], right[160], copy[160];
    make_older(f, older);
    snprintf(right, sizeof(right), "%s/right", f->folder.path);
    snprintf(copy, sizeof(copy), "%s/copy", f->folder.path);
    copy_file(older, copy, false);
    assert_int_equal(rename(f->ledger, right), 0);
    assert_int_equal(rename(older, f->ledger), 0);
    put_one(f->ring, "request", 3);
    assert_int_equal(round_of(f), TT_OK);
    assert_non_null(strstr(state_of(f)->ledger_why, "moved or removed"));
    assert_spooled(f, 4, 6, "ends with record 1, and not with the record 2");
    assert_same_bytes(f->ledger, copy);
    assert_int_equal(rename(right, f->ledger), 0);
    assert_int_equal(round_of(f), TT_OK);
    assert_true(state_of(f)->ledger_works);
    assert_ledger(f, "request 1, request 2, request 3, request 4, request 5, request 6");
}

/* A gateway that is started anew goes on with what is there; the row that is missing is named as lost. */
static void
test_ledger_replaced_and_accepted(void **state)
{
    struct fixture *f = *state;
    char older[160];
    make_older(f, older);
    assert_int_equal(rename(older, f->ledger), 0);
    put_one(f->ring, "request", 3);
    assert_int_equal(round_of(f), TT_OK);
    assert_spooled(f, 4, 4, "ends with record 1");
    reopen(f);
    assert_int_equal(round_of(f), TT_OK);
    assert_ledger(f, "request 1, loss, request 3, request 4");
}

/* An empty ledger is another one, too. */
static void
test_ledger_replaced_by_empty(void **state)
{
    struct fixture *f = *state;
    struct tt_ledger *empty;
    char fresh[160];
    put_one(f->ring, "request", 1);
    assert_int_equal(round_of(f), TT_OK);
    snprintf(fresh, sizeof(fresh), "%s/fresh", f->folder.path);
    assert_int_equal(tt_ledger_open(fresh, TT_LEDGER_CREATE, &tt_alloc_libc, &empty), TT_OK);
    tt_ledger_close(empty);
    assert_int_equal(rename(fresh, f->ledger), 0);
    put_one(f->ring, "request", 2);
    assert_int_equal(round_of(f), TT_OK);
    assert_spooled(f, 3, 4, "ends with record 0, and not with the record 1");
}

/* Bytes written over the open file: what SQLite still had for it does not get mixed in. */
static void
test_ledger_overwritten(void **state)
{
    struct fixture *f = *state;
    char older[160], aside[160];
    make_older(f, older);
    snprintf(aside, sizeof(aside), "%s-wal.overwritten", f->ledger);
    for (unsigned n = 3; n <= 200; n++) {
        put_one(f->ring, "request", n);
    }
    assert_int_equal(round_of(f), TT_OK);
    reopen(f); /* all of it is in the file now; the last one will not be */
    put_one(f->ring, "request", 201);
    assert_int_equal(round_of(f), TT_OK);
    usleep(20000); /* behind the tick of the clock that files get their times from */
    copy_file(older, f->ledger, true);
    assert_spooled(f, 202, 202, "somebody wrote over the file");
    assert_spooled(f, 203, 204, "ends with record 1, and not with the record 201");
    assert_same_bytes(f->ledger, older);
    assert_int_equal(access(aside, F_OK), 0);
    reopen(f); /* started anew, it goes on with what is there, and says what is missing */
    assert_int_equal(round_of(f), TT_OK);
    assert_ledger(f, "request 1, loss, request a, request b, request c");
}

/* The same bytes again, or a new time: the rows hold, so it goes on. */
static void
test_ledger_touched(void **state)
{
    struct fixture *f = *state;
    char copy[160];
    put_one(f->ring, "request", 1);
    assert_int_equal(round_of(f), TT_OK);
    snprintf(copy, sizeof(copy), "%s/copy", f->folder.path);
    copy_file(f->ledger, copy, false);
    usleep(20000);
    copy_file(copy, f->ledger, true);
    put_one(f->ring, "request", 2);
    assert_int_equal(round_of(f), TT_OK);
    assert_true(state_of(f)->ledger_works);
    assert_ledger(f, "request 1, request 2");
}

/* Rows of somebody else: the chain would hold, and yet it is not what was written here. */
static void
test_ledger_written_by_another(void **state)
{
    struct fixture *f = *state;
    struct tt_ledger *other;
    struct tt_ledger_row row = {.time = 1, .kind = TT_STR("request"), .id = TT_STR("x"), .json = TT_STR("{}")};
    put_one(f->ring, "request", 1);
    assert_int_equal(round_of(f), TT_OK);
    assert_int_equal(tt_ledger_open(f->ledger, TT_LEDGER_WRITE, &tt_alloc_libc, &other), TT_OK);
    assert_int_equal(tt_ledger_begin(other), TT_OK);
    assert_int_equal(tt_ledger_append(other, &row), TT_OK);
    assert_int_equal(tt_ledger_commit(other), TT_OK);
    tt_ledger_close(other);
    assert_spooled(f, 2, 3, "ends with record 2, and not with the record 1");
}

static void
test_ledger_is_garbage(void **state)
{
    struct fixture *f = *state;
    tt_collect_close(f->collect);
    FILE *file = fopen(f->ledger, "w");
    assert_non_null(file);
    for (int i = 0; i < 1000; i++) {
        fputs("no ledger ", file);
    }
    fclose(file);
    assert_int_equal(open_with(f, &tt_alloc_libc), TT_OK);
    put_one(f->ring, "request", 1);
    assert_int_equal(round_of(f), TT_OK);
    assert_false(state_of(f)->ledger_works);
    assert_non_null(strstr(state_of(f)->ledger_why, "file is not a database"));
    assert_int_equal(unlink(f->ledger), 0);
    assert_int_equal(round_of(f), TT_OK);
    assert_ledger(f, "request 1");
}

/* The disk is full for the ledger and the spool: what was put stays, until the ring refuses. */
static void
test_disk_full(void **state)
{
    struct fixture *f = *state;
    struct rlimit old, none = {.rlim_cur = 4096};
    uint64_t n = 1, sequence;
    put_one(f->ring, "request", 1);
    assert_int_equal(round_of(f), TT_OK);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    none.rlim_max = old.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    while (tt_ring_put(f->ring, TT_STR("{\"type\":\"request\"}"), &sequence) == TT_OK) {
        n++;
        if (n % 1000 == 0) {
            assert_int_equal(round_of(f), TT_E_IO);
        }
    }
    assert_int_equal(round_of(f), TT_E_IO);
    assert_false(state_of(f)->ledger_works);
    assert_false(state_of(f)->spool_works);
    assert_non_null(strstr(state_of(f)->spool_why, "File too large"));
    assert_true(state_of(f)->waiting > TT_RING_SIZE_MIN - 100);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(round_of(f), TT_OK);
    assert_int_equal(state_of(f)->waiting, 0);
    assert_int_equal(state_of(f)->spooled, 0);
    assert_true(state_of(f)->ledger_works && state_of(f)->spool_works);
    assert_string_equal(state_of(f)->spool_why, "");
    assert_int_equal(f->told, n);
}

/* ---- losses ---- */

static void
test_damaged_record(void **state)
{
    struct fixture *f = *state;
    char name[160];
    for (unsigned n = 1; n <= 3; n++) {
        put_one(f->ring, "request", n);
    }
    size_t room = tt_ring_used(f->ring) / 3;
    snprintf(name, sizeof(name), "%s/ring.0", f->rings);
    int fd = open(name, O_RDWR);
    assert_int_equal(pwrite(fd, "?", 1, (off_t) (TT_RING_HEAD + room + 50)), 1);
    close(fd);
    assert_int_equal(round_of(f), TT_OK);
    assert_ledger(f, "request 1, loss, request 3");
    assert_int_equal(state_of(f)->lost, 1);
    assert_int_equal(round_of(f), TT_OK);
    assert_int_equal(list_of(f).rows, 3);
}

static void
test_ring_is_garbage(void **state)
{
    struct fixture *f = *state;
    char name[160];
    snprintf(name, sizeof(name), "%s/ring.9", f->rings);
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    fputs("no ring", file);
    fclose(file);
    assert_int_equal(round_of(f), TT_OK);
    assert_int_equal(round_of(f), TT_OK);
    assert_ledger(f, "loss");
    assert_non_null(strstr(list_of(f).last, "{\"type\":\"loss\",\"slot\":9,\"from\":0,\"to\":0,\"why\":\"the file of the ring "
                                            "cannot be read\",\"time\":\"2"));
}

/* The spool holds records 2 and 3 of the ring. */
static void
fill_spool(struct fixture *f)
{
    put_one(f->ring, "request", 1);
    assert_int_equal(round_of(f), TT_OK);
    sqlite3 *db = lock_ledger(f);
    put_one(f->ring, "request", 2);
    put_one(f->ring, "request", 3);
    assert_int_equal(round_of(f), TT_OK);
    sqlite3_close(db);
}

static void
test_spool_is_removed(void **state)
{
    struct fixture *f = *state;
    fill_spool(f);
    tt_collect_close(f->collect);
    assert_int_equal(unlink(f->records), 0);
    assert_int_equal(open_with(f, &tt_alloc_libc), TT_OK);
    put_one(f->ring, "request", 4);
    assert_int_equal(round_of(f), TT_OK);
    assert_ledger(f, "request 1, loss, request 4");
    assert_int_equal(state_of(f)->lost, 2);
}

/* Nothing overtakes records in a spool that cannot be opened now. */
static void
test_spool_cannot_be_opened(void **state)
{
    struct fixture *f = *state;
    char away[160];
    fill_spool(f);
    tt_collect_close(f->collect);
    snprintf(away, sizeof(away), "%s/away", f->folder.path);
    assert_int_equal(rename(f->spool, away), 0);
    assert_int_equal(open_with(f, &tt_alloc_libc), TT_OK);
    assert_false(state_of(f)->spool_works);
    assert_non_null(strstr(state_of(f)->spool_why, "No such file or directory"));
    put_one(f->ring, "request", 4);
    assert_int_equal(round_of(f), TT_E_IO);
    assert_ledger(f, "request 1");
    assert_int_equal(rename(away, f->spool), 0);
    assert_int_equal(round_of(f), TT_OK);
    assert_ledger(f, "request 1, request 2, request 3, request 4");
    assert_true(state_of(f)->spool_works);
}

/* Bytes all over the spool are damaged, and it is cut there: what is whole is stored, and the rest told. */
static void
test_spool_damaged(void **state)
{
    struct fixture *f = *state;
    char bytes[1024], ledger[128];
    snprintf(ledger, sizeof(ledger), "%s", f->ledger);
    fill_spool(f);
    tt_collect_close(f->collect);
    int fd = open(f->records, O_RDWR);
    ssize_t size = read(fd, bytes, sizeof(bytes));
    assert_true(size > 2 * SPOOL_FRAME && size < (ssize_t) sizeof(bytes));
    for (ssize_t at = 0; at < 2 * size; at += 5) {
        bool cut = at >= size;
        char junk = (char) (bytes[at % size] ^ 0x15);
        assert_int_equal(ftruncate(fd, cut ? at - size : size), 0);
        assert_int_equal(pwrite(fd, bytes, (size_t) (cut ? at - size : size), 0), cut ? at - size : size);
        if (!cut) {
            assert_int_equal(pwrite(fd, &junk, 1, at), 1);
        }
        snprintf(f->ledger, sizeof(f->ledger), "%s/ledger-%zd.db", f->folder.path, at);
        assert_int_equal(open_with(f, &tt_alloc_libc), TT_OK);
        assert_int_equal(round_of(f), TT_OK);
        struct listing list = list_of(f);
        bool second = strstr(list.text, "request 3") != NULL, first = strstr(list.text, "request 2") != NULL;
        bool padding = !cut && first && second;
        assert_true(padding || (cut ? !second : first != second));
        /* What stands before a whole frame and is none is told; a cut end was never said to be stored. */
        assert_int_equal(strstr(list.text, "loss") != NULL, first || second);
        tt_collect_close(f->collect);
    }
    close(fd);
    snprintf(f->ledger, sizeof(f->ledger), "%s", ledger);
    f->collect = NULL;
}

/* ---- the spool by itself ---- */

struct spooled {
    uint64_t count, next, damage;
    uint64_t stop_at;
};

static enum tt_status
on_event(void *ctx, const struct tt_event *event)
{
    struct spooled *seen = ctx;
    if (event->kind == TT_EVENT_DAMAGE) {
        seen->damage += event->from;
        return TT_OK;
    }
    if (seen->stop_at && seen->stop_at == event->from) {
        return TT_E_USAGE;
    }
    assert_int_equal(event->from, seen->next);
    assert_int_equal(event->bytes.len, event->from * 37 % 5000);
    seen->next++;
    seen->count++;
    return TT_OK;
}

static void
test_spool(void **state)
{
    static const char content[5000] = "x";
    struct fixture *f = *state;
    struct tt_spool *spool;
    struct spooled seen = {.next = 1};
    tt_collect_close(f->collect);
    f->collect = NULL;
    assert_int_equal(tt_spool_open(f->spool, &tt_alloc_libc, &spool), TT_OK);
    assert_int_equal(tt_spool_read(spool, on_event, &seen), TT_OK);
    assert_int_equal(seen.count, 0);
    for (uint64_t n = 1; n <= 3000; n++) {
        struct tt_event event = {.kind = TT_EVENT_RECORD, .from = n, .to = n, .bytes = {content, n * 37 % 5000}};
        assert_int_equal(tt_spool_add(spool, &event), TT_OK);
        if (n % 100 == 50) {
            tt_spool_cancel(spool); /* the hundred comes again from its beginning */
            n -= 50;
            for (uint64_t k = n + 1; k <= n + 50; k++) {
                event.from = event.to = k;
                event.bytes.len = k * 37 % 5000;
                assert_int_equal(tt_spool_add(spool, &event), TT_OK);
            }
            n += 50;
        }
        if (n % 100 == 0) {
            assert_int_equal(tt_spool_sync(spool), TT_OK);
        }
    }
    uint64_t waits = tt_spool_waits(spool);
    tt_spool_close(spool);
    assert_int_equal(tt_spool_open(f->spool, &tt_alloc_libc, &spool), TT_OK);
    assert_int_equal(tt_spool_waits(spool), waits);
    seen.stop_at = 10;
    assert_int_equal(tt_spool_read(spool, on_event, &seen), TT_E_USAGE);
    seen = (struct spooled) {.next = 1};
    while (tt_spool_waits(spool) > 0) {
        uint64_t before = seen.count;
        assert_int_equal(tt_spool_read(spool, on_event, &seen), TT_OK);
        assert_true(seen.count > before);
        tt_spool_done(spool);
    }
    assert_int_equal(seen.count, 3000);
    assert_int_equal(seen.damage, 0);
    tt_spool_close(spool);
    struct stat st;
    assert_int_equal(stat(f->records, &st), 0);
    assert_int_equal(st.st_size, 0);
}

/* ---- failures of memory, and usage ---- */

static void
test_usage(void **state)
{
    struct fixture *f = *state;
    struct tt_collect *second;
    struct tt_collect_options options = {.rings = f->rings, .ledger = f->ledger, .alloc = &tt_alloc_libc};
    assert_int_equal(tt_collect_open(&options, &second), TT_E_IO);
    assert_int_equal(errno, EWOULDBLOCK);
    options.rings = "/proc/nonexistent";
    assert_int_equal(tt_collect_open(&options, &second), TT_E_IO);
    assert_int_equal(errno, ENOENT);
    assert_null(second);
    tt_collect_close(NULL);
    tt_spool_close(NULL);
}

static bool
collect_with(void *ctx, const struct tt_alloc *alloc)
{
    struct fixture *f = ctx;
    static unsigned n;
    enum tt_status status = open_with(f, alloc);
    assert_true(status == TT_OK || status == TT_E_MEMORY);
    if (status != TT_OK) {
        return false;
    }
    if (tt_ring_used(f->ring) == 0) {
        put_one(f->ring, "request", ++n);
        put(f->ring, "no JSON");
    }
    status = tt_collect_round(f->collect);
    bool works = state_of(f)->ledger_works && state_of(f)->spool_works;
    tt_collect_close(f->collect);
    f->collect = NULL;
    return status == TT_OK && works;
}

static void
test_allocations(void **state)
{
    struct fixture *f = *state;
    tt_collect_close(f->collect);
    f->collect = NULL;
    test_every_allocation(collect_with, f);
    assert_int_equal(open_with(f, &tt_alloc_libc), TT_OK);
    assert_int_equal(round_of(f), TT_OK);
    struct listing list = list_of(f);
    assert_int_equal(list.rows % 2, 0);
    assert_null(strstr(list.text, "loss"));
}

#define COLLECT_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

static const struct CMUnitTest tests[] = {
    COLLECT_TEST(test_records_become_rows),
    COLLECT_TEST(test_what_is_no_record),
    COLLECT_TEST(test_longest_fault),
    COLLECT_TEST(test_many_records),
    COLLECT_TEST(test_killed_behind_commit),
    COLLECT_TEST(test_worker_leaves),
    COLLECT_TEST(test_worker_killed),
    COLLECT_TEST(test_left_by_an_earlier_machine),
    COLLECT_TEST(test_ledger_locked),
    COLLECT_TEST(test_replayed_twice),
    COLLECT_TEST(test_ledger_moved_away),
    COLLECT_TEST(test_ledger_replaced),
    COLLECT_TEST(test_ledger_replaced_and_accepted),
    COLLECT_TEST(test_ledger_replaced_by_empty),
    COLLECT_TEST(test_ledger_overwritten),
    COLLECT_TEST(test_ledger_touched),
    COLLECT_TEST(test_ledger_written_by_another),
    COLLECT_TEST(test_ledger_is_garbage),
    COLLECT_TEST(test_disk_full),
    COLLECT_TEST(test_damaged_record),
    COLLECT_TEST(test_ring_is_garbage),
    COLLECT_TEST(test_spool_is_removed),
    COLLECT_TEST(test_spool_cannot_be_opened),
    COLLECT_TEST(test_spool_damaged),
    COLLECT_TEST(test_spool),
    COLLECT_TEST(test_usage),
    COLLECT_TEST(test_allocations),
};

int
main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
