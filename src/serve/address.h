/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a gateway listens and where it leads to, as people write it: "127.0.0.1:8400", "https://api.example.com".
 */
#ifndef TT_SERVE_ADDRESS_H
#define TT_SERVE_ADDRESS_H

#include "base/limits.h"
#include "base/str.h"

/* An address and a port as nginx takes them: "127.0.0.1:8400", "[::1]:8400", "*:8400". */
struct tt_serve_listen {
    char text[64];
    unsigned port;
    bool loopback;
};

/* False: *why says what is wrong, a static sentence. */
bool tt_serve_listen_parse(struct tt_str text, struct tt_serve_listen *out, const char **why);

/* The URL of an upstream. */
struct tt_serve_url {
    char host[TT_SERVE_HOST_MAX + 1]; /* lower case, without brackets */
    char base[TT_SERVE_BASE_MAX + 1]; /* of the path, without a slash at its end; mostly empty */
    unsigned port;
    bool https;
    bool address;  /* host is an IP address */
    bool v6;       /* of IPv6 */
    bool loopback; /* does not leave this machine */
};

bool tt_serve_url_parse(struct tt_str text, struct tt_serve_url *out, const char **why);

/* Has the URL the port that its scheme stands for? */
bool tt_serve_url_plain(const struct tt_serve_url *url);

#endif
