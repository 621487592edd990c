/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls of model APIs by method and path.
 *
 * Input: a method and a normalised path, both borrowed.  Output: one struct.  Nothing is allocated.
 *
 * All calls that are known stand in one table.  A path matches a row as a whole or not at all: no suffix, no doubled slash, no
 * dot segment fits, because the only part that is not spelled out, a model's name, is one segment of plain characters.  A path
 * that matches no row still has a dialect, that of the API whose paths begin so.
 */
#include "traffic/route.h"

#include "base/limits.h"

/* How a row ends behind its path. */
enum ending {
    END_HERE,
    END_MODEL,      /* one segment: the model */
    END_MODEL_VERB, /* the same, a colon, and the row's verb */
};

static const struct row {
    struct tt_str path;
    const char *verb;
    uint8_t ending;    /* enum ending */
    uint8_t api;       /* enum tt_api */
    uint8_t operation; /* enum tt_operation */
    bool streams;
} rows[] = {
#define ROW(path, verb, ending, api, operation, streams)         \
    {                                                            \
        TT_STR_INIT(path), verb, ending, api, operation, streams \
    }
#define PLAIN(path, api, operation) ROW(path, NULL, END_HERE, api, operation, false)
#define VERB(verb, operation, streams)                                               \
    ROW("/v1beta/models/", verb, END_MODEL_VERB, TT_API_GEMINI, operation, streams), \
        ROW("/v1/models/", verb, END_MODEL_VERB, TT_API_GEMINI, operation, streams)
    PLAIN("/v1/messages", TT_API_ANTHROPIC, TT_OPERATION_CHAT),
    PLAIN("/v1/messages/count_tokens", TT_API_ANTHROPIC, TT_OPERATION_COUNT_TOKENS),
    PLAIN("/v1/chat/completions", TT_API_OPENAI_CHAT, TT_OPERATION_CHAT),
    PLAIN("/v1/completions", TT_API_OPENAI_CHAT, TT_OPERATION_TEXT_COMPLETION),
    PLAIN("/v1/embeddings", TT_API_OPENAI_CHAT, TT_OPERATION_EMBEDDINGS),
    PLAIN("/v1/responses", TT_API_OPENAI_RESPONSES, TT_OPERATION_CHAT),
    VERB("generateContent", TT_OPERATION_GENERATE_CONTENT, false),
    VERB("streamGenerateContent", TT_OPERATION_GENERATE_CONTENT, true),
    VERB("countTokens", TT_OPERATION_COUNT_TOKENS, false),
    VERB("embedContent", TT_OPERATION_EMBEDDINGS, false),
    VERB("batchEmbedContents", TT_OPERATION_EMBEDDINGS, false),
    PLAIN("/v1/models", TT_API_NONE, TT_OPERATION_LIST_MODELS),
    ROW("/v1/models/", NULL, END_MODEL, TT_API_NONE, TT_OPERATION_LIST_MODELS, false),
    PLAIN("/v1beta/models", TT_API_GEMINI, TT_OPERATION_LIST_MODELS),
    ROW("/v1beta/models/", NULL, END_MODEL, TT_API_GEMINI, TT_OPERATION_LIST_MODELS, false),
#undef ROW
#undef PLAIN
#undef VERB
};

/* What a path begins with, for the dialect of paths and methods that are not known.  The longer of a common start come first. */
struct beginning {
    struct tt_str path;
    enum tt_api api;
};
static const struct beginning prefixes[] = {
    {TT_STR_INIT("/anthropic"), TT_API_ANTHROPIC},
    {TT_STR_INIT("/openai"), TT_API_OPENAI_CHAT},
    {TT_STR_INIT("/gemini"), TT_API_GEMINI},
};
static const struct beginning dialects[] = {
    {TT_STR_INIT("/v1/messages"), TT_API_ANTHROPIC},
    {TT_STR_INIT("/v1/responses"), TT_API_OPENAI_RESPONSES},
    {TT_STR_INIT("/v1beta"), TT_API_GEMINI},
    {TT_STR_INIT("/v1/chat"), TT_API_OPENAI_CHAT},
    {TT_STR_INIT("/v1/completions"), TT_API_OPENAI_CHAT},
    {TT_STR_INIT("/v1/embeddings"), TT_API_OPENAI_CHAT},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The row whose whole segments path begins with, or NULL. */
static const struct beginning *
find_beginning(const struct beginning *list, size_t count, struct tt_str path)
{
    for (size_t i = 0; i < count; i++) {
        struct tt_str start = list[i].path;
        if (tt_str_starts(path, start) && (path.len == start.len || path.ptr[start.len] == '/')) {
            return &list[i];
        }
    }
    return NULL;
}

/* One segment that can be a model's name: no slash, no blank, nothing outside ASCII, and not a dot segment. */
static bool
is_model(struct tt_str s, bool colons)
{
    bool only_dots = true;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char) s.ptr[i];
        if (!tt_ascii_is_alnum(c) && !memchr("-._@+~", c, 6) && !(colons && c == ':')) {
            return false;
        }
        only_dots = only_dots && c == '.';
    }
    return s.len > 0 && s.len <= TT_ROUTE_MODEL_MAX && !only_dots;
}

bool
tt_route_is_model(struct tt_str name)
{
    return is_model(name, false);
}

/* Does path end as the row says?  *model is then the part that the row leaves open. */
static bool
fits(const struct row *row, struct tt_str path, struct tt_str *model)
{
    if (!tt_str_starts(path, row->path)) {
        return false;
    }
    struct tt_str rest = tt_str_slice(path, row->path.len, path.len);
    struct tt_str verb = tt_str_cstr(row->verb);
    switch ((enum ending) row->ending) {
    case END_HERE: return rest.len == 0;
    case END_MODEL: break;
    case END_MODEL_VERB:
        if (!tt_str_ends(rest, verb) || rest.len <= verb.len || rest.ptr[rest.len - verb.len - 1] != ':') {
            return false;
        }
        rest = tt_str_slice(rest, 0, rest.len - verb.len - 1);
        break;
    }
    *model = rest;
    return is_model(rest, row->api != TT_API_GEMINI); /* there a colon divides the name from what is asked of it */
}

bool
tt_route_of(struct tt_str method, struct tt_str path, struct tt_route *out)
{
    const struct beginning *prefix = find_beginning(prefixes, COUNT(prefixes), path);
    *out = (struct tt_route) {.prefix = prefix ? prefix->path.len : 0};
    path = tt_str_slice(path, out->prefix, path.len);
    const struct beginning *dialect = find_beginning(dialects, COUNT(dialects), path);
    /* A path that several APIs have is the prefix's own, and without one that of OpenAI, which most servers speak. */
    out->api = dialect ? dialect->api : prefix ? prefix->api : TT_API_NONE;
    bool is_get = tt_str_eq(method, TT_STR("GET"));
    bool is_post = tt_str_eq(method, TT_STR("POST"));
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct row *row = &rows[i];
        struct tt_str model = {NULL, 0};
        if (!fits(row, path, &model)) {
            continue;
        }
        if (row->api != TT_API_NONE) {
            out->api = (enum tt_api) row->api;
        } else if (!prefix) {
            out->api = TT_API_OPENAI_CHAT;
        }
        bool is_list = row->operation == TT_OPERATION_LIST_MODELS;
        if (is_list ? !is_get : !is_post) {
            continue;
        }
        out->operation = (enum tt_operation) row->operation;
        out->model = model;
        out->streams = row->streams;
        out->has_body = !is_list;
        return true;
    }
    return false;
}

const char *
tt_operation_name(enum tt_operation operation)
{
    switch (operation) {
    case TT_OPERATION_UNKNOWN: return NULL;
    case TT_OPERATION_CHAT: return "chat";
    case TT_OPERATION_GENERATE_CONTENT: return "generate_content";
    case TT_OPERATION_TEXT_COMPLETION: return "text_completion";
    case TT_OPERATION_EMBEDDINGS: return "embeddings";
    case TT_OPERATION_COUNT_TOKENS: return "count_tokens";
    case TT_OPERATION_LIST_MODELS: return "list_models";
    }
    return NULL;
}
