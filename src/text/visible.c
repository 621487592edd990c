/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text for people: see visible.h.
 *
 * Input: any bytes; what is not UTF-8 is shown byte by byte.  Output: appended to the caller's buffer, which bounds it and keeps
 * the first failure.  Owns nothing.
 * Invariant: the output holds no control, format or invisible character; the signs around a code are U+2039 and U+203A.
 */
#include "text/visible.h"

#include "base/limits.h"
#include "text/char.h"
#include "text/utf8.h"

#define RUN_SHOWN 8 /* written out one by one; a longer run is shortened */

#define OPEN "\u2039"
#define CLOSE "\u203A"
#define ELLIPSIS "\u2026"
#define TIMES "\u00D7"

/* How one character, or one byte that belongs to none, is written. */
enum form {
    FORM_PLAIN, /* as it is */
    FORM_CODE,  /* its code point */
    FORM_ASCII, /* itself, set off */
    FORM_BYTE,  /* its value */
};

struct piece {
    enum form form;
    uint32_t value; /* code point or byte */
    size_t len;     /* bytes of text; at least 1 */
};

/* Blanks that are neither ignorable nor a space to Unicode: braille blank, musical null notehead. */
static bool
is_blank_symbol(uint32_t cp)
{
    return cp == 0x2800 || cp == 0x1D159;
}

static bool
is_hidden(uint32_t cp)
{
    const struct tt_char *c = tt_char(cp);
    switch (c->category) {
    case TT_CN: /* no terminal knows what to do with it */
    case TT_CC:
    case TT_CF:
    case TT_CO:
    case TT_ZL:
    case TT_ZP: return true;
    case TT_ZS: return cp != ' ';
    default: break;
    }
    return (c->flags & (TT_CHAR_IGNORABLE | TT_CHAR_INVISIBLE)) || is_blank_symbol(cp);
}

static bool
is_plain_in_mark(uint32_t cp)
{
    return cp == ' ' || (cp < 0x80 && (tt_ascii_is_alpha((int) cp) || tt_ascii_is_digit((int) cp)));
}

static struct piece
read_piece(struct tt_str text, size_t pos, bool marked)
{
    struct tt_rune rune = tt_utf8_next(text, pos);
    if (rune.len == 0) {
        return (struct piece) {FORM_BYTE, (unsigned char) text.ptr[pos], 1};
    }
    enum form form = FORM_PLAIN;
    if (is_hidden(rune.cp)) {
        form = FORM_CODE;
    } else if (marked && !is_plain_in_mark(rune.cp)) {
        form = rune.cp < 0x80 ? FORM_ASCII : FORM_CODE;
    }
    return (struct piece) {form, rune.cp, rune.len};
}

/* What stands between the signs, the signs included; count is 1 or the length of a shortened run. */
static void
add_code(struct tt_buf *out, struct piece piece, size_t count)
{
    tt_buf_add(out, TT_STR(OPEN));
    switch (piece.form) {
    case FORM_CODE: tt_buf_add_codepoint(out, piece.value); break;
    case FORM_BYTE:
        tt_buf_add_char(out, tt_hex_capital(piece.value >> 4));
        tt_buf_add_char(out, tt_hex_capital(piece.value));
        break;
    case FORM_ASCII:
    case FORM_PLAIN: tt_buf_add_char(out, (char) piece.value); break;
    }
    if (count > 1) {
        tt_buf_add(out, TT_STR(" " ELLIPSIS " " TIMES));
        tt_buf_add_u64(out, count);
    }
    tt_buf_add(out, TT_STR(CLOSE));
}

struct cursor {
    struct tt_str text;
    size_t mark_from, mark_to;
};

static struct piece
piece_at(const struct cursor *c, size_t pos)
{
    return read_piece(c->text, pos, pos >= c->mark_from && pos < c->mark_to);
}

/* Adds the run of one form that starts at pos and returns its end. */
static size_t
add_run(struct tt_buf *out, const struct cursor *c, size_t pos, enum form form)
{
    struct piece first = piece_at(c, pos);
    size_t count = 0;
    size_t end = pos;
    while (end < c->text.len) {
        struct piece piece = piece_at(c, end);
        if (piece.form != form) {
            break;
        }
        count++;
        end += piece.len;
    }
    if (form == FORM_PLAIN) {
        tt_buf_add(out, tt_str_slice(c->text, pos, end));
    } else if (count > RUN_SHOWN) {
        add_code(out, first, count);
    } else {
        for (size_t at = pos; at < end;) {
            struct piece piece = piece_at(c, at);
            add_code(out, piece, 1);
            at += piece.len;
        }
    }
    return end;
}

void
tt_visible_add(struct tt_buf *out, struct tt_str text, size_t mark_from, size_t mark_to)
{
    struct cursor c = {text, mark_from, mark_to};
    for (size_t pos = 0; pos < text.len;) {
        pos = add_run(out, &c, pos, piece_at(&c, pos).form);
    }
}

/* Start of the excerpt: the line's, or TT_EXCERPT_POINTS characters before from. */
static size_t
excerpt_start(struct tt_str text, size_t from)
{
    size_t start = from;
    for (int points = 0; points < TT_EXCERPT_POINTS && start > 0 && text.ptr[start - 1] != '\n'; points++) {
        struct tt_rune rune = tt_utf8_prev(text, start);
        start -= rune.len ? rune.len : 1;
    }
    return start;
}

static size_t
excerpt_end(struct tt_str text, size_t to)
{
    size_t end = to;
    for (int points = 0; points < TT_EXCERPT_POINTS && end < text.len && text.ptr[end] != '\n'; points++) {
        struct tt_rune rune = tt_utf8_next(text, end);
        end += rune.len ? rune.len : 1;
    }
    return end;
}

void
tt_visible_excerpt(struct tt_buf *out, struct tt_str text, size_t from, size_t to)
{
    to = to < text.len ? to : text.len;
    from = from < to ? from : to;
    size_t start = excerpt_start(text, from);
    size_t end = excerpt_end(text, to);
    bool cut_before = start > 0 && text.ptr[start - 1] != '\n';
    bool cut_behind = end < text.len && text.ptr[end] != '\n';
    if (end > to && !cut_behind && text.ptr[end - 1] == '\r') {
        end--; /* the line ends in CR LF */
    }
    if (cut_before) {
        tt_buf_add(out, TT_STR(ELLIPSIS));
    }
    tt_visible_add(out, tt_str_slice(text, start, end), from - start, to - start);
    if (cut_behind) {
        tt_buf_add(out, TT_STR(ELLIPSIS));
    }
}
