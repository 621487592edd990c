/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filter of system calls: what could reach past the namespaces, and what asks for the time; see seccomp(2) and Documentation/userspace-api/
 * seccomp_filter.rst.
 *
 * Namespaces shut in most of the kernel, but not all: some kinds of sockets (vsock) lead to the machine below whatever the network namespace is, the
 * kernel's keys can ask a name server through a program that the kernel starts outside, and io_uring opens sockets without this filter.  Such calls
 * fail as if the kernel had been built without them.
 */
#include "probe/box_parts.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>

#define PROGRAM_MAX 128

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#define OTHER_TABLE 0x40000000U /* calls of x32 have this bit */
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#define OTHER_TABLE 0x80000000U
#else
#error "name the processor's audit architecture here"
#endif

struct program {
    struct sock_filter steps[PROGRAM_MAX];
    unsigned short count;
};

static void
add(struct program *program, uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
    if (program->count < PROGRAM_MAX) {
        program->steps[program->count++] = (struct sock_filter) {.code = code, .jt = yes, .jf = no, .k = k};
    }
}

static void
load(struct program *program, size_t offset)
{
    add(program, BPF_LD | BPF_W | BPF_ABS, (uint32_t) offset, 0, 0);
}

/* Loads an argument of the call; the lower half is what the kernel looks at. */
static void
load_argument(struct program *program, unsigned number)
{
    load(program, offsetof(struct seccomp_data, args) + number * sizeof(uint64_t));
}

static void
end_with(struct program *program, uint32_t verdict)
{
    add(program, BPF_RET | BPF_K, verdict, 0, 0);
}

static void
judge_call(struct program *program, unsigned number, uint32_t verdict)
{
    add(program, BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1);
    end_with(program, verdict);
}

/* A call whose first argument decides: one verdict for the listed values, another for the rest. */
static void
judge_first(struct program *program, unsigned number, const uint32_t *values, uint8_t count, uint32_t listed, uint32_t rest)
{
    add(program, BPF_JMP | BPF_JEQ | BPF_K, number, 0, (uint8_t) (count + 3));
    load_argument(program, 0);
    for (uint8_t i = 0; i < count; i++) {
        add(program, BPF_JMP | BPF_JEQ | BPF_K, values[i], (uint8_t) (count - i), 0);
    }
    end_with(program, rest);
    end_with(program, listed);
}

/* Waits whose deadline is a time of day.  Those without one, which are by far the most, are not stopped. */
static void
judge_waits(struct program *program)
{
    add(program, BPF_JMP | BPF_JEQ | BPF_K, SYS_futex, 0, 6);
    load_argument(program, 1);
    add(program, BPF_JMP | BPF_JSET | BPF_K, FUTEX_CLOCK_REALTIME, 3, 0);
    add(program, BPF_ALU | BPF_AND | BPF_K, (uint32_t) FUTEX_CMD_MASK, 0, 0);
    add(program, BPF_JMP | BPF_JEQ | BPF_K, FUTEX_LOCK_PI, 1, 0);
    end_with(program, SECCOMP_RET_ALLOW);
    end_with(program, SECCOMP_RET_TRACE);

    add(program, BPF_JMP | BPF_JEQ | BPF_K, SYS_clock_nanosleep, 0, 6);
    load_argument(program, 0);
    add(program, BPF_JMP | BPF_JEQ | BPF_K, CLOCK_REALTIME, 0, 2);
    load_argument(program, 1);
    add(program, BPF_JMP | BPF_JSET | BPF_K, TIMER_ABSTIME, 1, 0);
    end_with(program, SECCOMP_RET_ALLOW);
    end_with(program, SECCOMP_RET_TRACE);

    add(program, BPF_JMP | BPF_JEQ | BPF_K, SYS_timerfd_settime, 0, 4);
    load_argument(program, 1);
    add(program, BPF_JMP | BPF_JSET | BPF_K, TFD_TIMER_ABSTIME, 1, 0);
    end_with(program, SECCOMP_RET_ALLOW);
    end_with(program, SECCOMP_RET_TRACE);
}

static void
judge_time(struct program *program)
{
    static const uint32_t clocks[] = {CLOCK_REALTIME, CLOCK_REALTIME_COARSE, CLOCK_REALTIME_ALARM, CLOCK_TAI};
    judge_first(program, SYS_clock_gettime, clocks, sizeof(clocks) / sizeof(*clocks), SECCOMP_RET_TRACE, SECCOMP_RET_ALLOW);
    judge_call(program, SYS_gettimeofday, SECCOMP_RET_TRACE);
#ifdef SYS_time
    judge_call(program, SYS_time, SECCOMP_RET_TRACE);
#endif
    judge_call(program, SYS_adjtimex, SECCOMP_RET_ERRNO | EPERM);
    judge_call(program, SYS_clock_adjtime, SECCOMP_RET_ERRNO | EPERM);
}

bool
tt_seal_filter(bool clock)
{
    static const uint32_t families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
    static const unsigned absent[] = {SYS_io_uring_setup, SYS_add_key, SYS_request_key, SYS_keyctl, SYS_bpf, SYS_perf_event_open};
    struct program program = {.count = 0};
    load(&program, offsetof(struct seccomp_data, arch));
    add(&program, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
    end_with(&program, SECCOMP_RET_ERRNO | ENOSYS);
    load(&program, offsetof(struct seccomp_data, nr));
    add(&program, BPF_JMP | BPF_JSET | BPF_K, OTHER_TABLE, 0, 1);
    end_with(&program, SECCOMP_RET_ERRNO | ENOSYS);
    if (clock) {
        judge_time(&program);
        judge_waits(&program);
    }
    for (size_t i = 0; i < sizeof(absent) / sizeof(*absent); i++) {
        judge_call(&program, absent[i], SECCOMP_RET_ERRNO | ENOSYS);
    }
    judge_call(&program, SYS_syslog, SECCOMP_RET_ERRNO | EPERM);
    judge_first(&program, SYS_socket, families, sizeof(families) / sizeof(*families), SECCOMP_RET_ALLOW,
                SECCOMP_RET_ERRNO | EAFNOSUPPORT);
    judge_first(&program, SYS_socketpair, families, sizeof(families) / sizeof(*families), SECCOMP_RET_ALLOW,
                SECCOMP_RET_ERRNO | EAFNOSUPPORT);
    end_with(&program, SECCOMP_RET_ALLOW);
    struct sock_fprog filter = {.len = program.count, .filter = program.steps};
    return program.count < PROGRAM_MAX && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
}
