/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scripts as far as zero-width characters go.  Private to src/marks.
 */
#ifndef TT_MARKS_JUDGE_SCRIPT_H
#define TT_MARKS_JUDGE_SCRIPT_H

#include <stdbool.h>
#include <stdint.h>

/* Blocks of the Brahmic family: joiners choose between conjunct forms there. */
bool tt_judge_is_brahmic(uint32_t cp);

/* Scripts of South-East Asia that are written without blanks: ZWSP is their break opportunity. */
bool tt_judge_breaks_without_blanks(uint32_t cp);

bool tt_judge_is_east_asian(uint32_t cp);

/* Does a joiner between the two ask for a ligature: Runic, Tifinagh, Old Hungarian, Egyptian hieroglyphs? */
bool tt_judge_is_tied(uint32_t left, uint32_t right);

#endif
