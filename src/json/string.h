/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a JSON string and the way back from a place in the text to the bytes it came from.
 */
#ifndef TT_JSON_STRING_H
#define TT_JSON_STRING_H

#include "base/buf.h"

/*
 * Appends the decoded text of raw, the bytes between the quotes.  Surrogate pairs are combined; a lone surrogate becomes
 * U+FFFD.  With final false, raw may be cut anywhere: decoding stops before an unfinished escape, surrogate pair or character.  An
 * invalid escape is copied as it stands (the lexer has refused it already; nested levels are not validated).  Returns how many bytes of raw were used.
 */
size_t tt_json_unescape(struct tt_str raw, bool final, struct tt_buf *out);

/* As above for text that is not JSON: only \uXXXX is decoded, with all backslashes before the u; everything else stays. */
size_t tt_json_unescape_u(struct tt_str raw, bool final, struct tt_buf *out);

/*
 * The offset in raw that decoded offset came from: where the character's bytes or its escape begin.  u_only says which of the two decoders made
 * the text.  An offset at the end of the text gives the end of what was used.
 */
size_t tt_json_raw_offset(struct tt_str raw, bool u_only, size_t decoded);

#endif
