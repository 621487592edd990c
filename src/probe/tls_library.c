/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads OpenSSL; see tls_library.h.
 *
 * In: the system's loader.  Out: addresses of functions.  Owns nothing: the loader counts and remembers.
 */
#include "probe/tls_library.h"

#include "base/library.h"

#include <stddef.h>

/* The version is part of their names: the functions of another one may differ from the headers'. */
#define CRYPTO_LIBRARY "libcrypto.so.3"
#define SSL_LIBRARY "libssl.so.3"

#define ROW(name)                                      \
    {                                                  \
#name, offsetof(struct tt_openssl_calls, name) \
    }

static const struct tt_library_call crypto_rows[] = {
    ROW(ASN1_INTEGER_set_uint64),
    ROW(ASN1_OCTET_STRING_free),
    ROW(ASN1_OCTET_STRING_new),
    ROW(ASN1_OCTET_STRING_set),
    ROW(ASN1_TIME_set_string_X509),
    ROW(BIO_ctrl),
    ROW(BIO_free),
    ROW(BIO_new),
    ROW(BIO_read),
    ROW(BIO_s_mem),
    ROW(BIO_write),
    ROW(ERR_clear_error),
    ROW(ERR_get_error),
    ROW(ERR_reason_error_string),
    ROW(EVP_PKEY_Q_keygen),
    ROW(EVP_PKEY_free),
    ROW(EVP_sha1),
    ROW(EVP_sha256),
    ROW(PEM_write_bio_X509),
    ROW(X509_EXTENSION_create_by_NID),
    ROW(X509_EXTENSION_free),
    ROW(X509_NAME_add_entry_by_txt),
    ROW(X509_add_ext),
    ROW(X509_free),
    ROW(X509_get_serialNumber),
    ROW(X509_get_subject_name),
    ROW(X509_getm_notAfter),
    ROW(X509_getm_notBefore),
    ROW(X509_new),
    ROW(X509_pubkey_digest),
    ROW(X509_set_issuer_name),
    ROW(X509_set_pubkey),
    ROW(X509_set_version),
    ROW(X509_sign),
};

static const struct tt_library_call ssl_rows[] = {
    ROW(SSL_CTX_ctrl),
    ROW(SSL_CTX_free),
    ROW(SSL_CTX_new),
    ROW(SSL_CTX_set_alpn_select_cb),
    ROW(SSL_CTX_set_num_tickets),
    ROW(SSL_CTX_set_options),
    ROW(SSL_do_handshake),
    ROW(SSL_free),
    ROW(SSL_get_error),
    ROW(SSL_get_shutdown),
    ROW(SSL_new),
    ROW(SSL_read),
    ROW(SSL_set_accept_state),
    ROW(SSL_set_bio),
    ROW(SSL_shutdown),
    ROW(SSL_use_PrivateKey),
    ROW(SSL_use_certificate),
    ROW(SSL_write),
    ROW(TLS_server_method),
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

bool
tt_openssl_library_load(struct tt_openssl_calls *calls)
{
    _Static_assert(COUNT(crypto_rows) + COUNT(ssl_rows) == sizeof(*calls) / sizeof(calls->SSL_new), "a row for each call");
    return tt_library_load(CRYPTO_LIBRARY, crypto_rows, COUNT(crypto_rows), calls) &&
           tt_library_load(SSL_LIBRARY, ssl_rows, COUNT(ssl_rows), calls);
}
