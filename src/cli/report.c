/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings through a writer to the output; see report.h.
 *
 * In: findings, notes and counts of a command.  Out: a report, and an exit code that a script can act on.  The report owns its buffers
 * until it is closed.
 */
#include "cli/report.h"

#include "base/limits.h"
#include "cli/sandbox.h"
#include "input/archive_library.h"
#include "input/repository.h"

#include <stdlib.h>
#include <time.h>

static uint64_t
now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t) t.tv_sec * 1000 + (uint64_t) t.tv_nsec / 1000000;
}

/* Colours are for a terminal, and for those who have not said no (no-color.org). */
static bool
wants_color(const struct tt_report *report)
{
    const char *no_color = getenv("NO_COLOR");
    return !report->call->common->no_color && !(no_color && *no_color) && tt_output_is_terminal(&report->output);
}

static void
free_all(struct tt_report *report)
{
    const struct tt_alloc *alloc = report->call->cli->alloc;
    struct tt_not_inspected_list *skipped = &report->skipped;
    tt_alloc_free(alloc, report->explained, tt_rule_count + 1);
    tt_alloc_free(alloc, skipped->entries, skipped->room * sizeof(*skipped->entries));
    tt_arena_free(&skipped->words);
    tt_buf_free(&report->text);
}

enum tt_exit
tt_report_open(struct tt_report *report, const struct tt_call *call)
{
    const struct tt_alloc *alloc = call->cli->alloc;
    const struct tt_common *common = call->common;
    *report = (struct tt_report) {.call = call, .writer = tt_writers[common->format], .summary.version = TT_VERSION};
    report->begun_ms = now_ms();
    if (!tt_output_open(&report->output, call->cli, common->output)) {
        return TT_EXIT_INTERNAL;
    }
    report->options.shown = common->show >= 0 ? (enum tt_level) common->show : report->writer->shown;
    report->options.quiet = common->quiet;
    report->options.color = wants_color(report);
    tt_progress_begin(&report->progress, call->cli->err, common->progress == TT_PROGRESS_AUTO && !common->quiet);
    tt_buf_init(&report->text, alloc, TT_OUTPUT_BUF_MAX);
    tt_arena_init(&report->skipped.words, alloc, 4 * TT_NOT_INSPECTED_MEMORY); /* alignment and NULs included */
    report->explained = tt_alloc_new(alloc, tt_rule_count + 1);
    if (!report->explained) {
        return tt_report_close(report, TT_E_MEMORY);
    }
    memset(report->explained, 0, tt_rule_count + 1);
    return TT_EXIT_OK;
}

enum tt_status
tt_report_seal(const struct tt_report *report, const char *const *paths, size_t count, bool repositories)
{
    struct tt_sandbox_paths allowed = {.read = paths, .read_count = count, .replace_in = report->output.directory};
    struct tt_buf files;
    tt_buf_init(&files, report->call->cli->alloc, TT_SANDBOX_NAMES_MAX);
    enum tt_status status = repositories ? tt_repository_files(&files, paths, count) : TT_OK;
    if (status == TT_OK) {
        status = tt_archive_library_files(&files);
    }
    if (status == TT_OK) {
        allowed.read_also = tt_buf_str(&files);
        tt_sandbox_restrict(&allowed);
    }
    tt_buf_free(&files);
    return status;
}

void
tt_report_begin(struct tt_report *report)
{
    tt_output_watch(&report->output);
    report->writer->begin(&report->text, &report->options, TT_VERSION);
}

enum tt_status
tt_report_flush(struct tt_report *report)
{
    enum tt_status status = report->text.status;
    if (report->text.len == 0) {
        return status;
    }
    /* Both may be the same terminal, where the line would stay behind between findings. */
    tt_progress_hide(&report->progress);
    bool written = tt_output_write(&report->output, tt_buf_str(&report->text));
    tt_buf_clear(&report->text);
    return status != TT_OK ? status : written ? TT_OK : TT_E_IO;
}

enum tt_status
tt_report_counted(struct tt_report *report, const struct tt_finding *finding)
{
    struct tt_writer_options options = report->options;
    bool *explained = &report->explained[finding->rule - tt_rules];
    if (!tt_writer_shows(&report->options, finding)) {
        report->summary.hidden[finding->level]++;
        return TT_OK;
    }
    options.explain = !*explained;
    *explained = true;
    report->writer->finding(&report->text, &options, finding, report->written++);
    return report->text.len >= TT_SCAN_CHUNK || report->text.status != TT_OK ? tt_report_flush(report) : TT_OK;
}

enum tt_status
tt_report_finding(struct tt_report *report, const struct tt_finding *finding)
{
    report->summary.findings[finding->level]++;
    return tt_report_counted(report, finding);
}

static enum tt_status
grow_list(struct tt_not_inspected_list *list, const struct tt_alloc *alloc)
{
    size_t room = list->room ? list->room * 2 : 64;
    struct tt_not_inspected *entries =
        tt_alloc_resize(alloc, list->entries, list->room * sizeof(*entries), room * sizeof(*entries));
    if (!entries) {
        return TT_E_MEMORY;
    }
    list->entries = entries;
    list->room = room;
    return TT_OK;
}

enum tt_status
tt_report_not_inspected(struct tt_report *report, const struct tt_not_inspected *entry)
{
    struct tt_not_inspected_list *list = &report->skipped;
    size_t bytes = entry->uri.len + entry->why.len;
    if (list->count + 2 > list->room) {
        TT_TRY(grow_list(list, report->call->cli->alloc));
    }
    if (list->count == TT_NOT_INSPECTED_MAX || bytes > TT_NOT_INSPECTED_MEMORY - list->bytes) {
        list->rest++;
        return TT_OK;
    }
    struct tt_not_inspected *copy = &list->entries[list->count];
    TT_TRY(tt_arena_dup(&list->words, entry->uri, &copy->uri));
    TT_TRY(tt_arena_dup(&list->words, entry->why, &copy->why));
    list->bytes += bytes;
    list->count++;
    return TT_OK;
}

static void
end_list(struct tt_not_inspected_list *list)
{
    if (list->rest > 0) {
        int n = snprintf(list->rest_text, sizeof(list->rest_text), "%ju more are not listed", (uintmax_t) list->rest);
        list->entries[list->count++] = (struct tt_not_inspected) {TT_STR("..."), tt_str_make(list->rest_text, (size_t) n)};
    }
}

static enum tt_exit
verdict(const struct tt_report *report)
{
    for (unsigned level = (unsigned) report->call->common->fail_on; level < TT_LEVELS; level++) {
        if (report->summary.findings[level] > 0) {
            return TT_EXIT_FINDINGS;
        }
    }
    return report->summary.not_inspected_count > 0 ? TT_EXIT_INCOMPLETE : TT_EXIT_OK;
}

static enum tt_status
write_end(struct tt_report *report)
{
    end_list(&report->skipped);
    report->summary.not_inspected = report->skipped.entries;
    report->summary.not_inspected_count = report->skipped.count;
    report->summary.elapsed_ms = now_ms() - report->begun_ms;
    report->writer->end(&report->text, &report->options, &report->summary);
    return tt_report_flush(report);
}

enum tt_exit
tt_report_close(struct tt_report *report, enum tt_status status)
{
    const struct tt_call *call = report->call;
    enum tt_exit code = TT_EXIT_INTERNAL;
    tt_progress_hide(&report->progress);
    if (status == TT_OK) {
        status = write_end(report);
    }
    if (status != TT_OK) {
        if (!report->output.failed) {
            tt_cli_complain(call->cli, code, "%s stopped: %s", call->command->name, tt_status_name(status));
        }
        tt_output_abandon(&report->output);
    } else if (tt_output_finish(&report->output)) {
        code = verdict(report);
    }
    free_all(report);
    return code;
}
