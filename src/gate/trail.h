/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trail of a body: a fingerprint of all that came before, at every TT_FINGERPRINT_STEP bytes.
 *
 * Equal states at the same place mean equal beginnings, which prefix.h lives by; the fingerprint that a record shows is made of the last one.
 */
#ifndef TT_GATE_TRAIL_H
#define TT_GATE_TRAIL_H

#include "base/alloc.h"
#include "base/limits.h"
#include "base/status.h"
#include "gate/body.h"
#include "text/fingerprint.h"

struct tt_gate_trail {
    const struct tt_fingerprint_key *key;
    struct tt_fingerprint *states; /* behind the first step, the second ...; TT_GATE_TRAIL_MAX of them at most are kept */
    size_t count;
    struct tt_fingerprint last; /* behind the last whole step */
    unsigned char rest[TT_FINGERPRINT_STEP];
    size_t rest_len;
    uint64_t length;
};

/* The key is kept by the caller. */
enum tt_status tt_gate_trail_init(struct tt_gate_trail *trail, const struct tt_alloc *alloc,
                                  const struct tt_fingerprint_key *key) TT_MUST_USE;
void tt_gate_trail_free(struct tt_gate_trail *trail, const struct tt_alloc *alloc);

/* That of the pieces, the same however they are cut. */
void tt_gate_trail_take(struct tt_gate_trail *trail, const struct tt_gate_pieces *pieces);

/* A fingerprint that may be shown: the trail itself would give the key away. */
void tt_gate_trail_show(const struct tt_gate_trail *trail, const unsigned char secret[16], unsigned char out[16]);

#endif
