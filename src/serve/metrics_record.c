/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the members of a record that metrics count by.
 *
 * Input: one record.  Output: a struct of borrowed texts.  Which members are read stands in one table; all others are passed over, so that
 * records may get new ones.
 */
#include "serve/metrics_record.h"

#include "json/lexer.h"
#include "json/string.h"

#include <stddef.h>

enum kind {
    KIND_TEXT,
    KIND_NUMBER,
    KIND_MS, /* milliseconds with decimals, kept as microseconds */
    KIND_TRUTH,
};

static const struct member {
    struct tt_str top, sub; /* sub: of the object in top, or empty */
    uint8_t kind;           /* enum kind */
    size_t offset;
} members[] = {
#define TOP(name, kind, field)                                                        \
    {                                                                                 \
        TT_STR_INIT(name), {NULL, 0}, kind, offsetof(struct tt_metrics_record, field) \
    }
#define SUB(top, name, kind, field)                                                          \
    {                                                                                        \
        TT_STR_INIT(top), TT_STR_INIT(name), kind, offsetof(struct tt_metrics_record, field) \
    }
    TOP("type", KIND_TEXT, type),
    TOP("id", KIND_TEXT, id),
    TOP("api", KIND_TEXT, api),
    TOP("operation", KIND_TEXT, operation),
    TOP("provider", KIND_TEXT, provider),
    TOP("model", KIND_TEXT, model),
    TOP("team", KIND_TEXT, team),
    TOP("stream", KIND_TRUTH, stream),
    SUB("decision", "action", KIND_TEXT, action),
    TOP("shadow", KIND_TRUTH, shadow),
    TOP("not_inspected", KIND_TEXT, not_inspected),
    TOP("marks_more", KIND_NUMBER, marks_more),
    TOP("inspect_us", KIND_NUMBER, inspect_us),
    TOP("status", KIND_NUMBER, status),
    TOP("error", KIND_TRUTH, error),
    SUB("usage", "input_total", KIND_NUMBER, input),
    SUB("usage", "output_total", KIND_NUMBER, output),
    SUB("usage", "source", KIND_TEXT, source),
    SUB("charge", "cost", KIND_NUMBER, cost),
    TOP("first_byte_ms", KIND_MS, first_byte_us),
    TOP("total_ms", KIND_MS, total_us),
    TOP("end", KIND_TEXT, end),
#undef TOP
#undef SUB
};

struct reading {
    struct tt_str json;
    struct tt_metrics_record *record;
    struct tt_str top, sub; /* names that the next value belongs to */
};

static struct tt_str
text_of(struct reading *reading, const struct tt_json_token *token)
{
    struct tt_metrics_record *record = reading->record;
    struct tt_str raw = tt_str_slice(reading->json, (size_t) token->offset, (size_t) (token->offset + token->length));
    size_t left = sizeof(record->room) - record->used;
    if (!(token->flags & TT_JSON_HAS_ESCAPE) || raw.len > left) {
        return raw;
    }
    struct tt_buf buf = {.ptr = record->room + record->used, .cap = left, .max = left}; /* never grows */
    (void) tt_json_unescape(raw, true, &buf);
    record->used += buf.len;
    return tt_buf_str(&buf);
}

/* A number in 1/scale, decimals beyond that cut; -1 when it is none that is counted. */
static int64_t
number_of(struct tt_str s, int64_t scale)
{
    const int64_t most = INT64_C(1000000000000000);
    int64_t n = 0;
    size_t i = 0;
    for (; i < s.len && tt_ascii_is_digit((unsigned char) s.ptr[i]); i++) {
        n = n * 10 + (s.ptr[i] - '0');
        if (n > most) {
            return -1;
        }
    }
    bool is_plain = i > 0 && (i == s.len || s.ptr[i] == '.');
    n *= scale;
    for (i++; i < s.len && tt_ascii_is_digit((unsigned char) s.ptr[i]) && scale > 1; i++) {
        scale /= 10;
        n += (s.ptr[i] - '0') * scale;
    }
    return is_plain ? n : -1;
}

static void
take_member(struct reading *reading, const struct member *member, const struct tt_json_token *token)
{
    char *field = (char *) reading->record + member->offset;
    struct tt_str raw = tt_str_slice(reading->json, (size_t) token->offset, (size_t) (token->offset + token->length));
    struct tt_str text;
    int64_t number = -1;
    switch ((enum kind) member->kind) {
    case KIND_TEXT:
        if (token->kind == TT_JSON_STRING) {
            text = text_of(reading, token);
            memcpy(field, &text, sizeof(text));
        }
        return;
    case KIND_NUMBER: number = token->kind == TT_JSON_NUMBER ? number_of(raw, 1) : -1; break;
    case KIND_MS: number = token->kind == TT_JSON_NUMBER ? number_of(raw, 1000) : -1; break;
    case KIND_TRUTH: number = token->kind == TT_JSON_TRUE ? 1 : token->kind == TT_JSON_FALSE ? 0 : -1; break;
    }
    memcpy(field, &number, sizeof(number));
}

static void
take_mark(struct reading *reading, const struct tt_json_token *token)
{
    struct tt_metrics_record *record = reading->record;
    if (!tt_str_eq(reading->top, TT_STR("marks")) || !tt_str_eq(reading->sub, TT_STR("rule"))) {
        return;
    }
    if (record->mark_count < TT_METRICS_MARKS) {
        record->marks[record->mark_count++] = text_of(reading, token);
    } else {
        record->marks_over++;
    }
}

static void
take_reference(struct reading *reading, const struct tt_json_token *token)
{
    struct tt_metrics_record *record = reading->record;
    if (token->kind == TT_JSON_STRING && record->reference_count < TT_METRICS_REFERENCES) {
        record->references[record->reference_count++] = text_of(reading, token);
    }
}

static enum tt_status
take(void *ctx, const struct tt_json_token *token)
{
    struct reading *reading = ctx;
    struct tt_str none = {NULL, 0};
    if (token->depth == 0) {
        return token->kind == TT_JSON_OBJECT_BEGIN || token->kind == TT_JSON_OBJECT_END ? TT_OK : TT_E_INPUT;
    }
    if (token->kind == TT_JSON_KEY) {
        struct tt_str name = tt_str_slice(reading->json, (size_t) token->offset, (size_t) (token->offset + token->length));
        reading->top = token->depth == 1 ? name : reading->top;
        reading->sub = token->depth == 1 ? none : name;
        return TT_OK;
    }
    if (token->kind <= TT_JSON_ARRAY_END || token->depth > 3) {
        return TT_OK;
    }
    if (token->depth == 3) {
        take_mark(reading, token);
        return TT_OK;
    }
    if (token->depth == 2 && tt_str_eq(reading->top, TT_STR("references"))) {
        take_reference(reading, token);
        return TT_OK;
    }
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (tt_str_eq(members[i].top, reading->top) && tt_str_eq(members[i].sub, reading->sub) &&
            (token->depth == 1) == (members[i].sub.len == 0)) {
            take_member(reading, &members[i], token);
            break;
        }
    }
    return TT_OK;
}

bool
tt_metrics_record_read(struct tt_str json, struct tt_metrics_record *record)
{
    struct tt_json_lexer lexer;
    struct reading reading = {.json = json, .record = record};
    memset(record, 0, offsetof(struct tt_metrics_record, marks));
    record->mark_count = 0;
    record->marks_over = 0;
    record->reference_count = 0;
    record->used = 0;
    record->stream = record->shadow = record->error = -1;
    record->inspect_us = record->marks_more = record->status = record->input = record->output = -1;
    record->first_byte_us = record->total_us = record->cost = -1;
    tt_json_begin(&lexer, tt_kernels_get(0), 0, take, &reading);
    return tt_json_feed(&lexer, json, NULL) == TT_OK && tt_json_end(&lexer, NULL) == TT_OK && record->type.len > 0;
}
