/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a gateway; see serve.h.
 *
 * Input: settings, signals, the end of children, the clock.  Output: a running nginx, a ledger that grows, files that say how it goes.  Order of a start:
 * folder and lock, policy and files, addresses, nginx's own check, nginx.  Order of an end: nginx (its workers finish what they
 * have), then what they left in the rings.
 */
#include "serve/run.h"

#include "serve/notify.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FIRST_LOOK_UP_MS 15000
#define DRAIN_MS 20000
#define FILES_WANTED 16384 /* 8000 connections a worker */

void
tt_serve_say(const struct tt_serve *serve, const char *format, ...)
{
    char text[TT_COMPLAINT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    const char *before = "";
    for (char *line = text, *end = NULL; line && *line; line = end ? end + 1 : NULL) {
        end = strchr(line, '\n');
        if (end) {
            *end = '\0';
        }
        /* nginx says the same at each of its attempts to bind. */
        if (strcmp(line, before) != 0) {
            serve->front->say(serve->front->ctx, line);
        }
        before = line;
    }
}

int64_t
tt_serve_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
tt_serve_time_text(char *out, size_t size)
{
    time_t now = time(NULL);
    struct tm tm;
    out[0] = '\0';
    if (gmtime_r(&now, &tm)) {
        strftime(out, size, "%Y-%m-%dT%H:%M:%SZ", &tm);
    }
}

/* ---- one turn ---- */

static void
reap(struct tt_serve *serve)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == serve->helper) {
            serve->helper = 0;
            serve->helper_status = status;
        }
    }
}

static void
take_signal(struct tt_serve *serve, uint32_t signal)
{
    switch (signal) {
    case SIGHUP: serve->wants_reload = true; break;
    case SIGUSR1: serve->wants_request = true; break;
    case SIGTERM:
    case SIGINT: serve->wants_stop++; break;
    default: break; /* SIGCHLD: reaped in any case */
    }
}

static void
publish(struct tt_serve *serve)
{
    char policy[80];
    const char *news, *why;
    struct tt_metrics_state state = {
        .version = serve->front->version,
        .policy = policy,
        .shadow = serve->settings.shadow,
        .temp_files = serve->log.temp_files,
        .workers = serve->workers.count,
        .started = serve->started_s,
    };
    snprintf(policy, sizeof(policy), "sha256:%s", serve->now.policy.identity);
    tt_serve_records_publish(&serve->records, &state);
    if (tt_serve_records_news(&serve->records, &news, &why)) {
        tt_serve_say(serve, "%s%s", news, why);
    }
}

static void
each_second(struct tt_serve *serve)
{
    serve->second_ms = tt_serve_clock();
    if (tt_serve_log_read(&serve->log, &serve->state)) {
        tt_serve_process_signal(serve->master, SIGUSR1);
    }
    tt_serve_nginx_count(serve);
    publish(serve);
    tt_serve_status_write(serve);
}

void
tt_serve_turn(struct tt_serve *serve)
{
    struct pollfd wait = {.fd = serve->signals, .events = POLLIN};
    struct signalfd_siginfo info;
    poll(&wait, 1, TT_SERVE_TURN_MS);
    while (read(serve->signals, &info, sizeof(info)) == (ssize_t) sizeof(info)) {
        take_signal(serve, info.ssi_signo);
    }
    reap(serve);
    tt_serve_records_round(&serve->records);
    if (tt_serve_clock() - serve->second_ms >= 1000) {
        each_second(serve);
    }
}

/* ---- beginning ---- */

static bool
begin_signals(struct tt_serve *serve)
{
    static const int wanted[] = {SIGHUP, SIGUSR1, SIGTERM, SIGINT, SIGCHLD};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
        sigaddset(&set, wanted[i]);
    }
    /* The thread that looks up names blocks all of its own. */
    sigprocmask(SIG_BLOCK, &set, NULL);
    serve->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    return serve->signals >= 0;
}

/* A worker may open as many files as the system allows it, up to what is of use. */
static unsigned
files_allowed(void)
{
    struct rlimit limit;
    bool known = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max != RLIM_INFINITY;
    return known && limit.rlim_max < FILES_WANTED ? (unsigned) limit.rlim_max : FILES_WANTED;
}

/* On the heap, because the thread that looks up names may outlive everything else. */
static struct tt_serve *
begin(const struct tt_serve_front *front, const struct tt_serve_settings *settings)
{
    struct tt_serve *serve = tt_alloc_new(front->alloc, sizeof(*serve));
    if (!serve) {
        return NULL;
    }
    *serve =
        (struct tt_serve) {.front = front, .settings = *settings, .signals = -1, .files = files_allowed(), .phase = "starting"};
    serve->state.folder = serve->state.lock = -1;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    serve->ring_size = tt_serve_ring_size(settings->workers ? settings->workers : processors > 0 ? (unsigned) processors : 1);
    serve->started_ms = serve->second_ms = tt_serve_clock();
    serve->renewed_ms = INT64_MIN / 2;
    serve->started_s = (uint64_t) time(NULL);
    tt_buf_init(&serve->now.policy.bytes, front->alloc, 1);
    tt_buf_init(&serve->now.keys, front->alloc, 1);
    tt_buf_init(&serve->now.include, front->alloc, 1);
    tt_serve_time_text(serve->started, sizeof(serve->started));
    return serve;
}

/* Says what there is to say, and lets go of everything. */
static void
finish(struct tt_serve *serve, struct tt_buf *message)
{
    const struct tt_alloc *alloc = serve->front->alloc;
    if (message->len > 0) {
        tt_serve_say(serve, "%.*s", (int) message->len, message->ptr);
    }
    tt_buf_free(message);
    tt_serve_candidate_free(&serve->now);
    tt_serve_state_close(&serve->state);
    if (serve->signals >= 0) {
        close(serve->signals);
    }
    if (!serve->resolver.running) {
        tt_alloc_free(alloc, serve, sizeof(*serve));
    }
}

/* Names without an address are said, and looked up again every minute: one provider that is away must not keep all others from serving. */
static void
first_look_up(struct tt_serve *serve)
{
    bool changed, taken = false;
    int64_t until = tt_serve_clock() + FIRST_LOOK_UP_MS;
    serve->looked_up_ms = tt_serve_clock();
    if (!tt_serve_resolve_begin(&serve->resolver, &serve->settings)) {
        return;
    }
    while (!taken && tt_serve_clock() < until) {
        taken = tt_serve_resolve_take(&serve->resolver, serve->addresses, &changed);
        if (!taken) {
            poll(NULL, 0, 5);
        }
    }
}

/* What a person should know before anything is sent. */
static void
warn(const struct tt_serve *serve)
{
    const struct tt_serve_settings *settings = &serve->settings;
    for (size_t i = 0; i < settings->upstream_count; i++) {
        const struct tt_serve_upstream *upstream = &settings->upstreams[i];
        if (!upstream->off && serve->addresses[i].count == 0) {
            tt_serve_say(serve, "%s: the name %s has no address; it is looked up again every minute", upstream->provider.ptr,
                         upstream->url.host);
        }
        if (!upstream->off && !upstream->url.https && !upstream->url.loopback) {
            tt_serve_say(serve, "%s: requests leave this machine without encryption, to http://%s", upstream->provider.ptr,
                         upstream->url.host);
        }
    }
    if (!settings->tls_cert && !settings->listen.loopback) {
        tt_serve_say(serve, "clients of other machines reach %s without encryption; give --tls-cert and --tls-key",
                     settings->listen.text);
    }
}

static enum tt_status
prepare(struct tt_serve *serve, struct tt_buf *message)
{
    struct tt_serve_candidate candidate;
    enum tt_status status = tt_serve_candidate_read(serve, &candidate, message);
    if (status == TT_OK) {
        tt_serve_candidate_free(&serve->now);
        serve->now = candidate;
        first_look_up(serve);
        warn(serve);
        return tt_serve_candidate_test(serve, &serve->now, message);
    }
    tt_serve_candidate_free(&candidate);
    return status;
}

/* ---- running ---- */

static enum tt_status
take_up_nginx(struct tt_serve *serve, struct tt_buf *message)
{
    if (tt_serve_nginx_adopt(serve)) {
        tt_serve_say(serve, "nginx (process %d) of an earlier gateway runs; it is taken over", (int) serve->master.pid);
        return tt_serve_nginx_reload(serve, message);
    }
    return tt_serve_nginx_start(serve, message);
}

/* A master that ended may have handed over to another one. */
static bool
nginx_lives(struct tt_serve *serve)
{
    tt_serve_nginx_follow(serve);
    return tt_serve_process_lives(serve->master);
}

static enum tt_status
loop(struct tt_serve *serve)
{
    struct tt_buf message;
    while (!serve->wants_stop) {
        tt_serve_turn(serve);
        if (!nginx_lives(serve)) {
            tt_serve_say(serve, "nginx has ended by itself%s%s", serve->log.last[0] ? ": " : "", serve->log.last);
            return TT_E_INTERNAL;
        }
        if (serve->wants_reload) {
            serve->wants_reload = false;
            tt_buf_init(&message, serve->front->alloc, TT_SERVE_SAID_MAX);
            tt_serve_reload(serve, &message);
            tt_buf_free(&message);
        }
        if (serve->wants_request) {
            serve->wants_request = false;
            tt_serve_request_take(serve);
        }
        tt_serve_look_up(serve);
        tt_serve_renew_limits(serve);
    }
    return TT_OK;
}

static void
drain(struct tt_serve *serve)
{
    int64_t until = tt_serve_clock() + DRAIN_MS;
    tt_serve_records_round(&serve->records);
    while (tt_serve_records_state(&serve->records)->waiting > 0 && tt_serve_clock() < until) {
        tt_serve_turn(serve);
    }
    if (tt_serve_records_state(&serve->records)->waiting > 0) {
        tt_serve_say(serve, "records wait in %s; the next gateway on this folder takes them", serve->state.rings);
    }
    each_second(serve);
    bool all = tt_serve_records_state(&serve->records)->waiting == 0 && !tt_serve_process_lives(serve->master);
    tt_serve_records_end(&serve->records);
    if (all) {
        tt_serve_state_drop_rings(&serve->state);
    }
}

static enum tt_status
serve_on(struct tt_serve *serve, struct tt_buf *message)
{
    TT_TRY(tt_serve_candidate_commit(serve, &serve->now, message));
    enum tt_status status =
        tt_serve_records_begin(&serve->records, serve->front->alloc, &serve->state, serve->front->catalog, message);
    if (status != TT_OK) {
        tt_serve_records_end(&serve->records);
        return status;
    }
    /* Workers that an earlier gateway left behind have reservations. */
    bool fresh = !tt_serve_process_lives(tt_serve_nginx_named(serve, "nginx.pid"));
    status = tt_serve_budgets_set(&serve->records.budgets, tt_buf_str(&serve->now.policy.bytes), fresh, message);
    if (status == TT_OK) {
        status = take_up_nginx(serve, message);
    }
    if (status == TT_OK && !serve->wants_stop) {
        serve->phase = "serving";
        each_second(serve);
        tt_serve_notify("READY=1");
        tt_serve_say(serve, "gateway on %s: policy %s, fails %s%s", serve->settings.listen.text, serve->now.policy.id,
                     serve->now.policy.fails_open ? "open" : "closed", serve->settings.shadow ? ", shadow" : "");
        status = loop(serve);
    }
    serve->phase = "stopping";
    tt_serve_notify("STOPPING=1");
    tt_serve_nginx_stop(serve);
    drain(serve);
    tt_serve_state_drop(&serve->state, "status.json");
    return status;
}

enum tt_status
tt_serve_run(const struct tt_serve_front *front, const struct tt_serve_settings *settings)
{
    struct tt_buf message;
    struct tt_serve *serve = begin(front, settings);
    if (!serve) {
        return TT_E_MEMORY;
    }
    tt_buf_init(&message, front->alloc, TT_SERVE_SAID_MAX);
    /* Neither our files nor nginx's, whose log may hold keys that stood in a URL, are for others. */
    umask(077);
    enum tt_status status = begin_signals(serve) ? TT_OK : TT_E_IO;
    if (status == TT_OK) {
        status = tt_serve_state_begin(&serve->state, settings, &message);
    }
    if (status == TT_OK) {
        tt_serve_log_begin(&serve->log, &serve->state);
        status = prepare(serve, &message);
    }
    if (status == TT_OK) {
        status = serve_on(serve, &message);
    }
    finish(serve, &message);
    return status;
}

/* ---- looking only ---- */

enum tt_status
tt_serve_check(const struct tt_serve_front *front, const struct tt_serve_settings *settings)
{
    struct tt_buf message;
    struct tt_serve *serve = begin(front, settings);
    if (!serve) {
        return TT_E_MEMORY;
    }
    tt_buf_init(&message, front->alloc, TT_SERVE_SAID_MAX);
    enum tt_status status = begin_signals(serve) ? tt_serve_state_scratch(&serve->state, settings, &message) : TT_E_IO;
    serve->settings.state = serve->state.path;
    if (status == TT_OK) {
        status = prepare(serve, &message);
    }
    tt_serve_state_remove(&serve->state);
    finish(serve, &message);
    return status;
}

enum tt_status
tt_serve_print(const struct tt_serve_front *front, const struct tt_serve_settings *settings, struct tt_buf *out)
{
    struct tt_buf message;
    struct tt_serve *serve = begin(front, settings);
    if (!serve) {
        return TT_E_MEMORY;
    }
    tt_buf_init(&message, front->alloc, TT_SERVE_SAID_MAX);
    tt_serve_rings_path(settings->state, serve->state.rings, sizeof(serve->state.rings));
    enum tt_status status = tt_serve_candidate_read(serve, &serve->now, &message);
    if (status == TT_OK) {
        first_look_up(serve);
        tt_serve_candidate_render(serve, &serve->now, "", out);
        status = out->status;
    }
    finish(serve, &message);
    return status;
}
