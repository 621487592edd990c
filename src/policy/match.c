/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a decision fit a subject?  With facts that may be unknown, the answer has four values; see decide.h.
 *
 * In: constant policy and subject.  Out: the certainty, and the fact on which it rests.  A fit is as certain as its least certain part.
 */
#include "policy/decide.h"
#include "policy/schema.h"
#include "policy/version.h"

const char *
tt_about_name(enum tt_about about)
{
    static const char *const names[] = {
        "sha256",
        "package",
        "extension",
        "product",
        "vendor",
        "category",
        "vendor_jurisdiction",
        "model",
        "model_family",
        "model_vendor",
        "host",
        "provider",
        "provider_jurisdiction",
        "version",
        "os",
        "install",
        "via",
        "account",
        "region",
        "team",
        "machine",
        "data_region",
        "mcp_server",
        "risk_flag",
    };
    return names[about];
}

enum tt_axis
tt_axis_of(enum tt_about subject)
{
    return subject < TT_ABOUT_MODEL ? TT_AXIS_SOFTWARE : subject < TT_ABOUT_HOST ? TT_AXIS_MODEL : TT_AXIS_ROUTE;
}

/* The group of that name, or NULL. */
static const struct tt_policy_list *
find_group(const struct tt_policy *policy, struct tt_str name)
{
    const struct tt_policy_group *groups = policy->regions.items;
    for (size_t i = 0; i < policy->regions.count; i++) {
        if (tt_str_eq(groups[i].name.text, name)) {
            return &groups[i].countries;
        }
    }
    return NULL;
}

static bool
host_matches(struct tt_str rule, struct tt_str host)
{
    return tt_str_starts(rule, TT_STR("*.")) ? tt_str_ends(host, tt_str_slice(rule, 1, rule.len)) && host.len >= rule.len
                                             : tt_str_eq(rule, host);
}

/* One value of a fact against one word of the policy. */
static bool
word_matches(const struct tt_policy *policy, enum tt_about about, struct tt_str word, struct tt_str fact)
{
    switch (about) {
    case TT_ABOUT_MODEL:
    case TT_ABOUT_MACHINE: return tt_policy_glob_matches(word, fact);
    case TT_ABOUT_HOST: return host_matches(word, fact);
    case TT_ABOUT_REGION:
    case TT_ABOUT_DATA_REGION: {
        const struct tt_policy_list *group = find_group(policy, word);
        for (size_t i = 0; group && i < group->count; i++) {
            if (tt_str_eq(group->items[i].text, fact)) {
                return true;
            }
        }
        return tt_str_eq(word, TT_STR("all")) || tt_str_eq(word, fact);
    }
    default: return tt_str_eq(word, TT_STR("all")) || tt_str_eq(word, fact);
    }
}

/* "any" stands for what a product might be told to use. */
static bool
is_wildcard(enum tt_about about, struct tt_str fact)
{
    return about < (enum tt_about) TT_POLICY_SUBJECTS && tt_str_eq(fact, TT_STR(TT_POLICY_ANY));
}

const struct tt_policy_fact *
tt_policy_fact_at(const struct tt_policy_subject *subject, enum tt_about about, size_t i)
{
    if (i == 0) {
        return subject->facts[about].text.len ? &subject->facts[about] : NULL;
    }
    for (size_t k = 0; k < subject->more_count; k++) {
        if (subject->more[k].about == about && --i == 0) {
            return &subject->more[k].fact;
        }
    }
    return NULL;
}

void
tt_policy_fact_add(struct tt_policy_subject *subject, enum tt_about about, struct tt_policy_fact fact)
{
    const struct tt_policy_fact *other;
    for (size_t i = 0; (other = tt_policy_fact_at(subject, about, i)); i++) {
        if (tt_str_eq(other->text, fact.text)) {
            return;
        }
    }
    if (subject->facts[about].text.len == 0) {
        subject->facts[about] = fact;
    } else if (subject->more_count < TT_POLICY_MORE_MAX) {
        subject->more[subject->more_count].about = about;
        subject->more[subject->more_count++].fact = fact;
    } else {
        struct tt_policy_fact *last = &subject->facts[about];
        for (size_t i = 0; i < subject->more_count; i++) {
            last = subject->more[i].about == about ? &subject->more[i].fact : last;
        }
        last->text = TT_STR(TT_POLICY_ANY);
        last->possible = true;
    }
}

/* What a value that fits for certain comes to. */
static enum tt_policy_fit
certainty(const struct tt_policy_fact *fact)
{
    return fact->possible ? TT_FIT_POSSIBLE : fact->unverified ? TT_FIT_UNVERIFIED : TT_FIT_YES;
}

/* unknown is what a fact that is not there counts as. */
static enum tt_policy_fit
fact_fit(const struct tt_policy *policy, const struct tt_policy_subject *subject, enum tt_about about, struct tt_str word,
         enum tt_policy_fit unknown)
{
    const struct tt_policy_fact *fact = tt_policy_fact_at(subject, about, 0);
    enum tt_policy_fit best = fact ? TT_FIT_NO : unknown;
    for (size_t i = 1; fact; fact = tt_policy_fact_at(subject, about, i++)) {
        enum tt_policy_fit fit = is_wildcard(about, fact->text)                  ? TT_FIT_POSSIBLE
                                 : word_matches(policy, about, word, fact->text) ? certainty(fact)
                                                                                 : TT_FIT_NO;
        best = fit > best ? fit : best;
    }
    return best;
}

/* Takes one more part into a fit. */
static void
take(enum tt_policy_fit *fit, enum tt_policy_fit part, enum tt_about about, enum tt_about *why)
{
    if (part < *fit) {
        *fit = part;
        if (why) {
            *why = about;
        }
    }
}

/* The best of the words; an absent list fits everything. */
static enum tt_policy_fit
list_fit(const struct tt_policy *policy, const struct tt_policy_subject *subject, enum tt_about about,
         const struct tt_policy_list *list)
{
    enum tt_policy_fit best = TT_FIT_NO;
    for (size_t i = 0; i < list->count; i++) {
        struct tt_str word = list->items[i].text;
        bool everything = tt_str_eq(word, about == TT_ABOUT_MACHINE ? TT_STR("*") : TT_STR("all"));
        enum tt_policy_fit fit = everything ? TT_FIT_YES : fact_fit(policy, subject, about, word, TT_FIT_POSSIBLE);
        best = fit > best ? fit : best;
    }
    return list->present ? best : TT_FIT_YES;
}

enum tt_policy_fit
tt_policy_scope_fit(const struct tt_policy *policy, const struct tt_policy_scope *scope, const struct tt_policy_subject *subject,
                    enum tt_about *why)
{
    enum tt_policy_fit fit = TT_FIT_YES;
    take(&fit, list_fit(policy, subject, TT_ABOUT_REGION, &scope->regions), TT_ABOUT_REGION, why);
    if (scope->regions_except.present) {
        enum tt_policy_fit inside = list_fit(policy, subject, TT_ABOUT_REGION, &scope->regions_except);
        enum tt_policy_fit outside = inside == TT_FIT_YES ? TT_FIT_NO : inside == TT_FIT_NO ? TT_FIT_YES : inside;
        take(&fit, outside, TT_ABOUT_REGION, why);
    }
    take(&fit, list_fit(policy, subject, TT_ABOUT_TEAM, &scope->teams), TT_ABOUT_TEAM, why);
    take(&fit, list_fit(policy, subject, TT_ABOUT_MACHINE, &scope->hosts), TT_ABOUT_MACHINE, why);
    return fit;
}

static bool
has_axis(const struct tt_policy_subject *subject, enum tt_axis axis)
{
    for (size_t i = 0; i < TT_POLICY_SUBJECTS; i++) {
        if (tt_axis_of((enum tt_about) i) == axis && subject->facts[i].text.len > 0) {
            return true;
        }
    }
    return false;
}

/*
 * What is unknown of the subject itself: a finding that has a digest, a package, a product or a host names it; a vendor or a family
 * may just not be in the catalogue.
 */
static enum tt_policy_fit
unknown_subject(enum tt_about about)
{
    bool named = about <= TT_ABOUT_PRODUCT || about == TT_ABOUT_HOST;
    return named ? TT_FIT_NO : TT_FIT_POSSIBLE;
}

static enum tt_policy_fit
match_fit(const struct tt_policy *policy, const struct tt_policy_match *match, const struct tt_policy_subject *subject,
          enum tt_about *why)
{
    enum tt_policy_fit fit = TT_FIT_YES;
    struct tt_str range = match->version.text, version = subject->facts[TT_ABOUT_VERSION].text;
    struct tt_str word = match->subject[match->about].text;
    if (!has_axis(subject, tt_axis_of(match->about))) {
        return TT_FIT_NO;
    }
    take(&fit, fact_fit(policy, subject, match->about, word, unknown_subject(match->about)), match->about, why);
    if (range.len > 0) {
        bool known = false;
        bool holds = tt_policy_range_holds(range, version, &known);
        take(&fit, !known ? TT_FIT_POSSIBLE : holds ? TT_FIT_YES : TT_FIT_NO, TT_ABOUT_VERSION, why);
    }
    if (match->via.text.len > 0) {
        /* A model or route that was seen without a product came through none that is named. */
        const enum tt_about through = subject->facts[TT_ABOUT_VIA].text.len ? TT_ABOUT_VIA : TT_ABOUT_PRODUCT;
        take(&fit, fact_fit(policy, subject, through, match->via.text, TT_FIT_POSSIBLE), TT_ABOUT_VIA, why);
    }
    take(&fit, list_fit(policy, subject, TT_ABOUT_OS, &match->os), TT_ABOUT_OS, why);
    take(&fit, list_fit(policy, subject, TT_ABOUT_INSTALL, &match->install), TT_ABOUT_INSTALL, why);
    take(&fit, list_fit(policy, subject, TT_ABOUT_ACCOUNT, &match->account), TT_ABOUT_ACCOUNT, why);
    return fit;
}

static bool
is_in_force(const struct tt_policy_decision *d, int64_t day)
{
    return (!d->from.text.len || d->from.number <= day) && (!d->until.text.len || d->until.number >= day);
}

/* Has a successor that is in force replaced it? */
static bool
is_replaced(const struct tt_policy *policy, const struct tt_policy_decision *d, int64_t day)
{
    for (size_t i = 0; i < policy->decisions.count; i++) {
        const struct tt_policy_decision *successor = tt_policy_decision_at(policy, i);
        for (size_t j = 0; j < successor->supersedes.count && is_in_force(successor, day); j++) {
            if (tt_str_eq(successor->supersedes.items[j].text, d->id.text)) {
                return true;
            }
        }
    }
    return false;
}

enum tt_policy_fit
tt_policy_fit(const struct tt_policy *policy, const struct tt_policy_decision *decision, const struct tt_policy_subject *subject,
              int64_t day, enum tt_about *why)
{
    if (!is_in_force(decision, day)) {
        return TT_FIT_NO;
    }
    enum tt_policy_fit fit = match_fit(policy, &decision->match, subject, why);
    if (fit != TT_FIT_NO) {
        take(&fit, tt_policy_scope_fit(policy, &decision->applies_to, subject, why), decision->match.about, NULL);
    }
    return fit != TT_FIT_NO && is_replaced(policy, decision, day) ? TT_FIT_NO : fit;
}

/* ---- limits ---- */

/* Each value that a fact has must be in the list: YES says that the limit is not kept. */
static enum tt_policy_fit
breach_of(const struct tt_policy *policy, const struct tt_policy_list *list, const struct tt_policy_subject *subject,
          enum tt_about about)
{
    const struct tt_policy_fact *fact;
    enum tt_policy_fit worst = TT_FIT_NO;
    for (size_t i = 0; list->present && (fact = tt_policy_fact_at(subject, about, i)); i++) {
        bool inside = false;
        for (size_t j = 0; j < list->count && !inside; j++) {
            inside = word_matches(policy, about, list->items[j].text, fact->text);
        }
        worst = !inside && certainty(fact) > worst ? certainty(fact) : worst;
    }
    return worst;
}

enum tt_policy_fit
tt_policy_breaches(const struct tt_policy *policy, const struct tt_policy_limits *limits, const struct tt_policy_subject *subject,
                   struct tt_policy_breach *breaches, size_t *count)
{
    const struct {
        enum tt_about about;
        const struct tt_policy_list *list;
    } rows[] = {
        {TT_ABOUT_MODEL_FAMILY, &limits->model_families},
        {TT_ABOUT_MODEL, &limits->models},
        {TT_ABOUT_PROVIDER, &limits->providers},
        {TT_ABOUT_DATA_REGION, &limits->data_regions},
        {TT_ABOUT_ACCOUNT, &limits->accounts},
        {TT_ABOUT_MCP_SERVER, &limits->mcp_servers},
    };
    enum tt_policy_fit worst = TT_FIT_NO;
    *count = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        enum tt_policy_fit fit = breach_of(policy, rows[i].list, subject, rows[i].about);
        if (fit != TT_FIT_NO) {
            breaches[(*count)++] = (struct tt_policy_breach) {rows[i].about, fit};
        }
        worst = fit > worst ? fit : worst;
    }
    if (subject->facts[TT_ABOUT_RISK_FLAG].text.len > 0 && limits->risk_flags.number != TT_RISK_ALLOW) {
        /* Only reported, unless the policy says more: as a breach that is possible. */
        enum tt_policy_fit fit = limits->risk_flags.number == TT_RISK_PROHIBIT ? TT_FIT_YES : TT_FIT_POSSIBLE;
        breaches[(*count)++] = (struct tt_policy_breach) {TT_ABOUT_RISK_FLAG, fit};
        worst = fit > worst ? fit : worst;
    }
    return worst;
}
