/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale scan`: findings of the room scan, through a writer, to the output.
 *
 * In: paths and the shared options.  Out: a report, and an exit code that a script can act on.  The run owns its buffers until
 * run_scan returns.  Order of things: the output is opened and the process sealed before the first byte of input is read.
 */
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/sandbox.h"
#include "input/archive.h"
#include "input/archive_library.h"
#include "input/repository.h"
#include "scan/encoding.h"
#include "scan/scan.h"

#include <sched.h>
#include <stdlib.h>
#include <time.h>

struct settings {
    bool binary;
    bool no_ignore;
    bool compare;
    const char *encoding;
};

/* One entry more than the list may hold is kept free, for the line that counts the rest. */
struct not_inspected_list {
    struct tt_arena words;
    size_t bytes; /* of these words */
    struct tt_not_inspected *entries;
    size_t count, room;
    uint64_t rest;      /* entries that were not kept */
    char rest_text[64]; /* says how many */
};

struct run {
    const struct tt_call *call;
    const struct tt_writer *writer;
    struct tt_writer_options options;
    struct tt_output output;
    struct tt_progress progress;
    struct tt_buf text; /* written, not yet handed to the output */
    struct tt_summary summary;
    struct not_inspected_list skipped;
    struct tt_encoding encoding; /* of --encoding */
    locale_t names;              /* of names in archives */
    bool *explained;             /* a rule of tt_rules each: its explanation stands in the output already */
    uint64_t written;
};

static bool
flush(struct run *run)
{
    if (run->text.len == 0) {
        return run->text.status == TT_OK;
    }
    /* Both may be the same terminal, where the line would stay behind between findings. */
    tt_progress_hide(&run->progress);
    bool good = tt_output_write(&run->output, tt_buf_str(&run->text)) && run->text.status == TT_OK;
    tt_buf_clear(&run->text);
    return good;
}

static void
write_finding(struct run *run, const struct tt_finding *finding)
{
    struct tt_writer_options options = run->options;
    bool *explained = &run->explained[finding->rule - tt_rules];
    options.explain = !*explained;
    *explained = true;
    run->writer->finding(&run->text, &options, finding, run->written++);
}

static enum tt_status
take_findings(struct run *run, const struct tt_scan_result *result)
{
    for (size_t i = 0; i < result->finding_count; i++) {
        const struct tt_finding *finding = &result->findings[i];
        if (!tt_writer_shows(&run->options, finding)) {
            run->summary.hidden[finding->level]++;
            continue;
        }
        write_finding(run, finding);
        enum tt_status status = run->text.status;
        if (run->text.len >= TT_SCAN_CHUNK || status != TT_OK) {
            if (!flush(run)) {
                return status != TT_OK ? status : TT_E_IO;
            }
        }
    }
    return TT_OK;
}

static enum tt_status
grow_list(struct not_inspected_list *list, const struct tt_alloc *alloc)
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

/* Keeps a copy.  Beyond the bounds entries are only counted: the exit code and the last line still tell of them. */
static enum tt_status
take_not_inspected(struct not_inspected_list *list, const struct tt_alloc *alloc, const struct tt_not_inspected *entry)
{
    size_t bytes = entry->uri.len + entry->why.len;
    if (list->count + 2 > list->room) {
        TT_TRY(grow_list(list, alloc));
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
end_list(struct not_inspected_list *list)
{
    if (list->rest > 0) {
        int n = snprintf(list->rest_text, sizeof(list->rest_text), "%ju more are not listed", (uintmax_t) list->rest);
        list->entries[list->count++] = (struct tt_not_inspected) {TT_STR("..."), tt_str_make(list->rest_text, (size_t) n)};
    }
}

static enum tt_status
on_result(void *ctx, const struct tt_scan_result *result)
{
    struct run *run = ctx;
    struct tt_summary *summary = &run->summary;
    summary->files += result->files;
    summary->bytes += result->bytes;
    summary->documents += result->documents;
    summary->binary += result->binary;
    summary->ignored += result->ignored;
    for (unsigned level = 0; level < TT_LEVELS; level++) {
        summary->findings[level] += result->found[level];
    }
    for (size_t i = 0; i < result->not_inspected_count; i++) {
        TT_TRY(take_not_inspected(&run->skipped, run->call->cli->alloc, &result->not_inspected[i]));
    }
    TT_TRY(take_findings(run, result));
    return flush(run) ? TT_OK : TT_E_IO;
}

static void
on_progress(void *ctx, const struct tt_scan_progress *progress)
{
    struct run *run = ctx;
    tt_progress_show(&run->progress, &(struct tt_progress_numbers) {
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

static uint64_t
now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t) t.tv_sec * 1000 + (uint64_t) t.tv_nsec / 1000000;
}

/* Colours are for a terminal, and for those who have not said no (no-color.org). */
static bool
wants_color(const struct run *run)
{
    const char *no_color = getenv("NO_COLOR");
    return !run->call->common->no_color && !(no_color && *no_color) && tt_output_is_terminal(&run->output);
}

static enum tt_exit
verdict(const struct run *run)
{
    for (unsigned level = (unsigned) run->call->common->fail_on; level < TT_LEVELS; level++) {
        if (run->summary.findings[level] > 0) {
            return TT_EXIT_FINDINGS;
        }
    }
    return run->summary.not_inspected_count > 0 ? TT_EXIT_INCOMPLETE : TT_EXIT_OK;
}

/*
 * From now on only the paths of the command line, the .gitignore files above them, and the system's libraries can be read: which of these
 * an archive takes is not known before it is met.
 */
static enum tt_status
seal(struct run *run)
{
    const struct tt_call *call = run->call;
    const struct settings *settings = call->settings;
    struct tt_sandbox_paths paths = {
        .read = (const char *const *) call->args, .read_count = call->arg_count, .replace_in = run->output.directory};
    struct tt_buf files;
    tt_buf_init(&files, call->cli->alloc, TT_SANDBOX_NAMES_MAX);
    enum tt_status status = settings->no_ignore ? TT_OK : tt_repository_files(&files, paths.read, paths.read_count);
    if (status == TT_OK) {
        status = tt_archive_library_files(&files);
    }
    if (status == TT_OK) {
        paths.read_also = tt_buf_str(&files);
        tt_sandbox_restrict(&paths);
    }
    tt_buf_free(&files);
    return status;
}

/* Everything between an open output and its end.  False: already told, or told by the caller from *status. */
static bool
scan_and_write(struct run *run, enum tt_status *status)
{
    const struct tt_call *call = run->call;
    const struct settings *settings = call->settings;
    uint64_t begun = now_ms();
    struct stat output;
    struct tt_scan scan = {
        .alloc = call->cli->alloc,
        .kernels = tt_kernels_get(tt_cpu_detect() & (unsigned) call->common->cpumask),
        .jobs = call->common->jobs ? (unsigned) call->common->jobs : processors(),
        .binary = settings->binary,
        .no_ignore = settings->no_ignore,
        .compare = settings->compare,
        .output = fstat(fileno(run->output.file), &output) == 0 ? &output : NULL,
        .names = run->names,
        .encoding = run->encoding.name ? &run->encoding : NULL,
        .result = on_result,
        .progress = on_progress,
        .ctx = run,
    };
    *status = seal(run);
    if (*status != TT_OK) {
        return false;
    }
    tt_output_watch(&run->output);
    run->writer->begin(&run->text, &run->options, TT_VERSION);
    *status = tt_scan_run(&scan, (const char *const *) call->args, call->arg_count);
    tt_progress_hide(&run->progress);
    if (*status != TT_OK) {
        return false;
    }
    end_list(&run->skipped);
    run->summary.not_inspected = run->skipped.entries;
    run->summary.not_inspected_count = run->skipped.count;
    run->summary.elapsed_ms = now_ms() - begun;
    run->writer->end(&run->text, &run->options, &run->summary);
    *status = run->text.status;
    return flush(run);
}

static enum tt_exit
report(struct run *run)
{
    enum tt_status status = TT_OK;
    if (!scan_and_write(run, &status)) {
        if (!run->output.failed) {
            tt_cli_complain(run->call->cli, TT_EXIT_INTERNAL, "scan stopped: %s", tt_status_name(status));
        }
        tt_output_abandon(&run->output);
        return TT_EXIT_INTERNAL;
    }
    return tt_output_finish(&run->output) ? verdict(run) : TT_EXIT_INTERNAL;
}

/* Finds the encoding that was asked for, if one was; TT_EXIT_OK when all is well. */
static enum tt_exit
open_encoding(struct run *run)
{
    const struct tt_cli *cli = run->call->cli;
    const char *name = ((const struct settings *) run->call->settings)->encoding;
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
    const struct tt_alloc *alloc = call->cli->alloc;
    const struct tt_common *common = call->common;
    struct run run = {.call = call, .writer = tt_writers[common->format], .summary.version = TT_VERSION};
    enum tt_exit wrong = open_encoding(&run);
    if (wrong != TT_EXIT_OK) {
        return wrong;
    }
    if (!tt_output_open(&run.output, call->cli, common->output)) {
        tt_encoding_close(&run.encoding);
        return TT_EXIT_INTERNAL;
    }
    run.names = tt_archive_locale();
    run.options.shown = common->show >= 0 ? (enum tt_level) common->show : run.writer->shown;
    run.options.quiet = common->quiet;
    run.options.color = wants_color(&run);
    tt_progress_begin(&run.progress, call->cli->err, common->progress == TT_PROGRESS_AUTO && !common->quiet);
    tt_buf_init(&run.text, alloc, TT_OUTPUT_BUF_MAX);
    tt_arena_init(&run.skipped.words, alloc, 4 * TT_NOT_INSPECTED_MEMORY); /* alignment and NULs included */
    run.explained = tt_alloc_new(alloc, tt_rule_count + 1);
    enum tt_exit code = TT_EXIT_INTERNAL;
    if (run.explained) {
        memset(run.explained, 0, tt_rule_count + 1);
        code = report(&run);
    } else {
        tt_output_abandon(&run.output);
        tt_cli_complain(call->cli, code, "scan stopped: %s", tt_status_name(TT_E_MEMORY));
    }
    tt_alloc_free(alloc, run.explained, tt_rule_count + 1);
    tt_alloc_free(alloc, run.skipped.entries, run.skipped.room * sizeof(*run.skipped.entries));
    tt_arena_free(&run.skipped.words);
    tt_buf_free(&run.text);
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
    TT_OPT_STRING(struct settings, encoding, 0, "encoding", "NAME",
                  "Read inputs without a byte order mark as NAME, not as UTF-8"),
    TT_OPT_END,
};

static const struct tt_example examples[] = {
    {"telltale scan request.json", "Look at one model-API request, string by string"},
    {"telltale scan --format sarif --output marks.sarif src/", "Look at a source tree and write a report for code scanning"},
    {"client --print-request | telltale scan --fail-on confirmed -", "Look at standard input; fail only on decoded marks"},
    {"telltale scan --encoding shift_jis notes.txt", "Look at a text in another encoding; 'iconv -l' lists the names"},
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
