/* SPDX-License-Identifier: Apache-2.0 */
/* What an inspection finds in bytes in memory. */
#ifndef TT_TESTS_INSPECTED_H
#define TT_TESTS_INSPECTED_H

#include "test.h"

#include "inspect/inspect.h"

/*
 * Inspects bytes as a file named uri, with the rules of YARA; fails the test on trouble.  Where a line of "======" divides them, the first part
 * is an older version of the second one, and what differs is in found as well.  Free with tt_found_free.
 */
void inspect(struct tt_found *found, const char *uri, struct tt_str bytes);

/* The name that a piece of a program would have. */
const char *inspected_name(struct tt_str bytes);

/* The n-th finding of the rule, or NULL. */
const struct tt_finding *inspected_get(const struct tt_found *found, const char *rule, size_t n);

/* The text fact of that key, or an empty string. */
struct tt_str inspected_fact(const struct tt_finding *finding, const char *key);

#endif
