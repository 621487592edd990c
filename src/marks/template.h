/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A text as a template: what is left when everything is folded in which a mark could hide.
 *
 * The text is read unit by unit.  A unit's fold is what a reader takes in: a letter, a blank, "date".  Its form is how it was
 * written: the bytes themselves, or the separators of a date.  Texts of equal fold and different form look alike and differ.
 */
#ifndef TT_MARKS_TEMPLATE_H
#define TT_MARKS_TEMPLATE_H

#include "base/buf.h"
#include "base/str.h"

struct tt_unit {
    size_t offset, length; /* in the text */
    bool value;            /* a typed value: only its format belongs to the form */
    bool blank;            /* white space */
    struct tt_str fold;    /* a value's type; else a character, or nothing behind the last visible one */
    struct tt_str form;    /* of a value not the text itself */
    char own[24];          /* room for what the text does not have: a unit is not to be copied */
};

/* Reads the unit at *pos and moves on; false at the end of the text. */
bool tt_template_next(struct tt_str text, size_t *pos, struct tt_unit *unit);

/* What a template says without its values: enough letters and words to be the same sentence, not the same by chance? */
struct tt_template {
    size_t letters, words;
};

/*
 * Appends the template of text to fold, its values as "{date}", and to form what tells its bytes from other bytes of that template: for
 * plain words nothing.  fold should be empty.
 */
struct tt_template tt_template_add(struct tt_str text, struct tt_buf *fold, struct tt_buf *form);

#endif
