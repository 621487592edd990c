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

/* Memory of a tracee, as far as it could read or write it itself. */
bool tt_clock_read(pid_t pid, uint64_t address, void *bytes, size_t size);
bool tt_clock_write(pid_t pid, uint64_t address, const void *bytes, size_t size);

/* The client's time now. */
struct timespec tt_clock_time(const struct tt_clock *clock);

/* The tracee stands before a call that asks for the time: answers it instead of the kernel.  Was it one? */
bool tt_clock_answer(const struct tt_clock *clock, pid_t pid);

/* The tracee stands before a wait for a time of day: moves its deadline.  True: it must stop again behind the call. */
bool tt_clock_wait_begins(struct tt_clock *clock, pid_t pid);

/* It stands behind that call. */
void tt_clock_wait_ends(struct tt_clock *clock, pid_t pid);

/* The tracee has just started a program: hides the vDSO from it. */
bool tt_clock_take_vdso(pid_t pid);

#endif
