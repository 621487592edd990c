/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names of a git index.
 *
 * In: the bytes of .git/index.  Out: the names in order of bytes, which the struct owns.  Follows gitformat-index(5): a header, entries
 * of a fixed part and a name, extensions, a checksum that is not verified (an index is not evidence).  In version 4 a name gives how
 * much of the one before it stays.  Whether object names have 20 or 32 bytes the file does not say: the length with which the
 * entries come out whole and in order is taken.
 *
 * Invariant: every read is inside the bytes; names are strictly rising.
 */
#include "input/git_index.h"

#include "base/limits.h"

#define HEADER_SIZE 12
#define TIMES_AND_SIZES 40 /* of an entry, before the object's name */
#define MODE_AT 24
#define NAME_LENGTH 0x0FFFu
#define EXTENDED 0x4000u
#define MODE_KIND 0170000u
#define MODE_DIRECTORY 0040000u /* of a sparse index: nothing of it is in the work tree */

struct reader {
    struct tt_str bytes;
    size_t at;
    unsigned version;
    size_t hash_size;
    char name[TT_GIT_NAME_MAX]; /* of the entry before */
    size_t name_length;
    struct tt_git_index *index;
};

static uint32_t
number_at(struct tt_str bytes, size_t at, size_t size)
{
    uint32_t value = 0;
    for (size_t i = 0; i < size; i++) {
        value = value << 8 | (unsigned char) bytes.ptr[at + i];
    }
    return value;
}

/* Are there size more bytes? */
static bool
has(const struct reader *r, size_t size)
{
    return size <= r->bytes.len - r->at;
}

/* A number of 7 bits a byte, to each of which but the last one is added; as git writes offsets. */
static bool
read_offset(struct reader *r, size_t *value)
{
    *value = 0;
    for (size_t count = 0; count < 4 && has(r, 1); count++) {
        unsigned char c = (unsigned char) r->bytes.ptr[r->at++];
        *value = (*value << 7) + (c & 127);
        if (c < 128) {
            return true;
        }
        ++*value;
    }
    return false;
}

/* The bytes up to the next NUL, which is passed over. */
static bool
read_text(struct reader *r, struct tt_str *text)
{
    const char *end = has(r, 1) ? memchr(r->bytes.ptr + r->at, '\0', r->bytes.len - r->at) : NULL;
    if (!end) {
        return false;
    }
    *text = tt_str_slice(r->bytes, r->at, (size_t) (end - r->bytes.ptr));
    r->at += text->len + 1;
    return true;
}

/* Makes kept bytes of the name before and text the name of this entry; false when it is no name, or not behind the one before. */
static bool
take_name(struct reader *r, size_t kept, struct tt_str text)
{
    struct tt_str before = tt_str_make(r->name, r->name_length);
    if (kept > before.len || kept + text.len == 0 || text.len > sizeof(r->name) - kept) {
        return false;
    }
    struct tt_str rest = tt_str_slice(before, kept, before.len);
    size_t common = rest.len < text.len ? rest.len : text.len;
    int order = common ? memcmp(rest.ptr, text.ptr, common) : 0;
    if (order > 0 || (order == 0 && rest.len > text.len)) {
        return false;
    }
    memcpy(r->name + kept, text.ptr, text.len);
    r->name_length = kept + text.len;
    return true;
}

/* Unmerged files have up to three entries of one name. */
static enum tt_status
keep_name(struct reader *r)
{
    struct tt_git_index *index = r->index;
    uint32_t place = (uint32_t) index->names.len;
    struct tt_str name = tt_str_make(r->name, r->name_length);
    if (index->places.len > 0) {
        uint32_t last;
        memcpy(&last, index->places.ptr + index->places.len - sizeof(last), sizeof(last));
        if (tt_str_eq(tt_str_slice(tt_buf_str(&index->names), last, place - 1), name)) {
            return TT_OK;
        }
    }
    tt_buf_add(&index->names, name);
    tt_buf_add_char(&index->names, '\0');
    tt_buf_add(&index->places, tt_str_make(&place, sizeof(place)));
    return index->names.status != TT_OK ? index->names.status : index->places.status;
}

static enum tt_status
read_entry(struct reader *r)
{
    size_t begin = r->at, fixed = TIMES_AND_SIZES + r->hash_size + 2, kept = 0;
    struct tt_str text;
    if (!has(r, fixed)) {
        return TT_E_INPUT;
    }
    uint32_t mode = number_at(r->bytes, begin + MODE_AT, 4), flags = number_at(r->bytes, begin + fixed - 2, 2);
    bool extended = flags & EXTENDED;
    if ((extended && r->version < 3) || !has(r, fixed + 2 * extended)) {
        return TT_E_INPUT;
    }
    r->at += fixed + 2 * extended;
    if (r->version == 4) {
        size_t dropped;
        if (!read_offset(r, &dropped) || dropped > r->name_length) {
            return TT_E_INPUT;
        }
        kept = r->name_length - dropped;
    }
    if (!read_text(r, &text) || !take_name(r, kept, text)) {
        return TT_E_INPUT;
    }
    uint32_t length = flags & NAME_LENGTH;
    if (length != (r->name_length < NAME_LENGTH ? r->name_length : NAME_LENGTH)) {
        return TT_E_INPUT;
    }
    if (r->version < 4) { /* NULs up to a multiple of 8 bytes, at least the one that was read */
        size_t size = (r->at - begin + 7) / 8 * 8;
        if (size > r->bytes.len - begin) {
            return TT_E_INPUT;
        }
        r->at = begin + size;
    }
    return (mode & MODE_KIND) == MODE_DIRECTORY ? TT_OK : keep_name(r);
}

/* What follows the entries: an extension "link" says that most of them are in another file. */
static enum tt_status
read_extensions(struct reader *r)
{
    while (has(r, r->hash_size + 8)) {
        size_t size = number_at(r->bytes, r->at + 4, 4);
        if (tt_str_eq(tt_str_slice(r->bytes, r->at, r->at + 4), TT_STR("link"))) {
            return TT_E_INPUT;
        }
        r->at += 8;
        if (!has(r, size)) {
            return TT_E_INPUT;
        }
        r->at += size;
    }
    return has(r, r->hash_size) && !has(r, r->hash_size + 1) ? TT_OK : TT_E_INPUT;
}

static enum tt_status
read_with(struct tt_git_index *index, struct tt_str bytes, size_t hash_size)
{
    struct reader r = {.bytes = bytes, .at = HEADER_SIZE, .hash_size = hash_size, .index = index};
    if (bytes.len < HEADER_SIZE || !tt_str_starts(bytes, TT_STR("DIRC"))) {
        return TT_E_INPUT;
    }
    r.version = number_at(bytes, 4, 4);
    if (r.version < 2 || r.version > 4) {
        return TT_E_INPUT;
    }
    for (uint32_t left = number_at(bytes, 8, 4); left > 0; left--) {
        TT_TRY(read_entry(&r));
    }
    return read_extensions(&r);
}

static void
clear(struct tt_git_index *index)
{
    tt_buf_clear(&index->names);
    tt_buf_clear(&index->places);
}

enum tt_status
tt_git_index_read(struct tt_git_index *index, const struct tt_alloc *alloc, struct tt_str bytes)
{
    tt_buf_init(&index->names, alloc, TT_GIT_NAMES_MAX);
    tt_buf_init(&index->places, alloc, TT_GIT_NAMES_MAX);
    enum tt_status status = read_with(index, bytes, 20);
    if (status == TT_E_INPUT) {
        clear(index);
        status = read_with(index, bytes, 32);
    }
    if (status != TT_OK) {
        tt_git_index_free(index);
    }
    return status;
}

void
tt_git_index_free(struct tt_git_index *index)
{
    if (index->names.alloc) {
        tt_buf_free(&index->names);
        tt_buf_free(&index->places);
    }
    *index = (struct tt_git_index) {.names = {.ptr = NULL}};
}

static struct tt_str
name_at(const struct tt_git_index *index, size_t i)
{
    uint32_t place;
    memcpy(&place, index->places.ptr + i * sizeof(place), sizeof(place));
    return tt_str_cstr(index->names.ptr + place);
}

/* Below 0: name comes before path. */
static int
compare(struct tt_str name, struct tt_str path)
{
    size_t common = name.len < path.len ? name.len : path.len;
    int order = common ? memcmp(name.ptr, path.ptr, common) : 0;
    return order ? order : (name.len > path.len) - (name.len < path.len);
}

/* The first name that does not come before path and, if there is one, a slash. */
static size_t
lower_bound(const struct tt_git_index *index, struct tt_str path, bool slash)
{
    size_t from = 0, to = index->places.len / sizeof(uint32_t);
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        struct tt_str name = name_at(index, middle);
        int order = compare(tt_str_slice(name, 0, path.len), path);
        bool before = order < 0 || (slash && order == 0 && (name.len <= path.len || (unsigned char) name.ptr[path.len] < '/'));
        from = before ? middle + 1 : from;
        to = before ? to : middle;
    }
    return from;
}

enum tt_tracked
tt_git_index_find(const struct tt_git_index *index, struct tt_str path)
{
    size_t count = index->places.len / sizeof(uint32_t), at = lower_bound(index, path, false);
    if (at < count && tt_str_eq(name_at(index, at), path)) {
        return TT_TRACKED_YES;
    }
    at = lower_bound(index, path, true);
    struct tt_str name = at < count ? name_at(index, at) : TT_STR("");
    bool inside = name.len > path.len && tt_str_starts(name, path) && name.ptr[path.len] == '/';
    return inside ? TT_TRACKED_INSIDE : TT_TRACKED_NO;
}
