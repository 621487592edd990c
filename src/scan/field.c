/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields and their levels of escapes; see field.h.
 *
 * A finding comes out of the engine with offsets in its level's text.  The sink walks down the levels to offsets in the raw
 * bytes and asks the window's cursor for line and column.
 */
#include "scan/field.h"

#include "scan/events.h"
#include "scan/level.h"
#include "text/visible.h"

struct walk {
    struct tt_scan_fields *fields;
    const struct tt_scan_field *field;
    struct tt_scan_level levels[TT_ESCAPE_LEVELS + 1];
    int top;                               /* the level in work */
    int base;                              /* the first that is reported: above 0 in a document inside a string */
    const struct tt_nested_string *nested; /* there: the string in work */
    size_t document_at;                    /* where that document begins, in the text of the level below */
    size_t event;                          /* its number from 1, in a stream of events */
};

static struct tt_str
path_of(const struct walk *walk)
{
    return walk->nested ? tt_buf_str(&walk->fields->nested_path) : walk->field->path;
}

enum tt_status
tt_scan_fields_init(struct tt_scan_fields *fields, const struct tt_alloc *alloc, const struct tt_kernels *kernels)
{
    tt_marks_init(&fields->marks, alloc, kernels);
    tt_arena_init(&fields->form_paths, alloc, TT_JSON_CHOICES * 2 * TT_JSON_PATH_MAX);
    for (size_t i = 0; i <= TT_ESCAPE_LEVELS; i++) {
        tt_buf_init(&fields->text[i], alloc, TT_WINDOW_SIZE);
    }
    fields->file = NULL;
    fields->alone = false;
    fields->learned = NULL;
    tt_buf_init(&fields->nested_path, alloc, 2 * TT_JSON_PATH_MAX + 64);
    fields->nested = (struct tt_nested) {0};
    TT_TRY(tt_site_reader_init(&fields->sites, alloc));
    return tt_nested_init(&fields->nested, alloc, kernels);
}

void
tt_scan_fields_free(struct tt_scan_fields *fields)
{
    tt_marks_free(&fields->marks);
    tt_site_reader_free(&fields->sites);
    tt_nested_free(&fields->nested);
    tt_buf_free(&fields->nested_path);
    tt_arena_free(&fields->form_paths);
    for (size_t i = 0; i <= TT_ESCAPE_LEVELS; i++) {
        tt_buf_free(&fields->text[i]);
    }
}

static size_t
down_to_raw(struct walk *walk, size_t offset, bool end)
{
    for (int i = walk->top; i >= 0; i--) {
        offset = tt_scan_level_down(&walk->levels[i], offset, end);
    }
    return offset;
}

/* How many bytes of the input from..to of the field's raw bytes stand for. */
static uint64_t
source_length(const struct walk *walk, size_t from, size_t to)
{
    const struct tt_scan_field *field = walk->field;
    return tt_cursor_length(field->cursor, field->raw_at + from, field->raw_at + to);
}

/*
 * What is said of a finding in a text that was decoded: nothing, if the level below has reported it already or if its escape shows
 * what it would hide.  Its level can fall.
 */
static bool
is_said(struct walk *walk, struct tt_finding *f)
{
    if (walk->top == 0) {
        return true;
    }
    struct tt_scan_level *level = &walk->levels[walk->top];
    enum tt_escape_form form = tt_scan_level_form(level, f->extent_from, f->extent_to);
    if (walk->base > 1) {
        tt_finding_add_text(f, "encoding", tt_str_cstr(tt_escape_name(TT_ESCAPE_BASE64)));
    }
    if (walk->top == walk->base) {
        if (form != TT_ESCAPE_NONE) {
            tt_finding_add_number(f, "escape_level", walk->top);
        }
        return true;
    }
    enum tt_escape_verdict verdict = form == TT_ESCAPE_NONE ? TT_ESCAPE_DROP : tt_scan_level_judge(level, f, form);
    if (form == TT_ESCAPE_UNICODE && walk->field->rest_of_json) {
        verdict = TT_ESCAPE_KEEP;
    }
    if (verdict == TT_ESCAPE_DROP || (verdict == TT_ESCAPE_LOWER && walk->fields->shown)) {
        return false;
    }
    if (verdict == TT_ESCAPE_LOWER) {
        walk->fields->shown = true;
        f->level = TT_CANDIDATE;
    }
    tt_finding_add_number(f, "escape_level", walk->top - walk->base);
    if (form != TT_ESCAPE_UNICODE) {
        tt_finding_add_text(f, "encoding", tt_str_cstr(tt_escape_name(form)));
    }
    return true;
}

static enum tt_status
take(void *ctx, const struct tt_finding *found)
{
    struct walk *walk = ctx;
    struct tt_finding f = *found;
    if (!is_said(walk, &f)) {
        return TT_OK;
    }
    size_t from = down_to_raw(walk, found->where.offset, false);
    size_t to = down_to_raw(walk, found->where.offset + found->where.length, true);
    struct tt_position at = tt_cursor_at(walk->field->cursor, walk->field->raw_at + from);
    f.where.offset = at.source;
    f.where.line = at.line;
    f.where.column = at.column;
    f.where.length = source_length(walk, from, to);
    f.where.path = path_of(walk);
    if (to - from != found->where.length || walk->top > walk->base) {
        tt_finding_add_text(&f, "written", tt_str_slice(walk->field->raw, from, to));
    }
    return tt_scan_file_add(walk->fields->file, &f);
}

static struct tt_field
field_of(const struct walk *walk)
{
    const struct tt_scan_field *field = walk->field;
    const struct tt_scan_level *level = &walk->levels[walk->top];
    const struct tt_nested_string *nested = walk->nested;
    return (struct tt_field) {
        .text = level->text,
        .from = level->from,
        .to = level->to,
        .at_start = field->at_start,
        .escaped = walk->top > walk->base && !field->rest_of_json && !tt_scan_level_is_json(level->source),
        .at_end = field->at_end,
        .in_json = field->in_json,
        .path = nested ? nested->path : field->path,
        .role = nested ? nested->role : field->role,
        .type = nested ? nested->type : field->type,
        .place = nested ? NULL : field->place,
    };
}

static enum tt_place
place_of(const struct tt_field *field)
{
    return field->place ? *field->place : tt_place_of(field->path, field->role, field->type);
}

/* The bytes that JSON has for a part of the level in work. */
static struct tt_str
written(void *ctx, size_t from, size_t to)
{
    struct walk *walk = ctx;
    struct tt_scan_level *level = &walk->levels[walk->top];
    size_t begin = tt_scan_level_down(level, from, false) - level->source_at;
    return tt_str_slice(level->source, begin, tt_scan_level_down(level, to, true) - level->source_at);
}

/* Counts a form of a template site, and notes where it was seen first. */
static enum tt_status
see(void *ctx, const struct tt_site_seen *seen)
{
    struct walk *walk = ctx;
    struct tt_scan_file *file = walk->fields->file;
    struct tt_site *row;
    if (walk->fields->alone) {
        return TT_OK;
    }
    uint64_t document = seen->kind == TT_SITE_HEADERS ? walk->fields->sites.requests : file->compared;
    TT_TRY(tt_sites_count(&file->sites, seen, document, &row));
    if (!row || !walk->field) {
        return TT_OK;
    }
    size_t from = down_to_raw(walk, walk->document_at + seen->offset, false);
    size_t to = down_to_raw(walk, walk->document_at + seen->offset + seen->length, true);
    struct tt_position at = tt_cursor_at(walk->field->cursor, walk->field->raw_at + from);
    uint64_t length = source_length(walk, from, to);
    row->first = (struct tt_where) {.offset = at.source, .length = length, .line = at.line, .column = at.column};
    if (file->uri.ptr != file->result.uri.ptr) {
        TT_TRY(tt_scan_file_uri(file, &row->first.uri));
    }
    return tt_arena_dup(&file->sites.arena, walk->field->path, &row->first.path);
}

/* What a level above only repeats is not counted again, and how JSON writes it was seen below. */
static enum tt_status
look_at_learned(struct walk *walk, const struct tt_field *field)
{
    bool first = walk->top == walk->base;
    const struct tt_learned_call call = {
        .learned = walk->fields->learned,
        .field = field,
        .marks = &walk->fields->marks,
        .sink = {take, walk},
        .seen = first && !walk->fields->alone ? see : NULL,
        .written = first && field->in_json ? written : NULL,
        .ctx = walk,
    };
    return call.learned ? tt_learned_look(&call) : TT_OK;
}

static enum tt_status
look_at_level(struct walk *walk)
{
    struct tt_field field = field_of(walk);
    TT_TRY(tt_marks_look(&walk->fields->marks, &field, (struct tt_sink) {take, walk}));
    return look_at_learned(walk, &field);
}

/* Is it the name of a header in a HAR file: "$.log.entries[0].request.headers[1].name"? */
static bool
is_header(struct tt_str path)
{
    return tt_str_ends(path, TT_STR("].name")) && tt_str_starts(path, TT_STR("$.log.entries[")) &&
           tt_str_has(path, TT_STR(".request.headers["));
}

/*
 * Of a JSON string a template is read only as a whole, so the parts of one longer than the window are not compared.  Plain text is cut
 * at the ends of lines.
 */
static enum tt_status
look_at_sites(struct walk *walk)
{
    struct tt_scan_fields *fields = walk->fields;
    if (fields->alone) {
        return TT_OK;
    }
    struct tt_field field = field_of(walk);
    if (is_header(field.path) && !tt_str_eq(field.text, TT_STR("name"))) { /* the key itself has that path, too */
        tt_site_reader_header(&fields->sites, field.text);
    }
    if (field.text.len < TT_SITE_FIELD_MIN) {
        return TT_OK;
    }
    if (field.in_json && (!field.at_start || !field.at_end)) {
        return TT_OK;
    }
    return tt_site_reader_field(&fields->sites, &field, see, walk);
}

/* Keeps the place of a spelling that is mixed with another. */
static enum tt_status
place_form(struct walk *walk, size_t at)
{
    struct tt_scan_fields *fields = walk->fields;
    const struct tt_scan_field *field = walk->field;
    struct tt_position position = tt_cursor_at(field->cursor, field->raw_at + at);
    uint64_t length = source_length(walk, at, at + 1);
    struct tt_where where = {.offset = position.source, .length = length, .line = position.line, .column = position.column};
    struct tt_buf excerpt;
    TT_TRY(tt_arena_dup(&fields->form_paths, field->path, &where.path));
    tt_buf_init(&excerpt, fields->file->alloc, TT_EXCERPT_BYTES);
    tt_visible_excerpt(&excerpt, field->raw, at, at + 1);
    enum tt_status status = excerpt.status == TT_E_LIMIT ? TT_OK : excerpt.status;
    if (status == TT_OK) {
        tt_json_form_place(&fields->form, &where, tt_buf_str(&excerpt));
    }
    tt_buf_free(&excerpt);
    return status;
}

static enum tt_status
look_at_form(struct walk *walk)
{
    const struct tt_scan_field *field = walk->field;
    size_t at;
    if (!field->in_json || walk->fields->alone ||
        !tt_json_form_string(&walk->fields->form, tt_str_slice(field->raw, field->from, field->to), field->has_choice,
                             field->has_wide, &at)) {
        return TT_OK;
    }
    return place_form(walk, field->from + at);
}

enum tt_status
tt_scan_fields_mixed(struct tt_scan_fields *fields, const struct tt_scan_field *field)
{
    struct walk walk = {.fields = fields, .field = field};
    return place_form(&walk, field->from);
}

enum tt_status
tt_scan_fields_value(struct tt_scan_fields *fields, const struct tt_scan_value *value)
{
    bool mixed = value->named && tt_json_form_gap(&fields->form, value->blanks);
    if (value->number.len > 0) {
        mixed = tt_json_form_number(&fields->form, value->number) || mixed;
    }
    if (value->number.len > 0 && value->named && !fields->alone) {
        TT_TRY(tt_site_reader_number(&fields->sites, value->depth, value->field.path, value->number));
    }
    mixed = (value->twice && tt_json_form_twice(&fields->form)) || mixed;
    if (!mixed) {
        return TT_OK;
    }
    return tt_scan_fields_mixed(fields, &value->field);
}

void
tt_scan_fields_begin_document(struct tt_scan_fields *fields)
{
    tt_marks_begin_document(&fields->marks);
    fields->shown = false;
    tt_json_form_begin(&fields->form);
    tt_arena_reset(&fields->form_paths);
    tt_site_reader_begin(&fields->sites);
    fields->file->compared = ++fields->file->compared_count;
}

enum tt_status
tt_scan_fields_end_object(struct tt_scan_fields *fields, uint32_t depth, struct tt_str path, struct tt_cursor *cursor, size_t at)
{
    const struct tt_scan_field field = {.raw_at = at, .cursor = cursor, .path = path};
    struct walk walk = {.fields = fields, .field = &field, .top = -1};
    if (tt_str_ends(path, TT_STR(".request"))) {
        TT_TRY(tt_site_reader_headers_end(&fields->sites, see, &walk));
    }
    return tt_site_reader_object_end(&fields->sites, depth, path, see, &walk);
}

enum tt_status
tt_scan_fields_end_document(struct tt_scan_fields *fields, struct tt_str path, struct tt_cursor *cursor, size_t at)
{
    const struct tt_scan_field field = {.raw_at = at, .cursor = cursor, .path = path};
    struct walk walk = {.fields = fields, .field = &field, .top = -1};
    TT_TRY(tt_json_form_end(&fields->form, tt_scan_file_sink(fields->file)));
    return tt_site_reader_end(&fields->sites, &fields->form, see, &walk);
}

static const struct tt_kernels *
kernels_of(const struct walk *walk)
{
    return walk->fields->marks.kernels;
}

static enum tt_status
first_level(struct walk *walk)
{
    const struct tt_scan_field *field = walk->field;
    struct tt_scan_level *level = &walk->levels[0];
    *level = (struct tt_scan_level) {
        .kernels = kernels_of(walk), .source = field->raw, .text = field->raw, .from = field->from, .to = field->to};
    if (!field->escaped) {
        return TT_OK;
    }
    level->kind = TT_LEVEL_JSON;
    return tt_scan_level_decode(level, field->from, field->to, &walk->fields->text[0]);
}

/* Where HAR keeps what was sent and received: as text, or as base64. */
static bool
is_body(struct tt_str path)
{
    return tt_str_ends(path, TT_STR(".postData.text")) || tt_str_ends(path, TT_STR(".response.content.text"));
}

/*
 * Are base64 and its like decoded?  In requests, and in files so small that it costs nothing: anywhere else they are mostly
 * data, and what they hide from nobody's model is nobody's mark.
 */
static bool
reads_tokens(const struct walk *walk)
{
    const struct tt_scan_field *field = walk->field;
    if (!field->in_json) {
        return field->at_start && field->at_end && field->raw.len <= TT_ENCODED_FILE_MAX;
    }
    struct tt_field decoded = field_of(walk);
    return place_of(&decoded) != TT_PLACE_PLAIN || is_body(field->path);
}

/* Decodes the level above the one in work; false when it would hold nothing new. */
static enum tt_status
next_level(struct walk *walk, bool *more)
{
    const struct tt_scan_level *below = &walk->levels[walk->top];
    struct tt_scan_level *level = &walk->levels[walk->top + 1];
    /* Whether tokens are read takes a look at a string's path, which is dearer than a first search of what is mostly short. */
    bool in_json = walk->field->in_json, tokens = in_json || reads_tokens(walk);
    struct tt_escape_place first;
    *more = tt_escape_maybe(below->kernels, below->text, tokens, &first);
    if (!*more) {
        return TT_OK;
    }
    tokens = in_json ? reads_tokens(walk) : tokens;
    *more = tt_escape_any(below->kernels, below->text, tokens, &first);
    if (!*more) {
        return TT_OK;
    }
    *level =
        (struct tt_scan_level) {.kernels = below->kernels, .source = below->text, .kind = TT_LEVEL_ESCAPES, .tokens = tokens};
    walk->top++;
    return tt_scan_level_decode(level, below->from, below->to, &walk->fields->text[walk->top]);
}

/* Looks at the level in work and at those above it. */
static enum tt_status
look_at_levels(struct walk *walk)
{
    TT_TRY(look_at_level(walk));
    for (bool more = true; walk->top < TT_ESCAPE_LEVELS;) {
        TT_TRY(next_level(walk, &more));
        if (!more) {
            break;
        }
        TT_TRY(look_at_level(walk));
    }
    return TT_OK;
}

/* ---- Documents inside strings ---- */

enum holds { HOLDS_TEXT, HOLDS_DOCUMENT, HOLDS_EVENTS };

/* What the field holds, as the body of a captured request does.  What models say and tools return is left as it is. */
static enum holds
what_is_held(const struct walk *walk)
{
    const struct tt_nested *nested = &walk->fields->nested;
    struct tt_field field = field_of(walk);
    bool document = tt_nested_is(field.text);
    if (!field.in_json || !field.at_start || !field.at_end || (!document && !tt_events_may_be(field.text))) {
        return HOLDS_TEXT;
    }
    enum tt_place place = place_of(&field);
    if (place != TT_PLACE_PLAIN && place != TT_PLACE_METADATA) {
        return HOLDS_TEXT;
    }
    if (document) {
        return tt_nested_is_document(nested, field.text) ? HOLDS_DOCUMENT : HOLDS_TEXT;
    }
    return tt_events_are(nested, field.text) ? HOLDS_EVENTS : HOLDS_TEXT;
}

/* "$.body!$.messages[0]"; of a stream of events "$.body!data[3]!$.delta". */
static enum tt_status
set_nested_path(struct walk *walk, struct tt_str path)
{
    struct tt_buf *out = &walk->fields->nested_path;
    tt_buf_clear(out);
    tt_buf_add(out, walk->field->path);
    if (walk->event > 0) {
        tt_buf_add_cstr(out, "!data[");
        tt_buf_add_u64(out, walk->event - 1);
        tt_buf_add_char(out, ']');
    }
    tt_buf_add_char(out, '!');
    tt_buf_add(out, path);
    return out->status;
}

static enum tt_status
look_at_string(void *ctx, const struct tt_nested_string *string)
{
    struct walk *outer = ctx;
    struct walk walk = *outer;
    struct tt_scan_fields *fields = walk.fields;
    int top = outer->top + 1;
    struct tt_scan_level *level = &walk.levels[top];
    walk.nested = string;
    walk.top = walk.base = top;
    TT_TRY(set_nested_path(outer, string->path));
    *level = (struct tt_scan_level) {.kernels = kernels_of(&walk),
                                     .source = string->raw,
                                     .source_at = walk.document_at + string->at,
                                     .text = string->raw,
                                     .to = string->raw.len};
    if (string->flags & TT_JSON_HAS_ESCAPE) {
        level->kind = TT_LEVEL_JSON;
        TT_TRY(tt_scan_level_decode(level, 0, string->raw.len, &fields->text[top]));
    }
    enum tt_status status = look_at_levels(&walk);
    memcpy(outer->levels, walk.levels, (size_t) top * sizeof(*walk.levels)); /* the places that they have come to */
    return status;
}

/* A document of its own, so that those of one capture are compared as well. */
static enum tt_status
look_at_document(struct walk *walk)
{
    struct tt_scan_file *file = walk->fields->file;
    struct tt_str text = walk->levels[walk->top].text;
    uint64_t outer = file->compared;
    file->compared = ++file->compared_count;
    enum tt_status status = tt_nested_look(&walk->fields->nested, text, see, look_at_string, walk);
    file->compared = outer;
    return status;
}

/* ---- Bodies: streams of events, and base64 ---- */

/* What stands between the documents of a stream is looked at as text. */
static enum tt_status
look_between(struct walk *walk, size_t from, size_t to)
{
    struct tt_scan_level *level = &walk->levels[walk->top];
    size_t outer_from = level->from, outer_to = level->to;
    level->from = from;
    level->to = to;
    enum tt_status status = from < to ? look_at_level(walk) : TT_OK;
    level->from = outer_from;
    level->to = outer_to;
    return status;
}

/* The events of one stream are one document for what is compared. */
static enum tt_status
look_at_events(struct walk *walk)
{
    struct tt_scan_file *file = walk->fields->file;
    struct tt_events events = {.text = walk->levels[walk->top].text};
    uint64_t outer = file->compared;
    enum tt_status status = TT_OK;
    size_t done = 0;
    file->compared = ++file->compared_count;
    while (status == TT_OK && tt_events_next(&events)) {
        status = look_between(walk, done, events.from);
        done = events.to;
        walk->event = events.count;
        walk->document_at = events.from;
        if (status == TT_OK) {
            struct tt_str document = tt_str_slice(events.text, events.from, events.to);
            status = tt_nested_look(&walk->fields->nested, document, see, look_at_string, walk);
        }
        walk->event = 0;
        walk->document_at = 0;
    }
    file->compared = outer;
    return status == TT_OK ? look_between(walk, done, events.text.len) : status;
}

/* Is text one token of base64? */
static bool
is_base64(struct tt_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!tt_ascii_is_alnum(c) && c != '+' && c != '/' && c != '=' && c != '-' && c != '_') {
            return false;
        }
    }
    return text.len >= TT_SITE_FIELD_MIN;
}

/* Makes the text that a body in base64 stands for the level in work; the one below stays, if it is no body. */
static enum tt_status
enter_base64(struct walk *walk)
{
    const struct tt_scan_field *field = walk->field;
    const struct tt_scan_level *below = &walk->levels[0];
    struct tt_scan_level *level = &walk->levels[1];
    if (!field->at_start || !field->at_end || !is_body(field->path) || !is_base64(below->text)) {
        return TT_OK;
    }
    *level = (struct tt_scan_level) {.kernels = below->kernels, .source = below->text, .kind = TT_LEVEL_ESCAPES, .tokens = true};
    TT_TRY(tt_scan_level_decode(level, below->from, below->to, &walk->fields->text[1]));
    walk->top = 1;
    return TT_OK;
}

/*
 * Is the field a string of JSON in which no channel can find anything?  It is too short for whatever is sought in long texts, and of what makes
 * a mark or an escape in ASCII it has no sign: no control, no % & + and no brace, not two separators of a date.
 */
static bool
is_idle(const struct tt_scan_field *field)
{
    enum { SIGN = TT_FIELD_IDLE_MAX };
    static const uint8_t weight[0x80] = {
        ['%'] = SIGN, ['&'] = SIGN, ['+'] = SIGN, ['\\'] = SIGN, ['{'] = SIGN, [0x7F] = SIGN, ['-'] = 1, ['.'] = 1, ['/'] = 1,
    };
    unsigned sum = 0;
    if (!field->in_json || field->raw.len >= TT_FIELD_IDLE_MAX) {
        return false;
    }
    for (size_t i = 0; i < field->raw.len; i++) {
        unsigned char c = (unsigned char) field->raw.ptr[i];
        sum += c >= 0x20 && c < 0x80 ? weight[c] : SIGN;
    }
    return sum < 2;
}

enum tt_status
tt_scan_fields_look(struct tt_scan_fields *fields, const struct tt_scan_field *field)
{
    struct walk walk; /* its levels are filled when they are reached: to clear them takes as long as a short string */
    walk.fields = fields;
    walk.field = field;
    walk.top = walk.base = 0;
    walk.nested = NULL;
    walk.document_at = walk.event = 0;
    TT_TRY(first_level(&walk));
    TT_TRY(look_at_form(&walk));
    if (is_idle(field)) {
        return look_at_sites(&walk);
    }
    TT_TRY(enter_base64(&walk));
    switch (what_is_held(&walk)) {
    case HOLDS_DOCUMENT: return look_at_document(&walk);
    case HOLDS_EVENTS: return look_at_events(&walk);
    case HOLDS_TEXT: break;
    }
    walk.top = 0;
    TT_TRY(look_at_sites(&walk));
    return look_at_levels(&walk);
}
