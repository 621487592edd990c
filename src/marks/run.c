/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared parts of the hidden-run channels: collecting decoded bytes, and finding runs of hidden characters in a text.
 *
 * Bytes live in the arena that the caller names; texts are only read.  Every loop is bounded by the text or by TT_RUN_MAX.
 * Judging and reporting of runs is in run_report.c.
 */
#include "marks/run.h"

#include "base/limits.h"
#include "marks/context.h"

int
tt_run_digit(const uint32_t *alphabet, size_t count, uint32_t cp)
{
    for (size_t i = 0; i < count; i++) {
        if (alphabet[i] == cp) {
            return (int) i;
        }
    }
    return -1;
}

bool
tt_run_covered(const uint32_t *symbols, size_t n, const uint32_t *alphabet, size_t count)
{
    for (size_t i = 0; i < n; i++) {
        if (tt_run_digit(alphabet, count, symbols[i]) < 0) {
            return false;
        }
    }
    return n > 0;
}

enum tt_status
tt_run_bytes_init(struct tt_run_bytes *bytes, struct tt_arena *arena, size_t cap)
{
    *bytes = (struct tt_run_bytes) {.ptr = tt_arena_get(arena, cap ? cap : 1), .cap = cap};
    return bytes->ptr ? TT_OK : TT_E_MEMORY;
}

void
tt_run_add_byte(struct tt_run_bytes *bytes, unsigned byte)
{
    if (bytes->len < bytes->cap) {
        bytes->ptr[bytes->len++] = (unsigned char) byte;
    }
}

void
tt_run_add_bits(struct tt_run_bytes *bytes, uint32_t value, unsigned count)
{
    bytes->acc = bytes->acc << count | (value & ((1U << count) - 1));
    bytes->held += count;
    if (bytes->held >= 8) {
        bytes->held -= 8;
        tt_run_add_byte(bytes, bytes->acc >> bytes->held & 0xFF);
        bytes->acc &= (1U << bytes->held) - 1;
    }
}

void
tt_run_add_point(struct tt_run_bytes *bytes, uint32_t cp)
{
    char utf8[4];
    if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF)) {
        bytes->bad = true;
        return;
    }
    size_t len = tt_utf8_put(cp, utf8);
    for (size_t i = 0; i < len; i++) {
        tt_run_add_byte(bytes, (unsigned char) utf8[i]);
    }
}

void
tt_run_add_unit(struct tt_run_bytes *bytes, uint32_t unit)
{
    bool low = unit >= 0xDC00 && unit <= 0xDFFF;
    if (low != (bytes->high != 0)) {
        bytes->bad = true;
    } else if (low) {
        tt_run_add_point(bytes, 0x10000 + ((bytes->high - 0xD800) << 10) + (unit - 0xDC00));
        bytes->high = 0;
    } else if (unit >= 0xD800 && unit <= 0xDBFF) {
        bytes->high = unit;
    } else {
        tt_run_add_point(bytes, unit);
    }
}

/* Length of text without a character that the cut at max goes through. */
static size_t
whole_characters(struct tt_str text, size_t max)
{
    size_t len = text.len < max ? text.len : max;
    for (int i = 0; i < 3 && len > 0 && len < text.len && ((unsigned char) text.ptr[len] & 0xC0) == 0x80; i++) {
        len--;
    }
    return len;
}

void
tt_run_finish(struct tt_payload *out, const char *format, struct tt_run_bytes *bytes)
{
    if (bytes->bad || bytes->high || bytes->len == 0) {
        return;
    }
    struct tt_str all = tt_str_make(bytes->ptr, bytes->len);
    out->grade = tt_payload_grade(all);
    out->format = format;
    out->bytes = tt_str_slice(all, 0, whole_characters(all, TT_DECODED_MAX));
    if (all.len > TT_DECODED_MAX && !out->note) {
        out->note = "only the beginning of the decoded bytes is kept";
    }
}

/* Bytes that a cut run must decode to before it passes for text: as UTF-8, 24 letters or 8 ideographs. */
#define CUT_TEXT_MIN 24

void
tt_run_finish_cut(struct tt_payload *out, const char *format, struct tt_run_bytes *bytes)
{
    tt_run_finish(out, format, bytes);
    if (out->grade == TT_GRADE_TEXT && out->bytes.len < CUT_TEXT_MIN) {
        out->grade = TT_GRADE_BYTES;
    }
}

/* Characters of decoded text, and how many of them are ASCII, and ASCII letters, digits or blanks. */
struct tally {
    size_t all, ascii, words;
};

static struct tally
count_text(struct tt_str text)
{
    struct tally tally = {0};
    for (size_t i = 0; i < text.len; i++) {
        int c = (unsigned char) text.ptr[i];
        tally.all += (c & 0xC0) != 0x80;
        tally.ascii += c < 0x80;
        tally.words += tt_ascii_is_alpha(c) || tt_ascii_is_digit(c) || c == ' ';
    }
    return tally;
}

void
tt_run_demand_words(struct tt_payload *out, size_t least, size_t percent)
{
    struct tally tally = count_text(out->bytes);
    if (out->grade == TT_GRADE_TEXT && (tally.all < least || tally.words * 100 < tally.all * percent)) {
        out->grade = TT_GRADE_BYTES;
    }
}

/* Characters: noise of 16-bit units that long is of one script once in some thousand. */
#define WIDE_TEXT_MIN 8

void
tt_run_demand_units(struct tt_payload *out)
{
    struct tally tally = count_text(out->bytes);
    if (out->grade == TT_GRADE_TEXT && tally.ascii * 2 <= tally.all && tally.all < WIDE_TEXT_MIN) {
        out->grade = TT_GRADE_BYTES;
    }
}

#define VARIETY_MAX 16

size_t
tt_run_variety(const uint32_t *symbols, size_t n)
{
    uint32_t seen[VARIETY_MAX];
    size_t count = 0;
    for (size_t i = 0; i < n && count < VARIETY_MAX; i++) {
        if (tt_run_digit(seen, count, symbols[i]) < 0) {
            seen[count++] = symbols[i];
        }
    }
    return count;
}

void
tt_run_demand_digits(struct tt_payload *out, const uint32_t *symbols, size_t n, size_t least)
{
    if (out->grade == TT_GRADE_TEXT && tt_run_variety(symbols, n) < least) {
        out->grade = TT_GRADE_BYTES;
    }
}

/* ---- runs ---- */

size_t
tt_run_text_start(const struct tt_field *field)
{
    const struct tt_str bom = TT_STR("\xEF\xBB\xBF");
    return field->at_start && !field->in_json && tt_str_starts(field->text, bom) ? bom.len : 0;
}

struct tt_run
tt_run_at(const struct tt_field *field, size_t pos, uint32_t flags)
{
    struct tt_run run = {.from = pos, .to = pos};
    size_t start = tt_run_text_start(field);
    struct tt_rune rune;
    /* Backwards only over what does not wake the channel, or what an earlier window has seen. */
    for (size_t n = 0; n < TT_RUN_MAX && run.from > start; n++) {
        rune = tt_utf8_prev(field->text, run.from);
        if (rune.len == 0 || !tt_char_is(rune.cp, flags)) {
            break;
        }
        run.from -= rune.len;
        run.count++;
        run.tail = run.tail || (run.from < field->from && tt_char_is(rune.cp, TT_CHAR_WAKE));
    }
    for (rune = tt_utf8_next(field->text, run.to); rune.len > 0 && tt_char_is(rune.cp, flags);
         rune = tt_utf8_next(field->text, run.to)) {
        run.to += rune.len;
        run.count++;
    }
    run.first = tt_utf8_next(field->text, run.from).cp;
    return run;
}

struct tt_run
tt_run_next(const struct tt_field *field, size_t from, size_t to, uint32_t flags)
{
    size_t start = tt_run_text_start(field);
    for (size_t pos = from < start ? start : from; pos < to;) {
        if ((unsigned char) field->text.ptr[pos] < 0x80) {
            pos++;
            continue;
        }
        struct tt_rune rune = tt_utf8_next(field->text, pos);
        if (rune.len == 0) {
            break;
        }
        if (tt_char_is(rune.cp, flags)) {
            return tt_run_at(field, pos, flags);
        }
        pos += rune.len;
    }
    return (struct tt_run) {.from = to, .to = to};
}

size_t
tt_run_line_end(const struct tt_field *field, size_t pos)
{
    const char *feed = pos < field->to ? memchr(field->text.ptr + pos, '\n', field->to - pos) : NULL;
    return feed ? (size_t) (feed - field->text.ptr) : field->to;
}

uint32_t *
tt_run_symbols(struct tt_look *look, size_t from, size_t to, uint32_t flags, size_t *n)
{
    size_t most = to - from < TT_RUN_MAX ? to - from : TT_RUN_MAX;
    uint32_t *symbols = tt_arena_get(look->arena, (most ? most : 1) * sizeof(*symbols));
    *n = 0;
    if (!symbols) {
        look->status = TT_E_MEMORY;
        return NULL;
    }
    for (size_t pos = from; pos < to && *n < most;) {
        struct tt_rune rune = tt_utf8_next(look->field->text, pos);
        if (rune.len == 0) {
            break;
        }
        if (tt_char_is(rune.cp, flags)) {
            symbols[(*n)++] = rune.cp;
        }
        pos += rune.len;
    }
    return symbols;
}

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

/* ---- tables about characters ---- */

static bool
is_word_byte(unsigned char c)
{
    return c >= 0x80 || tt_ascii_is_digit(c) || tt_ascii_is_alpha(c);
}

/* Does word (lower-case ASCII) stand in line, in any case, not inside a longer word? */
static bool
holds_word(struct tt_str line, const char *word)
{
    size_t len = strlen(word);
    for (size_t i = 0; i + len <= line.len; i++) {
        size_t k = 0;
        while (k < len && tt_ascii_lower((unsigned char) line.ptr[i + k]) == word[k]) {
            k++;
        }
        bool before = i > 0 && is_word_byte((unsigned char) line.ptr[i - 1]);
        bool after = i + len < line.len && is_word_byte((unsigned char) line.ptr[i + len]);
        if (k == len && !before && !after) {
            return true;
        }
    }
    return false;
}

/* Value of the number in the base (10 or 16) at pos, and its end; 0 when it is no number of 4-6 digits. */
static uint32_t
number_at(struct tt_str line, size_t pos, unsigned base, size_t *end)
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
    *end = i;
    bool word = i < line.len && is_word_byte((unsigned char) line.ptr[i]) && (unsigned char) line.ptr[i] < 0x80;
    return i - pos >= 3 && i - pos <= 6 && !word ? value : 0;
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

/* Does the line hold the code of cp: 200B, U+200B, \u200b, 0x200B, &#x200B; or &#8203; ? */
static bool
holds_code(struct tt_str line, uint32_t cp)
{
    for (size_t i = 0; i < line.len; i++) {
        size_t end;
        unsigned char before = i > 0 ? (unsigned char) line.ptr[i - 1] : ' ';
        bool marker = before == 'x' || before == 'X' || before == 'u' || before == 'U';
        if (!marker && before < 0x80 && is_word_byte(before)) {
            continue; /* inside a word or number */
        }
        if (number_at(line, i, 16, &end) == cp || (before == '#' && number_at(line, i, 10, &end) == cp)) {
            return true;
        }
    }
    return false;
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

bool
tt_run_is_quoted(const struct tt_field *field, const struct tt_run *run)
{
    if (run->count != 1 || !stands_alone(field, run)) {
        return false;
    }
    struct tt_span span = tt_context_line(field->text, run->from);
    struct tt_str line = tt_str_slice(field->text, span.from, span.to);
    const struct name *name = find_name(run->first);
    if (name && (holds_word(line, name->name) || holds_word(line, name->words[0]) || holds_word(line, name->words[1]))) {
        return true;
    }
    return holds_code(line, run->first) || is_code_row(line);
}
