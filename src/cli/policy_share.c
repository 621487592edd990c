/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading policy files and subjects for the subcommands of `telltale policy`; see policy.h.
 *
 * In: names of files, options.  Out: a checked policy, a subject; or messages on standard error and an exit code.
 */
#include "cli/policy.h"

#include "cli/dateline_files.h"
#include "finding/writer.h"
#include "policy/schema.h"

#include <errno.h>
#include <time.h>

/* ---- files ---- */

static void
list_problems(const struct tt_call *call, const char *path, const struct tt_policy_problems *problems)
{
    struct tt_buf line;
    tt_buf_init(&line, call->cli->alloc, TT_MIB);
    for (size_t i = 0; i < problems->count; i++) {
        const struct tt_policy_problem *problem = &problems->items[i];
        tt_writer_add_safe(&line, tt_str_cstr(path));
        tt_buf_add_char(&line, ':');
        tt_buf_add_u64(&line, problem->at.line);
        tt_buf_add_char(&line, ':');
        tt_buf_add_u64(&line, problem->at.column);
        tt_buf_add_cstr(&line, ": error: ");
        tt_writer_add_safe(&line, problem->text);
        tt_buf_add_char(&line, '\n');
    }
    tt_buf_add_cstr(&line, problems->more ? "and more errors, which are not listed\n" : "");
    fwrite(line.ptr ? line.ptr : "", 1, line.len, call->cli->err);
    tt_buf_free(&line);
}

enum tt_exit
tt_policy_open(const struct tt_call *call, const char *path, struct tt_policy_file *file)
{
    struct tt_buf raw;
    tt_arena_init(&file->arena, call->cli->alloc, TT_POLICY_ARENA);
    file->problems = (struct tt_policy_problems) {.arena = &file->arena};
    file->policy = NULL;
    enum tt_exit loaded = tt_catalog_load(call->cli, &file->catalog);
    if (loaded != TT_EXIT_OK) {
        return loaded;
    }
    file->names = tt_policy_names_of(&file->catalog.catalog);
    /* One byte more than is allowed tells a larger file from the largest. */
    tt_buf_init(&raw, call->cli->alloc, TT_POLICY_BYTES_MAX + TT_SCAN_CHUNK);
    errno = 0;
    if (!tt_file_read(path, &raw)) {
        enum tt_exit code = raw.status == TT_E_LIMIT
                                ? tt_cli_complain(call->cli, TT_EXIT_USAGE, "%s: a policy of more than 1 MiB", path)
                                : tt_cli_complain(call->cli, TT_EXIT_USAGE, "cannot read %s: %s", path, strerror(errno));
        tt_buf_free(&raw);
        return code;
    }
    enum tt_status status = tt_policy_read(tt_buf_str(&raw), &file->names, &file->problems, &file->policy);
    tt_buf_free(&raw);
    list_problems(call, path, &file->problems);
    if (status != TT_OK && file->problems.count == 0) {
        return tt_cli_complain(call->cli, TT_EXIT_INTERNAL, "%s: %s", path, tt_status_name(status));
    }
    return status == TT_OK ? TT_EXIT_OK : TT_EXIT_USAGE;
}

void
tt_policy_close(struct tt_policy_file *file)
{
    tt_arena_free(&file->arena);
    tt_catalog_reader_free(&file->catalog);
}

/* ---- subjects ---- */

bool
tt_policy_has_subject(const struct tt_policy_settings *settings)
{
    for (size_t i = 0; i < TT_POLICY_SUBJECTS; i++) {
        if (settings->facts[i]) {
            return true;
        }
    }
    return false;
}

static enum tt_exit
check_countries(const struct tt_call *call, const struct tt_policy_settings *settings)
{
    static const enum tt_about countries[] = {TT_ABOUT_REGION, TT_ABOUT_DATA_REGION, TT_ABOUT_VENDOR_JURISDICTION,
                                              TT_ABOUT_PROVIDER_JURISDICTION};
    for (size_t i = 0; i < sizeof(countries) / sizeof(*countries); i++) {
        const char *word = settings->facts[countries[i]];
        if (word && !tt_policy_is_country(tt_str_cstr(word))) {
            return tt_cli_complain(call->cli, TT_EXIT_USAGE, "'%s' is no country: two capital letters of ISO 3166-1, such as SG",
                                   word);
        }
    }
    return TT_EXIT_OK;
}

static enum tt_exit
check_team(const struct tt_call *call, const struct tt_policy *policy, const char *team)
{
    struct tt_str near = {NULL, 0};
    if (!team || tt_policy_own_name(policy, TT_NAME_TEAM, tt_str_cstr(team), &near)) {
        return TT_EXIT_OK;
    }
    if (near.len > 0) {
        return tt_cli_complain(call->cli, TT_EXIT_USAGE, "the policy has no team '%s'; did you mean '%.*s'?", team,
                               (int) near.len, near.ptr);
    }
    return tt_cli_complain(call->cli, TT_EXIT_USAGE, "the policy has no team '%s'", team);
}

/* Ids that the catalogue would have to know: a misspelt one would be answered as if nothing was said of it. */
static enum tt_exit
check_ids(const struct tt_call *call, const struct tt_policy_file *file, const char *const *facts)
{
    static const struct {
        enum tt_about about;
        enum tt_policy_name kind;
        const char *what;
    } rows[] = {
        {TT_ABOUT_PRODUCT, TT_NAME_PRODUCT, "product"},
        {TT_ABOUT_VIA, TT_NAME_PRODUCT, "product"},
        {TT_ABOUT_VENDOR, TT_NAME_VENDOR, "vendor"},
        {TT_ABOUT_CATEGORY, TT_NAME_CATEGORY, "category"},
        {TT_ABOUT_MODEL_FAMILY, TT_NAME_FAMILY, "model family"},
        {TT_ABOUT_MODEL_VENDOR, TT_NAME_MODEL_VENDOR, "vendor"},
        {TT_ABOUT_PROVIDER, TT_NAME_PROVIDER, "provider"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const char *word = facts[rows[i].about];
        struct tt_str near = {NULL, 0};
        if (word && !file->names.known(file->names.ctx, rows[i].kind, tt_str_cstr(word), &near)) {
            return tt_cli_complain(call->cli, TT_EXIT_USAGE, "the catalogue has no %s '%s'%s%.*s%s", rows[i].what, word,
                                   near.len ? "; did you mean '" : "", (int) near.len, near.len ? near.ptr : "",
                                   near.len ? "'?" : "");
        }
    }
    return TT_EXIT_OK;
}

enum tt_exit
tt_policy_subject(const struct tt_call *call, const struct tt_policy_file *file, struct tt_policy_subject *subject)
{
    const struct tt_policy_settings *settings = call->settings;
    enum tt_exit code = check_countries(call, settings);
    *subject = (struct tt_policy_subject) {.more_count = 0};
    if (code == TT_EXIT_OK) {
        code = check_team(call, file->policy, settings->facts[TT_ABOUT_TEAM]);
    }
    if (code == TT_EXIT_OK) {
        code = check_ids(call, file, settings->facts);
    }
    for (size_t i = 0; i < TT_ABOUTS; i++) {
        subject->facts[i].text = tt_str_cstr(settings->facts[i]);
    }
    file->names.complete(file->names.ctx, subject);
    return code;
}

/* The first country, team or machine that a list names; nothing when it names all. */
static struct tt_str
first_of(const struct tt_policy *policy, const struct tt_policy_list *list)
{
    const struct tt_policy_group *groups = policy->regions.items;
    struct tt_str word = list->count ? list->items[0].text : TT_STR("");
    for (size_t i = 0; i < policy->regions.count; i++) {
        if (tt_str_eq(groups[i].name.text, word) && groups[i].countries.count) {
            return groups[i].countries.items[0].text;
        }
    }
    return tt_str_eq(word, TT_STR("all")) || tt_str_eq(word, TT_STR("*")) ? TT_STR("") : word;
}

void
tt_policy_subject_of(const struct tt_policy_file *file, const struct tt_policy_decision *decision,
                     struct tt_policy_subject *subject)
{
    const struct tt_policy *policy = file->policy;
    const struct tt_policy_match *match = &decision->match;
    *subject = (struct tt_policy_subject) {.more_count = 0};
    subject->facts[match->about].text = match->subject[match->about].text;
    subject->facts[TT_ABOUT_VIA].text = match->via.text;
    subject->facts[TT_ABOUT_REGION].text = first_of(policy, &decision->applies_to.regions);
    subject->facts[TT_ABOUT_TEAM].text = first_of(policy, &decision->applies_to.teams);
    file->names.complete(file->names.ctx, subject);
}

/* ---- dates ---- */

/* Today at a distance from UTC; the clock is read once a run. */
static int64_t
today(int64_t minutes)
{
    struct tm tm;
    time_t now = time(NULL) + (time_t) minutes * 60;
    if (!gmtime_r(&now, &tm)) {
        return 19700101;
    }
    return (tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday;
}

enum tt_exit
tt_policy_day(const struct tt_call *call, const struct tt_policy *policy, const char *option, const char *text, int64_t *day)
{
    if (!text) {
        *day = today(policy->timezone.number);
        return TT_EXIT_OK;
    }
    if (!tt_policy_date_parse(tt_str_cstr(text), day)) {
        return tt_cli_complain(call->cli, TT_EXIT_USAGE, "--%s cannot be '%s': it is a day such as 2026-07-10", option, text);
    }
    return TT_EXIT_OK;
}
