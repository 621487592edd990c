/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check of an included file; see include.h.
 *
 * Input: bytes in the syntax of nginx's configuration.  Output: a verdict.  Nothing is allocated.
 *
 * Words are cut as nginx cuts them: blanks divide, quotes hold together at a word's beginning, a backslash takes the next character along,
 * '#' begins a comment where a word could begin, and "${" holds a brace.  A block's braces are directives' ends like ';'.
 */
#include "serve/include.h"

#include "base/limits.h"

#define WORD_MAX 256 /* bytes of a word that are looked at; a longer one only in its beginning */

/* The words of one directive that are looked at: its name and first argument. */
struct directive {
    char words[2][WORD_MAX];
    size_t lengths[2];
    size_t count;
    uint32_t line;
};

static const struct refusal {
    const char *name;   /* a '*' at the end stands for anything */
    const char *unless; /* the only argument that is taken; NULL: none */
    const char *why;
} refusals[] = {
    {"satisfy", "all", "a request would pass without having been inspected"},
    {"proxy_set_body", NULL, "the inspected body would be replaced"},
    {"proxy_pass_request_body", "on", "the inspected body would be left out"},
    {"proxy_method", NULL, "the call would be another one than was inspected"},
    {"proxy_set_header", NULL, "it would take the place of all headers that the gateway sets"},
    {"proxy_ssl_*", NULL, "the upstream's certificate is verified as the gateway says"},
    {"proxy_cache*", NULL, "answers are not kept"},
    {"proxy_store*", NULL, "answers are not kept"},
    {"proxy_intercept_errors", NULL, "answers of upstreams pass unchanged"},
    {"proxy_ignore_headers", NULL, "an upstream could send a request to another location"},
    {"proxy_buffering", NULL, "answers pass as they come"},
    {"fastcgi_pass", NULL, "requests leave only by the gateway's own upstreams"},
    {"grpc_pass", NULL, "requests leave only by the gateway's own upstreams"},
    {"memcached_pass", NULL, "requests leave only by the gateway's own upstreams"},
    {"scgi_pass", NULL, "requests leave only by the gateway's own upstreams"},
    {"uwsgi_pass", NULL, "requests leave only by the gateway's own upstreams"},
    {"mirror", NULL, "a copy of the request would leave"},
    {"include", NULL, "a file that was not checked would be read"},
    {"load_module", NULL, "code would be loaded"},
    {"content_by_*", NULL, "code would answer in the gateway's place"},
    {"perl*", NULL, "code would be run"},
    {"js_*", NULL, "code would be run"},
    {"upstream", NULL, "upstreams are named with --upstream"},
    {"listen", NULL, "the gateway listens where --listen says"},
    {"server", NULL, "the gateway has one server"},
    {"telltale", "on", "the inspection cannot be switched off here"},
    {"telltale_shadow", NULL, "--shadow says it"},
    {"telltale_policy", NULL, "--policy says it"},
    {"telltale_rings", NULL, "--state says it"},
    {"telltale_secret", NULL, "--state says it"},
    {"telltale_keys", NULL, "--keys says it"},
    {"telltale_catalog", NULL, "the catalogue's folders are fixed"},
};

static struct tt_str
word_of(const struct directive *d, size_t i)
{
    return tt_str_make(d->words[i], i < d->count ? d->lengths[i] : 0);
}

static bool
has_name(struct tt_str word, const char *name)
{
    struct tt_str pattern = tt_str_cstr(name);
    if (tt_str_ends(pattern, TT_STR("*"))) {
        return tt_str_starts(word, tt_str_slice(pattern, 0, pattern.len - 1));
    }
    return tt_str_eq(word, pattern);
}

/* proxy_pass may name a rendered upstream, or the one that the module chose; anything else would leave unseen. */
static bool
passes_well(struct tt_str target, const struct tt_serve_settings *settings)
{
    if (tt_str_eq(target, TT_STR("$gateway_scheme://$telltale_upstream$gateway_base$telltale_uri"))) {
        return true;
    }
    size_t skip = tt_str_starts(target, TT_STR("https://")) ? 8 : tt_str_starts(target, TT_STR("http://")) ? 7 : 0;
    if (tt_str_starts(target, TT_STR("$gateway_scheme://"))) {
        skip = 18;
    }
    struct tt_str host = tt_str_slice(target, skip, target.len);
    const char *slash = host.len ? memchr(host.ptr, '/', host.len) : NULL;
    host.len = slash ? (size_t) (slash - host.ptr) : host.len;
    if (skip == 0 || tt_str_eq(host, TT_STR("$telltale_upstream"))) {
        return skip > 0;
    }
    for (size_t i = 0; i < settings->upstream_count; i++) {
        if (!settings->upstreams[i].off && tt_str_eq(host, settings->upstreams[i].name)) {
            return true;
        }
    }
    return false;
}

/* Why the directive is refused; NULL when it is not. */
static const char *
refused(const struct directive *d, const struct tt_serve_settings *settings)
{
    struct tt_str name = word_of(d, 0), argument = word_of(d, 1);
    if (tt_str_eq(name, TT_STR("proxy_pass"))) {
        return passes_well(argument, settings) ? NULL : "requests leave only by the gateway's own upstreams";
    }
    if (tt_str_eq(name, TT_STR("set")) &&
        (tt_str_starts(argument, TT_STR("$gateway_")) || tt_str_starts(argument, TT_STR("$telltale_")))) {
        return "the gateway's own variables say where a request goes";
    }
    for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
        if (has_name(name, refusals[i].name)) {
            return refusals[i].unless && tt_str_eq(argument, tt_str_cstr(refusals[i].unless)) ? NULL : refusals[i].why;
        }
    }
    return NULL;
}

/* ---- words ---- */

struct reader {
    struct tt_str bytes;
    size_t at;
    uint32_t line;
};

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static char
next(struct reader *r)
{
    char c = r->bytes.ptr[r->at++];
    r->line += c == '\n';
    return c;
}

/* To the next word or sign; false at the end. */
static bool
skip_blanks(struct reader *r)
{
    while (r->at < r->bytes.len) {
        char c = r->bytes.ptr[r->at];
        if (c == '#') {
            while (r->at < r->bytes.len && r->bytes.ptr[r->at] != '\n') {
                r->at++;
            }
        } else if (is_blank(c)) {
            next(r);
        } else {
            return true;
        }
    }
    return false;
}

static void
keep(struct directive *d, char c)
{
    if (d->count < 2 && d->lengths[d->count] < WORD_MAX) {
        d->words[d->count][d->lengths[d->count]++] = c;
    }
}

/* One word; false when a quote is not closed, or text stands right behind one. */
static bool
take_word(struct reader *r, struct directive *d)
{
    char first = r->bytes.ptr[r->at];
    char quote = first == '"' || first == '\'' ? next(r) : '\0';
    bool variable = false, closed = quote == '\0';
    if (d->count < 2) {
        d->lengths[d->count] = 0;
    }
    while (r->at < r->bytes.len) {
        char c = r->bytes.ptr[r->at];
        if (quote ? c == quote : is_blank(c) || c == ';' || (c == '{' && !variable)) {
            r->at += quote != '\0';
            closed = true;
            break;
        }
        variable = c == '$';
        c = next(r);
        if (c == '\\' && r->at < r->bytes.len) {
            c = next(r);
        }
        keep(d, c);
    }
    d->count++;
    char behind = r->at < r->bytes.len ? r->bytes.ptr[r->at] : '\0';
    return closed && (!quote || is_blank(behind) || behind == ';' || behind == '{' || behind == ')');
}

/* The next directive, up to its ';' or '{'.  TT_E_INPUT: it does not end.  A count of 0: the file ends. */
static enum tt_status
take_directive(struct reader *r, struct directive *d)
{
    d->count = 0;
    while (skip_blanks(r)) {
        char c = r->bytes.ptr[r->at];
        if (c == ';' || c == '{' || c == '}') {
            r->at++;
            if (d->count > 0) {
                return c == '}' ? TT_E_INPUT : TT_OK;
            }
            continue;
        }
        d->line = d->count == 0 ? r->line : d->line;
        if (!take_word(r, d)) {
            return TT_E_INPUT;
        }
    }
    return d->count == 0 ? TT_OK : TT_E_INPUT;
}

enum tt_status
tt_serve_include_check(struct tt_str bytes, const struct tt_serve_settings *settings, struct tt_error *err,
                       struct tt_buf *message)
{
    struct reader reader = {.bytes = bytes, .line = 1};
    struct directive directive = {.line = 1};
    *err = (struct tt_error) {.code = TT_OK};
    if (bytes.len > 0 && memchr(bytes.ptr, '\0', bytes.len)) {
        return tt_error_set(err, TT_E_INPUT, 0, "it holds a NUL");
    }
    for (;;) {
        if (take_directive(&reader, &directive) != TT_OK) {
            tt_error_set(err, TT_E_INPUT, reader.at, "a directive does not end, or a quote is not closed");
            err->line = directive.line;
            return TT_E_INPUT;
        }
        if (directive.count == 0) {
            return TT_OK;
        }
        const char *why = refused(&directive, settings);
        if (why) {
            tt_buf_add_cstr(message, "'");
            tt_buf_add(message, word_of(&directive, 0));
            tt_buf_add_cstr(message, "' is not taken: ");
            tt_error_set(err, TT_E_INPUT, reader.at, why);
            err->line = directive.line;
            return TT_E_INPUT;
        }
    }
}
