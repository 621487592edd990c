/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mock's answers to packets of DNS.
 *
 * Input: a byte that says the mode, then the packet.  Properties: an answer is one, with the question's number; it is never longer than the question and one
 * record; it is no query itself, so that two mocks would not talk to each other.
 */
#include "base/limits.h"
#include "probe/mock_dns.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tt_dns_query query, other;
    struct tt_buf out, again;
    char room[16];
    if (size == 0) {
        return 0;
    }
    tt_buf_init(&out, &tt_alloc_libc, TT_DNS_PACKET_MAX);
    tt_buf_init(&again, &tt_alloc_libc, TT_DNS_PACKET_MAX);
    struct tt_str packet = tt_str_make(data + 1, size - 1);
    if (tt_dns_answer(packet, data[0] & 1 ? TT_MOCK_DNS_REDIRECT : TT_MOCK_DNS_NX, &query, &out)) {
        struct tt_str answer = tt_buf_str(&out);
        if (out.status != TT_OK || answer.len < 12 || answer.len > packet.len + 16 || memcmp(answer.ptr, packet.ptr, 2) != 0 ||
            query.name_len > TT_DNS_NAME_MAX || tt_dns_type_name(query.type, room).len == 0 ||
            tt_dns_answer(answer, TT_MOCK_DNS_NX, &other, &again)) {
            abort();
        }
    } else if (out.len > 0) {
        abort();
    }
    tt_buf_free(&out);
    tt_buf_free(&again);
    return 0;
}
