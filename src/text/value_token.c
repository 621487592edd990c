/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values that are one token of ASCII: identifiers, versions, paths, addresses.
 *
 * Input: the first character at pos.  Output: the surface; these values have no other.  A token is read to its end before it
 * is judged, at most TT_VALUE_BYTES_MAX bytes; a longer one is no value, so a megabyte of base64 costs one look.
 */
#include "base/limits.h"
#include "text/char.h"
#include "text/utf8.h"
#include "text/value_parts.h"

#define UUID_LENGTH 36
#define HEX_MIN 8
#define HEX_PREFIXED_MIN 4 /* digits behind 0x */
#define TOKEN_MIN 16
#define LOCAL_MAX 64  /* bytes before the @ of an address (RFC 5321, 4.5.3.1.1) */
#define SCHEME_MAX 16 /* letters of a URL's scheme */
#define EXTENSION_MAX 5

static bool
take(struct tt_value *out, enum tt_value_type type, size_t length)
{
    out->type = type;
    out->length = length;
    return length > 0;
}

/* The longest piece from pos whose bytes are ASCII letters, digits or in signs; TT_VALUE_BYTES_MAX + 1 bytes at most. */
static size_t
span(struct tt_str text, size_t pos, const char *signs)
{
    size_t end = pos;
    while (end < text.len && end - pos <= TT_VALUE_BYTES_MAX) {
        unsigned char c = (unsigned char) text.ptr[end];
        if (!tt_ascii_is_alnum(c) && (c == 0 || !strchr(signs, c))) {
            break;
        }
        end++;
    }
    return end - pos;
}

/* The same without signs at its end that belong to the sentence. */
static size_t
without_signs(struct tt_str text, size_t pos, size_t length, const char *signs)
{
    while (length > 0 && strchr(signs, text.ptr[pos + length - 1])) {
        length--;
    }
    return length;
}

bool
tt_value_read_uuid(struct tt_str text, size_t pos, struct tt_value *out)
{
    for (size_t i = 0; i < UUID_LENGTH; i++) {
        unsigned char c = tt_value_byte(text, pos + i);
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (hyphen ? c != '-' : tt_ascii_hex(c) < 0) {
            return false;
        }
    }
    return !tt_ascii_is_alnum(tt_value_byte(text, pos + UUID_LENGTH)) && take(out, TT_VALUE_UUID, UUID_LENGTH);
}

bool
tt_value_read_hex(struct tt_str text, size_t pos, struct tt_value *out)
{
    bool prefixed = tt_value_byte(text, pos) == '0' && tt_ascii_lower(tt_value_byte(text, pos + 1)) == 'x';
    size_t from = pos + (prefixed ? 2 : 0), end = from;
    bool digit = prefixed, letter = prefixed;
    for (; tt_ascii_hex(tt_value_byte(text, end)) >= 0 && end - pos <= TT_VALUE_BYTES_MAX; end++) {
        bool is_digit = tt_ascii_is_digit((unsigned char) text.ptr[end]);
        digit = digit || is_digit;
        letter = letter || !is_digit;
    }
    unsigned char behind = tt_value_byte(text, end);
    bool long_enough = end - from >= (prefixed ? HEX_PREFIXED_MIN : HEX_MIN);
    return digit && letter && long_enough && !tt_ascii_is_alnum(behind) && behind != '_' && take(out, TT_VALUE_HEX, end - pos);
}

/* Do letters, cases and digits change more often than in words, also those written in one with capitals? */
static bool
is_mixed(struct tt_str token)
{
    size_t changes = 0, numeric = 0;
    for (size_t i = 1; i < token.len; i++) {
        int a = (unsigned char) token.ptr[i - 1], b = (unsigned char) token.ptr[i];
        if (!tt_ascii_is_alnum(a) || !tt_ascii_is_alnum(b)) {
            continue;
        }
        bool kind = tt_ascii_is_digit(a) != tt_ascii_is_digit(b);
        bool rise = tt_ascii_is_alpha(a) && tt_ascii_is_alpha(b) && tt_ascii_lower(a) == a && tt_ascii_lower(b) != b;
        numeric += kind;
        changes += kind || rise;
    }
    return numeric >= 3 && changes * 5 >= token.len;
}

bool
tt_value_read_token(struct tt_str text, size_t pos, struct tt_value *out)
{
    size_t length = without_signs(text, pos, span(text, pos, "_-"), "_-");
    if (length < TOKEN_MIN || length > TT_VALUE_BYTES_MAX || !is_mixed(tt_str_slice(text, pos, pos + length))) {
        return false;
    }
    while (tt_value_byte(text, pos + length) == '=') { /* padding of base64 */
        length++;
    }
    return take(out, TT_VALUE_TOKEN, length);
}

/* Digits divided by dots from pos on: how many numbers; *end is behind the last. */
static int
count_numbers(struct tt_str text, size_t pos, size_t *end)
{
    int n = 0;
    while (tt_ascii_is_digit(tt_value_byte(text, pos)) && n < 16) {
        while (tt_ascii_is_digit(tt_value_byte(text, pos)) && pos - *end <= TT_VALUE_BYTES_MAX) {
            pos++;
        }
        *end = pos;
        n++;
        pos += tt_value_byte(text, pos) == '.';
    }
    return n;
}

/* "1.234.567,89" is a number. */
static bool
is_number_longer(struct tt_str text, size_t pos, size_t end)
{
    struct tt_value number = {.offset = pos};
    return tt_value_byte(text, end) == ',' && tt_value_read_number(text, pos, &number) && pos + number.length > end;
}

bool
tt_value_read_version(struct tt_str text, size_t pos, struct tt_value *out)
{
    bool prefixed = tt_ascii_lower(tt_value_byte(text, pos)) == 'v';
    size_t from = pos + (prefixed ? 1 : 0), end = from;
    if (count_numbers(text, from, &end) < (prefixed ? 1 : 3) || is_number_longer(text, pos, end)) {
        return false;
    }
    if (strchr("-+.~abcr", tt_value_byte(text, end)) && tt_ascii_is_alnum(tt_value_byte(text, end + 1))) {
        end = pos + without_signs(text, pos, span(text, pos, "-+.~"), "-+.~");
    }
    return !tt_ascii_is_alnum(tt_value_byte(text, end)) && take(out, TT_VALUE_VERSION, end - pos);
}

#define PATH_SIGNS "/._-+~@%=,:#"

/* A part of a path, also in other scripts; the bytes of a character of several bytes are all letters here. */
static size_t
path_span(struct tt_str text, size_t pos, const char *signs)
{
    size_t end = pos;
    while (end < text.len && end - pos <= TT_VALUE_BYTES_MAX) {
        struct tt_rune rune = tt_utf8_next(text, end);
        bool word = rune.cp < 0x80 ? tt_ascii_is_alnum((int) rune.cp) || (rune.cp && strchr(signs, (int) rune.cp))
                                   : tt_char_is_letter(rune.cp) || tt_char_is_mark(rune.cp);
        if (!word) {
            break;
        }
        end += rune.len;
    }
    return without_signs(text, pos, end - pos, ".,:");
}

/* Does the path end in a name with an extension, or in a slash? */
static bool
has_path_end(struct tt_str path)
{
    size_t at = path.len;
    bool letter = false;
    if (path.len > 0 && path.ptr[path.len - 1] == '/') {
        return memchr(path.ptr, '/', path.len - 1) != NULL;
    }
    while (at > 0 && path.len - at <= EXTENSION_MAX && tt_ascii_is_alnum((unsigned char) path.ptr[at - 1])) {
        at--;
        letter = letter || tt_ascii_is_alpha((unsigned char) path.ptr[at]);
    }
    return letter && at > 1 && path.ptr[at - 1] == '.' && memchr(path.ptr, '/', at) != NULL && path.ptr[at - 2] != '/';
}

/* "/x", "~/x", "./x", "../x": what begins at a root or at a directory that every system knows. */
static size_t
rooted_path(struct tt_str text, size_t pos)
{
    size_t at = pos;
    at += tt_value_byte(text, at) == '~' ? 1 : 0;
    for (int dots = 0; at == pos + (size_t) dots && dots < 2 && tt_value_byte(text, at) == '.'; dots++) {
        at++;
    }
    unsigned char first = tt_value_byte(text, at + 1);
    bool name = tt_ascii_is_alnum(first) || first >= 0x80 || (first && strchr("._-@", first));
    return tt_value_byte(text, at) == '/' && name ? path_span(text, pos, PATH_SIGNS) : 0;
}

/* "C:\x", "C:/x" and "\\server\share", with backslashes as they are or doubled. */
static size_t
windows_path(struct tt_str text, size_t pos)
{
    unsigned char third = tt_value_byte(text, pos + 2);
    bool drive = tt_ascii_is_alpha(tt_value_byte(text, pos)) && tt_value_byte(text, pos + 1) == ':' &&
                 (third == '\\' || third == '/') && tt_value_byte(text, pos + 3) != '/';
    bool share = tt_value_byte(text, pos) == '\\' && tt_value_byte(text, pos + 1) == '\\' && tt_ascii_is_alnum(third);
    return drive || share ? path_span(text, pos, "\\" PATH_SIGNS) : 0;
}

bool
tt_value_read_path(struct tt_str text, size_t pos, struct tt_value *out)
{
    size_t length = windows_path(text, pos);
    length = length ? length : rooted_path(text, pos);
    if (length == 0 && tt_ascii_is_alnum(tt_value_byte(text, pos))) {
        length = path_span(text, pos, PATH_SIGNS);
        length = has_path_end(tt_str_slice(text, pos, pos + length)) ? length : 0;
    }
    return take(out, TT_VALUE_PATH, length);
}

bool
tt_value_read_url(struct tt_str text, size_t pos, struct tt_value *out)
{
    size_t scheme = 0;
    while (scheme <= SCHEME_MAX && (tt_ascii_is_alnum(tt_value_byte(text, pos + scheme)) ||
                                    strchr("+-.", tt_value_byte(text, pos + scheme) ? text.ptr[pos + scheme] : ' '))) {
        scheme++;
    }
    if (scheme < 2 || !tt_str_starts(tt_str_slice(text, pos + scheme, text.len), TT_STR("://"))) {
        return false;
    }
    size_t end = pos + scheme + 3;
    while (end < text.len && end - pos <= TT_VALUE_BYTES_MAX) {
        struct tt_rune rune = tt_utf8_next(text, end);
        bool ends = rune.cp <= ' ' || rune.cp == 0x7F || tt_char_is(rune.cp, TT_CHAR_SPACE) ||
                    (rune.cp < 0x80 && strchr("<>\"{}|\\^`", (int) rune.cp));
        if (ends) {
            break;
        }
        end += rune.len;
    }
    struct tt_str url = tt_str_slice(text, pos, end);
    bool open = url.len > 0 && memchr(url.ptr, '(', url.len);
    size_t length = without_signs(text, pos, url.len, open ? ".,:;!?'" : ".,:;!?')]*");
    return length > scheme + 3 && take(out, TT_VALUE_URL, length);
}

bool
tt_value_read_email(struct tt_str text, size_t pos, struct tt_value *out)
{
    size_t at = pos;
    unsigned char before = tt_value_byte(text, pos - 1);
    if (pos > 0 && before < 0x80 && before && strchr(".%+-@/", before)) {
        return false;
    }
    while (at - pos <= LOCAL_MAX && at < text.len &&
           (tt_ascii_is_alnum((unsigned char) text.ptr[at]) || (text.ptr[at] && strchr("._%+-", text.ptr[at])))) {
        at++;
    }
    if (at - pos > LOCAL_MAX || tt_value_byte(text, at) != '@') {
        return false;
    }
    size_t length = without_signs(text, at + 1, span(text, at + 1, ".-"), ".-");
    const char *dot = memrchr(text.ptr + at + 1, '.', length);
    if (!dot || !tt_ascii_is_alpha((unsigned char) dot[1]) || (size_t) (dot - text.ptr) + 2 >= at + 1 + length) {
        return false;
    }
    return take(out, TT_VALUE_EMAIL, at + 1 + length - pos);
}
