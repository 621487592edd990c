/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale catalog`: what is known about AI tools, providers, vendors and families of models, each fact with its sources.
 *
 * In: the built-in catalogue and additions.  Out: text, or JSON Lines.
 */
#include "base/limits.h"
#include "cli/catalog.h"
#include "cli/marks.h"
#include "finding/writer.h"

#define OUTPUT_MAX (64 * TT_MIB)

/* Runs what a subcommand does with the loaded catalogue. */
static enum tt_exit
with_catalog(const struct tt_call *call,
             enum tt_exit (*work)(const struct tt_call *call, const struct tt_catalog *catalog, struct tt_buf *out))
{
    struct tt_catalog_reader reader;
    struct tt_buf out;
    tt_buf_init(&out, call->cli->alloc, OUTPUT_MAX);
    enum tt_exit code = tt_catalog_load(call->cli, &reader);
    if (code == TT_EXIT_OK) {
        code = work(call, &reader.catalog, &out);
    }
    if (code == TT_EXIT_OK) {
        code = tt_cli_deliver(call, &out);
    } else {
        tt_buf_free(&out);
    }
    tt_catalog_reader_free(&reader);
    return code;
}

static bool
wants_json(const struct tt_call *call)
{
    const struct tt_catalog_settings *settings = call->settings;
    return settings->format == TT_CLI_JSON;
}

/* ---- list ---- */

static void
add_padded(struct tt_buf *out, struct tt_str text, size_t width)
{
    tt_writer_add_safe(out, text);
    for (size_t i = text.len; i < width; i++) {
        tt_buf_add_char(out, ' ');
    }
}

static void
list_entry(struct tt_buf *out, const struct tt_catalog *catalog, const struct tt_catalog_entry *entry)
{
    const struct tt_catalog_entry *vendor = tt_catalog_vendor_of(catalog, entry, NULL);
    add_padded(out, tt_catalog_kind_name(entry->kind), 10);
    add_padded(out, entry->id, 24);
    tt_writer_add_safe(out, entry->name);
    if (vendor) {
        tt_buf_add_cstr(out, " - ");
        tt_writer_add_safe(out, vendor->name);
    }
    tt_buf_add_char(out, '\n');
}

static enum tt_exit
list(const struct tt_call *call, const struct tt_catalog *catalog, struct tt_buf *out)
{
    const struct tt_catalog_settings *settings = call->settings;
    for (size_t i = 0; i < catalog->count; i++) {
        const struct tt_catalog_entry *entry = &catalog->entries[i];
        if (settings->kind > 0 && (int) entry->kind != settings->kind - 1) {
            continue;
        }
        if (wants_json(call)) {
            tt_catalog_add_entry_json(out, entry);
        } else {
            list_entry(out, catalog, entry);
        }
    }
    return TT_EXIT_OK;
}

static enum tt_exit
run_list(const struct tt_call *call)
{
    return with_catalog(call, list);
}

static const char *const kind_names[] = {"all", "tool", "provider", "vendor", "family", NULL};

static const struct tt_option list_options[] = {
    TT_OPT_CHOICE(struct tt_catalog_settings, kind, 'k', "kind", "KIND", "Only one kind: tool, provider, vendor or family",
                  kind_names),
    TT_OPT_CHOICE(struct tt_catalog_settings, format, 'f', "format", "FORMAT", "text or json", tt_cli_formats),
    TT_OPT_END,
};

static const struct tt_example list_usage[] = {
    {"telltale catalog list --kind provider", "Where models are served from"},
    {"telltale catalog list --format json", "Every fact, for a program"},
    {NULL, NULL},
};

const struct tt_command tt_command_catalog_list = {
    .name = "list",
    .summary = "List tools, providers, vendors and model families",
    .usage = "[OPTION]...",
    .description = "One line for each: kind, id, name and vendor. As JSON Lines, with all facts.",
    .options = list_options,
    .uses = TT_USES_OUTPUT,
    .examples = list_usage,
    .settings_size = sizeof(struct tt_catalog_settings),
    .run = run_list,
};

/* ---- show ---- */

/* Is the fact one of that field? */
static bool
is_of(const struct tt_catalog_fact *fact, const struct tt_catalog_field *field)
{
    return tt_catalog_field_find(fact->name) == field;
}

static void
show_fact(struct tt_buf *out, const struct tt_catalog_fact *fact, const struct tt_catalog_field *field, struct tt_cited *cited)
{
    tt_buf_add_cstr(out, "  ");
    tt_buf_add_cstr(out, field->title);
    if (field->parts) {
        size_t dot = strlen(field->name);
        tt_buf_add_cstr(out, ", ");
        tt_writer_add_safe(out, tt_str_slice(fact->name, dot + 1, fact->name.len));
    }
    tt_buf_add_cstr(out, ": ");
    tt_catalog_add_backing(out, cited, fact);
    tt_buf_add_char(out, '\n');
    for (size_t i = 0; i < fact->value_count; i++) {
        tt_buf_add_cstr(out, "    ");
        tt_catalog_add_value(out, &fact->values[i]);
        tt_buf_add_char(out, '\n');
    }
    if (fact->note.len > 0) {
        tt_marks_add_pair(out, "    but: ", fact->note);
    }
}

static void
show_head(struct tt_buf *out, const struct tt_catalog_entry *entry)
{
    tt_marks_add_pair(out, "", entry->id);
    tt_writer_add_labelled(out, "kind", tt_catalog_kind_name(entry->kind));
    tt_writer_add_labelled(out, "name", entry->name);
    for (size_t i = 0; i < entry->alias_count; i++) {
        tt_writer_add_labelled(out, i == 0 ? "also" : "", entry->aliases[i]);
    }
    tt_writer_add_labelled(out, "as of", entry->as_of);
    tt_writer_add_labelled(out, "with", entry->origin);
}

/* What a reader must not rely on, once more at the end. */
static void
show_unverified(struct tt_buf *out, const struct tt_catalog_entry *entry)
{
    bool any = false;
    for (size_t i = 0; i < entry->fact_count; i++) {
        if (entry->facts[i].confidence == TT_UNVERIFIED) {
            tt_buf_add_cstr(out, any ? ", " : "  Unverified: ");
            tt_writer_add_safe(out, entry->facts[i].name);
            any = true;
        }
    }
    tt_buf_add_cstr(out, any ? "\n" : "");
}

static void
show_entry(struct tt_buf *out, const struct tt_catalog *catalog, const struct tt_catalog_entry *entry)
{
    struct tt_cited cited = {.count = 0};
    const struct tt_catalog_entry *vendor = tt_catalog_vendor_of(catalog, entry, NULL);
    const struct tt_catalog_fact *fact = NULL;
    show_head(out, entry);
    for (size_t k = 0; k < tt_catalog_field_count; k++) {
        for (size_t i = 0; i < entry->fact_count; i++) {
            if (is_of(&entry->facts[i], &tt_catalog_fields[k])) {
                show_fact(out, &entry->facts[i], &tt_catalog_fields[k], &cited);
            }
        }
        /* Where a vendor sits is a fact about the vendor. */
        if (k == 0 && vendor && tt_catalog_value(vendor, TT_STR("jurisdiction"), &fact)) {
            show_fact(out, fact, tt_catalog_field_find(fact->name), &cited);
        }
    }
    show_unverified(out, entry);
    tt_catalog_add_cited(out, &cited);
}

static enum tt_exit
show(const struct tt_call *call, const struct tt_catalog *catalog, struct tt_buf *out)
{
    struct tt_str name = tt_str_cstr(call->args[0]);
    size_t found = 0;
    for (int kind = 0; kind < TT_CATALOG_KINDS; kind++) {
        const struct tt_catalog_entry *entry = tt_catalog_find_named(catalog, (enum tt_catalog_kind) kind, name);
        if (entry && wants_json(call)) {
            tt_catalog_add_entry_json(out, entry);
        } else if (entry) {
            tt_buf_add_cstr(out, found ? "\n" : "");
            show_entry(out, catalog, entry);
        }
        found += entry != NULL;
    }
    if (found == 0 && !tt_catalog_add_resolved(out, catalog, name, wants_json(call))) {
        return tt_catalog_unknown(call, catalog, name);
    }
    return TT_EXIT_OK;
}

static enum tt_exit
run_show(const struct tt_call *call)
{
    return with_catalog(call, show);
}

static const struct tt_example show_usage[] = {
    {"telltale catalog show claude-code", "Every fact about one tool, with sources"},
    {"telltale catalog show bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0", "What a model's name says"},
    {"telltale catalog show dashscope-intl.aliyuncs.com", "Whose host it is, and where"},
    {NULL, NULL},
};

const struct tt_command tt_command_catalog_show = {
    .name = "show",
    .summary = "Show what is known about one of them, and how well",
    .usage = "[OPTION]... NAME",
    .description =
        "NAME is an id of the list, another name of the same, or the name of a model or a host, which is resolved. Each "
        "fact is followed by its confidence and the numbers of its sources; \"unverified\" means that no source was "
        "found that backs it. Prices are in US dollars, those of models for a million tokens.",
    .options = tt_catalog_options,
    .uses = TT_USES_OUTPUT,
    .examples = show_usage,
    .min_args = 1,
    .max_args = 1,
    .missing = "name an id, a model or a host; telltale catalog list shows ids",
    .settings_size = sizeof(struct tt_catalog_settings),
    .run = run_show,
};

/* ---- compare ---- */

#define COMPARE_MAX 16

/* What a comparison shows; the rest is what one would look for on a machine. */
static const char *const compared[] = {"vendor",  "jurisdiction",     "category",        "status",
                                       "licence", "source_available", "model_families",  "sends",
                                       "hosts",   "prices",           "managed_settings"};

static void
compare_fact(struct tt_buf *out, struct tt_cited *cited, const struct tt_catalog_fact *fact, struct tt_str id, size_t width)
{
    tt_buf_add_cstr(out, "  ");
    add_padded(out, id, width + 2);
    for (size_t i = 0; i < fact->value_count; i++) {
        tt_buf_add_cstr(out, i ? ", " : "");
        tt_catalog_add_value(out, &fact->values[i]);
    }
    tt_buf_add_cstr(out, " - ");
    tt_catalog_add_backing(out, cited, fact);
    if (fact->note.len > 0) {
        tt_buf_add_cstr(out, "; ");
        tt_writer_add_safe(out, fact->note);
    }
    tt_buf_add_char(out, '\n');
}

/* One field of all entries; one that has no such fact says so, because silence could be read as "none". */
static void
compare_field(struct tt_buf *out, struct tt_cited *cited, const struct tt_catalog *catalog,
              const struct tt_catalog_entry *const *entries, size_t count, const struct tt_catalog_field *field)
{
    size_t width = 0;
    tt_buf_add_cstr(out, field->title);
    tt_buf_add_char(out, '\n');
    for (size_t i = 0; i < count; i++) {
        width = entries[i]->id.len > width ? entries[i]->id.len : width;
    }
    for (size_t i = 0; i < count; i++) {
        const struct tt_catalog_entry *of = entries[i], *vendor = tt_catalog_vendor_of(catalog, of, NULL);
        const struct tt_catalog_fact *fact;
        struct tt_str name = tt_str_cstr(field->name);
        size_t at = 0, found = 0;
        of = vendor && tt_str_eq(name, TT_STR("jurisdiction")) ? vendor : of;
        for (; (fact = tt_catalog_next_fact(of, name, &at)); found++) {
            compare_fact(out, cited, fact, entries[i]->id, width);
        }
        if (found == 0) {
            tt_buf_add_cstr(out, "  ");
            add_padded(out, entries[i]->id, width + 2);
            tt_buf_add_cstr(out, "nothing known\n");
        }
    }
}

static enum tt_exit
compare(const struct tt_call *call, const struct tt_catalog *catalog, struct tt_buf *out)
{
    const struct tt_catalog_entry *entries[COMPARE_MAX];
    struct tt_cited cited = {.count = 0};
    for (size_t i = 0; i < call->arg_count; i++) {
        entries[i] = tt_catalog_meant(catalog, tt_str_cstr(call->args[i]));
        if (!entries[i]) {
            return tt_catalog_unknown(call, catalog, tt_str_cstr(call->args[i]));
        }
    }
    for (size_t i = 0; wants_json(call) && i < call->arg_count; i++) {
        tt_catalog_add_entry_json(out, entries[i]);
    }
    for (size_t i = 0; !wants_json(call) && i < sizeof(compared) / sizeof(*compared); i++) {
        compare_field(out, &cited, catalog, entries, call->arg_count, tt_catalog_field_find(tt_str_cstr(compared[i])));
    }
    tt_catalog_add_cited(out, &cited);
    return TT_EXIT_OK;
}

static enum tt_exit
run_compare(const struct tt_call *call)
{
    return with_catalog(call, compare);
}

static const struct tt_example compare_usage[] = {
    {"telltale catalog compare claude-code codex-cli qoder", "Vendor, models, hosts, prices and settings side by side"},
    {NULL, NULL},
};

const struct tt_command tt_command_catalog_compare = {
    .name = "compare",
    .summary = "Set what is known about several side by side",
    .usage = "[OPTION]... NAME NAME...",
    .description =
        "Vendor, jurisdiction, where it runs, models it can route to, what it is known to send, hosts, prices and managed "
        "settings. Nothing is ranked. \"nothing known\" means that the catalogue has no such fact, not that there is none.",
    .options = tt_catalog_options,
    .uses = TT_USES_OUTPUT,
    .examples = compare_usage,
    .min_args = 2,
    .max_args = COMPARE_MAX,
    .missing = "name at least two; telltale catalog list shows ids",
    .settings_size = sizeof(struct tt_catalog_settings),
    .run = run_compare,
};

/* ---- catalog ---- */

static const struct tt_command *const subcommands[] = {
    &tt_command_catalog_list,
    &tt_command_catalog_show,
    &tt_command_catalog_compare,
    NULL,
};

static const struct tt_example examples[] = {
    {"telltale catalog list --kind tool", "Name the tools that are known"},
    {"telltale catalog show ollama", "Show what is known about one"},
    {"telltale catalog compare cursor zed", "Set two side by side"},
    {NULL, NULL},
};

const struct tt_command tt_command_catalog = {
    .name = "catalog",
    .summary = "Show what is known about AI tools, providers and models",
    .usage = "COMMAND [OPTION]... [ARGUMENT]...",
    .description =
        "Facts with sources, as of the date that each entry names; a list of facts, not advice for or against anyone. Files "
        "in /etc/telltale/catalog.d and $XDG_CONFIG_HOME/telltale/catalog.d add to it.",
    .examples = examples,
    .subcommands = subcommands,
};
