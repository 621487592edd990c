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
#include "marks/forms_price.h"
#include "marks/payload_thin.h"
#include "marks/run.h"

#include <limits.h>

#define DEARER 10 /* bits, and a fourth: texts that cost so much more than another reading are its chance result */

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
    &tt_decoder_framed,
    &tt_decoder_general,
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

#define SLACK 8    /* bits that a text may cost more than its symbols hold */
#define ALPHABET 7 /* bits of a symbol that stands for a character or byte by itself */

#define COMPRESSED_MIN 12 /* bytes */

/* RFC 1950, section 2.2, with the window that everybody uses; RFC 1952, section 2.3. */
static bool
is_compressed(struct tt_str bytes)
{
    static const struct tt_str heads[] = {
        TT_STR_INIT("\x78\x01"), TT_STR_INIT("\x78\x5E"),     TT_STR_INIT("\x78\x9C"),
        TT_STR_INIT("\x78\xDA"), TT_STR_INIT("\x1F\x8B\x08"),
    };
    for (size_t i = 0; bytes.len >= COMPRESSED_MIN && i < sizeof(heads) / sizeof(heads[0]); i++) {
        if (tt_str_starts(bytes, heads[i])) {
            return true;
        }
    }
    return false;
}

/* What n symbols can hold at most: those of the few that occur, or any character of a row. */
static int
capacity_of(const uint32_t *symbols, size_t n)
{
    unsigned bits = 1;
    size_t variety = tt_run_variety(symbols, n);
    bool rows = true;
    for (size_t i = 0; i < n && rows; i++) {
        rows = symbols[i] >= 0xE0000 || tt_char_is(symbols[i], TT_CHAR_VARIATION | TT_CHAR_PRIVATE);
    }
    while ((size_t) 1 << bits < variety) {
        bits++;
    }
    return (int) (n * (rows ? ALPHABET : bits) + SLACK) * TT_PRICE_BIT;
}

static int
price_of(const struct tt_payload *payload)
{
    int price;
    size_t len = tt_price_of_text(payload->bytes, &price);
    return price + (int) (payload->bytes.len - len) * 8 * TT_PRICE_BIT;
}

/* Of texts, the cheapest explain the symbols best: a wrong decoder's letters are rare ones, or many more. */
static void
drop_dear(struct tt_readings *out)
{
    int least = INT_MAX;
    for (size_t i = 0; i < out->count; i++) {
        int price = price_of(&out->best[i]);
        least = price < least ? price : least;
    }
    int most = least + least / 4 + DEARER * TT_PRICE_BIT;
    size_t kept = 0;
    for (size_t i = 0; i < out->count; i++) {
        if (price_of(&out->best[i]) <= most) {
            out->best[kept++] = out->best[i];
        }
    }
    out->more = kept < out->count ? 0 : out->more;
    out->count = kept;
}

static enum tt_status
read_symbols(struct tt_arena *arena, const uint32_t *symbols, size_t n, struct tt_readings *out)
{
    *out = (struct tt_readings) {0};
    int capacity = capacity_of(symbols, n);
    for (size_t i = 0; n > 0 && tt_decoders[i]; i++) {
        struct tt_payload payload = {0};
        TT_TRY(tt_decoders[i]->decode(arena, symbols, n, &payload));
        if (payload.grade == TT_GRADE_BYTES && is_compressed(payload.bytes)) {
            payload.grade = TT_GRADE_FRAMED;
            payload.note = "compressed (zlib or gzip); not read";
        }
        if (payload.grade == TT_GRADE_TEXT && tt_decoders[i] != &tt_decoder_stegcloak && price_of(&payload) > capacity) {
            payload.grade = TT_GRADE_BYTES; /* more than so few symbols can say without compression */
        }
        if (payload.grade != TT_GRADE_NONE) {
            add_reading(out, &payload);
        }
    }
    if (out->count > 1 && out->best[0].grade == TT_GRADE_TEXT) {
        drop_dear(out);
    }
    return TT_OK;
}

enum tt_status
tt_payload_read(struct tt_arena *arena, const uint32_t *symbols, size_t n, struct tt_readings *out)
{
    struct tt_thin thin;
    n = n < TT_RUN_MAX ? n : TT_RUN_MAX;
    TT_TRY(tt_payload_thin(arena, symbols, n, &thin));
    if (thin.n > 0) {
        TT_TRY(read_symbols(arena, thin.symbols, thin.n, out));
        for (size_t i = 0; i < out->count; i++) {
            out->best[i].note = out->best[i].note ? out->best[i].note : thin.note;
        }
        if (out->count > 0 && out->best[0].grade >= TT_GRADE_TEXT) {
            return TT_OK;
        }
    }
    return read_symbols(arena, symbols, n, out);
}
