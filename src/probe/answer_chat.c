/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of OpenAI's chat completions; see mock_answer.h.  A table, nothing else.
 *
 * A stream is unnamed events: the text or the call, the reason of the end, the use without choices, [DONE].
 */
#include "probe/mock_answer.h"

#define CHUNK(choices) \
    "{\"id\":\"chatcmpl-mock\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"%m\",\"choices\":" choices
#define CHOICE(delta, finish) "[{\"index\":0,\"delta\":" delta ",\"logprobs\":null,\"finish_reason\":" finish "}]}"
#define USAGE "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1,\"total_tokens\":2}}"
#define CALL "\"id\":\"call_mock\",\"type\":\"function\",\"function\":{\"name\":\"%n\",\"arguments\":\"%s\"}}]"
#define WHOLE(message, finish)                                                                                           \
    "{\"id\":\"chatcmpl-mock\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"%m\",\"choices\":[{\"index\":0," \
    "\"message\":"                                                                                                       \
    "{\"role\":\"assistant\"," message ",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"" finish "\"}]," USAGE

static const struct tt_mock_event text[] = {
    {NULL, CHUNK(CHOICE("{\"role\":\"assistant\",\"content\":\"%t\"}", "null"))},
    {NULL, CHUNK(CHOICE("{}", "\"stop\""))},
    {NULL, CHUNK("[]," USAGE)},
    {NULL, NULL},
};

static const struct tt_mock_event tool[] = {
    {NULL, CHUNK(CHOICE("{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"index\":0," CALL "}", "null"))},
    {NULL, CHUNK(CHOICE("{}", "\"tool_calls\""))},
    {NULL, CHUNK("[]," USAGE)},
    {NULL, NULL},
};

const struct tt_mock_script tt_mock_script_chat = {
    .text = text,
    .tool = tool,
    .text_whole = WHOLE("\"content\":\"%t\"", "stop"),
    .tool_whole = WHOLE("\"content\":null,\"tool_calls\":[{" CALL, "tool_calls"),
    .last = "[DONE]",
};
