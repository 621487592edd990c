/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tag text ("ASCII smuggling"): each character of the Tags block (U+E0000-E007F) stands for the ASCII character 0xE0000 below
 * it.  An opening U+E0001 and a closing U+E007F are optional.
 *
 * Input: symbols.  Output: ASCII bytes in the arena.
 */
#include "marks/decoders.h"
#include "marks/run.h"

#define TAG_BASE 0xE0000
#define TAG_OPEN 0xE0001
#define TAG_CLOSE 0xE007F

/* The block is ASCII by design, so printable characters alone are readable; no plausibility is asked for. */
static bool
is_readable(struct tt_str bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char c = (unsigned char) bytes.ptr[i];
        if ((c < 0x20 && c != '\n' && c != '\t') || c > 0x7E) {
            return false;
        }
    }
    return bytes.len >= 4;
}

static enum tt_status
decode(struct tt_arena *arena, const uint32_t *symbols, size_t n, struct tt_payload *out)
{
    struct tt_run_bytes bytes;
    size_t from = n > 0 && symbols[0] == TAG_OPEN;
    size_t to = n > from && symbols[n - 1] == TAG_CLOSE ? n - 1 : n;
    for (size_t i = 0; i < n; i++) {
        if (symbols[i] < TAG_BASE || symbols[i] > TAG_CLOSE) {
            return TT_OK;
        }
    }
    TT_TRY(tt_run_bytes_init(&bytes, arena, n));
    for (size_t i = from; i < to; i++) {
        tt_run_add_byte(&bytes, symbols[i] - TAG_BASE);
    }
    tt_run_finish(out, "tag text", &bytes);
    if (out->grade == TT_GRADE_BYTES && is_readable(out->bytes)) {
        out->grade = TT_GRADE_TEXT;
    }
    return TT_OK;
}

const struct tt_decoder tt_decoder_tags = {"tag text", "ASCII smuggling with the Unicode Tags block, 2024", decode};
