/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the configuration needs to know of a keys file: which rates it names.  The keys themselves are read by the module.
 */
#ifndef TT_SERVE_KEYS_H
#define TT_SERVE_KEYS_H

#include "base/buf.h"
#include "base/limits.h"

/* A rate as nginx spells it: "10r/s". */
struct tt_serve_rate {
    char text[16];
    unsigned number;
};

struct tt_serve_rates {
    struct tt_serve_rate items[TT_SERVE_RATES_MAX]; /* in the order of the file */
    size_t count;
};

/* Reads the bytes of a keys file.  TT_E_INPUT, TT_E_LIMIT: *err says what is wrong, and where. */
enum tt_status tt_serve_rates_read(const struct tt_alloc *alloc, struct tt_str bytes, struct tt_serve_rates *rates,
                                   struct tt_error *err) TT_MUST_USE;

#endif
