/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 as in FIPS 180-4, sections 4.1.2 to 6.2, and SipHash-1-3 as in "SipHash: a fast short-input PRF" (Aumasson and
 * Bernstein, 2012) with one compression and three finalisation rounds.  Both are checked against published vectors.
 */
#include "base/hash.h"

static const uint32_t round_constants[64] = {
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
        uint32_t t1 = s[7] + sum1 + choose + round_constants[t] + w[t];
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
tt_sha256_init(struct tt_sha256 *sha)
{
    static const uint32_t start[8] = {
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    };
    memcpy(sha->state, start, sizeof(start));
    sha->length = 0;
}

void
tt_sha256_add(struct tt_sha256 *sha, struct tt_str bytes)
{
    while (bytes.len > 0) {
        size_t held = sha->length % 64;
        size_t n = 64 - held < bytes.len ? 64 - held : bytes.len;
        memcpy(sha->block + held, bytes.ptr, n);
        sha->length += n;
        bytes = tt_str_slice(bytes, n, bytes.len);
        if (held + n == 64) {
            take_block(sha->state, sha->block);
        }
    }
}

void
tt_sha256_end(struct tt_sha256 *sha, unsigned char out[TT_SHA256_SIZE])
{
    static const char padding[64] = {(char) 0x80};
    uint64_t bits = sha->length * 8;
    size_t held = sha->length % 64;
    char tail[8];
    for (int i = 0; i < 8; i++) {
        tail[i] = (char) (bits >> (56 - 8 * i));
    }
    tt_sha256_add(sha, tt_str_make(padding, held < 56 ? 56 - held : 120 - held));
    tt_sha256_add(sha, tt_str_make(tail, sizeof(tail)));
    for (size_t i = 0; i < TT_SHA256_SIZE; i++) {
        out[i] = (unsigned char) (sha->state[i / 4] >> (24 - 8 * (i % 4)));
    }
}

static uint64_t
rotl64(uint64_t x, unsigned n)
{
    return x << n | x >> (64 - n);
}

static void
sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotl64(v[1], 13) ^ v[0];
    v[0] = rotl64(v[0], 32);
    v[2] += v[3];
    v[3] = rotl64(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotl64(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotl64(v[1], 17) ^ v[2];
    v[2] = rotl64(v[2], 32);
}

static void
sip_word(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
}

/* Up to eight bytes, least significant first. */
static uint64_t
load_le(const char *p, size_t n)
{
    uint64_t word = 0;
    for (size_t i = 0; i < n; i++) {
        word |= (uint64_t) (unsigned char) p[i] << (8 * i);
    }
    return word;
}

uint64_t
tt_hash64(uint64_t key0, uint64_t key1, struct tt_str bytes)
{
    uint64_t v[4] = {
        key0 ^ 0x736f6d6570736575,
        key1 ^ 0x646f72616e646f6d,
        key0 ^ 0x6c7967656e657261,
        key1 ^ 0x7465646279746573,
    };
    size_t i = 0;
    for (; bytes.len - i >= 8; i += 8) {
        sip_word(v, load_le(bytes.ptr + i, 8));
    }
    struct tt_str tail = tt_str_slice(bytes, i, bytes.len);
    sip_word(v, load_le(tail.ptr, tail.len) | (uint64_t) bytes.len << 56);
    v[2] ^= 0xff;
    for (int round = 0; round < 3; round++) {
        sip_round(v);
    }
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
