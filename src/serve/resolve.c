/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking up names; see resolve.h and getaddrinfo(3).
 *
 * Input: upstreams.  Output: addresses in a fixed order, because name servers turn theirs round and a mere change of order must not reload
 * nginx.  The thread writes its own array and says when it is done; the settings are constant.  A thread that never ends is left
 * behind when the process ends.
 */
#include "serve/resolve.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static int
by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void
add_address(struct tt_serve_addresses *to, const char *address, bool v6, unsigned port)
{
    if (to->count < TT_SERVE_ADDRESSES_MAX) {
        snprintf(to->text[to->count++], sizeof(to->text[0]), v6 ? "[%s]:%u" : "%s:%u", address, port);
    }
}

static void
look_up(const struct tt_serve_url *url, struct tt_serve_addresses *to)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *list = NULL;
    char text[INET6_ADDRSTRLEN];
    to->count = 0;
    if (url->address) {
        add_address(to, url->host, url->v6, url->port);
        return;
    }
    /* Machines that have only a loopback interface still reach "localhost". */
    hints.ai_flags = url->loopback ? 0 : hints.ai_flags;
    if (getaddrinfo(url->host, NULL, &hints, &list) != 0) {
        return;
    }
    for (const struct addrinfo *at = list; at; at = at->ai_next) {
        bool v6 = at->ai_family == AF_INET6;
        const void *bytes = v6 ? (const void *) &((const struct sockaddr_in6 *) (const void *) at->ai_addr)->sin6_addr
                               : (const void *) &((const struct sockaddr_in *) (const void *) at->ai_addr)->sin_addr;
        if ((v6 || at->ai_family == AF_INET) && inet_ntop(at->ai_family, bytes, text, sizeof(text))) {
            add_address(to, text, v6, url->port);
        }
    }
    freeaddrinfo(list);
    qsort(to->text, to->count, sizeof(to->text[0]), by_text);
}

static void *
look_up_all(void *ctx)
{
    struct tt_serve_resolver *resolver = ctx;
    for (size_t i = 0; i < resolver->settings->upstream_count; i++) {
        const struct tt_serve_upstream *upstream = &resolver->settings->upstreams[i];
        if (!upstream->off) {
            look_up(&upstream->url, &resolver->found[i]);
        }
    }
    atomic_store(&resolver->done, true);
    return NULL;
}

bool
tt_serve_resolve_begin(struct tt_serve_resolver *resolver, const struct tt_serve_settings *settings)
{
    sigset_t all, before;
    if (resolver->running) {
        return false;
    }
    resolver->settings = settings;
    atomic_store(&resolver->done, false);
    /* Signals belong to the loop. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    resolver->running = pthread_create(&resolver->thread, NULL, look_up_all, resolver) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return resolver->running;
}

/* How many of the addresses are in both. */
static size_t
common(const struct tt_serve_addresses *a, const struct tt_serve_addresses *b)
{
    size_t n = 0;
    for (size_t i = 0; i < a->count; i++) {
        for (size_t k = 0; k < b->count; k++) {
            n += strcmp(a->text[i], b->text[k]) == 0;
        }
    }
    return n;
}

static bool
take_over(struct tt_serve_addresses *used, const struct tt_serve_addresses *found)
{
    size_t same = common(used, found);
    if (found->count == 0 || (same == used->count && same == found->count)) {
        used->differing = 0;
        return false;
    }
    if (same > 0 && ++used->differing < TT_SERVE_DIFFERING) {
        return false;
    }
    *used = *found;
    used->differing = 0;
    return true;
}

bool
tt_serve_resolve_take(struct tt_serve_resolver *resolver, struct tt_serve_addresses *addresses, bool *changed)
{
    *changed = false;
    if (!resolver->running || !atomic_load(&resolver->done)) {
        return false;
    }
    pthread_join(resolver->thread, NULL);
    resolver->running = false;
    for (size_t i = 0; i < resolver->settings->upstream_count; i++) {
        *changed = take_over(&addresses[i], &resolver->found[i]) || *changed;
    }
    return true;
}
