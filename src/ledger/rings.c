/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reading end of all rings of a folder.
 *
 * In: files that workers wrote, or anybody damaged.  Out: whole records in order, what was lost, and who is gone.  Owns the mappings.  Invariants: what
 * a round handed over stays untouched until tt_rings_done; nothing that stands in a file leads a read outside of its mapping, and every
 * step of a walk goes forward, so a round ends.
 *
 * The end of a writer is noticed before its head is read for the last time, so nothing of it is missed.
 */
#include "ledger/ring.h"

#include "ledger/ring_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* One ring, as far as it is known. */
struct reader {
    struct tt_ring_map map;
    int fd; /* asked for the size of the file before each round */
    uint64_t inode;
    bool known;
    uint64_t refused;     /* the inode of a file that is not readable: only another one is looked at again; 0: none */
    bool opened;          /* the positions below come from the file */
    uint64_t tail, next;  /* stored for good: the position behind, and the next number */
    uint64_t to, to_next; /* the same after the last round */
    uint64_t gone;        /* the owner that it reported as gone; 0: none */
};

struct tt_rings {
    const struct tt_alloc *alloc;
    int folder;
    bool whole;     /* the last round */
    unsigned first; /* where the next round begins, so that a busy ring does not keep others waiting */
    struct reader readers[TT_RINGS_MAX];
};

/* A walk over one ring. */
struct walk {
    struct reader *reader;
    const struct tt_ring_sink *sink;
    struct tt_ring_source source;
    uint64_t at, head;
    uint64_t next;
    bool damaged;      /* records before at could not be read, and no number behind them is known yet */
    uint64_t old;      /* the first number of those that are skipped because they are stored; 0: none */
    uint64_t last_old; /* the highest of them */
};

enum tt_status
tt_rings_open(const char *folder, const struct tt_alloc *alloc, struct tt_rings **rings)
{
    *rings = NULL;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return TT_E_IO;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        errno = EWOULDBLOCK;
        return TT_E_IO;
    }
    struct tt_rings *fresh = tt_alloc_new(alloc, sizeof(*fresh));
    if (!fresh) {
        close(fd);
        return TT_E_MEMORY;
    }
    memset(fresh, 0, sizeof(*fresh));
    fresh->alloc = alloc;
    fresh->folder = fd;
    *rings = fresh;
    return TT_OK;
}

static void
forget(struct reader *reader)
{
    if (reader->known) {
        tt_ring_map_close(&reader->map);
        close(reader->fd);
    }
    *reader = (struct reader) {.known = false};
}

void
tt_rings_close(struct tt_rings *rings)
{
    if (rings) {
        for (size_t i = 0; i < TT_RINGS_MAX; i++) {
            forget(&rings->readers[i]);
        }
        close(rings->folder);
        tt_alloc_free(rings->alloc, rings, sizeof(*rings));
    }
}

/* Says once that a file is of no use. */
static enum tt_status
refuse(struct reader *reader, unsigned slot, uint64_t inode, const struct tt_ring_sink *sink)
{
    struct tt_ring_source source = {.slot = slot};
    TT_TRY(sink->lost(sink->ctx, &source, 0, 0));
    forget(reader);
    reader->refused = inode;
    return TT_OK;
}

/* Maps a file that is seen for the first time.  One that is no ring is refused; a lack of memory or descriptors ends the round. */
static enum tt_status
meet(struct tt_rings *rings, unsigned slot, uint64_t inode, const struct tt_ring_sink *sink)
{
    struct reader *reader = &rings->readers[slot];
    int fd = tt_ring_file_open(rings->folder, slot);
    if (fd < 0) {
        if (errno == ENOENT) {
            return TT_OK;
        }
        return errno == EMFILE || errno == ENFILE || errno == ENOMEM ? TT_E_IO : refuse(reader, slot, inode, sink);
    }
    enum tt_status status = tt_ring_map_open(&reader->map, fd, slot);
    if (status == TT_OK) {
        reader->fd = fd;
        reader->inode = inode;
        reader->known = true;
        return TT_OK;
    }
    close(fd);
    return status == TT_E_INPUT ? refuse(reader, slot, inode, sink) : status;
}

/* Is the file still as long as its mapping? */
static bool
is_whole(const struct reader *reader)
{
    struct stat st;
    return fstat(reader->fd, &st) == 0 && st.st_size == (off_t) (TT_RING_HEAD + reader->map.size);
}

static enum tt_status
lose(struct walk *walk, uint64_t from, uint64_t to)
{
    return walk->sink->lost(walk->sink->ctx, &walk->source, from, to);
}

/* Takes a record that is whole. */
static enum tt_status
take(struct walk *walk, const struct tt_ring_frame *frame, struct tt_str bytes)
{
    if (frame->sequence < walk->next) {
        walk->old = walk->old ? walk->old : frame->sequence;
        walk->last_old = frame->sequence > walk->last_old ? frame->sequence : walk->last_old;
        return TT_OK;
    }
    if (frame->sequence > walk->next) {
        TT_TRY(lose(walk, walk->next, frame->sequence - 1));
    }
    walk->damaged = false;
    walk->old = walk->last_old = 0;
    walk->next = frame->sequence;
    struct tt_ring_record record = {.bytes = bytes, .sequence = frame->sequence, .source = walk->source};
    record.source.writer = tt_ring_owner_pid(frame->owner);
    record.source.writer_start = tt_ring_owner_start(frame->owner);
    TT_TRY(walk->sink->take(walk->sink->ctx, &record));
    walk->next = frame->sequence + 1;
    return TT_OK;
}

/* One record.  A length that cannot be true leaves no place where the next one begins: the rest is lost. */
static enum tt_status
step(struct walk *walk)
{
    struct tt_ring_frame frame;
    const struct tt_ring_map *map = &walk->reader->map;
    const char *at = map->data + (walk->at & (map->size - 1));
    uint64_t left = walk->head - walk->at;
    if (left >= sizeof(frame)) {
        memcpy(&frame, at, sizeof(frame));
    }
    if (left < sizeof(frame) || frame.length == 0 || frame.length > TT_RING_RECORD_MAX ||
        tt_ring_frame_room(frame.length) > left) {
        walk->damaged = true;
        walk->at = walk->head;
        return TT_OK;
    }
    struct tt_str bytes = {at + sizeof(frame), frame.length};
    if (frame.sequence == 0 || frame.sequence == UINT64_MAX || tt_ring_frame_check(&frame, bytes) != frame.check) {
        walk->damaged = true;
    } else {
        TT_TRY(take(walk, &frame, bytes));
    }
    walk->at += tt_ring_frame_room(frame.length);
    return TT_OK;
}

/*
 * What the end of a walk shows: damage with nothing behind it costs one number at least; records that counted as stored although the
 * last number that was stored is not theirs were lost by a damaged word in the head.
 */
static enum tt_status
settle(struct walk *walk)
{
    if (walk->old && walk->last_old + 1 != walk->next) {
        TT_TRY(lose(walk, walk->old, walk->last_old));
        walk->next = walk->last_old + 1;
    }
    if (walk->damaged) {
        TT_TRY(lose(walk, walk->next, walk->next));
        walk->next++;
    }
    return TT_OK;
}

/* Takes over the positions of a file at the first look.  Such as cannot be true cost what waits there. */
static void
begin(struct walk *walk)
{
    struct reader *reader = walk->reader;
    if (!reader->opened) {
        reader->tail = atomic_load(&reader->map.file->tail);
        reader->next = atomic_load(&reader->map.file->done) + 1;
        reader->next = reader->next ? reader->next : 1;
        reader->opened = true;
    }
    walk->at = reader->tail;
    walk->next = reader->next;
    if (walk->head != walk->at && (walk->head - walk->at > reader->map.size || (walk->head | walk->at) % TT_RING_ALIGN != 0)) {
        walk->damaged = true;
        walk->at = walk->head;
    }
}

/* From the oldest record to the head that was read before. */
static enum tt_status
walk_ring(struct walk *walk)
{
    while (walk->at != walk->head) {
        TT_TRY(step(walk));
    }
    return settle(walk);
}

static enum tt_status
read_ring(struct reader *reader, unsigned slot, const struct tt_ring_sink *sink)
{
    struct tt_ring_file *file = reader->map.file;
    struct walk walk = {.reader = reader, .sink = sink, .source = {.slot = slot, .ring = file->number}};
    uint64_t owner = atomic_load_explicit(&file->owner, memory_order_acquire);
    bool gone = owner != 0 && tt_ring_owner_is_gone(owner);
    walk.head = atomic_load_explicit(&file->head, memory_order_acquire);
    begin(&walk);
    enum tt_status status = walk_ring(&walk);
    if (status == TT_OK && gone) {
        walk.source.writer = tt_ring_owner_pid(owner);
        walk.source.writer_start = tt_ring_owner_start(owner);
        status = sink->gone(sink->ctx, &walk.source);
    }
    reader->to = walk.at;
    reader->to_next = walk.next;
    reader->gone = gone && status == TT_OK ? owner : 0;
    return status;
}

/* Looks for files that are new since the last round. */
static enum tt_status
look_around(struct tt_rings *rings, const struct tt_ring_sink *sink)
{
    enum tt_status status = TT_OK;
    int fd = openat(rings->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        if (fd >= 0) {
            close(fd);
        }
        return TT_E_IO;
    }
    for (struct dirent *entry = readdir(dir); entry && status == TT_OK; entry = readdir(dir)) {
        unsigned slot;
        if (tt_ring_file_slot(entry->d_name, &slot) && !rings->readers[slot].known &&
            rings->readers[slot].refused != entry->d_ino) {
            status = meet(rings, slot, entry->d_ino, sink);
        }
    }
    closedir(dir);
    return status;
}

/* Nothing of the ring counts as handed over. */
static void
pass_over(struct reader *reader)
{
    reader->to = reader->tail;
    reader->to_next = reader->next;
    reader->gone = 0;
}

enum tt_status
tt_rings_read(struct tt_rings *rings, const struct tt_ring_sink *sink)
{
    enum tt_status status = TT_OK;
    unsigned first = rings->first;
    rings->whole = false;
    TT_TRY(look_around(rings, sink));
    for (unsigned i = 0; i < TT_RINGS_MAX; i++) {
        unsigned slot = (first + i) % TT_RINGS_MAX;
        struct reader *reader = &rings->readers[slot];
        if (!reader->known) {
            continue;
        }
        if (status == TT_E_LIMIT) {
            pass_over(reader);
            continue;
        }
        status = is_whole(reader) ? read_ring(reader, slot, sink) : refuse(reader, slot, reader->inode, sink);
        if (status != TT_OK && status != TT_E_LIMIT) {
            return status;
        }
        rings->first = status == TT_E_LIMIT ? (slot + 1) % TT_RINGS_MAX : rings->first;
    }
    rings->whole = true;
    return status;
}

static void
commit(struct reader *reader)
{
    struct tt_ring_file *file = reader->map.file;
    if (reader->next != reader->to_next) {
        reader->next = reader->to_next;
        atomic_store_explicit(&file->done, reader->next - 1, memory_order_release);
    }
    if (reader->tail != reader->to) {
        reader->tail = reader->to;
        atomic_store_explicit(&file->tail, reader->tail, memory_order_release);
    }
    if (reader->gone) {
        uint64_t owner = reader->gone;
        reader->gone = 0;
        atomic_compare_exchange_strong(&file->owner, &owner, 0);
    }
}

void
tt_rings_done(struct tt_rings *rings)
{
    for (unsigned i = 0; i < TT_RINGS_MAX && rings->whole; i++) {
        if (rings->readers[i].known) {
            commit(&rings->readers[i]);
        }
    }
    rings->whole = false;
}

bool
tt_rings_has(const struct tt_rings *rings, pid_t pid)
{
    for (unsigned i = 0; i < TT_RINGS_MAX; i++) {
        const struct reader *reader = &rings->readers[i];
        uint64_t owner = reader->known ? atomic_load_explicit(&reader->map.file->owner, memory_order_relaxed) : 0;
        if (owner != 0 && !(owner & TT_RING_LEFT) && tt_ring_owner_pid(owner) == pid) {
            return true;
        }
    }
    return false;
}

uint64_t
tt_rings_used(const struct tt_rings *rings)
{
    uint64_t used = 0;
    for (unsigned i = 0; i < TT_RINGS_MAX; i++) {
        const struct reader *reader = &rings->readers[i];
        if (reader->known) {
            uint64_t waits = atomic_load_explicit(&reader->map.file->head, memory_order_relaxed) -
                             atomic_load_explicit(&reader->map.file->tail, memory_order_relaxed);
            used += waits <= reader->map.size ? waits : reader->map.size;
        }
    }
    return used;
}
