/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moments as nanoseconds since 1970 in UTC, and as RFC 3339 writes them: "2026-11-21T10:48:26.123456Z".
 */
#ifndef TT_LEDGER_STAMP_H
#define TT_LEDGER_STAMP_H

#include "base/str.h"

#define TT_STAMP_LENGTH 27 /* of what is written: microseconds, and Z */
#define TT_SECOND ((int64_t) 1000000000)
#define TT_DAY (86400 * TT_SECOND)

/*
 * Reads "2026-11-21T10:48:26Z" with up to nine digits of a fraction, or "2026-11-21", which is the beginning of that day.  Years 1970 to 2261.  False for
 * anything else: other zones, leap seconds, days that do not exist.
 */
bool tt_stamp_read(struct tt_str text, int64_t *out);

/* Writes it with microseconds and a NUL; stamp >= 0. */
void tt_stamp_write(int64_t stamp, char out[TT_STAMP_LENGTH + 1]);

/* Now, by the machine's clock. */
int64_t tt_stamp_now(void);

/* Milliseconds of the clock that nobody sets. */
int64_t tt_stamp_steady_ms(void);

#endif
