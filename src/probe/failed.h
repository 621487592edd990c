/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run that shows nothing, in words for a person.
 */
#ifndef TT_PROBE_FAILED_H
#define TT_PROBE_FAILED_H

#include "probe/capture.h"
#include "probe/design.h"

/* "run 12, proxy all-proxy: it exited with 7; its last words: no such file" */
void tt_failed_describe(struct tt_buf *out, const struct tt_design *design, const struct tt_run *run,
                        const struct tt_capture *capture);

/* "it exited with 7; its last words: no such file" */
void tt_failed_end(struct tt_buf *out, const struct tt_capture *capture);

/* How the first run of a probe ended, with what the client tried. */
void tt_failed_explain(struct tt_buf *out, const struct tt_capture *capture);

#endif
