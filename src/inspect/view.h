/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a detector sees: one stretch of one file of a package, and its tokens.
 */
#ifndef TT_INSPECT_VIEW_H
#define TT_INSPECT_VIEW_H

#include "base/arena.h"
#include "finding/finding.h"
#include "inspect/token.h"
#include "text/kernel.h"

enum tt_view_kind {
    TT_VIEW_SCRIPT = 1 << 0, /* program text */
    TT_VIEW_DATA = 1 << 1,   /* JSON, style sheets, source maps */
    TT_VIEW_PROSE = 1 << 2,  /* what is written for people: documentation, declarations of types */
    TT_VIEW_BINARY = 1 << 3, /* runs of text in a binary */
};
#define TT_VIEW_ANY 0xFu

struct tt_found;

/* What may still be done for the package as a whole. */
struct tt_effort {
    uint64_t bytes; /* that may be read */
    uint64_t work;  /* bytes that may be touched in search of hidden lists */
    bool ended;     /* there was more to read, and a note says so */
    bool told;      /* the same of the search */
};

struct tt_view {
    struct tt_str text; /* at most TT_INSPECT_STRETCH + TT_INSPECT_AHEAD bytes */
    uint64_t offset;    /* of text in the file */
    size_t owned;       /* what begins before this place is this stretch's; the rest is context, and the next one's */
    enum tt_view_kind kind;
    struct tt_str uri; /* of the file, "package.tgz!package/cli.js" */
    const struct tt_token *tokens;
    size_t count;
    struct tt_found *found; /* where findings go */
    const struct tt_kernels *kernels;
    struct tt_arena *scratch; /* the detector's, emptied before it is called */
    struct tt_effort *effort; /* of the package */
    /* Where in the file a place is; kept by tt_found_add. */
    size_t cursor;
    uint64_t line, column;             /* of the cursor, from 1 */
    uint64_t first_line, first_column; /* of the text's first byte */
};

/* Moves the cursor to a place. */
void tt_view_place(struct tt_view *view, size_t at);

/* What looks at a view, one const struct beside its code, listed in file.c. */
struct tt_detector {
    const char *name;
    unsigned kinds; /* enum tt_view_kind */
    enum tt_status (*look)(struct tt_view *view);
};

extern const struct tt_detector tt_detector_environment, tt_detector_endpoint, tt_detector_install, tt_detector_hidden,
    tt_detector_table, tt_detector_mark;

/* The part of the text that a token is. */
static inline struct tt_str
tt_view_text(const struct tt_view *view, size_t token)
{
    return tt_token_text(view->text, &view->tokens[token]);
}

static inline bool
tt_view_is_sign(const struct tt_view *view, size_t token, char sign)
{
    return token < view->count && tt_token_is_sign(view->text, &view->tokens[token], sign);
}

static inline bool
tt_view_is_name(const struct tt_view *view, size_t token, struct tt_str name)
{
    return token < view->count && view->tokens[token].kind == TT_TOKEN_NAME && tt_str_eq(tt_view_text(view, token), name);
}

#endif
