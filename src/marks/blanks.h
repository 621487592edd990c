/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much the channels of blanks ask for before they read anything: shared by each channel and by glance.c, which must not miss it.
 */
#ifndef TT_MARKS_BLANKS_H
#define TT_MARKS_BLANKS_H

#include "base/arena.h"
#include "marks/forms.h"
#include "marks/spacing_row.h"

/* trailing_space.c */
#define TT_TAIL_MAX 1024   /* blanks of one line that are looked at */
#define TT_TAIL_LINES 10   /* lines with blanks that do the same in a text of which half the bits are zero ... */
#define TT_TAIL_STRETCH 64 /* ... among so many lines */
#define TT_TAIL_GROUPS 8   /* groups that stegsnow would make of the blanks */

/* line_start.c */
#define TT_LINE_START_GLANCE 4096 /* bytes in which both forms must have been chosen ... */
#define TT_LINE_START_SHARE 4     /* ... so many times, at least */

/* Could the starts of lines say something?  raw: the inside of a JSON string.  The arena is emptied. */
bool tt_line_start_may_say(struct tt_arena *arena, const struct tt_kernels *kernels, struct tt_str raw);

/* spacing.c */
#define TT_SPACING_GLANCE 512   /* bytes at the beginning in which two spaces must stand between words */
#define TT_SPACING_BYTES 4096   /* at the beginning, in which ... */
#define TT_SPACING_WORDS 48     /* ... so many gaps are counted, or ... */
#define TT_SPACING_SENTENCES 24 /* ... ends of sentences; ... */
#define TT_SPACING_SHARE 6      /* ... at least one of so many must be a single space, and one a double */

/* What forms.c asks for besides: places, and of so many in a row at least so many of the rarer form. */
#define TT_SPACING_LEAST (7 * TT_FORMS_UNITS)
#define TT_SPACING_STRETCH (8 * TT_FORMS_UNITS)
#define TT_SPACING_RARER (TT_SPACING_STRETCH / 4)

/* Could the gaps of a text, or those behind sentences, say something?  The arena is emptied. */
bool tt_spacing_may_say(struct tt_arena *arena, const struct tt_spacing_text *text, bool sentences);

#endif
