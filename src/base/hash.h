/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 (FIPS 180-4) for identities and evidence, and a fast keyed 64-bit hash (SipHash-1-3) for tables.
 */
#ifndef TT_BASE_HASH_H
#define TT_BASE_HASH_H

#include "base/str.h"

#define TT_SHA256_SIZE 32

struct tt_sha256 {
    uint32_t state[8];
    uint64_t length; /* bytes taken so far */
    unsigned char block[64];
};

void tt_sha256_init(struct tt_sha256 *sha);
void tt_sha256_add(struct tt_sha256 *sha, struct tt_str bytes);
void tt_sha256_end(struct tt_sha256 *sha, unsigned char out[TT_SHA256_SIZE]);

/* Not for secrets: spreads keys of tables whose input an attacker may choose.  The key should differ between runs there. */
uint64_t tt_hash64(uint64_t key0, uint64_t key1, struct tt_str bytes);

#endif
