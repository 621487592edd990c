/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dates as typed values: the canonical value apart from the surface, so that two surfaces of one date can be compared.
 */
#ifndef TT_TEXT_DATE_H
#define TT_TEXT_DATE_H

#include "base/str.h"

enum tt_date_order { TT_DATE_YMD, TT_DATE_DMY, TT_DATE_MDY };

struct tt_date {
    int year, month, day;     /* proleptic Gregorian; a day that exists */
    enum tt_date_order order; /* DMY where day and month could be exchanged */
    uint32_t separator[2];    /* code points as written */
    size_t separator_at[2];   /* their byte offsets in the text */
    size_t offset, length;    /* the whole token in the text */
    bool padded;              /* month and day have two digits each */
    bool ascii_digits;
};

/*
 * Reads the numeric date that covers byte pos: digits, separator, digits, separator, digits, the year of four digits first or last.  Digits of
 * any script (one script a token); separators of the hyphen and slash look-alike classes, or a full stop.  Not a date when a digit or a further
 * separator and digit adjoins (versions, paths, addresses).
 */
bool tt_date_read(struct tt_str text, size_t pos, struct tt_date *out);

#endif
