/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What surrounds a character: the line it stands in and what that line is written in.  Shared by the channels that judge
 * ordinary characters in unusual places.
 */
#ifndef TT_MARKS_CONTEXT_H
#define TT_MARKS_CONTEXT_H

#include "base/str.h"

/* A context is at most this many bytes on each side: enough for a sentence, and bounded on a line of a gigabyte. */
#define TT_CONTEXT_BYTES 240

struct tt_span {
    size_t from, to;
};

/* The line around pos, or what of it lies within TT_CONTEXT_BYTES; cut at character boundaries. */
struct tt_span tt_context_line(struct tt_str text, size_t pos);

/* Does the line read as English: does it hold one of the commonest English words? */
bool tt_context_is_english(struct tt_str line);

/* Is any character of the line Han, Kana, Hangul or a fullwidth form? */
bool tt_context_has_cjk(struct tt_str line);

/* Does a placeholder as "{0}" or "{name}" end at from or begin at to?  What stands beside it glues parts that a program puts together. */
bool tt_context_is_at_placeholder(struct tt_str text, size_t from, size_t to);

/*
 * Do bytes that are no text stand around from..to: many control characters or escapes of bytes, with next to no words between them?  Programs keep tables and whole machine
 * programs in strings; what looks like a mark there is a number.
 */
bool tt_context_is_binary(struct tt_str text, size_t from, size_t to);

/* Does the line hold word (lower-case ASCII) as a whole word, in any case? */
bool tt_context_has_word(struct tt_str line, struct tt_str word);

#endif
