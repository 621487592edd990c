/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the strings of JSON can stop at, in plain C: eight bytes a step.
 *
 * Input and output as kernel.h says.  Owns nothing; reads p[0..n) only.
 */
#include "text/json_blocks.h"

#define EACH 0x0101010101010101u

/* Bit 7 of each byte of the word that is zero; the sum cannot carry from one byte into the next. */
static inline uint64_t
find_zeros(uint64_t word)
{
    return ~(((word & EACH * 0x7F) + EACH * 0x7F) | word) & EACH * 0x80;
}

/* Bit 7 of each byte, as bits 0 to 7. */
static inline uint64_t
gather(uint64_t word)
{
    return (word >> 7) * 0x0102040810204080 >> 56;
}

static inline void
add_word(struct tt_json_signs *signs, const unsigned char *p, unsigned at)
{
    uint64_t word;
    memcpy(&word, p, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word); /* the first byte is the lowest */
#endif
    uint64_t quotes = find_zeros(word ^ EACH * '"');
    uint64_t backslashes = find_zeros(word ^ EACH * '\\');
    uint64_t controls = ~((word & EACH * 0x7F) + EACH * (0x80 - 0x20)) & ~word & EACH * 0x80;
    uint64_t wide = word & EACH * 0x80;
    signs->quotes |= gather(quotes) << at;
    if (backslashes | controls | wide) { /* few words have any */
        signs->backslashes |= gather(backslashes) << at;
        signs->controls |= gather(controls) << at;
        signs->wide |= gather(wide) << at;
    }
}

/* Those of the escaped bytes that are letters of a simple escape. */
static uint64_t
find_simple(const unsigned char *block, uint64_t escaped)
{
    uint64_t simple = 0;
    for (; escaped; escaped &= escaped - 1) {
        unsigned at = (unsigned) __builtin_ctzll(escaped);
        simple |= (uint64_t) (memchr("\"\\bfnrt", block[at], 7) != NULL) << at;
    }
    return simple;
}

static void
look_at_block(struct tt_json_block *out, const unsigned char *block, uint64_t *carry)
{
    struct tt_json_signs signs = {0};
    for (unsigned at = 0; at < TT_JSON_BLOCK; at += 8) {
        add_word(&signs, block + at, at);
    }
    struct tt_json_escapes escapes = tt_json_find_escapes(signs.backslashes, carry);
    tt_json_finish(out, &signs, &escapes, find_simple(block, escapes.letters));
}

TT_KERNEL_JSON_BLOCKS(tt_json_blocks_c)
{
    uint64_t carry = 0;
    for (; n >= TT_JSON_BLOCK; n -= TT_JSON_BLOCK, p += TT_JSON_BLOCK) {
        look_at_block(out++, p, &carry);
    }
    if (n > 0) {
        unsigned char block[TT_JSON_BLOCK];
        tt_json_last_block(block, p, n);
        look_at_block(out, block, &carry);
    }
}
