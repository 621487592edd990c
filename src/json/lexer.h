/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A validating JSON lexer (RFC 8259) that keeps byte spans.
 *
 * Feed it any pieces of one document, cut at any byte; it calls token() for every token with its place in the whole input and
 * copies nothing.  It is strict: UTF-8 without overlong forms or surrogates, no control characters in strings, one value,
 * nothing but white space behind it, no byte order mark.  It uses no recursion: nesting is one bit a level.  A reader of files that
 * people write can make it lenient: then it takes what the configuration files of editors and compilers hold ("JSON with comments").
 */
#ifndef TT_JSON_LEXER_H
#define TT_JSON_LEXER_H

#include "base/limits.h"
#include "base/status.h"
#include "text/kernel.h"

/* Bytes that are classified at once. */
#define TT_JSON_AHEAD 512

enum tt_json_kind {
    TT_JSON_OBJECT_BEGIN,
    TT_JSON_OBJECT_END,
    TT_JSON_ARRAY_BEGIN,
    TT_JSON_ARRAY_END,
    TT_JSON_KEY,
    TT_JSON_STRING,
    TT_JSON_NUMBER,
    TT_JSON_TRUE,
    TT_JSON_FALSE,
    TT_JSON_NULL,
    TT_JSON_COMMENT, /* with its signs; only where the lexer is lenient.  Its bytes need not be UTF-8 */
};

enum tt_json_flag {
    TT_JSON_HAS_ESCAPE = 1 << 0,       /* any backslash */
    TT_JSON_HAS_U_ESCAPE = 1 << 1,     /* \uXXXX */
    TT_JSON_HAS_NON_ASCII = 1 << 2,    /* a byte >= 0x80 */
    TT_JSON_LONE_SURROGATE = 1 << 3,   /* \uD800-\uDFFF without its partner */
    TT_JSON_HAS_SLASH_ESCAPE = 1 << 4, /* a slash behind a backslash */
};

struct tt_json_token {
    enum tt_json_kind kind;
    uint32_t flags;  /* enum tt_json_flag, of keys and strings */
    uint32_t depth;  /* containers around the token; 0 for the document's value */
    uint64_t offset; /* of the first byte; of keys and strings the byte behind the opening quote */
    uint64_t length; /* of keys and strings without the quotes */
};

/* A status other than TT_OK stops the lexer and is returned from feed or end. */
typedef enum tt_status tt_json_token_fn(void *ctx, const struct tt_json_token *token);

struct tt_json_lexer {
    const struct tt_kernels *kernels;
    tt_json_token_fn *token;
    void *ctx;
    uint32_t depth_max;   /* at most TT_JSON_DEPTH_MAX */
    bool lenient;         /* set behind tt_json_begin: comments, and commas before a closing bracket, are taken as well */
    uint64_t offset;      /* bytes taken so far */
    uint64_t token_start; /* of the unfinished token, with its quote; between tokens == offset, also on a failure there */
    uint32_t depth;
    struct tt_json_token pending; /* the unfinished token; flags so far, no length */
    /* What follows is the lexer's own. */
    uint64_t skip;                          /* set by tt_json_skip */
    uint64_t bias;                          /* within a piece: the offset of a byte less its address */
    const unsigned char *ahead, *ahead_end; /* what blocks tell of */
    uint8_t state;
    uint8_t next;                           /* the state behind a complete value */
    uint8_t resumed;                        /* the state behind a comment */
    bool complete;                          /* what stopped the lexer stands behind a complete value */
    uint8_t utf8_left, utf8_low, utf8_high; /* of the unfinished character: bytes to come, bounds of the next one */
    uint8_t hex_left;
    uint8_t literal_at;
    uint16_t hex, high_surrogate;
    struct tt_error failure;                  /* what stopped the lexer; said again by every later call */
    uint64_t nesting[TT_JSON_DEPTH_MAX / 64]; /* bit set: object */
    struct tt_json_block blocks[TT_JSON_AHEAD / TT_JSON_BLOCK];
};

/* Starts a document.  depth_max 0 means TT_JSON_DEPTH_MAX. */
void tt_json_begin(struct tt_json_lexer *lexer, const struct tt_kernels *kernels, uint32_t depth_max, tt_json_token_fn *token,
                   void *ctx);

/*
 * Takes the next piece.  TT_E_INPUT, TT_E_LIMIT (too deep) or the callback's status; err->pos is then the offset of the byte at fault in the whole input
 * (line and column are left 0).  After an error the lexer takes no more.
 */
enum tt_status tt_json_feed(struct tt_json_lexer *lexer, struct tt_str piece, struct tt_error *err) TT_MUST_USE;

/*
 * Called from token() where a container begins: its length bytes, both brackets among them, are known to be one complete value.  None of them is looked at
 * and no further token of it is told.  They must lie within the piece at hand, and whoever calls answers for them.
 */
static inline void
tt_json_skip(struct tt_json_lexer *lexer, uint64_t length)
{
    lexer->skip = length;
}

/*
 * Called behind tt_json_begin: goes on in the document at the first byte of an element of an array that is not its first.  depth: the containers around it, 64 at most;
 * nesting: as lexer->nesting[0] was there when the element was met before.  Whoever calls answers for it that all before is valid.
 */
void tt_json_resume(struct tt_json_lexer *lexer, uint64_t offset, uint32_t depth, uint64_t nesting);

/* Says that the input ends here: TT_E_INPUT when the document is not complete. */
enum tt_status tt_json_end(struct tt_json_lexer *lexer, struct tt_error *err) TT_MUST_USE;

/*
 * True once the document's value is complete (a number at top level only ends at tt_json_end or white space).  It stays true when
 * feed then refuses what follows, so that documents in a row can be read: the next one begins at err->pos.
 */
bool tt_json_is_complete(const struct tt_json_lexer *lexer);

/* True inside a comment. */
bool tt_json_in_comment(const struct tt_json_lexer *lexer);

/* True inside a string or key: bytes may then be taken as its content so far. */
bool tt_json_in_string(const struct tt_json_lexer *lexer);

#endif
