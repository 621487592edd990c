/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The path of the token at hand, kept up to date token by token.  Names after a dot follow the shorthand of RFC 9535,
 * section 2.5.1.1, in ASCII; all others stand in brackets, escaped as RFC 8259 demands and no further.
 *
 * Input: tokens and decoded names.  Output: the text in path->text, owned by the path.  All memory is taken in init, so
 * that following a document cannot run out of it.
 *
 * Invariants: frames[d] belongs to the container that holds d others, and frames[d].base is the length of its own path;
 * text holds whole segments, at most TT_JSON_PATH_MAX bytes.  A segment that does not fit becomes "…"; everything below
 * it adds nothing, and the path is whole again as soon as that container is left.
 */
#include "json/path.h"

struct tt_json_frame {
    uint64_t next; /* index of the next element of an array */
    uint32_t base; /* length of the container's own path */
    bool object;
    bool cut; /* the container's own path ends in "…" */
};

#define FRAMES (TT_JSON_DEPTH_MAX + 1)
#define FRAMES_SIZE (FRAMES * sizeof(struct tt_json_frame))

static const struct tt_str ellipsis = TT_STR_INIT("\xe2\x80\xa6");

enum tt_status
tt_json_path_init(struct tt_json_path *path, const struct tt_alloc *alloc)
{
    *path = (struct tt_json_path) {.alloc = alloc};
    tt_buf_init(&path->text, alloc, TT_JSON_PATH_MAX);
    path->frames = tt_alloc_new(alloc, FRAMES_SIZE);
    if (!path->frames || !tt_buf_reserve(&path->text, TT_JSON_PATH_MAX)) {
        tt_json_path_free(path);
        return TT_E_MEMORY;
    }
    tt_json_path_reset(path);
    return TT_OK;
}

void
tt_json_path_free(struct tt_json_path *path)
{
    tt_alloc_free(path->alloc, path->frames, FRAMES_SIZE);
    path->frames = NULL;
    path->depth = 0;
    tt_buf_free(&path->text);
}

void
tt_json_path_reset(struct tt_json_path *path)
{
    tt_buf_clear(&path->text);
    tt_buf_add_char(&path->text, '$');
    path->depth = 0;
}

static bool
is_name_start(int c)
{
    return tt_ascii_is_alpha(c) || c == '_';
}

static bool
is_plain_name(struct tt_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        int c = (unsigned char) name.ptr[i];
        if (!is_name_start(c) && (i == 0 || !tt_ascii_is_digit(c))) {
            return false;
        }
    }
    return name.len > 0;
}

/* One byte of a name as a JSON string holds it. */
static void
add_escaped(struct tt_buf *text, unsigned char c)
{
    static const char letters[] = "\b\f\n\r\t\"\\";
    static const char escapes[] = "bfnrt\"\\";
    const char *found = memchr(letters, c, sizeof(letters) - 1);
    if (found) {
        tt_buf_add_char(text, '\\');
        tt_buf_add_char(text, escapes[found - letters]);
    } else if (c < 0x20) {
        char byte = (char) c;
        tt_buf_add(text, TT_STR("\\u00"));
        tt_buf_add_hex(text, tt_str_make(&byte, 1));
    } else {
        tt_buf_add_char(text, (char) c);
    }
}

void
tt_json_path_add_name(struct tt_buf *text, struct tt_str name)
{
    if (is_plain_name(name)) {
        tt_buf_add_char(text, '.');
        tt_buf_add(text, name);
        return;
    }
    tt_buf_add(text, TT_STR("[\""));
    /* A name far over the bound is given up at its first byte that does not fit. */
    for (size_t i = 0; i < name.len && text->status == TT_OK; i++) {
        add_escaped(text, (unsigned char) name.ptr[i]);
    }
    tt_buf_add(text, TT_STR("\"]"));
}

void
tt_json_path_add_index(struct tt_buf *text, uint64_t index)
{
    tt_buf_add_char(text, '[');
    tt_buf_add_u64(text, index);
    tt_buf_add_char(text, ']');
}

/* True when the text ends in "…" although frame's does not: the segment behind frame was too long. */
static bool
is_cut(const struct tt_json_path *path, const struct tt_json_frame *frame)
{
    return frame->cut || (path->text.len == frame->base + ellipsis.len && tt_str_ends(tt_buf_str(&path->text), ellipsis));
}

/* Replaces what follows the container's own path by one segment: the name, or the next index where name is NULL. */
static void
set_segment(struct tt_json_path *path, struct tt_json_frame *frame, const struct tt_str *name)
{
    struct tt_buf *text = &path->text;
    text->len = frame->base;
    if (frame->cut) {
        return; /* for good: no index of this container will be printed */
    }
    if (name) {
        tt_json_path_add_name(text, *name);
    } else {
        tt_json_path_add_index(text, frame->next++);
    }
    /* Room for the ellipsis stays free, so that it always fits. */
    if (text->status != TT_OK || text->len > TT_JSON_PATH_MAX - ellipsis.len) {
        text->status = TT_OK;
        text->len = frame->base;
        tt_buf_add(text, ellipsis);
    }
}

static enum tt_status
open_frame(struct tt_json_path *path, bool object)
{
    if (path->depth >= FRAMES) {
        return TT_E_LIMIT;
    }
    bool cut = path->depth > 0 && is_cut(path, &path->frames[path->depth - 1]);
    path->frames[path->depth++] = (struct tt_json_frame) {.base = (uint32_t) path->text.len, .object = object, .cut = cut};
    return TT_OK;
}

static enum tt_status
close_frame(struct tt_json_path *path)
{
    if (path->depth == 0) {
        return TT_E_USAGE;
    }
    path->text.len = path->frames[--path->depth].base;
    return TT_OK;
}

enum tt_status
tt_json_path_take(struct tt_json_path *path, const struct tt_json_token *token, struct tt_str name)
{
    struct tt_json_frame *frame = path->depth > 0 ? &path->frames[path->depth - 1] : NULL;
    switch (token->kind) {
    case TT_JSON_OBJECT_END:
    case TT_JSON_ARRAY_END: return close_frame(path);
    case TT_JSON_KEY:
        if (!frame || !frame->object) {
            return TT_E_USAGE;
        }
        set_segment(path, frame, &name);
        return TT_OK;
    default: break;
    }
    /* A value: the key before it has set the path already, or it is the next element. */
    if (frame && !frame->object) {
        set_segment(path, frame, NULL);
    }
    if (token->kind == TT_JSON_OBJECT_BEGIN || token->kind == TT_JSON_ARRAY_BEGIN) {
        return open_frame(path, token->kind == TT_JSON_OBJECT_BEGIN);
    }
    return TT_OK;
}

struct tt_str
tt_json_path_str(const struct tt_json_path *path)
{
    return tt_buf_str(&path->text);
}
