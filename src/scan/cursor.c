/* SPDX-License-Identifier: Apache-2.0 */
/* Positions on demand; see cursor.h.  Columns count code points, as SARIF's columnKind "unicodeCodePoints" does. */
#include "scan/cursor.h"

#include <string.h>

void
tt_cursor_begin(struct tt_cursor *cursor, const struct tt_kernels *kernels)
{
    struct tt_position first = {.offset = 0, .line = 1, .column = 1};
    *cursor = (struct tt_cursor) {.kernels = kernels, .start = first, .seen = first};
}

uint64_t
tt_cursor_length(const struct tt_cursor *cursor, size_t from, size_t to)
{
    uint64_t length = 0;
    if (!cursor->widths) {
        return to - from;
    }
    for (size_t i = from; i < to; i++) {
        length += cursor->widths[i];
    }
    return length;
}

/* Moves at over bytes, which follow it in the window. */
static void
advance(const struct tt_kernels *kernels, struct tt_position *at, struct tt_str bytes)
{
    const unsigned char *p = (const unsigned char *) bytes.ptr;
    size_t lines = kernels->count_lines(p, bytes.len);
    at->offset += bytes.len;
    if (lines > 0) {
        const char *last = memrchr(bytes.ptr, '\n', bytes.len);
        size_t before = (size_t) (last - bytes.ptr) + 1;
        at->line += lines;
        at->column = 1;
        p += before;
        bytes.len -= before;
    }
    at->column += kernels->count_points(p, bytes.len);
}

struct tt_position
tt_cursor_at(struct tt_cursor *cursor, size_t index)
{
    if (cursor->start.offset + index < cursor->seen.offset) {
        cursor->seen = cursor->start;
    }
    size_t from = (size_t) (cursor->seen.offset - cursor->start.offset);
    if (from < index) {
        cursor->seen.source += tt_cursor_length(cursor, from, index);
        advance(cursor->kernels, &cursor->seen, tt_str_slice(cursor->bytes, from, index));
    }
    return cursor->seen;
}

void
tt_cursor_drop(struct tt_cursor *cursor, size_t n)
{
    cursor->start = cursor->seen = tt_cursor_at(cursor, n);
    cursor->bytes = tt_str_slice(cursor->bytes, n, cursor->bytes.len);
    cursor->widths = cursor->widths ? cursor->widths + n : NULL;
}
