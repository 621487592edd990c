/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the ledger share: the handle, its statements and its errors.  Nothing outside of the room needs it.
 */
#ifndef TT_LEDGER_LEDGER_FILE_H
#define TT_LEDGER_LEDGER_FILE_H

#include "base/limits.h"
#include "ledger/ledger.h"
#include "ledger/sqlite_library.h"

#include <sys/types.h>

enum tt_ledger_statement {
    TT_SQL_BEGIN,
    TT_SQL_COMMIT,
    TT_SQL_ROLLBACK,
    TT_SQL_HEAD,
    TT_SQL_INSERT,
    TT_SQL_GET_PLACE,
    TT_SQL_SET_PLACE,
    TT_SQL_ADD_OPEN,
    TT_SQL_DROP_OPEN,
    TT_SQL_LIST_OPEN,
    TT_SQL_ROWS,
    TT_SQL_ROWS_OF_ID,
    TT_SQL_SPAN,
    TT_SQL_LAST,
    TT_SQL_COUNT
};

struct tt_ledger {
    const struct tt_alloc *alloc;
    struct tt_sqlite_calls sql;
    char *path;
    sqlite3 *db;
    sqlite3_stmt *statements[TT_SQL_COUNT]; /* prepared at their first use */
    dev_t device;                           /* of the file, to notice that it was moved */
    ino_t inode;
    struct tt_ledger_head head; /* inside of a transaction */
    bool writing;               /* inside of a transaction */
    bool alone;                 /* nobody else writes: see tt_ledger_continue */
    bool overwritten;           /* somebody did, and not as SQLite does */
    struct tt_ledger_past past;
    int64_t size, changed; /* of the file, when this handle was done with it */
    char why[TT_LEDGER_WHY_MAX];
};

/* ledger_watch.c.  The file is as this handle left it, from now on. */
void tt_ledger_sign(struct tt_ledger *ledger);

/* Does the ledger end as one that is alone left it? */
enum tt_status tt_ledger_compare(struct tt_ledger *ledger, const struct tt_ledger_head *head) TT_MUST_USE;

/* After the connection of one that was overwritten is closed: what SQLite had not put into it goes under another name. */
void tt_ledger_put_aside(struct tt_ledger *ledger);

/* Keeps "FILE: what: SQLite's words" and gives the status that the code stands for. */
enum tt_status tt_ledger_fail(struct tt_ledger *ledger, int code, const char *what);

/* The same for a reason of our own. */
enum tt_status tt_ledger_refuse(struct tt_ledger *ledger, enum tt_status status, const char *why);

/* A prepared statement, without values; NULL on failure, which is kept. */
sqlite3_stmt *tt_ledger_prepare(struct tt_ledger *ledger, enum tt_ledger_statement which);

/* Runs a statement that gives no rows, and makes it ready for its next use. */
enum tt_status tt_ledger_run(struct tt_ledger *ledger, sqlite3_stmt *statement, const char *what);

/* The hash of a row that follows prev. */
void tt_ledger_hash(const unsigned char prev[TT_SHA256_SIZE], const struct tt_ledger_row *row, unsigned char out[TT_SHA256_SIZE]);

/* The columns seq, time, kind, id, json and hash; borrowed until the next step.  A hash of another length is all zero. */
void tt_ledger_read_row(const struct tt_ledger *ledger, sqlite3_stmt *statement, struct tt_ledger_row *row);

/* A text value; it has to live until the statement ran. */
int tt_ledger_bind(const struct tt_ledger *ledger, sqlite3_stmt *statement, int place, struct tt_str text);

#endif
