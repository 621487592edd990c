/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is this text for programs?  Judged by the word and the line, in bounded time; see code.h.
 *
 * Prose must not pass for code, because soft hyphens and marks of direction are ordinary there.  So a line counts as code only
 * by signs that sentences of no language show together; the price is that some code is taken for prose.  Nothing is allocated.
 */
#include "marks/code.h"

#include "marks/context.h"
#include "text/char.h"
#include "text/utf8.h"

#define WORD_BYTES 128 /* of a word on each side that are looked at */

static bool
is_name_byte(char c)
{
    return tt_ascii_is_alnum((unsigned char) c) || c == '_' || c == '$';
}

/* Hidden characters may stand in a name, and letters of other scripts. */
static bool
is_name_part(char c)
{
    return is_name_byte(c) || (unsigned char) c >= 0x80;
}

static bool
starts(struct tt_str s, const char *piece)
{
    return tt_str_starts(s, tt_str_cstr(piece));
}

static bool
ends(struct tt_str s, const char *piece)
{
    return tt_str_ends(s, tt_str_cstr(piece));
}

/* ---- words ---- */

static bool
ends_word(struct tt_rune rune)
{
    return rune.len == 0 || rune.cp <= ' ' || tt_char_is(rune.cp, TT_CHAR_SPACE) ||
           (rune.cp < 0x80 && strchr("<>\"'`(){}[]|,;", (int) rune.cp));
}

static struct tt_str
word_around(struct tt_str text, size_t from, size_t to)
{
    size_t first = from > WORD_BYTES ? from - WORD_BYTES : 0;
    size_t last = text.len - to > WORD_BYTES ? to + WORD_BYTES : text.len;
    struct tt_rune rune = tt_utf8_prev(text, from);
    while (from > first && !ends_word(rune)) {
        from -= rune.len;
        rune = tt_utf8_prev(text, from);
    }
    rune = tt_utf8_next(text, to);
    while (to < last && !ends_word(rune)) {
        to += rune.len;
        rune = tt_utf8_next(text, to);
    }
    return tt_str_slice(text, from, to);
}

/* Does piece stand in the word with a letter, digit or _ on both sides? */
static bool
joins_names(struct tt_str word, const char *piece)
{
    size_t len = strlen(piece);
    for (size_t i = 1; i + len < word.len; i++) {
        bool between = is_name_part(word.ptr[i - 1]) && is_name_part(word.ptr[i + len]);
        if (between && memcmp(word.ptr + i, piece, len) == 0) {
            return true;
        }
    }
    return false;
}

static bool
is_drive(struct tt_str word)
{
    return word.len > 2 && tt_ascii_is_alpha((unsigned char) word.ptr[0]) && word.ptr[1] == ':' &&
           (word.ptr[2] == '\\' || word.ptr[2] == '/');
}

static bool
is_address(struct tt_str word)
{
    if (tt_str_has(word, TT_STR("://")) || starts(word, "www.") || starts(word, "mailto:")) {
        return true;
    }
    if (starts(word, "./") || starts(word, "../") || starts(word, "~/") || starts(word, "\\\\") || is_drive(word)) {
        return true;
    }
    const char *second = starts(word, "/") ? memchr(word.ptr + 1, '/', word.len - 1) : NULL;
    if (second && word.len > 2 && is_name_byte(word.ptr[1])) {
        return true;
    }
    const char *at = memchr(word.ptr, '@', word.len);
    return at && at > word.ptr && memchr(at, '.', (size_t) (word.ptr + word.len - at));
}

static enum tt_code
judge_word(struct tt_str word)
{
    if (is_address(word)) {
        return TT_CODE_ADDRESS;
    }
    if (word.len > 3 && starts(word, "--") && tt_ascii_is_alpha((unsigned char) word.ptr[2])) {
        return TT_CODE_OPTION;
    }
    bool name = joins_names(word, "_") || joins_names(word, "::") || joins_names(word, "->");
    return name ? TT_CODE_NAME : TT_CODE_NONE;
}

/* ---- lines ---- */

/* Without the sign of a diff, which may stand before it. */
static struct tt_str
strip(struct tt_str line)
{
    bool diff = line.len > 1 && (line.ptr[0] == '+' || line.ptr[0] == '-') && line.ptr[1] != line.ptr[0];
    return tt_str_trim(diff ? tt_str_slice(line, 1, line.len) : line);
}

/* A name directly before an opening parenthesis. */
static bool
holds_call(struct tt_str line)
{
    for (size_t i = 1; i < line.len; i++) {
        if (line.ptr[i] == '(' && is_name_byte(line.ptr[i - 1])) {
            return true;
        }
    }
    return false;
}

/* name = value, where the value is a call, a number, a string or a list */
static bool
is_assignment(struct tt_str line)
{
    size_t i = 0;
    while (i < line.len && ((unsigned char) line.ptr[i] >= 0x80 || is_name_byte(line.ptr[i]) || line.ptr[i] == '.')) {
        i++; /* a hidden character may stand in the name */
    }
    struct tt_str rest = tt_str_slice(line, i, line.len);
    if (i == 0 || !(starts(rest, " = ") || starts(rest, " += ") || starts(rest, " := "))) {
        return false;
    }
    rest = tt_str_trim(tt_str_slice(rest, 3, rest.len));
    return holds_call(rest) || (rest.len > 0 && strchr("\"'[{", rest.ptr[0]));
}

/* Lines that open a block: of C and its family, and of Python. */
static bool
opens_block(struct tt_str line)
{
    if (ends(line, "=> {") || ends(line, ") {") || ends(line, "){")) {
        return true;
    }
    if (!ends(line, ":")) {
        return false;
    }
    bool branch = starts(line, "if ") || starts(line, "elif ") || starts(line, "while ");
    return starts(line, "def ") || starts(line, "class ") || (branch && (tt_str_has(line, TT_STR("==")) || holds_call(line)));
}

bool
tt_code_is_line(struct tt_str line)
{
    line = strip(line);
    if (starts(line, "#include") || starts(line, "#define ") || opens_block(line)) {
        return true;
    }
    bool declares = starts(line, "const ") || starts(line, "let ") || starts(line, "var ") || starts(line, "export ");
    if ((declares && tt_str_has(line, TT_STR("="))) ||
        ((starts(line, "function ") || starts(line, "async ")) && holds_call(line))) {
        return true;
    }
    bool semicolon = ends(line, ";");
    if (semicolon && (tt_str_has(line, TT_STR("=")) || ends(line, ");") || starts(line, "return ") || starts(line, "import "))) {
        return true;
    }
    return is_assignment(line);
}

/* Commands that begin no sentence; and those that do, unless an option, a path or a pipe follows. */
static const char *const commands[] = {
    "apt-get ", "cargo ", "chmod ", "chown ", "curl ", "docker ", "git ",  "kubectl ",   "mkdir ", "npm ",
    "npx ",     "pip ",   "pip3 ",  "pnpm ",  "rm ",   "ssh ",    "sudo ", "systemctl ", "wget ",  "yarn ",
};
static const char *const words[] = {
    "awk ", "bash ", "cat ",  "cd ",   "cp ",     "echo ",    "export ", "find ", "go ",  "grep ",
    "ls ",  "make ", "node ", "perl ", "python ", "python3 ", "sed ",    "sh ",   "tar ",
};

static bool
starts_any(struct tt_str line, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (starts(line, list[i])) {
            return true;
        }
    }
    return false;
}

static bool
holds_option(struct tt_str line)
{
    for (size_t i = 0; i + 2 < line.len; i++) {
        unsigned char next = (unsigned char) line.ptr[i + 2];
        if (line.ptr[i] == ' ' && line.ptr[i + 1] == '-' && (tt_ascii_is_alpha(next) || next == '-')) {
            return true;
        }
    }
    return false;
}

static bool
is_command(struct tt_str line)
{
    line = tt_str_trim(line);
    if (starts(line, "$ ") && line.len > 2 && tt_ascii_is_alpha((unsigned char) line.ptr[2])) {
        return line.ptr[2] >= 'a';
    }
    if (starts_any(line, commands, sizeof(commands) / sizeof(*commands))) {
        return true;
    }
    bool shell = holds_option(line) || tt_str_has(line, TT_STR(" /")) || tt_str_has(line, TT_STR(" | ")) ||
                 tt_str_has(line, TT_STR(" && ")) || tt_str_has(line, TT_STR(" ./"));
    return shell && starts_any(line, words, sizeof(words) / sizeof(*words));
}

/* Does a comment begin at pos?  # and -- only where a blank follows, so that #include and x--y are none. */
static bool
is_comment(struct tt_str line, size_t pos)
{
    struct tt_str rest = tt_str_slice(line, pos, line.len);
    if (starts(rest, "//")) {
        return pos == 0 || line.ptr[pos - 1] != ':';
    }
    return starts(rest, "/*") || starts(rest, "<!--") || starts(rest, "# ") || starts(rest, "-- ");
}

/* Is position pos of a line of code part of a string or a comment? */
static bool
is_quoted(struct tt_str line, size_t pos)
{
    char quote = 0;
    for (size_t i = 0; i < pos; i++) {
        char c = line.ptr[i];
        if (quote && c == '\\') {
            i++;
        } else if (quote) {
            quote = c == quote ? 0 : quote;
        } else if (c == '"' || c == '\'' || c == '`') {
            quote = c;
        } else if (is_comment(line, i)) {
            return true;
        }
    }
    return quote != 0;
}

/* The inline code of Markdown around pos, or nothing. */
static struct tt_str
code_span(struct tt_str line, size_t pos)
{
    size_t ticks = 0, from = 0;
    for (size_t i = 0; i < pos && i < line.len; i++) {
        if (line.ptr[i] == '`') {
            ticks++;
            from = i + 1;
        }
    }
    const char *end = ticks % 2 ? memchr(line.ptr + pos, '`', line.len - pos) : NULL;
    return end ? tt_str_slice(line, from, (size_t) (end - line.ptr)) : tt_str_slice(line, 0, 0);
}

/* Is the context cut on the left?  What came before could have opened a string. */
static bool
is_cut(struct tt_str text, struct tt_span line, size_t pos)
{
    return line.from > 0 && pos - line.from + 4 > TT_CONTEXT_BYTES && text.ptr[line.from - 1] != '\n';
}

enum tt_code
tt_code_at(struct tt_str text, size_t from, size_t to)
{
    enum tt_code code = judge_word(word_around(text, from, to));
    struct tt_span span = tt_context_line(text, from);
    struct tt_str line = tt_str_slice(text, span.from, span.to);
    if (code != TT_CODE_NONE || is_cut(text, span, from)) {
        return code;
    }
    if (is_command(line) || is_command(code_span(line, from - span.from))) {
        return TT_CODE_COMMAND;
    }
    bool source = tt_code_is_line(line) && !is_quoted(line, from - span.from);
    return source ? TT_CODE_SOURCE : TT_CODE_NONE;
}

const char *
tt_code_where(enum tt_code code)
{
    switch (code) {
    case TT_CODE_ADDRESS: return "inside a URL, address or path";
    case TT_CODE_OPTION: return "inside an option of a command";
    case TT_CODE_NAME: return "inside a name of a program";
    case TT_CODE_COMMAND: return "in a command";
    case TT_CODE_SOURCE: return "in source code, outside of strings and comments";
    case TT_CODE_NONE: break;
    }
    return "in prose";
}
