/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules of legitimate use for zero-width characters.
 *
 * Joiners follow UAX #31 (contexts A1, A2 and B), relaxed to what dictionaries of real languages hold; emoji follow UTS #51; the
 * rest follows the descriptions in the Unicode Standard, chapter 23.  Input: a field and a run in it.  Output: a verdict.
 * Nothing is allocated; every walk is bounded by MARKS_MAX.  Sequences of emoji are in judge_emoji.c.
 */
#include "marks/judge.h"

#include "marks/context.h"
#include "marks/judge_script.h"

#define ZWSP 0x200B
#define ZWNJ 0x200C
#define ZWJ 0x200D
#define WORD_JOINER 0x2060
#define BOM 0xFEFF
#define GRAPHEME_JOINER 0x034F
#define MONGOLIAN_SEPARATOR 0x180E

#define MARKS_MAX 16     /* marks on one letter that are walked over */
#define JOINER_RUN_MAX 4 /* so many joiners in a row are typing noise in real dictionaries and translations ... */
#define SAME_RUN_MAX 8   /* ... or so many of one kind */
#define TRANSLATED 2     /* break hints that machine translation leaves between a blank and a word */
#define SEAM_MAX 4       /* byte order marks of texts that were joined again and again */
#define SPACE_RUN_MAX 8  /* so many break hints in a row are left behind by programs, or keep two names apart */
#define LINE_BYTES 96    /* how far away in its line a script is looked for */
#define LONG_NAME 16     /* characters */
#define TABLE_BYTES 256  /* how far away from what is shown by itself */
#define LINE_NEAR 8      /* hidden characters that are passed on the way */
#define MARK_REACH 4096  /* bytes in which a string that begins with a byte order mark has a second line, if any */

/* ---- neighbours ---- */

/* What stands beside a run.  cp 0 where the text ends. */
struct spot {
    struct tt_str text;
    size_t from, to;
    uint32_t left, right;           /* next to the run */
    uint32_t left_base, right_base; /* the same behind transparent marks */
};

/* The character before pos, which is rune, marks of Joining_Type T walked over. */
static uint32_t
base_before(struct tt_str text, size_t pos, struct tt_rune rune)
{
    for (int i = 0; i < MARKS_MAX && rune.len > 0 && tt_char(rune.cp)->joining == TT_JOIN_T; i++) {
        pos -= rune.len;
        rune = tt_utf8_prev(text, pos);
    }
    return rune.cp;
}

static uint32_t
base_after(struct tt_str text, size_t pos, struct tt_rune rune)
{
    for (int i = 0; i < MARKS_MAX && rune.len > 0 && tt_char(rune.cp)->joining == TT_JOIN_T; i++) {
        pos += rune.len;
        rune = tt_utf8_next(text, pos);
    }
    return rune.cp;
}

static struct spot
look_around(struct tt_str text, size_t from, size_t to)
{
    struct tt_rune left = tt_utf8_prev(text, from), right = tt_utf8_next(text, to);
    return (struct spot) {
        .text = text,
        .from = from,
        .to = to,
        .left = left.cp,
        .right = right.cp,
        .left_base = base_before(text, from, left),
        .right_base = base_after(text, to, right),
    };
}

/* The text or its line begins (ends) here. */
static bool
is_edge(uint32_t cp)
{
    return cp == 0 || cp == '\n' || cp == '\r' || cp == BOM; /* a file's own mark; any other one is part of the run */
}

static bool
is_blank(uint32_t cp)
{
    return is_edge(cp) || tt_char_is(cp, TT_CHAR_SPACE);
}

static bool
is_word_part(uint32_t cp)
{
    return tt_char_is_letter(cp) || tt_char_is_mark(cp) || tt_char(cp)->digit >= 0;
}

static bool
is_latin(uint32_t cp)
{
    return tt_char(cp)->script == TT_SCRIPT_LATIN;
}

/* A virama before pos, and a letter before that, nukta signs and joiners between them walked over. */
static bool
is_after_virama(struct tt_str text, size_t pos)
{
    struct tt_rune rune = tt_utf8_prev(text, pos);
    if (rune.len == 0 || !tt_char_is(rune.cp, TT_CHAR_VIRAMA)) {
        return false;
    }
    pos -= rune.len;
    rune = tt_utf8_prev(text, pos);
    for (int i = 0; i < MARKS_MAX && rune.len > 0; i++) {
        if (!tt_char_is_mark(rune.cp) && rune.cp != ZWJ && rune.cp != ZWNJ) {
            break;
        }
        pos -= rune.len;
        rune = tt_utf8_prev(text, pos);
    }
    return rune.len > 0 && tt_char_is_letter(rune.cp);
}

static bool
joins_to_right(uint32_t cp)
{
    uint8_t joining = tt_char(cp)->joining;
    return joining == TT_JOIN_L || joining == TT_JOIN_D;
}

static bool
joins_to_left(uint32_t cp)
{
    uint8_t joining = tt_char(cp)->joining;
    return joining == TT_JOIN_R || joining == TT_JOIN_D;
}

/* ---- verdicts ---- */

static const struct tt_verdict legitimate = {.judgement = TT_JUDGE_LEGITIMATE, .why = ""};

static struct tt_verdict
habit(const char *why)
{
    return (struct tt_verdict) {.judgement = TT_JUDGE_HABIT, .why = why};
}

static struct tt_verdict
unusual(const char *why)
{
    return (struct tt_verdict) {.judgement = TT_JUDGE_UNUSUAL, .why = why};
}

/* Left behind by programs, or typed in place of another: read with others, and nothing to tell by itself. */
static struct tt_verdict
quiet(const char *why)
{
    return (struct tt_verdict) {.judgement = TT_JUDGE_UNUSUAL, .why = why, .quiet = true};
}

static struct tt_verdict
broken(const char *why)
{
    return (struct tt_verdict) {.judgement = TT_JUDGE_BROKEN, .why = why};
}

/* May the walk through a line go on over rune? */
static bool
goes_on(struct tt_rune rune, size_t bytes, size_t *near)
{
    *near += rune.cp >= 0x80 && tt_char_is(rune.cp, TT_CHAR_INVISIBLE | TT_CHAR_IGNORABLE);
    return rune.len > 0 && rune.cp != '\n' && rune.cp != '\r' && bytes < LINE_BYTES && *near < LINE_NEAR;
}

/* A letter of such a script; digits and signs of many scripts are shared. */
static bool
is_joiner_letter(uint32_t cp)
{
    return cp >= 0x0600 && tt_char_is_letter(cp) && (tt_judge_uses_joiners(cp) || tt_judge_breaks_without_blanks(cp));
}

/* A mark of a Brahmic script between delimiters, as tables of keys show it. */
static bool
is_table_mark(struct tt_str text, size_t pos, struct tt_rune rune)
{
    uint32_t before = tt_utf8_prev(text, pos).cp;
    return rune.cp >= 0x0600 && tt_char_is_mark(rune.cp) && tt_judge_is_brahmic(rune.cp) && (before == '"' || before == '\'');
}

/* Does the line hold a letter of a script with joiners or break hints, near the run?  Then its writer's keyboard has them. */
static bool
is_in_joiner_line(const struct spot *s)
{
    size_t pos = s->from, near = 0;
    for (struct tt_rune rune = tt_utf8_prev(s->text, pos); goes_on(rune, s->from - pos, &near);) {
        if (is_joiner_letter(rune.cp)) {
            return true;
        }
        pos -= rune.len;
        rune = tt_utf8_prev(s->text, pos);
    }
    pos = s->to;
    near = 0;
    for (struct tt_rune rune = tt_utf8_next(s->text, pos); goes_on(rune, pos - s->to, &near);) {
        if (is_joiner_letter(rune.cp) || is_table_mark(s->text, pos, rune)) {
            return true;
        }
        pos += rune.len;
        rune = tt_utf8_next(s->text, pos);
    }
    return false;
}

/* Is this beside a letter of a script with joiners, in a way that people type? */
static bool
is_beside_joiner_script(const struct spot *s)
{
    if (tt_char_is_mark(s->left) && tt_judge_uses_joiners(s->left_base)) {
        return true;
    }
    if (tt_judge_uses_joiners(s->left) && (tt_char(s->left)->joining != TT_JOIN_T || tt_judge_uses_joiners(s->left_base))) {
        return true;
    }
    return tt_judge_uses_joiners(s->right_base) && !tt_char_is_mark(s->left); /* a suffix to a foreign word or to a number */
}

/* The same, or elsewhere in a line of such a script: behind a sign, before a foreign word, but not inside one. */
static bool
is_joiner_habit(const struct spot *s)
{
    return is_beside_joiner_script(s) || (!(is_word_part(s->left) && is_word_part(s->right)) && is_in_joiner_line(s));
}

/* A sign of mathematics or punctuation beyond ASCII: word processors glue them to their numbers. */
static bool
is_wide_sign(uint32_t cp)
{
    uint8_t category = tt_char(cp)->category;
    return cp >= 0x80 && category >= TT_PC && category <= TT_SM && !tt_char_is(cp, TT_CHAR_PICTOGRAPH);
}

/* Between pictures it keeps them apart, which is what it is for. */
static bool
parts_pictures(const struct spot *s)
{
    const uint32_t picture = TT_CHAR_PICTOGRAPH | TT_CHAR_REGIONAL | TT_CHAR_MODIFIER;
    return tt_char_is(s->left_base, picture) && tt_char_is(s->right, picture);
}

/*
 * Does a letter of a script with joiners or break hints, or of its neighbours, stand near, in whatever line?  A table of keys or of signs shows them
 * one by one.
 */
static bool
is_near_joiner_script(const struct spot *s)
{
    size_t pos = s->from > TABLE_BYTES ? s->from - TABLE_BYTES : 0;
    size_t end = s->text.len - s->to > TABLE_BYTES ? s->to + TABLE_BYTES : s->text.len;
    while (pos < end) {
        struct tt_rune rune = tt_utf8_next(s->text, pos);
        bool east = rune.cp >= 0x0590 && rune.cp < 0x1C90 && tt_char_is_letter(rune.cp);
        if (east || (rune.cp >= 0x80 && is_joiner_letter(rune.cp))) {
            return true;
        }
        pos += rune.len ? rune.len : 1;
    }
    return false;
}

/* A picture on one side, and one behind blanks on the other: a program has divided a sequence, as at the end of a line. */
static bool
is_divided(const struct spot *s)
{
    size_t from = s->from, to = s->to;
    struct tt_rune left = tt_utf8_prev(s->text, from), right = tt_utf8_next(s->text, to);
    if (is_blank(left.cp) == is_blank(right.cp)) {
        return false;
    }
    for (int i = 0; i < MARKS_MAX && left.len > 0 && is_blank(left.cp); i++) {
        from -= left.len;
        left = tt_utf8_prev(s->text, from);
    }
    for (int i = 0; i < MARKS_MAX && right.len > 0 && is_blank(right.cp); i++) {
        to += right.len;
        right = tt_utf8_next(s->text, to);
    }
    const uint32_t picture = TT_CHAR_PICTOGRAPH | TT_CHAR_MODIFIER;
    return tt_char_is(left.cp, picture) && tt_char_is(right.cp, picture);
}

static struct tt_verdict
judge_non_joiner(const struct spot *s)
{
    if (joins_to_right(s->left_base) && joins_to_left(s->right_base)) {
        return legitimate; /* J1 */
    }
    if (is_after_virama(s->text, s->from)) {
        return legitimate; /* J2 */
    }
    if (is_joiner_habit(s) || tt_judge_is_tied(s->left, s->right)) {
        return habit("where the script does not need it");
    }
    if (tt_context_is_at_placeholder(s->text, s->from, s->to)) {
        return quiet("between parts that a program puts together");
    }
    if (!is_latin(s->left) && !is_latin(s->right) && is_near_joiner_script(s)) {
        return habit("in a text of a script with joiners");
    }
    if (is_latin(s->left_base) && is_latin(s->right_base)) {
        return unusual("between Latin letters, as some type it to part a ligature");
    }
    return parts_pictures(s) ? unusual("between pictures") : broken("between characters that do not join");
}

static struct tt_verdict
judge_joiner(const struct spot *s)
{
    const uint32_t bengali_ra = 0x09B0, kannada_ra = 0x0CB0;
    if (is_after_virama(s->text, s->from) && !tt_char_is(s->right, TT_CHAR_VOWEL_SIGN)) {
        return legitimate; /* J3 */
    }
    if (tt_char_is(s->right, TT_CHAR_VIRAMA) && (s->left == bengali_ra || s->left == kannada_ra)) {
        return legitimate;
    }
    if (tt_char(s->left_base)->joining == TT_JOIN_D && tt_char_is(s->left_base, TT_CHAR_RTL)) {
        return legitimate; /* shows the joining form, as in the abbreviation of "hijri" */
    }
    if (tt_judge_is_tied(s->left, s->right)) {
        return legitimate;
    }
    switch (tt_judge_emoji_joiner(s->text, s->from)) {
    case TT_EMOJI_LISTED: return legitimate;
    case TT_EMOJI_UNLISTED: return habit("in an emoji sequence that is well-formed but not listed");
    case TT_EMOJI_NONE: break;
    }
    /* also behind a virama without a letter, as in lists of word endings */
    const char *needless = "where the script does not need it";
    if (tt_judge_is_brahmic(s->left) && tt_judge_is_brahmic(s->right)) {
        return (struct tt_verdict) {.judgement = TT_JUDGE_HABIT, .why = needless, .quiet = true}; /* what old keyboards wrote */
    }
    if (tt_judge_uses_joiners(s->left) || is_joiner_habit(s)) {
        return habit(needless);
    }
    if (is_divided(s)) {
        return unusual("in an emoji sequence that is divided by blanks");
    }
    if (!is_word_part(s->right) && tt_judge_ends_cut_chain(s->text, s->from, s->right)) {
        return unusual("at the end of an emoji sequence, as where one was cut off");
    }
    if (!is_word_part(s->left) && !is_word_part(s->right) && is_near_joiner_script(s)) {
        return habit("in a text of a script with joiners");
    }
    return is_wide_sign(s->left) || is_wide_sign(s->right) ? unusual("beside a sign, as if to keep a line together")
                                                           : broken("between characters that do not join");
}

/* The end of the row of bytes around pos that belong to a long name or number of a program; digits is set when one is among them. */
static size_t
name_end(struct tt_str text, size_t pos, int step, bool *digits)
{
    size_t n = 0;
    for (; n < LONG_NAME && (step > 0 ? pos + n < text.len : n < pos); n++) {
        char c = text.ptr[step > 0 ? pos + n : pos - 1 - n];
        if (!tt_ascii_is_alnum((unsigned char) c) && c != '_' && c != '-') {
            break;
        }
        *digits = *digits || c == '_' || c == '-' || tt_ascii_is_digit((unsigned char) c);
    }
    return n;
}

/* In a name, number or rule that is too long for a line of a page, and no word: documents let it be divided there. */
static bool
is_in_long_name(const struct spot *s)
{
    bool digits[2] = {false, false};
    size_t before = name_end(s->text, s->from, -1, &digits[0]), behind = name_end(s->text, s->to, 1, &digits[1]);
    return before + behind >= LONG_NAME && before > 0 && behind > 0 && (digits[0] || digits[1]);
}

static struct tt_verdict
judge_space(const struct spot *s)
{
    if (tt_judge_breaks_without_blanks(s->left) || tt_judge_breaks_without_blanks(s->right)) {
        return legitimate;
    }
    if (tt_judge_is_east_asian(s->left) || tt_judge_is_east_asian(s->right)) {
        return unusual("beside East Asian text, as a break hint");
    }
    if (joins_to_right(s->left_base) && joins_to_left(s->right_base)) {
        return quiet("where the script needs a joiner"); /* keyboards have the two side by side */
    }
    if (tt_judge_uses_joiners(s->left_base) || tt_judge_uses_joiners(s->right_base)) {
        return unusual("beside a script that uses joiners");
    }
    const char *hint = "where a line may break";
    if (is_in_long_name(s)) {
        return quiet(hint);
    }
    if (is_word_part(s->left) && is_word_part(s->right)) {
        return broken("inside a word");
    }
    return is_in_joiner_line(s) ? quiet(hint) : unusual(hint);
}

static struct tt_verdict
judge_grapheme_joiner(const struct spot *s)
{
    uint8_t script = tt_char(s->left_base)->script;
    bool letters =
        (tt_char_is_letter(s->left) || tt_char_is_mark(s->left)) && (tt_char_is_letter(s->right) || tt_char_is_mark(s->right));
    bool marks = tt_char_is_mark(s->left) || tt_char_is_mark(s->right);
    if (letters && (marks || script == TT_SCRIPT_HEBREW || script == TT_SCRIPT_ARABIC)) {
        return unusual("between letters or marks, where it keeps their order");
    }
    return broken("where there is nothing to keep in order");
}

static struct tt_verdict
judge_operator(const struct spot *s)
{
    bool word = s->left < 0x80 && s->right < 0x80 && tt_ascii_is_alpha((int) s->left) && tt_ascii_is_alpha((int) s->right);
    if (is_blank(s->left) || is_blank(s->right)) {
        return broken("without operands");
    }
    if (word) {
        struct tt_rune before = tt_utf8_prev(s->text, s->from - 1);
        struct tt_rune after = tt_utf8_next(s->text, s->to + 1);
        bool longer =
            (before.cp < 0x80 && tt_ascii_is_alpha((int) before.cp)) || (after.cp < 0x80 && tt_ascii_is_alpha((int) after.cp));
        if (longer) {
            return broken("inside a word");
        }
    }
    return unusual("as in a formula");
}

/* Does the text hold a line feed?  Then it is a text of several lines, of which a program took all, its first mark too. */
static bool
has_lines(struct tt_str text)
{
    return memchr(text.ptr, '\n', text.len < MARK_REACH ? text.len : MARK_REACH) != NULL;
}

static bool
is_seam(uint32_t cp, const char *delimiters)
{
    return is_blank(cp) || (cp < 0x80 && strchr(delimiters, (int) cp));
}

/* Programs that join texts leave the byte order mark of the second one at the seam. */
static struct tt_verdict
judge_byte_order_mark(const struct spot *s)
{
    bool start = s->left == 0, end = s->right == 0;
    if (start) {
        return has_lines(s->text) ? unusual("at the start of a string of several lines, as a file has it")
                                  : broken("at the start of a string");
    }
    bool seam = !end && s->left != BOM && (is_seam(s->left, "\"'>") || is_seam(s->right, "\"'<"));
    return seam ? unusual("beside a blank or a delimiter, as at a seam of two texts") : broken("inside the text");
}

static bool
is_in_mongolian_line(const struct spot *s)
{
    struct tt_span line = tt_context_line(s->text, s->from);
    while (line.from < line.to) {
        struct tt_rune rune = tt_utf8_next(s->text, line.from);
        if (tt_char(rune.cp)->script == TT_SCRIPT_MONGOLIAN && tt_char_is_letter(rune.cp)) {
            return true;
        }
        line.from += rune.len ? rune.len : 1;
    }
    return false;
}

static struct tt_verdict
judge_one(const struct spot *s, uint32_t cp)
{
    bool mongolian = tt_char(s->left_base)->script == TT_SCRIPT_MONGOLIAN || tt_char(s->right)->script == TT_SCRIPT_MONGOLIAN;
    switch (cp) {
    case ZWSP: return judge_space(s);
    case ZWNJ: return judge_non_joiner(s);
    case ZWJ: return judge_joiner(s);
    case BOM: return judge_byte_order_mark(s);
    case GRAPHEME_JOINER: return judge_grapheme_joiner(s);
    case MONGOLIAN_SEPARATOR: return mongolian || is_in_mongolian_line(s) ? legitimate : broken("outside Mongolian");
    case WORD_JOINER:
        if (tt_context_is_at_placeholder(s->text, s->from, s->to)) {
            return legitimate;
        }
        return is_blank(s->left) || is_blank(s->right) ? broken("beside a blank, where nothing can break")
                                                       : unusual("between visible characters");
    default: return judge_operator(s);
    }
}

/* What a run is made of. */
struct census {
    size_t company; /* controls of direction and music: rules of their own */
    size_t joiners; /* ZWJ and ZWNJ */
    size_t spaces;  /* ZWSP */
    size_t vowels;  /* Mongolian vowel separators */
    bool same;      /* one character only */
    uint32_t other; /* the last character that is not company */
};

/* Symbols of encoders that are a matter of the channels of direction and of format when they stand by themselves. */
static bool
is_company(uint32_t cp)
{
    return tt_char_is(cp, TT_CHAR_BIDI) || (cp >= 0x1D173 && cp <= 0x1D17A);
}

static struct census
count_run(struct tt_str text, const struct tt_run *run)
{
    struct census census = {.same = true};
    for (size_t pos = run->from; pos < run->to;) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        census.company += is_company(rune.cp);
        census.joiners += rune.cp == ZWJ || rune.cp == ZWNJ;
        census.spaces += rune.cp == ZWSP;
        census.vowels += rune.cp == MONGOLIAN_SEPARATOR;
        census.same = census.same && rune.cp == run->first;
        census.other = is_company(rune.cp) ? census.other : rune.cp;
        pos += rune.len;
    }
    return census;
}

/* So many of these, or of one of them, people type in a row, where their scripts are written. */
static bool
is_typed_row(const struct spot *s, const struct census *census, size_t count)
{
    if (count <= SAME_RUN_MAX && count == census->vowels) {
        return is_in_mongolian_line(s);
    }
    bool few = (count <= JOINER_RUN_MAX && census->company <= 1) || (count <= SAME_RUN_MAX && census->same);
    bool east = tt_judge_breaks_without_blanks(s->left) || tt_judge_breaks_without_blanks(s->right);
    return few && count == census->joiners + census->spaces && (east || is_joiner_habit(s));
}

/* Two or more that are not company: what people and programs leave in a row. */
static struct tt_verdict
judge_row(const struct spot *s, const struct census *census, size_t count)
{
    if (is_typed_row(s, census, count)) {
        return habit("in a row, as happens while typing");
    }
    bool start = is_seam(s->left, "\"'>") && s->left != 0;
    if (census->other == BOM && census->same && count <= SEAM_MAX && start && tt_char_is_letter(s->right)) {
        return unusual("in a row, as at a seam of texts");
    }
    if (count <= SPACE_RUN_MAX && census->same && count == census->spaces) {
        const char *left_behind = "in a row, as programs leave them behind";
        bool translated = count == TRANSLATED && s->left == ' ' && tt_char_is_letter(s->right);
        return translated ? quiet(left_behind) : unusual(left_behind);
    }
    return broken("in a row, which no script or emoji needs");
}

static struct tt_verdict
judge_by_neighbours(const struct spot *s, const struct census *census, size_t count)
{
    if (count == 1 && census->company <= JOINER_RUN_MAX) {
        return judge_one(s, census->other);
    }
    if (count == 0) {
        bool rtl = tt_char_is(s->left, TT_CHAR_RTL) || tt_char_is(s->right, TT_CHAR_RTL);
        return rtl ? legitimate : (struct tt_verdict) {.judgement = TT_JUDGE_COMPANY, .why = ""};
    }
    return count == 1 ? broken("in a row, which no script or emoji needs") : judge_row(s, census, count);
}

/* Alone between quotation marks: a string of a program. */
static bool
is_in_quotes(const struct spot *s)
{
    return s->left == s->right && (s->left == '"' || s->left == '\'' || s->left == '`');
}

struct tt_verdict
tt_judge_zero_width(const struct tt_field *field, const struct tt_run *run)
{
    struct spot s = look_around(field->text, run->from, run->to);
    struct census census = count_run(field->text, run);
    struct tt_verdict verdict = judge_by_neighbours(&s, &census, run->count - census.company);
    if (verdict.judgement <= TT_JUDGE_COMPANY) {
        return verdict;
    }
    verdict = tt_run_unless_shown(field, run, verdict);
    bool typed = census.joiners + census.spaces > 0 && census.joiners + census.spaces + census.company == run->count;
    bool twice = typed && census.same && run->count <= JOINER_RUN_MAX && is_in_quotes(&s);
    bool shown = verdict.judgement == TT_JUDGE_SHOWN || (verdict.judgement == TT_JUDGE_HABIT && tt_run_is_shown(field, run));
    bool table = typed && shown && (run->count == 1 || field->escaped);
    return (table || twice) && is_near_joiner_script(&s) ? legitimate : verdict;
}
