/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a probe learned is a description that can be read: of each simulated channel that stands in a text one site, of the others none, and with marks side
 * by side each is told apart.
 */
#include "simulated.h"

#include "base/limits.h"
#include "marks/learned.h"
#include "probe/findings.h"

/* The homoglyph stands beside a random id, and nothing else of its line is the same in two requests. */
static const struct {
    unsigned modes;
    size_t sites, left_out;
} probes[] = {
    {SIM_APOSTROPHE, 1, 0}, {SIM_SEPARATOR, 1, 0}, {SIM_BLANK, 1, 0}, {SIM_ZERO_WIDTH, 1, 0}, {SIM_ESCAPE, 1, 0},
    {SIM_KEYS, 0, 1},       {SIM_HEADERS, 0, 1},   {SIM_CASE, 0, 1},  {SIM_LINES, 0, 1},      {0, 0, 0},
    {SIM_ALL, 5, 3},        {SIM_HOMOGLYPH, 0, 1}, {SIM_NFC, 1, 0},
};

struct made {
    const struct tt_probe_view *view;
    size_t sites, left_out;
};

static bool
make(void *ctx, const struct tt_alloc *alloc)
{
    struct made *made = ctx;
    struct tt_buf out;
    struct tt_learned learned;
    struct tt_error err = {.msg = ""};
    tt_buf_init(&out, alloc, TT_MIB);
    tt_probe_learned(made->view, &out, &made->left_out);
    enum tt_status status = out.status;
    if (status == TT_OK) {
        tt_learned_init(&learned, &tt_alloc_libc);
        if (tt_learned_read(&learned, tt_buf_str(&out), &err) != TT_OK) {
            fail_msg("%u:%u: %s: %.*s", err.line, err.column, err.msg, (int) out.len, out.ptr);
        }
        made->sites = learned.count;
        tt_learned_free(&learned);
    }
    tt_buf_free(&out);
    return status == TT_OK;
}

static void
test_descriptions(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(probes) / sizeof(*probes); i++) {
        struct sim sim;
        const struct tt_conclusion *conclusion;
        sim_init(&sim, &tt_alloc_libc, probes[i].modes, SIM_UUID, 1 + i);
        assert_int_equal(sim_probe(&sim, false, &conclusion), TT_OK);
        const struct tt_job job = {.name = TT_STR("a client"), .client_version = TT_STR("1.0"), .design = sim.design};
        const struct tt_probe_view view = {.job = &job, .conclusion = conclusion, .runs = -1};
        struct made made = {.view = &view};
        assert_true(make(&made, &tt_alloc_libc));
        if (made.sites != probes[i].sites || made.left_out != probes[i].left_out) {
            sim_print(&sim, conclusion);
            fail_msg("mode %x: %zu sites, %zu left out", probes[i].modes, made.sites, made.left_out);
        }
        if (probes[i].modes == SIM_APOSTROPHE) {
            test_every_allocation(make, &made);
        }
        sim_free(&sim);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_descriptions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
