/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stages of a probe; see probe.h and docs/internals/probe.md.
 *
 * In: a job and a folder.  Out: captures there, and a conclusion.  One stage plans runs, has them made, and hands their captures to the
 * sense, whose answers the next stage asks for.  Every loop is bounded by a number of limits.h.
 */
#include "probe/probe.h"

#include "base/limits.h"
#include "probe/failed.h"
#include "probe/findings.h"
#include "probe/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PLAN_JSON_MAX (16 * TT_MIB)
#define END_JSON "end.json"

static uint64_t
now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t) t.tv_sec * 1000 + (uint64_t) t.tv_nsec / 1000000;
}

static enum tt_status
fail(struct tt_probe *probe, enum tt_status status, const char *what, struct tt_str about)
{
    tt_buf_clear(&probe->message);
    tt_buf_add_cstr(&probe->message, what);
    tt_buf_add(&probe->message, about);
    return status;
}

static enum tt_status
fail_io(struct tt_probe *probe, const char *what)
{
    return fail(probe, TT_E_IO, what, tt_str_cstr(strerror(errno)));
}

/* ---- the folder ---- */

/* The plan that the folder has; empty when it has none. */
static enum tt_status
read_plan(struct tt_probe *probe, struct tt_buf *found)
{
    tt_buf_init(found, probe->alloc, PLAN_JSON_MAX);
    enum tt_status status = tt_folder_read(probe->folder, "plan.json", found);
    if (status == TT_E_IO && errno == ENOENT) {
        return TT_OK;
    }
    return status == TT_OK ? status : fail_io(probe, "plan.json cannot be read: ");
}

/* Another plan is in the folder: of another command, or of a version that may plan otherwise. */
static enum tt_status
refuse_other(struct tt_probe *probe, const struct tt_job *job, struct tt_str found)
{
    struct tt_job other;
    struct tt_error err = {.msg = ""};
    enum tt_status status = tt_job_parse(&probe->arena, found, &other, &err);
    if (status != TT_E_MEMORY && other.tool.len > 0 && !tt_str_eq(other.tool, job->tool)) {
        return fail(probe, TT_E_USAGE,
                    "the folder holds a probe of another version of telltale, which `report` reads; name a new one with --out: ",
                    other.tool);
    }
    return status == TT_E_MEMORY
               ? status
               : fail(probe, TT_E_USAGE, "the folder holds another probe; name a new one with --out", TT_STR(""));
}

static enum tt_status
begin_plan(struct tt_probe *probe, const struct tt_job *job, struct tt_str found)
{
    struct tt_buf wanted;
    tt_buf_init(&wanted, probe->alloc, PLAN_JSON_MAX);
    tt_job_format(job, &wanted);
    enum tt_status status = wanted.status;
    if (status == TT_OK && found.len == 0) {
        status = tt_folder_write(probe->folder, "plan.json", tt_buf_str(&wanted));
        status = status == TT_OK ? status : fail_io(probe, "plan.json cannot be written: ");
    } else if (status == TT_OK && !tt_str_eq(found, tt_buf_str(&wanted))) {
        status = refuse_other(probe, job, found);
    }
    tt_buf_free(&wanted);
    probe->job = *job;
    return status;
}

static enum tt_status
parse_plan(struct tt_probe *probe, struct tt_str found)
{
    struct tt_error err = {.msg = ""};
    if (found.len == 0) {
        return fail(probe, TT_E_USAGE, "the folder holds no probe: it has no plan.json", TT_STR(""));
    }
    enum tt_status status = tt_job_parse(&probe->arena, found, &probe->job, &err);
    if (status == TT_E_INPUT) {
        fail(probe, status, "plan.json, line ", TT_STR(""));
        tt_buf_add_u64(&probe->message, err.line);
        tt_buf_add_cstr(&probe->message, ": ");
        tt_buf_add_cstr(&probe->message, err.msg);
        tt_buf_add_cstr(&probe->message, probe->job.tool.len > 0 ? "; it was written by telltale " : "");
        tt_buf_add(&probe->message, probe->job.tool);
    }
    return status;
}

static enum tt_status
open_folder(struct tt_probe *probe, const char *path, bool make)
{
    if (make && mkdir(path, 0700) != 0 && errno != EEXIST) {
        return fail_io(probe, "the folder cannot be made: ");
    }
    probe->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (probe->folder < 0) {
        fail_io(probe, "the folder cannot be opened: ");
        return make ? TT_E_IO : TT_E_USAGE;
    }
    if (flock(probe->folder, (make ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
        return fail(probe, TT_E_USAGE, "another telltale works in this folder", TT_STR(""));
    }
    if (make && mkdirat(probe->folder, "runs", 0700) != 0 && errno != EEXIST) {
        return fail_io(probe, "the folder runs cannot be made: ");
    }
    probe->runner.folder = openat(probe->folder, "runs", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return probe->runner.folder >= 0 ? TT_OK
                                     : fail(probe, TT_E_USAGE, "the folder holds no probe: it has no folder runs", TT_STR(""));
}

static enum tt_status
open_parts(struct tt_probe *probe, const char *path, const struct tt_job *job)
{
    struct tt_buf found;
    TT_TRY(open_folder(probe, path, job != NULL));
    enum tt_status status = read_plan(probe, &found);
    if (status == TT_OK) {
        status = job ? begin_plan(probe, job, tt_buf_str(&found)) : parse_plan(probe, tt_buf_str(&found));
    }
    tt_buf_free(&found);
    TT_TRY(status);
    TT_TRY(tt_plan_init(&probe->plan, &probe->arena, &probe->job.design, probe->job.depth, probe->job.seed));
    TT_TRY(tt_plan_count(&probe->plan, 0, &probe->total));
    TT_TRY(tt_job_play(&probe->arena, &probe->job, &probe->play));
    probe->sense = tt_sense_new(probe->alloc, &probe->job.design);
    return probe->sense ? TT_OK : TT_E_MEMORY;
}

enum tt_status
tt_probe_open(struct tt_probe *probe, const struct tt_alloc *alloc, const char *path, const struct tt_job *job)
{
    *probe = (struct tt_probe) {.alloc = alloc, .folder = -1};
    probe->runner = (struct tt_runner) {.alloc = alloc, .play = &probe->play, .folder = -1, .signals = -1};
    tt_arena_init(&probe->arena, alloc, 8 * TT_PROBE_PLAN_MEMORY);
    tt_buf_init(&probe->message, alloc, 4 * TT_KIB);
    return open_parts(probe, path, job);
}

void
tt_probe_close(struct tt_probe *probe)
{
    tt_sense_free(probe->sense);
    if (probe->authority) {
        tt_tls_authority_free(probe->authority);
    }
    if (probe->runner.folder >= 0) {
        close(probe->runner.folder);
    }
    if (probe->folder >= 0) {
        close(probe->folder);
    }
    tt_buf_free(&probe->message);
    tt_arena_free(&probe->arena);
}

enum tt_status
tt_probe_prepare(struct tt_probe *probe)
{
    struct tt_buf bundle;
    enum tt_status status = tt_tls_authority_new(probe->alloc, &probe->authority);
    if (status != TT_OK) {
        return fail(probe, status, "TLS is not to be had: the libraries of OpenSSL 3 are not there", TT_STR(""));
    }
    tt_buf_init(&bundle, probe->alloc, 2 * TT_TLS_ROOTS_MAX);
    status = tt_tls_bundle(probe->authority, &bundle);
    if (status == TT_OK) {
        status = tt_arena_dup(&probe->arena, tt_buf_str(&bundle), &probe->play.bundle);
    }
    tt_buf_free(&bundle);
    probe->play.ca = tt_tls_authority_pem(probe->authority);
    probe->play.mock.authority = probe->authority;
    return status;
}

/* ---- making runs, and hearing what they show ---- */

static void
on_run(void *ctx, const struct tt_run *run, size_t done, size_t total)
{
    struct tt_probe *probe = ctx;
    (void) total;
    size_t all = probe->added + done;
    struct tt_probe_progress progress = {.stage = run->stage, .done = all, .total = probe->total.least};
    progress.total = probe->plan.count > progress.total ? probe->plan.count : progress.total;
    if (probe->runner.made > 0 && progress.total > all) {
        progress.left_ms = (progress.total - all) * (probe->runner.made_ms / probe->runner.made) / probe->runner.jobs;
    }
    if (probe->progress) {
        probe->progress(probe->ctx, &progress);
    }
}

/* ---- a run that shows nothing ---- */

/* The first that failed is told: with which levels, and how it ended. */
static enum tt_status
note_failed(struct tt_probe *probe, const struct tt_run *run, const struct tt_capture *capture)
{
    struct tt_buf words;
    probe->lost[run->number / 8] |= (uint8_t) (1 << run->number % 8);
    if (probe->failed++ > 0) {
        return TT_OK;
    }
    tt_buf_init(&words, probe->alloc, TT_COMPLAINT_MAX);
    tt_failed_describe(&words, &probe->job.design, run, capture);
    enum tt_status status =
        words.status == TT_E_MEMORY ? TT_E_MEMORY : tt_arena_dup(&probe->arena, tt_buf_str(&words), &probe->first_failed);
    tt_buf_free(&words);
    return status;
}

/* A client that talks and then gives up may lack a key or a login: whoever waits for the other runs should know. */
static enum tt_status
note_end(struct tt_probe *probe, const struct tt_capture *capture)
{
    struct tt_buf words;
    if (capture->exit_code == 0 && capture->signal == 0 && !capture->timed_out) {
        return TT_OK;
    }
    tt_buf_init(&words, probe->alloc, TT_COMPLAINT_MAX);
    tt_failed_end(&words, capture);
    enum tt_status status =
        words.status == TT_E_MEMORY ? TT_E_MEMORY : tt_arena_dup(&probe->arena, tt_buf_str(&words), &probe->end_of_first);
    tt_buf_free(&words);
    if (status == TT_OK && probe->warn && probe->runner.jobs > 0) {
        probe->warn(probe->ctx, probe->end_of_first);
    }
    return status;
}

/* Did the client talk to the mock at all? */
static bool
has_worked(const struct tt_capture *capture)
{
    return capture->failure.len == 0 && capture->exchange_count > 0;
}

/* A run that goes on where the probe does: it is no failure. */
static bool
is_missing(const struct tt_probe *probe, const struct tt_capture *capture)
{
    return probe->unfinished &&
           (tt_str_eq(capture->failure, TT_STR(TT_RUN_NOT_MADE)) || tt_str_eq(capture->failure, TT_STR(TT_RUN_CUT_OFF)));
}

static enum tt_status
add_capture(struct tt_probe *probe, const struct tt_run *run)
{
    struct tt_capture capture;
    struct tt_error err = {.msg = ""};
    enum tt_status status = tt_run_load(&probe->runner, run, &capture, &err);
    if (status == TT_E_INPUT || status == TT_E_IO) {
        tt_capture_free(&capture);
        tt_capture_init(&capture, probe->alloc);
        capture.failure = TT_STR("its capture cannot be read");
        status = TT_OK;
    }
    if (status == TT_OK && is_missing(probe, &capture)) {
        probe->missing++;
        tt_capture_free(&capture);
        return TT_OK;
    }
    bool worked = has_worked(&capture);
    for (size_t i = 0; worked && i < capture.exchange_count; i++) {
        probe->requests++;
        probe->bytes += capture.exchanges[i].head.len + capture.exchanges[i].body.len;
    }
    probe->worked += worked;
    if (status == TT_OK && worked && run->number == 1) {
        status = note_end(probe, &capture);
    }
    if (status == TT_OK && !worked) {
        status = note_failed(probe, run, &capture);
    }
    if (status == TT_OK) {
        status = tt_sense_add(probe->sense, run, &capture);
    }
    tt_capture_free(&capture);
    return status;
}

/* Makes what was planned since the last call. */
static enum tt_status
make_planned(struct tt_probe *probe)
{
    const struct tt_run *runs = probe->plan.runs + probe->added;
    size_t count = probe->plan.count - probe->added;
    if (probe->runner.jobs > 0) {
        probe->runner.progress = on_run;
        probe->runner.ctx = probe;
        if (tt_run_batch(&probe->runner, runs, count) != TT_OK) {
            return probe->runner.interrupted ? TT_E_IO : fail_io(probe, "runs cannot be made: ");
        }
    }
    for (size_t i = 0; i < count; i++) {
        TT_TRY(add_capture(probe, &runs[i]));
        probe->added++;
    }
    return TT_OK;
}

/* ---- smoke ---- */

/* One run, and a look at it: a command that does not work is found out at once. */
static enum tt_status
smoke(struct tt_probe *probe)
{
    struct tt_capture capture;
    struct tt_error err = {.msg = ""};
    TT_TRY(tt_plan_smoke(&probe->plan));
    TT_TRY(make_planned(probe));
    enum tt_status status = tt_run_load(&probe->runner, &probe->plan.runs[0], &capture, &err);
    if (status == TT_OK && probe->worked > 0) {
        probe->runner.usual = (struct tt_run_end) {
            .known = true, .timed_out = capture.timed_out, .exit_code = capture.exit_code, .signal = capture.signal};
        tt_capture_free(&capture);
        return TT_OK;
    }
    if (status == TT_OK) {
        tt_buf_clear(&probe->message);
        tt_failed_explain(&probe->message, &capture);
        probe->box_failed = tt_str_starts(capture.failure, TT_STR(TT_RUN_NO_BOX));
    }
    tt_capture_free(&capture);
    return status == TT_OK ? TT_E_INPUT : status;
}

/* ---- later stages ---- */

static bool
is_lost(const struct tt_probe *probe, const struct tt_run *run)
{
    return probe->lost[run->number / 8] >> run->number % 8 & 1;
}

/* A level none of whose runs worked says nothing in a pair either. */
static void
find_unusable(struct tt_probe *probe)
{
    uint8_t tried[TT_PROBE_FACTORS_MAX] = {0}, worked[TT_PROBE_FACTORS_MAX] = {0};
    for (size_t i = 0; i < probe->plan.count; i++) {
        const struct tt_run *run = &probe->plan.runs[i];
        for (size_t f = 0; run->stage == TT_STAGE_SINGLE && f < probe->job.design.factor_count; f++) {
            uint8_t bit = (uint8_t) (1 << run->condition.level[f]);
            tried[f] |= bit;
            worked[f] |= is_lost(probe, run) ? 0 : bit;
        }
    }
    for (size_t f = 0; f < probe->job.design.factor_count; f++) {
        probe->plan.unusable[f] = (uint8_t) (tried[f] & ~worked[f] & ~1);
    }
}

static enum tt_status
reduce(struct tt_probe *probe)
{
    struct tt_condition next;
    bool more = true;
    for (unsigned i = 0; i < TT_PROBE_REDUCE_MAX && probe->missing == 0; i++) {
        TT_TRY(tt_sense_reduce(probe->sense, &next, &more));
        if (!more) {
            break;
        }
        TT_TRY(tt_plan_add(&probe->plan, TT_STAGE_REDUCE, &next));
        TT_TRY(make_planned(probe));
    }
    return TT_OK;
}

/* Words that one factor changes are the most of causes; those that show themselves late, and matter, still have runs. */
static unsigned
hits_for(const struct tt_cause *cause)
{
    bool telling = cause->worst > TT_CLASS_VISIBLE || __builtin_popcount(cause->factors) > 1;
    return TT_PROBE_HITS_MAX + (telling ? TT_PROBE_HITS_MORE : 0);
}

/* A and B in turns for what changes something, the strongest first. */
static enum tt_status
confirm(struct tt_probe *probe)
{
    const struct tt_cause *causes = NULL;
    size_t count = 0;
    TT_TRY(tt_sense_causes(probe->sense, &causes, &count));
    for (size_t i = 0; i < count; i++) {
        if (!causes[i].confirmed && probe->hits < hits_for(&causes[i])) {
            TT_TRY(tt_plan_confirm(&probe->plan, &causes[i].condition));
            probe->hits++;
        }
    }
    return make_planned(probe);
}

static enum tt_status
cross(struct tt_probe *probe)
{
    const struct tt_condition *conditions = NULL;
    size_t count = 0;
    if (probe->job.depth == TT_PLAN_QUICK) {
        return TT_OK;
    }
    TT_TRY(tt_sense_crosses(probe->sense, TT_PROBE_CROSS_MAX - probe->cells, &conditions, &count));
    for (size_t i = 0; i < count; i++) {
        TT_TRY(tt_plan_add(&probe->plan, TT_STAGE_CROSS, &conditions[i]));
        probe->cells++;
    }
    return make_planned(probe);
}

/* Which of its sources does a factor work by? */
static enum tt_status
split(struct tt_probe *probe)
{
    const struct tt_condition *conditions = NULL;
    size_t count = 0;
    TT_TRY(tt_sense_splits(probe->sense, TT_PROBE_SPLIT_MAX, &conditions, &count));
    for (size_t i = 0; i < count; i++) {
        TT_TRY(tt_plan_add(&probe->plan, TT_STAGE_SPLIT, &conditions[i]));
    }
    return make_planned(probe);
}

static enum tt_status
cross_wanted(struct tt_probe *probe)
{
    for (size_t i = 0; i < probe->job.cross_count; i++) {
        TT_TRY(tt_plan_cross(&probe->plan, probe->job.crosses[i]));
    }
    return make_planned(probe);
}

static enum tt_status
conclude(struct tt_probe *probe)
{
    return tt_sense_conclude(probe->sense, probe->job.depth == TT_PLAN_DEEP, &probe->conclusion);
}

/* What later stages ask depends on all that came before: where runs are missing, nothing is asked. */
static enum tt_status
make_asked(struct tt_probe *probe)
{
    static enum tt_status (*const stages[])(struct tt_probe *) = {
        reduce,
        confirm,
        cross,
        reduce /* cells may show what rows did not */,
        confirm,
        split,
        reduce /* what is random may have shown itself so late */,
        confirm,
    };
    for (size_t i = 0; i < sizeof(stages) / sizeof(*stages) && probe->missing == 0; i++) {
        TT_TRY(stages[i](probe));
    }
    return TT_OK;
}

static enum tt_status
make_stages(struct tt_probe *probe)
{
    TT_TRY(smoke(probe));
    TT_TRY(tt_plan_baseline(&probe->plan));
    TT_TRY(tt_plan_singles(&probe->plan));
    TT_TRY(make_planned(probe));
    find_unusable(probe);
    TT_TRY(tt_plan_pairs(&probe->plan));
    TT_TRY(make_planned(probe));
    TT_TRY(cross_wanted(probe));
    TT_TRY(make_asked(probe));
    if (probe->job.depth == TT_PLAN_DEEP) {
        TT_TRY(tt_plan_deep(&probe->plan));
        TT_TRY(make_planned(probe));
    }
    return conclude(probe);
}

/* ---- the end of a probe, and coming back ---- */

/* end.json: the probe came to its end with so many runs. */
static enum tt_status
write_end(struct tt_probe *probe)
{
    struct tt_buf out;
    tt_buf_init(&out, probe->alloc, TT_KIB);
    tt_buf_add_cstr(&out, "{\"runs\": ");
    tt_buf_add_u64(&out, probe->plan.count);
    tt_buf_add_cstr(&out, "}\n");
    enum tt_status status = out.status;
    if (status == TT_OK && tt_folder_write(probe->folder, END_JSON, tt_buf_str(&out)) != TT_OK) {
        status = fail_io(probe, "end.json cannot be written: ");
    }
    tt_buf_free(&out);
    return status;
}

/* How many runs the probe had; 0: it did not come to its end, or was made before that was written. */
static size_t
read_end(const struct tt_probe *probe)
{
    struct tt_buf found;
    uint64_t runs = 0;
    tt_buf_init(&found, probe->alloc, 2 * TT_SCAN_CHUNK); /* a file is read in such pieces */
    struct tt_str start = TT_STR("{\"runs\": ");
    if (tt_folder_read(probe->folder, END_JSON, &found) == TT_OK && tt_str_starts(tt_buf_str(&found), start)) {
        for (size_t i = start.len; i < found.len && tt_ascii_is_digit((unsigned char) found.ptr[i]) && runs < TT_PROBE_RUNS_MAX;
             i++) {
            runs = runs * 10 + (uint64_t) (found.ptr[i] - '0');
        }
    }
    tt_buf_free(&found);
    return runs <= TT_PROBE_RUNS_MAX ? (size_t) runs : 0;
}

/* Did whoever made the folder plan other runs than we do? */
static bool
is_planned_otherwise(const struct tt_probe *probe)
{
    struct tt_run made;
    for (size_t i = 0; i < probe->plan.count; i++) {
        const struct tt_run *run = &probe->plan.runs[i];
        enum tt_status status = tt_run_recall(&probe->runner, run->number, &made);
        if (status == TT_E_INPUT ||
            (status == TT_OK &&
             (made.stage != run->stage || !tt_condition_equal(&probe->job.design, &made.condition, &run->condition)))) {
            return true;
        }
    }
    return probe->plan.count < TT_PROBE_RUNS_MAX &&
           tt_run_recall(&probe->runner, (uint32_t) probe->plan.count + 1, &made) == TT_OK;
}

/* The greatest number of a run's folder. */
static size_t
count_folders(const struct tt_probe *probe)
{
    struct tt_run made;
    size_t count = TT_PROBE_RUNS_MAX;
    while (count > 0 && tt_run_recall(&probe->runner, (uint32_t) count, &made) == TT_E_IO) {
        count--;
    }
    return count;
}

static enum tt_status
forget_all(struct tt_probe *probe)
{
    tt_sense_free(probe->sense);
    probe->sense = tt_sense_new(probe->alloc, &probe->job.design);
    probe->plan.count = probe->added = 0;
    probe->requests = probe->bytes = 0;
    probe->failed = probe->worked = probe->missing = 0;
    probe->unfinished = false;
    probe->first_failed = probe->end_of_first = TT_STR("");
    memset(probe->lost, 0, sizeof(probe->lost));
    return probe->sense ? TT_OK : TT_E_MEMORY;
}

/* The runs as they were made, whoever planned them; a folder that says nothing counts as a run that failed. */
static enum tt_status
read_as_made(struct tt_probe *probe, size_t count)
{
    for (uint32_t number = 1; number <= count; number++) {
        struct tt_run run;
        if (tt_run_recall(&probe->runner, number, &run) == TT_E_MEMORY) {
            return TT_E_MEMORY;
        }
        TT_TRY(tt_plan_add(&probe->plan, run.stage, &run.condition));
    }
    TT_TRY(make_planned(probe));
    return conclude(probe);
}

static enum tt_status
make_all(struct tt_probe *probe)
{
    if (unlinkat(probe->folder, END_JSON, 0) != 0 && errno != ENOENT) {
        return fail_io(probe, "end.json cannot be removed: ");
    }
    TT_TRY(make_stages(probe));
    return write_end(probe);
}

/* Without an end the plan says what is missing; it is no use where another version planned. */
static enum tt_status
read_all(struct tt_probe *probe)
{
    size_t count = read_end(probe);
    if (count > 0) {
        return read_as_made(probe, count);
    }
    probe->unfinished = true;
    enum tt_status status = make_stages(probe);
    if (status != TT_E_MEMORY && is_planned_otherwise(probe)) {
        probe->end_unknown = true;
        tt_buf_clear(&probe->message);
        TT_TRY(forget_all(probe));
        status = read_as_made(probe, count_folders(probe));
    }
    return status;
}

enum tt_status
tt_probe_go(struct tt_probe *probe)
{
    probe->begun_ms = now_ms();
    enum tt_status status = probe->runner.jobs > 0 ? make_all(probe) : read_all(probe);
    if (status != TT_OK && probe->message.len == 0) {
        tt_buf_add_cstr(&probe->message, tt_status_name(status));
    }
    return status;
}
