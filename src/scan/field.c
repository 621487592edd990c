/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields and their levels of escapes; see field.h.
 *
 * A finding comes out of the engine with offsets in its level's text.  The sink walks down the levels to offsets in the raw
 * bytes and asks the window's cursor for line and column.
 */
#include "scan/field.h"

#include "text/visible.h"
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

enum tt_status
tt_scan_fields_init(struct tt_scan_fields *fields, const struct tt_alloc *alloc, const struct tt_kernels *kernels)
{
    tt_marks_init(&fields->marks, alloc, kernels);
    tt_arena_init(&fields->form_paths, alloc, TT_JSON_CHOICES * 2 * TT_JSON_PATH_MAX);
    for (size_t i = 0; i <= TT_ESCAPE_LEVELS; i++) {
        tt_buf_init(&fields->text[i], alloc, TT_WINDOW_SIZE);
    }
    fields->file = NULL;
    return tt_site_reader_init(&fields->sites, alloc);
}

void
tt_scan_fields_free(struct tt_scan_fields *fields)
{
    tt_marks_free(&fields->marks);
    tt_site_reader_free(&fields->sites);
    tt_arena_free(&fields->form_paths);
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

static struct tt_field
field_of(const struct walk *walk)
{
    const struct tt_scan_field *field = walk->field;
    const struct level *level = &walk->levels[walk->top];
    return (struct tt_field) {
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
}

static enum tt_status
look_at_level(struct walk *walk)
{
    struct tt_field field = field_of(walk);
    return tt_marks_look(&walk->fields->marks, &field, (struct tt_sink) {take, walk});
}

/* Counts a form of a template site, and notes where it was seen first. */
static enum tt_status
see(void *ctx, const struct tt_site_seen *seen)
{
    struct walk *walk = ctx;
    struct tt_scan_file *file = walk->fields->file;
    struct tt_site *row;
    TT_TRY(tt_sites_count(&file->sites, seen, file->result.documents, &row));
    if (!row || !walk->field) {
        return TT_OK;
    }
    size_t from = down_to_raw(walk, seen->offset);
    size_t to = down_to_raw(walk, seen->offset + seen->length);
    struct tt_position at = tt_cursor_at(walk->field->cursor, walk->field->raw_at + from);
    row->first = (struct tt_where) {.offset = at.offset, .length = to - from, .line = at.line, .column = at.column};
    return tt_arena_dup(&file->sites.arena, walk->field->path, &row->first.path);
}

/* A template is read only as a whole, so the parts of a string longer than the window are not compared. */
static enum tt_status
look_at_sites(struct walk *walk)
{
    struct tt_field field = field_of(walk);
    if (!field.in_json || !field.at_start || !field.at_end || field.text.len < TT_SITE_FIELD_MIN) {
        return TT_OK;
    }
    return tt_site_reader_field(&walk->fields->sites, &field, see, walk);
}

/* Keeps the place of a spelling that is mixed with another. */
static enum tt_status
place_form(struct walk *walk, size_t at)
{
    struct tt_scan_fields *fields = walk->fields;
    const struct tt_scan_field *field = walk->field;
    struct tt_position position = tt_cursor_at(field->cursor, field->raw_at + at);
    struct tt_where where = {.offset = position.offset, .length = 1, .line = position.line, .column = position.column};
    struct tt_buf excerpt;
    TT_TRY(tt_arena_dup(&fields->form_paths, field->path, &where.path));
    tt_buf_init(&excerpt, fields->file->alloc, TT_EXCERPT_BYTES);
    tt_visible_excerpt(&excerpt, field->raw, at, at + 1);
    tt_json_form_place(&fields->form, &where, tt_buf_str(&excerpt));
    enum tt_status status = excerpt.status;
    tt_buf_free(&excerpt);
    return status == TT_E_LIMIT ? TT_OK : status;
}

static enum tt_status
look_at_form(struct walk *walk)
{
    const struct tt_scan_field *field = walk->field;
    size_t at;
    if (!field->in_json || !tt_json_form_string(&walk->fields->form, tt_str_slice(field->raw, field->from, field->to),
                                                field->has_choice, field->has_wide, &at)) {
        return TT_OK;
    }
    return place_form(walk, field->from + at);
}

void
tt_scan_fields_begin_document(struct tt_scan_fields *fields)
{
    tt_marks_begin_document(&fields->marks);
    tt_json_form_begin(&fields->form);
    tt_arena_reset(&fields->form_paths);
    tt_site_reader_begin(&fields->sites);
}

enum tt_status
tt_scan_fields_end_object(struct tt_scan_fields *fields, uint32_t depth, struct tt_str path, struct tt_cursor *cursor, size_t at)
{
    const struct tt_scan_field field = {.raw_at = at, .cursor = cursor, .path = path};
    struct walk walk = {.fields = fields, .field = &field, .top = -1};
    return tt_site_reader_object_end(&fields->sites, depth, path, see, &walk);
}

enum tt_status
tt_scan_fields_end_document(struct tt_scan_fields *fields)
{
    struct walk walk = {.fields = fields};
    TT_TRY(tt_json_form_end(&fields->form, tt_scan_file_sink(fields->file)));
    return tt_site_reader_end(&fields->sites, see, &walk);
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
    TT_TRY(look_at_sites(&walk));
    TT_TRY(look_at_form(&walk));
    while (walk.top < TT_ESCAPE_LEVELS && has_u_escape(walk.levels[walk.top].text)) {
        TT_TRY(next_level(&walk));
        walk.top++;
        TT_TRY(look_at_level(&walk));
    }
    return TT_OK;
}
