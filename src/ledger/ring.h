/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rings: files in memory over which workers hand records to the collector, without waiting and without losing one.
 *
 * A ring has one writer (a worker process) and one reader (the collector).  It is a file in a folder on tmpfs, mapped by both, so what a
 * worker has put outlives the worker, a reload, and the collector.  A record becomes visible as a whole or not at all.  A full ring
 * refuses; nothing is ever overwritten.
 *
 * Who may use a folder says the folder: a new ring gets its read and write permissions.  In a folder of mode 0700 that belongs to the
 * workers' user the collector runs as that user or as root; in one of mode 2770 it shares the folder's group.  Nobody else may write there:
 * a file that is cut while it is mapped ends the processes that use it.
 */
#ifndef TT_LEDGER_RING_H
#define TT_LEDGER_RING_H

#include "base/alloc.h"
#include "base/limits.h"
#include "base/status.h"
#include "base/str.h"

#include <sys/types.h>

/* ---- the writer ---- */

struct tt_ring;

/*
 * Claims a ring of the folder for this process: one that is free, or a new file.  size: bytes of data that it has at least, and a new one exactly; a power
 * of two from TT_RING_SIZE_MIN to TT_RING_SIZE_MAX.  *slot: its number, from 0, part of record ids.  TT_E_IO: the file system refuses, errno
 * says why (ENOSPC: no room for a file of that size).  TT_E_LIMIT: TT_RINGS_MAX files are there and none is free; TT_E_UNSUPPORTED: the same, and
 * some are passed by because they are smaller.  After fork() a child claims its own.
 */
enum tt_status tt_ring_claim(const char *folder, size_t size, struct tt_ring **ring, unsigned *slot) TT_MUST_USE;

/*
 * Puts one record.  TT_E_LIMIT: full, too long or empty; nothing was written.  *sequence: of the record in this ring, from 1; it goes on
 * when the ring gets another writer.
 */
enum tt_status tt_ring_put(struct tt_ring *ring, struct tt_str record, uint64_t *sequence) TT_MUST_USE;

uint64_t tt_ring_number(const struct tt_ring *ring); /* random; tells a new file of the same slot from an older one */
size_t tt_ring_size(const struct tt_ring *ring);     /* bytes of data */
size_t tt_ring_used(const struct tt_ring *ring);     /* bytes that wait for the reader */
void tt_ring_release(struct tt_ring *ring);          /* the worker leaves; what waits stays for the reader */

/* ---- the reader ---- */

/* Where something came from. */
struct tt_ring_source {
    unsigned slot;
    uint64_t ring; /* tt_ring_number() */
    pid_t writer;
    uint64_t writer_start; /* of the process, as /proc says: tells a pid that is used again */
};

struct tt_ring_record {
    struct tt_str bytes; /* borrowed until tt_rings_done */
    uint64_t sequence;
    struct tt_ring_source source;
};

/*
 * A status other than TT_OK ends the round, which then counts as not read.  But TT_E_LIMIT from take or gone says only that this one and what
 * follows has to wait for the next round; what was handed over before counts.
 */
struct tt_ring_sink {
    enum tt_status (*take)(void *ctx, const struct tt_ring_record *record);
    /*
     * Records whose check sum is wrong, or which never came: those with the sequence numbers from..to, at least.  The writer is not known.  from 0: the file is
     * none of ours or its head is damaged; it is not looked at again.
     */
    enum tt_status (*lost)(void *ctx, const struct tt_ring_source *source, uint64_t from, uint64_t to);
    /* The writer ended or left, and all of it was read; after tt_rings_done the ring is free. */
    enum tt_status (*gone)(void *ctx, const struct tt_ring_source *source);
    void *ctx;
};

struct tt_rings;

/* The folder has to exist.  TT_E_IO: errno says why; EWOULDBLOCK: another process reads the rings of this folder. */
enum tt_status tt_rings_open(const char *folder, const struct tt_alloc *alloc, struct tt_rings **rings) TT_MUST_USE;
void tt_rings_close(struct tt_rings *rings);

/*
 * Hands over what waits in all rings, oldest first in each.  Without tt_rings_done the next round hands over the same again.  TT_E_LIMIT: the sink
 * wanted no more, and there is more.  TT_E_IO: the folder cannot be read.
 */
enum tt_status tt_rings_read(struct tt_rings *rings, const struct tt_ring_sink *sink) TT_MUST_USE;

/* What the last round handed over is stored for good: the rings may use its room again.  After a round that failed: nothing. */
void tt_rings_done(struct tt_rings *rings);

uint64_t tt_rings_used(const struct tt_rings *rings); /* bytes that wait in all rings that were seen so far */

/* Does the process have one of them? */
bool tt_rings_has(const struct tt_rings *rings, pid_t pid);

#endif
