/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a gateway was asked to be: its options, checked as a whole before anything is touched.
 */
#ifndef TT_SERVE_SETTINGS_H
#define TT_SERVE_SETTINGS_H

#include "base/arena.h"
#include "base/buf.h"
#include "catalog/catalog.h"
#include "serve/address.h"

/* As given; NULL is what was not. */
struct tt_serve_options {
    const char *policy, *listen, *metrics, *state, *region;
    const char *tls_cert, *tls_key, *client_ca;
    const char *keys, *include, *ca, *module, *nginx, *user;
    const char *const *upstreams; /* "PROVIDER=URL", "PROVIDER@API=URL" */
    size_t upstream_count;
    const char *const *learned; /* descriptions of learned sites */
    size_t learned_count;
    const char *const *catalogs; /* folders of additions, which exist */
    size_t catalog_count;
    unsigned workers; /* 0: as many as processors */
    bool shadow;
};

/* The APIs that clients speak; each leads to one provider. */
enum tt_serve_api { TT_SERVE_ANTHROPIC, TT_SERVE_OPENAI, TT_SERVE_GEMINI, TT_SERVE_APIS };

struct tt_serve_upstream {
    struct tt_str provider; /* id in the catalogue */
    struct tt_str name;     /* of nginx's upstream{}: "telltale_provider_anthropic" */
    struct tt_serve_url url;
    unsigned apis; /* bits 1 << enum tt_api that it serves: requests of others are never sent there instead */
    bool off;      /* "PROVIDER=off": nothing leads there */
};

/* All paths are absolute and hold no character that would end a quoted word of nginx's configuration. */
struct tt_serve_settings {
    struct tt_serve_listen listen, metrics;
    bool has_metrics;
    const char *policy, *state, *region;        /* region may be NULL */
    const char *tls_cert, *tls_key, *client_ca; /* may be NULL */
    const char *keys, *include;                 /* may be NULL */
    const char *ca, *module, *nginx;
    const char *user;                          /* of the workers; NULL: the user that runs the gateway */
    const char *learned[TT_LEARNED_FILES_MAX]; /* descriptions of learned sites */
    size_t learned_count;
    const char *const *catalogs;
    size_t catalog_count;
    struct tt_serve_upstream upstreams[TT_SERVE_UPSTREAMS_MAX];
    size_t upstream_count; /* the first TT_SERVE_APIS are those of the APIs, in their order */
    unsigned workers;
    bool shadow;
};

/* What stands where an option is missing. */
#define TT_SERVE_LISTEN "127.0.0.1:8400"
#define TT_SERVE_METRICS "127.0.0.1:9464"
#define TT_SERVE_CA "/etc/ssl/certs/ca-certificates.crt"
#define TT_SERVE_NGINX "/usr/sbin/nginx"
#define TT_SERVE_USER "www-data"

/*
 * Checks options.  state and module must be given.  privileged: nginx may change to another user.  TT_E_USAGE: message says what is
 * wrong, in words that may contain the person's own bytes; TT_E_MEMORY.  Strings are in the arena or borrowed from options.
 */
enum tt_status tt_serve_settings_read(const struct tt_serve_options *options, const struct tt_catalog *catalog, bool privileged,
                                      struct tt_arena *arena, struct tt_serve_settings *out, struct tt_buf *message) TT_MUST_USE;

#endif
