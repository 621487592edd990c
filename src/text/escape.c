/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walk over a text with escapes; see escape.h.
 *
 * Input: raw bytes, borrowed.  Output: text appended to a buffer of the caller.  Nothing is allocated here but by that buffer.
 *
 * The decoder and the way back walk the raw bytes in the same steps: a run of plain bytes, or one escape.  So they cannot
 * disagree on where a character comes from.  A kernel finds the places at which one may begin.
 */
#include "text/escape.h"

#include "text/char.h"
#include "text/escape_parts.h"
#include "text/utf8.h"

/* The walk's state is that of a way back, where text is not used. */
struct walker {
    const struct tt_kernels *kernels;
    struct tt_str raw;
    bool tokens;
    struct tt_escape_place *place;
};

/*
 * Where an escape may begin: a sign and what follows it, a rectangle of high and low nibbles each.  Some pairs are found in vain, for
 * the readers look closely; what is left out is what ordinary text is full of: "\n" in sources, "%s", "+=", "& ".
 */
enum {
    SET_BACKSLASH = 1 << 0,      /* \ before u U x 0 3 and \; in vain: before 5 8 P S X p s < | and more of these columns */
    SET_PERCENT_HEX = 1 << 1,    /* % before 1-9 a-f A-F; in vain: g h i G H I.  %0X is no escape, its byte being a control */
    SET_PERCENT_U = 1 << 2,      /* %u */
    SET_AMPERSAND_NAME = 1 << 3, /* & before a letter; in vain: before signs of these rows */
    SET_AMPERSAND_HASH = 1 << 4, /* &# */
    SET_PLUS_DIGIT = 1 << 5,     /* + before a digit: UTF-7 */
    SET_PLUS_LETTER = 1 << 6,    /* + before a letter; in vain: before signs of these rows */
    SET_PLUS_SIGN = 1 << 7,      /* + before + and / */
};

#define SET_PERCENT (SET_PERCENT_HEX | SET_PERCENT_U)
#define SET_AMPERSAND (SET_AMPERSAND_NAME | SET_AMPERSAND_HASH)
#define SET_PLUS (SET_PLUS_DIGIT | SET_PLUS_LETTER | SET_PLUS_SIGN)
#define SET_LETTER (SET_AMPERSAND_NAME | SET_PLUS_LETTER)

static const struct tt_byte_pairs signs = {
    .first = {.high = {[2] = SET_PERCENT | SET_AMPERSAND | SET_PLUS, [5] = SET_BACKSLASH},
              .low = {[5] = SET_PERCENT, [6] = SET_AMPERSAND, [0xB] = SET_PLUS, [0xC] = SET_BACKSLASH}},
    .second = {.high = {[2] = SET_AMPERSAND_HASH | SET_PLUS_SIGN,
                        [3] = SET_BACKSLASH | SET_PERCENT_HEX | SET_PLUS_DIGIT,
                        [4] = SET_PERCENT_HEX | SET_LETTER,
                        [5] = SET_BACKSLASH | SET_LETTER,
                        [6] = SET_PERCENT_HEX | SET_LETTER,
                        [7] = SET_BACKSLASH | SET_PERCENT_U | SET_LETTER},
               .low = {[0] = SET_LETTER | SET_PLUS_DIGIT | SET_BACKSLASH,
                       [1] = SET_LETTER | SET_PLUS_DIGIT | SET_PERCENT_HEX,
                       [2] = SET_LETTER | SET_PLUS_DIGIT | SET_PERCENT_HEX,
                       [3] = SET_LETTER | SET_PLUS_DIGIT | SET_PERCENT_HEX | SET_BACKSLASH | SET_AMPERSAND_HASH,
                       [4] = SET_LETTER | SET_PLUS_DIGIT | SET_PERCENT_HEX,
                       [5] = SET_LETTER | SET_PLUS_DIGIT | SET_PERCENT_HEX | SET_PERCENT_U | SET_BACKSLASH,
                       [6] = SET_LETTER | SET_PLUS_DIGIT | SET_PERCENT_HEX,
                       [7] = SET_LETTER | SET_PLUS_DIGIT | SET_PERCENT_HEX,
                       [8] = SET_LETTER | SET_PLUS_DIGIT | SET_PERCENT_HEX | SET_BACKSLASH,
                       [9] = SET_LETTER | SET_PLUS_DIGIT | SET_PERCENT_HEX,
                       [0xA] = SET_LETTER,
                       [0xB] = SET_LETTER | SET_PLUS_SIGN,
                       [0xC] = SET_LETTER | SET_BACKSLASH,
                       [0xD] = SET_LETTER,
                       [0xE] = SET_LETTER,
                       [0xF] = SET_LETTER | SET_PLUS_SIGN}},
};

const char *
tt_escape_name(enum tt_escape_form form)
{
    static const char *const names[] = {"none", "escape", "byte escape", "percent", "entity", "base64", "hexadecimal", "UTF-7"};
    return names[form];
}

static size_t
find_sign(const struct walker *w, size_t pos)
{
    return w->kernels->find_pair((const unsigned char *) w->raw.ptr, w->raw.len, pos, &signs);
}

static void
find_run(struct walker *w, size_t pos)
{
    struct tt_escape_place *place = w->place;
    if (w->tokens) {
        place->run = w->kernels->find_run((const unsigned char *) w->raw.ptr, w->raw.len, pos, &place->run_end);
    } else {
        place->run = place->run_end = w->raw.len;
    }
}

static void
begin(struct walker *w)
{
    *w->place = (struct tt_escape_place) {.begun = true, .sign = find_sign(w, 0)};
    find_run(w, 0);
}

/* Moves what lies before pos to pos or behind it. */
static void
move(struct walker *w, size_t pos)
{
    struct tt_escape_place *place = w->place;
    if (place->sign < pos) {
        place->sign = find_sign(w, pos);
    }
    if (place->run < pos) {
        find_run(w, pos);
    }
}

static struct tt_escape
read_sign(const struct walker *w, size_t pos)
{
    switch (w->raw.ptr[pos]) {
    case '\\': return tt_escape_read_backslash(w->raw, pos);
    case '%': return tt_escape_read_percent(w->raw, pos);
    case '&': return tt_escape_read_entity(w->raw, pos);
    default: return w->tokens ? tt_escape_read_utf7(w->raw, pos) : (struct tt_escape) {0};
    }
}

/* What stands at pos, where something stands.  Only a plus may begin a run as well. */
static struct tt_escape
read_at(const struct walker *w, size_t pos)
{
    struct tt_escape e = {0};
    if (pos == w->place->sign) {
        e = read_sign(w, pos);
    }
    return e.length == 0 && !e.cut && pos == w->place->run ? tt_escape_read_token(w->raw, pos, w->place->run_end) : e;
}

/*
 * The place of the first escape at or behind pos, also of one that is cut unless raw is final; else the end.  A run that is no
 * token is passed as a whole: a part of it would be one by chance.
 */
static size_t
next_escape(struct walker *w, size_t pos, bool final, struct tt_escape *e)
{
    for (;;) {
        move(w, pos);
        size_t at = w->place->sign < w->place->run ? w->place->sign : w->place->run;
        *e = (struct tt_escape) {0};
        if (at == w->raw.len) {
            return at;
        }
        *e = read_at(w, at);
        if (e->length > 0 || (e->cut && !final)) {
            return at;
        }
        if (at == w->place->run) {
            find_run(w, w->place->run_end);
        }
        pos = at + 1;
    }
}

/* The end of raw without a last character that is cut, or a run that could go on; never before pos. */
static size_t
end_of_whole(struct tt_str raw, bool tokens, size_t pos)
{
    if (tokens) {
        size_t run = tt_escape_last_run(raw, pos);
        if (run < raw.len) {
            return run;
        }
    }
    for (size_t back = 1; back <= 3 && back <= raw.len - pos; back++) {
        if (tt_utf8_is_cut(raw, raw.len - back)) {
            return raw.len - back;
        }
    }
    return raw.len;
}

static bool
is_token(const struct tt_escape *e)
{
    return e->form >= TT_ESCAPE_BASE64;
}

static void
add_escape(struct tt_str raw, size_t pos, const struct tt_escape *e, struct tt_buf *out)
{
    char text[4];
    if (is_token(e)) {
        tt_escape_token_text(raw, pos, e, out);
    } else {
        tt_buf_add(out, tt_str_make(text, tt_utf8_put(e->cp, text)));
    }
}

size_t
tt_escape_decode(const struct tt_kernels *kernels, struct tt_str raw, bool tokens, bool final, struct tt_buf *out)
{
    struct tt_escape_place place;
    struct walker w = {kernels, raw, tokens, &place};
    size_t pos = 0;
    begin(&w);
    while (pos < raw.len) {
        struct tt_escape e;
        size_t at = next_escape(&w, pos, final, &e);
        size_t end = at == raw.len && !final ? end_of_whole(raw, tokens, pos) : at;
        tt_buf_add(out, tt_str_slice(raw, pos, end));
        if (out->status != TT_OK) {
            return pos;
        }
        pos = end;
        if (at == raw.len || (e.cut && !final)) {
            return pos;
        }
        add_escape(raw, pos, &e, out);
        if (out->status != TT_OK) {
            return pos;
        }
        pos += e.length;
    }
    return pos;
}

/* Where the character that holds raw byte pos begins; from is where plain bytes begin.  A byte that is no UTF-8 stands alone. */
static size_t
character_start(struct tt_str raw, size_t from, size_t pos)
{
    for (size_t back = 0; back <= 3 && back <= pos - from; back++) {
        if (tt_utf8_next(raw, pos - back).len > back) {
            return pos - back;
        }
    }
    return pos;
}

size_t
tt_escape_raw_offset(const struct tt_kernels *kernels, struct tt_str raw, bool tokens, struct tt_escape_place *place,
                     size_t decoded, bool end, enum tt_escape_form *form)
{
    struct walker w = {kernels, raw, tokens, place};
    *form = TT_ESCAPE_NONE;
    if (!place->begun || decoded < place->text) {
        begin(&w);
    }
    while (place->raw < raw.len) {
        struct tt_escape e;
        size_t at = next_escape(&w, place->raw, true, &e);
        size_t left = decoded - place->text, plain = at - place->raw;
        if (left < plain || at == raw.len) {
            size_t to = left < plain ? place->raw + left : raw.len;
            return character_start(raw, place->raw, to);
        }
        left -= plain;
        if (left < e.text) {
            *form = left == 0 && end ? TT_ESCAPE_NONE : e.form;
            return at + (is_token(&e) && left > 0 ? tt_escape_token_offset(raw, at, &e, left, end) : 0);
        }
        place->text += plain + e.text;
        place->raw = at + e.length;
    }
    return raw.len;
}

/* Could the character be part of a mark, or begin the next escape? */
static bool
is_telling(struct tt_str raw, size_t pos, const struct tt_escape *e)
{
    size_t behind = pos + e->length;
    int next = behind < raw.len ? (unsigned char) raw.ptr[behind] : 0;
    if (is_token(e) || e->form == TT_ESCAPE_UNICODE || e->cp >= 0x80 || e->cp == '\'') {
        return true;
    }
    switch (e->cp) {
    case '&': return tt_escape_is_entity_body(raw, behind);
    case '%': return tt_ascii_hex(next) >= 0 || next == 'u';
    case '\\': return next == 'u' || next == 'x' || next == 'U' || next == '0' || next == '3';
    case '/': return tt_ascii_is_digit(next) && pos > 0 && tt_ascii_is_digit((unsigned char) raw.ptr[pos - 1]); /* of a date */
    default: return false;
    }
}

bool
tt_escape_any(const struct tt_kernels *kernels, struct tt_str text, bool tokens, const struct tt_escape_place *first)
{
    struct tt_escape_place place = *first;
    struct walker w = {kernels, text, tokens, &place};
    size_t pos = 0;
    if (!tokens) {
        place.run = place.run_end = text.len;
    }
    while (pos < text.len) {
        struct tt_escape e;
        size_t at = next_escape(&w, pos, true, &e);
        if (at == text.len) {
            return false;
        }
        if (is_telling(text, at, &e)) {
            return true;
        }
        pos = at + e.length;
    }
    return false;
}

bool
tt_escape_maybe(const struct tt_kernels *kernels, struct tt_str text, bool tokens, struct tt_escape_place *first)
{
    struct walker w = {kernels, text, tokens, first};
    begin(&w);
    return first->sign < text.len || first->run < text.len;
}

bool
tt_escape_begins(struct tt_str text, size_t pos)
{
    const struct walker w = {.raw = text, .tokens = true};
    return read_sign(&w, pos).length > 0;
}

bool
tt_escape_is_token(struct tt_str text, size_t from, size_t to)
{
    return tt_escape_read_token(text, from, to).length > 0;
}
