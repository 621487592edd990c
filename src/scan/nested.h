/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request inside a string: the body that a capture (HAR, a proxy's log) keeps as text.  Its strings are read for template sites as those of a
 * request of its own are.
 */
#ifndef TT_SCAN_NESTED_H
#define TT_SCAN_NESTED_H

#include "marks/sites.h"
#include "scan/siblings.h"
#include "json/path.h"

struct tt_nested {
    const struct tt_kernels *kernels;
    struct tt_site_reader sites;
    struct tt_json_path path;
    struct tt_siblings siblings;
    struct tt_buf name, text; /* a key and a string, decoded */
};

/* Free it also when init failed. */
enum tt_status tt_nested_init(struct tt_nested *nested, const struct tt_alloc *alloc,
                              const struct tt_kernels *kernels) TT_MUST_USE;
void tt_nested_free(struct tt_nested *nested);

/* Could text be an object in JSON?  Cheap. */
bool tt_nested_is(struct tt_str text);

/*
 * Reads the document.  Offsets of what is seen are those in text.  Where text breaks the grammar, reading ends: it was no document.
 */
enum tt_status tt_nested_look(struct tt_nested *nested, struct tt_str text, tt_site_fn *seen, void *ctx) TT_MUST_USE;

#endif
