/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plain text, in windows.
 *
 * A full window is searched up to its last line end, or, where a line is longer than the window, up to TT_WINDOW_AHEAD before
 * its end; then it slides, keeping TT_WINDOW_BEHIND of context.  So a channel sees what surrounds a mark, whatever the cut, and a
 * mark is reported once.  Bytes that are not UTF-8 divide the window into fields; they are counted, the first place is named.
 */
#include "scan/reader.h"

static bool
accepts_text(struct tt_str uri, struct tt_str head, bool complete, const struct tt_kernels *kernels)
{
    (void) uri;
    (void) head;
    (void) complete;
    (void) kernels;
    return true;
}

/* The start of the character that pos is in.  Looks back at most three bytes, so garbage cannot hold the window up. */
static size_t
character_start(struct tt_str text, size_t pos)
{
    size_t start = pos;
    while (start > 0 && pos - start < 3 && start < text.len && ((unsigned char) text.ptr[start] & 0xC0) == 0x80) {
        start--;
    }
    return start;
}

size_t
tt_text_limit(struct tt_str window)
{
    size_t back = window.len > TT_WINDOW_AHEAD ? window.len - TT_WINDOW_AHEAD : 0;
    const char *line_end = memrchr(window.ptr + back, '\n', window.len - back);
    return line_end ? (size_t) (line_end - window.ptr) + 1 : character_start(window, back);
}

size_t
tt_text_context(struct tt_str window, size_t limit)
{
    return character_start(window, limit > TT_WINDOW_BEHIND ? limit - TT_WINDOW_BEHIND : 0);
}

size_t
tt_text_whole(struct tt_str window)
{
    for (size_t cut = 1; cut <= 3 && cut <= window.len; cut++) {
        if (tt_utf8_is_cut(window, window.len - cut)) {
            return window.len - cut;
        }
    }
    return window.len;
}

/* One search through the window. */
struct search {
    struct tt_input *input;
    struct tt_str window;
    size_t limit;
    bool final;
};

void
tt_text_count_bad(struct tt_input *input, size_t pos)
{
    if (pos >= input->searched && input->bad_count++ == 0) {
        input->bad_at = tt_cursor_at(&input->cursor, pos);
    }
}

/* Searches the valid text window[start..end) between the place searched so far and the limit. */
static enum tt_status
search_field(struct search *search, size_t start, size_t end)
{
    struct tt_input *input = search->input;
    struct tt_scan_field field = {
        .raw = tt_str_slice(search->window, start, end),
        .from = input->searched > start ? input->searched - start : 0,
        .to = (search->limit < end ? search->limit : end) - start,
        .cursor = &input->cursor,
        .raw_at = start,
        .at_start = start == 0 && !input->begun,
        .at_end = search->final && end == search->window.len,
        .rest_of_json = input->rest_of_json,
    };
    return field.from < field.to ? tt_scan_fields_look(&input->fields, &field) : TT_OK;
}

/* In a binary: does a character go on with a run of text?  Controls do not, C1 included; bytes that are not UTF-8 do not come here. */
static bool
is_text(struct tt_str window, size_t pos)
{
    unsigned char c = (unsigned char) window.ptr[pos];
    if (c == 0xC2 && pos + 1 < window.len) {
        return (unsigned char) window.ptr[pos + 1] >= 0xA0;
    }
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c != 0x7F);
}

/* Searches the runs of text in window[start..end), which is valid UTF-8; a run of a few characters is noise. */
static enum tt_status
search_runs(struct search *search, size_t start, size_t end)
{
    while (start < end) {
        size_t pos = start, length = 0;
        while (pos < end && is_text(search->window, pos)) {
            unsigned char c = (unsigned char) search->window.ptr[pos++];
            length += c > 0x20 && (c & 0xC0) != 0x80;
        }
        if (length >= TT_BINARY_RUN_MIN) {
            TT_TRY(search_field(search, start, pos));
        }
        start = pos + 1;
        while (start < end && ((unsigned char) search->window.ptr[start] & 0xC0) == 0x80) {
            start++;
        }
    }
    return TT_OK;
}

/* Where the valid UTF-8 that begins at start ends.  Of a small file all has been looked at when it was told from a binary. */
static size_t
valid_end(const struct tt_input *input, struct tt_str window, size_t start)
{
    bool known = start == 0 && !input->begun && input->valid_head <= window.len;
    size_t from = known ? input->valid_head : start;
    struct tt_str rest = tt_str_slice(window, from, window.len);
    return from + input->fields.file->kernels->valid_utf8((const unsigned char *) rest.ptr, rest.len);
}

/* Searches window, which is the input's or its beginning, up to limit, field by field. */
static enum tt_status
search_window(struct tt_input *input, struct tt_str window, size_t limit, bool final)
{
    struct search search = {.input = input, .window = window, .limit = limit, .final = final};
    size_t start = 0;
    while (start < limit) {
        size_t end = valid_end(input, window, start);
        TT_TRY(input->binary ? search_runs(&search, start, end) : search_field(&search, start, end));
        if (end == window.len) {
            break;
        }
        if (!input->binary && end < limit) {
            tt_text_count_bad(input, end);
        }
        start = end + tt_utf8_bad_length(window, end);
    }
    input->searched = limit;
    return TT_OK;
}

enum tt_status
tt_text_slide(struct tt_input *input)
{
    size_t limit = tt_text_limit(input->window);
    TT_TRY(search_window(input, input->window, limit, false));
    tt_input_drop(input, tt_text_context(input->window, limit));
    return TT_OK;
}

enum tt_status
tt_text_take(struct tt_input *input, size_t limit)
{
    TT_TRY(search_window(input, tt_str_slice(input->window, 0, limit), limit, true));
    tt_input_drop(input, limit);
    return TT_OK;
}

enum tt_status
tt_text_feed(struct tt_input *input, struct tt_str piece)
{
    while (piece.len > 0) {
        TT_TRY(tt_input_fill(input, &piece));
        if (tt_input_is_full(input)) {
            TT_TRY(tt_text_slide(input));
        }
    }
    return TT_OK;
}

enum tt_status
tt_text_end(struct tt_input *input)
{
    /* The window stays: to drop it would count its lines, which nobody asks for in most files. */
    TT_TRY(search_window(input, input->window, input->window.len, true));
    if (input->bad_count == 0) {
        return TT_OK;
    }
    uint64_t more = input->bad_count - 1;
    input->bad_count = 0;
    return tt_scan_file_note(input->fields.file, &input->bad_at,
                             "not valid UTF-8, passed over; the text around it was read (--encoding NAME reads other encodings)",
                             NULL, more);
}

/* The input is one document. */
static enum tt_status
end_text(struct tt_input *input)
{
    TT_TRY(tt_text_end(input));
    return tt_scan_fields_end_document(&input->fields, TT_STR(""), &input->cursor, input->window.len);
}

const struct tt_reader tt_reader_text = {
    .name = "text",
    .accepts = accepts_text,
    .feed = tt_text_feed,
    .end = end_text,
};

static enum tt_status
feed_binary(struct tt_input *input, struct tt_str piece)
{
    input->binary = true;
    return tt_text_feed(input, piece);
}

/* The runs of text in anything else, as strings(1) shows them. */
const struct tt_reader tt_reader_binary = {
    .name = "binary",
    .accepts = accepts_text,
    .feed = feed_binary,
    .end = tt_text_end,
};
