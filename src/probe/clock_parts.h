/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of clock control that know the processor.
 */
#ifndef TT_PROBE_CLOCK_PARTS_H
#define TT_PROBE_CLOCK_PARTS_H

#include "probe/clock.h"

#include <time.h>

#ifdef __x86_64__
#define TT_CLOCK_BUILT true
#else
#define TT_CLOCK_BUILT false
#endif

/* The client's time now. */
struct timespec tt_clock_time(const struct tt_clock *clock);

/* The tracee stands before a call that asks for the time: answers it instead of the kernel.  Was it one? */
bool tt_clock_answer(const struct tt_clock *clock, pid_t pid);

/* The tracee has just started a program: hides the vDSO from it. */
bool tt_clock_take_vdso(pid_t pid);

#endif
