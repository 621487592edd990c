/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nginx as a child: checking, starting, reloading, stopping; see run.h and nginx(8).
 *
 * nginx is started by its absolute path, because a new master (USR2) is started by the name of the old one.  Which process is the master, the pid
 * file says: nginx makes itself a daemon, because a master whose first parent lives ignores USR2, and after USR2 it is another one.  Being a
 * subreaper, this process becomes the parent of both.
 */
#include "serve/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEST_MS 60000
#define START_MS 20000
#define RELOAD_MS 20000
#define RETIRE_MS 5000
#define LEFT_OVER_MS 5000

/* ---- one-off runs ---- */

struct words {
    char prefix[TT_SERVE_PATH_MAX + 8], configuration[TT_SERVE_PATH_MAX + 32], log[TT_SERVE_PATH_MAX + 16];
};

/* argv of nginx for a configuration of the folder; test: only look at it. */
static void
make_argv(const struct tt_serve *serve, const char *name, bool test, struct words *words, const char *argv[9])
{
    size_t n = 0;
    snprintf(words->prefix, sizeof(words->prefix), "%s/", serve->state.path);
    snprintf(words->configuration, sizeof(words->configuration), "%s/%s", serve->state.path, name);
    snprintf(words->log, sizeof(words->log), "%s/error.log", serve->state.path);
    argv[n++] = serve->settings.nginx;
    argv[n++] = "-p";
    argv[n++] = words->prefix;
    argv[n++] = "-c";
    argv[n++] = words->configuration;
    argv[n++] = "-e";
    argv[n++] = test ? "stderr" : words->log;
    argv[n++] = test ? "-t" : NULL;
    argv[n] = NULL;
}

/* What stands in the pipe now, into said; the rest of a long text is dropped. */
static void
drain_pipe(int fd, struct tt_buf *said)
{
    char piece[4096];
    ssize_t n;
    while ((n = read(fd, piece, sizeof(piece))) > 0) {
        tt_buf_add(said, tt_str_make(piece, (size_t) n));
    }
}

/* Waits for the helper; false when it takes too long, or did not end with 0. */
static bool
wait_helper(struct tt_serve *serve, int fd, struct tt_buf *said)
{
    int64_t until = tt_serve_clock() + TEST_MS;
    while (serve->helper > 0 && tt_serve_clock() < until) {
        drain_pipe(fd, said);
        tt_serve_turn(serve);
    }
    drain_pipe(fd, said);
    if (serve->helper > 0) {
        kill(serve->helper, SIGKILL);
        tt_buf_add_cstr(said, "nginx did not answer in time\n");
        serve->helper = 0;
        return false;
    }
    return WIFEXITED(serve->helper_status) && WEXITSTATUS(serve->helper_status) == 0;
}

/* Runs nginx to the end of what the caller waits for: its check, or that it has become a daemon. */
static enum tt_status
run(struct tt_serve *serve, const char *name, bool test, struct tt_buf *said)
{
    struct words words;
    const char *argv[9];
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
        tt_buf_add_cstr(said, strerror(errno));
        return TT_E_IO;
    }
    make_argv(serve, name, test, &words, argv);
    serve->helper = tt_serve_process_start(argv, ends[1]);
    close(ends[1]);
    bool good = serve->helper > 0 && wait_helper(serve, ends[0], said);
    close(ends[0]);
    if (good) {
        tt_buf_clear(said);
    }
    return good ? TT_OK : TT_E_USAGE;
}

/* The file that a person named, if text begins with the name of its copy; *length is that name's. */
static const char *
original_of(const struct tt_serve *serve, struct tt_str text, size_t *length)
{
    const struct tt_serve_settings *settings = &serve->settings;
    const char *const names[][2] = {
        {"/policy.yaml.new", settings->policy}, {"/keys.json.new", settings->keys}, {"/include.conf.new", settings->include}};
    char copy[64];
    for (size_t i = 0; i < sizeof(names) / sizeof(*names) + settings->learned_count; i++) {
        bool fixed = i < sizeof(names) / sizeof(*names);
        size_t number = fixed ? 0 : i - sizeof(names) / sizeof(*names);
        snprintf(copy, sizeof(copy), "/" TT_SERVE_LEARNED_NAME "%zu" TT_SERVE_LEARNED_END ".new", number + 1);
        struct tt_str name = tt_str_cstr(fixed ? names[i][0] : copy);
        *length = name.len;
        if (tt_str_starts(text, name)) {
            return fixed ? names[i][1] : settings->learned[number];
        }
    }
    return NULL;
}

/* Says the names that a person gave where nginx names the copies that it read. */
static void
name_originals(const struct tt_serve *serve, struct tt_str text, struct tt_buf *out)
{
    for (size_t at = 0; at < text.len;) {
        struct tt_str rest = tt_str_slice(text, at, text.len), folder = tt_str_cstr(serve->state.path);
        size_t length = 0;
        const char *name =
            tt_str_starts(rest, folder) ? original_of(serve, tt_str_slice(rest, folder.len, rest.len), &length) : NULL;
        tt_buf_add(out, name ? tt_str_cstr(name) : tt_str_slice(rest, 0, 1));
        at += name ? folder.len + length : 1;
    }
}

enum tt_status
tt_serve_nginx_test(struct tt_serve *serve, struct tt_buf *said)
{
    struct tt_buf raw;
    tt_buf_init(&raw, serve->front->alloc, TT_SERVE_SAID_MAX);
    enum tt_status status = run(serve, "nginx.conf.new", true, &raw);
    name_originals(serve, tt_buf_str(&raw), said);
    tt_buf_free(&raw);
    return status;
}

/* ---- who is the master ---- */

/* Its command line names our configuration, and not that of a folder whose path only begins or ends as ours. */
static bool
is_our_master(const struct tt_serve *serve, struct tt_str title)
{
    char configuration[TT_SERVE_PATH_MAX + 16];
    snprintf(configuration, sizeof(configuration), " %s/nginx.conf", serve->state.path);
    return tt_str_has(title, TT_STR("nginx: master")) && tt_str_has(title, tt_str_cstr(configuration));
}

struct tt_serve_process
tt_serve_nginx_named(const struct tt_serve *serve, const char *file)
{
    struct tt_buf text;
    char path[64], title[TT_SERVE_TITLE_MAX];
    tt_buf_init(&text, serve->front->alloc, 64);
    struct tt_serve_process process = {.pid = 0};
    if (tt_serve_state_read(&serve->state, file, &text)) {
        tt_buf_add_char(&text, '\0');
        process = tt_serve_process_of(text.status == TT_OK ? (pid_t) strtol(text.ptr, NULL, 10) : 0);
    }
    tt_buf_free(&text);
    if (process.pid == 0) {
        return process;
    }
    /* Ours shows its configuration in its title; a number that is used again does not. */
    snprintf(path, sizeof(path), "/proc/%d/cmdline", (int) process.pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, title, sizeof(title) - 1) : 0;
    if (fd >= 0) {
        close(fd);
    }
    return is_our_master(serve, tt_str_make(title, n > 0 ? (size_t) n : 0)) ? process : (struct tt_serve_process) {.pid = 0};
}

void
tt_serve_nginx_follow(struct tt_serve *serve)
{
    struct tt_serve_process named = tt_serve_nginx_named(serve, "nginx.pid");
    if (named.pid > 0) {
        serve->master = named;
    }
}

bool
tt_serve_nginx_adopt(struct tt_serve *serve)
{
    tt_serve_nginx_follow(serve);
    tt_serve_nginx_count(serve);
    return serve->master.pid > 0;
}

#define LEAVING "nginx: worker process is" /* shutting down */

static void
take_worker(void *ctx, pid_t pid, struct tt_str title)
{
    struct tt_serve_workers *workers = ctx;
    if (!tt_str_starts(title, TT_STR("nginx: worker process"))) {
        return;
    }
    if (tt_str_starts(title, TT_STR(LEAVING))) {
        workers->leaving++;
    } else if (workers->count < TT_SERVE_WORKERS_MAX) {
        workers->list[workers->count++] = tt_serve_process_of(pid);
    }
}

void
tt_serve_nginx_workers(pid_t master, struct tt_serve_workers *workers)
{
    workers->count = workers->leaving = 0;
    if (master > 0) {
        tt_serve_process_children(master, take_worker, workers);
    }
}

void
tt_serve_nginx_count(struct tt_serve *serve)
{
    struct tt_serve_workers workers;
    tt_serve_nginx_workers(serve->master.pid, &workers);
    if (tt_serve_process_lives(serve->master)) {
        serve->workers = workers;
    }
}

/* ---- starting, reloading ---- */

/* The process that is started ends once the sockets are open; the master that it leaves writes its pid file a little later. */
enum tt_status
tt_serve_nginx_start(struct tt_serve *serve, struct tt_buf *message)
{
    int64_t until = tt_serve_clock() + START_MS;
    if (run(serve, "nginx.conf", false, message) != TT_OK) {
        tt_buf_add_cstr(message, "nginx did not start");
        return TT_E_IO;
    }
    while (tt_serve_clock() < until && !serve->wants_stop) {
        tt_serve_nginx_follow(serve);
        tt_serve_nginx_workers(serve->master.pid, &serve->workers);
        if (serve->workers.count > 0) {
            return TT_OK;
        }
        tt_serve_turn(serve);
    }
    if (serve->wants_stop) {
        return TT_OK;
    }
    tt_buf_add_cstr(message, "nginx did not start");
    if (serve->log.last[0]) {
        tt_buf_add_cstr(message, ": ");
        tt_buf_add_cstr(message, serve->log.last);
    }
    return TT_E_IO;
}

static bool
is_among(const struct tt_serve_workers *workers, struct tt_serve_process process)
{
    for (size_t i = 0; i < workers->count; i++) {
        if (workers->list[i].pid == process.pid && workers->list[i].start == process.start) {
            return true;
        }
    }
    return false;
}

/* Also one that was forked a moment ago and still shows the title of the master: it has the configuration of before. */
static void
take_old(void *ctx, pid_t pid, struct tt_str title)
{
    struct tt_serve_workers *old = ctx;
    if (!tt_str_starts(title, TT_STR(LEAVING)) && old->count < TT_SERVE_WORKERS_MAX) {
        old->list[old->count++] = tt_serve_process_of(pid);
    }
}

/* Do new workers serve, and old ones only finish what they have?  For a moment both take requests. */
static bool
is_replaced(const struct tt_serve_workers *before, const struct tt_serve_workers *now)
{
    for (size_t i = 0; i < now->count; i++) {
        if (is_among(before, now->list[i])) {
            return false;
        }
    }
    return now->count > 0;
}

/*
 * A reload that failed, or another process, may have left a signal that the master still works off.  The workers that this one brings would be taken
 * for those of the next, which has not been read yet.
 */
static bool
await_master_idle(struct tt_serve *serve, int64_t until)
{
    while (!tt_serve_process_has_taken(serve->master, SIGHUP)) {
        if (tt_serve_clock() >= until) {
            return false;
        }
        tt_serve_turn(serve);
    }
    return true;
}

/* A master that refuses a configuration says so in the log and starts no worker. */
enum tt_status
tt_serve_nginx_reload(struct tt_serve *serve, struct tt_buf *message)
{
    struct tt_serve_workers before = {.count = 0};
    int64_t until = tt_serve_clock() + RELOAD_MS;
    if (!await_master_idle(serve, until)) {
        tt_buf_add_cstr(message, "nginx did not take the configuration: it is still busy with an earlier one");
        return TT_E_INPUT;
    }
    uint64_t alerts = serve->log.alerts;
    tt_serve_process_children(serve->master.pid, take_old, &before);
    if (!tt_serve_process_signal(serve->master, SIGHUP)) {
        tt_buf_add_cstr(message, "nginx does not run");
        return TT_E_IO;
    }
    while (tt_serve_clock() < until) {
        tt_serve_turn(serve);
        tt_serve_nginx_count(serve);
        if (is_replaced(&before, &serve->workers)) {
            return TT_OK;
        }
        if (!tt_serve_process_lives(serve->master)) {
            tt_buf_add_cstr(message, "nginx has ended by itself");
            return TT_E_IO;
        }
        tt_serve_log_read(&serve->log, &serve->state);
        if (serve->log.alerts != alerts && strstr(serve->log.last, "[emerg]")) {
            break;
        }
    }
    tt_buf_add_cstr(message, "nginx did not take the configuration");
    if (serve->log.alerts != alerts) {
        tt_buf_add_cstr(message, ": ");
        tt_buf_add_cstr(message, serve->log.last);
    }
    return TT_E_INPUT;
}

void
tt_serve_nginx_retire(struct tt_serve *serve, struct tt_serve_process master)
{
    struct tt_serve_workers workers;
    int64_t until = tt_serve_clock() + RETIRE_MS;
    tt_serve_process_signal(master, SIGQUIT);
    do {
        tt_serve_turn(serve);
        tt_serve_nginx_workers(master.pid, &workers);
    } while (workers.count > 0 && tt_serve_process_lives(master) && tt_serve_clock() < until);
}

/* ---- stopping ---- */

struct left_over {
    struct tt_serve *serve;
    int signal;
    size_t count;
};

/* A worker has a ring of ours; what was forked a moment ago still shows the master's command line, with our folder. */
static void
end_nginx(void *ctx, pid_t pid, struct tt_str title)
{
    struct left_over *left = ctx;
    const struct tt_serve *serve = left->serve;
    if (tt_str_starts(title, TT_STR("nginx: ")) &&
        (tt_serve_process_parent(pid) == getpid() || tt_serve_records_has(&serve->records, pid) || is_our_master(serve, title))) {
        left->count += tt_serve_process_signal(tt_serve_process_of(pid), left->signal);
    }
}

static size_t
signal_left_over(struct tt_serve *serve, int signal)
{
    struct left_over left = {.serve = serve, .signal = signal};
    tt_serve_process_all(end_nginx, &left);
    for (size_t i = 0; i < serve->workers.count; i++) {
        left.count += tt_serve_process_signal(serve->workers.list[i], signal);
    }
    return left.count;
}

/* Workers whose master died would serve on.  They are children of ours now, or, after a master that was taken over, nobody's. */
static void
end_left_over(struct tt_serve *serve)
{
    int64_t until = tt_serve_clock() + LEFT_OVER_MS;
    while (signal_left_over(serve, SIGQUIT) > 0 && tt_serve_clock() < until) {
        tt_serve_turn(serve);
    }
    signal_left_over(serve, SIGKILL);
}

void
tt_serve_nginx_stop(struct tt_serve *serve)
{
    struct tt_serve_process old = tt_serve_nginx_named(serve, "nginx.pid.oldbin");
    unsigned asked = serve->wants_stop;
    tt_serve_process_signal(serve->master, SIGQUIT);
    tt_serve_process_signal(old, SIGQUIT);
    while (tt_serve_process_lives(serve->master) || tt_serve_process_lives(old)) {
        tt_serve_turn(serve);
        /* Whoever asks again does not want to wait for the streams. */
        if (serve->wants_stop > asked) {
            asked = serve->wants_stop;
            tt_serve_process_signal(serve->master, SIGTERM);
            tt_serve_process_signal(old, SIGTERM);
        }
    }
    end_left_over(serve);
    serve->master.pid = 0;
}
