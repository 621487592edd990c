/* SPDX-License-Identifier: Apache-2.0 */
/*
 * String building near a token; see building.h.  In: a view.  Out: a place in it.  Owns nothing.
 *
 * Building is: a template literal with values in it, a string with a plus sign beside it, or a call of a function that makes strings of
 * strings or of numbers.
 */
#include "inspect/building.h"

static bool
is_call_of(const struct tt_view *view, size_t token, const char *const *names)
{
    if (view->tokens[token].kind != TT_TOKEN_NAME || !tt_view_is_sign(view, token + 1, '(')) {
        return false;
    }
    for (size_t i = 0; names[i]; i++) {
        if (tt_str_eq(tt_view_text(view, token), tt_str_cstr(names[i]))) {
            return true;
        }
    }
    return false;
}

/* How the token builds a string, or NULL. */
static const char *
how(const struct tt_view *view, size_t i)
{
    static const char *const joins[] = {"replace", "replaceAll", "concat", "join", "padStart", "padEnd", NULL};
    static const char *const makes[] = {"fromCharCode", "fromCodePoint", NULL};
    const struct tt_token *token = &view->tokens[i];
    if (token->kind == TT_TOKEN_TEMPLATE) {
        return token->flags & TT_TOKEN_FILLED ? "template" : NULL;
    }
    if (token->kind == TT_TOKEN_STRING && !(token->flags & TT_TOKEN_RAW)) {
        bool plus = tt_view_is_sign(view, i + 1, '+') || (i > 0 && tt_view_is_sign(view, i - 1, '+'));
        return plus ? "concatenation" : NULL;
    }
    return is_call_of(view, i, joins) ? "replacement or joining" : is_call_of(view, i, makes) ? "characters of numbers" : NULL;
}

struct tt_building
tt_building_near(const struct tt_view *view, size_t token)
{
    for (size_t distance = 0; distance <= TT_BUILDING_REACH; distance++) {
        const char *found = token + distance < view->count ? how(view, token + distance) : NULL;
        if (found) {
            return (struct tt_building) {found, token + distance, distance};
        }
        found = token >= distance ? how(view, token - distance) : NULL;
        if (found) {
            return (struct tt_building) {found, token - distance, distance};
        }
    }
    return (struct tt_building) {NULL, 0, 0};
}
