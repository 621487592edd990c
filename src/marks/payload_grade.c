/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How strongly decoded bytes say that somebody put them there.
 *
 * Noise must not pass for text: random bits often give four "printable" characters, random 16-bit units almost always give
 * assigned ideographs.  So text has to look like writing: letters of scripts that are written together, and in a short text
 * few signs.  A unit test measures how often noise still passes.
 */
#include "marks/payload.h"

#include "base/limits.h"
#include "marks/decoders.h"
#include "text/char.h"
#include "text/utf8.h"

#define TEXT_MIN 4        /* characters */
#define SHORT_TEXT 8      /* a text with ASCII in it below this must be words and digits of one script, nearly without signs */
#define MIXED_BYTES 10    /* unless it has so many bytes: long sequences of UTF-8 are rare in noise */
#define MANY_BYTES 16     /* from here on bytes that are a fourth ASCII may be of several scripts: noise of any width is not */
#define LONG_TEXT 24      /* one from here on may be all signs */
#define LETTER_PERCENT 60 /* letters, digits, marks and blanks of a text between the two */
#define VARIED_TEXT 8     /* a text from here on is more than one character again and again */
#define WIDE_MIN 4        /* ideographs and syllables from here on differ ... */
#define WIDE_SEEN 16      /* ... which is looked at in the first of them */

/* ---- JSON ---- */

struct json {
    struct tt_str s;
    size_t pos;
    size_t depth;
    unsigned char object[TT_JSON_DEPTH_MAX / 8]; /* bit a level: an object, not an array */
};

static int
json_peek(const struct json *j)
{
    return j->pos < j->s.len ? (unsigned char) j->s.ptr[j->pos] : -1;
}

static void
json_blanks(struct json *j)
{
    int c = json_peek(j);
    while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        j->pos++;
        c = json_peek(j);
    }
}

/* pos stands on a backslash. */
static bool
json_escape(struct json *j)
{
    j->pos++;
    int c = json_peek(j);
    if (c < 0 || !strchr("\"\\/bfnrtu", c) || c == 0) {
        return false;
    }
    j->pos++;
    for (int i = 0; c == 'u' && i < 4; i++, j->pos++) {
        int digit = json_peek(j);
        if (digit < 0 || tt_ascii_hex(digit) < 0) {
            return false;
        }
    }
    return true;
}

static bool
json_string(struct json *j)
{
    if (json_peek(j) != '"') {
        return false;
    }
    j->pos++;
    for (;;) {
        int c = json_peek(j);
        if (c < 0x20) {
            return false; /* the end, or a control character */
        }
        if (c == '"') {
            j->pos++;
            return true;
        }
        if (c != '\\') {
            j->pos++;
        } else if (!json_escape(j)) {
            return false;
        }
    }
}

static bool
json_digits(struct json *j)
{
    size_t from = j->pos;
    while (tt_ascii_is_digit(json_peek(j))) {
        j->pos++;
    }
    return j->pos > from;
}

static bool
json_number(struct json *j)
{
    j->pos += json_peek(j) == '-';
    bool zero = json_peek(j) == '0';
    size_t from = j->pos;
    if (!json_digits(j) || (zero && j->pos - from > 1)) {
        return false;
    }
    if (json_peek(j) == '.') {
        j->pos++;
        if (!json_digits(j)) {
            return false;
        }
    }
    if (json_peek(j) == 'e' || json_peek(j) == 'E') {
        j->pos++;
        j->pos += json_peek(j) == '+' || json_peek(j) == '-';
        return json_digits(j);
    }
    return true;
}

static bool
json_scalar(struct json *j)
{
    static const struct tt_str words[] = {TT_STR_INIT("true"), TT_STR_INIT("false"), TT_STR_INIT("null")};
    if (json_peek(j) == '"') {
        return json_string(j);
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (tt_str_starts(tt_str_slice(j->s, j->pos, j->s.len), words[i])) {
            j->pos += words[i].len;
            return true;
        }
    }
    return json_number(j);
}

static bool
json_in_object(const struct json *j)
{
    size_t level = j->depth - 1;
    return j->object[level / 8] >> level % 8 & 1;
}

/* Enters the object or array at pos. */
static bool
json_open(struct json *j)
{
    if (j->depth == TT_JSON_DEPTH_MAX) {
        return false;
    }
    size_t level = j->depth++;
    unsigned char bit = (unsigned char) (1U << level % 8);
    if (j->s.ptr[j->pos++] == '{') {
        j->object[level / 8] |= bit;
    } else {
        j->object[level / 8] &= (unsigned char) ~bit;
    }
    return true;
}

/* Leaves the innermost object or array if its end stands at pos. */
static bool
json_close(struct json *j)
{
    json_blanks(j);
    if (j->depth == 0 || json_peek(j) != (json_in_object(j) ? '}' : ']')) {
        return false;
    }
    j->pos++;
    j->depth--;
    return true;
}

/* In an object: the key and the colon before a value. */
static bool
json_key(struct json *j)
{
    json_blanks(j);
    if (j->depth == 0 || !json_in_object(j)) {
        return true;
    }
    if (!json_string(j)) {
        return false;
    }
    json_blanks(j);
    if (json_peek(j) != ':') {
        return false;
    }
    j->pos++;
    json_blanks(j);
    return true;
}

/* After a value: closes what ends here; true in *more when a comma asks for a further member. */
static bool
json_after(struct json *j, bool *more)
{
    while (json_close(j)) {
    }
    *more = j->depth > 0;
    if (!*more) {
        return true;
    }
    if (json_peek(j) != ',') {
        return false;
    }
    j->pos++;
    return true;
}

bool
tt_payload_is_json(struct tt_str bytes)
{
    struct json j = {.s = bytes};
    bool more = true;
    while (more) {
        if (!json_key(&j)) {
            return false;
        }
        int c = json_peek(&j);
        if (c == '{' || c == '[') {
            if (!json_open(&j)) {
                return false;
            }
            if (!json_close(&j)) {
                continue; /* not empty: its first member follows */
            }
        } else if (!json_scalar(&j)) {
            return false;
        }
        if (!json_after(&j, &more)) {
            return false;
        }
    }
    json_blanks(&j);
    return j.pos == bytes.len;
}

/* ---- text ---- */

struct census {
    size_t bytes;
    size_t all, ascii, plain; /* characters; plain: letters, digits, marks, blanks */
    size_t signs;             /* of ASCII */
    size_t odd_signs;         /* ASCII signs that names and sentences seldom have */
    uint8_t script[2];        /* of letters, in order of appearance; East Asian ones count as Han */
    bool mixed;               /* a third script, or two that are not written together */
    uint32_t main;            /* the character that can be more than half of all, and its votes */
    size_t votes;
    uint32_t wide[WIDE_SEEN]; /* the first ideographs and syllables, and how many of these are new */
    size_t wide_count, wide_new;
};

static uint8_t
script_of(uint32_t cp)
{
    uint8_t script = tt_char(cp)->script;
    bool east = script == TT_SCRIPT_HIRAGANA || script == TT_SCRIPT_KATAKANA;
    return east ? TT_SCRIPT_HAN : script;
}

/* Latin is written among any script; no two others are. */
static void
count_script(struct census *census, uint8_t script)
{
    if (script <= TT_SCRIPT_INHERITED || script == census->script[0] || script == census->script[1]) {
        return;
    }
    if (census->script[0] == TT_SCRIPT_UNKNOWN) {
        census->script[0] = script;
        return;
    }
    bool latin = script == TT_SCRIPT_LATIN || census->script[0] == TT_SCRIPT_LATIN;
    census->mixed = census->mixed || census->script[1] != TT_SCRIPT_UNKNOWN || !latin;
    census->script[1] = script;
}

/* Is cp something a person sees, or a line feed or tab?  previous allows the joiner inside an emoji. */
static bool
is_printable(uint32_t cp, uint32_t previous)
{
    uint8_t category = tt_char(cp)->category;
    if (cp == '\n' || cp == '\t' || cp == '\r') {
        return true;
    }
    if (cp == 0x200D) {
        return previous == 0xFE0F || tt_char_is(previous, TT_CHAR_PICTOGRAPH | TT_CHAR_MODIFIER);
    }
    return category != TT_CN && category < TT_ZL && (cp == 0xFE0F || !tt_char_is(cp, TT_CHAR_IGNORABLE));
}

/* Boyer and Moore's vote: if one character is more than half of all, it is this one in the end. */
static void
vote(struct census *census, uint32_t cp)
{
    if (census->votes == 0) {
        census->main = cp;
    }
    census->votes += cp == census->main ? 1 : (size_t) -1;
}

/* Noise of 16 bits is almost half ideographs and syllables; a pattern in it repeats them. */
static void
count_wide(struct census *census, uint32_t cp)
{
    uint8_t script = script_of(cp);
    if ((script != TT_SCRIPT_HAN && script != TT_SCRIPT_HANGUL) || census->wide_count == WIDE_SEEN) {
        return;
    }
    bool known = false;
    for (size_t i = 0; i < census->wide_count; i++) {
        known = known || census->wide[i] == cp;
    }
    census->wide_new += !known;
    census->wide[census->wide_count++] = cp;
}

static void
count_char(struct census *census, uint32_t cp)
{
    vote(census, cp);
    count_wide(census, cp);
    bool plain = tt_char_is_letter(cp) || tt_char_is_mark(cp) || tt_char(cp)->digit >= 0 || tt_char_is(cp, TT_CHAR_SPACE);
    census->all++;
    census->ascii += cp < 0x80;
    census->plain += plain;
    census->signs += cp < 0x80 && !plain;
    census->odd_signs += cp < 0x80 && !plain && !strchr(".,-_:;@/!?'=#+&", (int) cp);
    if (tt_char_is_letter(cp)) {
        count_script(census, script_of(cp));
    }
}

/* Reads all characters; false when one of them is not printable or the bytes are not UTF-8. */
static bool
take_census(struct tt_str bytes, struct census *census)
{
    uint32_t previous = 0;
    for (size_t pos = 0; pos < bytes.len;) {
        struct tt_rune rune = tt_utf8_next(bytes, pos);
        if (rune.len == 0 || !is_printable(rune.cp, previous)) {
            return false;
        }
        count_char(census, rune.cp);
        previous = rune.cp;
        pos += rune.len;
    }
    return true;
}

/* Is it not one character, or a few ideographs, again and again? */
static bool
is_varied(struct tt_str bytes, const struct census *census)
{
    size_t count = 0;
    for (size_t pos = 0; pos < bytes.len && census->votes > 0;) {
        struct tt_rune rune = tt_utf8_next(bytes, pos);
        count += rune.cp == census->main;
        pos += rune.len ? rune.len : 1;
    }
    bool monotone = census->all >= VARIED_TEXT && count * 2 > census->all;
    bool wide = census->wide_count < WIDE_MIN || census->wide_new * 2 >= census->wide_count;
    return !monotone && wide;
}

static bool
is_plausible(const struct census *census)
{
    bool scripts = !census->mixed || (census->bytes >= MANY_BYTES && census->ascii * 4 >= census->all);
    if (census->all < TEXT_MIN || !scripts) {
        return false;
    }
    if (census->ascii > 0 && census->all < SHORT_TEXT) {
        bool script = census->script[1] == TT_SCRIPT_UNKNOWN || census->bytes >= MIXED_BYTES;
        return census->odd_signs == 0 && census->signs * 4 <= census->all && script;
    }
    /* Pictures and signs of other planes are rare in noise; ASCII signs are not. */
    return census->ascii < census->all || census->all >= LONG_TEXT || census->plain * 100 >= census->all * LETTER_PERCENT;
}

enum tt_grade
tt_payload_grade(struct tt_str bytes)
{
    struct census census = {.bytes = bytes.len};
    if (bytes.len == 0) {
        return TT_GRADE_NONE;
    }
    if (!take_census(bytes, &census)) {
        return TT_GRADE_BYTES;
    }
    if (bytes.len >= 2 && strchr(" \t\r\n{[", bytes.ptr[0]) && tt_payload_is_json(bytes)) {
        size_t at = 0;
        while (strchr(" \t\r\n", bytes.ptr[at])) {
            at++;
        }
        if (bytes.ptr[at] == '{' || bytes.ptr[at] == '[') {
            return TT_GRADE_CHECKED;
        }
    }
    return is_plausible(&census) && is_varied(bytes, &census) ? TT_GRADE_TEXT : TT_GRADE_BYTES;
}
