/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Look-up in the generated tables of tables.h: properties (UAX #44), prototypes (UTS #39) and NFKC (UAX #15) of one character.
 *
 * Input: any number as a code point.  Output: static storage or a value.  Owns nothing.
 */
#include "text/char.h"

#include "text/tables.h"

/* What pairs, sorted by from, make of cp, or cp itself. */
static uint32_t
map_char(const struct tt_char_pair *pairs, size_t count, uint32_t cp)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (pairs[middle].from < cp) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < count && pairs[low].from == cp ? pairs[low].to : cp;
}

uint32_t
tt_char_prototype(uint32_t cp)
{
    return map_char(tt_char_prototypes, tt_char_prototype_count, cp);
}

uint32_t
tt_char_compat(uint32_t cp)
{
    return map_char(tt_char_compats, tt_char_compat_count, cp);
}

/* The anchors of the look-alike classes: the prototype of '"' is two apostrophes, so the pairs alone would miss its class. */
static uint32_t
class_anchor(uint32_t flags)
{
    static const struct {
        uint32_t flag;
        char anchor;
    } classes[] = {
        {TT_CHAR_APOSTROPHE, '\''}, {TT_CHAR_HYPHEN, '-'}, {TT_CHAR_SLASH, '/'}, {TT_CHAR_QUOTE, '"'}, {TT_CHAR_COLON, ':'},
    };
    for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
        if (flags & classes[i].flag) {
            return (uint32_t) classes[i].anchor;
        }
    }
    return 0;
}

uint32_t
tt_char_ascii(uint32_t cp)
{
    if (cp < 0x80) {
        return cp;
    }
    /* NFKC first: it says what the character is, a prototype only what it looks like (a fullwidth I is I, not l). */
    uint32_t ascii = tt_char_compat(cp);
    if (ascii >= 0x80) {
        ascii = tt_char_prototype(cp);
    }
    return ascii < 0x80 ? ascii : class_anchor(tt_char(cp)->flags);
}

bool
tt_char_may_join(unsigned char first)
{
    /* C2 CA CB CD CE D5 D7 DB DF, E1 E2 EA EF, F0 */
    static const uint16_t leads[4] = {0x6C04, 0x88A0, 0x8406, 0x0001};
    return first >= 0xC0 && leads[(first - 0xC0) >> 4] >> (first & 15) & 1;
}
