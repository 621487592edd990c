/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settling budgets; see budgets.h.
 *
 * In: the policy, rows of the ledger.  Out: sums in the accounts that workers share.  Owns the policy's memory and the mapping.  Invariant: only
 * this process changes what is spent.
 */
#include "serve/budgets.h"

#include "ledger/member.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* ---- what a row says ---- */

enum { M_TEAM, M_PRODUCT, M_PROVIDER, M_MODEL, M_DAY, M_RESERVED, M_COST, MEMBERS };

struct charge_row {
    struct tt_charge_facts facts;
    int64_t reserved, cost; /* cost -1: not said */
    struct tt_buf words;    /* in which the facts lie */
};

static int64_t
number_of(const struct tt_member *member)
{
    int64_t number = 0;
    for (size_t i = 0; i < member->raw.len && i < 18; i++) {
        if (!tt_ascii_is_digit(member->raw.ptr[i])) {
            return -1;
        }
        number = number * 10 + (member->raw.ptr[i] - '0');
    }
    return member->raw.len > 0 ? number : -1;
}

/* Reads "charge" of a record; false when it has none.  Free row->words in any case. */
static bool
read_charge(const struct tt_serve_budgets *b, struct tt_str json, struct charge_row *row)
{
    static const struct tt_str names[MEMBERS] = {
        TT_STR_INIT("charge.team"), TT_STR_INIT("charge.product"),  TT_STR_INIT("charge.provider"), TT_STR_INIT("charge.model"),
        TT_STR_INIT("charge.day"),  TT_STR_INIT("charge.reserved"), TT_STR_INIT("charge.cost"),
    };
    struct tt_member members[MEMBERS] = {0};
    size_t ends[M_DAY];
    for (size_t i = 0; i < MEMBERS; i++) {
        members[i].name = names[i];
    }
    tt_buf_init(&row->words, b->alloc, TT_LEDGER_JSON_MAX);
    if (tt_member_read(json, members, MEMBERS) != TT_OK || number_of(&members[M_DAY]) < 0) {
        return false;
    }
    for (size_t i = 0; i < M_DAY; i++) {
        tt_member_add(&row->words, &members[i]);
        ends[i] = row->words.len;
    }
    struct tt_str words = tt_buf_str(&row->words);
    row->facts.team = tt_str_slice(words, 0, ends[M_TEAM]);
    row->facts.product = tt_str_slice(words, ends[M_TEAM], ends[M_PRODUCT]);
    row->facts.provider = tt_str_slice(words, ends[M_PRODUCT], ends[M_PROVIDER]);
    row->facts.model = tt_str_slice(words, ends[M_PROVIDER], ends[M_MODEL]);
    row->facts.day = number_of(&members[M_DAY]);
    row->reserved = number_of(&members[M_RESERVED]);
    row->cost = number_of(&members[M_COST]);
    return row->words.status == TT_OK;
}

/* Settles a charge; the accounts are those in force, or those that are worked out anew. */
static enum tt_status
settle(const struct tt_serve_budgets *b, const struct tt_policy *policy, struct tt_accounts *accounts,
       const struct charge_row *row, int64_t reserved, int64_t cost)
{
    struct tt_charges charges;
    tt_charges_find(policy, b->catalog, &row->facts, &charges);
    return tt_pay_settle(accounts, &charges, reserved > 0 ? reserved : 0, cost > 0 ? cost : 0);
}

/* ---- from the ledger ---- */

struct found {
    const struct tt_serve_budgets *b;
    const struct tt_policy *policy;
    struct tt_accounts *accounts;
    bool give_back; /* of a request whose worker ended: what it had reserved */
};

static enum tt_status
open_ledger(const struct tt_serve_budgets *b, struct tt_ledger **ledger)
{
    char path[TT_SERVE_PATH_MAX + 16];
    snprintf(path, sizeof(path), "%s/ledger.db", b->state->path);
    *ledger = NULL;
    return access(path, F_OK) == 0 ? tt_ledger_open(path, TT_LEDGER_READ, b->alloc, ledger) : TT_OK;
}

/* All that was reserved counts as spent. */
static enum tt_status
take_lost(void *ctx, const struct tt_ledger_row *row)
{
    struct found *found = ctx;
    struct charge_row charge;
    enum tt_status status = TT_OK;
    if (!tt_str_eq(row->kind, TT_STR("request"))) {
        return TT_OK;
    }
    if (read_charge(found->b, row->json, &charge)) {
        int64_t reserved = found->give_back ? charge.reserved : 0;
        status = settle(found->b, found->policy, found->accounts, &charge, reserved, charge.reserved);
    }
    tt_buf_free(&charge.words);
    return status;
}

/*
 * The outcome of a request whose worker ended says nothing of charges; the request's own row does.  give_back: the reservation is still in the
 * accounts.
 */
static enum tt_status
settle_lost(const struct tt_serve_budgets *b, const struct tt_policy *policy, struct tt_accounts *accounts, struct tt_str id,
            bool give_back)
{
    const struct tt_ledger_filter filter = {.id_prefix = id};
    struct found found = {.b = b, .policy = policy, .accounts = accounts, .give_back = give_back};
    struct tt_ledger *ledger;
    enum tt_status status = open_ledger(b, &ledger);
    if (status == TT_OK) {
        status = ledger ? tt_ledger_each(ledger, &filter, take_lost, &found) : TT_E_IO;
    }
    tt_ledger_close(ledger);
    return status;
}

static bool
is_lost(const struct tt_ledger_row *row)
{
    return tt_str_has(row->json, TT_STR("\"end\":\"worker_lost\""));
}

static enum tt_status
take_old(void *ctx, const struct tt_ledger_row *row)
{
    struct found *found = ctx;
    struct charge_row charge;
    enum tt_status status = TT_OK;
    if (read_charge(found->b, row->json, &charge)) {
        status = settle(found->b, found->policy, found->accounts, &charge, 0, charge.cost);
    } else if (is_lost(row)) {
        status = settle_lost(found->b, found->policy, found->accounts, row->id, false);
    }
    tt_buf_free(&charge.words);
    return status;
}

/* Where reading has to begin: the window before the one of today, for a month; or the first day of a credit. */
static int64_t
oldest_day(const struct tt_policy *policy, int64_t today)
{
    const struct tt_policy_credit *credits = policy->credits.items;
    int64_t day = tt_policy_date_previous(today / 100 * 100 + 1) / 100 * 100 + 1;
    for (size_t i = 0; i < policy->credits.count; i++) {
        day = credits[i].from.number < day && credits[i].until.number >= today ? credits[i].from.number : day;
    }
    return day;
}

#define DAY_NS (INT64_C(86400) * 1000000000)

static enum tt_status
work_out(const struct tt_serve_budgets *b, const struct tt_policy *policy, struct tt_accounts *accounts, int64_t today)
{
    /* One day more, for time zones. */
    int64_t days = tt_policy_date_days(19700101, oldest_day(policy, today)) - 1;
    const struct tt_ledger_filter filter = {.from = days * DAY_NS, .kind = TT_STR("outcome")};
    struct found found = {.b = b, .policy = policy, .accounts = accounts};
    struct tt_ledger *ledger;
    enum tt_status status = open_ledger(b, &ledger);
    if (status == TT_OK && ledger) {
        status = tt_ledger_each(ledger, &filter, take_old, &found);
    }
    tt_ledger_close(ledger);
    return status;
}

/* ---- the policy ---- */

static int64_t
day_now(const struct tt_policy *policy)
{
    struct tm tm;
    time_t now = time(NULL) + (time_t) policy->timezone.number * 60;
    gmtime_r(&now, &tm);
    return (int64_t) (tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday;
}

static void
path_of(const struct tt_serve_budgets *b, const char *name, char path[TT_SERVE_PATH_MAX + 32])
{
    snprintf(path, TT_SERVE_PATH_MAX + 32, "%s/%s", b->state->rings, name);
}

/* Opens the accounts and sets what is spent to what the ledger says. */
static enum tt_status
open_accounts(struct tt_serve_budgets *b, const struct tt_policy *policy, bool fresh)
{
    char path[TT_SERVE_PATH_MAX + 32], scratch[TT_SERVE_PATH_MAX + 32];
    struct tt_accounts *anew = NULL;
    path_of(b, "accounts", path);
    path_of(b, "accounts.new", scratch);
    if (fresh) {
        unlink(path);
    }
    unlink(scratch);
    enum tt_status status = b->accounts ? TT_OK : tt_accounts_open(path, true, &b->accounts, NULL);
    if (status == TT_OK) {
        status = tt_accounts_open(scratch, true, &anew, NULL);
    }
    if (status == TT_OK) {
        status = work_out(b, policy, anew, day_now(policy));
    }
    if (status == TT_OK) {
        status = tt_accounts_set_spent(b->accounts, anew);
    }
    tt_accounts_close(anew);
    unlink(scratch);
    return status;
}

static void
complain(struct tt_buf *message, enum tt_status status)
{
    tt_buf_add_cstr(message, "budgets: ");
    tt_buf_add_cstr(message, status == TT_E_IO && errno ? strerror(errno) : tt_status_name(status));
}

enum tt_status
tt_serve_budgets_set(struct tt_serve_budgets *b, struct tt_str bytes, bool fresh, struct tt_buf *message)
{
    struct tt_arena *arena = &b->arenas[!b->in_force];
    const struct tt_policy_names names = tt_policy_names_of(b->catalog);
    struct tt_policy_problems problems = {.arena = arena};
    const struct tt_policy *policy;
    tt_arena_reset(arena);
    errno = 0;
    enum tt_status status = tt_policy_read(bytes, &names, &problems, &policy);
    if (status == TT_OK && tt_charges_are_kept(policy)) {
        status = open_accounts(b, policy, fresh);
    }
    if (status != TT_OK) {
        complain(message, status);
        return status;
    }
    if (!tt_charges_are_kept(policy)) {
        tt_accounts_close(b->accounts);
        b->accounts = NULL;
    }
    b->policy = policy;
    b->in_force = !b->in_force;
    return TT_OK;
}

void
tt_serve_budgets_begin(struct tt_serve_budgets *b, const struct tt_alloc *alloc, const struct tt_serve_state *state,
                       const struct tt_catalog *catalog)
{
    *b = (struct tt_serve_budgets) {.alloc = alloc, .state = state, .catalog = catalog};
    tt_arena_init(&b->arenas[0], alloc, TT_POLICY_ARENA);
    tt_arena_init(&b->arenas[1], alloc, TT_POLICY_ARENA);
}

void
tt_serve_budgets_end(struct tt_serve_budgets *b)
{
    if (b->alloc) {
        tt_accounts_close(b->accounts);
        tt_arena_free(&b->arenas[0]);
        tt_arena_free(&b->arenas[1]);
    }
    *b = (struct tt_serve_budgets) {0};
}

/* ---- while it runs ---- */

void
tt_serve_budgets_take(struct tt_serve_budgets *b, const struct tt_ledger_row *row)
{
    struct charge_row charge;
    if (!b->accounts || !tt_str_eq(row->kind, TT_STR("outcome"))) {
        return;
    }
    if (read_charge(b, row->json, &charge)) {
        b->uncounted += settle(b, b->policy, b->accounts, &charge, charge.reserved, charge.cost) != TT_OK;
    } else if (is_lost(row)) {
        b->uncounted += settle_lost(b, b->policy, b->accounts, row->id, true) != TT_OK;
    }
    tt_buf_free(&charge.words);
}

/* In millionths of the limit; the rest of the window before and credits are not looked at. */
static uint64_t
used_of(const struct tt_serve_budgets *b, const struct tt_charge *charge)
{
    struct tt_account account = tt_accounts_get(b->accounts, charge->key);
    int64_t used = account.spent + account.reserved;
    return used > 0 && charge->limit > 0 ? (uint64_t) ((__int128) used * 1000000 / charge->limit) : 0;
}

void
tt_serve_budgets_publish(const struct tt_serve_budgets *b, struct tt_metrics *metrics)
{
    struct tt_charge one, other;
    int64_t today = b->accounts ? day_now(b->policy) : 0;
    for (size_t i = 0; b->accounts && i < b->policy->budgets.count; i++) {
        if (!tt_charge_of_budget(b->policy, i, today, &one)) {
            continue;
        }
        uint64_t most = used_of(b, &one);
        for (size_t k = 0; k < b->policy->budgets.count; k++) {
            if (tt_charge_of_budget(b->policy, k, today, &other) && tt_str_eq(one.team, other.team)) {
                uint64_t used = used_of(b, &other);
                most = used > most ? used : most;
            }
        }
        tt_metrics_set_budget(metrics, one.team, most);
    }
}

void
tt_serve_budgets_list(const struct tt_serve_budgets *b, tt_serve_budget_fn *row, void *ctx)
{
    struct tt_charge charge;
    int64_t today = b->accounts ? day_now(b->policy) : 0;
    const struct tt_policy_budget *budgets = b->policy ? b->policy->budgets.items : NULL;
    for (size_t i = 0; b->accounts && i < b->policy->budgets.count; i++) {
        if (tt_charge_of_budget(b->policy, i, today, &charge)) {
            row(ctx, budgets[i].id.text, charge.team, used_of(b, &charge));
        }
    }
}
