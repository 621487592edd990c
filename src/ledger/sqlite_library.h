/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQLite, loaded when the first ledger is opened: most runs of the program need none, and its loading would be a third of their start.
 */
#ifndef TT_LEDGER_SQLITE_LIBRARY_H
#define TT_LEDGER_SQLITE_LIBRARY_H

#include <sqlite3.h>
#include <stdbool.h>

#define TT_SQLITE_CALL(name) __typeof__(sqlite3_##name) *name

/* What is used of it: each is the function sqlite3_... */
struct tt_sqlite_calls {
    TT_SQLITE_CALL(bind_blob);
    TT_SQLITE_CALL(bind_int64);
    TT_SQLITE_CALL(bind_text64);
    TT_SQLITE_CALL(busy_timeout);
    TT_SQLITE_CALL(clear_bindings);
    TT_SQLITE_CALL(close);
    TT_SQLITE_CALL(column_blob);
    TT_SQLITE_CALL(column_bytes);
    TT_SQLITE_CALL(column_count);
    TT_SQLITE_CALL(column_int64);
    TT_SQLITE_CALL(column_text);
    TT_SQLITE_CALL(db_config);
    TT_SQLITE_CALL(errcode);
    TT_SQLITE_CALL(errmsg);
    TT_SQLITE_CALL(errstr);
    TT_SQLITE_CALL(exec);
    TT_SQLITE_CALL(finalize);
    TT_SQLITE_CALL(get_autocommit);
    TT_SQLITE_CALL(limit);
    TT_SQLITE_CALL(open_v2);
    TT_SQLITE_CALL(prepare_v2);
    TT_SQLITE_CALL(prepare_v3);
    TT_SQLITE_CALL(reset);
    TT_SQLITE_CALL(step);
    TT_SQLITE_CALL(system_errno);
};

/* False: the library is not there, or it is too old. */
bool tt_sqlite_library_load(struct tt_sqlite_calls *calls);

#endif
