/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Symbols that stand for text by a rule as simple as an offset, and how they are reported.
 *
 * Input: a field and places in it.  Output: a payload or a finding; everything lives in the look's arena.  What is not text as
 * payload_grade.c understands it is no reading.
 */
#include "marks/encoding.h"

#include "base/limits.h"
#include "marks/run.h"

#define PERIOD_MAX 6
#define TABLE_MIN 8     /* symbols of a table that need not be in perfect order */
#define LETTERS_MIN 4   /* different letters of a word */
#define REPEATS_READ 64 /* symbols that are compared with those before them */

bool
tt_encoding_gather(struct tt_look *look, size_t from, size_t to, bool (*is_symbol)(uint32_t cp), struct tt_symbols *out)
{
    size_t room = (to - from) < TT_RUN_MAX ? to - from : TT_RUN_MAX;
    *out = (struct tt_symbols) {.to = from};
    out->ptr = tt_arena_get(look->arena, (room + 1) * sizeof(*out->ptr));
    if (!out->ptr) {
        look->status = TT_E_MEMORY;
        return false;
    }
    for (size_t pos = from; pos < to && out->n < room;) {
        struct tt_rune rune = tt_utf8_next(look->field->text, pos);
        pos += rune.len ? rune.len : 1;
        if (rune.len && is_symbol(rune.cp)) {
            out->ptr[out->n++] = rune.cp;
            out->to = pos;
        }
    }
    return true;
}

static bool
repeats(const struct tt_symbols *symbols, size_t period)
{
    for (size_t i = period; i < symbols->n; i++) {
        if (symbols->ptr[i] != symbols->ptr[i - period]) {
            return false;
        }
    }
    return true;
}

/* In the order of their codes, as a table has them; of a longer one a few may be misplaced. */
static bool
ascends(const struct tt_symbols *symbols)
{
    size_t falls = 0, close = 0;
    for (size_t i = 1; i < symbols->n; i++) {
        falls += symbols->ptr[i] <= symbols->ptr[i - 1];
        close += symbols->ptr[i] - symbols->ptr[i - 1] - 1 < 2;
    }
    return falls == 0 || (symbols->n >= TABLE_MIN && close * 4 >= (symbols->n - 1) * 3);
}

size_t
tt_encoding_repeats(const struct tt_symbols *symbols)
{
    size_t again = 0;
    for (size_t i = 1; i < symbols->n && i < REPEATS_READ; i++) {
        again += tt_run_digit(symbols->ptr, i, symbols->ptr[i]) >= 0;
    }
    return again;
}

bool
tt_encoding_is_varied(const struct tt_symbols *symbols)
{
    for (size_t period = 1; period <= PERIOD_MAX && period * 2 <= symbols->n; period++) {
        if (repeats(symbols, period)) {
            return false;
        }
    }
    return !ascends(symbols);
}

/* Completes a payload; false when it is not text, or memory is out. */
static bool
finish(struct tt_run_bytes *bytes, const char *format, struct tt_payload *out)
{
    *out = (struct tt_payload) {0};
    tt_run_finish(out, format, bytes);
    return out->grade >= TT_GRADE_TEXT;
}

/* The same for a letter a symbol: words do not do with a few letters, small alphabets do. */
static bool
finish_varied(struct tt_run_bytes *bytes, const char *format, const struct tt_symbols *symbols, struct tt_payload *out)
{
    return finish(bytes, format, out) && tt_run_variety(symbols->ptr, symbols->n) >= LETTERS_MIN;
}

static bool
prepare(struct tt_look *look, struct tt_run_bytes *bytes, size_t cap)
{
    enum tt_status status = tt_run_bytes_init(bytes, look->arena, cap);
    if (status != TT_OK) {
        look->status = status;
    }
    return status == TT_OK;
}

static bool
read_polarity(struct tt_look *look, const struct tt_symbols *symbols, uint32_t one, struct tt_payload *out)
{
    struct tt_run_bytes bytes;
    if (!prepare(look, &bytes, symbols->n / 8 + 1)) {
        return false;
    }
    for (size_t i = 0; i < symbols->n; i++) {
        tt_run_add_bits(&bytes, symbols->ptr[i] == one, 1);
    }
    return finish(&bytes, "bits, most significant first", out);
}

bool
tt_encoding_read_bits(struct tt_look *look, const struct tt_symbols *symbols, struct tt_payload *out)
{
    if (symbols->n < 32 || tt_run_variety(symbols->ptr, symbols->n) != 2 || !tt_encoding_is_varied(symbols)) {
        return false;
    }
    uint32_t first = symbols->ptr[0], other = first;
    for (size_t i = 1; i < symbols->n && other == first; i++) {
        other = symbols->ptr[i];
    }
    return read_polarity(look, symbols, other, out) || read_polarity(look, symbols, first, out);
}

bool
tt_encoding_read_offset(struct tt_look *look, const struct tt_symbols *symbols, uint32_t minus, uint32_t plus, const char *format,
                        struct tt_payload *out)
{
    struct tt_run_bytes bytes;
    if (!prepare(look, &bytes, symbols->n * 4)) {
        return false;
    }
    for (size_t i = 0; i < symbols->n; i++) {
        if (symbols->ptr[i] < minus) {
            return false;
        }
        tt_run_add_point(&bytes, symbols->ptr[i] - minus + plus);
    }
    return finish_varied(&bytes, format, symbols, out);
}

bool
tt_encoding_read_bytes(struct tt_look *look, const struct tt_symbols *symbols, uint32_t minus, const char *format,
                       struct tt_payload *out)
{
    struct tt_run_bytes bytes;
    if (!prepare(look, &bytes, symbols->n)) {
        return false;
    }
    for (size_t i = 0; i < symbols->n; i++) {
        if (symbols->ptr[i] < minus || symbols->ptr[i] - minus > 0xFF) {
            return false;
        }
        tt_run_add_byte(&bytes, symbols->ptr[i] - minus);
    }
    return finish_varied(&bytes, format, symbols, out);
}

void
tt_encoding_report(struct tt_look *look, enum tt_level level, size_t from, size_t to, struct tt_str message,
                   const struct tt_payload *payload)
{
    struct tt_finding f;
    tt_look_begin(look, &f, level, from, to - from, message);
    if (payload) {
        tt_finding_add_text(&f, "decoded.format", tt_str_cstr(payload->format));
        tt_finding_add_text(&f, "decoded.text", payload->bytes);
    }
    if (level == TT_CANDIDATE) {
        tt_look_report_low(look, &f);
    } else {
        tt_look_report(look, &f);
    }
}

size_t
tt_encoding_words(struct tt_str text)
{
    size_t n = 0;
    for (size_t pos = 0; pos < text.len;) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        n += rune.len && (tt_char_is_letter(rune.cp) || tt_char(rune.cp)->digit >= 0);
        pos += rune.len ? rune.len : 1;
    }
    return n;
}
