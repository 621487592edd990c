/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page for a browser: the request of the baseline with what depends on factors in their colours, and every dependence line under line.
 */
#ifndef TT_PROBE_PAGE_H
#define TT_PROBE_PAGE_H

#include "probe/findings.h"

/* One file without scripts and without anything from elsewhere.  Captures are read from view->runs; what cannot be read is left out. */
enum tt_status tt_probe_page(const struct tt_probe_view *view, const struct tt_alloc *alloc, struct tt_buf *out) TT_MUST_USE;

#endif
