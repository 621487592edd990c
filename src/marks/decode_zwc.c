/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ZWC format, draft 0.9.
 *
 * U+034F, a header of four symbols (version, coding, checksum, CRC-2 of these), the payload, U+034F, the checksum.  The draft
 * shows one more U+034F behind the header; both layouts are read.  It does not say whether the CRC-2 covers six bits or the
 * byte with its CRC cleared, so either is accepted.  A symbol carries 2, 3 or 4 bits; with 3, a byte is split into 2+3+3.
 *
 * Input: symbols.  Output: bytes in the arena.
 */
#include "marks/decoders.h"
#include "marks/run.h"

#define DELIMITER 0x034F
#define HEADER 4 /* symbols */

/* In value order; the first 4, 8 or all 16 are in use. */
static const uint32_t values[] = {0x202C, 0x200C, 0x200D, 0x2060, 0x2061, 0x2062,  0x2063,  0x2064,   0x206A,
                                  0x206B, 0x206C, 0x206D, 0x206E, 0x206F, 0x1D173, 0x1D174, DELIMITER};

enum checksum { CHECKSUM_NONE, CHECKSUM_8, CHECKSUM_16, CHECKSUM_32 };

struct header {
    unsigned bits; /* a symbol */
    enum checksum checksum;
};

/* CRC of the low count bits of value, not reflected, from reg on. */
static uint32_t
crc_bits(uint32_t reg, uint32_t value, unsigned count, unsigned width, uint32_t poly)
{
    uint32_t mask = (1U << width) - 1;
    while (count-- > 0) {
        uint32_t out = (reg >> (width - 1) ^ value >> count) & 1;
        reg = (reg << 1 & mask) ^ (out ? poly : 0);
    }
    return reg;
}

/* The common CRC-32: reflected, complemented before and after. */
static uint32_t
crc32(const struct tt_run_bytes *bytes)
{
    uint32_t reg = 0xFFFFFFFF;
    for (size_t i = 0; i < bytes->len; i++) {
        reg ^= bytes->ptr[i];
        for (int bit = 0; bit < 8; bit++) {
            reg = reg >> 1 ^ (reg & 1 ? 0xEDB88320 : 0);
        }
    }
    return ~reg;
}

static uint32_t
checksum_of(const struct tt_run_bytes *bytes, enum checksum checksum)
{
    uint32_t reg = 0;
    if (checksum == CHECKSUM_32) {
        return crc32(bytes);
    }
    for (size_t i = 0; i < bytes->len; i++) {
        reg = checksum == CHECKSUM_8 ? crc_bits(reg, bytes->ptr[i], 8, 8, 0x07) : crc_bits(reg, bytes->ptr[i], 8, 16, 0x1021);
    }
    return reg;
}

static bool
read_header(const uint32_t *symbols, size_t n, struct header *out)
{
    unsigned byte = 0;
    if (n < HEADER) {
        return false;
    }
    for (size_t i = 0; i < HEADER; i++) {
        int digit = tt_run_digit(values, 4, symbols[i]);
        if (digit < 0) {
            return false;
        }
        byte = byte << 2 | (unsigned) digit;
    }
    bool right = crc_bits(0, byte >> 2, 6, 2, 3) == (byte & 3) || crc_bits(0, byte & 0xFC, 8, 2, 3) == (byte & 3);
    out->bits = 2 + (byte >> 4 & 3);
    out->checksum = (enum checksum)(byte >> 2 & 3);
    return right && out->bits <= 4;
}

/* Reads symbols up to a delimiter or the end from *at on; symbols of a wider coding are not part of it. */
static bool
read_bytes(const uint32_t *symbols, size_t n, size_t *at, unsigned bits, struct tt_run_bytes *out)
{
    unsigned in_byte = 0;
    for (; *at < n && symbols[*at] != DELIMITER; (*at)++) {
        int digit = tt_run_digit(values, (size_t) 1 << bits, symbols[*at]);
        if (digit < 0) {
            continue;
        }
        bool short_one = bits == 3 && in_byte % 3 == 0; /* the 2 of 2+3+3 */
        if (short_one && digit > 3) {
            return false;
        }
        tt_run_add_bits(out, (uint32_t) digit, short_one ? 2 : bits);
        in_byte++;
    }
    return out->held == 0;
}

static uint32_t
big_endian(const struct tt_run_bytes *bytes)
{
    uint32_t value = 0;
    for (size_t i = 0; i < bytes->len; i++) {
        value = value << 8 | bytes->ptr[i];
    }
    return value;
}

static bool
has_delimiter(const uint32_t *symbols, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (symbols[i] == DELIMITER) {
            return true;
        }
    }
    return false;
}

/* Reads the file that begins behind the signature at symbols[0].  *found: there is one, maybe empty, with the right checksum. */
static enum tt_status
read_file(struct tt_arena *arena, const uint32_t *symbols, size_t n, struct tt_payload *out, bool *found)
{
    static const size_t sizes[] = {0, 1, 2, 4};
    struct header header;
    struct tt_run_bytes payload, sum;
    size_t at = HEADER;
    if (!read_header(symbols, n, &header)) {
        return TT_OK;
    }
    if (at < n && symbols[at] == DELIMITER && (header.checksum == CHECKSUM_NONE || has_delimiter(symbols + at + 1, n - at - 1))) {
        at++; /* not the one between an empty payload and its checksum */
    }
    TT_TRY(tt_run_bytes_init(&payload, arena, (n - at) / 2));
    TT_TRY(tt_run_bytes_init(&sum, arena, 5)); /* one more than any checksum has */
    if (!read_bytes(symbols, n, &at, header.bits, &payload)) {
        return TT_OK;
    }
    at += at < n;
    bool whole = read_bytes(symbols, n, &at, header.bits, &sum);
    tt_run_finish(out, "ZWC 0.9", &payload);
    if (header.checksum == CHECKSUM_NONE) {
        return TT_OK;
    }
    whole = whole && sum.len == sizes[header.checksum];
    *found = whole && big_endian(&sum) == checksum_of(&payload, header.checksum);
    if (out->grade != TT_GRADE_NONE) {
        out->grade = *found ? TT_GRADE_CHECKED : TT_GRADE_BYTES;
        out->note = *found ? "checksum right" : "checksum wrong or cut off";
    }
    return TT_OK;
}

static enum tt_status
decode(struct tt_arena *arena, const uint32_t *symbols, size_t n, struct tt_payload *out)
{
    if (!tt_run_covered(symbols, n, values, TT_RUN_COUNT(values))) {
        return TT_OK;
    }
    bool found = false;
    for (size_t i = 0, tries = 0; i + HEADER < n && !found && out->grade < TT_GRADE_TEXT && tries < 8; i++) {
        struct tt_payload file = {0};
        if (symbols[i] != DELIMITER) {
            continue;
        }
        TT_TRY(read_file(arena, symbols + i + 1, n - i - 1, &file, &found));
        if (file.grade > out->grade) {
            *out = file;
        }
        tries += file.grade != TT_GRADE_NONE;
    }
    return TT_OK;
}

const struct tt_decoder tt_decoder_zwc = {"ZWC 0.9", "ZWC file format, draft 0.9", decode};
