/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line of text as tokens: words whole, everything else character by character.
 *
 * A word is one token, so that two hashes never seem to share characters by chance.  What is invisible inside or beside a word belongs to it:
 * a zero width space then changes one token and does not cut it.
 *
 * Input: any bytes.  Output: tokens that cover all of them.
 */
#include "base/hash.h"
#include "probe/align.h"
#include "text/char.h"
#include "text/utf8.h"

static enum tt_token_kind
kind_of(uint32_t cp)
{
    if (cp < 0x80) {
        return tt_ascii_is_alnum((int) cp)               ? TT_TOKEN_WORD
               : cp == ' ' || (cp >= '\t' && cp <= '\r') ? TT_TOKEN_BLANK
                                                         : TT_TOKEN_SIGN;
    }
    const struct tt_char *c = tt_char(cp);
    if ((c->category >= TT_LU && c->category <= TT_NO) || (c->flags & TT_CHAR_IGNORABLE)) {
        return TT_TOKEN_WORD; /* letters, marks and numbers stand together in the enum */
    }
    return c->flags & TT_CHAR_SPACE ? TT_TOKEN_BLANK : TT_TOKEN_SIGN;
}

/* A modifier letter that looks like an apostrophe stands for a sign, as the other apostrophes do. */
static enum tt_token_kind
kind_at(struct tt_str text, size_t pos, size_t *length)
{
    struct tt_rune rune = tt_utf8_next(text, pos);
    *length = rune.len ? rune.len : 1;
    if (rune.len == 0 || (rune.cp >= 0x80 && tt_char_is(rune.cp, TT_CHAR_APOSTROPHE | TT_CHAR_HYPHEN | TT_CHAR_SLASH |
                                                                     TT_CHAR_QUOTE | TT_CHAR_COLON))) {
        return TT_TOKEN_SIGN;
    }
    return kind_of(rune.cp);
}

bool
tt_token_next(struct tt_str text, size_t *pos, struct tt_token *out)
{
    size_t length;
    if (*pos >= text.len) {
        return false;
    }
    out->offset = *pos;
    out->kind = kind_at(text, *pos, &length);
    *pos += length;
    while (out->kind == TT_TOKEN_WORD && *pos < text.len && kind_at(text, *pos, &length) == TT_TOKEN_WORD) {
        *pos += length;
    }
    out->length = *pos - out->offset;
    return true;
}

enum tt_status
tt_token_list(struct tt_arena *arena, struct tt_str text, struct tt_token **tokens, struct tt_align_item **items, size_t *count)
{
    struct tt_token token;
    *count = 0;
    for (size_t pos = 0; tt_token_next(text, &pos, &token);) {
        ++*count;
    }
    *tokens = tt_arena_get(arena, (*count + 1) * sizeof(**tokens));
    *items = tt_arena_get(arena, (*count + 1) * sizeof(**items));
    if (!*tokens || !*items) {
        return TT_E_MEMORY;
    }
    size_t n = 0;
    for (size_t pos = 0; tt_token_next(text, &pos, &token); n++) {
        struct tt_str word = tt_str_slice(text, token.offset, token.offset + token.length);
        (*tokens)[n] = token;
        (*items)[n] = (struct tt_align_item) {.kind = token.kind, .value = tt_hash64(0, token.kind, word), .text = word};
    }
    return TT_OK;
}
