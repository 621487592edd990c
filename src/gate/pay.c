/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reserving and paying; see pay.h.
 *
 * In: the charges of a call, shared accounts.  Out: sums in the accounts, and which budget speaks.  Invariants: two calls at the same moment never both take the
 * last of a budget that blocks, because each adds first and looks then; what was added in vain is taken back.
 */
#include "gate/pay.h"

/* What credits still have for a call. */
static int64_t
credit_left(const struct tt_accounts *accounts, const struct tt_charges *charges)
{
    int64_t left = 0;
    for (size_t i = 0; i < charges->credit_count; i++) {
        int64_t rest = charges->credits[i].limit - tt_accounts_get(accounts, charges->credits[i].key).spent;
        left += rest > 0 ? rest : 0;
    }
    return left;
}

/* What a budget holds in this window, with the rest of the one before. */
static int64_t
limit_of(const struct tt_accounts *accounts, const struct tt_charge *charge)
{
    int64_t rest = charge->key_before ? charge->limit - tt_accounts_get(accounts, charge->key_before).spent : 0;
    return charge->limit + (rest > 0 ? rest : 0);
}

static void
take_back(struct tt_accounts *accounts, const struct tt_charges *charges, size_t count, int64_t amount)
{
    while (count-- > 0) {
        /* The row is there: this call has just added to it. */
        if (tt_accounts_add(accounts, charges->budgets[count].key, 0, -amount, NULL) != TT_OK) {
            return;
        }
    }
}

/* Is this budget fuller than the one that speaks so far? */
static void
weigh(const struct tt_charge *charge, const struct tt_account *account, int64_t limit, struct tt_pay_state *state)
{
    int64_t used = account->spent + account->reserved;
    bool over = used > limit;
    bool near = (__int128) used * 100 >= (__int128) limit * charge->warn_at;
    if (!near && !over) {
        return;
    }
    if (!state->charge || (over && !state->over) || (over == state->over && charge->blocks && !state->charge->blocks)) {
        *state = (struct tt_pay_state) {
            .charge = charge, .over = over, .blocks = over && charge->blocks, .used = used, .limit = limit};
    }
}

enum tt_status
tt_pay_reserve(struct tt_accounts *accounts, const struct tt_charges *charges, int64_t amount, struct tt_pay_state *state)
{
    int64_t credit = credit_left(accounts, charges);
    *state = (struct tt_pay_state) {0};
    for (size_t i = 0; i < charges->budget_count; i++) {
        struct tt_account account;
        enum tt_status status = tt_accounts_add(accounts, charges->budgets[i].key, 0, amount, &account);
        if (status != TT_OK) {
            take_back(accounts, charges, i, amount);
            return status;
        }
        weigh(&charges->budgets[i], &account, limit_of(accounts, &charges->budgets[i]) + credit, state);
    }
    if (state->blocks) {
        take_back(accounts, charges, charges->budget_count, amount);
    }
    return TT_OK;
}

enum tt_status
tt_pay_settle(struct tt_accounts *accounts, const struct tt_charges *charges, int64_t reserved, int64_t cost)
{
    for (size_t i = 0; i < charges->credit_count && cost > 0; i++) {
        int64_t rest = charges->credits[i].limit - tt_accounts_get(accounts, charges->credits[i].key).spent;
        int64_t part = rest < cost ? rest : cost;
        if (part > 0) {
            TT_TRY(tt_accounts_add(accounts, charges->credits[i].key, part, 0, NULL));
            cost -= part;
        }
    }
    for (size_t i = 0; i < charges->budget_count; i++) {
        TT_TRY(tt_accounts_add(accounts, charges->budgets[i].key, cost, -reserved, NULL));
    }
    return TT_OK;
}
