/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes of runs; see run.h.
 *
 * In: runs of a plan.  Out: folders with captures.  The caller's process has no threads and stays outside of every box; it only forks, waits
 * and, when a signal comes, kills.  A run's process dies with it (PR_SET_PDEATHSIG), and the box with that process.
 */
#include "probe/run.h"

#include "probe/condition.h"
#include "probe/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define JOBS_MAX 64
#define NAME_SIZE 16
#define CONDITION_MAX (16 * TT_KIB)
#define REPEATS_MAX 16 /* runs of a probe that are made once more */
#define REPEAT_LATE 4  /* so many of them is one that was ended by the wall limit, for it takes that long */

static uint64_t
now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t) t.tv_sec * 1000 + (uint64_t) t.tv_nsec / 1000000;
}

/* ---- folders ---- */

static void
name_of(const struct tt_run *run, char name[NAME_SIZE])
{
    snprintf(name, NAME_SIZE, "%04u", (unsigned) run->number);
}

static bool
write_all(int folder, const char *name, struct tt_str bytes)
{
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = fd >= 0 && write(fd, bytes.ptr, bytes.len) == (ssize_t) bytes.len;
    if (fd >= 0) {
        good = close(fd) == 0 && good;
    }
    return good;
}

/* condition.json of a run's folder, in room; empty when there is none. */
static struct tt_str
read_condition(int folder, char room[CONDITION_MAX])
{
    int fd = openat(folder, "condition.json", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t n = fd >= 0 ? read(fd, room, CONDITION_MAX) : -1;
    if (fd >= 0) {
        close(fd);
    }
    return tt_str_make(room, n > 0 ? (size_t) n : 0);
}

/* Was the folder made for a run of this condition? */
static bool
is_folder_of(const struct tt_runner *runner, const struct tt_run *run, int folder)
{
    char found[CONDITION_MAX];
    struct tt_buf wanted;
    tt_buf_init(&wanted, runner->alloc, CONDITION_MAX);
    tt_condition_format(runner->play->design, run, &wanted);
    bool same = wanted.status == TT_OK && tt_str_eq(read_condition(folder, found), tt_buf_str(&wanted));
    tt_buf_free(&wanted);
    return same;
}

enum tt_status
tt_run_recall(const struct tt_runner *runner, uint32_t number, struct tt_run *out)
{
    char name[NAME_SIZE], found[CONDITION_MAX];
    *out = (struct tt_run) {.number = number, .condition = {.instant = TT_NOON}};
    name_of(out, name);
    int folder = openat(runner->folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (folder < 0) {
        return TT_E_IO;
    }
    struct tt_str words = read_condition(folder, found);
    close(folder);
    return tt_condition_read(runner->alloc, runner->play->design, words, out);
}

static bool
is_complete(const struct tt_runner *runner, const struct tt_run *run)
{
    char name[NAME_SIZE];
    name_of(run, name);
    int folder = openat(runner->folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (folder < 0) {
        return false;
    }
    bool complete = is_folder_of(runner, run, folder) && faccessat(folder, "run.json", F_OK, 0) == 0;
    close(folder);
    return complete;
}

/* The run's folder with nothing in it but its condition. */
static int
open_folder(const struct tt_runner *runner, const struct tt_run *run)
{
    char name[NAME_SIZE];
    struct tt_buf condition;
    name_of(run, name);
    if (mkdirat(runner->folder, name, 0700) != 0 && errno != EEXIST) {
        return -1;
    }
    int folder = openat(runner->folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (folder < 0) {
        return -1;
    }
    tt_buf_init(&condition, runner->alloc, CONDITION_MAX);
    tt_condition_format(runner->play->design, run, &condition);
    bool good = (unlinkat(folder, "run.json", 0) == 0 || errno == ENOENT) && condition.status == TT_OK &&
                write_all(folder, "condition.json", tt_buf_str(&condition));
    tt_buf_free(&condition);
    if (!good) {
        close(folder);
        return -1;
    }
    return folder;
}

void
tt_run_forget(const struct tt_runner *runner, const struct tt_run *run)
{
    char path[NAME_SIZE + 16];
    snprintf(path, sizeof(path), "%04u/run.json", (unsigned) run->number);
    if (runner->folder >= 0) {
        unlinkat(runner->folder, path, 0);
    }
}

/* ---- one run, in its own process ---- */

static void
take_failure(struct tt_capture *capture, struct tt_str why)
{
    capture->failure = tt_capture_name(capture, why.len > 0 ? why : TT_STR("no memory"));
}

static void
take_end(struct tt_capture *capture, const struct tt_box_end *end)
{
    capture->exit_code = end->exit_code;
    capture->signal = end->signal;
    capture->clock_calls = end->clock_calls;
    capture->peak_kb = end->peak_kb;
    capture->wall_ms = end->wall_us / 1000;
    capture->timed_out = capture->timed_out || end->cause == TT_BOX_WALL;
    switch (end->cause) {
    case TT_BOX_EXITED:
    case TT_BOX_SIGNALLED:
    case TT_BOX_WALL: break;
    case TT_BOX_NOT_FOUND: take_failure(capture, TT_STR("the command cannot be started in the box")); break;
    case TT_BOX_OVER_MEMORY: take_failure(capture, TT_STR("the client needed more memory than a run may have (--memory)")); break;
    case TT_BOX_OVER_PROCESSES: take_failure(capture, TT_STR("the client started more processes than a run may have")); break;
    case TT_BOX_LOST: take_failure(capture, TT_STR("the box was ended from outside")); break;
    }
    /* Two clocks in one run: what differs in it may be the day. */
    if (end->clock_missed > 0 && capture->failure.len == 0) {
        take_failure(capture, TT_STR("a program of the client could see the real time: its clock could not be replaced"));
    }
}

/* The client starts, is served and ends, once. */
static enum tt_status
serve_once(struct tt_box *box, const struct tt_scene *scene, struct tt_capture *capture)
{
    struct tt_box_end end = {.cause = TT_BOX_WALL};
    struct tt_mock_ends ends = {.listeners = box->listeners,
                                .listener_count = TT_BOX_PORTS,
                                .dns = box->dns,
                                .out = box->out,
                                .err = box->err,
                                .report = box->report};
    TT_TRY(tt_box_go(box));
    TT_TRY(tt_mock_serve(&scene->mock, &ends, capture));
    if (tt_box_ended(box, &end)) {
        take_end(capture, &end);
    } else {
        capture->timed_out = capture->timed_out || !capture->flooded;
    }
    return TT_OK;
}

static enum tt_status
play_scene(const struct tt_runner *runner, const struct tt_scene *scene, struct tt_capture *capture)
{
    struct tt_box box = {.pid = 0};
    struct tt_buf message;
    tt_buf_init(&message, runner->alloc, TT_BOX_MESSAGE_MAX);
    enum tt_status status = tt_box_open(&box, &scene->box, &message);
    if (status != TT_OK) {
        struct tt_buf why;
        tt_buf_init(&why, runner->alloc, 2 * TT_BOX_MESSAGE_MAX);
        tt_buf_add_cstr(&why, TT_RUN_NO_BOX);
        tt_buf_add(&why, tt_buf_str(&message));
        take_failure(capture, tt_buf_str(&why));
        tt_buf_free(&why);
        status = status == TT_E_MEMORY ? status : TT_OK;
    } else {
        status = serve_once(&box, scene, capture);
        if (status == TT_OK && scene->home_kept && capture->failure.len == 0 && !capture->timed_out && !capture->flooded) {
            tt_capture_free(capture);
            tt_capture_init(capture, runner->alloc);
            status = serve_once(&box, scene, capture);
        }
    }
    tt_box_close(&box);
    tt_buf_free(&message);
    return status;
}

enum tt_status
tt_run_make(const struct tt_runner *runner, const struct tt_run *run, int folder)
{
    struct tt_arena arena;
    struct tt_capture capture;
    struct tt_scene scene;
    tt_arena_init(&arena, runner->alloc, 4 * TT_PROBE_PLAN_MEMORY);
    tt_capture_init(&capture, runner->alloc);
    enum tt_status status = tt_scene_make(&arena, runner->play, run, &scene);
    if (status == TT_OK) {
        status = play_scene(runner, &scene, &capture);
    }
    if (status != TT_OK) {
        take_failure(&capture, tt_str_cstr(tt_status_name(status)));
    }
    status = tt_capture_write(&capture, folder);
    tt_capture_free(&capture);
    tt_arena_free(&arena);
    return status;
}

/* ---- the processes ---- */

struct worker {
    pid_t pid; /* 0: free */
    int pidfd;
    bool again; /* it is the run's second time */
    const struct tt_run *run;
    uint64_t begun_ms;
};

struct batch {
    struct tt_runner *runner;
    const struct tt_run *runs;
    size_t count, next, done;
    struct worker workers[JOBS_MAX];
    unsigned busy;
};

/* The child: no signal is held back any more, and it ends with its parent. */
static _Noreturn void
run_child(const struct tt_runner *runner, const struct tt_run *run, pid_t parent)
{
    sigset_t none;
    sigemptyset(&none);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(1);
    }
    /* The parent kills us, so that what a terminal sends to all does not tear a capture. */
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    int folder = open_folder(runner, run);
    _exit(folder >= 0 && tt_run_make(runner, run, folder) == TT_OK ? 0 : 1);
}

static bool
start(struct batch *batch, struct worker *worker, const struct tt_run *run)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        run_child(batch->runner, run, parent);
    }
    if (pid < 0) {
        return false;
    }
    int pidfd = (int) syscall(SYS_pidfd_open, pid, 0);
    *worker = (struct worker) {.pid = pid, .pidfd = pidfd, .run = run, .begun_ms = now_ms()};
    batch->busy++;
    return true;
}

static void
tell(struct batch *batch, const struct tt_run *run)
{
    batch->done++;
    if (batch->runner->progress) {
        batch->runner->progress(batch->runner->ctx, run, batch->done, batch->count);
    }
}

static void
forget(struct batch *batch, struct worker *worker)
{
    if (worker->pidfd >= 0) {
        close(worker->pidfd);
    }
    worker->pid = 0;
    batch->busy--;
}

/* Fills free workers; false when no process could be made and none is at work. */
static bool
fill(struct batch *batch)
{
    while (batch->next < batch->count && batch->busy < batch->runner->jobs) {
        const struct tt_run *run = &batch->runs[batch->next];
        if (is_complete(batch->runner, run)) {
            batch->next++;
            tell(batch, run);
            continue;
        }
        size_t i = 0;
        while (batch->workers[i].pid != 0) {
            i++;
        }
        if (!start(batch, &batch->workers[i], run)) {
            return batch->busy > 0;
        }
        batch->next++;
    }
    return true;
}

/* How the run ended, as far as its run.json tells; false: it has none. */
static bool
read_end(const struct tt_runner *runner, const struct tt_run *run, struct tt_capture *capture)
{
    char path[NAME_SIZE + 16];
    struct tt_buf json;
    struct tt_error err;
    snprintf(path, sizeof(path), "%04u/run.json", (unsigned) run->number);
    tt_capture_init(capture, runner->alloc);
    tt_buf_init(&json, runner->alloc, TT_PROBE_RUN_JSON_MAX);
    bool read =
        tt_folder_read(runner->folder, path, &json) == TT_OK && tt_capture_parse(capture, tt_buf_str(&json), &err) == TT_OK;
    tt_buf_free(&json);
    return read;
}

/* May it be that the machine, and not the client, made the run what it is? */
static bool
is_lost(struct tt_runner *runner, const struct tt_run *run)
{
    const struct tt_run_end *usual = &runner->usual;
    struct tt_capture capture;
    bool read = read_end(runner, run, &capture);
    bool late = read && capture.timed_out && !usual->timed_out;
    bool lost =
        !read || late || capture.failure.len > 0 || capture.exit_code != usual->exit_code || capture.signal != usual->signal;
    unsigned cost = late ? REPEAT_LATE : 1;
    tt_capture_free(&capture);
    if (!usual->known || !lost || runner->repeated + cost > REPEATS_MAX) {
        return false;
    }
    runner->repeated += cost;
    return true;
}

static void
reap(struct batch *batch)
{
    for (size_t i = 0; i < JOBS_MAX; i++) {
        struct worker *worker = &batch->workers[i];
        if (worker->pid == 0 || waitpid(worker->pid, NULL, WNOHANG) != worker->pid) {
            continue;
        }
        const struct tt_run *run = worker->run;
        bool again = worker->again;
        batch->runner->made++;
        batch->runner->made_ms += now_ms() - worker->begun_ms;
        forget(batch, worker);
        if (!again && is_lost(batch->runner, run) && start(batch, worker, run)) {
            worker->again = true;
        } else {
            tell(batch, run);
        }
    }
}

/* Until a child ends, a signal comes, or a moment has gone by. */
static void
wait_for_news(struct batch *batch)
{
    struct pollfd fds[JOBS_MAX + 1];
    nfds_t n = 0;
    fds[n++] = (struct pollfd) {.fd = batch->runner->signals, .events = POLLIN};
    for (size_t i = 0; i < JOBS_MAX; i++) {
        if (batch->workers[i].pid != 0) {
            fds[n++] = (struct pollfd) {.fd = batch->workers[i].pidfd, .events = POLLIN};
        }
    }
    /* Without pidfds, on old kernels, this is a slow poll. */
    struct signalfd_siginfo signal;
    if (poll(fds, n, 100) > 0 && (fds[0].revents & POLLIN) &&
        read(batch->runner->signals, &signal, sizeof(signal)) == (ssize_t) sizeof(signal)) {
        batch->runner->interrupted = true;
    }
}

static void
kill_all(struct batch *batch)
{
    for (size_t i = 0; i < JOBS_MAX; i++) {
        if (batch->workers[i].pid != 0) {
            kill(batch->workers[i].pid, SIGKILL);
            while (waitpid(batch->workers[i].pid, NULL, 0) < 0 && errno == EINTR) {
            }
            forget(batch, &batch->workers[i]);
        }
    }
}

enum tt_status
tt_run_batch(struct tt_runner *runner, const struct tt_run *runs, size_t count)
{
    struct batch batch = {.runner = runner, .runs = runs, .count = count};
    runner->jobs = runner->jobs < 1 ? 1 : runner->jobs > JOBS_MAX ? JOBS_MAX : runner->jobs;
    while (batch.done < count) {
        if (!fill(&batch)) {
            return TT_E_IO;
        }
        if (batch.busy > 0) {
            wait_for_news(&batch);
            reap(&batch);
        }
        if (runner->interrupted) {
            kill_all(&batch);
            return TT_E_IO;
        }
    }
    return TT_OK;
}

enum tt_status
tt_run_load(const struct tt_runner *runner, const struct tt_run *run, struct tt_capture *capture, struct tt_error *err)
{
    char name[NAME_SIZE];
    name_of(run, name);
    tt_capture_init(capture, runner->alloc);
    int folder = openat(runner->folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    bool other = folder >= 0 && !is_folder_of(runner, run, folder);
    enum tt_status status = folder >= 0 && !other ? tt_capture_read(capture, folder, err) : TT_E_IO;
    bool missing = other || (status == TT_E_IO && errno == ENOENT);
    if (folder >= 0) {
        close(folder);
    }
    if (missing) {
        tt_capture_free(capture);
        tt_capture_init(capture, runner->alloc);
        take_failure(capture, other        ? TT_STR("its condition.json names other levels than the plan")
                              : folder < 0 ? TT_STR(TT_RUN_NOT_MADE)
                                           : TT_STR(TT_RUN_CUT_OFF));
        status = TT_OK;
    }
    return status;
}
