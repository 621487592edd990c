/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings of JSON in which no channel can find anything, told by one look at their bytes: most of a request.
 */
#ifndef TT_GATE_IDLE_H
#define TT_GATE_IDLE_H

#include "base/str.h"

/*
 * raw: the inside of a string, whatever its place.  room: how many bytes from raw.ptr on may be read; at least raw.len.  False says nothing: only
 * true is an answer.
 */
bool tt_gate_is_idle(struct tt_str raw, size_t room);

#endif
