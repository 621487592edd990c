/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-1 as in FIPS 180-4, sections 5.1.1 and 6.1.2; checked against its published vectors.
 *
 * In: all bytes at once.  Out: the sum.  Keeps nothing.
 */
#include "base/sha1.h"

#define BLOCK 64

static uint32_t
rotate(uint32_t x, int n)
{
    return x << n | x >> (32 - n);
}

/* The function and the constant of a round: section 4.1.1 and 4.2.1. */
static uint32_t
mix(int round, uint32_t b, uint32_t c, uint32_t d)
{
    if (round < 20) {
        return ((b & c) | (~b & d)) + 0x5A827999;
    }
    if (round < 40) {
        return (b ^ c ^ d) + 0x6ED9EBA1;
    }
    return round < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC : (b ^ c ^ d) + 0xCA62C1D6;
}

static void
take_block(uint32_t state[5], const unsigned char *block)
{
    uint32_t w[80], s[5];
    for (int i = 0; i < 16; i++) {
        const unsigned char *p = block + 4 * i;
        w[i] = (uint32_t) p[0] << 24 | (uint32_t) p[1] << 16 | (uint32_t) p[2] << 8 | p[3];
    }
    for (int i = 16; i < 80; i++) {
        w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    }
    memcpy(s, state, sizeof(s));
    for (int i = 0; i < 80; i++) {
        uint32_t next = rotate(s[0], 5) + mix(i, s[1], s[2], s[3]) + s[4] + w[i];
        s[4] = s[3];
        s[3] = s[2];
        s[2] = rotate(s[1], 30);
        s[1] = s[0];
        s[0] = next;
    }
    for (int i = 0; i < 5; i++) {
        state[i] += s[i];
    }
}

void
tt_sha1(struct tt_str bytes, unsigned char out[TT_SHA1_SIZE])
{
    uint32_t state[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    unsigned char last[2 * BLOCK] = {0};
    size_t whole = bytes.len / BLOCK * BLOCK, rest = bytes.len - whole;
    size_t end = rest + 9 <= BLOCK ? BLOCK : 2 * BLOCK;
    uint64_t bits = (uint64_t) bytes.len * 8;
    for (size_t at = 0; at < whole; at += BLOCK) {
        take_block(state, (const unsigned char *) bytes.ptr + at);
    }
    if (rest > 0) {
        memcpy(last, bytes.ptr + whole, rest);
    }
    last[rest] = 0x80;
    for (size_t i = 0; i < 8; i++) {
        last[end - 1 - i] = (unsigned char) (bits >> (8 * i));
    }
    for (size_t at = 0; at < end; at += BLOCK) {
        take_block(state, last + at);
    }
    for (size_t i = 0; i < TT_SHA1_SIZE; i++) {
        out[i] = (unsigned char) (state[i / 4] >> (24 - 8 * (i % 4)));
    }
}
