/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zero-width-lib: each code point in base 5 without leading zeros, U+200B between characters.
 *
 * Input: symbols.  Output: UTF-8 in the arena.  A writer that counts UTF-16 units leaves surrogate pairs; they are joined.
 */
#include "marks/decoders.h"
#include "marks/run.h"

#define SEPARATOR 0x200B

static const uint32_t fifths[] = {0x200E, 0x200F, 0x200C, 0x200D, 0xFEFF, SEPARATOR};

/* Reads one character of at least one digit from *at on; false when it is none. */
static bool
read_character(const uint32_t *symbols, size_t n, size_t *at, uint32_t *cp)
{
    size_t from = *at;
    *cp = 0;
    while (*at < n && symbols[*at] != SEPARATOR) {
        *cp = *cp * 5 + (uint32_t) tt_run_digit(fifths, 5, symbols[*at]);
        if (*cp > 0x10FFFF || (*cp == 0 && *at > from)) {
            return false; /* too large, or a leading zero */
        }
        (*at)++;
    }
    return *at > from;
}

static enum tt_status
decode(struct tt_arena *arena, const uint32_t *symbols, size_t n, struct tt_payload *out)
{
    struct tt_run_bytes bytes;
    if (!tt_run_covered(symbols, n, fifths, 6)) {
        return TT_OK;
    }
    TT_TRY(tt_run_bytes_init(&bytes, arena, n * 4));
    for (size_t i = 0; i < n; i++) {
        uint32_t cp;
        if (!read_character(symbols, n, &i, &cp)) {
            return TT_OK;
        }
        if (cp < 0x10000) {
            tt_run_add_unit(&bytes, cp);
        } else {
            tt_run_add_point(&bytes, cp);
        }
    }
    tt_run_finish(out, "zero-width-lib", &bytes);
    return TT_OK;
}

const struct tt_decoder tt_decoder_base5 = {"zero-width-lib", "zero-width-lib (npm)", decode};
