/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encodings: characters that are there for programs and not for readers.
 *
 * Input: controls and private codes in a field.  Output: findings.  Control functions of terminals are in encoding_terminal.c,
 * private use in encoding_private.c.  Here: the other controls.  Characters that are written as escapes are no matter of this
 * channel: a text is decoded and looked at again (scan/level.h), so every channel sees what they stand for.
 *
 * Legitimate are the controls that terminals, printers and old data formats use, one or a few at a time, and what is left of text
 * that was decoded by a wrong table.  Not legitimate is a row of them that says something.
 */
#include "marks/encoding.h"

#include "marks/context.h"

#include "marks/channels.h"
#include "marks/run.h"

#define ROW 8       /* controls in a row that no use of them explains */
#define ROW_LONG 16 /* and so many are broken even if they cannot be read */

static bool
is_control(uint32_t cp)
{
    bool c0 = cp < 0x20 && cp != '\t' && cp != '\n' && cp != '\f' && cp != '\r' && cp != 0x1B && cp != '\b';
    return c0 || (cp >= 0x80 && cp < 0xA0 && cp != 0x85);
}

/* What may stand inside a row of controls, though it has uses of its own. */
static bool
is_row_member(uint32_t cp)
{
    return is_control(cp) || cp == '\b' || cp == '\t' || cp == '\f';
}

/* Is the C1 control a byte of UTF-8 that was read as Latin-1, or a sign of Windows code pages? */
static bool
is_mojibake(struct tt_str text, size_t pos, uint32_t cp)
{
    uint32_t before = tt_utf8_prev(text, pos).cp;
    bool defined = cp != 0x81 && cp != 0x8D && cp != 0x8F && cp != 0x90 && cp != 0x9D; /* in windows-1252 */
    return defined || (before >= 0x80 && before <= 0xF4);
}

static void
judge_few(struct tt_look *look, size_t pos, struct tt_rune rune, size_t to)
{
    struct tt_str text = look->field->text;
    bool c1 = rune.cp >= 0x80;
    if (c1 ? !is_mojibake(text, pos, rune.cp) : tt_look_in_template(look)) {
        tt_encoding_report(look, TT_CANDIDATE, pos, to, TT_STR("a control character that is no line end and no tab"), NULL);
    }
}

/* Caret notation is for C0 alone. */
static bool
has_c1(const struct tt_symbols *row)
{
    for (size_t i = 0; i < row->n; i++) {
        if (row->ptr[i] >= 0x80) {
            return true;
        }
    }
    return false;
}

/* A row of controls: its letters are written as ^A or \x01, or its two kinds are bits. */
static void
judge_row(struct tt_look *look, size_t pos, const struct tt_symbols *row)
{
    struct tt_payload payload;
    size_t repeats = tt_encoding_repeats(row);
    bool data = tt_context_is_binary(look->field->text, pos, row->to);
    if (tt_encoding_read_bits(look, row, &payload) || (repeats > 0 && !data && !has_c1(row) && tt_encoding_is_varied(row) &&
                                                       tt_encoding_read_offset(look, row, 0, 0x60, "caret notation", &payload))) {
        tt_encoding_report(look, TT_CONFIRMED, pos, row->to, TT_STR("control characters carry readable text"), &payload);
    } else if (!data && row->n >= ROW_LONG && repeats >= ROW_LONG / 4 && tt_encoding_is_varied(row)) {
        tt_encoding_report(look, TT_SUSPICIOUS, pos, row->to, TT_STR("a row of control characters that could carry a message"),
                           NULL);
    } else {
        tt_encoding_report(look, TT_CANDIDATE, pos, row->to, TT_STR("a row of control characters"), NULL);
    }
}

/* Controls spread over a line, read together: only a message is worth a word. */
static bool
judge_spread(struct tt_look *look, size_t pos)
{
    struct tt_symbols spread;
    struct tt_payload payload;
    size_t end = tt_run_line_end(look->field, pos);
    if (!tt_encoding_gather(look, pos, end, is_control, &spread) || spread.n < 4 * ROW) {
        return false;
    }
    if (!tt_encoding_read_bits(look, &spread, &payload)) {
        return false;
    }
    tt_encoding_report(look, TT_CONFIRMED, pos, spread.to, TT_STR("control characters of a line carry readable text"), &payload);
    *look->done = end;
    return true;
}

static void
judge_controls(struct tt_look *look, size_t pos, struct tt_rune rune)
{
    struct tt_str text = look->field->text;
    struct tt_symbols row;
    size_t to = pos, n = 0;
    for (struct tt_rune r = rune; r.len && is_row_member(r.cp); r = tt_utf8_next(text, to)) {
        to += r.len;
        n++;
    }
    if (pos >= look->note[0]) { /* once a line */
        look->note[0] = (uint32_t) tt_run_line_end(look->field, pos);
        if (judge_spread(look, pos) || look->status != TT_OK) {
            return;
        }
    }
    *look->done = to;
    if (n < ROW) {
        judge_few(look, pos, rune, to);
    } else if (tt_encoding_gather(look, pos, to, is_row_member, &row)) {
        judge_row(look, pos, &row);
    }
}

static void
visit(struct tt_look *look, size_t pos, struct tt_rune rune)
{
    if (tt_encoding_terminal(look, pos)) {
        return;
    }
    if (rune.cp == '\b' || rune.cp == 0x7F) {
        tt_encoding_erasing(look, pos);
    } else if (is_control(rune.cp)) {
        judge_controls(look, pos, rune);
    } else if (tt_char_is(rune.cp, TT_CHAR_PRIVATE)) {
        tt_encoding_private(look, pos);
    }
}

const struct tt_channel tt_channel_encoding = {
    .name = "encoding",
    .rule = "mark.encoding",
    .alphabet = "controls, control functions of terminals, private and forbidden codes",
    .capacity = "5 to 16 bits a character; any length in a control string",
    .wake = TT_CHAR_SIGN | TT_CHAR_PRIVATE,
    .visit = visit,
};
