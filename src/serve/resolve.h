/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of upstreams to addresses, in a thread of its own: a name server that does not answer must not hold up the records.
 */
#ifndef TT_SERVE_RESOLVE_H
#define TT_SERVE_RESOLVE_H

#include "serve/render.h"

#include <pthread.h>
#include <stdatomic.h>

struct tt_serve_resolver {
    const struct tt_serve_settings *settings;
    struct tt_serve_addresses found[TT_SERVE_UPSTREAMS_MAX]; /* the thread's, until done */
    atomic_bool done;
    bool running;
    pthread_t thread;
};

/* Starts looking up all names.  False: it could not, or still does. */
bool tt_serve_resolve_begin(struct tt_serve_resolver *resolver, const struct tt_serve_settings *settings);

/*
 * Takes over what was found, once it is complete; false before.  An upstream whose name has no address keeps those of
 * addresses.  Some names get another choice of a large set at every lookup, and each change costs a reload: others are taken when none of
 * those in use was found, or when TT_SERVE_DIFFERING lookups in a row found others.  *changed: some were.
 */
#define TT_SERVE_DIFFERING 5
bool tt_serve_resolve_take(struct tt_serve_resolver *resolver, struct tt_serve_addresses *addresses, bool *changed);

#endif
