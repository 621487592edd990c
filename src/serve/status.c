/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a gateway says about itself: status.json, written every second, and read by `telltale gateway status`.
 */
#include "finding/writer.h"
#include "serve/run.h"

#include <stdio.h>
#include <unistd.h>

static void
add_text(struct tt_buf *out, bool *first, const char *key, const char *text)
{
    tt_json_add_text_member(out, first, key, tt_str_cstr(text));
}

/* Begins a member that is an object. */
static void
begin_object(struct tt_buf *out, bool *first, const char *key)
{
    tt_json_add_key(out, first, key);
    tt_buf_add_char(out, '{');
    *first = true;
}

static void
end_object(struct tt_buf *out, bool *first)
{
    tt_buf_add_char(out, '}');
    *first = false;
}

/* A worker claims its ring when it begins, and the collector sees that a moment later: so what counts is who has none for a second. */
static uint64_t
count_without_ring(struct tt_serve *serve)
{
    serve->without_ring[1] = serve->without_ring[0];
    serve->without_ring[0] = 0;
    for (size_t i = 0; i < serve->workers.count; i++) {
        serve->without_ring[0] += serve->records.collect && !tt_serve_records_has(&serve->records, serve->workers.list[i].pid);
    }
    return serve->without_ring[0] < serve->without_ring[1] ? serve->without_ring[0] : serve->without_ring[1];
}

static void
add_nginx(struct tt_buf *out, bool *first, struct tt_serve *serve)
{
    const struct tt_serve_workers *workers = &serve->workers;
    begin_object(out, first, "nginx");
    tt_json_add_u64_member(out, first, "pid", (uint64_t) serve->master.pid);
    tt_json_add_u64_member(out, first, "workers", workers->count);
    tt_json_add_u64_member(out, first, "leaving", workers->leaving);
    tt_json_add_u64_member(out, first, "without_ring", count_without_ring(serve));
    tt_json_add_u64_member(out, first, "alerts", serve->log.alerts);
    if (serve->log.last[0]) {
        add_text(out, first, "last_alert", serve->log.last);
    }
    end_object(out, first);
    enum tt_serve_mapped mapped =
        tt_serve_process_maps(workers->count ? workers->list[0].pid : serve->master.pid, serve->settings.module);
    begin_object(out, first, "module");
    add_text(out, first, "file", serve->settings.module);
    tt_json_add_bool_member(out, first, "loaded", mapped == TT_SERVE_MAPPED);
    end_object(out, first);
}

static void
add_policy(struct tt_buf *out, bool *first, const struct tt_serve *serve)
{
    char identity[80];
    const struct tt_serve_policy *policy = &serve->now.policy;
    snprintf(identity, sizeof(identity), "sha256:%s", policy->identity);
    begin_object(out, first, "policy");
    add_text(out, first, "id", policy->id);
    add_text(out, first, "identity", identity);
    add_text(out, first, "file", serve->settings.policy);
    end_object(out, first);
    add_text(out, first, "on_error", policy->fails_open ? "open" : "closed");
    tt_json_add_bool_member(out, first, "shadow", serve->settings.shadow);
}

/* Beside the policy: together they say what decides. */
static void
add_learned(struct tt_buf *out, bool *first, const struct tt_serve *serve)
{
    char identity[80];
    tt_json_add_key(out, first, "learned");
    tt_buf_add_char(out, '[');
    for (size_t i = 0; i < serve->settings.learned_count; i++) {
        const struct tt_serve_learned *learned = &serve->now.learned[i];
        bool first_member = true;
        snprintf(identity, sizeof(identity), "sha256:%s", learned->digest);
        tt_buf_add_cstr(out, i ? ",{" : "{");
        add_text(out, &first_member, "file", serve->settings.learned[i]);
        add_text(out, &first_member, "identity", identity);
        tt_json_add_u64_member(out, &first_member, "sites", learned->sites);
        tt_buf_add_char(out, '}');
    }
    tt_buf_add_char(out, ']');
}

static void
add_records(struct tt_buf *out, bool *first, const struct tt_serve *serve)
{
    const struct tt_collect_state *state = tt_serve_records_state(&serve->records);
    begin_object(out, first, "records");
    tt_json_add_u64_member(out, first, "stored", state->records);
    tt_json_add_u64_member(out, first, "spooled_bytes", state->spooled);
    tt_json_add_u64_member(out, first, "lost", state->lost);
    tt_json_add_u64_member(out, first, "workers_lost", state->workers_lost);
    tt_json_add_bool_member(out, first, "ledger_works", state->ledger_works);
    if (!state->ledger_works) {
        add_text(out, first, "ledger_why", state->ledger_why);
    }
    if (!state->spool_works) {
        add_text(out, first, "spool_why", state->spool_why);
    }
    end_object(out, first);
    begin_object(out, first, "rings");
    tt_json_add_u64_member(out, first, "used_bytes", state->waiting);
    tt_json_add_u64_member(out, first, "capacity_bytes", serve->records.capacity);
    end_object(out, first);
    tt_json_add_u64_member(out, first, "temp_files", serve->log.temp_files);
}

static void
add_upstreams(struct tt_buf *out, bool *first, const struct tt_serve *serve)
{
    const struct tt_serve_settings *settings = &serve->settings;
    bool first_item = true;
    tt_json_add_key(out, first, "upstreams");
    tt_buf_add_char(out, '[');
    for (size_t i = 0; i < settings->upstream_count; i++) {
        const struct tt_serve_upstream *upstream = &settings->upstreams[i];
        bool first_member = true;
        if (upstream->off) {
            continue;
        }
        tt_buf_add_cstr(out, first_item ? "{" : ",{");
        tt_json_add_text_member(out, &first_member, "provider", upstream->provider);
        add_text(out, &first_member, "host", upstream->url.host);
        tt_json_add_u64_member(out, &first_member, "port", upstream->url.port);
        tt_json_add_bool_member(out, &first_member, "encrypted", upstream->url.https);
        tt_json_add_u64_member(out, &first_member, "addresses", serve->addresses[i].count);
        tt_buf_add_char(out, '}');
        first_item = false;
    }
    tt_buf_add_char(out, ']');
}

struct list {
    struct tt_buf *out;
    bool first;
};

static void
add_budget(void *ctx, struct tt_str id, struct tt_str team, uint64_t millionths)
{
    struct list *list = ctx;
    bool first = true;
    tt_buf_add_cstr(list->out, list->first ? "{" : ",{");
    tt_json_add_text_member(list->out, &first, "id", id);
    tt_json_add_text_member(list->out, &first, "team", team);
    tt_json_add_u64_member(list->out, &first, "used_millionths", millionths);
    tt_buf_add_char(list->out, '}');
    list->first = false;
}

static void
add_budgets(struct tt_buf *out, bool *first, const struct tt_serve *serve)
{
    struct list list = {.out = out, .first = true};
    tt_json_add_key(out, first, "budgets");
    tt_buf_add_char(out, '[');
    tt_serve_budgets_list(&serve->records.budgets, add_budget, &list);
    tt_buf_add_char(out, ']');
}

static void
add_attempt(struct tt_buf *out, bool *first, const struct tt_serve_attempt *attempt)
{
    if (!attempt->time[0]) {
        return;
    }
    begin_object(out, first, "last_reload");
    add_text(out, first, "time", attempt->time);
    tt_json_add_bool_member(out, first, "good", attempt->good);
    add_text(out, first, "message", attempt->message);
    end_object(out, first);
}

void
tt_serve_status_write(struct tt_serve *serve)
{
    struct tt_buf out;
    char now[32];
    bool first = true;
    tt_serve_time_text(now, sizeof(now));
    tt_buf_init(&out, serve->front->alloc, TT_SERVE_STATUS_MAX);
    tt_buf_add_char(&out, '{');
    add_text(&out, &first, "type", "gateway");
    add_text(&out, &first, "version", serve->front->version);
    add_text(&out, &first, "time", now);
    tt_json_add_u64_member(&out, &first, "pid", (uint64_t) getpid());
    add_text(&out, &first, "phase", serve->phase);
    add_text(&out, &first, "started", serve->started);
    tt_json_add_u64_member(&out, &first, "uptime_s", (uint64_t) (tt_serve_clock() - serve->started_ms) / 1000);
    add_text(&out, &first, "listen", serve->settings.listen.text);
    add_text(&out, &first, "metrics", serve->settings.has_metrics ? serve->settings.metrics.text : "off");
    add_policy(&out, &first, serve);
    add_learned(&out, &first, serve);
    add_nginx(&out, &first, serve);
    add_records(&out, &first, serve);
    add_upstreams(&out, &first, serve);
    add_budgets(&out, &first, serve);
    add_attempt(&out, &first, &serve->attempt);
    tt_buf_add_cstr(&out, "}\n");
    if (out.status == TT_OK) {
        (void) tt_serve_state_tell(&serve->state, "status.json", tt_buf_str(&out), false);
    }
    tt_buf_free(&out);
}
