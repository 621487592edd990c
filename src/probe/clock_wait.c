/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waits until a time of day, for clock control; see futex(2), clock_nanosleep(2) and timerfd_settime(2).
 *
 * The client says when in its own time, the kernel waits in the machine's.  For the time of the call the deadline in the client's memory is moved by the
 * difference; behind the call, also one that a signal interrupts, the client finds its own value again.  A call for which there is no room waits until
 * its own value in the machine's time, which for an instant in the past has gone.
 */
#include "probe/clock_parts.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <unistd.h>

#define NS INT64_C(1000000000)

/* ---- threads that wait ---- */

/* The thread's entry, or a free one; NULL: all are in use. */
static struct tt_clock_wait *
find(struct tt_clock *clock, pid_t pid)
{
    struct tt_clock_wait *free_one = clock->wait_count < TT_CLOCK_WAITS_MAX ? &clock->waits[clock->wait_count] : NULL;
    for (size_t i = 0; i < clock->wait_count; i++) {
        if (clock->waits[i].pid == pid) {
            return &clock->waits[i];
        }
        if (clock->waits[i].pid == 0) {
            free_one = &clock->waits[i];
        }
    }
    return free_one;
}

void
tt_clock_forget(struct tt_clock *clock, pid_t pid)
{
    for (size_t i = 0; i < clock->wait_count; i++) {
        if (clock->waits[i].pid == pid) {
            clock->waits[i].pid = 0;
        }
    }
    while (clock->wait_count > 0 && clock->waits[clock->wait_count - 1].pid == 0) {
        clock->wait_count--;
    }
}

void
tt_clock_wait_ends(struct tt_clock *clock, pid_t pid)
{
    struct tt_clock_wait *wait = find(clock, pid);
    if (wait && wait->pid == pid) {
        (void) tt_clock_write(pid, wait->address, wait->deadline, sizeof(wait->deadline));
    }
    tt_clock_forget(clock, pid);
}

/* ---- deadlines ---- */

#ifdef __x86_64__

/* Does this descriptor of the tracee's count the time of day?  /proc/PID/fdinfo says "clockid: 0". */
static bool
is_timer_of_day(pid_t pid, unsigned descriptor)
{
    char path[64], text[512];
    snprintf(path, sizeof(path), "/proc/%d/fdinfo/%u", (int) pid, descriptor);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
    if (fd >= 0) {
        close(fd);
    }
    text[n > 0 ? n : 0] = '\0';
    const char *id = strstr(text, "clockid:");
    return id && strtol(id + 8, NULL, 10) == CLOCK_REALTIME;
}

/* Where the call's deadline lies; 0: it has none, or none of the time of day.  The filter has already looked at flags and clocks. */
static uint64_t
address_of_deadline(pid_t pid, const struct user_regs_struct *regs)
{
    switch (regs->orig_rax) {
    case SYS_futex: return regs->r10;
    case SYS_clock_nanosleep: return regs->rdx;
    case SYS_timerfd_settime:
        return regs->rdx && is_timer_of_day(pid, (unsigned) regs->rdi) ? regs->rdx + sizeof(struct timespec) : 0;
    default: return 0;
    }
}

/* A timer of 0 is switched off, and what is no time is the kernel's to refuse. */
static bool
move(const struct tt_clock *clock, const uint64_t deadline[2], uint64_t moved[2])
{
    struct timespec machine, client = tt_clock_time(clock);
    int64_t seconds = (int64_t) deadline[0], ns = (int64_t) deadline[1];
    clock_gettime(CLOCK_REALTIME, &machine);
    if (seconds < 0 || seconds > INT64_MAX / NS / 2 || ns < 0 || ns >= NS || (seconds == 0 && ns == 0)) {
        return false;
    }
    seconds += machine.tv_sec - client.tv_sec;
    ns += machine.tv_nsec - client.tv_nsec;
    seconds += ns >= NS ? 1 : ns < 0 ? -1 : 0;
    ns += ns >= NS ? -NS : ns < 0 ? NS : 0;
    moved[0] = (uint64_t) (seconds > 0 ? seconds : 0);
    moved[1] = (uint64_t) ns;
    return true;
}

bool
tt_clock_wait_begins(struct tt_clock *clock, pid_t pid)
{
    struct user_regs_struct regs;
    struct tt_clock_wait *wait = find(clock, pid);
    uint64_t moved[2];
    if (!wait || ptrace(PTRACE_GETREGS, pid, NULL, &regs) != 0) {
        return false;
    }
    uint64_t address = address_of_deadline(pid, &regs);
    if (address == 0 || !tt_clock_read(pid, address, wait->deadline, sizeof(wait->deadline)) ||
        !move(clock, wait->deadline, moved) || !tt_clock_write(pid, address, moved, sizeof(moved))) {
        return false;
    }
    wait->pid = pid;
    wait->address = address;
    if (wait == &clock->waits[clock->wait_count]) {
        clock->wait_count++;
    }
    return true;
}

#else

bool
tt_clock_wait_begins(struct tt_clock *clock, pid_t pid)
{
    (void) clock;
    (void) pid;
    return false;
}

#endif
