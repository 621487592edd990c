/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who asks: the first source of the policy that answers, and what the keys
 * file knows about it.
 *
 * What a client presents is a secret.  It leaves this file only as a keyed
 * hash, which names the client in records, in limits and in metrics; with
 * another telltale_secret the same client has another name.
 */
#include "ngx_http_telltale_module.h"


typedef ngx_int_t (*ngx_http_telltale_source_pt)(ngx_http_telltale_ctx_t *ctx,
                                                 ngx_str_t *text);

typedef struct {
    const char                 *name; /* as policies spell it */
    ngx_http_telltale_source_pt get;  /* NGX_DECLINED: it says nothing */
} ngx_http_telltale_source_t;


static ngx_int_t ngx_http_telltale_by_key(ngx_http_telltale_ctx_t *ctx,
                                          ngx_str_t               *text);
static ngx_int_t ngx_http_telltale_by_header(ngx_http_telltale_ctx_t *ctx,
                                             ngx_str_t               *text);
static ngx_int_t ngx_http_telltale_by_certificate(ngx_http_telltale_ctx_t *ctx,
                                                  ngx_str_t *text);
static ngx_int_t ngx_http_telltale_by_address(ngx_http_telltale_ctx_t *ctx,
                                              ngx_str_t               *text);
static ngx_int_t ngx_http_telltale_ask(ngx_http_telltale_ctx_t *ctx);
static void      ngx_http_telltale_know(ngx_http_telltale_ctx_t *ctx);


static const ngx_http_telltale_source_t ngx_http_telltale_sources[] = {
    { "api-key", ngx_http_telltale_by_key },
    { "header", ngx_http_telltale_by_header },
    { "client-certificate", ngx_http_telltale_by_certificate },
    { "address", ngx_http_telltale_by_address },
};


/* HMAC (RFC 2104) with SHA-256 and the secret, which is half a block. */

static void
ngx_http_telltale_hmac(const ngx_http_telltale_main_conf_t *mcf,
                       struct tt_str text, u_char *mac)
{
    u_char           pad[64];
    ngx_uint_t       i;
    struct tt_sha256 sha;

    ngx_memset(pad, 0x36, sizeof(pad));
    for (i = 0; i < sizeof(mcf->secret); i++) {
        pad[i] ^= mcf->secret[i];
    }

    tt_sha256_init(&sha);
    tt_sha256_add(&sha, tt_str_make(pad, sizeof(pad)));
    tt_sha256_add(&sha, text);
    tt_sha256_end(&sha, mac);

    for (i = 0; i < sizeof(pad); i++) {
        pad[i] ^= 0x36 ^ 0x5c;
    }

    tt_sha256_init(&sha);
    tt_sha256_add(&sha, tt_str_make(pad, sizeof(pad)));
    tt_sha256_add(&sha, tt_str_make(mac, TT_SHA256_SIZE));
    tt_sha256_end(&sha, mac);
}


ngx_int_t
ngx_http_telltale_identify(ngx_http_telltale_ctx_t *ctx)
{
    u_char                         mac[TT_SHA256_SIZE];
    ngx_str_t                      text;
    ngx_http_request_t            *r = ctx->request;
    ngx_http_telltale_main_conf_t *mcf = ngx_http_telltale_main_conf(r);

    if (ctx->identified) {
        return NGX_OK;
    }

    if (ngx_http_telltale_ask(ctx) == NGX_ERROR) {
        return NGX_ERROR;
    }

    text = ctx->identity.text;
    if (ctx->identity.source == NULL) {
        /* Nobody said.  Limits still need a name, so the address serves. */
        text = r->connection->addr_text;
    }

    ngx_http_telltale_hmac(mcf, ngx_http_telltale_str(text), mac);
    (void) ngx_hex_dump(ctx->identity.hash, mac,
                        NGX_HTTP_TELLTALE_CLIENT_LEN / 2);
    ngx_http_telltale_know(ctx);
    ctx->identified = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_http_telltale_ask(ngx_http_telltale_ctx_t *ctx)
{
    ngx_int_t                         rc;
    ngx_str_t                         text;
    ngx_uint_t                        i, k;
    const struct tt_policy_list      *list;
    ngx_http_telltale_main_conf_t    *mcf;
    const ngx_http_telltale_source_t *source = ngx_http_telltale_sources;

    mcf = ngx_http_telltale_main_conf(ctx->request);
    list = &mcf->policy->gateway.identity;

    for (i = 0; i < list->count; i++) {
        for (k = 0; k < sizeof(ngx_http_telltale_sources) / sizeof(*source);
             k++) {
            if (!tt_str_eq(list->items[i].text, tt_str_cstr(source[k].name))) {
                continue;
            }

            rc = source[k].get(ctx, &text);
            if (rc == NGX_ERROR) {
                return NGX_ERROR;
            }

            if (rc == NGX_OK && text.len > 0) {
                ctx->identity.source = source[k].name;
                ctx->identity.text = text;
                return NGX_OK;
            }
        }
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_telltale_by_key(ngx_http_telltale_ctx_t *ctx, ngx_str_t *text)
{
    ngx_table_elt_t *h = ctx->request->headers_in.authorization;

    /* A client that has both means x-api-key: the other may be a login's. */
    if (ctx->api_key != NULL) {
        *text = ctx->api_key->value;
        return NGX_OK;
    }

    if (ctx->goog_key != NULL) {
        *text = ctx->goog_key->value;
        return NGX_OK;
    }

    if (h != NULL && h->value.len > 7
        && ngx_strncasecmp(h->value.data, (u_char *) "Bearer ", 7) == 0) {
        text->data = h->value.data + 7;
        text->len = h->value.len - 7;
        return NGX_OK;
    }

    *text = ctx->query_key;

    return ctx->query_key.len > 0 ? NGX_OK : NGX_DECLINED;
}


static ngx_int_t
ngx_http_telltale_by_header(ngx_http_telltale_ctx_t *ctx, ngx_str_t *text)
{
    if (ctx->named == NULL) {
        return NGX_DECLINED;
    }

    *text = ctx->named->value;

    return NGX_OK;
}


/* The subject, which outlives the renewal of a certificate. */

static ngx_int_t
ngx_http_telltale_by_certificate(ngx_http_telltale_ctx_t *ctx, ngx_str_t *text)
{
    ngx_str_t         verify;
    ngx_connection_t *c = ctx->request->connection;

    if (c->ssl == NULL
        || ngx_ssl_get_client_verify(c, ctx->request->pool, &verify) != NGX_OK
        || verify.len != 7 || ngx_strncmp(verify.data, "SUCCESS", 7) != 0) {
        return NGX_DECLINED;
    }

    return ngx_ssl_get_subject_dn(c, ctx->request->pool, text);
}


static ngx_int_t
ngx_http_telltale_by_address(ngx_http_telltale_ctx_t *ctx, ngx_str_t *text)
{
    *text = ctx->request->connection->addr_text;

    return NGX_OK;
}


/* Team and region: of the keys file; else a team that a header names. */

static void
ngx_http_telltale_know(ngx_http_telltale_ctx_t *ctx)
{
    size_t                         i;
    u_char                         sha256[TT_SHA256_SIZE];
    struct tt_sha256               sha;
    const struct tt_policy_list   *teams;
    ngx_http_telltale_identity_t  *id = &ctx->identity;
    ngx_http_telltale_loc_conf_t  *tlcf;
    ngx_http_telltale_main_conf_t *mcf;

    mcf = ngx_http_telltale_main_conf(ctx->request);
    tlcf =
        ngx_http_get_module_loc_conf(ctx->request, ngx_http_telltale_module);
    id->region = tlcf->region;

    if (id->source == NULL) {
        return;
    }

    if (mcf->keys.clients.nelts > 0) {
        tt_sha256_init(&sha);
        tt_sha256_add(&sha, ngx_http_telltale_str(id->text));
        tt_sha256_end(&sha, sha256);
        id->client = ngx_http_telltale_find_client(&mcf->keys, sha256);
    }

    if (id->client != NULL) {
        id->team = id->client->team;
        if (id->client->region.len > 0) {
            id->region = id->client->region;
        }
        return;
    }

    if (ctx->named == NULL || id->text.data != ctx->named->value.data) {
        return;
    }

    teams = &mcf->policy->teams;
    for (i = 0; i < teams->count; i++) {
        if (tt_str_eq(teams->items[i].text, ngx_http_telltale_str(id->text))) {
            id->team = id->text;
        }
    }
}
