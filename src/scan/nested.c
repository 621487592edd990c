/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests that a capture keeps as a string; see nested.h.
 *
 * Input: the decoded string.  Output: what the site reader sees in it, with offsets in that string.  One lexer pass in memory;
 * buffers are kept from one document to the next.
 */
#include "scan/nested.h"

#include "scan/gap.h"

#include "json/string.h"

/* One document at work. */
struct look {
    struct tt_nested *nested;
    struct tt_str text;
    size_t at; /* of the token at hand, in text */
    struct tt_gap gap;
    struct tt_str raw; /* of a string */
    tt_site_fn *seen;
    tt_nested_fn *string;
    void *ctx;
};

enum tt_status
tt_nested_init(struct tt_nested *nested, const struct tt_alloc *alloc, const struct tt_kernels *kernels)
{
    *nested = (struct tt_nested) {.kernels = kernels};
    tt_buf_init(&nested->name, alloc, TT_WINDOW_SIZE);
    tt_buf_init(&nested->text, alloc, TT_WINDOW_SIZE);
    TT_TRY(tt_site_reader_init(&nested->sites, alloc));
    return tt_json_path_init(&nested->path, alloc);
}

void
tt_nested_free(struct tt_nested *nested)
{
    tt_site_reader_free(&nested->sites);
    if (nested->path.frames) {
        tt_json_path_free(&nested->path);
    }
    tt_buf_free(&nested->name);
    tt_buf_free(&nested->text);
}

static bool
is_json_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool
tt_nested_is(struct tt_str text)
{
    size_t from = 0, to = text.len;
    while (from < to && is_json_space(text.ptr[from])) {
        from++;
    }
    while (to > from && is_json_space(text.ptr[to - 1])) {
        to--;
    }
    return to - from > 2 && text.ptr[from] == '{' && text.ptr[to - 1] == '}';
}

/* Moves what was seen from the decoded string to the text around it. */
static enum tt_status
see(void *ctx, const struct tt_site_seen *seen)
{
    struct look *look = ctx;
    struct tt_site_seen moved = *seen;
    size_t from = tt_json_raw_offset(look->raw, false, seen->offset);
    size_t to = tt_json_raw_offset(look->raw, false, seen->offset + seen->length);
    moved.offset = look->at + from;
    moved.length = to - from;
    return look->seen(look->ctx, &moved);
}

/* Counts how the string or key at hand is spelled. */
static void
count_spelling(struct look *look, const struct tt_json_token *token)
{
    size_t at;
    bool choice = (token->flags & (TT_JSON_HAS_U_ESCAPE | TT_JSON_HAS_SLASH_ESCAPE)) != 0;
    bool wide = (token->flags & TT_JSON_HAS_NON_ASCII) != 0;
    (void) tt_json_form_string(&look->nested->form, look->raw, choice, wide, &at);
}

/* Hands the string or key at hand on, with what is known of its surroundings. */
static enum tt_status
hand_on(struct look *look, const struct tt_json_token *token)
{
    const struct tt_nested *nested = look->nested;
    const struct tt_nested_string string = {
        .at = look->at,
        .raw = look->raw,
        .flags = token->flags,
        .path = tt_json_path_str(&nested->path),
        .role = tt_siblings_nearest(nested->siblings.role, token->depth),
        .type = tt_siblings_nearest(nested->siblings.type, token->depth),
    };
    return look->string && look->raw.len > 0 ? look->string(look->ctx, &string) : TT_OK;
}

static enum tt_status
take_key(struct look *look, const struct tt_json_token *token)
{
    struct tt_nested *nested = look->nested;
    tt_buf_clear(&nested->name);
    tt_json_unescape(look->raw, true, &nested->name);
    if (nested->name.status == TT_E_MEMORY) {
        return TT_E_MEMORY;
    }
    struct tt_str name = tt_buf_str(&nested->name);
    (void) tt_site_reader_name(&nested->sites, token->depth, name);
    tt_siblings_key(&nested->siblings, token->depth, name);
    TT_TRY(tt_json_path_take(&nested->path, token, name));
    return hand_on(look, token);
}

static enum tt_status
take_string(struct look *look, const struct tt_json_token *token)
{
    struct tt_nested *nested = look->nested;
    TT_TRY(tt_json_path_take(&nested->path, token, TT_STR("")));
    tt_siblings_string(&nested->siblings, look->raw);
    TT_TRY(hand_on(look, token));
    if (look->raw.len < TT_SITE_FIELD_MIN) {
        return TT_OK;
    }
    tt_buf_clear(&nested->text);
    tt_json_unescape(look->raw, true, &nested->text);
    if (nested->text.status == TT_E_MEMORY) {
        return TT_E_MEMORY;
    }
    const struct tt_field field = {
        .text = tt_buf_str(&nested->text),
        .to = nested->text.len,
        .at_start = true,
        .at_end = true,
        .in_json = true,
        .path = tt_json_path_str(&nested->path),
        .role = tt_siblings_nearest(nested->siblings.role, token->depth),
        .type = tt_siblings_nearest(nested->siblings.type, token->depth),
    };
    return tt_site_reader_field(&nested->sites, &field, see, look);
}

static enum tt_status
take_token(void *ctx, const struct tt_json_token *token)
{
    struct look *look = ctx;
    struct tt_nested *nested = look->nested;
    (void) tt_gap_take(&look->gap, look->text, 0, token, &nested->sites);
    look->at = (size_t) token->offset;
    look->raw = tt_str_slice(look->text, look->at, look->at + (size_t) token->length);
    if (token->kind == TT_JSON_KEY || token->kind == TT_JSON_STRING) {
        count_spelling(look, token);
    }
    if (token->kind == TT_JSON_KEY) {
        return take_key(look, token);
    }
    if (token->kind == TT_JSON_STRING) {
        return take_string(look, token);
    }
    nested->siblings.pending = NULL;
    if (token->kind == TT_JSON_OBJECT_BEGIN || token->kind == TT_JSON_ARRAY_BEGIN) {
        tt_siblings_open(&nested->siblings, token->depth + 1);
        tt_site_reader_object(&nested->sites, token->depth + 1);
    }
    TT_TRY(tt_json_path_take(&nested->path, token, TT_STR("")));
    if (token->kind == TT_JSON_NUMBER && token->depth > 0) {
        return tt_site_reader_number(&nested->sites, token->depth, tt_json_path_str(&nested->path), look->raw);
    }
    if (token->kind != TT_JSON_OBJECT_END && token->kind != TT_JSON_ARRAY_END) {
        return TT_OK;
    }
    return tt_site_reader_object_end(&nested->sites, token->depth + 1, tt_json_path_str(&nested->path), see, look);
}

static enum tt_status
pass_over(void *ctx, const struct tt_json_token *token)
{
    (void) ctx;
    (void) token;
    return TT_OK;
}

bool
tt_nested_is_document(const struct tt_nested *nested, struct tt_str text)
{
    struct tt_json_lexer lexer;
    tt_json_begin(&lexer, nested->kernels, 0, pass_over, NULL);
    return tt_json_feed(&lexer, text, NULL) == TT_OK && tt_json_end(&lexer, NULL) == TT_OK;
}

enum tt_status
tt_nested_look(struct tt_nested *nested, struct tt_str text, tt_site_fn *seen, tt_nested_fn *string, void *ctx)
{
    struct look look = {.nested = nested, .text = text, .seen = seen, .string = string, .ctx = ctx};
    struct tt_json_lexer lexer;
    struct tt_error error;
    tt_json_path_reset(&nested->path);
    tt_siblings_begin(&nested->siblings);
    tt_site_reader_begin(&nested->sites);
    tt_json_form_begin(&nested->form);
    tt_json_begin(&lexer, nested->kernels, 0, take_token, &look);
    enum tt_status status = tt_json_feed(&lexer, text, &error);
    status = status == TT_OK ? tt_json_end(&lexer, &error) : status;
    if (status == TT_E_INPUT || status == TT_E_LIMIT) {
        return TT_OK;
    }
    TT_TRY(status);
    look.at = 0;
    look.raw = TT_STR("");
    return tt_site_reader_end(&nested->sites, &nested->form, see, &look);
}
