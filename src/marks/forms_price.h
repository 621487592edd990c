/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which explanation of some places is the cheaper one: that somebody wrote a text into them, or that nobody did?
 *
 * A price is the number of bits that an explanation takes to write the places down (minimum description length).  Without a
 * message they come from chance, from a habit that shows in the places themselves, or from rows and columns; so neither sparse
 * forms nor patterns pass for text, although their bytes may all be printable.  Private to src/marks.
 */
#ifndef TT_MARKS_FORMS_PRICE_H
#define TT_MARKS_FORMS_PRICE_H

#include "marks/forms.h"

#define TT_PRICE_BIT 16 /* prices count sixteenths of a bit */

/* What the cheaper of chance and habits pays for places from..to.  Stops where it is under enough. */
int tt_price_of_habits(const struct tt_forms *forms, size_t from, size_t to, int enough);

/* The same, with patterns that repeat. */
int tt_price_of_places(const struct tt_forms *forms, size_t from, size_t to, int enough);

/* Length of the text that bytes begin with, and what a writer pays for it.  A character cut by the end does not count. */
size_t tt_price_of_text(struct tt_str bytes, int *price);

/* What chance pays for one of so many; between powers of two a straight line, which is a little less. */
int tt_price_of_range(unsigned range);

/* Can the character stand in a text? */
bool tt_price_is_wide_text(uint32_t cp);

static inline bool
tt_price_is_text(uint32_t cp)
{
    if (cp < 0x80) {
        return (cp >= ' ' && cp < 0x7F) || cp == '\n' || cp == '\t' || cp == '\r';
    }
    return tt_price_is_wide_text(cp);
}

/* Bits that tell one of n things apart. */
unsigned tt_price_log2(size_t n);

#endif
