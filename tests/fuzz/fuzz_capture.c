/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run.json of a probe from any bytes.
 *
 * Property: what is read is written in the one form, and that form is read as the same.
 */
#include "base/limits.h"
#include "probe/capture.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tt_capture first, second;
    struct tt_error err = {.msg = NULL};
    struct tt_buf once, twice;
    tt_capture_init(&first, &tt_alloc_libc);
    tt_capture_init(&second, &tt_alloc_libc);
    tt_buf_init(&once, &tt_alloc_libc, TT_PROBE_RUN_JSON_MAX);
    tt_buf_init(&twice, &tt_alloc_libc, TT_PROBE_RUN_JSON_MAX);
    if (tt_capture_parse(&first, tt_str_make(data, size), &err) == TT_OK) {
        tt_capture_format(&first, &once);
        if (tt_capture_parse(&second, tt_buf_str(&once), &err) != TT_OK) {
            abort();
        }
        tt_capture_format(&second, &twice);
        if (!tt_str_eq(tt_buf_str(&once), tt_buf_str(&twice))) {
            abort();
        }
    } else if (!err.msg) {
        abort();
    }
    tt_buf_free(&once);
    tt_buf_free(&twice);
    tt_capture_free(&first);
    tt_capture_free(&second);
    return 0;
}
