/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoding the body of a JSON string (RFC 8259, section 7), and mapping offsets of the text back.
 *
 * Input: raw bytes, borrowed.  Output: text appended to a buffer of the caller.  Nothing is allocated here.
 *
 * Both decoders and the way back walk the raw bytes in the same steps: a run of plain bytes, or one escape.  So they
 * cannot disagree on where a character comes from.
 *
 * Outside of JSON (u_only) nothing says whether a backslash before \uXXXX escapes it.  It is decoded all the same:
 * "\\u2019" there is most often a JSON string inside another one, and to show one apostrophe too many is better than to
 * miss one.  All backslashes before the u belong to the escape, since each document around it doubles them.
 */
#include "json/string.h"

#include "base/word.h"
#include "text/utf8.h"

#ifdef __SSE2__
#include <emmintrin.h> /* part of every x86-64, so that no kernel need be chosen */
#endif

#define REPLACEMENT 0xfffd
#define BACKSLASHES_MAX 16 /* of one escape with u_only: four documents around the one that wrote it */

/* What stands at a backslash. */
struct escape {
    uint32_t cp;
    size_t length; /* of the escape in raw; 0 when it is not an escape: the backslash stands for itself */
    bool cut;      /* raw ends within it: more bytes could change what it means */
};

/* The value of the four digits at pos, or -1; *cut is set when they are valid as far as raw goes. */
static int32_t
read_hex4(struct tt_str raw, size_t pos, bool *cut)
{
    int32_t value = 0;
    for (size_t i = pos; i < pos + 4; i++) {
        if (i >= raw.len) {
            *cut = true;
            return -1;
        }
        int digit = tt_ascii_hex((unsigned char) raw.ptr[i]);
        if (digit < 0) {
            return -1;
        }
        value = value << 4 | digit;
    }
    return value;
}

/* The UTF-16 unit of the \uXXXX at pos, and its end; or -1. */
static int32_t
read_unit(struct tt_str raw, size_t pos, bool u_only, size_t *end, bool *cut)
{
    size_t most = u_only ? BACKSLASHES_MAX : 1;
    size_t at = pos;
    while (at < raw.len && at - pos < most && raw.ptr[at] == '\\') {
        at++;
    }
    if (at >= raw.len) {
        *cut = true;
        return -1;
    }
    *end = at + 5;
    return at > pos && raw.ptr[at] == 'u' ? read_hex4(raw, at + 1, cut) : -1;
}

static struct escape
read_u_escape(struct tt_str raw, size_t pos, bool u_only)
{
    struct escape e = {0};
    size_t end;
    int32_t unit = read_unit(raw, pos, u_only, &end, &e.cut);
    if (unit < 0) {
        return e;
    }
    e.length = end - pos;
    e.cp = (uint32_t) unit;
    if (unit >= 0xd800 && unit <= 0xdbff) {
        int32_t low = read_unit(raw, end, u_only, &end, &e.cut);
        if (low >= 0xdc00 && low <= 0xdfff) {
            e.length = end - pos;
            e.cp = 0x10000 + ((e.cp - 0xd800) << 10) + ((uint32_t) low - 0xdc00);
            return e;
        }
    }
    if (unit >= 0xd800 && unit <= 0xdfff) {
        e.cp = REPLACEMENT;
    }
    return e;
}

/* What a letter behind a backslash stands for; 0: u, or nothing. */
static inline char
meaning_of(char letter)
{
    static const char meanings[256] = {
        ['"'] = '"', ['\\'] = '\\', ['/'] = '/', ['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t'};
    return meanings[(unsigned char) letter];
}

/* The escape at pos, where a backslash stands.  One of two bytes stands for ASCII. */
static inline struct escape
read_escape(struct tt_str raw, size_t pos, bool u_only)
{
    if (pos + 1 >= raw.len) {
        return (struct escape) {.cut = true};
    }
    char letter = raw.ptr[pos + 1];
    if (u_only || letter == 'u') {
        return read_u_escape(raw, pos, u_only);
    }
    char meaning = meaning_of(letter);
    return meaning ? (struct escape) {.cp = (unsigned char) meaning, .length = 2} : (struct escape) {0};
}

/* Where the next backslash stands, or the end. */
static size_t
find_backslash(struct tt_str raw, size_t pos)
{
    const char *found = pos < raw.len ? memchr(raw.ptr + pos, '\\', raw.len - pos) : NULL;
    return found ? (size_t) (found - raw.ptr) : raw.len;
}

/* The end of raw without a last character that is cut; never before pos. */
static size_t
end_of_whole(struct tt_str raw, size_t pos)
{
    for (size_t back = 1; back <= 3 && back <= raw.len - pos; back++) {
        if (tt_utf8_is_cut(raw, raw.len - back)) {
            return raw.len - back;
        }
    }
    return raw.len;
}

/* All or nothing, so that what was used and what was added always agree. */
static bool
add(struct tt_buf *out, struct tt_str s)
{
    tt_buf_add(out, s);
    return out->status == TT_OK;
}

/*
 * Copies the bytes before the next backslash and returns how many there are.  Lines of a text in JSON are short, so the call of
 * memchr would cost more than the search: eight bytes are looked at and copied in one word.
 */
static inline size_t
copy_plain(const char *from, size_t n, char *to)
{
    size_t i = 0;
    for (; n - i >= TT_WORD_BYTES; i += TT_WORD_BYTES) {
        size_t at = tt_word_find(tt_word_load(from + i), '\\');
        memcpy(to + i, from + i, TT_WORD_BYTES);
        if (at < TT_WORD_BYTES) {
            return i + at;
        }
    }
    for (; i < n && from[i] != '\\'; i++) {
        to[i] = from[i];
    }
    return i;
}

#define BLOCK 64

/* A bit for each backslash of a block. */
static inline uint64_t
find_backslashes(const char *block)
{
    uint64_t found = 0;
#ifdef __SSE2__
    const __m128i backslash = _mm_set1_epi8('\\');
    for (unsigned i = 0; i < BLOCK; i += sizeof(backslash)) {
        __m128i x = _mm_loadu_si128((const __m128i *) (const void *) (block + i));
        found |= (uint64_t) (unsigned) _mm_movemask_epi8(_mm_cmpeq_epi8(x, backslash)) << i;
    }
#else
    for (unsigned i = 0; i < BLOCK; i++) {
        found |= (uint64_t) (block[i] == '\\') << i;
    }
#endif
    return found;
}

/*
 * Copies blocks with escapes of two bytes, and stops at any other backslash or where less than two blocks are left.  What stands between
 * two escapes is of a length that no processor foresees, so a whole block is copied each time, and what was too much is overwritten.
 */
static size_t
copy_blocks(struct tt_str raw, size_t pos, char **to)
{
    char *out = *to;
    bool simple = true;
    while (simple && raw.len - pos >= 2 * BLOCK) {
        const char *block = raw.ptr + pos;
        size_t done = 0, end = BLOCK;
        memcpy(out, block, BLOCK);
        for (uint64_t left = find_backslashes(block); left; left &= left - 1) {
            size_t at = (size_t) __builtin_ctzll(left);
            char meaning = meaning_of(block[at + 1]);
            if (at + 1 == BLOCK || !meaning) {
                simple = meaning;
                end = at;
                break;
            }
            out += at - done;
            *out++ = meaning;
            done = at + 2;
            memcpy(out, block + done, BLOCK);
            left &= ~((uint64_t) 2 << at); /* the letter may be a backslash */
        }
        out += end - done;
        pos += end;
    }
    *to = out;
    return pos;
}

/* Copies text and escapes of two bytes; stops at any other backslash, or at the end.  Returns how far it came. */
static size_t
copy_simple(struct tt_str raw, size_t pos, char **to)
{
    pos = copy_blocks(raw, pos, to);
    char *out = *to;
    for (;;) {
        size_t plain = copy_plain(raw.ptr + pos, raw.len - pos, out);
        pos += plain;
        out += plain;
        char meaning = raw.len - pos >= 2 ? meaning_of(raw.ptr[pos + 1]) : 0;
        if (!meaning) {
            *to = out;
            return pos;
        }
        *out++ = meaning;
        pos += 2;
    }
}

/* The same as unescape(), where out has room for all of raw: no text is longer than what it is written as. */
static size_t
unescape_in_room(struct tt_str raw, bool u_only, bool final, struct tt_buf *out, char *to)
{
    size_t pos = 0;
    while (pos < raw.len) {
        size_t from = pos;
        if (u_only) {
            size_t plain = copy_plain(raw.ptr + pos, raw.len - pos, to);
            pos += plain;
            to += plain;
        } else {
            pos = copy_simple(raw, pos, &to);
        }
        if (pos == raw.len) {
            size_t cut = final ? 0 : pos - end_of_whole(raw, from);
            pos -= cut;
            to -= cut;
            break;
        }
        struct escape e = read_escape(raw, pos, u_only);
        if (e.cut && !final) {
            break;
        }
        char text[4] = {'\\'};
        size_t length = e.length > 0 ? tt_utf8_put(e.cp, text) : 1;
        memcpy(to, text, length);
        to += length;
        pos += e.length > 0 ? e.length : 1;
    }
    out->len = (size_t) (to - out->ptr);
    return pos;
}

static size_t
unescape(struct tt_str raw, bool u_only, bool final, struct tt_buf *out)
{
    if (out->status == TT_OK && raw.len > 0 && raw.len <= out->max - out->len) {
        char *to = tt_buf_reserve(out, raw.len);
        return to ? unescape_in_room(raw, u_only, final, out, to) : 0;
    }
    size_t pos = 0;
    while (pos < raw.len) {
        size_t run = find_backslash(raw, pos);
        if (run == raw.len && !final) {
            run = end_of_whole(raw, pos);
        }
        if (!add(out, tt_str_slice(raw, pos, run))) {
            return pos;
        }
        pos = run;
        if (pos == raw.len || raw.ptr[pos] != '\\') {
            return pos;
        }
        struct escape e = read_escape(raw, pos, u_only);
        if (e.cut && !final) {
            return pos;
        }
        char text[4] = {'\\'};
        size_t length = e.length > 0 ? tt_utf8_put(e.cp, text) : 1;
        if (!add(out, tt_str_make(text, length))) {
            return pos;
        }
        pos += e.length > 0 ? e.length : 1;
    }
    return pos;
}

size_t
tt_json_unescape(struct tt_str raw, bool final, struct tt_buf *out)
{
    return unescape(raw, false, final, out);
}

size_t
tt_json_unescape_u(struct tt_str raw, bool final, struct tt_buf *out)
{
    return unescape(raw, true, final, out);
}

/* Where the character that holds raw byte pos begins; run is where plain bytes begin.  A byte that is no UTF-8 stands alone. */
static size_t
character_start(struct tt_str raw, size_t run, size_t pos)
{
    for (size_t back = 0; back <= 3 && back <= pos - run; back++) {
        if (tt_utf8_next(raw, pos - back).len > back) {
            return pos - back;
        }
    }
    return pos;
}

size_t
tt_json_raw_offset(struct tt_str raw, bool u_only, size_t decoded)
{
    size_t pos = 0;
    while (pos < raw.len && decoded > 0) {
        size_t run = find_backslash(raw, pos);
        if (decoded < run - pos) {
            return character_start(raw, pos, pos + decoded);
        }
        decoded -= run - pos;
        pos = run;
        if (pos == raw.len || decoded == 0) {
            break;
        }
        struct escape e = read_escape(raw, pos, u_only);
        char text[4];
        size_t length = e.length > 0 ? tt_utf8_put(e.cp, text) : 1;
        if (decoded < length) {
            break;
        }
        decoded -= length;
        pos += e.length > 0 ? e.length : 1;
    }
    return pos;
}
