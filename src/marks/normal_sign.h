/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signs that are another character by canonical equivalence, judged one by one.  Private to src/marks.
 */
#ifndef TT_MARKS_NORMAL_SIGN_H
#define TT_MARKS_NORMAL_SIGN_H

#include "marks/channel.h"

#define TT_GREEK_QUESTION 0x037E
#define TT_KELVIN 0x212A
#define TT_ANGSTROM 0x212B

/* Judges the character at pos, if it is such a sign. */
void tt_normal_sign(struct tt_look *look, size_t pos, struct tt_rune rune);

/*
 * Does Hangul stand near, in the same line?  The sets of characters of Korea hold a Han character once for each of its readings (KS X 1001), and Korean
 * text chooses by the reading.
 */
bool tt_normal_is_beside_hangul(struct tt_str text, size_t from, size_t to);

#endif
