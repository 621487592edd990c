/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The short strings of a file, each of which may be the key of a list: laid out so that all of them are tried on a list in a moment.
 */
#ifndef TT_INSPECT_KEYS_H
#define TT_INSPECT_KEYS_H

#include "inspect/score.h"
#include "inspect/view.h"

#define TT_KEYS_MAX 262144      /* of a file; 2^TT_KEYS_BITS */
#define TT_KEYS_BITS 18         /* what one of them costs */
#define TT_KEY_LEN 64           /* bytes of one */
#define TT_KEYS_HEAD 3          /* words of its first bytes, by which nearly all are refused */
#define TT_KEYS_ALPHABETS_MAX 8 /* other alphabets of base64 in a file */

#define TT_KEYS_GROUPS 257

/* The first bytes of a key, again and again where it is shorter, or of a list; the first byte is the lowest of the first word. */
struct tt_keys_head {
    uint64_t words[TT_KEYS_HEAD];
};

struct tt_keys {
    const struct tt_str *list; /* different ones, by group, and there by head */
    const struct tt_keys_head
        *heads;            /* of each; the bytes themselves lie all over the file, and would have to be fetched from there */
    const uint8_t *shared; /* bytes of the head that are those of the key before, in its group */
    size_t count;
    /* Where each group ends: keys by the high bits of their first eight bytes, the first byte's the lowest; and last, those that are ASCII throughout. */
    uint32_t ends[TT_KEYS_GROUPS];
    const struct tt_str *alphabets; /* literals of 64 or 65 different signs */
    size_t alphabet_count;
    bool cut; /* there are more */
};

/* One list, on which all keys are tried. */
struct tt_keys_trial {
    const struct tt_keys *keys;
    struct tt_keys_head first, known; /* the first bytes under the key, and the high bits of those that there are */
    size_t count;                     /* of them */
    bool ascii;                       /* all of the list */
    double budget;                    /* bits that these bytes may cost; see tt_beginning_is_dear() */
    size_t at;                        /* the next key */
    unsigned group;
    uint16_t units[8 * TT_KEYS_HEAD + 1]; /* what each number of first bytes costs under the key before ... */
    size_t weighed;                       /* ... up to this number */
    size_t refused;                       /* the byte because of which that key was refused; all, if it was not */
};

/* Collects the keys of a view; everything lives in its scratch.  Without memory there are none. */
void tt_keys_collect(struct tt_keys *keys, struct tt_view *view);

/*
 * running: the key goes on from item to item; else it begins anew with each.  budget: bits that all of the list may cost, without the key.
 */
void tt_keys_begin(struct tt_keys_trial *trial, const struct tt_keys *keys, struct tt_items list, bool running, double budget);

/*
 * The next key that makes text of the first bytes of the list, and signs of names of most of them; NULL at the end.  *work grows by what that took.
 */
const struct tt_str *tt_keys_next(struct tt_keys_trial *trial, uint64_t *work);

#endif
