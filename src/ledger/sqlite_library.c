/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads SQLite; see sqlite_library.h.
 *
 * In: the system's loader.  Out: addresses of functions.  Owns nothing: the loader counts and remembers.
 */
#include "ledger/sqlite_library.h"

#include "base/library.h"

#include <stddef.h>

/* Its version is part of the name: the functions of another one may differ from the header's. */
#define LIBRARY "libsqlite3.so.0"

#define ROW(name)                                                \
    {                                                            \
        "sqlite3_" #name, offsetof(struct tt_sqlite_calls, name) \
    }

bool
tt_sqlite_library_load(struct tt_sqlite_calls *calls)
{
    static const struct tt_library_call rows[] = {
        ROW(bind_blob),   ROW(bind_int64),  ROW(bind_text64),    ROW(busy_timeout), ROW(clear_bindings),
        ROW(close),       ROW(column_blob), ROW(column_bytes),   ROW(column_count), ROW(column_int64),
        ROW(column_text), ROW(db_config),   ROW(errcode),        ROW(errmsg),       ROW(errstr),
        ROW(exec),        ROW(finalize),    ROW(get_autocommit), ROW(limit),        ROW(open_v2),
        ROW(prepare_v2),  ROW(prepare_v3),  ROW(reset),          ROW(step),         ROW(system_errno),
    };
    _Static_assert(sizeof(rows) / sizeof(*rows) == sizeof(*calls) / sizeof(calls->step), "a row for each call");
    return tt_library_load(LIBRARY, rows, sizeof(rows) / sizeof(*rows), calls);
}
