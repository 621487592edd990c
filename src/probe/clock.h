/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clock control: a client and all its descendants see a time that starts at an instant and then goes on as usual.
 *
 * Process 1 of the box traces them (ptrace(2), seized, so that signals and job control stay as they are).  When a program starts, the vDSO is taken from
 * its auxiliary vector, so that it asks the kernel for the time; a seccomp filter stops it there, and the answer is written by the tracer.  That holds
 * for static and dynamic programs of any language.  Everything else runs at full speed.
 *
 * Not covered: times of files, the counter of the processor (rdtsc), and what follows from /proc.
 */
#ifndef TT_PROBE_CLOCK_H
#define TT_PROBE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct tt_clock {
    int64_t instant;  /* Unix seconds */
    int64_t start_ns; /* of the monotonic clock, when the client started */
    uint64_t calls;   /* answered */
    uint64_t missed;  /* programs whose vDSO could not be taken */
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

#endif
