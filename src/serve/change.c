/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What changes while a gateway runs: policy and files (reload), addresses of upstreams, and nginx or its module themselves (upgrade).
 *
 * Each change is whole or none: what was in force stays in force, and serves, until the new one is proven to work.
 */
#include "serve/run.h"

#include <signal.h>
#include <unistd.h>

#define LOOK_UP_MS 60000
#define RENEW_MS 10000
#define UPGRADE_MS 20000
#define FAILED_MS 2000

/* ---- configuration ---- */

/* The policy that stays in force was read before: only memory or a file could fail, and then that is said. */
static void
back_to_budgets(struct tt_serve *serve)
{
    struct tt_buf why;
    tt_buf_init(&why, serve->front->alloc, TT_SERVE_SAID_MAX);
    if (tt_serve_budgets_set(&serve->records.budgets, tt_buf_str(&serve->now.policy.bytes), false, &why) != TT_OK) {
        tt_serve_say(serve, "%.*s", (int) why.len, why.len > 0 ? why.ptr : "");
    }
    tt_buf_free(&why);
}

/* On success the candidate is in force, and what was is freed; otherwise the candidate stays the caller's. */
enum tt_status
tt_serve_apply(struct tt_serve *serve, struct tt_serve_candidate *candidate, struct tt_buf *message)
{
    /* New workers would find no room for their records; the old ones have theirs in memory and serve on. */
    if (access(serve->state.rings, X_OK) != 0) {
        tt_buf_add_cstr(message, serve->state.rings);
        tt_buf_add_cstr(message, ": the folder of the rings is gone; stop the gateway and start it again");
        return TT_E_IO;
    }
    TT_TRY(tt_serve_candidate_test(serve, candidate, message));
    struct tt_serve_budgets *budgets = &serve->records.budgets;
    TT_TRY(tt_serve_candidate_commit(serve, candidate, message));
    enum tt_status status = tt_serve_budgets_set(budgets, tt_buf_str(&candidate->policy.bytes), false, message);
    if (status == TT_OK) {
        status = tt_serve_nginx_reload(serve, message);
    }
    if (status != TT_OK) {
        tt_serve_candidate_back(serve);
        back_to_budgets(serve);
        return status;
    }
    if (candidate != &serve->now) {
        tt_serve_candidate_free(&serve->now);
        serve->now = *candidate;
    }
    return TT_OK;
}

static void
note_attempt(struct tt_serve *serve, bool good, struct tt_str message)
{
    struct tt_serve_attempt *attempt = &serve->attempt;
    size_t len = message.len < sizeof(attempt->message) ? message.len : sizeof(attempt->message) - 1;
    tt_serve_time_text(attempt->time, sizeof(attempt->time));
    attempt->good = good;
    if (len > 0) {
        memcpy(attempt->message, message.ptr, len);
    }
    attempt->message[len] = '\0';
}

void
tt_serve_reload(struct tt_serve *serve, struct tt_buf *message)
{
    struct tt_serve_candidate candidate;
    enum tt_status status = tt_serve_candidate_read(serve, &candidate, message);
    if (status == TT_OK) {
        status = tt_serve_apply(serve, &candidate, message);
    }
    if (status != TT_OK) {
        tt_serve_candidate_free(&candidate);
        tt_buf_add_cstr(message, message->len > 0 && message->ptr[message->len - 1] == '\n' ? "" : "\n");
        tt_buf_add_cstr(message, "not reloaded: the policy in force stays ");
    } else {
        tt_buf_add_cstr(message, "reloaded: policy ");
    }
    tt_buf_add_cstr(message, serve->now.policy.id);
    tt_buf_add_cstr(message, " sha256:");
    tt_buf_add_cstr(message, serve->now.policy.identity);
    note_attempt(serve, status == TT_OK, tt_buf_str(message));
    tt_serve_say(serve, "%.*s", (int) message->len, message->ptr ? message->ptr : "");
}

/* The policy stays, and what nginx is told of it changes. */
static void
apply_again(struct tt_serve *serve, const char *why)
{
    struct tt_buf message;
    tt_buf_init(&message, serve->front->alloc, TT_SERVE_SAID_MAX);
    bool good = tt_serve_apply(serve, &serve->now, &message) == TT_OK;
    tt_serve_say(serve, good ? "%s: reloaded%.*s" : "%s, but: %.*s", why, (int) message.len, message.ptr ? message.ptr : "");
    tt_buf_free(&message);
}

void
tt_serve_look_up(struct tt_serve *serve)
{
    bool changed = false;
    if (tt_serve_resolve_take(&serve->resolver, serve->addresses, &changed) && changed) {
        apply_again(serve, "addresses of upstreams changed");
    }
    if (tt_serve_clock() - serve->looked_up_ms >= LOOK_UP_MS && tt_serve_resolve_begin(&serve->resolver, &serve->settings)) {
        serve->looked_up_ms = tt_serve_clock();
    }
}

/*
 * What a worker had open when it was killed stays counted in nginx's shared memory for good, and would use up the limit of its clients: a zone of
 * another name begins at nothing.  Who goes on killing workers does not make a reload of each.
 */
void
tt_serve_renew_limits(struct tt_serve *serve)
{
    if (serve->log.deaths != serve->zone_deaths && tt_serve_clock() - serve->renewed_ms >= RENEW_MS) {
        serve->zone++;
        serve->zone_deaths = serve->log.deaths;
        apply_again(serve, "a worker was killed, so connections are counted anew");
        serve->renewed_ms = tt_serve_clock();
    }
}

/* ---- upgrade ---- */

/* The new master, once it has a worker; pid 0 when it does not come. */
static struct tt_serve_process
await_master(struct tt_serve *serve, struct tt_serve_process old)
{
    struct tt_serve_workers workers;
    int64_t until = tt_serve_clock() + UPGRADE_MS;
    uint64_t alerts = serve->log.alerts;
    while (tt_serve_clock() < until) {
        tt_serve_turn(serve);
        tt_serve_log_read(&serve->log, &serve->state);
        struct tt_serve_process named = tt_serve_nginx_named(serve, "nginx.pid");
        if (named.pid > 0 && named.pid != old.pid) {
            tt_serve_nginx_workers(named.pid, &workers);
            if (workers.count > 0) {
                return named;
            }
        } else if (serve->log.alerts != alerts && until > tt_serve_clock() + FAILED_MS) {
            /* It said why; a little patience in case that it comes nevertheless. */
            until = tt_serve_clock() + FAILED_MS;
        }
    }
    return (struct tt_serve_process) {.pid = 0};
}

/* Both masters answer meanwhile.  The old one takes its pid file back when the new one ends. */
static enum tt_status
roll_back(struct tt_serve *serve, struct tt_serve_process old, struct tt_serve_process fresh, struct tt_buf *message,
          const char *why)
{
    int64_t until = tt_serve_clock() + UPGRADE_MS;
    tt_buf_add_cstr(message, "not upgraded: ");
    tt_buf_add_cstr(message, why);
    if (serve->log.last[0]) {
        tt_buf_add_cstr(message, ": ");
        tt_buf_add_cstr(message, serve->log.last);
    }
    tt_serve_process_signal(fresh, SIGQUIT);
    while (tt_serve_clock() < until && tt_serve_nginx_named(serve, "nginx.pid").pid != old.pid) {
        tt_serve_turn(serve);
    }
    serve->master = old;
    tt_buf_add_cstr(message, tt_serve_process_lives(old) ? "; the old nginx serves on" : "; and the old nginx has ended");
    return TT_E_INPUT;
}

enum tt_status
tt_serve_upgrade(struct tt_serve *serve, struct tt_buf *message)
{
    struct tt_serve_process old = serve->master;
    if (tt_serve_nginx_named(serve, "nginx.pid.oldbin").pid > 0) {
        tt_buf_add_cstr(message, "not upgraded: the nginx before the last upgrade still finishes its streams");
        return TT_E_INPUT;
    }
    /* What is on disk is read by the new master, so it is checked first, as for a reload. */
    enum tt_status status = tt_serve_candidate_test(serve, &serve->now, message);
    if (status != TT_OK) {
        tt_buf_add_cstr(message, "not upgraded: the old nginx serves on");
        return status;
    }
    serve->log.last[0] = '\0';
    if (!tt_serve_process_signal(old, SIGUSR2)) {
        tt_buf_add_cstr(message, "not upgraded: nginx does not run");
        return TT_E_IO;
    }
    struct tt_serve_process fresh = await_master(serve, old);
    if (fresh.pid == 0) {
        return roll_back(serve, old, fresh, message, "the new nginx did not come");
    }
    if (tt_serve_process_maps(fresh.pid, serve->settings.module) != TT_SERVE_MAPPED) {
        return roll_back(serve, old, fresh, message, "the new nginx has not loaded the module that is installed");
    }
    serve->master = fresh;
    tt_serve_nginx_retire(serve, old);
    tt_buf_add_cstr(message, "upgraded: the new nginx serves; the old one ends with its last stream");
    return TT_OK;
}
