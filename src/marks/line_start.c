/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Line structure at the starts of lines: tabs and spaces as indentation, one and two empty lines between paragraphs.
 *
 * A mixture is ordinary and silent; only what reads as text is reported.  A glance at the beginning of a field decides whether
 * there is a mixture at all, so that nearly every text is left at once.
 *
 * Input: a field.  Output: at most one finding.  Owns nothing but scratch in the look's arena.
 */
#include "marks/blanks.h"
#include "marks/channels.h"
#include "marks/choice.h"

#define FIELD_LEAST 256

/* How many line feeds stand at pos, up to four. */
static size_t
feeds_at(struct tt_str text, size_t pos)
{
    size_t n = 0;
    while (n < 4 && pos + n < text.len && text.ptr[pos + n] == '\n') {
        n++;
    }
    return n;
}

/* A line feed, and a tab, a space or another line feed: what the lines that count begin with. */
static const struct tt_byte_pairs with_tab = {
    .first = {.high = {1}, .low = {[0xA] = 1}},
    .second = {.high = {1}, .low = {[9] = 1}},
};
static const struct tt_byte_pairs with_space = {
    .first = {.high = {1}, .low = {[0xA] = 1}},
    .second = {.high = {[2] = 1}, .low = {1}},
};
static const struct tt_byte_pairs with_feed = {
    .first = {.high = {1}, .low = {[0xA] = 1}},
    .second = {.high = {1}, .low = {[0xA] = 1}},
};

/* Are there enough lines that begin so? */
static bool
has_starts(const struct tt_look *look, struct tt_str text, const struct tt_byte_pairs *start)
{
    size_t n = 0;
    for (size_t pos = 0; n < TT_LINE_START_SHARE; pos++, n++) {
        pos = look->kernels->find_pair((const unsigned char *) text.ptr, text.len, pos, start);
        if (pos + 1 >= text.len) {
            return false;
        }
    }
    return true;
}

/* Are there enough single empty lines, and enough pairs of them? */
static bool
has_empty_lines(const struct tt_look *look, struct tt_str text)
{
    size_t single = 0, wider = 0;
    for (size_t pos = 0;;) {
        size_t at = look->kernels->find_pair((const unsigned char *) text.ptr, text.len, pos, &with_feed);
        if (at + 1 >= text.len) {
            return single >= TT_LINE_START_SHARE && wider >= TT_LINE_START_SHARE;
        }
        size_t feeds = feeds_at(text, at);
        single += feeds == 2;
        wider += feeds == 3;
        pos = at + feeds;
    }
}

static bool
read_indentation(struct tt_look *look, struct tt_str text)
{
    struct tt_choice choice;
    if (!tt_choice_begin(look, &choice, TT_CHOICE_PLACES)) {
        return false;
    }
    for (size_t pos = 0; pos < text.len && !tt_choice_is_full(&choice);) {
        if (text.ptr[pos] == '\t' || text.ptr[pos] == ' ') {
            tt_choice_add(&choice, pos, tt_str_slice(text, pos, pos + 1));
        }
        const char *feed = memchr(text.ptr + pos, '\n', text.len - pos);
        pos = feed ? (size_t) (feed - text.ptr) + 1 : text.len;
    }
    return tt_choice_end(look, &choice, "tabs and spaces at the starts of lines");
}

static bool
read_empty_lines(struct tt_look *look, struct tt_str text)
{
    struct tt_choice choice;
    if (!tt_choice_begin(look, &choice, TT_CHOICE_PLACES)) {
        return false;
    }
    for (size_t pos = 0; pos < text.len && !tt_choice_is_full(&choice);) {
        const char *feed = memchr(text.ptr + pos, '\n', text.len - pos);
        size_t at = feed ? (size_t) (feed - text.ptr) : text.len, feeds = feeds_at(text, at);
        if (feeds == 2 || feeds == 3) {
            tt_choice_add(&choice, at, tt_str_slice(text, at, at + feeds));
        }
        pos = at + feeds;
    }
    return tt_choice_end(look, &choice, "one and two empty lines");
}

static void
visit_field(struct tt_look *look)
{
    struct tt_str text = tt_str_slice(look->field->text, 0, look->field->to);
    struct tt_str start = tt_str_slice(text, 0, TT_LINE_START_GLANCE);
    bool done = has_starts(look, start, &with_tab) && has_starts(look, start, &with_space) && read_indentation(look, text);
    if (!done && look->status == TT_OK && has_empty_lines(look, start)) {
        read_empty_lines(look, text);
    }
}

const struct tt_channel tt_channel_line_start = {
    .name = "line-start",
    .rule = "mark.line-start",
    .alphabet = "U+0009 and U+0020 at the start of a line; one or two empty lines",
    .capacity = "1 bit an indented line, 1 bit a paragraph",
    .field_least = FIELD_LEAST,
    .visit_field = visit_field,
};
