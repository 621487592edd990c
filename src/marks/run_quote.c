/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hidden characters that a text is about: in a table beside their code or name, in quotes, or in a character class of a program.
 *
 * Input: a run in a field.  Output: yes or no, and the names.  Nothing is allocated.  A look goes CONTEXT bytes to each side
 * at most, and ends at the NEAR_MAX-th hidden character: a text full of them costs no more than it is long, and is no table.
 */
#include "marks/run.h"

#include "marks/context.h"

#define NEAR_MAX 8   /* hidden characters on one side of a run that tables and lists have at most */
#define LIST_RUN 16  /* characters that a list names in a row */
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

static bool
ends_line(uint32_t cp)
{
    return cp == '\n' || cp == '\r';
}

/* The line around the run, or what of it is looked at. */
static struct tt_span
line_of(struct tt_str text, const struct tt_run *run)
{
    struct tt_span line = {run->from, run->to};
    struct tt_rune rune = tt_utf8_prev(text, line.from);
    for (size_t near = 0; rune.len > 0 && run->from - line.from < TT_CONTEXT_BYTES && !ends_line(rune.cp);) {
        near += is_hidden(rune.cp);
        if (near == NEAR_MAX) {
            break;
        }
        line.from -= rune.len;
        rune = tt_utf8_prev(text, line.from);
    }
    rune = tt_utf8_next(text, line.to);
    for (size_t near = 0; rune.len > 0 && line.to - run->to < TT_CONTEXT_BYTES && !ends_line(rune.cp);) {
        near += is_hidden(rune.cp);
        if (near == NEAR_MAX) {
            break;
        }
        line.to += rune.len;
        rune = tt_utf8_next(text, line.to);
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
    bool among = left >= 0x80 && right >= 0x80;
    return run->count <= LIST_RUN && (quoted || pattern || among) && is_enumeration(field->text, run);
}
