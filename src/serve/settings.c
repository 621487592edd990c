/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From options to settings; see settings.h.
 *
 * Input: strings of a command line, and the catalogue, which knows providers and their hosts.  Output: settings in the caller's arena.
 * No file is opened here, so that the same settings can be printed on a machine that has none of the files.
 */
#include "serve/settings.h"

#include "policy/schema.h"
#include "traffic/place.h"

#include <errno.h>
#include <unistd.h>

/* What an API is called on the command line, and whose it is. */
static const struct {
    const char *name;
    const char *provider;
    const char *url; /* of its hosts in the catalogue, the one that serves the API */
    unsigned apis;
} apis[TT_SERVE_APIS] = {
    [TT_SERVE_ANTHROPIC] = {"anthropic", "provider-anthropic", "https://api.anthropic.com", 1U << TT_API_ANTHROPIC},
    [TT_SERVE_OPENAI] = {"openai", "provider-openai", "https://api.openai.com",
                         1U << TT_API_OPENAI_CHAT | 1U << TT_API_OPENAI_RESPONSES},
    [TT_SERVE_GEMINI] = {"gemini", "provider-google", "https://generativelanguage.googleapis.com", 1U << TT_API_GEMINI},
};

struct reading {
    const struct tt_serve_options *options;
    const struct tt_catalog *catalog;
    struct tt_arena *arena;
    struct tt_serve_settings *out;
    struct tt_buf *message;
    bool given[TT_SERVE_UPSTREAMS_MAX]; /* upstreams that an option named */
};

/* Ends in NULL. */
static enum tt_status
fail(struct reading *reading, const char *const *pieces)
{
    for (; *pieces; pieces++) {
        tt_buf_add_cstr(reading->message, *pieces);
    }
    return TT_E_USAGE;
}

#define FAIL(reading, ...) fail((reading), (const char *const[]) {__VA_ARGS__, NULL})

/* ---- paths ---- */

/* Within double quotes nginx gives meaning to these, and to '$' in some directives. */
static bool
fits_configuration(const char *path)
{
    for (; *path; path++) {
        if ((unsigned char) *path < 0x20 || *path == 0x7f || strchr("\"\\$", *path)) {
            return false;
        }
    }
    return true;
}

/* path from the current folder on; nginx would count from its own. */
static enum tt_status
make_absolute(struct reading *reading, const char *path, const char **out)
{
    char folder[4096];
    struct tt_buf whole;
    struct tt_str kept = {NULL, 0};
    tt_buf_init(&whole, reading->arena->alloc, 2 * sizeof(folder));
    if (path[0] != '/') {
        tt_buf_add_cstr(&whole, getcwd(folder, sizeof(folder)) ? folder : "");
        tt_buf_add_char(&whole, '/');
    }
    tt_buf_add_cstr(&whole, path);
    enum tt_status status = whole.status == TT_OK ? tt_arena_dup(reading->arena, tt_buf_str(&whole), &kept) : whole.status;
    tt_buf_free(&whole);
    *out = kept.ptr;
    return status;
}

static enum tt_status
read_path(struct reading *reading, const char *option, const char *given, const char **out)
{
    *out = NULL;
    if (!given) {
        return TT_OK;
    }
    if (!*given) {
        return FAIL(reading, "--", option, " is empty");
    }
    TT_TRY(make_absolute(reading, given, out));
    if (!fits_configuration(*out)) {
        return FAIL(reading, "--", option,
                    ": nginx's configuration cannot hold this name; quotes, '\\', '$' and control characters are not taken");
    }
    return TT_OK;
}

static enum tt_status
read_paths(struct reading *reading)
{
    const struct tt_serve_options *options = reading->options;
    struct tt_serve_settings *out = reading->out;
    TT_TRY(read_path(reading, "policy", options->policy, &out->policy));
    TT_TRY(read_path(reading, "state", options->state, &out->state));
    TT_TRY(read_path(reading, "tls-cert", options->tls_cert, &out->tls_cert));
    TT_TRY(read_path(reading, "tls-key", options->tls_key, &out->tls_key));
    TT_TRY(read_path(reading, "client-ca", options->client_ca, &out->client_ca));
    TT_TRY(read_path(reading, "keys", options->keys, &out->keys));
    TT_TRY(read_path(reading, "include", options->include, &out->include));
    TT_TRY(read_path(reading, "module", options->module, &out->module));
    TT_TRY(read_path(reading, "ca", options->ca ? options->ca : TT_SERVE_CA, &out->ca));
    if (options->nginx && options->nginx[0] != '/') {
        /* A new master is started by the name of the old one, from another folder. */
        return FAIL(reading, "--nginx is an absolute path, such as " TT_SERVE_NGINX);
    }
    return read_path(reading, "nginx", options->nginx ? options->nginx : TT_SERVE_NGINX, &out->nginx);
}

static enum tt_status
read_learned(struct reading *reading)
{
    const struct tt_serve_options *options = reading->options;
    struct tt_serve_settings *out = reading->out;
    if (options->learned_count > TT_LEARNED_FILES_MAX) {
        return FAIL(reading, "--learned is given too often");
    }
    for (; out->learned_count < options->learned_count; out->learned_count++) {
        TT_TRY(read_path(reading, "learned", options->learned[out->learned_count], &out->learned[out->learned_count]));
    }
    return TT_OK;
}

static enum tt_status
check_tls(struct reading *reading)
{
    const struct tt_serve_settings *out = reading->out;
    if (!out->tls_cert != !out->tls_key) {
        return FAIL(reading, "--tls-cert and --tls-key belong together");
    }
    if (out->client_ca && !out->tls_cert) {
        return FAIL(reading, "--client-ca needs TLS: give --tls-cert and --tls-key as well");
    }
    return TT_OK;
}

/* ---- listeners and region ---- */

static enum tt_status
read_listener(struct reading *reading, const char *option, const char *text, struct tt_serve_listen *out)
{
    const char *why = "";
    if (tt_serve_listen_parse(tt_str_cstr(text), out, &why)) {
        return TT_OK;
    }
    return FAIL(reading, "--", option, " cannot be '", text, "': ", why);
}

static enum tt_status
read_listeners(struct reading *reading)
{
    const struct tt_serve_options *options = reading->options;
    struct tt_serve_settings *out = reading->out;
    const char *metrics = options->metrics ? options->metrics : TT_SERVE_METRICS;
    TT_TRY(read_listener(reading, "listen", options->listen ? options->listen : TT_SERVE_LISTEN, &out->listen));
    out->has_metrics = strcmp(metrics, "off") != 0;
    if (!out->has_metrics) {
        return TT_OK;
    }
    TT_TRY(read_listener(reading, "metrics", metrics, &out->metrics));
    if (strcmp(out->metrics.text, out->listen.text) == 0) {
        return FAIL(reading, "--listen and --metrics are the same: ", out->listen.text);
    }
    return TT_OK;
}

static bool
is_user_name(const char *name)
{
    for (const char *c = name; *c; c++) {
        if (!tt_ascii_is_alnum((unsigned char) *c) && (c == name || !strchr("-_.", *c)) && *c != '_') {
            return false;
        }
    }
    return *name != '\0';
}

static enum tt_status
read_words(struct reading *reading, bool privileged)
{
    const struct tt_serve_options *options = reading->options;
    struct tt_serve_settings *out = reading->out;
    if (options->region && !tt_policy_is_country(tt_str_cstr(options->region))) {
        return FAIL(reading, "--region cannot be '", options->region, "': two capital letters of ISO 3166-1, such as SG");
    }
    out->region = options->region;
    if (options->user && !is_user_name(options->user)) {
        return FAIL(reading, "--user cannot be '", options->user, "'");
    }
    if (options->user && !privileged) {
        return FAIL(reading, "--user is for a gateway that root starts");
    }
    out->user = options->user ? options->user : privileged ? TT_SERVE_USER : NULL;
    return TT_OK;
}

/* ---- upstreams ---- */

#define ID_MAX 64

/* "provider-" and the word; empty when it is too long to be an id. */
static struct tt_str
make_id(struct tt_str word, char id[ID_MAX])
{
    memcpy(id, "provider-", 9);
    if (word.len == 0 || word.len > ID_MAX - 9) {
        return TT_STR("");
    }
    memcpy(id + 9, word.ptr, word.len);
    return tt_str_make(id, 9 + word.len);
}

/* The provider that a word on the command line means: an API's name, an id, or an id without its beginning. */
static const struct tt_catalog_entry *
find_provider(const struct tt_catalog *catalog, struct tt_str word)
{
    char id[ID_MAX];
    for (size_t i = 0; i < TT_SERVE_APIS; i++) {
        if (tt_str_eq(word, tt_str_cstr(apis[i].name))) {
            return tt_catalog_find(catalog, TT_CATALOG_PROVIDER, tt_str_cstr(apis[i].provider));
        }
    }
    const struct tt_catalog_entry *entry = tt_catalog_find(catalog, TT_CATALOG_PROVIDER, word);
    return entry ? entry : tt_catalog_find(catalog, TT_CATALOG_PROVIDER, make_id(word, id));
}

static enum tt_status
unknown_provider(struct reading *reading, const char *option, struct tt_str word)
{
    char id[ID_MAX];
    struct tt_str near = tt_catalog_nearest(reading->catalog, TT_CATALOG_PROVIDER, word);
    near = near.len ? near : tt_catalog_nearest(reading->catalog, TT_CATALOG_PROVIDER, make_id(word, id));
    FAIL(reading, "--upstream ", option, ": the catalogue has no provider '");
    tt_buf_add(reading->message, word);
    if (near.len == 0) {
        return FAIL(reading, "'; 'telltale catalog list --kind provider' lists them");
    }
    FAIL(reading, "'; did you mean '");
    tt_buf_add(reading->message, near);
    return FAIL(reading, "'?");
}

/* "telltale_" and the provider's id, in characters that nginx takes for a host name. */
static enum tt_status
make_name(struct reading *reading, struct tt_serve_upstream *upstream)
{
    char name[128] = "telltale_";
    size_t len = strlen(name);
    for (size_t i = 0; i < upstream->provider.len && len < sizeof(name) - 1; i++) {
        unsigned char c = (unsigned char) upstream->provider.ptr[i];
        name[len++] = tt_ascii_is_alnum(c) ? (char) tt_ascii_lower(c) : '_';
    }
    return tt_arena_dup(reading->arena, tt_str_make(name, len), &upstream->name);
}

static enum tt_status
find_or_add(struct reading *reading, const char *option, const struct tt_catalog_entry *provider, size_t *at)
{
    struct tt_serve_settings *out = reading->out;
    for (*at = 0; *at < out->upstream_count; (*at)++) {
        if (tt_str_eq(out->upstreams[*at].provider, provider->id)) {
            return reading->given[*at] ? FAIL(reading, "--upstream ", option, ": this provider is named twice") : TT_OK;
        }
    }
    if (out->upstream_count == TT_SERVE_UPSTREAMS_MAX) {
        return FAIL(reading, "too many upstreams");
    }
    out->upstreams[out->upstream_count] = (struct tt_serve_upstream) {.provider = provider->id};
    return make_name(reading, &out->upstreams[out->upstream_count++]);
}

/* "openai.chat", or several divided by '+'.  0: one of them is unknown. */
static unsigned
parse_apis(struct tt_str names)
{
    unsigned found = 0;
    for (size_t at = 0; at <= names.len;) {
        const char *plus = at < names.len ? memchr(names.ptr + at, '+', names.len - at) : NULL;
        size_t end = plus ? (size_t) (plus - names.ptr) : names.len;
        unsigned bit = 0;
        for (unsigned api = TT_API_ANTHROPIC; api <= TT_API_GEMINI; api++) {
            bit |= tt_str_eq(tt_str_slice(names, at, end), tt_str_cstr(tt_api_name((enum tt_api) api))) ? 1U << api : 0;
        }
        if (bit == 0) {
            return 0;
        }
        found |= bit;
        at = end + 1;
    }
    return found;
}

static enum tt_status
read_upstream(struct reading *reading, const char *option)
{
    const char *equals = strchr(option, '='), *why = "";
    size_t at = 0;
    if (!equals) {
        return FAIL(reading, "--upstream ", option, ": it is PROVIDER=URL, such as anthropic=https://api.anthropic.com");
    }
    struct tt_str word = tt_str_make(option, (size_t) (equals - option));
    const char *sign = memchr(option, '@', word.len);
    unsigned named = sign ? parse_apis(tt_str_make(sign + 1, (size_t) (equals - sign - 1))) : 0;
    if (sign && named == 0) {
        return FAIL(reading, "--upstream ", option,
                    ": what stands behind '@' is an API: anthropic.messages, openai.chat, openai.responses or "
                    "gemini.generate_content; '+' divides several");
    }
    word.len = sign ? (size_t) (sign - option) : word.len;
    const struct tt_catalog_entry *provider = find_provider(reading->catalog, word);
    if (!provider) {
        return unknown_provider(reading, option, word);
    }
    TT_TRY(find_or_add(reading, option, provider, &at));
    struct tt_serve_upstream *upstream = &reading->out->upstreams[at];
    reading->given[at] = true;
    /* Other providers mostly have the form that most servers speak. */
    upstream->apis = named ? named : upstream->apis ? upstream->apis : 1U << TT_API_OPENAI_CHAT;
    upstream->off = strcmp(equals + 1, "off") == 0;
    if (!upstream->off && !tt_serve_url_parse(tt_str_cstr(equals + 1), &upstream->url, &why)) {
        return FAIL(reading, "--upstream ", option, ": ", why);
    }
    return TT_OK;
}

/* The host is asked of the catalogue, so that the gateway and the policy agree on whose it is. */
static bool
default_url(const struct tt_catalog *catalog, const struct tt_catalog_entry *provider, const char *text, struct tt_serve_url *url)
{
    struct tt_catalog_host host;
    const char *why;
    return tt_serve_url_parse(tt_str_cstr(text), url, &why) && tt_catalog_host(catalog, tt_str_cstr(url->host), &host) &&
           host.entry == provider;
}

static enum tt_status
add_defaults(struct reading *reading)
{
    for (size_t i = 0; i < TT_SERVE_APIS; i++) {
        size_t at = 0;
        const struct tt_catalog_entry *provider =
            tt_catalog_find(reading->catalog, TT_CATALOG_PROVIDER, tt_str_cstr(apis[i].provider));
        if (!provider) {
            return FAIL(reading, "the catalogue has no provider '", apis[i].provider, "'");
        }
        TT_TRY(find_or_add(reading, "", provider, &at));
        reading->out->upstreams[at].apis = apis[i].apis;
        reading->out->upstreams[at].off = !default_url(reading->catalog, provider, apis[i].url, &reading->out->upstreams[at].url);
    }
    return TT_OK;
}

enum tt_status
tt_serve_settings_read(const struct tt_serve_options *options, const struct tt_catalog *catalog, bool privileged,
                       struct tt_arena *arena, struct tt_serve_settings *out, struct tt_buf *message)
{
    struct reading reading = {.options = options, .catalog = catalog, .arena = arena, .out = out, .message = message};
    *out = (struct tt_serve_settings) {
        .catalogs = options->catalogs,
        .catalog_count = options->catalog_count,
        .workers = options->workers,
        .shadow = options->shadow,
    };
    if (!options->policy) {
        return FAIL(&reading, "--policy is missing: the file that decides what may pass");
    }
    if (strcmp(options->policy, "-") == 0) {
        return FAIL(&reading, "--policy is a file, for it is read again on reload");
    }
    TT_TRY(read_paths(&reading));
    TT_TRY(read_learned(&reading));
    TT_TRY(check_tls(&reading));
    TT_TRY(read_listeners(&reading));
    TT_TRY(read_words(&reading, privileged));
    TT_TRY(add_defaults(&reading));
    for (size_t i = 0; i < options->upstream_count; i++) {
        TT_TRY(read_upstream(&reading, options->upstreams[i]));
    }
    return TT_OK;
}
