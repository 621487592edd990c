/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands between two tokens of a JSON document, also where the window has lost its beginning: the blanks and the sign of a container, for the
 * site reader.
 */
#ifndef TT_SCAN_GAP_H
#define TT_SCAN_GAP_H

#include "marks/sites.h"
#include "json/lexer.h"

struct tt_gap {
    uint64_t from;                  /* offset behind the last token, with its quote */
    char held[TT_SITE_LAYOUT_TEXT]; /* what stands there and the window has lost; a longer gap is not known */
    size_t length;
};

/* A document begins at that offset. */
void tt_gap_begin(struct tt_gap *gap, uint64_t offset);

/* The window, which begins at the offset start, is about to lose what stands before the offset to. */
void tt_gap_hold(struct tt_gap *gap, struct tt_str window, uint64_t start, uint64_t to);

/* The next token is complete: tells the reader, if there is one, what stands before it, and returns that; nothing where it is not known. */
struct tt_str tt_gap_take(struct tt_gap *gap, struct tt_str window, uint64_t start, const struct tt_json_token *token,
                          struct tt_site_reader *reader);

#endif
