/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spool of the collector on a file of any bytes.
 *
 * Input: a byte of flags, then the file.  Flag 1: the check sums of frames are set right, so that what is behind them is reached.
 *
 * Properties: reading ends, hands over the same until it is done, and accounts for every byte up to the end; what is added behind it comes out as it went
 * in; an emptied spool is empty.
 */
#include "base/crc.h"
#include "ledger/spool.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FRAME 64 /* bytes of a frame before its content, of which a sum covers those behind the first eight */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    uint64_t events, bytes, damaged, sum; /* no padding: they are compared as memory */
    uint64_t last;                        /* the event that was added last has come */
};

static char folder[64], file[96];

static void
remove_folder(void)
{
    unlink(file);
    rmdir(folder);
}

static void
make_folder(void)
{
    snprintf(folder, sizeof(folder), "%s/telltale-fuzz-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (!mkdtemp(folder) || atexit(remove_folder) != 0) {
        abort();
    }
    snprintf(file, sizeof(file), "%s/records", folder);
}

static void
repair(char *data, size_t size)
{
    uint32_t length, check;
    for (size_t at = 0; size - at >= FRAME; at += (FRAME + length + 7) & ~(size_t) 7) {
        memcpy(&length, data + at + 12, sizeof(length));
        if (length > TT_RING_RECORD_MAX || FRAME + length > size - at) {
            return;
        }
        check = tt_crc32c(0, tt_str_make(data + at + 8, FRAME - 8 + length));
        memcpy(data + at + 4, &check, sizeof(check));
        if (((FRAME + length + 7) & ~(size_t) 7) > size - at) {
            return;
        }
    }
}

static void
write_file(const uint8_t *data, size_t size)
{
    size_t length = size ? size - 1 : 0;
    char *copy = malloc(length + 1);
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (!copy || fd < 0) {
        abort();
    }
    memcpy(copy, data + (size ? 1 : 0), length);
    if (size > 0 && data[0] & 1) {
        repair(copy, length);
    }
    if (write(fd, copy, length) != (ssize_t) length) {
        abort();
    }
    close(fd);
    free(copy);
}

static enum tt_status
on_event(void *ctx, const struct tt_event *event)
{
    struct seen *seen = ctx;
    seen->events++;
    if (event->kind == TT_EVENT_DAMAGE) {
        seen->damaged += event->from;
        return TT_OK;
    }
    if (event->kind < TT_EVENT_RECORD || event->kind > TT_EVENT_GONE || event->bytes.len > TT_RING_RECORD_MAX) {
        abort();
    }
    for (size_t i = 0; i < event->bytes.len; i++) {
        seen->sum += (unsigned char) event->bytes.ptr[i];
    }
    seen->bytes += (FRAME + event->bytes.len + 7) & ~(size_t) 7;
    seen->last = event->kind == TT_EVENT_RECORD && event->ring == 77 && tt_str_eq(event->bytes, TT_STR("the last"));
    return TT_OK;
}

/* All that is there, twice a stretch. */
static struct seen
read_all(struct tt_spool *spool)
{
    struct seen all = {0};
    while (tt_spool_waits(spool) > 0) {
        struct seen one = all, again = all;
        if (tt_spool_read(spool, on_event, &one) != TT_OK || tt_spool_read(spool, on_event, &again) != TT_OK ||
            memcmp(&one, &again, sizeof(one)) != 0 || one.events == all.events) {
            abort();
        }
        all = one;
        tt_spool_done(spool);
    }
    return all;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tt_spool *spool;
    struct tt_event last = {.kind = TT_EVENT_RECORD, .ring = 77, .from = 1, .to = 1, .bytes = TT_STR("the last")};
    if (!folder[0]) {
        make_folder();
    }
    write_file(data, size);
    if (tt_spool_open(folder, &tt_alloc_libc, &spool) != TT_OK || tt_spool_waits(spool) > size ||
        tt_spool_waits(spool) % 8 != 0 || tt_spool_add(spool, &last) != TT_OK || tt_spool_sync(spool) != TT_OK) {
        abort();
    }
    uint64_t waits = tt_spool_waits(spool);
    struct seen seen = read_all(spool);
    if (!seen.last || seen.bytes + seen.damaged != waits) {
        abort();
    }
    tt_spool_close(spool);
    if (tt_spool_open(folder, &tt_alloc_libc, &spool) != TT_OK || tt_spool_waits(spool) != 0) {
        abort();
    }
    tt_spool_close(spool);
    return 0;
}
