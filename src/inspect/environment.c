/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client.environment: what a program reads of its surroundings - time zone, locale, proxies, base URLs - and whether it builds strings there.
 *
 * In: tokens.  Out: one finding for each name.  What is looked for are rows of data/inspect/variables.json.  A name of a variable counts behind
 * "env." or in brackets or quotes, as programs read it; other names count as they are.
 */
#include "base/limits.h"
#include "inspect/building.h"
#include "inspect/found.h"
#include "inspect/tables.h"

#define NAME_MAX_LEN 64

/* Does the token stand where a variable of the environment is read? */
static bool
is_read(const struct tt_view *view, size_t i)
{
    static const struct tt_str objects[] = {TT_STR_INIT("env"), TT_STR_INIT("environ"), TT_STR_INIT("ENV")};
    static const struct tt_str calls[] = {TT_STR_INIT("getenv"), TT_STR_INIT("getEnv"), TT_STR_INIT("get"),
                                          TT_STR_INIT("env"),    TT_STR_INIT("Getenv"), TT_STR_INIT("LookupEnv")};
    size_t at = i;
    char sign = view->tokens[i].kind == TT_TOKEN_NAME ? '.' : '[';
    if (at > 0 && tt_view_is_sign(view, at - 1, sign)) {
        at -= 1 + (at > 1 && tt_view_is_sign(view, at - 2, '?')); /* a?.b */
        for (size_t k = 0; k < sizeof(objects) / sizeof(*objects); k++) {
            if (at > 0 && tt_view_is_name(view, at - 1, objects[k])) {
                return true;
            }
        }
        /* ["env"]["TZ"] */
        return at > 1 && tt_view_is_sign(view, at - 1, ']') && tt_str_eq(tt_view_text(view, at - 2), TT_STR("env"));
    }
    for (size_t k = 0; k < sizeof(calls) / sizeof(*calls); k++) {
        if (i > 1 && tt_view_is_sign(view, i - 1, '(') && tt_view_is_name(view, i - 2, calls[k])) {
            return view->tokens[i].kind == TT_TOKEN_STRING;
        }
    }
    return false;
}

static bool
is_member(const struct tt_view *view, size_t i, struct tt_str name)
{
    const char *point = memchr(name.ptr, '.', name.len);
    size_t left = (size_t) (point - name.ptr);
    return i > 1 && tt_str_eq(tt_view_text(view, i), tt_str_slice(name, left + 1, name.len)) &&
           tt_view_is_sign(view, i - 1, '.') && tt_view_is_name(view, i - 2, tt_str_slice(name, 0, left));
}

/* Is the string handed on as it is, as the code of an error may be: x = "MISSING_BASE_URL"? */
static bool
is_value(const struct tt_view *view, size_t i)
{
    return i > 0 && (tt_view_is_sign(view, i - 1, '=') || tt_view_is_name(view, i - 1, TT_STR("return")));
}

static bool
matches(const struct tt_view *view, size_t i, struct tt_str text, const struct tt_inspect_watch *watch)
{
    bool quoted = view->tokens[i].kind == TT_TOKEN_STRING;
    switch (watch->kind) {
    case TT_WATCH_VARIABLE: return tt_str_eq(text, watch->name) && (quoted ? text.len > 4 || is_read(view, i) : is_read(view, i));
    case TT_WATCH_ENDING: return tt_str_ends(text, watch->name) && (quoted ? !is_value(view, i) : is_read(view, i));
    case TT_WATCH_NAME: return tt_str_eq(text, watch->name) && !quoted;
    case TT_WATCH_MEMBER: return !quoted && is_member(view, i, watch->name);
    }
    return false;
}

/* Is it a name that could be of a variable, or of a function? */
static bool
is_plain_name(struct tt_str text)
{
    if (text.len < 2 || text.len > NAME_MAX_LEN) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (!tt_ascii_is_alnum((unsigned char) text.ptr[i]) && text.ptr[i] != '_') {
            return false;
        }
    }
    return true;
}

static enum tt_status
report(struct tt_view *view, size_t i, struct tt_str text, const struct tt_inspect_watch *watch)
{
    struct tt_building building = tt_building_near(view, i);
    const struct tt_token *token = &view->tokens[i];
    bool read = view->tokens[i].kind == TT_TOKEN_NAME || is_read(view, i);
    struct tt_str message = building.how ? tt_found_text(view, "a string is built near a ",
                                                         read ? "place that reads the " : "name of the ", watch->what, NULL)
                            : read       ? tt_found_text(view, "the program reads the ", watch->what, NULL)
                                         : tt_found_text(view, "a name of the ", watch->what, " stands in the program", NULL);
    struct tt_finding finding =
        tt_found_make("client.environment", building.how ? TT_CANDIDATE : TT_INFO, token->at, token->len, message);
    tt_finding_add_text(&finding, "reads", tt_str_cstr(watch->what));
    tt_finding_add_text(&finding, "name", text);
    if (building.how) {
        tt_finding_add_text(&finding, "building.how", tt_str_cstr(building.how));
        tt_finding_add_number(&finding, "building.tokens_away", (int64_t) building.distance);
        tt_finding_add_number(&finding, "building.offset", (int64_t) (view->offset + view->tokens[building.token].at));
    }
    tt_finding_add_text(&finding, "not_proven", TT_STR("whether this code runs, and whether the value reaches a request"));
    return tt_found_add(view, &finding, text);
}

/* The first signs of all names that are looked for; of an ending, any capital. */
static void
note_firsts(bool *firsts)
{
    memset(firsts, 0, 256);
    for (size_t k = 0; k < tt_inspect_watch_count; k++) {
        const struct tt_inspect_watch *watch = &tt_inspect_watches[k];
        const char *point = watch->kind == TT_WATCH_MEMBER ? memchr(watch->name.ptr, '.', watch->name.len) : NULL;
        firsts[(unsigned char) (point ? point[1] : watch->name.ptr[0])] = true;
        for (int c = 'A'; c <= 'Z' && watch->kind == TT_WATCH_ENDING; c++) {
            firsts[c] = true;
        }
    }
}

static enum tt_status
look(struct tt_view *view)
{
    bool firsts[256];
    note_firsts(firsts);
    for (size_t i = 0; i < view->count; i++) {
        const struct tt_token *token = &view->tokens[i];
        if ((token->kind != TT_TOKEN_NAME && token->kind != TT_TOKEN_STRING) || token->len < 2 ||
            !firsts[(unsigned char) view->text.ptr[token->at]]) {
            continue;
        }
        struct tt_str text = tt_view_text(view, i);
        if (!is_plain_name(text) || token->at >= view->owned) {
            continue;
        }
        for (size_t k = 0; k < tt_inspect_watch_count; k++) {
            if (matches(view, i, text, &tt_inspect_watches[k])) {
                TT_TRY(report(view, i, text, &tt_inspect_watches[k]));
                tt_arena_reset(view->scratch);
                break;
            }
        }
    }
    return TT_OK;
}

const struct tt_detector tt_detector_environment = {
    .name = "environment",
    .kinds = TT_VIEW_SCRIPT | TT_VIEW_BINARY,
    .look = look,
};
