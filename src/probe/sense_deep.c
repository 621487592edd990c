/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The deep test: does the distribution of a volatile leaf depend on a level?
 *
 * Input: the table with many runs of the baseline and of single levels.  Output: dependences of class C5, and which leaves were looked at.
 *
 * Each volatile leaf is unpacked to bits: digits of random ids, choices between few values, which of two names comes first, whether it is there.
 * Each bit gives a 2x2 table; the smallest p of Fisher's exact test counts, times the number of bits (Bonferroni), then Holm over all leaves and
 * levels.  Joint codes of several bits and keyed codes are outside this test.
 */
#include "base/limits.h"
#include "probe/sense_conclude.h"
#include "probe/shape.h"
#include "probe/stats.h"

#include <stdlib.h>

#define ALPHA 0.001   /* behind all corrections */
#define RUNS_MIN 8    /* of a level; fewer cannot reach ALPHA */
#define BITS_MAX 2048 /* of one leaf */
#define CHOICES_MAX 8 /* different values of a part that are compared as such */
#define NAMES_MAX 24  /* names of an order of which each two are compared */

/* Bits of one leaf: rows are runs.  2 stands for a bit that the run does not say. */
struct matrix {
    uint8_t *bits;
    size_t width; /* bits used */
};

struct test {
    size_t first, end; /* columns of the site */
    size_t factor;
    uint8_t level;
    uint32_t cond;
    double p, bits;
    size_t column; /* of the strongest bit */
};

static bool
add_bit(struct matrix *m)
{
    if (m->width == BITS_MAX) {
        return false;
    }
    m->width++;
    return true;
}

/* One bit a value, where there are only few. */
static void
add_choices(const struct tt_sense_table *table, const struct tt_sense_column *column, struct matrix *m)
{
    uint32_t seen[CHOICES_MAX];
    size_t n = 0;
    for (size_t run = 0; run < table->run_count; run++) {
        size_t i = 0;
        while (i < n && seen[i] != column->value[run]) {
            i++;
        }
        if (i < n || column->value[run] == TT_SENSE_MISSING) {
            continue;
        }
        if (n == CHOICES_MAX) {
            return;
        }
        seen[n++] = column->value[run];
    }
    for (size_t i = 0; i < n && add_bit(m); i++) {
        for (size_t run = 0; run < table->run_count; run++) {
            m->bits[run * BITS_MAX + m->width - 1] = column->value[run] == TT_SENSE_MISSING ? 2 : column->value[run] == seen[i];
        }
    }
}

/* The number in a token such as "345Z" or "12ms". */
static uint64_t
number_in(struct tt_str text)
{
    uint64_t value = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (tt_ascii_is_digit((unsigned char) text.ptr[i])) {
            value = value * 10 + (uint64_t) (text.ptr[i] - '0');
        }
    }
    return value;
}

/*
 * Are all values decimal numbers, but for two letters?  Such a part may be a clock or a duration, and how long a client takes depends on everything.  So
 * neither its size is compared nor how often it has one of few values.
 */
static bool
is_number(const struct tt_sense *sense, const struct tt_sense_column *column)
{
    for (size_t run = 0; run < sense->table.run_count; run++) {
        struct tt_str text = column->value[run] == TT_SENSE_MISSING ? TT_STR("0") : tt_sense_text(sense, column->value[run]);
        size_t digits = 0, others = 0;
        for (size_t i = 0; i < text.len; i++) {
            digits += tt_ascii_is_digit((unsigned char) text.ptr[i]);
            others += !tt_ascii_is_digit((unsigned char) text.ptr[i]);
        }
        if (others > 2 || (digits == 0 && others > 0)) {
            return false;
        }
    }
    return true;
}

/* Does the number rise with the numbers of runs?  Then it tells their order. */
static bool
is_counter(const struct tt_sense *sense, const struct tt_sense_column *column)
{
    const struct tt_sense_table *table = &sense->table;
    for (size_t one = 0; one < table->run_count; one++) {
        for (size_t two = one + 1; two < table->run_count; two++) {
            if (column->value[one] == TT_SENSE_MISSING || column->value[two] == TT_SENSE_MISSING) {
                continue;
            }
            uint64_t x = number_in(tt_sense_text(sense, column->value[one]));
            uint64_t y = number_in(tt_sense_text(sense, column->value[two]));
            if ((table->runs[one]->run.number < table->runs[two]->run.number) != (x < y)) {
                return false;
            }
        }
    }
    return true;
}

/* A decimal number: its lowest bits, as far as its values spread wide enough to make them even whatever the mean is. */
static void
add_number(const struct tt_sense *sense, const struct tt_sense_column *column, struct matrix *m)
{
    const struct tt_sense_table *table = &sense->table;
    uint64_t low = UINT64_MAX, high = 0;
    for (size_t run = 0; run < table->run_count; run++) {
        struct tt_str text =
            column->value[run] == TT_SENSE_MISSING ? (struct tt_str) {"", 0} : tt_sense_text(sense, column->value[run]);
        uint64_t value = number_in(text);
        low = text.len > 0 && value < low ? value : low;
        high = text.len > 0 && value > high ? value : high;
    }
    for (unsigned b = 0; b < 32 && high > low && high - low >= UINT64_C(16) << b && add_bit(m); b++) {
        for (size_t run = 0; run < table->run_count; run++) {
            struct tt_str text =
                column->value[run] == TT_SENSE_MISSING ? (struct tt_str) {"", 0} : tt_sense_text(sense, column->value[run]);
            uint64_t value = number_in(text);
            m->bits[run * BITS_MAX + m->width - 1] = text.len > 0 ? (uint8_t) (value >> b & 1) : 2;
        }
    }
}

static size_t
shortest(const struct tt_sense *sense, const struct tt_sense_column *column)
{
    size_t least = SIZE_MAX;
    for (size_t run = 0; run < sense->table.run_count; run++) {
        if (column->value[run] != TT_SENSE_MISSING) {
            size_t length = tt_sense_text(sense, column->value[run]).len;
            least = length < least ? length : least;
        }
    }
    return least;
}

static bool
is_hex(const struct tt_sense *sense, const struct tt_sense_column *column)
{
    for (size_t run = 0; run < sense->table.run_count; run++) {
        struct tt_str text = column->value[run] == TT_SENSE_MISSING ? TT_STR("") : tt_sense_text(sense, column->value[run]);
        for (size_t i = 0; i < text.len; i++) {
            if (tt_ascii_hex((unsigned char) text.ptr[i]) < 0) {
                return false;
            }
        }
    }
    return true;
}

/* Characters of the same place, from both ends of the token: random ids may differ in length. */
static void
add_characters(const struct tt_sense *sense, const struct tt_sense_column *column, struct matrix *m, size_t skip)
{
    const struct tt_sense_table *table = &sense->table;
    size_t length = shortest(sense, column);
    bool hex = is_hex(sense, column);
    unsigned width = hex ? 4 : 7;
    for (size_t place = skip; place < length; place++) {
        for (unsigned b = 0; b < width && add_bit(m); b++) {
            for (size_t run = 0; run < table->run_count; run++) {
                uint8_t *bit = &m->bits[run * BITS_MAX + m->width - 1];
                *bit = 2;
                if (column->value[run] != TT_SENSE_MISSING) {
                    struct tt_str text = tt_sense_text(sense, column->value[run]);
                    unsigned char c = (unsigned char) text.ptr[text.len - length + place];
                    *bit = (uint8_t) ((hex ? (unsigned) tt_ascii_hex(c) : c) >> b & 1);
                }
            }
        }
    }
}

/*
 * Digits at the beginning that say the time, in nearly all runs whose time is known: then they are not random, and may depend on how long the client
 * took.
 */
static size_t
clock_digits(const struct tt_sense *sense, const struct tt_sense_column *column)
{
    size_t most = 0, clocks = 0, runs = 0;
    for (size_t run = 0; run < sense->table.run_count; run++) {
        int64_t instant = tt_sense_instant(sense, &sense->table.runs[run]->run);
        if (column->value[run] == TT_SENSE_MISSING || instant == 0) {
            continue;
        }
        struct tt_shape shape = tt_shape_read(tt_sense_line(sense, column, (uint32_t) run), instant);
        size_t digits = tt_shape_clock_digits(tt_sense_text(sense, column->value[run]), instant);
        digits = digits == 8 ? 16 : digits; /* behind seconds their fraction may stand */
        /* UUIDs of version 7 have it in the first two parts (cells 1 and 5 are tokens 0 and 2), older ones in three. */
        if (shape.kind == TT_SHAPE_UUID && shape.version != 4 && column->from < (shape.version == 7 ? 6 : 10)) {
            digits = SIZE_MAX;
        }
        runs++;
        clocks += digits > 0;
        most = digits > most ? digits : most;
    }
    return clocks * 10 >= runs * 9 ? most : 0;
}

/* Which of two names comes first? */
static void
add_order(const struct tt_sense *sense, const struct tt_sense_column *column, struct matrix *m)
{
    const struct tt_sense_table *table = &sense->table;
    struct tt_str names[NAMES_MAX];
    size_t n = 0;
    uint32_t any = column->value[0];
    struct tt_str list = any == TT_SENSE_MISSING ? (struct tt_str) {"", 0} : tt_sense_text(sense, any);
    for (size_t pos = 0; pos < list.len && n < NAMES_MAX;) {
        const char *feed = memchr(list.ptr + pos, '\n', list.len - pos);
        size_t end = feed ? (size_t) (feed - list.ptr) + 1 : list.len;
        names[n++] = tt_str_slice(list, pos, end);
        pos = end;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t k = i + 1; k < n && add_bit(m); k++) {
            for (size_t run = 0; run < table->run_count; run++) {
                struct tt_str own =
                    column->value[run] == TT_SENSE_MISSING ? (struct tt_str) {"", 0} : tt_sense_text(sense, column->value[run]);
                const char *one = tt_str_find(own, names[i]);
                const char *two = tt_str_find(own, names[k]);
                m->bits[run * BITS_MAX + m->width - 1] = one && two ? one < two : 2;
            }
        }
    }
}

/* Whether and when requests come is a matter of time, which is not tested. */
static void
unpack(const struct tt_sense *sense, const struct tt_sense_column *column, struct matrix *m)
{
    if (column->state != TT_STATE_VOLATILE || column->kind == TT_COLUMN_FRESH || column->site == TT_SENSE_NONE) {
        return;
    }
    bool text = column->kind == TT_COLUMN_TEXT;
    if (text && is_number(sense, column)) {
        if (!is_counter(sense, column)) {
            add_number(sense, column, m);
        }
        return;
    }
    if (column->kind != TT_COLUMN_SHAPE) { /* the shape of a number tells its size */
        add_choices(&sense->table, column, m);
    }
    if (column->kind == TT_COLUMN_ORDER) {
        add_order(sense, column, m);
    } else if (text) {
        add_characters(sense, column, m, clock_digits(sense, column));
    }
}

/* ---- tests ---- */

static void
count_table(const struct tt_sense *sense, const struct matrix *m, size_t bit, uint32_t cond, unsigned counts[2])
{
    const struct tt_sense_cond *of = &sense->table.conds[cond];
    counts[0] = counts[1] = 0;
    for (size_t i = 0; i < of->run_count; i++) {
        uint8_t value = m->bits[of->runs[i] * BITS_MAX + bit];
        if (value < 2) {
            counts[value]++;
        }
    }
}

/* Both levels weigh alike, however many runs there are of each. */
static double
bit_information(const unsigned a[2], const unsigned b[2])
{
    const unsigned *counts[2] = {a, b};
    unsigned all[2] = {a[0] + a[1], b[0] + b[1]};
    unsigned n = all[0] < all[1] ? all[0] : all[1];
    struct tt_stats_pairs pairs = {.n = 0};
    for (unsigned level = 0; level < 2; level++) {
        unsigned ones = (counts[level][1] * n + all[level] / 2) / all[level];
        for (unsigned i = 0; i < n && pairs.n < TT_STATS_RUNS_MAX; i++) {
            pairs.x[pairs.n] = (uint8_t) level;
            pairs.y[pairs.n++] = i < ones;
        }
    }
    double bits = tt_stats_information(&pairs);
    return bits < 1 ? bits : 1;
}

/* The strongest bit of the leaf between the baseline and one level. */
static void
run_test(const struct tt_sense *sense, const struct matrix *m, const size_t *owner, struct test *test)
{
    test->p = 1;
    for (size_t bit = 0; bit < m->width; bit++) {
        unsigned a[2], b[2];
        count_table(sense, m, bit, sense->table.noon, a);
        count_table(sense, m, bit, test->cond, b);
        if (a[0] + a[1] < RUNS_MIN || b[0] + b[1] < RUNS_MIN) {
            continue;
        }
        double p = tt_stats_fisher(a[0], a[1], b[0], b[1]);
        if (p < test->p) {
            test->p = p;
            test->bits = bit_information(a, b);
            test->column = owner[bit];
        }
    }
    test->p = tt_stats_bonferroni(test->p, m->width);
}

struct tests {
    struct test *list;
    size_t count, room;
};

static enum tt_status
test_site(struct tt_sense_conclusion *c, size_t first, size_t end, struct tests *tests)
{
    struct tt_sense *sense = c->sense;
    const struct tt_sense_table *table = &sense->table;
    struct matrix m = {.width = 0};
    tt_arena_reset(&sense->scratch);
    m.bits = tt_sense_get(&sense->scratch, table->run_count * BITS_MAX);
    size_t *owner = tt_sense_get(&sense->scratch, BITS_MAX * sizeof(*owner));
    if (!m.bits || !owner) {
        return TT_E_MEMORY;
    }
    for (size_t i = first; i < end; i++) {
        size_t before = m.width;
        unpack(sense, &table->columns[i], &m);
        for (size_t bit = before; bit < m.width; bit++) {
            owner[bit] = i;
        }
    }
    struct tt_sense_audit *audit = &c->audits[c->audit_count];
    *audit = (struct tt_sense_audit) {.slot = table->columns[first].slot, .site = table->columns[first].site};
    for (uint32_t i = 0; i < table->cond_count && m.width > 0; i++) {
        const struct tt_sense_cond *cond = &table->conds[i];
        if (cond->condition.instant != TT_NOON || __builtin_popcount(cond->factors) != 1 || cond->run_count < RUNS_MIN ||
            tests->count == tests->room) {
            continue;
        }
        struct test test = {.first = first, .end = end, .cond = i};
        run_test(sense, &m, owner, &test);
        tests->list[tests->count++] = test;
        audit->factors |= cond->factors;
    }
    c->audit_count += audit->factors != 0;
    return TT_OK;
}

static enum tt_status
report(struct tt_sense_conclusion *c, const struct test *test, struct tt_dependence *out)
{
    struct tt_sense *sense = c->sense;
    const struct tt_sense_table *table = &sense->table;
    const struct tt_sense_column *column = &table->columns[test->column];
    const struct tt_sense_cond *cond = &table->conds[test->cond];
    *out = (struct tt_dependence) {.class = TT_CLASS_C5,
                                   .factors = cond->factors,
                                   .identity = tt_sense_is_identity(sense, cond->factors, &cond->condition),
                                   .confirmed = true,
                                   .places = 1,
                                   .base_runs = (unsigned) table->conds[table->noon].run_count,
                                   .support = (unsigned) cond->run_count,
                                   .runs = (unsigned) cond->run_count,
                                   .p = test->p,
                                   .bits = test->bits};
    out->request = tt_sense_request_name(sense, column->slot);
    out->path = tt_sense_path(sense, column);
    out->symbols = tt_sense_get(&sense->answer, 2 * sizeof(*out->symbols));
    if (!out->symbols) {
        return TT_E_MEMORY;
    }
    const uint32_t conds[2] = {table->noon, test->cond};
    for (size_t i = 0; i < 2; i++) {
        uint32_t run = tt_sense_run_of(sense, column, conds[i]);
        struct tt_symbol *symbol = &out->symbols[out->symbol_count++];
        *symbol = (struct tt_symbol) {.condition = table->conds[conds[i]].condition,
                                      .runs = (unsigned) table->conds[conds[i]].run_count};
        symbol->line = symbol->value = tt_sense_line(sense, column, run);
        symbol->run = run == TT_SENSE_NONE ? 0 : table->runs[run]->run.number;
        const struct tt_sense_slot *slot = &table->slots[column->slot];
        const struct tt_sense_leaf *leaf = run == TT_SENSE_NONE || column->site == TT_SENSE_NONE
                                               ? NULL
                                               : tt_sense_leaf_of(sense, slot, &slot->sites[column->site], run);
        symbol->absent = !leaf;
        if (leaf) {
            symbol->exchange = table->runs[run]->requests[slot->request[run] - 1].ordinal;
            symbol->in_content = leaf->in_content;
            symbol->offset = leaf->offset;
            symbol->length = leaf->length;
        }
    }
    return TT_OK;
}

enum tt_status
tt_sense_make_deep(struct tt_sense_conclusion *c)
{
    struct tt_sense *sense = c->sense;
    const struct tt_sense_table *table = &sense->table;
    struct tests tests = {.room = TT_STATS_HOLM_MAX};
    tests.list = tt_sense_get(&sense->answer, tests.room * sizeof(*tests.list));
    c->audits = tt_sense_get(&sense->answer, (table->column_count + 1) * sizeof(*c->audits));
    double *p = tt_sense_get(&sense->answer, tests.room * sizeof(*p));
    if (!tests.list || !c->audits || !p) {
        return TT_E_MEMORY;
    }
    for (size_t first = 0; first < table->column_count;) {
        size_t end = tt_sense_site_end(sense, first);
        TT_TRY(test_site(c, first, end, &tests));
        first = end;
    }
    for (size_t i = 0; i < tests.count; i++) {
        p[i] = tests.list[i].p;
    }
    tt_stats_holm(p, tests.count);
    c->deep = tt_sense_get(&sense->answer, tests.count * sizeof(*c->deep));
    if (!c->deep) {
        return TT_E_MEMORY;
    }
    for (size_t i = 0; i < tests.count; i++) {
        tests.list[i].p = p[i];
        if (p[i] < ALPHA) {
            TT_TRY(report(c, &tests.list[i], &c->deep[c->deep_count++]));
        }
    }
    return TT_OK;
}
