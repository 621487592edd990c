/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The body: gathered, judged, and where the decision says so replaced by a
 * chain whose untouched ranges still lie in the client's own bytes.
 *
 * A buffer of that chain has start == pos: nginx sets pos back to start when
 * it tries another upstream.  A file is read into memory first, because
 * nginx sets its offset back to 0.
 */
#include "ngx_http_telltale_module.h"


/* More edits than that and the body is copied instead: writev takes 64. */
#define NGX_HTTP_TELLTALE_SPLICE_MAX 24


typedef struct {
    struct tt_str *pieces;
    ngx_uint_t     count;
    size_t         size;
    void          *spilled; /* a copy of what lies in a file */
} ngx_http_telltale_body_t;


static ngx_int_t ngx_http_telltale_gather(ngx_http_telltale_ctx_t  *ctx,
                                          ngx_http_telltale_body_t *body);
static void      ngx_http_telltale_decide(ngx_http_telltale_ctx_t   *ctx,
                                          ngx_http_telltale_body_t  *body,
                                          ngx_http_telltale_begin_t *begin);
static void      ngx_http_telltale_fail(ngx_http_telltale_ctx_t  *ctx,
                                        ngx_http_telltale_body_t *body,
                                        const char               *reason);
static void      ngx_http_telltale_finish(ngx_http_telltale_ctx_t   *ctx,
                                          ngx_http_telltale_begin_t *begin);
static ngx_int_t ngx_http_telltale_replace(ngx_http_telltale_ctx_t      *ctx,
                                           ngx_http_telltale_body_t     *body,
                                           const struct tt_gate_verdict *v);


/* ---- what is judged ---- */


int64_t
ngx_http_telltale_day(const ngx_http_telltale_main_conf_t *mcf,
                      ngx_uint_t                          *second)
{
    ngx_tm_t tm;

    ngx_gmtime(ngx_time() + (time_t) mcf->policy->timezone.number * 60, &tm);
    *second = (ngx_uint_t) (tm.ngx_tm_hour * 3600 + tm.ngx_tm_min * 60
                            + tm.ngx_tm_sec);

    return (int64_t) tm.ngx_tm_year * 10000 + tm.ngx_tm_mon * 100
           + tm.ngx_tm_mday;
}


static void
ngx_http_telltale_request(ngx_http_telltale_ctx_t *ctx,
                          struct tt_gate_request  *request)
{
    ngx_uint_t                     second;
    ngx_http_request_t            *r = ctx->request;
    ngx_http_core_loc_conf_t      *clcf;
    ngx_http_telltale_main_conf_t *mcf = ngx_http_telltale_main_conf(r);

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    ngx_memzero(request, sizeof(struct tt_gate_request));
    request->route = ctx->route;
    request->team = ngx_http_telltale_str(ctx->identity.team);
    request->region = ngx_http_telltale_str(ctx->identity.region);

    if (ctx->judged != NULL) {
        request->provider = ngx_http_telltale_str(ctx->judged->id);
        request->host = ngx_http_telltale_str(ctx->judged->host);
    }

    if (r->headers_in.user_agent != NULL) {
        request->user_agent =
            ngx_http_telltale_str(r->headers_in.user_agent->value);
    }

    if (ctx->encodings > 1) {
        request->coding = TT_CODING_OTHER;

    } else if (ctx->encodings == 1) {
        request->coding =
            tt_coding_of(ngx_http_telltale_str(ctx->encoding->value));
    }

    request->day = ngx_http_telltale_day(mcf, &second);

    request->body_max = clcf->client_max_body_size > 0
                            ? (size_t) clcf->client_max_body_size
                            : mcf->body_memory;
}


ngx_int_t
ngx_http_telltale_judge_head(ngx_http_telltale_ctx_t *ctx)
{
    uint64_t                  from;
    enum tt_status            status = TT_E_MEMORY;
    struct tt_gate_request    request;
    struct tt_gate_verdict    verdict;
    ngx_http_telltale_body_t  body = { NULL, 0, 0, NULL };
    ngx_http_telltale_begin_t begin = { .verdict = &verdict };

    if (ngx_http_telltale_worker.desk != NULL) {
        from = ngx_http_telltale_now();
        ngx_http_telltale_request(ctx, &request);
        status = tt_gate_judge_head(ngx_http_telltale_worker.desk, &request,
                                    &verdict);
        begin.inspect_ns = ngx_http_telltale_now() - from;
    }

    if (status != TT_OK) {
        ngx_http_telltale_fail(ctx, &body, tt_status_name(status));
        return NGX_OK;
    }

    if (ctx->route.has_body && verdict.action != TT_GATE_BLOCK
        && verdict.action != TT_GATE_REFUSE) {
        return NGX_AGAIN;
    }

    ngx_http_telltale_decide(ctx, &body, &begin);

    return NGX_OK;
}


void
ngx_http_telltale_judge(ngx_http_telltale_ctx_t *ctx)
{
    uint64_t                  from;
    enum tt_status            status;
    struct tt_gate_request    request;
    struct tt_gate_verdict    verdict;
    ngx_http_telltale_body_t  body;
    ngx_http_telltale_begin_t begin = { .verdict = &verdict };

    switch (ngx_http_telltale_gather(ctx, &body)) {

    case NGX_OK:
        break;

    case NGX_DECLINED:
        ngx_http_telltale_refuse(ctx, TT_REFUSE_FAULT, "body-memory");
        return;

    default:
        ngx_http_telltale_fail(ctx, &body, "body-unread");
        return;
    }

    from = ngx_http_telltale_now();
    ngx_http_telltale_request(ctx, &request);
    status = tt_gate_judge(ngx_http_telltale_worker.desk, &request,
                           body.pieces, body.count, &verdict);
    begin.inspect_ns = ngx_http_telltale_now() - from;

    if (status != TT_OK) {
        ngx_http_telltale_fail(ctx, &body, tt_status_name(status));
        return;
    }

    ngx_http_telltale_decide(ctx, &body, &begin);

    if (body.spilled != NULL && !ctx->changed) {
        ngx_pfree(ctx->request->pool, body.spilled);
    }
}


ngx_int_t
ngx_http_telltale_charge(ngx_http_telltale_ctx_t *ctx, size_t size)
{
    size_t                        *all = &ngx_http_telltale_worker.body_memory;
    ngx_http_telltale_main_conf_t *mcf;

    mcf = ngx_http_telltale_main_conf(ctx->request);

    if (size > ctx->charged
        && *all + (size - ctx->charged) > mcf->body_memory) {
        return NGX_DECLINED;
    }

    *all = *all - ctx->charged + size;
    ctx->charged = size;

    return NGX_OK;
}


static ngx_int_t
ngx_http_telltale_read_spilled(ngx_http_request_t *r, ngx_buf_t *b,
                               struct tt_str *piece)
{
    size_t  size = (size_t) ngx_buf_size(b), done = 0;
    u_char *data;
    ssize_t n;

    data = ngx_palloc(r->pool, size);
    if (data == NULL) {
        return NGX_ERROR;
    }

    while (done < size) {
        n = ngx_read_file(b->file, data + done, size - done,
                          b->file_pos + (off_t) done);
        if (n <= 0) {
            return NGX_ERROR;
        }
        done += (size_t) n;
    }

    *piece = tt_str_make(data, size);

    return NGX_OK;
}


/* What came behind the headers, and what was read later behind it. */

static ngx_uint_t
ngx_http_telltale_goes_on(const ngx_http_telltale_body_t *body, ngx_buf_t *b)
{
    const struct tt_str *last;

    if (body->count == 0) {
        return 0;
    }

    last = &body->pieces[body->count - 1];

    return last->ptr + last->len == (const char *) b->pos;
}


/* NGX_DECLINED: there is no room in the worker's share of memory. */

static ngx_int_t
ngx_http_telltale_gather(ngx_http_telltale_ctx_t  *ctx,
                         ngx_http_telltale_body_t *body)
{
    ngx_buf_t          *b;
    ngx_uint_t          bufs = 0;
    ngx_chain_t        *cl, *in = NULL;
    ngx_http_request_t *r = ctx->request;

    ngx_memzero(body, sizeof(ngx_http_telltale_body_t));

    if (r->request_body != NULL) {
        in = r->request_body->bufs;
    }

    for (cl = in; cl; cl = cl->next) {
        body->size += (size_t) ngx_buf_size(cl->buf);
        bufs++;
    }

    ctx->body_length = body->size;

    if (ngx_http_telltale_charge(ctx, body->size) != NGX_OK) {
        return NGX_DECLINED;
    }

    body->pieces = ngx_palloc(r->pool, (bufs + 1) * sizeof(struct tt_str));
    if (body->pieces == NULL) {
        return NGX_ERROR;
    }

    for (cl = in; cl; cl = cl->next) {
        b = cl->buf;

        if (ngx_buf_size(b) == 0) {
            continue;
        }

        if (ngx_buf_in_memory(b)) {
            if (ngx_http_telltale_goes_on(body, b)) {
                body->pieces[body->count - 1].len +=
                    (size_t) (b->last - b->pos);
                continue;
            }

            body->pieces[body->count] =
                tt_str_make(b->pos, (size_t) (b->last - b->pos));

        } else if (ngx_http_telltale_read_spilled(r, b,
                                                  &body->pieces[body->count])
                   != NGX_OK) {
            return NGX_ERROR;
        }

        if (!ngx_buf_in_memory(b)) {
            body->spilled = (void *) (uintptr_t) body->pieces[body->count].ptr;
        }

        body->count++;
    }

    return NGX_OK;
}


/* ---- what follows ---- */


static void
ngx_http_telltale_hash_pieces(const struct tt_str *pieces, ngx_uint_t count,
                              unsigned char *out)
{
    ngx_uint_t       i;
    struct tt_sha256 sha;

    tt_sha256_init(&sha);

    for (i = 0; i < count; i++) {
        tt_sha256_add(&sha, pieces[i]);
    }

    tt_sha256_end(&sha, out);
}


static void
ngx_http_telltale_hash_chain(const ngx_chain_t *chain, unsigned char *out)
{
    struct tt_sha256 sha;

    tt_sha256_init(&sha);

    for (/* void */; chain; chain = chain->next) {
        tt_sha256_add(
            &sha, tt_str_make(chain->buf->pos,
                              (size_t) (chain->buf->last - chain->buf->pos)));
    }

    tt_sha256_end(&sha, out);
}


static ngx_http_telltale_provider_t *
ngx_http_telltale_find_provider(ngx_http_telltale_ctx_t *ctx, struct tt_str id)
{
    ngx_uint_t                     i;
    ngx_http_telltale_provider_t  *provider;
    ngx_http_telltale_main_conf_t *mcf;

    if (id.len == 0) {
        return ctx->judged;
    }

    mcf = ngx_http_telltale_main_conf(ctx->request);
    provider = mcf->providers->elts;

    for (i = 0; i < mcf->providers->nelts; i++) {
        if (tt_str_eq(ngx_http_telltale_str(provider[i].id), id)) {
            return &provider[i];
        }
    }

    return NULL;
}


/* The hashes that the policy asks for.  sent: edited, else NULL. */

static void
ngx_http_telltale_prove(ngx_http_telltale_ctx_t   *ctx,
                        ngx_http_telltale_body_t  *body,
                        ngx_http_telltale_begin_t *begin, ngx_chain_t *sent)
{
    ngx_http_telltale_main_conf_t *mcf;

    mcf = ngx_http_telltale_main_conf(ctx->request);

    if (begin->verdict != NULL && begin->verdict->action == TT_GATE_ALLOW
        && begin->verdict->not_inspected == NULL && sent == NULL
        && mcf->policy->gateway.body_hash.number == TT_HASH_ACTED) {
        return;
    }

    ngx_http_telltale_hash_pieces(body->pieces, body->count, begin->sha256);
    begin->hashed = 1;
    begin->sent = !ctx->refused;

    if (sent == NULL) {
        begin->sent_length = body->size;
        ngx_memcpy(begin->sent_sha256, begin->sha256, TT_SHA256_SIZE);
        return;
    }

    begin->sent_length = (uint64_t) ctx->request->headers_in.content_length_n;
    ngx_http_telltale_hash_chain(sent, begin->sent_sha256);
}


static void
ngx_http_telltale_decide(ngx_http_telltale_ctx_t   *ctx,
                         ngx_http_telltale_body_t  *body,
                         ngx_http_telltale_begin_t *begin)
{
    ngx_chain_t                  *sent = NULL;
    ngx_http_request_t           *r = ctx->request;
    const struct tt_gate_verdict *v = begin->verdict;
    ngx_http_telltale_provider_t *target = ctx->judged;

    ctx->action = tt_gate_action_name(v->action);
    begin->pieces = v->decoded.len > 0 ? &v->decoded : body->pieces;
    begin->piece_count = v->decoded.len > 0 ? 1 : body->count;

    if (v->action == TT_GATE_BLOCK || v->action == TT_GATE_REFUSE) {
        ctx->refused = !ctx->shadow;
        ctx->refusal = v->refusal;
        /* Without memory for it the answer has the words of its kind. */
        (void) ngx_http_telltale_dup(r->pool, v->message, &ctx->message);

    } else if (v->action == TT_GATE_REROUTE) {
        target = ngx_http_telltale_find_provider(ctx, v->upstream);
        if (target == NULL) {
            ngx_http_telltale_fail(ctx, body, "no-upstream");
            return;
        }
    }

    if (!ctx->refused) {
        ctx->target = ctx->shadow ? ctx->judged : target;
        switch (ngx_http_telltale_reserve(ctx, v)) {

        case NGX_OK:
            break;

        case NGX_DECLINED:
            ctx->action = tt_gate_action_name(TT_GATE_REFUSE);
            ctx->refused = !ctx->shadow;
            break;

        default:
            ngx_http_telltale_fail(ctx, body, "accounts");
            return;
        }
    }

    if (!ctx->shadow && !ctx->refused) {
        if (body->count > 0 && v->not_inspected == NULL) {
            ngx_http_telltale_name_json(ctx);
        }

        if (v->edit_count > 0) {
            if (ngx_http_telltale_replace(ctx, body, v) != NGX_OK) {
                ngx_http_telltale_fail(ctx, body, "memory");
                return;
            }
            sent = r->request_body->bufs;
            ctx->changed = 1;
        }

        if (v->action == TT_GATE_REROUTE && ctx->route.model.len > 0) {
            if (ngx_http_telltale_replace_model(ctx, v->alternative)
                != NGX_OK) {
                ngx_http_telltale_fail(ctx, body, "path");
                return;
            }
            ctx->changed = 1;
        }

        if (target != ctx->judged) {
            ctx->target = target;
            ctx->changed = 1;
        }
    }

    ngx_http_telltale_prove(ctx, body, begin, sent);

    ngx_http_telltale_finish(ctx, begin);
}


/*
 * Something that is no decision of the policy's went wrong.  Open: what the
 * client sent goes on, and is recorded as not inspected.  Not so where the
 * policy blocks, and only a way around it was not found.
 */

static void
ngx_http_telltale_fail(ngx_http_telltale_ctx_t  *ctx,
                       ngx_http_telltale_body_t *body, const char *reason)
{
    ngx_uint_t                     blocks;
    ngx_http_telltale_begin_t      begin = { .reason = reason };
    ngx_http_telltale_main_conf_t *mcf;

    mcf = ngx_http_telltale_main_conf(ctx->request);

    ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                  "telltale: not inspected: %s", reason);

    blocks = ctx->action == tt_gate_action_name(TT_GATE_REROUTE);
    ctx->target = ctx->judged;
    ctx->refused = 0;
    ctx->action = tt_gate_action_name(TT_GATE_ALLOW);

    if (blocks || mcf->policy->gateway.on_error.number == TT_ON_ERROR_CLOSED) {
        ctx->action = tt_gate_action_name(TT_GATE_REFUSE);
        ctx->refusal = TT_REFUSE_FAULT;
        ctx->refused = !ctx->shadow;
    }

    ngx_http_telltale_prove(ctx, body, &begin, NULL);
    ngx_http_telltale_finish(ctx, &begin);
}


void
ngx_http_telltale_refuse(ngx_http_telltale_ctx_t *ctx, enum tt_refusal refusal,
                         const char *reason)
{
    ngx_http_telltale_begin_t begin = { .reason = reason };

    ctx->action = tt_gate_action_name(TT_GATE_REFUSE);
    ctx->refusal = refusal;
    ctx->refused = !ctx->shadow;

    ngx_http_telltale_finish(ctx, &begin);
}


/*
 * nginx ends some requests by itself: broken ones, those whose body did not
 * arrive, those that a directive of the owner's refuses.  Static pages and
 * the like, which it serves, are no calls of an API.
 */

void
ngx_http_telltale_record_undecided(ngx_http_request_t *r)
{
    ngx_uint_t                     status = r->headers_out.status;
    ngx_http_telltale_ctx_t       *ctx;
    ngx_http_telltale_begin_t      begin = { .reason = "not-served" };
    ngx_http_telltale_loc_conf_t  *tlcf;
    ngx_http_telltale_main_conf_t *mcf = ngx_http_telltale_main_conf(r);

    tlcf = ngx_http_get_module_loc_conf(r, ngx_http_telltale_module);

    if (r->err_status > 0) {
        status = r->err_status;
    }

    /* Without a path nothing was asked that a record could name. */
    if (!tlcf->enable || mcf->rings.len == 0 || r->unparsed_uri.len == 0
        || (status > 0 && status < NGX_HTTP_BAD_REQUEST)) {
        return;
    }

    ctx = ngx_http_telltale_get_ctx(r, 1);
    if (ctx == NULL || ctx->state == NGX_HTTP_TELLTALE_DECIDED
        || ngx_http_telltale_identify(ctx) != NGX_OK) {
        return;
    }

    if (ctx->state == NGX_HTTP_TELLTALE_READING) {
        begin.reason = "body-unread";
    }

    ctx->state = NGX_HTTP_TELLTALE_DECIDED;
    ctx->action = tt_gate_action_name(TT_GATE_REFUSE);
    ctx->refused =
        !r->connection->error && status != NGX_HTTP_CLIENT_CLOSED_REQUEST;

    if (ngx_http_telltale_record_begin(ctx, &begin) != NGX_OK) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "telltale: a request has no record: no room in the "
                      "ring");
    }
}


/*
 * Nothing goes on before its record is in the ring, unless the policy fails
 * open.  An own answer is given in any case.
 */

static void
ngx_http_telltale_finish(ngx_http_telltale_ctx_t   *ctx,
                         ngx_http_telltale_begin_t *begin)
{
    ngx_http_telltale_main_conf_t *mcf;

    mcf = ngx_http_telltale_main_conf(ctx->request);
    ctx->state = NGX_HTTP_TELLTALE_DECIDED;

    if (mcf->rings.len == 0
        || ngx_http_telltale_record_begin(ctx, begin) == NGX_OK) {
        return;
    }

    ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                  "telltale: a request has no record: no room in the ring");

    if (!ctx->refused && !ctx->shadow
        && mcf->policy->gateway.on_error.number == TT_ON_ERROR_CLOSED) {
        ctx->refused = 1;
        ctx->refusal = TT_REFUSE_FAULT;
        ctx->message.len = 0;
    }

    if (ctx->refused) {
        ngx_http_telltale_keep(ctx, 0);

    } else {
        ctx->unrecorded = 1;
    }
}


/* ---- another body ---- */


typedef struct {
    const struct tt_str *pieces;
    ngx_uint_t           count;
    ngx_uint_t           at;   /* the piece ... */
    size_t               from; /* ... and the offset in it */
} ngx_http_telltale_cursor_t;


/* The next stretch of at most *max bytes that lies in one piece. */

static struct tt_str
ngx_http_telltale_next(ngx_http_telltale_cursor_t *cursor, size_t max)
{
    struct tt_str piece;

    while (cursor->at < cursor->count
           && cursor->from == cursor->pieces[cursor->at].len) {
        cursor->at++;
        cursor->from = 0;
    }

    if (cursor->at == cursor->count) {
        return tt_str_make(NULL, 0);
    }

    piece = tt_str_slice(cursor->pieces[cursor->at], cursor->from,
                         max < SIZE_MAX - cursor->from ? cursor->from + max
                                                       : SIZE_MAX);
    cursor->from += piece.len;

    return piece;
}


static ngx_int_t
ngx_http_telltale_push(ngx_pool_t *pool, struct tt_str bytes,
                       ngx_chain_t ***last)
{
    ngx_buf_t   *b;
    ngx_chain_t *cl;

    b = ngx_calloc_buf(pool);
    cl = ngx_alloc_chain_link(pool);
    if (b == NULL || cl == NULL) {
        return NGX_ERROR;
    }

    b->start = (u_char *) (uintptr_t) bytes.ptr;
    b->pos = b->start;
    b->last = b->pos + bytes.len;
    b->end = b->last;
    b->memory = 1;

    cl->buf = b;
    cl->next = NULL;
    **last = cl;
    *last = &cl->next;

    return NGX_OK;
}


/* Hands len bytes on; replaced ones are skipped instead (last NULL). */

static ngx_int_t
ngx_http_telltale_pass(ngx_pool_t *pool, ngx_http_telltale_cursor_t *cursor,
                       size_t len, ngx_chain_t ***last)
{
    struct tt_str piece;

    while (len > 0) {
        piece = ngx_http_telltale_next(cursor, len);
        if (piece.len == 0) {
            return NGX_ERROR;
        }

        if (last != NULL
            && ngx_http_telltale_push(pool, piece, last) != NGX_OK) {
            return NGX_ERROR;
        }
        len -= piece.len;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_telltale_splice(ngx_pool_t *pool, ngx_http_telltale_body_t *body,
                         const struct tt_gate_verdict *v, ngx_chain_t **out)
{
    size_t                     i, at = 0;
    ngx_str_t                  with;
    ngx_chain_t              **last = out;
    const struct tt_edit      *edit = v->edits;
    ngx_http_telltale_cursor_t cursor = { body->pieces, body->count, 0, 0 };

    for (i = 0; i < v->edit_count; i++) {
        if (edit[i].offset < at || edit[i].offset > body->size
            || edit[i].length > body->size - edit[i].offset
            || ngx_http_telltale_pass(pool, &cursor, edit[i].offset - at,
                                      &last)
                   != NGX_OK
            || ngx_http_telltale_pass(pool, &cursor, edit[i].length, NULL)
                   != NGX_OK) {
            return NGX_ERROR;
        }
        at = edit[i].offset + edit[i].length;

        if (edit[i].with.len > 0
            && (ngx_http_telltale_dup(pool, edit[i].with, &with) != NGX_OK
                || ngx_http_telltale_push(pool, ngx_http_telltale_str(with),
                                          &last)
                       != NGX_OK)) {
            return NGX_ERROR;
        }
    }

    return ngx_http_telltale_pass(pool, &cursor, body->size - at, &last);
}


/* The same as one buffer, for many edits. */

static ngx_int_t
ngx_http_telltale_rewrite(ngx_pool_t *pool, ngx_http_telltale_body_t *body,
                          const struct tt_gate_verdict *v, ngx_chain_t **out)
{
    size_t                     i, at = 0, size = body->size, n;
    u_char                    *p, *data;
    struct tt_str              piece;
    ngx_chain_t              **last = out;
    const struct tt_edit      *edit = v->edits;
    ngx_http_telltale_cursor_t cursor = { body->pieces, body->count, 0, 0 };

    for (i = 0; i < v->edit_count; i++) {
        if (edit[i].offset < at || edit[i].offset > body->size
            || edit[i].length > body->size - edit[i].offset) {
            return NGX_ERROR;
        }
        at = edit[i].offset + edit[i].length;
        size = size - edit[i].length + edit[i].with.len;
    }

    data = ngx_palloc(pool, size + 1);
    if (data == NULL) {
        return NGX_ERROR;
    }

    p = data;
    at = 0;

    for (i = 0; i <= v->edit_count; i++) {
        n = i < v->edit_count ? edit[i].offset : body->size;

        for (n -= at; n > 0; n -= piece.len) {
            piece = ngx_http_telltale_next(&cursor, n);
            p = ngx_cpymem(p, piece.ptr, piece.len);
        }

        if (i < v->edit_count) {
            (void) ngx_http_telltale_pass(pool, &cursor, edit[i].length, NULL);
            p = ngx_cpymem(p, edit[i].with.ptr, edit[i].with.len);
            at = edit[i].offset + edit[i].length;
        }
    }

    return ngx_http_telltale_push(pool, tt_str_make(data, size), &last);
}


/* What was decoded lies in the desk; a copy of it outlives the next call. */

static ngx_int_t
ngx_http_telltale_keep_decoded(ngx_http_telltale_ctx_t      *ctx,
                               ngx_http_telltale_body_t     *body,
                               const struct tt_gate_verdict *v,
                               ngx_http_telltale_body_t     *decoded)
{
    ngx_str_t copy;

    if (v->decoded.len == 0) {
        *decoded = *body;
        return NGX_OK;
    }

    if (ngx_http_telltale_charge(ctx, ctx->charged + v->decoded.len) != NGX_OK
        || ngx_http_telltale_dup(ctx->request->pool, v->decoded, &copy)
               != NGX_OK) {
        return NGX_ERROR;
    }

    decoded->pieces = ngx_palloc(ctx->request->pool, sizeof(struct tt_str));
    if (decoded->pieces == NULL) {
        return NGX_ERROR;
    }

    decoded->pieces[0] = ngx_http_telltale_str(copy);
    decoded->count = 1;
    decoded->size = copy.len;

    return NGX_OK;
}


/* On an error the request's own body stands as it was. */

static ngx_int_t
ngx_http_telltale_replace(ngx_http_telltale_ctx_t      *ctx,
                          ngx_http_telltale_body_t     *body,
                          const struct tt_gate_verdict *v)
{
    off_t                    size = 0;
    u_char                  *length;
    ngx_int_t                rc;
    ngx_chain_t             *cl, *last = NULL, *out = NULL;
    ngx_http_request_t      *r = ctx->request;
    ngx_http_telltale_body_t from;

    length = ngx_pnalloc(r->pool, NGX_OFF_T_LEN);
    if (length == NULL
        || ngx_http_telltale_keep_decoded(ctx, body, v, &from) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = v->edit_count > NGX_HTTP_TELLTALE_SPLICE_MAX
             ? ngx_http_telltale_rewrite(r->pool, &from, v, &out)
             : ngx_http_telltale_splice(r->pool, &from, v, &out);
    if (rc != NGX_OK || out == NULL) {
        return NGX_ERROR;
    }

    for (cl = out; cl; cl = cl->next) {
        size += cl->buf->last - cl->buf->pos;
        last = cl;
    }
    last->buf->last_buf = 1;

    r->request_body->bufs = out;
    r->request_body->buf = NULL;
    r->request_body->temp_file = NULL;

    r->headers_in.content_length_n = size;
    if (r->headers_in.content_length != NULL) {
        r->headers_in.content_length->value.data = length;
        r->headers_in.content_length->value.len =
            (size_t) (ngx_sprintf(length, "%O", size) - length);
    }

    if (v->decoded.len > 0) {
        ctx->decoded = 1;
        ngx_http_telltale_hide_header(ctx->encoding);
    }

    return NGX_OK;
}
