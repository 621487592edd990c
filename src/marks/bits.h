/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bits that a text carries in places of its own, such as letters that could be exchanged.  Private to src/marks.
 */
#ifndef TT_MARKS_BITS_H
#define TT_MARKS_BITS_H

#include "marks/forms.h"

/*
 * Reads n bits, 0 or 1 each, of which 1 stands for the form that the text is not written in.  What is read lies between the first
 * 1 and the last.  text: how the two forms look, for the description.  True when they say something; a failure is left in
 * look->status.
 */
bool tt_bits_read(struct tt_look *look, const uint8_t *bits, size_t n, const struct tt_str text[2], struct tt_forms_demand demand,
                  struct tt_payload *out);

#endif
