/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the JSON of an answer says about its use.
 *
 * Input: one document in pieces.  Output: figures, names and lengths in the meter.  Nothing is allocated and no text is kept, but
 * for the beginning of a token that a piece ends in.
 *
 * What is looked for stands in trees of names, one for each dialect.  Arrays are passed through: an element is what its array is.
 * So one tree reads a document and a list of documents.  A figure that comes again replaces the former, since all
 * dialects repeat totals and none sends differences.
 *
 * The tables are lenient, for many servers speak a dialect with an accent of their own; here nothing is decided but a count.
 */
#include "traffic/usage_parts.h"

#include "base/word.h"
#include "json/string.h"

enum act {
    ACT_NONE,
    ACT_FIGURE, /* a number; which one is in figure */
    ACT_USAGE,  /* the object around figures */
    ACT_TEXT,   /* a string that the model wrote */
    ACT_BELOW,  /* all strings below were written by the model */
    ACT_TYPE,   /* what kind of an event it is */
    ACT_MODEL,
    ACT_ID,
    ACT_FINISH, /* why the model ended */
    ACT_STATUS, /* the same in the responses API, and also how far it is */
    ACT_ERROR,  /* anything but null is one */
};

struct tt_meter_node {
    struct tt_str name;
    const struct tt_meter_node *children;
    uint8_t child_count;
    uint8_t act;     /* enum act */
    uint8_t figure;  /* enum tt_figure */
    uint8_t framing; /* enum tt_framing in which it counts; TT_FRAMING_NONE: in all */
};

#define KEPT_MAX (TT_METER_HOLD - 1) /* bytes of a token that are looked at; what is held may begin with a quote */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LEAF(name, act)                                     \
    {                                                       \
        TT_STR_INIT(name), NULL, 0, act, 0, TT_FRAMING_NONE \
    }
#define FIGURE(name, figure)                                            \
    {                                                                   \
        TT_STR_INIT(name), NULL, 0, ACT_FIGURE, figure, TT_FRAMING_NONE \
    }
#define INNER(name, act, children)                                            \
    {                                                                         \
        TT_STR_INIT(name), children, COUNT(children), act, 0, TT_FRAMING_NONE \
    }
#define ONLY(framing, name, act, children)                            \
    {                                                                 \
        TT_STR_INIT(name), children, COUNT(children), act, 0, framing \
    }
#define ROOT(children)                                                           \
    {                                                                            \
        TT_STR_INIT(""), children, COUNT(children), ACT_NONE, 0, TT_FRAMING_NONE \
    }

/* ---- Anthropic Messages ---- */

static const struct tt_meter_node anthropic_writes[] = {
    FIGURE("ephemeral_5m_input_tokens", TT_FIGURE_CACHE_WRITE_SHORT),
    FIGURE("ephemeral_1h_input_tokens", TT_FIGURE_CACHE_WRITE_LONG),
};
static const struct tt_meter_node anthropic_usage[] = {
    FIGURE("input_tokens", TT_FIGURE_INPUT),
    FIGURE("cache_creation_input_tokens", TT_FIGURE_CACHE_WRITE),
    FIGURE("cache_read_input_tokens", TT_FIGURE_CACHED),
    INNER("cache_creation", ACT_NONE, anthropic_writes),
    FIGURE("output_tokens", TT_FIGURE_OUTPUT),
};
static const struct tt_meter_node anthropic_message[] = {
    LEAF("id", ACT_ID),
    LEAF("model", ACT_MODEL),
    LEAF("stop_reason", ACT_FINISH),
    INNER("usage", ACT_USAGE, anthropic_usage),
};
static const struct tt_meter_node anthropic_delta[] = {
    LEAF("text", ACT_TEXT),
    LEAF("thinking", ACT_TEXT),
    LEAF("partial_json", ACT_TEXT),
    LEAF("stop_reason", ACT_FINISH),
};
static const struct tt_meter_node anthropic_block[] = {
    LEAF("text", ACT_TEXT),
    LEAF("thinking", ACT_TEXT),
    LEAF("input", ACT_BELOW),
};
static const struct tt_meter_node anthropic_members[] = {
    LEAF("type", ACT_TYPE),
    ONLY(TT_FRAMING_EVENTS, "delta", ACT_NONE, anthropic_delta),
    INNER("usage", ACT_USAGE, anthropic_usage),
    ONLY(TT_FRAMING_EVENTS, "message", ACT_NONE, anthropic_message),
    LEAF("error", ACT_ERROR),
    LEAF("id", ACT_ID),
    LEAF("model", ACT_MODEL),
    LEAF("stop_reason", ACT_FINISH),
    ONLY(TT_FRAMING_JSON, "content", ACT_NONE, anthropic_block),
};

/* ---- OpenAI: chat completions, completions and embeddings; then responses ---- */

static const struct tt_meter_node openai_input_details[] = {
    FIGURE("cached_tokens", TT_FIGURE_CACHED),
    FIGURE("cache_write_tokens", TT_FIGURE_CACHE_WRITE),
};
static const struct tt_meter_node openai_output_details[] = {
    FIGURE("reasoning_tokens", TT_FIGURE_REASONING),
};
static const struct tt_meter_node openai_usage[] = {
    FIGURE("prompt_tokens", TT_FIGURE_INPUT),
    FIGURE("completion_tokens", TT_FIGURE_OUTPUT),
    FIGURE("input_tokens", TT_FIGURE_INPUT),
    FIGURE("output_tokens", TT_FIGURE_OUTPUT),
    FIGURE("total_tokens", TT_FIGURE_TOTAL),
    INNER("prompt_tokens_details", ACT_NONE, openai_input_details),
    INNER("completion_tokens_details", ACT_NONE, openai_output_details),
    INNER("input_tokens_details", ACT_NONE, openai_input_details),
    INNER("output_tokens_details", ACT_NONE, openai_output_details),
    /* Where some compatible servers say it. */
    FIGURE("prompt_cache_hit_tokens", TT_FIGURE_CACHED),
    FIGURE("cached_tokens", TT_FIGURE_CACHED),
};
static const struct tt_meter_node chat_function[] = {
    LEAF("name", ACT_TEXT),
    LEAF("arguments", ACT_TEXT),
    LEAF("input", ACT_TEXT),
};
static const struct tt_meter_node chat_call[] = {
    INNER("function", ACT_NONE, chat_function),
    INNER("custom", ACT_NONE, chat_function),
};
static const struct tt_meter_node chat_part[] = {
    LEAF("text", ACT_TEXT),
    LEAF("thinking", ACT_BELOW),
};
static const struct tt_meter_node chat_message[] = {
    INNER("content", ACT_TEXT, chat_part),    LEAF("refusal", ACT_TEXT),
    LEAF("reasoning_content", ACT_TEXT),      LEAF("reasoning", ACT_TEXT),
    INNER("tool_calls", ACT_NONE, chat_call), INNER("function_call", ACT_NONE, chat_function),
};
static const struct tt_meter_node chat_choice[] = {
    ONLY(TT_FRAMING_EVENTS, "delta", ACT_NONE, chat_message),
    ONLY(TT_FRAMING_JSON, "message", ACT_NONE, chat_message),
    LEAF("text", ACT_TEXT),
    LEAF("finish_reason", ACT_FINISH),
    INNER("usage", ACT_USAGE, openai_usage),
};
static const struct tt_meter_node chat_groq[] = {
    INNER("usage", ACT_USAGE, openai_usage),
    LEAF("error", ACT_ERROR),
};
static const struct tt_meter_node chat_members[] = {
    LEAF("id", ACT_ID),
    LEAF("model", ACT_MODEL),
    INNER("choices", ACT_NONE, chat_choice),
    INNER("usage", ACT_USAGE, openai_usage),
    LEAF("error", ACT_ERROR),
    INNER("x_groq", ACT_NONE, chat_groq),
};

static const struct tt_meter_node responses_incomplete[] = {
    LEAF("reason", ACT_FINISH),
};
static const struct tt_meter_node responses_part[] = {
    LEAF("text", ACT_TEXT),
    LEAF("refusal", ACT_TEXT),
};
static const struct tt_meter_node responses_item[] = {
    INNER("content", ACT_NONE, responses_part),
    INNER("summary", ACT_NONE, responses_part),
    LEAF("arguments", ACT_TEXT),
    LEAF("input", ACT_TEXT),
};
static const struct tt_meter_node responses_response[] = {
    LEAF("id", ACT_ID),
    LEAF("model", ACT_MODEL),
    LEAF("status", ACT_STATUS),
    LEAF("error", ACT_ERROR),
    INNER("incomplete_details", ACT_NONE, responses_incomplete),
    INNER("usage", ACT_USAGE, openai_usage),
};
static const struct tt_meter_node responses_members[] = {
    LEAF("type", ACT_TYPE),
    LEAF("delta", ACT_TEXT),
    ONLY(TT_FRAMING_EVENTS, "response", ACT_NONE, responses_response),
    LEAF("error", ACT_ERROR),
    /* The answer without a stream. */
    LEAF("id", ACT_ID),
    LEAF("model", ACT_MODEL),
    LEAF("status", ACT_STATUS),
    INNER("incomplete_details", ACT_NONE, responses_incomplete),
    INNER("usage", ACT_USAGE, openai_usage),
    ONLY(TT_FRAMING_JSON, "output", ACT_NONE, responses_item),
};

/* ---- Gemini ---- */

static const struct tt_meter_node gemini_usage[] = {
    FIGURE("promptTokenCount", TT_FIGURE_INPUT),       FIGURE("candidatesTokenCount", TT_FIGURE_OUTPUT),
    FIGURE("totalTokenCount", TT_FIGURE_TOTAL),        FIGURE("cachedContentTokenCount", TT_FIGURE_CACHED),
    FIGURE("thoughtsTokenCount", TT_FIGURE_REASONING), FIGURE("toolUsePromptTokenCount", TT_FIGURE_TOOL_INPUT),
};
static const struct tt_meter_node gemini_code[] = {
    LEAF("code", ACT_TEXT),
};
static const struct tt_meter_node gemini_part[] = {
    LEAF("text", ACT_TEXT),
    LEAF("functionCall", ACT_BELOW),
    INNER("executableCode", ACT_NONE, gemini_code),
};
static const struct tt_meter_node gemini_content[] = {
    INNER("parts", ACT_NONE, gemini_part),
};
static const struct tt_meter_node gemini_candidate[] = {
    INNER("content", ACT_NONE, gemini_content),
    LEAF("finishReason", ACT_FINISH),
};
static const struct tt_meter_node gemini_feedback[] = {
    LEAF("blockReason", ACT_FINISH),
};
static const struct tt_meter_node gemini_members[] = {
    INNER("candidates", ACT_NONE, gemini_candidate),
    INNER("usageMetadata", ACT_USAGE, gemini_usage),
    LEAF("modelVersion", ACT_MODEL),
    LEAF("responseId", ACT_ID),
    INNER("promptFeedback", ACT_NONE, gemini_feedback),
    LEAF("error", ACT_ERROR),
};

static const struct tt_meter_node nothing[] = {
    LEAF("error", ACT_ERROR),
};
static const struct tt_meter_node roots[] = {
    [TT_API_NONE] = ROOT(nothing),
    [TT_API_ANTHROPIC] = ROOT(anthropic_members),
    [TT_API_OPENAI_CHAT] = ROOT(chat_members),
    [TT_API_OPENAI_RESPONSES] = ROOT(responses_members),
    [TT_API_GEMINI] = ROOT(gemini_members),
};

/* ---- Events ---- */

bool
tt_meter_reads(enum tt_api api, struct tt_str event)
{
    if (api == TT_API_ANTHROPIC) {
        return !tt_str_eq(event, TT_STR("ping")) && !tt_str_starts(event, TT_STR("content_block_st")); /* start, stop */
    }
    if (api != TT_API_OPENAI_RESPONSES || !tt_str_starts(event, TT_STR("response."))) {
        return true;
    }
    if (tt_str_ends(event, TT_STR(".delta"))) {
        return !tt_str_ends(event, TT_STR("audio.delta")); /* base64 */
    }
    /* The state of the whole has one part in its name, that of an item more; what is done repeats what came in parts. */
    return !memchr(event.ptr + 9, '.', event.len - 9) && !tt_str_eq(event, TT_STR("response.in_progress")) &&
           !tt_str_eq(event, TT_STR("response.queued"));
}

/* The event that ends a stream, where it has a name. */
static bool
is_last_event(enum tt_api api, struct tt_str event)
{
    if (api == TT_API_ANTHROPIC) {
        return tt_str_eq(event, TT_STR("message_stop"));
    }
    return api == TT_API_OPENAI_RESPONSES &&
           (tt_str_eq(event, TT_STR("response.completed")) || tt_str_eq(event, TT_STR("response.incomplete")) ||
            tt_str_eq(event, TT_STR("response.failed")) || tt_str_eq(event, TT_STR("response.cancelled")));
}

/* The figures of an event count for all of its text, wherever they stand in it. */
static void
settle(struct tt_meter *meter)
{
    meter->text_since = 0;
    meter->usage_is_last = meter->finish.len > 0;
}

void
tt_meter_event_end(struct tt_meter *meter)
{
    if (meter->event_has_usage) {
        settle(meter);
    }
    meter->event_has_usage = false;
    bool gemini_end = meter->api == TT_API_GEMINI && meter->finish.len > 0; /* it says no other last word */
    if (meter->framing == TT_FRAMING_EVENTS && (meter->last_word || gemini_end)) {
        meter->complete = true;
    }
    meter->last_word = false;
}

/* ---- Values ---- */

/* The first bytes of a token, as many however it is cut; borrowed until the next piece. */
static struct tt_str
token_bytes(struct tt_meter_reader *reader, const struct tt_json_token *token)
{
    size_t length = token->length < KEPT_MAX ? (size_t) token->length : KEPT_MAX;
    if (token->offset >= reader->piece_at) {
        return tt_str_make(reader->piece + (token->offset - reader->piece_at), length);
    }
    /* It began earlier: what is held starts at its first byte, with the quote. */
    uint64_t end = token->offset + token->length;
    uint64_t more = end > reader->piece_at ? end - reader->piece_at : 0;
    size_t room = sizeof(reader->hold) - reader->hold_len;
    room = more < room ? (size_t) more : room;
    if (room > 0) {
        memcpy(reader->hold + reader->hold_len, reader->piece, room);
    }
    size_t from = (size_t) (token->offset - reader->lexer.token_start);
    return tt_str_slice(tt_str_make(reader->hold, reader->hold_len + room), from, from + length);
}

/* The whole part of a number; -1 when it is none that counts tokens. */
static int64_t
number_of(struct tt_str s)
{
    int64_t n = 0;
    size_t i = 0;
    for (; i < s.len && tt_ascii_is_digit((unsigned char) s.ptr[i]); i++) {
        n = n * 10 + (s.ptr[i] - '0');
        if (n > TT_FIGURE_MAX) {
            return -1;
        }
    }
    bool has_exponent = memchr(s.ptr, 'e', s.len) || memchr(s.ptr, 'E', s.len);
    return i == 0 || has_exponent ? -1 : n;
}

/* Keeps the beginning of a string, decoded, and cut at a character. */
static void
keep_name(struct tt_meter_reader *reader, const struct tt_json_token *token, struct tt_meter_name *name)
{
    struct tt_str raw = token_bytes(reader, token);
    char text[TT_METER_HOLD];
    struct tt_buf buf = {.ptr = text, .cap = sizeof(text), .max = sizeof(text)}; /* never grows */
    (void) tt_json_unescape(raw, raw.len == token->length, &buf);
    size_t len = buf.len;
    if (len > sizeof(name->text)) {
        len = sizeof(name->text);
        while (len > 0 && ((unsigned char) text[len] & 0xC0) == 0x80) {
            len--;
        }
    }
    memcpy(name->text, text, len);
    name->len = (uint8_t) len;
}

static struct tt_str
name_str(const struct tt_meter_name *name)
{
    return tt_str_make(name->text, name->len);
}

static void
take_status(struct tt_meter *meter, const struct tt_json_token *token)
{
    struct tt_meter_name status;
    keep_name(&meter->reader, token, &status);
    struct tt_str s = name_str(&status);
    bool under_way = tt_str_eq(s, TT_STR("in_progress")) || tt_str_eq(s, TT_STR("queued"));
    bool has_reason = tt_str_eq(s, TT_STR("incomplete")) && meter->finish.len > 0;
    if (!under_way && !has_reason) {
        meter->finish = status;
    }
    meter->has_error = meter->has_error || tt_str_eq(s, TT_STR("failed"));
}

/* The kind of an event, for streams whose events have no names outside of the data. */
static void
take_type(struct tt_meter *meter, const struct tt_json_token *token)
{
    if (meter->framing != TT_FRAMING_EVENTS) {
        return;
    }
    struct tt_meter_name type;
    keep_name(&meter->reader, token, &type);
    struct tt_str s = name_str(&type);
    meter->last_word = meter->last_word || is_last_event(meter->api, s);
    meter->has_error = meter->has_error || tt_str_eq(s, TT_STR("error"));
    meter->reader.stopped = !tt_meter_reads(meter->api, s);
}

/* Bytes of UTF-8 that one UTF-16 unit makes; the second of a pair makes one more, for pairs make four and halves three. */
static unsigned
unit_bytes(struct tt_meter_text *text)
{
    bool is_low = text->unit >= 0xDC00 && text->unit <= 0xDFFF;
    bool is_pair = is_low && text->after_high;
    text->after_high = text->unit >= 0xD800 && text->unit <= 0xDBFF;
    return is_pair ? 1 : text->unit < 0x80 ? 1 : text->unit < 0x800 ? 2 : 3;
}

/* Bytes of the text that the next raw bytes of a string make; they are valid as far as they go. */
static uint64_t
count_text(struct tt_meter_text *text, const char *p, size_t n)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < n;) {
        if (text->escape == 0) {
            size_t plain = tt_word_search(p, i, n, '\\') - i;
            text->after_high = text->after_high && plain == 0;
            bytes += plain;
            i += plain;
            if (i < n) {
                text->escape = 1;
                i++;
            }
        } else if (text->escape == 1) {
            bool is_unit = p[i++] == 'u';
            text->escape = is_unit ? 5 : 0;
            text->after_high = text->after_high && is_unit;
            bytes += is_unit ? 0 : 1;
        } else {
            text->unit = (uint16_t) (text->unit << 4 | tt_ascii_hex((unsigned char) p[i++]));
            if (--text->escape == 1) {
                text->escape = 0;
                bytes += unit_bytes(text);
            }
        }
    }
    return bytes;
}

/* Counts what this piece has of a string that begins at start, up to end (both offsets in the document). */
static void
take_text(struct tt_meter *meter, uint64_t start, uint64_t end, bool has_escape)
{
    struct tt_meter_reader *reader = &meter->reader;
    uint64_t from = start;
    if (start >= reader->piece_at) {
        reader->text = (struct tt_meter_text) {0};
    } else {
        from = reader->piece_at;
    }
    if (end <= from) {
        return;
    }
    uint64_t bytes = end - from;
    if (has_escape) {
        bytes = count_text(&reader->text, reader->piece + (from - reader->piece_at), (size_t) bytes);
    }
    meter->text_bytes += bytes;
    meter->text_since += bytes;
}

static void
take_figure(struct tt_meter *meter, const struct tt_meter_node *node, const struct tt_json_token *token)
{
    int64_t n = token->kind == TT_JSON_NUMBER ? number_of(token_bytes(&meter->reader, token)) : -1;
    if (n < 0) {
        return;
    }
    meter->figures[node->figure] = n;
    if (node->figure == TT_FIGURE_OUTPUT || node->figure == TT_FIGURE_TOTAL) {
        meter->event_has_usage = true;
    }
}

static void
take_string(struct tt_meter *meter, const struct tt_meter_node *node, const struct tt_json_token *token)
{
    switch ((enum act) node->act) {
    case ACT_TEXT:
    case ACT_BELOW: take_text(meter, token->offset, token->offset + token->length, token->flags & TT_JSON_HAS_ESCAPE); break;
    case ACT_TYPE: take_type(meter, token); break;
    case ACT_MODEL:
        if (meter->model.len == 0) {
            keep_name(&meter->reader, token, &meter->model);
        }
        break;
    case ACT_ID:
        if (meter->id.len == 0) {
            keep_name(&meter->reader, token, &meter->id);
        }
        break;
    case ACT_FINISH:
        if (token->length > 0) {
            keep_name(&meter->reader, token, &meter->finish);
        }
        break;
    case ACT_STATUS: take_status(meter, token); break;
    case ACT_ERROR: meter->has_error = true; break;
    case ACT_NONE:
    case ACT_FIGURE:
    case ACT_USAGE: break;
    }
}

/* ---- Tokens ---- */

/* What the member of that name is in the container that node is. */
static const struct tt_meter_node *
find_child(const struct tt_meter *meter, const struct tt_meter_node *node, struct tt_str name)
{
    if (node->act == ACT_BELOW) {
        return node;
    }
    for (size_t i = 0; i < node->child_count; i++) {
        const struct tt_meter_node *child = &node->children[i];
        if (tt_str_eq(child->name, name)) {
            return child->framing == TT_FRAMING_NONE || child->framing == meter->framing ? child : NULL;
        }
    }
    return NULL;
}

static void
open_container(struct tt_meter *meter, const struct tt_json_token *token)
{
    struct tt_meter_reader *reader = &meter->reader;
    if (token->depth + 1 >= TT_METER_LEVELS) {
        reader->value = NULL;
        return;
    }
    reader->at[token->depth + 1] = reader->value;
    if (reader->value && reader->value->act == ACT_ERROR) {
        meter->has_error = true;
    }
}

static void
close_container(struct tt_meter *meter, const struct tt_json_token *token)
{
    struct tt_meter_reader *reader = &meter->reader;
    const struct tt_meter_node *closed = token->depth + 1 < TT_METER_LEVELS ? reader->at[token->depth + 1] : NULL;
    reader->value = token->depth < TT_METER_LEVELS ? reader->at[token->depth] : NULL;
    if (closed && closed->act == ACT_USAGE && meter->event_has_usage) {
        settle(meter);
    }
    /* An element of a stream that is one array. */
    if (meter->framing == TT_FRAMING_JSON && token->depth == 1 && closed == &roots[meter->api]) {
        meter->events++;
        tt_meter_event_end(meter);
    }
}

static enum tt_status
take(void *ctx, const struct tt_json_token *token)
{
    struct tt_meter *meter = ctx;
    struct tt_meter_reader *reader = &meter->reader;
    switch (token->kind) {
    case TT_JSON_OBJECT_BEGIN:
    case TT_JSON_ARRAY_BEGIN: open_container(meter, token); return TT_OK;
    case TT_JSON_OBJECT_END:
    case TT_JSON_ARRAY_END: close_container(meter, token); return TT_OK;
    case TT_JSON_KEY: {
        const struct tt_meter_node *around = token->depth < TT_METER_LEVELS ? reader->at[token->depth] : NULL;
        reader->value = around ? find_child(meter, around, token_bytes(reader, token)) : NULL;
        return TT_OK;
    }
    default: break;
    }
    if (!reader->value) {
        return TT_OK;
    }
    if (token->kind == TT_JSON_STRING) {
        take_string(meter, reader->value, token);
    } else if (reader->value->act == ACT_FIGURE) {
        take_figure(meter, reader->value, token);
    }
    return reader->stopped ? TT_E_LIMIT : TT_OK;
}

void
tt_meter_read_begin(struct tt_meter *meter)
{
    struct tt_meter_reader *reader = &meter->reader;
    tt_json_begin(&reader->lexer, meter->kernels, 0, take, NULL);
    reader->value = &roots[meter->api];
    reader->at[0] = NULL;
    reader->stopped = false;
    reader->failed = false;
    reader->hold_len = 0;
}

/* A token goes on in the next piece: what this one has of it is kept or counted. */
static void
keep_unfinished(struct tt_meter *meter, struct tt_str piece)
{
    struct tt_meter_reader *reader = &meter->reader;
    const struct tt_json_token *pending = &reader->lexer.pending;
    bool is_text = reader->value && (reader->value->act == ACT_TEXT || reader->value->act == ACT_BELOW);
    if (pending->kind == TT_JSON_STRING && is_text) {
        take_text(meter, pending->offset, reader->lexer.offset, true);
    }
    size_t from = 0;
    if (reader->lexer.token_start >= reader->piece_at) {
        reader->hold_len = 0;
        from = (size_t) (reader->lexer.token_start - reader->piece_at);
    }
    size_t room = sizeof(reader->hold) - reader->hold_len;
    size_t more = piece.len - from < room ? piece.len - from : room;
    memcpy(reader->hold + reader->hold_len, piece.ptr + from, more);
    reader->hold_len += more;
}

void
tt_meter_read(struct tt_meter *meter, struct tt_str piece)
{
    struct tt_meter_reader *reader = &meter->reader;
    if (reader->stopped || reader->failed || piece.len == 0) {
        return;
    }
    reader->lexer.ctx = meter; /* it may have been moved */
    reader->piece = piece.ptr;
    reader->piece_at = reader->lexer.offset;
    reader->failed = tt_json_feed(&reader->lexer, piece, NULL) != TT_OK && !reader->stopped;
    /* Of a string that is at fault, what stood before the fault has passed as well. */
    if (!reader->stopped && reader->lexer.token_start < reader->lexer.offset) {
        keep_unfinished(meter, tt_str_slice(piece, 0, (size_t) (reader->lexer.offset - reader->piece_at)));
    }
    reader->piece = NULL;
}

bool
tt_meter_read_end(struct tt_meter *meter)
{
    struct tt_meter_reader *reader = &meter->reader;
    if (reader->stopped) {
        return true;
    }
    reader->lexer.ctx = meter;
    reader->piece = NULL;
    reader->piece_at = reader->lexer.offset;
    return !reader->failed && tt_json_end(&reader->lexer, NULL) == TT_OK;
}
