/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a body is known to be clean is passed over; what turns out to be clean is remembered (parts.h).
 *
 * Beside single parts, runs of TT_GATE_RUN parts of a list are known: a conversation of hundreds of messages takes no more memory, nor time to look it up,
 * than its length in runs.
 */
#ifndef TT_GATE_KNOWN_H
#define TT_GATE_KNOWN_H

#include "gate/reader.h"

/* A part begins at the token, which frames has counted already.  True: it is passed over, perhaps with those behind it. */
bool tt_gate_known_pass(struct tt_gate_reader *reader, const struct tt_json_token *token);

/* A container closes at the token. */
void tt_gate_known_close(struct tt_gate_reader *reader, const struct tt_json_token *token);

#endif
