/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A running gateway: what its parts share.  Only files of this room include it.
 *
 * One thread does everything but looking up names.  Whoever waits for something (nginx's check, a new master) waits with tt_serve_turn, which
 * goes on collecting records meanwhile.
 */
#ifndef TT_SERVE_RUN_H
#define TT_SERVE_RUN_H

#include "base/hash.h"
#include "serve/log.h"
#include "serve/process.h"
#include "serve/records.h"
#include "serve/resolve.h"
#include "serve/serve.h"
#include "serve/state.h"

#define TT_SERVE_TURN_MS 50

/* A description of learned sites. */
struct tt_serve_learned {
    struct tt_buf bytes;
    char digest[2 * TT_SHA256_SIZE + 1]; /* SHA-256 of the bytes, in hexadecimal */
    uint64_t sites;
};

/* What a configuration is made of, before it is in force. */
struct tt_serve_candidate {
    struct tt_serve_policy policy;
    struct tt_serve_rates rates;
    struct tt_buf keys, include;
    struct tt_serve_learned learned[TT_LEARNED_FILES_MAX]; /* one for each of the settings */
};

/* The last attempt to change the configuration. */
struct tt_serve_attempt {
    char time[32];
    bool good;
    char message[512];
};

/* The workers of a master: those that serve, and how many only finish. */
#define TT_SERVE_WORKERS_MAX 128
struct tt_serve_workers {
    struct tt_serve_process list[TT_SERVE_WORKERS_MAX];
    size_t count, leaving;
};

struct tt_serve {
    const struct tt_serve_front *front;
    struct tt_serve_settings settings; /* a copy whose state folder may be a scratch one */
    struct tt_serve_state state;
    struct tt_serve_candidate now; /* in force */
    struct tt_serve_addresses addresses[TT_SERVE_UPSTREAMS_MAX];
    struct tt_serve_resolver resolver;
    struct tt_serve_records records;
    struct tt_serve_log log;
    struct tt_serve_attempt attempt;
    struct tt_serve_process master;
    struct tt_serve_workers workers; /* as of the last second */
    size_t without_ring[2];          /* of these, who had no ring now, and a second before */
    unsigned files;                  /* that a worker may have open */
    size_t ring_size;                /* bytes; 0: the usual */
    unsigned zone;                   /* number of the zone that counts connections */
    uint64_t zone_deaths;            /* of workers, before that zone began */
    const char *phase;               /* "starting", "serving", "stopping" */
    char started[32];
    int64_t started_ms, second_ms, looked_up_ms, renewed_ms; /* of the monotonic clock */
    uint64_t started_s;                                      /* of the wall clock */
    int signals;                                             /* signalfd; -1 */
    pid_t helper;                                            /* a child that is waited for, and how it ended */
    int helper_status;
    bool wants_reload, wants_request;
    unsigned wants_stop; /* how often it was asked for */
};

/* One turn: waits up to TT_SERVE_TURN_MS for a signal, takes in what came, collects; once a second also metrics and status. */
void tt_serve_turn(struct tt_serve *serve);

/* One message for each line of the text; a line that stands twice is said once. */
void tt_serve_say(const struct tt_serve *serve, const char *format, ...) __attribute__((format(printf, 2, 3)));

int64_t tt_serve_clock(void);                    /* monotonic, in milliseconds */
void tt_serve_time_text(char *out, size_t size); /* now, as RFC 3339 */

/* configure.c: candidates. */
enum tt_status tt_serve_candidate_read(struct tt_serve *serve, struct tt_serve_candidate *candidate,
                                       struct tt_buf *message) TT_MUST_USE;
void tt_serve_candidate_free(struct tt_serve_candidate *candidate);

/* Writes a candidate into the folder under names of its own and has nginx check it. */
enum tt_status tt_serve_candidate_test(struct tt_serve *serve, const struct tt_serve_candidate *candidate,
                                       struct tt_buf *message) TT_MUST_USE;

/* Puts a tested candidate in force in the folder, keeping what was there; back puts that in its place again. */
enum tt_status tt_serve_candidate_commit(struct tt_serve *serve, const struct tt_serve_candidate *candidate,
                                         struct tt_buf *message) TT_MUST_USE;
void tt_serve_candidate_back(struct tt_serve *serve);

void tt_serve_candidate_render(struct tt_serve *serve, const struct tt_serve_candidate *candidate, const char *suffix,
                               struct tt_buf *out);

/* nginx.c: the child. */
enum tt_status tt_serve_nginx_test(struct tt_serve *serve, struct tt_buf *said) TT_MUST_USE;
enum tt_status tt_serve_nginx_start(struct tt_serve *serve, struct tt_buf *message) TT_MUST_USE;
bool tt_serve_nginx_adopt(struct tt_serve *serve); /* a master that an earlier gateway left behind */
struct tt_serve_process tt_serve_nginx_named(const struct tt_serve *serve,
                                             const char *file); /* in a pid file; a master of ours */
void tt_serve_nginx_follow(struct tt_serve *serve);             /* the pid file */
/* Lets nginx take the configuration that is in the folder.  TT_E_INPUT: it kept the old one. */
enum tt_status tt_serve_nginx_reload(struct tt_serve *serve, struct tt_buf *message) TT_MUST_USE;
/* A master finishes what it has; returns when it takes no more requests. */
void tt_serve_nginx_retire(struct tt_serve *serve, struct tt_serve_process master);
void tt_serve_nginx_stop(struct tt_serve *serve); /* gracefully; returns when all of it has ended */

void tt_serve_nginx_workers(pid_t master, struct tt_serve_workers *workers);
/* Looks which workers there are.  Of a master that is gone, those that were known stay known: they have to be ended. */
void tt_serve_nginx_count(struct tt_serve *serve);

/* change.c: reload, upgrade, new addresses. */
void tt_serve_reload(struct tt_serve *serve, struct tt_buf *message);
enum tt_status tt_serve_apply(struct tt_serve *serve, struct tt_serve_candidate *candidate, struct tt_buf *message) TT_MUST_USE;
enum tt_status tt_serve_upgrade(struct tt_serve *serve, struct tt_buf *message) TT_MUST_USE;
void tt_serve_look_up(struct tt_serve *serve);      /* when it is time */
void tt_serve_renew_limits(struct tt_serve *serve); /* when a worker was killed */

/* status.c, request.c */
void tt_serve_status_write(struct tt_serve *serve);
void tt_serve_request_take(struct tt_serve *serve);

#endif
