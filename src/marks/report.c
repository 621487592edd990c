/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a channel reports: the parts of a finding that are the same for every channel.
 *
 * Strings that are made here live in the field's arena, which outlasts the sink's call.
 */
#include "marks/channel.h"
#include "marks/marks.h"

#include "text/visible.h"

#include <stdarg.h>

/* A message of more than this is a bug of the channel; it is cut. */
#define MESSAGE_MAX 1024

static void
fail(struct tt_look *look, enum tt_status status)
{
    if (look->status == TT_OK) {
        look->status = status;
    }
}

enum tt_place
tt_look_place(const struct tt_look *look)
{
    const struct tt_field *field = look->field;
    return field->place ? *field->place : field->in_json ? tt_place_of(field->path, field->role, field->type) : TT_PLACE_PLAIN;
}

bool
tt_look_in_template(const struct tt_look *look)
{
    enum tt_place place = tt_look_place(look);
    return place == TT_PLACE_SYSTEM || place == TT_PLACE_TOOL;
}

void
tt_look_begin(const struct tt_look *look, struct tt_finding *f, enum tt_level level, size_t offset, size_t length,
              struct tt_str message)
{
    struct tt_str span = tt_str_slice(look->field->text, offset, offset + length);
    *f = (struct tt_finding) {
        .rule = tt_rule_find(tt_str_cstr(look->channel->rule)),
        .level = level,
        .message = message,
        .where = {.path = look->field->path, .offset = offset, .length = length},
        .extent_from = offset,
        .extent_to = offset + length,
    };
    tt_finding_add_fact(f, "codepoints", TT_FACT_CODEPOINTS, span);
    tt_finding_add_fact(f, "bytes", TT_FACT_HEX, span);
    enum tt_place place = tt_look_place(look);
    if (place != TT_PLACE_PLAIN) {
        tt_finding_add_text(f, "place", tt_str_cstr(tt_place_name(place)));
    }
}

void
tt_look_report(struct tt_look *look, struct tt_finding *f)
{
    struct tt_buf excerpt;
    if (look->status != TT_OK) {
        return;
    }
    tt_buf_init(&excerpt, look->arena->alloc, TT_EXCERPT_BYTES);
    tt_visible_excerpt(&excerpt, look->field->text, f->where.offset, f->where.offset + f->where.length);
    enum tt_status status =
        excerpt.status == TT_E_MEMORY ? TT_E_MEMORY : tt_arena_dup(look->arena, tt_buf_str(&excerpt), &f->excerpt);
    tt_buf_free(&excerpt);
    if (status == TT_OK) {
        status = look->sink.take(look->sink.ctx, f);
    }
    if (status != TT_OK) {
        fail(look, status);
    }
}

/* The bit of the called channel in low_seen. */
static uint32_t
channel_bit(const struct tt_channel *channel)
{
    for (size_t i = 0; tt_channels[i]; i++) {
        if (tt_channels[i] == channel) {
            return (uint32_t) 1 << i;
        }
    }
    return 0;
}

bool
tt_look_has_low(const struct tt_look *look)
{
    return (*look->low_seen & channel_bit(look->channel)) != 0;
}

bool
tt_look_ask_once(struct tt_look *look)
{
    uint32_t bit = channel_bit(look->channel);
    bool first = !(look->asked & bit);
    look->asked |= bit;
    return first;
}

void
tt_look_report_low(struct tt_look *look, struct tt_finding *f)
{
    uint32_t bit = channel_bit(look->channel);
    if (*look->low_seen & bit) {
        return;
    }
    *look->low_seen |= bit;
    f->level = TT_CANDIDATE;
    tt_look_report(look, f);
}

struct tt_str
tt_look_text(struct tt_look *look, const char *first, ...)
{
    struct tt_str text = {"", 0};
    struct tt_buf buf;
    va_list pieces;
    tt_buf_init(&buf, look->arena->alloc, MESSAGE_MAX);
    va_start(pieces, first);
    for (const char *piece = first; piece; piece = va_arg(pieces, const char *)) {
        tt_buf_add_cstr(&buf, piece);
    }
    va_end(pieces);
    enum tt_status status = buf.status == TT_E_MEMORY ? TT_E_MEMORY : tt_arena_dup(look->arena, tt_buf_str(&buf), &text);
    tt_buf_free(&buf);
    if (status != TT_OK) {
        fail(look, status);
    }
    return text;
}

const char *
tt_look_number(struct tt_look *look, size_t value)
{
    struct tt_buf buf;
    struct tt_str text;
    tt_buf_init(&buf, look->arena->alloc, 32);
    tt_buf_add_u64(&buf, value);
    enum tt_status status = buf.status == TT_OK ? tt_arena_dup(look->arena, tt_buf_str(&buf), &text) : buf.status;
    tt_buf_free(&buf);
    if (status != TT_OK) {
        look->status = status;
        return "";
    }
    return text.ptr;
}
