/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An authority and its certificates; see tls.h.  RFC 5280 (profile of certificates), section 4.2; X.690 for the bytes of extensions.
 *
 * In: names.  Out: certificates of OpenSSL, kept in the authority.  The authority owns one key for itself and one for all leaves: making a key takes
 * longer than signing, and nobody else ever sees a leaf of it.
 *
 * Extensions are written as bytes here, because OpenSSL's way from a text would read commas and newlines of a client's server name as its own.
 */
#include "probe/tls_parts.h"

#include "base/limits.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_ID 20 /* bytes of a key's identifier: a SHA-1 sum */

/* ---- certificates ---- */

static bool
add_extension(const struct tt_openssl_calls *o, X509 *certificate, int nid, bool critical, struct tt_str bytes)
{
    ASN1_OCTET_STRING *value = o->ASN1_OCTET_STRING_new();
    X509_EXTENSION *extension = NULL;
    if (value && o->ASN1_OCTET_STRING_set(value, (const unsigned char *) bytes.ptr, (int) bytes.len)) {
        extension = o->X509_EXTENSION_create_by_NID(NULL, nid, critical, value);
    }
    bool added = extension && o->X509_add_ext(certificate, extension, -1);
    o->X509_EXTENSION_free(extension);
    o->ASN1_OCTET_STRING_free(value);
    return added;
}

/* Tag, length and bytes: X.690, section 8.1.  len < 65536. */
static size_t
put(unsigned char *to, unsigned char tag, const void *bytes, size_t len)
{
    size_t at = 0;
    to[at++] = tag;
    if (len > 255) {
        to[at++] = 0x82;
        to[at++] = (unsigned char) (len >> 8);
    } else if (len > 127) {
        to[at++] = 0x81;
    }
    to[at++] = (unsigned char) len;
    memmove(to + at, bytes, len);
    return at + len;
}

/* For a name of DNS, or an address: RFC 5280, section 4.2.1.6. */
static bool
add_alternative_name(const struct tt_openssl_calls *o, X509 *certificate, struct tt_str name)
{
    unsigned char address[16], inner[TT_TLS_NAME_MAX + 8], outer[TT_TLS_NAME_MAX + 16];
    char text[TT_TLS_NAME_MAX + 1];
    size_t len;
    memcpy(text, name.ptr, name.len);
    text[name.len] = '\0';
    if (inet_pton(AF_INET, text, address) == 1) {
        len = put(inner, 0x87, address, 4);
    } else if (inet_pton(AF_INET6, text, address) == 1) {
        len = put(inner, 0x87, address, 16);
    } else {
        len = put(inner, 0x82, name.ptr, name.len);
    }
    len = put(outer, 0x30, inner, len);
    return add_extension(o, certificate, NID_subject_alt_name, false, tt_str_make(outer, len));
}

static bool
add_key_ids(const struct tt_tls_authority *a, X509 *certificate)
{
    unsigned char id[EVP_MAX_MD_SIZE], own[KEY_ID + 2], issuer[KEY_ID + 4];
    unsigned len = 0;
    if (!a->o.X509_pubkey_digest(certificate, a->o.EVP_sha1(), id, &len) || len != KEY_ID) {
        return false;
    }
    put(own, 0x04, id, KEY_ID);
    if (a->certificate && (!a->o.X509_pubkey_digest(a->certificate, a->o.EVP_sha1(), id, &len) || len != KEY_ID)) {
        return false;
    }
    put(issuer + 2, 0x80, id, KEY_ID);
    put(issuer, 0x30, issuer + 2, KEY_ID + 2);
    return add_extension(&a->o, certificate, NID_subject_key_identifier, false, tt_str_make(own, sizeof(own))) &&
           add_extension(&a->o, certificate, NID_authority_key_identifier, false, tt_str_make(issuer, sizeof(issuer)));
}

static bool
add_names(const struct tt_openssl_calls *o, X509 *certificate, const char *subject, X509 *issuer)
{
    X509_NAME *name = o->X509_get_subject_name(certificate);
    return o->X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *) subject, -1, -1, 0) &&
           o->X509_set_issuer_name(certificate, o->X509_get_subject_name(issuer ? issuer : certificate));
}

/* name: of a leaf; empty: the authority itself. */
static bool
fill(const struct tt_tls_authority *a, X509 *certificate, struct tt_str name, uint64_t serial)
{
    const struct tt_openssl_calls *o = &a->o;
    bool is_leaf = name.len > 0;
    return o->X509_set_version(certificate, X509_VERSION_3) &&
           o->ASN1_INTEGER_set_uint64(o->X509_get_serialNumber(certificate), serial) &&
           o->ASN1_TIME_set_string_X509(o->X509_getm_notBefore(certificate), "20000101000000Z") &&
           o->ASN1_TIME_set_string_X509(o->X509_getm_notAfter(certificate), "20991231235959Z") &&
           o->X509_set_pubkey(certificate, is_leaf ? a->leaf_key : a->key) &&
           add_names(o, certificate, is_leaf ? "telltale probe" : "telltale probe authority", a->certificate) &&
           add_extension(o, certificate, NID_basic_constraints, true,
                         is_leaf ? TT_STR("\x30\0") : TT_STR("\x30\x03\x01\x01\xFF")) &&
           add_extension(o, certificate, NID_key_usage, true,
                         is_leaf ? TT_STR("\x03\x02\x07\x80") : TT_STR("\x03\x02\x01\x06")) &&
           (!is_leaf || add_extension(o, certificate, NID_ext_key_usage, false,
                                      TT_STR("\x30\x0A\x06\x08\x2B\x06\x01\x05\x05\x07\x03\x01"))) &&
           (!is_leaf || add_alternative_name(o, certificate, name)) && add_key_ids(a, certificate);
}

static X509 *
make_certificate(const struct tt_tls_authority *a, struct tt_str name, uint64_t serial)
{
    X509 *certificate = a->o.X509_new();
    if (certificate && fill(a, certificate, name, serial) && a->o.X509_sign(certificate, a->key, a->o.EVP_sha256()) > 0) {
        return certificate;
    }
    a->o.X509_free(certificate);
    a->o.ERR_clear_error();
    return NULL;
}

X509 *
tt_tls_leaf(struct tt_tls_authority *a, struct tt_str name)
{
    size_t filled = a->leaves_made < TT_TLS_LEAVES_MAX ? a->leaves_made : TT_TLS_LEAVES_MAX;
    for (size_t i = 0; i < filled; i++) {
        if (tt_str_eq(tt_str_make(a->leaves[i].name, a->leaves[i].name_len), name)) {
            return a->leaves[i].certificate;
        }
    }
    if (name.len == 0 || name.len > TT_TLS_NAME_MAX) {
        return NULL;
    }
    /* The serial number tells leaves apart and is the same for a name in every run. */
    uint64_t serial = tt_hash64(0, 0, name) >> 1 | 2;
    X509 *certificate = make_certificate(a, name, serial);
    if (certificate) {
        struct tt_tls_leaf *leaf = &a->leaves[a->leaves_made++ % TT_TLS_LEAVES_MAX];
        a->o.X509_free(leaf->certificate);
        leaf->certificate = certificate;
        leaf->name_len = (uint8_t) name.len;
        memcpy(leaf->name, name.ptr, name.len);
    }
    return certificate;
}

/* ---- the authority ---- */

static enum tt_status
make_pem(struct tt_tls_authority *a)
{
    const struct tt_openssl_calls *o = &a->o;
    BIO *memory = o->BIO_new(o->BIO_s_mem());
    char *text = NULL;
    if (memory && o->PEM_write_bio_X509(memory, a->certificate)) {
        long len = o->BIO_ctrl(memory, BIO_CTRL_INFO, 0, &text);
        tt_buf_add(&a->pem, tt_str_make(text, len > 0 ? (size_t) len : 0));
    }
    o->BIO_free(memory);
    return a->pem.len > 0 ? a->pem.status : TT_E_MEMORY;
}

static enum tt_status
make_authority(struct tt_tls_authority *a)
{
    const struct tt_openssl_calls *o = &a->o;
    a->key = o->EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    a->leaf_key = o->EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    if (!a->key || !a->leaf_key) {
        return TT_E_MEMORY;
    }
    a->certificate = make_certificate(a, TT_STR(""), 1);
    a->context = tt_tls_context(o);
    return a->certificate && a->context ? make_pem(a) : TT_E_MEMORY;
}

enum tt_status
tt_tls_authority_new(const struct tt_alloc *alloc, struct tt_tls_authority **out)
{
    struct tt_tls_authority *a = tt_alloc_new(alloc, sizeof(*a));
    *out = NULL;
    if (!a) {
        return TT_E_MEMORY;
    }
    *a = (struct tt_tls_authority) {.alloc = alloc};
    tt_buf_init(&a->pem, alloc, 64 * TT_KIB);
    enum tt_status status = tt_openssl_library_load(&a->o) ? make_authority(a) : TT_E_UNSUPPORTED;
    if (status != TT_OK) {
        tt_tls_authority_free(a);
        return status;
    }
    *out = a;
    return TT_OK;
}

void
tt_tls_authority_free(struct tt_tls_authority *a)
{
    if (!a) {
        return;
    }
    if (a->key) {
        for (size_t i = 0; i < TT_TLS_LEAVES_MAX; i++) {
            a->o.X509_free(a->leaves[i].certificate);
        }
        a->o.SSL_CTX_free(a->context);
        a->o.X509_free(a->certificate);
        a->o.EVP_PKEY_free(a->leaf_key);
        a->o.EVP_PKEY_free(a->key);
    }
    tt_buf_free(&a->pem);
    tt_alloc_free(a->alloc, a, sizeof(*a));
}

struct tt_str
tt_tls_authority_pem(const struct tt_tls_authority *a)
{
    return tt_buf_str(&a->pem);
}

/* ---- the bundle ---- */

/* Appends a file as a whole; nothing of one that cannot be read or is too large. */
static bool
add_file(struct tt_buf *out, const char *path)
{
    struct stat facts;
    size_t before = out->len;
    ssize_t n = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        return false;
    }
    if (fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size > 0 && (uint64_t) facts.st_size <= TT_TLS_ROOTS_MAX) {
        char *to = tt_buf_reserve(out, (size_t) facts.st_size);
        while (to && (n = read(fd, to + (out->len - before), (size_t) facts.st_size - (out->len - before))) > 0) {
            out->len += (size_t) n;
        }
        if (n < 0) {
            out->len = before;
        }
    }
    close(fd);
    return out->len > before;
}

enum tt_status
tt_tls_bundle(const struct tt_tls_authority *a, struct tt_buf *out)
{
    /* Where distributions keep them. */
    static const char *const places[] = {
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    };
    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
        if (add_file(out, places[i])) {
            if (out->ptr[out->len - 1] != '\n') {
                tt_buf_add_char(out, '\n');
            }
            break;
        }
    }
    tt_buf_add(out, tt_buf_str(&a->pem));
    return out->status;
}
