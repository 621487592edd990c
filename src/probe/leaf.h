/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A captured request as leaves: the smallest parts that can be compared one by one.
 *
 * Leaves stand in an order that does not depend on the order of names: headers, members of objects and tools with a name are sorted, and the order
 * in which they came is a leaf of its own.  So a change of order is one difference and not one of everything behind it.
 */
#ifndef TT_PROBE_LEAF_H
#define TT_PROBE_LEAF_H

#include "base/arena.h"
#include "probe/capture.h"

enum tt_leaf_kind {
    TT_LEAF_TEXT,   /* a line of a string, the value of a header */
    TT_LEAF_NUMBER, /* value: in one spelling, "1" for 1.0 */
    TT_LEAF_WORD,   /* true, false, null, {}, [] */
    TT_LEAF_ORDER,  /* value: names in their order, a line feed behind each */
    TT_LEAF_FORM,   /* only form counts, and only between runs of equal value: chunks, content coding */
};

struct tt_leaf {
    enum tt_leaf_kind kind;
    bool escaped;         /* raw is the inside of a JSON string, and value what it says */
    bool line;            /* of a string of several lines */
    bool in_content;      /* offset counts in the content, else in head and body as they came */
    struct tt_str path;   /* "$.messages[].content", "user-agent", "#hdr-order" */
    struct tt_str value;  /* decoded */
    struct tt_str raw;    /* as it came, where that is not the common spelling of value; else empty */
    struct tt_str margin; /* white space around, raw name of a header: what separates the leaf from others; empty: as is common */
    uint64_t offset, length;
};

struct tt_leaves {
    struct tt_leaf *items;
    size_t count, room;
    bool cut; /* over TT_LEAVES_MAX, or a body too deep or large to be read as JSON */
    bool is_json;
    struct tt_str method, path; /* path: decoded, without scheme, host and query */
    struct tt_str shape;        /* names of the body's members, sorted, and the number of its tools */
    struct tt_str head_names;   /* raw names of headers in order, a line feed behind each */
};

/* Reads any bytes.  Strings are borrowed from the exchange or lie in arena.  TT_E_MEMORY only. */
enum tt_status tt_leaf_read(const struct tt_exchange *exchange, struct tt_arena *arena, struct tt_leaves *out) TT_MUST_USE;

/* Is raw how most writers of JSON spell value inside a string: no escape but the ones that must be, and these in their short form? */
bool tt_leaf_is_plain(struct tt_str raw, struct tt_str value);

#endif
