/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the processes of a box use together.
 */
#ifndef TT_PROBE_BOX_WATCH_H
#define TT_PROBE_BOX_WATCH_H

#include <stdint.h>

struct tt_box_use {
    uint64_t kb;    /* memory of their own, and the largest part that they share */
    unsigned tasks; /* processes and threads, without process 1 */
};

/* Adds up what /proc of the box shows; stops counting beyond tasks_max. */
struct tt_box_use tt_box_watch(unsigned tasks_max);

#endif
