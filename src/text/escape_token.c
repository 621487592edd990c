/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens that stand for text: base64 and base64url (RFC 4648, sections 4 and 5), hexadecimal digits, UTF-7 (RFC 2152).
 *
 * Input: raw text and the place of a run.  Output: the extent, by value; the text goes to the caller's buffer.  Nearly every long
 * run is a name, a hash, a key or an image, and its first bytes say so; only what is text as a whole is a token.  Text of a
 * base64 token may begin and end within a character, as it does in the lines of MIME.
 */
#include "base/limits.h"
#include "text/char.h"
#include "text/escape_parts.h"
#include "text/utf8.h"

#define GLANCE 18      /* bytes that decide whether the rest is looked at */
#define UTF7_UNITS 256 /* UTF-16 units of one UTF-7 run */

/* The values of the characters of base64 and base64url by their code, and 1; 0: none. */
static const uint8_t values[0x100] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,  ['I'] = 9,  ['J'] = 10,
    ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20,
    ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30,
    ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48, ['w'] = 49, ['x'] = 50,
    ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56, ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60,
    ['8'] = 61, ['9'] = 62, ['+'] = 63, ['-'] = 63, ['/'] = 64, ['_'] = 64,
};

static bool
is_base64(char c)
{
    return values[(unsigned char) c] != 0;
}

static unsigned
value64(char c)
{
    return values[(unsigned char) c] - 1u;
}

size_t
tt_escape_last_run(struct tt_str raw, size_t pos)
{
    size_t at = raw.len;
    while (at > pos && is_base64(raw.ptr[at - 1])) {
        at--;
    }
    return at;
}

/* Byte i that the characters at run decode to; n characters, what is missing counts as zero. */
static unsigned char
byte_at(const char *run, size_t n, enum tt_escape_form form, size_t i)
{
    if (form == TT_ESCAPE_HEX) {
        return (unsigned char) (tt_ascii_hex((unsigned char) run[2 * i]) << 4 | tt_ascii_hex((unsigned char) run[2 * i + 1]));
    }
    size_t at = i / 3 * 4 + i % 3;
    unsigned first = value64(run[at]), second = at + 1 < n ? value64(run[at + 1]) : 0;
    unsigned shift = (unsigned) (i % 3) * 2;
    return (unsigned char) (first << (2 + shift) | second >> (4 - shift));
}

/* The character of decoded bytes i and following. */
static struct tt_rune
rune_at(const char *run, size_t n, enum tt_escape_form form, size_t i, size_t count)
{
    char bytes[4];
    size_t len = 0;
    for (; len < sizeof(bytes) && i + len < count; len++) {
        bytes[len] = (char) byte_at(run, n, form, i + len);
        if (len == 0 && (bytes[0] & 0x80) == 0) {
            return (struct tt_rune) {(unsigned char) bytes[0], 1};
        }
    }
    struct tt_rune rune = tt_utf8_next(tt_str_make(bytes, len), 0);
    if (rune.len == 0 && tt_utf8_is_cut(tt_str_make(bytes, len), 0)) {
        return (struct tt_rune) {0, 0}; /* cut off at the end */
    }
    return rune.len ? rune : (struct tt_rune) {0, 1}; /* NUL is no text */
}

static bool
is_text(uint32_t cp)
{
    uint8_t category = tt_char(cp)->category;
    return category == TT_CC ? cp == '\t' || cp == '\n' || cp == '\r' : category != TT_CN && category != TT_CS;
}

/* Are the bytes text, but for a cut character at either end?  Sets lead and text. */
static bool
is_text_run(const char *run, size_t n, struct tt_escape *token, size_t count)
{
    size_t i = 0;
    while (token->form == TT_ESCAPE_BASE64 && i < 3 && i < count && (byte_at(run, n, token->form, i) & 0xC0) == 0x80) {
        i++;
    }
    token->lead = i;
    while (i < count) {
        struct tt_rune rune = rune_at(run, n, token->form, i, count);
        if (rune.len == 0) {
            break;
        }
        if (!is_text(rune.cp)) {
            return false;
        }
        i += rune.len;
    }
    token->text = i - token->lead;
    return true;
}

/* Could the three bytes that a run of base64 begins with be text, or the end of a character and text?  Those of most names cannot. */
static bool
begins_text(const char *run)
{
    size_t i = 0;
    unsigned char bytes[3], before = 0;
    for (; i < sizeof(bytes); i++) {
        bytes[i] = byte_at(run, 4, TT_ESCAPE_BASE64, i);
    }
    for (i = 0; i < sizeof(bytes) && (bytes[i] & 0xC0) == 0x80; i++) {
    }
    for (; i < sizeof(bytes); i++) {
        unsigned char c = bytes[i];
        bool follows = (c & 0xC0) == 0x80;
        if (follows != (before >= 0xC0) || (c < 0x80 && !is_text(c)) || c == 0xC0 || c == 0xC1 || c > 0xF4) {
            return false;
        }
        if (follows) {
            return true; /* what else belongs to the character is asked later */
        }
        before = c;
    }
    return true;
}

static bool
is_hex_run(const char *run, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (tt_ascii_hex((unsigned char) run[i]) < 0) {
            return false;
        }
    }
    return n % 2 == 0;
}

struct tt_escape
tt_escape_read_token(struct tt_str raw, size_t start, size_t end)
{
    const char *run = raw.ptr + start;
    size_t n = end - start < TT_ENCODED_MAX ? end - start : TT_ENCODED_MAX;
    struct tt_escape token = {.form = is_hex_run(run, n < 2 * GLANCE ? n : 2 * GLANCE) ? TT_ESCAPE_HEX : TT_ESCAPE_BASE64};
    token.cut = end == raw.len;
    if (token.form == TT_ESCAPE_HEX && is_text_run(run, n, &token, GLANCE < n / 2 ? GLANCE : n / 2) && is_hex_run(run, n) &&
        is_text_run(run, n, &token, n / 2)) {
        token.length = n;
        return token;
    }
    token.form = TT_ESCAPE_BASE64;
    if (begins_text(run) && is_text_run(run, n, &token, GLANCE) && is_text_run(run, n, &token, n * 3 / 4)) {
        token.length = n;
        while (n == end - start && start + token.length < raw.len && run[token.length] == '=' && token.length < n + 2) {
            token.length++;
        }
        token.cut = start + token.length == raw.len;
        return token;
    }
    return (struct tt_escape) {.cut = token.cut};
}

/* ---- UTF-7 ---- */

/* Unit i of the run. */
static uint32_t
unit_at(const char *run, size_t n, size_t i)
{
    return (uint32_t) byte_at(run, n, TT_ESCAPE_BASE64, 2 * i) << 8 | byte_at(run, n, TT_ESCAPE_BASE64, 2 * i + 1);
}

/* The character at unit *i of count, moving on; 0 when it is none. */
static uint32_t
utf7_next(const char *run, size_t n, size_t *i, size_t count)
{
    uint32_t high = unit_at(run, n, (*i)++);
    if (high < 0xD800 || high > 0xDFFF) {
        return high;
    }
    uint32_t low = high <= 0xDBFF && *i < count ? unit_at(run, n, (*i)++) : 0;
    return low >= 0xDC00 && low <= 0xDFFF ? 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00) : 0;
}

static size_t
utf7_run(struct tt_str raw, size_t pos)
{
    size_t n = 0;
    while (pos + n < raw.len && n <= UTF7_UNITS * 8 / 3 && is_base64(raw.ptr[pos + n]) && !strchr("-_", raw.ptr[pos + n])) {
        n++;
    }
    return n;
}

struct tt_escape
tt_escape_read_utf7(struct tt_str raw, size_t pos)
{
    const char *run = raw.ptr + pos + 1;
    size_t n = utf7_run(raw, pos + 1);
    size_t count = n * 6 / 16;
    struct tt_escape token = {.form = TT_ESCAPE_UTF7, .length = n + 2};
    bool special = false;
    if (pos + 1 + n >= raw.len) {
        return (struct tt_escape) {.cut = true};
    }
    if (raw.ptr[pos + 1 + n] != '-' || count == 0 || n * 6 - count * 16 > 5 ||
        (value64(run[n - 1]) & ((1u << (n * 6 % 16)) - 1))) {
        return (struct tt_escape) {0};
    }
    for (size_t i = 0; i < count;) {
        char text[4];
        uint32_t cp = utf7_next(run, n, &i, count);
        if (cp == 0 || !is_text(cp)) {
            return (struct tt_escape) {0};
        }
        special = special || tt_char_is(cp, TT_CHAR_WAKE | TT_CHAR_BESIDE);
        token.text += tt_utf8_put(cp, text);
    }
    return special ? token : (struct tt_escape) {0};
}

static void
utf7_text(struct tt_str raw, size_t pos, const struct tt_escape *token, struct tt_buf *out)
{
    size_t n = token->length - 2, count = n * 6 / 16;
    for (size_t i = 0; i < count;) {
        char text[4];
        uint32_t cp = utf7_next(raw.ptr + pos + 1, n, &i, count);
        tt_buf_add(out, tt_str_make(text, tt_utf8_put(cp, text)));
    }
}

/* The bits of unit i begin in character i * 16 / 6. */
static size_t
utf7_offset(struct tt_str raw, size_t pos, const struct tt_escape *token, size_t offset, bool end)
{
    size_t n = token->length - 2, count = n * 6 / 16, bytes = 0, i = 0, before = 0;
    char text[4];
    while (i < count && bytes < offset) {
        before = i;
        bytes += tt_utf8_put(utf7_next(raw.ptr + pos + 1, n, &i, count), text);
    }
    size_t unit = bytes > offset && !end ? before : i;
    return 1 + (unit * 16 + (end ? 5 : 0)) / 6;
}

/* ---- both ---- */

void
tt_escape_token_text(struct tt_str raw, size_t pos, const struct tt_escape *token, struct tt_buf *out)
{
    if (token->form == TT_ESCAPE_UTF7) {
        utf7_text(raw, pos, token, out);
        return;
    }
    char *room = tt_buf_reserve(out, token->text);
    for (size_t i = 0; room && i < token->text; i++) {
        room[i] = (char) byte_at(raw.ptr + pos, token->length, token->form, token->lead + i);
    }
    out->len += room ? token->text : 0;
}

size_t
tt_escape_token_offset(struct tt_str raw, size_t pos, const struct tt_escape *token, size_t i, bool end)
{
    if (token->form == TT_ESCAPE_UTF7) {
        return utf7_offset(raw, pos, token, i, end);
    }
    i += token->lead;
    return token->form == TT_ESCAPE_HEX ? 2 * i : (i * 8 + (end ? 5 : 0)) / 6;
}
