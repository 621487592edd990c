/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client.endpoint, client.telemetry and client.update: hosts that stand in strings of a program.
 *
 * In: strings.  Out: one finding for each host.  A host is what follows "://" in a string, or a whole string that is the name of a host with at
 * least three labels.  Names in comments are none.  Whose hosts take reports of use or hand out new versions is in data/inspect/services.json.
 */
#include "inspect/found.h"
#include "inspect/host.h"

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

static enum tt_status
look_in(struct tt_view *view, const struct tt_token *token)
{
    struct tt_str text = tt_token_text(view->text, token);
    for (size_t at = 0; at < text.len;) {
        const char *sign = tt_str_find(tt_str_slice(text, at, text.len), TT_STR("://"));
        if (!sign) {
            break;
        }
        size_t end, colon = (size_t) (sign - text.ptr);
        struct tt_str host = tt_host_of_url(text, colon, &end);
        bool other = tt_str_eq(host, TT_STR("localhost")) || tt_str_eq(host, TT_STR("127.0.0.1"));
        if (!other && is_scheme(text, colon) && (tt_host_is_one(host) || is_address(host))) {
            TT_TRY(report(view, token->at + (size_t) (host.ptr - text.ptr), host.len, host, "URL"));
            tt_arena_reset(view->scratch);
        }
        at = end;
    }
    return TT_OK;
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

static enum tt_status
look(struct tt_view *view)
{
    for (size_t i = 0; i < view->count; i++) {
        const struct tt_token *token = &view->tokens[i];
        if (!tt_token_is_literal(token) || token->len < 8) {
            continue;
        }
        struct tt_str text = tt_token_text(view->text, token);
        if (is_bare_host(text)) {
            TT_TRY(report(view, token->at, token->len, text, "name"));
            tt_arena_reset(view->scratch);
        } else {
            TT_TRY(look_in(view, token));
        }
    }
    return TT_OK;
}

const struct tt_detector tt_detector_endpoint = {
    .name = "endpoint",
    .kinds = TT_VIEW_SCRIPT | TT_VIEW_BINARY,
    .look = look,
};
