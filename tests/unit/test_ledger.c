/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger: the chain against published bytes, every way to break it, filters, and failures that leave nothing half written.
 */
#include "ledger/ledger.h"
#include "ledger/ledger_file.h"
#include "ledger/member.h"
#include "ledger/stamp.h"
#include "ring_folder.h"
#include "test.h"

#include <errno.h>

#define BASE ((int64_t) 1763722106123456000)

struct fixture {
    struct ring_folder folder;
    char path[128];
    struct tt_ledger *ledger;
};

static int
set_up(void **state)
{
    static struct fixture f;
    f = (struct fixture) {.ledger = NULL};
    *state = &f;
    if (!ring_folder_make(&f.folder)) {
        return -1;
    }
    snprintf(f.path, sizeof(f.path), "%s/ledger.db", f.folder.path);
    return tt_ledger_open(f.path, TT_LEDGER_CREATE, &tt_alloc_libc, &f.ledger) == TT_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
    struct fixture *f = *state;
    tt_ledger_close(f->ledger);
    ring_folder_remove(&f->folder);
    return 0;
}

static void
reopen(struct fixture *f, enum tt_ledger_mode mode)
{
    tt_ledger_close(f->ledger);
    assert_int_equal(tt_ledger_open(f->path, mode, &tt_alloc_libc, &f->ledger), TT_OK);
}

/* Adds rows n+1 to n+count of a made-up gateway: requests and outcomes in turn, a second apart. */
static enum tt_status
add_rows(struct tt_ledger *ledger, uint64_t n, uint64_t count)
{
    char id[32], json[128];
    TT_TRY(tt_ledger_begin(ledger));
    for (uint64_t i = n; i < n + count; i++) {
        snprintf(id, sizeof(id), "%024llx", (unsigned long long) (i / 2));
        snprintf(json, sizeof(json), "{\"type\":\"%s\",\"id\":\"%s\"}", i % 2 ? "outcome" : "request", id);
        struct tt_ledger_row row = {.time = BASE + (int64_t) i * TT_SECOND,
                                    .kind = i % 2 ? TT_STR("outcome") : TT_STR("request"),
                                    .id = tt_str_cstr(id),
                                    .json = tt_str_cstr(json)};
        enum tt_status status = tt_ledger_append(ledger, &row);
        if (status != TT_OK) {
            tt_ledger_rollback(ledger);
            return status;
        }
    }
    enum tt_status status = tt_ledger_commit(ledger);
    if (status != TT_OK) {
        tt_ledger_rollback(ledger);
    }
    return status;
}

/* What somebody with write access and SQLite would do; with triggers off, because they would take them off. */
static void
tamper(struct fixture *f, const char *sql)
{
    static const char *const begin = "DROP TRIGGER IF EXISTS record_update; DROP TRIGGER IF EXISTS record_delete; "
                                     "DROP TRIGGER IF EXISTS record_insert;";
    sqlite3 *db;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, begin, NULL, NULL, NULL), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    }
    sqlite3_close(db);
}

static struct tt_ledger_verdict
verify(struct fixture *f, const struct tt_ledger_head *noted)
{
    struct tt_ledger_verdict verdict;
    assert_int_equal(tt_ledger_verify(f->ledger, noted, &verdict, NULL, NULL), TT_OK);
    return verdict;
}

static void
assert_hex(const unsigned char hash[TT_SHA256_SIZE], const char *want)
{
    struct tt_buf hex;
    tt_buf_init(&hex, &tt_alloc_libc, 100);
    tt_buf_add_hex(&hex, tt_str_make(hash, TT_SHA256_SIZE));
    assert_str_equal(tt_buf_str(&hex), tt_str_cstr(want));
    tt_buf_free(&hex);
}

/* Made with another implementation of the sentence in ledger.h. */
static void
test_chain_vector(void **state)
{
    struct fixture *f = *state;
    struct tt_str id = TT_STR("00112233445566778899aabb");
    struct tt_ledger_row first = {.time = BASE, .kind = TT_STR("request"), .id = id, .json = TT_STR("{\"type\":\"request\"}")};
    struct tt_ledger_row second = {.time = 1763722107000000000, .kind = TT_STR("outcome"), .id = id, .json = TT_STR("{}")};
    struct tt_ledger_head head;
    assert_int_equal(tt_ledger_get_head(f->ledger, &head), TT_OK);
    assert_int_equal(head.seq, 0);
    assert_int_equal(tt_ledger_begin(f->ledger), TT_OK);
    assert_int_equal(tt_ledger_append(f->ledger, &first), TT_OK);
    assert_int_equal(tt_ledger_append(f->ledger, &second), TT_OK);
    assert_int_equal(tt_ledger_commit(f->ledger), TT_OK);
    assert_int_equal(first.seq, 1);
    assert_int_equal(second.seq, 2);
    assert_hex(first.hash, "0ac4660b190dadf94189c2e7e61b6cd8ce349fa314378838f653bbd30096d911");
    assert_hex(second.hash, "480733b72a8113cabf02c90461e54c33117560dbe91cc1df36a3cb9f7c74db76");
    reopen(f, TT_LEDGER_READ);
    assert_int_equal(tt_ledger_get_head(f->ledger, &head), TT_OK);
    assert_int_equal(head.seq, 2);
    assert_memory_equal(head.hash, second.hash, TT_SHA256_SIZE);
    assert_int_equal(verify(f, NULL).checked, 2);
}

static void
test_usage(void **state)
{
    static char text[TT_LEDGER_JSON_MAX + 1];
    struct fixture *f = *state;
    struct tt_ledger_row row = {.json = TT_STR("{}")};
    assert_int_equal(tt_ledger_append(f->ledger, &row), TT_E_USAGE);
    memset(text, 'x', sizeof(text));
    assert_int_equal(tt_ledger_begin(f->ledger), TT_OK);
    row.json = tt_str_make(text, sizeof(text));
    assert_int_equal(tt_ledger_append(f->ledger, &row), TT_E_LIMIT);
    row.json = tt_str_make(text, sizeof(text) - 1);
    assert_int_equal(tt_ledger_append(f->ledger, &row), TT_OK);
    row.id = tt_str_make(text, TT_LEDGER_ID_MAX + 1);
    assert_int_equal(tt_ledger_append(f->ledger, &row), TT_E_LIMIT);
    row.id = tt_str_make(text, TT_LEDGER_ID_MAX);
    assert_int_equal(tt_ledger_append(f->ledger, &row), TT_OK);
    row.kind = tt_str_make(text, TT_LEDGER_KIND_MAX + 1);
    assert_int_equal(tt_ledger_append(f->ledger, &row), TT_E_LIMIT);
    tt_ledger_rollback(f->ledger);
    tt_ledger_rollback(f->ledger);
    assert_int_equal(verify(f, NULL).checked, 0);
    assert_string_equal(tt_ledger_why(NULL), "out of memory");
    tt_ledger_close(NULL);
}

static void
test_transactions(void **state)
{
    struct fixture *f = *state;
    uint64_t sequence;
    assert_int_equal(add_rows(f->ledger, 0, 5), TT_OK);
    assert_int_equal(tt_ledger_begin(f->ledger), TT_OK);
    struct tt_ledger_row row = {.json = TT_STR("{}")};
    assert_int_equal(tt_ledger_append(f->ledger, &row), TT_OK);
    assert_int_equal(tt_ledger_set_place(f->ledger, UINT64_MAX, 7), TT_OK);
    assert_int_equal(tt_ledger_add_open(f->ledger, TT_STR("a"), 1, 2), TT_OK);
    tt_ledger_rollback(f->ledger);
    assert_int_equal(tt_ledger_get_place(f->ledger, UINT64_MAX, &sequence), TT_OK);
    assert_int_equal(sequence, 0);
    assert_int_equal(add_rows(f->ledger, 5, 5), TT_OK);
    struct tt_ledger_verdict verdict = verify(f, NULL);
    assert_int_equal(verdict.state, TT_LEDGER_WHOLE);
    assert_int_equal(verdict.checked, 10);
    /* Ended without a commit. */
    assert_int_equal(tt_ledger_begin(f->ledger), TT_OK);
    assert_int_equal(tt_ledger_append(f->ledger, &row), TT_OK);
    reopen(f, TT_LEDGER_WRITE);
    assert_int_equal(verify(f, NULL).checked, 10);
}

static void
test_append_only(void **state)
{
    static const char *const refused[] = {
        "UPDATE record SET json = '{}' WHERE seq = 2",
        "UPDATE record SET seq = 9 WHERE seq = 3",
        "DELETE FROM record WHERE seq = 3",
        "DELETE FROM record",
        "INSERT OR REPLACE INTO record SELECT 2, time, kind, id, json, hash FROM record WHERE seq = 3",
        "REPLACE INTO record SELECT * FROM record WHERE seq = 3",
        "INSERT INTO record SELECT 5, time, kind, id, json, hash FROM record WHERE seq = 3",
        "INSERT INTO record SELECT 0, time, kind, id, json, hash FROM record WHERE seq = 3",
        "INSERT INTO record VALUES(4, 'soon', 'a', 'b', '{}', zeroblob(32))",
        "INSERT INTO record VALUES(4, 1, 'a', 'b', '{}', zeroblob(31))",
    };
    struct fixture *f = *state;
    sqlite3 *db;
    assert_int_equal(add_rows(f->ledger, 0, 3), TT_OK);
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
        assert_int_not_equal(sqlite3_exec(db, refused[i], NULL, NULL, NULL), SQLITE_OK);
    }
    sqlite3_close(db);
    assert_int_equal(verify(f, NULL).checked, 3);
}

/* ---- the chain ---- */

static void
test_broken_chains(void **state)
{
    static const struct {
        const char *sql;
        enum tt_ledger_state state;
        uint64_t seq, other, checked;
    } cases[] = {
        {"UPDATE record SET json = replace(json, 'type', 'tipe') WHERE seq = 5", TT_LEDGER_CHANGED, 5, 0, 4},
        {"UPDATE record SET time = time + 1 WHERE seq = 1", TT_LEDGER_CHANGED, 1, 0, 0},
        {"UPDATE record SET kind = 'reques' WHERE seq = 9", TT_LEDGER_CHANGED, 9, 0, 8},
        {"UPDATE record SET id = '' WHERE seq = 20", TT_LEDGER_CHANGED, 20, 0, 19},
        {"UPDATE record SET hash = zeroblob(32) WHERE seq = 7", TT_LEDGER_CHANGED, 7, 0, 6},
        /* What the lengths are for. */
        {"UPDATE record SET kind = kind || substr(id, 1, 1), id = substr(id, 2) WHERE seq = 4", TT_LEDGER_CHANGED, 4, 0, 3},
        {"DELETE FROM record WHERE seq = 6", TT_LEDGER_MISSING, 6, 6, 5},
        {"DELETE FROM record WHERE seq < 4", TT_LEDGER_MISSING, 1, 3, 0},
        {"DELETE FROM record WHERE seq IN (10, 11, 12, 15)", TT_LEDGER_MISSING, 10, 12, 9},
        {"DELETE FROM record WHERE seq = 3; UPDATE record SET seq = -seq WHERE seq > 3; UPDATE record SET seq = -seq - 1 WHERE "
         "seq < 0",
         TT_LEDGER_CHANGED, 3, 0, 2},
        {"UPDATE record SET seq = 99 WHERE seq = 8; UPDATE record SET seq = 8 WHERE seq = 12; UPDATE record SET seq = 12 WHERE "
         "seq = 99",
         TT_LEDGER_MOVED, 12, 8, 7},
        {"UPDATE record SET seq = 21 WHERE seq = 8", TT_LEDGER_MOVED, 21, 8, 7},
        {"UPDATE record SET seq = -5 WHERE seq = 1", TT_LEDGER_MOVED, (uint64_t) -5, 1, 0},
        {"INSERT INTO record SELECT -1, time, kind, id, json, hash FROM record WHERE seq = 5", TT_LEDGER_CHANGED, (uint64_t) -1,
         0, 0},
        {"INSERT INTO record SELECT 21, time, kind, id, json, hash FROM record WHERE seq = 20", TT_LEDGER_CHANGED, 21, 0, 20},
        {"DROP TABLE record", TT_LEDGER_UNREADABLE, 1, 0, 0},
        {"DELETE FROM record WHERE seq = 20", TT_LEDGER_WHOLE, 0, 0, 19},
        {"DELETE FROM record", TT_LEDGER_WHOLE, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct fixture *f;
        assert_int_equal(set_up(state), 0);
        f = *state;
        assert_int_equal(add_rows(f->ledger, 0, 20), TT_OK);
        tamper(f, cases[i].sql);
        reopen(f, TT_LEDGER_READ);
        struct tt_ledger_verdict verdict = verify(f, NULL);
        if (verdict.state != cases[i].state || verdict.seq != cases[i].seq || verdict.other != cases[i].other ||
            verdict.checked != cases[i].checked) {
            fail_msg("%s: state %d, seq %lld, other %lld, checked %llu", cases[i].sql, (int) verdict.state,
                     (long long) verdict.seq, (long long) verdict.other, (unsigned long long) verdict.checked);
        }
        tear_down(state);
    }
}

/* Row 10 is changed and the chain built anew behind it, as somebody would who knows how. */
static void
rebuild(struct fixture *f)
{
    tamper(f, "CREATE TABLE keep AS SELECT * FROM record WHERE seq > 9; DELETE FROM record WHERE seq > 9");
    reopen(f, TT_LEDGER_WRITE);
    assert_int_equal(add_rows(f->ledger, 100, 11), TT_OK);
}

static void
test_noted_heads(void **state)
{
    struct fixture *f = *state;
    struct tt_ledger_head five, last;
    assert_int_equal(add_rows(f->ledger, 0, 5), TT_OK);
    assert_int_equal(tt_ledger_get_head(f->ledger, &five), TT_OK);
    assert_int_equal(add_rows(f->ledger, 5, 15), TT_OK);
    assert_int_equal(tt_ledger_get_head(f->ledger, &last), TT_OK);
    struct tt_ledger_head any_five = five, any_last = last, wrong = last;
    any_five.seq = any_last.seq = 0;
    wrong.hash[31] ^= 1;
    assert_int_equal(verify(f, &five).state, TT_LEDGER_WHOLE);
    assert_int_equal(verify(f, &last).state, TT_LEDGER_WHOLE);
    assert_int_equal(verify(f, &any_five).state, TT_LEDGER_WHOLE);
    assert_int_equal(verify(f, &any_last).state, TT_LEDGER_WHOLE);
    assert_int_equal(verify(f, &wrong).state, TT_LEDGER_REBUILT);
    assert_int_equal(verify(f, &wrong).seq, 20);
    rebuild(f);
    assert_int_equal(verify(f, NULL).state, TT_LEDGER_WHOLE);
    assert_int_equal(verify(f, NULL).checked, 20);
    assert_int_equal(verify(f, &five).state, TT_LEDGER_WHOLE);
    assert_int_equal(verify(f, &last).state, TT_LEDGER_REBUILT);
    assert_int_equal(verify(f, &any_last).state, TT_LEDGER_CUT);
    tamper(f, "DELETE FROM record WHERE seq > 15");
    assert_int_equal(verify(f, &last).state, TT_LEDGER_CUT);
    assert_int_equal(verify(f, &last).seq, 16);
    assert_int_equal(verify(f, &last).other, 20);
    assert_int_equal(verify(f, &any_five).state, TT_LEDGER_WHOLE);
}

/* More rows than one stretch, and the last of them bad. */
static void
test_long_chain(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(add_rows(f->ledger, 0, 140000), TT_OK);
    assert_int_equal(verify(f, NULL).state, TT_LEDGER_WHOLE);
    assert_int_equal(verify(f, NULL).checked, 140000);
    tamper(f, "UPDATE record SET json = '{}' WHERE seq = 139999");
    struct tt_ledger_verdict verdict = verify(f, NULL);
    assert_int_equal(verdict.state, TT_LEDGER_CHANGED);
    assert_int_equal(verdict.seq, 139999);
}

/* ---- filters ---- */

struct collected {
    uint64_t count, first, last, sum;
    uint64_t stop_at;
};

static enum tt_status
collect(void *ctx, const struct tt_ledger_row *row)
{
    struct collected *c = ctx;
    assert_true(row->seq > c->last);
    c->first = c->count ? c->first : row->seq;
    c->last = row->seq;
    c->count++;
    c->sum += row->seq;
    return c->stop_at == row->seq ? TT_E_USAGE : TT_OK;
}

static void
test_filters(void **state)
{
    static const struct {
        struct tt_ledger_filter filter;
        uint64_t count, first, last;
    } cases[] = {
        {{.from = 0}, 100, 1, 100},
        {{.last = 10}, 10, 91, 100},
        {{.last = 1000}, 100, 1, 100},
        {{.kind = TT_STR_INIT("request")}, 50, 1, 99},
        {{.kind = TT_STR_INIT("request"), .last = 3}, 3, 95, 99},
        {{.kind = TT_STR_INIT("loss")}, 0, 0, 0},
        {{.kind = TT_STR_INIT("loss"), .last = 3}, 0, 0, 0},
        {{.from = BASE + 10 * TT_SECOND}, 90, 11, 100},
        {{.to = BASE + 10 * TT_SECOND}, 10, 1, 10},
        {{.from = BASE + 10 * TT_SECOND, .to = BASE + 20 * TT_SECOND}, 10, 11, 20},
        {{.from = BASE + 10 * TT_SECOND, .to = BASE + 20 * TT_SECOND, .last = 4, .kind = TT_STR_INIT("outcome")}, 4, 14, 20},
        {{.from = BASE + 10 * TT_SECOND, .to = BASE + 10 * TT_SECOND}, 0, 0, 0},
        {{.from = BASE + 1000 * TT_SECOND}, 0, 0, 0},
        {{.id_prefix = TT_STR_INIT("000000000000000000000004")}, 2, 9, 10},
        {{.id_prefix = TT_STR_INIT("00000000000000000000001")}, 32, 33, 64},
        {{.id_prefix = TT_STR_INIT("0"), .last = 7}, 7, 1, 7},
        {{.id_prefix = TT_STR_INIT("f")}, 0, 0, 0},
    };
    struct fixture *f = *state;
    struct collected c = {0};
    assert_int_equal(tt_ledger_each(f->ledger, &cases[0].filter, collect, &c), TT_OK);
    assert_int_equal(c.count, 0);
    assert_int_equal(add_rows(f->ledger, 0, 100), TT_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        c = (struct collected) {0};
        assert_int_equal(tt_ledger_each(f->ledger, &cases[i].filter, collect, &c), TT_OK);
        if (c.count != cases[i].count || c.first != cases[i].first || c.last != cases[i].last) {
            fail_msg("filter %zu: %llu rows, %llu to %llu", i, (unsigned long long) c.count, (unsigned long long) c.first,
                     (unsigned long long) c.last);
        }
    }
    c = (struct collected) {.stop_at = 7};
    assert_int_equal(tt_ledger_each(f->ledger, &cases[0].filter, collect, &c), TT_E_USAGE);
    assert_int_equal(c.count, 7);
}

static void
test_places_and_open_requests(void **state)
{
    struct fixture *f = *state;
    struct tt_ledger_open_request list[8];
    uint64_t sequence;
    size_t count = 8;
    assert_int_equal(tt_ledger_begin(f->ledger), TT_OK);
    assert_int_equal(tt_ledger_set_place(f->ledger, UINT64_MAX - 1, 5), TT_OK);
    assert_int_equal(tt_ledger_set_place(f->ledger, UINT64_MAX - 1, UINT64_MAX), TT_OK);
    assert_int_equal(tt_ledger_add_open(f->ledger, TT_STR("b"), 1, UINT64_MAX), TT_OK);
    assert_int_equal(tt_ledger_add_open(f->ledger, TT_STR("a"), 2, 7), TT_OK);
    assert_int_equal(tt_ledger_add_open(f->ledger, TT_STR("a"), 3, 9), TT_OK);
    assert_int_equal(tt_ledger_add_open(f->ledger, TT_STR("c"), 2, 7), TT_OK);
    assert_int_equal(tt_ledger_commit(f->ledger), TT_OK);
    reopen(f, TT_LEDGER_WRITE);
    assert_int_equal(tt_ledger_get_place(f->ledger, UINT64_MAX - 1, &sequence), TT_OK);
    assert_true(sequence == UINT64_MAX);
    assert_int_equal(tt_ledger_list_open(f->ledger, 0, 0, TT_STR(""), list, &count), TT_OK);
    assert_int_equal(count, 3);
    assert_string_equal(list[0].id, "a");
    assert_int_equal(list[0].ring, 2);
    assert_true(list[1].writer == UINT64_MAX);
    count = 1;
    assert_int_equal(tt_ledger_list_open(f->ledger, 2, 7, TT_STR("a"), list, &count), TT_OK);
    assert_int_equal(count, 1);
    assert_string_equal(list[0].id, "c");
    assert_int_equal(tt_ledger_drop_open(f->ledger, TT_STR("c")), TT_OK);
    assert_int_equal(tt_ledger_drop_open(f->ledger, TT_STR("none")), TT_OK);
    count = 8;
    assert_int_equal(tt_ledger_list_open(f->ledger, 2, 0, TT_STR(""), list, &count), TT_OK);
    assert_int_equal(count, 1);
}

/* ---- failures ---- */

static void
test_files_that_are_no_ledgers(void **state)
{
    struct fixture *f = *state;
    struct tt_ledger *ledger;
    char path[160];
    static const struct {
        const char *name, *sql;
        enum tt_status status;
        const char *why;
    } cases[] = {
        {"missing", NULL, TT_E_IO, "No such file or directory"},
        {"", NULL, TT_E_IO, "no name of a file"},
        {":memory:", NULL, TT_E_IO, "no name of a file"},
        {"folder", NULL, TT_E_IO, "no regular file"},
        {"junk", NULL, TT_E_INPUT, "file is not a database"},
        {"empty", NULL, TT_E_INPUT, "empty: no ledger yet"},
        {"other", "CREATE TABLE a(b)", TT_E_INPUT, "a database, but no ledger of telltale"},
        {"later", "PRAGMA application_id = 1953786980; PRAGMA user_version = 2", TT_E_UNSUPPORTED,
         "a ledger of another version of telltale"},
    };
    snprintf(path, sizeof(path), "%s/folder", f->folder.path);
    assert_int_equal(mkdir(path, 0700), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        bool plain = cases[i].name[0] && cases[i].name[0] != ':';
        snprintf(path, sizeof(path), "%s%s%s", plain ? f->folder.path : "", plain ? "/" : "", cases[i].name);
        if (strcmp(cases[i].name, "junk") == 0 || strcmp(cases[i].name, "empty") == 0) {
            FILE *file = fopen(path, "w");
            assert_non_null(file);
            for (int n = 0; cases[i].name[0] == 'j' && n < 1000; n++) {
                fputs("this is no database; ", file);
            }
            fclose(file);
        }
        if (cases[i].sql) {
            sqlite3 *db;
            assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
            assert_int_equal(sqlite3_exec(db, cases[i].sql, NULL, NULL, NULL), SQLITE_OK);
            sqlite3_close(db);
        }
        for (int mode = TT_LEDGER_READ; mode <= TT_LEDGER_WRITE; mode++) {
            assert_int_equal(tt_ledger_open(path, (enum tt_ledger_mode) mode, &tt_alloc_libc, &ledger), cases[i].status);
            if (mode == TT_LEDGER_READ || strcmp(cases[i].name, "folder") != 0) {
                assert_non_null(strstr(tt_ledger_why(ledger), cases[i].why));
                assert_true(strncmp(tt_ledger_why(ledger), path, strlen(path)) == 0);
            }
            tt_ledger_close(ledger);
        }
    }
}

static void
test_mode_of_a_new_file(void **state)
{
    struct fixture *f = *state;
    struct stat st;
    assert_int_equal(add_rows(f->ledger, 0, 1), TT_OK);
    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void
test_disk_full(void **state)
{
    struct fixture *f = *state;
    uint64_t n = 0;
    assert_int_equal(add_rows(f->ledger, 0, 50), TT_OK);
    assert_int_equal(sqlite3_exec(f->ledger->db, "PRAGMA max_page_count = 40", NULL, NULL, NULL), SQLITE_OK);
    n = 50;
    enum tt_status status;
    while ((status = add_rows(f->ledger, n, 50)) == TT_OK) {
        n += 50;
    }
    assert_int_equal(status, TT_E_IO);
    assert_non_null(strstr(tt_ledger_why(f->ledger), "disk is full"));
    assert_int_equal(verify(f, NULL).checked, n);
    /* It goes on where it stopped. */
    assert_int_equal(sqlite3_exec(f->ledger->db, "PRAGMA max_page_count = 4000", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(add_rows(f->ledger, n, 50), TT_OK);
    assert_int_equal(verify(f, NULL).checked, n + 50);
}

static void
test_locked(void **state)
{
    struct fixture *f = *state;
    sqlite3 *db;
    assert_int_equal(add_rows(f->ledger, 0, 4), TT_OK);
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    tt_ledger_set_wait(f->ledger, 1);
    assert_int_equal(add_rows(f->ledger, 4, 4), TT_E_IO);
    assert_non_null(strstr(tt_ledger_why(f->ledger), "locked"));
    assert_int_equal(verify(f, NULL).checked, 4); /* readers do not wait */
    sqlite3_close(db);
    assert_int_equal(add_rows(f->ledger, 4, 4), TT_OK);
}

static void
test_moved_away(void **state)
{
    struct fixture *f = *state;
    char away[160];
    snprintf(away, sizeof(away), "%s/away", f->folder.path);
    assert_int_equal(tt_ledger_look(f->ledger), TT_OK);
    assert_int_equal(rename(f->path, away), 0);
    assert_int_equal(tt_ledger_look(f->ledger), TT_E_IO);
    assert_int_equal(rename(away, f->path), 0);
    assert_int_equal(tt_ledger_look(f->ledger), TT_OK);
}

/* Bytes of the file are overwritten: the check says so, and does not crash. */
static void
test_damaged_pages(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(add_rows(f->ledger, 0, 2000), TT_OK);
    reopen(f, TT_LEDGER_WRITE);
    tt_ledger_close(f->ledger);
    struct stat st;
    assert_int_equal(stat(f->path, &st), 0);
    uint64_t found = 0;
    for (off_t at = 4096; at < st.st_size; at += 4096) {
        char keep[64], junk[64];
        int fd = open(f->path, O_RDWR);
        assert_int_equal(pread(fd, keep, sizeof(keep), at + 2000), sizeof(keep));
        memset(junk, 0xa5, sizeof(junk));
        assert_int_equal(pwrite(fd, junk, sizeof(junk), at + 2000), sizeof(junk));
        struct tt_ledger_verdict verdict = {.state = TT_LEDGER_WHOLE};
        enum tt_status status = tt_ledger_open(f->path, TT_LEDGER_READ, &tt_alloc_libc, &f->ledger);
        if (status == TT_OK) {
            status = tt_ledger_verify(f->ledger, NULL, &verdict, NULL, NULL);
            assert_int_equal(status, TT_OK);
        }
        found += status != TT_OK || verdict.state != TT_LEDGER_WHOLE;
        tt_ledger_close(f->ledger);
        assert_int_equal(pwrite(fd, keep, sizeof(keep), at + 2000), sizeof(keep));
        close(fd);
    }
    assert_true(found > 20); /* the pages of the indexes are not read */
    f->ledger = NULL;
}

static bool
use_with(void *ctx, const struct tt_alloc *alloc)
{
    struct fixture *f = ctx;
    struct tt_ledger *ledger;
    enum tt_status status = tt_ledger_open(f->path, TT_LEDGER_WRITE, alloc, &ledger);
    assert_true(status == TT_OK || status == TT_E_MEMORY);
    assert_true(status == TT_OK || strstr(tt_ledger_why(ledger), "out of memory"));
    tt_ledger_close(ledger);
    return status == TT_OK;
}

static void
test_allocations(void **state)
{
    test_every_allocation(use_with, *state);
}

/* ---- memory that SQLite asks for ---- */

/* SQLite's own functions, and how many requests they still serve; negative: all. */
static sqlite3_mem_methods memory;
static long memory_left = -1;

static bool
serves_memory(void)
{
    memory_left -= memory_left > 0;
    return memory_left != 0;
}

static void *
scarce_malloc(int size)
{
    return serves_memory() ? memory.xMalloc(size) : NULL;
}

static void *
scarce_realloc(void *old, int size)
{
    return serves_memory() ? memory.xRealloc(old, size) : NULL;
}

static void
use_scarce_memory(bool scarce)
{
    sqlite3_mem_methods methods;
    assert_int_equal(sqlite3_shutdown(), SQLITE_OK);
    if (scarce) {
        assert_int_equal(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory), SQLITE_OK);
    }
    methods = memory;
    methods.xMalloc = scarce ? scarce_malloc : memory.xMalloc;
    methods.xRealloc = scarce ? scarce_realloc : memory.xRealloc;
    assert_int_equal(sqlite3_config(SQLITE_CONFIG_MALLOC, &methods), SQLITE_OK);
    assert_int_equal(sqlite3_initialize(), SQLITE_OK);
}

/* Each request of SQLite fails once, and all after it: rows are added as a whole or not at all, and the chain holds. */
static void
test_memory_of_sqlite(void **state)
{
    struct fixture *f = *state;
    uint64_t rows = 0;
    long requests = 0;
    tt_ledger_close(f->ledger);
    f->ledger = NULL;
    use_scarce_memory(true);
    for (bool done = false; !done; requests++) {
        struct tt_ledger *ledger;
        memory_left = requests + 1;
        enum tt_status status = tt_ledger_open(f->path, TT_LEDGER_WRITE, &tt_alloc_libc, &ledger);
        status = status == TT_OK ? add_rows(ledger, rows, 5) : status;
        assert_true(status == TT_OK || strlen(tt_ledger_why(ledger)) > strlen(f->path));
        done = memory_left > 1;
        memory_left = -1;
        tt_ledger_close(ledger);
        assert_int_equal(tt_ledger_open(f->path, TT_LEDGER_READ, &tt_alloc_libc, &f->ledger), TT_OK);
        struct tt_ledger_verdict verdict = verify(f, NULL);
        assert_int_equal(verdict.state, TT_LEDGER_WHOLE);
        assert_true(verdict.checked == rows + 5 || (status != TT_OK && verdict.checked == rows));
        rows = verdict.checked;
        tt_ledger_close(f->ledger);
        f->ledger = NULL;
    }
    use_scarce_memory(false);
    assert_true(requests > 50);
    assert_true(rows > 0);
}

/* ---- moments and members ---- */

static void
test_stamps(void **state)
{
    static const struct {
        const char *text;
        int64_t stamp;
    } good[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01", 0},
        {"2000-02-29T23:59:59.999999999Z", 951868799999999999},
        {"2026-11-21T10:48:26.123456Z", 1795258106123456000},
        {"2026-11-21T10:48:26.5Z", 1795258106500000000},
        {"2261-12-31T23:59:59Z", 9214646399000000000},
    };
    static const char *const bad[] = {"",
                                      "2026",
                                      "2026-11-21T",
                                      "2026-11-21T10:48:26",
                                      "2026-11-21t10:48:26Z",
                                      "2026-11-21T10:48:26.Z",
                                      "2026-11-21T10:48Z",
                                      "2026-02-29",
                                      "2026-13-01",
                                      "2026-00-01",
                                      "2026-01-00",
                                      "2026-11-31",
                                      "1969-12-31",
                                      "2262-01-01",
                                      "2026-11-21T24:00:00Z",
                                      "2026-11-21T10:60:00Z",
                                      "2026-11-21T10:48:60Z",
                                      "2026-11-21T10:48:26+01:00",
                                      "2026-11-21T10:48:26.1234567890Z",
                                      "2026-11-21 10:48:26Z",
                                      "+026-11-21",
                                      "2026-11-21Z"};
    (void) state;
    int64_t stamp;
    char text[TT_STAMP_LENGTH + 1];
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        assert_true(tt_stamp_read(tt_str_cstr(good[i].text), &stamp));
        assert_true(stamp == good[i].stamp);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        if (tt_stamp_read(tt_str_cstr(bad[i]), &stamp)) {
            fail_msg("'%s' was read", bad[i]);
        }
    }
    for (int64_t at = 0; at < INT64_MAX - 100 * TT_DAY; at += 86399 * TT_SECOND + 123457000) {
        tt_stamp_write(at, text);
        assert_true(tt_stamp_read(tt_str_cstr(text), &stamp));
        assert_true(stamp == at);
        at += 17 * TT_DAY;
    }
    assert_true(tt_stamp_now() > 1700000000 * TT_SECOND);
}

static void
test_members(void **state)
{
    static const struct {
        const char *json;
        enum tt_status status;
        const char *id, *action, *number;
    } cases[] = {
        {"{}", TT_OK, "", "", ""},
        {"{\"id\":\"a\",\"decision\":{\"action\":\"block\"},\"n\":12}", TT_OK, "a", "block", "12"},
        {"{\"n\":true,\"decision\":{\"x\":[{\"action\":\"no\"}],\"action\":\"b\\u00e9\"},\"id\":null}", TT_OK, "", "b\xc3\xa9",
         "true"},
        {"{\"id\":{\"\":\"no\",\"id\":\"no\"},\"n\":[1,2],\"decision\":\"action\"}", TT_OK, "", "", "[1,2]"},
        {"{\"x\":[\"n\",[1]],\"n\":[ \"a\",[{\"id\":\"no\"}] ],\"id\":[],\"n\":3}", TT_OK, "[]", "",
         "[ \"a\",[{\"id\":\"no\"}] ]"},
        {"{\"x\":{\"id\":\"no\"},\"id\":\"first\",\"id\":\"second\"}", TT_OK, "first", "", ""},
        {"{\"decision\":[\"action\",{\"action\":\"no\"}],\"a\":{\"n\":1}}", TT_OK, "", "", ""},
        {"[{\"id\":\"a\"}]", TT_E_INPUT, "", "", ""},
        {"{\"id\":\"a\"", TT_E_INPUT, "", "", ""},
        {"{\"id\":\"a\"} {}", TT_E_INPUT, "", "", ""},
        {"{\"id\":\"\xff\"}", TT_E_INPUT, "", "", ""},
        {"", TT_E_INPUT, "", "", ""},
        {"\"id\"", TT_E_INPUT, "", "", ""},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const char *const want[] = {cases[i].id, cases[i].action, cases[i].number};
        struct tt_member members[] = {
            {.name = TT_STR_INIT("id")}, {.name = TT_STR_INIT("decision.action")}, {.name = TT_STR_INIT("n")}};
        assert_int_equal(tt_member_read(tt_str_cstr(cases[i].json), members, 3), cases[i].status);
        for (int k = 0; k < 3; k++) {
            struct tt_buf text;
            tt_buf_init(&text, &tt_alloc_libc, 100);
            tt_member_add(&text, &members[k]);
            assert_str_equal(tt_buf_str(&text), tt_str_cstr(want[k]));
            tt_buf_free(&text);
        }
    }
}

#define LEDGER_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

static const struct CMUnitTest tests[] = {
    LEDGER_TEST(test_chain_vector),
    LEDGER_TEST(test_usage),
    LEDGER_TEST(test_transactions),
    LEDGER_TEST(test_append_only),
    cmocka_unit_test(test_broken_chains),
    LEDGER_TEST(test_noted_heads),
    LEDGER_TEST(test_long_chain),
    LEDGER_TEST(test_filters),
    LEDGER_TEST(test_places_and_open_requests),
    LEDGER_TEST(test_files_that_are_no_ledgers),
    LEDGER_TEST(test_mode_of_a_new_file),
    LEDGER_TEST(test_disk_full),
    LEDGER_TEST(test_locked),
    LEDGER_TEST(test_moved_away),
    LEDGER_TEST(test_damaged_pages),
    LEDGER_TEST(test_allocations),
    LEDGER_TEST(test_memory_of_sqlite),
    cmocka_unit_test(test_stamps),
    cmocka_unit_test(test_members),
};

int
main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
