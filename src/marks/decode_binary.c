/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plain family that most demonstrations use: two, four or eight characters stand for 1, 2 or 3 bits, most significant
 * first, and the bits make bytes or UTF-16 units.
 *
 * Input: symbols.  Output: bytes in the arena.
 */
#include "marks/decoders.h"
#include "marks/run.h"

struct binary {
    const char *format;
    uint32_t alphabet[8];
    unsigned bits;  /* a symbol */
    unsigned width; /* of a unit: 8 or 16 bits */
};

/* Puts the bytes together to UTF-16 units, big-endian. */
static enum tt_status
to_units(struct tt_arena *arena, struct tt_run_bytes *bytes, bool whole)
{
    struct tt_run_bytes text;
    TT_TRY(tt_run_bytes_init(&text, arena, bytes->len / 2 * 3));
    for (size_t i = 0; i + 1 < bytes->len; i += 2) {
        tt_run_add_unit(&text, (uint32_t) bytes->ptr[i] << 8 | bytes->ptr[i + 1]);
    }
    text.high = whole ? text.high : 0; /* a cut may go through a pair */
    *bytes = text;
    return TT_OK;
}

static enum tt_status
decode(struct tt_arena *arena, const uint32_t *symbols, size_t n, const struct binary *f, struct tt_payload *out)
{
    struct tt_run_bytes bytes;
    size_t base = (size_t) 1 << f->bits;
    if (!tt_run_covered(symbols, n, f->alphabet, base)) {
        return TT_OK;
    }
    TT_TRY(tt_run_bytes_init(&bytes, arena, n * f->bits / 8));
    for (size_t i = 0; i < n; i++) {
        tt_run_add_bits(&bytes, (uint32_t) tt_run_digit(f->alphabet, base, symbols[i]), f->bits);
    }
    /* Three bits a symbol leave up to two that only fill the last one; they are zero then. */
    bool cut = f->bits == 3 ? bytes.held > 2 || bytes.acc : bytes.held > 0;
    cut = cut || (f->width == 16 && bytes.len % 2);
    if (f->width == 16) {
        TT_TRY(to_units(arena, &bytes, !cut));
    }
    if (cut) {
        tt_run_finish_cut(out, f->format, &bytes);
    } else {
        tt_run_finish(out, f->format, &bytes);
    }
    if (f->width == 16) {
        tt_run_demand_units(out);
    }
    tt_run_demand_digits(out, symbols, n, base / 2 + 1);
    return TT_OK;
}

/* One decoder: its parameters, its function and its entry. */
#define BINARY(id, label, bits, width, ...)                                                                              \
    static const struct binary parameters_##id = {label, {__VA_ARGS__}, bits, width};                                    \
    static enum tt_status decode_##id(struct tt_arena *arena, const uint32_t *symbols, size_t n, struct tt_payload *out) \
    {                                                                                                                    \
        return decode(arena, symbols, n, &parameters_##id, out);                                                         \
    }                                                                                                                    \
    const struct tt_decoder tt_decoder_##id = {label, "ghostchar, ZeroWidthStego and others", decode_##id}

BINARY(binary_0b_0c, "binary, U+200B is 0, U+200C is 1", 1, 8, 0x200B, 0x200C);
BINARY(binary_0c_0b, "binary, U+200C is 0, U+200B is 1", 1, 8, 0x200C, 0x200B);
BINARY(binary16_0b_0c, "binary of UTF-16, U+200B is 0, U+200C is 1", 1, 16, 0x200B, 0x200C);
BINARY(binary16_0c_0b, "binary of UTF-16, U+200C is 0, U+200B is 1", 1, 16, 0x200C, 0x200B);
BINARY(binary_0e_0f, "binary, U+200E is 0, U+200F is 1", 1, 8, 0x200E, 0x200F);
BINARY(binary_0b_ff, "binary, U+200B is 0, U+FEFF is 1", 1, 8, 0x200B, 0xFEFF);
BINARY(binary_hangul, "binary, U+FFA0 is 0, U+3164 is 1", 1, 8, 0xFFA0, 0x3164);
BINARY(base4_2060, "base 4 of U+200B 200C 200D 2060", 2, 8, 0x200B, 0x200C, 0x200D, 0x2060);
BINARY(base4_feff, "base 4 of U+200B 200C 200D FEFF", 2, 8, 0x200B, 0x200C, 0x200D, 0xFEFF);
BINARY(base8, "base 8 of U+200B 200C 200D 2060 FEFF 200E 200F 202A", 3, 8, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x200E, 0x200F,
       0x202A);
