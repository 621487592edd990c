/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader and the claim of a ring on a file of any bytes.
 *
 * Input: a byte of flags, the words owner, head, tail and done of the head, then the beginning of the data.  Flag 1: the data also overwrite
 * the constant part of the head.  Flag 2: the check sums of the frames are set right, so that what is behind them is reached.
 *
 * Properties: a round ends, hands over no more than the file holds, in order, and the same again until it is done; then nothing waits.
 */
#include "ledger/ring.h"
#include "ledger/ring_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE TT_RING_SIZE_MIN
#define WORDS (4 * sizeof(uint64_t))
#define CONSTANTS 40 /* bytes of the head that flag 1 overwrites */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    uint64_t records, bytes, last, lost, gone;
};

static enum tt_status
on_take(void *ctx, const struct tt_ring_record *record)
{
    struct seen *seen = ctx;
    unsigned sum = 0;
    for (size_t i = 0; i < record->bytes.len; i++) {
        sum += (unsigned char) record->bytes.ptr[i];
    }
    if (record->sequence <= seen->last || record->bytes.len == 0 || sum > record->bytes.len * 255) {
        abort();
    }
    seen->records++;
    seen->bytes += tt_ring_frame_room(record->bytes.len);
    seen->last = record->sequence;
    return TT_OK;
}

static enum tt_status
on_lost(void *ctx, const struct tt_ring_source *source, uint64_t from, uint64_t to)
{
    struct seen *seen = ctx;
    if (from > to || source->slot != 0) {
        abort();
    }
    seen->lost++;
    return TT_OK;
}

static enum tt_status
on_gone(void *ctx, const struct tt_ring_source *source)
{
    struct seen *seen = ctx;
    (void) source;
    seen->gone++;
    return TT_OK;
}

/* Where the file lies, made once; the folder goes when the process does. */
static char folder[64];

static void
remove_folder(void)
{
    char name[96];
    for (unsigned i = 0; i < 4; i++) {
        snprintf(name, sizeof(name), "%s/ring.%u", folder, i);
        unlink(name);
    }
    rmdir(folder);
}

static void
make_folder(void)
{
    struct tt_ring *ring;
    unsigned slot;
    snprintf(folder, sizeof(folder), "%s/telltale-fuzz-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (!mkdtemp(folder) || atexit(remove_folder) != 0 || tt_ring_claim(folder, SIZE, &ring, &slot) != TT_OK) {
        abort();
    }
    tt_ring_release(ring);
}

/* Walks the frames as a reader would, and makes their sums right. */
static void
repair(char *data, size_t size)
{
    struct tt_ring_frame frame;
    for (size_t at = 0; size - at >= sizeof(frame); at += tt_ring_frame_room(frame.length)) {
        memcpy(&frame, data + at, sizeof(frame));
        if (frame.length == 0 || frame.length > TT_RING_RECORD_MAX || tt_ring_frame_room(frame.length) > size - at) {
            return;
        }
        frame.check = tt_ring_frame_check(&frame, tt_str_make(data + at + sizeof(frame), frame.length));
        memcpy(data + at, &frame, sizeof(frame));
    }
}

static void
write_file(const uint8_t *data, size_t size)
{
    static struct tt_ring_file whole; /* the head as it was made */
    static char rest[SIZE];
    uint64_t words[4] = {0};
    char name[96];
    uint8_t flags = size ? data[0] : 0;
    snprintf(name, sizeof(name), "%s/ring.0", folder);
    int fd = open(name, O_RDWR | O_CLOEXEC);
    if (fd < 0 || (whole.size == 0 && pread(fd, &whole, sizeof(whole), 0) != (ssize_t) sizeof(whole))) {
        abort();
    }
    struct tt_ring_file file = whole;
    size_t at = size ? 1 : 0, length = size - at < WORDS ? size - at : WORDS;
    memcpy(words, data + at, length);
    at += length;
    file.owner = words[0];
    file.head = words[1];
    file.tail = words[2];
    file.done = words[3];
    length = size - at < SIZE ? size - at : SIZE;
    memset(rest, 0, sizeof(rest));
    memcpy(rest, data + at, length);
    if (flags & 1) {
        memcpy((char *) &file, rest, length < CONSTANTS ? length : CONSTANTS);
    }
    if (flags & 2) {
        repair(rest, sizeof(rest));
    }
    if (pwrite(fd, &file, sizeof(file), 0) != (ssize_t) sizeof(file) ||
        pwrite(fd, rest, sizeof(rest), (off_t) TT_RING_HEAD) != (ssize_t) sizeof(rest)) {
        abort();
    }
    close(fd);
}

static struct seen
read_round(struct tt_rings *rings)
{
    struct seen seen = {0};
    struct tt_ring_sink sink = {.take = on_take, .lost = on_lost, .gone = on_gone, .ctx = &seen};
    if (tt_rings_read(rings, &sink) != TT_OK || seen.bytes > SIZE || seen.lost > SIZE / sizeof(struct tt_ring_frame) + 2) {
        abort();
    }
    return seen;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tt_rings *rings;
    struct tt_ring *ring;
    unsigned slot;
    uint64_t sequence;
    if (!folder[0]) {
        make_folder();
    }
    write_file(data, size);
    if (tt_rings_open(folder, &tt_alloc_libc, &rings) != TT_OK) {
        abort();
    }
    struct seen first = read_round(rings), again = read_round(rings);
    bool refused = first.lost > 0 && again.lost == 0; /* said once */
    if (!refused && memcmp(&first, &again, sizeof(first)) != 0) {
        abort();
    }
    tt_rings_done(rings);
    struct seen after = read_round(rings);
    if (after.records != 0 || after.lost != 0 || tt_rings_used(rings) != 0) {
        abort();
    }
    if (tt_ring_claim(folder, SIZE, &ring, &slot) == TT_OK) {
        if (slot == 0 && tt_ring_put(ring, TT_STR("{}"), &sequence) == TT_OK && read_round(rings).records != 1 && sequence != 0 &&
            sequence != UINT64_MAX) {
            abort();
        }
        tt_ring_release(ring);
    }
    tt_rings_close(rings);
    return 0;
}
