/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The result of one input; see file.h.
 *
 * Everything is copied into the result's own arena, because readers slide their windows on while the result waits for its turn.
 */
#include "scan/file.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define NOTE_MAX (4 * TT_KIB) /* bytes of a note, of which the arena always has room for all */

void
tt_scan_file_begin(struct tt_scan_file *file, const struct tt_alloc *alloc, const struct tt_kernels *kernels, struct tt_str uri)
{
    *file = (struct tt_scan_file) {.alloc = alloc, .kernels = kernels, .result = {.uri = uri}};
    tt_arena_init(&file->arena, alloc, TT_SCAN_FILE_ARENA);
    tt_sites_init(&file->sites, alloc, TT_SITES_INPUT_MAX, TT_SITES_INPUT_BYTES);
}

void
tt_scan_file_free(struct tt_scan_file *file)
{
    tt_alloc_free(file->alloc, file->findings, file->finding_cap * sizeof(*file->findings));
    tt_arena_free(&file->arena);
    tt_sites_free(&file->sites);
    *file = (struct tt_scan_file) {0};
}

static enum tt_status
grow_findings(struct tt_scan_file *file)
{
    size_t cap = file->finding_cap ? file->finding_cap * 2 : 8;
    struct tt_finding *grown =
        tt_alloc_resize(file->alloc, file->findings, file->finding_cap * sizeof(*grown), cap * sizeof(*grown));
    if (!grown) {
        return TT_E_MEMORY;
    }
    file->findings = grown;
    file->finding_cap = cap;
    return TT_OK;
}

/* What a copy of s takes of the arena, at most. */
static size_t
size_of_copy(struct tt_str s)
{
    return s.len + 1 + alignof(max_align_t);
}

/* Is there room for a copy?  Asked before, because the arena does not tell its cap from a machine without memory. */
static bool
has_room(const struct tt_scan_file *file, const struct tt_finding *finding)
{
    const struct tt_where *where = &finding->where;
    size_t size =
        size_of_copy(where->uri) + size_of_copy(where->path) + size_of_copy(finding->message) + size_of_copy(finding->excerpt);
    for (size_t i = 0; i < finding->fact_count; i++) {
        size += size_of_copy(finding->facts[i].text);
    }
    return file->arena.max - file->arena.used >= size + TT_SCAN_NOTES_MAX * (NOTE_MAX + alignof(max_align_t));
}

enum tt_status
tt_scan_file_add(struct tt_scan_file *file, const struct tt_finding *finding)
{
    struct tt_scan_result *result = &file->result;
    result->found[finding->level]++;
    if (result->finding_count == TT_SCAN_FINDINGS_MAX || !has_room(file, finding)) {
        file->findings_dropped++;
        return TT_OK;
    }
    if (result->finding_count == file->finding_cap) {
        TT_TRY(grow_findings(file));
    }
    struct tt_finding *kept = &file->findings[result->finding_count];
    TT_TRY(tt_finding_copy(&file->arena, finding, kept));
    kept->where.uri = result->uri.len > 0 ? result->uri : kept->where.uri; /* a comparison of inputs has no uri of its own */
    tt_finding_identify(kept);
    result->finding_count++;
    return TT_OK;
}

static enum tt_status
take(void *ctx, const struct tt_finding *finding)
{
    return tt_scan_file_add(ctx, finding);
}

struct tt_sink
tt_scan_file_sink(struct tt_scan_file *file)
{
    return (struct tt_sink) {take, file};
}

enum tt_status
tt_scan_file_note(struct tt_scan_file *file, const struct tt_position *at, const char *why, const char *detail, uint64_t more)
{
    struct tt_scan_result *result = &file->result;
    struct tt_buf text;
    struct tt_not_inspected *note = &file->notes[result->not_inspected_count];
    if (result->not_inspected_count == TT_SCAN_NOTES_MAX - 1) { /* the last is for the sentence that says so */
        file->notes_dropped++;
        return TT_OK;
    }
    tt_buf_init(&text, file->alloc, NOTE_MAX - 1);
    if (at) {
        tt_buf_add(&text, TT_STR("line "));
        tt_buf_add_u64(&text, at->line);
        tt_buf_add(&text, TT_STR(", column "));
        tt_buf_add_u64(&text, at->column);
        tt_buf_add(&text, TT_STR(" (byte "));
        tt_buf_add_u64(&text, at->source);
        tt_buf_add(&text, TT_STR("): "));
    }
    tt_buf_add_cstr(&text, why);
    if (detail) {
        tt_buf_add(&text, TT_STR(": "));
        tt_buf_add_cstr(&text, detail);
    }
    if (more > 0) {
        tt_buf_add(&text, TT_STR(" (and "));
        tt_buf_add_u64(&text, more);
        tt_buf_add_cstr(&text, more == 1 ? " more place)" : " more places)");
    }
    note->uri = result->uri;
    enum tt_status status = text.status == TT_OK ? tt_arena_dup(&file->arena, tt_buf_str(&text), &note->why) : text.status;
    tt_buf_free(&text);
    result->not_inspected_count += status == TT_OK;
    return status;
}

/* The closing note for what was counted but not kept. */
static enum tt_status
note_dropped(struct tt_scan_file *file, uint64_t count, const char *what)
{
    struct tt_not_inspected *note = &file->notes[file->result.not_inspected_count];
    struct tt_buf text;
    if (count == 0 || file->result.not_inspected_count == TT_SCAN_NOTES_MAX) {
        return TT_OK;
    }
    tt_buf_init(&text, file->alloc, TT_KIB);
    tt_buf_add_u64(&text, count);
    tt_buf_add_cstr(&text, what);
    note->uri = file->result.uri;
    enum tt_status status = text.status == TT_OK ? tt_arena_dup(&file->arena, tt_buf_str(&text), &note->why) : text.status;
    tt_buf_free(&text);
    file->result.not_inspected_count += status == TT_OK;
    return status;
}

static int
by_offset(const void *a, const void *b)
{
    const struct tt_finding *x = a, *y = b;
    if (x->where.offset != y->where.offset) {
        return x->where.offset < y->where.offset ? -1 : 1;
    }
    return strcmp(x->rule->id, y->rule->id);
}

enum tt_status
tt_scan_file_end(struct tt_scan_file *file)
{
    struct tt_scan_result *result = &file->result;
    if (result->finding_count > 1) {
        qsort(file->findings, result->finding_count, sizeof(*file->findings), by_offset);
    }
    TT_TRY(note_dropped(file, file->findings_dropped, " more findings are counted but not listed"));
    TT_TRY(note_dropped(file, file->notes_dropped, " more places of this input were not inspected"));
    result->findings = file->findings;
    result->not_inspected = file->notes;
    return TT_OK;
}
