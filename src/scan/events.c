/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events as lines; see events.h.
 *
 * Input: the decoded string.  Output: the places of the documents in it.  Follows the HTML standard, 9.2.6, as far as APIs of models use it:
 * a line is "field: value"; data over several lines is not put together, so that a text with such lines is taken for none.
 */
#include "scan/events.h"

static struct tt_str
next_line(struct tt_str text, size_t *at)
{
    const char *end = *at < text.len ? memchr(text.ptr + *at, '\n', text.len - *at) : NULL;
    size_t from = *at, to = end ? (size_t) (end - text.ptr) : text.len;
    *at = to + (end != NULL);
    return tt_str_slice(text, from, to > from && text.ptr[to - 1] == '\r' ? to - 1 : to);
}

/* What stands behind "data:" and one blank; false when the line is another. */
static bool
data_of(struct tt_str line, struct tt_str *data)
{
    if (!tt_str_starts(line, TT_STR("data:"))) {
        return false;
    }
    *data = tt_str_slice(line, 5 + (line.len > 5 && line.ptr[5] == ' '), line.len);
    return true;
}

static bool
is_field(struct tt_str line)
{
    return line.len == 0 || line.ptr[0] == ':' || tt_str_starts(line, TT_STR("event:")) || tt_str_starts(line, TT_STR("id:")) ||
           tt_str_starts(line, TT_STR("retry:"));
}

bool
tt_events_may_be(struct tt_str text)
{
    return tt_str_starts(text, TT_STR("data:")) || tt_str_starts(text, TT_STR("event:")) || tt_str_starts(text, TT_STR(":"));
}

bool
tt_events_are(const struct tt_nested *nested, struct tt_str text)
{
    size_t documents = 0;
    if (!tt_events_may_be(text)) {
        return false;
    }
    for (size_t at = 0; at < text.len;) {
        struct tt_str line = next_line(text, &at), data;
        if (!data_of(line, &data)) {
            if (!is_field(line)) {
                return false;
            }
        } else if (tt_nested_is(data) && tt_nested_is_document(nested, data)) {
            documents++;
        } else if (!tt_str_eq(data, TT_STR("[DONE]"))) {
            return false;
        }
    }
    return documents > 0;
}

bool
tt_events_next(struct tt_events *events)
{
    while (events->at < events->text.len) {
        struct tt_str data;
        if (data_of(next_line(events->text, &events->at), &data) && tt_nested_is(data)) {
            events->from = (size_t) (data.ptr - events->text.ptr);
            events->to = events->from + data.len;
            events->count++;
            return true;
        }
    }
    return false;
}
