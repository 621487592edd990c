/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run of one command in a box: start, wait, watch, end; see box_parts.h, ptrace(2) and wait(2).
 *
 * Process 1 waits for everything that happens in the box, because it is the parent of all orphans and the tracer of all processes.  A timer interrupts
 * the wait for looks at the time, the memory and the caller.  When this function returns, nothing of the run is there any longer.
 */
#include "probe/box_parts.h"
#include "probe/box_watch.h"
#include "probe/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK_US 40000
#define MS INT64_C(1000000)

struct run {
    struct tt_box_inner *inner;
    const struct tt_box_run *what;
    struct tt_box_end *end;
    struct tt_clock clock;
    pid_t main;          /* the client; 0 when it has ended */
    int failure;         /* a pipe: errno of a program that could not be started */
    int64_t start, gone; /* ns; when the client ended */
    int64_t next_look;
    bool killed;
};

/* ---- the client's process ---- */

#define VARS_MAX 512

/* name=value in the list, in place of an earlier one of that name; value NULL: not there. */
static bool
set_var(char *list[VARS_MAX + 1], size_t *count, const char *name, const char *value)
{
    size_t length = strlen(name), at = 0;
    while (at < *count && !(strncmp(list[at], name, length) == 0 && list[at][length] == '=')) {
        at++;
    }
    if (!value) {
        if (at < *count) {
            list[at] = list[--*count];
        }
        return true;
    }
    if (at == VARS_MAX || asprintf(&list[at], "%s=%s", name, value) < 0) {
        return false;
    }
    *count += at == *count;
    return true;
}

/* The memory is given back by the start of the program. */
static bool
make_environment(const struct tt_box_settings *settings, char *list[VARS_MAX + 1])
{
    const struct tt_box_var usual[] = {
        {"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
        {"HOME", settings->home},
        {"USER", settings->user},
        {"LOGNAME", settings->user},
        {"SHELL", "/bin/sh"},
        {"PWD", settings->cwd},
        {"TERM", "dumb"},
        {"LANG", "C.UTF-8"},
        {"TZ", "UTC"},
    };
    size_t count = 0;
    for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++) {
        if (!set_var(list, &count, usual[i].name, usual[i].value)) {
            return false;
        }
    }
    for (size_t i = 0; i < settings->var_count; i++) {
        if (!set_var(list, &count, settings->vars[i].name, settings->vars[i].value)) {
            errno = E2BIG;
            return false;
        }
    }
    list[count] = NULL;
    return true;
}

/* execvpe with the PATH of the list instead of ours. */
static void
start_program(const char *const *argv, char *const *list)
{
    char path[TT_BOX_PATH_MAX], *const *words = (char *const *) (uintptr_t) argv;
    const char *folders = "";
    int error = ENOENT;
    if (strchr(argv[0], '/')) {
        execve(argv[0], words, list);
        return;
    }
    for (char *const *var = list; *var; var++) {
        folders = strncmp(*var, "PATH=", 5) == 0 ? *var + 5 : folders;
    }
    while (*folders) {
        const char *end = strchrnul(folders, ':');
        if (snprintf(path, sizeof(path), "%.*s/%s", (int) (end - folders), folders, argv[0]) < (int) sizeof(path)) {
            execve(path, words, list);
            error = errno == EACCES ? EACCES : error;
        }
        folders = *end ? end + 1 : end;
    }
    errno = error;
}

static void
be_client(const struct run *run, int gate)
{
    char *list[VARS_MAX + 1], ready;
    const struct tt_box_settings *settings = run->inner->settings;
    bool traced = settings->instant != TT_BOX_REAL_CLOCK;
    bool good = dup2(run->what->out, 1) == 1 && dup2(run->what->err, 2) == 2 && make_environment(settings, list) &&
                tt_seal_client(settings, run->inner->user_namespace) && chdir(settings->cwd) == 0 &&
                prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0;
    if (good) {
        signal(SIGALRM, SIG_DFL);
        good = write(gate, "", 1) == 1 && read(gate, &ready, 1) == 1 && tt_seal_filter(traced);
    }
    if (good && !run->what->argv) {
        _exit(tt_clock_holds(settings->instant) ? 0 : 1);
    }
    if (good) {
        start_program(run->what->argv, list);
    }
    int error = errno;
    (void) !write(run->failure, &error, sizeof(error));
    _exit(127);
}

/* The client waits at the gate until it is traced, so that its first instruction has the box's clock.  False: errno, or the client has written why. */
static bool
open_gate(struct run *run, int gate)
{
    char ready;
    int64_t instant = run->inner->settings->instant;
    errno = 0;
    if (read(gate, &ready, 1) != 1 || (instant != TT_BOX_REAL_CLOCK && !tt_clock_seize(&run->clock, run->main, instant))) {
        return false;
    }
    run->start = tt_clock_now();
    return write(gate, "", 1) == 1;
}

/* False: errno. */
static bool
start_client(struct run *run)
{
    int gate[2], failure[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, gate) != 0 || pipe2(failure, O_CLOEXEC | O_NONBLOCK) != 0) {
        return false;
    }
    run->main = fork();
    if (run->main == 0) {
        close(gate[1]);
        run->failure = failure[1];
        be_client(run, gate[0]);
    }
    close(gate[0]);
    close(failure[1]);
    run->failure = failure[0];
    bool started = run->main > 0 && open_gate(run, gate[1]);
    int error = errno;
    close(gate[1]);
    errno = error;
    return started;
}

/* ---- waiting ---- */

static void
stop_all(struct run *run)
{
    run->killed = true;
    (void) kill(-1, SIGKILL);
}

static void
end_for(struct run *run, enum tt_box_cause cause)
{
    if (run->main > 0 && !run->killed) {
        run->end->cause = cause;
    }
    stop_all(run);
}

static void
take_end(struct run *run, int status)
{
    run->main = 0;
    run->gone = tt_clock_now();
    run->end->wall_us = (uint64_t) (run->gone - run->start) / 1000;
    if (run->killed) {
        return; /* by us: the cause is known */
    }
    if (WIFEXITED(status)) {
        run->end->cause = TT_BOX_EXITED;
        run->end->exit_code = WEXITSTATUS(status);
    } else {
        run->end->cause = TT_BOX_SIGNALLED;
        run->end->signal = WTERMSIG(status);
    }
}

static void
note_peak(struct run *run, uint64_t kb)
{
    run->end->peak_kb = kb > run->end->peak_kb ? kb : run->end->peak_kb;
}

static void
look(struct run *run, int64_t now)
{
    const struct tt_box_limits *limits = &run->inner->settings->limits;
    struct pollfd caller = {.fd = run->inner->control, .events = 0};
    run->next_look = now + LOOK_US * 1000;
    if (poll(&caller, 1, 0) > 0 && (caller.revents & POLLHUP)) {
        _exit(1); /* nobody waits for this any longer */
    }
    struct tt_box_use use = tt_box_watch(limits->processes);
    note_peak(run, use.kb);
    run->end->peak_tasks = use.tasks > run->end->peak_tasks ? use.tasks : run->end->peak_tasks;
    if (run->killed) {
        stop_all(run); /* what was being made in that moment */
    } else if (use.tasks > limits->processes) {
        end_for(run, TT_BOX_OVER_PROCESSES);
    } else if (use.kb > limits->memory / TT_KIB) {
        end_for(run, TT_BOX_OVER_MEMORY);
    } else if (now - run->start > limits->wall_ms * MS) {
        end_for(run, TT_BOX_WALL);
    } else if (run->main == 0 && now - run->gone >= run->what->linger_ms * MS) {
        run->end->left_over = true;
        stop_all(run);
    }
}

static void
await_end(struct run *run)
{
    for (;;) {
        int status;
        struct rusage use;
        pid_t pid = wait4(-1, &status, __WALL, &use);
        int64_t now = tt_clock_now();
        if (pid < 0 && errno == ECHILD) {
            break;
        }
        if (pid > 0 && !WIFSTOPPED(status)) {
            note_peak(run, (uint64_t) use.ru_maxrss); /* of one that no look has met */
            tt_clock_forget(&run->clock, pid);
        }
        if (pid > 0 && pid == run->main && !WIFSTOPPED(status)) {
            take_end(run, status);
            continue; /* whether others are left, the next wait says */
        }
        if (pid > 0 && WIFSTOPPED(status)) {
            tt_clock_stop(&run->clock, pid, status);
        }
        if (now >= run->next_look) {
            look(run, now);
        }
    }
}

static void
interrupt(int sig)
{
    (void) sig; /* that the wait returns is all */
}

static void
set_timer(bool on)
{
    struct sigaction action = {.sa_handler = interrupt};
    struct itimerval timer = {{0, on ? LOOK_US : 0}, {0, on ? LOOK_US : 0}};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
}

void
tt_box_run(struct tt_box_inner *inner, const struct tt_box_run *what, struct tt_box_end *end)
{
    struct run run = {.inner = inner, .what = what, .end = end, .failure = -1};
    int error = 0;
    *end = (struct tt_box_end) {.cause = TT_BOX_LOST};
    run.start = tt_clock_now();
    if (!start_client(&run)) {
        end->cause = TT_BOX_NOT_FOUND;
        end->error = errno;
        stop_all(&run);
    }
    set_timer(true); /* not before, for it would interrupt the start */
    run.next_look = run.start + LOOK_US * 1000;
    await_end(&run);
    set_timer(false);
    if (run.failure >= 0 && read(run.failure, &error, sizeof(error)) == (ssize_t) sizeof(error)) {
        end->cause = TT_BOX_NOT_FOUND;
        end->error = error;
    }
    if (run.failure >= 0) {
        close(run.failure);
    }
    end->clock_calls = run.clock.calls;
    end->clock_missed = run.clock.missed;
}
