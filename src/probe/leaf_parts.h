/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of leaves share: where bytes came from, and adding leaves.  Private to src/probe/leaf*.c. */
#ifndef TT_PROBE_LEAF_PARTS_H
#define TT_PROBE_LEAF_PARTS_H

#include "base/buf.h"
#include "probe/leaf.h"

/* A text, and where its bytes are in the files of the capture. */
struct tt_leaf_source {
    struct tt_str text;
    bool in_content;
    bool fixed;        /* all of text came from one place: offset and length of that */
    bool escaped;      /* text is the decoded inside of raw, which stands at offset */
    struct tt_str raw; /* then */
    uint64_t offset;   /* of text[0], or of raw[0] */
    uint64_t length;   /* where fixed */
    unsigned depth;    /* JSON strings around */
};

struct tt_leaf_tree; /* a document of JSON that waits for its walk */

struct tt_leaf_reader {
    struct tt_arena *arena;
    struct tt_leaves *out;
    struct tt_buf scratch;
    struct tt_leaf_tree *first_tree, *last_tree;
    enum tt_status status; /* the first failure sticks */
};

/* A copy in the arena; on a failure empty, and reader->status says so. */
struct tt_str tt_leaf_keep(struct tt_leaf_reader *reader, struct tt_str s);
struct tt_str tt_leaf_join(struct tt_leaf_reader *reader, struct tt_str a, struct tt_str b);

/* Adds a leaf; over TT_LEAVES_MAX it is dropped and out->cut set. */
void tt_leaf_add(struct tt_leaf_reader *reader, const struct tt_leaf *leaf);

/*
 * Reads a JSON text, of which the leaves will stand under path ("$" for a whole body).  False, and nothing done, when it is none or over a bound.
 */
bool tt_leaf_add_json(struct tt_leaf_reader *reader, const struct tt_leaf_source *source, struct tt_str path);

/* Adds the leaves of all texts read so far, and of those inside of them. */
void tt_leaf_walk(struct tt_leaf_reader *reader);

/* Could it be an object or a list in JSON?  By its ends alone. */
bool tt_leaf_may_be_json(struct tt_str text);

/* One spelling for all spellings of a number of JSON. */
struct tt_str tt_leaf_number(struct tt_leaf_reader *reader, struct tt_str raw);

/* name=value&... under path: a leaf "path?name" each, and their order. */
void tt_leaf_add_query(struct tt_leaf_reader *reader, const struct tt_leaf_source *source, struct tt_str path);

#endif
