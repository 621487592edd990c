/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading policy files and days for the subcommands of `telltale policy`; see policy.h.
 *
 * In: names of files, options.  Out: a checked policy, a day; or messages on standard error and an exit code.
 */
#include "cli/policy.h"

#include "cli/dateline_files.h"
#include "finding/writer.h"

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
    struct tt_buf *raw = &file->bytes;
    tt_arena_init(&file->arena, call->cli->alloc, TT_POLICY_ARENA);
    file->problems = (struct tt_policy_problems) {.arena = &file->arena};
    file->policy = NULL;
    /* One byte more than is allowed tells a larger file from the largest. */
    tt_buf_init(raw, call->cli->alloc, TT_POLICY_BYTES_MAX + TT_SCAN_CHUNK);
    enum tt_exit loaded = tt_catalog_load(call->cli, &file->catalog);
    if (loaded != TT_EXIT_OK) {
        return loaded;
    }
    file->names = tt_policy_names_of(&file->catalog.catalog);
    errno = 0;
    if (!tt_file_read(path, raw)) {
        return raw->status == TT_E_LIMIT ? tt_cli_complain(call->cli, TT_EXIT_USAGE, "%s: a policy of more than 1 MiB", path)
                                         : tt_cli_complain(call->cli, TT_EXIT_USAGE, "cannot read %s: %s", path, strerror(errno));
    }
    enum tt_status status = tt_policy_read(tt_buf_str(raw), &file->names, &file->problems, &file->policy);
    list_problems(call, path, &file->problems);
    if (status != TT_OK && file->problems.count == 0) {
        return tt_cli_complain(call->cli, TT_EXIT_INTERNAL, "%s: %s", path, tt_status_name(status));
    }
    return status == TT_OK ? TT_EXIT_OK : TT_EXIT_USAGE;
}

void
tt_policy_close(struct tt_policy_file *file)
{
    tt_buf_free(&file->bytes);
    tt_arena_free(&file->arena);
    tt_catalog_reader_free(&file->catalog);
}

enum tt_exit
tt_policy_run(const struct tt_call *call, enum tt_exit (*use)(const struct tt_call *call, const struct tt_policy_file *file))
{
    struct tt_policy_file file;
    enum tt_exit code = tt_policy_open(call, call->args[0], &file);
    if (code == TT_EXIT_OK) {
        code = use(call, &file);
    }
    tt_policy_close(&file);
    return code;
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
