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

/* What is kept free for the outcome of each request that is under way. */
#define NGX_HTTP_TELLTALE_OUTCOME_ROOM                                        \
    (TT_RECORD_OUTCOME_MAX + NGX_HTTP_TELLTALE_RING_EXTRA)


static struct timespec
ngx_http_telltale_time(void)
{
    struct timespec ts;

    (void) clock_gettime(CLOCK_REALTIME, &ts);

    return ts;
}


/* reserve: what must be free behind the record. */

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


/* What the gate said. */

static void
ngx_http_telltale_record_verdict(struct tt_record_request     *record,
                                 const struct tt_gate_verdict *v)
{
    const struct tt_policy_axis_verdict *axis;

    record->product = v->product;
    record->model = v->model;
    record->stream = v->streams;
    record->fingerprint = v->fingerprint;
    record->rule = v->rule;
    record->alternative = v->alternative;
    record->upstream = v->upstream;
    record->not_inspected = v->not_inspected;
    record->references = v->references;
    record->findings = v->findings;
    record->finding_count = v->finding_count;
    record->finding_more = v->finding_more;
    record->edits = v->edits;
    record->edit_count = v->edit_count;

    if (v->decision != NULL) {
        axis = &v->decision->axes[v->decision->axis];
        record->status = tt_policy_status_name(v->decision->status);
        record->since = axis->since;
    }
}


/* Who asks, for what. */

static void
ngx_http_telltale_record_context(struct tt_record_request *record,
                                 ngx_http_telltale_ctx_t  *ctx)
{
    const ngx_http_telltale_identity_t *id = &ctx->identity;

    record->id = tt_str_make(ctx->id, sizeof(ctx->id));
    record->time = ngx_http_telltale_time();

    if (id->source != NULL) {
        record->client = tt_str_make(id->hash, sizeof(id->hash));
        record->identity = tt_str_cstr(id->source);
    }

    record->team = ngx_http_telltale_str(id->team);
    record->region = ngx_http_telltale_str(id->region);
    record->api = ctx->route.api;
    record->operation = ctx->route.operation;
    record->body_length = ctx->body_length;
    record->action = ctx->action;
    record->shadow = ctx->shadow;

    if (ctx->judged != NULL) {
        record->provider = ngx_http_telltale_str(ctx->judged->id);
    }
}


ngx_int_t
ngx_http_telltale_record_begin(ngx_http_telltale_ctx_t         *ctx,
                               const ngx_http_telltale_begin_t *b)
{
    u_char                         policy[sizeof("sha256:") + 64];
    struct tt_buf                 *out = &ngx_http_telltale_worker.record;
    struct tt_record_charge        charge;
    struct tt_record_request       record;
    ngx_http_telltale_main_conf_t *mcf;

    mcf = ngx_http_telltale_main_conf(ctx->request);

    ngx_memzero(&record, sizeof(struct tt_record_request));
    ngx_http_telltale_record_context(&record, ctx);
    record.policy = tt_str_make(
        policy,
        (size_t) (ngx_sprintf(policy, "sha256:%s", mcf->policy->identity.hex)
                  - policy));
    record.inspect_us = b->inspect_ns / 1000;
    record.not_inspected = b->reason;
    record.sent_length = -1;

    if (b->verdict != NULL) {
        ngx_http_telltale_record_verdict(&record, b->verdict);
        record.pieces = b->pieces;
        record.piece_count = b->piece_count;
    }

    record.charge = ngx_http_telltale_record_charge(ctx, NULL, &charge);
    if (ctx->refusal == TT_REFUSE_BUDGET) {
        record.rule = ngx_http_telltale_str(ctx->account.budget);
    }

    if (b->hashed) {
        record.sha256 = b->sha256;
    }

    if (b->hashed && b->sent) {
        record.sent_sha256 = b->sent_sha256;
        record.sent_length = (int64_t) b->sent_length;
    }

    tt_buf_clear(out);
    tt_record_request(out, &record);

    if (ngx_http_telltale_put(out, (ngx_http_telltale_worker.open + 1)
                                       * NGX_HTTP_TELLTALE_OUTCOME_ROOM)
        != NGX_OK) {
        return NGX_DECLINED;
    }

    ngx_http_telltale_worker.open++;
    ctx->recorded = 1;

    return NGX_OK;
}


/*
 * The status does not tell: an answer that broke off in the middle has the
 * one that it began with.
 */

static enum tt_record_end
ngx_http_telltale_end(ngx_http_telltale_ctx_t         *ctx,
                      const ngx_http_upstream_state_t *last)
{
    ngx_http_request_t *r = ctx->request;

    if (ctx->refused) {
        return TT_END_REFUSED;
    }

    if (r->connection->error
        || r->headers_out.status == NGX_HTTP_CLIENT_CLOSED_REQUEST) {
        return TT_END_CLIENT_ABORT;
    }

    if (!r->request_complete || (!ctx->ended && !r->header_only)
        || (last != NULL && last->header_time == (ngx_msec_t) -1)) {
        return TT_END_UPSTREAM_ABORT;
    }

    return TT_END_COMPLETE;
}


/* The last upstream that was asked; NULL: none was. */

static ngx_http_upstream_state_t *
ngx_http_telltale_last_state(ngx_http_request_t *r, unsigned *attempts)
{
    ngx_uint_t                 i;
    ngx_http_upstream_state_t *state, *last = NULL;

    *attempts = 0;

    if (r->upstream_states == NULL) {
        return NULL;
    }

    state = r->upstream_states->elts;

    for (i = 0; i < r->upstream_states->nelts; i++) {
        /* One without a peer divides those of internal redirects. */
        if (state[i].peer != NULL) {
            (*attempts)++;
            last = &state[i];
        }
    }

    return last;
}


void
ngx_http_telltale_record_end(ngx_http_telltale_ctx_t *ctx)
{
    uint64_t                            now = ngx_http_telltale_now();
    size_t                              reserve;
    ngx_uint_t                          unrecorded;
    struct tt_buf                      *out = &ngx_http_telltale_worker.record;
    ngx_http_request_t                 *r = ctx->request;
    struct tt_meter_result              result;
    struct tt_record_charge             charge;
    struct tt_record_outcome            record;
    ngx_http_upstream_state_t          *last;

    static const struct tt_meter_result unread = {
        .usage = { -1, -1, -1, -1, -1, TT_USAGE_NONE },
    };

    if (!ctx->recorded && !ctx->unrecorded) {
        return;
    }

    if (ctx->recorded) {
        ngx_http_telltale_worker.open--;
    }

    ngx_memzero(&record, sizeof(struct tt_record_outcome));
    last = ngx_http_telltale_last_state(r, &record.attempts);

    record.id = tt_str_make(ctx->id, sizeof(ctx->id));
    record.time = ngx_http_telltale_time();
    record.status = (unsigned) r->headers_out.status;
    record.total_us = (int64_t) ((now - ctx->started) / 1000);
    record.first_byte_us = -1;
    record.end = ngx_http_telltale_end(ctx, last);

    if (last != NULL && last->header_time != (ngx_msec_t) -1) {
        record.upstream_status = (unsigned) last->status;
    }

    if (ctx->first_byte > 0) {
        record.first_byte_us =
            (int64_t) ((ctx->first_byte - ctx->started) / 1000);
    }

    if (ctx->meter != NULL) {
        tt_meter_end(ctx->meter, record.end == TT_END_COMPLETE,
                     ctx->body_length, &result);
        record.meter = &result;
    }

    record.charge = ngx_http_telltale_record_charge(
        ctx, ctx->meter != NULL ? &result : &unread, &charge);

    tt_buf_clear(out);
    tt_record_outcome(out, &record);

    /* What went on without a record takes no room that others wait for. */
    reserve = ctx->unrecorded ? ngx_http_telltale_worker.open
                                    * NGX_HTTP_TELLTALE_OUTCOME_ROOM
                              : 0;
    unrecorded = ctx->unrecorded;
    ctx->recorded = 0;
    ctx->unrecorded = 0;

    if (ngx_http_telltale_put(out, reserve) == NGX_OK) {
        return;
    }

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "telltale: an outcome has no room in the ring");

    /* One whose request is recorded is charged when the worker has left. */
    if (unrecorded && record.charge != NULL) {
        ngx_http_telltale_keep(ctx, charge.cost > 0 ? charge.cost : 0);
    }
}
