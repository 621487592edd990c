/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands in a JSON string, in plain C: a byte a step.
 *
 * Input and output as kernel.h says.  Owns nothing; reads p[0..n) only.
 */
#include "text/char.h"
#include "text/string_blocks.h"

static bool
is_base64(unsigned char c)
{
    return (tt_base64_sets.high[c >> 4] & tt_base64_sets.low[c & 0xF]) != 0;
}

/* c, and the byte behind it. */
static void
add_byte(struct tt_string_masks *m, unsigned char c, unsigned char next, size_t at)
{
    uint64_t bit = (uint64_t) 1 << at;
    m->backslashes |= c == '\\' ? bit : 0;
    m->spaces |= c == ' ' ? bit : 0;
    m->ends |= c == '.' || c == '?' || c == '!' || c == ':' || c == '"' || c == ')' ? bit : 0;
    m->signs |= c == '%' || c == '&' || c == '+' ? bit : 0;
    m->halves |= c >= '-' && c <= '/' && tt_ascii_is_digit(next) ? bit : 0;
    m->more |= c >= 0x7F ? bit : 0;
    m->base64 |= is_base64(c) ? bit : 0;
    m->before_n |= next == 'n' ? bit : 0;
    m->before_t |= next == 't' ? bit : 0;
    m->before_backslash |= next == '\\' ? bit : 0;
    m->before_quote |= next == '"' ? bit : 0;
}

TT_KERNEL_STRING_BLOCKS(tt_string_blocks_c)
{
    for (size_t pos = 0; pos < n && max > 0; pos += TT_STRING_BLOCK, max--) {
        struct tt_string_masks m = {0};
        for (size_t at = 0; at < TT_STRING_BLOCK && pos + at < n; at++) {
            add_byte(&m, p[pos + at], pos + at + 1 < n ? p[pos + at + 1] : 0, at);
        }
        tt_string_finish(out++, &m, carry);
    }
}
