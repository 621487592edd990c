/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sequences that Unicode lists: emoji recommended for general interchange (UTS #51, RGI) and variation sequences
 * (StandardizedVariants.txt, emoji-variation-sequences.txt).
 */
#ifndef TT_TEXT_SEQUENCE_H
#define TT_TEXT_SEQUENCE_H

#include "base/str.h"

#define TT_EMOJI_SEQUENCE_MAX 16 /* code points; the longest listed one of Unicode 15.0 is shorter */

/* True when the code points, U+FE0F left out, are a listed emoji, keycap, flag, modifier, tag or ZWJ sequence. */
bool tt_emoji_is_rgi(const uint32_t *cps, size_t n);

/* True when base followed by selector is a listed pair; any ideograph takes U+E0100-E01EF (the registry is not packaged). */
bool tt_variation_is_listed(uint32_t base, uint32_t selector);

#endif
