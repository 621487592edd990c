/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which part of a model-API request a string is, judged by its path and by the "role" and "type" that stand beside it.
 *
 * Shapes: Anthropic Messages, OpenAI chat completions and responses, Gemini generateContent, and agents' transcripts that wrap
 * them ($.message, $.request, $.body, $.payload ...).
 */
#ifndef TT_TRAFFIC_PLACE_H
#define TT_TRAFFIC_PLACE_H

#include "base/status.h"
#include "base/str.h"

enum tt_api { TT_API_NONE, TT_API_ANTHROPIC, TT_API_OPENAI_CHAT, TT_API_OPENAI_RESPONSES, TT_API_GEMINI };

enum tt_place {
    TT_PLACE_PLAIN,       /* not a request: a file's text, or a string elsewhere in a JSON document */
    TT_PLACE_SYSTEM,      /* system, instructions, systemInstruction, role system or developer */
    TT_PLACE_MESSAGE,     /* text of a user or assistant turn */
    TT_PLACE_TOOL,        /* descriptions and schemas of tools */
    TT_PLACE_TOOL_RESULT, /* what a tool returned: content that the client merely carries */
    TT_PLACE_METADATA,    /* any other string of a request: model, ids, keys */
};

/* "system", "message" ...: the value of the evidence field "place"; static storage. */
const char *tt_place_name(enum tt_place place);
const char *tt_api_name(enum tt_api api); /* "anthropic.messages", "openai.chat" ...; NULL for none */

/*
 * path as json/path.h prints it; role and type are the values of these keys in the nearest objects around the string, as far as they
 * came before it (empty when unknown).
 */
enum tt_place tt_place_of(struct tt_str path, struct tt_str role, struct tt_str type);

#endif
