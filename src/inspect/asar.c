/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of asar archives; see asar.h.
 *
 * In: a JSON object {"files": {NAME: {"files": ...} or {"size": N, "offset": "N"} or {"link": ...}}}.  Out: entries.  Own: names and entries.
 * The format is that of Electron's asar (its README, section "Format").  A name may be anything: it is shown, never opened.
 */
#include "inspect/asar.h"

#include "json/lexer.h"
#include "json/string.h"

#include <stdlib.h>

/* What the members of the object at a depth are. */
enum state { OTHER, NODE, FILES };

enum key { KEY_OTHER, KEY_FILES, KEY_SIZE, KEY_OFFSET, KEY_UNPACKED };

struct reading {
    struct tt_asar *asar;
    struct tt_str json;
    struct tt_buf path;
    enum state states[TT_JSON_DEPTH_MAX + 2];
    size_t lengths[TT_JSON_DEPTH_MAX + 2]; /* of the path, where the object at that depth began */
    enum key key;
    uint64_t size, offset;
    bool has_size, has_offset, unpacked;
};

static uint32_t
number_at(struct tt_str bytes, size_t at)
{
    const unsigned char *p = (const unsigned char *) bytes.ptr + at;
    return p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16 | (uint32_t) p[3] << 24;
}

bool
tt_asar_is_one(struct tt_str head, size_t *json, uint64_t *base)
{
    if (head.len <= TT_ASAR_PREFIX || number_at(head, 0) != 4 || head.ptr[TT_ASAR_PREFIX] != '{') {
        return false;
    }
    uint32_t whole = number_at(head, 4), inner = number_at(head, 8), text = number_at(head, 12);
    if (whole < 8 || inner != whole - 4 || text > whole - 8) {
        return false;
    }
    *json = text;
    *base = 8 + (uint64_t) whole;
    return true;
}

static bool
read_number(struct tt_str text, uint64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (!tt_ascii_is_digit(text.ptr[i]) || *number > (UINT64_MAX >> 8)) {
            return false;
        }
        *number = *number * 10 + (uint64_t) (text.ptr[i] - '0');
    }
    return text.len > 0;
}

static enum tt_status
add_entry(struct reading *reading)
{
    struct tt_asar *asar = reading->asar;
    if (asar->count == TT_ASAR_ENTRIES_MAX) {
        return TT_E_LIMIT;
    }
    if (asar->count == asar->room) {
        size_t room = asar->room ? asar->room * 2 : 64;
        struct tt_asar_entry *entries =
            tt_alloc_resize(asar->alloc, asar->entries, asar->room * sizeof(*entries), room * sizeof(*entries));
        if (!entries) {
            return TT_E_MEMORY;
        }
        asar->entries = entries;
        asar->room = room;
    }
    /* The buffer of names may move while it grows, so only lengths are kept until the end. */
    tt_buf_add(&asar->names, tt_buf_str(&reading->path));
    asar->entries[asar->count++] = (struct tt_asar_entry) {{NULL, reading->path.len}, reading->offset, reading->size};
    return asar->names.status;
}

static enum tt_status
end_node(struct reading *reading, uint32_t depth)
{
    enum tt_status status = TT_OK;
    reading->path.len = reading->lengths[depth];
    if (reading->states[depth] == NODE && reading->has_size && reading->unpacked) {
        reading->asar->unpacked++;
    } else if (reading->states[depth] == NODE && reading->has_size && reading->has_offset) {
        status = add_entry(reading);
    } else if (reading->states[depth] == NODE && (reading->has_size || reading->has_offset)) {
        reading->asar->damaged = true;
    }
    reading->has_size = reading->has_offset = reading->unpacked = false;
    return status;
}

static enum key
key_of(struct tt_str name)
{
    return tt_str_eq(name, TT_STR("files"))      ? KEY_FILES
           : tt_str_eq(name, TT_STR("size"))     ? KEY_SIZE
           : tt_str_eq(name, TT_STR("offset"))   ? KEY_OFFSET
           : tt_str_eq(name, TT_STR("unpacked")) ? KEY_UNPACKED
                                                 : KEY_OTHER;
}

/* A key within the object at depth: the name of a file, or a member of a node. */
static enum tt_status
take_key(struct reading *reading, uint32_t depth, struct tt_str name)
{
    reading->key = key_of(name);
    if (reading->states[depth] == FILES) {
        reading->path.len = reading->lengths[depth];
        if (reading->path.len > 0) {
            tt_buf_add_char(&reading->path, '/');
        }
        tt_buf_add(&reading->path, name);
    }
    return reading->path.status;
}

static void
open_object(struct reading *reading, uint32_t depth)
{
    enum state outer = depth > 0 ? reading->states[depth] : OTHER;
    enum state state = depth == 0 || outer == FILES ? NODE : outer == NODE && reading->key == KEY_FILES ? FILES : OTHER;
    reading->states[depth + 1] = state;
    reading->lengths[depth + 1] = reading->path.len;
    if (state == NODE) {
        reading->has_size = reading->has_offset = reading->unpacked = false;
    }
}

static enum tt_status
take_value(struct reading *reading, const struct tt_json_token *token, struct tt_str text)
{
    uint64_t number;
    if (token->depth == 0 || reading->states[token->depth] != NODE) {
        return TT_OK;
    }
    bool good = read_number(text, &number);
    if (reading->key == KEY_SIZE && token->kind == TT_JSON_NUMBER && good) {
        reading->size = number;
        reading->has_size = true;
    } else if (reading->key == KEY_OFFSET && token->kind == TT_JSON_STRING && good) {
        reading->offset = number;
        reading->has_offset = true;
    } else if (reading->key == KEY_UNPACKED && token->kind == TT_JSON_TRUE) {
        reading->unpacked = true;
    }
    return TT_OK;
}

static enum tt_status
take(void *ctx, const struct tt_json_token *token)
{
    struct reading *reading = ctx;
    struct tt_str text = tt_str_slice(reading->json, (size_t) token->offset, (size_t) (token->offset + token->length));
    switch (token->kind) {
    case TT_JSON_OBJECT_BEGIN: open_object(reading, token->depth); return TT_OK;
    case TT_JSON_ARRAY_BEGIN: reading->states[token->depth + 1] = OTHER; return TT_OK;
    case TT_JSON_OBJECT_END: return end_node(reading, token->depth + 1);
    case TT_JSON_KEY: return take_key(reading, token->depth, text);
    default: return take_value(reading, token, text);
    }
}

static int
by_offset(const void *a, const void *b)
{
    const struct tt_asar_entry *x = a, *y = b;
    if (x->offset != y->offset) {
        return x->offset < y->offset ? -1 : 1;
    }
    return x->size < y->size ? -1 : x->size > y->size;
}

enum tt_status
tt_asar_read(struct tt_asar *asar, const struct tt_alloc *alloc, const struct tt_kernels *kernels, struct tt_str json)
{
    struct tt_json_lexer lexer;
    struct reading *reading = tt_alloc_new(alloc, sizeof(*reading));
    *asar = (struct tt_asar) {.alloc = alloc};
    if (!reading) {
        return TT_E_MEMORY;
    }
    *reading = (struct reading) {.asar = asar, .json = json};
    tt_buf_init(&asar->names, alloc, 4 * TT_ASAR_HEADER_MAX);
    tt_buf_init(&reading->path, alloc, TT_ARCHIVE_URI_MAX);
    tt_json_begin(&lexer, kernels, 0, take, reading);
    enum tt_status status = tt_json_feed(&lexer, json, NULL);
    if (status == TT_OK) {
        status = tt_json_end(&lexer, NULL);
    }
    tt_buf_free(&reading->path);
    tt_alloc_free(alloc, reading, sizeof(*reading));
    size_t at = 0;
    for (size_t i = 0; i < asar->count; i++) {
        asar->entries[i].path = tt_str_slice(tt_buf_str(&asar->names), at, at + asar->entries[i].path.len);
        at += asar->entries[i].path.len;
    }
    if (asar->count > 1) {
        qsort(asar->entries, asar->count, sizeof(*asar->entries), by_offset);
    }
    return status;
}

void
tt_asar_free(struct tt_asar *asar)
{
    tt_alloc_free(asar->alloc, asar->entries, asar->room * sizeof(*asar->entries));
    tt_buf_free(&asar->names);
}
