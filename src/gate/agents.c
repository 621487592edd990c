/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Products by their User-Agent; see decide.h.
 *
 * Input: the facts "user_agents" of the catalogue, each a word as the client writes it before its version ("codex_cli_rs/").  Output: a table, which
 * the gate owns, with the longest words first.  What a client says of itself is a guess: anybody can send any header.
 */
#include "gate/decide.h"

#include <stdlib.h>

/* Writes the words to items, which may be NULL; how many there are. */
static size_t
each_word(const struct tt_catalog *catalog, struct tt_gate_agent *items)
{
    size_t count = 0;
    for (size_t k = 0; k < catalog->count; k++) {
        const struct tt_catalog_fact *fact;
        size_t at = 0;
        while ((fact = tt_catalog_next_fact(&catalog->entries[k], TT_STR("user_agents"), &at))) {
            for (size_t i = 0; i < fact->value_count; i++, count++) {
                if (items) {
                    items[count] = (struct tt_gate_agent) {fact->values[i].text, catalog->entries[k].id};
                }
            }
        }
    }
    return count;
}

static int
longest_first(const void *a, const void *b)
{
    const struct tt_gate_agent *x = a, *y = b;
    if (x->word.len != y->word.len) {
        return x->word.len > y->word.len ? -1 : 1;
    }
    int order = memcmp(x->word.ptr, y->word.ptr, x->word.len);
    return order ? order : (x->product.ptr > y->product.ptr) - (x->product.ptr < y->product.ptr);
}

enum tt_status
tt_gate_agents_init(struct tt_gate_agents *agents, const struct tt_alloc *alloc, const struct tt_catalog *catalog)
{
    *agents = (struct tt_gate_agents) {.count = each_word(catalog, NULL)};
    if (agents->count == 0) {
        return TT_OK;
    }
    agents->items = tt_alloc_new(alloc, agents->count * sizeof(*agents->items));
    if (!agents->items) {
        return TT_E_MEMORY;
    }
    each_word(catalog, agents->items);
    qsort(agents->items, agents->count, sizeof(*agents->items), longest_first);
    return TT_OK;
}

void
tt_gate_agents_free(struct tt_gate_agents *agents, const struct tt_alloc *alloc)
{
    tt_alloc_free(alloc, agents->items, agents->count * sizeof(*agents->items));
    agents->items = NULL;
}

/* Does word stand at the beginning of the header or of one of its parts, upper and lower case alike? */
static bool
names(struct tt_str header, struct tt_str word)
{
    for (size_t at = 0; at + word.len <= header.len; at++) {
        bool begins = at == 0 || header.ptr[at - 1] == ' ' || header.ptr[at - 1] == '(';
        if (begins && tt_str_eq_folded(tt_str_slice(header, at, at + word.len), word)) {
            return true;
        }
    }
    return false;
}

struct tt_str
tt_gate_agents_find(const struct tt_gate_agents *agents, struct tt_str user_agent)
{
    for (size_t i = 0; i < agents->count; i++) {
        if (names(user_agent, agents->items[i].word)) {
            return agents->items[i].product;
        }
    }
    return TT_STR("");
}
