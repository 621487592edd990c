/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenSSL, loaded when the first authority is made: no other command needs it.
 */
#ifndef TT_PROBE_TLS_LIBRARY_H
#define TT_PROBE_TLS_LIBRARY_H

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdbool.h>

#define TT_OPENSSL_CALL(name) __typeof__(name) *name

/* What is used of it. */
struct tt_openssl_calls {
    TT_OPENSSL_CALL(ASN1_INTEGER_set_uint64);
    TT_OPENSSL_CALL(ASN1_OCTET_STRING_free);
    TT_OPENSSL_CALL(ASN1_OCTET_STRING_new);
    TT_OPENSSL_CALL(ASN1_OCTET_STRING_set);
    TT_OPENSSL_CALL(ASN1_TIME_set_string_X509);
    TT_OPENSSL_CALL(BIO_ctrl);
    TT_OPENSSL_CALL(BIO_free);
    TT_OPENSSL_CALL(BIO_new);
    TT_OPENSSL_CALL(BIO_read);
    TT_OPENSSL_CALL(BIO_s_mem);
    TT_OPENSSL_CALL(BIO_write);
    TT_OPENSSL_CALL(ERR_clear_error);
    TT_OPENSSL_CALL(ERR_get_error);
    TT_OPENSSL_CALL(ERR_reason_error_string);
    TT_OPENSSL_CALL(EVP_PKEY_Q_keygen);
    TT_OPENSSL_CALL(EVP_PKEY_free);
    TT_OPENSSL_CALL(EVP_sha1);
    TT_OPENSSL_CALL(EVP_sha256);
    TT_OPENSSL_CALL(PEM_write_bio_X509);
    TT_OPENSSL_CALL(X509_EXTENSION_create_by_NID);
    TT_OPENSSL_CALL(X509_EXTENSION_free);
    TT_OPENSSL_CALL(X509_NAME_add_entry_by_txt);
    TT_OPENSSL_CALL(X509_add_ext);
    TT_OPENSSL_CALL(X509_free);
    TT_OPENSSL_CALL(X509_get_serialNumber);
    TT_OPENSSL_CALL(X509_get_subject_name);
    TT_OPENSSL_CALL(X509_getm_notAfter);
    TT_OPENSSL_CALL(X509_getm_notBefore);
    TT_OPENSSL_CALL(X509_new);
    TT_OPENSSL_CALL(X509_pubkey_digest);
    TT_OPENSSL_CALL(X509_set_issuer_name);
    TT_OPENSSL_CALL(X509_set_pubkey);
    TT_OPENSSL_CALL(X509_set_version);
    TT_OPENSSL_CALL(X509_sign);
    TT_OPENSSL_CALL(SSL_CTX_ctrl);
    TT_OPENSSL_CALL(SSL_CTX_free);
    TT_OPENSSL_CALL(SSL_CTX_new);
    TT_OPENSSL_CALL(SSL_CTX_set_alpn_select_cb);
    TT_OPENSSL_CALL(SSL_CTX_set_num_tickets);
    TT_OPENSSL_CALL(SSL_CTX_set_options);
    TT_OPENSSL_CALL(SSL_do_handshake);
    TT_OPENSSL_CALL(SSL_free);
    TT_OPENSSL_CALL(SSL_get_error);
    TT_OPENSSL_CALL(SSL_get_shutdown);
    TT_OPENSSL_CALL(SSL_new);
    TT_OPENSSL_CALL(SSL_read);
    TT_OPENSSL_CALL(SSL_set_accept_state);
    TT_OPENSSL_CALL(SSL_set_bio);
    TT_OPENSSL_CALL(SSL_shutdown);
    TT_OPENSSL_CALL(SSL_use_PrivateKey);
    TT_OPENSSL_CALL(SSL_use_certificate);
    TT_OPENSSL_CALL(SSL_write);
    TT_OPENSSL_CALL(TLS_server_method);
};

/* False: the libraries are not there, or of another version. */
bool tt_openssl_library_load(struct tt_openssl_calls *calls);

#endif
