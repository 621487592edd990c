/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writing end of a ring.
 *
 * In: records.  Out: the same, in a file that the collector reads.  The struct lies in pages of its own, so that a worker needs no allocator for it.
 * Invariants: head - tail <= size; only the owner stores head, and only after the record is whole, so a kill at any moment shows
 * whole records only; only the reader stores tail, done, and 0 as owner.
 *
 * A ring is claimed when it is free and empty: then done is the number of its last record, and the new writer goes on with the next.
 */
#include "ledger/ring.h"

#include "ledger/ring_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

struct tt_ring {
    struct tt_ring_map map;
    uint64_t head;
    uint64_t tail; /* as last seen; the true one is never before it */
    uint64_t sequence;
    uint64_t owner;
};

/* Takes the ring behind the map if nobody has it.  mine: the file was made for this process. */
static bool
take(const struct tt_ring_map *map, uint64_t owner, bool mine)
{
    struct tt_ring_file *file = map->file;
    uint64_t nobody = 0;
    uint64_t tail = atomic_load_explicit(&file->tail, memory_order_acquire);
    if (mine) {
        return atomic_load(&file->owner) == owner;
    }
    if (atomic_load(&file->owner) != 0 || atomic_load(&file->head) != tail || tail % TT_RING_ALIGN != 0 ||
        !atomic_compare_exchange_strong(&file->owner, &nobody, owner)) {
        return false;
    }
    /* Another process may have come and gone between the questions and the claim; then the reader frees the ring again. */
    if (atomic_load(&file->head) == atomic_load(&file->tail)) {
        return true;
    }
    atomic_store(&file->owner, owner | TT_RING_LEFT);
    return false;
}

/* Tries one slot.  TT_E_LIMIT: it is not to be had; TT_E_UNSUPPORTED: it is smaller; map is then closed. */
static enum tt_status
try_slot(int folder, unsigned slot, size_t size, uint64_t owner, struct tt_ring_map *map)
{
    bool mine = false;
    int fd = tt_ring_file_open(folder, slot);
    if (fd < 0 && errno == ENOENT) {
        enum tt_status status = tt_ring_file_create(folder, slot, size, owner);
        if (status == TT_E_IO) {
            return status;
        }
        mine = status == TT_OK;
        fd = tt_ring_file_open(folder, slot);
    }
    if (fd < 0) {
        return errno == EMFILE || errno == ENFILE ? TT_E_IO : TT_E_LIMIT;
    }
    enum tt_status status = tt_ring_map_open(map, fd, slot);
    close(fd);
    if (status == TT_OK && map->size < size) {
        tt_ring_map_close(map);
        return TT_E_UNSUPPORTED;
    }
    if (status == TT_OK && !take(map, owner, mine)) {
        tt_ring_map_close(map);
        status = TT_E_LIMIT;
    }
    return status == TT_E_INPUT ? TT_E_LIMIT : status;
}

static enum tt_status
claim_any(int folder, size_t size, uint64_t owner, struct tt_ring_map *map, unsigned *slot)
{
    enum tt_status status = TT_E_LIMIT;
    bool smaller = false;
    for (unsigned i = 0; i < TT_RINGS_MAX && (status == TT_E_LIMIT || status == TT_E_UNSUPPORTED); i++) {
        *slot = i;
        status = try_slot(folder, i, size, owner, map);
        smaller |= status == TT_E_UNSUPPORTED;
    }
    return status == TT_E_LIMIT && smaller ? TT_E_UNSUPPORTED : status;
}

/* The handle of a claimed ring. */
static enum tt_status
begin(struct tt_ring_map *map, uint64_t owner, struct tt_ring **out)
{
    struct tt_ring *ring = mmap(NULL, sizeof(*ring), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (ring == MAP_FAILED) {
        atomic_store(&map->file->owner, owner | TT_RING_LEFT);
        tt_ring_map_close(map);
        return TT_E_IO;
    }
    /* Else a request in so many waits for a page that is written to for the first time.  Before Linux 5.14 it does. */
    (void) madvise(map->data, map->size, MADV_POPULATE_WRITE);
    *ring = (struct tt_ring) {.map = *map, .owner = owner, .head = atomic_load(&map->file->head)};
    ring->tail = ring->head;
    ring->sequence = atomic_load(&map->file->done);
    *out = ring;
    return TT_OK;
}

enum tt_status
tt_ring_claim(const char *folder, size_t size, struct tt_ring **ring, unsigned *slot)
{
    struct tt_ring_map map;
    *ring = NULL;
    if (size < TT_RING_SIZE_MIN || size > TT_RING_SIZE_MAX || (size & (size - 1)) != 0) {
        return TT_E_USAGE;
    }
    uint64_t owner = tt_ring_owner_self();
    int fd = owner ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd < 0) {
        return TT_E_IO;
    }
    enum tt_status status = claim_any(fd, size, owner, &map, slot);
    int error = errno;
    close(fd);
    errno = error;
    return status == TT_OK ? begin(&map, owner, ring) : status;
}

/* Is there room?  The reader's word is asked only when what was last seen does not do: its cache line is another core's. */
static bool
has_room(struct tt_ring *ring, size_t room)
{
    if (ring->head - ring->tail + room <= ring->map.size) {
        return true;
    }
    uint64_t tail = atomic_load_explicit(&ring->map.file->tail, memory_order_acquire);
    if (tail < ring->tail || tail > ring->head) {
        return false; /* damaged: then the ring stays full */
    }
    ring->tail = tail;
    return ring->head - tail + room <= ring->map.size;
}

enum tt_status
tt_ring_put(struct tt_ring *ring, struct tt_str record, uint64_t *sequence)
{
    size_t room = tt_ring_frame_room(record.len);
    if (record.len == 0 || record.len > TT_RING_RECORD_MAX || !has_room(ring, room)) {
        return TT_E_LIMIT;
    }
    char *at = ring->map.data + (ring->head & (ring->map.size - 1));
    struct tt_ring_frame frame = {.length = (uint32_t) record.len, .sequence = ring->sequence + 1, .owner = ring->owner};
    frame.check = tt_ring_frame_check(&frame, record);
    memcpy(at, &frame, sizeof(frame));
    memcpy(at + sizeof(frame), record.ptr, record.len);
    ring->head += room;
    atomic_store_explicit(&ring->map.file->head, ring->head, memory_order_release);
    *sequence = ++ring->sequence;
    return TT_OK;
}

uint64_t
tt_ring_number(const struct tt_ring *ring)
{
    return ring->map.file->number;
}

size_t
tt_ring_size(const struct tt_ring *ring)
{
    return ring->map.size;
}

size_t
tt_ring_used(const struct tt_ring *ring)
{
    uint64_t used = ring->head - atomic_load_explicit(&ring->map.file->tail, memory_order_relaxed);
    return used <= ring->map.size ? (size_t) used : ring->map.size;
}

void
tt_ring_release(struct tt_ring *ring)
{
    if (ring) {
        atomic_store_explicit(&ring->map.file->owner, ring->owner | TT_RING_LEFT, memory_order_release);
        tt_ring_map_close(&ring->map);
        munmap(ring, sizeof(*ring));
    }
}
