/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of the APIs: names in a request that mean something, and the containers that stand behind them.
 */
#ifndef TT_GATE_WORDS_H
#define TT_GATE_WORDS_H

#include "base/str.h"

/* Names that mean something. */
enum tt_gate_word {
    TT_WORD_NONE,
    TT_WORD_ARGS,
    TT_WORD_ARGUMENTS,
    TT_WORD_CACHED_CONTENT,
    TT_WORD_CONNECTOR,
    TT_WORD_CONTAINER,
    TT_WORD_CONTENTS,
    TT_WORD_CONVERSATION,
    TT_WORD_DECLARATIONS,
    TT_WORD_FILES,
    TT_WORD_FILE_ID,
    TT_WORD_FILE_SEARCH,
    TT_WORD_FILE_URI,
    TT_WORD_FILE_URL,
    TT_WORD_FUNCTION,
    TT_WORD_FUNCTIONS,
    TT_WORD_GENERATION,
    TT_WORD_ID,
    TT_WORD_IMAGE_URL,
    TT_WORD_INCLUDE_USAGE,
    TT_WORD_INPUT,
    TT_WORD_INSTRUCTIONS,
    TT_WORD_MESSAGES,
    TT_WORD_MODEL,
    TT_WORD_NAME,
    TT_WORD_OUTPUT_MAX,
    TT_WORD_PARAMETERS,
    TT_WORD_PREVIOUS_RESPONSE,
    TT_WORD_PROMPT,
    TT_WORD_REQUEST,
    TT_WORD_REQUESTS,
    TT_WORD_RESPONSE,
    TT_WORD_ROLE,
    TT_WORD_SERVERS,
    TT_WORD_SERVER_LABEL,
    TT_WORD_SERVER_URL,
    TT_WORD_SOURCE,
    TT_WORD_STREAM,
    TT_WORD_STREAM_OPTIONS,
    TT_WORD_SYSTEM,
    TT_WORD_THOUGHT,
    TT_WORD_TOOLS,
    TT_WORD_TYPE,
    TT_WORD_URL,
};

/* Of the document's object, these may not stand twice. */
#define TT_GATE_DECIDING                                                                                                \
    ((uint64_t) 1 << TT_WORD_CACHED_CONTENT | (uint64_t) 1 << TT_WORD_CONTENTS | (uint64_t) 1 << TT_WORD_CONVERSATION | \
     (uint64_t) 1 << TT_WORD_FUNCTIONS | (uint64_t) 1 << TT_WORD_INPUT | (uint64_t) 1 << TT_WORD_INSTRUCTIONS |         \
     (uint64_t) 1 << TT_WORD_MESSAGES | (uint64_t) 1 << TT_WORD_MODEL | (uint64_t) 1 << TT_WORD_PREVIOUS_RESPONSE |     \
     (uint64_t) 1 << TT_WORD_PROMPT | (uint64_t) 1 << TT_WORD_SERVERS | (uint64_t) 1 << TT_WORD_STREAM |                \
     (uint64_t) 1 << TT_WORD_STREAM_OPTIONS | (uint64_t) 1 << TT_WORD_SYSTEM | (uint64_t) 1 << TT_WORD_TOOLS)

/* Containers that mean something. */
enum tt_gate_node {
    TT_NODE_DOCUMENT,  /* around the document's value */
    TT_NODE_ROOT,      /* the request itself */
    TT_NODE_OPTIONS,   /* stream_options */
    TT_NODE_CONFIG,    /* generationConfig */
    TT_NODE_PROMPT,    /* a stored prompt */
    TT_NODE_TOOLS,     /* the list */
    TT_NODE_TOOL,      /* one of it */
    TT_NODE_FUNCTIONS, /* a list of functions */
    TT_NODE_FUNCTION,
    TT_NODE_SERVERS, /* mcp_servers */
    TT_NODE_SERVER,
    TT_NODE_REQUESTS, /* a list of requests ... */
    TT_NODE_REQUEST,  /* ... that stand within this one */
    TT_NODE_CONTENT,  /* messages, and all that is in them */
    TT_NODE_SOURCE,   /* where a picture or a file comes from */
    TT_NODE_FILES,    /* ids of files, or of stores of them */
    TT_NODE_OPAQUE,   /* arguments and schemas: names in there are those of tools */
};

/* The word that a name is, without its escapes; TT_WORD_NONE for any other. */
uint8_t tt_gate_word_of(struct tt_str name);

/* What a container is that stands as the value of a word in an object, or as an element of a list, that is a node itself. */
uint8_t tt_gate_below_name(uint8_t node, uint8_t word);
uint8_t tt_gate_below_list(uint8_t node);

/* Is it one of TT_GATE_DECIDING as servers read names to which case says nothing? */
bool tt_gate_decides_folded(struct tt_str name);

#endif
