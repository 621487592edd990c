/* SPDX-License-Identifier: Apache-2.0 */
/* Names of hosts; see host.h.  In: text.  Out: what it is.  RFC 1123, section 2.1: letters, digits and hyphens, in labels of up to 63. */
#include "inspect/host.h"

static int
compare(struct tt_str a, struct tt_str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    for (size_t i = 0; i < n; i++) {
        int difference = tt_ascii_lower((unsigned char) a.ptr[i]) - (unsigned char) b.ptr[i];
        if (difference) {
            return difference;
        }
    }
    return a.len < b.len ? -1 : a.len > b.len;
}

const struct tt_inspect_tld *
tt_host_tld(struct tt_str label)
{
    size_t low = 0, high = tt_inspect_tld_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = compare(label, tt_inspect_tlds[middle].label);
        if (order == 0) {
            return &tt_inspect_tlds[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

/*
 * Is the label of one case, or a long one with a capital in front?  Nobody writes the end of a name "nI" or "Md"; text that is turned round or stands
 * under a key has such.
 */
static bool
is_written_so(struct tt_str label)
{
    bool small = label.len == 2 && label.ptr[1] >= 'a' && label.ptr[1] <= 'z';
    for (size_t i = 0; i < label.len; i++) {
        bool capital = label.ptr[i] >= 'A' && label.ptr[i] <= 'Z';
        if (capital && small) {
            return false;
        }
        small = small || !capital;
    }
    return true;
}

bool
tt_host_is_one(struct tt_str text)
{
    size_t label = 0, labels = 0;
    if (text.len < 4 || text.len > 253) {
        return false;
    }
    for (size_t i = 0; i <= text.len; i++) {
        char c = i < text.len ? text.ptr[i] : '.';
        if (c == '.') {
            if (i == label || i - label > 63 || text.ptr[label] == '-' || text.ptr[i - 1] == '-') {
                return false;
            }
            labels++;
            label = i < text.len ? i + 1 : label;
        } else if (!tt_ascii_is_alnum((unsigned char) c) && c != '-') {
            return false;
        }
    }
    struct tt_str last = tt_str_slice(text, label, text.len);
    return labels > 1 && is_written_so(last) && tt_host_tld(last) != NULL;
}

struct tt_str
tt_host_of_url(struct tt_str text, size_t pos, size_t *end)
{
    size_t begin = pos + 3, at = begin;
    while (at < text.len && (tt_ascii_is_alnum((unsigned char) text.ptr[at]) || text.ptr[at] == '-' || text.ptr[at] == '.')) {
        at++;
    }
    struct tt_str host = tt_str_slice(text, begin, at);
    while (host.len > 0 && host.ptr[host.len - 1] == '.') {
        host.len--;
    }
    if (at < text.len && text.ptr[at] == ':') {
        at++;
        while (at < text.len && tt_ascii_is_digit((unsigned char) text.ptr[at])) {
            at++;
        }
    }
    *end = at;
    return host;
}

const struct tt_inspect_service *
tt_host_service(struct tt_str host)
{
    /* The whole name first, then without its labels from the front. */
    for (size_t from = 0; from < host.len;) {
        struct tt_str rest = tt_str_slice(host, from, host.len);
        size_t low = 0, high = tt_inspect_service_count;
        while (low < high) {
            size_t middle = (low + high) / 2;
            int order = compare(rest, tt_inspect_services[middle].host);
            if (order == 0) {
                return &tt_inspect_services[middle];
            }
            if (order < 0) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        const char *point = memchr(rest.ptr, '.', rest.len);
        from = point ? (size_t) (point - host.ptr) + 1 : host.len;
    }
    return NULL;
}
