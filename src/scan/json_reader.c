/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON and JSON Lines: every string and key is a field.
 *
 * Bytes go through the window into the lexer; a token's callback finds its bytes there.  Between tokens nothing is kept.  A
 * string longer than the window is searched in parts, as text is (text_reader.c).  When a document breaks the grammar, what
 * its strings said so far stands, the place is noted, and the rest is read as plain text: of the line in JSON Lines, else of
 * the input.
 */
#include "scan/gap.h"
#include "scan/reader.h"
#include "scan/siblings.h"
#include "json/path.h"
#include "json/string.h"

static const struct tt_str byte_order_mark = TT_STR_INIT("\xEF\xBB\xBF");

enum mode {
    BETWEEN,    /* white space, or the next document */
    DOCUMENT,   /* inside one */
    BAD_LINE,   /* plain text up to the line's end */
    PLAIN_REST, /* plain text up to the input's end */
};

struct tt_json_input {
    enum mode mode;
    bool lines;   /* JSON Lines: a bad document ends at its line's end */
    size_t lexed; /* bytes of the window that the lexer has taken */
    struct tt_json_lexer lexer;
    struct tt_json_path path;
    struct tt_buf name; /* the last key, decoded */
    struct tt_siblings siblings;
    struct tt_error error; /* the first document that is not JSON ... */
    struct tt_position error_at;
    uint64_t error_count; /* ... and how many there are */
    struct tt_gap gap;
    uint64_t name_end; /* offset behind the last name, whose value has not come yet; 0: none */
    bool twice;        /* the object has that name already */
};

struct tt_json_input *
tt_json_input_new(const struct tt_alloc *alloc)
{
    struct tt_json_input *json = tt_alloc_new(alloc, sizeof(*json));
    if (!json) {
        return NULL;
    }
    tt_buf_init(&json->name, alloc, TT_WINDOW_SIZE);
    if (tt_json_path_init(&json->path, alloc) != TT_OK) {
        tt_alloc_free(alloc, json, sizeof(*json));
        return NULL;
    }
    return json;
}

void
tt_json_input_free(struct tt_json_input *json, const struct tt_alloc *alloc)
{
    if (json) {
        tt_json_path_free(&json->path);
        tt_buf_free(&json->name);
        tt_alloc_free(alloc, json, sizeof(*json));
    }
}

void
tt_json_input_begin(struct tt_input *input)
{
    struct tt_json_input *json = input->json;
    json->mode = BETWEEN;
    json->lines = false;
    json->lexed = 0;
    json->error_count = 0;
    json->name_end = 0;
    json->twice = false;
}

/* Fields */

/* The bytes of a token as far as the window still holds them. */
static struct tt_str
token_raw(const struct tt_input *input, const struct tt_json_token *token)
{
    uint64_t start = input->cursor.start.offset;
    size_t from = token->offset > start ? (size_t) (token->offset - start) : 0;
    return tt_str_slice(input->window, from, (size_t) (token->offset + token->length - start));
}

/* Searches raw, a part of the window, for marks; its first searched bytes are context. */
static enum tt_status
look_at(struct tt_input *input, struct tt_str raw, size_t limit, uint32_t depth, uint32_t flags, bool whole)
{
    struct tt_json_input *json = input->json;
    size_t raw_at = (size_t) (raw.ptr - input->window.ptr);
    const struct tt_scan_field field = {
        .raw = raw,
        .from = input->searched > raw_at ? input->searched - raw_at : 0,
        .to = limit,
        .cursor = &input->cursor,
        .raw_at = raw_at,
        .escaped = (flags & TT_JSON_HAS_ESCAPE) != 0,
        .has_choice = (flags & (TT_JSON_HAS_U_ESCAPE | TT_JSON_HAS_SLASH_ESCAPE)) != 0,
        .has_wide = (flags & TT_JSON_HAS_NON_ASCII) != 0,
        .at_start = whole,
        .at_end = limit == raw.len,
        .in_json = true,
        .path = tt_json_path_str(&json->path),
        .role = tt_siblings_nearest(json->siblings.role, depth),
        .type = tt_siblings_nearest(json->siblings.type, depth),
    };
    return field.from < field.to ? tt_scan_fields_look(&input->fields, &field) : TT_OK;
}

/* Tokens */

static enum tt_status
take_key(struct tt_input *input, const struct tt_json_token *token)
{
    struct tt_json_input *json = input->json;
    struct tt_str raw = token_raw(input, token);
    tt_buf_clear(&json->name);
    tt_json_unescape(raw, true, &json->name);
    if (json->name.status == TT_E_MEMORY) {
        return TT_E_MEMORY;
    }
    struct tt_str name = tt_buf_str(&json->name);
    json->twice = tt_site_reader_name(&input->fields.sites, token->depth, name);
    tt_siblings_key(&json->siblings, token->depth, name);
    return tt_json_path_take(&json->path, token, name);
}

/* The path of a token, and what a new object knows of itself.  Of a long string it is taken before its first part is searched. */
static enum tt_status
take_path(struct tt_input *input, const struct tt_json_token *token)
{
    struct tt_json_input *json = input->json;
    if (token->kind == TT_JSON_KEY) {
        return take_key(input, token);
    }
    if (token->kind == TT_JSON_OBJECT_BEGIN || token->kind == TT_JSON_ARRAY_BEGIN) {
        tt_siblings_open(&json->siblings, token->depth + 1);
        tt_site_reader_object(&input->fields.sites, token->depth + 1);
    }
    return tt_json_path_take(&json->path, token, TT_STR(""));
}

/* What an excerpt shows before pos: a name, most often. */
static size_t
context_start(struct tt_str window, size_t pos)
{
    size_t start = pos > TT_EXCERPT_POINTS ? pos - TT_EXCERPT_POINTS : 0;
    while (start < pos && ((unsigned char) window.ptr[start] & 0xC0) == 0x80) {
        start++;
    }
    return start;
}

/* How is the value that begins with token written?  The window may have lost what stands before it. */
static enum tt_status
look_at_value(struct tt_input *input, const struct tt_json_token *token)
{
    struct tt_json_input *json = input->json;
    uint64_t start = input->cursor.start.offset, name_end = json->name_end;
    uint64_t begins = token->offset - (token->kind == TT_JSON_STRING);
    struct tt_scan_value value = {.named = name_end > start && begins > name_end, .twice = json->twice, .depth = token->depth};
    json->name_end = 0;
    json->twice = false;
    if ((!value.named && token->kind != TT_JSON_NUMBER) || begins < start) {
        return TT_OK;
    }
    size_t at = (size_t) (begins - start), from = value.named ? (size_t) (name_end - start) : at;
    value.number = token->kind == TT_JSON_NUMBER ? token_raw(input, token) : TT_STR("");
    value.named = value.named && input->window.ptr[from] == ':';
    value.blanks = tt_str_slice(input->window, from + 1, at);
    value.field.raw_at = context_start(input->window, from);
    value.field.raw = tt_str_slice(input->window, value.field.raw_at, at + value.number.len);
    value.field.from = from - value.field.raw_at;
    value.field.cursor = &input->cursor;
    value.field.path = tt_json_path_str(&json->path);
    return tt_scan_fields_value(&input->fields, &value);
}

static enum tt_status
take_string(struct tt_input *input, const struct tt_json_token *token)
{
    struct tt_str raw = token_raw(input, token);
    bool whole = token->offset >= input->cursor.start.offset;
    if (whole) {
        TT_TRY(take_path(input, token));
    }
    if (token->kind == TT_JSON_KEY) {
        input->json->name_end = token->offset + token->length + 1;
    } else {
        TT_TRY(look_at_value(input, token));
    }
    if (token->kind == TT_JSON_STRING && whole) {
        tt_siblings_string(&input->json->siblings, raw);
    }
    enum tt_status status = look_at(input, raw, raw.len, token->depth, token->flags, whole);
    input->searched = 0;
    return status;
}

/*
 * Searches window[from..), part of a comment, up to limit: plain text, whose path is that of what stands before it.  Bytes that are no
 * UTF-8 divide it.
 */
static enum tt_status
look_at_comment(struct tt_input *input, size_t from, size_t end, size_t limit)
{
    const struct tt_kernels *kernels = input->fields.file->kernels;
    while (from < limit) {
        struct tt_str rest = tt_str_slice(input->window, from, end);
        size_t valid = kernels->valid_utf8((const unsigned char *) rest.ptr, rest.len);
        const struct tt_scan_field field = {
            .raw = tt_str_slice(rest, 0, valid),
            .from = input->searched > from ? input->searched - from : 0,
            .to = limit - from < valid ? limit - from : valid,
            .cursor = &input->cursor,
            .raw_at = from,
            .at_start = input->searched == 0,
            .at_end = limit == end,
            .path = tt_json_path_str(&input->json->path),
        };
        if (field.from < field.to) {
            TT_TRY(tt_scan_fields_look(&input->fields, &field));
        }
        from += valid;
        if (from < limit) {
            tt_text_count_bad(input, from);
            from += tt_utf8_bad_length(input->window, from);
        }
    }
    return TT_OK;
}

static enum tt_status
take_comment(struct tt_input *input, const struct tt_json_token *token)
{
    struct tt_str raw = token_raw(input, token);
    size_t from = (size_t) (raw.ptr - input->window.ptr);
    enum tt_status status = look_at_comment(input, from, from + raw.len, from + raw.len);
    input->searched = 0;
    return status;
}

/* How is what parts two members or items written?  A gap that the window has lost has no place that could be shown. */
static enum tt_status
look_at_comma(struct tt_input *input, struct tt_str gap)
{
    bool there = gap.ptr >= input->window.ptr && gap.ptr < input->window.ptr + input->window.len;
    if (!there || !tt_json_form_comma(&input->fields.form, gap)) {
        return TT_OK;
    }
    size_t at = (size_t) (gap.ptr - input->window.ptr), from = context_start(input->window, at);
    const struct tt_scan_field field = {
        .raw = tt_str_slice(input->window, from, at + gap.len),
        .from = at - from,
        .raw_at = from,
        .cursor = &input->cursor,
        .path = tt_json_path_str(&input->json->path),
    };
    return tt_scan_fields_mixed(&input->fields, &field);
}

static enum tt_status
take_token(void *ctx, const struct tt_json_token *token)
{
    struct tt_input *input = ctx;
    struct tt_site_reader *sites = input->fields.alone ? NULL : &input->fields.sites;
    struct tt_str gap = tt_gap_take(&input->json->gap, input->window, input->cursor.start.offset, token, sites);
    if (gap.len > 0 && gap.ptr[0] == ',') {
        TT_TRY(look_at_comma(input, gap));
    }
    if (token->kind == TT_JSON_COMMENT) {
        return take_comment(input, token);
    }
    if (token->kind == TT_JSON_KEY || token->kind == TT_JSON_STRING) {
        return take_string(input, token);
    }
    input->json->siblings.pending = NULL;
    TT_TRY(take_path(input, token));
    if (token->kind != TT_JSON_OBJECT_END && token->kind != TT_JSON_ARRAY_END) {
        return look_at_value(input, token);
    }
    size_t at = (size_t) (token->offset - input->cursor.start.offset);
    return tt_scan_fields_end_object(&input->fields, token->depth + 1, tt_json_path_str(&input->json->path), &input->cursor, at);
}

/* Documents */

static bool
is_json_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct tt_str
unlexed(const struct tt_input *input)
{
    return tt_str_slice(input->window, input->json->lexed, input->window.len);
}

/* RFC 8259, section 8.1: a reader may ignore a byte order mark. */
static size_t
byte_order_mark_length(struct tt_str text)
{
    return tt_str_starts(text, byte_order_mark) ? byte_order_mark.len : 0;
}

/* Skips white space; a document begins at the first byte behind it. */
static void
begin_document(struct tt_input *input)
{
    struct tt_json_input *json = input->json;
    size_t at = json->lexed;
    if (!input->begun && at == 0) {
        at = byte_order_mark_length(input->window);
        if (at == 0 && tt_str_starts(byte_order_mark, input->window)) {
            return; /* its beginning, perhaps */
        }
    }
    while (at < input->window.len && is_json_space(input->window.ptr[at])) {
        at++;
    }
    tt_input_drop(input, at);
    json->lexed = 0;
    if (input->window.len == 0) {
        return;
    }
    json->mode = DOCUMENT;
    input->rest_of_json = false;
    tt_siblings_begin(&json->siblings);
    tt_json_path_reset(&json->path);
    tt_scan_fields_begin_document(&input->fields);
    tt_json_begin(&json->lexer, input->fields.file->kernels, 0, take_token, input);
    json->lexer.lenient = !json->lines; /* a comment must not swallow the lines behind a broken one */
    json->lexer.offset = json->lexer.token_start = input->cursor.start.offset;
    tt_gap_begin(&json->gap, json->lexer.offset);
}

/* A complete document ends before window[end]; another may follow. */
static enum tt_status
end_document(struct tt_input *input, size_t end)
{
    TT_TRY(tt_scan_fields_end_document(&input->fields, TT_STR("$"), &input->cursor, end - (end > 0)));
    input->fields.file->result.documents++;
    input->json->lexed = end;
    input->json->mode = BETWEEN;
    return TT_OK;
}

/* Is the byte at fault where the next line's record begins?  Then the one before it was cut off, and this one may be whole. */
static bool
is_next_record(const struct tt_input *input, const struct tt_position *at)
{
    const struct tt_json_lexer *lexer = &input->json->lexer;
    struct tt_str rest = tt_str_slice(input->window, (size_t) (at->offset - input->cursor.start.offset), input->window.len);
    bool opens = tt_str_starts(rest, TT_STR("{")) || tt_str_starts(rest, TT_STR("["));
    return opens && at->column == 1 && lexer->depth > 0 && lexer->token_start == at->offset;
}

/* The document breaks the grammar: what follows the last complete token is plain text. */
static void
fail_document(struct tt_input *input, const struct tt_error *error)
{
    struct tt_json_input *json = input->json;
    uint64_t start = input->cursor.start.offset;
    struct tt_position at = tt_cursor_at(&input->cursor, (size_t) (error->pos - start));
    if (json->error_count++ == 0) {
        json->error = *error;
        json->error_at = at;
    }
    const struct tt_scan_file *file = input->fields.file;
    bool lines = json->lines || file->result.documents - file->first_document > 1; /* or as good as JSON Lines */
    input->rest_of_json = true;
    json->mode = !lines ? PLAIN_REST : is_next_record(input, &at) ? BETWEEN : BAD_LINE;
    if (json->lexer.token_start > start) {
        tt_input_drop(input, (size_t) (json->lexer.token_start - start));
    }
    json->lexed = 0;
}

/* Drops what no later token needs: everything before the unfinished token, or before its context in a long string. */
static void
drop_lexed(struct tt_input *input)
{
    struct tt_json_input *json = input->json;
    uint64_t start = input->cursor.start.offset;
    size_t drop = json->lexer.token_start > start ? (size_t) (json->lexer.token_start - start) : 0;
    tt_gap_hold(&json->gap, input->window, start, json->lexer.token_start);
    tt_input_drop(input, drop);
    json->lexed -= drop;
}

/*
 * The window is full of one token.  Of a string, the first part is searched.  The cut may fall inside an escape; the decoder then leaves
 * it to the next part, and only context can be misread.
 */
static enum tt_status
search_long_token(struct tt_input *input)
{
    struct tt_json_input *json = input->json;
    struct tt_str window = input->window;
    uint64_t start = input->cursor.start.offset;
    size_t limit = tt_text_limit(window);
    if (tt_json_in_comment(&json->lexer)) {
        TT_TRY(look_at_comment(input, 0, tt_text_whole(window), limit));
        input->searched = limit;
        size_t done = tt_text_context(window, limit);
        tt_input_drop(input, done);
        json->lexed -= done;
        return TT_OK;
    }
    if (!tt_json_in_string(&json->lexer)) {
        tt_input_drop(input, window.len); /* a number of a million digits */
        json->lexed = 0;
        return TT_OK;
    }
    bool first = json->lexer.token_start >= start;
    size_t from = first ? 1 : 0; /* the quote */
    if (first) {
        struct tt_json_token token = json->lexer.pending;
        token.length = window.len - from;
        TT_TRY(take_path(input, &token));
    }
    struct tt_str raw = tt_str_slice(window, from, tt_text_whole(window));
    TT_TRY(look_at(input, raw, limit - from, json->lexer.depth, TT_JSON_HAS_ESCAPE | TT_JSON_HAS_U_ESCAPE, first));
    input->searched = limit;
    size_t drop = tt_text_context(window, limit);
    tt_input_drop(input, drop);
    json->lexed -= drop;
    return TT_OK;
}

static enum tt_status
lex_window(struct tt_input *input)
{
    struct tt_json_input *json = input->json;
    struct tt_error error;
    struct tt_str piece = unlexed(input);
    enum tt_status status = tt_json_feed(&json->lexer, piece, &error);
    if (status == TT_E_INPUT || status == TT_E_LIMIT) {
        if (tt_json_is_complete(&json->lexer)) {
            return end_document(input, (size_t) (error.pos - input->cursor.start.offset));
        }
        fail_document(input, &error);
        return TT_OK;
    }
    TT_TRY(status);
    json->lexed = input->window.len;
    drop_lexed(input);
    return tt_input_is_full(input) ? search_long_token(input) : TT_OK;
}

/* Plain text up to the end of the line, if the window holds it. */
static enum tt_status
take_bad_line(struct tt_input *input)
{
    struct tt_str window = input->window;
    const char *line_end = memchr(window.ptr, '\n', window.len);
    if (!line_end) {
        return tt_input_is_full(input) ? tt_text_slide(input) : TT_OK;
    }
    TT_TRY(tt_text_take(input, (size_t) (line_end - window.ptr) + 1));
    input->json->mode = BETWEEN;
    return TT_OK;
}

/* Works on the window until it needs more bytes. */
static enum tt_status
work(struct tt_input *input)
{
    struct tt_json_input *json = input->json;
    for (;;) {
        enum mode before = json->mode;
        uint64_t done = input->cursor.start.offset + json->lexed;
        switch (json->mode) {
        case BETWEEN: begin_document(input); break;
        case DOCUMENT: TT_TRY(lex_window(input)); break;
        case BAD_LINE: TT_TRY(take_bad_line(input)); break;
        case PLAIN_REST: return tt_input_is_full(input) ? tt_text_slide(input) : TT_OK;
        }
        if (before == json->mode && (json->lexed == input->window.len || done == input->cursor.start.offset + json->lexed)) {
            return TT_OK;
        }
    }
}

static bool
has_suffix(struct tt_str uri, const char *const *suffixes)
{
    for (; *suffixes; suffixes++) {
        if (tt_str_ends(uri, tt_str_cstr(*suffixes))) {
            return true;
        }
    }
    return false;
}

static const char *const lines_suffixes[] = {".jsonl", ".ndjson", NULL};
static const char *const json_suffixes[] = {".json", ".jsonc", ".jsonl", ".ndjson", ".har", ".code-workspace", NULL};

static enum tt_status
feed_json(struct tt_input *input, struct tt_str piece)
{
    struct tt_json_input *json = input->json;
    if (!input->begun && input->window.len == 0) {
        json->lines = has_suffix(input->fields.file->uri, lines_suffixes);
    }
    while (piece.len > 0) {
        TT_TRY(tt_input_fill(input, &piece));
        TT_TRY(work(input));
    }
    return TT_OK;
}

static enum tt_status
end_json(struct tt_input *input)
{
    struct tt_json_input *json = input->json;
    struct tt_error error;
    if (json->mode == DOCUMENT) {
        enum tt_status status = tt_json_end(&json->lexer, &error);
        if (status == TT_OK) {
            TT_TRY(end_document(input, input->window.len));
            tt_input_drop(input, input->window.len);
        } else if (status == TT_E_INPUT || status == TT_E_LIMIT) {
            fail_document(input, &error);
        } else {
            return status;
        }
    }
    TT_TRY(tt_text_end(input));
    if (json->error_count == 0) {
        return TT_OK;
    }
    return tt_scan_file_note(input->fields.file, &json->error_at, "not valid JSON, read as plain text from here", json->error.msg,
                             json->error_count - 1);
}

/* Recognising JSON */

static enum tt_status
count_strings(void *ctx, const struct tt_json_token *token)
{
    *(uint64_t *) ctx += token->kind == TT_JSON_KEY || token->kind == TT_JSON_STRING;
    return TT_OK;
}

/*
 * Is head the beginning of a JSON document, or of several?  One without a string proves nothing unless it is all there is: other texts
 * begin with a bracket, or with "[1]", as well.
 */
static bool
looks_like_json(struct tt_str head, bool complete, const struct tt_kernels *kernels)
{
    struct tt_json_lexer lexer;
    struct tt_error error;
    uint64_t strings = 0;
    tt_json_begin(&lexer, kernels, 0, count_strings, &strings);
    lexer.lenient = true;
    enum tt_status status = tt_json_feed(&lexer, head, &error);
    if (status != TT_OK) {
        return strings > 0 && tt_json_is_complete(&lexer) && (head.ptr[error.pos] == '{' || head.ptr[error.pos] == '[');
    }
    /* As far as it goes: a document cut short is still one, and its end is reported. */
    return strings > 0 || (complete && tt_json_is_complete(&lexer));
}

static bool
accepts_json(struct tt_str uri, struct tt_str head, bool complete, const struct tt_kernels *kernels)
{
    if (has_suffix(uri, json_suffixes)) {
        return true;
    }
    size_t at = byte_order_mark_length(head);
    while (at < head.len && is_json_space(head.ptr[at])) {
        at++;
    }
    if (at == head.len || (head.ptr[at] != '{' && head.ptr[at] != '[')) {
        return false;
    }
    return looks_like_json(tt_str_slice(head, at, head.len), complete, kernels);
}

const struct tt_reader tt_reader_json = {
    .name = "json",
    .accepts = accepts_json,
    .feed = feed_json,
    .end = end_json,
};
