/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses as hosts: the IPv4 and IPv6 parsers and serialisers of the WHATWG URL standard, section 3.5.
 *
 * Input: a host in lower case, or what stands between brackets.  Output: the one spelling of the address.  The standard takes
 * forms of IPv4 that other readers refuse ("0x7f.1"), and refuses names that only look like one ("1.2.3.4.5").
 */
#include "marks/dateline_host.h"

/* One part of an IPv4 address: decimal, 0x hexadecimal or 0 octal.  Huge values stay huge instead of wrapping. */
static bool
ipv4_number(struct tt_str part, uint64_t *out)
{
    int radix = 10;
    size_t i = 0;
    if (part.len == 0) {
        return false;
    }
    if (part.len >= 2 && part.ptr[0] == '0') {
        bool hex = part.ptr[1] == 'x';
        radix = hex ? 16 : 8;
        i = hex ? 2 : 1;
    }
    *out = 0;
    for (; i < part.len; i++) {
        int digit = tt_ascii_hex((unsigned char) part.ptr[i]);
        if (digit < 0 || digit >= radix) {
            return false;
        }
        if (*out <= UINT32_MAX) {
            *out = *out * (unsigned) radix + (unsigned) digit;
        }
    }
    return true;
}

/* The last label of host; one final dot is ignored. */
static struct tt_str
last_part(struct tt_str host)
{
    if (host.len > 1 && host.ptr[host.len - 1] == '.') {
        host.len--;
    }
    size_t from = host.len;
    while (from > 0 && host.ptr[from - 1] != '.') {
        from--;
    }
    return tt_str_slice(host, from, host.len);
}

/* "Ends in a number": then the host is an IPv4 address or an error, never a name. */
bool
tt_host_is_number(struct tt_str host)
{
    struct tt_str last = last_part(host);
    uint64_t ignored;
    size_t digits = 0;
    while (digits < last.len && tt_ascii_is_digit(last.ptr[digits])) {
        digits++;
    }
    return last.len > 0 && (digits == last.len || ipv4_number(last, &ignored));
}

/* The standard's IPv4 parser: up to four parts, the last one filling all bytes that are left. */
bool
tt_host_ipv4(struct tt_str host, uint32_t *out)
{
    uint64_t parts[4];
    size_t n = 0;
    size_t from = 0;
    if (host.ptr[host.len - 1] == '.') {
        host.len--;
    }
    for (size_t i = 0; i <= host.len; i++) {
        if (i < host.len && host.ptr[i] != '.') {
            continue;
        }
        if (n == 4 || !ipv4_number(tt_str_slice(host, from, i), &parts[n])) {
            return false;
        }
        n++;
        from = i + 1;
    }
    if (parts[n - 1] >> (8 * (5 - n))) {
        return false;
    }
    *out = (uint32_t) parts[n - 1];
    for (size_t i = 0; i + 1 < n; i++) {
        if (parts[i] > 255) {
            return false;
        }
        *out |= (uint32_t) parts[i] << (8 * (3 - i));
    }
    return true;
}

void
tt_host_add_ipv4(struct tt_buf *out, uint32_t address)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        tt_buf_add_u64(out, address >> shift & 255);
        if (shift) {
            tt_buf_add_char(out, '.');
        }
    }
}

/* The dotted end of an IPv6 address: exactly four decimal numbers without leading zeros. */
static bool
ipv6_tail(struct tt_str s, uint16_t piece[2])
{
    unsigned bytes[4];
    size_t i = 0;
    for (size_t n = 0; n < 4; n++) {
        if (n > 0 && (i >= s.len || s.ptr[i++] != '.')) {
            return false;
        }
        size_t from = i;
        bytes[n] = 0;
        while (i < s.len && tt_ascii_is_digit(s.ptr[i]) && bytes[n] <= 255) {
            bytes[n] = bytes[n] * 10 + (unsigned) (s.ptr[i++] - '0');
        }
        if (i == from || bytes[n] > 255 || (s.ptr[from] == '0' && i - from > 1)) {
            return false;
        }
    }
    piece[0] = (uint16_t) (bytes[0] << 8 | bytes[1]);
    piece[1] = (uint16_t) (bytes[2] << 8 | bytes[3]);
    return i == s.len;
}

/* Up to four hexadecimal digits at *i. */
static size_t
ipv6_group(struct tt_str s, size_t *i, uint16_t *out)
{
    size_t n = 0;
    unsigned value = 0;
    while (n < 4 && *i < s.len && tt_ascii_hex((unsigned char) s.ptr[*i]) >= 0) {
        value = value << 4 | (unsigned) tt_ascii_hex((unsigned char) s.ptr[*i]);
        (*i)++;
        n++;
    }
    *out = (uint16_t) value;
    return n;
}

/* Moves the pieces behind "::" to the end; the gap becomes zeros. */
static void
ipv6_spread(uint16_t piece[8], size_t gap, size_t n)
{
    size_t tail = n - gap;
    memmove(piece + 8 - tail, piece + gap, tail * sizeof(piece[0]));
    memset(piece + gap, 0, (8 - n) * sizeof(piece[0]));
}

static bool
ipv6_read(struct tt_str s, uint16_t piece[8])
{
    size_t n = 0;
    size_t gap = SIZE_MAX; /* pieces before "::" */
    size_t i = 0;
    if (tt_str_starts(s, TT_STR("::"))) {
        gap = 0;
        i = 2;
    }
    while (i < s.len) {
        size_t from = i;
        if (n == 8 || ipv6_group(s, &i, &piece[n]) == 0) {
            return false;
        }
        if (i < s.len && s.ptr[i] == '.') {
            if (n > 6 || !ipv6_tail(tt_str_slice(s, from, s.len), &piece[n])) {
                return false;
            }
            n += 2;
            break;
        }
        n++;
        if (i == s.len) {
            break;
        }
        if (s.ptr[i++] != ':' || i == s.len) {
            return false;
        }
        if (s.ptr[i] == ':') {
            if (gap != SIZE_MAX || n == 8) {
                return false;
            }
            gap = n;
            i++;
        }
    }
    if (gap == SIZE_MAX) {
        return n == 8;
    }
    if (n == 8) {
        return false; /* "::" stands for one piece at least */
    }
    ipv6_spread(piece, gap, n);
    return true;
}

/* Finds the first longest run of two or more zero pieces, which is written "::". */
static size_t
ipv6_zero_run(const uint16_t piece[8], size_t *length)
{
    size_t best = 8;
    *length = 1;
    for (size_t i = 0; i < 8; i++) {
        size_t n = 0;
        while (i + n < 8 && piece[i + n] == 0) {
            n++;
        }
        if (n > *length) {
            best = i;
            *length = n;
        }
    }
    return best;
}

static void
ipv6_add(struct tt_buf *out, const uint16_t piece[8])
{
    size_t run_length;
    size_t run = ipv6_zero_run(piece, &run_length);
    tt_buf_add_char(out, '[');
    for (size_t i = 0; i < 8; i++) {
        if (i == run) {
            tt_buf_add_cstr(out, i == 0 ? "::" : ":");
            i += run_length - 1;
            continue;
        }
        int shift = 12;
        while (shift > 0 && piece[i] >> shift == 0) {
            shift -= 4;
        }
        for (; shift >= 0; shift -= 4) {
            tt_buf_add_char(out, (char) tt_ascii_lower(tt_hex_capital((uint32_t) (piece[i] >> shift))));
        }
        if (i < 7) {
            tt_buf_add_char(out, ':');
        }
    }
    tt_buf_add_char(out, ']');
}

bool
tt_host_add_ipv6(struct tt_str inside, struct tt_buf *host)
{
    uint16_t piece[8];
    if (!ipv6_read(inside, piece)) {
        return false;
    }
    ipv6_add(host, piece);
    return true;
}
