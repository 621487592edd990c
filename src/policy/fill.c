/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the tree to the structs of a policy, by the tables of schema.h.
 *
 * In: the tree of a file.  Out: a policy with types and defaults, or problems.  Everything lives in the arena of the problems.
 * Functions call each other as deep as the tables nest, never as deep as the input.
 */
#include "base/near.h"
#include "policy/schema.h"

#define SAY(check, at, ...) TT_POLICY_PROBLEM((check)->problems, at, __VA_ARGS__)

static enum tt_status fill_map(struct tt_policy_check *check, const struct tt_policy_schema *schema, const struct tt_yaml *map,
                               void *object);

static void *
get_zeroed(struct tt_policy_check *check, size_t count, size_t size)
{
    void *items = tt_arena_get(check->problems->arena, count * size + 1);
    if (items) {
        memset(items, 0, count * size);
    }
    return items;
}

static void *
member(void *object, const struct tt_policy_field *field)
{
    return (char *) object + field->offset;
}

/* ---- errors ---- */

/* "from 1 to 366". */
static void
say_wrong_number(struct tt_policy_check *check, const struct tt_policy_field *field, const struct tt_yaml *node)
{
    char digits[2][20];
    struct tt_str texts[2];
    const int64_t ends[] = {field->least, field->most};
    for (size_t i = 0; i < 2; i++) {
        size_t at = sizeof(digits[i]);
        int64_t rest = ends[i];
        do {
            digits[i][--at] = (char) ('0' + rest % 10);
            rest /= 10;
        } while (rest > 0);
        texts[i] = tt_str_make(digits[i] + at, sizeof(digits[i]) - at);
    }
    bool only = field->least == field->most;
    SAY(check, node->at, TT_STR("'"), tt_str_cstr(field->name),
        only ? TT_STR("' must be ") : TT_STR("' must be a whole number from "), texts[0], only ? TT_STR("") : TT_STR(" to "),
        only ? TT_STR("") : texts[1]);
}

/* "there is no WHAT 'NAME'", and a near name if there is one. */
static void
say_unknown(struct tt_policy_check *check, struct tt_policy_at at, struct tt_str what, struct tt_str name, struct tt_str near)
{
    SAY(check, at, TT_STR("there is no "), what, TT_STR(" '"), name, near.len ? TT_STR("'; did you mean '") : TT_STR("'"), near,
        near.len ? TT_STR("'?") : TT_STR(""));
}

static void
say_unknown_key(struct tt_policy_check *check, const struct tt_policy_schema *schema, const struct tt_yaml *key)
{
    struct tt_near near;
    tt_near_begin(&near, key->text);
    for (size_t i = 0; i < schema->count; i++) {
        tt_near_offer(&near, tt_str_cstr(schema->fields[i].name));
    }
    SAY(check, key->at, tt_str_cstr(schema->what), TT_STR(" has no key '"), key->text,
        near.best.len ? TT_STR("'; did you mean '") : TT_STR("'"), near.best, near.best.len ? TT_STR("'?") : TT_STR(""));
}

static void
say_wrong_value(struct tt_policy_check *check, const struct tt_policy_field *field, const struct tt_yaml *node, const char *why)
{
    struct tt_str name = tt_str_cstr(field->name);
    struct tt_near near;
    if (field->type == TT_TYPE_INT) {
        say_wrong_number(check, field, node);
        return;
    }
    if (field->type != TT_TYPE_ENUM) {
        SAY(check, node->at, TT_STR("'"), name, TT_STR("' "), tt_str_cstr(why));
        return;
    }
    char words[256]; /* of the longest list of choices, checked by a test */
    size_t used = 0;
    tt_near_begin(&near, node->text);
    for (const char *const *choice = field->choices; *choice; choice++) {
        struct tt_str word = tt_str_cstr(*choice);
        tt_near_offer(&near, word);
        if (used + word.len + 2 <= sizeof(words)) {
            memcpy(words + used, ", ", 2);
            memcpy(words + used + 2, word.ptr, word.len);
            used += word.len + 2;
        }
    }
    SAY(check, node->at, TT_STR("'"), name, TT_STR("' cannot be '"), node->text, TT_STR("'; it is one of: "),
        tt_str_slice(tt_str_make(words, used), 2, used), near.best.len ? TT_STR("; did you mean '") : TT_STR(""), near.best,
        near.best.len ? TT_STR("'?") : TT_STR(""));
}

/* ---- values ---- */

static struct tt_str
kind_word(enum tt_policy_name kind)
{
    static const struct tt_str words[] = {
        [TT_NAME_NONE] = TT_STR_INIT("name"),
        [TT_NAME_PRODUCT] = TT_STR_INIT("product"),
        [TT_NAME_VENDOR] = TT_STR_INIT("vendor"),
        [TT_NAME_CATEGORY] = TT_STR_INIT("category"),
        [TT_NAME_FAMILY] = TT_STR_INIT("model family"),
        [TT_NAME_ALTERNATIVE] = TT_STR_INIT("model family or model"),
        [TT_NAME_MODEL_VENDOR] = TT_STR_INIT("vendor of models"),
        [TT_NAME_PROVIDER] = TT_STR_INIT("provider"),
        [TT_NAME_SOURCE] = TT_STR_INIT("product or provider"),
        [TT_NAME_CHANNEL] = TT_STR_INIT("channel"),
        [TT_NAME_TEAM] = TT_STR_INIT("team"),
        [TT_NAME_REGION] = TT_STR_INIT("group of regions"),
        [TT_NAME_DECISION] = TT_STR_INIT("decision"),
    };
    return words[kind];
}

/* Names of the catalogue; those of the file are looked up when all of it is read. */
static void
check_name(struct tt_policy_check *check, const struct tt_policy_field *field, const struct tt_yaml *node)
{
    struct tt_str near = {NULL, 0};
    bool outside = field->names > TT_NAME_NONE && field->names < TT_NAME_TEAM;
    if (!outside || !check->names || !check->names->known ||
        (field->fallback && tt_str_eq(node->text, tt_str_cstr(field->fallback)))) {
        return;
    }
    if (!check->names->known(check->names->ctx, field->names, node->text, &near)) {
        say_unknown(check, node->at, kind_word(field->names), node->text, near);
    }
}

static void
fill_value(struct tt_policy_check *check, const struct tt_policy_field *field, const struct tt_yaml *node,
           struct tt_policy_value *value)
{
    if (node->refused) {
        return;
    }
    if (node->kind != TT_YAML_SCALAR) {
        SAY(check, node->at, TT_STR("'"), tt_str_cstr(field->name), TT_STR("' is a single value"));
        return;
    }
    const char *why = tt_policy_type_parse(field, node->text, value);
    if (why) {
        say_wrong_value(check, field, node, why);
    } else {
        check_name(check, field, node);
    }
    value->text = node->text;
    value->at = node->at;
}

static int
compare_values(const struct tt_policy_value *a, const struct tt_policy_value *b)
{
    size_t least = a->text.len < b->text.len ? a->text.len : b->text.len;
    int order = least ? memcmp(a->text.ptr, b->text.ptr, least) : 0;
    return order ? order : (a->text.len > b->text.len) - (a->text.len < b->text.len);
}

/* Sorted and without doubles, as the canonical form has it; lists are short. */
static void
sort_list(struct tt_policy_list *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct tt_policy_value moved = list->items[i];
        size_t at = kept;
        while (at > 0 && compare_values(&list->items[at - 1], &moved) > 0) {
            at--;
        }
        if (at > 0 && compare_values(&list->items[at - 1], &moved) == 0) {
            continue;
        }
        memmove(&list->items[at + 1], &list->items[at], (kept - at) * sizeof(moved));
        list->items[at] = moved;
        kept++;
    }
    list->count = kept;
}

static enum tt_status
fill_list(struct tt_policy_check *check, const struct tt_policy_field *field, const struct tt_yaml *node,
          struct tt_policy_list *list)
{
    bool alone = node->kind == TT_YAML_SCALAR && field->alone && tt_str_eq(node->text, tt_str_cstr(field->alone));
    if (node->refused) {
        return TT_OK;
    }
    if (node->kind != TT_YAML_LIST && !alone) {
        SAY(check, node->at, TT_STR("'"), tt_str_cstr(field->name), TT_STR("' is a list"));
        return TT_OK;
    }
    list->items = get_zeroed(check, alone ? 1 : node->count, sizeof(*list->items));
    if (!list->items) {
        return TT_E_MEMORY;
    }
    for (const struct tt_yaml *item = alone ? node : node->first; item; item = alone ? NULL : item->next) {
        fill_value(check, field, item, &list->items[list->count++]);
    }
    list->present = true;
    list->at = node->at;
    /* Where order is a choice of the author, it is kept: the sources of an identity. */
    if (!field->sub && strcmp(field->name, "identity") != 0) {
        sort_list(list);
    }
    return TT_OK;
}

/* ---- objects ---- */

static void
check_id(struct tt_policy_check *check, const struct tt_policy_schema *schema, const char *items, size_t count, size_t id_offset)
{
    const struct tt_policy_value *id = tt_policy_member(items + count * schema->size, id_offset);
    for (size_t i = 0; i < count && id->text.len > 0; i++) {
        const struct tt_policy_value *other = tt_policy_member(items + i * schema->size, id_offset);
        if (tt_str_eq(other->text, id->text)) {
            SAY(check, id->at, TT_STR("the id '"), id->text, TT_STR("' is taken"));
            return;
        }
    }
}

static size_t
offset_of_id(const struct tt_policy_schema *schema)
{
    for (size_t i = 0; i < schema->count; i++) {
        if (strcmp(schema->fields[i].name, "id") == 0) {
            return schema->fields[i].offset;
        }
    }
    return 0;
}

/* By id, so that the order in the file never matters.  One object is moved at a time through a spare place at the end. */
static void
sort_objects(char *items, size_t count, size_t size, size_t id_offset)
{
    char *spare = items + count * size;
    for (size_t i = 1; i < count; i++) {
        size_t at = i;
        memcpy(spare, items + i * size, size);
        const struct tt_policy_value *id = tt_policy_member(spare, id_offset);
        while (at > 0 && compare_values(tt_policy_member(items + (at - 1) * size, id_offset), id) > 0) {
            at--;
        }
        memmove(items + (at + 1) * size, items + at * size, (i - at) * size);
        memcpy(items + at * size, spare, size);
    }
}

static enum tt_status
fill_objects(struct tt_policy_check *check, const struct tt_policy_field *field, const struct tt_yaml *node,
             struct tt_policy_objects *objects)
{
    const struct tt_policy_schema *schema = field->sub;
    size_t id = offset_of_id(schema);
    if (node->kind != TT_YAML_LIST) {
        if (!node->refused) {
            SAY(check, node->at, TT_STR("'"), tt_str_cstr(field->name), TT_STR("' is a list of maps, each after '- '"));
        }
        return TT_OK;
    }
    objects->count = 0;
    char *items = get_zeroed(check, node->count + 1, schema->size);
    if (!items) {
        return TT_E_MEMORY;
    }
    for (const struct tt_yaml *item = node->first; item; item = item->next) {
        TT_TRY(fill_map(check, schema, item, items + objects->count * schema->size));
        check_id(check, schema, items, objects->count, id);
        objects->count++;
    }
    sort_objects(items, objects->count, schema->size, id);
    objects->items = items;
    return TT_OK;
}

/* regions: names of groups to lists of countries. */
static enum tt_status
fill_groups(struct tt_policy_check *check, const struct tt_policy_field *field, const struct tt_yaml *node,
            struct tt_policy_objects *objects)
{
    static const struct tt_policy_field name_field = {.name = "the name of a group", .type = TT_TYPE_SLUG};
    if (node->kind != TT_YAML_MAP) {
        if (!node->refused) {
            SAY(check, node->at, TT_STR("'"), tt_str_cstr(field->name), TT_STR("' is a map of names to lists"));
        }
        return TT_OK;
    }
    objects->count = 0;
    struct tt_policy_group *groups = get_zeroed(check, node->count + 1, sizeof(*groups));
    if (!groups) {
        return TT_E_MEMORY;
    }
    for (const struct tt_yaml *key = node->first; key; key = key->next) {
        struct tt_policy_group *group = &groups[objects->count];
        fill_value(check, &name_field, key, &group->name);
        if (tt_str_eq(key->text, TT_STR("all"))) {
            SAY(check, key->at, TT_STR("'all' means every country and cannot name a group"));
        }
        if (key->value) {
            TT_TRY(fill_list(check, field, key->value, &group->countries));
        }
        objects->count++;
    }
    sort_objects((char *) groups, objects->count, sizeof(*groups), offsetof(struct tt_policy_group, name));
    objects->items = groups;
    return TT_OK;
}

/* ---- maps ---- */

static enum tt_status
fill_field(struct tt_policy_check *check, const struct tt_policy_field *field, const struct tt_yaml *node, void *object)
{
    void *target = member(object, field);
    switch (field->shape) {
    case TT_SHAPE_VALUE: fill_value(check, field, node, target); return TT_OK;
    case TT_SHAPE_LIST: return fill_list(check, field, node, target);
    case TT_SHAPE_MAP: return fill_map(check, field->sub, node, target);
    case TT_SHAPE_OBJECTS: return fill_objects(check, field, node, target);
    case TT_SHAPE_GROUPS: return fill_groups(check, field, node, target);
    }
    return TT_E_INTERNAL;
}

/* The words of a default, divided by spaces, as items in order of bytes. */
static enum tt_status
default_list(struct tt_policy_check *check, const struct tt_policy_field *field, struct tt_policy_list *list)
{
    struct tt_str rest = tt_str_cstr(field->fallback);
    *list = (struct tt_policy_list) {0}; /* the map around may have had its defaults before */
    list->items = get_zeroed(check, rest.len / 2 + 1, sizeof(*list->items));
    if (!list->items) {
        return TT_E_MEMORY;
    }
    for (size_t end; rest.len > 0; rest = tt_str_slice(rest, end + 1, rest.len)) {
        for (end = 0; end < rest.len && rest.ptr[end] != ' ';) {
            end++;
        }
        struct tt_policy_value *item = &list->items[list->count++];
        item->text = tt_str_slice(rest, 0, end);
        if (tt_policy_type_parse(field, item->text, item)) {
            return TT_E_INTERNAL;
        }
    }
    sort_list(list);
    list->present = true;
    return TT_OK;
}

static enum tt_status
fill_defaults(struct tt_policy_check *check, const struct tt_policy_schema *schema, void *object)
{
    for (size_t i = 0; i < schema->count; i++) {
        const struct tt_policy_field *field = &schema->fields[i];
        if (field->shape == TT_SHAPE_MAP) {
            TT_TRY(fill_defaults(check, field->sub, member(object, field)));
        } else if (field->fallback && field->shape == TT_SHAPE_LIST) {
            TT_TRY(default_list(check, field, member(object, field)));
        } else if (field->fallback) {
            struct tt_policy_value *value = member(object, field);
            value->text = tt_str_cstr(field->fallback);
            if (tt_policy_type_parse(field, value->text, value)) {
                return TT_E_INTERNAL;
            }
        }
    }
    return TT_OK;
}

static const struct tt_policy_field *
find_field(const struct tt_policy_schema *schema, struct tt_str name)
{
    for (size_t i = 0; i < schema->count; i++) {
        if (tt_str_eq(tt_str_cstr(schema->fields[i].name), name)) {
            return &schema->fields[i];
        }
    }
    return NULL;
}

static void
check_required(struct tt_policy_check *check, const struct tt_policy_schema *schema, const struct tt_yaml *map)
{
    for (size_t i = 0; i < schema->count; i++) {
        const struct tt_yaml *key = map->first;
        struct tt_str name = tt_str_cstr(schema->fields[i].name);
        while (key && !tt_str_eq(key->text, name)) {
            key = key->next;
        }
        if (schema->fields[i].required && !key) {
            SAY(check, map->at, tt_str_cstr(schema->what), TT_STR(" needs the key '"), name, TT_STR("'"));
        }
    }
}

/* object is zeroed memory of the schema's size; its first member is its place. */
static enum tt_status
fill_map(struct tt_policy_check *check, const struct tt_policy_schema *schema, const struct tt_yaml *map, void *object)
{
    struct tt_policy_at *at = object;
    TT_TRY(fill_defaults(check, schema, object));
    if (map->refused) {
        return TT_OK;
    }
    if (map->kind != TT_YAML_MAP) {
        SAY(check, map->at, tt_str_cstr(schema->what), TT_STR(" is a map: lines of 'key: value'"));
        return TT_OK;
    }
    *at = map->at;
    for (const struct tt_yaml *key = map->first; key; key = key->next) {
        const struct tt_policy_field *field = find_field(schema, key->text);
        if (key->refused) {
            continue;
        }
        if (!field) {
            say_unknown_key(check, schema, key);
        } else if (key->value) {
            /* What a default wrote is dropped first. */
            if (field->shape == TT_SHAPE_LIST) {
                *(struct tt_policy_list *) member(object, field) = (struct tt_policy_list) {0};
            }
            TT_TRY(fill_field(check, field, key->value, object));
        }
    }
    check_required(check, schema, map);
    return check->problems->status;
}

enum tt_status
tt_policy_fill(struct tt_policy_check *check, const struct tt_yaml *root)
{
    return fill_map(check, &tt_policy_schema_top, root, check->policy);
}
