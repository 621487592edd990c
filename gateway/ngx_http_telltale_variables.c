/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the rendered configuration asks for: where a request goes, with which
 * path and credentials, and who is limited.
 *
 * A variable that depends on the decision is not cached, because something
 * may have asked before.
 */
#include "ngx_http_telltale_module.h"


static ngx_int_t ngx_http_telltale_key_variable(ngx_http_request_t        *r,
                                                ngx_http_variable_value_t *v,
                                                uintptr_t data);
static ngx_int_t ngx_http_telltale_target_variable(
    ngx_http_request_t *r, ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_telltale_uri_variable(ngx_http_request_t        *r,
                                                ngx_http_variable_value_t *v,
                                                uintptr_t data);
static ngx_int_t ngx_http_telltale_encoding_variable(
    ngx_http_request_t *r, ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_telltale_credential_variable(
    ngx_http_request_t *r, ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_telltale_record_variable(
    ngx_http_request_t *r, ngx_http_variable_value_t *v, uintptr_t data);


typedef enum {
    NGX_HTTP_TELLTALE_KEY,
    NGX_HTTP_TELLTALE_RATE,
    NGX_HTTP_TELLTALE_TEAM
} ngx_http_telltale_key_e;

typedef enum {
    NGX_HTTP_TELLTALE_AUTHORIZATION,
    NGX_HTTP_TELLTALE_X_API_KEY,
    NGX_HTTP_TELLTALE_GOOG_KEY
} ngx_http_telltale_credential_e;


static ngx_http_variable_t ngx_http_telltale_variables[] = {

    { ngx_string("telltale_key"), NULL, ngx_http_telltale_key_variable,
      NGX_HTTP_TELLTALE_KEY, 0, 0 },

    { ngx_string("telltale_rate"), NULL, ngx_http_telltale_key_variable,
      NGX_HTTP_TELLTALE_RATE, 0, 0 },

    { ngx_string("telltale_team"), NULL, ngx_http_telltale_key_variable,
      NGX_HTTP_TELLTALE_TEAM, 0, 0 },

    { ngx_string("telltale_upstream"), NULL, ngx_http_telltale_target_variable,
      offsetof(ngx_http_telltale_provider_t, upstream),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("telltale_host"), NULL, ngx_http_telltale_target_variable,
      offsetof(ngx_http_telltale_provider_t, host), NGX_HTTP_VAR_NOCACHEABLE,
      0 },

    { ngx_string("telltale_uri"), NULL, ngx_http_telltale_uri_variable, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("telltale_content_encoding"), NULL,
      ngx_http_telltale_encoding_variable, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("telltale_authorization"), NULL,
      ngx_http_telltale_credential_variable, NGX_HTTP_TELLTALE_AUTHORIZATION,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("telltale_x_api_key"), NULL,
      ngx_http_telltale_credential_variable, NGX_HTTP_TELLTALE_X_API_KEY,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("telltale_goog_key"), NULL,
      ngx_http_telltale_credential_variable, NGX_HTTP_TELLTALE_GOOG_KEY,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("telltale_record"), NULL, ngx_http_telltale_record_variable,
      0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("telltale_decision"), NULL, ngx_http_telltale_record_variable,
      1, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    ngx_http_null_variable
};


ngx_int_t
ngx_http_telltale_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t *var, *v;

    for (v = ngx_http_telltale_variables; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_telltale_set(ngx_http_variable_value_t *v, u_char *data, size_t len)
{
    v->data = data;
    v->len = (unsigned) len;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;

    return NGX_OK;
}


static ngx_http_telltale_ctx_t *
ngx_http_telltale_variable_ctx(ngx_http_request_t *r)
{
    ngx_http_telltale_main_conf_t *mcf = ngx_http_telltale_main_conf(r);

    return mcf->gate != NULL ? ngx_http_telltale_get_ctx(r, 1) : NULL;
}


static ngx_int_t
ngx_http_telltale_key_variable(ngx_http_request_t        *r,
                               ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_telltale_ctx_t *ctx = ngx_http_telltale_variable_ctx(r);

    if (ctx == NULL || ngx_http_telltale_identify(ctx) != NGX_OK) {
        v->not_found = 1;
        return NGX_OK;
    }

    switch ((ngx_http_telltale_key_e) data) {

    case NGX_HTTP_TELLTALE_KEY:
        return ngx_http_telltale_set(v, ctx->identity.hash,
                                     sizeof(ctx->identity.hash));

    case NGX_HTTP_TELLTALE_TEAM:
        return ngx_http_telltale_set(v, ctx->identity.team.data,
                                     ctx->identity.team.len);

    default:
        if (ctx->identity.client == NULL) {
            return ngx_http_telltale_set(v, NULL, 0);
        }
        return ngx_http_telltale_set(v, ctx->identity.client->rate.data,
                                     ctx->identity.client->rate.len);
    }
}


static ngx_http_telltale_provider_t *
ngx_http_telltale_target(ngx_http_request_t *r, ngx_http_telltale_ctx_t *ctx)
{
    ngx_http_telltale_loc_conf_t *tlcf;

    if (ctx != NULL && ctx->state == NGX_HTTP_TELLTALE_DECIDED
        && ctx->target != ctx->judged) {
        return ctx->target;
    }

    tlcf = ngx_http_get_module_loc_conf(r, ngx_http_telltale_module);

    return tlcf->provider;
}


static ngx_int_t
ngx_http_telltale_target_variable(ngx_http_request_t        *r,
                                  ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t                    *text;
    ngx_http_telltale_provider_t *target;

    target = ngx_http_telltale_target(r, ngx_http_telltale_variable_ctx(r));
    if (target == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    text = (ngx_str_t *) ((char *) target + data);

    return ngx_http_telltale_set(v, text->data, text->len);
}


/* The gateway's own key for where the request goes; NULL: the client's. */

static const ngx_http_telltale_credential_t *
ngx_http_telltale_own_credential(ngx_http_request_t      *r,
                                 ngx_http_telltale_ctx_t *ctx)
{
    ngx_http_telltale_provider_t  *target = ngx_http_telltale_target(r, ctx);
    ngx_http_telltale_main_conf_t *mcf = ngx_http_telltale_main_conf(r);

    if (target == NULL
        || mcf->policy->gateway.credentials.number != TT_CREDENTIALS_REPLACE) {
        return NULL;
    }

    return ngx_http_telltale_find_credential(&mcf->keys, &target->id);
}


/* A list of models has no API of its own; then the provider's is taken. */

static ngx_http_telltale_credential_e
ngx_http_telltale_credential_header(ngx_http_request_t      *r,
                                    ngx_http_telltale_ctx_t *ctx)
{
    ngx_uint_t                    apis = (ngx_uint_t) 1 << ctx->route.api;
    ngx_http_telltale_provider_t *target = ngx_http_telltale_target(r, ctx);

    if (ctx->route.api == TT_API_NONE && target != NULL) {
        apis = target->apis;
    }

    switch (apis) {

    case (ngx_uint_t) 1 << TT_API_ANTHROPIC:
        return NGX_HTTP_TELLTALE_X_API_KEY;

    case (ngx_uint_t) 1 << TT_API_GEMINI:
        return NGX_HTTP_TELLTALE_GOOG_KEY;

    default:
        return NGX_HTTP_TELLTALE_AUTHORIZATION;
    }
}


static ngx_int_t
ngx_http_telltale_credential_variable(ngx_http_request_t        *r,
                                      ngx_http_variable_value_t *v,
                                      uintptr_t                  data)
{
    ngx_table_elt_t                      *client;
    ngx_http_telltale_ctx_t              *ctx;
    ngx_http_telltale_credential_e        kind, fit;
    const ngx_http_telltale_credential_t *own;

    ctx = ngx_http_telltale_variable_ctx(r);
    if (ctx == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    kind = (ngx_http_telltale_credential_e) data;
    own = ngx_http_telltale_own_credential(r, ctx);

    if (own != NULL) {
        fit = ngx_http_telltale_credential_header(r, ctx);
        if (kind != fit) {
            return ngx_http_telltale_set(v, NULL, 0);
        }

        return kind == NGX_HTTP_TELLTALE_AUTHORIZATION
                   ? ngx_http_telltale_set(v, own->bearer.data,
                                           own->bearer.len)
                   : ngx_http_telltale_set(v, own->key.data, own->key.len);
    }

    client = kind == NGX_HTTP_TELLTALE_X_API_KEY ? ctx->api_key
             : kind == NGX_HTTP_TELLTALE_GOOG_KEY
                 ? ctx->goog_key
                 : r->headers_in.authorization;

    return client == NULL ? ngx_http_telltale_set(v, NULL, 0)
                          : ngx_http_telltale_set(v, client->value.data,
                                                  client->value.len);
}


/* The query without "key": that one was for the gateway. */

static u_char *
ngx_http_telltale_copy_query(u_char *dst, u_char *query, u_char *last)
{
    u_char *end, sign = '?';

    while (query < last) {
        end = ngx_strlchr(query, last, '&');
        if (end == NULL) {
            end = last;
        }

        if (end - query < 4 || ngx_strncasecmp(query, (u_char *) "key=", 4)) {
            *dst++ = sign;
            dst = ngx_cpymem(dst, query, (size_t) (end - query));
            sign = '&';
        }

        query = end < last ? end + 1 : last;
    }

    return dst;
}


/* The path from p on, with the model that takes the place of its own. */

static u_char *
ngx_http_telltale_copy_path(u_char *dst, u_char *p, u_char *last,
                            ngx_http_telltale_ctx_t *ctx)
{
    u_char *model = ctx->request->unparsed_uri.data + ctx->model_at;

    if (ctx->model.len > 0) {
        dst = ngx_cpymem(dst, p, (size_t) (model - p));
        dst = ngx_cpymem(dst, ctx->model.data, ctx->model.len);
        p = model + ctx->model_length;
    }

    return ngx_cpymem(dst, p, (size_t) (last - p));
}


static ngx_int_t
ngx_http_telltale_uri_variable(ngx_http_request_t        *r,
                               ngx_http_variable_value_t *v, uintptr_t data)
{
    u_char                  *p, *last, *query, *copy, *dst;
    ngx_uint_t               hides_key;
    ngx_http_telltale_ctx_t *ctx = ngx_http_telltale_variable_ctx(r);

    (void) data;

    if (ctx == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    p = r->main->unparsed_uri.data;
    last = p + r->main->unparsed_uri.len;

    if (ctx->routed && ctx->route.prefix <= r->main->unparsed_uri.len) {
        p += ctx->route.prefix;
    }

    query = ngx_strlchr(p, last, '?');
    hides_key = query != NULL && ctx->query_key.len > 0
                && ngx_http_telltale_own_credential(r, ctx) != NULL;

    if (!hides_key && ctx->model.len == 0) {
        return ngx_http_telltale_set(v, p, (size_t) (last - p));
    }

    copy = ngx_pnalloc(r->pool, (size_t) (last - p) + ctx->model.len + 1);
    if (copy == NULL) {
        return NGX_ERROR;
    }

    if (query == NULL) {
        query = last;
    }

    dst = ngx_http_telltale_copy_path(copy, p, query, ctx);

    if (hides_key) {
        dst = ngx_http_telltale_copy_query(dst, query + 1, last);

    } else {
        dst = ngx_cpymem(dst, query, (size_t) (last - query));
    }

    return ngx_http_telltale_set(v, copy, (size_t) (dst - copy));
}


static ngx_int_t
ngx_http_telltale_encoding_variable(ngx_http_request_t        *r,
                                    ngx_http_variable_value_t *v,
                                    uintptr_t                  data)
{
    ngx_http_telltale_ctx_t *ctx = ngx_http_telltale_variable_ctx(r);

    (void) data;

    if (ctx == NULL || ctx->decoded || ctx->encoding == NULL) {
        return ngx_http_telltale_set(v, NULL, 0);
    }

    return ngx_http_telltale_set(v, ctx->encoding->value.data,
                                 ctx->encoding->value.len);
}


static ngx_int_t
ngx_http_telltale_record_variable(ngx_http_request_t        *r,
                                  ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_telltale_ctx_t       *ctx;
    ngx_http_telltale_main_conf_t *mcf = ngx_http_telltale_main_conf(r);

    /* For logs: nothing is begun for a request that never came here. */
    ctx = mcf->gate != NULL ? ngx_http_telltale_get_ctx(r, 0) : NULL;

    if (ctx == NULL || ctx->state != NGX_HTTP_TELLTALE_DECIDED) {
        v->not_found = 1;
        return NGX_OK;
    }

    if (data == 0) {
        return ngx_http_telltale_set(v, ctx->id, sizeof(ctx->id));
    }

    return ngx_http_telltale_set(v, (u_char *) (uintptr_t) ctx->action,
                                 ngx_strlen(ctx->action));
}
