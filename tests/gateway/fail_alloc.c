/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into nginx: fails one request for memory of a worker, the one that a test asks for.
 *
 * The file that TT_FAIL_FILE names holds two numbers: how many requests still succeed (-1: all), and how many were made since the test
 * wrote them.  The test writes while the worker waits, and reads when it waits again.  Only requests for memory that the module or nginx
 * makes for a client are counted, because nothing else happens then.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static volatile long *numbers;
static void *(*real_malloc)(size_t);
static void *(*real_realloc)(void *, size_t);
static int (*real_posix_memalign)(void **, size_t, size_t);

__attribute__((constructor)) static void
prepare(void)
{
    const char *name = getenv("TT_FAIL_FILE");
    int fd = name ? open(name, O_RDWR) : -1;
    *(void **) &real_malloc = dlsym(RTLD_NEXT, "malloc");
    *(void **) &real_realloc = dlsym(RTLD_NEXT, "realloc");
    *(void **) &real_posix_memalign = dlsym(RTLD_NEXT, "posix_memalign");
    if (fd >= 0) {
        void *at = mmap(NULL, 2 * sizeof(long), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        numbers = at == MAP_FAILED ? NULL : at;
        close(fd);
    }
}

/* Is it this one?  Each number is tried once, so what comes after the failure succeeds again. */
static int
fails(void)
{
    if (!numbers || numbers[0] < 0) {
        return 0;
    }
    numbers[1]++;
    return numbers[0]-- == 0;
}

void *
malloc(size_t size)
{
    if (!real_malloc) {
        prepare();
    }
    if (fails()) {
        errno = ENOMEM;
        return NULL;
    }
    return real_malloc(size);
}

void *
realloc(void *ptr, size_t size)
{
    if (!real_realloc) {
        prepare();
    }
    if (fails()) {
        errno = ENOMEM;
        return NULL;
    }
    return real_realloc(ptr, size);
}

int
posix_memalign(void **out, size_t alignment, size_t size)
{
    if (!real_posix_memalign) {
        prepare();
    }
    return fails() ? ENOMEM : real_posix_memalign(out, alignment, size);
}
