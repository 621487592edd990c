/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A clock that a test can step, loaded into a program before the C library (LD_PRELOAD).
 *
 * TT_STEP_CLOCK names a file of eight bytes: how many seconds the time of day differs from the machine's.  It is mapped when the program begins,
 * since nginx forgets its environment; who writes it steps the clock of all who map it.  Monotonic time stays as it is.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const _Atomic int64_t *shift;

__attribute__((constructor)) static void
map_shift(void)
{
    const char *path = getenv("TT_STEP_CLOCK");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *map = fd >= 0 ? mmap(NULL, sizeof(*shift), PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (map == MAP_FAILED) {
        perror("TT_STEP_CLOCK");
        _exit(99);
    }
    close(fd);
    shift = map;
}

int
clock_gettime(clockid_t id, struct timespec *at)
{
    int failed = (int) syscall(SYS_clock_gettime, id, at);
    if (!failed && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
        at->tv_sec += shift ? *shift : 0;
    }
    return failed;
}

int
gettimeofday(struct timeval *restrict at, void *restrict zone)
{
    (void) zone;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    *at = (struct timeval) {now.tv_sec, now.tv_nsec / 1000};
    return 0;
}

time_t
time(time_t *at)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) {
        *at = now.tv_sec;
    }
    return now.tv_sec;
}
