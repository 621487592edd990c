/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The model API in front of a client in the box: one loop over descriptors that answers every connection, every time with the same bytes, and
 * captures what came.
 *
 * It knows nothing of the box but these descriptors, so it can be run on any sockets.  It opens none of its own, and connects to nothing.
 */
#ifndef TT_PROBE_MOCK_H
#define TT_PROBE_MOCK_H

#include "probe/capture.h"
#include "probe/tls.h"

/* What names lead to. */
enum tt_mock_dns {
    TT_MOCK_DNS_NX,       /* no name exists */
    TT_MOCK_DNS_REDIRECT, /* every name is at TT_MOCK_ADDRESS; no IPv6, nothing of other types */
};
#define TT_MOCK_ADDRESS "198.51.100.7"

/* An answer of the user's for requests whose path ends in path. */
struct tt_mock_answer {
    struct tt_str path;
    struct tt_str
        content; /* sent as it stands when it begins with "HTTP/1."; else a body whose type is told from its first byte */
};

struct tt_mock_settings {
    enum tt_mock_dns dns;
    bool tool_turn;                       /* the first answer to a request with a harmless tool is a call of that tool */
    bool web_socket;                      /* take a WebSocket at /responses; else 404, as for other paths */
    const struct tt_mock_answer *answers; /* the first that fits is sent */
    size_t answer_count;
    struct tt_tls_authority *authority; /* NULL: TLS is a failed handshake */
    uint64_t wall_ms;                   /* from the call to the end of everything; 0: TT_PROBE_WALL_MS */
    uint64_t output_max;                /* bytes kept of stdout and of stderr each; 0: TT_PROBE_OUTPUT_MAX */
};

/*
 * The box, as far as the mock sees it.  Descriptors stay the caller's; -1: there is none.  They are made non-blocking.  report is only watched: when it
 * becomes readable or ends, the client is gone and its time to linger is over.  Without one the call ends when out and err have ended.
 */
struct tt_mock_ends {
    const int *listeners;
    size_t listener_count; /* at most TT_MOCK_LISTENERS_MAX */
    int dns;               /* UDP, IPv4 or IPv6 */
    int out, err;          /* pipes from the client */
    int report;
};

/*
 * Serves until the report, the deadline (capture->timed_out) or a flood (capture->flooded), takes what is still in the descriptors, and closes all
 * connections.  Fills exchanges, contacts, out, err, wall_ms and the flags.  TT_E_MEMORY, TT_E_IO: the capture is not usable.
 */
enum tt_status tt_mock_serve(const struct tt_mock_settings *settings, const struct tt_mock_ends *ends,
                             struct tt_capture *capture) TT_MUST_USE;

#endif
