/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings of a package; see found.h.
 *
 * In: findings of views, in any order within a file.  Out: rows in the order of files and places.  Own: everything that is kept, within
 * TT_INSPECT_FOUND bytes and TT_INSPECT_FINDINGS_MAX rows; what is beyond is counted and said.
 */
#include "inspect/found.h"

#include "base/hash.h"
#include "base/limits.h"
#include "text/visible.h"

#include <stdarg.h>
#include <stdlib.h>

#define EXCERPT_BEFORE 32
#define EXCERPT_BEHIND 72

void
tt_found_init(struct tt_found *found, const struct tt_alloc *alloc)
{
    *found = (struct tt_found) {.alloc = alloc};
    tt_arena_init(&found->arena, alloc, TT_INSPECT_FOUND);
}

void
tt_found_free(struct tt_found *found)
{
    tt_alloc_free(found->alloc, found->rows, found->room * sizeof(*found->rows));
    tt_alloc_free(found->alloc, found->slots, found->slot_count * sizeof(*found->slots));
    tt_alloc_free(found->alloc, found->notes, found->note_room * sizeof(*found->notes));
    tt_arena_free(&found->arena);
    *found = (struct tt_found) {.alloc = found->alloc};
}

void
tt_found_begin_file(struct tt_found *found)
{
    found->file++;
    found->uri = TT_STR("");
}

/* ---- The table ---- */

static uint64_t
hash_of(const struct tt_rule *rule, struct tt_str key)
{
    return tt_hash64((uint64_t) (rule - tt_rules), 0, key);
}

/* The slot of a key, or the empty one where it belongs. */
static size_t
find_slot(const struct tt_found *found, const struct tt_rule *rule, struct tt_str key)
{
    size_t slot = hash_of(rule, key) & (found->slot_count - 1);
    while (found->slots[slot]) {
        const struct tt_found_row *row = &found->rows[found->slots[slot] - 1];
        if (row->finding.rule == rule && tt_str_eq(row->key, key)) {
            break;
        }
        slot = (slot + 1) & (found->slot_count - 1);
    }
    return slot;
}

static enum tt_status
grow(struct tt_found *found)
{
    size_t room = found->room ? found->room * 2 : 64;
    struct tt_found_row *rows = tt_alloc_resize(found->alloc, found->rows, found->room * sizeof(*rows), room * sizeof(*rows));
    if (!rows) {
        return TT_E_MEMORY;
    }
    found->rows = rows;
    found->room = room;
    uint32_t *slots = tt_alloc_new(found->alloc, 2 * room * sizeof(*slots));
    if (!slots) {
        return TT_E_MEMORY;
    }
    tt_alloc_free(found->alloc, found->slots, found->slot_count * sizeof(*slots));
    memset(slots, 0, 2 * room * sizeof(*slots));
    found->slots = slots;
    found->slot_count = 2 * room;
    for (size_t i = 0; i < found->count; i++) {
        found->slots[find_slot(found, found->rows[i].finding.rule, found->rows[i].key)] = (uint32_t) i + 1;
    }
    return TT_OK;
}

const struct tt_found_row *
tt_found_find(const struct tt_found *found, const struct tt_rule *rule, struct tt_str key)
{
    uint32_t number = found->slot_count ? found->slots[find_slot(found, rule, key)] : 0;
    return number ? &found->rows[number - 1] : NULL;
}

/* ---- Findings ---- */

struct tt_finding
tt_found_make(const char *rule, enum tt_level level, size_t at, size_t length, struct tt_str message)
{
    return (struct tt_finding) {
        .rule = tt_rule_find(tt_str_cstr(rule)), .level = level, .message = message, .where = {.offset = at, .length = length}};
}

struct tt_str
tt_found_text(const struct tt_view *view, const char *first, ...)
{
    va_list args;
    size_t len = 0;
    va_start(args, first);
    for (const char *piece = first; piece; piece = va_arg(args, const char *)) {
        len += strlen(piece);
    }
    va_end(args);
    char *text = tt_arena_get(view->scratch, len + 1);
    if (!text) {
        return TT_STR(""); /* the copy that follows fails as well, and says so */
    }
    len = 0;
    va_start(args, first);
    for (const char *piece = first; piece; piece = va_arg(args, const char *)) {
        memcpy(text + len, piece, strlen(piece));
        len += strlen(piece);
    }
    va_end(args);
    return tt_str_make(text, len);
}

/* Moves the view's cursor to a place and reads line and column there. */
static void
place(struct tt_view *view, size_t at, struct tt_where *where)
{
    const char *text = view->text.ptr;
    if (at < view->cursor) {
        /* Back: lines and columns are counted from the start again, where the last stretch ended. */
        view->cursor = 0;
        view->line = view->first_line;
        view->column = view->first_column;
    }
    for (const char *end; (end = memchr(text + view->cursor, '\n', at - view->cursor)) != NULL;) {
        view->cursor = (size_t) (end - text) + 1;
        view->line++;
        view->column = 1;
    }
    uint64_t points = 0;
    for (size_t i = view->cursor; i < at; i++) {
        points += ((unsigned char) text[i] & 0xC0) != 0x80;
    }
    view->cursor = at;
    view->column += points;
    where->line = view->line;
    where->column = view->column;
    where->offset = view->offset + at;
}

void
tt_view_place(struct tt_view *view, size_t at)
{
    struct tt_where where;
    place(view, at, &where);
}

/* A piece of the line around a place, made visible. */
static enum tt_status
add_excerpt(const struct tt_view *view, struct tt_finding *finding, struct tt_buf *out)
{
    size_t at = finding->where.offset, from = at, to = at;
    while (from > 0 && at - from < EXCERPT_BEFORE && view->text.ptr[from - 1] != '\n') {
        from--;
    }
    while (to < view->text.len && to - at < EXCERPT_BEHIND && view->text.ptr[to] != '\n') {
        to++;
    }
    while (from < at && ((unsigned char) view->text.ptr[from] & 0xC0) == 0x80) {
        from++;
    }
    while (to > at && to < view->text.len && ((unsigned char) view->text.ptr[to] & 0xC0) == 0x80) {
        to--;
    }
    tt_visible_add(out, tt_str_slice(view->text, from, to), 0, 0);
    finding->excerpt = tt_buf_str(out);
    return out->status;
}

static enum tt_status
keep_uri(struct tt_view *view)
{
    struct tt_found *found = view->found;
    return found->uri.len > 0 ? TT_OK : tt_arena_dup(&found->arena, view->uri, &found->uri);
}

/* Is there room for the words of one more?  Asked before, because the arena does not tell its bound from a machine without memory. */
static bool
has_room(const struct tt_found *found, const struct tt_view *view, const struct tt_finding *finding, struct tt_str key)
{
    size_t size = view->uri.len + finding->message.len + finding->excerpt.len + key.len + (finding->fact_count + 8) * 32;
    for (size_t i = 0; i < finding->fact_count; i++) {
        size += finding->facts[i].text.len;
    }
    return found->arena.max - found->arena.used >= size + TT_INSPECT_NOTES_ROOM;
}

static enum tt_status
keep(struct tt_view *view, struct tt_finding *finding, struct tt_found_row *row)
{
    struct tt_found *found = view->found;
    struct tt_buf excerpt;
    tt_buf_init(&excerpt, found->alloc, 64 * (EXCERPT_BEFORE + EXCERPT_BEHIND));
    enum tt_status status = add_excerpt(view, finding, &excerpt);
    if (status == TT_OK) {
        status = keep_uri(view);
    }
    if (status == TT_OK) {
        place(view, (size_t) finding->where.offset, &finding->where);
        finding->where.uri = TT_STR("");
        status = tt_finding_copy(&found->arena, finding, &row->finding);
        row->finding.where.uri = found->uri;
        row->file = found->file;
    }
    tt_buf_free(&excerpt);
    return status;
}

enum tt_status
tt_found_add(struct tt_view *view, struct tt_finding *finding, struct tt_str key)
{
    struct tt_found *found = view->found;
    if (finding->where.offset >= view->owned) {
        return TT_OK;
    }
    if (found->count == found->room) {
        TT_TRY(grow(found));
    }
    uint32_t *slot = &found->slots[find_slot(found, finding->rule, key)];
    if (*slot) {
        struct tt_found_row *row = &found->rows[*slot - 1];
        row->times++;
        return finding->level > row->finding.level && has_room(found, view, finding, key) ? keep(view, finding, row) : TT_OK;
    }
    if (found->count == TT_INSPECT_FINDINGS_MAX || !has_room(found, view, finding, key)) {
        found->dropped++;
        return TT_OK;
    }
    struct tt_found_row *row = &found->rows[found->count];
    *row = (struct tt_found_row) {.times = 1};
    TT_TRY(tt_arena_dup(&found->arena, key, &row->key));
    TT_TRY(keep(view, finding, row));
    *slot = (uint32_t) ++found->count;
    return TT_OK;
}

enum tt_status
tt_found_keep(struct tt_found *found, const struct tt_finding *finding)
{
    if (found->count == found->room) {
        TT_TRY(grow(found));
    }
    if (found->count == TT_INSPECT_FINDINGS_MAX) {
        found->dropped++;
        return TT_OK;
    }
    struct tt_found_row *row = &found->rows[found->count];
    *row = (struct tt_found_row) {.key = TT_STR(""), .times = 1};
    TT_TRY(tt_finding_copy(&found->arena, finding, &row->finding));
    tt_finding_identify(&row->finding);
    found->count++;
    return TT_OK;
}

/* ---- Notes and the end ---- */

enum tt_status
tt_found_note(struct tt_found *found, struct tt_str uri, const char *why, const char *detail)
{
    if (found->note_count == TT_INSPECT_NOTES_MAX || uri.len > TT_ARCHIVE_URI_MAX ||
        found->arena.max - found->arena.used < uri.len + strlen(why) + (detail ? strlen(detail) : 0) + TT_KIB) {
        found->notes_dropped++;
        return TT_OK;
    }
    if (found->note_count == found->note_room) {
        size_t room = found->note_room ? found->note_room * 2 : 16;
        struct tt_not_inspected *notes =
            tt_alloc_resize(found->alloc, found->notes, found->note_room * sizeof(*notes), room * sizeof(*notes));
        if (!notes) {
            return TT_E_MEMORY;
        }
        found->notes = notes;
        found->note_room = room;
    }
    struct tt_not_inspected *note = &found->notes[found->note_count];
    size_t why_len = strlen(why), detail_len = detail ? strlen(detail) : 0;
    char *words = tt_arena_get(&found->arena, why_len + detail_len + 3);
    if (!words) {
        return TT_E_MEMORY;
    }
    memcpy(words, why, why_len);
    if (detail) {
        memcpy(words + why_len, ": ", 2);
        memcpy(words + why_len + 2, detail, detail_len);
    }
    note->why = tt_str_make(words, why_len + (detail ? 2 + detail_len : 0));
    TT_TRY(tt_arena_dup(&found->arena, uri, &note->uri));
    found->note_count++;
    return TT_OK;
}

static int
by_place(const void *a, const void *b)
{
    const struct tt_found_row *x = a, *y = b;
    if (x->file != y->file) {
        return x->file < y->file ? -1 : 1;
    }
    if (x->finding.where.offset != y->finding.where.offset) {
        return x->finding.where.offset < y->finding.where.offset ? -1 : 1;
    }
    int order = strcmp(x->finding.rule->id, y->finding.rule->id);
    return order ? order : strcmp(x->key.ptr, y->key.ptr);
}

enum tt_status
tt_found_end(struct tt_found *found)
{
    if (found->count == 0) {
        return TT_OK;
    }
    qsort(found->rows, found->count, sizeof(*found->rows), by_place);
    memset(found->slots, 0, found->slot_count * sizeof(*found->slots));
    for (size_t i = 0; i < found->count; i++) {
        struct tt_found_row *row = &found->rows[i];
        found->slots[find_slot(found, row->finding.rule, row->key)] = (uint32_t) i + 1;
        if (row->times > 1) {
            tt_finding_add_number(&row->finding, "times", (int64_t) row->times);
        }
        tt_finding_identify(&row->finding);
    }
    if (found->dropped > 0) {
        TT_TRY(tt_found_note(found, TT_STR("..."), "there are more findings than are kept", NULL));
    }
    return TT_OK;
}

struct tt_str
tt_found_name(struct tt_str uri)
{
    size_t begin = uri.len;
    while (begin > 0 && uri.ptr[begin - 1] != '/' && uri.ptr[begin - 1] != '!') {
        begin--;
    }
    return tt_str_slice(uri, begin, uri.len);
}
