/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies without their content coding.
 */
#ifndef TT_PROBE_MOCK_DECODE_H
#define TT_PROBE_MOCK_DECODE_H

#include "base/buf.h"
#include "probe/capture.h"

/*
 * Appends what body says to out, which is empty; its maximum is the limit.  TT_E_INPUT: broken, cut off, or followed by anything.  TT_E_LIMIT: too large.
 * TT_E_UNSUPPORTED: a coding that is not read here, or its library is not there.  TT_E_MEMORY.
 */
enum tt_status tt_mock_decode(enum tt_exchange_coding coding, struct tt_str body, struct tt_buf *out) TT_MUST_USE;

#endif
