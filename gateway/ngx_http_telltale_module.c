/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Directives, phases and the life of a worker.
 *
 * A request is judged in the PRECONTENT phase: behind authentication, which
 * "satisfy any" could let it pass by in the ACCESS phase, and before
 * anything that forwards it.  The order of events:
 *
 *   handler         route, identity; what these decide alone
 *   body_handler    the body was read: judge, splice, record
 *   handler again   forward (NGX_DECLINED) or answer
 *   filters         meter the answer while it passes
 *   log handler     the outcome, of aborted requests too
 *
 * Whatever goes wrong ends in an own answer or, where the policy fails open,
 * in a request that goes on and is recorded as not inspected.
 */
#include "ngx_http_telltale_module.h"


/* Memory that a worker takes from the C library's heap and keeps there. */
#define NGX_HTTP_TELLTALE_HEAP_BLOCK (8 * 1024 * 1024)
#define NGX_HTTP_TELLTALE_HEAP_KEPT (32 * 1024 * 1024)


static ngx_int_t ngx_http_telltale_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_telltale_start(ngx_http_telltale_ctx_t *ctx);
static ngx_int_t ngx_http_telltale_read(ngx_http_telltale_ctx_t *ctx);
static void      ngx_http_telltale_body_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_telltale_act(ngx_http_telltale_ctx_t *ctx);
static void      ngx_http_telltale_drained(ngx_http_request_t *r);
static ngx_int_t ngx_http_telltale_subrequest(ngx_http_request_t *r);
static ngx_int_t ngx_http_telltale_log_handler(ngx_http_request_t *r);
static void      ngx_http_telltale_cleanup(void *data);

static void     *ngx_http_telltale_create_main_conf(ngx_conf_t *cf);
static char     *ngx_http_telltale_init_main_conf(ngx_conf_t *cf, void *conf);
static void     *ngx_http_telltale_create_loc_conf(ngx_conf_t *cf);
static char     *ngx_http_telltale_merge_loc_conf(ngx_conf_t *cf, void *parent,
                                                  void *child);
static char     *ngx_http_telltale_rings(ngx_conf_t *cf, ngx_command_t *cmd,
                                         void *conf);
static char     *ngx_http_telltale_files(ngx_conf_t *cf, ngx_command_t *cmd,
                                         void *conf);
static char     *ngx_http_telltale_region(ngx_conf_t *cf, ngx_command_t *cmd,
                                          void *conf);
static char     *ngx_http_telltale_provider(ngx_conf_t *cf, ngx_command_t *cmd,
                                            void *conf);
static char     *ngx_http_telltale_answer(ngx_conf_t *cf, ngx_command_t *cmd,
                                          void *conf);
static ngx_int_t ngx_http_telltale_init(ngx_conf_t *cf);
static void      ngx_http_telltale_keep_heap(void);
static ngx_int_t ngx_http_telltale_init_process(ngx_cycle_t *cycle);
static void      ngx_http_telltale_exit_process(ngx_cycle_t *cycle);


static ngx_command_t ngx_http_telltale_commands[] = {

    { ngx_string("telltale"),
      NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF
          | NGX_CONF_FLAG,
      ngx_conf_set_flag_slot, NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_telltale_loc_conf_t, enable), NULL },

    { ngx_string("telltale_policy"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
      ngx_conf_set_str_slot, NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_telltale_main_conf_t, policy_file), NULL },

    { ngx_string("telltale_learned"), NGX_HTTP_MAIN_CONF | NGX_CONF_1MORE,
      ngx_http_telltale_files, NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_telltale_main_conf_t, learned), NULL },

    { ngx_string("telltale_rings"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE12,
      ngx_http_telltale_rings, NGX_HTTP_MAIN_CONF_OFFSET, 0, NULL },

    { ngx_string("telltale_secret"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
      ngx_conf_set_str_slot, NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_telltale_main_conf_t, secret_file), NULL },

    { ngx_string("telltale_keys"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
      ngx_conf_set_str_slot, NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_telltale_main_conf_t, keys_file), NULL },

    { ngx_string("telltale_catalog"), NGX_HTTP_MAIN_CONF | NGX_CONF_1MORE,
      ngx_http_telltale_files, NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_telltale_main_conf_t, catalogs), NULL },

    { ngx_string("telltale_body_memory"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
      ngx_conf_set_size_slot, NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_telltale_main_conf_t, body_memory), NULL },

    { ngx_string("telltale_shadow"),
      NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF
          | NGX_CONF_FLAG,
      ngx_conf_set_flag_slot, NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_telltale_loc_conf_t, shadow), NULL },

    { ngx_string("telltale_region"),
      NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF
          | NGX_CONF_TAKE1,
      ngx_http_telltale_region, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },

    { ngx_string("telltale_provider"),
      NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF
          | NGX_CONF_2MORE,
      ngx_http_telltale_provider, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },

    { ngx_string("telltale_answer"), NGX_HTTP_LOC_CONF | NGX_CONF_TAKE12,
      ngx_http_telltale_answer, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },

    ngx_null_command
};


static ngx_http_module_t ngx_http_telltale_module_ctx = {
    ngx_http_telltale_add_variables, /* preconfiguration */
    ngx_http_telltale_init,          /* postconfiguration */

    ngx_http_telltale_create_main_conf, /* create main configuration */
    ngx_http_telltale_init_main_conf,   /* init main configuration */

    NULL, /* create server configuration */
    NULL, /* merge server configuration */

    ngx_http_telltale_create_loc_conf, /* create location configuration */
    ngx_http_telltale_merge_loc_conf   /* merge location configuration */
};


ngx_module_t ngx_http_telltale_module = {
    NGX_MODULE_V1,
    &ngx_http_telltale_module_ctx,  /* module context */
    ngx_http_telltale_commands,     /* module directives */
    NGX_HTTP_MODULE,                /* module type */
    NULL,                           /* init master */
    NULL,                           /* init module */
    ngx_http_telltale_init_process, /* init process */
    NULL,                           /* init thread */
    NULL,                           /* exit thread */
    ngx_http_telltale_exit_process, /* exit process */
    NULL,                           /* exit master */
    NGX_MODULE_V1_PADDING
};


ngx_http_telltale_worker_t ngx_http_telltale_worker;


/* ---- one request ---- */


static ngx_int_t
ngx_http_telltale_handler(ngx_http_request_t *r)
{
    ngx_http_telltale_ctx_t      *ctx;
    ngx_http_telltale_loc_conf_t *tlcf;

    tlcf = ngx_http_get_module_loc_conf(r, ngx_http_telltale_module);

    if (!tlcf->enable || tlcf->answer != NGX_CONF_UNSET_UINT) {
        return NGX_DECLINED;
    }

    if (r != r->main) {
        return ngx_http_telltale_subrequest(r);
    }

    ctx = ngx_http_telltale_get_ctx(r, 1);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    switch (ctx->state) {

    case NGX_HTTP_TELLTALE_NEW:
        return ngx_http_telltale_start(ctx);

    case NGX_HTTP_TELLTALE_READING:
        /* An error page of a body that did not arrive as a whole. */
        return NGX_HTTP_BAD_REQUEST;

    default:
        return ngx_http_telltale_act(ctx);
    }
}


/* What is known before the body is read. */

static ngx_int_t
ngx_http_telltale_start(ngx_http_telltale_ctx_t *ctx)
{
    ngx_http_request_t            *r = ctx->request;
    ngx_http_telltale_loc_conf_t  *tlcf;
    ngx_http_telltale_main_conf_t *mcf = ngx_http_telltale_main_conf(r);

    tlcf = ngx_http_get_module_loc_conf(r, ngx_http_telltale_module);
    ctx->shadow = tlcf->shadow;
    ctx->judged = tlcf->provider;
    ctx->target = tlcf->provider;

    if (ngx_http_telltale_identify(ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (!ctx->routed || ctx->posing || !ngx_http_telltale_is_plain(ctx)) {
        ngx_http_telltale_refuse(ctx, TT_REFUSE_UNKNOWN, "unknown-route");

    } else if (mcf->keys.require && ctx->identity.client == NULL) {
        /* Shadow is about the policy; it lets no stranger use our keys. */
        ctx->shadow = 0;
        ngx_http_telltale_refuse(ctx, TT_REFUSE_IDENTITY, "unknown-client");

    } else if (!ctx->route.has_body
               && (r->headers_in.content_length_n > 0
                   || r->headers_in.chunked)) {
        ngx_http_telltale_refuse(ctx, TT_REFUSE_INVALID, "unexpected-body");

    } else if (ngx_http_telltale_judge_head(ctx) == NGX_AGAIN) {
        return ngx_http_telltale_read(ctx);
    }

    return ngx_http_telltale_act(ctx);
}


static ngx_int_t
ngx_http_telltale_read(ngx_http_telltale_ctx_t *ctx)
{
    off_t                     size;
    ngx_int_t                 rc;
    ngx_http_request_t       *r = ctx->request;
    ngx_http_core_loc_conf_t *clcf;

    /* nginx allots a whole buffer to a body whose length nobody said. */
    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);
    size = r->headers_in.content_length_n;
    if (size < 0) {
        size = (off_t) clcf->client_body_buffer_size;
    }

    if (ngx_http_telltale_charge(ctx, (size_t) size) != NGX_OK) {
        ngx_http_telltale_refuse(ctx, TT_REFUSE_FAULT, "body-memory");
        return ngx_http_telltale_act(ctx);
    }

    ctx->state = NGX_HTTP_TELLTALE_READING;

    rc = ngx_http_read_client_request_body(r, ngx_http_telltale_body_handler);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    ngx_http_finalize_request(r, NGX_DONE);

    return NGX_DONE;
}


static void
ngx_http_telltale_body_handler(ngx_http_request_t *r)
{
    ngx_http_telltale_ctx_t *ctx = ngx_http_telltale_get_ctx(r, 0);

    if (ctx == NULL) {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    ngx_http_telltale_judge(ctx);

    /* Back to the phases, where the handler finds what was decided. */
    r->preserve_body = 1;
    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);
}


static ngx_int_t
ngx_http_telltale_act(ngx_http_telltale_ctx_t *ctx)
{
    ngx_int_t                     rc;
    ngx_http_request_t           *r = ctx->request;
    ngx_http_telltale_loc_conf_t *tlcf;

    /*
     * The decision holds for the provider that the first location leads to.
     * An internal redirect to another one would go around it.
     */
    tlcf = ngx_http_get_module_loc_conf(r, ngx_http_telltale_module);
    if (!ctx->refused && !ctx->shadow && tlcf->provider != ctx->judged
        && (tlcf->provider == NULL || ctx->judged == NULL
            || tlcf->provider->id.len != ctx->judged->id.len
            || ngx_strncmp(tlcf->provider->id.data, ctx->judged->id.data,
                           ctx->judged->id.len))) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "telltale: redirected to another provider than the "
                      "one that was judged");
        ctx->refused = 1;
        ctx->refusal = TT_REFUSE_POLICY;
        ctx->message.len = 0;
    }

    if (!ctx->refused) {
        return NGX_DECLINED;
    }

    rc = ngx_http_telltale_drain(ctx, ngx_http_telltale_drained);

    if (rc != NGX_DONE && rc != NGX_DECLINED) {
        return rc;
    }

    /* NGX_OK of a phase handler would mean: go on, that is, forward. */
    ngx_http_finalize_request(
        r, rc == NGX_DONE ? NGX_DONE : ngx_http_telltale_send_refusal(ctx));

    return NGX_DONE;
}


static void
ngx_http_telltale_drained(ngx_http_request_t *r)
{
    ngx_http_telltale_ctx_t *ctx = ngx_http_telltale_get_ctx(r, 0);

    ngx_http_finalize_request(r, ctx != NULL
                                     ? ngx_http_telltale_send_refusal(ctx)
                                     : NGX_HTTP_INTERNAL_SERVER_ERROR);
}


/*
 * A subrequest carries the body of the main request.  That body must have
 * been judged, wherever the main request was at the time.
 */

static ngx_int_t
ngx_http_telltale_subrequest(ngx_http_request_t *r)
{
    ngx_http_request_t      *m = r->main;
    ngx_http_telltale_ctx_t *ctx = ngx_http_telltale_get_ctx(m, 0);

    if (ctx != NULL && ctx->state == NGX_HTTP_TELLTALE_DECIDED) {
        return ctx->refused ? NGX_HTTP_FORBIDDEN : NGX_DECLINED;
    }

    if (m->request_body != NULL && m->request_body->bufs != NULL) {
        return NGX_HTTP_FORBIDDEN;
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_telltale_log_handler(ngx_http_request_t *r)
{
    ngx_http_telltale_ctx_t *ctx;

    if (r != r->main) {
        return NGX_OK;
    }

    ngx_http_telltale_record_undecided(r);

    ctx = ngx_http_telltale_get_ctx(r, 0);
    if (ctx != NULL) {
        ngx_http_telltale_record_end(ctx);
    }

    return NGX_OK;
}


ngx_http_telltale_ctx_t *
ngx_http_telltale_get_ctx(ngx_http_request_t *r, ngx_uint_t create)
{
    ngx_pool_cleanup_t      *cln;
    ngx_http_request_t      *m = r->main;
    ngx_http_telltale_ctx_t *ctx;

    ctx = ngx_http_get_module_ctx(m, ngx_http_telltale_module);
    if (ctx != NULL) {
        return ctx;
    }

    if (m->internal || m->filter_finalize) {
        for (cln = m->pool->cleanup; cln; cln = cln->next) {
            if (cln->handler == ngx_http_telltale_cleanup) {
                ctx = cln->data;
                ngx_http_set_ctx(m, ctx, ngx_http_telltale_module);
                return ctx;
            }
        }
    }

    if (!create) {
        return NULL;
    }

    cln = ngx_pool_cleanup_add(m->pool, sizeof(ngx_http_telltale_ctx_t));
    if (cln == NULL) {
        return NULL;
    }

    ctx = cln->data;
    ngx_memzero(ctx, sizeof(ngx_http_telltale_ctx_t));
    cln->handler = ngx_http_telltale_cleanup;

    ctx->request = m;
    ctx->started = ngx_http_telltale_now();
    ctx->action = tt_gate_action_name(TT_GATE_ALLOW);

    if (ngx_http_telltale_read_head(ctx) != NGX_OK) {
        cln->handler = NULL;
        return NULL;
    }

    ngx_http_set_ctx(m, ctx, ngx_http_telltale_module);

    return ctx;
}


static void
ngx_http_telltale_cleanup(void *data)
{
    ngx_http_telltale_ctx_t *ctx = data;

    ngx_http_telltale_worker.body_memory -= ctx->charged;
    ctx->charged = 0;
}


uint64_t
ngx_http_telltale_now(void)
{
    struct timespec ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000000000 + (uint64_t) ts.tv_nsec;
}


ngx_int_t
ngx_http_telltale_dup(ngx_pool_t *pool, struct tt_str from, ngx_str_t *to)
{
    to->len = 0;
    to->data = ngx_pnalloc(pool, from.len + 1);
    if (to->data == NULL) {
        return NGX_ERROR;
    }

    to->len = from.len;
    *ngx_cpymem(to->data, from.ptr, from.len) = '\0';

    return NGX_OK;
}


/* ---- configuration ---- */


static void *
ngx_http_telltale_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_telltale_main_conf_t *mcf;

    mcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_telltale_main_conf_t));
    if (mcf == NULL) {
        return NULL;
    }

    mcf->ring_size = TT_RING_SIZE;
    mcf->body_memory = NGX_CONF_UNSET_SIZE;
    mcf->learned = ngx_array_create(cf->pool, 2, sizeof(ngx_str_t));
    mcf->catalogs = ngx_array_create(cf->pool, 2, sizeof(ngx_str_t));
    mcf->providers =
        ngx_array_create(cf->pool, 4, sizeof(ngx_http_telltale_provider_t));
    if (mcf->learned == NULL || mcf->catalogs == NULL
        || mcf->providers == NULL) {
        return NULL;
    }

    return mcf;
}


static char *
ngx_http_telltale_init_main_conf(ngx_conf_t *cf, void *conf)
{
    ngx_http_telltale_main_conf_t *mcf = conf;

    ngx_conf_init_size_value(mcf->body_memory, 512 * 1024 * 1024);

    if (mcf->policy_file.len == 0) {
        return NGX_CONF_OK;
    }

    return ngx_http_telltale_load(cf, mcf);
}


static void *
ngx_http_telltale_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_telltale_loc_conf_t *tlcf;

    tlcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_telltale_loc_conf_t));
    if (tlcf == NULL) {
        return NULL;
    }

    tlcf->enable = NGX_CONF_UNSET;
    tlcf->shadow = NGX_CONF_UNSET;
    tlcf->answer = NGX_CONF_UNSET_UINT;

    return tlcf;
}


static char *
ngx_http_telltale_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_core_loc_conf_t      *clcf;
    ngx_http_telltale_loc_conf_t  *prev = parent, *conf = child;
    ngx_http_telltale_main_conf_t *mcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_telltale_module);

    conf->is_on_above = prev->is_on_above || prev->enable == 1;

    ngx_conf_merge_value(conf->enable, prev->enable, 0);
    ngx_conf_merge_value(conf->shadow, prev->shadow, 0);
    ngx_conf_merge_str_value(conf->region, prev->region, "");

    /*
     * Where nothing was ever said the module is out of the way; where it is
     * on at some level, a location that hands requests on cannot leave.
     */
    if (conf->is_on_above && !conf->enable && clcf->handler != NULL
        && clcf->handler != ngx_http_telltale_answer_handler) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"telltale off\" in location \"%V\", which hands "
                           "requests on without inspection",
                           &clcf->name);
        return NGX_CONF_ERROR;
    }

    if (conf->provider == NULL) {
        conf->provider = prev->provider;
    }

    if ((conf->enable || conf->answer != NGX_CONF_UNSET_UINT)
        && mcf->gate == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%s\" without \"telltale_policy\"",
                           conf->enable ? "telltale on" : "telltale_answer");
        return NGX_CONF_ERROR;
    }

    if (conf->enable && conf->provider != NULL
        && mcf->policy->gateway.credentials.number == TT_CREDENTIALS_REPLACE
        && ngx_http_telltale_find_credential(&mcf->keys, &conf->provider->id)
               == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the policy replaces credentials, and "
                           "\"telltale_keys\" has none for \"%V\"",
                           &conf->provider->id);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_telltale_rings(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                     *value = cf->args->elts;
    ngx_http_telltale_main_conf_t *mcf = conf;

    (void) cmd;

    if (mcf->rings.data != NULL) {
        return "is duplicate";
    }

    mcf->rings = value[1];
    if (ngx_conf_full_name(cf->cycle, &mcf->rings, 0) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (cf->args->nelts > 2) {
        ssize_t size = ngx_parse_size(&value[2]);

        if (size < (ssize_t) TT_RING_RECORD_MAX || (size & (size - 1))) {
            return "has a size that is no power of two from 64k on";
        }
        mcf->ring_size = (size_t) size;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_telltale_files(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t    *name, *value = cf->args->elts;
    ngx_uint_t    i;
    ngx_array_t **names = (ngx_array_t **) ((char *) conf + cmd->offset);

    for (i = 1; i < cf->args->nelts; i++) {
        name = ngx_array_push(*names);
        if (name == NULL) {
            return NGX_CONF_ERROR;
        }

        *name = value[i];
        if (ngx_conf_full_name(cf->cycle, name, 0) != NGX_OK) {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_telltale_region(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                    *value = cf->args->elts;
    ngx_http_telltale_loc_conf_t *tlcf = conf;

    (void) cmd;

    if (tlcf->region.data != NULL) {
        return "is duplicate";
    }

    if (value[1].len != 2 || value[1].data[0] < 'A' || value[1].data[0] > 'Z'
        || value[1].data[1] < 'A' || value[1].data[1] > 'Z') {
        return "is no country: two capital letters of ISO 3166-1";
    }

    tlcf->region = value[1];

    return NGX_CONF_OK;
}


static ngx_uint_t
ngx_http_telltale_api(ngx_str_t *word)
{
    ngx_uint_t  api;
    const char *name;

    for (api = TT_API_ANTHROPIC; api <= TT_API_GEMINI; api++) {
        name = tt_api_name((enum tt_api) api);
        if (word->len == ngx_strlen(name)
            && ngx_strncmp(word->data, name, word->len) == 0) {
            return 1u << api;
        }
    }

    return 0;
}


/*
 * telltale_provider ID HOST UPSTREAM [API...]
 *
 * At http level: where re-routing may lead, for these APIs, or for all.
 * Else: where this location leads.
 */

static char *
ngx_http_telltale_provider(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                     *value = cf->args->elts;
    ngx_uint_t                     i, api;
    ngx_http_telltale_loc_conf_t  *tlcf = conf;
    ngx_http_telltale_main_conf_t *mcf;
    ngx_http_telltale_provider_t  *provider;

    (void) cmd;

    if (cf->args->nelts < 4) {
        return "needs an id, a host and an upstream";
    }

    if (cf->cmd_type & NGX_HTTP_MAIN_CONF) {
        mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_telltale_module);
        provider = ngx_array_push(mcf->providers);

    } else if (tlcf->provider != NULL) {
        return "is duplicate";

    } else {
        provider = ngx_palloc(cf->pool, sizeof(ngx_http_telltale_provider_t));
        tlcf->provider = provider;
    }

    if (provider == NULL) {
        return NGX_CONF_ERROR;
    }

    provider->id = value[1];
    provider->host = value[2];
    provider->upstream = value[3];
    provider->apis = cf->args->nelts > 4 ? 0 : ~(ngx_uint_t) 0;

    for (i = 4; i < cf->args->nelts; i++) {
        api = ngx_http_telltale_api(&value[i]);
        if (api == 0) {
            return "names an unknown API";
        }
        provider->apis |= api;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_telltale_answer(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                    *value = cf->args->elts;
    ngx_uint_t                    i;
    const char                   *name;
    ngx_http_core_loc_conf_t     *clcf;
    ngx_http_telltale_loc_conf_t *tlcf = conf;

    (void) cmd;

    if (tlcf->answer != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    for (i = 0; i < TT_REFUSALS; i++) {
        name = tt_refusal_name((enum tt_refusal) i);
        if (value[1].len == ngx_strlen(name)
            && ngx_strncmp(value[1].data, name, value[1].len) == 0) {
            clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
            clcf->handler = ngx_http_telltale_answer_handler;
            tlcf->answer = i;
            if (cf->args->nelts > 2) {
                tlcf->answer_text = value[2];
            }
            return NGX_CONF_OK;
        }
    }

    return "has an unknown name";
}


static ngx_int_t
ngx_http_telltale_init(ngx_conf_t *cf)
{
    ngx_http_handler_pt           *h;
    ngx_http_core_main_conf_t     *cmcf;
    ngx_http_telltale_main_conf_t *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_telltale_module);
    if (mcf->gate == NULL) {
        return NGX_OK;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_POST_READ_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }
    *h = ngx_http_telltale_log_init_handler;

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_PRECONTENT_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }
    *h = ngx_http_telltale_handler;

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_LOG_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }
    *h = ngx_http_telltale_log_handler;

    ngx_http_telltale_init_filters();
    ngx_http_telltale_init_drain();

    return NGX_OK;
}


/* ---- workers ---- */


/*
 * Bodies come and go by the hundred kilobytes.  The C library would give each
 * back to the system, and fault in the pages of the next one by one.
 */

static void
ngx_http_telltale_keep_heap(void)
{
#if (defined M_MMAP_THRESHOLD && defined M_TRIM_THRESHOLD)
    (void) mallopt(M_MMAP_THRESHOLD, NGX_HTTP_TELLTALE_HEAP_BLOCK);
    (void) mallopt(M_TRIM_THRESHOLD, NGX_HTTP_TELLTALE_HEAP_KEPT);
#endif
}


/*
 * A worker that lacks its desk or its ring still runs: every request then
 * takes the fail mode of the policy.  If it ended, the service would.
 */

static ngx_int_t
ngx_http_telltale_init_process(ngx_cycle_t *cycle)
{
    unsigned                       slot;
    unsigned char                  seed[32];
    enum tt_status                 status;
    ngx_http_telltale_main_conf_t *mcf;
    ngx_http_telltale_worker_t    *worker = &ngx_http_telltale_worker;

    mcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_telltale_module);
    if (mcf == NULL || mcf->gate == NULL) {
        return NGX_OK;
    }

    ngx_http_telltale_keep_heap();

    worker->kernels = tt_kernels_get(tt_cpu_detect());
    tt_buf_init(&worker->record, &tt_alloc_libc, TT_RING_RECORD_MAX);

    if (RAND_bytes(seed, sizeof(seed)) != 1
        || RAND_bytes(worker->nonce, sizeof(worker->nonce)) != 1) {
        ngx_log_error(NGX_LOG_ALERT, cycle->log, 0,
                      "telltale: no random numbers");
        return NGX_OK;
    }

    status = tt_desk_new(&tt_alloc_libc, mcf->gate, tt_cpu_detect(), seed,
                         &worker->desk);
    if (status != TT_OK) {
        worker->desk = NULL;
        ngx_log_error(NGX_LOG_ALERT, cycle->log, 0, "telltale: no desk: %s",
                      tt_status_name(status));
    }

    if (mcf->rings.len == 0) {
        return NGX_OK;
    }

    ngx_http_telltale_open_accounts(cycle, mcf);

    status = tt_ring_claim((const char *) mcf->rings.data, mcf->ring_size,
                           &worker->ring, &slot);
    if (status != TT_OK) {
        worker->ring = NULL;
        ngx_log_error(NGX_LOG_ALERT, cycle->log,
                      status == TT_E_IO ? ngx_errno : 0,
                      "telltale: no ring in \"%V\": %s", &mcf->rings,
                      status == TT_E_UNSUPPORTED
                          ? "those that are free are smaller than "
                            "telltale_rings says"
                      : status == TT_E_LIMIT ? "none is free"
                                             : tt_status_name(status));
        return NGX_OK;
    }
    worker->slot = slot;
    worker->ring_size = tt_ring_size(worker->ring);

    return NGX_OK;
}


static void
ngx_http_telltale_exit_process(ngx_cycle_t *cycle)
{
    ngx_http_telltale_worker_t *worker = &ngx_http_telltale_worker;

    (void) cycle;

    if (worker->ring) {
        tt_ring_release(worker->ring);
        worker->ring = NULL;
    }
    if (worker->accounts) {
        tt_accounts_close(worker->accounts);
        worker->accounts = NULL;
    }
    if (worker->desk) {
        tt_desk_free(worker->desk);
        worker->desk = NULL;
    }
    if (worker->record.alloc) {
        tt_buf_free(&worker->record);
    }
}
