/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of decoders, and the choice between their readings.
 *
 * Input: the symbols of one hidden run.  Output: every different reading of the best grade.  A decoder that cannot cover the
 * run costs one pass over it; all results live in the caller's arena.  How bytes are graded is in payload_grade.c.
 */
#include "marks/payload.h"

#include "base/limits.h"
#include "marks/decoders.h"

/* The order decides between formats that read the same bytes: framed ones first. */
const struct tt_decoder *const tt_decoders[] = {
    &tt_decoder_tags,
    &tt_decoder_selector_bytes,
    &tt_decoder_selector_ascii,
    &tt_decoder_selector_high,
    &tt_decoder_selector_low,
    &tt_decoder_sneaky_fixed,
    &tt_decoder_sneaky_variable,
    &tt_decoder_stega,
    &tt_decoder_stega_legacy,
    &tt_decoder_stegcloak,
    &tt_decoder_base5,
    &tt_decoder_330k_text,
    &tt_decoder_330k_binary,
    &tt_decoder_zwsp_steg_3,
    &tt_decoder_zwsp_steg_5,
    &tt_decoder_steganographr,
    &tt_decoder_fingerprint,
    &tt_decoder_zwc,
    &tt_decoder_ugs,
    &tt_decoder_innamark,
    &tt_decoder_binary_0b_0c,
    &tt_decoder_binary_0c_0b,
    &tt_decoder_binary16_0b_0c,
    &tt_decoder_binary16_0c_0b,
    &tt_decoder_binary_0e_0f,
    &tt_decoder_binary_0b_ff,
    &tt_decoder_base4_2060,
    &tt_decoder_base4_feff,
    &tt_decoder_base8,
    &tt_decoder_binary_hangul,
    &tt_decoder_two_rising,
    &tt_decoder_two_falling,
    NULL,
};

/* A reading that says the same as an earlier one adds nothing. */
static bool
is_known(const struct tt_readings *readings, const struct tt_payload *payload)
{
    for (size_t i = 0; i < readings->count; i++) {
        if (readings->best[i].bytes.len > 0 && tt_str_eq(readings->best[i].bytes, payload->bytes)) {
            return true;
        }
    }
    return false;
}

static void
add_reading(struct tt_readings *out, const struct tt_payload *payload)
{
    if (out->count > 0 && payload->grade > out->best[0].grade) {
        *out = (struct tt_readings) {0};
    }
    if (out->count > 0 && (payload->grade < out->best[0].grade || is_known(out, payload))) {
        return;
    }
    if (out->count == TT_READINGS_MAX) {
        out->more++;
        return;
    }
    out->best[out->count++] = *payload;
}

enum tt_status
tt_payload_read(struct tt_arena *arena, const uint32_t *symbols, size_t n, struct tt_readings *out)
{
    *out = (struct tt_readings) {0};
    n = n < TT_RUN_MAX ? n : TT_RUN_MAX;
    for (size_t i = 0; n > 0 && tt_decoders[i]; i++) {
        struct tt_payload payload = {0};
        TT_TRY(tt_decoders[i]->decode(arena, symbols, n, &payload));
        if (payload.grade != TT_GRADE_NONE) {
            add_reading(out, &payload);
        }
    }
    return TT_OK;
}
