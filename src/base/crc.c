/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRC-32C as in RFC 3720: polynomial 0x1EDC6F41, bits reflected, all ones at the beginning and inverted at the end.
 *
 * The reference takes four bits at a time from a table of sixteen words.  x86-64 has had an instruction for it since SSE4.2; it is chosen
 * at each call, which costs one load and a branch.
 */
#include "base/crc.h"

static const uint32_t nibbles[16] = {
    0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
    0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
};

uint32_t
tt_crc32c_c(uint32_t crc, struct tt_str bytes)
{
    crc = ~crc;
    for (size_t i = 0; i < bytes.len; i++) {
        crc ^= (unsigned char) bytes.ptr[i];
        crc = crc >> 4 ^ nibbles[crc & 15];
        crc = crc >> 4 ^ nibbles[crc & 15];
    }
    return ~crc;
}

#ifdef __x86_64__

__attribute__((target("sse4.2"))) static uint32_t
crc32c_sse42(uint32_t crc, struct tt_str bytes)
{
    uint64_t sum = ~crc;
    const char *at = bytes.ptr, *end = bytes.ptr + bytes.len;
    for (; end - at >= 8; at += 8) {
        uint64_t word;
        memcpy(&word, at, sizeof(word));
        sum = __builtin_ia32_crc32di(sum, word);
    }
    for (; at < end; at++) {
        sum = __builtin_ia32_crc32qi((uint32_t) sum, (unsigned char) *at);
    }
    return ~(uint32_t) sum;
}

uint32_t
tt_crc32c(uint32_t crc, struct tt_str bytes)
{
    if (bytes.len == 0) {
        return crc;
    }
    __builtin_cpu_init();
    return __builtin_cpu_supports("sse4.2") ? crc32c_sse42(crc, bytes) : tt_crc32c_c(crc, bytes);
}

#else

uint32_t
tt_crc32c(uint32_t crc, struct tt_str bytes)
{
    return tt_crc32c_c(crc, bytes);
}

#endif
