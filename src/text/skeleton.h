/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Skeletons: two texts that a reader could take for each other have the same one.  Unicode Technical Standard #39, section 4, without the
 * default-ignorable characters.
 */
#ifndef TT_TEXT_SKELETON_H
#define TT_TEXT_SKELETON_H

#include "base/arena.h"

/* Characters of the longest prototype of one character (U+FDFA). */
#define TT_SKELETON_MAX 18

/* The prototype of cp: how many characters, written to out. */
size_t tt_skeleton_char(uint32_t cp, uint32_t out[TT_SKELETON_MAX]);

/*
 * Do both texts have one skeleton?  Bytes that are not UTF-8 stand for themselves.  Scratch lies in arena.  TT_E_LIMIT: a text has more than
 * TT_SKELETON_TEXT_MAX characters; *same is then false.
 */
enum tt_status tt_skeleton_same(struct tt_arena *arena, struct tt_str a, struct tt_str b, bool *same) TT_MUST_USE;

#endif
