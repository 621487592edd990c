/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads what a request asks for; see mock_ask.h.
 *
 * In: a JSON body of any of the APIs.  Out: a few borrowed strings.  One pass of the lexer keeps the keys around the token at hand, in levels up to
 * LEVELS; what is deeper is not looked at.  The schema of the chosen tool alone is read as a tree, to fill in what it requires.
 *
 * Tools are listed at three places, by API: tools[].name (Messages, Responses), tools[].function.name (chat completions) and
 * tools[].functionDeclarations[].name (Gemini).
 */
#include "probe/mock_ask.h"

#include "finding/writer.h"
#include "text/kernel.h"
#include "json/node.h"

#define LEVELS 8

struct reader {
    struct tt_str bytes;
    struct tt_mock_ask *ask;
    struct tt_str keys[LEVELS]; /* at each depth: the name of the member at hand */
    uint64_t begins[LEVELS];    /* at each depth: where the object or array at hand begins */
    unsigned best;              /* rank of the tool chosen so far */
    uint32_t named_at;          /* depth of the object of a tool that is better than it; 0: none is open */
    unsigned rank;              /* of that */
    struct tt_str name;         /* of that */
    struct tt_str schema;       /* of the chosen tool: its whole object */
};

/* ---- tools ---- */

unsigned
tt_mock_tool_rank(struct tt_str name)
{
    /* Those that need no path come first: what a relative path means differs between clients. */
    static const char *const names[] = {
        "glob",          "listdirectory",     "listdir",   "ls",         "listfiles",   "list", "readfolder",
        "readdirectory", "viewdirectory",     "findfiles", "filesearch", "searchfiles", "grep", "grepsearch",
        "grepfiles",     "searchfilecontent", "readfile",  "read",       "viewfile",    "view",
    };
    char plain[32];
    size_t len = 0;
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char) name.ptr[i];
        if (c == '_' || c == '-') {
            continue;
        }
        if (len == sizeof(plain) || !tt_ascii_is_alpha(c)) {
            return TT_MOCK_TOOL_NONE;
        }
        plain[len++] = (char) tt_ascii_lower(c);
    }
    for (unsigned n = 0; n < sizeof(names) / sizeof(*names); n++) {
        if (tt_str_eq(tt_str_make(plain, len), tt_str_cstr(names[n]))) {
            return n;
        }
    }
    return TT_MOCK_TOOL_NONE;
}

/* Does the object at this depth stand where an API lists a tool? */
static bool
is_tool(const struct reader *r, uint32_t depth)
{
    if (!tt_str_eq(r->keys[1], TT_STR("tools"))) {
        return false;
    }
    switch (depth) {
    case 3: return true;
    case 4: return tt_str_eq(r->keys[3], TT_STR("function"));
    case 5:
        return tt_str_eq(r->keys[3], TT_STR("functionDeclarations")) || tt_str_eq(r->keys[3], TT_STR("function_declarations"));
    default: return false;
    }
}

static struct tt_str
raw(const struct reader *r, const struct tt_json_token *token)
{
    return tt_str_slice(r->bytes, token->offset, token->offset + token->length);
}

static void
take_name(struct reader *r, const struct tt_json_token *token)
{
    unsigned rank = tt_mock_tool_rank(raw(r, token));
    if (rank < r->best) {
        r->named_at = token->depth;
        r->rank = rank;
        r->name = raw(r, token);
    }
}

/* An object ends whose members were at depth: was it the tool that was named? */
static void
take_end(struct reader *r, uint64_t end, uint32_t depth)
{
    if (r->named_at == depth) {
        r->best = r->rank;
        r->ask->tool = r->name;
        r->schema = tt_str_slice(r->bytes, r->begins[depth - 1], end);
        r->named_at = 0;
    }
}

/* ---- tokens ---- */

static bool
is_any(struct tt_str s, const char *const *words)
{
    for (; *words; words++) {
        if (tt_str_eq(s, tt_str_cstr(*words))) {
            return true;
        }
    }
    return false;
}

static void
take_string(struct reader *r, const struct tt_json_token *token)
{
    static const char *const results[] = {"function_call_output", "tool_result", NULL};
    static const char *const forms[] = {"json_object", "json_schema", NULL};
    static const char *const mimes[] = {"responseMimeType", "response_mime_type", NULL};
    static const char *const formats[] = {"response_format", "text", NULL};
    struct tt_str key = r->keys[token->depth], text = raw(r, token);
    if (token->depth == 1 && tt_str_eq(key, TT_STR("model"))) {
        r->ask->model = text.len <= TT_MOCK_MODEL_MAX ? text : TT_STR("");
    } else if (tt_str_eq(key, TT_STR("name")) && is_tool(r, token->depth)) {
        take_name(r, token);
    } else if (tt_str_eq(key, TT_STR("type"))) {
        r->ask->has_result = r->ask->has_result || is_any(text, results);
        r->ask->wants_json = r->ask->wants_json || (is_any(text, forms) && is_any(r->keys[1], formats));
    } else if (tt_str_eq(key, TT_STR("role"))) {
        r->ask->has_result = r->ask->has_result || tt_str_eq(text, TT_STR("tool"));
    } else if (is_any(key, mimes)) {
        r->ask->wants_json = r->ask->wants_json || tt_str_eq(text, TT_STR("application/json"));
    }
}

static enum tt_status
on_token(void *ctx, const struct tt_json_token *token)
{
    static const char *const responses[] = {"functionResponse", "function_response", NULL};
    struct reader *r = ctx;
    if (token->depth >= LEVELS) {
        return TT_OK;
    }
    switch (token->kind) {
    case TT_JSON_KEY:
        r->keys[token->depth] = raw(r, token);
        r->ask->has_result = r->ask->has_result || is_any(r->keys[token->depth], responses);
        break;
    case TT_JSON_OBJECT_BEGIN:
    case TT_JSON_ARRAY_BEGIN:
        r->begins[token->depth] = token->offset;
        if (token->depth + 1 < LEVELS) {
            r->keys[token->depth + 1] = TT_STR("");
        }
        break;
    case TT_JSON_OBJECT_END: take_end(r, token->offset + 1, token->depth + 1); break;
    case TT_JSON_STRING: take_string(r, token); break;
    case TT_JSON_TRUE: r->ask->streams = r->ask->streams || (token->depth == 1 && tt_str_eq(r->keys[1], TT_STR("stream"))); break;
    default: break;
    }
    return TT_OK;
}

/* ---- arguments ---- */

static const struct tt_node *
get_any(const struct tt_node *object, const char *const *names)
{
    const struct tt_node *found = NULL;
    for (; object && object->kind == TT_JSON_OBJECT_BEGIN && *names && !found; names++) {
        found = tt_node_get(object, tt_str_cstr(*names));
    }
    return found;
}

static bool
is_kind(const struct tt_node *node, enum tt_json_kind kind)
{
    return node && node->kind == kind;
}

/* A harmless value for a member of that schema. */
static void
add_value(struct tt_buf *out, struct tt_str name, const struct tt_node *schema)
{
    static const char *const type_key[] = {"type", NULL}, *const enum_key[] = {"enum", NULL};
    static const struct {
        const char *type, *value;
    } values[] = {{"number", "1"}, {"integer", "1"}, {"boolean", "false"}, {"array", "[]"}, {"object", "{}"}, {"null", "null"}};
    const struct tt_node *type = get_any(schema, type_key), *choice = get_any(schema, enum_key);
    for (size_t i = 0; is_kind(type, TT_JSON_STRING) && i < sizeof(values) / sizeof(*values); i++) {
        /* Gemini writes types in capitals. */
        if (tt_str_eq_folded(type->text, tt_str_cstr(values[i].type))) {
            tt_buf_add_cstr(out, values[i].value);
            return;
        }
    }
    if (is_kind(choice, TT_JSON_ARRAY_BEGIN) && is_kind(choice->first, TT_JSON_STRING)) {
        tt_json_add_string(out, choice->first->text);
    } else {
        tt_buf_add_cstr(out, tt_str_has(name, TT_STR("attern")) || tt_str_has(name, TT_STR("uery")) ? "\"*\"" : "\".\"");
    }
}

static void
add_arguments(struct tt_buf *out, const struct tt_node *tool)
{
    static const char *const schemas[] = {"parameters", "input_schema", "parametersJsonSchema", "parameters_json_schema", NULL};
    static const char *const required_key[] = {"required", NULL}, *const properties_key[] = {"properties", NULL};
    const struct tt_node *schema = get_any(tool, schemas);
    const struct tt_node *required = get_any(schema, required_key), *properties = get_any(schema, properties_key);
    bool first = true;
    tt_buf_add_char(out, '{');
    for (const struct tt_node *n = is_kind(required, TT_JSON_ARRAY_BEGIN) ? required->first : NULL; n; n = n->next) {
        if (n->kind == TT_JSON_STRING) {
            tt_buf_add_cstr(out, first ? "" : ",");
            first = false;
            tt_json_add_string(out, n->text);
            tt_buf_add_char(out, ':');
            add_value(out, n->text, is_kind(properties, TT_JSON_OBJECT_BEGIN) ? tt_node_get(properties, n->text) : NULL);
        }
    }
    tt_buf_add_char(out, '}');
}

/* A schema that cannot be read, or is too deep, requires nothing that is known. */
static struct tt_str
make_arguments(struct tt_str schema, struct tt_arena *arena)
{
    const struct tt_node *tool = NULL;
    struct tt_str kept = TT_STR("{}");
    struct tt_buf out;
    if (tt_node_parse(arena, schema, &tool, NULL) != TT_OK) {
        return kept;
    }
    tt_buf_init(&out, arena->alloc, TT_MOCK_ARGUMENTS_MAX);
    add_arguments(&out, tool);
    if (out.status != TT_OK || tt_arena_dup(arena, tt_buf_str(&out), &kept) != TT_OK) {
        kept = TT_STR("{}");
    }
    tt_buf_free(&out);
    return kept;
}

void
tt_mock_ask_read(struct tt_str content, struct tt_arena *arena, struct tt_mock_ask *ask)
{
    struct reader r = {.bytes = content, .ask = ask, .best = TT_MOCK_TOOL_NONE};
    struct tt_json_lexer lexer;
    *ask = (struct tt_mock_ask) {.streams = false};
    tt_json_begin(&lexer, tt_kernels_get(0), 0, on_token, &r);
    if (tt_json_feed(&lexer, content, NULL) != TT_OK || tt_json_end(&lexer, NULL) != TT_OK) {
        *ask = (struct tt_mock_ask) {.streams = false};
        return;
    }
    if (ask->tool.len > 0) {
        ask->arguments = make_arguments(r.schema, arena);
    }
}
