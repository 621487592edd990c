/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The value of a string literal: its escapes taken away.
 */
#ifndef TT_INSPECT_LITERAL_H
#define TT_INSPECT_LITERAL_H

#include "base/buf.h"

/* One character of a literal. */
struct tt_literal_char {
    uint32_t cp;  /* a surrogate without its partner stands for itself; a byte that is not UTF-8 is its own value */
    uint32_t len; /* bytes that it takes; 0 at the end */
    bool escaped; /* written \x.., \u.... or in octal */
};

/* The character at pos.  raw: without quotes.  escapes: backslashes mean something. */
struct tt_literal_char tt_literal_next(struct tt_str raw, size_t pos, bool escapes);

/* Appends the value in UTF-8. */
void tt_literal_add_text(struct tt_buf *out, struct tt_str raw, bool escapes);

/*
 * Appends the value as bytes, one of each character: what charCodeAt() gives to a program that takes it for bytes.  *high: what all
 * characters have above their lowest byte.  False, with nothing appended, when they do not have it in common.
 */
bool tt_literal_add_bytes(struct tt_buf *out, struct tt_str raw, bool escapes, uint32_t *high);

/* The integer that a number token is (decimal, 0x, 0o, 0b, with _ and n); false for others and beyond 32 bits. */
bool tt_literal_number(struct tt_str text, uint32_t *number);

#endif
