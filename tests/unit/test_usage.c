/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The meter over the answers of tests/golden/usage: what each says, that no cut and no kind of line end changes it, that what was
 * cut off is never called reported, and that an answer costs the same with and without a stream.
 */
#include "base/limits.h"
#include "test.h"
#include "text/kernel.h"
#include "traffic/usage.h"

#include <stdio.h>
#include <stdlib.h>

#define BODY_MAX (16 * TT_KIB)
#define REQUEST_BYTES 4001 /* 1001 tokens, as estimates go */

#define ANTHROPIC TT_API_ANTHROPIC
#define CHAT TT_API_OPENAI_CHAT
#define RESPONSES TT_API_OPENAI_RESPONSES
#define GEMINI TT_API_GEMINI

#define NONE TT_USAGE_NONE
#define ESTIMATED TT_USAGE_ESTIMATED
#define DERIVED TT_USAGE_DERIVED
#define REPORTED TT_USAGE_REPORTED

#define OPUS "claude-opus-4-1-20250805"
#define SONNET "claude-sonnet-4-5-20250929"
#define MESSAGE_ID "msg_01XFDUDYJgAACzvnptvVoYEL"
#define MINI "gpt-5-mini-2025-08-07"
#define CHAT_ID "chatcmpl-CGxR4YcvN2"
#define GPT "gpt-5-2025-08-07"
#define RESPONSE_ID "resp_67ccd3a9da748190baa7f1570fe91ac604becb25c45c1d41"
#define PRO "gemini-2.5-pro"
#define GEMINI_ID "kZzLaLKgH8mQ7dcP"

static const struct golden {
    const char *name;
    enum tt_api api;
    struct tt_usage usage; /* input: total, cached, written; output: total, reasoning */
    bool complete, has_error;
    uint64_t events, text_bytes;
    const char *model, *id, *finish;
} goldens[] = {
    {"anthropic-text.sse", ANTHROPIC, {25, 0, 0, 15, -1, REPORTED}, true, false, 8, 22, SONNET, MESSAGE_ID, "end_turn"},
    {"anthropic-tool.sse", ANTHROPIC, {12768, 10240, 2048, 189, -1, REPORTED}, true, false, 13, 63, OPUS, MESSAGE_ID, "tool_use"},
    {"anthropic-tool.json", ANTHROPIC, {12768, 10240, 2048, 189, -1, REPORTED}, true, false, 0, 47, OPUS, MESSAGE_ID, "tool_use"},
    {"anthropic-refusal.sse", ANTHROPIC, {564, -1, -1, 22, -1, REPORTED}, true, false, 6, 5, SONNET, MESSAGE_ID, "refusal"},
    {"anthropic-error.sse", ANTHROPIC, {1200, -1, -1, 10, -1, ESTIMATED}, false, true, 4, 39, SONNET, MESSAGE_ID, ""},
    {"anthropic-error.json", ANTHROPIC, {-1, -1, -1, -1, -1, NONE}, true, true, 0, 0, "", "", ""},
    {"anthropic-no-final.sse", ANTHROPIC, {7, -1, -1, 4, -1, ESTIMATED}, true, false, 4, 16, SONNET, MESSAGE_ID, "end_turn"},
    {"chat-usage.sse", CHAT, {1117, 1024, -1, 46, 20, REPORTED}, true, false, 6, 27, MINI, CHAT_ID, "stop"},
    {"chat-usage.json", CHAT, {1117, 1024, -1, 46, 20, REPORTED}, true, false, 0, 27, MINI, CHAT_ID, "stop"},
    {"chat-plain.sse", CHAT, {1001, -1, -1, 5, -1, ESTIMATED}, true, false, 5, 18, MINI, CHAT_ID, "stop"},
    {"chat-tools.sse", CHAT, {82, -1, -1, 17, -1, REPORTED}, true, false, 7, 32, MINI, CHAT_ID, "tool_calls"},
    {"chat-running.sse", CHAT, {10, -1, -1, 5, -1, REPORTED}, false, false, 3, 23, MINI, CHAT_ID, "length"},
    {"chat-apart.sse", CHAT, {10, -1, -1, 31, 30, DERIVED}, true, false, 2, 4, MINI, CHAT_ID, "stop"},
    {"chat-error.sse", CHAT, {1001, -1, -1, 5, -1, ESTIMATED}, true, true, 3, 19, MINI, CHAT_ID, ""},
    {"chat-error.json", CHAT, {-1, -1, -1, -1, -1, NONE}, true, true, 0, 0, "", "", ""},
    {"completions.sse", CHAT, {5, -1, -1, 2, -1, REPORTED}, true, false, 3, 7, "davinci-002", "cmpl-7", "length"},
    {"embeddings.json", CHAT, {8, -1, -1, 0, -1, REPORTED}, true, false, 0, 0, "text-embedding-3-small", "", ""},
    {"responses-text.sse", RESPONSES, {328, 256, -1, 552, 448, REPORTED}, true, false, 10, 53, GPT, RESPONSE_ID, "completed"},
    {"responses-text.json", RESPONSES, {328, 256, -1, 552, 448, REPORTED}, true, false, 0, 53, GPT, RESPONSE_ID, "completed"},
    {"responses-incomplete.sse",
     RESPONSES,
     {20, -1, -1, 9, -1, REPORTED},
     true,
     false,
     6,
     14,
     GPT,
     RESPONSE_ID,
     "max_output_tokens"},
    {"responses-failed.sse", RESPONSES, {1001, -1, -1, 3, -1, ESTIMATED}, true, true, 3, 12, GPT, RESPONSE_ID, "failed"},
    {"responses-error.sse", RESPONSES, {-1, -1, -1, -1, -1, NONE}, false, true, 2, 0, GPT, RESPONSE_ID, ""},
    {"gemini-text.sse", GEMINI, {1165, 1024, -1, 135, 104, REPORTED}, true, false, 3, 54, PRO, GEMINI_ID, "STOP"},
    {"gemini-array.json", GEMINI, {1165, 1024, -1, 135, 104, REPORTED}, true, false, 3, 54, PRO, GEMINI_ID, "STOP"},
    {"gemini-text.json", GEMINI, {1165, 1024, -1, 135, 104, REPORTED}, true, false, 0, 54, PRO, GEMINI_ID, "STOP"},
    {"gemini-tool.sse", GEMINI, {60, -1, -1, 14, -1, REPORTED}, true, false, 1, 7, PRO, GEMINI_ID, "STOP"},
    {"gemini-thoughts.json", GEMINI, {9, -1, -1, 64, 60, DERIVED}, true, false, 0, 0, PRO, GEMINI_ID, "MAX_TOKENS"},
    {"gemini-blocked.json",
     GEMINI,
     {12, -1, -1, 0, -1, REPORTED},
     true,
     false,
     0,
     0,
     "gemini-2.5-flash",
     "x1",
     "PROHIBITED_CONTENT"},
    {"gemini-error.json", GEMINI, {-1, -1, -1, -1, -1, NONE}, true, true, 1, 0, "", "", ""},
};
#define GOLDENS (sizeof(goldens) / sizeof(goldens[0]))

/* ---- Running the meter ---- */

static enum tt_framing
framing_of(const struct golden *golden)
{
    return strstr(golden->name, ".sse") ? TT_FRAMING_EVENTS : TT_FRAMING_JSON;
}

/* What of a result can be compared, without what it borrows. */
struct copy {
    struct tt_usage usage;
    bool complete, has_error;
    uint64_t events, unread, text_bytes;
    char model[TT_METER_NAME_MAX + 1], id[TT_METER_NAME_MAX + 1], finish[TT_METER_NAME_MAX + 1];
};

static void
copy_name(char *to, struct tt_str name)
{
    assert_true(name.len <= TT_METER_NAME_MAX);
    memcpy(to, name.ptr, name.len);
}

static struct copy
end(struct tt_meter *meter, bool ended)
{
    struct tt_meter_result result;
    struct copy copy;
    memset(&copy, 0, sizeof(copy));
    tt_meter_end(meter, ended, REQUEST_BYTES, &result);
    copy.usage = result.usage;
    copy.complete = result.complete;
    copy.has_error = result.has_error;
    copy.events = result.events;
    copy.unread = result.unread;
    copy.text_bytes = result.text_bytes;
    copy_name(copy.model, result.model);
    copy_name(copy.id, result.id);
    copy_name(copy.finish, result.finish);
    return copy;
}

/* Feeds body in pieces: first, then as many bytes each time as step says.  The meter moves between pieces. */
static struct copy
meter(enum tt_api api, enum tt_framing framing, struct tt_str body, size_t first, size_t step, bool ended)
{
    struct tt_meter *a = malloc(tt_meter_size());
    struct tt_meter *b = malloc(tt_meter_size());
    assert_true(a && b);
    tt_meter_begin(a, api, framing, tt_kernels_get(tt_cpu_detect()));
    tt_meter_feed(a, tt_str_slice(body, 0, first));
    for (size_t at = first; at < body.len; at += step) {
        struct tt_meter *other = a;
        memcpy(b, a, tt_meter_size());
        memset(a, 0xAA, tt_meter_size());
        a = b;
        b = other;
        /* A copy of its own, so that a read outside of the piece is seen. */
        struct tt_str piece = tt_str_slice(body, at, at + step);
        char *bytes = malloc(piece.len);
        assert_non_null(bytes);
        memcpy(bytes, piece.ptr, piece.len);
        tt_meter_feed(a, tt_str_make(bytes, piece.len));
        free(bytes);
    }
    struct copy copy = end(a, ended);
    free(a);
    free(b);
    return copy;
}

static struct copy
meter_whole(enum tt_api api, enum tt_framing framing, struct tt_str body, bool ended)
{
    return meter(api, framing, body, body.len, 1, ended);
}

static struct tt_str
read_golden(const char *name, char body[BODY_MAX])
{
    char path[1024];
    const char *root = getenv("TT_ROOT");
    snprintf(path, sizeof(path), "%s/tests/golden/usage/%s", root ? root : ".", name);
    FILE *file = fopen(path, "rb");
    if (!file) {
        fail_msg("%s cannot be opened", path);
    }
    size_t n = fread(body, 1, BODY_MAX, file);
    fclose(file);
    assert_true(n > 0 && n < BODY_MAX);
    return tt_str_make(body, n);
}

static bool
is_same_usage(const struct tt_usage *a, const struct tt_usage *b)
{
    return a->input_total == b->input_total && a->input_cached == b->input_cached &&
           a->input_cache_write == b->input_cache_write && a->output_total == b->output_total &&
           a->output_reasoning == b->output_reasoning && a->grade == b->grade;
}

static void
assert_same(const char *name, const struct copy *a, const struct copy *b)
{
    bool same = is_same_usage(&a->usage, &b->usage) && a->complete == b->complete && a->has_error == b->has_error &&
                a->events == b->events && a->unread == b->unread && a->text_bytes == b->text_bytes;
    if (!same || strcmp(a->model, b->model) != 0 || strcmp(a->id, b->id) != 0 || strcmp(a->finish, b->finish) != 0) {
        fail_msg("%s: in %ld/%ld, out %ld/%ld, grade %d/%d, events %lu/%lu, unread %lu/%lu, text %lu/%lu, complete %d/%d", name,
                 a->usage.input_total, b->usage.input_total, a->usage.output_total, b->usage.output_total, a->usage.grade,
                 b->usage.grade, a->events, b->events, a->unread, b->unread, a->text_bytes, b->text_bytes, a->complete,
                 b->complete);
    }
}

/* ---- The answers ---- */

static struct copy
copy_of(const struct golden *golden)
{
    struct copy copy;
    memset(&copy, 0, sizeof(copy));
    copy.usage = golden->usage;
    copy.complete = golden->complete;
    copy.has_error = golden->has_error;
    copy.events = golden->events;
    copy.text_bytes = golden->text_bytes;
    strcpy(copy.model, golden->model);
    strcpy(copy.id, golden->id);
    strcpy(copy.finish, golden->finish);
    return copy;
}

static void
reads_what_each_answer_says(void **state)
{
    (void) state;
    for (size_t i = 0; i < GOLDENS; i++) {
        char buf[BODY_MAX];
        struct tt_str body = read_golden(goldens[i].name, buf);
        struct copy expected = copy_of(&goldens[i]);
        struct copy actual = meter_whole(goldens[i].api, framing_of(&goldens[i]), body, true);
        assert_same(goldens[i].name, &expected, &actual);
    }
}

static void
reads_the_same_however_it_is_cut(void **state)
{
    (void) state;
    for (size_t i = 0; i < GOLDENS; i++) {
        char buf[BODY_MAX];
        struct tt_str body = read_golden(goldens[i].name, buf);
        enum tt_framing framing = framing_of(&goldens[i]);
        struct copy expected = copy_of(&goldens[i]);
        for (size_t step = 1; step < 20; step++) {
            struct copy actual = meter(goldens[i].api, framing, body, 0, step, true);
            assert_same(goldens[i].name, &expected, &actual);
        }
        for (size_t cut = 0; cut <= body.len; cut++) {
            struct copy actual = meter(goldens[i].api, framing, body, cut, body.len, true);
            assert_same(goldens[i].name, &expected, &actual);
        }
    }
}

/* Writes line_end for each line feed. */
static struct tt_str
with_line_ends(struct tt_str body, const char *line_end, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < body.len; i++) {
        if (body.ptr[i] != '\n') {
            out[n++] = body.ptr[i];
            continue;
        }
        for (const char *c = line_end; *c; c++) {
            out[n++] = *c;
        }
    }
    return tt_str_make(out, n);
}

static void
takes_every_line_end(void **state)
{
    static const char *const line_ends[] = {"\r", "\r\n", "\n"};
    (void) state;
    for (size_t i = 0; i < GOLDENS; i++) {
        char buf[BODY_MAX];
        char other[2 * BODY_MAX + 3] = "\xEF\xBB\xBF";
        struct tt_str body = read_golden(goldens[i].name, buf);
        struct copy expected = copy_of(&goldens[i]);
        for (size_t k = 0; framing_of(&goldens[i]) == TT_FRAMING_EVENTS && k < 3; k++) {
            struct tt_str text = with_line_ends(body, line_ends[k], other + 3);
            struct tt_str with_bom = tt_str_make(other, text.len + 3);
            for (size_t step = 1; step < 5; step++) {
                struct copy actual = meter(goldens[i].api, TT_FRAMING_EVENTS, text, 0, step, true);
                assert_same(goldens[i].name, &expected, &actual);
                actual = meter(goldens[i].api, TT_FRAMING_EVENTS, with_bom, 0, step, true);
                assert_same(goldens[i].name, &expected, &actual);
            }
            for (size_t cut = 0; cut <= text.len; cut++) {
                struct copy actual = meter(goldens[i].api, TT_FRAMING_EVENTS, text, cut, text.len, true);
                assert_same(goldens[i].name, &expected, &actual);
            }
        }
    }
}

/* What is called reported or derived is what the whole answer says; what is not known yet is never less than what passed. */
static void
is_honest_about_what_was_cut_off(void **state)
{
    (void) state;
    for (size_t i = 0; i < GOLDENS; i++) {
        char buf[BODY_MAX];
        struct tt_str body = read_golden(goldens[i].name, buf);
        struct copy whole = copy_of(&goldens[i]);
        uint64_t text_bytes = 0;
        for (size_t n = 0; n < body.len; n++) {
            struct copy cut = meter_whole(goldens[i].api, framing_of(&goldens[i]), tt_str_slice(body, 0, n), false);
            if (cut.usage.grade > ESTIMATED) {
                assert_true(is_same_usage(&cut.usage, &whole.usage));
            } else if (cut.usage.grade == ESTIMATED) {
                assert_true(cut.usage.input_total > 0);
                assert_true(cut.usage.output_total >= (int64_t) (cut.text_bytes + 3) / 4);
            } else {
                assert_true(cut.usage.input_total == -1 && cut.usage.output_total == -1);
                assert_true(n == 0 || cut.has_error);
            }
            assert_true(cut.text_bytes >= text_bytes && cut.text_bytes <= whole.text_bytes);
            assert_true(cut.events <= whole.events && cut.unread == 0);
            assert_true(!cut.has_error || whole.has_error);
            text_bytes = cut.text_bytes;
        }
    }
}

/* A stream and the answer without it cost the same. */
static void
costs_the_same_streamed(void **state)
{
    static const char *const pairs[][2] = {
        {"anthropic-tool.sse", "anthropic-tool.json"}, {"chat-usage.sse", "chat-usage.json"},
        {"responses-text.sse", "responses-text.json"}, {"gemini-text.sse", "gemini-text.json"},
        {"gemini-array.json", "gemini-text.json"},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        struct copy copies[2];
        for (size_t k = 0; k < 2; k++) {
            char buf[BODY_MAX];
            size_t g = 0;
            while (strcmp(goldens[g].name, pairs[i][k]) != 0) {
                g++;
            }
            copies[k] = meter_whole(goldens[g].api, framing_of(&goldens[g]), read_golden(pairs[i][k], buf), true);
        }
        assert_true(is_same_usage(&copies[0].usage, &copies[1].usage));
        assert_int_equal(copies[0].usage.grade, REPORTED);
        assert_string_equal(copies[0].model, copies[1].model);
        assert_string_equal(copies[0].finish, copies[1].finish);
    }
}

/* ---- Answers made up ---- */

/* One answer, to be written with and without a stream.  Figures are those that every dialect has. */
struct made {
    uint64_t random;
    long input, cached, output, reasoning;
    size_t parts;
    char text[64][40]; /* of each part, as JSON */
};

static long
draw(struct made *made, long below)
{
    made->random = made->random * 6364136223846793005u + 1442695040888963407u;
    return (long) ((made->random >> 33) % (uint64_t) below);
}

static void
make_up(struct made *made)
{
    static const char *const bits[] = {"a",        "word ", "\\n",  "\\u00e9", "\\ud83d\\ude00",
                                       "\xc3\xa9", "\\\"",  "\\\\", "usage",   "}"};
    made->input = draw(made, 100000) + 1;
    made->cached = draw(made, made->input);
    made->output = draw(made, 5000);
    made->reasoning = draw(made, made->output + 1);
    made->parts = (size_t) draw(made, 20);
    for (size_t i = 0; i < made->parts; i++) {
        made->text[i][0] = '\0';
        for (long n = draw(made, 3); n >= 0; n--) {
            strcat(made->text[i], bits[draw(made, 10)]);
        }
    }
}

#define ADD(...) n += (size_t) snprintf(out + n, BODY_MAX - n, __VA_ARGS__)

static size_t
add_text(const struct made *made, char *out, size_t n)
{
    for (size_t i = 0; i < made->parts; i++) {
        ADD("%s", made->text[i]);
    }
    return n;
}

static size_t
write_anthropic(const struct made *made, bool stream, char *out)
{
    size_t n = 0;
    long fresh = made->input - made->cached;
    if (!stream) {
        ADD("{\"type\":\"message\",\"content\":[{\"type\":\"text\",\"text\":\"");
        n = add_text(made, out, n);
        ADD("\"}],\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":%ld,\"cache_read_input_tokens\":%ld,\"output_tokens\":"
            "%ld}}",
            fresh, made->cached, made->output);
        return n;
    }
    ADD("event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":%ld,"
        "\"cache_read_input_tokens\":%ld,\"output_tokens\":1}}}\n\n",
        fresh, made->cached);
    for (size_t i = 0; i < made->parts; i++) {
        ADD("event: content_block_delta\ndata: "
            "{\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"%s\"}}\n\n",
            made->text[i]);
    }
    ADD("event: message_delta\ndata: "
        "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":%ld}}"
        "\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
        made->output);
    return n;
}

static size_t
write_chat(const struct made *made, bool stream, char *out)
{
    size_t n = 0;
    char usage[512];
    snprintf(usage, sizeof(usage),
             "\"usage\":{\"prompt_tokens\":%ld,\"completion_tokens\":%ld,\"total_tokens\":%ld,\"prompt_tokens_details\":{"
             "\"cached_tokens\":%ld},"
             "\"completion_tokens_details\":{\"reasoning_tokens\":%ld}}",
             made->input, made->output, made->input + made->output, made->cached, made->reasoning);
    if (!stream) {
        ADD("{\"choices\":[{\"message\":{\"content\":\"");
        n = add_text(made, out, n);
        ADD("\"},\"finish_reason\":\"stop\"}],%s}", usage);
        return n;
    }
    for (size_t i = 0; i < made->parts; i++) {
        ADD("data: {\"choices\":[{\"delta\":{\"content\":\"%s\"},\"finish_reason\":null}],\"usage\":null}\n\n", made->text[i]);
    }
    ADD("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: {\"choices\":[],%s}\n\ndata: [DONE]\n\n",
        usage);
    return n;
}

static size_t
write_responses(const struct made *made, bool stream, char *out)
{
    size_t n = 0;
    for (size_t i = 0; stream && i < made->parts; i++) {
        ADD("event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"%s\"}\n\n",
            made->text[i]);
    }
    if (stream) {
        ADD("event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":");
    }
    ADD("{\"status\":\"completed\",\"output\":[{\"content\":[{\"type\":\"output_text\",\"text\":\"");
    n = add_text(made, out, n);
    ADD("\"}]}],\"usage\":{\"input_tokens\":%ld,\"input_tokens_details\":{\"cached_tokens\":%ld},\"output_tokens\":%ld,"
        "\"output_tokens_details\":{\"reasoning_tokens\":%ld}}}%s",
        made->input, made->cached, made->output, made->reasoning, stream ? "}\n\n" : "");
    return n;
}

static size_t
write_gemini(const struct made *made, bool stream, char *out)
{
    size_t n = 0;
    for (size_t i = 0; stream && i < made->parts; i++) {
        ADD("data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"%s\"}]}}],\"usageMetadata\":{\"promptTokenCount\":%ld,"
            "\"candidatesTokenCount\":%zu}}\n\n",
            made->text[i], made->input, i);
    }
    ADD("%s{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"", stream ? "data: " : "");
    n = stream ? n : add_text(made, out, n);
    ADD("\"}]},\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":%ld,\"cachedContentTokenCount\":%ld,"
        "\"candidatesTokenCount\":%ld,\"thoughtsTokenCount\":%ld}}%s",
        made->input, made->cached, made->output - made->reasoning, made->reasoning, stream ? "\n\n" : "");
    return n;
}

/* The same made-up answers with and without a stream, cut anywhere. */
static void
costs_the_same_streamed_whatever_it_is(void **state)
{
    static const struct {
        enum tt_api api;
        size_t (*write)(const struct made *made, bool stream, char *out);
        bool says_reasoning;
    } dialects[] = {
        {ANTHROPIC, write_anthropic, false},
        {CHAT, write_chat, true},
        {RESPONSES, write_responses, true},
        {GEMINI, write_gemini, true},
    };
    struct made made = {.random = 20261121};
    (void) state;
    for (int round = 0; round < 300; round++) {
        make_up(&made);
        for (size_t d = 0; d < 4; d++) {
            char out[BODY_MAX];
            struct copy copies[2];
            for (int stream = 0; stream < 2; stream++) {
                struct tt_str body = tt_str_make(out, dialects[d].write(&made, stream, out));
                size_t first = (size_t) draw(&made, (long) body.len);
                copies[stream] = meter(dialects[d].api, stream ? TT_FRAMING_EVENTS : TT_FRAMING_JSON, body, first,
                                       (size_t) draw(&made, 200) + 1, true);
            }
            struct tt_usage expected = {
                made.input, made.cached, -1, made.output, dialects[d].says_reasoning ? made.reasoning : -1, REPORTED};
            assert_true(is_same_usage(&copies[0].usage, &expected) && is_same_usage(&copies[1].usage, &expected));
            assert_true(copies[0].complete && copies[1].complete && copies[0].unread == 0 && copies[1].unread == 0);
            assert_int_equal(copies[0].text_bytes, copies[1].text_bytes);
            assert_string_equal(copies[0].finish, copies[1].finish);
        }
    }
}

/* ---- Frames ---- */

/* Pieces of streams that are written oddly; the usage is always that of `usage` below, or not seen. */
#define USAGE "{\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}"

static void
takes_frames_as_the_standard_says(void **state)
{
    static const struct {
        const char *body;
        uint64_t events, unread;
        bool seen, complete;
    } cases[] = {
        {"data:" USAGE "\n\ndata:[DONE]\n\n", 2, 0, true, true},
        {"data:   " USAGE "\n\ndata:  [DONE] \n\n", 2, 0, true, true},
        {"data: " USAGE "\n\ndata: [DONE]", 2, 0, true, true},
        {"data: " USAGE "\n\ndata: [DONE]\n", 2, 0, true, true},
        {"data: " USAGE "\n\ndata: [DONE]x\n\n", 2, 1, false, false},
        {"data: " USAGE "\n\ndata: [DON\n\n", 2, 1, false, false},
        {"data: " USAGE "\n\ndata: []\n\n", 2, 1, false, false},
        /* lines that join, also in the middle of the structure */
        {"data: {\"usage\":\ndata:{\"prompt_tokens\":3\ndata: ,\"completion_tokens\":2}\ndata:}\n\ndata: [DONE]\n\n", 2, 0, true,
         true},
        {"data\ndata: " USAGE "\ndata\n\ndata: [DONE]\n\n", 2, 0, true, true},
        {"data: {\"usage\":{\"prompt_tokens\":3,\"completion_tok\ndata: ens\":2}}\n\ndata: [DONE]\n\n", 2, 1, false, true},
        /* fields that are not data, comments, and a field that only looks like data */
        {":\n: note\nid: 1\nretry: 10\nevent: x\ndata: " USAGE "\nid\n\ndata: [DONE]\n\n", 2, 0, true, true},
        {"datax: 1\ndat: 2\n data: 3\nverylongfieldname: 4\nData: 5\ndata: " USAGE "\n\ndata: [DONE]\n\n", 2, 0, true, true},
        {"\n\n\nevent: x\n\nid: 7\n\ndata: " USAGE "\n\n\n\ndata: [DONE]\n\n", 2, 0, true, true},
        {"data:\n\ndata: \n\ndata: " USAGE "\n\ndata: [DONE]\n\n", 4, 0, true, true},
        /* what cannot be read */
        {"data: {\n\ndata: " USAGE "\n\ndata: nothing\n\ndata: [DONE]\n\n", 4, 2, true, true},
        {"data: {\"a\":\"\xff\"}\n\ndata: " USAGE "}\n\ndata: [DONE]\n\n", 3, 2, true, true},
        {"\xEF\xBB"
         "data: " USAGE "\n\ndata: [DONE]\n\n",
         1, 0, false, true},
        {"\xEF\xBB\xBF\xEF\xBB\xBF"
         "data: " USAGE "\n\ndata: [DONE]\n\n",
         1, 0, false, true},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tt_str body = tt_str_cstr(cases[i].body);
        struct copy whole = meter_whole(CHAT, TT_FRAMING_EVENTS, body, true);
        bool seen = whole.usage.grade == REPORTED && whole.usage.output_total == 2;
        if (whole.events != cases[i].events || whole.unread != cases[i].unread || whole.complete != cases[i].complete ||
            seen != cases[i].seen) {
            fail_msg("case %zu: events %lu, unread %lu, complete %d, seen %d", i, whole.events, whole.unread, whole.complete,
                     seen);
        }
        for (size_t step = 1; step < body.len; step++) {
            struct copy pieces = meter(CHAT, TT_FRAMING_EVENTS, body, 0, step, true);
            assert_same(cases[i].body, &whole, &pieces);
        }
    }
}

/* An event's name that is cut or too long; the last one counts, for the event alone. */
static void
knows_events_by_their_names(void **state)
{
    static const struct {
        const char *names;
        bool seen;
    } cases[] = {
        {"", true},
        {"event: message_delta\n", true},
        {"event:message_delta\n", true},
        {"event: something_new\n", true},
        {"event: ping\n", false},
        {"event: content_block_start\n", false},
        {"event: ping\nevent: message_delta\n", true},
        {"event: message_delta\nevent: ping\n", false},
        {"event: ping\n\n", true},
        {"event: ping\nevent\n", true},
        {"event: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", true},
        {"event: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", false},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char body[1024];
        int n = snprintf(body, sizeof(body),
                         "%sdata: {\"delta\":{\"stop_reason\":\"x\"},\"usage\":{\"input_tokens\":1,\"output_tokens\":2}}\n\n",
                         cases[i].names);
        for (size_t step = 1; step <= (size_t) n; step++) {
            struct copy copy = meter(ANTHROPIC, TT_FRAMING_EVENTS, tt_str_make(body, (size_t) n), 0, step, true);
            assert_int_equal(copy.usage.grade == REPORTED, cases[i].seen);
        }
    }
}

/* ---- Documents ---- */

#define ANSWER(tail) "{\"choices\":[{\"finish_reason\":\"stop\"}]," tail "}"

static void
takes_figures_and_names_as_they_come(void **state)
{
    static const struct {
        enum tt_api api;
        const char *body;
        int64_t input, cached, written, output, reasoning;
        enum tt_usage_grade grade;
        const char *model;
    } cases[] = {
        {CHAT, ANSWER("\"usage\":{\"prompt_tokens\":1.0,\"completion_tokens\":2}"), 1, -1, -1, 2, -1, REPORTED, ""},
        {CHAT, ANSWER("\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2},\"usage\":null"), 1, -1, -1, 2, -1, REPORTED, ""},
        {CHAT, ANSWER("\"usage\":{\"prompt_tokens\":-1,\"completion_tokens\":2}"), 1001, -1, -1, 2, -1, ESTIMATED, ""},
        {CHAT, ANSWER("\"usage\":{\"prompt_tokens\":\"1\",\"completion_tokens\":2}"), 1001, -1, -1, 2, -1, ESTIMATED, ""},
        {CHAT, ANSWER("\"usage\":{\"prompt_tokens\":1e3,\"completion_tokens\":2}"), 1001, -1, -1, 2, -1, ESTIMATED, ""},
        {CHAT, ANSWER("\"usage\":{\"prompt_tokens\":1000000000000001,\"completion_tokens\":2}"), 1001, -1, -1, 2, -1, ESTIMATED,
         ""},
        {CHAT, ANSWER("\"usage\":{\"prompt_tokens\":99999999999999999999999999,\"completion_tokens\":2}"), 1001, -1, -1, 2, -1,
         ESTIMATED, ""},
        {CHAT, ANSWER("\"usage\":{\"prompt_tokens\":1000000000000000,\"completion_tokens\":0}"), 1000000000000000, -1, -1, 0, -1,
         REPORTED, ""},
        {CHAT, ANSWER("\"usage\":{\"prompt_tokens\":4,\"total_tokens\":6}"), 4, -1, -1, 2, -1, DERIVED, ""},
        {CHAT, ANSWER("\"usage\":{\"prompt_tokens\":4,\"total_tokens\":3}"), 4, -1, -1, 0, -1, ESTIMATED, ""},
        {CHAT, ANSWER("\"x\":{\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":3}}"), 1001, -1, -1, 0, -1, ESTIMATED, ""},
        {CHAT, ANSWER("\"usage\":{\"x\":{\"prompt_tokens\":4},\"completion_tokens\":3}"), 1001, -1, -1, 3, -1, ESTIMATED, ""},
        {CHAT, ANSWER("\"usage\":[[{\"prompt_tokens\":4,\"completion_tokens\":3}]]"), 4, -1, -1, 3, -1, REPORTED, ""},
        {CHAT, ANSWER("\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":3,\"prompt_cache_hit_tokens\":2}"), 5, 2, -1, 3, -1,
         REPORTED, ""},
        {CHAT, ANSWER("\"x_groq\":{\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":3}}"), 5, -1, -1, 3, -1, REPORTED, ""},
        {CHAT, ANSWER("\"model\":\"caf\\u00e9\\\"\\ud83d\\ude00\",\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}"), 1,
         -1, -1, 1, -1, REPORTED, "caf\xc3\xa9\"\xf0\x9f\x98\x80"},
        {CHAT, ANSWER("\"model\":\"\",\"model\":\"b\",\"model\":\"c\",\"model\":7,\"usage\":{}"), 1001, -1, -1, 0, -1, ESTIMATED,
         "b"},
        {ANTHROPIC,
         "{\"stop_reason\":\"x\",\"usage\":{\"input_tokens\":1,\"output_tokens\":2,\"cache_creation\":{\"ephemeral_5m_input_"
         "tokens\":3,"
         "\"ephemeral_1h_input_tokens\":4}}}",
         8, -1, 7, 2, -1, DERIVED, ""},
        {ANTHROPIC, "{\"input_tokens\":2095}", 1001, -1, -1, 0, -1, ESTIMATED, ""},
        {GEMINI, "{\"usageMetadata\":{\"promptTokenCount\":7}}", 7, -1, -1, 0, -1, REPORTED, ""},
        {GEMINI, "{\"usageMetadata\":{\"candidatesTokenCount\":7}}", 1001, -1, -1, 0, -1, ESTIMATED, ""},
        {TT_API_NONE, "{\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":7}}", -1, -1, -1, -1, -1, NONE, ""},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tt_str body = tt_str_cstr(cases[i].body);
        for (size_t step = 1; step <= body.len; step++) {
            struct copy copy = meter(cases[i].api, TT_FRAMING_JSON, body, 0, step, true);
            assert_int_equal(copy.usage.input_total, cases[i].input);
            assert_int_equal(copy.usage.input_cached, cases[i].cached);
            assert_int_equal(copy.usage.input_cache_write, cases[i].written);
            assert_int_equal(copy.usage.output_total, cases[i].output);
            assert_int_equal(copy.usage.output_reasoning, cases[i].reasoning);
            assert_int_equal(copy.usage.grade, cases[i].grade);
            assert_string_equal(copy.model, cases[i].model);
            assert_true(copy.complete && copy.unread == 0);
        }
    }
}

/* Text is counted as UTF-8, however it is escaped, and up to where it could not be read. */
static void
counts_text_as_it_is_read(void **state)
{
    static const struct {
        const char *text;
        uint64_t bytes, unread;
    } cases[] = {
        {"", 0, 0},
        {"abc", 3, 0},
        {"\\n\\\"\\\\\\/", 4, 0},
        {"\\u0041\\u00e9\\u4e2d", 6, 0},
        {"\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80", 9, 0},
        {"\\ud83d\\ude00", 4, 0},
        {"\\ud83d\\ud83d\\ude00x", 8, 0},
        {"\\ud83dx\\ude00", 7, 0},
        {"\\ud83d\\n\\ude00", 7, 0},
        {"\\ude00\\ud83d", 6, 0},
        {"abc\xff"
         "def",
         3, 1},
        {"ab\\x", 2, 1},
        {"ab\\u00g0", 2, 1},
        {"ab\x01", 2, 1},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char body[256];
        int n = snprintf(body, sizeof(body), "data: {\"choices\":[{\"delta\":{\"content\":\"%s\"}}]}\n\n", cases[i].text);
        for (size_t step = 1; step <= (size_t) n; step++) {
            struct copy copy = meter(CHAT, TT_FRAMING_EVENTS, tt_str_make(body, (size_t) n), 0, step, true);
            assert_int_equal(copy.text_bytes, cases[i].bytes);
            assert_int_equal(copy.unread, cases[i].unread);
        }
    }
}

/* Names at and over their bound, and tokens longer than what is held of one. */
static void
bounds_what_it_keeps(void **state)
{
    static const char *const units[] = {"m", "\xc3\xa9", "\\u00e9", "\\ud83d\\ude00"};
    static const size_t bytes[] = {1, 2, 2, 4};
    (void) state;
    for (size_t u = 0; u < 4; u++) {
        for (size_t count = 1; count < 300; count += count < 30 || (count > 120 && count < 135) || count > 250 ? 1 : 30) {
            char body[8192] = "{\"model\":\"";
            for (size_t k = 0; k < count; k++) {
                strcat(body, units[u]);
            }
            strcat(body, "\",\"k");
            memset(body + strlen(body), 'k', 300);
            strcat(body, "\":1,\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}");
            struct tt_str text = tt_str_cstr(body);
            struct copy whole = meter_whole(CHAT, TT_FRAMING_JSON, text, true);
            size_t len = strlen(whole.model);
            assert_true(len <= count * bytes[u] && len <= TT_METER_NAME_MAX && len % bytes[u] == 0);
            assert_true(len == count * bytes[u] || len + bytes[u] > TT_METER_NAME_MAX || count * strlen(units[u]) > 255);
            assert_int_equal(whole.usage.grade, REPORTED);
            for (size_t step = 1; step < 12; step += 5) {
                struct copy pieces = meter(CHAT, TT_FRAMING_JSON, text, 3, step, true);
                assert_same("names", &whole, &pieces);
            }
        }
    }
}

/* Nesting beyond every bound, and what was cut at the end. */
static void
survives_what_it_cannot_read(void **state)
{
    char body[4096];
    (void) state;
    for (size_t depth = 1; depth < 600; depth += depth < 30 ? 1 : 57) {
        memset(body, '[', depth);
        memcpy(body + depth, "{\"error\":1}", 11);
        memset(body + depth + 11, ']', depth);
        struct tt_str text = tt_str_make(body, 2 * depth + 11);
        struct copy whole = meter_whole(GEMINI, TT_FRAMING_JSON, text, true);
        assert_int_equal(whole.unread, depth >= TT_JSON_DEPTH_MAX);
        struct copy pieces = meter(GEMINI, TT_FRAMING_JSON, text, 0, 1, true);
        assert_same("depth", &whole, &pieces);
    }
    struct copy cut = meter_whole(CHAT, TT_FRAMING_JSON, TT_STR("{\"usage\":{\"prompt_tokens\":1,"), false);
    assert_true(cut.unread == 0 && !cut.complete && cut.usage.grade == ESTIMATED && cut.usage.input_total == 1);
    cut = meter_whole(CHAT, TT_FRAMING_JSON, TT_STR("{\"usage\":{\"prompt_tokens\":1,"), true);
    assert_true(cut.unread == 1 && !cut.complete);
    cut = meter_whole(CHAT, TT_FRAMING_JSON, TT_STR("<html>502</html>"), true);
    assert_true(cut.unread == 1 && !cut.complete && cut.usage.grade == ESTIMATED);
}

static void
says_nothing_where_nothing_was_said(void **state)
{
    struct tt_meter *meter = malloc(tt_meter_size());
    struct tt_meter_result result;
    (void) state;
    assert_non_null(meter);
    assert_true(tt_meter_size() <= 4096);
    for (int framing = TT_FRAMING_NONE; framing <= TT_FRAMING_EVENTS; framing++) {
        tt_meter_begin(meter, CHAT, (enum tt_framing) framing, tt_kernels_get(0));
        tt_meter_feed(meter, (struct tt_str) {NULL, 0});
        if (framing == TT_FRAMING_NONE) {
            tt_meter_feed(meter, TT_STR("PNG"));
        }
        tt_meter_end(meter, true, 100, &result);
        assert_int_equal(result.usage.grade, NONE);
        assert_int_equal(result.usage.input_total, -1);
        assert_true(!result.complete && result.model.len == 0 && result.events == 0);
        tt_meter_feed(meter, TT_STR("data: x\n\n")); /* too late: nothing happens */
    }
    /* Without the length of a request the input stays unknown. */
    tt_meter_begin(meter, CHAT, TT_FRAMING_EVENTS, tt_kernels_get(0));
    tt_meter_feed(meter, TT_STR("data: {\"choices\":[{\"delta\":{\"content\":\"abcde\"}}]}\n\n"));
    tt_meter_end(meter, false, 0, &result);
    assert_true(result.usage.grade == ESTIMATED && result.usage.input_total == -1 && result.usage.output_total == 2);
    tt_meter_begin(meter, CHAT, TT_FRAMING_EVENTS, tt_kernels_get(0));
    tt_meter_feed(meter, TT_STR("data: {}\n\n"));
    tt_meter_end(meter, false, 0, &result);
    assert_true(result.usage.grade == NONE && result.usage.output_total == -1);
    free(meter);
}

static void
knows_framings_and_grades(void **state)
{
    static const struct {
        const char *type;
        enum tt_framing framing;
    } cases[] = {
        {"text/event-stream", TT_FRAMING_EVENTS},
        {"Text/Event-Stream; charset=utf-8", TT_FRAMING_EVENTS},
        {" text/event-stream\t;x", TT_FRAMING_EVENTS},
        {"application/json", TT_FRAMING_JSON},
        {"application/json;charset=UTF-8", TT_FRAMING_JSON},
        {"application/problem+JSON", TT_FRAMING_JSON},
        {"application/jsonl", TT_FRAMING_NONE},
        {"application/x-ndjson", TT_FRAMING_NONE},
        {"text/event-streams", TT_FRAMING_NONE},
        {"text/html", TT_FRAMING_NONE},
        {"+json", TT_FRAMING_NONE},
        {";application/json", TT_FRAMING_NONE},
        {"", TT_FRAMING_NONE},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(tt_framing_of(tt_str_cstr(cases[i].type)), cases[i].framing);
    }
    assert_int_equal(tt_framing_of((struct tt_str) {NULL, 0}), TT_FRAMING_NONE);
    assert_string_equal(tt_usage_grade_name(NONE), "none");
    assert_string_equal(tt_usage_grade_name(ESTIMATED), "estimated");
    assert_string_equal(tt_usage_grade_name(DERIVED), "derived");
    assert_string_equal(tt_usage_grade_name(REPORTED), "reported");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_each_answer_says),
        cmocka_unit_test(reads_the_same_however_it_is_cut),
        cmocka_unit_test(takes_every_line_end),
        cmocka_unit_test(is_honest_about_what_was_cut_off),
        cmocka_unit_test(costs_the_same_streamed),
        cmocka_unit_test(costs_the_same_streamed_whatever_it_is),
        cmocka_unit_test(takes_frames_as_the_standard_says),
        cmocka_unit_test(knows_events_by_their_names),
        cmocka_unit_test(takes_figures_and_names_as_they_come),
        cmocka_unit_test(counts_text_as_it_is_read),
        cmocka_unit_test(bounds_what_it_keeps),
        cmocka_unit_test(survives_what_it_cannot_read),
        cmocka_unit_test(says_nothing_where_nothing_was_said),
        cmocka_unit_test(knows_framings_and_grades),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
