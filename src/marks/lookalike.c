/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Look-alike punctuation: characters that print like ' - / " or : and are not.
 *
 * Most of them are ordinary somewhere: a quotation mark in prose, a letter of Ukrainian, Hawaiian or Hebrew, a minus sign, a
 * sign of phonetics.  So a character is judged by its neighbours.  Only a form that nobody's keyboard, word processor or
 * language puts between two such neighbours breaks a rule; a form that people do put there by habit is "unusual" (reported
 * once a document); everything else is silent.
 */
#include "marks/channels.h"
#include "marks/choice.h"
#include "marks/code.h"
#include "marks/context.h"

#include "base/word.h"

#define EN_DASH 0x2013
#define EM_DASH 0x2014
#define DASH_LEAD 0xE2 /* with which both begin in UTF-8 */

enum { NOTE_DASHES = 2 }; /* of the notes; 0 and 1 count apostrophes and hyphens */

enum weight {
    ORDINARY, /* prose and word processors write it */
    HABIT,    /* people type it for want of the right key, or an input method does */
    RARE,     /* neither */
};

struct member {
    uint32_t cp;
    enum weight weight;
};

/* Members of no script of their own.  Whatever is not listed is RARE; what belongs to a script is judged by that script. */
static const struct member members[] = {
    {0x00B4, HABIT},    /* acute accent: a key of German and Spanish keyboards */
    {0x02D0, ORDINARY}, /* length sign of phonetics */
    {0x2010, ORDINARY}, {0x2011, ORDINARY}, {0x2012, ORDINARY}, {0x2013, ORDINARY}, /* typographic hyphens and dashes */
    {0x2018, ORDINARY}, /* an opening quotation mark, set by a word processor's mistake */
    {0x2019, ORDINARY}, {0x201B, HABIT},    {0x201C, ORDINARY}, {0x201D, ORDINARY},
    {0x201F, HABIT},    {0x2032, HABIT},    {0x2033, HABIT},                     /* primes: minutes, seconds, derivatives */
    {0x2035, HABIT},    {0x2036, HABIT},    {0x2044, HABIT},    {0x2215, HABIT}, /* fraction and division slash */
    {0x2212, ORDINARY}, {0x2236, HABIT},                                         /* minus, ratio */
    {0x3003, HABIT},    {0xA789, HABIT}, /* ditto mark; colon in file names that may hold none */
    {0xFE63, HABIT},    {0xFF02, HABIT},    {0xFF07, HABIT},    {0xFF0D, HABIT},
    {0xFF0F, HABIT},    {0xFF1A, ORDINARY}, {0xFF40, HABIT}, /* fullwidth forms of East Asian input methods */
};

static enum weight
weight_of(uint32_t cp)
{
    for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
        if (members[i].cp == cp) {
            return members[i].weight;
        }
    }
    return RARE;
}

static bool
is_latin_letter(uint32_t cp)
{
    return tt_char_is_letter(cp) && tt_char(cp)->script == TT_SCRIPT_LATIN;
}

static bool
is_ascii_word(uint32_t cp)
{
    return cp < 0x80 && (tt_ascii_is_alpha((int) cp) || tt_ascii_is_digit((int) cp));
}

/* The English endings that follow an apostrophe. */
static const struct tt_str endings[] = {
    TT_STR_INIT("s"),  TT_STR_INIT("t"),  TT_STR_INIT("d"),  TT_STR_INIT("m"),
    TT_STR_INIT("re"), TT_STR_INIT("ve"), TT_STR_INIT("ll"),
};

/* Does an ending stand at pos, and the word end behind it? */
static bool
is_english_ending(struct tt_str text, size_t pos)
{
    struct tt_str rest = tt_str_slice(text, pos, text.len);
    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
        uint32_t behind = tt_utf8_next(text, pos + endings[i].len).cp;
        if (tt_str_starts(rest, endings[i]) && !tt_char_is_letter(behind) && !tt_char_is_mark(behind)) {
            return true;
        }
    }
    return false;
}

/* Is the apostrophe at pos, of length len, between a Latin letter and an English ending? */
static bool
is_english_apostrophe(struct tt_str text, size_t pos, size_t len)
{
    return is_latin_letter(tt_utf8_prev(text, pos).cp) && is_english_ending(text, pos + len);
}

/* Another apostrophe of that role in the line, of a different form; 0 when there is none. */
static uint32_t
other_apostrophe(struct tt_str text, struct tt_span line, uint32_t cp)
{
    for (size_t pos = line.from; pos < line.to;) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        if (rune.len == 0) {
            return 0;
        }
        if (rune.cp != cp && tt_char_is(rune.cp, TT_CHAR_APOSTROPHE) && is_english_apostrophe(text, pos, rune.len)) {
            return rune.cp;
        }
        pos += rune.len;
    }
    return 0;
}

/* The ASCII sign of the character's class; text is the caller's. */
static const char *
class_sign(uint32_t cp, char text[2])
{
    uint32_t flags = tt_char(cp)->flags;
    text[0] = flags & TT_CHAR_APOSTROPHE ? '\''
              : flags & TT_CHAR_HYPHEN   ? '-'
              : flags & TT_CHAR_SLASH    ? '/'
              : flags & TT_CHAR_QUOTE    ? '"'
              : flags & TT_CHAR_COLON    ? ':'
                                         : (char) tt_char_ascii(cp);
    text[1] = '\0';
    return text;
}

static const char *
class_name(uint32_t flags)
{
    return flags & TT_CHAR_APOSTROPHE ? "apostrophe"
           : flags & TT_CHAR_HYPHEN   ? "hyphen"
           : flags & TT_CHAR_SLASH    ? "slash"
           : flags & TT_CHAR_QUOTE    ? "quotation mark"
           : flags & TT_CHAR_COLON    ? "colon"
                                      : "sign";
}

static void
report(struct tt_look *look, size_t pos, struct tt_rune rune, enum tt_level level, const char *reason)
{
    struct tt_finding f;
    char sign[2];
    if (tt_context_is_binary(look->field->text, pos, pos + rune.len)) {
        return; /* a number */
    }
    struct tt_str message =
        tt_look_text(look, "a character that looks like ", class_sign(rune.cp, sign), " and is another ", reason, NULL);
    tt_look_begin(look, &f, level, pos, rune.len, message);
    tt_finding_add_text(&f, "class", tt_str_cstr(class_name(tt_char(rune.cp)->flags)));
    tt_finding_add_text(&f, "looks_like", tt_str_cstr(class_sign(rune.cp, sign)));
    if (level == TT_CANDIDATE) {
        tt_look_report_low(look, &f);
    } else {
        tt_look_report(look, &f);
    }
}

#define OKINA 0x02BB
#define OPENING 0x2018
#define PSILI 0x1FBF /* its number, 8127, is that of U+2019 with two digits exchanged, so that pages name it by mistake */
#define ACUTE 0x00B4 /* a key of its own on keyboards of the continent, where Dutch and Italian are typed with it */

/* The letters that Uzbek writes with the sign. */
/* A NUL is none of them, though it ends them. */
static bool
is_one_of(uint32_t c, const char *signs)
{
    return c && c < 0x80 && strchr(signs, (int) c);
}

static bool
is_uzbek(uint32_t before)
{
    return is_one_of(before, "oOgG");
}

/* A quotation mark beside a sign of source code or JSON: a string begins or ends. */
static bool
is_string_border(struct tt_str text, size_t pos)
{
    static const char signs[] = ",:=[](){}";
    if (text.ptr[pos] != '"') {
        return false;
    }
    return (pos > 0 && is_one_of((unsigned char) text.ptr[pos - 1], signs)) ||
           (pos + 1 < text.len && is_one_of((unsigned char) text.ptr[pos + 1], signs));
}

/* What of the line is one text with pos: of many strings that stand in one line, the one around it. */
static struct tt_span
string_around(struct tt_str text, struct tt_span line, size_t pos)
{
    struct tt_span span = {pos, pos};
    while (span.from > line.from && !is_string_border(text, span.from - 1)) {
        span.from--;
    }
    while (span.to < line.to && !is_string_border(text, span.to)) {
        span.to++;
    }
    return span;
}

static void
judge_apostrophe(struct tt_look *look, size_t pos, struct tt_rune rune)
{
    struct tt_str text = look->field->text;
    bool number = rune.cp == PSILI && look->field->escaped;
    enum weight weight = number ? ORDINARY : weight_of(rune.cp);
    if (!is_english_apostrophe(text, pos, rune.len)) {
        return;
    }
    if (rune.cp == OPENING && tt_look_in_template(look)) {
        weight = HABIT;
    }
    struct tt_span line = tt_context_line(text, pos);
    bool english = tt_context_is_english(tt_str_slice(text, line.from, line.to));
    bool uzbek = rune.cp == OKINA && is_uzbek(tt_utf8_prev(text, pos).cp);
    if (uzbek && !english) {
        return;
    }
    if (weight == RARE && english && !uzbek) {
        report(look, pos, rune, TT_SUSPICIOUS, "stands before the ending of an English word");
    } else if (weight != ORDINARY && (english || rune.cp != ACUTE)) {
        report(look, pos, rune, TT_CANDIDATE, "stands where a word's apostrophe is");
    } else if (other_apostrophe(text, string_around(text, line, pos), rune.cp)) {
        report(look, pos, rune, TT_CANDIDATE, "and a different apostrophe stand in the same role in one line");
    }
}

/* Has the line a letter of that script?  With TT_SCRIPT_LATIN: of the one that ASCII signs belong to. */
static bool
has_script(struct tt_str line, uint8_t script)
{
    for (size_t pos = 0; pos < line.len;) {
        struct tt_rune rune = tt_utf8_next(line, pos);
        if (rune.len == 0) {
            return false;
        }
        if (tt_char_is_letter(rune.cp) && tt_char(rune.cp)->script == script) {
            return true;
        }
        pos += rune.len;
    }
    return false;
}

/*
 * A sign or mark of a script, as the Devanagari visarga, is no colon where that script is written, nor between the digits of a
 * table about it.  Beside Latin letters, or in a line of theirs alone, it stands for one.
 */
static bool
is_at_home(struct tt_str line, uint32_t before, uint32_t after, uint32_t cp)
{
    uint8_t script = tt_char(cp)->script;
    if (script <= TT_SCRIPT_INHERITED || is_latin_letter(before) || is_latin_letter(after)) {
        return false;
    }
    return has_script(line, script) || !has_script(line, TT_SCRIPT_LATIN);
}

/* Where a quotation mark opens a word: a text, a field of a table, a value. */
static bool
may_open(uint32_t before)
{
    return before == 0 || is_one_of(before, " \t\n,;([{=:>");
}

/* Signs in places where only their ASCII twin means something: "-x" of a command, and the colon behind a keyword. */
static void
judge_start(struct tt_look *look, size_t pos, struct tt_rune rune, uint32_t before, uint32_t after)
{
    struct tt_str text = look->field->text;
    if (tt_look_has_low(look)) {
        return;
    }
    bool hyphen = tt_char_is(rune.cp, TT_CHAR_HYPHEN) && before == ' ' && is_ascii_word(after);
    if (hyphen && tt_code_at(text, pos, pos + rune.len) == TT_CODE_COMMAND) {
        report(look, pos, rune, TT_CANDIDATE, "begins an option of a command");
    }
    bool colon = tt_char_is(rune.cp, TT_CHAR_COLON) && tt_char(rune.cp)->script <= TT_SCRIPT_INHERITED && after == ' ';
    if (colon && weight_of(rune.cp) != ORDINARY && before < 0x80 && tt_ascii_is_alpha((int) before)) {
        report(look, pos, rune, TT_CANDIDATE, "stands behind a word");
    }
}

/* Hyphen, slash and colon between two ASCII letters or digits; a quotation mark before an ASCII word. */
static void
judge_other(struct tt_look *look, size_t pos, struct tt_rune rune)
{
    struct tt_str text = look->field->text;
    uint32_t before = tt_utf8_prev(text, pos).cp;
    uint32_t after = tt_utf8_next(text, pos + rune.len).cp;
    bool quote = tt_char_is(rune.cp, TT_CHAR_QUOTE);
    bool placed = is_ascii_word(after) && (quote ? may_open(before) : is_ascii_word(before));
    enum weight weight = weight_of(rune.cp);
    if (!placed) {
        judge_start(look, pos, rune, before, after);
        return;
    }
    if (weight == ORDINARY) {
        return;
    }
    struct tt_span span = tt_context_line(text, pos);
    struct tt_str line = tt_str_slice(text, span.from, span.to);
    bool digits = tt_ascii_is_digit((int) before) && tt_ascii_is_digit((int) after);
    if (weight == RARE && is_at_home(line, before, after, rune.cp)) {
        return;
    }
    if (weight == RARE) {
        report(look, pos, rune, TT_SUSPICIOUS, quote ? "opens an ASCII word" : "stands between ASCII letters or digits");
    } else if (!digits && !quote && !tt_context_has_cjk(line)) {
        report(look, pos, rune, TT_CANDIDATE, "stands between ASCII letters");
    }
}

/* Signs that have work of their own beside Latin letters: quotation marks, footnotes, formulas, names of spacing accents. */
static bool
is_own_sign(uint32_t cp)
{
    static const struct {
        uint32_t from, to;
    } own[] = {
        {0x00B8, 0x00B8}, {0x02C2, 0x02DC}, {0x1FBF, 0x1FEF}, {0x201A, 0x201A}, {0x2039, 0x203A},
        {0x204E, 0x2053}, {0x207A, 0x208E}, {0x2216, 0x223C}, {0x2768, 0x2795}, {0x2772, 0x2775},
        {0x27CD, 0x27CD}, {0x29F5, 0x29F9}, {0x3014, 0x3015}, {0xFD3E, 0xFD3F}, {0x1D200, 0x1D23B},
    };
    for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
        if (cp >= own[i].from && cp <= own[i].to) {
            return true;
        }
    }
    return false;
}

/* Is an East Asian letter near, in these lines or the ones around them, so that wide and small signs are at home? */
static bool
is_east_asian(struct tt_str text, size_t pos)
{
    size_t from = pos > TT_CONTEXT_BYTES ? pos - TT_CONTEXT_BYTES : 0;
    size_t to = text.len - pos > TT_CONTEXT_BYTES ? pos + TT_CONTEXT_BYTES : text.len;
    while (from < to) {
        struct tt_rune rune = tt_utf8_next(text, from);
        uint8_t script = tt_char(rune.cp)->script;
        if (rune.len > 0 && script >= TT_SCRIPT_HAN && script <= TT_SCRIPT_HANGUL) {
            return true;
        }
        from += rune.len > 0 ? rune.len : 1;
    }
    return false;
}

/*
 * Is the character a click of a Khoisan language, at the beginning of a word or inside one?  Such a word goes on with letters, in a line that has further letters
 * or signs of that alphabet, and is no name in a program.
 */
static bool
is_click(struct tt_str text, size_t pos, struct tt_rune rune, struct tt_str line)
{
    uint32_t after = tt_utf8_next(text, pos + rune.len).cp;
    size_t wide = 0;
    if (rune.cp < 0x01C0 || rune.cp > 0x01C3 || !tt_char_is_letter(after) ||
        tt_code_at(text, pos, pos + rune.len) != TT_CODE_NONE) {
        return false;
    }
    for (size_t i = 0; i < line.len;) {
        struct tt_rune other = tt_utf8_next(line, i);
        bool letter = tt_char_is_letter(other.cp) || tt_char_is_mark(other.cp);
        wide += other.cp >= 0x80 && letter && other.cp != rune.cp;
        i += other.len ? other.len : 1;
    }
    return wide > 0;
}

/* Is the sign between arguments that a program fills in, as "$1" and "%s" are?  What language they will be in, nobody knows here. */
static bool
is_at_argument(struct tt_str text, size_t pos, size_t to)
{
    size_t from = pos;
    while (from > 0 && tt_ascii_is_alnum((unsigned char) text.ptr[from - 1]) && pos - from < 3) {
        from--;
    }
    bool before = from < pos && from > 0 && is_one_of((unsigned char) text.ptr[from - 1], "$%");
    return before || (to < text.len && is_one_of((unsigned char) text.ptr[to], "$%"));
}

/* Any other ASCII sign, in a place where that sign stands: behind an ASCII word and before another, a blank or the end; or before one. */
static void
judge_sign(struct tt_look *look, size_t pos, struct tt_rune rune)
{
    struct tt_str text = look->field->text;
    uint32_t before = tt_utf8_prev(text, pos).cp;
    uint32_t after = tt_utf8_next(text, pos + rune.len).cp;
    bool closes = is_ascii_word(before) && (after < 0x80 || after == '\n');
    bool opens = is_ascii_word(after) && before < 0x80;
    bool comma = rune.cp == 0x201A && closes && after <= ' '; /* where no quotation begins */
    if (!(closes || opens) || (is_own_sign(rune.cp) && !comma)) {
        return;
    }
    struct tt_span span = tt_context_line(text, pos);
    struct tt_str line = tt_str_slice(text, span.from, span.to);
    uint8_t script = tt_char(rune.cp)->script;
    bool wide = rune.cp >= 0xFE10 && rune.cp <= 0xFFEF;
    if ((script > TT_SCRIPT_INHERITED && script != TT_SCRIPT_LATIN && has_script(line, script)) || is_east_asian(text, pos)) {
        return;
    }
    if (is_click(text, pos, rune, line)) {
        return;
    }
    if (wide && is_at_argument(text, pos, pos + rune.len)) {
        return;
    }
    bool plain = !wide && tt_context_is_english(line);
    report(look, pos, rune, plain ? TT_SUSPICIOUS : TT_CANDIDATE, "stands beside an ASCII word");
}

/* ---- choices ---- */

/* An apostrophe or hyphen inside a word: written in any form, it says the same there. */
static bool
is_inside_word(struct tt_str text, size_t pos, size_t len)
{
    return tt_char_is_letter(tt_utf8_prev(text, pos).cp) && tt_char_is_letter(tt_utf8_next(text, pos + len).cp);
}

/* Passes what can hold no member, eight bytes of ASCII at a time: first says with which bytes one begins. */
static size_t
pass_others(struct tt_str text, size_t pos, const bool first[0x100])
{
    const unsigned char tick = first['\''] ? '\'' : '-', other = first['`'] ? '`' : '-';
    while (pos < text.len) {
        size_t step = text.len - pos < TT_WORD_BYTES ? text.len - pos : TT_WORD_BYTES;
        if (step == TT_WORD_BYTES) {
            uint64_t word = tt_word_load(text.ptr + pos);
            if (tt_word_is_ascii(word) && tt_word_find(word, tick) == TT_WORD_BYTES &&
                tt_word_find(word, other) == TT_WORD_BYTES) {
                pos += step;
                continue;
            }
        }
        for (; step > 0; step--, pos++) {
            if (first[(unsigned char) text.ptr[pos]]) {
                return pos;
            }
        }
    }
    return pos;
}

static void
read_choices(struct tt_look *look, uint32_t class, const char *what)
{
    struct tt_str text = tt_str_slice(look->field->text, 0, look->field->to);
    struct tt_choice choice;
    bool is_first[0x100]; /* of a member: looked up byte by byte, for this is the cost of a long text */
    if (!tt_choice_begin(look, &choice, TT_CHOICE_PLACES)) {
        return;
    }
    for (uint32_t c = 0; c < 0x100; c++) {
        is_first[c] = c < 0x80 ? tt_char_is(c, class) : tt_char_may_join((unsigned char) c);
    }
    size_t pos = pass_others(text, look->field->from, is_first);
    while (pos < text.len && !tt_choice_is_full(&choice)) {
        struct tt_rune rune = tt_utf8_next_valid(text, pos);
        if (tt_char_is(rune.cp, class) && is_inside_word(text, pos, rune.len)) {
            tt_choice_add(&choice, pos, tt_str_slice(text, pos, pos + rune.len));
        }
        pos = pass_others(text, pos + rune.len, is_first);
    }
    tt_choice_end(look, &choice, what);
}

/* The dashes of a text, which typographers set in two lengths by habit: "\u2013" and "\u2014". */
static void
read_dashes(struct tt_look *look)
{
    struct tt_str text = tt_str_slice(look->field->text, 0, look->field->to);
    const char *end = text.ptr + text.len;
    struct tt_choice choice;
    if (!tt_choice_begin(look, &choice, TT_CHOICE_PLACES)) {
        return;
    }
    for (const char *at = text.ptr; at < end && (at = memchr(at, DASH_LEAD, (size_t) (end - at))); at++) {
        uint32_t cp = tt_utf8_next_valid(text, (size_t) (at - text.ptr)).cp;
        if (cp == EN_DASH || cp == EM_DASH) {
            tt_choice_add(&choice, (size_t) (at - text.ptr), tt_str_make(at, 3));
        }
    }
    tt_choice_end(look, &choice, "dashes");
}

/* Counts members inside words, and dashes; once there are some, the choices are read. */
static void
count_choice(struct tt_look *look, size_t pos, struct tt_rune rune)
{
    if (rune.cp == EN_DASH && look->note[NOTE_DASHES] < TT_CHOICE_ODD && ++look->note[NOTE_DASHES] == TT_CHOICE_ODD) {
        read_dashes(look);
    }
    bool hyphen = tt_char_is(rune.cp, TT_CHAR_HYPHEN);
    if ((hyphen || tt_char_is(rune.cp, TT_CHAR_APOSTROPHE)) && look->note[hyphen] < TT_CHOICE_ODD &&
        is_inside_word(look->field->text, pos, rune.len) && ++look->note[hyphen] == TT_CHOICE_ODD) {
        read_choices(look, hyphen ? TT_CHAR_HYPHEN : TT_CHAR_APOSTROPHE,
                     hyphen ? "forms of the hyphen" : "forms of the apostrophe");
    }
}

static void
visit(struct tt_look *look, size_t pos, struct tt_rune rune)
{
    if (rune.cp < 0x80) {
        return;
    }
    count_choice(look, pos, rune);
    if (tt_char_is(rune.cp, TT_CHAR_APOSTROPHE)) {
        judge_apostrophe(look, pos, rune);
    } else if (tt_char_is(rune.cp, TT_CHAR_HYPHEN | TT_CHAR_SLASH | TT_CHAR_QUOTE | TT_CHAR_COLON)) {
        judge_other(look, pos, rune);
    } else {
        judge_sign(look, pos, rune);
    }
}

const struct tt_channel tt_channel_lookalike = {
    .name = "look-alike",
    .rule = "mark.look-alike",
    .alphabet = "characters that print like ' - / \" : or another ASCII sign (by UTS #39 skeleton or NFKC)",
    .capacity = "log2 of the class size at each site: up to 5 bits for an apostrophe",
    .wake = TT_CHAR_APOSTROPHE | TT_CHAR_HYPHEN | TT_CHAR_SLASH | TT_CHAR_QUOTE | TT_CHAR_COLON | TT_CHAR_BESIDE,
    .visit = visit,
};
