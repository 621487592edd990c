/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people give a gateway: addresses, URLs, rates and an included file.  Whatever is accepted can stand in nginx's configuration: it holds no
 * sign that would end a word there, and an included file that is accepted stays so with a comment behind it and is refused with a directive
 * that is not taken.
 */
#include "base/arena.h"
#include "serve/include.h"
#include "serve/keys.h"

#include <stdlib.h>

static void
demand(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void
check_word(const char *word)
{
    demand(strpbrk(word, " \t\r\n;{}\"'\\$#") == NULL);
}

static void
check_addresses(struct tt_str text)
{
    struct tt_serve_listen listen;
    struct tt_serve_url url;
    const char *why = NULL;
    if (tt_serve_listen_parse(text, &listen, &why)) {
        struct tt_serve_listen again;
        check_word(listen.text);
        demand(tt_serve_listen_parse(tt_str_cstr(listen.text), &again, &why) && strcmp(again.text, listen.text) == 0);
    } else {
        demand(why != NULL);
    }
    if (tt_serve_url_parse(text, &url, &why)) {
        check_word(url.host);
        check_word(url.base);
        demand(url.host[0] && url.port > 0 && url.port <= 65535 && (!url.base[0] || url.base[0] == '/'));
    } else {
        demand(why != NULL);
    }
}

static void
check_rates(struct tt_str text)
{
    struct tt_serve_rates rates;
    struct tt_error err = {.msg = NULL};
    if (tt_serve_rates_read(&tt_alloc_libc, text, &rates, &err) != TT_OK) {
        demand(err.msg != NULL);
        return;
    }
    for (size_t i = 0; i < rates.count; i++) {
        check_word(rates.items[i].text);
        demand(rates.items[i].number > 0);
    }
}

static enum tt_status
check_include(struct tt_str text, const char *behind)
{
    static const struct tt_serve_settings none = {.upstream_count = 0};
    struct tt_error err;
    struct tt_buf bytes, message;
    tt_buf_init(&bytes, &tt_alloc_libc, TT_SERVE_INCLUDE_MAX * 2);
    tt_buf_init(&message, &tt_alloc_libc, TT_SERVE_INCLUDE_MAX);
    tt_buf_add(&bytes, text);
    tt_buf_add_cstr(&bytes, behind);
    enum tt_status status = tt_serve_include_check(tt_buf_str(&bytes), &none, &err, &message);
    demand(status == TT_OK || (err.msg && err.line > 0) || memchr(text.ptr, '\0', text.len));
    tt_buf_free(&message);
    tt_buf_free(&bytes);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tt_str text = tt_str_make(data, size);
    check_addresses(text);
    check_rates(text);
    if (size <= TT_SERVE_INCLUDE_MAX && check_include(text, "") == TT_OK) {
        demand(check_include(text, "\n# satisfy any;") == TT_OK);
        demand(check_include(text, "\nsatisfy any;") == TT_E_INPUT);
        demand(check_include(text, "\nlocation /x { proxy_pass http://elsewhere.example; }") == TT_E_INPUT);
    }
    return 0;
}
