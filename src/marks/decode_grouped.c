/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Binary numbers with a character between them.
 *
 * Steganographr: each byte without leading zeros, U+2060 between bytes; 200B is 0 and 200C is 1.  User-name fingerprint
 * (posts of 2018): groups of at least eight bits, 200B is 1, 200C is 0, 200D between groups, and U+FEFF between all of these.
 *
 * Input: symbols.  Output: bytes in the arena.
 */
#include "marks/decoders.h"
#include "marks/run.h"

/* One number in binary from *at to the separator. */
struct number {
    uint32_t value;
    size_t width;
    bool leading_zero; /* of more than one digit */
};

static struct number
read_number(const uint32_t *symbols, size_t n, size_t *at, uint32_t one, uint32_t separator)
{
    struct number number = {0};
    while (*at < n && symbols[*at] != separator) {
        uint32_t cp = symbols[(*at)++];
        if (cp == 0xFEFF) {
            continue; /* the joint of the second format */
        }
        number.leading_zero = number.leading_zero || (number.value == 0 && number.width > 0);
        number.value = number.value << 1 | (cp == one);
        number.width++;
        if (number.width > 16) {
            break;
        }
    }
    return number;
}

static enum tt_status
decode_steganographr(struct tt_arena *arena, const uint32_t *symbols, size_t n, struct tt_payload *out)
{
    static const uint32_t alphabet[] = {0x200B, 0x200C, 0x2060};
    struct tt_run_bytes bytes;
    if (!tt_run_covered(symbols, n, alphabet, 3)) {
        return TT_OK;
    }
    TT_TRY(tt_run_bytes_init(&bytes, arena, n));
    for (size_t i = 0; i < n; i++) {
        struct number number = read_number(symbols, n, &i, 0x200C, 0x2060);
        if (number.width == 0 || number.width > 8 || number.leading_zero) {
            return TT_OK;
        }
        tt_run_add_byte(&bytes, number.value);
    }
    tt_run_finish(out, "Steganographr", &bytes);
    return TT_OK;
}

/* Units up to U+00FF may also be the bytes of UTF-8: that reading wins when it is valid text. */
static enum tt_status
finish_units(struct tt_arena *arena, const uint32_t *units, size_t count, bool cut, struct tt_payload *out)
{
    static const char format[] = "user-name fingerprint";
    struct tt_run_bytes bytes, text;
    bool small = true;
    TT_TRY(tt_run_bytes_init(&bytes, arena, count));
    TT_TRY(tt_run_bytes_init(&text, arena, count * 3));
    for (size_t i = 0; i < count; i++) {
        small = small && units[i] <= 0xFF;
        tt_run_add_byte(&bytes, units[i] & 0xFF);
        tt_run_add_unit(&text, units[i]);
    }
    void (*finish)(struct tt_payload *, const char *, struct tt_run_bytes *) = cut ? tt_run_finish_cut : tt_run_finish;
    struct tt_payload wide = {0};
    if (small) {
        finish(out, format, &bytes);
    }
    text.high = cut ? 0 : text.high; /* the cut may go through a pair */
    finish(&wide, format, &text);
    if (wide.grade > out->grade) {
        *out = wide;
    }
    return TT_OK;
}

static enum tt_status
decode_fingerprint(struct tt_arena *arena, const uint32_t *symbols, size_t n, struct tt_payload *out)
{
    static const uint32_t alphabet[] = {0x200B, 0x200C, 0x200D, 0xFEFF};
    size_t count = 0;
    bool cut = false;
    if (!tt_run_covered(symbols, n, alphabet, 4)) {
        return TT_OK;
    }
    uint32_t *units = tt_arena_get(arena, (n / 8 + 1) * sizeof(*units));
    if (!units) {
        return TT_E_MEMORY;
    }
    for (size_t i = 0; i < n; i++) {
        struct number number = read_number(symbols, n, &i, 0x200B, 0x200D);
        if (number.width < 8 && i >= n && count > 0) {
            cut = true;
            break;
        }
        if (number.width < 8 || number.width > 16 || (number.width > 8 && number.leading_zero)) {
            return TT_OK;
        }
        units[count++] = number.value;
    }
    return finish_units(arena, units, count, cut, out);
}

const struct tt_decoder tt_decoder_steganographr = {"Steganographr", "Steganographr", decode_steganographr};
const struct tt_decoder tt_decoder_fingerprint = {"user-name fingerprint", "posts of 2018 about fingerprints in copied text",
                                                  decode_fingerprint};
