/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fingerprints in portable C, and the choice of versions; see fingerprint.h.
 *
 * Input: a key, a state, bytes.  Output: the next state.  Owns nothing, allocates nothing.  RFC 8452, section 3: blocks are little-endian; the
 * product of two is divided by x^128 modulo x^128 + x^127 + x^126 + x^121 + 1.
 *
 * The reference goes block by block.  A version that multiplies several blocks at once by falling powers gives the same: that is what
 * the powers in the key are for.
 */
#include "text/fingerprint.h"

#include "text/fingerprint_isa.h"

/* The low half of a product without carries.  Four masks leave holes of three bits, into which the carries of ordinary products fall. */
static uint64_t
multiply_low(uint64_t a, uint64_t b)
{
    uint64_t product = 0;
    for (unsigned i = 0; i < 4; i++) {
        uint64_t mask = (uint64_t) 0x1111111111111111 << i, sum = 0;
        for (unsigned k = 0; k < 4; k++) {
            sum ^= (a & (uint64_t) 0x1111111111111111 << k) * (b & (uint64_t) 0x1111111111111111 << ((i - k) & 3));
        }
        product |= sum & mask;
    }
    return product;
}

static uint64_t
reverse(uint64_t x)
{
    x = (x >> 1 & 0x5555555555555555) | (x & 0x5555555555555555) << 1;
    x = (x >> 2 & 0x3333333333333333) | (x & 0x3333333333333333) << 2;
    x = (x >> 4 & 0x0F0F0F0F0F0F0F0F) | (x & 0x0F0F0F0F0F0F0F0F) << 4;
    return __builtin_bswap64(x);
}

/* The high half is the low half of the mirrored factors, mirrored. */
static struct tt_fingerprint
multiply_64(uint64_t a, uint64_t b)
{
    return (struct tt_fingerprint) {multiply_low(a, b), reverse(multiply_low(reverse(a), reverse(b))) >> 1};
}

/* One step of the division by x^64: the low half goes, what it stands for is added above. */
static struct tt_fingerprint
fold(struct tt_fingerprint t)
{
    struct tt_fingerprint a = multiply_64(t.low, TT_FINGERPRINT_POLYNOMIAL);
    return (struct tt_fingerprint) {t.high ^ a.low, t.low ^ a.high};
}

static struct tt_fingerprint
multiply(struct tt_fingerprint a, struct tt_fingerprint b)
{
    struct tt_fingerprint low = multiply_64(a.low, b.low), high = multiply_64(a.high, b.high);
    struct tt_fingerprint middle = multiply_64(a.low ^ a.high, b.low ^ b.high);
    middle.low ^= low.low ^ high.low;
    middle.high ^= low.high ^ high.high;
    low.high ^= middle.low;
    high.low ^= middle.high;
    low = fold(fold(low));
    return (struct tt_fingerprint) {low.low ^ high.low, low.high ^ high.high};
}

static uint64_t
read_64(const unsigned char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

static struct tt_fingerprint
read_block(const unsigned char *p)
{
    return (struct tt_fingerprint) {read_64(p), read_64(p + 8)};
}

TT_KERNEL_FINGERPRINT(tt_fingerprint_c)
{
    unsigned char last[TT_FINGERPRINT_BLOCK] = {0};
    state = multiply(state, key->power[0]);
    for (; n > 0; n -= n < sizeof(last) ? n : sizeof(last)) {
        if (n < sizeof(last)) {
            memcpy(last, p, n);
            p = last;
        }
        struct tt_fingerprint block = read_block(p);
        block.low ^= state.low;
        block.high ^= state.high;
        state = multiply(block, key->power[0]);
        p += sizeof(last);
    }
    return state;
}

TT_KERNEL_FINGERPRINT_STEPS(tt_fingerprint_steps_c)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t n = 0; n < TT_FINGERPRINT_STEP; n += TT_FINGERPRINT_BLOCK) {
            struct tt_fingerprint block = read_block(p);
            block.low ^= state.low;
            block.high ^= state.high;
            state = multiply(block, key->power[0]);
            p += TT_FINGERPRINT_BLOCK;
        }
        out[i] = state;
    }
}

void
tt_fingerprint_key_init(struct tt_fingerprint_key *key, const unsigned char secret[TT_FINGERPRINT_BLOCK], unsigned cpu)
{
    key->power[0] = read_block(secret);
    for (size_t i = 1; i < TT_FINGERPRINT_POWERS; i++) {
        key->power[i] = multiply(key->power[i - 1], key->power[0]);
    }
    key->blocks = tt_fingerprint_c;
    key->steps = tt_fingerprint_steps_c;
#ifdef TT_HAVE_PCLMUL
    if (cpu & TT_CPU_PCLMUL) {
        key->blocks = cpu & TT_CPU_VPCLMUL ? tt_fingerprint_vpclmul : tt_fingerprint_pclmul;
        key->steps = cpu & TT_CPU_VPCLMUL ? tt_fingerprint_steps_vpclmul : tt_fingerprint_steps_pclmul;
    }
#else
    (void) cpu;
#endif
}

void
tt_fingerprint_bytes(struct tt_fingerprint fingerprint, unsigned char out[TT_FINGERPRINT_BLOCK])
{
    for (size_t i = 0; i < 8; i++) {
        out[i] = (unsigned char) (fingerprint.low >> 8 * i);
        out[8 + i] = (unsigned char) (fingerprint.high >> 8 * i);
    }
}
