/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a learned site is known again by.
 */
#ifndef TT_MARKS_LEARNED_ANCHOR_H
#define TT_MARKS_LEARNED_ANCHOR_H

#include "marks/learned.h"

/*
 * Fills what of a site is compared; its symbols, and the edges of its sides, are there already.  before and after live as long as the site.  *enough: can it be
 * told from other texts?
 */
enum tt_status tt_learned_skeleton(struct tt_learned_site *site, struct tt_str before, struct tt_str after,
                                   struct tt_arena *arena, bool *enough) TT_MUST_USE;

/* Makes the pairs of bytes that a kernel looks for, from the anchors of all sites. */
void tt_learned_add_pairs(struct tt_learned *learned);

#endif
