/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of the box that others show or iterate; see box.h.
 */
#include "probe/box.h"

/* http, https, two usual proxies, an alternative https, and DNS over TCP. */
const uint16_t tt_box_ports[TT_BOX_PORTS] = {80, 443, 3128, 8080, 8443, 53};

const char *
tt_box_cause_name(enum tt_box_cause cause)
{
    switch (cause) {
    case TT_BOX_EXITED: return "exited";
    case TT_BOX_SIGNALLED: return "signalled";
    case TT_BOX_NOT_FOUND: return "not-found";
    case TT_BOX_WALL: return "wall-limit";
    case TT_BOX_OVER_MEMORY: return "memory-limit";
    case TT_BOX_OVER_PROCESSES: return "process-limit";
    case TT_BOX_LOST: return "lost";
    default: return "unknown";
    }
}
