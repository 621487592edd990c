/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What nginx's error log says about a request: all that it says otherwise,
 * but without the query, in which clients of Gemini send their keys.
 */
#include "ngx_http_telltale_module.h"


static u_char *ngx_http_telltale_log_error(ngx_http_request_t *r,
                                           ngx_http_request_t *sr, u_char *buf,
                                           size_t len);


/* In the POST_READ phase, before anything has a reason to complain. */

ngx_int_t
ngx_http_telltale_log_init_handler(ngx_http_request_t *r)
{
    r->log_handler = ngx_http_telltale_log_error;

    return NGX_DECLINED;
}


static ngx_str_t
ngx_http_telltale_without_query(ngx_str_t *text)
{
    u_char   *p;
    ngx_str_t part = *text;

    p = ngx_strlchr(part.data, part.data + part.len, '?');
    if (p != NULL) {
        part.len = (size_t) (p - part.data);
    }

    return part;
}


static u_char *
ngx_http_telltale_log_error(ngx_http_request_t *r, ngx_http_request_t *sr,
                            u_char *buf, size_t len)
{
    u_char                   *p, *last = buf + len;
    ngx_str_t                 text;
    ngx_http_core_srv_conf_t *cscf;

    cscf = ngx_http_get_module_srv_conf(r, ngx_http_core_module);
    text = ngx_http_telltale_without_query(&r->request_line);

    p = ngx_slprintf(buf, last, ", server: %V, request: \"%V\"",
                     &cscf->server_name, &text);

    if (r != sr) {
        p = ngx_slprintf(p, last, ", subrequest: \"%V\"", &sr->uri);
    }

    if (sr->upstream != NULL && sr->upstream->peer.name != NULL) {
        text = ngx_http_telltale_without_query(&sr->upstream->uri);
        p = ngx_slprintf(p, last, ", upstream: \"%V%V%V\"",
                         &sr->upstream->schema, sr->upstream->peer.name,
                         &text);
    }

    if (r->headers_in.host != NULL) {
        p = ngx_slprintf(p, last, ", host: \"%V\"",
                         &r->headers_in.host->value);
    }

    return p;
}
