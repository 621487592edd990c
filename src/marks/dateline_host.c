/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host name of a base URL, as a browser or a JavaScript runtime reads it.
 *
 * Input: the bytes of a setting that people type, so anything.  Output: the host name as the WHATWG URL standard serialises it
 * (sections 3.5 and 4.4), or the verdict that the standard refuses the URL.  Readers of RFC 3986 disagree with that standard
 * on most odd inputs, and the mark depends on the standard's answer.  Names are dateline_name.c, addresses dateline_ip.c.
 *
 * Ownership: scratch buffers live for one call and use the allocator of the caller's buffer.  A failure of memory sticks to the
 * caller's buffer and is asked for once, at the end.
 */
#include "marks/dateline_host.h"
#include "base/limits.h"
#include "marks/dateline.h"

/* A scheme that the standard calls special.  "file" has no port and its own rule for the host. */
struct scheme {
    struct tt_str name;
    uint32_t port;
};

#define NO_PORT 0

static const struct scheme schemes[] = {
    {TT_STR_INIT("http"), 80}, {TT_STR_INIT("https"), 443}, {TT_STR_INIT("ws"), 80},
    {TT_STR_INIT("wss"), 443}, {TT_STR_INIT("ftp"), 21},    {TT_STR_INIT("file"), NO_PORT},
};

/* The standard's forbidden host code points; a domain may hold no control character and no percent sign either. */
static bool
is_forbidden(unsigned char c, bool domain)
{
    static const char always[] = " #/:<>?@[\\]^|";
    if (c == 0 || memchr(always, c, sizeof(always) - 1)) {
        return true;
    }
    return domain && (c < 0x20 || c == 0x7F || c == '%');
}

static bool
has_forbidden(struct tt_str host, bool domain)
{
    for (size_t i = 0; i < host.len; i++) {
        if (is_forbidden((unsigned char) host.ptr[i], domain)) {
            return true;
        }
    }
    return false;
}

static void
percent_decode(struct tt_str s, struct tt_buf *out)
{
    for (size_t i = 0; i < s.len; i++) {
        int high = i + 2 < s.len && s.ptr[i] == '%' ? tt_ascii_hex((unsigned char) s.ptr[i + 1]) : -1;
        int low = high >= 0 ? tt_ascii_hex((unsigned char) s.ptr[i + 2]) : -1;
        if (low >= 0) {
            tt_buf_add_char(out, (char) (high << 4 | low));
            i += 2;
        } else {
            tt_buf_add_char(out, s.ptr[i]);
        }
    }
}

/* The name of a special URL as its labels are sent to the resolver. */
static bool
add_domain(struct tt_str s, struct tt_buf *host)
{
    struct tt_buf plain, mapped;
    tt_buf_init(&plain, host->alloc, TT_URL_MAX);
    tt_buf_init(&mapped, host->alloc, 4 * TT_URL_MAX);
    percent_decode(s, &plain);
    bool ok = tt_host_map(tt_buf_str(&plain), &mapped) && tt_host_add_labels(tt_buf_str(&mapped), host);
    if (host->status == TT_OK) {
        host->status = plain.status != TT_OK ? plain.status : mapped.status;
    }
    tt_buf_free(&mapped);
    tt_buf_free(&plain);
    return ok && host->status == TT_OK;
}

/* s begins with a bracket, so it is an IPv6 address or nothing. */
static bool
add_ipv6(struct tt_str s, struct tt_buf *host)
{
    return s.len >= 2 && s.ptr[s.len - 1] == ']' && tt_host_add_ipv6(tt_str_slice(s, 1, s.len - 1), host);
}

/* The host parser of special URLs; s is not empty. */
static bool
add_special_host(struct tt_str s, struct tt_buf *host)
{
    uint32_t address;
    if (s.ptr[0] == '[') {
        return add_ipv6(s, host);
    }
    if (!add_domain(s, host) || host->len == 0 || has_forbidden(tt_buf_str(host), true)) {
        return false;
    }
    if (!tt_host_is_number(tt_buf_str(host))) {
        return true;
    }
    if (!tt_host_ipv4(tt_buf_str(host), &address)) {
        return false;
    }
    tt_buf_clear(host);
    tt_host_add_ipv4(host, address);
    return true;
}

/* The host of any other URL is opaque: kept as written, but for what is percent-encoded. */
static bool
add_opaque_host(struct tt_str s, struct tt_buf *host)
{
    if (s.len > 0 && s.ptr[0] == '[') {
        return add_ipv6(s, host);
    }
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char) s.ptr[i];
        if (c < 0x20 || c > 0x7E) {
            char escape[3] = {'%', tt_hex_capital(c >> 4), tt_hex_capital(c)};
            tt_buf_add(host, tt_str_make(escape, 3));
        } else {
            tt_buf_add_char(host, (char) c);
        }
    }
    return !has_forbidden(s, false);
}

/* ---- the URL around the host ---- */

/* Length of the scheme that stands before the first colon; 0 when there is none, and then the URL does not parse. */
static size_t
scheme_length(struct tt_str url)
{
    for (size_t i = 0; i < url.len; i++) {
        char c = url.ptr[i];
        if (c == ':') {
            return i;
        }
        if (!tt_ascii_is_alpha(c) && (i == 0 || (!tt_ascii_is_digit(c) && c != '+' && c != '-' && c != '.'))) {
            return 0;
        }
    }
    return 0;
}

static const struct scheme *
find_scheme(struct tt_str name)
{
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        size_t n = 0;
        while (n < name.len && n < schemes[i].name.len && tt_ascii_lower(name.ptr[n]) == schemes[i].name.ptr[n]) {
            n++;
        }
        if (n == name.len && n == schemes[i].name.len) {
            return &schemes[i];
        }
    }
    return NULL;
}

static bool
is_slash(char c, const struct scheme *scheme)
{
    return c == '/' || (c == '\\' && scheme);
}

/* What stands before path, query and fragment. */
static struct tt_str
authority_of(struct tt_str s, const struct scheme *scheme)
{
    size_t n = 0;
    while (n < s.len && !is_slash(s.ptr[n], scheme) && s.ptr[n] != '?' && s.ptr[n] != '#') {
        n++;
    }
    return tt_str_slice(s, 0, n);
}

/* False when the digits are no port.  No digits at all are no port either, but allowed. */
static bool
read_port(struct tt_str s, const struct scheme *scheme, struct tt_dateline_url *out)
{
    uint32_t port = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (!tt_ascii_is_digit(s.ptr[i])) {
            return false;
        }
        port = port * 10 + (uint32_t) (s.ptr[i] - '0');
        if (port > 65535) {
            return false;
        }
    }
    out->has_port = s.len > 0 && !(scheme && port == scheme->port);
    return true;
}

/* Offset of the colon before the port, those of an address in brackets left out; s.len when there is none. */
static size_t
find_port(struct tt_str s)
{
    bool bracket = false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == ':' && !bracket) {
            return i;
        }
        bracket = s.ptr[i] == '[' || (bracket && s.ptr[i] != ']');
    }
    return s.len;
}

/* user:password@host:port; scheme is NULL for one that the standard does not call special. */
static bool
read_authority(struct tt_str s, const struct scheme *scheme, struct tt_buf *host, struct tt_dateline_url *out)
{
    bool has_user = false;
    s = authority_of(s, scheme);
    for (size_t i = s.len; i > 0 && !has_user; i--) {
        if (s.ptr[i - 1] == '@') {
            s = tt_str_slice(s, i, s.len);
            has_user = true;
        }
    }
    size_t colon = find_port(s);
    if (colon == 0 && (scheme || has_user || s.len > 0)) {
        return false; /* a host is missing */
    }
    if (colon < s.len && !read_port(tt_str_slice(s, colon + 1, s.len), scheme, out)) {
        return false;
    }
    s = tt_str_slice(s, 0, colon);
    return scheme ? add_special_host(s, host) : add_opaque_host(s, host);
}

/* file: the host may be missing, a drive letter is a path, and "localhost" is the same as none. */
static bool
read_file_host(struct tt_str s, const struct scheme *scheme, struct tt_buf *host)
{
    if (s.len < 2 || !is_slash(s.ptr[0], scheme) || !is_slash(s.ptr[1], scheme)) {
        return true;
    }
    s = authority_of(tt_str_slice(s, 2, s.len), scheme);
    bool drive = s.len == 2 && tt_ascii_is_alpha(s.ptr[0]) && (s.ptr[1] == ':' || s.ptr[1] == '|');
    if (s.len == 0 || drive) {
        return true;
    }
    if (!add_special_host(s, host)) {
        return false;
    }
    if (tt_str_eq(tt_buf_str(host), TT_STR("localhost"))) {
        tt_buf_clear(host);
    }
    return true;
}

static bool
read_url(struct tt_str url, struct tt_buf *host, struct tt_dateline_url *out)
{
    size_t colon = scheme_length(url);
    if (colon == 0) {
        return false;
    }
    const struct scheme *scheme = find_scheme(tt_str_slice(url, 0, colon));
    struct tt_str rest = tt_str_slice(url, colon + 1, url.len);
    if (!scheme) {
        if (!tt_str_starts(rest, TT_STR("//"))) {
            return true; /* "localhost:8080" is a scheme and a path */
        }
        return read_authority(tt_str_slice(rest, 2, rest.len), NULL, host, out);
    }
    if (scheme->port == NO_PORT) {
        return read_file_host(rest, scheme, host);
    }
    size_t slashes = 0; /* any number of them, and either kind */
    while (slashes < rest.len && is_slash(rest.ptr[slashes], scheme)) {
        slashes++;
    }
    return read_authority(tt_str_slice(rest, slashes, rest.len), scheme, host, out);
}

/* Control characters and blanks go at both ends; tabs and line ends go everywhere. */
static void
clean_url(struct tt_str url, struct tt_buf *out)
{
    size_t from = 0;
    size_t to = url.len;
    while (from < to && (unsigned char) url.ptr[from] <= ' ') {
        from++;
    }
    while (to > from && (unsigned char) url.ptr[to - 1] <= ' ') {
        to--;
    }
    for (size_t i = from; i < to; i++) {
        if (url.ptr[i] != '\t' && url.ptr[i] != '\n' && url.ptr[i] != '\r') {
            tt_buf_add_char(out, url.ptr[i]);
        }
    }
}

enum tt_status
tt_dateline_host(struct tt_str url, struct tt_buf *host, struct tt_dateline_url *out)
{
    struct tt_buf clean;
    *out = (struct tt_dateline_url) {.parsed = false};
    tt_buf_clear(host);
    if (url.len > TT_URL_MAX) {
        return TT_E_LIMIT;
    }
    tt_buf_init(&clean, host->alloc, TT_URL_MAX);
    clean_url(url, &clean);
    if (clean.status != TT_OK) {
        host->status = clean.status;
    } else {
        out->parsed = read_url(tt_buf_str(&clean), host, out);
    }
    tt_buf_free(&clean);
    enum tt_status status = host->status;
    if (status != TT_OK || !out->parsed) {
        *out = (struct tt_dateline_url) {.parsed = false};
        tt_buf_clear(host);
    }
    return status;
}
