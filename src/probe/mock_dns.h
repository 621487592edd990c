/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers to queries of DNS (RFC 1035): no name exists, or every name leads to the mock.
 */
#ifndef TT_PROBE_MOCK_DNS_H
#define TT_PROBE_MOCK_DNS_H

#include "probe/mock.h"

#define TT_DNS_PACKET_MAX 512 /* bytes of an answer: RFC 1035, section 4.2.1 */
#define TT_DNS_NAME_MAX 255

struct tt_dns_query {
    char name[TT_DNS_NAME_MAX]; /* labels with dots between them, as they came; no dot at the end */
    size_t name_len;
    uint16_t type, klass;
};

/* Appends the answer; query (may be NULL) says what was asked.  False: packet is no query, and nothing is answered. */
bool tt_dns_answer(struct tt_str packet, enum tt_mock_dns mode, struct tt_dns_query *query, struct tt_buf *out);

/* "A", "AAAA", "TYPE257"; room holds it where it is a number. */
struct tt_str tt_dns_type_name(uint16_t type, char room[16]);

#endif
