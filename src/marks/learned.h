/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Learned sites: places in the texts of one client at which a probe saw symbols that depend on its machine (docs/internals/learned.md).
 *
 * A description (`telltale probe --learn`) says what stands around a site, which symbols were seen there and what each goes with.  A set of sites is
 * made of descriptions, one after another, and is const from then on.  The search costs one pass for all of them.
 */
#ifndef TT_MARKS_LEARNED_H
#define TT_MARKS_LEARNED_H

#include "marks/marks.h"
#include "marks/sites.h"

/* What can stand at a site. */
struct tt_learned_symbol {
    struct tt_str value;   /* '#' stands for a digit; of a spelling the bytes as JSON has them */
    struct tt_str meaning; /* the conditions under which it was seen, divided by '\n' */
    struct tt_str shown;   /* "‹U+02BC›: host gateway.example.test" */
    struct tt_str sample;  /* the site's id, ": " and shown */
    bool absent;           /* under these conditions the text is not there */
};

/* One side of a site, as it is compared: letters and digits in order, whatever else stands between them. */
struct tt_learned_side {
    struct tt_str letters; /* small, of look-alikes the ASCII ones; '#' for each digit */
    struct tt_str gap;     /* between these and the symbol, byte for byte */
    bool edge;             /* the line begins, or ends, here */
};

struct tt_learned_site {
    struct tt_str id, client, class, request, path;
    struct tt_str factors; /* divided by '\n' */
    struct tt_str bits;    /* a JSON number */
    bool open;             /* other values of the same kind are symbols, too: a digest of another machine */
    bool spelling;         /* the text is the same; how JSON writes it is the symbol */
    bool weak;             /* says too little by itself: counts at its path only */
    struct tt_learned_symbol *symbols;
    size_t symbol_count; /* the first is the plain one */
    struct tt_str plain; /* of a spelling: what all values stand for */
    struct tt_learned_side before, after;
    struct tt_str anchor;     /* a word of one side, ... */
    size_t anchor_at;         /* ... its place in the letters of that side, ... */
    size_t anchor_pair;       /* ... and its rarest two bytes, if they are ASCII */
    bool anchored_after;      /* the side is the one behind the symbol */
    bool anchored_wide;       /* the word is not ASCII */
    uint64_t hash;            /* of the id */
    size_t shortest, longest; /* bytes of a value */
};

struct tt_learned {
    struct tt_arena arena;
    struct tt_learned_site *sites[TT_LEARNED_SITES_MAX];
    size_t count;
    struct tt_byte_pairs pairs; /* of all anchors that are ASCII */
    bool narrow, wide;          /* there are such anchors; there are others */
    struct tt_str wrong;        /* after an error: the word that err->msg is about, or empty */
};

/* An empty set; allocates nothing.  alloc must outlive it. */
void tt_learned_init(struct tt_learned *learned, const struct tt_alloc *alloc);
void tt_learned_free(struct tt_learned *learned);

/*
 * Adds the sites of a description, which counts as a whole or not at all; nothing of bytes is kept.  On an error *err has the line and the
 * column.  TT_E_INPUT: the form is broken, or an id is there already; TT_E_LIMIT, TT_E_MEMORY.
 */
enum tt_status tt_learned_read(struct tt_learned *learned, struct tt_str bytes, struct tt_error *err) TT_MUST_USE;

/* The same for a file; on an error message gets "PATH:LINE:COLUMN: error: ..." with the word that is wrong. */
enum tt_status tt_learned_take(struct tt_learned *learned, struct tt_str path, struct tt_str bytes,
                               struct tt_buf *message) TT_MUST_USE;

/* The site of that id, or NULL. */
const struct tt_learned_site *tt_learned_find(const struct tt_learned *learned, struct tt_str id);

/* What a look at one field needs. */
struct tt_learned_call {
    const struct tt_learned *learned;
    const struct tt_field *field;
    struct tt_marks *marks; /* its scratch and kernels */
    struct tt_sink sink;    /* takes what is not the plain symbol */
    tt_site_fn *seen;       /* told of every symbol, to compare documents; or NULL */
    /* The bytes with which JSON writes from..to of the text; NULL: it is no JSON. */
    struct tt_str (*written)(void *ctx, size_t from, size_t to);
    void *ctx; /* of both */
};

enum tt_status tt_learned_look(const struct tt_learned_call *call) TT_MUST_USE;

/*
 * Could one of the sites stand in the JSON string of which raw is the inside?  It has no other escapes than \n \t \\ and \".  room: how many bytes from
 * raw.ptr on may be read.
 */
bool tt_learned_may_hold(const struct tt_learned *learned, const struct tt_kernels *kernels, struct tt_str raw, size_t room);

/* Does the value, read at text[at], stand there?  Its length, or SIZE_MAX. */
size_t tt_learned_value_at(const struct tt_learned_site *site, struct tt_str value, struct tt_str text, size_t at);

#endif
