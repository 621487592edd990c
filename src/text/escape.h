/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Escapes in text: the ways in which formats write a character by others, and the way back from the text that they stand for.
 *
 * Nothing says which format a text is in, so all forms are read side by side: \u2019 \u{2019} \U00002019 \xE2\x80\x99 \342\200\231
 * %E2%80%99 %u2019 &#8217; &#x2019; &rsquo; and, where asked for, tokens that are base64, hexadecimal digits or UTF-7 of readable
 * text.  What could be something else stays as it is: an escape of a control (but with \u), a percent sign before half a
 * character, a token whose bytes are no text.
 *
 * Nothing says either whether a backslash before an escape escapes it.  It is decoded all the same: "\\u2019" is most often a
 * JSON string inside another one, and to show one apostrophe too many is better than to miss one.
 */
#ifndef TT_TEXT_ESCAPE_H
#define TT_TEXT_ESCAPE_H

#include "base/buf.h"
#include "text/kernel.h"

enum tt_escape_form {
    TT_ESCAPE_NONE,
    TT_ESCAPE_UNICODE, /* \uXXXX, with all backslashes before it, \u{X...}, \UXXXXXXXX */
    TT_ESCAPE_BYTE,    /* \xXX: bytes of UTF-8, else a character of ISO 8859-1; \OOO: bytes of UTF-8 */
    TT_ESCAPE_PERCENT, /* %XX: bytes of UTF-8, or printable ASCII; %uXXXX */
    TT_ESCAPE_ENTITY,  /* &#D...; &#xX...; and names of characters that a channel looks at */
    TT_ESCAPE_BASE64,
    TT_ESCAPE_HEX,
    TT_ESCAPE_UTF7,
};

/* "escape", "percent" ...; static storage. */
const char *tt_escape_name(enum tt_escape_form form);

/*
 * Appends the decoded text of raw, which is valid UTF-8.  With final false, raw may be cut anywhere: decoding stops before an escape,
 * token or character that more bytes could complete.  Returns how many bytes of raw were used.
 */
size_t tt_escape_decode(const struct tt_kernels *kernels, struct tt_str raw, bool tokens, bool final, struct tt_buf *out);

/* How far a way back has gone, to go on from; all zero at first. */
struct tt_escape_place {
    size_t text, raw; /* two offsets that are the same place */
    bool begun;
    size_t sign;         /* the next place in raw at which an escape may begin; its end when there is none */
    size_t run, run_end; /* the next run that is long enough for a token */
};

/* Could text hold an escape or, with tokens, a token?  No, for most texts.  *first: where the first may begin, for tt_escape_any. */
bool tt_escape_maybe(const struct tt_kernels *kernels, struct tt_str text, bool tokens, struct tt_escape_place *first);

/* Does text hold an escape whose decoding could show a mark, or another escape?  With tokens, also of the last three forms; only if first is asked for with tokens, too. */
bool tt_escape_any(const struct tt_kernels *kernels, struct tt_str text, bool tokens, const struct tt_escape_place *first);

/* Does an escape begin with the % & or + at pos?  Is the run of base64 characters from..to a token?  As the functions above see it. */
bool tt_escape_begins(struct tt_str text, size_t pos);
bool tt_escape_is_token(struct tt_str text, size_t from, size_t to);

/*
 * The offset in raw that the decoded offset came from: where the character's bytes or its escape begin; in a token the character that
 * holds its first bit, or with end, the one behind the last bit before it.  *form is the escape it lies in, if any.  An offset at
 * the end of the text gives the end of raw.  raw and tokens are always the same for a place.
 */
size_t tt_escape_raw_offset(const struct tt_kernels *kernels, struct tt_str raw, bool tokens, struct tt_escape_place *place,
                            size_t decoded, bool end, enum tt_escape_form *form);

#endif
