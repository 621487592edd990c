/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale inspect`: what the room inspect finds in a package, through a writer, to the output.
 *
 * In: a package, and perhaps an older version of it.  Out: a report, and an exit code that a script can act on.  Order of things: rules are
 * compiled, the output is opened and the process sealed before the first byte of a package is read.
 */
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/dateline_files.h"
#include "cli/report.h"
#include "input/archive.h"
#include "inspect/inspect.h"
#include "inspect/patterns.h"

#include <errno.h>

struct settings {
    const char *against;
    const char *rules;
    int64_t size; /* MB; 0: as many as usual */
};

struct run {
    struct tt_report report;
    struct tt_inspect inspect;
    struct tt_patterns *patterns;
    char patterns_why[256]; /* there are none */
};

static const struct settings *
settings_of(const struct run *run)
{
    return run->report.call->settings;
}

static void
on_progress(void *ctx, uint64_t files, uint64_t bytes)
{
    struct tt_report *report = ctx;
    tt_progress_show(&report->progress, &(struct tt_progress_numbers) {.files_done = files, .bytes_done = bytes});
}

static enum tt_status
tell_findings(struct tt_report *report, const struct tt_found *found)
{
    for (size_t i = 0; i < found->count; i++) {
        TT_TRY(tt_report_finding(report, &found->rows[i].finding));
    }
    return TT_OK;
}

static enum tt_status
tell_notes(struct tt_report *report, const struct tt_found *found)
{
    report->summary.files += found->files;
    report->summary.bytes += found->bytes;
    for (size_t i = 0; i < found->note_count; i++) {
        TT_TRY(tt_report_not_inspected(report, &found->notes[i]));
    }
    if (found->notes_dropped > 0) {
        const struct tt_not_inspected more = {TT_STR("..."), TT_STR("more places were not inspected than are listed")};
        TT_TRY(tt_report_not_inspected(report, &more));
    }
    return TT_OK;
}

/* The findings of the package, then what differs from the older version. */
static enum tt_status
inspect_both(struct run *run, struct tt_found *found, struct tt_found *old, struct tt_found *differences)
{
    struct tt_report *report = &run->report;
    const char *against = settings_of(run)->against;
    TT_TRY(tt_inspect_run(&run->inspect, report->call->args[0], found));
    TT_TRY(tell_notes(report, found));
    TT_TRY(tell_findings(report, found));
    if (!against) {
        return TT_OK;
    }
    TT_TRY(tt_inspect_run(&run->inspect, against, old));
    TT_TRY(tell_notes(report, old));
    TT_TRY(tt_inspect_compare(old, found, differences));
    return tell_findings(report, differences);
}

static enum tt_status
inspect_and_write(struct run *run)
{
    struct tt_report *report = &run->report;
    const struct tt_alloc *alloc = report->call->cli->alloc;
    const char *read[2] = {report->call->args[0], settings_of(run)->against};
    struct tt_found found, old, differences;
    TT_TRY(tt_report_seal(report, read, read[1] ? 2 : 1, false));
    tt_report_begin(report);
    if (!run->patterns) {
        const struct tt_not_inspected none = {TT_STR("rules"), tt_str_cstr(run->patterns_why)};
        TT_TRY(tt_report_not_inspected(report, &none));
    }
    tt_found_init(&found, alloc);
    tt_found_init(&old, alloc);
    tt_found_init(&differences, alloc);
    enum tt_status status = inspect_both(run, &found, &old, &differences);
    tt_found_free(&differences);
    tt_found_free(&old);
    tt_found_free(&found);
    return status;
}

/* Compiles the rules; those of the user must be right. */
static enum tt_exit
open_patterns(struct run *run, const struct tt_call *call)
{
    const struct settings *settings = call->settings;
    struct tt_buf more;
    enum tt_exit code = TT_EXIT_OK;
    tt_buf_init(&more, call->cli->alloc, TT_INSPECT_RULES_MAX);
    if (settings->rules && !tt_file_read(settings->rules, &more)) {
        code = tt_cli_complain(call->cli, TT_EXIT_USAGE, "--rules: %s: %s", settings->rules, strerror(errno));
    } else {
        enum tt_status status =
            tt_patterns_open(&run->patterns, call->cli->alloc, tt_buf_str(&more), run->patterns_why, sizeof(run->patterns_why));
        if (status != TT_OK) {
            code = tt_cli_complain(call->cli, TT_EXIT_INTERNAL, "inspect stopped: %s", tt_status_name(status));
        } else if (settings->rules && !run->patterns) {
            code = tt_cli_complain(call->cli, TT_EXIT_USAGE, "--rules: %s: %s", settings->rules, run->patterns_why);
        }
    }
    tt_buf_free(&more);
    return code;
}

static enum tt_exit
run_inspect(const struct tt_call *call)
{
    struct run run = {.patterns = NULL};
    enum tt_exit code = open_patterns(&run, call);
    if (code == TT_EXIT_OK) {
        code = tt_report_open(&run.report, call);
    }
    if (code == TT_EXIT_OK) {
        run.inspect = (struct tt_inspect) {
            .alloc = call->cli->alloc,
            .kernels = tt_kernels_get(tt_cpu_detect() & (unsigned) call->common->cpumask),
            .patterns = run.patterns,
            .bytes_max = (uint64_t) settings_of(&run)->size * TT_MIB,
            .names = tt_archive_locale(),
            .progress = on_progress,
            .ctx = &run.report,
        };
        run.report.summary.sought = "findings";
        if (call->common->show < 0 && run.report.writer == &tt_writer_text) {
            run.report.options.shown = TT_CANDIDATE; /* facts about one program, of which there are few */
        }
        code = tt_report_close(&run.report, inspect_and_write(&run));
        if (run.inspect.names) {
            freelocale(run.inspect.names);
        }
    }
    if (run.patterns) {
        tt_patterns_close(run.patterns);
    }
    return code;
}

static const struct tt_option options[] = {
    TT_OPT_STRING(struct settings, against, 0, "against", "OLD", "Also say what differs from this older version"),
    TT_OPT_STRING(struct settings, rules, 0, "rules", "FILE", "Compare files with the YARA rules in FILE too"),
    TT_OPT_NUMBER(struct settings, size, 0, "max-size", "MB", "Read so much of a package, unpacked, and no more (default: 4096)",
                  1, 1 << 20),
    TT_OPT_END,
};

static const struct tt_example examples[] = {
    {"telltale inspect client-1.2.0.tgz", "Look at a package from npm, without unpacking or running it"},
    {"telltale inspect --show info node_modules/client", "List also what is stated without judgement: hosts, variables"},
    {"telltale inspect --against client-1.1.0.tgz client-1.2.0.tgz", "Say what a new version brought and what it dropped"},
    {"telltale inspect --format json --show info app.asar", "The same for programs"},
    {NULL, NULL},
};

const struct tt_command tt_command_inspect = {
    .name = "inspect",
    .summary = "Look at a client's package without running it",
    .usage = "[OPTION]... PACKAGE",
    .description = "Looks at the files of a program that talks to language models, and runs nothing. It lists reads of time "
                   "zone, locale, proxies and "
                   "base URLs that are close to the building of strings, tables of look-alike characters, marks in strings, "
                   "lists of hosts and words "
                   "that are hidden by encodings (decoded, with the steps), hosts, and scripts that run at installation. A "
                   "PACKAGE is a directory, an "
                   "archive (tar, zip, Debian package, asar), a script, a program, or - for standard input.\n\n"
                   "Every finding says where it is and what static reading cannot prove. The exit code is 1 when a finding "
                   "reaches --fail-on, else 3 "
                   "when something could not be inspected, else 0.",
    .options = options,
    .settings_size = sizeof(struct settings),
    .uses = TT_USES_FORMAT | TT_USES_OUTPUT | TT_USES_SHOW | TT_USES_FAIL_ON | TT_USES_PROGRESS | TT_USES_QUIET | TT_USES_COLOR |
            TT_USES_CPUMASK,
    .examples = examples,
    .min_args = 1,
    .max_args = 1,
    .missing = "name a package",
    .run = run_inspect,
};
