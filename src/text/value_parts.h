/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The readers behind value.c.  Each reads the value of its kind that begins at pos, where a character that can begin one
 * stands and no word goes on; it fills everything but the offset, which is pos.  *out is all zero before.
 */
#ifndef TT_TEXT_VALUE_PARTS_H
#define TT_TEXT_VALUE_PARTS_H

#include "text/value.h"

/* value_clock.c */
bool tt_value_read_date(struct tt_str text, size_t pos, struct tt_value *out);
bool tt_value_read_time(struct tt_str text, size_t pos, struct tt_value *out);
bool tt_value_read_zone(struct tt_str text, size_t pos, struct tt_value *out);

/* value_number.c */
bool tt_value_read_number(struct tt_str text, size_t pos, struct tt_value *out);

/* value_token.c */
bool tt_value_read_uuid(struct tt_str text, size_t pos, struct tt_value *out);
bool tt_value_read_hex(struct tt_str text, size_t pos, struct tt_value *out);
bool tt_value_read_token(struct tt_str text, size_t pos, struct tt_value *out);
bool tt_value_read_version(struct tt_str text, size_t pos, struct tt_value *out);
bool tt_value_read_path(struct tt_str text, size_t pos, struct tt_value *out);
bool tt_value_read_url(struct tt_str text, size_t pos, struct tt_value *out);
bool tt_value_read_email(struct tt_str text, size_t pos, struct tt_value *out);

/* value_name.c: word is a whole word of letters.  The month 1-12 or the weekday 1-7 it names, or 0. */
int tt_value_month(struct tt_str word, bool *abbreviated);
int tt_value_weekday(struct tt_str word);

/* The minutes east of UTC of an abbreviation; false when it is none.  *exact is false where regions use it differently. */
bool tt_value_zone_name(struct tt_str word, int *minutes, bool *exact);

/* Does text begin with "Region/" of the time zone database?  Its length with the slash, or 0. */
size_t tt_value_zone_region(struct tt_str text);

/* Shared steps (value.c). */

/* One to max digits of any script at *pos; *digits says how many.  Sets form->zero and form->mixed_digits. */
bool tt_value_digits(struct tt_str text, size_t *pos, int max, uint64_t *value, int *digits, struct tt_value_form *form);

/* The word of letters that begins at pos; empty when none does, or when it is longer than any name. */
struct tt_str tt_value_word(struct tt_str text, size_t pos);

/* The byte at pos, or 0 outside the text. */
static inline unsigned char
tt_value_byte(struct tt_str text, size_t pos)
{
    return pos < text.len ? (unsigned char) text.ptr[pos] : 0;
}

#endif
