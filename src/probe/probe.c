/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stages of a probe; see probe.h and docs/internals/probe.md.
 *
 * In: a job and a folder.  Out: captures there, and a conclusion.  One stage plans runs, has them made, and hands their captures to the
 * sense, whose answers the next stage asks for.  Every loop is bounded by a number of limits.h.
 */
#include "probe/probe.h"

#include "base/limits.h"
#include "probe/findings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PLAN_JSON_MAX (16 * TT_MIB)
#define LAST_WORDS 300 /* bytes of stderr in a message */

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

static enum tt_status
read_file(int folder, const char *name, struct tt_buf *out)
{
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
    enum tt_status status = fd >= 0 ? TT_OK : TT_E_IO;
    ssize_t n = 1;
    while (status == TT_OK && n > 0) {
        char *room = tt_buf_reserve(out, TT_SCAN_CHUNK);
        n = room ? read(fd, room, TT_SCAN_CHUNK) : -1;
        status = !room ? out->status : n < 0 ? TT_E_IO : TT_OK;
        out->len += n > 0 ? (size_t) n : 0;
    }
    if (fd >= 0) {
        int kept = errno;
        close(fd);
        errno = kept;
    }
    return status;
}

static enum tt_status
write_file(int folder, const char *name, struct tt_str bytes)
{
    int fd = openat(folder, "new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return TT_E_IO;
    }
    bool good = true;
    while (good && bytes.len > 0) {
        ssize_t n = write(fd, bytes.ptr, bytes.len);
        good = n > 0;
        bytes = tt_str_slice(bytes, good ? (size_t) n : 0, bytes.len);
    }
    good = close(fd) == 0 && good;
    return good && renameat(folder, "new", folder, name) == 0 ? TT_OK : TT_E_IO;
}

/* The plan that the folder has; empty when it has none. */
static enum tt_status
read_plan(struct tt_probe *probe, struct tt_buf *found)
{
    tt_buf_init(found, probe->alloc, PLAN_JSON_MAX);
    enum tt_status status = read_file(probe->folder, "plan.json", found);
    if (status == TT_E_IO && errno == ENOENT) {
        return TT_OK;
    }
    return status == TT_OK ? status : fail_io(probe, "plan.json cannot be read: ");
}

static enum tt_status
begin_plan(struct tt_probe *probe, const struct tt_job *job, struct tt_str found)
{
    struct tt_buf wanted;
    tt_buf_init(&wanted, probe->alloc, PLAN_JSON_MAX);
    tt_job_format(job, &wanted);
    enum tt_status status = wanted.status;
    if (status == TT_OK && found.len == 0) {
        status = write_file(probe->folder, "plan.json", tt_buf_str(&wanted));
        status = status == TT_OK ? status : fail_io(probe, "plan.json cannot be written: ");
    } else if (status == TT_OK && !tt_str_eq(found, tt_buf_str(&wanted))) {
        status = fail(probe, TT_E_USAGE, "the folder holds another probe; name a new one with --out", TT_STR(""));
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

static struct tt_str
last_words(const struct tt_capture *capture)
{
    struct tt_str text = capture->err.len > 0 ? capture->err : capture->out;
    while (text.len > 0 && (text.ptr[text.len - 1] == '\n' || text.ptr[text.len - 1] == ' ')) {
        text.len--;
    }
    return text.len > LAST_WORDS ? tt_str_slice(text, text.len - LAST_WORDS, text.len) : text;
}

static void
add_end(struct tt_buf *message, const struct tt_capture *capture)
{
    if (capture->timed_out) {
        tt_buf_add_cstr(message, "it did not end in time");
    } else if (capture->flooded) {
        tt_buf_add_cstr(message, "it sent more than is kept");
    } else if (capture->signal) {
        tt_buf_add_cstr(message, "it was ended by signal ");
        tt_buf_add_u64(message, (uint64_t) capture->signal);
    } else {
        tt_buf_add_cstr(message, "it exited with ");
        tt_buf_add_u64(message, (uint64_t) capture->exit_code);
    }
    struct tt_str words = last_words(capture);
    if (words.len > 0) {
        tt_buf_add_cstr(message, "; its last words: ");
        tt_buf_add(message, words);
    }
}

/* The first that failed is told: with which levels, and how it ended. */
static enum tt_status
note_failed(struct tt_probe *probe, const struct tt_run *run, const struct tt_capture *capture)
{
    const struct tt_design *design = &probe->job.design;
    struct tt_buf words;
    probe->lost[run->number / 8] |= (uint8_t) (1 << run->number % 8);
    if (probe->failed++ > 0) {
        return TT_OK;
    }
    tt_buf_init(&words, probe->alloc, TT_COMPLAINT_MAX);
    tt_buf_add_cstr(&words, "run ");
    tt_buf_add_u64(&words, run->number);
    for (size_t f = 0; f < design->factor_count; f++) {
        if (run->condition.level[f] > 0) {
            tt_buf_add_cstr(&words, ", ");
            tt_probe_add_factors(&words, design, UINT32_C(1) << f);
            tt_buf_add_cstr(&words, " ");
            tt_probe_add_levels(&words, design, UINT32_C(1) << f, &run->condition);
        }
    }
    tt_buf_add_cstr(&words, ": ");
    if (capture->failure.len > 0) {
        tt_buf_add(&words, capture->failure);
    } else {
        add_end(&words, capture);
    }
    enum tt_status status =
        words.status == TT_E_MEMORY ? TT_E_MEMORY : tt_arena_dup(&probe->arena, tt_buf_str(&words), &probe->first_failed);
    tt_buf_free(&words);
    return status;
}

/* Did the client talk to the mock at all? */
static bool
has_worked(const struct tt_capture *capture)
{
    return capture->failure.len == 0 && capture->exchange_count > 0;
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
    bool worked = has_worked(&capture);
    for (size_t i = 0; worked && i < capture.exchange_count; i++) {
        probe->requests++;
        probe->bytes += capture.exchanges[i].head.len + capture.exchanges[i].body.len;
    }
    probe->worked += worked;
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

/* Why the first run shows nothing, as far as its capture tells. */
static void
explain_smoke(struct tt_probe *probe, const struct tt_capture *capture)
{
    struct tt_buf *message = &probe->message;
    tt_buf_clear(message);
    if (capture->failure.len > 0) {
        tt_buf_add(message, capture->failure);
        return;
    }
    tt_buf_add_cstr(message, "the client made no request to the model API: ");
    add_end(message, capture);
    for (size_t i = 0; i < capture->contact_count && i < 3; i++) {
        tt_buf_add_cstr(message, i == 0 ? "; it tried " : ", ");
        tt_buf_add_cstr(message, tt_contact_kind_name(capture->contacts[i].kind));
        tt_buf_add_char(message, ' ');
        tt_contact_add_name(&capture->contacts[i], message);
    }
}

/* One run, and a look at it: a command that does not work is found out at once. */
static enum tt_status
smoke(struct tt_probe *probe)
{
    struct tt_capture capture;
    struct tt_error err = {.msg = ""};
    TT_TRY(tt_plan_smoke(&probe->plan));
    TT_TRY(make_planned(probe));
    if (probe->worked > 0) {
        return TT_OK;
    }
    enum tt_status status = tt_run_load(&probe->runner, &probe->plan.runs[0], &capture, &err);
    if (status == TT_OK) {
        explain_smoke(probe, &capture);
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
    for (unsigned i = 0; i < TT_PROBE_REDUCE_MAX; i++) {
        TT_TRY(tt_sense_reduce(probe->sense, &next, &more));
        if (!more) {
            break;
        }
        TT_TRY(tt_plan_add(&probe->plan, TT_STAGE_REDUCE, &next));
        TT_TRY(make_planned(probe));
    }
    return TT_OK;
}

/* A and B in turns for what changes something, the strongest first. */
static enum tt_status
confirm(struct tt_probe *probe)
{
    const struct tt_cause *causes = NULL;
    size_t count = 0;
    TT_TRY(tt_sense_causes(probe->sense, &causes, &count));
    for (size_t i = 0; i < count && probe->hits < TT_PROBE_HITS_MAX; i++) {
        if (!causes[i].confirmed) {
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
    TT_TRY(reduce(probe));
    TT_TRY(confirm(probe));
    TT_TRY(cross(probe));
    TT_TRY(reduce(probe)); /* cells may show what rows did not */
    TT_TRY(confirm(probe));
    TT_TRY(split(probe));
    if (probe->job.depth == TT_PLAN_DEEP) {
        TT_TRY(tt_plan_deep(&probe->plan));
        TT_TRY(make_planned(probe));
    }
    return tt_sense_conclude(probe->sense, probe->job.depth == TT_PLAN_DEEP, &probe->conclusion);
}

enum tt_status
tt_probe_go(struct tt_probe *probe)
{
    probe->begun_ms = now_ms();
    enum tt_status status = make_stages(probe);
    if (status != TT_OK && probe->message.len == 0) {
        tt_buf_add_cstr(&probe->message, tt_status_name(status));
    }
    return status;
}
