/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 as in FIPS 180-4, section 5 (its blocks: sha256.c), and SipHash-1-3 as in "SipHash: a fast short-input PRF" (Aumasson and
 * Bernstein, 2012) with one compression and three finalisation rounds.  Both are checked against published vectors.
 */
#include "base/hash.h"

#include "base/sha256.h"

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
    size_t held = sha->length % sizeof(sha->block);
    sha->length += bytes.len;
    if (held > 0) {
        size_t n = sizeof(sha->block) - held < bytes.len ? sizeof(sha->block) - held : bytes.len;
        if (n > 0) {
            memcpy(sha->block + held, bytes.ptr, n);
        }
        bytes = tt_str_slice(bytes, n, bytes.len);
        if (held + n < sizeof(sha->block)) {
            return;
        }
        tt_sha256_blocks(sha->state, sha->block, 1);
    }
    size_t whole = bytes.len / sizeof(sha->block);
    if (whole > 0) {
        tt_sha256_blocks(sha->state, (const unsigned char *) bytes.ptr, whole);
    }
    bytes = tt_str_slice(bytes, whole * sizeof(sha->block), bytes.len);
    if (bytes.len > 0) {
        memcpy(sha->block, bytes.ptr, bytes.len);
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
