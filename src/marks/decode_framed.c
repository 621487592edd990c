/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes in variation selectors that are no text as a whole: a text behind a length or a magic number, before a checksum or a
 * terminator, or combined with one byte (XOR; all bits inverted is XOR with FF).
 *
 * Input: symbols.  Output: the text within, in the arena.  It is believed when the bytes left out, and the number of ways tried,
 * cost less than the text saves against bytes of noise (forms_price.h).  A length that matches pays for itself.
 */
#include "marks/decoders.h"
#include "marks/forms_price.h"
#include "marks/run.h"

#define HEAD_MAX 8  /* bytes before the text */
#define TAIL_MAX 4  /* and behind it */
#define TEXT_MIN 4  /* bytes */
#define MARGIN 6    /* bits */
#define CUT_PRICE 6 /* bits, of saying what is left out */
#define KEY_PRICE 8 /* bits, of the byte that others are combined with */

struct framed {
    struct tt_str all;
    unsigned char *text; /* scratch of the same length */
    size_t from, to;     /* of the best text */
    unsigned key;
    int cost; /* that chance pays for one of these bytes */
    int score;
};

/* Does the head say how many bytes follow, in either byte order?  Then its bits are no noise. */
static bool
is_length(struct tt_str head, size_t text, size_t tail)
{
    size_t high = 0, low = 0;
    for (size_t i = 0; i < head.len; i++) {
        high = high << 8 | (unsigned char) head.ptr[i];
        low = low << 8 | (unsigned char) head.ptr[head.len - 1 - i];
    }
    return head.len > 0 && (high == text || low == text || high == text + tail || low == text + tail);
}

static bool
is_zero(struct tt_str tail)
{
    for (size_t i = 0; i < tail.len; i++) {
        if (tail.ptr[i] != 0) {
            return false;
        }
    }
    return true;
}

static void
try_text(struct framed *f, size_t from, size_t to, unsigned key)
{
    int price;
    for (size_t i = from; i < to; i++) {
        f->text[i] = (unsigned char) ((unsigned char) f->all.ptr[i] ^ key);
    }
    struct tt_str text = tt_str_make(f->text + from, to - from);
    if (tt_price_of_text(text, &price) != text.len) {
        return;
    }
    bool length = is_length(tt_str_slice(f->all, 0, from), to - from, f->all.len - to);
    int owed = price + (CUT_PRICE + (key ? KEY_PRICE : 0)) * TT_PRICE_BIT;
    size_t zeros = is_zero(tt_str_slice(f->all, to, f->all.len)) ? f->all.len - to : 0;
    int score = (int) (text.len + (length ? from : 0) + zeros) * f->cost - owed;
    if (score >= MARGIN * TT_PRICE_BIT && score > f->score && tt_payload_grade(text) >= TT_GRADE_TEXT) {
        f->score = score;
        f->from = from;
        f->to = to;
        f->key = key;
    }
}

static void
try_cuts(struct framed *f)
{
    for (size_t from = 0; from <= HEAD_MAX; from++) {
        for (size_t tail = 0; tail <= TAIL_MAX && from + tail + TEXT_MIN <= f->all.len; tail++) {
            try_text(f, from, f->all.len - tail, 0);
        }
    }
}

/* The key is the one that makes the first byte a sign that a text may begin with; all are tried. */
static void
try_keys(struct framed *f)
{
    for (unsigned key = 1; key < 256; key++) {
        if (tt_price_is_text(((unsigned char) f->all.ptr[0] ^ key) & 0x7F)) {
            try_text(f, 0, f->all.len, key);
        }
    }
}

/* By the range of the bytes: those of a small alphabet become letters far too easily. */
static int
cost_of_byte(struct tt_str bytes)
{
    unsigned low = 255, high = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned byte = (unsigned char) bytes.ptr[i];
        low = byte < low ? byte : low;
        high = byte > high ? byte : high;
    }
    return bytes.len ? tt_price_of_range(high - low + 1) : 0;
}

static enum tt_status
decode(struct tt_arena *arena, const uint32_t *symbols, size_t n, struct tt_payload *out)
{
    struct tt_payload bytes;
    struct tt_run_bytes kept;
    bytes = (struct tt_payload) {0};
    TT_TRY(tt_decoder_selector_bytes.decode(arena, symbols, n, &bytes));
    struct framed f = {.all = bytes.bytes, .cost = cost_of_byte(bytes.bytes)};
    if (bytes.grade != TT_GRADE_BYTES || f.all.len < TEXT_MIN) {
        return TT_OK;
    }
    f.text = tt_arena_get(arena, f.all.len);
    if (!f.text) {
        return TT_E_MEMORY;
    }
    try_cuts(&f);
    try_keys(&f);
    if (f.score == 0) {
        return TT_OK;
    }
    TT_TRY(tt_run_bytes_init(&kept, arena, f.to - f.from));
    for (size_t i = f.from; i < f.to; i++) {
        tt_run_add_byte(&kept, (unsigned char) f.all.ptr[i] ^ f.key);
    }
    tt_run_finish(out, f.key ? "variation selector bytes, combined with one byte" : "variation selector bytes, in a frame",
                  &kept);
    return TT_OK;
}

const struct tt_decoder tt_decoder_framed = {"variation selector bytes, in a frame", "the general form of the others", decode};
