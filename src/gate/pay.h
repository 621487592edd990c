/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reserving what a call could cost, and paying what it did cost, over the accounts that workers and the collector share.
 *
 * Credits pay first; what they do not cover counts against every budget of the call.  A worker reserves before it forwards, all accounts or
 * none; the collector settles when the outcome is stored.
 */
#ifndef TT_GATE_PAY_H
#define TT_GATE_PAY_H

#include "gate/charge.h"
#include "ledger/accounts.h"

/* How full the fullest budget of a call is, its reservations counted. */
struct tt_pay_state {
    const struct tt_charge *charge; /* the budget that speaks: it is spent, or over warn_at; NULL: none */
    bool over;                      /* the call does not fit into what is left of it */
    bool blocks;                    /* and the policy blocks then; nothing was reserved */
    int64_t used, limit;            /* micro-USD of it */
};

/*
 * Reserves amount micro-USD in every account.  TT_E_LIMIT: an account has no row left; nothing was reserved.  amount 0 asks how it stands.
 */
enum tt_status tt_pay_reserve(struct tt_accounts *accounts, const struct tt_charges *charges, int64_t amount,
                              struct tt_pay_state *state) TT_MUST_USE;

/* Gives back what was reserved and takes cost: from credits first, then from each budget. */
enum tt_status tt_pay_settle(struct tt_accounts *accounts, const struct tt_charges *charges, int64_t reserved,
                             int64_t cost) TT_MUST_USE;

#endif
