/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exact tests for few runs, and information in bits.  Without libm: probabilities are sums of ratios, and the one logarithm is here.
 */
#ifndef TT_PROBE_STATS_H
#define TT_PROBE_STATS_H

#include "base/str.h"

/* Base 2, of a positive finite number. */
double tt_stats_log2(double x);

/* Binomial coefficient, as far as a double goes. */
double tt_stats_choose(unsigned n, unsigned k);

/* p of the exact permutation test when a runs agree and all of b others differ from them: 1 / C(a+b, b). */
double tt_stats_permutation(unsigned a, unsigned b);

/* Fisher's exact test of a 2x2 table, two-sided: the sum of all tables with the same margins that are not likelier. */
double tt_stats_fisher(unsigned a, unsigned b, unsigned c, unsigned d);

/* Corrections for many tests; never over 1. */
double tt_stats_bonferroni(double p, size_t tests);
void tt_stats_holm(double *p,
                   size_t count); /* in place, in the given order; count at most TT_STATS_HOLM_MAX, of more Bonferroni's */
#define TT_STATS_HOLM_MAX 4096

/* Two labels for each of n runs. */
#define TT_STATS_LABELS_MAX 64 /* labels are below */
#define TT_STATS_RUNS_MAX 1024
struct tt_stats_pairs {
    uint8_t x[TT_STATS_RUNS_MAX], y[TT_STATS_RUNS_MAX];
    size_t n;
};

/* Mutual information of x and y in bits, corrected by Miller and Madow (1955); at least 0. */
double tt_stats_information(const struct tt_stats_pairs *pairs);

/* p of the observed (uncorrected) information, by rounds random permutations of y: (1 + as high) / (1 + rounds).  The same seed gives the same p. */
double tt_stats_information_p(const struct tt_stats_pairs *pairs, unsigned rounds, uint64_t seed);

#endif
