/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pairing and effect of the controls of direction (UAX #9).  Private to src/marks.
 */
#ifndef TT_MARKS_BIDI_PAIRS_H
#define TT_MARKS_BIDI_PAIRS_H

#include "marks/channel.h"

#define TT_LRE 0x202A
#define TT_RLE 0x202B
#define TT_PDF 0x202C
#define TT_LRO 0x202D
#define TT_RLO 0x202E
#define TT_LRI 0x2066
#define TT_RLI 0x2067
#define TT_FSI 0x2068
#define TT_PDI 0x2069

bool tt_bidi_is_embedding(uint32_t cp); /* LRE RLE LRO RLO */
bool tt_bidi_is_isolate(uint32_t cp);   /* LRI RLI FSI */

/* A character after which a paragraph begins (Bidi_Class B). */
bool tt_bidi_ends_paragraph(uint32_t cp);

enum tt_bidi_pair {
    TT_BIDI_PAIRED,
    TT_BIDI_OPEN,    /* the paragraph ends without the other half */
    TT_BIDI_DEEP,    /* more levels than UAX #9 has */
    TT_BIDI_UNKNOWN, /* the other half may lie outside the field's text */
};

/* The other half of the embedding, override, isolate, PDF or PDI at pos; where it stands is *at. */
enum tt_bidi_pair tt_bidi_find_pair(const struct tt_field *field, size_t pos, size_t *at);

/*
 * Appends how line is shown, without its controls, where the first level is left to right.  False, and nothing appended, when
 * that cannot be said: a character of the right-to-left scripts is in it, which needs the whole of UAX #9, or it is too long.
 */
bool tt_bidi_show(struct tt_str line, struct tt_buf *out);

/* Reads which controls open the pairs of the field; reports what their choice spells, and is true then. */
bool tt_bidi_read_openers(struct tt_look *look);

#endif
