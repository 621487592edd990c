/* SPDX-License-Identifier: Apache-2.0 */
/* Lines and their language, judged by little and in bounded time; see context.h. */
#include "marks/context.h"

#include "text/char.h"
#include "text/utf8.h"

static bool
is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

struct tt_span
tt_context_line(struct tt_str text, size_t pos)
{
    struct tt_span line = {pos, pos};
    size_t first = pos > TT_CONTEXT_BYTES ? pos - TT_CONTEXT_BYTES : 0;
    size_t last = text.len - pos > TT_CONTEXT_BYTES ? pos + TT_CONTEXT_BYTES : text.len;
    while (line.from > first && !is_line_end(text.ptr[line.from - 1])) {
        line.from--;
    }
    while (line.to < last && !is_line_end(text.ptr[line.to])) {
        line.to++;
    }
    while (line.from < pos && ((unsigned char) text.ptr[line.from] & 0xC0) == 0x80) {
        line.from++;
    }
    while (line.to > pos && line.to < text.len && ((unsigned char) text.ptr[line.to] & 0xC0) == 0x80) {
        line.to--;
    }
    return line;
}

static bool
word_matches(struct tt_str line, size_t at, struct tt_str word)
{
    for (size_t i = 0; i < word.len; i++) {
        if (tt_ascii_lower((unsigned char) line.ptr[at + i]) != word.ptr[i]) {
            return false;
        }
    }
    bool open = at == 0 || !tt_ascii_is_alpha((unsigned char) line.ptr[at - 1]);
    return open && (at + word.len == line.len || !tt_ascii_is_alpha((unsigned char) line.ptr[at + word.len]));
}

bool
tt_context_has_word(struct tt_str line, struct tt_str word)
{
    for (size_t at = 0; at + word.len <= line.len; at++) {
        if (word_matches(line, at, word)) {
            return true;
        }
    }
    return false;
}

/* Frequent in English, and seldom words of another language that writes a letter like an apostrophe (so not "a", "in", "do"). */
static const struct tt_str english_words[] = {
    TT_STR_INIT("the"), TT_STR_INIT("of"),   TT_STR_INIT("and"),  TT_STR_INIT("is"),   TT_STR_INIT("are"),  TT_STR_INIT("was"),
    TT_STR_INIT("you"), TT_STR_INIT("this"), TT_STR_INIT("that"), TT_STR_INIT("with"), TT_STR_INIT("have"), TT_STR_INIT("not"),
    TT_STR_INIT("for"), TT_STR_INIT("from"), TT_STR_INIT("will"), TT_STR_INIT("date"), TT_STR_INIT("your"), TT_STR_INIT("it"),
};

bool
tt_context_is_english(struct tt_str line)
{
    for (size_t i = 0; i < sizeof(english_words) / sizeof(*english_words); i++) {
        if (tt_context_has_word(line, english_words[i])) {
            return true;
        }
    }
    return false;
}

bool
tt_context_has_cjk(struct tt_str line)
{
    for (size_t pos = 0; pos < line.len;) {
        struct tt_rune rune = tt_utf8_next(line, pos);
        if (rune.len == 0) {
            return false;
        }
        uint8_t script = tt_char(rune.cp)->script;
        bool wide = rune.cp >= 0x3000 && rune.cp < 0x3040; /* CJK symbols and punctuation */
        if (wide || script == TT_SCRIPT_HAN || script == TT_SCRIPT_HIRAGANA || script == TT_SCRIPT_KATAKANA ||
            script == TT_SCRIPT_HANGUL) {
            return true;
        }
        pos += rune.len;
    }
    return false;
}

#define PLACEHOLDER_MAX 32

static bool
is_placeholder_char(char c)
{
    return tt_ascii_is_alnum((unsigned char) c) || c == '_' || c == '.' || c == '$';
}

bool
tt_context_is_at_placeholder(struct tt_str text, size_t from, size_t to)
{
    size_t n = 0;
    if (from > 1 && text.ptr[from - 1] == '}') {
        while (n < PLACEHOLDER_MAX && from - 1 - n > 0 && is_placeholder_char(text.ptr[from - 2 - n])) {
            n++;
        }
        if (n > 0 && from - 1 - n > 0 && text.ptr[from - 2 - n] == '{') {
            return true;
        }
    }
    n = 0;
    if (to < text.len && text.ptr[to] == '{') {
        while (n < PLACEHOLDER_MAX && to + 1 + n < text.len && is_placeholder_char(text.ptr[to + 1 + n])) {
            n++;
        }
        return n > 0 && to + 1 + n < text.len && text.ptr[to + 1 + n] == '}';
    }
    return false;
}

#define BINARY_BYTES 512 /* on each side */
#define BINARY_LEAST 16  /* controls there */
#define BINARY_SHARE 12  /* one of so many bytes is one, at least */

bool
tt_context_is_binary(struct tt_str text, size_t from, size_t to)
{
    size_t start = from > BINARY_BYTES ? from - BINARY_BYTES : 0;
    size_t end = text.len - to > BINARY_BYTES ? to + BINARY_BYTES : text.len;
    size_t controls = 0;
    for (size_t i = start; i < end; i++) {
        unsigned char c = (unsigned char) text.ptr[i];
        bool c0 = c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != 0x1B; /* terminals are sent many of the last */
        bool c1 = c == 0xC2 && i + 1 < end && (unsigned char) text.ptr[i + 1] < 0xA0;
        bool escape = c == '\\' && i + 3 < end && text.ptr[i + 1] == 'x' && tt_ascii_hex((unsigned char) text.ptr[i + 2]) >= 0;
        controls += (i < from || i >= to) && (c0 || c1 || escape);
    }
    return controls >= BINARY_LEAST && controls * BINARY_SHARE >= end - start - (to - from);
}
