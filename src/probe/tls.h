/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS in front of a client in the box: an authority that is made anew for each probe, certificates for whatever name the client wants, and
 * sessions that take and give bytes.  OpenSSL is loaded when the first authority is made.
 *
 * The authority's key never enters the box and nothing outside trusts it.
 */
#ifndef TT_PROBE_TLS_H
#define TT_PROBE_TLS_H

#include "base/buf.h"
#include "probe/got.h"

struct tt_tls_authority;
struct tt_tls_session;

/* ECDSA on P-256, valid 2000 to 2099 so that every clock of a run lies within.  TT_E_UNSUPPORTED: OpenSSL's libraries are not there. */
enum tt_status tt_tls_authority_new(const struct tt_alloc *alloc, struct tt_tls_authority **out) TT_MUST_USE;
void tt_tls_authority_free(struct tt_tls_authority *authority);

/* Its certificate as PEM text; borrowed from the authority. */
struct tt_str tt_tls_authority_pem(const struct tt_tls_authority *authority);

/* For SSL_CERT_FILE, which replaces a program's own store: the roots of this system (where there are any), then the authority. */
enum tt_status tt_tls_bundle(const struct tt_tls_authority *authority, struct tt_buf *out) TT_MUST_USE;

/*
 * A server's end of one connection.  name: the server name of the ClientHello, or else the address that the client connected to: what
 * the certificate is for.  Certificates are kept in the authority, at most TT_TLS_LEAVES_MAX.
 */
enum tt_status tt_tls_session_new(struct tt_tls_authority *authority, struct tt_str name,
                                  struct tt_tls_session **out) TT_MUST_USE;
void tt_tls_session_free(struct tt_tls_session *session);

/*
 * Bytes of the client.  What they say is appended to plain, what must go back to the client to wire.  TT_E_INPUT: the session is broken
 * (tt_tls_session_why says how); wire may hold an alert.
 */
enum tt_status tt_tls_session_feed(struct tt_tls_session *session, struct tt_str bytes, struct tt_buf *plain,
                                   struct tt_buf *wire);

/* Encrypts bytes for the client into wire.  Only once the handshake is done. */
enum tt_status tt_tls_session_send(struct tt_tls_session *session, struct tt_str bytes, struct tt_buf *wire);

/* Says into wire that nothing more is sent. */
void tt_tls_session_end(struct tt_tls_session *session, struct tt_buf *wire);

bool tt_tls_session_is_ready(const struct tt_tls_session *session);   /* the handshake is done */
bool tt_tls_session_is_closed(const struct tt_tls_session *session);  /* the client said that it sends no more */
const char *tt_tls_session_why(const struct tt_tls_session *session); /* OpenSSL's words for what broke it; static */

/* What a ClientHello says (RFC 8446, section 4.1.2), read before any session is made. */
struct tt_tls_hello {
    struct tt_str message; /* the handshake message without the records around it: in scratch */
    struct tt_str sni;     /* borrowed from message, like alpn */
    struct tt_str alpn;    /* the list as it stands there: each name behind its length */
};

/* bytes: the beginning of a connection.  Nonsense: no ClientHello, or one that does not fit into scratch, which is cleared first. */
enum tt_got tt_tls_hello_read(struct tt_str bytes, struct tt_buf *scratch, struct tt_tls_hello *out) TT_MUST_USE;

#endif
