/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spool: a file that keeps events while the ledger cannot be written, in the order in which they came.
 *
 * Frames are only added; when all of them are in the ledger, the file is emptied.  An end that was cut in the middle of a write is dropped, because nobody was
 * told that it is stored.  Damage before the end is passed over and reported.
 */
#ifndef TT_LEDGER_SPOOL_H
#define TT_LEDGER_SPOOL_H

#include "base/limits.h"
#include "ledger/event.h"

struct tt_spool;

/* The file "records" of the folder.  TT_E_IO: errno says why. */
enum tt_status tt_spool_open(const char *folder, const struct tt_alloc *alloc, struct tt_spool **spool) TT_MUST_USE;
void tt_spool_close(struct tt_spool *spool);

/* Adds an event, which is stored when tt_spool_sync returns TT_OK.  TT_E_LIMIT: TT_SPOOL_MAX is reached.  TT_E_IO: errno says why. */
enum tt_status tt_spool_add(struct tt_spool *spool, const struct tt_event *event) TT_MUST_USE;
enum tt_status tt_spool_sync(struct tt_spool *spool) TT_MUST_USE;

/* Forgets what was added since the last tt_spool_sync. */
void tt_spool_cancel(struct tt_spool *spool);

uint64_t tt_spool_waits(const struct tt_spool *spool); /* bytes that are stored and not yet done */

/* A status other than TT_OK ends the reading and is returned. */
typedef enum tt_status tt_spool_fn(void *ctx, const struct tt_event *event);

/* Hands over the oldest events, as many as fit into memory at once.  The bytes are borrowed for the call.  Without tt_spool_done the same come again. */
enum tt_status tt_spool_read(struct tt_spool *spool, tt_spool_fn *take, void *ctx) TT_MUST_USE;
void tt_spool_done(struct tt_spool *spool);

#endif
