/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of clean strings; see memo.h.
 *
 * Input: fingerprints.  Output: whether one was put in.  The table is allocated once and cleared; the memo owns it.
 */
#include "gate/memo.h"

#define LINE 64
#define SIZE (TT_GATE_MEMO_SETS * sizeof(struct tt_fingerprint[TT_GATE_MEMO_WAYS]) + LINE)

enum tt_status
tt_gate_memo_init(struct tt_gate_memo *memo, const struct tt_alloc *alloc, const unsigned char secret[16], unsigned cpu)
{
    char *block = tt_alloc_new(alloc, SIZE);
    memo->block = block;
    if (!block) {
        return TT_E_MEMORY;
    }
    memset(block, 0, SIZE);
    memo->sets = (struct tt_fingerprint(*)[TT_GATE_MEMO_WAYS])(void *) (block + (LINE - (uintptr_t) block % LINE));
    tt_fingerprint_key_init(&memo->key, secret, cpu);
    return TT_OK;
}

void
tt_gate_memo_free(struct tt_gate_memo *memo, const struct tt_alloc *alloc)
{
    tt_alloc_free(alloc, memo->block, SIZE);
    memo->block = NULL;
}

void
tt_gate_memo_add(struct tt_gate_memo *memo, struct tt_fingerprint fingerprint)
{
    struct tt_fingerprint *set = tt_gate_memo_set(memo, fingerprint);
    memmove(set + 1, set, (TT_GATE_MEMO_WAYS - 1) * sizeof(*set));
    set[0] = fingerprint;
}
