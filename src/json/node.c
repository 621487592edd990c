/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree of a small JSON file.
 *
 * In: the bytes of one document (RFC 8259).  Out: nodes in the caller's arena, which hold no pointer into the bytes.  Depth is bounded by
 * TT_NODE_DEPTH_MAX, so the open containers fit in an array; nothing here recurses.
 */
#include "json/node.h"

#include "text/kernel.h"
#include "json/string.h"

struct builder {
    struct tt_arena *arena;
    struct tt_str bytes;
    struct tt_error *err;
    struct tt_node *root;
    struct tt_node *open[TT_NODE_DEPTH_MAX + 1];  /* containers around the next value */
    struct tt_node **tail[TT_NODE_DEPTH_MAX + 1]; /* where their next member is hung */
    size_t members[TT_NODE_DEPTH_MAX + 1];
    size_t depth;
    struct tt_str key;
    uint64_t key_pos;
};

static enum tt_status
take_text(struct builder *b, const struct tt_json_token *token, struct tt_str *out)
{
    struct tt_str raw = tt_str_slice(b->bytes, token->offset, token->offset + token->length);
    struct tt_buf text;
    enum tt_status status;
    if (!(token->flags & TT_JSON_HAS_ESCAPE)) {
        status = tt_arena_dup(b->arena, raw, out);
        return status == TT_OK ? TT_OK : tt_error_set(b->err, status, token->offset, "there is not enough memory");
    }
    tt_buf_init(&text, b->arena->alloc, raw.len * 3 + 16);
    tt_json_unescape(raw, true, &text);
    status = text.status == TT_OK ? tt_arena_dup(b->arena, tt_buf_str(&text), out) : text.status;
    tt_buf_free(&text);
    return status == TT_OK ? TT_OK : tt_error_set(b->err, status, token->offset, "there is not enough memory");
}

static enum tt_status
take_key(struct builder *b, const struct tt_json_token *token)
{
    TT_TRY(take_text(b, token, &b->key));
    b->key_pos = token->offset - 1;
    /* Keeps the search for the same name short, too. */
    if (++b->members[b->depth - 1] > TT_NODE_MEMBERS_MAX) {
        return tt_error_set(b->err, TT_E_LIMIT, b->key_pos, "an object has too many names");
    }
    if (tt_node_get(b->open[b->depth - 1], b->key)) {
        return tt_error_set(b->err, TT_E_INPUT, b->key_pos, "this name stands twice in its object");
    }
    return TT_OK;
}

static enum tt_status
take_value(struct builder *b, const struct tt_json_token *token)
{
    struct tt_node *node = tt_arena_get(b->arena, sizeof(*node));
    if (!node) {
        return tt_error_set(b->err, TT_E_MEMORY, token->offset, "there is not enough memory");
    }
    *node = (struct tt_node) {.kind = token->kind, .key = b->key, .key_pos = b->key_pos, .pos = token->offset};
    if (token->kind == TT_JSON_STRING) {
        node->pos--; /* the quote */
        TT_TRY(take_text(b, token, &node->text));
    }
    if (b->depth == 0) {
        b->root = node;
    } else {
        *b->tail[b->depth - 1] = node;
        b->tail[b->depth - 1] = &node->next;
    }
    if (token->kind == TT_JSON_OBJECT_BEGIN || token->kind == TT_JSON_ARRAY_BEGIN) {
        b->open[b->depth] = node;
        b->members[b->depth] = 0;
        b->tail[b->depth++] = &node->first;
    }
    b->key = TT_STR("");
    return TT_OK;
}

static enum tt_status
take_token(void *ctx, const struct tt_json_token *token)
{
    struct builder *b = ctx;
    switch (token->kind) {
    case TT_JSON_OBJECT_END:
    case TT_JSON_ARRAY_END: b->depth--; return TT_OK;
    case TT_JSON_KEY: return take_key(b, token);
    case TT_JSON_COMMENT: return TT_OK;
    default: return take_value(b, token);
    }
}

enum tt_status
tt_node_parse(struct tt_arena *arena, struct tt_str bytes, const struct tt_node **root, struct tt_error *err)
{
    struct tt_json_lexer lexer;
    struct tt_error own = {.msg = NULL}, lexed = {.msg = NULL};
    struct builder b = {.arena = arena, .bytes = bytes, .err = &own};
    tt_json_begin(&lexer, tt_kernels_get(0), TT_NODE_DEPTH_MAX, take_token, &b);
    enum tt_status status = tt_json_feed(&lexer, bytes, &lexed);
    if (status == TT_OK) {
        status = tt_json_end(&lexer, &lexed);
    }
    if (status != TT_OK && err) {
        *err = own.msg ? own : lexed;
    }
    *root = b.root;
    return status;
}

const struct tt_node *
tt_node_get(const struct tt_node *object, struct tt_str key)
{
    const struct tt_node *node = object->first;
    while (node && !tt_str_eq(node->key, key)) {
        node = node->next;
    }
    return node;
}

size_t
tt_node_count(const struct tt_node *container)
{
    size_t n = 0;
    for (const struct tt_node *node = container->first; node; node = node->next) {
        n++;
    }
    return n;
}

void
tt_node_place(struct tt_str bytes, struct tt_error *err)
{
    err->line = 1;
    err->column = 1;
    for (size_t i = 0; i < bytes.len && i < err->pos; i++) {
        unsigned char c = (unsigned char) bytes.ptr[i];
        if (c == '\n') {
            err->line++;
            err->column = 1;
        } else if ((c & 0xC0) != 0x80) {
            err->column++;
        }
    }
}
