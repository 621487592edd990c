/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client.install-script: what a package runs when it is installed, before anybody starts it.
 *
 * In: files by their names.  Out: one finding for each script.  These are the life cycle scripts of npm (its documentation, "scripts"), a binding.gyp
 * file, which npm builds without being told, and the maintainer scripts of Debian packages (Debian Policy, section 6.1).
 */
#include "base/limits.h"
#include "inspect/found.h"

static bool
is_one_of(struct tt_str name, const struct tt_str *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (tt_str_eq(name, names[i])) {
            return true;
        }
    }
    return false;
}

static enum tt_status
report(struct tt_view *view, size_t at, size_t length, const char *name, struct tt_str command)
{
    struct tt_finding finding = tt_found_make("client.install-script", TT_CANDIDATE, at, length,
                                              TT_STR("the package runs a command when it is installed"));
    struct tt_str key = tt_found_text(view, name, " ", NULL);
    char *text = tt_arena_get(view->scratch, key.len + command.len + view->uri.len + 1);
    if (!text) {
        return TT_E_MEMORY;
    }
    memcpy(text, key.ptr, key.len);
    memcpy(text + key.len, command.ptr, command.len);
    tt_finding_add_text(&finding, "script", tt_str_cstr(name));
    tt_finding_add_text(&finding, "command", command);
    tt_finding_add_text(&finding, "not_proven", TT_STR("what the command does: it was not run"));
    return tt_found_add(view, &finding, tt_str_make(text, key.len + command.len));
}

/* The token behind the brace of the object "scripts" at the top level, or count. */
static size_t
find_scripts(const struct tt_view *view)
{
    size_t depth = 0;
    for (size_t i = 0; i + 2 < view->count; i++) {
        depth += tt_view_is_sign(view, i, '{') || tt_view_is_sign(view, i, '[');
        depth -= depth > 0 && (tt_view_is_sign(view, i, '}') || tt_view_is_sign(view, i, ']'));
        if (depth == 1 && view->tokens[i].kind == TT_TOKEN_STRING && tt_str_eq(tt_view_text(view, i), TT_STR("scripts")) &&
            tt_view_is_sign(view, i + 1, ':') && tt_view_is_sign(view, i + 2, '{')) {
            return i + 3;
        }
    }
    return view->count;
}

static enum tt_status
look_at_npm(struct tt_view *view)
{
    static const char *const names[] = {"preinstall", "install", "postinstall", NULL};
    for (size_t i = find_scripts(view); i + 2 < view->count && !tt_view_is_sign(view, i, '}'); i++) {
        if (view->tokens[i].kind != TT_TOKEN_STRING || !tt_view_is_sign(view, i + 1, ':')) {
            continue;
        }
        struct tt_str name = tt_view_text(view, i);
        for (size_t k = 0; names[k]; k++) {
            if (tt_str_eq(name, tt_str_cstr(names[k]))) {
                const struct tt_token *value = &view->tokens[i + 2];
                struct tt_str command = tt_str_slice(tt_view_text(view, i + 2), 0, TT_KIB);
                TT_TRY(report(view, value->at, value->len, names[k], command));
            }
        }
        i += 2;
    }
    return TT_OK;
}

static enum tt_status
look(struct tt_view *view)
{
    static const struct tt_str maintainer[] = {TT_STR_INIT("preinst"), TT_STR_INIT("postinst"), TT_STR_INIT("prerm"),
                                               TT_STR_INIT("postrm"), TT_STR_INIT("config")};
    struct tt_str name = tt_found_name(view->uri);
    if (view->offset > 0) {
        return TT_OK;
    }
    if (tt_str_eq(name, TT_STR("package.json"))) {
        return look_at_npm(view);
    }
    size_t length = view->text.len < TT_KIB ? view->text.len : TT_KIB;
    if (tt_str_eq(name, TT_STR("binding.gyp"))) {
        return report(view, 0, 1, "binding.gyp", TT_STR("node-gyp rebuild"));
    }
    if (tt_str_has(view->uri, TT_STR("!control.tar")) && is_one_of(name, maintainer, 5)) {
        return report(view, 0, length, "maintainer script", tt_str_slice(view->text, 0, length));
    }
    return TT_OK;
}

const struct tt_detector tt_detector_install = {
    .name = "install",
    .kinds = TT_VIEW_ANY,
    .look = look,
};
