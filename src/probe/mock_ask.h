/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the body of a request to a model API asks for, as far as an answer depends on it.
 */
#ifndef TT_PROBE_MOCK_ASK_H
#define TT_PROBE_MOCK_ASK_H

#include "base/arena.h"

/* Strings are raw JSON, as between the quotes of a string, unless it is said otherwise. */
struct tt_mock_ask {
    bool streams;            /* "stream": true */
    bool wants_json;         /* the text of the answer shall be JSON */
    bool has_result;         /* it holds the result of a tool call: the second turn */
    struct tt_str model;     /* empty: not said */
    struct tt_str tool;      /* name of the harmless tool of its list; empty: none */
    struct tt_str arguments; /* for it: a JSON object */
};

/* Reads content, of which the strings are borrowed, and of the arena.  What is no JSON asks for nothing. */
void tt_mock_ask_read(struct tt_str content, struct tt_arena *arena, struct tt_mock_ask *ask);

/*
 * How well a tool serves as the first answer: 0 is best, TT_MOCK_TOOL_NONE is never.  Known by its name alone, from a list of names that read folders or
 * files.  A tool that is not listed could write, run programs or use a network.
 */
#define TT_MOCK_TOOL_NONE 255
unsigned tt_mock_tool_rank(struct tt_str name);

#endif
