/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of OpenAI's responses; see mock_answer.h.  A table, nothing else.
 *
 * A stream is named events with a number each: the response begins, one item grows, the response is complete and says its use.  There is no [DONE].
 */
#include "probe/mock_answer.h"

#define RESPONSE(status, output, usage)                                                                                  \
    "{\"id\":\"resp_mock\",\"object\":\"response\",\"created_at\":1,\"status\":\"" status                                \
    "\",\"error\":null,\"incomplete_details\":null,\"instructions\":null,\"max_output_tokens\":null,\"model\":\"%m\","   \
    "\"output\":" output                                                                                                 \
    ",\"parallel_tool_calls\":true,\"previous_response_id\":null,\"reasoning\":{\"effort\":null,\"summary\":null},"      \
    "\"store\":false,\"temperature\":1,\"text\":{\"format\":{\"type\":\"text\"}},\"tool_choice\":\"auto\",\"tools\":[]," \
    "\"top_p\":1,\"truncation\":\"disabled\",\"usage\":" usage ",\"metadata\":{}}"
#define USAGE                                                                                                           \
    "{\"input_tokens\":1,\"input_tokens_details\":{\"cached_tokens\":0},\"output_tokens\":1,\"output_tokens_details\":" \
    "{\"reasoning_tokens\":0},\"total_tokens\":2}"
#define PART(text) "{\"type\":\"output_text\",\"text\":\"" text "\",\"annotations\":[]}"
#define MESSAGE(status, content) \
    "{\"type\":\"message\",\"id\":\"msg_mock\",\"role\":\"assistant\",\"status\":\"" status "\",\"content\":[" content "]}"
#define CALL(status, arguments)                                                                                           \
    "{\"type\":\"function_call\",\"id\":\"fc_mock\",\"call_id\":\"call_mock\",\"name\":\"%n\",\"arguments\":\"" arguments \
    "\",\"status\":\"" status "\"}"
#define DONE_TEXT RESPONSE("completed", "[" MESSAGE("completed", PART("%t")) "]", USAGE)
#define DONE_TOOL RESPONSE("completed", "[" CALL("completed", "%s") "]", USAGE)

#define EVENT(number, name, rest)                                                                  \
    {                                                                                              \
        name, "{\"type\":\"" name "\",\"sequence_number\":" number ",\"output_index\":0," rest "}" \
    }
/* Of the response as a whole: no output_index. */
#define OF_RESPONSE(number, name, response)                                                      \
    {                                                                                            \
        name, "{\"type\":\"" name "\",\"sequence_number\":" number ",\"response\":" response "}" \
    }
#define OF_PART "\"item_id\":\"msg_mock\",\"content_index\":0,"
#define OF_CALL "\"item_id\":\"fc_mock\","
#define BEGIN                                                                    \
    OF_RESPONSE("0", "response.created", RESPONSE("in_progress", "[]", "null")), \
        OF_RESPONSE("1", "response.in_progress", RESPONSE("in_progress", "[]", "null"))

static const struct tt_mock_event text[] = {
    BEGIN,
    EVENT("2", "response.output_item.added", "\"item\":" MESSAGE("in_progress", "")),
    EVENT("3", "response.content_part.added", OF_PART "\"part\":" PART("")),
    EVENT("4", "response.output_text.delta", OF_PART "\"delta\":\"%t\",\"logprobs\":[]"),
    EVENT("5", "response.output_text.done", OF_PART "\"text\":\"%t\",\"logprobs\":[]"),
    EVENT("6", "response.content_part.done", OF_PART "\"part\":" PART("%t")),
    EVENT("7", "response.output_item.done", "\"item\":" MESSAGE("completed", PART("%t"))),
    OF_RESPONSE("8", "response.completed", DONE_TEXT),
    {NULL, NULL},
};

static const struct tt_mock_event tool[] = {
    BEGIN,
    EVENT("2", "response.output_item.added", "\"item\":" CALL("in_progress", "")),
    EVENT("3", "response.function_call_arguments.delta", OF_CALL "\"delta\":\"%s\""),
    EVENT("4", "response.function_call_arguments.done", OF_CALL "\"name\":\"%n\",\"arguments\":\"%s\""),
    EVENT("5", "response.output_item.done", "\"item\":" CALL("completed", "%s")),
    OF_RESPONSE("6", "response.completed", DONE_TOOL),
    {NULL, NULL},
};

const struct tt_mock_script tt_mock_script_responses = {
    .text = text,
    .tool = tool,
    .text_whole = DONE_TEXT,
    .tool_whole = DONE_TOOL,
};
