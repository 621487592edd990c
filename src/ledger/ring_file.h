/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of a ring, as its writer and its reader map it.  Nothing outside of the room needs it.
 *
 * A head of TT_RING_HEAD bytes, then the data.  Positions count bytes since the file was made and never go back; the place of one in the
 * data is its remainder.  A record is a struct tt_ring_frame and its bytes, padded to TT_RING_ALIGN.  Byte order is the machine's: the file
 * does not outlive it.
 */
#ifndef TT_LEDGER_RING_FILE_H
#define TT_LEDGER_RING_FILE_H

#include "ledger/ring.h"

#include <stdalign.h>
#include <stdatomic.h>

#define TT_RING_HEAD ((size_t) 64 * 1024) /* a multiple of every page size */
#define TT_RING_ALIGN 8
#define TT_CACHE_LINE 64

struct tt_ring_file {
    /* Written once, before the file has a name. */
    char magic[8];
    uint32_t version;
    uint32_t slot;
    uint64_t size; /* of the data */
    uint64_t number;
    uint32_t check; /* CRC-32C of the members above */
    /* The writer's: tt_ring_owner(), 0 when the ring is free. */
    alignas(TT_CACHE_LINE) _Atomic uint64_t owner;
    alignas(TT_CACHE_LINE) _Atomic uint64_t head; /* position behind the newest whole record */
    /*
     * The reader's.  done is stored first, and each alone says the truth: a record whose number is not above done is stored for good,
     * even where tail still stands before it.
     */
    alignas(TT_CACHE_LINE) _Atomic uint64_t tail; /* position of the oldest record that is not stored for good */
    _Atomic uint64_t done;                        /* the last number that is */
};

struct tt_ring_frame {
    uint32_t length; /* of the bytes */
    uint32_t check;  /* CRC-32C of the members below, length and the bytes */
    uint64_t sequence;
    uint64_t owner;
};

/* A mapping: the head, then the data twice, so that a record that runs over the end is still one piece. */
struct tt_ring_map {
    struct tt_ring_file *file; /* NULL: none */
    char *data;
    size_t size;
};

/* Maps the file behind fd; the map does not need fd any more.  TT_E_INPUT: not a whole ring of that slot. */
enum tt_status tt_ring_map_open(struct tt_ring_map *map, int fd, unsigned slot) TT_MUST_USE;
void tt_ring_map_close(struct tt_ring_map *map);

/* A new file in the folder, which belongs to owner.  TT_E_USAGE: somebody else was faster. */
enum tt_status tt_ring_file_create(int folder, unsigned slot, size_t size, uint64_t owner) TT_MUST_USE;

/* Opens the ring of that slot; -1 and errno. */
int tt_ring_file_open(int folder, unsigned slot);

/* The slot of a file's name; false when it is none of ours. */
bool tt_ring_file_slot(const char *name, unsigned *slot);

/* Of a whole frame, whose bytes follow it. */
uint32_t tt_ring_frame_check(const struct tt_ring_frame *frame, struct tt_str bytes);

/* Bytes that a record takes. */
static inline size_t
tt_ring_frame_room(size_t length)
{
    return (sizeof(struct tt_ring_frame) + length + TT_RING_ALIGN - 1) & ~(size_t) (TT_RING_ALIGN - 1);
}

/*
 * A process in one word, so that one compare-and-swap claims a ring: pid (22 bits, the kernel's maximum), start (41 bits of clock ticks, 697
 * years), and whether it left by itself.  Never 0.
 */
#define TT_RING_LEFT ((uint64_t) 1)

/* 0 when /proc does not tell: TT_E_IO then. */
uint64_t tt_ring_owner_self(void);

/* Has it left or ended?  A process that cannot be examined counts as alive. */
bool tt_ring_owner_is_gone(uint64_t owner);

static inline uint64_t
tt_ring_owner_pack(pid_t pid, uint64_t start)
{
    return (uint64_t) pid << 42 | (start & (((uint64_t) 1 << 41) - 1)) << 1;
}

static inline pid_t
tt_ring_owner_pid(uint64_t owner)
{
    return (pid_t) (owner >> 42);
}

static inline uint64_t
tt_ring_owner_start(uint64_t owner)
{
    return owner >> 1 & (((uint64_t) 1 << 41) - 1);
}

#endif
