/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of files at the beginning of an asar archive, as Electron applications have it: four numbers, a JSON object, then the files one behind the other.
 */
#ifndef TT_INSPECT_ASAR_H
#define TT_INSPECT_ASAR_H

#include "base/buf.h"
#include "text/kernel.h"

#define TT_ASAR_PREFIX 16 /* bytes of the four numbers */

struct tt_asar_entry {
    struct tt_str path; /* "dist/main.js" */
    uint64_t offset;    /* behind the list */
    uint64_t size;
};

struct tt_asar {
    const struct tt_alloc *alloc;
    struct tt_buf names; /* of the entries */
    struct tt_asar_entry *entries;
    size_t count, room;
    size_t unpacked; /* files that lie beside the archive */
    bool damaged;    /* entries that are none were passed over */
};

/* Does a file that begins so hold an asar archive?  *json: the bytes of its list; *base: where the files begin. */
bool tt_asar_is_one(struct tt_str head, size_t *json, uint64_t *base);

/* Reads a list; the entries are in the order of their offsets.  TT_E_INPUT, TT_E_LIMIT: it is damaged, or too long. */
enum tt_status tt_asar_read(struct tt_asar *asar, const struct tt_alloc *alloc, const struct tt_kernels *kernels,
                            struct tt_str json) TT_MUST_USE;
void tt_asar_free(struct tt_asar *asar);

#endif
