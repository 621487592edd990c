/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings that were clean, by their fingerprints: fixed memory, four to a set of one cache line; the oldest of a set goes.
 *
 * A fingerprint that collides would let a string pass unseen.  They are keyed, never shown, and 128 bits wide, so nobody can look for one.
 */
#ifndef TT_GATE_MEMO_H
#define TT_GATE_MEMO_H

#include "base/alloc.h"
#include "base/limits.h"
#include "base/status.h"
#include "text/fingerprint.h"

#define TT_GATE_MEMO_WAYS 4

struct tt_gate_memo {
    struct tt_fingerprint_key key;
    struct tt_fingerprint (*sets)[TT_GATE_MEMO_WAYS];
    void *block; /* that sets lie in */
};

enum tt_status tt_gate_memo_init(struct tt_gate_memo *memo, const struct tt_alloc *alloc, const unsigned char secret[16],
                                 unsigned cpu) TT_MUST_USE;
void tt_gate_memo_free(struct tt_gate_memo *memo, const struct tt_alloc *alloc);

static inline struct tt_fingerprint *
tt_gate_memo_set(const struct tt_gate_memo *memo, struct tt_fingerprint fingerprint)
{
    return memo->sets[fingerprint.low % TT_GATE_MEMO_SETS];
}

/* The fingerprint of nothing that was put in: an empty place. */
static inline bool
tt_gate_memo_has(const struct tt_gate_memo *memo, struct tt_fingerprint fingerprint)
{
    const struct tt_fingerprint *set = tt_gate_memo_set(memo, fingerprint);
    bool found = false;
    for (int i = 0; i < TT_GATE_MEMO_WAYS; i++) {
        found |= tt_fingerprint_eq(set[i], fingerprint);
    }
    return found && (fingerprint.low | fingerprint.high) != 0;
}

void tt_gate_memo_add(struct tt_gate_memo *memo, struct tt_fingerprint fingerprint);

#endif
