/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where in the document a token stands: "$.messages[0].content".  Keys that are not plain names are written ["like this"],
 * escaped as JSON.  Bounded: beyond TT_JSON_PATH_MAX the path ends in "…" but stays balanced.
 */
#ifndef TT_JSON_PATH_H
#define TT_JSON_PATH_H

#include "base/buf.h"
#include "json/lexer.h"

struct tt_json_frame;

struct tt_json_path {
    struct tt_buf text;
    struct tt_json_frame *frames; /* TT_JSON_DEPTH_MAX + 1 of them */
    const struct tt_alloc *alloc;
    uint32_t depth;
};

enum tt_status tt_json_path_init(struct tt_json_path *path, const struct tt_alloc *alloc) TT_MUST_USE;
void tt_json_path_free(struct tt_json_path *path);

/* Back to "$", for the next document. */
void tt_json_path_reset(struct tt_json_path *path);

/* Call for every token in order, before using the path.  name is the decoded key where token is a key, else ignored. */
enum tt_status tt_json_path_take(struct tt_json_path *path, const struct tt_json_token *token, struct tt_str name) TT_MUST_USE;

/* One segment of a path: ".name" or ["like this"], "[7]". */
void tt_json_path_add_name(struct tt_buf *text, struct tt_str name);
void tt_json_path_add_index(struct tt_buf *text, uint64_t index);

/* The path of the token just taken; borrowed until the next call. */
struct tt_str tt_json_path_str(const struct tt_json_path *path);

#endif
