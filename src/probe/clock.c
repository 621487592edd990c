/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tracer of clock control; see clock.h, ptrace(2) and seccomp(2).
 *
 * It keeps nothing about single tracees: every stop says all that is needed, so any number of threads, forks and programs costs no memory.  A stop whose
 * tracee dies meanwhile makes calls here fail with ESRCH, which is why most results do not matter.
 */
#include "probe/clock.h"
#include "probe/clock_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NS INT64_C(1000000000)
#define SOON 60 /* seconds that the slowest machine needs from a start to the first look at the time */

#define OPTIONS                                                                                                    \
    (PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACESECCOMP | \
     PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)

int64_t
tt_clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS + now.tv_nsec;
}

const char *
tt_clock_lacks(void)
{
    char scope = '0';
    int fd = open("/proc/sys/kernel/yama/ptrace_scope", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        scope = read(fd, &scope, 1) == 1 ? scope : '0';
        close(fd);
    }
    if (!TT_CLOCK_BUILT) {
        return "clock control is made for x86-64 processors only";
    }
    return scope == '3' ? "tracing is switched off until the next boot (sysctl kernel.yama.ptrace_scope is 3)" : NULL;
}

/* Asked of the kernel itself, because this process may still have a vDSO. */
bool
tt_clock_holds(int64_t instant)
{
    struct timespec fine = {0, 0}, coarse = {0, 0};
    struct timeval old = {0, 0};
    bool told = syscall(SYS_clock_gettime, CLOCK_REALTIME, &fine) == 0 &&
                syscall(SYS_clock_gettime, CLOCK_REALTIME_COARSE, &coarse) == 0 && syscall(SYS_gettimeofday, &old, NULL) == 0;
    int64_t times[] = {fine.tv_sec, coarse.tv_sec, old.tv_sec};
    for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
        told = told && times[i] >= instant && times[i] < instant + SOON;
    }
    return told;
}

bool
tt_clock_seize(struct tt_clock *clock, pid_t pid, int64_t instant)
{
    *clock = (struct tt_clock) {.instant = instant};
    if (ptrace(PTRACE_SEIZE, pid, NULL, (void *) (uintptr_t) OPTIONS) != 0) {
        return false;
    }
    clock->start_ns = tt_clock_now();
    return true;
}

struct timespec
tt_clock_time(const struct tt_clock *clock)
{
    int64_t passed = tt_clock_now() - clock->start_ns;
    return (struct timespec) {.tv_sec = clock->instant + passed / NS, .tv_nsec = passed % NS};
}

/* Seized tracees stop with the signal of job control itself; then they must stay stopped until SIGCONT, yet be heard. */
static bool
is_group_stop(int sig)
{
    return sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
}

/* Before a call that the filter stopped.  How it goes on: until the next stop, or until the call's end. */
static int
take_call(struct tt_clock *clock, pid_t pid)
{
    if (tt_clock_answer(clock, pid)) {
        clock->calls++;
        return PTRACE_CONT;
    }
    return tt_clock_wait_begins(clock, pid) ? PTRACE_SYSCALL : PTRACE_CONT;
}

/* Is it still there to be asked?  One that was killed in its first moment has seen no time. */
static bool
is_stopped(pid_t pid)
{
    unsigned long message;
    return ptrace(PTRACE_GETEVENTMSG, pid, NULL, &message) == 0 || errno != ESRCH;
}

void
tt_clock_stop(struct tt_clock *clock, pid_t pid, int status)
{
    int sig = WSTOPSIG(status), event = status >> 16;
    int deliver = 0, go_on = PTRACE_CONT;
    if (event == PTRACE_EVENT_SECCOMP) {
        go_on = take_call(clock, pid);
    } else if (event == PTRACE_EVENT_EXEC) {
        clock->missed += !tt_clock_take_vdso(pid) && is_stopped(pid);
    } else if (event == PTRACE_EVENT_STOP && is_group_stop(sig)) {
        go_on = PTRACE_LISTEN;
    } else if (event == 0 && sig == (SIGTRAP | 0x80)) {
        tt_clock_wait_ends(clock, pid);
    } else if (event == 0) {
        deliver = sig;
    }
    (void) ptrace(go_on, pid, NULL, (void *) (uintptr_t) deliver);
}
