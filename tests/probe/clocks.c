/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client that tells the time in every way it can, for tests of the box's clock.
 *
 *     clocks plain | threads | fork | vfork | spawn | deadlines | signals | stop | many
 *
 * Each answer is a line "NAME SECONDS"; what is no time is a line "ok NAME" or "not ok NAME".
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS 8
#define MANY 2000

extern char **environ;

static void
tell(const char *name, long long seconds)
{
    char line[96];
    int n = snprintf(line, sizeof(line), "%s %lld\n", name, seconds);
    (void) !write(1, line, (size_t) n);
}

static void
check(const char *name, bool good)
{
    char line[96];
    int n = snprintf(line, sizeof(line), "%s %s\n", good ? "ok" : "not ok", name);
    (void) !write(1, line, (size_t) n);
}

static void
tell_clock(const char *name, clockid_t id)
{
    struct timespec now = {0, 0};
    tell(name, clock_gettime(id, &now) == 0 ? (long long) now.tv_sec : -1);
}

static void
tell_all(void)
{
    struct timeval tv = {0, 0};
    struct timespec ts = {0, 0}, before = {0, 0};
    time_t stored = 0;
    tell("time", (long long) time(&stored));
    tell("time-stored", (long long) stored);
    tell("gettimeofday", gettimeofday(&tv, NULL) == 0 ? (long long) tv.tv_sec : -1);
    tell_clock("realtime", CLOCK_REALTIME);
    tell_clock("coarse", CLOCK_REALTIME_COARSE);
    tell_clock("tai", CLOCK_TAI);
    tell("timespec_get", timespec_get(&ts, TIME_UTC) == TIME_UTC ? (long long) ts.tv_sec : -1);
    tell("raw-clock_gettime", syscall(SYS_clock_gettime, CLOCK_REALTIME, &ts) == 0 ? (long long) ts.tv_sec : -1);
    tell("raw-gettimeofday", syscall(SYS_gettimeofday, &tv, NULL) == 0 ? (long long) tv.tv_sec : -1);
    tell("raw-time", (long long) syscall(SYS_time, NULL));
    check("bad pointer", syscall(SYS_clock_gettime, CLOCK_REALTIME, (void *) 8) == -1 && errno == EFAULT);
    check("no pointer", syscall(SYS_gettimeofday, NULL, NULL) == 0);
    clock_gettime(CLOCK_MONOTONIC, &before);
    clock_gettime(CLOCK_MONOTONIC, &ts);
    check("monotonic goes on", ts.tv_sec > before.tv_sec || (ts.tv_sec == before.tv_sec && ts.tv_nsec >= before.tv_nsec));
}

/* ---- threads and processes ---- */

static void *
tell_in_thread(void *name)
{
    tell_clock(name, CLOCK_REALTIME);
    return NULL;
}

static void
run_threads(void)
{
    pthread_t threads[THREADS];
    char names[THREADS][16];
    for (int i = 0; i < THREADS; i++) {
        snprintf(names[i], sizeof(names[i]), "thread-%d", i);
        pthread_create(&threads[i], NULL, tell_in_thread, names[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
}

static void
await(pid_t pid, const char *name)
{
    int status = 0;
    check(name, waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void
run_fork(void)
{
    for (int i = 0; i < 4; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            tell_clock("child", CLOCK_REALTIME);
            if (fork() == 0) {
                tell_clock("grandchild", CLOCK_REALTIME);
                _exit(0);
            }
            wait(NULL);
            _exit(0);
        }
        await(pid, "fork");
    }
}

static void
run_vfork(char *self)
{
    char plain[] = "plain", *const words[] = {self, plain, NULL};
    pid_t pid = vfork();
    if (pid == 0) {
        execv("/proc/self/exe", words);
        _exit(1);
    }
    await(pid, "vfork");
}

static void
run_spawn(char *self)
{
    char plain[] = "plain", *const words[] = {self, plain, NULL};
    pid_t pid = -1;
    check("posix_spawn", posix_spawn(&pid, "/proc/self/exe", NULL, NULL, words, environ) == 0);
    await(pid, "spawn");
}

/* ---- deadlines: each lies half a second ahead in the client's own time ---- */

static struct timespec
half_a_second_ahead(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    now.tv_nsec += 500000000;
    now.tv_sec += now.tv_nsec / 1000000000;
    now.tv_nsec %= 1000000000;
    return now;
}

static double
elapsed(const struct timespec *since)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double) (now.tv_sec - since->tv_sec) + (double) (now.tv_nsec - since->tv_nsec) / 1e9;
}

/* The wait ended, and not before its time; one that takes the machine's time for the client's ends at once or never. */
static void
check_wait(const char *name, const struct timespec *since, const struct timespec *until, bool good)
{
    char text[64];
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(text, sizeof(text), "%s after %.1f s", name, elapsed(since));
    check(text, good && (now.tv_sec > until->tv_sec || (now.tv_sec == until->tv_sec && now.tv_nsec >= until->tv_nsec)));
}

static void
wait_for_condition(void)
{
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    struct timespec since, until = half_a_second_ahead();
    clock_gettime(CLOCK_MONOTONIC, &since);
    pthread_mutex_lock(&mutex);
    check_wait("condition", &since, &until, pthread_cond_timedwait(&condition, &mutex, &until) == ETIMEDOUT);
    pthread_mutex_unlock(&mutex);
}

static void
wait_for_semaphore(void)
{
    sem_t semaphore;
    struct timespec since, until = half_a_second_ahead();
    clock_gettime(CLOCK_MONOTONIC, &since);
    sem_init(&semaphore, 0, 0);
    check_wait("semaphore", &since, &until, sem_timedwait(&semaphore, &until) == -1 && errno == ETIMEDOUT);
}

static void
wait_for_sleep(void)
{
    struct timespec since, until = half_a_second_ahead();
    clock_gettime(CLOCK_MONOTONIC, &since);
    check_wait("sleep", &since, &until, clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, NULL) == 0);
}

static void
wait_for_timer(void)
{
    uint64_t count = 0;
    struct timespec since, until = half_a_second_ahead();
    struct itimerspec timer = {{0, 0}, until};
    int fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC);
    clock_gettime(CLOCK_MONOTONIC, &since);
    bool set = fd >= 0 && timerfd_settime(fd, TFD_TIMER_ABSTIME, &timer, NULL) == 0;
    check_wait("timer", &since, &until, set && read(fd, &count, sizeof(count)) == (ssize_t) sizeof(count));
}

static volatile sig_atomic_t taken;

static void
take(int sig)
{
    taken += sig == SIGUSR1 || sig == SIGALRM;
}

/* Signals cut the wait in pieces; the deadline must be the same before each. */
static void
wait_in_pieces(void)
{
    struct timespec since, until = half_a_second_ahead(), before = until;
    struct itimerval often = {{0, 30000}, {0, 30000}}, never = {{0, 0}, {0, 0}};
    struct sigaction action;
    int result;
    memset(&action, 0, sizeof(action));
    action.sa_handler = take;
    sigaction(SIGALRM, &action, NULL);
    clock_gettime(CLOCK_MONOTONIC, &since);
    setitimer(ITIMER_REAL, &often, NULL);
    do {
        result = clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, NULL);
    } while (result == EINTR);
    setitimer(ITIMER_REAL, &never, NULL);
    check_wait("sleep in pieces", &since, &until,
               result == 0 && taken > 2 && until.tv_sec == before.tv_sec && until.tv_nsec == before.tv_nsec);
}

static void *
wait_in_thread(void *none)
{
    wait_for_condition();
    return none;
}

static void
wait_in_threads(void)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, wait_in_thread, NULL);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
}

static void
run_deadlines(void)
{
    wait_in_pieces();
    wait_in_threads();
    wait_for_condition();
    wait_for_semaphore();
    wait_for_sleep();
    wait_for_timer();
}

/* ---- signals ---- */

static void
run_signals(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = take;
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGALRM, &action, NULL);
    for (int i = 0; i < 100; i++) {
        raise(SIGUSR1);
        (void) time(NULL);
    }
    sigset_t alarm_only, before;
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    sigprocmask(SIG_BLOCK, &alarm_only, &before); /* so that it cannot come before the wait */
    ualarm(20000, 0);
    sigsuspend(&before);
    sigprocmask(SIG_SETMASK, &before, NULL);
    check("signals", taken == 101);
    pid_t pid = fork();
    if (pid == 0) {
        abort();
    }
    int status = 0;
    check("death by a signal",
          waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && !WCOREDUMP(status));
    tell_clock("after", CLOCK_REALTIME);
}

/* A stopped child must stay stopped, be seen as stopped, and go on. */
static void
run_stop(void)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        raise(SIGSTOP);
        tell_clock("continued", CLOCK_REALTIME);
        _exit(7);
    }
    check("stopped", waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
    usleep(50000);
    check("stays stopped", waitpid(pid, &status, WNOHANG) == 0);
    kill(pid, SIGCONT);
    check("seen to go on", waitpid(pid, &status, WCONTINUED) == pid && WIFCONTINUED(status));
    check("ended", waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

static void
run_many(void)
{
    long long last = 0;
    for (int i = 0; i < MANY; i++) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        long long ns = (long long) now.tv_sec * 1000000000 + now.tv_nsec;
        if (ns < last) {
            check("never backwards", false);
            return;
        }
        last = ns;
    }
    check("never backwards", true);
}

int
main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "plain";
    if (strcmp(mode, "plain") == 0) {
        tell_all();
    } else if (strcmp(mode, "threads") == 0) {
        run_threads();
    } else if (strcmp(mode, "fork") == 0) {
        run_fork();
    } else if (strcmp(mode, "vfork") == 0) {
        run_vfork(argv[0]);
    } else if (strcmp(mode, "spawn") == 0) {
        run_spawn(argv[0]);
    } else if (strcmp(mode, "deadlines") == 0) {
        run_deadlines();
    } else if (strcmp(mode, "signals") == 0) {
        run_signals();
    } else if (strcmp(mode, "stop") == 0) {
        run_stop();
    } else if (strcmp(mode, "many") == 0) {
        run_many();
    }
    return 0;
}
