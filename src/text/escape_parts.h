/* SPDX-License-Identifier: Apache-2.0 */
/* The readers behind escape.c: each says what an escape at a place stands for. */
#ifndef TT_TEXT_ESCAPE_PARTS_H
#define TT_TEXT_ESCAPE_PARTS_H

#include "text/escape.h"

struct tt_escape {
    enum tt_escape_form form;
    size_t length; /* of the escape in raw; 0 when there is none */
    bool cut;      /* raw ends within it: more bytes could make it one */
    uint32_t cp;   /* of the forms that stand for one character */
    size_t lead;   /* of tokens: decoded bytes before the text, the end of a character cut off before */
    size_t text;   /* bytes of the decoded text */
};

/* escape_read.c: what begins with the backslash, % or & at pos. */
struct tt_escape tt_escape_read_backslash(struct tt_str raw, size_t pos);
struct tt_escape tt_escape_read_percent(struct tt_str raw, size_t pos);
struct tt_escape tt_escape_read_entity(struct tt_str raw, size_t pos);

/* Does an entity go on at pos behind its &? */
bool tt_escape_is_entity_body(struct tt_str raw, size_t pos);

/* escape_entity.c: the character of a name without & and ; or 0. */
uint32_t tt_escape_entity(struct tt_str name);

/* escape_token.c: where the characters of a run at the end of raw begin. */
size_t tt_escape_last_run(struct tt_str raw, size_t pos);

/* What the run start..end of raw is, judged by what it decodes to. */
struct tt_escape tt_escape_read_token(struct tt_str raw, size_t start, size_t end);

/* What the + at pos begins: UTF-7 with at least one character that a channel looks at. */
struct tt_escape tt_escape_read_utf7(struct tt_str raw, size_t pos);

/* Appends the text that the token at pos stands for. */
void tt_escape_token_text(struct tt_str raw, size_t pos, const struct tt_escape *token, struct tt_buf *out);

/* Where in the token at pos byte i of its text comes from: the character with its first bit; with end, where byte i-1 ends. */
size_t tt_escape_token_offset(struct tt_str raw, size_t pos, const struct tt_escape *token, size_t i, bool end);

#endif
