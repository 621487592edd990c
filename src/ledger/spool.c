/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spool; see spool.h.
 *
 * In: events.  Out: the same, later.  Owns the file and one buffer, which serves writing and reading.  Invariants: from <= done <= end; frames lie between from and
 * end, each at a multiple of eight bytes; what stands behind end was never said to be stored.
 */
#include "ledger/spool.h"

#include "base/crc.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC 0x4c505354 /* "TSPL" */
#define ALIGN 8

struct frame {
    uint32_t magic;
    uint32_t check; /* CRC-32C of what follows, and the bytes */
    uint32_t kind, length;
    uint64_t slot, ring, writer, from, to;
    int64_t seen;
};

#define FRAME_MAX (sizeof(struct frame) + TT_RING_RECORD_MAX + ALIGN)

struct tt_spool {
    const struct tt_alloc *alloc;
    int fd;
    uint64_t from; /* of the oldest event that is not done */
    uint64_t read; /* behind the last that was handed over */
    uint64_t end;  /* behind the last that is stored */
    uint64_t written;
    size_t held; /* bytes in buffer, behind written */
    char buffer[TT_SPOOL_BUFFER];
};

static size_t
room_of(size_t length)
{
    return (sizeof(struct frame) + length + ALIGN - 1) & ~(size_t) (ALIGN - 1);
}

static uint32_t
check_of(const struct frame *frame, struct tt_str bytes)
{
    const size_t skip = offsetof(struct frame, kind);
    uint32_t crc = tt_crc32c(0, tt_str_make((const char *) frame + skip, sizeof(*frame) - skip));
    return tt_crc32c(crc, bytes);
}

/* Reads from the file as much as is there, up to the size of the buffer. */
static enum tt_status
fill(struct tt_spool *spool, uint64_t at, uint64_t end, size_t *length)
{
    size_t want = end - at < sizeof(spool->buffer) ? (size_t) (end - at) : sizeof(spool->buffer);
    *length = 0;
    while (*length < want) {
        ssize_t n = pread(spool->fd, spool->buffer + *length, want - *length, (off_t) (at + *length));
        if (n < 0 && errno != EINTR) {
            return TT_E_IO;
        }
        if (n == 0) {
            break;
        }
        *length += n > 0 ? (size_t) n : 0;
    }
    return TT_OK;
}

/* The frame at the beginning of bytes; its room, or 0 when there is no whole one. */
static size_t
parse(struct tt_str bytes, struct tt_event *event)
{
    struct frame frame;
    if (bytes.len < sizeof(frame)) {
        return 0;
    }
    memcpy(&frame, bytes.ptr, sizeof(frame));
    if (frame.magic != MAGIC || frame.length > TT_RING_RECORD_MAX || room_of(frame.length) > bytes.len ||
        frame.kind < TT_EVENT_RECORD || frame.kind > TT_EVENT_GONE) {
        return 0;
    }
    struct tt_str content = tt_str_slice(bytes, sizeof(frame), sizeof(frame) + frame.length);
    if (check_of(&frame, content) != frame.check) {
        return 0;
    }
    *event = (struct tt_event) {.kind = (enum tt_event_kind) frame.kind,
                                .slot = (unsigned) frame.slot,
                                .ring = frame.ring,
                                .writer = frame.writer,
                                .from = frame.from,
                                .to = frame.to,
                                .seen = frame.seen,
                                .bytes = content};
    return room_of(frame.length);
}

/* ---- opening ---- */

/* Finds the end of the last whole frame: what is behind it was cut while it was written. */
static enum tt_status
find_end(struct tt_spool *spool, uint64_t size)
{
    struct tt_event event;
    uint64_t at = 0;
    size_t length, room;
    while (at < size) {
        TT_TRY(fill(spool, at, size, &length));
        size_t used = 0;
        /* A frame may run over the end of the buffer: it is looked at again from the beginning of the next one. */
        while (used < length && (length - used >= FRAME_MAX || at + length >= size)) {
            room = parse(tt_str_make(spool->buffer + used, length - used), &event);
            used += room ? room : ALIGN;
            spool->end = room ? at + used : spool->end;
        }
        at += used;
        if (length == 0) {
            break;
        }
    }
    return TT_OK;
}

static enum tt_status
begin(struct tt_spool *spool)
{
    struct stat st;
    if (fstat(spool->fd, &st) != 0) {
        return TT_E_IO;
    }
    TT_TRY(find_end(spool, (uint64_t) st.st_size));
    spool->written = spool->end;
    return ftruncate(spool->fd, (off_t) spool->end) == 0 ? TT_OK : TT_E_IO;
}

/* Opens the file and makes sure that its name is stored as well. */
static int
open_file(const char *folder)
{
    int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd = dir < 0 ? -1 : openat(dir, "records", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0 && fsync(dir) != 0) {
        close(fd);
        fd = -1;
    }
    if (dir >= 0) {
        int error = errno;
        close(dir);
        errno = error;
    }
    return fd;
}

enum tt_status
tt_spool_open(const char *folder, const struct tt_alloc *alloc, struct tt_spool **spool)
{
    *spool = NULL;
    int fd = open_file(folder);
    if (fd < 0) {
        return TT_E_IO;
    }
    struct tt_spool *fresh = tt_alloc_new(alloc, sizeof(*fresh));
    if (!fresh) {
        close(fd);
        return TT_E_MEMORY;
    }
    memset(fresh, 0, offsetof(struct tt_spool, buffer));
    fresh->alloc = alloc;
    fresh->fd = fd;
    enum tt_status status = begin(fresh);
    if (status != TT_OK) {
        int error = errno;
        tt_spool_close(fresh);
        errno = error;
        return status;
    }
    *spool = fresh;
    return TT_OK;
}

void
tt_spool_close(struct tt_spool *spool)
{
    if (spool) {
        close(spool->fd);
        tt_alloc_free(spool->alloc, spool, sizeof(*spool));
    }
}

/* ---- writing ---- */

static enum tt_status
flush(struct tt_spool *spool)
{
    size_t done = 0;
    while (done < spool->held) {
        ssize_t n = pwrite(spool->fd, spool->buffer + done, spool->held - done, (off_t) (spool->written + done));
        if (n < 0 && errno != EINTR) {
            return TT_E_IO;
        }
        done += n > 0 ? (size_t) n : 0;
    }
    spool->written += done;
    spool->held = 0;
    return TT_OK;
}

enum tt_status
tt_spool_add(struct tt_spool *spool, const struct tt_event *event)
{
    struct frame frame = {.magic = MAGIC,
                          .kind = event->kind,
                          .length = (uint32_t) event->bytes.len,
                          .slot = event->slot,
                          .ring = event->ring,
                          .writer = event->writer,
                          .from = event->from,
                          .to = event->to,
                          .seen = event->seen};
    size_t room = room_of(event->bytes.len);
    if (event->bytes.len > TT_RING_RECORD_MAX || spool->written + spool->held + room > TT_SPOOL_MAX) {
        return TT_E_LIMIT;
    }
    if (spool->held + room > sizeof(spool->buffer)) {
        TT_TRY(flush(spool));
    }
    frame.check = check_of(&frame, event->bytes);
    char *at = spool->buffer + spool->held;
    memset(at + room - ALIGN, 0, ALIGN); /* the padding */
    memcpy(at, &frame, sizeof(frame));
    if (event->bytes.len > 0) {
        memcpy(at + sizeof(frame), event->bytes.ptr, event->bytes.len);
    }
    spool->held += room;
    return TT_OK;
}

enum tt_status
tt_spool_sync(struct tt_spool *spool)
{
    TT_TRY(flush(spool));
    if (fdatasync(spool->fd) != 0) {
        return TT_E_IO;
    }
    spool->end = spool->written;
    return TT_OK;
}

void
tt_spool_cancel(struct tt_spool *spool)
{
    spool->held = 0;
    if (spool->written > spool->end && ftruncate(spool->fd, (off_t) spool->end) != 0) {
        /* What stays behind the end is written over, or dropped when the file is opened again. */
        errno = 0;
    }
    spool->written = spool->end;
}

uint64_t
tt_spool_waits(const struct tt_spool *spool)
{
    return spool->end - spool->from;
}

/* ---- reading ---- */

/* Looks for the next whole frame behind damage, as far as one can be seen whole; its distance. */
static size_t
find_next(struct tt_str bytes, bool last)
{
    struct tt_event event;
    size_t at = ALIGN, limit = last ? bytes.len : bytes.len - FRAME_MAX;
    while (at < limit && parse(tt_str_slice(bytes, at, bytes.len), &event) == 0) {
        at += ALIGN;
    }
    return at;
}

enum tt_status
tt_spool_read(struct tt_spool *spool, tt_spool_fn *take, void *ctx)
{
    size_t length, used = 0;
    spool->read = spool->from;
    TT_TRY(fill(spool, spool->from, spool->end, &length));
    bool last = spool->from + length >= spool->end;
    if (length == 0 && spool->from < spool->end) { /* somebody made the file shorter */
        spool->read = spool->end;
        struct tt_event lost = {.kind = TT_EVENT_DAMAGE, .from = spool->end - spool->from};
        return take(ctx, &lost);
    }
    while (used < length && (last || length - used >= FRAME_MAX)) {
        struct tt_event event;
        struct tt_str rest = {spool->buffer + used, length - used};
        size_t room = parse(rest, &event);
        if (room == 0) {
            room = find_next(rest, last);
            event = (struct tt_event) {.kind = TT_EVENT_DAMAGE, .from = room};
        }
        TT_TRY(take(ctx, &event));
        used += room;
    }
    spool->read = spool->from + used;
    return TT_OK;
}

void
tt_spool_done(struct tt_spool *spool)
{
    spool->from = spool->read;
    if (spool->from == spool->end && spool->end > 0 && ftruncate(spool->fd, 0) == 0) {
        spool->from = spool->read = spool->end = spool->written = 0;
    }
}
