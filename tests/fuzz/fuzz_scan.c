/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole scan on any bytes, as text and as JSON.  Properties: it ends without trouble; the reference kernels and the fastest find the
 * same; every finding lies within the input.
 */
#include "scan/scan.h"

#include <stdlib.h>

struct seen {
    uint64_t size;
    uint64_t count;
    uint64_t hash;
};

static enum tt_status
take(void *ctx, const struct tt_scan_result *result)
{
    struct seen *seen = ctx;
    for (size_t i = 0; i < result->finding_count; i++) {
        const struct tt_finding *f = &result->findings[i];
        if (f->where.offset > seen->size || f->where.length > seen->size - f->where.offset || f->where.line == 0 ||
            f->where.column == 0) {
            abort();
        }
        for (size_t k = 0; f->id[k]; k++) {
            seen->hash = seen->hash * 31 + (unsigned char) f->id[k];
        }
    }
    seen->count += result->finding_count + result->not_inspected_count;
    return TT_OK;
}

static struct seen
scan(struct tt_str uri, struct tt_str bytes, unsigned cpu)
{
    struct seen seen = {.size = bytes.len};
    struct tt_scan run = {.alloc = &tt_alloc_libc, .kernels = tt_kernels_get(cpu), .jobs = 1, .result = take, .ctx = &seen};
    if (tt_scan_bytes(&run, uri, bytes) != TT_OK) {
        abort();
    }
    return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct tt_str uris[] = {TT_STR_INIT("input.txt"), TT_STR_INIT("input.jsonl")};
    for (size_t i = 0; i < 2; i++) {
        struct seen reference = scan(uris[i], tt_str_make(data, size), 0);
        struct seen fastest = scan(uris[i], tt_str_make(data, size), tt_cpu_detect());
        if (reference.count != fastest.count || reference.hash != fastest.hash) {
            abort();
        }
    }
    return 0;
}
