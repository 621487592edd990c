/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all versions of the kernel string_blocks have in common: what the masks of a block say together.  Private to this
 * room.
 */
#ifndef TT_TEXT_STRING_BLOCKS_H
#define TT_TEXT_STRING_BLOCKS_H

#include "text/json_blocks.h"

_Static_assert(TT_STRING_BLOCK == TT_JSON_BLOCK, "the escapes of both are found by one function");

/* A bit for each byte of a block: its class, and what the byte behind it is. */
struct tt_string_masks {
    uint64_t backslashes, spaces, ends, signs, base64, halves, more;
    uint64_t before_n, before_t, before_backslash, before_quote;
};

static inline void
tt_string_finish(struct tt_string_block *out, const struct tt_string_masks *m, uint64_t *carry)
{
    struct tt_json_escapes escapes = tt_json_find_escapes(m->backslashes, carry);
    uint64_t begins = escapes.begins, plain = ~(escapes.letters | escapes.first);
    out->escapes = begins;
    out->feeds = begins & m->before_n;
    out->tabs = begins & m->before_t;
    out->backslashes = begins & m->before_backslash;
    out->others = begins & ~(m->before_n | m->before_t | m->before_backslash | m->before_quote);
    out->spaces = m->spaces;
    out->ends = m->ends;
    out->signs = m->signs & plain;
    out->base64 = m->base64 & plain;
    out->halves = m->halves;
    out->more = m->more;
}

/* The last bytes of a text, and zeros. */
static inline void
tt_string_last_block(unsigned char block[TT_STRING_BLOCK + 1], const unsigned char *p, size_t n)
{
    memset(block, 0, TT_STRING_BLOCK + 1);
    memcpy(block, p, n);
}

#endif
