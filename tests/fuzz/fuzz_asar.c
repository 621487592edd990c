/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of asar archives.
 *
 * Input: the archive, or only its list where it does not begin as one.
 *
 * Properties: entries are in the order of their offsets, and have names within the buffer of names.
 */
#include "inspect/asar.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tt_asar asar;
    struct tt_str bytes = tt_str_make(data, size);
    size_t json;
    uint64_t base;
    if (size > 65536) {
        return 0;
    }
    if (tt_asar_is_one(bytes, &json, &base)) {
        if (base < TT_ASAR_PREFIX || json > base - TT_ASAR_PREFIX) {
            abort();
        }
        bytes = tt_str_slice(bytes, TT_ASAR_PREFIX, TT_ASAR_PREFIX + json);
    }
    enum tt_status status = tt_asar_read(&asar, &tt_alloc_libc, tt_kernels_get(tt_cpu_detect()), bytes);
    for (size_t i = 0; i < asar.count; i++) {
        const struct tt_asar_entry *entry = &asar.entries[i];
        bool named = entry->path.len == 0 ||
                     (entry->path.ptr >= asar.names.ptr && entry->path.ptr + entry->path.len <= asar.names.ptr + asar.names.len);
        if (!named || (i > 0 && entry->offset < entry[-1].offset) || (status == TT_E_MEMORY)) {
            abort();
        }
    }
    tt_asar_free(&asar);
    return 0;
}
