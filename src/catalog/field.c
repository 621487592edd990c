/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names that facts may have, in the order in which people are shown them.
 *
 * In: a fact's name.  Out: its row, or the words for a kind and a confidence; static storage.  One table serves the reader of
 * additions, the outputs and the tests, so that a misspelt name can never become a fact that nobody asks for.
 */
#include "catalog/catalog.h"

#define TOOL (1u << TT_CATALOG_TOOL)
#define PROVIDER (1u << TT_CATALOG_PROVIDER)
#define VENDOR (1u << TT_CATALOG_VENDOR)
#define FAMILY (1u << TT_CATALOG_FAMILY)

#define PLAIN(word, text, of)                                        \
    {                                                                \
        .name = (word), .title = (text), .kinds = (of), .refers = -1 \
    }
#define PARTS(word, text, of)                                                       \
    {                                                                               \
        .name = (word), .title = (text), .kinds = (of), .refers = -1, .parts = true \
    }
#define REFERS(word, text, of, to, any)                                                   \
    {                                                                                     \
        .name = (word), .title = (text), .kinds = (of), .refers = (to), .wildcard = (any) \
    }

const struct tt_catalog_field tt_catalog_fields[] = {
    REFERS("vendor", "Vendor", TOOL | PROVIDER | FAMILY, TT_CATALOG_VENDOR, NULL),
    REFERS("parent", "Part of", VENDOR, TT_CATALOG_VENDOR, NULL),
    PLAIN("jurisdiction", "Jurisdiction", VENDOR),
    PLAIN("category", "Category", TOOL | PROVIDER),
    PLAIN("status", "Status", TOOL | PROVIDER),
    PLAIN("licence", "Licence", TOOL),
    PLAIN("source_available", "Source available", TOOL),
    REFERS("model_families", "Models it can route to", TOOL | PROVIDER, TT_CATALOG_FAMILY, "any"),
    PLAIN("patterns", "Names of models", FAMILY),
    PLAIN("model_prefixes", "Prefixes of model names", PROVIDER | VENDOR),
    PLAIN("model_regions", "Regions in model names", PROVIDER),
    PLAIN("sends", "Known to send", TOOL | PROVIDER),
    PLAIN("hosts", "Hosts", TOOL | PROVIDER),
    PLAIN("regions", "Regions", PROVIDER),
    PLAIN("prices", "Prices", TOOL | PROVIDER),
    PLAIN("managed_settings", "Managed settings", TOOL),
    PARTS("packages", "Packages", TOOL),
    PLAIN("binaries", "Programs", TOOL),
    PLAIN("ambiguous_binary", "Program name used by others", TOOL),
    PLAIN("process_names", "Processes", TOOL),
    PLAIN("user_agents", "Names itself in User-Agent", TOOL),
    PLAIN("services", "Services", TOOL),
    PLAIN("local_ports", "Local ports", TOOL),
    PLAIN("vscode_extensions", "VS Code extensions", TOOL),
    PLAIN("jetbrains_plugins", "JetBrains plugins", TOOL),
    PLAIN("browser_extensions", "Browser extensions", TOOL),
    PLAIN("macos_bundle_ids", "macOS bundles", TOOL),
    PLAIN("macos_team_ids", "macOS teams", TOOL),
    PARTS("install_paths", "Installed in", TOOL),
    PARTS("config_paths", "Configured in", TOOL),
    PLAIN("mcp_configs", "MCP servers in", TOOL),
    PLAIN("usage_logs", "Usage logs", TOOL),
    PLAIN("env_keys", "Keys in the environment", TOOL | PROVIDER),
    PLAIN("env_base_urls", "Base URLs in the environment", TOOL | PROVIDER),
    PLAIN("env_other", "Other variables", TOOL | PROVIDER),
    PLAIN("risk_flags_cmdline", "Options that skip confirmations", TOOL),
    PLAIN("release_hash_source", "Hashes of releases", TOOL),
    PLAIN("uninstall", "Removal", TOOL),
    PLAIN("notes", "Notes", TOOL | PROVIDER | VENDOR | FAMILY),
};

const size_t tt_catalog_field_count = sizeof(tt_catalog_fields) / sizeof(*tt_catalog_fields);

const struct tt_catalog_field *
tt_catalog_field_find(struct tt_str fact)
{
    const char *dot = fact.len ? memchr(fact.ptr, '.', fact.len) : NULL;
    size_t len = dot ? (size_t) (dot - fact.ptr) : fact.len;
    struct tt_str name = tt_str_slice(fact, 0, len);
    bool part = fact.len > len + 1;
    for (size_t i = 0; i < tt_catalog_field_count; i++) {
        const struct tt_catalog_field *field = &tt_catalog_fields[i];
        if (tt_str_eq(tt_str_cstr(field->name), name)) {
            return (field->parts ? part : !dot) ? field : NULL;
        }
    }
    return NULL;
}

struct tt_str
tt_catalog_kind_name(enum tt_catalog_kind kind)
{
    switch (kind) {
    case TT_CATALOG_TOOL: return TT_STR("tool");
    case TT_CATALOG_PROVIDER: return TT_STR("provider");
    case TT_CATALOG_VENDOR: return TT_STR("vendor");
    case TT_CATALOG_FAMILY: return TT_STR("family");
    case TT_CATALOG_KINDS: break;
    }
    return TT_STR("");
}

struct tt_str
tt_confidence_name(enum tt_confidence confidence)
{
    switch (confidence) {
    case TT_UNVERIFIED: return TT_STR("unverified");
    case TT_CONFIDENCE_LOW: return TT_STR("low");
    case TT_CONFIDENCE_MEDIUM: return TT_STR("medium");
    case TT_CONFIDENCE_HIGH: return TT_STR("high");
    }
    return TT_STR("");
}
