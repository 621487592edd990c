/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON lexer: RFC 8259, sections 2 to 8, with UTF-8 as in section 8.1 (RFC 3629, section 4).
 *
 * Input: pieces of one document, cut anywhere.  Output: one call of token() for each token, with its span in the whole
 * input. The lexer owns nothing and allocates nothing; pieces are not kept.
 *
 * How it works: between tokens the next state is a table of (state, class of the byte).  Strings, numbers and literals
 * have states of their own, so that a piece may end at any byte.  Every take_* function starts at p < end, goes on as
 * long as its state lasts, and returns where it stopped, or NULL after fail().
 *
 * What takes time is what a processor cannot foresee: how long strings are.  So a kernel looks ahead over the next bytes at once and
 * says which of them a string could stop at; a string's end is then found by counting zero bits.  And the comma or colon that
 * mostly follows a token is taken with it, before the table is asked.
 *
 * Invariants: inside tt_json_feed a byte's address and lexer->bias make its number; lexer->blocks tells of ahead..ahead_end, and
 * those are in the piece; bit d of nesting belongs to the container that holds d others; depth <= depth_max <= TT_JSON_DEPTH_MAX.
 */
#include "json/lexer.h"

enum state {
    /* Between tokens; the first rows of the table, in this order.  A string may begin in the first five, a name in the last two of them. */
    S_VALUE,         /* the document's value, or one behind a colon */
    S_ELEMENT,       /* behind a comma in an array */
    S_FIRST_ELEMENT, /* behind [ */
    S_MEMBER,        /* behind a comma in an object */
    S_FIRST_MEMBER,  /* behind { */
    S_COLON,         /* behind a member's name */
    S_NEXT_ELEMENT,  /* behind a value in an array */
    S_NEXT_MEMBER,   /* behind a value in an object */
    S_DONE,          /* behind the document's value */
    S_BETWEEN_LAST = S_DONE,
    /* In a string. */
    S_STRING,
    S_AFTER_HIGH, /* right behind an escaped high surrogate */
    S_ESCAPE,     /* behind a backslash */
    S_HEX,        /* in the digits of \uXXXX */
    S_UTF8,       /* in a character of several bytes */
    /* In a number; names say what came last. */
    S_MINUS,
    S_ZERO,
    S_INTEGER,
    S_POINT,
    S_FRACTION,
    S_EXPONENT,
    S_EXPONENT_SIGN,
    S_EXPONENT_DIGITS,
    S_LITERAL,
    /* In a comment. */
    S_SLASH, /* behind its first byte */
    S_LINE_COMMENT,
    S_BLOCK_COMMENT,
    S_STAR, /* in a block, behind a star */
    /* Nothing more is taken. */
    S_ENDED,
    S_FAILED,
};

/* Classes of bytes as the structure of a document sees them. */
enum class {
    C_OTHER,
    C_SPACE,
    C_OPEN_BRACE,
    C_CLOSE_BRACE,
    C_OPEN_BRACKET,
    C_CLOSE_BRACKET,
    C_COLON,
    C_COMMA,
    C_QUOTE,
    C_MINUS,
    C_ZERO,
    C_DIGIT, /* 1-9 */
    C_WORD,  /* t, f or n: starts a literal */
    C_COUNT,
};

static const uint8_t class_of[256] = {
    [' '] = C_SPACE,       ['\t'] = C_SPACE,       ['\n'] = C_SPACE,        ['\r'] = C_SPACE, ['{'] = C_OPEN_BRACE,
    ['}'] = C_CLOSE_BRACE, ['['] = C_OPEN_BRACKET, [']'] = C_CLOSE_BRACKET, [':'] = C_COLON,  [','] = C_COMMA,
    ['"'] = C_QUOTE,       ['-'] = C_MINUS,        ['0'] = C_ZERO,          ['1'] = C_DIGIT,  ['2'] = C_DIGIT,
    ['3'] = C_DIGIT,       ['4'] = C_DIGIT,        ['5'] = C_DIGIT,         ['6'] = C_DIGIT,  ['7'] = C_DIGIT,
    ['8'] = C_DIGIT,       ['9'] = C_DIGIT,        ['t'] = C_WORD,          ['f'] = C_WORD,   ['n'] = C_WORD,
};

/* What to do with a byte between tokens that begins no string.  A_FAIL is 0, so that what the table does not name is refused. */
enum action {
    A_FAIL,
    A_SKIP,
    A_OPEN_OBJECT,
    A_OPEN_ARRAY,
    A_CLOSE,
    A_TURN, /* the byte only changes the state: a comma or a colon */
    A_NUMBER,
    A_LITERAL
};

#define VALUE_STARTS                                                                                           \
    [C_SPACE] = A_SKIP, [C_OPEN_BRACE] = A_OPEN_OBJECT, [C_OPEN_BRACKET] = A_OPEN_ARRAY, [C_MINUS] = A_NUMBER, \
    [C_ZERO] = A_NUMBER, [C_DIGIT] = A_NUMBER, [C_WORD] = A_LITERAL

static const uint8_t actions[S_BETWEEN_LAST + 1][C_COUNT] = {
    [S_VALUE] = {VALUE_STARTS},
    [S_ELEMENT] = {VALUE_STARTS},
    [S_FIRST_ELEMENT] = {VALUE_STARTS, [C_CLOSE_BRACKET] = A_CLOSE},
    [S_MEMBER] = {[C_SPACE] = A_SKIP},
    [S_FIRST_MEMBER] = {[C_SPACE] = A_SKIP, [C_CLOSE_BRACE] = A_CLOSE},
    [S_COLON] = {[C_SPACE] = A_SKIP, [C_COLON] = A_TURN},
    [S_NEXT_ELEMENT] = {[C_SPACE] = A_SKIP, [C_COMMA] = A_TURN, [C_CLOSE_BRACKET] = A_CLOSE},
    [S_NEXT_MEMBER] = {[C_SPACE] = A_SKIP, [C_COMMA] = A_TURN, [C_CLOSE_BRACE] = A_CLOSE},
    [S_DONE] = {[C_SPACE] = A_SKIP},
};

/* The place of a byte of the piece in the whole input. */
static inline uint64_t
offset_of(const struct tt_json_lexer *lexer, const unsigned char *p)
{
    return lexer->bias + (uintptr_t) p;
}

static const unsigned char *
fail(struct tt_json_lexer *lexer, const unsigned char *p, enum tt_status code, const char *msg)
{
    lexer->offset = offset_of(lexer, p);
    lexer->complete = lexer->state == S_DONE;
    if (lexer->state <= S_BETWEEN_LAST) {
        lexer->token_start = lexer->offset;
    }
    lexer->state = S_FAILED;
    tt_error_set(&lexer->failure, code, lexer->offset, msg);
    return NULL;
}

static bool
in_object(const struct tt_json_lexer *lexer)
{
    uint32_t d = lexer->depth - 1;
    return lexer->depth > 0 && (lexer->nesting[d / 64] >> (d % 64) & 1) != 0;
}

/* Remembers the state behind a complete value: what depth and nesting say. */
static void
set_next(struct tt_json_lexer *lexer)
{
    lexer->next = lexer->depth == 0 ? S_DONE : in_object(lexer) ? S_NEXT_MEMBER : S_NEXT_ELEMENT;
}

/* Remembers the start of a token whose first byte is *p. */
static inline void
begin_token(struct tt_json_lexer *lexer, const unsigned char *p, enum tt_json_kind kind)
{
    lexer->token_start = offset_of(lexer, p);
    lexer->pending = (struct tt_json_token) {.kind = kind, .depth = lexer->depth, .offset = lexer->token_start};
}

/* Gives the pending token, which ends before end, to the reader; next is where lexing goes on. */
static inline const unsigned char *
emit(struct tt_json_lexer *lexer, const unsigned char *end, const unsigned char *next, uint8_t state)
{
    lexer->offset = offset_of(lexer, next);
    lexer->pending.length = offset_of(lexer, end) - lexer->pending.offset;
    lexer->state = state;
    enum tt_status status = lexer->token(lexer->ctx, &lexer->pending);
    if (status != TT_OK) {
        lexer->state = S_FAILED;
        tt_error_set(&lexer->failure, status, lexer->token_start, "stopped by the reader of the tokens");
        return NULL;
    }
    return next;
}

/* The same for a value that may be followed by a comma, which is taken with it. */
static inline const unsigned char *
emit_value(struct tt_json_lexer *lexer, const unsigned char *value_end, const unsigned char *next, const unsigned char *end)
{
    if (next < end && *next == ',' && lexer->next != S_DONE) {
        return emit(lexer, value_end, next + 1, lexer->next == S_NEXT_MEMBER ? S_MEMBER : S_ELEMENT);
    }
    return emit(lexer, value_end, next, lexer->next);
}

/* ---- Strings (RFC 8259, section 7) ---- */

/* The flags of the letters behind a backslash, \u apart. */
static const uint8_t simple_escape[256] = {
    ['"'] = TT_JSON_HAS_ESCAPE, ['\\'] = TT_JSON_HAS_ESCAPE,
    ['b'] = TT_JSON_HAS_ESCAPE, ['f'] = TT_JSON_HAS_ESCAPE,
    ['n'] = TT_JSON_HAS_ESCAPE, ['r'] = TT_JSON_HAS_ESCAPE,
    ['t'] = TT_JSON_HAS_ESCAPE, ['/'] = TT_JSON_HAS_ESCAPE | TT_JSON_HAS_SLASH_ESCAPE,
};

/* Lets the kernel look at the bytes from p on. */
static void
look_ahead(struct tt_json_lexer *lexer, const unsigned char *p, const unsigned char *end)
{
    size_t n = (size_t) (end - p) < TT_JSON_AHEAD ? (size_t) (end - p) : TT_JSON_AHEAD;
    lexer->ahead = p;
    lexer->ahead_end = p + n;
    lexer->kernels->json_blocks(p, n, lexer->blocks);
}

/*
 * The first byte from p on at which the string may stop; end when there is none.  *seen: what the kernel saw on the way there.  Escapes and
 * wide bytes are no stops, so that a stop less one masks those behind it and, where there is none, nothing.
 */
static inline const unsigned char *
skip_plain(struct tt_json_lexer *lexer, const unsigned char *p, const unsigned char *end, struct tt_json_block *seen)
{
    while (p < end) {
        if (p >= lexer->ahead_end) {
            look_ahead(lexer, p, end);
        }
        size_t at = (size_t) (p - lexer->ahead);
        const struct tt_json_block *block = &lexer->blocks[at / TT_JSON_BLOCK];
        at %= TT_JSON_BLOCK;
        uint64_t stops = block->stops >> at;
        seen->escapes |= block->escapes >> at & (stops - 1);
        seen->wide |= block->wide >> at & (stops - 1);
        if (stops) {
            return p + __builtin_ctzll(stops);
        }
        size_t left = (size_t) (lexer->ahead_end - p);
        p += TT_JSON_BLOCK - at < left ? TT_JSON_BLOCK - at : left;
    }
    return p;
}

/*
 * Bounds of the second byte and count of the bytes to come for a first byte (RFC 3629, section 4).  False when no character
 * starts so: continuation bytes, C0 and C1 (overlong), F5 and up (over U+10FFFF).
 */
static bool
begin_utf8(struct tt_json_lexer *lexer, unsigned char lead)
{
    if (lead < 0xc2 || lead > 0xf4) {
        return false;
    }
    lexer->utf8_left = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    lexer->utf8_low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;  /* else overlong */
    lexer->utf8_high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf; /* else a surrogate, or over U+10FFFF */
    return true;
}

static const unsigned char *
take_utf8(struct tt_json_lexer *lexer, const unsigned char *p, const unsigned char *end)
{
    for (; p < end && lexer->utf8_left > 0; p++) {
        if (*p < lexer->utf8_low || *p > lexer->utf8_high) {
            return fail(lexer, p, TT_E_INPUT, "a string is not valid UTF-8");
        }
        lexer->utf8_low = 0x80;
        lexer->utf8_high = 0xbf;
        lexer->utf8_left--;
    }
    lexer->state = lexer->utf8_left > 0 ? S_UTF8 : S_STRING;
    return p;
}

/* Behind a name its colon is taken with it. */
static inline const unsigned char *
close_string(struct tt_json_lexer *lexer, const unsigned char *p, const unsigned char *end)
{
    if (lexer->pending.kind != TT_JSON_KEY) {
        return emit_value(lexer, p, p + 1, end);
    }
    if (end - p > 1 && __builtin_expect(p[1] == ':', 1)) {
        return emit(lexer, p, p + 2, S_VALUE);
    }
    return emit(lexer, p, p + 1, S_COLON);
}

/*
 * Takes note of what skip_plain saw in from..p, and checks what is not ASCII.  Returns p; or end, if that cuts a character; or NULL when it
 * is not UTF-8.
 */
static const unsigned char *
take_seen(struct tt_json_lexer *lexer, const unsigned char *from, const unsigned char *p, const unsigned char *end,
          const struct tt_json_block *seen)
{
    lexer->pending.flags |= seen->escapes ? TT_JSON_HAS_ESCAPE : 0;
    if (!seen->wide) {
        return p;
    }
    lexer->pending.flags |= TT_JSON_HAS_NON_ASCII;
    const unsigned char *bad = from + lexer->kernels->valid_utf8(from, (size_t) (p - from));
    if (bad == p) {
        return p;
    }
    return begin_utf8(lexer, *bad) ? take_utf8(lexer, bad + 1, end) : fail(lexer, bad, TT_E_INPUT, "a string is not valid UTF-8");
}

/* A backslash that the kernel knows too little about. */
static const unsigned char *
take_backslash(struct tt_json_lexer *lexer, const unsigned char *p, const unsigned char *end)
{
    lexer->pending.flags |= TT_JSON_HAS_ESCAPE;
    if (end - p < 2 || !simple_escape[p[1]]) {
        lexer->state = S_ESCAPE;
        return p + 1;
    }
    lexer->pending.flags |= simple_escape[p[1]];
    return p + 2;
}

/* The body of a string; what spans bytes gets a state of its own only when the piece ends within it. */
static const unsigned char *
take_string(struct tt_json_lexer *lexer, const unsigned char *p, const unsigned char *end)
{
    while (p < end) {
        struct tt_json_block seen = {0};
        const unsigned char *from = p;
        p = skip_plain(lexer, p, end, &seen);
        if (seen.escapes | seen.wide) {
            p = take_seen(lexer, from, p, end, &seen);
        }
        if (!p || p == end) {
            return p;
        }
        if (*p == '"') {
            return close_string(lexer, p, end);
        }
        if (*p != '\\') {
            return fail(lexer, p, TT_E_INPUT, "control character in a string");
        }
        p = take_backslash(lexer, p, end);
        if (lexer->state != S_STRING) {
            return p;
        }
    }
    return p;
}

/* A surrogate has no partner. */
static void
end_high(struct tt_json_lexer *lexer)
{
    lexer->pending.flags |= TT_JSON_LONE_SURROGATE;
    lexer->high_surrogate = 0;
}

static const unsigned char *
take_after_high(struct tt_json_lexer *lexer, const unsigned char *p)
{
    if (*p == '\\') {
        lexer->state = S_ESCAPE; /* the next escape may be the partner */
        return p + 1;
    }
    end_high(lexer);
    lexer->state = S_STRING;
    return p;
}

static const unsigned char *
take_escape(struct tt_json_lexer *lexer, const unsigned char *p)
{
    if (*p == 'u') {
        lexer->pending.flags |= TT_JSON_HAS_U_ESCAPE;
        lexer->hex = 0;
        lexer->hex_left = 4;
        lexer->state = S_HEX;
        return p + 1;
    }
    if (!simple_escape[*p]) {
        return fail(lexer, p, TT_E_INPUT, "unknown escape in a string");
    }
    lexer->pending.flags |= simple_escape[*p];
    if (lexer->high_surrogate) {
        end_high(lexer);
    }
    lexer->state = S_STRING;
    return p + 1;
}

/* Pairs the UTF-16 unit of a finished \uXXXX with the one before it. */
static void
end_hex(struct tt_json_lexer *lexer)
{
    bool low = lexer->hex >= 0xdc00 && lexer->hex <= 0xdfff;
    bool high = lexer->hex >= 0xd800 && lexer->hex <= 0xdbff;
    bool paired = low && lexer->high_surrogate;
    if (!paired && (low || lexer->high_surrogate)) {
        end_high(lexer);
    }
    lexer->high_surrogate = high ? lexer->hex : 0;
    lexer->state = high ? S_AFTER_HIGH : S_STRING;
}

static const unsigned char *
take_hex(struct tt_json_lexer *lexer, const unsigned char *p, const unsigned char *end)
{
    while (p < end) {
        int digit = tt_ascii_hex(*p);
        if (digit < 0) {
            return fail(lexer, p, TT_E_INPUT, "\\u is not followed by four hexadecimal digits");
        }
        lexer->hex = (uint16_t) (lexer->hex << 4 | digit);
        p++;
        if (--lexer->hex_left == 0) {
            end_hex(lexer);
            break;
        }
    }
    return p;
}

/* ---- Numbers (RFC 8259, section 6) and literals (section 3) ---- */

/* The number states in which a number may end. */
static bool
may_end_number(uint8_t state)
{
    return state == S_ZERO || state == S_INTEGER || state == S_FRACTION || state == S_EXPONENT_DIGITS;
}

/* The state behind byte c of a number, or S_FAILED when c does not go on with it. */
static uint8_t
next_in_number(uint8_t state, unsigned char c)
{
    bool digit = tt_ascii_is_digit(c);
    bool exponent = c == 'e' || c == 'E';
    switch (state) {
    case S_MINUS: return c == '0' ? S_ZERO : digit ? S_INTEGER : S_FAILED;
    case S_ZERO: return c == '.' ? S_POINT : exponent ? S_EXPONENT : S_FAILED;
    case S_INTEGER: return digit ? S_INTEGER : c == '.' ? S_POINT : exponent ? S_EXPONENT : S_FAILED;
    case S_POINT: return digit ? S_FRACTION : S_FAILED;
    case S_FRACTION: return digit ? S_FRACTION : exponent ? S_EXPONENT : S_FAILED;
    case S_EXPONENT: return c == '+' || c == '-' ? S_EXPONENT_SIGN : digit ? S_EXPONENT_DIGITS : S_FAILED;
    default: return digit ? S_EXPONENT_DIGITS : S_FAILED;
    }
}

static const unsigned char *
take_number(struct tt_json_lexer *lexer, const unsigned char *p, const unsigned char *end)
{
    for (; p < end; p++) {
        uint8_t next = next_in_number(lexer->state, *p);
        if (next != S_FAILED) {
            lexer->state = next;
            continue;
        }
        if (!may_end_number(lexer->state)) {
            return fail(lexer, p, TT_E_INPUT, "a digit is missing in a number");
        }
        if (lexer->state == S_ZERO && tt_ascii_is_digit(*p)) {
            return fail(lexer, p, TT_E_INPUT, "a number starts with a needless zero");
        }
        uint8_t c = class_of[*p];
        bool comment = lexer->lenient && *p == '/';
        if (c != C_SPACE && c != C_COMMA && c != C_CLOSE_BRACE && c != C_CLOSE_BRACKET && !comment) {
            return fail(lexer, p, TT_E_INPUT, "something adjoins a number");
        }
        return emit_value(lexer, p, p, end);
    }
    return p;
}

static const unsigned char *
take_literal(struct tt_json_lexer *lexer, const unsigned char *p, const unsigned char *end)
{
    enum tt_json_kind kind = lexer->pending.kind;
    const char *word = kind == TT_JSON_TRUE ? "true" : kind == TT_JSON_FALSE ? "false" : "null";
    for (; p < end; p++) {
        if (*p != (unsigned char) word[lexer->literal_at]) {
            return fail(lexer, p, TT_E_INPUT, "true, false or null is misspelt");
        }
        if (word[++lexer->literal_at] == '\0') {
            p++;
            return emit_value(lexer, p, p, end);
        }
    }
    return p;
}

/* ---- Comments, as JavaScript has them ---- */

static const unsigned char *
close_comment(struct tt_json_lexer *lexer, const unsigned char *end)
{
    return emit(lexer, end, end, lexer->resumed);
}

static const unsigned char *
take_line_comment(struct tt_json_lexer *lexer, const unsigned char *p, const unsigned char *end)
{
    const unsigned char *line_end = memchr(p, '\n', (size_t) (end - p));
    return line_end ? close_comment(lexer, line_end) : end;
}

static const unsigned char *
take_block_comment(struct tt_json_lexer *lexer, const unsigned char *p, const unsigned char *end)
{
    const unsigned char *star = memchr(p, '*', (size_t) (end - p));
    lexer->state = star ? S_STAR : S_BLOCK_COMMENT;
    return star ? star + 1 : end;
}

static const unsigned char *
take_comment(struct tt_json_lexer *lexer, const unsigned char *p, const unsigned char *end)
{
    switch (lexer->state) {
    case S_LINE_COMMENT: return take_line_comment(lexer, p, end);
    case S_BLOCK_COMMENT: return take_block_comment(lexer, p, end);
    case S_STAR:
        if (*p == '/') {
            return close_comment(lexer, p + 1);
        }
        lexer->state = *p == '*' ? S_STAR : S_BLOCK_COMMENT;
        return p + 1;
    default:
        if (*p != '/' && *p != '*') {
            lexer->state = lexer->resumed;
            return fail(lexer, p, TT_E_INPUT, "a slash begins no comment here");
        }
        lexer->state = *p == '/' ? S_LINE_COMMENT : S_BLOCK_COMMENT;
        return p + 1;
    }
}

/* ---- Between tokens ---- */

/* The sentence for a byte that the table refuses. */
static const char *
why_refused(const struct tt_json_lexer *lexer, uint64_t offset, unsigned char c)
{
    if (c == 0xef && offset == 0) {
        return "a byte order mark stands before the document";
    }
    switch (lexer->state) {
    case S_FIRST_ELEMENT: return "a value or ] is expected here";
    case S_ELEMENT: return c == ']' ? "a comma stands before ]" : "a value is expected here";
    case S_FIRST_MEMBER: return "a member name in quotes or } is expected here";
    case S_MEMBER: return c == '}' ? "a comma stands before }" : "a member name in quotes is expected here";
    case S_COLON: return "a colon is missing behind a member name";
    case S_NEXT_ELEMENT:
        if (c == '}') {
            return "} closes an array";
        }
        return class_of[c] == C_OTHER || c == ':' ? "a comma or ] is expected here" : "a comma is missing between two elements";
    case S_NEXT_MEMBER:
        if (c == ']') {
            return "] closes an object";
        }
        return c == '"' ? "a comma is missing between two members" : "a comma or } is expected here";
    case S_DONE: return "something follows the document's value";
    default: return "a value is expected here";
    }
}

/* The reader knows the container that begins at p. */
static const unsigned char *
pass_over(struct tt_json_lexer *lexer, const unsigned char *p, const unsigned char *end)
{
    uint64_t length = lexer->skip;
    lexer->skip = 0;
    if (length > (uint64_t) (end - p)) {
        return fail(lexer, p, TT_E_USAGE, "more is passed over than there is");
    }
    lexer->depth--;
    set_next(lexer);
    lexer->state = lexer->next;
    return p + length;
}

static const unsigned char *
open_container(struct tt_json_lexer *lexer, const unsigned char *p, const unsigned char *end, bool object)
{
    if (lexer->depth >= lexer->depth_max) {
        return fail(lexer, p, TT_E_LIMIT, "nested deeper than the limit");
    }
    begin_token(lexer, p, object ? TT_JSON_OBJECT_BEGIN : TT_JSON_ARRAY_BEGIN);
    uint64_t bit = (uint64_t) 1 << (lexer->depth % 64);
    uint64_t *word = &lexer->nesting[lexer->depth / 64];
    *word = object ? *word | bit : *word & ~bit;
    lexer->depth++;
    set_next(lexer);
    const unsigned char *next = emit(lexer, p + 1, p + 1, object ? S_FIRST_MEMBER : S_FIRST_ELEMENT);
    return __builtin_expect(lexer->skip > 0, 0) && next ? pass_over(lexer, p, end) : next;
}

static const unsigned char *
close_container(struct tt_json_lexer *lexer, const unsigned char *p, const unsigned char *end)
{
    lexer->depth--;
    set_next(lexer);
    begin_token(lexer, p, *p == '}' ? TT_JSON_OBJECT_END : TT_JSON_ARRAY_END);
    return emit_value(lexer, p + 1, p + 1, end);
}

static inline void
open_string(struct tt_json_lexer *lexer, const unsigned char *p, enum tt_json_kind kind)
{
    begin_token(lexer, p, kind);
    lexer->pending.offset++;
    lexer->high_surrogate = 0;
    lexer->state = S_STRING;
}

static const unsigned char *
open_number(struct tt_json_lexer *lexer, const unsigned char *p)
{
    begin_token(lexer, p, TT_JSON_NUMBER);
    lexer->state = *p == '-' ? S_MINUS : *p == '0' ? S_ZERO : S_INTEGER;
    return p + 1;
}

static const unsigned char *
open_literal(struct tt_json_lexer *lexer, const unsigned char *p)
{
    begin_token(lexer, p, *p == 't' ? TT_JSON_TRUE : *p == 'f' ? TT_JSON_FALSE : TT_JSON_NULL);
    lexer->literal_at = 1;
    lexer->state = S_LITERAL;
    return p + 1;
}

/* A byte that the grammar refuses; lenient readers take some of them. */
static const unsigned char *
take_oddity(struct tt_json_lexer *lexer, const unsigned char *p, const unsigned char *end)
{
    if (lexer->lenient && *p == '/') {
        begin_token(lexer, p, TT_JSON_COMMENT);
        lexer->resumed = lexer->state;
        lexer->state = S_SLASH;
        return p + 1;
    }
    if (lexer->lenient && ((lexer->state == S_ELEMENT && *p == ']') || (lexer->state == S_MEMBER && *p == '}'))) {
        return close_container(lexer, p, end);
    }
    return fail(lexer, p, TT_E_INPUT, why_refused(lexer, offset_of(lexer, p), *p));
}

/*
 * One byte of structure, or a whole string; p < end.  Strings are half of all tokens, and a branch for them is foreseen more often than a jump
 * by the table.
 */
static inline const unsigned char *
take_between(struct tt_json_lexer *lexer, const unsigned char *p, const unsigned char *end)
{
    if (*p == '"' && lexer->state <= S_FIRST_MEMBER) {
        open_string(lexer, p, lexer->state >= S_MEMBER ? TT_JSON_KEY : TT_JSON_STRING);
        return take_string(lexer, p + 1, end);
    }
    switch (actions[lexer->state][class_of[*p]]) {
    case A_SKIP: return p + 1;
    case A_TURN: lexer->state = *p == ':' ? S_VALUE : lexer->state == S_NEXT_MEMBER ? S_MEMBER : S_ELEMENT; return p + 1;
    case A_OPEN_OBJECT: return open_container(lexer, p, end, true);
    case A_OPEN_ARRAY: return open_container(lexer, p, end, false);
    case A_CLOSE: return close_container(lexer, p, end);
    case A_NUMBER: return take_number(lexer, open_number(lexer, p), end);
    case A_LITERAL: return take_literal(lexer, open_literal(lexer, p), end);
    default: return take_oddity(lexer, p, end);
    }
}

void
tt_json_begin(struct tt_json_lexer *lexer, const struct tt_kernels *kernels, uint32_t depth_max, tt_json_token_fn *token,
              void *ctx)
{
    *lexer = (struct tt_json_lexer) {
        .kernels = kernels,
        .token = token,
        .ctx = ctx,
        .depth_max = depth_max == 0 || depth_max > TT_JSON_DEPTH_MAX ? TT_JSON_DEPTH_MAX : depth_max,
        .state = S_VALUE,
        .next = S_DONE,
    };
}

void
tt_json_resume(struct tt_json_lexer *lexer, uint64_t offset, uint32_t depth, uint64_t nesting)
{
    lexer->offset = offset;
    lexer->depth = depth;
    lexer->nesting[0] = nesting;
    lexer->state = S_ELEMENT;
    set_next(lexer);
}

/* Everything that is not between tokens. */
static const unsigned char *
take_within(struct tt_json_lexer *lexer, const unsigned char *p, const unsigned char *end)
{
    switch (lexer->state) {
    case S_STRING: return take_string(lexer, p, end);
    case S_AFTER_HIGH: return take_after_high(lexer, p);
    case S_ESCAPE: return take_escape(lexer, p);
    case S_HEX: return take_hex(lexer, p, end);
    case S_UTF8: return take_utf8(lexer, p, end);
    case S_LITERAL: return take_literal(lexer, p, end);
    case S_SLASH:
    case S_LINE_COMMENT:
    case S_BLOCK_COMMENT:
    case S_STAR: return take_comment(lexer, p, end);
    case S_ENDED: return fail(lexer, p, TT_E_USAGE, "more input after the end was said");
    default: return take_number(lexer, p, end);
    }
}

/* How a call ends: with the failure, or with token_start as promised. */
static enum tt_status
report(struct tt_json_lexer *lexer, struct tt_error *err)
{
    if (lexer->state == S_FAILED) {
        return tt_error_set(err, lexer->failure.code, lexer->failure.pos, lexer->failure.msg);
    }
    if (lexer->state <= S_BETWEEN_LAST || lexer->state == S_ENDED) {
        lexer->token_start = lexer->offset;
    }
    return TT_OK;
}

enum tt_status
tt_json_feed(struct tt_json_lexer *lexer, struct tt_str piece, struct tt_error *err)
{
    if (piece.len > 0 && lexer->state != S_FAILED) {
        const unsigned char *p = (const unsigned char *) piece.ptr;
        const unsigned char *end = p + piece.len;
        lexer->ahead_end = p;
        lexer->bias = lexer->offset - (uintptr_t) p;
        while (p && p < end) {
            p = lexer->state <= S_BETWEEN_LAST ? take_between(lexer, p, end) : take_within(lexer, p, end);
        }
        if (p) {
            lexer->offset = offset_of(lexer, p);
        }
    }
    return report(lexer, err);
}

/* The sentence for a document that ends too early. */
static const char *
why_incomplete(const struct tt_json_lexer *lexer)
{
    if (tt_json_in_string(lexer)) {
        return "the document ends inside a string";
    }
    if (tt_json_in_comment(lexer)) {
        return "the document ends inside a comment";
    }
    if (lexer->state > S_BETWEEN_LAST) {
        return lexer->state == S_LITERAL ? "the document ends inside true, false or null" : "the document ends inside a number";
    }
    if (lexer->depth > 0) {
        return in_object(lexer) ? "the document ends inside an object" : "the document ends inside an array";
    }
    return "the document has no value";
}

enum tt_status
tt_json_end(struct tt_json_lexer *lexer, struct tt_error *err)
{
    static const unsigned char nothing[1]; /* the piece that the last steps stand in */
    lexer->bias = lexer->offset - (uintptr_t) nothing;
    /* Only a number needs to be told where it ends, and outside of containers only the end can do that. */
    if (lexer->depth == 0 && may_end_number(lexer->state)) {
        (void) emit(lexer, nothing, nothing, S_DONE);
    }
    if (lexer->state == S_LINE_COMMENT) {
        (void) emit(lexer, nothing, nothing, lexer->resumed);
    }
    if (lexer->state != S_DONE && lexer->state != S_ENDED && lexer->state != S_FAILED) {
        (void) fail(lexer, nothing, TT_E_INPUT, why_incomplete(lexer));
    }
    if (lexer->state == S_DONE) {
        lexer->state = S_ENDED;
    }
    return report(lexer, err);
}

bool
tt_json_is_complete(const struct tt_json_lexer *lexer)
{
    return lexer->complete || lexer->state == S_DONE || lexer->state == S_ENDED;
}

bool
tt_json_in_comment(const struct tt_json_lexer *lexer)
{
    return lexer->state >= S_SLASH && lexer->state <= S_STAR;
}

bool
tt_json_in_string(const struct tt_json_lexer *lexer)
{
    return lexer->state >= S_STRING && lexer->state <= S_UTF8;
}
