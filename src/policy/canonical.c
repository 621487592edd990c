/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a policy as a whole, and its canonical form, whose SHA-256 names it in every report.
 *
 * In: bytes of a file.  Out: a checked policy in the arena of the problems.  Canonical form: UTF-8, no spaces, keys sorted by byte,
 * defaults written out, money (in micro-USD) and counts as integers, lists of objects sorted by id, lists of values sorted and
 * without doubles.  Comments, quoting and order of keys do not change it.
 */
#include "base/hash.h"
#include "policy/schema.h"

static void add_map(struct tt_buf *out, const struct tt_policy_schema *schema, const void *object);

/* Only these two need an escape: a policy holds no control characters. */
static void
add_string(struct tt_buf *out, struct tt_str s)
{
    tt_buf_add_char(out, '"');
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '"' || s.ptr[i] == '\\') {
            tt_buf_add_char(out, '\\');
        }
        tt_buf_add_char(out, s.ptr[i]);
    }
    tt_buf_add_char(out, '"');
}

static void
add_value(struct tt_buf *out, const struct tt_policy_field *field, const struct tt_policy_value *value)
{
    if (field->type == TT_TYPE_INT || field->type == TT_TYPE_USD) {
        tt_buf_add_u64(out, (uint64_t) value->number);
    } else if (field->type == TT_TYPE_BOOL) {
        tt_buf_add_cstr(out, value->number ? "true" : "false");
    } else {
        add_string(out, value->text);
    }
}

static void
add_list(struct tt_buf *out, const struct tt_policy_field *field, const struct tt_policy_list *list)
{
    tt_buf_add_char(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        tt_buf_add_cstr(out, i ? "," : "");
        add_value(out, field, &list->items[i]);
    }
    tt_buf_add_char(out, ']');
}

static void
add_objects(struct tt_buf *out, const struct tt_policy_field *field, const struct tt_policy_objects *objects)
{
    tt_buf_add_char(out, '[');
    for (size_t i = 0; i < objects->count; i++) {
        tt_buf_add_cstr(out, i ? "," : "");
        add_map(out, field->sub, (const char *) objects->items + i * field->sub->size);
    }
    tt_buf_add_char(out, ']');
}

static void
add_groups(struct tt_buf *out, const struct tt_policy_field *field, const struct tt_policy_objects *objects)
{
    const struct tt_policy_group *groups = objects->items;
    tt_buf_add_char(out, '{');
    for (size_t i = 0; i < objects->count; i++) {
        tt_buf_add_cstr(out, i ? "," : "");
        add_string(out, groups[i].name.text);
        tt_buf_add_char(out, ':');
        add_list(out, field, &groups[i].countries);
    }
    tt_buf_add_char(out, '}');
}

/* Is there anything to write?  Values and lists without a default may be absent. */
static bool
is_present(const struct tt_policy_field *field, const void *member)
{
    switch (field->shape) {
    case TT_SHAPE_VALUE: return ((const struct tt_policy_value *) member)->text.ptr != NULL;
    case TT_SHAPE_LIST: return ((const struct tt_policy_list *) member)->present;
    default: return true;
    }
}

/* limits, and the subject of a budget, mean something by being absent. */
static bool
is_left_out(const struct tt_policy_field *field, const void *member)
{
    bool meaningful = strcmp(field->name, "limits") == 0 || strcmp(field->name, "subject") == 0;
    return field->shape == TT_SHAPE_MAP && meaningful && ((const struct tt_policy_at *) member)->line == 0;
}

static void
add_member(struct tt_buf *out, const struct tt_policy_field *field, const void *member)
{
    tt_buf_add_char(out, '"');
    tt_buf_add_cstr(out, field->name);
    tt_buf_add_cstr(out, "\":");
    switch (field->shape) {
    case TT_SHAPE_VALUE: add_value(out, field, member); break;
    case TT_SHAPE_LIST: add_list(out, field, member); break;
    case TT_SHAPE_MAP: add_map(out, field->sub, member); break;
    case TT_SHAPE_OBJECTS: add_objects(out, field, member); break;
    case TT_SHAPE_GROUPS: add_groups(out, field, member); break;
    }
}

static void
add_map(struct tt_buf *out, const struct tt_policy_schema *schema, const void *object)
{
    bool first = true;
    tt_buf_add_char(out, '{');
    for (size_t i = 0; i < schema->count; i++) {
        const struct tt_policy_field *field = &schema->fields[i];
        const void *member = tt_policy_member(object, field->offset);
        if (is_present(field, member) && !is_left_out(field, member)) {
            tt_buf_add_cstr(out, first ? "" : ",");
            add_member(out, field, member);
            first = false;
        }
    }
    tt_buf_add_char(out, '}');
}

void
tt_policy_canonical_key(const struct tt_policy *policy, size_t row, struct tt_buf *out)
{
    const struct tt_policy_field *field = &tt_policy_schema_top.fields[row];
    const void *member = tt_policy_member(policy, field->offset);
    if (is_present(field, member)) {
        add_member(out, field, member);
    }
}

void
tt_policy_canonical(const struct tt_policy *policy, struct tt_buf *out)
{
    add_map(out, &tt_policy_schema_top, policy);
}

static enum tt_status
identify(struct tt_arena *arena, struct tt_policy *policy)
{
    unsigned char hash[TT_SHA256_SIZE];
    struct tt_sha256 sha;
    struct tt_buf text;
    tt_buf_init(&text, arena->alloc, TT_POLICY_CANONICAL_MAX);
    tt_policy_canonical(policy, &text);
    tt_sha256_init(&sha);
    tt_sha256_add(&sha, tt_buf_str(&text));
    tt_sha256_end(&sha, hash);
    tt_hex_write(policy->identity.hex, hash, sizeof(hash));
    policy->identity.hex[2 * TT_SHA256_SIZE] = '\0';
    enum tt_status status = text.status;
    tt_buf_free(&text);
    return status;
}

static enum tt_status
read_into(struct tt_str bytes, struct tt_policy_check *check)
{
    struct tt_policy_problems *problems = check->problems;
    struct tt_yaml *root;
    TT_TRY(tt_policy_tree_read(bytes, problems, &root));
    if (!root) {
        TT_POLICY_PROBLEM(problems, ((struct tt_policy_at) {1, 1}), TT_STR("an empty policy"));
        return TT_E_INPUT;
    }
    TT_TRY(tt_policy_fill(check, root));
    /* References into a file that is not whole would only repeat what is wrong. */
    if (problems->count == 0) {
        TT_TRY(tt_policy_cross(check));
    }
    return problems->count == 0 ? identify(problems->arena, check->policy) : TT_E_INPUT;
}

enum tt_status
tt_policy_read(struct tt_str bytes, const struct tt_policy_names *names, struct tt_policy_problems *problems,
               const struct tt_policy **policy)
{
    struct tt_policy_check check = {problems, names, tt_arena_get(problems->arena, sizeof(struct tt_policy))};
    *policy = NULL;
    if (!check.policy) {
        return TT_E_MEMORY;
    }
    *check.policy = (struct tt_policy) {0};
    enum tt_status status = read_into(bytes, &check);
    tt_policy_problems_sort(problems);
    if (status == TT_OK) {
        *policy = check.policy;
    }
    return status;
}
