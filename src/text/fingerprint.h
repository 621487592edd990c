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
#define TT_FINGERPRINT_STEP 1024 /* bytes */

struct tt_fingerprint_key;

/* Goes on from state over p[0..n); a last block that is not full is filled with zeros. */
#define TT_KERNEL_FINGERPRINT(name)                                                                                       \
    struct tt_fingerprint name(const struct tt_fingerprint_key *key, struct tt_fingerprint state, const unsigned char *p, \
                               size_t n)

/*
 * Goes on over count steps of p and writes the state behind each to out.  Equal states behind the same number of steps from {0, 0} on: all that
 * came before is equal, too.
 */
#define TT_KERNEL_FINGERPRINT_STEPS(name)                                                                              \
    void name(const struct tt_fingerprint_key *key, struct tt_fingerprint state, const unsigned char *p, size_t count, \
              struct tt_fingerprint *out)

struct tt_fingerprint_key {
    struct tt_fingerprint power[TT_FINGERPRINT_POWERS]; /* of the secret: first, second ... */
    TT_KERNEL_FINGERPRINT((*blocks));
    TT_KERNEL_FINGERPRINT_STEPS((*steps));
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

/* Sixteen bytes, the same on every machine. */
void tt_fingerprint_bytes(struct tt_fingerprint fingerprint, unsigned char out[TT_FINGERPRINT_BLOCK]);

#endif
