/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of DNS; see mock_dns.h.  RFC 1035, section 4; RFC 9460 (HTTPS and SVCB); RFC 2308 for answers without records.
 *
 * In: a packet.  Out: a packet.  An answer is the header, the question as it came, and one address at most; records behind the question (EDNS) are
 * not answered, which says that they are not known.
 */
#include "probe/mock_dns.h"

#define HEADER 12
#define TYPE_A 1
#define CLASS_IN 1

/* Codes of an answer: section 4.1.1. */
enum rcode { NO_ERROR = 0, FORMAT_ERROR = 1, NX_DOMAIN = 3, NOT_IMPLEMENTED = 4 };

static unsigned
read16(const unsigned char *p)
{
    return (unsigned) p[0] << 8 | p[1];
}

/* Reads the name at *at and moves on behind it.  A compressed name in a question is an error: there is nothing before it to point to. */
static bool
read_name(struct tt_str packet, size_t *at, struct tt_dns_query *query)
{
    const unsigned char *p = (const unsigned char *) packet.ptr;
    query->name_len = 0;
    while (*at < packet.len && p[*at] > 0) {
        size_t label = p[*at];
        if (label > 63 || *at + 1 + label >= packet.len || query->name_len + label + 1 > sizeof(query->name)) {
            return false;
        }
        if (query->name_len > 0) {
            query->name[query->name_len++] = '.';
        }
        memcpy(query->name + query->name_len, p + *at + 1, label);
        query->name_len += label;
        *at += 1 + label;
    }
    return (*at)++ < packet.len;
}

static void
add_header(struct tt_buf *out, struct tt_str packet, enum rcode code, bool question, bool answer)
{
    const unsigned char *p = (const unsigned char *) packet.ptr;
    const unsigned char head[HEADER] = {
        p[0],
        p[1],
        (unsigned char) (0x84 |
                         (p[2] & 0x79)), /* an answer, with authority; the kind of query and the wish to recurse as they came */
        (unsigned char) (0x80 | code),
        0,
        question,
        0,
        answer,
    };
    tt_buf_add(out, tt_str_make(head, sizeof(head)));
}

bool
tt_dns_answer(struct tt_str packet, enum tt_mock_dns mode, struct tt_dns_query *query, struct tt_buf *out)
{
    static const char address[] =
        "\xC0\x0C\0\1\0\1\0\0\0\1\0\4\xC6\x33\x64\x07"; /* the question's name, A, IN, 1 s, TT_MOCK_ADDRESS */
    const unsigned char *p = (const unsigned char *) packet.ptr;
    struct tt_dns_query own;
    size_t at = HEADER;
    query = query ? query : &own;
    *query = (struct tt_dns_query) {.type = 0};
    if (packet.len < HEADER || (p[2] & 0x80)) {
        return false;
    }
    if ((p[2] >> 3 & 15) != 0) {
        add_header(out, packet, NOT_IMPLEMENTED, false, false);
        return true;
    }
    if (read16(p + 4) != 1 || !read_name(packet, &at, query) || packet.len - at < 4) {
        query->name_len = 0;
        add_header(out, packet, FORMAT_ERROR, false, false);
        return true;
    }
    query->type = (uint16_t) read16(p + at);
    query->klass = (uint16_t) read16(p + at + 2);
    bool redirect = mode == TT_MOCK_DNS_REDIRECT && query->klass == CLASS_IN;
    bool has_address = redirect && query->type == TYPE_A;
    add_header(out, packet, redirect ? NO_ERROR : NX_DOMAIN, true, has_address);
    tt_buf_add(out, tt_str_slice(packet, HEADER, at + 4));
    if (has_address) {
        tt_buf_add(out, tt_str_make(address, sizeof(address) - 1));
    }
    return true;
}

struct tt_str
tt_dns_type_name(uint16_t type, char room[16])
{
    static const struct {
        uint16_t type;
        const char *name;
    } names[] = {{1, "A"},    {2, "NS"},    {5, "CNAME"}, {6, "SOA"},   {12, "PTR"},   {15, "MX"},
                 {16, "TXT"}, {28, "AAAA"}, {33, "SRV"},  {64, "SVCB"}, {65, "HTTPS"}, {255, "ANY"}};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (names[i].type == type) {
            return tt_str_cstr(names[i].name);
        }
    }
    size_t at = 16;
    do {
        room[--at] = (char) ('0' + type % 10);
        type /= 10;
    } while (type > 0);
    at -= 4;
    memcpy(room + at, "TYPE", 4);
    return tt_str_make(room + at, 16 - at);
}
