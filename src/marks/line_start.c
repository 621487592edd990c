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
#include "marks/block_mask.h"
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

static void
add_digit(struct tt_forms *forms, bool second)
{
    if (forms->n < forms->max) {
        forms->digit[forms->n++] = second;
        forms->tally[second]++;
    }
}

/* Adds the lines that start in a block of text at pos, of which n bytes are there.  *begun: a line starts with the block. */
static void
add_starts(struct tt_choice *choice, const char *p, size_t pos, size_t n, uint64_t *begun)
{
    char padded[TT_MASK_BLOCK];
    if (n < TT_MASK_BLOCK) {
        memset(padded, 0, sizeof(padded));
        memcpy(padded, p, n);
        p = padded;
    }
    uint64_t feeds = tt_block_mask(p, '\n'), tabs = tt_block_mask(p, '\t');
    uint64_t starts = feeds << 1 | *begun;
    *begun = feeds >> (TT_MASK_BLOCK - 1);
    for (uint64_t m = starts & (tabs | tt_block_mask(p, ' ')); m; m &= m - 1) {
        size_t *tally = choice->forms.tally;
        add_digit(&choice->forms, (tabs & m & -m) != 0);
        choice->end = pos + (size_t) __builtin_ctzll(m) + 1;
        choice->first = choice->first == SIZE_MAX && tally[0] > 0 && tally[1] > 0 ? choice->end - 1 : choice->first;
    }
}

static bool
read_indentation(struct tt_look *look, struct tt_str text)
{
    struct tt_choice choice;
    uint64_t begun = 1;
    if (!tt_choice_begin(look, &choice, TT_CHOICE_PLACES)) {
        return false;
    }
    for (size_t pos = 0; pos < text.len && !tt_choice_is_full(&choice); pos += TT_MASK_BLOCK) {
        add_starts(&choice, text.ptr + pos, pos, text.len - pos, &begun);
    }
    choice.forms.form[0] = TT_STR(" ");
    choice.forms.form[1] = TT_STR("\t");
    choice.forms.count = choice.first == SIZE_MAX ? 1 : 2;
    choice.first_length = 1;
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

/* ---- strings of JSON as they are written ---- */

/* The choices of a string in two forms each, and the line feeds in a row that were met last. */
struct written {
    struct tt_forms indentation, empty;
    size_t feeds, feed_end;
};

/* As feeds_at(): four are the end of a row. */
static void
end_feeds(struct written *w)
{
    if (w->feeds == 2 || w->feeds == 3) {
        add_digit(&w->empty, w->feeds == 3);
    }
    w->feeds = 0;
}

static void
add_feed(struct written *w, size_t pos)
{
    if (pos != w->feed_end || w->feeds == 4) {
        end_feeds(w);
    }
    w->feeds++;
    w->feed_end = pos + 2;
}

/* b: the block at pos; starts: where lines start in it. */
static void
add_block(struct written *w, const struct tt_string_block *b, uint64_t starts, size_t pos)
{
    for (uint64_t m = starts & (b->spaces | b->tabs); m; m &= m - 1) {
        add_digit(&w->indentation, (b->tabs & m & -m) != 0);
    }
    for (uint64_t m = b->feeds; m; m &= m - 1) {
        add_feed(w, pos + (size_t) __builtin_ctzll(m));
    }
}

static void
add_all(struct written *w, const struct tt_kernels *kernels, struct tt_str raw)
{
    enum { BLOCKS = 32, BITS = TT_STRING_BLOCK };
    struct tt_string_block blocks[BLOCKS];
    uint64_t carry = 0, behind = 1; /* starts of lines whose line feed is in the block before; the first line has none */
    for (size_t at = 0; at < raw.len; at += BLOCKS * BITS) {
        kernels->string_blocks((const unsigned char *) raw.ptr + at, raw.len - at, BLOCKS, &carry, blocks);
        for (size_t i = 0; i < BLOCKS && at + i * BITS < raw.len; i++) {
            add_block(w, &blocks[i], blocks[i].feeds << 2 | behind, at + i * BITS);
            behind = blocks[i].feeds >> (BITS - 2);
        }
    }
    end_feeds(w);
}

static bool
says(struct tt_arena *arena, struct tt_forms *forms)
{
    struct tt_payload payload;
    forms->count = forms->tally[0] > 0 && forms->tally[1] > 0 ? 2 : 1;
    return forms->count == 2 &&
           (tt_forms_find(arena, forms, tt_choice_demand(2), &payload) != TT_OK || payload.grade >= TT_GRADE_TEXT);
}

bool
tt_line_start_may_say(struct tt_arena *arena, const struct tt_kernels *kernels, struct tt_str raw)
{
    uint8_t *digits = tt_arena_get(arena, 2 * TT_CHOICE_PLACES);
    struct written w = {
        .indentation = {.digit = digits, .max = TT_CHOICE_PLACES, .form = {TT_STR_INIT(" "), TT_STR_INIT("\t")}},
        .empty = {.max = TT_CHOICE_PLACES, .form = {TT_STR_INIT("\n\n"), TT_STR_INIT("\n\n\n")}},
    };
    bool may = true;
    if (digits) {
        w.empty.digit = digits + TT_CHOICE_PLACES;
        add_all(&w, kernels, raw);
        may = says(arena, &w.indentation) || says(arena, &w.empty);
    }
    tt_arena_reset(arena);
    return may;
}

const struct tt_channel tt_channel_line_start = {
    .name = "line-start",
    .rule = "mark.line-start",
    .alphabet = "U+0009 and U+0020 at the start of a line; one or two empty lines",
    .capacity = "1 bit an indented line, 1 bit a paragraph",
    .field_least = FIELD_LEAST,
    .visit_field = visit_field,
};
