/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `telltale probe` and its subcommands share: an open probe, its signals, its progress and its report.
 *
 * Signals that end the process are held back while runs are made and read from a descriptor, so that whatever runs is killed before we go.
 * This process has no threads while it makes runs: boxes need that.
 */
#include "base/limits.h"
#include "cli/probe.h"

#include <sched.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define RUNS "runs"

static void
on_progress(void *ctx, const struct tt_probe_progress *progress)
{
    struct tt_probe_session *session = ctx;
    tt_progress_show(&session->progress, &(struct tt_progress_numbers) {
                                             .noun = "run",
                                             .files_done = progress->done,
                                             .files_known = progress->total,
                                             .known = true,
                                             .left_ms = progress->left_ms,
                                         });
}

static void
on_warning(void *ctx, struct tt_str words)
{
    const struct tt_probe_session *session = ctx;
    if (!session->call->common->quiet) {
        tt_cli_complain(session->call->cli, TT_EXIT_OK, "probe: the client was not content, and is run all the same: %.*s",
                        (int) words.len, words.ptr);
    }
}

/* A failure of the room as a message and an exit code. */
static enum tt_exit
tell(const struct tt_probe_session *session, enum tt_status status)
{
    const struct tt_buf *message = &session->probe.message;
    enum tt_exit code = status == TT_E_USAGE || status == TT_E_UNSUPPORTED ? TT_EXIT_USAGE
                        : status == TT_E_INPUT                             ? TT_EXIT_INCOMPLETE
                                                                           : TT_EXIT_INTERNAL;
    if (session->probe.runner.interrupted) {
        return tt_cli_complain(session->call->cli, TT_EXIT_INCOMPLETE,
                               "probe: interrupted; the same command with the same --out goes on");
    }
    if (session->probe.box_failed) {
        code = TT_EXIT_USAGE;
    }
    return tt_cli_complain(session->call->cli, code, "probe: %.*s", (int) message->len,
                           message->len > 0 ? message->ptr : tt_status_name(status));
}

enum tt_exit
tt_probe_session_open(struct tt_probe_session *session, const struct tt_call *call, const char *folder, const struct tt_job *job)
{
    sigset_t signals;
    *session = (struct tt_probe_session) {.call = call};
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, &session->held);
    enum tt_status status = tt_probe_open(&session->probe, call->cli->alloc, folder, job);
    session->probe.runner.signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    session->probe.progress = on_progress;
    session->probe.warn = on_warning;
    session->probe.ctx = session;
    tt_progress_begin(&session->progress, call->cli->err, call->common->progress == TT_PROGRESS_AUTO && !call->common->quiet);
    return status == TT_OK ? TT_EXIT_OK : tell(session, status);
}

void
tt_probe_session_close(struct tt_probe_session *session)
{
    int signals = session->probe.runner.signals;
    tt_progress_hide(&session->progress);
    tt_probe_close(&session->probe);
    if (signals >= 0) {
        close(signals);
    }
    sigprocmask(SIG_SETMASK, &session->held, NULL);
}

static unsigned
processors(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
    return n < 1 ? 1 : n > TT_JOBS_MAX ? TT_JOBS_MAX : (unsigned) n;
}

enum tt_exit
tt_probe_session_go(struct tt_probe_session *session, bool make)
{
    const struct tt_common *common = session->call->common;
    struct tt_probe *probe = &session->probe;
    enum tt_status status = TT_OK;
    probe->runner.jobs = !make ? 0 : common->jobs ? (unsigned) common->jobs : processors();
    if (make) {
        status = tt_probe_prepare(probe);
    }
    if (status == TT_OK) {
        status = tt_probe_go(probe);
    }
    tt_progress_hide(&session->progress);
    return status == TT_OK ? TT_EXIT_OK : tell(session, status);
}

/* ---- the report ---- */

static enum tt_status
take_finding(void *ctx, const struct tt_finding *finding)
{
    return tt_report_finding(ctx, finding);
}

static enum tt_status
report_untested(struct tt_report *report, const struct tt_probe_view *view)
{
    struct tt_buf why;
    enum tt_status status = TT_OK;
    tt_buf_init(&why, report->call->cli->alloc, TT_COMPLAINT_MAX);
    for (size_t i = 0; i < view->conclusion->untested_count && status == TT_OK; i++) {
        const struct tt_untested *untested = &view->conclusion->untested[i];
        struct tt_not_inspected entry = {.uri = view->folder};
        if (untested->kind == TT_UNTESTED_VOLATILE) {
            continue; /* probe.volatile says so */
        }
        tt_buf_clear(&why);
        tt_probe_add_untested(&why, &view->job->design, untested);
        entry.why = tt_buf_str(&why);
        status = tt_report_not_inspected(report, &entry);
    }
    if (status == TT_OK && view->missing > 0) {
        tt_buf_clear(&why);
        tt_probe_add_missing(&why, view);
        status = tt_report_not_inspected(report, &(struct tt_not_inspected) {.uri = view->folder, .why = tt_buf_str(&why)});
    }
    if (status == TT_OK && view->end_unknown) {
        status = tt_report_not_inspected(report,
                                         &(struct tt_not_inspected) {.uri = view->folder, .why = TT_STR(TT_PROBE_END_UNKNOWN)});
    }
    tt_buf_free(&why);
    return status;
}

static enum tt_status
write_findings(struct tt_report *report, const struct tt_probe_view *view)
{
    struct tt_sink sink = {take_finding, report};
    TT_TRY(tt_probe_findings(view, report->call->cli->alloc, sink));
    TT_TRY(report_untested(report, view));
    if (report->writer == &tt_writer_text && !report->options.quiet) {
        tt_probe_facts_text(view, &report->text);
    } else if (report->writer == &tt_writer_json) {
        tt_probe_facts_json(view, &report->text);
    }
    report->summary.files = view->requests;
    report->summary.bytes = view->bytes;
    return tt_report_flush(report);
}

void
tt_probe_session_view(const struct tt_probe_session *session, const char *folder, struct tt_probe_view *view)
{
    const struct tt_probe *probe = &session->probe;
    *view = (struct tt_probe_view) {.job = &probe->job,
                                    .conclusion = probe->conclusion,
                                    .folder = tt_str_cstr(folder),
                                    .runs = probe->runner.folder,
                                    .requests = probe->requests,
                                    .bytes = probe->bytes,
                                    .run_count = probe->worked + probe->failed,
                                    .failed = probe->failed,
                                    .missing = probe->missing,
                                    .end_of_first = probe->end_of_first,
                                    .first_failed = probe->first_failed,
                                    .end_unknown = probe->end_unknown};
}

enum tt_exit
tt_probe_write_report(struct tt_probe_session *session, const char *folder)
{
    struct tt_report report;
    struct tt_probe_view view;
    enum tt_exit code = tt_report_open(&report, session->call);
    if (code != TT_EXIT_OK) {
        return code;
    }
    tt_probe_session_view(session, folder, &view);
    tt_report_begin(&report);
    return tt_report_close(&report, write_findings(&report, &view));
}
