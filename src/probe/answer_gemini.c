/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of Gemini's generateContent; see mock_answer.h.  A table, nothing else.
 *
 * A stream is one unnamed event that is the whole answer, or the same in an array.
 */
#include "probe/mock_answer.h"

#define ANSWER(part)                                                                                                   \
    "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[" part "]},\"finishReason\":\"STOP\",\"index\":0}]," \
    "\"usageMetadata\":{\"promptTokenCount\":1,\"candidatesTokenCount\":1,\"totalTokenCount\":2},\"modelVersion\":\"%m\"}"
#define TEXT ANSWER("{\"text\":\"%t\"}")
#define CALL ANSWER("{\"functionCall\":{\"id\":\"call_mock\",\"name\":\"%n\",\"args\":%a}}")

static const struct tt_mock_event text[] = {{NULL, TEXT}, {NULL, NULL}};
static const struct tt_mock_event tool[] = {{NULL, CALL}, {NULL, NULL}};

const struct tt_mock_script tt_mock_script_gemini = {.text = text, .tool = tool, .text_whole = TEXT, .tool_whole = CALL};
