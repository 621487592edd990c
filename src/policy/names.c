/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a policy may name beyond its own file, and which facts follow from others: the catalogue and the channels of marks.
 *
 * In: a constant catalogue, a subject with the facts that are known.  Out: the same subject with those that the catalogue adds, which
 * borrow from it.  Nothing is allocated.  Invariants: a fact that was given is never changed; a fact that rests on others is as certain
 * as the least certain of them; what a product can do is only possible.
 */
#include "base/near.h"
#include "catalog/catalog.h"
#include "marks/marks.h"
#include "policy/decide.h"

/* ---- names ---- */

static bool
is_channel(struct tt_str name, struct tt_str *nearest)
{
    const struct tt_channel *const *const lists[] = {tt_channels, tt_channels_beyond};
    struct tt_near near;
    tt_near_begin(&near, name);
    for (size_t k = 0; k < sizeof(lists) / sizeof(*lists); k++) {
        for (size_t i = 0; lists[k][i]; i++) {
            tt_near_offer(&near, tt_str_cstr(lists[k][i]->name));
        }
    }
    *nearest = near.best;
    return tt_str_eq(near.best, name);
}

/* Categories are no entries: what tools say of themselves. */
static bool
is_category(const struct tt_catalog *catalog, struct tt_str name, struct tt_str *nearest)
{
    struct tt_near near;
    tt_near_begin(&near, name);
    for (size_t i = 0; i < catalog->count; i++) {
        const struct tt_catalog_fact *fact;
        size_t at = 0;
        while (catalog->entries[i].kind == TT_CATALOG_TOOL &&
               (fact = tt_catalog_next_fact(&catalog->entries[i], TT_STR("category"), &at))) {
            for (size_t k = 0; k < fact->value_count; k++) {
                tt_near_offer(&near, fact->values[k].text);
            }
        }
    }
    *nearest = near.best;
    return tt_str_eq(near.best, name);
}

/* "bedrock" for "provider-bedrock". */
static struct tt_str
find_longer(const struct tt_catalog *catalog, enum tt_catalog_kind kind, struct tt_str name)
{
    for (size_t i = 0; i < catalog->count; i++) {
        struct tt_str id = catalog->entries[i].id;
        if (catalog->entries[i].kind == kind && id.len > name.len && tt_str_ends(id, name) &&
            id.ptr[id.len - name.len - 1] == '-') {
            return id;
        }
    }
    return TT_STR("");
}

/* An id of that kind; else the nearest one, or the id of an entry that is called so. */
static bool
is_entry(const struct tt_catalog *catalog, enum tt_catalog_kind kind, struct tt_str name, struct tt_str *nearest)
{
    const struct tt_catalog_entry *entry = tt_catalog_find_named(catalog, kind, name);
    *nearest = entry ? entry->id : tt_catalog_nearest(catalog, kind, name);
    if (nearest->len == 0) {
        *nearest = find_longer(catalog, kind, name);
    }
    return entry && tt_str_eq(entry->id, name);
}

/* Is there a price for exactly that model? */
static bool
is_priced(const struct tt_catalog *catalog, struct tt_str model)
{
    for (size_t i = 0; i < catalog->count; i++) {
        if (catalog->entries[i].kind == TT_CATALOG_PROVIDER && tt_catalog_price(&catalog->entries[i], model, NULL)) {
            return true;
        }
    }
    return false;
}

/*
 * A family, or a model.  Patterns of families are wide, so a name that they merely match is a model only if it is not nearly a family's: "qwenn"
 * is a slip of the pen, "qwen-max" is not.
 */
static bool
is_alternative(const struct tt_catalog *catalog, struct tt_str name, struct tt_str *nearest)
{
    struct tt_catalog_model told;
    if (is_entry(catalog, TT_CATALOG_FAMILY, name, nearest) || is_priced(catalog, name)) {
        return true;
    }
    return tt_catalog_model(catalog, name, &told) && told.family && tt_catalog_nearest(catalog, TT_CATALOG_FAMILY, name).len == 0;
}

static bool
is_known(const void *ctx, enum tt_policy_name kind, struct tt_str name, struct tt_str *nearest)
{
    struct tt_str other;
    switch (kind) {
    case TT_NAME_CHANNEL: return is_channel(name, nearest);
    case TT_NAME_CATEGORY: return is_category(ctx, name, nearest);
    case TT_NAME_PRODUCT: return is_entry(ctx, TT_CATALOG_TOOL, name, nearest);
    case TT_NAME_VENDOR:
    case TT_NAME_MODEL_VENDOR: return is_entry(ctx, TT_CATALOG_VENDOR, name, nearest);
    case TT_NAME_FAMILY: return is_entry(ctx, TT_CATALOG_FAMILY, name, nearest);
    case TT_NAME_ALTERNATIVE: return is_alternative(ctx, name, nearest);
    case TT_NAME_PROVIDER: return is_entry(ctx, TT_CATALOG_PROVIDER, name, nearest);
    case TT_NAME_SOURCE:
        if (is_entry(ctx, TT_CATALOG_TOOL, name, nearest) || is_entry(ctx, TT_CATALOG_PROVIDER, name, &other)) {
            return true;
        }
        *nearest = nearest->len ? *nearest : other;
        return false;
    default: return true;
    }
}

/* ---- facts that follow ---- */

/* Adds a derived value. */
static void
add(struct tt_policy_subject *s, enum tt_about about, struct tt_str text, bool possible, bool unverified)
{
    tt_policy_fact_add(s, about, (struct tt_policy_fact) {text, possible, unverified, true});
}

static bool
is_unverified(const struct tt_catalog_fact *fact)
{
    return fact && fact->confidence == TT_UNVERIFIED;
}

static bool
is_given(const struct tt_policy_subject *s, enum tt_about about)
{
    return s->facts[about].text.len > 0;
}

static bool
is_axis_given(const struct tt_policy_subject *s, enum tt_axis axis)
{
    for (size_t i = 0; i < TT_POLICY_SUBJECTS; i++) {
        if (tt_axis_of((enum tt_about) i) == axis && is_given(s, (enum tt_about) i)) {
            return true;
        }
    }
    return false;
}

/* All values of a fact.  Corrections stand first, so that only the first fact of a name counts, unless every one adds to it. */
static void
add_values(struct tt_policy_subject *s, enum tt_about about, const struct tt_catalog_entry *entry, struct tt_str name, bool every,
           const struct tt_policy_fact *from)
{
    const struct tt_catalog_fact *fact;
    size_t at = 0, seen = 0;
    while (entry && (every || seen == 0) && (fact = tt_catalog_next_fact(entry, name, &at))) {
        for (size_t i = 0; i < fact->value_count; i++) {
            add(s, about, fact->values[i].text, from->possible, from->unverified || is_unverified(fact));
        }
        seen++;
    }
}

/* to: the fact called name of each entry that from names. */
static void
follow(const struct tt_catalog *catalog, struct tt_policy_subject *s, enum tt_about from, enum tt_catalog_kind kind,
       struct tt_str name, enum tt_about to)
{
    const struct tt_policy_fact *fact;
    bool given = is_given(s, to);
    for (size_t i = 0; !given && (fact = tt_policy_fact_at(s, from, i)); i++) {
        const struct tt_catalog_entry *entry = tt_catalog_find(catalog, kind, fact->text);
        size_t at = 0;
        add_values(s, to, entry, name, false, fact);
        /* Families that are only possible name possible vendors; one without a vendor could be of any. */
        if (fact->possible && !(entry && tt_catalog_next_fact(entry, name, &at))) {
            add(s, to, TT_STR(TT_POLICY_ANY), true, false);
        }
    }
}

/*
 * What is of a vendor is of its parent too.  The parent's country is where the vendor could be said to be, no more: jurisdiction is
 * then an about, else TT_ABOUTS.
 */
static void
add_parents(const struct tt_catalog *catalog, struct tt_policy_subject *s, enum tt_about about, enum tt_about jurisdiction)
{
    const struct tt_policy_fact *fact;
    bool derive = jurisdiction != TT_ABOUTS && s->facts[jurisdiction].derived;
    for (size_t i = 0; (fact = tt_policy_fact_at(s, about, i)); i++) {
        const struct tt_catalog_entry *entry = tt_catalog_find(catalog, TT_CATALOG_VENDOR, fact->text);
        struct tt_policy_fact possible = *fact;
        possible.possible = true;
        if (derive && i > 0) {
            add_values(s, jurisdiction, entry, TT_STR("jurisdiction"), false, &possible);
        }
        add_values(s, about, entry, TT_STR("parent"), false, fact);
    }
}

/* Families that a product can route to say nothing of the one that is used. */
static void
add_possible_families(const struct tt_catalog *catalog, struct tt_policy_subject *s)
{
    const struct tt_policy_fact can = {.possible = true}, *product;
    for (size_t i = 0; (product = tt_policy_fact_at(s, TT_ABOUT_PRODUCT, i)); i++) {
        add_values(s, TT_ABOUT_MODEL_FAMILY, tt_catalog_find(catalog, TT_CATALOG_TOOL, product->text), TT_STR("model_families"),
                   true, &can);
    }
}

static void
complete_model(const struct tt_catalog *catalog, struct tt_policy_subject *s)
{
    struct tt_catalog_model model;
    if (!is_given(s, TT_ABOUT_MODEL) || !tt_catalog_model(catalog, s->facts[TT_ABOUT_MODEL].text, &model)) {
        return;
    }
    bool unverified = is_unverified(model.fact);
    if (model.family && !is_given(s, TT_ABOUT_MODEL_FAMILY)) {
        add(s, TT_ABOUT_MODEL_FAMILY, model.family->id, false, unverified);
    } else if (model.vendor && !model.family && !is_given(s, TT_ABOUT_MODEL_FAMILY) && !is_given(s, TT_ABOUT_MODEL_VENDOR)) {
        add(s, TT_ABOUT_MODEL_VENDOR, model.vendor->id, false, unverified);
    }
    if (model.provider && !is_axis_given(s, TT_AXIS_ROUTE)) {
        add(s, TT_ABOUT_PROVIDER, model.provider->id, false, is_unverified(model.through));
    }
}

/* Tools that are known to use a host which no provider of models has. */
static void
add_possible_tools(const struct tt_catalog *catalog, struct tt_policy_subject *s, struct tt_str name)
{
    bool given = is_axis_given(s, TT_AXIS_SOFTWARE);
    struct tt_catalog_host host;
    size_t at = 0;
    while (!given && tt_catalog_next_host(catalog, name, &at, &host)) {
        add(s, TT_ABOUT_PRODUCT, host.entry->id, true, is_unverified(host.fact));
    }
}

static void
complete_route(const struct tt_catalog *catalog, struct tt_policy_subject *s)
{
    struct tt_catalog_host host;
    const struct tt_policy_fact *provider;
    struct tt_str name = s->facts[TT_ABOUT_HOST].text;
    if (name.len > 0 && tt_catalog_host(catalog, name, &host)) {
        if (!is_given(s, TT_ABOUT_PROVIDER)) {
            add(s, TT_ABOUT_PROVIDER, host.entry->id, false, is_unverified(host.fact));
        }
        if (host.country.len > 0 && !is_given(s, TT_ABOUT_DATA_REGION)) {
            add(s, TT_ABOUT_DATA_REGION, host.country, false, is_unverified(host.fact) || is_unverified(host.place));
        }
    } else if (name.len > 0) {
        add_possible_tools(catalog, s, name);
    }
    if (is_given(s, TT_ABOUT_PROVIDER_JURISDICTION)) {
        return;
    }
    for (size_t i = 0; (provider = tt_policy_fact_at(s, TT_ABOUT_PROVIDER, i)); i++) {
        const struct tt_catalog_entry *entry = tt_catalog_find(catalog, TT_CATALOG_PROVIDER, provider->text);
        const struct tt_catalog_fact *fact = NULL;
        const struct tt_catalog_entry *vendor = entry ? tt_catalog_vendor_of(catalog, entry, &fact) : NULL;
        struct tt_policy_fact from = *provider;
        from.unverified = from.unverified || is_unverified(fact);
        add_values(s, TT_ABOUT_PROVIDER_JURISDICTION, vendor, TT_STR("jurisdiction"), false, &from);
    }
}

static bool
has_value(const struct tt_catalog_fact *fact, struct tt_str text)
{
    for (size_t i = 0; i < fact->value_count; i++) {
        if (tt_str_eq(fact->values[i].text, text)) {
            return true;
        }
    }
    return false;
}

/* "npm:@a/b", "vscode:a.b": the fact that lists such names. */
static void
find_owners(const struct tt_catalog *catalog, struct tt_policy_subject *s, struct tt_str fact_name, struct tt_str name)
{
    for (size_t i = 0; i < catalog->count; i++) {
        const struct tt_catalog_entry *entry = &catalog->entries[i];
        const struct tt_catalog_fact *fact;
        size_t at = 0;
        while (entry->kind == TT_CATALOG_TOOL && (fact = tt_catalog_next_fact(entry, fact_name, &at))) {
            if (has_value(fact, name)) {
                add(s, TT_ABOUT_PRODUCT, entry->id, false, is_unverified(fact));
            }
        }
    }
}

static void
set_possible(struct tt_policy_subject *s, enum tt_about about)
{
    s->facts[about].possible = true;
    for (size_t i = 0; i < s->more_count; i++) {
        s->more[i].fact.possible |= s->more[i].about == about;
    }
}

/* Tools that a package or an extension belongs to; some belong to two, which are then possible until something else tells. */
static void
complete_package(const struct tt_catalog *catalog, struct tt_policy_subject *s, struct tt_str package)
{
    static const struct {
        struct tt_str registry, fact;
    } rows[] = {
        {TT_STR_INIT("npm:"), TT_STR_INIT("packages.npm")},         {TT_STR_INIT("pip:"), TT_STR_INIT("packages.pip")},
        {TT_STR_INIT("brew:"), TT_STR_INIT("packages.brew")},       {TT_STR_INIT("brew:"), TT_STR_INIT("packages.brew_cask")},
        {TT_STR_INIT("deb:"), TT_STR_INIT("packages.apt")},         {TT_STR_INIT("rpm:"), TT_STR_INIT("packages.rpm")},
        {TT_STR_INIT("vscode:"), TT_STR_INIT("vscode_extensions")}, {TT_STR_INIT("jetbrains:"), TT_STR_INIT("jetbrains_plugins")},
    };
    if (is_given(s, TT_ABOUT_PRODUCT)) {
        return;
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        if (tt_str_starts(package, rows[i].registry)) {
            find_owners(catalog, s, rows[i].fact, tt_str_slice(package, rows[i].registry.len, package.len));
        }
    }
    if (tt_policy_fact_at(s, TT_ABOUT_PRODUCT, 1)) {
        set_possible(s, TT_ABOUT_PRODUCT);
    }
}

static void
complete(const void *ctx, struct tt_policy_subject *s)
{
    const struct tt_catalog *catalog = ctx;
    complete_package(catalog, s, s->facts[TT_ABOUT_PACKAGE].text);
    complete_package(catalog, s, s->facts[TT_ABOUT_EXTENSION].text);
    complete_model(catalog, s);
    complete_route(catalog, s);
    follow(catalog, s, TT_ABOUT_PRODUCT, TT_CATALOG_TOOL, TT_STR("category"), TT_ABOUT_CATEGORY);
    follow(catalog, s, TT_ABOUT_PRODUCT, TT_CATALOG_TOOL, TT_STR("vendor"), TT_ABOUT_VENDOR);
    follow(catalog, s, TT_ABOUT_VENDOR, TT_CATALOG_VENDOR, TT_STR("jurisdiction"), TT_ABOUT_VENDOR_JURISDICTION);
    add_parents(catalog, s, TT_ABOUT_VENDOR, TT_ABOUT_VENDOR_JURISDICTION);
    if (!is_axis_given(s, TT_AXIS_MODEL)) {
        add_possible_families(catalog, s);
    }
    follow(catalog, s, TT_ABOUT_MODEL_FAMILY, TT_CATALOG_FAMILY, TT_STR("vendor"), TT_ABOUT_MODEL_VENDOR);
    add_parents(catalog, s, TT_ABOUT_MODEL_VENDOR, TT_ABOUTS);
}

struct tt_policy_names
tt_policy_names_of(const struct tt_catalog *catalog)
{
    return (struct tt_policy_names) {catalog, is_known, complete};
}
