/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hidden characters that a text is about: in a table beside their code or name, in quotes, or in a character class of a program.
 *
 * Input: a run in a field.  Output: yes or no, and the names.  Nothing is allocated.  A look goes CONTEXT bytes to each side
 * at most, and ends at the NEAR_MAX-th hidden character: a text full of them costs no more than it is long, and is no table.
 */
#include "marks/run.h"

#include "marks/context.h"

#define NEAR_MAX 8     /* hidden characters on one side of a run that tables and lists have at most */
#define LIST_RUN 16    /* characters that a list names in a row */
#define CLASS_BYTES 96 /* how far the ranges of a character class may be */

/* ---- names ---- */

struct name {
    uint32_t cp;
    const char *name;
    const char *words[2]; /* how tables call it besides */
};

static const struct name names[] = {
    {0x200B, "zero width space", {"zwsp", "zero-width space"}},
    {0x200C, "zero width non-joiner", {"zwnj", "zero-width non-joiner"}},
    {0x200D, "zero width joiner", {"zwj", "zero-width joiner"}},
    {0x2060, "word joiner", {"wj", "word-joiner"}},
    {0xFEFF, "zero width no-break space", {"bom", "byte order mark"}},
    {0x034F, "combining grapheme joiner", {"cgj", "grapheme joiner"}},
    {0x180E, "mongolian vowel separator", {"mvs", "vowel separator"}},
    {0x2061, "function application", {"applyfunction", "invisible function"}},
    {0x2062, "invisible times", {"invisibletimes", "invisible multiplication"}},
    {0x2063, "invisible separator", {"invisiblecomma", "invisible comma"}},
    {0x2064, "invisible plus", {"invisibleplus", "invisible addition"}},
    {0x00AD, "soft hyphen", {"shy", "discretionary hyphen"}},
    {0x061C, "arabic letter mark", {"alm", "arabic mark"}},
    {0x200E, "left-to-right mark", {"lrm", "left to right mark"}},
    {0x200F, "right-to-left mark", {"rlm", "right to left mark"}},
    {0x202A, "left-to-right embedding", {"lre", "left to right embedding"}},
    {0x202B, "right-to-left embedding", {"rle", "right to left embedding"}},
    {0x202C, "pop directional formatting", {"pdf", "pop direction"}},
    {0x202D, "left-to-right override", {"lro", "left to right override"}},
    {0x202E, "right-to-left override", {"rlo", "right to left override"}},
    {0x2066, "left-to-right isolate", {"lri", "left to right isolate"}},
    {0x2067, "right-to-left isolate", {"rli", "right to left isolate"}},
    {0x2068, "first strong isolate", {"fsi", "first-strong isolate"}},
    {0x2069, "pop directional isolate", {"pdi", "pop isolate"}},
    {0x206A, "inhibit symmetric swapping", {"iss", "symmetric swapping"}},
    {0x206B, "activate symmetric swapping", {"ass", "symmetric swapping"}},
    {0x206C, "inhibit arabic form shaping", {"iafs", "arabic form shaping"}},
    {0x206D, "activate arabic form shaping", {"aafs", "arabic form shaping"}},
    {0x206E, "national digit shapes", {"nads", "national digits"}},
    {0x206F, "nominal digit shapes", {"nods", "nominal digits"}},
    {0x115F, "hangul choseong filler", {"hcf", "choseong filler"}},
    {0x1160, "hangul jungseong filler", {"hjf", "jungseong filler"}},
    {0x17B4, "khmer vowel inherent aq", {"vowel inherent aq", "inherent aq"}},
    {0x17B5, "khmer vowel inherent aa", {"vowel inherent aa", "inherent aa"}},
    {0x2800, "braille pattern blank", {"blank braille", "braille blank"}},
    {0x3164, "hangul filler", {"hf", "hangul fill"}},
    {0xFFA0, "halfwidth hangul filler", {"hwhf", "half-width hangul filler"}},
    {0xFFF9, "interlinear annotation anchor", {"iaa", "annotation anchor"}},
    {0xFFFA, "interlinear annotation separator", {"ias", "annotation separator"}},
    {0xFFFB, "interlinear annotation terminator", {"iat", "annotation terminator"}},
    {0x1D159, "musical null notehead", {"null notehead", "notehead null"}},
    {0x00A0, "no-break space", {"nbsp", "non-breaking space"}},
    {0x1680, "ogham space mark", {"ogham", "ogham space"}},
    {0x2000, "en quad", {"enqd", "en-quad"}},
    {0x2001, "em quad", {"emqd", "em-quad"}},
    {0x2002, "en space", {"ensp", "en-space"}},
    {0x2003, "em space", {"emsp", "em-space"}},
    {0x2004, "three-per-em space", {"emsp13", "3-per-em"}},
    {0x2005, "four-per-em space", {"emsp14", "4-per-em"}},
    {0x2006, "six-per-em space", {"6-per-em", "sixth em"}},
    {0x2007, "figure space", {"numsp", "digit space"}},
    {0x2008, "punctuation space", {"puncsp", "punct space"}},
    {0x2009, "thin space", {"thinsp", "thin-space"}},
    {0x200A, "hair space", {"hairsp", "hair-space"}},
    {0x202F, "narrow no-break space", {"nnbsp", "narrow nbsp"}},
    {0x205F, "medium mathematical space", {"mmsp", "mediumspace"}},
    {0x3000, "ideographic space", {"idsp", "fullwidth space"}},
    {0x0085, "next line", {"nel", "next-line"}},
    {0x2028, "line separator", {"lsep", "line-separator"}},
    {0x2029, "paragraph separator", {"psep", "paragraph-separator"}},
    {0xFE0E, "text variation selector", {"variation selector-15", "vs15"}},
    {0xFE0F, "emoji variation selector", {"variation selector-16", "vs16"}},
};

static const struct name *
find_name(uint32_t cp)
{
    for (size_t i = 0; i < TT_RUN_COUNT(names); i++) {
        if (names[i].cp == cp) {
            return &names[i];
        }
    }
    return NULL;
}

const char *
tt_run_name(uint32_t cp)
{
    const struct name *name = find_name(cp);
    if (name) {
        return name->name;
    }
    if (tt_char_is(cp, TT_CHAR_VARIATION)) {
        return "variation selector";
    }
    if (tt_char_is(cp, TT_CHAR_FORMAT)) {
        return cp >= 0x1D173 && cp <= 0x1D17A   ? "musical control"
               : cp >= 0x1BCA0 && cp <= 0x1BCA3 ? "shorthand control"
                                                : "ignorable code point";
    }
    return tt_char_is(cp, TT_CHAR_TAG) ? "tag character" : "invisible character";
}

/* ---- what surrounds a run ---- */

/* Characters without an appearance of their own. */
static bool
is_hidden(uint32_t cp)
{
    const uint32_t flags = TT_CHAR_IGNORABLE | TT_CHAR_INVISIBLE | TT_CHAR_ZERO_WIDTH | TT_CHAR_FORMAT | TT_CHAR_FILLER |
                           TT_CHAR_ODD_SPACE | TT_CHAR_BIDI;
    return tt_char_is(cp, flags);
}

/* tt_utf8_prev and tt_utf8_next, at once where the character is ASCII, as most are. */
static struct tt_rune
rune_before(struct tt_str text, size_t pos)
{
    bool ascii = pos > 0 && pos <= text.len && (unsigned char) text.ptr[pos - 1] < 0x80;
    return ascii ? (struct tt_rune) {(unsigned char) text.ptr[pos - 1], 1} : tt_utf8_prev(text, pos);
}

static struct tt_rune
rune_at(struct tt_str text, size_t pos)
{
    bool ascii = pos < text.len && (unsigned char) text.ptr[pos] < 0x80;
    return ascii ? (struct tt_rune) {(unsigned char) text.ptr[pos], 1} : tt_utf8_next(text, pos);
}

static bool
ends_line(uint32_t cp)
{
    return cp == '\n' || cp == '\r';
}

/* Is there an end at pos?  Counts hidden characters on the way. */
static bool
is_far(struct tt_rune rune, size_t bytes, size_t *near)
{
    *near += rune.cp >= 0x80 && is_hidden(rune.cp);
    return rune.len == 0 || bytes >= TT_CONTEXT_BYTES || ends_line(rune.cp) || *near == NEAR_MAX;
}

/* The line around from..to, or what of it is looked at. */
static struct tt_span
line_of(struct tt_str text, size_t from, size_t to)
{
    struct tt_span line = {from, to};
    size_t near = 0;
    for (struct tt_rune rune = rune_before(text, from); !is_far(rune, from - line.from, &near);) {
        line.from -= rune.len;
        rune = rune_before(text, line.from);
    }
    near = 0;
    for (struct tt_rune rune = rune_at(text, to); !is_far(rune, line.to - to, &near);) {
        line.to += rune.len;
        rune = rune_at(text, line.to);
    }
    return line;
}

/* ---- tables about characters ---- */

static bool
is_ascii_word(unsigned char c)
{
    return tt_ascii_is_alnum(c);
}

static bool
is_word_byte(unsigned char c)
{
    return c >= 0x80 || is_ascii_word(c);
}

/* Does word (lower-case ASCII) stand at pos, in any case, and end there? */
static bool
word_at(struct tt_str line, size_t pos, const char *word)
{
    size_t k = 0;
    while (word[k] && pos + k < line.len && tt_ascii_lower((unsigned char) line.ptr[pos + k]) == word[k]) {
        k++;
    }
    return word[k] == '\0' && (pos + k == line.len || !is_word_byte((unsigned char) line.ptr[pos + k]));
}

static bool
name_at(struct tt_str line, size_t pos, const struct name *name)
{
    return word_at(line, pos, name->name) || word_at(line, pos, name->words[0]) || word_at(line, pos, name->words[1]);
}

/* Is the number of 3-6 digits in the base (10 or 16) at pos the code? */
static bool
number_at(struct tt_str line, size_t pos, unsigned base, uint32_t code)
{
    uint32_t value = 0;
    size_t i = pos;
    for (; i < line.len && i - pos < 7; i++) {
        int digit = tt_ascii_hex((unsigned char) line.ptr[i]);
        if (digit < 0 || (unsigned) digit >= base) {
            break;
        }
        value = value * base + (unsigned) digit;
    }
    bool word = i < line.len && is_ascii_word((unsigned char) line.ptr[i]);
    return i - pos >= 3 && i - pos <= 6 && !word && value == code;
}

/* Does the line hold the name of cp, or its code: 200B, U+200B, \u200b, 0x200B, &#x200B; or &#8203; ? */
static bool
mentions(struct tt_str line, uint32_t cp)
{
    const struct name *name = find_name(cp);
    unsigned char before = ' ';
    for (size_t i = 0; i < line.len; i++) {
        unsigned char c = (unsigned char) line.ptr[i];
        bool marker = before == 'x' || before == 'X' || before == 'u' || before == 'U';
        bool inside = is_ascii_word(before) && !marker;
        if (!inside && tt_ascii_hex(c) >= 0 && (number_at(line, i, 16, cp) || (before == '#' && number_at(line, i, 10, cp)))) {
            return true;
        }
        if (name && tt_ascii_is_alpha(c) && !is_word_byte(before) && name_at(line, i, name)) {
            return true;
        }
        before = c;
    }
    return false;
}

#define CODE_WORDS 8 /* of a line that may be its codes */

/* Value of a whole word as a number, or 0 when it is none of the upper half of a character set. */
static uint32_t
code_in_base(struct tt_str word, unsigned base)
{
    uint32_t value = 0;
    for (size_t i = 0; i < word.len; i++) {
        int digit = tt_ascii_hex((unsigned char) word.ptr[i]);
        if (digit < 0 || (unsigned) digit >= base) {
            return 0;
        }
        value = value * base + (unsigned) digit;
    }
    return value >= 0x80 && value <= 0xFF ? value : 0;
}

/*
 * A row of a table of a character set names its code twice, in decimal and in hexadecimal (or octal): 255 173 AD.  The code is
 * that set's own, so that only the agreement of the two can be asked for.
 */
static bool
is_code_row(struct tt_str line)
{
    uint32_t values[CODE_WORDS * 3];
    size_t count = 0;
    for (size_t i = 0; i < line.len && count + 3 <= TT_RUN_COUNT(values);) {
        size_t end = i;
        while (end < line.len && is_word_byte((unsigned char) line.ptr[end])) {
            end++;
        }
        for (size_t k = 0; end - i >= 2 && end - i <= 3 && k < 3; k++) {
            static const unsigned bases[] = {8, 10, 16};
            uint32_t value = code_in_base(tt_str_slice(line, i, end), bases[k]);
            for (size_t seen = 0; value && seen < count; seen++) {
                if (values[seen] == value && seen % 3 != k) {
                    return true;
                }
            }
            values[count + k] = value;
        }
        count += end - i >= 2 && end - i <= 3 ? 3 : 0;
        i = end + 1;
    }
    return false;
}

/* Alone: no letter or digit on one side or the other, as in a cell, in quotes or in brackets. */
static bool
stands_alone(const struct tt_field *field, const struct tt_run *run)
{
    struct tt_rune left = tt_utf8_prev(field->text, run->from);
    struct tt_rune right = tt_utf8_next(field->text, run->to);
    bool word_left = left.len > 0 && (tt_char_is_letter(left.cp) || tt_char(left.cp)->digit >= 0);
    bool word_right = right.len > 0 && (tt_char_is_letter(right.cp) || tt_char(right.cp)->digit >= 0);
    return !word_left && !word_right;
}

/* ---- lists in source code ---- */

/* Does the run look like a list: in the order of the codes, or no character twice?  The latter says little of an alphabet of 256. */
static bool
is_enumeration(struct tt_str text, const struct tt_run *run)
{
    uint32_t seen[LIST_RUN];
    size_t n = 0;
    bool ascending = true, different = true;
    for (size_t pos = run->from; pos < run->to && n < LIST_RUN;) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        ascending = ascending && (n == 0 || rune.cp > seen[n - 1]);
        different = different && tt_char_is(rune.cp, TT_CHAR_INVISIBLE) && tt_run_digit(seen, n, rune.cp) < 0;
        seen[n++] = rune.cp;
        pos += rune.len;
    }
    return ascending || different;
}

/* Does a bracket open before the run, with nothing between but blanks and letters of other scripts? */
static bool
is_in_brackets(struct tt_str text, const struct tt_run *run)
{
    size_t pos = run->from;
    while (pos > 0 && run->from - pos < CLASS_BYTES && (text.ptr[pos - 1] == ' ' || (unsigned char) text.ptr[pos - 1] >= 0x80)) {
        pos--;
    }
    return pos > 0 && text.ptr[pos - 1] == '[';
}

/*
 * Source code names characters by escapes: one by one in quotes, or in the brackets of a pattern, each
 * once.  Such text is about the characters.
 */
static bool
is_in_list(const struct tt_field *field, const struct tt_run *run)
{
    uint32_t left = tt_utf8_prev(field->text, run->from).cp;
    uint32_t right = tt_utf8_next(field->text, run->to).cp;
    bool quoted = left == right && left > 0 && left < 0x80 && strchr("\"'`", (int) left);
    bool pattern =
        (left > 0 && left < 0x80 && strchr("[-|/^(", (int) left)) || (right > 0 && right < 0x80 && strchr("]-|/)", (int) right));
    bool among = (left >= 0x80 && right >= 0x80) || is_in_brackets(field->text, run);
    return run->count <= LIST_RUN && (quoted || pattern || among) && is_enumeration(field->text, run);
}

bool
tt_run_is_quoted(const struct tt_field *field, const struct tt_run *run)
{
    if (field->escaped && is_in_list(field, run)) {
        return true;
    }
    if (run->count != 1 || !stands_alone(field, run)) {
        return false;
    }
    struct tt_span span = line_of(field->text, run->from, run->to);
    struct tt_str line = tt_str_slice(field->text, span.from, span.to);
    return mentions(line, run->first) || is_code_row(line);
}

/* ---- the character itself, shown ---- */

static bool
is_one_of(uint32_t cp, const char *set)
{
    return cp > 0 && cp < 0x80 && strchr(set, (int) cp);
}

/* In quotes or brackets, in a pattern's alternative or range, or in an element of HTML. */
static bool
is_delimited(uint32_t left, uint32_t right)
{
    static const uint32_t quotes[][2] = {{0x00AB, 0x00BB}, {0x2018, 0x2019}, {0x201A, 0x2018},
                                         {0x201C, 0x201D}, {0x201E, 0x201C}, {0x300C, 0x300D}};
    for (size_t i = 0; i < TT_RUN_COUNT(quotes); i++) {
        if (left == quotes[i][0] && right == quotes[i][1]) {
            return true;
        }
    }
    return is_one_of(left, "\"'`[(|/^-:>") && is_one_of(right, "\"'`])|/-*+?{$<\\");
}

#define TOKEN " _.,;:!?()[]{}<>/+-*="
#define TOKEN_SIGNS 3
#define CONSTANT_MAX 40 /* blanks and hidden characters of a string constant, as programs list them */

static bool
is_blank_or_hidden(uint32_t cp)
{
    return is_hidden(cp) || tt_char_is(cp, TT_CHAR_SPACE);
}

/* The letter of an escape like \t, behind which a list of blanks goes on? */
static bool
is_escape_letter(struct tt_str text, size_t pos)
{
    return pos >= 2 && text.ptr[pos - 2] == '\\' && tt_ascii_is_alpha((unsigned char) text.ptr[pos - 1]);
}

/* Between delimiters, with nothing else there but blanks and further hidden characters, of which one stands next to the run. */
static bool
is_constant(struct tt_str text, const struct tt_run *run)
{
    size_t from = run->from, to = run->to;
    struct tt_rune left = tt_utf8_prev(text, from);
    struct tt_rune right = tt_utf8_next(text, to);
    if ((left.cp < 0x80 || !is_blank_or_hidden(left.cp)) && (right.cp < 0x80 || !is_blank_or_hidden(right.cp))) {
        return false;
    }
    for (size_t i = 0; i < CONSTANT_MAX && left.len > 0 && is_blank_or_hidden(left.cp) && !ends_line(left.cp); i++) {
        from -= left.len;
        left = tt_utf8_prev(text, from);
    }
    for (size_t i = 0; i < CONSTANT_MAX && right.len > 0 && is_blank_or_hidden(right.cp) && !ends_line(right.cp); i++) {
        to += right.len;
        right = tt_utf8_next(text, to);
    }
    return is_delimited(left.cp, right.cp) || (is_escape_letter(text, from) && is_one_of(right.cp, "\"'`]\\"));
}

/* A short string without a letter or digit, as lists of tokens and of signs have them: the run, and at most TOKEN_SIGNS others in quotes. */
static bool
is_token(struct tt_str text, const struct tt_run *run)
{
    size_t from = run->from, to = run->to;
    while (from > 0 && run->from - from < TOKEN_SIGNS && is_one_of((unsigned char) text.ptr[from - 1], TOKEN)) {
        from--;
    }
    while (to < text.len && to - run->to < TOKEN_SIGNS && is_one_of((unsigned char) text.ptr[to], TOKEN)) {
        to++;
    }
    bool quotes =
        from > 0 && to < text.len && text.ptr[from - 1] == text.ptr[to] && is_one_of((unsigned char) text.ptr[to], "\"'");
    return quotes;
}

/* A character of Emacs Lisp: ?x or ?\\x, behind a blank or an opening bracket. */
static bool
is_character_literal(struct tt_str text, const struct tt_run *run)
{
    struct tt_rune left = tt_utf8_prev(text, run->from);
    uint32_t right = tt_utf8_next(text, run->to).cp;
    size_t pos = run->from - left.len;
    if (left.cp == '\\') {
        left = tt_utf8_prev(text, pos);
        pos -= left.len;
    }
    return left.cp == '?' && is_one_of(tt_utf8_prev(text, pos).cp, " \t([\"'") && (ends_line(right) || is_one_of(right, " \t)]"));
}

/* The one character of its cell in a table of tabs, or of its line. */
static bool
is_cell(uint32_t left, uint32_t right)
{
    bool left_tab = left == '\t' && (right == '\t' || right == 0 || ends_line(right));
    return left_tab || (right == '\t' && (left == 0 || ends_line(left))) || (ends_line(left) && ends_line(right));
}

/* What stands before the blank of a cell, on which a mark is shown. */
static uint32_t
cell_edge(struct tt_str text, size_t from, uint32_t left)
{
    return left == ' ' && from >= 2 && text.ptr[from - 2] == '\t' ? '\t' : left;
}

#define EMOJI_STYLE 0xFE0F
#define DOTTED_CIRCLE 0x25CC /* stands for any letter where a text is about marks */

/* Does \uXXXX, \u{XXXX}, \UXXXXXXXX or \xXX end at end? */
static bool
is_behind_escape(struct tt_str text, size_t end)
{
    bool braced = end > 0 && text.ptr[end - 1] == '}';
    size_t pos = end - braced;
    while (pos > 0 && end - pos < 10 && tt_ascii_hex((unsigned char) text.ptr[pos - 1]) >= 0) {
        pos--;
    }
    size_t digits = end - braced - pos;
    pos -= braced && pos > 0 && text.ptr[pos - 1] == '{';
    return digits >= 2 && pos >= 2 && strchr("uUx", text.ptr[pos - 1]) && text.ptr[pos - 2] == '\\';
}

/* Next to the code of a character, as where a program writes half of an emoji so: what it makes of it is judged there. */
static bool
is_beside_escape(struct tt_str text, const struct tt_run *run)
{
    struct tt_rune left = tt_utf8_prev(text, run->from);
    size_t end = run->from - (left.cp == EMOJI_STYLE ? left.len : 0);
    struct tt_str rest = tt_str_slice(text, run->to, text.len);
    bool before = tt_str_starts(rest, TT_STR("\\u")) && rest.len > 2 &&
                  (rest.ptr[2] == '{' || tt_ascii_hex((unsigned char) rest.ptr[2]) >= 0);
    return before || is_behind_escape(text, end);
}

static bool
is_whole_string(const struct tt_field *field, const struct tt_run *run)
{
    return field->in_json && field->at_start && field->at_end && run->from == 0 && run->to == field->text.len;
}

/* Two ranges of characters outside ASCII nearby, in ascending order: then this is a character class, however long. */
static bool
is_in_class(struct tt_str text, const struct tt_run *run)
{
    size_t end = text.len - run->to > CLASS_BYTES ? run->to + CLASS_BYTES : text.len;
    size_t start = run->from > CLASS_BYTES ? run->from - CLASS_BYTES : 0;
    size_t ranges = 0;
    if (!memchr(text.ptr + start, '-', end - start)) {
        return false;
    }
    uint32_t first = 0, second = 0; /* the two characters before */
    size_t pos = run->from;
    for (size_t near = 0; run->from - pos < CLASS_BYTES && near < NEAR_MAX;) {
        struct tt_rune rune = rune_before(text, pos);
        if (rune.len == 0 || ends_line(rune.cp)) {
            break;
        }
        near += is_hidden(rune.cp);
        pos -= rune.len;
    }
    for (size_t near = 0; pos < end && near < 2 * NEAR_MAX + LIST_RUN && ranges < 2;) {
        struct tt_rune rune = rune_at(text, pos);
        if (rune.len == 0 || ends_line(rune.cp)) {
            break;
        }
        ranges += second == '-' && first >= 0x80 && rune.cp > first;
        near += is_hidden(rune.cp);
        first = second;
        second = rune.cp;
        pos += rune.len;
    }
    return ranges == 2;
}

/* ASCII digits around the run, and nothing else in its line: a hyphenation pattern ... */
static bool
is_digits_line(struct tt_str text, const struct tt_run *run)
{
    struct tt_rune left = tt_utf8_prev(text, run->from);
    struct tt_rune right = tt_utf8_next(text, run->to);
    bool digits = left.cp < 0x80 && tt_ascii_is_digit((int) left.cp) && right.cp < 0x80 && tt_ascii_is_digit((int) right.cp);
    uint32_t before = tt_utf8_prev(text, run->from - left.len).cp;
    uint32_t after = tt_utf8_next(text, run->to + right.len).cp;
    return digits && (before == 0 || ends_line(before)) && (after == 0 || ends_line(after));
}

/* ... if the lines around are such patterns too, of a script that is divided so. */
static bool
is_hyphenation(struct tt_str text, const struct tt_run *run)
{
    size_t pos = run->from > CLASS_BYTES ? run->from - CLASS_BYTES : 0;
    size_t end = text.len - run->to > CLASS_BYTES ? run->to + CLASS_BYTES : text.len;
    size_t patterns = 0;
    bool digit = false;
    if (!is_digits_line(text, run)) {
        return false;
    }
    if (run->from >= 2) { /* the line feed and the digit before it */
        struct tt_span above = line_of(text, run->from - 2, run->from - 2);
        if (mentions(tt_str_slice(text, above.from, above.to), run->first)) {
            return true;
        }
    }
    while (pos < end && patterns < 2) {
        struct tt_rune rune = rune_at(text, pos);
        patterns += digit && (tt_char_is_letter(rune.cp) || tt_char_is_mark(rune.cp)) && rune.cp >= 0x80;
        digit = rune.cp < 0x80 && tt_ascii_is_digit((int) rune.cp);
        pos += rune.len ? rune.len : 1;
    }
    return patterns == 2;
}

/*
 * What stands before (behind) the run and the marks beside it: in a table of keys a sign of a vowel or a virama has no letter to stand on.
 */
static uint32_t
behind_marks(struct tt_str text, size_t pos)
{
    struct tt_rune rune = tt_utf8_next(text, pos);
    for (int i = 0; i < 2 && tt_char_is_mark(rune.cp) && !tt_char_is(rune.cp, TT_CHAR_IGNORABLE); i++) {
        pos += rune.len;
        rune = tt_utf8_next(text, pos);
    }
    return rune.cp;
}

static uint32_t
before_marks(struct tt_str text, size_t pos)
{
    struct tt_rune rune = tt_utf8_prev(text, pos);
    for (int i = 0; i < 2 && tt_char_is_mark(rune.cp) && !tt_char_is(rune.cp, TT_CHAR_IGNORABLE); i++) {
        pos -= rune.len;
        rune = tt_utf8_prev(text, pos);
    }
    return rune.cp;
}

bool
tt_run_is_shown(const struct tt_field *field, const struct tt_run *run)
{
    uint32_t left = before_marks(field->text, run->from);
    uint32_t right = behind_marks(field->text, run->to);
    if (run->count > LIST_RUN || !(is_enumeration(field->text, run) || (run->count == 2 && is_token(field->text, run)))) {
        return false;
    }
    if (run->count == 1 &&
        (left == DOTTED_CIRCLE || right == DOTTED_CIRCLE || is_cell(cell_edge(field->text, run->from, left), right) ||
         is_whole_string(field, run) || is_hyphenation(field->text, run) || is_beside_escape(field->text, run) ||
         is_character_literal(field->text, run))) {
        return true;
    }
    return is_delimited(left, right) || is_token(field->text, run) || is_constant(field->text, run) ||
           is_in_class(field->text, run);
}

struct tt_verdict
tt_run_unless_shown(const struct tt_field *field, const struct tt_run *run, struct tt_verdict verdict)
{
    if (verdict.judgement == TT_JUDGE_LEGITIMATE || run->crowded) {
        return verdict;
    }
    if (tt_run_is_quoted(field, run) || tt_run_is_in_table(field->text, run)) {
        return (struct tt_verdict) {.judgement = TT_JUDGE_LEGITIMATE, .why = ""};
    }
    if (verdict.judgement > TT_JUDGE_HABIT && !verdict.quiet && tt_run_is_shown(field, run)) {
        return (struct tt_verdict) {.judgement = TT_JUDGE_SHOWN, .why = "by itself, as where a text is about it"};
    }
    return verdict;
}
