/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Greek question mark, which is a semicolon, and the signs of units, which are letters.
 *
 * NFC makes U+037E ; and U+212A K, so that each is a second form of its twin.  Nobody types one where the twin belongs: behind a
 * statement of a program, inside a word.
 *
 * Input: a position.  Output: at most one finding.  Nothing is owned.
 */
#include "marks/normal_sign.h"

#include "marks/code.h"
#include "marks/context.h"
#include "marks/forms.h"

static bool
has_greek(struct tt_str line)
{
    for (size_t pos = 0; pos < line.len;) {
        struct tt_rune rune = tt_utf8_next(line, pos);
        if (tt_char(rune.cp)->script == TT_SCRIPT_GREEK && tt_char_is_letter(rune.cp)) {
            return true;
        }
        pos += rune.len ? rune.len : 1;
    }
    return false;
}

/* Is the line up to pos source code if a semicolon stands there? */
static bool
is_statement(struct tt_str text, size_t from, size_t pos)
{
    char line[TT_CONTEXT_BYTES + 1];
    size_t len = pos - from < TT_CONTEXT_BYTES ? pos - from : TT_CONTEXT_BYTES;
    memcpy(line, text.ptr + pos - len, len);
    line[len] = ';';
    return tt_code_is_line(tt_str_make(line, len + 1));
}

/* The Greek question mark is a semicolon to everybody who does not write Greek: at the end of a statement or clause. */
static void
judge_question(struct tt_look *look, size_t pos, struct tt_rune rune)
{
    struct tt_str text = look->field->text;
    struct tt_span span = tt_context_line(text, pos);
    struct tt_str line = tt_str_slice(text, span.from, span.to);
    uint32_t before = tt_utf8_prev(text, pos).cp, behind = tt_utf8_next(text, pos + rune.len).cp;
    bool ends = before < 0x80 && (tt_ascii_is_alnum((int) before) || (before && strchr(")]}\"'", (int) before)));
    if (!ends || (behind && behind != ' ' && behind != '\n' && behind != '\r') || has_greek(line)) {
        return;
    }
    struct tt_forms_evidence e = {.offset = pos, .length = rune.len, .to = pos + rune.len};
    e.level = is_statement(text, span.from, pos) ? TT_SUSPICIOUS : TT_CANDIDATE;
    e.message = tt_look_text(look, "a Greek question mark stands for a semicolon where no Greek is written", NULL);
    tt_forms_report(look, &e);
}

/* Is this the sign of a unit of measure, the twin of a Latin letter, between letters of a word? */
static bool
is_unit_in_word(struct tt_str text, size_t pos, struct tt_rune rune)
{
    if (rune.cp != TT_KELVIN && rune.cp != TT_ANGSTROM) {
        return false;
    }
    uint32_t before = tt_utf8_prev(text, pos).cp, behind = tt_utf8_next(text, pos + rune.len).cp;
    return (before < 0x80 && tt_ascii_is_alpha((int) before)) || (behind < 0x80 && tt_ascii_is_alpha((int) behind));
}

static void
report_unit(struct tt_look *look, size_t pos, struct tt_rune rune)
{
    struct tt_forms_evidence e = {.level = TT_CANDIDATE, .offset = pos, .length = rune.len, .to = pos + rune.len};
    e.message = tt_look_text(look, "the sign of a unit stands for a letter in a word", NULL);
    tt_forms_report(look, &e);
}

void
tt_normal_sign(struct tt_look *look, size_t pos, struct tt_rune rune)
{
    if (rune.cp == TT_GREEK_QUESTION) {
        judge_question(look, pos, rune);
    } else if (is_unit_in_word(look->field->text, pos, rune)) {
        report_unit(look, pos, rune);
    }
}

#define HANGUL_NEAR 48 /* bytes */

bool
tt_normal_is_beside_hangul(struct tt_str text, size_t from, size_t to)
{
    for (size_t pos = from; pos > 0 && from - pos < HANGUL_NEAR && text.ptr[pos - 1] != '\n';) {
        struct tt_rune rune = tt_utf8_prev(text, pos);
        if (rune.len == 0 || tt_char(rune.cp)->script == TT_SCRIPT_HANGUL) {
            return rune.len > 0;
        }
        pos -= rune.len;
    }
    for (size_t pos = to; pos < text.len && pos - to < HANGUL_NEAR && text.ptr[pos] != '\n';) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        if (rune.len == 0 || tt_char(rune.cp)->script == TT_SCRIPT_HANGUL) {
            return rune.len > 0;
        }
        pos += rune.len;
    }
    return false;
}
