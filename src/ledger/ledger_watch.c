/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is the ledger still the one that was written?
 *
 * In: a handle.  Out: a verdict, before each transaction.  A writer that is alone knows the newest row, and what size and time the file had when it was
 * done; so it notices another file under the name, an older copy, rows of somebody else, and bytes that were written over the file.
 *
 * SQLite keeps the newest rows in a second file ("-wal") until it puts them into the first, and finds that one by its name.  So when the first was moved, they
 * are put into it before the handle is closed; when somebody wrote over it, or that fails and another ledger has the name, the second file goes aside,
 * or its rows would get mixed into a ledger that is not theirs.
 */
#include "ledger/ledger_file.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define TAIL 20000 /* rows at the end that are checked: more than the second file can hold */
#define NS INT64_C(1000000000)

static bool
is_head(const struct tt_ledger_head *a, const struct tt_ledger_head *b)
{
    return a->seq == b->seq && memcmp(a->hash, b->hash, TT_SHA256_SIZE) == 0;
}

void
tt_ledger_sign(struct tt_ledger *ledger)
{
    struct stat st;
    if (stat(ledger->path, &st) == 0 && st.st_ino == ledger->inode) {
        ledger->size = st.st_size;
        ledger->changed = (int64_t) st.st_mtim.tv_sec * NS + st.st_mtim.tv_nsec;
    }
}

enum tt_status
tt_ledger_compare(struct tt_ledger *ledger, const struct tt_ledger_head *head)
{
    char why[256];
    if (!ledger->alone || is_head(head, &ledger->past.head) || is_head(head, &ledger->past.tried)) {
        return TT_OK;
    }
    snprintf(why, sizeof(why),
             "it ends with record %llu, and not with the record %llu that was written last: another file, an older copy, or "
             "somebody else "
             "wrote to it; put the right one back, or start anew to go on with this one",
             (unsigned long long) head->seq, (unsigned long long) ledger->past.head.seq);
    return tt_ledger_refuse(ledger, TT_E_INPUT, why);
}

enum tt_status
tt_ledger_continue(struct tt_ledger *ledger, const struct tt_ledger_past *past)
{
    struct tt_ledger_head newest;
    TT_TRY(tt_ledger_get_head(ledger, &newest));
    ledger->past = past ? *past : (struct tt_ledger_past) {newest, newest};
    ledger->alone = true;
    tt_ledger_sign(ledger);
    TT_TRY(tt_ledger_compare(ledger, &newest));
    ledger->past = (struct tt_ledger_past) {newest, newest};
    return TT_OK;
}

struct tt_ledger_past
tt_ledger_get_past(const struct tt_ledger *ledger)
{
    return ledger->past;
}

/* Does the end of the chain hold, when it is read from the file? */
static enum tt_status
check_tail(struct tt_ledger *ledger)
{
    unsigned char hash[TT_SHA256_SIZE] = {0};
    uint64_t from = ledger->past.head.seq > TAIL ? ledger->past.head.seq - TAIL : 0, next = from + 1;
    bool good = true, first = from > 0;
    int code = ledger->sql.exec(ledger->db, "PRAGMA shrink_memory", NULL, NULL, NULL);
    sqlite3_stmt *statement = code == SQLITE_OK ? tt_ledger_prepare(ledger, TT_SQL_ROWS) : NULL;
    if (!statement) {
        return TT_E_INPUT;
    }
    ledger->sql.bind_int64(statement, 1, (sqlite3_int64) from);
    ledger->sql.bind_int64(statement, 2, INT64_MAX);
    ledger->sql.bind_int64(statement, 3, INT64_MIN);
    ledger->sql.bind_int64(statement, 4, INT64_MAX);
    (void) tt_ledger_bind(ledger, statement, 5, TT_STR(""));
    while (good && (code = ledger->sql.step(statement)) == SQLITE_ROW) {
        struct tt_ledger_row row;
        unsigned char want[TT_SHA256_SIZE];
        tt_ledger_read_row(ledger, statement, &row);
        tt_ledger_hash(hash, &row, want);
        good = row.seq == next++ && (first || memcmp(want, row.hash, sizeof(want)) == 0);
        memcpy(hash, row.hash, sizeof(hash));
        first = false;
    }
    ledger->sql.reset(statement);
    return good && code == SQLITE_DONE && next == ledger->past.head.seq + 1 &&
                   (ledger->past.head.seq == 0 || memcmp(hash, ledger->past.head.hash, sizeof(hash)) == 0)
               ? TT_OK
               : TT_E_INPUT;
}

/* The file has another name now, or none. */
static enum tt_status
look_away(struct tt_ledger *ledger, bool other)
{
    char beside[TT_LEDGER_PATH_MAX + 8];
    struct stat st;
    snprintf(beside, sizeof(beside), "%s-wal", ledger->path);
    (void) ledger->sql.exec(ledger->db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL); /* its effect is looked at */
    ledger->overwritten = other && stat(beside, &st) == 0 && st.st_size > 0;
    return tt_ledger_refuse(ledger, TT_E_IO, "the file was moved or removed");
}

enum tt_status
tt_ledger_look(struct tt_ledger *ledger)
{
    struct stat st;
    bool found = stat(ledger->path, &st) == 0;
    if (!found || st.st_dev != ledger->device || st.st_ino != ledger->inode) {
        return look_away(ledger, found);
    }
    if (!ledger->alone ||
        (st.st_size == ledger->size && (int64_t) st.st_mtim.tv_sec * NS + st.st_mtim.tv_nsec == ledger->changed)) {
        return TT_OK;
    }
    if (check_tail(ledger) == TT_OK) {
        tt_ledger_sign(ledger);
        return TT_OK;
    }
    ledger->overwritten = true;
    return tt_ledger_refuse(
        ledger, TT_E_INPUT,
        "somebody wrote over the file while it was in use; what it held last is beside it, in \"-wal.overwritten\"");
}

void
tt_ledger_put_aside(struct tt_ledger *ledger)
{
    char from[TT_LEDGER_PATH_MAX + 8], to[TT_LEDGER_PATH_MAX + 32];
    if (!ledger->overwritten) {
        return;
    }
    snprintf(from, sizeof(from), "%s-wal", ledger->path);
    snprintf(to, sizeof(to), "%s-wal.overwritten", ledger->path);
    if (access(to, F_OK) != 0) {
        (void) rename(from, to);
    }
    (void) unlink(from);
    snprintf(from, sizeof(from), "%s-shm", ledger->path);
    (void) unlink(from);
}
