/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses and URLs of a gateway; see address.h.
 *
 * Input: text of a command line.  Output: structs of a fixed size, whose strings hold only characters that nginx's configuration can
 * carry without quoting.  Of RFC 3986 only what an upstream needs is taken: scheme, host, port, a plain path.
 */
#include "serve/address.h"

#include <arpa/inet.h>
#include <stdio.h>

/* Decimal, 1-65535, no sign, no leading zero. */
static bool
parse_port(struct tt_str text, unsigned *port)
{
    unsigned value = 0;
    if (text.len == 0 || text.len > 5 || text.ptr[0] == '0') {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (!tt_ascii_is_digit((unsigned char) text.ptr[i])) {
            return false;
        }
        value = value * 10 + (unsigned) (text.ptr[i] - '0');
    }
    *port = value;
    return value <= 65535;
}

/* An IP address in its canonical form. */
static bool
parse_ip(int family, struct tt_str text, char *out, size_t size)
{
    char copy[INET6_ADDRSTRLEN];
    unsigned char bytes[sizeof(struct in6_addr)];
    if (text.len >= sizeof(copy)) {
        return false;
    }
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return inet_pton(family, copy, bytes) == 1 && inet_ntop(family, bytes, out, (socklen_t) size);
}

static bool
is_loopback(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0 || strcmp(host, "localhost") == 0;
}

/* "HOST:PORT" or "[ADDRESS]:PORT" in two; port is empty when there is none. */
static bool
split(struct tt_str text, struct tt_str *host, struct tt_str *port, bool *bracketed)
{
    size_t end = 0;
    *bracketed = text.len > 0 && text.ptr[0] == '[';
    while (end < text.len && text.ptr[end] != (*bracketed ? ']' : ':')) {
        end++;
    }
    *host = tt_str_slice(text, *bracketed, end);
    if (*bracketed && end++ == text.len) {
        return false;
    }
    *port = tt_str_slice(text, end + 1, text.len);
    return end >= text.len || (text.ptr[end] == ':' && port->len > 0);
}

bool
tt_serve_listen_parse(struct tt_str text, struct tt_serve_listen *out, const char **why)
{
    struct tt_str host, port;
    bool v6 = false;
    char address[INET6_ADDRSTRLEN];
    *out = (struct tt_serve_listen) {.port = 0};
    *why = "it is an address and a port, such as 127.0.0.1:8400, [::1]:8400 or *:8400";
    if (!split(text, &host, &port, &v6)) {
        return false;
    }
    if (!parse_port(port, &out->port)) {
        *why = port.len == 0 ? "the port is missing" : "the port is a number from 1 to 65535";
        return false;
    }
    if (!v6 && tt_str_eq(host, TT_STR("*"))) {
        memcpy(address, "*", 2);
    } else if (!v6 && tt_str_eq(host, TT_STR("localhost"))) {
        memcpy(address, "127.0.0.1", 10);
    } else if (!parse_ip(v6 ? AF_INET6 : AF_INET, host, address, sizeof(address))) {
        return false;
    }
    out->loopback = is_loopback(address);
    snprintf(out->text, sizeof(out->text), v6 ? "[%s]:%u" : "%s:%u", address, out->port);
    return true;
}

/* Labels of letters, digits, '-' and '_', divided by single dots. */
static bool
is_name(struct tt_str host)
{
    bool label = false;
    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i];
        if (c == '.' ? !label : !tt_ascii_is_alnum((unsigned char) c) && c != '-' && c != '_') {
            return false;
        }
        label = c != '.';
    }
    return label && host.len <= TT_SERVE_HOST_MAX;
}

/* Only digits and dots: an address, or a slip of the pen. */
static bool
looks_like_v4(struct tt_str host)
{
    for (size_t i = 0; i < host.len; i++) {
        if (!tt_ascii_is_digit((unsigned char) host.ptr[i]) && host.ptr[i] != '.') {
            return false;
        }
    }
    return true;
}

static bool
parse_host(struct tt_str host, bool bracketed, struct tt_serve_url *out)
{
    out->v6 = bracketed;
    out->address = bracketed || looks_like_v4(host);
    if (out->address) {
        return parse_ip(bracketed ? AF_INET6 : AF_INET, host, out->host, sizeof(out->host));
    }
    if (!is_name(host)) {
        return false;
    }
    for (size_t i = 0; i < host.len; i++) {
        out->host[i] = (char) tt_ascii_lower((unsigned char) host.ptr[i]);
    }
    out->host[host.len] = '\0';
    return true;
}

/* A plain path: segments of unreserved characters; "/" is none. */
static bool
parse_base(struct tt_str path, struct tt_serve_url *out)
{
    while (path.len > 0 && path.ptr[path.len - 1] == '/') {
        path.len--;
    }
    if (path.len > TT_SERVE_BASE_MAX) {
        return false;
    }
    for (size_t i = 0; i < path.len; i++) {
        char c = path.ptr[i];
        bool plain = tt_ascii_is_alnum((unsigned char) c) || c == '-' || c == '_' || c == '~';
        /* No empty segment, and none of dots alone, which the other side would resolve. */
        bool joint = (c == '/' || c == '.') && (i == 0 || (path.ptr[i - 1] != '/' && path.ptr[i - 1] != '.'));
        if (!plain && !joint) {
            return false;
        }
        out->base[i] = c;
    }
    out->base[path.len] = '\0';
    return true;
}

bool
tt_serve_url_parse(struct tt_str text, struct tt_serve_url *out, const char **why)
{
    struct tt_str host, port;
    bool bracketed = false;
    *out = (struct tt_serve_url) {.https = tt_str_starts(text, TT_STR("https://"))};
    if (!out->https && !tt_str_starts(text, TT_STR("http://"))) {
        *why = "a URL starts with https:// (or http://)";
        return false;
    }
    text = tt_str_slice(text, out->https ? 8 : 7, text.len);
    size_t end = 0;
    while (end < text.len && text.ptr[end] != '/') {
        end++;
    }
    struct tt_str authority = tt_str_slice(text, 0, end);
    if (authority.len > 0 && memchr(authority.ptr, '@', authority.len)) {
        *why = "a URL that holds a name or a password is not taken; keys belong in the keys file";
        return false;
    }
    if (!split(authority, &host, &port, &bracketed) || !parse_host(host, bracketed, out)) {
        *why = "the host is no name and no address";
        return false;
    }
    out->port = out->https ? 443 : 80;
    if (port.len > 0 && !parse_port(port, &out->port)) {
        *why = "the port is a number from 1 to 65535";
        return false;
    }
    if (!parse_base(tt_str_slice(text, end, text.len), out)) {
        *why = "the path is not plain: letters, digits, '-', '_', '.', '~' and '/', without a query";
        return false;
    }
    out->loopback = is_loopback(out->host);
    return true;
}

bool
tt_serve_url_plain(const struct tt_serve_url *url)
{
    return url->port == (url->https ? 443 : 80);
}
