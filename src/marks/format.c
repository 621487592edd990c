/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Format characters that print as nothing: soft hyphens, controls of shorthand, music and ruby, inherent vowels of Khmer, and
 * what Unicode keeps unassigned but tells programs to ignore.
 *
 * Soft hyphens are ordinary inside the words of prose and at line ends.  They break a rule in a row and where programs read:
 * in commands, names, paths and addresses.  At places where nobody hyphenates they are noise, unless they are many.  The
 * others belong beside characters of their own notation.  Invisible operators (2061-2064) are judged by the zero-width
 * channel, whose encoders use them.
 */
#include "marks/channels.h"
#include "marks/code.h"
#include "marks/context.h"
#include "marks/judge.h"
#include "marks/presence.h"

#define SOFT_HYPHEN 0x00AD
#define ANCHOR 0xFFF9
#define SEPARATOR 0xFFFA
#define TERMINATOR 0xFFFB

#define MUSIC_RUN 4       /* controls of beams, ties, slurs and phrases that begin or end at one note */
#define RUBY_BYTES 256    /* of an annotation with its base text */
#define CROWD_EDGES 8     /* soft hyphens of one line beside the first or last letter of a word */
#define CROWD_BLANKS 16   /* ... beside a blank: print that was turned into text has some */
#define RHYTHM 8          /* soft hyphens at one distance, counted in words */
#define RHYTHM_BYTES 2048 /* the stretch in which they stand */

static struct tt_verdict
verdict(enum tt_judgement judgement, const char *why)
{
    return (struct tt_verdict) {.judgement = judgement, .why = why};
}

/* Print that was turned into text, and rules by which programs put words together, have soft hyphens at such places. */
static struct tt_verdict
quiet(const char *why)
{
    return (struct tt_verdict) {.judgement = TT_JUDGE_HABIT, .why = why, .quiet = true};
}

static bool
is_operator(uint32_t cp)
{
    return cp >= 0x2061 && cp <= 0x2064;
}

static bool
is_between(uint32_t cp, uint32_t from, uint32_t to)
{
    return cp >= from && cp <= to;
}

static bool
is_blank(uint32_t cp)
{
    return cp == 0 || tt_char_is(cp, TT_CHAR_SPACE);
}

static bool
is_line_end(uint32_t cp)
{
    return cp == 0 || cp == '\n' || cp == '\r';
}

/* ---- soft hyphens ---- */

/* A letter of a script with capitals: words of these scripts keep two letters together at both ends. */
static bool
is_cased(uint32_t cp)
{
    uint8_t category = tt_char(cp)->category;
    return category == TT_LU || category == TT_LL;
}

/* Source code is read as names and signs: inside a name a hyphen that nobody sees makes another name. */
static bool
is_name_part(uint32_t cp)
{
    return tt_char_is_letter(cp) || tt_char(cp)->digit >= 0 || cp == '_' || cp == '$';
}

/* Is the letter that ends at (begins behind) the hyphen the first (last) of its word? */
static bool
is_edge(struct tt_str text, const struct tt_run *run)
{
    struct tt_rune left = tt_utf8_prev(text, run->from);
    struct tt_rune right = tt_utf8_next(text, run->to);
    if (!is_cased(left.cp) || !is_cased(right.cp)) {
        return false;
    }
    uint32_t before = tt_utf8_prev(text, run->from - left.len).cp;
    uint32_t after = tt_utf8_next(text, run->to + right.len).cp;
    return is_blank(before) || is_blank(after);
}

static struct tt_verdict
judge_soft_hyphen(struct tt_str text, const struct tt_run *run)
{
    uint32_t left = tt_utf8_prev(text, run->from).cp;
    uint32_t right = tt_utf8_next(text, run->to).cp;
    bool letters = tt_char_is_letter(left) || tt_char_is_letter(right) || tt_char_is_mark(left) || tt_char_is_mark(right);
    if (is_line_end(right) && !is_blank(left)) {
        return verdict(TT_JUDGE_LEGITIMATE, "");
    }
    if (is_blank(left) || is_blank(right)) {
        return quiet("beside a blank");
    }
    enum tt_code code = tt_code_at(text, run->from, run->to);
    bool name = is_name_part(left) && is_name_part(right);
    if (code != TT_CODE_NONE && (name || code != TT_CODE_SOURCE) && !tt_context_is_binary(text, run->from, run->to)) {
        return verdict(TT_JUDGE_BROKEN, tt_code_where(code));
    }
    if (!letters) {
        return quiet("where no word is divided");
    }
    return is_edge(text, run) ? verdict(TT_JUDGE_HABIT, "beside the first or last letter of a word")
                              : verdict(TT_JUDGE_LEGITIMATE, "");
}

static bool
is_edge_site(const struct tt_field *field, const struct tt_run *run)
{
    return run->first == SOFT_HYPHEN && is_edge(field->text, run);
}

/* Beside a blank on one side, not at the end of a line. */
static bool
is_blank_site(const struct tt_field *field, const struct tt_run *run)
{
    uint32_t left = tt_utf8_prev(field->text, run->from).cp;
    uint32_t right = tt_utf8_next(field->text, run->to).cp;
    return run->first == SOFT_HYPHEN && (is_blank(left) || is_blank(right)) && !is_line_end(right);
}

/* ---- other format characters ---- */

static bool
is_music(uint32_t cp)
{
    return is_between(cp, 0x1D100, 0x1D1FF) && !is_between(cp, 0x1D173, 0x1D17A);
}

static bool
is_shorthand(uint32_t cp)
{
    return is_between(cp, 0x1BC00, 0x1BC9F);
}

/* Does wanted stand in the line behind (or before) pos, within the reach of an annotation? */
static bool
stands_near(struct tt_str text, size_t pos, uint32_t wanted, bool behind)
{
    for (size_t n = 0; n < RUBY_BYTES;) {
        struct tt_rune rune = behind ? tt_utf8_next(text, pos) : tt_utf8_prev(text, pos);
        if (rune.len == 0 || rune.cp == '\n' || rune.cp == wanted) {
            return rune.len > 0 && rune.cp == wanted;
        }
        pos = behind ? pos + rune.len : pos - rune.len;
        n += rune.len;
    }
    return false;
}

/* An annotation is anchor, base text, separator, annotating text, terminator. */
static struct tt_verdict
judge_ruby(struct tt_str text, const struct tt_run *run)
{
    bool whole = run->first == ANCHOR ? stands_near(text, run->to, SEPARATOR, true)
                 : run->first == TERMINATOR
                     ? stands_near(text, run->from, SEPARATOR, false)
                     : stands_near(text, run->from, ANCHOR, false) && stands_near(text, run->to, TERMINATOR, true);
    return whole ? verdict(TT_JUDGE_UNUSUAL, "of an annotation, which text files do not hold")
                 : verdict(TT_JUDGE_BROKEN, "without the others of an annotation");
}

static struct tt_verdict
judge_notation(struct tt_str text, const struct tt_run *run)
{
    uint32_t left = tt_utf8_prev(text, run->from).cp;
    uint32_t right = tt_utf8_next(text, run->to).cp;
    if (is_between(run->first, 0x1D173, 0x1D17A)) {
        bool music = run->count <= MUSIC_RUN && (is_music(left) || is_music(right));
        return music ? verdict(TT_JUDGE_LEGITIMATE, "") : verdict(TT_JUDGE_BROKEN, "where there is no music");
    }
    if (run->count > 1) {
        return verdict(TT_JUDGE_BROKEN, "in a row, which nothing needs");
    }
    if (is_between(run->first, 0x1BCA0, 0x1BCA3)) {
        bool shorthand = is_shorthand(left) || is_shorthand(right);
        return shorthand ? verdict(TT_JUDGE_LEGITIMATE, "") : verdict(TT_JUDGE_BROKEN, "where there is no shorthand");
    }
    if (is_between(run->first, 0x17B4, 0x17B5)) {
        bool khmer = tt_char(left)->script == TT_SCRIPT_KHMER;
        return khmer ? verdict(TT_JUDGE_UNUSUAL, "in Khmer, where it is deprecated") : verdict(TT_JUDGE_BROKEN, "outside Khmer");
    }
    if (is_between(run->first, ANCHOR, TERMINATOR)) {
        return judge_ruby(text, run);
    }
    return verdict(TT_JUDGE_BROKEN, "that is not assigned");
}

/* Is the run a matter of the zero-width channel: operators, or symbols beside its own? */
static bool
is_left_to_zero_width(struct tt_str text, const struct tt_run *run)
{
    const uint32_t flags = TT_CHAR_ZERO_WIDTH | TT_CHAR_INVISIBLE;
    uint32_t left = tt_utf8_prev(text, run->from).cp;
    uint32_t right = tt_utf8_next(text, run->to).cp;
    for (size_t pos = run->from; pos < run->to;) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        if (is_operator(rune.cp)) {
            return true;
        }
        pos += rune.len;
    }
    return tt_char_is(run->first, TT_CHAR_INVISIBLE) && (tt_char_is(left, flags) || tt_char_is(right, flags));
}

static struct tt_verdict
judge(const struct tt_field *field, const struct tt_run *run)
{
    struct tt_verdict plain;
    if (is_left_to_zero_width(field->text, run)) {
        return verdict(TT_JUDGE_LEGITIMATE, "");
    }
    if (run->first != SOFT_HYPHEN) {
        plain = judge_notation(field->text, run);
    } else if (run->count > 1) {
        plain = verdict(TT_JUDGE_BROKEN, "in a row, which no word needs");
    } else {
        plain = judge_soft_hyphen(field->text, run);
    }
    return tt_run_unless_shown(field, run, plain);
}

static const struct tt_run_kind kind = {
    .flags = TT_CHAR_FORMAT,
    .alone = 8,
    .together = 16,
    .noun = "format characters",
    .judge = judge,
};

static const struct tt_crowd crowds[] = {
    {TT_CHAR_FORMAT, is_edge_site, CROWD_EDGES, "where no word is divided, in one line"},
    {TT_CHAR_FORMAT, is_blank_site, CROWD_BLANKS, "beside the blanks of one line"},
};

/* ---- rhythm ---- */

/* Words of a line, and how far apart the words with one soft hyphen are. */
struct rhythm {
    size_t hyphens;    /* in the word that is being read */
    size_t letters;    /* of it */
    size_t since;      /* words since the last one that had a hyphen */
    size_t gap, equal; /* the last distance, and how often in a row */
    size_t short_ones; /* among these, words that are seldom divided */
    size_t to;         /* end of the last hyphen */
    bool any;
};

#define SHORT_WORD 5 /* letters: hyphenation begins about here */

static void
end_word(struct rhythm *r)
{
    bool one = r->hyphens == 1;
    if (r->letters == 0 && r->hyphens == 0) {
        return;
    }
    r->since++;
    if (r->hyphens > 1) {
        r->equal = 0; /* long words are divided more than once, at places that a message has no use for */
        r->any = false;
    } else if (one) {
        bool same = r->any && r->since == r->gap;
        r->equal = same ? r->equal + 1 : 1;
        r->short_ones = same ? r->short_ones : 0;
        r->short_ones += r->letters < SHORT_WORD;
        r->gap = r->since;
        r->any = true;
    }
    r->since = r->hyphens > 0 ? 0 : r->since;
    r->hyphens = r->letters = 0;
}

/* Every second word divided once is no hyphenation; every word is, in a list of long ones. */
static bool
is_rhythm(const struct rhythm *r)
{
    return r->equal >= RHYTHM && (r->gap > 1 || r->short_ones * 4 >= r->equal);
}

/* Do soft hyphens from pos on keep one distance? */
static bool
find_rhythm(const struct tt_field *field, size_t pos, struct rhythm *r)
{
    size_t line = tt_run_line_end(field, pos);
    size_t end = line - pos > RHYTHM_BYTES ? pos + RHYTHM_BYTES : line;
    *r = (struct rhythm) {.to = pos};
    while (pos < end && !is_rhythm(r)) {
        struct tt_rune rune = tt_utf8_next(field->text, pos);
        if (rune.len == 0) {
            break;
        }
        pos += rune.len;
        if (rune.cp == SOFT_HYPHEN) {
            r->hyphens++;
            r->to = pos;
        } else if (tt_char_is_letter(rune.cp) || tt_char_is_mark(rune.cp)) {
            r->letters++;
        } else if (is_blank(rune.cp)) {
            end_word(r);
        }
    }
    end_word(r);
    return is_rhythm(r);
}

/* Reports a rhythm; else true when the hyphens of the stretch are in order, so that they need no visit. */
static bool
visit_rhythm(struct tt_look *look, size_t pos)
{
    struct rhythm r;
    const struct tt_field *field = look->field;
    if (!find_rhythm(field, pos, &r)) {
        return false;
    }
    struct tt_run first = tt_run_at(field, pos, kind.flags);
    size_t line = tt_run_line_end(field, pos);
    struct tt_run_evidence e = {.run = first, .to = r.to, .why = "at equal distances, as no word division has them"};
    e.symbols = tt_run_symbols(look, pos, line, kind.flags, &e.n);
    e.total = e.n;
    *look->done = line > first.to ? line : first.to;
    if (e.symbols) {
        tt_run_report(look, &kind, &e);
    }
    return true;
}

/* Where the first soft hyphen from pos on stands that is not in order, within the stretch in which a rhythm was looked for. */
static size_t
end_of_order(const struct tt_field *field, size_t pos)
{
    size_t line = tt_run_line_end(field, pos);
    size_t end = line - pos > RHYTHM_BYTES ? pos + RHYTHM_BYTES : line;
    while (pos < end) {
        struct tt_run run = tt_run_next(field, pos, end, kind.flags);
        if (run.count > 0 && (run.first != SOFT_HYPHEN || judge(field, &run).judgement != TT_JUDGE_LEGITIMATE)) {
            return run.from;
        }
        pos = run.to;
    }
    return end;
}

static void
visit_soft_hyphen(struct tt_look *look, size_t pos)
{
    if (tt_presence_of(look, SOFT_HYPHEN, "soft hyphens") || visit_rhythm(look, pos)) {
        return;
    }
    size_t end = end_of_order(look->field, pos);
    if (end > pos) {
        *look->done = end;
        return;
    }
    for (size_t i = 0; i < TT_RUN_COUNT(crowds); i++) {
        if (tt_run_crowd(look, &kind, &crowds[i], pos)) {
            return;
        }
    }
    tt_run_visit(look, &kind, pos);
}

static void
visit(struct tt_look *look, size_t pos, struct tt_rune rune)
{
    if (is_operator(rune.cp) || (pos < look->claimed && tt_char_is(rune.cp, TT_CHAR_INVISIBLE))) {
        return;
    }
    if (rune.cp == SOFT_HYPHEN) {
        visit_soft_hyphen(look, pos);
    } else {
        tt_run_visit(look, &kind, pos);
    }
}

const struct tt_channel tt_channel_format = {
    .name = "format",
    .rule = "mark.format",
    .alphabet = "U+00AD 17B4-17B5 2065 FFF0-FFFB 1BCA0-1BCA3 1D173-1D17A E0080-E00FF E01F0-E0FFF",
    .capacity = "1 bit at each place of a soft hyphen, up to 12 bits a character of the unassigned ones",
    .wake = TT_CHAR_FORMAT,
    .visit = visit,
};
