/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger: records in one SQLite file to which rows are only ever added, each bound to the one before it.
 *
 * hash = SHA-256(hash of the row before, or 32 zero bytes || seq || time || kind || id || json), where seq and time are 8 bytes, big-endian,
 * and each text is preceded by its length as 4 such bytes.  Whoever changes, removes or moves a row breaks the chain from there on, or has
 * to rebuild all that follows; the newest hash, noted elsewhere, shows that too, and a cut end.
 *
 * A ledger is used by one thread.  Other processes may read while one writes.
 */
#ifndef TT_LEDGER_LEDGER_H
#define TT_LEDGER_LEDGER_H

#include "base/alloc.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/status.h"

struct tt_ledger;

enum tt_ledger_mode {
    TT_LEDGER_READ,
    TT_LEDGER_WRITE,  /* the file has to exist */
    TT_LEDGER_CREATE, /* it is made if it does not, with mode 0600 */
};

/*
 * Opens a ledger.  *ledger may be set after a failure as well, so that tt_ledger_why tells; close it in any case.  TT_E_IO: the system or another
 * process keeps the file; TT_E_INPUT: it is damaged, or no ledger; TT_E_UNSUPPORTED: of a later version.  These hold for all calls.
 */
enum tt_status tt_ledger_open(const char *path, enum tt_ledger_mode mode, const struct tt_alloc *alloc,
                              struct tt_ledger **ledger) TT_MUST_USE;
void tt_ledger_close(struct tt_ledger *ledger);

/* "FILE: why" of the last failure; never NULL. */
const char *tt_ledger_why(const struct tt_ledger *ledger);

/* Milliseconds that a call waits for another process; TT_LEDGER_WAIT unless set. */
void tt_ledger_set_wait(struct tt_ledger *ledger, unsigned milliseconds);

struct tt_ledger_row {
    uint64_t seq; /* from 1 without gaps */
    int64_t time; /* nanoseconds since 1970, UTC */
    struct tt_str kind, id, json;
    unsigned char hash[TT_SHA256_SIZE];
};

struct tt_ledger_head {
    uint64_t seq; /* of the newest row; 0: there is none */
    unsigned char hash[TT_SHA256_SIZE];
};

enum tt_status tt_ledger_get_head(struct tt_ledger *ledger, struct tt_ledger_head *head) TT_MUST_USE;

/* ---- a writer that is alone ---- */

/* Where a ledger ended, and where it ends if a transaction of which the commit failed came to the disk after all. */
struct tt_ledger_past {
    struct tt_ledger_head head, tried;
};

/*
 * From now on nobody but this handle writes.  past: of an earlier handle, or NULL: what is there is taken as it is.  TT_E_INPUT: the ledger ends
 * elsewhere; later tt_ledger_begin says the same.
 */
enum tt_status tt_ledger_continue(struct tt_ledger *ledger, const struct tt_ledger_past *past) TT_MUST_USE;

/* Only of a writer that is alone. */
struct tt_ledger_past tt_ledger_get_past(const struct tt_ledger *ledger);

/*
 * Is the file still what it was?  TT_E_IO: it is not under its name any more, so that what is written would not be found.  TT_E_INPUT: somebody wrote over it; close
 * it then, and nothing more is written there.
 */
enum tt_status tt_ledger_look(struct tt_ledger *ledger) TT_MUST_USE;

/* ---- adding rows ---- */

/*
 * Rows are added inside of a transaction, which counts as a whole or not at all and is on the disk when commit returns TT_OK.  After a failure of any
 * call within it, roll back.
 */
enum tt_status tt_ledger_begin(struct tt_ledger *ledger) TT_MUST_USE;
enum tt_status tt_ledger_commit(struct tt_ledger *ledger) TT_MUST_USE;
void tt_ledger_rollback(struct tt_ledger *ledger);

/* Adds a row and fills its seq and hash.  json has to be UTF-8 without NUL, of at most TT_LEDGER_JSON_MAX bytes: TT_E_LIMIT. */
enum tt_status tt_ledger_append(struct tt_ledger *ledger, struct tt_ledger_row *row) TT_MUST_USE;

/*
 * How far a source of records was taken over: the last sequence number, 0 for a source that is not known.  Kept in the transaction of the rows, so
 * that what comes twice is noticed.
 */
enum tt_status tt_ledger_get_place(struct tt_ledger *ledger, uint64_t source, uint64_t *sequence) TT_MUST_USE;
enum tt_status tt_ledger_set_place(struct tt_ledger *ledger, uint64_t source, uint64_t sequence) TT_MUST_USE;

/* Requests that have no outcome yet, and the worker that is to tell it. */
struct tt_ledger_open_request {
    char id[TT_LEDGER_ID_MAX + 1];
    uint64_t ring, writer;
};

/* Adds one; nothing happens when it is there. */
enum tt_status tt_ledger_add_open(struct tt_ledger *ledger, struct tt_str id, uint64_t ring, uint64_t writer) TT_MUST_USE;
enum tt_status tt_ledger_drop_open(struct tt_ledger *ledger, struct tt_str id) TT_MUST_USE;

/*
 * Fills list with up to *count requests of a writer; ring 0: of all rings; writer 0: of all writers.  *count: how many there were room for, and are.  after: only those
 * whose id follows; empty: all.
 */
enum tt_status tt_ledger_list_open(struct tt_ledger *ledger, uint64_t ring, uint64_t writer, struct tt_str after,
                                   struct tt_ledger_open_request *list, size_t *count) TT_MUST_USE;

/* ---- reading ---- */

struct tt_ledger_filter {
    int64_t from, to;        /* moments, to excluded; to 0: no end */
    struct tt_str kind;      /* empty: any */
    struct tt_str id_prefix; /* empty: any; the other conditions are not looked at with it */
    uint64_t last;           /* only the newest so many; 0: all */
};

/* A status other than TT_OK ends the reading and is returned.  The row is borrowed for the call. */
typedef enum tt_status tt_ledger_row_fn(void *ctx, const struct tt_ledger_row *row);

/* Hands over rows in the order in which they were added. */
enum tt_status tt_ledger_each(struct tt_ledger *ledger, const struct tt_ledger_filter *filter, tt_ledger_row_fn *row,
                              void *ctx) TT_MUST_USE;

enum tt_ledger_state {
    TT_LEDGER_WHOLE,
    TT_LEDGER_CHANGED, /* row seq does not follow from the one before it */
    TT_LEDGER_MISSING, /* rows seq to other are not there */
    TT_LEDGER_MOVED,   /* row seq stands where row other should */
    TT_LEDGER_CUT,     /* a noted head is not reached: row seq and all behind it, or other rows in their stead, are not there */
    TT_LEDGER_REBUILT, /* row seq is not the one whose head was noted, though the chain holds */
    TT_LEDGER_UNREADABLE, /* SQLite cannot read what stands behind row seq - 1; tt_ledger_why tells */
};

struct tt_ledger_verdict {
    enum tt_ledger_state state;
    uint64_t seq; /* of the first bad row */
    uint64_t other;
    uint64_t checked;           /* rows that hold */
    struct tt_ledger_head head; /* of them */
};

/* Called now and then with the number of rows that were read. */
typedef void tt_ledger_progress_fn(void *ctx, uint64_t rows);

/*
 * Checks the whole chain in constant memory.  noted: a head that was noted at some time, or NULL; its seq may be 0, then any row may have that hash.
 * TT_OK: the verdict tells.  progress may be NULL.
 */
enum tt_status tt_ledger_verify(struct tt_ledger *ledger, const struct tt_ledger_head *noted, struct tt_ledger_verdict *verdict,
                                tt_ledger_progress_fn *progress, void *ctx) TT_MUST_USE;

#endif
