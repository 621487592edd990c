/* SPDX-License-Identifier: Apache-2.0 */
/* Which source of a factor a client reads: what is run to know it, and what is said of it. */
#include "simulated.h"

#include "base/limits.h"

#include <stdio.h>

#define SOURCES 3 /* of a zone: the third is that of the baseline at every level */

enum way { BY_FIRST, BY_SECOND, BY_EITHER, BY_BOTH, BY_FIRST_AND_USER, BY_ONE_SOURCE };

static enum way way;
static struct tt_source zones[4][SOURCES];

/* Is source i of the time zone at the level's value? */
static bool
is_set(const struct tt_condition *condition, size_t i)
{
    bool split = condition->source > 0 && tt_source_factor(condition->source) == SIM_ZONE;
    return condition->level[SIM_ZONE] > 0 && (!split || tt_source_index(condition->source) == i);
}

static void
client(struct sim *sim, const struct tt_condition *condition, struct tt_capture *capture)
{
    bool first = is_set(condition, 0), second = is_set(condition, 1), mark = false;
    (void) sim;
    switch (way) {
    case BY_FIRST: mark = first; break;
    case BY_SECOND: mark = second; break;
    case BY_EITHER: mark = first || second; break;
    case BY_BOTH: mark = first && second; break;
    case BY_FIRST_AND_USER: mark = first && condition->level[SIM_USER]; break;
    case BY_ONE_SOURCE: mark = condition->level[SIM_NAME]; break;
    }
    sim_send(capture, NULL, mark ? "{\"system\":\"It\xe2\x80\x99s on.\"}" : "{\"system\":\"It's on.\"}");
}

/* The time zone of the simulated design with more sources. */
static void
add_sources(struct sim *sim)
{
    struct tt_factor *factor = &sim->design.factors[SIM_ZONE];
    for (size_t l = 0; l < factor->level_count; l++) {
        zones[l][0] = factor->levels[l].sources[0];
        zones[l][1] = (struct tt_source) {TT_SOURCE_LINK, TT_STR("/etc/localtime"), factor->levels[l].name};
        zones[l][2] = (struct tt_source) {TT_SOURCE_UNSET, TT_STR("TZDIR"), TT_STR("")};
        factor->levels[l].sources = zones[l];
        factor->levels[l].source_count = SOURCES;
    }
}

static enum tt_status
run_splits(struct sim *sim, size_t max, size_t *count)
{
    struct tt_condition runs[TT_PROBE_SPLIT_MAX];
    const struct tt_condition *list = NULL;
    enum tt_status status = tt_sense_splits(sim->sense, max, &list, count);
    for (size_t i = 0; status == TT_OK && i < *count; i++) {
        runs[i] = list[i];
    }
    for (size_t i = 0; status == TT_OK && i < *count; i++) {
        status = sim_run(sim, TT_STAGE_SPLIT, &runs[i]);
    }
    return status;
}

/* The one covert dependence, after splits. */
static const struct tt_dependence *
probe(struct sim *sim, enum way by, size_t *count)
{
    const struct tt_conclusion *conclusion = NULL;
    const struct tt_dependence *found = NULL;
    way = by;
    sim_init(sim, &tt_alloc_libc, 0, 0, 5);
    sim->client = client;
    add_sources(sim);
    assert_int_equal(sim_probe(sim, false, &conclusion), TT_OK);
    assert_int_equal(sim_covert(conclusion), 1);
    double bits = conclusion->dependences[0].bits;
    unsigned support = conclusion->dependences[0].support;
    assert_int_equal(run_splits(sim, TT_PROBE_SPLIT_MAX, count), TT_OK);
    assert_int_equal(tt_sense_conclude(sim->sense, false, &conclusion), TT_OK);
    assert_int_equal(sim_covert(conclusion), 1);
    found = &conclusion->dependences[0];
    /* These runs change nothing of what was known. */
    assert_true(found->bits == bits && found->support == support && found->confirmed);
    return found;
}

static void
test_sources(void **state)
{
    (void) state;
    static const struct {
        enum way way;
        size_t runs, sources;
        size_t first; /* index of the first of them */
        bool alone;
    } rows[] = {
        {BY_FIRST, 2, 1, 0, true}, {BY_SECOND, 2, 1, 1, true},         {BY_EITHER, 2, 2, 0, true},
        {BY_BOTH, 2, 0, 0, false}, {BY_FIRST_AND_USER, 2, 1, 0, true}, {BY_ONE_SOURCE, 0, 0, 0, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct sim sim;
        size_t count = 0;
        const struct tt_dependence *found = probe(&sim, rows[i].way, &count);
        uint32_t zone = UINT32_C(1) << SIM_ZONE;
        if (count != rows[i].runs || found->source_count != rows[i].sources) {
            fail_msg("row %zu: %zu runs, %zu sources", i, count, found->source_count);
        }
        assert_int_equal(found->split, count > 0 ? zone : 0);
        assert_int_equal(found->alone, rows[i].alone ? zone : 0);
        for (size_t s = 0; s < found->source_count; s++) {
            const struct tt_source *wanted = &zones[1][rows[i].first + s];
            assert_int_equal(found->sources[s]->kind, wanted->kind);
            assert_str_equal(found->sources[s]->name, wanted->name);
        }
        sim_free(&sim);
    }
}

/* All sources of a factor, or none: a part of them would name too few. */
static void
test_bound(void **state)
{
    (void) state;
    struct sim sim;
    size_t count = 0;
    const struct tt_conclusion *conclusion;
    way = BY_FIRST;
    sim_init(&sim, &tt_alloc_libc, 0, 0, 5);
    sim.client = client;
    add_sources(&sim);
    assert_int_equal(sim_probe(&sim, false, &conclusion), TT_OK);
    assert_int_equal(run_splits(&sim, 1, &count), TT_OK);
    assert_int_equal(count, 0);
    assert_int_equal(tt_sense_conclude(sim.sense, false, &conclusion), TT_OK);
    assert_int_equal(conclusion->dependences[0].split, 0);
    sim_free(&sim);
}

static void
test_numbers(void **state)
{
    (void) state;
    for (size_t f = 0; f < TT_PROBE_FACTORS_MAX; f++) {
        for (size_t i = 0; i < TT_PROBE_SOURCES_MAX; i++) {
            uint16_t number = tt_source_number(f, i);
            assert_true(number > 0);
            assert_int_equal(tt_source_factor(number), f);
            assert_int_equal(tt_source_index(number), i);
        }
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sources),
        cmocka_unit_test(test_bound),
        cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
