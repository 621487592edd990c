/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YARA rules; see patterns.h.
 *
 * In: rules as text, views.  Out: a finding for each rule that matches, at the first place of its first string.  Own: the compiled rules.
 * libyara keeps state of its own for the process; it is begun with the rules and ended with them.  Its answers are read as the header of 4.2 has them.
 */
#include "inspect/patterns.h"

#include "base/library.h"
#include "base/limits.h"
#include "inspect/tables.h"

#include <stdio.h>
#include <yara.h>

/* Its version is part of the name: the structs of another one may differ from the header's. */
#define LIBRARY "libyara.so.9"
#define SECONDS 60 /* for one part of a file */

#define CALL(name) __typeof__(yr_##name) *name

/* What is used of it: each is the function yr_... */
struct calls {
    CALL(initialize);
    CALL(finalize);
    CALL(compiler_create);
    CALL(compiler_destroy);
    CALL(compiler_add_string);
    CALL(compiler_set_callback);
    CALL(compiler_get_rules);
    CALL(rules_scan_mem);
    CALL(rules_destroy);
};

struct tt_patterns {
    const struct tt_alloc *alloc;
    struct calls call;
    bool begun;
    YR_RULES *rules;
};

/* Where compiling puts its first complaint. */
struct complaint {
    char *why;
    size_t size;
};

#define ROW(name)                                 \
    {                                             \
        "yr_" #name, offsetof(struct calls, name) \
    }

static bool
load(struct calls *calls)
{
    static const struct tt_library_call rows[] = {
        ROW(initialize),          ROW(finalize),
        ROW(compiler_create),     ROW(compiler_destroy),
        ROW(compiler_add_string), ROW(compiler_set_callback),
        ROW(compiler_get_rules),  ROW(rules_scan_mem),
        ROW(rules_destroy),
    };
    return tt_library_load(LIBRARY, rows, sizeof(rows) / sizeof(*rows), calls);
}

static void
on_error(int level, const char *file, int line, const YR_RULE *rule, const char *message, void *ctx)
{
    struct complaint *complaint = ctx;
    (void) file;
    (void) rule;
    if (level == YARA_ERROR_LEVEL_ERROR && complaint->why[0] == '\0') {
        snprintf(complaint->why, complaint->size, "line %d: %s", line, message);
    }
}

/* Compiles the rules of the project, then those of the user, each in a namespace of its own. */
static enum tt_status
compile(struct tt_patterns *patterns, const char *more, struct complaint *complaint)
{
    YR_COMPILER *compiler;
    if (patterns->call.compiler_create(&compiler) != ERROR_SUCCESS) {
        return TT_E_MEMORY;
    }
    patterns->call.compiler_set_callback(compiler, on_error, complaint);
    bool good = patterns->call.compiler_add_string(compiler, tt_inspect_patterns, "telltale") == 0 &&
                (!more || patterns->call.compiler_add_string(compiler, more, "user") == 0);
    enum tt_status status = TT_OK;
    if (good && patterns->call.compiler_get_rules(compiler, &patterns->rules) != ERROR_SUCCESS) {
        status = TT_E_MEMORY;
    }
    patterns->call.compiler_destroy(compiler);
    return status;
}

enum tt_status
tt_patterns_open(struct tt_patterns **out, const struct tt_alloc *alloc, struct tt_str more, char *why, size_t size)
{
    struct complaint complaint = {why, size};
    struct tt_patterns *patterns = tt_alloc_new(alloc, sizeof(*patterns));
    char *text = more.len > 0 ? tt_alloc_new(alloc, more.len + 1) : NULL;
    enum tt_status status = patterns && (text || more.len == 0) ? TT_OK : TT_E_MEMORY;
    *out = NULL;
    why[0] = '\0';
    if (status == TT_OK) {
        *patterns = (struct tt_patterns) {.alloc = alloc};
        if (text) {
            memcpy(text, more.ptr, more.len);
            text[more.len] = '\0';
        }
        if (!load(&patterns->call)) {
            snprintf(why, size, LIBRARY ", which compares files with rules, is not installed");
        } else if (patterns->call.initialize() != ERROR_SUCCESS) {
            status = TT_E_MEMORY;
        } else {
            patterns->begun = true;
            status = compile(patterns, text, &complaint);
        }
    }
    tt_alloc_free(alloc, text, more.len + 1);
    if (status == TT_OK && patterns->rules) {
        *out = patterns;
    } else if (patterns) {
        tt_patterns_close(patterns);
    }
    return status;
}

void
tt_patterns_close(struct tt_patterns *patterns)
{
    if (patterns->rules) {
        patterns->call.rules_destroy(patterns->rules);
    }
    if (patterns->begun) {
        patterns->call.finalize();
    }
    tt_alloc_free(patterns->alloc, patterns, sizeof(*patterns));
}

/* ---- Matches ---- */

struct scan {
    struct tt_view *view;
    enum tt_status status;
};

/* The text of a rule's meta of that name. */
static struct tt_str
meta_of(YR_RULE *rule, const char *name)
{
    YR_META *meta;
    yr_rule_metas_foreach(rule, meta)
    {
        if (meta->type == META_TYPE_STRING && strcmp(meta->identifier, name) == 0) {
            return tt_str_cstr(meta->string);
        }
    }
    return TT_STR("");
}

static void
first_match(YR_SCAN_CONTEXT *context, YR_RULE *rule, size_t *at, size_t *length)
{
    YR_STRING *string;
    bool any = false;
    *at = *length = 0;
    yr_rule_strings_foreach(rule, string)
    {
        YR_MATCH *match;
        yr_string_matches_foreach(context, string, match)
        {
            size_t offset = (size_t) (match->base + match->offset);
            if (!any || offset < *at) {
                *at = offset;
                *length = (size_t) match->match_length;
                any = true;
            }
        }
    }
}

static enum tt_status
report(struct tt_view *view, YR_SCAN_CONTEXT *context, YR_RULE *rule)
{
    enum tt_level level = TT_CANDIDATE;
    size_t at, length;
    struct tt_str what = meta_of(rule, "what");
    (void) tt_level_parse(meta_of(rule, "level"), &level);
    first_match(context, rule, &at, &length);
    struct tt_finding finding = tt_found_make("client.pattern", level < TT_SUSPICIOUS ? level : TT_SUSPICIOUS, at, length,
                                              what.len > 0 ? what : TT_STR("a rule of a rule file matches"));
    tt_finding_add_text(&finding, "pattern", tt_str_cstr(rule->identifier));
    tt_finding_add_text(&finding, "rules", tt_str_cstr(rule->ns->name));
    tt_finding_add_text(&finding, "not_proven", TT_STR("whether this code runs: a pattern compares bytes"));
    return tt_found_add(view, &finding, tt_str_cstr(rule->identifier));
}

static int
on_message(YR_SCAN_CONTEXT *context, int message, void *data, void *ctx)
{
    struct scan *scan = ctx;
    if (message == CALLBACK_MSG_RULE_MATCHING) {
        scan->status = report(scan->view, context, data);
    }
    return scan->status == TT_OK ? CALLBACK_CONTINUE : CALLBACK_ABORT;
}

enum tt_status
tt_patterns_look(const struct tt_patterns *patterns, struct tt_view *view)
{
    struct scan scan = {view, TT_OK};
    int flags = SCAN_FLAGS_NO_TRYCATCH | SCAN_FLAGS_REPORT_RULES_MATCHING;
    int result = patterns->call.rules_scan_mem(patterns->rules, (const uint8_t *) view->text.ptr, view->text.len, flags,
                                               on_message, &scan, SECONDS);
    if (scan.status != TT_OK) {
        return scan.status;
    }
    if (result == ERROR_SCAN_TIMEOUT) {
        return tt_found_note(view->found, view->uri, "it was not compared with the rules to its end: that took too long", NULL);
    }
    return result == ERROR_INSUFFICIENT_MEMORY ? TT_E_MEMORY : TT_OK;
}
