/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole probes of simulated clients: every channel alone and all together is found in its class, with its factors and bits; a client that is only noisy
 * gives nothing.
 */
#include "simulated.h"

#include "base/limits.h"
#include "probe/stats.h"

#include <stdio.h>
#include <string.h>

#define ZONE (UINT32_C(1) << SIM_ZONE)
#define LOCALE (UINT32_C(1) << SIM_LOCALE)
#define HOST (UINT32_C(1) << SIM_HOST)
#define PROXY (UINT32_C(1) << SIM_PROXY)
#define NAME (UINT32_C(1) << SIM_NAME)
#define USER (UINT32_C(1) << SIM_USER)
#define HOME (UINT32_C(1) << SIM_HOME)
#define CI (UINT32_C(1) << SIM_CI)
#define KEY (UINT32_C(1) << SIM_KEY)

static const struct channel {
    unsigned mode;
    enum tt_probe_class class;
    uint32_t factors;
    double bits;
    const char *path;
} channels[] = {
    {SIM_APOSTROPHE, TT_CLASS_C0, HOST, 2, "$.system"},
    {SIM_SEPARATOR, TT_CLASS_C1, ZONE, 1, "$.system"},
    {SIM_BLANK, TT_CLASS_C1, ZONE, 1, "$.system"},
    {SIM_ZERO_WIDTH, TT_CLASS_C0, HOST, 1, "$.system"},
    {SIM_HASH, TT_CLASS_C4, NAME, 1, "$.metadata.device"},
    {SIM_KEYS, TT_CLASS_C2, ZONE, 1, "$#keys"},
    {SIM_HEADERS, TT_CLASS_C2, PROXY, 1, "#hdr-order"},
    {SIM_ESCAPE, TT_CLASS_C3, ZONE, 1, "$.system"},
    {SIM_PAIR, TT_CLASS_VISIBLE, ZONE | HOST, 1, "$.max_tokens"},
    {SIM_CASE, TT_CLASS_C3, USER, 1, "user-agent"},
    {SIM_NUMBER, TT_CLASS_C3, LOCALE, 1, "$.temperature"},
    {SIM_HOMOGLYPH, TT_CLASS_C0, KEY, 1, "$.system"},
    {SIM_SPACING, TT_CLASS_C3, CI, 1, "$.system"},
    {SIM_GATED_QUOTE, TT_CLASS_C0, USER | NAME, 1, "$.system"},
    {SIM_LINES, TT_CLASS_C2, HOME, 1, "$.system"},
    {SIM_NFC, TT_CLASS_C0, ZONE, 1, "$.system"},
};

#define NOISE_REDUCED_MAX 16 /* of TT_PROBE_REDUCE_MAX */

static bool
is_near(double a, double b)
{
    return a - b < 1e-6 && b - a < 1e-6;
}

static const struct tt_dependence *
find_channel(const struct tt_conclusion *conclusion, const struct channel *channel)
{
    for (size_t i = 0; i < conclusion->dependence_count; i++) {
        const struct tt_dependence *d = &conclusion->dependences[i];
        if (d->class == channel->class && d->factors == channel->factors && is_near(d->bits, channel->bits) && d->confirmed &&
            tt_str_eq(d->path, tt_str_cstr(channel->path))) {
            return d;
        }
    }
    return NULL;
}

static void
check_alone(const struct channel *channel, unsigned noise, uint64_t seed)
{
    struct sim sim;
    const struct tt_conclusion *conclusion;
    sim_init(&sim, &tt_alloc_libc, channel->mode, noise, seed);
    assert_int_equal(sim_probe(&sim, false, &conclusion), TT_OK);
    const struct tt_dependence *found = find_channel(conclusion, channel);
    size_t covert = channel->class == TT_CLASS_VISIBLE ? 0 : 1;
    if (!found || sim_covert(conclusion) != covert) {
        sim_print(&sim, conclusion);
        fail_msg("mode %x, noise %x, seed %u: %zu covert", channel->mode, noise, (unsigned) seed, sim_covert(conclusion));
    }
    assert_true(found->symbol_count >= 2);
    assert_true(found->support == found->runs && found->runs + 1 >= TT_PROBE_CONFIRM_B && found->base_runs >= TT_PROBE_CONFIRM_A);
    assert_true(found->p < 0.006);
    sim_free(&sim);
}

static void
test_each_channel(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(channels) / sizeof(*channels); i++) {
        unsigned noise = channels[i].mode == SIM_HEADERS ? SIM_NOISE & ~(unsigned) SIM_RANDOM_HEADERS : SIM_NOISE;
        check_alone(&channels[i], 0, 1);
        check_alone(&channels[i], noise, 2 + i);
        check_alone(&channels[i], noise, 102 + i);
    }
}

static void
check_together(unsigned noise, uint64_t seed)
{
    struct sim sim;
    const struct tt_conclusion *conclusion;
    sim_init(&sim, &tt_alloc_libc, SIM_ALL, noise, seed);
    assert_int_equal(sim_probe(&sim, false, &conclusion), TT_OK);
    bool good = sim_covert(conclusion) == 8;
    for (size_t i = 0; i < sizeof(channels) / sizeof(*channels); i++) {
        good = good && (!(channels[i].mode & SIM_ALL) || find_channel(conclusion, &channels[i]));
    }
    bool joint = false;
    for (size_t i = 0; i < conclusion->bit_count; i++) {
        const struct tt_factor_bits *bits = &conclusion->bits[i];
        joint = joint || (bits->factors == (ZONE | HOST) && is_near(bits->bits, 3));
        good = good && (bits->factors != ZONE || is_near(bits->bits, 1)) && (bits->factors != HOST || is_near(bits->bits, 2));
    }
    if (!good || !joint) {
        sim_print(&sim, conclusion);
        fail_msg("noise %x, seed %u: %zu covert", noise, (unsigned) seed, sim_covert(conclusion));
    }
    sim_free(&sim);
}

static void
test_all_channels(void **state)
{
    (void) state;
    check_together(SIM_UUID, 1);
    for (uint64_t seed = 2; seed < 6; seed++) {
        check_together(SIM_NOISE & ~(unsigned) SIM_RANDOM_HEADERS, seed);
    }
}

/* The lowest bit of a random id. */
static void
test_deep(void **state)
{
    (void) state;
    for (uint64_t seed = 1; seed < 4; seed++) {
        struct sim sim;
        const struct tt_conclusion *conclusion;
        sim_init(&sim, &tt_alloc_libc, SIM_NONCE, SIM_NOISE | SIM_DURATION, seed);
        assert_int_equal(sim_probe(&sim, true, &conclusion), TT_OK);
        const struct tt_dependence *found = sim_find(conclusion, TT_CLASS_C5, ZONE);
        if (!found || sim_covert(conclusion) != 1 || !is_near(found->bits, 1)) {
            sim_print(&sim, conclusion);
            fail_msg("seed %u", (unsigned) seed);
        }
        assert_true(found->p < 0.001 && found->confirmed);
        sim_free(&sim);
    }
}

/* Nothing is left over that the probe could not explain, and noise is not paid for with runs that take rows apart. */
static bool
is_settled(const struct sim *sim, const struct tt_conclusion *conclusion)
{
    for (size_t i = 0; i < conclusion->untested_count; i++) {
        if (conclusion->untested[i].kind == TT_UNTESTED_ROW || conclusion->untested[i].kind == TT_UNTESTED_HIT) {
            return false;
        }
    }
    return sim->reduced <= NOISE_REDUCED_MAX;
}

static void
check_null(unsigned noise, uint64_t seed, bool deep)
{
    struct sim sim;
    const struct tt_conclusion *conclusion;
    sim_init(&sim, &tt_alloc_libc, 0, noise, seed);
    assert_int_equal(sim_probe(&sim, deep, &conclusion), TT_OK);
    if (sim_covert(conclusion) > 0 || !is_settled(&sim, conclusion)) {
        sim_print(&sim, conclusion);
        fail_msg("noise %x, seed %u: %zu covert", noise, (unsigned) seed, sim_covert(conclusion));
    }
    if (noise & SIM_OPEN) {
        assert_non_null(sim_find(conclusion, TT_CLASS_VISIBLE, LOCALE));
    }
    assert_true(conclusion->fact_count > 0 && conclusion->volatile_count > 0);
    sim_free(&sim);
}

static void
test_null_client(void **state)
{
    (void) state;
    for (uint64_t seed = 1; seed <= 110; seed++) {
        check_null(seed % 3 ? SIM_NOISE | SIM_TOOL : SIM_NOISE | SIM_COIN | SIM_DURATION, seed, false);
    }
}

static void
test_null_client_deep(void **state)
{
    (void) state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        check_null(SIM_NOISE | SIM_COIN | SIM_DURATION, seed, true);
    }
}

/* ---- chance ---- */

static struct {
    enum { CHANCE_UUID, CHANCE_FLAG, CHANCE_FROZEN } way;
    unsigned runs; /* of a level */
} chance;

/* Parts of a random id that are the same in the first two runs of a level; a flag that is seldom set; a short random number, and one that a level holds. */
static void
send_chance(struct sim *sim, const struct tt_condition *condition, struct tt_capture *capture)
{
    struct tt_condition user = {.instant = TT_NOON, .level = {[SIM_USER] = 1}};
    unsigned one = (unsigned) sim_random(sim), two = (unsigned) sim_random(sim), part = (unsigned) sim_random(sim) % 0x1000;
    char body[256];
    bool level = condition->level[SIM_USER] == 1;
    bool early = memcmp(condition, &user, sizeof(user)) == 0 && chance.runs++ < 2;
    if (chance.way == CHANCE_UUID) {
        snprintf(body, sizeof(body), "{\"id\":\"%08x-1234-4%03x-9abc-%08x5678\"}", one, early ? 0x7c8 : part, two);
    } else if (chance.way == CHANCE_FLAG) {
        snprintf(body, sizeof(body), "{\"cache\":\"%s\",\"model\":\"m-1\"}", one % 20 == 0 ? "warm" : "cold");
    } else {
        snprintf(body, sizeof(body), "{\"nonce\":%u,\"model\":\"m-1\"}", level ? 4711 : 1000 + one % 9000);
    }
    sim_send(capture, NULL, body);
}

static void
check_chance(int way, uint64_t seed)
{
    struct sim sim;
    const struct tt_conclusion *conclusion;
    chance.way = way;
    chance.runs = 0;
    sim_init(&sim, &tt_alloc_libc, 0, 0, seed);
    sim.client = send_chance;
    assert_int_equal(sim_probe(&sim, false, &conclusion), TT_OK);
    const struct tt_dependence *held = sim_find(conclusion, TT_CLASS_VISIBLE, USER);
    if (!is_settled(&sim, conclusion) || (held != NULL) != (way == CHANCE_FROZEN)) {
        sim_print(&sim, conclusion);
        fail_msg("way %d, seed %u", way, (unsigned) seed);
    }
    sim_free(&sim);
}

/* What agrees by chance is no dependence, and no rows are taken apart for it; what a level holds still is found, however short. */
static void
test_chance(void **state)
{
    (void) state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        check_chance(CHANCE_UUID, seed);
        check_chance(CHANCE_FLAG, seed);
        check_chance(CHANCE_FROZEN, seed);
    }
}

/* ---- what comes and goes ---- */

static const char *tunnel; /* where a proxy is asked to lead to */

static void
send_tunnel(struct sim *sim, const struct tt_condition *condition, struct tt_capture *capture)
{
    char head[128];
    bool update = sim_random(sim) % 2;
    snprintf(head, sizeof(head), "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", tunnel, tunnel);
    if (condition->level[SIM_PROXY]) {
        sim_send(capture, head, "");
    }
    sim_send(capture, NULL,
             update ? "{\"text\":\"Keep it short.\\nAn update is there.\\nRead the tests.\\nRestart when you can.\"}"
                    : "{\"text\":\"Keep it short.\\nRead the tests.\"}");
}

static void
check_tunnel(const char *target, enum tt_probe_class class)
{
    struct sim sim;
    const struct tt_conclusion *conclusion;
    tunnel = target;
    sim_init(&sim, &tt_alloc_libc, 0, 0, 1);
    sim.client = send_tunnel;
    assert_int_equal(sim_probe(&sim, false, &conclusion), TT_OK);
    const struct tt_dependence *found = sim_find(conclusion, class, PROXY);
    if (!found || conclusion->dependence_count != 1 || conclusion->volatile_count != 1) {
        sim_print(&sim, conclusion);
        fail_msg("%s", target);
    }
    assert_true(found->symbols[0].request && found->symbols[0].absent && !found->symbols[1].absent);
    assert_true(conclusion->volatiles[0].places > 1);
    assert_str_equal(conclusion->volatiles[0].shape, TT_STR(TT_VOLATILE_COMES));
    sim_free(&sim);
}

/* A proxy that is asked for the host that the client was told says nothing more; another host does.  Lines that come and go are one field. */
static void
test_tunnels(void **state)
{
    (void) state;
    check_tunnel("127.0.0.1:443", TT_CLASS_TRANSPORT);
    check_tunnel("other.example.net:443", TT_CLASS_VISIBLE);
}

static enum tt_status
probe_shortly(struct sim *sim)
{
    struct tt_condition condition = {.instant = TT_NOON};
    const struct tt_conclusion *conclusion;
    const struct tt_condition *cells;
    const struct tt_cause *causes;
    enum tt_status status = TT_OK;
    size_t count;
    bool more;
    for (int i = 0; i < 12 && status == TT_OK; i++) {
        condition.level[SIM_ZONE] = i > 3 && i % 2;
        condition.level[SIM_HOST] = i > 7 ? 3 : 0;
        status = sim_run(sim, TT_STAGE_SINGLE, &condition);
    }
    status = status == TT_OK ? tt_sense_causes(sim->sense, &causes, &count) : status;
    status = status == TT_OK ? tt_sense_crosses(sim->sense, 4, &cells, &count) : status;
    status = status == TT_OK ? tt_sense_reduce(sim->sense, &condition, &more) : status;
    status = status == TT_OK ? tt_sense_splits(sim->sense, 4, &cells, &count) : status;
    return status == TT_OK ? tt_sense_conclude(sim->sense, true, &conclusion) : status;
}

static bool
run_shortly(void *ctx, const struct tt_alloc *alloc)
{
    struct sim sim;
    (void) ctx;
    sim_init(&sim, alloc, SIM_ALL, SIM_UUID | SIM_CLOCK | SIM_RANDOM_HEADERS, 1);
    enum tt_status status = sim.sense ? probe_shortly(&sim) : TT_E_MEMORY;
    sim_free(&sim);
    assert_true(status == TT_OK || status == TT_E_MEMORY);
    return status == TT_OK;
}

static void
test_allocation(void **state)
{
    (void) state;
    test_every_allocation(run_shortly, NULL);
}

/* Without a run, with failed runs only, and with a baseline that failed, there is a conclusion that says so. */
static void
test_failed_runs(void **state)
{
    (void) state;
    struct sim sim;
    const struct tt_conclusion *conclusion;
    struct tt_capture capture = {.failure = TT_STR("box")};
    struct tt_run run = {.number = 1};
    sim_init(&sim, &tt_alloc_libc, 0, 0, 1);
    assert_int_equal(tt_sense_conclude(sim.sense, true, &conclusion), TT_OK);
    assert_int_equal(conclusion->dependence_count, 0);
    assert_int_equal(tt_sense_add(sim.sense, &run, &capture), TT_OK);
    assert_int_equal(tt_sense_conclude(sim.sense, true, &conclusion), TT_OK);
    assert_int_equal(conclusion->untested[0].kind, TT_UNTESTED_RUN);
    assert_str_equal(conclusion->untested[0].detail, TT_STR("box"));
    struct tt_condition condition = {.instant = TT_NOON, .level = {[SIM_ZONE] = 1}};
    assert_int_equal(sim_run(&sim, TT_STAGE_SINGLE, &condition), TT_OK);
    assert_int_equal(tt_sense_conclude(sim.sense, false, &conclusion), TT_OK);
    assert_int_equal(sim_covert(conclusion), 0);
    sim_free(&sim);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_channel),     cmocka_unit_test(test_all_channels), cmocka_unit_test(test_deep),
        cmocka_unit_test(test_chance),           cmocka_unit_test(test_tunnels),      cmocka_unit_test(test_null_client),
        cmocka_unit_test(test_null_client_deep), cmocka_unit_test(test_allocation),   cmocka_unit_test(test_failed_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
