/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields and their levels of escapes; see field.h.
 *
 * A finding comes out of the engine with offsets in its level's text.  The sink walks down the levels to offsets in the raw
 * bytes and asks the window's cursor for line and column.
 */
#include "scan/field.h"

#include "json/string.h"

struct level {
    struct tt_str source; /* what was decoded: the text of the level below, or the raw bytes */
    struct tt_str text;
    bool decoded; /* text was made from source; else they are the same */
    bool u_only;
    size_t from, to;               /* in text */
    size_t seen_text, seen_source; /* a pair of equal places, to start the next mapping from */
};

struct walk {
    struct tt_scan_fields *fields;
    const struct tt_scan_field *field;
    struct level levels[TT_ESCAPE_LEVELS + 1];
    int top; /* the level in work */
};

void
tt_scan_fields_init(struct tt_scan_fields *fields, const struct tt_alloc *alloc, const struct tt_kernels *kernels)
{
    tt_marks_init(&fields->marks, alloc, kernels);
    for (size_t i = 0; i <= TT_ESCAPE_LEVELS; i++) {
        tt_buf_init(&fields->text[i], alloc, TT_WINDOW_SIZE);
    }
    fields->file = NULL;
}

void
tt_scan_fields_free(struct tt_scan_fields *fields)
{
    tt_marks_free(&fields->marks);
    for (size_t i = 0; i <= TT_ESCAPE_LEVELS; i++) {
        tt_buf_free(&fields->text[i]);
    }
}

/* The place in a level's source that an offset of its text came from. */
static size_t
down_one(struct level *level, size_t offset)
{
    if (!level->decoded) {
        return offset;
    }
    if (offset < level->seen_text) {
        level->seen_text = level->seen_source = 0;
    }
    struct tt_str rest = tt_str_slice(level->source, level->seen_source, level->source.len);
    level->seen_source += tt_json_raw_offset(rest, level->u_only, offset - level->seen_text);
    level->seen_text = offset;
    return level->seen_source;
}

static size_t
down_to_raw(struct walk *walk, size_t offset)
{
    for (int i = walk->top; i >= 0; i--) {
        offset = down_one(&walk->levels[i], offset);
    }
    return offset;
}

/* Does the finding rest on bytes that this level's decoding made?  Else the level below has reported it already. */
static bool
rests_on_escapes(struct level *level, const struct tt_finding *f)
{
    size_t from = down_one(level, f->extent_from);
    size_t to = down_one(level, f->extent_to);
    return to - from != f->extent_to - f->extent_from;
}

static enum tt_status
take(void *ctx, const struct tt_finding *found)
{
    struct walk *walk = ctx;
    struct tt_finding f = *found;
    if (walk->top > 0 && !rests_on_escapes(&walk->levels[walk->top], found)) {
        return TT_OK;
    }
    size_t from = down_to_raw(walk, found->where.offset);
    size_t to = down_to_raw(walk, found->where.offset + found->where.length);
    struct tt_position at = tt_cursor_at(walk->field->cursor, walk->field->raw_at + from);
    f.where.offset = at.offset;
    f.where.line = at.line;
    f.where.column = at.column;
    f.where.length = to - from;
    f.where.path = walk->field->path;
    if (walk->top > 0) {
        tt_finding_add_number(&f, "escape_level", walk->top);
    }
    if (to - from != found->where.length || walk->top > 0) {
        tt_finding_add_text(&f, "written", tt_str_slice(walk->field->raw, from, to));
    }
    return tt_scan_file_add(walk->fields->file, &f);
}

static size_t
decode_part(struct level *level, size_t used, size_t end, bool final, struct tt_buf *out)
{
    struct tt_str part = tt_str_slice(level->source, used, end);
    return used + (level->u_only ? tt_json_unescape_u(part, final, out) : tt_json_unescape(part, final, out));
}

/* Decodes source in three parts, so that from and to are known in the text as well. */
static enum tt_status
decode_level(struct level *level, size_t from, size_t to, struct tt_buf *out)
{
    tt_buf_clear(out);
    size_t used = decode_part(level, 0, from, false, out);
    level->from = out->len;
    used = decode_part(level, used, to, to == level->source.len, out);
    level->to = out->len;
    decode_part(level, used, level->source.len, true, out);
    level->text = tt_buf_str(out);
    level->decoded = true;
    return out->status;
}

static enum tt_status
look_at_level(struct walk *walk)
{
    const struct tt_scan_field *field = walk->field;
    const struct level *level = &walk->levels[walk->top];
    struct tt_field look = {
        .text = level->text,
        .from = level->from,
        .to = level->to,
        .at_start = field->at_start,
        .at_end = field->at_end,
        .in_json = field->in_json,
        .path = field->path,
        .role = field->role,
        .type = field->type,
    };
    return tt_marks_look(&walk->fields->marks, &look, (struct tt_sink) {take, walk});
}

/* Is there anything for another round: a backslash, 'u' and a hexadecimal digit?  It may begin before the part that is reported. */
static bool
has_u_escape(struct tt_str rest)
{
    while (rest.len >= 6) {
        const char *slash = memchr(rest.ptr, '\\', rest.len - 5);
        if (!slash) {
            return false;
        }
        if (slash[1] == 'u' && tt_ascii_hex((unsigned char) slash[2]) >= 0) {
            return true;
        }
        rest = tt_str_slice(rest, (size_t) (slash - rest.ptr) + 1, rest.len);
    }
    return false;
}

static enum tt_status
first_level(struct walk *walk)
{
    const struct tt_scan_field *field = walk->field;
    struct level *level = &walk->levels[0];
    *level = (struct level) {.source = field->raw, .text = field->raw, .from = field->from, .to = field->to};
    return field->escaped ? decode_level(level, field->from, field->to, &walk->fields->text[0]) : TT_OK;
}

static enum tt_status
next_level(struct walk *walk)
{
    const struct level *below = &walk->levels[walk->top];
    struct level *level = &walk->levels[walk->top + 1];
    *level = (struct level) {.source = below->text, .u_only = true};
    return decode_level(level, below->from, below->to, &walk->fields->text[walk->top + 1]);
}

enum tt_status
tt_scan_fields_look(struct tt_scan_fields *fields, const struct tt_scan_field *field)
{
    struct walk walk = {.fields = fields, .field = field};
    TT_TRY(first_level(&walk));
    TT_TRY(look_at_level(&walk));
    while (walk.top < TT_ESCAPE_LEVELS && has_u_escape(walk.levels[walk.top].text)) {
        TT_TRY(next_level(&walk));
        walk.top++;
        TT_TRY(look_at_level(&walk));
    }
    return TT_OK;
}
