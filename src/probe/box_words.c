/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words and tables of the box; see box.h.
 */
#include "probe/box_parts.h"

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

bool
tt_box_path_plain(char out[TT_BOX_PATH_MAX], const char *path)
{
    size_t length = 0;
    for (; *path && length < TT_BOX_PATH_MAX - 1; path++) {
        if (*path != '/' || (path[1] != '/' && path[1] != '\0')) {
            out[length++] = *path;
        }
    }
    out[length] = '\0';
    return *path == '\0';
}
