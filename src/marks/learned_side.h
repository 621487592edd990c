/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The skeleton of a text: its letters in small, look-alikes as the ASCII ones, '#' for each digit, and nothing else.  So a text is the same whatever
 * other marks its punctuation, spaces, case or look-alikes carry.
 */
#ifndef TT_MARKS_LEARNED_SIDE_H
#define TT_MARKS_LEARNED_SIDE_H

#include "base/str.h"
#include "text/utf8.h"

#define TT_SKELETON_BYTES 4   /* of one character */
#define TT_SKELETON_BETWEEN 6 /* characters that may stand between two of its letters */

/* What a character adds to the skeleton: that many bytes of out; 0 for none. */
size_t tt_skeleton_fold(uint32_t cp, char out[TT_SKELETON_BYTES]);

/* A text in which sides are looked for. */
struct tt_skeleton_text {
    struct tt_str text;
    bool escaped;      /* it is the inside of a JSON string, whose escapes are two bytes long */
    bool starts, ends; /* nothing stands before it; behind it */
};

/*
 * Do the letters stand from *pos on, with at most so many characters between two of them?  Then *pos is behind the last; edge: and behind that
 * the line ends.
 */
bool tt_skeleton_forward(const struct tt_skeleton_text *t, size_t *pos, struct tt_str letters, bool edge, size_t between);

/* The same before *pos, in the other direction. */
bool tt_skeleton_back(const struct tt_skeleton_text *t, size_t *pos, struct tt_str letters, bool edge, size_t between);

#endif
