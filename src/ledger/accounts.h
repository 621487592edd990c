/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accounts: how much of each budget is spent, and how much is reserved by calls that are still under way.
 *
 * A file of fixed size that all workers and the collector map.  Only atomic additions change it, so a process that dies holds no lock.  Workers
 * reserve before they forward; the collector spends and releases when the outcome is stored.  The ledger is the truth: the file is
 * made from it anew when it is missing.
 */
#ifndef TT_LEDGER_ACCOUNTS_H
#define TT_LEDGER_ACCOUNTS_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tt_accounts;

/*
 * Maps the file; with make it is made if it is not there, with the owner and the mode of its folder.  *made (may be NULL): it is
 * new, and empty.  TT_E_IO: errno says why.  TT_E_INPUT: it is no such file.
 */
enum tt_status tt_accounts_open(const char *path, bool make, struct tt_accounts **accounts, bool *made) TT_MUST_USE;
void tt_accounts_close(struct tt_accounts *accounts);

/* Micro-USD. */
struct tt_account {
    int64_t spent, reserved;
};
struct tt_account tt_accounts_get(const struct tt_accounts *accounts, uint64_t key); /* zeros when there is none */

/*
 * Adds to an account, which is begun if need be; either number may be negative.  key is not 0.  TT_E_LIMIT: the table is full.  *now (may be NULL):
 * the account right behind this addition, whatever others add at the same time.
 */
enum tt_status tt_accounts_add(struct tt_accounts *accounts, uint64_t key, int64_t spent, int64_t reserved,
                               struct tt_account *now) TT_MUST_USE;

/* Sets what is spent in each account that either has to what from says.  Only for the one process that spends. */
enum tt_status tt_accounts_set_spent(struct tt_accounts *accounts, const struct tt_accounts *from) TT_MUST_USE;

#endif
