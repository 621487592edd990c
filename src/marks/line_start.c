/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Line structure at the starts of lines: tabs and spaces as indentation, one and two empty lines between paragraphs.
 *
 * A mixture is ordinary and silent; only what reads as text is reported.  A glance at the beginning of a field decides whether
 * there is a mixture at all, so that nearly every text is left at once.
 *
 * Input: a field.  Output: at most one finding.  Owns nothing but scratch in the look's arena.
 */
#include "marks/channels.h"
#include "marks/choice.h"

#define GLANCE 4096 /* bytes in which both forms must have been chosen */
#define SHARE 4     /* times, at least */
#define FIELD_LEAST 256

struct starts {
    size_t tabs, spaces;  /* lines that begin so */
    size_t single, wider; /* one empty line between two others, two of them */
};

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

static void
count_starts(struct tt_str text, struct starts *s)
{
    *s = (struct starts) {0};
    for (size_t pos = 0; pos < text.len;) {
        const char *feed = memchr(text.ptr + pos, '\n', text.len - pos);
        if (!feed) {
            return;
        }
        size_t at = (size_t) (feed - text.ptr), feeds = feeds_at(text, at);
        pos = at + feeds;
        s->single += feeds == 2;
        s->wider += feeds == 3;
        s->tabs += pos < text.len && text.ptr[pos] == '\t';
        s->spaces += pos < text.len && text.ptr[pos] == ' ';
    }
}

static bool
read_indentation(struct tt_look *look, struct tt_str text)
{
    struct tt_choice choice;
    if (!tt_choice_begin(look, &choice)) {
        return false;
    }
    for (size_t pos = 0; pos < text.len;) {
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
    if (!tt_choice_begin(look, &choice)) {
        return false;
    }
    for (size_t pos = 0; pos < text.len;) {
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
    struct starts s;
    count_starts(tt_str_slice(text, 0, GLANCE), &s);
    bool done = s.tabs >= SHARE && s.spaces >= SHARE && read_indentation(look, text);
    if (!done && s.single >= SHARE && s.wider >= SHARE && look->status == TT_OK) {
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
