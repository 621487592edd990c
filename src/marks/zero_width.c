/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zero-width characters and invisible operators: U+200B-200D 2060 FEFF 034F 180E and 2061-2064.
 *
 * A run may also hold controls of direction and other invisible symbols of encoders, but these do not start a look.  Legitimate
 * use is in judge.c; what all hidden runs share is in run_report.c.  Here is what is particular: joiners that a script does
 * not need are typing noise, unless they come in a pattern.
 */
#include "marks/channels.h"
#include "marks/gaps.h"
#include "marks/judge.h"
#include "marks/presence.h"

/* Joiners that a script does not need: so many close together are a pattern if they vary or keep one distance. */
#define GRAPHEME_JOINER 0x034F
#define PATTERN 8
#define NEAR_BYTES 1024   /* in which a legitimate joiner is looked for, ... */
#define NEAR_RUNS 16      /* among so many */
#define PATTERN_BYTES 512 /* the stretch of text in which they stand */

/* Up to PATTERN places with joiners that no rule asks for, in one line from one place on. */
struct pattern {
    size_t odd, legitimate; /* places */
    struct tt_run first;
    bool varied;        /* two different joiners, or numbers of them */
    size_t gap, points; /* characters between the first two; since the last */
    bool even;          /* always the same distance */
    size_t to;          /* end of the last */
};

static void
add_odd(struct pattern *p, const struct tt_run *run)
{
    if (p->odd == 0) {
        p->first = *run;
        p->even = true;
    } else if (p->odd == 1) {
        p->gap = p->points;
    }
    p->varied = p->varied || run->first != p->first.first || run->count != p->first.count;
    p->even = p->even && (p->odd < 2 || p->points == p->gap);
    p->points = 0;
    p->odd++;
    p->to = run->to;
}

/* One joiner, or some of one kind in a row: their number can be a symbol as well. */
static bool
is_joiner_run(struct tt_str text, const struct tt_run *run)
{
    bool same = run->first == 0x200C || run->first == 0x200D;
    for (size_t pos = run->from; pos < run->to && same;) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        same = rune.cp == run->first;
        pos += rune.len;
    }
    return same && run->count <= PATTERN;
}

static void
find_pattern(const struct tt_field *field, uint32_t flags, size_t from, struct pattern *p)
{
    size_t end = from + PATTERN_BYTES < field->text.len ? from + PATTERN_BYTES : field->text.len;
    *p = (struct pattern) {0};
    for (size_t pos = from; pos < end && p->odd < PATTERN;) {
        struct tt_rune rune = tt_utf8_next(field->text, pos);
        if (rune.len == 0 || rune.cp == '\n') {
            break;
        }
        pos += rune.len;
        if (!tt_char_is(rune.cp, flags)) {
            p->points++;
            continue;
        }
        struct tt_run run = tt_run_at(field, pos - rune.len, flags);
        if (is_joiner_run(field->text, &run)) {
            enum tt_judgement judgement = tt_judge_zero_width(field, &run).judgement;
            if (judgement > TT_JUDGE_COMPANY) {
                add_odd(p, &run);
            }
            p->legitimate += judgement == TT_JUDGE_LEGITIMATE;
        }
        pos = run.to;
    }
}

static bool report_habit(struct tt_look *look, const struct tt_run *run);

/* One kind of character, there or not at each place. */
static bool
report_presence(struct tt_look *look, const struct tt_run *run)
{
    return run->count == 1 && tt_presence_of(look, run->first, "zero-width characters");
}

static const struct tt_run_kind kind = {
    .flags = TT_CHAR_ZERO_WIDTH | TT_CHAR_INVISIBLE,
    .alone = 8,
    .together = 16,
    .noun = "invisible characters",
    .judge = tt_judge_zero_width,
    .habit = report_habit,
    .odd = report_presence,
};

/* Reports joiners that come too regularly to be typing noise. */
static bool
report_pattern(struct tt_look *look, const struct tt_run *run)
{
    struct pattern p;
    if (!is_joiner_run(look->field->text, run)) {
        return false;
    }
    find_pattern(look->field, kind.flags, run->from, &p);
    if (p.odd < PATTERN || p.legitimate > p.odd || (!p.varied && !p.even)) {
        return false;
    }
    struct tt_run_evidence e = {.run = *run, .to = p.to, .why = "in a pattern that no script needs"};
    size_t end = tt_run_line_end(look->field, run->from);
    e.symbols = tt_run_symbols(look, run->from, end, kind.flags, &e.n);
    e.total = e.n;
    if (e.symbols) {
        tt_run_read(look, &e);
        tt_run_report(look, &kind, &e);
        tt_arena_reset(look->arena);
        tt_run_sweep(look, &kind, p.to, end, true);
        *look->done = end;
    }
    return true;
}

/* Is a joiner near that the script needs?  Who types joiners where they belong mistypes some, and that says nothing. */
static bool
is_among_joiners(struct tt_look *look, const struct tt_run *run)
{
    const struct tt_field *field = look->field;
    size_t end = field->text.len - run->to > NEAR_BYTES ? run->to + NEAR_BYTES : field->text.len;
    struct tt_run next = {.to = run->to};
    for (int i = 0; i < NEAR_RUNS && *look->kept == 0; i++) {
        next = tt_run_next(field, next.to, end, kind.flags);
        if (next.count == 0) {
            return false;
        }
        *look->kept = tt_judge_zero_width(field, &next).judgement == TT_JUDGE_LEGITIMATE;
    }
    return *look->kept > 0;
}

static bool
report_habit(struct tt_look *look, const struct tt_run *run)
{
    if (report_pattern(look, run)) {
        return true;
    }
    bool habit = tt_judge_zero_width(look->field, run).judgement == TT_JUDGE_HABIT;
    return habit && !tt_look_has_low(look) && is_among_joiners(look, run);
}

/* A letter, or a character that is hidden as well. */
static bool
is_word_or_hidden(uint32_t cp)
{
    return tt_char_is_letter(cp) || tt_char_is_mark(cp) || tt_char_is(cp, kind.flags | TT_CHAR_BIDI | TT_CHAR_PICTOGRAPH);
}

/*
 * A joiner at the end of a string that holds no word, in a document whose words need joiners: its writers have a key for them.
 */
static bool
is_stray(const struct tt_look *look, size_t pos, struct tt_rune rune)
{
    const struct tt_field *field = look->field;
    bool joiner = rune.cp == 0x200C || rune.cp == 0x200D, end = pos == 0 || pos + rune.len == field->text.len;
    if (!joiner || !end || *look->kept == 0 || !field->in_json || !field->at_start || !field->at_end) {
        return false;
    }
    for (size_t at = 0; at < field->text.len;) {
        struct tt_rune other = tt_utf8_next(field->text, at);
        if (other.len == 0 || (at != pos && is_word_or_hidden(other.cp))) {
            return false;
        }
        at += other.len;
    }
    return true;
}

static void
visit(struct tt_look *look, size_t pos, struct tt_rune rune)
{
    const struct tt_field *field = look->field;
    if (rune.cp == GRAPHEME_JOINER && tt_presence_of(look, GRAPHEME_JOINER, "grapheme joiners")) {
        return;
    }
    if (tt_utf8_prev(field->text, pos).cp == ' ' || tt_utf8_next(field->text, pos + rune.len).cp == ' ') {
        struct tt_run run = tt_run_at(field, pos, kind.flags);
        bool odd = tt_judge_zero_width(field, &run).judgement >= TT_JUDGE_UNUSUAL;
        if (odd && !run.tail && tt_gap_report(look, &run, kind.flags, "hidden characters beside blanks")) {
            return;
        }
    }
    if (is_stray(look, pos, rune)) {
        *look->done = pos + rune.len;
        return;
    }
    tt_run_visit(look, &kind, pos);
}

const struct tt_channel tt_channel_zero_width = {
    .name = "zero-width",
    .rule = "mark.zero-width",
    .alphabet = "U+200B-200D 2060-2064 FEFF 034F 180E; in runs also controls of direction, U+206A-206F, U+1D173-1D17A",
    .capacity = "1 to 4 bits a character",
    .wake = TT_CHAR_ZERO_WIDTH | TT_CHAR_INVISIBLE,
    .visit = visit,
};
