/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the module share.
 *
 * A request has one struct ngx_http_telltale_ctx_t.  It lives in a cleanup
 * of the request's pool, because internal redirects clear the contexts of
 * modules; ngx_http_telltale_get_ctx() finds it again.  What the gate says
 * is borrowed from the worker's desk, so all that is needed later is copied
 * to the pool before the next request is judged.
 */
#ifndef NGX_HTTP_TELLTALE_MODULE_H
#define NGX_HTTP_TELLTALE_MODULE_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <time.h>

#include "telltale.h"


#define NGX_HTTP_TELLTALE_ID_LEN 24     /* of a record, hexadecimal */
#define NGX_HTTP_TELLTALE_CLIENT_LEN 16 /* of a client, hexadecimal */
#define NGX_HTTP_TELLTALE_NONCE_LEN 6

typedef struct {
    ngx_str_t  id; /* in the catalogue */
    ngx_str_t  host;
    ngx_str_t  upstream; /* the name of an upstream{} */
    ngx_uint_t apis;     /* bits 1 << enum tt_api that it serves */
} ngx_http_telltale_provider_t;


typedef struct {
    u_char    sha256[TT_SHA256_SIZE]; /* of what the client presents */
    ngx_str_t id;
    ngx_str_t team;
    ngx_str_t region;
    ngx_str_t rate; /* "10r/s" */
} ngx_http_telltale_client_t;


/* The gateway's own key for a provider. */
typedef struct {
    ngx_str_t provider;
    ngx_str_t key;
    ngx_str_t bearer; /* "Bearer <key>" */
} ngx_http_telltale_credential_t;


/* What the keys file says. */
typedef struct {
    ngx_array_t clients;     /* of ngx_http_telltale_client_t, by sha256 */
    ngx_array_t credentials; /* of ngx_http_telltale_credential_t */
    ngx_flag_t  require;     /* a client that is not listed is refused */
} ngx_http_telltale_keys_t;


/* Built by the master, const in the workers. */
typedef struct {
    ngx_str_t                 policy_file;
    ngx_str_t                 rings;
    size_t                    ring_size;
    ngx_str_t                 secret_file;
    ngx_str_t                 keys_file;
    ngx_array_t              *learned;   /* of ngx_str_t: descriptions */
    ngx_array_t              *catalogs;  /* of ngx_str_t: folders */
    ngx_array_t              *providers; /* of ngx_http_telltale_provider_t */
    size_t                    body_memory;

    struct tt_arena           arena; /* of the policy */
    const struct tt_policy   *policy;
    struct tt_catalog_reader *catalog;
    struct tt_learned        *sites; /* of descriptions; NULL: none */
    struct tt_gate           *gate;
    struct tt_gate_upstream  *upstreams; /* the providers, for the gate */
    ngx_uint_t                upstream_count;
    ngx_http_telltale_keys_t  keys;
    u_char                    secret[32];
} ngx_http_telltale_main_conf_t;


typedef struct {
    ngx_flag_t                    enable;
    ngx_flag_t                    shadow;
    ngx_str_t                     region;
    ngx_http_telltale_provider_t *provider;
    ngx_uint_t                    answer;      /* enum tt_refusal */
    ngx_str_t                     answer_text; /* empty: that of its kind */
    unsigned                      is_on_above : 1;
} ngx_http_telltale_loc_conf_t;


/* What one worker has; zero in the master. */
typedef struct {
    struct tt_desk          *desk;
    struct tt_ring          *ring;
    size_t                   ring_size;
    struct tt_accounts      *accounts; /* of budgets; NULL: none kept */
    const struct tt_kernels *kernels;
    ngx_uint_t               slot;
    u_char                   nonce[NGX_HTTP_TELLTALE_NONCE_LEN];
    uint64_t                 requests;    /* numbers records */
    struct tt_buf            record;      /* scratch, reused */
    size_t                   body_memory; /* of requests in flight */
    ngx_uint_t               open; /* records that wait for their outcome */
} ngx_http_telltale_worker_t;


typedef enum {
    NGX_HTTP_TELLTALE_NEW = 0,
    NGX_HTTP_TELLTALE_READING,
    NGX_HTTP_TELLTALE_DECIDED
} ngx_http_telltale_state_e;


/*
 * What a call is charged for.  Its words live in the request's pool, because
 * the outcome says them again: the collector settles by it alone.
 */
typedef struct {
    ngx_str_t       product, provider, model;
    ngx_str_t       budget; /* that spoke; empty: none */
    struct tt_price price;
    int64_t         day;      /* yyyymmdd, in the policy's time zone */
    int64_t         reserved; /* micro-USD */
    ngx_uint_t      retry;    /* seconds until the budget's next window */
    unsigned        kept : 1; /* it counts against accounts */
    unsigned        priced : 1;
    unsigned        over : 1; /* the budget that spoke is spent */
} ngx_http_telltale_account_t;


/* Who asks, from the headers alone. */
typedef struct {
    const char                       *source; /* NULL: nobody said */
    ngx_str_t                         text;   /* as presented; a secret */
    u_char                            hash[NGX_HTTP_TELLTALE_CLIENT_LEN];
    ngx_str_t                         team;
    ngx_str_t                         region;
    const ngx_http_telltale_client_t *client; /* NULL: not listed */
} ngx_http_telltale_identity_t;


typedef struct {
    ngx_http_request_t           *request; /* the main one */
    ngx_http_telltale_state_e     state;
    u_char                        id[NGX_HTTP_TELLTALE_ID_LEN];

    /* from the request line and the headers */
    struct tt_route               route;
    ngx_table_elt_t              *api_key;   /* x-api-key */
    ngx_table_elt_t              *goog_key;  /* x-goog-api-key */
    ngx_table_elt_t              *named;     /* the policy's own header */
    ngx_table_elt_t              *encoding;  /* content-encoding */
    ngx_uint_t                    encodings; /* how many of them */
    ngx_table_elt_t              *type;      /* content-type, the last */
    ngx_str_t                     query_key; /* ?key=, decoded */
    ngx_http_telltale_identity_t  identity;

    /* the decision */
    ngx_http_telltale_provider_t *judged;  /* for which it holds */
    ngx_http_telltale_provider_t *target;  /* where the request goes */
    const char                   *action;  /* static; as recorded */
    enum tt_refusal               refusal; /* when refused */
    ngx_str_t                     message;
    uint64_t                      body_length; /* as received */
    ngx_str_t                     model;       /* replaces the path's one */
    size_t                        model_at;    /* in the path as it came */
    size_t                        model_length;

    ngx_http_telltale_account_t   account;

    /* the answer */
    struct tt_meter              *meter;
    uint64_t                      started;    /* ns of the monotonic clock */
    uint64_t                      first_byte; /* the same; 0: none passed */

    size_t   charged; /* bytes of the worker's body memory */

    unsigned routed : 1; /* the call is one that is known */
    unsigned posing : 1; /* it asks to be taken for another one */
    unsigned identified : 1;
    unsigned shadow : 1;
    unsigned refused : 1;    /* an own answer; nothing goes on */
    unsigned changed : 1;    /* body or target are not the client's */
    unsigned decoded : 1;    /* goes on without its content coding */
    unsigned drains : 1;     /* the body is read, and thrown away */
    unsigned recorded : 1;   /* the ring has the record */
    unsigned unrecorded : 1; /* it goes on, and the ring had no room */
    unsigned ended : 1;      /* the answer's last buffer was there */
    unsigned answered : 1;   /* what goes out is not a provider's */
} ngx_http_telltale_ctx_t;


/* module */

extern ngx_module_t               ngx_http_telltale_module;
extern ngx_http_telltale_worker_t ngx_http_telltale_worker;

/* NULL: there is none, and none was asked for, or no memory. */
ngx_http_telltale_ctx_t *ngx_http_telltale_get_ctx(ngx_http_request_t *r,
                                                   ngx_uint_t          create);
uint64_t                 ngx_http_telltale_now(void); /* ns, monotonic */


static ngx_inline ngx_http_telltale_main_conf_t *
ngx_http_telltale_main_conf(ngx_http_request_t *r)
{
    return ngx_http_get_module_main_conf(r, ngx_http_telltale_module);
}


static ngx_inline struct tt_str
ngx_http_telltale_str(ngx_str_t s)
{
    return tt_str_make(s.data, s.len);
}


/* A copy in the pool. */
ngx_int_t ngx_http_telltale_dup(ngx_pool_t *pool, struct tt_str from,
                                ngx_str_t *to);

/* yyyymmdd, in the policy's time zone; *second: of that day. */
int64_t   ngx_http_telltale_day(const ngx_http_telltale_main_conf_t *mcf,
                                ngx_uint_t                          *second);

/* conf: what directives name is read once, by the master */

/* The file as a whole, in the pool, with a NUL behind it. */
ngx_int_t ngx_http_telltale_read_file(ngx_conf_t *cf, ngx_str_t *name,
                                      size_t max, ngx_uint_t secret,
                                      ngx_str_t *bytes);
char     *ngx_http_telltale_load(ngx_conf_t                    *cf,
                                 ngx_http_telltale_main_conf_t *mcf);

/* keys */

char     *ngx_http_telltale_load_keys(ngx_conf_t *cf, ngx_str_t *name,
                                      ngx_http_telltale_keys_t *keys);
const ngx_http_telltale_client_t *
ngx_http_telltale_find_client(const ngx_http_telltale_keys_t *keys,
                              const u_char                   *sha256);
const ngx_http_telltale_credential_t *
ngx_http_telltale_find_credential(const ngx_http_telltale_keys_t *keys,
                                  ngx_str_t                      *provider);

/* request: what the request line and the headers say */

ngx_int_t  ngx_http_telltale_read_head(ngx_http_telltale_ctx_t *ctx);

/* The path as the client wrote it names what nginx's path names. */
ngx_uint_t ngx_http_telltale_is_plain(ngx_http_telltale_ctx_t *ctx);
/* Puts a model in the place of the one in the path; for a plain path. */
ngx_int_t  ngx_http_telltale_replace_model(ngx_http_telltale_ctx_t *ctx,
                                           struct tt_str            model);
/* Drops what clients must not say to providers in the gateway's name. */
void       ngx_http_telltale_hide_header(ngx_table_elt_t *h);

/* A body that was read as JSON goes on under that name and no other. */
void       ngx_http_telltale_name_json(ngx_http_telltale_ctx_t *ctx);

/* identity */

ngx_int_t  ngx_http_telltale_identify(ngx_http_telltale_ctx_t *ctx);

/* body */

/* Judges the request, whose body was read, and carries out what was said. */
void       ngx_http_telltale_judge(ngx_http_telltale_ctx_t *ctx);
/* The same for what headers and route decide alone; NGX_AGAIN: read on. */
ngx_int_t  ngx_http_telltale_judge_head(ngx_http_telltale_ctx_t *ctx);
/* A request that ended before it was judged: it is recorded, with why. */
void       ngx_http_telltale_record_undecided(ngx_http_request_t *r);
/* Refuses without asking the gate.  In shadow the request goes on. */
void       ngx_http_telltale_refuse(ngx_http_telltale_ctx_t *ctx,
                                    enum tt_refusal refusal, const char *reason);
/* Counts the body among those in memory; NGX_DECLINED: there is no room. */
ngx_int_t  ngx_http_telltale_charge(ngx_http_telltale_ctx_t *ctx, size_t size);

/* drain */

/*
 * Over HTTP/2: reads what is left of the body and calls done.  NGX_DECLINED:
 * nothing is left that is worth to be read; NGX_DONE: done was or will be
 * called, and a phase handler has a count to give back; else an error.
 */
ngx_int_t  ngx_http_telltale_drain(ngx_http_telltale_ctx_t        *ctx,
                                   ngx_http_client_body_handler_pt done);
void       ngx_http_telltale_init_drain(void);

/* budget */

void       ngx_http_telltale_open_accounts(ngx_cycle_t                   *cycle,
                                           ngx_http_telltale_main_conf_t *mcf);
/*
 * Reserves what the call could cost where it goes.  NGX_DECLINED: a budget
 * does not hold it, and ctx has refusal and message; NGX_ERROR: it cannot be
 * counted.
 */
ngx_int_t  ngx_http_telltale_reserve(ngx_http_telltale_ctx_t      *ctx,
                                     const struct tt_gate_verdict *v);
/*
 * Where no record will settle a call: of what was reserved for it only cost
 * stays in its accounts, as reserved.
 */
void       ngx_http_telltale_keep(ngx_http_telltale_ctx_t *ctx, int64_t cost);
/*
 * What a record says of it; NULL: no budgets are kept.  result: of the
 * answer, for the outcome; NULL before it.
 */
const struct tt_record_charge *
ngx_http_telltale_record_charge(ngx_http_telltale_ctx_t      *ctx,
                                const struct tt_meter_result *result,
                                struct tt_record_charge      *charge);

/* record */

/* What the first record of a request says beside its context. */
typedef struct {
    const struct tt_gate_verdict *verdict; /* NULL: it was not asked */
    const char                   *reason;  /* not inspected, or refused */
    uint64_t                      inspect_ns;
    const struct tt_str          *pieces; /* the body as inspected */
    size_t                        piece_count;
    unsigned char                 sha256[TT_SHA256_SIZE];
    unsigned char                 sent_sha256[TT_SHA256_SIZE];
    uint64_t                      sent_length;
    unsigned                      hashed : 1;
    unsigned                      sent : 1; /* and sent_sha256 holds */
} ngx_http_telltale_begin_t;

/* NGX_DECLINED: the ring has no room, or there is none. */
ngx_int_t   ngx_http_telltale_record_begin(ngx_http_telltale_ctx_t         *ctx,
                                           const ngx_http_telltale_begin_t *b);
void        ngx_http_telltale_record_end(ngx_http_telltale_ctx_t *ctx);

/* answer */

/* Sends the refusal of ctx; the result is for ngx_http_finalize_request. */
ngx_int_t   ngx_http_telltale_send_refusal(ngx_http_telltale_ctx_t *ctx);
/* x-telltale-record and x-telltale-decision */
ngx_int_t   ngx_http_telltale_add_headers(ngx_http_telltale_ctx_t *ctx);
/* The content handler of telltale_answer. */
ngx_int_t   ngx_http_telltale_answer_handler(ngx_http_request_t *r);
const char *ngx_http_telltale_refusal_text(enum tt_refusal refusal);

/* meter */

void        ngx_http_telltale_init_filters(void);

/* log */

ngx_int_t   ngx_http_telltale_log_init_handler(ngx_http_request_t *r);

/* variables */

ngx_int_t   ngx_http_telltale_add_variables(ngx_conf_t *cf);


#endif
