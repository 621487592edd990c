/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale scan`: findings of the room scan, through a writer, to the output.
 *
 * In: paths and the shared options.  Out: a report, and an exit code that a script can act on.  Order of things: the output is opened and
 * the process sealed before the first byte of input is read.
 */
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/learned_files.h"
#include "cli/report.h"
#include "input/archive.h"
#include "scan/encoding.h"
#include "scan/scan.h"

#include <sched.h>

struct settings {
    bool binary;
    bool no_ignore;
    bool compare;
    const char *encoding;
    struct tt_option_list learned;
};

struct run {
    struct tt_report report;
    struct tt_encoding encoding; /* of --encoding */
    locale_t names;              /* of names in archives */
    struct tt_learned learned;   /* sites of --learned */
};

static enum tt_status
on_result(void *ctx, const struct tt_scan_result *result)
{
    struct tt_report *report = ctx;
    struct tt_summary *summary = &report->summary;
    summary->files += result->files;
    summary->bytes += result->bytes;
    summary->documents += result->documents;
    summary->binary += result->binary;
    summary->ignored += result->ignored;
    for (unsigned level = 0; level < TT_LEVELS; level++) {
        summary->findings[level] += result->found[level]; /* more than are kept, perhaps */
    }
    for (size_t i = 0; i < result->not_inspected_count; i++) {
        TT_TRY(tt_report_not_inspected(report, &result->not_inspected[i]));
    }
    for (size_t i = 0; i < result->finding_count; i++) {
        TT_TRY(tt_report_counted(report, &result->findings[i]));
    }
    return tt_report_flush(report);
}

static void
on_progress(void *ctx, const struct tt_scan_progress *progress)
{
    struct tt_report *report = ctx;
    tt_progress_show(&report->progress, &(struct tt_progress_numbers) {
                                            .files_done = progress->files_done,
                                            .files_known = progress->files_known,
                                            .bytes_done = progress->bytes_done,
                                            .known = progress->walked,
                                        });
}

/* Asked before the process is sealed: the answer may come from files. */
static unsigned
processors(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
    return n < 1 ? 1 : n > TT_JOBS_MAX ? TT_JOBS_MAX : (unsigned) n;
}

/* Everything between an open output and its end. */
static enum tt_status
scan_and_write(struct run *run)
{
    struct tt_report *report = &run->report;
    const struct tt_call *call = report->call;
    const struct settings *settings = call->settings;
    struct stat output;
    struct tt_scan scan = {
        .alloc = call->cli->alloc,
        .kernels = tt_kernels_get(tt_cpu_detect() & (unsigned) call->common->cpumask),
        .jobs = call->common->jobs ? (unsigned) call->common->jobs : processors(),
        .binary = settings->binary,
        .no_ignore = settings->no_ignore,
        .compare = settings->compare,
        .output = fstat(fileno(report->output.file), &output) == 0 ? &output : NULL,
        .names = run->names,
        .encoding = run->encoding.name ? &run->encoding : NULL,
        .learned = run->learned.count > 0 ? &run->learned : NULL,
        .result = on_result,
        .progress = on_progress,
        .ctx = report,
    };
    TT_TRY(tt_report_seal(report, (const char *const *) call->args, call->arg_count, !settings->no_ignore));
    tt_report_begin(report);
    return tt_scan_run(&scan, (const char *const *) call->args, call->arg_count);
}

/* Finds the encoding that was asked for, if one was; TT_EXIT_OK when all is well. */
static enum tt_exit
open_encoding(struct run *run, const struct tt_call *call)
{
    const struct tt_cli *cli = call->cli;
    const char *name = ((const struct settings *) call->settings)->encoding;
    enum tt_status status = name ? tt_encoding_open(&run->encoding, name) : TT_OK;
    if (status == TT_OK) {
        return TT_EXIT_OK;
    }
    if (status == TT_E_MEMORY) {
        return tt_cli_complain(cli, TT_EXIT_INTERNAL, "scan stopped: %s", tt_status_name(status));
    }
    const char *near = tt_options_nearest(name, tt_encoding_names);
    return near ? tt_cli_complain(cli, TT_EXIT_USAGE, "--encoding: unknown encoding '%s'; did you mean '%s'?", name, near)
                : tt_cli_complain(cli, TT_EXIT_USAGE, "--encoding: unknown encoding '%s'; 'iconv -l' lists the names", name);
}

static enum tt_exit
run_scan(const struct tt_call *call)
{
    const struct settings *settings = call->settings;
    struct run run = {.names = (locale_t) 0};
    enum tt_exit code = open_encoding(&run, call);
    if (code != TT_EXIT_OK) {
        return code;
    }
    code = tt_learned_open(call, &settings->learned, &run.learned);
    if (code == TT_EXIT_OK) {
        code = tt_report_open(&run.report, call);
    }
    if (code == TT_EXIT_OK) {
        run.names = tt_archive_locale();
        code = tt_report_close(&run.report, scan_and_write(&run));
    }
    tt_learned_free(&run.learned);
    tt_encoding_close(&run.encoding);
    if (run.names) {
        freelocale(run.names);
    }
    return code;
}

static const struct tt_option options[] = {
    TT_OPT_FLAG(struct settings, binary, 0, "binary", "Search binary files too, for the runs of text in them"),
    TT_OPT_FLAG(struct settings, no_ignore, 0, "no-ignore", "Scan what .gitignore files leave out, too"),
    TT_OPT_FLAG(struct settings, compare, 0, "compare", "Compare plain texts with each other too, not only requests"),
    TT_OPT_LIST(struct settings, learned, 0, "learned", "FILE",
                "Look for the sites that 'telltale probe --learn' described, too; may be repeated"),
    TT_OPT_STRING(struct settings, encoding, 0, "encoding", "NAME",
                  "Read inputs without a byte order mark as NAME, not as UTF-8"),
    TT_OPT_END,
};

static const struct tt_example examples[] = {
    {"telltale scan request.json", "Look at one model-API request, string by string"},
    {"telltale scan --format sarif --output marks.sarif src/", "Look at a source tree and write a report for code scanning"},
    {"client --print-request | telltale scan --fail-on confirmed -", "Look at standard input; fail only on decoded marks"},
    {"telltale scan --encoding shift_jis notes.txt", "Look at a text in another encoding; 'iconv -l' lists the names"},
    {"telltale scan --learned client.json captures/", "Look at captured requests for the marks that a probe of the client found"},
    {"telltale scan --show info prompts/", "List everything, also what is most likely innocent"},
    {NULL, NULL},
};

const struct tt_command tt_command_scan = {
    .name = "scan",
    .summary = "Find covert marks in files, prompts and transcripts",
    .usage = "[OPTION]... PATH...",
    .description =
        "Looks for text that carries more than it shows: invisible characters, tag characters, variation selectors, look-alike "
        "letters, and dates or punctuation that encode a value. A PATH is a file, a directory that is walked, or - for standard "
        "input. JSON and JSON Lines are read string by string, so that a finding names the field. Archives (tar, zip, and what "
        "gzip, "
        "bzip2, xz or zstd compressed) are opened in memory. In a directory, what "
        ".gitignore files "
        "leave out is not scanned, and binary files are only counted.\n\n"
        "A finding says how sure telltale is, never how bad it is: info, candidate, suspicious or confirmed. The exit code is 1 "
        "when a finding reaches --fail-on, else 3 when something could not be inspected, else 0.",
    .options = options,
    .settings_size = sizeof(struct settings),
    .uses = TT_USES_FORMAT | TT_USES_OUTPUT | TT_USES_SHOW | TT_USES_FAIL_ON | TT_USES_JOBS | TT_USES_PROGRESS | TT_USES_QUIET |
            TT_USES_COLOR | TT_USES_CPUMASK,
    .examples = examples,
    .min_args = 1,
    .max_args = TT_ARGS_ANY,
    .missing = "name a file, a directory or - for standard input",
    .run = run_scan,
};
