/* SPDX-License-Identifier: Apache-2.0 */
/* Lookups in the catalogue: ids and names, models, hosts, patterns, prices, and suggestions. */
#include "test.h"

#include "base/limits.h"
#include "base/near.h"
#include "catalog/catalog.h"

static const struct tt_catalog *const all = &tt_catalog_builtin;

static struct tt_str
id_of(const struct tt_catalog_entry *entry)
{
    return entry ? entry->id : TT_STR("");
}

static void
test_find(void **state)
{
    (void) state;
    static const struct {
        enum tt_catalog_kind kind;
        const char *word, *exact, *named;
    } cases[] = {
        {TT_CATALOG_TOOL, "claude-code", "claude-code", "claude-code"},
        {TT_CATALOG_TOOL, "Claude Code", "", "claude-code"},
        {TT_CATALOG_TOOL, "CLAUDE-CODE", "", "claude-code"},
        {TT_CATALOG_TOOL, "moltbot", "", "openclaw"},
        {TT_CATALOG_TOOL, "claude", "", ""},
        {TT_CATALOG_TOOL, "", "", ""},
        {TT_CATALOG_TOOL, "claude-cod", "", ""},
        {TT_CATALOG_TOOL, "claude-code ", "", ""},
        {TT_CATALOG_FAMILY, "claude", "claude", "claude"},
        {TT_CATALOG_VENDOR, "anthropic", "anthropic", "anthropic"},
        {TT_CATALOG_VENDOR, "openai api", "", "openai"},
        {TT_CATALOG_PROVIDER, "provider-bedrock", "provider-bedrock", "provider-bedrock"},
        {TT_CATALOG_PROVIDER, "Amazon Bedrock", "", "provider-bedrock"},
        {TT_CATALOG_PROVIDER, "claude-code", "", ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct tt_str word = tt_str_cstr(cases[i].word);
        assert_str_equal(id_of(tt_catalog_find(all, cases[i].kind, word)), tt_str_cstr(cases[i].exact));
        assert_str_equal(id_of(tt_catalog_find_named(all, cases[i].kind, word)), tt_str_cstr(cases[i].named));
    }
    for (size_t i = 0; i < all->count; i++) {
        assert_ptr_equal(tt_catalog_find(all, all->entries[i].kind, all->entries[i].id), &all->entries[i]);
    }
    struct tt_catalog none = {NULL, 0};
    assert_null(tt_catalog_find(&none, TT_CATALOG_TOOL, TT_STR("x")));
    assert_null(tt_catalog_find_named(&none, TT_CATALOG_TOOL, TT_STR("x")));
}

static void
test_nearest(void **state)
{
    (void) state;
    static const struct {
        enum tt_catalog_kind kind;
        const char *word, *near;
    } cases[] = {
        {TT_CATALOG_TOOL, "claud-code", "claude-code"},
        {TT_CATALOG_TOOL, "qodr", "qoder"},
        {TT_CATALOG_VENDOR, "antrhopic", "anthropic"},
        {TT_CATALOG_FAMILY, "gemnii", "gemini"},
        {TT_CATALOG_TOOL, "nothing-like-this-at-all", ""},
        {TT_CATALOG_TOOL, "", ""},
        {TT_CATALOG_PROVIDER, "provider-bedrok", "provider-bedrock"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_str_equal(tt_catalog_nearest(all, cases[i].kind, tt_str_cstr(cases[i].word)), tt_str_cstr(cases[i].near));
    }
    struct tt_near near;
    char letters[TT_NEAR_WORD_MAX + 1];
    memset(letters, 'a', sizeof(letters));
    tt_near_begin(&near, tt_str_make(letters, TT_NEAR_WORD_MAX));
    tt_near_offer(&near, tt_str_make(letters, TT_NEAR_WORD_MAX + 1));
    assert_int_equal(near.best.len, 0);
    tt_near_offer(&near, tt_str_make(letters, TT_NEAR_WORD_MAX));
    assert_int_equal(near.best.len, TT_NEAR_WORD_MAX);
    assert_int_equal(near.least, 0);
}

struct model_case {
    const char *name, *family, *vendor, *provider, *region, *base;
};

static const struct model_case models[] = {
    /* plain, dated, tagged */
    {"claude-opus-4-5", "claude", "anthropic", "", "", "claude-opus-4-5"},
    {"claude-sonnet-4-5-20250929", "claude", "anthropic", "", "", "claude-sonnet-4-5"},
    {"claude-3-5-sonnet-latest", "claude", "anthropic", "", "", "claude-3-5-sonnet"},
    {"Claude Opus 4.6", "claude", "anthropic", "", "", "Claude Opus 4.6"},
    {"gpt-4o-2024-08-06", "gpt", "openai", "", "", "gpt-4o"},
    {"GPT-4o", "gpt", "openai", "", "", "GPT-4o"},
    {"gpt-oss-120b", "gpt-oss", "openai", "", "", "gpt-oss-120b"},
    {"chatgpt-4o-latest", "gpt", "openai", "", "", "chatgpt-4o"},
    {"ft:gpt-4o-mini-2024-07-18:org::id", "gpt", "openai", "", "", "gpt-4o-mini"},
    {"o3", "o-series", "openai", "", "", "o3"},
    {"o4-mini-2025-04-16", "o-series", "openai", "", "", "o4-mini"},
    {"gemini-2.5-pro", "gemini", "google", "", "", "gemini-2.5-pro"},
    {"models/gemini-2.5-flash", "gemini", "google", "", "", "gemini-2.5-flash"},
    {"Gemini:gemini-3.1-pro", "gemini", "google", "", "", "Gemini"},
    {"deepseek-v3", "deepseek", "deepseek", "", "", "deepseek-v3"},
    {"qwen2.5-coder:7b", "qwen", "alibaba", "", "", "qwen2.5-coder"},
    {"qwen-coder-qoder-1", "qwen-coder-qoder", "alibaba", "", "", "qwen-coder-qoder-1"},
    {"hf.co/bartowski/Llama-3.2-3B-Instruct-GGUF:Q4_K_M", "llama", "meta", "", "", "Llama-3.2-3B-Instruct-GGUF"},
    /* through providers */
    {"bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude", "anthropic", "provider-bedrock", "us",
     "claude-sonnet-4-5"},
    {"anthropic.claude-v2:1", "claude", "anthropic", "", "", "claude"},
    {"eu.anthropic.claude-haiku-4-5-20251001-v1:0", "claude", "anthropic", "provider-bedrock", "eu", "claude-haiku-4-5"},
    {"arn:aws:bedrock:us-east-1:123:inference-profile/global.anthropic.claude-opus-4-5-20251101-v1:0", "claude", "anthropic",
     "provider-bedrock", "global", "claude-opus-4-5"},
    {"meta.llama3-70b-instruct-v1:0", "llama", "meta", "", "", "llama3-70b-instruct"},
    {"amazon.nova-pro-v1:0", "nova", "amazon", "", "", "nova-pro"},
    {"vertex_ai/claude-3-5-sonnet@20240620", "claude", "anthropic", "provider-google", "", "claude-3-5-sonnet"},
    {"projects/p/locations/us-central1/publishers/anthropic/models/claude-opus-4", "claude", "anthropic", "", "",
     "claude-opus-4"},
    {"openrouter/anthropic/claude-3.5-sonnet:beta", "claude", "anthropic", "provider-openrouter", "", "claude-3.5-sonnet"},
    {"openai/gpt-oss-20b", "gpt-oss", "openai", "", "", "gpt-oss-20b"},
    {"groq/llama-3.3-70b-versatile", "llama", "meta", "provider-groq", "", "llama-3.3-70b-versatile"},
    {"dashscope/qwen-max", "qwen", "alibaba", "provider-alibaba-qwen", "", "qwen-max"},
    /* only a part is told */
    {"azure/my-deployment", "", "", "provider-azure-openai", "", "my-deployment"},
    {"openai/brand-new", "", "openai", "", "", "brand-new"},
    {"openrouter/auto", "", "", "provider-openrouter", "", "auto"},
    {"mistral/brand-new", "", "mistral", "", "", "brand-new"},
    /* nothing is */
    {"", NULL, "", "", "", ""},
    {"/", NULL, "", "", "", ""},
    {"o1x", NULL, "", "", "", ""},
    {"eu.x", NULL, "", "", "", ""},
    {":::", NULL, "", "", "", ""},
    {"swe-agent", NULL, "", "", "", ""},
};

static void
test_models(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(models) / sizeof(*models); i++) {
        const struct model_case *c = &models[i];
        struct tt_catalog_model model;
        bool told = tt_catalog_model(all, tt_str_cstr(c->name), &model);
        assert_int_equal(told, c->family != NULL);
        assert_str_equal(id_of(model.family), tt_str_cstr(c->family));
        assert_str_equal(id_of(model.vendor), tt_str_cstr(c->vendor));
        assert_str_equal(id_of(model.provider), tt_str_cstr(c->provider));
        assert_str_equal(model.region, tt_str_cstr(c->region));
        if (told) {
            assert_str_equal(model.base, tt_str_cstr(c->base));
        }
        assert_int_equal(model.fact != NULL, told);
    }
}

static void
test_model_bounds(void **state)
{
    (void) state;
    char name[TT_CATALOG_NAME_MAX + 1];
    struct tt_catalog_model model;
    memset(name, ':', sizeof(name));
    memcpy(name, "claude", 6);
    assert_true(tt_catalog_model(all, tt_str_make(name, TT_CATALOG_NAME_MAX), &model));
    assert_false(tt_catalog_model(all, tt_str_make(name, TT_CATALOG_NAME_MAX + 1), &model));
    assert_null(model.family);
}

static void
test_hosts(void **state)
{
    (void) state;
    static const struct {
        const char *host, *provider, *region, *country;
    } cases[] = {
        {"api.anthropic.com", "provider-anthropic", "", ""},
        {"API.Anthropic.Com.", "provider-anthropic", "", ""},
        {"bedrock-runtime.eu-west-1.amazonaws.com", "provider-bedrock", "eu-west-1", "IE"},
        {"bedrock-runtime.xx-new-9.amazonaws.com", "provider-bedrock", "xx-new-9", ""},
        {"bedrock-runtime.amazonaws.com", NULL, "", ""},
        {"bedrock-runtime.a.b.amazonaws.com", NULL, "", ""},
        {"us-central1-aiplatform.googleapis.com", "provider-google", "us-central1", "US"},
        {"aiplatform.googleapis.com", "provider-google", "global", ""},
        {"my-company.openai.azure.com", "provider-azure-openai", "", ""},
        {"openai.azure.com", NULL, "", ""},
        {"dashscope-intl.aliyuncs.com", "provider-alibaba-qwen", "ap-southeast-1", "SG"},
        {"w1.cn-beijing.maas.aliyuncs.com", "provider-alibaba-qwen", "cn-beijing", "CN"},
        {"api.anthropic.com.example", NULL, "", ""},
        {"xapi.anthropic.com", NULL, "", ""},
        {"", NULL, "", ""},
        {".", NULL, "", ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct tt_catalog_host host;
        assert_int_equal(tt_catalog_host(all, tt_str_cstr(cases[i].host), &host), cases[i].provider != NULL);
        assert_str_equal(id_of(host.entry), tt_str_cstr(cases[i].provider));
        assert_str_equal(host.region, tt_str_cstr(cases[i].region));
        assert_str_equal(host.country, tt_str_cstr(cases[i].country));
    }
}

/* A host of several entries, and one below a wildcard. */
static void
test_every_host(void **state)
{
    (void) state;
    struct tt_catalog_host host;
    size_t at = 0, found = 0;
    while (tt_catalog_next_host(all, TT_STR("api.anthropic.com"), &at, &host)) {
        assert_non_null(host.fact);
        found++;
    }
    assert_true(found >= 2);
    at = 0;
    assert_true(tt_catalog_next_host(all, TT_STR("proxy.individual.githubcopilot.com"), &at, &host));
    assert_str_equal(host.entry->id, TT_STR("github-copilot"));
    at = 0;
    assert_false(tt_catalog_next_host(all, TT_STR("githubcopilot.com"), &at, &host));
}

static void
test_host_patterns(void **state)
{
    (void) state;
    static const struct {
        const char *pattern;
        bool ok;
    } cases[] = {
        {"api.x.ai", true}, {"*.x.ai", true}, {"<region>-a.x.ai", true}, {"a.<b>.<c>.ai", true}, {"", false},
        {"*", false},       {"*.", false},    {"localhost", false},      {"a..b", false},        {".a.b", false},
        {"a.b.", false},    {"a.*.b", false}, {"a b.c", false},          {"<a><b>.c", false},    {"<>.c", false},
        {"<a.b", false},    {"a>.b", false},  {"<a.b>.c", false},        {"http://a.b", false},  {"a.b:443", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_int_equal(tt_catalog_host_pattern_ok(tt_str_cstr(cases[i].pattern)), cases[i].ok);
    }
}

static void
test_glob(void **state)
{
    (void) state;
    static const struct {
        const char *pattern, *name;
        bool fits;
    } cases[] = {
        {"", "", true},          {"*", "", true},
        {"a*", "A", true},       {"a*c", "abbc", true},
        {"a*c", "abbcd", false}, {"?", "", false},
        {"?b", "ab", true},      {"*ab*", "aab", true},
        {"**a", "a", true},      {"a", "", false},
        {"", "a", false},        {"*a*b*c", "xaybzc", true},
        {"*aab", "aaab", true},  {"claude*", "claud", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_int_equal(tt_catalog_glob(tt_str_cstr(cases[i].pattern), tt_str_cstr(cases[i].name)), cases[i].fits);
    }
}

static void
test_prices(void **state)
{
    (void) state;
    const struct tt_catalog_entry *provider = tt_catalog_find(all, TT_CATALOG_PROVIDER, TT_STR("provider-anthropic"));
    const struct tt_catalog_fact *fact = NULL;
    const struct tt_catalog_value *price = tt_catalog_price(provider, TT_STR("claude-sonnet-4-5"), &fact);
    assert_non_null(price);
    assert_str_equal(tt_catalog_detail(price, TT_STR("date")), TT_STR("2026-07-24"));
    assert_true(tt_catalog_detail(price, TT_STR("input")).len > 0);
    assert_int_equal(tt_catalog_detail(price, TT_STR("no such")).len, 0);
    assert_non_null(fact);
    assert_null(tt_catalog_price(provider, TT_STR("claude-sonnet-4-5-turbo"), &fact));
    assert_null(
        tt_catalog_price(tt_catalog_find(all, TT_CATALOG_PROVIDER, TT_STR("provider-bedrock")), TT_STR("nova-pro"), NULL));
}

static void
test_facts(void **state)
{
    (void) state;
    const struct tt_catalog_entry *tool = tt_catalog_find(all, TT_CATALOG_TOOL, TT_STR("qoder"));
    const struct tt_catalog_fact *fact = NULL;
    assert_str_equal(tt_catalog_value(tool, TT_STR("category"), &fact)->text, TT_STR("ide"));
    assert_int_equal(fact->confidence, TT_CONFIDENCE_HIGH);
    assert_null(tt_catalog_value(tool, TT_STR("no such"), &fact));
    assert_null(fact);
    assert_str_equal(tt_catalog_vendor_of(all, tool, &fact)->id, TT_STR("bright-zenith"));
    assert_null(tt_catalog_vendor_of(all, tt_catalog_find(all, TT_CATALOG_VENDOR, TT_STR("openai")), NULL));
    assert_non_null(tt_catalog_field_find(TT_STR("packages.npm")));
    assert_null(tt_catalog_field_find(TT_STR("packages")));
    assert_null(tt_catalog_field_find(TT_STR("packages.")));
    assert_null(tt_catalog_field_find(TT_STR("hosts.x")));
    assert_null(tt_catalog_field_find(TT_STR("")));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_find),          cmocka_unit_test(test_nearest), cmocka_unit_test(test_models),
    cmocka_unit_test(test_model_bounds),  cmocka_unit_test(test_hosts),   cmocka_unit_test(test_every_host),
    cmocka_unit_test(test_host_patterns), cmocka_unit_test(test_glob),    cmocka_unit_test(test_prices),
    cmocka_unit_test(test_facts),
};

int
main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
