/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes in variation selectors.
 *
 * "bytes": 0-15 are U+FE00-FE0F, 16-255 are U+E0100-E01EF.  "ascii": U+E0100 plus the ASCII code, without an offset.
 * "nibbles": two of U+FE00-FE0F a byte; no source settles which half comes first, so both orders are tried.
 *
 * Input: symbols.  Output: bytes in the arena.
 */
#include "marks/decoders.h"
#include "marks/run.h"

#define FIRST_SMALL 0xFE00
#define LAST_SMALL 0xFE0F
#define FIRST_LARGE 0xE0100
#define LAST_LARGE 0xE01EF

/* 0-255, or -1 for another character. */
static int
byte_of(uint32_t cp)
{
    if (cp >= FIRST_SMALL && cp <= LAST_SMALL) {
        return (int) (cp - FIRST_SMALL);
    }
    return cp >= FIRST_LARGE && cp <= LAST_LARGE ? (int) (cp - FIRST_LARGE) + 16 : -1;
}

/*
 * A run of the first 128 large selectors alone reads as visible characters three times in four, with or without the offset:
 * a short one has to look like words.
 */
static void
demand_words(struct tt_payload *out, const uint32_t *symbols, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (symbols[i] < FIRST_LARGE || symbols[i] > FIRST_LARGE + 0x7F) {
            return;
        }
    }
    tt_run_demand_words(out, 4, n < 16 ? 80 : 0);
}

static enum tt_status
decode_bytes(struct tt_arena *arena, const uint32_t *symbols, size_t n, struct tt_payload *out)
{
    struct tt_run_bytes bytes;
    TT_TRY(tt_run_bytes_init(&bytes, arena, n));
    for (size_t i = 0; i < n; i++) {
        int byte = byte_of(symbols[i]);
        if (byte < 0) {
            return TT_OK;
        }
        tt_run_add_byte(&bytes, (unsigned) byte);
    }
    tt_run_finish(out, "variation selector bytes", &bytes);
    demand_words(out, symbols, n);
    return TT_OK;
}

static enum tt_status
decode_ascii(struct tt_arena *arena, const uint32_t *symbols, size_t n, struct tt_payload *out)
{
    struct tt_run_bytes bytes;
    TT_TRY(tt_run_bytes_init(&bytes, arena, n));
    for (size_t i = 0; i < n; i++) {
        if (symbols[i] < FIRST_LARGE || symbols[i] > FIRST_LARGE + 0x7F) {
            return TT_OK;
        }
        tt_run_add_byte(&bytes, symbols[i] - FIRST_LARGE);
    }
    tt_run_finish(out, "variation selector ASCII", &bytes);
    demand_words(out, symbols, n);
    return TT_OK;
}

static enum tt_status
decode_nibbles(struct tt_arena *arena, const uint32_t *symbols, size_t n, bool high_first, struct tt_payload *out)
{
    struct tt_run_bytes bytes;
    TT_TRY(tt_run_bytes_init(&bytes, arena, n / 2));
    for (size_t i = 0; i < n; i++) {
        if (symbols[i] < FIRST_SMALL || symbols[i] > LAST_SMALL) {
            return TT_OK;
        }
    }
    for (size_t i = 0; i + 1 < n; i += 2) {
        unsigned a = symbols[i] - FIRST_SMALL;
        unsigned b = symbols[i + 1] - FIRST_SMALL;
        tt_run_add_byte(&bytes, high_first ? a << 4 | b : b << 4 | a);
    }
    const char *format = high_first ? "variation selector nibbles, high first" : "variation selector nibbles, low first";
    if (n % 2) {
        tt_run_finish_cut(out, format, &bytes);
    } else {
        tt_run_finish(out, format, &bytes);
    }
    return TT_OK;
}

static enum tt_status
decode_high(struct tt_arena *arena, const uint32_t *symbols, size_t n, struct tt_payload *out)
{
    return decode_nibbles(arena, symbols, n, true, out);
}

static enum tt_status
decode_low(struct tt_arena *arena, const uint32_t *symbols, size_t n, struct tt_payload *out)
{
    return decode_nibbles(arena, symbols, n, false, out);
}

const struct tt_decoder tt_decoder_selector_bytes = {"variation selector bytes",
                                                     "\"Smuggling arbitrary data through an emoji\", 2025", decode_bytes};
const struct tt_decoder tt_decoder_selector_ascii = {"variation selector ASCII", "garak, variant_smuggling", decode_ascii};
const struct tt_decoder tt_decoder_selector_high = {"variation selector nibbles, high first", "reported; order not established",
                                                    decode_high};
const struct tt_decoder tt_decoder_selector_low = {"variation selector nibbles, low first", "reported; order not established",
                                                   decode_low};
