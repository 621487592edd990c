/* SPDX-License-Identifier: Apache-2.0 */
/* The gateway's command: addresses, settings, included files, rates, and the configuration that follows from them. */
#include "test.h"

#include "base/limits.h"
#include "serve/include.h"
#include "serve/render.h"
#include "serve/resolve.h"
#include "serve/state.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- addresses ---- */

static void
test_listen(void **state)
{
    (void) state;
    static const struct {
        const char *text, *out; /* out NULL: refused */
        bool loopback;
    } cases[] = {
        {"127.0.0.1:8400", "127.0.0.1:8400", true},
        {"127.9.9.9:1", "127.9.9.9:1", true},
        {"0.0.0.0:65535", "0.0.0.0:65535", false},
        {"*:8400", "*:8400", false},
        {"localhost:80", "127.0.0.1:80", true},
        {"[::1]:8400", "[::1]:8400", true},
        {"[0:0:0:0:0:0:0:1]:8400", "[::1]:8400", true},
        {"[2001:DB8::7]:443", "[2001:db8::7]:443", false},
        {"", NULL, false},
        {":", NULL, false},
        {"8400", NULL, false},
        {":8400", NULL, false},
        {"127.0.0.1", NULL, false},
        {"127.0.0.1:", NULL, false},
        {"127.0.0.1:0", NULL, false},
        {"127.0.0.1:65536", NULL, false},
        {"127.0.0.1:080", NULL, false},
        {"127.0.0.1:+80", NULL, false},
        {"127.0.0.1:80;", NULL, false},
        {"127.0.0.1:80 ssl", NULL, false},
        {"127.0.0.256:80", NULL, false},
        {"127.1:80", NULL, false},
        {"::1:80", NULL, false},
        {"[::1]", NULL, false},
        {"[::1]80", NULL, false},
        {"[::1", NULL, false},
        {"[*]:80", NULL, false},
        {"[127.0.0.1]:80", NULL, false},
        {"[fe80::1%eth0]:80", NULL, false},
        {"gateway.example:80", NULL, false},
        {"unix:/tmp/x", NULL, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tt_serve_listen listen;
        const char *why = NULL;
        bool good = tt_serve_listen_parse(tt_str_cstr(cases[i].text), &listen, &why);
        assert_int_equal(good, cases[i].out != NULL);
        if (good) {
            assert_string_equal(listen.text, cases[i].out);
            assert_int_equal(listen.loopback, cases[i].loopback);
        } else {
            assert_non_null(why);
        }
    }
}

static void
test_url(void **state)
{
    (void) state;
    static const struct {
        const char *text, *host, *base; /* host NULL: refused */
        unsigned port;
        bool https, loopback;
    } cases[] = {
        {"https://api.example.com", "api.example.com", "", 443, true, false},
        {"https://API.Example.com/", "api.example.com", "", 443, true, false},
        {"http://api.example.com:8080", "api.example.com", "", 8080, false, false},
        {"https://api.example.com/v1/base//", "api.example.com", "/v1/base", 443, true, false},
        {"https://api.example.com/a.b_c-d~e", "api.example.com", "/a.b_c-d~e", 443, true, false},
        {"http://127.0.0.1:9001", "127.0.0.1", "", 9001, false, true},
        {"http://localhost", "localhost", "", 80, false, true},
        {"http://[::1]:9001/", "::1", "", 9001, false, true},
        {"https://[2001:DB8::1]", "2001:db8::1", "", 443, true, false},
        {"https://with_underscore.example", "with_underscore.example", "", 443, true, false},
        {"", NULL, NULL, 0, false, false},
        {"api.example.com", NULL, NULL, 0, false, false},
        {"ftp://api.example.com", NULL, NULL, 0, false, false},
        {"HTTPS://api.example.com", NULL, NULL, 0, false, false},
        {"https://", NULL, NULL, 0, false, false},
        {"https:///v1", NULL, NULL, 0, false, false},
        {"https://user:word@api.example.com", NULL, NULL, 0, false, false},
        {"https://api.example.com:", NULL, NULL, 0, false, false},
        {"https://api.example.com:99999", NULL, NULL, 0, false, false},
        {"https://api..example.com", NULL, NULL, 0, false, false},
        {"https://.example.com", NULL, NULL, 0, false, false},
        {"https://example.com.", NULL, NULL, 0, false, false},
        {"https://api.example.com?key=1", NULL, NULL, 0, false, false},
        {"https://api.example.com/x?key=1", NULL, NULL, 0, false, false},
        {"https://api.example.com/x#y", NULL, NULL, 0, false, false},
        {"https://api.example.com/../x", NULL, NULL, 0, false, false},
        {"https://api.example.com/a//b", NULL, NULL, 0, false, false},
        {"https://api.example.com/%2e", NULL, NULL, 0, false, false},
        {"https://api.example.com/$x", NULL, NULL, 0, false, false},
        {"https://api.example.com;", NULL, NULL, 0, false, false},
        {"https://1.2.3", NULL, NULL, 0, false, false},
        {"https://300.1.1.1", NULL, NULL, 0, false, false},
        {"https://[::1", NULL, NULL, 0, false, false},
        {"https://[::g]", NULL, NULL, 0, false, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tt_serve_url url;
        const char *why = NULL;
        bool good = tt_serve_url_parse(tt_str_cstr(cases[i].text), &url, &why);
        assert_int_equal(good, cases[i].host != NULL);
        if (good) {
            assert_string_equal(url.host, cases[i].host);
            assert_string_equal(url.base, cases[i].base);
            assert_int_equal(url.port, cases[i].port);
            assert_int_equal(url.https, cases[i].https);
            assert_int_equal(url.loopback, cases[i].loopback);
        } else {
            assert_non_null(why);
        }
    }
}

/* A host of the longest length, and one byte more. */
static void
test_url_lengths(void **state)
{
    (void) state;
    char text[TT_SERVE_HOST_MAX + 32] = "https://";
    struct tt_serve_url url;
    const char *why;
    memset(text + 8, 'a', TT_SERVE_HOST_MAX + 1);
    assert_true(tt_serve_url_parse(tt_str_make(text, 8 + TT_SERVE_HOST_MAX), &url, &why));
    assert_int_equal(strlen(url.host), TT_SERVE_HOST_MAX);
    assert_false(tt_serve_url_parse(tt_str_make(text, 8 + TT_SERVE_HOST_MAX + 1), &url, &why));
    memcpy(text, "https://a/", 10);
    memset(text + 10, 'b', TT_SERVE_BASE_MAX);
    assert_true(tt_serve_url_parse(tt_str_make(text, 9 + TT_SERVE_BASE_MAX), &url, &why));
    assert_int_equal(strlen(url.base), TT_SERVE_BASE_MAX);
    assert_false(tt_serve_url_parse(tt_str_make(text, 9 + TT_SERVE_BASE_MAX + 1), &url, &why));
}

/* ---- settings ---- */

struct fixture {
    struct tt_arena arena;
    struct tt_serve_settings settings;
    struct tt_buf message;
    enum tt_status status;
};

static void
read_options(struct fixture *f, const struct tt_serve_options *options, bool privileged, const struct tt_alloc *alloc)
{
    tt_arena_init(&f->arena, alloc, TT_SERVE_ARENA);
    tt_buf_init(&f->message, alloc, TT_KIB);
    f->status = tt_serve_settings_read(options, &tt_catalog_builtin, privileged, &f->arena, &f->settings, &f->message);
}

static void
free_fixture(struct fixture *f)
{
    tt_buf_free(&f->message);
    tt_arena_free(&f->arena);
}

#define REQUIRED .policy = "/p.yaml", .state = "/state", .module = "/m.so"

static void
test_settings_defaults(void **state)
{
    (void) state;
    struct fixture f;
    read_options(&f, &(struct tt_serve_options) {REQUIRED}, false, &tt_alloc_libc);
    assert_int_equal(f.status, TT_OK);
    assert_string_equal(f.settings.listen.text, TT_SERVE_LISTEN);
    assert_true(f.settings.has_metrics);
    assert_string_equal(f.settings.metrics.text, TT_SERVE_METRICS);
    assert_null(f.settings.user);
    assert_int_equal(f.settings.upstream_count, TT_SERVE_APIS);
    assert_string_equal(f.settings.upstreams[TT_SERVE_ANTHROPIC].url.host, "api.anthropic.com");
    assert_string_equal(f.settings.upstreams[TT_SERVE_OPENAI].url.host, "api.openai.com");
    assert_string_equal(f.settings.upstreams[TT_SERVE_GEMINI].url.host, "generativelanguage.googleapis.com");
    for (size_t i = 0; i < TT_SERVE_APIS; i++) {
        assert_true(f.settings.upstreams[i].url.https);
        assert_false(f.settings.upstreams[i].off);
    }
    free_fixture(&f);
    read_options(&f, &(struct tt_serve_options) {REQUIRED, .metrics = "off"}, true, &tt_alloc_libc);
    assert_string_equal(f.settings.user, TT_SERVE_USER);
    assert_false(f.settings.has_metrics);
    free_fixture(&f);
}

/* All the ways to name a provider; a named one keeps its place. */
static void
test_settings_upstreams(void **state)
{
    (void) state;
    static const char *const given[] = {"gemini=http://127.0.0.1:1", "provider-anthropic=off",
                                        "mistral@openai.chat=https://x.example"};
    struct fixture f;
    read_options(&f, &(struct tt_serve_options) {REQUIRED, .upstreams = given, .upstream_count = COUNT(given)}, false,
                 &tt_alloc_libc);
    assert_int_equal(f.status, TT_OK);
    assert_int_equal(f.settings.upstream_count, TT_SERVE_APIS + 1);
    assert_true(f.settings.upstreams[TT_SERVE_ANTHROPIC].off);
    assert_int_equal(f.settings.upstreams[TT_SERVE_GEMINI].url.port, 1);
    assert_string_equal(f.settings.upstreams[TT_SERVE_APIS].provider.ptr, "provider-mistral");
    assert_string_equal(f.settings.upstreams[TT_SERVE_APIS].name.ptr, "telltale_provider_mistral");
    free_fixture(&f);
}

static void
test_settings_refused(void **state)
{
    (void) state;
    static const char *const no_value[] = {"anthropic"}, *const twice[] = {"openai=off", "openai=http://127.0.0.1:1"},
                             *const unknown[] = {"nobody=https://x.example"}, *const empty[] = {"=https://x.example"},
                             *const bad_api[] = {"openai@=off"}, *const bad_url[] = {"openai=https://x.example/?"};
#define UPSTREAMS(list) .upstreams = (list), .upstream_count = COUNT(list)
    const struct {
        struct tt_serve_options options;
        const char *word; /* in the message */
    } cases[] = {
        {{.state = "/s", .module = "/m"}, "--policy"},
        {{.policy = "", .state = "/s", .module = "/m"}, "--policy"},
        {{.policy = "-", .state = "/s", .module = "/m"}, "--policy"},
        {{REQUIRED, .listen = "x"}, "--listen"},
        {{REQUIRED, .metrics = "none"}, "--metrics"},
        {{REQUIRED, .metrics = TT_SERVE_LISTEN}, "--metrics"},
        {{REQUIRED, .region = "sg"}, "--region"},
        {{REQUIRED, .tls_key = "k"}, "--tls-cert"},
        {{REQUIRED, .client_ca = "k"}, "--client-ca"},
        {{REQUIRED, .nginx = "nginx"}, "--nginx"},
        {{REQUIRED, .user = "www-data"}, "--user"},
        {{REQUIRED, .user = "a b"}, "--user"},
        {{REQUIRED, .keys = "a\"b"}, "--keys"},
        {{REQUIRED, .ca = "a\nb"}, "--ca"},
        {{REQUIRED, .include = "$a"}, "--include"},
        {{REQUIRED, UPSTREAMS(no_value)}, "PROVIDER=URL"},
        {{REQUIRED, UPSTREAMS(twice)}, "twice"},
        {{REQUIRED, UPSTREAMS(unknown)}, "nobody"},
        {{REQUIRED, UPSTREAMS(empty)}, "''"},
        {{REQUIRED, UPSTREAMS(bad_api)}, "'@'"},
        {{REQUIRED, UPSTREAMS(bad_url)}, "path"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fixture f;
        read_options(&f, &cases[i].options, false, &tt_alloc_libc);
        assert_int_equal(f.status, TT_E_USAGE);
        tt_buf_add_char(&f.message, '\0');
        assert_non_null(strstr(f.message.ptr, cases[i].word));
        free_fixture(&f);
    }
}

/* ---- rates ---- */

static void
test_rates(void **state)
{
    (void) state;
    static const struct {
        const char *text;
        enum tt_status status;
        size_t count;
    } cases[] = {
        {"{}", TT_OK, 0},
        {"{\"clients\":[]}", TT_OK, 0},
        {"{\"clients\":[{\"rate\":\"1r/s\"},{\"id\":\"x\"},{\"rate\":\"1r/m\"},{\"rate\":\"1r/s\"}]}", TT_OK, 2},
        {"{\"upstreams\":{\"provider-openai\":{}}}", TT_OK, 0},
        {"{\"upstreams\":{}}", TT_OK, 0},
        {"[]", TT_E_INPUT, 0},
        {"", TT_E_INPUT, 0},
        {"{\"clients\":{}}", TT_E_INPUT, 0},
        {"{\"clients\":[1]}", TT_E_INPUT, 0},
        {"{\"clients\":[{\"rate\":10}]}", TT_E_INPUT, 0},
        {"{\"clients\":[{\"rate\":\"\"}]}", TT_E_INPUT, 0},
        {"{\"clients\":[{\"rate\":\"0r/s\"}]}", TT_E_INPUT, 0},
        {"{\"clients\":[{\"rate\":\"100000r/s\"}]}", TT_E_INPUT, 0},
        {"{\"clients\":[{\"rate\":\"10r/h\"}]}", TT_E_INPUT, 0},
        {"{\"clients\":[{\"rate\":\"10r/s;\"}]}", TT_E_INPUT, 0},
        {"{\"clients\":[],\"clients\":[]}", TT_E_INPUT, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tt_serve_rates rates;
        struct tt_error err = {.msg = NULL};
        enum tt_status status = tt_serve_rates_read(&tt_alloc_libc, tt_str_cstr(cases[i].text), &rates, &err);
        assert_int_equal(status, cases[i].status);
        if (status == TT_OK) {
            assert_int_equal(rates.count, cases[i].count);
        } else {
            assert_non_null(err.msg);
            assert_int_equal(err.line, 1);
        }
    }
}

static void
test_rates_limit(void **state)
{
    (void) state;
    for (unsigned extra = 0; extra < 2; extra++) {
        struct tt_buf text;
        struct tt_serve_rates rates;
        struct tt_error err;
        tt_buf_init(&text, &tt_alloc_libc, 64 * TT_KIB);
        tt_buf_add_cstr(&text, "{\"clients\":[");
        for (unsigned i = 1; i <= TT_SERVE_RATES_MAX + extra; i++) {
            tt_buf_add_cstr(&text, i > 1 ? ",{\"rate\":\"" : "{\"rate\":\"");
            tt_buf_add_u64(&text, i);
            tt_buf_add_cstr(&text, "r/s\"}");
        }
        tt_buf_add_cstr(&text, "]}");
        assert_int_equal(tt_serve_rates_read(&tt_alloc_libc, tt_buf_str(&text), &rates, &err), extra ? TT_E_LIMIT : TT_OK);
        tt_buf_free(&text);
    }
}

/* ---- included files ---- */

static void
test_include(void **state)
{
    (void) state;
    static const struct {
        const char *text;
        unsigned line; /* of what is refused; 0: nothing is */
    } cases[] = {
        {"", 0},
        {"# satisfy any;\n", 0},
        {"allow 10.0.0.0/8; deny all;", 0},
        {"satisfy all;", 0},
        {"location /x { return 200 \"satisfy any;\"; }", 0},
        {"location /x { return 200 'a;b{'; }", 0},
        {"add_header x \"a\\\"; satisfy any;\";", 0},
        {"telltale on;", 0},
        {"proxy_pass_request_body on;", 0},
        {"location /x { proxy_pass https://$telltale_upstream; }", 0},
        {"location /x { proxy_pass $gateway_scheme://$telltale_upstream$gateway_base$telltale_uri; }", 0},
        {"location /x { proxy_pass $gateway_scheme://$telltale_upstream$gateway_base; }", 1},
        {"location /x { proxy_pass $gateway_scheme://$telltale_upstream; }", 0},
        {"location /x { proxy_pass https://telltale_provider_openai/x; }", 0},
        {"set $mine 1;", 0},
        {"if ($http_x) { return 403; }", 0},
        {"satisfy any;", 1},
        {"\n\nsatisfy\n any;", 3},
        {"allow all; \"satisfy\" any;", 1},
        {"location / {\n satisfy any;}", 2},
        {"sat\\isfy any;", 1},
        {"satisfy \"any\";", 1},
        {"'proxy_set_body' x;", 1},
        {"proxy_pass_request_body off;", 1},
        {"telltale off;", 1},
        {"telltale\toff;", 1},
        {"telltale_policy /x;", 1},
        {"proxy_pass http://evil.example;", 1},
        {"proxy_pass http://$telltale_upstream.evil.example;", 1},
        {"proxy_pass http://telltale_provider_nobody;", 1},
        {"proxy_pass $x;", 1},
        {"fastcgi_pass x;", 1},
        {"grpc_pass x;", 1},
        {"mirror /x;", 1},
        {"include /etc/passwd;", 1},
        {"proxy_ssl_verify off;", 1},
        {"proxy_set_header Host x;", 1},
        {"perl_set $x 'sub {}';", 1},
        {"set $gateway_base /x;", 1},
        {"set $telltale_upstream x;", 1},
        {"allow all", 1},
        {"allow \"all;", 1},
        {"allow 'a'b;", 1},
        {"location / }", 1},
    };
    static const char *const off[] = {"anthropic=off"};
    struct fixture f;
    read_options(&f, &(struct tt_serve_options) {REQUIRED, .upstreams = off, .upstream_count = 1}, false, &tt_alloc_libc);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tt_error err;
        struct tt_buf message;
        tt_buf_init(&message, &tt_alloc_libc, TT_KIB);
        enum tt_status status = tt_serve_include_check(tt_str_cstr(cases[i].text), &f.settings, &err, &message);
        if (status != (cases[i].line ? TT_E_INPUT : TT_OK)) {
            print_error("%s\n", cases[i].text);
        }
        assert_int_equal(status, cases[i].line ? TT_E_INPUT : TT_OK);
        if (status != TT_OK) {
            assert_int_equal(err.line, cases[i].line);
            assert_non_null(err.msg);
        }
        tt_buf_free(&message);
    }
    struct tt_error err;
    assert_int_equal(tt_serve_include_check(tt_str_make("allow\0", 6), &f.settings, &err, &f.message), TT_E_INPUT);
    /* Upstreams that are off are nobody's. */
    assert_int_equal(
        tt_serve_include_check(TT_STR("proxy_pass http://telltale_provider_anthropic;"), &f.settings, &err, &f.message),
        TT_E_INPUT);
    free_fixture(&f);
}

/* ---- the configuration ---- */

static bool
render(void *ctx, const struct tt_alloc *alloc)
{
    static const char *const given[] = {"anthropic=http://127.0.0.1:1", "openai=off", "gemini=https://192.0.2.1"};
    static struct tt_serve_addresses addresses[TT_SERVE_UPSTREAMS_MAX] = {{.text = {"127.0.0.1:1"}, .count = 1}};
    struct tt_buf *kept = ctx, out;
    struct tt_serve_policy policy = {.id = "p", .identity = "00"};
    struct tt_serve_rates rates = {.count = 0};
    struct fixture f;
    read_options(&f, &(struct tt_serve_options) {REQUIRED, .upstreams = given, .upstream_count = COUNT(given)}, true, alloc);
    struct tt_serve_plan plan = {.settings = &f.settings,
                                 .policy = &policy,
                                 .rates = &rates,
                                 .addresses = addresses,
                                 .policy_file = "/state/policy.yaml",
                                 .rings = "/rings",
                                 .files = 1024};
    bool good = f.status == TT_OK;
    tt_buf_init(&out, alloc, TT_SERVE_CONFIG_MAX);
    if (good) {
        tt_serve_render(&plan, &out);
        good = out.status == TT_OK;
    }
    if (good) {
        tt_buf_clear(kept);
        tt_buf_add(kept, tt_buf_str(&out));
        tt_buf_add_char(kept, '\0');
    }
    tt_buf_free(&out);
    free_fixture(&f);
    return good;
}

/* The same bytes again; and what must never be missing. */
static void
test_render(void **state)
{
    (void) state;
    static const char *const lines[] = {
        "telltale on;",        "proxy_ssl_verify on;",     "client_body_buffer_size 4m;", "proxy_buffering off;", "keepalive 64;",
        "server 127.0.0.1:1;", "server 127.0.0.1:1 down;", "telltale_answer unknown;",    "merge_slashes off;",   "daemon on;",
    };
    struct tt_buf one, two;
    tt_buf_init(&one, &tt_alloc_libc, TT_SERVE_CONFIG_MAX);
    tt_buf_init(&two, &tt_alloc_libc, TT_SERVE_CONFIG_MAX);
    assert_true(render(&one, &tt_alloc_libc));
    assert_true(render(&two, &tt_alloc_libc));
    assert_str_equal(tt_buf_str(&one), tt_buf_str(&two));
    for (size_t i = 0; i < COUNT(lines); i++) {
        assert_non_null(strstr(one.ptr, lines[i]));
    }
    assert_null(strstr(one.ptr, "openai/"));
    assert_null(strstr(one.ptr, "worker_shutdown_timeout 0"));
    tt_buf_free(&one);
    tt_buf_free(&two);
}

/* A ring is a power of two within its bounds, smaller for more workers. */
static void
test_ring_size(void **state)
{
    (void) state;
    size_t before = SIZE_MAX;
    for (unsigned workers = 1; workers <= 1 << 20; workers *= 2) {
        size_t size = tt_serve_ring_size(workers);
        size = size ? size : TT_RING_SIZE;
        assert_true(size >= TT_RING_SIZE_MIN && size <= TT_RING_SIZE && size <= before);
        assert_int_equal(size & (size - 1), 0);
        before = size;
    }
    assert_int_equal(before, TT_RING_SIZE_MIN);
}

static void
test_render_allocations(void **state)
{
    (void) state;
    struct tt_buf kept;
    tt_buf_init(&kept, &tt_alloc_libc, TT_SERVE_CONFIG_MAX);
    test_every_allocation(render, &kept);
    tt_buf_free(&kept);
}

/* ---- addresses of names ---- */

static void
set_found(struct tt_serve_resolver *resolver, const char *const *list)
{
    struct tt_serve_addresses *found = &resolver->found[0];
    found->count = 0;
    while (list[found->count]) {
        memcpy(found->text[found->count], list[found->count], strlen(list[found->count]) + 1);
        found->count++;
    }
}

static void *
nothing(void *ctx)
{
    return ctx;
}

/* One round of a lookup that found these. */
static bool
found(struct tt_serve_resolver *resolver, const struct tt_serve_settings *settings, struct tt_serve_addresses *used,
      const char *const *list)
{
    bool changed = false;
    resolver->settings = settings;
    resolver->running = true;
    assert_int_equal(pthread_create(&resolver->thread, NULL, nothing, NULL), 0);
    set_found(resolver, list);
    atomic_store(&resolver->done, true);
    assert_true(tt_serve_resolve_take(resolver, used, &changed));
    assert_false(resolver->running);
    return changed;
}

#define LIST(...) ((const char *const[]) {__VA_ARGS__, NULL})

static void
test_resolve(void **state)
{
    (void) state;
    static struct tt_serve_resolver resolver;
    struct tt_serve_settings settings = {.upstream_count = 1};
    struct tt_serve_addresses used = {.count = 0};
    bool changed = true;
    assert_false(tt_serve_resolve_take(&resolver, &used, &changed));
    assert_false(changed);
    assert_true(found(&resolver, &settings, &used, LIST("1:1", "2:1")));
    assert_int_equal(used.count, 2);
    assert_false(found(&resolver, &settings, &used, LIST("1:1", "2:1")));
    /* A name server that knows nothing takes nothing away. */
    assert_false(found(&resolver, &settings, &used, LIST(NULL)));
    assert_int_equal(used.count, 2);
    /* Some differ: only when it lasts. */
    for (int i = 1; i < TT_SERVE_DIFFERING; i++) {
        assert_false(found(&resolver, &settings, &used, LIST("2:1", "3:1")));
    }
    assert_true(found(&resolver, &settings, &used, LIST("2:1", "3:1")));
    assert_string_equal(used.text[1], "3:1");
    /* All differ: at once. */
    assert_true(found(&resolver, &settings, &used, LIST("4:1")));
    assert_int_equal(used.count, 1);
}

/* An address needs no lookup. */
static void
test_resolve_address(void **state)
{
    (void) state;
    static const char *const given[] = {"anthropic=http://127.0.0.1:7", "openai=off", "gemini=https://[::1]:8"};
    static struct tt_serve_resolver resolver;
    static struct tt_serve_addresses used[TT_SERVE_UPSTREAMS_MAX];
    struct fixture f;
    bool changed = false;
    read_options(&f, &(struct tt_serve_options) {REQUIRED, .upstreams = given, .upstream_count = COUNT(given)}, false,
                 &tt_alloc_libc);
    assert_true(tt_serve_resolve_begin(&resolver, &f.settings));
    assert_false(tt_serve_resolve_begin(&resolver, &f.settings));
    while (!tt_serve_resolve_take(&resolver, used, &changed)) {
    }
    assert_true(changed);
    assert_string_equal(used[TT_SERVE_ANTHROPIC].text[0], "127.0.0.1:7");
    assert_int_equal(used[TT_SERVE_OPENAI].count, 0);
    assert_string_equal(used[TT_SERVE_GEMINI].text[0], "[::1]:8");
    free_fixture(&f);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_listen),
        cmocka_unit_test(test_url),
        cmocka_unit_test(test_url_lengths),
        cmocka_unit_test(test_settings_defaults),
        cmocka_unit_test(test_settings_upstreams),
        cmocka_unit_test(test_settings_refused),
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_rates_limit),
        cmocka_unit_test(test_include),
        cmocka_unit_test(test_render),
        cmocka_unit_test(test_ring_size),
        cmocka_unit_test(test_render_allocations),
        cmocka_unit_test(test_resolve),
        cmocka_unit_test(test_resolve_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
