/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rates in a keys file; see keys.h.
 *
 * Input: JSON, as docs/gateway.md describes it.  Output: the different rates.  Members that only the module uses are left to the module,
 * whose check of the same file is part of `nginx -t`.
 */
#include "serve/keys.h"

#include "base/arena.h"
#include "json/node.h"

/* "10r/s", "600r/m": 1 to 99999. */
static bool
parse_rate(struct tt_str text, struct tt_serve_rate *rate)
{
    size_t digits = 0;
    rate->number = 0;
    while (digits < text.len && digits < 5 && tt_ascii_is_digit((unsigned char) text.ptr[digits])) {
        rate->number = rate->number * 10 + (unsigned) (text.ptr[digits++] - '0');
    }
    struct tt_str unit = tt_str_slice(text, digits, text.len);
    if (digits == 0 || text.ptr[0] == '0' || (!tt_str_eq(unit, TT_STR("r/s")) && !tt_str_eq(unit, TT_STR("r/m")))) {
        return false;
    }
    memcpy(rate->text, text.ptr, text.len);
    rate->text[text.len] = '\0';
    return true;
}

static enum tt_status
add_rate(struct tt_serve_rates *rates, const struct tt_node *value, struct tt_error *err)
{
    struct tt_serve_rate rate;
    if (value->kind != TT_JSON_STRING || !parse_rate(value->text, &rate)) {
        return tt_error_set(err, TT_E_INPUT, value->pos, "a rate is a text such as \"10r/s\" or \"600r/m\"");
    }
    for (size_t i = 0; i < rates->count; i++) {
        if (strcmp(rates->items[i].text, rate.text) == 0) {
            return TT_OK;
        }
    }
    if (rates->count == TT_SERVE_RATES_MAX) {
        return tt_error_set(err, TT_E_LIMIT, value->pos, "too many different rates");
    }
    rates->items[rates->count++] = rate;
    return TT_OK;
}

static enum tt_status
read_clients(const struct tt_node *clients, struct tt_serve_rates *rates, struct tt_error *err)
{
    if (clients->kind != TT_JSON_ARRAY_BEGIN) {
        return tt_error_set(err, TT_E_INPUT, clients->pos, "\"clients\" is a list of objects");
    }
    for (const struct tt_node *client = clients->first; client; client = client->next) {
        if (client->kind != TT_JSON_OBJECT_BEGIN) {
            return tt_error_set(err, TT_E_INPUT, client->pos, "\"clients\" is a list of objects");
        }
        const struct tt_node *rate = tt_node_get(client, TT_STR("rate"));
        if (rate) {
            TT_TRY(add_rate(rates, rate, err));
        }
    }
    return TT_OK;
}

static enum tt_status
read_root(const struct tt_node *root, struct tt_serve_rates *rates, struct tt_error *err)
{
    if (root->kind != TT_JSON_OBJECT_BEGIN) {
        return tt_error_set(err, TT_E_INPUT, root->pos, "a keys file is an object");
    }
    const struct tt_node *clients = tt_node_get(root, TT_STR("clients"));
    return clients ? read_clients(clients, rates, err) : TT_OK;
}

enum tt_status
tt_serve_rates_read(const struct tt_alloc *alloc, struct tt_str bytes, struct tt_serve_rates *rates, struct tt_error *err)
{
    struct tt_arena arena;
    const struct tt_node *root = NULL;
    *rates = (struct tt_serve_rates) {.count = 0};
    tt_arena_init(&arena, alloc, 64 * TT_SERVE_KEYS_MAX);
    enum tt_status status = tt_node_parse(&arena, bytes, &root, err);
    if (status == TT_OK) {
        status = read_root(root, rates, err);
    }
    if (status != TT_OK && status != TT_E_MEMORY && err->line == 0) {
        tt_node_place(bytes, err);
    }
    tt_arena_free(&arena);
    return status;
}
