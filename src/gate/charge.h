/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a call of a model costs, and which budgets and credits of the policy it counts against.
 *
 * Windows follow from the day alone: each budget has an account of its own in each week or month, so nothing is ever reset.  Money is
 * whole: prices in pico-USD a token, amounts in micro-USD.  A model without a price is unpriced, which is never zero.
 */
#ifndef TT_GATE_CHARGE_H
#define TT_GATE_CHARGE_H

#include "catalog/catalog.h"
#include "policy/decide.h"
#include "traffic/usage.h"

/* Pico-USD a token.  What the price list does not say costs as input does. */
struct tt_price {
    int64_t input, output, cache_read, cache_write;
};

/* False: unpriced.  provider may be empty: then any provider's price of the model counts, the dearest. */
bool tt_price_find(const struct tt_catalog *catalog, struct tt_str provider, struct tt_str model, struct tt_price *price);

/* Micro-USD, rounded up once; -1 when the usage says neither input nor output. */
int64_t tt_price_cost(const struct tt_price *price, const struct tt_usage *usage);

/* What a request could cost at most, as far as can be known before: its bytes as input, and output_max tokens of answer. */
int64_t tt_price_estimate(const struct tt_price *price, uint64_t body_bytes, int64_t output_max);

/* What is known of a call. */
struct tt_charge_facts {
    struct tt_str team, product, provider, model;
    int64_t day; /* yyyymmdd, in the policy's time zone */
};

#define TT_CHARGES_MAX 16 /* budgets of one call, and credits; those with the smallest limits, if a policy has more */

/* One account that a call counts against. */
struct tt_charge {
    struct tt_str id;    /* of the budget or the credit */
    uint64_t key;        /* of its account, in this window */
    uint64_t key_before; /* of the window before, whose rest is carried over; 0: none */
    int64_t limit;       /* micro-USD */
    int64_t from, until; /* first and last day of the window */
    int64_t warn_at;     /* percent */
    bool blocks;         /* at the limit */
    struct tt_str team;  /* "all", or the team */
};

struct tt_charges {
    struct tt_charge credits[TT_CHARGES_MAX]; /* in the order in which they pay */
    size_t credit_count;
    struct tt_charge budgets[TT_CHARGES_MAX];
    size_t budget_count;
};

/* Does the policy have any budget or credit? */
bool tt_charges_are_kept(const struct tt_policy *policy);

/* The account of budget i of the policy on a day, whoever calls; false when it is not in force then. */
bool tt_charge_of_budget(const struct tt_policy *policy, size_t i, int64_t day, struct tt_charge *charge);

/* The accounts of a call; allocates nothing. */
void tt_charges_find(const struct tt_policy *policy, const struct tt_catalog *catalog, const struct tt_charge_facts *facts,
                     struct tt_charges *charges);

#endif
