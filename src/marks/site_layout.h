/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a program lays out its JSON: the white space around the signs of each container, and the form of numbers.
 *
 * A program lays out alike throughout, and two programs differ throughout.  So a container says only whether its gaps agree with each other and with
 * those around it; a pretty-printed document and a compact one both do.
 */
#ifndef TT_MARKS_SITE_LAYOUT_H
#define TT_MARKS_SITE_LAYOUT_H

#include "base/limits.h"
#include "base/str.h"

/* The gaps of an open container.  A gap is what stands between two tokens; each is known by a key, 0 for none. */
struct tt_site_layout {
    uint64_t around;                /* the first gap with a colon in the containers around it */
    uint64_t opening, colon, comma; /* the first of each kind */
    uint64_t chain;                 /* of all gaps */
    size_t opening_length;
    uint32_t count;
    bool mixed; /* two of a kind differ */
    bool lost;  /* one was not seen */
    bool lined; /* the opening is a new line */
    uint8_t length;
    char text[TT_SITE_LAYOUT_TEXT]; /* the first two that differ */
};

/* A container opens inside of another (NULL: in none). */
void tt_site_layout_begin(struct tt_site_layout *layout, const struct tt_site_layout *outer);

/* The next gap of the container; closes: the one before its bracket. */
void tt_site_layout_gap(struct tt_site_layout *layout, struct tt_str gap, bool closes);

/* Does the container say anything?  Then *form is how it is laid out and *sample tells it to a person. */
bool tt_site_layout_form(const struct tt_site_layout *layout, uint64_t *form, struct tt_str *sample);

/*
 * What of a number is a choice.  key is equal for numbers that one program writes in one form: whole numbers; zeros; fractions of one value.
 * False for numbers that have an exponent because they are large or small, or that are too precise to return.
 */
bool tt_site_number_read(struct tt_str number, uint64_t *key, uint64_t *form);

#endif
