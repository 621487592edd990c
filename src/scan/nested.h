/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A document inside a string: the body that a capture (HAR, a proxy's log) keeps as text.  Its strings are fields of their own, and are read for
 * template sites as those of a request are.
 */
#ifndef TT_SCAN_NESTED_H
#define TT_SCAN_NESTED_H

#include "marks/sites.h"
#include "scan/siblings.h"
#include "json/path.h"

/* A key or a string of the document. */
struct tt_nested_string {
    size_t at;         /* of raw, in the text */
    struct tt_str raw; /* between the quotes */
    uint32_t flags;    /* enum tt_json_flag */
    struct tt_str path, role, type;
};

typedef enum tt_status tt_nested_fn(void *ctx, const struct tt_nested_string *string);

struct tt_nested {
    const struct tt_kernels *kernels;
    struct tt_site_reader sites;
    struct tt_json_path path;
    struct tt_siblings siblings;
    struct tt_json_form form;
    struct tt_buf name, text; /* a key and a string, decoded */
};

/* Free it also when init failed. */
enum tt_status tt_nested_init(struct tt_nested *nested, const struct tt_alloc *alloc,
                              const struct tt_kernels *kernels) TT_MUST_USE;
void tt_nested_free(struct tt_nested *nested);

/* Could text be an object in JSON?  Cheap. */
bool tt_nested_is(struct tt_str text);

/* Is it one, from its first byte to its last? */
bool tt_nested_is_document(const struct tt_nested *nested, struct tt_str text);

/*
 * Reads the document.  Offsets of what is seen are those in text.  string: called for each key and string; may be NULL.  Where text breaks
 * the grammar, reading ends: it was no document.
 */
enum tt_status tt_nested_look(struct tt_nested *nested, struct tt_str text, tt_site_fn *seen, tt_nested_fn *string,
                              void *ctx) TT_MUST_USE;

#endif
