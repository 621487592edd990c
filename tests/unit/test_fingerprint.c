/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fingerprints: the vector of RFC 8452, one answer from every version, and what must tell two texts apart.
 */
#include "test.h"

#include "text/fingerprint_isa.h"

#define LENGTH_MAX 1000

/* RFC 8452, appendix A: POLYVAL(H, X_1, X_2). */
static void
test_vector(void **state)
{
    static const unsigned char secret[16] = {0x25, 0x62, 0x93, 0x47, 0x58, 0x92, 0x42, 0x76,
                                             0x1d, 0x31, 0xf8, 0x26, 0xba, 0x4b, 0x75, 0x7b};
    static const unsigned char blocks[32] = {0x4f, 0x4f, 0x95, 0x66, 0x8c, 0x83, 0xdf, 0xb6, 0x40, 0x17, 0x62,
                                             0xbb, 0x2d, 0x01, 0xa2, 0x62, 0xd1, 0xa2, 0x4d, 0xdd, 0x27, 0x21,
                                             0xd0, 0x06, 0xbb, 0xe4, 0x5f, 0x20, 0xd3, 0xc9, 0xf3, 0x62};
    static const unsigned char expected[16] = {0xf7, 0xa3, 0xb4, 0x7b, 0x84, 0x61, 0x19, 0xfa,
                                               0xe5, 0xb7, 0x86, 0x6c, 0xf5, 0xe5, 0xb7, 0x7e};
    const unsigned cpus[] = {0, tt_cpu_detect() & TT_CPU_PCLMUL, tt_cpu_detect()};
    (void) state;
    for (size_t i = 0; i < 3; i++) {
        struct tt_fingerprint_key key;
        unsigned char out[16];
        tt_fingerprint_key_init(&key, secret, cpus[i]);
        tt_fingerprint_bytes(key.blocks(&key, (struct tt_fingerprint) {0, 0}, blocks, sizeof(blocks)), out);
        assert_memory_equal(out, expected, 16);
    }
}

static uint64_t
next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void
fill(unsigned char *p, size_t n, uint64_t *random)
{
    for (size_t i = 0; i < n; i++) {
        p[i] = (unsigned char) (next(random) >> 32);
    }
}

static void
test_versions(void **state)
{
    struct tt_fingerprint_key plain, fast, wide;
    unsigned char secret[16], bytes[LENGTH_MAX + 1];
    uint64_t random = 20260509;
    (void) state;
    fill(secret, sizeof(secret), &random);
    fill(bytes, sizeof(bytes), &random);
    tt_fingerprint_key_init(&plain, secret, 0);
    tt_fingerprint_key_init(&fast, secret, tt_cpu_detect() & TT_CPU_PCLMUL);
    tt_fingerprint_key_init(&wide, secret, tt_cpu_detect());
    for (size_t n = 0; n <= LENGTH_MAX; n++) {
        for (size_t shift = 0; shift < 2; shift++) {
            struct tt_str text = tt_str_make(bytes + shift, n);
            struct tt_fingerprint known = tt_fingerprint_of(&plain, n * shift, text);
            assert_true(tt_fingerprint_eq(known, tt_fingerprint_of(&fast, n * shift, text)));
            assert_true(tt_fingerprint_eq(known, tt_fingerprint_of(&wide, n * shift, text)));
        }
    }
}

/* Each step is what the blocks alone make of it, in every version. */
static void
test_steps(void **state)
{
    enum { STEPS = 9 };
    static unsigned char bytes[STEPS * TT_FINGERPRINT_STEP + 1];
    const unsigned cpus[] = {0, tt_cpu_detect() & TT_CPU_PCLMUL, tt_cpu_detect()};
    unsigned char secret[16];
    uint64_t random = 20261121;
    (void) state;
    fill(secret, sizeof(secret), &random);
    fill(bytes, sizeof(bytes), &random);
    for (size_t i = 0; i < 3; i++) {
        struct tt_fingerprint_key key, plain;
        tt_fingerprint_key_init(&key, secret, cpus[i]);
        tt_fingerprint_key_init(&plain, secret, 0);
        for (size_t count = 0; count <= STEPS; count++) {
            struct tt_fingerprint out[STEPS + 1] = {0}, known = {0, 0};
            const unsigned char *p = bytes + count % 2;
            key.steps(&key, (struct tt_fingerprint) {0, 0}, p, count, out);
            for (size_t k = 0; k < count; k++) {
                /* blocks() multiplies what it is given before it adds the first block, which is added here */
                struct tt_fingerprint first, zero = {0, 0};
                memcpy(&first, p + k * TT_FINGERPRINT_STEP, sizeof(first));
                known.low ^= first.low;
                known.high ^= first.high;
                known = plain.blocks(&plain, known, p + k * TT_FINGERPRINT_STEP + 16, TT_FINGERPRINT_STEP - 16);
                assert_true(tt_fingerprint_eq(out[k], known));
                assert_false(tt_fingerprint_eq(out[k], zero));
            }
            assert_int_equal(out[count].low, 0);
        }
    }
}

/* One bit, the length by zeros, the context, the secret: each makes another fingerprint. */
static void
test_differences(void **state)
{
    struct tt_fingerprint_key key, other;
    unsigned char secret[16], bytes[64] = {0};
    uint64_t random = 7;
    (void) state;
    fill(secret, sizeof(secret), &random);
    tt_fingerprint_key_init(&key, secret, tt_cpu_detect());
    secret[3] ^= 1;
    tt_fingerprint_key_init(&other, secret, tt_cpu_detect());
    for (size_t n = 1; n < sizeof(bytes); n++) {
        struct tt_str text = tt_str_make(bytes, n);
        struct tt_fingerprint known = tt_fingerprint_of(&key, 0, text);
        assert_false(tt_fingerprint_eq(known, tt_fingerprint_of(&key, 0, tt_str_make(bytes, n - 1))));
        assert_false(tt_fingerprint_eq(known, tt_fingerprint_of(&key, 1, text)));
        assert_false(tt_fingerprint_eq(known, tt_fingerprint_of(&other, 0, text)));
        for (size_t bit = 0; bit < 8 * n; bit++) {
            bytes[bit / 8] ^= (unsigned char) (1 << bit % 8);
            assert_false(tt_fingerprint_eq(known, tt_fingerprint_of(&key, 0, text)));
            bytes[bit / 8] ^= (unsigned char) (1 << bit % 8);
        }
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vector),
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_differences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
