/* SPDX-License-Identifier: Apache-2.0 */
/*
 * StegCloak.
 *
 * The first symbol names two of the four digits; U+2063 and U+2064 then stand for the first and the second of them doubled.
 * After that is undone, one symbol gives the mode, and the rest is base 4, four digits a byte.  Without encryption the bytes
 * are the complement of text packed by LZ-UTF8; that is read.  With encryption only the frame is recognised.
 *
 * Input: symbols.  Output: bytes in the arena; unpacking stops at TT_RUN_MAX * 4 bytes.
 */
#include "base/limits.h"
#include "marks/decoders.h"
#include "marks/run.h"

#define SALT 8  /* bytes before the encrypted ones */
#define HMAC 32 /* behind the salt, in one of the modes */

/* A locked message must be so long that noise over the six symbols passes the test of the shortening once in a thousand. */
#define LOCKED_SYMBOLS_MIN 64

static const uint32_t symbol_set[] = {0x200C, 0x200D, 0x2061, 0x2062, 0x2063, 0x2064};
static const unsigned char pairs[6][2] = {{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}};

enum mode { MODE_HMAC, MODE_AES, MODE_PLAIN };

/* The symbols of one run with the doublings written out: digits 0-3. */
struct expanded {
    unsigned char *digits;
    size_t n;
    bool canonical; /* everything that could be shortened was */
};

static enum tt_status
expand(struct tt_arena *arena, const uint32_t *symbols, size_t n, struct expanded *out)
{
    const unsigned char *pair = pairs[tt_run_digit(symbol_set, 6, symbols[0])];
    int previous = -1;
    *out = (struct expanded) {.digits = tt_arena_get(arena, n * 2), .canonical = true};
    if (!out->digits) {
        return TT_E_MEMORY;
    }
    for (size_t i = 1; i < n; i++) {
        int digit = tt_run_digit(symbol_set, 6, symbols[i]);
        if (digit >= 4) {
            unsigned char twice = pair[digit - 4];
            out->digits[out->n++] = twice;
            out->digits[out->n++] = twice;
        } else {
            bool again = digit == previous && (digit == pair[0] || digit == pair[1]);
            out->canonical = out->canonical && !again;
            out->digits[out->n++] = (unsigned char) digit;
        }
        previous = digit;
    }
    return TT_OK;
}

/* The digits behind the mode as bytes; an incomplete byte at the end is dropped. */
static enum tt_status
to_bytes(struct tt_arena *arena, const struct expanded *run, struct tt_run_bytes *bytes)
{
    TT_TRY(tt_run_bytes_init(bytes, arena, run->n / 4));
    for (size_t i = 1; i < run->n; i++) {
        tt_run_add_bits(bytes, run->digits[i], 2);
    }
    return TT_OK;
}

/*
 * One item of LZ-UTF8 at *at.  A byte with the top bits 11 that is not followed by a continuation byte is a reference: its
 * low five bits are the length; the next byte, or the next two when bit 5 is set, the distance.
 */
static void
unpack_item(const struct tt_run_bytes *in, size_t *at, struct tt_run_bytes *out)
{
    unsigned lead = (unsigned char) ~in->ptr[*at];
    unsigned next = *at + 1 < in->len ? (unsigned char) ~in->ptr[*at + 1] : 0x80;
    (*at)++;
    if (lead < 0xC0 || next >= 0x80) {
        tt_run_add_byte(out, lead);
        return;
    }
    size_t distance = next;
    (*at)++;
    if (lead & 0x20) {
        if (*at >= in->len) {
            out->bad = true;
            return;
        }
        distance = distance << 8 | (unsigned char) ~in->ptr[(*at)++];
    }
    if (distance == 0 || distance > out->len) {
        out->bad = true;
        return;
    }
    for (unsigned length = lead & 0x1F; length > 0; length--) {
        tt_run_add_byte(out, out->ptr[out->len - distance]);
    }
}

static enum tt_status
decode_plain(struct tt_arena *arena, const struct tt_run_bytes *packed, bool cut, struct tt_payload *out)
{
    struct tt_run_bytes bytes;
    TT_TRY(tt_run_bytes_init(&bytes, arena, packed->len * 16 < TT_RUN_MAX * 4 ? packed->len * 16 : TT_RUN_MAX * 4));
    for (size_t at = 0; at < packed->len && !bytes.bad && bytes.len < bytes.cap;) {
        unpack_item(packed, &at, &bytes);
    }
    if (cut) {
        tt_run_finish_cut(out, "StegCloak, not encrypted", &bytes);
    } else {
        tt_run_finish(out, "StegCloak, not encrypted", &bytes);
    }
    return TT_OK;
}

static void
recognise_locked(const struct expanded *run, const struct tt_run_bytes *bytes, size_t n, struct tt_payload *out)
{
    bool hmac = run->digits[0] == MODE_HMAC;
    size_t least = hmac ? SALT + HMAC + 1 : SALT + 1;
    if (bytes->held || bytes->len < least) {
        return;
    }
    out->grade = run->canonical && n >= LOCKED_SYMBOLS_MIN ? TT_GRADE_FRAMED : TT_GRADE_BYTES;
    out->format = hmac ? "StegCloak, encrypted and signed" : "StegCloak, encrypted";
    out->bytes = tt_str_make(bytes->ptr, bytes->len < TT_DECODED_MAX ? bytes->len : TT_DECODED_MAX);
    out->note = hmac ? "AES-256-CTR with HMAC-SHA-256; not decrypted" : "AES-256-CTR; not decrypted";
}

static enum tt_status
decode(struct tt_arena *arena, const uint32_t *symbols, size_t n, struct tt_payload *out)
{
    struct expanded run;
    struct tt_run_bytes bytes;
    if (n < 3 || !tt_run_covered(symbols, n, symbol_set, 6)) {
        return TT_OK;
    }
    TT_TRY(expand(arena, symbols, n, &run));
    if (run.digits[0] > MODE_PLAIN) {
        return TT_OK;
    }
    TT_TRY(to_bytes(arena, &run, &bytes));
    if (run.digits[0] == MODE_PLAIN) {
        TT_TRY(decode_plain(arena, &bytes, bytes.held > 0, out));
        tt_run_demand_digits(out, symbols, n, 4);
        return TT_OK;
    }
    recognise_locked(&run, &bytes, n, out);
    return TT_OK;
}

const struct tt_decoder tt_decoder_stegcloak = {"StegCloak", "StegCloak (npm)", decode};
