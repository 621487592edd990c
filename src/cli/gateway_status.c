/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale gateway status`: how a running gateway is.
 *
 * In: the JSON that it writes every second.  Out: the same, or lines for a person; what needs attention is named as such.
 */
#include "base/limits.h"
#include "cli/gateway.h"
#include "finding/writer.h"
#include "json/node.h"

#include <limits.h>

/* A part of the document, and the bytes that numbers and literals are cut from. */
struct view {
    const struct tt_node *node; /* an object, or NULL */
    struct tt_str bytes;
};

static const struct tt_node *
member(struct view view, const char *name)
{
    return view.node ? tt_node_get(view.node, tt_str_cstr(name)) : NULL;
}

static struct view
part(struct view view, const char *name)
{
    return (struct view) {member(view, name), view.bytes};
}

static struct tt_str
text_of(struct view view, const char *name)
{
    const struct tt_node *node = member(view, name);
    return node && node->kind == TT_JSON_STRING ? node->text : TT_STR("");
}

static uint64_t
number_of(struct view view, const char *name)
{
    const struct tt_node *node = member(view, name);
    uint64_t value = 0;
    if (node && node->kind == TT_JSON_NUMBER) {
        for (size_t i = node->pos; i < view.bytes.len && tt_ascii_is_digit((unsigned char) view.bytes.ptr[i]); i++) {
            value = value * 10 + (uint64_t) (view.bytes.ptr[i] - '0');
        }
    }
    return value;
}

static bool
is_true(struct view view, const char *name)
{
    const struct tt_node *node = member(view, name);
    return node && node->kind == TT_JSON_TRUE;
}

/* ---- lines ---- */

static void
begin_line(struct tt_buf *out, const char *label)
{
    tt_buf_add_cstr(out, "  ");
    tt_buf_add_cstr(out, label);
    for (size_t i = strlen(label); i < 12; i++) {
        tt_buf_add_char(out, ' ');
    }
}

static void
text_line(struct tt_buf *out, const char *label, struct tt_str text, const char *behind)
{
    begin_line(out, label);
    tt_writer_add_safe(out, text);
    tt_buf_add_cstr(out, behind);
    tt_buf_add_char(out, '\n');
}

static void
add_duration(struct tt_buf *out, uint64_t seconds)
{
    if (seconds >= 86400) {
        tt_writer_add_count(out, seconds / 86400, "day");
        tt_buf_add_cstr(out, ", ");
    }
    tt_writer_add_count(out, seconds / 3600 % 24, "hour");
    tt_buf_add_cstr(out, ", ");
    tt_writer_add_count(out, seconds / 60 % 60, "minute");
}

static void
show_nginx(struct tt_buf *out, struct view all, bool open)
{
    struct view nginx = part(all, "nginx"), module = part(all, "module");
    begin_line(out, "nginx");
    tt_buf_add_cstr(out, "process ");
    tt_buf_add_u64(out, number_of(nginx, "pid"));
    tt_buf_add_cstr(out, ", ");
    tt_writer_add_count(out, number_of(nginx, "workers"), "worker");
    if (number_of(nginx, "leaving") > 0) {
        tt_buf_add_cstr(out, ", ");
        tt_buf_add_u64(out, number_of(nginx, "leaving"));
        tt_buf_add_cstr(out, " more finish their streams");
    }
    tt_buf_add_char(out, '\n');
    text_line(out, "module", text_of(module, "file"),
              is_true(module, "loaded") ? "" : ": installed, not loaded; 'telltale gateway upgrade' loads it");
    if (number_of(nginx, "without_ring") > 0) {
        begin_line(out, "ATTENTION");
        tt_writer_add_count(out, number_of(nginx, "without_ring"), "worker");
        tt_buf_add_cstr(out, number_of(nginx, "without_ring") == 1 ? " has" : " have");
        tt_buf_add_cstr(out, " no ring, so nothing that is asked there is recorded: ");
        tt_buf_add_cstr(out, open ? "it is FORWARDED all the same" : "it is refused");
        tt_buf_add_cstr(out, "; error.log says why\n");
    }
    if (number_of(nginx, "alerts") > 0) {
        begin_line(out, "ATTENTION");
        tt_writer_add_count(out, number_of(nginx, "alerts"), "alert");
        tt_buf_add_cstr(out, " in error.log, the last: ");
        tt_writer_add_safe(out, text_of(nginx, "last_alert"));
        tt_buf_add_char(out, '\n');
    }
}

static void
show_records(struct tt_buf *out, struct view all)
{
    struct view records = part(all, "records"), rings = part(all, "rings");
    begin_line(out, "records");
    tt_buf_add_u64(out, number_of(records, "stored"));
    tt_buf_add_cstr(out, " stored, ");
    tt_writer_add_size(out, number_of(records, "spooled_bytes"));
    tt_buf_add_cstr(out, " spooled, ");
    tt_buf_add_u64(out, number_of(records, "lost"));
    tt_buf_add_cstr(out, number_of(records, "lost") > 0 ? " LOST\n" : " lost\n");
    if (!is_true(records, "ledger_works")) {
        text_line(out, "ATTENTION", text_of(records, "ledger_why"), "");
        text_line(out, "", text_of(records, "spool_why"), "");
    }
    begin_line(out, "rings");
    tt_writer_add_size(out, number_of(rings, "used_bytes"));
    tt_buf_add_cstr(out, " wait, of ");
    tt_writer_add_size(out, number_of(rings, "capacity_bytes"));
    tt_buf_add_char(out, '\n');
    if (number_of(all, "temp_files") > 0) {
        begin_line(out, "ATTENTION");
        tt_buf_add_cstr(out, "bodies that were written to a file, which costs 40 ms each: ");
        tt_buf_add_u64(out, number_of(all, "temp_files"));
        tt_buf_add_char(out, '\n');
    }
}

static void
show_upstreams(struct tt_buf *out, struct view all)
{
    const struct tt_node *list = member(all, "upstreams");
    for (const struct tt_node *node = list ? list->first : NULL; node; node = node->next) {
        struct view upstream = {node, all.bytes};
        begin_line(out, node == list->first ? "upstreams" : "");
        tt_writer_add_safe(out, text_of(upstream, "provider"));
        tt_buf_add_cstr(out, is_true(upstream, "encrypted") ? " at https://" : " at http://");
        tt_writer_add_safe(out, text_of(upstream, "host"));
        tt_buf_add_char(out, ':');
        tt_buf_add_u64(out, number_of(upstream, "port"));
        tt_buf_add_cstr(out, number_of(upstream, "addresses") == 0 ? ": its name has NO ADDRESS\n" : "\n");
    }
}

static void
show_budgets(struct tt_buf *out, struct view all)
{
    const struct tt_node *list = member(all, "budgets");
    for (const struct tt_node *node = list ? list->first : NULL; node; node = node->next) {
        struct view budget = {node, all.bytes};
        begin_line(out, node == list->first ? "budgets" : "");
        tt_writer_add_safe(out, text_of(budget, "id"));
        tt_buf_add_cstr(out, " of ");
        tt_writer_add_safe(out, text_of(budget, "team"));
        tt_buf_add_cstr(out, ": ");
        tt_buf_add_u64(out, number_of(budget, "used_millionths") / 10000);
        tt_buf_add_cstr(out, " % used\n");
    }
}

/* "/etc/telltale/client.json: 3 sites", and what it was. */
static void
show_learned(struct tt_buf *out, struct view all)
{
    const struct tt_node *list = member(all, "learned");
    for (const struct tt_node *node = list ? list->first : NULL; node; node = node->next) {
        struct view learned = {node, all.bytes};
        begin_line(out, node == list->first ? "learned" : "");
        tt_writer_add_safe(out, text_of(learned, "file"));
        tt_buf_add_cstr(out, ": ");
        tt_writer_add_count(out, number_of(learned, "sites"), "site");
        tt_buf_add_char(out, '\n');
        text_line(out, "", text_of(learned, "identity"), "");
    }
}

static void
show(struct tt_buf *out, struct view all)
{
    struct view policy = part(all, "policy"), last = part(all, "last_reload");
    bool open = tt_str_eq(text_of(all, "on_error"), TT_STR("open"));
    tt_buf_add_cstr(out, "gateway on ");
    tt_writer_add_safe(out, text_of(all, "listen"));
    tt_buf_add_cstr(out, ", process ");
    tt_buf_add_u64(out, number_of(all, "pid"));
    tt_buf_add_cstr(out, ", up ");
    add_duration(out, number_of(all, "uptime_s"));
    if (!tt_str_eq(text_of(all, "phase"), TT_STR("serving"))) {
        tt_buf_add_cstr(out, ", ");
        tt_writer_add_safe(out, text_of(all, "phase"));
    }
    tt_buf_add_char(out, '\n');
    text_line(out, "policy", text_of(policy, "id"), "");
    text_line(out, "", text_of(policy, "identity"), "");
    show_learned(out, all);
    text_line(out, "fails", text_of(all, "on_error"),
              open ? ": what cannot be inspected is forwarded, and recorded as such" : ": what cannot be inspected is refused");
    if (is_true(all, "shadow")) {
        text_line(out, "shadow", TT_STR("on: decisions are recorded, nothing is changed or blocked"), "");
    }
    show_nginx(out, all, open);
    show_records(out, all);
    show_upstreams(out, all);
    show_budgets(out, all);
    text_line(out, "metrics", text_of(all, "metrics"), "");
    if (last.node) {
        text_line(out, "reloaded", text_of(last, "time"), is_true(last, "good") ? "" : ": FAILED");
        struct tt_str rest = text_of(last, "message"), line;
        while (tt_writer_next_item(&rest, &line)) {
            text_line(out, "", line, "");
        }
    }
}

/* ---- the command ---- */

static enum tt_exit
write_status(const struct tt_call *call, struct tt_buf *json)
{
    const struct tt_gateway_settings *settings = call->settings;
    struct tt_arena arena;
    struct tt_error err;
    struct tt_buf out;
    struct view all = {NULL, tt_buf_str(json)};
    tt_buf_init(&out, call->cli->alloc, 8 * TT_SERVE_STATUS_MAX);
    tt_arena_init(&arena, call->cli->alloc, TT_SERVE_ARENA);
    enum tt_exit code = TT_EXIT_OK;
    if (settings->format == TT_CLI_JSON) {
        tt_buf_add(&out, all.bytes);
    } else if (tt_node_parse(&arena, all.bytes, &all.node, &err) == TT_OK && all.node->kind == TT_JSON_OBJECT_BEGIN) {
        show(&out, all);
    } else {
        code = tt_cli_complain(call->cli, TT_EXIT_INTERNAL, "what the gateway says about itself cannot be read");
    }
    if (code == TT_EXIT_OK) {
        code = tt_cli_deliver(call, &out);
    } else {
        tt_buf_free(&out);
    }
    tt_arena_free(&arena);
    return code;
}

static enum tt_exit
run_status(const struct tt_call *call)
{
    char folder[PATH_MAX];
    struct tt_buf json, message;
    enum tt_exit code = tt_gateway_state(call, folder, sizeof(folder));
    if (code != TT_EXIT_OK) {
        return code;
    }
    tt_buf_init(&json, call->cli->alloc, TT_SERVE_STATUS_MAX + TT_KIB);
    tt_buf_init(&message, call->cli->alloc, TT_SERVE_SAID_MAX);
    enum tt_status status = tt_serve_status(folder, &json, &message);
    if (status == TT_OK) {
        code = write_status(call, &json);
    } else {
        code = tt_gateway_exit(status);
        tt_cli_complain(call->cli, code, "%.*s", (int) message.len, message.ptr ? message.ptr : "");
    }
    tt_buf_free(&message);
    tt_buf_free(&json);
    return code;
}

static const struct tt_option options[] = {
    TT_GATEWAY_STATE_OPTION,
    TT_OPT_CHOICE(struct tt_gateway_settings, format, 'f', "format", "FORMAT", "text or json", tt_cli_formats),
    TT_OPT_END,
};

static const struct tt_example examples[] = {
    {"telltale gateway status", "Policy, workers, records, and what needs attention"},
    {"telltale gateway status --format json", "The same for a program"},
    {NULL, NULL},
};

const struct tt_command tt_command_gateway_status = {
    .name = "status",
    .summary = "Show how a running gateway is",
    .usage = "[OPTION]...",
    .description =
        "Shows the policy in force and its identity, whether the gateway fails open or closed, workers, records stored, "
        "spooled and lost, whether the installed module is the one in memory, and the last reload. The exit code is 2 when no "
        "gateway runs on the folder.",
    .options = options,
    .uses = TT_USES_OUTPUT,
    .examples = examples,
    .settings_size = sizeof(struct tt_gateway_settings),
    .run = run_status,
};
