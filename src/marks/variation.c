/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Variation selectors: FE00-FE0F, E0100-E01EF, 180B-180D and 180F.
 *
 * A selector follows its base, alone, and the pair is listed (StandardizedVariants.txt, emoji-variation-sequences.txt, or any
 * ideograph with one of E0100-E01EF).  Keyboards also put FE0F behind signs for which no pair is listed.  Two in a row are
 * never legitimate: 256 selectors carry a byte each.
 */
#include "marks/channels.h"
#include "marks/context.h"
#include "marks/presence.h"
#include "marks/run.h"

#include "text/sequence.h"

#define TEXT_STYLE 0xFE0E
#define EMOJI_STYLE 0xFE0F
#define KEYCAP 0x20E3

static struct tt_verdict
verdict(enum tt_judgement judgement, const char *why)
{
    return (struct tt_verdict) {.judgement = judgement, .why = why};
}

/* A picture or sign, for which a keyboard may ask for a style. */
static bool
is_sign(uint32_t cp)
{
    uint8_t category = tt_char(cp)->category;
    bool sign = (category >= TT_PC && category <= TT_SO) || category == TT_NO || category == TT_ME;
    return (sign && cp >= 0x80) || tt_char_is(cp, TT_CHAR_PICTOGRAPH) || cp == KEYCAP;
}

static struct tt_verdict
judge_one(uint32_t base, uint32_t selector)
{
    bool style = selector == TEXT_STYLE || selector == EMOJI_STYLE;
    bool mongolian = selector >= 0x180B && selector <= 0x180F;
    if (base == 0) {
        return verdict(TT_JUDGE_BROKEN, "at the start of the text");
    }
    if (tt_variation_is_listed(base, selector) || (style && tt_char_is(base, TT_CHAR_EMOJI))) {
        return verdict(TT_JUDGE_LEGITIMATE, "");
    }
    if (mongolian && tt_char(base)->script == TT_SCRIPT_MONGOLIAN) {
        return verdict(TT_JUDGE_UNUSUAL, "in a pair that is not listed");
    }
    if (is_sign(base) && (style || (selector == 0xFE00 && tt_char(base)->category == TT_SM))) {
        return verdict(TT_JUDGE_UNUSUAL, "behind a sign for which it is not listed");
    }
    if (tt_char_is(base, TT_CHAR_SPACE)) {
        return verdict(TT_JUDGE_BROKEN, "behind a blank");
    }
    return verdict(TT_JUDGE_BROKEN, tt_char_is_letter(base) ? "behind a letter that has no such variant"
                                                            : "behind a character that has no such variant");
}

#define STYLES_MAX 3

/* The same style again behind a character that takes it: an editor has added what was there. */
static bool
is_doubled_style(struct tt_str text, const struct tt_run *run)
{
    uint32_t base = tt_utf8_prev(text, run->from).cp;
    for (size_t pos = run->from; pos < run->to;) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        if (rune.cp != EMOJI_STYLE) {
            return false;
        }
        pos += rune.len;
    }
    return run->count > 1 && run->count <= STYLES_MAX && tt_variation_is_listed(base, EMOJI_STYLE);
}

/* Does the line hold a picture with its style, before pos? */
static bool
has_style_before(struct tt_str text, size_t pos)
{
    for (size_t from = tt_context_line(text, pos).from; from < pos;) {
        struct tt_rune rune = tt_utf8_next(text, from);
        if (rune.cp == EMOJI_STYLE && tt_char_is(tt_utf8_prev(text, from).cp, TT_CHAR_PICTOGRAPH)) {
            return true;
        }
        from += rune.len ? rune.len : 1;
    }
    return false;
}

/* The free variation selectors of Mongolian, typed again, or behind the blank that parts an ending from its word. */
static bool
is_mongolian(struct tt_str text, const struct tt_run *run)
{
    struct tt_rune left = tt_utf8_prev(text, run->from);
    uint32_t right = tt_utf8_next(text, run->to).cp;
    for (size_t pos = run->from; pos < run->to; pos += 3) { /* bytes of each */
        if (tt_utf8_next(text, pos).cp != run->first || run->first < 0x180B || run->first > 0x180D) {
            return false;
        }
    }
    bool blank = tt_char_is(left.cp, TT_CHAR_SPACE) && tt_char(right)->script == TT_SCRIPT_MONGOLIAN;
    return run->count <= STYLES_MAX && (blank || (run->count > 1 && tt_char(left.cp)->script == TT_SCRIPT_MONGOLIAN));
}

/* A style that is left between blanks where a program has removed a picture. */
static bool
is_left_behind(struct tt_str text, const struct tt_run *run)
{
    struct tt_rune left = tt_utf8_prev(text, run->from);
    uint32_t right = tt_utf8_next(text, run->to).cp, before = tt_utf8_prev(text, run->from - left.len).cp;
    bool blanks = left.cp == ' ' && (right == 0 || tt_char_is(right, TT_CHAR_SPACE));
    bool sign = left.cp && left.cp < 0x80 && strchr(".!?,;:)", (int) left.cp);
    if (run->count == 1 && run->first == EMOJI_STYLE && sign && has_style_before(text, run->from)) {
        return true;
    }
    return run->count == 1 && run->first == EMOJI_STYLE && blanks && (tt_char_is_letter(before) || tt_char_is_mark(before));
}

/* Quotation marks of East Asian text, narrow (FE00) or as wide as an ideograph (FE01): Unicode 16.0 lists them, newer than the tables. */
static bool
is_quotation(struct tt_str text, const struct tt_run *run)
{
    uint32_t base = tt_utf8_prev(text, run->from).cp;
    bool quotation = base == 0x2018 || base == 0x2019 || base == 0x201C || base == 0x201D;
    if (run->count != 1 || !quotation || (run->first != 0xFE00 && run->first != 0xFE01)) {
        return false;
    }
    struct tt_span line = tt_context_line(text, run->from);
    return tt_context_has_cjk(tt_str_slice(text, line.from, line.to));
}

static struct tt_verdict
judge(const struct tt_field *field, const struct tt_run *run)
{
    if (is_quotation(field->text, run)) {
        return verdict(TT_JUDGE_LEGITIMATE, "");
    }
    if (is_doubled_style(field->text, run)) {
        return verdict(TT_JUDGE_UNUSUAL, "again behind a character that takes it once");
    }
    struct tt_verdict v = run->count > 1 ? verdict(TT_JUDGE_BROKEN, "in a row, which nothing needs")
                                         : judge_one(tt_utf8_prev(field->text, run->from).cp, run->first);
    if (is_mongolian(field->text, run)) {
        v = verdict(TT_JUDGE_UNUSUAL, "as it is typed in Mongolian");
    }
    if (is_left_behind(field->text, run)) {
        v = verdict(TT_JUDGE_UNUSUAL, "between blanks, as where a picture was removed");
    }
    return tt_run_unless_shown(field, run, v);
}

/* A selector behind each letter that stands for a one. */
static bool
report_presence(struct tt_look *look, const struct tt_run *run)
{
    return run->count == 1 && tt_presence_of(look, run->first, "variation selectors");
}

static const struct tt_run_kind kind = {
    .flags = TT_CHAR_VARIATION,
    .alone = 4,
    .together = 8,
    .bits = 8,
    .noun = "variation selectors",
    .judge = judge,
    .odd = report_presence,
};

static void
visit(struct tt_look *look, size_t pos, struct tt_rune rune)
{
    bool style = rune.cp == TEXT_STYLE || rune.cp == EMOJI_STYLE;
    if (!style || !tt_presence_of_styles(look)) {
        tt_run_visit(look, &kind, pos);
    }
}

const struct tt_channel tt_channel_variation = {
    .name = "variation",
    .rule = "mark.variation",
    .alphabet = "U+FE00-FE0F E0100-E01EF 180B-180D 180F",
    .capacity = "8 bits a character",
    .wake = TT_CHAR_VARIATION,
    .visit = visit,
};
