/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ways in which a list can be written so that nobody reads it, undone: one const struct each, in two tables.
 *
 * A decoder has no key: it gives one answer or none.  A solver tries every key that it can think of and hands each result that is text to a
 * judge.  Both work on lists, item by item, because programs hide lists both as one string and as many.
 */
#ifndef TT_INSPECT_DECODE_H
#define TT_INSPECT_DECODE_H

#include "base/arena.h"
#include "inspect/keys.h"
#include "inspect/score.h"

/* What helps to decode the literals of one file. */
struct tt_decoding {
    struct tt_arena *arena;     /* emptied between two lists */
    const struct tt_keys *keys; /* short literals of the file */
    bool joined;                /* the list at hand was put together of several */
    const struct tt_str *known; /* the list of which is known that it is binary, or is not */
    bool known_binary;
    bool decoded;            /* the list at hand came out of a decoder, so that even text may be bytes under a key */
    double budget;           /* bits that what a key makes of the list at hand may cost, the key included */
    double hope;             /* of these, what is left for the key where the list costs as little as lists ever do */
    uint64_t work, work_max; /* bytes touched; beyond, nothing more is tried */
};

struct tt_list_decoder {
    const char *name;
    /* False: the list is not written so.  Results live in the arena. */
    bool (*decode)(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out);
    bool picks; /* it only leaves out */
    bool late;  /* only of what was decoded: every table of a program has columns */
};

/* Ends in NULL. */
extern const struct tt_list_decoder *const tt_list_decoders[];
extern const struct tt_list_decoder tt_list_decoder_ascii85, tt_list_decoder_base85, tt_list_decoder_z85, tt_list_decoder_uu,
    tt_list_decoder_base36, tt_list_decoder_differences, tt_list_decoder_unchained, tt_list_decoder_even_items,
    tt_list_decoder_odd_items;

/* Decodes one item to bytes, never more than there were; false when it is not written so. */
typedef bool tt_decode_item(struct tt_str in, char *to, size_t *len);

/* Decodes all items, or none. */
bool tt_items_decode(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out, tt_decode_item *decode);

/* Receives one result of a solver: how it was made (in words) and what its key costs in bits.  True: it is what was looked for. */
struct tt_judge {
    bool (*judge)(void *ctx, struct tt_items result, const char *how, double bits);
    void *ctx;
};

struct tt_list_solver {
    const char *name;
    void (*solve)(struct tt_decoding *decoding, struct tt_items in, const struct tt_judge *judge);
};

/* Ends in NULL. */
extern const struct tt_list_solver *const tt_list_solvers[];
extern const struct tt_list_solver tt_list_solver_repeated;

/* All bytes of the items. */
size_t tt_items_bytes(struct tt_items items);

/* The share of bytes that are no text is a tenth or more. */
bool tt_items_are_binary(struct tt_items items);

/* The same, looked at once for the list that is decoded in many ways. */
bool tt_decoding_is_binary(const struct tt_decoding *decoding, struct tt_items items);

/* Room for a list with items as long as those of in; false when the arena is full. */
bool tt_items_make(struct tt_arena *arena, struct tt_items in, struct tt_str **list, char **bytes);

#endif
