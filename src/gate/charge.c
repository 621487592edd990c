/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prices, and the accounts that a call counts against; see charge.h.
 *
 * In: a policy, a catalogue, facts.  Out: numbers, and places in the policy.  Nothing is allocated.  Invariants: no sum of money goes through a
 * floating-point number, and none wraps: what is too large stays at the largest.
 */
#include "gate/charge.h"

#include "base/hash.h"

#define PICO_PER_MICRO 1000000
#define FRACTION_DIGITS 6 /* USD a million tokens, to pico-USD a token */

/* ---- prices ---- */

/* "3.75" USD a million tokens is 3750000 pico-USD a token.  Finer prices, and what is no number, are refused. */
static bool
read_price(struct tt_str text, int64_t *pico)
{
    size_t i = 0, digits = 0, fraction = 0;
    *pico = 0;
    for (; i < text.len && tt_ascii_is_digit(text.ptr[i]) && digits < 9; i++, digits++) {
        *pico = *pico * 10 + (text.ptr[i] - '0');
    }
    if (i < text.len && text.ptr[i] == '.') {
        for (i++; i < text.len && tt_ascii_is_digit(text.ptr[i]) && fraction < FRACTION_DIGITS; i++, fraction++) {
            *pico = *pico * 10 + (text.ptr[i] - '0');
        }
    }
    for (; fraction < FRACTION_DIGITS; fraction++) {
        *pico *= 10;
    }
    return digits > 0 && i == text.len;
}

static int64_t
read_detail(const struct tt_catalog_value *value, struct tt_str name, int64_t otherwise)
{
    int64_t pico;
    return read_price(tt_catalog_detail(value, name), &pico) ? pico : otherwise;
}

static bool
price_at(const struct tt_catalog_entry *provider, struct tt_str base, struct tt_price *price)
{
    const struct tt_catalog_value *value = tt_catalog_price(provider, base, NULL);
    if (!value || !read_price(tt_catalog_detail(value, TT_STR("input")), &price->input) ||
        !read_price(tt_catalog_detail(value, TT_STR("output")), &price->output)) {
        return false;
    }
    price->cache_read = read_detail(value, TT_STR("cache_read"), price->input);
    price->cache_write = read_detail(value, TT_STR("cache_write"), price->input);
    return true;
}

bool
tt_price_find(const struct tt_catalog *catalog, struct tt_str provider, struct tt_str model, struct tt_price *price)
{
    struct tt_catalog_model told;
    struct tt_str base = tt_catalog_model(catalog, model, &told) && told.base.len > 0 ? told.base : model;
    const struct tt_catalog_entry *entry = tt_catalog_find(catalog, TT_CATALOG_PROVIDER, provider);
    struct tt_price other;
    bool found = false;
    if (entry) {
        return price_at(entry, base, price);
    }
    for (size_t i = 0; i < catalog->count; i++) {
        entry = &catalog->entries[i];
        if (entry->kind == TT_CATALOG_PROVIDER && price_at(entry, base, &other) && (!found || other.output > price->output)) {
            *price = other;
            found = true;
        }
    }
    return found;
}

/* pico USD a token times tokens, added to sum. */
static void
add_cost(unsigned __int128 *sum, int64_t pico, int64_t tokens)
{
    if (tokens > 0) {
        *sum += (unsigned __int128) pico * (uint64_t) tokens;
    }
}

static int64_t
to_micro(unsigned __int128 pico)
{
    unsigned __int128 micro = (pico + PICO_PER_MICRO - 1) / PICO_PER_MICRO;
    return micro > INT64_MAX ? INT64_MAX : (int64_t) micro;
}

int64_t
tt_price_cost(const struct tt_price *price, const struct tt_usage *usage)
{
    unsigned __int128 sum = 0;
    int64_t cached = usage->input_cached > 0 ? usage->input_cached : 0;
    int64_t written = usage->input_cache_write > 0 ? usage->input_cache_write : 0;
    if (usage->input_total < 0 && usage->output_total < 0) {
        return -1;
    }
    add_cost(&sum, price->input, usage->input_total - cached - written);
    add_cost(&sum, price->cache_read, cached);
    add_cost(&sum, price->cache_write, written);
    add_cost(&sum, price->output, usage->output_total);
    return to_micro(sum);
}

int64_t
tt_price_estimate(const struct tt_price *price, uint64_t body_bytes, int64_t output_max)
{
    unsigned __int128 sum = 0;
    add_cost(&sum, price->input, (int64_t) (body_bytes / TT_BYTES_PER_TOKEN + 1));
    add_cost(&sum, price->output, output_max);
    return to_micro(sum);
}

/* ---- windows ---- */

#define A_MONDAY INT64_C(20260105)

static int64_t
first_of_week(int64_t day, int64_t starts)
{
    int64_t since = tt_policy_date_days(A_MONDAY, day) - starts;
    for (since = (since % 7 + 7) % 7; since > 0; since--) {
        day = tt_policy_date_previous(day);
    }
    return day;
}

enum { PERIOD_WEEK, PERIOD_MONTH }; /* in the order of the schema */

static int64_t
first_of_window(const struct tt_policy *policy, const struct tt_policy_budget *budget, int64_t day)
{
    return budget->period.number == PERIOD_MONTH ? day / 100 * 100 + 1 : first_of_week(day, policy->week_starts.number);
}

static int64_t
last_of_window(const struct tt_policy_budget *budget, int64_t first)
{
    int64_t day = first;
    if (budget->period.number == PERIOD_MONTH) {
        while (tt_policy_date_next(day) / 100 == first / 100) {
            day = tt_policy_date_next(day);
        }
        return day;
    }
    for (unsigned i = 0; i < 6; i++) {
        day = tt_policy_date_next(day);
    }
    return day;
}

/* Not secret: ids come from the policy.  Never 0, which marks a free row. */
static uint64_t
key_of(struct tt_str id, int64_t window)
{
    uint64_t key = tt_hash64((uint64_t) window, 0x62756467, id);
    return key ? key : 1;
}

/* ---- which of them ---- */

static bool
is_in_force(const struct tt_policy_value *from, const struct tt_policy_value *until, int64_t day)
{
    return from->number <= day && (!until->text.ptr || day <= until->number);
}

static bool
is_team(struct tt_str wanted, struct tt_str team)
{
    return tt_str_eq(wanted, TT_STR("all")) || (team.len > 0 && tt_str_eq(wanted, team));
}

/* Is the value among what is known for sure of that fact? */
static bool
has_fact(const struct tt_policy_subject *subject, enum tt_about about, const struct tt_policy_value *value)
{
    const struct tt_policy_fact *fact;
    for (size_t i = 0; (fact = tt_policy_fact_at(subject, about, i)); i++) {
        if (!fact->possible && tt_str_eq(fact->text, value->text)) {
            return true;
        }
    }
    return false;
}

static bool
is_part(const struct tt_policy_part *part, const struct tt_policy_subject *subject)
{
    const struct {
        const struct tt_policy_value *value;
        enum tt_about about;
    } parts[] = {
        {&part->product, TT_ABOUT_PRODUCT},           {&part->vendor, TT_ABOUT_VENDOR},
        {&part->vendor, TT_ABOUT_MODEL_VENDOR},       {&part->provider, TT_ABOUT_PROVIDER},
        {&part->model_family, TT_ABOUT_MODEL_FAMILY},
    };
    bool named = false;
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        if (parts[i].value->text.ptr) {
            named = true;
            if (has_fact(subject, parts[i].about, parts[i].value)) {
                return true;
            }
        }
    }
    return !named;
}

/* Keeps charges in rising order of rank, and of those the first TT_CHARGES_MAX. */
static void
insert(struct tt_charge *charges, size_t *count, const struct tt_charge *charge,
       bool (*before)(const struct tt_charge *, const struct tt_charge *))
{
    size_t i = *count;
    for (; i > 0 && before(charge, &charges[i - 1]); i--) {
        if (i < TT_CHARGES_MAX) {
            charges[i] = charges[i - 1];
        }
    }
    if (i < TT_CHARGES_MAX) {
        charges[i] = *charge;
        *count += *count < TT_CHARGES_MAX;
    }
}

static bool
is_smaller(const struct tt_charge *a, const struct tt_charge *b)
{
    return a->limit < b->limit;
}

/* Of credits warn_at holds the order in which they pay. */
static bool
pays_before(const struct tt_charge *a, const struct tt_charge *b)
{
    return a->warn_at != b->warn_at ? a->warn_at < b->warn_at : a->until < b->until;
}

#define AT_LIMIT_BLOCK 2 /* in the order of the schema: report, warn, block */

bool
tt_charge_of_budget(const struct tt_policy *policy, size_t i, int64_t day, struct tt_charge *charge)
{
    const struct tt_policy_budget *budget = (const struct tt_policy_budget *) policy->budgets.items + i;
    if (!is_in_force(&budget->from, &budget->until, day)) {
        return false;
    }
    int64_t first = first_of_window(policy, budget, day);
    int64_t before = first_of_window(policy, budget, tt_policy_date_previous(first));
    *charge = (struct tt_charge) {
        .id = budget->id.text,
        .key = key_of(budget->id.text, first),
        .limit = budget->amount.number,
        .from = first,
        .until = last_of_window(budget, first),
        .warn_at = budget->warn_at.number,
        .blocks = budget->at_limit.number == AT_LIMIT_BLOCK,
        .team = budget->team.text,
    };
    /* What began within the window before has a rest of it. */
    if (budget->carry_over.number && budget->from.number <= last_of_window(budget, before)) {
        charge->key_before = key_of(budget->id.text, before);
    }
    return true;
}

static void
add_credit(const struct tt_policy_credit *credit, struct tt_charges *charges)
{
    const struct tt_charge charge = {
        .id = credit->id.text,
        .key = key_of(credit->id.text, 0),
        .limit = credit->amount.number,
        .from = credit->from.number,
        .until = credit->until.number,
        .warn_at = credit->order.number,
        .team = credit->team.text,
    };
    insert(charges->credits, &charges->credit_count, &charge, pays_before);
}

bool
tt_charges_are_kept(const struct tt_policy *policy)
{
    return policy->budgets.count > 0 || policy->credits.count > 0;
}

void
tt_charges_find(const struct tt_policy *policy, const struct tt_catalog *catalog, const struct tt_charge_facts *facts,
                struct tt_charges *charges)
{
    const struct tt_policy_names names = tt_policy_names_of(catalog);
    const struct tt_policy_budget *budgets = policy->budgets.items;
    const struct tt_policy_credit *credits = policy->credits.items;
    struct tt_policy_subject subject = {0};
    charges->credit_count = charges->budget_count = 0;
    subject.facts[TT_ABOUT_PRODUCT].text = facts->product;
    subject.facts[TT_ABOUT_PROVIDER].text = facts->provider;
    subject.facts[TT_ABOUT_MODEL].text = facts->model;
    names.complete(names.ctx, &subject);
    for (size_t i = 0; i < policy->budgets.count; i++) {
        struct tt_charge charge;
        if (tt_charge_of_budget(policy, i, facts->day, &charge) && is_team(budgets[i].team.text, facts->team) &&
            is_part(&budgets[i].subject, &subject)) {
            insert(charges->budgets, &charges->budget_count, &charge, is_smaller);
        }
    }
    for (size_t i = 0; i < policy->credits.count; i++) {
        if (is_in_force(&credits[i].from, &credits[i].until, facts->day) && is_team(credits[i].team.text, facts->team) &&
            (has_fact(&subject, TT_ABOUT_PROVIDER, &credits[i].source) ||
             has_fact(&subject, TT_ABOUT_PRODUCT, &credits[i].source))) {
            add_credit(&credits[i], charges);
        }
    }
}
