/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What belongs together in two sequences: leaves of two requests, or words of two lines.
 *
 * Equal items are found by the longest common subsequence; what is left between them is paired where it is of one kind (leaves of one path, words,
 * signs), by likeness.  Two different channels on one line so become two differences.
 */
#ifndef TT_PROBE_ALIGN_H
#define TT_PROBE_ALIGN_H

#include "base/arena.h"

/* One item.  Items are equal when both numbers are; they may be paired when their kinds are. */
struct tt_align_item {
    uint64_t kind;
    uint64_t value;
    struct tt_str text; /* tells how like two items of one kind are */
};

#define TT_ALIGN_NONE SIZE_MAX

/*
 * For each item of b the one of a that it belongs to, or TT_ALIGN_NONE; those of a rise.  Myers' O(ND) up to TT_ALIGN_EDITS_MAX edits; beyond, only
 * items that come once in each serve as anchors, and the longest rising sequence of them counts.  Gaps of more than TT_ALIGN_GAP_MAX items
 * are paired in order.  partner has room for b's items; scratch lies in arena.
 */
enum tt_status tt_align(struct tt_arena *arena, const struct tt_align_item *a, size_t an, const struct tt_align_item *b,
                        size_t bn, size_t *partner) TT_MUST_USE;

/* 0-255: how much of two texts is the same, by their ends and their bytes. */
unsigned tt_align_likeness(struct tt_str a, struct tt_str b);

/* ---- lines of text ---- */

enum tt_token_kind {
    TT_TOKEN_WORD,  /* letters, digits, marks, and what is invisible between them */
    TT_TOKEN_BLANK, /* one white space */
    TT_TOKEN_SIGN,  /* one other character */
};

struct tt_token {
    enum tt_token_kind kind;
    size_t offset, length;
};

/* The token at *pos, which moves on; false at the end.  Any bytes: those that are no UTF-8 are signs. */
bool tt_token_next(struct tt_str text, size_t *pos, struct tt_token *out);

/* All tokens of text, in arena; *items has them as items to be aligned. */
enum tt_status tt_token_list(struct tt_arena *arena, struct tt_str text, struct tt_token **tokens, struct tt_align_item **items,
                             size_t *count) TT_MUST_USE;

#endif
