/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all versions of the kernel json_blocks have in common: telling the escapes of a block from its backslashes.  Private to this room.
 */
#ifndef TT_TEXT_JSON_BLOCKS_H
#define TT_TEXT_JSON_BLOCKS_H

#include "text/kernel_isa.h"

/* Where in a block of TT_JSON_BLOCK bytes what stands: a bit a byte. */
struct tt_json_signs {
    uint64_t quotes, backslashes, controls, wide;
};

struct tt_json_escapes {
    uint64_t begins;  /* the backslashes that begin an escape */
    uint64_t letters; /* the bytes behind those, as far as they are in the block */
    uint64_t first;   /* bit 0: the block's first byte is the letter of an escape before it */
};

/*
 * The first backslash of a row begins an escape, the second is its letter, and so on.  Subtracting the row's start from a number of odd
 * bits borrows its way up the row, and flips there every other bit: all escapes of a block in a few steps, without a branch
 * (the way of Keiser and Lemire in simdjson).  *carry: whether the first byte is escaped; then the same of the next block.
 */
static inline struct tt_json_escapes
tt_json_find_escapes(uint64_t backslashes, uint64_t *carry)
{
    const uint64_t odd = 0xAAAAAAAAAAAAAAAA;
    uint64_t first = *carry;
    uint64_t open = backslashes & ~first;
    uint64_t ends = (((open << 1) | odd) - open) ^ odd;
    uint64_t begins = ends & backslashes;
    *carry = begins >> (TT_JSON_BLOCK - 1);
    return (struct tt_json_escapes) {.begins = begins, .letters = begins << 1, .first = first};
}

/* simple: the letters of escapes that need no further look. */
static inline void
tt_json_finish(struct tt_json_block *out, const struct tt_json_signs *signs, const struct tt_json_escapes *escapes,
               uint64_t simple)
{
    /* The letter behind the block's last byte is not in sight. */
    uint64_t hard = (escapes->letters & ~simple) >> 1 | (escapes->begins & (uint64_t) 1 << (TT_JSON_BLOCK - 1));
    out->stops = (signs->quotes & ~(escapes->letters | escapes->first)) | signs->controls | hard;
    out->escapes = escapes->begins & ~hard;
    out->wide = signs->wide;
}

/* The last bytes of a text, with blanks behind them; a backslash at the end has a blank for its letter, and so is a stop. */
static inline void
tt_json_last_block(unsigned char block[TT_JSON_BLOCK], const unsigned char *p, size_t n)
{
    memset(block, ' ', TT_JSON_BLOCK);
    memcpy(block, p, n);
}

#endif
