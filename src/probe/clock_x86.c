/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers to calls for the time and the start of a program, on x86-64; see ptrace(2), vdso(7) and getauxval(3).
 *
 * Memory of a tracee is read and written as it could do itself: a bad pointer gives EFAULT, nothing else.
 */
#include "probe/clock_parts.h"

#include <errno.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>

#ifdef __x86_64__

#define NUMBER_AUXV_VDSO 33 /* AT_SYSINFO_EHDR */
#define NUMBER_AUXV_IGNORE 1
#define PAGE 4096
#define WORDS_MAX (1U << 20) /* of arguments, variables and the vector; the kernel allows fewer */

bool
tt_clock_read(pid_t pid, uint64_t address, void *bytes, size_t size)
{
    struct iovec to = {bytes, size}, from = {(void *) (uintptr_t) address, size};
    return process_vm_readv(pid, &to, 1, &from, 1, 0) == (ssize_t) size;
}

bool
tt_clock_write(pid_t pid, uint64_t address, const void *bytes, size_t size)
{
    struct iovec from = {(void *) (uintptr_t) bytes, size}, to = {(void *) (uintptr_t) address, size};
    return process_vm_writev(pid, &from, 1, &to, 1, 0) == (ssize_t) size;
}

/* ---- answers ---- */

static long
answer_timeval(pid_t pid, const struct user_regs_struct *regs, struct timespec now)
{
    uint64_t value[2] = {(uint64_t) now.tv_sec, (uint64_t) now.tv_nsec / 1000}, zone = 0;
    bool good = (regs->rdi == 0 || tt_clock_write(pid, regs->rdi, value, sizeof(value))) &&
                (regs->rsi == 0 || tt_clock_write(pid, regs->rsi, &zone, sizeof(zone)));
    return good ? 0 : -EFAULT;
}

static long
answer_timespec(pid_t pid, const struct user_regs_struct *regs, struct timespec now)
{
    uint64_t value[2] = {(uint64_t) now.tv_sec, (uint64_t) now.tv_nsec};
    return tt_clock_write(pid, regs->rsi, value, sizeof(value)) ? 0 : -EFAULT;
}

static long
answer_seconds(pid_t pid, const struct user_regs_struct *regs, struct timespec now)
{
    uint64_t value = (uint64_t) now.tv_sec;
    return regs->rdi == 0 || tt_clock_write(pid, regs->rdi, &value, sizeof(value)) ? (long) value : -EFAULT;
}

bool
tt_clock_answer(const struct tt_clock *clock, pid_t pid)
{
    struct user_regs_struct regs;
    struct timespec now = tt_clock_time(clock);
    long result;
    if (ptrace(PTRACE_GETREGS, pid, NULL, &regs) != 0) {
        return false;
    }
    switch (regs.orig_rax) {
    case SYS_clock_gettime: result = answer_timespec(pid, &regs, now); break;
    case SYS_gettimeofday: result = answer_timeval(pid, &regs, now); break;
    case SYS_time: result = answer_seconds(pid, &regs, now); break;
    default: return false;
    }
    regs.orig_rax = (unsigned long long) -1; /* the call is not made */
    regs.rax = (unsigned long long) result;
    return ptrace(PTRACE_SETREGS, pid, NULL, &regs) == 0;
}

/* ---- the start of a program ---- */

/* The words at the stack's top, read page by page. */
struct words {
    pid_t pid;
    uint64_t address; /* of the next word */
    uint64_t page[PAGE / 8];
    size_t at, count;
    bool broken;
};

static uint64_t
next_word(struct words *words)
{
    if (words->at == words->count) {
        size_t size = PAGE - words->address % PAGE;
        words->broken = words->broken || !tt_clock_read(words->pid, words->address, words->page, size);
        words->count = size / 8;
        words->at = 0;
    }
    words->address += 8;
    return words->broken ? 0 : words->page[words->at++];
}

/* Behind the number of arguments: the arguments, 0, the variables, 0, and pairs of number and value that end with number 0. */
bool
tt_clock_take_vdso(pid_t pid)
{
    struct user_regs_struct regs;
    if (ptrace(PTRACE_GETREGS, pid, NULL, &regs) != 0) {
        return true; /* it died */
    }
    struct words words = {.pid = pid, .address = regs.rsp};
    uint64_t arguments = next_word(&words), ignore = NUMBER_AUXV_IGNORE;
    for (uint64_t i = 0; i <= arguments && i < WORDS_MAX && !words.broken; i++) {
        (void) next_word(&words);
    }
    for (uint64_t i = 0; i < WORDS_MAX && next_word(&words) != 0; i++) {
    }
    for (uint64_t i = 0; i < WORDS_MAX && !words.broken; i++) {
        uint64_t number = next_word(&words);
        if (number == NUMBER_AUXV_VDSO) {
            return tt_clock_write(pid, words.address - 8, &ignore, sizeof(ignore));
        }
        if (number == 0) {
            break;
        }
        (void) next_word(&words);
    }
    return !words.broken || ptrace(PTRACE_GETREGS, pid, NULL, &regs) != 0; /* it died meanwhile */
}

#else

bool
tt_clock_answer(const struct tt_clock *clock, pid_t pid)
{
    (void) clock;
    (void) pid;
    return false;
}

bool
tt_clock_take_vdso(pid_t pid)
{
    (void) pid;
    return false;
}

#endif
