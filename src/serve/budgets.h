/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Budgets of a running gateway: outcomes that are stored settle what workers reserved.
 *
 * The ledger is the truth.  When the gateway starts, and when its policy changes, the accounts are worked out from it anew, so a budget that
 * is written into the policy in the middle of its week counts what was spent since Monday, as far as budgets were kept then.
 */
#ifndef TT_SERVE_BUDGETS_H
#define TT_SERVE_BUDGETS_H

#include "gate/pay.h"
#include "ledger/ledger.h"
#include "serve/metrics.h"
#include "serve/state.h"

struct tt_serve_budgets {
    const struct tt_alloc *alloc;
    const struct tt_catalog *catalog;
    const struct tt_serve_state *state;
    struct tt_arena arenas[2]; /* of the policy in force, and of the one before or to come */
    unsigned in_force;
    const struct tt_policy *policy; /* NULL: none was set */
    struct tt_accounts *accounts;   /* NULL: the policy has no budgets */
    uint64_t uncounted;             /* outcomes that could not be settled */
};

void tt_serve_budgets_begin(struct tt_serve_budgets *budgets, const struct tt_alloc *alloc, const struct tt_serve_state *state,
                            const struct tt_catalog *catalog);
void tt_serve_budgets_end(struct tt_serve_budgets *budgets);

/*
 * The policy, checked before, that holds from now on; to be called before workers read it.  fresh: no worker runs, so nothing is reserved.
 * TT_E_IO and the like: message says why, and the policy before stays.
 */
enum tt_status tt_serve_budgets_set(struct tt_serve_budgets *budgets, struct tt_str policy, bool fresh,
                                    struct tt_buf *message) TT_MUST_USE;

/* A row was stored. */
void tt_serve_budgets_take(struct tt_serve_budgets *budgets, const struct tt_ledger_row *row);

/* Tells how much of each budget is used today, the fullest of each team. */
void tt_serve_budgets_publish(const struct tt_serve_budgets *budgets, struct tt_metrics *metrics);

/* Calls row for each budget of today: its id, its team, and its use in millionths of the limit. */
typedef void tt_serve_budget_fn(void *ctx, struct tt_str id, struct tt_str team, uint64_t millionths);
void tt_serve_budgets_list(const struct tt_serve_budgets *budgets, tt_serve_budget_fn *row, void *ctx);

#endif
