/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client.endpoint, client.telemetry and client.update: hosts that stand in strings of a program.
 *
 * In: strings.  Out: one finding for each host, or for a table of many.  A host is what follows "://" in a string, or a whole string that is the name of a host with at
 * least three labels.  Names in comments are none.  Whose hosts take reports of use or hand out new versions is in data/inspect/services.json.
 */
#include "base/limits.h"
#include "inspect/found.h"
#include "inspect/host.h"

#define TABLE_MIN 50  /* hosts beside each other that are a table ... */
#define TABLE_GAP 512 /* ... with at most so many bytes between two of them */

static enum tt_status
report(struct tt_view *view, size_t at, size_t length, struct tt_str host, const char *form)
{
    static const char *const rules[] = {
        [TT_SERVICE_TELEMETRY] = "client.telemetry", [TT_SERVICE_UPDATE] = "client.update", [TT_SERVICE_NAME] = NULL};
    const struct tt_inspect_service *service = tt_host_service(host);
    char name[256];
    if (service && service->purpose == TT_SERVICE_NAME) {
        return TT_OK;
    }
    for (size_t i = 0; i < host.len; i++) {
        name[i] = (char) tt_ascii_lower((unsigned char) host.ptr[i]);
    }
    host.ptr = name;
    struct tt_str message = service ? tt_found_text(view, "a host for ", service->what, " stands in the program", NULL)
                                    : TT_STR("the name of a host stands in the program");
    struct tt_finding finding =
        tt_found_make(service ? rules[service->purpose] : "client.endpoint", TT_INFO, at, length, message);
    tt_finding_add_text(&finding, "host", host);
    if (service) {
        tt_finding_add_text(&finding, "purpose", tt_str_cstr(service->what));
    }
    tt_finding_add_text(&finding, "form", tt_str_cstr(form));
    tt_finding_add_text(&finding, "not_proven", TT_STR("whether this code runs, and when the host is asked"));
    return tt_found_add(view, &finding, host);
}

static bool
is_scheme(struct tt_str text, size_t colon)
{
    static const struct tt_str schemes[] = {TT_STR_INIT("http"), TT_STR_INIT("https"),  TT_STR_INIT("ws"),  TT_STR_INIT("wss"),
                                            TT_STR_INIT("grpc"), TT_STR_INIT("socks5"), TT_STR_INIT("tcp"), TT_STR_INIT("udp")};
    struct tt_str before = tt_str_slice(text, 0, colon);
    for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
        size_t len = schemes[i].len;
        bool alone =
            before.len == len || (before.len > len && !tt_ascii_is_alnum((unsigned char) before.ptr[before.len - len - 1]));
        if (tt_str_ends(before, schemes[i]) && alone) {
            return true;
        }
    }
    return false;
}

/* Is it a number in four parts? */
static bool
is_address(struct tt_str host)
{
    size_t points = 0;
    for (size_t i = 0; i < host.len; i++) {
        points += host.ptr[i] == '.';
        if (host.ptr[i] != '.' && !tt_ascii_is_digit((unsigned char) host.ptr[i])) {
            return false;
        }
    }
    return points == 3 && host.len >= 7;
}

/* A string that is nothing but the name of a host.  Two labels are as often a file or a member. */
static bool
is_bare_host(struct tt_str text)
{
    const char *first = memchr(text.ptr, '.', text.len);
    const char *last = memrchr(text.ptr, '.', text.len);
    if (text.len < 8 || !first || first == last || !tt_host_is_one(text)) {
        return false;
    }
    struct tt_str label = tt_str_slice(text, (size_t) (last - text.ptr) + 1, text.len);
    return tt_host_tld(label)->bits <= 5 || tt_host_service(text) != NULL;
}

/* A host in a string: all of it, or what follows "://". */
struct place {
    struct tt_str host;
    bool bare;
};

/* The next host at or behind *pos of a string. */
static bool
next_host(struct tt_str text, size_t *pos, struct place *place)
{
    if (*pos == 0 && is_bare_host(text)) {
        *place = (struct place) {text, true};
        *pos = text.len;
        return true;
    }
    while (*pos < text.len) {
        const char *sign = tt_str_find(tt_str_slice(text, *pos, text.len), TT_STR("://"));
        if (!sign) {
            return false;
        }
        size_t colon = (size_t) (sign - text.ptr);
        struct tt_str host = tt_host_of_url(text, colon, pos);
        bool other = tt_str_eq(host, TT_STR("localhost")) || tt_str_eq(host, TT_STR("127.0.0.1"));
        if (!other && is_scheme(text, colon) && (tt_host_is_one(host) || is_address(host))) {
            *place = (struct place) {host, false};
            return true;
        }
    }
    return false;
}

/* ---- Tables ---- */

/* Hosts with little between them. */
struct run {
    size_t first, last; /* tokens */
    size_t count;
};

/* So many names are data about hosts, of which each says nothing: one finding lists them. */
static enum tt_status
report_table(struct tt_view *view, const struct run *run)
{
    const struct tt_token *first = &view->tokens[run->first], *last = &view->tokens[run->last];
    struct tt_finding finding = tt_found_make("client.endpoint", TT_INFO, first->at, (size_t) last->at + last->len - first->at,
                                              TT_STR("a table of names of hosts stands in the program"));
    struct tt_buf names;
    tt_buf_init(&names, view->found->alloc, TT_INSPECT_SHOWN_MAX);
    for (size_t i = run->first; i <= run->last; i++) {
        struct place place;
        struct tt_str text = tt_token_text(view->text, &view->tokens[i]);
        for (size_t pos = 0; tt_token_is_literal(&view->tokens[i]) && next_host(text, &pos, &place);) {
            if (names.len + place.host.len + 1 <= TT_INSPECT_SHOWN_MAX) {
                tt_buf_add(&names, names.len > 0 ? TT_STR("\n") : TT_STR(""));
                tt_buf_add(&names, place.host);
            }
        }
    }
    tt_finding_add_number(&finding, "hosts", (int64_t) run->count);
    tt_finding_add_fact(&finding, "list", TT_FACT_LIST, tt_buf_str(&names));
    tt_finding_add_text(&finding, "not_proven", TT_STR("what the table is for, and what is compared with it"));
    enum tt_status status = names.status == TT_OK ? tt_found_add(view, &finding, tt_buf_str(&names)) : names.status;
    tt_buf_free(&names);
    return status;
}

static enum tt_status
end_run(struct tt_view *view, const struct run *run)
{
    if (run->count >= TABLE_MIN) {
        return report_table(view, run);
    }
    for (size_t i = run->first; run->count > 0 && i <= run->last; i++) {
        struct place place;
        const struct tt_token *token = &view->tokens[i];
        struct tt_str text = tt_token_text(view->text, token);
        for (size_t pos = 0; tt_token_is_literal(token) && next_host(text, &pos, &place);) {
            size_t at = token->at + (size_t) (place.host.ptr - text.ptr);
            TT_TRY(report(view, at, place.host.len, place.host, place.bare ? "name" : "URL"));
            tt_arena_reset(view->scratch);
        }
    }
    return TT_OK;
}

static enum tt_status
look(struct tt_view *view)
{
    struct run run = {.count = 0};
    struct tt_str before = TT_STR(""); /* the same host again makes no table */
    for (size_t i = 0; i < view->count; i++) {
        const struct tt_token *token = &view->tokens[i];
        struct tt_str text = tt_token_text(view->text, token);
        struct place place;
        size_t hosts = 0;
        bool any = false;
        for (size_t pos = 0; tt_token_is_literal(token) && token->len >= 8 && next_host(text, &pos, &place);) {
            hosts += !tt_str_eq(place.host, before);
            before = place.host;
            any = true;
        }
        if (!any) {
            continue;
        }
        if (run.count > 0 && token->at - (view->tokens[run.last].at + view->tokens[run.last].len) > TABLE_GAP) {
            TT_TRY(end_run(view, &run));
            run.count = 0;
        }
        run = (struct run) {.first = run.count > 0 ? run.first : i, .last = i, .count = run.count + hosts};
    }
    return end_run(view, &run);
}

const struct tt_detector tt_detector_endpoint = {
    .name = "endpoint",
    .kinds = TT_VIEW_SCRIPT | TT_VIEW_BINARY,
    .look = look,
};
