/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of Anthropic's Messages; see mock_answer.h.  A table, nothing else.
 *
 * A stream is named events: message_start, one block with its delta, message_delta with the reason of the end, message_stop.
 */
#include "probe/mock_answer.h"

#define MESSAGE(content, reason)                                                                             \
    "{\"id\":\"msg_mock\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"%m\",\"content\":" content \
    ",\"stop_reason\":" reason ",\"stop_sequence\":null,\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}"
#define START                                                                                 \
    {                                                                                         \
        "message_start", "{\"type\":\"message_start\",\"message\":" MESSAGE("[]", "null") "}" \
    }
#define BLOCK(block)                                                                                        \
    {                                                                                                       \
        "content_block_start", "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":" block "}" \
    }
#define DELTA(delta)                                                                                \
    {                                                                                               \
        "content_block_delta", "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":" delta "}" \
    }
#define END(reason)                                                                          \
    {"content_block_stop", "{\"type\":\"content_block_stop\",\"index\":0}"},                 \
        {"message_delta", "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"" reason \
                          "\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":1}}"},    \
        {"message_stop", "{\"type\":\"message_stop\"}"},                                     \
    {                                                                                        \
        NULL, NULL                                                                           \
    }

static const struct tt_mock_event text[] = {
    START,
    BLOCK("{\"type\":\"text\",\"text\":\"\"}"),
    DELTA("{\"type\":\"text_delta\",\"text\":\"%t\"}"),
    END("end_turn"),
};

static const struct tt_mock_event tool[] = {
    START,
    BLOCK("{\"type\":\"tool_use\",\"id\":\"toolu_mock\",\"name\":\"%n\",\"input\":{}}"),
    DELTA("{\"type\":\"input_json_delta\",\"partial_json\":\"%s\"}"),
    END("tool_use"),
};

const struct tt_mock_script tt_mock_script_messages = {
    .text = text,
    .tool = tool,
    .text_whole = MESSAGE("[{\"type\":\"text\",\"text\":\"%t\"}]", "\"end_turn\""),
    .tool_whole = MESSAGE("[{\"type\":\"tool_use\",\"id\":\"toolu_mock\",\"name\":\"%n\",\"input\":%a}]", "\"tool_use\""),
};
