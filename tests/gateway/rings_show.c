/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the records that wait in a folder of rings, one a line, and takes them out: what a test sees in place of a collector.
 *
 * usage: rings_show FOLDER [keep]
 */
#include "ledger/ring.h"

#include <stdio.h>

static enum tt_status
show(void *ctx, const struct tt_ring_record *record)
{
    (void) ctx;
    printf("%.*s\n", (int) record->bytes.len, record->bytes.ptr);
    return TT_OK;
}

static enum tt_status
lose(void *ctx, const struct tt_ring_source *source, uint64_t from, uint64_t to)
{
    (void) ctx;
    printf("{\"type\":\"loss\",\"slot\":%u,\"from\":%llu,\"to\":%llu}\n", source->slot, (unsigned long long) from,
           (unsigned long long) to);
    return TT_OK;
}

static enum tt_status
leave(void *ctx, const struct tt_ring_source *source)
{
    (void) ctx;
    printf("{\"type\":\"gone\",\"slot\":%u,\"writer\":%lld}\n", source->slot, (long long) source->writer);
    return TT_OK;
}

int
main(int argc, char **argv)
{
    struct tt_ring_sink sink = {.take = show, .lost = lose, .gone = leave};
    struct tt_rings *rings;
    if (argc < 2 || tt_rings_open(argv[1], &tt_alloc_libc, &rings) != TT_OK) {
        perror("rings_show");
        return 1;
    }
    enum tt_status status = tt_rings_read(rings, &sink);
    if (status == TT_OK && argc == 2) {
        tt_rings_done(rings);
    }
    tt_rings_close(rings);
    return status == TT_OK ? 0 : 1;
}
