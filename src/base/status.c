/* SPDX-License-Identifier: Apache-2.0 */
/* Names of status codes, for messages. */
#include "base/status.h"

const char *
tt_status_name(enum tt_status code)
{
    switch (code) {
    case TT_OK: return "ok";
    case TT_E_MEMORY: return "out of memory";
    case TT_E_LIMIT: return "limit reached";
    case TT_E_INPUT: return "malformed input";
    case TT_E_UNSUPPORTED: return "not supported";
    case TT_E_IO: return "input or output failed";
    case TT_E_USAGE: return "wrong usage";
    case TT_E_INTERNAL: return "internal error";
    }
    return "unknown status";
}
