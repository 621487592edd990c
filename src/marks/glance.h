/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Can there be a mark in a JSON string?  One pass over the bytes between its quotes, without decoding them.
 *
 * For each channel, and for each form of escape inside the text, there is something without which nothing is found: here is looked for that and for
 * nothing else.  Most strings have none of it.  "No" is certain, in whatever place of a request the string stands, but for identifiers
 * (opaque_token.c); "perhaps" says nothing.
 */
#ifndef TT_MARKS_GLANCE_H
#define TT_MARKS_GLANCE_H

#include "base/arena.h"
#include "text/kernel.h"
#include "traffic/place.h"

enum tt_glance {
    TT_GLANCE_PERHAPS,
    TT_GLANCE_HOLDS, /* no mark, unless the text is read as a document or as a stream of events (scan/nested.h) */
    TT_GLANCE_NO,
};

/*
 * raw: the inside of a string of strict JSON, in valid UTF-8, from its first byte to its last.  room: how many bytes from raw.ptr on may be read, at least
 * raw.len; behind raw stands its quote.  scratch is emptied.
 */
enum tt_glance tt_glance_at(const struct tt_kernels *kernels, struct tt_arena *scratch, struct tt_str raw, size_t room);

/*
 * Could there be an identifier, or a header, of the kinds that count where a client writes itself?  And does that place count?  What opaque_token.c asks, in advance;
 * about_user: tt_glance_is_about_user() of the path.
 */
bool tt_glance_has_token(struct tt_str raw);
bool tt_glance_wants_tokens(enum tt_place place, bool about_user, struct tt_str raw);

/* Is a string of a request that is no part of a conversation about the user, by its path: documented for this, but opaque? */
bool tt_glance_is_about_user(struct tt_str path);

#endif
