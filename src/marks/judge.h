/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Legitimate use of zero-width characters: where scripts, emoji and typography need them.  Private to src/marks.
 */
#ifndef TT_MARKS_JUDGE_H
#define TT_MARKS_JUDGE_H

#include "marks/run.h"

/* Judges a run of characters with TT_CHAR_ZERO_WIDTH or TT_CHAR_INVISIBLE by what stands on both sides. */
struct tt_verdict tt_judge_zero_width(const struct tt_field *field, const struct tt_run *run);

/* Does cp belong to a script that is written with joiners: Arabic and its kin, or one of the Brahmic family? */
bool tt_judge_uses_joiners(uint32_t cp);

/* The emoji sequence around a zero width joiner at pos: not an emoji, listed, or well-formed but not listed. */
enum tt_emoji_kind { TT_EMOJI_NONE, TT_EMOJI_LISTED, TT_EMOJI_UNLISTED };
enum tt_emoji_kind tt_judge_emoji_joiner(struct tt_str text, size_t pos);

/* Do two or more joined emoji end at pos, and none begins with after, what stands behind? */
bool tt_judge_ends_cut_chain(struct tt_str text, size_t pos, uint32_t after);

#endif
