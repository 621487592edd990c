/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gateway's own answers, in the shape that the client expects of its
 * provider's errors.
 *
 * They are given before a first byte went anywhere, so a client that asked
 * for a stream gets plain JSON and a status too.  nginx's own errors come
 * here through error_page and telltale_answer.
 */
#include "ngx_http_telltale_module.h"


#define NGX_HTTP_TELLTALE_ANSWER_MAX (64 * 1024)


/* A pool as telltale's allocator: blocks are given back with the pool. */

static void *
ngx_http_telltale_resize(void *ctx, void *ptr, size_t old_size,
                         size_t new_size)
{
    void *p;

    if (new_size == 0) {
        return NULL;
    }

    p = ngx_palloc(ctx, new_size);
    if (p != NULL && ptr != NULL) {
        ngx_memcpy(p, ptr, ngx_min(old_size, new_size));
    }

    return p;
}


const char *
ngx_http_telltale_refusal_text(enum tt_refusal refusal)
{
    switch (refusal) {

    case TT_REFUSE_POLICY:
        return "The policy of this gateway does not allow the request.";

    case TT_REFUSE_INVALID:
        return "The gateway cannot read the request.";

    case TT_REFUSE_ENCODING:
        return "The gateway cannot read the content encoding of the request. "
               "Send it plain, or as gzip or zstd.";

    case TT_REFUSE_TOO_LARGE:
        return "The request is larger than this gateway accepts.";

    case TT_REFUSE_UNKNOWN:
        return "This gateway does not serve that call.";

    case TT_REFUSE_WEBSOCKET:
        return "This gateway opens no WebSocket. Send the request by POST.";

    case TT_REFUSE_IDENTITY:
        return "This gateway does not know who asks: the key or certificate "
               "that it expects was not presented.";

    case TT_REFUSE_RATE:
        return "Too many requests with this key. Try again later.";

    case TT_REFUSE_BUDGET:
        return "The budget of this key is spent.";

    case TT_REFUSE_UPSTREAM:
        return "The gateway cannot reach the provider.";

    case TT_REFUSE_TIMEOUT:
        return "The provider did not answer in time.";

    default:
        return "The gateway cannot inspect or record requests now.";
    }
}


static ngx_int_t
ngx_http_telltale_header(ngx_http_request_t *r, const char *key, u_char *value,
                         size_t len)
{
    ngx_table_elt_t *h = ngx_list_push(&r->headers_out.headers);

    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
#if (nginx_version >= 1023000)
    h->next = NULL;
#endif
    h->key.data = (u_char *) (uintptr_t) key;
    h->key.len = ngx_strlen(key);
    h->value.data = value;
    h->value.len = len;

    return NGX_OK;
}


ngx_int_t
ngx_http_telltale_add_headers(ngx_http_telltale_ctx_t *ctx)
{
    ngx_http_request_t *r = ctx->request;

    if (ngx_http_telltale_header(r, "x-telltale-record", ctx->id,
                                 sizeof(ctx->id))
        != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_telltale_header(r, "x-telltale-decision",
                                    (u_char *) (uintptr_t) ctx->action,
                                    ngx_strlen(ctx->action));
}


/* In whole seconds. */

static ngx_int_t
ngx_http_telltale_retry(ngx_http_telltale_ctx_t *ctx, enum tt_refusal refusal)
{
    static u_char       no[] = "false", one[] = "1";
    u_char             *seconds;
    ngx_http_request_t *r = ctx->request;

    if (tt_refusal_is_final(refusal)
        && ngx_http_telltale_header(r, "x-should-retry", no, 5) != NGX_OK) {
        return NGX_ERROR;
    }

    switch (refusal) {

    case TT_REFUSE_RATE:
    case TT_REFUSE_FAULT:
        return ngx_http_telltale_header(r, "Retry-After", one, 1);

    case TT_REFUSE_BUDGET:
        seconds = ngx_pnalloc(r->pool, NGX_INT_T_LEN);
        if (seconds == NULL) {
            return NGX_ERROR;
        }
        return ngx_http_telltale_header(
            r, "Retry-After", seconds,
            (size_t) (ngx_sprintf(seconds, "%ui", ctx->account.retry)
                      - seconds));

    default:
        return NGX_OK;
    }
}


static ngx_int_t
ngx_http_telltale_send(ngx_http_telltale_ctx_t *ctx, enum tt_refusal refusal,
                       struct tt_str message)
{
    ngx_str_t                type = ngx_string("application/json");
    struct tt_buf            out;
    struct tt_alloc          alloc;
    ngx_http_request_t      *r = ctx->request;
    ngx_http_complex_value_t value;

    if (message.len == 0) {
        message = tt_str_cstr(ngx_http_telltale_refusal_text(refusal));
    }

    ctx->answered = 1;

    alloc.resize = ngx_http_telltale_resize;
    alloc.ctx = r->pool;
    tt_buf_init(&out, &alloc, NGX_HTTP_TELLTALE_ANSWER_MAX);
    tt_answer(&out, ctx->route.api, refusal, message);

    if (out.status != TT_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ngx_http_telltale_add_headers(ctx) != NGX_OK
        || ngx_http_telltale_retry(ctx, refusal) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_memzero(&value, sizeof(ngx_http_complex_value_t));
    value.value.data = (u_char *) out.ptr;
    value.value.len = out.len;

    return ngx_http_send_response(r, tt_refusal_status(refusal), &type,
                                  &value);
}


ngx_int_t
ngx_http_telltale_send_refusal(ngx_http_telltale_ctx_t *ctx)
{
    return ngx_http_telltale_send(ctx, ctx->refusal,
                                  ngx_http_telltale_str(ctx->message));
}


static void
ngx_http_telltale_answer_location(ngx_http_request_t *r)
{
    ngx_int_t                     rc = NGX_HTTP_INTERNAL_SERVER_ERROR;
    ngx_http_telltale_ctx_t      *ctx = ngx_http_telltale_get_ctx(r, 0);
    ngx_http_telltale_loc_conf_t *tlcf;

    tlcf = ngx_http_get_module_loc_conf(r, ngx_http_telltale_module);

    if (ctx != NULL) {
        rc = ngx_http_telltale_send(ctx, (enum tt_refusal) tlcf->answer,
                                    ngx_http_telltale_str(tlcf->answer_text));
    }

    ngx_http_finalize_request(r, rc);
}


/*
 * The content handler.  A request that nobody decided on so far is recorded
 * as refused; one that went on, and failed there, keeps its record.
 */

ngx_int_t
ngx_http_telltale_answer_handler(ngx_http_request_t *r)
{
    ngx_int_t                     rc;
    enum tt_refusal               refusal;
    ngx_http_telltale_ctx_t      *ctx;
    ngx_http_telltale_loc_conf_t *tlcf;

    tlcf = ngx_http_get_module_loc_conf(r, ngx_http_telltale_module);
    refusal = (enum tt_refusal) tlcf->answer;

    ctx = ngx_http_telltale_get_ctx(r, 1);
    if (ctx == NULL || ngx_http_telltale_identify(ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ctx->state != NGX_HTTP_TELLTALE_DECIDED) {
        ctx->shadow = 0;
        if (r->unparsed_uri.len > 0) {
            ngx_http_telltale_refuse(ctx, refusal, tt_refusal_name(refusal));

        } else {
            /* Not even a path was understood: there is nothing to record. */
            ctx->state = NGX_HTTP_TELLTALE_DECIDED;
            ctx->action = tt_gate_action_name(TT_GATE_REFUSE);
            ctx->refused = 1;
        }
    }

    rc = ngx_http_telltale_drain(ctx, ngx_http_telltale_answer_location);

    return rc != NGX_DECLINED
               ? rc
               : ngx_http_telltale_send(
                   ctx, refusal, ngx_http_telltale_str(tlcf->answer_text));
}
