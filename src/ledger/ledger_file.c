/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening ledgers, their tables, and what goes wrong with them.
 *
 * In: a file name.  Out: a handle, which owns the connection, its prepared statements and the last error.  Invariants: the tables are made in one
 * transaction; triggers refuse to change or remove rows of `record` and to add one that is not the next, so that a slip of a hand is stopped before the
 * chain has to show it.
 *
 * `place` and `open` are no evidence: they say how far the sources were taken over, and could be made again from the rows.
 */
#include "ledger/ledger_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define VERSION 1
#define APPLICATION 0x74746c64 /* "ttld" */

static const char schema[] =
    "CREATE TABLE record(seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, json TEXT NOT "
    "NULL, "
    "hash BLOB NOT NULL CHECK(length(hash) = 32)) STRICT;"
    "CREATE INDEX record_id ON record(id) WHERE id <> '';"
    "CREATE INDEX record_time ON record(time);"
    "CREATE TABLE place(source INTEGER PRIMARY KEY, sequence INTEGER NOT NULL) STRICT;"
    "CREATE TABLE open(id TEXT PRIMARY KEY, ring INTEGER NOT NULL, writer INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TRIGGER record_update BEFORE UPDATE ON record BEGIN SELECT raise(ABORT, 'rows of a ledger are never changed'); END;"
    "CREATE TRIGGER record_delete BEFORE DELETE ON record BEGIN SELECT raise(ABORT, 'rows of a ledger are never removed'); END;"
    "CREATE TRIGGER record_insert BEFORE INSERT ON record WHEN new.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM record) "
    "BEGIN SELECT raise(ABORT, 'rows of a ledger are only added at its end'); END;"
    "PRAGMA application_id = 1953786980;"
    "PRAGMA user_version = 1;";
_Static_assert(APPLICATION == 1953786980 && VERSION == 1, "the schema says the same");

#define ROW "SELECT seq, time, kind, id, json, hash FROM record WHERE "

static const char *const statements[TT_SQL_COUNT] = {
    [TT_SQL_BEGIN] = "BEGIN IMMEDIATE",
    [TT_SQL_COMMIT] = "COMMIT",
    [TT_SQL_ROLLBACK] = "ROLLBACK",
    [TT_SQL_HEAD] = "SELECT seq, hash FROM record ORDER BY seq DESC LIMIT 1",
    [TT_SQL_INSERT] = "INSERT INTO record(seq, time, kind, id, json, hash) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
    [TT_SQL_GET_PLACE] = "SELECT sequence FROM place WHERE source = ?1",
    [TT_SQL_SET_PLACE] = "INSERT INTO place(source, sequence) VALUES(?1, ?2) "
                         "ON CONFLICT(source) DO UPDATE SET sequence = excluded.sequence",
    [TT_SQL_ADD_OPEN] = "INSERT OR IGNORE INTO open(id, ring, writer) VALUES(?1, ?2, ?3)",
    [TT_SQL_DROP_OPEN] = "DELETE FROM open WHERE id = ?1",
    [TT_SQL_LIST_OPEN] = "SELECT id, ring, writer FROM open WHERE (?1 = 0 OR ring = ?1) AND (?2 = 0 OR writer = ?2) AND id > ?3 "
                         "ORDER BY id LIMIT ?4",
    [TT_SQL_ROWS] = ROW "seq > ?1 AND seq <= ?2 AND time >= ?3 AND time < ?4 AND (?5 = '' OR kind = ?5) ORDER BY seq",
    [TT_SQL_ROWS_OF_ID] = ROW "id >= ?1 AND id < ?2 AND id <> '' ORDER BY seq LIMIT ?3",
    [TT_SQL_SPAN] = "SELECT coalesce(min(seq), 0), coalesce(max(seq), 0) FROM record WHERE time >= ?1 AND time < ?2",
    [TT_SQL_LAST] = "SELECT coalesce(min(seq), 0) FROM (SELECT seq FROM record WHERE time >= ?1 AND time < ?2 AND "
                    "(?3 = '' OR kind = ?3) ORDER BY seq DESC LIMIT ?4)",
};

/* ---- errors ---- */

const char *
tt_ledger_why(const struct tt_ledger *ledger)
{
    return ledger ? ledger->why : "out of memory";
}

static enum tt_status
status_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_NOMEM: return TT_E_MEMORY;
    case SQLITE_TOOBIG: return TT_E_LIMIT;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_SCHEMA:
    case SQLITE_ERROR: return TT_E_INPUT; /* our statements are right; the tables are others */
    case SQLITE_MISUSE:
    case SQLITE_RANGE: return TT_E_INTERNAL;
    default: return TT_E_IO;
    }
}

enum tt_status
tt_ledger_fail(struct tt_ledger *ledger, int code, const char *what)
{
    /* Of a failing system call SQLite keeps the number apart; its own words for it say only that there was one. */
    int error = ledger->db ? ledger->sql.system_errno(ledger->db) : 0;
    int kind = code & 0xff;
    bool by_system = error != 0 && (kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN);
    const char *words = ledger->db && code != SQLITE_NOMEM ? ledger->sql.errmsg(ledger->db) : ledger->sql.errstr(code);
    snprintf(ledger->why, sizeof(ledger->why), "%s: %s: %s%s%s", ledger->path ? ledger->path : "", what, words,
             by_system ? ": " : "", by_system ? strerror(error) : "");
    return status_of(code);
}

enum tt_status
tt_ledger_refuse(struct tt_ledger *ledger, enum tt_status status, const char *why)
{
    snprintf(ledger->why, sizeof(ledger->why), "%s: %s", ledger->path ? ledger->path : "", why);
    return status;
}

/* ---- statements ---- */

sqlite3_stmt *
tt_ledger_prepare(struct tt_ledger *ledger, enum tt_ledger_statement which)
{
    sqlite3_stmt **statement = &ledger->statements[which];
    if (!*statement) {
        int code = ledger->sql.prepare_v3(ledger->db, statements[which], -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
        if (code != SQLITE_OK) {
            tt_ledger_fail(ledger, code, "cannot be used");
        }
    }
    return *statement;
}

enum tt_status
tt_ledger_run(struct tt_ledger *ledger, sqlite3_stmt *statement, const char *what)
{
    int code = ledger->sql.step(statement);
    enum tt_status status = code == SQLITE_DONE || code == SQLITE_ROW ? TT_OK : tt_ledger_fail(ledger, code, what);
    ledger->sql.reset(statement);
    return status;
}

int
tt_ledger_bind(const struct tt_ledger *ledger, sqlite3_stmt *statement, int place, struct tt_str text)
{
    return ledger->sql.bind_text64(statement, place, text.ptr ? text.ptr : "", text.len, SQLITE_STATIC, SQLITE_UTF8);
}

/* ---- opening ---- */

static enum tt_status
execute(struct tt_ledger *ledger, const char *sql, const char *what)
{
    int code = ledger->sql.exec(ledger->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? TT_OK : tt_ledger_fail(ledger, code, what);
}

/* The number that a pragma gives. */
static enum tt_status
ask(struct tt_ledger *ledger, const char *sql, int64_t *number)
{
    sqlite3_stmt *statement;
    int code = ledger->sql.prepare_v2(ledger->db, sql, -1, &statement, NULL);
    if (code == SQLITE_OK) {
        code = ledger->sql.step(statement);
        *number = code == SQLITE_ROW ? ledger->sql.column_int64(statement, 0) : 0;
    }
    enum tt_status status = code == SQLITE_ROW ? TT_OK : tt_ledger_fail(ledger, code, "cannot be read");
    ledger->sql.finalize(statement);
    return status;
}

/* What is in the file?  *empty: nothing yet. */
static enum tt_status
examine(struct tt_ledger *ledger, bool *empty)
{
    int64_t version = 0, application = 0, tables = 0;
    TT_TRY(ask(ledger, "PRAGMA user_version", &version));
    TT_TRY(ask(ledger, "PRAGMA application_id", &application));
    TT_TRY(ask(ledger, "SELECT count(*) FROM sqlite_schema", &tables));
    *empty = version == 0 && application == 0 && tables == 0;
    if (*empty) {
        return TT_OK;
    }
    if (application != APPLICATION) {
        return tt_ledger_refuse(ledger, TT_E_INPUT, "a database, but no ledger of telltale");
    }
    return version == VERSION ? TT_OK : tt_ledger_refuse(ledger, TT_E_UNSUPPORTED, "a ledger of another version of telltale");
}

/* Another process may make the tables at the same moment: so both ask again when it is their turn. */
static enum tt_status
create(struct tt_ledger *ledger)
{
    bool empty;
    TT_TRY(execute(ledger, "BEGIN IMMEDIATE", "cannot be written"));
    enum tt_status status = examine(ledger, &empty);
    if (status == TT_OK && empty) {
        status = execute(ledger, schema, "cannot be written");
    }
    if (status == TT_OK) {
        status = execute(ledger, "COMMIT", "cannot be written");
    }
    if (status != TT_OK && !ledger->sql.get_autocommit(ledger->db)) {
        ledger->sql.exec(ledger->db, "ROLLBACK", NULL, NULL, NULL);
    }
    return status;
}

static enum tt_status
set_up(struct tt_ledger *ledger, enum tt_ledger_mode mode)
{
    bool empty;
    ledger->sql.limit(ledger->db, SQLITE_LIMIT_LENGTH, TT_LEDGER_VALUE_MAX);
    ledger->sql.busy_timeout(ledger->db, TT_LEDGER_WAIT);
    ledger->sql.db_config(ledger->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    ledger->sql.db_config(ledger->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    TT_TRY(examine(ledger, &empty));
    if (mode == TT_LEDGER_READ) {
        return empty ? tt_ledger_refuse(ledger, TT_E_INPUT, "empty: no ledger yet") : TT_OK;
    }
    TT_TRY(execute(ledger, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", "cannot be written"));
    if (empty && mode == TT_LEDGER_CREATE) {
        return create(ledger);
    }
    return empty ? tt_ledger_refuse(ledger, TT_E_INPUT, "empty: no ledger yet") : TT_OK;
}

/* SQLite would make a new file with any permissions that the umask leaves. */
static bool
make_file(const struct tt_ledger *ledger)
{
    int fd = open(ledger->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0 || errno == EEXIST;
}

/*
 * Is the file there, and whose is it?  A file that another handle of this process may have open is not opened here: closing it would give up that
 * handle's locks (fcntl(2)), and SQLite of another process would then remove what is still in use.
 */
static enum tt_status
look_at(struct tt_ledger *ledger, enum tt_ledger_mode mode)
{
    struct stat st;
    if (!ledger->path[0] || ledger->path[0] == ':') {
        return tt_ledger_refuse(ledger, TT_E_IO, "no name of a file");
    }
    if (mode == TT_LEDGER_CREATE && !make_file(ledger)) {
        return tt_ledger_refuse(ledger, TT_E_IO, strerror(errno));
    }
    if (stat(ledger->path, &st) != 0) {
        return tt_ledger_refuse(ledger, TT_E_IO, strerror(errno));
    }
    if (!S_ISREG(st.st_mode)) {
        return tt_ledger_refuse(ledger, TT_E_IO, "no regular file");
    }
    if (faccessat(AT_FDCWD, ledger->path, mode == TT_LEDGER_READ ? R_OK : R_OK | W_OK, AT_EACCESS) != 0) {
        return tt_ledger_refuse(ledger, TT_E_IO, strerror(errno));
    }
    ledger->device = st.st_dev;
    ledger->inode = st.st_ino;
    return TT_OK;
}

static enum tt_status
connect(struct tt_ledger *ledger, const char *name, int flags)
{
    int code = ledger->sql.open_v2(name, &ledger->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    return code == SQLITE_OK ? TT_OK : tt_ledger_fail(ledger, code, "cannot be opened");
}

/*
 * A reader of a ledger in a folder that it may not write cannot make the files beside it, with which SQLite keeps readers and a writer apart.  When there
 * is no writer and so nothing beside, the file can be read as one that does not change.
 */
static enum tt_status
connect_unchanging(struct tt_ledger *ledger)
{
    char name[8 + 3 * TT_LEDGER_PATH_MAX + 16], beside[TT_LEDGER_PATH_MAX + 8];
    struct stat st;
    char *at = name;
    snprintf(beside, sizeof(beside), "%s-wal", ledger->path);
    if (stat(beside, &st) == 0 && st.st_size > 0) {
        return TT_E_IO;
    }
    at += snprintf(at, 6, "file:");
    for (const char *c = ledger->path; *c; c++) {
        *at++ = '%';
        tt_hex_write(at, c, 1);
        at += 2;
    }
    snprintf(at, 16, "?immutable=1");
    ledger->sql.close(ledger->db);
    ledger->db = NULL;
    return connect(ledger, name, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
}

static enum tt_status
open_reading(struct tt_ledger *ledger)
{
    enum tt_status status = connect(ledger, ledger->path, SQLITE_OPEN_READONLY);
    if (status == TT_OK) {
        status = set_up(ledger, TT_LEDGER_READ);
    }
    int code = ledger->db ? ledger->sql.errcode(ledger->db) & 0xff : SQLITE_NOMEM;
    if (status == TT_E_IO && (code == SQLITE_CANTOPEN || code == SQLITE_READONLY) && connect_unchanging(ledger) == TT_OK) {
        status = set_up(ledger, TT_LEDGER_READ);
    }
    return status;
}

enum tt_status
tt_ledger_open(const char *path, enum tt_ledger_mode mode, const struct tt_alloc *alloc, struct tt_ledger **ledger)
{
    size_t length = strlen(path);
    struct tt_ledger *fresh = tt_alloc_new(alloc, sizeof(*fresh));
    *ledger = fresh;
    if (!fresh) {
        return TT_E_MEMORY;
    }
    memset(fresh, 0, sizeof(*fresh));
    fresh->alloc = alloc;
    if (length >= TT_LEDGER_PATH_MAX) {
        return tt_ledger_refuse(fresh, TT_E_LIMIT, "the name of the ledger is too long");
    }
    fresh->path = tt_alloc_new(alloc, length + 1);
    if (!fresh->path) {
        return tt_ledger_refuse(fresh, TT_E_MEMORY, "out of memory");
    }
    memcpy(fresh->path, path, length + 1);
    if (!tt_sqlite_library_load(&fresh->sql)) {
        return tt_ledger_refuse(fresh, TT_E_IO, "SQLite (libsqlite3) cannot be loaded");
    }
    TT_TRY(look_at(fresh, mode));
    if (mode == TT_LEDGER_READ) {
        return open_reading(fresh);
    }
    TT_TRY(connect(fresh, path, SQLITE_OPEN_READWRITE));
    return set_up(fresh, mode);
}

void
tt_ledger_close(struct tt_ledger *ledger)
{
    if (!ledger) {
        return;
    }
    for (size_t i = 0; i < TT_SQL_COUNT && ledger->db; i++) {
        ledger->sql.finalize(ledger->statements[i]);
    }
    if (ledger->db) {
        ledger->sql.db_config(ledger->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, ledger->overwritten, NULL);
        ledger->sql.close(ledger->db);
        tt_ledger_put_aside(ledger);
    }
    if (ledger->path) {
        tt_alloc_free(ledger->alloc, ledger->path, strlen(ledger->path) + 1);
    }
    tt_alloc_free(ledger->alloc, ledger, sizeof(*ledger));
}

void
tt_ledger_set_wait(struct tt_ledger *ledger, unsigned milliseconds)
{
    ledger->sql.busy_timeout(ledger->db, (int) milliseconds);
}
