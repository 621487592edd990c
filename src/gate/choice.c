/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Models in the order in which they come into question; see choice.h.
 *
 * Input: a constant catalogue and upstream.  Output: names that borrow from them.  There are few candidates and no room to sort them in, so the
 * next one is the first in order of those behind the one before.
 */
#include "gate/choice.h"

#include "gate/charge.h"

/* Any provider's price, where this one's is not known. */
static bool
find_price(const struct tt_catalog *catalog, struct tt_str provider, struct tt_str model, struct tt_price *price)
{
    return tt_price_find(catalog, provider, model, price) || tt_price_find(catalog, TT_STR(""), model, price);
}

void
tt_gate_choice_ask(struct tt_gate_choice *choice, struct tt_str provider, struct tt_str model)
{
    struct tt_price price;
    choice->asked = find_price(choice->catalog, provider, model, &price) ? price.output : 0;
}

/* A name that stands in JSON, or in a path, as it is, and stands for one model. */
static bool
is_plain(const struct tt_gate_choice *choice, struct tt_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char) name.ptr[i];
        if (c < 0x20 || c >= 0x7F || c == '"' || c == '\\' || c == '*' || c == '?') {
            return false;
        }
    }
    return choice->in_path ? tt_route_is_model(name) : name.len > 0;
}

/* Is model of the family, or the model, that the alternative names? */
static bool
fits(const struct tt_gate_choice *choice, struct tt_str model)
{
    struct tt_catalog_model told, wanted;
    if (!is_plain(choice, model) || !tt_catalog_model(choice->catalog, model, &told) || !told.family) {
        return false;
    }
    if (choice->family) {
        return told.family == choice->family;
    }
    return tt_str_eq(model, choice->alternative) ||
           (tt_catalog_model(choice->catalog, choice->alternative, &wanted) && tt_str_eq(told.base, wanted.base));
}

/* Does the provider have that family, by its name or as one of any? */
static bool
has_family(const struct tt_catalog_entry *provider, struct tt_str family, bool any)
{
    const struct tt_catalog_fact *fact;
    size_t at = 0;
    while ((fact = tt_catalog_next_fact(provider, TT_STR("model_families"), &at))) {
        for (size_t i = 0; i < fact->value_count; i++) {
            if (tt_str_eq(fact->values[i].text, family) || (any && tt_str_eq(fact->values[i].text, TT_STR(TT_POLICY_ANY)))) {
                return true;
            }
        }
    }
    return false;
}

void
tt_gate_choice_begin(struct tt_gate_choice *choice, struct tt_str alternative, const struct tt_gate_upstream *upstream)
{
    choice->alternative = alternative;
    choice->family = tt_catalog_find(choice->catalog, TT_CATALOG_FAMILY, alternative);
    choice->upstream = upstream;
    choice->has_list = choice->begun = false;
    for (size_t i = 0; i < upstream->model_count; i++) {
        choice->has_list = choice->has_list || fits(choice, upstream->models[i]);
    }
}

static bool
is_before(const struct tt_gate_candidate *a, const struct tt_gate_candidate *b)
{
    if (a->distance != b->distance) {
        return a->distance < b->distance;
    }
    if (a->output != b->output) {
        return a->output < b->output;
    }
    return a->input != b->input ? a->input < b->input : a->index < b->index;
}

/* Takes model for the best one so far if it is, and comes behind the one of last time. */
static void
offer(const struct tt_gate_choice *choice, struct tt_str model, size_t index, struct tt_gate_candidate *best)
{
    struct tt_price price;
    struct tt_gate_candidate c = {.model = model, .distance = UINT64_MAX, .index = index};
    if (!fits(choice, model)) {
        return;
    }
    if (find_price(choice->catalog, choice->upstream->provider, model, &price)) {
        c.distance = (uint64_t) (price.output > choice->asked ? price.output - choice->asked : choice->asked - price.output);
        c.output = price.output;
        c.input = price.input;
    }
    if ((!choice->begun || is_before(&choice->at, &c)) && (best->model.len == 0 || is_before(&c, best))) {
        *best = c;
    }
}

/* What the catalogue prices for the provider; a model that is named, and of a family that the provider has, is there without a price too. */
static void
offer_catalog(const struct tt_gate_choice *choice, struct tt_gate_candidate *best)
{
    const struct tt_catalog_entry *provider = tt_catalog_find(choice->catalog, TT_CATALOG_PROVIDER, choice->upstream->provider);
    const struct tt_catalog_fact *fact;
    struct tt_catalog_model told;
    size_t at = 0, index = 0;
    struct tt_str family = choice->family ? choice->family->id : TT_STR("");
    if (!choice->family && tt_catalog_model(choice->catalog, choice->alternative, &told) && told.family) {
        family = told.family->id;
    }
    if (!provider || !has_family(provider, family, true)) {
        return;
    }
    while ((fact = tt_catalog_next_fact(provider, TT_STR("prices"), &at))) {
        for (size_t i = 0; i < fact->value_count; i++) {
            offer(choice, fact->values[i].text, index++, best);
        }
    }
    if (!choice->family && best->model.len == 0 && !choice->begun && has_family(provider, family, false)) {
        offer(choice, choice->alternative, index, best);
    }
}

bool
tt_gate_choice_next(struct tt_gate_choice *choice)
{
    struct tt_gate_candidate best = {0};
    if (choice->has_list) {
        for (size_t i = 0; i < choice->upstream->model_count; i++) {
            offer(choice, choice->upstream->models[i], i, &best);
        }
    } else {
        offer_catalog(choice, &best);
    }
    choice->at = best;
    choice->begun = true;
    return best.model.len > 0;
}
