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

void
tt_fingerprint_key_init(struct tt_fingerprint_key *key, const unsigned char secret[TT_FINGERPRINT_BLOCK], unsigned cpu)
{
    key->power[0] = read_block(secret);
    for (size_t i = 1; i < TT_FINGERPRINT_POWERS; i++) {
        key->power[i] = multiply(key->power[i - 1], key->power[0]);
    }
    key->blocks = tt_fingerprint_c;
#ifdef TT_HAVE_PCLMUL
    if (cpu & TT_CPU_PCLMUL) {
        key->blocks = cpu & TT_CPU_VPCLMUL ? tt_fingerprint_vpclmul : tt_fingerprint_pclmul;
    }
#else
    (void) cpu;
#endif
}

/* ---- in pieces ---- */

/*
 * blocks() multiplies the state it is given first, so between two calls the state stays as it is before that: of all that came but
 * the last block, with the last block added.
 */
void
tt_fingerprinter_begin(struct tt_fingerprinter *f, const struct tt_fingerprint_key *key, uint64_t context, uint64_t length)
{
    *f = (struct tt_fingerprinter) {.key = key, .state = {length, context}};
}

/* Takes whole blocks; the last of them is only added. */
static void
take_blocks(struct tt_fingerprinter *f, const unsigned char *p, size_t n)
{
    f->state = f->key->blocks(f->key, f->state, p, n - TT_FINGERPRINT_BLOCK);
    struct tt_fingerprint last = read_block(p + n - TT_FINGERPRINT_BLOCK);
    f->state.low ^= last.low;
    f->state.high ^= last.high;
}

void
tt_fingerprinter_add(struct tt_fingerprinter *f, struct tt_str piece)
{
    const unsigned char *p = (const unsigned char *) piece.ptr;
    size_t n = piece.len;
    if (f->rest_len > 0 || n < TT_FINGERPRINT_BLOCK) {
        size_t room = TT_FINGERPRINT_BLOCK - f->rest_len, take = n < room ? n : room;
        if (take > 0) {
            memcpy(f->rest + f->rest_len, p, take);
            f->rest_len += take;
            p += take;
            n -= take;
        }
        if (f->rest_len < TT_FINGERPRINT_BLOCK) {
            return;
        }
        take_blocks(f, f->rest, TT_FINGERPRINT_BLOCK);
        f->rest_len = 0;
    }
    size_t whole = n - n % TT_FINGERPRINT_BLOCK;
    if (whole > 0) {
        take_blocks(f, p, whole);
    }
    f->rest_len = n - whole;
    if (f->rest_len > 0) {
        memcpy(f->rest, p + whole, f->rest_len);
    }
}

struct tt_fingerprint
tt_fingerprinter_end(struct tt_fingerprinter *f)
{
    return f->key->blocks(f->key, f->state, f->rest, f->rest_len);
}

void
tt_fingerprint_bytes(struct tt_fingerprint fingerprint, unsigned char out[TT_FINGERPRINT_BLOCK])
{
    for (size_t i = 0; i < 8; i++) {
        out[i] = (unsigned char) (fingerprint.low >> 8 * i);
        out[8 + i] = (unsigned char) (fingerprint.high >> 8 * i);
    }
}
