/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filters: they read what an answer says about its own use, while it
 * passes.
 *
 * The same chain goes on in the same call, so no byte is delayed, changed or
 * held.  What cannot be read is let pass.
 */
#include "ngx_http_telltale_module.h"


static ngx_int_t ngx_http_telltale_header_filter(ngx_http_request_t *r);
static ngx_int_t ngx_http_telltale_body_filter(ngx_http_request_t *r,
                                               ngx_chain_t        *in);


static ngx_http_output_header_filter_pt ngx_http_next_header_filter;
static ngx_http_output_body_filter_pt   ngx_http_next_body_filter;


void
ngx_http_telltale_init_filters(void)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_telltale_header_filter;

    ngx_http_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_telltale_body_filter;
}


/* Only what a provider sent, and only as it is: not compressed. */

static void
ngx_http_telltale_begin_meter(ngx_http_telltale_ctx_t *ctx)
{
    enum tt_framing     framing;
    ngx_http_request_t *r = ctx->request;

    if (ctx->meter != NULL || r->upstream == NULL || r->header_only
        || ctx->route.operation == TT_OPERATION_LIST_MODELS
        || (r->headers_out.content_encoding != NULL
            && r->headers_out.content_encoding->value.len > 0)) {
        return;
    }

    framing =
        tt_framing_of(ngx_http_telltale_str(r->headers_out.content_type));
    if (framing == TT_FRAMING_NONE) {
        return;
    }

    ctx->meter = ngx_palloc(r->pool, tt_meter_size());
    if (ctx->meter == NULL) {
        return;
    }

    tt_meter_begin(ctx->meter, ctx->route.api, framing,
                   ngx_http_telltale_worker.kernels);
    r->main_filter_need_in_memory = 1;
}


static ngx_int_t
ngx_http_telltale_header_filter(ngx_http_request_t *r)
{
    ngx_http_telltale_ctx_t       *ctx;
    ngx_http_telltale_main_conf_t *mcf;

    if (r != r->main) {
        return ngx_http_next_header_filter(r);
    }

    ctx = ngx_http_telltale_get_ctx(r, 0);
    if (ctx == NULL || ctx->state != NGX_HTTP_TELLTALE_DECIDED || ctx->refused
        || ctx->answered) {
        return ngx_http_next_header_filter(r);
    }

    ngx_http_telltale_begin_meter(ctx);

    mcf = ngx_http_telltale_main_conf(r);
    if (ctx->changed
        || mcf->policy->gateway.answer_headers.number == TT_HEADERS_ALWAYS) {
        if (ngx_http_telltale_add_headers(ctx) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return ngx_http_next_header_filter(r);
}


static ngx_int_t
ngx_http_telltale_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    size_t                   size;
    ngx_chain_t             *cl;
    ngx_http_telltale_ctx_t *ctx;

    if (r != r->main || in == NULL) {
        return ngx_http_next_body_filter(r, in);
    }

    ctx = ngx_http_telltale_get_ctx(r, 0);
    if (ctx == NULL) {
        return ngx_http_next_body_filter(r, in);
    }

    for (cl = in; cl; cl = cl->next) {

        /* nginx completes a request whose provider broke off without it. */
        if (cl->buf->last_buf) {
            ctx->ended = 1;
        }

        if (ctx->meter == NULL || !ngx_buf_in_memory(cl->buf)) {
            continue;
        }

        size = (size_t) (cl->buf->last - cl->buf->pos);
        if (size == 0) {
            continue;
        }

        if (ctx->first_byte == 0) {
            ctx->first_byte = ngx_http_telltale_now();
        }
        tt_meter_feed(ctx->meter, tt_str_make(cl->buf->pos, size));
    }

    return ngx_http_next_body_filter(r, in);
}
