/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Line and column of a byte, counted only when somebody asks.
 *
 * A cursor knows the position of the first byte of some window and of the last byte that was asked for, so that questions in
 * rising order cost one pass over the bytes.
 */
#ifndef TT_SCAN_CURSOR_H
#define TT_SCAN_CURSOR_H

#include "base/str.h"
#include "text/kernel.h"

struct tt_position {
    uint64_t offset; /* in the UTF-8 that is read, from 0 */
    uint64_t source; /* in the input itself; the same unless that is in another encoding */
    uint64_t line;   /* from 1 */
    uint64_t column; /* code points, from 1 */
};

struct tt_cursor {
    const struct tt_kernels *kernels;
    struct tt_str bytes;      /* the window */
    const uint8_t *widths;    /* of each of these bytes in the input; NULL: one */
    struct tt_position start; /* of bytes[0] */
    struct tt_position seen;  /* of the last answer; start.offset <= seen.offset <= start.offset + bytes.len */
};

/* At the start of an input, with no bytes. */
void tt_cursor_begin(struct tt_cursor *cursor, const struct tt_kernels *kernels);

/* The position of bytes[index]; index <= bytes.len. */
struct tt_position tt_cursor_at(struct tt_cursor *cursor, size_t index);

/* How many bytes of the input bytes[from..to) stand for. */
uint64_t tt_cursor_length(const struct tt_cursor *cursor, size_t from, size_t to);

/* Forgets the first n bytes: the window now begins there. */
void tt_cursor_drop(struct tt_cursor *cursor, size_t n);

#endif
