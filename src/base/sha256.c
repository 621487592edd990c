/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blocks of SHA-256 as in FIPS 180-4, sections 4.1.2 and 6.2: the reference, and the choice of the fastest version.
 *
 * The choice is the loader's (an indirect function): asking the processor at each call would cost more than a block, since virtual machines stop at
 * CPUID, and a variable that remembers would be a global.
 */
#include "base/sha256.h"

#ifdef TT_HAVE_SHA_NI
#include <cpuid.h>
#endif

const uint32_t tt_sha256_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
    0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
    0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
    0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t
rotr32(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

static uint32_t
load_be32(const unsigned char *p)
{
    return (uint32_t) p[0] << 24 | (uint32_t) p[1] << 16 | (uint32_t) p[2] << 8 | p[3];
}

/* FIPS 180-4, 6.2.2, step 1. */
static void
expand_block(const unsigned char block[64], uint32_t w[64])
{
    for (int t = 0; t < 16; t++) {
        w[t] = load_be32(block + 4 * t);
    }
    for (int t = 16; t < 64; t++) {
        uint32_t s0 = rotr32(w[t - 15], 7) ^ rotr32(w[t - 15], 18) ^ w[t - 15] >> 3;
        uint32_t s1 = rotr32(w[t - 2], 17) ^ rotr32(w[t - 2], 19) ^ w[t - 2] >> 10;
        w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
}

/* FIPS 180-4, 6.2.2, steps 2 to 4; s holds the working variables a to h. */
static void
take_block(uint32_t state[8], const unsigned char block[64])
{
    uint32_t w[64];
    uint32_t s[8];
    expand_block(block, w);
    memcpy(s, state, sizeof(s));
    for (int t = 0; t < 64; t++) {
        uint32_t sum1 = rotr32(s[4], 6) ^ rotr32(s[4], 11) ^ rotr32(s[4], 25);
        uint32_t choose = (s[4] & s[5]) ^ (~s[4] & s[6]);
        uint32_t t1 = s[7] + sum1 + choose + tt_sha256_constants[t] + w[t];
        uint32_t sum0 = rotr32(s[0], 2) ^ rotr32(s[0], 13) ^ rotr32(s[0], 22);
        uint32_t majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
        memmove(s + 1, s, 7 * sizeof(*s));
        s[4] += t1;
        s[0] = t1 + sum0 + majority;
    }
    for (int i = 0; i < 8; i++) {
        state[i] += s[i];
    }
}

void
tt_sha256_blocks_c(uint32_t state[8], const unsigned char *blocks, size_t count)
{
    for (; count > 0; count--, blocks += 64) {
        take_block(state, blocks);
    }
}

#ifdef TT_HAVE_SHA_NI

/*
 * Runs once, when the program is loaded, before anything else does: so it asks the processor itself and calls nothing.  Leaf 7 of CPUID tells
 * of the SHA extensions, leaf 1 of SSSE3 and SSE4.1.
 */
__attribute__((used)) static tt_sha256_blocks_fn *
choose(void)
{
    unsigned a, b, c, d;
    __cpuid(0, a, b, c, d);
    if (a < 7) {
        return tt_sha256_blocks_c;
    }
    __cpuid(1, a, b, c, d);
    bool sse = (c & bit_SSSE3) && (c & bit_SSE4_1);
    __cpuid_count(7, 0, a, b, c, d);
    return sse && (b & bit_SHA) ? tt_sha256_blocks_x86 : tt_sha256_blocks_c;
}

void tt_sha256_blocks(uint32_t state[8], const unsigned char *blocks, size_t count) __attribute__((ifunc("choose")));

#else

void
tt_sha256_blocks(uint32_t state[8], const unsigned char *blocks, size_t count)
{
    tt_sha256_blocks_c(state, blocks, count);
}

#endif
