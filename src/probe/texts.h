/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of data/probe and data/clients as they are, through data/gen/texts.py: what a probe varies, and how clients are started.
 */
#ifndef TT_PROBE_TEXTS_H
#define TT_PROBE_TEXTS_H

#include "base/str.h"

struct tt_probe_text {
    struct tt_str name; /* "factors.txt", "qwen.json" */
    struct tt_str text;
};

/* Ordered by name. */
extern const struct tt_probe_text tt_probe_texts[];
extern const size_t tt_probe_text_count;

#endif
