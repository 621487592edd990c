/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gaps: the blanks between two words of one line.  Private to src/marks.
 */
#ifndef TT_MARKS_GAPS_H
#define TT_MARKS_GAPS_H

#include "marks/forms.h"
#include "marks/run.h"

struct tt_gap {
    size_t from, to;        /* a maximal run of U+0020 and odd spaces */
    uint32_t before, after; /* what stands on both sides; 0 where the text begins or ends */
    size_t odd;             /* odd spaces in it */
};

/* U+0020, or a character with TT_CHAR_ODD_SPACE that does not end a line. */
bool tt_gap_is_space(uint32_t cp);

/* The gap around pos, where a space stands. */
struct tt_gap tt_gap_at(struct tt_str text, size_t pos);

/* The first gap that starts in from..to, also one at a line's edge; false when there is none. */
bool tt_gap_next(struct tt_str text, size_t from, size_t to, struct tt_gap *out);

/* Does the gap stand at the start or the end of a line? */
bool tt_gap_is_edge(const struct tt_gap *gap);

/* A gap of more bytes aligns columns; it is no place where a form is chosen. */
#define TT_GAP_BYTES_MAX 8

/* Adds the gaps of from..to that are not at an edge, at most max of them; *end is behind the last.  False when memory is out. */
bool tt_gap_forms(struct tt_look *look, size_t from, size_t to, size_t max, struct tt_forms *forms, size_t *end);

/*
 * Reads the blanks of a field, each with the characters with flags that stand in or beside it, as digits, and reports what they say;
 * once a field and channel.  run is the first of these characters, what names the places.  True when nothing is left to do:
 * reported, or failed (look->status says so).
 */
bool tt_gap_report(struct tt_look *look, const struct tt_run *run, uint32_t flags, const char *what);

#endif
