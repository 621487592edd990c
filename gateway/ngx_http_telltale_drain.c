/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is left of a body that nobody will look at, over HTTP/2.
 *
 * An answer that is complete before the request is ends in RST_STREAM, and
 * clients that still send then drop the answer or call it broken.  So the
 * rest of the body is read, and thrown away as it arrives, before a refusal
 * goes out.  It has nginx's own limits of size and time.  Over HTTP/1.1 nginx
 * does the same behind the answer (lingering_close).
 */
#include "ngx_http_telltale_module.h"


/* Longer bodies are not waited for. */
#define NGX_HTTP_TELLTALE_DRAIN_MAX (64 * 1024 * 1024)


static ngx_http_request_body_filter_pt ngx_http_next_request_body_filter;


ngx_int_t
ngx_http_telltale_drain(ngx_http_telltale_ctx_t        *ctx,
                        ngx_http_client_body_handler_pt done)
{
#if (NGX_HTTP_V2)
    ngx_int_t           rc;
    ngx_http_request_t *r = ctx->request;

    if (r->stream == NULL || r->stream->in_closed || r->request_body != NULL
        || r->headers_in.content_length_n > NGX_HTTP_TELLTALE_DRAIN_MAX) {
        return NGX_DECLINED;
    }

    /* A declared length over the limit had nginx skip all data from now on. */
    r->stream->skip_data = 0;

    ctx->drains = 1;
    rc = ngx_http_read_client_request_body(r, done);

    return rc >= NGX_HTTP_SPECIAL_RESPONSE ? rc : NGX_DONE;
#else
    (void) ctx;
    (void) done;

    return NGX_DECLINED;
#endif
}


/* Nothing but the body's end is handed on, so nothing is kept. */

static ngx_int_t
ngx_http_telltale_drain_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_chain_t              end, *cl, *out = NULL;
    ngx_http_telltale_ctx_t *ctx = ngx_http_telltale_get_ctx(r, 0);

    if (ctx == NULL || !ctx->drains) {
        return ngx_http_next_request_body_filter(r, in);
    }

    /* The client may send more only as what it sent is used up. */
    r->request_body->filter_need_buffering = 1;

    for (cl = in; cl; cl = cl->next) {
        cl->buf->pos = cl->buf->last;

        if (cl->buf->last_buf) {
            end.buf = cl->buf;
            end.next = NULL;
            out = &end;
        }
    }

    return ngx_http_next_request_body_filter(r, out);
}


void
ngx_http_telltale_init_drain(void)
{
    ngx_http_next_request_body_filter = ngx_http_top_request_body_filter;
    ngx_http_top_request_body_filter = ngx_http_telltale_drain_filter;
}
