/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Subjects of the subcommands of `telltale policy`: the one that options describe, and those that a policy is about.
 *
 * In: options, a policy and the catalogue.  Out: subjects with all that follows from the catalogue; they borrow from all three.
 */
#include "cli/policy.h"

#include "policy/schema.h"

bool
tt_policy_has_subject(const struct tt_policy_settings *settings)
{
    for (size_t i = 0; i < TT_POLICY_SUBJECTS; i++) {
        if (settings->facts[i]) {
            return true;
        }
    }
    return false;
}

static enum tt_exit
check_countries(const struct tt_call *call, const struct tt_policy_settings *settings)
{
    static const enum tt_about countries[] = {TT_ABOUT_REGION, TT_ABOUT_DATA_REGION, TT_ABOUT_VENDOR_JURISDICTION,
                                              TT_ABOUT_PROVIDER_JURISDICTION};
    for (size_t i = 0; i < sizeof(countries) / sizeof(*countries); i++) {
        const char *word = settings->facts[countries[i]];
        if (word && !tt_policy_is_country(tt_str_cstr(word))) {
            return tt_cli_complain(call->cli, TT_EXIT_USAGE, "'%s' is no country: two capital letters of ISO 3166-1, such as SG",
                                   word);
        }
    }
    return TT_EXIT_OK;
}

static enum tt_exit
check_team(const struct tt_call *call, const struct tt_policy *policy, const char *team)
{
    struct tt_str near = {NULL, 0};
    if (!team || tt_policy_own_name(policy, TT_NAME_TEAM, tt_str_cstr(team), &near)) {
        return TT_EXIT_OK;
    }
    if (near.len > 0) {
        return tt_cli_complain(call->cli, TT_EXIT_USAGE, "the policy has no team '%s'; did you mean '%.*s'?", team,
                               (int) near.len, near.ptr);
    }
    return tt_cli_complain(call->cli, TT_EXIT_USAGE, "the policy has no team '%s'", team);
}

/* Ids that the catalogue would have to know: a misspelt one would be answered as if nothing was said of it. */
static enum tt_exit
check_ids(const struct tt_call *call, const struct tt_policy_file *file, const char *const *facts)
{
    static const struct {
        enum tt_about about;
        enum tt_policy_name kind;
        const char *what;
    } rows[] = {
        {TT_ABOUT_PRODUCT, TT_NAME_PRODUCT, "product"},
        {TT_ABOUT_VIA, TT_NAME_PRODUCT, "product"},
        {TT_ABOUT_VENDOR, TT_NAME_VENDOR, "vendor"},
        {TT_ABOUT_CATEGORY, TT_NAME_CATEGORY, "category"},
        {TT_ABOUT_MODEL_FAMILY, TT_NAME_FAMILY, "model family"},
        {TT_ABOUT_MODEL_VENDOR, TT_NAME_MODEL_VENDOR, "vendor"},
        {TT_ABOUT_PROVIDER, TT_NAME_PROVIDER, "provider"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const char *word = facts[rows[i].about];
        struct tt_str near = {NULL, 0};
        if (word && !file->names.known(file->names.ctx, rows[i].kind, tt_str_cstr(word), &near)) {
            return tt_cli_complain(call->cli, TT_EXIT_USAGE, "the catalogue has no %s '%s'%s%.*s%s", rows[i].what, word,
                                   near.len ? "; did you mean '" : "", (int) near.len, near.len ? near.ptr : "",
                                   near.len ? "'?" : "");
        }
    }
    return TT_EXIT_OK;
}

enum tt_exit
tt_policy_subject(const struct tt_call *call, const struct tt_policy_file *file, struct tt_policy_subject *subject)
{
    const struct tt_policy_settings *settings = call->settings;
    enum tt_exit code = check_countries(call, settings);
    *subject = (struct tt_policy_subject) {.more_count = 0};
    if (code == TT_EXIT_OK) {
        code = check_team(call, file->policy, settings->facts[TT_ABOUT_TEAM]);
    }
    if (code == TT_EXIT_OK) {
        code = check_ids(call, file, settings->facts);
    }
    for (size_t i = 0; i < TT_ABOUTS; i++) {
        subject->facts[i].text = tt_str_cstr(settings->facts[i]);
    }
    file->names.complete(file->names.ctx, subject);
    return code;
}

/* The first country, team or machine that a list names; nothing when it names all. */
static struct tt_str
first_of(const struct tt_policy *policy, const struct tt_policy_list *list)
{
    const struct tt_policy_group *groups = policy->regions.items;
    struct tt_str word = list->count ? list->items[0].text : TT_STR("");
    for (size_t i = 0; i < policy->regions.count; i++) {
        if (tt_str_eq(groups[i].name.text, word) && groups[i].countries.count) {
            return groups[i].countries.items[0].text;
        }
    }
    return tt_str_eq(word, TT_STR("all")) || tt_str_eq(word, TT_STR("*")) ? TT_STR("") : word;
}

/* The facts that a decision is about, as a subject of its own. */
static void
subject_of(const struct tt_policy_file *file, const struct tt_policy_decision *decision, struct tt_policy_subject *subject)
{
    const struct tt_policy *policy = file->policy;
    const struct tt_policy_match *match = &decision->match;
    *subject = (struct tt_policy_subject) {.more_count = 0};
    subject->facts[match->about].text = match->subject[match->about].text;
    subject->facts[TT_ABOUT_VIA].text = match->via.text;
    subject->facts[TT_ABOUT_REGION].text = first_of(policy, &decision->applies_to.regions);
    subject->facts[TT_ABOUT_TEAM].text = first_of(policy, &decision->applies_to.teams);
    file->names.complete(file->names.ctx, subject);
}

static bool
is_same(const struct tt_policy_subject *x, const struct tt_policy_subject *y)
{
    for (size_t i = 0; i < TT_ABOUTS; i++) {
        if (!tt_str_eq(x->facts[i].text, y->facts[i].text)) {
            return false;
        }
    }
    return true;
}

static enum tt_status
ask(struct tt_policy_asked *asked, const struct tt_policy_subject *subject)
{
    for (size_t i = 0; i < asked->count; i++) {
        if (is_same(&asked->items[i], subject)) {
            return TT_OK;
        }
    }
    if (asked->count == asked->room) {
        size_t room = asked->room ? 2 * asked->room : 16;
        struct tt_policy_subject *items = tt_alloc_new(asked->alloc, room * sizeof(*items));
        if (!items) {
            return TT_E_MEMORY;
        }
        memcpy(items, asked->items ? asked->items : items, asked->count * sizeof(*items));
        tt_alloc_free(asked->alloc, asked->items, asked->room * sizeof(*items));
        asked->items = items;
        asked->room = room;
    }
    asked->items[asked->count++] = *subject;
    return TT_OK;
}

enum tt_status
tt_policy_ask(struct tt_policy_asked *asked, const struct tt_policy_file *file)
{
    static const enum tt_about others[TT_AXES] = {TT_ABOUT_PRODUCT, TT_ABOUT_MODEL, TT_ABOUT_HOST};
    const struct tt_policy *policy = file->policy;
    struct tt_policy_subject subject;
    for (size_t i = 0; i < policy->decisions.count; i++) {
        subject_of(file, tt_policy_decision_at(policy, i), &subject);
        TT_TRY(ask(asked, &subject));
    }
    for (size_t i = 0; i < TT_AXES; i++) {
        if (policy->fallback.axis[i].number != 0) {
            subject = (struct tt_policy_subject) {.more_count = 0};
            /* The blank keeps it from being anybody's name. */
            subject.facts[others[i]].text = TT_STR("any other");
            TT_TRY(ask(asked, &subject));
        }
    }
    return TT_OK;
}

void
tt_policy_ask_end(struct tt_policy_asked *asked)
{
    tt_alloc_free(asked->alloc, asked->items, asked->room * sizeof(*asked->items));
}
