/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One bit by being there: a soft hyphen in every second word, an emoji with its style or without.
 *
 * Such characters are ordinary wherever they stand, and people and programs set them unevenly.  So nothing is said of them unless the places
 * that have one, and those that could, spell a text.  Private to src/marks.
 */
#ifndef TT_MARKS_PRESENCE_H
#define TT_MARKS_PRESENCE_H

#include "marks/channel.h"

/*
 * cp was met in the field: reads its letters, words and lines, each with or without cp.  True when they spell a text, which was reported.  Works once a
 * field and channel; takes the last of the channel's notes.
 */
bool tt_presence_of(struct tt_look *look, uint32_t cp, const char *what);

/* The same for the styles (U+FE0E, U+FE0F) behind the characters that take them. */
bool tt_presence_of_styles(struct tt_look *look);

#endif
