/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private use and noncharacters.
 *
 * Input: the first such code of a line.  Output: at most one finding for the line.  Fonts put icons, logos and whole
 * scripts into the private areas, word processors the letters of symbol fonts (U+F020-F0FF); none of these read as text when an
 * offset is taken off.  A noncharacter is for the inside of a program (Unicode Standard, section 23.7) and never in a text.
 */
#include "marks/encoding.h"

#include "marks/run.h"

#define ROW_LONG 16   /* codes in a row that could be a message if they are few different ones */
#define BMP_LETTERS 8 /* letters that icons do not spell by chance */

static bool
is_private(uint32_t cp)
{
    return tt_char_is(cp, TT_CHAR_PRIVATE);
}

static bool
is_noncharacter(uint32_t cp)
{
    return is_private(cp) && tt_char(cp)->category != TT_CO;
}

/* Are all of one block of size codes, which is a power of two? */
static bool
is_one_block(const struct tt_symbols *symbols, uint32_t size)
{
    for (size_t i = 1; i < symbols->n; i++) {
        if (symbols->ptr[i] / size != symbols->ptr[0] / size) {
            return false;
        }
    }
    return true;
}

static uint32_t
last_code(const struct tt_symbols *symbols)
{
    uint32_t last = 0;
    for (size_t i = 0; i < symbols->n; i++) {
        last = symbols->ptr[i] > last ? symbols->ptr[i] : last;
    }
    return last;
}

/* Codes that are text behind an offset: to the block, to its printable part, or to the plane. */
static bool
read_offsets(struct tt_look *look, const struct tt_symbols *symbols, struct tt_payload *out)
{
    uint32_t block = symbols->ptr[0] & ~(uint32_t) 0xFF, plane = symbols->ptr[0] & ~(uint32_t) 0xFFFF;
    if (tt_encoding_read_bits(look, symbols, out)) {
        return true;
    }
    if (!tt_encoding_is_varied(symbols)) {
        return false;
    }
    if (is_one_block(symbols, 0x100)) {
        bool ascii = last_code(symbols) - block <= '~' - ' ';
        if (tt_encoding_read_bytes(look, symbols, block, "offset from a block of private codes", out) ||
            (ascii && tt_encoding_read_offset(look, symbols, block, ' ', "offset from a block, from space on", out))) {
            return true;
        }
    }
    return plane > 0 && is_one_block(symbols, 0x10000) &&
           tt_encoding_read_offset(look, symbols, plane, 0, "offset from a private plane", out);
}

/* Codes of which none comes twice, and most next to the one before: a program names its icons so. */
static bool
is_icon_list(const struct tt_symbols *symbols)
{
    size_t steps = 0;
    for (size_t i = 1; i < symbols->n; i++) {
        uint32_t last = symbols->ptr[i - 1], here = symbols->ptr[i];
        steps += here == last + 1 || last == here + 1;
        if (tt_run_digit(symbols->ptr, i, here) >= 0) {
            return false;
        }
    }
    return steps * 2 >= symbols->n;
}

/* In the first plane, icons and symbol fonts spell short words by chance, and the latter whole ones. */
static bool
is_believed(const struct tt_symbols *symbols, const struct tt_payload *payload)
{
    uint32_t first = symbols->ptr[0];
    if (first >= 0xF0000) {
        return true;
    }
    return (first < 0xF000 || first > 0xF0FF) && tt_encoding_words(payload->bytes) >= BMP_LETTERS && !is_icon_list(symbols);
}

static void
judge_undecoded(struct tt_look *look, size_t pos, const struct tt_symbols *symbols)
{
    struct tt_run row = tt_run_at(look->field, pos, TT_CHAR_PRIVATE);
    bool few = tt_run_variety(symbols->ptr, symbols->n) < 16;
    if (symbols->ptr[0] >= 0xF0000 && row.count >= ROW_LONG && few && tt_encoding_is_varied(symbols)) {
        tt_encoding_report(look, TT_SUSPICIOUS, row.from, row.to, TT_STR("a row of private codes that could carry a message"),
                           NULL);
    }
}

/* A sign that a list or a pattern names alone, as those of programs do. */
static bool
is_listed(struct tt_str text, size_t pos, size_t length)
{
    uint32_t before = tt_utf8_prev(text, pos).cp, behind = tt_utf8_next(text, pos + length).cp;
    bool word =
        tt_char_is_letter(before) || tt_char_is_letter(behind) || tt_char(before)->digit >= 0 || tt_char(behind)->digit >= 0;
    return !word && !is_private(before) && !is_private(behind);
}

/* The end of a range, an item of a pattern, or one of several in the order of their codes, as in [^<>\uFFFE\uFFFF]. */
static bool
is_in_pattern(struct tt_str text, size_t pos, struct tt_rune rune)
{
    uint32_t before = tt_utf8_prev(text, pos).cp, behind = tt_utf8_next(text, pos + rune.len).cp;
    bool sign = (before && before < 0x80 && strchr("-[^|'\"`(", (int) before)) ||
                (behind && behind < 0x80 && strchr("-]|'\"`)", (int) behind));
    bool order = is_noncharacter(before) && is_noncharacter(behind) && before < rune.cp && rune.cp < behind;
    return sign || order;
}

/* Are the noncharacters of pos..to named as programs name them: one alone, or each in a pattern? */
static bool
are_listed(struct tt_str text, size_t pos, size_t to, size_t count)
{
    while (pos < to) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        if (is_noncharacter(rune.cp) && !(count == 1 ? is_listed(text, pos, rune.len) : is_in_pattern(text, pos, rune))) {
            return false;
        }
        pos += rune.len ? rune.len : 1;
    }
    return true;
}

/* The noncharacters of pos..to, from the first to the last of them. */
static bool
judge_noncharacters(struct tt_look *look, size_t pos, size_t to)
{
    struct tt_str text = look->field->text;
    struct tt_symbols all;
    struct tt_rune rune = tt_utf8_next(text, pos);
    while (pos < to && !is_noncharacter(rune.cp)) {
        pos += rune.len ? rune.len : 1;
        rune = tt_utf8_next(text, pos);
    }
    if (pos == to || !tt_encoding_gather(look, pos, to, is_noncharacter, &all)) {
        return false;
    }
    if (look->field->escaped && all.n == 1 && is_in_pattern(text, pos, rune)) {
        return false; /* the code that ends a range */
    }
    enum tt_level level = are_listed(text, pos, all.to, all.n) ? TT_CANDIDATE : TT_SUSPICIOUS;
    tt_encoding_report(look, level, pos, all.to, TT_STR("a code that is no character"), NULL);
    return true;
}

void
tt_encoding_private(struct tt_look *look, size_t pos)
{
    struct tt_symbols symbols;
    struct tt_payload payload;
    size_t end = tt_run_line_end(look->field, pos);
    if (!tt_encoding_gather(look, pos, end, is_private, &symbols)) {
        return;
    }
    *look->done = symbols.to;
    if (symbols.n >= 4 && read_offsets(look, &symbols, &payload) && is_believed(&symbols, &payload)) {
        tt_encoding_report(look, TT_CONFIRMED, pos, symbols.to, TT_STR("private codes carry readable text"), &payload);
    } else if (!judge_noncharacters(look, pos, symbols.to) && symbols.n >= ROW_LONG) {
        judge_undecoded(look, pos, &symbols);
    }
}
