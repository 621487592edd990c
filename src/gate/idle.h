/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings of JSON in which no channel can find anything, told by one look at their bytes: most of a request.
 */
#ifndef TT_GATE_IDLE_H
#define TT_GATE_IDLE_H

#include "base/str.h"
#include "traffic/place.h"

enum tt_gate_idle {
    TT_GATE_NOT_IDLE,        /* says nothing: only the others are an answer */
    TT_GATE_IDLE_BUT_TOKENS, /* but for an identifier, or a header, of the kinds that count only in what a client writes itself */
    TT_GATE_IDLE,
};

/* raw: the inside of a string, whatever its place.  room: how many bytes from raw.ptr on may be read; at least raw.len. */
enum tt_gate_idle tt_gate_idle_of(struct tt_str raw, size_t room);

/* Could an identifier in the string count at that place?  What marks/opaque_token.c asks, by the first byte and tt_glance_is_about_user(). */
bool tt_gate_has_tokens(enum tt_place place, bool about_user, struct tt_str raw);

#endif
