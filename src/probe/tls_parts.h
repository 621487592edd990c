/* SPDX-License-Identifier: Apache-2.0 */
/* The parts behind tls.h: authorities and certificates (tls.c), sessions (tls_session.c). */
#ifndef TT_PROBE_TLS_PARTS_H
#define TT_PROBE_TLS_PARTS_H

#include "base/hash.h"
#include "base/limits.h"
#include "probe/tls.h"
#include "probe/tls_library.h"

#define TT_TLS_NAME_MAX 255 /* bytes of a name in a certificate */

struct tt_tls_leaf {
    X509 *certificate;
    uint8_t name_len;
    char name[TT_TLS_NAME_MAX];
};

struct tt_tls_authority {
    const struct tt_alloc *alloc;
    struct tt_openssl_calls o;
    EVP_PKEY *key, *leaf_key; /* key is NULL where OpenSSL is not there */
    X509 *certificate;
    SSL_CTX *context;
    struct tt_buf pem;
    struct tt_tls_leaf leaves[TT_TLS_LEAVES_MAX];
    size_t leaves_made;
};

/* The certificate for a name; borrowed from the authority, and valid until the next one.  NULL: it cannot be made. */
X509 *tt_tls_leaf(struct tt_tls_authority *authority, struct tt_str name);

/* What the sessions have in common. */
SSL_CTX *tt_tls_context(const struct tt_openssl_calls *o);

#endif
