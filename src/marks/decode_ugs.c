/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UGS-1 v1.1, profile H1: letters that are Latin for 0 and Cyrillic for 1, in a frame with a length and a CRC.
 *
 * Frame, most significant bit first: AD 53, version and flags, length (3 bytes), payload, CRC-16/CCITT-FALSE over all but the
 * first two bytes.  It may begin at any bit.  Input: letters, also such that carry nothing.  Output: bytes in the arena.
 */
#include "marks/decoders.h"
#include "marks/run.h"

#define SYNC 0xAD53u
#define SYNC_BITS 16
#define HEADER 4 /* bytes: version with flags, length */
#define CHECK 2

static const char latin[] = "AaBCcEeHIiJjKMOoPpTXxy";
static const uint16_t cyrillic[] = {0x410, 0x430, 0x412, 0x421, 0x441, 0x415, 0x435, 0x41D, 0x406, 0x456, 0x408,
                                    0x458, 0x41A, 0x41C, 0x41E, 0x43E, 0x420, 0x440, 0x422, 0x425, 0x445, 0x443};

/* The bit of a letter, or -1. */
static int
bit_of(uint32_t cp)
{
    if (cp < 0x80) {
        return cp && strchr(latin, (int) cp) ? 0 : -1;
    }
    for (size_t i = 0; i < TT_RUN_COUNT(cyrillic); i++) {
        if (cyrillic[i] == cp) {
            return 1;
        }
    }
    return -1;
}

static unsigned
byte_at(const unsigned char *bits, size_t at)
{
    unsigned byte = 0;
    for (size_t i = 0; i < 8; i++) {
        byte = byte << 1 | bits[at + i];
    }
    return byte;
}

static unsigned
crc_add(unsigned crc, unsigned byte)
{
    crc ^= byte << 8;
    for (int i = 0; i < 8; i++) {
        crc = crc & 0x8000 ? (crc << 1 ^ 0x1021) & 0xFFFF : crc << 1;
    }
    return crc;
}

/* Reads the frame behind the synchronising bits that end at bit at; NONE unless all of it is there and right. */
static enum tt_status
read_frame(struct tt_arena *arena, const unsigned char *bits, size_t n, size_t at, struct tt_payload *out)
{
    struct tt_run_bytes bytes;
    size_t room = (n - at) / 8;
    if (room < HEADER + CHECK + 1) {
        return TT_OK;
    }
    size_t length = byte_at(bits, at + 8) << 16 | byte_at(bits, at + 16) << 8 | byte_at(bits, at + 24);
    if (byte_at(bits, at) >> 4 != 1 || length == 0 || length > room - HEADER - CHECK) {
        return TT_OK;
    }
    unsigned crc = 0xFFFF;
    TT_TRY(tt_run_bytes_init(&bytes, arena, length));
    for (size_t i = 0; i < HEADER + length; i++) {
        unsigned byte = byte_at(bits, at + i * 8);
        crc = crc_add(crc, byte);
        if (i >= HEADER) {
            tt_run_add_byte(&bytes, byte);
        }
    }
    size_t check = at + (HEADER + length) * 8;
    if ((byte_at(bits, check) << 8 | byte_at(bits, check + 8)) == crc) {
        tt_run_finish(out, "UGS-1, profile H1", &bytes);
        out->grade = TT_GRADE_CHECKED;
        out->note = "checksum right";
    }
    return TT_OK;
}

static enum tt_status
decode(struct tt_arena *arena, const uint32_t *symbols, size_t n, struct tt_payload *out)
{
    unsigned char *bits;
    unsigned window = 0;
    size_t count = 0;
    if (!tt_char_is_letter(symbols[0]) && tt_char(symbols[0])->digit < 0) {
        return TT_OK; /* hidden characters: nothing for this format */
    }
    bits = tt_arena_get(arena, n);
    if (!bits) {
        return TT_E_MEMORY;
    }
    for (size_t i = 0; i < n; i++) {
        int bit = bit_of(symbols[i]);
        if (bit >= 0) {
            bits[count++] = (unsigned char) bit;
        }
    }
    for (size_t i = 0; i < count && out->grade == TT_GRADE_NONE; i++) {
        window = (window << 1 | bits[i]) & 0xFFFF;
        if (i + 1 >= SYNC_BITS && window == SYNC) {
            TT_TRY(read_frame(arena, bits, count, i + 1, out));
        }
    }
    return TT_OK;
}

const struct tt_decoder tt_decoder_ugs = {"UGS-1, profile H1", "UGS-1 v1.1 (2026-07-04)", decode};
