/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One round of decoding: the text that a source stands for, and the way back.
 *
 * Level 0 is the raw text of a field, or of a JSON string, decoded.  Each further level decodes the escapes of all forms that the
 * text below holds (text/escape.h).
 */
#ifndef TT_SCAN_LEVEL_H
#define TT_SCAN_LEVEL_H

#include "finding/finding.h"
#include "text/escape.h"

struct tt_scan_level {
    const struct tt_kernels *kernels;
    struct tt_str source; /* what was decoded: the text of the level below, or the raw bytes */
    struct tt_str text;
    enum { TT_LEVEL_RAW, TT_LEVEL_JSON, TT_LEVEL_ESCAPES } kind; /* how text was made from source; RAW: they are the same */
    size_t source_at;                                            /* of source, in the text of the level below */
    bool tokens;                                                 /* of ESCAPES: base64 and its like too */
    size_t from, to;                                             /* in text */
    size_t seen_text, seen_source; /* of JSON: a pair of equal places, to start the next mapping from */
    struct tt_escape_place place;  /* of ESCAPES: the same */
};

/* Decodes source, whose part from..to is reported; out holds the text and is the level's as long as it lives. */
enum tt_status tt_scan_level_decode(struct tt_scan_level *level, size_t from, size_t to, struct tt_buf *out) TT_MUST_USE;

/* The place in the text of the level below that an offset of the text came from; with end, of what ends there. */
size_t tt_scan_level_down(struct tt_scan_level *level, size_t offset, bool end);

/* The first escape that from..to of the text rests on; TT_ESCAPE_NONE if the level below has the same text there. */
enum tt_escape_form tt_scan_level_form(struct tt_scan_level *level, size_t from, size_t to);

/* Does text begin as JSON does, so that its escapes are its way to write characters? */
bool tt_scan_level_is_json(struct tt_str text);

/* What becomes of a finding that rests on an escape. */
enum tt_escape_verdict {
    TT_ESCAPE_KEEP,  /* the escape hides what was found, or is how its format writes every character */
    TT_ESCAPE_LOWER, /* it shows it: at most a candidate */
    TT_ESCAPE_DROP,  /* it lists a character in source code */
};
enum tt_escape_verdict tt_scan_level_judge(const struct tt_scan_level *level, const struct tt_finding *f,
                                           enum tt_escape_form form);

#endif
