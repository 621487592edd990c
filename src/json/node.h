/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small JSON document as a tree in an arena, each value with its place, for files that people write.
 */
#ifndef TT_JSON_NODE_H
#define TT_JSON_NODE_H

#include "base/arena.h"
#include "json/lexer.h"

struct tt_node {
    enum tt_json_kind kind; /* OBJECT_BEGIN and ARRAY_BEGIN stand for the whole object and array */
    struct tt_str key;      /* within an object: its name, decoded */
    struct tt_str text;     /* of a string: decoded */
    uint64_t pos;           /* of the value in the file */
    uint64_t key_pos;
    struct tt_node *first; /* of an object or array: its members in order */
    struct tt_node *next;
};

/* Parses bytes.  Names that stand twice in an object are an error.  Everything is in the arena. */
enum tt_status tt_node_parse(struct tt_arena *arena, struct tt_str bytes, const struct tt_node **root,
                             struct tt_error *err) TT_MUST_USE;

/* The member of that name, or NULL. */
const struct tt_node *tt_node_get(const struct tt_node *object, struct tt_str key);

size_t tt_node_count(const struct tt_node *container);

/* Sets line and column (in characters) of a place in bytes. */
void tt_node_place(struct tt_str bytes, struct tt_error *err);

#endif
