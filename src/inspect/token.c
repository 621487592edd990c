/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens of program text; see token.h.
 *
 * In: bytes.  Out: tokens in rising order, none over another.  Own: the list.  The grammar is that of ECMA-262, section 12, as far as it
 * decides where strings, templates, regular expressions and comments begin and end.  A slash begins a regular expression or divides; what
 * stands before it decides.  That is right for what minifiers write, and where it is wrong, the end of the line ends the error.
 */
#include "inspect/token.h"

#include "base/limits.h"

#define TEMPLATES_MAX 64 /* templates inside each other; deeper ones are read as signs */
#define PARENS_MAX 256   /* open parentheses of which it is known what came before */
#define REGEX_MAX 2048   /* bytes of a regular expression; a longer one is none */
#define FAILED_MAX 16    /* bytes that are searched in vain for each byte of the text */

enum byte_class { SIGN, BLANK, LETTER, DIGIT, QUOTE, TICK, SLASH };

struct reader {
    struct tt_tokens *tokens;
    struct tt_str text; /* ends where reading ends */
    size_t pos;
    unsigned braces;                   /* open ones */
    unsigned templates[TEMPLATES_MAX]; /* how many braces were open where each value of a template began */
    unsigned depth;                    /* of these */
    bool control[PARENS_MAX];          /* the parenthesis belongs to if, while, for or with */
    unsigned parens;
    bool after_control;    /* the last sign closed such a one */
    size_t first;          /* tokens that were there before */
    size_t open_string[2]; /* up to here no string of that quote ends, so none is looked for: the time stays linear */
    bool open_comment;     /* the same of a comment, to the end of the text */
    size_t failed_regex;   /* bytes that were searched for the end of one in vain */
};

static enum byte_class
class_of(unsigned char c)
{
    if (tt_ascii_is_alpha(c) || c == '_' || c == '$' || c >= 0x80) {
        return LETTER;
    }
    if (tt_ascii_is_digit(c)) {
        return DIGIT;
    }
    switch (c) {
    case ' ':
    case '\t':
    case '\r':
    case '\n':
    case '\f':
    case '\v':
    case '\0': return BLANK;
    case '"':
    case '\'': return QUOTE;
    case '`': return TICK;
    case '/': return SLASH;
    default: return SIGN;
    }
}

void
tt_tokens_init(struct tt_tokens *tokens, const struct tt_alloc *alloc)
{
    *tokens = (struct tt_tokens) {.alloc = alloc};
}

void
tt_tokens_free(struct tt_tokens *tokens)
{
    tt_alloc_free(tokens->alloc, tokens->list, tokens->room * sizeof(*tokens->list));
    *tokens = (struct tt_tokens) {.alloc = tokens->alloc};
}

enum tt_status
tt_tokens_add(struct tt_tokens *tokens, struct tt_token token)
{
    if (tokens->count == tokens->room) {
        size_t room = tokens->room ? tokens->room + tokens->room / 2 : 1024;
        struct tt_token *list = tt_alloc_resize(tokens->alloc, tokens->list, tokens->room * sizeof(*list), room * sizeof(*list));
        if (!list) {
            return TT_E_MEMORY;
        }
        tokens->list = list;
        tokens->room = room;
    }
    tokens->list[tokens->count++] = token;
    return TT_OK;
}

static enum tt_status
add(struct reader *reader, size_t from, size_t to, enum tt_token_kind kind, unsigned flags)
{
    size_t len = to - from < TT_TOKEN_LEN_MAX ? to - from : TT_TOKEN_LEN_MAX;
    return tt_tokens_add(reader->tokens, (struct tt_token) {(uint32_t) from, (uint32_t) len & TT_TOKEN_LEN_MAX,
                                                            (unsigned) kind & 0xFu, flags & 0xFu});
}

static unsigned char
byte_at(const struct reader *reader, size_t pos)
{
    return pos < reader->text.len ? (unsigned char) reader->text.ptr[pos] : '\0';
}

/* The token n before the end, or NULL. */
static const struct tt_token *
before(const struct reader *reader, size_t n)
{
    const struct tt_tokens *tokens = reader->tokens;
    return tokens->count - reader->first >= n ? &tokens->list[tokens->count - n] : NULL;
}

static bool
is_one_of(struct tt_str name, const char *const *names)
{
    for (size_t i = 0; names[i]; i++) {
        if (tt_str_eq(name, tt_str_cstr(names[i]))) {
            return true;
        }
    }
    return false;
}

/* ---- Strings ---- */

/* Where the string that begins at from ends, or 0 when its line ends first, at *stop.  *flags: what is in it. */
static size_t
end_of_string(const struct reader *reader, size_t from, unsigned char quote, unsigned *flags, size_t *stop)
{
    for (size_t pos = from; pos < reader->text.len; pos++) {
        *stop = pos;
        unsigned char c = (unsigned char) reader->text.ptr[pos];
        if (c == quote) {
            return pos;
        }
        if (c == '\\') {
            *flags |= TT_TOKEN_ESCAPED;
            pos += 1 + (byte_at(reader, pos + 1) == '\r' && byte_at(reader, pos + 2) == '\n');
        } else if (c == '\n' || c == '\r') {
            return 0;
        } else if (c >= 0x80) {
            *flags |= TT_TOKEN_WIDE;
        }
    }
    return 0;
}

static enum tt_status
read_string(struct reader *reader)
{
    unsigned flags = 0;
    unsigned char quote = byte_at(reader, reader->pos);
    size_t *open = &reader->open_string[quote == '"'];
    size_t from = reader->pos + 1, end = 0, stop = from;
    if (from > *open) {
        end = end_of_string(reader, from, quote, &flags, &stop);
        *open = end ? *open : stop;
    }
    reader->pos = end ? end + 1 : from;
    return end ? add(reader, from, end, TT_TOKEN_STRING, flags) : TT_OK;
}

/* Reads a piece of a template literal that begins at pos, up to its end or to the next value in it. */
static enum tt_status
read_piece(struct reader *reader, unsigned flags)
{
    size_t from = reader->pos;
    size_t pos = from;
    for (; pos < reader->text.len; pos++) {
        unsigned char c = (unsigned char) reader->text.ptr[pos];
        if (c == '\\') {
            flags |= TT_TOKEN_ESCAPED;
            pos++;
        } else if (c == '`') {
            reader->pos = pos + 1;
            return add(reader, from, pos, TT_TOKEN_TEMPLATE, flags);
        } else if (c == '$' && byte_at(reader, pos + 1) == '{' && reader->depth < TEMPLATES_MAX) {
            reader->templates[reader->depth++] = reader->braces;
            reader->pos = pos + 2;
            return add(reader, from, pos, TT_TOKEN_TEMPLATE, flags | TT_TOKEN_FILLED);
        } else if (c >= 0x80) {
            flags |= TT_TOKEN_WIDE;
        }
    }
    reader->pos = from; /* it has no end: what follows is read as if it were none */
    return TT_OK;
}

/* ---- Slashes ---- */

/* Where the regular expression that begins at pos ends (behind its slash), or 0. */
static size_t
end_of_regex(const struct reader *reader, size_t pos)
{
    bool set = false;
    for (size_t n = 1; n < REGEX_MAX && pos + n < reader->text.len; n++) {
        char c = reader->text.ptr[pos + n];
        if (c == '\n' || c == '\r') {
            return 0;
        }
        if (c == '\\') {
            n++;
        } else if (c == '[') {
            set = true;
        } else if (c == ']') {
            set = false;
        } else if (c == '/' && !set) {
            return n > 1 ? pos + n + 1 : 0;
        }
    }
    return 0;
}

static bool
regex_may_begin(const struct reader *reader)
{
    static const char *const keywords[] = {"return", "typeof", "case", "in",   "delete", "void",  "instanceof", "new",
                                           "throw",  "yield",  "do",   "else", "of",     "await", NULL};
    const struct tt_token *last = before(reader, 1);
    if (!last) {
        return true;
    }
    if (last->kind == TT_TOKEN_NAME) {
        return is_one_of(tt_token_text(reader->text, last), keywords);
    }
    if (last->kind != TT_TOKEN_SIGN) {
        return false;
    }
    char sign = reader->text.ptr[last->at];
    if (sign == ')') {
        return reader->after_control;
    }
    return sign != ']' && sign != '}';
}

static size_t
find(struct tt_str text, size_t from, struct tt_str what)
{
    const char *at = tt_str_find(tt_str_slice(text, from, text.len), what);
    return at ? (size_t) (at - text.ptr) : text.len;
}

static enum tt_status
read_slash(struct reader *reader)
{
    size_t pos = reader->pos;
    if (byte_at(reader, pos + 1) == '/') {
        reader->pos = find(reader->text, pos, TT_STR("\n"));
        return TT_OK;
    }
    if (byte_at(reader, pos + 1) == '*' && !reader->open_comment) {
        size_t end = find(reader->text, pos + 2, TT_STR("*/"));
        reader->open_comment = end == reader->text.len;
        reader->pos = reader->open_comment ? pos + 2 : end + 2; /* one without an end hides nothing */
        return TT_OK;
    }
    bool regex = regex_may_begin(reader) && reader->failed_regex <= FAILED_MAX * (reader->text.len + REGEX_MAX);
    size_t end = regex ? end_of_regex(reader, pos) : 0;
    if (end == 0) {
        reader->failed_regex += regex ? REGEX_MAX : 0;
        reader->pos++;
        return add(reader, pos, pos + 1, TT_TOKEN_SIGN, 0);
    }
    reader->pos = end;
    while (tt_ascii_is_alpha(byte_at(reader, reader->pos))) {
        reader->pos++;
    }
    return add(reader, pos, end, TT_TOKEN_REGEX, 0);
}

/* ---- The rest ---- */

static enum tt_status
read_word(struct reader *reader, enum tt_token_kind kind)
{
    size_t from = reader->pos, pos = from + 1;
    for (; pos < reader->text.len; pos++) {
        enum byte_class class = class_of((unsigned char) reader->text.ptr[pos]);
        bool point = kind == TT_TOKEN_NUMBER && reader->text.ptr[pos] == '.';
        if (class != LETTER && class != DIGIT && !point) {
            break;
        }
    }
    reader->pos = pos;
    return add(reader, from, pos, kind, 0);
}

static void
open_paren(struct reader *reader)
{
    static const char *const keywords[] = {"if", "while", "for", "with", NULL};
    const struct tt_token *last = before(reader, 1);
    if (reader->parens < PARENS_MAX) {
        reader->control[reader->parens] =
            last && last->kind == TT_TOKEN_NAME && is_one_of(tt_token_text(reader->text, last), keywords);
    }
    reader->parens++;
}

static void
close_paren(struct reader *reader)
{
    reader->parens -= reader->parens > 0;
    reader->after_control = reader->parens < PARENS_MAX && reader->control[reader->parens];
}

static enum tt_status
read_sign(struct reader *reader)
{
    size_t pos = reader->pos++;
    switch (reader->text.ptr[pos]) {
    case '(': open_paren(reader); break;
    case ')': close_paren(reader); break;
    case '{': reader->braces++; break;
    case '}':
        if (reader->depth > 0 && reader->templates[reader->depth - 1] == reader->braces) {
            reader->depth--;
            return read_piece(reader, TT_TOKEN_FILLED);
        }
        reader->braces -= reader->braces > 0;
        break;
    default: break;
    }
    return add(reader, pos, pos + 1, TT_TOKEN_SIGN, 0);
}

static enum tt_status
read_one(struct reader *reader)
{
    switch (class_of((unsigned char) reader->text.ptr[reader->pos])) {
    case BLANK: reader->pos++; return TT_OK;
    case LETTER: return read_word(reader, TT_TOKEN_NAME);
    case DIGIT: return read_word(reader, TT_TOKEN_NUMBER);
    case QUOTE: return read_string(reader);
    case TICK: reader->pos++; return read_piece(reader, 0);
    case SLASH: return read_slash(reader);
    case SIGN: break;
    }
    return read_sign(reader);
}

enum tt_status
tt_tokens_read(struct tt_tokens *tokens, struct tt_str text, size_t from, size_t to)
{
    struct reader reader = {.tokens = tokens, .text = tt_str_slice(text, 0, to), .pos = from, .first = tokens->count};
    while (reader.pos < reader.text.len) {
        TT_TRY(read_one(&reader));
    }
    return TT_OK;
}
