/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a ClientHello; see tls.h.  RFC 8446, sections 4.1.2 and 5.1; RFC 6066, section 3 (server name); RFC 7301 (ALPN).
 *
 * In: the first bytes of a connection.  Out: the handshake message in the caller's buffer, and borrowed parts of it.  A message whose inside cannot be
 * read is still a ClientHello: it has no names.
 */
#include "base/limits.h"
#include "probe/tls.h"

#define RECORD_HEAD 5
#define RECORD_HANDSHAKE 0x16
#define MESSAGE_HEAD 4
#define CLIENT_HELLO 1

enum { EXTENSION_SERVER_NAME = 0, EXTENSION_ALPN = 16 };

/* Takes n bytes as a number. */
static bool
take_number(struct tt_str *from, size_t n, size_t *value)
{
    if (from->len < n) {
        return false;
    }
    *value = 0;
    for (size_t i = 0; i < n; i++) {
        *value = *value << 8 | (unsigned char) from->ptr[i];
    }
    *from = tt_str_slice(*from, n, from->len);
    return true;
}

/* Takes a vector whose length stands before it in n bytes. */
static bool
take_vector(struct tt_str *from, size_t n, struct tt_str *out)
{
    size_t len;
    if (!take_number(from, n, &len) || from->len < len) {
        return false;
    }
    *out = tt_str_slice(*from, 0, len);
    *from = tt_str_slice(*from, len, from->len);
    return true;
}

static void
read_server_name(struct tt_str data, struct tt_tls_hello *out)
{
    struct tt_str list, name;
    size_t type;
    if (take_vector(&data, 2, &list) && take_number(&list, 1, &type) && type == 0 && take_vector(&list, 2, &name)) {
        out->sni = name;
    }
}

/* Only a list whose names fill it is given on: others walk over it. */
static void
read_alpn(struct tt_str data, struct tt_tls_hello *out)
{
    struct tt_str list, rest, name;
    if (!take_vector(&data, 2, &list)) {
        return;
    }
    for (rest = list; rest.len > 0;) {
        if (!take_vector(&rest, 1, &name)) {
            return;
        }
    }
    out->alpn = list;
}

static void
read_inside(struct tt_str rest, struct tt_tls_hello *out)
{
    struct tt_str skipped, extensions, data;
    size_t type;
    rest = tt_str_slice(rest, MESSAGE_HEAD + 2 + 32, rest.len); /* version and random */
    if (!take_vector(&rest, 1, &skipped) || !take_vector(&rest, 2, &skipped) || !take_vector(&rest, 1, &skipped) ||
        !take_vector(&rest, 2, &extensions)) {
        return;
    }
    while (take_number(&extensions, 2, &type) && take_vector(&extensions, 2, &data)) {
        if (type == EXTENSION_SERVER_NAME) {
            read_server_name(data, out);
        } else if (type == EXTENSION_ALPN) {
            read_alpn(data, out);
        }
    }
}

/* Does scratch hold the whole message? */
static enum tt_got
is_whole(const struct tt_buf *scratch, size_t *length)
{
    struct tt_str head = tt_buf_str(scratch);
    size_t type, body;
    if (!take_number(&head, 1, &type)) {
        return TT_GOT_PART;
    }
    if (type != CLIENT_HELLO) {
        return TT_GOT_NONSENSE;
    }
    if (!take_number(&head, 3, &body)) {
        return TT_GOT_PART;
    }
    *length = MESSAGE_HEAD + body;
    return *length > scratch->max ? TT_GOT_NONSENSE : scratch->len >= *length ? TT_GOT_ALL : TT_GOT_PART;
}

enum tt_got
tt_tls_hello_read(struct tt_str bytes, struct tt_buf *scratch, struct tt_tls_hello *out)
{
    *out = (struct tt_tls_hello) {.message = {NULL, 0}};
    tt_buf_clear(scratch);
    while (bytes.len > 0) {
        struct tt_str record;
        size_t version = 0, length = 0;
        if (bytes.ptr[0] != RECORD_HANDSHAKE || (bytes.len > 1 && bytes.ptr[1] != 3)) {
            return TT_GOT_NONSENSE;
        }
        bytes = tt_str_slice(bytes, 1, bytes.len);
        if (!take_number(&bytes, 2, &version) || !take_vector(&bytes, 2, &record)) {
            return TT_GOT_PART;
        }
        tt_buf_add(scratch, record);
        if (record.len == 0 || scratch->status != TT_OK) {
            return TT_GOT_NONSENSE; /* section 5.1: no empty fragments */
        }
        enum tt_got got = is_whole(scratch, &length);
        if (got == TT_GOT_ALL) {
            out->message = tt_str_slice(tt_buf_str(scratch), 0, length);
            read_inside(out->message, out);
        }
        if (got != TT_GOT_PART) {
            return got;
        }
    }
    return TT_GOT_PART;
}
