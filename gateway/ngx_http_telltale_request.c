/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the request line and the headers say.
 *
 * Locations are chosen by nginx's normalised path, and the path as the
 * client wrote it is what goes on.  Only where both name the same call is
 * the request known (ngx_http_telltale_is_plain), or a client could have
 * one call judged and another one made.
 */
#include "ngx_http_telltale_module.h"


static void      ngx_http_telltale_read_header(ngx_http_telltale_ctx_t *ctx,
                                               ngx_table_elt_t         *h,
                                               ngx_str_t               *named);
static ngx_int_t ngx_http_telltale_read_query(ngx_http_telltale_ctx_t *ctx);
static void      ngx_http_telltale_read_system(ngx_http_telltale_ctx_t *ctx);
static void      ngx_http_telltale_new_id(ngx_http_telltale_ctx_t *ctx);
static size_t    ngx_http_telltale_before(ngx_str_t *text, char *stops);


ngx_int_t
ngx_http_telltale_read_head(ngx_http_telltale_ctx_t *ctx)
{
    ngx_str_t                      named, method;
    ngx_uint_t                     i;
    struct tt_str                  path;
    ngx_list_part_t               *part;
    ngx_table_elt_t               *h;
    ngx_http_request_t            *r = ctx->request;
    ngx_http_telltale_main_conf_t *mcf = ngx_http_telltale_main_conf(r);

    ngx_http_telltale_new_id(ctx);

    path = ngx_http_telltale_str(r->uri);
    method = r->method_name;

    if (r->internal) {
        /*
         * An error page came first: neither path nor method are the client's
         * any more.
         */
        method.data = r->request_line.data;
        method.len = ngx_http_telltale_before(&r->request_line, " ");
        path = tt_str_make(r->unparsed_uri.data,
                           ngx_http_telltale_before(&r->unparsed_uri, "?#"));
    }

    ctx->routed =
        tt_route_of(ngx_http_telltale_str(method), path, &ctx->route);

    named.data =
        (u_char *) (uintptr_t) mcf->policy->gateway.identity_header.text.ptr;
    named.len = mcf->policy->gateway.identity_header.text.len;

    part = &r->headers_in.headers.part;
    h = part->elts;

    for (i = 0; /* void */; i++) {
        if (i >= part->nelts) {
            if (part->next == NULL) {
                break;
            }
            part = part->next;
            h = part->elts;
            i = 0;
        }
        ngx_http_telltale_read_header(ctx, &h[i], &named);
    }

    ngx_http_telltale_read_system(ctx);

    return ngx_http_telltale_read_query(ctx);
}


/* How much of the text stands before the first of the stops. */

static size_t
ngx_http_telltale_before(ngx_str_t *text, char *stops)
{
    size_t n;

    for (n = 0; n < text->len; n++) {
        if (strchr(stops, text->data[n]) != NULL) {
            break;
        }
    }

    return n;
}


static void
ngx_http_telltale_read_header(ngx_http_telltale_ctx_t *ctx, ngx_table_elt_t *h,
                              ngx_str_t *named)
{
    ngx_uint_t             i;

    static const u_char    own[] = "x-telltale-";

    /* What was judged as one method would be carried out as another. */
    static const ngx_str_t methods[] = {
        ngx_string("x-http-method-override"),
        ngx_string("x-http-method"),
        ngx_string("x-method-override"),
    };

    if (named->len == h->key.len
        && ngx_strncasecmp(named->data, h->key.data, named->len) == 0) {
        ctx->named = h;
    }

    switch (h->key.len) {

    case sizeof("x-api-key") - 1:
        if (ngx_strncmp(h->lowcase_key, "x-api-key", 9) == 0) {
            ctx->api_key = h;
        }
        break;

    case sizeof("x-goog-api-key") - 1:
        if (ngx_strncmp(h->lowcase_key, "x-goog-api-key", 14) == 0) {
            ctx->goog_key = h;
        }
        break;

    case sizeof("content-encoding") - 1:
        if (ngx_strncmp(h->lowcase_key, "content-encoding", 16) == 0) {
            ctx->encoding = h;
            ctx->encodings++;
        }
        break;

    case sizeof("content-type") - 1:
        if (ngx_strncmp(h->lowcase_key, "content-type", 12) == 0) {
            if (ctx->type != NULL) {
                ngx_http_telltale_hide_header(ctx->type);
            }
            ctx->type = h;
        }
        break;

    default:
        break;
    }

    for (i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
        if (h->key.len == methods[i].len
            && ngx_strncmp(h->lowcase_key, methods[i].data, h->key.len) == 0) {
            ctx->posing = 1;
        }
    }

    if (h->key.len >= sizeof(own) - 1
        && ngx_strncmp(h->lowcase_key, own, sizeof(own) - 1) == 0) {
        ngx_http_telltale_hide_header(h);
    }
}


/*
 * nginx 1.22 hands on every header of the list, but for the names that its
 * proxy sets itself.  So a header is hidden under such a name; taking it out
 * of the list would move others, to which pointers exist.
 */

void
ngx_http_telltale_hide_header(ngx_table_elt_t *h)
{
    static u_char name[] = "keep-alive";

    h->key.data = name;
    h->key.len = sizeof(name) - 1;
    h->lowcase_key = name;
    h->hash = ngx_hash_key(name, sizeof(name) - 1);
}


/*
 * Servers of Google take "$httpMethod" and "$httpHeaders" of a query for the
 * request's own method and headers, so that browsers need not ask first.
 */

static void
ngx_http_telltale_read_system(ngx_http_telltale_ctx_t *ctx)
{
    u_char             *p, *last, *dst, *src, name[sizeof("$http") - 1];
    ngx_http_request_t *r = ctx->request;

    if (r->args.len == 0) {
        return;
    }

    last = r->args.data + r->args.len;

    for (p = r->args.data; p < last; p++) {
        dst = name;
        src = p;

        /* Percent-encoded, a letter takes three. */
        while (dst < name + sizeof(name) && src < last) {
            if (*src == '%' && last - src > 2 && tt_ascii_hex(src[1]) >= 0
                && tt_ascii_hex(src[2]) >= 0) {
                *dst++ = (u_char) (tt_ascii_hex(src[1]) << 4
                                   | tt_ascii_hex(src[2]));
                src += 3;
            } else {
                *dst++ = *src++;
            }
        }

        if (dst == name + sizeof(name)
            && ngx_strncasecmp(name, (u_char *) "$http", sizeof(name)) == 0) {
            ctx->posing = 1;
            return;
        }

        p = ngx_strlchr(p, last, '&');
        if (p == NULL) {
            return;
        }
    }
}


/* "?key=": how clients of Gemini may present theirs. */

static ngx_int_t
ngx_http_telltale_read_query(ngx_http_telltale_ctx_t *ctx)
{
    u_char             *dst, *src;
    ngx_str_t           value;
    ngx_http_request_t *r = ctx->request;

    if (r->args.len == 0
        || ngx_http_arg(r, (u_char *) "key", 3, &value) != NGX_OK) {
        return NGX_OK;
    }

    ctx->query_key.data = ngx_pnalloc(r->pool, value.len);
    if (ctx->query_key.data == NULL) {
        return NGX_ERROR;
    }

    dst = ctx->query_key.data;
    src = value.data;
    ngx_unescape_uri(&dst, &src, value.len, 0);
    ctx->query_key.len = (size_t) (dst - ctx->query_key.data);

    return NGX_OK;
}


/*
 * Another media type or character set would have the provider read the same
 * bytes in another way: as a form, a protocol buffer, UTF-7.
 */

void
ngx_http_telltale_name_json(ngx_http_telltale_ctx_t *ctx)
{
    u_char       *p, *last;
    ngx_str_t    *value;
    ngx_uint_t    i;

    static u_char json[] = "application/json";
    static u_char more[] = ";charset=utf-8";

    if (ctx->type == NULL) {
        return;
    }

    value = &ctx->type->value;
    p = value->data;
    last = p + value->len;

    if (value->len >= sizeof(json) - 1
        && ngx_strncasecmp(p, json, sizeof(json) - 1) == 0) {
        p += sizeof(json) - 1;

        for (i = 0; p < last; p++) {
            if (*p == ' ' || *p == '\t' || *p == '"') {
                continue;
            }
            if (i == sizeof(more) - 1 || ngx_tolower(*p) != more[i]) {
                break;
            }
            i++;
        }

        if (p == last && (i <= 1 || i == sizeof(more) - 1)) {
            return;
        }
    }

    value->data = json;
    value->len = sizeof(json) - 1;
}


ngx_uint_t
ngx_http_telltale_is_plain(ngx_http_telltale_ctx_t *ctx)
{
    int                 high, low;
    u_char             *p, *last, *known, *known_last, ch;
    ngx_http_request_t *r = ctx->request;

    p = r->unparsed_uri.data;
    last = p + r->unparsed_uri.len;
    known = r->uri.data;
    known_last = known + r->uri.len;

    /* The prefix is cut off by its length, so it has one spelling. */
    if (r->unparsed_uri.len < ctx->route.prefix
        || r->uri.len < ctx->route.prefix
        || ngx_memcmp(p, known, ctx->route.prefix) != 0) {
        return 0;
    }

    while (p < last && *p != '?') {
        ch = *p++;

        if (ch == '%') {
            high = last - p >= 2 ? tt_ascii_hex(p[0]) : -1;
            low = last - p >= 2 ? tt_ascii_hex(p[1]) : -1;
            if (high < 0 || low < 0) {
                return 0;
            }
            p += 2;
            ch = (u_char) (high << 4 | low);

            /* What another server could take for a part of the path. */
            if (ch <= ' ' || ch == '/' || ch == '\\' || ch == '%' || ch == '?'
                || ch == '#' || ch == ';' || ch == 0x7f) {
                return 0;
            }

        } else if (ch == '#') {
            return 0;
        }

        if (known == known_last || *known++ != ch) {
            return 0;
        }
    }

    return known == known_last;
}


/*
 * The model stands behind the last slash of the path.  A plain path may write
 * it with escapes, but slashes not; what was found is compared with what was
 * judged.
 */

ngx_int_t
ngx_http_telltale_replace_model(ngx_http_telltale_ctx_t *ctx,
                                struct tt_str            model)
{
    u_char             *start, *end, *p, ch;
    size_t              i;
    ngx_str_t           uri = ctx->request->unparsed_uri;
    const struct tt_str asked = ctx->route.model;

    end = ngx_strlchr(uri.data, uri.data + uri.len, '?');
    if (end == NULL) {
        end = uri.data + uri.len;
    }

    for (start = end; start > uri.data && start[-1] != '/'; start--) {
        /* void */
    }

    p = start;

    for (i = 0; i < asked.len; i++) {
        if (p == end) {
            return NGX_ERROR;
        }

        ch = *p++;
        if (ch == '%') {
            if (end - p < 2) {
                return NGX_ERROR;
            }
            ch = (u_char) (tt_ascii_hex(p[0]) << 4 | tt_ascii_hex(p[1]));
            p += 2;
        }

        if (ch != (u_char) asked.ptr[i]) {
            return NGX_ERROR;
        }
    }

    if (ngx_http_telltale_dup(ctx->request->pool, model, &ctx->model)
        != NGX_OK) {
        return NGX_ERROR;
    }

    ctx->model_at = (size_t) (start - uri.data);
    ctx->model_length = (size_t) (p - start);

    return NGX_OK;
}


/* Random for each worker, then counted. */

static void
ngx_http_telltale_new_id(ngx_http_telltale_ctx_t *ctx)
{
    size_t                      i;
    u_char                      raw[NGX_HTTP_TELLTALE_ID_LEN / 2];
    uint64_t                    number;
    ngx_http_telltale_worker_t *worker = &ngx_http_telltale_worker;

    number = ++worker->requests;
    ngx_memcpy(raw, worker->nonce, NGX_HTTP_TELLTALE_NONCE_LEN);
    for (i = sizeof(raw); i > NGX_HTTP_TELLTALE_NONCE_LEN; i--) {
        raw[i - 1] = (u_char) number;
        number >>= 8;
    }

    (void) ngx_hex_dump(ctx->id, raw, sizeof(raw));
}
