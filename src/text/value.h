/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Typed values in text: dates, times, numbers, identifiers, paths.
 *
 * A value is read apart from its surface, so that two surfaces of one value can be compared, and so that the constant part of
 * a text is left when its values are replaced: "Today's date is {date}."  Recognising is by shape and errs on the side of
 * constant text; nothing here judges.
 */
#ifndef TT_TEXT_VALUE_H
#define TT_TEXT_VALUE_H

#include "base/str.h"

enum tt_value_type {
    TT_VALUE_DATE,    /* 2026-05-09, 9.5.2026, May 9, 2026, Sat May  9, May 2026, U+5E74 and its like between the parts */
    TT_VALUE_TIME,    /* 14:05, 2:05 PM, 14:05:09.250 */
    TT_VALUE_ZONE,    /* +02:00, UTC+2, Z behind a time, Europe/Berlin, CEST */
    TT_VALUE_NUMBER,  /* 12, -1.5, 1,234,567, 6e23; digits of any script */
    TT_VALUE_UUID,    /* 8-4-4-4-12 hexadecimal digits */
    TT_VALUE_HEX,     /* eight hexadecimal digits or more with a letter and a digit, or 0x and four */
    TT_VALUE_TOKEN,   /* 16 letters, digits, _ and - or more, mixed as no word is: toolu_01A9Q8f2Lr... */
    TT_VALUE_VERSION, /* 1.2.3, v2, 2.1.169-beta.1; also addresses such as 10.0.0.1 */
    TT_VALUE_PATH,    /* /usr/lib, ~/x, ./x, C:\x, src/main.c */
    TT_VALUE_URL,     /* scheme://... */
    TT_VALUE_EMAIL,   /* name@example.org */
};
#define TT_VALUE_TYPES 11

enum tt_value_order { TT_VALUE_YMD, TT_VALUE_DMY, TT_VALUE_MDY };

/* Are numbers below ten written with a leading zero?  Unknown when there is none below ten. */
enum tt_value_padding { TT_VALUE_PADDING_UNKNOWN, TT_VALUE_PADDED, TT_VALUE_BARE };

/* What in the surface does not come from the value. */
struct tt_value_form {
    uint32_t zero;         /* '0', or the zero of another script; of the first digit, if scripts are mixed */
    uint32_t separator[2]; /* date: behind its first and second part; time: the colon, and what stands before am or pm;
                              number: between groups, and before the fraction; 0 for none */
    uint8_t order;         /* date: enum tt_value_order */
    uint8_t padding;       /* date and hour of a time: enum tt_value_padding */
    bool mixed_digits;     /* digits of two scripts */
    bool named;            /* date: a month's name; zone: a name */
    bool abbreviated;      /* that name is a short one */
    bool weekday;          /* date: begins with a weekday's name */
    bool twelve;           /* time: with am or pm */
    bool seconds;          /* time: says seconds */
};

struct tt_value {
    enum tt_value_type type;
    size_t offset, length;           /* the surface */
    bool exact;                      /* the value is below; else only the surface is known, as of all types but the first four */
    int year, month, day;            /* date; 0 where it says none */
    int hour, minute, second, nanos; /* time, of 24 hours; second is 0 where it says none */
    int zone;                        /* zone: minutes east of UTC */
    int64_t number;                  /* number: number * 10^scale, without zeros at its end */
    int scale;
    struct tt_value_form form;
};

/*
 * Reads the value that begins at pos.  False when none does: also inside a word or a longer token, so that a text can be asked from
 * left to right at every character.  Values longer than TT_VALUE_BYTES_MAX are none.  Bounded work; text is valid UTF-8.
 */
bool tt_value_read(struct tt_str text, size_t pos, struct tt_value *out);

/* The first value that begins at or behind pos; values do not overlap when pos goes on at the end of the last. */
bool tt_value_next(struct tt_str text, size_t pos, struct tt_value *out);

/* "date", "time" ...: the placeholder of a template; static storage. */
const char *tt_value_name(enum tt_value_type type);

/* Do both say the same, as far as their exact values tell?  Never true of values that are not exact. */
bool tt_value_same(const struct tt_value *a, const struct tt_value *b);

/* Could one format have written both surfaces?  Values of the same type only. */
bool tt_value_same_form(const struct tt_value *a, const struct tt_value *b);

#endif
