/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nginx's configuration, written from settings, policy and addresses.  The same input gives the same bytes.
 */
#ifndef TT_SERVE_RENDER_H
#define TT_SERVE_RENDER_H

#include "serve/keys.h"
#include "serve/settings.h"

/* Copies of descriptions in the state folder: "learned1.json" ... */
#define TT_SERVE_LEARNED_NAME "learned"
#define TT_SERVE_LEARNED_END ".json"

/* What the configuration needs to know of a policy. */
struct tt_serve_policy {
    struct tt_buf bytes; /* of the file, as it was checked */
    char id[128];        /* printable ASCII */
    char identity[65];   /* SHA-256 of the canonical form, in hexadecimal */
    char header[64];     /* that names the client; empty: none */
    bool fails_open;     /* where a request cannot be inspected */
    bool replaces;       /* the gateway's own keys for upstreams stand for those of clients */
};

/* The addresses of one upstream, sorted: "192.0.2.7:443". */
struct tt_serve_addresses {
    char text[TT_SERVE_ADDRESSES_MAX][64];
    size_t count;
    unsigned differing; /* lookups in a row that found others */
};

struct tt_serve_plan {
    const struct tt_serve_settings *settings;
    const struct tt_serve_policy *policy;
    const struct tt_serve_rates *rates;
    const struct tt_serve_addresses *addresses; /* one for each upstream */
    const char *policy_file;                    /* the copies that nginx reads */
    const char *keys_file, *include_file;       /* the same, or NULL */
    const char *suffix;                         /* of the copies of learned sites */
    const char *rings;
    size_t ring_size; /* bytes of one; 0: as the module has it */
    unsigned files;   /* that a worker may have open */
    unsigned zone;    /* number of the zone that counts connections; another number begins to count anew */
};

void tt_serve_render(const struct tt_serve_plan *plan, struct tt_buf *out);

#endif
