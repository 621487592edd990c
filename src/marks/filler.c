/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fillers and blanks: letters and symbols that print as nothing.
 *
 * Fillers of Hangul (115F 1160 3164 FFA0) keep the place of a missing jamo; the blank Braille cell (2800) stands among other
 * cells, in writing, pictures and spinners; the null notehead (1D159) belongs to music.  Elsewhere people use them as blanks
 * that programs do not trim, which is unusual.  In source code they make names that nobody sees, and between the letters of
 * a word or in a crowd they can carry bits: such uses break a rule.
 */
#include "marks/channels.h"
#include "marks/code.h"
#include "marks/context.h"
#include "marks/gaps.h"
#include "marks/run.h"

#define BRAILLE_BLANK 0x2800
#define NULL_NOTEHEAD 0x1D159

#define PICTURE_BYTES 1024 /* how far the next inked cell of a Braille picture may be */
#define CROWD 8            /* blanks between words of one line */

static struct tt_verdict
verdict(enum tt_judgement judgement, const char *why)
{
    return (struct tt_verdict) {.judgement = judgement, .why = why};
}

static bool
is_between(uint32_t cp, uint32_t from, uint32_t to)
{
    return cp >= from && cp <= to;
}

/* An inked Braille cell. */
static bool
is_cell(uint32_t cp)
{
    return is_between(cp, 0x2801, 0x28FF);
}

/* A jamo: conjoining, compatibility or halfwidth; not a filler itself. */
static bool
is_jamo(uint32_t cp)
{
    bool jamo = is_between(cp, 0x1100, 0x11FF) || is_between(cp, 0x3131, 0x318E) || is_between(cp, 0xA960, 0xA97F) ||
                is_between(cp, 0xD7B0, 0xD7FF) || is_between(cp, 0xFFA1, 0xFFDC);
    return jamo && !tt_char_is(cp, TT_CHAR_FILLER);
}

static bool
is_music(uint32_t cp)
{
    return is_between(cp, 0x1D100, 0x1D1FF) && cp != NULL_NOTEHEAD;
}

static bool
is_word_part(uint32_t cp)
{
    return !tt_char_is(cp, TT_CHAR_FILLER) && (tt_char_is_letter(cp) || tt_char_is_mark(cp) || tt_char(cp)->digit >= 0);
}

/* Is one of these in from..to?  They are three bytes, E2 A0-A3 and another; the blank is E2 A0 80. */
static bool
holds_cell(struct tt_str text, size_t from, size_t to)
{
    while (from < to) {
        const char *lead = memchr(text.ptr + from, 0xE2, to - from);
        if (!lead) {
            return false;
        }
        from = (size_t) (lead - text.ptr) + 1;
        if (to - from >= 2 && ((unsigned char) lead[1] & 0xFC) == 0xA0 && memcmp(lead + 1, "\xA0\x80", 2) != 0) {
            return true;
        }
    }
    return false;
}

/* Are there inked cells near?  Blank lines of a picture have none of their own. */
static bool
is_in_braille(struct tt_str text, const struct tt_run *run)
{
    size_t from = run->from, to = run->to;
    size_t first = from > PICTURE_BYTES ? from - PICTURE_BYTES : 0;
    size_t last = text.len - to > PICTURE_BYTES ? to + PICTURE_BYTES : text.len;
    return holds_cell(text, first, from) || holds_cell(text, to, last);
}

static bool
is_uniform(struct tt_str text, const struct tt_run *run)
{
    for (size_t pos = run->from; pos < run->to;) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        if (rune.cp != run->first) {
            return false;
        }
        pos += rune.len;
    }
    return true;
}

/* Does the notation of the run's characters stand beside it? */
static bool
is_at_home(struct tt_str text, const struct tt_run *run, uint32_t left, uint32_t right)
{
    if (run->first == BRAILLE_BLANK) {
        return is_cell(left) || is_cell(right) || is_in_braille(text, run);
    }
    if (run->first == NULL_NOTEHEAD) {
        return run->count == 1 && (is_music(left) || is_music(right));
    }
    return run->count <= 3 && (is_jamo(left) || is_jamo(right)); /* of three jamo two may be missing */
}

/* In source code a filler is a letter of a name, or a blank that no compiler skips, unless it stands in a string. */
static enum tt_code
code_at(struct tt_str text, const struct tt_run *run, uint32_t left, uint32_t right)
{
    enum tt_code code = tt_code_at(text, run->from, run->to);
    bool inside = left > ' ' && right > ' ' && left < 0x80 && right < 0x80;
    return code == TT_CODE_SOURCE || code == TT_CODE_COMMAND || inside ? code : TT_CODE_NONE;
}

static struct tt_verdict
judge_unquoted(const struct tt_field *field, const struct tt_run *run)
{
    struct tt_str text = field->text;
    uint32_t left = tt_utf8_prev(text, run->from).cp;
    uint32_t right = tt_utf8_next(text, run->to).cp;
    bool uniform = is_uniform(text, run);
    if (is_at_home(text, run, left, right) && (uniform || run->count <= 3)) {
        return verdict(TT_JUDGE_LEGITIMATE, "");
    }
    if (!uniform) {
        return verdict(TT_JUDGE_BROKEN, "of different kinds in a row");
    }
    enum tt_code code = code_at(text, run, left, right);
    if (code != TT_CODE_NONE) {
        return verdict(TT_JUDGE_BROKEN, tt_code_where(code));
    }
    bool inside = is_word_part(left) && is_word_part(right);
    if (inside && run->first != BRAILLE_BLANK && tt_char(left)->script != TT_SCRIPT_HANGUL &&
        tt_char(right)->script != TT_SCRIPT_HANGUL) {
        return verdict(TT_JUDGE_BROKEN, "inside a word");
    }
    return verdict(TT_JUDGE_UNUSUAL, "used as a blank");
}

/* Low verdicts stand without a look at tables about characters, which takes long; visit() looks before it reports one. */
static struct tt_verdict
judge(const struct tt_field *field, const struct tt_run *run)
{
    struct tt_verdict plain = judge_unquoted(field, run);
    bool quoted = plain.judgement == TT_JUDGE_BROKEN && tt_run_is_quoted(field, run);
    return quoted ? verdict(TT_JUDGE_LEGITIMATE, "") : plain;
}

static const struct tt_run_kind kind = {
    .flags = TT_CHAR_FILLER,
    .alone = 8,
    .together = 16,
    .noun = "fillers",
    .judge = judge,
};

/* Between two words, or at the end of one, where an ordinary blank or none would do. */
static bool
is_site(const struct tt_field *field, const struct tt_run *run)
{
    uint32_t left = tt_utf8_prev(field->text, run->from).cp;
    return is_word_part(left) && judge(field, run).judgement >= TT_JUDGE_UNUSUAL;
}

static const struct tt_crowd crowd = {TT_CHAR_FILLER, is_site, CROWD, "between the words of one line"};

/* The line has ordinary blanks too: the choice between the two could be bits. */
static bool
has_blanks(const struct tt_field *field, size_t pos)
{
    struct tt_span line = tt_context_line(field->text, pos);
    size_t blanks = 0;
    for (size_t i = line.from; i < line.to; i++) {
        blanks += field->text.ptr[i] == ' ';
    }
    return blanks >= CROWD / 2;
}

static void
visit(struct tt_look *look, size_t pos, struct tt_rune rune)
{
    const struct tt_field *field = look->field;
    if (rune.cp == BRAILLE_BLANK && is_cell(tt_utf8_prev(field->text, pos).cp)) {
        return; /* the common case: a picture of cells */
    }
    struct tt_run run = tt_run_at(field, pos, kind.flags);
    enum tt_judgement judgement = judge(field, &run).judgement;
    *look->done = run.to;
    bool quoted = judgement == TT_JUDGE_UNUSUAL && !tt_look_has_low(look) && tt_run_is_quoted(field, &run);
    if (run.tail || judgement == TT_JUDGE_LEGITIMATE || quoted) {
        return;
    }
    if (tt_gap_report(look, &run, kind.flags, "blanks and fillers between words")) {
        return;
    }
    if (!has_blanks(field, pos) || !tt_run_crowd(look, &kind, &crowd, run.from)) {
        tt_run_visit(look, &kind, run.from);
    }
}

const struct tt_channel tt_channel_filler = {
    .name = "filler",
    .rule = "mark.filler",
    .alphabet = "U+115F 1160 2800 3164 FFA0 1D159",
    .capacity = "1 bit at each place, up to 2.5 bits a character of a run",
    .wake = TT_CHAR_FILLER,
    .visit = visit,
};
