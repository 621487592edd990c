/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Adding rows to a ledger.
 *
 * In: rows without number and hash.  Out: rows at the end of the chain.  Invariant: number and hash of the last row are read inside of the
 * transaction that adds the next, so two writers cannot make a fork; what fails leaves nothing behind.
 */
#include "ledger/ledger.h"

#include "ledger/ledger_file.h"

static void
put_be(unsigned char *out, uint64_t value, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--) {
        out[i] = (unsigned char) value;
        value >>= 8;
    }
}

static void
add_text(struct tt_sha256 *sha, struct tt_str text)
{
    unsigned char length[4];
    put_be(length, text.len, 4);
    tt_sha256_add(sha, tt_str_make(length, sizeof(length)));
    tt_sha256_add(sha, text);
}

void
tt_ledger_hash(const unsigned char prev[TT_SHA256_SIZE], const struct tt_ledger_row *row, unsigned char out[TT_SHA256_SIZE])
{
    struct tt_sha256 sha;
    unsigned char numbers[16];
    put_be(numbers, row->seq, 8);
    put_be(numbers + 8, (uint64_t) row->time, 8);
    tt_sha256_init(&sha);
    tt_sha256_add(&sha, tt_str_make(prev, TT_SHA256_SIZE));
    tt_sha256_add(&sha, tt_str_make(numbers, sizeof(numbers)));
    add_text(&sha, row->kind);
    add_text(&sha, row->id);
    add_text(&sha, row->json);
    tt_sha256_end(&sha, out);
}

enum tt_status
tt_ledger_get_head(struct tt_ledger *ledger, struct tt_ledger_head *head)
{
    *head = (struct tt_ledger_head) {.seq = 0};
    sqlite3_stmt *statement = tt_ledger_prepare(ledger, TT_SQL_HEAD);
    if (!statement) {
        return TT_E_INPUT;
    }
    int code = ledger->sql.step(statement);
    if (code == SQLITE_ROW && ledger->sql.column_bytes(statement, 1) == TT_SHA256_SIZE) {
        head->seq = (uint64_t) ledger->sql.column_int64(statement, 0);
        memcpy(head->hash, ledger->sql.column_blob(statement, 1), TT_SHA256_SIZE);
    }
    enum tt_status status = code == SQLITE_ROW || code == SQLITE_DONE ? TT_OK : tt_ledger_fail(ledger, code, "cannot be read");
    ledger->sql.reset(statement);
    return status;
}

enum tt_status
tt_ledger_begin(struct tt_ledger *ledger)
{
    sqlite3_stmt *statement = tt_ledger_prepare(ledger, TT_SQL_BEGIN);
    if (!statement) {
        return TT_E_INPUT;
    }
    TT_TRY(tt_ledger_run(ledger, statement, "cannot be written"));
    ledger->writing = true;
    enum tt_status status = tt_ledger_get_head(ledger, &ledger->head);
    if (status == TT_OK) {
        status = tt_ledger_compare(ledger, &ledger->head);
    }
    if (status != TT_OK) {
        tt_ledger_rollback(ledger);
    }
    return status;
}

enum tt_status
tt_ledger_commit(struct tt_ledger *ledger)
{
    sqlite3_stmt *statement = tt_ledger_prepare(ledger, TT_SQL_COMMIT);
    if (!statement) {
        return TT_E_INPUT;
    }
    ledger->past.tried = ledger->head;
    TT_TRY(tt_ledger_run(ledger, statement, "cannot be written"));
    ledger->writing = false;
    ledger->past.head = ledger->head;
    tt_ledger_sign(ledger);
    return TT_OK;
}

void
tt_ledger_rollback(struct tt_ledger *ledger)
{
    ledger->writing = false;
    /* Some failures have rolled back already. */
    if (!ledger->sql.get_autocommit(ledger->db)) {
        ledger->sql.exec(ledger->db, "ROLLBACK", NULL, NULL, NULL);
    }
}

enum tt_status
tt_ledger_append(struct tt_ledger *ledger, struct tt_ledger_row *row)
{
    sqlite3_stmt *statement = tt_ledger_prepare(ledger, TT_SQL_INSERT);
    if (!statement) {
        return TT_E_INPUT;
    }
    if (!ledger->writing) {
        return tt_ledger_refuse(ledger, TT_E_USAGE, "rows are added inside of a transaction");
    }
    if (row->json.len > TT_LEDGER_JSON_MAX || row->kind.len > TT_LEDGER_KIND_MAX || row->id.len > TT_LEDGER_ID_MAX) {
        return tt_ledger_refuse(ledger, TT_E_LIMIT, "a record is too long");
    }
    row->seq = ledger->head.seq + 1;
    tt_ledger_hash(ledger->head.hash, row, row->hash);
    ledger->sql.bind_int64(statement, 1, (sqlite3_int64) row->seq);
    ledger->sql.bind_int64(statement, 2, row->time);
    int code = tt_ledger_bind(ledger, statement, 3, row->kind);
    code = code ? code : tt_ledger_bind(ledger, statement, 4, row->id);
    code = code ? code : tt_ledger_bind(ledger, statement, 5, row->json);
    code = code ? code : ledger->sql.bind_blob(statement, 6, row->hash, TT_SHA256_SIZE, SQLITE_STATIC);
    if (code != SQLITE_OK) {
        return tt_ledger_fail(ledger, code, "cannot be written");
    }
    enum tt_status status = tt_ledger_run(ledger, statement, "cannot be written");
    ledger->sql.clear_bindings(statement);
    if (status == TT_OK) {
        ledger->head.seq = row->seq;
        memcpy(ledger->head.hash, row->hash, TT_SHA256_SIZE);
    }
    return status;
}

/* ---- places and open requests ---- */

enum tt_status
tt_ledger_get_place(struct tt_ledger *ledger, uint64_t source, uint64_t *sequence)
{
    *sequence = 0;
    sqlite3_stmt *statement = tt_ledger_prepare(ledger, TT_SQL_GET_PLACE);
    if (!statement) {
        return TT_E_INPUT;
    }
    ledger->sql.bind_int64(statement, 1, (sqlite3_int64) source);
    int code = ledger->sql.step(statement);
    if (code == SQLITE_ROW) {
        *sequence = (uint64_t) ledger->sql.column_int64(statement, 0);
    }
    enum tt_status status = code == SQLITE_ROW || code == SQLITE_DONE ? TT_OK : tt_ledger_fail(ledger, code, "cannot be read");
    ledger->sql.reset(statement);
    return status;
}

enum tt_status
tt_ledger_set_place(struct tt_ledger *ledger, uint64_t source, uint64_t sequence)
{
    sqlite3_stmt *statement = tt_ledger_prepare(ledger, TT_SQL_SET_PLACE);
    if (!statement) {
        return TT_E_INPUT;
    }
    ledger->sql.bind_int64(statement, 1, (sqlite3_int64) source);
    ledger->sql.bind_int64(statement, 2, (sqlite3_int64) sequence);
    return tt_ledger_run(ledger, statement, "cannot be written");
}

enum tt_status
tt_ledger_add_open(struct tt_ledger *ledger, struct tt_str id, uint64_t ring, uint64_t writer)
{
    sqlite3_stmt *statement = tt_ledger_prepare(ledger, TT_SQL_ADD_OPEN);
    if (!statement) {
        return TT_E_INPUT;
    }
    int code = tt_ledger_bind(ledger, statement, 1, id);
    if (code != SQLITE_OK) {
        return tt_ledger_fail(ledger, code, "cannot be written");
    }
    ledger->sql.bind_int64(statement, 2, (sqlite3_int64) ring);
    ledger->sql.bind_int64(statement, 3, (sqlite3_int64) writer);
    return tt_ledger_run(ledger, statement, "cannot be written");
}

enum tt_status
tt_ledger_drop_open(struct tt_ledger *ledger, struct tt_str id)
{
    sqlite3_stmt *statement = tt_ledger_prepare(ledger, TT_SQL_DROP_OPEN);
    if (!statement) {
        return TT_E_INPUT;
    }
    int code = tt_ledger_bind(ledger, statement, 1, id);
    return code == SQLITE_OK ? tt_ledger_run(ledger, statement, "cannot be written")
                             : tt_ledger_fail(ledger, code, "cannot be written");
}

static void
read_open(const struct tt_ledger *ledger, sqlite3_stmt *statement, struct tt_ledger_open_request *request)
{
    const char *id = (const char *) ledger->sql.column_text(statement, 0);
    size_t length = id ? (size_t) ledger->sql.column_bytes(statement, 0) : 0;
    length = length <= TT_LEDGER_ID_MAX ? length : TT_LEDGER_ID_MAX;
    memcpy(request->id, id ? id : "", length);
    request->id[length] = '\0';
    request->ring = (uint64_t) ledger->sql.column_int64(statement, 1);
    request->writer = (uint64_t) ledger->sql.column_int64(statement, 2);
}

enum tt_status
tt_ledger_list_open(struct tt_ledger *ledger, uint64_t ring, uint64_t writer, struct tt_str after,
                    struct tt_ledger_open_request *list, size_t *count)
{
    size_t room = *count;
    *count = 0;
    sqlite3_stmt *statement = tt_ledger_prepare(ledger, TT_SQL_LIST_OPEN);
    if (!statement) {
        return TT_E_INPUT;
    }
    ledger->sql.bind_int64(statement, 1, (sqlite3_int64) ring);
    ledger->sql.bind_int64(statement, 2, (sqlite3_int64) writer);
    int code = tt_ledger_bind(ledger, statement, 3, after);
    ledger->sql.bind_int64(statement, 4, (sqlite3_int64) room);
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = ledger->sql.step(statement);
        if (code == SQLITE_ROW && *count < room) {
            read_open(ledger, statement, &list[(*count)++]);
        }
    }
    enum tt_status status = code == SQLITE_DONE ? TT_OK : tt_ledger_fail(ledger, code, "cannot be read");
    ledger->sql.reset(statement);
    return status;
}
