/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Innamark, also known as TREND: every U+0020 of a text becomes one of four other spaces.
 *
 * 2008 2009 202F 205F are the digits 0-3, four a byte, least significant first; 2004 stands before each copy.  A copy is plain
 * text, or begins with a tag byte.  Older tags are numbers (0 plain, 1 size, 2 CRC-32, 3 both, 4 SHA3-256, 5 size and SHA3-256; the
 * complement of one less, FE-F9, with DEFLATE), newer ones bits (40 DEFLATE, 20 size, 10 CRC-32, 08 SHA3-256, 80 other).  Size and
 * CRC-32 are of the whole copy, little-endian, the checksum counted as zero.
 *
 * Input: symbols.  Output: bytes in the arena.  SHA3-256 is not computed, DEFLATE not undone: size and CRC-32 prove such a copy,
 * or a second one that is the same.
 */
#include "marks/decoders.h"
#include "marks/run.h"

#define SEPARATOR 0x2004
#define DIGITS 4   /* a byte */
#define COPY_MIN 4 /* compressed bytes that are the same in two copies by intent */

static const uint32_t alphabet[] = {0x2008, 0x2009, 0x202F, 0x205F, SEPARATOR};

/* What the tag byte says. */
struct tag {
    bool known, deflated, size, crc, hash;
};

static struct tag
read_tag(unsigned byte)
{
    unsigned old = byte >= 0xF9 && byte <= 0xFE ? 0xFE - byte : byte;
    if (old <= 5) {
        return (struct tag) {true, old != byte, old == 1 || old == 3 || old == 5, old == 2 || old == 3, old >= 4};
    }
    struct tag tag = {true, byte & 0x40, byte & 0x20, byte & 0x10, byte & 0x08};
    tag.known = !(byte & 0x87) && !(tag.crc && tag.hash);
    return tag;
}

static size_t
header_size(const struct tag *tag)
{
    return 1 + (tag->size ? 4 : 0) + (tag->crc ? 4 : 0) + (tag->hash ? 32 : 0);
}

static uint32_t
little_endian(const unsigned char *p)
{
    return (uint32_t) p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16 | (uint32_t) p[3] << 24;
}

/* The common CRC-32, with the four bytes from zero_at on read as zeros. */
static uint32_t
crc32(const struct tt_run_bytes *bytes, size_t zero_at)
{
    uint32_t reg = 0xFFFFFFFF;
    for (size_t i = 0; i < bytes->len; i++) {
        reg ^= i >= zero_at && i < zero_at + 4 ? 0 : bytes->ptr[i];
        for (int bit = 0; bit < 8; bit++) {
            reg = reg >> 1 ^ (reg & 1 ? 0xEDB88320 : 0);
        }
    }
    return ~reg;
}

/* Are the size and checksum that the tag promises there and right?  False when it promises none. */
static bool
is_proven(const struct tt_run_bytes *bytes, const struct tag *tag)
{
    size_t crc_at = tag->size ? 5 : 1;
    bool size = !tag->size || little_endian(bytes->ptr + 1) == bytes->len;
    bool crc = !tag->crc || little_endian(bytes->ptr + crc_at) == crc32(bytes, crc_at);
    return (tag->size || tag->crc) && size && crc;
}

/* The bytes of one copy, from *at to the next separator or the end. */
static void
read_copy(const uint32_t *symbols, size_t n, size_t *at, struct tt_run_bytes *out)
{
    unsigned byte = 0, digits = 0;
    out->len = 0;
    for (; *at < n && symbols[*at] != SEPARATOR; (*at)++) {
        byte |= (unsigned) tt_run_digit(alphabet, 4, symbols[*at]) << 2 * digits;
        if (++digits == DIGITS) {
            tt_run_add_byte(out, byte);
            byte = digits = 0;
        }
    }
    out->bad = digits > 0; /* the last byte is cut */
}

/* What a copy says without its header. */
static void
grade_tagged(struct tt_payload *out, struct tt_run_bytes *bytes, const struct tag *tag)
{
    size_t header = header_size(tag);
    bool proven = is_proven(bytes, tag);
    struct tt_run_bytes text = {.ptr = bytes->ptr + header, .len = bytes->len - header};
    tt_run_finish(out, "Innamark", &text);
    if (tag->deflated) {
        out->grade = proven ? TT_GRADE_FRAMED : TT_GRADE_BYTES;
        out->note = "compressed with DEFLATE; not read";
    } else if (proven) {
        out->grade = out->grade >= TT_GRADE_TEXT ? TT_GRADE_CHECKED : TT_GRADE_FRAMED;
        out->note = tag->crc ? "checksum right" : "size right";
    }
}

static void
grade_copy(struct tt_payload *out, struct tt_run_bytes *bytes)
{
    struct tag tag = read_tag(bytes->len > 0 ? bytes->ptr[0] : 0x80);
    struct tt_payload plain = {0};
    bytes->bad = false;
    tt_run_finish(&plain, "Innamark without tag", bytes);
    if (tag.known && bytes->len > header_size(&tag)) {
        grade_tagged(out, bytes, &tag);
    }
    if (plain.grade > out->grade) {
        *out = plain;
    }
}

/* Keeps the copy at hand if it says more than the best so far; the next one is read behind it. */
static enum tt_status
keep_better(struct tt_arena *arena, struct tt_payload *best, struct tt_run_bytes *copy, size_t cap)
{
    struct tt_payload payload = {0};
    grade_copy(&payload, copy);
    if (best->grade == TT_GRADE_BYTES && best->note && best->bytes.len >= COPY_MIN && tt_str_eq(best->bytes, payload.bytes)) {
        best->grade = TT_GRADE_FRAMED;
        return TT_OK;
    }
    if (payload.grade <= best->grade) {
        return TT_OK;
    }
    *best = payload;
    return tt_run_bytes_init(copy, arena, cap);
}

static enum tt_status
decode(struct tt_arena *arena, const uint32_t *symbols, size_t n, struct tt_payload *out)
{
    struct tt_run_bytes copy;
    if (!tt_run_covered(symbols, n, alphabet, TT_RUN_COUNT(alphabet))) {
        return TT_OK;
    }
    TT_TRY(tt_run_bytes_init(&copy, arena, n / DIGITS));
    for (size_t at = 0; at < n && out->grade < TT_GRADE_CHECKED; at++) {
        read_copy(symbols, n, &at, &copy);
        TT_TRY(keep_better(arena, out, &copy, n / DIGITS));
    }
    tt_run_demand_digits(out, symbols, n, 3);
    return TT_OK;
}

const struct tt_decoder tt_decoder_innamark = {"Innamark", "Innamark of Fraunhofer ISST (TREND)", decode};
