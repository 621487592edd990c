/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules of YARA over files of packages, through libyara, which is loaded when a package is inspected.
 */
#ifndef TT_INSPECT_PATTERNS_H
#define TT_INSPECT_PATTERNS_H

#include "inspect/found.h"

struct tt_patterns;

/*
 * Compiles the rules of data/inspect, and those of more (the text of a file of the user's, or empty).  *out is NULL, and *why says why, when
 * libyara is not installed or the rules are wrong; why has room for size bytes.
 */
enum tt_status tt_patterns_open(struct tt_patterns **out, const struct tt_alloc *alloc, struct tt_str more, char *why,
                                size_t size) TT_MUST_USE;
void tt_patterns_close(struct tt_patterns *patterns);

/* Reports the rules that match the view. */
enum tt_status tt_patterns_look(const struct tt_patterns *patterns, struct tt_view *view) TT_MUST_USE;

#endif
