/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The body of a request as it came: pieces, perhaps compressed.
 *
 * Decoding is bounded twice: by the route's limit, and by a ratio beyond which data is no request.  What is compressed twice, cut off, or
 * followed by anything is refused: others could read it in another way.
 */
#ifndef TT_GATE_BODY_H
#define TT_GATE_BODY_H

#include "base/buf.h"
#include "gate/gate.h"

struct tt_gate_pieces {
    const struct tt_str *items;
    size_t count;
};

/* Their bytes. */
uint64_t tt_gate_pieces_length(const struct tt_gate_pieces *pieces);

/*
 * Appends the decoded body to out, whose max is the limit.  TT_E_LIMIT: larger, or more than TT_GATE_RATIO times what came.  TT_E_INPUT: broken.
 * TT_E_UNSUPPORTED: a coding that is not read.  TT_E_MEMORY.
 */
enum tt_status tt_gate_decode(const struct tt_alloc *alloc, enum tt_coding coding, const struct tt_gate_pieces *pieces,
                              struct tt_buf *out) TT_MUST_USE;

#endif
