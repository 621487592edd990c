/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics against closed forms and published values. */
#include "test.h"

#include "probe/stats.h"

static void
assert_near(double a, double b)
{
    double difference = a > b ? a - b : b - a, size = b > 0 ? b : -b;
    if (difference > 1e-9 * (1 + size) && difference > 1e-6 * size) {
        fail_msg("%.12g is not %.12g", a, b);
    }
}

static void
test_log2(void **state)
{
    (void) state;
    assert_near(tt_stats_log2(1), 0);
    assert_near(tt_stats_log2(8), 3);
    assert_near(tt_stats_log2(3), 1.584962500721156);
    assert_near(tt_stats_log2(1e-6), -19.931568569324174);
    assert_near(tt_stats_log2(0), 0);
}

static void
test_permutation(void **state)
{
    (void) state;
    assert_near(tt_stats_choose(12, 4), 495);
    assert_near(tt_stats_choose(5, 6), 0);
    assert_near(tt_stats_permutation(8, 4), 1.0 / 495);
    assert_near(tt_stats_permutation(1, 1), 0.5);
    assert_near(tt_stats_permutation(12, 12), 1 / 2704156.0);
}

/* Fisher's tea tasting (The Design of Experiments, 1935): 3 of 4 cups right gives 34/70 two-sided; others by R's fisher.test. */
static void
test_fisher(void **state)
{
    (void) state;
    assert_near(tt_stats_fisher(3, 1, 1, 3), 34.0 / 70);
    assert_near(tt_stats_fisher(4, 0, 0, 4), 2.0 / 70);
    assert_near(tt_stats_fisher(12, 0, 0, 12), 2 / 2704156.0);
    assert_near(tt_stats_fisher(1, 9, 11, 3), 0.002759456185220083);
    assert_near(tt_stats_fisher(0, 5, 0, 7), 1);
    assert_near(tt_stats_fisher(10, 10, 10, 10), 1);
    /* The figures of the design: one bit of 128 that depends perfectly. */
    assert_near(tt_stats_bonferroni(tt_stats_fisher(6, 0, 0, 6), 128), 128 * 2 / 924.0);
    assert_true(tt_stats_bonferroni(tt_stats_fisher(12, 0, 0, 12), 128) < 9.6e-5);
    assert_true(tt_stats_bonferroni(tt_stats_fisher(12, 0, 0, 12), 128) > 9.4e-5);
}

static void
test_holm(void **state)
{
    (void) state;
    double p[] = {0.01, 0.04, 0.03, 0.005};
    tt_stats_holm(p, 4);
    assert_near(p[0], 0.03);
    assert_near(p[1], 0.06);
    assert_near(p[2], 0.06);
    assert_near(p[3], 0.02);
    double large[] = {0.9, 0.8};
    tt_stats_holm(large, 2);
    assert_near(large[0], 1);
    assert_near(large[1], 1);
    assert_near(tt_stats_bonferroni(0.4, 3), 1);
}

static void
test_information(void **state)
{
    (void) state;
    struct tt_stats_pairs pairs = {.n = 24};
    for (size_t i = 0; i < pairs.n; i++) {
        pairs.x[i] = pairs.y[i] = i % 2;
    }
    /* Plug-in 1 bit; Miller-Madow adds (2 + 2 - 2 - 1) / (2 * 24 * ln 2). */
    assert_near(tt_stats_information(&pairs), 1 + 1 / (48 * 0.6931471805599453));
    assert_true(tt_stats_information_p(&pairs, 999, 1) < 0.002);
    for (size_t i = 0; i < pairs.n; i++) {
        pairs.y[i] = i / 2 % 2;
    }
    assert_near(tt_stats_information(&pairs), 0);
    assert_true(tt_stats_information_p(&pairs, 999, 1) > 0.5);
    assert_near(tt_stats_information_p(&pairs, 99, 5), tt_stats_information_p(&pairs, 99, 5));
    pairs.n = 0;
    assert_near(tt_stats_information(&pairs), 0);
    assert_near(tt_stats_information_p(&pairs, 9, 1), 1);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_log2), cmocka_unit_test(test_permutation), cmocka_unit_test(test_fisher),
        cmocka_unit_test(test_holm), cmocka_unit_test(test_information),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
