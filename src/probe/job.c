/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan.json; see job.h.
 *
 * In: a job, or the bytes of the file.  Out: the other one.  Members stand in one table, so that writing and reading cannot drift apart.
 */
#include "probe/job.h"

#include "finding/writer.h"
#include "probe/condition.h"
#include "text/utf8.h"
#include "json/node.h"

static const char *const depth_names[] = {"quick", "default", "deep"};
static const char *const role_names[] = {"plain", "host", "scheme", "proxy", "date"};

/* ---- members, in the order of the file ---- */

enum shape { TEXT, TEXTS, PAIRS, NUMBER, BOOL };

static const struct member {
    const char *name;
    enum shape shape;
    size_t at, count_at; /* offsets in struct tt_job */
} members[] = {
    {"telltale", TEXT, offsetof(struct tt_job, tool), 0},
    {"name", TEXT, offsetof(struct tt_job, name), 0},
    {"title", TEXT, offsetof(struct tt_job, profile.title), 0},
    {"command", TEXTS, offsetof(struct tt_job, argv), offsetof(struct tt_job, argv_count)},
    {"version", TEXT, offsetof(struct tt_job, client_version), 0},
    {"env", PAIRS, offsetof(struct tt_job, profile.vars), offsetof(struct tt_job, profile.var_count)},
    {"files", PAIRS, offsetof(struct tt_job, profile.files), offsetof(struct tt_job, profile.file_count)},
    {"https_for_names", BOOL, offsetof(struct tt_job, profile.https_for_names), 0},
    {"shown", TEXTS, offsetof(struct tt_job, shown), offsetof(struct tt_job, shown_count)},
    {"path", TEXT, offsetof(struct tt_job, path), 0},
    {"answers", PAIRS, offsetof(struct tt_job, answers), offsetof(struct tt_job, answer_count)},
    {"left_out", TEXTS, offsetof(struct tt_job, left_out), offsetof(struct tt_job, left_out_count)},
    {"transparent", BOOL, offsetof(struct tt_job, transparent), 0},
    {"tool_turn", BOOL, offsetof(struct tt_job, tool_turn), 0},
    {"web_socket", BOOL, offsetof(struct tt_job, web_socket), 0},
    {"seed", NUMBER, offsetof(struct tt_job, seed), 0},
    {"wall_ms", NUMBER, offsetof(struct tt_job, wall_ms), 0},
    {"linger_ms", NUMBER, offsetof(struct tt_job, linger_ms), 0},
    {"memory", NUMBER, offsetof(struct tt_job, memory), 0},
};
#define MEMBERS (sizeof(members) / sizeof(*members))

/* ---- writing ---- */

static void
add_texts(struct tt_buf *out, const struct tt_str *texts, size_t count)
{
    tt_buf_add_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        tt_buf_add_cstr(out, i > 0 ? ", " : "");
        tt_json_add_string(out, texts[i]);
    }
    tt_buf_add_char(out, ']');
}

/* Is it something that a JSON string gives back byte by byte? */
static bool
is_text(struct tt_str bytes)
{
    size_t pos = 0, n = 1;
    while (pos < bytes.len && n > 0) {
        n = bytes.ptr[pos] ? tt_utf8_next(bytes, pos).len : 0;
        pos += n;
    }
    return n > 0;
}

/* A file may hold anything: what is no text is {"hex": "00ff"}. */
static void
add_value(struct tt_buf *out, struct tt_str value)
{
    if (is_text(value)) {
        tt_json_add_string(out, value);
        return;
    }
    tt_buf_add_cstr(out, "{\"hex\": \"");
    tt_buf_add_hex(out, value);
    tt_buf_add_cstr(out, "\"}");
}

static void
add_pairs(struct tt_buf *out, const struct tt_profile_pair *pairs, size_t count)
{
    tt_buf_add_char(out, '{');
    for (size_t i = 0; i < count; i++) {
        tt_buf_add_cstr(out, i > 0 ? ", " : "");
        tt_json_add_string(out, pairs[i].name);
        tt_buf_add_cstr(out, ": ");
        add_value(out, pairs[i].value);
    }
    tt_buf_add_char(out, '}');
}

static void
add_member(struct tt_buf *out, const struct tt_job *job, const struct member *member)
{
    const char *at = (const char *) job + member->at;
    size_t count = member->count_at > 0 ? *(const size_t *) (const void *) ((const char *) job + member->count_at) : 0;
    tt_buf_add_cstr(out, ",\n  \"");
    tt_buf_add_cstr(out, member->name);
    tt_buf_add_cstr(out, "\": ");
    switch (member->shape) {
    case TEXT: tt_json_add_string(out, *(const struct tt_str *) (const void *) at); break;
    case TEXTS: add_texts(out, *(struct tt_str *const *) (const void *) at, count); break;
    case PAIRS: add_pairs(out, *(struct tt_profile_pair *const *) (const void *) at, count); break;
    case NUMBER: tt_buf_add_u64(out, *(const uint64_t *) (const void *) at); break;
    case BOOL: tt_buf_add_cstr(out, *(const bool *) at ? "true" : "false"); break;
    }
}

/* ["env", "TZ", "UTC"] */
static void
add_level(struct tt_buf *out, const struct tt_level_spec *level)
{
    tt_buf_add_cstr(out, "{\"name\": ");
    tt_json_add_string(out, level->name);
    tt_buf_add_cstr(out, ", \"sources\": [");
    for (size_t i = 0; i < level->source_count; i++) {
        const struct tt_source *source = &level->sources[i];
        struct tt_str row[] = {tt_str_cstr(tt_source_kind_names[source->kind]), source->name, source->value};
        tt_buf_add_cstr(out, i > 0 ? ", " : "");
        add_texts(out, row, 3);
    }
    tt_buf_add_cstr(out, "]}");
}

static void
add_levels(struct tt_buf *out, const struct tt_level_spec *levels, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        tt_buf_add_cstr(out, i > 0 ? ",\n      " : "\n      ");
        add_level(out, &levels[i]);
    }
    tt_buf_add_char(out, ']');
}

static void
add_factor(struct tt_buf *out, const struct tt_factor *factor)
{
    tt_buf_add_cstr(out, "{\"name\": ");
    tt_json_add_string(out, factor->name);
    tt_buf_add_cstr(out, ", \"title\": ");
    tt_json_add_string(out, factor->title);
    tt_buf_add_cstr(out, ", \"role\": \"");
    tt_buf_add_cstr(out, role_names[factor->role]);
    tt_buf_add_cstr(out, factor->identity ? "\", \"identity\": true" : "\", \"identity\": false");
    tt_buf_add_cstr(out, ", \"levels\": [");
    add_levels(out, factor->levels, factor->level_count);
    tt_buf_add_char(out, '}');
}

static void
add_design(struct tt_buf *out, const struct tt_design *design)
{
    tt_buf_add_cstr(out, ",\n  \"factors\": [");
    for (size_t i = 0; i < design->factor_count; i++) {
        tt_buf_add_cstr(out, i > 0 ? ",\n    " : "\n    ");
        add_factor(out, &design->factors[i]);
    }
    tt_buf_add_cstr(out, "],\n  \"fixed\": [");
    add_levels(out, design->fixed, design->fixed_count);
}

void
tt_job_format(const struct tt_job *job, struct tt_buf *out)
{
    tt_buf_add_cstr(out, "{\n  \"telltale_probe\": 1");
    for (size_t i = 0; i < MEMBERS; i++) {
        add_member(out, job, &members[i]);
    }
    tt_buf_add_cstr(out, ",\n  \"depth\": \"");
    tt_buf_add_cstr(out, depth_names[job->depth]);
    tt_buf_add_cstr(out, "\",\n  \"client\": {");
    for (size_t i = 0; i < job->client_count; i++) {
        tt_buf_add_cstr(out, i > 0 ? ", " : "");
        tt_json_add_string(out, job->client[i].path);
        tt_buf_add_cstr(out, ": ");
        tt_json_add_string(out, job->client[i].sha256);
    }
    tt_buf_add_cstr(out, "},\n  \"crosses\": [");
    for (size_t i = 0; i < job->cross_count; i++) {
        tt_buf_add_cstr(out, i > 0 ? ", " : "");
        tt_buf_add_u64(out, job->crosses[i]);
    }
    tt_buf_add_char(out, ']');
    add_design(out, &job->design);
    tt_buf_add_cstr(out, "\n}\n");
}

/* ---- reading ---- */

struct reader {
    struct tt_arena *arena;
    struct tt_str bytes;
    struct tt_error *err;
};

static enum tt_status
wrong(const struct reader *reader, const struct tt_node *node)
{
    return tt_error_set(reader->err, TT_E_INPUT, node->pos, "this is no plan of a probe");
}

static enum tt_status
read_text(const struct reader *reader, const struct tt_node *node, struct tt_str *out)
{
    return node->kind == TT_JSON_STRING && !memchr(node->text.ptr, '\0', node->text.len)
               ? tt_arena_dup(reader->arena, node->text, out)
               : wrong(reader, node);
}

static enum tt_status
read_number(const struct reader *reader, const struct tt_node *node, uint64_t *out)
{
    *out = 0;
    if (node->kind != TT_JSON_NUMBER) {
        return wrong(reader, node);
    }
    for (size_t i = node->pos; i < reader->bytes.len && tt_ascii_is_digit((unsigned char) reader->bytes.ptr[i]); i++) {
        *out = *out * 10 + (uint64_t) (reader->bytes.ptr[i] - '0');
    }
    return TT_OK;
}

static enum tt_status
read_bool(const struct reader *reader, const struct tt_node *node, bool *out)
{
    *out = node->kind == TT_JSON_TRUE;
    return *out || node->kind == TT_JSON_FALSE ? TT_OK : wrong(reader, node);
}

/* Room for what a list or an object holds; *count becomes how many. */
static enum tt_status
read_room(const struct reader *reader, const struct tt_node *node, enum tt_json_kind kind, size_t max, size_t size, void **out,
          size_t *count)
{
    *count = node->kind == kind ? tt_node_count(node) : 0;
    if (node->kind != kind || *count > max) {
        return wrong(reader, node);
    }
    *out = tt_arena_get(reader->arena, (*count + 1) * size);
    return *out ? TT_OK : TT_E_MEMORY;
}

static enum tt_status
read_texts(const struct reader *reader, const struct tt_node *node, struct tt_str **out, size_t *count)
{
    void *room = NULL;
    TT_TRY(read_room(reader, node, TT_JSON_ARRAY_BEGIN, SIZE_MAX / 64, sizeof(**out), &room, count));
    *out = room;
    struct tt_str *to = *out;
    for (const struct tt_node *item = node->first; item; item = item->next) {
        TT_TRY(read_text(reader, item, to++));
    }
    return TT_OK;
}

/* Text, or bytes as add_value writes them. */
static enum tt_status
read_value(const struct reader *reader, const struct tt_node *node, struct tt_str *out)
{
    const struct tt_node *hex = node->kind == TT_JSON_OBJECT_BEGIN ? tt_node_get(node, TT_STR("hex")) : NULL;
    if (!hex) {
        return read_text(reader, node, out);
    }
    TT_TRY(read_text(reader, hex, out));
    char *to = (char *) (uintptr_t) out->ptr; /* the copy is ours */
    for (size_t i = 0; i + 1 < out->len; i += 2) {
        int high = tt_ascii_hex((unsigned char) out->ptr[i]), low = tt_ascii_hex((unsigned char) out->ptr[i + 1]);
        if (high < 0 || low < 0) {
            return wrong(reader, hex);
        }
        to[i / 2] = (char) (high << 4 | low);
    }
    if (out->len % 2 > 0) {
        return wrong(reader, hex);
    }
    out->len /= 2;
    to[out->len] = '\0';
    return TT_OK;
}

static enum tt_status
read_pairs(const struct reader *reader, const struct tt_node *node, struct tt_profile_pair **out, size_t *count)
{
    void *room = NULL;
    TT_TRY(read_room(reader, node, TT_JSON_OBJECT_BEGIN, SIZE_MAX / 64, sizeof(**out), &room, count));
    *out = room;
    struct tt_profile_pair *to = *out;
    for (const struct tt_node *item = node->first; item; item = item->next, to++) {
        TT_TRY(tt_arena_dup(reader->arena, item->key, &to->name));
        TT_TRY(read_value(reader, item, &to->value));
    }
    return TT_OK;
}

/* The member of that name, which must be there. */
static enum tt_status
need(const struct reader *reader, const struct tt_node *object, const char *name, const struct tt_node **out)
{
    *out = object->kind == TT_JSON_OBJECT_BEGIN ? tt_node_get(object, tt_str_cstr(name)) : NULL;
    return *out ? TT_OK : wrong(reader, object);
}

static enum tt_status
read_member(const struct reader *reader, const struct tt_node *root, const struct member *member, struct tt_job *job)
{
    const struct tt_node *node = NULL;
    void *at = (char *) job + member->at;
    size_t *count = (size_t *) (void *) ((char *) job + member->count_at);
    TT_TRY(need(reader, root, member->name, &node));
    switch (member->shape) {
    case TEXT: return read_text(reader, node, at);
    case TEXTS: return read_texts(reader, node, at, count);
    case PAIRS: return read_pairs(reader, node, at, count);
    case NUMBER: return read_number(reader, node, at);
    case BOOL: return read_bool(reader, node, at);
    }
    return TT_E_INTERNAL;
}

/* The number of a text among names. */
static enum tt_status
read_choice(const struct reader *reader, const struct tt_node *node, const char *const *names, size_t count, size_t *out)
{
    for (*out = 0; *out < count; ++*out) {
        if (node->kind == TT_JSON_STRING && tt_str_eq(node->text, tt_str_cstr(names[*out]))) {
            return TT_OK;
        }
    }
    return wrong(reader, node);
}

static enum tt_status
read_source(const struct reader *reader, const struct tt_node *node, struct tt_source *out)
{
    size_t kind = 0;
    if (node->kind != TT_JSON_ARRAY_BEGIN || tt_node_count(node) != 3) {
        return wrong(reader, node);
    }
    TT_TRY(read_choice(reader, node->first, tt_source_kind_names, TT_SOURCE_KINDS, &kind));
    out->kind = (enum tt_source_kind) kind;
    TT_TRY(read_text(reader, node->first->next, &out->name));
    return read_text(reader, node->first->next->next, &out->value);
}

static enum tt_status
read_level(const struct reader *reader, const struct tt_node *node, struct tt_level_spec *out)
{
    const struct tt_node *part = NULL;
    void *room = NULL;
    TT_TRY(need(reader, node, "name", &part));
    TT_TRY(read_text(reader, part, &out->name));
    TT_TRY(need(reader, node, "sources", &part));
    TT_TRY(read_room(reader, part, TT_JSON_ARRAY_BEGIN, TT_PROBE_SOURCES_MAX, sizeof(*out->sources), &room, &out->source_count));
    out->sources = room;
    struct tt_source *to = out->sources;
    for (const struct tt_node *item = part->first; item; item = item->next) {
        TT_TRY(read_source(reader, item, to++));
    }
    return TT_OK;
}

static enum tt_status
read_levels(const struct reader *reader, const struct tt_node *node, size_t max, struct tt_level_spec **out, size_t *count)
{
    void *room = NULL;
    TT_TRY(read_room(reader, node, TT_JSON_ARRAY_BEGIN, max, sizeof(**out), &room, count));
    *out = room;
    struct tt_level_spec *to = *out;
    for (const struct tt_node *item = node->first; item; item = item->next) {
        TT_TRY(read_level(reader, item, to++));
    }
    return TT_OK;
}

static enum tt_status
read_factor(const struct reader *reader, const struct tt_node *node, struct tt_factor *out)
{
    const struct tt_node *part = NULL;
    size_t role = 0;
    TT_TRY(need(reader, node, "name", &part));
    TT_TRY(read_text(reader, part, &out->name));
    TT_TRY(need(reader, node, "title", &part));
    TT_TRY(read_text(reader, part, &out->title));
    TT_TRY(need(reader, node, "role", &part));
    TT_TRY(read_choice(reader, part, role_names, sizeof(role_names) / sizeof(*role_names), &role));
    out->role = (enum tt_factor_role) role;
    TT_TRY(need(reader, node, "identity", &part));
    TT_TRY(read_bool(reader, part, &out->identity));
    TT_TRY(need(reader, node, "levels", &part));
    TT_TRY(read_levels(reader, part, TT_PROBE_LEVELS_MAX, &out->levels, &out->level_count));
    return out->level_count > 1 ? TT_OK : wrong(reader, part);
}

static enum tt_status
read_design(const struct reader *reader, const struct tt_node *root, struct tt_design *out)
{
    const struct tt_node *part = NULL;
    void *room = NULL;
    TT_TRY(need(reader, root, "factors", &part));
    TT_TRY(read_room(reader, part, TT_JSON_ARRAY_BEGIN, TT_PROBE_FACTORS_MAX, sizeof(*out->factors), &room, &out->factor_count));
    out->factors = room;
    struct tt_factor *to = out->factors;
    for (const struct tt_node *item = part->first; item; item = item->next) {
        TT_TRY(read_factor(reader, item, to++));
    }
    TT_TRY(need(reader, root, "fixed", &part));
    return read_levels(reader, part, TT_PROBE_FACTORS_MAX, &out->fixed, &out->fixed_count);
}

static enum tt_status
read_client(const struct reader *reader, const struct tt_node *root, struct tt_job *job)
{
    const struct tt_node *node = NULL;
    void *room = NULL;
    TT_TRY(need(reader, root, "client", &node));
    TT_TRY(read_room(reader, node, TT_JSON_OBJECT_BEGIN, 16, sizeof(*job->client), &room, &job->client_count));
    job->client = room;
    struct tt_job_file *to = job->client;
    for (const struct tt_node *item = node->first; item; item = item->next, to++) {
        TT_TRY(tt_arena_dup(reader->arena, item->key, &to->path));
        TT_TRY(read_text(reader, item, &to->sha256));
    }
    return TT_OK;
}

static enum tt_status
read_crosses(const struct reader *reader, const struct tt_node *root, struct tt_job *job)
{
    const struct tt_node *node = NULL;
    void *room = NULL;
    TT_TRY(need(reader, root, "crosses", &node));
    TT_TRY(read_room(reader, node, TT_JSON_ARRAY_BEGIN, 64, sizeof(*job->crosses), &room, &job->cross_count));
    job->crosses = room;
    uint32_t *to = job->crosses;
    for (const struct tt_node *item = node->first; item; item = item->next) {
        uint64_t mask = 0;
        TT_TRY(read_number(reader, item, &mask));
        *to++ = (uint32_t) mask;
    }
    return TT_OK;
}

static enum tt_status
read_job(const struct reader *reader, const struct tt_node *root, struct tt_job *job)
{
    const struct tt_node *node = NULL;
    size_t depth = 0;
    uint64_t form = 0;
    TT_TRY(need(reader, root, "telltale_probe", &node));
    TT_TRY(read_number(reader, node, &form));
    if (form != 1) {
        return tt_error_set(reader->err, TT_E_INPUT, node->pos, "another version of telltale wrote this plan");
    }
    for (size_t i = 0; i < MEMBERS; i++) {
        TT_TRY(read_member(reader, root, &members[i], job));
    }
    job->profile.name = job->name;
    TT_TRY(need(reader, root, "depth", &node));
    TT_TRY(read_choice(reader, node, depth_names, sizeof(depth_names) / sizeof(*depth_names), &depth));
    job->depth = (enum tt_plan_depth) depth;
    TT_TRY(read_client(reader, root, job));
    TT_TRY(read_crosses(reader, root, job));
    return read_design(reader, root, &job->design);
}

enum tt_status
tt_job_parse(struct tt_arena *arena, struct tt_str json, struct tt_job *out, struct tt_error *err)
{
    const struct tt_node *root = NULL;
    struct reader reader = {arena, json, err};
    *out = (struct tt_job) {.tool = TT_STR("")};
    enum tt_status status = tt_node_parse(arena, json, &root, err);
    if (status == TT_OK) {
        status = read_job(&reader, root, out);
    }
    if (status == TT_E_INPUT) {
        tt_node_place(json, err);
    }
    return status;
}

/* ---- the play ---- */

enum tt_status
tt_job_play(struct tt_arena *arena, const struct tt_job *job, struct tt_scene_play *play)
{
    const char **shown = tt_arena_get(arena, (job->shown_count + 1) * sizeof(*shown));
    struct tt_mock_answer *answers = tt_arena_get(arena, (job->answer_count + 1) * sizeof(*answers));
    if (!shown || !answers) {
        return TT_E_MEMORY;
    }
    for (size_t i = 0; i < job->shown_count; i++) {
        shown[i] = job->shown[i].ptr;
    }
    shown[job->shown_count] = NULL;
    for (size_t i = 0; i < job->answer_count; i++) {
        answers[i] = (struct tt_mock_answer) {job->answers[i].name, job->answers[i].value};
    }
    *play = (struct tt_scene_play) {
        .design = &job->design,
        .profile = &job->profile,
        .argv = job->argv,
        .argv_count = job->argv_count,
        .shown = shown,
        .path = job->path,
        .transparent = job->transparent,
        .limits = {.wall_ms = (unsigned) job->wall_ms, .linger_ms = (unsigned) job->linger_ms, .memory = job->memory},
        .mock = {.tool_turn = job->tool_turn,
                 .web_socket = job->web_socket,
                 .answers = answers,
                 .answer_count = job->answer_count},
    };
    return TT_OK;
}
