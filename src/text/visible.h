/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text made safe and visible for a person: what a terminal would hide, obey or confuse is written as ‹U+XXXX›.
 */
#ifndef TT_TEXT_VISIBLE_H
#define TT_TEXT_VISIBLE_H

#include "base/buf.h"

/*
 * Appends text.  Control, format, invisible, blank and private characters become ‹U+XXXX›, wherever they stand; runs of more
 * than eight are shortened to ‹U+200B … ×24›.  In mark_from..mark_to every character that is not an ASCII letter, digit or
 * blank is written so too, ASCII ones as ‹/›.  Bytes that are not UTF-8 become ‹XX›.
 */
void tt_visible_add(struct tt_buf *out, struct tt_str text, size_t mark_from, size_t mark_to);

/* The line around from..to, at most TT_EXCERPT_POINTS characters on each side ("…" where cut), through tt_visible_add. */
void tt_visible_excerpt(struct tt_buf *out, struct tt_str text, size_t from, size_t to);

#endif
