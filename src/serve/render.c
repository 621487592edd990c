/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nginx's configuration; see render.h.
 *
 * Input: a plan.  Output: text for nginx 1.22 and later.  Constant directives stand in tables, each group with its reason, which is written
 * above it: who reads the configuration learns why.  Everything that comes from outside was checked by settings.c, include.c, keys.c or
 * resolve.c to hold no character that could end a word here.
 */
#include "serve/render.h"

#include "traffic/answer.h"

#include <stdio.h>

/* Lines of one purpose.  why and lines may hold several lines, divided by '\n'. */
struct group {
    const char *why;
    const char *lines;
};

/* Ends with lines NULL. */
static const struct group http_groups[] = {
    {"Errors of nginx's own become JSON of the dialect below, so no version and no page of its own is shown.",
     "server_tokens off;\n"
     "default_type application/json;\n"
     "access_log off;"},
    {"Bodies up to the providers' own limit; larger ones are answered with 413.", "client_max_body_size 32m;"},
    {"A body that does not fit in memory costs a file and 40 ms; error.log tells, and telltale counts it.",
     "client_body_buffer_size 4m;\n"
     "client_body_timeout 60s;"},
    {"Long keys and many headers; headers with '_' in their names are not dropped. A small request is read at once, its body in "
     "one piece.",
     "client_header_buffer_size 32k;\n"
     "large_client_header_buffers 8 32k;\n"
     "underscores_in_headers on;"},
    {"A path with doubled slashes is not the path that was inspected.", "merge_slashes off;"},
    {"Clients keep connections over many turns.", "keepalive_timeout 120s;\n"
                                                  "keepalive_requests 10000;"},
    {"The upstream's answer passes as it comes: no buffer, no file, no compression, no rewriting.",
     "proxy_buffering off;\n"
     "proxy_max_temp_file_size 0;\n"
     "proxy_request_buffering on;\n"
     "proxy_buffer_size 16k;\n"
     "proxy_buffers 8 16k;\n"
     "proxy_intercept_errors off;\n"
     "proxy_redirect off;\n"
     "proxy_pass_header Date;\n"
     "proxy_pass_header Server;\n"
     "gzip off;"},
    {"An upstream must not send a request to another location of this gateway.",
     "proxy_ignore_headers X-Accel-Redirect X-Accel-Expires X-Accel-Limit-Rate X-Accel-Buffering X-Accel-Charset;\n"
     "proxy_hide_header X-Accel-Redirect;\n"
     "proxy_hide_header X-Accel-Expires;\n"
     "proxy_hide_header X-Accel-Limit-Rate;\n"
     "proxy_hide_header X-Accel-Buffering;\n"
     "proxy_hide_header X-Accel-Charset;"},
    {"A model may think for minutes without a word.", "proxy_connect_timeout 5s;\n"
                                                      "proxy_send_timeout 600s;\n"
                                                      "proxy_read_timeout 600s;"},
    {"A request that was sent is not sent again: it might be paid for twice.", "proxy_next_upstream error timeout;\n"
                                                                               "proxy_next_upstream_tries 2;"},
    {"When a client leaves, the upstream is told, so that nobody pays for what nobody reads.", "proxy_ignore_client_abort off;"},
    {"Connections to upstreams are kept.", "proxy_http_version 1.1;"},
    {"No compressed answers, whose usage could not be read; a content coding only where the body still has it.",
     "proxy_set_header Host $gateway_host;\n"
     "proxy_set_header Connection \"\";\n"
     "proxy_set_header Accept-Encoding \"\";\n"
     "proxy_set_header Content-Encoding $telltale_content_encoding;"},
    {"What only this gateway may say.", "proxy_set_header X-Telltale-Record \"\";\n"
                                        "proxy_set_header X-Telltale-Decision \"\";"},
    {NULL, NULL},
};

/* Only where an upstream has a certificate: nginx refuses to verify without authorities, and reads them for each location that forwards. */
static const struct group upstream_tls_groups[] = {
    {"Certificates of upstreams are verified, which nginx does not do by itself.", "proxy_ssl_server_name on;\n"
                                                                                   "proxy_ssl_name $telltale_host;\n"
                                                                                   "proxy_ssl_verify on;\n"
                                                                                   "proxy_ssl_verify_depth 3;\n"
                                                                                   "proxy_ssl_protocols TLSv1.2 TLSv1.3;"},
    {NULL, NULL},
};

/* Credentials are only touched where keys of the gateway's own stand for them; else the client's go on as they are. */
static const struct group credential_groups[] = {
    {"The keys file names keys for upstreams; the module holds them, and they are never written here.",
     "proxy_set_header Authorization $telltale_authorization;\n"
     "proxy_set_header X-Api-Key $telltale_x_api_key;\n"
     "proxy_set_header X-Goog-Api-Key $telltale_goog_key;"},
    {"Other headers in which clients could present a key of their own.", "proxy_set_header Api-Key \"\";\n"
                                                                         "proxy_set_header Cookie \"\";"},
    {NULL, NULL},
};

static const struct group tls_groups[] = {
    {"The front.", "ssl_protocols TLSv1.2 TLSv1.3;\n"
                   "ssl_session_cache shared:telltale_tls:4m;\n"
                   "ssl_session_timeout 1h;\n"
                   "ssl_session_tickets off;\n"
                   "ssl_prefer_server_ciphers off;"},
    {NULL, NULL},
};

/* The paths of each API, under its prefix or without.  nginx 1.22 reads all authorities anew for each location that forwards, so these are few. */
static const char *const paths[TT_SERVE_APIS] = {
    [TT_SERVE_ANTHROPIC] = "~ ^/(?:anthropic/|v1/messages(?:/count_tokens)?$)",
    [TT_SERVE_OPENAI] = "~ ^/(?:openai/|v1/(?:chat/completions|completions|embeddings|responses)$)",
    [TT_SERVE_GEMINI] = "~ ^/(?:gemini/|v1beta/|v1/models/[^/]+:[A-Za-z]+$)",
};

/* What nginx answers by itself, and the answer of the gateway that takes its place. */
static const struct error {
    const char *codes;
    const char *place; /* a path where no path may have been read yet: nginx cannot go to a named location then */
    enum tt_refusal refusal;
    const char *text; /* NULL: that of the refusal */
} errors[] = {
    {"400 411 412 416 421 501 505", "/telltale/invalid", TT_REFUSE_INVALID, NULL},
    {"414 494", "/telltale/long", TT_REFUSE_INVALID,
     "The address or the headers of the request are longer than this gateway accepts."},
    {"497", "/telltale/plain", TT_REFUSE_INVALID, "This port is for HTTPS: put https:// into the base URL."},
    {"401 495 496", "@telltale_identity", TT_REFUSE_IDENTITY, NULL},
    {"403", "@telltale_policy", TT_REFUSE_POLICY, NULL},
    {"404 405", "@telltale_unknown", TT_REFUSE_UNKNOWN, NULL},
    {"426", "@telltale_websocket", TT_REFUSE_WEBSOCKET, NULL},
    {"413", "@telltale_too_large", TT_REFUSE_TOO_LARGE, NULL},
    {"429", "@telltale_rate", TT_REFUSE_RATE, NULL},
    {"500 503", "@telltale_fault", TT_REFUSE_FAULT, NULL},
    {"502", "@telltale_upstream", TT_REFUSE_UPSTREAM, NULL},
    {"504", "@telltale_timeout", TT_REFUSE_TIMEOUT, NULL},
};

struct writer {
    const struct tt_serve_plan *plan;
    struct tt_buf *out;
    unsigned depth;
};

/* ---- pieces ---- */

static void
indent(struct writer *w)
{
    for (unsigned i = 0; i < w->depth; i++) {
        tt_buf_add_cstr(w->out, "    ");
    }
}

/* One line of pieces; the last one is NULL. */
static void
line(struct writer *w, const char *const *pieces)
{
    indent(w);
    for (; *pieces; pieces++) {
        tt_buf_add_cstr(w->out, *pieces);
    }
    tt_buf_add_char(w->out, '\n');
}

#define LINE(w, ...) line((w), (const char *const[]) {__VA_ARGS__, NULL})

static void
blank(struct writer *w)
{
    tt_buf_add_char(w->out, '\n');
}

static void
number_line(struct writer *w, const char *directive, unsigned value)
{
    indent(w);
    tt_buf_add_cstr(w->out, directive);
    tt_buf_add_char(w->out, ' ');
    tt_buf_add_u64(w->out, value);
    tt_buf_add_cstr(w->out, ";\n");
}

static void
open_block(struct writer *w, const char *name, const char *argument)
{
    LINE(w, name, argument ? " " : "", argument ? argument : "", " {");
    w->depth++;
}

static void
close_block(struct writer *w)
{
    w->depth--;
    LINE(w, "}");
}

/* A directive whose value is a path or text; nothing when there is none. */
static void
quoted(struct writer *w, const char *directive, const char *value)
{
    if (value) {
        LINE(w, directive, " \"", value, "\";");
    }
}

static void
state_file(struct writer *w, const char *directive, const char *name, const char *behind)
{
    LINE(w, directive, " \"", w->plan->settings->state, name, "\"", behind, ";");
}

/* Several lines of a constant, each behind the same beginning. */
static void
each_line(struct writer *w, const char *beginning, const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        indent(w);
        tt_buf_add_cstr(w->out, beginning);
        tt_buf_add(w->out, tt_str_make(text, len));
        tt_buf_add_char(w->out, '\n');
        text += len + (text[len] == '\n');
    }
}

static void
groups(struct writer *w, const struct group *group)
{
    for (; group->lines; group++) {
        blank(w);
        each_line(w, "# ", group->why);
        each_line(w, "", group->lines);
    }
}

/* The names of upstreams end in a NUL in their arena. */
static const char *
name_of(const struct tt_serve_upstream *upstream)
{
    return upstream->name.ptr;
}

/* ---- the parts ---- */

static void
head(struct writer *w)
{
    const struct tt_serve_plan *plan = w->plan;
    const struct tt_serve_settings *settings = plan->settings;
    LINE(w, "# Written by telltale gateway; what is changed here is lost at the next reload.");
    LINE(w, "# policy ", plan->policy->id, " sha256:", plan->policy->identity);
    LINE(w, "# where a request cannot be inspected: fails ", plan->policy->fails_open ? "open" : "closed");
    blank(w);
    quoted(w, "load_module", settings->module);
    LINE(
        w,
        "# The gateway follows the pid file.  A master that runs below its first parent would ignore the signal for an upgrade.");
    LINE(w, "daemon on;");
    if (settings->user) {
        quoted(w, "user", settings->user);
    } else {
        LINE(w, "# user: the one that runs the gateway");
    }
    if (settings->workers) {
        number_line(w, "worker_processes", settings->workers);
    } else {
        LINE(w, "worker_processes auto;");
    }
    number_line(w, "worker_rlimit_nofile", plan->files);
    LINE(w, "# A worker that crashes leaves no copy of prompts and keys behind.");
    LINE(w, "worker_rlimit_core 0;");
    LINE(w, "# An expression chooses the location of each request; where memory may not become code, nginx goes without.");
    LINE(w, "pcre_jit on;");
    LINE(w, "# No worker_shutdown_timeout: after a reload old workers stay until their streams end.");
    state_file(w, "pid", "/nginx.pid", "");
    state_file(w, "lock_file", "/nginx.lock", "");
    LINE(w, "# At level warn: bodies that went through a file are counted there.");
    state_file(w, "error_log", "/error.log", " warn");
    blank(w);
    open_block(w, "events", NULL);
    /* Two descriptors for each request: client and upstream; some for files. */
    number_line(w, "worker_connections", plan->files > 512 ? (plan->files - 128) / 2 : 128);
    close_block(w);
}

static void
rings(struct writer *w)
{
    const struct tt_serve_plan *plan = w->plan;
    if (plan->ring_size == 0) {
        quoted(w, "telltale_rings", plan->rings);
        return;
    }
    LINE(w, "# Smaller than usual, for there is little memory for files.");
    indent(w);
    tt_buf_add_cstr(w->out, "telltale_rings \"");
    tt_buf_add_cstr(w->out, plan->rings);
    tt_buf_add_cstr(w->out, "\" ");
    tt_buf_add_u64(w->out, plan->ring_size / TT_KIB);
    tt_buf_add_cstr(w->out, "k;\n");
}

/* The copies of descriptions of learned sites. */
static void
learned(struct writer *w)
{
    const struct tt_serve_settings *settings = w->plan->settings;
    for (size_t i = 0; i < settings->learned_count; i++) {
        indent(w);
        tt_buf_add_cstr(w->out, "telltale_learned \"");
        tt_buf_add_cstr(w->out, settings->state);
        tt_buf_add_cstr(w->out, "/" TT_SERVE_LEARNED_NAME);
        tt_buf_add_u64(w->out, i + 1);
        tt_buf_add_cstr(w->out, TT_SERVE_LEARNED_END);
        tt_buf_add_cstr(w->out, w->plan->suffix);
        tt_buf_add_cstr(w->out, "\";\n");
    }
}

static void
inspection(struct writer *w)
{
    const struct tt_serve_plan *plan = w->plan;
    const struct tt_serve_settings *settings = plan->settings;
    LINE(w, "# Every location is inspected; one that forwards cannot leave it out.");
    LINE(w, "telltale on;");
    quoted(w, "telltale_policy", plan->policy_file);
    learned(w);
    rings(w);
    state_file(w, "telltale_secret", "/secret", "");
    quoted(w, "telltale_keys", plan->keys_file);
    for (size_t i = 0; i < settings->catalog_count; i++) {
        quoted(w, "telltale_catalog", settings->catalogs[i]);
    }
    if (settings->region) {
        LINE(w, "telltale_region ", settings->region, ";");
    }
    LINE(w, "telltale_shadow ", settings->shadow ? "on;" : "off;");
}

static void
provider_line(struct writer *w, const struct tt_serve_upstream *upstream)
{
    indent(w);
    tt_buf_add_cstr(w->out, "telltale_provider ");
    tt_buf_add(w->out, upstream->provider);
    tt_buf_add_cstr(w->out, upstream->url.v6 ? " [" : " ");
    tt_buf_add_cstr(w->out, upstream->url.host);
    tt_buf_add_cstr(w->out, upstream->url.v6 ? "] " : " ");
    tt_buf_add(w->out, upstream->name);
    for (unsigned api = TT_API_ANTHROPIC; api <= TT_API_GEMINI; api++) {
        if (upstream->apis & 1U << api) {
            tt_buf_add_char(w->out, ' ');
            tt_buf_add_cstr(w->out, tt_api_name((enum tt_api) api));
        }
    }
    tt_buf_add_cstr(w->out, ";\n");
}

static void
choices(struct writer *w)
{
    const struct tt_serve_settings *settings = w->plan->settings;
    blank(w);
    LINE(w, "# Where a request may be sent instead, by the APIs that are served there.");
    for (size_t i = 0; i < settings->upstream_count; i++) {
        if (!settings->upstreams[i].off) {
            provider_line(w, &settings->upstreams[i]);
        }
    }
}

static void
temporary(struct writer *w)
{
    static const char *const kinds[] = {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"};
    blank(w);
    LINE(w, "# Nothing is written outside of the gateway's folder.");
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        LINE(w, kinds[i], "_temp_path \"", w->plan->settings->state, "/temp/", kinds[i], "\";");
    }
}

/* Upstreams differ in scheme, port and path, which a variable cannot carry in a name: maps from the name say them. */
static void
maps(struct writer *w)
{
    const struct tt_serve_settings *settings = w->plan->settings;
    blank(w);
    LINE(w, "# From the upstream that the module chose to its scheme, its Host header and the beginning of its paths.");
    open_block(w, "map", "$telltale_upstream $gateway_scheme");
    LINE(w, "default https;");
    for (size_t i = 0; i < settings->upstream_count; i++) {
        if (!settings->upstreams[i].off && !settings->upstreams[i].url.https) {
            LINE(w, name_of(&settings->upstreams[i]), " http;");
        }
    }
    close_block(w);
    open_block(w, "map", "$telltale_upstream $gateway_host");
    LINE(w, "default $telltale_host;");
    for (size_t i = 0; i < settings->upstream_count; i++) {
        const struct tt_serve_upstream *upstream = &settings->upstreams[i];
        if (!upstream->off && !tt_serve_url_plain(&upstream->url)) {
            indent(w);
            tt_buf_add(w->out, upstream->name);
            tt_buf_add_cstr(w->out, upstream->url.v6 ? " \"[" : " \"");
            tt_buf_add_cstr(w->out, upstream->url.host);
            tt_buf_add_cstr(w->out, upstream->url.v6 ? "]:" : ":");
            tt_buf_add_u64(w->out, upstream->url.port);
            tt_buf_add_cstr(w->out, "\";\n");
        }
    }
    close_block(w);
    open_block(w, "map", "$telltale_upstream $gateway_base");
    LINE(w, "default \"\";");
    for (size_t i = 0; i < settings->upstream_count; i++) {
        if (!settings->upstreams[i].off && settings->upstreams[i].url.base[0]) {
            LINE(w, name_of(&settings->upstreams[i]), " \"", settings->upstreams[i].url.base, "\";");
        }
    }
    close_block(w);
    LINE(w, "# Frames of a WebSocket are not inspected, so none is opened; after a 426 clients use POST.");
    open_block(w, "map", "$http_upgrade $gateway_websocket");
    LINE(w, "default 0;");
    LINE(w, "~*websocket $gateway_asked;");
    close_block(w);
    open_block(w, "map", "$uri $gateway_asked");
    LINE(w, "default 1;");
    LINE(w, "~^/telltale/[a-z]+$ 0; # the answer to it");
    close_block(w);
}

/* A zone counts clients whose key names its rate; for others its key is empty, which nginx does not count. */
static void
limits(struct writer *w)
{
    const struct tt_serve_rates *rates = w->plan->rates;
    char zone[48];
    snprintf(zone, sizeof(zone), "telltale_connections_%u", w->plan->zone);
    blank(w);
    LINE(w, "# Limits count a hashed id of the client, never its key.");
    LINE(w, "limit_conn_zone $telltale_key zone=", zone, ":4m;");
    LINE(w, "limit_conn ", zone, " 1000;");
    LINE(w, "limit_conn_status 429;");
    LINE(w, "limit_req_status 429;");
    for (size_t i = 0; i < rates->count; i++) {
        const char digit[] = {(char) ('a' + i), '\0'};
        LINE(w, "map $telltale_rate $gateway_rate_", digit, " {");
        w->depth++;
        LINE(w, "default \"\";");
        LINE(w, "\"", rates->items[i].text, "\" $telltale_key;");
        close_block(w);
        LINE(w, "limit_req_zone $gateway_rate_", digit, " zone=telltale_rate_", digit, ":4m rate=", rates->items[i].text, ";");
        indent(w);
        tt_buf_add_cstr(w->out, "limit_req zone=telltale_rate_");
        tt_buf_add_cstr(w->out, digit);
        /* What one second (or minute) allows may come at once. */
        tt_buf_add_cstr(w->out, " burst=");
        tt_buf_add_u64(w->out, rates->items[i].number);
        tt_buf_add_cstr(w->out, " nodelay;\n");
    }
}

static void
upstreams(struct writer *w)
{
    const struct tt_serve_plan *plan = w->plan;
    for (size_t i = 0; i < plan->settings->upstream_count; i++) {
        const struct tt_serve_upstream *upstream = &plan->settings->upstreams[i];
        if (upstream->off) {
            continue;
        }
        blank(w);
        LINE(w, "# ", upstream->provider.ptr, " at ", upstream->url.https ? "https://" : "http://", upstream->url.v6 ? "[" : "",
             upstream->url.host, upstream->url.v6 ? "]" : "",
             upstream->url.https      ? ""
             : upstream->url.loopback ? ": not encrypted, on this machine"
                                      : ": NOT ENCRYPTED on the way");
        open_block(w, "upstream", name_of(upstream));
        for (size_t k = 0; k < plan->addresses[i].count; k++) {
            LINE(w, "server ", plan->addresses[i].text[k], ";");
        }
        if (plan->addresses[i].count == 0) {
            LINE(w, "# The name has no address yet; it is looked up again every minute.");
            LINE(w, "server 127.0.0.1:1 down;");
        }
        LINE(w, "keepalive 64;");
        close_block(w);
    }
}

/* ---- the server ---- */

/* Do both APIs that have /v1/models lead somewhere? */
static bool
has_both(const struct tt_serve_settings *settings)
{
    return !settings->upstreams[TT_SERVE_ANTHROPIC].off && !settings->upstreams[TT_SERVE_OPENAI].off;
}

static void
forward(struct writer *w, const struct tt_serve_upstream *upstream)
{
    provider_line(w, upstream);
    LINE(w, "proxy_pass $gateway_scheme://$telltale_upstream$gateway_base$telltale_uri;");
}

static void
answer(struct writer *w, const char *location, enum tt_refusal refusal)
{
    open_block(w, "location", location);
    LINE(w, "telltale_answer ", tt_refusal_name(refusal), ";");
    close_block(w);
}

/* Whoever the owner's own directives let in or not, the answer that says so is for all. */
static void
error_location(struct writer *w, const struct error *error)
{
    bool is_path = error->place[0] == '/';
    open_block(w, is_path ? "location =" : "location", error->place);
    if (is_path) {
        LINE(w, "internal;");
    }
    LINE(w, "allow all;");
    LINE(w, "auth_basic off;");
    if (error->text) {
        LINE(w, "telltale_answer ", tt_refusal_name(error->refusal), " \"", error->text, "\";");
    } else {
        LINE(w, "telltale_answer ", tt_refusal_name(error->refusal), ";");
    }
    close_block(w);
}

/* GET /v1/models is the same call in two dialects; a header that one of them demands tells which. */
static void
models(struct writer *w)
{
    const struct tt_serve_upstream *anthropic = &w->plan->settings->upstreams[TT_SERVE_ANTHROPIC];
    const struct tt_serve_upstream *openai = &w->plan->settings->upstreams[TT_SERVE_OPENAI];
    if (anthropic->off && openai->off) {
        return;
    }
    open_block(w, "location", "~ ^/v1/models(?:/[^/]+)?$");
    if (has_both(w->plan->settings)) {
        LINE(w, "if ($http_anthropic_version) {");
        LINE(w, "    return 418;");
        LINE(w, "}");
    }
    forward(w, openai->off ? anthropic : openai);
    close_block(w);
    if (has_both(w->plan->settings)) {
        open_block(w, "location", "@telltale_models");
        forward(w, anthropic);
        close_block(w);
    }
}

static void
locations(struct writer *w)
{
    const struct tt_serve_settings *settings = w->plan->settings;
    blank(w);
    for (size_t api = 0; api < TT_SERVE_APIS; api++) {
        if (!settings->upstreams[api].off) {
            open_block(w, "location", paths[api]);
            forward(w, &settings->upstreams[api]);
            close_block(w);
        }
    }
    models(w);
    blank(w);
    LINE(w, "# What is not named above is not forwarded.");
    answer(w, "/", TT_REFUSE_UNKNOWN);
    LINE(w, "# Answers in the place of nginx's own; they are for all, whoever the owner's directives let in.");
    for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
        error_location(w, &errors[i]);
    }
}

static void
server_head(struct writer *w)
{
    const struct tt_serve_settings *settings = w->plan->settings;
    LINE(w, "listen ", settings->listen.text, settings->tls_cert ? " ssl http2" : "", " default_server;");
    LINE(w, "server_name _;");
    if (settings->tls_cert) {
        quoted(w, "ssl_certificate", settings->tls_cert);
        quoted(w, "ssl_certificate_key", settings->tls_key);
        groups(w, tls_groups);
    }
    if (settings->client_ca) {
        quoted(w, "ssl_client_certificate", settings->client_ca);
        LINE(w, "ssl_verify_client on;");
    }
    blank(w);
    LINE(w, "# Errors of nginx's own, in the client's dialect; those of upstreams pass as they are.");
    for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
        LINE(w, "error_page ", errors[i].codes, " = ", errors[i].place, ";");
    }
    if (has_both(w->plan->settings)) {
        LINE(w, "error_page 418 = @telltale_models;");
    }
    LINE(w, "if ($gateway_websocket) {");
    LINE(w, "    return 426;");
    LINE(w, "}");
}

static void
server(struct writer *w)
{
    blank(w);
    open_block(w, "server", NULL);
    server_head(w);
    locations(w);
    if (w->plan->include_file) {
        blank(w);
        LINE(w, "# A copy of ", w->plan->settings->include, ", as it was checked.");
        quoted(w, "include", w->plan->include_file);
    }
    close_block(w);
}

static void
metrics(struct writer *w)
{
    const struct tt_serve_settings *settings = w->plan->settings;
    if (!settings->has_metrics) {
        return;
    }
    blank(w);
    LINE(w, "# Metrics, which the gateway writes every second.");
    open_block(w, "server", NULL);
    LINE(w, "listen ", settings->metrics.text, ";");
    LINE(w, "telltale off;");
    open_block(w, "location", "= /metrics");
    LINE(w, "types { }");
    LINE(w, "default_type \"text/plain; version=0.0.4; charset=utf-8\";");
    state_file(w, "alias", "/metrics.prom", "");
    close_block(w);
    open_block(w, "location", "= /healthz");
    LINE(w, "default_type text/plain;");
    LINE(w, "return 200 \"ok\\n\";");
    close_block(w);
    open_block(w, "location", "/");
    LINE(w, "return 404;");
    close_block(w);
    close_block(w);
}

static bool
uses_tls(const struct tt_serve_settings *settings)
{
    for (size_t i = 0; i < settings->upstream_count; i++) {
        if (!settings->upstreams[i].off && settings->upstreams[i].url.https) {
            return true;
        }
    }
    return false;
}

void
tt_serve_render(const struct tt_serve_plan *plan, struct tt_buf *out)
{
    struct writer w = {.plan = plan, .out = out};
    head(&w);
    blank(&w);
    open_block(&w, "http", NULL);
    inspection(&w);
    choices(&w);
    temporary(&w);
    groups(&w, http_groups);
    if (plan->policy->header[0]) {
        LINE(&w, "# The header that names the client is for this gateway alone.");
        LINE(&w, "proxy_set_header ", plan->policy->header, " \"\";");
    }
    if (plan->policy->replaces) {
        groups(&w, credential_groups);
    }
    if (uses_tls(plan->settings)) {
        groups(&w, upstream_tls_groups);
        quoted(&w, "proxy_ssl_trusted_certificate", plan->settings->ca);
    }
    maps(&w);
    limits(&w);
    upstreams(&w);
    server(&w);
    metrics(&w);
    close_block(&w);
}
