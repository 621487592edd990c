/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole probe: from a job to a conclusion, in a folder.
 *
 *     DIR/plan.json   the job
 *     DIR/runs/       its runs (run.h)
 *     DIR/end.json    how many runs there are, once all are made
 *
 * The stages follow from the job and from what the runs show, and from nothing else: going on in a folder asks the same questions again and
 * finds most answers there.  A folder with an end is read as it was made, so that a version which would plan otherwise says the same of it.
 */
#ifndef TT_PROBE_PROBE_H
#define TT_PROBE_PROBE_H

#include "probe/job.h"
#include "probe/run.h"
#include "probe/sense.h"

struct tt_probe_progress {
    enum tt_stage stage;
    size_t done, total; /* runs; total is a lower bound until the last stage */
    uint64_t left_ms;   /* at the pace so far; 0: not known yet */
};

struct tt_probe {
    const struct tt_alloc *alloc;
    struct tt_arena arena;
    struct tt_job job;
    struct tt_scene_play play;
    struct tt_plan plan;
    struct tt_plan_total total;
    struct tt_runner runner;
    struct tt_sense *sense;
    struct tt_tls_authority *authority;
    struct tt_buf message;                   /* after a failure: one sentence for a person */
    int folder;                              /* DIR; locked */
    size_t added;                            /* runs that the sense knows */
    uint64_t requests, bytes;                /* captured, in all runs that worked */
    unsigned hits, cells;                    /* causes and cells that runs were planned for */
    unsigned failed, worked;                 /* runs */
    unsigned missing;                        /* runs that a probe without an end has still to make, of those that are known */
    struct tt_str end_of_first;              /* how the first run ended, where that is no success; empty: it is */
    struct tt_str first_failed;              /* the first of them: its levels and how it ended */
    uint8_t lost[TT_PROBE_RUNS_MAX / 8 + 1]; /* bit of a run's number: it failed */
    bool box_failed;                         /* the smoke run found no sealed box */
    bool unfinished;                         /* it is read, and did not come to its end */
    bool end_unknown;                        /* another version planned the runs, and did not say that they are all */
    uint64_t begun_ms;
    void (*progress)(void *ctx, const struct tt_probe_progress *progress);
    void (*warn)(void *ctx, struct tt_str words); /* before the second run is made; or NULL */
    void *ctx;
    const struct tt_conclusion *conclusion; /* after tt_probe_go */
};

/*
 * Opens the folder at path, and makes it where there is none.  job: a new probe, or one that goes on where the folder has the same plan;
 * TT_E_USAGE where it has another.  job NULL: reads the plan that is there.  job's strings are borrowed.
 */
enum tt_status tt_probe_open(struct tt_probe *probe, const struct tt_alloc *alloc, const char *path,
                             const struct tt_job *job) TT_MUST_USE;
void tt_probe_close(struct tt_probe *probe);

/* Authority and play, before runs are made.  TT_E_UNSUPPORTED: no OpenSSL. */
enum tt_status tt_probe_prepare(struct tt_probe *probe) TT_MUST_USE;

/*
 * Makes all runs that are missing and concludes.  With runner.jobs 0 none is made: what is missing of a probe without an end is counted, and nothing that would depend on it is asked.  TT_E_UNSUPPORTED: no
 * sealed box.  TT_E_INPUT: the client does not work here.  TT_E_IO with runner.interrupted: a signal came.
 */
enum tt_status tt_probe_go(struct tt_probe *probe) TT_MUST_USE;

#endif
