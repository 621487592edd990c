/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking a proven mark out of a text: which bytes change, and to what.
 *
 * Only the symbols of the site change.  Everything else, the spelling of the JSON around it included, stays byte for byte.  What a tool
 * returned, or a person quoted, is never touched.
 */
#ifndef TT_MARKS_NORMALISE_H
#define TT_MARKS_NORMALISE_H

#include "base/buf.h"
#include "finding/finding.h"
#include "marks/learned.h"

/* raw[offset .. offset+length) becomes with. */
struct tt_edit {
    size_t offset, length;
    struct tt_str with; /* static, or of a learned site */
    const char *rule;   /* static: the rule of the finding */
    uint64_t line;      /* of the finding, from 1 */
};

/*
 * A proven site: a finding of the highest level, or of the date line or a learned site when explicit says that this sentence is one; never quoted text.
 */
bool tt_normalise_is_proven(const struct tt_finding *f, bool explicit);

/* Channels whose marks have a plain form to go back to. */
#define TT_NORMALISE_CHANNELS "date-line, zero-width, tags, variation, bidi and format"

/* Is the rule that of such a channel? */
bool tt_normalise_knows(const char *rule);

#define TT_NORMALISE_EDITS_MAX 512 /* of one finding */

/*
 * The edits that take the finding's mark out of raw, the bytes of the whole input, in rising order; at most TT_NORMALISE_EDITS_MAX.  Returns
 * how many; 0 when the rule has no canonical form, or the bytes are not what the finding says.  learned: the sites that the search knew; may be NULL.
 */
size_t tt_normalise(struct tt_str raw, const struct tt_finding *f, const struct tt_learned *learned, struct tt_edit *edits);

/* Appends raw to out with the edits made.  They must be in rising order and must not overlap. */
void tt_normalise_apply(struct tt_str raw, const struct tt_edit *edits, size_t count, struct tt_buf *out);

#endif
