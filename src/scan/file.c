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
    *file = (struct tt_scan_file) {.alloc = alloc, .kernels = kernels, .result = {.uri = uri}, .uri = uri, .uri_kept = true};
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
    cap = cap < TT_SCAN_FINDINGS_MAX ? cap : TT_SCAN_FINDINGS_MAX;
    struct tt_finding *grown =
        tt_alloc_resize(file->alloc, file->findings, file->finding_cap * sizeof(*grown), cap * sizeof(*grown));
    if (!grown) {
        return TT_E_MEMORY;
    }
    file->findings = grown;
    file->finding_cap = cap;
    return TT_OK;
}

/* Orders the findings of what was being read. */
static void
end_entry(struct tt_scan_file *file)
{
    size_t count = file->result.finding_count - file->first_finding;
    if (count > 0) {
        tt_finding_sort(file->findings + file->first_finding, count);
    }
    file->first_finding = file->result.finding_count;
    file->first_document = file->result.documents;
}

void
tt_scan_file_begin_entry(struct tt_scan_file *file, struct tt_str uri)
{
    end_entry(file);
    file->uri = uri;
    file->uri_kept = false;
}

/* What a copy of s takes of the arena, at most. */
static size_t
size_of_copy(struct tt_str s)
{
    return s.len + 1 + alignof(max_align_t);
}

/* What the arena has left over for findings: room for all notes is never given away. */
static size_t
room_left(const struct tt_scan_file *file)
{
    size_t reserve = TT_SCAN_NOTES_MAX * (NOTE_MAX + alignof(max_align_t));
    size_t left = file->arena.max - file->arena.used;
    return left > reserve ? left - reserve : 0;
}

/* Most entries of an archive have nothing to say, so their names are kept only when one is asked for.  Without room the archive's will do. */
enum tt_status
tt_scan_file_uri(struct tt_scan_file *file, struct tt_str *uri)
{
    if (!file->uri_kept && room_left(file) < size_of_copy(file->uri)) {
        *uri = file->result.uri;
        return TT_OK;
    }
    if (!file->uri_kept) {
        TT_TRY(tt_arena_dup(&file->arena, file->uri, &file->uri));
        file->uri_kept = true;
    }
    *uri = file->uri;
    return TT_OK;
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
    return room_left(file) >= size + size_of_copy(file->uri);
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
    if (result->uri.len > 0) { /* a comparison of inputs has no uri of its own */
        TT_TRY(tt_scan_file_uri(file, &kept->where.uri));
    }
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
    enum tt_status status = text.status == TT_OK ? tt_scan_file_uri(file, &note->uri) : text.status;
    if (status == TT_OK) {
        status = tt_arena_dup(&file->arena, tt_buf_str(&text), &note->why);
    }
    tt_buf_free(&text);
    result->not_inspected_count += status == TT_OK;
    return status;
}

size_t
tt_scan_file_size(const struct tt_scan_file *file)
{
    const struct tt_sites *sites = &file->sites;
    return file->arena.used + file->finding_cap * sizeof(*file->findings) + sites->arena.used +
           sites->room * sizeof(*sites->rows) + sites->slot_count * sizeof(*sites->slots);
}

void
tt_scan_file_forget(struct tt_scan_file *file)
{
    tt_arena_reset(&file->arena);
    file->result.finding_count = file->first_finding = 0;
    file->findings_dropped = 0;
    memset(file->result.found, 0, sizeof(file->result.found));
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

enum tt_status
tt_scan_file_end(struct tt_scan_file *file)
{
    struct tt_scan_result *result = &file->result;
    end_entry(file);
    TT_TRY(note_dropped(file, file->findings_dropped, " more findings are counted but not listed"));
    TT_TRY(note_dropped(file, file->notes_dropped, " more places of this input were not inspected"));
    result->findings = file->findings;
    result->not_inspected = file->notes;
    return TT_OK;
}
