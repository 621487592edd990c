/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names with wildcards, and versions in ranges.
 */
#ifndef TT_POLICY_VERSION_H
#define TT_POLICY_VERSION_H

#include "base/str.h"

/* Comparisons (< <= = >= >) divided by spaces; a version alone must be equal. */
bool tt_policy_range_valid(struct tt_str range);

/*
 * Does version fulfil every comparison?  *known is false when version is none that can be compared.  Versions are numbers
 * divided by dots, missing ones count as 0; what follows a '-' makes a version smaller, what follows a '+' is ignored.
 */
bool tt_policy_range_holds(struct tt_str range, struct tt_str version, bool *known);

/* '*' is any number of bytes, '?' one character.  Takes time of at most the product of the lengths. */
bool tt_policy_glob_matches(struct tt_str glob, struct tt_str name);

#endif
