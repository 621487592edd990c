/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statistics of small samples.
 *
 * Input: counts.  Output: probabilities and bits; nothing is kept or allocated.  Fisher's test walks the hypergeometric distribution by the ratio
 * of neighbours, from its mode outwards, so no factorial and no logarithm is needed and nothing overflows.
 */
#include "probe/stats.h"

#define LN2 0.693147180559945309417232121458

/* x = m * 2^e with m near 1; then log m = 2 artanh((m-1)/(m+1)), whose series converges fast. */
double
tt_stats_log2(double x)
{
    int e = 0;
    if (!(x > 0)) {
        return 0;
    }
    while (x > 1.4142135623730951) {
        x /= 2;
        e++;
    }
    while (x < 0.7071067811865476) {
        x *= 2;
        e--;
    }
    double t = (x - 1) / (x + 1), square = t * t, term = t, sum = 0;
    for (int i = 1; i < 40; i += 2) {
        sum += term / i;
        term *= square;
    }
    return e + 2 * sum / LN2;
}

double
tt_stats_choose(unsigned n, unsigned k)
{
    double product = 1;
    if (k > n) {
        return 0;
    }
    k = k < n - k ? k : n - k;
    for (unsigned i = 1; i <= k; i++) {
        product = product * (n - k + i) / i;
    }
    return product;
}

double
tt_stats_permutation(unsigned a, unsigned b)
{
    return 1 / tt_stats_choose(a + b, b);
}

/* The first cell's distribution with fixed margins: how much likelier x + 1 is than x. */
struct margins {
    double row, column, rest; /* of the first cell; rest: all - row - column */
};

static double
ratio_up(const struct margins *m, double x)
{
    return (m->row - x) * (m->column - x) / ((x + 1) * (m->rest + x + 1));
}

double
tt_stats_fisher(unsigned a, unsigned b, unsigned c, unsigned d)
{
    double n = (double) a + b + c + d;
    struct margins m = {.row = (double) a + b, .column = (double) a + c};
    m.rest = n - m.row - m.column;
    double low = m.rest < 0 ? -m.rest : 0, high = m.row < m.column ? m.row : m.column;
    /* Weights relative to the observed table. */
    double extreme = 1, all = 1, weight = 1;
    for (double x = a; x < high; x++) {
        weight *= ratio_up(&m, x);
        all += weight;
        extreme += weight <= 1 + 1e-9 ? weight : 0;
    }
    weight = 1;
    for (double x = a; x > low; x--) {
        weight /= ratio_up(&m, x - 1);
        all += weight;
        extreme += weight <= 1 + 1e-9 ? weight : 0;
    }
    return extreme / all;
}

double
tt_stats_bonferroni(double p, size_t tests)
{
    p *= (double) (tests ? tests : 1);
    return p < 1 ? p : 1;
}

/* The smallest p that is larger than last, or equal to it and further on than its place. */
static size_t
next_smallest(const double *p, const bool *done, size_t count)
{
    size_t best = count;
    for (size_t i = 0; i < count; i++) {
        if (!done[i] && (best == count || p[i] < p[best])) {
            best = i;
        }
    }
    return best;
}

void
tt_stats_holm(double *p, size_t count)
{
    bool done[TT_STATS_HOLM_MAX] = {false};
    double floor = 0;
    if (count > TT_STATS_HOLM_MAX) {
        for (size_t i = 0; i < count; i++) {
            p[i] = tt_stats_bonferroni(p[i], count);
        }
        return;
    }
    for (size_t rank = 0; rank < count; rank++) {
        size_t i = next_smallest(p, done, count);
        double adjusted = tt_stats_bonferroni(p[i], count - rank);
        done[i] = true;
        floor = adjusted > floor ? adjusted : floor; /* a weaker result is never more certain than a stronger one */
        p[i] = floor;
    }
}

struct table {
    unsigned cell[TT_STATS_LABELS_MAX][TT_STATS_LABELS_MAX];
    unsigned row[TT_STATS_LABELS_MAX], column[TT_STATS_LABELS_MAX];
};

static void
fill_table(const struct tt_stats_pairs *pairs, const uint8_t *y, struct table *table)
{
    memset(table, 0, sizeof(*table));
    for (size_t i = 0; i < pairs->n; i++) {
        unsigned one = pairs->x[i] % TT_STATS_LABELS_MAX, two = y[i] % TT_STATS_LABELS_MAX;
        table->cell[one][two]++;
        table->row[one]++;
        table->column[two]++;
    }
}

/* The plug-in estimate, in bits.  *bias: what chance adds to it on average. */
static double
information(const struct table *table, size_t n, double *bias)
{
    double sum = 0;
    int rows = 0, columns = 0, cells = 0;
    for (size_t i = 0; i < TT_STATS_LABELS_MAX; i++) {
        rows += table->row[i] > 0;
        columns += table->column[i] > 0;
        for (size_t k = 0; k < TT_STATS_LABELS_MAX && table->row[i] > 0; k++) {
            double both = table->cell[i][k];
            if (both > 0) {
                cells++;
                sum += both / (double) n * tt_stats_log2(both * (double) n / ((double) table->row[i] * table->column[k]));
            }
        }
    }
    *bias = (double) (rows + columns - cells - 1) / (2 * (double) n * LN2);
    return sum;
}

double
tt_stats_information(const struct tt_stats_pairs *pairs)
{
    struct table table;
    double bias;
    if (pairs->n == 0) {
        return 0;
    }
    fill_table(pairs, pairs->y, &table);
    double bits = information(&table, pairs->n, &bias);
    bits += bias; /* H(x) and H(y) gain, H(x,y) loses: Miller and Madow */
    return bits > 0 ? bits : 0;
}

/* xorshift64*: the order of labels needs no secret. */
static uint64_t
next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

double
tt_stats_information_p(const struct tt_stats_pairs *pairs, unsigned rounds, uint64_t seed)
{
    struct table table;
    uint8_t y[TT_STATS_RUNS_MAX];
    uint64_t state = seed | 1;
    double bias;
    unsigned high = 0;
    if (pairs->n == 0) {
        return 1;
    }
    memcpy(y, pairs->y, pairs->n);
    fill_table(pairs, y, &table);
    double observed = information(&table, pairs->n, &bias) - 1e-9;
    for (unsigned round = 0; round < rounds; round++) {
        for (size_t i = pairs->n - 1; i > 0; i--) {
            size_t k = (size_t) (next_random(&state) % (i + 1));
            uint8_t other = y[i];
            y[i] = y[k];
            y[k] = other;
        }
        fill_table(pairs, y, &table);
        high += information(&table, pairs->n, &bias) >= observed;
    }
    return (1.0 + high) / (1.0 + rounds);
}
