/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Legitimate use of odd spaces; see space.h.
 *
 * Input: a gap.  Output: a verdict on its strangest space.  Nothing is owned; what is looked at around the gap is bounded.
 */
#include "marks/space.h"

#define WORD_MIN 2 /* letters: shorter words are variables, units and initials */
#define LIST_MIN 4 /* odd spaces in a row */

enum kind {
    KIND_PLAIN,
    KIND_COMMON, /* U+00A0, U+3000 */
    KIND_WIDE,   /* in menus of word processors, and in the output of language models */
    KIND_THIN,   /* of typography: numbers, units, dashes */
    KIND_RARE,   /* widths that only typesetters' tables know */
};

static enum kind
kind_of(uint32_t cp)
{
    switch (cp) {
    case ' ': return KIND_PLAIN;
    case 0x00A0:
    case 0x3000: return KIND_COMMON;
    case 0x2002:
    case 0x2003:
    case 0x202F: return KIND_WIDE;
    case 0x2007:
    case 0x2009:
    case 0x200A: return KIND_THIN;
    default: return KIND_RARE;
    }
}

bool
tt_space_is_uncommon(uint32_t cp)
{
    return kind_of(cp) > KIND_COMMON;
}

bool
tt_space_is_cjk(uint32_t cp)
{
    uint8_t script = tt_char(cp)->script;
    bool wide = (cp >= 0x3000 && cp < 0x3040) || (cp >= 0xFE30 && cp < 0xFE50) || (cp >= 0xFF00 && cp < 0xFFF0);
    return wide || script == TT_SCRIPT_HAN || script == TT_SCRIPT_HIRAGANA || script == TT_SCRIPT_KATAKANA ||
           script == TT_SCRIPT_HANGUL;
}

/* ---- words ---- */

/* The word on one side of a gap. */
struct word {
    size_t letters; /* at most LETTERS_MAX are counted */
    uint32_t near;  /* the character at the gap */
    uint32_t beyond;
};

#define LETTERS_MAX 24

static bool
in_word(uint32_t cp)
{
    return (tt_char_is_letter(cp) || tt_char_is_mark(cp)) && !tt_space_is_cjk(cp);
}

static struct word
word_before(struct tt_str text, size_t pos)
{
    struct word word = {.near = tt_utf8_prev(text, pos).cp};
    struct tt_rune rune = tt_utf8_prev(text, pos);
    for (; word.letters < LETTERS_MAX && rune.len > 0 && in_word(rune.cp); rune = tt_utf8_prev(text, pos)) {
        word.letters++;
        pos -= rune.len;
    }
    for (size_t i = 0; i < 2 && rune.len > 0 && tt_gap_is_space(rune.cp); i++) {
        pos -= rune.len;
        rune = tt_utf8_prev(text, pos);
    }
    word.beyond = rune.cp;
    return word;
}

static struct word
word_behind(struct tt_str text, size_t pos)
{
    struct word word = {.near = tt_utf8_next(text, pos).cp};
    struct tt_rune rune = tt_utf8_next(text, pos);
    for (; word.letters < LETTERS_MAX && rune.len > 0 && in_word(rune.cp); rune = tt_utf8_next(text, pos)) {
        word.letters++;
        pos += rune.len;
    }
    word.beyond = rune.cp;
    return word;
}

/* Digits, superscripts, and signs of numbers: what makes a word beside it a unit. */
static bool
is_number_part(uint32_t cp)
{
    uint8_t category = tt_char(cp)->category;
    return category == TT_ND || category == TT_NO || cp == 0x2212 || cp == 0x207B || cp == 0xB0;
}

/* Are both words ordinary: long enough, and no units of measure?  "mg kg" behind a number, "mol dm" before a superscript. */
static bool
are_words(const struct word *left, const struct word *right)
{
    bool unit = is_number_part(left->beyond) || is_number_part(right->beyond) || left->beyond == '/' || right->beyond == '/';
    return left->letters >= WORD_MIN && right->letters >= WORD_MIN && !unit;
}

static bool
is_lower(uint32_t cp)
{
    return tt_char(cp)->category == TT_LL;
}

/* ---- judging one gap ---- */

/* The strangest space of the gap, and how many different ones there are. */
static size_t
look_inside(struct tt_str text, const struct tt_gap *gap, struct tt_space_verdict *v)
{
    uint32_t seen[TT_FORMS_MAX];
    size_t variety = 0;
    for (size_t pos = gap->from; pos < gap->to;) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        if (rune.cp != ' ' && (v->cp == 0 || kind_of(rune.cp) > kind_of(v->cp))) {
            v->cp = rune.cp;
            v->at = (struct tt_run) {.from = pos, .to = pos + rune.len, .count = 1, .first = rune.cp};
        }
        if (kind_of(rune.cp) > KIND_COMMON && variety < TT_FORMS_MAX && tt_run_digit(seen, variety, rune.cp) < 0) {
            seen[variety++] = rune.cp;
        }
        pos += rune.len;
    }
    return variety;
}

/* A list of the spaces there are: each one once, in the order of their numbers. */
static bool
is_list(struct tt_str text, const struct tt_gap *gap)
{
    uint32_t last = 0;
    for (size_t pos = gap->from; pos < gap->to;) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        if (rune.cp <= last) {
            return false;
        }
        last = rune.cp;
        pos += rune.len;
    }
    return gap->odd >= LIST_MIN;
}

/* Of a space between two ordinary words. */
static void
judge_words(const struct word *left, const struct word *right, struct tt_space_verdict *v)
{
    enum kind kind = kind_of(v->cp);
    bool lower = is_lower(left->near) && is_lower(right->near);
    v->ordinary = lower;
    if (kind == KIND_RARE || (kind == KIND_THIN && lower)) {
        v->judgement = TT_JUDGE_BROKEN;
        v->why = "stands between two ordinary words";
    } else if (kind == KIND_THIN || (lower && (kind == KIND_WIDE || v->cp == 0x3000))) {
        v->judgement = TT_JUDGE_UNUSUAL;
        v->why = "stands between two words";
    }
}

/* Scripts that use a space for something else: Mongolian endings, Ogham. */
static bool
is_of_script(const struct tt_space_verdict *v, const struct tt_gap *gap)
{
    uint8_t script = tt_char(gap->before)->script;
    return (v->cp == 0x202F && script == TT_SCRIPT_MONGOLIAN) || (v->cp == 0x1680 && script == tt_char(0x1681)->script) ||
           (kind_of(v->cp) != KIND_RARE && (tt_space_is_cjk(gap->before) || tt_space_is_cjk(gap->after)));
}

/* Of a gap that is not between two ordinary words. */
static void
judge_others(const struct tt_gap *gap, struct tt_space_verdict *v)
{
    bool number = is_number_part(gap->before) || is_number_part(gap->after);
    bool math = tt_char(gap->before)->category == TT_SM || tt_char(gap->after)->category == TT_SM;
    bool start = tt_gap_is_edge(&(struct tt_gap) {.before = gap->before, .after = 'x'});
    if (math && kind_of(v->cp) == KIND_THIN) {
        return; /* around signs and arrows, also at the end of a line */
    }
    if (tt_gap_is_edge(gap) && !start && gap->after != '\t' && tt_space_is_uncommon(v->cp)) {
        v->judgement = TT_JUDGE_UNUSUAL;
        v->why = "stands at the end of a line";
    } else if (kind_of(v->cp) == KIND_RARE && !math && !number) {
        v->judgement = TT_JUDGE_UNUSUAL;
        v->why = "is of a width that text seldom uses";
    }
}

struct tt_space_verdict
tt_space_judge(const struct tt_field *field, const struct tt_gap *gap)
{
    struct tt_space_verdict v = {.judgement = TT_JUDGE_LEGITIMATE};
    size_t variety = look_inside(field->text, gap, &v);
    struct word left = word_before(field->text, gap->from), right = word_behind(field->text, gap->to);
    if (is_of_script(&v, gap) || left.beyond == '@' || is_list(field->text, gap)) {
        return v; /* a chat program puts U+2005 behind a name with @ */
    }
    if (variety >= 2 && gap->odd >= LIST_MIN) {
        v.judgement = TT_JUDGE_BROKEN;
        v.why = "is one of several different ones in a row";
        return v;
    }
    if (are_words(&left, &right)) {
        judge_words(&left, &right, &v);
    } else {
        judge_others(gap, &v);
    }
    if (v.judgement != TT_JUDGE_LEGITIMATE && tt_run_is_quoted(field, &v.at)) {
        v.judgement = TT_JUDGE_LEGITIMATE;
    }
    return v;
}
