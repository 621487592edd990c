/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where in a body a string stands, as far as judging it depends on that.
 *
 * A path is not printed for each token: most strings are decided without one.  Each open container knows a hash of the names on the way to
 * it (indexes of arrays do not count) and the nearest "role" and "type"; the path is printed when somebody wants to read it.
 */
#ifndef TT_GATE_FRAMES_H
#define TT_GATE_FRAMES_H

#include "base/buf.h"
#include "base/limits.h"

#define TT_GATE_NAMES 64 /* names of an object that others are compared with */

struct tt_gate_frame {
    struct tt_str key;        /* of an object: the name of the value at hand, as written */
    struct tt_str role, type; /* the nearest ones, as written; empty: none so far */
    uint64_t own, shape;      /* hash of the way to the container, and to the value at hand */
    uint64_t siblings;        /* hash of role and type */
    uint64_t next;            /* of an array: index of the next element */
    uint64_t key_end;         /* offset behind the name's quote */
    size_t base;              /* length of its own path, where it was printed */
    size_t first_edit;        /* how many edits there were when it was opened */
    uint8_t node, word;       /* what the reader knows of the container, and of the name */
    uint8_t names;            /* of an object: how many of its names were kept ... */
    uint64_t met;             /* ... and bits of their hashes */
    bool object;
    bool key_escaped;
};

struct tt_gate_frames {
    uint64_t salt[8];
    uint32_t depth;   /* of the token at hand: at[depth] is the container around it; at[0] is the document's own */
    uint32_t printed; /* containers up to this depth have their path in the text of tt_gate_frames_place */
    struct tt_gate_frame at[TT_GATE_DEPTH_MAX + 1];
    uint64_t names[TT_GATE_DEPTH_MAX + 1][TT_GATE_NAMES]; /* of each open object */
};

/* seed: 64 bytes. */
void tt_gate_frames_init(struct tt_gate_frames *frames, const unsigned char *seed);
void tt_gate_frames_begin(struct tt_gate_frames *frames);

/* A container opens at the token at hand; its members stand at depth + 1. */
void tt_gate_frames_open(struct tt_gate_frames *frames, bool object, uint8_t node, size_t first_edit);

/* A name of the container around; decoded is it without its escapes. */
void tt_gate_frames_key(struct tt_gate_frames *frames, struct tt_str raw, struct tt_str decoded);

/* Has the object around the name that came last already? */
bool tt_gate_frames_twice(struct tt_gate_frames *frames);

/* The value of a "role" or of a "type". */
void tt_gate_frames_sibling(struct tt_gate_frames *frames, bool role, struct tt_str raw);

/* A hash of all that a look at the string at hand depends on beside its bytes. */
uint64_t tt_gate_frames_context(const struct tt_gate_frames *frames);

/* The path of the token at hand, as json/path.h prints it; scratch holds decoded names.  Where it does not fit it ends in "…". */
void tt_gate_frames_path(const struct tt_gate_frames *frames, struct tt_buf *scratch, struct tt_buf *path);

/*
 * The same with 0 for every index: what is judged by such a path depends on nothing that tt_gate_frames_context leaves out.  place is used for
 * this alone, so that what was printed before need not be printed again.
 */
void tt_gate_frames_place(struct tt_gate_frames *frames, struct tt_buf *scratch, struct tt_buf *place);

#endif
