/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale gateway`: a gateway for model APIs, on nginx.  Its subcommands, which act on a running one, are files of their own.
 *
 * In: options, a policy.  Out: a running gateway; or its configuration, or what is wrong with it.  The work is done by src/serve; here
 * the command line becomes settings, and a policy file what the gateway needs to know of it.
 */
#include "base/limits.h"
#include "cli/catalog.h"
#include "cli/gateway.h"
#include "cli/policy.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- what src/serve asks of the program ---- */

static void
say(void *ctx, const char *text)
{
    const struct tt_call *call = ctx;
    tt_cli_complain(call->cli, TT_EXIT_OK, "%s", text);
    fflush(call->cli->err);
}

/* Printable ASCII, for comments in a configuration. */
static void
copy_plain(char *out, size_t size, struct tt_str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len && n + 1 < size; i++) {
        out[n++] = text.ptr[i] > ' ' && text.ptr[i] < 0x7f ? text.ptr[i] : '?';
    }
    out[n] = '\0';
}

/* A name that may stand in a configuration as it is: a token of RFC 9110, section 5.6.2, without odd signs. */
static void
copy_header(char *out, size_t size, struct tt_str name)
{
    bool plain = name.len > 0 && name.len < size;
    for (size_t i = 0; i < name.len; i++) {
        plain = plain && (tt_ascii_is_alnum((unsigned char) name.ptr[i]) || name.ptr[i] == '-' || name.ptr[i] == '_');
    }
    copy_plain(out, size, plain ? name : TT_STR(""));
}

static bool
uses_header(const struct tt_policy *policy)
{
    const struct tt_policy_list *sources = &policy->gateway.identity;
    for (size_t i = 0; i < sources->count; i++) {
        if (tt_str_eq(sources->items[i].text, TT_STR("header"))) {
            return true;
        }
    }
    return false;
}

static void
describe_problem(struct tt_buf *message, const char *path, const struct tt_policy_problem *problem)
{
    tt_buf_add_cstr(message, path);
    tt_buf_add_char(message, ':');
    tt_buf_add_u64(message, problem->at.line);
    tt_buf_add_char(message, ':');
    tt_buf_add_u64(message, problem->at.column);
    tt_buf_add_cstr(message, ": ");
    tt_buf_add(message, problem->text);
}

static enum tt_status
read_policy(void *ctx, const char *path, struct tt_serve_policy *out, struct tt_buf *message)
{
    const struct tt_call *call = ctx;
    struct tt_policy_file file;
    enum tt_exit code = tt_policy_open(call, path, &file);
    *out = (struct tt_serve_policy) {.id = ""};
    tt_buf_init(&out->bytes, call->cli->alloc, TT_POLICY_BYTES_MAX + TT_SCAN_CHUNK);
    if (code == TT_EXIT_OK) {
        const struct tt_policy_gateway *gateway = &file.policy->gateway;
        tt_policy_note_gateway(call, path, file.policy, true);
        tt_buf_add(&out->bytes, tt_buf_str(&file.bytes));
        copy_plain(out->id, sizeof(out->id), file.policy->id.text);
        copy_plain(out->identity, sizeof(out->identity), tt_str_cstr(file.policy->identity.hex));
        copy_header(out->header, sizeof(out->header), uses_header(file.policy) ? gateway->identity_header.text : TT_STR(""));
        out->fails_open = gateway->on_error.number == TT_ON_ERROR_OPEN;
        out->replaces = gateway->credentials.number == TT_CREDENTIALS_REPLACE;
    } else if (file.problems.count > 0) {
        describe_problem(message, path, &file.problems.items[0]);
    } else {
        tt_buf_add_cstr(message, "the policy cannot be used");
    }
    tt_policy_close(&file);
    return code == TT_EXIT_OK ? out->bytes.status : code == TT_EXIT_USAGE ? TT_E_USAGE : TT_E_IO;
}

/* ---- options ---- */

/* The module beside the program, as built or as installed; else where Debian has modules. */
static const char *
find_module(char *out, size_t size)
{
    static const char *const places[] = {"", "/../lib/nginx/modules"};
    static const char name[] = "ngx_http_telltale_module.so";
    char folder[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", folder, sizeof(folder) - 1);
    folder[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(folder, '/');
    for (size_t i = 0; slash && i < sizeof(places) / sizeof(*places); i++) {
        *slash = '\0';
        int len = snprintf(out, size, "%s%s/%s", folder, places[i], name);
        if (len > 0 && (size_t) len < size && access(out, R_OK) == 0) {
            return out;
        }
    }
    return "/usr/lib/nginx/modules/ngx_http_telltale_module.so";
}

/* Folders of additions to the catalogue that are there; the module reads the same ones. */
struct folders {
    char own[PATH_MAX];
    const char *list[2];
    size_t count;
};

static void
find_folders(struct folders *folders)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    bool own = config && config[0] == '/';
    folders->count = 0;
    if (access("/etc/telltale/catalog.d", R_OK | X_OK) == 0) {
        folders->list[folders->count++] = "/etc/telltale/catalog.d";
    }
    int n = own                      ? snprintf(folders->own, sizeof(folders->own), "%s/telltale/catalog.d", config)
            : home && home[0] == '/' ? snprintf(folders->own, sizeof(folders->own), "%s/.config/telltale/catalog.d", home)
                                     : -1;
    if (n > 0 && (size_t) n < sizeof(folders->own) && access(folders->own, R_OK | X_OK) == 0) {
        folders->list[folders->count++] = folders->own;
    }
}

/* The paths that stand where options are missing. */
struct places {
    char state[PATH_MAX], module[PATH_MAX];
    struct folders folders;
};

static enum tt_exit
read_settings(const struct tt_call *call, const struct tt_catalog *catalog, struct places *places, struct tt_arena *arena,
              struct tt_serve_settings *out)
{
    const struct tt_gateway_settings *given = call->settings;
    struct tt_buf message;
    enum tt_exit code = tt_gateway_state(call, places->state, sizeof(places->state));
    if (code != TT_EXIT_OK) {
        return code;
    }
    find_folders(&places->folders);
    struct tt_serve_options options = {
        .policy = given->policy,
        .listen = given->listen,
        .metrics = given->metrics,
        .state = places->state,
        .region = given->region,
        .tls_cert = given->tls_cert,
        .tls_key = given->tls_key,
        .client_ca = given->client_ca,
        .keys = given->keys,
        .include = given->include,
        .ca = given->ca,
        .module = given->module ? given->module : find_module(places->module, sizeof(places->module)),
        .nginx = given->nginx,
        .user = given->user,
        .upstreams = given->upstreams.items,
        .upstream_count = given->upstreams.count,
        .learned = given->learned.items,
        .learned_count = given->learned.count,
        .catalogs = places->folders.list,
        .catalog_count = places->folders.count,
        .workers = (unsigned) given->workers,
        .shadow = given->shadow,
    };
    tt_buf_init(&message, call->cli->alloc, TT_COMPLAINT_MAX);
    enum tt_status status = tt_serve_settings_read(&options, catalog, geteuid() == 0, arena, out, &message);
    if (status != TT_OK) {
        code = tt_gateway_exit(status);
        tt_cli_complain(call->cli, code, "gateway: %.*s", (int) message.len, message.ptr ? message.ptr : "");
    }
    tt_buf_free(&message);
    return code;
}

/* What would stop nginx with a message that helps less. */
static enum tt_exit
check_programs(const struct tt_call *call, const struct tt_serve_settings *settings)
{
    if (access(settings->nginx, X_OK) != 0) {
        return tt_cli_complain(call->cli, TT_EXIT_USAGE, "gateway: %s cannot be run; install nginx, or name it with --nginx",
                               settings->nginx);
    }
    if (access(settings->module, R_OK) != 0) {
        return tt_cli_complain(call->cli, TT_EXIT_USAGE,
                               "gateway: there is no module %s; install the package telltale-gateway, or name it with --module",
                               settings->module);
    }
    return TT_EXIT_OK;
}

/* ---- the command ---- */

static enum tt_exit
print_configuration(const struct tt_call *call, const struct tt_serve_front *front, const struct tt_serve_settings *settings)
{
    struct tt_buf out;
    tt_buf_init(&out, call->cli->alloc, TT_SERVE_CONFIG_MAX);
    enum tt_status status = tt_serve_print(front, settings, &out);
    if (status == TT_OK) {
        return tt_cli_deliver(call, &out);
    }
    tt_buf_free(&out);
    return tt_gateway_exit(status);
}

static enum tt_exit
run_with(const struct tt_call *call, const struct tt_serve_front *front, const struct tt_serve_settings *settings)
{
    const struct tt_gateway_settings *given = call->settings;
    if (given->print_config) {
        return print_configuration(call, front, settings);
    }
    enum tt_exit code = check_programs(call, settings);
    if (code != TT_EXIT_OK) {
        return code;
    }
    if (given->check) {
        code = tt_gateway_exit(tt_serve_check(front, settings));
        if (code == TT_EXIT_OK) {
            fputs("the policy is whole, and nginx takes the configuration\n", call->cli->out);
        }
        return code;
    }
    return tt_gateway_exit(tt_serve_run(front, settings));
}

static enum tt_exit
run_gateway(const struct tt_call *call)
{
    struct tt_call copy = *call;
    struct tt_catalog_reader reader;
    struct tt_serve_front front = {.ctx = &copy,
                                   .alloc = call->cli->alloc,
                                   .catalog = &reader.catalog,
                                   .version = TT_VERSION,
                                   .say = say,
                                   .read_policy = read_policy};
    struct tt_serve_settings settings;
    struct places places;
    struct tt_arena arena;
    tt_arena_init(&arena, call->cli->alloc, TT_SERVE_ARENA);
    enum tt_exit code = tt_catalog_load(call->cli, &reader);
    if (code == TT_EXIT_OK) {
        code = read_settings(call, &reader.catalog, &places, &arena, &settings);
    }
    if (code == TT_EXIT_OK) {
        code = run_with(call, &front, &settings);
    }
    tt_catalog_reader_free(&reader);
    tt_arena_free(&arena);
    return code;
}

#define STRING(member, word, value, text) TT_OPT_STRING(struct tt_gateway_settings, member, 0, word, value, text)

static const struct tt_option options[] = {
    TT_OPT_STRING(struct tt_gateway_settings, policy, 'p', "policy", "FILE", "The policy that decides; read again on reload"),
    TT_OPT_STRING(struct tt_gateway_settings, listen, 'l', "listen", "ADDR:PORT",
                  "Where clients come in (default: " TT_SERVE_LISTEN ")"),
    STRING(tls_cert, "tls-cert", "FILE", "Certificate of this gateway, with its chain"),
    STRING(tls_key, "tls-key", "FILE", "Its key"),
    STRING(client_ca, "client-ca", "FILE", "Take only clients whose certificate one of these authorities signed"),
    TT_OPT_LIST(struct tt_gateway_settings, upstreams, 'u', "upstream", "PROVIDER=URL",
                "Where a provider is reached, or off; may be repeated (default: the hosts of anthropic, openai and gemini)"),
    TT_OPT_LIST(struct tt_gateway_settings, learned, 0, "learned", "FILE",
                "Look for the sites that 'telltale probe --learn' described, too; may be repeated; read again on reload"),
    STRING(keys, "keys", "FILE", "Keys of clients and of upstreams, teams and rates (JSON, mode 600)"),
    STRING(state, "state", "DIR", "Folder for configuration, ledger and records (default: see the manual)"),
    STRING(metrics, "metrics", "ADDR:PORT", "Where metrics are read, or off (default: " TT_SERVE_METRICS ")"),
    STRING(region, "region", "CC", "Country of the people behind this gateway"),
    TT_OPT_NUMBER(struct tt_gateway_settings, workers, 0, "workers", "N", "Worker processes (default: one a processor)", 1, 64),
    STRING(ca, "ca", "FILE", "Authorities that upstreams' certificates are verified with (default: " TT_SERVE_CA ")"),
    STRING(include, "include", "FILE", "Directives of your own for nginx's server block; checked"),
    STRING(module, "module", "FILE", "The nginx module (default: the installed one)"),
    STRING(nginx, "nginx", "FILE", "The nginx program (default: " TT_SERVE_NGINX ")"),
    STRING(user, "user", "NAME", "User of the workers, when root starts the gateway (default: " TT_SERVE_USER ")"),
    TT_OPT_FLAG(struct tt_gateway_settings, shadow, 0, "shadow", "Decide and record, but change and block nothing"),
    TT_OPT_FLAG(struct tt_gateway_settings, check, 0, "check", "Check policy and configuration, and start nothing"),
    TT_OPT_FLAG(struct tt_gateway_settings, print_config, 0, "print-config", "Print nginx's configuration, and start nothing"),
    TT_OPT_END,
};

static const struct tt_command *const subcommands[] = {
    &tt_command_gateway_status, &tt_command_gateway_reload, &tt_command_gateway_stop, &tt_command_gateway_upgrade, NULL,
};

static const struct tt_example examples[] = {
    {"telltale gateway --policy policy.yaml --shadow", "Look on for a week: everything is recorded, nothing is changed"},
    {"telltale gateway --policy policy.yaml --check", "Would it start?"},
    {"telltale gateway --policy policy.yaml --listen '*:8443' --tls-cert cert.pem --tls-key key.pem",
     "For other machines, with TLS"},
    {"ANTHROPIC_BASE_URL=http://127.0.0.1:8400 claude", "A client that goes through it"},
    {NULL, NULL},
};

const struct tt_command tt_command_gateway = {
    .name = "gateway",
    .summary = "Run a gateway for model APIs under a policy",
    .usage = "[OPTION]... --policy FILE",
    .description = "Clients reach it by base URL. It runs nginx with the telltale module: each request to a model API is "
                   "inspected as a whole, judged "
                   "by the policy, and forwarded as it is, with proven marks taken out, sent to an approved alternative, or "
                   "refused with an error that "
                   "the client shows. Answers pass untouched. Who asked what of whom, and what was decided, is recorded in a "
                   "ledger; the text of "
                   "requests is not.\n\n"
                   "It runs in the foreground until SIGTERM or 'telltale gateway stop'. SIGHUP is 'reload'.",
    .options = options,
    .examples = examples,
    .uses = TT_USES_OUTPUT,
    .settings_size = sizeof(struct tt_gateway_settings),
    .subcommands = subcommands,
    .run = run_gateway,
};
