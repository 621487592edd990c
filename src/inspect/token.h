/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tokens of program text: what a detector needs of JavaScript, and of anything that writes strings and numbers in a similar way.
 *
 * It is made for minified bundles and for pieces of scripts inside binaries, so nothing is ever refused: what breaks the grammar is
 * passed over by a byte.  Comments and blanks make no tokens.
 */
#ifndef TT_INSPECT_TOKEN_H
#define TT_INSPECT_TOKEN_H

#include "base/alloc.h"
#include "base/status.h"
#include "base/str.h"

enum tt_token_kind {
    TT_TOKEN_SIGN,     /* one byte of punctuation */
    TT_TOKEN_NAME,     /* identifiers and keywords */
    TT_TOKEN_NUMBER,   /* without its sign */
    TT_TOKEN_STRING,   /* without its quotes */
    TT_TOKEN_TEMPLATE, /* a piece of a template literal between its signs */
    TT_TOKEN_REGEX,    /* with its slashes, without its flags */
};

enum tt_token_flag {
    TT_TOKEN_ESCAPED = 1 << 0, /* a string or piece with a backslash */
    TT_TOKEN_WIDE = 1 << 1,    /* ... with a byte beyond ASCII */
    TT_TOKEN_FILLED = 1 << 2,  /* a piece of a template with a value before or behind it */
    TT_TOKEN_RAW = 1 << 3,     /* text of a binary, without quotes or escapes */
};

#define TT_TOKEN_LEN_MAX 0xFFFFFFu /* a longer token is cut */

struct tt_token {
    uint32_t at; /* of the text */
    uint32_t len : 24;
    uint32_t kind : 4;  /* enum tt_token_kind */
    uint32_t flags : 4; /* enum tt_token_flag */
};

struct tt_tokens {
    const struct tt_alloc *alloc;
    struct tt_token *list;
    size_t count, room;
};

void tt_tokens_init(struct tt_tokens *tokens, const struct tt_alloc *alloc);
void tt_tokens_free(struct tt_tokens *tokens);

/* Appends the tokens of text[from..to); at most 4 GiB of text. */
enum tt_status tt_tokens_read(struct tt_tokens *tokens, struct tt_str text, size_t from, size_t to) TT_MUST_USE;

/* Appends one token as it is. */
enum tt_status tt_tokens_add(struct tt_tokens *tokens, struct tt_token token) TT_MUST_USE;

static inline struct tt_str
tt_token_text(struct tt_str text, const struct tt_token *token)
{
    return tt_str_slice(text, token->at, (size_t) token->at + token->len);
}

static inline bool
tt_token_is_sign(struct tt_str text, const struct tt_token *token, char sign)
{
    return token->kind == TT_TOKEN_SIGN && text.ptr[token->at] == sign;
}

static inline bool
tt_token_is_literal(const struct tt_token *token)
{
    return token->kind == TT_TOKEN_STRING || token->kind == TT_TOKEN_TEMPLATE;
}

#endif
