/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smallest valid answers of the APIs of models, the same bytes every time: ids are fixed, times are 1, counts are 1.
 */
#ifndef TT_PROBE_MOCK_ANSWER_H
#define TT_PROBE_MOCK_ANSWER_H

#include "base/buf.h"
#include "probe/mock_ask.h"

enum tt_mock_call {
    TT_MOCK_UNKNOWN,
    TT_MOCK_CHAT,          /* POST .../chat/completions */
    TT_MOCK_RESPONSES,     /* POST .../responses */
    TT_MOCK_MESSAGES,      /* POST .../messages */
    TT_MOCK_COUNT,         /* POST .../messages/count_tokens */
    TT_MOCK_GEMINI,        /* POST ...:generateContent */
    TT_MOCK_GEMINI_STREAM, /* POST ...:streamGenerateContent: a JSON array */
    TT_MOCK_GEMINI_SSE,    /* the same with ?alt=sse */
    TT_MOCK_GEMINI_COUNT,  /* POST ...:countTokens */
    TT_MOCK_GEMINI_MODELS, /* GET .../v1beta/models */
    TT_MOCK_MODELS,        /* GET .../models */
    TT_MOCK_MODEL,         /* GET .../models/NAME */
};

/* By the end of the path, since base URLs have any beginning.  *model: the part of the path that names it (Gemini), else empty. */
enum tt_mock_call tt_mock_call_of(struct tt_str method, struct tt_str path, struct tt_str query, struct tt_str *model);

/* Is it one that may be answered by a call of a tool? */
bool tt_mock_call_is_turn(enum tt_mock_call call);

enum tt_mock_framing {
    TT_MOCK_JSON,   /* application/json */
    TT_MOCK_EVENTS, /* text/event-stream */
};
enum tt_mock_framing tt_mock_framing_of(enum tt_mock_call call, const struct tt_mock_ask *ask);

/* Appends the body of the answer.  use_tool: a call of ask->tool. */
void tt_mock_answer_body(struct tt_buf *out, enum tt_mock_call call, const struct tt_mock_ask *ask, bool use_tool);

/* The events of an answer to /responses one by one, as a WebSocket carries them.  False behind the last. */
bool tt_mock_answer_message(struct tt_buf *out, size_t number, const struct tt_mock_ask *ask, bool use_tool);

/* ---- what the APIs' own files say ---- */

/*
 * Texts of JSON in which %m stands for the model, %t for the text of the answer, %n for the tool's name, %a for its arguments as an object and %s for
 * the same as the inside of a string.
 */
struct tt_mock_event {
    const char *name; /* of SSE; NULL: unnamed */
    const char *json; /* NULL: behind the last */
};

struct tt_mock_script {
    const struct tt_mock_event *text, *tool; /* as a stream */
    const char *text_whole, *tool_whole;     /* as one JSON */
    const char *last;                        /* what the stream's last line of data is; NULL: none */
};

extern const struct tt_mock_script tt_mock_script_chat;
extern const struct tt_mock_script tt_mock_script_responses;
extern const struct tt_mock_script tt_mock_script_messages;
extern const struct tt_mock_script tt_mock_script_gemini;

#endif
