/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-16 and UTF-32, in both byte orders: the Unicode Standard, sections 3.9 and 3.10.
 */
#ifndef TT_TEXT_TRANSCODE_H
#define TT_TEXT_TRANSCODE_H

#include "base/str.h"

enum tt_utf { TT_UTF_8, TT_UTF_16LE, TT_UTF_16BE, TT_UTF_32LE, TT_UTF_32BE };

/* The form that a byte order mark at the start of text names; TT_UTF_8 without one. */
enum tt_utf tt_utf_of_mark(struct tt_str text);

/* One character of another encoding. */
struct tt_unit {
    uint32_t cp;  /* U+FFFD in place of what is none */
    uint32_t len; /* bytes that it takes; 0: more bytes are needed, or the text ends here */
    bool bad;     /* a surrogate without its partner, a number over U+10FFFF, or units cut off by the text's end */
};

/* The character of the form (not UTF-8) at pos.  final: nothing follows the text. */
struct tt_unit tt_utf_next(enum tt_utf form, struct tt_str text, size_t pos, bool final);

#endif
