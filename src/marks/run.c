/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared parts of the hidden-run channels: collecting decoded bytes, and finding runs of hidden characters in a text.
 *
 * Bytes live in the arena that the caller names; texts are only read.  Every loop is bounded by the text or by TT_RUN_MAX.
 * Judging and reporting of runs is in run_report.c.
 */
#include "marks/run.h"

#include "base/limits.h"

int
tt_run_digit(const uint32_t *alphabet, size_t count, uint32_t cp)
{
    for (size_t i = 0; i < count; i++) {
        if (alphabet[i] == cp) {
            return (int) i;
        }
    }
    return -1;
}

bool
tt_run_covered(const uint32_t *symbols, size_t n, const uint32_t *alphabet, size_t count)
{
    for (size_t i = 0; i < n; i++) {
        if (tt_run_digit(alphabet, count, symbols[i]) < 0) {
            return false;
        }
    }
    return n > 0;
}

enum tt_status
tt_run_bytes_init(struct tt_run_bytes *bytes, struct tt_arena *arena, size_t cap)
{
    *bytes = (struct tt_run_bytes) {.ptr = tt_arena_get(arena, cap ? cap : 1), .cap = cap};
    return bytes->ptr ? TT_OK : TT_E_MEMORY;
}

void
tt_run_add_byte(struct tt_run_bytes *bytes, unsigned byte)
{
    if (bytes->len < bytes->cap) {
        bytes->ptr[bytes->len++] = (unsigned char) byte;
    }
}

void
tt_run_add_bits(struct tt_run_bytes *bytes, uint32_t value, unsigned count)
{
    bytes->acc = bytes->acc << count | (value & ((1U << count) - 1));
    bytes->held += count;
    if (bytes->held >= 8) {
        bytes->held -= 8;
        tt_run_add_byte(bytes, bytes->acc >> bytes->held & 0xFF);
        bytes->acc &= (1U << bytes->held) - 1;
    }
}

void
tt_run_add_point(struct tt_run_bytes *bytes, uint32_t cp)
{
    char utf8[4];
    if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF)) {
        bytes->bad = true;
        return;
    }
    size_t len = tt_utf8_put(cp, utf8);
    for (size_t i = 0; i < len; i++) {
        tt_run_add_byte(bytes, (unsigned char) utf8[i]);
    }
}

void
tt_run_add_unit(struct tt_run_bytes *bytes, uint32_t unit)
{
    bool low = unit >= 0xDC00 && unit <= 0xDFFF;
    if (low != (bytes->high != 0)) {
        bytes->bad = true;
    } else if (low) {
        tt_run_add_point(bytes, 0x10000 + ((bytes->high - 0xD800) << 10) + (unit - 0xDC00));
        bytes->high = 0;
    } else if (unit >= 0xD800 && unit <= 0xDBFF) {
        bytes->high = unit;
    } else {
        tt_run_add_point(bytes, unit);
    }
}

/* Length of text without a character that the cut at max goes through. */
static size_t
whole_characters(struct tt_str text, size_t max)
{
    size_t len = text.len < max ? text.len : max;
    for (int i = 0; i < 3 && len > 0 && len < text.len && ((unsigned char) text.ptr[len] & 0xC0) == 0x80; i++) {
        len--;
    }
    return len;
}

void
tt_run_finish(struct tt_payload *out, const char *format, struct tt_run_bytes *bytes)
{
    if (bytes->bad || bytes->high || bytes->len == 0) {
        return;
    }
    struct tt_str all = tt_str_make(bytes->ptr, bytes->len);
    out->grade = tt_payload_grade(all);
    out->format = format;
    out->bytes = tt_str_slice(all, 0, whole_characters(all, TT_DECODED_MAX));
    if (all.len > TT_DECODED_MAX && !out->note) {
        out->note = "only the beginning of the decoded bytes is kept";
    }
}

/* Bytes that a cut run must decode to before it passes for text: as UTF-8, 24 letters or 8 ideographs. */
#define CUT_TEXT_MIN 24

void
tt_run_finish_cut(struct tt_payload *out, const char *format, struct tt_run_bytes *bytes)
{
    tt_run_finish(out, format, bytes);
    if (out->grade == TT_GRADE_TEXT && out->bytes.len < CUT_TEXT_MIN) {
        out->grade = TT_GRADE_BYTES;
    }
}

/* Characters of decoded text, and how many of them are ASCII, and ASCII letters, digits or blanks. */
struct tally {
    size_t all, ascii, words;
};

static struct tally
count_text(struct tt_str text)
{
    struct tally tally = {0};
    for (size_t i = 0; i < text.len; i++) {
        int c = (unsigned char) text.ptr[i];
        tally.all += (c & 0xC0) != 0x80;
        tally.ascii += c < 0x80;
        tally.words += tt_ascii_is_alpha(c) || tt_ascii_is_digit(c) || c == ' ';
    }
    return tally;
}

void
tt_run_demand_words(struct tt_payload *out, size_t least, size_t percent)
{
    struct tally tally = count_text(out->bytes);
    if (out->grade == TT_GRADE_TEXT && (tally.all < least || tally.words * 100 < tally.all * percent)) {
        out->grade = TT_GRADE_BYTES;
    }
}

/* Characters: noise of 16-bit units that long is of one script once in some thousand. */
#define WIDE_TEXT_MIN 8

void
tt_run_demand_units(struct tt_payload *out)
{
    struct tally tally = count_text(out->bytes);
    if (out->grade == TT_GRADE_TEXT && tally.ascii * 2 <= tally.all && tally.all < WIDE_TEXT_MIN) {
        out->grade = TT_GRADE_BYTES;
    }
}

#define VARIETY_MAX 16

size_t
tt_run_variety(const uint32_t *symbols, size_t n)
{
    uint32_t seen[VARIETY_MAX];
    size_t count = 0;
    for (size_t i = 0; i < n && count < VARIETY_MAX; i++) {
        if (tt_run_digit(seen, count, symbols[i]) < 0) {
            seen[count++] = symbols[i];
        }
    }
    return count;
}

void
tt_run_demand_digits(struct tt_payload *out, const uint32_t *symbols, size_t n, size_t least)
{
    if (out->grade == TT_GRADE_TEXT && tt_run_variety(symbols, n) < least) {
        out->grade = TT_GRADE_BYTES;
    }
}

/* ---- runs ---- */

size_t
tt_run_text_start(const struct tt_field *field)
{
    const struct tt_str bom = TT_STR("\xEF\xBB\xBF");
    return field->at_start && !field->in_json && tt_str_starts(field->text, bom) ? bom.len : 0;
}

struct tt_run
tt_run_at(const struct tt_field *field, size_t pos, uint32_t flags)
{
    struct tt_run run = {.from = pos, .to = pos};
    size_t start = tt_run_text_start(field);
    struct tt_rune rune;
    /* Backwards only over what does not wake the channel, or what an earlier window has seen. */
    for (size_t n = 0; n < TT_RUN_MAX && run.from > start; n++) {
        rune = tt_utf8_prev(field->text, run.from);
        if (rune.len == 0 || !tt_char_is(rune.cp, flags)) {
            break;
        }
        run.from -= rune.len;
        run.count++;
        run.tail = run.tail || (run.from < field->from && tt_char_is(rune.cp, TT_CHAR_WAKE));
    }
    for (rune = tt_utf8_next(field->text, run.to); rune.len > 0 && tt_char_is(rune.cp, flags);
         rune = tt_utf8_next(field->text, run.to)) {
        run.to += rune.len;
        run.count++;
    }
    run.first = tt_utf8_next(field->text, run.from).cp;
    return run;
}

struct tt_run
tt_run_next(const struct tt_field *field, size_t from, size_t to, uint32_t flags)
{
    size_t start = tt_run_text_start(field);
    for (size_t pos = from < start ? start : from; pos < to;) {
        if ((unsigned char) field->text.ptr[pos] < 0x80) {
            pos++;
            continue;
        }
        struct tt_rune rune = tt_utf8_next(field->text, pos);
        if (rune.len == 0) {
            break;
        }
        if (tt_char_is(rune.cp, flags)) {
            return tt_run_at(field, pos, flags);
        }
        pos += rune.len;
    }
    return (struct tt_run) {.from = to, .to = to};
}

#define LINE_BACK 256 /* bytes before an odd character that are read with its line */

size_t
tt_run_line_start(const struct tt_field *field, size_t pos)
{
    size_t least = pos > LINE_BACK ? pos - LINE_BACK : 0, start = pos;
    least = least > field->from ? least : field->from;
    while (start > least && field->text.ptr[start - 1] != '\n') {
        start--;
    }
    while (start < pos && ((unsigned char) field->text.ptr[start] & 0xC0) == 0x80) {
        start++;
    }
    return start;
}

size_t
tt_run_line_end(const struct tt_field *field, size_t pos)
{
    const char *feed = pos < field->to ? memchr(field->text.ptr + pos, '\n', field->to - pos) : NULL;
    return feed ? (size_t) (feed - field->text.ptr) : field->to;
}

uint32_t *
tt_run_symbols(struct tt_look *look, size_t from, size_t to, uint32_t flags, size_t *n)
{
    size_t most = to - from < TT_RUN_MAX ? to - from : TT_RUN_MAX;
    uint32_t *symbols = tt_arena_get(look->arena, (most ? most : 1) * sizeof(*symbols));
    *n = 0;
    if (!symbols) {
        look->status = TT_E_MEMORY;
        return NULL;
    }
    for (size_t pos = from; pos < to && *n < most;) {
        struct tt_rune rune = tt_utf8_next(look->field->text, pos);
        if (rune.len == 0) {
            break;
        }
        if (tt_char_is(rune.cp, flags)) {
            symbols[(*n)++] = rune.cp;
        }
        pos += rune.len;
    }
    return symbols;
}
