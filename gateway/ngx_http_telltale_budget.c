/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Budgets: what a call could cost is reserved before it goes on, so that
 * many calls at once do not spend more than there is.
 *
 * Workers only reserve.  The outcome says what was reserved and what it
 * cost; the collector settles when it stores it.  Calls of models without a
 * price are recorded as unpriced, and reserve nothing.
 */
#include "ngx_http_telltale_module.h"


/* Tokens of an answer whose request names no maximum. */
#define NGX_HTTP_TELLTALE_OUTPUT 4096

#define NGX_HTTP_TELLTALE_MESSAGE_MAX 4096


void
ngx_http_telltale_open_accounts(ngx_cycle_t                   *cycle,
                                ngx_http_telltale_main_conf_t *mcf)
{
    u_char         path[NGX_MAX_PATH], *end;
    enum tt_status status;

    if (!tt_charges_are_kept(mcf->policy)) {
        return;
    }

    end = ngx_snprintf(path, sizeof(path) - 1, "%V/accounts", &mcf->rings);
    *end = '\0';

    status = tt_accounts_open((const char *) path, true,
                              &ngx_http_telltale_worker.accounts, NULL);
    if (status != TT_OK) {
        ngx_http_telltale_worker.accounts = NULL;
        ngx_log_error(NGX_LOG_ALERT, cycle->log,
                      status == TT_E_IO ? ngx_errno : 0,
                      "telltale: no accounts in \"%s\": %s", path,
                      tt_status_name(status));
    }
}


/* Counting tokens and listing models costs nothing. */

static ngx_uint_t
ngx_http_telltale_is_paid(enum tt_operation operation)
{
    return operation != TT_OPERATION_COUNT_TOKENS
           && operation != TT_OPERATION_LIST_MODELS
           && operation != TT_OPERATION_UNKNOWN;
}


/* The budget's own words to the client, and when it is worth trying again. */

static ngx_int_t
ngx_http_telltale_spent(ngx_http_telltale_ctx_t   *ctx,
                        const struct tt_pay_state *pay)
{
    ngx_int_t                      rc;
    ngx_uint_t                     second;
    struct tt_buf                  message;
    ngx_http_telltale_main_conf_t *mcf;

    mcf = ngx_http_telltale_main_conf(ctx->request);

    tt_buf_init(&message, &tt_alloc_libc, NGX_HTTP_TELLTALE_MESSAGE_MAX);
    tt_gate_message_budget(&message, mcf->policy, pay);
    rc = message.status == TT_OK ? ngx_http_telltale_dup(
             ctx->request->pool, tt_buf_str(&message), &ctx->message)
                                 : NGX_ERROR;
    tt_buf_free(&message);

    ctx->refusal = TT_REFUSE_BUDGET;
    (void) ngx_http_telltale_day(mcf, &second);
    ctx->account.retry =
        (ngx_uint_t) (tt_policy_date_days(ctx->account.day, pay->charge->until)
                      + 1)
            * 86400
        - second;

    return rc == NGX_OK ? NGX_DECLINED : NGX_ERROR;
}


/*
 * Price and accounts, by what is kept of the call; the desk's until its next
 * call.  NULL: no memory.
 */

static const struct tt_gate_bill *
ngx_http_telltale_find_bill(ngx_http_telltale_ctx_t *ctx)
{
    struct tt_charge_facts             facts;
    const ngx_http_telltale_account_t *a = &ctx->account;

    facts.team = ngx_http_telltale_str(ctx->identity.team);
    facts.product = ngx_http_telltale_str(a->product);
    facts.provider = ngx_http_telltale_str(a->provider);
    facts.model = ngx_http_telltale_str(a->model);
    facts.day = a->day;

    return tt_gate_bill(ngx_http_telltale_worker.desk, &facts);
}


/*
 * Without a record there is no outcome by which the collector settles, and
 * what is spent is the collector's to say.  So what such a call cost stays
 * reserved, until the accounts are made anew.
 */

void
ngx_http_telltale_keep(ngx_http_telltale_ctx_t *ctx, int64_t cost)
{
    const struct tt_gate_bill   *bill;
    ngx_http_telltale_account_t *a = &ctx->account;

    if (!a->kept || a->reserved == cost) {
        return;
    }

    bill = ngx_http_telltale_find_bill(ctx);
    if (bill == NULL
        || tt_pay_settle(ngx_http_telltale_worker.accounts, &bill->charges,
                         a->reserved - cost, 0)
               != TT_OK) {
        ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                      "telltale: a reservation stays in its account");
    }
    a->reserved = cost;
}


ngx_int_t
ngx_http_telltale_reserve(ngx_http_telltale_ctx_t      *ctx,
                          const struct tt_gate_verdict *v)
{
    bool                           rerouted;
    ngx_uint_t                     second;
    ngx_pool_t                    *pool = ctx->request->pool;
    struct tt_str                  model;
    struct tt_pay_state            pay;
    const struct tt_gate_bill     *bill;
    ngx_http_telltale_account_t   *a = &ctx->account;
    ngx_http_telltale_main_conf_t *mcf;

    mcf = ngx_http_telltale_main_conf(ctx->request);

    if (!tt_charges_are_kept(mcf->policy)
        || !ngx_http_telltale_is_paid(ctx->route.operation)
        || ctx->target == NULL) {
        return NGX_OK;
    }

    rerouted = v->action == TT_GATE_REROUTE && !ctx->shadow;
    model = rerouted ? v->alternative : v->model;

    if (ngx_http_telltale_worker.accounts == NULL
        || ngx_http_telltale_dup(pool, v->product, &a->product) != NGX_OK
        || ngx_http_telltale_dup(pool, model, &a->model) != NGX_OK) {
        return NGX_ERROR;
    }

    a->kept = 1;
    a->provider = ctx->target->id;
    a->day = ngx_http_telltale_day(mcf, &second);

    bill = ngx_http_telltale_find_bill(ctx);
    if (bill == NULL) {
        a->kept = 0;
        return NGX_ERROR;
    }

    a->priced = bill->priced;

    if (a->priced) {
        a->price = bill->price;
        a->reserved = tt_price_estimate(
            &a->price, v->decoded.len > 0 ? v->decoded.len : ctx->body_length,
            v->output_max > 0 ? v->output_max : NGX_HTTP_TELLTALE_OUTPUT);
    }

    if (tt_pay_reserve(ngx_http_telltale_worker.accounts, &bill->charges,
                       a->reserved, &pay)
        != TT_OK) {
        a->kept = 0;
        return NGX_ERROR;
    }

    if (pay.charge == NULL) {
        return NGX_OK;
    }

    a->over = pay.over;
    if (ngx_http_telltale_dup(pool, pay.charge->id, &a->budget) != NGX_OK) {
        a->budget.len = 0;
    }

    if (!pay.blocks) {
        return NGX_OK;
    }

    /* In shadow the call goes on, so it counts. */
    if (!ctx->shadow) {
        a->reserved = 0;
    } else if (tt_pay_settle(ngx_http_telltale_worker.accounts, &bill->charges,
                             -a->reserved, 0)
               != TT_OK) {
        return NGX_ERROR;
    }

    return ngx_http_telltale_spent(ctx, &pay);
}


const struct tt_record_charge *
ngx_http_telltale_record_charge(ngx_http_telltale_ctx_t      *ctx,
                                const struct tt_meter_result *result,
                                struct tt_record_charge      *charge)
{
    ngx_uint_t                   status = ctx->request->headers_out.status;
    ngx_http_telltale_account_t *a = &ctx->account;

    if (!a->kept) {
        return NULL;
    }

    charge->team = ngx_http_telltale_str(ctx->identity.team);
    charge->product = ngx_http_telltale_str(a->product);
    charge->provider = ngx_http_telltale_str(a->provider);
    charge->model = ngx_http_telltale_str(a->model);
    charge->day = a->day;
    charge->reserved = a->reserved;
    charge->is_priced = a->priced;
    charge->cost = -1;
    charge->budget = ngx_http_telltale_str(a->budget);
    charge->is_over = a->over;

    if (result == NULL || !a->priced) {
        return charge;
    }

    charge->cost = tt_price_cost(&a->price, &result->usage);
    if (ctx->refused
        || (status >= NGX_HTTP_SPECIAL_RESPONSE
            && result->usage.grade != TT_USAGE_REPORTED)) {
        charge->cost = 0; /* providers do not bill their errors */
    } else if (charge->cost < 0) {
        charge->cost = a->reserved; /* an answer that said nothing */
    }

    return charge;
}
