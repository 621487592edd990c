/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rounds of decoding; see level.h.
 *
 * Input: a source, borrowed, which must outlive the level.  Output: its text, in a buffer of the caller.
 *
 * An invisible character that is written as an escape is not invisible: in source code and in HTML the writer shows what is
 * meant.  So what a channel says of such a character counts in full only where nobody reads the escape (in JSON inside JSON, in
 * base64), or where there are so many that they could be a message.
 */
#include "scan/level.h"

#include "text/char.h"
#include "text/utf8.h"
#include "json/string.h"

#define MESSAGE_MIN 8   /* hidden characters that could be a message */
#define MESSAGE_READ 64 /* of them that are looked at */

static size_t
decode_part(const struct tt_scan_level *level, size_t used, size_t end, bool final, struct tt_buf *out)
{
    struct tt_str part = tt_str_slice(level->source, used, end);
    bool json = level->kind == TT_LEVEL_JSON;
    return used + (json ? tt_json_unescape(part, final, out) : tt_escape_decode(level->kernels, part, level->tokens, final, out));
}

/* In three parts, so that from and to are known in the text as well. */
enum tt_status
tt_scan_level_decode(struct tt_scan_level *level, size_t from, size_t to, struct tt_buf *out)
{
    tt_buf_clear(out);
    size_t used = decode_part(level, 0, from, false, out);
    level->from = out->len;
    used = decode_part(level, used, to, to == level->source.len, out);
    level->to = out->len;
    decode_part(level, used, level->source.len, true, out);
    level->text = tt_buf_str(out);
    return out->status;
}

static size_t
down_json(struct tt_scan_level *level, size_t offset)
{
    if (offset < level->seen_text) {
        level->seen_text = level->seen_source = 0;
    }
    struct tt_str rest = tt_str_slice(level->source, level->seen_source, level->source.len);
    level->seen_source += tt_json_raw_offset(rest, false, offset - level->seen_text);
    level->seen_text = offset;
    return level->seen_source;
}

static size_t
down(struct tt_scan_level *level, size_t offset, bool end, enum tt_escape_form *form)
{
    *form = TT_ESCAPE_NONE;
    switch (level->kind) {
    case TT_LEVEL_JSON: return down_json(level, offset);
    case TT_LEVEL_ESCAPES:
        return tt_escape_raw_offset(level->kernels, level->source, level->tokens, &level->place, offset, end, form);
    default: return offset;
    }
}

size_t
tt_scan_level_down(struct tt_scan_level *level, size_t offset, bool end)
{
    enum tt_escape_form form;
    return level->source_at + down(level, offset, end, &form);
}

/* An escape is longer than what it stands for, so bytes that are as many below as here hold none, unless they lie in a token. */
enum tt_escape_form
tt_scan_level_form(struct tt_scan_level *level, size_t from, size_t to)
{
    enum tt_escape_form form, last;
    size_t below = down(level, from, false, &form);
    size_t end = down(level, to, true, &last);
    if (form != TT_ESCAPE_NONE || last != TT_ESCAPE_NONE || end - below == to - from) {
        return form != TT_ESCAPE_NONE ? form : last;
    }
    for (size_t pos = from; pos < to && form == TT_ESCAPE_NONE;) {
        struct tt_rune rune = tt_utf8_next(level->text, pos);
        pos += rune.len ? rune.len : 1;
        (void) down(level, pos, false, &form);
    }
    return form != TT_ESCAPE_NONE ? form : TT_ESCAPE_UNICODE;
}

/* Characters whose escape shows them and whose bytes do not. */
static bool
is_hidden(uint32_t cp)
{
    const uint32_t flags = TT_CHAR_IGNORABLE | TT_CHAR_ZERO_WIDTH | TT_CHAR_INVISIBLE | TT_CHAR_TAG | TT_CHAR_VARIATION |
                           TT_CHAR_BIDI | TT_CHAR_FORMAT | TT_CHAR_FILLER | TT_CHAR_ODD_SPACE | TT_CHAR_PRIVATE;
    return tt_char_is(cp, flags) || tt_char(cp)->category == TT_CC || tt_char_is_mark(cp);
}

/* The hidden characters of from..to, at most MESSAGE_READ. */
static size_t
read_hidden(struct tt_str text, size_t from, size_t to, uint32_t *hidden)
{
    size_t n = 0;
    while (from < to && n < MESSAGE_READ) {
        struct tt_rune rune = tt_utf8_next(text, from);
        if (rune.len && is_hidden(rune.cp)) {
            hidden[n++] = rune.cp;
        }
        from += rune.len ? rune.len : 1;
    }
    return n;
}

static bool
repeats(const uint32_t *symbols, size_t n, size_t period)
{
    for (size_t i = period; i < n; i++) {
        if (symbols[i] != symbols[i - period]) {
            return false;
        }
    }
    return true;
}

/* A list names each character once, filling repeats one or two of them; a message does neither. */
static bool
is_message(const uint32_t *symbols, size_t n)
{
    size_t again = 0;
    for (size_t i = 1; i < n; i++) {
        for (size_t k = 0; k < i; k++) {
            if (symbols[k] == symbols[i]) {
                again++;
                break;
            }
        }
    }
    bool filling = repeats(symbols, n, 1) || repeats(symbols, n, 2) || repeats(symbols, n, 3) || repeats(symbols, n, 4);
    return n >= MESSAGE_MIN && again * 2 >= n && !filling;
}

static size_t
skip_blanks(struct tt_str text, size_t pos)
{
    while (pos < text.len && strchr(" \t\r\n", text.ptr[pos])) {
        pos++;
    }
    return pos;
}

/*
 * JSON in a string writes every character beyond ASCII as an escape, and its reader decodes it.  A pattern in brackets is none, nor is
 * a block of source code: what follows the bracket tells.  Streams of events carry one document a line.
 */
bool
tt_scan_level_is_json(struct tt_str text)
{
    bool stream = tt_str_starts(text, TT_STR("data: {")) || tt_str_starts(text, TT_STR("event: "));
    size_t pos = skip_blanks(text, 0);
    if (stream || pos == text.len || (text.ptr[pos] != '{' && text.ptr[pos] != '[')) {
        return stream;
    }
    bool object = text.ptr[pos] == '{';
    pos = skip_blanks(text, pos + 1);
    return pos < text.len && strchr(object ? "\"}" : "\"{[]-0123456789tfn", text.ptr[pos]) != NULL;
}

static bool
is_word(uint32_t cp)
{
    return tt_char_is_letter(cp) || tt_char(cp)->digit >= 0;
}

enum tt_escape_verdict
tt_scan_level_judge(const struct tt_scan_level *level, const struct tt_finding *f, enum tt_escape_form form)
{
    uint32_t hidden[MESSAGE_READ];
    size_t from = f->extent_from, to = f->extent_to;
    if (f->level == TT_CONFIRMED || form >= TT_ESCAPE_BASE64 ||
        (form == TT_ESCAPE_UNICODE && tt_scan_level_is_json(level->source))) {
        return TT_ESCAPE_KEEP;
    }
    size_t n = read_hidden(level->text, from, to, hidden);
    if (n == 0 || is_message(hidden, n)) {
        return TT_ESCAPE_KEEP;
    }
    bool in_word = is_word(tt_utf8_prev(level->text, from).cp) || is_word(tt_utf8_next(level->text, to).cp);
    return in_word && f->level == TT_SUSPICIOUS ? TT_ESCAPE_LOWER : TT_ESCAPE_DROP;
}
