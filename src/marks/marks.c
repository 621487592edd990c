/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine over the channels.
 *
 * Input: a field of valid UTF-8.  Output: findings to the sink, in order of visiting.  The kernel gives the positions worth a
 * look, in batches; everything else is never touched by this code.  Each channel keeps one number a field, the position it
 * has dealt with, so that a run of a thousand characters is judged once.
 */
#include "marks/marks.h"

#include "base/limits.h"
#include "marks/channels.h"

/* Enough for a dense page of Persian in one call, small enough for the stack. */
#define BATCH 256

const struct tt_channel *const tt_channels[] = {
    &tt_channel_dateline,
    &tt_channel_value_format,
    &tt_channel_lookalike,
    &tt_channel_zero_width,
    &tt_channel_tags,
    &tt_channel_variation,
    &tt_channel_bidi,
    &tt_channel_format,
    &tt_channel_filler,
    &tt_channel_space,
    &tt_channel_mixed_script,
    &tt_channel_normal_form,
    &tt_channel_trailing_space,
    &tt_channel_line_end,
    &tt_channel_line_start,
    &tt_channel_spacing,
    &tt_channel_encoding,
    &tt_channel_opaque_token,
    NULL,
};

const struct tt_channel *const tt_channels_beyond[] = {
    &tt_channel_json_form, &tt_channel_varying_site, &tt_channel_wording, &tt_channel_learned_site, NULL,
};

const struct tt_channel *
tt_channel_find(struct tt_str name)
{
    const struct tt_channel *const *const lists[] = {tt_channels, tt_channels_beyond};
    for (size_t k = 0; k < sizeof(lists) / sizeof(*lists); k++) {
        for (size_t i = 0; lists[k][i]; i++) {
            const struct tt_channel *channel = lists[k][i];
            if (tt_str_eq(name, tt_str_cstr(channel->name)) || tt_str_eq(name, tt_str_cstr(channel->rule))) {
                return channel;
            }
        }
    }
    return NULL;
}

void
tt_marks_init(struct tt_marks *marks, const struct tt_alloc *alloc, const struct tt_kernels *kernels)
{
    *marks = (struct tt_marks) {.kernels = kernels};
    for (size_t i = 0; tt_channels[i]; i++) {
        marks->channels++;
        marks->glancing |= tt_channels[i]->visit_field ? (uint32_t) 1 << i : 0;
        marks->wakers |= tt_channels[i]->wake;
        for (uint32_t wake = tt_channels[i]->wake; wake; wake &= wake - 1) {
            marks->woken_by[__builtin_ctz(wake)] |= (uint32_t) 1 << i;
        }
    }
    tt_arena_init(&marks->arena, alloc, TT_MARKS_ARENA);
}

void
tt_marks_free(struct tt_marks *marks)
{
    tt_arena_free(&marks->arena);
}

void
tt_marks_begin_document(struct tt_marks *marks)
{
    marks->low_seen = 0;
    memset(marks->kept, 0, sizeof(marks->kept));
}

/* What one pass carries along: the look that channels see, and where each channel and the date reader stand. */
struct pass {
    struct tt_look look;
    const uint32_t *woken_by;
    uint32_t wakers;
    uint32_t *kept;
    size_t done[TT_CHANNELS_MAX];
    size_t date_done;
    uint32_t noted;             /* bit a channel: its notes are in use */
    uint32_t (*note)[TT_NOTES]; /* of each channel; cleared when first needed, for most fields need none */
};

/* Makes channel i the called one. */
static void
call(struct pass *pass, size_t i)
{
    pass->look.channel = tt_channels[i];
    pass->look.done = &pass->done[i];
    pass->look.kept = &pass->kept[i];
    pass->look.note = pass->note[i];
    if (!(pass->noted >> i & 1)) {
        pass->noted |= (uint32_t) 1 << i;
        memset(pass->note[i], 0, sizeof(pass->note[i]));
    }
}

static void
visit_rune(struct pass *pass, size_t pos, struct tt_rune rune)
{
    uint32_t channels = 0;
    for (uint32_t flags = tt_char(rune.cp)->flags & pass->wakers; flags; flags &= flags - 1) {
        channels |= pass->woken_by[__builtin_ctz(flags)];
    }
    for (; channels; channels &= channels - 1) {
        size_t i = (size_t) __builtin_ctz(channels);
        if (pos >= pass->done[i]) {
            call(pass, i);
            tt_channels[i]->visit(&pass->look, pos, rune);
        }
    }
}

/* A date is met at each of its separators and digits; it is shown once. */
static void
visit_date(struct pass *pass, size_t pos)
{
    struct tt_date date;
    if (pos < pass->date_done || !tt_date_read(pass->look.field->text, pos, &date)) {
        return;
    }
    pass->date_done = date.offset + date.length;
    if (date.separator[0] >= 0x80 && date.separator_at[0] < pass->look.field->from) {
        return; /* an earlier window has met it */
    }
    for (size_t i = 0; tt_channels[i]; i++) {
        if (tt_channels[i]->visit_date) {
            call(pass, i);
            tt_channels[i]->visit_date(&pass->look, &date);
        }
    }
}

/* Nothing outlives a visit, so one dense field cannot exhaust the arena. */
static inline void
empty_arena(struct pass *pass)
{
    if (pass->look.arena->used > 0) {
        tt_arena_reset(pass->look.arena);
    }
}

static void
visit(struct pass *pass, size_t pos)
{
    empty_arena(pass);
    struct tt_rune rune = tt_utf8_next_valid(pass->look.field->text, pos);
    if (tt_ascii_is_digit((int) rune.cp) || (rune.cp >= 0x80 && tt_char_is(rune.cp, TT_CHAR_HYPHEN | TT_CHAR_SLASH))) {
        visit_date(pass, pos);
    }
    visit_rune(pass, pos, rune);
}

static void
visit_field(struct pass *pass, uint32_t glancing, size_t length)
{
    for (; glancing; glancing &= glancing - 1) {
        size_t i = (size_t) __builtin_ctz(glancing);
        size_t least = tt_channels[i]->field_least ? tt_channels[i]->field_least : TT_FIELD_LOOK_MIN;
        if (length >= least) {
            call(pass, i);
            tt_channels[i]->visit_field(&pass->look);
            empty_arena(pass);
        }
    }
}

enum tt_status
tt_marks_look(struct tt_marks *marks, const struct tt_field *field, struct tt_sink sink)
{
    uint32_t found[BATCH];
    uint32_t note[TT_CHANNELS_MAX][TT_NOTES];
    struct pass pass; /* not cleared as a whole: that takes as long as a short field */
    pass.look = (struct tt_look) {
        .field = field, .kernels = marks->kernels, .arena = &marks->arena, .sink = sink, .low_seen = &marks->low_seen};
    pass.woken_by = marks->woken_by;
    pass.wakers = marks->wakers;
    pass.kept = marks->kept;
    pass.note = note;
    pass.noted = 0;
    pass.date_done = 0;
    memset(pass.done, 0, marks->channels * sizeof(*pass.done));
    if (field->at_start && field->to - field->from >= TT_FIELD_LOOK_LEAST) {
        visit_field(&pass, marks->glancing, field->to - field->from);
    }
    const unsigned char *p = (const unsigned char *) field->text.ptr;
    size_t from = field->from;
    while (from < field->to && pass.look.status == TT_OK) {
        size_t n = marks->kernels->collect(p, field->text.len, from, field->to, found, BATCH, &from);
        for (size_t i = 0; i < n && pass.look.status == TT_OK; i++) {
            visit(&pass, found[i]);
        }
    }
    return pass.look.status;
}
