/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The values of "role" and "type" around a token of a JSON document: they say what part of a request a string is.
 */
#ifndef TT_SCAN_SIBLINGS_H
#define TT_SCAN_SIBLINGS_H

#include "json/lexer.h"

/* Values longer than this are none that matter. */
#define TT_SIBLING_MAX 32

struct tt_sibling {
    uint8_t len;
    char text[TT_SIBLING_MAX];
};

struct tt_siblings {
    struct tt_sibling role[TT_JSON_DEPTH_MAX + 1], type[TT_JSON_DEPTH_MAX + 1]; /* of the open object at each depth */
    struct tt_sibling *pending; /* what the value of the last key is for; NULL mostly */
};

static inline void
tt_siblings_begin(struct tt_siblings *siblings)
{
    siblings->pending = NULL;
}

/* A container opens whose members have that depth. */
static inline void
tt_siblings_open(struct tt_siblings *siblings, uint32_t depth)
{
    siblings->role[depth].len = 0;
    siblings->type[depth].len = 0;
}

static inline void
tt_siblings_key(struct tt_siblings *siblings, uint32_t depth, struct tt_str name)
{
    siblings->pending = NULL;
    if (tt_str_eq(name, TT_STR("role"))) {
        siblings->pending = &siblings->role[depth];
    } else if (tt_str_eq(name, TT_STR("type"))) {
        siblings->pending = &siblings->type[depth];
    }
}

/* The value of the last key is a string. */
static inline void
tt_siblings_string(struct tt_siblings *siblings, struct tt_str raw)
{
    if (siblings->pending && raw.len <= TT_SIBLING_MAX) {
        memcpy(siblings->pending->text, raw.ptr, raw.len);
        siblings->pending->len = (uint8_t) raw.len;
    }
    siblings->pending = NULL;
}

/* The value in the nearest object around depth that has said so already. */
static inline struct tt_str
tt_siblings_nearest(const struct tt_sibling *values, uint32_t depth)
{
    for (uint32_t d = depth; d > 0; d--) {
        if (values[d].len > 0) {
            return tt_str_make(values[d].text, values[d].len);
        }
    }
    return TT_STR("");
}

#endif
