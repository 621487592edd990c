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

#endif
