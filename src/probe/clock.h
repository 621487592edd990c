/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clock control: a client and all its descendants see a time that starts at an instant and then goes on as usual.
 *
 * Process 1 of the box traces them (ptrace(2), seized, so that signals and job control stay as they are).  When a program starts, the vDSO is taken from
 * its auxiliary vector, so that it asks the kernel for the time; a seccomp filter stops it there, and the answer is written by the tracer.  That holds
 * for static and dynamic programs of any language.  Waits until a time of day (futex, clock_nanosleep, timerfd_settime) are moved by the same difference.
 * Everything else runs at full speed.
 *
 * Not covered: times of files, the counter of the processor (rdtsc), and rarer waits, which end at once for an instant in the past.
 */
#ifndef TT_PROBE_CLOCK_H
#define TT_PROBE_CLOCK_H

#include "base/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A thread that waits for a deadline, which was moved to the machine's time for the call; behind it, it gets its own back. */
struct tt_clock_wait {
    pid_t pid; /* 0: free */
    uint64_t address;
    uint64_t deadline[2]; /* seconds and nanoseconds */
};

struct tt_clock {
    int64_t instant;  /* Unix seconds */
    int64_t start_ns; /* of the monotonic clock, when the client started */
    uint64_t calls;   /* answered */
    uint64_t missed;  /* programs whose vDSO could not be taken */
    size_t wait_count;
    struct tt_clock_wait waits[TT_CLOCK_WAITS_MAX]; /* the first wait_count may be in use */
};

/* Nanoseconds of the monotonic clock. */
int64_t tt_clock_now(void);

/* Can this machine do it?  The reason why not, or NULL. */
const char *tt_clock_lacks(void);

/* In a traced process: do all calls for the time tell the instant, or little later? */
bool tt_clock_holds(int64_t instant);

/* Takes the stopped-to-be client: it must wait until this returns, then install its filter and start.  False: errno. */
bool tt_clock_seize(struct tt_clock *clock, pid_t pid, int64_t instant);

/* A tracee has stopped with this status of waitpid: does what is to be done and lets it go on. */
void tt_clock_stop(struct tt_clock *clock, pid_t pid, int status);

/* A tracee has ended. */
void tt_clock_forget(struct tt_clock *clock, pid_t pid);

#endif
