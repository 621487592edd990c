/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which model takes the place of another: the order over a small catalogue of the test's own, whose prices no list changes.
 */
#include "test.h"

#include "gate/choice.h"

static const struct tt_catalog_source source = {TT_STR_INIT("s"), TT_STR_INIT("a list")};
static const struct tt_catalog_source *const sources[] = {&source};

#define FACT(fact_name, fact_values)                                                                       \
    {                                                                                                      \
        .name = TT_STR_INIT(fact_name), .confidence = TT_CONFIDENCE_HIGH, .values = (fact_values),         \
        .value_count = sizeof(fact_values) / sizeof(*(fact_values)), .sources = sources, .source_count = 1 \
    }
#define ENTRY(entry_kind, entry_id, entry_facts)                                                                              \
    {                                                                                                                         \
        .kind = (entry_kind), .id = TT_STR_INIT(entry_id), .name = TT_STR_INIT(entry_id), .as_of = TT_STR_INIT("2026-11-20"), \
        .sources = &source, .source_count = 1, .facts = (entry_facts),                                                        \
        .fact_count = sizeof(entry_facts) / sizeof(*(entry_facts))                                                            \
    }
#define PRICES(in, out)                             \
    {                                               \
        {TT_STR_INIT("input"), TT_STR_INIT(in)},    \
        {                                           \
            TT_STR_INIT("output"), TT_STR_INIT(out) \
        }                                           \
    }
#define VALUE(text, details)                                             \
    {                                                                    \
        TT_STR_INIT(text), details, sizeof(details) / sizeof(*(details)) \
    }

static const struct tt_catalog_detail in1_out1[] = PRICES("1", "1"), in1_out5[] = PRICES("1", "5"),
                                      in3_out15[] = PRICES("3", "15"), in5_out25[] = PRICES("5", "25"),
                                      in2_out15[] = PRICES("2", "15");
static const struct tt_catalog_value oak_pattern[] = {{TT_STR_INIT("oak*"), NULL, 0}};
static const struct tt_catalog_value elm_pattern[] = {{TT_STR_INIT("elm*"), NULL, 0}};
static const struct tt_catalog_value oaks[] = {{TT_STR_INIT("oak"), NULL, 0}}, any[] = {{TT_STR_INIT("any"), NULL, 0}};
static const struct tt_catalog_value wood_prices[] = {
    VALUE("oak-large", in5_out25),    VALUE("oak-mid-2", in3_out15),          VALUE("oak-mid-1", in3_out15),
    VALUE("oak-cheap-in", in2_out15), VALUE("oak-small", in1_out5),           VALUE("elm-other", in1_out1),
    VALUE("oak-*-glob", in1_out1),    {TT_STR_INIT("oak-unpriced"), NULL, 0},
};
static const struct tt_catalog_value broker_prices[] = {VALUE("trees/oak-mid-1", in3_out15), VALUE("oak-small", in1_out5)};
static const struct tt_catalog_value elm_prices[] = {VALUE("elm-ten", in3_out15), VALUE("elm-one", in1_out1)};

static const struct tt_catalog_fact wood_facts[] = {FACT("model_families", oaks), FACT("prices", wood_prices)};
static const struct tt_catalog_fact broker_facts[] = {FACT("model_families", any), FACT("prices", broker_prices)};
static const struct tt_catalog_fact elm_facts[] = {FACT("prices", elm_prices)};
static const struct tt_catalog_fact elm_family[] = {FACT("patterns", elm_pattern)},
                                    oak_family[] = {FACT("patterns", oak_pattern)};

static const struct tt_catalog_entry entries[] = {
    ENTRY(TT_CATALOG_PROVIDER, "provider-broker", broker_facts),
    ENTRY(TT_CATALOG_PROVIDER, "provider-elm", elm_facts),
    ENTRY(TT_CATALOG_PROVIDER, "provider-wood", wood_facts),
    ENTRY(TT_CATALOG_FAMILY, "elm", elm_family),
    ENTRY(TT_CATALOG_FAMILY, "oak", oak_family),
};
static const struct tt_catalog catalog = {entries, sizeof(entries) / sizeof(*entries)};

static const struct tt_str own_list[] = {TT_STR_INIT("elm-one"), TT_STR_INIT("oak-new"), TT_STR_INIT("oak-small"),
                                         TT_STR_INIT("trees/oak-large")};

/* All candidates, in turn, with a blank between them. */
static const struct order {
    const char *provider, *asked, *alternative, *upstream;
    bool list, in_path;
    const char *want;
} orders[] = {
    /* unpriced: the cheapest first; of equal prices of output the one with the cheaper input, then the one listed first */
    {"", "unknown-model", "oak", "provider-wood", false, false,
     "oak-small oak-cheap-in oak-mid-2 oak-mid-1 oak-large oak-unpriced"},
    /* nearest first; 25 and 5 are as far from 15: the cheaper */
    {"provider-elm", "elm-ten", "oak", "provider-wood", false, false,
     "oak-cheap-in oak-mid-2 oak-mid-1 oak-small oak-large oak-unpriced"},
    {"provider-wood", "oak-large", "oak", "provider-wood", false, false,
     "oak-large oak-cheap-in oak-mid-2 oak-mid-1 oak-small oak-unpriced"},
    /* asked for at another one, which does not price it: any price is nearer to the truth than none */
    {"provider-broker", "elm-one", "oak", "provider-wood", false, false,
     "oak-small oak-cheap-in oak-mid-2 oak-mid-1 oak-large oak-unpriced"},
    {"", "unknown", "elm", "provider-wood", false, false, ""}, /* priced there, but no family of it */
    {"", "unknown", "oak", "provider-nobody", false, false, ""},
    {"", "unknown", "oak", "provider-elm", false, false, ""},
    {"", "unknown", "oak", "provider-broker", false, false, "oak-small trees/oak-mid-1"},
    /* the upstream's own list stands for all of the catalogue's, unless it has nothing that fits */
    {"provider-elm", "elm-ten", "oak", "provider-wood", true, false, "oak-small trees/oak-large oak-new"},
    {"", "unknown", "oak-mid-1", "provider-wood", true, false, "oak-mid-1"},
    /* models by name */
    {"provider-elm", "elm-ten", "oak-small", "provider-wood", false, false, "oak-small"},
    {"provider-elm", "elm-ten", "oak-mid-1", "provider-broker", false, false, "trees/oak-mid-1"},
    {"provider-elm", "elm-ten", "oak-brand-new", "provider-wood", false, false, "oak-brand-new"},
    {"provider-elm", "elm-ten", "oak-brand-new", "provider-broker", false, false, ""}, /* who knows how it is called there */
    {"provider-elm", "elm-ten", "oak-small", "provider-elm", false, false, ""},
    /* names with a slash cannot stand in a path */
    {"", "unknown", "oak", "provider-broker", false, true, "oak-small"},
    {"provider-elm", "elm-ten", "oak", "provider-wood", true, true, "oak-small oak-new"},
};

static void
test_order(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++) {
        const struct order *o = &orders[i];
        struct tt_gate_choice choice = {.catalog = &catalog, .in_path = o->in_path};
        const struct tt_gate_upstream upstream = {
            .provider = tt_str_cstr(o->upstream), .models = o->list ? own_list : NULL, .model_count = o->list ? 4 : 0};
        struct tt_buf got;
        tt_buf_init(&got, &tt_alloc_libc, TT_MIB);
        tt_gate_choice_ask(&choice, tt_str_cstr(o->provider), tt_str_cstr(o->asked));
        tt_gate_choice_begin(&choice, tt_str_cstr(o->alternative), &upstream);
        while (tt_gate_choice_next(&choice)) {
            tt_buf_add_cstr(&got, got.len > 0 ? " " : "");
            tt_buf_add(&got, choice.at.model);
            assert_true(got.len < 1000);
        }
        if (!tt_str_eq(tt_buf_str(&got), tt_str_cstr(o->want))) {
            fail_msg("row %zu: %.*s", i, (int) got.len, got.ptr);
        }
        tt_buf_free(&got);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
