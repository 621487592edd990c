/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The classes of a difference, first match wins: look-alike (C0), format (C1), opaque (C4), visible.  Encoding (C3) and order (C2) show in leaves of
 * their own and come before; transport is explained by what was varied.
 *
 * Input: any bytes.  Output: a class.  Scratch in the caller's arena.  UTS #39 has the skeletons.
 */
#include "probe/classify.h"

#include "probe/shape.h"
#include "text/char.h"
#include "text/skeleton.h"
#include "text/utf8.h"

#include <stdlib.h>

#define OPAQUE_MIN 16

/* ---- letters and digits ---- */

static bool
is_wordy(uint32_t cp)
{
    const struct tt_char *c = tt_char(cp);
    return c->category >= TT_LU && c->category <= TT_NO && !(c->flags & TT_CHAR_IGNORABLE);
}

/* A modifier letter that stands for an apostrophe is a letter for Unicode and a sign for a reader. */
static bool
is_sign(uint32_t cp)
{
    return cp >= 0x80 && tt_char_is(cp, TT_CHAR_APOSTROPHE | TT_CHAR_HYPHEN | TT_CHAR_SLASH | TT_CHAR_QUOTE | TT_CHAR_COLON);
}

/* Small letters of the alphabets that have capitals at a fixed distance; that is enough to see a change of case. */
static uint32_t
fold_case(uint32_t cp)
{
    static const struct {
        uint32_t first, last, distance;
    } capitals[] = {{'A', 'Z', 32},     {0xC0, 0xDE, 32},   {0x391, 0x3AB, 32},
                    {0x400, 0x40F, 80}, {0x410, 0x42F, 32}, {0x531, 0x556, 48}};
    for (size_t i = 0; i < sizeof(capitals) / sizeof(*capitals); i++) {
        if (cp >= capitals[i].first && cp <= capitals[i].last) {
            return cp + capitals[i].distance;
        }
    }
    return cp >= 0x100 && cp <= 0x137 ? cp | 1 : cp;
}

/* The next letter or digit, case folded; 0 at the end. */
static uint32_t
next_wordy(struct tt_str text, size_t *pos)
{
    while (*pos < text.len) {
        struct tt_rune rune = tt_utf8_next(text, *pos);
        *pos += rune.len ? rune.len : 1;
        if (rune.len && is_wordy(rune.cp) && !is_sign(rune.cp)) {
            return fold_case(rune.cp);
        }
    }
    return 0;
}

bool
tt_classify_has_words(struct tt_str text)
{
    size_t pos = 0;
    return next_wordy(text, &pos) != 0;
}

bool
tt_classify_is_format(struct tt_str a, struct tt_str b)
{
    size_t one = 0, two = 0, count = 0;
    for (;; count++) {
        uint32_t x = next_wordy(a, &one), y = next_wordy(b, &two);
        if (x != y) {
            return false;
        }
        if (x == 0) {
            return count > 0;
        }
    }
}

/* ---- order ---- */

static size_t
next_item(struct tt_str list, size_t from)
{
    const char *feed = from < list.len ? memchr(list.ptr + from, '\n', list.len - from) : NULL;
    return feed ? (size_t) (feed - list.ptr) + 1 : list.len;
}

static size_t
count_item(struct tt_str list, struct tt_str item)
{
    size_t count = 0;
    for (size_t pos = 0; pos < list.len;) {
        size_t end = next_item(list, pos);
        count += tt_str_eq(tt_str_slice(list, pos, end), item);
        pos = end;
    }
    return count;
}

bool
tt_classify_is_order(struct tt_str a, struct tt_str b)
{
    if (a.len != b.len || tt_str_eq(a, b)) {
        return false;
    }
    for (size_t pos = 0; pos < a.len;) {
        size_t end = next_item(a, pos);
        struct tt_str item = tt_str_slice(a, pos, end);
        if (count_item(a, item) != count_item(b, item)) {
            return false;
        }
        pos = end;
    }
    return true;
}

/* ---- opaque ---- */

static bool
is_token_char(char c)
{
    return tt_ascii_is_alnum((unsigned char) c) || c == '+' || c == '/' || c == '=' || c == '_' || c == '-';
}

enum letter { LETTER_NONE, LETTER_DIGIT, LETTER_SMALL, LETTER_CAPITAL };

static enum letter
letter_of(char c)
{
    return tt_ascii_is_digit((unsigned char) c) ? LETTER_DIGIT
           : c >= 'a' && c <= 'z'               ? LETTER_SMALL
           : c >= 'A' && c <= 'Z'               ? LETTER_CAPITAL
                                                : LETTER_NONE;
}

/* Digits and letters, or small letters and capitals, taking turns as in no word. */
static bool
is_mixed(struct tt_str s)
{
    size_t turns = 0, digits = 0;
    for (size_t i = 0; i < s.len; i++) {
        enum letter here = letter_of(s.ptr[i]);
        digits += here == LETTER_DIGIT;
        turns += i > 0 && here != letter_of(s.ptr[i - 1]);
    }
    return digits > 0 ? turns * 6 >= s.len : turns * 12 >= s.len * 5;
}

static bool
is_uuid(struct tt_str s)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    for (size_t i = 0; i < sizeof(form) - 1; i++) {
        if (i >= s.len || (form[i] == '-' ? s.ptr[i] != '-' : tt_ascii_hex((unsigned char) s.ptr[i]) < 0)) {
            return false;
        }
    }
    return true;
}

static bool
is_hex_run(struct tt_str s)
{
    size_t i = 0, digits = 0;
    while (i < s.len && tt_ascii_hex((unsigned char) s.ptr[i]) >= 0) {
        digits += tt_ascii_is_digit((unsigned char) s.ptr[i]);
        i++;
    }
    return i >= OPAQUE_MIN && digits > 0 && (i == s.len || !tt_ascii_is_alnum((unsigned char) s.ptr[i]));
}

/* With signs inside it may be a path, or words: only where capitals, small letters and digits take turns as in hardly any. */
static bool
is_base64_with_signs(struct tt_str s)
{
    size_t pairs = 0, turns = 0;
    bool small = false, capital = false;
    for (size_t i = 1; i < s.len; i++) {
        enum letter before = letter_of(s.ptr[i - 1]), here = letter_of(s.ptr[i]);
        bool pair = before != LETTER_NONE && here != LETTER_NONE;
        pairs += pair;
        turns += pair && here != before;
        small = small || here == LETTER_SMALL;
        capital = capital || here == LETTER_CAPITAL;
    }
    return small && capital && turns * 20 >= pairs * 9;
}

/* A token of base64: one of its parts between - _ / is long enough and mixed, or all of it is. */
static bool
is_opaque_token(struct tt_str token)
{
    for (size_t i = 0; i < token.len; i++) {
        bool starts = i == 0 || !tt_ascii_is_alnum((unsigned char) token.ptr[i - 1]);
        struct tt_str rest = tt_str_slice(token, i, token.len);
        if (starts && (is_uuid(rest) || is_hex_run(rest))) {
            return true;
        }
    }
    size_t start = 0;
    for (size_t i = 0; i <= token.len; i++) {
        if (i == token.len || token.ptr[i] == '_' || token.ptr[i] == '-' || token.ptr[i] == '/' || token.ptr[i] == '=') {
            struct tt_str part = tt_str_slice(token, start, i);
            if (part.len >= OPAQUE_MIN && is_mixed(part)) {
                return true;
            }
            start = i + 1;
        }
    }
    /* With signs of base64 or base64url inside the parts are shorter, but no words. */
    return is_base64_with_signs(token) || (token.len >= 2 * OPAQUE_MIN && is_mixed(token) && !memchr(token.ptr, '/', token.len));
}

bool
tt_classify_is_opaque(struct tt_str text)
{
    if (tt_shape_read(text, 0).kind == TT_SHAPE_TIME) {
        return false; /* of so many digits as a hash has */
    }
    for (size_t i = 0; i < text.len;) {
        size_t end = i;
        while (end < text.len && is_token_char(text.ptr[end])) {
            end++;
        }
        if (end - i >= OPAQUE_MIN && is_opaque_token(tt_str_slice(text, i, end))) {
            return true;
        }
        i = end > i ? end : i + 1;
    }
    return false;
}

/* The part that differs, to the ends of its token. */
static struct tt_str
whole_token(const struct tt_classify_part *part)
{
    size_t from = part->from, to = part->to;
    while (from > 0 && is_token_char(part->text.ptr[from - 1])) {
        from--;
    }
    while (to < part->text.len && is_token_char(part->text.ptr[to])) {
        to++;
    }
    return tt_str_slice(part->text, from, to);
}

/* ---- lines ---- */

enum tt_status
tt_classify_lines(struct tt_arena *arena, const struct tt_classify_part *a, const struct tt_classify_part *b,
                  enum tt_probe_class *out)
{
    bool same;
    enum tt_status status = tt_skeleton_same(arena, a->text, b->text, &same);
    if (status != TT_OK && status != TT_E_LIMIT) {
        return status;
    }
    if (same) {
        *out = TT_CLASS_C0;
    } else if (tt_classify_is_format(a->text, b->text)) {
        *out = TT_CLASS_C1;
    } else if (tt_classify_is_opaque(whole_token(a)) && tt_classify_is_opaque(whole_token(b))) {
        *out = TT_CLASS_C4;
    } else {
        *out = TT_CLASS_VISIBLE;
    }
    return TT_OK;
}

enum tt_status
tt_classify_segment(struct tt_arena *arena, struct tt_str a, struct tt_str b, enum tt_probe_class *out)
{
    bool same;
    enum tt_status status = tt_skeleton_same(arena, a, b, &same);
    if (status != TT_OK && status != TT_E_LIMIT) {
        return status;
    }
    if (!tt_classify_has_words(a) && !tt_classify_has_words(b)) {
        *out = same ? TT_CLASS_C0 : TT_CLASS_C1;
    } else {
        /* 0 and O, or l and 1: within ASCII two words that differ so are other words. */
        *out = same && !(tt_str_is_ascii(a) && tt_str_is_ascii(b)) ? TT_CLASS_C0 : TT_CLASS_VISIBLE;
    }
    return TT_OK;
}
