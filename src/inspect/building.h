/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places where a program builds strings, near a token.
 */
#ifndef TT_INSPECT_BUILDING_H
#define TT_INSPECT_BUILDING_H

#include "inspect/view.h"

#define TT_BUILDING_REACH 120 /* tokens to either side that are looked at */

struct tt_building {
    const char *how; /* "template"; NULL: none is near */
    size_t token;    /* where */
    size_t distance; /* tokens */
};

/* The nearest place to a token where a string is built. */
struct tt_building tt_building_near(const struct tt_view *view, size_t token);

#endif
