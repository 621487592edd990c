/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Marks in the strings of a body; see look.h.
 *
 * Input: strings, one after another.  Output: findings that are kept, edits, and which entries of the policy spoke; all of it is the look's own and
 * lives until the next body.  The engine is that of `scan` (scan/field.h), a string at a time.
 */
#include "gate/look.h"

#include "gate/rules.h"
#include "marks/glance.h"
#include "text/utf8.h"
#include "text/visible.h"
#include "json/lexer.h"

enum tt_status
tt_gate_look_init(struct tt_gate_look *look, const struct tt_alloc *alloc, const struct tt_kernels *kernels,
                  const struct tt_gate_rules *rules, const unsigned char secret[16], unsigned cpu)
{
    look->alloc = alloc;
    look->rules = rules;
    look->spelling = tt_gate_rules_want(rules, "mark.json-form");
    tt_buf_init(&look->place, alloc, TT_JSON_PATH_MAX + 16);
    tt_buf_init(&look->path, alloc, 3 * TT_JSON_PATH_MAX);
    tt_buf_init(&look->name, alloc, TT_GATE_BODY_MAX);
    tt_buf_init(&look->edits, alloc, (TT_GATE_EDITS_MAX + TT_NORMALISE_EDITS_MAX + 2) * sizeof(struct tt_edit));
    tt_arena_init(&look->arena, alloc, TT_GATE_ARENA);
    tt_scan_file_begin(&look->file, alloc, kernels, TT_STR(""));
    enum tt_status status = tt_scan_fields_init(&look->fields, alloc, kernels);
    look->fields.file = &look->file;
    look->fields.alone = true;
    return status == TT_OK ? tt_gate_memo_init(&look->memo, alloc, secret, cpu) : status;
}

void
tt_gate_look_free(struct tt_gate_look *look)
{
    tt_scan_fields_free(&look->fields);
    tt_scan_file_free(&look->file);
    tt_gate_memo_free(&look->memo, look->alloc);
    tt_buf_free(&look->place);
    tt_buf_free(&look->path);
    tt_buf_free(&look->name);
    tt_buf_free(&look->edits);
    tt_arena_free(&look->arena);
}

void
tt_gate_look_begin(struct tt_gate_look *look, struct tt_str provider)
{
    look->provider = provider;
    tt_buf_clear(&look->edits);
    if (look->edits.cap > TT_GATE_SCRATCH_KEPT) {
        tt_buf_free(&look->edits);
    }
    if (look->file.finding_cap * sizeof(struct tt_finding) > TT_GATE_SCRATCH_KEPT) {
        const struct tt_kernels *kernels = look->file.kernels;
        tt_scan_file_free(&look->file);
        tt_scan_file_begin(&look->file, look->alloc, kernels, TT_STR(""));
    }
    tt_arena_reset(&look->arena);
    look->kept_count = look->kept_more = 0;
    look->candidate_count = 0;
    look->found = look->weighed = 0;
    look->blocks = look->normalises = look->reports = NULL;
    look->told = 0;
    look->reported = false;
    look->trouble = NULL;
}

/* Ends the reading of the body: it is not inspected as a whole. */
static enum tt_status
give_up(struct tt_gate_look *look, const char *why)
{
    look->trouble = why;
    return TT_E_UNSUPPORTED;
}

/* ---- edits ---- */

static struct tt_edit *
edits_of(const struct tt_gate_look *look)
{
    return (struct tt_edit *) (void *) look->edits.ptr;
}

size_t
tt_gate_look_edit_count(const struct tt_gate_look *look)
{
    return look->edits.len / sizeof(struct tt_edit);
}

void
tt_gate_look_drop_edits(struct tt_gate_look *look, size_t first)
{
    if (first < tt_gate_look_edit_count(look)) {
        look->edits.len = first * sizeof(struct tt_edit);
        look->reported = true;
    }
}

enum tt_status
tt_gate_look_add_edit(struct tt_gate_look *look, const struct tt_edit *edit)
{
    size_t count = tt_gate_look_edit_count(look), at = count;
    const struct tt_edit *edits = edits_of(look);
    for (; at > 0 && edits[at - 1].offset > edit->offset; at--) {
    }
    bool before = at > 0 && edits[at - 1].offset + edits[at - 1].length > edit->offset;
    bool behind = at < count && edit->offset + edit->length > edits[at].offset;
    if (before || behind) {
        return TT_OK;
    }
    struct tt_edit *moved = (struct tt_edit *) (void *) tt_buf_reserve(&look->edits, sizeof(*edit));
    if (!moved) {
        return look->edits.status;
    }
    look->edits.len += sizeof(*edit);
    moved -= count - at;
    memmove(moved + 1, moved, (count - at) * sizeof(*edit));
    *moved = *edit;
    return TT_OK;
}

/* ---- where texts may be changed ---- */

bool
tt_gate_look_may_edit(struct tt_str role, struct tt_str type)
{
    static const struct tt_str never[] = {
        TT_STR_INIT("thinking"),    TT_STR_INIT("redacted_thinking"),    TT_STR_INIT("reasoning"),
        TT_STR_INIT("tool_result"), TT_STR_INIT("function_call_output"), TT_STR_INIT("custom_tool_call_output"),
        TT_STR_INIT("tool_use"),    TT_STR_INIT("function_call"),
    };
    if (tt_str_eq(role, TT_STR("tool")) || tt_str_eq(role, TT_STR("function"))) {
        return false;
    }
    for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++) {
        if (tt_str_eq(type, never[i])) {
            return false;
        }
    }
    return true;
}

/* Does path, with every index 0, follow pattern up to its end?  A pattern that ends in "~" goes on with anything up to ".description". */
static bool
follows(struct tt_str path, struct tt_str pattern)
{
    if (pattern.ptr[pattern.len - 1] != '~') {
        return tt_str_eq(path, pattern);
    }
    return tt_str_starts(path, tt_str_slice(pattern, 0, pattern.len - 1)) && tt_str_ends(path, TT_STR(".description"));
}

/* Texts that a client writes: never arguments, ids, names, or what the model thought. */
static bool
is_text(struct tt_str path)
{
    static const struct tt_str patterns[] = {
        TT_STR_INIT("$.system"),
        TT_STR_INIT("$.system[0].text"),
        TT_STR_INIT("$.messages[0].content"),
        TT_STR_INIT("$.messages[0].content[0]"),
        TT_STR_INIT("$.messages[0].content[0].text"),
        TT_STR_INIT("$.tools[0]~"),
        TT_STR_INIT("$.functions[0]~"),
        TT_STR_INIT("$.instructions"),
        TT_STR_INIT("$.input"),
        TT_STR_INIT("$.input[0]"),
        TT_STR_INIT("$.input[0].content"),
        TT_STR_INIT("$.input[0].content[0].text"),
        TT_STR_INIT("$.prompt"),
        TT_STR_INIT("$.prompt[0]"),
        TT_STR_INIT("$.systemInstruction.parts[0].text"),
        TT_STR_INIT("$.system_instruction.parts[0].text"),
        TT_STR_INIT("$.systemInstruction.parts.text"),
        TT_STR_INIT("$.system_instruction.parts.text"),
        TT_STR_INIT("$.contents[0].parts[0].text"),
        TT_STR_INIT("$.contents.parts[0].text"),
    };
    for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
        if (follows(path, patterns[i])) {
            return true;
        }
    }
    return false;
}

/* ---- findings ---- */

/* One string at work. */
struct close_look {
    struct tt_gate_look *look;
    const struct tt_gate_frames *frames;
    const struct tt_gate_string *string;
    const struct tt_gate_place *place;
    bool may_edit;
};

/* The edits that take the mark out, if it is proven and stands in a text that may be changed. */
static enum tt_status
edit(struct close_look *close, const struct tt_finding *f, size_t *count)
{
    struct tt_edit edits[TT_NORMALISE_EDITS_MAX];
    *count = 0;
    if (!close->may_edit || !tt_normalise_is_proven(f, true)) {
        return TT_OK;
    }
    *count = tt_normalise(close->string->raw, f, close->look->fields.learned, edits);
    for (size_t i = 0; i < *count; i++) {
        edits[i].offset += (size_t) close->string->offset;
        edits[i].line = 0;
        TT_TRY(tt_gate_look_add_edit(close->look, &edits[i]));
    }
    if (tt_gate_look_edit_count(close->look) > TT_GATE_EDITS_MAX) {
        return give_up(close->look, "more edits than the limit");
    }
    return TT_OK;
}

/* Candidates of one rule are told once a body. */
static bool
is_told(struct tt_gate_look *look, const struct tt_finding *f)
{
    for (size_t i = 0; i < look->candidate_count; i++) {
        if (look->candidates[i] == f->rule) {
            return true;
        }
    }
    if (look->candidate_count < TT_CHANNELS_MAX) {
        look->candidates[look->candidate_count++] = f->rule;
    }
    return false;
}

/* The path of the finding as people know it: that of the string, and what stands behind it in a document inside a string. */
static struct tt_str
shown_path(struct close_look *close, struct tt_str judged)
{
    struct tt_gate_look *look = close->look;
    size_t inner = judged.len > look->judged.len ? look->judged.len : judged.len;
    tt_gate_frames_path(close->frames, &look->name, &look->path);
    tt_buf_add(&look->path, tt_str_slice(judged, inner, judged.len));
    return tt_buf_str(&look->path);
}

static enum tt_status
keep(struct close_look *close, const struct tt_finding *found)
{
    struct tt_gate_look *look = close->look;
    struct tt_finding f = *found;
    if (look->kept_count == TT_GATE_FINDINGS_MAX || look->arena.used > look->arena.max / 2) {
        look->kept_more++;
        return TT_OK;
    }
    f.where.path = shown_path(close, found->where.path);
    f.where.offset += close->string->offset;
    f.where.line = f.where.column = 0;
    struct tt_finding *kept = &look->kept[look->kept_count];
    enum tt_status status = tt_finding_copy(&look->arena, &f, kept);
    if (status != TT_OK) {
        return status;
    }
    tt_finding_identify(kept);
    look->kept_count++;
    return TT_OK;
}

/* What the policy says of a finding. */
static enum tt_status
weigh(struct close_look *close, const struct tt_finding *f)
{
    struct tt_gate_look *look = close->look;
    bool named;
    size_t edits = 0;
    const struct tt_gate_rule *rule = tt_gate_rules_find(look->rules, look->provider, f, &named);
    if (!rule && (named || f->level < TT_SUSPICIOUS)) {
        return TT_OK;
    }
    if (!rule) {
        look->reported = true;
    } else if (rule->action == TT_MARK_BLOCK) {
        look->blocks = look->blocks ? look->blocks : rule->mark;
    } else if (rule->action == TT_MARK_NORMALISE) {
        TT_TRY(edit(close, f, &edits));
        const struct tt_policy_mark **first = edits > 0 ? &look->normalises : &look->reports;
        *first = *first ? *first : rule->mark;
    } else {
        look->reports = look->reports ? look->reports : rule->mark;
    }
    return f->level <= TT_CANDIDATE && is_told(look, f) ? TT_OK : keep(close, f);
}

/* ---- strings ---- */

/* Where a window may end or begin: not inside a character. */
static size_t
character_start(struct tt_str text, size_t pos)
{
    while (pos > 0 && pos < text.len && ((unsigned char) text.ptr[pos] & 0xC0) == 0x80) {
        pos--;
    }
    return pos;
}

/* Which part of a request the string is, and its path.  The same few places come again and again. */
static enum tt_status
find_place(struct tt_gate_look *look, struct tt_gate_frames *frames, uint64_t context, const struct tt_gate_place **place)
{
    struct tt_gate_place *known = &look->places[context % TT_GATE_PLACES];
    const struct tt_gate_frame *frame = &frames->at[frames->depth];
    *place = known;
    if (known->context == context && known->length > 0) {
        look->judged = tt_str_make(known->path, known->length);
        return TT_OK;
    }
    tt_gate_frames_place(frames, &look->name, &look->place);
    if (look->place.status != TT_OK || look->name.status != TT_OK) {
        return TT_E_MEMORY;
    }
    look->judged = tt_buf_str(&look->place);
    known->context = context;
    known->place = tt_place_of(look->judged, frame->role, frame->type);
    known->about_user = tt_glance_is_about_user(look->judged);
    known->length = look->judged.len <= sizeof(known->path) ? (uint32_t) look->judged.len : 0;
    memcpy(known->path, look->judged.ptr, known->length);
    return TT_OK;
}

/* Strings longer than a window are searched in parts, as a scan does (docs/internals/scan.md). */
static enum tt_status
look_through(struct close_look *close)
{
    struct tt_gate_look *look = close->look;
    const struct tt_gate_string *string = close->string;
    const struct tt_gate_frame *frame = &close->frames->at[close->frames->depth];
    struct tt_str raw = string->raw;
    size_t at = 0, searched = 0;
    while (searched < raw.len || raw.len == 0) {
        size_t end = raw.len - at > TT_WINDOW_SIZE ? character_start(raw, at + TT_WINDOW_SIZE) : raw.len;
        size_t limit = end < raw.len ? character_start(raw, end - TT_WINDOW_AHEAD) : end;
        const struct tt_scan_field field = {
            .raw = tt_str_slice(raw, at, end),
            .from = searched - at,
            .to = limit - at,
            .cursor = &look->cursor,
            .raw_at = at,
            .escaped = (string->flags & TT_JSON_HAS_ESCAPE) != 0,
            .at_start = at == 0,
            .at_end = end == raw.len,
            .in_json = true,
            .path = look->judged,
            .role = frame->role,
            .type = frame->type,
            .place = &close->place->place,
        };
        TT_TRY(tt_scan_fields_look(&look->fields, &field));
        searched = limit;
        at = character_start(raw, limit - (limit < raw.len ? TT_WINDOW_BEHIND : 0));
        if (raw.len == 0) {
            break;
        }
    }
    return TT_OK;
}

/* A string that is not known to be clean. */
static enum tt_status
look_closely(struct tt_gate_look *look, struct tt_gate_frames *frames, const struct tt_gate_string *string, uint64_t context,
             bool *clean)
{
    struct close_look close = {.look = look, .frames = frames, .string = string};
    struct tt_scan_file *file = &look->file;
    const struct tt_gate_frame *frame = &frames->at[frames->depth];
    TT_TRY(find_place(look, frames, context, &close.place));
    /* Each string is a document of its own: what was found before it does not matter. */
    tt_marks_begin_document(&look->fields.marks);
    look->fields.shown = false;
    tt_cursor_begin(&look->cursor, file->kernels);
    look->cursor.bytes = string->raw;
    TT_TRY(look_through(&close));
    size_t count = file->result.finding_count;
    *clean = count == 0 && file->findings_dropped == 0;
    if (*clean) {
        return TT_OK;
    }
    look->found++;
    look->weighed += count;
    if (file->findings_dropped > 0 || look->weighed > TT_GATE_FINDINGS_WEIGHED) {
        tt_scan_file_forget(file);
        return give_up(look, "more findings than the limit");
    }
    close.may_edit = tt_gate_look_may_edit(frame->role, frame->type) && is_text(look->judged);
    enum tt_status status = TT_OK;
    for (size_t i = 0; i < count && status == TT_OK; i++) {
        status = weigh(&close, &file->findings[i]);
    }
    tt_scan_file_forget(file);
    return status;
}

/* Where the first half of a character stands that has no other half; the string has one. */
static size_t
find_lone(struct tt_str raw)
{
    for (size_t i = 0; i + 6 <= raw.len; i++) {
        if (raw.ptr[i] != '\\') {
            continue;
        }
        bool half = raw.ptr[i + 1] == 'u' && (raw.ptr[i + 2] | 0x20) == 'd' && tt_ascii_hex(raw.ptr[i + 3]) >= 8;
        bool pair = half && tt_ascii_hex(raw.ptr[i + 3]) < 0xC && i + 12 <= raw.len && raw.ptr[i + 6] == '\\' &&
                    raw.ptr[i + 7] == 'u' && (raw.ptr[i + 8] | 0x20) == 'd' && tt_ascii_hex(raw.ptr[i + 9]) >= 0xC;
        if (half && !pair) {
            return i;
        }
        i += pair ? 11 : 1;
    }
    return 0;
}

enum tt_status
tt_gate_look_spelling(struct tt_gate_look *look, struct tt_gate_frames *frames, const struct tt_gate_string *string,
                      enum tt_json_choice choice)
{
    struct close_look close = {.look = look, .frames = frames, .string = string};
    struct tt_finding f = tt_json_form_finding(choice);
    struct tt_buf excerpt;
    look->found++; /* what holds it is not remembered */
    if (look->told & 1U << choice) {
        return TT_OK;
    }
    look->told |= 1U << choice;
    TT_TRY(find_place(look, frames, tt_gate_frames_context(frames), &close.place));
    bool lone = choice == TT_JSON_CHOICE_LONE;
    f.where.path = look->judged;
    f.where.offset = lone ? find_lone(string->raw) : 0;
    f.where.length = lone ? sizeof("\\ud800") - 1 : string->raw.len;
    tt_buf_init(&excerpt, look->alloc, TT_EXCERPT_BYTES);
    tt_visible_excerpt(&excerpt, string->raw, (size_t) f.where.offset, (size_t) (f.where.offset + f.where.length));
    f.excerpt = tt_buf_str(&excerpt);
    enum tt_status status = excerpt.status == TT_E_MEMORY ? TT_E_MEMORY : weigh(&close, &f);
    tt_buf_free(&excerpt);
    return status;
}

/* Does a glance at the bytes, and at the place where that matters, say that nothing can be found? */
static enum tt_status
is_passed(struct tt_gate_look *look, struct tt_gate_frames *frames, const struct tt_gate_string *string, uint64_t context,
          bool *passed)
{
    const struct tt_gate_place *place;
    enum tt_glance glance = tt_glance_at(look->fields.marks.kernels, &look->fields.marks.arena, string->raw, string->room);
    const struct tt_learned *learned = look->fields.learned;
    *passed = false;
    if (glance == TT_GLANCE_PERHAPS ||
        (learned && tt_learned_may_hold(learned, look->fields.marks.kernels, string->raw, string->room))) {
        return TT_OK;
    }
    TT_TRY(find_place(look, frames, context, &place));
    bool held = glance == TT_GLANCE_HOLDS && (place->place == TT_PLACE_PLAIN || place->place == TT_PLACE_METADATA);
    *passed =
        !held && !(tt_glance_wants_tokens(place->place, place->about_user, string->raw) && tt_glance_has_token(string->raw));
    return TT_OK;
}

enum tt_status
tt_gate_look_at(struct tt_gate_look *look, struct tt_gate_frames *frames, const struct tt_gate_string *string)
{
    bool passed, clean;
    uint64_t context = tt_gate_frames_context(frames);
    TT_TRY(is_passed(look, frames, string, context, &passed));
    if (passed) {
        return TT_OK;
    }
    if (string->in_part && !string->is_key && string->raw.len < TT_GATE_MEMO_MIN) {
        return look_closely(look, frames, string, context, &clean); /* the part is remembered */
    }
    struct tt_fingerprint known = tt_fingerprint_of(&look->memo.key, context, string->raw);
    if (tt_gate_memo_has(&look->memo, known)) {
        return TT_OK;
    }
    TT_TRY(look_closely(look, frames, string, context, &clean));
    if (clean) {
        tt_gate_memo_add(&look->memo, known);
    }
    return TT_OK;
}

void
tt_gate_look_end(struct tt_gate_look *look)
{
    tt_finding_sort(look->kept, look->kept_count);
    for (size_t i = 0; i <= TT_ESCAPE_LEVELS; i++) {
        struct tt_buf *text = &look->fields.text[i];
        if (text->cap > TT_GATE_SCRATCH_KEPT) {
            tt_buf_free(text);
            tt_buf_init(text, look->alloc, TT_WINDOW_SIZE);
        }
    }
}
