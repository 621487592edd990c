/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Content source maps as @vercel/stega writes them.  Real products put them into texts on purpose; they are invisible all the
 * same.
 *
 * Version 1: four U+200B, then four symbols of two bits a byte, most significant first; JSON in UTF-8.  A prefix reads as a
 * zero byte, so records that follow each other are split there.  Legacy: no prefix, two hexadecimal digits a character up
 * to U+00FF.
 *
 * Input: symbols.  Output: the JSON texts, one a line, in the arena.
 */
#include "marks/decoders.h"
#include "marks/run.h"

#define PREFIX 4 /* symbols */

static const uint32_t quarters[] = {0x200B, 0x200C, 0x200D, 0xFEFF};
static const uint32_t sixteenths[] = {0x200B,  0x200C,  0x200D,  0x2062,  0x2063,  0x2060,  0xFEFF,  0x2061,
                                      0x1D173, 0x1D174, 0x1D175, 0x1D176, 0x1D177, 0x1D178, 0x1D179, 0x1D17A};

/* Where the first prefix stands from which whole bytes reach to the end; n when there is none. */
static size_t
find_prefix(const uint32_t *symbols, size_t n)
{
    size_t zeros = 0;
    for (size_t i = 0; i < n; i++) {
        zeros = symbols[i] == quarters[0] ? zeros + 1 : 0;
        if (zeros >= PREFIX && (n - i - 1) % 4 == 0) {
            return i + 1 - PREFIX;
        }
    }
    return n;
}

/* Every record valid JSON of any kind, also a plain string?  The frame has said that it is JSON. */
static bool
are_json(struct tt_str records)
{
    for (size_t from = 0; from <= records.len;) {
        size_t to = from;
        while (to < records.len && records.ptr[to] != '\n') {
            to++;
        }
        struct tt_str record = tt_str_slice(records, from, to);
        if (record.len < 2 || !tt_payload_is_json(record)) {
            return false;
        }
        from = to + 1;
    }
    return true;
}

static enum tt_status
decode_records(struct tt_arena *arena, const uint32_t *symbols, size_t n, struct tt_payload *out)
{
    struct tt_run_bytes bytes;
    if (!tt_run_covered(symbols, n, quarters, 4)) {
        return TT_OK;
    }
    size_t at = find_prefix(symbols, n);
    TT_TRY(tt_run_bytes_init(&bytes, arena, n / 4));
    for (size_t i = at; i + 3 < n; i += 4) {
        unsigned byte = 0;
        for (size_t k = 0; k < 4; k++) {
            byte = byte << 2 | (unsigned) tt_run_digit(quarters, 4, symbols[i + k]);
        }
        if (byte != 0 || bytes.len > 0) {
            tt_run_add_byte(&bytes, byte ? byte : '\n');
        }
    }
    struct tt_str all = tt_str_make(bytes.ptr, bytes.len);
    tt_run_finish(out, "vercel stega", &bytes);
    tt_run_demand_digits(out, symbols + at, n - at, 3);
    if (out->grade > TT_GRADE_NONE && are_json(all)) {
        out->grade = TT_GRADE_CHECKED;
    }
    return TT_OK;
}

/* Characters up to U+00FF; some writers put UTF-8 bytes there instead. */
static enum tt_status
finish_latin(struct tt_arena *arena, struct tt_run_bytes *bytes, struct tt_payload *out)
{
    struct tt_run_bytes wide;
    tt_run_finish(out, "vercel stega, legacy", bytes);
    if (out->grade != TT_GRADE_BYTES) {
        return TT_OK;
    }
    TT_TRY(tt_run_bytes_init(&wide, arena, bytes->len * 2));
    for (size_t i = 0; i < bytes->len; i++) {
        tt_run_add_point(&wide, bytes->ptr[i]);
    }
    struct tt_payload latin = {0};
    tt_run_finish(&latin, "vercel stega, legacy", &wide);
    tt_run_demand_words(&latin, 8, 70); /* three of four values are visible */
    if (latin.grade > out->grade) {
        *out = latin;
    }
    return TT_OK;
}

static enum tt_status
decode_legacy(struct tt_arena *arena, const uint32_t *symbols, size_t n, struct tt_payload *out)
{
    struct tt_run_bytes bytes;
    if (n < 4 || n % 2 || !tt_run_covered(symbols, n, sixteenths, 16)) {
        return TT_OK;
    }
    TT_TRY(tt_run_bytes_init(&bytes, arena, n / 2));
    for (size_t i = 0; i < n; i++) {
        tt_run_add_bits(&bytes, (uint32_t) tt_run_digit(sixteenths, 16, symbols[i]), 4);
    }
    return finish_latin(arena, &bytes, out);
}

const struct tt_decoder tt_decoder_stega = {"vercel stega", "@vercel/stega 1.x", decode_records};
const struct tt_decoder tt_decoder_stega_legacy = {"vercel stega, legacy", "@vercel/stega, legacy form", decode_legacy};
