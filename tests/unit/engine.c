/* SPDX-License-Identifier: Apache-2.0 */
#include "engine.h"

void
engine_open(struct engine *e)
{
    const struct tt_kernels *kernels = tt_kernels_get(tt_cpu_detect());
    tt_scan_file_begin(&e->file, &tt_alloc_libc, kernels, TT_STR(""));
    assert_int_equal(tt_scan_fields_init(&e->fields, &tt_alloc_libc, kernels), TT_OK);
    e->fields.file = &e->file;
    e->fields.alone = true;
    tt_arena_init(&e->scratch, &tt_alloc_libc, TT_MARKS_ARENA);
}

void
engine_close(struct engine *e)
{
    tt_scan_fields_free(&e->fields);
    tt_scan_file_free(&e->file);
    tt_arena_free(&e->scratch);
}

size_t
engine_look(struct engine *e, struct tt_str raw, const char *path, const char *role)
{
    tt_marks_begin_document(&e->fields.marks);
    e->fields.shown = false;
    tt_cursor_begin(&e->cursor, e->fields.marks.kernels);
    e->cursor.bytes = raw;
    tt_scan_file_forget(&e->file);
    const struct tt_scan_field field = {
        .raw = raw,
        .to = raw.len,
        .cursor = &e->cursor,
        .escaped = raw.len > 0 && memchr(raw.ptr, '\\', raw.len) != NULL,
        .at_start = true,
        .at_end = true,
        .in_json = true,
        .path = tt_str_cstr(path),
        .role = tt_str_cstr(role),
    };
    assert_int_equal(tt_scan_fields_look(&e->fields, &field), TT_OK);
    return e->file.result.finding_count;
}
