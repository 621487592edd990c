/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client that behaves badly, for tests of the box's limits.
 *
 *     nuisance hang | stubborn | daemon SECONDS | bomb | threads | flood MB | hog MB | fill MB | crash | exit CODE
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define MB (1024UL * 1024)

static void
ignore_all(void)
{
    for (int i = 1; i < NSIG; i++) {
        signal(i, SIG_IGN);
    }
}

/* Two forks and a session of its own, deaf for signals; prints when it is there. */
static void
leave_daemon(unsigned seconds)
{
    int ends[2];
    char byte;
    if (pipe(ends) != 0) {
        return;
    }
    if (fork() == 0) {
        setsid();
        if (fork() == 0) {
            ignore_all();
            (void) !write(ends[1], "x", 1);
            sleep(seconds);
            (void) !write(1, "late\n", 5);
            _exit(0);
        }
        _exit(0);
    }
    close(ends[1]);
    (void) !read(ends[0], &byte, 1);
}

static void
bomb(void)
{
    for (;;) {
        (void) !fork();
    }
}

static void *
sleep_long(void *none)
{
    sleep(1000);
    return none;
}

static void
make_threads(void)
{
    pthread_t thread;
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    for (;;) {
        if (pthread_create(&thread, &small, sleep_long, NULL) != 0) {
            usleep(1000);
        }
    }
}

static void
flood(unsigned long megabytes)
{
    char *piece = malloc(MB);
    memset(piece, 'x', MB);
    for (unsigned long i = 0; i < megabytes; i++) {
        for (size_t at = 0; at < MB;) {
            ssize_t n = write(1, piece + at, MB - at);
            if (n <= 0) {
                _exit(1);
            }
            at += (size_t) n;
        }
    }
    free(piece);
}

/* So that no compiler thinks it knows that the memory is never read. */
static char *volatile last;

/* In two processes, so that no single one is over the limit. */
static void
hog(unsigned long megabytes)
{
    pid_t other = fork();
    for (unsigned long i = 0; i < megabytes / 2; i++) {
        char *piece = malloc(MB);
        if (piece) {
            memset(piece, (int) i, MB);
            last = piece;
        }
    }
    (void) other;
    sleep(1000);
}

static void
fill(unsigned long megabytes)
{
    static char piece[65536];
    int fd = open("/tmp/fill", O_WRONLY | O_CREAT, 0600);
    signal(SIGXFSZ, SIG_IGN);
    for (unsigned long i = 0; i < megabytes * 16; i++) {
        if (write(fd, piece, sizeof(piece)) != (ssize_t) sizeof(piece)) {
            printf("full after %lu MB: %s\n", i / 16, strerror(errno));
            return;
        }
    }
    printf("all written\n");
}

int
main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "exit";
    unsigned long number = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    if (strcmp(what, "hang") == 0) {
        pause();
    } else if (strcmp(what, "stubborn") == 0) {
        ignore_all();
        for (;;) {
            sleep(1);
        }
    } else if (strcmp(what, "daemon") == 0) {
        leave_daemon((unsigned) number);
    } else if (strcmp(what, "bomb") == 0) {
        bomb();
    } else if (strcmp(what, "threads") == 0) {
        make_threads();
    } else if (strcmp(what, "flood") == 0) {
        flood(number);
    } else if (strcmp(what, "hog") == 0) {
        hog(number);
    } else if (strcmp(what, "fill") == 0) {
        fill(number);
    } else if (strcmp(what, "crash") == 0) {
        abort();
    }
    return (int) number * (strcmp(what, "exit") == 0);
}
