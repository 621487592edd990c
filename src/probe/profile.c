/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles; see profile.h.
 *
 * In: JSON, built in or written by a person.  Out: a struct whose strings lie in the caller's arena.  A member that is unknown is an error: a
 * setting that is silently without effect would make a probe say less than it seems to.
 */
#include "probe/profile.h"

#include "probe/texts.h"
#include "json/node.h"

struct reader {
    struct tt_arena *arena;
    struct tt_profile *out;
    struct tt_error *err;
};

static enum tt_status
wrong(struct reader *reader, const struct tt_node *node, const char *why)
{
    return tt_error_set(reader->err, TT_E_INPUT, node->pos, why);
}

static enum tt_status
take_text(struct reader *reader, const struct tt_node *node, struct tt_str *out)
{
    if (node->kind != TT_JSON_STRING) {
        return wrong(reader, node, "a text is expected here");
    }
    if (memchr(node->text.ptr, '\0', node->text.len)) {
        return wrong(reader, node, "a text holds a NUL character");
    }
    return tt_arena_dup(reader->arena, node->text, out);
}

static enum tt_status
take_list(struct reader *reader, const struct tt_node *node, struct tt_str **items, size_t *count)
{
    if (node->kind != TT_JSON_ARRAY_BEGIN) {
        return wrong(reader, node, "a list of texts is expected here");
    }
    *items = tt_arena_get(reader->arena, (tt_node_count(node) + 1) * sizeof(**items));
    if (!*items) {
        return TT_E_MEMORY;
    }
    for (const struct tt_node *item = node->first; item; item = item->next) {
        TT_TRY(take_text(reader, item, &(*items)[(*count)++]));
    }
    return TT_OK;
}

static enum tt_status
take_pairs(struct reader *reader, const struct tt_node *node, struct tt_profile_pair **pairs, size_t *count)
{
    if (node->kind != TT_JSON_OBJECT_BEGIN) {
        return wrong(reader, node, "an object of texts is expected here");
    }
    *pairs = tt_arena_get(reader->arena, (tt_node_count(node) + 1) * sizeof(**pairs));
    if (!*pairs) {
        return TT_E_MEMORY;
    }
    for (const struct tt_node *item = node->first; item; item = item->next) {
        struct tt_profile_pair *pair = &(*pairs)[(*count)++];
        TT_TRY(tt_arena_dup(reader->arena, item->key, &pair->name));
        TT_TRY(take_text(reader, item, &pair->value));
    }
    return TT_OK;
}

static enum tt_status
take_member(struct reader *reader, const struct tt_node *node)
{
    struct tt_profile *out = reader->out;
    const struct {
        struct tt_str key;
        struct tt_str *to;
    } texts[] = {
        {TT_STR("name"), &out->name},       {TT_STR("title"), &out->title},   {TT_STR("program"), &out->program},
        {TT_STR("install"), &out->install}, {TT_STR("source"), &out->source},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        if (tt_str_eq(node->key, texts[i].key)) {
            return take_text(reader, node, texts[i].to);
        }
    }
    if (tt_str_eq(node->key, TT_STR("arguments"))) {
        return take_list(reader, node, &out->arguments, &out->argument_count);
    }
    if (tt_str_eq(node->key, TT_STR("hosts"))) {
        return take_list(reader, node, &out->hosts, &out->host_count);
    }
    if (tt_str_eq(node->key, TT_STR("env"))) {
        return take_pairs(reader, node, &out->vars, &out->var_count);
    }
    if (tt_str_eq(node->key, TT_STR("files"))) {
        return take_pairs(reader, node, &out->files, &out->file_count);
    }
    if (tt_str_eq(node->key, TT_STR("https_for_names"))) {
        out->https_for_names = node->kind == TT_JSON_TRUE;
        return node->kind == TT_JSON_TRUE || node->kind == TT_JSON_FALSE ? TT_OK : wrong(reader, node, "this is true or false");
    }
    return tt_error_set(reader->err, TT_E_INPUT, node->key_pos, "a profile has no such member");
}

static enum tt_status
take_members(struct reader *reader, const struct tt_node *root)
{
    if (root->kind != TT_JSON_OBJECT_BEGIN) {
        return wrong(reader, root, "a profile is an object");
    }
    for (const struct tt_node *node = root->first; node; node = node->next) {
        TT_TRY(take_member(reader, node));
    }
    return reader->out->name.len > 0 && reader->out->program.len > 0
               ? TT_OK
               : wrong(reader, root, "a profile has a name and names a program");
}

enum tt_status
tt_profile_read(struct tt_arena *arena, struct tt_str json, struct tt_profile *out, struct tt_error *err)
{
    const struct tt_node *root = NULL;
    struct reader reader = {arena, out, err};
    *out = (struct tt_profile) {.name = TT_STR("")};
    enum tt_status status = tt_node_parse(arena, json, &root, err);
    if (status == TT_OK) {
        status = take_members(&reader, root);
    }
    if (status == TT_E_INPUT) {
        tt_node_place(json, err);
    }
    return status;
}

enum tt_status
tt_profile_find(struct tt_arena *arena, struct tt_str name, struct tt_profile *out, struct tt_error *err)
{
    *out = (struct tt_profile) {.name = TT_STR("")};
    for (size_t i = 0; i < tt_probe_text_count; i++) {
        struct tt_str file = tt_probe_texts[i].name;
        if (tt_str_ends(file, TT_STR(".json")) && tt_str_eq(tt_str_slice(file, 0, file.len - strlen(".json")), name)) {
            return tt_profile_read(arena, tt_probe_texts[i].text, out, err);
        }
    }
    return TT_OK;
}

bool
tt_profile_uses(const struct tt_profile *profile, struct tt_str placeholder)
{
    bool uses = false;
    for (size_t i = 0; i < profile->argument_count; i++) {
        uses = uses || tt_str_has(profile->arguments[i], placeholder);
    }
    for (size_t i = 0; i < profile->var_count; i++) {
        uses = uses || tt_str_has(profile->vars[i].value, placeholder);
    }
    for (size_t i = 0; i < profile->file_count; i++) {
        uses = uses || tt_str_has(profile->files[i].value, placeholder);
    }
    return uses;
}
