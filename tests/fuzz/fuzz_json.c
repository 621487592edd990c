/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lexer with its readers: path and decoding.
 *
 * Properties: a document in one piece, byte by byte and cut at a place that the input chooses gives the same tokens and
 * the same error; tokens balance, lie in order inside the input, and their depth counts the open containers; spans of
 * strings stand between quotes, and all of each decodes; the path takes every token.
 */
#include "json/path.h"
#include "json/string.h"

#include <stdlib.h>

#define CHECK(condition)    \
    do {                    \
        if (!(condition)) { \
            abort();        \
        }                   \
    } while (0)

struct run {
    struct tt_str text;
    uint64_t digest; /* of all tokens so far */
    uint64_t end;    /* of the last token */
    uint32_t depth;
    enum tt_status status;
    struct tt_error err;
    /* Only of the run in one piece. */
    struct tt_json_path *path;
    struct tt_buf *name;
};

/* A string or key: between quotes, and decoded to its end with nothing left over. */
static void
check_string(const struct run *run, const struct tt_json_token *token)
{
    struct tt_str raw = tt_str_slice(run->text, token->offset, token->offset + token->length);
    CHECK(raw.len == token->length && token->offset > 0);
    CHECK(run->text.ptr[token->offset - 1] == '"');
    CHECK(token->offset + token->length < run->text.len);
    CHECK(run->text.ptr[token->offset + token->length] == '"');
    tt_buf_clear(run->name);
    CHECK(tt_json_unescape(raw, true, run->name) == raw.len);
    CHECK(run->name->status == TT_OK);
    CHECK(run->name->len == raw.len || (token->flags & TT_JSON_HAS_ESCAPE));
    CHECK(tt_json_raw_offset(raw, false, run->name->len) == raw.len);
    /* A string that the lexer took whole has no unfinished end, half pairs apart. */
    if (!(token->flags & TT_JSON_LONE_SURROGATE)) {
        tt_buf_clear(run->name);
        CHECK(tt_json_unescape(raw, false, run->name) == raw.len);
    }
}

static void
check_readers(struct run *run, const struct tt_json_token *token)
{
    tt_buf_clear(run->name);
    if (token->kind == TT_JSON_KEY || token->kind == TT_JSON_STRING) {
        check_string(run, token);
    }
    CHECK(tt_json_path_take(run->path, token, tt_buf_str(run->name)) == TT_OK);
    struct tt_str path = tt_json_path_str(run->path);
    CHECK(path.len > 0 && path.len <= TT_JSON_PATH_MAX && path.ptr[0] == '$');
    CHECK(run->path->depth == run->depth);
}

static void
mix(struct run *run, uint64_t value)
{
    run->digest = (run->digest ^ value) * 0x9e3779b97f4a7c15u;
    run->digest ^= run->digest >> 29;
}

static enum tt_status
take(void *ctx, const struct tt_json_token *token)
{
    struct run *run = ctx;
    bool opens = token->kind == TT_JSON_OBJECT_BEGIN || token->kind == TT_JSON_ARRAY_BEGIN;
    bool closes = token->kind == TT_JSON_OBJECT_END || token->kind == TT_JSON_ARRAY_END;
    CHECK(token->offset >= run->end && token->offset + token->length <= run->text.len);
    CHECK(!closes || run->depth > 0);
    run->depth -= closes;
    CHECK(token->depth == run->depth);
    run->depth += opens;
    run->end = token->offset + token->length;
    mix(run, token->kind);
    mix(run, token->flags);
    mix(run, token->offset);
    mix(run, token->length);
    if (run->path) {
        check_readers(run, token);
    }
    return TT_OK;
}

static void
lex(struct run *run, uint32_t depth_max, size_t first, size_t step)
{
    struct tt_json_lexer lexer;
    tt_json_begin(&lexer, tt_kernels_get(tt_cpu_detect()), depth_max, take, run);
    run->status = tt_json_feed(&lexer, tt_str_slice(run->text, 0, first), &run->err);
    for (size_t at = first; at < run->text.len && run->status == TT_OK; at += step) {
        run->status = tt_json_feed(&lexer, tt_str_slice(run->text, at, at + step), &run->err);
        CHECK(run->status != TT_OK || lexer.token_start <= lexer.offset);
        CHECK(lexer.depth == run->depth || run->status != TT_OK);
    }
    if (run->status == TT_OK) {
        run->status = tt_json_end(&lexer, &run->err);
    }
    CHECK(run->status != TT_OK || (run->depth == 0 && tt_json_is_complete(&lexer)));
    CHECK(run->status == TT_OK || (run->err.pos <= run->text.len && run->err.msg && run->err.code == run->status));
}

static void
check_same(const struct run *a, const struct run *b)
{
    CHECK(a->digest == b->digest && a->status == b->status);
    CHECK(a->status == TT_OK || (a->err.pos == b->err.pos && a->err.msg == b->err.msg));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) {
        return 0;
    }
    /* The last byte chooses the limit of depth and the cut; so seeds are plain documents and a line end. */
    struct tt_str text = tt_str_make(data, size - 1);
    uint32_t depth_max = data[size - 1] & 1 ? 3 : 0;
    size_t cut = (size_t) data[size - 1] * 7 % size;
    struct tt_json_path path;
    struct tt_buf name;
    tt_buf_init(&name, &tt_alloc_libc, TT_MIB * 16);
    CHECK(tt_json_path_init(&path, &tt_alloc_libc) == TT_OK);
    struct run whole = {.text = text, .path = &path, .name = &name};
    struct run bytes = {.text = text};
    struct run pieces = {.text = text};
    lex(&whole, depth_max, text.len, 1);
    lex(&bytes, depth_max, 0, 1);
    lex(&pieces, depth_max, cut, text.len);
    check_same(&whole, &bytes);
    check_same(&whole, &pieces);
    tt_json_path_free(&path);
    tt_buf_free(&name);
    return 0;
}
