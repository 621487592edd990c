/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readers turn the bytes of an input into fields.  One const struct a format, listed in reader.c; the first that accepts an
 * input gets it, and plain text accepts everything.
 *
 * A reader is fed pieces of any size and keeps a window of bounded size, so inputs of any length pass through.
 */
#ifndef TT_SCAN_READER_H
#define TT_SCAN_READER_H

#include "scan/field.h"

struct tt_input; /* the state of one input in a reader */

struct tt_reader {
    const char *name;
    /* Is this input of my format?  head is its beginning, whole if complete. */
    bool (*accepts)(struct tt_str uri, struct tt_str head, bool complete, const struct tt_kernels *kernels);
    enum tt_status (*feed)(struct tt_input *input, struct tt_str piece);
    enum tt_status (*end)(struct tt_input *input);
};

extern const struct tt_reader tt_reader_json, tt_reader_text, tt_reader_binary;

/* What readers need, kept by a worker from one input to the next. */
struct tt_input {
    struct tt_scan_fields fields;
    struct tt_buf store;       /* the window, behind bytes that were dropped from it */
    struct tt_buf widths;      /* of the bytes of store, if the input is in another encoding (encoding.h) */
    const uint8_t *fed_widths; /* of the piece that is fed; NULL: the input is UTF-8 */
    struct tt_str window;      /* bytes not yet done with, and context; at most TT_WINDOW_SIZE */
    struct tt_cursor cursor;   /* over the window */
    bool whole;                /* what is fed is all of the input and outlives it, so that the window need be no copy */
    size_t valid_head;         /* bytes of the input, from its start, that are known to be UTF-8; of account until it is begun */
    size_t searched;           /* bytes of the window whose marks have been reported */
    bool begun;                /* the window no longer starts at the input's start */
    bool rest_of_json;         /* what is plain text now was JSON before it broke the grammar */
    uint64_t bad_count;        /* places that are not UTF-8 */
    struct tt_position bad_at; /* the first of them */
    bool binary;               /* only runs of text are searched, and what is between them is no trouble */
    struct tt_json_input *json;
};

enum tt_status tt_input_init(struct tt_input *input, const struct tt_alloc *alloc, const struct tt_kernels *kernels) TT_MUST_USE;
void tt_input_free(struct tt_input *input);

/* The next input begins; its findings go to file. */
void tt_input_begin(struct tt_input *input, struct tt_scan_file *file);

/* Chooses the reader of a text by name and beginning. */
const struct tt_reader *tt_reader_choose(struct tt_str uri, struct tt_str head, bool complete, const struct tt_kernels *kernels);

/* Why the input that begins so is no text, or NULL; static.  *valid: bytes of head that are known to be UTF-8. */
const char *tt_reader_binary_why(struct tt_str head, const struct tt_kernels *kernels, size_t *valid);

/* Plain text, also used by other readers for what their format does not explain. */
enum tt_status tt_text_feed(struct tt_input *input, struct tt_str piece) TT_MUST_USE;
enum tt_status tt_text_end(struct tt_input *input) TT_MUST_USE;

/* Searches the first limit bytes of the window as plain text that ends there, and drops them. */
enum tt_status tt_text_take(struct tt_input *input, size_t limit) TT_MUST_USE;

/* Counts a place of the window that is not UTF-8, unless an earlier search has; the first is named when the input ends. */
void tt_text_count_bad(struct tt_input *input, size_t pos);

/* Searches as much of a full window as may be searched and makes room. */
enum tt_status tt_text_slide(struct tt_input *input) TT_MUST_USE;

/* How far a full window may be searched; where its context then begins; and its length without a character cut at its end. */
size_t tt_text_limit(struct tt_str window);
size_t tt_text_context(struct tt_str window, size_t limit);
size_t tt_text_whole(struct tt_str window);

/* Moves bytes from piece to the window until the one is empty or the other full.  Of a whole input the piece becomes the window. */
enum tt_status tt_input_fill(struct tt_input *input, struct tt_str *piece) TT_MUST_USE;

static inline bool
tt_input_is_full(const struct tt_input *input)
{
    return input->window.len == TT_WINDOW_SIZE;
}

/* Forgets the first n bytes of the window. */
void tt_input_drop(struct tt_input *input, size_t n);

struct tt_json_input *tt_json_input_new(const struct tt_alloc *alloc);
void tt_json_input_free(struct tt_json_input *json, const struct tt_alloc *alloc);
void tt_json_input_begin(struct tt_input *input);

#endif
