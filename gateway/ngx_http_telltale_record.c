/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two records of a request, in the worker's ring: one before anything
 * goes on, one when all is over.
 *
 * Nothing here waits.  The ring refuses what it has no room for, and the
 * caller takes the fail mode.
 */
#include "ngx_http_telltale_module.h"


/* Bytes that the ring adds to a record, and more. */
#define NGX_HTTP_TELLTALE_RING_EXTRA 64

#define NGX_HTTP_TELLTALE_EDITS_MAX 64 /* that a record lists */


static ngx_int_t ngx_http_telltale_put(struct tt_buf *record, size_t reserve);
static void      ngx_http_telltale_add_decision(ngx_http_telltale_ctx_t *ctx,
                                                const ngx_http_telltale_begin_t *b,
                                                struct tt_buf *out, bool *first);
static const char *
ngx_http_telltale_end(ngx_http_telltale_ctx_t         *ctx,
                      const ngx_http_upstream_state_t *last);


static void
ngx_http_telltale_add_time(struct tt_buf *out, bool *first)
{
    u_char          buf[sizeof("2026-11-21T10:48:26.123456Z")];
    ngx_tm_t        tm;
    struct timespec ts;

    (void) clock_gettime(CLOCK_REALTIME, &ts);
    ngx_gmtime(ts.tv_sec, &tm);
    (void) ngx_sprintf(buf, "%4d-%02d-%02dT%02d:%02d:%02d.%06LZ%Z",
                       tm.ngx_tm_year, tm.ngx_tm_mon, tm.ngx_tm_mday,
                       tm.ngx_tm_hour, tm.ngx_tm_min, tm.ngx_tm_sec,
                       (int64_t) ts.tv_nsec / 1000);
    tt_json_add_text_member(out, first, "time",
                            tt_str_make(buf, sizeof(buf) - 1));
}


static void
ngx_http_telltale_add(struct tt_buf *out, bool *first, const char *key,
                      struct tt_str text)
{
    if (text.len > 0) {
        tt_json_add_text_member(out, first, key, text);
    }
}


static void
ngx_http_telltale_add_hex(struct tt_buf *out, bool *first, const char *key,
                          const unsigned char *bytes, size_t size)
{
    tt_json_add_key(out, first, key);
    tt_buf_add_char(out, '"');
    tt_buf_add_hex(out, tt_str_make(bytes, size));
    tt_buf_add_char(out, '"');
}


/* "key":{ ... the caller adds the members and the brace. */

static bool
ngx_http_telltale_open(struct tt_buf *out, bool *first, const char *key)
{
    tt_json_add_key(out, first, key);
    tt_buf_add_char(out, '{');

    return true;
}


static void
ngx_http_telltale_add_body(ngx_http_telltale_ctx_t         *ctx,
                           const ngx_http_telltale_begin_t *b,
                           struct tt_buf *out, bool *first)
{
    bool inner = ngx_http_telltale_open(out, first, "body");

    tt_json_add_u64_member(out, &inner, "length", ctx->body_length);

    if (b->verdict != NULL) {
        ngx_http_telltale_add_hex(out, &inner, "fingerprint",
                                  b->verdict->fingerprint, 16);
    }

    if (b->hashed) {
        ngx_http_telltale_add_hex(out, &inner, "sha256", b->sha256,
                                  TT_SHA256_SIZE);
    }

    if (b->sent) {
        tt_json_add_u64_member(out, &inner, "sent_length", b->sent_length);
        ngx_http_telltale_add_hex(out, &inner, "sent_sha256", b->sent_sha256,
                                  TT_SHA256_SIZE);
    }

    tt_buf_add_char(out, '}');
}


static void
ngx_http_telltale_add_marks(const struct tt_gate_verdict *v,
                            struct tt_buf *out, bool *first)
{
    bool   inner;
    size_t i;

    tt_json_add_key(out, first, "marks");
    tt_buf_add_char(out, '[');

    for (i = 0; i < v->finding_count; i++) {
        tt_buf_add_cstr(out, i > 0 ? ",{" : "{");
        inner = true;
        tt_json_add_text_member(out, &inner, "rule",
                                tt_str_cstr(v->findings[i].rule->id));
        tt_json_add_text_member(
            out, &inner, "level",
            tt_str_cstr(tt_level_name(v->findings[i].level)));
        ngx_http_telltale_add(out, &inner, "path", v->findings[i].where.path);
        tt_json_add_u64_member(out, &inner, "offset",
                               v->findings[i].where.offset);
        tt_json_add_u64_member(out, &inner, "length",
                               v->findings[i].where.length);
        tt_buf_add_char(out, '}');
    }

    tt_buf_add_char(out, ']');
    tt_json_add_u64_member(out, first, "marks_more", v->finding_more);

    tt_json_add_key(out, first, "edits");
    tt_buf_add_char(out, '[');

    for (i = 0; i < v->edit_count && i < NGX_HTTP_TELLTALE_EDITS_MAX; i++) {
        tt_buf_add_cstr(out, i > 0 ? ",{" : "{");
        inner = true;
        tt_json_add_u64_member(out, &inner, "offset", v->edits[i].offset);
        tt_json_add_u64_member(out, &inner, "length", v->edits[i].length);
        tt_json_add_u64_member(out, &inner, "new_length",
                               v->edits[i].with.len);
        tt_json_add_text_member(out, &inner, "rule",
                                tt_str_cstr(v->edits[i].rule));
        ngx_http_telltale_add_hex(out, &inner, "after",
                                  (const unsigned char *) v->edits[i].with.ptr,
                                  v->edits[i].with.len);
        tt_buf_add_char(out, '}');
    }

    tt_buf_add_char(out, ']');
}


static void
ngx_http_telltale_add_decision(ngx_http_telltale_ctx_t         *ctx,
                               const ngx_http_telltale_begin_t *b,
                               struct tt_buf *out, bool *first)
{
    bool inner = ngx_http_telltale_open(out, first, "decision");

    ngx_http_telltale_add(out, &inner, "action", tt_str_cstr(ctx->action));

    if (b->verdict != NULL) {
        ngx_http_telltale_add(out, &inner, "rule",
                              ctx->refusal == TT_REFUSE_BUDGET
                                  ? ngx_http_telltale_str(ctx->account.budget)
                                  : b->verdict->rule);
        ngx_http_telltale_add(out, &inner, "alternative",
                              b->verdict->alternative);
        ngx_http_telltale_add(out, &inner, "upstream", b->verdict->upstream);
    }

    tt_buf_add_char(out, '}');
}


ngx_int_t
ngx_http_telltale_record_begin(ngx_http_telltale_ctx_t         *ctx,
                               const ngx_http_telltale_begin_t *b)
{
    bool                           first = true;
    const char                    *reason = b->reason;
    struct tt_buf                 *out = &ngx_http_telltale_worker.record;
    const struct tt_gate_verdict  *v = b->verdict;
    ngx_http_telltale_main_conf_t *mcf;

    mcf = ngx_http_telltale_main_conf(ctx->request);

    tt_buf_clear(out);
    tt_buf_add_char(out, '{');
    ngx_http_telltale_add(out, &first, "type", TT_STR("request"));
    ngx_http_telltale_add(out, &first, "id",
                          tt_str_make(ctx->id, sizeof(ctx->id)));
    ngx_http_telltale_add_time(out, &first);
    tt_json_add_key(out, &first, "policy");
    tt_buf_add_cstr(out, "\"sha256:");
    tt_buf_add_cstr(out, mcf->policy->identity.hex);
    tt_buf_add_char(out, '"');

    if (ctx->identity.source != NULL) {
        ngx_http_telltale_add(
            out, &first, "client",
            tt_str_make(ctx->identity.hash, sizeof(ctx->identity.hash)));
        ngx_http_telltale_add(out, &first, "identity",
                              tt_str_cstr(ctx->identity.source));
    }

    ngx_http_telltale_add(out, &first, "team",
                          ngx_http_telltale_str(ctx->identity.team));
    ngx_http_telltale_add(out, &first, "region",
                          ngx_http_telltale_str(ctx->identity.region));
    ngx_http_telltale_add(out, &first, "api",
                          tt_str_cstr(tt_api_name(ctx->route.api)));
    ngx_http_telltale_add(
        out, &first, "operation",
        tt_str_cstr(tt_operation_name(ctx->route.operation)));

    if (ctx->judged != NULL) {
        ngx_http_telltale_add(out, &first, "provider",
                              ngx_http_telltale_str(ctx->judged->id));
    }

    if (v != NULL) {
        ngx_http_telltale_add(out, &first, "product", v->product);
        ngx_http_telltale_add(out, &first, "model", v->model);
        tt_json_add_bool_member(out, &first, "stream", v->streams);
        reason = v->not_inspected;
    }

    ngx_http_telltale_add_body(ctx, b, out, &first);
    ngx_http_telltale_add_decision(ctx, b, out, &first);
    tt_json_add_bool_member(out, &first, "shadow", ctx->shadow);
    tt_json_add_key(out, &first, "not_inspected");
    if (reason != NULL) {
        tt_json_add_string(out, tt_str_cstr(reason));
    } else {
        tt_buf_add_cstr(out, "null");
    }

    if (v != NULL) {
        ngx_http_telltale_add_marks(v, out, &first);
    }

    ngx_http_telltale_add_account(ctx, NULL, out, &first);

    tt_json_add_u64_member(out, &first, "inspect_us", b->inspect_ns / 1000);
    tt_buf_add_char(out, '}');

    /* Room for the outcomes of all that are open is kept free. */
    if (ngx_http_telltale_put(out, (ngx_http_telltale_worker.open + 1)
                                       * (NGX_HTTP_TELLTALE_OUTCOME_MAX
                                          + NGX_HTTP_TELLTALE_RING_EXTRA))
        != NGX_OK) {
        return NGX_DECLINED;
    }

    ngx_http_telltale_worker.open++;
    ctx->recorded = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_http_telltale_put(struct tt_buf *record, size_t reserve)
{
    size_t          need;
    uint64_t        sequence;
    struct tt_ring *ring = ngx_http_telltale_worker.ring;

    if (ring == NULL || record->status != TT_OK) {
        return NGX_DECLINED;
    }

    need = tt_ring_used(ring) + record->len + NGX_HTTP_TELLTALE_RING_EXTRA
           + reserve;
    if (reserve > 0 && need > ngx_http_telltale_worker.ring_size) {
        return NGX_DECLINED;
    }

    return tt_ring_put(ring, tt_buf_str(record), &sequence) == TT_OK
               ? NGX_OK
               : NGX_DECLINED;
}


/* ---- the outcome ---- */


/* Milliseconds with one decimal. */

static void
ngx_http_telltale_add_ms(struct tt_buf *out, bool *first, const char *key,
                         uint64_t ns)
{
    tt_json_add_key(out, first, key);
    tt_buf_add_u64(out, ns / 1000000);
    tt_buf_add_char(out, '.');
    tt_buf_add_u64(out, ns / 100000 % 10);
}


static void
ngx_http_telltale_add_usage(const struct tt_meter_result *result,
                            struct tt_buf *out, bool *first)
{
    bool                   inner = true;
    size_t                 i;
    const struct tt_usage *usage = &result->usage;
    const struct {
        const char *key;
        int64_t     value;
    } fields[] = {
        { "input_total", usage->input_total },
        { "input_cached", usage->input_cached },
        { "input_cache_write", usage->input_cache_write },
        { "output_total", usage->output_total },
        { "output_reasoning", usage->output_reasoning },
    };

    ngx_http_telltale_add(out, first, "model", result->model);
    ngx_http_telltale_add(out, first, "response_id", result->id);
    ngx_http_telltale_add(out, first, "finish", result->finish);

    inner = ngx_http_telltale_open(out, first, "usage");

    for (i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
        if (fields[i].value >= 0) {
            tt_json_add_u64_member(out, &inner, fields[i].key,
                                   (uint64_t) fields[i].value);
        }
    }

    tt_json_add_text_member(out, &inner, "source",
                            tt_str_cstr(tt_usage_grade_name(usage->grade)));
    tt_buf_add_char(out, '}');
}


void
ngx_http_telltale_record_end(ngx_http_telltale_ctx_t *ctx)
{
    bool                                first = true;
    uint64_t                            now = ngx_http_telltale_now();
    ngx_uint_t                          i, attempts = 0;
    struct tt_buf                      *out = &ngx_http_telltale_worker.record;
    ngx_http_request_t                 *r = ctx->request;
    struct tt_meter_result              result;
    ngx_http_upstream_state_t          *state, *last = NULL;

    static const struct tt_meter_result unread = {
        .usage = { -1, -1, -1, -1, -1, TT_USAGE_NONE },
    };

    if (!ctx->recorded) {
        return;
    }

    ctx->recorded = 0;
    ngx_http_telltale_worker.open--;

    if (r->upstream_states != NULL) {
        state = r->upstream_states->elts;
        for (i = 0; i < r->upstream_states->nelts; i++) {
            /* One without a peer divides those of internal redirects. */
            if (state[i].peer != NULL) {
                attempts++;
                last = &state[i];
            }
        }
    }

    tt_buf_clear(out);
    tt_buf_add_char(out, '{');
    ngx_http_telltale_add(out, &first, "type", TT_STR("outcome"));
    ngx_http_telltale_add(out, &first, "id",
                          tt_str_make(ctx->id, sizeof(ctx->id)));
    ngx_http_telltale_add_time(out, &first);
    tt_json_add_u64_member(out, &first, "status", r->headers_out.status);

    if (last != NULL && last->header_time != (ngx_msec_t) -1) {
        tt_json_add_u64_member(out, &first, "upstream_status", last->status);
    }

    if (attempts > 0) {
        tt_json_add_u64_member(out, &first, "attempts", attempts);
    }

    if (ctx->meter != NULL) {
        tt_meter_end(ctx->meter, r->request_complete && ctx->ended,
                     ctx->body_length, &result);
        ngx_http_telltale_add_usage(&result, out, &first);
    }

    ngx_http_telltale_add_account(ctx, ctx->meter != NULL ? &result : &unread,
                                  out, &first);

    if (ctx->first_byte > 0) {
        ngx_http_telltale_add_ms(out, &first, "first_byte_ms",
                                 ctx->first_byte - ctx->started);
    }

    ngx_http_telltale_add_ms(out, &first, "total_ms", now - ctx->started);
    ngx_http_telltale_add(out, &first, "end",
                          tt_str_cstr(ngx_http_telltale_end(ctx, last)));
    tt_buf_add_char(out, '}');

    if (ngx_http_telltale_put(out, 0) != NGX_OK) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "telltale: an outcome has no room in the ring");
    }
}


/*
 * The status does not tell: an answer that broke off in the middle has the
 * one that it began with.
 */

static const char *
ngx_http_telltale_end(ngx_http_telltale_ctx_t         *ctx,
                      const ngx_http_upstream_state_t *last)
{
    ngx_http_request_t *r = ctx->request;

    if (ctx->refused) {
        return "refused";
    }

    if (r->connection->error
        || r->headers_out.status == NGX_HTTP_CLIENT_CLOSED_REQUEST) {
        return "client_abort";
    }

    if (!r->request_complete || (!ctx->ended && !r->header_only)
        || (last != NULL && last->header_time == (ngx_msec_t) -1)) {
        return "upstream_abort";
    }

    return "complete";
}
