/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run that shows nothing, in words for a person.
 */
#ifndef TT_PROBE_FAILED_H
#define TT_PROBE_FAILED_H

#include "probe/capture.h"

/* How it ended: "it exited with 7; its last words: no such file". */
void tt_failed_add_end(struct tt_buf *out, const struct tt_capture *capture);

/* The same for the first run of a probe, with what the client tried. */
void tt_failed_explain(struct tt_buf *out, const struct tt_capture *capture);

#endif
