/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gaps between tokens; see gap.h.
 *
 * Input: tokens in their order, and the window.  Findings must not depend on where the input was cut, so the part of a gap that the window loses is
 * copied.  Nothing is allocated.
 */
#include "scan/gap.h"

void
tt_gap_begin(struct tt_gap *gap, uint64_t offset)
{
    gap->from = offset;
    gap->length = 0;
}

void
tt_gap_hold(struct tt_gap *gap, struct tt_str window, uint64_t start, uint64_t to)
{
    uint64_t from = gap->from > start ? gap->from : start;
    if (to > from && to - from <= sizeof(gap->held) - gap->length) {
        memcpy(gap->held + gap->length, window.ptr + (from - start), (size_t) (to - from));
        gap->length += (size_t) (to - from);
    }
}

struct tt_str
tt_gap_take(struct tt_gap *gap, struct tt_str window, uint64_t start, const struct tt_json_token *token,
            struct tt_site_reader *reader)
{
    bool quoted = token->kind == TT_JSON_KEY || token->kind == TT_JSON_STRING;
    bool closes = token->kind == TT_JSON_OBJECT_END || token->kind == TT_JSON_ARRAY_END;
    uint64_t from = gap->from, to = token->offset - quoted;
    struct tt_str bytes = {0};
    if (reader && token->depth + closes > 0) {
        if (from >= start) {
            bytes = tt_str_slice(window, (size_t) (from - start), (size_t) (to - start));
        } else {
            tt_gap_hold(gap, window, start, to);
            bytes = tt_str_make(gap->held, gap->length);
        }
        bool seen = bytes.len == to - from && token->kind != TT_JSON_COMMENT;
        tt_site_reader_gap(reader, token->depth + closes, seen ? &bytes : NULL, closes);
        bytes.len = seen ? bytes.len : 0;
    }
    gap->from = token->offset + token->length + quoted;
    gap->length = 0;
    return bytes;
}
