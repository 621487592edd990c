/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Formats that write each UTF-16 unit, or each byte, as a fixed number of digits in base r, most significant first: "unicode
 * steganography with zero-width characters" (330k) and zwsp-steg.
 *
 * Input: symbols.  Output: bytes in the arena.
 */
#include "marks/decoders.h"
#include "marks/run.h"

struct digits {
    const char *format;
    uint32_t alphabet[5];
    size_t base;
    size_t width; /* digits a unit or byte */
    bool bytes;   /* bytes, not UTF-16 units */
};

/* The value of one group of digits; more than any unit when it overflows. */
static uint32_t
group_value(const struct digits *f, const uint32_t *group)
{
    uint32_t value = 0;
    for (size_t i = 0; i < f->width; i++) {
        value = value * (uint32_t) f->base + (uint32_t) tt_run_digit(f->alphabet, f->base, group[i]);
    }
    return value; /* 3^11 and 5^7 are far below 2^32 */
}

static enum tt_status
decode(struct tt_arena *arena, const uint32_t *symbols, size_t n, const struct digits *f, struct tt_payload *out)
{
    struct tt_run_bytes bytes;
    if (!tt_run_covered(symbols, n, f->alphabet, f->base)) {
        return TT_OK;
    }
    TT_TRY(tt_run_bytes_init(&bytes, arena, n / f->width * 3));
    for (size_t i = 0; i + f->width <= n; i += f->width) {
        uint32_t value = group_value(f, symbols + i);
        if (value > (f->bytes ? 0xFF : 0xFFFF)) {
            return TT_OK;
        }
        if (f->bytes) {
            tt_run_add_byte(&bytes, value);
        } else {
            tt_run_add_unit(&bytes, value);
        }
    }
    if (n % f->width) {
        bytes.high = 0; /* the cut may go through a pair */
        tt_run_finish_cut(out, f->format, &bytes);
    } else {
        tt_run_finish(out, f->format, &bytes);
    }
    if (!f->bytes) {
        tt_run_demand_units(out);
    }
    tt_run_demand_digits(out, symbols, n, f->base > 3 ? f->base - 1 : f->base);
    return TT_OK;
}

/* One decoder: its parameters, its function and its entry. */
#define DIGITS(id, label, origin, base, width, is_bytes, ...)                                                            \
    static const struct digits digits_##id = {label, {__VA_ARGS__}, base, width, is_bytes};                              \
    static enum tt_status decode_##id(struct tt_arena *arena, const uint32_t *symbols, size_t n, struct tt_payload *out) \
    {                                                                                                                    \
        return decode(arena, symbols, n, &digits_##id, out);                                                             \
    }                                                                                                                    \
    const struct tt_decoder tt_decoder_##id = {label, origin, decode_##id}

#define ORIGIN_330K "330k, unicode steganography with zero-width characters"

DIGITS(330k_text, "330k text", ORIGIN_330K, 4, 8, false, 0x200C, 0x200D, 0x202C, 0xFEFF);
DIGITS(330k_binary, "330k binary", ORIGIN_330K, 4, 4, true, 0x200C, 0x200D, 0x202C, 0xFEFF);
DIGITS(zwsp_steg_3, "zwsp-steg, 3 symbols", "zwsp-steg", 3, 11, false, 0x200B, 0x200C, 0x200D);
DIGITS(zwsp_steg_5, "zwsp-steg, 5 symbols", "zwsp-steg", 5, 7, false, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F);
