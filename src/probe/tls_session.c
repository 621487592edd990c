/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server's end of TLS over bytes; see tls.h.
 *
 * In: what came from the client.  Out: what it said, and what must go back.  OpenSSL reads from one buffer of its own and writes into another, so it
 * never sees a socket.  A session owns its SSL, which owns both buffers.
 */
#include "probe/tls_parts.h"

#define PIECE (16 * TT_KIB) /* what one record holds at most */

struct tt_tls_session {
    struct tt_tls_authority *authority;
    SSL *ssl;
    BIO *in, *out;
    bool ready, broken;
    const char *why;
};

/* HTTP/1.1 where the client offers it.  Else no protocol is agreed on, and the client may speak what it likes. */
static int
choose_protocol(SSL *ssl, const unsigned char **chosen, unsigned char *chosen_len, const unsigned char *offered, unsigned len,
                void *ctx)
{
    static const char wanted[] = "http/1.1";
    (void) ssl;
    (void) ctx;
    for (unsigned at = 0; at < len; at += 1u + offered[at]) {
        if (offered[at] == sizeof(wanted) - 1 && at + sizeof(wanted) <= len &&
            memcmp(offered + at + 1, wanted, sizeof(wanted) - 1) == 0) {
            *chosen = offered + at + 1;
            *chosen_len = offered[at];
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_NOACK;
}

SSL_CTX *
tt_tls_context(const struct tt_openssl_calls *o)
{
    SSL_CTX *context = o->SSL_CTX_new(o->TLS_server_method());
    if (context) {
        /* No connection takes up an older one, so that each begins the same way. */
        (void) o->SSL_CTX_ctrl(context, SSL_CTRL_SET_SESS_CACHE_MODE, SSL_SESS_CACHE_OFF, NULL);
        (void) o->SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
        (void) o->SSL_CTX_set_num_tickets(context, 0);
        o->SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    }
    return context;
}

/* ---- making ---- */

static enum tt_status
open_session(struct tt_tls_session *s, X509 *leaf)
{
    struct tt_tls_authority *a = s->authority;
    s->in = a->o.BIO_new(a->o.BIO_s_mem());
    s->out = a->o.BIO_new(a->o.BIO_s_mem());
    s->ssl = a->o.SSL_new(a->context);
    if (!s->in || !s->out || !s->ssl) {
        a->o.BIO_free(s->in);
        a->o.BIO_free(s->out);
        return TT_E_MEMORY;
    }
    /* An empty buffer means "not yet", not the end. */
    (void) a->o.BIO_ctrl(s->in, BIO_C_SET_BUF_MEM_EOF_RETURN, -1, NULL);
    (void) a->o.BIO_ctrl(s->out, BIO_C_SET_BUF_MEM_EOF_RETURN, -1, NULL);
    a->o.SSL_set_bio(s->ssl, s->in, s->out);
    a->o.SSL_set_accept_state(s->ssl);
    bool dressed = a->o.SSL_use_certificate(s->ssl, leaf) == 1 && a->o.SSL_use_PrivateKey(s->ssl, a->leaf_key) == 1;
    return dressed ? TT_OK : TT_E_INTERNAL;
}

enum tt_status
tt_tls_session_new(struct tt_tls_authority *authority, struct tt_str name, struct tt_tls_session **out)
{
    *out = NULL;
    X509 *leaf = tt_tls_leaf(authority, name);
    if (!leaf) {
        return TT_E_INPUT;
    }
    struct tt_tls_session *s = tt_alloc_new(authority->alloc, sizeof(*s));
    if (!s) {
        return TT_E_MEMORY;
    }
    *s = (struct tt_tls_session) {.authority = authority, .why = ""};
    enum tt_status status = open_session(s, leaf);
    if (status != TT_OK) {
        tt_tls_session_free(s);
        return status;
    }
    *out = s;
    return TT_OK;
}

void
tt_tls_session_free(struct tt_tls_session *s)
{
    if (s) {
        s->authority->o.SSL_free(s->ssl);
        s->authority->o.ERR_clear_error();
        tt_alloc_free(s->authority->alloc, s, sizeof(*s));
    }
}

/* ---- bytes ---- */

/* Moves what OpenSSL wants to say to wire. */
static enum tt_status
flush(struct tt_tls_session *s, struct tt_buf *wire)
{
    for (;;) {
        char *to = tt_buf_reserve(wire, PIECE);
        int n = to ? s->authority->o.BIO_read(s->out, to, (int) PIECE) : 0;
        if (n <= 0) {
            return wire->status;
        }
        wire->len += (size_t) n;
    }
}

/* A call of OpenSSL did not do all: is the session broken, or does it only want more bytes? */
static enum tt_status
judge(struct tt_tls_session *s, int result)
{
    const struct tt_openssl_calls *o = &s->authority->o;
    int error = o->SSL_get_error(s->ssl, result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE || error == SSL_ERROR_ZERO_RETURN) {
        return TT_OK;
    }
    const char *why = o->ERR_reason_error_string(o->ERR_get_error());
    s->why = why ? why : "not TLS";
    s->broken = true;
    return TT_E_INPUT;
}

static enum tt_status
read_plain(struct tt_tls_session *s, struct tt_buf *plain)
{
    for (;;) {
        char *to = tt_buf_reserve(plain, PIECE);
        if (!to) {
            return plain->status;
        }
        int n = s->authority->o.SSL_read(s->ssl, to, (int) PIECE);
        if (n <= 0) {
            return judge(s, n);
        }
        plain->len += (size_t) n;
    }
}

enum tt_status
tt_tls_session_feed(struct tt_tls_session *s, struct tt_str bytes, struct tt_buf *plain, struct tt_buf *wire)
{
    const struct tt_openssl_calls *o = &s->authority->o;
    enum tt_status status = TT_OK;
    if (s->broken || bytes.len > TT_MOCK_ANSWER_MAX) {
        return TT_E_INPUT;
    }
    o->ERR_clear_error();
    if (bytes.len > 0 && o->BIO_write(s->in, bytes.ptr, (int) bytes.len) != (int) bytes.len) {
        return TT_E_MEMORY;
    }
    if (!s->ready) {
        int result = o->SSL_do_handshake(s->ssl);
        s->ready = result == 1;
        status = s->ready ? TT_OK : judge(s, result);
    }
    if (s->ready) {
        status = read_plain(s, plain);
    }
    enum tt_status flushed = flush(s, wire);
    return status != TT_OK ? status : flushed;
}

enum tt_status
tt_tls_session_send(struct tt_tls_session *s, struct tt_str bytes, struct tt_buf *wire)
{
    const struct tt_openssl_calls *o = &s->authority->o;
    if (!s->ready || s->broken || bytes.len > INT32_MAX) {
        return TT_E_USAGE;
    }
    o->ERR_clear_error();
    if (bytes.len > 0 && o->SSL_write(s->ssl, bytes.ptr, (int) bytes.len) != (int) bytes.len) {
        return TT_E_MEMORY; /* its buffer takes everything that there is memory for */
    }
    return flush(s, wire);
}

void
tt_tls_session_end(struct tt_tls_session *s, struct tt_buf *wire)
{
    if (s->ready && !s->broken) {
        (void) s->authority->o.SSL_shutdown(s->ssl);
        (void) flush(s, wire);
    }
}

bool
tt_tls_session_is_ready(const struct tt_tls_session *s)
{
    return s->ready;
}

bool
tt_tls_session_is_closed(const struct tt_tls_session *s)
{
    return s->ready && (s->authority->o.SSL_get_shutdown(s->ssl) & SSL_RECEIVED_SHUTDOWN) != 0;
}

const char *
tt_tls_session_why(const struct tt_tls_session *s)
{
    return s->why;
}
