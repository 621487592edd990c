/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keyed fingerprints of 128 bits: equal texts have equal ones, and whoever does not know the secret cannot find two texts that collide.
 *
 * A polynomial over GF(2^128), evaluated at the secret (POLYVAL of RFC 8452, section 3, over the length, a number of the caller and the
 * text).  Two texts of n blocks collide with a chance of n / 2^128.  It is no hash without the secret and no MAC: fingerprints that are shown
 * to others, and those that something is decided by, need different secrets.
 */
#ifndef TT_TEXT_FINGERPRINT_H
#define TT_TEXT_FINGERPRINT_H

#include "text/kernel.h"

struct tt_fingerprint {
    uint64_t low, high;
};

#define TT_FINGERPRINT_BLOCK 16
#define TT_FINGERPRINT_POWERS 16

struct tt_fingerprint_key;

/* Goes on from state over p[0..n); a last block that is not full is filled with zeros. */
#define TT_KERNEL_FINGERPRINT(name)                                                                                       \
    struct tt_fingerprint name(const struct tt_fingerprint_key *key, struct tt_fingerprint state, const unsigned char *p, \
                               size_t n)

struct tt_fingerprint_key {
    struct tt_fingerprint power[TT_FINGERPRINT_POWERS]; /* of the secret: first, second ... */
    TT_KERNEL_FINGERPRINT((*blocks));
};

/* cpu as for tt_kernels_get. */
void tt_fingerprint_key_init(struct tt_fingerprint_key *key, const unsigned char secret[TT_FINGERPRINT_BLOCK], unsigned cpu);

/* Of text; context tells apart what else must be equal. */
static inline struct tt_fingerprint
tt_fingerprint_of(const struct tt_fingerprint_key *key, uint64_t context, struct tt_str text)
{
    return key->blocks(key, (struct tt_fingerprint) {text.len, context}, (const unsigned char *) text.ptr, text.len);
}

static inline bool
tt_fingerprint_eq(struct tt_fingerprint a, struct tt_fingerprint b)
{
    return a.low == b.low && a.high == b.high;
}

/* The same of a text in pieces, cut anywhere; its length is known before. */
struct tt_fingerprinter {
    const struct tt_fingerprint_key *key;
    struct tt_fingerprint state;
    unsigned char rest[TT_FINGERPRINT_BLOCK];
    size_t rest_len;
};

void tt_fingerprinter_begin(struct tt_fingerprinter *f, const struct tt_fingerprint_key *key, uint64_t context, uint64_t length);
void tt_fingerprinter_add(struct tt_fingerprinter *f, struct tt_str piece);
struct tt_fingerprint tt_fingerprinter_end(struct tt_fingerprinter *f);

/* Sixteen bytes, the same on every machine. */
void tt_fingerprint_bytes(struct tt_fingerprint fingerprint, unsigned char out[TT_FINGERPRINT_BLOCK]);

#endif
