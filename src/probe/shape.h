/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What kind of value a random one is: a UUID, so many hexadecimal digits, a clock, a counter.
 */
#ifndef TT_PROBE_SHAPE_H
#define TT_PROBE_SHAPE_H

#include "base/buf.h"

enum tt_shape_kind {
    TT_SHAPE_EMPTY,
    TT_SHAPE_UUID, /* version in version: 4 is random, 7 begins with a time */
    TT_SHAPE_HEX,
    TT_SHAPE_BASE64, /* also base64url and other mixtures of capitals, small letters and digits */
    TT_SHAPE_TIME,   /* an integer: Unix time near the run's */
    TT_SHAPE_NUMBER, /* another integer */
    TT_SHAPE_ALNUM,  /* letters of one case, and digits */
    TT_SHAPE_OTHER,
};

#define TT_SHAPE_UUID_VERSION 14 /* where the digit of its version stands in a UUID: RFC 9562, section 4 */

struct tt_shape {
    enum tt_shape_kind kind;
    size_t length;
    bool capitals;      /* hexadecimal digits and other letters are capitals */
    unsigned version;   /* of a UUID */
    int64_t per_second; /* of a time: 1, 1000, ... */
    int64_t quarters;   /* of a time: quarters of an hour from the run's clock */
};

/* instant: the run's clock in Unix seconds; 0: not known, then a time is one of 2020 to 2040. */
struct tt_shape tt_shape_read(struct tt_str value, int64_t instant);

/* The part from..to of a text, or the whole UUID that it belongs to: of a version 7 the first digits are the time, and stand still with the clock. */
struct tt_str tt_shape_part(struct tt_str text, size_t from, size_t to);

/* "uuid4", "hex(16)", "integer near now": appended to out. */
void tt_shape_write(const struct tt_shape *shape, struct tt_buf *out);

/* How many random bits it can hold at most; 0 for a time. */
double tt_shape_bits(const struct tt_shape *shape);

/*
 * The digits at the beginning of a token that the clock decides: of an ObjectId and other ids in hexadecimal that begin with a Unix time; 0: none.
 */
size_t tt_shape_clock_digits(struct tt_str value, int64_t instant);

#endif
